//! All that is pending in one transaction.

use std::time::Instant;

use super::migrator::{Migrator, NO_LOCK, Ran, note};
use super::pooler::pooled;
use super::way::Way;
use crate::db::audit::Audit;
use crate::db::migrations::{self, Migration, MigrationScript, ScriptError};
use crate::error::{Error, Result};
use crate::session::Limits;

impl Migrator<'_> {
    /// Brings migrations up in one transaction. Fails when one must run outside of a transaction, or fails; nothing is applied
    /// then.
    pub(super) async fn run_together(&mut self, pending: &[&Migration]) -> Result<Vec<Ran>> {
        if let Some(bare) = pending.iter().find(|migration| !migration.run_in_transaction) {
            return Err(Error::failed(format!("migration {} runs outside of a transaction", bare.name))
                .hint("leave out --single-transaction, or first apply the ones before it with --to"));
        }
        let mut tries = 0;
        loop {
            match self.together_once(pending).await {
                Ok(ran) => return Ok(ran),
                Err(refused) => self
                    .pause_or_fail(refused, &mut tries, "the transaction")
                    .await
                    .map_err(|error| error.detail("all migrations are one transaction with --single-transaction"))?,
            }
        }
    }

    async fn together_once(&mut self, pending: &[&Migration]) -> Result<Vec<Ran>, ScriptError> {
        let (backend, schema) = (self.backend, self.session.schema().to_owned());
        let limits = Limits { lock: self.timeouts.lock_timeout, statement: self.timeouts.statement_timeout, durable: true };
        let mut tx = self.session.plain().await?;
        tx.limit(limits).await?;
        if migrations::backend(&mut tx).await? != backend {
            return Err(ScriptError::from(pooled(NO_LOCK)));
        }
        let mut all = Vec::new();
        for migration in pending {
            let started = Instant::now();
            let script =
                MigrationScript { name: &migration.name, file: Way::Up.file(), line: 1, sql: Way::Up.script(migration) };
            migrations::run_script(&mut tx, &script).await?;
            migrations::reset_session(&mut tx, &schema).await?;
            migrations::reset_names(&mut tx, &schema).await?;
            note(&mut tx, migration, Way::Up, false, started).await?;
            all.push(Ran { version: migration.version.clone(), name: migration.name.clone(), elapsed: started.elapsed() });
        }
        let versions: Vec<&String> = pending.iter().map(|migration| &migration.version).collect();
        let (action, result) = Way::Up.audit(&versions);
        if migrations::has_audit(&mut tx).await? {
            tx.finish(Audit::of(action, result)).await?;
        } else {
            tx.commit().await?;
        }
        Ok(all)
    }
}

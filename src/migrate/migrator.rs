//! Running migrations: one session at a time, each migration whole or not at all.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::checks::{check, revertible};
use super::names::unrecorded;
use super::pooler::{self, pooled};
use super::set::MigrationSet;
use super::way::Way;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::migrations::{self, Migration, MigrationScript, ScriptError};
use crate::db::{self, Address, Connection, OLDEST, PUBLIC, dumps};
use crate::domain::span::shown;
use crate::domain::text::agreeing;
use crate::error::{Error, Result};
use crate::local;
use crate::session::{Limits, Session};
use crate::tell::Tell;

/// How a run that changes the schema behaves towards others.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// How long to wait for another session that migrates.
    pub lock_wait: Duration,
    /// How long a migration in a transaction may wait for a lock; 0 is no limit.
    pub lock_timeout: Duration,
    /// How long one statement of a migration in a transaction may run; 0 is no limit, nothing for the server's limit.
    pub statement_timeout: Option<Duration>,
    /// How often a migration that met a lock or a deadlock is tried again.
    pub retries: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            lock_wait: Duration::from_mins(1),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: None,
            retries: 5,
        }
    }
}

/// What follows from a pooler for a run.
pub(super) const NO_LOCK: &str = "no lock holds";

#[derive(Debug, Clone)]
pub struct Ran {
    pub version: String,
    pub name: String,
    pub elapsed: Duration,
}

pub struct Migrator<'a> {
    pub(super) session: &'a mut Session,
    pub(super) tell: &'a dyn Tell,
    pub timeouts: Timeouts,
    /// Where the database is, to ask a second time through the same door whether a pooler stands in it.
    pub address: Option<Address>,
    pub allow_out_of_order: bool,
    /// Whether all that is pending runs in one transaction.
    pub is_single: bool,
    /// Whether another session of this command has the lock for this one, by [`Migrator::lead`].
    pub is_led: bool,
    /// The server process that has the lock.
    pub(super) backend: i32,
}

impl<'a> Migrator<'a> {
    pub fn new(session: &'a mut Session, tell: &'a dyn Tell) -> Self {
        Migrator {
            session,
            tell,
            timeouts: Timeouts::default(),
            address: None,
            allow_out_of_order: false,
            is_single: false,
            is_led: false,
            backend: 0,
        }
    }

    /// Applies what is pending, up to a version, and says what was applied. Nothing is locked where nothing is pending. Fails
    /// when a migration fails; those before it stay applied, and the error says so.
    pub async fn up(&mut self, set: &MigrationSet, to: Option<&str>) -> Result<Vec<Ran>> {
        // In a transaction: the session is pinned only once it is known to be the command's own.
        let mut tx = self.session.read().await?;
        let applied = migrations::applied(&mut tx).await?;
        let repeated = migrations::repeated(&mut tx).await?;
        let unrecorded = unrecorded(&mut tx, set, &applied).await?;
        let (major, _) = dumps::server(&mut tx).await?;
        tx.end().await?;
        if major < OLDEST {
            return Err(Error::failed(format!("the server has Postgres {major}, but cmf needs version {OLDEST} or newer"))
                .detail("older versions have no gen_random_uuid(), which makes the ids")
                .hint("move the database to a newer Postgres: pg_dump there, pg_restore here"));
        }
        if let Some(unrecorded) = unrecorded {
            return Err(unrecorded.into());
        }
        set.refuse_others(&applied)?;
        if set.pending(&applied, to).is_empty() && set.to_repeat(&repeated, to).is_empty() {
            return Ok(Vec::new());
        }
        self.while_locked(async |this| this.apply_pending(set, to).await).await
    }

    async fn apply_pending(&mut self, set: &MigrationSet, to: Option<&str>) -> Result<Vec<Ran>> {
        // What was read before the lock may be out of date.
        let applied = migrations::applied(self.session.connection()).await?;
        set.refuse_others(&applied)?;
        let repeated = migrations::repeated(self.session.connection()).await?;
        let mut pending = set.pending(&applied, to);
        if let (Some(newest), false) = (applied.last(), self.allow_out_of_order) {
            let late: Vec<_> = pending.iter().filter(|migration| migration.version < newest.version).collect();
            if !late.is_empty() {
                let names: Vec<&str> = late.iter().map(|migration| migration.name.as_str()).collect();
                let error = Error::failed(format!(
                    "out of order: {} {} pending, but the newer {} is applied",
                    names.join(", "),
                    agreeing(names.len(), "is", "are"),
                    set.version(&newest.version).map_or(newest.version.as_str(), |newest| newest.name.as_str())
                ));
                if set.folder.is_some() {
                    return Err(error.hint("give it a newer version, or add --allow-out-of-order if the order does not matter"));
                }
                // Nobody gives those of cmf another version, and each of them needs what the ones before it made.
                let versions: Vec<&str> = late.iter().map(|migration| migration.version.as_str()).collect();
                return Err(error
                    .detail("cmf applies its own migrations in order, so somebody removed the record from __diesel_schema_migrations")
                    .hint(format!(
                        "if the tables of {} exist, the owner of the tables puts the record back in psql: {}",
                        names.join(", "),
                        migrations::to_insert(self.session.schema(), &versions)
                    ))
                    .hint(format!("then `{}` shows whether anything is missing", set.command("drift"))));
            }
        }
        pending.extend(set.to_repeat(&repeated, to));
        for migration in &pending {
            check(migration, Way::Up)?;
        }
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        self.create_ledger().await?;
        if self.is_single {
            return self.run_together(&pending).await;
        }
        self.run_all(&pending, Way::Up, false).await
    }

    /// Runs migrations in this order. One command, one audit row: with the last of them. An error in the middle says what stands,
    /// in words and in the audit trail.
    async fn run_all(&mut self, migrations: &[&Migration], way: Way, nothing_remains: bool) -> Result<Vec<Ran>> {
        let audit = way.audit(&migrations.iter().map(|migration| &migration.version).collect::<Vec<_>>());
        let mut done: Vec<Ran> = Vec::new();
        for (position, migration) in migrations.iter().enumerate() {
            let is_last = position + 1 == migrations.len();
            match self.run(migration, way, is_last.then_some(&audit), is_last && nothing_remains).await {
                Ok(ran) => done.push(ran),
                Err(error) if done.is_empty() => return Err(error),
                Err(error) => {
                    let words = if way == Way::Up { "Applied" } else { "Reverted" };
                    let names: Vec<&str> = done.iter().map(|ran| ran.name.as_str()).collect();
                    let error = error.changed(format!("{words} before it, and kept: {}.", names.join(", ")));
                    let (action, result) = way.audit(&done.iter().map(|ran| &ran.version).collect::<Vec<_>>());
                    return Err(match self.audit_alone(Audit::of(action, result)).await {
                        Ok(()) => error,
                        Err(second) => {
                            error.detail(format!("and no row could be written to the audit trail: {}", second.message()))
                        }
                    });
                }
            }
        }
        Ok(done)
    }

    /// Makes both tables where they are not there and, for a new tenant, its schema.
    async fn create_ledger(&mut self) -> Result<()> {
        let limits = Limits { lock: self.timeouts.lock_timeout, statement: None, durable: false };
        let schema = self.session.schema().to_owned();
        let mut tx = self.session.plain().await?;
        tx.limit(limits).await?;
        if schema != PUBLIC {
            db::schemas::create(&mut tx, &schema).await?;
        }
        migrations::create_ledger(&mut tx).await?;
        tx.commit_note().await
    }

    /// Takes migrations down, newest first; `confirmed` says that somebody agreed to lose what is in their tables. Fails when
    /// there is no down.sql, or a migration fails; those before it stay taken down, and the error says so.
    pub async fn down(&mut self, set: &MigrationSet, targets: &[String], _confirmed: &Confirmed) -> Result<Vec<Ran>> {
        self.take_down(set, targets).await
    }

    pub(super) async fn take_down(&mut self, set: &MigrationSet, targets: &[String]) -> Result<Vec<Ran>> {
        self.while_locked(async |this| this.revert(set, targets).await).await
    }

    async fn revert(&mut self, set: &MigrationSet, targets: &[String]) -> Result<Vec<Ran>> {
        let applied = set.standing(migrations::applied(self.session.connection()).await?);
        let newest: Vec<&String> = applied.iter().rev().take(targets.len()).map(|row| &row.version).collect();
        if !newest.iter().copied().eq(targets) {
            return Err(Error::failed("another session applied or reverted migrations while cmf waited for your answer")
                .hint("run the command again"));
        }
        let nothing_remains = applied.len() == targets.len();
        let mut migrations = revertible(set, targets)?;
        if nothing_remains {
            // What they made is of the tables that go.
            let repeated = migrations::repeated(self.session.connection()).await?;
            let ways = set.repeatable.iter().filter(|one| one.down.is_some()).rev();
            migrations.splice(0..0, ways.filter(|one| repeated.iter().any(|row| row.version == one.version)));
        }
        self.create_ledger().await?;
        self.run_all(&migrations, Way::Down, nothing_remains).await
    }

    /// Takes the newest migration down and up again.
    pub async fn redo(&mut self, set: &MigrationSet, version: &str, _confirmed: &Confirmed) -> Result<Vec<Ran>> {
        self.while_locked(async |this| this.revert_and_apply(set, version).await).await
    }

    async fn revert_and_apply(&mut self, set: &MigrationSet, version: &str) -> Result<Vec<Ran>> {
        let migration = set.find(version)?;
        check(migration, Way::Up)?;
        let mut done = self.revert(set, &[version.to_owned()]).await?;
        self.create_ledger().await?;
        let repeated = migrations::repeated(self.session.connection()).await?;
        let mut again = vec![migration];
        again.extend(set.to_repeat(&repeated, None));
        match self.run_all(&again, Way::Up, false).await {
            Ok(ran) => done.extend(ran),
            Err(error) => return Err(error.changed(format!("Reverted: {}.", migration.name))),
        }
        Ok(done)
    }

    /// Does this while no other session migrates the database.
    pub(super) async fn while_locked<T>(&mut self, work: impl AsyncFnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.lock().await?;
        let outcome = work(self).await;
        let unlocked = if self.is_led { Ok(()) } else { migrations::unlock(self.session.connection()).await };
        let value = outcome?;
        unlocked.map(|()| value)
    }

    /// Does what other sessions of this command do, while no other command migrates the database.
    pub async fn lead<T>(&mut self, work: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        self.while_locked(async |_| work().await).await
    }

    /// Waits for the lock by trying again and again.
    async fn lock(&mut self) -> Result<()> {
        self.session.agree()?;
        self.backend = migrations::backend(self.session.connection()).await?;
        // Through a pooler that hands out a server for each transaction, the lock would stay with one server while the
        // migrations run on another. Where there is no second connection to be had the check inside each migration remains.
        if let Some(address) = &self.address {
            pooler::refuse(self.session, address, NO_LOCK).await?;
        }
        // From here on the session is the command's own. What a migration does may take any time.
        self.session.wait_for_ever();
        self.session.pin_schema().await?;
        migrations::ready_session(self.session.connection()).await?;
        let deadline = Instant::now() + self.timeouts.lock_wait;
        let mut pause = Duration::from_millis(10);
        while !self.is_led && !migrations::try_lock(self.session.connection()).await? {
            if Instant::now() >= deadline {
                return Err(self.locked_out().await?);
            }
            self.tell.debug(1, &|| "another session is migrating this database: waiting for it".to_owned());
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
        Ok(())
    }

    async fn locked_out(&mut self) -> Result<Error> {
        let wait = shown(self.timeouts.lock_wait);
        let mut error = Error::failed(format!("another session is migrating this database and did not end within {wait}"));
        if let Some(holder) = migrations::holder(self.session.connection()).await? {
            let application = holder.application_name.filter(|name| !name.is_empty());
            error = error
                .detail(format!(
                    "the lock is held by pid {}, user {}, application {}, from {}",
                    holder.pid,
                    holder.usename.as_deref().unwrap_or("unknown"),
                    application.as_deref().unwrap_or("unknown"),
                    holder.client_addr.as_deref().unwrap_or("a local socket"),
                ))
                .with("holder", json!({ "pid": holder.pid, "user": holder.usename, "application": application }));
            return Ok(error.hint(format!(
                "wait for it with a longer --lock-wait, or end it with SELECT pg_terminate_backend({})",
                holder.pid
            )));
        }
        Ok(error.hint("run the command again"))
    }

    async fn run(
        &mut self,
        migration: &Migration,
        way: Way,
        audit: Option<&(&str, Value)>,
        nothing_remains: bool,
    ) -> Result<Ran> {
        let started = Instant::now();
        if !migration.run_in_transaction {
            self.run_steps(migration, way).await?;
        }
        let mut tries = 0;
        loop {
            match self.run_once(migration, way, audit, nothing_remains, started).await {
                Ok(()) => break,
                Err(refused) => self.pause_or_fail(refused, &mut tries, &migration.name).await?,
            }
        }
        Ok(Ran { version: migration.version.clone(), name: migration.name.clone(), elapsed: started.elapsed() })
    }

    /// Sleeps before the next try where a try may help, and fails otherwise.
    pub(super) async fn pause_or_fail(&mut self, refused: ScriptError, tries: &mut u32, name: &str) -> Result<()> {
        let in_the_way = matches!(refused.sqlstate.as_deref(), Some("55P03" | "40P01"));
        if !in_the_way {
            return Err(refused.error);
        }
        if *tries >= self.timeouts.retries {
            return Err(refused
                .error
                .detail(format!(
                    "tried {} times, each waiting at most {} for a lock",
                    *tries + 1,
                    shown(self.timeouts.lock_timeout)
                ))
                .hint("run the command again at a quieter time, or with a longer --lock-timeout or more --retries"));
        }
        *tries += 1;
        self.tell.say(&format!("{name} waited too long for a lock: try {} of {}", *tries, self.timeouts.retries));
        // Growing, so that those who queued behind the try get through before the next one.
        let pause = Duration::from_millis(100 * 2_u64.pow((*tries - 1).min(4))).min(Duration::from_secs(1));
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// The script, unless it ran step by step before, and what is noted about it, in one transaction.
    async fn run_once(
        &mut self,
        migration: &Migration,
        way: Way,
        audit: Option<&(&str, Value)>,
        nothing_remains: bool,
        started: Instant,
    ) -> Result<(), ScriptError> {
        let backend = self.backend;
        let schema = self.session.schema().to_owned();
        // Only the last one waits for the disk, and with it all before it are permanent.
        let (lock, statement) = (self.timeouts.lock_timeout, self.timeouts.statement_timeout);
        let limits = Limits { lock, statement, durable: audit.is_some() };
        let mut tx = self.session.plain().await?;
        let outcome = async {
            tx.limit(limits).await?;
            if migrations::backend(&mut tx).await? != backend {
                return Err(ScriptError::from(pooled(NO_LOCK)));
            }
            if migration.run_in_transaction {
                let sql = way.script(migration);
                let script = MigrationScript { name: &migration.name, file: way.file(), line: 1, sql };
                migrations::run_script(&mut tx, &script).await?;
                migrations::reset_session(&mut tx, &schema).await?;
                migrations::reset_names(&mut tx, &schema).await?;
            }
            note(&mut tx, migration, way, nothing_remains, started).await?;
            Ok(audit.is_some() && migrations::has_audit(&mut tx).await?)
        }
        .await;
        match (outcome, audit) {
            (Ok(true), Some((action, result))) => Ok(tx.finish(Audit::of(action, result.clone())).await?),
            (Ok(_), _) => Ok(tx.commit().await?),
            (Err(refused), _) => {
                // At once, so that no lock is kept while the next try waits. A lost connection has rolled back anyway.
                let _ = tx.rollback().await;
                let is_unrecorded = matches!(way, Way::Up) && migrations::is_unrecorded(&refused, &migration.name);
                let mut error = refused.error.detail(format!("{} was rolled back in the schema {schema}", migration.name));
                if is_unrecorded {
                    error = error
                        .hint(format!(
                            "if it was applied and its row in the ledger is lost, the owner of the tables adds the row: `{}`",
                            migrations::to_insert(&schema, &[&migration.version])
                        ))
                        .hint("then `cmf migrate drift` shows whether the schema is complete")
                        .hint("if another program made it, give cmf a schema of its own with --schema NAME");
                }
                Err(ScriptError { error, ..refused })
            }
        }
    }

    async fn audit_alone(&mut self, audit: Audit<'_>) -> Result<()> {
        let mut tx = self.session.plain().await?;
        if migrations::has_audit(&mut tx).await? { tx.finish(audit).await } else { tx.rollback().await }
    }
}

/// Notes it in both ledgers.
pub(super) async fn note(
    tx: &mut Connection,
    migration: &Migration,
    way: Way,
    nothing_remains: bool,
    started: Instant,
) -> Result<()> {
    if nothing_remains {
        return migrations::drop_ledger(tx).await;
    }
    match way {
        Way::Up if migration.repeats() => {}
        Way::Up => migrations::insert_applied(tx, &migration.version).await?,
        Way::Down => {
            for replaced in &migration.replaces {
                migrations::delete_applied(tx, &replaced.version).await?;
            }
            migrations::delete_applied(tx, &migration.version).await?;
        }
    }
    let milliseconds = i64::try_from(started.elapsed().as_millis()).ok();
    migrations::insert_record(tx, migration, way.action(), None, milliseconds, local::login().as_deref()).await
}

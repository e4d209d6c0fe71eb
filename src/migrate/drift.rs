//! What differs from what the migrations made, and what brings it back.

use std::time::Duration;

use serde_json::json;

use super::migrator::Migrator;
use super::scratch::Scratch;
use super::set::MigrationSet;
use super::status::finish;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::migrations::{self, Applied, Migration};
use crate::db::schema::{self, Difference, Schema};
use crate::db::views;
use crate::domain::frequency::Freshness;
use crate::domain::text::printable;
use crate::error::{Error, Result};
use crate::session::{Limits, Session};

/// What a schema is and should be.
#[derive(Debug)]
pub struct Drift {
    pub expected: Schema,
    pub is_empty: bool,
    pub differences: Vec<Difference>,
}

/// Reads what is in these schemas, or in all when none is named.
pub async fn read(session: &mut Session, only: &[String]) -> Result<Schema> {
    let mut tx = session.read().await?;
    let schema = schema::read(&mut tx, only).await?;
    tx.end().await?;
    Ok(schema)
}

pub fn applied(set: &MigrationSet, applied: &[Applied]) -> Result<Vec<Migration>> {
    if let Some(row) = applied.iter().find(|row| set.version(&row.version).is_none()) {
        return Err(Error::failed(format!(
            "the applied migration {} is not among those at hand, so nobody knows what it made",
            row.version
        ))
        .hint("use the cmf that applied it, or name its folder with --dir"));
    }
    Ok(set.applied(applied))
}

/// Compares the schema with what these migrations make, and where there are views for BI tools these with what they should be.
pub async fn find(
    session: &mut Session,
    mut scratch: Scratch<'_>,
    migrations: &[Migration],
    freshness: &Freshness,
) -> Result<Drift> {
    let mut expected = scratch.made_by(migrations).await?;
    let views = views::schema_of(session.schema());
    let mut tx = session.read().await?;
    let has_views = views::are_there(&mut tx, &views).await?;
    tx.end().await?;
    if has_views && !migrations.is_empty() {
        expected = scratch.with_views(&views, freshness).await?;
    }
    drop(scratch);
    let found = read(session, &expected.names(session.schema())).await?;
    Ok(Drift { differences: expected.differences(&found), is_empty: found.is_empty(), expected })
}

/// The statements as a script, with what they leave in comments before them.
pub fn script(differences: &[Difference], home: &str, lock_timeout: Duration) -> String {
    let mut text = String::new();
    for (one, by_hand) in differences.iter().filter_map(|one| Some((one, one.remedy.by_hand()?))) {
        text.push_str(&format!("-- left: {}\n--   {}\n", one.line(), printable(by_hand)));
    }
    let statements = schema::in_order(differences);
    if statements.is_empty() {
        return text;
    }
    let home = migrations::quote(home);
    text.push_str(&format!(
        "BEGIN;\nSET LOCAL search_path = {home};\nSET LOCAL lock_timeout = {};\n",
        lock_timeout.as_millis()
    ));
    text.push_str(&statements.join("\n"));
    text.push_str("\nCOMMIT;\n");
    text
}

impl Migrator<'_> {
    /// Brings back what can be brought back without a loss. In one transaction: looks again, now that nobody else migrates, runs
    /// the statements, and looks whether they did it. Fails when the schema changed meanwhile, or a statement is refused;
    /// nothing is changed then.
    pub async fn fix(&mut self, drift: &Drift, _confirmed: &Confirmed) -> Result<()> {
        self.while_locked(async |this| {
            let Drift { expected, differences, .. } = drift;
            let names = expected.names(this.session.schema());
            let limits = Limits { lock: this.timeouts.lock_timeout, statement: None, durable: true };
            let mut tx = this.session.plain().await?;
            tx.limit(limits).await?;
            if expected.differences(&schema::read(&mut tx, &names).await?) != *differences {
                return Err(Error::failed("the schema changed meanwhile, and nothing was done").hint("run the command again"));
            }
            for statement in schema::in_order(differences) {
                schema::run(&mut tx, statement).await.map_err(|error| {
                    let hint = "`cmf migrate drift --sql` prints all statements, to run those that do";
                    error.detail(format!("refused, and nothing was changed: {statement}")).hint(hint)
                })?;
            }
            let after = expected.differences(&schema::read(&mut tx, &names).await?);
            if let Some(one) = after.iter().find(|one| one.remedy.sql().is_some()) {
                let error = Error::failed("the statements do not bring the schema back, and nothing was changed");
                return Err(error.detail(one.line()));
            }
            let fixed = differences.iter().filter(|one| one.remedy.sql().is_some());
            let fixed: Vec<String> = fixed.map(|one| format!("{} {} {}", one.change.word(), one.kind, one.name())).collect();
            finish(tx, Audit::of("migrate.drift", json!({ "mended": fixed }))).await
        })
        .await
    }
}

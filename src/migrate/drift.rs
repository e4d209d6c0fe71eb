//! What differs from what the migrations made, and what brings it back.

use std::collections::BTreeSet;
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
use crate::db::{Connection, views};
use crate::domain::frequency::Freshness;
use crate::domain::text::printable;
use crate::error::{Error, Result};
use crate::local;
use crate::session::{Limits, Session};

/// What a schema is and should be.
#[derive(Debug)]
pub struct Drift {
    pub expected: Schema,
    pub is_empty: bool,
    pub differences: Vec<Difference>,
    /// What no migration made and somebody accepted.
    pub accepted: Vec<Difference>,
}

/// Reads what is in these schemas, or in all when none is named.
pub async fn read(session: &mut Session, only: &[String]) -> Result<Schema> {
    let schema = session.look(async |tx| schema::read(tx, only).await).await?;
    Ok(schema)
}

/// The migrations that made what is there: those of a version that are applied, and those that repeat and have run.
pub fn applied(set: &MigrationSet, applied: &[Applied], repeated: &[Applied]) -> Result<Vec<Migration>> {
    let is_known = |row: &Applied| set.version(&row.version).is_some() || set.baseline_of(&row.version, applied).is_some();
    if let Some(row) = applied.iter().find(|row| !is_known(row)) {
        let hint = match &set.folder {
            Some(_) => "name a folder that has all applied migrations",
            None => "use the version of cmf that applied it, or name the folder that has all applied migrations with --dir",
        };
        let who = set.called();
        let message = format!("{who} does not have the applied migration {}, so cmf cannot tell what it made", row.version);
        return Err(Error::failed(message).hint(hint));
    }
    let ran = |one: &&Migration| repeated.iter().any(|row| row.version == one.version);
    Ok(set.applied(applied).into_iter().chain(set.repeatable.iter().filter(ran).cloned()).collect())
}

/// Compares the schema with what these migrations make, and where there are views for BI tools these with what they should be.
pub async fn find(
    session: &mut Session,
    mut scratch: Scratch<'_>,
    migrations: &[Migration],
    freshness: &Freshness,
) -> Result<Drift> {
    scratch.refuse_other_version(session).await?;
    let mut expected = scratch.made_by(migrations).await?;
    let views = views::schema_of(session.schema());
    let has_views = session.look(async |tx| views::are_there(tx, &views).await).await?;
    if has_views && !migrations.is_empty() {
        expected = scratch.with_views(&views, freshness).await?;
    }
    drop(scratch);
    let names = expected.names(session.schema());
    let (found, accepted) =
        session.look(async |tx| Ok((schema::read(tx, &names).await?, migrations::accepted(tx).await?))).await?;
    let (accepted, differences) = told_apart(expected.differences(&found), &accepted);
    Ok(Drift { differences, accepted, is_empty: found.is_empty(), expected })
}

/// What was accepted, and the other differences.
fn told_apart(all: Vec<Difference>, accepted: &BTreeSet<String>) -> (Vec<Difference>, Vec<Difference>) {
    all.into_iter().partition(|one| one.may_stay() && accepted.contains(&one.label()))
}

/// Notes in the ledger what may stay although no migration made it.
pub(super) async fn accept(tx: &mut Connection, extras: &[Difference]) -> Result<()> {
    for one in extras {
        migrations::accept(tx, &one.label(), one.found.as_deref().unwrap_or_default(), local::login().as_deref()).await?;
    }
    Ok(())
}

/// Runs the statements of differences. Fails when one is refused, which it names with the command that prints all of them.
pub(super) async fn run(tx: &mut Connection, differences: &[Difference], script: &str) -> Result<()> {
    for statement in schema::in_order(differences) {
        schema::run(tx, statement).await.map_err(|error| {
            error
                .detail(format!("the server refused this: {statement}"))
                .hint(format!("`{script}` prints all statements, to run those that do"))
        })?;
    }
    Ok(())
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
    /// Accepts what is more than the migrations make. Fails when the database refuses.
    pub async fn accept(&mut self, extras: &[Difference]) -> Result<()> {
        self.while_locked(async |this| {
            let mut tx = this.session.plain().await?;
            migrations::create_ledger(&mut tx).await?;
            accept(&mut tx, extras).await?;
            let labels: Vec<String> = extras.iter().map(Difference::label).collect();
            finish(tx, Audit::of("migrate.accept", json!({ "accepted": labels }))).await
        })
        .await
    }

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
            let accepted = migrations::accepted(&mut tx).await?;
            let found = expected.differences(&schema::read(&mut tx, &names).await?);
            if told_apart(found, &accepted).1 != *differences {
                return Err(Error::failed("another session changed the schema meanwhile").hint("run the command again"));
            }
            run(&mut tx, differences, "cmf migrate drift --sql").await?;
            let after = expected.differences(&schema::read(&mut tx, &names).await?);
            if let Some(one) = after.iter().find(|one| one.remedy.sql().is_some()) {
                let error = Error::failed("the statements do not lead back to the schema of the migrations");
                return Err(error.detail(one.line()));
            }
            let fixed = differences.iter().filter(|one| one.remedy.sql().is_some());
            let fixed: Vec<String> = fixed.map(|one| format!("{} {} {}", one.change.word(), one.kind, one.name())).collect();
            finish(tx, Audit::of("migrate.drift", json!({ "mended": fixed }))).await
        })
        .await
    }
}

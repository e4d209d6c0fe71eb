//! Taking over a database whose tables were made by another tool or by hand.

use super::drift;
use super::migrator::Migrator;
use super::scratch::Scratch;
use super::set::MigrationSet;
use super::status::{note_all, refuse_applied};
use crate::db::migrations::{self, Migration};
use crate::db::schema::{self, Difference, Schema};
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::session::Session;

/// What a database is, seen from the migrations.
#[derive(Debug)]
pub enum Adoptable {
    /// It equals what the first so many of them make, which is this schema. It may be behind: the newest state counts.
    Equal(usize, Box<Schema>),
    Differs(Vec<Difference>),
}

/// Refuses a database that cannot be adopted whatever its tables are. Looked at are these schemas, or all when none is named.
/// Exit 1 when migrations are applied, when it is empty, and when it is that of the original web application.
pub async fn check(session: &mut Session, set: &MigrationSet, only: &[String]) -> Result<()> {
    let mut tx = session.read().await?;
    refuse_applied(&migrations::applied(&mut tx).await?)?;
    let found = schema::read(&mut tx, only).await?;
    let alembic = schema::alembic_version(&mut tx).await?;
    tx.end().await?;
    if found.is_empty() {
        return Err(
            Error::failed("the database is empty: there is nothing to adopt").hint(format!("run `{}`", set.command("up")))
        );
    }
    if found.has_column("frameworks", "code") && found.has_column("metrics", "priority_rank") {
        let version = alembic.map(|version| format!(" (alembic version {version})")).unwrap_or_default();
        return Err(Error::failed(format!(
            "this is the database of the original web application{version}: another schema under the same table names"
        ))
        .detail("it has frameworks.code and metrics.priority_rank, which the schema of cmf has not")
        .hint("cmf does not convert it; export its metrics to a spreadsheet and `cmf import` that into a new database"));
    }
    Ok(())
}

/// Compares the database with what the migrations make one after the other. Fails when a migration fails, or there are none.
pub async fn compare(session: &mut Session, scratch: &mut Scratch<'_>, set: &MigrationSet) -> Result<Adoptable> {
    let mut states: Vec<Schema> = Vec::new();
    for count in 1..=set.migrations.len() {
        states.push(scratch.made_by(&set.migrations[..count]).await?);
    }
    let Some(latest) = states.last() else { return Err(Error::failed("there are no migrations to adopt")) };
    let found = drift::read(session, &latest.names(session.schema())).await?;
    Ok(match states.iter().rposition(|state| state.differences(&found).is_empty()) {
        Some(at) => Adoptable::Equal(at + 1, Box::new(states.swap_remove(at))),
        None => Adoptable::Differs(latest.differences(&found)),
    })
}

/// The error for a database that differs.
pub fn refusal(differences: &[Difference]) -> Error {
    let mut error = Error::failed(format!(
        "the schema is not what the migrations make: {}, nothing was recorded",
        counted(differences.len(), "difference")
    ));
    for one in differences {
        error = error.detail(one.line());
    }
    for statement in schema::in_order(differences) {
        error = error.hint(statement);
    }
    error.hint("make the schema equal, and run `cmf migrate adopt` again")
}

impl Migrator<'_> {
    /// Records migrations as applied that make what is there. In one transaction: looks again, now that nobody else migrates.
    /// Fails when something was applied or changed meanwhile.
    pub async fn adopt(&mut self, adopted: &[Migration], expected: &Schema) -> Result<()> {
        self.while_locked(async |this| {
            let names = expected.names(this.session.schema());
            let mut tx = this.session.plain().await?;
            refuse_applied(&migrations::applied(&mut tx).await?)?;
            let found = schema::read(&mut tx, &names).await?;
            if !expected.differences(&found).is_empty() {
                return Err(Error::failed("the schema changed meanwhile, nothing was recorded").hint("run the command again"));
            }
            migrations::create_ledger(&mut tx).await?;
            for migration in adopted {
                migrations::insert_applied(&mut tx, &migration.version).await?;
            }
            note_all(tx, &adopted.iter().collect::<Vec<_>>(), "adopt").await
        })
        .await
    }
}

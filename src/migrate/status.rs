//! How migrations stand, and whether each is what was applied.

use serde_json::json;

use super::migrator::Migrator;
use super::names::unrecorded;
use super::set::MigrationSet;
use crate::db::audit::Audit;
use crate::db::migrations::{self, Applied, Migration};
use crate::domain::named::named;
use crate::error::{Error, Result};
use crate::local;
use crate::session::{Plain, Session};

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MigrationStatus {
        Applied = "applied",
        Pending = "pending",
        /// Not recorded, in a schema that has tables of the same names.
        Unrecorded = "unrecorded",
        /// Pending although a newer one is applied.
        OutOfOrder = "out of order",
        /// Begun outside a transaction and not ended.
        Interrupted = "interrupted",
        /// Applied as something else than it is now.
        Edited = "edited",
        /// Applied, and unknown to this version.
        Unknown = "unknown",
        /// Applied, and part of a baseline at hand.
        Replaced = "replaced",
    }
    word
}

/// A known migration, an applied one, or both.
#[derive(Debug)]
pub struct Standing<'a> {
    pub version: &'a str,
    pub name: Option<&'a str>,
    pub status: MigrationStatus,
    pub applied: Option<&'a Applied>,
}

/// Puts the migrations at hand and those applied side by side.
pub fn compare<'a>(set: &'a MigrationSet, applied: &'a [Applied], repeated: &'a [Applied]) -> Vec<Standing<'a>> {
    let newest = applied.last().map(|row| row.version.as_str());
    let known = set.migrations.iter().map(|migration| {
        let row = applied.iter().find(|row| row.version == migration.version);
        let status = match row {
            Some(row) if row.record.as_ref().is_some_and(|record| !migration.is_of(&record.checksum)) => {
                MigrationStatus::Edited
            }
            Some(_) => MigrationStatus::Applied,
            None if newest.is_some_and(|newest| newest > migration.version.as_str()) => MigrationStatus::OutOfOrder,
            None => MigrationStatus::Pending,
        };
        Standing { version: &migration.version, name: Some(&migration.name), status, applied: row }
    });
    let others = applied.iter().filter(|row| set.version(&row.version).is_none()).map(|row| Standing {
        version: &row.version,
        name: row.record.as_ref().map(|record| record.name.as_str()),
        status: match set.baseline_of(&row.version, applied) {
            Some(baseline) if is_replaced(row, baseline) => MigrationStatus::Replaced,
            Some(_) => MigrationStatus::Edited,
            None => MigrationStatus::Unknown,
        },
        applied: Some(row),
    });
    let mut all: Vec<_> = known.chain(others).collect();
    all.sort_by(|a, b| a.version.cmp(b.version));
    let to_repeat = set.to_repeat(repeated, None);
    all.extend(set.repeatable.iter().map(|migration| Standing {
        version: &migration.version,
        name: Some(&migration.name),
        status: if to_repeat.contains(&migration) { MigrationStatus::Pending } else { MigrationStatus::Applied },
        applied: repeated.iter().find(|row| row.version == migration.version),
    }));
    all.extend(removed(set, repeated).map(|row| Standing {
        version: &row.version,
        name: Some(&row.version),
        status: MigrationStatus::Unknown,
        applied: Some(row),
    }));
    all
}

/// Whether what was applied is what the baseline was made of.
fn is_replaced(row: &Applied, baseline: &Migration) -> bool {
    let is_same = |checksum: &String| {
        baseline.replaces.iter().any(|replaced| replaced.version == row.version && replaced.checksum == *checksum)
    };
    row.record.as_ref().is_none_or(|record| is_same(&record.checksum))
}

/// Those that repeat, have run, and are no longer at hand.
fn removed<'a>(set: &MigrationSet, repeated: &'a [Applied]) -> impl Iterator<Item = &'a Applied> {
    repeated.iter().filter(|row| !set.repeatable.iter().any(|one| one.version == row.version))
}

/// The same, and which of them were begun and not ended.
pub async fn read<'a>(
    session: &mut Session,
    set: &'a MigrationSet,
    applied: &'a [Applied],
    repeated: &'a [Applied],
) -> Result<Vec<Standing<'a>>> {
    let mut standings = compare(set, applied, repeated);
    let mut tx = session.read().await?;
    let is_unrecorded = unrecorded(&mut tx, set, applied).await?.is_some();
    for standing in standings.iter_mut().filter(|standing| standing.applied.is_none()) {
        if !migrations::open_steps(&mut tx, standing.version).await?.is_empty() {
            standing.status = MigrationStatus::Interrupted;
        } else if is_unrecorded && !standing.version.starts_with(migrations::REPEATABLE) {
            standing.status = MigrationStatus::Unrecorded;
        }
    }
    tx.end().await?;
    Ok(standings)
}

/// How a schema can stand as a whole.
pub const STATES: &[&str] = &["pending", "current", "diverged", "unrecorded"];

/// How the schema stands as a whole, of [`STATES`].
pub fn of_schema(standings: &[Standing<'_>]) -> &'static str {
    let has = |any: &[MigrationStatus]| standings.iter().any(|standing| any.contains(&standing.status));
    if has(&[MigrationStatus::Edited, MigrationStatus::Unknown, MigrationStatus::OutOfOrder]) {
        "diverged"
    } else if has(&[MigrationStatus::Unrecorded]) {
        "unrecorded"
    } else if has(&[MigrationStatus::Pending, MigrationStatus::Interrupted]) {
        "pending"
    } else {
        "current"
    }
}

/// The applied migrations whose record is missing or another, and those that repeat, have run and are no longer there.
pub fn to_record(set: &MigrationSet, applied: &[Applied], repeated: &[Applied]) -> Vec<Migration> {
    let differs = |migration: &&Migration| {
        let row = applied.iter().find(|row| row.version == migration.version);
        row.is_some_and(|row| row.record.as_ref().is_none_or(|record| !migration.is_of(&record.checksum)))
    };
    let gone = removed(set, repeated).map(|row| Migration::gone(&row.version));
    set.migrations.iter().filter(differs).cloned().chain(gone).collect()
}

impl Migrator<'_> {
    /// Records the applied migrations as they are now, and says which. Fails when another session migrates, or the connection
    /// is lost.
    pub async fn repair(&mut self, set: &MigrationSet) -> Result<Vec<Migration>> {
        self.while_locked(async |this| {
            let applied = migrations::applied(this.session.connection()).await?;
            let mut tx = this.session.plain().await?;
            migrations::create_ledger(&mut tx).await?;
            let to_record = to_record(set, &applied, &migrations::repeated(&mut tx).await?);
            note_all(tx, &to_record).await?;
            Ok(to_record)
        })
        .await
    }
}

/// Notes migrations in the history without running them, and that it was done in the audit trail; and ends the transaction.
async fn note_all(mut tx: Plain<'_>, all: &[Migration]) -> Result<()> {
    for migration in all {
        let action = if migration.is_gone() { "forget" } else { "repair" };
        migrations::insert_record(&mut tx, migration, action, None, None, local::login().as_deref()).await?;
    }
    let versions: Vec<&str> = all.iter().map(|migration| migration.version.as_str()).collect();
    finish(tx, Audit::of("migrate.repair", json!({ "recorded": versions }))).await
}

/// Commits, with a row in the audit trail where there is one.
pub(super) async fn finish(mut tx: Plain<'_>, audit: Audit<'_>) -> Result<()> {
    if migrations::has_audit(&mut tx).await? { tx.finish(audit).await } else { tx.commit().await }
}

/// Refuses what only makes sense on a database where nothing is applied.
pub(super) fn refuse_applied(applied: &[Applied]) -> Result<()> {
    match applied.last() {
        None => Ok(()),
        Some(row) => {
            Err(Error::failed(format!("migrations up to {} are already applied", row.version)).hint("see `cmf migrate status`"))
        }
    }
}

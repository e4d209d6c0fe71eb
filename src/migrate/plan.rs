//! What migrations would do to the tables that are there.

use super::scratch::Scratch;
use super::set::MigrationSet;
use crate::db::migrations::sql::split;
use crate::db::migrations::{self, Applied, Migration, MigrationScript};
use crate::error::Result;

/// A lock that a migration takes, or a table or index that it writes again.
#[derive(Debug)]
pub struct Traced {
    pub name: String,
    /// The table or index; outside a transaction the statement.
    pub relation: Option<String>,
    /// As `pg_locks` calls it, or why there is none.
    pub lock: Option<String>,
    /// Whom it keeps out.
    pub blocks: Option<&'static str>,
    pub rewritten: Option<bool>,
}

/// Runs what is pending after what is applied, one migration after the other.
pub async fn trace(
    scratch: &mut Scratch<'_>,
    set: &MigrationSet,
    applied: &[Applied],
    repeated: &[Applied],
) -> Result<Vec<Traced>> {
    let mut so_far = set.applied(applied);
    let to_repeat = set.to_repeat(repeated, None);
    so_far.extend(set.repeatable.iter().filter(|one| !to_repeat.contains(one)).cloned());
    let mut traced = Vec::new();
    scratch.apply(&so_far).await?;
    for migration in set.pending(applied, None).into_iter().chain(to_repeat) {
        traced.extend(trace_one(scratch, migration).await?);
        so_far.push(migration.clone());
        so_far.sort_by(|a, b| a.version.cmp(&b.version));
        scratch.apply(&so_far).await?;
    }
    Ok(traced)
}

/// Runs a migration, looks at its locks and files, and takes it back.
async fn trace_one(scratch: &mut Scratch<'_>, migration: &Migration) -> Result<Vec<Traced>> {
    let name = migration.name.as_str();
    let mut traced = Vec::new();
    let mut add = |relation: Option<&str>, lock: Option<&str>, blocks: Option<&'static str>, rewritten: Option<bool>| {
        let (name, relation, lock) = (name.to_owned(), relation.map(str::to_owned), lock.map(str::to_owned));
        traced.push(Traced { name, relation, lock, blocks, rewritten });
    };
    if !migration.run_in_transaction {
        for statement in split(&migration.up) {
            let (lock, blocks) = if statement.contains(&["concurrently"]) {
                ("ShareUpdateExclusiveLock", blocks("ShareUpdateExclusiveLock"))
            } else {
                ("not traced: outside a transaction", "")
            };
            add(Some(statement.text), Some(lock), Some(blocks), None);
        }
        return Ok(traced);
    }
    let session = scratch.session()?;
    let schema = session.schema().to_owned();
    let mut tx = session.plain().await?;
    let before = migrations::files(&mut tx).await?;
    migrations::run_script(&mut tx, &MigrationScript { name, file: "up.sql", line: 1, sql: &migration.up }).await?;
    migrations::reset_names(&mut tx, &schema).await?;
    let after = migrations::files(&mut tx).await?;
    let held = migrations::held(&mut tx).await?;
    tx.rollback().await?;
    let mut strongest: Vec<migrations::Held> = Vec::new();
    for lock in held.into_iter().filter(|lock| before.contains_key(&lock.relation)) {
        match strongest.iter_mut().find(|known| known.relation == lock.relation) {
            Some(known) if strength(&known.mode) < strength(&lock.mode) => known.mode = lock.mode,
            Some(_) => {}
            None => strongest.push(lock),
        }
    }
    let rewritten = |relation: &str| before.get(relation).zip(after.get(relation)).is_some_and(|(old, new)| old != new);
    for lock in &strongest {
        let (relation, mode) = (lock.relation.as_str(), lock.mode.as_str());
        add(Some(relation), Some(mode), Some(blocks(mode)), Some(rewritten(relation)));
    }
    let is_told = |relation: &str| strongest.iter().any(|lock| lock.relation == relation);
    for index in before.keys().filter(|relation| rewritten(relation) && !is_told(relation)) {
        add(Some(index), None, None, Some(true));
    }
    if strongest.is_empty() {
        add(None, Some("none on existing tables"), Some("nothing"), Some(false));
    }
    Ok(traced)
}

/// The lock modes of Postgres, weakest first, and whom each keeps out, after the table of conflicts in Postgres's documentation
/// (13.3.1).
const MODES: [(&str, &str); 8] = [
    ("AccessShareLock", "other migrations"),
    ("RowShareLock", "other migrations"),
    ("RowExclusiveLock", "other migrations"),
    ("ShareUpdateExclusiveLock", "VACUUM and other migrations"),
    ("ShareLock", "writes"),
    ("ShareRowExclusiveLock", "writes"),
    ("ExclusiveLock", "writes"),
    ("AccessExclusiveLock", "reads and writes"),
];

fn strength(mode: &str) -> usize {
    MODES.iter().position(|(known, _)| *known == mode).unwrap_or(MODES.len())
}

fn blocks(mode: &str) -> &'static str {
    MODES.get(strength(mode)).map_or("reads and writes", |(_, blocks)| blocks)
}

//! What is refused of a migration before anything runs.

use super::set::MigrationSet;
use super::way::Way;
use crate::db::migrations::Migration;
use crate::db::migrations::sql::{ClientEnd, Statement, split};
use crate::error::{Error, Place, Result};

/// The migrations to take down, newest first. Each has a way back, or nothing is done. Fails when one is unknown, has no
/// way back, or cannot run.
pub fn revertible<'a>(set: &'a MigrationSet, versions: &[String]) -> Result<Vec<&'a Migration>> {
    let mut found = Vec::new();
    for version in versions {
        let Some(migration) = set.version(version) else {
            return Err(Error::failed(format!("this version of cmf does not have the applied migration {version}"))
                .hint("use the version of cmf that applied it, or name its folder with --dir"));
        };
        if migration.down.as_deref().is_none_or(|down| split(down).is_empty()) {
            return Err(Error::failed(format!("migration {} has no down.sql, so it cannot be reverted", migration.name))
                .hint("restore a backup, or write a new migration that changes it"));
        }
        check(migration, Way::Down)?;
        found.push(migration);
    }
    Ok(found)
}

/// A transaction belongs to cmf or to the script, not to both; and nobody is there to send rows to a COPY, or to take them.
pub(super) fn check(migration: &Migration, way: Way) -> Result<()> {
    let place = |statement: &Statement<'_>| {
        Place::in_script(format!("{}/{}", migration.name, way.file()), u64::try_from(statement.line).ok())
    };
    let statements = split(way.script(migration));
    if let Some((statement, end)) = statements.iter().find_map(|statement| Some((statement, statement.copies_with_client()?))) {
        let hint = match end {
            ClientEnd::Stdin => "write the rows as INSERT statements, or load them later with `psql -c '\\copy ...'`",
            ClientEnd::Stdout => "remove it; a migration cannot show rows: use `psql -c '\\copy ...'`",
        };
        return Err(Error::failed(format!(
            "migration {} has a COPY {end}, which would wait for a client forever",
            migration.name
        ))
        .at(place(statement))
        .hint(hint));
    }
    let gives_up =
        |statement: &&Statement<'_>| statement.starts_with(&["discard"]) || statement.starts_with(&["deallocate", "all"]);
    if let Some(statement) = statements.iter().find(gives_up) {
        return Err(Error::failed(format!(
            "migration {} has a {}, which drops the lock and the prepared statements of its session",
            migration.name,
            statement.text.to_uppercase()
        ))
        .at(place(statement))
        .hint("remove it: cmf resets the role and the search path after each script; `RESET ALL` resets settings"));
    }
    match statements.iter().find(|statement| migration.run_in_transaction && statement.controls_transaction()) {
        None => Ok(()),
        Some(statement) => Err(Error::failed(format!(
            "migration {} has its own {}, but cmf runs it in a transaction",
            migration.name,
            statement.tokens[0].text.to_uppercase()
        ))
        .at(place(statement))
        .hint("remove it, or write `run_in_transaction = false` into metadata.toml")),
    }
}

//! Trying migrations: up, down and up again.

use super::scratch::Scratch;
use super::set::MigrationSet;
use crate::db::migrations::sql::split;
use crate::error::Result;
use crate::tell::Tell;

#[derive(Debug)]
pub struct Trial {
    pub name: String,
    pub result: &'static str,
    /// What its way back, or its way up after that, makes other than it was.
    pub problems: Vec<String>,
}

/// Tries each migration after those before it.
pub async fn run(scratch: &mut Scratch<'_>, set: &MigrationSet, tell: &dyn Tell) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    let mut before = scratch.schema().await?;
    for (at, migration) in set.migrations.iter().enumerate() {
        let (so_far, name) = (&set.migrations[..=at], migration.name.clone());
        tell.debug(1, &|| format!("testing {name}"));
        let up = scratch.made_by(so_far).await?;
        if migration.down.as_deref().is_none_or(|down| split(down).is_empty()) {
            trials.push(Trial { name, result: "up; no down.sql", problems: Vec::new() });
            before = up;
            continue;
        }
        scratch.take_down(so_far).await?;
        let down = scratch.schema().await?;
        let again = scratch.made_by(so_far).await?;
        let mut problems = Vec::new();
        for (what, expected, found) in [("down leaves", &before, &down), ("up after down makes", &up, &again)] {
            let differences = expected.differences(found);
            problems.extend(differences.iter().map(|one| format!("{name}: {what} another schema: {}", one.line())));
        }
        let result = if problems.is_empty() { "up, down, up" } else { "differs" };
        trials.push(Trial { name, result, problems });
        before = again;
    }
    let mut so_far = set.migrations.clone();
    for migration in &set.repeatable {
        let name = migration.name.clone();
        tell.debug(1, &|| format!("testing {name}"));
        so_far.push(migration.clone());
        let up = scratch.made_by(&so_far).await?;
        if !migration.run_in_transaction {
            trials.push(Trial { name, result: "up", problems: Vec::new() });
            continue;
        }
        let again = scratch.run_again(migration).await?;
        let problems: Vec<String> = up
            .differences(&again)
            .iter()
            .map(|one| format!("{name}: the second time makes another schema: {}", one.line()))
            .collect();
        trials.push(Trial { name, result: if problems.is_empty() { "up, up" } else { "differs" }, problems });
    }
    Ok(trials)
}

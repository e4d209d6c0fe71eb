//! Whether the schema is whole.

use std::collections::BTreeSet;

use super::{MigrationSet, names};
use crate::db;
use crate::db::migrations::{self, Applied};
use crate::domain::finding::Findings;
use crate::error::Result;
use crate::lookup::tenants;
use crate::session::Session;

/// Whether all migrations are applied and what they made is there. Returns whether the data can be looked at.
pub async fn migrations(session: &mut Session, findings: &mut Findings) -> Result<bool> {
    let set = MigrationSet::read(None)?;
    let schema = session.schema().to_owned();
    let mut tx = session.read().await?;
    let applied = migrations::applied(&mut tx).await?;
    let missing = tenants::missing(&mut tx, &schema).await?;
    let unrecorded = names::unrecorded(&mut tx, &set, &applied).await?;
    tx.end().await?;
    if let Some(missing) = missing {
        findings.wrong("migrations", missing.message, missing.hint);
        return Ok(false);
    }
    if let Some(unrecorded) = unrecorded {
        findings.wrong("migrations", unrecorded.message(), unrecorded.command);
        return Ok(false);
    }
    let known = set.migrations;
    let pending: Vec<&str> = known
        .iter()
        .filter(|migration| !applied.iter().any(|row| row.version == migration.version))
        .map(|migration| migration.name.as_str())
        .collect();
    let edited = |row: &Applied| {
        let migration = known.iter().find(|migration| migration.version == row.version);
        migration.zip(row.record.as_ref()).is_some_and(|(migration, record)| record.checksum != migration.fingerprint())
    };
    let unknown: Vec<&str> = applied
        .iter()
        .filter(|row| !known.iter().any(|migration| migration.version == row.version))
        .map(|row| row.version.as_str())
        .collect();
    if !pending.is_empty() {
        findings.wrong("migrations", format!("{} not applied: {}", pending.len(), pending.join(", ")), "cmf migrate up");
        return Ok(false);
    }
    if unknown.is_empty() && !applied.iter().any(edited) {
        findings.ok("migrations", format!("all {} are applied", known.len()));
    } else if unknown.is_empty() {
        findings.wrong("migrations", "an applied migration was edited afterwards", "cmf migrate verify");
    } else {
        findings.warning("migrations", format!("applied by a newer cmf: {}", unknown.join(", ")), "use that version of cmf");
    }
    let there: BTreeSet<String> = session.look(db::doctor::object_names).await?.into_iter().collect();
    let expected = names::made_by(&known);
    let missing: Vec<&str> = expected.all.iter().filter(|name| !there.contains(*name)).map(String::as_str).collect();
    let invalid: Vec<&str> = there.iter().filter_map(|name| name.strip_prefix('!')).collect();
    // An object that is not valid is listed under its marked name only where it is a constraint.
    let missing: Vec<&str> = missing.into_iter().filter(|name| !invalid.contains(name)).collect();
    match (missing.is_empty(), invalid.is_empty()) {
        (true, true) => {
            findings.ok("drift", "tables, columns, indexes and constraints exist; `cmf migrate drift` compares all of them");
        }
        (false, _) => findings.wrong("drift", format!("missing: {}", missing.join(", ")), "cmf migrate drift --fix"),
        (true, false) => findings.wrong("drift", format!("not valid: {}", invalid.join(", ")), "cmf migrate drift --fix"),
    }
    // A table is named alone, a column with its table.
    Ok(missing.iter().all(|name| !expected.tables.contains(*name) && !name.contains('.')))
}

//! What is wrong with the measures of a catalog, by the rules of the domain.

use chrono::NaiveDateTime;

use super::contents::Stored;
use crate::db::Connection;
use crate::db::catalogs::Catalog;
use crate::domain::lint::{self, Finding, Measure, Profile, Rule};
use crate::error::Result;
use crate::lookup;

/// The measures that were looked at, and what was found.
#[derive(Debug)]
pub struct Linted {
    pub catalog: Catalog,
    pub measures: Vec<Measure>,
    pub rules: Vec<&'static Rule>,
    pub findings: Vec<Finding>,
}

/// Looks at the items of a catalog, or of the active one, by these rules, or all that the profile has. Exit 2 for a catalog that is
/// unknown.
pub async fn lint(
    tx: &mut Connection,
    name: Option<&str>,
    owner: Option<&str>,
    profile: Option<Profile>,
    ids: &[String],
    now: NaiveDateTime,
) -> Result<Linted> {
    let catalog = match name {
        Some(name) => lookup::catalog::find(tx, name, owner).await?,
        None => lookup::catalog::active(tx, owner, "").await?,
    };
    let stored = Stored::look(tx, &catalog, None).await?;
    let mut measures = Vec::new();
    stored
        .each(tx, |entry| {
            measures.push(Measure { id: entry.id.unwrap_or_default(), row: entry.row, item: entry.item });
            Ok(())
        })
        .await?;
    let rules = lint::rules(profile, ids);
    let findings = lint::lint(&measures, &rules, profile, now.date());
    Ok(Linted { catalog, measures, rules, findings })
}

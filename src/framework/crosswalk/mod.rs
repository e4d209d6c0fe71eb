//! Crosswalks: imported, compared with their frameworks, deleted.

mod ends;
pub(crate) mod import;

use std::collections::BTreeSet;

use serde_json::json;

use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::crosswalks::Crosswalk;
use crate::db::{self, Connection};
use crate::domain::code::{Position, Reference, lowest};
use crate::error::{Error, Result};
use crate::lookup::framework::{self, Known};
use crate::session::Session;

/// The frameworks of a crosswalk, each with its side, as far as they are there.
async fn ends(tx: &mut Connection, crosswalk: &Crosswalk) -> Result<[(&'static str, Option<Known>); 2]> {
    let frameworks = db::frameworks::list(tx).await?;
    let mut ends = [("source", None), ("target", None)];
    for ((_, known), id) in ends.iter_mut().zip([crosswalk.source_id, crosswalk.target_id]) {
        if let Some(row) = frameworks.iter().find(|row| Some(row.id) == id) {
            *known = Some(framework::known(tx, row.clone()).await?);
        }
    }
    Ok(ends)
}

/// The places of a code in the two frameworks of a crosswalk. Exit 2 where neither has it.
pub(crate) async fn places(tx: &mut Connection, crosswalk: &Crosswalk, code: &str) -> Result<Vec<Position>> {
    let ends = ends(tx, crosswalk).await?;
    let found: Vec<Position> = ends.into_iter().filter_map(|(_, known)| known?.codes().find(code).cloned()).collect();
    if found.is_empty() {
        return Err(Error::usage(format!("neither framework of {} has the code `{code}`", crosswalk.name))
            .hint("see `cmf framework show FRAMEWORK`"));
    }
    Ok(found)
}

/// How crosswalks differ from their frameworks.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    /// Rows with unknown codes: the crosswalk, the code, its side, the row.
    pub wrong: Vec<(String, String, &'static str, u64)>,
    /// Frameworks that are not in the database, each in a sentence.
    pub gone: Vec<String>,
    /// How many codes have rows, each in a sentence.
    pub told: Vec<String>,
    /// How many rows cmf did not write.
    pub foreign: usize,
}

/// Compares the codes of crosswalks with their frameworks.
pub(crate) async fn verify(tx: &mut Connection, all: &[Crosswalk]) -> Result<Verified> {
    let mut verified = Verified::default();
    for crosswalk in all {
        let (rows, foreign) = db::crosswalks::rows(tx, crosswalk.id).await?;
        verified.foreign += foreign;
        for (side, known) in ends(tx, crosswalk).await? {
            let Some(known) = known else {
                verified.gone.push(format!("the {side} framework of {} is not in the database", crosswalk.name));
                continue;
            };
            let index = known.codes();
            let mut used = BTreeSet::new();
            for stored in &rows {
                let position = if side == "source" { &stored.pair.source } else { &stored.pair.target };
                if index.resolve(position.code()) == Reference::Known(position.clone())
                    || index.positions().any(|one| one == position)
                {
                    used.insert(position.code());
                } else {
                    verified.wrong.push((crosswalk.name.clone(), position.code().to_owned(), side, stored.pair.row));
                }
            }
            let codes = lowest(&known.framework);
            let without = codes.iter().filter(|position| !used.contains(position.code())).count();
            verified.told.push(format!(
                "{}: {} of the {} codes of {} have a row, {without} have none",
                crosswalk.name,
                codes.len() - without,
                codes.len(),
                known.row.short_name()
            ));
        }
    }
    Ok(verified)
}

/// Deletes a crosswalk with its rows. Exit 1 when another session has done it meanwhile.
pub(crate) async fn delete(session: &mut Session, crosswalk: &Crosswalk, dry_run: bool, confirmed: &Confirmed) -> Result<()> {
    session
        .change(dry_run, async |tx| {
            db::locks::owner(tx, crosswalk.owner_id).await?;
            if db::catalog_upkeep::lock_to_delete(tx, crosswalk.id).await?.is_none() {
                return Err(Error::failed(format!("the crosswalk {} is gone: another session deleted it", crosswalk.name)));
            }
            let mappings = db::catalog_upkeep::delete_mappings(tx, crosswalk.id, confirmed).await?;
            let items = db::catalog_upkeep::delete_items(tx, crosswalk.id, confirmed).await?;
            db::catalog_upkeep::delete(tx, crosswalk.id, confirmed).await?;
            let result = json!({
                "catalog_id": crosswalk.id, "name": crosswalk.name, "items": items, "mappings": mappings,
            });
            Ok(((), Some(Audit::of("crosswalk.delete", result).by(Some(crosswalk.owner_id)))))
        })
        .await
}

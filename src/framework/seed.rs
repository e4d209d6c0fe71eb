//! Seeding: bundled frameworks into the database.

use serde_json::{Map, Value, json};

use crate::db::audit::Audit;
use crate::db::frameworks::Changes;
use crate::db::{self, Connection};
use crate::domain::framework::Framework;
use crate::error::Result;
use crate::import::bundled::{self, Bundled};
use crate::session::Session;

/// What seeding one framework did.
#[derive(Debug)]
pub struct Seeded {
    /// The name people type.
    pub short_name: String,
    /// How many functions, categories and subcategories it has.
    pub size: usize,
    /// What was not there or different, over all levels.
    pub changes: Changes,
}

/// The frameworks that are put in if none is named.
pub fn defaults() -> Vec<Bundled> {
    bundled::ALL.into_iter().filter(|bundled| bundled.by_default).collect()
}

/// Stores bundled frameworks, in a transaction of its own.
pub async fn into(session: &mut Session, chosen: &[Bundled], is_dry: bool) -> Result<Vec<Seeded>> {
    session
        .change(is_dry, async |tx| {
            let seeded = seed(tx, chosen).await?;
            let audit = audit(&seeded);
            Ok((seeded, audit))
        })
        .await
}

async fn seed(tx: &mut Connection, chosen: &[Bundled]) -> Result<Vec<Seeded>> {
    // Several may seed at once, as the first commands on a new database do: what is there is looked at under the lock.
    db::locks::frameworks(tx).await?;
    let mut seeded = Vec::new();
    for bundled in chosen {
        let framework = with_imported_texts(tx, bundled.framework()?).await?;
        let changes = store(tx, &framework).await?;
        seeded.push(Seeded { short_name: framework.short_name(), size: size(&framework), changes });
    }
    Ok(seeded)
}

/// What the trail keeps of it; nothing when nothing changed.
fn audit(seeded: &[Seeded]) -> Option<Audit<'static>> {
    let changed: Map<String, Value> = seeded
        .iter()
        .filter(|one| one.changes != Changes::default())
        .map(|one| (one.short_name.clone(), json!({ "added": one.changes.added, "changed": one.changes.changed })))
        .collect();
    (!changed.is_empty()).then(|| Audit::of("seed", Value::Object(changed)))
}

/// Where official texts were imported, they stay: seeding brings back missing codes only.
async fn with_imported_texts(tx: &mut Connection, mut framework: Framework) -> Result<Framework> {
    let rows = db::frameworks::list(tx).await?;
    let Some(row) = rows.into_iter().find(|row| row.name == framework.name && row.version == framework.version) else {
        return Ok(framework);
    };
    if db::frameworks::newest_import(tx, row.id).await?.is_none() {
        return Ok(framework);
    }
    let here = db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?);
    framework.description = here.description;
    for function in &mut framework.functions {
        let Some(known) = here.functions.iter().find(|known| known.code == function.code) else { continue };
        function.name.clone_from(&known.name);
        function.description.clone_from(&known.description);
        for category in &mut function.categories {
            let Some(known) = known.categories.iter().find(|known| known.code == category.code) else { continue };
            category.name.clone_from(&known.name);
            category.description.clone_from(&known.description);
            for subcategory in &mut category.subcategories {
                if let Some(known) = known.subcategories.iter().find(|known| known.code == subcategory.code) {
                    subcategory.description.clone_from(&known.description);
                }
            }
        }
    }
    Ok(framework)
}

/// Stores a framework's tree; rows that exist already keep their ids and change only where they differ. The frameworks are
/// locked by the caller.
pub(super) async fn store(tx: &mut Connection, framework: &Framework) -> Result<Changes> {
    let (id, row) = db::frameworks::upsert(tx, framework).await?;
    let mut changes = db::frameworks::upsert_functions(tx, id, framework).await?;
    changes += db::frameworks::upsert_categories(tx, id, framework).await?;
    changes += db::frameworks::upsert_subcategories(tx, id, framework).await?;
    if row == Changes::default() && changes != Changes::default() {
        db::frameworks::touch(tx, id).await?;
    }
    db::frameworks::check(tx, id, framework).await?;
    Ok(changes)
}

fn size(framework: &Framework) -> usize {
    let categories = framework.functions.iter().flat_map(|function| &function.categories);
    let (categories, subcategories) = categories
        .fold((0, 0), |(categories, subcategories), category| (categories + 1, subcategories + category.subcategories.len()));
    framework.functions.len() + categories + subcategories
}

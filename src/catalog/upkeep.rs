//! Renaming, copying and deleting catalogs.

use serde_json::json;
use uuid::Uuid;

use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::catalog_upkeep::Belongings;
use crate::db::catalogs::Catalog;
use crate::db::users::User;
use crate::db::{self, Connection};
use crate::domain::text::counted;
use crate::error::{Error, Result, shell_word};
use crate::lookup;
use crate::session::Session;

/// Gives a catalog another name, which its owner has no other catalog of. Returns it as it was. Exit 2 for a name that is
/// unknown or cannot be one, exit 1 for one that is taken.
pub async fn rename(session: &mut Session, name: &str, owner: Option<&str>, new_name: &str) -> Result<Catalog> {
    check_name(new_name)?;
    session
        .change(false, async |tx| {
            let catalog = lookup::catalog::find(tx, name, owner).await?;
            db::locks::owner(tx, catalog.owner_id).await?;
            refuse_taken(tx, catalog.owner_id, new_name, Some(catalog.id)).await?;
            db::catalog_upkeep::rename(tx, catalog.id, new_name).await?;
            let result = json!({ "catalog_id": catalog.id, "before": catalog.name, "after": new_name });
            let audit = Audit::of("catalog.rename", result).by(Some(catalog.owner_id));
            Ok((catalog, Some(audit)))
        })
        .await
}

/// Gives a catalog to another user, with its items, metrics, readings and scores. An active one stays active. Returns it as it was,
/// with its new owner; nothing changes where it is that user's already. Exit 2 for a name that is unknown, exit 1 if the
/// user has a catalog of this name, or an active one beside this active one.
pub async fn give(session: &mut Session, name: &str, owner: Option<&str>, to: &str) -> Result<(Catalog, User)> {
    session
        .change(false, async |tx| {
            let catalog = lookup::catalog::find(tx, name, owner).await?;
            let user = lookup::user::open(tx, Some(to)).await?;
            if user.id == catalog.owner_id {
                return Ok(((catalog, user), None));
            }
            let mut owners = [catalog.owner_id, user.id];
            // In one order, so that two who give to each other do not wait for each other.
            owners.sort_unstable();
            for id in owners {
                db::locks::owner(tx, id).await?;
            }
            refuse_taken(tx, user.id, &catalog.name, None).await.map_err(|error| {
                let hint = format!("rename one of them with `cmf catalog rename {} NAME`", shell_word(&catalog.name));
                let message = error.message().to_owned();
                error.restated(message, hint)
            })?;
            let locked = db::locks::catalogs(tx, &[catalog.id]).await?;
            let Some(is_active) = locked.first().map(|one| one.is_active) else {
                return Err(Error::failed(format!(
                    "the catalog `{}` no longer exists: another session deleted it",
                    catalog.name
                ))
                .hint("`cmf catalog list` shows the catalogs"));
            };
            if is_active {
                let catalogs = db::catalogs::list(tx, Some(user.id)).await?;
                if let Some(other) = catalogs.iter().find(|other| other.is_active) {
                    return Err(Error::failed(format!(
                        "catalog {} is active, but {} already has an active catalog: {}",
                        catalog.name, user.username, other.name
                    ))
                    .hint("first run `cmf catalog deactivate` for one of them"));
                }
                db::activation::set_users_catalog(tx, catalog.owner_id, None).await?;
            }
            db::catalog_upkeep::set_owner(tx, catalog.id, user.id).await?;
            if is_active {
                db::activation::set_users_catalog(tx, user.id, Some(catalog.id)).await?;
            }
            let result = json!({ "catalog_id": catalog.id, "before": catalog.owner, "after": user.username });
            let audit = Audit::of("catalog.chown", result).by(Some(catalog.owner_id));
            Ok(((catalog, user), Some(audit)))
        })
        .await
}

#[derive(Debug)]
pub struct Copied {
    pub id: Uuid,
    /// The original.
    pub from: Catalog,
    pub items: u64,
    pub mappings: u64,
}

/// Copies a catalog with its items and mappings, but without metrics, readings and scores: an activation makes those.
pub async fn copy(session: &mut Session, name: &str, owner: Option<&str>, new_name: &str, to: Option<&str>) -> Result<Copied> {
    check_name(new_name)?;
    session
        .change(false, async |tx| {
            let catalog = lookup::catalog::find(tx, name, owner).await?;
            let owner_id = lookup::user::open(tx, Some(to.unwrap_or(&catalog.owner))).await?.id;
            db::locks::owner(tx, owner_id).await?;
            refuse_taken(tx, owner_id, new_name, None).await?;
            // Nobody deletes it or imports into it while it is copied.
            db::locks::catalogs(tx, &[catalog.id]).await?;
            let id = db::catalog_upkeep::insert_copy(tx, catalog.id, new_name, owner_id).await?;
            let from = db::catalog_upkeep::item_ids(tx, catalog.id).await?;
            let new = new_ids(from.len());
            let items = db::catalog_upkeep::copy_items(tx, &from, &new, id).await?;
            let mappings_from = db::catalog_upkeep::mapping_ids(tx, &from).await?;
            let mappings_to = new_ids(mappings_from.len());
            let mappings = db::catalog_upkeep::copy_mappings(tx, &mappings_from, &mappings_to, &from, &new).await?;
            let result = json!({ "catalog_id": id, "cloned_from": catalog.id, "items": items, "mappings": mappings });
            let audit = Audit::of("catalog.clone", result).by(Some(owner_id));
            Ok((Copied { id, from: catalog, items, mappings }, Some(audit)))
        })
        .await
}

fn new_ids(count: usize) -> Vec<Uuid> {
    std::iter::repeat_with(Uuid::now_v7).take(count).collect()
}

/// The catalog of a name, and what would go with it. Exit 2 for a name that is unknown, exit 1 for an active catalog unless by
/// `force`.
pub async fn to_delete(session: &mut Session, name: &str, owner: Option<&str>, force: bool) -> Result<(Catalog, Belongings)> {
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::find(&mut tx, name, owner).await?;
    let belongings = db::catalog_upkeep::belongings(&mut tx, catalog.id).await?;
    tx.end().await?;
    if catalog.is_active && !force {
        return Err(Error::failed(format!("`{}` is the active catalog of {}", catalog.name, catalog.owner))
            .detail(format!("this would delete {} with it", listed(belongings)))
            .hint(format!(
                "run `cmf catalog deactivate {}` first, or add --force to delete it anyway ({})",
                shell_word(&catalog.name),
                counted(belongings.readings, "reading")
            )));
    }
    Ok((catalog, belongings))
}

/// Deletes a catalog with all that belongs to it: no more than was shown to who agreed. Exit 1 when something else is there
/// meanwhile.
pub async fn delete(
    session: &mut Session,
    catalog: &Catalog,
    shown: Option<Belongings>,
    force: bool,
    dry_run: bool,
    confirmed: &Confirmed,
) -> Result<Belongings> {
    session
        .change(dry_run, async |tx| {
            let gone = destroy(tx, catalog, force, confirmed).await?;
            if shown.is_some_and(|shown| shown != gone) {
                return Err(Error::failed("the catalog's contents changed while cmf waited for your answer")
                    .detail(format!("now it is {}", listed(gone)))
                    .hint("run the command again"));
            }
            let result = json!({
                "catalog_id": catalog.id, "name": catalog.name, "was_active": catalog.is_active, "items": gone.items,
                "mappings": gone.mappings, "metrics": gone.metrics, "readings": gone.readings, "scores": gone.scores,
            });
            Ok((gone, Some(Audit::of("catalog.delete", result).by(Some(catalog.owner_id)))))
        })
        .await
}

async fn destroy(tx: &mut Connection, catalog: &Catalog, force: bool, confirmed: &Confirmed) -> Result<Belongings> {
    db::locks::owner(tx, catalog.owner_id).await?;
    match db::catalog_upkeep::lock_to_delete(tx, catalog.id).await? {
        None => {
            return Err(Error::failed(format!("the catalog `{}` no longer exists: another session deleted it", catalog.name))
                .hint("`cmf catalog list` shows the catalogs"));
        }
        Some(true) if !force => {
            return Err(Error::failed(format!("the catalog `{}` became active meanwhile", catalog.name))
                .hint("add --force to delete it anyway"));
        }
        Some(is_active) => {
            if is_active {
                db::activation::set_users_catalog(tx, catalog.owner_id, None).await?;
            }
        }
    }
    db::locks::metrics_of(tx, catalog.id).await?;
    let function_scores = db::catalog_upkeep::delete_function_scores(tx, catalog.id, confirmed).await?;
    let framework_scores = db::catalog_upkeep::delete_framework_scores(tx, catalog.id, confirmed).await?;
    let readings = db::catalog_upkeep::delete_readings(tx, catalog.id, confirmed).await?;
    let metrics = db::catalog_upkeep::delete_metrics(tx, catalog.id, confirmed).await?;
    let mappings = db::catalog_upkeep::delete_mappings(tx, catalog.id, confirmed).await?;
    let items = db::catalog_upkeep::delete_items(tx, catalog.id, confirmed).await?;
    db::catalog_upkeep::delete(tx, catalog.id, confirmed).await?;
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    Ok(Belongings {
        items: count(items),
        mappings: count(mappings),
        metrics: count(metrics),
        readings: count(readings),
        scores: count(function_scores + framework_scores),
    })
}

/// What goes with a catalog, in words.
pub fn listed(belongings: Belongings) -> String {
    let Belongings { items, mappings, metrics, readings, scores } = belongings;
    let [items, mappings, metrics, readings, scores] =
        [(items, "item"), (mappings, "mapping"), (metrics, "metric"), (readings, "reading"), (scores, "stored score")]
            .map(|(count, noun)| counted(count, noun));
    format!("{items}, {mappings}, {metrics}, {readings} and {scores}")
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::usage("a catalog's name cannot be empty, or have control characters, or blanks at its ends")
            .hint("choose a name such as \"Controls 2026\""));
    }
    if name.chars().count() > 200 {
        return Err(Error::usage("a catalog's name has at most 200 characters"));
    }
    Ok(())
}

/// Catalogs are called by their names, so an owner has no two of one name.
async fn refuse_taken(tx: &mut Connection, owner_id: Uuid, name: &str, but: Option<Uuid>) -> Result<()> {
    let folded = name.to_lowercase();
    let catalogs = db::catalogs::list(tx, Some(owner_id)).await?;
    match catalogs.iter().find(|other| Some(other.id) != but && other.name.trim().to_lowercase() == folded) {
        Some(other) => Err(Error::failed(format!("{} already has a catalog called `{}`", other.owner, other.name))
            .hint("choose another name")
            .hint(format!("`cmf catalog list --owner {}` lists those of {}", shell_word(&other.owner), other.owner))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_as_many_characters_as_its_column() {
        assert!(check_name(&"\u{e9}".repeat(200)).is_ok());
        assert!(check_name(&"\u{e9}".repeat(201)).is_err());
    }
}

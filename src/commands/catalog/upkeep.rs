//! `cmf catalog rename|clone|delete`.

use serde_json::json;
use uuid::Uuid;

use crate::commands;
use crate::confirm::Confirmed;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::catalog_upkeep::Belongings;
use crate::db::catalogs::Catalog;
use crate::db::{self, Connection};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::Table;

#[derive(Debug, clap::Args)]
pub(super) struct Rename {
    /// The catalog's name or id
    catalog: String,
    /// The new name, at most 200 characters
    new_name: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    /// The catalog's name or id
    catalog: String,
    /// The copy's name, at most 200 characters
    new_name: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// The user the copy belongs to; without it, the same
    #[arg(long, value_name = "USER")]
    to: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Delete {
    /// The catalog's name or id
    catalog: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Delete it although it is its owner's active catalog
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would go and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// Gives a catalog another name, which its owner has no other catalog of.
pub(super) async fn rename(context: &Context, args: Rename) -> Result<Exit> {
    check_name(&args.new_name)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.write().await?;
    let catalog = lookup::catalog::find(&mut tx, &args.catalog, args.owner.as_deref()).await?;
    db::locks::owner(&mut tx, catalog.owner_id).await?;
    refuse_taken(&mut tx, catalog.owner_id, &args.new_name, Some(catalog.id)).await?;
    db::catalog_upkeep::rename(&mut tx, catalog.id, &args.new_name).await?;
    let result = json!({ "catalog_id": catalog.id, "before": catalog.name, "after": args.new_name });
    let mut table = Table::new(["id", "name", "before"]).single();
    table.row([catalog.id.into(), args.new_name.as_str().into(), catalog.name.as_str().into()]);
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("catalog.rename", result).by(Some(catalog.owner_id))).await?;
    context.output.outcome(&format!("catalog {} is called {} now", catalog.name, args.new_name), table)?;
    Ok(Exit::Success)
}

/// Copies a catalog with its items and mappings, but without metrics, readings and scores: an activation makes those.
pub(super) async fn copy(context: &Context, args: Copy) -> Result<Exit> {
    check_name(&args.new_name)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.write().await?;
    let catalog = lookup::catalog::find(&mut tx, &args.catalog, args.owner.as_deref()).await?;
    let owner_id = lookup::user::open(&mut tx, Some(args.to.as_deref().unwrap_or(&catalog.owner))).await?.id;
    db::locks::owner(&mut tx, owner_id).await?;
    refuse_taken(&mut tx, owner_id, &args.new_name, None).await?;
    // Nobody deletes it or imports into it while it is copied.
    db::locks::catalogs(&mut tx, &[catalog.id]).await?;
    let id = db::catalog_upkeep::insert_copy(&mut tx, catalog.id, &args.new_name, owner_id).await?;
    let from = db::catalog_upkeep::item_ids(&mut tx, catalog.id).await?;
    let to = new_ids(from.len());
    let items = db::catalog_upkeep::copy_items(&mut tx, &from, &to, id).await?;
    let mappings_from = db::catalog_upkeep::mapping_ids(&mut tx, &from).await?;
    let mappings_to = new_ids(mappings_from.len());
    let mappings = db::catalog_upkeep::copy_mappings(&mut tx, &mappings_from, &mappings_to, &from, &to).await?;
    let result = json!({ "catalog_id": id, "cloned_from": catalog.id, "items": items, "mappings": mappings });
    let mut table = Table::new(["id", "name", "cloned_from", "items", "mappings"]).single();
    table.row([id.into(), args.new_name.as_str().into(), catalog.name.as_str().into(), items.into(), mappings.into()]);
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("catalog.clone", result).by(Some(owner_id))).await?;
    let message = format!(
        "catalog {} holds the {} and {} of {}; it is not active",
        args.new_name,
        counted(items, "item"),
        counted(mappings, "mapping"),
        catalog.name
    );
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

fn new_ids(count: usize) -> Vec<Uuid> {
    std::iter::repeat_with(Uuid::now_v7).take(count).collect()
}

/// Deletes a catalog with all that belongs to it, after saying what that is.
pub(super) async fn delete(context: &Context, args: Delete) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::find(&mut tx, &args.catalog, args.owner.as_deref()).await?;
    let belongings = db::catalog_upkeep::belongings(&mut tx, catalog.id).await?;
    tx.end().await?;
    if catalog.is_active && !args.force {
        return Err(Error::failed(format!("catalog {} is the active catalog of {}", catalog.name, catalog.owner))
            .detail(format!("with it would go {}", listed(belongings)))
            .hint(format!(
                "run `cmf catalog deactivate` first, or add --force to delete it all the same ({})",
                counted(belongings.readings, "reading")
            )));
    }
    let question = format!("This deletes catalog {} of {}, and with it {}.", catalog.name, catalog.owner, listed(belongings));
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let gone = destroy(&mut tx, &catalog, args.force, &confirmed).await?;
    if !args.yes && !args.dry_run && gone != belongings {
        return Err(Error::failed("what belongs to the catalog changed while you were asked; nothing was deleted")
            .detail(format!("now it is {}", listed(gone)))
            .hint("run the command again"));
    }
    let table = deleted(&catalog, gone);
    context.output.check_outcome(&table)?;
    let result = json!({
        "catalog_id": catalog.id, "name": catalog.name, "was_active": catalog.is_active, "items": gone.items,
        "mappings": gone.mappings, "metrics": gone.metrics, "readings": gone.readings, "scores": gone.scores,
    });
    tx.finish(Audit::of("catalog.delete", result).by(Some(catalog.owner_id))).await?;
    context.output.ending(args.dry_run, &format!("deleted catalog {} with {}", catalog.name, listed(gone)), table)?;
    Ok(Exit::Success)
}

async fn destroy(tx: &mut Connection, catalog: &Catalog, force: bool, confirmed: &Confirmed) -> Result<Belongings> {
    db::locks::owner(tx, catalog.owner_id).await?;
    match db::catalog_upkeep::lock_to_delete(tx, catalog.id).await? {
        None => return Err(Error::failed(format!("catalog {} is gone: another session deleted it", catalog.name))),
        Some(true) if !force => {
            return Err(
                Error::failed(format!("catalog {} became active meanwhile", catalog.name)).hint("add --force if that is meant")
            );
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

fn listed(belongings: Belongings) -> String {
    let Belongings { items, mappings, metrics, readings, scores } = belongings;
    let [items, mappings, metrics, readings, scores] =
        [(items, "item"), (mappings, "mapping"), (metrics, "metric"), (readings, "reading"), (scores, "stored score")]
            .map(|(count, noun)| counted(count, noun));
    format!("{items}, {mappings}, {metrics}, {readings} and {scores}")
}

fn deleted(catalog: &Catalog, belongings: Belongings) -> Table {
    let mut table = Table::new(["id", "name", "owner", "items", "mappings", "metrics", "readings", "scores"]).single();
    table.row([
        catalog.id.into(),
        catalog.name.as_str().into(),
        catalog.owner.as_str().into(),
        belongings.items.into(),
        belongings.mappings.into(),
        belongings.metrics.into(),
        belongings.readings.into(),
        belongings.scores.into(),
    ]);
    table
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::usage("a catalog's name is not empty and has no blanks around it and no control characters"));
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
        Some(other) => Err(Error::failed(format!("{} has a catalog called {} already", other.owner, other.name))
            .hint("choose another name; see `cmf catalog list`")),
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

//! `cmf catalog`: list, show, activate, deactivate, compare, export, rename, copy and delete catalogs.

mod diff;
mod export;
mod upkeep;

use std::collections::HashMap;

use clap::Subcommand;
use uuid::Uuid;

use crate::catalog::activation::{self, activate_named};
use crate::catalog::contents;
use crate::context::Context;
use crate::db;
use crate::db::catalogs::{Catalog, Sizes};
use crate::domain::direction::{Rule, Rules};
use crate::domain::number::Number;
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::Table;

/// Arguments of `cmf catalog`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the catalogs
    List(List),
    /// Show a catalog and its items
    Show(Which),
    /// Turn a catalog's mapped items into metrics and make it the owner's active catalog
    Activate(Activate),
    /// Make a catalog inactive; its metrics, readings and scores stay
    Deactivate(Which),
    /// Show how a catalog differs from another, or from a file, item by item and field by field
    Diff(Box<diff::Diff>),
    /// Write a catalog to a workbook, CSV or JSON
    Export(export::Export),
    /// Give a catalog another name
    Rename(upkeep::Rename),
    /// Copy a catalog's items and mappings into a new catalog
    Clone(upkeep::Copy),
    /// Delete a catalog with its items, metrics, readings and scores
    Delete(upkeep::Delete),
}

#[derive(Debug, clap::Args)]
struct List {
    /// Only the catalogs of this user
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The catalog's name or id
    catalog: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Activate {
    #[command(flatten)]
    which: Which,
    /// The direction of items that have a target and none, by number, range, name, or `*` for all of them
    #[arg(long, value_name = "METRICS=DIRECTION", value_parser = Rule::parse)]
    direction: Vec<Rule>,
}

/// Runs `cmf catalog`.
///
/// # Errors
/// Exit 2 for a catalog or user that is unknown or not unique.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Show(which) => show(context, which).await,
        Command::Activate(args) => activate(context, args).await,
        Command::Deactivate(which) => deactivate(context, which).await,
        Command::Diff(args) => diff::run(context, *args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Rename(args) => upkeep::rename(context, args).await,
        Command::Clone(args) => upkeep::copy(context, args).await,
        Command::Delete(args) => upkeep::delete(context, args).await,
    }
}

async fn activate(context: &Context, args: Activate) -> Result<Exit> {
    let Activate { which, direction } = args;
    let mut rules = Rules::default();
    for rule in direction {
        rules.push(rule);
    }
    let mut table = Table::new(["catalog", "metrics_created", "metrics_updated", "first_readings", "unmapped_items"]).single();
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let (catalog, activated) = activate_named(&mut session, &which.catalog, which.owner.as_deref(), &rules).await?;
    table.row([
        catalog.name.as_str().into(),
        activated.metrics.created.into(),
        activated.metrics.updated.into(),
        activated.first_readings.into(),
        activated.gaps.unmapped.into(),
    ]);
    context.output.outcome(&activated.message(&catalog.name), table)?;
    for note in activated.notes() {
        context.output.notice(&note);
    }
    Ok(Exit::Success)
}

async fn deactivate(context: &Context, which: Which) -> Result<Exit> {
    let mut table = Table::new(["catalog", "changed"]).single();
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let (catalog, changed) = activation::deactivate(&mut session, &which.catalog, which.owner.as_deref()).await?;
    table.row([catalog.name.as_str().into(), changed.into()]);
    let word = if changed { "is inactive now" } else { "was not active" };
    context.output.outcome(&format!("catalog {} {word}", catalog.name), table)?;
    Ok(Exit::Success)
}

async fn list(context: &Context, args: List) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let owner = lookup::user::if_named(&mut tx, args.owner.as_deref()).await?.map(|user| user.id);
    let catalogs = db::catalogs::list(&mut tx, owner).await?;
    let ids: Vec<_> = catalogs.iter().map(|catalog| catalog.id).collect();
    let sizes = db::catalogs::sizes(&mut tx, &ids).await?;
    tx.end().await?;
    context.output.results(listing(&catalogs, &sizes))?;
    Ok(Exit::Success)
}

async fn show(context: &Context, which: Which) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::find(&mut tx, &which.catalog, which.owner.as_deref()).await?;
    let sizes = db::catalogs::sizes(&mut tx, &[catalog.id]).await?;
    let head = head(&catalog, sizes.get(&catalog.id).copied().unwrap_or_default());
    let members = head.to_json().as_object().cloned().unwrap_or_default();
    let mut rows = context.output.document(vec![head], members, "catalog_items", items())?;
    db::catalogs::each_item(&mut tx, catalog.id, |item| {
        let bound = |field: &str, text: &Option<String>| contents::bound(&item.name, field, text.as_deref());
        let (lower, upper) = (bound("target_lower", &item.target_lower)?, bound("target_upper", &item.target_upper)?);
        rows.row([
            item.id.into(),
            item.metric_number.into(),
            item.name.into(),
            item.description.into(),
            item.direction.into(),
            item.target_value.map(Number::normalize).into(),
            lower.into(),
            upper.into(),
            item.current_value.map(Number::normalize).into(),
            item.unit.into(),
            item.priority.into(),
            item.codes.join(" ").into(),
        ])
    })
    .await?;
    tx.end().await?;
    rows.finish()?;
    Ok(Exit::Success)
}

fn listing(catalogs: &[Catalog], sizes: &HashMap<Uuid, Sizes>) -> Table {
    let mut table = Table::new([
        "id",
        "name",
        "owner",
        "is_active",
        "items",
        "mapped_items",
        "metrics",
        "source_file",
        "created_at",
        "updated_at",
    ])
    .only_for_programs(&["id", "updated_at"]);
    for catalog in catalogs {
        let size = sizes.get(&catalog.id).copied().unwrap_or_default();
        table.row([
            catalog.id.into(),
            catalog.name.as_str().into(),
            catalog.owner.as_str().into(),
            catalog.is_active.into(),
            size.items.into(),
            size.mapped_items.into(),
            size.metrics.into(),
            catalog.source_file.clone().into(),
            catalog.created_at.into(),
            catalog.updated_at.into(),
        ]);
    }
    table
}

/// A catalog without its items.
fn head(catalog: &Catalog, size: Sizes) -> Table {
    let mut head = Table::new([
        "id",
        "name",
        "description",
        "owner",
        "is_active",
        "source_file",
        "items",
        "mapped_items",
        "metrics",
        "created_at",
        "updated_at",
        "import_metadata",
    ])
    .only_for_programs(&["import_metadata"])
    .single();
    head.row([
        catalog.id.into(),
        catalog.name.as_str().into(),
        catalog.description.clone().into(),
        catalog.owner.as_str().into(),
        catalog.is_active.into(),
        catalog.source_file.clone().into(),
        size.items.into(),
        size.mapped_items.into(),
        size.metrics.into(),
        catalog.created_at.into(),
        catalog.updated_at.into(),
        catalog.import_metadata.clone().into(),
    ]);
    head
}

/// The columns of a catalog's items.
fn items() -> Table {
    Table::new([
        "id",
        "metric_number",
        "name",
        "description",
        "direction",
        "target_value",
        "target_lower",
        "target_upper",
        "current_value",
        "unit",
        "priority",
        "codes",
    ])
    .only_for_programs(&["id", "description", "target_lower", "target_upper"])
}

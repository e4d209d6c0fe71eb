//! `cmf catalog`: list, show, activate, deactivate, compare, export, rename, copy and delete catalogs.

mod contents;
mod diff;
mod export;
mod upkeep;

use std::collections::HashMap;

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands;
use crate::context::Context;
use crate::db::activation::{Gaps, Metrics};
use crate::db::audit::Audit;
use crate::db::catalogs::{Catalog, Sizes};
use crate::db::{self, Connection};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
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
    Activate(Which),
    /// Make a catalog inactive; its metrics, readings and scores stay
    Deactivate(Which),
    /// Show how a catalog differs from another, or from a file, item by item and field by field
    Diff(diff::Diff),
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

/// Runs `cmf catalog`.
///
/// # Errors
/// Exit 2 for a catalog or user that is unknown or not unique.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Show(which) => show(context, which).await,
        Command::Activate(which) => {
            let mut session = commands::connect(context).await?;
            let mut tx = session.write().await?;
            let catalog = lookup::catalog::find(&mut tx, &which.catalog, which.owner.as_deref()).await?;
            let activated = activate(&mut tx, catalog.id, catalog.owner_id).await?;
            let table = activated.table(&catalog.name);
            context.output.check_outcome(&table)?;
            tx.finish(Audit::of("catalog.activate", activated.audit.clone()).by(Some(catalog.owner_id))).await?;
            context.output.outcome(&activated.message(&catalog.name), table)?;
            for note in activated.notes() {
                context.output.notice(&note);
            }
            Ok(Exit::Success)
        }
        Command::Deactivate(which) => {
            let mut session = commands::connect(context).await?;
            let mut tx = session.write().await?;
            let catalog = lookup::catalog::find(&mut tx, &which.catalog, which.owner.as_deref()).await?;
            let changed = deactivate(&mut tx, &catalog).await?;
            let mut table = Table::new(["catalog", "changed"]).single();
            table.row([catalog.name.as_str().into(), changed.into()]);
            context.output.check_outcome(&table)?;
            if changed {
                let result = json!({ "catalog_id": catalog.id });
                tx.finish(Audit::of("catalog.deactivate", result).by(Some(catalog.owner_id))).await?;
            } else {
                tx.unchanged().await?;
            }
            let word = if changed { "is inactive now" } else { "was not active" };
            context.output.outcome(&format!("catalog {} {word}", catalog.name), table)?;
            Ok(Exit::Success)
        }
        Command::Diff(args) => diff::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::Rename(args) => upkeep::rename(context, args).await,
        Command::Clone(args) => upkeep::copy(context, args).await,
        Command::Delete(args) => upkeep::delete(context, args).await,
    }
}

async fn list(context: &Context, args: List) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
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
    let mut session = commands::connect(context).await?;
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
            item.target_value.map(|value| value.normalize()).into(),
            lower.into(),
            upper.into(),
            item.current_value.map(|value| value.normalize()).into(),
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

/// What an activation did.
#[derive(Debug, Clone)]
pub(crate) struct Activated {
    /// Metrics made and changed.
    pub metrics: Metrics,
    /// Current values of the sheet that became first readings.
    pub first_readings: u64,
    /// The owner's catalogs that were active before.
    pub deactivated: Vec<String>,
    /// What the items lack.
    pub gaps: Gaps,
    /// For the audit row of the command.
    pub audit: Value,
}

/// Activates a catalog: items with a confirmed function
/// become metrics under their own ids; the owner's other catalog becomes inactive. The audit row is the caller's.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn activate(tx: &mut Connection, catalog_id: Uuid, owner_id: Uuid) -> Result<Activated> {
    db::locks::owner(tx, owner_id).await?;
    let catalogs = db::locks::catalog_and_active(tx, catalog_id, owner_id).await?;
    let others: Vec<_> = catalogs.iter().filter(|catalog| catalog.id != catalog_id).collect();
    let Some(catalog) = catalogs.iter().find(|catalog| catalog.id == catalog_id) else {
        return Err(
            Error::failed("the catalog does not exist any more: another session deleted it").hint("see `cmf catalog list`")
        );
    };
    db::locks::metrics_of(tx, catalog_id).await?;
    let gaps = db::activation::gaps(tx, catalog_id).await?;
    let metrics = db::activation::upsert_metrics(tx, catalog_id).await?;
    let first_readings = db::activation::insert_first_readings(tx, catalog_id, owner_id).await?;
    db::activation::set_active(tx, &others.iter().map(|other| other.id).collect::<Vec<_>>(), false).await?;
    if !catalog.is_active {
        db::activation::set_active(tx, &[catalog_id], true).await?;
    }
    db::activation::set_users_catalog(tx, owner_id, Some(catalog_id)).await?;
    let deactivated: Vec<String> = others.into_iter().map(|other| other.name.clone()).collect();
    let result = json!({
        "catalog_id": catalog_id, "metrics_created": metrics.created, "metrics_updated": metrics.updated,
        "first_readings": first_readings, "deactivated": deactivated,
    });
    Ok(Activated { metrics, first_readings, deactivated, gaps, audit: result })
}

async fn deactivate(tx: &mut Connection, catalog: &Catalog) -> Result<bool> {
    db::locks::owner(tx, catalog.owner_id).await?;
    // Read again, because another session may have changed it before this one had the owner.
    let catalogs = db::catalogs::list(tx, Some(catalog.owner_id)).await?;
    let changed = catalogs.iter().any(|one| one.id == catalog.id && one.is_active);
    if changed {
        db::activation::set_active(tx, &[catalog.id], false).await?;
        db::activation::set_users_catalog(tx, catalog.owner_id, None).await?;
    }
    Ok(changed)
}

impl Activated {
    /// What the activation did, as a result.
    fn table(&self, name: &str) -> Table {
        let Activated { metrics, first_readings, gaps, .. } = self;
        let mut table =
            Table::new(["catalog", "metrics_created", "metrics_updated", "first_readings", "unmapped_items"]).single();
        table.row([
            name.into(),
            metrics.created.into(),
            metrics.updated.into(),
            (*first_readings).into(),
            gaps.unmapped.into(),
        ]);
        table
    }

    /// The same in a sentence.
    pub(crate) fn message(&self, name: &str) -> String {
        let Metrics { created, updated } = self.metrics;
        let others: String = self.deactivated.iter().map(|other| format!("; {other} is inactive now")).collect();
        format!("catalog {name} is active: {} created, {updated} updated{others}", counted(created, "metric"))
    }

    /// What it had to assume, or left out, for want of something in the items.
    pub(crate) fn notes(&self) -> Vec<String> {
        let Gaps { unmapped, without_direction, without_priority } = self.gaps;
        let items = |count: i64| counted(count, "item");
        [
            (unmapped, "without a confirmed mapping: not a metric until it is mapped"),
            (without_direction, "without a direction: taken as higher_is_better"),
            (without_priority, "without a priority: taken as Medium"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, text)| format!("note: {} {text}", items(count)))
        .collect()
    }
}

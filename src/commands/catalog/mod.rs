//! `cmf catalog`: list, show, activate, deactivate, compare, lint, export, rename, give away, copy and delete catalogs.

mod diff;
mod export;
mod lint;
mod upkeep;

use rust_decimal::Decimal;

use self::upkeep::Which;
use crate::catalog::activation::{self, Activated, activate_named};
use crate::catalog::contents;
use crate::context::Context;
use crate::db;
use crate::db::catalogs::{Catalog, Item, Sizes};
use crate::domain::direction::{Rule, Rules};
use crate::domain::metric::{Direction, Priority};
use crate::domain::number::Number;
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::{Columns, Shape, columns};

#[derive(Debug, clap::Args)]
struct List {
    /// Only the catalogs of this user
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Activate {
    #[command(flatten)]
    which: Which,
    /// The direction of items that have a target but no direction, by number, range, name, or `*` for all of them
    #[arg(long, value_name = "METRICS=DIRECTION", value_parser = Rule::parse)]
    direction: Vec<Rule>,
}

noun! {
    /// Runs `cmf catalog`. Exit 2 for a catalog or user that is unknown or not unique.
    |context|
    /// List the catalogs
    List(args: List), Reads(Reader), Shape::rows(&LISTING) => list(context, args).await;
    /// Show a catalog and its items
    Show(which: Which), Reads(Reader), Shape::rows(&ITEM).within(ITEMS, Shape::one(&HEAD)).choosing(HEAD.names())
        => show(context, which).await;
    /// Turn a catalog's mapped items into metrics and make it the owner's active catalog
    Activate(args: Activate), Changes(Importer), Shape::one(&ACTIVATED) => activate(context, args).await;
    /// Make a catalog inactive; its metrics, readings and scores stay
    Deactivate(which: Which), Changes(Importer), Shape::one(&DEACTIVATED) => deactivate(context, which).await;
    /// Show how a catalog differs from another, or from a file, item by item and field by field
    Diff(args: Box<diff::Diff>), Reads(Reader), Shape::rows(&diff::CHANGE).within(diff::CHANGES, Shape::one(&diff::COUNTS))
        => diff::run(context, *args).await;
    /// Look for what the metrics of a catalog lack by NIST SP 800-55 and ISO/IEC 27004
    Lint(args: lint::Lint), Reads(Reader), Shape::rows(&lint::FOUND).or(Shape::rows(&lint::RULE))
        => lint::run(context, args).await;
    /// Write a catalog to a workbook, CSV or JSON
    Export(args: export::Export), Reads(Reader), Shape::one(&export::WRITTEN) => export::run(context, args).await;
    /// Rename a catalog
    Rename(args: upkeep::Rename), Changes(Importer), Shape::one(&upkeep::RENAMED) => upkeep::rename(context, args).await;
    /// Give a catalog to another user
    Chown(args: upkeep::Chown), Changes(Importer), Shape::one(&upkeep::GIVEN) => upkeep::chown(context, args).await;
    /// Copy a catalog's items and mappings into a new catalog
    Clone(args: upkeep::Copy), Changes(Importer), Shape::one(&upkeep::COPIED) => upkeep::copy(context, args).await;
    /// Delete a catalog with its items, metrics, readings and scores
    Delete(args: upkeep::Delete), Changes(Importer), Shape::one(&upkeep::DELETED) => upkeep::delete(context, args).await;
}

async fn activate(context: &Context, args: Activate) -> Result<Exit> {
    let Activate { which, direction } = args;
    let mut rules = Rules::default();
    for rule in direction {
        rules.push(rule);
    }
    context.output.check_outcome(&ACTIVATED.table())?;
    let mut session = context.open().await?;
    let (catalog, activated) = activate_named(&mut session, &which.catalog, which.owner.as_deref(), &rules).await?;
    let (message, notes) = (activated.message(&catalog.name), activated.notes());
    let others: Vec<String> =
        activated.deactivated.iter().map(|other| format!("note: catalog {other} is inactive now")).collect();
    context.output.outcome(&message, ACTIVATED.one(&(catalog.name, activated)))?;
    for note in others.into_iter().chain(notes) {
        context.output.notice(&note);
    }
    Ok(Exit::Success)
}

async fn deactivate(context: &Context, which: Which) -> Result<Exit> {
    context.output.check_outcome(&DEACTIVATED.table())?;
    let mut session = context.open().await?;
    let (catalog, changed) = activation::deactivate(&mut session, &which.catalog, which.owner.as_deref()).await?;
    let word = if changed { "is inactive now" } else { "was not active" };
    context.output.outcome(&format!("catalog {} {word}", catalog.name), DEACTIVATED.one(&(catalog.name, changed)))?;
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
    let sized = |catalog: Catalog| (sizes.get(&catalog.id).copied().unwrap_or_default(), catalog);
    context.output.results(LISTING.table_of(catalogs.into_iter().map(sized)))?;
    Ok(Exit::Success)
}

async fn show(context: &Context, which: Which) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::find(&mut tx, &which.catalog, which.owner.as_deref()).await?;
    let sizes = db::catalogs::sizes(&mut tx, &[catalog.id]).await?;
    let (id, size) = (catalog.id, sizes.get(&catalog.id).copied().unwrap_or_default());
    let head = (size, catalog);
    let mut rows = context.output.document(vec![HEAD.one(&head)], HEAD.members(&head), ITEMS, ITEM.table())?;
    db::catalogs::each_item(&mut tx, id, |item| {
        let bound = |field: &str, text: &Option<String>| contents::bound(&item.name, field, text.as_deref());
        let bounds = [bound("target_lower", &item.target_lower)?, bound("target_upper", &item.target_upper)?];
        rows.row(ITEM.row(&(item, bounds)))
    })
    .await?;
    tx.end().await?;
    rows.finish()?;
    Ok(Exit::Success)
}

/// What is printed of an activation.
const ACTIVATED: Columns<(String, Activated)> = columns! { |(catalog, activated)|
    catalog,
    metrics_created = activated.metrics.created,
    metrics_updated = activated.metrics.updated,
    first_readings = activated.first_readings,
    unmapped_items = activated.gaps.unmapped
};
const DEACTIVATED: Columns<(String, bool)> = columns! { |(catalog, changed)| catalog, changed };
const LISTING: Columns<(Sizes, Catalog)> = columns! { |(size, catalog)|
    id: for_programs = catalog.id, name = &catalog.name, owner = &catalog.owner, is_active = catalog.is_active, items = size.items,
    mapped_items = size.mapped_items, metrics = size.metrics, source_file = &catalog.source_file,
    created_at = catalog.created_at, updated_at: for_programs = catalog.updated_at
};
/// A catalog without its items.
const HEAD: Columns<(Sizes, Catalog)> = columns! { |(size, catalog)|
    id = catalog.id, name = &catalog.name, description = &catalog.description, owner = &catalog.owner,
    is_active = catalog.is_active, source_file = &catalog.source_file, items = size.items, mapped_items = size.mapped_items,
    metrics = size.metrics, created_at = catalog.created_at, updated_at = catalog.updated_at,
    import_metadata: for_programs = &catalog.import_metadata
};
/// A catalog's item, with the bounds of its range.
const ITEM: Columns<(Item, [Option<Decimal>; 2])> = columns! { |(item, [lower, upper])|
    id: for_programs = item.id, metric_number = &item.metric_number, name = &item.name,
    description: for_programs = &item.description,
    direction: of(Shape::of::<Option<Direction>>) = &item.direction,
    target_value = item.target_value.map(Number::normalize),
    target_lower: for_programs = lower, target_upper: for_programs = upper,
    current_value = item.current_value.map(Number::normalize), unit = &item.unit,
    priority: of(Shape::of::<Option<Priority>>) = &item.priority,
    codes = item.codes.join(" ")
};
/// What the items are called in JSON.
const ITEMS: &str = "catalog_items";

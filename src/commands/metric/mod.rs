//! `cmf metric`: list, show and keep metrics.

mod edit;
mod filter;
mod show;
mod template;
mod terms;

use clap::Subcommand;
use rust_decimal::Decimal;

use self::filter::Filter;
use self::terms::{Where, plain, target};
use crate::context::Context;
use crate::db;
use crate::db::metric_entries::Entry;
use crate::domain::frequency::Limit;
use crate::domain::item::Field;
use crate::domain::score;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::{Columns, Shape, Shapes, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List metrics with their scores
    List(List),
    /// Show a metric with its score, readings, mappings and the row it came from
    Show(show::Args),
    /// Change metrics
    Set(Box<edit::Set>),
    /// Lock metrics against changes and readings
    Lock(filter::Chosen),
    /// Unlock metrics
    Unlock(filter::Chosen),
    /// Add a metric to the default library
    Add(Box<edit::Add>),
    /// Remove metrics with their readings
    Rm(edit::Remove),
    /// Write an empty sheet to fill in and import
    Template(template::Args),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    only: Filter,
}

/// Runs `cmf metric`. Exit 2 for a metric, catalog or code that is unknown or not unique, exit 1 for a locked metric.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Show(args) => show::run(context, args).await,
        Command::Set(args) => edit::set(context, *args).await,
        Command::Lock(args) => edit::set_locked(context, args, true).await,
        Command::Unlock(args) => edit::set_locked(context, args, false).await,
        Command::Add(args) => edit::add(context, *args).await,
        Command::Rm(args) => edit::remove(context, args).await,
        Command::Template(args) => template::run(context, args).await,
    }
}

async fn list(context: &Context, args: List) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let scope = args.place.scope(&mut tx).await?;
    args.only.check(&mut tx, scope).await?;
    let now = db::scores::now(&mut tx).await?;
    let freshness = context.config().freshness(args.only.stale.and_then(Limit::age));
    let mut rows = context.output.rows(LISTING.table())?;
    let (mut total, mut count) = (0_usize, 0_usize);
    db::metric_entries::each(&mut tx, scope, None, |entry| {
        total += 1;
        let score = entry.metric.measure().score().ok();
        if args.only.passes(&entry, score, (&freshness, now)) {
            count += 1;
            rows.row(LISTING.row(&(entry, score)))?;
        }
        Ok(())
    })
    .await?;
    tx.end().await?;
    rows.finish()?;
    context.output.say(&format!("{count} of {}", counted(total, "metric")));
    if total == 0 {
        context.output.notice(lookup::metric::NONE_HERE);
    }
    Ok(Exit::Success)
}

const LISTING: Columns<(Entry, Option<Decimal>)> = columns! { |(entry, score)|
    metric_number = &entry.metric.metric_number, name = &entry.metric.name, current_value = plain(entry.metric.current_value),
    target: for_people = target(&entry.metric), unit = &entry.metric.unit, score = score.map(score::shown),
    code: for_people = entry.csf_category.as_ref().unwrap_or(&entry.csf_function), priority = entry.metric.priority,
    last_reading = entry.last_reading, owner = entry.spec.get(&Field::Owner),
    frequency: for_programs = entry.frequency(), is_locked = entry.metric.is_locked, catalog = &entry.metric.catalog,
    csf_function: for_programs = &entry.csf_function, csf_category: for_programs = &entry.csf_category,
    direction: for_programs = entry.metric.direction, target_value: for_programs = plain(entry.metric.target_value),
    target_lower: for_programs = plain(entry.metric.target_lower),
    target_upper: for_programs = plain(entry.metric.target_upper), is_mapped: for_programs = entry.is_mapped,
    description: for_programs = &entry.description, id: for_programs = entry.metric.id
};

pub(super) fn shapes() -> Shapes {
    vec![
        ("metric list", Shape::rows(&LISTING)),
        ("metric show", show::shape()),
        ("metric set", Shape::rows(&edit::CHANGE)),
        ("metric lock", Shape::rows(&edit::LOCKED)),
        ("metric unlock", Shape::rows(&edit::LOCKED)),
        ("metric add", Shape::one(&edit::ADDED)),
        ("metric rm", Shape::rows(&edit::REMOVED)),
        ("metric template", Shape::one(&template::WRITTEN)),
    ]
}

//! `cmf metric`: list, show and keep metrics.

mod edit;
mod filter;
mod show;
mod template;
mod terms;

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
use crate::output::{Columns, Shape, columns};

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    only: Filter,
}

noun! {
    /// Runs `cmf metric`. Exit 2 for a metric, catalog or code that is unknown or not unique, exit 1 for a locked metric.
    |context|
    /// List metrics with their scores
    List(args: List), Reads(Reader), Shape::rows(&LISTING) => list(context, args).await;
    /// Show a metric with its score, readings, mappings and the row it came from
    Show(args: show::Args), Reads(Reader), show::shape() => show::run(context, args).await;
    /// Change metrics
    Set(args: Box<edit::Set>), Changes(Importer), Shape::rows(&edit::CHANGE) => edit::set(context, *args).await;
    /// Lock metrics against changes and readings
    Lock(args: filter::Chosen), Changes(Importer), Shape::rows(&edit::LOCKED) => edit::set_locked(context, args, true).await;
    /// Unlock metrics
    Unlock(args: filter::Chosen), Changes(Importer), Shape::rows(&edit::LOCKED) => edit::set_locked(context, args, false).await;
    /// Add a metric to the default library
    Add(args: Box<edit::Add>), Changes(Importer), Shape::one(&edit::ADDED) => edit::add(context, *args).await;
    /// Remove metrics with their readings
    Rm(args: edit::Remove), Changes(Importer), Shape::rows(&edit::REMOVED) => edit::remove(context, args).await;
    /// Write an empty sheet to fill in and import
    Template(args: template::Args), Reads(Reader), Shape::one(&template::WRITTEN) => template::run(context, args).await;
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

//! `cmf metric`: list, show and keep metrics.

mod edit;
mod settings;
mod show;
mod template;
mod terms;

use std::collections::BTreeSet;

use clap::Subcommand;
use rust_decimal::Decimal;

use self::terms::{Where, directions, plain, priorities, target};
use crate::context::Context;
use crate::db::metric_entries::{Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::frequency::Limit;
use crate::domain::item::Field;
use crate::domain::metric::{Direction, Priority};
use crate::domain::score;
use crate::domain::text::{counted, folded};
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
    Lock(edit::Which),
    /// Unlock metrics
    Unlock(edit::Which),
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
    /// Only metrics of this function, such as PR
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// Only metrics of this category, such as PR.AA
    #[arg(long, value_name = "CODE")]
    category: Option<String>,
    /// Only metrics of this priority
    #[arg(long, ignore_case = true, value_parser = priorities())]
    priority: Option<Priority>,
    /// Only metrics of this direction
    #[arg(long, ignore_case = true, value_parser = directions())]
    direction: Option<Direction>,
    /// Only metrics that miss their target
    #[arg(long)]
    below_target: bool,
    /// Only metrics without a reading for one and a half of their frequency, or for this time, such as 35d
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = Limit::OWN)]
    stale: Option<Limit>,
    /// Only metrics of this owner, as the sheet names who is responsible
    #[arg(id = "responsible", long = "owner", value_name = "NAME")]
    owner: Option<String>,
    /// Only metrics that nothing ties to a framework: no confirmed mapping, or an unknown function
    #[arg(long)]
    unmapped: bool,
    /// Only metrics without a score, for want of a reading, a target or bounds
    #[arg(long)]
    unscored: bool,
    /// Only locked metrics
    #[arg(long)]
    locked: bool,
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
    for (option, code) in [("function", &args.function), ("category", &args.category)] {
        if let Some(code) = code {
            check_known(&mut tx, option, code, scope).await?;
        }
    }
    let now = db::scores::now(&mut tx).await?;
    let freshness = context.config().freshness(args.stale.and_then(Limit::age));
    let mut rows = context.output.rows(LISTING.table())?;
    let (mut total, mut count) = (0_usize, 0_usize);
    db::metric_entries::each(&mut tx, scope, None, |entry| {
        total += 1;
        let score = entry.metric.measure().score().ok();
        if passes(&args, &entry, score)
            && (args.stale.is_none() || freshness.is_stale(entry.last_reading, entry.frequency(), now))
        {
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

/// A code that neither a metric nor a framework has is a typing error, not an empty answer.
async fn check_known(tx: &mut Connection, level: &str, code: &str, scope: MetricScope) -> Result<()> {
    let mut known = BTreeSet::new();
    db::metric_entries::each(tx, scope, None, |entry| {
        known.extend(if level == "function" { Some(entry.csf_function) } else { entry.csf_category });
        Ok(())
    })
    .await?;
    let wanted = if level == "function" { 1 } else { 2 };
    for framework in db::frameworks::list(tx).await? {
        let nodes = db::frameworks::tree(tx, framework.id).await?;
        known.extend(nodes.into_iter().filter(|node| node.level == wanted).map(|node| node.code));
    }
    if known.iter().any(|other| other.eq_ignore_ascii_case(code.trim())) {
        return Ok(());
    }
    Err(lookup::code::unknown(level, code, known.iter().map(String::as_str)))
}

fn passes(args: &List, entry: &Entry, score: Option<Decimal>) -> bool {
    let metric = &entry.metric;
    let same = |wanted: &Option<String>, code: Option<&str>| {
        wanted.as_ref().is_none_or(|wanted| code.is_some_and(|code| code.eq_ignore_ascii_case(wanted.trim())))
    };
    same(&args.function, Some(&entry.csf_function))
        && same(&args.category, entry.csf_category.as_deref())
        && args.priority.is_none_or(|priority| metric.priority == priority)
        && args.direction.is_none_or(|direction| metric.direction == direction)
        && (!args.below_target || score.is_some_and(|score| score < Decimal::ONE_HUNDRED))
        && args.owner.as_ref().is_none_or(|owner| entry.spec.get(&Field::Owner).is_some_and(|one| folded(one) == folded(owner)))
        && (!args.unmapped || !entry.is_mapped)
        && (!args.unscored || score.is_none())
        && (!args.locked || metric.is_locked)
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

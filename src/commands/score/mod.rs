//! `cmf score`: compute, store and show scores.

mod compare;
mod explain;
mod owner;
mod table;
mod trend;
mod what_if;

use chrono::Duration;

use self::table::results;
use crate::commands::WithLess;
use crate::context::Context;
use crate::db;
use crate::domain::moment::Moment;
use crate::domain::score::Parameters;
use crate::domain::span;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Exit, Result, shell_word};
use crate::everywhere::{self, AllSchemas};
use crate::output::Shape;
use crate::score::{self, Definitions, Keeping, Kept, Loaded, Overall, Subject};
use crate::scoring::{By, Method, SubjectArgs, ViaArg, tell_through};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compute: Compute,
}

#[derive(Debug, Clone, clap::Args)]
#[command(add = WithLess(|_, _| "`cmf score show` shows the stored scores without this right".to_owned()))]
struct Compute {
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    /// Show the categories too
    #[arg(long)]
    categories: bool,
    /// Scores by function, or by the owner of metrics; those by owner are not stored
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// Score the state at this instant, from the readings, and store nothing; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end, conflicts_with_all = ["ttl", "force"])]
    as_of: Option<Moment>,
    /// Score the past with the definitions of that time (then) or with today's (now): targets, bounds, directions, priorities, mappings
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then, requires = "as_of")]
    definitions: Definitions,
    /// How long the score may be used again while nothing changes, such as 1h
    #[arg(long, value_name = "SPAN", value_parser = span::validity)]
    ttl: Option<Duration>,
    /// Compute again even if the stored score is still valid
    #[arg(long)]
    force: bool,
    /// Store the score even if it is the same as today's
    #[arg(long, conflicts_with_all = ["as_of", "dry_run"])]
    store: bool,
    /// Compute and show the score, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    method: Method,
    #[command(flatten)]
    tenants: AllSchemas,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    scope: SubjectArgs,
    /// Show the categories too
    #[arg(long)]
    categories: bool,
}

pub fn shape() -> Shape {
    table::shape().or(owner::shape()).or_of_schemas()
}

verbs! { |context|
    /// Show the newest stored scores
    Show(args: Show), Reads(Reader), table::shape() => show(context, args).await;
    /// Show where every point of a score comes from
    Explain(args: explain::Explain), Reads(Reader), explain::shape() => explain::run(context, args).await;
    /// Show what the scores would be with other values
    WhatIf(args: what_if::WhatIf), Reads(Reader), what_if::shape() => what_if::what_if(context, args).await;
    /// Show which metrics would raise the score most if they reached their targets
    Next(args: what_if::Next), Reads(Reader), Shape::rows(&what_if::gain()) => what_if::next(context, args).await;
    /// Compute scores of the past from the readings and store them
    Backfill(args: trend::Backfill), Changes(Importer), Shape::rows(&trend::FILLED) => trend::backfill(context, args).await;
    /// Show the stored scores over time
    Trend(args: trend::Trend), Reads(Reader), Shape::rows(&trend::POINT).within(trend::SCORES, Shape::one(&trend::trended()))
        => trend::trend(context, args).await;
    /// Show what moved a score between two instants, metric by metric
    Diff(args: trend::Diff), Reads(Reader), Shape::rows(&trend::MOVED).within(trend::METRICS, Shape::one(&trend::differed()))
        => trend::diff(context, args).await;
    /// Show catalogs side by side
    Compare(args: compare::Compare), Reads(Reader), compare::shape() => compare::compare(context, args).await;
    /// Exit with 4 if a score is under a minimum, for pipelines
    Check(args: compare::Check), Reads(Reader), Shape::rows(&compare::CHECKED) => compare::check(context, args).await;
}

/// Runs `cmf score`. Exit 2 for a catalog, user or framework that is unknown or not unique, and for parameters that make no
/// sense.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        None if args.compute.tenants.all_schemas => {
            everywhere::run(context, async |here| compute(here, args.compute.clone()).await).await
        }
        None => compute(context, args.compute).await,
        Some(command) => command.run(context).await,
    }
}

/// What is told of a score beside it.
enum Said {
    Stored,
    /// Today's row says the same.
    Same,
    /// Why nothing was stored.
    Nothing(String),
    /// The stored one is valid until then.
    Valid(String),
}

async fn compute(context: &Context, args: Compute) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    if args.by == By::Owner {
        if args.store || args.ttl.is_some() || args.categories {
            return Err(Error::usage("scores by owner have no categories and are not stored")
                .hint("leave out --categories, --store and --ttl"));
        }
        return owner::run(context, (&args.scope, &args.via), parameters, (args.as_of, args.definitions)).await;
    }
    if args.via.via.is_some() {
        return through(context, &args, parameters).await;
    }
    let mut session = context.open().await?;
    if let Some(moment) = args.as_of {
        let mut tx = session.read().await?;
        let subject = args.scope.resolve(context, &mut tx).await?;
        let now = db::scores::now(&mut tx).await?;
        let overall = {
            let instants = [score::past(moment, now)?];
            score::trend::at(&mut tx, &subject, parameters, &instants, args.definitions, &context.output).await?
        };
        tx.end().await?;
        for overall in &overall {
            context.output.results(results(overall, args.categories))?;
        }
        context.output.say("scores of the past are not stored; `cmf score backfill` stores them");
        return Ok(Exit::Success);
    }
    let (results, said, waiting, stale) = session
        .change(args.dry_run, async |tx| {
            let subject = args.scope.resolve(context, tx).await?;
            let valid = if args.force { None } else { score::still_valid(tx, &subject, &parameters).await? };
            let (overall, audit, said) = if let Some(overall) = valid {
                let until = overall.breakdown.valid_until.clone().unwrap_or_default();
                (overall, None, Said::Valid(until))
            } else {
                let keeping = Keeping { ttl: args.ttl, always: args.store, is_dry: args.dry_run };
                let (overall, kept) = score::compute(tx, &subject, parameters, keeping).await?;
                match kept {
                    Kept::Stored(audit) => (overall, Some(audit), Said::Stored),
                    Kept::Same => (overall, None, Said::Same),
                    Kept::Nothing => {
                        let why = score::nothing_scoreable(tx, &subject).await?;
                        (overall, None, Said::Nothing(why))
                    }
                }
            };
            let waiting = not_activated(tx, &subject, &overall).await?;
            let results = results(&overall, args.categories);
            context.output.check(&results)?;
            Ok(((results, said, waiting, not_fresh(&overall)), audit.filter(|_| !args.dry_run)))
        })
        .await?;
    context.output.results(results)?;
    match said {
        Said::Valid(until) => {
            let line = format!("nothing changed: the stored score is valid until {until}; --force computes it again");
            context.output.say(&line);
        }
        Said::Nothing(why) => context.output.notice(&format!("nothing stored: {why}")),
        Said::Stored if args.dry_run => context.output.say("dry run: nothing stored"),
        Said::Stored | Said::Same => {}
    }
    if let Some(stale) = stale {
        context.output.say(&stale);
    }
    if let Some(waiting) = waiting {
        context.output.notice(&waiting);
    }
    Ok(Exit::Success)
}

/// Scores a framework through a crosswalk, and stores nothing: a stored score is one of what the metrics are mapped to.
async fn through(context: &Context, args: &Compute, parameters: Parameters) -> Result<Exit> {
    if args.store || args.ttl.is_some() {
        return Err(Error::usage("a score through a crosswalk is not stored")
            .hint("leave --store and --ttl out; --as-of computes the score of a past day"));
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let definitions = args.definitions;
    let loaded = Loaded::of(&mut tx, &subject, parameters, args.as_of, definitions, &context.output).await?;
    let silent = if loaded.metrics.is_empty() { Some(score::nothing_scoreable(&mut tx, &subject).await?) } else { None };
    tx.end().await?;
    let overall = loaded.overall(&subject);
    context.output.results(results(&overall, args.categories))?;
    tell_through(context, loaded.through.as_ref(), &overall.framework);
    if let Some(stale) = not_fresh(&overall) {
        context.output.say(&stale);
    }
    if let Some(why) = silent {
        context.output.notice(&why);
    }
    Ok(Exit::Success)
}

/// What is said of metrics without a recent reading.
fn not_fresh(overall: &Overall) -> Option<String> {
    let count = overall.breakdown.certain.stale_count;
    let have = agreeing(count, "has", "have");
    let metrics = counted(count, "metric");
    (count > 0).then(|| format!("{metrics} {have} no recent reading: `cmf due` lists them"))
}

/// The most metrics of a catalog whose items are looked at, which would take longer than the score.
const LOOKED: u64 = 20_000;

/// What is said of items of an active catalog that are mapped but not metrics yet.
async fn not_activated(tx: &mut db::Connection, subject: &Subject, overall: &Overall) -> Result<Option<String>> {
    let Some(catalog) = subject.catalog.as_ref().filter(|catalog| catalog.is_active) else { return Ok(None) };
    if overall.breakdown.metric_count + overall.breakdown.unscoreable_count > LOOKED {
        return Ok(None);
    }
    let count = db::catalogs::undecided(tx, catalog.id).await?.not_activated;
    let items = counted(count, "item");
    Ok((count > 0).then(|| {
        let (is, activate) =
            (agreeing(count, "is mapped but not a metric", "are mapped but not metrics"), shell_word(&catalog.name));
        format!("note: {items} {is} yet, and not scored: `cmf catalog activate {activate}` makes them metrics")
    }))
}

async fn show(context: &Context, args: Show) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let stored = db::scores::newest(&mut tx, subject.framework.id, subject.catalog_id()).await?;
    tx.end().await?;
    let stored = stored.ok_or_else(|| {
        let framework = subject.framework.short_name();
        Error::failed(format!("no score of {} for {framework} is stored", subject.name())).hint("compute one with `cmf score`")
    })?;
    context.output.results(results(&Overall::stored(&subject, stored)?, args.categories))?;
    Ok(Exit::Success)
}

//! `cmf score`: compute, store and show scores.

mod breakdown;
mod compare;
mod explain;
mod load;
mod scope;
mod time;
mod trend;
mod what_if;

pub(crate) use self::breakdown::Overall;
pub(crate) use self::explain::missing;
pub(crate) use self::load::{Loaded, Metric};
pub(crate) use self::scope::{Method, Scope, Subject};
pub(crate) use self::what_if::ranked;

use chrono::{Duration, NaiveDateTime};
use clap::Subcommand;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use self::breakdown::{Breakdown, NAMED};
use self::time::Instant;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::scores::{Code, Key, NewFunctionScore, Placed};
use crate::db::{self, Connection};
use crate::domain::reading::{Zone, parse_instant};
use crate::domain::score::{Gap, Measure, Parameters, Place, Scores, Tally};
use crate::domain::span;
use crate::error::{Error, Exit, Result};
use crate::output::{number_json, time_text};

/// Arguments of `cmf score`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    compute: Compute,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the newest stored scores
    Show(Show),
    /// Show where every point of a score comes from
    Explain(explain::Explain),
    /// Show what the scores would be with other values
    WhatIf(what_if::WhatIf),
    /// Show which metrics, brought to target, raise the score most
    Next(what_if::Next),
    /// Compute the scores of past instants from the readings and store them
    Backfill(trend::Backfill),
    /// Show the stored scores over time
    Trend(trend::Trend),
    /// Show what moved a score between two instants, metric by metric
    Diff(trend::Diff),
    /// Show catalogs side by side
    Compare(compare::Compare),
    /// Exit with 4 when a score is under a minimum, for pipelines
    Check(compare::Check),
}

#[derive(Debug, clap::Args)]
struct Compute {
    #[command(flatten)]
    scope: Scope,
    /// Show the categories too
    #[arg(long)]
    categories: bool,
    /// Score the state at this instant, from the readings, and store nothing; a day stands for its end
    #[arg(long, value_name = "DATE", conflicts_with_all = ["ttl", "force"])]
    as_of: Option<Instant>,
    /// How long the score may be used again while nothing changes, such as 1h
    #[arg(long, value_name = "SPAN", value_parser = span::validity)]
    ttl: Option<Duration>,
    /// Compute anew although the stored score is still valid
    #[arg(long)]
    force: bool,
    /// Compute and show, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    method: Method,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    scope: Scope,
    /// Show the categories too
    #[arg(long)]
    categories: bool,
}

/// Runs `cmf score`.
///
/// # Errors
/// Exit 2 for a catalog, user or framework that is unknown or not unique, and for parameters that make no sense.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        None => compute(context, args.compute).await,
        Some(Command::Show(args)) => show(context, args).await,
        Some(Command::Explain(args)) => explain::run(context, args).await,
        Some(Command::WhatIf(args)) => what_if::what_if(context, args).await,
        Some(Command::Next(args)) => what_if::next(context, args).await,
        Some(Command::Backfill(args)) => trend::backfill(context, args).await,
        Some(Command::Trend(args)) => trend::trend(context, args).await,
        Some(Command::Diff(args)) => trend::diff(context, args).await,
        Some(Command::Compare(args)) => compare::compare(context, args).await,
        Some(Command::Check(args)) => compare::check(context, args).await,
    }
}

async fn compute(context: &Context, args: Compute) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let mut session = context.open().await?;
    if let Some(instant) = args.as_of {
        let mut tx = session.read().await?;
        let subject = args.scope.resolve(context, &mut tx).await?;
        let now = db::scores::now(&mut tx).await?;
        let overall = trend::at(&mut tx, &subject, parameters, &[instant.resolve(now)?]).await?;
        tx.end().await?;
        for overall in &overall {
            context.output.results(overall.results(args.categories)?)?;
        }
        context.output.say("scores of the past are not stored; `cmf score backfill` fills the history");
        return Ok(Exit::Success);
    }
    let mut tx = session.write_unless(args.dry_run).await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let now = db::scores::now(&mut tx).await?;
    if !args.force
        && let Some(overall) = still_valid(&mut tx, &subject, parameters, now).await?
    {
        tx.unchanged().await?;
        context.output.results(overall.results(args.categories)?)?;
        let until = overall.breakdown.valid_until.unwrap_or_default();
        context.output.say(&format!("nothing changed: the stored score is valid until {until}; --force computes it anew"));
        return Ok(Exit::Success);
    }
    let mut overall = score(&mut tx, &subject, parameters).await?;
    let valid_until = args.ttl.and_then(|ttl| now.checked_add_signed(ttl));
    if let Some(until) = valid_until {
        overall.breakdown.valid_until = Some(time_text(until));
        overall.breakdown.fingerprint =
            Some(db::scores::fingerprint(&mut tx, subject.catalog_id(), subject.framework.id).await?);
    }
    let stored = store(&mut tx, &subject, &overall, valid_until).await?;
    let why = if stored.is_some() { None } else { Some(nothing_scoreable(&mut tx, &subject).await?) };
    let results = overall.results(args.categories)?;
    context.output.check(&results)?;
    tx.settle(stored).await?;
    context.output.results(results)?;
    if let Some(why) = why {
        context.output.notice(&format!("nothing stored: {why}"));
    } else if args.dry_run {
        context.output.say("dry run, nothing stored");
    }
    Ok(Exit::Success)
}

/// The newest stored score, if it may be used again: it is still valid, was made by the same parameters, and nothing that it
/// was made from has changed.
async fn still_valid(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    now: NaiveDateTime,
) -> Result<Option<Overall>> {
    let Some(stored) = db::scores::newest(tx, subject.framework.id, subject.catalog_id()).await? else { return Ok(None) };
    // What another program stored is never used again, and no reason to fail.
    let Ok(overall) = Overall::stored(subject, stored) else { return Ok(None) };
    let breakdown = &overall.breakdown;
    let (Some(until), Some(fingerprint)) = (&breakdown.valid_until, &breakdown.fingerprint) else { return Ok(None) };
    let valid = parse_instant(until, Zone::Utc).is_ok_and(|until| until > now);
    if !valid || !breakdown.made_by(&parameters) {
        return Ok(None);
    }
    let same = db::scores::fingerprint(tx, subject.catalog_id(), subject.framework.id).await? == *fingerprint;
    Ok(same.then_some(overall))
}

/// Why there is no score, and what to do.
async fn nothing_scoreable(tx: &mut Connection, subject: &Subject) -> Result<String> {
    let what = format!("nothing of {} can be scored against {}", subject.name(), subject.framework.short_name());
    let Some(catalog_id) = subject.catalog_id() else { return Ok(what) };
    let sizes = db::catalogs::sizes(tx, &[catalog_id]).await?.remove(&catalog_id).unwrap_or_default();
    Ok(if sizes.metrics == 0 {
        format!("{what}; it has no metrics yet: `cmf catalog activate` makes them of its mapped items")
    } else if sizes.mapped_items == 0 {
        format!("{what}; none of its items has a confirmed mapping")
    } else {
        what
    })
}

async fn show(context: &Context, args: Show) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let stored = db::scores::newest(&mut tx, subject.framework.id, subject.catalog_id()).await?;
    tx.end().await?;
    let stored = stored.ok_or_else(|| {
        let framework = subject.framework.short_name();
        Error::failed(format!("no score of {} against {framework} is stored", subject.name()))
            .hint("compute one with `cmf score`")
    })?;
    context.output.results(Overall::stored(&subject, stored)?.results(args.categories)?)?;
    Ok(Exit::Success)
}

/// Scores the metrics as they are now.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn score(tx: &mut Connection, subject: &Subject, parameters: Parameters) -> Result<Overall> {
    let calculated_at = db::scores::now(tx).await?;
    let outline = db::scores::outline(tx, subject.framework.id).await?;
    let mut fold = Fold::new(Tally::new(&outline, parameters));
    match subject.catalog_id() {
        Some(id) => db::scores::each_of_catalog(tx, id, subject.framework.id, |placed| fold.take(&placed)).await?,
        None => db::scores::each_of_library(tx, subject.framework.id, |placed| fold.take(&placed)).await?,
    }
    let (scores, gaps) = fold.finish();
    let unscoreable = named(tx, &gaps).await?;
    let breakdown = Breakdown::new(&scores, &parameters, unscoreable);
    Ok(Overall::new(subject, &scores, calculated_at, breakdown))
}

/// The names of metrics with what they lack.
async fn named(tx: &mut Connection, gaps: &[(Uuid, Gap)]) -> Result<Vec<(db::scores::Called, Gap)>> {
    if gaps.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = gaps.iter().map(|(id, _)| *id).collect();
    let names = db::scores::names(tx, &ids).await?;
    let gap = |id: Uuid| gaps.iter().find(|(known, _)| *known == id).map(|(_, gap)| *gap);
    Ok(names.into_iter().filter_map(|name| Some((name.clone(), gap(name.id)?))).collect())
}

/// Stores a computed score: a row for each function with a score, and one for the whole. Nothing is stored when there is no score.
/// Returns what the trail keeps of it.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn store(
    tx: &mut Connection,
    subject: &Subject,
    overall: &Overall,
    valid_until: Option<NaiveDateTime>,
) -> Result<Option<Audit<'static>>> {
    let (Some(score), Some(rating)) = (overall.score, &overall.rating) else { return Ok(None) };
    let key =
        Key { framework_id: subject.framework.id, catalog_id: subject.catalog_id(), calculated_at: overall.calculated_at };
    insert(tx, key, valid_until, score, rating, &overall.breakdown).await?;
    let result = json!({
        "framework": overall.framework, "catalog_id": overall.catalog_id, "overall_score": number_json(score),
        "metric_count": overall.breakdown.metric_count, "unscoreable_count": overall.breakdown.unscoreable_count,
    });
    Ok(Some(Audit::of("score.compute", result).by(subject.owner_id())))
}

pub(crate) async fn insert(
    tx: &mut Connection,
    key: Key,
    valid_until: Option<NaiveDateTime>,
    score: Decimal,
    rating: &str,
    breakdown: &Breakdown,
) -> Result<()> {
    let functions: Vec<NewFunctionScore> = breakdown
        .functions
        .iter()
        .filter_map(|function| {
            Some(NewFunctionScore {
                function_code: function.function_code.clone(),
                score: function.score?,
                rating: function.rating.clone()?,
                metric_count: i32::try_from(function.metric_count).unwrap_or(i32::MAX),
            })
        })
        .collect();
    db::scores::insert_function_scores(tx, key, valid_until, &functions).await?;
    let breakdown =
        serde_json::to_value(breakdown).map_err(|error| Error::failed(format!("cannot write the score as JSON: {error}")))?;
    db::scores::insert_framework_score(tx, key, score, rating, &breakdown).await
}

/// Gathers the rows of a metric, which follow one another, and counts it once.
struct Fold {
    tally: Tally,
    metric: Option<(Uuid, Measure)>,
    places: Vec<Place>,
    gaps: Vec<(Uuid, Gap)>,
}

impl Fold {
    fn new(tally: Tally) -> Self {
        Fold { tally, metric: None, places: Vec::new(), gaps: Vec::new() }
    }

    fn take(&mut self, placed: &Placed) {
        if self.metric.is_none_or(|(id, _)| id != placed.metric_id) {
            self.count();
            self.metric = Some((placed.metric_id, placed.measure));
        }
        self.places.extend(self.tally.place(placed.function_code.as_str(), placed.category_code.as_ref().map(Code::as_str)));
    }

    fn count(&mut self) {
        if let Some((id, measure)) = self.metric.take()
            && !self.places.is_empty()
        {
            Tally::settle(&mut self.places);
            if let Err(gap) = self.tally.add(&measure, &self.places)
                && self.gaps.len() < NAMED
            {
                self.gaps.push((id, gap));
            }
        }
        self.places.clear();
    }

    fn finish(mut self) -> (Scores, Vec<(Uuid, Gap)>) {
        self.count();
        (self.tally.scores(), self.gaps)
    }
}

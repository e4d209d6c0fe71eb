//! `cmf score backfill`, `cmf score trend` and `cmf score diff`: scores over time.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::table::{from_to, signed};
use crate::context::Context;
use crate::db::scores::Point;
use crate::domain::moment::{Moment, to_the_minute};
use crate::domain::score::{Certainty, Rating, shown};
use crate::domain::signal::Finding;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Columns, Format, Results, Shape, columns};
use crate::report::lines::{plot, sparkline};
use crate::score::diff::{Cause, Comparison, Diff as Differed, Moved};
use crate::score::trend::{Filled, Span, Trend as Trended, backfill as backfilled, direction, is_marked, mark};
use crate::score::{self, Definitions, Every, Overall, Subject};
use crate::scoring::{Method, SubjectArgs, Weighing};

#[derive(Debug, clap::Args)]
pub(crate) struct Backfill {
    /// The first instant; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Moment,
    /// The last instant
    #[arg(long, value_name = "DATE", default_value = "now", value_parser = Moment::day_end)]
    to: Moment,
    /// The distance: day, week, month, quarter, year, 10d, 2w
    #[arg(long, value_name = "SPAN", default_value = "week")]
    every: Every,
    /// Compute scores again that an earlier backfill stored for the same times
    #[arg(long)]
    force: bool,
    /// Score the past with the definitions of that time (then) or with today's (now): targets, bounds, directions, priorities, mappings
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then)]
    definitions: Definitions,
    /// Compute and show the score, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    method: Method,
}

pub(super) const FILLED: Columns<Overall> = columns! { |overall|
    calculated_at, score = overall.score, risk: for_people = overall.rating, rating: for_programs = overall.rating,
    metric_count = overall.breakdown.metric_count, unscoreable_count = overall.breakdown.unscoreable_count,
    fresh: for_people = overall.breakdown.certain.fresh(), range: for_people = overall.breakdown.certain.range(),
    stale_count: for_programs = overall.breakdown.certain.stale_count,
    fresh_share: for_programs = overall.breakdown.certain.fresh_share,
    score_low: for_programs = overall.breakdown.certain.score_low, score_high: for_programs = overall.breakdown.certain.score_high
};

/// Runs `cmf score backfill`. Exit 2 for instants out of order or in the future.
pub(crate) async fn backfill(context: &Context, args: Backfill) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let mut session = context.open().await?;
    let Backfill { from, to, every, force, .. } = args;
    let (filled, table) = session
        .change(args.dry_run, async |tx| {
            let subject = args.scope.resolve(context, tx).await?;
            let span = Span { from, to, every, force, definitions: args.definitions };
            let mut filled = backfilled(tx, &subject, parameters, span, &context.output).await?;
            let table = FILLED.table_of(&filled.computed);
            context.output.check(&table)?;
            let audit = filled.audit.take();
            Ok(((filled, table), audit))
        })
        .await?;
    context.output.results(table)?;
    let Filled { computed, stored, replaced, there, .. } = filled;
    let silent = computed.len() as u64 - stored;
    let mut parts = vec![format!("{} stored", counted(stored, "score"))];
    parts.extend((there > 0).then(|| format!("{there} stored already")));
    parts.extend((replaced > 0).then(|| format!("{replaced} replaced")));
    parts.extend((silent > 0).then(|| format!("{} with nothing to score", counted(silent, "instant"))));
    let dry = if args.dry_run { "dry run: nothing stored: " } else { "" };
    context.output.say(&format!("{dry}{}", parts.join(", ")));
    Ok(Exit::Success)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Trend {
    /// The scores of this function instead of the overall score
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// From this instant on; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Option<Moment>,
    /// Up to this instant
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    to: Option<Moment>,
    /// The scores as they were stored, or what they would be with today's definitions and method (now)
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then)]
    definitions: Definitions,
    #[command(flatten)]
    scope: SubjectArgs,
}

/// What the scores are called in JSON.
pub(super) const SCORES: &str = "scores";
const DIRECTIONS: [&str; 3] = ["up", "down", "level"];
/// A score, and how far it is from the one before.
pub(super) const POINT: Columns<(Point, Option<Decimal>)> = columns! { |(point, change)|
    calculated_at = point.calculated_at, score = point.score, risk: for_people = &point.rating,
    rating: of(Shape::of::<Rating>) for_programs = &point.rating, change,
    fresh: for_people = point.certainty.map(|certainty| certainty.fresh()), range: for_people = point.certainty.map(|certainty| certainty.range()),
    fresh_share: for_programs = point.certainty.map(|certainty| certainty.share),
    score_low: for_programs = point.certainty.map(|certainty| certainty.low),
    score_high: for_programs = point.certainty.map(|certainty| certainty.high), direction: one_of(&DIRECTIONS) = change.map(direction), mark: for_people = mark(*change),
    marked: for_programs = change.is_some_and(is_marked)
};
pub(super) fn trended<'a>() -> Columns<(&'a Subject, &'a Trended)> {
    columns! { |(subject, trend)|
        framework = subject.framework.short_name(), catalog = subject.catalog.as_ref().map(|catalog| &catalog.name),
        function_code = &trend.function, first = trend.first, last = trend.last, change = trend.last - trend.first,
        direction: one_of(&DIRECTIONS) = direction(trend.last - trend.first)
    }
}

/// Runs `cmf score trend`. Exit 1 when no scores are stored, exit 2 for a function the framework does not have.
pub(crate) async fn trend(context: &Context, args: Trend) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let today = match args.definitions {
        Definitions::Then => None,
        Definitions::Now => Some(Method::default().parameters(context)?),
    };
    let (function, span) = (args.function.as_deref(), (args.from, args.to));
    let trend = score::trend::trend(&mut tx, &subject, function, span, today, &context.output).await?;
    tx.end().await?;
    let Trended { function, points, first, last } = &trend;
    let what = function.clone().unwrap_or_else(|| subject.framework.short_name());
    let total = last - first;
    let values: Vec<Decimal> = points.iter().map(|point| point.score).collect();
    let changes = points.windows(2).map(|pair| pair[1].score - pair[0].score).map(Some);
    let table = POINT.table_of(points.iter().cloned().zip([None].into_iter().chain(changes))).title(format!(
        "{}, {what}: {first} → {last}, {} {}  {}",
        subject.name(),
        signed(total),
        direction(total),
        sparkline(&values)
    ));
    let json = trended().document(&(&subject, &trend), SCORES, &table);
    context.output.results(Results::new(vec![table], json))?;
    if context.output.format() == Format::Table && points.len() > 1 {
        let series: Vec<(NaiveDateTime, Decimal)> = points.iter().map(|point| (point.calculated_at, point.score)).collect();
        let width = usize::from(context.output.width().unwrap_or(80)).clamp(30, 120);
        context.output.drawing(&format!("\n{}", plot(&series, width - 10)))?;
    }
    Ok(Exit::Success)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The state before; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Moment,
    /// The state after
    #[arg(long, value_name = "DATE", default_value = "now", value_parser = Moment::day_end)]
    to: Moment,
    /// What moved this function or category instead of the overall score
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// Score the past with the definitions of that time (then) or with today's (now): targets, bounds, directions, priorities, mappings
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then)]
    definitions: Definitions,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    weighing: Weighing,
}

/// What the metrics are called in JSON.
pub(super) const METRICS: &str = "metrics";
/// A metric by what it is called, its number and its name; its points; its reading in words, its values and its scores.
type Line =
    (String, Option<String>, String, Decimal, String, [Option<Decimal>; 2], [Option<Decimal>; 2], String, Option<Finding>);
pub(super) const MOVED: Columns<Line> = columns! {
    |(metric, metric_number, name, points, reading, [value_from, value_to], [score_from, score_to], causes, signal)|
    metric: for_people, metric_number: for_programs, name: for_programs, points, reading: for_people,
    value_from: for_programs, value_to: for_programs, score: for_people = from_to(*score_from, *score_to),
    score_from: for_programs, score_to: for_programs, causes, signal
};
/// Why a score moved, and by how much.
const PART: Columns<(Cause, Decimal)> = columns! { |(cause, points)| cause: one_of(&CAUSES) = cause.as_str(), points };
const CAUSES: [&str; 6] = ["method", "added", "mapping", "target", "reading", "gone"];
fn share(fresh: Option<Certainty>) -> Option<Decimal> {
    fresh.map(|certainty| shown(certainty.share))
}
fn low(fresh: Option<Certainty>) -> Option<Decimal> {
    fresh.map(|certainty| shown(certainty.low))
}
fn high(fresh: Option<Certainty>) -> Option<Decimal> {
    fresh.map(|certainty| shown(certainty.high))
}
pub(super) fn differed<'a>() -> Columns<(&'a Subject, &'a Differed)> {
    columns! { |(subject, diff)|
        framework = subject.framework.short_name(), catalog = subject.catalog.as_ref().map(|catalog| &catalog.name),
        function_code = &diff.function_code, category_code = &diff.category_code, from = diff.from, to = diff.to,
        score_from = diff.old, score_to = diff.new, points = diff.new - diff.old,
        fresh_share_from = share(diff.fresh[0]), score_low_from = low(diff.fresh[0]), score_high_from = high(diff.fresh[0]),
        fresh_share_to = share(diff.fresh[1]), score_low_to = low(diff.fresh[1]), score_high_to = high(diff.fresh[1]),
        parts: of(|| Shape::rows(&PART)) = PART.table_of(diff.parts).to_json()
    }
}

fn line(Moved { metric, points, before, after, causes, signal }: &Moved) -> Line {
    let values = [before, after].map(|measure| measure.current.map(|value| value.normalize()));
    let scores = [before, after].map(|measure| measure.score().ok().map(shown));
    let reading = from_to(values[0], values[1]);
    let causes = causes.iter().map(|cause| cause.as_str()).collect::<Vec<_>>().join(", ");
    (metric.called(), metric.metric_number.clone(), metric.name.clone(), *points, reading, values, scores, causes, *signal)
}

/// What is said beside a score that is not all fresh.
fn how_fresh(fresh: Option<Certainty>) -> String {
    let stale = fresh.filter(|certainty| certainty.low < certainty.high);
    stale.map(|certainty| format!(" ({} fresh: {})", certainty.fresh(), certainty.range())).unwrap_or_default()
}

/// Runs `cmf score diff`. Exit 1 when nothing can be scored at one of the instants, exit 2 for instants out of order or in the
/// future.
pub(crate) async fn diff(context: &Context, args: Diff) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let is_said = args.weighing.is_said();
    let Diff { from, to, function, definitions, .. } = &args;
    let how = Comparison {
        from: *from,
        to: *to,
        options: ["--from", "--to"],
        code: function.as_deref(),
        definitions: *definitions,
        is_said,
    };
    let diff = score::diff::diff(&mut tx, &subject, parameters, how, &context.output).await?;
    tx.end().await?;
    let Differed { function_code, category_code, from, to, old, new, fresh, parts, moved, .. } = &diff;
    let (old, new, what) = (*old, *new, category_code.as_ref().or(function_code.as_ref()).map_or("overall", String::as_str));
    let mut table = MOVED.table_of(moved.iter().map(line)).title(format!(
        "{}, {} {what}: {old} at {}{} → {new} at {}{}, {}",
        subject.name(),
        subject.framework.short_name(),
        to_the_minute(*from),
        how_fresh(fresh[0]),
        to_the_minute(*to),
        how_fresh(fresh[1]),
        signed(new - old)
    ));
    let json = differed().document(&(&subject, &diff), METRICS, &table);
    let line = |name: &str, points: Decimal, scores: [Option<Decimal>; 2], causes: &str| {
        let name = name.to_owned();
        MOVED.row(&(name.clone(), None, name, points, String::new(), [None; 2], scores, causes.to_owned(), None))
    };
    let method = parts[0].1;
    if !method.is_zero() {
        table.push(line("Weights and rollup", method, [None; 2], Cause::Method.as_str()));
    }
    table.push(line("Total", new - old, [Some(old), Some(new)], ""));
    let mut tables = vec![table];
    if parts.iter().any(|(cause, points)| *cause != Cause::Reading && !points.is_zero()) {
        tables.push(PART.table_of(parts.iter().copied().filter(|(_, points)| !points.is_zero())).title("By cause"));
    }
    context.output.results(Results::new(tables, json))?;
    Ok(Exit::Success)
}

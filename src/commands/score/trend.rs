//! `cmf score backfill`, `cmf score trend` and `cmf score diff`: scores over time.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::json;

use super::table::{from_to, signed};
use crate::context::Context;
use crate::domain::moment::{self, Moment, to_the_minute};
use crate::domain::number::json as number_json;
use crate::domain::score::Rating;
use crate::domain::score::shown;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Cell, Format, Results, Table};
use crate::report::lines::{plot, sparkline};
use crate::score::diff::{Diff as Differed, Moved};
use crate::score::trend::{Filled, Span, Trend as Trended, backfill as backfilled, direction, is_marked, mark};
use crate::score::{self, Every};
use crate::scoring::{Method, SubjectArgs, Weighing};

#[derive(Debug, clap::Args)]
pub(crate) struct Backfill {
    /// The first instant; a day stands for its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Moment,
    /// The last instant
    #[arg(long, value_name = "DATE", default_value = "now", value_parser = Moment::day_end)]
    to: Moment,
    /// The distance: day, week, month, quarter, year, 10d, 2w
    #[arg(long, value_name = "SPAN", default_value = "week")]
    every: Every,
    /// Compute scores anew that an earlier backfill stored at the same instants
    #[arg(long)]
    force: bool,
    /// Compute and show, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    method: Method,
}

/// Runs `cmf score backfill`.
///
/// # Errors
/// Exit 2 for instants out of order or in the future.
pub(crate) async fn backfill(context: &Context, args: Backfill) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let Backfill { from, to, every, force, .. } = args;
    let filled = backfilled(&mut tx, &subject, parameters, Span { from, to, every, force }).await?;
    let mut table = Table::new(["calculated_at", "score", "rating", "metric_count", "unscoreable_count"]);
    for overall in &filled.computed {
        let figures = overall.figures();
        table.row([
            overall.calculated_at.into(),
            figures.score.into(),
            figures.rating.map(Rating::as_str).into(),
            figures.metric_count.into(),
            figures.unscoreable_count.into(),
        ]);
    }
    context.output.check(&table)?;
    tx.settle(filled.audit).await?;
    context.output.results(table)?;
    let Filled { computed, stored, replaced, there, .. } = filled;
    let silent = computed.len() as u64 - stored;
    let mut parts = vec![format!("{} stored", counted(stored, "score"))];
    parts.extend((there > 0).then(|| format!("{there} there already")));
    parts.extend((replaced > 0).then(|| format!("{replaced} replaced")));
    parts.extend((silent > 0).then(|| format!("{} with nothing to score", counted(silent, "instant"))));
    let dry = if args.dry_run { "dry run, nothing stored: " } else { "" };
    context.output.say(&format!("{dry}{}", parts.join(", ")));
    Ok(Exit::Success)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Trend {
    /// The scores of this function instead of the whole
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// From this instant on; a day stands for its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Option<Moment>,
    /// Up to this instant
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    to: Option<Moment>,
    #[command(flatten)]
    scope: SubjectArgs,
}

/// Runs `cmf score trend`.
///
/// # Errors
/// Exit 1 when no scores are stored, exit 2 for a function the framework does not have.
pub(crate) async fn trend(context: &Context, args: Trend) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let trend = score::trend::trend(&mut tx, &subject, args.function.as_deref(), (args.from, args.to)).await?;
    tx.end().await?;
    let Trended { function, points, first, last } = trend;
    let what = function.clone().unwrap_or_else(|| subject.framework.short_name());
    let total = last - first;
    let values: Vec<Decimal> = points.iter().map(|point| point.score).collect();
    let mut table = Table::new(["calculated_at", "score", "rating", "change", "direction", "mark", "marked"])
        .title(format!(
            "{}, {what}: {} → {}, {} {}  {}",
            subject.name(),
            first,
            last,
            signed(total),
            direction(total),
            sparkline(&values)
        ))
        .only_for_people(&["mark"])
        .only_for_programs(&["marked"]);
    let mut before: Option<Decimal> = None;
    for point in &points {
        let change = before.map(|before| point.score - before);
        let marked = change.is_some_and(is_marked);
        table.row([
            point.calculated_at.into(),
            point.score.into(),
            point.rating.as_str().into(),
            change.into(),
            change.map(direction).into(),
            mark(change).into(),
            marked.into(),
        ]);
        before = Some(point.score);
    }
    let json = json!({
        "framework": subject.framework.short_name(), "catalog": subject.catalog.as_ref().map(|catalog| &catalog.name),
        "function_code": function, "first": number_json(first), "last": number_json(last),
        "change": number_json(total), "direction": direction(total), "scores": table.to_json(),
    });
    context.output.results(Results::new(vec![table], json))?;
    if context.output.format() == Format::Table && points.len() > 1 {
        let series: Vec<(NaiveDateTime, Decimal)> = points.iter().map(|point| (point.calculated_at, point.score)).collect();
        let width = usize::from(context.output.width().unwrap_or(80)).clamp(30, 120);
        context.output.text(&format!("\n{}", plot(&series, width - 10)))?;
    }
    Ok(Exit::Success)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The state before; a day stands for its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    from: Moment,
    /// The state after
    #[arg(long, value_name = "DATE", default_value = "now", value_parser = Moment::day_end)]
    to: Moment,
    /// What moved this function or category instead of the whole
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    weighing: Weighing,
}

/// Runs `cmf score diff`.
///
/// # Errors
/// Exit 1 when nothing can be scored at one of the instants, exit 2 for instants out of order or in the future.
pub(crate) async fn diff(context: &Context, args: Diff) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let diff = score::diff::diff(&mut tx, &subject, parameters, (args.from, args.to), args.function.as_deref()).await?;
    tx.end().await?;
    let Differed { function_code, category_code, from, to, old, new, moved } = diff;
    let (total, what) = (new - old, category_code.as_ref().or(function_code.as_ref()).map_or("overall", String::as_str));
    let columns =
        ["metric", "metric_number", "name", "points", "reading", "value_from", "value_to", "score", "score_from", "score_to"];
    let mut table = Table::new(columns)
        .title(format!(
            "{}, {} {what}: {} at {} → {} at {}, {}",
            subject.name(),
            subject.framework.short_name(),
            old,
            to_the_minute(from),
            new,
            to_the_minute(to),
            signed(total)
        ))
        .only_for_people(&["metric", "reading", "score"])
        .only_for_programs(&["metric_number", "name", "value_from", "value_to", "score_from", "score_to"]);
    for Moved { metric, points, before, after } in moved {
        let plain = |value: Option<Decimal>| value.map(|value| value.normalize());
        let (score_from, score_to) = (before.score().ok().map(shown), after.score().ok().map(shown));
        table.row([
            metric.called().into(),
            metric.metric_number.into(),
            metric.name.into(),
            points.into(),
            from_to(plain(before.current), plain(after.current)).into(),
            plain(before.current).into(),
            plain(after.current).into(),
            from_to(score_from, score_to).into(),
            score_from.into(),
            score_to.into(),
        ]);
    }
    let moved = table.to_json();
    table.row([
        "Total".into(),
        Cell::Null,
        "Total".into(),
        total.into(),
        "".into(),
        Cell::Null,
        Cell::Null,
        from_to(Some(old), Some(new)).into(),
        old.into(),
        new.into(),
    ]);
    let json = json!({
        "framework": subject.framework.short_name(), "catalog": subject.catalog.as_ref().map(|catalog| &catalog.name),
        "function_code": function_code, "category_code": category_code, "from": moment::text(from), "to": moment::text(to), "score_from": number_json(old),
        "score_to": number_json(new), "points": number_json(total), "metrics": moved,
    });
    context.output.results(Results::new(vec![table], json))?;
    Ok(Exit::Success)
}

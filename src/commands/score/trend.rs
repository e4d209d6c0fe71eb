//! Scores over time: `--as-of`, `cmf score backfill`, `cmf score trend` and `cmf score diff`.

use std::cmp::Ordering;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use super::breakdown::{Breakdown, NAMED, Overall};
use super::load::{Loaded, places};
use super::scope::{Method, Scope, Subject, Weighing};
use super::time::{Every, Instant, to_the_minute};
use super::what_if::{from_to, signed};
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::scores::Key;
use crate::db::{self, Connection};
use crate::domain::score::{Level, Parameters, Step, Tally, apportion, effects, shown};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::output::{Cell, Format, Results, Table, number_json, time_text};

/// A change of more than this many points is marked.
const MARKED: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// The scores at several instants, from one pass over the metrics.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn at(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    instants: &[NaiveDateTime],
) -> Result<Vec<Overall>> {
    let outline = db::scores::outline(tx, subject.framework.id).await?;
    let empty = Tally::new(&outline, parameters);
    // Categories that the framework does not have are groups made on the way, so one tally tells the places for all.
    let mut tallies = vec![empty; instants.len()];
    // Those without a score are named where one instant is asked for; a history only counts them.
    let mut gaps = Vec::new();
    db::scores::each_at(tx, subject.catalog_id(), subject.framework.id, instants, |timed| {
        for (tally, value) in tallies.iter_mut().zip(&timed.values) {
            let places = places(tally, &timed.functions, &timed.categories);
            let outcome = tally.add(&timed.measure.with_current(*value), &places);
            if let (Err(gap), [_]) = (outcome, instants)
                && !places.is_empty()
                && gaps.len() < NAMED
            {
                gaps.push((timed.id, gap));
            }
        }
    })
    .await?;
    let unscoreable = super::named(tx, &gaps).await?;
    let overall = |(tally, at): (&Tally, &NaiveDateTime)| {
        let scores = tally.scores();
        let mut breakdown = Breakdown::new(&scores, &parameters, unscoreable.clone());
        breakdown.as_of = Some(time_text(*at));
        Overall::new(subject, &scores, *at, breakdown)
    };
    Ok(tallies.iter().zip(instants).map(overall).collect())
}

#[derive(Debug, clap::Args)]
pub(crate) struct Backfill {
    /// The first instant; a day stands for its end
    #[arg(long, value_name = "DATE")]
    from: Instant,
    /// The last instant
    #[arg(long, value_name = "DATE", default_value = "now")]
    to: Instant,
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
    scope: Scope,
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
    let now = db::scores::now(&mut tx).await?;
    let instants = args.every.instants(args.from.resolve(now)?, args.to.resolve(now)?)?;
    let replaced = if args.force {
        db::scores::delete_backfilled(&mut tx, subject.framework.id, subject.catalog_id(), &instants).await?
    } else {
        0
    };
    let there = db::scores::stored_instants(&mut tx, subject.framework.id, subject.catalog_id(), &instants).await?;
    let missing: Vec<NaiveDateTime> = instants.iter().copied().filter(|instant| !there.contains(instant)).collect();
    let computed = at(&mut tx, &subject, parameters, &missing).await?;
    let mut table = Table::new(["calculated_at", "score", "rating", "metric_count", "unscoreable_count"]);
    let mut stored = 0_u64;
    for overall in &computed {
        if let (Some(score), Some(rating)) = (overall.score, &overall.rating) {
            let key = Key {
                framework_id: subject.framework.id,
                catalog_id: subject.catalog_id(),
                calculated_at: overall.calculated_at,
            };
            super::insert(&mut tx, key, None, score, rating, &overall.breakdown).await?;
            stored += 1;
        }
        table.row([
            overall.calculated_at.into(),
            overall.score.into(),
            overall.rating.clone().into(),
            overall.breakdown.metric_count.into(),
            overall.breakdown.unscoreable_count.into(),
        ]);
    }
    context.output.check(&table)?;
    let result = json!({
        "framework": subject.framework.short_name(), "catalog_id": subject.catalog_id(), "every": args.every.to_string(),
        "from": instants.first().copied().map(time_text), "to": instants.last().copied().map(time_text),
        "stored": stored, "replaced": replaced,
    });
    let audit = Audit::of("score.backfill", result).by(subject.owner_id());
    tx.settle((stored + replaced > 0).then_some(audit)).await?;
    context.output.results(table)?;
    let silent = computed.len() as u64 - stored;
    let mut parts = vec![format!("{} stored", counted(stored, "score"))];
    parts.extend((!there.is_empty()).then(|| format!("{} there already", there.len())));
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
    #[arg(long, value_name = "DATE")]
    from: Option<Instant>,
    /// Up to this instant
    #[arg(long, value_name = "DATE")]
    to: Option<Instant>,
    #[command(flatten)]
    scope: Scope,
}

/// Runs `cmf score trend`.
///
/// # Errors
/// Exit 1 when no scores are stored, exit 2 for a function the framework does not have.
pub(crate) async fn trend(context: &Context, args: Trend) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let now = db::scores::now(&mut tx).await?;
    let function = match &args.function {
        None => None,
        Some(code) => {
            let outline = db::scores::outline(&mut tx, subject.framework.id).await?;
            let known =
                outline.iter().find(|function| function.code.eq_ignore_ascii_case(code)).map(|known| known.code.clone());
            Some(known.ok_or_else(|| {
                let codes: Vec<String> = outline.into_iter().map(|function| function.code).collect();
                Error::usage(format!("the framework has no function `{code}`"))
                    .hint(format!("functions are: {}", codes.join(", ")))
            })?)
        }
    };
    let from = args.from.map(|instant| instant.resolve(now)).transpose()?;
    let to = args.to.map(|instant| instant.resolve(now)).transpose()?;
    let points =
        db::scores::history(&mut tx, subject.framework.id, subject.catalog_id(), function.as_deref(), from, to).await?;
    tx.end().await?;
    let what = function.as_ref().map_or_else(|| subject.framework.short_name(), Clone::clone);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Err(Error::failed(format!("no scores of {} for {what} are stored", subject.name()))
            .hint("fill the history with `cmf score backfill --from DATE`"));
    };
    let total = last.score - first.score;
    let values: Vec<Decimal> = points.iter().map(|point| point.score).collect();
    let mut table = Table::new(["calculated_at", "score", "rating", "change", "direction", "mark", "marked"])
        .title(format!(
            "{}, {what}: {} → {}, {} {}  {}",
            subject.name(),
            first.score,
            last.score,
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
        "function_code": function, "first": number_json(first.score), "last": number_json(last.score),
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

fn direction(change: Decimal) -> &'static str {
    match change.cmp(&Decimal::ZERO) {
        Ordering::Greater => "up",
        Ordering::Less => "down",
        Ordering::Equal => "level",
    }
}

fn mark(change: Option<Decimal>) -> &'static str {
    match change.filter(|change| is_marked(*change)) {
        Some(change) if change > Decimal::ZERO => "▲",
        Some(_) => "▼",
        None => "",
    }
}

fn is_marked(change: Decimal) -> bool {
    change.abs() > MARKED
}

/// One character a value, at most 40; more are thinned out.
fn sparkline(values: &[Decimal]) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let count = values.len().min(40);
    let thinned: Vec<Decimal> = (0..count).map(|i| values[i * (values.len() - 1) / (count - 1).max(1)]).collect();
    let (low, high) = bounds(&thinned);
    let step = |value: &Decimal| {
        let part = ((value - low) * Decimal::from(7)).checked_div(high - low).unwrap_or(Decimal::from(3));
        STEPS[part.round().to_usize().unwrap_or_default().min(7)]
    };
    thinned.iter().map(step).collect()
}

fn bounds(values: &[Decimal]) -> (Decimal, Decimal) {
    let low = values.iter().copied().min().unwrap_or_default();
    let high = values.iter().copied().max().unwrap_or_default();
    (low, high)
}

/// A line of scores over time, 10 rows high, with its scale at the left and its ends below.
fn plot(series: &[(NaiveDateTime, Decimal)], width: usize) -> String {
    const ROWS: usize = 10;
    let (Some(&(start, _)), Some(&(end, _))) = (series.first(), series.last()) else { return String::new() };
    let span = Decimal::from((end - start).num_seconds().max(1));
    let steps = Decimal::from(width.saturating_sub(1).max(1));
    // The score at each column: between two readings of the series, on the straight line from one to the other.
    let values: Vec<Decimal> = (0..width)
        .map(|column| {
            let second = span * Decimal::from(column) / steps;
            let age = |at: NaiveDateTime| Decimal::from((at - start).num_seconds());
            let after = series.partition_point(|&(at, _)| age(at) < second).min(series.len() - 1);
            let ((t0, v0), (t1, v1)) = (series[after.saturating_sub(1)], series[after]);
            let part = (second - age(t0)).checked_div(age(t1) - age(t0)).unwrap_or(Decimal::ONE);
            v0 + (v1 - v0) * part.clamp(Decimal::ZERO, Decimal::ONE)
        })
        .collect();
    let (low, high) = bounds(&values);
    let (low, high) = (low.floor(), high.ceil().max(low.floor() + Decimal::ONE));
    let row = |value: &Decimal| {
        let part = (value - low) / (high - low) * Decimal::from(ROWS - 1);
        part.round().to_usize().unwrap_or_default().min(ROWS - 1)
    };
    let rows: Vec<usize> = values.iter().map(row).collect();
    let mut grid = vec![vec![' '; width]; ROWS];
    for column in 0..width {
        let (from, to) = (rows[column], *rows.get(column + 1).unwrap_or(&rows[column]));
        if from == to {
            grid[from][column] = '─';
            continue;
        }
        let (down, up) = (from.min(to), from.max(to));
        grid[from][column] = if to > from { '╯' } else { '╮' };
        grid[to][column] = if to > from { '╭' } else { '╰' };
        for line in &mut grid[down + 1..up] {
            line[column] = '│';
        }
    }
    let mut text = String::new();
    for (i, line) in grid.iter().enumerate().rev() {
        let label = low + (high - low) * Decimal::from(i) / Decimal::from(ROWS - 1);
        let line: String = line.iter().collect();
        text.push_str(&format!("{:>6} ┤{}\n", label.round_dp(1).to_string(), line.trim_end()));
    }
    let (first, last) = (start.date().to_string(), end.date().to_string());
    text.push_str(&format!("        {first}{}{last}\n", " ".repeat(width.saturating_sub(first.len() + last.len()).max(1))));
    text
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The state before; a day stands for its end
    #[arg(long, value_name = "DATE")]
    from: Instant,
    /// The state after
    #[arg(long, value_name = "DATE", default_value = "now")]
    to: Instant,
    /// What moved this function or category instead of the whole
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    #[command(flatten)]
    scope: Scope,
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
    let now = db::scores::now(&mut tx).await?;
    let (from, to) = (args.from.resolve(now)?, args.to.resolve(now)?);
    if from > to {
        return Err(Error::usage(format!("--from {} is after --to {}", time_text(from), time_text(to))));
    }
    let mut before = Loaded::read(&mut tx, &subject, parameters, Some(from)).await?;
    let after = Loaded::read(&mut tx, &subject, parameters, Some(to)).await?;
    tx.end().await?;
    let level = before.level(args.function.as_deref())?;
    let value = |loaded: &Loaded| {
        loaded.tally.value(level).ok_or_else(|| {
            Error::failed(format!("nothing can be scored at {}", time_text(loaded.at)))
                .hint("`cmf score trend` shows since when there are scores")
        })
    };
    let (old, new) = (value(&before)?, value(&after)?);
    let steps: Vec<Step> = before
        .metrics
        .iter()
        .zip(&after.metrics)
        .map(|(before, after)| Step {
            places: before.member.places.clone(),
            before: before.member.measure,
            after: after.member.measure,
        })
        .collect();
    let exact = effects(&mut before.tally, level, &steps);
    let total = shown(new) - shown(old);
    let points = apportion(total, &exact);
    let mut order: Vec<usize> =
        (0..steps.len()).filter(|&i| steps[i].before != steps[i].after && !exact[i].is_zero()).collect();
    order.sort_by(|&a, &b| exact[b].abs().cmp(&exact[a].abs()).then(a.cmp(&b)));
    let place = match level {
        Level::Framework => None,
        Level::Function(number) => after.tally.known_place(number, None),
        Level::Category(place) => Some(place),
    };
    let (function_code, category_code) = place.map(|place| after.tally.codes(place)).unzip();
    let category_code = category_code.flatten();
    let what = category_code.or(function_code).unwrap_or("overall");
    let columns =
        ["metric", "metric_number", "name", "points", "reading", "value_from", "value_to", "score", "score_from", "score_to"];
    let mut table = Table::new(columns)
        .title(format!(
            "{}, {} {what}: {} at {} → {} at {}, {}",
            subject.name(),
            subject.framework.short_name(),
            shown(old),
            to_the_minute(from),
            shown(new),
            to_the_minute(to),
            signed(total)
        ))
        .only_for_people(&["metric", "reading", "score"])
        .only_for_programs(&["metric_number", "name", "value_from", "value_to", "score_from", "score_to"]);
    for i in order {
        let metric = &before.metrics[i];
        let Step { before, after, .. } = &steps[i];
        let plain = |value: Option<Decimal>| value.map(|value| value.normalize());
        let (score_from, score_to) = (before.score().ok().map(shown), after.score().ok().map(shown));
        table.row([
            metric.called().into(),
            metric.detail.metric_number.clone().into(),
            metric.detail.name.as_str().into(),
            points[i].into(),
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
        from_to(Some(shown(old)), Some(shown(new))).into(),
        shown(old).into(),
        shown(new).into(),
    ]);
    let json = json!({
        "framework": subject.framework.short_name(), "catalog": subject.catalog.as_ref().map(|catalog| &catalog.name),
        "function_code": function_code, "category_code": category_code, "from": time_text(from), "to": time_text(to), "score_from": number_json(shown(old)),
        "score_to": number_json(shown(new)), "points": number_json(total), "metrics": moved,
    });
    context.output.results(Results::new(vec![table], json))?;
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[i64]) -> Vec<(NaiveDateTime, Decimal)> {
        let start: NaiveDateTime = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day").into();
        (0..).zip(values).map(|(week, value)| (start + chrono::Duration::weeks(week), Decimal::from(*value))).collect()
    }

    #[test]
    fn a_change_of_more_than_five_points_is_marked() {
        let points = |hundredths: i64| Some(Decimal::new(hundredths, 2));
        let marks = [None, points(0), points(500), points(501), points(-500), points(-501)].map(mark);
        assert_eq!(marks, ["", "", "", "▲", "", "▼"]);
    }

    #[test]
    fn a_plot_rises_where_the_scores_do() {
        let text = plot(&series(&[10, 10, 90, 90]), 40);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 11);
        assert!(lines[0].starts_with("    90 ┤") && lines[0].ends_with('─'), "{text}");
        assert!(lines[9].starts_with("    10 ┤─"), "{text}");
        assert!(lines[10].contains("2026-01-01") && lines[10].ends_with("2026-01-22"), "{text}");
        assert!(plot(&series(&[50, 50]), 30).contains('─'));
    }

    #[test]
    fn a_sparkline_has_one_step_a_value_and_at_most_forty() {
        let values = |values: &[i64]| values.iter().map(|value| Decimal::from(*value)).collect::<Vec<_>>();
        assert_eq!(sparkline(&values(&[0, 50, 100])), "▁▅█");
        assert_eq!(sparkline(&values(&[7])), "▄");
        assert_eq!(sparkline(&values(&(0..500).collect::<Vec<_>>())).chars().count(), 40);
    }

    #[test]
    fn only_a_change_over_five_points_is_marked() {
        assert_eq!(mark(Some(Decimal::new(500, 2))), "");
        assert_eq!(mark(Some(Decimal::new(501, 2))), "▲");
        assert_eq!(mark(Some(Decimal::new(-501, 2))), "▼");
        assert_eq!(mark(None), "");
    }
}

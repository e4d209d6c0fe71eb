//! `cmf history --signal`: what is signal and what is noise among the readings of a metric, and when its target is met.

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use super::metric::{METRIC, READINGS, title};
use crate::db::readings::Reading;
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment;
use crate::domain::signal::{self, Chart, Finding, LEAST, Limits, Pace};
use crate::error::{Error, Result};
use crate::output::{Columns, Results, Shape, columns, words};

/// A reading, the limits before it, and what it says.
type Judged<'r> = (&'r Reading, Option<Limits>, Finding);

fn judged<'r>() -> Columns<Judged<'r>> {
    columns! { |(reading, limits, signal)|
        id: for_programs = reading.id, recorded_at = reading.recorded_at, value = reading.value.normalize(),
        lower = limits.map(|limits| limits.lower), upper = limits.map(|limits| limits.upper), signal, note = &reading.note,
        recorded_by = &reading.recorded_by
    }
}

/// Whether and when the target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    None,
    Met,
    TooFew,
    Between,
    NotAtThisPace,
}

impl Goal {
    const ALL: [Self; 5] = [Self::None, Self::Met, Self::TooFew, Self::Between, Self::NotAtThisPace];

    const fn name(self) -> &'static str {
        match self {
            Self::None => "no target",
            Self::Met => "met",
            Self::TooFew => "too few readings",
            Self::Between => "met at this pace",
            Self::NotAtThisPace => "not at this pace",
        }
    }
}

words!(Goal: name);

/// All that the readings say together.
struct Summary {
    readings: usize,
    limits: Option<Limits>,
    signal: Finding,
    /// When the newest signal was.
    since: Option<NaiveDateTime>,
    pace: Option<Pace>,
    target: Goal,
    met: Option<(NaiveDateTime, NaiveDateTime)>,
}

const SUMMARY: Columns<Summary> = columns! { |summary|
    readings_judged = summary.readings, mean = summary.limits.map(|limits| limits.mean),
    lower = summary.limits.map(|limits| limits.lower), upper = summary.limits.map(|limits| limits.upper), signal = summary.signal,
    newest_signal_at = summary.since, change_in_30_days = summary.pace.map(|pace| pace.month),
    change_least = summary.pace.map(|pace| pace.least), change_most = summary.pace.map(|pace| pace.most),
    target = summary.target, met_from = summary.met.map(|met| met.0), met_until = summary.met.map(|met| met.1)
};

/// The shape of what it prints.
pub(super) fn shape() -> Shape {
    Shape::rows(&judged()).within(READINGS, Shape::one(&METRIC).and(Shape::one(&SUMMARY)))
}

/// Judges the readings of a metric, oldest first.
/// Exit 2 for a metric whose values are answers, which have no limits.
pub(super) fn judge(metric: &Metric, readings: &[Reading]) -> Result<Results> {
    if metric.direction == Direction::Binary {
        return Err(Error::usage(format!("{} is binary (yes or no): its readings have no limits", metric.label()))
            .hint("leave out --signal"));
    }
    let finite = |reading: &&Reading| moment::is_finite(reading.recorded_at) && reading.value.finite().is_some();
    let mut chart = Chart::default();
    let mut rows: Vec<Judged<'_>> = Vec::with_capacity(readings.len());
    for reading in readings.iter().filter(finite) {
        let limits = chart.limits();
        let finding = chart.add(reading.value.finite().unwrap_or_default());
        rows.push((reading, limits, finding));
    }
    let newest = rows.last();
    let summary = Summary {
        readings: rows.len(),
        limits: chart.limits(),
        signal: newest.map_or(Finding::TooFew, |(_, _, finding)| *finding),
        since: rows.iter().rfind(|(_, _, finding)| finding.is_signal()).map(|(reading, ..)| reading.recorded_at),
        pace: None,
        target: Goal::None,
        met: None,
    };
    let summary = match newest {
        Some((last, ..)) => with_pace(summary, metric, &rows, last),
        None => summary,
    };
    let table = judged().table_of(&rows);
    let mut document = METRIC.members(metric);
    document.extend(SUMMARY.members(&summary));
    document.insert(READINGS.to_owned(), table.to_json());
    let title = format!("{}: limits of the next reading, from at least {LEAST} before it", title(metric));
    Ok(Results::new(vec![SUMMARY.one(&summary).title(title), table], serde_json::Value::Object(document)))
}

fn with_pace(summary: Summary, metric: &Metric, rows: &[Judged<'_>], last: &Reading) -> Summary {
    let value = last.value.finite();
    let measure = metric.measure().with_current(value);
    let goal = measure.goal();
    let first = rows.first().map_or(last.recorded_at, |(reading, ..)| reading.recorded_at);
    let days = |at: NaiveDateTime| (at - first).as_seconds_f64() / 86_400.0;
    let points: Vec<(f64, Decimal)> =
        rows.iter().filter_map(|(reading, ..)| Some((days(reading.recorded_at), reading.value.finite()?))).collect();
    let pace = signal::pace(&points, goal);
    let at = |day: i64| last.recorded_at.checked_add_signed(TimeDelta::try_days(day)?);
    let met = pace.and_then(|pace| pace.met).and_then(|(first, end)| Some((at(first)?, at(end)?)));
    let target = match (goal, pace) {
        (None, _) => Goal::None,
        (Some(_), _) if measure.score() == Ok(Decimal::ONE_HUNDRED) => Goal::Met,
        (Some(_), None) => Goal::TooFew,
        (Some(_), Some(_)) => met.map_or(Goal::NotAtThisPace, |_| Goal::Between),
    };
    Summary { pace, target, met: met.filter(|_| target == Goal::Between), ..summary }
}

//! What is signal and what is noise among the readings of a metric, and when its target is met.

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use crate::db::readings::Reading;
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment;
use crate::domain::named::named;
use crate::domain::signal::{self, Chart, Finding, Limits, Pace};
use crate::error::{Error, Result};

/// A reading, the limits before it, and what it says.
pub(crate) type Judged<'r> = (&'r Reading, Option<Limits>, Finding);

named! {
    /// Whether and when the target is met.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Goal {
        None = "no target",
        Met = "met",
        TooFew = "too few readings",
        Between = "met at this pace",
        NotAtThisPace = "not at this pace",
    }
    ALL
    name
}

/// All that the readings say together.
pub(crate) struct Summary {
    pub readings: usize,
    pub limits: Option<Limits>,
    pub signal: Finding,
    /// When the newest signal was.
    pub since: Option<NaiveDateTime>,
    pub pace: Option<Pace>,
    pub target: Goal,
    pub met: Option<(NaiveDateTime, NaiveDateTime)>,
}

/// Judges the readings of a metric, oldest first.
/// Exit 2 for a metric whose values are answers, which have no limits.
pub(crate) fn judge<'r>(metric: &Metric, readings: &'r [Reading]) -> Result<(Summary, Vec<Judged<'r>>)> {
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
    Ok((summary, rows))
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

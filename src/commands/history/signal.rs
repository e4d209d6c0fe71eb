//! `cmf history --signal`: what is signal and what is noise among the readings of a metric, and when its target is met.

use super::metric::{METRIC, READINGS, title};
use crate::db::readings::Reading;
use crate::domain::metric::Metric;
use crate::domain::signal::LEAST;
use crate::error::Result;
use crate::metric::signal::{self, Goal, Judged, Summary};
use crate::output::{Columns, Results, Shape, columns, words};

fn judged<'r>() -> Columns<Judged<'r>> {
    columns! { |(reading, limits, signal)|
        id: for_programs = reading.id, recorded_at = reading.recorded_at, value = reading.value.normalize(),
        lower = limits.map(|limits| limits.lower), upper = limits.map(|limits| limits.upper), signal, note = &reading.note,
        recorded_by = &reading.recorded_by
    }
}

words!(Goal: name);
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

/// Exit 2 for a metric whose values are answers, which have no limits.
pub(super) fn judge(metric: &Metric, readings: &[Reading]) -> Result<Results> {
    let (summary, rows) = signal::judge(metric, readings)?;
    let table = judged().table_of(&rows);
    let mut document = METRIC.members(metric);
    document.extend(SUMMARY.members(&summary));
    document.insert(READINGS.to_owned(), table.to_json());
    let title = format!("{}: limits of the next reading, from at least {LEAST} before it", title(metric));
    Ok(Results::new(vec![SUMMARY.one(&summary).title(title), table], serde_json::Value::Object(document)))
}

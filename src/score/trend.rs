//! Scores over time: at past instants, filled in, and as they were stored.

use std::cmp::Ordering;
use std::collections::HashSet;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::json;

use super::breakdown::{Breakdown, NAMED, Overall, no_function};
use super::load::places;
use super::past::Was;
use super::{Definitions, Every, Past, Subject, past};
use crate::db::audit::Audit;
use crate::db::scores::{Point, Timed, Valued};
use crate::db::{self, Connection};
use crate::domain::frequency::Judge;
use crate::domain::moment::{self, Moment};
use crate::domain::number::finite;
use crate::domain::score::{Measure, Parameters, Tally};
use crate::error::{Error, Result};
use crate::tell::Tell;

/// A change of more than this many points is marked.
const MARKED: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// The scores at several instants, from one pass over the metrics.
pub(crate) async fn at(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    instants: &[NaiveDateTime],
    definitions: Definitions,
    tell: &dyn Tell,
) -> Result<Vec<Overall>> {
    let past = Past::read(tx, subject, instants, definitions, tell).await?;
    let outline = db::scores::outline(tx, subject.framework.id).await?;
    let empty = Tally::new(&outline, parameters);
    // Categories that the framework does not have are groups made on the way, so one tally tells the places for all.
    let mut tallies = vec![empty; instants.len()];
    // Those without a score are named where one instant is asked for; a history only counts them.
    let (mut gaps, mut assumed) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let mut judges: Vec<Judge> = instants.iter().map(|instant| Judge::new(parameters.freshness, *instant)).collect();
    let mut take = |timed: Timed| {
        for (position, (tally, value)) in tallies.iter_mut().zip(&timed.values).enumerate() {
            let mut read = timed.recorded_at.get(position).copied().flatten();
            let (mut measure, places) = match past.then(position, timed.id) {
                Was::AsToday => (timed.measure.with_current(*value), places(tally, &timed.functions, &timed.categories)),
                Was::Uncounted => continue,
                Was::Other(then) => {
                    let value = then.value.map_or(*value, |(value, at)| {
                        read = at;
                        value
                    });
                    let is_assumed = timed.measure.is_assumed && timed.measure.direction == then.definition.measure.direction;
                    let measure = Measure { is_assumed, ..then.definition.measure.with_current(value) };
                    (measure, places(tally, &then.functions, &then.categories))
                }
            };
            let frequency = past.frequency(position, timed.id, timed.frequency.as_deref());
            measure.age = parameters.stale.age(judges[position].is_stale(read, frequency));
            let outcome = tally.add(&measure, &places);
            if places.is_empty() || instants.len() != 1 {
                continue;
            }
            match outcome {
                Err(gap) if gaps.len() < NAMED => gaps.push((timed.id, gap)),
                Ok(_) if measure.is_assumed && assumed.len() < NAMED => assumed.push(timed.id),
                _ => {}
            }
        }
    };
    db::scores::each_at(tx, subject.catalog_id(), subject.framework.id, instants, |timed| {
        if !past.is_today() {
            seen.insert(timed.id);
        }
        take(timed);
    })
    .await?;
    if !past.is_today() {
        let positions: Vec<usize> = (0..instants.len()).collect();
        for Valued { id, values, recorded_at } in past.unseen(tx, &seen, &positions).await? {
            let (functions, categories) = (Vec::new(), Vec::new());
            take(Timed { id, measure: Measure::nothing(), functions, categories, values, recorded_at, frequency: None });
        }
    }
    let unscoreable = super::named(tx, &gaps).await?;
    let assumed = super::told(tx, &assumed).await?;
    let overall = |(tally, at): (&Tally, &NaiveDateTime)| {
        let scores = tally.scores();
        let mut breakdown = Breakdown::new(&scores, &parameters, unscoreable.clone(), assumed.clone());
        breakdown.as_of = Some(moment::text(*at));
        Overall::new(subject, &scores, *at, breakdown)
    };
    Ok(tallies.iter().zip(instants).map(overall).collect())
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub from: Moment,
    pub to: Moment,
    pub every: Every,
    /// Whether scores are computed again that were filled in before.
    pub force: bool,
    pub definitions: Definitions,
}

#[derive(Debug)]
pub(crate) struct Filled {
    /// The new scores, those of instants with nothing to score among them.
    pub computed: Vec<Overall>,
    pub stored: u64,
    /// Instants whose scores were taken out first.
    pub replaced: u64,
    /// Instants that had a score already.
    pub there: usize,
    /// None when nothing changed.
    pub audit: Option<Audit<'static>>,
}

/// Computes the scores of past instants from the readings and stores them. Exit 2 for instants out of order or in the future.
pub(crate) async fn backfill(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    span: Span,
    tell: &dyn Tell,
) -> Result<Filled> {
    let now = db::scores::now(tx).await?;
    let instants = span.every.instants(past(span.from, now)?, past(span.to, now)?)?;
    let (framework_id, catalog_id) = (subject.framework.id, subject.catalog_id());
    let replaced = if span.force { db::scores::delete_backfilled(tx, framework_id, catalog_id, &instants).await? } else { 0 };
    let there = db::scores::stored_instants(tx, framework_id, catalog_id, &instants).await?;
    let missing: Vec<NaiveDateTime> = instants.iter().copied().filter(|instant| !there.contains(instant)).collect();
    let computed = at(tx, subject, parameters, &missing, span.definitions, tell).await?;
    let mut stored = 0;
    for overall in &computed {
        stored += u64::from(super::store(tx, subject, overall, None).await?);
    }
    let result = json!({
        "framework": subject.framework.short_name(), "catalog_id": catalog_id, "every": span.every.to_string(),
        "from": instants.first().copied().map(moment::text), "to": instants.last().copied().map(moment::text),
        "stored": stored, "replaced": replaced,
    });
    let audit = (stored + replaced > 0).then(|| Audit::of("score.backfill", result).by(subject.owner_id()));
    Ok(Filled { computed, stored, replaced, there: there.len(), audit })
}

/// Stored scores over time.
#[derive(Debug)]
pub(crate) struct Trend {
    /// The function they are of; none for the whole.
    pub function: Option<String>,
    /// At least one, in the order of time.
    pub points: Vec<Point>,
    pub first: Decimal,
    pub last: Decimal,
}

/// The stored scores of the whole, or of a function, between two instants; or what they would be with the definitions and the
/// method of `today`. Exit 1 when no scores are stored, exit 2 for a function the framework does not have and for an instant in the
/// future.
pub(crate) async fn trend(
    tx: &mut Connection,
    subject: &Subject,
    function: Option<&str>,
    (from, to): (Option<Moment>, Option<Moment>),
    today: Option<Parameters>,
    tell: &dyn Tell,
) -> Result<Trend> {
    let now = db::scores::now(tx).await?;
    let function = match function {
        None => None,
        Some(code) => {
            let outline = db::scores::outline(tx, subject.framework.id).await?;
            let mut codes = outline.iter().map(|function| function.code.as_str());
            let known = codes.clone().find(|known| known.eq_ignore_ascii_case(code));
            Some(known.ok_or_else(|| no_function(code, &mut codes))?.to_owned())
        }
    };
    let from = from.map(|moment| past(moment, now)).transpose()?;
    let to = to.map(|moment| past(moment, now)).transpose()?;
    let mut points = db::scores::history(tx, subject.framework.id, subject.catalog_id(), function.as_deref(), from, to).await?;
    let what = function.clone().unwrap_or_else(|| subject.framework.short_name());
    if let Some(parameters) = today {
        let instants: Vec<NaiveDateTime> = points.iter().map(|point| point.calculated_at).collect();
        let all = at(tx, subject, parameters, &instants, Definitions::Now, tell).await?;
        points = all.iter().filter_map(|overall| point(overall, function.as_deref())).collect();
    }
    let ends = points.first().zip(points.last()).map(|(first, last)| (first.score, last.score));
    let (first, last) = ends.ok_or_else(|| {
        Error::failed(format!("no scores of {} for {what} are stored", subject.name()))
            .hint("compute earlier scores with `cmf score backfill --from DATE`")
    })?;
    Ok(Trend { function, points, first, last })
}

/// A computed score as a point.
fn point(overall: &Overall, function: Option<&str>) -> Option<Point> {
    let figures = match function {
        None => overall.figures(),
        Some(code) => overall.breakdown.functions.iter().find(|function| function.function_code == code)?.figures,
    };
    let rating = figures.rating?.to_string();
    let certainty = figures.certain.certainty();
    Some(Point { calculated_at: overall.calculated_at, score: finite(figures.score)?, rating, certainty })
}

/// Where a score went.
pub(crate) fn direction(change: Decimal) -> &'static str {
    match change.cmp(&Decimal::ZERO) {
        Ordering::Greater => "up",
        Ordering::Less => "down",
        Ordering::Equal => "level",
    }
}

pub(crate) fn is_marked(change: Decimal) -> bool {
    change.abs() > MARKED
}

pub(crate) fn mark(change: Option<Decimal>) -> &'static str {
    match change.filter(|change| is_marked(*change)) {
        Some(change) if change > Decimal::ZERO => "▲",
        Some(_) => "▼",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_more_than_five_points_is_marked() {
        let points = |hundredths: i64| Some(Decimal::new(hundredths, 2));
        let marks = [None, points(0), points(500), points(501), points(-500), points(-501)].map(mark);
        assert_eq!(marks, ["", "", "", "▲", "", "▼"]);
    }
}

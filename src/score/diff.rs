//! What moved a score between two instants, metric by metric and by cause.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Breakdown, Definitions, Loaded, Overall, Past, Scored, Subject, in_order, past};
use crate::db::{self, Connection};
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment::{self, Moment};
use crate::domain::named::named;
use crate::domain::score::{Certainty, Level, Measure, Parameters, Spot, Step, Tally, apportion, effects, shown};
use crate::domain::signal::{Chart, Finding};
use crate::error::{Error, Result};
use crate::tell::Tell;

named! {
    /// Why a score moved.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Cause {
        /// Other weights or another rollup.
        Method = "method",
        /// Metrics that came.
        Added = "added",
        /// Where a metric counts, and how much it weighs.
        Mapping = "mapping",
        /// Target, bounds and direction.
        Target = "target",
        Reading = "reading",
        /// Metrics that went.
        Gone = "gone",
    }
    ALL
    as_str
}

/// A difference, shown as it adds up.
#[derive(Debug)]
pub(crate) struct Diff {
    /// The function, and the category in it, whose score it is; none for the whole.
    pub function_code: Option<String>,
    pub category_code: Option<String>,
    pub from: NaiveDateTime,
    pub to: NaiveDateTime,
    /// The score at both.
    pub old: Decimal,
    pub new: Decimal,
    /// What is known of the score at both.
    pub fresh: [Option<Certainty>; 2],
    /// The scores at the first.
    pub first: Overall,
    /// What each cause moved; together the difference.
    pub parts: [(Cause, Decimal); 6],
    /// What moved it, the most first; with the part of the method together the difference.
    pub moved: Vec<Moved>,
}

/// A metric that moved the score.
#[derive(Debug)]
pub(crate) struct Moved {
    pub metric: Metric,
    pub points: Decimal,
    pub before: Measure,
    pub after: Measure,
    pub causes: Vec<Cause>,
    /// What its readings since say; none for answers, and where none was recorded.
    pub signal: Option<Finding>,
}

/// How many readings of a metric are looked at.
const LOOKED: i64 = 120;
/// How many metrics' readings are in memory at once.
const PART: usize = 500;

/// What the readings of these metrics after `from` and up to `to` say: a signal where one of them is one.
async fn signals(
    tx: &mut Connection,
    ids: &[Uuid],
    (from, to): (NaiveDateTime, NaiveDateTime),
) -> Result<HashMap<Uuid, Finding>> {
    let mut found: HashMap<Uuid, Finding> = HashMap::new();
    for part in ids.chunks(PART) {
        let readings = db::readings::newest(tx, part, to, LOOKED).await?;
        for own in readings.chunk_by(|one, other| one.metric_id == other.metric_id) {
            let mut chart = Chart::default();
            for reading in own {
                let Some(value) = reading.value.finite() else { continue };
                let finding = chart.add(value);
                let newest = found.get(&reading.metric_id).copied().filter(|before| before.is_signal());
                if reading.recorded_at > from {
                    found.insert(reading.metric_id, newest.unwrap_or(finding));
                }
            }
        }
    }
    Ok(found)
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comparison<'a> {
    pub from: Moment,
    pub to: Moment,
    /// The options that say so.
    pub options: [&'static str; 2],
    /// The function or category; none for the whole.
    pub code: Option<&'a str>,
    pub definitions: Definitions,
    /// Whether both are scored by the parameters that are given, instead of those that scores were stored with then.
    pub is_said: bool,
}

/// What moved the score of the whole, or of a function or category, between two instants. Exit 1 when nothing can be scored at
/// one of the instants, exit 2 for instants out of order or in the future.
pub(crate) async fn diff(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    how: Comparison<'_>,
    tell: &dyn Tell,
) -> Result<Diff> {
    let now = db::scores::now(tx).await?;
    let (from, to) = (past(how.from, now)?, past(how.to, now)?);
    in_order((how.options[0], from), (how.options[1], to))?;
    let is_today = how.is_said || how.definitions == Definitions::Now;
    let [then, later] = if is_today {
        [parameters; 2]
    } else {
        [
            method(tx, subject, parameters, from).await?,
            if to == now { parameters } else { method(tx, subject, parameters, to).await? },
        ]
    };
    let past = Past::read(tx, subject, &[from, to], how.definitions, tell).await?;
    let first = Loaded::read(tx, subject, then, Some((&past, 0))).await?;
    // The same metrics by the method of the end.
    let before = if then == later { first.clone() } else { Loaded::read(tx, subject, later, Some((&past, 0))).await? };
    let after = Loaded::read(tx, subject, later, Some((&past, 1))).await?;
    let level = before.level(how.code)?;
    let value = |loaded: &Loaded| {
        loaded.tally.value(level).ok_or_else(|| {
            Error::failed(format!("nothing can be scored at {}", moment::text(loaded.at)))
                .hint("`cmf score trend` shows when the first score was stored")
        })
    };
    let (start, old, new) = (value(&first)?, shown(value(&first)?), shown(value(&after)?));
    let by_method = value(&before)? - start;
    let mut tally = before.tally.clone();
    let pairs = pairs(&before, &after, &mut tally);
    let mut exact: Vec<Decimal> = vec![by_method];
    for (cause, _) in PHASES {
        let steps: Vec<Step> = pairs.iter().map(|pair| pair.step(cause)).collect();
        exact.extend(effects(&mut tally, level, &steps));
    }
    let points = apportion(new - old, &exact);
    let of = |phase: usize, pair: usize| 1 + phase * pairs.len() + pair;
    let mut parts = Cause::ALL.map(|cause| (cause, Decimal::new(0, 2)));
    parts[0].1 += points[0];
    for (phase, (_, cause)) in PHASES.iter().enumerate() {
        if let Some((_, part)) = parts.iter_mut().find(|(of, _)| of == cause) {
            *part += (0..pairs.len()).map(|pair| points[of(phase, pair)]).sum::<Decimal>();
        }
    }
    let all = |figures: &[Decimal], pair: usize| (0..PHASES.len()).map(|phase| figures[of(phase, pair)]).sum::<Decimal>();
    let is_moved = |pair: usize| (0..PHASES.len()).any(|phase| !exact[of(phase, pair)].is_zero());
    let mut order: Vec<usize> = (0..pairs.len()).filter(|&pair| is_moved(pair)).collect();
    order.sort_by(|&a, &b| all(&exact, b).abs().cmp(&all(&exact, a).abs()).then(a.cmp(&b)));
    let measured = order.iter().map(|&at| &pairs[at].metric).filter(|metric| metric.direction != Direction::Binary);
    let signals = signals(tx, &measured.map(|metric| metric.id).collect::<Vec<_>>(), (from, to)).await?;
    let moved = order.into_iter().map(|at| {
        let pair = &pairs[at];
        let causes = PHASES.iter().enumerate().filter(|(phase, _)| !exact[of(*phase, at)].is_zero());
        Moved {
            metric: pair.metric.clone(),
            points: all(&points, at),
            before: pair.before,
            after: pair.after,
            causes: causes.map(|(_, (_, cause))| *cause).collect(),
            signal: signals.get(&pair.metric.id).copied(),
        }
    });
    let moved = moved.collect();
    let place = match level {
        Level::Framework => None,
        Level::Function(number) => before.tally.known_place(number, None),
        Level::Category(place) => Some(place),
    };
    let (function, category) = place.map(|place| before.tally.codes(place)).unzip();
    let fresh = [&first, &after].map(|loaded| loaded.tally.certainty(level));
    let (function_code, category_code) = (function.map(str::to_owned), category.flatten().map(str::to_owned));
    Ok(Diff { function_code, category_code, from, to, old, new, fresh, first: first.overall(subject), parts, moved })
}

/// The rollup, the weights and the rule for stale metrics that the newest score until an instant was stored with, else those that
/// are given.
async fn method(tx: &mut Connection, subject: &Subject, parameters: Parameters, at: NaiveDateTime) -> Result<Parameters> {
    let stored: Option<Value> = db::scores::method_at(tx, subject.framework.id, subject.catalog_id(), at).await?;
    let stored =
        stored.and_then(|stored| serde_json::from_value::<Breakdown>(stored).ok()).and_then(|one| one.parameters(parameters));
    Ok(stored.map_or(parameters, |then| Parameters { thresholds: parameters.thresholds, ..then }))
}

/// A metric at both instants; without places it did not count.
struct Pair {
    metric: Metric,
    before: Measure,
    places: Vec<Spot>,
    after: Measure,
    places_after: Vec<Spot>,
}

/// What is changed one after the other, and the cause that it stands for. Who comes, comes first, and who goes, goes last: so
/// there is a score at every point in between if there is one at both ends.
const PHASES: [(Phase, Cause); 5] = [
    (Phase::Come, Cause::Added),
    (Phase::Place, Cause::Mapping),
    (Phase::Target, Cause::Target),
    (Phase::Value, Cause::Reading),
    (Phase::Go, Cause::Gone),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Come,
    Place,
    Target,
    Value,
    Go,
}

impl Pair {
    /// The state after a phase; before the first one, without one.
    fn state(&self, until: Option<Phase>) -> (Measure, &[Spot]) {
        let reached = |phase: Phase| until >= Some(phase);
        if self.places.is_empty() {
            return if reached(Phase::Come) { (self.after, &self.places_after) } else { (self.after, &[]) };
        }
        if self.places_after.is_empty() {
            return if reached(Phase::Go) { (self.before, &[]) } else { (self.before, &self.places) };
        }
        let mut measure = self.before;
        if reached(Phase::Place) {
            measure.priority = self.after.priority;
        }
        if reached(Phase::Target) {
            measure = Measure { current: measure.current, age: measure.age, priority: measure.priority, ..self.after };
        }
        if reached(Phase::Value) {
            (measure.current, measure.age) = (self.after.current, self.after.age);
        }
        (measure, if reached(Phase::Place) { &self.places_after } else { &self.places })
    }

    fn step(&self, phase: Phase) -> Step {
        let earlier = PHASES.iter().map(|(phase, _)| *phase).take_while(|other| *other < phase).last();
        let ((before, places), (after, places_after)) = (self.state(earlier), self.state(Some(phase)));
        Step { places: places.to_vec(), before, places_after: places_after.to_vec(), after }
    }
}

/// The metrics of both instants, those of the first one first. The places are those of one tally.
fn pairs(before: &Loaded, after: &Loaded, tally: &mut Tally) -> Vec<Pair> {
    let mut rest: HashMap<Uuid, &Scored> = after.metrics.iter().map(|scored| (scored.metric.id, scored)).collect();
    let mut moved = |scored: &Scored| -> Vec<Spot> {
        let spots = scored.places.iter().map(|spot| (spot.part, after.tally.codes(spot.at)));
        let mut places: Vec<Spot> =
            spots.filter_map(|(part, (function, category))| Some(Spot { part, ..tally.place(function, category)? })).collect();
        Tally::settle(&mut places);
        places
    };
    let mut pairs: Vec<Pair> = before
        .metrics
        .iter()
        .map(|scored| {
            let then = rest.remove(&scored.metric.id);
            let measure = scored.metric.measure();
            Pair {
                metric: then.unwrap_or(scored).metric.clone(),
                before: measure,
                places: scored.places.clone(),
                after: then.map_or(measure.with_current(None), |then| then.metric.measure()),
                places_after: then.map(&mut moved).unwrap_or_default(),
            }
        })
        .collect();
    let came = after.metrics.iter().filter(|scored| rest.contains_key(&scored.metric.id));
    pairs.extend(came.map(|scored| Pair {
        metric: scored.metric.clone(),
        before: scored.metric.measure().with_current(None),
        places: Vec::new(),
        after: scored.metric.measure(),
        places_after: moved(scored),
    }));
    pairs
}

//! What moved a score between two instants, metric by metric.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Loaded, Subject, past};
use crate::db::{self, Connection};
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment::{self, Moment};
use crate::domain::score::{Level, Measure, Parameters, Step, apportion, effects, shown};
use crate::domain::signal::{Chart, Finding};
use crate::error::{Error, Result};

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
    /// What moved it, the most first.
    pub moved: Vec<Moved>,
}

/// A metric that moved the score.
#[derive(Debug)]
pub(crate) struct Moved {
    pub metric: Metric,
    pub points: Decimal,
    pub before: Measure,
    pub after: Measure,
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

/// What moved the score of the whole, or of a function or category, between two instants. Exit 1 when nothing can be scored at
/// one of the instants, exit 2 for instants out of order or in the future.
pub(crate) async fn diff(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    (from, to): (Moment, Moment),
    code: Option<&str>,
) -> Result<Diff> {
    let now = db::scores::now(tx).await?;
    let (from, to) = (past(from, now)?, past(to, now)?);
    if from > to {
        return Err(Error::usage(format!("--from {} is after --to {}", moment::text(from), moment::text(to))));
    }
    let mut before = Loaded::read(tx, subject, parameters, Some(from)).await?;
    let after = Loaded::read(tx, subject, parameters, Some(to)).await?;
    let level = before.level(code)?;
    let value = |loaded: &Loaded| {
        loaded.tally.value(level).ok_or_else(|| {
            Error::failed(format!("nothing can be scored at {}", moment::text(loaded.at)))
                .hint("`cmf score trend` shows since when there are scores")
        })
    };
    let (old, new) = (shown(value(&before)?), shown(value(&after)?));
    let steps = before.metrics.iter().zip(&after.metrics).map(|(before, after)| Step {
        places: before.places.clone(),
        before: before.metric.measure(),
        after: after.metric.measure(),
    });
    let steps: Vec<Step> = steps.collect();
    let exact = effects(&mut before.tally, level, &steps);
    let points = apportion(new - old, &exact);
    let mut order: Vec<usize> =
        (0..steps.len()).filter(|&i| steps[i].before != steps[i].after && !exact[i].is_zero()).collect();
    order.sort_by(|&a, &b| exact[b].abs().cmp(&exact[a].abs()).then(a.cmp(&b)));
    let place = match level {
        Level::Framework => None,
        Level::Function(number) => after.tally.known_place(number, None),
        Level::Category(place) => Some(place),
    };
    let (function, category) = place.map(|place| after.tally.codes(place)).unzip();
    let measured = order.iter().filter(|&&i| before.metrics[i].metric.direction != Direction::Binary);
    let ids: Vec<Uuid> = measured.map(|&i| before.metrics[i].metric.id).collect();
    let signals = signals(tx, &ids, (from, to)).await?;
    let moved = order.into_iter().map(|i| Moved {
        metric: before.metrics[i].metric.clone(),
        points: points[i],
        before: steps[i].before,
        after: steps[i].after,
        signal: signals.get(&before.metrics[i].metric.id).copied(),
    });
    Ok(Diff {
        function_code: function.map(str::to_owned),
        category_code: category.flatten().map(str::to_owned),
        from,
        to,
        old,
        new,
        moved: moved.collect(),
    })
}

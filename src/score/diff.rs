//! What moved a score between two instants, metric by metric.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::{Loaded, Subject, past};
use crate::db::{self, Connection};
use crate::domain::metric::Metric;
use crate::domain::moment::{self, Moment};
use crate::domain::score::{Level, Measure, Parameters, Step, apportion, effects, shown};
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
    let moved = order.into_iter().map(|i| Moved {
        metric: before.metrics[i].metric.clone(),
        points: points[i],
        before: steps[i].before,
        after: steps[i].after,
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

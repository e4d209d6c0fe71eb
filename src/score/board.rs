//! What a report says of two days, and of each metric.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::{Definitions, Loaded, Overall, Subject, diff};
use crate::db::Connection;
use crate::domain::moment::Moment;
use crate::domain::number::finite;
use crate::domain::score::{Parameters, Spot};
use crate::domain::signal::Finding;
use crate::error::Result;
use crate::report::scores::{Cause, Compared, Placed};
use crate::tell::Tell;

/// Metrics that are named as causes.
const CAUSES: usize = 10;

/// What a finding is called where there is little room.
fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Outside | Finding::Shift => "signal",
        Finding::Noise => "noise",
        Finding::TooFew => "",
    }
}

/// What changed from a moment to the scores of `overall`. Exit 1 when nothing can be scored then, 2 when that is later.
pub(super) async fn compared(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    (from, definitions): (Moment, Definitions),
    overall: &Overall,
    tell: &dyn Tell,
) -> Result<Compared> {
    let to = Moment::At(overall.calculated_at);
    let how = diff::Comparison { from, to, options: ["--compare-to", "--as-of"], code: None, definitions, is_said: true };
    let diff = diff::diff(tx, subject, parameters, how, tell).await?;
    let scores = diff.first.breakdown.functions.iter().map(|function| finite(function.figures.score));
    let functions =
        overall.breakdown.functions.iter().zip(scores).map(|(function, old)| {
            (function.function_code.clone(), function.name.clone(), old, finite(function.figures.score))
        });
    let causes = diff.moved.iter().take(CAUSES).map(|moved| {
        let text = |value: Option<Decimal>| value.map_or_else(|| "–".to_owned(), |value| value.normalize().to_string());
        let (before, after) = (text(moved.before.current), text(moved.after.current));
        Cause {
            code: moved.metric.metric_number.clone().unwrap_or_default(),
            name: moved.metric.name.clone(),
            points: moved.points,
            reading: if before == after { after } else { format!("{before} → {after}") },
            signal: moved.signal.map(|signal| word(signal).to_owned()).unwrap_or_default(),
        }
    });
    let day = |at: NaiveDateTime| at.date().to_string();
    Ok(Compared { day: day(diff.from), old: diff.old, new: diff.new, functions: functions.collect(), causes: causes.collect() })
}

/// Every metric in each of its places, in the order of the metrics.
pub(super) fn placed(loaded: &Loaded) -> Vec<Placed> {
    let parameters = loaded.tally.parameters();
    let mut all = Vec::new();
    for scored in &loaded.metrics {
        let (metric, measure) = (&scored.metric, scored.metric.measure());
        for (at, place) in scored.places.iter().enumerate() {
            // Once in a function it counts with the largest part that it has there.
            let is_before = |(other, spot): (usize, &Spot)| {
                spot.at.level() == place.at.level() && (spot.part > place.part || spot.part == place.part && other < at)
            };
            let is_first = !scored.places.iter().enumerate().any(is_before);
            let (function, category) = loaded.tally.codes(place.at);
            all.push(Placed {
                function: function.to_owned(),
                category: category.map(str::to_owned),
                code: metric.metric_number.clone().unwrap_or_default(),
                name: metric.name.clone(),
                owner: scored.owner.clone().unwrap_or_default(),
                unit: metric.unit.clone(),
                measure,
                weight: parameters.weights.of(measure.priority) * place.part,
                score: measure.score().ok(),
                is_first,
            });
        }
    }
    all
}

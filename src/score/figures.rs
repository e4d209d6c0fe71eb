//! What monitoring is told of a catalog, gathered.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use super::{Loaded, Scored, Subject};
use crate::db::Connection;
use crate::domain::metric::Direction;
use crate::domain::moment;
use crate::domain::number::finite;
use crate::domain::score::{Parameters, shown};
use crate::error::Result;
use crate::report::openmetrics::{Figures, Group, Metric};

/// Gathers the figures of a subject as they are now.
pub(crate) async fn figures(tx: &mut Connection, subject: &Subject, parameters: Parameters) -> Result<Figures> {
    let loaded = Loaded::read(tx, subject, parameters, None).await?;
    let scores = loaded.tally.scores();
    let functions = scores.functions.iter().map(|function| Group {
        code: Some(function.code.clone()),
        score: function.score.map(|score| shown(score.exact)),
        certainty: function.certainty,
        counts: [function.metric_count, function.unscoreable_count, function.assumed_count],
    });
    let overall = Group {
        code: None,
        score: scores.overall.map(|score| shown(score.exact)),
        certainty: scores.certainty,
        counts: [scores.metric_count, scores.unscoreable_count, scores.assumed_count],
    };
    let mut labels: HashMap<&str, u32> = HashMap::new();
    for scored in &loaded.metrics {
        *labels.entry(scored.metric.label()).or_default() += 1;
    }
    let metrics = loaded.metrics.iter().map(|scored| metric(&loaded, scored, labels[scored.metric.label()] > 1)).collect();
    Ok(Figures {
        schema: None,
        catalog: subject.name().to_owned(),
        framework: subject.framework.short_name(),
        metrics,
        groups: functions.chain([overall]).collect(),
    })
}

/// A metric; two of one name are told apart by their ids.
fn metric(loaded: &Loaded, scored: &Scored, has_namesake: bool) -> Metric {
    let metric = &scored.metric;
    let label = metric.label();
    let codes = scored.places.iter().map(|place| loaded.tally.codes(place.at));
    let mut functions: Vec<String> = codes.clone().map(|(function, _)| function.to_owned()).collect();
    functions.dedup();
    let measure = metric.measure();
    let is_range = metric.direction == Direction::TargetRange;
    let target = if metric.direction == Direction::Binary { measure.goal() } else { measure.target };
    let age = |at: NaiveDateTime| Decimal::new((loaded.at - at).max(TimeDelta::zero()).num_milliseconds(), 3);
    Metric {
        called: if has_namesake { format!("{label} ({})", metric.id) } else { label.to_owned() },
        functions,
        categories: codes.filter_map(|(_, category)| category.map(str::to_owned)).collect(),
        unit: metric.unit.clone(),
        direction: metric.direction.as_str(),
        priority: metric.priority.as_str(),
        value: finite(metric.current_value),
        target: [target.filter(|_| !is_range), measure.lower.filter(|_| is_range), measure.upper.filter(|_| is_range)],
        score: measure.score().ok().map(shown),
        read: scored.recorded_at.filter(|at| moment::is_finite(*at)).map(|at| (at, age(at))),
        is_stale: metric.age.is_stale(),
    }
}

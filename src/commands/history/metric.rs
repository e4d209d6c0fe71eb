//! What `cmf history` says of the metric whose readings it shows.

use crate::domain::metric::Metric;
use crate::output::{Columns, columns};

/// What it is called, and its unit.
pub(super) fn title(metric: &Metric) -> String {
    let unit = metric.unit.as_deref().map(|unit| format!(", in {unit}")).unwrap_or_default();
    format!("{}{unit}", metric.called())
}

/// What the readings are called in JSON.
pub(super) const READINGS: &str = "readings";

/// What the JSON says of the metric, before its readings.
pub(super) const METRIC: Columns<Metric> = columns! { |metric|
    metric_id = metric.id, metric_number, name, unit, direction, current_value, target_value, target_lower, target_upper
};

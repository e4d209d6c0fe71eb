//! Where verbs of `cmf metric` look for metrics, and the words for what they take and show.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::db::Connection;
use crate::db::metric_entries::MetricScope;
use crate::domain::item;
use crate::domain::metric::{Direction, Metric, Priority, UnknownName};
use crate::domain::number::Number;
use crate::error::Result;
use crate::lookup;

/// Where a command looks for metrics.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Where {
    /// Look in this catalog; without it, in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,
    /// Look in the default library only
    #[arg(long = "default", conflicts_with = "catalog")]
    default_library: bool,
    /// Look in all catalogs, active or not, and the default library
    #[arg(long, conflicts_with_all = ["catalog", "default_library"])]
    all: bool,
}

impl Where {
    pub(super) async fn scope(&self, tx: &mut Connection) -> Result<MetricScope> {
        Ok(match &self.catalog {
            Some(name) => MetricScope::Catalog(lookup::catalog::find(tx, name, None).await?.id),
            None if self.default_library => MetricScope::Default,
            None if self.all => MetricScope::All,
            None => MetricScope::Active,
        })
    }
}

/// The priorities, offered in help and completion.
pub(super) fn priorities() -> impl TypedValueParser<Value = Priority> {
    PossibleValuesParser::new(Priority::ALL.map(Priority::as_str)).try_map(|name| name.parse::<Priority>())
}

/// The directions, offered in help and completion; `lower` is enough.
pub(super) fn directions() -> impl TypedValueParser<Value = Direction> {
    let names = Direction::ALL.map(|direction| {
        let name = direction.as_str();
        PossibleValue::new(name).alias(name.trim_end_matches("_is_better").trim_start_matches("target_"))
    });
    PossibleValuesParser::new(names).try_map(|name| item::direction(&name).ok_or(UnknownName(name)))
}

/// The target as people write it: `>= 95`, `<= 14`, `40 to 60`, `= 1`.
pub(super) fn target(metric: &Metric) -> Option<String> {
    metric.target_text().map(|target| format!("{}{target}", metric.direction.sign()))
}

/// A number without trailing zeros.
pub(super) fn plain(number: Option<Number>) -> Option<Number> {
    number.map(Number::normalize)
}

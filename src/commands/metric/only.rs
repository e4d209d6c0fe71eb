//! Which of the metrics are meant: the filters of `cmf metric list` and `cmf metric rm`.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDateTime};
use rust_decimal::Decimal;

use super::terms::{directions, priorities};
use crate::db::metric_entries::{Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::frequency::{Freshness, Limit};
use crate::domain::item::Field;
use crate::domain::metric::{Direction, Priority};
use crate::domain::text::folded;
use crate::error::Result;
use crate::lookup;

#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub(super) struct Only {
    /// Only metrics of this function, such as PR
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// Only metrics of this category, such as PR.AA
    #[arg(long, value_name = "CODE")]
    category: Option<String>,
    /// Only metrics of this priority
    #[arg(long, ignore_case = true, value_parser = priorities())]
    priority: Option<Priority>,
    /// Only metrics of this direction
    #[arg(long, ignore_case = true, value_parser = directions())]
    direction: Option<Direction>,
    /// Only metrics that miss their target
    #[arg(long)]
    below_target: bool,
    /// Only metrics without a reading for one and a half of their frequency, or for this time, such as 35d
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = Limit::OWN)]
    stale: Option<Limit>,
    /// Only metrics of this owner, as the sheet names who is responsible
    #[arg(id = "responsible", long = "owner", value_name = "NAME")]
    owner: Option<String>,
    /// Only metrics that nothing ties to a framework: no confirmed mapping, or an unknown function
    #[arg(long)]
    unmapped: bool,
    /// Only metrics without a score, for want of a reading, a target or bounds
    #[arg(long)]
    unscored: bool,
    /// Only locked metrics
    #[arg(long)]
    locked: bool,
}

impl Only {
    /// Whether all metrics are meant.
    pub fn is_all(&self) -> bool {
        let Only { function, category, priority, direction, below_target, stale, owner, unmapped, unscored, locked } = self;
        let texts = [function, category, owner];
        let flags = [below_target, unmapped, unscored, locked];
        texts.into_iter().all(Option::is_none)
            && priority.is_none()
            && direction.is_none()
            && stale.is_none()
            && !flags.into_iter().any(|flag| *flag)
    }

    pub fn age(&self) -> Option<Duration> {
        self.stale.and_then(Limit::age)
    }

    /// A code that neither a metric nor a framework has is a typing error, not an empty answer.
    pub async fn check(&self, tx: &mut Connection, scope: MetricScope) -> Result<()> {
        for (option, code) in [("function", &self.function), ("category", &self.category)] {
            if let Some(code) = code {
                check_known(tx, option, code, scope).await?;
            }
        }
        Ok(())
    }

    /// Whether a metric is among them at an instant.
    pub fn takes(&self, entry: &Entry, freshness: &Freshness, now: NaiveDateTime) -> bool {
        let metric = &entry.metric;
        let score = metric.measure().score().ok();
        let same = |wanted: &Option<String>, code: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| code.is_some_and(|code| code.eq_ignore_ascii_case(wanted.trim())))
        };
        let is_of = |owner: &String| entry.spec.get(&Field::Owner).is_some_and(|one| folded(one) == folded(owner));
        same(&self.function, Some(&entry.csf_function))
            && same(&self.category, entry.csf_category.as_deref())
            && self.priority.is_none_or(|priority| metric.priority == priority)
            && self.direction.is_none_or(|direction| metric.direction == direction)
            && (!self.below_target || score.is_some_and(|score| score < Decimal::ONE_HUNDRED))
            && self.owner.as_ref().is_none_or(is_of)
            && (!self.unmapped || !entry.is_mapped)
            && (!self.unscored || score.is_none())
            && (!self.locked || metric.is_locked)
            && (self.stale.is_none() || freshness.is_stale(entry.last_reading, entry.frequency(), now))
    }
}

async fn check_known(tx: &mut Connection, level: &str, code: &str, scope: MetricScope) -> Result<()> {
    let mut known = BTreeSet::new();
    db::metric_entries::each(tx, scope, None, |entry| {
        known.extend(if level == "function" { Some(entry.csf_function) } else { entry.csf_category });
        Ok(())
    })
    .await?;
    let wanted = if level == "function" { 1 } else { 2 };
    for framework in db::frameworks::list(tx).await? {
        let nodes = db::frameworks::tree(tx, framework.id).await?;
        known.extend(nodes.into_iter().filter(|node| node.level == wanted).map(|node| node.code));
    }
    if known.iter().any(|other| other.eq_ignore_ascii_case(code.trim())) {
        return Ok(());
    }
    Err(lookup::code::unknown(level, code, known.iter().map(String::as_str)))
}

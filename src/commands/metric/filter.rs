//! Which metrics are meant, where they are not named one by one.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::terms::{Where, directions, priorities};
use crate::context::Context;
use crate::db::metric_entries::{Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::frequency::{Freshness, Limit};
use crate::domain::item::{self, Field};
use crate::domain::metric::{Direction, Priority};
use crate::domain::text::folded;
use crate::error::{Error, Result};
use crate::lookup;

/// What must be true of a metric. Nothing given is true of all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Filter {
    /// Only metrics of this function, such as PR
    #[arg(long, value_name = "CODE")]
    pub(super) function: Option<String>,
    /// Only metrics of this category, such as PR.AA
    #[arg(long, value_name = "CODE")]
    pub(super) category: Option<String>,
    /// Only metrics of this priority
    #[arg(long, ignore_case = true, value_parser = priorities())]
    pub(super) priority: Option<Priority>,
    /// Only metrics of this direction
    #[arg(long, ignore_case = true, value_parser = directions())]
    pub(super) direction: Option<Direction>,
    /// Only metrics that miss their target
    #[arg(long)]
    pub(super) below_target: bool,
    /// Only metrics without a reading for one and a half of their frequency, or for this time, such as 35d
    #[arg(long, value_name = "AGE", num_args = 0..=1, default_missing_value = Limit::OWN)]
    pub(super) stale: Option<Limit>,
    /// Only metrics of this owner, as the sheet names who is responsible
    #[arg(id = "responsible", long = "owner", value_name = "NAME")]
    pub(super) owner: Option<String>,
    /// Only metrics without a framework: no confirmed mapping, or an unknown function
    #[arg(long)]
    pub(super) unmapped: bool,
    /// Only metrics without a score, because a reading, a target or bounds are missing
    #[arg(long)]
    pub(super) unscored: bool,
    /// Only locked metrics
    #[arg(long)]
    pub(super) locked: bool,
}

impl Filter {
    /// Refuses codes that neither a metric nor a framework has: a typing error is not an empty answer.
    pub(super) async fn check(&self, tx: &mut Connection, scope: MetricScope) -> Result<()> {
        for (level, code) in [("function", &self.function), ("category", &self.category)] {
            if let Some(code) = code {
                check_known(tx, level, code, scope).await?;
            }
        }
        Ok(())
    }

    /// Whether all of it is true of a metric with this score.
    pub(super) fn passes(&self, entry: &Entry, score: Option<Decimal>, (freshness, now): (&Freshness, NaiveDateTime)) -> bool {
        let metric = &entry.metric;
        let same = |wanted: &Option<String>, code: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| code.is_some_and(|code| code.eq_ignore_ascii_case(wanted.trim())))
        };
        let is_owned = |owner: &String| entry.spec.get(&Field::Owner).is_some_and(|one| folded(one) == folded(owner));
        same(&self.function, Some(&entry.csf_function))
            && same(&self.category, entry.csf_category.as_deref())
            && self.priority.is_none_or(|priority| metric.priority == priority)
            && self.direction.is_none_or(|direction| metric.direction == direction)
            && (!self.below_target || score.is_some_and(|score| score < Decimal::ONE_HUNDRED))
            && self.owner.as_ref().is_none_or(is_owned)
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

/// One thing that must be true, as it is typed.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    text: String,
    add: Add,
    value: String,
}

/// Adds a condition with a value; says whether that could be.
type Add = fn(&mut Filter, &str) -> bool;

/// The conditions, each with what adds it to a filter and says whether its value can be read.
const CONDITIONS: [(&str, Add); 10] = [
    ("function=CODE", |filter, value| filter.function.replace(value.to_owned()).is_none()),
    ("category=CODE", |filter, value| filter.category.replace(value.to_owned()).is_none()),
    ("priority=PRIORITY", |filter, value| {
        let priority = Priority::ALL.into_iter().find(|one| one.as_str().eq_ignore_ascii_case(value));
        priority.is_some_and(|priority| filter.priority.replace(priority).is_none())
    }),
    ("direction=DIRECTION", |filter, value| {
        item::direction(value).is_some_and(|direction| filter.direction.replace(direction).is_none())
    }),
    ("owner=NAME", |filter, value| filter.owner.replace(value.to_owned()).is_none()),
    ("stale", |filter, value| value.is_empty() && Limit::OWN.parse().is_ok_and(|own| filter.stale.replace(own).is_none())),
    ("below-target", |filter, value| value.is_empty() && !std::mem::replace(&mut filter.below_target, true)),
    ("unmapped", |filter, value| value.is_empty() && !std::mem::replace(&mut filter.unmapped, true)),
    ("unscored", |filter, value| value.is_empty() && !std::mem::replace(&mut filter.unscored, true)),
    ("locked", |filter, value| value.is_empty() && !std::mem::replace(&mut filter.locked, true)),
];

impl Condition {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, ""), |(name, value)| (name, value.trim()));
        let known = CONDITIONS.iter().find(|(form, _)| form.split('=').next() == Some(name.trim()));
        let add = known.filter(|(form, _)| form.contains('=') != value.is_empty()).map(|(_, add)| *add);
        let add = add.filter(|add| add(&mut Filter::default(), value));
        let condition = add.map(|add| Condition { text: text.to_owned(), add, value: value.to_owned() });
        condition.ok_or_else(|| format!("a condition is one of {}", CONDITIONS.map(|(form, _)| form).join(", ")))
    }
}

/// The metrics that a command changes: named, or by what is true of them.
#[derive(Debug, clap::Args)]
pub(super) struct Chosen {
    /// The metrics, by number, name or id
    #[arg(value_name = "METRIC", required_unless_present = "conditions", conflicts_with = "conditions")]
    pub(super) metrics: Vec<String>,
    /// Instead of names: all metrics for which this is true, such as function=PR, owner=ada or locked; if given several times, all must be true
    #[arg(id = "conditions", long = "where", value_name = "CONDITION", value_parser = Condition::parse)]
    conditions: Vec<Condition>,
    #[command(flatten)]
    pub(super) place: Where,
}

impl Chosen {
    /// The metrics, in the order in which they are named. Exit 2 if a name stands for none or several, and where the conditions
    /// are true of none.
    pub(super) async fn find(&self, context: &Context, tx: &mut Connection) -> Result<Vec<Entry>> {
        let scope = self.place.scope(tx).await?;
        if self.conditions.is_empty() {
            return lookup::metric::find_all(tx, scope, &self.metrics).await;
        }
        let mut filter = Filter::default();
        for condition in &self.conditions {
            if !(condition.add)(&mut filter, &condition.value) {
                return Err(Error::usage(format!("--where {}: given twice", condition.text)));
            }
        }
        filter.check(tx, scope).await?;
        let now = db::scores::now(tx).await?;
        let freshness = context.config().freshness(None);
        let mut found = Vec::new();
        db::metric_entries::each(tx, scope, None, |entry| {
            if filter.passes(&entry, entry.metric.measure().score().ok(), (&freshness, now)) {
                found.push(entry);
            }
            Ok(())
        })
        .await?;
        if found.is_empty() {
            let texts: Vec<&str> = self.conditions.iter().map(|condition| condition.text.as_str()).collect();
            return Err(Error::usage(format!("no metric is {}", texts.join(" and "))).hint("see `cmf metric list`"));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_word_or_a_word_and_a_value() {
        for good in ["function=PR", "category=PR.AA", "priority=low", "direction=lower", "owner=ada", "stale", "locked"] {
            assert!(Condition::parse(good).is_ok(), "{good}");
        }
        for bad in ["function", "function=", "priority=urgent", "locked=yes", "colour=red", ""] {
            assert!(Condition::parse(bad).is_err(), "{bad}");
        }
    }
}

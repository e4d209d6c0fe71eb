//! The newest readings of a metric, and whether one more is far from them.

use rust_decimal::Decimal;

use super::{Reason, Value};

/// How many readings are looked at.
pub const LOOKED_AT: usize = 20;

/// How many changes tell what is usual.
const FEWEST: usize = 5;

/// The newest readings of a metric.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent(Vec<Value>);

impl Recent {
    /// Of readings from the newest to the oldest.
    pub fn of(newest_first: impl IntoIterator<Item = Value>) -> Self {
        let mut values: Vec<Value> = newest_first.into_iter().take(LOOKED_AT).collect();
        values.reverse();
        Recent(values)
    }

    /// One more.
    pub fn add(&mut self, value: Value) {
        if self.0.len() >= LOOKED_AT {
            self.0.remove(0);
        } else if self.0.len() == self.0.capacity() {
            // Recording a file holds those of all metrics: no room beyond what is looked at.
            self.0.reserve_exact(LOOKED_AT - self.0.len());
        }
        self.0.push(value);
    }

    /// The newest, and those before it.
    pub fn split(&self) -> Option<(Value, Recent)> {
        self.0.split_last().map(|(newest, before)| (*newest, Recent(before.to_vec())))
    }

    /// The same, or the current value of a metric that has no reading: a sheet gave it.
    #[must_use]
    pub fn or(self, current: Option<Decimal>) -> Self {
        let is_empty = self.0.is_empty();
        let current = current.filter(|_| is_empty).and_then(|value| Value::parse(&value.to_string()).ok());
        Recent(self.0.into_iter().chain(current).collect())
    }

    /// The newest that is not zero.
    pub fn last(&self) -> Option<Decimal> {
        self.0.iter().rev().find(|value| **value != Value::ZERO).map(|value| value.decimal())
    }

    /// Why a reading is far from those before it: it differs by more than `limit` times what the metric usually changes by, the median of
    /// its changes. Where fewer than five changes are known, it is more than `limit` times the reading before it, or less than such a part
    /// of it. A change by a tenth is never far.
    pub fn jump(&self, value: Value, limit: Decimal) -> Option<Reason> {
        let newest = self.0.last()?.units();
        let size = |units: i64| Decimal::new(units, 4).normalize();
        let change = (value.units() - newest).abs();
        if change.checked_mul(10).is_some_and(|tenfold| tenfold <= value.units().abs().max(newest.abs())) {
            return None;
        }
        let mut changes: Vec<i64> = self.0.windows(2).map(|two| (two[1].units() - two[0].units()).abs()).collect();
        changes.retain(|change| *change > 0);
        if changes.len() >= FEWEST {
            let middle = changes.len() / 2;
            let usual = *changes.select_nth_unstable(middle).1;
            let is_far = limit.checked_mul(size(usual)).is_some_and(|most| size(change) > most);
            return is_far.then(|| {
                let (limit, usual) = (limit.normalize(), size(usual));
                format!(
                    "{value} is {} from the value before it, {}, more than {limit} times the usual change of {usual}",
                    size(change),
                    size(newest)
                )
            });
        }
        let (number, before) = (value.decimal(), self.last()?);
        let (small, large) = (number.abs().min(before.abs()), number.abs().max(before.abs()));
        let is_far = !small.is_zero() && small.checked_mul(limit).is_some_and(|most| large > most);
        is_far.then(|| {
            let (limit, before) = (limit.normalize(), before.normalize());
            if number.abs() > before.abs() {
                format!("{value} is more than {limit} times the value before it, {before}")
            } else {
                format!("the value before it, {before}, is more than {limit} times {value}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(values: &str) -> Recent {
        Recent::of(values.split(' ').rev().map(|value| Value::parse(value).unwrap()))
    }

    #[test]
    fn a_reading_is_far_by_what_its_metric_usually_does() {
        let far = |before: &str, value: &str| recent(before).jump(Value::parse(value).unwrap(), Decimal::TEN).is_some();
        // A quiet metric, and a slip of the decimal point.
        for (value, is_far) in [
            ("97", false),
            ("92", false),
            ("89", false),
            ("88", true),
            ("60", true),
            ("9.75", true),
            ("975", true),
            ("0", true),
        ] {
            assert_eq!(far("97 97.5 98 97.5 97 97.5 98", value), is_far, "{value}");
        }
        // A lively one.
        for (value, is_far) in [("2", false), ("90", false), ("300", false), ("900", true), ("-300", false)] {
            assert_eq!(far("3 80 12 55 91 7 60", value), is_far, "{value}");
        }
        // What changes seldom says nothing of changes.
        for (value, is_far) in [("3", false), ("0", false), ("21", true)] {
            assert_eq!(far("2 2 2 2 2 2 2 2", value), is_far, "{value}");
        }
        for (before, value, is_far) in [
            ("5", "50", false),
            ("5", "51", true),
            ("5", "0.4", true),
            ("5", "0", false),
            ("0", "9000", false),
            ("5 0", "51", true),
        ] {
            assert_eq!(far(before, value), is_far, "{before} {value}");
        }
        assert!(!far("0.01 0.02 0.01 0.02 0.01 0.02 99", "100"));
        assert_eq!(Recent::default().jump(Value::ONE, Decimal::TEN), None);
    }

    #[test]
    fn only_the_newest_count() {
        let mut recent = recent("5000 1 2 3 2 1 2 3 2 1 2 3 2 1 2 3 2 1 2 3 2");
        recent.add(Value::ONE);
        assert_eq!(recent.0.len(), LOOKED_AT);
        assert!(recent.jump(Value::parse("5000").unwrap(), Decimal::TEN).is_some());
        assert_eq!(recent.last(), Some(Decimal::ONE));
    }
}

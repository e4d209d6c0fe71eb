//! What the user says of directions: `K-1..K-9=lower`, `Backlog of tickets=lower`, `*=higher`.

use crate::domain::item::{self, normalised};
use crate::domain::metric::Direction;

/// One rule: which metrics, and their direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// As it is written: a number, a name, `FIRST..LAST` or `*`.
    pub metrics: String,
    pub direction: Direction,
    which: Which,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    /// All that nothing else tells.
    Rest,
    /// Numbers from one to another: what stands before the digits, and the two.
    Range(String, u64, u64),
    One(String),
}

impl Rule {
    /// The rule for these metrics. The error is what is wrong with it, to come after "it".
    pub fn new(metrics: &str, direction: &str) -> Result<Rule, String> {
        let metrics = metrics.trim();
        let known = item::direction(direction)
            .ok_or_else(|| format!("has no direction `{}`: write lower, higher, range or binary", direction.trim()))?;
        let which = match metrics.split_once("..") {
            _ if metrics.is_empty() => return Err("names no metric: write it as METRIC=DIRECTION".to_owned()),
            _ if metrics == "*" => Which::Rest,
            Some((first, last)) => range(first, last)?.unwrap_or_else(|| Which::One(normalised(metrics))),
            None => Which::One(normalised(metrics)),
        };
        Ok(Rule { metrics: metrics.to_owned(), direction: known, which })
    }

    /// The rule of a text `METRIC=DIRECTION`.
    pub fn parse(text: &str) -> Result<Rule, String> {
        let (metrics, direction) = text.rsplit_once('=').ok_or("is not METRIC=DIRECTION, such as K-1..K-9=lower")?;
        Rule::new(metrics, direction)
    }

    /// Whether it names this metric, and how closely: 2 for one, 1 for one of many.
    pub fn names(&self, number: Option<&str>, name: &str) -> u8 {
        match &self.which {
            Which::Rest => 0,
            Which::Range(prefix, first, last) => {
                let inside = number
                    .and_then(split)
                    .is_some_and(|(before, digits)| normalised(before) == *prefix && (*first..=*last).contains(&digits));
                u8::from(inside)
            }
            Which::One(wanted) => {
                let is = |text: &str| normalised(text) == *wanted;
                if number.is_some_and(is) || is(name) { 2 } else { 0 }
            }
        }
    }
}

/// `K-1..K-9`; none where that is no range of numbers.
fn range(first: &str, last: &str) -> Result<Option<Which>, String> {
    let (Some((prefix, first)), Some((other, last))) = (split(first), split(last)) else { return Ok(None) };
    if normalised(prefix) != normalised(other) {
        return Ok(None);
    }
    if first > last {
        return Err(format!("ends before it begins: {first} comes after {last}"));
    }
    Ok(Some(Which::Range(normalised(prefix), first, last)))
}

/// A metric number as what stands before its last digits, and those.
fn split(number: &str) -> Option<(&str, u64)> {
    let number = number.trim();
    let prefix = number.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((prefix, number.get(prefix.len()..)?.parse().ok()?))
}

/// The rules of a command and of a column map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Those of the map, then those of the command.
    rules: Vec<Rule>,
    /// How many of them are the map's.
    of_map: usize,
}

impl Rules {
    /// The rules of a column map.
    pub fn of_map(rules: Vec<Rule>) -> Rules {
        Rules { of_map: rules.len(), rules }
    }

    /// Adds one of the command, or an answer.
    pub fn push(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// All of them, the weaker ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule that names a metric, by its position: those of the command count before those of the map, a single metric before
    /// several, and the later before the earlier.
    pub fn naming(&self, number: Option<&str>, name: &str) -> Option<(usize, Direction)> {
        let found = self.rules.iter().enumerate().map(|(at, rule)| (at, rule, rule.names(number, name)));
        let best = found.filter(|one| one.2 > 0).max_by_key(|(at, _, close)| (*at >= self.of_map, *close, *at))?;
        Some((best.0, best.1.direction))
    }

    /// The direction of all that nothing tells.
    pub fn of_the_rest(&self) -> Option<Direction> {
        self.rules.iter().rev().find(|rule| rule.which == Which::Rest).map(|rule| rule.direction)
    }

    /// The rules of the command that name single metrics, and that are not among these positions.
    pub fn unused<'a>(&'a self, used: &'a std::collections::BTreeSet<usize>) -> impl Iterator<Item = &'a str> {
        let of_command = self.rules.iter().enumerate().skip(self.of_map);
        of_command.filter(|(at, rule)| rule.which != Which::Rest && !used.contains(at)).map(|(_, rule)| rule.metrics.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{HigherIsBetter, LowerIsBetter};

    #[test]
    fn rules_name_metrics_by_number_range_and_name() {
        let rule = |text: &str| Rule::parse(text).expect("a rule");
        let mut all = Rules::default();
        for text in ["K-1..K-9=lower", "k-3=higher", "Cost = income=lower", "*=higher"] {
            all.push(rule(text));
        }
        let direction = |number: Option<&str>, name: &str| all.naming(number, name).map(|one| one.1);
        assert_eq!(direction(Some("K-01"), "x"), Some(LowerIsBetter));
        assert_eq!(direction(Some("K-3"), "x"), Some(HigherIsBetter), "one metric counts before many");
        assert_eq!(direction(Some("K-10"), "x"), None);
        assert_eq!(direction(None, "cost = income"), Some(LowerIsBetter));
        assert_eq!(all.of_the_rest(), Some(HigherIsBetter));
        let used = [0, 1].into();
        assert_eq!(all.unused(&used).collect::<Vec<_>>(), ["Cost = income"]);
        let mut both = Rules::of_map(vec![rule("K-1=higher")]);
        both.push(rule("K-1..K-9=lower"));
        assert_eq!(both.naming(Some("K-1"), "x"), Some((1, LowerIsBetter)), "the command counts before the map");
        for wrong in ["K-1", "=lower", "K-1=sideways", "K-9..K-1=lower"] {
            assert!(Rule::parse(wrong).is_err(), "{wrong}");
        }
    }
}

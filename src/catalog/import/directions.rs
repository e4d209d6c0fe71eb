//! Directions that no column has: those that the words told, and those that somebody has to say.

use serde_json::{Value, json};

use super::build::Built;
use crate::catalog::activation::direction_hint;
use crate::domain::item::Item;
use crate::domain::metric::Direction;
use crate::domain::text::{agreeing, counted};
use crate::error::Error;

/// How many are kept with their names; all are counted.
const KEPT: usize = 1_000;

/// How many a refusal lists.
const LISTED: usize = 20;

/// A metric whose direction its words told.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its row in the sheet.
    pub row: u64,
    /// Its number, else its name.
    pub metric: String,
    pub direction: Direction,
    /// What tells it.
    pub why: String,
}

/// A metric with a target whose direction nothing tells.
#[derive(Debug, Clone)]
pub struct Undirected {
    /// Its row in the sheet.
    pub row: u64,
    /// Its number, else its name: what a rule names it by.
    pub metric: String,
    /// Its number and name, its target and unit.
    pub line: String,
}

/// What came of the directions of a file.
#[derive(Debug, Clone, Default)]
pub struct Directions {
    /// How many were told, by direction in the order of [`Direction::ALL`].
    pub counts: [u64; 4],
    /// The first that were told.
    pub told: Vec<Told>,
    /// How many nothing told.
    pub unknown_count: u64,
    /// The first of them.
    pub unknown: Vec<Undirected>,
}

impl Directions {
    /// Looks at an item. What the catalog says of it already (`is_said`), or had to do without before (`is_settled`), needs nothing.
    pub(super) fn take(&mut self, built: &Built, is_said: bool, is_settled: bool) {
        let (row, item) = (built.row, &built.item);
        match (item.direction, &built.told) {
            (Some(direction), Some(why)) if !is_said => {
                let at = Direction::ALL.into_iter().position(|one| one == direction).unwrap_or_default();
                self.counts[at] += 1;
                if self.told.len() < KEPT {
                    self.told.push(Told { row, metric: metric(item), direction, why: why.clone() });
                }
            }
            // Without a target there is no score that a direction could turn around.
            (None, _) if !is_said && !is_settled && item.target_value.is_some() => {
                self.unknown_count += 1;
                if self.unknown.len() < KEPT {
                    self.unknown.push(Undirected { row, metric: metric(item), line: line(item) });
                }
            }
            _ => {}
        }
    }

    pub fn all_told(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The directions that were told with their counts, such as `30 higher_is_better, 8 lower_is_better`.
    pub fn sum(&self) -> String {
        let counts = Direction::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0);
        counts.map(|(direction, count)| format!("{count} {direction}")).collect::<Vec<_>>().join(", ")
    }

    /// What the user should know.
    pub(super) fn warning(&self) -> Option<String> {
        let told = usize::try_from(self.all_told()).unwrap_or(usize::MAX);
        (told > 0).then(|| {
            format!(
                "the sheet has no direction for {}: cmf found it by {} words and targets ({}). Scores show it as assumed \
                 until --direction, a column or `cmf metric set` sets it",
                counted(told, "metric"),
                agreeing(told, "its", "their"),
                self.sum()
            )
        })
    }

    /// How many of each direction, for `import_metadata`.
    pub(super) fn counted(&self) -> Value {
        let counts = Direction::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0);
        counts.map(|(direction, count)| (direction.as_str().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>().into()
    }
}

fn metric(item: &Item) -> String {
    item.metric_number.clone().unwrap_or_else(|| item.name.clone())
}

fn line(item: &Item) -> String {
    let number = item.metric_number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
    let target = item.target_value.map(|target| target.normalize().to_string()).unwrap_or_default();
    let unit = item.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    format!("{number}{} (target {target}{unit})", item.name)
}

/// The refusal if nobody can be asked what these directions are.
pub fn undirected(unknown: &[Undirected], count: u64) -> Error {
    let number = usize::try_from(count).unwrap_or(usize::MAX);
    let (has, their) = (agreeing(number, "has", "have"), agreeing(number, "its", "their"));
    let mut error =
        Error::data(format!("{} {has} a target and no direction, and {their} words do not show it", counted(number, "metric")));
    for one in unknown.iter().take(LISTED) {
        error = error.detail(format!("row {}: {}", one.row, one.line));
    }
    if number > LISTED {
        error = error.detail(format!("and {} more", number - LISTED));
    }
    let all = unknown.iter().map(|one| json!({ "row": one.row, "metric": one.metric }));
    error.with("undirected", all.collect::<Vec<_>>()).hint(direction_hint(unknown.iter().map(|one| one.metric.as_str())))
}

//! What is measured and scored: metrics, with direction and priority and their names in the database.

mod terms;

use rust_decimal::Decimal;
use uuid::Uuid;

pub use self::terms::{Direction, Priority, UnknownName};
use super::item::Spec;
use super::naming::Called;
use super::number::{Number, finite};
use super::score::{Age, Gap, Measure};

/// A metric as it is stored.
#[derive(Debug, Clone)]
pub struct Metric {
    /// That of its item, where it was made from one.
    pub id: Uuid,
    /// What people know it by, such as `PR-001`.
    pub metric_number: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it is counted in.
    pub unit: Option<String>,
    /// Which values are good.
    pub direction: Direction,
    /// How much it weighs.
    pub priority: Priority,
    /// The newest reading.
    pub current_value: Option<Number>,
    /// The goal, for all directions but a range.
    pub target_value: Option<Number>,
    /// The lower bound of a range.
    pub target_lower: Option<Number>,
    /// The upper bound of a range.
    pub target_upper: Option<Number>,
    /// Whether nobody set its direction.
    pub is_assumed: bool,
    /// Whether it refuses changes and readings.
    pub is_locked: bool,
    /// The name of its catalog; none in the default library.
    pub catalog: Option<String>,
    /// How old its newest reading is, where somebody looked: it is fresh until then.
    pub age: Age,
}

impl Called for Metric {
    fn id(&self) -> Uuid {
        self.id
    }

    fn number(&self) -> Option<&str> {
        self.metric_number.as_deref()
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Metric {
    /// Its name in short: its number, else its name.
    pub fn label(&self) -> &str {
        self.metric_number.as_deref().unwrap_or(&self.name)
    }

    /// Its number and name.
    pub fn called(&self) -> String {
        self.metric_number.as_ref().map_or_else(|| self.name.clone(), |number| format!("{number} {}", self.name))
    }

    /// What its score is computed from: a `NaN` is as good as nothing.
    pub fn measure(&self) -> Measure {
        Measure {
            direction: self.direction,
            priority: self.priority,
            current: finite(self.current_value),
            target: finite(self.target_value),
            lower: finite(self.target_lower),
            upper: finite(self.target_upper),
            is_assumed: self.is_assumed,
            age: self.age,
        }
    }

    /// The target in words: a value, or a range with `?` for the bound that it lacks.
    pub fn target_text(&self) -> Option<String> {
        let bound = |bound: Option<Number>| bound.map_or_else(|| "?".to_owned(), |bound| bound.normalize().to_string());
        match self.direction {
            Direction::TargetRange if self.target_lower.is_none() && self.target_upper.is_none() => None,
            Direction::TargetRange => Some(format!("{} to {}", bound(self.target_lower), bound(self.target_upper))),
            Direction::Binary => Some(self.target_value.unwrap_or(Decimal::ONE.into()).normalize().to_string()),
            Direction::HigherIsBetter | Direction::LowerIsBetter => {
                self.target_value.map(|target| target.normalize().to_string())
            }
        }
    }
}

/// What people say of a metric: of one that is not stored yet, and of one that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMetric {
    /// What people know it by, such as `PR-001`.
    pub metric_number: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it measures.
    pub description: Option<String>,
    /// The goal, for all directions but a range.
    pub target_value: Option<Number>,
    /// The lower bound of a range.
    pub target_lower: Option<Number>,
    /// The upper bound of a range.
    pub target_upper: Option<Number>,
    /// What it is counted in.
    pub unit: Option<String>,
    /// Which values are good.
    pub direction: Direction,
    /// The code of its function.
    pub csf_function: String,
    /// The code of its category.
    pub csf_category: Option<String>,
    /// How much it weighs.
    pub priority: Priority,
    /// What its item keeps beside that.
    pub spec: Spec,
}

impl NewMetric {
    /// What it lacks to be scored once it has a reading.
    pub fn gap(&self) -> Option<Gap> {
        let [target, lower, upper] = [self.target_value, self.target_lower, self.target_upper].map(finite);
        let (direction, priority, current) = (self.direction, self.priority, Some(Decimal::ZERO));
        Measure { direction, priority, current, target, lower, upper, ..Measure::nothing() }.score().err()
    }
}

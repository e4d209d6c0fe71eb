//! What is measured and scored: metrics, with direction and priority and their names in the database.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::number::{Number, finite};
use super::score::{Gap, Measure};

/// A metric as it is stored.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the names are the schema's")]
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
    /// Whether it refuses changes and readings.
    pub is_locked: bool,
    /// The name of its catalog; none in the default library.
    pub catalog: Option<String>,
}

impl Metric {
    /// What to call it in short: its number, else its name.
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
#[expect(clippy::struct_field_names, reason = "the names are the schema's")]
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
}

impl NewMetric {
    /// What it lacks to be scored once it has a reading.
    pub fn gap(&self) -> Option<Gap> {
        let [target, lower, upper] = [self.target_value, self.target_lower, self.target_upper].map(finite);
        let (direction, priority, current) = (self.direction, self.priority, Some(Decimal::ZERO));
        Measure { direction, priority, current, target, lower, upper }.score().err()
    }
}

/// Which values of a metric are good ones (`metric_direction`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// At or above the target is good.
    HigherIsBetter,
    /// At or below the target is good.
    LowerIsBetter,
    /// Between the lower and the upper bound is good.
    TargetRange,
    /// Equal to the target is good, everything else is not.
    Binary,
}

impl Direction {
    /// All of them, in the schema's order.
    pub const ALL: [Direction; 4] = [Self::HigherIsBetter, Self::LowerIsBetter, Self::TargetRange, Self::Binary];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "higher_is_better",
            Self::LowerIsBetter => "lower_is_better",
            Self::TargetRange => "target_range",
            Self::Binary => "binary",
        }
    }

    /// What stands before a target of this direction, to say which values are good.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::HigherIsBetter => ">= ",
            Self::LowerIsBetter => "<= ",
            Self::TargetRange => "",
            Self::Binary => "= ",
        }
    }
}

/// How much a metric weighs (`metric_priority`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// Weight 1.0 by default.
    High,
    /// Weight 0.6 by default.
    Medium,
    /// Weight 0.3 by default.
    Low,
}

impl Priority {
    /// All of them, in the schema's order.
    pub const ALL: [Priority; 3] = [Self::High, Self::Medium, Self::Low];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }
}

/// A text that is not one of an enumeration's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(pub String);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown name `{}`", self.0)
    }
}

impl std::error::Error for UnknownName {}

/// Names are read in any case.
macro_rules! named {
    ($($name:ty),+) => {$(
        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                let known = Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name));
                known.ok_or_else(|| UnknownName(name.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

named!(Direction, Priority);

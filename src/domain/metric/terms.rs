//! Direction and priority, and their names in the database.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

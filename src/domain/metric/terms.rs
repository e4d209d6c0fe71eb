//! Direction and priority, and their names in the database.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

named! {
    /// Which values of a metric are good ones (`metric_direction`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Direction {
        /// At or above the target is good.
        HigherIsBetter = "higher_is_better",
        /// At or below the target is good.
        LowerIsBetter = "lower_is_better",
        /// Between the lower and the upper bound is good.
        TargetRange = "target_range",
        /// Equal to the target is good, everything else is not.
        Binary = "binary",
    }
    ALL
    /// The name in the database.
    as_str
}

impl Direction {
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

named! {
    /// How much a metric weighs (`metric_priority`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum Priority {
        /// Weight 1.0 by default.
        High = "High",
        /// Weight 0.6 by default.
        Medium = "Medium",
        /// Weight 0.3 by default.
        Low = "Low",
    }
    ALL
    /// The name in the database.
    as_str
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

//! How old a metric's newest reading is, and what follows from that.

use serde::{Deserialize, Serialize};

/// How old what is known of a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Age {
    /// Its newest reading is young enough.
    #[default]
    Fresh,
    /// It is too old, or there is none, and its value counts all the same.
    Stale,
    /// The same, and it counts in no mean.
    Excluded,
}

impl Age {
    /// Whether there is no reading that is young enough.
    pub const fn is_stale(self) -> bool {
        matches!(self, Age::Stale | Age::Excluded)
    }
}

/// Whether stale metrics count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stale {
    /// They count with their last value.
    #[default]
    Keep,
    /// They count in no mean.
    Exclude,
}

impl Stale {
    /// Both of them.
    pub const ALL: [Stale; 2] = [Stale::Keep, Stale::Exclude];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stale::Keep => "keep",
            Stale::Exclude => "exclude",
        }
    }

    /// The age of a metric that is stale, or is not.
    pub const fn age(self, is_stale: bool) -> Age {
        match (is_stale, self) {
            (false, _) => Age::Fresh,
            (true, Stale::Keep) => Age::Stale,
            (true, Stale::Exclude) => Age::Excluded,
        }
    }
}

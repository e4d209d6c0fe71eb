//! Where a day begins and ends.

use chrono::{NaiveDate, NaiveDateTime};

/// Which instant a day alone stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// Its first microsecond.
    Start,
    /// Its last microsecond.
    End,
}

/// The last microsecond of a day.
pub(in crate::domain) fn end_of(day: NaiveDate) -> NaiveDateTime {
    day.and_hms_micro_opt(23, 59, 59, 999_999).unwrap_or_else(|| day.into())
}

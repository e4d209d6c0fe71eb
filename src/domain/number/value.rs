//! What a text can be read as: a number with what stood around it, or why it is none.

use std::fmt;

use rust_decimal::Decimal;

use crate::domain::metric::Direction;

named! {
    /// Which character stands before the decimals.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Mark {
        /// `1,234.5`
        Point = "point",
        /// `1.234,5`
        Comma = "comma",
    }
    /// The name used in options and map files.
    as_str
}

/// The operator in front of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `>=`, `>`, `at least`, `min`, a trailing `+`
    AtLeast,
    /// `<=`, `<`, `at most`, `max`
    AtMost,
    /// `=`
    Equal,
}

impl Operator {
    /// The direction that a target with this operator means.
    pub const fn direction(self) -> Option<Direction> {
        match self {
            Operator::AtLeast => Some(Direction::HigherIsBetter),
            Operator::AtMost => Some(Direction::LowerIsBetter),
            Operator::Equal => None,
        }
    }
}

/// A number with what stood around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The number: `95` for `95%`. The lower bound of a range.
    pub number: Decimal,
    /// The same before it was rounded to four decimals.
    pub exact: Decimal,
    /// The upper bound, where the text is a range (`40-60`).
    pub upper: Option<Decimal>,
    /// Whether a percent sign stood there.
    pub percent: bool,
    pub operator: Option<Operator>,
    /// The word after the number (`days`), or the currency sign before it.
    pub unit: Option<String>,
    /// The number as a yes or no.
    pub yes_no: bool,
}

impl Value {
    pub(super) fn plain(number: Decimal) -> Self {
        Value { number, exact: number, upper: None, percent: false, operator: None, unit: None, yes_no: false }
    }
}

named! {
    /// Why a text is not a number.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum NotANumber {
        /// Words, several values, or a form that cannot be read in one way.
        Text = "not_a_number",
        /// It could be a date or a fraction.
        Date = "maybe_a_date",
        /// `NaN`, infinity.
        NotFinite = "not_finite",
        /// More than 11 digits before the decimals.
        TooLarge = "too_large",
        /// Groups of digits that are not thousands (`1,23,4`).
        Grouping = "bad_grouping",
        /// The lower bound is above the upper one.
        Bounds = "bounds_swapped",
    }
    /// A short name for programs.
    code
}

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotANumber::Text => "is not a number",
            NotANumber::Date => "could be a date, which cmf does not guess",
            NotANumber::NotFinite => "is not a finite number",
            NotANumber::TooLarge => "has more than 11 digits before the decimals",
            NotANumber::Grouping => "has digit groups that are not thousands",
            NotANumber::Bounds => "has its lower bound above its upper bound",
        })
    }
}

impl std::error::Error for NotANumber {}

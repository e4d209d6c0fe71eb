//! What a metric is measured against, and its score in percent.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::Age;
use crate::domain::metric::{Direction, Priority};

/// Decimals that the score of a metric keeps.
const QUOTIENT: u32 = 20;

/// What a metric is measured against and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Which values are good.
    pub direction: Direction,
    /// How much it weighs.
    pub priority: Priority,
    /// The newest reading.
    pub current: Option<Decimal>,
    /// The goal, for all directions but a range.
    pub target: Option<Decimal>,
    /// The lower bound of a range.
    pub lower: Option<Decimal>,
    /// The upper bound of a range.
    pub upper: Option<Decimal>,
    /// Whether nobody set the direction: words told it, or an import before there was a question took one.
    pub is_assumed: bool,
    /// How old the newest reading is.
    pub age: Age,
}

named! {
    /// Why a metric has no score.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Gap {
        /// It has no current value.
        NoReading = "no reading",
        NoTarget = "no target",
        /// It is a range without both bounds.
        NoBounds = "no bounds",
        /// Its newest reading is too old, and such metrics are left out.
        Stale = "no recent reading",
    }
    /// In words.
    as_str
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Measure {
    /// That of which nothing is known.
    pub const fn nothing() -> Self {
        Measure {
            direction: Direction::HigherIsBetter,
            priority: Priority::Medium,
            current: None,
            target: None,
            lower: None,
            upper: None,
            is_assumed: false,
            age: Age::Fresh,
        }
    }

    /// The score in percent, 0 to 100, unrounded. The error is the first thing that is missing: the reading, else the target or
    /// the bounds, else a recent reading where stale metrics are left out.
    pub fn score(&self) -> Result<Decimal, Gap> {
        let score = self.by_value()?;
        if self.age == Age::Excluded { Err(Gap::Stale) } else { Ok(score) }
    }

    /// Whether nothing but its age keeps it from being scored.
    pub fn is_excluded(&self) -> bool {
        self.age == Age::Excluded && self.by_value().is_ok()
    }

    /// The score, however old the value is.
    fn by_value(&self) -> Result<Decimal, Gap> {
        let value = self.current.ok_or(Gap::NoReading)?;
        match self.direction {
            Direction::HigherIsBetter => {
                let target = self.target.ok_or(Gap::NoTarget)?;
                Ok(if value >= target { Decimal::ONE_HUNDRED } else { percent(value, target) })
            }
            Direction::LowerIsBetter => {
                let target = self.target.ok_or(Gap::NoTarget)?;
                Ok(if value <= target { Decimal::ONE_HUNDRED } else { percent(target, value) })
            }
            Direction::TargetRange => {
                let (lower, upper) = self.lower.zip(self.upper).ok_or(Gap::NoBounds)?;
                let distance = if value < lower {
                    lower - value
                } else if value > upper {
                    value - upper
                } else {
                    return Ok(Decimal::ONE_HUNDRED);
                };
                let width = upper - lower;
                Ok(if width > Decimal::ZERO && distance < width {
                    Decimal::ONE_HUNDRED - percent(distance, width)
                } else {
                    Decimal::ZERO
                })
            }
            Direction::Binary => {
                let target = self.target.unwrap_or(Decimal::ONE);
                Ok(if value == target { Decimal::ONE_HUNDRED } else { Decimal::ZERO })
            }
        }
    }

    /// All that is missing for a score, however old the value is.
    pub fn gaps(&self) -> Vec<Gap> {
        let reading = self.current.is_none().then_some(Gap::NoReading);
        let goal = Measure { current: Some(Decimal::ZERO), ..*self }.by_value().err();
        reading.into_iter().chain(goal).collect()
    }

    /// The value that brings the metric to its target with the least change; none without a target or bounds.
    pub fn goal(&self) -> Option<Decimal> {
        match self.direction {
            Direction::HigherIsBetter | Direction::LowerIsBetter => self.target,
            Direction::Binary => Some(self.target.unwrap_or(Decimal::ONE)),
            Direction::TargetRange => {
                let (lower, upper) = self.lower.zip(self.upper)?;
                Some(self.current.map_or(lower, |value| if value < lower { lower } else { value.min(upper) }))
            }
        }
    }

    /// The same metric with another current value, which was just read.
    #[must_use]
    pub fn with_current(&self, current: Option<Decimal>) -> Self {
        Measure { current, age: Age::Fresh, ..*self }
    }

    /// The rule with its numbers filled in, up to the unrounded result, such as `100 × 92 / 95`.
    pub fn formula(&self) -> Result<String, Gap> {
        let score = self.score()?;
        let value = self.current.unwrap_or_default().normalize();
        let target = self.target.unwrap_or(Decimal::ONE).normalize();
        let (lower, upper) = (self.lower.unwrap_or_default().normalize(), self.upper.unwrap_or_default().normalize());
        let full = score == Decimal::ONE_HUNDRED;
        let none = score == Decimal::ZERO;
        Ok(match self.direction {
            Direction::HigherIsBetter if full => format!("{value} ≥ {target}"),
            Direction::HigherIsBetter if target <= Decimal::ZERO => format!("{value} < {target} ≤ 0"),
            Direction::HigherIsBetter if none => format!("{value} ≤ 0"),
            Direction::HigherIsBetter => format!("100 × {value} / {target}"),
            Direction::LowerIsBetter if full => format!("{value} ≤ {target}"),
            Direction::LowerIsBetter if none => format!("{value} > {target}, target ≤ 0"),
            Direction::LowerIsBetter => format!("100 × {target} / {value}"),
            Direction::TargetRange if full => format!("{lower} ≤ {value} ≤ {upper}"),
            Direction::TargetRange if none => format!("{value} too far from {lower}–{upper}"),
            Direction::TargetRange if value < lower => format!("100 − 100 × ({lower} − {value}) / ({upper} − {lower})"),
            Direction::TargetRange => format!("100 − 100 × ({value} − {upper}) / ({upper} − {lower})"),
            Direction::Binary if full => format!("{value} = {target}"),
            Direction::Binary => format!("{value} ≠ {target}"),
        })
    }
}

/// `100 part / whole` for a part below the whole, 0 if either is not above 0; 20 decimals, half up.
///
/// Twenty decimals leave room for a weight and a long sum in the 28 digits of a [`Decimal`], so that sums are not rounded.
fn percent(part: Decimal, whole: Decimal) -> Decimal {
    if part <= Decimal::ZERO || whole <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    quotient(part, whole).unwrap_or_else(|| {
        // Values of the schema have 15 digits and are divided above.
        let exact = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole)).unwrap_or_default();
        exact.round_dp_with_strategy(QUOTIENT, RoundingStrategy::MidpointAwayFromZero)
    })
}

/// `100 part / whole` in whole numbers; none where they are too long for that. Both are above 0.
fn quotient(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let scale = part.scale().max(whole.scale());
    let digits = |number: Decimal| {
        let digits = u128::try_from(number.mantissa()).ok()?;
        digits.checked_mul(10_u128.pow(scale - number.scale()))
    };
    let (part, whole) = (digits(part)?, digits(whole)?);
    let dividend = part.checked_mul(10_u128.pow(QUOTIENT + 2))?;
    let (quotient, rest) = (dividend / whole, dividend % whole);
    let quotient = quotient + u128::from(rest >= whole - rest);
    Decimal::try_from_i128_with_scale(i128::try_from(quotient).ok()?, QUOTIENT).ok()
}

#[cfg(test)]
mod tests {
    use super::super::shown;
    use super::*;

    fn measure(direction: Direction, current: &str, target: &str, lower: &str, upper: &str) -> Measure {
        let number = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a number"));
        Measure {
            direction,
            priority: Priority::High,
            current: number(current),
            target: number(target),
            lower: number(lower),
            upper: number(upper),
            ..Measure::nothing()
        }
    }

    #[test]
    fn each_direction_scores_as_written() {
        use Direction::{Binary, HigherIsBetter as Higher, LowerIsBetter as Lower, TargetRange as Range};
        for (direction, current, target, lower, upper, expected) in [
            (Higher, "95", "95", "", "", "100"),
            (Higher, "96", "95", "", "", "100"),
            (Higher, "47.5", "95", "", "", "50"),
            (Higher, "1", "3", "", "", "33.33"),
            (Higher, "-1", "3", "", "", "0"),
            (Higher, "0", "3", "", "", "0"),
            (Higher, "-1", "0", "", "", "0"),
            (Higher, "-5", "-2", "", "", "0"),
            (Higher, "-1", "-2", "", "", "100"),
            (Higher, "0", "0", "", "", "100"),
            (Lower, "14", "14", "", "", "100"),
            (Lower, "28", "14", "", "", "50"),
            (Lower, "0", "0", "", "", "100"),
            (Lower, "1", "0", "", "", "0"),
            (Lower, "-1", "-2", "", "", "0"),
            (Lower, "-3", "-2", "", "", "100"),
            (Lower, "99999999999.9999", "0.0001", "", "", "0"),
            (Range, "10", "", "10", "20", "100"),
            (Range, "20", "", "10", "20", "100"),
            (Range, "25", "", "10", "20", "50"),
            (Range, "5", "", "10", "20", "50"),
            (Range, "30", "", "10", "20", "0"),
            (Range, "31", "", "10", "20", "0"),
            (Range, "-99999999999.9999", "", "10", "20", "0"),
            (Range, "10", "", "10", "10", "100"),
            (Range, "10.0001", "", "10", "10", "0"),
            (Range, "-12", "", "-10", "-5", "60"),
            (Binary, "1", "", "", "", "100"),
            (Binary, "0", "", "", "", "0"),
            (Binary, "1.0000", "1", "", "", "100"),
            (Binary, "0", "0", "", "", "100"),
            (Binary, "1", "0", "", "", "0"),
        ] {
            let score = measure(direction, current, target, lower, upper).score().map(shown);
            assert_eq!(
                score,
                Ok(shown(expected.parse().expect("a number"))),
                "{direction} {current} {target} {lower}..{upper}"
            );
        }
    }

    #[test]
    fn a_percentage_is_divided_to_twenty_decimals() {
        let d = |text: &str| -> Decimal { text.parse().expect("a number") };
        for (part, whole, expected) in [
            ("1", "3", "33.33333333333333333333"),
            ("2", "3", "66.66666666666666666667"),
            ("0.0001", "99999999999.9999", "0.0000000000001"),
            ("99999999999.9998", "99999999999.9999", "99.9999999999999"),
            ("1.5", "2.0000", "75"),
            // Longer than the schema's: divided as decimals.
            ("12345678901234567890.1234", "79228162514264337593543950.335", "0.00001558243749375336"),
        ] {
            assert_eq!(percent(d(part), d(whole)), d(expected).normalize(), "{part} of {whole}");
            let slow = d(part) * Decimal::ONE_HUNDRED / d(whole);
            assert!((percent(d(part), d(whole)) - slow).abs() <= Decimal::new(5, 21), "{part} of {whole}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        use Direction::{Binary, HigherIsBetter as Higher, LowerIsBetter as Lower, TargetRange as Range};
        assert_eq!(measure(Higher, "", "1", "", "").score(), Err(Gap::NoReading));
        assert_eq!(measure(Higher, "1", "", "", "").score(), Err(Gap::NoTarget));
        assert_eq!(measure(Lower, "1", "", "", "").score(), Err(Gap::NoTarget));
        assert_eq!(measure(Range, "1", "1", "0", "").score(), Err(Gap::NoBounds));
        assert_eq!(measure(Range, "1", "1", "", "2").score(), Err(Gap::NoBounds));
        assert_eq!(measure(Binary, "", "1", "", "").score(), Err(Gap::NoReading));
        assert_eq!(measure(Range, "", "", "", "").gaps(), [Gap::NoReading, Gap::NoBounds]);
        assert_eq!(measure(Binary, "0", "", "", "").gaps(), []);
    }

    #[test]
    fn a_formula_shows_its_numbers() {
        use Direction::{Binary, HigherIsBetter as Higher, LowerIsBetter as Lower, TargetRange as Range};
        for (direction, current, target, lower, upper, expected) in [
            (Higher, "92.0000", "95.0000", "", "", "100 × 92 / 95"),
            (Higher, "95", "95", "", "", "95 ≥ 95"),
            (Higher, "-1", "0", "", "", "-1 < 0 ≤ 0"),
            (Higher, "0", "5", "", "", "0 ≤ 0"),
            (Lower, "20", "14", "", "", "100 × 14 / 20"),
            (Lower, "1", "0", "", "", "1 > 0, target ≤ 0"),
            (Range, "25", "", "10", "20", "100 − 100 × (25 − 20) / (20 − 10)"),
            (Range, "5", "", "10", "20", "100 − 100 × (10 − 5) / (20 − 10)"),
            (Range, "35", "", "10", "20", "35 too far from 10–20"),
            (Binary, "0", "", "", "", "0 ≠ 1"),
        ] {
            assert_eq!(measure(direction, current, target, lower, upper).formula().as_deref(), Ok(expected));
        }
    }

    #[test]
    fn reaching_the_goal_scores_a_hundred() {
        use Direction::{Binary, HigherIsBetter as Higher, LowerIsBetter as Lower, TargetRange as Range};
        for (direction, current, target, lower, upper, goal) in [
            (Higher, "3", "95", "", "", "95"),
            (Lower, "30", "14", "", "", "14"),
            (Range, "25", "", "10", "20", "20"),
            (Range, "5", "", "10", "20", "10"),
            (Range, "", "", "10", "20", "10"),
            (Binary, "0", "", "", "", "1"),
        ] {
            let measure = measure(direction, current, target, lower, upper);
            assert_eq!(measure.goal(), Some(goal.parse().expect("a number")));
            assert_eq!(measure.with_current(measure.goal()).score(), Ok(Decimal::ONE_HUNDRED));
        }
    }
}

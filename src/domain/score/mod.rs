//! From a metric's value and target to a score in percent, and from there to means and ratings.
//!
//! Everything here is exact or carries at least 15 decimals; two decimals are made only where a score is stored or shown
//! ([`shown`]).

mod change;
mod tally;

pub use change::{Step, apportion, effects, gains};
pub use tally::{CategoryScore, FunctionOutline, FunctionScore, GroupOutline, Level, Member, Part, Place, Scores, Tally};

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::domain::metric::{Direction, Priority, UnknownName};

/// Decimals that a mean keeps: sums of quotients err by less than this, so that a mean of exactly 75 is rated as 75.
const SETTLED: u32 = 15;

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
}

/// Why a metric has no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// It has no current value.
    NoReading,
    /// It has no target.
    NoTarget,
    /// It is a range without both bounds.
    NoBounds,
}

impl Gap {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoReading => "no reading",
            Self::NoTarget => "no target",
            Self::NoBounds => "no bounds",
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Measure {
    /// The score in percent, 0 to 100, unrounded.
    ///
    /// # Errors
    /// The first thing that is missing: the reading, else the target or the bounds.
    pub fn score(&self) -> Result<Decimal, Gap> {
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

    /// All that is missing for a score.
    pub fn gaps(&self) -> Vec<Gap> {
        let reading = self.current.is_none().then_some(Gap::NoReading);
        let goal = Measure { current: Some(Decimal::ZERO), ..*self }.score().err();
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

    /// The same metric with another current value.
    #[must_use]
    pub fn with_current(&self, current: Option<Decimal>) -> Self {
        Measure { current, ..*self }
    }

    /// The rule with its numbers filled in, up to the unrounded result, such as `100 × 92 / 95`.
    ///
    /// # Errors
    /// As [`Measure::score`].
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

/// `100 part / whole` for a part below the whole, 0 where either is not above 0; 20 decimals, half up.
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

/// A score as it is stored and shown: two decimals, half away from zero.
pub fn shown(score: Decimal) -> Decimal {
    let mut rounded = score.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

/// Takes the noise of long sums off, far below anything shown.
fn settled(score: Decimal) -> Decimal {
    score.round_dp_with_strategy(SETTLED, RoundingStrategy::MidpointAwayFromZero)
}

/// What each priority weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    high: Decimal,
    medium: Decimal,
    low: Decimal,
}

impl Default for Weights {
    fn default() -> Self {
        Weights { high: Decimal::ONE, medium: Decimal::new(6, 1), low: Decimal::new(3, 1) }
    }
}

impl Weights {
    /// Weights that make sense together.
    ///
    /// # Errors
    /// A sentence when one is not above 0 and at most 1000 with at most 4 decimals, or when a lower priority weighs more.
    pub fn new(high: Decimal, medium: Decimal, low: Decimal) -> Result<Self, String> {
        let weights = Weights { high, medium, low };
        for priority in Priority::ALL {
            let weight = weights.of(priority).normalize();
            if weight <= Decimal::ZERO || weight > Decimal::ONE_THOUSAND || weight.scale() > 4 {
                return Err(format!(
                    "the weight of {priority} is {weight}; a weight is above 0, at most 1000, and has at most 4 decimals"
                ));
            }
        }
        if high < medium || medium < low {
            return Err(format!(
                "weights fall from High over Medium to Low; these are {}, {}, {}",
                high.normalize(),
                medium.normalize(),
                low.normalize()
            ));
        }
        Ok(weights)
    }

    /// The weight of a priority.
    pub fn of(&self, priority: Priority) -> Decimal {
        match priority {
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        }
    }
}

/// The risk that a score stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rating {
    /// From 90 on by default.
    VeryLow,
    /// From 75 on by default.
    Low,
    /// From 50 on by default.
    Medium,
    /// From 30 on by default.
    High,
    /// Everything below.
    VeryHigh,
}

impl Rating {
    /// From the least risk to the most.
    pub const ALL: [Rating; 5] = [Self::VeryLow, Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// As stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VeryLow => "Very Low",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::VeryHigh => "Very High",
        }
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Rating {
    type Err = UnknownName;
    /// Takes `Very Low` as well as `very-low`.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let plain = name.trim().replace(['-', '_'], " ");
        Self::ALL
            .into_iter()
            .find(|rating| rating.as_str().eq_ignore_ascii_case(&plain))
            .ok_or_else(|| UnknownName(name.to_owned()))
    }
}

/// The least score of each rating; below the last it is [`Rating::VeryHigh`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    very_low: Decimal,
    low: Decimal,
    medium: Decimal,
    high: Decimal,
}

impl Default for Thresholds {
    fn default() -> Self {
        let percent = |whole| Decimal::new(whole, 0);
        Thresholds { very_low: percent(90), low: percent(75), medium: percent(50), high: percent(30) }
    }
}

impl Thresholds {
    /// Thresholds in falling order.
    ///
    /// # Errors
    /// A sentence when one is not above 0 and at most 100, or when they do not fall.
    pub fn new(very_low: Decimal, low: Decimal, medium: Decimal, high: Decimal) -> Result<Self, String> {
        let all = [very_low, low, medium, high];
        if let Some(outside) = all.iter().find(|&&score| score <= Decimal::ZERO || score > Decimal::ONE_HUNDRED) {
            return Err(format!("a threshold is above 0 and at most 100; {} is not", outside.normalize()));
        }
        if all.windows(2).any(|pair| pair[0] <= pair[1]) {
            return Err(format!(
                "thresholds fall from very-low over low and medium to high; these are {}",
                all.map(|score| score.normalize().to_string()).join(", ")
            ));
        }
        Ok(Thresholds { very_low, low, medium, high })
    }

    /// The least score of a rating; none for the last, which takes all below.
    pub fn least(&self, rating: Rating) -> Option<Decimal> {
        match rating {
            Rating::VeryLow => Some(self.very_low),
            Rating::Low => Some(self.low),
            Rating::Medium => Some(self.medium),
            Rating::High => Some(self.high),
            Rating::VeryHigh => None,
        }
    }

    /// The rating of an unrounded score.
    pub fn rate(&self, score: Decimal) -> Rating {
        let reached = |rating: &Rating| self.least(*rating).is_none_or(|least| score >= least);
        Rating::ALL.into_iter().find(reached).unwrap_or(Rating::VeryHigh)
    }
}

/// How metrics become a function's score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rollup {
    /// The mean of its categories, each the weighted mean of its metrics.
    #[default]
    Category,
    /// The weighted mean of all its metrics.
    Metric,
}

impl Rollup {
    /// As stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Metric => "metric",
        }
    }
}

/// All that a score depends on besides the metrics; stored with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters {
    /// How metrics become a function's score.
    pub rollup: Rollup,
    /// What each priority weighs.
    pub weights: Weights,
    /// Where each rating begins.
    pub thresholds: Thresholds,
}

/// A score and the rating of its unrounded value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// In percent, unrounded.
    pub exact: Decimal,
    /// The risk it stands for.
    pub rating: Rating,
}

impl Score {
    /// Two decimals, half away from zero.
    pub fn shown(&self) -> Decimal {
        shown(self.exact)
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn ratings_are_taken_before_rounding() {
        let thresholds = Thresholds::default();
        for (score, rating) in [
            ("100", Rating::VeryLow),
            ("90", Rating::VeryLow),
            ("89.999", Rating::Low),
            ("75", Rating::Low),
            ("74.9999", Rating::Medium),
            ("50", Rating::Medium),
            ("49.99", Rating::High),
            ("30", Rating::High),
            ("29.9999999", Rating::VeryHigh),
            ("0", Rating::VeryHigh),
        ] {
            assert_eq!(thresholds.rate(score.parse().expect("a number")), rating, "{score}");
        }
    }

    #[test]
    fn shown_scores_have_two_decimals_half_away_from_zero() {
        for (exact, text) in
            [("74.995", "75.00"), ("74.9949", "74.99"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("100", "100.00")]
        {
            assert_eq!(shown(exact.parse().expect("a number")).to_string(), text);
        }
    }

    #[test]
    fn weights_and_thresholds_are_checked_for_order() {
        let d = |text: &str| -> Decimal { text.parse().expect("a number") };
        assert!(Weights::new(d("2"), d("1"), d("1")).is_ok());
        assert!(Weights::new(d("0.5"), d("0.6"), d("0.3")).unwrap_err().contains("fall from High"));
        assert!(Weights::new(d("1"), d("0.6"), d("0")).unwrap_err().contains("above 0"));
        assert!(Weights::new(d("1001"), d("0.6"), d("0.3")).unwrap_err().contains("at most 1000"));
        assert!(Weights::new(d("1"), d("0.6"), d("0.30001")).unwrap_err().contains("4 decimals"));
        assert!(Thresholds::new(d("95"), d("75"), d("50"), d("30")).is_ok());
        assert!(Thresholds::new(d("75"), d("75"), d("50"), d("30")).unwrap_err().contains("fall from"));
        assert!(Thresholds::new(d("101"), d("75"), d("50"), d("30")).unwrap_err().contains("at most 100"));
        assert!(Thresholds::new(d("90"), d("75"), d("50"), d("0")).unwrap_err().contains("above 0"));
        assert_eq!("very-low".parse(), Ok(Rating::VeryLow));
        assert_eq!("Very High".parse(), Ok(Rating::VeryHigh));
        assert!("lowest".parse::<Rating>().is_err());
    }
}

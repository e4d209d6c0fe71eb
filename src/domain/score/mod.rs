//! From a metric's value and target to a score in percent, and from there to means and ratings.
//!
//! Everything here is exact or carries at least 15 decimals; two decimals are made only where a score is stored or shown
//! ([`shown`]).

mod age;
mod change;
mod measure;
mod parameters;
mod sum;
mod tally;

pub use age::{Age, Stale};
pub use change::{Step, apportion, effects, gains};
pub use measure::{Gap, Measure};
pub use parameters::{Parameters, Rating, Rollup, Thresholds, Weights};
pub use sum::{Certainty, Sum, Weighed};
pub use tally::{CategoryScore, FunctionOutline, FunctionScore, GroupKey, GroupOutline, Level, Part, Scores, Spot, Tally};

use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals that a mean keeps: sums of quotients err by less than this, so that a mean of exactly 75 is rated as 75.
const SETTLED: u32 = 15;

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

/// What a score is made of, in a few words: `37`, `36 of 37` where one cannot be scored, `37, 2 assumed` if nobody set the
/// direction of two.
pub fn made_of(scored: u64, left_out: u64, assumed: u64) -> String {
    let all = if left_out == 0 { String::new() } else { format!(" of {}", scored + left_out) };
    let assumed = if assumed == 0 { String::new() } else { format!(", {assumed} assumed") };
    format!("{scored}{all}{assumed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_scores_have_two_decimals_half_away_from_zero() {
        for (exact, text) in
            [("74.995", "75.00"), ("74.9949", "74.99"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("100", "100.00")]
        {
            assert_eq!(shown(exact.parse().expect("a number")).to_string(), text);
        }
    }
}

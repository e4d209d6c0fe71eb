//! What scores depend on beside the metrics: weights, ratings and their thresholds, and how means are taken.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Stale;
use crate::domain::frequency::Freshness;
use crate::domain::metric::{Priority, UnknownName};

/// What each priority weighs, in the order of [`Priority::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights([Decimal; 3]);

impl Default for Weights {
    fn default() -> Self {
        Weights([Decimal::ONE, Decimal::new(6, 1), Decimal::new(3, 1)])
    }
}

impl Weights {
    /// Weights that make sense together. The error is a sentence when one is not above 0 and at most 1000 with at most 4
    /// decimals, or when a lower priority weighs more.
    pub fn new(weights: [Decimal; 3]) -> Result<Self, String> {
        for (priority, weight) in Priority::ALL.into_iter().zip(weights.map(|weight| weight.normalize())) {
            if weight <= Decimal::ZERO || weight > Decimal::ONE_THOUSAND || weight.scale() > 4 {
                return Err(format!(
                    "the weight of {priority} is {weight}; a weight is above 0, at most 1000, and has at most 4 decimals"
                ));
            }
        }
        if !weights.is_sorted_by(|higher, lower| higher >= lower) {
            let weights = weights.map(|weight| weight.normalize().to_string()).join(", ");
            return Err(format!("weights must fall from High to Medium to Low; these are {weights}"));
        }
        Ok(Weights(weights))
    }

    /// These with others by the names of priorities.
    pub fn with<'a>(self, others: impl IntoIterator<Item = &'a (String, Decimal)>) -> Result<Self, String> {
        let Weights(mut weights) = self;
        for (name, weight) in others {
            let unknown = |_| format!("`{name}` is not a priority: use High, Medium or Low");
            weights[name.parse::<Priority>().map_err(unknown)? as usize] = *weight;
        }
        Weights::new(weights)
    }

    /// The weight of a priority.
    pub fn of(&self, priority: Priority) -> Decimal {
        self.0[priority as usize]
    }
}

/// The risk that a score stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rating {
    /// From 90 on by default.
    #[serde(rename = "Very Low")]
    VeryLow,
    /// From 75 on by default.
    Low,
    /// From 50 on by default.
    Medium,
    /// From 30 on by default.
    High,
    /// Everything below.
    #[serde(rename = "Very High")]
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

/// The least score of each rating, in the order of [`Rating::ALL`]; below the last it is [`Rating::VeryHigh`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds([Decimal; 4]);

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds([90, 75, 50, 30].map(Decimal::from))
    }
}

impl Thresholds {
    /// Thresholds in falling order. The error is a sentence when one is not above 0 and at most 100, or when they do not fall.
    pub fn new(all: [Decimal; 4]) -> Result<Self, String> {
        if let Some(outside) = all.iter().find(|&&score| score <= Decimal::ZERO || score > Decimal::ONE_HUNDRED) {
            return Err(format!("a threshold is above 0 and at most 100; {} is not", outside.normalize()));
        }
        if !all.is_sorted_by(|higher, lower| higher > lower) {
            let all = all.map(|score| score.normalize().to_string()).join(", ");
            return Err(format!("thresholds must fall from very-low to low to medium to high; these are {all}"));
        }
        Ok(Thresholds(all))
    }

    /// These with others by the names of ratings.
    pub fn with<'a>(self, others: impl IntoIterator<Item = &'a (String, Decimal)>) -> Result<Self, String> {
        let Thresholds(mut all) = self;
        for (name, score) in others {
            let least = name.parse::<Rating>().ok().and_then(|rating| all.get_mut(rating as usize));
            *least.ok_or_else(|| {
                format!("`{name}` is not a rating with a threshold: use very-low, low, medium or high; a score below high is very high")
            })? = *score;
        }
        Thresholds::new(all)
    }

    /// The least score of a rating; none for the last, which takes all below.
    pub fn least(&self, rating: Rating) -> Option<Decimal> {
        self.0.get(rating as usize).copied()
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

/// All that a score depends on besides the metrics; stored with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters {
    /// How metrics become a function's score.
    pub rollup: Rollup,
    /// What each priority weighs.
    pub weights: Weights,
    /// Where each rating begins.
    pub thresholds: Thresholds,
    /// When a reading is too old.
    pub freshness: Freshness,
    /// Whether metrics with such a reading count.
    pub stale: Stale,
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn weights_and_thresholds_are_checked_for_order() {
        let d = |text: &str| -> Decimal { text.parse().expect("a number") };
        assert!(Weights::new([d("2"), d("1"), d("1")]).is_ok());
        assert!(Weights::new([d("0.5"), d("0.6"), d("0.3")]).unwrap_err().contains("fall from High"));
        assert!(Weights::new([d("1"), d("0.6"), d("0")]).unwrap_err().contains("above 0"));
        assert!(Weights::new([d("1001"), d("0.6"), d("0.3")]).unwrap_err().contains("at most 1000"));
        assert!(Weights::new([d("1"), d("0.6"), d("0.30001")]).unwrap_err().contains("4 decimals"));
        assert!(Thresholds::new([d("95"), d("75"), d("50"), d("30")]).is_ok());
        assert!(Thresholds::new([d("75"), d("75"), d("50"), d("30")]).unwrap_err().contains("fall from"));
        assert!(Thresholds::new([d("101"), d("75"), d("50"), d("30")]).unwrap_err().contains("at most 100"));
        assert!(Thresholds::new([d("90"), d("75"), d("50"), d("0")]).unwrap_err().contains("above 0"));
        assert_eq!("very-low".parse(), Ok(Rating::VeryLow));
        assert_eq!("Very High".parse(), Ok(Rating::VeryHigh));
        assert!("lowest".parse::<Rating>().is_err());
    }
}

//! Sums of what counts in a mean, and how much of it rests on fresh readings.

use rust_decimal::Decimal;

use super::{Measure, settled};

/// What is known of a score whose metrics are not all fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certainty {
    /// The share of the score's weight that is fresh, in percent, unrounded: 100 less what lies between the two.
    pub share: Decimal,
    /// The score if every stale metric stood at 0, unrounded.
    pub low: Decimal,
    /// The score if every stale metric stood at 100, unrounded.
    pub high: Decimal,
}

impl Certainty {
    /// That of the mean of parts that weigh the same; none of no part.
    pub(super) fn mean(parts: impl Iterator<Item = Certainty>) -> Option<Certainty> {
        let (mut low, mut high, mut count) = (Decimal::ZERO, Decimal::ZERO, 0_u64);
        for part in parts {
            low += part.low;
            high += part.high;
            count += 1;
        }
        let count = Decimal::from(count);
        Some(Certainty::between(settled(low.checked_div(count)?), settled(high.checked_div(count)?)))
    }

    /// The share in whole percent for people, never more than it is: `83%`.
    pub fn fresh(&self) -> String {
        format!("{}%", self.share.floor().normalize())
    }

    /// Where the score would lie, in whole numbers around it: `55–92`; nothing where all of it is fresh.
    pub fn range(&self) -> String {
        if self.low == self.high {
            return String::new();
        }
        format!("{}–{}", self.low.floor().normalize(), self.high.ceil().normalize())
    }

    /// Both in a few words: `83%: 55–92`.
    pub fn words(&self) -> String {
        let parts = [self.fresh(), self.range()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// What is to be said beside the score where not all of it is fresh.
    pub fn told(&self) -> Option<String> {
        (self.low < self.high).then(|| format!("{} of its weight is fresh, so it is within {}", self.fresh(), self.range()))
    }

    fn between(low: Decimal, high: Decimal) -> Certainty {
        Certainty { share: Decimal::ONE_HUNDRED - (high - low), low, high }
    }
}

/// What a metric brings to a sum.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    weight: Decimal,
    /// Its score times its weight; none where it does not count.
    points: Option<Decimal>,
    is_assumed: bool,
    /// Whether it would count with a fresh reading and has none.
    is_stale: bool,
}

impl Weighed {
    /// A metric of this weight, whose score was worked out.
    pub fn new(weight: Decimal, measure: &Measure, score: Option<Decimal>) -> Self {
        Weighed {
            weight,
            points: score.map(|score| weight * score),
            is_assumed: measure.is_assumed,
            is_stale: if score.is_some() { measure.age.is_stale() } else { measure.is_excluded() },
        }
    }
}

/// Weights and points of metrics that count together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// Of those that count.
    pub weight: Decimal,
    points: Decimal,
    /// The weight of the stale ones, whether they count or not, and the points of those of them that count.
    stale_weight: Decimal,
    stale_points: Decimal,
    /// The weight of those that do not count only because they are stale.
    excluded: Decimal,
    /// How many count.
    pub scoreable: u64,
    /// How many do not.
    pub unscoreable: u64,
    /// How many count by a direction that nobody set.
    pub assumed: u64,
    /// How many have a score but no fresh reading.
    pub stale: u64,
}

impl Sum {
    /// Adds a metric.
    pub fn add(&mut self, one: &Weighed) {
        if let Some(points) = one.points {
            self.weight += one.weight;
            self.points += points;
            self.scoreable += 1;
            self.assumed += u64::from(one.is_assumed);
        } else {
            self.unscoreable += 1;
        }
        if one.is_stale {
            self.stale_weight += one.weight;
            self.stale += 1;
            match one.points {
                Some(points) => self.stale_points += points,
                None => self.excluded += one.weight,
            }
        }
    }

    /// Takes one out again.
    pub fn remove(&mut self, one: &Weighed) {
        if let Some(points) = one.points {
            self.weight -= one.weight;
            self.points -= points;
            self.scoreable = self.scoreable.saturating_sub(1);
            self.assumed = self.assumed.saturating_sub(u64::from(one.is_assumed));
        } else {
            self.unscoreable = self.unscoreable.saturating_sub(1);
        }
        if one.is_stale {
            self.stale_weight -= one.weight;
            self.stale = self.stale.saturating_sub(1);
            match one.points {
                Some(points) => self.stale_points -= points,
                None => self.excluded -= one.weight,
            }
        }
    }

    /// The weighted mean of those that count, unrounded.
    pub fn mean(&self) -> Option<Decimal> {
        if self.scoreable == 0 { None } else { self.points.checked_div(self.weight).map(settled) }
    }

    /// What is known of the mean, with those that are left out because they are stale.
    pub fn certainty(&self) -> Option<Certainty> {
        let weight = self.weight + self.excluded;
        if self.scoreable + self.stale == 0 || weight.is_zero() {
            return None;
        }
        let least = self.points - self.stale_points;
        let most = least + self.stale_weight * Decimal::ONE_HUNDRED;
        Some(Certainty::between(settled(least.checked_div(weight)?), settled(most.checked_div(weight)?)))
    }
}

#[cfg(test)]
mod tests;

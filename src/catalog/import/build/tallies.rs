//! What the figures of the rows add up to, to know a row that repeats them.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::domain::item::Field;

/// The figures of each column since the last summary, and all of them.
#[derive(Debug, Default)]
pub(super) struct Tallies(HashMap<Field, [Tally; 2]>);

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    sum: Decimal,
    count: u64,
    least: Decimal,
    most: Decimal,
}

impl Tally {
    fn add(&mut self, number: Decimal) {
        self.sum = self.sum.checked_add(number).unwrap_or(self.sum);
        self.least = if self.count == 0 { number } else { self.least.min(number) };
        self.most = if self.count == 0 { number } else { self.most.max(number) };
        self.count += 1;
    }

    /// Whether a figure is the sum of at least three.
    fn is_sum(&self, figure: Decimal) -> bool {
        self.count >= 3 && figure == self.sum
    }

    /// Whether a figure is the mean of at least three, as far as it is written.
    fn is_mean(&self, figure: Decimal) -> bool {
        self.count >= 3 && figure == (self.sum / Decimal::from(self.count)).round_dp(figure.scale())
    }

    /// Whether a figure is the least, the most, or how many there are.
    fn is_end(&self, figure: Decimal) -> bool {
        self.count >= 3 && [self.least, self.most, Decimal::from(self.count)].contains(&figure)
    }

    /// Whether no metric has such a sum or mean by chance: few small numbers add up to another one.
    fn is_telling(&self) -> bool {
        self.least < self.most && (self.count >= 5 || self.sum.abs() >= Decimal::ONE_HUNDRED)
    }
}

impl Tallies {
    /// Takes the figures of a metric in.
    pub(super) fn add(&mut self, figures: &[(Field, Decimal)]) {
        for (field, figure) in figures {
            self.0.entry(*field).or_default().iter_mut().for_each(|tally| tally.add(*figure));
        }
    }

    /// A summary: from here on a new part is counted.
    pub(super) fn part(&mut self) {
        self.0.values_mut().for_each(|both| both[0] = Tally::default());
    }

    /// Whether figures repeat those of the rows above. Two that do so by chance are rare where they stand out from the rows, or
    /// where both are sums, or means with decimals; with a word that sums up one is enough, also the least or the most.
    pub(super) fn repeats(&self, figures: &[(Field, Decimal)], by_word: bool, stands_out: bool) -> bool {
        let all = |is: fn(&Tally, Decimal) -> bool| {
            let has = |which: usize| {
                figures.iter().all(|(field, figure)| self.0.get(field).is_some_and(|both| is(&both[which], *figure)))
            };
            !figures.is_empty() && (has(0) || has(1))
        };
        let repeats = all(|tally, figure| tally.is_sum(figure) || tally.is_mean(figure));
        let has_decimals = figures.iter().any(|(_, figure)| figure.scale() > 0);
        by_word && (repeats || all(Tally::is_end))
            || figures.len() >= 2
                && (repeats && stands_out
                    || all(|tally, figure| tally.is_telling() && tally.is_sum(figure))
                    || has_decimals && all(|tally, figure| tally.is_telling() && tally.is_mean(figure)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_repeat_those_above_as_far_as_they_are_written() {
        let both = |a: i64, b: i64| [(Field::CurrentValue, Decimal::from(a)), (Field::TargetValue, Decimal::from(b))];
        let mut tallies = Tallies::default();
        for (a, b) in [(80, 95), (9, 7), (70, 90)] {
            tallies.add(&both(a, b));
        }
        let mean = [(Field::CurrentValue, Decimal::from(53)), (Field::TargetValue, Decimal::from(64))];
        assert!(tallies.repeats(&both(159, 192), false, false) && tallies.repeats(&mean, false, true));
        assert!(!tallies.repeats(&mean, false, false) && !tallies.repeats(&both(80, 90), false, true));
        assert!(tallies.repeats(&both(80, 95), true, false) && tallies.repeats(&mean[..1], true, false));
        assert!(!tallies.repeats(&mean[..1], false, true) && !tallies.repeats(&both(10, 20), true, false));
        let exact = [(Field::CurrentValue, Decimal::new(530, 1)), (Field::TargetValue, Decimal::new(640, 1))];
        assert!(tallies.repeats(&exact, false, false));
    }
}

//! Signal or noise: whether a metric's newest reading says that something changed, and when a target is met at this pace.
//!
//! The limits are those of an `XmR` chart: the mean of the readings before, and three times the mean moving range over 1.128 to both
//! sides, which is Wheeler's 2.66 times the mean moving range ("Understanding Variation", 1993). Where few readings came before, they
//! are wider, as Student's distribution says. There are two rules: a reading outside of the limits, and eight readings whose mean is
//! outside of those of a mean of eight. What that finds and how often it is wrong is measured by the tests below.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// The fewest readings that limits are made of.
pub const LEAST: usize = 8;
/// The most: a process of long ago is another one.
const MOST: usize = 100;
/// How many readings in a row the second rule looks at.
const RUN: usize = 8;
/// Standard deviations of the limits of one reading.
const ONE: f64 = 3.0;
/// Those of the mean of a run, beyond which it is told, and beyond which it is the new level.
const MEAN: f64 = 2.6;
const LEVEL: f64 = 2.9;
/// The mean moving range of a normal distribution, in standard deviations.
const RANGE: f64 = 1.128;
/// What 95 of 100 are within, in standard deviations.
const NINETY_FIVE: f64 = 1.96;

named! {
    /// What a reading says, by those before it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Finding {
        /// There are too few readings before it to say.
        TooFew = "too few readings",
        /// It is within what stays the same.
        Noise = "noise",
        /// It is outside of the limits.
        Outside = "signal: outside the limits",
        /// The mean of the last eight is another level.
        Shift = "signal: the last 8 are at a new level",
    }
    ALL
    /// In words.
    name
}

impl Finding {
    /// Whether something changed.
    pub const fn is_signal(self) -> bool {
        matches!(self, Self::Outside | Self::Shift)
    }
}

/// Where readings of an unchanged process lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The mean of the readings before.
    pub mean: Decimal,
    /// The lower natural process limit.
    pub lower: Decimal,
    pub upper: Decimal,
}

/// A series of readings that is judged one after the other.
#[derive(Debug, Default)]
pub struct Chart {
    /// The readings of the present level.
    kept: Vec<Kept>,
}

/// A reading, and sums up to it.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    value: f64,
    /// Of the values, drawn in to the limits, so that one outlier does not widen them.
    sum: f64,
    /// Of the moving ranges.
    ranges: f64,
    drawn_in: f64,
}

/// A float of a count.
#[expect(clippy::cast_precision_loss, reason = "a count of readings")]
fn float(count: usize) -> f64 {
    count as f64
}

/// What is as far out in Student's distribution as this many standard deviations are in the normal one (Wallace, "Bounds on
/// normal approximations to Student's and the chi-square distributions", 1959).
fn student(deviations: f64, freedom: f64) -> f64 {
    let wider = deviations * (8.0 * freedom + 3.0) / (8.0 * freedom + 1.0);
    (freedom * (wider * wider / freedom).exp_m1()).sqrt()
}

impl Chart {
    /// The mean of the readings but for the last `but`, and how far from it the mean of so many more may be, in `deviations`; none
    /// of too few.
    fn spread(&self, but: usize, of: usize, deviations: f64) -> Option<(f64, f64)> {
        let base = &self.kept[..self.kept.len().checked_sub(but)?];
        let base = &base[base.len().saturating_sub(MOST)..];
        let (first, last) = base.first().zip(base.last()).filter(|_| base.len() >= LEAST)?;
        let count = float(base.len());
        let mean = (last.sum - first.sum + first.drawn_in) / count;
        let range = (last.ranges - first.ranges) / (count - 1.0);
        // Moving ranges tell the deviation as well as 0.62 times as many readings would by their squares.
        let wide = student(deviations, 0.62 * (count - 1.0)) * range / RANGE;
        Some((mean, wide * (1.0 / float(of) + 1.0 / count).sqrt()))
    }

    fn keep(&mut self, value: f64, drawn_in: f64) {
        let before = self.kept.last().copied();
        let range = before.map_or(0.0, |before| (drawn_in - before.drawn_in).abs());
        let before = before.unwrap_or_default();
        self.kept.push(Kept { value, sum: before.sum + drawn_in, ranges: before.ranges + range, drawn_in });
    }

    /// The limits of the next reading.
    pub fn limits(&self) -> Option<Limits> {
        let (mean, wide) = self.spread(0, 1, ONE)?;
        let decimal = |number: f64| Decimal::from_f64(number).map(|number| number.round_dp(4).normalize());
        Some(Limits { mean: decimal(mean)?, lower: decimal(mean - wide)?, upper: decimal(mean + wide)? })
    }

    /// Judges the next reading.
    pub fn add(&mut self, value: Decimal) -> Finding {
        self.take(value.to_f64().unwrap_or_default())
    }

    fn take(&mut self, value: f64) -> Finding {
        let Some((mean, wide)) = self.spread(0, 1, ONE) else {
            self.keep(value, value);
            return Finding::TooFew;
        };
        // Of readings that were all the same, any other one is another.
        let is_beyond = |far: f64, wide: f64| far.abs() > wide.max(mean.abs() * 1e-12);
        let is_outside = is_beyond(value - mean, wide);
        let drawn_in = if wide > 0.0 { value.clamp(mean - wide, mean + wide) } else { value };
        self.keep(value, drawn_in);
        let run = &self.kept[self.kept.len() - RUN..];
        let level = run.iter().map(|kept| kept.drawn_in).sum::<f64>() / float(RUN);
        let shifted =
            |deviations: f64| self.spread(RUN, RUN, deviations).is_some_and(|(mean, wide)| is_beyond(level - mean, wide));
        let (is_shift, is_level) = (shifted(MEAN), shifted(LEVEL));
        if is_level {
            let run: Vec<f64> = run.iter().map(|kept| kept.value).collect();
            self.kept.clear();
            for value in run {
                self.keep(value, value);
            }
        }
        match (is_shift, is_outside) {
            (true, _) => Finding::Shift,
            (false, true) => Finding::Outside,
            (false, false) => Finding::Noise,
        }
    }
}

/// The fewest readings that a line is drawn through.
const LINE: usize = 6;

/// A straight line through readings, and when it meets a goal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// The change in 30 days.
    pub month: Decimal,
    /// The least that it is, with 95 in 100.
    pub least: Decimal,
    pub most: Decimal,
    /// Between which days the goal is met, counted from the last reading, with 95 in 100; none if it is not at this pace.
    pub met: Option<(i64, i64)>,
}

/// The pace of readings, each with the days since the first one, towards a goal that the last one does not meet; none of too few.
pub fn pace(readings: &[(f64, Decimal)], goal: Option<Decimal>) -> Option<Pace> {
    let values = |value: &Decimal| value.to_f64().unwrap_or_default();
    let points: Vec<(f64, f64)> = readings.iter().map(|(day, value)| (*day, values(value))).collect();
    let (count, last) = (float(points.len()), *points.last()?);
    let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / count;
    let (day, value) = (mean(|point| point.0), mean(|point| point.1));
    let width: f64 = points.iter().map(|point| (point.0 - day).powi(2)).sum();
    if points.len() < LINE || width <= 0.0 {
        return None;
    }
    let slope = points.iter().map(|point| (point.0 - day) * (point.1 - value)).sum::<f64>() / width;
    let rest: f64 = points.iter().map(|point| (point.1 - value - slope * (point.0 - day)).powi(2)).sum();
    let freedom = count - 2.0;
    let wide = student(NINETY_FIVE, freedom) * (rest / freedom).sqrt();
    let unsure = wide / width.sqrt();
    let decimal = |number: f64| Decimal::from_f64(number * 30.0).map(|number| number.round_dp(4).normalize());
    // Fieller's interval: the days at which the goal lies within the line's own interval. It has two ends where the slope is sure.
    let met = goal.and_then(|goal| {
        let far = values(&goal) - value;
        let sure = slope * slope - unsure * unsure;
        let is_towards = slope * (values(&goal) - last.1) > 0.0;
        if sure <= 0.0 || !is_towards {
            return None;
        }
        let root = ((far * slope).powi(2) - sure * (far * far - wide * wide / count)).max(0.0).sqrt();
        let since_last = |side: f64| ((far * slope + side * root) / sure + day - last.0).max(0.0);
        let (first, end) = (since_last(-1.0).floor(), since_last(1.0).ceil());
        // A pace of readings says nothing of a time many times as long.
        (end <= 10.0 * (last.0 - points[0].0).max(1.0)).then_some((first.to_i64()?, end.to_i64()?))
    });
    Some(Pace { month: decimal(slope)?, least: decimal(slope - unsure)?, most: decimal(slope + unsure)?, met })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers of a seed: splitmix64, and a normal distribution of two of them (Box and Muller).
    struct Random(u64);

    impl Random {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            f64::from(u32::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default()) / f64::from(u32::MAX) + 1e-12
        }

        fn normal(&mut self) -> f64 {
            (-2.0 * self.uniform().min(1.0).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
        }

        fn readings(&mut self, count: usize) -> Chart {
            let mut chart = Chart::default();
            for _ in 0..count {
                chart.take(self.normal());
            }
            chart
        }
    }

    #[test]
    fn at_most_one_of_a_hundred_unchanged_series_gives_a_signal() {
        let mut random = Random(7);
        for before in [15, 23, 51, 103, 207] {
            let alarms = (0..10_000).filter(|_| random.readings(before).take(random.normal()).is_signal()).count();
            assert!(alarms <= 100, "{alarms} of 10000 after {before} readings");
        }
    }

    #[test]
    fn a_shift_of_one_and_a_half_deviations_is_found_within_eight_readings() {
        let mut random = Random(11);
        let mut found = |before: usize, shift: f64| {
            let mut is_found = || {
                let mut chart = random.readings(before);
                (0..RUN).any(|_| chart.take(random.normal() + shift).is_signal())
            };
            (0..10_000).filter(|_| is_found()).count()
        };
        for (before, least) in [(100, 9_000), (52, 8_500), (24, 7_300)] {
            let [up, down] = [1.5, -1.5].map(|shift| found(before, shift));
            assert!(up >= least && down >= least, "{up} and {down} of 10000 after {before} readings");
        }
    }

    fn findings(values: &[i64]) -> Vec<Finding> {
        let mut chart = Chart::default();
        values.iter().map(|value| chart.add(Decimal::from(*value))).collect()
    }

    #[test]
    fn limits_are_those_of_the_moving_range_and_one_outlier_does_not_widen_them() {
        let mut chart = Chart::default();
        for value in [90, 92].into_iter().cycle().take(100) {
            chart.add(Decimal::from(value));
        }
        let limits = chart.limits().expect("limits");
        // 91 and 2.66 times 2, a little wider for so many readings.
        assert_eq!(limits.mean, Decimal::from(91));
        let wide = (limits.upper - limits.mean).to_f64().expect("a number");
        assert!((5.32..5.7).contains(&wide), "{wide}");
        assert_eq!(chart.add(Decimal::from(40)), Finding::Outside);
        assert_eq!(chart.add(Decimal::from(91)), Finding::Noise);
        let after = chart.limits().expect("limits");
        assert!(after.upper - after.lower < (limits.upper - limits.lower) * Decimal::new(105, 2), "{after:?}");
    }

    #[test]
    fn readings_that_never_differ_are_noise_until_one_does() {
        let mut values = vec![100; 12];
        values.extend([99; 20]);
        let found = findings(&values);
        assert!(found[..LEAST].iter().all(|one| *one == Finding::TooFew), "{found:?}");
        assert!(found[LEAST..12].iter().all(|one| *one == Finding::Noise), "{found:?}");
        assert_eq!(found[12], Finding::Outside);
        assert_eq!(found[31], Finding::Noise, "the new level is taken for one: {found:?}");
    }

    #[test]
    fn the_day_of_a_goal_is_a_range_or_not_at_this_pace() {
        let line = |values: &[i64]| -> Vec<(f64, Decimal)> {
            values.iter().enumerate().map(|(week, value)| (float(week) * 7.0, Decimal::from(*value))).collect()
        };
        let steady = pace(&line(&[70, 71, 72, 73, 74, 75]), Some(Decimal::from(80))).expect("a pace");
        assert_eq!(steady.met, Some((35, 35)));
        assert_eq!(steady.month, Decimal::new(42_857, 4));
        let rough = pace(&line(&[70, 73, 72, 75, 73, 77, 76, 78]), Some(Decimal::from(85))).expect("a pace");
        let (first, last) = rough.met.expect("days");
        assert!(first < 56 && last > 56, "{rough:?}");
        assert!(rough.least < rough.month && rough.month < rough.most);
        let still = line(&[70, 72, 71, 70, 72, 71, 70]);
        assert_eq!(pace(&still, Some(Decimal::from(80))).expect("a pace").met, None);
        let away = line(&[75, 74, 73, 72, 71, 70]);
        assert_eq!(pace(&away, Some(Decimal::from(80))).expect("a pace").met, None);
        assert_eq!(pace(&line(&[1, 2, 3]), None), None);
    }

    /// Of 2,000 lines with noise, the true day lies in the range of 95 in 100 of those that have one.
    #[test]
    fn the_true_day_lies_in_the_range() {
        let mut random = Random(3);
        let (mut had, mut within) = (0, 0);
        for _ in 0..2_000 {
            let readings: Vec<(f64, Decimal)> = (0..24)
                .map(|week| {
                    let noise = Decimal::from_f64(random.normal() * 2.0).expect("a number");
                    (f64::from(week) * 7.0, Decimal::new(60 * 2 + i64::from(week), 0) / Decimal::TWO + noise)
                })
                .collect();
            // Half a point a week from 60: 80 after 40 weeks, 17 after the last reading.
            if let Some((first, last)) = pace(&readings, Some(Decimal::from(80))).expect("a pace").met {
                had += 1;
                within += i32::from((first..=last).contains(&119));
            }
        }
        assert!(had > 1_900 && f64::from(within) / f64::from(had) > 0.94, "{within} of {had}");
    }
}

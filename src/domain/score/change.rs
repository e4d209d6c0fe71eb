//! What moves a score: the effect of each metric between two states, what reaching a target would gain, and figures that
//! still add up after rounding.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Level, Measure, Spot, Tally};

/// A metric in two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its settled places; none before it came.
    pub places: Vec<Spot>,
    /// Where it stood.
    pub before: Measure,
    /// Its settled places then; none where it is gone.
    pub places_after: Vec<Spot>,
    /// Where it stands then.
    pub after: Measure,
}

/// The points each step moves the score of `level` by; together they are the whole difference.
///
/// `tally` holds the state before and holds the state after when this returns. Metrics that become scoreable enter first, one
/// by one; then values change, where the order makes no difference because a mean is linear in its scores; then those leave
/// that are no longer scoreable. So there is a score at every point in between if there is one at both ends.
pub fn effects(tally: &mut Tally, level: Level, steps: &[Step]) -> Vec<Decimal> {
    let mut effects = vec![Decimal::ZERO; steps.len()];
    let counts = |measure: &Measure, places: &[Spot]| !places.is_empty() && measure.score().is_ok();
    let turn = |step: &Step| match (counts(&step.before, &step.places), counts(&step.after, &step.places_after)) {
        (false, true) => 0,
        (true, true) => 1,
        (true, false) => 2,
        (false, false) => 3,
    };
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|&i| turn(&steps[i]));
    let mut value = tally.value(level).unwrap_or_default();
    for i in order {
        let step = &steps[i];
        if step.before == step.after && step.places == step.places_after {
            continue;
        }
        tally.remove(&step.before, &step.places);
        // What the metric lacks afterwards is counted by the tally; its effect is in the value.
        let _ = tally.add(&step.after, &step.places_after);
        let next = tally.value(level).unwrap_or_default();
        effects[i] = next - value;
        value = next;
    }
    effects
}

/// The points the score of `level` would rise by if this metric alone reached its target; none for a metric without a target
/// and for one that is there.
pub fn gains<'a>(
    tally: &mut Tally,
    level: Level,
    members: impl Iterator<Item = (Measure, &'a [Spot])>,
) -> Vec<Option<Decimal>> {
    let value = tally.value(level).unwrap_or_default();
    members
        .map(|(measure, places)| {
            let reached = measure.with_current(Some(measure.goal()?));
            if measure.score() == reached.score() || reached.score().is_err() {
                return None;
            }
            tally.remove(&measure, places);
            let _ = tally.add(&reached, places);
            let gain = tally.value(level).unwrap_or_default() - value;
            tally.remove(&reached, places);
            let _ = tally.add(&measure, places);
            Some(gain)
        })
        .collect()
}

/// Rounds figures to two decimals so that they add up to `total`, which has two: each is rounded down, and the hundredths
/// that are left go to those that lost most (the method of the largest remainder). A figure of exactly 0 stays 0.
pub fn apportion(total: Decimal, exact: &[Decimal]) -> Vec<Decimal> {
    let hundredth = Decimal::new(1, 2);
    let mut shares: Vec<Decimal> =
        exact.iter().map(|figure| figure.round_dp_with_strategy(2, RoundingStrategy::ToNegativeInfinity)).collect();
    let mut order: Vec<usize> = (0..exact.len()).filter(|&i| !exact[i].is_zero()).collect();
    let mut left = total - shares.iter().copied().sum::<Decimal>();
    if left < Decimal::ZERO {
        order.sort_by_key(|&i| exact[i] - shares[i]);
    } else {
        order.sort_by_key(|&i| shares[i] - exact[i]);
    }
    let step = if left < Decimal::ZERO { -hundredth } else { hundredth };
    for &i in order.iter().cycle() {
        if left.abs() < hundredth {
            break;
        }
        shares[i] += step;
        left -= step;
    }
    for share in &mut shares {
        share.rescale(2);
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{FunctionOutline, GroupOutline, Parameters, Rollup, shown};
    use super::*;
    use crate::domain::metric::{Direction, Priority};

    fn outline() -> Vec<FunctionOutline> {
        ["PR", "DE", "RC"]
            .iter()
            .map(|code| FunctionOutline {
                code: (*code).into(),
                name: String::new(),
                categories: (0..3).map(|i| GroupOutline { code: format!("{code}.{i}"), name: String::new() }).collect(),
            })
            .collect()
    }

    fn value() -> impl Strategy<Value = Option<Decimal>> {
        prop_oneof![1 => Just(None), 6 => (-20_000_i64..2_000_000).prop_map(|n| Some(Decimal::new(n, 4)))]
    }

    fn measure() -> impl Strategy<Value = Measure> {
        (0..4_usize, 0..3_usize, value(), value(), value(), value()).prop_map(|(direction, priority, current, target, a, b)| {
            let (lower, upper) = if a > b { (b, a) } else { (a, b) };
            Measure {
                direction: Direction::ALL[direction],
                priority: Priority::ALL[priority],
                current,
                target,
                lower,
                upper,
                ..Measure::nothing()
            }
        })
    }

    type Codes = Vec<(usize, Option<usize>)>;

    fn metrics() -> impl Strategy<Value = Vec<(Measure, Option<Decimal>, Codes)>> {
        let codes = proptest::collection::vec((0..3_usize, proptest::option::of(0..3_usize)), 1..4);
        proptest::collection::vec((measure(), value(), codes), 1..40)
    }

    fn place(tally: &mut Tally, codes: &Codes) -> Vec<Spot> {
        let names = ["PR", "DE", "RC"];
        let mut places = codes
            .iter()
            .filter_map(|&(function, category)| {
                let category = category.map(|i| format!("{}.{i}", names[function]));
                tally.place(names[function], category.as_deref())
            })
            .collect();
        Tally::settle(&mut places);
        places
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn contributions_add_up_to_the_score(metrics in metrics(), rollup in prop_oneof![Just(Rollup::Category), Just(Rollup::Metric)]) {
            let mut tally = Tally::new(&outline(), Parameters { rollup, ..Parameters::default() });
            let placed: Vec<_> = metrics.iter().map(|(measure, _, codes)| (measure, place(&mut tally, codes))).collect();
            for (measure, places) in &placed {
                let _ = tally.add(measure, places);
            }
            let levels = ["PR", "DE", "RC", "PR.1"].into_iter().filter_map(|code| tally.level(code));
            for level in std::iter::once(Level::Framework).chain(levels) {
                let points: Vec<Decimal> = placed
                    .iter()
                    .flat_map(|(measure, places)| {
                        let score = measure.score().unwrap_or_default();
                        let parts = if measure.score().is_ok() { tally.parts(level, measure, places) } else { Vec::new() };
                        parts.into_iter().map(move |part| part.points(score))
                    })
                    .collect();
                let value = tally.value(level);
                prop_assert_eq!(value.is_none(), points.is_empty());
                if let Some(value) = value {
                    let sum: Decimal = points.iter().copied().sum();
                    prop_assert!((sum - value).abs() < Decimal::new(1, 12), "{sum} {value}");
                    let rounded = apportion(shown(value), &points);
                    prop_assert_eq!(rounded.iter().copied().sum::<Decimal>(), shown(value));
                    for (rounded, exact) in rounded.iter().zip(&points) {
                        prop_assert!((rounded - exact).abs() <= Decimal::new(2, 2));
                    }
                }
            }
        }

        #[test]
        fn effects_add_up_to_the_difference(metrics in metrics(), rollup in prop_oneof![Just(Rollup::Category), Just(Rollup::Metric)]) {
            let parameters = Parameters { rollup, ..Parameters::default() };
            let (mut tally, mut then) = (Tally::new(&outline(), parameters), Tally::new(&outline(), parameters));
            let mut steps = Vec::new();
            for (before, value, codes) in &metrics {
                let after = before.with_current(*value);
                let places = place(&mut tally, codes);
                let _ = tally.add(before, &places);
                let _ = then.add(&after, &places);
                steps.push(Step { places_after: places.clone(), places, before: *before, after });
            }
            let ends = tally.value(Level::Framework).zip(then.value(Level::Framework));
            let effects = effects(&mut tally, Level::Framework, &steps);
            prop_assert_eq!(tally.scores().functions, then.scores().functions);
            if let Some((before, after)) = ends {
                let sum: Decimal = effects.iter().copied().sum();
                prop_assert!((sum - (after - before)).abs() < Decimal::new(1, 12));
                let total = shown(after) - shown(before);
                prop_assert_eq!(apportion(total, &effects).iter().copied().sum::<Decimal>(), total);
            }
        }

        #[test]
        fn a_gain_is_what_scoring_again_gives(metrics in metrics()) {
            let mut tally = Tally::new(&outline(), Parameters::default());
            let members: Vec<(Measure, Vec<Spot>)> = metrics
                .iter()
                .map(|(measure, _, codes)| {
                    let places = place(&mut tally, codes);
                    let _ = tally.add(measure, &places);
                    (*measure, places)
                })
                .collect();
            let now = tally.value(Level::Framework).unwrap_or_default();
            let borrowed = members.iter().map(|(measure, places)| (*measure, places.as_slice()));
            let gains = gains(&mut tally, Level::Framework, borrowed);
            for (i, gain) in gains.iter().enumerate() {
                let Some(gain) = gain else { continue };
                let mut again = Tally::new(&outline(), Parameters::default());
                for (j, (measure, places)) in members.iter().enumerate() {
                    let measure = if i == j { measure.with_current(measure.goal()) } else { *measure };
                    let _ = again.add(&measure, places);
                }
                let then = again.value(Level::Framework).unwrap_or_default();
                prop_assert!((then - now - gain).abs() < Decimal::new(1, 12));
            }
        }
    }

    #[test]
    fn a_metric_that_leaves_takes_the_score_with_it_only_after_others_came() {
        let mut tally = Tally::new(&outline(), Parameters::default());
        let at = |current: Option<i64>| Measure {
            direction: Direction::HigherIsBetter,
            priority: Priority::High,
            current: current.map(Decimal::from),
            target: Some(Decimal::ONE_HUNDRED),
            lower: None,
            upper: None,
            ..Measure::nothing()
        };
        let places = place(&mut tally, &vec![(0, Some(0))]);
        let step =
            |before, after| Step { places: places.clone(), before: at(before), places_after: places.clone(), after: at(after) };
        let steps = [step(Some(50), None), step(None, Some(80)), step(None, None)];
        for step in &steps {
            let _ = tally.add(&step.before, &step.places);
        }
        // 50, then 65 with both, then 80: never nothing in between.
        let effects = effects(&mut tally, Level::Framework, &steps);
        assert_eq!(effects, [Decimal::from(15), Decimal::from(15), Decimal::ZERO]);
    }

    #[test]
    fn hundredths_go_where_most_was_lost() {
        let d = |text: &str| -> Decimal { text.parse().expect("a number") };
        let text = |figures: Vec<Decimal>| figures.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(text(apportion(d("1.00"), &[d("0.333"), d("0.333"), d("0.334")])), "0.33 0.33 0.34");
        assert_eq!(text(apportion(d("0.00"), &[d("0.335"), d("-0.335"), d("0")])), "0.34 -0.34 0.00");
        assert_eq!(text(apportion(d("0.01"), &[d("0.004")])), "0.01");
        assert_eq!(text(apportion(d("-0.01"), &[d("0.004"), d("-0.002")])), "0.00 -0.01");
        assert_eq!(text(apportion(d("0"), &[])), "");
    }
}

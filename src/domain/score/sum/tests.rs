//! Outages, simulated: whatever became of the metrics that nobody read, the truth lies where the score says.

use chrono::{DateTime, Duration, NaiveDateTime};
use proptest::prelude::*;

use super::super::{FunctionOutline, GroupOutline, Level, Parameters, Rollup, Spot, Stale, Tally, shown};
use super::*;
use crate::domain::frequency::{Frequency, Freshness, Judge};
use crate::domain::metric::{Direction, Priority};

/// A metric of which all is known, and what of it was recorded.
#[derive(Debug, Clone)]
struct Told {
    truth: Measure,
    frequency: Option<&'static str>,
    codes: Vec<(usize, Option<usize>)>,
    /// Its last value before the outage, and for how much more than one and a half of its frequency nothing came, in hours.
    outage: Option<(Option<Decimal>, i64)>,
    /// How old its newest reading is without an outage, in percent of what it may be.
    age: i64,
}

const FUNCTIONS: [&str; 3] = ["PR", "DE", "RC"];

fn value() -> impl Strategy<Value = Option<Decimal>> {
    prop_oneof![1 => Just(None), 12 => (-20_000_i64..2_000_000).prop_map(|n| Some(Decimal::new(n, 4)))]
}

fn told() -> impl Strategy<Value = Told> {
    let measure = (0..4_usize, 0..3_usize, value(), value(), value(), value());
    let frequency = prop_oneof![
        Just(None),
        Just(Some("hourly")),
        Just(Some("daily")),
        Just(Some("weekly")),
        Just(Some("monthly")),
        Just(Some("per release")),
    ];
    let codes = proptest::collection::vec((0..3_usize, proptest::option::of(0..3_usize)), 1..4);
    let last = value().prop_filter("it was measured before the outage", Option::is_some);
    let outage = proptest::option::of((last, 1..5_000_i64));
    (measure, frequency, codes, outage, 0..=100_i64).prop_map(|(measure, frequency, codes, outage, age)| {
        let (direction, priority, current, target, a, b) = measure;
        let (lower, upper) = if a > b { (b, a) } else { (a, b) };
        // Somebody would have measured it, had there been no outage.
        let current = current.or(outage.map(|_| Decimal::ONE));
        let (direction, priority) = (Direction::ALL[direction], Priority::ALL[priority]);
        let truth = Measure { direction, priority, current, target, lower, upper, ..Measure::nothing() };
        Told { truth, frequency, codes, outage, age }
    })
}

fn tally(parameters: Parameters) -> Tally {
    let outline = FUNCTIONS.map(|code| FunctionOutline {
        code: code.into(),
        name: String::new(),
        categories: (0..3).map(|i| GroupOutline { code: format!("{code}.{i}"), name: String::new() }).collect(),
    });
    Tally::new(&outline, parameters)
}

fn places(tally: &mut Tally, codes: &[(usize, Option<usize>)]) -> Vec<Spot> {
    let mut places: Vec<Spot> = codes
        .iter()
        .filter_map(|&(function, category)| {
            let category = category.map(|i| format!("{}.{i}", FUNCTIONS[function]));
            tally.place(FUNCTIONS[function], category.as_deref())
        })
        .collect();
    Tally::settle(&mut places);
    places
}

/// When its newest reading was taken.
fn read(told: &Told, now: NaiveDateTime) -> NaiveDateTime {
    let limit = Freshness::default().limit(told.frequency);
    match told.outage {
        Some((_, more)) => now - limit - Duration::hours(more),
        None => now - limit * i32::try_from(told.age).unwrap_or_default() / 100,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_truth_lies_in_the_interval_whatever_an_outage_hides(
        metrics in proptest::collection::vec(told(), 1..40),
        rollup in prop_oneof![Just(Rollup::Category), Just(Rollup::Metric)],
        stale in prop_oneof![Just(Stale::Keep), Just(Stale::Exclude)],
    ) {
        let now = DateTime::UNIX_EPOCH.naive_utc();
        let parameters = Parameters { rollup, stale, ..Parameters::default() };
        let (mut truth, mut known) = (tally(parameters), tally(parameters));
        let mut judge = Judge::new(parameters.freshness, now);
        let mut silent = 0;
        for told in &metrics {
            let at = places(&mut truth, &told.codes);
            let _ = truth.add(&told.truth, &at);
            let current = told.outage.map_or(told.truth.current, |(last, _)| last);
            let is_stale = judge.is_stale(Some(read(told, now)), told.frequency);
            prop_assert_eq!(is_stale, told.outage.is_some());
            let measure = Measure { current, age: stale.age(is_stale), ..told.truth };
            silent += u64::from(is_stale && told.truth.score().is_ok());
            let _ = known.add(&measure, &at);
        }
        prop_assert_eq!(known.scores().stale_count, silent);
        prop_assert!(judge.until.is_none_or(|until| until >= now));
        let levels = ["PR", "DE", "RC", "PR.1"].into_iter().filter_map(|code| known.level(code)).collect::<Vec<_>>();
        for level in std::iter::once(Level::Framework).chain(levels) {
            let (Some(truth), certainty) = (truth.value(level), known.certainty(level)) else {
                prop_assert!(known.value(level).is_none());
                continue;
            };
            let Some(Certainty { share, low, high }) = certainty else {
                return Err(TestCaseError::fail(format!("nothing is known of {truth}")));
            };
            let noise = Decimal::new(1, 12);
            prop_assert!(low - noise <= truth && truth <= high + noise, "{low} {truth} {high}");
            prop_assert!(shown(low) <= shown(truth) && shown(truth) <= shown(high), "{low} {truth} {high}");
            prop_assert!(Decimal::ZERO <= share && share <= Decimal::ONE_HUNDRED);
            if let Some(score) = known.value(level) {
                prop_assert!(low - noise <= score && score <= high + noise, "{low} {score} {high}");
            } else {
                prop_assert_eq!((stale, share), (Stale::Exclude, Decimal::ZERO));
            }
        }
    }
}

#[test]
fn the_share_is_what_lies_between_and_words_never_say_more_than_is_known() {
    let certainty = |low: &str, high: &str| Certainty::between(low.parse().expect("a number"), high.parse().expect("a number"));
    assert_eq!(certainty("47.37", "97.37").words(), "50%: 47–98");
    assert_eq!(certainty("60.1", "60.2").words(), "99%: 60–61");
    assert_eq!((certainty("60.1", "60.1").words(), certainty("60.1", "60.1").told()), ("100%".to_owned(), None));
    assert_eq!(certainty("0", "100").words(), "0%: 0–100");
    assert!(Frequency::read("per release").is_none());
}

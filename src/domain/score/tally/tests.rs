//! Tests of the fold.

use super::*;
use crate::domain::metric::{Direction, Priority};

fn outline() -> Vec<FunctionOutline> {
    let group = |code: &str| GroupOutline { code: code.into(), name: code.to_lowercase() };
    vec![
        FunctionOutline { code: "PR".into(), name: "Protect".into(), categories: vec![group("PR.AA"), group("PR.AT")] },
        FunctionOutline { code: "DE".into(), name: "Detect".into(), categories: vec![group("DE.CM")] },
        FunctionOutline { code: "RC".into(), name: "Recover".into(), categories: vec![] },
    ]
}

fn percent(score: i64, priority: Priority) -> Measure {
    let number = |value| Some(Decimal::new(value, 0));
    let direction = Direction::HigherIsBetter;
    Measure { direction, priority, current: number(score), target: number(100), lower: None, upper: None, ..Measure::nothing() }
}

fn places(tally: &mut Tally, codes: &[(&str, Option<&str>)]) -> Vec<Spot> {
    let mut places: Vec<Spot> = codes.iter().filter_map(|(function, category)| tally.place(function, *category)).collect();
    Tally::settle(&mut places);
    places
}

fn filled(rollup: Rollup) -> Tally {
    let mut tally = Tally::new(&outline(), Parameters { rollup, ..Parameters::default() });
    for (score, priority, codes) in [
        (50, Priority::High, &[("PR", Some("PR.AA"))][..]),
        (100, Priority::Low, &[("PR", Some("PR.AA")), ("PR", Some("PR.AA")), ("PR", None)]),
        (80, Priority::Medium, &[("PR", Some("PR.AT")), ("PR", Some("PR.AA")), ("DE", Some("DE.CM"))]),
        (20, Priority::Medium, &[("DE", None)]),
        (99, Priority::High, &[("XX", Some("XX.YY"))]),
    ] {
        let places = places(&mut tally, codes);
        assert_eq!(tally.add(&percent(score, priority), &places), Ok(Decimal::new(score, 0)));
    }
    let silent = Measure { current: None, ..percent(0, Priority::High) };
    let places = places(&mut tally, &[("RC", None)]);
    assert_eq!(tally.add(&silent, &places), Err(Gap::NoReading));
    tally
}

#[test]
fn a_metric_counts_once_in_each_category_and_function() {
    let scores = filled(Rollup::Category).scores();
    let protect = &scores.functions[0];
    // PR.AA: (50 + 0.3 × 100 + 0.6 × 80) / 1.9; PR.AT: 80. The function-only mapping adds nothing.
    assert_eq!(protect.categories[0].metric_count, 3);
    assert_eq!(protect.categories[0].score.map(|s| s.shown().to_string()).as_deref(), Some("67.37"));
    assert_eq!(protect.categories.len(), 2);
    assert_eq!(protect.metric_count, 3);
    assert_eq!(protect.score.map(|s| s.shown().to_string()).as_deref(), Some("73.68"));
    // DE.CM: 80; without a category: 20.
    assert_eq!(scores.functions[1].categories[1].code, None);
    assert_eq!(scores.functions[1].score.map(|s| s.shown().to_string()).as_deref(), Some("50.00"));
    // Nothing scoreable is no score, and no part of the overall mean.
    assert_eq!(scores.functions[2].score, None);
    assert_eq!(scores.functions[2].unscoreable_count, 1);
    assert_eq!(scores.overall.map(|s| s.shown().to_string()).as_deref(), Some("61.84"));
    assert_eq!((scores.metric_count, scores.unscoreable_count), (4, 1));
}

#[test]
fn the_metric_rollup_weighs_each_metric_once() {
    let scores = filled(Rollup::Metric).scores();
    // (50 + 30 + 48) / 1.9
    assert_eq!(scores.functions[0].score.map(|s| s.shown().to_string()).as_deref(), Some("67.37"));
    // (48 + 12) / 1.2
    assert_eq!(scores.functions[1].score.map(|s| s.shown().to_string()).as_deref(), Some("50.00"));
}

#[test]
fn a_mean_that_is_exactly_a_threshold_has_its_rating() {
    let mut tally = Tally::new(&outline(), Parameters::default());
    let third = |part: i64| Measure { target: Some(Decimal::new(3, 0)), ..percent(part, Priority::High) };
    // 33.3… and 66.6… and 100 and 100: 75 exactly, though no two of the quotients are.
    for part in [1, 2, 3, 3] {
        let places = places(&mut tally, &[("PR", None)]);
        tally.add(&third(part), &places).expect("a score");
    }
    let overall = tally.scores().overall.expect("a score");
    assert_eq!(overall.exact, Decimal::new(75, 0));
    assert_eq!(overall.rating, crate::domain::score::Rating::Low);
}

#[test]
fn a_rating_is_that_of_the_score_before_it_is_rounded() {
    let mut tally = Tally::new(&outline(), Parameters::default());
    let places = places(&mut tally, &[("PR", Some("PR.AA"))]);
    tally.add(&Measure { current: Some(Decimal::new(89_996, 3)), ..percent(0, Priority::High) }, &places).expect("a score");
    let scores = tally.scores();
    for score in [scores.overall, scores.functions[0].score, scores.functions[0].categories[0].score] {
        let score = score.expect("a score");
        assert_eq!((score.shown().to_string().as_str(), score.rating), ("90.00", crate::domain::score::Rating::Low));
    }
}

#[test]
fn nothing_scoreable_is_no_score() {
    let scores = Tally::new(&outline(), Parameters::default()).scores();
    assert_eq!(scores.overall, None);
    assert!(scores.functions.iter().all(|function| function.score.is_none()));
}

#[test]
fn what_is_removed_was_never_there() {
    for rollup in [Rollup::Category, Rollup::Metric] {
        let mut tally = filled(rollup);
        let before = tally.scores();
        let places = places(&mut tally, &[("PR", Some("PR.AT")), ("RC", None)]);
        let measure = percent(33, Priority::Low);
        tally.add(&measure, &places).expect("a score");
        assert_ne!(tally.scores(), before);
        tally.remove(&measure, &places);
        assert_eq!(tally.scores(), before);
    }
}

#[test]
fn a_category_of_no_framework_still_counts_in_its_function() {
    let mut tally = Tally::new(&outline(), Parameters::default());
    let places = places(&mut tally, &[("PR", Some("PR.ZZ"))]);
    tally.add(&percent(40, Priority::High), &places).expect("a score");
    let scores = tally.scores();
    assert_eq!(scores.functions[0].categories[2].code.as_deref(), Some("PR.ZZ"));
    assert_eq!(scores.overall.map(|s| s.exact), Some(Decimal::new(40, 0)));
}

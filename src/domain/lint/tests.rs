use Direction::{Binary, HigherIsBetter as Higher, LowerIsBetter as Lower};
use rust_decimal::Decimal;

use super::*;
use crate::domain::item::{Field, Item};
use crate::domain::metric::Direction;
use crate::domain::reading::Value;
use crate::domain::spec::checked;

fn complete(name: &str) -> Measure {
    let spec = [
        (Field::Goal, "accounts are safe"),
        (Field::MeasureType, "Implementation"),
        (Field::Formula, "accounts with MFA / accounts * 100"),
        (Field::Frequency, "monthly"),
        (Field::Owner, "ada"),
        (Field::DataSource, "directory"),
        (Field::Evidence, "export of the directory"),
        (Field::ReviewDate, "2027-01-31"),
    ];
    let item = Item {
        name: name.to_owned(),
        direction: Some(Direction::HigherIsBetter),
        target_value: Some(number("95")),
        unit: Some("%".to_owned()),
        spec: spec.into_iter().map(|(field, text)| (field, text.to_owned())).collect(),
        ..Item::default()
    };
    Measure { item, ..Measure::default() }
}

fn number(text: &str) -> Decimal {
    Value::parse(text).expect("a number").decimal()
}

fn broken_in(measures: &[Measure], profile: Option<Profile>) -> Vec<(usize, &'static str)> {
    let today = "2026-11-30".parse().expect("a day");
    let found = lint(measures, &rules(profile, &[]), profile, today);
    found.into_iter().map(|one| (one.measure, one.rule.id)).collect()
}

fn broken(measure: Measure) -> Vec<&'static str> {
    broken_in(&[measure], None).into_iter().map(|(_, rule)| rule).collect()
}

#[test]
fn a_complete_measure_breaks_no_rule_and_an_empty_one_all_that_ask_for_something() {
    assert_eq!(broken(complete("MFA coverage")), Vec::<&str>::new());
    let bare = Measure { item: Item { name: "MFA coverage".to_owned(), ..Item::default() }, ..Measure::default() };
    let all =
        ["goal", "measure-type", "formula", "frequency", "owner", "data-source", "target", "unit", "evidence", "review-date"];
    assert_eq!(broken(bare), all);
    for field in Field::SPEC {
        let mut measure = complete("MFA coverage");
        measure.item.spec.remove(&field);
        assert_eq!(broken(measure), [field.as_str().replace('_', "-")], "{field:?}");
    }
}

#[test]
fn what_is_said_has_to_be_what_the_field_holds() {
    for (field, text, rule) in [
        (Field::MeasureType, "KPI", "measure-type"),
        (Field::Frequency, "per release", "frequency"),
        (Field::ReviewDate, "soon", "review-date"),
        (Field::ReviewDate, "2026-11-29", "review-overdue"),
        (Field::Goal, " ", "goal"),
    ] {
        let mut measure = complete("MFA coverage");
        measure.item.spec.insert(field, text.to_owned());
        assert_eq!(broken(measure), [rule], "{text}");
    }
}

#[test]
fn a_profile_has_the_rules_of_its_standard_and_those_of_nobody() {
    let mut measure = complete("MFA coverage");
    measure.item.spec.insert(Field::MeasureType, checked(Field::MeasureType, "performance").expect("a type"));
    measure.item.target_value = Some(number("0"));
    let measures = [measure];
    assert_eq!(broken_in(&measures, Some(Profile::Sp80055)), [(0, "measure-type"), (0, "target-always-met")]);
    assert_eq!(broken_in(&measures, Some(Profile::Iso27004)), [(0, "target-always-met")]);
    assert_eq!(rules(None, &["goal".to_owned()]).len(), 1);
}

#[test]
fn targets_that_are_always_or_never_met_are_found_and_others_are_not() {
    let target = |direction, target: &str, unit: &str, current: Option<&str>| {
        let mut measure = complete("MFA coverage");
        measure.item.direction = Some(direction);
        measure.item.target_value = Some(number(target));
        measure.item.unit = Some(unit.to_owned());
        measure.item.current_value = current.map(number);
        broken(measure)
    };
    let range = |lower: &str, upper: &str| {
        let mut measure = complete("MFA coverage");
        measure.item.direction = Some(Direction::TargetRange);
        (measure.item.target_lower, measure.item.target_upper) = (Some(number(lower)), Some(number(upper)));
        broken(measure)
    };
    let (always, never, fine) = (vec!["target-always-met"], vec!["target-never-met"], Vec::<&str>::new());
    assert_eq!(target(Higher, "0", "%", None), always);
    assert_eq!(target(Higher, "0", "hours", None), always);
    assert_eq!(target(Higher, "0", "points", None), fine);
    assert_eq!(target(Higher, "101", "Prozent", None), never);
    assert_eq!(target(Higher, "120", "%", Some("115")), fine);
    assert_eq!(target(Higher, "120", "days", None), fine);
    assert_eq!(target(Higher, "100", "%", None), fine);
    assert_eq!(target(Lower, "100", "%", None), always);
    assert_eq!(target(Lower, "0", "count", None), fine);
    assert_eq!(target(Lower, "-1", "incidents", None), never);
    assert_eq!(target(Binary, "101", "%", None), never);
    assert_eq!((range("0", "100"), range("101", "120"), range("40", "60")), (always, never.clone(), fine));
    assert_eq!(range("-20", "-10"), never);
    let mut open = complete("MFA coverage");
    open.item.direction = Some(Direction::TargetRange);
    open.item.target_lower = Some(number("5"));
    assert_eq!(broken(open), ["target"]);
}

#[test]
fn the_same_measure_twice_is_found_whatever_the_order_of_its_words() {
    let mut other_unit = complete("Number of accounts with MFA");
    other_unit.item.unit = Some("count".to_owned());
    let measures = [
        complete("Accounts with MFA"),
        complete("accounts with MFA "),
        complete("Share of MFA accounts"),
        complete("Acounts with MFA"),
        other_unit,
        complete("Accounts with EDR"),
        complete("Internal audits done"),
        complete("External audits done"),
        complete("Tier 1 systems"),
        complete("Tier 2 systems"),
    ];
    assert_eq!(broken_in(&measures, None), [(1, "duplicate"), (2, "near-duplicate"), (3, "near-duplicate")]);
}

#[test]
fn rules_have_names_of_their_own_and_say_where_they_come_from() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        assert!(rule.sources.is_empty() || rule.sources.len() == Profile::ALL.len(), "{}", rule.id);
        assert!(rule.source().starts_with(if rule.sources.is_empty() { "cmf" } else { "NIST" }), "{}", rule.id);
    }
}

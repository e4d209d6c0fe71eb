//! Tests of reading numbers.

use super::*;

fn number(text: &str) -> String {
    match parse(text, Mark::Point) {
        Ok(value) => value.number.to_string(),
        Err(error) => error.code().to_owned(),
    }
}

fn comma(text: &str) -> String {
    match parse(text, Mark::Comma) {
        Ok(value) => value.number.to_string(),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn plain_numbers_take_a_shorter_way_to_the_same_value() {
    proptest::proptest!(|(text in "-?[0-9]{1,13}([.,][0-9]{0,5})?|[-0-9.,]{0,8}", comma in proptest::bool::ANY)| {
        let mark = if comma { Mark::Comma } else { Mark::Point };
        proptest::prop_assert_eq!(parse(&text, mark), measured(&text, mark));
    });
}

#[test]
fn the_forms_of_real_sheets() {
    for (text, expected) in [
        ("95", "95"),
        ("95%", "95"),
        (">= 95%", "95"),
        ("< 48h", "48"),
        ("99%+", "99"),
        ("1,234.5", "1234.5"),
        ("1 234", "1234"),
        ("1\u{a0}234.5", "1234.5"),
        ("1'234", "1234"),
        ("$1.2M", "1200000"),
        ("4h", "4"),
        ("3/5", "0.6"),
        ("yes", "1"),
        ("No", "0"),
        ("<= 14 days", "14"),
        ("-5", "-5"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1E+05", "100000"),
        ("1.5e-3", "0.0015"),
        ("0.95", "0.95"),
        ("0.00005", "0.0001"),
        ("-0.00005", "-0.0001"),
        ("99999999999.9999", "99999999999.9999"),
        ("100000000000", "too_large"),
        ("99999999999.99995", "too_large"),
        ("1e300", "too_large"),
        ("12345678901234567890123456789012345", "too_large"),
        ("0.0000000000000000000000000000000000001", "0"),
        ("NaN", "not_finite"),
        ("inf", "not_finite"),
        ("1_000", "not_a_number"),
        ("10-Jan", "maybe_a_date"),
        ("2024-01-15", "maybe_a_date"),
        ("05/04", "maybe_a_date"),
        ("5/4", "maybe_a_date"),
        ("1.5/3", "maybe_a_date"),
        ("3/4.5", "maybe_a_date"),
        ("Critical: 24h, High: 72h", "not_a_number"),
        ("Trending down", "not_a_number"),
        ("24h, 72h", "not_a_number"),
        ("1,23,4", "bad_grouping"),
        ("60-40", "bounds_swapped"),
        ("1.2.3", "bad_grouping"),
        ("", "not_a_number"),
    ] {
        assert_eq!(number(text), expected, "{text:?}");
    }
}

#[test]
fn decimal_commas() {
    for (text, expected) in [
        ("95,5", "95.5"),
        ("1.234,5", "1234.5"),
        ("≥ 95,0 %", "95"),
        ("≤ 14 Tage", "14"),
        ("1 234,5", "1234.5"),
        ("1.5", "bad_grouping"),
    ] {
        assert_eq!(comma(text), expected, "{text:?}");
    }
}

#[test]
fn operators_ranges_and_units_are_kept() {
    let value = parse("≤ 14 Tage", Mark::Comma).unwrap();
    assert_eq!((value.operator, value.unit.as_deref()), (Some(Operator::AtMost), Some("Tage")));
    let value = parse("40-60", Mark::Point).unwrap();
    assert_eq!((value.number, value.upper), (Decimal::from(40), Some(Decimal::from(60))));
    let value = parse("40% – 60 %", Mark::Point).unwrap();
    assert_eq!((value.number, value.upper, value.percent), (Decimal::from(40), Some(Decimal::from(60)), true));
    let value = parse("at least 3 per month", Mark::Point).unwrap();
    assert_eq!((value.operator, value.unit.as_deref()), (Some(Operator::AtLeast), Some("per month")));
}

#[test]
fn the_column_decides_the_mark() {
    let decide = |texts: &[&str]| {
        let mut evidence = MarkEvidence::default();
        for text in texts {
            evidence.add(text);
        }
        evidence.decide()
    };
    assert_eq!(decide(&["95", "14 days"]), Ok(Mark::Point));
    assert_eq!(decide(&["1,234", "95,5"]), Ok(Mark::Comma));
    assert_eq!(decide(&["1,234", "95.5"]), Ok(Mark::Point));
    assert_eq!(decide(&["1.234.567"]), Ok(Mark::Comma));
    assert_eq!(decide(&["1,234,567"]), Ok(Mark::Point));
    // Of two different marks the last one is the decimal one.
    assert_eq!(decide(&["1,234.5"]), Ok(Mark::Point));
    assert_eq!(decide(&["1.234,5"]), Ok(Mark::Comma));
    // A group has three digits, and at most three stand before the first.
    assert_eq!(decide(&["1234,567"]), Ok(Mark::Comma));
    assert_eq!(decide(&["1234.567"]), Ok(Mark::Point));
    for text in ["12,3456", "12,34", "0,123", "123,45"] {
        assert_eq!(decide(&[text]), Ok(Mark::Comma), "{text}");
    }
    for text in ["12,345", "123,456", "123.456"] {
        assert!(decide(&[text]).is_err(), "{text}");
    }
    assert_eq!(decide(&["0.125", "1.250"]), Ok(Mark::Point));
    assert_eq!(decide(&["1,234"]), Err("`1,234` is 1234 with a decimal point and 1.234 with a decimal comma".to_owned()));
    assert!(decide(&["95,5", "95.5"]).is_err());
}

#[test]
fn nothing_is_nothing() {
    for text in ["", " ", "N/A", "n/a", "NA", "-", "--", "TBD", "UKN", "Not Applicable", "none", "null", "\u{a0}"] {
        assert!(is_nothing(text), "{text:?}");
    }
    assert!(!is_nothing("0"));
    assert!(!is_nothing("-5"));
}

/// Whatever is read is read again as it is shown, and no change of a text makes it a number that nothing in it says.
#[test]
fn changed_texts_are_numbers_only_where_they_say_so() {
    let samples = [
        "95", "95%", ">= 95%", "1,234.5", "1.234,5", "1 234", "$1.2M", "3/5", "yes", "40-60", "1E+05", "-0.00005", "5.",
        "99999999999.9999", "at least 3 per month", "≤ 14 Tage", "2024-01-15", "NaN", "1'234", "10-Jan", "99%+",
    ];
    let pieces = [
        "0", "9", ",", ".", "-", "−", "+", " ", "\u{a0}", "'", "_", "%", "/", "e", "E+", "e-9", "k", "M", "$", "€", "<", ">=",
        "..", "–", "to ", "００", "∞", "inf", "000", "99999999999999999999", "(", "ı", "\u{301}",
    ];
    let mut read = 0;
    crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
        for mark in [Mark::Point, Mark::Comma] {
            let Ok(value) = parse(text, mark) else { continue };
            read += 1;
            assert!(!text.contains('_'), "{text:?}");
            assert_eq!(parse(&format!(" {text}\n"), mark).as_ref(), Ok(&value), "{text:?}");
            for number in [Some(value.number), value.upper].into_iter().flatten() {
                assert_eq!(stored(number), Ok(number), "{text:?}");
                let shown = Number::from(number).to_string();
                let shown = if mark == Mark::Comma { shown.replace('.', ",") } else { shown };
                assert_eq!(parse(&shown, mark).map(|value| value.number), Ok(number), "{text:?} is shown as {shown}");
            }
            assert!(value.upper.is_none_or(|upper| upper >= value.number), "{text:?}");
            let has_digit = text.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c));
            assert!(has_digit || value.yes_no, "{text:?} is {value:?}");
            if !text.contains(['.', ',']) {
                assert_eq!(parse(text, Mark::Point), parse(text, Mark::Comma), "{text:?}");
            }
        }
    });
    assert!(read > 2_000, "{read} were read");
}

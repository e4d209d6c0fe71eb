//! What is a period, and where it ends.

use super::*;

fn end(text: &str, calendar: Calendar) -> String {
    let period = Period::parse(text).unwrap_or_else(|| panic!("{text} is a period"));
    period.end(calendar).map_or_else(|| "?".to_owned(), |end| end.format("%F").to_string())
}

#[test]
fn a_period_stands_for_its_end() {
    let plain = Calendar::default();
    for (text, expected) in [
        ("2026-01", "2026-01-31"),
        ("2026-01-15", "2026-01-15"),
        ("15.01.2026", "2026-01-15"),
        ("1/31/2026", "2026-01-31"),
        ("01/2026", "2026-01-31"),
        ("Jan 26", "2026-01-31"),
        ("Jan-26", "2026-01-31"),
        ("Jan'26", "2026-01-31"),
        ("January 2026", "2026-01-31"),
        ("2026 Jan", "2026-01-31"),
        ("Oct 2024", "2024-10-31"),
        ("31 Jan 2026", "2026-01-31"),
        ("März 2026", "2026-03-31"),
        ("févr. 2024", "2024-02-29"),
        ("Dez 2026", "2026-12-31"),
        ("enero 2026", "2026-01-31"),
        ("Q1 2026", "2026-03-31"),
        ("2026 Q1", "2026-03-31"),
        ("2026Q1", "2026-03-31"),
        ("2026-Q1", "2026-03-31"),
        ("Q1/26", "2026-03-31"),
        ("1Q26", "2026-03-31"),
        ("Q3 FY26", "2026-09-30"),
        ("Q3FY26", "2026-09-30"),
        ("1. Quartal 2026", "2026-03-31"),
        ("4th Quarter 2026", "2026-12-31"),
        ("H1 2026", "2026-06-30"),
        ("FY26", "2026-12-31"),
        ("FY 2026", "2026-12-31"),
        ("FY2025/26", "2026-12-31"),
        ("2026", "2026-12-31"),
        ("2026-W07", "2026-02-15"),
        ("KW 12 2026", "2026-03-22"),
        ("W53 2025", "?"),
        ("Q1", "?"),
        ("Feb", "?"),
        ("01/02/2026", "?"),
    ] {
        assert_eq!(end(text, plain), expected, "{text}");
    }
    let end = Period::parse("2026-01").unwrap().end(plain).unwrap();
    assert_eq!(end.format("%T%.6f").to_string(), "23:59:59.999999");
}

#[test]
fn what_has_no_year_takes_it_from_the_calendar() {
    let year = Calendar { year: Some(2026), start: 1 };
    let fiscal = Calendar { year: Some(2026), start: 10 };
    for (text, plain, october) in [
        ("Q1", "2026-03-31", "2025-12-31"),
        ("Q4", "2026-12-31", "2026-09-30"),
        ("H1", "2026-06-30", "2026-03-31"),
        ("Oct", "2026-10-31", "2025-10-31"),
        ("Sep", "2026-09-30", "2026-09-30"),
        ("Juin", "2026-06-30", "2026-06-30"),
        ("FY26", "2026-12-31", "2026-09-30"),
        ("Q1 FY25", "2025-03-31", "2024-12-31"),
        ("Oct 2026", "2026-10-31", "2026-10-31"),
        ("KW 12", "2026-03-22", "2026-03-22"),
        ("Week 1", "2026-01-04", "2026-01-04"),
    ] {
        assert_eq!(end(text, year), plain, "{text}");
        assert_eq!(end(text, fiscal), october, "{text}");
    }
}

#[test]
fn other_texts_are_not_periods() {
    for text in [
        "", "Name", "PR.AA-01", "10", "Priority 1", "v1.2.3", "Q5", "Q1 Q2", "W54", "M-1", "Jan 5", "26", "K-12", "CIS 18",
        "2026-13", "T1", "H3", "AC-2", "1", "Level 3", "20260131", "FY", "Week", "Quarter",
    ] {
        assert_eq!(Period::parse(text), None, "{text}");
    }
}

#[test]
fn a_header_says_more_than_its_period() {
    for (text, part, rest) in [
        ("Q1 Actual Score", Part::Quarter(1), "actual score"),
        ("Results Q2", Part::Quarter(2), "results"),
        ("Ist Jan 26", Part::Month(1), "ist"),
        ("Target 2026", Part::Year, "target"),
        ("Q1 2026 (%)", Part::Quarter(1), "%"),
        ("2026-01 Actual", Part::Month(1), "actual"),
    ] {
        let (period, others) = Period::beside(text).unwrap();
        assert_eq!((period.part, others.as_str()), (part, rest), "{text}");
    }
    assert_eq!(Period::beside("Q1 to Q2 change"), None);
    for word in ["2026", "fy26", "q3", "october", "h1", "kw12"] {
        assert!(Period::is_word(word), "{word}");
    }
    for word in ["26", "target", "quarter", "10", "fy"] {
        assert!(!Period::is_word(word), "{word}");
    }
}

#[test]
fn years_are_written_as_years() {
    assert_eq!(parse_year("2026"), Ok(2026));
    assert_eq!(parse_year("FY26"), Ok(2026));
    for text in ["26", "soon", "Q1 2026", "3026", ""] {
        assert!(parse_year(text).is_err(), "{text}");
    }
}

#[test]
fn changed_texts_never_break_it() {
    let samples = ["Q1 2026", "2026-01-31", "Jan-26", "FY2025/26", "KW 12", "1Q26", "31.01.2026"];
    let pieces = ["0", "9", "-", "/", "q", "é", "١", " ", "fy", "99999999999", "2026", "'"];
    crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
        if let Some((period, _)) = Period::beside(text) {
            let _ = period.days(Calendar { year: Some(2026), start: 7 });
        }
    });
}

use std::borrow::Cow;

use super::*;

fn column(texts: &[&str]) -> Result<Vec<String>, String> {
    let mut evidence = DateEvidence::default();
    for text in texts {
        evidence.add(text);
    }
    let order = evidence.decide()?;
    texts.iter().map(|text| iso(text, order, "date").map(Cow::into_owned).map_err(|why| format!("{text} {why}"))).collect()
}

/// Headers over times, without a zone.
pub(crate) const HEADERS: [&str; 48] = [
    "date", "time", "period", "Month", "Date", "Datum", "datum", "month", "Period", "quarter", "Measured on", "measured_at",
    "measured", "snapshot_date", "snapshot", "ts", "timestamp", "Time", "Zeit", "Zeitpunkt", "Stichtag", "fecha", "Fecha",
    "jour", "as_of", "As of", "reporting date", "report date", "week", "KW", "year", "Jahr", "recorded", "recorded_at",
    "recorded on", "observed_at", "observation date", "at", "when", "day", "Tag", "Stand", "created", "updated", "valid from",
    "Date (YYYY-MM-DD)", "Messdatum", "createdate",
];

#[test]
fn every_form_of_a_date_is_its_day_and_a_period_its_end() {
    for (text, expected) in [
        ("2026-02-13", "2026-02-13"),
        ("2026-02-13 08:30:00Z", "2026-02-13 08:30:00Z"),
        ("2026/02/13", "2026-02-13"),
        ("2026/2/3 8:05", "2026-02-03T08:05:00"),
        ("13.02.2026", "2026-02-13"),
        ("01.02.2026", "2026-02-01"),
        ("13.02.26", "2026-02-13"),
        ("13.02.2026 08:30", "2026-02-13T08:30:00"),
        ("13.02.2026, 08:30:15", "2026-02-13T08:30:15"),
        ("02/13/2026", "2026-02-13"),
        ("13/02/2026", "2026-02-13"),
        ("2/13/26", "2026-02-13"),
        ("1/31/2026 8:00:00 AM", "2026-01-31T08:00:00"),
        ("1/31/2026 8:00:00 PM", "2026-01-31T20:00:00"),
        ("1/31/2026 12:05 a.m.", "2026-01-31T00:05:00"),
        ("1/31/2026, 12:05 PM", "2026-01-31T12:05:00"),
        ("1-Feb-2026", "2026-02-01"),
        ("13-FEB-26", "2026-02-13"),
        ("1 Feb 2026", "2026-02-01"),
        ("February 1, 2026", "2026-02-01"),
        ("Feb 1, 2026 6:00 PM", "2026-02-01T18:00:00"),
        ("1. Februar 2026", "2026-02-01"),
        ("3 mars 2026", "2026-03-03"),
        ("5 de", "?"),
        ("Sun, 01 Feb 2026 06:00:00 GMT", "2026-02-01T06:00:00Z"),
        ("1 Feb 2026 06:00:00 +0100", "2026-02-01T06:00:00+0100"),
        ("20260213", "2026-02-13"),
        ("1784000000", "2026-07-14T03:33:20Z"),
        ("1784000000.25", "2026-07-14T03:33:20.250000Z"),
        ("1784000000000", "2026-07-14T03:33:20Z"),
        ("1784000000123", "2026-07-14T03:33:20.123000Z"),
        ("1784000000123456789", "2026-07-14T03:33:20.123456Z"),
        ("2026-W07", "2026-02-15T23:59:59.999999"),
        ("2026-W07-3", "2026-02-11"),
        ("KW 7 2026", "2026-02-15T23:59:59.999999"),
        ("2026-01", "2026-01-31T23:59:59.999999"),
        ("Q1 2026", "2026-03-31T23:59:59.999999"),
        ("Oct 2024", "2024-10-31T23:59:59.999999"),
        ("Oktober 2024", "2024-10-31T23:59:59.999999"),
        ("octobre 2024", "2024-10-31T23:59:59.999999"),
        ("octubre 2024", "2024-10-31T23:59:59.999999"),
        ("2025", "2025-12-31T23:59:59.999999"),
        ("01/02/2026", "?"),
        ("26-02-13", "?"),
        ("Jan 26", "?"),
        ("26-Jan", "?"),
        ("Q1", "?"),
        ("FY26", "?"),
        ("31.02.2026", "?"),
        ("13/13/2026", "?"),
        ("1/31/2026 13:00 PM", "?"),
        ("1/31/2026 8:00 CET", "?"),
        ("Q1 2026 08:00", "?"),
        ("46054", "?"),
        ("95.5", "?"),
        ("soon", "?"),
        ("06:00", "?"),
        ("", "?"),
    ] {
        let read = column(&[text]).map_or_else(|_| "?".to_owned(), |texts| texts[0].clone());
        assert_eq!(read, expected, "{text}");
    }
}

#[test]
fn the_whole_column_says_which_number_is_the_month() {
    assert_eq!(column(&["01/02/2026", "13/02/2026"]).unwrap(), ["2026-02-01", "2026-02-13"]);
    assert_eq!(column(&["01/02/2026", "02/13/2026"]).unwrap(), ["2026-01-02", "2026-02-13"]);
    assert_eq!(column(&["2026-03-01", "01/02/2026", "02-13-2026"]).unwrap()[1], "2026-01-02");
    let why = column(&["01/02/2026", "03/04/2026"]).unwrap_err();
    assert_eq!(why, "`01/02/2026` can be 2026-02-01 (DD/MM/YYYY) or 2026-01-02 (MM/DD/YYYY)");
    assert!(column(&["13/02/2026", "02/13/2026"]).unwrap_err().contains("different order"));
    assert!(column(&["13/02/26"]).unwrap_err().contains("YY/MM/DD"));
    assert_eq!(column(&["13/02/26", "31/12/25", "30/11/99"]).unwrap()[0], "2026-02-13");
    assert!(iso("2026-07", None, "KW").is_err() && iso("07/2026", None, "Week").is_err());
    assert!(iso("2026-07", None, "month").is_ok());
}

#[test]
fn headers_over_times_are_known_with_their_zone() {
    for text in HEADERS {
        assert_eq!(header(text), Some(Said::Nothing), "{text}");
    }
    for text in ["date (UTC)", "Time [GMT]", "timestamp_utc"] {
        assert_eq!(header(text), Some(Said::Utc), "{text}");
    }
    assert_eq!(header("Time (CET)"), Some(Said::Other));
    assert_eq!(header("Time (local time)"), Some(Said::Other));
    for text in ["metric", "value", "note", "Update", "candidate", "status", "unit", "owner", "M-1"] {
        assert_eq!(header(text), None, "{text}");
    }
}

#[test]
fn changed_texts_never_break_it() {
    let samples = ["1/31/2026 8:00:00 AM", "13.02.2026, 08:30", "Sun, 01 Feb 2026 06:00:00 GMT", "1784000000123", "2026-W07-3"];
    let pieces = ["0", "9", "-", "/", ":", ".", "é", "١", " ", "PM", "99999999999", "Q1", "T", "\u{202f}", "+01"];
    crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
        let mut evidence = DateEvidence::default();
        evidence.add(text);
        let Ok(order) = evidence.decide() else { return };
        if let Ok(read) = iso(text, order, "date") {
            // What is read is read the same again.
            assert_eq!(iso(&read, None, "date").as_deref(), Ok(&*read), "{text:?}");
        }
    });
}

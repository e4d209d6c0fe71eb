//! Which column of a file tells the time.

mod generated;

use super::input::{Asked, Input};
use super::readings::Next;
use crate::domain::dates::tests::HEADERS;
use crate::table::Options;

/// Headers that say a zone, or nothing that is known.
const OTHERS: [&str; 5] = ["date (UTC)", "Erhebungsmonat x", "mesuré le", "Column 7", "reading taken"];

/// Forms of dates, each with what it means.
const FORMS: [(&str, &str); 12] = [
    ("2026-01-31", "2026-01-31"),
    ("2026-01-31T06:00:00Z", "2026-01-31T06:00:00Z"),
    ("31.01.2026", "2026-01-31"),
    ("01/31/2026", "2026-01-31"),
    ("1784000000", "2026-07-14T03:33:20Z"),
    ("2026-01", "2026-01-31T23:59:59.999999"),
    ("31 Jan 2026", "2026-01-31"),
    ("Q1 2026", "2026-03-31T23:59:59.999999"),
    ("2025", "2025-12-31T23:59:59.999999"),
    ("2026-W07", "2026-02-15T23:59:59.999999"),
    ("01/02/2026", "?"),
    ("soon", "?"),
];

/// The times of the readings of a file, or why it is not read.
fn times(text: &str) -> Result<Vec<Option<String>>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("readings.csv");
    std::fs::write(&path, text).expect("a file");
    let asked = Asked { wide: false, one: None, has_zone: false };
    let input = Input::open(&path, asked, &Options::default(), u64::MAX).map_err(|error| error.to_string())?;
    let mut rows = input.source().map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    loop {
        match rows.read().map_err(|error| error.to_string())? {
            Next::Reading(given) => found.push(given.at.map(str::to_owned)),
            Next::Refused { reason, .. } => return Err(reason),
            Next::Left(left) => return Err(format!("{left:?}")),
            Next::End => return Ok(found),
        }
    }
}

/// Whatever a column of dates is called, its readings have these dates or are refused, and none is recorded as measured now.
#[test]
fn a_column_of_dates_tells_the_time_whatever_it_is_called() {
    let mut read = 0;
    for header in HEADERS.into_iter().chain(OTHERS) {
        for (written, meant) in FORMS {
            // Under a header that says nothing a year is as good as any number, and a word as any word.
            if matches!(written, "2025" | "soon") && crate::domain::dates::header(header).is_none() {
                continue;
            }
            for text in [
                format!("metric,{header},value\nM-1,{written},95.5\n"),
                format!("metric;value;{header};owner\nM-1;95.5;{written};ada\n"),
                format!("{{\"metric\":\"M-1\",\"{header}\":\"{written}\",\"value\":95.5}}\n"),
                format!("[{{\"metric\":\"M-1\",\"{header}\":\"{written}\",\"value\":95.5}}]"),
            ] {
                match times(&text) {
                    Ok(times) => {
                        assert_eq!(times, [Some(meant.to_owned())], "{text}");
                        read += 1;
                    }
                    Err(_) if meant == "?" || header.contains(' ') || header.contains('C') => {}
                    Err(why) => assert!(
                        why.contains(header) || why.contains("--map at") || why.contains("time") || why.contains("week"),
                        "{text}: {why}"
                    ),
                }
            }
        }
    }
    assert!(read > 1_300, "{read} were read");
    // A column whose dates begin far below is seen, too.
    let mut late: String = (0..500).map(|n| format!("M-1,{n},\n")).collect();
    late.push_str("M-1,7,2026-01-31\n");
    let why = times(&format!("metric,value,x\n{late}")).expect_err("a question");
    assert!(why.contains("a column holds dates and could be the time: `x`"), "{why}");
}

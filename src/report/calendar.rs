//! What is due as a calendar: iCalendar (RFC 5545), an event of a day a metric.

use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};

/// What has to be done on a day.
#[derive(Debug, Clone)]
pub struct Event {
    /// What tells it from others, the same in every calendar.
    pub uid: String,
    pub day: NaiveDate,
    /// What is to be done, in a few words.
    pub summary: String,
    /// What is to be known of it, line by line.
    pub description: Vec<String>,
    /// Who does it.
    pub contact: Option<String>,
}

/// The most bytes of a line without its end (RFC 5545, 3.1).
const LONGEST: usize = 75;

/// A calendar of this name, made at an instant, UTC.
pub fn text(name: &str, made: NaiveDateTime, events: &[Event]) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//cmf//cmf {}//EN", env!("CARGO_PKG_VERSION")),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("X-WR-CALNAME:{}", escaped(name)),
    ];
    for event in events {
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escaped(&event.uid)),
            format!("DTSTAMP:{}", made.format("%Y%m%dT%H%M%SZ")),
            format!("DTSTART;VALUE=DATE:{}", event.day.format("%Y%m%d")),
            format!("SUMMARY:{}", escaped(&event.summary)),
        ]);
        if !event.description.is_empty() {
            lines.push(format!("DESCRIPTION:{}", escaped(&event.description.join("\n"))));
        }
        lines.extend(event.contact.as_ref().map(|contact| format!("CONTACT:{}", escaped(contact))));
        lines.extend(["TRANSP:TRANSPARENT".to_owned(), "END:VEVENT".to_owned()]);
    }
    lines.push("END:VCALENDAR".to_owned());
    let mut text = String::new();
    for line in &lines {
        let _ = write!(text, "{}\r\n", folded(line));
    }
    text
}

/// Text as the value of a property (RFC 5545, 3.3.11), without characters that a program would obey.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A line in pieces, each but the first behind a blank; no character is torn apart.
fn folded(line: &str) -> String {
    let mut text = String::with_capacity(line.len() + 3 * (line.len() / LONGEST));
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LONGEST {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that a reader makes of a calendar, unfolded.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn lines_are_folded_and_texts_escaped_as_the_standard_has_it() {
        let summary =
            "Measure PR-001; Schlüssel, die älter als 90 Tage sind \\ alle größeren Anwendungen des Unternehmens 🔑🔑🔑";
        let event = Event {
            uid: "7@cmf".into(),
            day: NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"),
            summary: summary.into(),
            description: vec!["one".into(), "two\u{1b}[2J\r".into()],
            contact: None,
        };
        let text =
            text("Ours", NaiveDate::from_ymd_opt(2026, 2, 3).expect("a day").and_hms_opt(4, 5, 6).expect("a time"), &[event]);
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
        let lines = unfolded(&text);
        for line in [
            "UID:7@cmf",
            "DTSTAMP:20260203T040506Z",
            "DTSTART;VALUE=DATE:20260301",
            "DESCRIPTION:one\\ntwo[2J",
            "SUMMARY:Measure PR-001\\; Schlüssel\\, die älter als 90 Tage sind \\\\ alle größeren Anwendungen des Unternehmens 🔑🔑🔑",
        ] {
            assert!(lines.iter().any(|known| known == line), "{line} in {lines:#?}");
        }
        assert_eq!(
            (lines.first().map(String::as_str), lines.last().map(String::as_str)),
            (Some("BEGIN:VCALENDAR"), Some("END:VCALENDAR"))
        );
    }
}

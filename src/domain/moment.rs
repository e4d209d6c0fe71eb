//! Instants as people type them on a command line: a date, a time, or an age.

use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Timelike};

use crate::domain::span;

/// Stands for `infinity`, and for every instant after the calendar's last.
pub const INFINITY: NaiveDateTime = NaiveDateTime::MAX;

/// Stands for `-infinity`, and for every instant before the calendar's first.
pub const MINUS_INFINITY: NaiveDateTime = NaiveDateTime::MIN;

/// Whether an instant is one of the calendar.
pub fn is_finite(instant: NaiveDateTime) -> bool {
    instant != INFINITY && instant != MINUS_INFINITY
}

/// An instant in UTC as every output writes it: RFC 3339 with `Z`, fractions only where there are any.
pub fn time_text(time: NaiveDateTime) -> String {
    match time {
        INFINITY => "infinity".to_owned(),
        MINUS_INFINITY => "-infinity".to_owned(),
        _ if time.nanosecond() == 0 => time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    }
}

/// An instant in UTC, or a distance back from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This instant, UTC.
    At(NaiveDateTime),
    /// So long ago.
    Ago(Duration),
}

impl Moment {
    /// The instant, as seen from `now`; nothing where the calendar has no such date.
    pub fn before(self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Moment::At(instant) => Some(instant),
            Moment::Ago(age) => now.checked_sub_signed(age),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(age) = span::age(text) {
            return Ok(Moment::Ago(age));
        }
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Moment::At(instant.naive_utc()));
        }
        let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok());
        if let Some(instant) = naive {
            return Ok(Moment::At(instant));
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(|date| Moment::At(date.and_time(chrono::NaiveTime::MIN)))
            .map_err(|_| format!("`{text}` is not a time: write 2026-03-01, 2026-03-01T08:00:00Z (UTC), or an age such as 35d"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap()
    }

    #[test]
    fn dates_times_and_ages_are_instants() {
        let now = at("2026-03-10T12:00:00");
        for (text, instant) in [
            ("2026-03-01", "2026-03-01T00:00:00"),
            ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00"),
            ("2026-03-01T08:00:00+02:00", "2026-03-01T06:00:00"),
            ("2026-03-01 08:00", "2026-03-01T08:00:00"),
            ("12h", "2026-03-10T00:00:00"),
            ("1w", "2026-03-03T12:00:00"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().before(now), Some(at(instant)), "{text}");
        }
    }

    #[test]
    fn other_texts_and_ages_of_more_than_a_hundred_years_are_refused() {
        for text in ["", "d", "-3d", "3.5d", "3y", "2026-13-01", "yesterday", "99999999999999999999d", "9999999999999s", "é"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}

//! Instants: how they are written, and as people type them: a date, a time, or an age.

mod day;

use std::str::FromStr;

use chrono::{Duration, NaiveDateTime, Timelike};

pub use self::day::Day;
pub(super) use self::day::end_of;
use crate::domain::reading::{Zone, parse_instant};
use crate::domain::span;

/// Stands for `infinity`, and for every instant after the calendar's last.
pub const INFINITY: NaiveDateTime = NaiveDateTime::MAX;

/// Stands for `-infinity`, and for every instant before the calendar's first.
pub const MINUS_INFINITY: NaiveDateTime = NaiveDateTime::MIN;

pub fn is_finite(instant: NaiveDateTime) -> bool {
    instant != INFINITY && instant != MINUS_INFINITY
}

/// An instant in UTC as every output writes it: RFC 3339 with `Z`, fractions only where there are any.
pub fn text(instant: NaiveDateTime) -> String {
    match instant {
        INFINITY => "infinity".to_owned(),
        MINUS_INFINITY => "-infinity".to_owned(),
        _ if instant.nanosecond() == 0 => instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        _ => instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    }
}

/// An instant as people read it in a heading.
pub fn to_the_minute(instant: NaiveDateTime) -> String {
    if is_finite(instant) { instant.format("%Y-%m-%d %H:%M UTC").to_string() } else { text(instant) }
}

/// An instant in UTC, or a distance back from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This instant, UTC.
    At(NaiveDateTime),
    Ago(Duration),
}

impl Moment {
    /// Reads `now`, an age, or an instant, which is UTC where it names no offset. The error is a sentence that says how an
    /// instant is written.
    pub fn parse(text: &str, day: Day) -> Result<Self, String> {
        let text = text.trim();
        if text == "now" {
            return Ok(Moment::Ago(Duration::zero()));
        }
        if let Ok(age) = span::age(text) {
            return Ok(Moment::Ago(age));
        }
        let edge = if day == Day::Start { "start" } else { "end" };
        parse_instant(text, Zone::Utc, day).map(Moment::At).map_err(|_| {
            format!("`{text}` is not a time: write 2026-03-31 (its {edge}), 2026-03-31T08:00:00Z, or an age such as 35d")
        })
    }

    pub fn day_end(text: &str) -> Result<Self, String> {
        Moment::parse(text, Day::End)
    }

    /// The instant, as seen from `now`; nothing where the calendar has no such date.
    pub fn before(self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Moment::At(instant) => Some(instant),
            Moment::Ago(age) => now.checked_sub_signed(age),
        }
    }
}

/// A day is its start.
impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Moment::parse(text, Day::Start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").unwrap()
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
            ("now", "2026-03-10T12:00:00"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().before(now), Some(at(instant)), "{text}");
        }
        assert_eq!(Moment::day_end("2026-03-01"), Ok(Moment::At(at("2026-03-01T23:59:59.999999"))));
        assert_eq!(Moment::day_end("2026-03-01T08:00Z"), Ok(Moment::At(at("2026-03-01T08:00:00"))));
    }

    #[test]
    fn other_texts_and_ages_of_more_than_a_hundred_years_are_refused() {
        for text in ["", "d", "-3d", "3.5d", "3y", "2026-13-01", "yesterday", "99999999999999999999d", "9999999999999s", "é"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}

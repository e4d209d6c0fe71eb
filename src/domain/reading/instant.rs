//! Instants as people write them.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use tz::TimeZoneRef;
use tz::datetime::{DateTime, FoundDateTimeKind};

use super::Reason;
use crate::domain::moment::{Day, end_of};

/// What a time without an offset means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// UTC.
    #[default]
    Utc,
    /// The local time of a place, such as `Europe/Berlin`.
    Place(&'static TimeZoneRef<'static>),
    /// A fixed distance from UTC.
    Offset(FixedOffset),
}

impl std::str::FromStr for Zone {
    type Err = Reason;

    fn from_str(name: &str) -> Result<Self, Reason> {
        if matches!(name, "UTC" | "utc" | "Z") {
            return Ok(Zone::Utc);
        }
        if name.starts_with(['+', '-']) {
            let offset = parse_offset(name.as_bytes()).ok_or("is not an offset such as +02:00")?;
            return Ok(Zone::Offset(offset));
        }
        tzdb_data::find_tz(name.as_bytes())
            .map(Zone::Place)
            .ok_or_else(|| "is not a time zone such as Europe/Berlin, +02:00 or UTC".into())
    }
}

/// Reads a zone of the command line. The error is why it is none, as a sentence.
pub fn zone(name: &str) -> Result<Zone, Reason> {
    name.parse().map_err(|reason| format!("it {reason}"))
}

impl Zone {
    /// The instant in UTC at which clocks in this zone show this time. Fails when the clocks show it twice or never, because
    /// they are put back or forward then.
    pub fn to_utc(self, local: NaiveDateTime) -> Result<NaiveDateTime, Reason> {
        let Zone::Place(place) = self else { return self.fixed(local) };
        match instants(place, local)[..] {
            [Some(FoundDateTimeKind::Normal(only)), None, ..] => utc(&only),
            [Some(FoundDateTimeKind::Normal(_)), ..] => Err("happens twice, when the clocks go back: add the offset".into()),
            _ => Err("does not exist: the clocks go forward then".into()),
        }
    }

    /// The first instant in UTC of a day in this zone. Where the clocks are put forward at midnight that is not 00:00.
    fn start_of(self, day: NaiveDate) -> Result<NaiveDateTime, Reason> {
        let midnight = day.and_time(NaiveTime::MIN);
        let Zone::Place(place) = self else { return self.fixed(midnight) };
        match instants(place, midnight)[0] {
            Some(FoundDateTimeKind::Normal(first)) => utc(&first),
            Some(FoundDateTimeKind::Skipped { after_transition, .. }) => utc(&after_transition),
            None => Err(far()),
        }
    }

    fn fixed(self, local: NaiveDateTime) -> Result<NaiveDateTime, Reason> {
        match self {
            Zone::Offset(offset) => local.checked_sub_offset(offset).ok_or_else(far),
            Zone::Utc | Zone::Place(_) => Ok(local),
        }
    }
}

fn far() -> Reason {
    "is too far away".into()
}

/// The instants at which clocks in a place show this time, the earliest first.
fn instants(place: &TimeZoneRef<'_>, local: NaiveDateTime) -> [Option<FoundDateTimeKind>; 3] {
    let mut found = [None; 3];
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    let (month, day) = (part(local.month()), part(local.day()));
    let (hour, minute, second) = (part(local.hour()), part(local.minute()), part(local.second()));
    // What is out of its range is found nowhere.
    let _ = DateTime::find_n(&mut found, local.year(), month, day, hour, minute, second, local.nanosecond(), *place);
    found
}

fn utc(instant: &DateTime) -> Result<NaiveDateTime, Reason> {
    chrono::DateTime::from_timestamp(instant.unix_time(), instant.nanoseconds())
        .map(|instant| instant.naive_utc())
        .ok_or_else(far)
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

/// `+HH`, `+HHMM` or `+HH:MM`.
fn parse_offset(text: &[u8]) -> Option<FixedOffset> {
    let (sign, rest) = text.split_first()?;
    let (hours, minutes) = match rest {
        [h1, h2] => (number(&[*h1, *h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    match sign {
        b'+' => FixedOffset::east_opt(seconds),
        b'-' => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

/// Reads an instant in ISO 8601: a date, or a date and a time with or without an offset. Without one it is a time in `zone`;
/// a date alone is the start or the end of its day there. Microseconds are kept, what is finer is cut off. Fails when it is not
/// such a time, or does not happen exactly once in `zone`.
pub fn parse_instant(text: &str, zone: Zone, day_is: Day) -> Result<NaiveDateTime, Reason> {
    const FORM: &str = "is not a time such as 2026-01-31T06:00:00Z";
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err("is empty".into());
    }
    let (Some(date), rest) = (bytes.get(..10), bytes.get(10..).unwrap_or_default()) else { return Err(FORM.into()) };
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return Err(FORM.into()) };
    let (Some(year), Some(month), Some(day)) = (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2])) else {
        return Err(FORM.into());
    };
    let date = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|_| year > 0)
        .ok_or("is not a day of the calendar")?;
    let rest = match rest {
        [] if day_is == Day::End => return zone.to_utc(end_of(date)),
        [] => return zone.start_of(date),
        [b'T' | b't' | b' ', rest @ ..] => rest.trim_ascii_start(),
        _ => return Err(FORM.into()),
    };
    let [h1, h2, b':', m1, m2, rest @ ..] = rest else { return Err(FORM.into()) };
    let (Some(hour), Some(minute)) = (number(&[*h1, *h2]), number(&[*m1, *m2])) else { return Err(FORM.into()) };
    let (second, micros, rest) = match rest {
        [b':', s1, s2, rest @ ..] => {
            let second = number(&[*s1, *s2]).ok_or(FORM)?;
            match rest {
                [b'.' | b',', rest @ ..] => {
                    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    if digits == 0 || digits > 9 {
                        return Err(FORM.into());
                    }
                    let micros = (0..6)
                        .fold(0, |micros, place| micros * 10 + if place < digits { u32::from(rest[place] - b'0') } else { 0 });
                    (second, micros, &rest[digits..])
                }
                rest => (second, 0, rest),
            }
        }
        rest => (0, 0, rest),
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros).ok_or("is not a time of day")?;
    let local = date.and_time(time);
    match rest.trim_ascii() {
        [] => zone.to_utc(local),
        [b'Z' | b'z'] => Ok(local),
        name if name.eq_ignore_ascii_case(b"utc") => Ok(local),
        offset => {
            let offset = parse_offset(offset).ok_or(FORM)?;
            local.checked_sub_offset(offset).ok_or_else(|| FORM.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_utc_unless_said_otherwise() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        for (text, zone, expected) in [
            ("2026-01-31T06:00:00Z", berlin, "2026-01-31T06:00:00"),
            ("2026-01-31", Zone::Utc, "2026-01-31T00:00:00"),
            ("2026-01-31", berlin, "2026-01-30T23:00:00"),
            ("2026-07-01 06:00", berlin, "2026-07-01T04:00:00"),
            ("2026-01-31T06:00:00.123456789+05:30", Zone::Utc, "2026-01-31T00:30:00.123456"),
            ("2026-01-31 06:00:00 -0800", Zone::Utc, "2026-01-31T14:00:00"),
            ("2026-01-31 06:00:00 UTC", berlin, "2026-01-31T06:00:00"),
            ("2026-10-25T01:59:59.999999", berlin, "2026-10-24T23:59:59.999999"),
            ("2026-10-25T03:00", berlin, "2026-10-25T02:00:00"),
            ("2026-10-25T02:30+02:00", berlin, "2026-10-25T00:30:00"),
            ("2026-10-25T02:30+01:00", berlin, "2026-10-25T01:30:00"),
            ("2026-03-29T01:59:59", berlin, "2026-03-29T00:59:59"),
            ("2026-03-29T03:00", berlin, "2026-03-29T01:00:00"),
            ("1890-01-01T00:53:28", berlin, "1890-01-01T00:00:00"),
            ("2026-01-31T06:00:00+01", Zone::Utc, "2026-01-31T05:00:00"),
        ] {
            let instant = parse_instant(text, zone, Day::Start).expect(text);
            assert_eq!(instant.format("%Y-%m-%dT%H:%M:%S%.f").to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_instant_is_refused() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        for (text, zone, reason) in [
            ("31.01.2026", Zone::Utc, "is not a time"),
            ("01/02/2026", Zone::Utc, "is not a time"),
            ("2026-02-30", Zone::Utc, "calendar"),
            ("2026-01-31T25:00", Zone::Utc, "time of day"),
            ("2026-01-31T06:00:60Z", Zone::Utc, "time of day"),
            ("2026-01-31T06:00:00+99:00", Zone::Utc, "is not a time"),
            ("2026-01-31T06:00:00+16:00", Zone::Utc, "is not a time"),
            ("2026-01-31T06:00:00+02:60", Zone::Utc, "is not a time"),
            ("2026-01-31T06", Zone::Utc, "is not a time"),
            ("tomorrow", Zone::Utc, "is not a time"),
            ("2026-10-25T02:00", berlin, "happens twice"),
            ("2026-10-25T02:59:59.999999", berlin, "happens twice"),
            ("2026-03-29T02:00", berlin, "does not exist"),
            ("2026-03-29T02:59:59.999999", berlin, "does not exist"),
            ("2045-03-26T02:30", berlin, "does not exist"),
            ("", Zone::Utc, "is empty"),
        ] {
            let refused = parse_instant(text, zone, Day::Start).expect_err(text);
            assert!(refused.contains(reason), "{text}: {refused}");
        }
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }

    #[test]
    fn a_day_starts_with_its_first_moment_whatever_the_clocks_do() {
        for (zone, day, expected) in [
            // The clocks go from 24:00 to 01:00.
            ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00"),
            // They go from 01:00 back to 00:00, so that the first hour comes twice.
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00"),
            // This place went over the date line and had no such day.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00"),
            ("Asia/Kolkata", "2026-01-31", "2026-01-30T18:30:00"),
            ("europe/berlin", "2101-07-01", "2101-06-30T22:00:00"),
            ("-03:30", "2026-01-31", "2026-01-31T03:30:00"),
        ] {
            let instant = parse_instant(day, zone.parse().expect(zone), Day::Start).expect(day);
            assert_eq!(instant.format("%Y-%m-%dT%H:%M:%S").to_string(), expected, "{zone}");
        }
    }

    /// Whatever is taken is the instant that other readers make of the text; only where the text has no offset does the zone
    /// decide, and then by no more than its distance.
    #[test]
    fn changed_texts_are_instants_only_where_every_reader_agrees() {
        let samples = [
            "2026-01-31T06:00:00Z", "2026-01-31", "2026-07-01 06:00", "2026-01-31T06:00:00.123456789+05:30",
            "2026-10-25T02:30", "2026-01-31 06:00:00 -0800", "2026-03-29T02:00", "9999-12-31T23:59:59.999999Z", "0001-01-01",
            "2026-01-31 06:00:00 UTC",
        ];
        let pieces = [
            "0", "1", "9", "-", ":", ".", ",", "T", "t", " ", "Z", "z", "+", "+14:00", "-00", "UTC", "24", "60", "99", "٣", "−",
        ];
        let (berlin, east): (Zone, Zone) = ("Europe/Berlin".parse().unwrap(), "+14:00".parse().unwrap());
        let mut taken = 0;
        crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
            let _ = parse_instant(text, berlin, Day::Start);
            let Ok(instant) = parse_instant(text, Zone::Utc, Day::Start) else { return };
            taken += 1;
            let shown = instant.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
            // An offset can lead out of the years that have four digits.
            if (1..=9999).contains(&instant.year()) {
                assert_eq!(parse_instant(&shown, berlin, Day::Start), Ok(instant), "{text:?} is shown as {shown}");
            }
            if let Ok(other) = parse_instant(text, east, Day::Start) {
                let apart = instant - other;
                let has_offset = apart.is_zero();
                assert!(has_offset || apart == chrono::TimeDelta::hours(14), "{text:?}: {apart}");
            }
            if let Ok(other) = chrono::DateTime::parse_from_rfc3339(text.trim()) {
                let other = other.naive_utc();
                assert_eq!(instant.and_utc().timestamp_micros(), other.and_utc().timestamp_micros(), "{text:?}");
            }
        });
        assert!(taken > 500, "{taken} were taken");
    }

    #[test]
    fn changed_texts_are_zones_only_where_they_say_so() {
        let samples = ["+02:00", "-0330", "Europe/Berlin", "UTC"];
        let pieces = ["0", "9", "-", "+", ":", "d", "w", "s", " ", "é", "١", "/", "999999999999999999"];
        crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
            if let Ok(Zone::Offset(offset)) = text.parse::<Zone>() {
                assert_eq!(offset.to_string().parse::<Zone>(), Ok(Zone::Offset(offset)), "{text:?}");
            }
        });
    }
}

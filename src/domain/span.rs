//! Durations as people type them: the only reader of them.

use core::time::Duration as Timeout;

use chrono::Duration;

/// The longest duration, in days: a hundred years.
const MOST: i64 = 36_500;

const UNITS: [(&str, i64); 7] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", DAY), ("w", 7 * DAY)];

const DAY: i64 = 86_400_000;

/// Reads a duration: a whole number and a unit, such as `300ms`, `30s`, `12h`, `35d`. A number without a unit has the unit `bare`,
/// where there is one. The error is a sentence that says what is wrong and how durations are written.
pub fn parse(text: &str, bare: Option<&str>) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = Some(unit.trim_start()).filter(|unit| !unit.is_empty()).or(bare);
    let milliseconds =
        unit.and_then(|unit| UNITS.iter().find(|(name, _)| *name == unit)).map(|(_, milliseconds)| *milliseconds);
    let (false, Some(milliseconds)) = (number.is_empty(), milliseconds) else {
        return Err(
            "it is not a duration: write a whole number with ms, s, m, h, d or w, such as 300ms, 30s, 12h or 35d".into()
        );
    };
    let total = number.parse::<i64>().ok().and_then(|number| number.checked_mul(milliseconds));
    total
        .filter(|total| *total <= MOST * DAY)
        .map(Duration::milliseconds)
        .ok_or_else(|| format!("it is too long: a duration has at most {MOST}d"))
}

/// Reads an age, whose unit must be given.
pub fn age(text: &str) -> Result<Duration, String> {
    parse(text, None)
}

/// Reads a number of whole days. Without a unit it is one already.
pub fn days(text: &str) -> Result<i64, String> {
    let span = parse(text, Some("d"))?;
    if span == Duration::days(span.num_days()) {
        Ok(span.num_days())
    } else {
        Err("it is not a number of whole days, such as 35d or 5w".into())
    }
}

/// Reads how long something is valid, which is longer than no time.
pub fn validity(text: &str) -> Result<Duration, String> {
    let span = age(text)?;
    if span.is_zero() { Err("it must be above 0".into()) } else { Ok(span) }
}

/// Reads how long something may take; a number without a unit is seconds. Postgres keeps its limits in a 32-bit number of
/// milliseconds.
pub fn timeout(text: &str) -> Result<Timeout, String> {
    let span = parse(text, Some("s"))?.to_std().map_err(|error| format!("it is not a duration: {error}"))?;
    if span.as_millis() > i32::MAX.unsigned_abs().into() { Err("it is too long: at most 24d".to_owned()) } else { Ok(span) }
}

/// Reads how long one request may take.
pub fn request(text: &str) -> Result<Timeout, String> {
    let span = timeout(text)?;
    if (Timeout::from_secs(1)..=Timeout::from_mins(10)).contains(&span) {
        Ok(span)
    } else {
        Err("it must be from 1s to 10m".to_owned())
    }
}

/// A timeout in words.
pub fn shown(time: Timeout) -> String {
    let milliseconds = time.as_millis();
    if milliseconds.is_multiple_of(1000) { format!("{} s", milliseconds / 1000) } else { format!("{milliseconds} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_fits_into_what_postgres_keeps() {
        assert_eq!(timeout("300ms"), Ok(Timeout::from_millis(300)));
        assert_eq!(timeout("5"), Ok(Timeout::from_secs(5)));
        assert_eq!(timeout("0"), Ok(Timeout::ZERO));
        assert_eq!(timeout("1d"), Ok(Timeout::from_hours(24)));
        assert_eq!(timeout("24d"), Ok(Timeout::from_hours(24 * 24)));
        assert!(timeout("25d").is_err_and(|reason| reason.contains("at most 24d")));
        assert_eq!((request("1"), request("10m").is_ok()), (Ok(Timeout::from_secs(1)), true));
        assert!(request("999ms").is_err() && request("600001ms").is_err());
        assert_eq!((shown(Timeout::from_mins(1)), shown(Timeout::from_millis(1500))), ("60 s".into(), "1500 ms".into()));
    }

    #[test]
    fn a_duration_is_a_whole_number_and_a_unit() {
        for (text, span) in [
            ("300ms", Duration::milliseconds(300)),
            ("90s", Duration::seconds(90)),
            ("5m", Duration::minutes(5)),
            ("5min", Duration::minutes(5)),
            (" 2 h ", Duration::hours(2)),
            ("0s", Duration::zero()),
            ("35d", Duration::days(35)),
            ("6w", Duration::weeks(6)),
            ("36500d", Duration::days(36_500)),
        ] {
            assert_eq!(age(text), Ok(span), "{text}");
        }
        for text in ["", "d", "35", "-1d", "+35d", "1.5h", "35y", "5M", "1h30m", "soon", "é", "١d"] {
            assert!(age(text).is_err_and(|reason| reason.contains("300ms, 30s, 12h or 35d")), "{text}");
        }
        for text in ["36501d", "4294967295w", "99999999999999999999d"] {
            assert!(age(text).is_err_and(|reason| reason.contains("at most 36500d")), "{text}");
        }
    }

    #[test]
    fn a_number_alone_has_a_unit_only_where_one_is_meant() {
        assert_eq!(parse("5", Some("s")), Ok(Duration::seconds(5)));
        assert_eq!((days("35"), days("5w"), days("48h")), (Ok(35), Ok(35), Ok(2)));
        assert!(days("36h").is_err_and(|reason| reason.contains("whole days")));
        assert!(validity("0h").is_err_and(|reason| reason.contains("above 0")));
        assert_eq!(validity("1ms"), Ok(Duration::milliseconds(1)));
    }

    #[test]
    fn changed_texts_are_durations_only_where_they_say_so() {
        let samples = ["35d", "30s", "5m", "12h", "6w", "300ms", "4294967295w"];
        let pieces = ["0", "9", "-", "+", ":", "d", "w", "s", "m", " ", "é", "١", "/", "999999999999999999"];
        crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
            if let Ok(span) = age(text) {
                assert!(span >= Duration::zero() && span <= Duration::days(MOST), "{text:?}");
                assert_eq!(age(&format!("{}ms", span.num_milliseconds())), Ok(span), "{text:?}");
            }
        });
    }
}

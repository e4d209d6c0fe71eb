//! How long a command waits, as its options take it.

use std::time::Duration;

use crate::domain::span;

/// Reads how long something may take; a number without a unit is seconds. Postgres keeps its limits in a 32-bit number of
/// milliseconds.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn timeout(text: &str) -> Result<Duration, String> {
    let span = span::parse(text, Some("s"))?.to_std().map_err(|error| format!("it is not a duration: {error}"))?;
    if span.as_millis() > i32::MAX.unsigned_abs().into() { Err("it is too long: at most 24d".to_owned()) } else { Ok(span) }
}

/// Reads how long one request may take.
///
/// # Errors
/// As [`timeout`], and when it is not from 1 second to 10 minutes.
pub(crate) fn request(text: &str) -> Result<Duration, String> {
    let span = timeout(text)?;
    if (1..=600).contains(&span.as_secs()) && span <= Duration::from_mins(10) {
        Ok(span)
    } else {
        Err("it is not from 1s to 10m".to_owned())
    }
}

/// A duration in words.
pub(crate) fn shown(time: Duration) -> String {
    let milliseconds = time.as_millis();
    if milliseconds.is_multiple_of(1000) { format!("{} s", milliseconds / 1000) } else { format!("{milliseconds} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_fits_into_what_postgres_keeps() {
        assert_eq!(timeout("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(timeout("5"), Ok(Duration::from_secs(5)));
        assert_eq!(timeout("0"), Ok(Duration::ZERO));
        assert_eq!(timeout("1d"), Ok(Duration::from_hours(24)));
        assert_eq!(timeout("24d"), Ok(Duration::from_hours(24 * 24)));
        assert!(timeout("25d").is_err_and(|reason| reason.contains("at most 24d")));
        assert_eq!((request("1"), request("10m").is_ok()), (Ok(Duration::from_secs(1)), true));
        assert!(request("999ms").is_err() && request("600001ms").is_err());
        assert_eq!((shown(Duration::from_mins(1)), shown(Duration::from_millis(1500))), ("60 s".into(), "1500 ms".into()));
    }
}

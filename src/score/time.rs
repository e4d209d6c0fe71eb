//! Instants of the past, one or many.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime};

use crate::domain::moment::{self, Moment};
use crate::domain::span;
use crate::error::{Error, Result};

/// Instants that one backfill may have.
const MOST: usize = 5_000;

/// The instant whose state is asked for, in UTC; the end of today is now. Exit 2 when it is in the future.
pub(crate) fn past(moment: Moment, now: NaiveDateTime) -> Result<NaiveDateTime> {
    let end_of_today = Moment::day_end(&now.date().to_string());
    let instant = if end_of_today == Ok(moment) { now } else { moment.before(now).unwrap_or(NaiveDateTime::MIN) };
    if instant > now {
        let instant = moment::text(instant);
        return Err(Error::usage(format!("{instant} is in the future")).hint("name a time in the past"));
    }
    // Before this the server's calendar knows no readings, and a timestamp could not hold it.
    Ok(instant.max(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default().into()))
}

/// Refuses two instants out of order, by the names of the options they are from. Exit 2.
pub(crate) fn in_order(from: (&str, NaiveDateTime), to: (&str, NaiveDateTime)) -> Result<()> {
    if from.1 <= to.1 {
        return Ok(());
    }
    let shown = |at: NaiveDateTime| {
        let day = at.date();
        let is_edge = at == day.into() || Moment::day_end(&day.to_string()) == Ok(Moment::At(at));
        if is_edge { day.to_string() } else { moment::text(at) }
    };
    Err(Error::usage(format!("{} {} is after {} {}", from.0, shown(from.1), to.0, shown(to.1)))
        .hint(format!("give the earlier time with {}, the later one with {}", from.0, to.0)))
}

/// The distance between two instants of a backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Every {
    Days(u32),
    Months(u32),
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Every::Days(days) => write!(f, "{days} days"),
            Every::Months(months) => write!(f, "{months} months"),
        }
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.trim() {
            "day" => Every::Days(1),
            "week" => Every::Days(7),
            "month" => Every::Months(1),
            "quarter" => Every::Months(3),
            "year" => Every::Months(12),
            other => {
                let days = span::age(other).and_then(|_| span::days(other)).ok().filter(|days| *days > 0);
                Every::Days(
                    days.and_then(|days| u32::try_from(days).ok())
                        .ok_or_else(|| format!("`{other}` is not one of day, week, month, quarter, year, 10d, 2w"))?,
                )
            }
        })
    }
}

impl Every {
    /// The instants from one to the other, both included if they are hit. Months keep to the last day where the first instant is
    /// on one. Exit 2 when the order is wrong or there are too many.
    pub(crate) fn instants(self, from: NaiveDateTime, to: NaiveDateTime) -> Result<Vec<NaiveDateTime>> {
        in_order(("--from", from), ("--to", to))?;
        let mut instants = Vec::new();
        for n in 0.. {
            let next = match self {
                Every::Days(days) => from.checked_add_signed(Duration::days(i64::from(days) * n)),
                Every::Months(months) => u32::try_from(n).ok().and_then(|n| {
                    let next = from.checked_add_months(Months::new(months * n))?;
                    if from.day() < days_in(from.date()) { Some(next) } else { next.with_day(days_in(next.date())) }
                }),
            };
            match next {
                Some(next) if next <= to => instants.push(next),
                _ => break,
            }
            if instants.len() > MOST {
                return Err(Error::usage(format!("that is more than {MOST} points in time")).hint("use a longer --every"));
            }
        }
        Ok(instants)
    }
}

fn days_in(day: NaiveDate) -> u32 {
    (28..=31).rev().find(|&last| day.with_day(last).is_some()).unwrap_or(28)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::Day;
    use crate::domain::reading::{Zone, parse_instant};

    fn at(text: &str) -> NaiveDateTime {
        parse_instant(text, Zone::Utc, Day::Start).expect("an instant")
    }

    #[test]
    fn a_day_stands_for_its_end_and_today_for_now() {
        let now = at("2026-05-05T12:00:00Z");
        let resolved = |text: &str| past(Moment::day_end(text).expect("an instant"), now).map(moment::text);
        assert_eq!(resolved("2026-03-31").ok().as_deref(), Some("2026-03-31T23:59:59.999999Z"));
        assert_eq!(resolved("2026-05-05").ok().as_deref(), Some("2026-05-05T12:00:00Z"));
        assert_eq!(resolved("2026-03-31T08:00:00+02:00").ok().as_deref(), Some("2026-03-31T06:00:00Z"));
        assert_eq!(resolved("2d").ok().as_deref(), Some("2026-05-03T12:00:00Z"));
        assert_eq!(resolved("now").ok().as_deref(), Some("2026-05-05T12:00:00Z"));
        assert!(resolved("2026-05-06").is_err());
        assert!(Moment::day_end("yesterday").is_err());
    }

    #[test]
    fn months_keep_to_their_last_day() {
        let days = |from: &str, to: &str, every: &str| -> Vec<String> {
            let every: Every = every.parse().expect("a span");
            let instants = every.instants(at(from), at(to)).expect("instants");
            instants.iter().map(|instant| instant.date().to_string()).collect()
        };
        assert_eq!(days("2026-01-31", "2026-04-30", "month"), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]);
        assert_eq!(days("2026-02-28", "2026-03-31", "month"), ["2026-02-28", "2026-03-31"]);
        assert_eq!(days("2026-01-15", "2026-07-15", "quarter"), ["2026-01-15", "2026-04-15", "2026-07-15"]);
        assert_eq!(days("2026-01-01", "2026-01-20", "week"), ["2026-01-01", "2026-01-08", "2026-01-15"]);
        assert_eq!(days("2026-01-01", "2026-01-20", "10d"), ["2026-01-01", "2026-01-11"]);
        let daily = Every::Days(1);
        assert!(daily.instants(at("2026-01-02"), at("2026-01-01")).is_err());
        assert!(daily.instants(at("2000-01-01"), at("2026-01-01")).is_err());
        assert_eq!("2w".parse::<Every>(), Ok(Every::Days(14)));
        assert!("0d".parse::<Every>().is_err() && "36h".parse::<Every>().is_err());
        assert!("fortnight".parse::<Every>().is_err());
    }
}

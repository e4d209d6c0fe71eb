//! The day and the time of day of one text.

use chrono::{DateTime, NaiveDate, NaiveTime};

use crate::domain::period::{Calendar, Part, Period};
use crate::domain::reading::Reason;

named! {
    /// The order of the numbers in a date of three.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Order {
        /// `31/01/2026`.
        DayFirst = "day first",
        /// `01/31/2026`.
        MonthFirst = "month first",
        /// `26-01-31`.
        YearFirst = "year first",
    }
    ALL
    /// What it is called.
    name
}

impl Order {
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// How `--date-format` says it, of dates that are written like this one.
    pub(super) fn form(self, text: &str) -> String {
        let mark = text.chars().find(|c| !c.is_ascii_digit()).unwrap_or('/');
        let year =
            if text.split(|c: char| !c.is_ascii_digit()).nth(2).is_some_and(|part| part.len() == 4) { "YYYY" } else { "YY" };
        match self {
            Order::DayFirst => format!("DD{mark}MM{mark}{year}"),
            Order::MonthFirst => format!("MM{mark}DD{mark}{year}"),
            Order::YearFirst => format!("YY{mark}MM{mark}DD"),
        }
    }
}

/// Why a text is no date at all.
pub(super) const FORM: &str = "is not a date";

/// A date of three numbers whose order is not plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    parts: [u32; 3],
    /// Whether the year may come first: all parts have two digits.
    short: bool,
}

impl Numbers {
    pub(super) fn date(self, order: Order) -> Option<NaiveDate> {
        let [a, b, c] = self.parts;
        let full = |year: u32| i32::try_from(if year < 100 { 2000 + year } else { year }).ok();
        match order {
            Order::DayFirst => NaiveDate::from_ymd_opt(full(c)?, b, a),
            Order::MonthFirst => NaiveDate::from_ymd_opt(full(c)?, a, b),
            Order::YearFirst => NaiveDate::from_ymd_opt(full(a)?, b, c).filter(|_| self.short),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Date(NaiveDate),
    Numbers(Numbers),
    /// The last day of a longer period, and whether it is a month.
    End(NaiveDate, bool),
    /// An instant in UTC.
    Instant(chrono::NaiveDateTime),
}

/// Parts a text before its time of day.
pub(super) fn day_and_time(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else { return (text, None) };
    let start = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let day = text[..start].trim_end_matches([' ', ',', '\u{a0}', '\u{202f}']);
    let day = day.strip_suffix(['T', 't']).filter(|day| day.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(day);
    (day, Some(&text[start..]))
}

/// `8:00:00 AM`, `08:30`, `08:30:00.5Z`, `08:30 +01:00`: in ISO 8601, with what stands for an offset.
pub(super) fn time_of_day(text: &str) -> Result<String, Reason> {
    const TIME: &str = "has a time of day that is not written as 08:30 or 8:30 PM";
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (clock, rest) = (text[..end].trim_end_matches(['.', ',']), text[end..].trim_matches([' ', '\u{a0}', '\u{202f}']));
    let lower = rest.to_ascii_lowercase();
    let half = ["a.m.", "p.m.", "am", "pm"].into_iter().find(|half| lower.starts_with(half));
    let zone = rest.get(half.map_or(0, str::len)..).unwrap_or_default().trim().trim_matches(['(', ')']);
    let mut parts = clock.split(':');
    let number = |part: Option<&str>| part.filter(|part| (1..=2).contains(&part.len()))?.parse::<u32>().ok();
    let (hour, minute) = (number(parts.next()), number(parts.next()));
    let (second, fraction) = match parts.next() {
        None => ("00", None),
        Some(second) => second.split_once(['.', ',']).map_or((second, None), |(second, fraction)| (second, Some(fraction))),
    };
    let (Some(mut hour), Some(minute), Some(second), None) = (hour, minute, number(Some(second)), parts.next()) else {
        return Err(TIME.into());
    };
    if let Some(half) = half {
        if !(1..=12).contains(&hour) {
            return Err(TIME.into());
        }
        hour = hour % 12 + if half.starts_with('p') { 12 } else { 0 };
    }
    NaiveTime::from_hms_opt(hour, minute, second).ok_or("is not a time of day")?;
    let fraction = match fraction {
        None => String::new(),
        Some(digits) if (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!(".{digits}")
        }
        Some(_) => return Err(TIME.into()),
    };
    let zone = match zone {
        "" => "",
        "Z" | "z" | "UTC" | "utc" | "GMT" | "gmt" => "Z",
        offset if offset.starts_with(['+', '-']) && offset[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b':') => {
            offset
        }
        other => return Err(format!("has `{other}` after its time: write the offset, such as +01:00")),
    };
    Ok(format!("{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

pub(super) fn day_of(text: &str) -> Result<Day, Reason> {
    let text = without_weekday(text.trim());
    let calendar = || Reason::from("is not a day of the calendar");
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    if let [a, b, c] = parts[..]
        && parts.iter().all(|part| is_digits(part))
    {
        let number = |part: &str| part.parse::<u32>().unwrap_or(u32::MAX);
        let marks: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        if marks[0] != marks[1] || b.len() > 2 || c.len() == 4 && c.starts_with('0') {
            return Err(FORM.into());
        }
        let numbers = [number(a), number(b), number(c)];
        return match (a.len(), c.len()) {
            (4, 1 | 2) => {
                let year = i32::try_from(numbers[0]).map_err(|_| FORM)?;
                NaiveDate::from_ymd_opt(year, numbers[1], numbers[2]).map(Day::Date).ok_or_else(calendar)
            }
            (1 | 2, 2 | 4) => {
                // With points the day comes first wherever dates are written so.
                let short = c.len() == 2 && a.len() == 2 && b.len() == 2 && marks[0] != '.';
                let found = Numbers { parts: numbers, short };
                if marks[0] == '.' {
                    return found.date(Order::DayFirst).map(Day::Date).ok_or_else(calendar);
                }
                let is_any = Order::ALL.into_iter().any(|order| found.date(order).is_some());
                if is_any { Ok(Day::Numbers(found)) } else { Err(calendar()) }
            }
            _ => Err(FORM.into()),
        };
    }
    if is_digits(&text.replacen('.', "", 1)) && text.len() >= 8 {
        return number_alone(text).ok_or_else(|| FORM.into());
    }
    // `2026-W07-3`, and `13-Feb-26`, which databases write.
    if text.starts_with(|c: char| c.is_ascii_digit())
        && let Ok(date) = NaiveDate::parse_from_str(text, "%G-W%V-%u")
    {
        return Ok(Day::Date(date));
    }
    if let [day, month, year] = text.split(['-', ' ', '/']).collect::<Vec<_>>()[..]
        && is_digits(day)
        && is_digits(year)
        && day.len() <= 2
        && year.len() == 2
        && let Some(Period { part: Part::Month(month), year: None, .. }) = Period::parse(month)
    {
        let year = 2000 + year.parse::<i32>().map_err(|_| FORM)?;
        return NaiveDate::from_ymd_opt(year, month, day.parse().map_err(|_| FORM)?).map(Day::Date).ok_or_else(calendar);
    }
    let period = Period::parse(text).ok_or(FORM)?;
    if period.fiscal {
        return Err("is in a fiscal year, which can begin in any month: write the dates".into());
    }
    if period.year.is_none() {
        return Err(format!("is a {} without its year: write the year, too", period.part.name()));
    }
    let has_year = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 4) || text.contains(['\'', '’']);
    if matches!(period.part, Part::Month(_)) && !has_year {
        return Err("could be a day or a year: write the year with four digits".into());
    }
    let (_, last) = period.days(Calendar::default()).ok_or_else(calendar)?;
    match period.part {
        Part::Day(..) => Ok(Day::Date(last)),
        part => Ok(Day::End(last, matches!(part, Part::Month(_)))),
    }
}

/// `20260131`, and the seconds, milliseconds, microseconds or nanoseconds since 1970 of this century, told by how many digits
/// they have.
fn number_alone(text: &str) -> Option<Day> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() == 8 && fraction.is_empty() && !text.contains('.') {
        let date = NaiveDate::parse_from_str(whole, "%Y%m%d").ok()?;
        return Some(Day::Date(date)).filter(|_| whole.starts_with("20") || whole.starts_with("19"));
    }
    let per_second: i64 = match (whole.len(), text.contains('.')) {
        (10, _) => 1,
        (13, false) => 1_000,
        (16, false) => 1_000_000,
        (19, false) => 1_000_000_000,
        _ => return None,
    };
    let count: i64 = whole.parse().ok()?;
    let seconds = count.div_euclid(per_second);
    let mut nanos = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
    if !fraction.is_empty() {
        let digits = fraction.get(..9).unwrap_or(fraction);
        nanos = digits.parse::<i64>().ok()? * 10_i64.pow(9 - u32::try_from(digits.len()).ok()?);
    }
    // 1 January 2100
    let instant = DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?).filter(|_| seconds < 4_102_444_800)?;
    Some(Day::Instant(instant.naive_utc()))
}

/// `Sun, 26 Jul 2026`: the day of the week says nothing more.
fn without_weekday(text: &str) -> &str {
    const DAYS: [&str; 30] = [
        "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday",
        "friday", "saturday", "sunday", "mo", "di", "mi", "do", "fr", "sa", "so", "montag", "dienstag", "mittwoch",
        "donnerstag", "samstag", "sonntag",
    ];
    let Some((first, rest)) = text.split_once(' ') else { return text };
    let word = first.trim_end_matches([',', '.']).to_lowercase();
    if DAYS.contains(&word.as_str()) || word == "freitag" { rest.trim_start() } else { text }
}

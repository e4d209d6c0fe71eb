//! Dates as the cells of a column write them. What a cell means is decided by the whole column, never by one cell: `01/02/2026` is
//! the first of February where another one is `13/02/2026`, and nobody's guess where none is. What is a period is read by
//! [`Period`], and stands for its end.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveTime};

use super::item::normalised;
use super::moment;
use super::period::{Calendar, Part, Period};
use super::reading::Reason;

/// The order of the numbers in a date of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `31/01/2026`.
    DayFirst,
    /// `01/31/2026`.
    MonthFirst,
    /// `26-01-31`.
    YearFirst,
}

impl Order {
    const ALL: [Order; 3] = [Order::DayFirst, Order::MonthFirst, Order::YearFirst];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// How `--date-format` says it, of dates that are written like this one.
    fn form(self, text: &str) -> String {
        let mark = text.chars().find(|c| !c.is_ascii_digit()).unwrap_or('/');
        let year = if text.split(|c: char| !c.is_ascii_digit()).nth(2).is_some_and(|part| part.len() == 4) { "YYYY" } else { "YY" };
        match self {
            Order::DayFirst => format!("DD{mark}MM{mark}{year}"),
            Order::MonthFirst => format!("MM{mark}DD{mark}{year}"),
            Order::YearFirst => format!("YY{mark}MM{mark}DD"),
        }
    }
}

/// What the texts of a column say about the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateEvidence {
    /// How many texts are dates, and how many are something else.
    pub dates: u64,
    /// How many are not.
    pub others: u64,
    /// The orders that all dates so far allow, where there were any whose order is not plain.
    orders: Option<u8>,
    /// The first text whose order is not plain, and the one that left no order.
    samples: [Option<String>; 2],
}

impl DateEvidence {
    /// Takes one more text of the column into account.
    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        if is_iso(text) {
            self.dates += 1;
            return;
        }
        let Ok(read) = read(text) else {
            self.others += 1;
            return;
        };
        self.dates += 1;
        let Day::Numbers(numbers) = read.day else { return };
        let orders = Order::ALL.iter().filter(|order| numbers.date(**order).is_some()).fold(0, |mask, order| mask | order.bit());
        let before = self.orders.unwrap_or(u8::MAX);
        self.orders = Some(before & orders);
        if self.samples[0].is_none() {
            self.samples[0] = Some(text.to_owned());
        } else if before & orders == 0 && self.samples[1].is_none() {
            self.samples[1] = Some(text.to_owned());
        }
    }

    /// The order of the column's dates, where it has any whose order is not plain.
    ///
    /// # Errors
    /// The sentence that says what the dates could be, when the texts allow several orders or none.
    pub fn decide(&self) -> Result<Option<Order>, String> {
        let Some(orders) = self.orders else { return Ok(None) };
        let sample = self.samples[0].as_deref().unwrap_or_default();
        let left: Vec<Order> = Order::ALL.into_iter().filter(|order| orders & order.bit() != 0).collect();
        match left.as_slice() {
            [] => {
                let other = self.samples[1].as_deref().unwrap_or_default();
                Err(format!("`{sample}` and `{other}` have their days and months in different places"))
            }
            [only] => Ok(Some(*only)),
            several => {
                let day = day_and_time(sample).0;
                let Ok(Day::Numbers(numbers)) = day_of(day) else { return Ok(None) };
                let each: Vec<String> = several
                    .iter()
                    .filter_map(|order| Some(format!("{} ({})", numbers.date(*order)?.format("%F"), order.form(day))))
                    .collect();
                Err(format!("`{sample}` can be {}", each.join(" or ")))
            }
        }
    }
}

/// A date of three numbers whose order is not plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbers {
    parts: [u32; 3],
    /// Whether the year may come first: all parts have two digits.
    short: bool,
}

impl Numbers {
    fn date(self, order: Order) -> Option<NaiveDate> {
        let [a, b, c] = self.parts;
        let full = |year: u32| i32::try_from(if year < 100 { 2000 + year } else { year }).ok();
        match order {
            Order::DayFirst => NaiveDate::from_ymd_opt(full(c)?, b, a),
            Order::MonthFirst => NaiveDate::from_ymd_opt(full(c)?, a, b),
            Order::YearFirst => NaiveDate::from_ymd_opt(full(a)?, b, c).filter(|_| self.short),
        }
    }
}

/// The day of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    Date(NaiveDate),
    Numbers(Numbers),
    /// The last day of a longer period, and whether it is a month.
    End(NaiveDate, bool),
    /// An instant in UTC.
    Instant(chrono::NaiveDateTime),
}

/// A text that is a date.
struct Read {
    day: Day,
    /// The time of day in ISO 8601, with its offset.
    time: Option<String>,
}

/// `2026-01-31`, perhaps with a time behind: what needs no second look, and is read by the rules of an instant.
pub fn is_iso(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
        && matches!(bytes.get(10), None | Some(b'T' | b't' | b' '))
        && !matches!(bytes.last(), Some(b'M' | b'm'))
}

/// Whether a text is a date in any form.
pub fn is_date(text: &str) -> bool {
    let text = text.trim();
    is_iso(text) || read(text).is_ok()
}

/// What a date of a column means, in ISO 8601: `order` is that of the whole column, `header` the column's own.
///
/// # Errors
/// Why it is not a date, as the end of a sentence.
pub fn iso<'t>(text: &'t str, order: Option<Order>, header: &str) -> Result<Cow<'t, str>, Reason> {
    let text = text.trim();
    if is_iso(text) {
        return Ok(Cow::Borrowed(text));
    }
    let read = read(text)?;
    let date = match read.day {
        Day::Instant(instant) => return Ok(Cow::Owned(moment::text(instant))),
        Day::End(_, true) if counts_weeks(header) => {
            return Err(format!("could be a month or a {}: write 2026-W07, 2026-Q1 or a date", header.trim()));
        }
        Day::End(date, _) => return Ok(Cow::Owned(format!("{}T23:59:59.999999", date.format("%F")))),
        Day::Date(date) => date,
        Day::Numbers(numbers) => {
            let order = order.ok_or("is not a date in one order of day and month")?;
            numbers.date(order).ok_or_else(|| format!("is not a day of the calendar in the form {}", order.form(text)))?
        }
    };
    let day = date.format("%F");
    Ok(Cow::Owned(read.time.map_or_else(|| day.to_string(), |time| format!("{day}T{time}"))))
}

/// Whether a header counts weeks or quarters, under which `2026-07` is no month.
fn counts_weeks(header: &str) -> bool {
    const WORDS: [&str; 12] =
        ["week", "weeks", "kw", "cw", "woche", "kalenderwoche", "semaine", "semana", "quarter", "quartal", "trimestre", "qtr"];
    normalised(header).split(' ').any(|word| WORDS.contains(&word))
}

const FORM: &str = "is not a date";

fn read(text: &str) -> Result<Read, Reason> {
    if text.is_empty() || text.len() > 60 {
        return Err(FORM.into());
    }
    let (day, time) = day_and_time(text);
    let time = time.map(time_of_day).transpose()?;
    let read = day_of(day)?;
    if time.is_some() && matches!(read, Day::End(..) | Day::Instant(_)) {
        return Err("is a period with a time of day".into());
    }
    Ok(Read { day: read, time })
}

/// Parts a text before its time of day.
fn day_and_time(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else { return (text, None) };
    let start = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let day = text[..start].trim_end_matches([' ', ',', '\u{a0}', '\u{202f}']);
    let day = day.strip_suffix(['T', 't']).filter(|day| day.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(day);
    (day, Some(&text[start..]))
}

/// `8:00:00 AM`, `08:30`, `08:30:00.5Z`, `08:30 +01:00`: in ISO 8601, with what stands for an offset.
fn time_of_day(text: &str) -> Result<String, Reason> {
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
        Some(digits) if (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) => format!(".{digits}"),
        Some(_) => return Err(TIME.into()),
    };
    let zone = match zone {
        "" => "",
        "Z" | "z" | "UTC" | "utc" | "GMT" | "gmt" => "Z",
        offset if offset.starts_with(['+', '-']) => offset,
        other => return Err(format!("has `{other}` behind its time: write the offset, such as +01:00")),
    };
    Ok(format!("{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

fn day_of(text: &str) -> Result<Day, Reason> {
    let text = without_weekday(text.trim());
    let calendar = || Reason::from("is not a day of the calendar");
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    if let [a, b, c] = parts[..]
        && parts.iter().all(|part| is_digits(part))
    {
        let number = |part: &str| part.parse::<u32>().unwrap_or(u32::MAX);
        let marks: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        if marks[0] != marks[1] || b.len() > 2 {
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
    if let Ok(date) = NaiveDate::parse_from_str(text, "%G-W%V-%u") {
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
        return Err("is of a fiscal year, which may begin in any month: write the dates".into());
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
        "friday", "saturday", "sunday", "mo", "di", "mi", "do", "fr", "sa", "so", "montag", "dienstag", "mittwoch", "donnerstag",
        "samstag", "sonntag",
    ];
    let Some((first, rest)) = text.split_once(' ') else { return text };
    let word = first.trim_end_matches([',', '.']).to_lowercase();
    if DAYS.contains(&word.as_str()) || word == "freitag" { rest.trim_start() } else { text }
}

/// Words of headers over times.
const TIMES: [&str; 58] = [
    "at", "date", "dates", "datetime", "time", "timestamp", "ts", "when", "day", "week", "month", "quarter", "year", "period",
    "measured", "recorded", "observed", "observation", "snapshot", "captured", "collected", "created", "updated", "modified",
    "occurred", "reported", "epoch", "datum", "zeit", "zeitpunkt", "zeitstempel", "stichtag", "tag", "woche", "kalenderwoche", "kw",
    "cw", "monat", "quartal", "jahr", "stand", "gemessen", "erfasst", "messdatum", "berichtsdatum", "berichtsmonat", "date d",
    "jour", "mois", "semaine", "trimestre", "année", "annee", "fecha", "hora", "mes", "semana", "año",
];

/// What a header says of times that name no zone themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// That they are UTC.
    Utc,
    /// That they are of another zone, which it calls by a name that several zones have.
    Other,
}

/// Whether a header could be over times, and what it says of their zone.
pub fn header(text: &str) -> Option<Said> {
    let lower = text.to_lowercase();
    let (name, inside) = match lower.find(['(', '[']) {
        Some(at) => (&lower[..at], lower[at..].trim_matches(['(', ')', '[', ']', ' '])),
        None => (lower.as_str(), ""),
    };
    let name = normalised(name);
    let mut words: Vec<&str> = name.split([' ', '/', '.', ':']).filter(|word| !word.is_empty()).collect();
    let is_utc = |word: &str| matches!(word, "utc" | "gmt" | "z" | "zulu");
    let told = words.last().is_some_and(|word| is_utc(word));
    if told {
        words.pop();
    }
    let is_phrase = matches!(words.as_slice(), ["as", "of"] | ["valid", "from" | "since" | "on"] | ["since"]);
    let is_time = is_phrase
        || words.iter().any(|word| {
            TIMES.contains(word)
                || ["date", "datum", "timestamp", "zeitpunkt"].iter().any(|end| word.len() > end.len() && word.ends_with(end) && *word != "update" && *word != "candidate")
        });
    if !is_time {
        return None;
    }
    // `date (YYYY-MM-DD)`, `time (ms)`: a form, and no zone.
    let is_form = |word: &str| {
        matches!(word, "" | "iso" | "iso 8601" | "iso8601" | "rfc3339" | "epoch" | "unix" | "s" | "ms" | "sec" | "seconds" | "milliseconds")
            || word.contains("yy")
            || word.contains("dd")
    };
    Some(if told || is_utc(inside) { Said::Utc } else if is_form(inside) || !name_of_zone(inside) { Said::Nothing } else { Said::Other })
}

/// Whether what stands in brackets could be a zone: `CET`, `local`, `+01:00`.
fn name_of_zone(inside: &str) -> bool {
    let is_short = (2..=5).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_short || inside.contains("local") || inside.contains("time") || inside.starts_with(['+', '-']) || inside.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[&str]) -> Result<Vec<String>, String> {
        let mut evidence = DateEvidence::default();
        texts.iter().for_each(|text| evidence.add(text));
        let order = evidence.decide()?;
        texts.iter().map(|text| iso(text, order, "date").map(Cow::into_owned).map_err(|why| format!("{text} {why}"))).collect()
    }

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
        assert!(column(&["13/02/2026", "02/13/2026"]).unwrap_err().contains("different places"));
        assert!(column(&["13/02/26"]).unwrap_err().contains("YY/MM/DD"));
        assert_eq!(column(&["13/02/26", "31/12/99"]).unwrap_err(), column(&["13/02/26"]).unwrap_err());
        assert!(iso("2026-07", None, "KW").is_err() && iso("07/2026", None, "Week").is_err());
        assert!(iso("2026-07", None, "month").is_ok());
    }

    #[test]
    fn headers_over_times_are_known_with_their_zone() {
        for text in [
            "date", "Date", "Datum", "datum", "month", "Period", "quarter", "Measured on", "measured_at", "measured",
            "snapshot_date", "snapshot", "ts", "timestamp", "Time", "Zeit", "Zeitpunkt", "Stichtag", "fecha", "Fecha", "jour",
            "as_of", "As of", "reporting date", "report date", "week", "KW", "year", "Jahr", "recorded", "recorded_at",
            "recorded on", "observed_at", "observation date", "at", "when", "day", "Tag", "Stand", "created", "updated",
            "valid from", "Date (YYYY-MM-DD)", "Messdatum", "createdate",
        ] {
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
}

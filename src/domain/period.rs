//! Periods as people write them above their figures: `Q1 2026`, `Jan 26`, `2026-01`, `FY26`, `KW 12`. A period stands for its
//! end, the last microsecond of its last day.

use chrono::{Datelike as _, Months, NaiveDate, NaiveDateTime, Weekday};

use super::moment::end_of;

/// What part of a year a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Year,
    /// A half, 1 or 2.
    Half(u32),
    /// A quarter, 1 to 4.
    Quarter(u32),
    /// A month, 1 to 12.
    Month(u32),
    /// A week of ISO 8601.
    Week(u32),
    /// A day: month and day.
    Day(u32, u32),
    /// A day whose order of day and month is not sure: `01/02/2026`.
    Unsure,
}

impl Part {
    pub const fn name(self) -> &'static str {
        match self {
            Part::Year => "year",
            Part::Half(_) => "half",
            Part::Quarter(_) => "quarter",
            Part::Month(_) => "month",
            Part::Week(_) => "week",
            Part::Day(..) | Part::Unsure => "day",
        }
    }
}

/// A period, as far as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    pub part: Part,
    /// The year, where it is written.
    pub year: Option<i32>,
    /// Whether the year is called a fiscal one.
    pub fiscal: bool,
}

/// What periods do not say themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The year of those that have none.
    pub year: Option<i32>,
    /// The month in which a fiscal year begins. From 2 on, a fiscal year is called by the year in which it ends.
    pub start: u32,
}

impl Default for Calendar {
    fn default() -> Self {
        Calendar { year: None, start: 1 }
    }
}

/// Month names and their usual short forms in English, German, French and Spanish.
const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "januar", "jänner", "janv", "janvier", "ene", "enero"],
    &["feb", "february", "februar", "févr", "fevr", "fév", "février", "fevrier", "febrero"],
    &["mar", "march", "mär", "mrz", "märz", "maerz", "mars", "marzo"],
    &["apr", "april", "avr", "avril", "abr", "abril"],
    &["may", "mai", "mayo"],
    &["jun", "june", "juni", "juin", "junio"],
    &["jul", "july", "juli", "juil", "juillet", "julio"],
    &["aug", "august", "août", "aout", "ago", "agosto"],
    &["sep", "sept", "september", "septembre", "septiembre", "setiembre"],
    &["oct", "october", "okt", "oktober", "octobre", "octubre"],
    &["nov", "november", "novembre", "noviembre"],
    &["dec", "december", "dez", "dezember", "déc", "décembre", "decembre", "dic", "diciembre"],
];

const QUARTERS: [&str; 6] = ["q", "quarter", "quartal", "qtr", "trimestre", "trim"];
const WEEKS: [&str; 7] = ["w", "kw", "cw", "wk", "week", "woche", "semaine"];
const HALVES: [&str; 3] = ["h", "hj", "halbjahr"];

fn month(word: &str) -> Option<u32> {
    MONTHS.iter().zip(1..).find(|(names, _)| names.contains(&word)).map(|(_, month)| month)
}

/// A number of at most `digits` digits, and no other sign.
fn digits(word: &str, most: usize) -> Option<u32> {
    let is_number = !word.is_empty() && word.len() <= most && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| is_number)
}

fn long_year(word: &str) -> Option<i32> {
    let year = digits(word, 4).filter(|_| word.len() == 4)?;
    i32::try_from(year).ok().filter(|year| (1900..2200).contains(year))
}

/// `2026`, or `26` where another word says that it is a year.
fn year(word: &str) -> Option<i32> {
    let short = || digits(word, 2).filter(|_| word.len() == 2).and_then(|year| i32::try_from(2000 + year).ok());
    long_year(word).or_else(short)
}

/// A kind of part that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartName {
    Quarter,
    Week,
    Half,
}

impl PartName {
    fn named(word: &str) -> Option<PartName> {
        let kinds = [(&QUARTERS[..], PartName::Quarter), (&WEEKS, PartName::Week), (&HALVES, PartName::Half)];
        kinds.into_iter().find(|(words, _)| words.contains(&word)).map(|(_, kind)| kind)
    }

    fn part(self, number: u32) -> Option<Part> {
        match self {
            PartName::Quarter => (1..=4).contains(&number).then_some(Part::Quarter(number)),
            PartName::Week => (1..=53).contains(&number).then_some(Part::Week(number)),
            PartName::Half => (1..=2).contains(&number).then_some(Part::Half(number)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Part(Part),
    /// The name of a part whose number is another word: `quarter`, `week`.
    Named(PartName),
    Month(u32),
    Fiscal,
    Year(i32),
    Number(u32),
}

fn looked_at(word: &str) -> Option<Word> {
    if let Some(month) = month(word.trim_end_matches('.')) {
        return Some(Word::Month(month));
    }
    if matches!(word, "fy" | "gj") {
        return Some(Word::Fiscal);
    }
    if let Some(year) = long_year(word) {
        return Some(Word::Year(year));
    }
    if let Some(number) = digits(word.trim_end_matches('.'), 2) {
        return Some(Word::Number(number));
    }
    let ordinal = ["st", "nd", "rd", "th", "er", "ème", "eme"].iter().find_map(|end| digits(word.strip_suffix(end)?, 2));
    if let Some(number) = ordinal {
        return Some(Word::Number(number));
    }
    PartName::named(word).filter(|_| word.len() > 1).map(Word::Named)
}

/// `q1`, `2026q1`, `1q26`, `fy26`, `q1fy26`: words that are written together, taken apart.
fn apart(word: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in word.chars() {
        let is_same =
            parts.last().and_then(|last| last.chars().last()).is_some_and(|last| last.is_ascii_digit() == c.is_ascii_digit());
        match parts.last_mut().filter(|_| is_same) {
            Some(last) => last.push(c),
            None => parts.push(c.to_string()),
        }
    }
    parts
}

/// What the pieces of a word say: `q` and `1` are a quarter, `fy` and `26` a fiscal year.
fn read(word: &str) -> Option<Vec<Word>> {
    if let Some(word) = looked_at(word) {
        return Some(vec![word]);
    }
    let parts = apart(word);
    if parts.len() < 2 || parts.len() > 5 {
        return None;
    }
    let mut words = Vec::new();
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        let Some(kind) = PartName::named(part) else {
            words.push(looked_at(part)?);
            continue;
        };
        let before = match words.last() {
            Some(Word::Number(number)) => Some(*number),
            _ => None,
        };
        // `1q26` has its number before, `q1` behind.
        if let Some(found) = before.and_then(|number| kind.part(number)) {
            words.pop();
            words.push(Word::Part(found));
        } else {
            words.push(Word::Part(kind.part(digits(parts.next()?, 2)?)?));
        }
    }
    Some(words)
}

/// Puts the words of a period together, whatever their order.
fn together(words: &[Word]) -> Option<Period> {
    let is_fiscal = words.contains(&Word::Fiscal);
    let years: Vec<i32> =
        words.iter().filter_map(|word| if let Word::Year(year) = word { Some(*year) } else { None }).collect();
    let numbers: Vec<u32> =
        words.iter().filter_map(|word| if let Word::Number(number) = word { Some(*number) } else { None }).collect();
    let parts: Vec<Word> =
        words.iter().filter(|word| matches!(word, Word::Part(_) | Word::Month(_) | Word::Named(_))).copied().collect();
    let period = |part, year| Some(Period { part, year, fiscal: is_fiscal });
    let short = |number: u32| i32::try_from(2000 + number).ok();
    match (parts.as_slice(), years.as_slice(), numbers.as_slice()) {
        ([Word::Part(part)], [], []) if !is_fiscal => period(*part, None),
        ([Word::Part(part)], [year], []) => period(*part, Some(*year)),
        ([Word::Part(part)], [], [number]) if *number >= 10 => period(*part, short(*number)),
        // `Quarter 1`, `1. Quartal 2026`, `Week 7 2026`
        ([Word::Named(kind)], years, [number, rest @ ..]) => {
            let part = kind.part(*number)?;
            match (years, rest) {
                ([], []) if !is_fiscal => period(part, None),
                ([year], []) => period(part, Some(*year)),
                ([], [year]) if *year >= 10 => period(part, short(*year)),
                _ => None,
            }
        }
        ([Word::Month(month)], [], []) if !is_fiscal => period(Part::Month(*month), None),
        ([Word::Month(month)], [year], []) => period(Part::Month(*month), Some(*year)),
        // `Jan 26`; what is smaller is a day.
        ([Word::Month(month)], [], [number]) if *number >= 15 && *number < 60 => period(Part::Month(*month), short(*number)),
        ([Word::Month(month)], [year], [day]) => day_of(*year, *month, *day),
        ([], [year], []) => period(Part::Year, Some(*year)),
        ([], [], [number]) if is_fiscal && *number >= 10 => period(Part::Year, short(*number)),
        // `FY2025/26`
        ([], [first], [last]) if is_fiscal && (first + 1) % 100 == i32::try_from(*last).ok()? => {
            period(Part::Year, Some(first + 1))
        }
        _ => None,
    }
}

fn day_of(year: i32, month: u32, day: u32) -> Option<Period> {
    NaiveDate::from_ymd_opt(year, month, day)?;
    Some(Period { part: Part::Day(month, day), year: Some(year), fiscal: false })
}

/// `2026-01-31`, `2026-01`, `31.01.2026`, `01/2026`: numbers alone.
fn numeric(text: &str) -> Option<Period> {
    // A time behind the day says no other day.
    let text = text.split_once(['T', ' ']).map_or(text, |(day, time)| if time.contains(':') { day } else { text });
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let small = |word: &str| digits(word, 2).filter(|number| *number > 0);
    let month = |month: u32, year: i32| {
        (1..=12).contains(&month).then_some(Period { part: Part::Month(month), year: Some(year), fiscal: false })
    };
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 => day_of(long_year(y)?, small(m)?, small(d)?),
        [a, b, y] => {
            let (first, second, year) = (small(a)?, small(b)?, year(y)?);
            if text.contains('.') || first > 12 {
                return day_of(year, second, first);
            }
            if second > 12 {
                return day_of(year, first, second);
            }
            Some(Period { part: Part::Unsure, year: Some(year), fiscal: false })
        }
        [y, m] if y.len() == 4 && m.len() == 2 => month(small(m)?, long_year(y)?),
        [m, y] if y.len() == 4 && text.contains('/') => month(small(m)?, long_year(y)?),
        _ => None,
    }
}

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 60;

impl Period {
    /// Reads a text that is a period and nothing else.
    pub fn parse(text: &str) -> Option<Period> {
        Period::beside(text).filter(|(_, rest)| rest.is_empty()).map(|(period, _)| period)
    }

    /// Finds a period among the words of a header, and what else it says: `Q1 Actual`, `Results Jan 26`. What has two periods
    /// has none.
    pub fn beside(text: &str) -> Option<(Period, String)> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        if let Some(period) = numeric(text) {
            return Some((period, String::new()));
        }
        let lower = text.to_lowercase();
        if let Some((at, period)) = lower.split_whitespace().enumerate().find_map(|(at, word)| Some((at, numeric(word)?))) {
            let others = lower.split_whitespace().enumerate().filter(|(other, _)| *other != at).map(|(_, word)| word);
            return Some((period, others.collect::<Vec<_>>().join(" ")));
        }
        let mut rest: Vec<&str> = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let split = |c: char| {
            c.is_whitespace() || matches!(c, '-' | '/' | '_' | '\'' | '’' | ',' | '(' | ')' | '[' | ']' | ':' | '–' | '\u{a0}')
        };
        for word in lower.split(split).filter(|word| !word.is_empty()) {
            match read(word) {
                Some(read) => words.extend(read),
                None => rest.push(word),
            }
        }
        together(&words).map(|period| (period, rest.join(" ")))
    }

    /// Whether a word of a header says a period or a part of one, so that it says nothing of the field: `2026`, `fy26`, `q3`,
    /// `october`.
    pub fn is_word(word: &str) -> bool {
        read(word).is_some_and(|words| {
            words.iter().all(|word| !matches!(word, Word::Number(_) | Word::Named(_) | Word::Fiscal))
                || together(&words).is_some()
        })
    }

    /// Its first and its last day. Nothing where its year is not known, or there is no such period.
    pub fn days(&self, calendar: Calendar) -> Option<(NaiveDate, NaiveDate)> {
        let year = self.year.or(calendar.year)?;
        // Months and weeks that have their year are those of the calendar.
        let is_fiscal = calendar.start > 1 && (1..=12).contains(&calendar.start);
        let first = |month: u32| NaiveDate::from_ymd_opt(year, month, 1);
        let months = |first: NaiveDate, count: u32| Some((first, first.checked_add_months(Months::new(count))?.pred_opt()?));
        let begin = || if is_fiscal { NaiveDate::from_ymd_opt(year - 1, calendar.start, 1) } else { first(1) };
        let from = |months: u32| begin()?.checked_add_months(Months::new(months));
        match self.part {
            Part::Year => months(begin()?, 12),
            Part::Half(half) => months(from((half - 1) * 6)?, 6),
            Part::Quarter(quarter) => months(from((quarter - 1) * 3)?, 3),
            Part::Month(month) if self.year.is_none() && is_fiscal && month >= calendar.start => {
                months(NaiveDate::from_ymd_opt(year - 1, month, 1)?, 1)
            }
            Part::Month(month) => months(first(month)?, 1),
            Part::Week(week) => {
                let first = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?;
                Some((first, NaiveDate::from_isoywd_opt(year, week, Weekday::Sun)?))
            }
            Part::Day(month, day) => NaiveDate::from_ymd_opt(year, month, day).map(|day| (day, day)),
            Part::Unsure => None,
        }
    }

    /// The instant that it stands for: its last microsecond.
    pub fn end(&self, calendar: Calendar) -> Option<NaiveDateTime> {
        self.days(calendar).map(|(_, last)| end_of(last))
    }

    /// The month that a first day of a month may stand for.
    pub fn as_month(&self) -> Option<Period> {
        match self.part {
            Part::Day(month, 1) => Some(Period { part: Part::Month(month), ..*self }),
            _ => None,
        }
    }
}

/// Reads a calendar's year: `2026`, `FY26`. The error is a sentence that says how it is written.
pub fn parse_year(text: &str) -> Result<i32, String> {
    let period = if long_year(text.trim()).is_some() { None } else { Period::parse(text) };
    long_year(text.trim())
        .or_else(|| period.filter(|period| period.part == Part::Year)?.year)
        .filter(|year| NaiveDate::from_ymd_opt(*year, 1, 1).is_some_and(|day| day.year() >= 1900))
        .ok_or_else(|| format!("`{text}` is not a year: write 2026 or FY26"))
}

#[cfg(test)]
mod tests;

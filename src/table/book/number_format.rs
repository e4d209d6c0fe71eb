//! Number formats of workbooks: what a number behind one is, and how the sheet shows it.

use std::fmt::Write as _;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use chrono::{NaiveTime, SubsecRound as _};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::super::row::Kind;

/// What a number of a format is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum What {
    #[default]
    Number,
    Percent,
    Date,
    /// A span, or a time of day.
    Time,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Format {
    what: What,
    /// Its code, where a number is shown otherwise than as its digits.
    code: Option<String>,
}

/// The longest code that says how a number is shown.
const LONGEST: usize = 255;

impl Format {
    pub(super) fn of(code: &str) -> Self {
        let what = what(code);
        let is_shown = what == What::Number && code.len() <= LONGEST && !matches!(code, "" | "General" | "@" | "0" | "#");
        Format { what, code: is_shown.then(|| code.to_owned()) }
    }

    /// The format that has a number and no code in the file (ECMA-376, 18.8.30). What those are that differ by country is
    /// dates in all of them.
    pub(super) fn built_in(number: u32) -> Self {
        match number {
            2 => Format::of("0.00"),
            3 => Format::of("#,##0"),
            4 => Format::of("#,##0.00"),
            9 | 10 => Format { what: What::Percent, code: None },
            14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58 => Format { what: What::Date, code: None },
            18..=21 | 32..=35 | 45..=47 | 55 | 56 => Format { what: What::Time, code: None },
            _ => Format::default(),
        }
    }

    /// What a cell with this number holds: its kind and its text. Days are counted from 1900 or 1904.
    pub(super) fn cell(&self, number: f64, is_1904: bool, text: &mut String) -> Kind {
        match self.what {
            What::Number | What::Percent => {
                push_float(number, text);
                if self.what == What::Percent { Kind::Percent } else { Kind::Number }
            }
            What::Time if number < 1.0 || is_span(number) => {
                text.push_str("PT");
                push_float((number * 86_400.0).round(), text);
                text.push('S');
                Kind::Date
            }
            What::Date | What::Time if push_date(number, is_1904, text) => Kind::Date,
            // Whatever its format, it is not a day that there is.
            What::Date | What::Time => {
                push_float(number, text);
                Kind::Number
            }
        }
    }

    /// How the sheet shows a number, where that is more than its digits and can be told for sure.
    pub(super) fn shown(&self, number: f64) -> Option<String> {
        self.code.as_deref().and_then(|code| shown(code, number))
    }
}

/// Whether a time is rather a span of hours than a moment of a day since 1900: less than ten years.
fn is_span(number: f64) -> bool {
    number.abs() < 3_660.0
}

/// The shortest decimal that is this double: what the user typed.
pub(super) fn push_float(number: f64, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = if number == 0.0 { write!(text, "0") } else { write!(text, "{number}") };
}

/// Adds the day, and the time unless it is midnight.
fn push_date(serial: f64, is_1904: bool, text: &mut String) -> bool {
    if !(0.0..2_958_466.0).contains(&serial) {
        return false;
    }
    let Some(time) = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904).as_datetime() else { return false };
    let time = time.round_subsecs(0);
    let form = if time.time() == NaiveTime::MIN { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S" };
    let _ = write!(text, "{}", time.format(form));
    true
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Mark(char),
    /// Text that is shown as it is.
    Literal(char),
    Bracket(String),
}

fn sections(code: &str) -> Vec<Vec<Token>> {
    let mut sections = vec![Vec::new()];
    let mut chars = code.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        let token = match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            c if quoted => Token::Literal(c),
            ';' => {
                sections.push(Vec::new());
                continue;
            }
            '\\' => match chars.next() {
                Some(c) => Token::Literal(c),
                None => continue,
            },
            // Room as wide as a sign, and a sign that fills the cell.
            '_' | '*' => {
                chars.next();
                continue;
            }
            '[' => Token::Bracket(chars.by_ref().take_while(|c| *c != ']').collect()),
            c => Token::Mark(c),
        };
        if let Some(section) = sections.last_mut() {
            section.push(token);
        }
    }
    sections
}

fn what(code: &str) -> What {
    let sections = sections(code);
    let (mut day, mut clock) = (false, false);
    let first = &sections[0];
    for (at, token) in first.iter().enumerate() {
        match token {
            Token::Mark('%') => return What::Percent,
            Token::Mark('y' | 'Y' | 'd' | 'D') => day = true,
            Token::Mark('h' | 'H' | 's' | 'S') => clock = true,
            // Months, or minutes behind hours or before seconds.
            Token::Mark('m' | 'M') => {
                let is_other = |token: &&Token| is_part(token) && !matches!(token, Token::Mark('m' | 'M'));
                let before = first[..at].iter().rfind(is_other).is_some_and(|token| is_any(token, &['h', 'H']));
                let behind = first[at..].iter().find(is_other).is_some_and(|token| is_any(token, &['s', 'S']));
                if before || behind { clock = true } else { day = true }
            }
            token if is_span_mark(token) => clock = true,
            // `General` has letters of dates.
            Token::Mark('G') => return What::Number,
            _ => {}
        }
    }
    match (day, clock) {
        (true, _) => What::Date,
        (false, true) => What::Time,
        (false, false) => What::Number,
    }
}

/// Whether it stands for a part of a date or time.
fn is_part(token: &Token) -> bool {
    matches!(token, Token::Mark('y' | 'Y' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'm' | 'M')) || is_span_mark(token)
}

/// Whether it is one of these letters, alone or in brackets.
fn is_any(token: &Token, letters: &[char]) -> bool {
    match token {
        Token::Mark(c) => letters.contains(c),
        Token::Bracket(text) => text.starts_with(letters),
        Token::Literal(_) => false,
    }
}

/// `[h]`, `[mm]`, `[ss]`.
fn is_span_mark(token: &Token) -> bool {
    matches!(token, Token::Bracket(text) if !text.is_empty() && text.chars().all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S')))
}

/// A number in the form of a code of digits and text; any other form is not shown.
fn shown(code: &str, number: f64) -> Option<String> {
    let sections = sections(code);
    let (section, magnitude) = match sections.len() {
        1 => (&sections[0], number),
        _ if number < 0.0 => (&sections[1], -number),
        3.. if number == 0.0 => (&sections[2], number),
        _ => (&sections[0], number),
    };
    let is_digit = |token: &Token| matches!(token, Token::Mark('0' | '#' | '?'));
    let mut prefix = String::new();
    let mut suffix = String::new();
    let (mut whole, mut decimals, mut least, mut optional) = (String::new(), None::<u32>, 0_usize, 0_usize);
    let mut grouped = false;
    let last = section.iter().rposition(is_digit)?;
    for (at, token) in section.iter().enumerate() {
        match token {
            Token::Mark('0' | '#') => match &mut decimals {
                _ if !suffix.is_empty() => return None,
                Some(count) => {
                    *count += 1;
                    optional = if *token == Token::Mark('#') { optional + 1 } else { 0 };
                }
                None => {
                    whole.push('0');
                    least += usize::from(*token == Token::Mark('0'));
                }
            },
            Token::Mark('.') if decimals.is_none() && !whole.is_empty() => decimals = Some(0),
            // Between digits it groups them; behind them it divides.
            Token::Mark(',') if at < last && decimals.is_none() && !whole.is_empty() => grouped = true,
            // A letter without quotes, as programs write it.
            Token::Literal(c) | Token::Mark(c @ (' ' | '-' | '+' | '(' | ')' | ':' | '$' | '€' | '£')) => {
                if whole.is_empty() { prefix.push(*c) } else { suffix.push(*c) }
            }
            Token::Bracket(text) if text.starts_with('$') => {
                let sign = text[1..].split('-').next().unwrap_or_default();
                if whole.is_empty() { prefix.push_str(sign) } else { suffix.push_str(sign) }
            }
            // Colours.
            Token::Bracket(text) if text.chars().all(char::is_alphanumeric) => {}
            _ => return None,
        }
    }
    // Decimal digits that a double does not have are none of what is shown.
    let number = Decimal::from_f64(magnitude)?
        .round_dp_with_strategy(decimals.unwrap_or(0), rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    let text = number.abs().to_string();
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = if least == 0 && digits == "0" { "" } else { digits };
    let mut digits = format!("{digits:0>least$}");
    if grouped {
        let mut at = digits.len();
        while at > 3 {
            at -= 3;
            digits.insert(at, ',');
        }
    }
    if let Some(count) = decimals.filter(|count| *count > 0) {
        let mut fraction = format!("{fraction:0<width$}", width = count as usize);
        let fewest = (count as usize).saturating_sub(optional);
        while fraction.len() > fewest && fraction.ends_with('0') {
            fraction.pop();
        }
        digits = format!("{digits}.{fraction}");
    }
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    Some(format!("{sign}{prefix}{digits}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(code: &str, number: f64) -> (Kind, String, Option<String>) {
        let (format, mut text) = (Format::of(code), String::new());
        let kind = format.cell(number, false, &mut text);
        (kind, text, format.shown(number))
    }

    #[test]
    fn percent_formats_are_those_that_multiply() {
        for code in ["0%", "0.0%", "0.00 %", "#,##0%", "[Red]0%"] {
            assert_eq!(look(code, 0.95), (Kind::Percent, "0.95".to_owned(), None), "{code}");
        }
        for code in ["General", "0\"%\"", "0\\%", "0;0%", "0.00"] {
            assert_eq!(look(code, 0.95).0, Kind::Number, "{code}");
        }
    }

    #[test]
    fn numbers_are_shown_as_the_sheet_shows_them() {
        for (code, number, right) in [
            ("000", 7.0, "007"),
            ("0.00", 1.1, "1.10"),
            ("\"CTRL-\"000", 12.0, "CTRL-012"),
            ("\\I\\D\\-0000", 12.0, "ID-0012"),
            ("#,##0", 1234.5, "1,235"),
            ("#,##0.00;[Red]-#,##0.00", -1234.5, "-1,234.50"),
            ("0.0#", 1.25, "1.25"),
            ("0.0#", 1.5, "1.5"),
            ("0\" days\"", 14.0, "14 days"),
            ("[$€-407] 0.00", 4.0, "€ 4.00"),
            ("#", 0.0, ""),
            ("_-* 0.00_-", 1.1, "1.10"),
        ] {
            let format = Format { what: What::Number, code: Some(code.to_owned()) };
            assert_eq!(format.shown(number).as_deref(), Some(right), "{code}");
        }
        for code in ["General", "0", "@", "0.00E+00", "# ?/?", "0,", "[>=100]0", "000-00"] {
            assert_eq!(look(code, 12.0), (Kind::Number, "12".to_owned(), None), "{code}");
        }
    }

    #[test]
    fn days_and_times_are_told_from_numbers() {
        for (code, number, right) in [
            ("yyyy-mm-dd", 46_031.0, "2026-01-09"),
            ("d/m/yy h:mm", 46_031.75, "2026-01-09T18:00:00"),
            ("dd/mm hh:mm", 46_031.75, "2026-01-09T18:00:00"),
            ("mmm yy", 46_031.0, "2026-01-09"),
            ("dd/mm/yyyy;@", 1.0, "1900-01-01"),
            ("[h]:mm", 1.5, "PT129600S"),
            ("h:mm", 0.1875, "PT16200S"),
            ("mm:ss", 0.003_125, "PT270S"),
            ("[mm]", 0.5, "PT43200S"),
        ] {
            assert_eq!(look(code, number), (Kind::Date, right.to_owned(), None), "{code}");
        }
        let mut text = String::new();
        Format::of("yyyy-mm-dd").cell(44_569.0, true, &mut text);
        assert_eq!(text, "2026-01-09");
        // No day is so late: the number is one.
        assert_eq!(look("yyyy-mm-dd", 9e9).0, Kind::Number);
    }
}

//! One value of a result, and the spellings it has in each format.

use chrono::{NaiveDateTime, Timelike};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value: `-` in a table, `null` in JSON, empty in CSV.
    Null,
    /// Text, possibly from a file or the database and so never trusted.
    Text(String),
    /// A decimal with the digits it was given.
    Number(Decimal),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant in UTC.
    Time(NaiveDateTime),
    /// Text of a tree's node, indented by its depth for people only.
    Tree(usize, String),
    /// Structured data: shown as compact JSON in tables and CSV.
    Json(Value),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}
impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Cell::Number(number)
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Int(number)
    }
}
impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Cell::Int(number.into())
    }
}
impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Cell::Bool(value)
    }
}
impl From<NaiveDateTime> for Cell {
    fn from(time: NaiveDateTime) -> Self {
        Cell::Time(time)
    }
}
impl From<uuid::Uuid> for Cell {
    fn from(id: uuid::Uuid) -> Self {
        Cell::Text(id.to_string())
    }
}
impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Cell::Json(value)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

/// An instant in UTC as every output writes it: RFC 3339 with `Z`, fractions only where there are any.
pub fn time_text(time: NaiveDateTime) -> String {
    if let Some(text) = endless(time) {
        return text.to_owned();
    }
    let pattern = if time.nanosecond() == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%.6fZ" };
    time.format(pattern).to_string()
}

/// The domain's stand-ins for what the database has and the types here have not.
const NAN: Decimal = Decimal::MAX;
const INFINITY: NaiveDateTime = NaiveDateTime::MAX;
const MINUS_INFINITY: NaiveDateTime = NaiveDateTime::MIN;

/// What Postgres calls an instant that no calendar has.
fn endless(time: NaiveDateTime) -> Option<&'static str> {
    match time {
        INFINITY => Some("infinity"),
        MINUS_INFINITY => Some("-infinity"),
        _ => None,
    }
}

/// A decimal as a JSON number; what is no number is text. A `DECIMAL(15,4)` has at most 15 digits, which a double holds exactly.
pub fn number_json(number: Decimal) -> Value {
    if number == NAN {
        return json!("NaN");
    }
    let number = number.normalize();
    if number.scale() == 0
        && let Some(whole) = number.to_i64()
    {
        return json!(whole);
    }
    number.to_f64().map_or_else(|| json!(number.to_string()), |float| json!(float))
}

impl Cell {
    pub(super) fn text(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) | Cell::Tree(_, text) => text.clone(),
            Cell::Number(number) if *number == NAN => "NaN".to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Bool(value) => value.to_string(),
            Cell::Time(time) => time_text(*time),
            Cell::Json(value) => value.to_string(),
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Null => "-".to_owned(),
            Cell::Bool(true) => "yes".to_owned(),
            Cell::Bool(false) => "no".to_owned(),
            // People read minutes; the other formats have the instant in full.
            Cell::Time(time) => endless(*time).map_or_else(|| time.format("%Y-%m-%d %H:%M").to_string(), ToOwned::to_owned),
            // A space that does not break, for a column that is wrapped loses the others; made plain when it is printed.
            Cell::Tree(depth, text) => format!("{}{}", "\u{a0}\u{a0}".repeat(*depth), printable(text)),
            other => printable(&other.text()),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Text(text) | Cell::Tree(_, text) => json!(text),
            Cell::Number(number) => number_json(*number),
            Cell::Int(number) => json!(number),
            Cell::Bool(value) => json!(value),
            Cell::Time(time) => json!(time_text(*time)),
            Cell::Json(value) => value.clone(),
        }
    }

    pub(super) fn csv(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Tree(_, text) => neutralised(text),
            other => other.text(),
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        matches!(self, Cell::Number(_) | Cell::Int(_))
    }
}

/// Whether a terminal could take this character for an order instead of text: controls, and the marks that reverse text.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Text without control and direction characters, on one line. Excel's `_x001B_` form counts as the character it names.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix("_x").and_then(|tail| {
            let code = u32::from_str_radix(tail.get(..4)?, 16).ok()?;
            tail[4..].starts_with('_').then(|| char::from_u32(code)).flatten()
        });
        let (c, length) = match escaped {
            Some(control) if is_unprintable(control) => (control, 7),
            _ => (c, c.len_utf8()),
        };
        rest = &rest[length..];
        if c == '\n' || c == '\t' || c == '\u{2028}' || c == '\u{2029}' {
            shown.push(' ');
        } else if !is_unprintable(c) {
            shown.push(c);
        }
    }
    shown
}

/// Text that a spreadsheet opens as text: a leading apostrophe where it would start a formula. Numbers stay numbers.
pub fn neutralised(text: &str) -> String {
    let starts_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if starts_formula && text.parse::<Decimal>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_direction_marks_never_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\nd_x001B_e_x0041_"), "a[31mbc de_x0041_");
    }

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        assert_eq!(neutralised("=1+1"), "'=1+1");
        assert_eq!(neutralised("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(neutralised("-5"), "-5");
        assert_eq!(neutralised("plain"), "plain");
    }

    #[test]
    fn decimals_are_json_numbers_with_all_their_digits() {
        assert_eq!(number_json(Decimal::new(999_999_999_999_999, 4)).to_string(), "99999999999.9999");
        assert_eq!(number_json(Decimal::new(950_000, 4)).to_string(), "95");
    }
}

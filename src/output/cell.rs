//! One value of a result, and the spellings it has in each format.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::moment::{self, text as time_text};
use crate::domain::number::{self, Number};
use crate::domain::score::Rating;
use crate::domain::text::printable;
use crate::sheet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// No value: `-` in a table, `null` in JSON, empty in CSV.
    Null,
    /// Text, possibly from a file or the database and so never trusted.
    Text(String),
    /// A decimal with the digits it was given.
    Number(Decimal),
    Int(i64),
    Bool(bool),
    /// An instant in UTC.
    Time(NaiveDateTime),
    /// Text of a tree's node, indented by its depth for people only.
    Tree(usize, String),
    /// Structured data: shown as compact JSON in tables and CSV. In a box, because it is rare and every cell would be as large.
    Json(Box<Value>),
    /// A word that is coloured on a terminal.
    Rated(Rating),
}

macro_rules! cells {
    ($($kind:ty: $value:ident => $cell:expr),* $(,)?) => {
        $(impl From<$kind> for Cell {
            fn from($value: $kind) -> Self {
                $cell
            }
        })*
    };
}

cells! {
    &str: text => Cell::Text(text.to_owned()),
    String: text => Cell::Text(text),
    (usize, String): node => Cell::Tree(node.0, node.1),
    Decimal: number => Cell::Number(number),
    Number: number => number.finite().map_or_else(|| number.to_string().into(), Cell::Number),
    i32: number => Cell::Int(number.into()),
    i64: number => Cell::Int(number),
    u32: number => Cell::Int(number.into()),
    u64: number => Cell::Int(i64::try_from(number).unwrap_or(i64::MAX)),
    usize: number => Cell::Int(i64::try_from(number).unwrap_or(i64::MAX)),
    bool: value => Cell::Bool(value),
    NaiveDateTime: time => Cell::Time(time),
    uuid::Uuid: id => Cell::Text(id.to_string()),
    Value: value => Cell::Json(Box::new(value)),
    Rating: rating => Cell::Rated(rating),
}

impl<K: Serialize, T: Serialize> From<BTreeMap<K, T>> for Cell {
    fn from(values: BTreeMap<K, T>) -> Self {
        json!(values).into()
    }
}
impl<T: Into<Cell>> From<Vec<T>> for Cell {
    fn from(values: Vec<T>) -> Self {
        Value::Array(values.into_iter().map(|value| value.into().json()).collect()).into()
    }
}
impl<T: Into<Cell> + Clone> From<&T> for Cell {
    fn from(value: &T) -> Self {
        value.clone().into()
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl Cell {
    pub(super) fn text(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) | Cell::Tree(_, text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Bool(value) => value.to_string(),
            Cell::Time(time) => time_text(*time),
            Cell::Json(value) => value.to_string(),
            Cell::Rated(rating) => rating.as_str().to_owned(),
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Null => "-".to_owned(),
            Cell::Bool(true) => "yes".to_owned(),
            Cell::Bool(false) => "no".to_owned(),
            // People read minutes; the other formats have the instant in full.
            Cell::Time(time) if moment::is_finite(*time) => time.format("%Y-%m-%d %H:%M").to_string(),
            // A space that does not break, for a column that is wrapped loses the others; made plain when it is printed.
            Cell::Tree(depth, text) => format!("{}{}", "\u{a0}\u{a0}".repeat(*depth), printable(text)),
            other => printable(&other.text()),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Text(text) | Cell::Tree(_, text) => json!(text),
            Cell::Number(number) => number::json(*number),
            Cell::Int(number) => json!(number),
            Cell::Bool(value) => json!(value),
            Cell::Time(time) => json!(time_text(*time)),
            Cell::Json(value) => Value::clone(value),
            Cell::Rated(rating) => json!(rating.as_str()),
        }
    }

    pub(super) fn csv(&self) -> sheet::Value {
        match self {
            Cell::Text(text) | Cell::Tree(_, text) => text.as_str().into(),
            Cell::Rated(rating) => rating.as_str().into(),
            other => sheet::Value::Plain(other.text()),
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        matches!(self, Cell::Number(_) | Cell::Int(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::{INFINITY, MINUS_INFINITY};

    #[test]
    fn a_cell_that_waited_in_a_file_is_as_before() {
        let time = chrono::DateTime::UNIX_EPOCH.naive_utc() + chrono::TimeDelta::microseconds(1);
        let cells = [
            Cell::Null,
            Cell::from("ä\n\"\u{9b}"),
            Cell::Number(Decimal::new(9_500, 2)),
            Cell::from(Number::NaN),
            Cell::Int(i64::MIN),
            Cell::Bool(true),
            Cell::Time(time),
            Cell::Time(INFINITY),
            Cell::Time(MINUS_INFINITY),
            Cell::Tree(2, "x".to_owned()),
            Cell::from(json!({ "b": [1, null], "a": "x" })),
        ];
        let back: Vec<Cell> = serde_json::from_str(&serde_json::to_string(&cells).unwrap()).unwrap();
        assert_eq!(back, cells);
        // Equal numbers can have other digits.
        assert_eq!(back[2].text(), "95.00");
    }
}

//! The one door out for spreadsheets: CSV, workbooks and arrays of JSON, from typed cells. Nothing in them runs as a formula, a
//! workbook has all of a text or is not written, and memory holds one row at a time.

mod book;
mod csv;
mod json;
pub(crate) mod marked;

use rust_decimal::Decimal;

pub(crate) use self::book::{Book, Chart, Choices};
pub(crate) use self::csv::Csv;
pub(crate) use self::json::JsonRows;
use crate::domain::text::marked as harmless;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Empty,
    /// Text, which no program takes for a formula.
    Text(String),
    /// Text of cmf's own, such as an instant or JSON.
    Plain(String),
    /// A number; it stays one.
    Number(Decimal),
    /// A number of percent, such as 0.5 for 0.5 %, written so that nobody takes it for a share of one.
    Percent(Decimal),
    Bool(bool),
    /// A formula of cmf's own, without its `=`, and what it gives.
    Formula(String, String),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() { Value::Empty } else { Value::Text(text) }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Value::Number(number.normalize())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Empty, Into::into)
    }
}

impl Value {
    fn text(&self) -> String {
        match self {
            Value::Empty => String::new(),
            Value::Text(text) => harmless(text),
            Value::Plain(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Percent(number) => format!("{number}%"),
            Value::Bool(value) => value.to_string(),
            Value::Formula(_, result) => result.clone(),
        }
    }
}

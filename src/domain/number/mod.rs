//! Reading numbers as people write them in sheets, exactly and without guessing.
//!
//! A text is a number only when it can be read in one way. Where the decimal mark matters, the whole column decides it
//! ([`MarkEvidence`]), never a single cell.

mod digits;
mod mark;
mod value;
mod words;

use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::digits::measure;
pub use self::mark::MarkEvidence;
pub use self::value::{Mark, NotANumber, Operator, Value};
use self::words::{operator, yes_no};
use super::unit::is_percent;

/// A number as the database has it. Foreign writers can leave a `NaN`, which cmf never writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    Finite(Decimal),
    /// What Postgres calls `NaN`.
    NaN,
}

impl Number {
    /// The number; none for `NaN`.
    pub const fn finite(self) -> Option<Decimal> {
        match self {
            Number::Finite(number) => Some(number),
            Number::NaN => None,
        }
    }

    /// Without trailing zeros.
    #[must_use]
    pub fn normalize(self) -> Self {
        self.finite().map_or(Number::NaN, |number| Number::Finite(number.normalize()))
    }
}

impl From<Decimal> for Number {
    fn from(number: Decimal) -> Self {
        Number::Finite(number)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Finite(number) => number.fmt(f),
            Number::NaN => f.write_str("NaN"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json(*self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?.to_string();
        number.parse().map(Number::Finite).map_err(serde::de::Error::custom)
    }
}

/// The number that is there and no `NaN`.
pub fn finite(number: Option<Number>) -> Option<Decimal> {
    number.and_then(Number::finite)
}

/// A JSON number; `NaN` is text. A `DECIMAL(15,4)` has at most 15 digits, which a double holds exactly.
pub fn json(number: impl Into<Number>) -> serde_json::Value {
    let Some(number) = number.into().finite().map(|number| number.normalize()) else { return "NaN".into() };
    match number.to_i64().filter(|_| number.scale() == 0) {
        Some(whole) => whole.into(),
        None => number.to_f64().map_or_else(|| number.to_string().into(), Into::into),
    }
}

/// The first number that `DECIMAL(15,4)` cannot hold.
const LIMIT: Decimal = Decimal::from_parts(1_215_752_192, 23, 0, false, 0);

/// Words that say "no value".
const NOTHING: [&str; 12] = ["", "n/a", "na", "n.a.", "-", "--", "tbd", "ukn", "not applicable", "none", "null", "#n/a n/a"];

/// Whether a text says that there is no value (`N/A`, `TBD`, `-`, empty).
pub fn is_nothing(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}');
    text.is_empty()
        || text.chars().all(|c| matches!(c, '-' | '–' | '—'))
        || if text.is_ascii() {
            NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
        } else {
            text.len() <= 16 && NOTHING.contains(&text.to_lowercase().as_str())
        }
}

/// Rounds to the four decimals of `DECIMAL(15,4)`, half away from zero, as Postgres does. The error is [`NotANumber::TooLarge`]
/// when it has more than 11 digits before the decimals.
pub fn stored(number: Decimal) -> Result<Decimal, NotANumber> {
    let rounded = number.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    if rounded.abs() >= LIMIT { Err(NotANumber::TooLarge) } else { Ok(rounded.normalize()) }
}

/// Reads a text as a number, with operator, percent sign, unit, range, currency and multiplier. The error is why it is not one.
/// Nothing is guessed: two values in one text and prose are not numbers.
pub fn parse(text: &str, mark: Mark) -> Result<Value, NotANumber> {
    plain(text, mark).map_or_else(|| measured(text, mark), |number| Ok(Value::plain(number)))
}

/// A number that is nothing but digits and at most four decimals, which most are: read without a copy.
fn plain(text: &str, mark: Mark) -> Option<Decimal> {
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |body| (true, body));
    let decimal_mark = match mark {
        Mark::Point => b'.',
        Mark::Comma => b',',
    };
    if body.len() > 16 || !body.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut digits = 0_i64;
    let mut scale = None;
    for (at, byte) in body.bytes().enumerate() {
        if byte.is_ascii_digit() {
            digits = digits * 10 + i64::from(byte - b'0');
        } else if byte == decimal_mark && scale.is_none() {
            scale = Some(body.len() - at - 1);
        } else {
            return None;
        }
    }
    let scale = scale.unwrap_or(0);
    if scale > 4 || digits >= 10_i64.pow(11) * 10_i64.pow(u32::try_from(scale).ok()?) || negative && digits == 0 {
        return None;
    }
    Some(Decimal::new(if negative { -digits } else { digits }, u32::try_from(scale).ok()?).normalize())
}

fn measured(text: &str, mark: Mark) -> Result<Value, NotANumber> {
    let text = cleaned(text);
    let lower = text.to_lowercase();
    if let Some(answer) = yes_no(&lower) {
        return Ok(Value { yes_no: true, ..Value::plain(answer) });
    }
    if matches!(lower.trim_start_matches(['+', '-']), "nan" | "inf" | "infinity" | "∞" | "-nan") {
        return Err(NotANumber::NotFinite);
    }
    // `(5.2)`, as accountants write what is below zero.
    if let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'))
        && inside.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '$' | '€' | '£'))
    {
        let value = measured(inside, mark)?;
        let is_one = value.upper.is_none() && value.operator.is_none() && !inside.contains('/');
        return if is_one { Ok(Value { number: -value.number, exact: -value.exact, ..value }) } else { Err(NotANumber::Text) };
    }
    let (operator, rest) = operator(&text, &lower);
    let (mut value, rest) = measure(rest, mark)?;
    let mut rest = rest.trim_start();
    if let Some(tail) = range_separator(rest) {
        let (upper, tail) = measure(tail, mark)?;
        if operator.is_some() || value.bare_negative(&upper) {
            return Err(NotANumber::Text);
        }
        // 2024-01-15 and 10-12-2024 are dates; so is a leading zero on either side.
        if tail.trim_start().starts_with(['-', '/', '–']) || looks_like_month_day(&text) {
            return Err(NotANumber::Date);
        }
        if upper.number < value.number {
            return Err(NotANumber::Bounds);
        }
        value.percent |= upper.percent;
        value.unit = value.unit.or(upper.unit);
        value.upper = Some(stored(upper.number)?);
        rest = tail.trim_start();
    } else if let Some(tail) = rest.strip_prefix('/') {
        return fraction(&value, tail.trim(), mark);
    }
    let mut operator = operator;
    if let Some(tail) = rest.strip_prefix('+') {
        if operator.is_some() || value.upper.is_some() {
            return Err(NotANumber::Text);
        }
        operator = Some(Operator::AtLeast);
        rest = tail.trim_start();
    }
    if !rest.is_empty() {
        if value.unit.is_some() || !is_unit(rest) {
            return Err(if rest.starts_with('-') || rest.starts_with('/') { NotANumber::Date } else { NotANumber::Text });
        }
        if is_percent(rest) {
            value.percent = true;
        } else {
            value.unit = Some(rest.to_owned());
        }
    }
    value.exact = value.number;
    value.number = stored(value.number)?;
    value.operator = operator;
    Ok(value)
}

impl Value {
    /// `5 -3` is not a range.
    fn bare_negative(&self, upper: &Value) -> bool {
        upper.number.is_sign_negative() && !self.number.is_sign_negative()
    }
}

fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{2009}' | '\u{feff}' | '\t' | '\n' | '\r' => clean.push(' '),
            '−' => clean.push('-'),
            '％' => clean.push('%'),
            '’' => clean.push('\''),
            '０'..='９' => clean.push(char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c)),
            _ => clean.push(c),
        }
    }
    clean.trim().to_owned()
}

fn range_separator(rest: &str) -> Option<&str> {
    for separator in ["–", "—", "..", "-", "to ", "bis ", "and "] {
        if let Some(tail) = rest.strip_prefix(separator) {
            let tail = tail.trim_start();
            return tail.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '$' | '€' | '£')).then_some(tail);
        }
    }
    None
}

/// `01-12`, `10-12-24`: digits as dates have them.
fn looks_like_month_day(text: &str) -> bool {
    text.split(['-', '–', '/', ' ']).any(|part| part.len() == 2 && part.starts_with('0') && part != "00")
}

fn fraction(value: &Value, denominator: &str, mark: Mark) -> Result<Value, NotANumber> {
    let plain = |value: &Value| value.unit.is_none() && !value.percent && value.number.scale() == 0;
    let (whole, rest) = measure(denominator, mark)?;
    if !rest.trim().is_empty() {
        return Err(if rest.trim_start().starts_with(['/', '-']) { NotANumber::Date } else { NotANumber::Text });
    }
    if !plain(value) || !plain(&whole) || denominator.starts_with('0') {
        return Err(NotANumber::Date);
    }
    if whole.number <= Decimal::ZERO
        || value.number.is_sign_negative() && !value.number.is_zero()
        || value.number > whole.number
    {
        return Err(NotANumber::Date);
    }
    let exact = value.number / whole.number;
    Ok(Value { exact, ..Value::plain(stored(exact)?) })
}

/// A unit is one to four words without digits, at most 50 characters (`days`, `per month`, `h`).
fn is_unit(text: &str) -> bool {
    let words = text.split_whitespace().count();
    (1..=4).contains(&words)
        && text.chars().count() <= 50
        && text.starts_with(|c: char| c.is_alphabetic() || c == '(' || c == '€' || c == '£')
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '/' | '.' | '(' | ')' | '€' | '£'))
}

#[cfg(test)]
mod tests;

//! Whether the values of a column are what its header says.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::recognise;
use crate::domain::code::{CodeIndex, Reference};
use crate::domain::item::{self, Field};
use crate::domain::number::{self, Mark};
use crate::domain::period::{Part, Period};
use crate::domain::priority;
use crate::domain::spec::MeasureType;
use crate::domain::unit;
use crate::table::dress::is_error;
use crate::table::row::{Kind, Row};

/// How sure a column without values is.
pub(super) const EMPTY: u8 = 50;

/// How well a column's values fit a field, in percent.
pub(super) fn fits(field: Field, column: usize, sample: &[Row], indexes: &[&CodeIndex]) -> Result<u8, String> {
    let mut seen = 0_u32;
    let mut good = 0_u32;
    let mut example = String::new();
    let mut distinct = HashSet::new();
    for row in sample {
        let cell = row.cell(column);
        if cell.is_blank()
            || number::is_nothing(cell.text)
            || cell.kind == Kind::Error
            || is_error(cell.text.trim())
            || cell.kind == Kind::Uncached
        {
            continue;
        }
        seen += 1;
        let fine = match field {
            Field::CurrentValue | Field::TargetValue | Field::TargetLower | Field::TargetUpper => {
                matches!(cell.kind, Kind::Number | Kind::Percent | Kind::Bool)
                    || number::parse(cell.text, Mark::Point).is_ok()
                    || number::parse(cell.text, Mark::Comma).is_ok()
                    || Period::parse(cell.text).is_none_or(|period| period.year.is_none() || period.part == Part::Year)
                        && cell.text.chars().any(|c| c.is_ascii_digit())
                        && cell.text.chars().count() <= 24
            }
            Field::Function | Field::Category | Field::Subcategory => {
                indexes.is_empty()
                    || indexes
                        .iter()
                        .any(|index| index.find_all(cell.text).iter().any(|found| !matches!(found, Reference::Unknown { .. })))
                    || looks_like_code(cell.text)
            }
            Field::Direction => item::direction(cell.text).is_some() || item::direction_of_higher(cell.text).is_some(),
            Field::Priority => priority::level(cell.text).is_some(),
            Field::MeasureType => MeasureType::read(cell.text).is_some(),
            Field::MetricNumber => cell.text.trim().chars().count() <= 20,
            Field::Name => cell.kind != Kind::Number || cell.text.parse::<Decimal>().is_err(),
            _ => true,
        };
        if field == Field::MetricNumber {
            distinct.insert(cell.text.trim());
        }
        if fine {
            good += 1;
        } else if example.is_empty() {
            example = cell.shown().chars().take(40).collect();
        }
    }
    if seen == 0 {
        return Ok(EMPTY);
    }
    if good * 2 < seen {
        return Err(format!("its values, such as `{example}`, do not fit"));
    }
    // What tells metrics from each other is not the same for most of them.
    if field == Field::MetricNumber && seen > 3 && distinct.len() * 2 <= seen as usize {
        return Err("its values repeat, so they do not identify metrics".to_owned());
    }
    Ok(u8::try_from(60 + good * 39 / seen).unwrap_or(99))
}

/// Whether a text below a header is one of its values: a number below `Target`, `Low` below `Priority`.
pub fn is_value(header: &str, text: &str) -> bool {
    match recognise(header).map(|known| known.field) {
        Some(field) if field.is_number() => [Mark::Point, Mark::Comma].iter().any(|mark| number::parse(text, *mark).is_ok()),
        Some(field) if field.is_code() => looks_like_code(text),
        Some(Field::Direction) => item::direction(text).is_some(),
        Some(Field::Priority) => priority::level(text).is_some(),
        Some(Field::Unit) => unit::is_usual(text),
        _ => false,
    }
}

/// Whether all values of a column are short, without blanks, and with a digit: `K-01`, `1.2.3`.
pub(super) fn are_numbers(column: usize, sample: &[Row]) -> bool {
    let mut filled = sample.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_blank()).peekable();
    filled.peek().is_some()
        && filled.all(|cell| {
            let text = cell.text.trim();
            text.chars().count() <= 20 && text.bytes().any(|b| b.is_ascii_digit()) && !text.contains(char::is_whitespace)
        })
}

/// `PR.AA-01`, `PR.AC-1`, `XX.YY`: what somebody meant as a code, known or not. `AC-2` and `A.8.5` are those of others.
fn looks_like_code(text: &str) -> bool {
    let first = text.trim().split([' ', ';', ',', ':', '|', '\n']).next().unwrap_or_default();
    let letters = first.bytes().take_while(u8::is_ascii_uppercase).count();
    first.len() <= 12
        && letters >= 2
        && first[letters..].starts_with('.')
        && first.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}

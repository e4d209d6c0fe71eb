//! Whether two columns that could be one field say different things.

use std::collections::HashSet;

use crate::domain::code::{CodeIndex, Position, Reference};
use crate::domain::item::Field;
use crate::domain::number;
use crate::table::row::Row;

/// Whether it matters which of two columns a field is read from: they differ, and neither is plainly something else.
pub(super) fn clash(field: Field, best: usize, other: usize, sample: &[Row], indexes: &[&CodeIndex]) -> bool {
    let text = |row: &Row, column: usize| {
        let cell = row.cell(column);
        if number::is_nothing(cell.text) { String::new() } else { cell.text.trim().to_owned() }
    };
    let differs = |row: &&Row| !text(row, other).is_empty() && text(row, best) != text(row, other);
    let mut differing = sample.iter().filter(differs);
    match field {
        _ if field.is_code() => differing.any(|row| {
            let (one, another) = (known(&text(row, best), indexes), known(&text(row, other), indexes));
            !one.is_empty() && !another.is_empty() && !agree(&one, &another)
        }),
        Field::Name => {
            let filled = |column: usize| sample.iter().map(|row| text(row, column)).filter(|text| !text.is_empty()).collect();
            let (own, others): (Vec<String>, Vec<String>) = (filled(best), filled(other));
            differing.next().is_some() && !(is_group(&others) && !is_group(&own) || is_short(&others, &own))
        }
        _ => differing.next().is_some(),
    }
}

/// Names of groups: the same in row after row.
fn is_group(texts: &[String]) -> bool {
    let distinct: HashSet<&String> = texts.iter().collect();
    texts.len() > 3 && distinct.len() * 2 <= texts.len()
}

/// Abbreviations of the other texts.
fn is_short(texts: &[String], others: &[String]) -> bool {
    let mean = |texts: &[String]| texts.iter().map(|text| text.chars().count()).sum::<usize>() / texts.len().max(1);
    let is_letters = |text: &String| !text.contains(|c: char| c.is_whitespace() || c.is_lowercase());
    texts.iter().all(is_letters) && mean(texts) * 2 < mean(others)
}

fn known(text: &str, indexes: &[&CodeIndex]) -> Vec<Position> {
    let all = indexes.iter().flat_map(|index| index.find_all(text));
    all.filter_map(|found| if let Reference::Known(position) = found { Some(position) } else { None }).collect()
}

/// Whether codes name the same places, or places within each other.
fn agree(one: &[Position], other: &[Position]) -> bool {
    one.iter().any(|one| other.iter().any(|other| one == other || one.contains(other) || other.contains(one)))
}

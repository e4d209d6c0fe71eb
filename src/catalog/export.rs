//! A catalog as a file that an import reads back to the same items.

use std::collections::BTreeSet;
use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::contents::{Content, Entry, FIELDS, Stored};
use crate::domain::code::Position;
use crate::domain::item::Field;
use crate::domain::number::{self, Number};
use crate::domain::unit;
use crate::error::Result;
use crate::files::{self, FileKind, NewFile};
use crate::lookup;
use crate::session::Session;
use crate::sheet::{Book, Csv, JsonRows, Value};

#[derive(Debug)]
pub struct Exported {
    pub catalog: String,
    pub items: usize,
    /// What is not in the file.
    pub note: Option<String>,
}

/// Writes a catalog with its codes of the framework that is named, else of the one most mappings are to. Exit 2 for names that
/// are unknown, 73 when the file cannot be written.
pub async fn write(
    session: &mut Session,
    written: &mut NewFile,
    out: &Path,
    kind: FileKind,
    catalog: &str,
    owner: Option<&str>,
    framework: Option<&str>,
) -> Result<Exported> {
    // All of it is read twice, and is to be the same each time.
    let mut tx = session.read_one_state().await?;
    let catalog = lookup::catalog::find(&mut tx, catalog, owner).await?;
    let framework_id = lookup::framework::if_named(&mut tx, framework).await?.map(|row| row.id);
    let contents = Stored::look(&mut tx, &catalog, framework_id).await?;
    let (mut ambiguous, mut items) = (true, 0_usize);
    let mut used = BTreeSet::new();
    contents
        .each(&mut tx, |entry| {
            items += 1;
            ambiguous &= looks_like_shares(&entry);
            used.extend(FIELDS.into_iter().filter(|field| is_rare(*field) && entry.field(*field) != Content::Nothing));
            Ok(())
        })
        .await?;
    let fields: Vec<Field> = FIELDS.into_iter().filter(|field| !is_rare(*field) || used.contains(field)).collect();
    match kind {
        FileKind::Xlsx => {
            let mut book = Book::new("write CSV or JSON instead, or shorten the text");
            book.sheet("Metrics", &[1])?;
            book.head(&headers(&fields, &contents))?;
            contents.each(&mut tx, |entry| book.row(&row(&fields, &entry, ambiguous))).await?;
            book.save(&mut *written)?;
        }
        FileKind::Csv => {
            let mut sheet = Csv::new(&mut *written);
            sheet.row(headers(&fields, &contents).into_iter().map(Value::from))?;
            contents.each(&mut tx, |entry| sheet.row(row(&fields, &entry, ambiguous))).await?;
            sheet.finish()?;
        }
        FileKind::Json => {
            let no_room = |error| files::unwritable(out, error);
            let mut rows = JsonRows::new(&mut *written);
            contents.each(&mut tx, |entry| rows.row(&object(&fields, &entry, ambiguous)).map_err(no_room)).await?;
            rows.finish().map_err(no_room)?;
        }
    }
    tx.end().await?;
    Ok(Exported { catalog: catalog.name, items, note: contents.note_of_others("not in the file", "export") })
}

/// The codes of an item's places, by level: function, category, subcategory. Where the places are of different depth they
/// all stand in the last column, for a function beside the subcategory of another would look like a contradiction.
fn codes(positions: &[Position]) -> [Option<String>; 3] {
    let depth = |position: &Position| u8::from(position.category.is_some()) + u8::from(position.subcategory.is_some());
    let joined = |pick: &dyn Fn(&Position) -> Option<String>| {
        let mut codes: Vec<String> = Vec::new();
        for code in positions.iter().filter_map(pick) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        (!codes.is_empty()).then(|| codes.join("; "))
    };
    let is_even = positions.iter().all(|position| depth(position) == positions.first().map_or(0, depth));
    if is_even {
        [
            joined(&|position| Some(position.function.clone())),
            joined(&|position| position.category.clone()),
            joined(&|position| position.subcategory.clone()),
        ]
    } else {
        [None, None, joined(&|position| Some(position.code().to_owned()))]
    }
}

fn is_percent(entry: &Entry) -> bool {
    entry.item.unit.as_deref().is_some_and(unit::is_percent)
}

/// Whether an import could take the numbers of percent for shares of one, as far as this item tells: all of them are at most 1.
fn looks_like_shares(entry: &Entry) -> bool {
    let item = &entry.item;
    let numbers = [item.current_value, item.target_value, item.target_lower, item.target_upper];
    !is_percent(entry) || numbers.into_iter().flatten().all(|number| number.abs() <= Decimal::ONE)
}

/// Whether a field has a column only where an item has something in it.
fn is_rare(field: Field) -> bool {
    field.is_count() || field.is_prose() && field > Field::Formula
}

/// The columns, the extra ones among them.
fn headers(fields: &[Field], contents: &Stored) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for &field in fields {
        headers.push(field.as_str().to_owned());
        if field == Field::Description {
            headers.extend([Field::Function, Field::Category, Field::Subcategory].map(|field| field.as_str().to_owned()));
        }
    }
    headers.extend(contents.extra.iter().cloned());
    headers
}

fn row(fields: &[Field], entry: &Entry, ambiguous: bool) -> Vec<Value> {
    let mut row: Vec<Value> = Vec::new();
    let is_share = |field: Field| ambiguous && field.is_number() && is_percent(entry);
    for &field in fields {
        row.push(match entry.field(field) {
            Content::Number(Number::NaN) => "NaN".into(),
            Content::Number(Number::Finite(number)) if is_share(field) => Value::Percent(number),
            Content::Number(Number::Finite(number)) => Value::Number(number),
            Content::Text(text) => text.into(),
            Content::Nothing => Value::Empty,
        });
        if field == Field::Description {
            row.extend(codes(&entry.positions).map(Value::from));
        }
    }
    row.extend(entry.extra.iter().map(|(_, cell)| Value::from(cell.as_str())));
    row
}

fn object(fields: &[Field], entry: &Entry, ambiguous: bool) -> Json {
    let mut object = Map::new();
    let is_share = |field: Field| ambiguous && field.is_number() && is_percent(entry);
    for &field in fields {
        let value = match entry.field(field) {
            Content::Number(Number::Finite(number)) if is_share(field) => Json::String(format!("{number}%")),
            Content::Number(number) => number::json(number),
            Content::Text(text) => Json::String(text),
            Content::Nothing => Json::Null,
        };
        object.insert(field.as_str().to_owned(), value);
        if field == Field::Description {
            for (field, codes) in
                [Field::Function, Field::Category, Field::Subcategory].into_iter().zip(codes(&entry.positions))
            {
                object.insert(field.as_str().to_owned(), codes.map_or(Json::Null, Json::String));
            }
        }
    }
    for (header, cell) in &entry.extra {
        object.entry(header.clone()).or_insert_with(|| Json::String(cell.clone()));
    }
    Json::Object(object)
}

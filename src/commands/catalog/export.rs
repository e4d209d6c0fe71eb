//! `cmf catalog export`: a catalog as a file that `cmf import` reads back to the same items.

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::contents::{self, Entry, FIELDS, Stored};
use crate::commands;
use crate::context::Context;
use crate::domain::code::Position;
use crate::domain::item::Field;
use crate::domain::text::counted;
use crate::domain::unit;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force, NewFile};
use crate::lookup;
use crate::output::{Cell, Format, Table};
use crate::sheet::{Book, Csv, JsonRows, Value};

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The catalog's name or id
    catalog: String,
    /// The file to write: .xlsx, .csv or .json; `cmf import` reads it back; - is standard output, as CSV, or as JSON with --format json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Export the codes of this framework; without it of the one most mappings are to
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    #[command(flatten)]
    force: Force,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Xlsx,
    Csv,
    Json,
}

pub(super) async fn run(context: &Context, args: Export) -> Result<Exit> {
    let extension = args.out.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let kind = match extension.as_deref() {
        Some("xlsx") => Kind::Xlsx,
        Some("csv") => Kind::Csv,
        Some("json") => Kind::Json,
        _ if files::is_nameless(&args.out) => match context.output.format() {
            Format::Json | Format::Jsonl => Kind::Json,
            _ => Kind::Csv,
        },
        _ => {
            return Err(Error::usage(format!("{} names no kind of file that cmf writes", args.out.display()))
                .hint("let it end in .xlsx, .csv or .json"));
        }
    };
    let mut table = Table::new(["catalog", "file", "items", "bytes"]).single();
    context.output.check_outcome(&table)?;
    let mut written = NewFile::create(&args.out, args.force.into())?;
    let mut session = context.open().await?;
    // All of it is read twice, and is to be the same each time.
    let mut tx = session.read_one_state().await?;
    let catalog = lookup::catalog::find(&mut tx, &args.catalog, args.owner.as_deref()).await?;
    let framework_id = lookup::framework::if_named(&mut tx, args.framework.as_deref()).await?.map(|row| row.id);
    let contents = Stored::look(&mut tx, &catalog, framework_id).await?;
    let (mut ambiguous, mut items) = (true, 0_usize);
    contents
        .each(&mut tx, |entry| {
            items += 1;
            ambiguous &= looks_like_shares(&entry);
            Ok(())
        })
        .await?;
    match kind {
        Kind::Xlsx => {
            let mut book = Book::new("write CSV or JSON instead, or shorten the text");
            book.sheet("Metrics", &[1])?;
            book.head(&headers(&contents))?;
            contents.each(&mut tx, |entry| book.row(&row(&entry, ambiguous))).await?;
            book.save(&mut written)?;
        }
        Kind::Csv => {
            let mut sheet = Csv::new(&mut written);
            sheet.row(headers(&contents).into_iter().map(Value::from))?;
            contents.each(&mut tx, |entry| sheet.row(row(&entry, ambiguous))).await?;
            sheet.finish()?;
        }
        Kind::Json => {
            let no_room = |error| files::unwritable(&args.out, error);
            let mut rows = JsonRows::new(&mut written);
            contents.each(&mut tx, |entry| rows.row(&object(&entry, ambiguous)).map_err(no_room)).await?;
            rows.finish().map_err(no_room)?;
        }
    }
    tx.end().await?;
    let bytes = written.keep()?;
    if let Some(note) = contents.note_of_others("not in the file", "export") {
        context.output.notice(&format!("note: {note}"));
    }
    let file = args.out.display().to_string();
    table.row([catalog.name.as_str().into(), file.as_str().into(), items.into(), bytes.into()]);
    commands::outcome_of_file(
        context,
        &args.out,
        &format!("wrote {} of {} to {file}", counted(items, "item"), catalog.name),
        table,
    )?;
    Ok(Exit::Success)
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

/// The columns, the extra ones among them.
fn headers(contents: &Stored) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for field in FIELDS {
        headers.push(field.as_str().to_owned());
        if field == Field::Description {
            headers.extend([Field::Function, Field::Category, Field::Subcategory].map(|field| field.as_str().to_owned()));
        }
    }
    headers.extend(contents.extra.iter().cloned());
    headers
}

fn row(entry: &Entry, ambiguous: bool) -> Vec<Value> {
    let mut row: Vec<Value> = Vec::new();
    for field in FIELDS {
        row.push(match entry.field(field) {
            Cell::Number(number) if ambiguous && is_percent(entry) => Value::Percent(number),
            Cell::Number(number) => Value::Number(number),
            Cell::Text(text) => text.into(),
            _ => Value::Empty,
        });
        if field == Field::Description {
            row.extend(codes(&entry.positions).map(Value::from));
        }
    }
    row.extend(entry.extra.iter().map(|(_, cell)| Value::from(cell.as_str())));
    row
}

fn object(entry: &Entry, ambiguous: bool) -> Json {
    let mut object = Map::new();
    for field in FIELDS {
        let value = match entry.field(field) {
            Cell::Number(number) if ambiguous && is_percent(entry) => Json::String(format!("{number}%")),
            cell => contents::json(&cell),
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

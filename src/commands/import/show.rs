//! What an import shows.

use std::borrow::Borrow;

use serde_json::Value;
use uuid::Uuid;

use crate::catalog::import::{Imported, LISTED, Mode, ReadColumn, Renumbered, Told, columns as columns_of, unmapped};
use crate::db::items::Change;
use crate::domain::metric::Direction;
use crate::output::{Columns, Shape, Table, columns};
use crate::reading::DECISION;
use crate::table::Table as Sheet;
use crate::table::columns::letters;
use crate::table::decision::Decision;
use crate::table::format::Format;
use crate::table::problem::{LeftOut, Problem, Skip};

const CREATED: Columns<Imported> = columns! { |imported|
    read = imported.finding.counts.read, imported = imported.stored.imported, skipped = imported.finding.counts.all_skipped(),
    rejected = imported.finding.counts.rejected, mappings = imported.stored.mappings
};
const MERGED: Columns<Imported> = columns! { |imported|
    read = imported.finding.counts.read, imported = imported.stored.imported, updated = imported.stored.updated,
    unchanged = imported.stored.unchanged, skipped = imported.finding.counts.all_skipped(),
    rejected = imported.finding.counts.rejected, mappings = imported.stored.mappings, readings = imported.stored.readings.added,
    pruned = imported.stored.pruned.len()
};
const SKIPPED: Columns<(Skip, u64)> = columns! { |(reason, rows)| skipped = reason.as_str(), rows };
const LEFT_OUT: Columns<(String, String, Option<String>)> = columns! { |(left_out, text, reason)| left_out, text, reason };
/// A metric, its direction, and what told it.
const DIRECTED: Columns<(String, Option<Direction>, String)> =
    columns! { |(metric, direction, told_by)| metric, direction, told_by };
const REJECTED: Columns<Problem> = columns! { |problem|
    rejected = problem.place(), value = cut(&problem.value, 40), reason, remedy
};
const CHANGED: Columns<Change> = columns! { |change|
    metric, field, old = change.old.as_ref().map(|text| cut(text, 60)), new = change.new.as_ref().map(|text| cut(text, 60))
};
/// A column of the sheet, what it was taken for, and how sure that is in percent.
type Read = (String, String, Option<(String, u8)>);
const READ: Columns<Read> = columns! { |(column, header, taken)|
    column, header, field = taken.as_ref().map(|(field, _)| field.as_str()),
    confidence = taken.as_ref().map(|(_, confidence)| format!("{confidence}%"))
};
const DECIDED: Columns<Decision> = columns! { |decision|
    decision = &decision.what, chosen, why = decision.reason(), otherwise = decision.option.as_deref()
};
/// A column as a program sees it.
const COLUMN: Columns<ReadColumn> = columns! { |one|
    field, column, header, confidence = u32::from(one.confidence), at: optional, values: optional
};
const SHEET: Columns<Sheet> = columns! { |table|
    sheet, header_row, columns: of(|| Shape::rows(&COLUMN)) = rows(&COLUMN, columns_of(table)),
    unmapped_columns = unmapped(table)
};
const LEFT: Columns<LeftOut> = columns! { |one| sheet, row, text, reason = one.reason.as_str() };
const TOLD: Columns<Told> = columns! { |one| row, metric, direction, why };
const REJECT: Columns<(String, Problem)> = columns! { |(file, problem)|
    file, sheet = &problem.sheet, cell = problem.cell(), row = problem.row, record = problem.record, header = &problem.header,
    value = &problem.value, code = problem.code, reason = &problem.reason, remedy = &problem.remedy
};
const DIFFERING: Columns<Change> = columns! { |change| metric, field, old, new };
const NUMBERED: Columns<(i64, Option<String>)> = columns! { |(row, metric_number)| row, metric_number };
const KNOWN: Columns<(Uuid, Option<String>)> = columns! { |(id, metric_number)| id, metric_number };
const RENUMBERED: Columns<Renumbered> = columns! { |one|
    name = one.name(), rows: of(|| Shape::rows(&NUMBERED)) = rows(&NUMBERED, one.rows()),
    known: of(|| Shape::rows(&KNOWN)) = rows(&KNOWN, one.known())
};
/// What one file came to, for programs.
const DOCUMENT: Columns<Imported> = columns! { |imported|
    catalog, owner, source_file = &imported.ready.source.file_name, format = imported.ready.source.format.as_str(),
    sheet = imported.ready.sheet(), header_row = imported.ready.table().header_row, framework = imported.framework(),
    read = imported.finding.counts.read, imported = imported.stored.imported, updated = imported.stored.updated,
    unchanged = imported.stored.unchanged, skipped = imported.finding.counts.all_skipped(),
    rejected = imported.finding.counts.rejected, mappings = imported.stored.mappings,
    readings = imported.stored.readings.added, repeats = imported.stored.readings.repeats,
    pruned = imported.stored.pruned.len(), undo = imported.undo, skipped_reasons: of(|| Shape::of::<u64>().named()) = imported.skipped(),
    left_out: of(|| Shape::rows(&LEFT)) = rows(&LEFT, &imported.finding.left_out),
    left_out_unlisted = imported.finding.unlisted,
    sheets: of(|| Shape::rows(&SHEET)) = rows(&SHEET, imported.ready.tables.iter().filter(|_| imported.ready.has_several())),
    columns: of(|| Shape::rows(&COLUMN)) = rows(&COLUMN, columns_of(imported.ready.table())),
    unmapped_columns = unmapped(imported.ready.table()),
    directions: of(|| Shape::rows(&TOLD)) = rows(&TOLD, &imported.stored.directions.told),
    directions_told = imported.stored.directions.all_told(),
    decisions: of(|| Shape::rows(&DECISION)) = rows(&DECISION, &imported.decisions),
    rejects: of(|| Shape::rows(&REJECT)) =
        rows(&REJECT, imported.problems.iter().map(|problem| (imported.ready.source.name.clone(), problem.clone()))),
    changes: optional of(|| Shape::rows(&DIFFERING)) = imported.is_merge.then(|| rows(&DIFFERING, &imported.stored.changes)),
    renumbered: optional of(|| Shape::rows(&RENUMBERED)) =
        imported.is_merge.then(|| rows(&RENUMBERED, &imported.stored.renumbered))
};

/// Rows as JSON, without the members that they can do without.
fn rows<R>(columns: &Columns<R>, rows: impl IntoIterator<Item = impl Borrow<R>>) -> Value {
    rows.into_iter().map(|row| Value::Object(columns.members(row.borrow()))).collect()
}

pub(super) fn json(done: &[Imported]) -> Value {
    match done {
        [one] => DOCUMENT.members(one).into(),
        several => rows(&DOCUMENT, several),
    }
}

/// How many rows that were left out are listed.
const FIRST: usize = 10;

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// What the command prints: a document a file. `--columns` chooses from its tables.
pub(crate) fn shape() -> Shape {
    let names: Vec<&str> = CREATED
        .names()
        .chain(MERGED.names())
        .chain(SKIPPED.names())
        .chain(LEFT_OUT.names())
        .chain(DIRECTED.names())
        .chain(REJECTED.names())
        .chain(CHANGED.names())
        .chain(DECIDED.names())
        .chain(READ.names())
        .collect();
    Shape::of::<Value>().choosing(names).printing(Shape::one(&DOCUMENT).or(Shape::reference("#/anyOf/0").listed()))
}

/// The tables that a result can have, to tell a column of none of them before anything is read.
pub(super) fn tables_of(mode: Mode) -> Vec<Table> {
    let rows = if mode == Mode::Create { CREATED.table() } else { MERGED.table() };
    vec![
        rows,
        SKIPPED.table(),
        LEFT_OUT.table(),
        DIRECTED.table(),
        REJECTED.table(),
        CHANGED.table(),
        DECIDED.table(),
        READ.table(),
    ]
}

pub(super) fn tables(imported: &Imported) -> Vec<Table> {
    let title = format!(
        "{} as catalog {} of {}{}",
        imported.ready.source.file_name,
        imported.catalog,
        imported.owner,
        read_as(imported)
    );
    let rows = if imported.is_merge { MERGED.table_of([imported]) } else { CREATED.table_of([imported]) };
    let left_out = &imported.finding.left_out;
    let listed = left_out.iter().take(FIRST);
    let listed = listed.map(|one| {
        let sheet = one.sheet.as_ref().map(|sheet| format!("{sheet}, ")).unwrap_or_default();
        (format!("{sheet}row {}", one.row), cut(&one.text, 60), Some(one.reason.as_str().to_owned()))
    });
    let more = left_out.len().saturating_sub(FIRST);
    let all = match imported.finding.unlisted {
        0 => "--format json lists all of them".to_owned(),
        unlisted => format!("--format json lists these, but not the {unlisted} after them"),
    };
    let more = (more > 0).then(|| (format!("{more} more"), all, None));
    let directions = &imported.stored.directions;
    let told = directions.told.iter().take(FIRST).map(|one| (one.metric.clone(), Some(one.direction), one.why.clone()));
    let more_told = directions.all_told().saturating_sub(FIRST as u64);
    let more_told = (more_told > 0).then(|| (format!("{more_told} more"), None, "--format json lists them".to_owned()));
    let tables = [
        SKIPPED.table_of(imported.finding.counts.reasons()),
        LEFT_OUT.table_of(listed.chain(more)),
        DIRECTED.table_of(told.chain(more_told)),
        REJECTED.table_of(imported.problems.iter().take(LISTED * 5)),
        CHANGED.table_of(&imported.stored.changes),
        DECIDED.table_of(imported.decisions.iter().filter(|decision| decision.is_told())),
    ];
    let tables = tables.into_iter().filter(|table| !table.is_empty());
    [rows.title(title)].into_iter().chain(tables).chain(read(imported)).collect()
}

/// What the columns were read as. Sheets with the same columns need no second table.
fn read(imported: &Imported) -> Vec<Table> {
    let mut shown: Option<Vec<(usize, &str)>> = None;
    let mut tables = Vec::new();
    for table in &imported.ready.tables {
        let columns = &table.columns;
        let known: Vec<(usize, &str)> = columns.mapped.iter().map(|mapped| (mapped.column, mapped.header.as_str())).collect();
        if shown.as_ref() == Some(&known) {
            continue;
        }
        shown = Some(known);
        let mapped = columns.mapped.iter().map(|one| (one, one.field.as_str().to_owned()));
        let series = columns.series.iter().map(|one| (&one.mapped, format!("reading at {}", one.at.format("%F"))));
        let taken = mapped.chain(series);
        let taken = taken.map(|(one, field)| (letters(one.column), one.header.clone(), Some((field, one.confidence))));
        let unmapped = columns.unmapped().into_iter().map(|(column, header)| (letters(column), header.to_owned(), None));
        let read = READ.table_of(taken.chain(unmapped));
        tables.push(match table.sheet.as_ref().filter(|_| imported.ready.has_several()) {
            Some(sheet) => read.title(format!("sheet {sheet}")),
            None => read,
        });
    }
    tables
}

/// What the file was taken for.
fn read_as(imported: &Imported) -> String {
    let table = imported.ready.table();
    let mut parts = Vec::new();
    if let Some(dialect) = table.dialect {
        parts.push(format!("{}, {}", dialect.encoding_name(), dialect.delimiter_name()));
    }
    if let Some(sheet) = imported.ready.sheet() {
        parts.push(format!("sheet {sheet}"));
    }
    if imported.ready.has_several() {
        let sheets: Vec<&str> = imported.ready.tables.iter().filter_map(|table| table.sheet.as_deref()).collect();
        parts.push(format!("sheets {}", sheets.join(", ")));
    } else if !matches!(imported.ready.source.format, Format::Json | Format::Yaml) {
        parts.push(format!("header in row {}", table.header_row));
    }
    parts.extend(imported.framework());
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

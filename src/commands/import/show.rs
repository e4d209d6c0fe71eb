//! What an import shows.

use crate::catalog::import::{Imported, LISTED, Mode};
use crate::db::items::Change;
use crate::domain::item::Field;
use crate::output::{Columns, Table, columns};
use crate::table::columns::letters;
use crate::table::format::Format;
use crate::table::problem::{Problem, Skip};

const CREATED: Columns<Imported> = columns! { |imported|
    read = imported.finding.counts.read, imported = imported.stored.imported, skipped = imported.finding.counts.all_skipped(),
    rejected = imported.finding.counts.rejected, mappings = imported.stored.mappings
};
const MERGED: Columns<Imported> = columns! { |imported|
    read = imported.finding.counts.read, imported = imported.stored.imported, updated = imported.stored.updated,
    unchanged = imported.stored.unchanged, skipped = imported.finding.counts.all_skipped(),
    rejected = imported.finding.counts.rejected, mappings = imported.stored.mappings, readings = imported.stored.readings,
    pruned = imported.stored.pruned.len()
};
const SKIPPED: Columns<(Skip, u64)> = columns! { |(reason, rows)| skipped = reason.as_str(), rows };
const LEFT_OUT: Columns<(String, String, Option<String>)> = columns! { |(left_out, text, reason)| left_out, text, reason };
const REJECTED: Columns<Problem> = columns! { |problem|
    rejected = problem.place(), value = cut(&problem.value, 40), reason, remedy
};
const CHANGED: Columns<Change> = columns! { |change|
    metric, field, old = change.old.as_ref().map(|text| cut(text, 60)), new = change.new.as_ref().map(|text| cut(text, 60))
};
/// A column of the sheet, and what it was taken for.
type Read = (String, String, Option<(Field, u8)>);
const READ: Columns<Read> = columns! { |(column, header, taken)|
    column, header, field = taken.map(|(field, _)| field.as_str()),
    confidence = taken.map(|(_, confidence)| format!("{confidence}%"))
};
/// How many rows that were left out are listed.
const FIRST: usize = 10;

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The tables that a result can have, to tell a column of none of them before anything is read.
pub(super) fn shapes(mode: Mode) -> Vec<Table> {
    let rows = if mode == Mode::Create { CREATED.table() } else { MERGED.table() };
    vec![rows, SKIPPED.table(), LEFT_OUT.table(), REJECTED.table(), CHANGED.table(), READ.table()]
}

/// The results for people.
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
    let listed = listed.map(|one| (format!("row {}", one.row), cut(&one.text, 60), Some(one.reason.as_str().to_owned())));
    let more = left_out.len().saturating_sub(FIRST);
    let more = (more > 0).then(|| (format!("{more} more"), "--format json has them all".to_owned(), None));
    let columns = &imported.ready.table.columns;
    let mapped = columns.mapped.iter();
    let mapped = mapped.map(|one| (letters(one.column), one.header.clone(), Some((one.field, one.confidence))));
    let unmapped = columns.unmapped().into_iter().map(|(column, header)| (letters(column), header.to_owned(), None));
    let read = READ.table_of(mapped.chain(unmapped));
    let tables = [
        SKIPPED.table_of(imported.finding.counts.reasons()),
        LEFT_OUT.table_of(listed.chain(more)),
        REJECTED.table_of(imported.problems.iter().take(LISTED * 5)),
        CHANGED.table_of(&imported.stored.changes),
    ];
    let tables = tables.into_iter().filter(|table| !table.is_empty());
    [rows.title(title)].into_iter().chain(tables).chain([read]).collect()
}

/// What the file was taken for.
fn read_as(imported: &Imported) -> String {
    let table = &imported.ready.table;
    let mut parts = Vec::new();
    if let Some(dialect) = table.dialect {
        parts.push(format!("{}, {}", dialect.encoding_name(), dialect.delimiter_name()));
    }
    if let Some(sheet) = &table.sheet {
        parts.push(format!("sheet {sheet}"));
    }
    if !matches!(imported.ready.source.format, Format::Json | Format::Yaml) {
        parts.push(format!("header in row {}", table.header_row));
    }
    parts.extend(imported.framework());
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

//! What an import shows.

use crate::catalog::import::{Imported, LISTED, Mode};
use crate::output::Table as Shown;
use crate::table::columns::letters;
use crate::table::format::Format;

const CREATED: [&str; 5] = ["read", "imported", "skipped", "rejected", "mappings"];
const MERGED: [&str; 9] = ["read", "imported", "updated", "unchanged", "skipped", "rejected", "mappings", "readings", "pruned"];
const SKIPPED: [&str; 2] = ["skipped", "rows"];
const LEFT_OUT: [&str; 3] = ["left_out", "text", "reason"];
/// How many rows that were left out are listed.
const FIRST: usize = 10;
const DIRECTED: [&str; 3] = ["metric", "direction", "told_by"];
const REJECTED: [&str; 4] = ["rejected", "value", "reason", "remedy"];
const CHANGED: [&str; 4] = ["metric", "field", "old", "new"];
const READ: [&str; 4] = ["column", "header", "field", "confidence"];

/// The tables that a result can have, to tell a column of none of them before anything is read.
pub(super) fn shapes(mode: Mode) -> Vec<Shown> {
    let rows = if mode == Mode::Create { Shown::new(CREATED) } else { Shown::new(MERGED) };
    vec![
        rows,
        Shown::new(SKIPPED),
        Shown::new(LEFT_OUT),
        Shown::new(DIRECTED),
        Shown::new(REJECTED),
        Shown::new(CHANGED),
        Shown::new(READ),
    ]
}

/// The results for people.
pub(super) fn tables(imported: &Imported) -> Vec<Shown> {
    let (counts, stored) = (&imported.finding.counts, &imported.stored);
    let title = format!(
        "{} as catalog {} of {}{}",
        imported.ready.source.file_name,
        imported.catalog,
        imported.owner,
        read_as(imported)
    );
    let mut tables = Vec::new();
    if imported.is_merge {
        let mut rows = Shown::new(MERGED).title(title);
        rows.row([
            counts.read.into(),
            stored.imported.into(),
            stored.updated.into(),
            stored.unchanged.into(),
            counts.all_skipped().into(),
            counts.rejected.into(),
            stored.mappings.into(),
            stored.readings.into(),
            stored.pruned.len().into(),
        ]);
        tables.push(rows);
    } else {
        let mut rows = Shown::new(CREATED).title(title);
        rows.row([
            counts.read.into(),
            stored.imported.into(),
            counts.all_skipped().into(),
            counts.rejected.into(),
            stored.mappings.into(),
        ]);
        tables.push(rows);
    }
    if counts.all_skipped() > 0 {
        let mut skipped = Shown::new(SKIPPED);
        for (reason, count) in counts.reasons() {
            skipped.row([reason.as_str().into(), count.into()]);
        }
        tables.push(skipped);
    }
    let left_out = &imported.finding.left_out;
    if !left_out.is_empty() {
        let mut rows = Shown::new(LEFT_OUT);
        for one in left_out.iter().take(FIRST) {
            let text: String = one.text.chars().take(60).collect();
            rows.row([format!("row {}", one.row).into(), text.into(), one.reason.as_str().into()]);
        }
        if left_out.len() > FIRST {
            let more = format!("{} more", left_out.len() - FIRST);
            rows.row([more.into(), "--format json has them all".into(), Option::<&str>::None.into()]);
        }
        tables.push(rows);
    }
    let told = &stored.directions.told;
    if !told.is_empty() {
        let mut rows = Shown::new(DIRECTED);
        for one in told.iter().take(FIRST) {
            rows.row([one.metric.as_str().into(), one.direction.as_str().into(), one.why.as_str().into()]);
        }
        if told.len() > FIRST {
            let more = format!("{} more", stored.directions.all_told() - FIRST as u64);
            rows.row([more.into(), Option::<&str>::None.into(), "--format json lists them".into()]);
        }
        tables.push(rows);
    }
    if !imported.problems.is_empty() {
        let mut rejects = Shown::new(REJECTED);
        for problem in imported.problems.iter().take(LISTED * 5) {
            let value: String = problem.value.chars().take(40).collect();
            rejects.row([problem.place().into(), value.into(), problem.reason.as_str().into(), problem.remedy.as_str().into()]);
        }
        tables.push(rejects);
    }
    if !stored.changes.is_empty() {
        let mut changes = Shown::new(CHANGED);
        for change in &stored.changes {
            let [old, new] =
                [&change.old, &change.new].map(|text| text.as_ref().map(|text| text.chars().take(60).collect::<String>()));
            changes.row([change.metric.as_str().into(), change.field.as_str().into(), old.into(), new.into()]);
        }
        tables.push(changes);
    }
    let mut columns = Shown::new(READ);
    for mapped in &imported.ready.table.columns.mapped {
        columns.row([
            letters(mapped.column).into(),
            mapped.header.as_str().into(),
            mapped.field.as_str().into(),
            format!("{}%", mapped.confidence).into(),
        ]);
    }
    for (column, header) in imported.ready.table.columns.unmapped() {
        columns.row([letters(column).into(), header.into(), Option::<&str>::None.into(), Option::<&str>::None.into()]);
    }
    tables.push(columns);
    tables
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

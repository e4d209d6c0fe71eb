//! Samples of monitoring: several series of one name are several things that were measured, and readings of one metric only where
//! somebody says so.

use std::collections::HashMap;

use crate::error::{Error, Place, Result};
use crate::table::row::Flow;
use crate::table::rows::Listed;

/// Refuses samples that are of the same metric and differ in a label. `own` are the columns that differ from sample to sample.
/// Exit 65 with the label.
pub(super) fn check(table: &Listed, metric: Option<usize>, own: &[Option<usize>]) -> Result<()> {
    let mut first: HashMap<String, (u64, Vec<String>)> = HashMap::new();
    table.look(|rows| {
        let key = metric.map_or("", |column| rows.text(column));
        if metric.is_some() && key.is_empty() {
            return Ok(Flow::Go);
        }
        let cells = (0..table.headers.len()).map(|column| if own.contains(&Some(column)) { "" } else { rows.text(column) });
        let Some((row, known)) = first.get(key) else {
            first.insert(key.to_owned(), (rows.row().number, cells.map(str::to_owned).collect()));
            return Ok(Flow::Go);
        };
        let Some((column, cell)) = cells.enumerate().find(|(column, cell)| known[*column] != *cell) else {
            return Ok(Flow::Go);
        };
        let named = |cell: &str| if cell.is_empty() { "empty".to_owned() } else { format!("`{cell}`") };
        let of = if key.is_empty() { "samples of several series".to_owned() } else { format!("`{key}` has several series") };
        let (header, number) = (&table.headers[column], rows.row().number);
        Err(Error::data(format!(
            "{of}: {header} is {} in row {row} and {} in row {number}",
            named(&known[column]),
            named(cell)
        ))
        .at(Place { row: Some(number), column: Some(header.clone()), ..table.source().place() })
        .hint("keep one of them in the file, or add a label with the metric to each: --map metric=label:LABEL"))
    })
}

//! Results that are printed as their rows come: in memory is one block of rows, however many there are.

use super::selection::Selection;
use super::sink::Sink;
use super::table::Table;
use super::{Cell, Format, Output};
use crate::error::Result;

/// How many rows a table for people has at least before the next one begins. Its columns are as wide as these rows need.
const BLOCK: usize = 10_000;

/// How many rows of a format for programs are written at once.
const BATCH: usize = 500;

/// A result of many rows. `--sort` needs all of them before the first can be printed; without it they are not kept.
#[derive(Debug)]
pub struct Rows<'o> {
    output: &'o Output,
    table: Table,
    sink: Sink,
    /// Whether some rows are printed.
    has_begun: bool,
}

impl Output {
    /// Begins a result of many rows with the columns of this table, which has no rows yet.
    ///
    /// # Errors
    /// Exit 2 for a column that the result does not have, exit 73 where stdout is closed.
    pub fn rows(&self, table: Table) -> Result<Rows<'_>> {
        self.check(&table)?;
        Ok(Rows { output: self, table, sink: Sink::default(), has_begun: false })
    }
}

impl Rows<'_> {
    /// Adds a row, which must have as many cells as there are columns.
    ///
    /// # Errors
    /// Exit 73 when stdout cannot be written; quietly nothing when its reader has gone.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) -> Result<()> {
        self.table.row(cells);
        let most = if matches!(self.output.format, Format::Table | Format::Md) { BLOCK } else { BATCH };
        if self.table.rows.len() < most || self.selection().sorts() {
            return Ok(());
        }
        let table = self.table.taken();
        self.print(table)
    }

    /// Prints what is left.
    ///
    /// # Errors
    /// As [`Rows::row`].
    pub fn finish(mut self) -> Result<()> {
        let mut table = self.table.taken();
        self.selection().sort(&mut table);
        if !self.has_begun || !table.is_empty() {
            self.print(table)?;
        }
        if self.output.format == Format::Json {
            self.sink.write(self.output, if self.has_begun { "\n]\n" } else { "[]\n" })?;
        }
        Ok(())
    }

    fn selection(&self) -> &Selection {
        &self.output.selection
    }

    fn print(&mut self, table: Table) -> Result<()> {
        let is_first = !self.has_begun;
        let output = self.output;
        let table = output.selection.narrowed(table);
        let text = match output.format {
            Format::Table if is_first => output.table_text(&table),
            Format::Table => format!("\n{}", output.table_text(&table)),
            Format::Md => table.md_rows(is_first),
            Format::Csv => output.csv_text(&table, is_first)?,
            Format::Jsonl => table.objects().iter().map(|object| output.json_text(object, false) + "\n").collect(),
            Format::Json => {
                let mut text = String::new();
                for object in table.objects() {
                    text.push_str(if is_first && text.is_empty() { "[\n  " } else { ",\n  " });
                    // A line break in JSON is never within a text.
                    text.push_str(&output.json_text(&object, true).replace('\n', "\n  "));
                }
                text
            }
        };
        self.has_begun |= !table.is_empty();
        self.sink.write(output, &text)
    }
}

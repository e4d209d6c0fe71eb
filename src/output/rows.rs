//! Results that are printed as their rows come: in memory is one block of rows, however many there are. Where they are sorted,
//! in memory are the cells they are sorted by; the rows wait in a file.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::selection::Selection;
use super::sink::{self, Sink};
use super::table::Table;
use super::{Cell, Format, Output};
use crate::aside::Aside;
use crate::error::{Error, Result};

/// How many rows a table for people has at least before the next one begins. Its columns are as wide as these rows need.
const BLOCK: usize = 2_000;

/// How many rows of a format for programs are written at once.
const BATCH: usize = 500;

/// A result of many rows.
#[derive(Debug)]
pub struct Rows<'o> {
    output: &'o Output,
    table: Table,
    sink: Sink,
    head: Option<Head>,
    /// What is printed in place of the rows, where `--columns` names columns that it has and they have not.
    instead: Option<Table>,
    /// Whether some rows are printed.
    has_begun: bool,
    sorted: Sorted,
}

/// Rows of which the last can be the first to print.
#[derive(Debug, Default)]
struct Sorted {
    /// The columns they are sorted by.
    by: Vec<usize>,
    rows: Aside<Vec<Cell>>,
    keys: Vec<Vec<Cell>>,
}

/// What stands before the rows where nothing is selected.
#[derive(Debug)]
struct Head {
    tables: Vec<Table>,
    /// The members of the JSON document that come before the rows, and the name of the rows.
    members: Map<String, Value>,
    rows: &'static str,
}

impl Output {
    /// Prints a JSON document that is made while it is printed.
    pub fn json_document(&self, document: &impl Serialize) -> Result<()> {
        let mut pieces = Pieces { output: self, sink: self.sink(), text: Vec::new() };
        serde_json::to_writer_pretty(&mut pieces, document).map_err(|error| told(error.into()))?;
        pieces.text.push(b'\n');
        pieces.print().map_err(told)
    }

    /// Begins a result of many rows with the columns of this table, which has no rows yet. Exit 2 for a column that the result
    /// does not have, exit 73 if stdout is closed.
    pub fn rows(&self, table: Table) -> Result<Rows<'_>> {
        self.check(&table)?;
        Ok(self.begun(table))
    }

    fn begun(&self, table: Table) -> Rows<'_> {
        let sorted = Sorted { by: self.selection.sorted_by(&table), ..Sorted::default() };
        Rows { output: self, table, sink: self.sink(), head: None, instead: None, has_begun: false, sorted }
    }

    /// Begins such a result with something before the rows: tables for people, and in JSON a document in which the rows are the
    /// last member, of this name. With `--columns`, and for programs with `--sort`, the rows stand alone.
    pub fn document(
        &self,
        tables: Vec<Table>,
        members: Map<String, Value>,
        rows: &'static str,
        table: Table,
    ) -> Result<Rows<'_>> {
        let for_people = matches!(self.format, Format::Table | Format::Md);
        let alone = self.selection.names_columns() || self.selection.sorts() && !for_people;
        let mut all = [vec![table], tables].concat();
        let chosen = self.selection.choose(&all)?;
        sink::check()?;
        if chosen > 0 {
            let instead = Some(all.swap_remove(chosen));
            return Ok(Rows { instead, ..self.begun(all.swap_remove(0)) });
        }
        let table = all.swap_remove(0);
        let head = (!alone).then_some(Head { tables: all, members, rows });
        Ok(Rows { head, ..self.begun(table) })
    }
}

impl Sorted {
    fn add(&mut self, row: Vec<Cell>) -> Result<()> {
        self.keys.push(self.by.iter().map(|&column| row[column].clone()).collect());
        self.rows.push(row)
    }
}

impl Rows<'_> {
    /// Adds a row, which must have as many cells as there are columns. Exit 73 when stdout cannot be written; quietly nothing
    /// when its reader has gone.
    pub fn row(&mut self, cells: impl Into<Vec<Cell>>) -> Result<()> {
        if self.instead.is_some() {
            return Ok(());
        }
        if self.selection().sorts() {
            return self.sorted.add(cells.into());
        }
        self.table.push(cells.into());
        self.print_full()
    }

    /// Prints the rows that are there, where they are enough to be written at once.
    fn print_full(&mut self) -> Result<()> {
        let most = if matches!(self.output.format, Format::Table | Format::Md) { BLOCK } else { BATCH };
        if self.table.rows.len() < most {
            return Ok(());
        }
        let table = self.table.taken();
        self.print(table)
    }

    /// Prints the rows that were kept.
    fn print_sorted(&mut self) -> Result<()> {
        let keys = std::mem::take(&mut self.sorted.keys);
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|&a, &b| self.selection().compare(&keys[a], &keys[b]));
        for position in order {
            self.table.rows.push(self.sorted.rows.get(position)?);
            self.print_full()?;
        }
        Ok(())
    }

    /// What stands before the first row in JSON, and behind the last.
    fn brackets(&self) -> (String, &'static str, &'static str) {
        let Some(Head { members, rows, .. }) = &self.head else { return ("[".to_owned(), "  ", "]\n") };
        let mut document = members.clone();
        document.insert((*rows).to_owned(), Value::Array(Vec::new()));
        let text = self.output.json_text(&Value::Object(document), true);
        // The rows are the last member: behind its bracket stand the other bracket and the end.
        (text.trim_end_matches(['}', '\n']).trim_end_matches(']').to_owned(), "    ", "]\n}\n")
    }

    pub fn finish(mut self) -> Result<()> {
        if let Some(instead) = self.instead {
            return self.output.results(instead);
        }
        self.print_sorted()?;
        let table = self.table.taken();
        if !self.has_begun || !table.is_empty() {
            self.print(table)?;
        }
        if self.output.format == Format::Json {
            let (begin, indent, end) = self.brackets();
            let last = if self.has_begun { format!("\n{}{end}", &indent[2..]) } else { begin + end };
            self.sink.write(self.output.pages(), &last)?;
        }
        // The pager is left before anything is said.
        drop(self.sink);
        self.output.tell_notes();
        Ok(())
    }

    fn selection(&self) -> &Selection {
        &self.output.selection
    }

    fn print(&mut self, table: Table) -> Result<()> {
        let is_first = !self.has_begun;
        let output = self.output;
        let table = output.selection.narrowed(table);
        let head = self.head.iter().filter(|_| is_first).flat_map(|head| &head.tables);
        let text = match output.format {
            Format::Table if is_first => {
                head.chain([&table]).map(|table| output.table_text(table)).collect::<Vec<_>>().join("\n")
            }
            Format::Table => format!("\n{}", output.table_text(&table)),
            Format::Md if is_first => head.map(|table| table.to_md() + "\n").collect::<String>() + &table.to_md(),
            Format::Md => table.md_rows(false),
            Format::Csv => output.csv_text(&table, is_first)?,
            Format::Jsonl => table.objects().iter().map(|object| output.json_text(object, false) + "\n").collect(),
            Format::Json => {
                let (begin, indent, _) = self.brackets();
                let mut text = String::new();
                for object in table.objects() {
                    text.push_str(if is_first && text.is_empty() { &begin } else { "," });
                    // A line break in JSON is never within a text.
                    let line = format!("\n{indent}");
                    text.push_str(&line);
                    text.push_str(&output.json_text(&object, true).replace('\n', &line));
                }
                text
            }
            // No command that has a format of its own prints row by row.
            Format::Ics | Format::Junit | Format::Sarif => String::new(),
        };
        self.has_begun |= !table.is_empty();
        self.sink.write(output.pages(), &text)
    }
}

/// How much of a document is printed at once, in bytes.
const PIECE: usize = 1 << 16;

/// A document on its way to stdout.
struct Pieces<'o> {
    output: &'o Output,
    sink: Sink,
    text: Vec<u8>,
}

impl Pieces<'_> {
    fn print(&mut self) -> io::Result<()> {
        let text = String::from_utf8(std::mem::take(&mut self.text)).map_err(io::Error::other)?;
        self.sink.write(self.output.pages(), &self.output.harmless(text)).map_err(io::Error::other)
    }
}

impl Write for Pieces<'_> {
    /// Takes whole characters: so JSON is written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        if self.text.len() >= PIECE {
            self.print()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error that was handed through a writer.
fn told(error: io::Error) -> Error {
    error.downcast::<Error>().unwrap_or_else(|error| Error::failed(format!("cannot make the JSON document: {error}")))
}

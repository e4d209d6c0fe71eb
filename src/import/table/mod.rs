//! The first pass: finds the table in a source, decides what needs the whole column, and keeps its rows for the second.

mod choose;
mod draft;
mod input;
mod keys;
mod pass;
mod question;
mod sheet_name;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

pub use self::draft::{Draft, Found, find};
pub use self::input::Range;
pub(super) use self::pass::unit_is_percent;
use super::columns::Columns;
use super::problem::Counts;
use super::row::{Row, Spool};
use super::source::Source;
use super::text;
use super::workbook;
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::error::{Error, Result};

/// How many rows are looked at to find the header and to check columns by their values.
const PEEK: usize = 200;

/// What to do with plain numbers where the unit is percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Percent {
    /// Times 100 when every one of them is at most 1.
    #[default]
    Auto,
    /// Times 100.
    Scale,
    /// As they are.
    AsIs,
}

/// What the user decides instead of the evidence.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The sheet.
    pub sheet: Option<String>,
    /// The sheet that a column map names; of no meaning for text.
    pub map_sheet: Option<String>,
    /// The row where a column map found the header; it decides only where the evidence allows it.
    pub header_hint: Option<u64>,
    /// The part of the sheet that has the table.
    pub range: Option<Range>,
    /// The table of the workbook, by its name.
    pub table: Option<String>,
    /// The header's row.
    pub header_row: Option<u64>,
    /// Columns by field; an empty column means none.
    pub given: Vec<(Field, String)>,
    /// Percent values.
    pub percent: Percent,
    /// The decimal mark of all columns.
    pub mark: Option<Mark>,
    /// What values of a field stand for, by the value in the form of [`normalised`](crate::domain::item::normalised).
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// What an empty cell of a field means.
    pub defaults: BTreeMap<Field, String>,
    /// When the current values were measured, in RFC 3339.
    pub current_at: Option<String>,
    /// Whether what looks like a time series is a catalog all the same.
    pub as_catalog: bool,
}

/// What is told while it runs.
pub trait Watch {
    /// So many rows have been read, of about so many.
    fn rows(&self, rows: u64, all: Option<u64>);
}

impl Watch for () {
    fn rows(&self, _: u64, _: Option<u64>) {}
}

/// A table that is understood, with its rows ready to be turned into items.
pub struct Table {
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// The header's row.
    pub header_row: u64,
    /// Which column is which field.
    pub columns: Columns,
    /// The rows below the header.
    pub spool: Spool,
    /// Rows above the header, and the rows below that are not metrics.
    pub counts: Counts,
    /// The decimal mark of each number column.
    pub marks: BTreeMap<Field, Mark>,
    /// Whether plain numbers are times 100 where the unit is percent.
    pub scale: bool,
    /// Whether there are plain numbers where the unit is percent.
    pub has_plain_percents: bool,
    /// The last rank of the priority scale, 3 or 4.
    pub worst_priority: u32,
    /// Rows whose natural key another row has: the row and the first one.
    pub duplicates: HashMap<u64, u64>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Why this sheet and this row.
    pub evidence: Vec<String>,
    /// The encoding and delimiter of text.
    pub dialect: Option<text::Dialect>,
    /// The workbook's author.
    pub author: Option<String>,
    /// The record of the header in text files, counted from 1.
    pub header_record: u64,
    /// As in [`Options`].
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// As in [`Options`].
    pub defaults: BTreeMap<Field, String>,
    /// As in [`Options`].
    pub current_at: Option<String>,
    /// The rows above the header.
    pub above: Vec<Row>,
    /// Code columns that name a code only where it changes.
    pub fill: Vec<Field>,
}

impl Table {
    /// Whether the rows that were read by `guess`, while this table was still being made, are as this table reads them.
    pub fn is_as_guessed(&self, guess: &Table) -> bool {
        // A rewritten spool is one that nobody followed.
        self.spool.is_followed()
            && self.duplicates.is_empty()
            && self.marks == guess.marks
            && self.scale == guess.scale
            && self.worst_priority == guess.worst_priority
            && self.fill == guess.fill
            && self.counts == guess.counts
            && self.defaults == guess.defaults
    }
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Which column a field is read from.
    Column(Field),
    /// Which sheet has the table.
    Sheet,
    /// Which row has the headers.
    HeaderRow,
}

/// A question that only the user can answer.
#[derive(Debug)]
pub struct Unclear {
    /// What is unclear.
    pub about: About,
    /// What it could be: the answer to give, what stands there, and some values.
    pub choices: Vec<(String, String, Vec<String>)>,
    /// What to say where nobody can be asked.
    pub error: Error,
}

/// What the first pass came to.
pub enum Prepared {
    /// A table that is understood.
    Table(Box<Table>),
    /// A question first.
    Unclear(Box<Unclear>),
}

/// Reads the whole source once and understands it, or says what is unclear about its columns.
///
/// # Errors
/// Exit 65 when there is no table in it, or when something about it can be read in two ways; the hint says how to decide.
pub fn prepare(source: &Source, options: &Options, indexes: &[&CodeIndex], watch: &dyn Watch) -> Result<Prepared> {
    Ok(match find(source, options, indexes)? {
        Found::Draft(draft) => Prepared::Table(Box::new(draft.read(source, options, indexes, watch)?)),
        Found::Unclear(unclear) => Prepared::Unclear(unclear),
    })
}

/// What a percent cell means.
pub(super) fn percent_cell(text: &str) -> Option<Decimal> {
    workbook::percent(text)
}

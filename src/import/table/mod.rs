//! The first pass: finds the table in a source, decides what needs the whole column, and keeps its rows for the second.

mod beside;
mod choose;
mod input;
mod keys;
mod pass;
mod question;
mod sheet_name;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use self::choose::{Choice, Chosen, choose};
use self::input::Input;
pub use self::input::Range;
use self::pass::FirstPass;
pub(super) use self::pass::unit_is_percent;
use self::question::{question, time_series};
use super::build;
use super::columns::{self, Columns};
use super::layout;
use super::problem::Counts;
use super::row::{Row, Spool};
use super::series;
use super::source::Source;
use super::text;
use super::workbook;
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::error::{Error, Place, Result};

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
    /// So many rows have been read.
    fn rows(&self, rows: u64);
}

impl Watch for () {
    fn rows(&self, _rows: u64) {}
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
    /// The last rank of the priority scale, 3 or 4.
    pub worst_priority: u32,
    /// The last row that is a metric.
    pub last_row: u64,
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
    let mut input = Input::open(source)?;
    let Choice { sheet, candidate, rows: peeked, mut evidence, sheets, range } = match choose(&mut input, source, options)? {
        Chosen::Table(choice) => *choice,
        Chosen::Unclear(unclear) => return Ok(Prepared::Unclear(unclear)),
    };
    let (last, headers) = layout::two_rows(&peeked, candidate.index)
        .unwrap_or_else(|| (candidate.index, columns::headers(&peeked[candidate.index])));
    let header_row = peeked[last].number;
    let place = Place { file: Some(source.name.clone()), sheet: sheet.clone(), row: Some(header_row), column: None };
    let sample = &peeked[last + 1..];
    let columns = columns::assign(headers, sample, &options.given, indexes);
    if !options.as_catalog
        && let Some(series) =
            series::find(&peeked[candidate.index], sample, columns.get(Field::Name).map(|mapped| mapped.column))
    {
        return Err(time_series(&series, source, &place));
    }
    if let Some(unclear) = question(&columns, sample, &place)? {
        return Ok(Prepared::Unclear(Box::new(unclear)));
    }
    evidence.push(candidate.evidence());
    let pass = FirstPass::new(columns, header_row, options)?;
    let mut pass = beside::read(&mut input, sheet.as_deref(), range, watch, pass)
        .map_err(|error| if error.place().file.is_none() { error.at(place.clone()) } else { error })?;
    if let Input::Workbook(book) = &mut input
        && book.hollow
        && let Some(name) = &sheet
    {
        let uncached = book.uncached(name)?;
        if !uncached.is_empty() {
            pass.mark_uncached(&uncached)?;
        }
    }
    let (dialect, author) = match input {
        Input::Workbook(book) => (None, book.author),
        Input::Text(_, dialect) => (Some(dialect), None),
        Input::Json(_) => (None, None),
    };
    let mut table = pass.finish(&place, options)?;
    if !table.fill.is_empty() && !build::is_outline(&mut table, indexes)? {
        table.fill.clear();
    }
    for field in &table.fill {
        table
            .warnings
            .push(format!("the column of {} is an outline: its codes count for the rows below them, too", field.as_str()));
    }
    if let Some(sheet) = &sheet
        && !table.columns.mapped.iter().any(|mapped| mapped.field.is_code())
        && !options.defaults.keys().any(|field| field.is_code())
        && !options.given.iter().any(|(field, _)| *field == Field::Function)
        && let Some(code) = sheet_name::function(sheet, &sheets, indexes)
    {
        table.warnings.push(format!("no column has codes, so the sheet's name says the function: {code}"));
        table.defaults.insert(Field::Function, code);
    }
    table.sheet = sheet;
    table.evidence = evidence;
    table.dialect = dialect;
    table.author = author;
    if let Some(dialect) = dialect.filter(|dialect| dialect.encoding == encoding_rs::WINDOWS_1252) {
        table.warnings.push(format!("the text is not UTF-8 and was read as {}", dialect.encoding_name()));
    }
    Ok(Prepared::Table(Box::new(table)))
}

/// What a percent cell means.
pub(super) fn percent_cell(text: &str) -> Option<Decimal> {
    workbook::percent(text)
}

//! A table whose place and columns are known, before all of its rows are read.

use super::choose::{Choice, Chosen, choose};
use super::input::{Input, Range};
use super::pass::FirstPass;
use super::question::{self, question, time_series};
use super::sheet_name;
use super::{Options, PEEK, Table, Unclear, Watch};
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::error::{Place, Result};
use crate::import::row::{Flow, Follower, Row};
use crate::import::source::Source;
use crate::import::{build, columns, layout, series};

/// A table that was found in a source. Its rows are still to be read.
pub struct Draft {
    place: At,
    /// The rows that were looked at.
    peeked: Vec<Row>,
    pass: FirstPass,
}

/// Where the rows come from.
struct At {
    input: Input,
    sheet: Option<String>,
    /// The names of all sheets.
    sheets: Vec<String>,
    range: Option<Range>,
    header: Place,
    evidence: Vec<String>,
}

/// What looking for a table came to.
pub enum Found {
    /// A table.
    Draft(Box<Draft>),
    /// A question first.
    Unclear(Box<Unclear>),
}

/// Looks at the first rows of a source, and finds its table there.
///
/// # Errors
/// Exit 65 when there is none.
pub fn find(source: &Source, options: &Options, indexes: &[&CodeIndex]) -> Result<Found> {
    let mut input = Input::open(source)?;
    let Choice { sheet, candidate, rows: peeked, mut evidence, sheets, range } = match choose(&mut input, source, options)? {
        Chosen::Table(choice) => *choice,
        Chosen::Unclear(unclear) => return Ok(Found::Unclear(unclear)),
    };
    let (last, headers) = layout::two_rows(&peeked, candidate.index)
        .unwrap_or_else(|| (candidate.index, columns::headers(&peeked[candidate.index])));
    let header_row = peeked[last].number;
    let place = Place { file: Some(source.name.clone()), sheet: sheet.clone(), row: Some(header_row), column: None };
    let sample = &peeked[last + 1..];
    let mut columns = columns::assign(headers, sample, &options.given, indexes);
    columns.width = matches!(input, Input::Text(_)).then(|| peeked[last].len());
    if !options.as_catalog
        && let Some(series) =
            series::find(&peeked[candidate.index], sample, columns.get(Field::Name).map(|mapped| mapped.column))
    {
        return Err(time_series(&series, source, &place));
    }
    if let Some(error) = question::units(&columns, &place) {
        return Err(error);
    }
    if let Some(unclear) = question(&columns, sample, &place)? {
        return Ok(Found::Unclear(Box::new(unclear)));
    }
    evidence.push(candidate.evidence());
    let pass = FirstPass::new(columns, header_row, options)?;
    let place = At { input, sheet, sheets, range, header: place, evidence };
    Ok(Found::Draft(Box::new(Draft { place, peeked, pass })))
}

impl Draft {
    /// What the whole table will be, as far as its first rows tell. `None` where they are all there is, or tell too little.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn guess(&self, options: &Options, indexes: &[&CodeIndex]) -> Result<Option<Table>> {
        if self.peeked.len() < PEEK {
            return Ok(None);
        }
        let mut pass = self.pass.anew(options)?;
        for row in &self.peeked {
            pass.row(row)?;
        }
        match pass.finish(&self.place.header, options) {
            Ok(table) => Ok(Some(self.place.complete(table, options, indexes)?)),
            Err(_) => Ok(None),
        }
    }

    /// One who reads the rows while [`Draft::read`] is at work.
    ///
    /// # Errors
    /// When the temporary file cannot be used.
    pub fn follow(&mut self) -> Result<Follower> {
        self.pass.follow()
    }

    /// Reads all rows.
    ///
    /// # Errors
    /// Exit 65 when the source is damaged, or when something about it can be read in two ways; the hint says how to decide.
    pub fn read(self, source: &Source, options: &Options, indexes: &[&CodeIndex], watch: &dyn Watch) -> Result<Table> {
        let Draft { place: mut at, mut pass, .. } = self;
        let height = at.input.height(at.sheet.as_deref());
        let is_text = matches!(at.input, Input::Text(_));
        let about = |rows: u64| {
            if is_text {
                rows.checked_mul(source.size).and_then(|all| all.checked_div(source.position()?))
            } else {
                height.filter(|height| *height > rows)
            }
        };
        let mut seen = 0_u64;
        let mut take = |row: &Row| {
            seen += 1;
            if seen.is_multiple_of(1024) {
                watch.rows(seen, about(seen));
            }
            pass.row(row)?;
            Ok(Flow::Go)
        };
        at.input
            .read(source, at.sheet.as_deref(), at.range, &mut take)
            .map_err(|error| if error.place().file.is_none() { error.at(at.header.clone()) } else { error })?;
        if let Input::Workbook(book) = &mut at.input
            && book.hollow
            && let Some(name) = &at.sheet
        {
            let uncached = book.uncached(name)?;
            if !uncached.is_empty() {
                pass.mark_uncached(&uncached)?;
            }
        }
        let table = pass.finish(&at.header, options)?;
        at.complete(table, options, indexes)
    }
}

impl At {
    /// Adds what is known beside the rows.
    fn complete(&self, mut table: Table, options: &Options, indexes: &[&CodeIndex]) -> Result<Table> {
        if !table.fill.is_empty() && !build::is_outline(&mut table, indexes)? {
            table.fill.clear();
        }
        for field in &table.fill {
            let why = format!("the column of {} is an outline: its codes count for the rows below them, too", field.as_str());
            table.warnings.push(why);
        }
        if let Some(sheet) = &self.sheet
            && !table.columns.mapped.iter().any(|mapped| mapped.field.is_code())
            && !options.defaults.keys().any(|field| field.is_code())
            && !options.given.iter().any(|(field, _)| *field == Field::Function)
            && let Some(code) = sheet_name::function(sheet, &self.sheets, indexes)
        {
            table.warnings.push(format!("no column has codes, so the sheet's name says the function: {code}"));
            table.defaults.insert(Field::Function, code);
        }
        table.sheet.clone_from(&self.sheet);
        table.evidence.clone_from(&self.evidence);
        match &self.input {
            Input::Workbook(book) => table.author.clone_from(&book.author),
            Input::Text(dialect) => table.dialect = Some(*dialect),
            Input::Json => {}
        }
        if let Some(dialect) = table.dialect.filter(|dialect| dialect.encoding == encoding_rs::WINDOWS_1252) {
            table.warnings.push(format!("the text is not UTF-8 and was read as {}", dialect.encoding_name()));
        }
        Ok(table)
    }
}

//! The parts of a source that are read.

use std::collections::HashSet;

use super::decision::Decision;
use super::form::Dialect;
use super::format::Format;
use super::options::{Options, PEEK};
use super::range::Range;
use super::row::{Flow, Row, Sink, Spool};
use super::source::Source;
use super::through::{Hidden, Through, Window};
use super::workbook::Workbook;
use super::{Asked, dialect, json, text};
use crate::error::{Error, Result};

pub(super) enum Input {
    Workbook(Box<Workbook>),
    Text(Dialect),
    Json,
}

/// Whether what is hidden is known of a format.
const fn has_hidden(format: Format) -> bool {
    matches!(format, Format::Xlsx | Format::Ods)
}

impl Input {
    /// Opens a source, and says how its bytes are read; or the question how.
    pub(super) fn open(source: &Source, options: &Options) -> Result<Asked<(Self, Vec<Decision>)>> {
        let refused = |option: &str, what: &str| {
            let error = Error::usage(format!("{option} is for {what}, and this is {}", source.format.as_str()));
            Err(error.at(source.place()).hint(format!("leave {option} out")))
        };
        if source.format != Format::Text {
            let given = [
                ("--encoding", options.encoding.is_some()),
                ("--delimiter", options.delimiter.is_some()),
                ("--quote", options.quote.is_some()),
            ];
            if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
                return refused(option, "text in columns");
            }
        }
        if options.visible_only && !has_hidden(source.format) {
            return refused("--visible-only", "XLSX and ODS workbooks");
        }
        Ok(match source.format {
            Format::Text => dialect::find(source, options)?.map(|(dialect, decisions)| (Input::Text(dialect), decisions)),
            Format::Json | Format::Yaml => Ok((Input::Json, Vec::new())),
            _ => Ok((Input::Workbook(Box::new(Workbook::open(source)?)), Vec::new())),
        })
    }

    /// What of a sheet its user does not see, where the format tells.
    pub(super) fn hidden(&mut self, source: &Source, sheet: Option<&str>) -> Result<Hidden> {
        match (self, sheet) {
            (Input::Workbook(book), Some(sheet)) if has_hidden(source.format) => book.hidden(source, sheet),
            _ => Ok(Hidden::default()),
        }
    }

    /// What is let through of a sheet.
    pub(super) fn through(
        &mut self,
        source: &Source,
        options: &Options,
        sheet: Option<&str>,
        range: Option<Range>,
    ) -> Result<Through> {
        let is_left_out = options.visible_only || options.hints.visible_only;
        let hidden = if is_left_out { self.hidden(source, sheet)? } else { Hidden::default() };
        Ok(Through::new(options, range, hidden))
    }

    pub(super) fn read(&mut self, source: &Source, sheet: Option<&str>, through: &Through, sink: &mut dyn Sink) -> Result<()> {
        let mut window = Window { through, sink, row: Row::default() };
        let sink: &mut dyn Sink = if through.is_all() { window.sink } else { &mut window };
        match self {
            Input::Workbook(book) => book.read(sheet.unwrap_or_default(), sink),
            Input::Text(dialect) => text::read(source, *dialect, sink),
            Input::Json => json::read(source, sink),
        }
    }

    /// All rows of a sheet, in a temporary file.
    pub(super) fn kept(&mut self, source: &Source, sheet: Option<&str>, through: &Through) -> Result<Spool> {
        let mut spool = Spool::new()?;
        self.read(source, sheet, through, &mut |row: &Row| spool.add(row).map(|()| Flow::Go))?;
        spool.end()?;
        let uncached = self.uncached(sheet)?;
        if uncached.is_empty() { Ok(spool) } else { spool.with_uncached(&uncached) }
    }

    /// The cells of the sheet that was read last that have a formula and no stored result.
    pub(super) fn uncached(&mut self, sheet: Option<&str>) -> Result<HashSet<(u32, u32)>> {
        match (self, sheet) {
            (Input::Workbook(book), Some(sheet)) if book.hollow => book.uncached(sheet),
            _ => Ok(HashSet::new()),
        }
    }

    /// The first rows of a sheet, and of those below a given header. Where they are large there are fewer.
    ///
    /// # Errors
    /// Exit 65 when the rows above a given header are larger than what is looked at.
    pub(super) fn peek(
        &mut self,
        source: &Source,
        sheet: Option<&str>,
        header_row: Option<u64>,
        through: &Through,
        budget: usize,
    ) -> Result<Vec<Row>> {
        let mut rows: Vec<Row> = Vec::new();
        let above = usize::try_from(header_row.unwrap_or(0)).unwrap_or(usize::MAX);
        let most = PEEK.saturating_add(above);
        let mut size = 0;
        let mut take = |row: &Row| {
            size += row.memory();
            rows.push(row.clone());
            let is_large = size > budget;
            if is_large && header_row.is_some_and(|header| row.number <= header) {
                return Err(Error::data(format!("the rows above row {} have more than {} MB", row.number, budget >> 20))
                    .hint("name the part of the sheet that has the table with --range"));
            }
            Ok(if rows.len() < most && !is_large { Flow::Go } else { Flow::Stop })
        };
        self.read(source, sheet, through, &mut take)?;
        Ok(rows)
    }

    /// The last row of a sheet, where the workbook says so.
    pub(super) fn height(&mut self, sheet: Option<&str>) -> Option<u64> {
        match self {
            Input::Workbook(book) => book.height(sheet?),
            Input::Text(_) | Input::Json => None,
        }
    }
}

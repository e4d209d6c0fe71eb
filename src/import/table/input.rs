//! The parts of a source that are read.

use super::PEEK;
use crate::error::{Error, Result};
use crate::import::row::{Flow, Kind, Row, Sink};
use crate::import::source::{Format, Source};
use crate::import::workbook::Workbook;
use crate::import::{columns, json, text};

/// A part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first and last row, counted from 1.
    pub rows: (u64, u64),
    /// The first and last column, counted from 0.
    pub columns: (usize, usize),
}

impl Range {
    /// Reads `A4:N20`, `A:N` or `4:20`.
    pub fn parse(text: &str) -> Option<Range> {
        let (from, to) = text.trim().split_once(':')?;
        let part = |text: &str| {
            let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
            let (letters, row) = text.split_at(digits);
            let column = if letters.is_empty() { None } else { Some(columns::from_letters(letters)?) };
            let row = if row.is_empty() { None } else { Some(row.parse::<u64>().ok().filter(|row| *row > 0)?) };
            Some((row, column))
        };
        let (first, last) = (part(from.trim())?, part(to.trim())?);
        let range = Range {
            rows: (first.0.unwrap_or(1), last.0.unwrap_or(u64::MAX)),
            columns: (first.1.unwrap_or(0), last.1.unwrap_or(usize::MAX)),
        };
        (range.rows.0 <= range.rows.1 && range.columns.0 <= range.columns.1).then_some(range)
    }
}

pub(super) enum Input {
    Workbook(Box<Workbook>),
    Text(text::Dialect),
    Json,
}

impl Input {
    pub(super) fn open(source: &Source) -> Result<Self> {
        Ok(match source.format {
            Format::Text => Input::Text(text::dialect(source)?),
            Format::Json | Format::Yaml => Input::Json,
            _ => Input::Workbook(Box::new(Workbook::open(source)?)),
        })
    }

    pub(super) fn read(
        &mut self,
        source: &Source,
        sheet: Option<&str>,
        range: Option<Range>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        let mut window = Window { range, sink, row: Row::default() };
        let sink: &mut dyn Sink = if range.is_some() { &mut window } else { window.sink };
        match self {
            Input::Workbook(book) => book.read(sheet.unwrap_or_default(), sink),
            Input::Text(dialect) => text::read(source, *dialect, sink),
            Input::Json => json::read(source, sink),
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
        range: Option<Range>,
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
        self.read(source, sheet, range, &mut take)?;
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

/// Lets only a part of the sheet through; columns outside it are empty, so that letters stay right.
struct Window<'s> {
    range: Option<Range>,
    sink: &'s mut dyn Sink,
    row: Row,
}

impl Sink for Window<'_> {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        let Some(range) = self.range else { return self.sink.row(row) };
        if row.number < range.rows.0 {
            return Ok(Flow::Go);
        }
        if row.number > range.rows.1 {
            return Ok(Flow::Stop);
        }
        self.row.clear(row.number);
        for (column, cell) in row.cells().enumerate().take_while(|(column, _)| *column <= range.columns.1) {
            if column < range.columns.0 {
                self.row.push(Kind::Empty, "");
            } else {
                self.row.push(cell.kind, cell.text);
            }
        }
        self.sink.row(&self.row)
    }
}

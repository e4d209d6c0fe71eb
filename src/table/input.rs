//! The parts of a source that are read.

use std::collections::BTreeSet;

use super::book::Workbook;
use super::decision::Decision;
use super::exposition::Exposition;
use super::form::Dialect;
use super::format::Format;
use super::merged::MergedRows;
use super::options::{Options, PEEK};
use super::range::Range;
use super::row::{Flow, Row, RowFile, Sink};
use super::source::Source;
use super::through::{Hidden, Through, Unseen, Window};
use super::{Asked, dialect, json, text};
use crate::error::{Error, Result};

pub(super) enum Input {
    Workbook(Box<Workbook>),
    Text(Dialect),
    Json,
    Samples(Exposition),
}

impl Input {
    /// Opens a source, and says how its bytes are read; or the question how.
    pub(super) fn open(source: &Source, options: &Options) -> Result<Asked<(Self, Vec<Decision>)>> {
        let refused = |option: &str, what: &str| {
            let error = Error::usage(format!("{option} is for {what}, but this is {}", source.format.as_str()));
            Err(error.at(source.place()).hint(format!("leave out {option}")))
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
        if options.visible_only && !source.format.is_workbook() {
            return refused("--visible-only", "workbooks");
        }
        Ok(match source.format {
            Format::Text => dialect::find(source, options)?.map(|(dialect, decisions)| (Input::Text(dialect), decisions)),
            Format::Json | Format::Yaml => Ok((Input::Json, Vec::new())),
            Format::Samples => Ok(Exposition::open(source).map(|(samples, decisions)| (Input::Samples(samples), decisions))?),
            _ => Ok((Input::Workbook(Box::new(Workbook::open(source)?)), Vec::new())),
        })
    }

    pub(super) fn through(&mut self, options: &Options, sheet: Option<&str>, range: Option<Range>) -> Result<Through> {
        let hidden = if options.visible_only || options.hints.visible_only { self.hidden(sheet)? } else { Hidden::default() };
        Ok(Through::new(options, range, hidden))
    }

    pub(super) fn hidden(&mut self, sheet: Option<&str>) -> Result<Hidden> {
        match (self, sheet) {
            (Input::Workbook(book), Some(sheet)) => book.hidden(sheet),
            _ => Ok(Hidden::default()),
        }
    }

    pub(super) fn read(&mut self, source: &Source, sheet: Option<&str>, through: &Through, sink: &mut dyn Sink) -> Result<()> {
        let mut window = Window { through, sink, row: Row::default() };
        let sink: &mut dyn Sink = if through.is_all() { window.sink } else { &mut window };
        match self {
            Input::Workbook(book) => book.read(sheet.unwrap_or_default(), sink),
            Input::Text(dialect) => text::read(source, *dialect, sink),
            Input::Json => json::read(source, sink),
            Input::Samples(samples) => samples.read(source, sink),
        }
    }

    /// What is to be told of the rows below a header, when those columns are read.
    pub(super) fn watch(&mut self, sheet: Option<&str>, header_row: u64, read: BTreeSet<usize>) -> Result<Watch> {
        let regions = match (&mut *self, sheet) {
            (Input::Workbook(book), Some(sheet)) => book.merged(sheet)?,
            _ => Vec::new(),
        };
        let (hidden, unseen) = (self.hidden(sheet)?, Unseen::default());
        Ok(Watch { header_row, hidden, unseen, repeated: MergedRows::new(&regions, read) })
    }

    /// All rows of a sheet, in a temporary file.
    pub(super) fn kept(
        &mut self,
        source: &Source,
        sheet: Option<&str>,
        through: &Through,
        watch: &mut Watch,
    ) -> Result<RowFile> {
        let mut spool = RowFile::new()?;
        self.read(source, sheet, through, &mut |row: &Row| {
            watch.row(row);
            spool.add(row).map(|()| Flow::Go)
        })?;
        spool.end()?;
        Ok(spool)
    }

    /// The first rows of a sheet, and of those below a given header. Where they are large there are fewer. Exit 65 when the
    /// rows above a given header are larger than what is looked at.
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
            Input::Text(_) | Input::Json | Input::Samples(_) => None,
        }
    }
}

/// What the rows of a workbook have that their cells do not show: that the sheet hides them, and what is merged into them.
pub(super) struct Watch {
    header_row: u64,
    hidden: Hidden,
    unseen: Unseen,
    repeated: MergedRows,
}

impl Watch {
    pub(super) fn row(&mut self, row: &Row) {
        if row.number <= self.header_row {
            return;
        }
        if self.hidden.has_row(row.number) && !row.is_blank() {
            self.unseen.add(row.number);
        }
        self.repeated.add(row);
    }

    /// What to say of them, by the headers.
    pub(super) fn decisions(&self, headers: &[String], options: &Options) -> Vec<Decision> {
        self.unseen.decision(options).into_iter().chain(self.repeated.decisions(headers)).collect()
    }
}

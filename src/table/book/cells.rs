//! The cells of a sheet as a reader of a format finds them, and what becomes of them: rows, or a look at the whole sheet.

use std::collections::BTreeMap;

use super::super::columns::letters;
use super::super::form::{LONGEST_CELL, LONGEST_ROW, WIDEST_ROW};
use super::super::limits::SHEETS;
use super::super::merged::{Merged, Region};
use super::super::row::{Flow, Kind, Row, Sink};
use super::super::through::Hidden;
use super::number_format::Format;
use super::texts::Texts;
use super::xml::damaged;
use crate::error::{Error, Place, Result};

/// What a cell holds, as the file has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(f64),
    /// A number as it is written, and as the sheet shows it.
    Written(&'a str, &'a str),
    Percent(&'a str),
    Text(&'a str),
    /// A text of the workbook's table.
    Shared(u64),
    Bool(bool),
    /// A date or a duration in ISO 8601.
    Date(&'a str),
    Error(&'a str),
    /// The cell has a formula, and no result of it.
    Uncalculated,
    /// The cell is there, and there is nothing in it.
    Nothing,
}

/// A cell, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) style: usize,
    /// Whether a formula made its value.
    pub(super) is_formula: bool,
    pub(super) value: Value<'a>,
}

/// Who takes what a reader finds.
pub(super) trait Take {
    /// A cell that is not empty.
    fn cell(&mut self, found: &Found<'_>) -> Result<Flow>;
    /// Hidden rows, from the first to the last.
    fn hidden_rows(&mut self, _first: u32, _last: u32) {}
    /// Hidden columns, from the first to the last.
    fn hidden_columns(&mut self, _first: u32, _last: u32) {}
    /// Merged cells, from one corner to the other.
    fn merged(&mut self, _start: (u32, u32), _end: (u32, u32)) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    pub name: String,
    pub visible: bool,
}

/// What a workbook says of itself. These properties are decoration: a workbook without them is as good.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) author: Option<String>,
    pub(super) title: Option<String>,
}

/// What opening a workbook of a format comes to.
pub(super) type Opened<B> = (B, Vec<SheetInfo>, Properties, Contents);

/// Refuses a workbook with so many sheets. Exit 65 when they are more than one may have.
pub(super) fn too_many_sheets(count: usize) -> Result<()> {
    if count <= SHEETS {
        return Ok(());
    }
    Err(Error::data(format!("the workbook has more than {SHEETS} sheets")).hint("remove the sheets that are not a catalog"))
}

/// What is known of a workbook as a whole.
pub(super) struct Contents {
    pub(super) texts: Texts,
    pub(super) formats: Vec<Format>,
    /// Whether days are counted from 1904.
    pub(super) is_1904: bool,
    /// Whether nothing ever calculated it: who made it says that results are to be made when it is opened.
    pub(super) is_uncalculated: bool,
}

/// The most merged regions of a sheet.
const MERGED: usize = 200_000;

/// What only the whole of a sheet tells.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    pub(super) merged: Vec<Region>,
    pub(super) hidden: Hidden,
    /// Whether each row stands below the one before.
    pub(super) in_order: bool,
    /// How many rows there are to the last one with a cell.
    pub(super) height: u64,
}

impl Default for Survey {
    fn default() -> Self {
        Survey { merged: Vec::new(), hidden: Hidden::default(), in_order: true, height: 0 }
    }
}

impl Take for Survey {
    fn cell(&mut self, found: &Found<'_>) -> Result<Flow> {
        let height = u64::from(found.row) + 1;
        self.in_order &= height >= self.height;
        self.height = self.height.max(height);
        Ok(Flow::Go)
    }

    fn hidden_rows(&mut self, first: u32, last: u32) {
        extend(&mut self.hidden.rows, first, last);
    }

    fn hidden_columns(&mut self, first: u32, last: u32) {
        extend(&mut self.hidden.columns, first, last);
    }

    fn merged(&mut self, start: (u32, u32), end: (u32, u32)) -> Result<()> {
        self.merged.extend(Region::new(start, end));
        if self.merged.len() > MERGED {
            return Err(damaged(&format!("it has more than {MERGED} merged cells")));
        }
        Ok(())
    }
}

fn extend(ranges: &mut Vec<(u64, u64)>, first: u32, last: u32) {
    let (first, last) = (u64::from(first), u64::from(last));
    match ranges.last_mut() {
        Some((_, end)) if *end + 1 == first => *end = last.max(*end),
        _ => ranges.push((first, last)),
    }
}

impl Survey {
    /// Ranges ascend, as whoever looks into them expects.
    pub(super) fn sorted(mut self) -> Self {
        self.hidden.rows.sort_unstable();
        self.hidden.columns.sort_unstable();
        self
    }
}

/// Puts cells into rows.
pub(super) struct Gatherer<'s> {
    sink: &'s mut dyn Sink,
    contents: &'s mut Contents,
    place: &'s Place,
    row: Row,
    is_open: bool,
    /// Cells of the current row that came too late for their place.
    late: Vec<(usize, Kind, String)>,
    late_size: usize,
    text: String,
}

impl<'s> Gatherer<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, contents: &'s mut Contents, place: &'s Place) -> Self {
        Gatherer {
            sink,
            contents,
            place,
            row: Row::default(),
            is_open: false,
            late: Vec::new(),
            late_size: 0,
            text: String::new(),
        }
    }

    fn wrong(&self, message: String) -> Error {
        Error::data(message).at(Place { row: Some(self.row.number), ..self.place.clone() })
    }

    fn twice(&self, column: usize) -> Error {
        self.wrong(format!("the sheet has the cell {}{} twice, so it is damaged", letters(column), self.row.number))
            .hint("open it in a spreadsheet program and save it again")
    }

    /// Hands on the current row.
    pub(super) fn end(&mut self) -> Result<Flow> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(Flow::Go);
        }
        if !self.late.is_empty() {
            let mut cells: BTreeMap<usize, (Kind, &str)> = BTreeMap::new();
            let own = self.row.raw_cells().enumerate().filter(|(_, (kind, _))| *kind != Kind::Empty);
            for (column, cell) in own.chain(self.late.iter().map(|(column, kind, text)| (*column, (*kind, text.as_str())))) {
                if cells.insert(column, cell).is_some() {
                    return Err(self.twice(column));
                }
            }
            let mut row = Row::default();
            row.clear(self.row.number);
            row.computed = self.row.computed;
            for (column, (kind, text)) in cells {
                row.pad(column);
                row.push(kind, text);
            }
            (self.row, self.late, self.late_size) = (row, Vec::new(), 0);
        }
        self.sink.row(&self.row)
    }
}

impl Take for Gatherer<'_> {
    fn cell(&mut self, found: &Found<'_>) -> Result<Flow> {
        let number = u64::from(found.row) + 1;
        if !self.is_open || self.row.number != number {
            if self.end()? == Flow::Stop {
                return Ok(Flow::Stop);
            }
            self.row.clear(number);
            (self.is_open, self.row.computed) = (true, true);
        }
        let column = found.column as usize;
        if column >= WIDEST_ROW {
            return Err(self.wrong(format!("a row has more than {WIDEST_ROW} cells")));
        }
        let mut scratch = std::mem::take(&mut self.text);
        scratch.clear();
        let contents = &mut *self.contents;
        let is_never = contents.is_uncalculated && found.is_formula;
        let (kind, text) = match found.value {
            Value::Number(0.0) if is_never => (Kind::Uncached, ""),
            Value::Number(number) => {
                let plain = Format::default();
                let format = contents.formats.get(found.style).unwrap_or(&plain);
                let kind = format.cell(number, contents.is_1904, &mut scratch);
                if kind == Kind::Number
                    && let Some(shown) = format.shown(number).filter(|shown| *shown != scratch)
                {
                    scratch.push(Row::SHOWN);
                    scratch.push_str(&shown);
                }
                (kind, scratch.as_str())
            }
            Value::Written(number, shown) => {
                scratch.push_str(number);
                if shown != number && !shown.is_empty() {
                    scratch.push(Row::SHOWN);
                    scratch.push_str(shown);
                }
                (Kind::Number, scratch.as_str())
            }
            Value::Percent(number) => (Kind::Percent, number),
            Value::Text(text) => (Kind::Text, text),
            Value::Shared(number) => {
                scratch.push_str(contents.texts.get(number)?);
                (if scratch.is_empty() { Kind::Empty } else { Kind::Text }, scratch.as_str())
            }
            Value::Bool(value) => (Kind::Bool, if value { "true" } else { "false" }),
            Value::Date(text) => (Kind::Date, text),
            Value::Error(text) => (Kind::Error, text),
            Value::Uncalculated => (Kind::Uncached, ""),
            Value::Nothing => (Kind::Empty, ""),
        };
        self.row.computed &= found.is_formula || kind == Kind::Empty;
        if text.len() > LONGEST_CELL {
            return Err(self.wrong("a cell has more than 1 MB of text".to_owned()));
        }
        if self.row.size() + self.late_size + text.len() > LONGEST_ROW {
            return Err(self.wrong("a row has more than 8 MB of text".to_owned()));
        }
        if column < self.row.len() {
            if kind == Kind::Empty {
                return Ok(Flow::Go);
            }
            self.late_size += text.len();
            self.late.push((column, kind, text.to_owned()));
            if self.late.len() > WIDEST_ROW {
                return Err(self.twice(column));
            }
        } else {
            self.row.pad(column);
            self.row.push(kind, text);
        }
        self.text = scratch;
        Ok(Flow::Go)
    }
}

/// Fills merged cells on the way.
pub(super) struct Filled<'s> {
    pub(super) merged: Merged,
    pub(super) sink: &'s mut dyn Sink,
}

impl Sink for Filled<'_> {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        self.sink.row(self.merged.row(row)?)
    }
}

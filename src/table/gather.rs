//! Cells that arrive one by one, as rows.

use super::form::{LONGEST_CELL, LONGEST_ROW, WIDEST_ROW};
use super::merged::{Merged, Region};
use super::row::{Flow, Kind, Row, Sink};
use crate::error::{Error, Place, Result};

/// Puts cells that arrive in order into rows.
pub(super) struct Gatherer<'s> {
    sink: &'s mut dyn Sink,
    row: Row,
    open: bool,
    merged: Merged,
    place: &'s Place,
}

impl<'s> Gatherer<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink, place: &'s Place) -> Self {
        Gatherer { sink, row: Row::default(), open: false, merged: Merged::default(), place }
    }

    /// The same where cells are merged.
    pub(super) fn merging(sink: &'s mut dyn Sink, merged: Vec<Region>, place: &'s Place) -> Self {
        Gatherer { merged: Merged::new(merged), ..Gatherer::new(sink, place) }
    }

    pub(super) fn cell(&mut self, row: u32, column: u32, kind: Kind, text: &str) -> Result<Flow> {
        let number = u64::from(row) + 1;
        if !self.open || self.row.number != number {
            if self.open {
                if number < self.row.number {
                    return Err(self.disorder(number));
                }
                if self.sink.row(self.merged.row(&self.row)?)? == Flow::Stop {
                    self.open = false;
                    return Ok(Flow::Stop);
                }
            }
            self.row.clear(number);
            self.open = true;
        }
        let column = column as usize;
        if column < self.row.len() {
            return Err(self.disorder(number));
        }
        if column >= WIDEST_ROW {
            return Err(Error::data(format!("a row has more than {WIDEST_ROW} cells"))
                .at(Place { row: Some(number), ..self.place.clone() }));
        }
        if text.len() > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text").at(Place { row: Some(number), ..self.place.clone() }));
        }
        if self.row.size() + text.len() > LONGEST_ROW {
            return Err(Error::data("a row has more than 8 MB of text").at(Place { row: Some(number), ..self.place.clone() }));
        }
        self.row.pad(column);
        self.row.push(kind, text);
        Ok(Flow::Go)
    }

    fn disorder(&self, row: u64) -> Error {
        Error::data("the sheet's cells are not in order, so it is damaged or not made by a spreadsheet program")
            .at(Place { row: Some(row), ..self.place.clone() })
            .hint("open it in a spreadsheet program and save it anew")
    }

    pub(super) fn end(mut self) -> Result<()> {
        if self.open {
            self.sink.row(self.merged.row(&self.row)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_as_much_text_as_it_may_have_and_no_byte_more() {
        let mut sink = |_: &Row| -> Result<Flow> { Ok(Flow::Go) };
        let place = Place::default();
        let mut rows = Gatherer::new(&mut sink, &place);
        let cell = "x".repeat(LONGEST_CELL);
        let full = u32::try_from(LONGEST_ROW / LONGEST_CELL).unwrap();
        for column in 0..full {
            assert_eq!(rows.cell(0, column, Kind::Text, &cell).unwrap(), Flow::Go, "{column}");
        }
        assert!(rows.cell(0, full, Kind::Text, "x").unwrap_err().message().contains("more than 8 MB"));
    }
}

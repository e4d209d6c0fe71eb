//! Cells that are merged over several rows: what the first one says counts for each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::letters;
use super::decision::Decision;
use super::row::{Kind, Row};
use super::through::holds;
use crate::domain::text::counted;
use crate::error::{Error, Result};

/// The last column that is looked at, counted from 0, and the longest text: what is merged is a code, a unit or a name.
const LAST_COLUMN: u32 = 99;
const LONGEST: usize = 500;

/// The most text that is filled in, in bytes.
const MOST: usize = 64 << 20;

/// A merged region of one column: its first and last row and its column, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    first: u32,
    column: u32,
    last: u32,
}

impl Region {
    /// The first column of a region from one corner to the other, if it has several rows.
    pub fn new(start: (u32, u32), end: (u32, u32)) -> Option<Self> {
        let region = Region { first: start.0, column: start.1, last: end.0 };
        (end.0 > start.0 && start.1 <= LAST_COLUMN).then_some(region)
    }
}

/// The regions of a sheet while its rows come by.
#[derive(Debug, Default)]
pub struct Merged {
    /// Those that are still to come, the last one first.
    ahead: Vec<Region>,
    /// Those that the current row may lie in, by column: their last row, and what they hold.
    open: BTreeMap<usize, (u32, Kind, String)>,
    filled: usize,
    whole: Row,
}

impl Merged {
    /// Before the first row of a sheet with these regions.
    pub fn new(mut regions: Vec<Region>) -> Self {
        regions.sort_unstable();
        regions.reverse();
        Merged { ahead: regions, ..Merged::default() }
    }

    /// The row with what is merged into it. A row without cells of its own stays empty. Exit 65 if the regions make more
    /// text than a sheet has.
    pub fn row<'r>(&'r mut self, row: &'r Row) -> Result<&'r Row> {
        if self.ahead.is_empty() && self.open.is_empty() {
            return Ok(row);
        }
        let number = u32::try_from(row.number.saturating_sub(1)).unwrap_or(u32::MAX);
        self.open.retain(|_, (last, ..)| *last >= number);
        let mut has_more = false;
        if !row.is_blank() {
            self.whole.clear(row.number);
            let width = self.open.last_key_value().map_or(0, |(column, _)| column + 1).max(row.len());
            for column in 0..width {
                let (own, own_text) = row.raw(column);
                match self.open.get(&column).filter(|_| own == Kind::Empty) {
                    Some((_, kind, text)) => {
                        has_more = true;
                        self.filled += text.len();
                        self.whole.push(*kind, text);
                    }
                    None => self.whole.push(own, own_text),
                }
            }
        }
        if self.filled > MOST {
            return Err(Error::data(format!("the sheet's merged cells have more than {} MB of text", MOST >> 20))
                .hint("unmerge them, and write each value where it belongs"));
        }
        while let Some(region) = self.ahead.pop_if(|region| region.first <= number) {
            let column = region.column as usize;
            let (kind, text) = row.raw(column);
            if region.first == number && kind != Kind::Empty && text.len() <= LONGEST {
                self.open.insert(column, (region.last, kind, text.to_owned()));
            }
        }
        Ok(if has_more { &self.whole } else { row })
    }
}

/// What merged cells say for the rows below their first one, for each column that is read: of how many rows, and the first.
pub(super) struct MergedRows {
    columns: Vec<(usize, Rows, u64, u64)>,
}

/// From which row to which, both included.
type Rows = Vec<(u64, u64)>;

impl MergedRows {
    pub(super) fn new(regions: &[Region], read: BTreeSet<usize>) -> Self {
        let below = |column: usize| {
            let own = regions.iter().filter(|region| region.column as usize == column);
            let mut rows: Rows = own.map(|region| (u64::from(region.first) + 1, u64::from(region.last))).collect();
            rows.sort_unstable();
            (column, rows, 0, 0)
        };
        MergedRows { columns: read.into_iter().map(below).filter(|(_, rows, ..)| !rows.is_empty()).collect() }
    }

    /// Looks at a row below the header, with what is merged into it.
    pub(super) fn add(&mut self, row: &Row) {
        for (column, rows, count, first) in &mut self.columns {
            if holds(rows, row.number.saturating_sub(1)) && !row.cell(*column).is_blank() {
                *first = if *count == 0 { row.number } else { *first };
                *count += 1;
            }
        }
    }

    /// What to say of them, by the headers.
    pub(super) fn decisions(&self, headers: &[String]) -> impl Iterator<Item = Decision> {
        self.columns.iter().filter(|(_, _, count, _)| *count > 0).map(|(column, _, count, first)| {
            let header = headers.get(*column).map_or("", String::as_str);
            let why = format!(
                "column {} ({header}): a merged cell counts for each of its rows, from row {first} on",
                letters(*column)
            );
            Decision::told("merged_cells", counted(*count, "row"), why).option("--map FIELD=")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64, cells: &[&str]) -> Row {
        let mut row = Row::default();
        row.clear(number);
        for cell in cells {
            row.push(if cell.is_empty() { Kind::Empty } else { Kind::Text }, cell);
        }
        row
    }

    #[test]
    fn each_row_of_a_region_has_what_its_first_one_says() {
        let regions = [((1, 0), (3, 0)), ((2, 2), (3, 3)), ((0, 0), (0, 3)), ((1, 1), (9, 1))];
        let mut merged = Merged::new(regions.into_iter().filter_map(|(start, end)| Region::new(start, end)).collect());
        let mut read = |number, cells: &[&str]| -> Vec<String> {
            merged.row(&row(number, cells)).unwrap().cells().map(|cell| cell.text.to_owned()).collect()
        };
        assert_eq!(read(1, &["title"]), ["title"]);
        assert_eq!(read(2, &["PR", "", "a"]), ["PR", "", "a"]);
        assert_eq!(read(3, &["", "", "b"]), ["PR", "", "b"]);
        // Nothing of its own: the region only reaches over it.
        assert_eq!(read(4, &["", "", ""]), ["", "", ""]);
        assert_eq!(read(5, &["", "", "c"]), ["", "", "c"]);
    }

    #[test]
    fn a_region_whose_first_row_is_not_written_says_nothing() {
        let mut merged = Merged::new(Region::new((1, 0), (3, 0)).into_iter().collect());
        let mut read = |number, cells: &[&str]| -> Vec<String> {
            merged.row(&row(number, cells)).unwrap().cells().map(|cell| cell.text.to_owned()).collect()
        };
        assert_eq!(read(1, &["title"]), ["title"]);
        // The sheet leaves its second row out, as programs do with what is empty.
        assert_eq!(read(3, &["own", "b"]), ["own", "b"]);
        assert_eq!(read(4, &["", "c"]), ["", "c"]);
    }

    #[test]
    fn regions_cannot_make_a_small_sheet_a_large_one() {
        let regions = (0..=LAST_COLUMN).filter_map(|column| Region::new((0, column), (1_000_000, column))).collect();
        let mut merged = Merged::new(regions);
        let text = "x".repeat(LONGEST);
        let first: Vec<&str> = (0..=LAST_COLUMN).map(|_| text.as_str()).collect();
        merged.row(&row(1, &first)).unwrap();
        let mut last = vec![""; 100];
        last.push("a");
        let refused = (2..5_000).find_map(|number| merged.row(&row(number, &last)).err());
        assert!(refused.is_some_and(|error| error.message().contains("merged cells")));
    }
}

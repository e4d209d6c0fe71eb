//! What the user decides about a file instead of the evidence.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use encoding_rs::Encoding;

use super::date::DateFormat;
use super::dating::Series;
use super::range::Range;
use crate::domain::direction::Rules;
use crate::domain::metric::Priority;
use crate::domain::number::Mark;

/// How many rows are looked at to find the header and to check columns by their values.
pub(super) const PEEK: usize = 200;

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
    pub sheet: Option<String>,
    /// What a column map says of another file of the same kind.
    pub hints: Hints,
    /// The part of the sheet that has the table.
    pub range: Option<Range>,
    /// The table of the workbook, by its name.
    pub table: Option<String>,
    pub header_row: Option<u64>,
    /// Whether hidden rows and columns are left out.
    pub visible_only: bool,
    pub encoding: Option<&'static Encoding>,
    /// What stands between the cells of text.
    pub delimiter: Option<u8>,
    /// What stands around the cells of text; inside, nothing does.
    pub quote: Option<Option<u8>>,
    /// How dates are written in text.
    pub date_format: Option<DateFormat>,
    /// The columns of a table without a header, by their fields; other names are columns that are not read.
    pub columns_are: Option<Vec<String>>,
    /// Columns by the name of the field; an empty column means none.
    pub given: Vec<(String, String)>,
    /// Columns without a header that are not read, by their letters.
    pub unread: Vec<String>,
    pub percent: Percent,
    /// The decimal mark of all columns.
    pub mark: Option<Mark>,
    /// What values of a field stand for, by the value in the form of [`normalised`](crate::domain::item::normalised).
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// What an empty cell of a field means.
    pub defaults: BTreeMap<String, String>,
    /// The directions of metrics, where no column has them.
    pub directions: Rules,
    /// When the current values were measured, in RFC 3339.
    pub current_at: Option<String>,
    /// Whether what looks like a time series is a catalog all the same.
    pub as_catalog: bool,
    /// What the levels of the priority column stand for, from the first one.
    pub priorities: Option<Vec<Priority>>,
    /// Whether names that are too long are cut, and kept as descriptions.
    pub long_names: bool,
    /// Rows that are metrics whatever they look like, as ranges.
    pub keep: Vec<(u64, u64)>,
    /// Whether withdrawn codes stand for their successors.
    pub accept_successors: bool,
    /// What columns of periods are.
    pub series: Option<Series>,
    /// Whether a column map says so: then it counts where there are such columns.
    pub map_series: bool,
    /// Whether readings may be in the future.
    pub allow_future: bool,
    /// The server's time, by which that is judged, UTC.
    pub now: Option<NaiveDateTime>,
}

/// What a column map says of how its file was written. It decides only where the evidence allows it, for one map serves text
/// and workbooks.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub sheet: Option<String>,
    pub header_row: Option<u64>,
    pub encoding: Option<&'static Encoding>,
    /// What stands between the cells of text.
    pub delimiter: Option<u8>,
    /// What stands around the cells of text.
    pub quote: Option<Option<u8>>,
    /// Whether hidden rows and columns are left out.
    pub visible_only: bool,
}

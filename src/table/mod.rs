//! The one door in: from the bytes of a file to its format and encoding, to sheets, rows and cells with their written form, and
//! to a table whose columns are understood. Knows no database.

mod book;
mod choose;
pub mod columns;
pub mod date;
pub mod dating;
pub mod decision;
mod dialect;
pub mod dress;
mod exposition;
mod form;
pub mod format;
mod input;
mod json;
mod keys;
pub mod layout;
mod levels;
pub mod limits;
mod lines;
mod list;
pub mod map_file;
mod merged;
mod named;
mod options;
pub mod outline;
mod parser;
mod pass;
mod periods;
mod prepare;
pub mod problem;
mod question;
mod range;
pub mod row;
pub mod rows;
mod sample;
mod series;
mod sheet_name;
pub mod source;
pub mod text;
mod through;
mod title;
pub mod unique;
pub mod words;

use std::collections::{BTreeMap, HashMap};

pub(crate) use self::book::{part_of, percent as percent_cell};
pub use self::choose::tables;
pub use self::lines::LONGEST_LINE;
pub use self::options::{Hints, Options, Percent};
pub(crate) use self::pass::{is_commented, unit_is_percent};
pub use self::prepare::prepare;
pub use self::range::Range;
use crate::domain::direction::Rules;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::error::Error;
use columns::Columns;
use decision::Decision;
use problem::Counts;
use row::{Row, RowFile};

/// A table that is understood, with its rows ready to be turned into items.
pub struct Table {
    pub sheet: Option<String>,
    pub header_row: u64,
    /// Which column is which field.
    pub columns: Columns,
    /// Of text, the fewest and the most cells that a record may have.
    pub widths: (usize, usize),
    pub spool: RowFile,
    /// Rows above the header, and the rows below that are not metrics.
    pub counts: Counts,
    /// The decimal mark of each number column.
    pub marks: BTreeMap<Field, Mark>,
    /// Whether plain numbers are times 100 where the unit is percent.
    pub scale: bool,
    /// Whether the user said that plain percentages are as written.
    pub as_is: bool,
    /// The fields in which many percentages are between 0 and 1, and may be fractions.
    pub fractional: Vec<Field>,
    /// Whether there are plain numbers where the unit is percent.
    pub has_plain_percents: bool,
    /// Rows whose natural key another row has: the row and the first one.
    pub duplicates: HashMap<u64, u64>,
    pub decisions: Vec<Decision>,
    /// Rows that are metrics whatever they look like, as ranges.
    pub keep: Vec<(u64, u64)>,
    /// Whether names that are too long are cut, and kept as descriptions.
    pub long_names: bool,
    /// Of text, whether a row that begins with `#` is unlike most.
    pub has_comments: bool,
    /// The encoding and delimiter of text.
    pub dialect: Option<form::Dialect>,
    pub author: Option<String>,
    /// What the workbook calls itself, and where.
    pub title: Option<(String, String)>,
    /// The record of the header in text files, counted from 1.
    pub header_record: u64,
    /// As in [`Options`].
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// As in [`Options`].
    pub defaults: BTreeMap<Field, String>,
    /// As in [`Options`].
    pub directions: Rules,
    /// As in [`Options`].
    pub current_at: Option<String>,
    /// The rows above the header.
    pub above: Vec<Row>,
    /// What was said of its columns of periods.
    pub series: Option<dating::Series>,
    /// Code columns that name a code only where it changes.
    pub fill: Vec<Field>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Which column a field is read from.
    Column(Field),
    Sheet,
    HeaderRow,
    /// Which field stands in a column without a header.
    Nameless(usize),
    /// The encoding of text.
    Encoding,
    Decimal,
    /// What plain numbers under % are.
    Percent,
    /// What the levels of a scale stand for.
    Priorities,
    /// What columns of periods do not say themselves.
    Series,
    /// What becomes of values of a period that ends in the future.
    Ahead,
}

/// A question that only the user can answer.
#[derive(Debug)]
pub struct Unclear {
    pub about: About,
    /// What it could be: the answer to give, what stands there, and some values.
    pub choices: Vec<(String, String, Vec<String>)>,
    /// What to say if nobody can be asked.
    pub error: Error,
}

/// What something came to, or a question first.
pub type Asked<T> = std::result::Result<T, Box<Unclear>>;

/// What reading a source came to.
pub enum Prepared {
    /// A table that is understood.
    Table(Box<Table>),
    /// A question first.
    Unclear(Box<Unclear>),
}

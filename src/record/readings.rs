//! The readings of a file, one at a time, as text: so memory stays the same at any size.

use crate::domain::number::{self, Mark};
use crate::error::{Error, Result};
use crate::table::row::{Kind, Row};
use crate::table::rows::{Known, List, Listed, Rows, Step};

/// How the lines of a spool file start that are about the file and hold no reading.
pub const SPOOL_FRAME: &str = "{\"cmf_spool\"";

const METRIC: &[&str] = &[
    "metric",
    "metric number",
    "metric no",
    "metric id",
    "metric code",
    "number",
    "kpi",
    "kpi id",
    "control metric",
    "id",
    "metric name",
    "name",
];
const VALUE: &[&str] = &["value", "reading", "current value", "measured value", "measurement", "result", "actual", "current"];
const AT: &[&str] = &[
    "at",
    "recorded at",
    "timestamp",
    "datetime",
    "date time",
    "date",
    "time",
    "when",
    "measured at",
    "measurement date",
    "reading date",
    "as of",
];
const NOTE: &[&str] = &["note", "notes", "comment", "comments", "remark", "remarks"];
const BY: &[&str] = &["by", "recorded by", "user", "username", "measured by", "reporter"];

const fn known(name: &'static str, words: &'static [&'static str], required: bool) -> Known {
    Known { name, words, required }
}

/// The fields of a file with one reading a row.
pub const LONG: List = List {
    fields: &[
        known("metric", METRIC, true),
        known("value", VALUE, true),
        known("at", AT, false),
        known("note", NOTE, false),
        known("by", BY, false),
    ],
    lacking,
    lines: true,
    frame: Some(SPOOL_FRAME),
    one_line: true,
};

/// The fields of a file with several readings a row.
pub const WIDE: List = List {
    fields: &[known("metric", METRIC, false), known("at", AT, false), known("note", NOTE, false), known("by", BY, false)],
    frame: None,
    ..LONG
};

fn lacking(fields: &[&str], headers: &[String]) -> Error {
    Error::data(format!("no column for the {}", fields.first().copied().unwrap_or_default()))
        .detail(format!("the header has: {}", headers.join(", ")))
        .hint("the header names the columns: metric,value,at,note,by (at, note and by may be left out), or --map says which they are")
}

/// One reading as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'a> {
    /// The row or line it is on, counted from 1; on a command line its position.
    pub line: u64,
    /// A number, name or id.
    pub metric: &'a str,
    /// The value as written.
    pub value: &'a str,
    /// The instant as written.
    pub at: Option<&'a str>,
    /// A remark.
    pub note: Option<&'a str>,
    /// The name of who measured it.
    pub by: Option<&'a str>,
}

/// The next thing in a file.
#[derive(Debug)]
pub enum Next<'a> {
    /// A reading.
    Reading(Given<'a>),
    /// A row that holds none, and why.
    Refused {
        /// The column, by its header.
        column: Option<String>,
        /// Why, as the end of a sentence that starts with what is refused.
        reason: String,
    },
    /// The file is over.
    End,
}

/// A row as it came, to be written out where it is refused.
#[derive(Debug, Clone)]
pub enum Kept {
    /// Cells, with what they are.
    Cells(Row),
    /// A line of JSON.
    Line(String),
}

impl Kept {
    /// How much text it has, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Kept::Cells(row) => row.memory(),
            Kept::Line(line) => line.len(),
        }
    }
}

/// How the refused rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text in columns with this between the cells.
    Delimited(u8),
    /// JSON lines.
    Lines,
    /// A workbook.
    Workbook,
}

/// Where the readings of a row are.
#[derive(Debug)]
enum Layout {
    /// One reading a row.
    Long { metric: usize, value: usize },
    /// A metric a row and an instant a column.
    Instants { metric: usize, columns: Vec<usize> },
    /// An instant a row and a metric a column.
    Metrics { columns: Vec<usize> },
}

/// A file of readings.
pub struct ReadingRows {
    rows: Rows,
    header: Vec<String>,
    layout: Layout,
    at: Option<usize>,
    note: Option<usize>,
    by: Option<usize>,
    /// The next column of the row at hand, in a wide sheet.
    turn: Option<usize>,
    /// The decimal mark of text, where the user says it, and the value at hand written with a point.
    mark: Option<Mark>,
    value: String,
}

impl ReadingRows {
    pub(super) fn new(table: &Listed, wide: bool, mark: Option<Mark>) -> Result<Self> {
        let header = table.headers.clone();
        let (metric, at, note, by) = (table.column("metric"), table.column("at"), table.column("note"), table.column("by"));
        let layout = match (metric, table.column("value")) {
            (Some(metric), Some(value)) if !wide => Layout::Long { metric, value },
            _ => {
                let metric = if at.is_some() { None } else { Some(metric.ok_or_else(|| lacking(&["metric"], &header))?) };
                let taken = [at, note, by, metric];
                let columns: Vec<usize> =
                    (0..header.len()).filter(|column| !header[*column].is_empty() && !taken.contains(&Some(*column))).collect();
                if columns.is_empty() {
                    return Err(Error::data("the sheet is not wide: no column is left for values").hint("leave --wide out"));
                }
                match metric {
                    Some(metric) => Layout::Instants { metric, columns },
                    None => Layout::Metrics { columns },
                }
            }
        };
        Ok(ReadingRows { rows: table.rows()?, header, layout, at, note, by, turn: None, mark, value: String::new() })
    }

    /// The row or line of what [`ReadingRows::read`] gave, counted from 1.
    pub fn line(&self) -> u64 {
        self.rows.row().number
    }

    /// How far the file has been read, in bytes, where that is known.
    pub fn position(&self) -> Option<u64> {
        self.rows.position()
    }

    /// The row at hand. Of a wide row that is at hand for one of its values, only that value: the others are readings of their
    /// own.
    pub fn row(&self) -> Kept {
        if let Some(line) = self.rows.raw() {
            return Kept::Line(line);
        }
        let mut row = self.rows.row().clone();
        if let (Some(only), Layout::Instants { columns, .. } | Layout::Metrics { columns }) =
            (self.wide_position(), &self.layout)
        {
            let whole = row.clone();
            row.clear(whole.number);
            for (column, cell) in whole.cells().enumerate() {
                let is_other = column != only && columns.contains(&column);
                row.push(if is_other { Kind::Empty } else { cell.kind }, if is_other { "" } else { cell.text });
            }
        }
        row.pad(self.header.len());
        Kept::Cells(row)
    }

    /// The column that the value at hand is in, by its header, in a wide sheet.
    pub fn wide_column(&self) -> Option<&str> {
        self.wide_position().map(|column| self.header[column].as_str())
    }

    fn wide_position(&self) -> Option<usize> {
        match &self.layout {
            Layout::Instants { columns, .. } | Layout::Metrics { columns } => columns.get(self.turn?.checked_sub(1)?).copied(),
            Layout::Long { .. } => None,
        }
    }

    /// The next reading.
    ///
    /// # Errors
    /// Exit 65 when the file cannot be read on.
    pub fn read(&mut self) -> Result<Next<'_>> {
        let turn = loop {
            if let Some(turn) = self.turn.take() {
                // The next filled cell of a wide row; an empty one is no reading.
                let columns = match &self.layout {
                    Layout::Long { .. } => &[],
                    Layout::Instants { columns, .. } | Layout::Metrics { columns } => columns.as_slice(),
                };
                let filled = (turn..columns.len()).find(|&turn| !self.rows.text(columns[turn]).is_empty());
                if let Some(filled) = filled {
                    self.turn = Some(filled + 1);
                    break Some(columns[filled]);
                }
            }
            match self.rows.step()? {
                Step::Row => {}
                Step::Broken(reason) => return Ok(Next::Refused { column: None, reason: reason.into() }),
                Step::End => return Ok(Next::End),
            }
            let count = self.rows.row().len();
            if count > self.header.len() {
                let reason = format!(
                    "the line has {count} cells where the header has {}: put a value with a comma in quotes",
                    self.header.len()
                );
                return Ok(Next::Refused { column: None, reason });
            }
            match self.layout {
                Layout::Long { .. } => break None,
                Layout::Instants { .. } | Layout::Metrics { .. } => self.turn = Some(0),
            }
        };
        let place = match &self.layout {
            Layout::Long { value, .. } => *value,
            Layout::Instants { .. } | Layout::Metrics { .. } => turn.unwrap_or_default(),
        };
        let is_marked = self.mark.is_some() && self.pointed(place);
        let rows = &self.rows;
        let optional = |column: Option<usize>| column.map(|column| rows.text(column)).filter(|cell| !cell.is_empty());
        let (metric, at) = match &self.layout {
            Layout::Long { metric, .. } => (rows.text(*metric), optional(self.at)),
            Layout::Instants { metric, .. } => (rows.text(*metric), Some(self.header[place].as_str())),
            Layout::Metrics { .. } => (self.header[place].as_str(), optional(self.at)),
        };
        if metric.is_empty() {
            return Ok(Next::Refused { column: Some("metric".to_owned()), reason: "the metric is empty".into() });
        }
        if at.is_none() && matches!(self.layout, Layout::Metrics { .. }) {
            return Ok(Next::Refused { column: Some("at".to_owned()), reason: "the time is empty".into() });
        }
        let value = if is_marked { self.value.as_str() } else { rows.text(place) };
        Ok(Next::Reading(Given {
            line: rows.row().number,
            metric,
            value,
            at,
            note: optional(self.note),
            by: optional(self.by),
        }))
    }

    /// Writes the value in this column with a decimal point, where it is a text with the mark that the user says.
    fn pointed(&mut self, column: usize) -> bool {
        let (Some(mark), Kind::Text) = (self.mark, self.rows.kind(column)) else { return false };
        let Ok(found) = number::parse(self.rows.text(column), mark) else { return false };
        let is_plain = found.upper.is_none() && found.operator.is_none() && found.unit.is_none() && !found.yes_no;
        if is_plain {
            self.value = format!("{}{}", found.exact, if found.percent { "%" } else { "" });
        }
        is_plain
    }
}

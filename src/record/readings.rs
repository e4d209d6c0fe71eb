//! The readings of a file, one at a time, as text: so memory stays the same at any size.

use std::sync::{Arc, OnceLock};

use super::plan::{self, Decided, Layout, Plan};
use crate::domain::dates;
use crate::domain::named::named;
use crate::domain::number::{self, Mark};
use crate::domain::reading::Counted;
use crate::error::{Error, Result};
use crate::table::row::{Kind, Row};
use crate::table::rows::{Listed, Rows, Step};
use crate::table::words;

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
    pub note: Option<&'a str>,
    /// The name of who measured it.
    pub by: Option<&'a str>,
    /// The unit that stands beside the value.
    pub unit: Option<&'a str>,
    /// Whether it is from a file.
    pub file: bool,
}

/// The next thing in a file.
#[derive(Debug)]
pub enum Next<'a> {
    Reading(Given<'a>),
    /// A row that holds none, and why.
    Refused {
        column: Option<String>,
        /// Why, as the end of a sentence that starts with what is refused.
        reason: String,
    },
    /// A row that is no reading, and is left out.
    Left(Left),
    End,
}

/// A row that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Why, as the end of "2 rows ...".
    pub why: Why,
    pub shown: String,
}

named! {
    /// Why a row is left out.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Why {
        /// It has no value, or says that there is none.
        NoValue = "without a value",
        /// It sums the others up.
        Total = "of totals",
        /// It has the headers once more.
        Header = "that repeat the header",
        /// It is a sample without the label that names the metric.
        NoLabel = "without the label of the metric",
    }
    ALL
    /// The end of "2 rows ...".
    as_str
}

/// A row as it came, to be written out where it is refused.
#[derive(Debug, Clone)]
pub enum Kept {
    Cells(Row),
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
    Lines,
    Workbook,
}

pub struct ReadingRows {
    rows: Rows,
    shared: Arc<Shared>,
    /// The next column of the current row, in a wide sheet.
    turn: Option<usize>,
    /// The current value and time, where they are written otherwise than in the file.
    value: String,
    at: String,
}

/// What all readers of a file share.
pub(super) struct Shared {
    pub(super) table: Listed,
    pub(super) plan: Plan,
    /// What all rows together say.
    pub(super) decided: OnceLock<Decided>,
}

impl ReadingRows {
    pub(super) fn new(shared: &Arc<Shared>) -> Result<Self> {
        Ok(ReadingRows {
            rows: shared.table.rows()?,
            shared: Arc::clone(shared),
            turn: None,
            value: String::new(),
            at: String::new(),
        })
    }

    /// The row or line of what [`ReadingRows::read`] gave, counted from 1.
    pub fn line(&self) -> u64 {
        self.rows.row().number
    }

    /// How far the file has been read, in bytes, where that is known.
    pub fn position(&self) -> Option<u64> {
        self.rows.position()
    }

    /// The current row. Of a wide row that is current for one of its values, only that value: the others are readings of their
    /// own.
    pub fn row(&self) -> Kept {
        if let Some(line) = self.rows.raw() {
            return Kept::Line(line);
        }
        let mut row = self.rows.row().clone();
        let columns = self.shared.plan.layout.columns();
        if let Some(only) = self.wide_position() {
            let whole = row.clone();
            row.clear(whole.number);
            for (column, cell) in whole.cells().enumerate() {
                let is_other = column != only && columns.contains(&column);
                row.push(if is_other { Kind::Empty } else { cell.kind }, if is_other { "" } else { cell.text });
            }
        }
        row.pad(self.shared.table.headers.len());
        Kept::Cells(row)
    }

    /// The column that the current value is in, by its header, in a wide sheet.
    pub fn wide_column(&self) -> Option<&str> {
        self.wide_position().map(|column| self.shared.table.headers[column].as_str())
    }

    fn wide_position(&self) -> Option<usize> {
        self.shared.plan.layout.columns().get(self.turn?.checked_sub(1)?).copied()
    }

    /// The next reading. Exit 65 when the file cannot be read on, or its dates or numbers can be read in two ways.
    pub fn read(&mut self) -> Result<Next<'_>> {
        let shared = Arc::clone(&self.shared);
        let (plan, header) = (&shared.plan, &shared.table.headers);
        let turn = loop {
            if let Some(turn) = self.turn.take() {
                // The next filled cell of a wide row; an empty one is no reading.
                let columns = plan.layout.columns();
                let filled = (turn..columns.len()).find(|&turn| !self.rows.text(columns[turn]).is_empty());
                if let Some(filled) = filled {
                    self.turn = Some(filled + 1);
                    break Some(columns[filled]);
                }
            }
            match self.rows.step()? {
                Step::Row => {}
                Step::Broken(reason) => return Ok(Next::Refused { column: None, reason: reason.into_owned() }),
                Step::End => return Ok(Next::End),
            }
            let count = self.rows.row().len();
            if count > header.len() {
                let known = header.len();
                let reason = if shared.table.has_header() {
                    format!("the line has {count} cells, but the header has {known}: put quotes around a value with a comma")
                } else {
                    format!("the line has {count} cells, but --columns-are names {known}: name all columns")
                };
                return Ok(Next::Refused { column: None, reason });
            }
            if self.repeats_header() {
                return Ok(Next::Left(Left { why: Why::Header, shown: String::new() }));
            }
            match plan.layout {
                Layout::Long { .. } => break None,
                Layout::Instants { .. } | Layout::Metrics { .. } => self.turn = Some(0),
            }
        };
        let place = match &plan.layout {
            Layout::Long { value, .. } => *value,
            Layout::Instants { .. } | Layout::Metrics { .. } => turn.unwrap_or_default(),
        };
        let key = match &plan.layout {
            Layout::Long { metric: Some(metric), .. } | Layout::Instants { metric, .. } => self.rows.text(*metric),
            Layout::Long { metric: None, .. } => plan.one.as_deref().unwrap_or_default(),
            Layout::Metrics { .. } => header[place].as_str(),
        };
        let given = self.rows.text(place);
        let is_nothing = |text: &str| !text.starts_with(|c: char| c.is_ascii_digit()) && number::is_nothing(text);
        let counts = plan.counted.map(|(part, whole)| (part, self.rows.text(part), self.rows.text(whole)));
        let counts = counts.filter(|(_, part, whole)| !is_nothing(part) || !is_nothing(whole));
        for (column, text) in counts.iter().flat_map(|(_, part, whole)| [("numerator", part), ("denominator", whole)]) {
            if let Err(reason) = Counted::count(text) {
                let reason = if text.is_empty() { format!("the {column} is empty") } else { format!("`{text}` {reason}") };
                return Ok(Next::Refused { column: Some(column.to_owned()), reason });
            }
        }
        let counted = counts.map(|(part, numerator, denominator)| (part, format!("{numerator}/{denominator}")));
        if let Some((part, counted)) = &counted
            && *part != place
            && !is_nothing(given)
            && let Some(Ok(counts)) = Counted::parse(counted)
            && !counts.is_percentage(given)
        {
            let reason = format!("the value `{given}` is not {counts}, which is {} %", counts.percentage());
            return Ok(Next::Refused { column: Some("value".to_owned()), reason });
        }
        if counted.is_none() && is_nothing(given) {
            let label = if key.is_empty() { self.first() } else { key };
            let shown = [label, given].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(": ");
            return Ok(Next::Left(Left { why: Why::NoValue, shown }));
        }
        let own = plan.also.map(|column| self.rows.text(column)).filter(|own| !own.is_empty() && !words::names_total(own));
        if let (Some(own), Some(one)) = (own, &plan.one)
            && !own.eq_ignore_ascii_case(one.trim())
        {
            let reason =
                format!("the row is of `{own}`, but `{one}` is named before the file (--map metric= ignores the column)");
            return Ok(Next::Refused { column: Some("metric".to_owned()), reason });
        }
        let time = match &plan.layout {
            Layout::Instants { .. } => Some(plan.instants[place].as_str()),
            Layout::Long { .. } | Layout::Metrics { .. } => plan.at.map(|column| self.rows.text(column)),
        };
        let is_down = matches!(plan.layout, Layout::Metrics { .. });
        if key.is_empty() || is_down && time.is_some_and(words::names_total) {
            let total =
                self.rows.row().cells().find(|cell| words::names_total(cell.text)).map(|cell| cell.text.trim().to_owned());
            return Ok(match total {
                None if shared.table.is_samples() => Next::Left(Left { why: Why::NoLabel, shown: self.first().to_owned() }),
                Some(shown) => Next::Left(Left { why: Why::Total, shown }),
                None => Next::Refused { column: Some("metric".to_owned()), reason: "the metric is empty".into() },
            });
        }
        let is_dated = match time {
            Some("") | None if is_down => {
                return Ok(Next::Refused { column: Some("at".to_owned()), reason: "the time is empty".into() });
            }
            // A line of JSON may lack it; a column that is there tells the time of every row.
            Some("") if words::names_total(key) => {
                return Ok(Next::Left(Left { why: Why::Total, shown: key.to_owned() }));
            }
            Some("") if !shared.table.is_lines() => {
                let reason = "the time is empty (--map at= ignores the column and uses the server's clock)";
                return Ok(Next::Refused { column: Some("at".to_owned()), reason: reason.into() });
            }
            Some("") | None => None,
            Some(text) if dates::is_iso(text) && !plan.pinned => Some(false),
            Some(text) => match shared.iso(text)? {
                Ok(text) => {
                    self.at = text;
                    Some(true)
                }
                Err(reason) => return Ok(Next::Refused { column: Some("at".to_owned()), reason }),
            },
        };
        let written = match counted {
            Some((_, counted)) => Some(counted),
            None if self.rows.kind(place) == Kind::Text && !is_plain(given) => shared.pointed(given)?,
            None => None,
        };
        let is_marked = written.is_some();
        if let Some(value) = written {
            self.value = value;
        }
        let rows = &self.rows;
        let optional = |column: Option<usize>| column.map(|column| rows.text(column)).filter(|cell| !cell.is_empty());
        let metric = match &plan.layout {
            Layout::Long { metric: Some(metric), .. } | Layout::Instants { metric, .. } => rows.text(*metric),
            Layout::Long { metric: None, .. } => self.shared.plan.one.as_deref().unwrap_or_default(),
            Layout::Metrics { .. } => self.shared.table.headers[place].as_str(),
        };
        let at = match (is_dated, &self.shared.plan.layout) {
            (None, _) => None,
            (Some(true), _) => Some(self.at.as_str()),
            (Some(false), Layout::Instants { .. }) => Some(self.shared.plan.instants[place].as_str()),
            (Some(false), _) => optional(plan.at),
        };
        Ok(Next::Reading(Given {
            line: rows.row().number,
            metric,
            value: if is_marked { self.value.as_str() } else { rows.text(place) },
            at,
            note: optional(plan.note),
            by: optional(plan.by),
            unit: optional(plan.unit),
            file: true,
        }))
    }

    /// The first text of the current row.
    fn first(&self) -> &str {
        let filled = self.rows.row().cells().position(|cell| !cell.is_blank());
        filled.map(|column| self.rows.text(column)).unwrap_or_default()
    }

    /// Whether the current row has the headers once more.
    fn repeats_header(&self) -> bool {
        let headers = &self.shared.table.headers;
        // Most rows differ in their first cell.
        let first =
            self.rows.row().cells().next().is_some_and(|cell| headers.first().is_some_and(|header| header == cell.text.trim()));
        first && !self.shared.table.is_lines() && {
            let mut filled = self.rows.row().cells().enumerate().filter(|(_, cell)| !cell.is_blank()).peekable();
            headers.len() > 1 && filled.all(|(column, cell)| headers[column] == cell.text.trim())
        }
    }
}

/// Whether a text is a number that is read in one way whatever the decimal mark is, or none at all.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.split_once('.') {
        None => digits.bytes().all(|byte| byte.is_ascii_digit()),
        Some((whole, decimals)) => {
            let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            is_digits(whole) && is_digits(decimals) && (decimals.len() != 3 || whole.len() > 3 || whole.starts_with('0'))
        }
    }
}

impl Shared {
    /// What all rows together say, found out when the first cell needs it.
    fn decided(&self) -> Result<&Decided> {
        if let Some(decided) = self.decided.get() {
            return Ok(decided);
        }
        let found = self.plan.decide(&self.table)?;
        Ok(self.decided.get_or_init(|| found))
    }

    /// A time in ISO 8601, or why it is none.
    fn iso(&self, text: &str) -> Result<std::result::Result<String, String>> {
        let plan = &self.plan;
        let refused = |why: String| Ok(Err(format!("the time `{text}` {why}")));
        let read = plan.form.as_ref().and_then(|form| form.read(text));
        let read = match read {
            Some(read) => read,
            None if dates::is_iso(text) => text.to_owned(),
            None if !dates::is_date(text) => {
                return refused(dates::iso(text, None, "").err().unwrap_or_else(|| "is not a date".into()));
            }
            None => {
                let order = match &self.decided()?.order {
                    Ok(order) => *order,
                    Err(why) => return Err(plan::unclear(&self.table, plan.at_header(&self.table), why)),
                };
                match dates::iso(text, order, plan.at_header(&self.table)) {
                    Ok(read) => read.into_owned(),
                    Err(why) => return refused(why),
                }
            }
        };
        Ok(Ok(if plan.pinned { pinned(read) } else { read }))
    }

    /// A value written with a decimal point, where it is a number with another mark, grouped digits or a unit.
    fn pointed(&self, text: &str) -> Result<Option<String>> {
        let mark = match self.plan.mark {
            Some(mark) => mark,
            None if !text.contains(['.', ',']) => Mark::Point,
            None => match &self.decided()?.mark {
                Ok(mark) => *mark,
                Err(why) => {
                    return Err(Error::data(format!("the numbers can be read in two ways: {why}"))
                        .at(self.table.source().place())
                        .hint("choose one with --decimal point or --decimal comma"));
                }
            },
        };
        let Ok(found) = number::parse(text, mark) else { return Ok(None) };
        if found.upper.is_some() || found.operator.is_some() || found.yes_no || text.contains('/') {
            return Ok(None);
        }
        let sign = if found.percent { "%" } else { "" };
        Ok(Some(match found.unit {
            Some(unit) => format!("{} {unit}", found.exact),
            None => format!("{}{sign}", found.exact),
        }))
    }
}

/// An instant whose header says that it is UTC.
fn pinned(text: String) -> String {
    let Some(time) = text.get(11..) else { return format!("{text}T00:00:00Z") };
    let has_zone = time.contains(['Z', 'z', '+', '-']) || time.to_ascii_lowercase().contains("utc");
    if has_zone { text } else { format!("{text}Z") }
}

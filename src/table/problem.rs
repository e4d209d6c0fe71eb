//! What is wrong with a cell or a row, and what became of each row.

use serde_json::{Map, Value, json};

use super::columns::letters;
use super::decision::Decision;
use super::row::Row;
use crate::domain::named::named;
use crate::error::{Error, Place, Result};

/// The most problems that are kept of one file. Whoever has more has a column that is taken for what it is not, and no list
/// of all of them helps.
pub const MOST: usize = 50_000;

/// The most characters of a cell that a problem repeats.
const REPEATED: usize = 500;

/// A text as a problem repeats it: a long one is cut off.
pub fn repeated(text: &str) -> String {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One thing that keeps a row out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub sheet: Option<String>,
    /// The row of the sheet, or the line that the record starts on.
    pub row: u64,
    /// The record, counted from 1 with the header, in text files.
    pub record: Option<u64>,
    /// The column, counted from 0.
    pub column: Option<usize>,
    /// The column's header.
    pub header: Option<String>,
    /// What the cell holds.
    pub value: String,
    /// A short name of the kind, for programs.
    pub code: &'static str,
    /// What is wrong, as a sentence.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// The cell, as a spreadsheet names it (`D17`).
    pub fn cell(&self) -> Option<String> {
        self.column.map(|column| format!("{}{}", letters(column), self.row))
    }

    /// Where it is, in words.
    pub fn place(&self) -> String {
        let place = match (&self.sheet, self.cell()) {
            (Some(_), Some(cell)) => cell,
            (Some(_), None) => format!("row {}", self.row),
            (None, _) => format!("line {}", self.row),
        };
        match &self.header {
            Some(header) if !header.is_empty() => format!("{place} ({header})"),
            _ => place,
        }
    }

    /// All of it, for programs.
    pub fn to_json(&self, file: &str) -> Value {
        let mut fields = Map::new();
        fields.insert("file".into(), json!(file));
        fields.insert("sheet".into(), json!(self.sheet));
        fields.insert("cell".into(), json!(self.cell()));
        fields.insert("row".into(), json!(self.row));
        fields.insert("record".into(), json!(self.record));
        fields.insert("header".into(), json!(self.header));
        fields.insert("value".into(), json!(self.value));
        fields.insert("code".into(), json!(self.code));
        fields.insert("reason".into(), json!(self.reason));
        fields.insert("remedy".into(), json!(self.remedy));
        Value::Object(fields)
    }
}

/// The problems of a file, no more than [`MOST`].
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    file: Place,
}

impl Problems {
    /// None yet, of this file.
    pub fn new(file: Place) -> Self {
        Problems { list: Vec::new(), file }
    }

    /// Adds those of a row. Exit 65, with the first of them, when they become too many.
    pub fn add(&mut self, found: Vec<Problem>) -> Result<()> {
        self.list.extend(found);
        if self.list.len() <= MOST {
            return Ok(());
        }
        let mut error = Error::data(format!("more than {MOST} cells have problems")).at(self.file.clone());
        for problem in self.list.iter().take(10) {
            error = error.detail(format!("{}: {}; {}", problem.place(), problem.reason, problem.remedy));
        }
        Err(error.hint("check the fields of the columns, and correct them with --map FIELD=COLUMN or --framework"))
    }

    /// All of them, in the order of the sheet.
    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }
}

named! {
    /// Why a row is not a metric.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Skip {
        /// A title above the table, or a heading between its rows.
        Heading = "heading",
        /// Nothing in it.
        Blank = "blank",
        /// A sum or a mean of other rows.
        Total = "total",
        /// Text below the table.
        Footer = "footer",
        /// A row that shows how to fill in the sheet.
        Example = "example",
        /// The header once more.
        RepeatedHeader = "repeated_header",
        /// What belongs into the columns.
        Description = "description",
        /// A row of another table below.
        OtherTable = "other_table",
    }
    ALL
    /// The name in output.
    as_str
}

/// A row that was left out although it holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The sheet, where several are read.
    pub sheet: Option<String>,
    /// The row of the sheet, or the line that the record starts on.
    pub row: u64,
    /// What its cells hold, in part.
    pub text: String,
    pub reason: Skip,
}

impl LeftOut {
    pub fn new(row: &Row, reason: Skip) -> Self {
        let cells: Vec<String> =
            row.cells().filter(|cell| !cell.is_blank()).map(|cell| cell.shown().trim().to_owned()).collect();
        let text: String = cells.join(" | ").chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect();
        LeftOut { sheet: None, row: row.number, text, reason }
    }
}

/// What became of the rows: read is always the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows but the header.
    pub read: u64,
    /// Rows that are metrics.
    pub items: u64,
    /// Rows with problems.
    pub rejected: u64,
    /// Rows that are no metrics, by reason in the order of [`Skip::ALL`].
    pub skipped: [u64; Skip::ALL.len()],
}

impl Counts {
    pub fn skip(&mut self, reason: Skip) {
        self.read += 1;
        self.skipped[reason as usize] += 1;
    }

    /// Adds those of another sheet.
    pub fn add(&mut self, other: &Counts) {
        self.read += other.read;
        self.items += other.items;
        self.rejected += other.rejected;
        self.skipped.iter_mut().zip(other.skipped).for_each(|(count, other)| *count += other);
    }

    pub fn all_skipped(&self) -> u64 {
        self.skipped.iter().sum()
    }

    /// The reasons that occurred, with their counts.
    pub fn reasons(&self) -> impl Iterator<Item = (Skip, u64)> + '_ {
        Skip::ALL.into_iter().map(|reason| (reason, self.skipped[reason as usize])).filter(|(_, count)| *count > 0)
    }

    /// Which rows were left out, by kind; blank ones need no word.
    pub fn decision(&self) -> Option<Decision> {
        let kinds = self.reasons().filter(|(reason, _)| *reason != Skip::Blank);
        let kinds: Vec<String> = kinds.map(|(reason, count)| format!("{count} {}", reason.as_str())).collect();
        let why = "their words, cells or place show that they are not metrics";
        (!kinds.is_empty()).then(|| Decision::told("rows_left_out", kinds.join(", "), why).option("--keep-rows"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(row: u64) -> Problem {
        Problem {
            sheet: None,
            row,
            record: None,
            column: Some(3),
            header: Some("target".to_owned()),
            value: "x".to_owned(),
            code: "not_a_number",
            reason: "`x` is not a number".to_owned(),
            remedy: "write one".to_owned(),
        }
    }

    #[test]
    fn no_more_problems_are_kept_than_help_anybody() {
        let mut problems = Problems::new(Place { file: Some("a.csv".to_owned()), ..Place::default() });
        for row in 1..=MOST as u64 {
            problems.add(vec![problem(row)]).unwrap();
        }
        let error = problems.add(vec![problem(99_999)]).unwrap_err().to_text();
        assert!(
            error.contains("more than 50000 cells") && error.contains("a.csv") && error.contains("line 1 (target)"),
            "{error}"
        );
        assert!(error.len() < 2_000, "{error}");
        assert_eq!(problems.into_vec().len(), MOST + 1);
    }

    #[test]
    fn a_long_cell_is_repeated_in_part() {
        assert_eq!(repeated("ä"), "ä");
        assert_eq!(repeated(&"ä".repeat(REPEATED)).chars().count(), REPEATED);
        assert_eq!(repeated(&"ä".repeat(1_000_000)).chars().count(), REPEATED + 1);
    }
}

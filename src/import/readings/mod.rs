//! Files of readings: finds the columns by their headers and hands out one reading at a time, as text, so that memory stays
//! the same at any size.

mod columns;
mod records;
pub mod sheet;

use std::io::{BufRead, BufReader, Read};

use crate::error::{Error, Place, Result};
use columns::{AT, BY, Columns, HEADER, METRIC, NOTE, VALUE, folded};
use records::{FIELDS, Form, Record, Records};

/// How the lines of a spool file start that are about the file and hold no reading.
pub const SPOOL_FRAME: &str = "{\"cmf_spool\"";

/// How many bytes a record may have. A quoted cell may go over several lines; past this size its closing quote is missing.
pub const RECORD_LIMIT: usize = 1024 * 1024;

/// One reading as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'a> {
    /// The line it is on, counted from 1; on a command line its position.
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
    /// A line that holds none, and why.
    Refused {
        /// The column, by its header.
        column: Option<String>,
        /// Why, as the end of a sentence that starts with what is refused.
        reason: String,
    },
    /// The file is over.
    End,
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
pub struct Source {
    file: String,
    records: Records,
    header: Vec<String>,
    layout: Layout,
    at: Option<usize>,
    note: Option<usize>,
    by: Option<usize>,
    /// The next column of the row at hand, in a wide sheet.
    turn: Option<usize>,
}

/// The delimiter that divides the header line into the most cells.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| line.split(|&byte| byte == delimiter).count();
    [b',', b'\t', b';', b'|'].into_iter().rev().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

impl Source {
    /// Opens a file by its content: JSON lines when it starts with a brace, else delimited text (comma, tab, semicolon or bar,
    /// whichever the header line has most of). A `wide` sheet has an instant or a metric a column.
    ///
    /// # Errors
    /// Exit 65 when there is no header with a column for the metric and one for the value.
    pub fn open(file: &str, input: impl Read + 'static, wide: bool) -> Result<Self> {
        let mut input = BufReader::with_capacity(64 * 1024, Box::new(input) as Box<dyn Read>);
        let start = input.fill_buf().map_err(|error| unreadable(file, None, &error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(Error::data("the file is UTF-16").at(at_file(file)).hint("save it as UTF-8, or as .xlsx"));
        }
        if start.starts_with("\u{feff}".as_bytes()) {
            input.consume(3);
        }
        let start = input.fill_buf().map_err(|error| unreadable(file, None, &error))?;
        if start.trim_ascii_start().starts_with(b"{") {
            if wide {
                return Err(Error::usage("JSON lines hold one reading each and are never wide").hint("leave --wide out"));
            }
            return Ok(Source {
                file: file.to_owned(),
                records: Records::new(input, Form::Json),
                header: FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect(),
                layout: Layout::Long { metric: 0, value: 1 },
                at: Some(2),
                note: Some(3),
                by: Some(4),
                turn: None,
            });
        }
        if start.trim_ascii_start().starts_with(b"[") {
            return Err(Error::data("the file is one JSON document")
                .at(at_file(file))
                .hint("write one object a line: {\"metric\":\"PR-001\",\"value\":97.5,\"at\":\"2026-01-31T06:00:00Z\"}"));
        }
        let form = Form::Delimited(delimiter(start));
        let mut records = Records::new(input, form);
        match records.read().map_err(|error| unreadable(file, None, &error))? {
            Record::Cells => {}
            Record::Broken(reason) => return Err(Error::data(reason).at(at_file(file)).hint(HEADER)),
            Record::End => return Err(Error::data("the file is empty").at(at_file(file)).hint(HEADER)),
        }
        let header: Vec<String> = (0..records.len()).map(|column| records.cell(column).to_owned()).collect();
        let columns = Columns { file, header: &header, folded: header.iter().map(|cell| folded(cell)).collect() };
        let (at, note, by) = (columns.find(AT)?, columns.find(NOTE)?, columns.find(BY)?);
        let layout = if wide {
            columns.wide(at, &[at, note, by])?
        } else {
            let metric = columns.find(METRIC)?.ok_or_else(|| columns.missing("metric"))?;
            let value = columns.find(VALUE)?.ok_or_else(|| columns.missing("value"))?;
            Layout::Long { metric, value }
        };
        Ok(Source { file: file.to_owned(), records, layout, at, note, by, turn: None, header })
    }

    /// The line of what [`Source::read`] gave, counted from 1.
    pub fn line(&self) -> u64 {
        self.records.line
    }

    /// How far the file has been read, in bytes.
    pub fn position(&self) -> u64 {
        self.records.bytes
    }

    /// The line at hand as it is in the file, without its end. Of a wide row that is at hand for one of its values, only that
    /// value: the others are readings of their own.
    pub fn row(&self) -> String {
        let Some(only) = self.wide_position() else {
            let mut row = String::from_utf8_lossy(&self.records.raw).trim_end_matches(['\n', '\r']).to_owned();
            if let Form::Delimited(delimiter) = self.records.form {
                // A line that is short has its missing cells added, so that a reason after it stands in its own column.
                let missing = self.header.len().saturating_sub(self.records.len());
                row.extend(std::iter::repeat_n(char::from(delimiter), missing));
            }
            return row;
        };
        let (Layout::Instants { columns, .. } | Layout::Metrics { columns }) = &self.layout else { return String::new() };
        let cells = (0..self.records.len()).map(|column| {
            let is_other = column != only && columns.contains(&column);
            quoted(if is_other { "" } else { self.records.cell(column) }, self.delimiter())
        });
        cells.collect::<Vec<_>>().join(&char::from(self.delimiter()).to_string())
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

    fn delimiter(&self) -> u8 {
        match self.records.form {
            Form::Delimited(delimiter) => delimiter,
            Form::Json => b',',
        }
    }

    /// The first line of a file of refused lines, in this file's form.
    pub fn rejects_header(&self) -> Option<String> {
        let Form::Delimited(delimiter) = self.records.form else { return None };
        let mut cells: Vec<String> = self.header.iter().map(|cell| quoted(cell, delimiter)).collect();
        cells.push("reason".to_owned());
        Some(cells.join(&char::from(delimiter).to_string()))
    }

    /// A refused line (the one at hand, or `raw`) with the reason as one more column.
    pub fn reject(&self, raw: Option<&str>, reason: &str) -> String {
        let own = if raw.is_none() { self.row() } else { String::new() };
        let raw = raw.unwrap_or(&own);
        match self.records.form {
            Form::Delimited(delimiter) => {
                format!("{raw}{}{}", char::from(delimiter), quoted(reason, delimiter))
            }
            Form::Json => match serde_json::from_str(raw) {
                Ok(serde_json::Value::Object(mut fields)) => {
                    fields.insert("reason".to_owned(), reason.into());
                    serde_json::Value::Object(fields).to_string()
                }
                _ => serde_json::json!({ "line": raw, "reason": reason }).to_string(),
            },
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
                let filled = (turn..columns.len()).find(|&turn| !self.records.cell(columns[turn]).is_empty());
                if let Some(filled) = filled {
                    self.turn = Some(filled + 1);
                    break Some(columns[filled]);
                }
            }
            match self.records.read() {
                Ok(Record::Cells) => {}
                Ok(Record::Broken(reason)) => return Ok(Next::Refused { column: None, reason: reason.into() }),
                Ok(Record::End) => return Ok(Next::End),
                Err(error) => return Err(unreadable(&self.file, Some(self.records.line), &error)),
            }
            if self.records.len() > self.header.len() {
                let reason = format!(
                    "the line has {} cells where the header has {}: put a value with a comma in quotes",
                    self.records.len(),
                    self.header.len()
                );
                return Ok(Next::Refused { column: None, reason });
            }
            match self.layout {
                Layout::Long { .. } => break None,
                Layout::Instants { .. } | Layout::Metrics { .. } => self.turn = Some(0),
            }
        };
        let records = &self.records;
        let optional = |column: Option<usize>| column.map(|column| records.cell(column)).filter(|cell| !cell.is_empty());
        let (metric, value, at) = match (&self.layout, turn) {
            (Layout::Long { metric, value }, _) => (records.cell(*metric), records.cell(*value), optional(self.at)),
            (Layout::Instants { metric, .. }, Some(column)) => {
                (records.cell(*metric), records.cell(column), Some(self.header[column].as_str()))
            }
            (_, column) => {
                let column = column.unwrap_or_default();
                (self.header[column].as_str(), records.cell(column), optional(self.at))
            }
        };
        if metric.is_empty() {
            return Ok(Next::Refused { column: Some("metric".to_owned()), reason: "the metric is empty".into() });
        }
        if at.is_none() && matches!(self.layout, Layout::Metrics { .. }) {
            return Ok(Next::Refused { column: Some("at".to_owned()), reason: "the time is empty".into() });
        }
        Ok(Next::Reading(Given { line: records.line, metric, value, at, note: optional(self.note), by: optional(self.by) }))
    }
}

/// A cell of delimited text, in quotes where it needs them.
fn quoted(cell: &str, delimiter: u8) -> String {
    if cell.contains(['"', '\n', '\r', char::from(delimiter)]) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn at_file(file: &str) -> Place {
    Place { file: Some(file.to_owned()), ..Place::default() }
}

fn unreadable(file: &str, row: Option<u64>, error: &std::io::Error) -> Error {
    Error::data(format!("cannot read the file: {error}")).at(Place { file: Some(file.to_owned()), row, ..Place::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &'static str) -> Result<Source> {
        Source::open("a.csv", text.as_bytes(), false)
    }

    /// Metric, value and instant of each reading.
    fn all(text: &'static str, wide: bool) -> Vec<(u64, String)> {
        let mut source = Source::open("a.csv", text.as_bytes(), wide).expect(text);
        let mut found = Vec::new();
        loop {
            match source.read().expect(text) {
                Next::End => return found,
                Next::Refused { reason, .. } => found.push((source.line(), reason)),
                Next::Reading(given) => {
                    found.push((given.line, format!("{} {} {}", given.metric, given.value, given.at.unwrap_or("-"))));
                }
            }
        }
    }

    #[test]
    fn wide_sheets_have_an_instant_or_a_metric_a_column() {
        let instants = "metric,2026-01-01,2026-01-08,notes\nPR-001,5,,x\nPR-002,,6,\n";
        assert_eq!(all(instants, true), [(2, "PR-001 5 2026-01-01".into()), (3, "PR-002 6 2026-01-08".into())]);
        let metrics = "date,PR-001,PR-002\n2026-01-01,5,6\n,7,\n";
        assert_eq!(
            all(metrics, true),
            [(2, "PR-001 5 2026-01-01".into()), (2, "PR-002 6 2026-01-01".into()), (3, "the time is empty".into())]
        );
    }

    #[test]
    fn json_lines_are_read_by_the_same_names() {
        let text = "{\"Metric Number\":\"PR-001\",\"value\":97.5,\"date\":\"2026-01-01\",\"more\":[1]}\n\
                    {\"kpi\":\"PR-002\",\"value\":\"1,234.5\"}\n[]\n{\"metric\":\"PR-003\",\"value\":true}\n{\"metric\":{}}\n";
        assert_eq!(
            all(text, false),
            [
                (1, "PR-001 97.5 2026-01-01".into()),
                (2, "PR-002 1,234.5 -".into()),
                (3, "the line is not a JSON object".into()),
                (4, "PR-003 true -".into()),
                (5, "a field is neither text nor a number".into())
            ]
        );
    }

    #[test]
    fn refused_lines_keep_their_form() {
        let mut delimited = source("metric;value\nPR-001;x\nPR-002\nPR-003;5\n").expect("a source");
        assert_eq!(delimited.rejects_header().as_deref(), Some("metric;value;reason"));
        delimited.read().expect("a line");
        assert_eq!(delimited.reject(None, "a; b"), "PR-001;x;\"a; b\"");
        delimited.read().expect("a line");
        assert_eq!(delimited.reject(None, "c"), "PR-002;;c");
        // A line that was kept has the form of its own, whatever is read after it.
        let short = delimited.row();
        delimited.read().expect("a line");
        assert_eq!(delimited.reject(Some(&short), "c"), "PR-002;;c");
        let mut json = source("{\"metric\":\"PR-001\"}\n{x\n").expect("a source");
        json.read().expect("a line");
        assert_eq!(json.reject(None, "a"), "{\"metric\":\"PR-001\",\"reason\":\"a\"}");
        json.read().expect("a line");
        assert_eq!(json.reject(None, "a"), "{\"line\":\"{x\",\"reason\":\"a\"}");
    }

    #[test]
    fn columns_are_found_by_synonyms_and_delimiters_by_the_header() {
        for text in [
            "metric,value,at,note,by\nPR-001,5,2026-01-01,x,ada\n",
            "\u{feff}Metric Number;Current_Value;Date;Comment;Recorded-By\r\nPR-001;5;2026-01-01;x;ada\r\n",
            "by\tnotes\ttimestamp\tresult\tkpi\nada\tx\t2026-01-01\t5\tPR-001",
        ] {
            let mut source = source(text).expect(text);
            let Next::Reading(given) = source.read().expect(text) else { panic!("{text}") };
            let expected =
                Given { line: 2, metric: "PR-001", value: "5", at: Some("2026-01-01"), note: Some("x"), by: Some("ada") };
            assert_eq!(given, expected);
            assert_eq!(source.line(), 2);
            assert!(matches!(source.read().expect(text), Next::End));
        }
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_ends() {
        let text = "metric,value,note\n\"PR-001\",\"1,234.5\",\"a \"\"b\"\"\nc\"\n\nPR-002,5,6\" pipe\nPR-003,\"5,x\n";
        let mut source = source(text).expect("a source");
        let Next::Reading(given) = source.read().expect("the first") else { panic!("the first") };
        assert_eq!((given.line, given.value, given.note), (2, "1,234.5", Some("a \"b\"\nc")));
        let Next::Reading(given) = source.read().expect("the second") else { panic!("the second") };
        assert_eq!((given.line, given.metric, given.note), (5, "PR-002", Some("6\" pipe")));
        assert!(matches!(source.read().expect("the third"), Next::Refused { .. }));
        assert_eq!(source.line(), 6);
        assert!(matches!(source.read().expect("the end"), Next::End));
    }

    #[test]
    fn a_quote_that_never_closes_costs_no_more_than_its_size() {
        let text: &'static str =
            Box::leak(("metric,value,note\nPR-001,1,\"a\n".to_owned() + &"\"\"\n".repeat(400_000)).into_boxed_str());
        let started = std::time::Instant::now();
        let mut source = source(text).expect("a source");
        assert!(matches!(source.read().expect("a record"), Next::Refused { .. }));
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    }

    #[test]
    fn a_header_without_metric_or_value_is_refused() {
        for (text, message) in [
            ("", "the file is empty"),
            ("value,at\n", "no column for the metric"),
            ("metric,at\n", "no column for the value"),
            ("metric,value,Value\n", "two columns are called"),
        ] {
            let error = source(text).err().expect(text);
            assert!(error.message().contains(message), "{text}: {}", error.message());
        }
    }

    #[test]
    fn a_line_with_too_many_cells_is_refused_with_its_number() {
        let mut source = source("metric,value\n\nPR-001,1,234.5\n").expect("a source");
        assert!(matches!(source.read().expect("a line"), Next::Refused { .. }));
        assert_eq!(source.line(), 3);
    }
}

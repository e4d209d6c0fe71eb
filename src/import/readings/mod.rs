//! Files of readings: finds the columns by their headers and hands out one reading at a time, as text, so that memory stays
//! the same at any size.

pub mod sheet;

use std::io::{BufRead, BufReader, Read};

use crate::error::{Error, Place, Result};

/// What people call the columns, the usual word first. Compared in lower case, with every run of blanks, `_`, `-` as a blank.
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

fn folded(header: &str) -> String {
    let words: Vec<String> = header
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | '\u{feff}'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
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

    /// The line at hand as it is in the file, without its end.
    pub fn raw(&self) -> &str {
        std::str::from_utf8(&self.records.raw).unwrap_or_default().trim_end_matches(['\n', '\r'])
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
        let own = String::from_utf8_lossy(&self.records.raw);
        let raw = raw.unwrap_or_else(|| own.trim_end_matches(['\n', '\r']));
        match self.records.form {
            Form::Delimited(delimiter) => {
                let mut line = raw.to_owned();
                // A line that is short has its missing cells added, so that the reason stands in its own column.
                for _ in self.records.len()..self.header.len() {
                    line.push(char::from(delimiter));
                }
                line.push(char::from(delimiter));
                line + &quoted(reason, delimiter)
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

/// The fields of a line of JSON, in the order of the cells they become.
const FIELDS: [(&str, &[&str]); 5] = [("metric", METRIC), ("value", VALUE), ("at", AT), ("note", NOTE), ("by", BY)];

/// What [`Records::read`] found.
enum Record {
    Cells,
    Broken(&'static str),
    End,
}

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Delimited(u8),
    Json,
}

/// A file, record by record, with the line each starts on. A record is kept as it stands in the file, too.
struct Records {
    input: BufReader<Box<dyn Read>>,
    form: Form,
    /// The record as it is in the file, with its line end.
    raw: Vec<u8>,
    /// Its cells, one after the other, and where each of them ends.
    text: String,
    ends: Vec<usize>,
    line: u64,
    next_line: u64,
    bytes: u64,
}

/// How the lines of a spool file start that are about the file and hold no reading.
pub const SPOOL_FRAME: &str = "{\"cmf_spool\"";

/// A quoted cell may go over several lines; past this size its closing quote is missing.
const RECORD_LIMIT: usize = 1024 * 1024;

impl Records {
    fn new(input: BufReader<Box<dyn Read>>, form: Form) -> Self {
        Records { input, form, raw: Vec::new(), text: String::new(), ends: Vec::new(), line: 0, next_line: 1, bytes: 0 }
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without blanks around it; empty where the record is shorter.
    fn cell(&self, column: usize) -> &str {
        let start = if column == 0 { 0 } else { self.ends.get(column - 1).copied().unwrap_or(self.text.len()) };
        let end = self.ends.get(column).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// Reads the next record that is not blank.
    fn read(&mut self) -> std::io::Result<Record> {
        loop {
            self.raw.clear();
            self.line = self.next_line;
            if !self.read_line()? {
                return Ok(Record::End);
            }
            // The first and the last line of a spool file are about the file.
            let is_frame = self.form == Form::Json && self.raw.starts_with(SPOOL_FRAME.as_bytes());
            if !is_frame && !self.raw.trim_ascii().is_empty() {
                break;
            }
        }
        let delimiter = match self.form {
            Form::Json => return Ok(self.fields()),
            Form::Delimited(delimiter) => delimiter,
        };
        if !self.raw.contains(&b'"') {
            return Ok(self.split(delimiter));
        }
        // A quoted cell may hold line ends: read on until the quotes are closed. What was looked at is not looked at again.
        self.text.clear();
        self.ends.clear();
        let mut seen = 0;
        while !self.unquote(delimiter, seen) {
            seen = self.raw.len();
            if self.raw.len() > RECORD_LIMIT || !self.read_line()? {
                return Ok(Record::Broken("a quote is opened and never closed"));
            }
        }
        if std::str::from_utf8(&self.raw).is_err() {
            return Ok(Record::Broken("the line is not UTF-8"));
        }
        Ok(Record::Cells)
    }

    /// Appends a line to the record. Whether there was one.
    fn read_line(&mut self) -> std::io::Result<bool> {
        let limit = (RECORD_LIMIT + 1) as u64;
        let count = self.input.by_ref().take(limit).read_until(b'\n', &mut self.raw)?;
        self.bytes += count as u64;
        self.next_line += 1;
        Ok(count > 0)
    }

    /// Cells of a record without quotes.
    fn split(&mut self, delimiter: u8) -> Record {
        self.text.clear();
        self.ends.clear();
        let Ok(text) = std::str::from_utf8(&self.raw) else { return Record::Broken("the line is not UTF-8") };
        if self.raw.len() > RECORD_LIMIT {
            return Record::Broken("the line is longer than 1 MB");
        }
        for cell in text.trim_end_matches(['\n', '\r']).split(char::from(delimiter)) {
            self.text.push_str(cell);
            self.ends.push(self.text.len());
        }
        Record::Cells
    }

    /// Cells of a line of JSON.
    fn fields(&mut self) -> Record {
        self.text.clear();
        self.ends.clear();
        let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(&self.raw) else {
            return Record::Broken("the line is not a JSON object");
        };
        for (_, names) in FIELDS {
            // The usual name first, as with the columns of a sheet.
            let found = names.iter().find_map(|name| fields.iter().find(|(key, _)| folded(key) == *name));
            match found.map(|(_, value)| value) {
                None | Some(serde_json::Value::Null) => {}
                Some(serde_json::Value::String(text)) => self.text.push_str(text),
                Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
                    self.text.push_str(&value.to_string());
                }
                Some(_) => return Record::Broken("a field is neither text nor a number"),
            }
            self.ends.push(self.text.len());
        }
        Record::Cells
    }

    /// Cells of a record with quotes, from its line that starts at `seen`; `false` when the record ends inside of quotes. A
    /// quote inside a cell that does not start with one is a character like any other.
    fn unquote(&mut self, delimiter: u8, seen: usize) -> bool {
        let line = String::from_utf8_lossy(&self.raw[seen..]);
        let cells = line.trim_end_matches(['\n', '\r']);
        let mut rest = cells.chars().peekable();
        let delimiter = char::from(delimiter);
        let mut quoted = seen > 0;
        loop {
            let start = self.ends.last().copied().unwrap_or(0);
            loop {
                match rest.next() {
                    None if quoted => {
                        self.text.push_str(&line[cells.len()..]);
                        return false;
                    }
                    None => {
                        self.ends.push(self.text.len());
                        return true;
                    }
                    Some('"') if quoted && rest.next_if_eq(&'"').is_some() => self.text.push('"'),
                    Some('"') if quoted => quoted = false,
                    Some('"') if self.text[start..].trim().is_empty() => quoted = true,
                    Some(c) if c == delimiter && !quoted => break,
                    Some(c) => self.text.push(c),
                }
            }
            self.ends.push(self.text.len());
        }
    }
}

const HEADER: &str = "the first line names the columns: metric,value,at,note,by (at, note and by may be left out)";

/// Finds columns by their headers.
struct Columns<'a> {
    file: &'a str,
    header: &'a [String],
    folded: Vec<String>,
}

impl Columns<'_> {
    fn place(&self) -> Place {
        Place { file: Some(self.file.to_owned()), row: Some(1), ..Place::default() }
    }

    /// The column that has one of these names, the usual name first.
    fn find(&self, names: &[&str]) -> Result<Option<usize>> {
        for name in names {
            let mut found = self.folded.iter().enumerate().filter(|(_, header)| header == name).map(|(position, _)| position);
            if let Some(first) = found.next() {
                if found.next().is_some() {
                    let column = self.header[first].clone();
                    return Err(Error::data(format!("two columns are called `{column}`"))
                        .at(Place { column: Some(column), ..self.place() })
                        .hint("leave one of them"));
                }
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    fn missing(&self, what: &str) -> Error {
        Error::data(format!("no column for the {what}"))
            .at(self.place())
            .detail(format!("the header has: {}", self.header.join(", ")))
            .hint(HEADER)
    }

    /// The layout of a wide sheet: where there is a column of instants the other columns are metrics, else they are instants.
    fn wide(&self, at: Option<usize>, taken: &[Option<usize>]) -> Result<Layout> {
        let metric = if at.is_some() { None } else { Some(self.find(METRIC)?.ok_or_else(|| self.missing("metric"))?) };
        let named = |column: usize| !self.header[column].is_empty();
        let columns: Vec<usize> = (0..self.header.len())
            .filter(|&column| named(column) && !taken.contains(&Some(column)) && metric != Some(column))
            .collect();
        if columns.is_empty() {
            return Err(Error::data("the sheet is not wide: no column is left for values")
                .at(self.place())
                .hint("leave --wide out"));
        }
        Ok(match metric {
            Some(metric) => Layout::Instants { metric, columns },
            None => Layout::Metrics { columns },
        })
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
        let mut delimited = source("metric;value\nPR-001;x\nPR-002\n").expect("a source");
        assert_eq!(delimited.rejects_header().as_deref(), Some("metric;value;reason"));
        delimited.read().expect("a line");
        assert_eq!(delimited.reject(None, "a; b"), "PR-001;x;\"a; b\"");
        delimited.read().expect("a line");
        assert_eq!(delimited.reject(None, "c"), "PR-002;;c");
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

//! Files of readings: finds the columns by their headers and hands out one reading at a time, as text, so that memory stays
//! the same at any size.

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

#[derive(Debug)]
struct Columns {
    metric: usize,
    value: usize,
    at: Option<usize>,
    note: Option<usize>,
    by: Option<usize>,
}

/// A file of readings.
pub struct Source {
    file: String,
    records: Records,
    header: Vec<String>,
    columns: Columns,
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
    /// Opens delimited text (comma, tab, semicolon or bar, whichever the header line has most of).
    ///
    /// # Errors
    /// Exit 65 when there is no header with a column for the metric and one for the value.
    pub fn delimited(file: &str, input: Box<dyn Read>) -> Result<Self> {
        let mut input = BufReader::with_capacity(64 * 1024, input);
        let start = input.fill_buf().map_err(|error| unreadable(file, None, &error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(Error::data("the file is UTF-16").at(at_file(file)).hint("save it as UTF-8, or as .xlsx"));
        }
        if start.starts_with("\u{feff}".as_bytes()) {
            input.consume(3);
        }
        let delimiter = delimiter(input.fill_buf().map_err(|error| unreadable(file, None, &error))?);
        let mut records = Records::new(input, delimiter);
        match records.read().map_err(|error| unreadable(file, None, &error))? {
            Record::Cells => {}
            Record::Broken(reason) => return Err(Error::data(reason).at(at_file(file)).hint(HEADER)),
            Record::End => return Err(Error::data("the file is empty").at(at_file(file)).hint(HEADER)),
        }
        let header: Vec<String> = (0..records.len()).map(|column| records.cell(column).to_owned()).collect();
        let columns = columns(file, &header)?;
        Ok(Source { file: file.to_owned(), records, header, columns })
    }

    /// The file as the user named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line of what [`Source::read`] gave, counted from 1.
    pub fn line(&self) -> u64 {
        self.records.line
    }

    /// How far the file has been read, in bytes.
    pub fn position(&self) -> u64 {
        self.records.bytes
    }

    /// The next reading.
    ///
    /// # Errors
    /// Exit 65 when the file cannot be read on.
    pub fn read(&mut self) -> Result<Next<'_>> {
        match self.records.read() {
            Ok(Record::Cells) => {}
            Ok(Record::Broken(reason)) => return Ok(Next::Refused { column: None, reason: reason.into() }),
            Ok(Record::End) => return Ok(Next::End),
            Err(error) => return Err(unreadable(&self.file, Some(self.records.line), &error)),
        }
        let records = &self.records;
        if records.len() > self.header.len() {
            let reason = format!(
                "the line has {} cells where the header has {}: put a value with a comma in quotes",
                records.len(),
                self.header.len()
            );
            return Ok(Next::Refused { column: None, reason });
        }
        let optional = |column: Option<usize>| column.map(|column| records.cell(column)).filter(|cell| !cell.is_empty());
        let columns = &self.columns;
        let given = Given {
            line: records.line,
            metric: records.cell(columns.metric),
            value: records.cell(columns.value),
            at: optional(columns.at),
            note: optional(columns.note),
            by: optional(columns.by),
        };
        if given.metric.is_empty() {
            let column = Some(self.header[columns.metric].clone());
            return Ok(Next::Refused { column, reason: "the metric is empty".into() });
        }
        Ok(Next::Reading(given))
    }
}

/// What [`Records::read`] found.
enum Record {
    Cells,
    Broken(&'static str),
    End,
}

/// Delimited text, record by record, with the line each starts on. A record is kept as it stands in the file, too.
struct Records {
    input: BufReader<Box<dyn Read>>,
    delimiter: u8,
    /// The record as it is in the file, with its line end.
    raw: Vec<u8>,
    /// Its cells, one after the other, and where each of them ends.
    text: String,
    ends: Vec<usize>,
    line: u64,
    next_line: u64,
    bytes: u64,
}

/// A quoted cell may go over several lines; past this size its closing quote is missing.
const RECORD_LIMIT: usize = 1024 * 1024;

impl Records {
    fn new(input: BufReader<Box<dyn Read>>, delimiter: u8) -> Self {
        Records { input, delimiter, raw: Vec::new(), text: String::new(), ends: Vec::new(), line: 0, next_line: 1, bytes: 0 }
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
            if !self.raw.trim_ascii().is_empty() {
                break;
            }
        }
        if !self.raw.contains(&b'"') {
            return Ok(self.split());
        }
        // A quoted cell may hold line ends: read on until the quotes are closed.
        while !self.unquote() {
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
    fn split(&mut self) -> Record {
        self.text.clear();
        self.ends.clear();
        let Ok(text) = std::str::from_utf8(&self.raw) else { return Record::Broken("the line is not UTF-8") };
        if self.raw.len() > RECORD_LIMIT {
            return Record::Broken("the line is longer than 1 MB");
        }
        for cell in text.trim_end_matches(['\n', '\r']).split(char::from(self.delimiter)) {
            self.text.push_str(cell);
            self.ends.push(self.text.len());
        }
        Record::Cells
    }

    /// Cells of a record with quotes; `false` when the record ends inside of them. A quote inside a cell that does not start
    /// with one is a character like any other.
    fn unquote(&mut self) -> bool {
        self.text.clear();
        self.ends.clear();
        let text = String::from_utf8_lossy(&self.raw);
        let mut rest = text.trim_end_matches(['\n', '\r']).chars().peekable();
        if text.ends_with('\n') && text.matches('"').count() % 2 == 1 {
            rest = text.chars().peekable();
        }
        let delimiter = char::from(self.delimiter);
        loop {
            let start = self.text.len();
            let mut quoted = false;
            loop {
                match rest.next() {
                    None if quoted => return false,
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

fn columns(file: &str, header: &[String]) -> Result<Columns> {
    let folded: Vec<String> = header.iter().map(|cell| folded(cell)).collect();
    let find = |names: &[&str]| -> Result<Option<usize>> {
        for name in names {
            let mut found = folded.iter().enumerate().filter(|(_, header)| header == name).map(|(position, _)| position);
            if let Some(first) = found.next() {
                if found.next().is_some() {
                    let column = header[first].clone();
                    return Err(Error::data(format!("two columns are called `{column}`"))
                        .at(Place { file: Some(file.to_owned()), row: Some(1), column: Some(column), ..Place::default() })
                        .hint("leave one of them"));
                }
                return Ok(Some(first));
            }
        }
        Ok(None)
    };
    let missing = |what: &str| {
        Error::data(format!("no column for the {what}"))
            .at(Place { file: Some(file.to_owned()), row: Some(1), ..Place::default() })
            .detail(format!("the header has: {}", header.join(", ")))
            .hint(HEADER)
    };
    let metric = find(METRIC)?.ok_or_else(|| missing("metric"))?;
    let value = find(VALUE)?.ok_or_else(|| missing("value"))?;
    Ok(Columns { metric, value, at: find(AT)?, note: find(NOTE)?, by: find(BY)? })
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
        Source::delimited("a.csv", Box::new(text.as_bytes()))
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

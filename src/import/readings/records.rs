//! The records of a file of readings, one at a time.

use std::io::{BufRead, BufReader, Read};

use super::columns::{AT, BY, METRIC, NOTE, VALUE, folded};
use super::{RECORD_LIMIT, SPOOL_FRAME};

/// The fields of a line of JSON, in the order of the cells they become.
pub(super) const FIELDS: [(&str, &[&str]); 5] = [("metric", METRIC), ("value", VALUE), ("at", AT), ("note", NOTE), ("by", BY)];

/// What [`Records::read`] found.
pub(super) enum Record {
    Cells,
    Broken(&'static str),
    End,
}

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Delimited(u8),
    Json,
}

/// A file, record by record, with the line each starts on. A record is kept as it stands in the file, too.
pub(super) struct Records {
    input: BufReader<Box<dyn Read>>,
    pub(super) form: Form,
    /// The record as it is in the file, with its line end.
    pub(super) raw: Vec<u8>,
    /// Its cells, one after the other, and where each of them ends.
    text: String,
    ends: Vec<usize>,
    pub(super) line: u64,
    next_line: u64,
    pub(super) bytes: u64,
}

impl Records {
    pub(super) fn new(input: BufReader<Box<dyn Read>>, form: Form) -> Self {
        Records { input, form, raw: Vec::new(), text: String::new(), ends: Vec::new(), line: 0, next_line: 1, bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without blanks around it; empty where the record is shorter.
    pub(super) fn cell(&self, column: usize) -> &str {
        let start = if column == 0 { 0 } else { self.ends.get(column - 1).copied().unwrap_or(self.text.len()) };
        let end = self.ends.get(column).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// Reads the next record that is not blank.
    pub(super) fn read(&mut self) -> std::io::Result<Record> {
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

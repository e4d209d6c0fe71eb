//! JSON lines, one object a line, each of which stands alone: one that is broken is told and read over.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::list::{List, Step};
use super::row::{Kind, Row};
use super::source::Source;
use crate::domain::item::normalised;
use crate::error::{Error, Place, Result};

/// How many bytes a line may have.
pub const LONGEST_LINE: usize = 1 << 20;

/// The lines of a source.
pub(super) struct Lines {
    input: BufReader<File>,
    list: List,
    place: Place,
    /// The line as it is in the file, with its end.
    raw: Vec<u8>,
    pub(super) row: Row,
    line: u64,
    pub(super) position: u64,
}

impl Lines {
    pub(super) fn new(source: &Source, list: List) -> Result<Self> {
        let mut input = BufReader::with_capacity(1 << 16, source.reader()?);
        if source.head.starts_with(&[0xef, 0xbb, 0xbf]) {
            input.read_exact(&mut [0; 3]).map_err(|error| Error::data(error.to_string()))?;
        }
        let (raw, row) = (Vec::new(), Row::default());
        Ok(Lines { input, list, place: source.place(), raw, row, line: 0, position: 0 })
    }

    /// The line at hand as it stands in the file.
    pub(super) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).trim_end_matches(['\n', '\r']).to_owned()
    }

    pub(super) fn next(&mut self) -> Result<Step> {
        loop {
            self.raw.clear();
            self.line += 1;
            let most = LONGEST_LINE as u64 + 1;
            let count = self.input.by_ref().take(most).read_until(b'\n', &mut self.raw).map_err(|error| {
                Error::data(format!("the file cannot be read: {error}"))
                    .at(Place { row: Some(self.line), ..self.place.clone() })
            })?;
            self.position += count as u64;
            if count == 0 {
                return Ok(Step::End);
            }
            let is_frame = self.list.frame.is_some_and(|frame| self.raw.starts_with(frame.as_bytes()));
            if !is_frame && !self.raw.trim_ascii().is_empty() {
                break;
            }
        }
        self.row.clear(self.line);
        let Ok(Value::Object(fields)) = serde_json::from_slice(&self.raw) else {
            return Ok(Step::Broken("the line is not a JSON object"));
        };
        for field in self.list.fields {
            // The usual word first, as with the columns of a sheet.
            let found = field.words.iter().find_map(|word| fields.iter().find(|(key, _)| normalised(key) == *word));
            match found.map(|(_, value)| value) {
                None | Some(Value::Null) => self.row.push(Kind::Empty, ""),
                Some(Value::String(text)) => self.row.push(Kind::Text, text),
                Some(Value::Number(number)) => self.row.push(Kind::Number, &number.to_string()),
                Some(Value::Bool(value)) => self.row.push(Kind::Bool, if *value { "true" } else { "false" }),
                Some(_) => return Ok(Step::Broken("a field is neither text nor a number")),
            }
        }
        Ok(Step::Row)
    }
}

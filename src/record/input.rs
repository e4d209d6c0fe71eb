//! A file of readings that can be read from its start any number of times, whatever it came from.

use std::fs::File;
use std::path::Path;

use super::readings::{self, Form, ReadingRows};
use crate::domain::number::Mark;
use crate::error::{Error, Place, Result};
use crate::table::Options;
use crate::table::format::Format;
use crate::table::map_file::MapFile;
use crate::table::rows::Listed;
use crate::table::source::{self, Most};

/// A file of readings.
pub struct Input {
    table: Listed,
    wide: bool,
    mark: Option<Mark>,
}

impl Input {
    /// Opens a file; `-` is standard input. A workbook may have `most` bytes; text is read row by row and may have any size. A
    /// `wide` sheet has an instant or a metric a column.
    ///
    /// # Errors
    /// Exit 65 when it cannot be read, or has no header with a column for the metric and one for the value; 73 when there is
    /// no room for a temporary file.
    pub fn open(path: &Path, wide: bool, options: &Options, most: u64) -> Result<Self> {
        let source = source::Source::open(&path.display().to_string(), Most::Workbook(most))?;
        if source.format == Format::Json {
            if wide {
                return Err(Error::usage("JSON lines hold one reading each and are never wide").hint("leave --wide out"));
            }
            let place = source.place();
            if source.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&source.head).trim_ascii_start().starts_with(b"[") {
                return Err(Error::data("the file is one JSON document")
                    .at(place)
                    .hint("write one object a line: {\"metric\":\"PR-001\",\"value\":97.5,\"at\":\"2026-01-31T06:00:00Z\"}"));
            }
        }
        let list = if wide { readings::WIDE } else { readings::LONG };
        Ok(Input { table: Listed::open(source, options, list)?, wide, mark: options.mark })
    }

    /// A file of JSON lines that is open already.
    ///
    /// # Errors
    /// Exit 65 when the system has no room for another open file.
    pub fn of(name: &str, file: &File) -> Result<Self> {
        let file = file.try_clone().map_err(|error| {
            Error::data(format!("cannot read the file: {error}")).at(Place { file: Some(name.to_owned()), ..Place::default() })
        })?;
        let source = source::Source::of_file(name, file, Most::Workbook(0))?;
        Ok(Input { table: Listed::open(source, &Options::default(), readings::LONG)?, wide: false, mark: None })
    }

    /// The file as the user named it.
    pub fn name(&self) -> &str {
        &self.table.source().name
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.table.source().size
    }

    /// What the user should know of how it is read.
    pub fn note(&self) -> Option<&str> {
        self.table.note.as_deref()
    }

    /// The columns that were found, for the next time.
    pub fn map(&self, options: &Options) -> MapFile {
        self.table.map(options)
    }

    /// How its refused rows are written.
    pub fn form(&self) -> Form {
        match self.table.delimiter() {
            Some(delimiter) => Form::Delimited(delimiter),
            None if self.table.is_lines() => Form::Lines,
            None => Form::Workbook,
        }
    }

    /// Its headers.
    pub fn headers(&self) -> &[String] {
        &self.table.headers
    }

    /// Reads it from its start.
    ///
    /// # Errors
    /// Exit 65 when it cannot be understood.
    pub fn source(&self) -> Result<ReadingRows> {
        ReadingRows::new(&self.table, self.wide, self.mark)
    }
}

//! Text in columns: its records with the lines they start on.

use std::fs::File;
use std::io::Read;

use encoding_rs::Decoder;

use super::form::Dialect;
use super::parser::Parser;
use super::row::{Flow, Row, Sink};
use super::source::Source;
use crate::error::{Error, Place, Result};

/// Reads all records into `sink`. Exit 65 when a quote never closes, or a cell or row is larger than any spreadsheet's.
pub(super) fn read(source: &Source, dialect: Dialect, sink: &mut dyn Sink) -> Result<()> {
    let mut records = Records::new(source, dialect)?;
    while records.next()? {
        if sink.row(records.row())? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

/// The records of a source, one by one; in memory are those of a small part of the text.
pub(super) struct Records {
    decoded: Decoded,
    parser: Parser,
    /// Whether the line that names the delimiter is in the future.
    skip_line: bool,
    /// The records of the current part: how many there are, and how many were handed out.
    ready: Vec<Row>,
    count: usize,
    used: usize,
}

impl Records {
    pub(super) fn new(source: &Source, dialect: Dialect) -> Result<Self> {
        Ok(Records {
            decoded: Decoded::new(source, dialect)?,
            parser: Parser::new(dialect),
            skip_line: dialect.sep_line,
            ready: Vec::new(),
            count: 0,
            used: 0,
        })
    }

    /// Goes to the next record, if there is one.
    pub(super) fn next(&mut self) -> Result<bool> {
        while self.used == self.count {
            if !self.refill()? {
                return Ok(false);
            }
        }
        self.used += 1;
        Ok(true)
    }

    pub(super) fn row(&self) -> &Row {
        &self.ready[self.used - 1]
    }

    /// How far the file has been read, in bytes.
    pub(super) fn position(&self) -> u64 {
        self.decoded.read
    }

    fn refill(&mut self) -> Result<bool> {
        (self.used, self.count) = (0, 0);
        let Records { decoded, parser, ready, count, .. } = self;
        if decoded.done {
            return Ok(false);
        }
        let mut keep = |row: &Row| {
            match ready.get_mut(*count) {
                Some(known) => known.clone_from(row),
                None => ready.push(row.clone()),
            }
            *count += 1;
            Ok(Flow::Go)
        };
        let place = decoded.place.clone();
        let mut text = decoded.chunk()?.unwrap_or_default();
        if self.skip_line
            && let Some(end) = text.find('\n')
        {
            text = &text[end + 1..];
            parser.line += 1;
            parser.row.clear(parser.line);
            self.skip_line = false;
        }
        let fed = if self.skip_line { Ok(Flow::Go) } else { parser.feed(text, &mut keep) };
        let ended = if self.decoded.done { fed.and_then(|_| parser.end(&mut keep)) } else { fed.map(drop) };
        ended.map_err(|error| {
            let row = error.place().row;
            error.at(Place { row, ..place })
        })?;
        Ok(true)
    }
}

/// The text of a source, decoded piece by piece.
pub(super) struct Decoded {
    file: File,
    place: Place,
    decoder: Decoder,
    mixed: bool,
    bytes: Vec<u8>,
    text: String,
    read: u64,
    done: bool,
}

impl Decoded {
    pub(super) fn new(source: &Source, dialect: Dialect) -> Result<Self> {
        Ok(Decoded {
            file: source.reader()?,
            place: source.place(),
            decoder: dialect.encoding.new_decoder_with_bom_removal(),
            mixed: dialect.mixed,
            bytes: vec![0; 1 << 16],
            text: String::with_capacity(1 << 18),
            read: 0,
            done: false,
        })
    }

    pub(super) fn chunk(&mut self) -> Result<Option<&str>> {
        if self.done {
            return Ok(None);
        }
        let read = self
            .file
            .read(&mut self.bytes)
            .map_err(|error| Error::data(format!("the file cannot be read: {error}")).at(self.place.clone()))?;
        self.read += read as u64;
        self.done = read == 0;
        self.text.clear();
        // Three bytes of UTF-8 a byte are the most that any of these encodings can become.
        let (_, _, malformed) = self.decoder.decode_to_string(&self.bytes[..read], &mut self.text, self.done);
        if malformed && !self.mixed {
            return Err(Error::data(format!("parts of the text are not {}", self.decoder.encoding().name()))
                .at(self.place.clone())
                .hint("name the encoding with --encoding, or save the file again as UTF-8"));
        }
        Ok(Some(&self.text))
    }
}

//! Text in columns: its records with the lines they start on.

use std::fs::File;
use std::io::Read;

use encoding_rs::{Decoder, Encoding};

use super::row::{Flow, Row, Sink};
use super::source::Source;
use crate::error::{Error, Place, Result};

/// The longest cell, in bytes. A spreadsheet's own limit is 32,767 characters.
pub(super) const LONGEST_CELL: usize = 1 << 20;

/// The widest row, as in a spreadsheet.
pub(super) const WIDEST_ROW: usize = 16_384;

/// The longest row, in bytes.
pub(super) const LONGEST_ROW: usize = 8 << 20;

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Whether a byte order mark says so.
    pub bom: bool,
    /// What stands between cells.
    pub delimiter: u8,
    /// What stands around cells that hold a delimiter, if anything does.
    pub quote: Option<u8>,
    /// Whether a first line `sep=;` names the delimiter.
    pub sep_line: bool,
}

impl Dialect {
    /// The delimiter in words.
    pub const fn delimiter_name(&self) -> &'static str {
        match self.delimiter {
            b',' => "comma",
            b';' => "semicolon",
            b'\t' => "tab",
            b'|' => "bar",
            _ => "another mark",
        }
    }

    /// The encoding in words.
    pub fn encoding_name(&self) -> String {
        format!("{}{}", self.encoding.name().to_lowercase(), if self.bom { " with byte order mark" } else { "" })
    }
}

/// Reads all records into `sink`.
///
/// # Errors
/// Exit 65 when a quote never closes, or a cell or row is larger than any spreadsheet's.
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
    /// Whether the line that names the delimiter is still to come.
    skip_line: bool,
    /// The records of the part at hand: how many there are, and how many were handed out.
    ready: Vec<Row>,
    count: usize,
    used: usize,
}

impl Records {
    pub(super) fn new(source: &Source, dialect: Dialect) -> Result<Self> {
        Ok(Records {
            decoded: Decoded::new(source, dialect)?,
            parser: Parser::new(dialect.delimiter, dialect.quote),
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

    /// The record at hand.
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
        if malformed {
            return Err(Error::data(format!("the text is not {} throughout", self.decoder.encoding().name()))
                .at(self.place.clone())
                .hint("say what it is with --encoding, or save the file again as UTF-8"));
        }
        Ok(Some(&self.text))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or after its closing quote.
    Plain,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: its end, or half of a doubled one.
    Closing,
}

/// Turns text into records, fed in pieces.
pub(super) struct Parser {
    delimiter: u8,
    quote: Option<u8>,
    state: State,
    row: Row,
    line: u64,
    quote_line: u64,
    /// Whether the record has anything, so that the end of the file ends it.
    open: bool,
    after_cr: bool,
}

impl Parser {
    pub(super) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        let mut row = Row::default();
        row.clear(1);
        Parser { delimiter, quote, state: State::Start, row, line: 1, quote_line: 0, open: false, after_cr: false }
    }

    pub(super) fn feed(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Flow> {
        let bytes = text.as_bytes();
        let quote = self.quote;
        let mut at = 0;
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            if bytes[0] == b'\n' {
                at = 1;
            }
        }
        while at < bytes.len() {
            match self.state {
                State::Start if Some(bytes[at]) == self.quote => {
                    self.state = State::Quoted;
                    self.quote_line = self.line;
                    self.open = true;
                    at += 1;
                }
                State::Quoted => {
                    let end = bytes[at..].iter().position(|byte| Some(*byte) == quote).map_or(bytes.len(), |found| at + found);
                    self.line += text[at..end].matches('\n').count() as u64;
                    self.row.extend(&text[at..end]);
                    at = end;
                    if at < bytes.len() {
                        self.state = State::Closing;
                        at += 1;
                    }
                }
                State::Closing if Some(bytes[at]) == self.quote => {
                    self.row.extend(&text[at..=at]);
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Start | State::Plain | State::Closing => {
                    let delimiter = self.delimiter;
                    let end = bytes[at..]
                        .iter()
                        .position(|byte| *byte == delimiter || *byte == b'\n' || *byte == b'\r')
                        .map_or(bytes.len(), |found| at + found);
                    if end > at {
                        self.row.extend(&text[at..end]);
                        self.state = State::Plain;
                        self.open = true;
                        at = end;
                    }
                    if at == bytes.len() {
                        self.within_limits()?;
                        break;
                    }
                    let byte = bytes[at];
                    at += 1;
                    self.row.finish();
                    self.state = State::Start;
                    if byte == delimiter {
                        self.open = true;
                        if self.row.len() > WIDEST_ROW {
                            return Err(self.too_large(&format!("a row has more than {WIDEST_ROW} cells")));
                        }
                        self.within_limits()?;
                        continue;
                    }
                    if byte == b'\r' {
                        match bytes.get(at) {
                            Some(b'\n') => at += 1,
                            Some(_) => {}
                            None => self.after_cr = true,
                        }
                    }
                    if self.record(sink)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
            }
            self.within_limits()?;
        }
        Ok(Flow::Go)
    }

    fn within_limits(&self) -> Result<()> {
        if self.row.pending() > LONGEST_CELL {
            return Err(self.too_large("a cell has more than 1 MB of text"));
        }
        if self.row.size() > LONGEST_ROW {
            return Err(self.too_large("a row has more than 8 MB of text"));
        }
        Ok(())
    }

    fn record(&mut self, sink: &mut dyn Sink) -> Result<Flow> {
        self.line += 1;
        self.open = false;
        let flow = sink.row(&self.row)?;
        self.row.clear(self.line);
        Ok(flow)
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.state == State::Quoted {
            return Err(self.too_large("a quote opens here and never closes"));
        }
        if self.open {
            self.row.finish();
            self.record(sink)?;
        }
        Ok(())
    }

    fn too_large(&self, what: &str) -> Error {
        let line = if self.state == State::Quoted { self.quote_line } else { self.row.number };
        Error::data(what)
            .at(Place { row: Some(line), ..Place::default() })
            .hint("check the quotes around the text in this line; a quote inside quotes is written twice")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, delimiter: u8, cut: usize) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        let mut take = |row: &Row| {
            all.push((row.number, row.cells().map(|cell| cell.text.to_owned()).collect()));
            Ok(Flow::Go)
        };
        let mut parser = Parser::new(delimiter, Some(b'"'));
        let mut rest = text;
        while !rest.is_empty() {
            let mut at = cut.clamp(1, rest.len());
            while !rest.is_char_boundary(at) {
                at += 1;
            }
            parser.feed(&rest[..at], &mut take).unwrap();
            rest = &rest[at..];
        }
        parser.end(&mut take).unwrap();
        all
    }

    #[test]
    fn records_and_the_lines_they_start_on() {
        let text = "a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\r\n1,2\n3,";
        let expected: Vec<(u64, Vec<String>)> =
            [(1, vec!["a", "b"]), (2, vec!["x\ny", "say \"hi\""]), (4, vec![""]), (5, vec!["1", "2"]), (6, vec!["3", ""])]
                .into_iter()
                .map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect()))
                .collect();
        for cut in [1, 2, 3, 7, 1000] {
            assert_eq!(records(text, b',', cut), expected, "cut at {cut}");
        }
    }

    #[test]
    fn an_open_quote_is_named_with_its_line() {
        let mut none = |_: &Row| Ok(Flow::Go);
        let mut parser = Parser::new(b',', Some(b'"'));
        parser.feed("a,b\nc,\"d\n", &mut none).unwrap();
        let error = parser.end(&mut none).unwrap_err();
        assert_eq!(error.place().row, Some(2));
    }

    #[test]
    fn no_cell_and_no_row_is_larger_than_a_spreadsheet_has() {
        assert_eq!((LONGEST_CELL >> 20, LONGEST_ROW >> 20, WIDEST_ROW), (1, 8, 16_384));
        let long = "x".repeat(LONGEST_CELL / 2 + 1);
        for text in [long.repeat(2), format!("\"{}", long.repeat(2)), format!("{long},").repeat(16), ",".repeat(WIDEST_ROW + 1)]
        {
            let mut none = |_: &Row| Ok(Flow::Go);
            let mut parser = Parser::new(b',', Some(b'"'));
            let pieces: Vec<&str> = text.as_bytes().chunks(1 << 16).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
            let fed = pieces.iter().try_for_each(|piece| parser.feed(piece, &mut none).map(drop));
            assert_eq!(fed.unwrap_err().place().row, Some(1));
        }
    }

    #[test]
    fn any_table_is_read_as_it_was_written() {
        use proptest::prelude::*;
        let cell = "[a-zä\",;\\n\\r |\\t]{0,8}";
        let table = proptest::collection::vec(proptest::collection::vec(cell, 2..5), 1..6);
        proptest!(|(table in table, delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']), cut in 1_usize..20)| {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = records(&text, delimiter, cut).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, table);
        });
    }
}

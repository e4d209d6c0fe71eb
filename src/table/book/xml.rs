//! XML read event by event, with a bound on what one event may hold: a parser keeps an event as a whole, and a small archive can
//! unpack to a text of gigabytes.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::error::{Error, Result};

/// The most bytes that a tag or a text may have.
const LARGEST_PIECE: usize = 8 << 20;

/// What is wrong with a workbook, and what to do.
pub(crate) fn damaged(reason: &dyn std::fmt::Display) -> Error {
    Error::data(format!("the workbook cannot be read: {reason}"))
        .hint("it may be cut off or damaged: copy it again, or open and save it in a spreadsheet program")
}

/// Input of which only so much is left for the current event.
struct Bounded<R> {
    input: BufReader<R>,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(format!("a piece of its XML has more than {} MB", LARGEST_PIECE >> 20)));
        }
        let available = self.input.fill_buf()?;
        Ok(&available[..available.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        self.left -= amount;
        self.input.consume(amount);
    }
}

/// A document on its way in. An empty element is a start and an end.
pub(super) struct Xml<R: Read> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
}

impl<R: Read> Xml<R> {
    /// The document from where its bytes are; that may be in its middle. Exit 65 if it is not UTF-8.
    pub(super) fn new(input: R) -> Result<Self> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let start = input.fill_buf().map_err(|error| damaged(&error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(damaged(&"its XML is in UTF-16, which spreadsheet programs do not write"));
        }
        let mut reader = Reader::from_reader(Bounded { input, left: LARGEST_PIECE });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Ok(Xml { reader, buffer: Vec::new() })
    }

    /// The next event. Exit 65 if it is no XML, too large, or says that it has entities of its own.
    pub(super) fn next(&mut self) -> Result<Event<'_>> {
        self.reader.get_mut().left = LARGEST_PIECE;
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer).map_err(|error| damaged(&error))? {
            Event::DocType(_) => Err(damaged(&"its XML has a document type, which spreadsheet programs do not write")),
            event => Ok(event),
        }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// Passes over an element whose start was read.
    pub(super) fn skip(&mut self, name: &str) -> Result<()> {
        let mut depth = 1_u64;
        while depth > 0 {
            match self.next()? {
                Event::Start(tag) if tag.name().as_ref() == name => depth += 1,
                Event::End(tag) if tag.name().as_ref() == name => depth -= 1,
                Event::Eof => return Err(damaged(&format!("its content ends within {name}"))),
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds the text of an element whose start was read, without its children's, up to its end.
    pub(super) fn text(&mut self, name: &str, text: &mut String) -> Result<()> {
        let mut depth = 1_u64;
        loop {
            match self.next()? {
                Event::Start(_) => depth += 1,
                Event::End(tag) => {
                    depth -= 1;
                    if depth == 0 || tag.name().as_ref() == name {
                        return Ok(());
                    }
                }
                Event::Eof => return Err(damaged(&format!("its content ends within {name}"))),
                event if depth == 1 => push_text(&event, text),
                _ => {}
            }
        }
    }
}

/// Adds what an event says as text.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(piece) => text.push_str(piece),
        Event::CData(piece) => text.push_str(piece),
        Event::GeneralRef(reference) => text.push_str(&unescaped(&format!("&{};", &**reference))),
        _ => {}
    }
}

/// Only the five entities of XML and characters by number are known.
pub(super) fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// An attribute's value, by its name without a prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(unescaped(&found.value))
}

pub(super) fn number(tag: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(tag, name)?.trim().parse().ok()
}

/// Whether an attribute says yes.
pub(super) fn says(tag: &BytesStart<'_>, name: &str) -> bool {
    attribute(tag, name).is_some_and(|value| matches!(value.trim(), "1" | "true" | "on"))
}

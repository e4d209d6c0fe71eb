//! What a file may ask for. A small workbook can claim to unpack to more than there is memory, or say of one cell that it
//! fills a sheet; so it is looked at before a reader makes room for what it claims. The limits on an archive, on memory and on
//! time grow with `--max-size`; those on a cell, a row and a sheet do not.

mod archive;

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

pub(super) use self::archive::{check, directory};
use crate::error::{Error, Exit, Place, Result};

/// The largest file that is read unless `--max-size` changes that, in megabytes.
pub const MAX_SIZE: u64 = 200;

/// The most sheets that a workbook may have.
pub(super) const SHEETS: usize = 2_000;

/// The most values that a document of JSON may have.
const VALUES: u64 = 1_000_000;

/// The largest document that is read as a whole, in megabytes. NIST's whole 800-53 catalog is 10 MB as JSON.
pub const MAX_DOCUMENT: u64 = 64;

/// How long one pass over a workbook of the usual size may take.
const TIME: Duration = Duration::from_mins(3);

/// What follows from the largest file that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    most: u64,
}

impl Bounds {
    /// The bounds where files may have so many bytes.
    pub(super) fn new(most: u64) -> Self {
        Bounds { most: most.max(1) }
    }

    /// The most that all parts of a workbook may unpack to.
    pub(super) fn unpacked(self) -> u64 {
        self.most.saturating_mul(10)
    }

    /// How long a pass may take.
    fn time(self) -> Duration {
        TIME * u32::try_from(self.scale()).unwrap_or(u32::MAX)
    }

    fn scale(self) -> u64 {
        self.most.div_ceil(MAX_SIZE * 1_000_000).clamp(1, 1000)
    }

    /// The error of a bound, with the way to raise it.
    fn exceeded(self, message: String) -> Error {
        Error::data(message)
            .hint(format!("if the file is right, raise the limits with --max-size {}", self.most.div_ceil(500_000)))
    }
}

/// What a document that is read as a whole may take in memory, in MB.
const DOCUMENT_MEMORY: u64 = 224;

/// What an object of a few keys takes in memory beside its text, in bytes: it has a table of its keys, and is copied into a part
/// of the framework. An empty one takes a third of that.
const OBJECT: u64 = 700;

/// What any other value takes beside its text, in bytes.
const VALUE: u64 = 64;

/// Refuses a document of JSON that has more values than memory is meant for: in memory each takes many times its size. Exit 65
/// with the limit.
pub(crate) fn check_json(text: &str) -> Result<()> {
    let (mut values, mut objects) = (0_u64, 0_u64);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => {
                values += 1;
                objects += 1;
            }
            b',' | b'[' if !quoted => values += 1,
            _ => {}
        }
    }
    if values > VALUES {
        return Err(Error::data(format!("the document has more than {VALUES} values")));
    }
    fits(text, OBJECT * objects + VALUE * (values - objects), &format!("{objects} objects"))
}

/// What an element or a piece of text of an XML document takes in memory beside its text, in bytes.
const ELEMENT: u64 = 300;

/// What an attribute takes beside its text.
const ATTRIBUTE: u64 = 130;

/// Refuses a document of XML that would take more memory than one may. Exit 65 with the limit.
pub(crate) fn check_xml(text: &str, pieces: u64, attributes: u64) -> Result<()> {
    fits(text, ELEMENT * pieces + ATTRIBUTE * attributes, &format!("{} elements and attributes", pieces + attributes))
}

/// The text is in memory three times, as it came, in its values, and in what is made of them.
fn fits(text: &str, more: u64, what: &str) -> Result<()> {
    if 3 * text.len() as u64 + more > DOCUMENT_MEMORY << 20 {
        return Err(Error::data(format!("the document's text and {what} would take more than {DOCUMENT_MEMORY} MB of memory")));
    }
    Ok(())
}

/// Input that ends with an error when it has been read from for too long, so that a reader that goes in circles ends.
#[derive(Debug)]
pub(super) struct Timed<R> {
    input: R,
    end: Instant,
}

impl<R> Timed<R> {
    pub(super) fn new(input: R, bounds: Bounds) -> Self {
        Timed { input, end: Instant::now() + bounds.time() }
    }
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it takes too long to read; --max-size raises the limit"));
        }
        self.input.read(buffer)
    }
}

impl<R: Seek> Seek for Timed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.input.seek(to)
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a foreign reader on a file that may be damaged. Where it panics, the file is refused. The error is the reader's, or
/// exit 65 when it gave up.
pub(crate) fn guarded<T>(place: &Place, read: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                usual(info);
            }
        }));
    });
    let before = GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    outcome.unwrap_or_else(|_| {
        Err(Error::new(Exit::Data, "the workbook is damaged: its parts do not fit together")
            .at(place.clone())
            .hint("copy it again, or open and save it in a spreadsheet program"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_panics_refuses_the_file() {
        let empty: [u8; 0] = [];
        let outcome = guarded(&Place::default(), || Ok(empty[std::hint::black_box(1)]));
        assert!(outcome.unwrap_err().message().contains("damaged"));
    }

    #[test]
    fn the_usual_limits_are_as_documented() {
        assert_eq!((MAX_SIZE, SHEETS), (200, 2_000));
    }

    #[test]
    fn bounds_grow_with_the_largest_file() {
        let usual = Bounds::new(MAX_SIZE * 1_000_000);
        assert_eq!((usual.unpacked(), usual.time()), (2_000_000_000, TIME));
        assert_eq!(Bounds::new(1).time(), usual.time());
        assert_eq!(Bounds::new(MAX_SIZE * 3_000_000).time(), 3 * usual.time());
        assert_eq!(Bounds::new(u64::MAX).time(), 1000 * usual.time());
    }
}

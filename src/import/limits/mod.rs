//! What a file may ask for. A small workbook can claim to unpack to more than there is memory, or say of one cell that it
//! fills a sheet; so it is looked at before a reader makes room for what it claims. The limits on an archive, on memory and on
//! time grow with `--max-size`; those on a cell, a row and a sheet do not.

mod archive;
mod compound;
mod markup;
mod records;

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

pub(super) use self::archive::directory;
pub(super) use self::compound::{Compound, open};
use super::source::{Format, Source};
use crate::error::{Error, Exit, Place, Result};

/// The largest file that is read unless `--max-size` says otherwise, in megabytes.
pub const MAX_SIZE: u64 = 200;

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

    /// The most memory that what a reader holds of a workbook may take.
    pub(super) fn memory(self) -> u64 {
        (160 << 20) * self.scale()
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
        Error::data(message).hint(format!("if that is right, raise the limits with --max-size {}", self.most.div_ceil(500_000)))
    }
}

/// Refuses an archive that claims more than the bounds; see [`Compound`] for the other kind of workbook. Returns whether a
/// large sheet has merged cells.
///
/// # Errors
/// Exit 65 with the bound.
pub(super) fn check(source: &Source) -> Result<bool> {
    if source.format == Format::Xls {
        return Ok(false);
    }
    archive::check(source.reader()?, source.format, source.size, source.bounds()).map_err(|error| error.at(source.place()))
}

/// [`check`] for an XLSX workbook that is in memory.
///
/// # Errors
/// Exit 65 with the bound.
pub(super) fn check_bytes(bytes: &[u8]) -> Result<()> {
    directory(io::Cursor::new(bytes))?;
    let size = bytes.len() as u64;
    // Sheets pack well: what a small file may unpack to follows from the largest document, not from its own size.
    let most = Bounds::new((MAX_DOCUMENT * 1_000_000).max(size));
    archive::check(io::Cursor::new(bytes), Format::Xlsx, size, most)?;
    Ok(())
}

/// The most cells of a small sheet; a cell takes memory even when it is empty, and so does a row. A cell beyond is refused, never
/// left out.
pub(super) const CELLS: usize = 2_000_000;

/// Refuses delimited text that has more cells than memory is meant for, before a reader makes room for the first record.
///
/// # Errors
/// Exit 65 with the limit.
pub(super) fn check_delimited(text: &str, delimiter: u8) -> Result<()> {
    let (mut cells, mut quoted) = (0, false);
    // A quote within a cell is a character like any other; a doubled one goes on with the quoted text.
    let mut may_open = true;
    for byte in text.bytes() {
        let is_quote = byte == b'"';
        let is_end = !quoted && (byte == delimiter || byte == b'\n');
        cells += usize::from(is_end) + usize::from(is_end && byte == b'\n');
        let was_quoted = quoted;
        quoted = if is_quote { !quoted && may_open } else { quoted };
        may_open = is_end || is_quote && was_quoted;
        if cells > CELLS {
            return Err(
                Error::data(format!("the file has more than {CELLS} cells, empty ones among them")).hint("split the file")
            );
        }
    }
    Ok(())
}

/// What a document that is read as a whole may take in memory, in MB.
const DOCUMENT_MEMORY: u64 = 224;

/// What an object of a few keys takes in memory beside its text, in bytes: it has a table of its keys, and is copied into a part
/// of the framework. An empty one takes a third of that.
const OBJECT: u64 = 700;

/// What any other value takes beside its text, in bytes.
const VALUE: u64 = 64;

/// Refuses a document of JSON that has more values than memory is meant for: in memory each takes many times its size.
///
/// # Errors
/// Exit 65 with the limit.
pub(super) fn check_json(text: &str) -> Result<()> {
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

/// Refuses a document of XML that would take more memory than one may.
///
/// # Errors
/// Exit 65 with the limit.
pub(super) fn check_xml(text: &str, pieces: u64, attributes: u64) -> Result<()> {
    fits(text, ELEMENT * pieces + ATTRIBUTE * attributes, &format!("{} elements and attributes", pieces + attributes))
}

/// The text is in memory three times, as it came, in its values, and in what is made of them.
fn fits(text: &str, more: u64, what: &str) -> Result<()> {
    if 3 * text.len() as u64 + more > DOCUMENT_MEMORY << 20 {
        return Err(Error::data(format!("the document's text and {what} would take more than {DOCUMENT_MEMORY} MB of memory")));
    }
    Ok(())
}

/// Looks at the pieces of an XML document as its bytes come in; breaks with the reason where one is too large.
pub(super) fn pieces() -> impl FnMut(&[u8]) -> ControlFlow<String> {
    let mut scan = markup::Scan::new();
    move |bytes| scan.feed(bytes, &mut markup::Nobody)
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

/// Runs a foreign reader on a file that may be damaged. Where it panics, the file is refused.
///
/// # Errors
/// The reader's, or exit 65 when it gave up.
pub(super) fn guarded<T>(place: &Place, read: impl FnOnce() -> Result<T>) -> Result<T> {
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
        Err(Error::new(Exit::Data, "the workbook is damaged: what is in it does not fit together")
            .at(place.clone())
            .hint("copy it again, or open it in a spreadsheet program and save it anew"))
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
        use crate::import::text;
        assert_eq!((MAX_SIZE, compound::LARGEST >> 20, archive::SHEETS), (200, 64, 2_000));
        assert_eq!((text::LONGEST_CELL >> 20, text::LONGEST_ROW >> 20, text::WIDEST_ROW), (1, 8, 16_384));
    }

    #[test]
    fn a_small_document_may_unpack_to_many_times_its_size() {
        let book = |size: usize| {
            let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
            archive.start_file("xl/media/image.bin", zip::write::SimpleFileOptions::default()).unwrap();
            io::Write::write_all(&mut archive, &vec![0; size]).unwrap();
            archive.finish().unwrap().into_inner()
        };
        let bytes = book(12_000_000);
        assert!(bytes.len() < 1_000_000, "{}", bytes.len());
        check_bytes(&bytes).unwrap();
        assert!(check_bytes(&book(70_000_000)).unwrap_err().message().contains("made to do harm"));
    }

    #[test]
    fn cells_are_counted_as_a_reader_of_csv_finds_them() {
        let commas = ",".repeat(CELLS);
        assert!(check_delimited(&commas, b',').is_ok());
        assert!(check_delimited(&format!("\"a\"\"{commas}{commas}\",b"), b',').is_ok());
        for begin in [",", "x\"", "\"x\"\"\"", "\"\"", "\"x\"y\""] {
            assert!(check_delimited(&format!("{begin},{commas}"), b',').is_err(), "{begin}");
        }
    }

    #[test]
    fn bounds_grow_with_the_largest_file() {
        let usual = Bounds::new(MAX_SIZE * 1_000_000);
        assert_eq!((usual.unpacked(), usual.memory(), usual.time()), (2_000_000_000, 160 << 20, TIME));
        assert_eq!(Bounds::new(1).memory(), usual.memory());
        assert_eq!(Bounds::new(MAX_SIZE * 3_000_000).memory(), 3 * usual.memory());
        assert_eq!(Bounds::new(u64::MAX).memory(), 1000 * usual.memory());
    }
}

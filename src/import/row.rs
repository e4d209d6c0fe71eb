//! A row of a sheet in one buffer, and the compact file that rows wait in between the two passes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::error::{Error, Exit, Result};

/// What a cell holds besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// Text, also in text files everything else.
    Text,
    /// A number; its text has a decimal point and all its digits.
    Number,
    /// A number shown as a percentage; its text is the number behind it (`0.95` for 95%).
    Percent,
    /// `true` or `false`.
    Bool,
    /// A date, a time or a duration, in ISO 8601.
    Date,
    /// An error such as `#DIV/0!`.
    Error,
    /// A formula without a stored result.
    Uncached,
}

impl Kind {
    fn from_byte(byte: u8) -> Kind {
        match byte {
            1 => Kind::Text,
            2 => Kind::Number,
            3 => Kind::Percent,
            4 => Kind::Bool,
            5 => Kind::Date,
            6 => Kind::Error,
            7 => Kind::Uncached,
            _ => Kind::Empty,
        }
    }
}

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What it holds.
    pub kind: Kind,
    /// Its text; of a number all its digits.
    pub text: &'a str,
}

impl Cell<'_> {
    /// Whether there is nothing to see in it.
    pub fn is_blank(&self) -> bool {
        match self.kind {
            Kind::Empty => true,
            Kind::Text => self.text.chars().all(|c| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}'),
            _ => false,
        }
    }

    /// The cell as a person sees it.
    pub fn shown(&self) -> String {
        match self.kind {
            Kind::Percent => {
                let hundred = rust_decimal::Decimal::ONE_HUNDRED;
                let number = self.text.parse::<rust_decimal::Decimal>().ok().and_then(|number| number.checked_mul(hundred));
                number.map_or_else(|| self.text.to_owned(), |number| format!("{}%", number.normalize()))
            }
            Kind::Uncached => "(formula without a result)".to_owned(),
            _ => self.text.to_owned(),
        }
    }
}

/// A row: its number in the source, and its cells in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The row counted from 1 as a spreadsheet counts; in text files the line that the record starts on.
    pub number: u64,
    text: String,
    cells: Vec<(Kind, u32)>,
}

/// Whether an apostrophe marks a text that would else be a formula, as exports and spreadsheet programs write it.
fn is_marked(text: &str) -> bool {
    text.starts_with('\'') && text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

impl Row {
    /// Empties the row for the next one.
    pub fn clear(&mut self, number: u64) {
        self.number = number;
        self.text.clear();
        self.cells.clear();
    }

    /// Adds a cell at the end.
    pub fn push(&mut self, kind: Kind, text: &str) {
        self.text.push_str(text);
        self.cells.push((kind, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
    }

    /// Adds text to the cell that [`Row::finish`] will end.
    pub fn extend(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends a cell of text at what was added since the last one.
    pub fn finish(&mut self) {
        let start = self.cells.last().map_or(0, |cell| cell.1);
        let from = usize::try_from(start).unwrap_or(usize::MAX);
        if self.text.get(from..).is_some_and(is_marked) {
            self.text.remove(from);
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.cells.push((if start == end { Kind::Empty } else { Kind::Text }, end));
    }

    /// How much text the unfinished cell has.
    pub fn pending(&self) -> usize {
        self.text.len() - self.cells.last().map_or(0, |cell| cell.1 as usize)
    }

    /// Adds empty cells until there are `width`.
    pub fn pad(&mut self, width: usize) {
        let end = self.cells.last().map_or(0, |cell| cell.1);
        if self.cells.len() < width {
            self.cells.resize(width, (Kind::Empty, end));
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cell in this column, counted from 0; empty beyond the end.
    pub fn cell(&self, column: usize) -> Cell<'_> {
        let Some(&(kind, end)) = self.cells.get(column) else { return Cell { kind: Kind::Empty, text: "" } };
        let start = if column == 0 { 0 } else { self.cells[column - 1].1 };
        Cell { kind, text: &self.text[start as usize..end as usize] }
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.cells.len()).map(|column| self.cell(column))
    }

    /// Whether no cell shows anything.
    pub fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.is_blank())
    }

    /// Whether any cell has a NUL character, which Postgres cannot store.
    pub fn has_nul(&self) -> bool {
        self.text.as_bytes().contains(&0)
    }

    /// What it takes in memory, in bytes.
    pub fn memory(&self) -> usize {
        self.text.len() + size_of::<(Kind, u32)>() * self.cells.len() + size_of::<Row>()
    }

    /// How much text there is, in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

/// Whether a source should go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More rows, please.
    Go,
    /// That is enough.
    Stop,
}

/// Who takes rows as a parser finds them.
pub trait Sink {
    /// Takes one row.
    ///
    /// # Errors
    /// Whatever keeps it from going on.
    fn row(&mut self, row: &Row) -> Result<Flow>;
}

impl<F: FnMut(&Row) -> Result<Flow>> Sink for F {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        self(row)
    }
}

/// Rows in a temporary file without a name, so that memory stays flat however long the sheet is.
#[derive(Debug)]
pub struct Spool {
    writer: BufWriter<File>,
    rows: u64,
}

fn broken(error: io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot use a temporary file: {error}"))
        .hint("make room, or set TMPDIR to a directory that has it")
}

impl Spool {
    /// An empty one.
    ///
    /// # Errors
    /// Exit 73 when no temporary file can be made.
    pub fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(broken)?;
        Ok(Spool { writer: BufWriter::with_capacity(1 << 17, file), rows: 0 })
    }

    /// How many rows wait.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be written.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        self.write(row).map_err(broken)
    }

    fn write(&mut self, row: &Row) -> io::Result<()> {
        let writer = &mut self.writer;
        writer.write_all(&row.number.to_le_bytes())?;
        writer.write_all(&u32::try_from(row.cells.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        writer.write_all(&u32::try_from(row.text.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        for (kind, end) in &row.cells {
            writer.write_all(&[*kind as u8])?;
            writer.write_all(&end.to_le_bytes())?;
        }
        writer.write_all(row.text.as_bytes())
    }

    /// Reads the rows in the order they were added. Can be called again.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be read.
    pub fn read(&mut self) -> Result<Reader> {
        self.writer.flush().map_err(broken)?;
        let mut file = self.writer.get_ref().try_clone().map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(Reader { file: BufReader::with_capacity(1 << 17, file), left: self.rows, bytes: Vec::new() })
    }
}

/// Rows on their way out of a [`Spool`].
#[derive(Debug)]
pub struct Reader {
    file: BufReader<File>,
    left: u64,
    bytes: Vec<u8>,
}

impl Reader {
    /// Puts the next row into `row`; `false` when there is none.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be read.
    pub fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        self.fill(row).map_err(broken)?;
        Ok(true)
    }

    fn fill(&mut self, row: &mut Row) -> io::Result<()> {
        let mut head = [0; 16];
        self.file.read_exact(&mut head)?;
        let number = |range: std::ops::Range<usize>| {
            head[range].iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
        };
        row.clear(number(0..8));
        let cells = usize::try_from(number(8..12)).unwrap_or(0);
        let text = usize::try_from(number(12..16)).unwrap_or(0);
        self.bytes.resize(cells * 5, 0);
        self.file.read_exact(&mut self.bytes)?;
        row.cells.extend(
            self.bytes
                .chunks_exact(5)
                .map(|cell| (Kind::from_byte(cell[0]), u32::from_le_bytes([cell[1], cell[2], cell[3], cell[4]]))),
        );
        self.bytes.resize(text, 0);
        self.file.read_exact(&mut self.bytes)?;
        let text = std::str::from_utf8(&self.bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        row.text.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_of_the_spool_as_they_went_in() {
        let mut spool = Spool::new().unwrap();
        let mut row = Row::default();
        for number in 1..=3_u64 {
            row.clear(number);
            row.push(Kind::Text, &format!("ä{number}"));
            row.push(Kind::Empty, "");
            row.push(Kind::Percent, "0.95");
            spool.add(&row).unwrap();
        }
        for _ in 0..2 {
            let mut reader = spool.read().unwrap();
            let mut seen = Vec::new();
            while reader.next(&mut row).unwrap() {
                seen.push((row.number, row.cell(0).text.to_owned(), row.cell(2).shown()));
                assert_eq!(row.cell(7), Cell { kind: Kind::Empty, text: "" });
            }
            assert_eq!(seen[2], (3, "ä3".to_owned(), "95%".to_owned()));
            assert_eq!(seen.len(), 3);
        }
    }
}

//! The file that rows wait in between the two passes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::{Fault, Kind, Row};
use crate::aside::broken;
use crate::error::{Error, Result};

/// How much is buffered of what is written and of what is read, in bytes.
const BUFFER: usize = 1 << 17;
/// Beside the fault of a row: only formulas stand in it.
const COMPUTED: u8 = 0x80;

/// Rows in a temporary file without a name, so that memory stays flat however long the sheet is.
#[derive(Debug)]
pub struct RowFile {
    writer: BufWriter<File>,
    rows: u64,
}

impl RowFile {
    /// An empty one. Exit 73 when no temporary file can be made.
    pub fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(broken)?;
        Ok(RowFile { writer: BufWriter::with_capacity(BUFFER, file), rows: 0 })
    }

    /// How many rows wait.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds a row. Exit 73 when the file cannot be written.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        self.write(row).map_err(broken)
    }

    /// The rows by their numbers, where they came in another order. Exit 73 when the file cannot be read; of a row, exit 65
    /// when there is another one of its number.
    pub fn sorted(&mut self) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
        self.end()?;
        let mut reader = self.read()?;
        let mut places = Vec::new();
        let mut row = Row::default();
        loop {
            let place = reader.file.stream_position().map_err(broken)?;
            if !reader.next(&mut row)? {
                break;
            }
            places.push((row.number, place));
        }
        places.sort_unstable();
        let mut last = 0;
        Ok(places.into_iter().map(move |(number, place)| {
            if std::mem::replace(&mut last, number) == number {
                return Err(Error::data(format!("the sheet has row {number} twice, so it is damaged"))
                    .hint("open and save it in a spreadsheet program"));
            }
            let mut row = Row::default();
            reader.file.seek(SeekFrom::Start(place)).and_then(|_| reader.fill(&mut row)).map_err(broken)?;
            Ok(row)
        }))
    }

    fn write(&mut self, row: &Row) -> io::Result<()> {
        let writer = &mut self.writer;
        writer.write_all(&row.number.to_le_bytes())?;
        writer.write_all(&u32::try_from(row.cells.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        writer.write_all(&u32::try_from(row.text.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        writer.write_all(&[row.fault.map_or(0, |fault| fault as u8) | if row.computed { COMPUTED } else { 0 }])?;
        for (kind, end) in &row.cells {
            writer.write_all(&[*kind as u8])?;
            writer.write_all(&end.to_le_bytes())?;
        }
        writer.write_all(row.text.as_bytes())
    }

    /// Says that all rows are there: only then are they read. Exit 73 when the file cannot be written.
    pub fn end(&mut self) -> Result<()> {
        self.writer.flush().map_err(broken)
    }

    /// Reads the rows in the order they were added. Can be called again. Exit 73 when the file cannot be read.
    pub fn read(&self) -> Result<Reader> {
        let mut file = self.writer.get_ref().try_clone().map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(Reader { file: BufReader::with_capacity(BUFFER, file), left: self.rows, bytes: Vec::new() })
    }
}

impl RowFile {
    /// Does something that reads it, while another reader is under way: that one continues where it was. Exit 73 when the file
    /// cannot be read.
    pub fn meanwhile<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut file = self.writer.get_ref();
        let at = file.stream_position().map_err(broken)?;
        let done = work()?;
        file.seek(SeekFrom::Start(at)).map_err(broken)?;
        Ok(done)
    }
}

/// Rows on their way out of a [`RowFile`].
#[derive(Debug)]
pub struct Reader {
    file: BufReader<File>,
    left: u64,
    bytes: Vec<u8>,
}

impl Reader {
    /// Puts the next row into `row`; `false` when there is none. Exit 73 when the file cannot be read.
    pub fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        self.fill(row).map_err(broken)?;
        Ok(true)
    }

    fn fill(&mut self, row: &mut Row) -> io::Result<()> {
        let mut head = [0; 17];
        self.file.read_exact(&mut head)?;
        let number = |range: std::ops::Range<usize>| {
            head[range].iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
        };
        row.clear(number(0..8));
        row.computed = head[16] & COMPUTED != 0;
        row.fault = Fault::ALL.into_iter().find(|fault| *fault as u8 == head[16] & !COMPUTED);
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
    use crate::table::row::Cell;

    #[test]
    fn rows_come_out_of_the_spool_as_they_went_in() {
        let mut spool = RowFile::new().unwrap();
        let mut row = Row::default();
        for number in 1..=3_u64 {
            row.clear(number);
            row.push(Kind::Text, &format!("ä{number}"));
            row.push(Kind::Empty, "");
            row.push(Kind::Percent, "0.95");
            row.computed = number == 3;
            spool.add(&row).unwrap();
        }
        spool.end().unwrap();
        for _ in 0..2 {
            let mut reader = spool.read().unwrap();
            let mut seen = Vec::new();
            while reader.next(&mut row).unwrap() {
                assert_eq!(row.computed, row.number == 3);
                seen.push((row.number, row.cell(0).text.to_owned(), row.cell(2).shown()));
                assert_eq!(row.cell(7), Cell { kind: Kind::Empty, text: "" });
            }
            assert_eq!(seen[2], (3, "ä3".to_owned(), "95%".to_owned()));
            assert_eq!(seen.len(), 3);
        }
    }
}

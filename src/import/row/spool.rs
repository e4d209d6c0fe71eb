//! The file that rows wait in between the two passes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::{Kind, Row};
use crate::aside::{broken, unnamed};
use crate::error::Result;

/// How much is buffered of what is written and of what is read, in bytes.
const BUFFER: usize = 1 << 17;

/// How much is written before a follower hears of it, in bytes.
const PORTION: usize = 1 << 16;

/// Rows in a temporary file without a name, so that memory stays flat however long the sheet is.
#[derive(Debug)]
pub struct Spool {
    writer: BufWriter<File>,
    /// The same file with a place of its own.
    reading: File,
    rows: u64,
    /// What was written since a follower heard of it, in bytes.
    unheard: usize,
    followed: Option<Arc<Shared>>,
}

/// How far the writer is, for the one who reads behind it.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
    /// Whether nobody wants the rows any more.
    abandoned: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// How many rows are in the file.
    rows: u64,
    /// Whether no more rows will come.
    ended: bool,
}

impl Shared {
    fn tell(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.news.notify_all();
    }
}

impl Spool {
    /// An empty one.
    ///
    /// # Errors
    /// Exit 73 when no temporary file can be made.
    pub fn new() -> Result<Self> {
        let (file, reading) = unnamed().map_err(broken)?;
        Ok(Spool { writer: BufWriter::with_capacity(BUFFER, file), reading, rows: 0, unheard: 0, followed: None })
    }

    /// How many rows wait.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// One who reads the rows while they are still being added.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be used.
    pub fn follow(&mut self) -> Result<Follower> {
        let shared = Arc::new(Shared::default());
        self.followed = Some(Arc::clone(&shared));
        let file = BufReader::with_capacity(BUFFER, self.reading.try_clone().map_err(broken)?);
        let reader = Reader { file, left: 0, bytes: Vec::new() };
        Ok(Follower { reader, seen: 0, shared })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be written.
    pub fn add(&mut self, row: &Row) -> Result<()> {
        self.rows += 1;
        self.write(row).map_err(broken)?;
        if self.followed.is_some() {
            self.unheard += row.size() + 5 * row.len();
            if self.unheard >= PORTION {
                self.tell(false)?;
            }
        }
        Ok(())
    }

    /// Whether somebody reads, or has read, the rows while they were being added.
    pub fn is_followed(&self) -> bool {
        self.followed.is_some()
    }

    /// Lets the follower stop where it is.
    pub fn abandon(&self) {
        if let Some(shared) = &self.followed {
            shared.abandoned.store(true, Ordering::Relaxed);
            shared.tell(|state| state.ended = true);
        }
    }

    /// Says that all rows are there.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be written.
    pub fn end(&mut self) -> Result<()> {
        self.tell(true)
    }

    fn tell(&mut self, ended: bool) -> Result<()> {
        self.unheard = 0;
        self.writer.flush().map_err(broken)?;
        if let Some(shared) = &self.followed {
            shared.tell(|state| *state = State { rows: self.rows, ended });
        }
        Ok(())
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

    /// Reads the rows in the order they were added. Can be called again; no rows are added after it.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be read.
    pub fn read(&mut self) -> Result<Reader> {
        self.writer.flush().map_err(broken)?;
        let mut file = self.writer.get_ref().try_clone().map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(Reader { file: BufReader::with_capacity(BUFFER, file), left: self.rows, bytes: Vec::new() })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Whoever follows does not wait for rows that never come.
        self.abandon();
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

/// Reads the rows of a [`Spool`] while they are being added.
#[derive(Debug)]
pub struct Follower {
    reader: Reader,
    seen: u64,
    shared: Arc<Shared>,
}

impl Follower {
    /// Whether the rows are of no use any more.
    pub fn is_abandoned(&self) -> bool {
        self.shared.abandoned.load(Ordering::Relaxed)
    }

    /// Puts the next row into `row`, after a wait if need be; `false` when there is none, or when nobody wants them any more.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be read.
    pub fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.is_abandoned() {
            return Ok(false);
        }
        if self.reader.left == 0 {
            let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            let state = self
                .shared
                .news
                .wait_while(state, |state| state.rows == self.seen && !state.ended)
                .unwrap_or_else(PoisonError::into_inner);
            self.reader.left = state.rows - self.seen;
            self.seen = state.rows;
        }
        self.reader.next(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::row::Cell;

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

    #[test]
    fn rows_are_read_behind_the_one_who_writes() {
        let mut spool = Spool::new().unwrap();
        let mut follower = spool.follow().unwrap();
        let reading = std::thread::spawn(move || {
            let mut row = Row::default();
            let mut seen = Vec::new();
            while follower.next(&mut row).unwrap() {
                seen.push((row.number, row.cell(1).text.to_owned()));
            }
            seen
        });
        let mut row = Row::default();
        for number in 1..=5_000_u64 {
            row.clear(number);
            row.push(Kind::Empty, "");
            row.push(Kind::Text, &"x".repeat(usize::try_from(number % 97).unwrap()));
            spool.add(&row).unwrap();
        }
        spool.end().unwrap();
        let seen = reading.join().unwrap();
        assert_eq!(seen.len(), 5_000);
        assert!(seen.iter().zip(1_u64..).all(|(one, number)| one.0 == number && one.1.len() as u64 == number % 97));
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let mut spool = Spool::new().unwrap();
        let mut follower = spool.follow().unwrap();
        drop(spool);
        assert!(!follower.next(&mut Row::default()).unwrap());
        assert!(follower.is_abandoned());
    }
}

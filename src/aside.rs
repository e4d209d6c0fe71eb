//! Temporary files without a name: what memory is too small for waits in them, and nothing is left behind by whatever end.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Exit, Result};

/// How many values stay in memory: a small result needs no file.
const IN_MEMORY: usize = 1_000;

/// The error of a temporary file.
pub(crate) fn broken(error: io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot use a temporary file: {error}"))
        .hint("free some space, or set TMPDIR to a directory on another disk")
}

/// A file that two can use at different places. Its name is gone at once.
pub(crate) fn unnamed() -> io::Result<(File, File)> {
    let named = tempfile::NamedTempFile::new()?;
    let other = named.reopen()?;
    let (file, path) = named.into_parts();
    path.close()?;
    Ok((file, other))
}

/// A long list of which memory holds the first part and a file the others.
#[derive(Debug)]
pub(crate) struct Aside<T> {
    first: Vec<T>,
    /// Where each of the others begins in the file.
    places: Vec<u64>,
    file: Option<Lines>,
}

/// Values as lines of JSON.
#[derive(Debug)]
struct Lines {
    writer: BufWriter<File>,
    /// Where the next line begins.
    end: u64,
    reader: BufReader<File>,
    at: u64,
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Aside { first: Vec::new(), places: Vec::new(), file: None }
    }
}

impl<T: Clone + Serialize + DeserializeOwned> Aside<T> {
    pub(crate) fn len(&self) -> usize {
        self.first.len() + self.places.len()
    }

    /// Adds a value at the end. Exit 73 when there is no room for the file.
    pub(crate) fn push(&mut self, value: T) -> Result<()> {
        if self.first.len() < IN_MEMORY {
            self.first.push(value);
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Lines::new().map_err(broken)?),
        };
        self.places.push(file.add(&value).map_err(broken)?);
        Ok(())
    }

    pub(crate) fn get(&mut self, position: usize) -> Result<T> {
        if let Some(value) = self.first.get(position) {
            return Ok(value.clone());
        }
        let place = self.places.get(position - self.first.len());
        match (&mut self.file, place) {
            (Some(file), Some(&place)) => file.line(place),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
        .map_err(broken)
    }
}

impl Lines {
    fn new() -> io::Result<Self> {
        let (writing, reading) = unnamed()?;
        Ok(Lines { writer: BufWriter::new(writing), end: 0, reader: BufReader::new(reading), at: 0 })
    }

    fn add<T: Serialize>(&mut self, value: &T) -> io::Result<u64> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        let place = self.end;
        self.end += line.len() as u64;
        Ok(place)
    }

    fn line<T: DeserializeOwned>(&mut self, place: u64) -> io::Result<T> {
        self.writer.flush()?;
        if place != self.at {
            self.reader.seek(SeekFrom::Start(place))?;
        }
        let mut line = Vec::new();
        self.at = place + self.reader.read_until(b'\n', &mut line)? as u64;
        Ok(serde_json::from_slice(&line)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_from_memory_and_from_the_file_in_any_order() {
        let mut aside = Aside::default();
        let count = IN_MEMORY + 1_000;
        let value = |number: usize| vec![format!("ä\n{number}"), "x".repeat(number % 97)];
        for number in 0..count {
            aside.push(value(number)).unwrap();
        }
        for position in (0..count).step_by(7).chain((IN_MEMORY..count).rev()).chain(IN_MEMORY..count) {
            assert_eq!(aside.get(position).unwrap(), value(position));
        }
        aside.push(value(count)).unwrap();
        assert_eq!((aside.get(count).unwrap(), aside.len()), (value(count), count + 1));
        assert_eq!(aside.get(count + 1).unwrap_err().exit(), Exit::Output);
    }
}

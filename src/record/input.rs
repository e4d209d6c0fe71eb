//! A file of readings that can be read from its start any number of times, whatever it came from.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::error::{Error, Exit, Place, Result};
use crate::import::readings::{Source, sheet};

/// A file of readings.
pub struct Input {
    name: String,
    file: File,
    wide: bool,
    is_workbook: bool,
}

impl Input {
    /// Opens a file; `-` is standard input. What cannot be read twice is kept in a temporary file without a name. A workbook
    /// may have `max_size` megabytes; text is read line by line and may have any size.
    ///
    /// # Errors
    /// Exit 65 when it cannot be read, 73 when there is no room for the temporary file.
    pub fn open(path: &Path, wide: bool, sheet: Option<&str>, max_size: u64) -> Result<Self> {
        let name = path.display().to_string();
        let place = Place { file: Some(name.clone()), ..Place::default() };
        let unreadable = |error: std::io::Error| Error::data(format!("cannot read the file: {error}")).at(place.clone());
        let mut file = if path == Path::new("-") {
            kept(std::io::stdin(), &place)?
        } else {
            let file = File::open(path).map_err(unreadable)?;
            let kind = file.metadata().map_err(unreadable)?;
            if kind.is_dir() {
                return Err(Error::data("it is a folder, not a file").at(place));
            }
            if kind.is_file() { file } else { kept(file, &place)? }
        };
        let mut start = [0; 8];
        let count = file.rewind().and_then(|()| file.read(&mut start)).map_err(unreadable)?;
        let is_workbook = sheet::is_workbook(&start[..count]);
        if is_workbook {
            file = sheet::flattened(&name, file, sheet, max_size.saturating_mul(1_000_000))?;
        } else if sheet.is_some() {
            return Err(Error::usage("only a workbook has sheets").at(place).hint("leave --sheet out"));
        }
        Ok(Input { name, file, wide, is_workbook })
    }

    /// A file of JSON lines that is open already.
    ///
    /// # Errors
    /// Exit 65 when the system has no room for another open file.
    pub fn of(name: &str, file: &File) -> Result<Self> {
        let file = file.try_clone().map_err(|error| {
            Error::data(format!("cannot read the file: {error}")).at(Place { file: Some(name.to_owned()), ..Place::default() })
        })?;
        Ok(Input { name: name.to_owned(), file, wide: false, is_workbook: false })
    }

    /// The file as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a workbook.
    pub fn is_workbook(&self) -> bool {
        self.is_workbook
    }

    /// Its size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.file.metadata().ok().map(|kind| kind.len())
    }

    /// Reads it from its start.
    ///
    /// # Errors
    /// Exit 65 when it cannot be understood.
    pub fn source(&self) -> Result<Source> {
        let place = Place { file: Some(self.name.clone()), ..Place::default() };
        let unreadable = |error: std::io::Error| Error::data(format!("cannot read the file: {error}")).at(place.clone());
        let mut file = self.file.try_clone().map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        Source::open(&self.name, file, self.wide)
    }
}

/// A copy in a temporary file, which vanishes with this process.
fn kept(mut input: impl Read, place: &Place) -> Result<File> {
    let no_room = |error: std::io::Error| {
        Error::new(Exit::Output, format!("cannot keep the input in a temporary file: {error}")).at(place.clone())
    };
    let mut file = tempfile::tempfile().map_err(no_room)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = input
            .read(&mut buffer)
            .map_err(|error| Error::data(format!("cannot read the input: {error}")).at(place.clone()))?;
        if count == 0 {
            return Ok(file);
        }
        file.write_all(&buffer[..count]).map_err(no_room)?;
    }
}

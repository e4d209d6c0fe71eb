//! Files that nobody named: they stand at a usual place, mostly in the user's home, and may be out of reach there. A file that
//! somebody named is no concern of this.

use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A file that could not be read, so that it counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    pub file: PathBuf,
    pub reason: String,
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be read: {}", self.file.display(), self.reason)
    }
}

/// What is at a usual place.
#[derive(Debug)]
pub enum Reached<T> {
    There(T),
    Absent,
    OutOfReach(OutOfReach),
}

/// The user's home, where there is one. A path that begins nowhere is none: it would lead into the current folder.
pub fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// The text of a file at a usual place. Fails when it can be read and is not text.
pub fn read(file: &Path) -> Result<Reached<String>, Error> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(error),
        outcome => Ok(found(file, outcome)),
    }
}

/// A file at a usual place, if it can be read.
pub fn reach(file: PathBuf) -> Reached<PathBuf> {
    match found(&file, std::fs::File::open(&file)) {
        Reached::There(_) => Reached::There(file),
        Reached::Absent => Reached::Absent,
        Reached::OutOfReach(missed) => Reached::OutOfReach(missed),
    }
}

fn found<T>(file: &Path, outcome: Result<T, Error>) -> Reached<T> {
    match outcome {
        Ok(content) => Reached::There(content),
        // A home that is no folder, such as /dev/null, says that there is none.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Reached::Absent,
        Err(error) => Reached::OutOfReach(OutOfReach { file: file.to_owned(), reason: error.to_string() }),
    }
}

//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

pub mod audit;
pub mod catalog;
pub mod completions;
pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod framework;
pub mod history;
pub mod import;
mod listed;
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
mod spans;
pub mod user;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::context::{Context, Place};
use crate::db::Database;
pub(crate) use crate::db::{is_committing, unanswered};
use crate::error::{Error, Exit, Result};

/// Connects to the database of this run. The private Postgres is started, and made ready on first use.
///
/// # Errors
/// When the database cannot be reached or made.
pub(crate) async fn connect(context: &Context) -> Result<Database> {
    match context.place()? {
        Place::Named(address) => context.connect(&address).await,
        Place::Private(directory) => local::open(context, &directory).await,
    }
}

/// A file that is written as a whole or not at all: beside its place first, then moved there. Dropped before that, it is gone.
pub(crate) struct NewFile {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
}

impl NewFile {
    /// Begins a file.
    ///
    /// # Errors
    /// Exit 73 when its folder cannot be written to.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        // As any new file: what the umask leaves of this. Temporary files are for their owner alone otherwise.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| unwritable(path, &error))?;
        Ok(NewFile { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// Adds to it.
    ///
    /// # Errors
    /// Exit 73 when the disk is full.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| unwritable(&self.path, &error))
    }

    /// Moves it to its place.
    ///
    /// # Errors
    /// Exit 73 when a file is there and `replace` is not set, or when it cannot be moved.
    pub(crate) fn keep(self, replace: bool) -> Result<()> {
        let path = self.path.as_path();
        let file = self.file.into_inner().map_err(|error| unwritable(path, error.error()))?;
        if replace {
            file.persist(path).map_err(|error| unwritable(path, &error.error))?;
            return Ok(());
        }
        file.persist_noclobber(path).map(drop).map_err(|error| {
            if error.error.kind() == std::io::ErrorKind::AlreadyExists {
                Error::new(Exit::Output, format!("{} exists already", path.display()))
                    .hint("add --force to replace it, or name another file")
            } else {
                unwritable(path, &error.error)
            }
        })
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot write {}: {error}", path.display()))
}

/// Writes a file as a whole or not at all.
///
/// # Errors
/// Exit 73 when it exists and `replace` is not set, or when it cannot be written.
pub(crate) fn write_file(path: &Path, bytes: &[u8], replace: bool) -> Result<()> {
    let mut file = NewFile::create(path)?;
    file.write(bytes)?;
    file.keep(replace)
}

/// A number with what is counted: `1 item`, `2 items`, `3 categories`.
pub(crate) fn counted<N: std::fmt::Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// The word that agrees with a number: `is` or `are`.
pub(crate) fn agreeing<'a, N: PartialEq + From<u8>>(number: N, one: &'a str, many: &'a str) -> &'a str {
    if number == N::from(1) { one } else { many }
}

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
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
pub mod user;

use std::io::Write;

use crate::context::{Context, Place};
use crate::db::Database;
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

/// Writes a file as a whole or not at all: beside its place first, then moved there.
///
/// # Errors
/// Exit 73 when it exists and `replace` is not set, or when it cannot be written.
pub(crate) fn write_file(path: &std::path::Path, bytes: &[u8], replace: bool) -> Result<()> {
    let unwritable = |error: std::io::Error| Error::new(Exit::Output, format!("cannot write {}: {error}", path.display()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any new file: what the umask leaves of this. Temporary files are for their owner alone otherwise.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(unwritable)?;
    file.write_all(bytes).and_then(|()| file.flush()).map_err(unwritable)?;
    if replace {
        file.persist(path).map_err(|error| unwritable(error.error))?;
        return Ok(());
    }
    file.persist_noclobber(path).map(drop).map_err(|error| {
        if error.error.kind() == std::io::ErrorKind::AlreadyExists {
            Error::new(Exit::Output, format!("{} exists already", path.display()))
                .hint("add --force to replace it, or name another file")
        } else {
            unwritable(error.error)
        }
    })
}

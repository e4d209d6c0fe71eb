//! The files that an import writes: under a temporary name first, so that no half of one is ever there.

use std::io::BufWriter;
use std::path::Path;

use crate::error::{Error, Exit, Result};
use crate::import::problem::Problem;
use crate::import::rejects;
use crate::import::table::Table;
use crate::output::neutralised;

/// What kind of rejects file a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Json,
    Xlsx,
}

/// The kind that the name's ending asks for.
///
/// # Errors
/// Exit 2 for another ending.
pub(super) fn kind(path: &Path) -> Result<Kind> {
    match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
        Some("csv") => Ok(Kind::Csv),
        Some("json") => Ok(Kind::Json),
        Some("xlsx") => Ok(Kind::Xlsx),
        _ => Err(Error::usage(format!("{} does not end in .csv, .json or .xlsx", path.display()))
            .hint("the ending says what kind of file the rejects become")),
    }
}

pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot write {}: {error}", path.display()))
}

/// Writes a file whole or not at all.
///
/// # Errors
/// Exit 73 when it cannot be written.
pub(super) fn write(path: &Path, fill: impl FnOnce(&mut dyn std::io::Write) -> Result<()>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".cmf-").tempfile_in(folder).map_err(|error| unwritable(path, &error))?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    fill(&mut buffer)?;
    buffer.into_inner().map_err(|error| unwritable(path, error.error()))?;
    file.persist(path).map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

/// Writes the rejects.
///
/// # Errors
/// Exit 73 when the file cannot be written.
pub(super) fn rejects(path: &Path, source: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let kind = kind(path)?;
    write(path, |out| match kind {
        Kind::Csv => rejects::csv(out, source, table, problems, &neutralised),
        Kind::Json => rejects::json(out, source, table, problems),
        Kind::Xlsx => rejects::xlsx(out, table, problems),
    })
}

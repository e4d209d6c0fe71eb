//! The files that an import writes.

use std::path::Path;

use crate::error::{Error, Result};
use crate::files::{self, Existing, NewFile};
use crate::table::problem::Problem;
use crate::catalog::import::rejects;
use crate::table::Table;
use crate::output::Format;

/// What kind of rejects file a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Csv,
    Json,
    Xlsx,
}

/// The kind that the name's ending asks for; where it is no name of a file, the format of the results, else CSV.
///
/// # Errors
/// Exit 2 for another ending.
pub(super) fn kind(path: &Path, format: Format) -> Result<Kind> {
    match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
        Some("csv") => Ok(Kind::Csv),
        Some("json") => Ok(Kind::Json),
        Some("xlsx") => Ok(Kind::Xlsx),
        _ if files::is_nameless(path) => {
            Ok(if matches!(format, Format::Json | Format::Jsonl) { Kind::Json } else { Kind::Csv })
        }
        _ => Err(Error::usage(format!("{} does not end in .csv, .json or .xlsx", path.display()))
            .hint("the ending says what kind of file the rejects become")),
    }
}

/// Writes the rejects.
///
/// # Errors
/// Exit 73 when the file cannot be written.
pub(super) fn rejects(path: &Path, format: Format, source: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut file = NewFile::create(path, Existing::Replace)?;
    match kind(path, format)? {
        Kind::Csv => rejects::csv(&mut file, source, table, problems),
        Kind::Json => rejects::json(&mut file, source, table, problems),
        Kind::Xlsx => rejects::xlsx(&mut file, table, problems),
    }?;
    file.keep().map(drop)
}

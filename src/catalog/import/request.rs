//! What is asked of an import.

use std::path::PathBuf;

use chrono::NaiveDateTime;

use super::renumber::Renumber;
use super::store::Mode;
use crate::domain::reading::OnConflict;
use crate::files::{Existing, FileKind};

/// What is asked of an import.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// What becomes of rows that the catalog has, and of those it has not.
    pub mode: Mode,
    /// Whether all sheets of a workbook are read, of which no rejects are written.
    pub all_sheets: bool,
    /// The catalog, where it is named.
    pub catalog: Option<String>,
    /// Whether a file is imported although it was before.
    pub again: bool,
    /// When the sheet's values were measured, UTC.
    pub at: Option<NaiveDateTime>,
    /// Whether rows without problems are stored although others have some.
    pub partial: bool,
    /// The most rows with problems.
    pub max_errors: Option<u64>,
    /// What rows become that have the name of a metric of the catalog and another number.
    pub renumber: Option<Renumber>,
    /// What becomes of a reading of a series where the metric has another value at that time.
    pub on_conflict: OnConflict,
    /// Whether metrics go that the sheet does not have.
    pub prune: bool,
    /// Whether their readings go, too.
    pub prune_history: bool,
    /// Whether the catalog becomes the owner's active one.
    pub activate: bool,
    /// Whether all of it is rolled back.
    pub dry_run: bool,
    /// The file that rejected rows are written to.
    pub rejects: Option<(PathBuf, FileKind, Existing)>,
}

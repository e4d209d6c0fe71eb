//! What was asked for, and what then holds for all readings of a command.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::Connection;
pub use crate::domain::reading::OnConflict;
use crate::domain::reading::{Limits, Zone};
use crate::error::Result;
use crate::files::Existing;
use crate::lookup;
use crate::record::evidence::Evidence;

/// What was asked for, in the user's words; in the spool with what still holds when it is drained.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Request {
    pub by: Option<String>,
    pub catalog: Option<String>,
    #[serde(skip)]
    pub zone: Zone,
    pub on_conflict: OnConflict,
    pub override_lock: bool,
    pub allow_future: bool,
    pub allow_partial: bool,
    pub strict: bool,
    /// Whether plain numbers are times 100 where the unit is %.
    #[serde(default)]
    pub scale: bool,
    /// Whether the user says that values under % are as they are written.
    #[serde(default)]
    pub as_is: bool,
    #[serde(flatten)]
    pub limits: Limits,
    /// The command that told the reading, for the audit row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    #[serde(skip)]
    pub dry_run: bool,
    #[serde(skip)]
    pub statement_timeout: Duration,
    /// The file that refused rows are written to.
    #[serde(skip)]
    pub rejects: Option<PathBuf>,
    #[serde(skip)]
    pub existing: Existing,
}

impl Request {
    /// Whether neither a user nor a catalog is named, which would have to be looked up first.
    pub fn names_nobody(&self) -> bool {
        self.by.is_none() && self.catalog.is_none()
    }

    /// The same with the names looked up. Exit 2 when nobody has such a name.
    pub async fn rules(&self, tx: &mut Connection) -> Result<Rules<'_>> {
        let by = match &self.by {
            Some(name) => Some(lookup::user::open(tx, Some(name)).await?.id),
            None => None,
        };
        let catalog_id = lookup::catalog::if_named(tx, self.catalog.as_deref(), None).await?.map(|catalog| catalog.id);
        Ok(Rules { request: self, by, catalog_id })
    }
}

/// What was asked for, with the names looked up.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub request: &'a Request,
    /// Who recorded the readings that do not say it themselves.
    pub by: Option<Uuid>,
    pub catalog_id: Option<Uuid>,
}

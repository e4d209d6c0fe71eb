//! What holds for all readings of a command.

use uuid::Uuid;

use crate::domain::reading::{Limits, Zone};

/// What to do with a reading whose metric has another value at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum OnConflict {
    /// Refuse it
    #[default]
    Refuse,
    /// Let the new value take the place of the old one
    Replace,
    /// Keep the old value
    Skip,
}

impl OnConflict {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            OnConflict::Refuse => "refuse",
            OnConflict::Replace => "replace",
            OnConflict::Skip => "skip",
        }
    }

    /// From the word on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        [OnConflict::Refuse, OnConflict::Replace, OnConflict::Skip].into_iter().find(|known| known.name() == name)
    }
}

/// What holds for all readings of a command.
#[derive(Debug, Clone)]
pub struct Rules {
    pub limits: Limits,
    /// Whether a doubtful value is refused, not just named.
    pub strict: bool,
    /// Whether plain numbers are times 100 where the unit is %.
    pub scale: bool,
    pub zone: Zone,
    pub on_conflict: OnConflict,
    pub override_lock: bool,
    pub allow_future: bool,
    /// Who recorded the readings that do not say it themselves.
    pub by: Option<Uuid>,
    pub catalog_id: Option<Uuid>,
}

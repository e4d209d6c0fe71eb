//! Up and down.

use serde::Serialize;
use serde_json::{Value, json};

use crate::db::migrations::Migration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

impl Way {
    pub(super) fn file(self) -> &'static str {
        match self {
            Way::Up => "up.sql",
            Way::Down => "down.sql",
        }
    }

    /// What the history calls it; a step of it is `up begun` or `up done`.
    pub(super) fn action(self) -> &'static str {
        match self {
            Way::Up => "up",
            Way::Down => "down",
        }
    }

    pub(super) fn script(self, migration: &Migration) -> &str {
        match self {
            Way::Up => &migration.up,
            Way::Down => migration.down.as_deref().unwrap_or_default(),
        }
    }

    /// The row of the audit trail about migrations that went this way.
    pub(super) fn audit<T: Serialize>(self, versions: &[T]) -> (&'static str, Value) {
        match self {
            Way::Up => ("migrate.up", json!({ "applied": versions })),
            Way::Down => ("migrate.down", json!({ "taken_down": versions })),
        }
    }
}

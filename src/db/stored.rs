//! Whether the server stored what it was sent. A trigger that returns NULL keeps a row out, and the server reports no error:
//! only its counts tell.

use crate::error::{Error, Result};

/// Refuses to continue when fewer rows of a table were written than meant. Every statement that writes is counted with this, so
/// that no command reports as done what was not. Returns the number of rows. Fails when rows are missing.
pub fn all(table: &str, meant: impl TryInto<u64>, written: impl TryInto<u64>) -> Result<u64> {
    let [meant, written] = [meant.try_into().ok(), written.try_into().ok()].map(|count| count.unwrap_or(u64::MAX));
    if written >= meant {
        return Ok(written);
    }
    Err(missing(table, meant, meant - written))
}

pub(super) fn missing(table: &str, meant: u64, missing: u64) -> Error {
    Error::failed(format!("the server did not store {missing} of {meant} rows in {table}, and raised no error"))
        .hint(format!("a trigger on {table} may have dropped them: see `\\d {table}` in psql"))
        .hint("disable the trigger, or let it raise an error, and run the command again")
}

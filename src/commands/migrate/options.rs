//! What the verbs of `cmf migrate` have in common: where the migrations come from and how patient a run is.

use std::path::PathBuf;
use std::time::Duration;

use crate::db::migrations::{self, Migration};
use crate::error::{Error, Result};

/// Reads `300ms`, `5s`, `2m`, `1h`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let wrong = || format!("`{text}` is not a length of time: write it as 300ms, 5s, 2m or 1h");
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let milliseconds = match text[digits..].trim() {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    // Postgres keeps its limits in a 32-bit number of milliseconds.
    number
        .checked_mul(milliseconds)
        .filter(|&milliseconds| milliseconds <= i32::MAX.unsigned_abs().into())
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is too long: at most 24 days"))
}

/// A length of time as [`duration`] reads it.
pub(crate) fn shown(time: Duration) -> String {
    let milliseconds = time.as_millis();
    if milliseconds.is_multiple_of(1000) { format!("{} s", milliseconds / 1000) } else { format!("{milliseconds} ms") }
}

/// How a run that changes the schema behaves towards others.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Patience {
    /// How long to wait for another session that migrates
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(super) lock_wait: Duration,
    /// How long a migration in a transaction may wait for a lock; 0 for ever
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub(super) lock_timeout: Duration,
    /// How long one statement of a migration in a transaction may run; 0 for ever [default: the server's]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) statement_timeout: Option<Duration>,
    /// How often to try a migration again that met a lock or a deadlock
    #[arg(long, value_name = "TIMES", default_value_t = 5)]
    pub(super) retries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            lock_wait: Duration::from_mins(1),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: None,
            retries: 5,
        }
    }
}

/// The migrations to work with.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The folder they are in; without one they are those of this cmf.
    pub(super) folder: Option<PathBuf>,
    /// Oldest first.
    pub(super) migrations: Vec<Migration>,
}

impl Source {
    pub(super) fn read(folder: Option<PathBuf>) -> Result<Self> {
        let migrations = match &folder {
            Some(folder) => migrations::from_folder(folder)?,
            None => migrations::embedded()?,
        };
        Ok(Source { folder, migrations })
    }

    /// The migration a user names: by its version with or without dashes, its folder, or what the folder's name says after
    /// the version.
    pub(super) fn find(&self, named: &str) -> Result<&Migration> {
        let version = named.split('_').next().unwrap_or_default().replace('-', "");
        let mut matching = self.migrations.iter().filter(|migration| {
            migration.version == version
                || migration.name == named
                || migration.name.split_once('_').is_some_and(|(_, words)| words == named)
        });
        match (matching.next(), matching.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(Error::usage(format!("several migrations are called `{named}`: name the version"))),
            _ => Err(Error::usage(format!("no migration is called `{named}`"))
                .hint("see `cmf migrate status` for their versions and names")),
        }
    }

    /// The command to type next for these migrations.
    pub(super) fn command(&self, verb: &str) -> String {
        match &self.folder {
            Some(folder) => format!("cmf migrate {verb} --dir {}", folder.display()),
            None => format!("cmf migrate {verb}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit_or_are_seconds() {
        assert_eq!(duration("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration(" 2 m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for wrong in ["", "s", "-1s", "1.5s", "5 parsecs", "99999999999h", "25000h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

//! What the verbs of `cmf migrate` have in common: where the migrations come from and how patient a run is.

use std::path::PathBuf;
use std::time::Duration;

use crate::db::migrations::{self, Migration};
use crate::domain::span::timeout;
use crate::error::{Error, Result, shell_word};

/// How a run that changes the schema behaves towards others.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Patience {
    /// How long to wait for another session that migrates
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = timeout)]
    pub(super) lock_wait: Duration,
    /// How long a migration in a transaction may wait for a lock; 0 for ever
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = timeout)]
    pub(super) lock_timeout: Duration,
    /// How long one statement of a migration in a transaction may run; 0 for ever [default: the server's]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
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
            Some(folder) => format!("cmf migrate {verb} --dir {}", shell_word(folder.display())),
            None => format!("cmf migrate {verb}"),
        }
    }
}

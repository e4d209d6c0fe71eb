//! A folder for a new migration.

use std::path::{Path, PathBuf};

use chrono::{TimeDelta, Utc};

use crate::db::migrations::REPEATABLE;
use crate::error::{Error, Result};
use crate::files::{make_directory, unwritable};

/// How a migration runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Once, in a transaction.
    Usual,
    /// Once, statement by statement.
    Bare,
    /// Whenever it has changed.
    Repeatable,
}

/// Makes the folder of a migration of this name, and returns where it is. Exit 2 for a name that cannot be one, 73 when the
/// folder cannot be written.
pub fn make(parent: &Path, named: &str, kind: Kind) -> Result<PathBuf> {
    let words: String = named.trim().to_lowercase().replace([' ', '-'], "_");
    if words.is_empty() || !words.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Error::usage(format!("`{named}` is not a name for a migration"))
            .hint("use letters, digits and `_`, as in add_metric_owner"));
    }
    let folder = parent.join(match kind {
        Kind::Repeatable => format!("{REPEATABLE}{words}"),
        Kind::Usual | Kind::Bare => format!("{}_{words}", free_instant(parent)),
    });
    if folder.exists() {
        return Err(Error::usage(format!("{} exists already", folder.display())).hint("edit its up.sql: it runs again then"));
    }
    make_directory(parent)?;
    // Beside its place first, so that no command meets half a migration.
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cmf-new-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let staged = builder.tempdir_in(parent).map_err(|error| unwritable(&folder, error))?;
    let why = format!("-- Why: {}\n", words.replace('_', " "));
    let mut files = vec![("up.sql", why)];
    if kind == Kind::Repeatable {
        files[0].1.push_str("-- It runs again whenever it has changed: CREATE OR REPLACE\n");
    } else {
        files.push(("down.sql", String::from("-- The way back\n")));
    }
    if kind == Kind::Bare {
        files.push(("metadata.toml", "run_in_transaction = false\n".to_owned()));
    }
    for (file, text) in files {
        std::fs::write(staged.path().join(file), text).map_err(|error| unwritable(&folder.join(file), error))?;
    }
    std::fs::rename(staged.path(), &folder).map_err(|error| unwritable(&folder, error))?;
    drop(staged.keep());
    Ok(folder)
}

/// The beginning of the folder's name: this second, or the next one that no migration there has. Two of one version would
/// stop each other.
fn free_instant(parent: &Path) -> String {
    let taken: Vec<String> = std::fs::read_dir(parent)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let mut instant = Utc::now();
    loop {
        let name = instant.format("%Y-%m-%d-%H%M%S").to_string();
        if !taken.iter().any(|taken| taken.starts_with(&name)) {
            return name;
        }
        instant += TimeDelta::seconds(1);
    }
}

//! `cmf migrate new`: a folder for a migration.

use std::path::{Path, PathBuf};

use chrono::{TimeDelta, Utc};

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::files::{make_directory, unwritable};
use crate::output::Table;

/// Arguments of `cmf migrate new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it does, as a verb and a noun, like "add metric owner"
    name: String,
    /// It runs outside a transaction, as a concurrent index must
    #[arg(long)]
    no_transaction: bool,
}

/// Runs `cmf migrate new`.
///
/// # Errors
/// Exit 2 for a name that cannot be one, 73 when the folder cannot be written.
pub(super) fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    let words: String = args.name.trim().to_lowercase().replace([' ', '-'], "_");
    if words.is_empty() || !words.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Error::usage(format!("`{}` is no name for a migration", args.name))
            .hint("use letters, digits and `_`, like add_metric_owner"));
    }
    let parent = dir.unwrap_or_else(|| PathBuf::from("migrations"));
    let folder = parent.join(format!("{}_{words}", free_instant(&parent)));
    make_directory(&parent)?;
    // Beside its place first, so that no command meets half a migration.
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cmf-new-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let staged = builder.tempdir_in(&parent).map_err(|error| unwritable(&folder, error))?;
    let mut files =
        vec![("up.sql", format!("-- Why: {}\n", words.replace('_', " "))), ("down.sql", String::from("-- The way back\n"))];
    if args.no_transaction {
        files.push(("metadata.toml", "run_in_transaction = false\n".to_owned()));
    }
    for (file, text) in files {
        std::fs::write(staged.path().join(file), text).map_err(|error| unwritable(&folder.join(file), error))?;
    }
    std::fs::rename(staged.path(), &folder).map_err(|error| unwritable(&folder, error))?;
    drop(staged.keep());
    let shown = folder.display().to_string();
    let mut table = Table::new(["folder"]).single();
    table.row([shown.as_str().into()]);
    // What was made is what is asked for: a script edits it next.
    if context.output.format() == crate::output::Format::Table {
        context.output.text(&format!("{shown}\n"))?;
    } else {
        context.output.results(table)?;
    }
    Ok(Exit::Success)
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

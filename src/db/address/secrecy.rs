//! Files that hold a secret are for their owner alone.

use std::path::Path;

use crate::error::{Error, Exit, Result, shell_word};

/// Refuses a file with a secret that others may read: exit 78. A file of root may be readable by a group where `is_group_well`, as
/// libpq allows it for keys. Where the system has no such modes, nothing is refused.
pub(crate) fn refuse_exposed(file: &Path, what: &str, is_group_well: bool) -> Result<()> {
    let wrong = |why: String| Error::new(Exit::Config, format!("{what} {} {why}", file.display()));
    let metadata = std::fs::metadata(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match exposed(&metadata, is_group_well) {
        None => Ok(()),
        Some(mode) => Err(wrong(format!("is refused: others can read it (mode {mode:04o})"))
            .hint(format!("chmod 600 {}", shell_word(file.display())))),
    }
}

/// The mode of a file that others may read.
#[cfg(unix)]
fn exposed(metadata: &std::fs::Metadata, is_group_well: bool) -> Option<u32> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mode = metadata.permissions().mode() & 0o7777;
    let others = if is_group_well && metadata.uid() == 0 { 0o037 } else { 0o077 };
    (mode & others != 0).then_some(mode)
}

#[cfg(not(unix))]
fn exposed(_: &std::fs::Metadata, _: bool) -> Option<u32> {
    None
}

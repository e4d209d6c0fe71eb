//! Room on the disk.

use std::path::Path;

/// The bytes that can still be written where this directory is, or would be; nothing where that cannot be known.
#[cfg(unix)]
pub fn free_space(directory: &Path) -> Option<u64> {
    let there = directory.ancestors().find(|ancestor| ancestor.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The bytes that can still be written where this directory is; not known here.
#[cfg(not(unix))]
pub fn free_space(_directory: &Path) -> Option<u64> {
    None
}

//! The processes of a private Postgres, told from others of the same id.

#[cfg(target_os = "linux")]
use std::fs;
use std::path::Path;
#[cfg(all(unix, not(target_os = "linux")))]
use std::process::Command;

use super::files::read;
use crate::error::{Error, Result};

/// Runs what waits for processes and locks beside the runtime, so that a signal ends the command all the same.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Error::failed(format!("a thread ended early: {error}"))))
}

/// Whether a process has this id, be it another user's.
#[cfg(unix)]
pub(super) fn is_alive(pid: u32) -> bool {
    match i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        Some(pid) => !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH)),
        None => false,
    }
}

#[cfg(not(unix))]
pub(super) fn is_alive(_pid: u32) -> bool {
    false
}

/// Whether this process is the server of this data directory: after a crash its id may belong to something else, or to the
/// remains of it that nobody has collected. Who asks is the server's user, or the directory of the process stays unknown.
#[cfg(target_os = "linux")]
pub(super) fn is_server(pid: u32, data: &Path) -> bool {
    // The remains of an ended process have no directory any more.
    match (fs::read_link(format!("/proc/{pid}/cwd")), data.canonicalize()) {
        (Ok(there), Ok(data)) => there == data,
        _ => false,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn is_server(pid: u32, _data: &Path) -> bool {
    let Ok(output) = Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid.to_string()]).output() else {
        return is_alive(pid);
    };
    let text = String::from_utf8_lossy(&output.stdout);
    !text.trim_start().starts_with('Z') && text.contains("postgres")
}

#[cfg(not(unix))]
pub(super) fn is_server(_pid: u32, _data: &Path) -> bool {
    false
}

/// The process that a lock file of Postgres names in its first line.
pub(super) fn named_process(path: &Path) -> Option<u32> {
    read(path).ok()?.lines().next()?.trim().parse().ok()
}

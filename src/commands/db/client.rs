//! Postgres's own client programs, run on the database of this run.

use std::path::PathBuf;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::commands;
use crate::commands::migrate::pooler::{is_pooled, pooled};
use crate::context::{Context, Place};
use crate::db::{self, Address, Database};
use crate::error::{Error, Exit, Result};
use crate::local;

/// A database, and the client programs for its server.
pub(super) struct Target {
    pub(super) database: Database,
    pub(super) address: Address,
    /// The directory of the private Postgres, when it is that.
    pub(super) private: Option<PathBuf>,
    major: u32,
}

impl Target {
    /// Connects to the database of this run.
    pub(super) async fn open(context: &Context) -> Result<Self> {
        let mut database = commands::connect(context).await?;
        let mut tx = database.begin().await?;
        let major = db::dumps::server_major(&mut tx).await?;
        tx.rollback().await?;
        let (address, private) = match context.place()? {
            Place::Named(address) => (*address, None),
            Place::Private(directory) => (commands::local::running_address(&directory)?, Some(directory)),
        };
        if private.is_none() && is_pooled(&mut database, &address).await? {
            return Err(pooled("the settings of pg_dump and pg_restore would stay with servers of others"));
        }
        Ok(Target { database, address, private, major })
    }

    /// A client program that fits the server's version. It takes where to connect, and the
    /// password, from its environment, which other users cannot read.
    pub(super) fn program(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(local::client(name, self.major)?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(&name);
            }
        }
        command.envs(self.address.environment()).env("LC_ALL", "C").arg("--no-password");
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        Ok(command)
    }
}

/// A program that is asked to end when the command does. It cancels then what the server does for it, which a program that
/// is killed cannot.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        #[cfg(not(unix))]
        let _ = self.0.start_kill();
    }
}

/// Runs a client program to its end.
pub(super) async fn finish(mut command: Command, failed: &str) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let cannot = |error| Error::new(Exit::Config, format!("{program} cannot be run: {error}"));
    let mut child = Running(command.spawn().map_err(cannot)?);
    let mut said = String::new();
    if let Some(mut stderr) = child.0.stderr.take() {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).await.map_err(cannot)?;
        said = String::from_utf8_lossy(&bytes).into_owned();
    }
    if child.0.wait().await.map_err(cannot)?.success() {
        return Ok(());
    }
    let full = ["No space left on device", "Disk quota exceeded", "File too large"];
    let forbidden = ["permission denied for", "must be owner of"].iter().any(|text| said.contains(text));
    let exit = if full.iter().any(|text| said.contains(text)) {
        Exit::Output
    } else if forbidden {
        Exit::Auth
    } else {
        Exit::Failed
    };
    let mut error = Error::new(exit, failed);
    for line in said.lines().filter(|line| !line.trim().is_empty()).take(6) {
        error = error.detail(line.trim());
    }
    if forbidden {
        error = error.hint("the whole database is for the owner of its tables: see `cmf db grants --help`, role migrator");
    }
    if ["server version mismatch", "in file header"].iter().any(|text| said.contains(text)) {
        error = error.hint(format!("a newer version of the program is needed: {}", local::install_line(None)));
    }
    Err(error)
}

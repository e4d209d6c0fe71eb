//! Postgres's own client programs, run on the database of this run.

use std::path::PathBuf;

use tokio::process::Command;

use crate::commands;
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
        let major = db::dumps::server_major(database.connection()).await?;
        let (address, private) = match context.place()? {
            Place::Named(address) => (*address, None),
            Place::Private(directory) => (commands::local::running_address(&directory)?, Some(directory)),
        };
        Ok(Target { database, address, private, major })
    }

    /// A client program that fits the server's version. It ends when this process does, and takes where to connect, and the
    /// password, from its environment, which other users cannot read.
    pub(super) fn program(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(local::client(name, self.major)?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(&name);
            }
        }
        command.envs(self.address.environment()).env("LC_ALL", "C").arg("--no-password").kill_on_drop(true);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        Ok(command)
    }
}

/// Runs a client program to its end.
pub(super) async fn finish(mut command: Command, failed: &str) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let cannot = |error| Error::new(Exit::Config, format!("{program} cannot be run: {error}"));
    let output = command.spawn().map_err(cannot)?.wait_with_output().await.map_err(cannot)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let full = ["No space left on device", "Disk quota exceeded", "File too large"];
    let exit = if full.iter().any(|text| said.contains(text)) { Exit::Output } else { Exit::Failed };
    let mut error = Error::new(exit, failed);
    for line in said.lines().filter(|line| !line.trim().is_empty()).take(6) {
        error = error.detail(line.trim());
    }
    if ["server version mismatch", "in file header"].iter().any(|text| said.contains(text)) {
        error = error.hint(format!("a newer version of the program is needed: {}", local::install_line(None)));
    }
    Err(error)
}

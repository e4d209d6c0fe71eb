//! How a private Postgres stands.

use std::path::{Path, PathBuf};

use super::account::Account;
use super::files::{read, size};
use super::{Cluster, Condition, Endpoint, binaries};
use crate::error::Result;

/// How a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerState {
    /// It answers.
    Running,
    /// It is starting, recovering or stopping.
    Busy,
    /// There is a cluster and no server.
    Stopped,
    /// There is no cluster yet.
    Absent,
}

impl ServerState {
    pub const ALL: [Self; 4] = [Self::Running, Self::Busy, Self::Stopped, Self::Absent];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            ServerState::Running => "running",
            ServerState::Busy => "busy",
            ServerState::Stopped => "stopped",
            ServerState::Absent => "absent",
        }
    }
}

/// What is known about a private Postgres.
#[derive(Debug)]
pub struct Status {
    /// How it stands.
    pub state: ServerState,
    /// The process id of the server, when it runs.
    pub pid: Option<u32>,
    /// The version of the server that runs, else the major version of the cluster.
    pub version: Option<String>,
    /// The folder of the programs of the server that runs.
    pub binaries: Option<PathBuf>,
    /// The bytes that its files take.
    pub size: u64,
    /// Where it is, or would be.
    pub endpoint: Option<Endpoint>,
}

impl Cluster {
    /// How it stands. Starts nothing. Exit 78 when the directory is another user's, or holds something else.
    pub fn status(&self) -> Result<Status> {
        let absent = Status { state: ServerState::Absent, pid: None, version: None, binaries: None, size: 0, endpoint: None };
        Ok(self.look(|account| Ok(self.state(account)))?.unwrap_or(absent))
    }

    fn state(&self, account: &Account) -> Status {
        let mut status = Status {
            state: if self.data().exists() { ServerState::Stopped } else { ServerState::Absent },
            pid: None,
            version: self.major().ok().map(|major| major.to_string()),
            binaries: None,
            size: size(&self.directory),
            endpoint: None,
        };
        let condition = self.condition();
        if let Condition::Down = condition {
            return status;
        }
        let file = self.pid_file();
        status.state = if let Condition::Ready(_) = condition { ServerState::Running } else { ServerState::Busy };
        status.pid = file.as_ref().map(|file| file.pid);
        status.endpoint = file.as_ref().map(|file| self.endpoint(file));
        // The program that runs stands in this file before its quoted arguments.
        let line = read(&self.data().join("postmaster.opts")).unwrap_or_default();
        let program = line.split(" \"").next().map(str::trim).map(Path::new);
        let folder = program.filter(|program| program.is_absolute()).and_then(Path::parent);
        if let Some(binaries) = folder.and_then(|folder| binaries::of_folder(folder, account)) {
            status.version = Some(binaries.version);
        }
        status.binaries = folder.map(Path::to_owned);
        status
    }
}

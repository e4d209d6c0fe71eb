//! The way to a session: with a server that somebody named, or with the private Postgres, which is started where it does not
//! run and made ready on first use.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Run, Session};
use crate::db::{self, Address, migrations};
use crate::error::{Cause, Error, Exit, Result, shell_word};
use crate::local::{self, Cluster, Endpoint, Lock, Started};
use crate::tell::Tell;

/// The database that every server has; used to make cmf's own.
const MAINTENANCE: &str = "postgres";

/// Where the database of a run is.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// A server that somebody named. It is never migrated or seeded without being asked.
    Named(Box<Address>),
    /// The private Postgres in this data directory.
    Private(PathBuf),
}

impl Whereabouts {
    /// The address of a server that somebody named. No pooler stands before the private Postgres.
    pub fn address(self) -> Option<Address> {
        match self {
            Whereabouts::Named(address) => Some(*address),
            Whereabouts::Private(_) => None,
        }
    }
}

impl std::fmt::Display for Whereabouts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whereabouts::Named(address) => address.fmt(f),
            Whereabouts::Private(directory) => write!(f, "the private Postgres in {}", directory.display()),
        }
    }
}

/// How a run opens its sessions.
pub struct Opening<'a> {
    /// What its sessions share.
    pub run: &'a Run,
    /// The tenant's schema, if one is named.
    pub schema: Option<&'a str>,
    /// The role whose rights the sessions have, if it is not the one that logs in.
    pub role: Option<&'a str>,
    /// No attempt to connect continues after this.
    pub deadline: Option<Instant>,
    /// Who hears what happens on the way.
    pub tell: &'a dyn Tell,
}

impl Opening<'_> {
    /// Connects to an address. Exit 69 when the server cannot be reached, 77 when it refuses the user.
    pub async fn connect(&self, address: &Address) -> Result<Session> {
        self.tell.debug(1, &|| format!("connecting to {address}"));
        if let Some(missed) = address.unchecked() {
            self.tell.notice(&format!("warning: cmf does not check the server's certificate, because {missed}"));
        }
        let mut address = address.clone();
        if let Some(name) = self.schema {
            address = address.in_schema(name)?;
        }
        if let Some(deadline) = self.deadline {
            address = address.until(deadline);
        }
        if let Some(role) = self.role {
            // What the session goes back to after every script.
            address = address.setting("role", role);
        }
        Session::connect(&address, self.run).await.map_err(|error| match error.exit() {
            // What is out of reach may be what the login lacks.
            Exit::Auth => address.out_of_reach().fold(error, |error, missed| error.detail(missed.to_string())),
            // One that refuses a session runs.
            Exit::Unreachable if error.is(Cause::NoServer) => {
                match address.socket_folder().filter(|folder| Cluster::at(*folder).exists().unwrap_or(false)) {
                    Some(folder) => {
                        let message = error.message().to_owned();
                        error.restated(message, format!("a private Postgres is there: `{}` starts it", start(folder)))
                    }
                    None => error,
                }
            }
            _ => error,
        })
    }

    /// Connects to the private Postgres: starts it where it does not run. On first use, and after an update of cmf that brings
    /// new migrations, `make_ready` is given its database; it is told whether it is the first, and says what it did. Exit 78
    /// when the private Postgres cannot be set up here, 69 when it does not start; what `make_ready` says.
    pub async fn private(
        &self,
        directory: &Path,
        make_ready: impl AsyncFnOnce(&mut Session, &dyn Tell, bool) -> Result<Vec<String>>,
    ) -> Result<Session> {
        let cluster = Cluster::at(directory);
        if let Some(endpoint) = cluster.ready()?
            && is_prepared(&cluster)?
        {
            match self.connect(&address(&endpoint, local::DATABASE)?).await {
                // The server is gone, or on its way down or up.
                Err(error) if error.exit() == Exit::Unreachable => self.tell.debug(1, &|| error.message().to_owned()),
                other => return other,
            }
        }
        self.tell.debug(1, &|| format!("starting the private Postgres in {}", directory.display()));
        let (lock, started) = {
            let cluster = cluster.clone();
            local::blocking(move || {
                let lock = cluster.lock()?;
                let started = cluster.start(&lock)?;
                Ok((lock, started))
            })
            .await?
        };
        if !is_prepared(&cluster)? {
            self.prepare(&cluster, &lock, &started, make_ready).await?;
        }
        self.connect(&address(&started.endpoint, local::DATABASE)?).await
    }

    /// Makes the database and has it made ready.
    async fn prepare(
        &self,
        cluster: &Cluster,
        lock: &Lock,
        started: &Started,
        make_ready: impl AsyncFnOnce(&mut Session, &dyn Tell, bool) -> Result<Vec<String>>,
    ) -> Result<()> {
        let mut maintenance = Session::connect(&address(&started.endpoint, MAINTENANCE)?, &Run::default()).await?;
        if !db::local::has_database(maintenance.connection()).await? {
            db::local::create_database(maintenance.connection()).await?;
        }
        maintenance.close().await?;

        // Whatever schema the command is for, the first to be made ready is `public`.
        let mut session = Session::connect(&address(&started.endpoint, local::DATABASE)?, &Run::default()).await?;
        let is_first = cluster.stamped()?.is_none();
        let done = make_ready(&mut session, self.tell, is_first).await?;
        session.close().await?;
        cluster.stamp(lock, &migrations::latest()?.unwrap_or_default())?;
        let directory = cluster.directory().display();
        let begin = if is_first {
            format!("made a private Postgres in {directory}")
        } else {
            format!("updated the private Postgres in {directory}")
        };
        self.tell.notice(&done.into_iter().fold(begin, |message, one| format!("{message}, {one}")));
        Ok(())
    }

    /// Connects to the private Postgres where it is already running; starts and prepares nothing. Fails when the server does not
    /// answer, or the directory is another user's.
    pub async fn running(&self, directory: &Path) -> Result<Option<Session>> {
        match Cluster::at(directory).ready()? {
            Some(endpoint) => self.connect(&address(&endpoint, local::DATABASE)?).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The command that starts the private Postgres of a directory.
fn start(directory: &Path) -> String {
    if local::default_data_dir().as_deref() == Some(directory) {
        "cmf local start".to_owned()
    } else {
        format!("CMF_DATA_DIR={} cmf local start", shell_word(directory.display()))
    }
}

/// The address of the private Postgres, which runs.
pub fn running_address(directory: &Path) -> Result<Address> {
    address(&running_endpoint(directory)?, local::DATABASE)
}

/// Where the private Postgres runs. Exit 69 when it was stopped meanwhile.
pub fn running_endpoint(directory: &Path) -> Result<Endpoint> {
    Cluster::at(directory).ready()?.ok_or_else(|| {
        Error::new(Exit::Unreachable, "the private Postgres was stopped meanwhile").hint("run the command again")
    })
}

fn address(endpoint: &Endpoint, database: &str) -> Result<Address> {
    match endpoint {
        Endpoint::Socket { directory, port } => Address::socket(directory, *port, local::USER, database),
        Endpoint::Loopback { port, password } => Address::loopback(*port, local::USER, password, database),
    }
}

/// Whether the note in the data directory says that all migrations of this binary are there.
fn is_prepared(cluster: &Cluster) -> Result<bool> {
    let latest = migrations::latest()?.unwrap_or_default();
    Ok(cluster.stamped()?.is_some_and(|stamped| stamped >= latest))
}

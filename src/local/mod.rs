//! The private Postgres: a real server in a directory of its own, made, started and stopped here with the programs found on
//! the system.
//!
//! The directory holds the cluster (`data`), the server's log, its socket, and a lock file. It is closed to everybody but
//! its owner and root, and the server knows only these two: it listens on the socket alone and asks the operating system
//! who calls (`peer`). Where there are no unix sockets it listens on the loopback address and asks for a password (scram).
//!
//! Whoever makes, starts, stops or deletes holds the [`Lock`]; finding a server that runs takes none.
//!
//! Root lends the server to another user, and that user can put anything into the directory. So all that is done in it is done
//! as that user (`Account::within`): each public function here enters by it, and no other touches the directory.

mod account;
mod binaries;
mod create;
mod disk;
mod endpoint;
mod files;
mod process;
mod server;
mod status;
mod upgrade;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use account::{default_data_dir, login};
pub use binaries::{Binaries, client, install_line, others_are_named};
pub use disk::free_space;
pub use endpoint::{DATABASE, Endpoint, USER};
pub use process::blocking;
pub use status::{ServerState, Status};
pub use upgrade::Upgraded;

use account::{Account, DATA, full_disk, not_alone, unusable};
use endpoint::{SOCKET_PORT, socket_name};
use files::{close_to_others, read, same_file, sync_directory, write_private};
use process::is_server;

use crate::error::{Error, Exit, Result};

const LOCK: &str = "cmf.lock";
const LOG: &str = "server.log";
const STAMP: &str = "prepared";
const PASSWORDS: &str = "pgpass";
/// The longest path of a unix socket, in bytes: `sun_path` without its final zero.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// A log longer than this is set aside when the server starts.
const LOG_LIMIT: u64 = 1 << 20;

/// How long a server may take to be ready: replaying the log of a crash takes a while.
const START_LIMIT: Duration = Duration::from_mins(2);
/// How long to try again when remains of a killed server are in the way: its children need a moment to see that it is gone.
const REMAINS_LIMIT: Duration = Duration::from_secs(20);
/// How long a stop may take. It disconnects everybody at once and writes what is in memory.
const STOP_LIMIT: Duration = Duration::from_mins(1);
/// How long a server may answer while its file names another process: one that ends leaves its file for a moment.
const STRANGER_LIMIT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(3);

/// The exclusive right to make, start, stop and delete one private Postgres, for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
    account: Account,
}

/// What [`Cluster::start`] did.
#[derive(Debug)]
pub struct Started {
    /// Where the server is.
    pub endpoint: Endpoint,
    /// Whether the cluster was made now.
    pub created: bool,
    /// Whether the server was started now; else it ran already.
    pub launched: bool,
}

/// A private Postgres in a directory of its own, running or not.
#[derive(Debug, Clone)]
pub struct Cluster {
    directory: PathBuf,
    throwaway: bool,
    loopback: bool,
}

/// What `postmaster.pid` says.
#[derive(Debug)]
struct PidFile {
    pid: u32,
    port: u16,
    socket_directory: String,
    status: String,
    /// That of the loopback variant, which is kept in another file.
    password: String,
}

enum Condition {
    Ready(Endpoint),
    Busy(u32),
    Down,
}

impl Cluster {
    /// The private Postgres of this directory. Nothing is touched yet.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Cluster { directory: directory.into(), throwaway: false, loopback: cfg!(not(unix)) }
    }

    /// A Postgres for tests: for many connections and without any care for the data when the machine goes down.
    pub fn throwaway(directory: impl Into<PathBuf>) -> Self {
        Cluster { throwaway: true, ..Self::at(directory) }
    }

    /// The same, on the loopback address with a password in place of a unix socket.
    #[must_use]
    pub fn on_loopback(self) -> Self {
        Cluster { loopback: true, ..self }
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.directory.join(LOG)
    }

    fn data(&self) -> PathBuf {
        self.directory.join(DATA)
    }

    /// Whose the directory is; nothing if there is none, or an empty one of root's.
    fn account(&self) -> Result<Option<Account>> {
        match fs::metadata(&self.directory) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            _ => {}
        }
        let mut account = Account::of(&self.directory)?;
        if account.gives() {
            let mut entries = fs::read_dir(&self.directory).map_err(|error| unusable(&self.directory, "read", &error))?;
            if entries.next().is_none() {
                return Ok(None);
            }
            // Another command may have given it away just now.
            account = Account::of(&self.directory)?;
            if account.gives() {
                return Err(not_alone(&self.directory));
            }
        }
        account.reaches(&self.directory)?;
        Ok(Some(account))
    }

    /// Looks at the directory as its user; nothing if there is none.
    fn look<T: Send>(&self, work: impl FnOnce(&Account) -> Result<T> + Send) -> Result<Option<T>> {
        match self.account()? {
            Some(account) => account.within(|| work(&account)).map(Some),
            None => Ok(None),
        }
    }

    /// Where the server is if it says that it is ready. Reads a file and starts no process, so it is cheap and it may be
    /// wrong after a crash: who cannot connect then calls [`Cluster::start`]. Exit 78 when the directory is another user's:
    /// nobody is sent to a server that somebody else put there.
    pub fn ready(&self) -> Result<Option<Endpoint>> {
        let file = self.look(|_| Ok(self.pid_file().filter(|file| file.status == "ready" && self.is_here(file))))?;
        Ok(file.flatten().map(|file| self.endpoint(&file)))
    }

    fn pid_file(&self) -> Option<PidFile> {
        let text = read(&self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let mut lines = lines.skip(2);
        let mut line = || lines.next().unwrap_or_default().trim().to_owned();
        let port = line().parse().unwrap_or(SOCKET_PORT);
        let socket_directory = line();
        let (_listen, _memory, status) = (line(), line(), line());
        let password = if self.loopback { self.password() } else { String::new() };
        Some(PidFile { pid, port, socket_directory, status, password })
    }

    /// The socket is in the directory, whatever the file says: nobody is sent to a server elsewhere.
    fn endpoint(&self, file: &PidFile) -> Endpoint {
        if self.loopback {
            Endpoint::Loopback { port: file.port, password: file.password.clone() }
        } else {
            Endpoint::Socket { directory: self.directory.clone(), port: file.port }
        }
    }

    /// Whether the server's socket is where cmf has it.
    fn is_here(&self, file: &PidFile) -> bool {
        let there = Path::new(&file.socket_directory);
        let same = || there.canonicalize().is_ok_and(|there| self.directory.canonicalize().is_ok_and(|here| here == there));
        self.loopback || file.socket_directory.is_empty() || there == self.directory || same()
    }

    /// The password of the loopback variant, kept in the form of a `.pgpass` file.
    fn password(&self) -> String {
        let text = read(&self.directory.join(PASSWORDS)).unwrap_or_default();
        text.trim().rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Takes the lock, making the directory if there is none. Waits for the process that holds it. Exit 78 when the
    /// directory is another user's, cannot be made or written, holds something else, has a path that is too long for a socket,
    /// or is closed to the user that runs root's server.
    pub fn lock(&self) -> Result<Lock> {
        self.check_path()?;
        loop {
            let account = Account::of(&self.directory)?;
            account.reaches(&self.directory)?;
            account.make(&self.directory)?;
            account.reaches(&self.directory)?;
            if let Some(file) = account.within(|| self.take_lock())? {
                return Ok(Lock { file, account });
            }
        }
    }

    /// Takes the lock; nothing where it guards nothing any more.
    fn take_lock(&self) -> Result<Option<File>> {
        let failed = |done: &'static str| move |error: io::Error| unusable(&self.directory, done, &error);
        if let Ok(entries) = fs::read_dir(&self.directory) {
            let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            if !names.is_empty() && !names.iter().any(|name| name == LOCK) {
                return Err(not_alone(&self.directory));
            }
        }
        close_to_others(&self.directory).map_err(failed("made"))?;
        let path = self.directory.join(LOCK);
        let file = match files::open(&path, true) {
            Ok(file) => file,
            // Deleted between the two steps by somebody who held the lock.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("written")(error)),
        };
        file.lock().map_err(failed("locked"))?;
        // The one that held it may have deleted it: then it guards nothing any more.
        Ok(same_file(&file, &path).then_some(file))
    }

    fn check_path(&self) -> Result<()> {
        let shown = self.directory.display();
        let text = self.directory.to_string_lossy();
        // pg_ctl hands the path to a shell inside double quotes.
        if let Some(bad) = text.chars().find(|&c| "\"$`\\".contains(c) && !(cfg!(windows) && c == '\\') || c.is_control()) {
            return Err(Error::new(Exit::Config, format!("pg_ctl of Postgres does not work with `{bad}` in the path {shown}"))
                .hint("set CMF_DATA_DIR to another directory"));
        }
        let length = self.directory.join(socket_name(SOCKET_PORT)).as_os_str().len();
        if !self.loopback && length > SOCKET_PATH_LIMIT {
            return Err(Error::new(
                Exit::Config,
                format!(
                    "the path of the server's socket has {length} bytes, but the system allows {SOCKET_PATH_LIMIT}: {shown}"
                ),
            )
            .hint("set CMF_DATA_DIR to a directory with a shorter path"));
        }
        Ok(())
    }

    /// Brings the server up: makes the cluster if there is none, starts the server where it does not run, and waits
    /// until it takes connections, through the recovery after a crash too. Exit 78 when there are no programs of Postgres, or
    /// none of the cluster's major version; 73 when the disk is full; 69 when the server does not start for another reason.
    pub fn start(&self, lock: &Lock) -> Result<Started> {
        lock.account.within(|| self.until_ready(lock))
    }

    fn until_ready(&self, lock: &Lock) -> Result<Started> {
        let begun = Instant::now();
        let (mut created, mut launched) = (false, false);
        loop {
            self.check_socket()?;
            match self.condition() {
                Condition::Ready(endpoint) => return Ok(Started { endpoint, created, launched }),
                Condition::Busy(pid) => {
                    if begun.elapsed() > START_LIMIT {
                        return Err(Error::new(
                            Exit::Unreachable,
                            format!("the private Postgres (process {pid}) is not ready after {} s", START_LIMIT.as_secs()),
                        )
                        .hint(format!("read its log, {}", self.log().display())));
                    }
                }
                Condition::Down => {
                    self.undo_interrupted_upgrade()?;
                    let binaries = self.binaries(&lock.account)?;
                    if !self.data().exists() {
                        self.create(lock, &binaries)?;
                        created = true;
                    }
                    launched = true;
                    if let Err(error) = self.launch(lock, &binaries)? {
                        if begun.elapsed() > REMAINS_LIMIT {
                            return Err(error);
                        }
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn check_socket(&self) -> Result<()> {
        match self.pid_file() {
            Some(file) if !self.is_here(&file) && is_server(file.pid, &self.data()) => Err(Error::new(
                Exit::Config,
                format!(
                    "another server, not started by cmf, runs in {}: it listens in {}",
                    self.data().display(),
                    file.socket_directory
                ),
            )
            .hint("stop that server, then run the command again")),
            _ => Ok(()),
        }
    }

    fn condition(&self) -> Condition {
        let Some(file) = self.pid_file() else { return Condition::Down };
        let endpoint = self.endpoint(&file);
        if endpoint.answers() {
            return if file.status == "ready" { Condition::Ready(endpoint) } else { Condition::Busy(file.pid) };
        }
        if is_server(file.pid, &self.data()) { Condition::Busy(file.pid) } else { Condition::Down }
    }

    /// The installation for this cluster: of its major version, or the newest for a new one.
    fn binaries(&self, account: &Account) -> Result<Binaries> {
        if !self.data().exists() {
            return binaries::newest(account);
        }
        let major = self.major()?;
        if let Some(binaries) = binaries::of_major(major, account)? {
            return Ok(binaries);
        }
        let found = binaries::all(account)?;
        let shown = self.directory.display();
        let message = match found.first() {
            Some(other) => {
                format!(
                    "the private Postgres in {shown} has version {major}, but the installed programs have {}",
                    other.version
                )
            }
            None => format!("the private Postgres in {shown} needs the programs of Postgres {major}, which are not installed"),
        };
        let mut error = Error::new(Exit::Config, message).hint(format!("install that version: {}", install_line(Some(major))));
        if found.iter().any(|other| other.major > major) {
            error = error.hint("or move the data to the newer version: `cmf local upgrade`");
        }
        Err(error.hint("or set CMF_DATA_DIR to a new directory and leave this one as it is"))
    }

    /// The major version of the cluster.
    fn major(&self) -> Result<u32> {
        let path = self.data().join("PG_VERSION");
        let text = read(&path).map_err(|error| {
            Error::new(
                Exit::Config,
                format!("{} is not a data directory of Postgres: PG_VERSION: {error}", self.data().display()),
            )
            .hint("put the data back, or set CMF_DATA_DIR to a new directory")
        })?;
        text.trim().parse().map_err(|_| {
            Error::new(Exit::Config, format!("{} has no version of Postgres in it: `{}`", path.display(), text.trim()))
                .hint("put the data back, or set CMF_DATA_DIR to a new directory")
        })
    }

    /// A command, with nothing of the caller's settings for Postgres in its environment. It runs as the server's user, as this
    /// thread does.
    fn command(&self, lock: &Lock, program: &Path) -> Command {
        let mut command = Command::new(program);
        lock.account.limit_environment(&mut command);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("CMF_") || text == "DATABASE_URL" {
                command.env_remove(&name);
            }
        }
        // Messages in one language: some of them are read here.
        command.env("LC_ALL", "C").current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    /// Stops the server and deletes everything.
    pub fn destroy(&self, lock: Lock) -> Result<()> {
        let failed = |error: io::Error| {
            Error::failed(format!("{} cannot be deleted: {error}", self.directory.display()))
                .changed("A part of it may be deleted already.")
                .hint("run the command again as the user that the folder belongs to")
        };
        lock.account.within(|| {
            self.stop(&lock)?;
            for entry in fs::read_dir(&self.directory).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = entry.path();
                if entry.file_name() == LOCK {
                    continue;
                }
                let is_folder = entry.file_type().map_err(failed)?.is_dir();
                let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(failed)?;
            }
            fs::remove_file(self.directory.join(LOCK)).map_err(failed)
        })?;
        let Lock { file, account } = lock;
        drop(file);
        match account.remove(&self.directory) {
            // Somebody begins again already.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            other => other.map_err(failed),
        }
    }

    /// Whether there is a cluster. Exit 78 when the directory is another user's, or holds something else.
    pub fn exists(&self) -> Result<bool> {
        Ok(self.look(|_| Ok(self.data().exists()))?.unwrap_or_default())
    }

    /// What [`Cluster::stamp`] left. Exit 78 when the directory is another user's, or holds something else.
    pub fn stamped(&self) -> Result<Option<String>> {
        let text = self.look(|_| Ok(read(&self.directory.join(STAMP)).ok()))?;
        Ok(text.flatten().map(|text| text.trim().to_owned()))
    }

    /// Has the next command look what its database needs, although it is not the first.
    pub fn unstamp(&self) -> Result<()> {
        self.stamp(&self.lock()?, "0")
    }

    /// Leaves a note that the databases are prepared up to this point. Exit 73 when it cannot be written.
    pub fn stamp(&self, lock: &Lock, text: &str) -> Result<()> {
        let write = || write_private(&self.directory.join(STAMP), &format!("{text}\n"));
        lock.account.within(|| write().map_err(|error| write_error(&self.directory, &error)))
    }
}

fn write_error(directory: &Path, error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) {
        return full_disk(directory, &error.to_string());
    }
    Error::new(Exit::Output, format!("the private Postgres in {} cannot be written: {error}", directory.display()))
}

fn cannot_run(program: &Path, error: &io::Error) -> Error {
    Error::new(Exit::Config, format!("{} cannot be run: {error}", program.display()))
        .hint("give the user that runs the private Postgres access to it, or name another folder of programs with CMF_PG_BIN")
}

//! The private Postgres: a real server in a directory of its own, made, started and stopped here with the programs found on
//! the system.
//!
//! The directory holds the cluster (`data`), the server's log, its socket, and a lock file. It is closed to everybody but
//! its owner and root, and the server knows only these two: it listens on the socket alone and asks the operating system
//! who calls (`peer`). Where there are no unix sockets it listens on the loopback address and asks for a password (scram).
//!
//! Whoever makes, starts, stops or deletes holds the [`Lock`]; finding a server that runs takes none.

mod account;
mod binaries;
mod disk;
mod upgrade;

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use account::{default_data_dir, login};
pub use binaries::{Binaries, client, install_line};
pub use disk::free_space;
pub use upgrade::Upgraded;

use account::Account;

use crate::error::{Error, Exit, Result};

/// The one user of a private server.
pub const USER: &str = "cmf";
/// The database that commands work on.
pub const DATABASE: &str = "cmf";

const LOCK: &str = "cmf.lock";
const DATA: &str = "data";
const LOG: &str = "server.log";
const STAMP: &str = "prepared";
const PASSWORDS: &str = "pgpass";
/// The port in the socket's name; a directory of its own needs no other.
const SOCKET_PORT: u16 = 5432;
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
const PAUSE: Duration = Duration::from_millis(3);

/// Where a running server is.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// On a unix socket in this directory.
    Socket {
        /// The directory.
        directory: PathBuf,
        /// The port that is part of the socket's name.
        port: u16,
    },
    /// On a port of the loopback address.
    Loopback {
        /// The port.
        port: u16,
        /// The password of [`USER`].
        password: String,
    },
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url(DATABASE))
    }
}

impl Endpoint {
    /// The URL of a database on this server, without a password. psql and cmf itself read it.
    pub fn url(&self, database: &str) -> String {
        match self {
            Endpoint::Socket { directory, port } => {
                let port = if *port == SOCKET_PORT { String::new() } else { format!(":{port}") };
                format!("postgres://{USER}@{}{port}/{database}", percent_encoded(&directory.to_string_lossy()))
            }
            Endpoint::Loopback { port, .. } => format!("postgres://{USER}@127.0.0.1:{port}/{database}"),
        }
    }

    /// Whether something listens there.
    fn answers(&self) -> bool {
        match self {
            #[cfg(unix)]
            Endpoint::Socket { directory, port } => {
                std::os::unix::net::UnixStream::connect(directory.join(socket_name(*port))).is_ok()
            }
            #[cfg(not(unix))]
            Endpoint::Socket { .. } => false,
            Endpoint::Loopback { port, .. } => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
                TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
            }
        }
    }
}

fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

/// Everything but letters, digits and `-._~` as `%XX`, so that a path can stand where a URL has its host.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

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

/// How a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It answers.
    Running,
    /// It is starting, recovering or stopping.
    Busy,
    /// There is a cluster and no server.
    Stopped,
    /// There is no cluster yet.
    Absent,
}

impl State {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Busy => "busy",
            State::Stopped => "stopped",
            State::Absent => "absent",
        }
    }
}

/// What is known about a private Postgres.
#[derive(Debug)]
pub struct Status {
    /// How it stands.
    pub state: State,
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

    /// The directory.
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

    /// Where the server is if it says that it is ready. Reads a file and starts no process, so it is cheap and it may be
    /// wrong after a crash: who cannot connect then calls [`Cluster::start`].
    ///
    /// # Errors
    /// Exit 78 when the directory is another user's: nobody is sent to a server that somebody else put there.
    pub fn ready(&self) -> Result<Option<Endpoint>> {
        if !self.directory.exists() {
            return Ok(None);
        }
        Account::of(&self.directory)?;
        Ok(self.pid_file().filter(|file| file.status == "ready").map(|file| self.endpoint(&file)))
    }

    fn pid_file(&self) -> Option<PidFile> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let mut lines = lines.skip(2);
        let mut line = || lines.next().unwrap_or_default().trim().to_owned();
        let port = line().parse().unwrap_or(SOCKET_PORT);
        let socket_directory = line();
        let (_listen, _memory, status) = (line(), line(), line());
        Some(PidFile { pid, port, socket_directory, status })
    }

    fn endpoint(&self, file: &PidFile) -> Endpoint {
        if self.loopback {
            Endpoint::Loopback { port: file.port, password: self.password() }
        } else {
            let directory =
                if file.socket_directory.is_empty() { self.directory.clone() } else { PathBuf::from(&file.socket_directory) };
            Endpoint::Socket { directory, port: file.port }
        }
    }

    /// The password of the loopback variant, kept in the form of a `.pgpass` file.
    fn password(&self) -> String {
        let text = fs::read_to_string(self.directory.join(PASSWORDS)).unwrap_or_default();
        text.trim().rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Takes the lock, making the directory where there is none. Waits for the process that holds it.
    ///
    /// # Errors
    /// Exit 78 when the directory is another user's, cannot be made or written, holds something else, has a path that is
    /// too long for a socket, or is closed to the user that runs root's server.
    pub fn lock(&self) -> Result<Lock> {
        self.check_path()?;
        loop {
            let account = self.make_directory()?;
            let path = self.directory.join(LOCK);
            let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
            let file = match opened {
                Ok(file) => file,
                // Deleted between the two steps by somebody who held the lock.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unusable(&self.directory, "written", &error)),
            };
            account.own(&path).map_err(|error| unusable(&self.directory, "written", &error))?;
            file.lock().map_err(|error| unusable(&self.directory, "locked", &error))?;
            // The one that held it may have deleted it: then it guards nothing any more.
            if same_file(&file, &path) {
                return Ok(Lock { file, account });
            }
        }
    }

    fn check_path(&self) -> Result<()> {
        let shown = self.directory.display();
        let text = self.directory.to_string_lossy();
        // pg_ctl hands the path to a shell inside double quotes.
        if let Some(bad) = text.chars().find(|&c| "\"$`\\".contains(c) && !(cfg!(windows) && c == '\\') || c.is_control()) {
            return Err(Error::new(Exit::Config, format!("Postgres's pg_ctl cannot work with `{bad}` in the path {shown}"))
                .hint("set CMF_DATA_DIR to another directory"));
        }
        let length = self.directory.join(socket_name(SOCKET_PORT)).as_os_str().len();
        if !self.loopback && length > SOCKET_PATH_LIMIT {
            return Err(Error::new(
                Exit::Config,
                format!(
                    "the path of the server's socket has {length} bytes, and the system takes {SOCKET_PATH_LIMIT}: {shown}"
                ),
            )
            .hint("set CMF_DATA_DIR to a directory with a shorter path"));
        }
        Ok(())
    }

    fn make_directory(&self) -> Result<Account> {
        if let Ok(entries) = fs::read_dir(&self.directory) {
            let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            if !names.is_empty() && !names.iter().any(|name| name == LOCK) {
                return Err(Error::new(
                    Exit::Config,
                    format!(
                        "{} holds other files, and the private Postgres wants a directory for itself",
                        self.directory.display()
                    ),
                )
                .hint("set CMF_DATA_DIR to a new or an empty directory"));
            }
        }
        let account = Account::of(&self.directory)?;
        account.reaches(&self.directory)?;
        let failed = |error: io::Error| unusable(&self.directory, "made", &error);
        if let Some(parent) = self.directory.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        match fs::create_dir(&self.directory) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        close_to_others(&self.directory).map_err(failed)?;
        account.own(&self.directory).map_err(failed)?;
        account.reaches(&self.directory)?;
        Ok(account)
    }

    /// Brings the server up: makes the cluster where there is none, starts the server where it does not run, and waits
    /// until it takes connections, through the recovery after a crash too.
    ///
    /// # Errors
    /// Exit 78 when there are no programs of Postgres, or none of the cluster's major version; 73 when the disk is full; 69
    /// when the server does not start for another reason.
    pub fn start(&self, lock: &Lock) -> Result<Started> {
        let begun = Instant::now();
        let (mut created, mut launched) = (false, false);
        loop {
            match self.condition() {
                Condition::Ready(endpoint) => {
                    self.check_socket(&endpoint)?;
                    return Ok(Started { endpoint, created, launched });
                }
                Condition::Busy(pid) => {
                    if begun.elapsed() > START_LIMIT {
                        return Err(Error::new(
                            Exit::Unreachable,
                            format!("the private Postgres (process {pid}) is not ready after {} s", START_LIMIT.as_secs()),
                        )
                        .hint(format!("see its log, {}", self.log().display())));
                    }
                }
                Condition::Down => {
                    self.undo_interrupted_upgrade()?;
                    let binaries = self.binaries()?;
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

    fn check_socket(&self, endpoint: &Endpoint) -> Result<()> {
        match endpoint {
            Endpoint::Socket { directory, .. } if *directory != self.directory => Err(Error::new(
                Exit::Config,
                format!(
                    "a server that cmf did not start runs in {}: it listens in {}",
                    self.data().display(),
                    directory.display()
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
    fn binaries(&self) -> Result<Binaries> {
        if !self.data().exists() {
            return binaries::newest();
        }
        let major = self.major()?;
        if let Some(binaries) = binaries::of_major(major)? {
            return Ok(binaries);
        }
        let found = binaries::all()?;
        let shown = self.directory.display();
        let message = match found.first() {
            Some(other) => {
                format!(
                    "the private Postgres in {shown} is of version {major}, and the programs found are of {}",
                    other.version
                )
            }
            None => format!("the private Postgres in {shown} needs the programs of Postgres {major}, and none are found"),
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
        let text = fs::read_to_string(&path).map_err(|error| {
            Error::new(
                Exit::Config,
                format!("{} is not the data directory of a Postgres: PG_VERSION: {error}", self.data().display()),
            )
            .hint("put the data back, or set CMF_DATA_DIR to a new directory")
        })?;
        text.trim().parse().map_err(|_| {
            Error::new(Exit::Config, format!("{} does not hold the version of a Postgres: `{}`", path.display(), text.trim()))
                .hint("put the data back, or set CMF_DATA_DIR to a new directory")
        })
    }

    /// A command of the server's user, with nothing of the caller's settings for Postgres in its environment.
    fn command(&self, lock: &Lock, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("CMF_") || text == "DATABASE_URL" {
                command.env_remove(&name);
            }
        }
        // Messages in one language: some of them are read here.
        command.env("LC_ALL", "C").current_dir(&self.directory).stdin(Stdio::null());
        lock.account.apply(&mut command);
        command
    }

    /// Makes the cluster beside its place and moves it there when it is complete.
    fn create(&self, lock: &Lock, binaries: &Binaries) -> Result<()> {
        let staged = self.directory.join("data.new");
        let disk = |error: io::Error| write_error(&self.directory, &error);
        if staged.exists() {
            fs::remove_dir_all(&staged).map_err(disk)?;
        }
        let passwords = self.directory.join(PASSWORDS);
        let mut password_file = None;
        if self.loopback {
            let password = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            write_private(&passwords, &format!("127.0.0.1:*:*:{USER}:{password}\n")).map_err(disk)?;
            lock.account.own(&passwords).map_err(disk)?;
            let path = self.directory.join("password.new");
            write_private(&path, &password).map_err(disk)?;
            lock.account.own(&path).map_err(disk)?;
            password_file = Some(path);
        }
        let outcome = self.initdb(lock, binaries, &staged, password_file.as_deref());
        if let Some(path) = &password_file {
            fs::remove_file(path).map_err(disk)?;
        }
        outcome?;
        self.configure(lock, &staged).map_err(disk)?;
        fs::rename(&staged, self.data()).map_err(disk)?;
        if self.throwaway { Ok(()) } else { sync_directory(&self.directory).map_err(disk) }
    }

    fn initdb(&self, lock: &Lock, binaries: &Binaries, staged: &Path, password_file: Option<&Path>) -> Result<()> {
        // Bytewise order and, where the system has it, the case rules of Unicode.
        let locales: &[&[&str]] = if binaries.major >= 17 {
            &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
        } else {
            &[&["--lc-ctype=C.UTF-8"], &["--lc-ctype=en_US.UTF-8"], &[]]
        };
        let mut said = String::new();
        for locale in locales {
            let mut command = self.command(lock, &binaries.program("initdb"));
            command.arg("-D").arg(staged).args(["-U", USER, "-E", "UTF8", "--locale=C"]).args(*locale);
            // Who may log in is written before the first start.
            command.arg("--auth=trust");
            command.arg(if self.throwaway { "--no-sync" } else { "--data-checksums" });
            if let Some(path) = password_file {
                command.arg(format!("--pwfile={}", path.display()));
            }
            // initdb holds the lock too: if this process dies, the next one waits until initdb has ended.
            command.stdin(Stdio::from(lock.file.try_clone().map_err(|error| write_error(&self.directory, &error))?));
            let output = command.output().map_err(|error| cannot_run(&binaries.program("initdb"), &error))?;
            if output.status.success() {
                return Ok(());
            }
            said = String::from_utf8_lossy(&output.stderr).into_owned();
            if !said.contains("locale") {
                break;
            }
        }
        Err(self.refused("the private Postgres cannot be made", &said))
    }

    /// Writes the server's settings and who may log in.
    fn configure(&self, lock: &Lock, data: &Path) -> io::Result<()> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let mut settings = vec![
            "# Written by cmf.".to_owned(),
            "cluster_name = 'cmf'".to_owned(),
            "timezone = 'UTC'".to_owned(),
            "log_timezone = 'UTC'".to_owned(),
            "password_encryption = 'scram-sha-256'".to_owned(),
            "shared_buffers = '32MB'".to_owned(),
            "jit = off".to_owned(),
            "log_checkpoints = off".to_owned(),
            // A refused statement is told to who sent it; the log would keep the data in it.
            "log_min_error_statement = 'panic'".to_owned(),
            "log_min_messages = 'log'".to_owned(),
        ];
        let mut rules = vec!["# Written by cmf.".to_owned()];
        if self.loopback {
            settings.push("listen_addresses = '127.0.0.1'".to_owned());
            settings.push("unix_socket_directories = ''".to_owned());
            rules.push(format!("host all {USER} 127.0.0.1/32 scram-sha-256"));
        } else {
            // A list of directories, so one with a comma in its name is quoted once more.
            let directory = format!("\"{}\"", self.directory.to_string_lossy());
            settings.push("listen_addresses = ''".to_owned());
            settings.push(format!("unix_socket_directories = {}", quoted(&directory)));
            settings.push("unix_socket_permissions = 0700".to_owned());
            rules.push(format!("local all {USER} peer map=cmf"));
            let mut names = vec!["# Written by cmf: who may be the database's user.".to_owned()];
            names.extend(lock.account.logins().iter().map(|name| format!("cmf \"{name}\" {USER}")));
            fs::write(data.join("pg_ident.conf"), names.join("\n") + "\n")?;
        }
        if self.throwaway {
            settings
                .extend(["fsync", "synchronous_commit", "full_page_writes", "autovacuum"].map(|name| format!("{name} = off")));
            if !self.loopback {
                // Tests log in as roles of less privilege; the directory keeps everybody else out.
                rules.push("local all all trust".to_owned());
            }
            settings.extend(["max_connections = 200", "wal_level = minimal", "max_wal_senders = 0"].map(str::to_owned));
        }
        fs::write(data.join("pg_hba.conf"), rules.join("\n") + "\n")?;
        let mut file = File::options().append(true).open(data.join("postgresql.conf"))?;
        file.write_all((settings.join("\n") + "\n").as_bytes())?;
        if !self.throwaway {
            for name in ["pg_hba.conf", "pg_ident.conf", "postgresql.conf"] {
                File::open(data.join(name))?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Starts the server and waits for it. An inner error is one that may pass: remains of a killed server.
    fn launch(&self, lock: &Lock, binaries: &Binaries) -> Result<Result<()>> {
        let log = self.log();
        let disk = |error: io::Error| write_error(&self.directory, &error);
        if fs::metadata(&log).is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
            fs::rename(&log, self.directory.join("server.log.1")).map_err(disk)?;
        }
        let before = fs::metadata(&log).map_or(0, |metadata| metadata.len());
        // A process id that now belongs to something else would keep the server from starting.
        for file in [self.data().join("postmaster.pid"), self.directory.join(format!("{}.lock", socket_name(SOCKET_PORT)))] {
            if named_process(&file).is_some_and(|pid| is_alive(pid) && !is_server(pid, &self.data())) {
                fs::remove_file(&file).map_err(disk)?;
            }
        }
        // pg_ctl gives the server a session of its own and leaves it to init, so that it outlives this process, its
        // terminal, and Ctrl-C.
        let pg_ctl = binaries.program("pg_ctl");
        let mut command = self.without_inherited_files(lock, &pg_ctl);
        command.args(["start", "-w", "-s", "-t"]).arg(START_LIMIT.as_secs().to_string());
        command.arg("-D").arg(self.data()).arg("-l").arg(&log);
        if self.loopback {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).map_err(disk)?;
            command.arg("-o").arg(format!("-p {}", free.port()));
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| cannot_run(&pg_ctl, &error))?;
        let begun = Instant::now();
        let mut ended = None;
        loop {
            if let Condition::Ready(_) = self.condition() {
                return Ok(Ok(()));
            }
            // pg_ctl looks ten times a second; looking here as well saves most of that.
            if ended.is_none() {
                ended = child.try_wait().map_err(disk)?;
            }
            if ended.is_some_and(|status| !status.success()) || begun.elapsed() > START_LIMIT {
                let said = read_from(&log, before);
                let error = self.refused("the private Postgres does not start", &said);
                let passes = ["pre-existing shared memory block", "already exists"];
                return if passes.iter().any(|text| said.contains(text)) { Ok(Err(error)) } else { Err(error) };
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// A command that does not inherit the caller's open files: a server that stays up would hold a lock that a script
    /// took with `flock 9`, or the write end of a pipe, for ever.
    #[cfg(unix)]
    fn without_inherited_files(&self, lock: &Lock, program: &Path) -> Command {
        // Only bash closes numbers of two digits and more.
        const CLOSE: &str = r#"for fd in 3 4 5 6 7 8 9 ${BASH_VERSION:+$(ls /dev/fd)}; do
            [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done 2>/dev/null; exec "$@""#;
        let shell = if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/bin/sh" };
        let mut command = self.command(lock, Path::new(shell));
        command.arg("-c").arg(CLOSE).arg("cmf").arg(program);
        command
    }

    #[cfg(not(unix))]
    fn without_inherited_files(&self, lock: &Lock, program: &Path) -> Command {
        self.command(lock, program)
    }

    /// The error for what a program of Postgres said.
    fn refused(&self, message: &str, said: &str) -> Error {
        let full = ["No space left on device", "Disk quota exceeded", "File too large"];
        if let Some(reason) = full.iter().find(|text| said.contains(**text)) {
            return full_disk(&self.directory, reason);
        }
        let telling: Vec<&str> = said
            .lines()
            .filter(|line| {
                ["FATAL", "PANIC", "ERROR", "error:", "HINT", "hint:", "DETAIL", "detail:"]
                    .iter()
                    .any(|word| line.contains(word))
            })
            .collect();
        let telling = if telling.is_empty() { said.lines().filter(|line| !line.trim().is_empty()).collect() } else { telling };
        let mut error = Error::new(Exit::Unreachable, message);
        for line in telling.iter().rev().take(6).rev() {
            error = error.detail(line.trim());
        }
        error.hint(format!("its files and its log are in {}", self.directory.display()))
    }

    /// Stops the server: open transactions are rolled back. Says whether it ran.
    ///
    /// # Errors
    /// Exit 69 when it does not end within a minute.
    pub fn stop(&self, _lock: &Lock) -> Result<bool> {
        let begun = Instant::now();
        let mut asked = None;
        loop {
            let pid = match self.condition() {
                Condition::Down => return Ok(asked.is_some()),
                Condition::Ready(_) | Condition::Busy(_) => match self.pid_file() {
                    Some(file) => file.pid,
                    None => return Ok(asked.is_some()),
                },
            };
            if asked != Some(pid) {
                self.ask_to_end(pid)?;
                asked = Some(pid);
            }
            if begun.elapsed() > STOP_LIMIT {
                return Err(Error::new(
                    Exit::Unreachable,
                    format!("the private Postgres (process {pid}) has not stopped after {} s", STOP_LIMIT.as_secs()),
                )
                .hint(format!("see its log, {}", self.log().display())));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Asks for a fast shutdown.
    #[cfg(unix)]
    fn ask_to_end(&self, pid: u32) -> Result<()> {
        let known = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        match known.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::INT)) {
            None | Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => Ok(()),
            Some(Err(error)) => Err(Error::failed(format!("the private Postgres (process {pid}) cannot be stopped: {error}"))),
        }
    }

    #[cfg(not(unix))]
    fn ask_to_end(&self, _pid: u32) -> Result<()> {
        let binaries = self.binaries()?;
        let pg_ctl = binaries.program("pg_ctl");
        let status = Command::new(&pg_ctl)
            .args(["stop", "-m", "fast", "-W", "-s", "-D"])
            .arg(self.data())
            .status()
            .map_err(|error| cannot_run(&pg_ctl, &error))?;
        if status.success() { Ok(()) } else { Err(Error::failed("the private Postgres cannot be stopped")) }
    }

    /// Stops the server and deletes everything.
    ///
    /// # Errors
    /// As [`Cluster::stop`], and when something cannot be deleted.
    pub fn destroy(&self, lock: Lock) -> Result<()> {
        self.stop(&lock)?;
        let failed = |error: io::Error| Error::failed(format!("{} cannot be deleted: {error}", self.directory.display()));
        let entries = fs::read_dir(&self.directory).map_err(failed)?;
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            if entry.file_name() == LOCK {
                continue;
            }
            let removed =
                if entry.file_type().map_err(failed)?.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(failed)?;
        }
        fs::remove_file(self.directory.join(LOCK)).map_err(failed)?;
        drop(lock);
        match fs::remove_dir(&self.directory) {
            // Somebody begins anew already.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            other => other.map_err(failed),
        }
    }

    /// Whether there is a cluster.
    pub fn exists(&self) -> bool {
        self.data().exists()
    }

    /// How it stands. Starts nothing.
    ///
    /// # Errors
    /// Exit 78 when the directory is another user's.
    pub fn status(&self) -> Result<Status> {
        if self.directory.exists() {
            Account::of(&self.directory)?;
        }
        let mut status = Status {
            state: if self.exists() { State::Stopped } else { State::Absent },
            pid: None,
            version: self.major().ok().map(|major| major.to_string()),
            binaries: None,
            size: size(&self.directory),
            endpoint: None,
        };
        let condition = self.condition();
        if let Condition::Down = condition {
            return Ok(status);
        }
        let file = self.pid_file();
        status.state = if let Condition::Ready(_) = condition { State::Running } else { State::Busy };
        status.pid = file.as_ref().map(|file| file.pid);
        status.endpoint = file.as_ref().map(|file| self.endpoint(file));
        // The first word of this file is the program that runs.
        let program = fs::read_to_string(self.data().join("postmaster.opts")).unwrap_or_default();
        let program = program.split_whitespace().next().map(PathBuf::from);
        if let Some(binaries) = program.as_deref().and_then(Path::parent).and_then(Binaries::at) {
            status.version = Some(binaries.version);
            status.binaries = Some(binaries.folder);
        }
        Ok(status)
    }

    /// What [`Cluster::stamp`] left.
    pub fn stamped(&self) -> Option<String> {
        fs::read_to_string(self.directory.join(STAMP)).ok().map(|text| text.trim().to_owned())
    }

    /// Leaves a note that the databases are prepared up to this point.
    ///
    /// # Errors
    /// Exit 73 when it cannot be written.
    pub fn stamp(&self, lock: &Lock, text: &str) -> Result<()> {
        let staged = self.directory.join("prepared.new");
        let place = self.directory.join(STAMP);
        fs::write(&staged, format!("{text}\n"))
            .and_then(|()| lock.account.own(&staged))
            .and_then(|()| fs::rename(&staged, &place))
            .map_err(|error| write_error(&self.directory, &error))
    }
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => held.ino() == there.ino() && held.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_file: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(unix)]
fn close_to_others(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Setting what is set already would fail where root looks at another user's directory over NFS.
    if fs::metadata(directory)?.permissions().mode() & 0o777 == 0o700 {
        return Ok(());
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close_to_others(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a process has this id, be it another user's.
#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    match i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        Some(pid) => !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH)),
        None => false,
    }
}

#[cfg(not(unix))]
fn is_alive(_pid: u32) -> bool {
    false
}

/// Whether this process is the server of this data directory: after a crash its id may belong to something else, or to the
/// remains of it that nobody has collected.
#[cfg(target_os = "linux")]
fn is_server(pid: u32, data: &Path) -> bool {
    // The remains of an ended process have no directory any more.
    match (fs::read_link(format!("/proc/{pid}/cwd")), data.canonicalize()) {
        (Ok(there), Ok(data)) => there == data,
        _ => false,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_server(pid: u32, _data: &Path) -> bool {
    let Ok(output) = Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid.to_string()]).output() else {
        return is_alive(pid);
    };
    let text = String::from_utf8_lossy(&output.stdout);
    !text.trim_start().starts_with('Z') && text.contains("postgres")
}

#[cfg(not(unix))]
fn is_server(_pid: u32, _data: &Path) -> bool {
    false
}

/// The bytes of all files under a directory; what cannot be read counts as nothing.
fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The process that a lock file of Postgres names in its first line.
fn named_process(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()
}

fn read_from(path: &Path, offset: u64) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let start = usize::try_from(offset).unwrap_or(0).min(bytes.len());
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

fn unusable(directory: &Path, done: &str, error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return full_disk(directory, &error.to_string());
    }
    Error::new(Exit::Config, format!("the private Postgres's directory {} cannot be {done}: {error}", directory.display()))
        .hint("set CMF_DATA_DIR to a directory that you can write, or name a server with --database-url")
}

fn write_error(directory: &Path, error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) {
        return full_disk(directory, &error.to_string());
    }
    Error::new(Exit::Output, format!("the private Postgres in {} cannot be written: {error}", directory.display()))
}

fn full_disk(directory: &Path, reason: &str) -> Error {
    Error::new(Exit::Output, format!("the disk is too full for the private Postgres in {}: {reason}", directory.display()))
        .hint("free some space (a new one takes 60 MB), or set CMF_DATA_DIR to a directory on another disk")
}

fn cannot_run(program: &Path, error: &io::Error) -> Error {
    Error::new(Exit::Config, format!("{} cannot be run: {error}", program.display()))
        .hint("it must be open to the user that runs the private Postgres; CMF_PG_BIN names another folder of programs")
}

//! Where a database is and who asks: read once, by cmf, from a URL or a `key=value` string, a service file, the PG*
//! variables and a password file. What is misspelt, contradictory or not supported is an error, never passed over.
//!
//! The words and their meaning are those of libpq, so that a string that works for `psql` works here or is refused with
//! the reason (<https://www.postgresql.org/docs/current/libpq-connect.html>).

mod keys;
mod parameters;
mod passfile;
mod protection;
mod secrecy;
mod service;
mod settings;
mod strings;

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub(crate) use secrecy::refuse_exposed;
#[cfg(fuzzing)]
pub use settings::parse_connection;

use crate::domain::named::named;
use crate::error::{Error, Result};
use crate::home::OutOfReach;

/// What is written as %XX in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How long connecting to one host may take, unless `connect_timeout` changes that.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The schema in which names resolve where no other is named.
pub const PUBLIC: &str = "public";

/// The port of Postgres, unless another is named.
const PORT: u16 = 5432;

/// Where a database is and who asks. Displayed without its password.
#[derive(Clone)]
pub struct Address {
    pub(super) hosts: Vec<Host>,
    pub(super) user: String,
    pub(super) database: Option<String>,
    pub(super) application_name: String,
    /// Settings for the session (`options=-c NAME=VALUE`), in the order given.
    pub(super) options: Vec<(String, String)>,
    pub(super) tls: Tls,
    pub(super) keepalive: Keepalive,
    /// The limit for each host; none when `connect_timeout` is 0.
    pub(super) timeout: Option<Duration>,
    /// When all attempts end, whatever the limit for each.
    pub(super) deadline: Option<Instant>,
    /// The user that a server on a unix socket must run as (`requirepeer`).
    pub(super) peer: Option<String>,
    pub(super) target: Target,
    /// The schema in which names resolve.
    pub(crate) schema: String,
    /// The files of their usual places that could not be read, and so count as absent.
    pub(super) out_of_reach: Vec<OutOfReach>,
    /// Those of them without which less is checked than with them.
    pub(super) unchecked: Option<OutOfReach>,
}

#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) at: At,
    pub(super) port: u16,
    pub(super) password: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum At {
    /// The unix socket in this directory.
    Socket(PathBuf),
    /// A TCP port: of the host of this name, at this address where the name is not to be looked up.
    Tcp { name: Option<String>, address: Option<IpAddr> },
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

named! {
    /// How much a connection is protected, as libpq names it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) enum SslMode {
        Disable = "disable",
        Allow = "allow",
        Prefer = "prefer",
        Require = "require",
        VerifyCa = "verify-ca",
        VerifyFull = "verify-full",
    }
    /// The word that libpq has for it.
    as_str
}

/// Which certificates vouch for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those of this file and no others.
    File(PathBuf),
    /// Those the operating system trusts.
    System,
}

named! {
    /// Whether a login by password is tied to the certificate of the server (`channel_binding`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Binding {
        Disable = "disable",
        Prefer = "prefer",
        Require = "require",
    }
    /// The word that libpq has for it.
    as_str
}

#[derive(Debug, Clone)]
pub(super) struct Tls {
    pub(super) mode: SslMode,
    pub(super) roots: Option<Roots>,
    /// The client's certificate and its key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
    /// TLS from the first byte (`sslnegotiation=direct`), for servers from Postgres 17 on.
    pub(super) direct: bool,
    /// Whether TLS 1.2 will do; else only 1.3.
    pub(super) allow_tls12: bool,
    /// Whether the server is told the name that is asked for.
    pub(super) name_server: bool,
    pub(super) binding: Binding,
}

/// How a silent connection is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keepalive {
    pub(super) enabled: bool,
    pub(super) idle: Duration,
    pub(super) interval: Duration,
    pub(super) count: u32,
    /// How long sent data may stay unacknowledged.
    pub(super) user_timeout: Option<Duration>,
    /// How long the server may leave what it was told without any answer.
    pub(super) answer: Option<Duration>,
}

impl Default for Keepalive {
    /// A vanished server is noticed within a minute; the two hours of most systems are no use to a command.
    fn default() -> Self {
        Keepalive {
            enabled: true,
            idle: Duration::from_secs(30),
            interval: Duration::from_secs(10),
            count: 3,
            user_timeout: Some(Duration::from_mins(1)),
            answer: Some(Duration::from_mins(15)),
        }
    }
}

named! {
    /// What a server must be to be used (`target_session_attrs`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Target {
        Any = "any",
        ReadWrite = "read-write",
        ReadOnly = "read-only",
        Primary = "primary",
        Standby = "standby",
        PreferStandby = "prefer-standby",
    }
    /// The word that libpq has for it.
    as_str
}

impl Tls {
    /// No TLS at all, for sockets.
    pub(super) fn none() -> Self {
        Tls {
            mode: SslMode::Disable,
            roots: None,
            identity: None,
            direct: false,
            allow_tls12: true,
            name_server: true,
            binding: Binding::Prefer,
        }
    }
}

/// Whether a connection string holds something that others must not read. One that cannot be read may hold it where it looks so.
pub fn holds_secret(text: &str) -> bool {
    match strings::pairs(text) {
        Ok(pairs) => pairs.iter().any(|(key, value)| {
            matches!(key.as_str(), "password" | "sslpassword" | "oauth_client_secret" | "scram_client_key") && !value.is_empty()
        }),
        Err(_) => text.contains('@') || text.to_lowercase().contains("pass"),
    }
}

impl Address {
    /// The same, where no attempt to connect continues after this.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Address { deadline: Some(deadline), ..self.clone() }
    }

    /// The files of their usual places that could not be read, and so count as absent.
    pub fn out_of_reach(&self) -> impl Iterator<Item = &OutOfReach> {
        self.out_of_reach.iter().chain(&self.unchecked)
    }

    /// The file of authorities at its usual place, where it could not be read: with it the server's certificate would be checked.
    pub fn unchecked(&self) -> Option<&OutOfReach> {
        self.unchecked.as_ref()
    }

    /// The same server, another database on it.
    #[must_use]
    pub fn database(&self, name: &str) -> Self {
        Address { database: Some(name.to_owned()), ..self.clone() }
    }

    /// The same database, where names resolve in another schema. Exit 2 for a name that Postgres would cut or that is its own.
    pub fn in_schema(&self, name: &str) -> Result<Self> {
        let reason = if name.is_empty() || name.contains(char::is_control) {
            // `pg_restore --list` shows a line break as a space, so that a dump would not say whose it is.
            "a schema's name cannot be empty or have control characters"
        } else if name.len() > 63 {
            "a schema's name has at most 63 bytes"
        } else if name.starts_with("pg_") {
            "Postgres reserves names that begin with pg_"
        } else if name == "information_schema" {
            "Postgres has a schema of its own of this name"
        } else if name == "$user" {
            "Postgres reads it as the name of the role in the search path"
        } else {
            return Ok(Address { schema: name.to_owned(), ..self.clone() });
        };
        Err(Error::usage(format!("`{name}` cannot be a tenant's schema: {reason}")).hint("choose another name"))
    }

    /// This address with one of its hosts only.
    pub(super) fn only(&self, host: &Host) -> Self {
        Address { hosts: vec![host.clone()], ..self.clone() }
    }

    /// The same as environment variables, for Postgres's own client programs. With the password.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let list = |part: &dyn Fn(&Host) -> String| self.hosts.iter().map(part).collect::<Vec<_>>().join(",");
        let mut variables = vec![
            (
                "PGHOST",
                list(&|host| match &host.at {
                    At::Socket(directory) => directory.display().to_string(),
                    At::Tcp { name, .. } => name.clone().unwrap_or_default(),
                }),
            ),
            ("PGPORT", list(&|host| host.port.to_string())),
            ("PGUSER", self.user.clone()),
            ("PGDATABASE", self.database_name().to_owned()),
            ("PGAPPNAME", self.application_name.clone()),
            ("PGCONNECT_TIMEOUT", self.timeout.map_or(0, |timeout| timeout.as_secs()).to_string()),
            ("PGSSLMODE", self.tls.mode.as_str().to_owned()),
            ("PGCHANNELBINDING", self.tls.binding.as_str().to_owned()),
            ("PGTARGETSESSIONATTRS", self.target.as_str().to_owned()),
        ];
        if !self.options.is_empty() {
            variables.push(("PGOPTIONS", session_settings(&self.options)));
        }
        let open = || {
            self.hosts.iter().find_map(|host| match &host.at {
                #[cfg(unix)]
                At::Socket(directory) => super::peer::to_require(directory, host.port),
                _ => None,
            })
        };
        if let Some(user) = self.peer.clone().or_else(open) {
            variables.push(("PGREQUIREPEER", user));
        }
        if self.hosts.iter().any(|host| !host.address().is_empty()) {
            variables.push(("PGHOSTADDR", list(&Host::address)));
        }
        // Where each host has a password of its own, the programs read the password file themselves.
        if let Some(Secret(password)) = self.hosts.first().and_then(|host| host.password.as_ref())
            && self.hosts.iter().all(|host| host.password.as_ref().is_some_and(|other| other.0 == *password))
        {
            variables.push(("PGPASSWORD", password.clone()));
        }
        match &self.tls.roots {
            Some(Roots::File(file)) => variables.push(("PGSSLROOTCERT", file.display().to_string())),
            Some(Roots::System) => variables.push(("PGSSLROOTCERT", "system".to_owned())),
            None => {}
        }
        if let Some((certificate, key)) = &self.tls.identity {
            variables.push(("PGSSLCERT", certificate.display().to_string()));
            variables.push(("PGSSLKEY", key.display().to_string()));
        }
        variables
    }

    /// The same with a setting for the session.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.options.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The role whose rights a session has: the one that a setting names, else the one that logs in.
    pub fn role(&self) -> &str {
        let set = self.options.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case("role"));
        set.map(|(_, role)| role.as_str()).filter(|role| !role.eq_ignore_ascii_case("none")).unwrap_or(&self.user)
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// The folder of the unix socket that it names first.
    pub fn socket_folder(&self) -> Option<&Path> {
        self.hosts.iter().find_map(|host| match &host.at {
            At::Socket(folder) => Some(folder.as_path()),
            At::Tcp { .. } => None,
        })
    }

    /// The same as a URL, without the password. It leads to the same servers, whatever their names hold.
    pub fn url(&self) -> String {
        self.url_as(&self.user)
    }

    /// The same where another user logs in.
    pub fn url_as(&self, user: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let servers: Vec<String> = self
            .hosts
            .iter()
            .map(|host| match &host.at {
                At::Socket(directory) => format!("{}:{}", encoded(&directory.to_string_lossy()), host.port),
                At::Tcp { name: Some(name), .. } if name.contains(':') => format!("[{name}]:{}", host.port),
                At::Tcp { name, .. } => format!("{}:{}", name.as_deref().unwrap_or_default(), host.port),
            })
            .collect();
        let addresses: Vec<String> = self.hosts.iter().map(Host::address).collect();
        let addresses =
            if addresses.iter().all(String::is_empty) { String::new() } else { format!("?hostaddr={}", addresses.join(",")) };
        let (user, database) = (encoded(user), encoded(self.database_name()));
        format!("postgres://{user}@{}/{database}{addresses}", servers.join(","))
    }

    /// The database's name: as given, else the user's, as Postgres does it.
    pub fn database_name(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }
}

impl Host {
    /// The address to dial where the name is not to be looked up, else nothing.
    fn address(&self) -> String {
        match self.at {
            At::Tcp { address: Some(address), .. } => address.to_string(),
            _ => String::new(),
        }
    }
}

/// Settings for the session as the server reads them: blanks and backslashes escaped.
pub(super) fn session_settings(options: &[(String, String)]) -> String {
    let spelt = |text: &str| -> String {
        let escaped = |c: char| c == '\\' || c.is_ascii_whitespace() || c == '\x0b';
        text.chars().flat_map(|c| escaped(c).then_some('\\').into_iter().chain([c])).collect()
    };
    let options: Vec<String> = options.iter().map(|(name, value)| format!("-c {}={}", spelt(name), spelt(value))).collect();
    options.join(" ")
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Socket(directory) => write!(f, "{}:{}", directory.display(), self.port),
            At::Tcp { name: Some(name), .. } => write!(f, "{name}:{}", self.port),
            At::Tcp { address: Some(address), .. } => write!(f, "{address}:{}", self.port),
            At::Tcp { .. } => write!(f, "?:{}", self.port),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        write!(f, "{}@{}/{}", self.user, hosts.join(","), self.database_name())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

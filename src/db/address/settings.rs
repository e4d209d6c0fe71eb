//! From parameters, wherever they stand, to an address: string before service file before variable before default.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::{Address, At, Binding, CONNECT_TIMEOUT, Host, Keepalive, PORT, Roots, Secret, SslMode, Target, Tls};
use super::{keys, passfile, service, strings};
use crate::error::{Error, Exit, Result, shell_word};
use crate::home::{self, Found, OutOfReach};
use crate::os_user;

/// Looks up an environment variable.
type Variables = dyn Fn(&str) -> Option<String>;

/// What an address depends on besides its string.
pub(super) struct Surroundings {
    pub(super) variable: Box<Variables>,
    pub(super) home: Option<PathBuf>,
    /// Where a server that is not named has its socket; nothing where there are no sockets.
    pub(super) socket: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        Surroundings {
            // What is no text leads to an error where it is used, and is never passed over.
            variable: Box::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())),
            home: home::home(),
            // As libpq of this system: where packages put the sockets, else where Postgres itself does.
            socket: ["/var/run/postgresql", "/tmp"].map(PathBuf::from).into_iter().find(|folder| cfg!(unix) && folder.is_dir()),
        }
    }

    /// A file of the folder in which libpq looks for certificates.
    fn certificate(&self, name: &str) -> Found<PathBuf> {
        #[cfg(windows)]
        let folder = (self.variable)("APPDATA").map(|data| PathBuf::from(data).join("postgresql"));
        #[cfg(not(windows))]
        let folder = self.home.as_ref().map(|home| home.join(".postgresql"));
        folder.map_or(Found::Absent, |folder| home::reach(folder.join(name)))
    }
}

/// A value with the place it comes from, for the error.
struct Setting {
    value: String,
    place: String,
}

impl Setting {
    fn wrong(&self, message: impl std::fmt::Display) -> Error {
        Error::new(Exit::Config, format!("{}: {message}", self.place))
    }
}

struct Settings(BTreeMap<&'static str, Setting>);

impl Settings {
    /// Puts in what is not there yet.
    fn add(&mut self, name: &str, value: String, place: String) -> Result<()> {
        let key = keys::find(name, &place)?;
        let asks_for_nothing = key.asks_for_nothing(&value);
        if let Some(reason) = key.refused {
            if asks_for_nothing {
                return Ok(());
            }
            return Err(Error::new(Exit::Config, format!("{place}: {} is not supported: {reason}", key.name)));
        }
        self.0.entry(key.name).or_insert(Setting { value, place });
        Ok(())
    }

    /// Puts in what the variable of this parameter says, if anything.
    fn add_variable(&mut self, key: &keys::Key, around: &Surroundings) -> Result<()> {
        let (Some(name), None) = (key.variable, self.get(key.name)) else { return Ok(()) };
        match key.said(&around.variable)? {
            Some(value) => self.add(key.name, value, name.to_owned()),
            None => Ok(()),
        }
    }

    fn get(&self, name: &str) -> Option<&Setting> {
        self.0.get(name).filter(|setting| !setting.value.is_empty())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// The value by its word.
    fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == setting.value) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(setting.wrong(format!("{name} is one of {}", words.join(", "))))
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.get(name)
            .map(|setting| setting.value.trim().parse().map_err(|_| setting.wrong(format!("{name} is not a whole number"))))
            .transpose()
    }

    fn seconds(&self, name: &str) -> Result<Option<Duration>> {
        Ok(self.number::<u32>(name)?.map(|seconds| Duration::from_secs(seconds.into())))
    }
}

/// The address that a string means in these surroundings.
pub(super) fn address(text: &str, around: &Surroundings) -> Result<Address> {
    let mut settings = Settings(BTreeMap::new());
    let mut out_of_reach = Vec::new();
    if text.trim().is_empty() {
        return Err(Error::new(Exit::Config, "the database URL is empty")
            .hint("write it as postgres://USER@HOST:PORT/DATABASE, or leave it out for the private Postgres"));
    }
    for (key, value) in strings::pairs(text)? {
        settings.add(&key, value, "the database URL".to_owned())?;
    }
    if settings.get("service").is_none()
        && let Some(name) = keys::find("service", "PGSERVICE")?.said(&around.variable)?
    {
        settings.add("service", name, "PGSERVICE".to_owned())?;
    }
    if let Some(name) = settings.text("service").map(str::to_owned) {
        for (key, value) in service_parameters(&name, &settings, around, &mut out_of_reach)? {
            settings.add(&key, value, format!("the service `{name}`"))?;
        }
    }
    for key in keys::KEYS {
        // A host that is named is not looked for at an address that a variable names.
        if (key.name == "hostaddr" && settings.get("host").is_some())
            || (key.name == "host" && settings.get("hostaddr").is_some())
        {
            continue;
        }
        settings.add_variable(key, around)?;
    }
    build(&settings, around, out_of_reach)
}

/// What counts for the private Postgres: the limits of time and `PGOPTIONS`. It is for the caller to say where it is.
pub(super) fn own(around: &Surroundings) -> Result<Address> {
    let mut settings = Settings(BTreeMap::new());
    for name in ["connect_timeout", "answer_timeout", "options"] {
        settings.add_variable(keys::find(name, "the private Postgres")?, around)?;
    }
    Ok(Address {
        hosts: Vec::new(),
        user: String::new(),
        database: None,
        application_name: "cmf".to_owned(),
        options: settings.get("options").map(session_options).transpose()?.unwrap_or_default(),
        tls: Tls::none(),
        keepalive: keepalive(&settings)?,
        timeout: timeout(&settings)?,
        deadline: None,
        peer: None,
        target: Target::Any,
        schema: super::PUBLIC.to_owned(),
        out_of_reach: Vec::new(),
        unchecked: None,
    })
}

fn service_parameters(
    name: &str,
    settings: &Settings,
    around: &Surroundings,
    out_of_reach: &mut Vec<OutOfReach>,
) -> Result<Vec<strings::Pair>> {
    let mut files = Vec::new();
    let named = match settings.text("servicefile") {
        Some(file) => Some(file.to_owned()),
        None => keys::find("servicefile", "PGSERVICEFILE")?.said(&around.variable)?,
    };
    match named {
        Some(file) => files.push((PathBuf::from(file), true)),
        None => files.extend(around.home.as_ref().map(|home| (home.join(".pg_service.conf"), false))),
    }
    let folder = (around.variable)("PGSYSCONFDIR")
        .filter(|folder| !folder.is_empty())
        .unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    files.push((PathBuf::from(folder).join("pg_service.conf"), false));
    for (file, named) in &files {
        match service::parameters(file, *named, name)? {
            Found::There(parameters) => return Ok(parameters),
            Found::Absent => {}
            Found::OutOfReach(missed) => out_of_reach.push(missed),
        }
    }
    let shown: Vec<String> = files.iter().map(|(file, _)| file.display().to_string()).collect();
    let error = Error::new(Exit::Config, format!("there is no service `{name}`"))
        .detail(format!("looked for it in {}", shown.join(" and ")));
    Err(out_of_reach
        .iter()
        .fold(error, |error, missed| error.detail(missed.to_string()))
        .hint(format!("add a section [{name}], or name another file with PGSERVICEFILE")))
}

fn build(settings: &Settings, around: &Surroundings, mut out_of_reach: Vec<OutOfReach>) -> Result<Address> {
    let user = settings.text("user").map(str::to_owned).or_else(os_user::own_name).ok_or_else(|| {
        Error::new(Exit::Config, "no role is named, and the operating system has no name for the user of this process")
            .hint("name the role: postgres://USER@HOST/DATABASE, or PGUSER")
    })?;
    let database = settings.text("dbname").map(str::to_owned);
    let target = settings.word(
        "target_session_attrs",
        &[
            ("any", Target::Any),
            ("read-write", Target::ReadWrite),
            ("read-only", Target::ReadOnly),
            ("primary", Target::Primary),
            ("standby", Target::Standby),
            ("prefer-standby", Target::PreferStandby),
        ],
    )?;
    // What can be had in one way only is checked, so that asking for another way is no silence.
    settings.word("gssencmode", &[("disable", ()), ("prefer", ())])?;
    if let Some(encoding) = settings.get("client_encoding")
        && !matches!(encoding.value.to_lowercase().as_str(), "utf8" | "utf-8" | "unicode" | "auto")
    {
        return Err(encoding.wrong("client_encoding is always UTF8"));
    }
    let mut hosts = hosts(settings, around)?;
    if settings.word("load_balance_hosts", &[("disable", false), ("random", true)])? == Some(true) {
        // Version 4 ids are random: an order for the hosts without a generator of our own.
        hosts.sort_by_cached_key(|_| uuid::Uuid::new_v4());
    }
    let (tls, unchecked) = tls(settings, around, &hosts, &mut out_of_reach)?;
    let address = Address {
        application_name: settings
            .text("application_name")
            .or_else(|| settings.text("fallback_application_name"))
            .unwrap_or("cmf")
            .to_owned(),
        options: settings.get("options").map(session_options).transpose()?.unwrap_or_default(),
        tls,
        keepalive: keepalive(settings)?,
        timeout: timeout(settings)?,
        deadline: None,
        peer: settings.text("requirepeer").map(str::to_owned),
        target: target.unwrap_or(Target::Any),
        schema: super::PUBLIC.to_owned(),
        user,
        database,
        hosts,
        out_of_reach,
        unchecked,
    };
    with_passwords(address, settings, around)
}

/// The hosts of the parallel lists `host`, `hostaddr` and `port`.
fn hosts(settings: &Settings, around: &Surroundings) -> Result<Vec<Host>> {
    let list = |name: &str| -> Vec<String> {
        match settings.text(name).map(|text| (text.strip_prefix(strings::APART), text)) {
            None => Vec::new(),
            Some((Some(list), _)) => list.split(strings::APART).map(|part| part.trim().to_owned()).collect(),
            Some((None, list)) => list.split(',').map(|part| part.trim().to_owned()).collect(),
        }
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = names.len().max(addresses.len()).max(1);
    for (name, values) in [("host", &names), ("hostaddr", &addresses)] {
        if let Some(setting) = settings.get(name)
            && values.len() != count
        {
            return Err(setting.wrong(format!("there are {} values of {name} for {count} hosts", values.len())));
        }
    }
    if let Some(setting) = settings.get("port")
        && ports.len() != 1
        && ports.len() != count
    {
        return Err(setting.wrong(format!("there are {} ports for {count} hosts", ports.len())));
    }
    let port_of = |at: usize| -> Result<u16> {
        let text = ports.get(at).or(ports.first().filter(|_| ports.len() == 1)).map_or("", String::as_str);
        match (text, settings.get("port")) {
            ("", _) | (_, None) => Ok(PORT),
            (text, Some(setting)) => text
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| setting.wrong("the port is not a number from 1 to 65535")),
        }
    };
    (0..count)
        .map(|at| {
            let port = port_of(at)?;
            let address = match (addresses.get(at).filter(|text| !text.is_empty()), settings.get("hostaddr")) {
                (Some(text), Some(setting)) => {
                    Some(text.parse::<IpAddr>().map_err(|_| setting.wrong("hostaddr is not an IP address"))?)
                }
                _ => None,
            };
            let at = match (names.get(at).filter(|name| !name.is_empty()), settings.get("host")) {
                (Some(name), _) if name.starts_with('/') && address.is_none() => At::Socket(PathBuf::from(name)),
                (Some(name), Some(setting)) => {
                    // No host name holds these; a cut-off password may.
                    if name.contains(|c: char| c.is_whitespace() || c.is_control() || "@/?#%,\\[]\"'<>".contains(c)) {
                        return Err(setting
                            .wrong("the host's name holds a character that no host's name has")
                            .hint("is it part of a password? Escape special characters of a password as %XX"));
                    }
                    At::Tcp { name: Some(name.clone()), address }
                }
                _ if address.is_some() => At::Tcp { name: None, address },
                _ => default_host(around),
            };
            Ok(Host { at, port, password: None })
        })
        .collect()
}

/// Where a server is when no host is named: at the usual socket. Where there are none, at this machine's port.
fn default_host(around: &Surroundings) -> At {
    match &around.socket {
        Some(folder) => At::Socket(folder.clone()),
        None => At::Tcp { name: Some("localhost".to_owned()), address: None },
    }
}

fn timeout(settings: &Settings) -> Result<Option<Duration>> {
    Ok(match settings.seconds("connect_timeout")? {
        None => Some(CONNECT_TIMEOUT),
        Some(Duration::ZERO) => None,
        given => given,
    })
}

/// `-c NAME=VALUE` and `--NAME=VALUE`, blanks and backslashes in a value escaped by a backslash.
fn session_options(setting: &Setting) -> Result<Vec<(String, String)>> {
    let wrong = || setting.wrong("options takes -c NAME=VALUE only");
    let mut words = vec![String::new()];
    let mut characters = setting.value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => words.last_mut().into_iter().for_each(|word| word.extend(characters.next())),
            c if c.is_whitespace() => words.push(String::new()),
            c => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    let mut options = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let option = match (word.as_str(), word.strip_prefix("--"), word.strip_prefix("-c")) {
            ("-c", ..) => words.next().ok_or_else(wrong)?,
            (_, Some(long), _) => match long.split_once('=') {
                Some((name, value)) => format!("{}={value}", name.replace('-', "_")),
                None => return Err(wrong()),
            },
            (_, _, Some(short)) => short.to_owned(),
            _ => return Err(wrong()),
        };
        let (name, value) = option.split_once('=').ok_or_else(wrong)?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c)) {
            return Err(wrong());
        }
        options.push((name.to_owned(), value.to_owned()));
    }
    Ok(options)
}

/// What is asked of TLS, and the file of authorities that would have had a say in it and is out of reach.
fn tls(
    settings: &Settings,
    around: &Surroundings,
    hosts: &[Host],
    out_of_reach: &mut Vec<OutOfReach>,
) -> Result<(Tls, Option<OutOfReach>)> {
    let modes = [
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
    let given = settings.word("sslmode", &modes)?;
    let mut unchecked = None;
    let roots = match settings.text("sslrootcert") {
        Some("system") => Some(Roots::System),
        Some(file) => Some(Roots::File(PathBuf::from(file))),
        None => match around.certificate("root.crt") {
            Found::There(file) => Some(Roots::File(file)),
            Found::Absent => None,
            Found::OutOfReach(missed) => {
                unchecked = Some(missed);
                None
            }
        },
    };
    let mut mode = given.unwrap_or(if roots == Some(Roots::System) { SslMode::VerifyFull } else { SslMode::Prefer });
    if roots == Some(Roots::System)
        && mode != SslMode::VerifyFull
        && let Some(setting) = settings.get("sslrootcert")
    {
        return Err(setting
            .wrong("sslrootcert=system goes with sslmode=verify-full only")
            .hint("anybody can have a certificate of a public authority; only the host's name tells the server from others"));
    }
    // As libpq: who gives a root certificate wants it looked at.
    if mode == SslMode::Require && roots.is_some() {
        mode = SslMode::VerifyCa;
    }
    let over_tcp = hosts.iter().any(|host| matches!(host.at, At::Tcp { .. }));
    // Below, a certificate is not looked at, with or without that file.
    let unchecked = unchecked.filter(|_| over_tcp && mode >= SslMode::Require);
    if mode >= SslMode::VerifyCa && roots.is_none() && over_tcp {
        let error = Error::new(Exit::Config, "sslmode=verify-ca and verify-full need to know whose certificates to trust");
        return Err(unchecked
            .iter()
            .fold(error, |error, missed| error.detail(missed.to_string()))
            .hint("add sslrootcert=FILE, or sslrootcert=system for the authorities of the operating system, or make ~/.postgresql/root.crt"));
    }
    if mode == SslMode::VerifyFull && hosts.iter().any(|host| matches!(host.at, At::Tcp { name: None, .. })) {
        return Err(
            Error::new(Exit::Config, "sslmode=verify-full needs the host's name, not only its hostaddr").hint("add host=NAME")
        );
    }
    let identity = match (settings.text("sslcert"), settings.text("sslkey")) {
        (Some(certificate), Some(key)) => Some((PathBuf::from(certificate), PathBuf::from(key))),
        (None, None) => {
            let mut pair = Vec::new();
            for name in ["postgresql.crt", "postgresql.key"] {
                match around.certificate(name) {
                    Found::There(file) => pair.push(file),
                    Found::OutOfReach(missed) if over_tcp && mode != SslMode::Disable => out_of_reach.push(missed),
                    Found::Absent | Found::OutOfReach(_) => {}
                }
            }
            <[PathBuf; 2]>::try_from(pair).ok().map(|[certificate, key]| (certificate, key))
        }
        _ => return Err(Error::new(Exit::Config, "a client certificate needs both sslcert and sslkey")),
    };
    if let Some((_, key)) = identity.as_ref().filter(|_| over_tcp && mode != SslMode::Disable) {
        refuse_open_key(key)?;
    }
    let direct = settings.word("sslnegotiation", &[("postgres", false), ("direct", true)])?.unwrap_or(false);
    if direct
        && mode < SslMode::Require
        && let Some(setting) = settings.get("sslnegotiation")
    {
        return Err(setting.wrong("sslnegotiation=direct goes with sslmode=require or stronger only"));
    }
    let old = [("TLSv1", 0), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    let lowest = settings.word("ssl_min_protocol_version", &old)?.unwrap_or(2);
    if settings.word("ssl_max_protocol_version", &old)?.is_some_and(|highest| highest < 3) {
        return Err(Error::new(Exit::Config, "ssl_max_protocol_version below TLSv1.3 is not supported"));
    }
    let name_server = settings.word("sslsni", &[("0", false), ("1", true)])?.unwrap_or(true);
    let bindings = [("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)];
    let binding = settings.word("channel_binding", &bindings)?.unwrap_or(Binding::Prefer);
    Ok((Tls { mode, roots, identity, direct, allow_tls12: lowest < 3, name_server, binding }, unchecked))
}

/// A private key that others may read is no secret.
fn refuse_open_key(key: &Path) -> Result<()> {
    let metadata = std::fs::metadata(key)
        .map_err(|error| Error::new(Exit::Config, format!("the key {} cannot be read: {error}", key.display())))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let mode = metadata.permissions().mode() & 0o7777;
        // A key that root owns may be readable by a group, as libpq allows it.
        if mode & if metadata.uid() == 0 { 0o037 } else { 0o077 } != 0 {
            return Err(Error::new(
                Exit::Config,
                format!("the key {} is refused: others may read it (mode {mode:04o})", key.display()),
            )
            .hint(format!("chmod 600 {}", shell_word(key.display()))));
        }
    }
    #[cfg(not(unix))]
    drop(metadata);
    Ok(())
}

fn keepalive(settings: &Settings) -> Result<Keepalive> {
    let usual = Keepalive::default();
    // 0 stands for the default, in libpq the system's, here cmf's.
    let or_usual = |given: Option<Duration>, usual: Duration| given.filter(|time| !time.is_zero()).unwrap_or(usual);
    Ok(Keepalive {
        enabled: settings.word("keepalives", &[("0", false), ("1", true)])?.unwrap_or(usual.enabled),
        idle: or_usual(settings.seconds("keepalives_idle")?, usual.idle),
        interval: or_usual(settings.seconds("keepalives_interval")?, usual.interval),
        count: settings.number("keepalives_count")?.filter(|count| *count != 0).unwrap_or(usual.count),
        user_timeout: match settings.number::<u32>("tcp_user_timeout")? {
            None => usual.user_timeout,
            Some(0) => None,
            Some(milliseconds) => Some(Duration::from_millis(milliseconds.into())),
        },
        answer: match settings.seconds("answer_timeout")? {
            None => usual.answer,
            Some(Duration::ZERO) => None,
            given => given,
        },
    })
}

/// Gives each host its password: the one that is given, else that of the password file.
fn with_passwords(mut address: Address, settings: &Settings, around: &Surroundings) -> Result<Address> {
    let given = settings.text("password").map(|password| Secret(password.to_owned()));
    let named = settings.text("passfile").map(PathBuf::from);
    #[cfg(windows)]
    let usual = (around.variable)("APPDATA").map(|data| PathBuf::from(data).join("postgresql").join("pgpass.conf"));
    #[cfg(not(windows))]
    let usual = around.home.as_ref().map(|home| home.join(".pgpass"));
    let (file, named) = match named {
        Some(file) => (Some(file), true),
        None => (usual, false),
    };
    let database = address.database_name().to_owned();
    for host in &mut address.hosts {
        host.password.clone_from(&given);
        let Some(file) = file.as_deref().filter(|_| given.is_none()) else { continue };
        let names: Vec<String> = match &host.at {
            At::Socket(folder) if around.socket.as_ref() == Some(folder) => {
                vec!["localhost".to_owned(), folder.display().to_string()]
            }
            At::Socket(folder) => vec![folder.display().to_string()],
            At::Tcp { name, address } => name.clone().into_iter().chain(address.map(|address| address.to_string())).collect(),
        };
        for name in names {
            let asked = passfile::Asked { host: &name, port: host.port, database: &database, user: &address.user };
            match passfile::password(file, named, &asked)? {
                Found::There(password) => {
                    host.password = Some(Secret(password));
                    break;
                }
                Found::Absent => {}
                Found::OutOfReach(missed) if address.out_of_reach.contains(&missed) => {}
                Found::OutOfReach(missed) => address.out_of_reach.push(missed),
            }
        }
    }
    Ok(address)
}

#[cfg(test)]
mod tests;

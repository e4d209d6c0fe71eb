//! From parameters, wherever they stand, to an address: string before service file before variable before default.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::parameters::{Setting, Settings, Surroundings};
use super::{Address, At, CONNECT_TIMEOUT, Host, Keepalive, PORT, Secret, Target, Tls};
use super::{keys, passfile, protection, service, strings};
use crate::error::{Error, Exit, Result};
use crate::home::{OutOfReach, Reached};
use crate::os_user;

impl Address {
    /// Reads a `postgres://` URL or a `key=value` string; what it leaves out comes from the service file, the PG*
    /// variables and the password file, as libpq does it. Exit 78 for anything misspelt, unknown, contradictory or not
    /// supported. The message never repeats the string, which may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        address(text, &Surroundings::of_this_process())
    }

    /// The same for a string that comes from `origin`, which an error about the string itself names.
    pub fn parse_from(text: &str, origin: &str) -> Result<Self> {
        Self::parse(text).map_err(|error| {
            let is_of_string = [strings::URL, strings::PAIRS].iter().any(|begin| error.message().starts_with(begin));
            if is_of_string { error.detail(format!("it is from {origin}")) } else { error }
        })
    }

    /// A server of cmf's own on a unix socket in this directory. Of the surroundings only the limits of time and `PGOPTIONS`
    /// count. Exit 78 for a variable that makes no sense.
    pub fn socket(directory: &Path, port: u16, user: &str, database: &str) -> Result<Self> {
        Self::single(At::Socket(directory.to_owned()), port, user, None, database)
    }

    /// A server of cmf's own on a TCP port of this machine.
    pub fn loopback(port: u16, user: &str, password: &str, database: &str) -> Result<Self> {
        let at = At::Tcp { name: Some("127.0.0.1".to_owned()), address: None };
        Self::single(at, port, user, Some(password), database)
    }

    fn single(at: At, port: u16, user: &str, password: Option<&str>, database: &str) -> Result<Self> {
        let own = own(&Surroundings::of_this_process())?;
        Ok(Address {
            hosts: vec![Host { at, port, password: password.map(|password| Secret(password.to_owned())) }],
            user: user.to_owned(),
            database: Some(database.to_owned()),
            ..own
        })
    }
}

/// Reads a connection string with no variables and no home around it, for the fuzz target.
#[cfg(fuzzing)]
pub fn parse_connection(text: &str) -> Result<()> {
    let around = Surroundings { variable: Box::new(|_| None), home: None, socket: None };
    address(text, &around).map(drop)
}

fn address(text: &str, around: &Surroundings) -> Result<Address> {
    let mut settings = Settings::default();
    let mut out_of_reach = Vec::new();
    if text.trim().is_empty() {
        return Err(Error::new(Exit::Config, "the database URL is empty")
            .hint("write it as postgres://USER@HOST:PORT/DATABASE, or leave it out for the private Postgres"));
    }
    for (key, value) in strings::pairs(text)? {
        settings.add(&key, value, strings::URL.to_owned())?;
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
fn own(around: &Surroundings) -> Result<Address> {
    let mut settings = Settings::default();
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
            Reached::There(parameters) => return Ok(parameters),
            Reached::Absent => {}
            Reached::OutOfReach(missed) => out_of_reach.push(missed),
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
        let remedy = if encoding.is_of_variable() { "unset PGCLIENTENCODING" } else { "leave out client_encoding" };
        return Err(encoding
            .wrong("client_encoding is always UTF8")
            .hint(format!("{remedy}: cmf converts what it prints itself")));
    }
    let mut hosts = hosts(settings, around)?;
    if settings.word("load_balance_hosts", &[("disable", false), ("random", true)])? == Some(true) {
        // Version 4 ids are random: an order for the hosts without a generator of our own.
        hosts.sort_by_cached_key(|_| uuid::Uuid::new_v4());
    }
    let (tls, unchecked) = protection::asked(settings, around, &hosts, &mut out_of_reach)?;
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
                            .wrong("the host's name has a character that is not allowed in it")
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
    let wrong = || setting.wrong("options accepts only -c NAME=VALUE");
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
            let told = |error: Error| match settings.get("passfile").map(Setting::place) {
                Some(place) if place != strings::URL => error.detail(format!("it is from {place}")),
                _ => error,
            };
            match passfile::password(file, named, &asked).map_err(told)? {
                Reached::There(password) => {
                    host.password = Some(Secret(password));
                    break;
                }
                Reached::Absent => {}
                Reached::OutOfReach(missed) if address.out_of_reach.contains(&missed) => {}
                Reached::OutOfReach(missed) => address.out_of_reach.push(missed),
            }
        }
    }
    Ok(address)
}

#[cfg(test)]
mod tests;

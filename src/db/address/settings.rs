//! From parameters, wherever they stand, to an address: string before service file before variable before default.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::{Address, At, CONNECT_TIMEOUT, Host, Keepalive, PORT, Roots, Secret, SslMode, Target, Tls};
use super::{keys, passfile, service, strings};
use crate::error::{Error, Exit, Result};

/// Looks up an environment variable.
type Variables = dyn Fn(&str) -> Option<String>;

/// What an address depends on besides its string.
pub(super) struct Surroundings {
    pub(super) variable: Box<Variables>,
    pub(super) home: Option<PathBuf>,
    /// Where servers of this system put their sockets, the most usual place first.
    pub(super) sockets: Vec<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        Surroundings {
            variable: Box::new(|name| std::env::var(name).ok()),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            sockets: ["/var/run/postgresql", "/tmp"].map(PathBuf::from).into(),
        }
    }

    /// A file of the folder in which libpq looks for certificates.
    fn certificate(&self, name: &str) -> Option<PathBuf> {
        #[cfg(windows)]
        let folder = (self.variable)("APPDATA").map(|data| PathBuf::from(data).join("postgresql"));
        #[cfg(not(windows))]
        let folder = self.home.as_ref().map(|home| home.join(".postgresql"));
        folder.map(|folder| folder.join(name)).filter(|file| file.exists())
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
    for (key, value) in strings::pairs(text)? {
        settings.add(&key, value, "the database URL".to_owned())?;
    }
    let variable = |name: &str| (around.variable)(name).filter(|value| !value.is_empty());
    if settings.get("service").is_none()
        && let Some(name) = variable("PGSERVICE")
    {
        settings.add("service", name, "PGSERVICE".to_owned())?;
    }
    if let Some(name) = settings.text("service").map(str::to_owned) {
        for (key, value) in service_parameters(&name, &settings, around)? {
            settings.add(&key, value, format!("the service `{name}`"))?;
        }
    }
    for key in keys::KEYS {
        if let Some(name) = key.variable
            && let Some(value) = variable(name)
            // A host that is named is not looked for at an address that a variable names.
            && !(key.name == "hostaddr" && settings.get("host").is_some())
            && !(key.name == "host" && settings.get("hostaddr").is_some())
        {
            settings.add(key.name, value, name.to_owned())?;
        }
    }
    build(&settings, around)
}

fn service_parameters(name: &str, settings: &Settings, around: &Surroundings) -> Result<Vec<strings::Pair>> {
    let mut files = Vec::new();
    match settings.text("servicefile").map(str::to_owned).or_else(|| (around.variable)("PGSERVICEFILE")) {
        Some(file) => files.push(PathBuf::from(file)),
        None => files.extend(around.home.as_ref().map(|home| home.join(".pg_service.conf"))),
    }
    let folder = (around.variable)("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    files.push(PathBuf::from(folder).join("pg_service.conf"));
    for file in &files {
        if let Some(parameters) = service::parameters(file, name)? {
            return Ok(parameters);
        }
    }
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Err(Error::new(Exit::Config, format!("there is no service `{name}`"))
        .detail(format!("looked for it in {}", files.join(" and ")))
        .hint(format!("add a section [{name}], or name another file with PGSERVICEFILE")))
}

fn build(settings: &Settings, around: &Surroundings) -> Result<Address> {
    let user = match settings.text("user") {
        Some(user) => user.to_owned(),
        None => PgConnectOptions::new_without_pgpass().get_username().to_owned(),
    };
    let database = settings.text("dbname").map(str::to_owned);
    let timeout = match settings.seconds("connect_timeout")? {
        None => Some(CONNECT_TIMEOUT),
        Some(Duration::ZERO) => None,
        given => given,
    };
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
    settings.word("channel_binding", &[("disable", ()), ("prefer", ())])?;
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
    let address = Address {
        application_name: settings
            .text("application_name")
            .or_else(|| settings.text("fallback_application_name"))
            .unwrap_or("cmf")
            .to_owned(),
        // PGOPTIONS reaches the server by way of the driver, which reads it too.
        options: match settings.get("options") {
            Some(setting) => session_options(setting)?,
            None => Vec::new(),
        },
        tls: tls(settings, around, &hosts)?,
        keepalive: keepalive(settings)?,
        timeout,
        target: target.unwrap_or(Target::Any),
        schema: super::PUBLIC.to_owned(),
        user,
        database,
        hosts,
    };
    with_passwords(address, settings, around)
}

/// The hosts of the parallel lists `host`, `hostaddr` and `port`.
fn hosts(settings: &Settings, around: &Surroundings) -> Result<Vec<Host>> {
    let list = |name: &str| -> Vec<String> {
        match settings.text(name).map(|text| (text.strip_prefix(strings::APART), text)) {
            None => Vec::new(),
            Some((Some(list), _)) => list.split(strings::APART).map(str::to_owned).collect(),
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
                    if name.contains(|c: char| c.is_whitespace() || c.is_control() || "@/?#%\\[]\"'<>".contains(c)) {
                        return Err(setting
                            .wrong("the host's name holds a character that no host's name has")
                            .hint("is it part of a password? Escape special characters of a password as %XX"));
                    }
                    At::Tcp { name: Some(name.clone()), address }
                }
                _ if address.is_some() => At::Tcp { name: None, address },
                _ => default_host(port, around),
            };
            Ok(Host { at, port, password: None })
        })
        .collect()
}

/// Where a server is when no host is named: at the usual socket, else at this machine's port.
fn default_host(port: u16, around: &Surroundings) -> At {
    let socket = around.sockets.iter().find(|folder| cfg!(unix) && folder.join(format!(".s.PGSQL.{port}")).exists());
    match socket {
        Some(folder) => At::Socket(folder.clone()),
        None => At::Tcp { name: Some("localhost".to_owned()), address: None },
    }
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
    // The driver passes PGOPTIONS on by itself.
    Ok(if setting.place == "PGOPTIONS" { Vec::new() } else { options })
}

fn tls(settings: &Settings, around: &Surroundings, hosts: &[Host]) -> Result<Tls> {
    let modes = [
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
    let given = settings.word("sslmode", &modes)?;
    let roots = match settings.text("sslrootcert") {
        Some("system") => Some(Roots::System),
        Some(file) => Some(Roots::File(PathBuf::from(file))),
        None => around.certificate("root.crt").map(Roots::File),
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
    if mode >= SslMode::VerifyCa && roots.is_none() && over_tcp {
        return Err(Error::new(Exit::Config, "sslmode=verify-ca and verify-full need to know whose certificates to trust")
            .hint("add sslrootcert=FILE, or sslrootcert=system for the authorities of the operating system, or make ~/.postgresql/root.crt"));
    }
    if mode == SslMode::VerifyFull && hosts.iter().any(|host| matches!(host.at, At::Tcp { name: None, .. })) {
        return Err(
            Error::new(Exit::Config, "sslmode=verify-full needs the host's name, not only its hostaddr").hint("add host=NAME")
        );
    }
    let identity = match (settings.text("sslcert"), settings.text("sslkey")) {
        (Some(certificate), Some(key)) => Some((PathBuf::from(certificate), PathBuf::from(key))),
        (None, None) => around.certificate("postgresql.crt").zip(around.certificate("postgresql.key")),
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
    Ok(Tls { mode, roots, identity, direct, allow_tls12: lowest < 3, name_server })
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
            .hint(format!("chmod 600 {}", key.display())));
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
            At::Socket(folder) if around.sockets.contains(folder) => {
                vec!["localhost".to_owned(), folder.display().to_string()]
            }
            At::Socket(folder) => vec![folder.display().to_string()],
            At::Tcp { name, address } => name.clone().into_iter().chain(address.map(|address| address.to_string())).collect(),
        };
        for name in names {
            let asked = passfile::Asked { host: &name, port: host.port, database: &database, user: &address.user };
            if let Some(password) = passfile::password(file, named, &asked)? {
                host.password = Some(Secret(password));
                break;
            }
        }
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> Surroundings {
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Surroundings { variable: Box::new(move |name| variables.get(name).cloned()), home: None, sockets: Vec::new() }
    }

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Address> {
        address(text, &around(variables))
    }

    #[track_caller]
    fn refused(text: &str, variables: &[(&str, &str)], reason: &str) {
        let error = read(text, variables).expect_err(text);
        assert_eq!(error.exit(), Exit::Config, "{text}");
        assert!(error.to_text().contains(reason), "{text}: {}", error.to_text());
        assert!(!error.to_text().contains("canary"), "{text}: {}", error.to_text());
    }

    #[test]
    fn a_string_comes_before_variables_and_variables_before_defaults() {
        let variables = [("PGHOST", "env"), ("PGPORT", "7"), ("PGUSER", "u"), ("PGDATABASE", "d"), ("PGPASSWORD", "p")];
        assert_eq!(read("postgres://", &variables).unwrap().to_string(), "u@env:7/d");
        assert_eq!(read("postgres://me@h:8/x", &variables).unwrap().to_string(), "me@h:8/x");
        assert_eq!(read("user=me", &variables).unwrap().to_string(), "me@env:7/d");
        assert_eq!(read("host=/run/x user=me", &variables).unwrap().hosts[0].at, At::Socket("/run/x".into()));
        let address = read("postgres://u@h", &[("PGHOSTADDR", "10.0.0.1")]).unwrap();
        assert_eq!(address.hosts[0].at, At::Tcp { name: Some("h".into()), address: None });
        assert_eq!(read("postgres://u@", &[]).unwrap().to_string(), "u@localhost:5432/u");
    }

    #[test]
    fn what_libpq_would_take_silently_or_not_at_all_is_refused() {
        for (text, variables, reason) in [
            ("postgres://u@h/d?sslmod=require", &[][..], "did you mean `sslmode`?"),
            ("postgres://u@h/d?sslmode=requird", &[], "sslmode is one of disable, allow"),
            ("postgres://u@h/d?channel_binding=require", &[], "channel_binding is one of disable, prefer"),
            ("postgres://u@h/d?connect_timeout=soon", &[], "connect_timeout is not a whole number"),
            ("postgres://u@h/d?target_session_attrs=master", &[], "target_session_attrs is one of"),
            ("postgres://u@h/d?sslcrl=x", &[], "revocation lists are not supported"),
            ("postgres://u@h/d?sslmode=verify-full", &[], "sslrootcert=system"),
            ("postgres://u@h/d?sslmode=require&sslrootcert=system", &[], "with sslmode=verify-full only"),
            ("hostaddr=10.0.0.1 sslmode=verify-full sslrootcert=x", &[], "needs the host's name"),
            ("hostaddr=10.0.0.300", &[], "hostaddr is not an IP address"),
            ("postgres://u@h/d?sslcert=x", &[], "needs both sslcert and sslkey"),
            ("postgres://u@h/d?sslnegotiation=direct", &[], "require or stronger only"),
            ("postgres://u@h:99999/d", &[], "not a number from 1 to 65535"),
            ("postgres://u@h:0/d", &[], "not a number from 1 to 65535"),
            ("host=a,b port=1,2,3", &[], "3 ports for 2 hosts"),
            ("host=a,b hostaddr=::1", &[], "1 values of hostaddr for 2 hosts"),
            ("postgres://u:pw@can%40ary/d", &[], "no host's name has"),
            ("postgres://u@h/d?client_encoding=LATIN1", &[], "always UTF8"),
            ("postgres://u@h/d?options=-w", &[], "-c NAME=VALUE only"),
            ("postgres://u@h/d", &[("PGSSLMODE", "requird")], "PGSSLMODE: sslmode is one of"),
            ("postgres://u@h/d", &[("PGPORT", "54x32")], "54x32"),
            ("postgres://u@h/d", &[("PGREQUIRESSL", "1")], "write sslmode=require"),
            ("postgres://u@h/d", &[("PGSERVICE", "nowhere")], "there is no service `nowhere`"),
        ] {
            if reason == "54x32" {
                refused(text, variables, "PGPORT: the port is not a number");
            } else {
                refused(text, variables, reason);
            }
        }
    }

    #[test]
    fn lists_of_hosts_share_one_port_or_have_one_each() {
        let shown = |text: &str| read(text, &[]).unwrap().to_string();
        assert_eq!(shown("host=a,b user=u port=7"), "u@a:7,b:7/u");
        assert_eq!(shown("host=a,b user=u port=7,8"), "u@a:7,b:8/u");
        assert_eq!(shown("postgres://u@a,b:8/d"), "u@a:5432,b:8/d");
        assert_eq!(shown("postgres://u@%2Fa%2Cb,c/d"), "u@/a,b:5432,c:5432/d");
        assert_eq!(read("postgres://u@%2Fa%2Cb/d", &[]).unwrap().hosts[0].at, At::Socket("/a,b".into()));
        let spread = read("host=a,b,c user=u load_balance_hosts=random", &[]).unwrap();
        assert_eq!(spread.hosts.len(), 3);
    }

    #[test]
    fn no_string_shows_its_password() {
        let address = read("postgres://u:canary@h/d", &[]).unwrap();
        assert!(!format!("{address} {address:?} {:?}", address.hosts[0].password).contains("canary"));
        assert_eq!(address.hosts[0].password.as_ref().map(|secret| secret.0.as_str()), Some("canary"));
    }

    #[test]
    fn a_root_certificate_makes_require_look_at_it() {
        assert_eq!(read("postgres://u@h/d?sslmode=require&sslrootcert=ca", &[]).unwrap().tls.mode, SslMode::VerifyCa);
        assert_eq!(read("postgres://u@h/d?sslmode=require", &[]).unwrap().tls.mode, SslMode::Require);
        assert_eq!(read("postgres://u@h/d?sslrootcert=system", &[]).unwrap().tls.mode, SslMode::VerifyFull);
        assert_eq!(read("postgres://u@h/d", &[]).unwrap().tls.mode, SslMode::Prefer);
    }

    #[test]
    fn session_options_are_taken_apart() {
        let address = read("host=h user=u options='-c a.b=1 --work-mem=4MB -cx=y\\\\ z'", &[]).unwrap();
        let pairs: Vec<_> = address.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["a.b=1", "work_mem=4MB", "x=y z"]);
    }

    #[test]
    fn services_and_password_files_fill_in_what_is_missing() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(
            home.path().join(".pg_service.conf"),
            "# ours\n[other]\nhost=wrong\n\n[prod]\nhost=db.example.org\nuser=svc\nport = 7\nsslmode=disable\n[bad]\nhots=x\n[nested]\nservice=prod\n[junk]\nword\n",
        )
        .unwrap();
        let pgpass = home.path().join(".pgpass");
        std::fs::write(&pgpass, "db.example.org:7:svc:svc:first\nsecond.example.org:*:*:*:second\n").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&pgpass, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let around = |variables: &[(&str, &str)]| Surroundings { home: Some(home.path().to_owned()), ..around(variables) };
        let read = address("service=prod", &around(&[("PGPORT", "9"), ("PGUSER", "env")])).unwrap();
        assert_eq!(read.to_string(), "svc@db.example.org:7/svc");
        assert_eq!(read.hosts[0].password.as_ref().map(|secret| secret.0.as_str()), Some("first"));
        let read = address("postgres:///d?host=db.example.org,second.example.org", &around(&[("PGSERVICE", "prod")])).unwrap();
        let passwords: Vec<_> = read.hosts.iter().map(|host| host.password.as_ref().map(|secret| secret.0.as_str())).collect();
        assert_eq!(passwords, [None, Some("second")]);
        for (service, reason) in [
            ("bad", "did you mean `host`?"),
            ("nested", "names another service"),
            ("junk", "is not KEY=VALUE"),
            ("none", "no service `none`"),
        ] {
            let error = address(&format!("service={service}"), &around(&[])).unwrap_err();
            assert!(error.to_text().contains(reason), "{}", error.to_text());
        }
    }

    /// Whatever stands in a password, escaped or not, the string means the server it names, or is refused; and nothing that
    /// can be printed repeats the password.
    #[test]
    fn no_password_leads_to_another_server_or_is_shown() {
        let samples =
            ["canary", "can@ary", "1/canary", "1?user=canary", "x@h2/d?application_name=canary", "a:canary#b", "%41canary"];
        let pieces = [
            "@",
            "/",
            "?",
            "&",
            "=",
            ":",
            "#",
            "%",
            "%40",
            "%zz",
            "[",
            "]",
            ",",
            ";",
            "'",
            "\\",
            "1",
            "@h2",
            "/d",
            "?host=h2",
            "&port=7",
            "?hostaddr=1.2.3.4",
            "://",
            "é",
            "%00",
            "%ff",
            "h2:1",
            "?ssl=true",
            "&service=x",
            "\u{1f}",
            "?dbname=x",
            "?options=-c a=b",
        ];
        let secret = |address: &Address| address.hosts[0].password.as_ref().map(|secret| secret.0.clone());
        let (mut right, mut refused) = (0, 0);
        let mut judge = |text: &str, password: Option<&str>| match read(text, &[]) {
            Ok(address) => {
                right += 1;
                assert_eq!(address.to_string(), "alice@db.example.org:5433/metrics", "{text}");
                assert!(!format!("{address:?} {:?}", address.hosts[0].password).contains("canary"), "{text}");
                assert!(address.options.is_empty() && address.tls.mode == SslMode::Prefer, "{text}");
                if let Some(password) = password {
                    assert_eq!(secret(&address).as_deref(), Some(password), "{text}");
                }
            }
            Err(error) => {
                refused += 1;
                assert_eq!(error.exit(), Exit::Config, "{text}");
                assert!(!error.to_text().contains("canary"), "{text}: {}", error.to_text());
                assert!(password.is_none_or(|password| password.contains('\0')), "{text}: {}", error.to_text());
            }
        };
        crate::domain::mutated::mutated(&samples, &pieces, 10_000, |password| {
            if password.is_empty() {
                return;
            }
            judge(&format!("postgres://alice:{password}@db.example.org:5433/metrics"), None);
            let escaped: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
            judge(&format!("postgres://alice:{escaped}@db.example.org:5433/metrics"), Some(password));
            let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
            judge(&format!("user=alice password='{quoted}' host=db.example.org port=5433 dbname=metrics"), Some(password));
            if !password.contains(char::is_whitespace) {
                judge(&format!("host=db.example.org port=5433 user=alice dbname=metrics password={password}"), None);
            }
        });
        assert!(right > 10_000 && refused > 1_000, "{right} right, {refused} refused");
    }

    /// A string that is taken means the same server when it is written out of what was understood.
    #[test]
    fn changed_strings_are_taken_as_they_are_meant_or_refused() {
        let samples = [
            "postgres://u:p@h:1/d",
            "postgres://h1,h2:7/d",
            "postgres://[::1]:7,[fe80::1]/d",
            "postgres:///d?host=/run/pg",
            "host=a,b port=1,2 user=u dbname=d",
            "postgres://%2Frun%2Fpg/d",
            "postgresql://u@h/d?sslmode=require&connect_timeout=3",
            "hostaddr=10.0.0.1 user=u",
            "user='a b' host=h dbname='x\\'y'",
        ];
        let pieces = [
            "@",
            "/",
            "?",
            "&",
            "=",
            ":",
            ",",
            "[",
            "]",
            "%2F",
            "%",
            "'",
            "\\",
            " ",
            "host=",
            "port=",
            "5432",
            "0",
            "99999",
            "::",
            "x",
            "sslmode=",
            "disable",
            "target_session_attrs=any",
            "mysql",
            "\u{1f}",
        ];
        let mut taken = 0;
        crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
            if ["passfile", "service", "ssl"].iter().any(|name| text.contains(name)) {
                let _ = strings::pairs(text);
                return;
            }
            let Ok(address) = read(text, &[]) else { return };
            taken += 1;
            assert!(!address.hosts.is_empty() && address.hosts.iter().all(|host| host.port > 0), "{text}");
            let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
            let (mut hosts, mut addresses, mut ports) = (Vec::new(), Vec::new(), Vec::new());
            for host in &address.hosts {
                let (name, ip) = match &host.at {
                    At::Socket(folder) => (folder.display().to_string(), String::new()),
                    At::Tcp { name, address } => {
                        (name.clone().unwrap_or_default(), address.map(|address| address.to_string()).unwrap_or_default())
                    }
                };
                hosts.push(name);
                addresses.push(ip);
                ports.push(host.port.to_string());
            }
            if hosts.iter().any(|host| host.contains(',') || host.trim() != host) {
                return;
            }
            let again = format!(
                "host={} hostaddr={} port={} user={} dbname={}",
                quoted(&hosts.join(",")),
                quoted(&if addresses.iter().all(String::is_empty) { String::new() } else { addresses.join(",") }),
                quoted(&ports.join(",")),
                quoted(&address.user),
                quoted(address.database_name()),
            );
            let read = read(&again, &[]).unwrap_or_else(|error| panic!("{text} is {again}: {}", error.to_text()));
            assert_eq!(read.to_string(), address.to_string(), "{text} is {again}");
            assert!(read.hosts.iter().zip(&address.hosts).all(|(one, other)| one.at == other.at), "{text} is {again}");
        });
        assert!(taken > 2_000, "{taken} were taken");
    }
}

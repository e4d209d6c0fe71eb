//! How cmf gets to a server: strings and variables, several hosts, and TLS that is never weaker than asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::{Db, Run, cmf, run, wait_until};

/// `cmf user list` with these variables.
pub(crate) fn list(variables: &[(&str, &str)]) -> Run {
    let mut command = cmf();
    run(command.envs(variables.iter().copied()).args(["user", "list", "--format", "json"]))
}

/// `cmf user list` on this URL.
pub(crate) fn on(url: &str) -> Run {
    list(&[("CMF_DATABASE_URL", url)])
}

#[test]
fn another_program_than_a_postgres_is_called_so() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answer = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let mut asked = [0; 100];
        let _ = client.read(&mut asked);
        let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let refused = on(&format!("postgres://u@127.0.0.1:{port}/d")).fails(69, "does not answer like Postgres");
    assert!(refused.stderr.contains("check host and port: this may not be a Postgres"), "{}", refused.stderr);
    answer.join().expect("an answer");
}

/// What the URL of the test server says: where it is and who asks.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
}

pub(crate) fn server(db: &Db) -> Server {
    let rest = db.url.split_once("://").expect("a URL").1;
    let (authority, tail) = rest.split_once('/').expect("a database");
    let (login, at) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password.to_owned())),
        None => (login, None),
    };
    let (host, port) = at.rsplit_once(':').unwrap_or((at, "5432"));
    let socket = tail.split_once("host=").map(|(_, host)| host.split('&').next().expect("a host").replace("%2F", "/"));
    let port = tail.split_once("port=").map_or(port, |(_, port)| port.split('&').next().expect("a port"));
    Server {
        host: socket.unwrap_or_else(|| host.replace("%2F", "/")),
        port: port.parse().expect("a port"),
        user: user.to_owned(),
        password,
    }
}

/// Something that takes connections, as long as the test lives.
pub(crate) struct Front {
    pub(crate) port: u16,
    /// All bytes that came in before TLS.
    pub(crate) clear: Arc<Mutex<Vec<u8>>>,
}

impl Front {
    /// Serves each connection by `serve` on a thread of its own.
    pub(crate) fn new(serve: impl Fn(TcpStream, Arc<Mutex<Vec<u8>>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let clear = Arc::new(Mutex::new(Vec::new()));
        let (serve, seen) = (Arc::new(serve), Arc::clone(&clear));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, seen) = (Arc::clone(&serve), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, seen));
            }
        });
        Front { port, clear }
    }

    /// Forgets what came in so far.
    fn forget(&self) {
        self.clear.lock().expect("the bytes").clear();
    }

    /// The clear bytes as text.
    pub(crate) fn clear(&self) -> String {
        String::from_utf8_lossy(&self.clear.lock().expect("the bytes")).into_owned()
    }
}

/// The request for TLS.
pub(crate) const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Reads the first message of a connection, which is at least 8 bytes.
pub(crate) fn first_message(stream: &mut TcpStream, clear: &Mutex<Vec<u8>>) -> Option<[u8; 8]> {
    let mut first = [0; 8];
    stream.read_exact(&mut first).ok()?;
    clear.lock().expect("the bytes").extend_from_slice(&first);
    Some(first)
}

/// Takes whatever comes in clear, until the other side ends.
pub(crate) fn swallow(stream: &mut TcpStream, clear: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read) = stream.read(&mut buffer) {
        if read == 0 {
            return;
        }
        clear.lock().expect("the bytes").extend_from_slice(&buffer[..read]);
    }
}

/// A server that has no TLS and notes what it is told then.
pub(crate) fn without_tls() -> Front {
    Front::new(|mut stream, clear| {
        if first_message(&mut stream, &clear) == Some(SSL_REQUEST) {
            stream.write_all(b"N").expect("an answer");
        }
        let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
        swallow(&mut stream, &clear);
    })
}

pub(crate) fn private(file: &Path) {
    mode(file, 0o600);
}

pub(crate) fn mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("the mode is set");
}

/// The URL of a front for this login.
pub(crate) fn url(db: &Db, host: &str, port: u16, parameters: &str) -> String {
    let Server { user, password, .. } = server(db);
    let password = password.map(|password| format!(":{password}")).unwrap_or_default();
    format!("postgres://{user}{password}@{host}:{port}/{}?{parameters}", db.name)
}

#[test]
fn strings_variables_services_and_password_files_lead_to_the_same_server() {
    let db = Db::migrated();
    let Server { host, port, user, password } = server(&db);
    let password = password.unwrap_or_default();
    let port = port.to_string();
    on(&db.url).ok();
    on(&format!("host='{host}' port={port} user={user} password='{password}' dbname={}", db.name)).ok();
    let variables =
        [("PGHOST", host.as_str()), ("PGPORT", &port), ("PGUSER", &user), ("PGPASSWORD", &password), ("PGDATABASE", &db.name)];
    list(&[&variables[..], &[("CMF_DATABASE_URL", "postgres://")]].concat()).ok();

    let folder = tempfile::tempdir().expect("a folder");
    let services = folder.path().join("services");
    let text = format!("[here]\nhost={host}\nport={port}\nuser={user}\ndbname={}\n", db.name);
    std::fs::write(&services, text).expect("a file");
    let passwords = folder.path().join("passwords");
    std::fs::write(&passwords, format!("*:*:*:*:{password}\n")).expect("a file");
    private(&passwords);
    let services = services.display().to_string();
    let around = [("PGSERVICEFILE", services.as_str()), ("PGPASSFILE", passwords.to_str().expect("a path"))];
    list(&[&around[..], &[("CMF_DATABASE_URL", "service=here")]].concat()).ok();
    mode(&passwords, 0o644);
    list(&[&around[..], &[("CMF_DATABASE_URL", "service=here")]].concat()).fails(78, "others can read it (mode 0644)");
    list(&[&around[..], &[("CMF_DATABASE_URL", "service=there")]].concat()).fails(78, "there is no service `there`");
}

#[test]
fn what_is_misspelt_is_78_and_never_shown() {
    for (text, reason) in [
        ("mysql://u:canary@127.0.0.1/d", "does not start with postgres://"),
        ("postgres://u:can@ry@127.0.0.1/d", "several `@`"),
        ("postgres://u:1/canary@127.0.0.1/d", "part of a password"),
        ("postgres://u:canary@127.0.0.1/d?sslmod=require", "did you mean `sslmode`?"),
        ("postgres://u:canary@127.0.0.1/d?sslmode=requird", "sslmode=requird is not one of"),
        ("host=127.0.0.1 password='canary", "is not closed"),
    ] {
        let run = on(text).fails(78, reason);
        assert!(!run.stderr.contains("canary") && !run.stderr.contains("ry@"), "{}", run.stderr);
    }
    let around = |name, value| list(&[("CMF_DATABASE_URL", "postgres://u:canary@127.0.0.1:1/d"), (name, value)]);
    around("PGSSLMODE", "requird").fails(78, "PGSSLMODE");
    around("PGPORT", "54x32").fails(69, "127.0.0.1:1/d");
    list(&[("CMF_DATABASE_URL", "postgres://u@127.0.0.1/d"), ("PGPORT", "54x32")]).fails(78, "PGPORT");
}

/// What must never be shown.
const CANARY: &str = "c4n4ry-p4ssw0rd";

/// A place that fails, as the host, the port and the parameters of a URL.
type Failing = (String, u16, &'static str);

#[test]
fn a_password_stays_secret_in_every_failure() {
    let silent = Front::new(|mut stream, clear| swallow(&mut stream, &clear));
    let plain = without_tls();
    // It refuses with the words of a server that repeats what it was told.
    let parrot = Front::new(|mut stream, clear| {
        let Some(first) = first_message(&mut stream, &clear) else { return };
        if first == SSL_REQUEST {
            stream.write_all(b"N").expect("an answer");
            let _ = first_message(&mut stream, &clear);
        }
        let text = format!("SFATAL\0C28P01\0Mno entry for password {CANARY}\0\0");
        let length = u32::try_from(text.len() + 4).expect("a length").to_be_bytes();
        let _ = stream.write_all(&[b"E", &length[..], text.as_bytes()].concat());
        swallow(&mut stream, &clear);
    });
    let closing = Front::new(|stream, _| drop(stream));
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        private(&path);
        path.display().to_string()
    };
    let passwords = file("pgpass", &format!("*:*:*:*:{CANARY}\n"));
    let places: Vec<Failing> = vec![
        ("127.0.0.1".to_owned(), 1, "connect_timeout=1"),
        ("127.0.0.1".to_owned(), silent.port, "connect_timeout=1"),
        ("127.0.0.1".to_owned(), plain.port, "sslmode=require"),
        ("127.0.0.1".to_owned(), plain.port, "sslmode=disable&connect_timeout=1"),
        ("127.0.0.1".to_owned(), closing.port, "sslmode=disable"),
        ("127.0.0.1".to_owned(), parrot.port, "sslmode=prefer"),
        ("nowhere.invalid".to_owned(), 5432, ""),
        ("127.0.0.1".to_owned(), 5432, "nonsense=1"),
        ("127.0.0.1".to_owned(), 5432, "target_session_attrs=x"),
        ("127.0.0.1".to_owned(), 5432, "sslrootcert=/nowhere&sslmode=verify-full"),
        ("127.0.0.1".to_owned(), 5432, "connect_timeout=soon"),
        ("127.0.0.1,127.0.0.2,127.0.0.3".to_owned(), 1, "connect_timeout=1"),
    ];
    let mut runs: Vec<(String, Command)> = Vec::new();
    let mut add = |name: String, variables: &[(&str, &str)], words: &[&str]| {
        let mut command = cmf();
        command.envs(variables.iter().copied()).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1").arg("-vvv").args(words);
        runs.push((name, command));
    };
    for (number, (host, port, parameters)) in places.iter().enumerate() {
        let pairs = parameters.replace('&', " ");
        let list = &["user", "list"][..];
        let url = format!("postgres://u:{CANARY}@{host}:{port}/d?{parameters}");
        add(url.clone(), &[("CMF_DATABASE_URL", &url)], list);
        let text = format!("host={host} port={port} user=u password={CANARY} dbname=d {pairs}");
        add(text.clone(), &[("DATABASE_URL", &text)], &["metric", "list", "--format", "json"]);
        let bare = format!("postgres://u@{host}:{port}/d?{parameters}");
        add(format!("{bare} with PGPASSWORD"), &[("CMF_DATABASE_URL", &bare), ("PGPASSWORD", CANARY)], list);
        add(format!("{bare} with pgpass"), &[("CMF_DATABASE_URL", &bare), ("PGPASSFILE", &passwords)], list);
        let lines = pairs.replace(' ', "\n");
        let services = file(
            &format!("services{number}"),
            &format!("[here]\nhost={host}\nport={port}\nuser=u\npassword={CANARY}\n{lines}\n"),
        );
        add(services.clone(), &[("CMF_DATABASE_URL", "service=here"), ("PGSERVICEFILE", &services)], list);
        let config = file(&format!("config{number}.toml"), &format!("[profile.p]\ndatabase_url = \"{url}\"\n"));
        add(format!("{url} in a profile"), &[("CMF_CONFIG", &config), ("CMF_PROFILE", "p")], &["score"]);
    }
    // Strings that cannot be read, where the password is in the part that cannot.
    for text in [
        format!("postgres://u:{CANARY}@h@127.0.0.1/d"),
        format!("postgres://u:a/{CANARY}@127.0.0.1/d"),
        format!("postgres://u:a#{CANARY}@127.0.0.1/d"),
        format!("postgres://u:a?{CANARY}@127.0.0.1/d"),
        format!("postgres://u:a%{CANARY}@127.0.0.1/d"),
        format!("postgres://u:{CANARY}"),
        format!("mysql://u:{CANARY}@127.0.0.1/d"),
        format!("u:{CANARY}@127.0.0.1/d"),
        format!("postgres://127.0.0.1/d?password={CANARY}&nonsense=1"),
        format!("postgres://127.0.0.1/d?pasword={CANARY}"),
        format!("host=127.0.0.1 pasword={CANARY}"),
        format!("host=127.0.0.1 password='{CANARY}"),
        format!("host=127.0.0.1 password = {CANARY} port=x"),
    ] {
        add(text.clone(), &[("CMF_DATABASE_URL", &text)], &["user", "list"]);
    }
    assert!(runs.len() >= 60, "{}", runs.len());
    std::thread::scope(|scope| {
        let mut waiting = Vec::new();
        for (name, command) in &mut runs {
            let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf runs");
            waiting.push(scope.spawn(move || (name, child.wait_with_output().expect("an end"))));
        }
        for run in waiting {
            let (name, output) = run.join().expect("a run");
            let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(!output.status.success(), "{name}: {said}");
            // A server's own words are its own: no cmf can know what of them is secret.
            let own = said.replace(&format!("no entry for password {CANARY}"), "");
            assert!(!own.contains(CANARY), "{name}: {said}");
        }
    });
    // What the configuration shows, and the arguments that everybody can see.
    let url = format!("postgres://u:{CANARY}@127.0.0.1:{}/d?connect_timeout=3", silent.port);
    let mut shown = cmf();
    shown.env("CMF_DATABASE_URL", &url).args(["config", "show"]);
    assert!(!run(&mut shown).ok().stdout.contains(CANARY));
    // What is no address is shown with the reason, wherever its password may end.
    for (url, why) in [
        (format!("postgres://u:{CANARY}@h/d?client_encoding=latin1"), "client_encoding is always UTF8"),
        (format!("postgres://u:a?{CANARY}@h/d"), "is the `?` part of a password"),
        (format!("postgres://u:a/{CANARY}@h/d"), "is it part of a password"),
        (format!("mysql://u:{CANARY}@h/d"), "does not start with postgres://"),
        (format!("postgres://u:{CANARY}"), "is it part of a password"),
        (format!("host=h password={CANARY} client_encoding=x"), "client_encoding is always UTF8"),
        (format!("postgres://h/d?client_encoding=x&password={CANARY}"), "client_encoding is always UTF8"),
    ] {
        let mut shown = cmf();
        let shown = run(shown.env("CMF_DATABASE_URL", &url).args(["config", "show"])).ok().stdout;
        let has_reason = shown.contains("CMF_DATABASE_URL; cannot be used: ") && shown.contains(why);
        assert!(has_reason && !shown.contains(CANARY), "{url}: {shown}");
    }
    on("postgres://u@127.0.0.1:1/d?client_encoding=latin1").fails(78, "leave out client_encoding");
    let variables = [("CMF_DATABASE_URL", "postgres://u@127.0.0.1:1/d"), ("PGCLIENTENCODING", "latin1")];
    list(&variables).fails(78, "unset PGCLIENTENCODING");
    let mut waiting = cmf();
    silent.forget();
    let mut child =
        waiting.env("CMF_DATABASE_URL", &url).args(["user", "list"]).stderr(Stdio::null()).spawn().expect("cmf runs");
    wait_until("its first message", || !silent.clear().is_empty());
    if let Ok(arguments) = std::fs::read(format!("/proc/{}/cmdline", child.id())) {
        assert!(!String::from_utf8_lossy(&arguments).contains(CANARY));
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn a_silent_server_costs_no_more_than_the_limit() {
    let silent = Front::new(|mut stream, clear| swallow(&mut stream, &clear));
    for parameters in ["", "&sslmode=disable", "&sslmode=require"] {
        let started = Instant::now();
        on(&format!("postgres://u@127.0.0.1:{}/d?connect_timeout=1{parameters}", silent.port))
            .fails(69, "did not answer within 1 s");
        assert!(started.elapsed() < Duration::from_secs(3), "{parameters}: {:?}", started.elapsed());
    }
}

#[test]
fn where_no_host_will_do_each_is_named_with_its_reason() {
    let run = on("postgres://u@127.0.0.1:1,127.0.0.1:2/d").fails(69, "cannot use any host of");
    assert!(run.stderr.contains("127.0.0.1:1/") && run.stderr.contains("127.0.0.1:2/"), "{}", run.stderr);
}

#[test]
fn hosts_are_tried_in_turn_for_what_the_target_asks() {
    let db = Db::migrated();
    let Server { host, port, user, password } = server(&db);
    let password = password.map(|password| format!(" password='{password}'")).unwrap_or_default();
    let two = |parameters: &str| {
        on(&format!("host='127.0.0.1,{host}' port=1,{port} user={user}{password} dbname={} {parameters}", db.name))
    };
    two("").ok();
    two("target_session_attrs=read-write").ok();
    two("target_session_attrs=primary").ok();
    two("target_session_attrs=prefer-standby").ok();
    let refused = two("target_session_attrs=standby").fails(69, "is not a standby");
    assert!(refused.stderr.contains("no server is listening there"), "{}", refused.stderr);
    two("target_session_attrs=read-only connect_timeout=2").fails(69, "accepts writes");
    two("target_session_attrs=read-write options='-c default_transaction_read_only=on'").fails(69, "accepts no writes");
}

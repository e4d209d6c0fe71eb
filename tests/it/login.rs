//! Who is on the other side, and how cmf shows who it is: owners of sockets, passwords, channel binding, and the limits of
//! time that hold on every way.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cmf::local::{Cluster, Endpoint};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor};

use crate::connect::{Front, Server, first_message, mode, on, server, swallow};
use crate::connect_tls::{Authority, named, with_tls};
use crate::local::Place;
use crate::support::{Db, Run, block_on, cmf, run, wait_until};

/// `cmf db wait`, which needs no schema.
fn wait_on(url: &str, timeout: &str) -> Run {
    run(cmf().env("CMF_DATABASE_URL", url).args(["db", "wait", "--timeout", timeout]))
}

#[test]
fn a_server_on_a_socket_that_falls_silent_is_given_up() {
    let db = Db::migrated();
    assert!(server(&db).host.starts_with('/'), "the test server is on a socket");
    let held = db.hold("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
    let begin = Instant::now();
    let mut command = db.command();
    run(command.env("CMF_ANSWER_TIMEOUT", "1").args(["user", "list"])).fails(69, "did not answer within 1 s");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    drop(held);
}

#[test]
fn the_private_server_is_waited_for_no_longer_than_the_limits_say() {
    let place = Place::new();
    place.cmf(["user", "list"]).ok();
    let url = place.cmf(["local", "url"]).ok().stdout.trim().replace("/cmf", "");
    let folder = url.split_once('@').expect("a user").1.replace("%2F", "/");
    let options = PgConnectOptions::new_without_pgpass().socket(folder).username("cmf").database("cmf");
    let limited = |variable: &str| {
        let begin = Instant::now();
        let refused = run(place.command().env(variable, "1").args(["user", "list"])).fails(69, "did not answer within 1 s");
        assert!(begin.elapsed() < Duration::from_secs(8), "{variable}: {:?} {}", begin.elapsed(), refused.stderr);
    };
    block_on(async {
        let mut connection = options.connect().await.expect("a connection");
        connection.execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
        limited("CMF_ANSWER_TIMEOUT");
    });
    // The whole server stands still: its socket takes connections, and nobody looks at them.
    let pid = place.cmf(["local", "status", "--format", "json"]).ok().json()["pid"].as_i64().expect("a process id");
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid.to_string()]).status().expect("kill").success());
    signal("-STOP");
    limited("PGCONNECT_TIMEOUT");
    signal("-CONT");
    place.cmf(["user", "list"]).ok();
}

/// A process of the user `nobody` that listens on the socket and writes down what it is told.
fn stranger(socket: &Path, told: &Path) -> Option<std::process::Child> {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/bin/perl").exists() {
        crate::support::skip("only root can have another user listen, by perl");
        return None;
    }
    let script = "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die; \
                  while (my $c = $s->accept) { open my $f, '>>', $ARGV[1]; syswrite $f, $_ while sysread $c, $_, 100; }";
    let child = Command::new("perl").args(["-e", script]).arg(socket).arg(told).uid(65534).gid(65534).spawn().expect("perl");
    wait_until("one who listens", || std::os::unix::net::UnixStream::connect(socket).is_ok());
    Some(child)
}

#[test]
fn a_stranger_s_socket_in_an_open_folder_is_told_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    mode(folder.path(), 0o1777);
    let (socket, told) = (folder.path().join(".s.PGSQL.5432"), folder.path().join("told"));
    let Some(mut child) = stranger(&socket, &told) else { return };
    let url =
        |parameters: &str| format!("postgres://u:canary@/d?host={}&connect_timeout=1{parameters}", folder.path().display());
    let refused = on(&url("")).fails(77, "it belongs to the user nobody");
    assert!(refused.stderr.contains("requirepeer=nobody"), "{}", refused.stderr);
    on(&url("&requirepeer=postgres")).fails(77, "requirepeer asks for postgres");
    on(&url("&requirepeer=no-such-user")).fails(78, "who does not exist on this system");
    let said = || std::fs::read_to_string(&told).unwrap_or_default();
    assert_eq!(said(), "");
    // Where somebody says that the server runs as this user, it is spoken to; and in a folder that is closed to others.
    on(&url("&requirepeer=nobody")).fails(69, "did not answer within 1 s");
    assert!(said().contains("user\0u"), "{}", said());
    std::fs::remove_file(&told).expect("the file");
    mode(folder.path(), 0o755);
    std::fs::write(&told, "").expect("a file");
    mode(&told, 0o666);
    on(&url("")).fails(69, "did not answer within 1 s");
    assert!(said().contains("user\0u"), "{}", said());
    child.kill().expect("the end");
    child.wait().expect("the end");
}

#[test]
fn a_socket_of_one_s_own_in_an_open_folder_is_spoken_to() {
    let folder = tempfile::tempdir().expect("a folder");
    mode(folder.path(), 0o1777);
    let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
    let told = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let mut said = [0; 12];
        client.read_exact(&mut said).expect("what it says");
        said
    });
    let url = format!("postgres://u:canary@/d?host={}&connect_timeout=2", folder.path().display());
    on(&url).fails(69, "cannot be reached");
    assert!(told.join().expect("the listener").ends_with(b"user"));
}

#[test]
fn the_owner_of_a_server_can_be_asked_for() {
    use std::os::unix::fs::MetadataExt;
    let db = Db::migrated();
    let owner = std::fs::metadata(server(&db).host).expect("the folder").uid();
    let name = Command::new("id").args(["-nu", &owner.to_string()]).output().expect("id");
    let name = String::from_utf8(name.stdout).expect("a name");
    let asking = |peer: &str| run(db.command().env("PGREQUIREPEER", peer).args(["user", "list"]));
    asking(name.trim()).ok();
    asking(&owner.to_string()).ok();
    asking("daemon").fails(77, "requirepeer asks for daemon");
}

#[test]
fn the_time_to_wait_for_a_server_is_that_for_all_its_hosts_and_attempts() {
    let silent = Front::new(|mut stream, clear| swallow(&mut stream, &clear));
    let full = Front::new(|mut stream, clear| {
        if first_message(&mut stream, &clear).is_some() {
            let text = b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0";
            let length = u32::try_from(text.len() + 4).expect("a length").to_be_bytes();
            let _ = stream.write_all(&[b"E", &length[..], text].concat());
        }
        swallow(&mut stream, &clear);
    });
    let hosts = |port: u16| format!("postgres://u@127.0.0.1:{port},127.0.0.1:{port},127.0.0.1:{port}/d?sslmode=disable");
    for (url, reason) in [(hosts(silent.port), "did not answer within"), (hosts(full.port), "too many clients")] {
        let begin = Instant::now();
        wait_on(&url, "1s").fails(69, reason);
        assert!(begin.elapsed() < Duration::from_millis(2500), "{url}: {:?}", begin.elapsed());
    }
}

#[test]
fn whom_a_socket_s_server_does_not_let_in_is_not_sent_to_tls() {
    let refused = |host: &str| {
        let message = format!("no pg_hba.conf entry for host \"{host}\", user \"u\", database \"d\", no encryption");
        let front = Front::new(move |mut stream, clear| {
            if first_message(&mut stream, &clear).is_some() {
                let text = format!("SFATAL\0VFATAL\0C28000\0M{message}\0\0");
                let length = u32::try_from(text.len() + 4).expect("a length").to_be_bytes();
                let _ = stream.write_all(&[b"E", &length[..], text.as_bytes()].concat());
            }
            swallow(&mut stream, &clear);
        });
        on(&format!("postgres://u@127.0.0.1:{}/d?sslmode=disable", front.port)).fails(77, "refuses the login").stderr
    };
    assert!(refused("192.0.2.1").contains("add sslmode=verify-full"));
    let local = refused("[local]");
    assert!(local.contains("log in as another role") && !local.contains("sslmode"), "{local}");
}

/// A server on a port that asks for passwords.
struct Guarded {
    _place: Place,
    cluster: Cluster,
    lock: Option<cmf::local::Lock>,
    admin: PgConnectOptions,
    port: u16,
    data: std::path::PathBuf,
}

impl Guarded {
    fn start() -> Self {
        let place = Place::new();
        let cluster = Cluster::throwaway(place.directory()).on_loopback();
        let lock = cluster.lock().expect("the lock");
        let started = cluster.start(&lock).expect("it starts");
        let Endpoint::Loopback { port, password } = started.endpoint else { panic!("a port") };
        let admin = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("cmf").password(&password);
        let data = place.directory().join("data");
        Guarded { _place: place, cluster, lock: Some(lock), admin: admin.database("postgres"), port, data }
    }

    fn execute(&self, sql: &'static str) {
        block_on(async { self.admin.connect().await.expect("a connection").execute(sqlx::raw_sql(sql)).await.expect(sql) });
    }

    /// Lets in everybody who has a password.
    fn open(&self) {
        let file = self.data.join("pg_hba.conf");
        let text = std::fs::read_to_string(&file).expect("a file") + "\nhost all all all md5\n";
        std::fs::write(&file, text).expect("a file");
        self.execute("SELECT pg_reload_conf()");
    }

    /// Has it speak TLS with this certificate.
    fn encrypt(&self, authority: &Authority, name: &str) {
        for extension in ["crt", "key"] {
            let file = self.data.join(format!("server.{extension}"));
            std::fs::copy(authority.file(&format!("{name}.{extension}")), &file).expect("a file");
            mode(&file, 0o600);
            let owner = std::fs::metadata(&self.data).expect("the folder");
            let (user, group) = {
                use std::os::unix::fs::MetadataExt;
                (owner.uid(), owner.gid())
            };
            std::os::unix::fs::chown(&file, Some(user), Some(group)).expect("its owner");
        }
        self.execute("ALTER SYSTEM SET ssl = on");
        self.execute("SELECT pg_reload_conf()");
        let url = self.url("cmf", "x", "sslmode=require");
        wait_until("TLS", || !wait_on(&url, "0s").stderr.contains("has no TLS"));
    }

    fn url(&self, user: &str, password: &str, parameters: &str) -> String {
        format!("postgres://{user}:{password}@localhost:{}/postgres?{parameters}", self.port)
    }

    fn server(&self) -> Server {
        Server { host: "127.0.0.1".to_owned(), port: self.port, user: String::new(), password: None }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            let _ = self.cluster.destroy(lock);
        }
    }
}

#[test]
fn any_password_logs_in_and_is_bound_to_the_channel_where_that_is_asked_for() {
    let guarded = Guarded::start();
    guarded.open();
    // SASLprep forbids the control character; the name has the signs that SCRAM sets names apart with.
    guarded.execute("CREATE ROLE \"we,ird=x\" LOGIN PASSWORD E'canary\\x01\\u200b'; SET password_encryption = md5; CREATE ROLE old LOGIN PASSWORD 'canary'");
    let weird = |password: &str, parameters: &str| guarded.url("we%2Cird%3Dx", password, parameters);
    let right = "canary%01%E2%80%8B";
    wait_on(&weird(right, "sslmode=disable"), "5s").ok();
    for wrong in ["canary%02", "canary"] {
        let refused = wait_on(&weird(wrong, "sslmode=disable"), "5s").fails(77, "password authentication failed");
        assert!(!refused.stderr.contains("canary") && !refused.stderr.contains('\u{2}'), "{}", refused.stderr);
    }
    wait_on(&format!("postgres://old@localhost:{}/postgres?sslmode=disable", guarded.port), "5s")
        .fails(77, "asks for a password, but none is set");
    for (binding, reason) in [("disable", ""), ("prefer", ""), ("require", "the connection has no TLS")] {
        let outcome = wait_on(&weird(right, &format!("sslmode=disable&channel_binding={binding}")), "5s");
        if reason.is_empty() {
            outcome.ok()
        } else {
            outcome.fails(77, reason)
        };
    }

    let authority = Authority::new();
    authority.issue("server", &named(&["localhost"]));
    authority.issue("between", &named(&["localhost"]));
    guarded.encrypt(&authority, "server");
    for binding in ["disable", "prefer", "require"] {
        wait_on(&weird(right, &format!("sslmode=require&channel_binding={binding}")), "5s").ok();
        wait_on(&weird("canary", &format!("sslmode=require&channel_binding={binding}")), "5s")
            .fails(77, "authentication failed");
    }
    // Somebody in between, with a certificate of the same authority: only the binding shows it.
    let between = with_tls(&authority, "between", None, guarded.server());
    let through = |parameters: &str| {
        let url = weird(right, &format!("sslmode=verify-full&sslrootcert={}&{parameters}", authority.root()));
        wait_on(&url.replace(&format!(":{}/", guarded.port), &format!(":{}/", between.port)), "5s")
    };
    through("channel_binding=disable").ok();
    let refused =
        through("channel_binding=require").fails(77, "channel_binding=require is not possible: the server does not offer it");
    assert!(refused.stderr.contains("leave out channel_binding=require"), "{}", refused.stderr);
    wait_on(&guarded.url("old", "canary", "sslmode=require&channel_binding=require"), "5s")
        .fails(77, "does not ask for the password with SCRAM");
    wait_on(&guarded.url("old", "canary", "sslmode=require"), "5s").ok();
}

#[test]
fn a_session_that_the_server_ends_in_the_middle_is_69_and_a_reading_is_kept() {
    let db = Db::migrated();
    db.execute("INSERT INTO metrics (metric_number, name, direction, csf_function, priority) VALUES ('M-1', 'a', 'higher_is_better', 'PR', 'High')");
    let end_one = || {
        let waiting = format!("datname = '{}' AND wait_event_type = 'Lock' AND application_name = 'cmf'", db.name);
        db.wait_for("t", &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {waiting}"));
    };
    let held = db.hold("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
    let mut command = db.command();
    command.args(["user", "create", "ada", "--email", "ada@example.org"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("cmf runs");
    end_one();
    let ended = Run::from(child.wait_with_output().expect("an end")).fails(69, "the server ended the session: terminating");
    assert!(ended.stderr.contains("run the command again"), "{}", ended.stderr);
    drop(held);
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");

    let held = db.hold("LOCK TABLE metrics IN ACCESS EXCLUSIVE MODE");
    let mut command = db.command();
    let spool = tempfile::tempdir().expect("a folder");
    command.args(["record", "M-1", "5", "--spool"]).arg(spool.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cmf runs");
    // Each attempt of the recorder ends like the first.
    let mut session = db.session();
    let waiting = format!("datname = '{}' AND wait_event_type = 'Lock' AND application_name = 'cmf'", db.name);
    crate::support::wait_until("the end of the recorder", || {
        session.one(&format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {waiting}"));
        child.try_wait().expect("a child").is_some()
    });
    drop(held);
    Run::from(child.wait_with_output().expect("an end")).fails(75, "the server ended the session: terminating");
    run(db.command().args(["record", "--drain", "--spool"]).arg(spool.path())).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    // One that is ended once is stored by the next attempt.
    let held = db.hold("LOCK TABLE metrics IN ACCESS EXCLUSIVE MODE");
    let mut command = db.command();
    command.args(["record", "M-1", "6"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("cmf runs");
    end_one();
    drop(held);
    Run::from(child.wait_with_output().expect("an end")).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
}

#[test]
fn a_certificate_of_the_old_version_is_refused_in_words() {
    let db = Db::migrated();
    let authority = Authority::new();
    std::fs::write(authority.file("old.crt"), include_str!("old_certificate.pem")).expect("a file");
    std::fs::write(authority.file("old.key"), include_str!("old_certificate.key.pem")).expect("a file");
    let front = with_tls(&authority, "old", None, server(&db));
    let url = |parameters: &str| format!("postgres://u@localhost:{}/d?{parameters}", front.port);
    let refused = on(&url(&format!("sslmode=verify-full&sslrootcert={}", authority.file("old.crt").display())));
    let refused = refused.fails(77, "the server's certificate is of the old version 1 of X.509");
    assert!(
        refused.stderr.contains("subjectAltName") && !refused.stderr.contains("UnsupportedCertVersion"),
        "{}",
        refused.stderr
    );
    // A key that does not belong to its certificate, and files that break off.
    authority.issue("one", &named(&["localhost"]));
    authority.issue("two", &named(&["localhost"]));
    let with = |certificate: &str, key: &str| {
        let (certificate, key) = (authority.file(certificate), authority.file(key));
        on(&url(&format!("sslmode=require&sslcert={}&sslkey={}", certificate.display(), key.display())))
    };
    with("one.crt", "two.key").fails(78, "certificate and key do not belong together");
    let cut = |name: &str| {
        let text = std::fs::read_to_string(authority.file(name)).expect("a file");
        std::fs::write(authority.file(name), &text[..text.len() / 2]).expect("a file");
    };
    cut("two.key");
    with("one.crt", "two.key").fails(78, "it ends before its END line");
    cut("two.crt");
    with("two.crt", "one.key").fails(78, "it ends before its END line");
}

#[test]
fn a_server_that_wants_a_certificate_of_the_client_is_told_in_words() {
    let db = Db::migrated();
    let authority = Authority::new();
    authority.issue("server", &named(&["localhost"]));
    let front = with_tls(&authority, "server", Some(&authority.file("ca.crt")), server(&db));
    let refused = on(&format!("postgres://u@localhost:{}/d?sslmode=require", front.port));
    let refused = refused.fails(77, "the server asks for a client certificate");
    assert!(refused.stderr.contains("add sslcert=FILE"), "{}", refused.stderr);
}

#[test]
fn a_string_may_have_a_line_break_around_it_wherever_it_stands() {
    let db = Db::migrated();
    let url = format!(" {}\r\n", db.url);
    on(&url).ok();
    run(cmf().env("DATABASE_URL", &url).args(["user", "list"])).ok();
    run(cmf().args(["--database-url", &url, "user", "list"])).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, format!("[profile.p]\ndatabase_url = \"\"\"{}\n\"\"\"\n", db.url)).expect("a file");
    mode(&file, 0o600);
    run(cmf().env("CMF_CONFIG", &file).args(["--profile", "p", "user", "list"])).ok();
}

//! How cmf gets to a server: strings and variables, several hosts, and TLS that is never weaker than asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use crate::support::{Db, Run, cmf, run};

/// `cmf user list` with these variables.
fn list(variables: &[(&str, &str)]) -> Run {
    let mut command = cmf();
    run(command.envs(variables.iter().copied()).args(["user", "list", "--format", "json"]))
}

/// `cmf user list` on this URL.
pub(crate) fn on(url: &str) -> Run {
    list(&[("CMF_DATABASE_URL", url)])
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
    clear: Arc<Mutex<Vec<u8>>>,
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

    /// The clear bytes as text.
    fn clear(&self) -> String {
        String::from_utf8_lossy(&self.clear.lock().expect("the bytes")).into_owned()
    }
}

/// The request for TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

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
fn without_tls() -> Front {
    Front::new(|mut stream, clear| {
        if first_message(&mut stream, &clear) == Some(SSL_REQUEST) {
            stream.write_all(b"N").expect("an answer");
        }
        let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
        swallow(&mut stream, &clear);
    })
}

/// Certificates for the tests, in a folder of their own.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "test authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.crt"), issuer.pem()).expect("a file");
        Authority { folder, issuer }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> String {
        self.file("ca.crt").display().to_string()
    }

    /// Writes NAME.crt and NAME.key.
    pub(crate) fn issue(&self, name: &str, params: &CertificateParams) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        std::fs::write(self.file(&format!("{name}.crt")), certificate.pem()).expect("a file");
        std::fs::write(self.file(&format!("{name}.key")), key.serialize_pem()).expect("a file");
        private(&self.file(&format!("{name}.key")));
    }
}

fn private(file: &Path) {
    mode(file, 0o600);
}

pub(crate) fn mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("the mode is set");
}

pub(crate) fn named(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    CertificateParams::new(names).expect("names")
}

/// A TLS server in front of the real one: what it is told under TLS goes on in clear.
pub(crate) fn with_tls(authority: &Authority, certificate: &str, client_root: Option<&Path>, real: Server) -> Front {
    let file = |extension: &str| authority.file(&format!("{certificate}.{extension}"));
    let chain: Vec<_> = rustls::pki_types::CertificateDer::pem_file_iter(file("crt"))
        .expect("a certificate")
        .collect::<Result<_, _>>()
        .expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file("key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    // Also a certificate that no server should show is shown.
    let key = provider.key_provider.load_private_key(key).expect("a key");
    let shown = Arc::new(rustls::sign::SingleCertAndKey::from(rustls::sign::CertifiedKey::new(chain, key)));
    let builder = match client_root {
        None => builder.with_no_client_auth(),
        Some(root) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(rustls::pki_types::CertificateDer::from_pem_file(root).expect("a root")).expect("a root");
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let config = Arc::new(builder.with_cert_resolver(shown));
    Front::new(move |mut stream, clear| {
        match first_message(&mut stream, &clear) {
            Some(SSL_REQUEST) => stream.write_all(b"S").expect("an answer"),
            // Somebody who does not ask for TLS is listened to.
            _ => return swallow(&mut stream, &clear),
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            stream.set_nonblocking(true).expect("nonblocking");
            let stream = tokio::net::TcpStream::from_std(stream).expect("a stream");
            let Ok(mut tls) = tokio_rustls::TlsAcceptor::from(Arc::clone(&config)).accept(stream).await else { return };
            if real.host.starts_with('/') {
                let path = format!("{}/.s.PGSQL.{}", real.host, real.port);
                let mut real = tokio::net::UnixStream::connect(path).await.expect("the real server");
                let _ = tokio::io::copy_bidirectional(&mut tls, &mut real).await;
            } else {
                let mut real = tokio::net::TcpStream::connect((real.host.as_str(), real.port)).await.expect("the real server");
                let _ = tokio::io::copy_bidirectional(&mut tls, &mut real).await;
            }
        });
    })
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
    list(&[&around[..], &[("CMF_DATABASE_URL", "service=here")]].concat()).fails(78, "others may read it (mode 0644)");
    list(&[&around[..], &[("CMF_DATABASE_URL", "service=there")]].concat()).fails(78, "there is no service `there`");
}

#[test]
fn what_is_misspelt_is_78_and_never_shown() {
    for (text, reason) in [
        ("mysql://u:canary@127.0.0.1/d", "does not start with postgres://"),
        ("postgres://u:can@ry@127.0.0.1/d", "several `@`"),
        ("postgres://u:1/canary@127.0.0.1/d", "part of a password"),
        ("postgres://u:canary@127.0.0.1/d?sslmod=require", "did you mean `sslmode`?"),
        ("postgres://u:canary@127.0.0.1/d?sslmode=requird", "sslmode is one of"),
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
    let mut waiting = cmf();
    let mut child =
        waiting.env("CMF_DATABASE_URL", &url).args(["user", "list"]).stderr(Stdio::null()).spawn().expect("cmf runs");
    std::thread::sleep(Duration::from_millis(300));
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
    let run = on("postgres://u@127.0.0.1:1,127.0.0.1:2/d").fails(69, "none of the hosts of");
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
    assert!(refused.stderr.contains("nothing listens there"), "{}", refused.stderr);
    two("target_session_attrs=read-only connect_timeout=2").fails(69, "accepts writes");
    two("target_session_attrs=read-write options='-c default_transaction_read_only=on'").fails(69, "accepts no writes");
}

/// The ways to ask for protection: in the URL, in a `key=value` string, by variables, in a service file.
fn ways(folder: &Path, port: u16, mode: &str, root: &str) -> Vec<Run> {
    let port = port.to_string();
    let services = folder.join(format!("services-{port}-{mode}"));
    let text = format!("[here]\nhost=localhost\nport={port}\nuser=canary\ndbname=d\nsslmode={mode}\nsslrootcert={root}\n");
    std::fs::write(&services, text).expect("a file");
    let variables = [("PGSSLMODE", mode), ("PGSSLROOTCERT", root), ("PGUSER", "canary"), ("PGPORT", &port)];
    let url = format!("postgres://canary@localhost:{port}/d?sslmode={mode}&sslrootcert={root}&connect_timeout=3");
    let text = format!("host=localhost port={port} user=canary dbname=d sslmode={mode} sslrootcert={root} connect_timeout=3");
    let bare = [&variables[..], &[("CMF_DATABASE_URL", "postgres://localhost/d?connect_timeout=3")]].concat();
    let service = [("CMF_DATABASE_URL", "service=here"), ("PGSERVICEFILE", services.to_str().expect("a path"))];
    std::thread::scope(|scope| {
        let runs =
            [scope.spawn(|| on(&url)), scope.spawn(|| on(&text)), scope.spawn(|| list(&bare)), scope.spawn(|| list(&service))];
        runs.map(|run| run.join().expect("a run")).into()
    })
}

#[test]
fn no_way_of_asking_gets_less_than_it_asks_for() {
    let db = Db::migrated();
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.issue("other", &named(&["db.example.org"]));
    let mut params = named(&["localhost"]);
    (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    authority.issue("expired", &params);
    stranger.issue("stranger", &named(&["localhost"]));
    let key = KeyPair::generate().expect("a key");
    let own = named(&["localhost"]).self_signed(&key).expect("a certificate");
    std::fs::write(authority.file("own.crt"), own.pem()).expect("a file");
    std::fs::write(authority.file("own.key"), key.serialize_pem()).expect("a file");
    let root = authority.root();
    let folder = tempfile::tempdir().expect("a folder");
    let is_quiet = |front: &Front| front.clear.lock().expect("the bytes").chunks(8).all(|message| message == SSL_REQUEST);
    for mode in ["require", "verify-ca", "verify-full"] {
        let front = without_tls();
        for outcome in ways(folder.path(), front.port, mode, &root) {
            outcome.fails(77, "the server has no TLS");
        }
        assert!(is_quiet(&front), "{mode}: {}", front.clear());
        for (certificate, from) in
            [("own", &authority), ("stranger", &stranger), ("expired", &authority), ("other", &authority)]
        {
            // Only the full check looks at the name.
            if certificate == "other" && mode != "verify-full" {
                continue;
            }
            let front = with_tls(from, certificate, None, server(&db));
            for outcome in ways(folder.path(), front.port, mode, &root) {
                outcome.fails(77, "TLS failed");
            }
            assert!(is_quiet(&front), "{mode} {certificate}: {}", front.clear());
        }
    }
    // Where clear is asked for, or allowed, it is spoken: the test can tell the two apart.
    for mode in ["disable", "allow", "prefer"] {
        let front = without_tls();
        for outcome in ways(folder.path(), front.port, mode, &root) {
            assert_ne!(outcome.code, 0);
        }
        assert!(front.clear().contains("canary"), "{mode}");
    }
}

#[test]
fn each_certificate_passes_exactly_the_modes_it_should() {
    let db = Db::migrated();
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.issue("good", &named(&["localhost"]));
    authority.issue("other", &named(&["db.example.org"]));
    let mut params = named(&["localhost"]);
    (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    authority.issue("expired", &params);
    stranger.issue("stranger", &named(&["localhost"]));
    let key = KeyPair::generate().expect("a key");
    let own = named(&["localhost"]).self_signed(&key).expect("a certificate");
    std::fs::write(authority.file("own.crt"), own.pem()).expect("a file");
    std::fs::write(authority.file("own.key"), key.serialize_pem()).expect("a file");

    let root = authority.root();
    let with_root = |mode: &str| format!("sslmode={mode}&sslrootcert={root}");
    for (certificate, from, verify_ca, verify_full) in [
        ("good", &authority, None, None),
        ("other", &authority, None, Some("is for another host")),
        ("expired", &authority, Some("has expired"), Some("has expired")),
        ("own", &authority, Some("not from an authority that is trusted"), Some("not from an authority that is trusted")),
        ("stranger", &stranger, Some("not from an authority that is trusted"), Some("not from an authority that is trusted")),
    ] {
        for (parameters, refusal) in [
            ("sslmode=require".to_owned(), None),
            // A root certificate makes `require` look at the certificate, as libpq does it.
            (with_root("require"), verify_ca),
            (with_root("verify-ca"), verify_ca),
            (with_root("verify-full"), verify_full),
        ] {
            let front = with_tls(from, certificate, None, server(&db));
            let outcome = on(&url(&db, "localhost", front.port, &parameters));
            match refusal {
                None => {
                    outcome.ok();
                }
                Some(reason) => {
                    outcome.fails(77, reason);
                }
            }
            let clear = front.clear.lock().expect("the bytes");
            assert!(clear.chunks(8).all(|message| message == SSL_REQUEST), "{certificate} {parameters}");
        }
    }
    // The address is dialled, the name is verified.
    let front = with_tls(&authority, "other", None, server(&db));
    let parameters = format!("hostaddr=127.0.0.1&{}", with_root("verify-full"));
    on(&url(&db, "db.example.org", front.port, &parameters)).ok();
    // Only what the file says is trusted: not the authorities of the system.
    on(&url(&db, "localhost", front.port, "sslmode=verify-full&sslrootcert=/nowhere")).fails(78, "/nowhere");
    on(&url(&db, "localhost", front.port, "sslmode=verify-full")).fails(78, "sslrootcert=system");
}

#[test]
fn a_client_certificate_is_shown_and_its_key_kept_private() {
    let db = Db::migrated();
    let authority = Authority::new();
    authority.issue("server", &named(&["localhost"]));
    authority.issue("client", &named(&["client"]));
    let root = authority.file("ca.crt");
    let front = with_tls(&authority, "server", Some(&root), server(&db));
    let (certificate, key) = (authority.file("client.crt"), authority.file("client.key"));
    let identity = format!(
        "sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        authority.root(),
        certificate.display(),
        key.display()
    );
    on(&url(&db, "localhost", front.port, &identity)).ok();
    let without = on(&url(&db, "localhost", front.port, &format!("sslmode=verify-full&sslrootcert={}", authority.root())));
    assert_ne!(without.code, 0);
    mode(&key, 0o644);
    on(&url(&db, "localhost", front.port, &identity)).fails(78, "others may read it (mode 0644)");
}

//! TLS is never weaker than asked for.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use crate::connect::{Front, SSL_REQUEST, Server, first_message, list, mode, on, private, server, swallow, url, without_tls};
use crate::support::{Db, Run};

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
fn a_file_that_is_named_must_be_usable_even_where_no_server_listens() {
    let authority = Authority::new();
    authority.issue("client", &named(&["client"]));
    let at = |parameters: &str| on(&format!("postgres://u@127.0.0.1:1/d?{parameters}"));
    at("").fails(69, "no server is listening there");
    for mode in ["prefer", "require", "verify-ca"] {
        let told = "the certificate file /nowhere cannot be used: No such file or directory";
        at(&format!("sslmode={mode}&sslrootcert=/nowhere")).fails(78, told);
    }
    at("sslmode=disable&sslrootcert=/nowhere").fails(69, "no server is listening there");
    let key = authority.file("client.key");
    let text = std::fs::read_to_string(&key).expect("a key");
    std::fs::write(&key, text.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).expect("a key");
    let identity = format!("sslcert={}&sslkey={}", authority.file("client.crt").display(), key.display());
    at(&identity).fails(78, "it has a passphrase").fails(78, &format!("`openssl pkey -in {} -out client.key`", key.display()));
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
    on(&url(&db, "localhost", front.port, &identity)).fails(78, "others can read it (mode 0644)");
}

/// It answers as a server does that starts, the first times, and is the real one then.
#[test]
fn a_server_that_says_it_is_starting_is_waited_for_until_the_limit() {
    let db = Db::migrated();
    let starting = |times: u32| {
        let (left, options) = (std::sync::atomic::AtomicU32::new(times), db.server().clone());
        Front::new(move |mut stream, clear| {
            let spend = |left: u32| left.checked_sub(1);
            let order = std::sync::atomic::Ordering::SeqCst;
            if left.fetch_update(order, order, spend).is_ok() {
                let text = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
                let length = u32::try_from(text.len() + 4).expect("a length").to_be_bytes();
                let _ = first_message(&mut stream, &clear);
                let _ = stream.write_all(&[b"E", &length[..], text].concat());
                return swallow(&mut stream, &clear);
            }
            let real = crate::record_faults::dial(&options);
            let (mut answers, mut back) = (real.twin(), stream.try_clone().expect("a stream"));
            std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let mut real = real;
            let _ = std::io::copy(&mut stream, &mut real);
            real.close();
        })
    };
    let list = |front: &Front, seconds: u32| {
        on(&url(&db, "127.0.0.1", front.port, &format!("sslmode=disable&connect_timeout={seconds}")))
    };
    list(&starting(3), 20).ok();
    let begin = Instant::now();
    list(&starting(u32::MAX), 1).fails(69, "the database system is starting up");
    assert!(begin.elapsed() >= Duration::from_millis(300) && begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
}

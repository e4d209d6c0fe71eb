//! The way to a server: TCP with probes, TLS as it was asked for, and the link to the driver.
//!
//! cmf dials and encrypts by itself, for the driver gives no say in it: it adds the public authorities to every
//! `sslrootcert`, so that anybody with a public certificate would pass `verify-ca`; it sets no keepalive; and it has no
//! `hostaddr`. The finished stream is handed to the driver through a door of its own (`door.rs`).

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::address::{Address, At, Host, Keepalive, Roots, Secret, SslMode, Tls};
use super::door::Door;
use crate::error::{Error, Exit, Result};

/// A stream to a server, plain or encrypted.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A stream that is ready for the startup message.
pub(super) struct Wire {
    pub(super) stream: Box<dyn Stream>,
    pub(super) encrypted: bool,
}

/// Why there is no stream.
#[derive(Debug)]
pub(super) enum Fault {
    /// Nobody answers there.
    Unreachable(io::Error),
    /// It answers, but not with the TLS that was asked for. Nothing was said in clear.
    Tls(String),
    /// What was asked for makes no sense on this machine.
    Config(Error),
}

/// Opens a stream to a TCP host; `encrypt` says whether to ask the server for TLS.
pub(super) async fn dial(host: &Host, tls: &Tls, keepalive: Keepalive, encrypt: bool) -> Result<Wire, Fault> {
    let mut tcp = connect(host, keepalive).await.map_err(Fault::Unreachable)?;
    if !encrypt {
        return Ok(Wire { stream: Box::new(tcp), encrypted: false });
    }
    let config = client_config(tls).map_err(Fault::Config)?;
    if !tls.direct {
        match ask_for_tls(&mut tcp).await {
            Ok(b'S') => {}
            Ok(b'N') if tls.mode < SslMode::Require => return Ok(Wire { stream: Box::new(tcp), encrypted: false }),
            Ok(b'N') => return Err(Fault::Tls("the server has no TLS".to_owned())),
            Ok(_) => return Err(Fault::Tls("the server does not answer like Postgres when asked for TLS".to_owned())),
            Err(error) => return Err(Fault::Unreachable(error)),
        }
    }
    let name = match &host.at {
        At::Tcp { name: Some(name), .. } => ServerName::try_from(name.clone()).map_err(|_| {
            Fault::Config(Error::new(Exit::Config, format!("`{name}` is no name that a certificate could be for")))
        })?,
        At::Tcp { address: Some(address), .. } => ServerName::IpAddress((*address).into()),
        At::Tcp { .. } | At::Socket(_) => {
            return Err(Fault::Config(Error::new(Exit::Config, "TLS is for hosts, not for sockets")));
        }
    };
    match TlsConnector::from(Arc::new(config)).connect(name, tcp).await {
        Ok(stream) => Ok(Wire { stream: Box::new(stream), encrypted: true }),
        Err(error) => Err(Fault::Tls(handshake_failure(&error, host))),
    }
}

/// Connects to the first address of the host that answers.
async fn connect(host: &Host, keepalive: Keepalive) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = match &host.at {
        At::Tcp { address: Some(address), .. } => vec![SocketAddr::new(*address, host.port)],
        At::Tcp { name: Some(name), .. } => tokio::net::lookup_host((name.as_str(), host.port)).await?.collect(),
        At::Tcp { .. } | At::Socket(_) => Vec::new(),
    };
    let mut failure = io::Error::new(io::ErrorKind::AddrNotAvailable, "the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                probe(&stream, keepalive)?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Has the system look after a silent peer.
fn probe(stream: &TcpStream, keepalive: Keepalive) -> io::Result<()> {
    let socket = socket2::SockRef::from(stream);
    if keepalive.enabled {
        let probes = socket2::TcpKeepalive::new().with_time(keepalive.idle).with_interval(keepalive.interval);
        #[cfg(not(windows))]
        let probes = probes.with_retries(keepalive.count);
        socket.set_tcp_keepalive(&probes)?;
    }
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(keepalive.user_timeout)?;
    Ok(())
}

/// Sends the request for TLS and returns the server's letter: nothing else has been said yet. What follows the letter
/// belongs to TLS, so bytes that somebody slipped in between break the handshake.
async fn ask_for_tls(stream: &mut TcpStream) -> io::Result<u8> {
    // Length 8, code 80877103: https://www.postgresql.org/docs/current/protocol-message-formats.html (SSLRequest)
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await?;
    let mut letter = [0];
    stream.read_exact(&mut letter).await?;
    Ok(letter[0])
}

/// What went wrong in a handshake, in words.
fn handshake_failure(error: &io::Error, host: &Host) -> String {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return format!("the handshake broke off: {error}");
    };
    match tls {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet".to_owned()
            }
            // An unknown authority of the same name as a known one shows by its signature.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "the server's certificate is not from an authority that is trusted".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the server's certificate is for another host than {host}")
            }
            CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
                "the server shows the certificate of an authority instead of its own".to_owned()
            }
            other => format!("the server's certificate is not valid: {other}"),
        },
        other => other.to_string(),
    }
}

fn client_config(tls: &Tls) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[_] =
        if tls.allow_tls12 { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| Error::new(Exit::Config, format!("TLS cannot be set up: {error}")))?;
    let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
        SslMode::VerifyCa | SslMode::VerifyFull => {
            let roots = trusted(tls.roots.as_ref())?;
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| Error::new(Exit::Config, format!("the root certificates cannot be used: {error}")))?;
            if tls.mode == SslMode::VerifyFull { verifier } else { Arc::new(AnyName(verifier)) }
        }
        _ => Arc::new(AnyServer(provider)),
    };
    let config = config.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match &tls.identity {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| Error::new(Exit::Config, format!("the key {} cannot be used: {error}", key.display())))?;
            config.with_client_auth_cert(certificates(certificate)?, key).map_err(|error| {
                Error::new(Exit::Config, format!("the certificate {} cannot be used: {error}", certificate.display()))
            })?
        }
    };
    config.enable_sni = tls.name_server;
    if tls.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// The authorities to trust, and no others.
fn trusted(roots: Option<&Roots>) -> Result<RootCertStore> {
    let files: Vec<PathBuf> = match roots {
        Some(Roots::File(file)) => vec![file.clone()],
        // Where systems keep the authorities they trust in one file.
        Some(Roots::System) => match std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
            // A file that is named is used or is an error; no other is taken in its place.
            Some(named) => vec![PathBuf::from(named)],
            None => [
                "/etc/ssl/certs/ca-certificates.crt",
                "/etc/pki/tls/certs/ca-bundle.crt",
                "/etc/ssl/ca-bundle.pem",
                "/etc/ssl/cert.pem",
            ]
            .into_iter()
            .map(PathBuf::from)
            .filter(|file| file.exists())
            .take(1)
            .collect(),
        },
        None => Vec::new(),
    };
    let Some(file) = files.first() else {
        return Err(Error::new(Exit::Config, "the authorities that the operating system trusts are not in a file cmf knows")
            .hint("name the file with sslrootcert=FILE or SSL_CERT_FILE"));
    };
    let mut store = RootCertStore::empty();
    let found = certificates(file)?;
    let (added, _) = store.add_parsable_certificates(found);
    if added == 0 {
        return Err(Error::new(Exit::Config, format!("no certificate in {} can be used", file.display())));
    }
    Ok(store)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unusable = |error: &dyn std::fmt::Display| {
        Error::new(Exit::Config, format!("the certificate file {} cannot be used: {error}", file.display()))
    };
    let text = std::fs::read(file).map_err(|error| unusable(&error))?;
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(unusable(&"it holds no PEM certificate"));
    }
    Ok(certificates)
}

/// `require`: any certificate will do, but the server must have its key.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// `verify-ca`: an authority that is trusted vouches for the certificate, whatever its name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // The chain and the dates are looked at before the name.
        match self.0.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The link between a stream and the driver; it carries bytes both ways until one side ends.
#[derive(Debug)]
pub(super) struct Link {
    task: JoinHandle<()>,
    patience: Patience,
    door: Door,
}

/// How long the server may leave what it was told without any answer, in milliseconds; 0 is for ever.
type Patience = Arc<AtomicU64>;

/// The seconds after which a silent server was given up; 0 when none was.
static SILENT: AtomicU64 = AtomicU64::new(0);

/// How long the server was waited for, where it was given up for its silence.
pub(super) fn silence() -> Option<Duration> {
    let seconds = SILENT.load(Ordering::SeqCst);
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// Carries bytes both ways. A server that takes what it is told and never answers is given up: something on the way can
/// swallow everything and keep the connection up, which no probe of the system notices.
async fn carry(driver: impl Stream, server: Box<dyn Stream>, patience: Patience) {
    let (mut from_driver, mut to_driver) = tokio::io::split(driver);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let begin = Instant::now();
    let now = || u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    // When the last thing was said that has no answer yet; 0 when there is none.
    let asked = AtomicU64::new(0);
    let up = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = from_driver.read(&mut buffer).await?;
            if count == 0 {
                return to_server.shutdown().await;
            }
            asked.store(now(), Ordering::SeqCst);
            to_server.write_all(&buffer[..count]).await?;
            to_server.flush().await?;
            // As long as it takes what it is told, it is there.
            if asked.load(Ordering::SeqCst) > 0 {
                asked.store(now(), Ordering::SeqCst);
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = from_server.read(&mut buffer).await?;
            if count == 0 {
                return to_driver.shutdown().await;
            }
            asked.store(0, Ordering::SeqCst);
            to_driver.write_all(&buffer[..count]).await?;
            to_driver.flush().await?;
        }
    };
    let watch = async {
        loop {
            let limit = patience.load(Ordering::SeqCst);
            let asked = asked.load(Ordering::SeqCst);
            if limit > 0 && asked > 0 && now().saturating_sub(asked) >= limit {
                SILENT.store(limit.div_ceil(1000), Ordering::SeqCst);
                return;
            }
            tokio::time::sleep(Duration::from_millis((limit / 20).clamp(50, 1000))).await;
        }
    };
    tokio::select! {
        // An error here is an end of the stream for the driver, which reports it.
        _ = async { tokio::try_join!(up, down) } => {}
        () = watch => {}
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Link {
    /// Readies a link, which carries what the driver says as soon as it connects to it.
    ///
    /// # Errors
    /// Exit 73 when there is no way to the driver.
    pub(super) fn new(wire: Wire, keepalive: Keepalive) -> Result<Self> {
        let patience = Patience::default();
        let own_patience = Arc::clone(&patience);
        patience.store(keepalive.answer.map_or(0, milliseconds), Ordering::SeqCst);
        let (door, porter) = Door::open()?;
        let task = tokio::spawn(async move {
            if let Some(driver) = porter.driver().await {
                carry(driver, wire.stream, own_patience).await;
            }
        });
        Ok(Link { task, patience, door })
    }

    /// Waits for answers no longer than this from now on, if it was more; for ever where nothing is given.
    pub(super) fn wait_for(&self, limit: Option<Duration>) {
        match limit.map(milliseconds) {
            None => self.patience.store(0, Ordering::SeqCst),
            Some(limit) => {
                let usual = self.patience.load(Ordering::SeqCst);
                self.patience.store(if usual == 0 { limit } else { usual.min(limit) }, Ordering::SeqCst);
            }
        }
    }

    /// The driver's options with the way to the link.
    pub(super) fn point(&self, options: PgConnectOptions) -> PgConnectOptions {
        self.door.point(options)
    }

    /// The address by which another program comes through the link.
    pub(super) fn lead(&self, address: Address, password: Option<Secret>) -> Address {
        self.door.lead(address, password)
    }

    /// Waits until the goodbye of the driver has reached the server.
    pub(super) async fn finish(self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.task).await;
    }
}

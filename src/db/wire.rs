//! The way to a server: TCP with probes, or a unix socket whose listener is looked at; TLS as it was asked for; and the link
//! to the driver.
//!
//! cmf dials, encrypts and logs in by itself because the driver gives no say in it: it sets no keepalive, has no `hostaddr`,
//! and hangs on a server that falls silent. The finished stream is handed to the driver through a door of its own (`door.rs`).

use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::address::{Address, At, Host, Keepalive, Secret, SslMode, Tls};
use super::door::{Door, Stream};
use super::tls;
use super::tls_trouble::{self, Trouble};
use crate::error::{Error, Exit, Result};

pub(super) struct Wire {
    pub(super) stream: Box<dyn Stream>,
    pub(super) encrypted: bool,
    /// What ties a login to the server's certificate, where there is one.
    pub(super) end_point: Option<Vec<u8>>,
    /// What the server said when it was asked for a session: the driver hears it when it asks.
    pub(super) greeting: Vec<u8>,
    pub(super) hang_up: Option<HangUp>,
}

impl Wire {
    fn plain(stream: impl Stream + 'static, hang_up: HangUp) -> Self {
        Wire { stream: Box::new(stream), encrypted: false, end_point: None, greeting: Vec::new(), hang_up: Some(hang_up) }
    }
}

/// Ends a connection at once when it is dropped: the task that carries the bytes may have no turn any more.
#[derive(Debug)]
pub(super) struct HangUp(socket2::Socket);

impl Drop for HangUp {
    fn drop(&mut self) {
        // The other side may have ended it.
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }
}

/// Why there is no stream.
#[derive(Debug)]
pub(super) enum Fault {
    /// Nobody answers there.
    Unreachable(io::Error),
    /// It answers, but not with the TLS that was asked for. Nothing was said in clear.
    Tls(Trouble),
    /// What was asked for makes no sense on this machine, or somebody else listens.
    Refused(Error),
}

/// Opens a stream to the unix socket in a directory. Nothing is said to a listener that may not be the server.
#[cfg(unix)]
pub(super) async fn dial_socket(directory: &Path, port: u16, required: Option<&str>) -> Result<Wire, Fault> {
    let path = super::peer::socket(directory, port);
    let stream = tokio::net::UnixStream::connect(&path).await.map_err(Fault::Unreachable)?;
    let listener = stream.peer_cred().map_err(Fault::Unreachable)?.uid();
    super::peer::check(directory, &path, listener, required).map_err(Fault::Refused)?;
    let hang_up = HangUp(socket2::SockRef::from(&stream).try_clone().map_err(Fault::Unreachable)?);
    Ok(Wire::plain(stream, hang_up))
}

/// What the answer of another program than Postgres is told as.
const NO_POSTGRES: &str = "what listens there does not answer like Postgres";

/// Opens a stream to a TCP host; `encrypt` says whether to ask the server for TLS.
pub(super) async fn dial(host: &Host, tls: &Tls, keepalive: Keepalive, encrypt: bool) -> Result<Wire, Fault> {
    // A file that is named and cannot be used is wrong whether or not a server listens.
    let config = if encrypt { Some(tls::client_config(tls).map_err(Fault::Refused)?) } else { None };
    let mut tcp = connect(host, keepalive).await.map_err(Fault::Unreachable)?;
    let hang_up = HangUp(socket2::SockRef::from(&tcp).try_clone().map_err(Fault::Unreachable)?);
    let Some(config) = config else { return Ok(Wire::plain(tcp, hang_up)) };
    if !tls.direct {
        match ask_for_tls(&mut tcp).await {
            Ok(b'S') => {}
            Ok(b'N') if tls.mode < SslMode::Require => return Ok(Wire::plain(tcp, hang_up)),
            Ok(b'N') => return Err(Fault::Tls(Trouble::new("the server has no TLS"))),
            // Nothing was asked for that depends on how protected a session is to be.
            Ok(_) => return Err(Fault::Unreachable(std::io::Error::new(std::io::ErrorKind::InvalidData, NO_POSTGRES))),
            Err(error) => return Err(Fault::Unreachable(error)),
        }
    }
    let name = match &host.at {
        At::Tcp { name: Some(name), .. } => ServerName::try_from(name.clone()).map_err(|_| {
            Fault::Refused(Error::new(Exit::Config, format!("`{name}` cannot be the host name of a certificate")))
        })?,
        At::Tcp { address: Some(address), .. } => ServerName::IpAddress((*address).into()),
        At::Tcp { .. } | At::Socket(_) => {
            return Err(Fault::Refused(Error::new(Exit::Config, "TLS is for hosts, not for sockets")));
        }
    };
    match TlsConnector::from(Arc::new(config)).connect(name, tcp).await {
        Ok(stream) => {
            let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            let end_point = certificate.and_then(tls::end_point);
            Ok(Wire { stream: Box::new(stream), encrypted: true, end_point, greeting: Vec::new(), hang_up: Some(hang_up) })
        }
        Err(error) => {
            Err(Fault::Tls(tls_trouble::of(&error).unwrap_or_else(|| Trouble::new(format!("the handshake failed: {error}")))))
        }
    }
}

/// Connects to the first address of the host that answers.
async fn connect(host: &Host, keepalive: Keepalive) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = match &host.at {
        At::Tcp { address: Some(address), .. } => vec![SocketAddr::new(*address, host.port)],
        At::Tcp { name: Some(name), .. } => tokio::net::lookup_host((name.as_str(), host.port)).await?.collect(),
        At::Tcp { .. } | At::Socket(_) => Vec::new(),
    };
    let mut failure = io::Error::new(io::ErrorKind::AddrNotAvailable, "the host name has no address");
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
/// belongs to TLS, so bytes that somebody inserted between break the handshake.
async fn ask_for_tls(stream: &mut TcpStream) -> io::Result<u8> {
    // Length 8, code 80877103: https://www.postgresql.org/docs/current/protocol-message-formats.html (SSLRequest)
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await?;
    let mut letter = [0];
    stream.read_exact(&mut letter).await?;
    Ok(letter[0])
}

/// The link between a stream and the driver; it carries bytes both ways until one side ends.
#[derive(Debug)]
pub(super) struct Link {
    task: JoinHandle<()>,
    patience: Patience,
    door: Door,
}

/// How long the server may leave what it was told without any answer, in milliseconds; 0 is forever.
type Patience = Arc<AtomicU64>;

/// By this, in place of a function of the server's, an error is known that is the link's own: the server was given up.
const SILENCE: &str = "cmf_silence";

pub(super) const SILENT: &str = "the server received the request and did not answer";

/// What the driver, or another program, is told when the server is given up after so many seconds: an error that ends the session,
/// in the words of the protocol, and the `ReadyForQuery` that the driver waits for after it when it copies. <https://www.postgresql.org/docs/current/protocol-error-fields.html>
fn silence(seconds: u64) -> Vec<u8> {
    let told = format!("{SILENT} within {seconds} s");
    let fields = [('S', "FATAL"), ('V', "FATAL"), ('C', "08006"), ('M', &told), ('R', SILENCE)];
    let body: String = fields.iter().map(|(field, text)| format!("{field}{text}\0")).chain(["\0".to_owned()]).collect();
    let length = u32::try_from(body.len() + 4).unwrap_or_default();
    [b"E", &length.to_be_bytes()[..], body.as_bytes(), b"Z\0\0\0\x05E"].concat()
}

/// Whether it is no error of the server's, which was given up for its silence.
pub(super) fn is_silence(refused: &dyn DatabaseError) -> bool {
    refused.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine) == Some(SILENCE)
}

/// Takes the driver's request for a session, which the server has answered already, and gives it the answer.
async fn greet(driver: &mut impl Stream, greeting: &[u8]) -> io::Result<()> {
    let rest = usize::try_from(driver.read_u32().await?.saturating_sub(4)).unwrap_or(usize::MAX);
    // It is cmf's own driver that speaks here.
    driver.read_exact(&mut vec![0; rest.min(64 * 1024)]).await?;
    driver.write_all(greeting).await?;
    driver.flush().await
}

/// Carries bytes both ways. A server that takes what it is told and never answers is given up: something on the way can
/// swallow everything and keep the connection up, which no probe of the system notices.
async fn carry(mut driver: impl Stream, server: Wire, patience: Patience) {
    // An error here is an end of the stream for the driver, which reports it. Another program logs in by itself.
    if !server.greeting.is_empty() && greet(&mut driver, &server.greeting).await.is_err() {
        return;
    }
    let (mut from_driver, mut to_driver) = tokio::io::split(driver);
    let (mut from_server, mut to_server) = tokio::io::split(server.stream);
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
                return limit.div_ceil(1000);
            }
            tokio::time::sleep(Duration::from_millis((limit / 20).clamp(50, 1000))).await;
        }
    };
    let silent = tokio::select! {
        // As above.
        _ = async { tokio::try_join!(up, down) } => None,
        seconds = watch => Some(seconds),
    };
    if let Some(seconds) = silent {
        let _ = to_driver.write_all(&silence(seconds)).await;
        let _ = to_driver.shutdown().await;
        // Whoever still talks reads the answer when all is said.
        let _ = tokio::io::copy(&mut from_driver, &mut tokio::io::sink()).await;
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Link {
    /// Readies a link, which carries what the driver says as soon as it connects to it. Exit 73 when there is no way to the
    /// driver.
    pub(super) fn new(wire: Wire, keepalive: Keepalive) -> Result<Self> {
        let patience = Patience::default();
        let own_patience = Arc::clone(&patience);
        patience.store(keepalive.answer.map_or(0, milliseconds), Ordering::SeqCst);
        let (door, porter) = Door::open()?;
        let task = tokio::spawn(async move {
            if let Some(driver) = porter.driver().await {
                carry(driver, wire, own_patience).await;
            }
        });
        Ok(Link { task, patience, door })
    }

    /// Waits for answers no longer than this from now on, if it was more; forever where nothing is given.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_takes_everything_and_answers_nothing_is_given_up() {
        let (mut driver, driver_end) = tokio::io::duplex(64);
        let (server_end, _silent) = tokio::io::duplex(64);
        let stream = Box::new(server_end);
        let wire = Wire { stream, encrypted: false, end_point: None, greeting: Vec::new(), hang_up: None };
        let patience = Patience::default();
        let task = tokio::spawn(carry(driver_end, wire, Arc::clone(&patience)));
        let link = Link { task, patience, door: Door::Port { port: 0, word: String::new() } };
        link.wait_for(Some(Duration::from_millis(100)));
        driver.write_all(b"?").await.unwrap();
        let mut told = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(10), driver.read_to_end(&mut told)).await;
        end.expect("it stays in the spool").unwrap();
        assert_eq!(told, silence(1));
    }
}

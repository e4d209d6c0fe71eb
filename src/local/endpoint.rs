//! Where a running server is.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The one user of a private server.
pub const USER: &str = "cmf";
/// The database that commands work on.
pub const DATABASE: &str = "cmf";
/// The port in the socket's name; a directory of its own needs no other.
pub(super) const SOCKET_PORT: u16 = 5432;

/// What is written as %XX in a URL, so that a path can stand where a URL has its host.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a running server is.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// On a unix socket in this directory.
    Socket {
        directory: PathBuf,
        /// The port that is part of the socket's name.
        port: u16,
    },
    /// On a port of the loopback address.
    Loopback {
        port: u16,
        /// The password of [`USER`].
        password: String,
    },
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.url(DATABASE))
    }
}

impl Endpoint {
    /// The URL of a database on this server, without a password. psql and cmf itself read it.
    pub fn url(&self, database: &str) -> String {
        match self {
            Endpoint::Socket { directory, port } => {
                let port = if *port == SOCKET_PORT { String::new() } else { format!(":{port}") };
                format!("postgres://{USER}@{}{port}/{database}", utf8_percent_encode(&directory.to_string_lossy(), ESCAPED))
            }
            Endpoint::Loopback { port, .. } => format!("postgres://{USER}@127.0.0.1:{port}/{database}"),
        }
    }

    pub(super) fn answers(&self) -> bool {
        match self {
            #[cfg(unix)]
            Endpoint::Socket { directory, port } => listens(&directory.join(socket_name(*port))),
            #[cfg(not(unix))]
            Endpoint::Socket { .. } => false,
            Endpoint::Loopback { port, .. } => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
                TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
            }
        }
    }
}

/// Whether something listens on a socket. Where what listens takes nobody in, the queue before it fills: that is an answer too,
/// and nothing to wait for.
#[cfg(target_os = "linux")]
fn listens(path: &Path) -> bool {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let connected = SocketAddrUnix::new(path).and_then(|address| {
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        connect(&socket, &address)
    });
    matches!(connected, Ok(()) | Err(rustix::io::Errno::AGAIN))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn listens(path: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(path).is_ok()
}

pub(super) fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

//! Where a running server is.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{DATABASE, SOCKET_PORT, USER};

/// What is written as %XX in a URL, so that a path can stand where a URL has its host.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a running server is.
#[derive(Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// On a unix socket in this directory.
    Socket {
        /// The directory.
        directory: PathBuf,
        /// The port that is part of the socket's name.
        port: u16,
    },
    /// On a port of the loopback address.
    Loopback {
        /// The port.
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

    /// Whether something listens there.
    pub(super) fn answers(&self) -> bool {
        match self {
            #[cfg(unix)]
            Endpoint::Socket { directory, port } => {
                // Where the queue is full, connecting would wait for as long as the server does not look at it.
                let connected = socket2::SockAddr::unix(directory.join(socket_name(*port))).and_then(|address| {
                    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
                    socket.set_nonblocking(true)?;
                    socket.connect(&address)
                });
                connected.map_or_else(|error| error.kind() == std::io::ErrorKind::WouldBlock, |()| true)
            }
            #[cfg(not(unix))]
            Endpoint::Socket { .. } => false,
            Endpoint::Loopback { port, .. } => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
                TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
            }
        }
    }
}

pub(super) fn socket_name(port: u16) -> String {
    format!(".s.PGSQL.{port}")
}

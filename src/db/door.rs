//! Where the driver finds a stream that is connected already: it only takes an address to connect to by itself.
//!
//! On Linux that is a socket in the abstract namespace, which needs no folder, so that cmf connects where nothing can be written.
//! Elsewhere it is a port of this machine. Anybody on the machine may come to either, so the door asks who comes, and waits
//! until it is the driver.

use std::io;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

use super::address::{Address, At, Host, Secret, Tls};
use crate::error::{Error, Exit, Result};

/// A stream, plain or encrypted.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The place to which the driver is sent.
#[derive(Debug)]
pub(super) enum Door {
    /// The socket of this name, which is in no folder.
    #[cfg(target_os = "linux")]
    Name(String),
    /// A port of this machine, and the word by which the driver is known there.
    Port { port: u16, word: String },
}

/// The other side of the door, where its visitors come in.
#[derive(Debug)]
pub(super) enum Porter {
    #[cfg(target_os = "linux")]
    Name(tokio::net::UnixListener),
    Port {
        listener: TcpListener,
        word: String,
    },
}

/// The port in the name of the socket: the driver puts `/.s.PGSQL.1` behind every name.
#[cfg(target_os = "linux")]
const SUFFIX: u16 = 1;

/// A startup message is no longer than this, in the server's eyes too.
const LONGEST_STARTUP: usize = 10_000;

/// How long a visitor may take to say who it is.
const GREETING: Duration = Duration::from_secs(5);

/// A word that nobody guesses: 122 random bits.
fn word() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

impl Door {
    /// Opens a door. Exit 73 when the system gives neither a socket nor a port.
    pub(super) fn open() -> Result<(Self, Porter)> {
        #[cfg(target_os = "linux")]
        if let Ok(open) = Self::name() {
            return Ok(open);
        }
        Self::port().map_err(|error| {
            Error::new(Exit::Output, format!("the system gave cmf neither a socket nor a local port: {error}"))
                .hint("check that this process can open sockets, and that the network interface `lo` is up")
        })
    }

    #[cfg(target_os = "linux")]
    fn name() -> io::Result<(Self, Porter)> {
        let name = format!("\0cmf-{}", word());
        let listener = tokio::net::UnixListener::bind(format!("{name}/.s.PGSQL.{SUFFIX}"))?;
        Ok((Door::Name(name), Porter::Name(listener)))
    }

    fn port() -> io::Result<(Self, Porter)> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        listener.set_nonblocking(true)?;
        let (listener, word) = (TcpListener::from_std(listener)?, word());
        Ok((Door::Port { port, word: word.clone() }, Porter::Port { listener, word }))
    }

    /// The driver's options with the way to the door.
    pub(super) fn point(&self, options: PgConnectOptions) -> PgConnectOptions {
        match self {
            #[cfg(target_os = "linux")]
            Door::Name(name) => options.socket(name).port(SUFFIX),
            Door::Port { port, word } => {
                // The one text of the startup message that says nothing of the login.
                let name = options.get_application_name().unwrap_or_default().to_owned();
                options.host("127.0.0.1").port(*port).application_name(&format!("{word}{name}"))
            }
        }
    }

    /// The address by which another program comes to the door. The client library of Postgres writes the NUL byte before a name
    /// as `@`.
    pub(super) fn lead(&self, address: Address, password: Option<Secret>) -> Address {
        let (at, port, application_name) = match self {
            #[cfg(target_os = "linux")]
            Door::Name(name) => (At::Socket(name.replacen('\0', "@", 1).into()), SUFFIX, address.application_name.clone()),
            Door::Port { port, word } => {
                let at = At::Tcp { name: Some("127.0.0.1".to_owned()), address: None };
                (at, *port, format!("{word}{}", address.application_name))
            }
        };
        Address { hosts: vec![Host { at, port, password }], tls: Tls::none(), application_name, ..address }
    }
}

impl Porter {
    /// Waits for the driver. Whoever else comes is turned away; nothing when nobody can come any more.
    pub(super) async fn driver(self) -> Option<Box<dyn Stream>> {
        match self {
            // The name is listed for all of the machine, so others find the door, but not with this user's id.
            #[cfg(target_os = "linux")]
            Porter::Name(listener) => {
                let own = rustix::process::geteuid().as_raw();
                loop {
                    match listener.accept().await {
                        Ok((visitor, _)) if visitor.peer_cred().is_ok_and(|peer| peer.uid() == own) => {
                            return Some(Box::new(visitor));
                        }
                        Ok(_) => {}
                        Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                        Err(_) => return None,
                    }
                }
            }
            // A visitor that says nothing keeps nobody waiting.
            Porter::Port { listener, word } => {
                let (sender, mut known) = tokio::sync::mpsc::channel(1);
                loop {
                    tokio::select! {
                        visitor = known.recv() => return visitor,
                        accepted = listener.accept() => match accepted {
                            Ok((visitor, _)) => {
                                let (sender, word) = (sender.clone(), word.clone());
                                tokio::spawn(async move {
                                    let greeting = tokio::time::timeout(GREETING, greeted(visitor, &word));
                                    if let Ok(Ok(visitor)) = greeting.await {
                                        let _ = sender.send(visitor).await;
                                    }
                                });
                            }
                            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                            Err(_) => return None,
                        },
                    }
                }
            }
        }
    }
}

/// The visitor, if its startup message holds the word, which is taken out of the message.
async fn greeted(mut visitor: TcpStream, word: &str) -> io::Result<Box<dyn Stream>> {
    let stranger = || io::Error::from(io::ErrorKind::PermissionDenied);
    visitor.set_nodelay(true)?;
    let length = usize::try_from(visitor.read_u32().await?).ok().filter(|length| (8..=LONGEST_STARTUP).contains(length));
    let mut message = vec![0; length.ok_or_else(stranger)? - 4];
    visitor.read_exact(&mut message).await?;
    let at = message.windows(word.len()).position(|part| part == word.as_bytes()).ok_or_else(stranger)?;
    message.drain(at..at + word.len());
    let length = u32::try_from(message.len() + 4).map_err(|_| stranger())?;
    let startup = [&length.to_be_bytes()[..], &message].concat();
    let (rest, replies) = visitor.into_split();
    Ok(Box::new(tokio::io::join(io::Cursor::new(startup).chain(rest), replies)))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::super::address::SslMode;
    use super::*;

    /// A startup message with this application name.
    fn startup(name: &str) -> Vec<u8> {
        let body = [&196_608_u32.to_be_bytes()[..], b"user\0u\0application_name\0", name.as_bytes(), b"\0\0"].concat();
        [&u32::try_from(body.len() + 4).unwrap().to_be_bytes()[..], &body].concat()
    }

    #[tokio::test]
    async fn a_port_is_for_the_visitor_that_knows_the_word() {
        let (Door::Port { port, word }, porter) = Door::port().unwrap() else { panic!("no port") };
        let come = async |message: &[u8]| {
            let mut visitor = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            visitor.write_all(message).await.unwrap();
            visitor
        };
        // One says nothing, one is another, one says too much, one sends rubbish; and the driver comes last.
        let silent = come(b"").await;
        let mut others = Vec::new();
        for message in [startup(&"0".repeat(32)), u32::MAX.to_be_bytes().to_vec(), vec![0, 0, 0, 4], b"GET / HTTP/1.0".to_vec()]
        {
            others.push(come(&message).await);
        }
        let mut driver = come(&startup(&format!("{word}cmf"))).await;
        let mut taken = porter.driver().await.unwrap();
        let mut heard = vec![0; startup("cmf").len()];
        taken.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, startup("cmf"));
        taken.write_all(b"hello").await.unwrap();
        let mut answer = [0; 5];
        driver.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"hello");
        for mut other in others {
            assert!(matches!(other.read(&mut [0; 1]).await, Ok(0) | Err(_)));
        }
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "the door is open still");
        drop(silent);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_socket_without_a_folder_is_for_this_user_and_closed_behind_the_driver() {
        let (Door::Name(name), porter) = Door::name().unwrap() else { panic!("no name") };
        let path = format!("{name}/.s.PGSQL.{SUFFIX}");
        // Another user who has read the name from the system's list comes first, and is not the driver.
        let stranger = rustix::process::geteuid().is_root().then(|| {
            let program = "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0) or die; \
                           connect(S, pack_sockaddr_un(\"\\0$ARGV[0]\")) or die; print 'in'; $| = 1; print '.'; \
                           print sysread(S, $_, 1) ? 'served' : 'turned away'";
            let mut perl = std::process::Command::new("perl");
            perl.args(["-e", program, &path[1..]]).stdout(std::process::Stdio::piped());
            std::os::unix::process::CommandExt::uid(&mut perl, 65534).spawn().unwrap()
        });
        let stranger = stranger.map(|mut child| {
            let mut first = [0; 3];
            std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
            child
        });
        let mut driver = tokio::net::UnixStream::connect(&path).await.unwrap();
        let mut taken = porter.driver().await.unwrap();
        driver.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        taken.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        assert!(tokio::net::UnixStream::connect(&path).await.is_err(), "the door is open still");
        if let Some(stranger) = stranger {
            let end = stranger.wait_with_output().unwrap();
            assert_eq!(String::from_utf8_lossy(&end.stdout), "turned away");
        }
    }

    #[test]
    fn the_way_to_the_door_is_plain_whatever_the_way_to_the_server_is() {
        let address = Address::parse("postgres://u@h/d?sslmode=require").unwrap();
        assert_ne!(address.tls.mode, SslMode::Disable);
        let port = Door::Port { port: 1, word: word() };
        #[cfg(target_os = "linux")]
        assert_eq!(Door::Name("\0cmf".to_owned()).lead(address.clone(), None).tls.mode, SslMode::Disable);
        assert_eq!(port.lead(address, None).tls.mode, SslMode::Disable);
    }
}

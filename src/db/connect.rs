//! From an address to a session: each host in turn, as protected as it was asked for, and of the kind that was asked for.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::time::Instant;

use super::address::{Address, At, Host, SslMode, Target};
use super::error;
use super::wire::{self, Fault, Link};
use crate::error::{Error, Exit, Result};

/// A session with a server.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) link: Option<Link>,
    /// Whether a transaction was dropped before its end.
    pub(super) unfinished: bool,
    /// The host it is with, and whether it was asked for TLS.
    host: Host,
    encrypt: bool,
}

impl Session {
    /// Says goodbye to the server.
    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        let closed = self.connection.close().await;
        if let Some(link) = self.link {
            link.finish().await;
        }
        closed
    }
}

/// Why a host gives no session, and whether that may change by itself.
enum Failure {
    /// Another host may do, and this one may do in a moment: it starts, it is a standby of a failover, it has no room.
    Passing(Error),
    /// Another host may do.
    Host(Error),
    /// No other host and no other time will do: a refused login, a wrong configuration.
    Final(Error),
    /// The login is refused for the way of the connection, plain or encrypted.
    Way(Error),
}

/// Opens a session with the first host that is what was asked for. While a failover is on (a server starts or stops, or
/// none of several is the one to write to), it tries again until the time of `connect_timeout` is over.
///
/// # Errors
/// Exit 69 when no host can be reached in time, 77 when one refuses the user or TLS fails, 78 for a wrong configuration.
pub(super) async fn open(address: &Address) -> Result<Session> {
    let deadline = address.timeout.map(|timeout| Instant::now() + timeout);
    let mut pause = Duration::from_millis(100);
    loop {
        let mut failures = Vec::new();
        let mut passing = false;
        let targets: &[Target] = match &address.target {
            Target::PreferStandby => &[Target::Standby, Target::Any],
            target => std::slice::from_ref(target),
        };
        for target in targets {
            for host in &address.hosts {
                match open_one(address, host, *target).await {
                    Ok(session) => return Ok(session),
                    Err(Failure::Final(error) | Failure::Way(error)) => return Err(error),
                    Err(Failure::Passing(error)) => {
                        passing = true;
                        failures.push(error);
                    }
                    Err(Failure::Host(error)) => failures.push(error),
                }
            }
        }
        let time_left = deadline.is_some_and(|deadline| Instant::now() + pause < deadline);
        if passing && time_left {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
            continue;
        }
        return Err(all_failed(failures, address));
    }
}

/// One error for all hosts.
fn all_failed(mut failures: Vec<Error>, address: &Address) -> Error {
    if failures.len() == 1
        && let Some(only) = failures.pop()
    {
        return only;
    }
    let exit = failures.iter().map(Error::exit).find(|exit| *exit != Exit::Unreachable).unwrap_or(Exit::Unreachable);
    let error = Error::new(exit, format!("none of the hosts of {address} will do"));
    failures.iter().fold(error, |error, failure| error.detail(failure.message()))
}

/// Opens a session with one host, in the ways that its sslmode allows, within the time for one host.
async fn open_one(address: &Address, host: &Host, target: Target) -> Result<Session, Failure> {
    let here = address.only(host);
    let attempt = async {
        let session = open_in_some_way(&here, host).await?;
        check_target(session, &here, target).await
    };
    match address.timeout {
        None => attempt.await,
        Some(limit) => tokio::time::timeout(limit, attempt).await.unwrap_or_else(|_| {
            Err(Failure::Host(
                Error::new(Exit::Unreachable, format!("{here} did not answer within {} s", limit.as_secs()))
                    .hint("check host and port; connect_timeout=SECONDS in the URL waits longer"),
            ))
        }),
    }
}

async fn open_in_some_way(here: &Address, host: &Host) -> Result<Session, Failure> {
    let first = |encrypt| open_in_this_way(here, host, encrypt);
    match (&host.at, here.tls.mode) {
        (At::Socket(directory), _) => {
            let options = options(here, host).socket(directory).port(host.port);
            let connection = options.connect().await.map_err(|error| failure(&error, here))?;
            Ok(Session { connection, link: None, unfinished: false, host: host.clone(), encrypt: false })
        }
        (At::Tcp { .. }, SslMode::Disable) => first(false).await,
        // Plain, unless the server wants it otherwise.
        (At::Tcp { .. }, SslMode::Allow) => match first(false).await {
            Err(Failure::Way(error)) => first(true).await.map_err(|_| Failure::Way(error)),
            outcome => outcome,
        },
        // Encrypted, unless the server or its TLS wants it otherwise.
        (At::Tcp { .. }, SslMode::Prefer) => match first(true).await {
            Err(Failure::Way(error)) => first(false).await.map_err(|_| Failure::Way(error)),
            outcome => outcome,
        },
        (At::Tcp { .. }, SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => first(true).await,
    }
}

async fn open_in_this_way(here: &Address, host: &Host, encrypt: bool) -> Result<Session, Failure> {
    let wire = wire::dial(host, &here.tls, here.keepalive, encrypt).await.map_err(|fault| undialled(fault, here))?;
    let encrypted = wire.encrypted;
    let link = Link::new(wire, here.keepalive).map_err(Failure::Final)?;
    let connection = match link.point(options(here, host)).connect().await {
        Ok(connection) => connection,
        Err(error) => {
            return Err(match failure(&error, here) {
                // Asking in the other way makes sense only where there is another.
                Failure::Way(error) if encrypt && !encrypted => Failure::Final(error),
                failure => failure,
            });
        }
    };
    Ok(Session { connection, link: Some(link), unfinished: false, host: host.clone(), encrypt })
}

fn undialled(fault: Fault, here: &Address) -> Failure {
    match fault {
        Fault::Unreachable(error) => Failure::Host(error::unreachable(&error, here)),
        Fault::Config(error) => Failure::Final(error),
        Fault::Tls(reason) => Failure::Way(error::tls(&reason, here)),
    }
}

/// The way to the server of a session for another program, and the link that it leads through: once, and for as long as the
/// link is kept. The link gives up a silent server as it does for cmf itself. There is none to a socket of this machine.
pub(super) async fn lead(address: &Address, session: &Session) -> Result<(Address, Option<Link>)> {
    let here = Address { target: Target::Any, ..address.only(&session.host) };
    if let At::Socket(_) = session.host.at {
        return Ok((here, None));
    }
    let dialled = wire::dial(&session.host, &here.tls, here.keepalive, session.encrypt);
    let late = || Err(Fault::Unreachable(std::io::ErrorKind::TimedOut.into()));
    let dialled = match here.timeout {
        None => dialled.await,
        Some(limit) => tokio::time::timeout(limit, dialled).await.unwrap_or_else(|_| late()),
    };
    let wire = dialled.map_err(|fault| match undialled(fault, &here) {
        Failure::Passing(error) | Failure::Host(error) | Failure::Final(error) | Failure::Way(error) => error,
    })?;
    let link = Link::new(wire, here.keepalive)?;
    Ok((link.lead(here, session.host.password.clone()), Some(link)))
}

/// What the driver is told: the login, and nothing from its own reading of the surroundings but PGOPTIONS, which cannot be
/// taken back.
fn options(here: &Address, host: &Host) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&here.user)
        .database(here.database_name())
        .password(host.password.as_ref().map_or("", |password| &password.0))
        .ssl_mode(PgSslMode::Disable)
        .application_name(&here.application_name)
        // Poolers refuse startup parameters that they do not know, and cmf reads no floats.
        .extra_float_digits(None)
        .disable_statement_logging();
    if !here.options.is_empty() {
        options = options.options(here.options.iter().map(|(name, value)| (name, value)));
    }
    options
}

/// What a failed start of a session means for the other ways, hosts and times.
fn failure(error: &sqlx::Error, here: &Address) -> Failure {
    let told = error::connecting(error, here);
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("28000") => Failure::Way(told),
            // It starts, stops or recovers; it has no room.
            Some("57P01" | "57P02" | "57P03" | "53300") => Failure::Passing(told),
            Some(code) if code.starts_with("57") || code.starts_with("53") || code.starts_with("58") => Failure::Host(told),
            _ => Failure::Final(told),
        },
        sqlx::Error::Io(_) => Failure::Host(told),
        _ => Failure::Final(told),
    }
}

/// Gives the session back if the server is what was asked for.
async fn check_target(mut session: Session, here: &Address, target: Target) -> Result<Session, Failure> {
    if target == Target::Any {
        return Ok(session);
    }
    // As a simple query: no prepared statement is left behind in a pooler.
    let row =
        sqlx::raw_sql("SELECT pg_is_in_recovery()::text AS standby, current_setting('transaction_read_only') AS read_only");
    let asked = async {
        let row = sqlx::Executor::fetch_one(&mut session.connection, row).await?;
        Ok::<_, sqlx::Error>((row.try_get::<String, _>("standby")?, row.try_get::<String, _>("read_only")?))
    };
    let (standby, read_only) = match asked.await {
        Ok((standby, read_only)) => (standby == "true", read_only == "on"),
        Err(error) => return Err(failure(&error, here)),
    };
    let (fits, what) = match target {
        Target::Any | Target::PreferStandby => (true, ""),
        Target::ReadWrite => (!standby && !read_only, "accepts no writes (target_session_attrs=read-write)"),
        Target::ReadOnly => (standby || read_only, "accepts writes (target_session_attrs=read-only)"),
        Target::Primary => (!standby, "is a standby (target_session_attrs=primary)"),
        Target::Standby => (standby, "is not a standby (target_session_attrs=standby)"),
    };
    if fits {
        return Ok(session);
    }
    // Its goodbye is a courtesy.
    let _ = session.close().await;
    let error = Error::new(Exit::Unreachable, format!("{here} {what}"));
    // During a failover among several, the one to write to is yet to come.
    let coming = standby && matches!(target, Target::ReadWrite | Target::Primary);
    Err(if coming { Failure::Passing(error) } else { Failure::Host(error) })
}

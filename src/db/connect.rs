//! From an address to a session: each host in turn, as protected as it was asked for, and of the kind that was asked for.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::time::Instant;

use super::address::{Address, At, Host, SslMode, Target};
use super::wire::{self, Fault, HangUp, Link, Wire};
use super::{error, login, tls_trouble};
use crate::error::{Error, Exit, Result};

/// The line to a server, logged in.
#[derive(Debug)]
pub struct Line {
    pub connection: PgConnection,
    pub(super) link: Link,
    /// Whether a transaction was dropped before its end.
    pub unfinished: bool,
    /// The host it is with, and whether it was asked for TLS.
    host: Host,
    encrypt: bool,
    /// Dropped without a goodbye, the session on the server ends at once.
    hang_up: Option<HangUp>,
}

impl Line {
    /// Waits no longer than this for an answer of the server; forever without a limit.
    pub fn wait_for(&self, limit: Option<Duration>) {
        self.link.wait_for(limit);
    }

    pub async fn close(self) -> Result<(), sqlx::Error> {
        let closed = self.connection.close().await;
        self.link.finish().await;
        drop(self.hang_up);
        closed
    }
}

/// Why a host gives no session, and whether that may change by itself.
enum Failure {
    /// Another host may do, and this one may do in a moment: it starts, it is a standby of a failover, it has no room.
    Passing(Error),
    Host(Error),
    /// No other host and no other time will do: a refused login, a wrong configuration.
    Final(Error),
    /// The login is refused for the way of the connection, plain or encrypted.
    Way(Error),
}

/// Opens a session with the first host that is what was asked for. While a failover is on (a server starts or stops, or
/// none of several is the one to write to), it tries again until the time of `connect_timeout` is over. Exit 69 when no host
/// can be reached in time, 77 when one refuses the user or TLS fails, 78 for a wrong configuration.
pub async fn open(address: &Address) -> Result<Line> {
    let own = address.timeout.map(|timeout| Instant::now() + timeout);
    let deadline = own.into_iter().chain(address.deadline.map(Instant::from_std)).min();
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
                let is_over = address.deadline.is_some_and(|deadline| std::time::Instant::now() >= deadline);
                if is_over && !failures.is_empty() {
                    break;
                }
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

fn all_failed(mut failures: Vec<Error>, address: &Address) -> Error {
    if failures.len() == 1
        && let Some(only) = failures.pop()
    {
        return only;
    }
    let exit = failures.iter().map(Error::exit).find(|exit| *exit != Exit::Unreachable).unwrap_or(Exit::Unreachable);
    let error = Error::new(exit, format!("cmf cannot use any host of {address}"));
    failures.iter().fold(error, |error, failure| error.detail(failure.message()))
}

/// Opens a session with one host, in the ways that its sslmode allows, within the time for one host.
async fn open_one(address: &Address, host: &Host, target: Target) -> Result<Line, Failure> {
    let here = address.only(host);
    let attempt = async {
        let session = open_in_some_way(&here, host).await?;
        check_target(session, &here, target).await
    };
    let left = address.deadline.map(|deadline| deadline.saturating_duration_since(std::time::Instant::now()));
    match address.timeout.into_iter().chain(left).min() {
        None => attempt.await,
        Some(limit) => tokio::time::timeout(limit, attempt).await.unwrap_or_else(|_| {
            let seconds =
                if limit.subsec_millis() == 0 { limit.as_secs().to_string() } else { format!("{:.1}", limit.as_secs_f64()) };
            Err(Failure::Host(
                Error::new(Exit::Unreachable, format!("{here} did not answer within {seconds} s"))
                    .hint("check host and port; connect_timeout=SECONDS in the URL makes cmf wait longer"),
            ))
        }),
    }
}

async fn open_in_some_way(here: &Address, host: &Host) -> Result<Line, Failure> {
    let first = |encrypt| open_in_this_way(here, host, encrypt);
    match (&host.at, here.tls.mode) {
        (At::Socket(_), _) | (At::Tcp { .. }, SslMode::Disable) => first(false).await,
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

async fn open_in_this_way(here: &Address, host: &Host, encrypt: bool) -> Result<Line, Failure> {
    let wire = dial(here, host, encrypt).await?;
    let encrypted = wire.encrypted;
    open_over(wire, here, host, encrypt).await.map_err(|failure| match failure {
        // Asking in the other way makes sense only where there is another.
        Failure::Way(error) if encrypt && !encrypted => Failure::Final(error),
        failure => failure,
    })
}

/// Opens a stream to a host.
async fn dial(here: &Address, host: &Host, encrypt: bool) -> Result<Wire, Failure> {
    let wire = match &host.at {
        #[cfg(unix)]
        At::Socket(directory) => wire::dial_socket(directory, host.port, here.peer.as_deref()).await,
        _ => wire::dial(host, &here.tls, here.keepalive, encrypt).await,
    };
    wire.map_err(|fault| match fault {
        Fault::Unreachable(error) => lost(&error, here),
        Fault::Refused(error) => Failure::Final(error),
        Fault::Tls(trouble) => Failure::Way(error::tls(&trouble, here)),
    })
}

/// The way of another program to the server of a session, which logs in by itself. Dropped, it is cut.
#[derive(Debug)]
pub struct Lead {
    _link: Link,
    _hang_up: Option<HangUp>,
}

/// The address by which another program comes to the server of a session, once, and for as long as the way is kept. A silent
/// server is given up on it as it is for cmf itself.
pub async fn lead(address: &Address, line: &Line) -> Result<(Address, Lead)> {
    let here = Address { target: Target::Any, ..address.only(&line.host) };
    let dialled = dial(&here, &line.host, line.encrypt);
    let late = || Err(Failure::Host(error::unreachable(&std::io::ErrorKind::TimedOut.into(), &here)));
    let dialled = match here.timeout {
        None => dialled.await,
        Some(limit) => tokio::time::timeout(limit, dialled).await.unwrap_or_else(|_| late()),
    };
    let mut wire = dialled.map_err(|failure| match failure {
        Failure::Passing(error) | Failure::Host(error) | Failure::Final(error) | Failure::Way(error) => error,
    })?;
    let hang_up = wire.hang_up.take();
    let link = Link::new(wire, here.keepalive)?;
    Ok((link.lead(here, line.host.password.clone()), Lead { _link: link, _hang_up: hang_up }))
}

/// Logs in over a stream and hands it to the driver.
async fn open_over(wire: Wire, here: &Address, host: &Host, encrypt: bool) -> Result<Line, Failure> {
    let mut wire = login::log_in(wire, here, host).await.map_err(|fault| match fault {
        login::Fault::Lost(error) => lost(&error, here),
        login::Fault::Refused(error) => Failure::Final(error),
    })?;
    let hang_up = wire.hang_up.take();
    let link = Link::new(wire, here.keepalive).map_err(Failure::Final)?;
    // The driver has no say: what it asks the server for, cmf has asked for.
    let options = PgConnectOptions::new_without_pgpass().ssl_mode(PgSslMode::Disable).disable_statement_logging();
    let connection = link.point(options).connect().await.map_err(|error| failure(&error, here))?;
    Ok(Line { connection, link, unfinished: false, host: host.clone(), encrypt, hang_up })
}

/// What a connection that breaks before there is a session means.
fn lost(error: &std::io::Error, here: &Address) -> Failure {
    match tls_trouble::of(error) {
        // With TLS 1.3 the server says what it thinks of the client's certificate after the handshake.
        Some(trouble) => Failure::Way(error::tls(&trouble, here)),
        // A socket whose queue is full will have room.
        None if error.kind() == std::io::ErrorKind::WouldBlock => Failure::Passing(error::unreachable(error, here)),
        None => Failure::Host(error::unreachable(error, here)),
    }
}

/// What a failed start of a session means for the other ways, hosts and times.
fn failure(error: &sqlx::Error, here: &Address) -> Failure {
    let told = error::connecting(error, here);
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("28000") => Failure::Way(told),
            // It starts, stops or recovers; it has no room.
            Some("57P01" | "57P02" | "57P03" | "53300") => Failure::Passing(told),
            // A pooler that has no room, or does not get to its server.
            Some(code) if code.starts_with("08") && told.exit() == Exit::Unreachable => Failure::Passing(told),
            Some(code) if code.starts_with("57") || code.starts_with("53") || code.starts_with("58") => Failure::Host(told),
            _ => Failure::Final(told),
        },
        sqlx::Error::Io(_) => Failure::Host(told),
        _ => Failure::Final(told),
    }
}

/// Gives the session back if the server is what was asked for.
async fn check_target(mut session: Line, here: &Address, target: Target) -> Result<Line, Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_hosts_a_refusal_decides_the_exit_code_and_an_absence_does_not() {
        let address = Address::parse("postgres://u@a,b/d").unwrap();
        let failed = |exits: &[Exit]| {
            let failures = exits.iter().map(|exit| Error::new(*exit, "no")).collect();
            all_failed(failures, &address).exit()
        };
        for (exits, exit) in [
            (&[Exit::Unreachable, Exit::Unreachable][..], Exit::Unreachable),
            (&[Exit::Unreachable, Exit::Auth], Exit::Auth),
            (&[Exit::Auth, Exit::Unreachable], Exit::Auth),
            (&[Exit::Unreachable, Exit::Config, Exit::Unreachable], Exit::Config),
        ] {
            assert_eq!(failed(exits), exit, "{exits:?}");
        }
    }
}

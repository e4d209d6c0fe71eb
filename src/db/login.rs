//! The start of a session: what cmf asks for, and how it shows who it is.
//!
//! The driver is not asked to log in: it refuses passwords that `SASLprep` forbids, repeats a character of them in its error,
//! and knows no channel binding.

use std::io;

use bytes::BytesMut;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::address::{Address, Binding, Host, session_settings};
use super::door::Stream;
use super::wire::Wire;
use crate::error::{Error, Exit};

/// Why there is no session.
pub(super) enum Fault {
    Lost(io::Error),
    /// No password, or none that cmf can show in the way that is asked for.
    Refused(Error),
}

/// How the asking for a login ends early.
enum End {
    /// The server says something else, which begins so.
    Said(Vec<u8>),
    Fault(Fault),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        End::Fault(Fault::Lost(error))
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        End::Fault(Fault::Refused(error))
    }
}

/// The longest message of a login that is read.
const LONGEST: usize = 64 * 1024;

/// Asks a server for a session and shows it who asks. What it says then, a welcome or a refusal, is for the driver: as far
/// as it was read, it is put into [`Wire::greeting`]. Fails when the connection breaks, there is no password, or the server
/// asks for one in a way that is not known or not allowed.
pub(super) async fn log_in(mut wire: Wire, here: &Address, host: &Host) -> Result<Wire, Fault> {
    match authenticate(&mut wire, here, host).await {
        Ok(said) | Err(End::Said(said)) => {
            wire.greeting = said;
            Ok(wire)
        }
        Err(End::Fault(fault)) => Err(fault),
    }
}

/// Returns the server's word that it is content.
async fn authenticate(wire: &mut Wire, here: &Address, host: &Host) -> Result<Vec<u8>, End> {
    let mut out = BytesMut::new();
    let options = session_settings(&here.options);
    let mut parameters = vec![
        ("user", here.user.as_str()),
        ("database", here.database_name()),
        ("application_name", &here.application_name),
        // The driver counts on these.
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("TimeZone", "UTC"),
    ];
    // Poolers refuse startup parameters that they do not know.
    if !options.is_empty() {
        parameters.push(("options", &options));
    }
    frontend::startup_message(parameters, &mut out)?;
    let binding = here.tls.binding;
    let password = || {
        host.password.as_ref().map(|password| password.0.as_bytes()).ok_or_else(|| {
            Error::new(Exit::Auth, format!("{here} asks for a password, but none is set"))
                .hint("put the password into PGPASSWORD, ~/.pgpass or the URL")
        })
    };
    let mut bound = false;
    loop {
        let (message, raw) = ask(&mut wire.stream, &mut out).await?;
        match message {
            Message::AuthenticationOk if binding == Binding::Require && !bound => {
                return Err(unbound(here, "the server does not ask for proof of the password").into());
            }
            Message::AuthenticationOk => return Ok(raw),
            Message::AuthenticationCleartextPassword | Message::AuthenticationMd5Password(_) if binding == Binding::Require => {
                return Err(unbound(here, "the server does not ask for the password with SCRAM").into());
            }
            Message::AuthenticationCleartextPassword => frontend::password_message(password()?, &mut out)?,
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(here.user.as_bytes(), password()?, body.salt());
                frontend::password_message(hash.as_bytes(), &mut out)?;
            }
            Message::AuthenticationSasl(_) => bound = scram(wire, here, &raw, password()?).await?,
            _ => {
                return Err(Error::new(
                    Exit::Auth,
                    format!("{here} asks for a login method that cmf does not have, such as Kerberos"),
                )
                .hint("cmf can log in with a password or a certificate: change pg_hba.conf of the server")
                .into());
            }
        }
    }
}

/// Proves by SCRAM that the password is known, and has the server prove it too. Says whether the proof is tied to the
/// server's certificate.
async fn scram(wire: &mut Wire, here: &Address, request: &[u8], password: &[u8]) -> Result<bool, End> {
    // After the header and the number of the request stand names, each ended by a zero.
    let offered: Vec<_> = request[9..].split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    let offers = |name: &str| offered.iter().any(|offered| offered == name);
    let required = here.tls.binding == Binding::Require;
    let wanted = here.tls.binding != Binding::Disable && wire.encrypted;
    let (mechanism, channel) = match &wire.end_point {
        Some(end_point) if wanted && offers(SCRAM_SHA_256_PLUS) => {
            (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(end_point.clone()))
        }
        _ if required && !wire.encrypted => return Err(unbound(here, "the connection has no TLS").into()),
        Some(_) if required => return Err(unbound(here, "the server does not offer it").into()),
        None if required => {
            return Err(
                unbound(here, "the server's certificate is signed in a way that channel binding is not defined for").into()
            );
        }
        _ if !offers(SCRAM_SHA_256) => {
            let names = offered.join(" ");
            let error =
                Error::new(Exit::Auth, format!("{here} asks for a login method that cmf does not have: {}", names.trim()));
            return Err(error.hint("cmf can log in with a password or a certificate: change pg_hba.conf of the server").into());
        }
        // The server finds out when somebody in between has hidden that it has channel binding.
        Some(_) if wanted => (SCRAM_SHA_256, ChannelBinding::unrequested()),
        _ => (SCRAM_SHA_256, ChannelBinding::unsupported()),
    };
    let unproven = |error: &io::Error| {
        Error::new(Exit::Auth, format!("{here} could not prove that it knows the password: {error}"))
            .hint("it may not be your server: check the host, and use sslmode=verify-full")
    };
    let mut scram = ScramSha256::new(password, channel);
    let mut out = BytesMut::new();
    frontend::sasl_initial_response(mechanism, scram.message(), &mut out)?;
    let (Message::AuthenticationSaslContinue(challenge), _) = ask(&mut wire.stream, &mut out).await? else {
        return Err(unproven(&io::Error::other("it ended the connection")).into());
    };
    scram.update(challenge.data()).map_err(|error| unproven(&error))?;
    frontend::sasl_response(scram.message(), &mut out)?;
    let (Message::AuthenticationSaslFinal(proof), _) = ask(&mut wire.stream, &mut out).await? else {
        return Err(unproven(&io::Error::other("it ended the connection")).into());
    };
    scram.finish(proof.data()).map_err(|error| unproven(&error))?;
    Ok(mechanism == SCRAM_SHA_256_PLUS)
}

/// Says what is to be said, if anything, and returns the request of the server that follows, read and raw.
async fn ask(stream: &mut Box<dyn Stream>, out: &mut BytesMut) -> Result<(Message, Vec<u8>), End> {
    stream.write_all(out).await?;
    stream.flush().await?;
    out.clear();
    let mut raw = vec![0; 5];
    stream.read_exact(&mut raw).await?;
    if raw[0] != b'R' {
        return Err(End::Said(raw));
    }
    let length = raw[1..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let foreign = || io::Error::new(io::ErrorKind::InvalidData, "its answer is not that of a Postgres server");
    raw.resize(Some(length + 1).filter(|all| (9..LONGEST).contains(all)).ok_or_else(foreign)?, 0);
    stream.read_exact(&mut raw[5..]).await?;
    match Message::parse(&mut BytesMut::from(raw.as_slice())) {
        Ok(Some(message)) => Ok((message, raw)),
        _ => Err(foreign().into()),
    }
}

/// The error where channel binding is required and cannot be had.
fn unbound(here: &Address, reason: &str) -> Error {
    Error::new(Exit::Auth, format!("{here}: channel_binding=require is not possible: {reason}"))
        .hint("leave out channel_binding=require, and use sslmode=verify-full with sslrootcert to check the server")
}

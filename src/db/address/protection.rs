//! What the parameters of a connection ask of TLS.

use std::path::PathBuf;

use super::parameters::{Settings, Surroundings};
use super::secrecy::refuse_exposed;
use super::{At, Binding, Host, Roots, SslMode, Tls};
use crate::error::{Error, Exit, Result};
use crate::home::{OutOfReach, Reached};

/// What is asked of TLS, and the file of authorities that would have had a say in it and is out of reach.
pub(super) fn asked(
    settings: &Settings,
    around: &Surroundings,
    hosts: &[Host],
    out_of_reach: &mut Vec<OutOfReach>,
) -> Result<(Tls, Option<OutOfReach>)> {
    let modes = [
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
    let given = settings.word("sslmode", &modes)?;
    let mut unchecked = None;
    let roots = match settings.text("sslrootcert") {
        Some("system") => Some(Roots::System),
        Some(file) => Some(Roots::File(PathBuf::from(file))),
        None => match around.certificate("root.crt") {
            Reached::There(file) => Some(Roots::File(file)),
            Reached::Absent => None,
            Reached::OutOfReach(missed) => {
                unchecked = Some(missed);
                None
            }
        },
    };
    let mut mode = given.unwrap_or(if roots == Some(Roots::System) { SslMode::VerifyFull } else { SslMode::Prefer });
    if roots == Some(Roots::System)
        && mode != SslMode::VerifyFull
        && let Some(setting) = settings.get("sslrootcert")
    {
        return Err(setting
            .wrong("sslrootcert=system needs sslmode=verify-full")
            .hint(format!(
                "replace sslmode={} by sslmode=verify-full: anybody can get a certificate from a public authority, so only the host's \
                 name shows the right server",
                mode.as_str()
            )));
    }
    // As libpq: who gives a root certificate wants it looked at.
    if mode == SslMode::Require && roots.is_some() {
        mode = SslMode::VerifyCa;
    }
    let over_tcp = hosts.iter().any(|host| matches!(host.at, At::Tcp { .. }));
    // Below, a certificate is not looked at, with or without that file.
    let unchecked = unchecked.filter(|_| over_tcp && mode >= SslMode::Require);
    if mode >= SslMode::VerifyCa && roots.is_none() && over_tcp {
        let error = Error::new(Exit::Config, "sslmode=verify-ca and verify-full need a root certificate to trust");
        return Err(unchecked
            .iter()
            .fold(error, |error, missed| error.detail(missed.to_string()))
            .hint("add sslrootcert=FILE, or sslrootcert=system for the authorities of the operating system, or make ~/.postgresql/root.crt"));
    }
    if mode == SslMode::VerifyFull && hosts.iter().any(|host| matches!(host.at, At::Tcp { name: None, .. })) {
        return Err(
            Error::new(Exit::Config, "sslmode=verify-full needs the host's name, not only its hostaddr").hint("add host=NAME")
        );
    }
    let identity = match (settings.text("sslcert"), settings.text("sslkey")) {
        (Some(certificate), Some(key)) => Some((PathBuf::from(certificate), PathBuf::from(key))),
        (None, None) => {
            let mut pair = Vec::new();
            for name in ["postgresql.crt", "postgresql.key"] {
                match around.certificate(name) {
                    Reached::There(file) => pair.push(file),
                    Reached::OutOfReach(missed) if over_tcp && mode != SslMode::Disable => out_of_reach.push(missed),
                    Reached::Absent | Reached::OutOfReach(_) => {}
                }
            }
            <[PathBuf; 2]>::try_from(pair).ok().map(|[certificate, key]| (certificate, key))
        }
        _ => return Err(Error::new(Exit::Config, "a client certificate needs both sslcert and sslkey")),
    };
    if let Some((_, key)) = identity.as_ref().filter(|_| over_tcp && mode != SslMode::Disable) {
        refuse_exposed(key, "the key", true)?;
    }
    let direct = settings.word("sslnegotiation", &[("postgres", false), ("direct", true)])?.unwrap_or(false);
    if direct
        && mode < SslMode::Require
        && let Some(setting) = settings.get("sslnegotiation")
    {
        return Err(setting.wrong("sslnegotiation=direct needs sslmode=require or stronger"));
    }
    let old = [("TLSv1", 0), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];
    let lowest = settings.word("ssl_min_protocol_version", &old)?.unwrap_or(2);
    if settings.word("ssl_max_protocol_version", &old)?.is_some_and(|highest| highest < 3) {
        return Err(Error::new(Exit::Config, "ssl_max_protocol_version below TLSv1.3 is not supported"));
    }
    let name_server = settings.word("sslsni", &[("0", false), ("1", true)])?.unwrap_or(true);
    let bindings = [("disable", Binding::Disable), ("prefer", Binding::Prefer), ("require", Binding::Require)];
    let binding = settings.word("channel_binding", &bindings)?.unwrap_or(Binding::Prefer);
    Ok((Tls { mode, roots, identity, direct, allow_tls12: lowest < 3, name_server, binding }, unchecked))
}

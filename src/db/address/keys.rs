//! The parameters of a connection: which there are, which variable stands for each, and which cmf refuses.

use crate::domain::near;
use crate::error::{Error, Exit};

pub(super) struct Key {
    pub(super) name: &'static str,
    /// The environment variable that stands for it.
    pub(super) variable: Option<&'static str>,
    /// Why cmf does not take it; a value that asks for nothing is let through by [`Key::asks_for_nothing`].
    pub(super) refused: Option<&'static str>,
}

const fn key(name: &'static str, variable: &'static str) -> Key {
    Key { name, variable: Some(variable), refused: None }
}

const fn plain(name: &'static str) -> Key {
    Key { name, variable: None, refused: None }
}

const fn refused(name: &'static str, variable: Option<&'static str>, reason: &'static str) -> Key {
    Key { name, variable, refused: Some(reason) }
}

/// All parameters of libpq up to version 18.
pub(super) const KEYS: &[Key] = &[
    key("host", "PGHOST"),
    key("hostaddr", "PGHOSTADDR"),
    key("port", "PGPORT"),
    key("dbname", "PGDATABASE"),
    key("user", "PGUSER"),
    key("password", "PGPASSWORD"),
    key("passfile", "PGPASSFILE"),
    key("service", "PGSERVICE"),
    key("servicefile", "PGSERVICEFILE"),
    key("connect_timeout", "PGCONNECT_TIMEOUT"),
    key("application_name", "PGAPPNAME"),
    plain("fallback_application_name"),
    key("options", "PGOPTIONS"),
    key("client_encoding", "PGCLIENTENCODING"),
    key("target_session_attrs", "PGTARGETSESSIONATTRS"),
    key("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    plain("keepalives"),
    plain("keepalives_idle"),
    plain("keepalives_interval"),
    plain("keepalives_count"),
    plain("tcp_user_timeout"),
    // cmf's own.
    key("answer_timeout", "CMF_ANSWER_TIMEOUT"),
    key("sslmode", "PGSSLMODE"),
    key("sslnegotiation", "PGSSLNEGOTIATION"),
    key("sslrootcert", "PGSSLROOTCERT"),
    key("sslcert", "PGSSLCERT"),
    key("sslkey", "PGSSLKEY"),
    key("sslsni", "PGSSLSNI"),
    key("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    key("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    key("channel_binding", "PGCHANNELBINDING"),
    key("requirepeer", "PGREQUIREPEER"),
    key("gssencmode", "PGGSSENCMODE"),
    refused("sslcompression", Some("PGSSLCOMPRESSION"), "TLS compression is unsafe and was removed"),
    refused("sslpassword", None, "keys with a passphrase are not supported"),
    refused("sslcrl", Some("PGSSLCRL"), "revocation lists are not supported"),
    refused("sslcrldir", Some("PGSSLCRLDIR"), "revocation lists are not supported"),
    refused("sslcertmode", Some("PGSSLCERTMODE"), "a client certificate is sent when the server asks for one"),
    refused("sslkeylogfile", None, "cmf writes no TLS secrets"),
    refused(
        "require_auth",
        Some("PGREQUIREAUTH"),
        "the method of authentication cannot be restricted; use sslmode=verify-full",
    ),
    refused("requiressl", Some("PGREQUIRESSL"), "it is obsolete: use sslmode=require"),
    refused("krbsrvname", Some("PGKRBSRVNAME"), "Kerberos is not supported"),
    refused("gsslib", Some("PGGSSLIB"), "Kerberos is not supported"),
    refused("gssdelegation", Some("PGGSSDELEGATION"), "Kerberos is not supported"),
    refused("replication", None, "cmf opens only ordinary connections"),
    refused("min_protocol_version", Some("PGMINPROTOCOLVERSION"), "cmf speaks protocol 3.0"),
    refused("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), "cmf speaks protocol 3.0"),
    refused("scram_client_key", None, "cmf logs in with passwords and certificates"),
    refused("scram_server_key", None, "cmf logs in with passwords and certificates"),
    refused("oauth_issuer", None, "cmf logs in with passwords and certificates"),
    refused("oauth_client_id", None, "cmf logs in with passwords and certificates"),
    refused("oauth_client_secret", None, "cmf logs in with passwords and certificates"),
    refused("oauth_scope", None, "cmf logs in with passwords and certificates"),
];

/// The parameters that say where to go, as whom and how protected: a variable that was to say it and is empty is a mistake.
const DECISIVE: [&str; 9] = ["host", "hostaddr", "port", "dbname", "user", "service", "servicefile", "sslmode", "sslrootcert"];

impl Key {
    /// What its variable says. Exit 78 when the variable is there and empty, and something hangs on it.
    pub(super) fn said(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, Error> {
        let Some((name, value)) = self.variable.and_then(|name| Some((name, variable(name)?))) else { return Ok(None) };
        if value.is_empty() && DECISIVE.contains(&self.name) {
            return Err(Error::empty_variable(name));
        }
        Ok(Some(value).filter(|value| !value.is_empty()))
    }

    /// Whether this value of a refused parameter changes nothing, so that a string made for another client is no error.
    pub(super) fn asks_for_nothing(&self, value: &str) -> bool {
        value.is_empty()
            || matches!((self.name, value), ("sslcompression" | "requiressl" | "gssdelegation", "0") | ("sslcertmode", "allow"))
    }
}

/// The parameter of this name. Exit 78, with the nearest name there is, when there is none of this name or cmf does not support
/// it. `place` says where it stands.
pub(super) fn find(name: &str, place: &str) -> Result<&'static Key, Error> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        let shown: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').take(40).collect();
        let error = Error::new(Exit::Config, format!("{place} has an unknown parameter `{shown}`"));
        let names = KEYS.iter().filter(|key| key.refused.is_none()).map(|key| key.name);
        match near::near(&name.replace('-', "_"), names, 1)[..] {
            [near] => error.hint(format!("did you mean `{near}`?")),
            _ => error.hint("use the parameters of psql: host, port, dbname, user, sslmode, sslrootcert, ..."),
        }
    })
}

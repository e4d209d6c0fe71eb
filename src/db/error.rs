//! From what Postgres says to what the user reads. A refused constraint is translated by its name.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::tls_trouble::Trouble;
use super::{hints, migrations, stored, wire};
use crate::db::Address;
use crate::error::{Cause, Error, Exit};

/// What to do about policies that hide rows, by the role and the table, as far as they are known.
pub fn see_all(role: Option<&str>, table: Option<&str>) -> String {
    let role = role.map_or("NAME".to_owned(), migrations::quote);
    let table = table.map_or("NAME".to_owned(), migrations::quote);
    format!(
        "a superuser runs `ALTER ROLE {role} BYPASSRLS`, or the owner of the table runs `ALTER TABLE {table} DISABLE ROW LEVEL SECURITY`"
    )
}

/// The table that a server names where policies hide rows, between the quotes of any language.
pub fn hidden_table(said: &str) -> Option<&str> {
    said.split_once('"').and_then(|(_, rest)| rest.split_once('"')).map(|(table, _)| table).filter(|table| !table.is_empty())
}

/// Where the tables are named.
pub const SECURED: &str = "`cmf doctor` names the tables";

/// What to do where something was changed by hand.
const DRIFTED: &str = "if nothing is pending, `cmf migrate drift --fix` makes again what was removed by hand";

/// Whether it is the refusal of a query that policies would change. The message may be in any language.
fn is_row_security(refused: &dyn DatabaseError) -> bool {
    refused.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine) == Some("check_enable_rls")
}

/// The sentence for each constraint that a user can run into, and what to type next.
fn refusal(constraint: &str) -> Option<(&'static str, &'static str)> {
    Some(match constraint {
        "uq_metric_catalogs_one_active" => ("another catalog of this owner became active meanwhile", "run the command again"),
        "fk_metrics_catalog"
        | "fk_metric_catalog_items_catalog"
        | "fk_mappings_catalog_item"
        | "fk_metric_history_metric"
        | "fk_function_scores_catalog"
        | "fk_framework_scores_catalog"
        | "fk_users_active_catalog" => ("another session changed the same catalog meanwhile", "run the command again"),
        "pk_metric_history" => ("these readings were stored meanwhile", "see `cmf history METRIC`"),
        "ck_metrics_bounds" => ("the lower bound is above the upper bound", "swap the bounds"),
        _ => return None,
    })
}

/// What exists already and what to type next, for each constraint that keeps it unique. The server tells the value in any language as
/// in `Key (username)=(ada) already exists`.
fn twice(constraint: &str, refused: &dyn DatabaseError) -> Option<Error> {
    let (what, hint) = match constraint {
        "uq_users_username" => ("the user", "choose another name; `cmf user list` shows the users"),
        "uq_users_email" => ("a user with the email address", "give another address; `cmf user list` shows the users"),
        "uq_frameworks_name_version" => ("the version of the framework", "see `cmf framework list`"),
        _ => return None,
    };
    let detail = refused.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::detail);
    let value = detail.and_then(|detail| Some(detail.split_once(")=(")?.1.rsplit_once(')')?.0));
    let value = value.map(|value| format!(" `{value}`")).unwrap_or_default();
    Some(Error::failed(format!("{what}{value} exists already")).hint(hint))
}

/// Whether a row has no place in the partitions of its table, or in what is to become the first of them.
fn has_no_partition(refused: &dyn DatabaseError) -> bool {
    let is_outside =
        refused.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine) == Some("ExecFindPartition");
    is_outside || refused.constraint() == Some("ck_metric_history_before")
}

/// Whether the session, or a part of the server that works for this one, is gone with this error: the server stops or crashed, a
/// standby takes its rows back, a pooler hangs up, a worker got lost. The same work may be done in another session.
fn ends_session(refused: &dyn DatabaseError) -> bool {
    let severity = refused.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
    matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
        || refused.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
}

/// Whether nobody knows what became of the statement that met this error.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(refused) => ends_session(refused.as_ref()),
        _ => false,
    }
}

/// What to do about a refusal that passes, by the words of poolers and servers: the codes of poolers are all the same.
fn passing(message: &str) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["no more connections", "max_client_conn", "max_user_client_connections", "max_db_client_connections"]) {
        Some("the pooler has no room: run the command again later, or raise max_client_conn of the pooler")
    } else if says(&["query_timeout", "query timeout", "transaction timeout", "transaction_timeout"]) {
        Some("the pooler stopped waiting for the server: raise this limit of the pooler, or connect to the server directly")
    } else if says(&["query_wait_timeout", "client_login_timeout"]) {
        Some("the pooler had no server free in time: run the command again later, or raise default_pool_size of the pooler")
    } else if says(&["server_login_retry", "server login", "cannot connect", "server conn crashed", "server_connect_timeout"]) {
        Some("the pooler cannot reach its server: check that the server runs, and read the pooler's log")
    } else if says(&["too many clients", "too many connections", "remaining connection slots"]) {
        Some("the server has no room: run the command again later, or raise max_connections")
    } else {
        None
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refused) => {
                // The keys of partitions are called after them.
                let constraint = refused.constraint().map(|name| {
                    let is_key =
                        name.starts_with("pk_metric_history") || name.starts_with("metric_history_") && name.ends_with("_pkey");
                    if is_key { "pk_metric_history" } else { name }
                });
                if let Some(error) = constraint.and_then(|constraint| twice(constraint, refused.as_ref())) {
                    return error;
                }
                if let Some((message, hint)) = constraint.and_then(refusal) {
                    let error = Error::failed(message).hint(hint);
                    // An id is made before its reading is sent: that it exists already is found out by doing the work again.
                    return if constraint == Some("pk_metric_history") { error.transient() } else { error };
                }
                if has_no_partition(refused.as_ref()) {
                    return Error::new(Exit::Data, "a reading is later than the last partition of metric_history")
                        .hint("`cmf db partition metric_history --ahead 3` makes the partitions of the next months");
                }
                if wire::is_silence(refused.as_ref()) {
                    return silent(refused.message());
                }
                if ends_session(refused.as_ref()) {
                    let error = Error::new(Exit::Unreachable, format!("the server ended the session: {}", refused.message()));
                    return error.hint(passing(refused.message()).unwrap_or("run the command again when the server is up"));
                }
                match refused.code().as_deref() {
                    Some(code @ ("42P01" | "42703" | "42704" | "3F000")) => {
                        let error = Error::new(
                            Exit::Failed,
                            format!("the database does not have the schema that this version of cmf needs: {}", refused.message()),
                        )
                        .hint("run `cmf migrate status` to see what is missing, and `cmf migrate up` to apply it")
                        .because(Cause::NoTables);
                        // A table that has no such column is there.
                        if code == "42703" { error.hint(DRIFTED) } else { error }
                    }
                    Some("42501") if is_row_security(refused.as_ref()) => Error::new(
                        Exit::Auth,
                        format!("row-level security hides rows from this database role: {}", refused.message()),
                    )
                    .detail("figures from only some of the rows would be wrong, so cmf reads none of them")
                    .because(Cause::HiddenRows)
                    .hint(see_all(None, hidden_table(refused.message())))
                    .hint(SECURED),
                    Some("42501") => {
                        Error::new(Exit::Auth, format!("the database role does not have the right to do this: {}", refused.message()))
                            .because(Cause::NoRight)
                    }
                    // Statements of another client of the same pool, or one's own that another server of the pool has.
                    Some("42P05" | "26000") => Error::failed(
                        "there is a connection pooler in transaction mode before the server, but this command needs its own session",
                    )
                    .hint("connect to the server directly with --database-url, or to a pool in session mode"),
                    // Nothing but the statement for the audit row divides: by the number of rows that it stored.
                    Some("22012") => stored::missing("ai_change_log", 1, 1),
                    Some("25006") => Error::failed("the database accepts no writes: it is read-only or a standby")
                        .hint("name the primary server with --database-url")
                        .because(Cause::NoWrites),
                    Some("40001" | "40P01") => Error::failed(format!("another session was in the way: {}", refused.message()))
                        .hint("run the command again")
                        .transient(),
                    Some("55P03") => {
                        Error::failed("another session holds a lock that this command needs, and kept it too long")
                            .because(Cause::Locked)
                            .hint("run the command again; `SELECT pid, usename, query FROM pg_stat_activity` in psql shows the sessions")
                    }
                    Some("2BP01" | "0A000")
                        if let Some(hint) = refused.try_downcast_ref::<PgDatabaseError>().and_then(hints::views) =>
                    {
                        Error::failed(format!("the database refused: {}", refused.message())).hint(hint)
                    }
                    Some("57014") => {
                        Error::failed("the server cancelled the statement: it ran too long, or somebody cancelled it")
                            .hint("run the command again; if it is cancelled again, raise statement_timeout of the role")
                            .because(Cause::Cancelled)
                    }
                    Some(code) if code.starts_with("53") => {
                        let error = Error::new(Exit::Unreachable, format!("the server cannot accept commands now: {}", refused.message()));
                        error.hint(passing(refused.message()).unwrap_or("run the command again later; the log of the server says more"))
                    }
                    code => {
                        let code = code.unwrap_or("no code");
                        let constraint = refused.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default();
                        Error::failed(format!("the database refused: {} (SQLSTATE {code}{constraint})", refused.message()))
                    }
                }
            }
            sqlx::Error::Io(io) => Error::new(Exit::Unreachable, format!("the connection to the database was lost: {io}")),
            sqlx::Error::Tls(tls) => {
                Error::new(Exit::Auth, format!("TLS failed: {tls}")).hint("check sslmode and sslrootcert in the URL")
            }
            other => Error::failed(format!("the database gave an unexpected answer: {other}")),
        }
    }
}

/// The error of a server that was given up for its silence.
fn silent(message: &str) -> Error {
    Error::new(Exit::Unreachable, message)
        .hint("something between cmf and the server may be stuck; answer_timeout=SECONDS in the URL, or CMF_ANSWER_TIMEOUT, makes cmf wait longer")
}

/// The same, where another program was told so.
pub fn silent_in(said: &str) -> Option<Error> {
    let at = said.find(wire::SILENT)?;
    said[at..].lines().next().map(silent)
}

/// The error of a failed attempt to start a session.
pub(super) fn connecting(error: &sqlx::Error, address: &Address) -> Error {
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("28000") if refused.message().contains("\"[local]\"") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message())).hint(
                    "pg_hba.conf of the server does not allow this role: log in as another role, or add a line for this one",
                )
            }
            Some("28000") if refused.message().contains("no encryption") || refused.message().contains("SSL off") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                    .hint("the server may require TLS: add sslmode=verify-full (or require) to the URL")
            }
            Some("28000") if refused.message().contains("does not exist") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                    .hint("check the user in the URL, or let a superuser create the role")
            }
            Some("28P01" | "28000") => Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                .hint("check the user and the password, which is in PGPASSWORD, ~/.pgpass or the URL"),
            Some("3D000") => Error::new(Exit::Config, format!("{address}: {}", refused.message()))
                .hint("create it with `cmf db create`, or name another database"),
            // Of a session that is not yet there: no right to connect to the database.
            Some("42501") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message())).hint(format!(
                    "ask the owner of the database to run: GRANT CONNECT ON DATABASE {} TO {}",
                    migrations::quote(address.database_name()),
                    migrations::quote(&address.user)
                ))
            }
            Some("08P01") if refused.message().contains("startup parameter") => {
                Error::new(Exit::Config, format!("{address} refuses the session: {}", refused.message()))
                    .hint("a pooler refuses unknown startup parameters: leave out `options` and PGOPTIONS")
            }
            Some("08P01") if ["SSL required", "TLS"].iter().any(|word| refused.message().contains(word)) => {
                Error::new(Exit::Auth, format!("{address} refuses the session: {}", refused.message()))
                    .hint("add sslmode=verify-full (or require) to the URL; the pooler may also require sslcert and sslkey")
            }
            Some("08P01") if refused.message().contains("no such database") => {
                Error::new(Exit::Config, format!("{address}: {}", refused.message()))
                    .hint("name a database from the [databases] section of the pooler, or add this one there")
            }
            Some("53300") if refused.message().contains("for role") => {
                Error::new(Exit::Unreachable, format!("{address} cannot accept connections now: {}", refused.message())).hint(
                    format!(
                        "end other sessions of this role, or raise its limit: ALTER ROLE {} CONNECTION LIMIT 10",
                        migrations::quote(&address.user)
                    ),
                )
            }
            Some("55000") => Error::new(Exit::Unreachable, format!("{address} refuses the session: {}", refused.message()))
                .hint(format!(
                    "a superuser allows it: ALTER DATABASE {} ALLOW_CONNECTIONS true",
                    migrations::quote(address.database_name())
                )),
            // Settings that the server does not know or take; who sends them is cmf.
            Some(code) if code.starts_with("22") || matches!(code, "42704" | "42601" | "42602" | "55P02") => {
                Error::new(Exit::Config, format!("{address} refuses the session: {}", refused.message()))
                    .hint("correct or leave out the setting in `options` of the URL, or in PGOPTIONS")
            }
            _ => {
                let error =
                    Error::new(Exit::Unreachable, format!("{address} cannot accept connections now: {}", refused.message()));
                error.hint(passing(refused.message()).unwrap_or("run the command again later; the log of the server says more"))
            }
        },
        sqlx::Error::Configuration(wrong) => Error::new(Exit::Config, format!("{address}: {wrong}")),
        sqlx::Error::Io(io) => unreachable(io, address),
        other => Error::new(Exit::Unreachable, format!("{address} cannot be reached: {other}")),
    }
}

/// The error of a server that does not answer.
pub(super) fn unreachable(error: &io::Error, address: &Address) -> Error {
    let error_kind = error.kind();
    let reason = match error_kind {
        io::ErrorKind::ConnectionRefused => "no server is listening there".to_owned(),
        io::ErrorKind::NotFound => "the socket does not exist".to_owned(),
        io::ErrorKind::UnexpectedEof => "it closed the connection".to_owned(),
        io::ErrorKind::WouldBlock => "too many clients are waiting for it".to_owned(),
        _ => error.to_string(),
    };
    let error = Error::new(Exit::Unreachable, format!("{address} cannot be reached: {reason}"));
    error.because(Cause::NoServer).hint(match (error_kind, address.socket_folder()) {
        (io::ErrorKind::NotFound, _) => {
            "check that the server runs; if its socket is elsewhere, name the folder with host=/FOLDER, or use host=localhost"
                .to_owned()
        }
        (io::ErrorKind::PermissionDenied, Some(folder)) => {
            format!("this user may not enter the folder {}: run cmf as a user who may, or use host=localhost", folder.display())
        }
        (io::ErrorKind::InvalidData, _) => "check host and port: this may not be a Postgres".to_owned(),
        _ => "check host and port, and that the server runs".to_owned(),
    })
}

/// The error of a server that is not as protected as it was asked for.
pub(super) fn tls(trouble: &Trouble, address: &Address) -> Error {
    let error = Error::new(Exit::Auth, format!("{address}: TLS failed: {}", trouble.what));
    let error = trouble.remedy.into_iter().fold(error, Error::hint);
    error.hint("cmf sent no password; check sslmode and sslrootcert in the URL")
}

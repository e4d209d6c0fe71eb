//! From what Postgres says to what the user reads. A refused constraint is translated by its name.

use std::io;

use sqlx::postgres::PgDatabaseError;

use super::{migrations, stored, wire};
use crate::db::Address;
use crate::error::{Error, Exit};

/// What to do about policies that hide rows.
pub const ROW_SECURITY: &str = "log in as a role that sees all rows (ALTER ROLE ... BYPASSRLS), or take the policies away: \
                                ALTER TABLE ... DISABLE ROW LEVEL SECURITY; `cmf doctor` names the tables";

/// Whether it is the refusal of a query that policies would change. The message may be in any language.
fn is_row_security(refused: &dyn sqlx::error::DatabaseError) -> bool {
    let refused = refused.try_downcast_ref::<PgDatabaseError>();
    refused.and_then(PgDatabaseError::routine) == Some("check_enable_rls")
}

/// The sentence for each constraint that a user can run into, and what to type next.
fn refusal(constraint: &str) -> Option<(&'static str, &'static str)> {
    Some(match constraint {
        "uq_users_username" => ("a user of this name exists already", "see `cmf user list`"),
        "uq_users_email" => ("a user with this email address exists already", "see `cmf user list`"),
        "uq_frameworks_name_version" => ("this version of the framework exists already", "see `cmf framework list`"),
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

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refused) => {
                if let Some((message, hint)) = refused.constraint().and_then(refusal) {
                    let error = Error::failed(message).hint(hint);
                    // An id is made before its reading is sent: that it is there already is found out by doing the work again.
                    return if refused.constraint() == Some("pk_metric_history") { error.transient() } else { error };
                }
                match refused.code().as_deref() {
                    Some("42P01" | "42703" | "42704" | "3F000") => {
                        Error::new(Exit::Failed, format!("the database has not the schema of this cmf: {}", refused.message()))
                            .hint("run `cmf migrate up` to bring it up, `cmf migrate status` to see where it stands")
                            .lacking_tables()
                    }
                    Some("42501") if is_row_security(refused.as_ref()) => Error::new(
                        Exit::Auth,
                        format!("row-level security hides rows from this database role: {}", refused.message()),
                    )
                    .detail("a figure that cmf makes of a part of the rows would be wrong, so it reads none of them")
                    .hint(ROW_SECURITY),
                    Some("42501") => {
                        Error::new(Exit::Auth, format!("the database role may not do this: {}", refused.message()))
                            .hint("the owner of the tables gives a role its rights: see `cmf db grants --help`")
                    }
                    // Statements of another client of the same pool, or one's own that another server of the pool has.
                    Some("42P05" | "26000") => Error::failed(
                        "a connection pooler in transaction mode stands before the server, and this needs a session of its own",
                    )
                    .hint("name the server itself with --database-url, or a pool in session mode"),
                    // Nothing but the statement for the audit row divides: by the number of rows that it stored.
                    Some("22012") => stored::missing("ai_change_log", 1, 1),
                    Some("25006") => Error::failed("the database accepts no writes: it is read-only or a standby"),
                    Some("40001" | "40P01") => Error::failed(format!("another session was in the way: {}", refused.message()))
                        .hint("run the command again")
                        .transient(),
                    Some("55P03") => {
                        Error::failed("another session holds a lock on the same rows").hint("run the command again")
                    }
                    Some("57014") => Error::failed("the server cancelled the statement, for its time limit or by hand"),
                    Some(code) if code.starts_with("53") || code.starts_with("57P") => {
                        Error::new(Exit::Unreachable, format!("the server cannot serve: {}", refused.message()))
                    }
                    code => {
                        let code = code.unwrap_or("no code");
                        let constraint = refused.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default();
                        Error::failed(format!("the database refused: {} (SQLSTATE {code}{constraint})", refused.message()))
                    }
                }
            }
            sqlx::Error::Io(_) if let Some(silent) = silent() => silent,
            sqlx::Error::Io(io) => Error::new(Exit::Unreachable, format!("the connection to the database was lost: {io}")),
            sqlx::Error::Tls(tls) => Error::new(Exit::Auth, format!("TLS failed: {tls}")),
            other => Error::failed(format!("the database answered in an unexpected way: {other}")),
        }
    }
}

/// The error of a server that was given up for its silence, where one was.
pub fn silent() -> Option<Error> {
    let seconds = wire::silence()?.as_secs();
    let message = format!("the server took what it was told and did not answer within {seconds} s");
    Some(
        Error::new(Exit::Unreachable, message)
            .hint("something on the way may be stuck; answer_timeout=SECONDS in the URL, or CMF_ANSWER_TIMEOUT, waits longer"),
    )
}

/// The error of a failed attempt to start a session.
pub(super) fn connecting(error: &sqlx::Error, address: &Address) -> Error {
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("28000") if refused.message().contains("\"[local]\"") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                    .hint("the server lets in whom its pg_hba.conf names: log in as another role, or add a line for this one")
            }
            Some("28000") if refused.message().contains("no encryption") || refused.message().contains("SSL off") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                    .hint("the server may want TLS: add sslmode=require, better verify-full, to the URL")
            }
            Some("28P01" | "28000") => Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message()))
                .hint("check user and password; cmf takes the password from the URL, PGPASSWORD or ~/.pgpass"),
            Some("3D000") => Error::new(Exit::Config, format!("{address}: {}", refused.message()))
                .hint(format!("create it (`createdb {}`), or name another database", address.database_name())),
            // Of a session that is not yet there: no right to connect to the database.
            Some("42501") => {
                Error::new(Exit::Auth, format!("{address} refuses the login: {}", refused.message())).hint(format!(
                    "the owner of the database may allow it: GRANT CONNECT ON DATABASE {} TO {}",
                    migrations::quote(address.database_name()),
                    migrations::quote(&address.user)
                ))
            }
            Some("08P01") => Error::new(Exit::Config, format!("{address} refuses the session: {}", refused.message()))
                .hint("a pooler takes no startup parameters that it does not know: leave out `options` and PGOPTIONS"),
            _ => Error::new(Exit::Unreachable, format!("{address} cannot serve: {}", refused.message())),
        },
        sqlx::Error::Configuration(wrong) => Error::new(Exit::Config, format!("{address}: {wrong}")),
        sqlx::Error::Io(io) => unreachable(io, address),
        other => Error::new(Exit::Unreachable, format!("{address} cannot be reached: {other}")),
    }
}

/// The error of a server that does not answer.
pub(super) fn unreachable(error: &io::Error, address: &Address) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        io::ErrorKind::NotFound => "there is no such socket".to_owned(),
        io::ErrorKind::UnexpectedEof => "it hung up".to_owned(),
        _ => error.to_string(),
    };
    Error::new(Exit::Unreachable, format!("{address} cannot be reached: {reason}"))
        .hint("check host and port, and that the server runs")
}

/// The error of a server that is not as protected as it was asked for.
pub(super) fn tls(reason: &str, address: &Address) -> Error {
    Error::new(Exit::Auth, format!("{address}: TLS failed: {reason}"))
        .hint("nothing was sent to it; see sslmode and sslrootcert in the URL")
}

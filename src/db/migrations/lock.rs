//! One migrating session at a time, and how that session behaves towards others.
//!
//! The lock is tried, never waited for: a session that waits inside the server holds a snapshot, and CREATE INDEX
//! CONCURRENTLY of the session that has the lock would wait for that snapshot to go. The two would deadlock.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::Result;

/// The key of the advisory lock: the letters `cmf_migr`. Advisory locks are kept by database, so the name need not be in it.
const KEY: i64 = i64::from_be_bytes(*b"cmf_migr");

/// The session that has the lock.
#[derive(Debug, Clone)]
pub struct Holder {
    pub pid: i32,
    pub usename: Option<String>,
    pub application_name: Option<String>,
    pub client_addr: Option<String>,
}

/// Takes the lock for this session if nobody has it.
pub async fn try_lock(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "locked!""#, KEY).fetch_one(conn).await?)
}

pub async fn unlock(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!(r#"SELECT pg_advisory_unlock($1) AS "unlocked!""#, KEY).fetch_one(conn).await?;
    Ok(())
}

pub async fn holder(conn: &mut PgConnection) -> Result<Option<Holder>> {
    Ok(sqlx::query_as!(
        Holder,
        r#"SELECT l.pid AS "pid!", a.usename::text, a.application_name, host(a.client_addr) AS client_addr
           FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
           WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND (l.classid::bigint << 32 | l.objid::bigint) = $1"#,
        KEY
    )
    .fetch_optional(conn)
    .await?)
}

/// The server process that serves this connection, as it says itself.
pub async fn backend(conn: &mut PgConnection) -> Result<i32> {
    Ok(sqlx::query_scalar!(r#"SELECT pg_backend_pid() AS "pid!""#).persistent(false).fetch_one(conn).await?)
}

/// Readies a session for migrations: the server looks for a vanished client while a statement runs, so that a killed cmf
/// leaves neither statement nor lock behind.
pub async fn ready_session(conn: &mut PgConnection) -> Result<()> {
    // Servers on systems without a way to watch a socket refuse the setting; they notice when the statement ends.
    match sqlx::raw_sql("SET client_connection_check_interval TO '500ms'").execute(conn).await {
        Ok(_) | Err(sqlx::Error::Database(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Limits of time for the session, or none for what runs outside a transaction: a concurrent index that gives up is left INVALID.
pub async fn limit_session(conn: &mut PgConnection, limited: bool) -> Result<()> {
    let set = if limited {
        "RESET lock_timeout; RESET statement_timeout"
    } else {
        "SET lock_timeout TO 0; SET statement_timeout TO 0"
    };
    sqlx::raw_sql(set).execute(conn).await?;
    Ok(())
}

/// Until the transaction ends, names resolve in the schema and the role is the one that connected, whatever the script before has
/// set.
pub async fn reset_names(conn: &mut PgConnection, schema: &str) -> Result<()> {
    let names = format!(
        "SET LOCAL session_authorization TO DEFAULT; SET LOCAL role TO DEFAULT; SET LOCAL search_path TO {}, pg_temp",
        super::index::quote(schema)
    );
    sqlx::raw_sql(AssertSqlSafe(names)).execute(conn).await?;
    Ok(())
}

/// The role that connected is the session's role again, and names resolve in the schema, whatever a script has set.
pub async fn reset_session(conn: &mut PgConnection, schema: &str) -> Result<()> {
    let reset = format!("RESET SESSION AUTHORIZATION; RESET ROLE; SET search_path TO {}, pg_temp", super::index::quote(schema));
    sqlx::raw_sql(AssertSqlSafe(reset)).execute(conn).await?;
    Ok(())
}

/// Ends a transaction that a script has begun and not ended. Outside one the server only remarks on it.
pub async fn roll_back(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("ROLLBACK").execute(conn).await?;
    Ok(())
}

//! Whole databases of a server: made, dropped, copied.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use crate::db::Address;
use crate::db::address::At;
use crate::db::migrations::quote;
use crate::error::Result;

/// A database as its server lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What was noted when it was made.
    pub comment: Option<String>,
    pub sessions: i64,
}

/// The database of this name, if the server has it.
pub async fn find(conn: &mut PgConnection, name: &str) -> Result<Option<Listed>> {
    Ok(sqlx::query_as!(
        Listed,
        r#"SELECT shobj_description(d.oid, 'pg_database') AS comment,
                  (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS "sessions!"
           FROM pg_database d WHERE d.datname = $1"#,
        name
    )
    .fetch_optional(conn)
    .await?)
}

/// The role that owns a database.
pub async fn owner(conn: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let query = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1";
    let row = sqlx::query(query).persistent(false).bind(name).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The databases that have a note which begins with one of these, and that this role may drop.
pub async fn noted(conn: &mut PgConnection, beginnings: &[&str]) -> Result<Vec<(String, Listed)>> {
    let beginnings: Vec<String> = beginnings.iter().map(|text| (*text).to_owned()).collect();
    let rows = sqlx::query!(
        r#"SELECT d.datname::text AS "name!", shobj_description(d.oid, 'pg_database') AS comment,
                  (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS "sessions!"
           FROM pg_database d
           WHERE pg_has_role(d.datdba, 'USAGE')
             AND EXISTS (SELECT FROM unnest($1::text[]) b WHERE starts_with(shobj_description(d.oid, 'pg_database'), b))
           ORDER BY 1"#,
        &beginnings
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, Listed { comment: row.comment, sessions: row.sessions })).collect())
}

/// What the server's clock says.
pub async fn clock(conn: &mut PgConnection) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#).fetch_one(conn).await?)
}

/// The databases whose names begin so and that nobody uses.
pub async fn unused(conn: &mut PgConnection, prefix: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT d.datname::text AS "name!" FROM pg_database d
           WHERE starts_with(d.datname, $1) AND pg_has_role(d.datdba, 'USAGE')
             AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
           ORDER BY 1"#,
        prefix
    )
    .fetch_all(conn)
    .await?)
}

/// Makes a database as a copy of another, which nobody may be on. Outside a transaction. Fails when it exists already (42P04),
/// the role may not, or somebody is on the template (55006).
pub async fn create(conn: &mut PgConnection, name: &str, template: &str) -> Result<()> {
    let sql = format!("CREATE DATABASE {} TEMPLATE {}", quote(name), quote(template));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Whether the system sorts text by another version of its collation than when a database was made, of which Postgres makes no
/// copies then.
pub async fn is_outdated(conn: &mut PgConnection, name: &str) -> Result<bool> {
    let notes_it: bool = sqlx::raw_sql("SELECT to_regproc('pg_database_collation_actual_version') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await?
        .try_get(0)?;
    if !notes_it {
        return Ok(false);
    }
    let query = "SELECT coalesce(bool_or(datcollversion <> pg_database_collation_actual_version(oid)), false)
                 FROM pg_database WHERE datname = $1";
    Ok(sqlx::query(query).persistent(false).bind(name).fetch_one(conn).await?.try_get(0)?)
}

/// Drops a database if it is there, and ends the sessions on it. Outside a transaction.
pub async fn drop(conn: &mut PgConnection, name: &str) -> Result<()> {
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote(name));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Gives a database another name. Outside a transaction. Fails when somebody is on it, or the name is taken.
pub async fn rename(conn: &mut PgConnection, from: &str, to: &str) -> Result<()> {
    let sql = format!("ALTER DATABASE {} RENAME TO {}", quote(from), quote(to));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Notes something about a database.
pub async fn comment(conn: &mut PgConnection, name: &str, text: &str) -> Result<()> {
    let sql = format!("COMMENT ON DATABASE {} IS '{}'", quote(name), text.replace('\'', "''"));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Lets nobody connect to a database.
pub async fn close(conn: &mut PgConnection, name: &str) -> Result<()> {
    let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quote(name));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// The URL of an address, of its first host where it has several, without a password.
pub fn url(address: &Address) -> String {
    let (host, port) = address.hosts.first().map_or((String::new(), 5432), |host| {
        let name = match &host.at {
            At::Socket(directory) => directory.display().to_string(),
            At::Tcp { name: Some(name), .. } => name.clone(),
            At::Tcp { address, .. } => address.map(|address| address.to_string()).unwrap_or_default(),
        };
        (name, host.port)
    });
    // An address of version 6 stands in brackets; a path is escaped.
    let host = if host.contains(':') { format!("[{host}]") } else { escaped(&host) };
    format!("postgres://{}@{host}:{port}/{}", escaped(&address.user), escaped(address.database_name()))
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

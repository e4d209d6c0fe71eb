//! What is applied, in two tables.
//!
//! `__diesel_schema_migrations` is diesel's, to the letter, so that its command-line tool agrees with cmf. `cmf_migrations`
//! beside it only grows: who ran what, when, for how long, with which cmf, and the fingerprint of the script. Neither is
//! made by a migration, so the compiler's database has them not: their SQL is constant text, checked by tests.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{FromRow, Row};

use super::source::Migration;
use super::sql::checksum;
use crate::error::Result;

/// The names of both tables: what is about migrations and not part of the schema they make.
pub const LEDGERS: [&str; 2] = ["__diesel_schema_migrations", "cmf_migrations"];

const CREATE_HISTORY: &str = "
CREATE TABLE IF NOT EXISTS cmf_migrations (
    id           BIGINT      GENERATED ALWAYS AS IDENTITY,
    version      VARCHAR(50) NOT NULL,
    name         TEXT        NOT NULL,
    action       VARCHAR(20) NOT NULL,
    step         INTEGER,
    checksum     VARCHAR(64) NOT NULL,
    milliseconds BIGINT,
    run_on       TIMESTAMP   NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'utc'),
    run_by       TEXT        NOT NULL DEFAULT session_user,
    os_user      TEXT,
    cmf_version  TEXT        NOT NULL,
    CONSTRAINT pk_cmf_migrations PRIMARY KEY (id)
)";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub version: String,
    /// UTC, as cmf and diesel's own tool both write it in a session in UTC.
    pub run_on: NaiveDateTime,
    /// What cmf noted when it applied, adopted or repaired it; nothing where another tool applied it.
    pub record: Option<HistoryEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HistoryEntry {
    pub version: String,
    pub name: String,
    /// `up`, `down`, `adopt`, `repair`; `forget` of one that repeats and is no longer there; `accept` of an object that no migration made; `up begun`, `up done` and the same for down are steps outside a transaction.
    pub action: String,
    /// The statement's place in the script, from 1, for a step.
    pub step: Option<i32>,
    /// The fingerprint of the script that makes the migration, or of the statement for a step.
    pub checksum: String,
    pub milliseconds: Option<i64>,
    /// UTC.
    pub run_on: NaiveDateTime,
    pub run_by: String,
    /// The login of the person on their machine, where it was known.
    pub os_user: Option<String>,
    pub cmf_version: String,
}

/// What is applied, oldest version first. A schema that was never migrated has nothing applied. Reads only.
pub async fn applied(conn: &mut PgConnection) -> Result<Vec<Applied>> {
    // `id` tells a record from none.
    let both = "SELECT m.version AS applied_version, m.run_on AS applied_on, r.*
                FROM __diesel_schema_migrations m
                LEFT JOIN cmf_migrations r ON r.id =
                    (SELECT max(id) FROM cmf_migrations WHERE version = m.version AND action IN ('up', 'adopt', 'repair'))
                ORDER BY m.version";
    let alone = "SELECT version AS applied_version, run_on AS applied_on, NULL::bigint AS id
                 FROM __diesel_schema_migrations ORDER BY version";
    let (ledger, history) = are_there(conn).await?;
    if !ledger {
        return Ok(Vec::new());
    }
    // The plain protocol: one round trip.
    let rows = sqlx::raw_sql(if history { both } else { alone }).fetch_all(conn).await?;
    let read = |row: &PgRow| -> Result<Applied> {
        let record = row.try_get::<Option<i64>, _>("id")?.map(|_| HistoryEntry::from_row(row)).transpose()?;
        Ok(Applied { version: row.try_get("applied_version")?, run_on: row.try_get("applied_on")?, record })
    };
    rows.iter().map(read).collect()
}

/// The migrations that repeat and have run, as they ran last, by name. One that ran before another was taken down is not among
/// them: what it made may have gone with it. Reads only.
pub async fn repeated(conn: &mut PgConnection) -> Result<Vec<Applied>> {
    let query = "SELECT * FROM cmf_migrations r
                 WHERE id IN (SELECT max(id) FROM cmf_migrations WHERE left(version, 3) = 'R__' AND step IS NULL GROUP BY version)
                   AND action IN ('up', 'repair')
                   AND NOT EXISTS (SELECT FROM cmf_migrations d WHERE d.id > r.id AND d.action = 'down' AND left(d.version, 3) <> 'R__')
                 ORDER BY version";
    if !are_there(conn).await?.1 {
        return Ok(Vec::new());
    }
    let rows = sqlx::raw_sql(query).fetch_all(conn).await?;
    let read = |row: &PgRow| -> Result<Applied> {
        let record = HistoryEntry::from_row(row)?;
        Ok(Applied { version: record.version.clone(), run_on: record.run_on, record: Some(record) })
    };
    rows.iter().map(read).collect()
}

/// Whether diesel's table is in the schema, and whether cmf's own is. Asked, because a missing table aborts a transaction.
async fn are_there(conn: &mut PgConnection) -> Result<(bool, bool)> {
    let there = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL, to_regclass('cmf_migrations') IS NOT NULL";
    let row = sqlx::raw_sql(there).fetch_one(conn).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Whether anything was ever migrated in the schema.
pub async fn has_ledger(conn: &mut PgConnection) -> Result<bool> {
    Ok(are_there(conn).await?.0)
}

/// The steps of a script that ran outside a transaction and has not ended, in the order they were noted.
pub async fn open_steps(conn: &mut PgConnection, version: &str) -> Result<Vec<HistoryEntry>> {
    let query = "SELECT * FROM cmf_migrations
                 WHERE version = $1 AND step IS NOT NULL AND id > coalesce(
                     (SELECT max(id) FROM cmf_migrations WHERE version = $1 AND step IS NULL AND action <> 'repair'), 0)
                 ORDER BY id";
    if !are_there(conn).await?.1 {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as(query).bind(version).fetch_all(conn).await?)
}

/// The whole history, oldest first.
pub async fn history(conn: &mut PgConnection) -> Result<Vec<HistoryEntry>> {
    if !are_there(conn).await?.1 {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as("SELECT * FROM cmf_migrations ORDER BY id").fetch_all(conn).await?)
}

/// Makes both tables where they are not there.
pub async fn create_ledger(conn: &mut PgConnection) -> Result<()> {
    // Asked first, because Postgres remarks on a table that exists already, and wants the right to make one.
    let (ledger, history) = are_there(conn).await?;
    if !ledger {
        sqlx::raw_sql(CREATE_MIGRATIONS_TABLE).execute(&mut *conn).await?;
    }
    if !history {
        sqlx::raw_sql(CREATE_HISTORY).execute(conn).await?;
    }
    Ok(())
}

/// Takes both tables away.
pub async fn drop_ledger(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("DROP TABLE IF EXISTS cmf_migrations, __diesel_schema_migrations").execute(conn).await?;
    Ok(())
}

/// Notes a migration as applied. Fails when the database refuses, as it does when another tool applied it meanwhile.
pub async fn insert_applied(conn: &mut PgConnection, version: &str) -> Result<()> {
    sqlx::query("INSERT INTO __diesel_schema_migrations (version) VALUES ($1)").bind(version).execute(conn).await?;
    Ok(())
}

/// The statement for people that does the same for several, in a schema.
pub fn to_insert(schema: &str, versions: &[&str]) -> String {
    let rows: Vec<String> = versions.iter().map(|version| format!("('{version}')")).collect();
    format!("INSERT INTO {}.__diesel_schema_migrations (version) VALUES {}", super::index::quote(schema), rows.join(", "))
}

/// Notes a migration as taken down.
pub async fn delete_applied(conn: &mut PgConnection, version: &str) -> Result<()> {
    sqlx::query("DELETE FROM __diesel_schema_migrations WHERE version = $1").bind(version).execute(conn).await?;
    Ok(())
}

/// Adds a line to the history, about a migration or a step of it with its number and fingerprint.
pub async fn insert_record(
    conn: &mut PgConnection,
    migration: &Migration,
    action: &str,
    step: Option<(i32, &str)>,
    milliseconds: Option<i64>,
    os_user: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO cmf_migrations (version, name, action, step, checksum, milliseconds, os_user, cmf_version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&migration.version)
    .bind(&migration.name)
    .bind(action)
    .bind(step.map(|(number, _)| number))
    .bind(step.map_or_else(|| migration.fingerprint(), |(_, sum)| sum.to_owned()))
    .bind(milliseconds)
    .bind(os_user)
    .bind(env!("CARGO_PKG_VERSION"))
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that an object which no migration made may stay, with the fingerprint of its definition.
pub async fn accept(conn: &mut PgConnection, label: &str, definition: &str, os_user: Option<&str>) -> Result<()> {
    sqlx::query(
        "INSERT INTO cmf_migrations (version, name, action, checksum, os_user, cmf_version) VALUES ('-', $1, 'accept', $2, $3, $4)",
    )
    .bind(label)
    .bind(checksum(definition))
    .bind(os_user)
    .bind(env!("CARGO_PKG_VERSION"))
    .execute(conn)
    .await?;
    Ok(())
}

/// The objects that may stay although no migration made them, as [`accept`] noted them.
pub async fn accepted(conn: &mut PgConnection) -> Result<BTreeSet<String>> {
    if !are_there(conn).await?.1 {
        return Ok(BTreeSet::new());
    }
    let rows = sqlx::raw_sql("SELECT DISTINCT name FROM cmf_migrations WHERE action = 'accept'").fetch_all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Whether there is an audit trail to write to.
pub async fn has_audit(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT to_regclass('ai_change_log') IS NOT NULL AS "there!""#).fetch_one(conn).await?)
}

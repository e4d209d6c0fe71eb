//! What is applied. `__diesel_schema_migrations` is diesel's, to the letter, so that its command-line tool agrees with cmf.
//!
//! The migrations do not make this table, so the compiler's database has it not: its SQL is constant text, checked by tests.

use chrono::NaiveDateTime;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::error::Result;

/// An applied migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub version: String,
    /// UTC, as cmf and diesel's own tool both write it in a session in UTC.
    pub run_on: NaiveDateTime,
}

/// What is applied, oldest version first. A database that was never migrated has nothing applied. Not for use in a
/// transaction, which the missing table would abort.
///
/// # Errors
/// When the database refuses.
pub async fn applied(conn: &mut PgConnection) -> Result<Vec<Applied>> {
    // The plain protocol: one round trip.
    let rows = match sqlx::raw_sql("SELECT version, run_on FROM public.__diesel_schema_migrations ORDER BY version")
        .fetch_all(conn)
        .await
    {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => return Ok(Vec::new()),
        rows => rows?,
    };
    rows.iter().map(|row| Ok(Applied { version: row.try_get(0)?, run_on: row.try_get(1)? })).collect()
}

/// Makes the ledger where there is none.
///
/// # Errors
/// When the database refuses.
pub async fn create_ledger(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(CREATE_MIGRATIONS_TABLE).execute(conn).await?;
    Ok(())
}

/// Takes the ledger away.
///
/// # Errors
/// When the database refuses.
pub async fn drop_ledger(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("DROP TABLE public.__diesel_schema_migrations").execute(conn).await?;
    Ok(())
}

/// Notes a migration as applied.
///
/// # Errors
/// When the database refuses.
pub async fn insert_applied(conn: &mut PgConnection, version: &str) -> Result<()> {
    sqlx::query("INSERT INTO public.__diesel_schema_migrations (version) VALUES ($1)").bind(version).execute(conn).await?;
    Ok(())
}

/// Notes a migration as taken down.
///
/// # Errors
/// When the database refuses.
pub async fn delete_applied(conn: &mut PgConnection, version: &str) -> Result<()> {
    sqlx::query("DELETE FROM public.__diesel_schema_migrations WHERE version = $1").bind(version).execute(conn).await?;
    Ok(())
}

/// Whether there is an audit trail to write to.
///
/// # Errors
/// When the database refuses.
pub async fn has_audit(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT to_regclass('public.ai_change_log') IS NOT NULL AS "there!""#).fetch_one(conn).await?)
}

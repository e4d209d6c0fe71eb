//! Schemas, one for each tenant.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::migrations::quote;
use crate::error::Result;

/// The schemas that were migrated, by name.
pub async fn migrated(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT n.nspname::text AS "name!" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relname = '__diesel_schema_migrations' AND c.relkind = 'r' AND NOT pg_is_other_temp_schema(n.oid) ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

/// Makes a schema where it is not there.
pub async fn create(conn: &mut PgConnection, name: &str) -> Result<()> {
    // Asked first: who may not make schemas may still migrate one that is there.
    let there: bool = sqlx::query("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)")
        .persistent(false)
        .bind(name)
        .fetch_one(&mut *conn)
        .await?
        .try_get(0)?;
    if !there {
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {}", quote(name)))).execute(conn).await?;
    }
    Ok(())
}

#[derive(Debug, Clone)]
pub struct SchemaState {
    /// How many migrations are applied.
    pub migrations: i64,
    /// The version of the newest.
    pub newest: Option<String>,
    /// What its tables take on disk, with their indexes.
    pub bytes: i64,
}

/// How a schema stands. Fails when the role may not read it.
pub async fn state(conn: &mut PgConnection, name: &str) -> Result<SchemaState> {
    let query = format!(
        "SELECT count(*), max(version)::text,
                (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = $1)
         FROM {}.__diesel_schema_migrations",
        quote(name)
    );
    let row = sqlx::query(AssertSqlSafe(query)).bind(name).fetch_one(conn).await?;
    Ok(SchemaState { migrations: row.try_get(0)?, newest: row.try_get(1)?, bytes: row.try_get(2)? })
}

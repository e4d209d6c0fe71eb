//! The database inside the private Postgres.

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// Whether the server has the database that commands work on.
pub async fn has_database(conn: &mut PgConnection) -> Result<bool> {
    let found = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'cmf') AS "found!""#);
    Ok(found.fetch_one(conn).await?)
}

/// Creates the database that commands work on. Not inside a transaction.
pub async fn create_database(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("CREATE DATABASE cmf TEMPLATE template0").execute(conn).await?;
    Ok(())
}

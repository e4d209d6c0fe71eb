//! What a dump and its restoration need to know about a database.

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// The major version of the server.
///
/// # Errors
/// When the connection is lost.
pub async fn server_major(conn: &mut PgConnection) -> Result<u32> {
    let number =
        sqlx::query_scalar!(r#"SELECT current_setting('server_version_num')::int AS "number!""#).fetch_one(conn).await?;
    Ok(u32::try_from(number / 10_000).unwrap_or_default())
}

/// How many tables there are outside the server's own schemas.
///
/// # Errors
/// When the connection is lost.
pub async fn tables(conn: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'"#
    );
    Ok(count.fetch_one(conn).await?)
}

//! Citus, where the database has it: which tables it keeps on its workers.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::error::Result;

/// The version of the extension, where it is there.
pub async fn version(conn: &mut PgConnection) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT extversion FROM pg_extension WHERE extname = 'citus'").fetch_optional(conn).await?)
}

/// Whether it can keep a schema on one worker, which is so since version 12.
pub async fn shards_schemas(conn: &mut PgConnection) -> Result<bool> {
    let row = sqlx::raw_sql("SELECT to_regproc('pg_catalog.citus_schema_distribute') IS NOT NULL").fetch_one(conn).await?;
    Ok(row.try_get(0)?)
}

/// Has it put schemas that this session makes on a worker each.
pub async fn shard_new_schemas(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("SET citus.enable_schema_based_sharding TO on").execute(conn).await?;
    Ok(())
}

/// The tables of a schema that it does not keep on a worker, but for the lists of migrations.
pub async fn undistributed(conn: &mut PgConnection, schema: &str) -> Result<Vec<String>> {
    let query = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
                   AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = c.oid AND p.partmethod = 'n')
                 ORDER BY 1";
    let rows = sqlx::query(query).persistent(false).bind(schema).fetch_all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

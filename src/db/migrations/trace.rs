//! What a migration does to the tables that were there before it: the locks it holds, and which files it writes again.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// A lock that this session holds on a table or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub relation: String,
    /// As `pg_locks` calls it: `AccessExclusiveLock`...
    pub mode: String,
}

/// The locks of this transaction on tables, indexes and views outside the catalogs.
pub async fn held(conn: &mut PgConnection) -> Result<Vec<Held>> {
    Ok(sqlx::query_as!(
        Held,
        r#"SELECT c.oid::regclass::text AS "relation!", l.mode AS "mode!"
           FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p', 'm', 'v')
             AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
           ORDER BY 1, 2"#
    )
    .fetch_all(conn)
    .await?)
}

/// The file of every table and index outside the catalogs, by name; another file means that it was written again.
pub async fn files(conn: &mut PgConnection) -> Result<BTreeMap<String, i64>> {
    let rows = sqlx::query!(
        r#"SELECT c.oid::regclass::text AS "relation!", c.relfilenode::bigint AS "file!"
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p', 'm', 'i') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.relation, row.file)).collect())
}

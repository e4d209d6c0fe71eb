//! What a dump and its restoration need to know about a database.

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// The major version of the server, and whether it can watch a client while a statement runs.
pub async fn server(conn: &mut PgConnection) -> Result<(u32, bool)> {
    let server = sqlx::query!(
        r#"SELECT current_setting('server_version_num')::int AS "number!", version() LIKE '%linux%' AS "is_linux!""#
    );
    let server = server.fetch_one(conn).await?;
    let major = u32::try_from(server.number / 10_000).unwrap_or_default();
    Ok((major, major >= 14 && server.is_linux))
}

/// How many tables there are in a schema, or in all but the server's own if none is named.
pub async fn tables(conn: &mut PgConnection, schema: Option<&str>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
             AND ($1::text IS NULL OR n.nspname = $1)"#,
        schema
    );
    Ok(count.fetch_one(conn).await?)
}

pub async fn has_schema(conn: &mut PgConnection, name: &str) -> Result<bool> {
    let there = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS "there!""#, name);
    Ok(there.fetch_one(conn).await?)
}

/// How the list of a dump begins the lines of what is in a schema, or in all but the server's own if none is named:
/// `TABLE acme metrics `. Indexes, constraints and triggers go with their tables.
pub async fn entries(conn: &mut PgConnection, schema: Option<&str>) -> Result<Vec<String>> {
    let entries = sqlx::query_scalar!(
        r#"SELECT concat(kind, ' ', n.nspname, ' ', name) AS "entry!"
           FROM (SELECT 'pg_class'::regclass AS class, oid, relnamespace AS namespace, relname || ' ' AS name,
                        CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS kind
                 FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
                 UNION ALL
                 SELECT 'pg_type'::regclass, oid, typnamespace, typname || ' ', CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END
                 FROM pg_type WHERE typtype IN ('e', 'd', 'r')
                 UNION ALL
                 SELECT 'pg_proc'::regclass, oid, pronamespace, proname || '(',
                        CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
                 FROM pg_proc) AS object
           JOIN pg_namespace n ON n.oid = object.namespace
           WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND ($1::text IS NULL OR n.nspname = $1)
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = object.class AND d.objid = object.oid
                             AND (d.deptype = 'e' OR d.deptype = 'i' AND object.class = 'pg_proc'::regclass))
           ORDER BY 1"#,
        schema
    );
    // As the list does it, whose entries are a line each.
    let on_one_line = |entry: String| entry.replace(['\n', '\r'], " ");
    Ok(entries.fetch_all(conn).await?.into_iter().map(on_one_line).collect())
}

pub async fn extensions(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(r#"SELECT extname::text AS "name!" FROM pg_extension ORDER BY 1"#).fetch_all(conn).await?)
}

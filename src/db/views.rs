//! The views for BI tools: a schema of their own, made of what the tables have and removed again without a loss.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use super::literal;
use super::migrations::quote;
use crate::domain::frequency::{Frequency, Freshness};
use crate::error::Result;

/// The statements, for the schema `cmf_views`.
const STATEMENTS: &str = include_str!("views.sql");

/// The views and functions that a version of cmf made.
pub const VIEWS: [&str; 5] = ["current_metrics", "stale_metrics", "readings", "scores", "latest_scores"];
const FUNCTIONS: [&str; 2] = ["score(text, numeric, numeric, numeric, numeric)", "period(text)"];

/// What the names of tenants' views begin with.
const PREFIX: &str = "cmf_views_";

/// The most bytes of a schema's name whose views can be made: theirs is longer, and Postgres takes 63.
pub const LONGEST: usize = 63 - PREFIX.len();

/// The name of the views' schema for the tables in a schema; each tenant has its own.
pub fn schema_of(home: &str) -> String {
    if home == "public" { "cmf_views".to_owned() } else { format!("{PREFIX}{home}") }
}

/// Whether they are there.
pub async fn are_there(conn: &mut PgConnection, schema: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS "there!""#, schema)
        .fetch_one(conn)
        .await?)
}

/// Makes them, with the rule of a run for stale readings.
/// Fails when the role may not, or the schema is there.
pub async fn make(conn: &mut PgConnection, schema: &str, freshness: &Freshness) -> Result<()> {
    let version: i32 = sqlx::query_scalar!(r#"SELECT current_setting('server_version_num')::integer AS "version!""#)
        .fetch_one(&mut *conn)
        .await?;
    sqlx::raw_sql(AssertSqlSafe(script(schema, freshness, version >= 150_000))).execute(conn).await?;
    Ok(())
}

/// The statements that make them. From version 15 on, who reads a view needs the rights to its tables and is held to their policies.
fn script(schema: &str, freshness: &Freshness, has_invoker: bool) -> String {
    let list = |words: &mut dyn Iterator<Item = &'static str>| words.map(literal).collect::<Vec<_>>().join(", ");
    let rows = |rows: Vec<(&str, i64)>| {
        rows.into_iter().map(|(word, days)| format!("({}, {days})", literal(word))).collect::<Vec<_>>().join(", ")
    };
    let seconds = |span: chrono::Duration| format!("interval '{} seconds'", span.num_seconds());
    let stale_after = freshness.age.map_or_else(
        || {
            let usual = seconds(freshness.usual.period());
            format!(
                "justify_hours(coalesce(cmf_views.period(i.original_data #>> '{{parsed,frequency}}'), {usual}) * {})",
                freshness.factor
            )
        },
        seconds,
    );
    STATEMENTS
        .replace("{invoker}", if has_invoker { "WITH (security_invoker = true)" } else { "" })
        .replace("{hourly}", &list(&mut Frequency::HOURLY.into_iter()))
        .replace("{hours}", &list(&mut Frequency::HOURS.into_iter()))
        .replace("{every}", &Frequency::EVERY.join("|"))
        .replace("{words}", &rows(Frequency::words().collect()))
        .replace("{units}", &rows(Frequency::units().collect()))
        .replace("{stale_after}", &stale_after)
        .replace("cmf_views", &quote(schema))
}

/// Takes them away, those of earlier versions too.
/// Fails when something else depends on them or stands in their schema.
pub async fn drop(conn: &mut PgConnection, schema: &str) -> Result<()> {
    let place = |name: &str| format!("{}.{name}", quote(schema));
    let views = VIEWS.map(place).join(", ");
    let functions = FUNCTIONS.map(place).join(", ");
    let script = format!("DROP VIEW IF EXISTS {views}; DROP FUNCTION IF EXISTS {functions}; DROP SCHEMA {}", quote(schema));
    sqlx::raw_sql(AssertSqlSafe(script)).execute(conn).await?;
    Ok(())
}

/// What tells one state of them from another: definitions, comments and rights.
pub async fn state(conn: &mut PgConnection, schema: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT md5(string_agg(one, E'\\n' ORDER BY one))
         FROM (SELECT concat_ws('|', c.relname, c.reloptions, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class'),
                                (SELECT string_agg(col_description(c.oid, n), '|' ORDER BY n) FROM generate_series(1, c.relnatts) AS n),
                                (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(c.relacl) AS one))
               FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1
               UNION ALL
               SELECT concat_ws('|', pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'))
               FROM pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = $1
               UNION ALL
               SELECT concat_ws('|', obj_description(s.oid, 'pg_namespace'),
                                (SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(s.nspacl) AS one))
               FROM pg_namespace s WHERE s.nspname = $1) AS all_of_it (one)",
        schema
    )
    .fetch_one(conn)
    .await?)
}

/// The roles that may read them, by grants of their own: those that may read the tables that they are made of, and those that
/// somebody let in.
pub async fn readers(conn: &mut PgConnection, home: &str, schema: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT pg_get_userbyid(a.grantee)::text AS "role!"
           FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace, aclexplode(c.relacl) AS a
           WHERE s.nspname = $1 AND c.relname = ANY('{metrics,metric_history,metric_catalog_items,framework_scores,function_scores}')
             AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, c.relowner)
           GROUP BY a.grantee HAVING count(DISTINCT c.oid) = 5
           UNION
           SELECT pg_get_userbyid(a.grantee)::text FROM pg_namespace s, aclexplode(s.nspacl) AS a
           WHERE s.nspname = $2 AND a.privilege_type = 'USAGE' AND a.grantee NOT IN (0, s.nspowner)
           ORDER BY 1"#,
        home,
        schema
    )
    .fetch_all(conn)
    .await?)
}

/// The statements that let a role read them, or that take this from it.
pub fn rights(schema: &str, role: &str, may_read: bool) -> Vec<String> {
    let (space, role) = (quote(schema), quote(role));
    if may_read {
        return vec![
            format!("GRANT USAGE ON SCHEMA {space} TO {role}"),
            format!("GRANT SELECT ON ALL TABLES IN SCHEMA {space} TO {role}"),
        ];
    }
    vec![format!("REVOKE ALL ON ALL TABLES IN SCHEMA {space} FROM {role}"), format!("REVOKE ALL ON SCHEMA {space} FROM {role}")]
}

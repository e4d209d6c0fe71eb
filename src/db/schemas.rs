//! Schemas, one for each tenant.

use std::collections::{HashMap, HashSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::migrations::quote;
use crate::confirm::Confirmed;
use crate::error::{Cause, Error, Result};

/// The schemas that were migrated, by name.
pub async fn migrated(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT n.nspname::text AS "name!" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relname = '__diesel_schema_migrations' AND c.relkind = 'r' AND NOT pg_is_other_temp_schema(n.oid) ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

/// Those of these schemas whose list of applied migrations the role may read, and the others.
pub async fn readable(conn: &mut PgConnection, schemas: Vec<String>) -> Result<(Vec<String>, Vec<String>)> {
    let query = "SELECT n.nspname::text FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
                 WHERE c.relname = '__diesel_schema_migrations' AND n.nspname = ANY($1)
                   AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')";
    let rows = sqlx::query(query).persistent(false).bind(&schemas).fetch_all(conn).await?;
    let open = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<String>, _>>()?;
    Ok(schemas.into_iter().partition(|name| open.contains(name)))
}

/// Makes a schema if it is not there.
pub async fn create(conn: &mut PgConnection, name: &str) -> Result<()> {
    // Asked first: who may not make schemas may still migrate one that is there.
    let asked = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1), current_database()::text, current_user::text";
    let row = sqlx::query(asked).persistent(false).bind(name).fetch_one(&mut *conn).await?;
    let (is_there, database, role): (bool, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if is_there {
        return Ok(());
    }
    let made = sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {}", quote(name)))).execute(conn).await;
    made.map(|_| ()).map_err(|error| {
        let error = Error::from(error);
        if !error.is(Cause::NoRight) {
            return error;
        }
        error.hint(format!("a superuser runs: GRANT CREATE ON DATABASE {} TO {}", quote(&database), quote(&role)))
    })
}

/// The role that owns a schema.
pub async fn owner(conn: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let query = "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1";
    let row = sqlx::query(query).persistent(false).bind(name).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The list of applied migrations of a schema.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub schema: String,
    /// Oldest first.
    pub versions: Vec<String>,
}

/// How many schemas one statement reads: it locks the list of each until the transaction ends.
const AT_ONCE: usize = 1000;

/// What is applied in these schemas, in their order. Fails when the role may not read one of them.
pub async fn ledgers(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<Ledger>> {
    let mut all: Vec<Ledger> = schemas.iter().map(|schema| Ledger { schema: schema.clone(), versions: Vec::new() }).collect();
    for (first, some) in schemas.chunks(AT_ONCE).enumerate() {
        // Rows as they are: a subquery for each schema takes the server three times as long to plan.
        let each = some.iter().enumerate().map(|(at, name)| {
            format!("SELECT {} AS at, version::text FROM {}.__diesel_schema_migrations", first * AT_ONCE + at, quote(name))
        });
        let rows = sqlx::raw_sql(AssertSqlSafe(each.collect::<Vec<_>>().join(" UNION ALL "))).fetch_all(&mut *conn).await?;
        for row in rows {
            let at = usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or_default();
            if let Some(ledger) = all.get_mut(at) {
                ledger.versions.push(row.try_get(1)?);
            }
        }
    }
    for ledger in &mut all {
        ledger.versions.sort();
    }
    Ok(all)
}

/// What the tables of each of these schemas take on disk, with their indexes, in bytes; of a database that Citus spreads over
/// servers, on all of them.
pub async fn sizes(conn: &mut PgConnection, schemas: &[String]) -> Result<HashMap<String, i64>> {
    let is_spread: bool =
        sqlx::raw_sql("SELECT to_regproc('citus_total_relation_size') IS NOT NULL").fetch_one(&mut *conn).await?.try_get(0)?;
    let size = if is_spread {
        "CASE WHEN EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)
              THEN citus_total_relation_size(c.oid) ELSE pg_total_relation_size(c.oid) END"
    } else {
        "pg_total_relation_size(c.oid)"
    };
    let query = format!(
        "SELECT n.nspname::text, coalesce(sum({size}), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname = ANY($1) GROUP BY 1"
    );
    let rows = sqlx::query(AssertSqlSafe(query)).bind(schemas).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What in other schemas is made of the tables of one: views, and keys that lead to them.
pub async fn dependents(conn: &mut PgConnection, schema: &str, besides: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT concat_ws('.', quote_ident(o.nspname), quote_ident(other.relname)) AS "name!"
           FROM pg_depend d
           JOIN pg_class own ON d.refclassid = 'pg_class'::regclass AND own.oid = d.refobjid
           JOIN pg_namespace n ON n.oid = own.relnamespace AND n.nspname = $1
           LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
           LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
           JOIN pg_class other ON other.oid = coalesce(r.ev_class, k.conrelid)
           JOIN pg_namespace o ON o.oid = other.relnamespace
           WHERE o.nspname NOT IN ($1, $2) ORDER BY 1"#,
        schema,
        besides
    )
    .fetch_all(conn)
    .await?)
}

/// Takes back a schema that this command has made, and what it has put in it.
pub async fn undo_create(conn: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {} CASCADE", quote(name)))).execute(conn).await?;
    Ok(())
}

/// Drops schemas with everything in them, those that are there.
pub async fn drop(conn: &mut PgConnection, names: &[&str], _: &Confirmed) -> Result<()> {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    sqlx::raw_sql(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {} CASCADE", names.join(", ")))).execute(conn).await?;
    Ok(())
}

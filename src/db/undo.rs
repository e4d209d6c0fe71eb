//! Rows as an undo finds, removes, changes and puts them back, whatever their table. What it changes is watched by its caller.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use serde_json::value::RawValue;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::images::{TABLES, any};
use super::migrations::quote;
use super::stored;
use crate::domain::image::{Parts, Readings};
use crate::error::{Error, Result};

/// Rows that are sent at a time.
const PART: usize = 5_000;

/// Keeps two undos apart until the transaction ends.
pub async fn lock(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('cmf undo'))").fetch_one(conn).await?;
    Ok(())
}

/// Whose changes this role may undo.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Whoever is logged in to the database.
    pub role: String,
    /// Whether it may change no more than readings: then only its own.
    pub is_own: bool,
}

pub async fn reach(conn: &mut PgConnection) -> Result<Reach> {
    Ok(sqlx::query_as!(
        Reach,
        r#"SELECT session_user::text AS "role!", NOT has_table_privilege('metrics', 'UPDATE') AS "is_own!""#
    )
    .fetch_one(conn)
    .await?)
}

/// The columns of each table that has images.
pub async fn columns(conn: &mut PgConnection) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let rows = sqlx::query!(
        r#"SELECT c.relname::text AS "table!", array_agg(a.attname::text) AS "columns!"
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           WHERE c.oid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)
           GROUP BY 1"#,
        &TABLES.map(str::to_owned)
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.table, row.columns.into_iter().collect())).collect())
}

/// A column of a table whose values are ids of another.
#[derive(Debug, Clone)]
pub struct Reference {
    pub table: String,
    pub column: String,
    pub to: String,
}

/// The foreign keys to the tables that have images, of whatever tables this role may read.
pub async fn references(conn: &mut PgConnection) -> Result<Vec<Reference>> {
    Ok(sqlx::query_as!(
        Reference,
        r#"SELECT c.conrelid::regclass::text AS "table!", a.attname::text AS "column!", p.relname::text AS "to!"
           FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
           WHERE c.contype = 'f' AND cardinality(c.conkey) = 1
             AND c.confrelid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)
             AND has_column_privilege(c.conrelid, a.attnum, 'SELECT')
           ORDER BY 1, 2"#,
        &TABLES.map(str::to_owned)
    )
    .fetch_all(conn)
    .await?)
}

/// The ids of a statement, which selects them as text under this name.
async fn ids(conn: &mut PgConnection, words: String) -> Result<Vec<Uuid>> {
    let rows = sqlx::raw_sql(AssertSqlSafe(words)).fetch_all(conn).await?;
    let id = |text: String| text.parse().map_err(|_| Error::failed(format!("`{text}` is not an id")));
    rows.iter().map(|row| id(row.try_get("id")?)).collect()
}

/// The rows of one of our tables that refer to some of these rows.
pub async fn referring(conn: &mut PgConnection, by: &Reference, to: &[Uuid]) -> Result<Vec<Uuid>> {
    let (table, column) = (&by.table, quote(&by.column));
    ids(conn, format!("SELECT x.id::text AS id FROM {table} x WHERE x.{column} = {}", any(to))).await
}

/// How many rows of a table that is not ours refer to some of these rows.
pub async fn strangers(conn: &mut PgConnection, by: &Reference, to: &[Uuid]) -> Result<i64> {
    let (table, column) = (&by.table, quote(&by.column));
    let words = format!("SELECT count(*) AS count FROM {table} x WHERE x.{column} = {}", any(to));
    Ok(sqlx::raw_sql(AssertSqlSafe(words)).fetch_one(conn).await?.try_get("count")?)
}

/// The changes of the trail that name these users.
pub async fn naming(conn: &mut PgConnection, users: &[Uuid]) -> Result<Vec<(Option<i64>, String)>> {
    let rows = sqlx::query!(
        r#"SELECT CASE WHEN result #>> '{chain,seq}' ~ '^[1-9][0-9]{0,14}$' THEN (result #>> '{chain,seq}')::bigint END AS seq, action
           FROM ai_change_log WHERE user_id = ANY($1) ORDER BY id"#,
        users
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.seq, row.action)).collect())
}

/// What makes two rows of a table the same to people, where the schema lets both be.
fn sameness(table: &str) -> Option<&'static str> {
    Some(match table {
        "metric_catalogs" => "o.owner_id = x.owner_id AND lower(btrim(o.name)) = lower(btrim(x.name))",
        "metric_catalog_items" => {
            "o.catalog_id = x.catalog_id AND lower(btrim(coalesce(o.original_data #>> '{parsed,metric_number}', o.name)))
                                           = lower(btrim(coalesce(x.original_data #>> '{parsed,metric_number}', x.name)))"
        }
        "metric_catalog_framework_mappings" => {
            "o.catalog_item_id = x.catalog_item_id AND o.framework_id = x.framework_id AND o.function_code = x.function_code
             AND o.category_code IS NOT DISTINCT FROM x.category_code
             AND o.subcategory_code IS NOT DISTINCT FROM x.subcategory_code"
        }
        "metrics" => {
            "o.catalog_id IS NOT DISTINCT FROM x.catalog_id AND (o.metric_number IS NULL) = (x.metric_number IS NULL)
             AND lower(btrim(coalesce(o.metric_number, o.name))) = lower(btrim(coalesce(x.metric_number, x.name)))"
        }
        "metric_history" => "o.metric_id = x.metric_id AND o.recorded_at = x.recorded_at",
        _ => return None,
    })
}

/// A row that is the same to people as one that was put back.
#[derive(Debug, Clone)]
pub struct Namesake {
    pub id: Uuid,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// Rows beside these that are the same to people as one of them.
pub async fn namesakes(conn: &mut PgConnection, table: &str, of: &[Uuid]) -> Result<Vec<Namesake>> {
    let Some(same) = sameness(table) else { return Ok(Vec::new()) };
    let words = format!(
        "SELECT DISTINCT o.id::text AS id, o.created_at AS created_at FROM {table} x JOIN {table} o ON {same}
         WHERE x.id = {of} AND NOT o.id = {of}",
        of = any(of)
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(words)).fetch_all(conn).await?;
    let of_row = |row: &sqlx::postgres::PgRow| -> Result<Namesake> {
        let id: String = row.try_get("id")?;
        let id = id.parse().map_err(|_| Error::failed(format!("`{id}` is not an id")))?;
        Ok(Namesake { id, created_at: row.try_get("created_at")? })
    };
    rows.iter().map(of_row).collect()
}

/// Mappings to codes that a framework does not have, among these frameworks.
pub async fn lost_mappings(conn: &mut PgConnection, frameworks: &[Uuid]) -> Result<Vec<Namesake>> {
    Ok(sqlx::query_as!(
        Namesake,
        r#"SELECT m.id AS "id!", m.created_at AS "created_at!"
           FROM metric_catalog_framework_mappings m
           LEFT JOIN framework_functions fn ON fn.framework_id = m.framework_id AND fn.code = m.function_code
           LEFT JOIN framework_categories ca ON ca.function_id = fn.id AND ca.code = m.category_code
           LEFT JOIN framework_subcategories su ON su.category_id = ca.id AND su.code = m.subcategory_code
           WHERE m.framework_id = ANY($1)
             AND (fn.id IS NULL OR m.category_code IS NOT NULL AND ca.id IS NULL OR m.subcategory_code IS NOT NULL AND su.id IS NULL)"#,
        frameworks
    )
    .fetch_all(conn)
    .await?)
}

/// Metrics of the default library whose function no framework has.
pub async fn lost_metrics(conn: &mut PgConnection) -> Result<Vec<Namesake>> {
    Ok(sqlx::query_as!(
        Namesake,
        r#"SELECT m.id, m.created_at FROM metrics m
           WHERE m.catalog_id IS NULL AND NOT EXISTS (SELECT FROM framework_functions fn WHERE fn.code = m.csf_function)"#
    )
    .fetch_all(conn)
    .await?)
}

/// The catalogs of these items, mappings and metrics.
pub async fn catalogs_of(conn: &mut PgConnection, items: &[Uuid], mappings: &[Uuid], metrics: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT i.catalog_id AS "id!" FROM metric_catalog_items i WHERE i.id = ANY($1)
           UNION SELECT i.catalog_id FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id
                 WHERE m.id = ANY($2)
           UNION SELECT me.catalog_id FROM metrics me WHERE me.id = ANY($3) AND me.catalog_id IS NOT NULL"#,
        items,
        mappings,
        metrics
    )
    .fetch_all(conn)
    .await?)
}

/// The owners of these catalogs.
pub async fn owners_of(conn: &mut PgConnection, catalogs: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT DISTINCT owner_id FROM metric_catalogs WHERE id = ANY($1)", catalogs)
        .fetch_all(conn)
        .await?)
}

/// Those of these users that are there, in the order of their ids.
pub async fn users(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT id FROM users WHERE id = ANY($1) ORDER BY id", ids).fetch_all(conn).await?)
}

/// The metrics of readings, by ids and ranges of ids.
pub async fn metrics_of(conn: &mut PgConnection, ids: &[Uuid], ranges: &[Readings]) -> Result<Vec<Uuid>> {
    let (firsts, lasts): (Vec<Uuid>, Vec<Uuid>) = ranges.iter().map(|range| (range.first, range.last)).unzip();
    Ok(sqlx::query_scalar!(
        r#"SELECT h.metric_id AS "id!" FROM metric_history h WHERE h.id = ANY($1)
           UNION SELECT h.metric_id FROM unnest($2::uuid[], $3::uuid[]) AS r (first, last)
                 JOIN metric_history h ON h.id BETWEEN r.first AND r.last"#,
        ids,
        &firsts,
        &lasts
    )
    .fetch_all(conn)
    .await?)
}

/// Those of these metrics that have readings which were stored after an instant.
pub async fn recorded_since(conn: &mut PgConnection, metrics: &[Uuid], at: NaiveDateTime) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT DISTINCT metric_id FROM metric_history WHERE metric_id = ANY($1) AND created_at > $2",
        metrics,
        at
    )
    .fetch_all(conn)
    .await?)
}

/// The newest readings of metrics, as the server writes their values in JSON.
pub async fn newest_values(conn: &mut PgConnection, metrics: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(
        r#"SELECT given.id AS "id!", to_jsonb(newest.value)::text AS "value!"
           FROM unnest($1::uuid[]) AS given (id)
           CROSS JOIN LATERAL (SELECT h.value FROM metric_history h WHERE h.metric_id = given.id
                               ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1) AS newest"#,
        metrics
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.value)).collect())
}

/// Makes the current values of those of these metrics that have readings the values of the newest.
pub async fn follow_readings(conn: &mut PgConnection, metrics: &[Uuid]) -> Result<()> {
    let done = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT m.id, newest.value FROM metrics m
               CROSS JOIN LATERAL (SELECT h.value FROM metric_history h WHERE h.metric_id = m.id
                                   ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1) AS newest
               WHERE m.id = ANY($1) AND m.current_value IS DISTINCT FROM newest.value),
           written AS (
               UPDATE metrics m SET current_value = meant.value, updated_at = now() AT TIME ZONE 'utc'
               FROM meant WHERE meant.id = m.id RETURNING m.id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        metrics
    )
    .fetch_one(conn)
    .await?;
    stored::all("metrics", done.meant, done.written)?;
    Ok(())
}

/// A reading as people read it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its metric.
    pub label: String,
    pub value: String,
    /// UTC.
    pub recorded_at: String,
}

pub async fn first_readings(conn: &mut PgConnection, range: &Readings, limit: i64) -> Result<Vec<Shown>> {
    Ok(sqlx::query_as!(
        Shown,
        r#"SELECT coalesce(m.metric_number, m.name) AS "label!", h.value::text AS "value!",
                  to_char(h.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "recorded_at!"
           FROM metric_history h JOIN metrics m ON m.id = h.metric_id
           WHERE h.id BETWEEN $1 AND $2 ORDER BY h.id LIMIT $3"#,
        range.first,
        range.last,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// What people call metrics, by their ids.
pub async fn metric_names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(r#"SELECT id, coalesce(metric_number, name) AS "name!" FROM metrics WHERE id = ANY($1)"#, ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Removes rows of a table, all of which are there.
pub async fn remove(conn: &mut PgConnection, table: &str, ids: &[Uuid]) -> Result<()> {
    for part in ids.chunks(PART) {
        let words = format!("DELETE FROM {table} WHERE id = ANY($1)");
        let removed = sqlx::query(AssertSqlSafe(words)).bind(part).execute(&mut *conn).await?;
        stored::all(table, part.len(), removed.rows_affected())?;
    }
    Ok(())
}

/// Removes the readings of a range, as many as there are. Returns how many.
pub async fn remove_readings(conn: &mut PgConnection, range: &Readings) -> Result<u64> {
    let done = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (SELECT id FROM metric_history WHERE id BETWEEN $1 AND $2),
           written AS (DELETE FROM metric_history WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        range.first,
        range.last
    )
    .fetch_one(conn)
    .await?;
    stored::all("metric_history", done.meant, done.written)
}

/// Says that users have no active catalog, for one that is going to be removed.
pub async fn let_go_of_catalogs(conn: &mut PgConnection, users: &[Uuid]) -> Result<()> {
    let words = sqlx::query!("UPDATE users SET active_catalog_id = NULL WHERE id = ANY($1)", users).execute(conn).await?;
    stored::all("users", users.len(), words.rows_affected())?;
    Ok(())
}

/// Hands rows as JSON to a statement for the columns that they have, a part of them at a time. Fails where a column is not there any
/// more.
async fn each_part<'r>(
    conn: &mut PgConnection,
    (table, known): (&str, &BTreeSet<String>),
    rows: impl Iterator<Item = (Uuid, Parts<'r>)>,
    words: impl Fn(&[String]) -> String,
) -> Result<()> {
    let mut alike: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (id, mut row) in rows {
        row.remove("id");
        if let Some(gone) = row.keys().find(|name| !known.contains(*name)) {
            return Err(Error::failed(format!("the table {table} no longer has the column {gone}"))
                .hint("`cmf migrate log` shows which migration removed it"));
        }
        if row.is_empty() {
            continue;
        }
        let names: Vec<String> = row.keys().cloned().collect();
        let id = RawValue::from_string(format!("\"{id}\"")).map_err(|error| Error::failed(error.to_string()))?;
        let mut row: Parts<'_> = row;
        row.insert("id".to_owned(), &id);
        let text = serde_json::to_string(&row).map_err(|error| Error::failed(error.to_string()))?;
        let part = alike.entry(names.clone()).or_default();
        part.push(text);
        if part.len() == PART {
            put(conn, table, words(&names), std::mem::take(part)).await?;
        }
    }
    for (names, part) in alike.into_iter().filter(|(_, part)| !part.is_empty()) {
        put(conn, table, words(&names), part).await?;
    }
    Ok(())
}

async fn put(conn: &mut PgConnection, table: &str, words: String, rows: Vec<String>) -> Result<()> {
    let json = format!("[{}]", rows.join(","));
    let done = sqlx::query(AssertSqlSafe(words)).bind(json).execute(conn).await?;
    stored::all(table, rows.len(), done.rows_affected()).map(drop)
}

fn list(names: &[String], of: impl Fn(&str) -> String) -> String {
    names.iter().map(|name| of(&quote(name))).collect::<Vec<_>>().join(", ")
}

/// Puts rows back as they were.
pub async fn put_back<'r>(
    conn: &mut PgConnection,
    table: &str,
    known: &BTreeSet<String>,
    rows: impl Iterator<Item = (Uuid, Parts<'r>)>,
) -> Result<()> {
    let words = |names: &[String]| {
        format!(
            "INSERT INTO {table} (id, {}) SELECT r.id, {} FROM jsonb_populate_recordset(NULL::{table}, $1::text::jsonb) AS r",
            list(names, str::to_owned),
            list(names, |name| format!("r.{name}"))
        )
    };
    each_part(conn, (table, known), rows, words).await
}

/// Gives rows the values that these columns of them had.
pub async fn change_back<'r>(
    conn: &mut PgConnection,
    table: &str,
    known: &BTreeSet<String>,
    rows: impl Iterator<Item = (Uuid, Parts<'r>)>,
) -> Result<()> {
    let now = if known.contains("updated_at") { ", updated_at = now() AT TIME ZONE 'utc'" } else { "" };
    let words = |names: &[String]| {
        format!(
            "UPDATE {table} AS t SET {}{now} FROM jsonb_populate_recordset(NULL::{table}, $1::text::jsonb) AS r WHERE t.id = r.id",
            list(names, |name| format!("{name} = r.{name}"))
        )
    };
    each_part(conn, (table, known), rows, words).await
}

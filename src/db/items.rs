//! The items of catalogs and their mappings, in bulk.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::copy::{Copy, Rows};
use super::images::{Scope, watch};
use super::scores::now;
use super::stored;
use crate::confirm::Confirmed;
use crate::domain::code::Position;
use crate::domain::item::{Field, Item};
use crate::domain::metric::{Direction, Priority};
use crate::error::Result;

const CATALOGS: &str = "metric_catalogs";
const ITEMS: &str = "metric_catalog_items";
const MAPPINGS: &str = "metric_catalog_framework_mappings";

/// The columns that [`row`] fills in.
macro_rules! item_columns {
    ($table:literal) => {
        concat!(
            $table,
            " (id, catalog_id, original_data, name, description, current_value, target_value, unit, direction, priority)"
        )
    };
}

/// The columns that [`mapping_row`] fills in.
macro_rules! mapping_columns {
    ($table:literal) => {
        concat!(
            $table,
            " (id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_ai_suggested, \
             is_confirmed)"
        )
    };
}

/// Runs a statement that begins with what is `meant` and what is `written`, and counts both.
macro_rules! counted {
    ($conn:ident, $table:ident => $with:literal $(, $value:expr)*) => {{
        let done = sqlx::query!(
            $with + r#" SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#
            $(, $value)*
        );
        let done = done.fetch_one($conn).await?;
        stored::all($table, done.meant, done.written)
    }};
}

/// Begins to copy items, as [`row`] writes them.
pub async fn copy(conn: &mut PgConnection) -> Result<Copy<'_>> {
    Copy::begin(conn, item_columns!("metric_catalog_items")).await
}

/// Begins to copy mappings, as [`mapping_row`] writes them.
pub async fn copy_mappings(conn: &mut PgConnection) -> Result<Copy<'_>> {
    Copy::begin(conn, mapping_columns!("metric_catalog_framework_mappings")).await
}

/// Makes the temporary tables of a re-import: the rows of the sheet, their mappings, and what the catalog's items become where
/// they differ. They have the columns of the real ones, and go with the transaction, in which an earlier file may have used them.
/// `.ci/sqlx` makes the same ones, not temporary, so that the statements on them are checked when cmf is built.
pub async fn stage(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(include_str!("stage.sql")).execute(conn).await?;
    Ok(())
}

/// Begins to copy items into the temporary table.
pub async fn copy_staged(conn: &mut PgConnection) -> Result<Copy<'_>> {
    Copy::begin(conn, item_columns!("import_items")).await
}

/// Begins to copy mappings into the temporary table.
pub async fn copy_staged_mappings(conn: &mut PgConnection) -> Result<Copy<'_>> {
    Copy::begin(conn, mapping_columns!("import_mappings")).await
}

/// A value of the sheet that is a reading of a metric.
#[derive(Debug, Clone)]
pub struct News {
    pub id: Uuid,
    pub value: Decimal,
    /// When it was measured, UTC, where the sheet says so.
    pub at: Option<NaiveDateTime>,
    /// Whether the metric has a reading at that instant, of the same value or of another.
    pub is_known: Option<bool>,
    /// The value of that reading.
    pub known_value: Option<Decimal>,
    /// What it was counted from, such as 47/50.
    pub counts: Option<String>,
    /// What people call the metric.
    pub label: String,
    pub row: i64,
}

/// The staged values that become readings: all of them where it is said when they were measured (`at`), else those that are not
/// what the sheet said the last time, for these are no newer than that, and not what the metric has. Those of a series have
/// instants of their own; the newest of them, which is the item's value, is no other reading.
pub async fn news(conn: &mut PgConnection, at: Option<NaiveDateTime>) -> Result<Vec<News>> {
    Ok(sqlx::query_as!(
        News,
        r#"SELECT s.id, n.value AS "value!", n.at, known.is_same AS is_known, known.value AS "known_value?", n.counts,
                  coalesce(s.original_data #>> '{parsed,metric_number}', s.name) AS "label!", (s.original_data #>> '{source,row}')::bigint AS "row!"
         FROM (SELECT * FROM import_items OFFSET 0) s JOIN metrics me ON me.id = s.id LEFT JOIN metric_catalog_items i ON i.id = s.id
         CROSS JOIN LATERAL (SELECT coalesce(s.original_data #> '{parsed,readings}', '{}') AS readings) AS series
         CROSS JOIN LATERAL (
             SELECT s.current_value AS value, $1::timestamp AS at,
                    (s.original_data #>> '{parsed,numerator}') || '/' || (s.original_data #>> '{parsed,denominator}') AS counts
             WHERE s.current_value IS NOT NULL
               AND NOT coalesce(series.readings ? (s.original_data #>> '{parsed,current_at}'), FALSE)
               AND ($1::timestamp IS NOT NULL
                    OR s.current_value IS DISTINCT FROM me.current_value
                       AND s.current_value IS DISTINCT FROM
                           coalesce((i.original_data #>> '{parsed,current_value}')::numeric, i.current_value))
             UNION ALL
             SELECT r.value::numeric, r.key::timestamptz AT TIME ZONE 'utc', NULL FROM jsonb_each_text(series.readings) AS r) AS n
         LEFT JOIN LATERAL (
             SELECT h.value = n.value AS is_same, h.value FROM metric_history h
             WHERE h.metric_id = s.id AND h.recorded_at = n.at ORDER BY 1 DESC LIMIT 1) AS known ON TRUE
         ORDER BY s.id, n.at"#,
        at
    )
    .fetch_all(conn)
    .await?)
}

/// A reading of the sheet at an instant of which an item that is no metric has one already.
#[derive(Debug, Clone)]
pub struct Met {
    pub is_same: bool,
    /// The instant, the value there is and that of the sheet, as they are written.
    pub at: String,
    pub known_value: String,
    pub value: String,
    pub label: String,
    pub row: i64,
}

/// The staged readings of items that are no metrics yet, at instants that these have.
pub async fn met(conn: &mut PgConnection) -> Result<Vec<Met>> {
    Ok(sqlx::query_as!(
        Met,
        r#"SELECT (i.original_data #>> ARRAY['parsed', 'readings', r.key])::numeric = r.value::numeric AS "is_same!",
                  r.key AS "at!", i.original_data #>> ARRAY['parsed', 'readings', r.key] AS "known_value!", r.value AS "value!",
                  coalesce(s.original_data #>> '{parsed,metric_number}', s.name) AS "label!", (s.original_data #>> '{source,row}')::bigint AS "row!"
         FROM (SELECT * FROM import_items OFFSET 0) s JOIN metric_catalog_items i ON i.id = s.id LEFT JOIN metrics me ON me.id = s.id
         CROSS JOIN LATERAL jsonb_each_text(coalesce(s.original_data #> '{parsed,readings}', '{}')) AS r
         WHERE me.id IS NULL AND (i.original_data #> '{parsed,readings}') ? r.key"#
    )
    .fetch_all(conn)
    .await?)
}

/// Works out what becomes of the catalog's items that the sheet has differently: what it has no column for stays as the catalog
/// knows it. Where an item stood in its file, and when a value was measured, is no difference. Items that are equal take no
/// further part, so that a sheet without news costs one look.
///
/// A direction that somebody said stays where the sheet has none, whatever its words tell.
///
/// The value of an item is the newest one: that of its metric, whose readings have those of the sheet by now; without a metric
/// the sheet's, unless that was measured (`at`, or when the sheet says) before the one that is known, or is not news. Readings
/// of a series are added to those that the item has; of two at one instant the sheet's counts, or the older one (`keep`). Of a
/// workbook it is the sheet of this name, where it has several.
pub async fn compare_staged(
    conn: &mut PgConnection,
    mapped: &[String],
    at: Option<NaiveDateTime>,
    keep: bool,
    sheet: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO import_updates (id, catalog_id, original_data, name, description, current_value, target_value, unit,
                                       direction, priority)
         SELECT i.id, i.catalog_id, i.original_data || s.original_data || jsonb_build_object('parsed', m.parsed), s.name,
                m.description, value.newest, m.target_value, m.unit, m.direction, m.priority
         FROM (SELECT * FROM import_items OFFSET 0) s JOIN metric_catalog_items i ON i.id = s.id LEFT JOIN metrics me ON me.id = i.id
         CROSS JOIN LATERAL (SELECT
             s.direction IS NULL
             OR i.direction IS NOT NULL AND i.original_data #> '{parsed,direction_told}' IS NULL
                AND s.original_data #> '{parsed,direction_told}' IS NOT NULL AS is_kept) AS said
         CROSS JOIN LATERAL (SELECT
             CASE WHEN 'description' = ANY ($1) THEN s.description ELSE i.description END AS description,
             CASE WHEN 'target_value' = ANY ($1) THEN s.target_value ELSE i.target_value END AS target_value,
             CASE WHEN 'unit' = ANY ($1) THEN s.unit ELSE coalesce(s.unit, i.unit) END AS unit,
             CASE WHEN said.is_kept THEN i.direction ELSE s.direction END AS direction,
             CASE WHEN 'priority' = ANY ($1) THEN s.priority ELSE i.priority END AS priority,
             'current_value' = ANY ($1)
                 AND ($2::timestamp IS NOT NULL
                      OR s.current_value IS DISTINCT FROM
                         coalesce((i.original_data #>> '{parsed,current_value}')::numeric, i.current_value)) AS is_news,
             coalesce((i.original_data #>> '{parsed,current_at}')::timestamptz AT TIME ZONE 'utc', i.created_at) AS known_at,
             coalesce($2, (s.original_data #>> '{parsed,current_at}')::timestamptz AT TIME ZONE 'utc') AS at,
             coalesce(i.original_data #> '{parsed,readings}', '{}') AS older,
             coalesce(s.original_data #> '{parsed,readings}', '{}') AS newer,
             (coalesce(i.original_data -> 'parsed', '{}') - $1 - ARRAY['current_at', 'direction_told', 'direction_unknown'])
                 || ((s.original_data -> 'parsed') - ARRAY['current_at', 'direction_told',
                        CASE WHEN said.is_kept AND i.direction IS NOT NULL THEN 'direction_unknown' ELSE '' END])
                 || jsonb_strip_nulls(jsonb_build_object('direction_told',
                        CASE WHEN said.is_kept THEN i.original_data ELSE s.original_data END #> '{parsed,direction_told}'))
                 AS parsed) AS known
         CROSS JOIN LATERAL (SELECT CASE WHEN $3 THEN known.newer || known.older ELSE known.older || known.newer END AS readings)
             AS series
         CROSS JOIN LATERAL (SELECT
             known.is_news AND me.id IS NULL AND (i.current_value IS NULL OR coalesce(known.at >= known.known_at, TRUE))
                 AND NOT ($3 AND coalesce(known.older ? (s.original_data #>> '{parsed,current_at}'), FALSE)) AS is_newer) AS sheet
         CROSS JOIN LATERAL (SELECT
             CASE WHEN me.id IS NOT NULL THEN me.current_value
                  WHEN sheet.is_newer THEN s.current_value ELSE i.current_value END AS newest,
             CASE WHEN sheet.is_newer
                  THEN to_char(coalesce(known.at, now() AT TIME ZONE 'utc'), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                  ELSE i.original_data #>> '{parsed,current_at}' END AS at) AS value
         CROSS JOIN LATERAL (SELECT known.description, known.target_value, known.unit, known.direction, known.priority,
             known.parsed || jsonb_strip_nulls(jsonb_build_object('current_at', value.at,
                                                                  'readings', nullif(series.readings, '{}'))) AS parsed) AS m
         WHERE ($4::text IS NULL OR s.original_data #>> '{source,sheet}' = $4)
           AND ((s.name, m.description, m.target_value, m.unit, m.direction, m.priority)
               IS DISTINCT FROM
               (i.name, i.description, i.target_value, i.unit, i.direction, i.priority)
            OR known.is_news AND value.newest IS DISTINCT FROM i.current_value
            OR (i.original_data -> 'row') IS DISTINCT FROM (s.original_data -> 'row')
            OR (m.parsed - ARRAY['current_at', 'current_value'])
               IS DISTINCT FROM ((i.original_data -> 'parsed') - ARRAY['current_at', 'current_value']))"#,
        mapped,
        at,
        keep,
        sheet
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One field of an item that the sheet has differently.
#[derive(Debug, Clone)]
pub struct Change {
    /// The metric number, else the name.
    pub metric: String,
    pub field: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// What differs between the catalog's items and what they become, in the order of the sheet, at most `limit` fields.
pub async fn changes(conn: &mut PgConnection, limit: i64) -> Result<Vec<Change>> {
    let said = Field::SPEC.into_iter().chain([Field::Numerator, Field::Denominator]);
    let said: Vec<String> = said.map(|field| field.as_str().to_owned()).collect();
    Ok(sqlx::query_as!(
        Change,
        r#"SELECT coalesce(i.original_data #>> '{parsed,metric_number}', i.name) AS "metric!", v.field AS "field!", v.old, v.new
         FROM (SELECT * FROM import_updates OFFSET 0) s JOIN metric_catalog_items i ON i.id = s.id
         CROSS JOIN LATERAL (
             SELECT * FROM (VALUES
                 (1, 'metric_number', i.original_data #>> '{parsed,metric_number}', s.original_data #>> '{parsed,metric_number}'),
                 (2, 'name', i.name::text, s.name::text),
                 (3, 'description', i.description, s.description),
                 (4, 'current_value', trim_scale(i.current_value)::text, trim_scale(s.current_value)::text),
                 (5, 'target_value', trim_scale(i.target_value)::text, trim_scale(s.target_value)::text),
                 (6, 'target_lower', i.original_data #>> '{parsed,target_lower}', s.original_data #>> '{parsed,target_lower}'),
                 (7, 'target_upper', i.original_data #>> '{parsed,target_upper}', s.original_data #>> '{parsed,target_upper}'),
                 (8, 'unit', i.unit::text, s.unit::text),
                 (9, 'direction', i.direction::text, s.direction::text),
                 (10, 'priority', i.priority::text, s.priority::text)
             ) AS known (place, field, old, new)
             UNION ALL
             SELECT 10 + said.place, said.field, i.original_data -> 'parsed' ->> said.field, s.original_data -> 'parsed' ->> said.field
             FROM unnest($2::text[]) WITH ORDINALITY AS said (field, place)
             UNION ALL
             SELECT 100, 'row: ' || key, i.original_data -> 'row' ->> key, s.original_data -> 'row' ->> key
             FROM jsonb_object_keys((i.original_data -> 'row') || (s.original_data -> 'row')) AS key
         ) AS v
         WHERE v.old IS DISTINCT FROM v.new
         ORDER BY (s.original_data #>> '{source,row}')::bigint, v.place, v.field LIMIT $1"#,
        limit,
        &said
    )
    .fetch_all(conn)
    .await?)
}

/// Adds the staged items that the catalog does not have. One that comes back to its metric has that one's value, as
/// [`compare_staged`] has it. Returns how many.
pub async fn insert_staged(conn: &mut PgConnection) -> Result<u64> {
    let now = now(conn).await?;
    counted!(conn, ITEMS => "WITH meant AS MATERIALIZED (
             SELECT s.* FROM (SELECT * FROM import_items OFFSET 0) s
             WHERE NOT EXISTS (SELECT FROM metric_catalog_items i WHERE i.id = s.id)),
         written AS (
             INSERT INTO metric_catalog_items (id, catalog_id, original_data, name, description, current_value, target_value, unit,
                                               direction, priority, created_at, updated_at)
             SELECT s.id, s.catalog_id, s.original_data, s.name, s.description,
                    CASE WHEN me.id IS NULL THEN s.current_value ELSE me.current_value END, s.target_value, s.unit,
                    CASE WHEN me.id IS NOT NULL AND (s.direction IS NULL OR s.original_data #> '{parsed,direction_told}' IS NOT NULL)
                         THEN me.direction ELSE s.direction END,
                    s.priority, $1::timestamp, $1
             FROM meant s LEFT JOIN metrics me ON me.id = s.id
             ORDER BY (s.original_data #>> '{source,row}')::bigint
             RETURNING 1)", now)
}

/// Brings the catalog's items up to date where the sheet has them differently. Returns how many.
pub async fn update_from_staged(conn: &mut PgConnection) -> Result<u64> {
    counted!(conn, ITEMS => "WITH meant AS MATERIALIZED (SELECT * FROM (SELECT * FROM import_updates OFFSET 0) s),
         written AS (
             UPDATE metric_catalog_items i SET
                 original_data = s.original_data, name = s.name, description = s.description, current_value = s.current_value,
                 target_value = s.target_value, unit = s.unit, direction = s.direction, priority = s.priority,
                 updated_at = now() AT TIME ZONE 'utc'
             FROM meant s WHERE s.id = i.id
             RETURNING 1)")
}

/// Confirms mappings that were only suggested and that the sheet names. Returns how many.
pub async fn confirm_staged_mappings(conn: &mut PgConnection) -> Result<u64> {
    counted!(conn, MAPPINGS => "WITH meant AS MATERIALIZED (
             SELECT DISTINCT m.id FROM metric_catalog_framework_mappings m JOIN (SELECT * FROM import_mappings OFFSET 0) s
               ON m.catalog_item_id = s.catalog_item_id AND m.framework_id = s.framework_id
             WHERE s.is_confirmed AND NOT m.is_confirmed
               AND (m.function_code, m.category_code, m.subcategory_code)
                   IS NOT DISTINCT FROM (s.function_code, s.category_code, s.subcategory_code)),
         written AS (
             UPDATE metric_catalog_framework_mappings SET is_confirmed = TRUE, confidence = 1
             WHERE id IN (SELECT id FROM meant) RETURNING 1)")
}

/// Adds the staged mappings that the items do not have; unconfirmed ones only where nothing is decided yet. Mappings that the
/// sheet does not name stay. Returns how many.
pub async fn insert_staged_mappings(conn: &mut PgConnection) -> Result<u64> {
    let now = now(conn).await?;
    counted!(conn, MAPPINGS => "WITH meant AS MATERIALIZED (
             SELECT s.* FROM (SELECT * FROM import_mappings OFFSET 0) s
             WHERE NOT EXISTS (
                 SELECT FROM metric_catalog_framework_mappings m
                 WHERE m.catalog_item_id = s.catalog_item_id AND m.framework_id = s.framework_id
                   AND (m.is_confirmed AND NOT s.is_confirmed OR (m.function_code, m.category_code, m.subcategory_code)
                       IS NOT DISTINCT FROM (s.function_code, s.category_code, s.subcategory_code)))),
         written AS (
             INSERT INTO metric_catalog_framework_mappings
                 (id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_ai_suggested,
                  is_confirmed, created_at)
             SELECT id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence,
                    is_ai_suggested, is_confirmed, $1::timestamp
             FROM meant RETURNING 1)", now)
}

/// The items of a catalog that are not staged: the sheet does not have them any more.
pub async fn gone(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT i.id FROM metric_catalog_items i
         WHERE i.catalog_id = $1 AND NOT EXISTS (SELECT FROM (SELECT * FROM import_items OFFSET 0) s WHERE s.id = i.id) ORDER BY i.id",
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

/// Removes items with their mappings. Returns how many items.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid], _: &Confirmed) -> Result<u64> {
    let mappings =
        sqlx::query_scalar!("SELECT id FROM metric_catalog_framework_mappings WHERE catalog_item_id = ANY ($1)", ids)
            .fetch_all(&mut *conn)
            .await?;
    super::mappings::delete(&mut *conn, &mappings).await?;
    let deleted = sqlx::query!("DELETE FROM metric_catalog_items WHERE id = ANY ($1)", ids).execute(conn).await?;
    stored::all(ITEMS, ids.len(), deleted.rows_affected())
}

/// Which of these metrics have no readings.
pub async fn without_history(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT m.id FROM metrics m
         WHERE m.id = ANY ($1) AND NOT EXISTS (SELECT FROM metric_history h WHERE h.metric_id = m.id)",
        ids
    )
    .fetch_all(conn)
    .await?)
}

/// Notes that something in a catalog changed, and how it was imported last.
pub async fn touch_catalog(conn: &mut PgConnection, catalog_id: Uuid, metadata: &Value, source_file: &str) -> Result<()> {
    let changed = sqlx::query!(
        "UPDATE metric_catalogs SET import_metadata = $2, source_file = $3, updated_at = now() AT TIME ZONE 'utc' WHERE id = $1",
        catalog_id,
        metadata,
        source_file,
    )
    .execute(conn)
    .await?;
    stored::all(CATALOGS, 1, changed.rows_affected())?;
    Ok(())
}

/// Adds an item to rows that are to be copied.
pub fn row(rows: &mut Rows, id: Uuid, catalog_id: Uuid, item: &Item, original_data: &str) {
    rows.row(10);
    rows.id(id);
    rows.id(catalog_id);
    rows.json(original_data);
    rows.text(Some(&item.name));
    rows.text(item.description.as_deref());
    rows.decimal(item.current_value);
    rows.decimal(item.target_value);
    rows.text(item.unit.as_deref());
    rows.text(item.direction.map(Direction::as_str));
    rows.text(item.priority.map(Priority::as_str));
}

/// Adds a mapping to rows that are to be copied: confirmed with confidence 1, or unconfirmed with this confidence.
pub fn mapping_row(
    rows: &mut Rows,
    id: Uuid,
    item_id: Uuid,
    framework_id: Uuid,
    position: &Position,
    unconfirmed: Option<Decimal>,
) {
    rows.row(9);
    rows.id(id);
    rows.id(item_id);
    rows.id(framework_id);
    rows.text(Some(&position.function));
    rows.text(position.category.as_deref());
    rows.text(position.subcategory.as_deref());
    rows.decimal(Some(unconfirmed.unwrap_or(Decimal::ONE)));
    rows.boolean(false);
    rows.boolean(unconfirmed.is_none());
}

pub async fn insert_catalog(
    conn: &mut PgConnection,
    id: Uuid,
    name: &str,
    description: Option<&str>,
    owner_id: Uuid,
    source_file: &str,
) -> Result<()> {
    watch(conn, Scope::Catalogs(&[id])).await?;
    let inserted = sqlx::query!(
        "INSERT INTO metric_catalogs (id, name, description, owner_id, source_file) VALUES ($1, $2, $3, $4, $5)",
        id,
        name,
        description,
        owner_id,
        source_file,
    )
    .execute(conn)
    .await?;
    stored::all(CATALOGS, 1, inserted.rows_affected())?;
    Ok(())
}

pub async fn set_import_metadata(conn: &mut PgConnection, catalog_id: Uuid, metadata: &Value) -> Result<()> {
    let changed = sqlx::query!("UPDATE metric_catalogs SET import_metadata = $2 WHERE id = $1", catalog_id, metadata)
        .execute(conn)
        .await?;
    stored::all(CATALOGS, 1, changed.rows_affected())?;
    Ok(())
}

/// The name of the owner's catalog that this sheet of this file became, if it was imported before.
pub async fn imported_before(
    conn: &mut PgConnection,
    owner_id: Uuid,
    sha256: &str,
    sheet: Option<&str>,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT name FROM metric_catalogs
         WHERE owner_id = $1 AND import_metadata ->> 'sha256' = $2 AND import_metadata ->> 'sheet' IS NOT DISTINCT FROM $3
           AND import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
         ORDER BY created_at DESC LIMIT 1",
        owner_id,
        sha256,
        sheet,
    )
    .fetch_optional(conn)
    .await?)
}

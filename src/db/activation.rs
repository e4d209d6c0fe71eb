//! Activation: a catalog's items become metrics, and the catalog its owner's active one.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::scores::now;
use super::{images, metrics, stored};
use crate::domain::metric::Direction;
use crate::domain::reading::Identity;
use crate::error::Result;

/// How many metrics an activation made and changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Items that became metrics now.
    pub created: i64,
    /// Metrics that followed a change of their item.
    pub updated: i64,
}

/// What an item lacks that a metric must have, so that the activation can say what it took instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Items without a confirmed mapping: they become no metric.
    pub unmapped: i64,
    /// Mapped items without a direction: they count as higher is better, and the scores say so.
    pub without_direction: i64,
    /// Mapped items without a priority: they count as Medium.
    pub without_priority: i64,
}

/// Counts what the catalog's items lack.
pub async fn gaps(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Gaps> {
    Ok(sqlx::query_as!(
        Gaps,
        r#"SELECT count(*) FILTER (WHERE NOT mapped) AS "unmapped!",
                  count(*) FILTER (WHERE mapped AND direction IS NULL) AS "without_direction!",
                  count(*) FILTER (WHERE mapped AND priority IS NULL) AS "without_priority!"
           FROM (SELECT i.direction, i.priority,
                        EXISTS (SELECT FROM metric_catalog_framework_mappings m
                                WHERE m.catalog_item_id = i.id AND m.is_confirmed) AS mapped
                 FROM metric_catalog_items i WHERE i.catalog_id = $1
                 -- So that it is looked up once for all three counts.
                 OFFSET 0) AS item"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// An item that would become a metric with a score by a direction that nobody set.
#[derive(Debug, Clone)]
pub struct Undirected {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
    /// Whether an import could not tell its direction; else another program, or an import that did not ask, left it without one.
    pub is_marked: bool,
}

/// The mapped items with a target and without a direction that are no metric yet, in the order of the sheet.
pub async fn undirected(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Vec<Undirected>> {
    Ok(sqlx::query_as!(
        Undirected,
        r#"SELECT i.id, i.original_data #>> '{parsed,metric_number}' AS metric_number, i.name,
                i.original_data #> '{parsed,direction_unknown}' IS NOT NULL AS "is_marked!"
         FROM metric_catalog_items i
         WHERE i.catalog_id = $1 AND i.direction IS NULL AND i.target_value IS NOT NULL
           AND EXISTS (SELECT FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id AND m.is_confirmed)
           AND NOT EXISTS (SELECT FROM metrics me WHERE me.id = i.id)
         ORDER BY (i.original_data #>> '{source,row}')::bigint, i.id"#,
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

/// Gives items their directions.
pub async fn set_directions(conn: &mut PgConnection, ids: &[Uuid], directions: &[Direction]) -> Result<()> {
    let names: Vec<String> = directions.iter().map(Direction::to_string).collect();
    let changed = sqlx::query!(
        "UPDATE metric_catalog_items i SET direction = s.direction::metric_direction, updated_at = now() AT TIME ZONE 'utc'
         FROM unnest($1::uuid[], $2::text[]) AS s (id, direction) WHERE i.id = s.id",
        ids,
        &names
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalog_items", ids.len(), changed.rows_affected())?;
    Ok(())
}

/// Makes metrics of the catalog's items that have a confirmed function, under the items' ids, and brings those that exist up to
/// date with their items. The current value of one that exists is left alone, for it follows the readings; a locked metric is left alone
/// altogether. The function and category are those of the item's first confirmed mapping, one to a CSF before others. The
/// catalog and its metrics are locked by the caller.
pub async fn upsert_metrics(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Metrics> {
    let now = now(conn).await?;
    let done = sqlx::query!(
        r#"WITH item AS (
               SELECT DISTINCT ON (i.id) i.id, i.original_data -> 'parsed' AS parsed, i.name, i.description, i.target_value, i.unit,
                      coalesce(i.direction, 'higher_is_better') AS direction, m.function_code, m.category_code,
                      coalesce(i.priority, 'Medium') AS priority, i.catalog_id, i.current_value, i.created_at
               FROM metric_catalog_items i
               JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id AND m.is_confirmed
               JOIN frameworks f ON f.id = m.framework_id
               WHERE i.catalog_id = $1
               ORDER BY i.id, f.name LIKE '%CSF%' DESC, m.created_at, m.id),
           wanted AS (
               SELECT id, (parsed ->> 'metric_number')::varchar AS metric_number, name, description, target_value,
                      (parsed ->> 'target_lower')::numeric(15, 4) AS target_lower,
                      (parsed ->> 'target_upper')::numeric(15, 4) AS target_upper, unit, direction, function_code, category_code,
                      priority, catalog_id,
                      -- The newest of what become its first readings, so that a new metric is written once.
                      (SELECT r.value::numeric(15, 4) FROM (
                           SELECT current_value AS value, coalesce((parsed ->> 'current_at')::timestamptz AT TIME ZONE 'utc', created_at) AS at
                           WHERE current_value IS NOT NULL AND NOT coalesce(parsed -> 'readings' ? (parsed ->> 'current_at'), FALSE)
                           UNION ALL
                           SELECT s.value::numeric, s.key::timestamptz AT TIME ZONE 'utc'
                           FROM jsonb_each_text(coalesce(parsed -> 'readings', '{}')) AS s) AS r ORDER BY r.at DESC LIMIT 1) AS first_value
               FROM item),
           meant AS MATERIALIZED (
               SELECT w.* FROM wanted w LEFT JOIN metrics me ON me.id = w.id
               WHERE me.id IS NULL
                  OR NOT me.is_locked
                     AND (me.metric_number, me.name, me.description, me.target_value, me.target_lower, me.target_upper, me.unit,
                          me.direction, me.csf_function, me.csf_category, me.priority)
                         IS DISTINCT FROM
                         (w.metric_number, w.name, w.description, w.target_value, w.target_lower, w.target_upper, w.unit,
                          w.direction, w.function_code, w.category_code, w.priority)),
           written AS (
               INSERT INTO metrics (id, metric_number, name, description, target_value, target_lower, target_upper, unit, direction,
                                    csf_function, csf_category, priority, catalog_id, current_value, created_at, updated_at)
               SELECT *, $2, $2 FROM meant
               ON CONFLICT ON CONSTRAINT pk_metrics DO UPDATE
                   SET metric_number = excluded.metric_number, name = excluded.name, description = excluded.description,
                       target_value = excluded.target_value, target_lower = excluded.target_lower,
                       target_upper = excluded.target_upper, unit = excluded.unit, direction = excluded.direction,
                       csf_function = excluded.csf_function, csf_category = excluded.csf_category, priority = excluded.priority,
                       updated_at = excluded.updated_at
               RETURNING xmax = 0 AS inserted)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written WHERE inserted) AS "created!",
                  (SELECT count(*) FROM written WHERE NOT inserted) AS "updated!""#,
        catalog_id,
        now
    )
    .fetch_one(conn)
    .await?;
    stored::all("metrics", done.meant, done.created + done.updated)?;
    Ok(Metrics { created: done.created, updated: done.updated })
}

/// Turns the sheet's current values into the first readings of metrics that have none, at the instant the sheet was imported (or
/// the one it names in `parsed.current_at`), beside those of its series (`parsed.readings`), and the newest into their current
/// values. Returns how many.
pub async fn insert_first_readings(conn: &mut PgConnection, catalog_id: Uuid, recorded_by: Uuid) -> Result<u64> {
    let ids = Identity::new(Uuid::now_v7());
    let now = now(conn).await?;
    let done = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT i.id, r.value, r.at, r.counts
               FROM metric_catalog_items i JOIN metrics me ON me.id = i.id
               CROSS JOIN LATERAL (SELECT coalesce(i.original_data #> '{parsed,readings}', '{}') AS readings,
                                          i.original_data #>> '{parsed,current_at}' AS current_at) AS said
               CROSS JOIN LATERAL (
                   SELECT i.current_value AS value, coalesce(said.current_at::timestamptz AT TIME ZONE 'utc', i.created_at) AS at,
                          ' [' || (i.original_data #>> '{parsed,numerator}') || '/' || (i.original_data #>> '{parsed,denominator}') || ']'
                              AS counts
                   WHERE i.current_value IS NOT NULL AND NOT coalesce(said.readings ? said.current_at, FALSE)
                   UNION ALL
                   SELECT s.value::numeric, s.key::timestamptz AT TIME ZONE 'utc', NULL FROM jsonb_each_text(said.readings) AS s) AS r
               WHERE i.catalog_id = $1 AND NOT EXISTS (SELECT FROM metric_history h WHERE h.metric_id = i.id)),
           written AS (
               INSERT INTO metric_history (id, metric_id, value, recorded_at, note, recorded_by, created_at)
               SELECT (left($3::text, -8) || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid, id, value, at,
                      'from the imported sheet' || coalesce(counts, ''), $2, $4 FROM meant RETURNING metric_id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!",
                  ARRAY(SELECT DISTINCT metric_id FROM written) AS "metrics!""#,
        catalog_id,
        recorded_by,
        ids.id(0).to_string(),
        now
    )
    .fetch_one(&mut *conn)
    .await?;
    images::added(conn, ids.range()).await?;
    let count = stored::all("metric_history", done.meant, done.written)?;
    let stale = metrics::stale(&mut *conn, Some(&done.metrics)).await?;
    metrics::refresh_current_values(conn, &stale).await?;
    Ok(count)
}

/// Marks catalogs active or not; all of them are the other way now. Fails when the owner has another active catalog
/// (`uq_metric_catalogs_one_active`).
pub async fn set_active(conn: &mut PgConnection, catalog_ids: &[Uuid], is_active: bool) -> Result<()> {
    let changed = sqlx::query!(
        "UPDATE metric_catalogs SET is_active = $2, updated_at = now() AT TIME ZONE 'utc' WHERE id = ANY($1)",
        catalog_ids,
        is_active
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalogs", catalog_ids.len(), changed.rows_affected())?;
    Ok(())
}

/// Sets the owner's active catalog, or none.
pub async fn set_users_catalog(conn: &mut PgConnection, owner_id: Uuid, catalog_id: Option<Uuid>) -> Result<()> {
    let changed =
        sqlx::query!("UPDATE users SET active_catalog_id = $2 WHERE id = $1", owner_id, catalog_id).execute(conn).await?;
    stored::all("users", 1, changed.rows_affected())?;
    Ok(())
}

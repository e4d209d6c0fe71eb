//! Activation: a catalog's items become metrics, and the catalog its owner's active one.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

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
    /// Mapped items without a direction: they count as higher is better.
    pub without_direction: i64,
    /// Mapped items without a priority: they count as Medium.
    pub without_priority: i64,
}

/// Counts what the catalog's items lack.
///
/// # Errors
/// When the database refuses.
pub async fn gaps(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Gaps> {
    Ok(sqlx::query_as!(
        Gaps,
        r#"SELECT count(*) FILTER (WHERE NOT mapped) AS "unmapped!",
                  count(*) FILTER (WHERE mapped AND direction IS NULL) AS "without_direction!",
                  count(*) FILTER (WHERE mapped AND priority IS NULL) AS "without_priority!"
           FROM (SELECT i.direction, i.priority,
                        EXISTS (SELECT FROM metric_catalog_framework_mappings m
                                WHERE m.catalog_item_id = i.id AND m.is_confirmed) AS mapped
                 FROM metric_catalog_items i WHERE i.catalog_id = $1) AS item"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// Makes metrics of the catalog's items that have a confirmed function, under the items' ids, and brings those that exist up to
/// date with their items. A metric's current value is left alone, for it follows the readings; a locked metric is left alone
/// altogether. The function and category are those of the item's first confirmed mapping, one to a CSF before others.
///
/// # Errors
/// When the database refuses.
pub async fn upsert_metrics(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Metrics> {
    Ok(sqlx::query_as!(
        Metrics,
        r#"WITH item AS (
               SELECT DISTINCT ON (i.id) i.id, i.original_data -> 'parsed' AS parsed, i.name, i.description, i.target_value, i.unit,
                      coalesce(i.direction, 'higher_is_better') AS direction, m.function_code, m.category_code,
                      coalesce(i.priority, 'Medium') AS priority, i.catalog_id
               FROM metric_catalog_items i
               JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id AND m.is_confirmed
               JOIN frameworks f ON f.id = m.framework_id
               WHERE i.catalog_id = $1
               ORDER BY i.id, f.name LIKE '%CSF%' DESC, m.created_at, m.id),
           written AS (
               INSERT INTO metrics (id, metric_number, name, description, target_value, target_lower, target_upper, unit, direction,
                                    csf_function, csf_category, priority, catalog_id)
               SELECT id, parsed ->> 'metric_number', name, description, target_value, (parsed ->> 'target_lower')::numeric,
                      (parsed ->> 'target_upper')::numeric, unit, direction, function_code, category_code, priority, catalog_id
               FROM item
               ON CONFLICT ON CONSTRAINT pk_metrics DO UPDATE
                   SET metric_number = excluded.metric_number, name = excluded.name, description = excluded.description,
                       target_value = excluded.target_value, target_lower = excluded.target_lower,
                       target_upper = excluded.target_upper, unit = excluded.unit, direction = excluded.direction,
                       csf_function = excluded.csf_function, csf_category = excluded.csf_category, priority = excluded.priority,
                       updated_at = now() AT TIME ZONE 'utc'
                   WHERE NOT metrics.is_locked
                     AND (metrics.metric_number, metrics.name, metrics.description, metrics.target_value, metrics.target_lower,
                          metrics.target_upper, metrics.unit, metrics.direction, metrics.csf_function, metrics.csf_category,
                          metrics.priority)
                         IS DISTINCT FROM
                         (excluded.metric_number, excluded.name, excluded.description, excluded.target_value, excluded.target_lower,
                          excluded.target_upper, excluded.unit, excluded.direction, excluded.csf_function, excluded.csf_category,
                          excluded.priority)
               RETURNING xmax = 0 AS inserted)
           SELECT count(*) FILTER (WHERE inserted) AS "created!", count(*) FILTER (WHERE NOT inserted) AS "updated!" FROM written"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// Turns the sheet's current values into the first readings of metrics that have none, at the instant the sheet was imported
/// (or the one it names in `parsed.current_at`). Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn insert_first_readings(conn: &mut PgConnection, catalog_id: Uuid, recorded_by: Uuid) -> Result<u64> {
    Ok(sqlx::query!(
        "INSERT INTO metric_history (metric_id, value, recorded_at, note, recorded_by)
         SELECT i.id, i.current_value, coalesce((i.original_data #>> '{parsed,current_at}')::timestamptz AT TIME ZONE 'utc', i.created_at),
                'from the imported sheet', $2
         FROM metric_catalog_items i JOIN metrics me ON me.id = i.id
         WHERE i.catalog_id = $1 AND i.current_value IS NOT NULL
           AND NOT EXISTS (SELECT FROM metric_history h WHERE h.metric_id = i.id)",
        catalog_id,
        recorded_by
    )
    .execute(conn)
    .await?
    .rows_affected())
}

/// Sets the current value of metrics that have readings but no current value yet to their newest reading.
///
/// # Errors
/// When the database refuses.
pub async fn set_missing_current_values(conn: &mut PgConnection, catalog_id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE metrics me SET current_value = newest.value, updated_at = now() AT TIME ZONE 'utc'
         FROM (SELECT DISTINCT ON (h.metric_id) h.metric_id, h.value FROM metric_history h JOIN metrics m ON m.id = h.metric_id
               WHERE m.catalog_id = $1 AND m.current_value IS NULL ORDER BY h.metric_id, h.recorded_at DESC, h.id DESC) AS newest
         WHERE me.id = newest.metric_id",
        catalog_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes the owner's other catalogs inactive. Returns the names of those that were active.
///
/// # Errors
/// When the database refuses.
pub async fn deactivate_others(conn: &mut PgConnection, owner_id: Uuid, catalog_id: Uuid) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "UPDATE metric_catalogs SET is_active = FALSE, updated_at = now() AT TIME ZONE 'utc'
         WHERE owner_id = $1 AND id <> $2 AND is_active RETURNING name",
        owner_id,
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

/// Marks a catalog active or not. Returns whether that changed it.
///
/// # Errors
/// When the owner has another active catalog (`uq_metric_catalogs_one_active`).
pub async fn set_active(conn: &mut PgConnection, catalog_id: Uuid, is_active: bool) -> Result<bool> {
    Ok(sqlx::query!(
        "UPDATE metric_catalogs SET is_active = $2, updated_at = now() AT TIME ZONE 'utc' WHERE id = $1 AND is_active <> $2",
        catalog_id,
        is_active
    )
    .execute(conn)
    .await?
    .rows_affected()
        == 1)
}

/// Sets the owner's active catalog, or none.
///
/// # Errors
/// When the database refuses.
pub async fn set_users_catalog(conn: &mut PgConnection, owner_id: Uuid, catalog_id: Option<Uuid>) -> Result<()> {
    sqlx::query!(
        "UPDATE users SET active_catalog_id = $2 WHERE id = $1 AND active_catalog_id IS DISTINCT FROM $2",
        owner_id,
        catalog_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

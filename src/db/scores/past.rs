//! What a past score is computed from beside the tables: what commands changed, and values of metrics that count no more.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::domain::number::{Number, finite};
use crate::domain::past::{Definition, Mapped, Said};
use crate::domain::score::Measure;
use crate::error::{Error, Result};

/// What the trail keeps of a command that changed a definition.
#[derive(Debug)]
pub struct Kept {
    /// When it ended, UTC.
    pub at: NaiveDateTime,
    /// Whether it may have changed what was asked for.
    pub concerns: bool,
    /// The image of one that did; none where it was not kept, or is gone.
    pub data: Option<String>,
}

/// What commands changed in metrics, mappings and items of a catalog, or of the default library for none, in the order in which they
/// ended. A recorded reading changes a metric's value only. OFFSET keeps the server from unpacking a long result once for each look
/// at it.
pub async fn kept(conn: &mut PgConnection, catalog_id: Option<Uuid>) -> Result<Vec<Kept>> {
    Ok(sqlx::query_as!(
        Kept,
        r#"SELECT l.timestamp AS "at!", c.concerns AS "concerns!", CASE WHEN c.concerns THEN i.image ->> 'data' END AS data
           FROM ai_change_log l CROSS JOIN LATERAL (SELECT l.result -> 'image' AS image OFFSET 0) AS i
           CROSS JOIN LATERAL (
               SELECT coalesce(i.image -> 'catalogs' ? coalesce($1::text, 'library'), TRUE) AS concerns) AS c
           WHERE l.source = 'cmf' AND l.action <> 'reading.record' AND jsonb_typeof(i.image) = 'object'
             AND (i.image -> 'tables' ?| ARRAY['metrics', 'metric_catalog_framework_mappings', 'metric_catalog_items']
                  OR NOT i.image ? 'tables')
             AND isfinite(l.timestamp)
           ORDER BY l.id"#,
        catalog_id.map(|id| id.to_string())
    )
    .fetch_all(conn)
    .await?)
}

/// The metrics of a catalog, or of the default library for none, with the instants when they were made, UTC; none for one that no
/// calendar has.
pub async fn made(conn: &mut PgConnection, catalog_id: Option<Uuid>) -> Result<HashMap<Uuid, Option<NaiveDateTime>>> {
    let rows = sqlx::query!(
        "SELECT m.id, CASE WHEN isfinite(m.created_at) THEN m.created_at END AS made FROM metrics m
         WHERE m.catalog_id = $1 OR $1::uuid IS NULL AND m.catalog_id IS NULL",
        catalog_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.made)).collect())
}

/// These metrics as they are, without those that are gone.
pub async fn definitions_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Definition>> {
    let rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name, m.unit, m.direction::text AS "direction!", m.priority::text AS "priority!",
                  m.target_value AS "target_value: Number", m.target_lower AS "target_lower: Number",
                  m.target_upper AS "target_upper: Number", m.current_value AS "current_value: Number", m.is_locked, m.catalog_id,
                  m.csf_function, m.csf_category, CASE WHEN isfinite(m.created_at) THEN m.created_at END AS created_at
           FROM metrics m WHERE m.id = ANY($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    let unknown = |why| Error::failed(format!("metrics has a value that cmf does not know: {why}"));
    let defined = rows.into_iter().map(|row| {
        let measure = Measure {
            direction: row.direction.parse().map_err(unknown)?,
            priority: row.priority.parse().map_err(unknown)?,
            target: finite(row.target_value),
            lower: finite(row.target_lower),
            upper: finite(row.target_upper),
            ..Measure::nothing()
        };
        let definition = Definition {
            metric_number: row.metric_number,
            name: row.name,
            unit: row.unit,
            measure,
            is_locked: row.is_locked,
            catalog_id: row.catalog_id,
            csf_function: row.csf_function,
            csf_category: row.csf_category,
            current_value: finite(row.current_value),
            created_at: row.created_at,
        };
        Ok((row.id, definition))
    });
    defined.collect()
}

/// What these items say of how their metrics are measured.
pub async fn said_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Said>> {
    let rows = sqlx::query!(
        "SELECT id, original_data #>> '{parsed,frequency}' AS frequency FROM metric_catalog_items WHERE id = ANY($1)",
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Said { frequency: row.frequency })).collect())
}

/// The mappings of these items, by their ids.
pub async fn places_of(conn: &mut PgConnection, items: &[Uuid]) -> Result<Vec<(Uuid, Mapped)>> {
    let rows = sqlx::query!(
        "SELECT id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, is_confirmed
         FROM metric_catalog_framework_mappings WHERE catalog_item_id = ANY($1)",
        items
    )
    .fetch_all(conn)
    .await?;
    let placed = rows.into_iter().map(|row| {
        let (function, category, subcategory) = (row.function_code, row.category_code, row.subcategory_code);
        let (item_id, framework_id, is_confirmed) = (row.catalog_item_id, row.framework_id, row.is_confirmed);
        (row.id, Mapped { item_id, framework_id, function, category, subcategory, is_confirmed })
    });
    Ok(placed.collect())
}

/// Whose these mappings are.
pub async fn mapped(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let rows = sqlx::query!("SELECT id, catalog_item_id FROM metric_catalog_framework_mappings WHERE id = ANY($1)", ids)
        .fetch_all(conn);
    Ok(rows.await?.into_iter().map(|row| (row.id, row.catalog_item_id)).collect())
}

/// A mapping by the table alone, which is all that is known of one that another program made.
#[derive(Debug)]
pub struct Made {
    pub id: Uuid,
    pub item_id: Uuid,
    /// UTC.
    pub at: NaiveDateTime,
    /// Whether the item has none that is older.
    pub is_earliest: bool,
}

/// The mappings of a catalog's metrics that were made after an instant.
pub async fn mapped_since(conn: &mut PgConnection, catalog_id: Uuid, at: NaiveDateTime) -> Result<Vec<Made>> {
    Ok(sqlx::query_as!(
        Made,
        r#"SELECT p.id, p.catalog_item_id AS item_id, p.created_at AS at,
                  NOT EXISTS (SELECT FROM metric_catalog_framework_mappings o
                              WHERE o.catalog_item_id = m.id AND o.created_at < p.created_at) AS "is_earliest!"
           FROM metrics m JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id
           WHERE m.catalog_id = $1 AND p.created_at > $2 AND isfinite(p.created_at)"#,
        catalog_id,
        at
    )
    .fetch_all(conn)
    .await?)
}

/// A metric's values at several instants, with the instants of the readings.
#[derive(Debug)]
pub struct Valued {
    pub id: Uuid,
    pub values: Vec<Option<Decimal>>,
    pub recorded_at: Vec<Option<NaiveDateTime>>,
}

/// The values of these metrics at each of the instants, by the rules of [`super::details`].
pub async fn values_at(conn: &mut PgConnection, ids: &[Uuid], instants: &[NaiveDateTime]) -> Result<Vec<Valued>> {
    Ok(sqlx::query_as!(
        Valued,
        r#"SELECT m.id, array_agg(nullif(coalesce(h.value, CASE WHEN m.created_at <= t.at
                            AND NOT EXISTS (SELECT FROM metric_history e WHERE e.metric_id = m.id) THEN m.current_value END), 'NaN')
                        ORDER BY t.n) AS "values!: Vec<Option<Decimal>>",
                  array_agg(CASE WHEN isfinite(h.recorded_at) THEN h.recorded_at END ORDER BY t.n)
                      AS "recorded_at!: Vec<Option<NaiveDateTime>>"
           FROM metrics m CROSS JOIN unnest($2::timestamp[]) WITH ORDINALITY AS t (at, n)
           LEFT JOIN LATERAL (
               SELECT r.value, r.recorded_at FROM metric_history r WHERE r.metric_id = m.id AND r.recorded_at <= t.at
               ORDER BY r.recorded_at DESC LIMIT 1) h ON TRUE
           WHERE m.id = ANY($1) GROUP BY m.id"#,
        ids,
        instants
    )
    .fetch_all(conn)
    .await?)
}

/// The breakdown of the newest score that was stored until an instant.
pub async fn method_at(
    conn: &mut PgConnection,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    at: NaiveDateTime,
) -> Result<Option<Value>> {
    Ok(sqlx::query_scalar!(
        "SELECT function_scores FROM framework_scores
         WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2 AND calculated_at <= $3
         ORDER BY calculated_at DESC, id DESC LIMIT 1",
        framework_id,
        catalog_id,
        at
    )
    .fetch_optional(conn)
    .await?)
}

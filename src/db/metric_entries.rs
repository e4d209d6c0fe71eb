//! Metrics with all that hangs on them, as people keep them: listed, changed, locked, added and removed.

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use super::metrics::metric;
use super::stored;
use super::value::Time;
use crate::confirm::Confirmed;
use crate::domain::item::{Field, Spec};
use crate::domain::metric::{Direction, Metric, NewMetric, Priority};
use crate::domain::number::Number;
use crate::error::{Error, Result};

/// A metric with all its columns and what hangs on it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub metric: Metric,
    pub description: Option<String>,
    pub csf_function: String,
    pub csf_category: Option<String>,
    pub catalog_id: Option<Uuid>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub updated_at: NaiveDateTime,
    /// The instant of its newest reading, UTC.
    pub last_reading: Option<NaiveDateTime>,
    /// Whether a confirmed mapping, or in the default library a known function code, ties it to a framework.
    pub is_mapped: bool,
    /// What its item keeps beside its columns.
    pub spec: Spec,
}

impl Entry {
    /// What people can change of it.
    pub fn said(&self) -> NewMetric {
        let Metric { metric_number, name, unit, direction, priority, target_value, target_lower, target_upper, .. } =
            self.metric.clone();
        NewMetric {
            metric_number,
            name,
            description: self.description.clone(),
            target_value,
            target_lower,
            target_upper,
            unit,
            direction,
            csf_function: self.csf_function.clone(),
            csf_category: self.csf_category.clone(),
            priority,
            spec: self.spec.clone(),
        }
    }

    /// How often it is measured, as its item says.
    pub fn frequency(&self) -> Option<&str> {
        self.spec.get(&Field::Frequency).map(String::as_str)
    }
}

/// The fields of [`Field::SPEC`] out of `original_data.parsed`.
fn spec(parsed: Option<&Value>) -> Spec {
    let text = |field: Field| Some((field, parsed?.get(field.as_str())?.as_str()?.to_owned()));
    Field::SPEC.into_iter().filter_map(text).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricScope {
    /// Those of the active catalogs and of the default library.
    Active,
    Catalog(Uuid),
    Default,
    All,
}

impl MetricScope {
    const fn name(self) -> &'static str {
        match self {
            MetricScope::Active => "active",
            MetricScope::Catalog(_) => "catalog",
            MetricScope::Default => "default",
            MetricScope::All => "all",
        }
    }

    const fn catalog_id(self) -> Option<Uuid> {
        match self {
            MetricScope::Catalog(id) => Some(id),
            _ => None,
        }
    }
}

/// The metrics in a scope, by number and name; or those of them with these ids.
pub async fn list(conn: &mut PgConnection, scope: MetricScope, ids: Option<&[Uuid]>) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    each(conn, scope, ids, |entry| {
        entries.push(entry);
        Ok(())
    })
    .await?;
    Ok(entries)
}

/// The metrics that may have this name, by number, name or id, of one catalog, or of the active catalogs and the default library, or
/// of all. The texts are folded; what the server may fold otherwise, which is all that is not ASCII, comes along.
pub async fn called(
    conn: &mut PgConnection,
    scope: MetricScope,
    folded: &[String],
) -> Result<Vec<(Uuid, Option<String>, String)>> {
    let lengths: Vec<i32> = folded.iter().filter_map(|text| i32::try_from(text.len()).ok()).collect();
    let ids: Vec<Uuid> = folded.iter().filter_map(|text| text.parse().ok()).collect();
    let rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE CASE $1 WHEN 'all' THEN TRUE WHEN 'default' THEN m.catalog_id IS NULL WHEN 'catalog' THEN m.catalog_id = $2
                         ELSE m.catalog_id IS NULL OR c.is_active END
             AND (octet_length(m.metric_number) = ANY($4) AND lower(m.metric_number) = ANY($3)
                  OR octet_length(m.name) = ANY($4) AND lower(m.name) = ANY($3)
                  OR m.id = ANY($5)
                  OR octet_length(m.name) <> length(btrim(m.name, E' \t\n\x0b\f\r'))
                  OR octet_length(m.metric_number) <> length(btrim(m.metric_number, E' \t\n\x0b\f\r')))"#,
        scope.name(),
        scope.catalog_id(),
        folded,
        &lengths,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.metric_number, row.name)).collect())
}

/// Hands the metrics of [`list`] to `take` as they arrive, so that memory does not grow with their number.
pub async fn each(
    conn: &mut PgConnection,
    scope: MetricScope,
    ids: Option<&[Uuid]>,
    mut take: impl FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let mut rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name, m.description, m.current_value AS "current_value: Number",
                  m.target_value AS "target_value: Number", m.target_lower AS "target_lower: Number",
                  m.target_upper AS "target_upper: Number", m.unit, m.direction::text AS "direction!: Direction", m.csf_function,
                  m.csf_category, m.priority::text AS "priority!: Priority",
                  coalesce(i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL,
                           FALSE) AS "is_assumed!", i.original_data -> 'parsed' AS parsed,
                  m.is_locked, m.catalog_id, c.name AS "catalog?", m.created_at AS "created_at!: Time", m.updated_at AS "updated_at!: Time",
                  (SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id
                   ORDER BY h.recorded_at DESC LIMIT 1) AS "last_reading!: Time",
                  CASE WHEN m.catalog_id IS NULL
                       THEN EXISTS (SELECT FROM framework_functions fn WHERE fn.code = m.csf_function)
                       ELSE EXISTS (SELECT FROM metric_catalog_framework_mappings map
                                    WHERE map.catalog_item_id = m.id AND map.is_confirmed) END AS "is_mapped!"
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id LEFT JOIN metric_catalog_items i ON i.id = m.id
           WHERE CASE $1 WHEN 'all' THEN TRUE WHEN 'default' THEN m.catalog_id IS NULL WHEN 'catalog' THEN m.catalog_id = $2
                         ELSE m.catalog_id IS NULL OR c.is_active END
             AND ($3::uuid[] IS NULL OR m.id = ANY($3))
           ORDER BY m.metric_number NULLS LAST, m.name, m.id"#,
        scope.name(),
        scope.catalog_id(),
        ids as Option<&[Uuid]>
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(Entry {
            metric: metric!(row),
            description: row.description,
            csf_function: row.csf_function,
            csf_category: row.csf_category,
            catalog_id: row.catalog_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            last_reading: row.last_reading.into(),
            is_mapped: row.is_mapped,
            spec: spec(row.parsed.as_ref()),
        })?;
    }
    Ok(())
}

/// A place of a framework that a metric's item is mapped to.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub name: String,
    pub version: String,
    pub function_code: String,
    pub category_code: Option<String>,
    pub subcategory_code: Option<String>,
    pub confidence: Option<Decimal>,
    pub is_ai_suggested: bool,
    pub is_confirmed: bool,
}

/// The mappings of an item, in the order of [`list`](super::mappings::list).
pub async fn mappings(conn: &mut PgConnection, item_id: Uuid) -> Result<Vec<Mapping>> {
    Ok(sqlx::query_as!(
        Mapping,
        "SELECT f.name, f.version, m.function_code, m.category_code, m.subcategory_code, m.confidence, m.is_ai_suggested, m.is_confirmed
         FROM metric_catalog_framework_mappings m JOIN frameworks f ON f.id = m.framework_id
         WHERE m.catalog_item_id = $1
         ORDER BY m.is_confirmed DESC, CASE WHEN m.is_confirmed THEN m.created_at END,
                  CASE WHEN NOT m.is_confirmed THEN m.confidence END DESC NULLS LAST, m.id",
        item_id
    )
    .fetch_all(conn)
    .await?)
}

/// The row of the sheet that an item came from, as `original_data` keeps it; nothing for a metric of the default library.
pub async fn original_data(conn: &mut PgConnection, item_id: Uuid) -> Result<Option<Value>> {
    Ok(sqlx::query_scalar!("SELECT original_data FROM metric_catalog_items WHERE id = $1", item_id)
        .fetch_optional(conn)
        .await?)
}

/// How many readings a metric has.
pub async fn readings(conn: &mut PgConnection, id: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM metric_history WHERE metric_id = $1"#, id)
        .fetch_one(conn)
        .await?)
}

/// Locks metrics against edits and readings, or unlocks them. Returns the ids of those that this changed.
pub async fn set_locked(conn: &mut PgConnection, ids: &[Uuid], is_locked: bool) -> Result<Vec<Uuid>> {
    let changed = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (SELECT id FROM metrics WHERE id = ANY($1) AND is_locked <> $2),
           written AS (
               UPDATE metrics SET is_locked = $2, updated_at = now() AT TIME ZONE 'utc'
               WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", ARRAY(SELECT id FROM written) AS "written!""#,
        ids,
        is_locked
    )
    .fetch_one(conn)
    .await?;
    stored::all("metrics", changed.meant, changed.written.len())?;
    Ok(changed.written)
}

/// A target or bound to write.
fn to_write(number: Option<Number>) -> Result<Option<Decimal>> {
    let refused = || {
        Error::failed("the metric has the target or bound NaN, which cmf never writes")
            .hint("set a number, or empty it with --clear")
    };
    number.map(|number| number.finite().ok_or_else(refused)).transpose()
}

/// Writes what people say of a metric. Fails when the lower bound is above the upper one (`ck_metrics_bounds`).
pub async fn update(conn: &mut PgConnection, id: Uuid, metric: &NewMetric) -> Result<()> {
    let updated = sqlx::query!(
        "UPDATE metrics
         SET metric_number = $2, name = $3, description = $4, target_value = $5, target_lower = $6, target_upper = $7, unit = $8,
             direction = $9::text::metric_direction, csf_function = $10, csf_category = $11,
             priority = $12::text::metric_priority, updated_at = now() AT TIME ZONE 'utc'
         WHERE id = $1",
        id,
        metric.metric_number,
        metric.name,
        metric.description,
        to_write(metric.target_value)?,
        to_write(metric.target_lower)?,
        to_write(metric.target_upper)?,
        metric.unit,
        metric.direction.as_str(),
        metric.csf_function,
        metric.csf_category,
        metric.priority.as_str(),
    )
    .execute(conn)
    .await?;
    stored::all("metrics", 1, updated.rows_affected())?;
    Ok(())
}

/// Writes a metric's columns to the item it was made from, so that the next activation does not undo the change. What items
/// have no column for goes into `original_data.parsed`; the row of the sheet stays as it was. A metric whose item was pruned has none.
/// A direction that nobody set (`is_said`) stays what it is to the item. Says whether there is an item.
pub async fn update_item(conn: &mut PgConnection, id: Uuid, metric: &NewMetric, is_said: bool) -> Result<bool> {
    let named = Field::SPEC.map(|field| field.as_str().to_owned());
    let spec: Value = metric.spec.iter().map(|(field, text)| (field.as_str().to_owned(), Value::from(text.as_str()))).collect();
    let item = sqlx::query!(
        r#"WITH written AS (
               UPDATE metric_catalog_items
               SET name = $2, description = $3, target_value = $4, unit = $5,
                   direction = CASE WHEN $11 THEN $6::text::metric_direction ELSE direction END,
                   priority = $7::text::metric_priority, updated_at = now() AT TIME ZONE 'utc',
                   original_data = jsonb_set(original_data, '{parsed}',
                       (coalesce(original_data -> 'parsed', '{}') - ARRAY['metric_number', 'target_lower', 'target_upper']
                        - CASE WHEN $11 THEN 'direction_told' ELSE '' END - $12::text[])
                       || jsonb_strip_nulls(jsonb_build_object('metric_number', $8::text, 'target_lower', $9::numeric::text,
                                                               'target_upper', $10::numeric::text))
                       || $13::jsonb)
               WHERE id = $1 RETURNING id)
           SELECT (SELECT count(*) FROM metric_catalog_items WHERE id = $1) AS "meant!",
                  (SELECT count(*) FROM written) AS "written!""#,
        id,
        metric.name,
        metric.description,
        to_write(metric.target_value)?,
        metric.unit,
        metric.direction.as_str(),
        metric.priority.as_str(),
        metric.metric_number,
        to_write(metric.target_lower)?,
        to_write(metric.target_upper)?,
        is_said,
        &named,
        spec,
    )
    .fetch_one(conn)
    .await?;
    stored::all("metric_catalog_items", item.meant, item.written)?;
    Ok(item.meant > 0)
}

/// Adds a metric to the default library. Fails when the lower bound is above the upper one (`ck_metrics_bounds`).
pub async fn insert(conn: &mut PgConnection, id: Uuid, metric: &NewMetric) -> Result<()> {
    let inserted = sqlx::query!(
        "INSERT INTO metrics (id, metric_number, name, description, target_value, target_lower, target_upper, unit, direction,
                              csf_function, csf_category, priority)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::metric_direction, $10, $11, $12::text::metric_priority)",
        id,
        metric.metric_number,
        metric.name,
        metric.description,
        to_write(metric.target_value)?,
        to_write(metric.target_lower)?,
        to_write(metric.target_upper)?,
        metric.unit,
        metric.direction.as_str(),
        metric.csf_function,
        metric.csf_category,
        metric.priority.as_str(),
    )
    .execute(conn)
    .await?;
    stored::all("metrics", 1, inserted.rows_affected())?;
    Ok(())
}

/// Deletes the readings of metrics, as many as were counted.
pub async fn delete_readings(conn: &mut PgConnection, ids: &[Uuid], _: &Confirmed) -> Result<u64> {
    watch(conn, Scope::ReadingsOf(ids)).await?;
    let deleted = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (SELECT id FROM metric_history WHERE metric_id = ANY($1)),
           written AS (DELETE FROM metric_history WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        ids
    )
    .fetch_one(conn)
    .await?;
    stored::all("metric_history", deleted.meant, deleted.written)
}

/// Deletes metrics, which are locked. Fails while they have readings (`fk_metric_history_metric`).
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid], _: &Confirmed) -> Result<u64> {
    let deleted = sqlx::query!("DELETE FROM metrics WHERE id = ANY($1)", ids).execute(conn).await?;
    stored::all("metrics", ids.len(), deleted.rows_affected())
}

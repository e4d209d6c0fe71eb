//! Readings: storing them, and finding what is there already.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// Readings to store, column by column. Their metrics' rows are locked by the caller.
#[derive(Debug, Default)]
pub struct Batch {
    pub ids: Vec<Uuid>,
    pub metric_ids: Vec<Uuid>,
    pub values: Vec<Decimal>,
    /// UTC; `None` is the server's clock when the batch arrives.
    pub recorded_at: Vec<Option<NaiveDateTime>>,
    pub notes: Vec<Option<String>>,
    pub recorded_by: Vec<Option<Uuid>>,
}

/// What became of one reading of a batch.
#[derive(Debug, Clone)]
pub struct Met {
    pub id: Uuid,
    pub recorded_at: NaiveDateTime,
    /// The value that the metric has at this instant already; then nothing was added.
    pub known_value: Option<Decimal>,
}

/// Adds the readings of a batch whose metric has none at their instant. Where it has one with another value, that reading
/// takes the new value if `replace` is set, and stays as it is otherwise. A batch names a metric's instant once.
///
/// # Errors
/// When the database refuses.
pub async fn add(conn: &mut PgConnection, batch: &Batch, replace: bool) -> Result<Vec<Met>> {
    Ok(sqlx::query_as!(
        Met,
        r#"WITH clock AS MATERIALIZED (SELECT clock_timestamp() AT TIME ZONE 'utc' AS now),
           given AS (
               SELECT g.id, g.metric_id, g.value, coalesce(g.recorded_at, clock.now) AS recorded_at, g.note, g.recorded_by
               FROM clock, unnest($1::uuid[], $2::uuid[], $3::numeric[], $4::timestamp[], $5::text[], $6::uuid[])
                    AS g (id, metric_id, value, recorded_at, note, recorded_by)
           ),
           met AS MATERIALIZED (
               SELECT given.*, known.id AS known_id, known.value AS known_value
               FROM given LEFT JOIN LATERAL (
                   SELECT h.id, h.value FROM metric_history h
                   WHERE h.metric_id = given.metric_id AND h.recorded_at = given.recorded_at
                   ORDER BY h.value = given.value DESC LIMIT 1
               ) known ON TRUE
           ),
           added AS (
               INSERT INTO metric_history (id, metric_id, value, recorded_at, note, recorded_by)
               SELECT id, metric_id, value, recorded_at, note, recorded_by FROM met WHERE known_id IS NULL
           ),
           replaced AS (
               UPDATE metric_history h SET value = met.value, note = met.note, recorded_by = met.recorded_by
               FROM met WHERE $7 AND h.id = met.known_id AND met.known_value <> met.value
           )
           SELECT id AS "id!", recorded_at AS "recorded_at!", known_value AS "known_value?" FROM met"#,
        &batch.ids,
        &batch.metric_ids,
        &batch.values,
        &batch.recorded_at as &[Option<NaiveDateTime>],
        &batch.notes as &[Option<String>],
        &batch.recorded_by as &[Option<Uuid>],
        replace,
    )
    .fetch_all(conn)
    .await?)
}

/// A reading with the name of who recorded it.
#[derive(Debug, Clone)]
pub struct Reading {
    pub id: Uuid,
    pub value: Decimal,
    /// UTC.
    pub recorded_at: NaiveDateTime,
    pub note: Option<String>,
    pub recorded_by: Option<String>,
}

/// The readings of a metric between two instants (the first included, the second not), the newest `limit` of them, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn history(
    conn: &mut PgConnection,
    metric_id: Uuid,
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
    limit: Option<i64>,
) -> Result<Vec<Reading>> {
    Ok(sqlx::query_as!(
        Reading,
        r#"SELECT newest.id AS "id!", newest.value AS "value!", newest.recorded_at AS "recorded_at!", newest.note,
                  u.username AS "recorded_by?"
           FROM (
               SELECT * FROM metric_history h
               WHERE h.metric_id = $1 AND ($2::timestamp IS NULL OR h.recorded_at >= $2)
                 AND ($3::timestamp IS NULL OR h.recorded_at < $3)
               ORDER BY h.recorded_at DESC, h.id DESC LIMIT $4
           ) newest LEFT JOIN users u ON u.id = newest.recorded_by
           ORDER BY newest.recorded_at, newest.id"#,
        metric_id,
        from,
        to,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

//! Readings: storing them, and finding what exists already.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::copy::{Copy, Rows};
use super::images::{Scope, watch};
use super::value::Time;
use super::{audit, literal, stored};
use crate::domain::frequency::Freshness;
use crate::domain::number::Number;
use crate::domain::reading::{Counted, Recent};
use crate::error::Result;

const TABLE: &str = "metric_history";

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
    pub known_value: Option<Number>,
}

/// [`add`] with these columns more, and how many rows it added.
macro_rules! added {
    ($conn:expr, $batch:expr, $columns:literal, $values:literal $(, $more:expr)?) => {{
        let rows = sqlx::query!(
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
                   INSERT INTO metric_history ("#
                + $columns
                + r#") SELECT "#
                + $values
                + r#" FROM met WHERE known_id IS NULL
                   RETURNING id
               )
               SELECT id AS "id!", recorded_at AS "recorded_at!", known_value AS "known_value?: Number",
                      (SELECT count(*) FROM added) AS "added!" FROM met"#,
            &$batch.ids,
            &$batch.metric_ids,
            &$batch.values,
            &$batch.recorded_at as &[Option<NaiveDateTime>],
            &$batch.notes as &[Option<String>],
            &$batch.recorded_by as &[Option<Uuid>]
            $(, $more)?
        );
        let rows = rows.fetch_all($conn).await?;
        let added = rows.first().map_or(0, |row| row.added);
        let met = rows.into_iter().map(|row| Met { id: row.id, recorded_at: row.recorded_at, known_value: row.known_value });
        (met.collect::<Vec<_>>(), added)
    }};
}

/// Adds the readings of a batch whose metric has none at their instant; what is there stays. A batch names a metric's instant
/// once. Whoever may only add may do this.
pub async fn add(conn: &mut PgConnection, batch: &Batch) -> Result<Vec<Met>> {
    let begun = sqlx::query_scalar!(
        "SELECT CASE WHEN has_column_privilege('metric_history', 'created_at', 'INSERT') THEN now() AT TIME ZONE 'utc' END"
    );
    let begun = begun.fetch_one(&mut *conn).await?;
    let (met, added) = if let Some(begun) = begun {
        added!(
            conn,
            batch,
            "id, metric_id, value, recorded_at, note, recorded_by, created_at",
            "id, metric_id, value, recorded_at, note, recorded_by, $7",
            begun
        )
    } else {
        // Whoever may add readings and no more does not say when a row was made.
        added!(
            conn,
            batch,
            "id, metric_id, value, recorded_at, note, recorded_by",
            "id, metric_id, value, recorded_at, note, recorded_by"
        )
    };
    stored::all(TABLE, met.iter().filter(|met| met.known_value.is_none()).count(), added)?;
    Ok(met)
}

/// Gives readings that are stored the value, note and recorder of the batch's readings of the same metric and instant.
pub async fn replace(conn: &mut PgConnection, batch: &Batch) -> Result<()> {
    watch(conn, Scope::ReadingsOf(&batch.metric_ids)).await?;
    let replaced = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT h.id, g.value, g.note, g.recorded_by
               FROM metric_history h JOIN unnest($1::uuid[], $2::numeric[], $3::timestamp[], $4::text[], $5::uuid[])
                    AS g (metric_id, value, recorded_at, note, recorded_by)
                 ON h.metric_id = g.metric_id AND h.recorded_at = g.recorded_at AND h.value <> g.value),
           written AS (
               UPDATE metric_history h SET value = g.value, note = g.note, recorded_by = g.recorded_by
               FROM meant g WHERE g.id = h.id RETURNING h.id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        &batch.metric_ids,
        &batch.values,
        &batch.recorded_at as &[Option<NaiveDateTime>],
        &batch.notes as &[Option<String>],
        &batch.recorded_by as &[Option<Uuid>],
    )
    .fetch_one(conn)
    .await?;
    stored::all(TABLE, replaced.meant, replaced.written)?;
    Ok(())
}

/// The only reading of a command. Its metric's row is locked by the caller.
#[derive(Debug, Clone, Copy)]
pub struct Only<'a> {
    pub id: Uuid,
    pub metric_id: Uuid,
    pub value: Decimal,
    /// UTC; `None` is the server's clock when the reading arrives.
    pub recorded_at: Option<NaiveDateTime>,
    pub note: Option<&'a str>,
    pub recorded_by: Option<Uuid>,
    /// When the transaction began, by the server's clock, UTC; nothing for a role that may not say when a row was made.
    pub created_at: Option<NaiveDateTime>,
}

/// Adds a reading, makes `current_value` that of the newest one and claims the chain of the trail, in one message. Returns the
/// reading's instant and the metric's value now. Where the metric has a reading at that instant already, nothing is done.
pub async fn add_only(
    conn: &mut PgConnection,
    only: &Only<'_>,
) -> Result<Option<(NaiveDateTime, Option<Number>, audit::Claimed)>> {
    let (id, metric_id, value) = (only.id, only.metric_id, only.value);
    let at = only
        .recorded_at
        .map_or("clock_timestamp() AT TIME ZONE 'utc'".into(), |at| format!("timestamp '{}'", at.format("%F %T%.6f")));
    let (column, created) = match only.created_at {
        Some(at) => (", created_at", format!(", timestamp '{}'", at.format("%F %T%.6f"))),
        None => ("", String::new()),
    };
    let note = only.note.map_or("NULL".into(), literal);
    let by = only.recorded_by.map_or("NULL".into(), |id| format!("'{id}'"));
    // Without parameters the server reads and plans each statement once; one statement for all takes it longer, and so does
    // a join, which OFFSET 0 keeps it from making of the comparison.
    let words = format!(
        "INSERT INTO metric_history (id, metric_id, value, recorded_at, note, recorded_by{column})
         SELECT '{id}', '{metric_id}', {value}, at, {note}, {by}{created} FROM (SELECT {at} AS at OFFSET 0) AS given
         WHERE NOT EXISTS (SELECT FROM metric_history WHERE metric_id = '{metric_id}' AND recorded_at = at OFFSET 0)
         RETURNING recorded_at;
         UPDATE metrics SET updated_at = now() AT TIME ZONE 'utc', current_value = (
             SELECT value FROM metric_history WHERE metric_id = '{metric_id}' ORDER BY recorded_at DESC, id DESC LIMIT 1)
         WHERE id = '{metric_id}' AND EXISTS (SELECT FROM metric_history WHERE id = '{id}') RETURNING current_value AS stored;
         SELECT {};
         {}",
        audit::lock(),
        audit::newest()
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(words)).fetch_all(conn).await?;
    let Some(recorded_at) = rows.iter().find_map(|row| row.try_get("recorded_at").ok()) else { return Ok(None) };
    stored::all("metrics", 1, rows.iter().filter(|row| row.try_get_raw("stored").is_ok()).count())?;
    let current = rows.iter().find_map(|row| row.try_get("stored").ok()).flatten();
    Ok(Some((recorded_at, current, audit::Claimed::of(rows))))
}

/// Which of a command's readings are stored, by the range of ids that only this command uses, with their instants.
pub async fn stored(conn: &mut PgConnection, first: Uuid, last: Uuid) -> Result<Vec<(Uuid, NaiveDateTime)>> {
    let rows = sqlx::query!("SELECT id, recorded_at FROM metric_history WHERE id BETWEEN $1 AND $2", first, last)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.recorded_at)).collect())
}

/// How many of a command's readings are stored, by the range of ids that only this command uses.
pub async fn count_stored(conn: &mut PgConnection, first: Uuid, last: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM metric_history WHERE id BETWEEN $1 AND $2"#, first, last)
        .fetch_one(conn)
        .await?)
}

/// Whether a reading between these ids meets one of another command at the same instant, among these metrics.
pub async fn collide(conn: &mut PgConnection, metric_ids: &[Uuid], first: Uuid, last: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM metric_history own
               JOIN metric_history other ON other.metric_id = own.metric_id AND other.recorded_at = own.recorded_at
               WHERE own.metric_id = ANY($1) AND own.id BETWEEN $2 AND $3 AND other.id NOT BETWEEN $2 AND $3
           ) AS "any!""#,
        metric_ids,
        first,
        last,
    )
    .fetch_one(conn)
    .await?)
}

/// Waits for other transactions that record under the same identity, and keeps further ones out until this one ends. Fails when
/// another one holds it for too long.
pub async fn claim(conn: &mut PgConnection, identity: i64) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", identity).execute(conn).await?;
    Ok(())
}

/// What [`row`] fills in of `metric_history`.
const COPIED: &str = "metric_history (id, metric_id, value, recorded_at, note, recorded_by)";

/// Adds a reading to rows that are to be copied. The value is in ten-thousandths.
pub fn row(
    rows: &mut Rows,
    id: Uuid,
    metric_id: Uuid,
    value: i64,
    recorded_at: NaiveDateTime,
    note: Option<&str>,
    recorded_by: Option<Uuid>,
) {
    rows.row(6);
    rows.id(id);
    rows.id(metric_id);
    rows.units(value);
    rows.time(recorded_at);
    rows.text(note);
    match recorded_by {
        Some(id) => rows.id(id),
        None => rows.null(),
    }
}

/// Begins to copy readings, as [`row`] writes them.
pub async fn copy(conn: &mut PgConnection) -> Result<Copy<'_>> {
    Copy::begin(conn, COPIED).await
}

/// A reading that was rolled back: all that is needed to record it again.
#[derive(Debug, Clone)]
pub struct TakenBack {
    pub value: Number,
    /// UTC.
    pub recorded_at: NaiveDateTime,
    pub note: Option<String>,
    pub recorded_by: Option<Uuid>,
}

/// Takes a reading back and returns what it was; nothing when it is not there.
pub async fn take_back(conn: &mut PgConnection, id: Uuid) -> Result<Option<TakenBack>> {
    watch(conn, Scope::Reading(id)).await?;
    let taken = sqlx::query_as!(
        TakenBack,
        r#"DELETE FROM metric_history WHERE id = $1
           RETURNING value AS "value!: Number", recorded_at AS "recorded_at!: Time", note, recorded_by"#,
        id
    )
    .fetch_optional(&mut *conn)
    .await?;
    if taken.is_none() {
        stored::all(TABLE, count_stored(conn, id, id).await?, 0)?;
    }
    Ok(taken)
}

/// The metric a reading is of, by its number or name.
pub async fn metric_of(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Uuid, String)>> {
    let row = sqlx::query!(
        r#"SELECT m.id, coalesce(m.metric_number, m.name) AS "label!"
           FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE h.id = $1"#,
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id, row.label)))
}

/// A metric without a recent reading.
#[derive(Debug, Clone)]
pub struct Stale {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
    pub catalog: Option<String>,
    pub current_value: Option<Number>,
    /// The newest reading, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// Whole days since then, by the server's clock.
    pub days: Option<i64>,
}

/// How often metrics are measured, as their items say.
async fn frequencies(conn: &mut PgConnection) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(
        r#"SELECT id, original_data #>> '{parsed,frequency}' AS "frequency!" FROM metric_catalog_items
           WHERE original_data #>> '{parsed,frequency}' IS NOT NULL"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.frequency)).collect())
}

/// The metrics without a reading that is young enough, the longest silent first.
pub async fn stale(conn: &mut PgConnection, catalog_id: Option<Uuid>, freshness: &Freshness) -> Result<Vec<Stale>> {
    // A recorder may not look at the rows that metrics came from, and where one age is for all they say nothing.
    let said = if freshness.age.is_none() { frequencies(conn).await? } else { HashMap::new() };
    let mut rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name, c.name AS "catalog?", m.current_value AS "current_value: Number",
                  newest.recorded_at AS "recorded_at!: Time",
                  CASE WHEN isfinite(newest.recorded_at)
                       THEN floor(extract(epoch FROM clock.now - newest.recorded_at) / 86400)::bigint END AS days, clock.now AS "now!"
           FROM (SELECT now() AT TIME ZONE 'utc' AS now) clock
           CROSS JOIN metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           LEFT JOIN LATERAL (
               SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id ORDER BY h.recorded_at DESC LIMIT 1
           ) newest ON TRUE
           WHERE CASE WHEN $1::uuid IS NULL THEN m.catalog_id IS NULL OR c.is_active ELSE m.catalog_id = $1 END
           ORDER BY newest.recorded_at NULLS FIRST, m.metric_number, m.name"#,
        catalog_id,
    )
    .fetch(conn);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let recorded_at = row.recorded_at.into();
        if freshness.is_stale(recorded_at, said.get(&row.id).map(String::as_str), row.now) {
            found.push(Stale {
                id: row.id,
                metric_number: row.metric_number,
                name: row.name,
                catalog: row.catalog,
                current_value: row.current_value,
                recorded_at,
                days: row.days,
            });
        }
    }
    Ok(found)
}

/// The newest readings of metrics.
pub async fn recent(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Recent)>> {
    Ok(sqlx::query!(
        r#"SELECT given.id AS "id!", array_to_string(ARRAY(
                      SELECT h.value FROM metric_history h WHERE h.metric_id = given.id ORDER BY h.recorded_at DESC LIMIT 20), ' ') AS "recent!"
           FROM unnest($1::uuid[]) AS given (id)"#,
        ids
    )
    .fetch(conn)
    .map_ok(|row| (row.id, super::metrics::recent(&row.recent)))
    .try_collect()
    .await?)
}

/// One of the newest readings of several metrics.
#[derive(Debug, Clone)]
pub struct Newest {
    pub metric_id: Uuid,
    /// UTC.
    pub recorded_at: NaiveDateTime,
    pub value: Number,
    pub note: Option<String>,
}

/// A reading with the name of who recorded it.
#[derive(Debug, Clone)]
pub struct Reading {
    pub id: Uuid,
    pub value: Number,
    /// UTC.
    pub recorded_at: NaiveDateTime,
    pub note: Option<String>,
    pub recorded_by: Option<String>,
}

impl Reading {
    /// What its value was counted from, where it says so.
    pub fn counted(&self) -> Option<Counted> {
        Counted::read(self.note.as_deref()?, self.value.finite()?)
    }
}

/// The newest readings of each of these metrics up to an instant, at most `limit` of each, oldest first.
pub async fn newest(conn: &mut PgConnection, metric_ids: &[Uuid], to: NaiveDateTime, limit: i64) -> Result<Vec<Newest>> {
    Ok(sqlx::query_as!(
        Newest,
        r#"SELECT m.id AS "metric_id!", h.recorded_at AS "recorded_at!: Time", h.value AS "value!: Number", h.note
           FROM unnest($1::uuid[]) AS m (id) CROSS JOIN LATERAL (
               SELECT recorded_at, value, note, id FROM metric_history
               WHERE metric_id = m.id AND recorded_at <= $2 ORDER BY recorded_at DESC, id DESC LIMIT $3
           ) h ORDER BY m.id, h.recorded_at, h.id"#,
        metric_ids,
        to,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// The readings of a metric between two instants (the first included, the second not), the newest `limit` of them, oldest first.
pub async fn history(
    conn: &mut PgConnection,
    metric_id: Uuid,
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
    limit: Option<i64>,
) -> Result<Vec<Reading>> {
    let mut readings = Vec::new();
    let take = |reading| {
        readings.push(reading);
        Ok(())
    };
    each_of(conn, metric_id, from, to, limit, take).await?;
    Ok(readings)
}

/// Hands them to `take` as they arrive.
pub async fn each_of(
    conn: &mut PgConnection,
    metric_id: Uuid,
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
    limit: Option<i64>,
    mut take: impl FnMut(Reading) -> Result<()>,
) -> Result<()> {
    let mut readings = sqlx::query_as!(
        Reading,
        r#"SELECT newest.id AS "id!", newest.value AS "value!: Number", newest.recorded_at AS "recorded_at!: Time", newest.note,
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
    .fetch(conn);
    while let Some(reading) = readings.try_next().await? {
        take(reading)?;
    }
    Ok(())
}

//! Metrics: finding them by what people call them, locking them, and keeping `current_value` the newest reading.

use chrono::NaiveDateTime;
use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::value::Time;
use super::{literal, stored};
use crate::domain::metric::{Direction, Metric, Priority};
use crate::domain::number::Number;
use crate::domain::reading::{LOOKED_AT, Recent, Value};
use crate::domain::score::Age;
use crate::error::Result;

/// The metric of a row with the columns of its fields.
macro_rules! metric {
    ($row:ident) => {
        $crate::domain::metric::Metric {
            id: $row.id,
            metric_number: $row.metric_number,
            name: $row.name,
            unit: $row.unit,
            direction: $row.direction,
            priority: $row.priority,
            current_value: $row.current_value,
            target_value: $row.target_value,
            target_lower: $row.target_lower,
            target_upper: $row.target_upper,
            is_assumed: $row.is_assumed,
            is_locked: $row.is_locked,
            catalog: $row.catalog,
            age: $crate::domain::score::Age::Fresh,
        }
    };
}
pub(super) use metric;

/// Metrics by number or id, exactly as written, in one catalog, or in the active ones and the default library.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub numbers: &'a [&'a str],
    pub ids: &'a [Uuid],
    pub catalog_id: Option<Uuid>,
}

impl Wanted<'_> {
    /// The statement of [`find_and_lock`], without parameters: so it can be one message with those before it, and the server
    /// reads and plans it once.
    pub fn sql(&self) -> String {
        let list = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>().join(", ");
        let mut named = Vec::new();
        if !self.numbers.is_empty() {
            named.push(format!("m.metric_number IN ({})", list(&mut self.numbers.iter().map(|number| literal(number)))));
        }
        if !self.ids.is_empty() {
            named.push(format!("m.id IN ({})", list(&mut self.ids.iter().map(|id| format!("'{id}'")))));
        }
        let named = if named.is_empty() { "FALSE".to_owned() } else { named.join(" OR ") };
        let scope = match self.catalog_id {
            Some(id) => format!("m.catalog_id = '{id}'"),
            None => "(m.catalog_id IS NULL OR c.is_active)".to_owned(),
        };
        format!(
            "SELECT m.id, m.metric_number, m.name, m.unit, m.direction::text AS direction, m.priority::text AS priority, m.current_value, m.target_value,
                    m.target_lower, m.target_upper, m.is_locked, c.name AS catalog,
                    array_to_string(ARRAY(SELECT h.value FROM metric_history h WHERE h.metric_id = m.id
                                          ORDER BY h.recorded_at DESC LIMIT {LOOKED_AT}), ' ') AS recent,
                    CASE WHEN has_column_privilege('metric_history', 'created_at', 'INSERT') THEN now() AT TIME ZONE 'utc' END AS begun
             FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
             WHERE ({named}) AND {scope} ORDER BY m.id FOR NO KEY UPDATE OF m"
        )
    }
}

/// What [`Wanted`] found.
pub struct Found {
    pub metric: Metric,
    pub recent: Recent,
    /// When the transaction began, by the server's clock, UTC; nothing for a role that may not say when a row was made.
    pub begun: Option<NaiveDateTime>,
}

/// The metrics that [`Wanted`] found.
pub fn found(rows: Vec<PgRow>) -> Result<Vec<Found>> {
    rows.into_iter()
        .map(|row| {
            let recent = recent(row.try_get("recent")?);
            let metric = Metric {
                id: row.try_get("id")?,
                metric_number: row.try_get("metric_number")?,
                name: row.try_get("name")?,
                unit: row.try_get("unit")?,
                direction: row.try_get("direction")?,
                priority: row.try_get("priority")?,
                current_value: row.try_get("current_value")?,
                target_value: row.try_get("target_value")?,
                target_lower: row.try_get("target_lower")?,
                target_upper: row.try_get("target_upper")?,
                // A recorder makes no score.
                is_assumed: false,
                is_locked: row.try_get("is_locked")?,
                catalog: row.try_get("catalog")?,
                age: Age::Fresh,
            };
            Ok(Found { metric, recent, begun: row.try_get("begun")? })
        })
        .collect()
}

/// Readings in one text, from the newest on. What is not a value, such as a `NaN` of another program, is as good as nothing.
pub(super) fn recent(values: &str) -> Recent {
    Recent::of(values.split(' ').filter_map(|value| Value::parse(value).ok()))
}

/// Finds metrics and locks them in the order of their ids until the transaction ends.
pub async fn find_and_lock(conn: &mut PgConnection, wanted: &Wanted<'_>) -> Result<Vec<Found>> {
    found(sqlx::raw_sql(AssertSqlSafe(wanted.sql())).fetch_all(conn).await?)
}

/// All metrics of one catalog, or of the active catalogs and the default library, for readings: whether a direction is assumed is
/// not looked at. Or those of them with these ids.
pub async fn in_scope(conn: &mut PgConnection, catalog_id: Option<Uuid>, ids: Option<&[Uuid]>) -> Result<Vec<Metric>> {
    let mut rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name, m.unit, m.direction::text AS "direction!: Direction",
                  m.priority::text AS "priority!: Priority", m.current_value AS "current_value: Number",
                  m.target_value AS "target_value: Number", m.target_lower AS "target_lower: Number",
                  m.target_upper AS "target_upper: Number", FALSE AS "is_assumed!", m.is_locked, c.name AS "catalog?"
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE CASE WHEN $1::uuid IS NULL THEN m.catalog_id IS NULL OR c.is_active ELSE m.catalog_id = $1 END
             AND ($2::uuid[] IS NULL OR m.id = ANY($2))
           ORDER BY m.id"#,
        catalog_id,
        ids as Option<&[Uuid]>,
    )
    .fetch(conn);
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(metric!(row));
    }
    all.shrink_to_fit();
    Ok(all)
}

/// What is stored of a metric when a large file starts, to tell readings that cannot meet another one.
#[derive(Debug, Clone)]
pub struct Extent {
    pub id: Uuid,
    /// Changes whenever anybody records a reading of the metric.
    pub version: i64,
    /// The oldest and the newest reading, UTC.
    pub oldest: Option<NaiveDateTime>,
    pub newest: Option<NaiveDateTime>,
}

/// The extents of all metrics of one catalog, or of the active catalogs and the default library.
pub async fn extents(conn: &mut PgConnection, catalog_id: Option<Uuid>) -> Result<Vec<Extent>> {
    Ok(sqlx::query_as!(
        Extent,
        r#"SELECT m.id, m.xmin::text::bigint AS "version!",
                  (SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id ORDER BY h.recorded_at LIMIT 1) AS "oldest!: Time",
                  (SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id ORDER BY h.recorded_at DESC LIMIT 1) AS "newest!: Time"
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE CASE WHEN $1::uuid IS NULL THEN m.catalog_id IS NULL OR c.is_active ELSE m.catalog_id = $1 END"#,
        catalog_id,
    )
    .fetch_all(conn)
    .await?)
}

/// The versions of metrics as they are now, as in [`Extent`].
pub async fn versions(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    let rows = sqlx::query!(r#"SELECT id, xmin::text::bigint AS "version!" FROM metrics WHERE id = ANY($1)"#, ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}

/// Locks metrics in the order of their ids until the transaction ends, and says which of them refuse readings.
pub async fn lock(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, bool)>> {
    let rows = sqlx::query!("SELECT id, is_locked FROM metrics WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.is_locked)).collect())
}

/// The metrics, among these or of all, whose current value is not that of their newest reading.
pub async fn stale(conn: &mut PgConnection, among: Option<&[Uuid]>) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT m.id FROM metrics m
         CROSS JOIN LATERAL (SELECT h.value FROM metric_history h WHERE h.metric_id = m.id
                             ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1) AS newest
         WHERE m.current_value IS DISTINCT FROM newest.value AND ($1::uuid[] IS NULL OR m.id = ANY($1))",
        among as Option<&[Uuid]>
    )
    .fetch_all(conn)
    .await?)
}

/// Makes `current_value` the value of the newest reading; without readings there is none. The metrics are locked by the caller,
/// and each is named once.
pub async fn refresh_current_values(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    let updated = sqlx::query!(
        "UPDATE metrics m SET current_value = newest.value, updated_at = now() AT TIME ZONE 'utc'
         FROM unnest($1::uuid[]) AS given (id)
         LEFT JOIN LATERAL (
             SELECT h.value FROM metric_history h WHERE h.metric_id = given.id ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1
         ) newest ON TRUE
         WHERE m.id = given.id",
        ids,
    )
    .execute(conn)
    .await?;
    stored::all("metrics", ids.len(), updated.rows_affected())?;
    Ok(())
}

/// The server's clock, UTC.
pub async fn clock(conn: &mut PgConnection) -> Result<NaiveDateTime> {
    Ok(sqlx::query_scalar!(r#"SELECT clock_timestamp() AT TIME ZONE 'utc' AS "now!""#).fetch_one(conn).await?)
}

//! Old readings: which may go, and that they go.

use chrono::NaiveDateTime;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use super::{locks, stored};
use crate::confirm::Confirmed;
use crate::error::Result;

/// The readings before `$1` that may go: each has a later one of its metric in the same month, or where `$2` is not set, before `$1`.
/// So of each month, or of all that is old, the last one stays.
macro_rules! of_old {
    ($before:literal + $after:literal, $($value:expr),*) => {
        sqlx::query!(
            $before
                + "h.recorded_at < $1 AND EXISTS (
                       SELECT FROM metric_history later
                       WHERE later.metric_id = h.metric_id AND (later.recorded_at, later.id) > (h.recorded_at, h.id)
                         AND later.recorded_at < CASE WHEN $2 THEN date_trunc('month', h.recorded_at) + interval '1 month' ELSE $1 END)"
                + $after,
            $($value),*
        )
    };
}

/// What may go.
#[derive(Debug, Clone, Default)]
pub struct Old {
    /// The metrics that they are of.
    pub metric_ids: Vec<Uuid>,
    pub readings: i64,
    /// How many readings there are before the cutoff.
    pub all: i64,
}

/// The readings before an instant, UTC, that may go.
pub async fn old(conn: &mut PgConnection, before: NaiveDateTime, keeps_months: bool) -> Result<Old> {
    let found = of_old!(
        r#"SELECT count(*) AS "count!", coalesce(array_agg(DISTINCT h.metric_id), '{}') AS "metrics!",
                  (SELECT count(*) FROM metric_history WHERE recorded_at < $1) AS "all!"
           FROM metric_history h WHERE "#
            + "",
        before,
        keeps_months
    )
    .fetch_one(conn)
    .await?;
    Ok(Old { metric_ids: found.metrics, readings: found.count, all: found.all })
}

/// Deletes them, of these metrics, which are locked for it. Returns how many.
pub async fn prune(
    conn: &mut PgConnection,
    before: NaiveDateTime,
    keeps_months: bool,
    metric_ids: &[Uuid],
    _: &Confirmed,
) -> Result<u64> {
    locks::metrics(&mut *conn, metric_ids).await?;
    watch(&mut *conn, Scope::ReadingsOf(metric_ids)).await?;
    let deleted = of_old!(
        "WITH meant AS MATERIALIZED (SELECT h.id FROM metric_history h WHERE h.metric_id = ANY($3) AND "
            + r#"),
             written AS (DELETE FROM metric_history WHERE id IN (SELECT id FROM meant) RETURNING id)
             SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        before,
        keeps_months,
        metric_ids
    )
    .fetch_one(conn)
    .await?;
    stored::all("metric_history", deleted.meant, deleted.written)
}

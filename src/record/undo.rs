//! Taking one reading back.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::db::audit::Audit;
use crate::db::readings::TakenBack;
use crate::db::{locks, metrics, readings};
use crate::domain::{moment, number};
use crate::error::{Error, Result};
use crate::lookup;
use crate::record::link::Link;

/// How long waiting for the metric's row, and one statement, may take.
const LOCK: Duration = Duration::from_secs(5);
const STATEMENT: Duration = Duration::from_secs(30);

/// A reading that was removed.
pub struct Undone {
    pub id: Uuid,
    pub metric_id: Uuid,
    /// What people call its metric.
    pub metric: String,
    pub reading: TakenBack,
    /// The number of the change, which `cmf undo` removes.
    pub undo: Option<i64>,
}

/// Takes a reading back. The audit row holds the reading, so that it can be recorded again. Exit 2 when no reading has this id,
/// 65 when its metric is locked.
pub async fn undo(link: &mut Link<'_>, text: &str, by: Option<&str>, override_lock: bool) -> Result<Undone> {
    let unknown = || {
        Error::usage(format!("no reading has the id `{text}`"))
            .hint("`cmf history METRIC --format json` shows the ids of a metric's readings")
    };
    let id: Uuid = text.trim().parse().map_err(|_| unknown())?;
    let mut session = (link.connect)().await?;
    let (mut tx, _) = session.write_briefly(false, LOCK, STATEMENT, "").await?;
    let by = match by {
        Some(name) => Some(lookup::user::open(&mut tx, Some(name)).await?.id),
        None => None,
    };
    let (metric_id, metric) = readings::metric_of(&mut tx, id).await?.ok_or_else(unknown)?;
    let is_locked = locks::metrics(&mut tx, &[metric_id]).await?.iter().any(|(_, is_locked)| *is_locked);
    if is_locked && !override_lock {
        return Err(Error::data(format!("{metric} is locked, so its readings cannot be removed"))
            .hint("add --override-lock to remove it"));
    }
    // Asked again under the lock: somebody else may have taken it back meanwhile.
    let reading = readings::take_back(&mut tx, id).await?.ok_or_else(unknown)?;
    metrics::refresh_current_values(&mut tx, &[metric_id]).await?;
    let audited = json!({
        "id": id,
        "metric_id": metric_id,
        "value": number::json(reading.value),
        "recorded_at": moment::text(reading.recorded_at),
        "note": reading.note,
        "recorded_by": reading.recorded_by,
    });
    tx.finish(Audit::of("reading.undo", audited).by(by)).await?;
    Ok(Undone { id, metric_id, metric, reading, undo: session.written() })
}

//! `cmf record undo`: takes one reading back.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{metrics, readings};
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::{Table, number_json, time_text};

/// How long waiting for the metric's row, and one statement, may take.
const LOCK: Duration = Duration::from_secs(5);
const STATEMENT: Duration = Duration::from_secs(30);

/// Arguments of `cmf record undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The reading's id, as `cmf history METRIC --format json` and `cmf record --format json` show it
    id: String,

    /// The user who takes it back
    #[arg(long, value_name = "USER")]
    by: Option<String>,

    /// Take it back although its metric is locked
    #[arg(long)]
    override_lock: bool,
}

/// Runs `cmf record undo`. The audit row holds the reading, so that it can be recorded again.
///
/// # Errors
/// Exit 2 when no reading has this id, 65 when its metric is locked.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let unknown = || {
        Error::usage(format!("no reading has the id `{}`", args.id))
            .hint("`cmf history METRIC --format json` shows the ids of a metric's readings")
    };
    let id: Uuid = args.id.trim().parse().map_err(|_| unknown())?;
    let mut session = context.open().await?;
    let (mut tx, _) = session.write_briefly(false, LOCK, STATEMENT, "").await?;
    let by = match &args.by {
        Some(name) => Some(lookup::user::open(&mut tx, Some(name)).await?.id),
        None => None,
    };
    let (metric_id, label) = readings::metric_of(&mut tx, id).await?.ok_or_else(unknown)?;
    let is_locked = metrics::lock(&mut tx, &[metric_id]).await?.iter().any(|(_, is_locked)| *is_locked);
    if is_locked && !args.override_lock {
        return Err(
            Error::data(format!("{label} is locked and keeps its readings")).hint("add --override-lock to take it back")
        );
    }
    // Asked again under the lock: somebody else may have taken it back meanwhile.
    let taken = readings::take_back(&mut tx, id).await?.ok_or_else(unknown)?;
    metrics::refresh_current_values(&mut tx, &[metric_id]).await?;
    let result = json!({
        "id": id,
        "metric_id": metric_id,
        "value": number_json(taken.value),
        "recorded_at": time_text(taken.recorded_at),
        "note": taken.note,
        "recorded_by": taken.recorded_by,
    });
    let mut table = Table::new(["id", "metric_id", "value", "recorded_at", "note"]).single();
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("reading.undo", result).by(by)).await?;
    let value = taken.value.normalize();
    let at = time_text(taken.recorded_at);
    table.row([id.into(), metric_id.into(), taken.value.into(), taken.recorded_at.into(), taken.note.into()]);
    context.output.outcome(&format!("{label} {value} of {at}: taken back"), table)?;
    Ok(Exit::Success)
}

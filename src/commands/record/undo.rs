//! `cmf record undo`: takes one reading back.

use crate::context::Context;
use crate::domain::moment;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::record::{self, Link};

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

/// Runs `cmf record undo`.
///
/// # Errors
/// Exit 2 when no reading has this id, 65 when its metric is locked.
pub async fn run(context: &Context, link: &mut Link<'_>, args: Args) -> Result<Exit> {
    let mut table = Table::new(["id", "metric_id", "value", "recorded_at", "note"]).single();
    context.output.check_outcome(&table)?;
    let undone = record::undo(link, &args.id, args.by.as_deref(), args.override_lock).await?;
    let reading = undone.reading;
    let (value, at) = (reading.value.normalize(), moment::text(reading.recorded_at));
    table.row([
        undone.id.into(),
        undone.metric_id.into(),
        reading.value.into(),
        reading.recorded_at.into(),
        reading.note.into(),
    ]);
    context.output.outcome(&format!("{} {value} of {at}: taken back", undone.metric), table)?;
    Ok(Exit::Success)
}

//! `cmf record undo`: takes one reading back.

use crate::commands::UNDO_OWN;
use crate::context::Context;
use crate::domain::moment;
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};
use crate::record::{self, Link, Undone};

#[derive(Debug, clap::Args)]
#[command(add = UNDO_OWN)]
pub struct Args {
    /// The reading's id, as `cmf history METRIC --format json` and `cmf record --format json` show it
    id: String,

    /// The user who removes it
    #[arg(long, value_name = "USER")]
    by: Option<String>,

    /// Remove it even if its metric is locked
    #[arg(long)]
    override_lock: bool,
}

pub(super) const UNDONE: Columns<Undone> = columns! { |undone|
    id, metric_id, value = undone.reading.value, recorded_at = undone.reading.recorded_at, note = &undone.reading.note,
    undo: for_programs = undone.undo
};

/// Runs `cmf record undo`. Exit 2 when no reading has this id, 65 when its metric is locked.
pub async fn run(context: &Context, link: &mut Link<'_>, args: Args) -> Result<Exit> {
    context.output.check_outcome(&UNDONE.table())?;
    let undone = record::undo(link, &args.id, args.by.as_deref(), args.override_lock).await?;
    let (value, at) = (undone.reading.value.normalize(), moment::text(undone.reading.recorded_at));
    context.output.outcome(&format!("{} {value} of {at}: removed", undone.metric), UNDONE.one(&undone))?;
    Ok(Exit::Success)
}

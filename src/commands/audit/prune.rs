//! `cmf audit prune-images`: removes the rows that old changes kept.

use chrono::{NaiveDateTime, Utc};
use serde_json::json;

use crate::context::Context;
use crate::db;
use crate::db::audit::{Audit, Prunable};
use crate::domain::moment::{self, Moment};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Changes older than this: an age such as 90d, or a time
    #[arg(long, value_name = "AGE")]
    older: Moment,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be removed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const PRUNED: Columns<(NaiveDateTime, Prunable)> =
    columns! { |(before, pruned)| before = *before, changes = pruned.changes, bytes = pruned.bytes };

/// Throws them away. The chain holds without them. Exit 77 for a role that may not change the trail.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let before = args.older.before(Utc::now().naive_utc()).ok_or_else(|| Error::usage("--older is too long ago"))?;
    context.output.check_outcome(&PRUNED.table())?;
    let mut session = context.open().await?;
    let found = session.look(async |tx| db::audit::prunable(tx, before).await).await?;
    let table = PRUNED.one(&(before, found));
    if found.changes == 0 {
        context.output.outcome("nothing to do: no change that old has stored rows", table)?;
        return Ok(Exit::Success);
    }
    let (changes, at) = (counted(found.changes.unsigned_abs(), "change"), moment::text(before));
    let question = format!(
        "This removes the stored rows of {changes} before {at} ({} kB). `cmf undo` cannot undo these changes then, and scores before \
         that use the earliest known definitions. This cannot be undone.",
        found.bytes / 1000
    );
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    session
        .change(args.dry_run, async |tx| {
            let pruned = db::audit::prune(tx, before, &confirmed).await?;
            let result = json!({ "before": moment::text(before), "changes": pruned, "bytes": found.bytes });
            Ok(((), Some(Audit::of("audit.prune-images", result))))
        })
        .await?;
    context.output.ending(args.dry_run, &format!("removed the stored rows of {changes}"), table)?;
    Ok(Exit::Success)
}

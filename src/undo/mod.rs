//! Taking changes back: from what the trail keeps of the rows before and after them.

mod apply;
mod choose;
mod later;
mod obstacles;
mod show;

use serde_json::json;

pub use choose::Which;
pub use show::{Effect, Line, Taken, Undone};

use crate::db;
use crate::db::audit::Audit;
use crate::domain::undo;
use crate::error::{Error, Result};
use crate::session::Session;
use choose::{Step, choose, load};
use later::Later;

/// Takes changes back, all of them or none, in a transaction with one row for the trail. Where somebody was shown which ones,
/// no others are. Exit 2 for a change that is unknown, exit 1 for one that something stands in the way of.
pub async fn undo(session: &mut Session, which: Which, shown: Option<Vec<i64>>, dry_run: bool) -> Result<Undone> {
    let mut expected = shown;
    session
        .change(dry_run, async |tx| {
            // Which is the newest is seen before another undo is waited for: it would be that one afterwards.
            if expected.is_none() {
                let trail = load(tx, which).await?;
                expected = Some(choose(&trail, which)?.iter().map(|kept| kept.seq).collect());
            }
            db::undo::lock(tx).await?;
            let mut trail = load(tx, which).await?;
            let wanted: Vec<i64> = choose(&trail, which)?.iter().map(|kept| kept.seq).collect();
            if expected.as_ref() != Some(&wanted) {
                let newest = trail.first().map_or_else(String::new, |kept| format!(": {} ({})", kept.seq, kept.action));
                return Err(Error::failed(format!("another change was made meanwhile{newest}"))
                    .hint("run `cmf audit list`, and run this command again with the number of the change"));
            }
            choose::check_reach(tx, &trail, &wanted).await?;
            let steps = Step::all(&trail, &wanted)?;
            apply::lock(tx, &steps).await?;
            // Whoever held one of these rows has ended, and may have changed them.
            let newer = db::audit::newest_first(tx, trail.first().map(|kept| kept.id), |_| false).await?;
            trail.splice(..0, newer);
            apply::watch(tx, &steps).await?;
            let known = db::undo::columns(tx).await?;
            let mut undone = Undone::default();
            for step in &steps {
                // With all that came after it, a change is undone in the order that they were made in.
                let since = undo::later(&trail, step.kept.seq);
                let since: Vec<_> = since.into_iter().filter(|kept| !wanted.contains(&kept.seq)).collect();
                let later = Later::of(&since)?;
                let follow = obstacles::check(tx, step, &later, &trail).await?;
                show::add(tx, &mut undone, step).await?;
                apply::apply(tx, step, &follow, &known).await?;
                obstacles::check_after(tx, step, &later, &trail).await?;
            }
            let list: Vec<_> = steps.iter().map(|step| json!({ "seq": step.kept.seq, "action": step.kept.action })).collect();
            Ok((undone, Some(Audit::of("undo", json!({ "undone": list })))))
        })
        .await
}

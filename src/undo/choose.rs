//! Which changes are meant, and whether they can be undone at all.

use super::later::{USERS, read};
use crate::db::audit::{Kept, Rows, newest_first};
use crate::db::{self, Connection};
use crate::domain::image::{How, Image};
use crate::domain::undo;
use crate::error::{Error, Exit, Result};

/// Which changes are to be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Newest,
    /// The one with this number.
    One(i64),
    /// The one with this number and all since, the newest first.
    Since(i64),
}

/// Loads as much of the trail as is needed, from the newest change on.
pub(super) async fn load(tx: &mut Connection, which: Which) -> Result<Vec<Kept>> {
    newest_first(tx, None, |kept| {
        kept.last().is_some_and(|last| match which {
            Which::Newest => !is_idle(last),
            Which::One(seq) | Which::Since(seq) => last.seq <= seq,
        })
    })
    .await
}

/// Whether a change left all rows as they were.
fn is_idle(kept: &Kept) -> bool {
    matches!(kept.rows, Rows::None) && (kept.action.starts_with("check.") || kept.action == "reading.record")
}

/// Whether a change did something beside the rows that the trail keeps, or is of no row at all.
fn is_aside(kept: &Kept) -> bool {
    let is_of = |noun: &str| kept.action.starts_with(noun);
    is_idle(kept) || is_of("migrate.") || is_of("db.") || is_of("audit.") || kept.action == "user.set-password"
}

/// The changes that are meant, from the newest on. Exit 2 for a number that no change has, exit 1 for what is undone
/// already.
pub(super) fn choose(trail: &[Kept], which: Which) -> Result<Vec<&Kept>> {
    let by = undo::taken_back(trail);
    let find = |seq: i64| {
        trail.iter().find(|kept| kept.seq == seq).ok_or_else(|| {
            let error = Error::usage(format!("the audit trail has no change {seq}"));
            let newest = trail.first().map(|kept| format!("the newest is {}; see `cmf audit list`", kept.seq));
            error.hint(newest.unwrap_or_else(|| "the audit trail is empty".to_owned()))
        })
    };
    match which {
        Which::Newest => match trail.iter().find(|kept| !is_idle(kept)) {
            Some(kept) => Ok(vec![kept]),
            None => Err(Error::failed("there is no change to undo").hint("see `cmf audit list`")),
        },
        Which::One(seq) => {
            let kept = find(seq)?;
            match by.get(&seq) {
                None => Ok(vec![kept]),
                Some(by) => Err(Error::failed(format!("change {seq} ({}) was already undone by change {by}", kept.action))
                    .hint(format!("`cmf undo {by}` does it again"))),
            }
        }
        Which::Since(seq) => {
            find(seq)?;
            let chosen: Vec<&Kept> = undo::since(trail, seq)
                .into_iter()
                .filter(|kept| kept.seq == seq || !matches!(kept.rows, Rows::None) || !is_aside(kept))
                .collect();
            if chosen.iter().all(|kept| is_idle(kept)) {
                return Err(Error::failed(format!("change {seq} and all since were already undone"))
                    .hint("`cmf audit list` shows by which change"));
            }
            Ok(chosen)
        }
    }
}

/// Refuses changes of others where the role may only record readings. Exit 77.
pub(super) async fn check_reach(tx: &mut Connection, trail: &[Kept], wanted: &[i64]) -> Result<()> {
    let reach = db::undo::reach(tx).await?;
    if !reach.is_own {
        return Ok(());
    }
    let is_own = |kept: &&Kept| {
        let is_of_readings = kept.action.starts_with("reading.") || kept.action == "undo";
        is_of_readings && kept.role.as_deref() == Some(reach.role.as_str())
    };
    match trail.iter().filter(|kept| wanted.contains(&kept.seq)).find(|kept| !is_own(kept)) {
        None => Ok(()),
        // Nobody can.
        Some(kept) if is_beyond(kept) => {
            let message = format!("change {} ({}) cannot be undone", kept.seq, kept.action);
            Err(Error::failed(message).hint("name another change: `cmf audit list` lists them"))
        }
        Some(kept) => Err(Error::new(
            Exit::Auth,
            format!(
                "the role {} can undo only readings that it recorded; change {} ({}) is by {}",
                reach.role,
                kept.seq,
                kept.action,
                kept.role.as_deref().unwrap_or("somebody else")
            ),
        )
        .hint("ask somebody with the role importer; `cmf db grants ROLE --role importer` prints its rights")),
    }
}

/// Why a change of a kind that is never undone is not, and what leads back from it.
fn instead_of(action: &str) -> (&'static str, &'static str) {
    match action {
        "db.grants" => (
            "rights are not rows of a table",
            "take rights away with REVOKE, or give the role others: `cmf db grants NAME --role reader --apply` revokes the rest",
        ),
        "db.views" => ("views are not rows of a table", "`cmf db views --drop` removes them"),
        "db.partition" => {
            ("it divided a table, and changed no row", "`cmf db partition metric_history --undo` makes one table again")
        }
        "db.restore" | "db.reset" => (
            "it replaced all tables, and their old rows are not stored",
            "restore a dump that is older than this change: `cmf db restore FILE`",
        ),
        "audit.prune-images" => {
            ("it removed stored rows for good", "they are only in dumps that are older than the pruning: `cmf db restore FILE`")
        }
        _ => ("it changed no row that is stored", "`cmf audit list` shows the other changes"),
    }
}

/// Whether it is of a kind that is never undone.
fn is_beyond(kept: &Kept) -> bool {
    matches!(kept.rows, Rows::None) && ["db.", "audit."].iter().any(|begin| kept.action.starts_with(begin))
}

/// The change, of a number and all since, that can never be undone, the newest first. Others may stand in the way of the rest.
pub(super) async fn barrier(tx: &mut Connection, trail: &[Kept], seq: i64) -> Result<Option<(i64, String)>> {
    for kept in choose(trail, Which::Since(seq))? {
        let named = match Step::of(kept, trail) {
            Ok(step) => db::undo::naming(tx, &step.ids(USERS, How::Added)).await?,
            Err(_) => return Ok(Some((kept.seq, kept.action.clone()))),
        };
        if !named.is_empty() {
            return Ok(Some((kept.seq, kept.action.clone())));
        }
    }
    Ok(None)
}

/// A change that is to be undone, with the rows that it changed.
pub(super) struct Step {
    pub kept: Kept,
    pub image: Image,
}

impl Step {
    /// Those with these numbers. Exit 1 if the trail does not have the rows of one of them.
    pub fn all(trail: &[Kept], wanted: &[i64]) -> Result<Vec<Step>> {
        trail.iter().filter(|kept| wanted.contains(&kept.seq)).map(|kept| Step::of(kept, trail)).collect()
    }

    fn of(kept: &Kept, trail: &[Kept]) -> Result<Step> {
        let seq = kept.seq;
        let refused = |why: &str| {
            let message = format!("change {seq} ({}) cannot be undone: {why}", kept.action);
            Error::failed(message)
        };
        let earlier = trail.iter().filter(|one| one.seq < seq && matches!(one.rows, Rows::Kept(_))).map(|one| one.seq).max();
        // Who names an older change means that one.
        let is_newest = trail.first().is_some_and(|newest| newest.seq == seq);
        let before = |error: Error| match earlier.filter(|_| is_newest) {
            Some(earlier) => error.hint(format!("`cmf undo {earlier}` undoes the newest change before it that can be undone")),
            None => error,
        };
        let by_hand = || format!("`cmf audit show {seq}` shows what it did; change it by hand");
        let data = match &kept.rows {
            Rows::Kept(data) => data,
            Rows::Gone => {
                let hint = format!(
                    "`cmf audit show {seq}` shows what it did: change it by hand, or restore a dump that is older than the pruning"
                );
                return Err(before(refused("`cmf audit prune-images` removed its stored rows").hint(hint)));
            }
            Rows::Not(why) => return Err(before(refused(&format!("its rows were not stored ({why})")).hint(by_hand()))),
            Rows::Edited => {
                return Err(
                    refused("its stored rows do not match the audit trail").hint("`cmf audit verify` shows what was edited")
                );
            }
            // What it undid had changed nothing but when rows were changed.
            Rows::None if kept.action == "undo" => {
                return Ok(Step { kept: kept.clone(), image: Image::default() });
            }
            Rows::None if is_idle(kept) => {
                return Err(before(refused("it changed no row").hint("see what the others changed with `cmf audit list`")));
            }
            Rows::None if kept.action.starts_with("migrate.") => {
                return Err(before(refused("it changed the schema").hint("`cmf migrate down` reverts a migration")));
            }
            Rows::None if kept.action == "user.set-password" => {
                return Err(before(refused("old passwords are not stored").hint("set a new one with `cmf user set-password`")));
            }
            Rows::None if is_beyond(kept) => {
                let (why, instead) = instead_of(&kept.action);
                return Err(before(refused(why).hint(instead)));
            }
            Rows::None => return Err(before(refused("the audit trail has no rows of it").hint(by_hand()))),
        };
        let image = read(data, seq)?;
        Ok(Step { kept: Kept { rows: Rows::None, ..kept.clone() }, image })
    }
}

//! What stands in the way of taking a change back: rows that are not as it left them, and rows that depend on them.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::choose::{Step, barrier};
use super::later::{FOLLOWING, HISTORY, Later, METRICS, USERS};
use super::show;
use crate::db::audit::Kept;
use crate::db::images::TABLES;
use crate::db::undo::{Namesake, Reference};
use crate::db::{self, Connection};
use crate::domain::image::{Changed, Columns, How};
use crate::domain::past::column;
use crate::domain::text::{counted, first_of};
use crate::error::{Error, Result, shell_word};

/// How many rows of a kind are named.
const NAMED: usize = 3;

/// Why a row stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Changed,
    Gone,
    Back,
    Refers,
    Same,
    Locked,
    Needed,
    Named,
}

impl Why {
    /// What was done to the row by whom, in words.
    fn told(self, who: &str) -> String {
        match self {
            Why::Changed => format!("changed since {who}"),
            Why::Gone => format!("removed since {who}"),
            Why::Back => format!("added again since {who}"),
            Why::Refers => format!("added since {who}; it needs rows that would be removed"),
            Why::Same => format!("added since {who}; it takes the place of a row that would come back"),
            Why::Locked => format!("locked later {who}"),
            Why::Needed => format!("removed since {who}; rows that would come back need it"),
            Why::Named => "named in the audit trail, which cannot change".to_owned(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Why::Changed => "changed",
            Why::Gone => "gone",
            Why::Back => "back",
            Why::Refers => "refers",
            Why::Same => "same",
            Why::Locked => "locked",
            Why::Needed => "needed",
            Why::Named => "named",
        }
    }
}

/// The rows in the way, by table, why, and the later change that did it.
#[derive(Debug, Default)]
struct Obstacles(BTreeMap<(String, Why, Option<i64>), Vec<Uuid>>, Vec<String>);

impl Obstacles {
    fn add(&mut self, table: &str, why: Why, by: Option<i64>, id: Uuid) {
        self.0.entry((table.to_owned(), why, by)).or_default().push(id);
    }

    /// Exit 1 if there are any.
    async fn refuse(self, tx: &mut Connection, step: &Step, later: &Later, trail: &[Kept]) -> Result<()> {
        let Obstacles(rows, strangers) = self;
        if rows.is_empty() && strangers.is_empty() {
            return Ok(());
        }
        let (seq, action) = (step.kept.seq, &step.kept.action);
        let is_later = !rows.keys().all(|(_, why, _)| *why == Why::Named) || !strangers.is_empty();
        let because = if is_later { ", because of later changes" } else { "" };
        let message = format!("change {seq} ({action}) cannot be undone{because}");
        let (mut error, mut list) = (Error::failed(message), Vec::new());
        let mut is_outside = !strangers.is_empty();
        let (mut is_named, mut unlock) = (false, None);
        let mut user = None;
        let mut by_all = BTreeSet::new();
        for ((table, why, by), ids) in &rows {
            let labels = show::labels(tx, table, &ids[..ids.len().min(NAMED)], later).await?;
            if *why == Why::Named {
                user = labels.first().map(shell_word);
            }
            if let (Why::Locked, Some(label)) = (why, labels.first()) {
                unlock = Some(format!("`cmf metric unlock {}` unlocks it", shell_word(label)));
            }
            let more = if ids.len() > labels.len() { ", ..." } else { "" };
            let labels = if labels.is_empty() { String::new() } else { format!(" ({}{more})", labels.join(", ")) };
            let who = match by {
                Some(by) => format!("by change {by} ({})", later.action(*by)),
                None if *why == Why::Named => String::new(),
                None if later.blind.is_empty() => "outside cmf".to_owned(),
                None => {
                    let blind: Vec<String> = later.blind.iter().map(i64::to_string).collect();
                    format!("outside cmf, or by a change whose rows are not kept ({})", blind.join(", "))
                }
            };
            is_named |= *why == Why::Named;
            is_outside |= by.is_none() && *why != Why::Named;
            by_all.extend(*by);
            let what = counted(ids.len(), show::noun(table));
            error = error.detail(format!("{what}{labels}: {}", why.told(&who)));
            let first: Vec<String> = ids.iter().take(100).map(Uuid::to_string).collect();
            let change: Value = by.map_or(Value::Null, Value::from);
            list.push(json!({ "table": table, "why": why.name(), "change": change, "rows": ids.len(), "ids": first }));
        }
        error = strangers.into_iter().fold(error, Error::detail);
        if is_named {
            let user = user.unwrap_or_else(|| "NAME".to_owned());
            error = error.hint(format!("such a user cannot be removed; `cmf user deactivate {user}` closes the account"));
        }
        error = unlock.into_iter().fold(error, Error::hint);
        if is_outside {
            error = error.hint("cmf does not overwrite what it did not write: restore these rows by hand, or keep the change");
        }
        // What is named in the trail stays in the way.
        if !by_all.is_empty() && !is_named {
            error = match barrier(tx, trail, seq).await? {
                None => error.hint(format!("`cmf undo --to {seq}` also undoes all later changes, the newest first")),
                Some((by, action)) if by_all.contains(&by) => {
                    error.hint(format!("change {by} ({action}) can never be undone, so it stays in the way of change {seq}"))
                }
                Some((between, action)) => {
                    // What other changes stand in the way of those is undone with them.
                    let oldest = by_all.iter().find(|by| **by > between);
                    let before: Vec<String> =
                        by_all.iter().rev().filter(|by| **by < between).map(|by| format!("`cmf undo {by}`")).collect();
                    let first =
                        oldest.iter().map(|by| format!("`cmf undo --to {by}`, which undoes change {by} and all later ones"));
                    let then = (!before.is_empty()).then(|| first_of(before.iter().map(String::as_str), NAMED));
                    let steps: Vec<String> = first.chain(then).chain([format!("`cmf undo {seq}`")]).collect();
                    error
                        .hint(format!("first run {}", steps.join("; then ")))
                        .hint(format!("`cmf undo --to {seq}` cannot do it: change {between} ({action}) can never be undone"))
                }
            };
        }
        Err(error.with("obstacles", list))
    }
}

/// Refuses where rows are not as the change left them, or others depend on them. Returns the metrics whose current values have
/// to follow their readings afterwards, because others were recorded since.
pub(super) async fn check(tx: &mut Connection, step: &Step, later: &Later, trail: &[Kept]) -> Result<Vec<Uuid>> {
    let mut found = Obstacles::default();
    for table in TABLES {
        rows_as_left(tx, step, later, table, &mut found).await?;
    }
    let recorded: Vec<Uuid> = step.metrics_of_readings(tx).await?;
    let follow = values(tx, step, later, &recorded, &mut found).await?;
    for range in &step.image.readings {
        let Some(sums) = &range.sums else { continue };
        if *sums != db::images::sums(tx, range).await? {
            found.add(HISTORY, Why::Changed, later.by_any(range), range.first);
        }
    }
    let locked: Vec<Uuid> = recorded.into_iter().filter(|metric| later.locked(*metric).is_some()).collect();
    let today = db::images::today_of(tx, METRICS, "id", &locked).await?;
    // One that was unlocked again accepts what is undone.
    let is_locked = |metric: &Uuid| today.get(metric).and_then(|today| column(&today.columns, "is_locked")) == Some(true);
    for metric in locked.into_iter().filter(is_locked) {
        found.add(METRICS, Why::Locked, later.locked(metric), metric);
    }
    references(tx, step, later, &mut found).await?;
    found.refuse(tx, step, later, trail).await?;
    Ok(follow)
}

/// Whether two values are the same, whatever their scales.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one.parse::<Decimal>().ok().zip(other.parse().ok()).is_some_and(|(one, other)| one == other)
}

fn differs(one: &Changed, now: &Columns) -> bool {
    let (after, now) = (one.after.as_ref().map(Columns::parts).unwrap_or_default(), now.parts());
    let mut after = after.iter().filter(|(column, _)| !FOLLOWING.contains(&column.as_str()));
    after.any(|(column, value)| now.get(column).is_none_or(|now| !is_same(now.get(), value.get())))
}

async fn rows_as_left(tx: &mut Connection, step: &Step, later: &Later, table: &str, found: &mut Obstacles) -> Result<()> {
    let Some(changed) = step.image.tables.get(table) else { return Ok(()) };
    let ids: Vec<Uuid> = changed.iter().map(|one| one.id).collect();
    let digests = db::images::digests_of(tx, table, &ids).await?;
    // Where there is no digest, the columns are compared.
    let bare = |one: &&Changed| one.how() == How::Changed && one.is.is_none();
    let ids: Vec<Uuid> = changed.iter().filter(bare).map(|one| one.id).collect();
    let today = db::images::today_of(tx, table, "id", &ids).await?;
    for one in changed {
        let why = match (one.how(), digests.get(&one.id)) {
            (How::Changed, Some(_)) if Step::is_following(table, one) => continue,
            // Also where the last of several made it as it was.
            _ if later.defined_by(table, one.id).is_some() => match digests.get(&one.id) {
                None if one.how() != How::Removed => Why::Gone,
                Some(_) if one.how() == How::Removed => Why::Back,
                _ => Why::Changed,
            },
            (How::Removed, None) => continue,
            (How::Removed, Some(_)) => Why::Back,
            (_, None) => Why::Gone,
            (_, Some(now)) if one.is.as_ref() == Some(now) => continue,
            (How::Changed, Some(_)) if one.is.is_none() => match today.get(&one.id) {
                Some(today) if !differs(one, &today.columns) => continue,
                _ => Why::Changed,
            },
            (_, Some(_)) => Why::Changed,
        };
        found.add(table, why, later.by(table, one.id), one.id);
    }
    Ok(())
}

/// Looks at the current values of metrics, which follow the readings.
async fn values(
    tx: &mut Connection,
    step: &Step,
    later: &Later,
    recorded: &[Uuid],
    found: &mut Obstacles,
) -> Result<Vec<Uuid>> {
    let valued = |one: &&Changed| one.after.as_ref().is_some_and(|after| after.get("current_value").is_some());
    let changed: Vec<&Changed> = step.image.tables.get(METRICS).into_iter().flatten().filter(valued).collect();
    let ids: Vec<Uuid> = changed.iter().map(|one| one.id).collect();
    let gone: BTreeSet<Uuid> = step.ids(METRICS, How::Added).into_iter().collect();
    let new: BTreeSet<Uuid> = step.ids(METRICS, How::Removed).into_iter().collect();
    let mut touched: BTreeSet<Uuid> = ids.iter().chain(recorded).copied().collect();
    touched.retain(|id| !gone.contains(id) && !new.contains(id));
    let all: Vec<Uuid> = touched.iter().copied().collect();
    let mut follow: BTreeSet<Uuid> = if later.touches_values {
        touched
    } else {
        // Its own were stored before it ended.
        db::undo::recorded_since(tx, &all, step.kept.at).await?.into_iter().collect()
    };
    let today = db::images::today_of(tx, METRICS, "id", &ids).await?;
    let newest = db::undo::newest_values(tx, &ids).await?;
    for one in changed {
        // What is gone was told already.
        let (Some(today), Some(after)) = (today.get(&one.id), &one.after) else { continue };
        let value = |columns: &Columns| columns.get("current_value").map_or("null".to_owned(), |value| value.get().to_owned());
        let (now, after) = (value(&today.columns), value(after));
        if is_same(&now, &after) {
            continue;
        }
        let is_newest = newest.get(&one.id).is_some_and(|newest| is_same(newest, &now));
        if is_newest && !gone.contains(&one.id) {
            follow.insert(one.id);
        } else if !is_newest || later.by(METRICS, one.id).is_some() {
            found.add(METRICS, Why::Changed, later.by(METRICS, one.id), one.id);
        }
    }
    Ok(follow.into_iter().collect())
}

/// Looks for rows that need what would go, and for what those need that would come back.
async fn references(tx: &mut Connection, step: &Step, later: &Later, found: &mut Obstacles) -> Result<()> {
    let all = db::undo::references(tx).await?;
    for reference in &all {
        let goes = step.ids(&reference.to, How::Added);
        if !goes.is_empty() {
            refers(tx, step, later, reference, &goes, found).await?;
        }
        let back = step.rows(&reference.table, How::Removed).filter_map(|one| one.before.as_ref());
        let needed: BTreeSet<Uuid> =
            back.filter_map(|columns| column::<Option<Uuid>>(columns, &reference.column).flatten()).collect();
        let own: BTreeSet<Uuid> = step.ids(&reference.to, How::Removed).into_iter().collect();
        let needed: Vec<Uuid> = needed.difference(&own).copied().collect();
        if !needed.is_empty() {
            let there = db::images::digests_of(tx, &reference.to, &needed).await?;
            for id in needed.iter().filter(|id| !there.contains_key(id)) {
                found.add(&reference.to, Why::Needed, later.by(&reference.to, *id), *id);
            }
        }
    }
    let users = step.ids(USERS, How::Added);
    if !users.is_empty() && !db::undo::naming(tx, &users).await?.is_empty() {
        for user in users {
            found.add(USERS, Why::Named, None, user);
        }
    }
    Ok(())
}

async fn refers(
    tx: &mut Connection,
    step: &Step,
    later: &Later,
    reference: &Reference,
    goes: &[Uuid],
    found: &mut Obstacles,
) -> Result<()> {
    let table = reference.table.as_str();
    if table == "ai_change_log" {
        return Ok(());
    }
    if !TABLES.contains(&table) {
        let count = db::undo::strangers(tx, reference, goes).await?;
        if count > 0 {
            found.1.push(format!("{} of the table {table}: needs rows that would be removed", counted(count, "row")));
        }
        return Ok(());
    }
    let changes_back = |one: &&Changed| one.before.as_ref().is_some_and(|before| before.get(&reference.column).is_some());
    let mut own: BTreeSet<Uuid> = step.ids(table, How::Added).into_iter().collect();
    own.extend(step.rows(table, How::Changed).filter(changes_back).map(|one| one.id));
    for id in db::undo::referring(tx, reference, goes).await? {
        let is_own = own.contains(&id) || table == HISTORY && step.image.readings.iter().any(|range| range.holds(&id));
        if !is_own {
            found.add(table, Why::Refers, later.by(table, id), id);
        }
    }
    Ok(())
}

/// Refuses where rows came back beside others that are the same to people, or rows are left whose codes are gone: what was so
/// before the change may be so again.
pub(super) async fn check_after(tx: &mut Connection, step: &Step, later: &Later, trail: &[Kept]) -> Result<()> {
    let mut found = Obstacles::default();
    let is_new = |table: &str, one: &Namesake| later.by(table, one.id).is_some() || one.created_at > step.kept.at;
    for table in TABLES {
        let names = ["name", "metric_number", "original_data", "function_code", "category_code", "subcategory_code"];
        let renamed = |one: &&Changed| {
            one.before.as_ref().is_some_and(|before| before.parts().keys().any(|name| names.contains(&name.as_str())))
        };
        let changed = step.rows(table, How::Changed).filter(renamed).map(|one| one.id);
        let of: Vec<Uuid> = step.rows(table, How::Removed).map(|one| one.id).chain(changed).collect();
        if of.is_empty() {
            continue;
        }
        for same in db::undo::namesakes(tx, table, &of).await?.iter().filter(|same| is_new(table, same)) {
            found.add(table, Why::Same, later.by(table, same.id), same.id);
        }
    }
    let nodes = TABLES[1..4].iter().any(|table| step.rows(table, How::Added).next().is_some());
    if nodes {
        let mappings = "metric_catalog_framework_mappings";
        let frameworks: Vec<Uuid> = db::frameworks::list(tx).await?.into_iter().map(|one| one.id).collect();
        for lost in db::undo::lost_mappings(tx, &frameworks).await?.iter().filter(|lost| is_new(mappings, lost)) {
            found.add(mappings, Why::Refers, later.by(mappings, lost.id), lost.id);
        }
        for lost in db::undo::lost_metrics(tx).await?.iter().filter(|lost| is_new(METRICS, lost)) {
            found.add(METRICS, Why::Refers, later.by(METRICS, lost.id), lost.id);
        }
    }
    found.refuse(tx, step, later, trail).await
}

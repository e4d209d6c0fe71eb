//! Decisions about single items, or about all suggestions above a confidence.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scope, Scoped};
use crate::db::audit::Audit;
use crate::db::mappings::{Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::{Position, Reference};
use crate::domain::near::Suggestions;
use crate::error::{Error, Result, shell_word};
use crate::lookup;
use crate::session::Session;
use crate::tell::Tell;

/// How an item is mapped to codes.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Keep the item's other mappings to the framework.
    pub add: bool,
    /// Map a withdrawn code to its successors, unconfirmed.
    pub accept_successors: bool,
    pub dry_run: bool,
}

#[derive(Debug)]
pub struct Decided {
    pub framework: String,
    /// The item's name, where it was one.
    pub item: String,
    /// The mappings of the item after the decision; those that were confirmed or rejected.
    pub mappings: Vec<Mapping>,
    pub changed: u64,
}

/// The item's mappings to the scope's framework.
async fn mappings_of(tx: &mut Connection, scoped: &Scoped, item_id: Uuid) -> Result<Vec<Mapping>> {
    let mut mappings = scoped.mappings(tx).await?;
    mappings.retain(|mapping| mapping.item_id == item_id);
    Ok(mappings)
}

/// Maps an item to codes, confirmed, in place of its other mappings. Exit 2 for an item or a code that is not there.
pub async fn set(
    session: &mut Session,
    tell: &dyn Tell,
    scope: &Scope,
    item: &str,
    codes: &[String],
    how: How,
) -> Result<Decided> {
    session
        .change(how.dry_run, async |tx| {
            let scoped = scope.resolve(tx).await?;
            let framework = scoped.framework();
            let mut new: Vec<(Position, bool)> = Vec::new();
            let mut successors: Vec<(String, Position)> = Vec::new();
            let (index, near) = (scoped.known.codes(), Suggestions::default());
            for written in codes {
                let resolved = lookup::code::resolve(&index, &near, written, how.accept_successors, &framework)?;
                if resolved.live.is_empty() && resolved.successors.is_empty() {
                    return Err(Error::usage(format!("`{written}` is not a code of {framework}")).hint(format!(
                        "see `cmf framework show {}`; `cmf map reject` removes mappings",
                        shell_word(&framework)
                    )));
                }
                new.extend(resolved.live.into_iter().map(|position| (position, true)));
                successors.extend(resolved.successors);
            }
            for (code, position) in successors {
                // A code that was named itself is no guess.
                if new.contains(&(position.clone(), true)) {
                    continue;
                }
                tell.notice(&format!("{code} is withdrawn: mapped to its successor {}, unconfirmed", position.code()));
                new.push((position, false));
            }
            let items = scoped.items(tx).await?;
            let item = lookup::item::find(&items, item)?;
            db::locks::catalogs_of_items(tx, &[item.id]).await?;
            let before = mappings_of(tx, &scoped, item.id).await?;

            let wanted: HashSet<&Position> = new.iter().map(|(position, _)| position).collect();
            let gone = before.iter().filter(|mapping| !wanted.contains(&mapping.position()) && !how.add);
            let gone: Vec<Uuid> = gone.map(|mapping| mapping.id).collect();
            let confirmed = before.iter().filter(|mapping| !mapping.is_confirmed && new.contains(&(mapping.position(), true)));
            let confirmed: Vec<Uuid> = confirmed.map(|mapping| mapping.id).collect();
            let mut rows: Vec<New> = Vec::new();
            for (position, is_confirmed) in &new {
                let known = before.iter().any(|mapping| mapping.position() == *position);
                if !known && !rows.iter().any(|row| row.position == *position) {
                    rows.push(New {
                        item_id: item.id,
                        position: position.clone(),
                        confidence: None,
                        is_ai_suggested: false,
                        is_confirmed: *is_confirmed,
                    });
                }
            }
            let removed = db::mappings::delete(tx, &gone).await?;
            let changed = db::mappings::set_confirmed(tx, &confirmed, true).await?;
            let added = db::mappings::insert(tx, scoped.known.row.id, &rows).await?;
            let result = json!({
                "framework_id": scoped.known.row.id, "item_id": item.id,
                "codes": new.iter().map(|(position, _)| position.code()).collect::<Vec<_>>(),
                "added": added, "confirmed": changed, "removed": removed,
            });
            let mappings = mappings_of(tx, &scoped, item.id).await?;
            let changed = removed + changed + added;
            let audit = (changed > 0).then(|| Audit::of("map.set", result));
            Ok((Decided { framework, item: item.name.clone(), mappings, changed }, audit))
        })
        .await
}

/// The item's mappings that were named, each of which must be there.
fn chosen<'a>(scoped: &Scoped, name: &str, mappings: &'a [Mapping], codes: &[String]) -> Result<Vec<&'a Mapping>> {
    let index = scoped.known.codes();
    let mut chosen = Vec::new();
    for written in codes {
        let wanted = match index.resolve(written) {
            Reference::Known(position) => position.code().to_owned(),
            Reference::Withdrawn { code, .. } => code,
            Reference::Unknown { written } => written,
        };
        let found = mappings.iter().find(|mapping| mapping.code().eq_ignore_ascii_case(&wanted)).ok_or_else(|| {
            let there: Vec<&str> = mappings.iter().map(Mapping::code).collect();
            let error = Error::usage(format!("{name} has no mapping to {wanted}, confirmed or suggested"));
            if there.is_empty() {
                error.hint(format!("map it with `cmf map set {} {wanted}`", shell_word(name)))
            } else {
                error.hint(format!("it is mapped to {}; change that with `cmf map set`", there.join(", ")))
            }
        })?;
        chosen.push(found);
    }
    Ok(chosen)
}

/// Confirms an item's suggestions: these codes, or the best one. Without an item, or with a confidence, the best one of each item
/// that is not mapped, where it is at least as certain as that. Exit 2 for an item or a code that is not there, and where there
/// is nothing to confirm.
pub async fn confirm(
    session: &mut Session,
    scope: &Scope,
    item: Option<&str>,
    codes: &[String],
    above: Option<Decimal>,
    dry_run: bool,
) -> Result<Decided> {
    session
        .change(dry_run, async |tx| {
            let scoped = scope.resolve(tx).await?;
            let items = scoped.items(tx).await?;
            let one = item.map(|text| lookup::item::find(&items, text)).transpose()?.map(|item| item.id);
            let ids: Vec<Uuid> = items.iter().map(|item| item.id).filter(|id| one.is_none_or(|one| one == *id)).collect();
            db::locks::catalogs_of_items(tx, &ids).await?;
            let mut mappings = scoped.mappings(tx).await?;
            mappings.retain(|mapping| one.is_none_or(|one| one == mapping.item_id));
            let name = item.unwrap_or_default();
            let mut decided: Vec<&Mapping> =
                if codes.is_empty() { best_suggestions(&mappings) } else { chosen(&scoped, name, &mappings, codes)? };
            if let Some(threshold) = above {
                let mapped: HashSet<Uuid> =
                    mappings.iter().filter(|mapping| mapping.is_confirmed).map(|mapping| mapping.item_id).collect();
                decided.retain(|mapping| {
                    mapping.confidence.is_some_and(|confidence| confidence >= threshold) && !mapped.contains(&mapping.item_id)
                });
            } else if decided.is_empty() {
                return Err(Error::usage(format!("{name} has no suggestion to confirm")).hint(format!(
                    "make suggestions with `cmf map suggest`, or map it with `cmf map set {} CODE`",
                    shell_word(name)
                )));
            }
            let ids: Vec<Uuid> = decided.iter().map(|mapping| mapping.id).collect();
            let changed = db::mappings::set_confirmed(tx, &ids, true).await?;
            let result =
                json!({ "framework_id": scoped.known.row.id, "confirmed": changed, "above": above, "codes": listed(&decided) });
            let audit = (changed > 0).then(|| Audit::of("map.confirm", result));
            let mappings = decided.into_iter().cloned().collect();
            Ok((Decided { framework: scoped.framework(), item: name.to_owned(), mappings, changed }, audit))
        })
        .await
}

/// The first undecided suggestion of each item, in the order of the list.
fn best_suggestions(mappings: &[Mapping]) -> Vec<&Mapping> {
    let mut seen = HashSet::new();
    mappings.iter().filter(|mapping| !mapping.is_confirmed).filter(|mapping| seen.insert(mapping.item_id)).collect()
}

fn listed(mappings: &[&Mapping]) -> Value {
    mappings.iter().map(|mapping| json!({ "item_id": mapping.item_id, "code": mapping.code() })).collect()
}

/// Rejects an item's mappings to these codes, or all of its suggestions. Exit 2 for an item or a code that is not there, and
/// where there is nothing to reject.
pub async fn reject(session: &mut Session, scope: &Scope, item: &str, codes: &[String], dry_run: bool) -> Result<Decided> {
    session
        .change(dry_run, async |tx| {
            let scoped = scope.resolve(tx).await?;
            let items = scoped.items(tx).await?;
            let item = lookup::item::find(&items, item)?;
            db::locks::catalogs_of_items(tx, &[item.id]).await?;
            let name = item.metric_number.as_deref().unwrap_or(&item.name);
            let mappings = mappings_of(tx, &scoped, item.id).await?;
            let rejected: Vec<&Mapping> = if codes.is_empty() {
                mappings.iter().filter(|mapping| !mapping.is_confirmed).collect()
            } else {
                chosen(&scoped, name, &mappings, codes)?
            };
            if rejected.is_empty() {
                return Err(Error::usage(format!("{name} has no suggestion to reject")).hint(match mappings.as_slice() {
                    [] => "it is not mapped: nothing is to be done".to_owned(),
                    [one, ..] => format!("name the code to remove a confirmed mapping, such as {}", one.code()),
                }));
            }
            let ids: Vec<Uuid> = rejected.iter().map(|mapping| mapping.id).collect();
            let changed = db::mappings::delete(tx, &ids).await?;
            let result = json!({ "framework_id": scoped.known.row.id, "removed": changed, "rejected": listed(&rejected) });
            let audit = Some(Audit::of("map.reject", result));
            let mappings = rejected.into_iter().cloned().collect();
            Ok((Decided { framework: scoped.framework(), item: item.name.clone(), mappings, changed }, audit))
        })
        .await
}

//! `cmf map set`, `confirm` and `reject`: decisions about single items, or about all suggestions above a confidence.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scope, Scoped, counted, position_of, probability};
use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::mappings::{Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::{Position, Reference};
use crate::domain::near::Suggestions;
use crate::error::{Error, Exit, Result, shell_word};
use crate::lookup;
use crate::output::Table;
use crate::session::Write;

/// Arguments of `cmf map set`.
#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// The item: its metric number, name or id
    item: String,
    /// The codes, in any spelling
    #[arg(required = true)]
    codes: Vec<String>,
    #[command(flatten)]
    scope: Scope,
    /// Keep the item's other mappings to the framework
    #[arg(long)]
    add: bool,
    /// Map a withdrawn code to its successors, unconfirmed
    #[arg(long)]
    accept_successors: bool,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `cmf map confirm`.
#[derive(Debug, clap::Args)]
pub(super) struct Confirm {
    /// The item: its metric number, name or id; with --above, all items
    #[arg(required_unless_present = "above")]
    item: Option<String>,
    /// Which of its suggestions; the best one when none is named
    codes: Vec<String>,
    /// Confirm each item's best suggestion where its confidence is at least this
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability, conflicts_with = "codes")]
    above: Option<Decimal>,
    #[command(flatten)]
    scope: Scope,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `cmf map reject`.
#[derive(Debug, clap::Args)]
pub(super) struct Reject {
    /// The item: its metric number, name or id
    item: String,
    /// Which of its mappings, a confirmed one among them; all of its suggestions when none is named
    codes: Vec<String>,
    #[command(flatten)]
    scope: Scope,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Mappings after a command, as a table.
fn outcome(scoped: &Scoped, name: &str, mappings: &[&Mapping]) -> Table {
    let mut table = Table::new(["name", "framework", "code", "confidence", "is_ai_suggested", "is_confirmed"]);
    for mapping in mappings {
        table.row([
            name.into(),
            scoped.known.row.short_name().into(),
            mapping.code().into(),
            mapping.confidence.into(),
            mapping.is_ai_suggested.into(),
            mapping.is_confirmed.into(),
        ]);
    }
    table
}

/// Ends the transaction, where its result can be shown.
async fn end(context: &Context, tx: Write<'_>, dry_run: bool, table: &Table, audit: Option<Audit<'_>>) -> Result<()> {
    context.output.check_outcome(table)?;
    tx.settle(audit).await?;
    if dry_run {
        context.output.say("dry run, nothing changed");
    }
    Ok(())
}

/// The item's mappings to the scope's framework.
async fn mappings_of(tx: &mut Connection, scoped: &Scoped, item_id: Uuid) -> Result<Vec<Mapping>> {
    let mut mappings = db::mappings::list(tx, scoped.catalog_id, Some(scoped.known.row.id)).await?;
    mappings.retain(|mapping| mapping.item_id == item_id);
    Ok(mappings)
}

pub(super) async fn set(context: &Context, args: Set) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let scoped = args.scope.resolve(&mut tx).await?;
    let framework = scoped.known.row.short_name();
    let mut new: Vec<(Position, bool)> = Vec::new();
    let mut successors: Vec<(String, Position)> = Vec::new();
    let (index, near) = (scoped.known.codes(), Suggestions::default());
    for written in &args.codes {
        let resolved = lookup::code::resolve(&index, &near, written, args.accept_successors, &framework)?;
        if resolved.live.is_empty() && resolved.successors.is_empty() {
            return Err(Error::usage(format!("`{written}` is no code of {framework}"))
                .hint(format!("see `cmf framework show {}`; `cmf map reject` removes mappings", shell_word(&framework))));
        }
        new.extend(resolved.live.into_iter().map(|position| (position, true)));
        successors.extend(resolved.successors);
    }
    for (code, position) in successors {
        // A code that was named itself is no guess.
        if new.contains(&(position.clone(), true)) {
            continue;
        }
        context.output.notice(&format!("{code} is withdrawn: mapped to its successor {}, unconfirmed", position.code()));
        new.push((position, false));
    }
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    let item = lookup::item::find(&items, &args.item)?;
    db::locks::catalogs_of_items(&mut tx, &[item.id]).await?;
    let before = mappings_of(&mut tx, &scoped, item.id).await?;

    let wanted: HashSet<&Position> = new.iter().map(|(position, _)| position).collect();
    let gone: Vec<Uuid> = before
        .iter()
        .filter(|mapping| !wanted.contains(&position_of(mapping)) && !args.add)
        .map(|mapping| mapping.id)
        .collect();
    let confirmed: Vec<Uuid> = before
        .iter()
        .filter(|mapping| !mapping.is_confirmed && new.contains(&(position_of(mapping), true)))
        .map(|mapping| mapping.id)
        .collect();
    let mut rows: Vec<New> = Vec::new();
    for (position, is_confirmed) in &new {
        let known = before.iter().any(|mapping| position_of(mapping) == *position);
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
    let removed = db::mappings::delete(&mut tx, &gone).await?;
    let changed = db::mappings::set_confirmed(&mut tx, &confirmed, true).await?;
    let added = db::mappings::insert(&mut tx, scoped.known.row.id, &rows).await?;
    let audit = (removed + changed + added > 0).then(|| {
        let result = json!({
            "framework_id": scoped.known.row.id, "item_id": item.id,
            "codes": new.iter().map(|(position, _)| position.code()).collect::<Vec<_>>(),
            "added": added, "confirmed": changed, "removed": removed,
        });
        Audit::of("map.set", result)
    });
    let after = mappings_of(&mut tx, &scoped, item.id).await?;
    let message = if removed + changed + added == 0 {
        format!("{} was mapped so already, nothing changed", item.name)
    } else {
        let verb = if args.dry_run { "would map" } else { "mapped" };
        format!("{verb} {} to {}", item.name, after.iter().map(Mapping::code).collect::<Vec<_>>().join(", "))
    };
    let table = outcome(&scoped, &item.name, &after.iter().collect::<Vec<_>>());
    end(context, tx, args.dry_run, &table, audit).await?;
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
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
            let error = Error::usage(format!("{name} is not mapped to {wanted}, neither confirmed nor suggested"));
            if there.is_empty() {
                error.hint("map it with `cmf map set`")
            } else {
                error.hint(format!("it is mapped to {}; another code is set with `cmf map set`", there.join(", ")))
            }
        })?;
        chosen.push(found);
    }
    Ok(chosen)
}

pub(super) async fn confirm(context: &Context, args: Confirm) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let scoped = args.scope.resolve(&mut tx).await?;
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    let one = args.item.as_ref().map(|text| lookup::item::find(&items, text)).transpose()?.map(|item| item.id);
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).filter(|id| one.is_none_or(|one| one == *id)).collect();
    db::locks::catalogs_of_items(&mut tx, &ids).await?;
    let mut mappings = db::mappings::list(&mut tx, scoped.catalog_id, Some(scoped.known.row.id)).await?;
    mappings.retain(|mapping| one.is_none_or(|one| one == mapping.item_id));
    let mut chosen_ones: Vec<&Mapping> = match &args.item {
        Some(text) if !args.codes.is_empty() => chosen(&scoped, text, &mappings, &args.codes)?,
        _ => best_suggestions(&mappings),
    };
    if let Some(threshold) = args.above {
        let mapped: HashSet<Uuid> =
            mappings.iter().filter(|mapping| mapping.is_confirmed).map(|mapping| mapping.item_id).collect();
        chosen_ones.retain(|mapping| {
            mapping.confidence.is_some_and(|confidence| confidence >= threshold) && !mapped.contains(&mapping.item_id)
        });
    } else if chosen_ones.is_empty() {
        return Err(Error::usage(format!("{} has no suggestion to confirm", args.item.as_deref().unwrap_or_default()))
            .hint("make suggestions with `cmf map suggest`, or map it with `cmf map set`"));
    }
    let ids: Vec<Uuid> = chosen_ones.iter().map(|mapping| mapping.id).collect();
    let count = db::mappings::set_confirmed(&mut tx, &ids, true).await?;
    let result =
        json!({ "framework_id": scoped.known.row.id, "confirmed": count, "above": args.above, "codes": decided(&chosen_ones) });
    let audit = (count > 0).then(|| Audit::of("map.confirm", result));
    let mut table = Table::new(["name", "framework", "code", "confidence"]);
    for mapping in &chosen_ones {
        table.row([
            mapping.item.as_str().into(),
            scoped.known.row.short_name().into(),
            mapping.code().into(),
            mapping.confidence.into(),
        ]);
    }
    let message = match count {
        0 => "nothing to confirm, nothing changed".to_owned(),
        count => {
            let verb = if args.dry_run { "would confirm" } else { "confirmed" };
            format!("{verb} {}", counted(usize::try_from(count).unwrap_or_default(), "mapping"))
        }
    };
    end(context, tx, args.dry_run, &table, audit).await?;
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

/// The first undecided suggestion of each item, in the order of the list.
fn best_suggestions(mappings: &[Mapping]) -> Vec<&Mapping> {
    let mut seen = HashSet::new();
    mappings.iter().filter(|mapping| !mapping.is_confirmed).filter(|mapping| seen.insert(mapping.item_id)).collect()
}

fn decided(mappings: &[&Mapping]) -> Value {
    mappings.iter().map(|mapping| json!({ "item_id": mapping.item_id, "code": mapping.code() })).collect()
}

pub(super) async fn reject(context: &Context, args: Reject) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let scoped = args.scope.resolve(&mut tx).await?;
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    let item = lookup::item::find(&items, &args.item)?;
    db::locks::catalogs_of_items(&mut tx, &[item.id]).await?;
    let mappings = mappings_of(&mut tx, &scoped, item.id).await?;
    let rejected: Vec<&Mapping> = if args.codes.is_empty() {
        mappings.iter().filter(|mapping| !mapping.is_confirmed).collect()
    } else {
        chosen(&scoped, &item.name, &mappings, &args.codes)?
    };
    if rejected.is_empty() {
        return Err(Error::usage(format!("{} has no suggestion to reject", item.name))
            .hint("a confirmed mapping is removed by naming its code"));
    }
    let ids: Vec<Uuid> = rejected.iter().map(|mapping| mapping.id).collect();
    let count = db::mappings::delete(&mut tx, &ids).await?;
    let result = json!({ "framework_id": scoped.known.row.id, "removed": count, "rejected": decided(&rejected) });
    let codes: Vec<&str> = rejected.iter().map(|mapping| mapping.code()).collect();
    let verb = if args.dry_run { "would reject" } else { "rejected" };
    let message = format!("{verb} {} for {}", codes.join(", "), item.name);
    let table = outcome(&scoped, &item.name, &rejected);
    end(context, tx, args.dry_run, &table, Some(Audit::of("map.reject", result))).await?;
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

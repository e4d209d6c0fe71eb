//! `cmf catalog diff`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::json;

use super::contents::{self, Contents, Entry, FIELDS};
use super::resolve;
use crate::commands;
use crate::commands::percent::PercentArg;
use crate::context::Context;
use crate::db::Connection;
use crate::domain::item::Field;
use crate::domain::renumber::{Namesakes, namesakes};
use crate::error::{Exit, Result};
use crate::import::limits::MAX_SIZE;
use crate::output::{Cell, Results, Table};
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub(super) struct Diff {
    /// The catalog to start from, by name or id
    #[arg(value_name = "CATALOG")]
    from: String,
    /// The catalog, or the file, to compare with it
    #[arg(value_name = "CATALOG|FILE")]
    to: String,
    /// The user both catalogs belong to, where several have one of a name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Compare the codes of this framework; without it of the one most mappings are to
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    /// What plain numbers of the file mean where the unit is %
    #[arg(long, value_enum, default_value_t)]
    percent: PercentArg,
    /// The largest file that is read, in MB
    #[arg(long, value_name = "MB", default_value_t = MAX_SIZE)]
    max_size: u64,
    /// Exit 4 when they differ
    #[arg(long)]
    exit_code: bool,
}

/// How two catalogs differ in one item.
struct Change<'e> {
    kind: &'static str,
    entry: &'e Entry,
    field: Option<&'static str>,
    before: Cell,
    after: Cell,
}

pub(super) async fn run(context: &Context, args: Diff) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let owner = args.owner.as_deref();
    let framework_id = match &args.framework {
        Some(name) => Some(commands::framework::resolve(&mut tx, name).await?.id),
        None => None,
    };
    let from = resolve(&mut tx, &args.from, owner).await?;
    let before = contents::of_catalog(&mut tx, &from, framework_id).await?;
    let framework_id = framework_id.or(before.framework_id);
    let after = other(&mut tx, &args, owner, framework_id).await?;
    tx.end().await?;
    for warning in &after.warnings {
        context.output.notice(&format!("note: {warning}"));
    }
    let changes = compare(&before, &after);
    let count = |kind: &str| {
        let mut keys: Vec<String> =
            changes.iter().filter(|change| change.kind == kind).map(|change| change.entry.key()).collect();
        keys.dedup();
        keys.len()
    };
    let (added, removed, changed) = (count("added"), count("removed"), count("changed"));
    let renumbered = count("renumbered");
    let mut table = Table::new(["change", "metric_number", "name", "field", "before", "after"]);
    for change in &changes {
        table.row([
            change.kind.into(),
            change.entry.item.metric_number.clone().into(),
            change.entry.item.name.as_str().into(),
            change.field.into(),
            change.before.clone(),
            change.after.clone(),
        ]);
    }
    let json = json!({
        "from": from.name, "to": args.to, "added": added, "removed": removed, "changed": changed, "renumbered": renumbered,
        "changes": table.to_json(),
    });
    let is_empty = table.is_empty();
    context.output.results(Results::new(vec![table], json))?;
    if is_empty {
        context.output.say("no difference");
    } else {
        context.output.say(&format!("{added} added, {removed} removed, {changed} changed, {renumbered} renumbered"));
    }
    if renumbered > 0 {
        context.output.notice(
            "note: renumbered are metrics of the same name and another number; `cmf import` asks whether they are the same, see \
             --renumber",
        );
    }
    Ok(if args.exit_code && !is_empty { Exit::Difference } else { Exit::Success })
}

/// A catalog by its name, unless that is the path of a file and no catalog's name.
async fn other(tx: &mut Connection, args: &Diff, owner: Option<&str>, framework_id: Option<Uuid>) -> Result<Contents> {
    let text = args.to.as_str();
    match resolve(tx, text, owner).await {
        Ok(catalog) => contents::of_catalog(tx, &catalog, framework_id).await,
        Err(_) if Path::new(text).is_file() => {
            contents::of_file(tx, text, args.max_size, args.percent.into(), framework_id).await
        }
        Err(error) if text.contains(['/', '.', '\\']) => Err(error.detail(format!("and there is no file {text}"))),
        Err(error) => Err(error),
    }
}

/// The differences in the order of the first catalog, then what the second adds. An item of the same name and another number is
/// the same one renumbered, where an import would ask whether it is.
fn compare<'e>(before: &'e Contents, after: &'e Contents) -> Vec<Change<'e>> {
    let mut known: HashMap<String, &Entry> = after.entries.iter().map(|entry| (entry.key(), entry)).collect();
    let old: HashSet<String> = before.entries.iter().map(Entry::key).collect();
    let gone: Vec<&Entry> = before.entries.iter().filter(|entry| !known.contains_key(&entry.key())).collect();
    let mut new: Vec<&Entry> = after.entries.iter().filter(|entry| !old.contains(&entry.key())).collect();
    let name = |entry: &&'e Entry| entry.item.name.as_str();
    let renumbered: Vec<(usize, usize)> =
        namesakes(new.iter().map(name), gone.iter().map(name)).iter().filter_map(Namesakes::pair).collect();
    for (at, partner) in &renumbered {
        known.insert(gone[*partner].key(), new[*at]);
    }
    let renumbered: HashSet<String> = renumbered.into_iter().map(|(at, _)| new[at].key()).collect();
    new.retain(|entry| !renumbered.contains(&entry.key()));
    let mut changes = Vec::new();
    for old in &before.entries {
        let Some(new) = known.get(&old.key()) else {
            changes.push(Change { kind: "removed", entry: old, field: None, before: Cell::Null, after: Cell::Null });
            continue;
        };
        let is_renumbered = renumbered.contains(&new.key());
        for field in FIELDS.into_iter().chain([Field::Subcategory]) {
            let (was, is) = (old.field(field), new.field(field));
            if was != is {
                let kind = if is_renumbered && field == Field::MetricNumber { "renumbered" } else { "changed" };
                let field = if field == Field::Subcategory { "codes" } else { field.as_str() };
                changes.push(Change { kind, entry: old, field: Some(field), before: was, after: is });
            }
        }
    }
    for new in new {
        changes.push(Change { kind: "added", entry: new, field: None, before: Cell::Null, after: Cell::Null });
    }
    changes
}

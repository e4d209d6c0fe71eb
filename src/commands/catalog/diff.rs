//! `cmf catalog diff`.

use std::collections::HashMap;
use std::path::Path;

use serde_json::json;

use super::contents::{self, COMPARED, Contents, Entry, Stored};
use crate::aside::Aside;
use crate::context::Context;
use crate::db::Connection;
use crate::domain::item::Field;
use crate::domain::renumber::{Namesakes, namesakes};
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::{Cell, Table};
use crate::reading::Reading;
use uuid::Uuid;

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")))]
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
    #[command(flatten)]
    reading: Reading,
    /// Exit 4 when they differ
    #[arg(long)]
    exit_code: bool,
}

/// How two catalogs differ.
#[derive(Default)]
struct Changes {
    /// Kind, number, name, field, before, after.
    rows: Aside<[Cell; 6]>,
    added: usize,
    removed: usize,
    changed: usize,
    renumbered: usize,
}

impl Changes {
    /// Compares an item of the first catalog with the one of the second, which may have another number.
    fn compare(&mut self, old: &Entry, new: Option<Vec<Cell>>, is_renumbered: bool) -> Result<()> {
        let row = |kind: &str, field: Option<&str>, before: Cell, after: Cell| {
            let item = &old.item;
            [kind.into(), item.metric_number.clone().into(), item.name.as_str().into(), field.into(), before, after]
        };
        let Some(new) = new else {
            self.removed += 1;
            return self.rows.push(row("removed", None, Cell::Null, Cell::Null));
        };
        let mut is_changed = false;
        for ((field, was), is) in COMPARED.into_iter().zip(old.compared()).zip(new) {
            if was == is {
                continue;
            }
            if is_renumbered && field == Field::MetricNumber {
                self.renumbered += 1;
                self.rows.push(row("renumbered", Some(field.as_str()), was, is))?;
            } else {
                is_changed = true;
                let field = if field == Field::Subcategory { "codes" } else { field.as_str() };
                self.rows.push(row("changed", Some(field), was, is))?;
            }
        }
        self.changed += usize::from(is_changed);
        Ok(())
    }

    /// Adds an item that the second catalog alone has.
    fn add(&mut self, fields: Vec<Cell>) -> Result<()> {
        self.added += 1;
        let mut called = COMPARED.into_iter().zip(fields);
        let mut called = |wanted| called.find(|(field, _)| *field == wanted).map_or(Cell::Null, |(_, cell)| cell);
        let (number, name) = (called(Field::MetricNumber), called(Field::Name));
        self.rows.push(["added".into(), number, name, Cell::Null, Cell::Null, Cell::Null])
    }
}

pub(super) async fn run(context: &Context, args: Diff) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read_one_state().await?;
    let owner = args.owner.as_deref();
    let framework_id = lookup::framework::if_named(&mut tx, args.framework.as_deref()).await?.map(|row| row.id);
    let from = lookup::catalog::find(&mut tx, &args.from, owner).await?;
    let before = Stored::look(&mut tx, &from, framework_id).await?;
    let mut after = other(&mut tx, &args, owner, framework_id.or(before.framework_id)).await?;
    let renumbered = renumbered(&mut tx, &before, &mut after).await?;
    let mut changes = Changes::default();
    before
        .each(&mut tx, |entry| {
            let key = entry.key();
            let partner = renumbered.get(&key);
            changes.compare(&entry, after.find(partner.unwrap_or(&key))?, partner.is_some())
        })
        .await?;
    tx.end().await?;
    let note = before.note_of_others("not compared", "compare").map(|note| format!("{}: {note}", from.name));
    for warning in note.iter().chain(&after.warnings) {
        context.output.notice(&format!("note: {warning}"));
    }
    after.others(|fields| changes.add(fields))?;
    let Changes { rows: mut found, added, removed, changed, renumbered } = changes;
    let members = [
        ("from", json!(from.name)),
        ("to", json!(args.to)),
        ("added", json!(added)),
        ("removed", json!(removed)),
        ("changed", json!(changed)),
        ("renumbered", json!(renumbered)),
    ];
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let table = Table::new(["change", "metric_number", "name", "field", "before", "after"]);
    let mut rows = context.output.document(Vec::new(), members, "changes", table)?;
    let is_empty = found.len() == 0;
    for position in 0..found.len() {
        rows.row(found.get(position)?)?;
    }
    rows.finish()?;
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
    match lookup::catalog::find(tx, text, owner).await {
        Ok(catalog) => {
            args.reading.refused("a catalog")?;
            contents::of_catalog(tx, &catalog, framework_id).await
        }
        Err(_) if Path::new(text).is_file() => contents::of_file(tx, text, &args.reading, framework_id).await,
        Err(error) if text.contains(['/', '.', '\\']) => Err(error.detail(format!("and there is no file {text}"))),
        Err(error) => Err(error),
    }
}

/// The items of the first catalog that the second has under another number, with their keys there: where an import would ask
/// whether they are the same.
async fn renumbered(tx: &mut Connection, before: &Stored, after: &mut Contents) -> Result<HashMap<String, String>> {
    let mut gone = Vec::new();
    before
        .each(tx, |entry| {
            let key = entry.key();
            if !after.mark(&key) {
                gone.push((key, entry.item.name));
            }
            Ok(())
        })
        .await?;
    if gone.is_empty() {
        return Ok(HashMap::new());
    }
    let new = after.strangers()?;
    let found = namesakes(new.iter().map(|one| one.1.as_str()), gone.iter().map(|one| one.1.as_str()));
    Ok(found.iter().filter_map(Namesakes::pair).map(|(at, partner)| (gone[partner].0.clone(), new[at].0.clone())).collect())
}

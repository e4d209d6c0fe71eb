//! `cmf catalog diff`.

use std::path::Path;

use serde_json::json;

use super::contents::{self, COMPARED, Contents, Entry, Stored};
use super::resolve;
use crate::aside::Aside;
use crate::commands;
use crate::context::Context;
use crate::db::Transaction;
use crate::domain::item::Field;
use crate::error::{Exit, Result};
use crate::import::limits::MAX_SIZE;
use crate::output::{Cell, Table};
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
    /// The largest file that is read, in MB
    #[arg(long, value_name = "MB", default_value_t = MAX_SIZE)]
    max_size: u64,
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
}

impl Changes {
    /// Compares an item of the first catalog with the one of the second.
    fn compare(&mut self, old: &Entry, new: Option<Vec<Cell>>) -> Result<()> {
        let row = |kind: &str, field: Option<&str>, before: Cell, after: Cell| {
            let item = &old.item;
            [kind.into(), item.metric_number.clone().into(), item.name.as_str().into(), field.into(), before, after]
        };
        let Some(new) = new else {
            self.removed += 1;
            return self.rows.push(row("removed", None, Cell::Null, Cell::Null));
        };
        let before = self.rows.len();
        for ((field, was), is) in COMPARED.into_iter().zip(old.compared()).zip(new) {
            if was != is {
                let field = if field == Field::Subcategory { "codes" } else { field.as_str() };
                self.rows.push(row("changed", Some(field), was, is))?;
            }
        }
        self.changed += usize::from(self.rows.len() > before);
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
    let mut database = commands::connect(context).await?;
    let mut tx = database.begin().await?;
    let owner = args.owner.as_deref();
    let framework_id = match &args.framework {
        Some(name) => Some(commands::framework::resolve(&mut tx, name).await?.id),
        None => None,
    };
    let from = resolve(&mut tx, &args.from, owner).await?;
    let before = Stored::look(&mut tx, &from, framework_id).await?;
    let mut after = other(&mut tx, &args.to, args.max_size, owner, framework_id.or(before.framework_id)).await?;
    let mut changes = Changes::default();
    before.each(&mut tx, |entry| changes.compare(&entry, after.find(&entry.key())?)).await?;
    tx.rollback().await?;
    for warning in &after.warnings {
        context.output.notice(&format!("note: {warning}"));
    }
    after.others(|fields| changes.add(fields))?;
    let Changes { rows: mut found, added, removed, changed } = changes;
    let members = [
        ("from", json!(from.name)),
        ("to", json!(args.to)),
        ("added", json!(added)),
        ("removed", json!(removed)),
        ("changed", json!(changed)),
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
        context.output.say(&format!("{added} added, {removed} removed, {changed} changed"));
    }
    Ok(if args.exit_code && !is_empty { Exit::Difference } else { Exit::Success })
}

/// A catalog by its name, unless that is the path of a file and no catalog's name.
async fn other(
    tx: &mut Transaction<'_>,
    text: &str,
    max_size: u64,
    owner: Option<&str>,
    framework_id: Option<Uuid>,
) -> Result<Contents> {
    match resolve(tx, text, owner).await {
        Ok(catalog) => contents::of_catalog(tx, &catalog, framework_id).await,
        Err(_) if Path::new(text).is_file() => contents::of_file(tx, text, max_size, framework_id).await,
        Err(error) if text.contains(['/', '.', '\\']) => Err(error.detail(format!("and there is no file {text}"))),
        Err(error) => Err(error),
    }
}

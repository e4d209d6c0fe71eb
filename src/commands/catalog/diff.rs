//! `cmf catalog diff`.

use serde_json::json;

use crate::catalog::contents::Content;
use crate::catalog::difference::{self, Difference, Request};
use crate::commands;
use crate::commands::percent::PercentArg;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::import::limits::MAX_SIZE;
use crate::output::{Cell, Table};

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

impl From<Content> for Cell {
    fn from(content: Content) -> Self {
        match content {
            Content::Nothing => Cell::Null,
            Content::Text(text) => Cell::Text(text),
            Content::Number(number) => Cell::Number(number),
        }
    }
}

pub(super) async fn run(context: &Context, args: Diff) -> Result<Exit> {
    let request = Request {
        from: &args.from,
        to: &args.to,
        owner: args.owner.as_deref(),
        framework: args.framework.as_deref(),
        percent: args.percent.into(),
        max_size: args.max_size,
    };
    let mut session = commands::connect(context).await?;
    let difference = difference::between(&mut session, &request).await?;
    for note in &difference.notes {
        context.output.notice(&format!("note: {note}"));
    }
    let Difference { rows: mut found, added, removed, changed, renumbered, from, .. } = difference;
    let members = [
        ("from", json!(from)),
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
        rows.row(found.get(position)?.map(Cell::from))?;
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

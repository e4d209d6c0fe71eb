//! `cmf map carry`: what an item's mappings to one framework say about another.

use super::scope::say_what_is_next;
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::map::{self, Scope};
use crate::output::Table;

/// Arguments of `cmf map carry`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The framework whose confirmed mappings are carried over
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-1.1")]
    from: String,
    /// The framework they are carried to
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-2.0")]
    to: String,
    /// The catalog; all of them when none is named
    #[arg(long)]
    catalog: Option<String>,
    /// The catalog's owner, where several have one of this name
    #[arg(long, requires = "catalog")]
    owner: Option<String>,
    /// Show what would be carried over and store nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mut table = Table::new(["catalog", "metric_number", "name", "item_id", "from", "code", "confidence"])
        .only_for_programs(&["catalog", "item_id"]);
    context.output.check(&table)?;
    let scope = Scope { catalog: args.catalog, owner: args.owner, framework: args.to };
    let mut session = context.open().await?;
    let outcome = map::carry::carry(&mut session, &scope, &args.from, args.dry_run).await?;
    for (item, one) in &outcome.carried {
        table.row([
            item.catalog.as_str().into(),
            item.metric_number.clone().into(),
            item.name.as_str().into(),
            item.id.into(),
            one.from.join(", ").into(),
            one.position.code().into(),
            one.confidence.into(),
        ]);
    }
    context.output.results(table)?;
    let (from, to, items) = (&outcome.from, &outcome.to, outcome.items());
    for (item, code) in &outcome.lost {
        context.output.notice(&format!("{code} has no successor in {to}: map {item} by hand"));
    }
    context.output.say(&match (outcome.has_sources, items) {
        (false, _) => format!("no item has a confirmed mapping to {from}, nothing changed"),
        (true, 0) => "everything was carried over already, nothing changed".to_owned(),
        (true, items) => format!("carried {} to {to}, unconfirmed", counted(items, "item")),
    });
    say_what_is_next(context, args.dry_run, items);
    Ok(Exit::Success)
}

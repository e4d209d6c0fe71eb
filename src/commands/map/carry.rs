//! `cmf map carry`: what an item's mappings to one framework say about another.

use super::scope::{CatalogArgs, say_what_is_next};
use crate::context::Context;
use crate::db::mappings::Item;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::map::carry::{self, By, Carried};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The framework whose confirmed mappings are carried over
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-1.1")]
    from: String,
    /// The framework they are carried to; without it csf-2.0, or where the crosswalk leads
    #[arg(long, value_name = "FRAMEWORK")]
    to: Option<String>,
    /// Carry them over by a crosswalk: the framework that items are mapped to, or the crosswalk's name
    #[arg(long, value_name = "FRAMEWORK|CROSSWALK", conflicts_with = "from")]
    via: Option<String>,
    #[command(flatten)]
    of: CatalogArgs,
    /// Show what would be carried over and store nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const CARRIED: Columns<(Item, Carried)> = columns! { |(item, one)|
    catalog: for_programs = &item.catalog, metric_number = &item.metric_number, name = &item.name,
    item_id: for_programs = item.id, from = one.from.join(", "), code = one.position.code(), confidence = one.confidence
};

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check(&CARRIED.table())?;
    let mut session = context.open().await?;
    let by = args.via.as_deref().map_or(By::Successors(&args.from), By::Crosswalk);
    let scope = (args.of.catalog, args.of.owner, args.to.as_deref());
    let outcome = carry::carry(&mut session, scope, by, args.dry_run, &context.output).await?;
    context.output.results(CARRIED.table_of(&outcome.carried))?;
    let (from, to, items) = (&outcome.from, &outcome.to, outcome.items());
    for (item, code) in &outcome.lost {
        let lacks = if args.via.is_some() { "row in the crosswalk".to_owned() } else { format!("successor in {to}") };
        context.output.notice(&format!("{code} has no {lacks}: map {item} by hand"));
    }
    context.output.say(&match (outcome.has_sources, items) {
        (false, _) => format!("nothing changed: no item has a confirmed mapping to {from}"),
        (true, 0) => "nothing changed: everything was carried over before".to_owned(),
        (true, items) => format!("carried {} to {to}, unconfirmed", counted(items, "item")),
    });
    say_what_is_next(context, args.dry_run, items);
    Ok(Exit::Success)
}

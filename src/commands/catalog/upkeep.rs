//! `cmf catalog rename|clone|delete`.

use crate::catalog::upkeep::{self, listed};
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::Table;

#[derive(Debug, clap::Args)]
pub(super) struct Rename {
    /// The catalog's name or id
    catalog: String,
    /// The new name, at most 200 characters
    new_name: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    /// The catalog's name or id
    catalog: String,
    /// The copy's name, at most 200 characters
    new_name: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// The user the copy belongs to; without it, the same
    #[arg(long, value_name = "USER")]
    to: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Delete {
    /// The catalog's name or id
    catalog: String,
    /// The user it belongs to, where several have one of this name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Delete it although it is its owner's active catalog
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would go and delete nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn rename(context: &Context, args: Rename) -> Result<Exit> {
    let mut table = Table::new(["id", "name", "before"]).single();
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let catalog = upkeep::rename(&mut session, &args.catalog, args.owner.as_deref(), &args.new_name).await?;
    table.row([catalog.id.into(), args.new_name.as_str().into(), catalog.name.as_str().into()]);
    context.output.outcome(&format!("catalog {} is called {} now", catalog.name, args.new_name), table)?;
    Ok(Exit::Success)
}

pub(super) async fn copy(context: &Context, args: Copy) -> Result<Exit> {
    let mut table = Table::new(["id", "name", "cloned_from", "items", "mappings"]).single();
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let (owner, to, name) = (args.owner.as_deref(), args.to.as_deref(), args.new_name.as_str());
    let copied = upkeep::copy(&mut session, &args.catalog, owner, name, to).await?;
    let from = copied.from.name.as_str();
    table.row([copied.id.into(), name.into(), from.into(), copied.items.into(), copied.mappings.into()]);
    let (items, mappings) = (counted(copied.items, "item"), counted(copied.mappings, "mapping"));
    let message = format!("catalog {name} holds the {items} and {mappings} of {from}; it is not active");
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

/// Deletes a catalog with all that belongs to it, after saying what that is.
pub(super) async fn delete(context: &Context, args: Delete) -> Result<Exit> {
    let mut table = Table::new(["id", "name", "owner", "items", "mappings", "metrics", "readings", "scores"]).single();
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let (catalog, belongings) = upkeep::to_delete(&mut session, &args.catalog, args.owner.as_deref(), args.force).await?;
    let question = format!("This deletes catalog {} of {}, and with it {}.", catalog.name, catalog.owner, listed(belongings));
    let is_asked = !args.yes && !args.dry_run;
    let confirmed = context.output.confirm(&question, !is_asked)?;
    let shown = is_asked.then_some(belongings);
    let gone = upkeep::delete(&mut session, &catalog, shown, args.force, args.dry_run, &confirmed).await?;
    table.row([
        catalog.id.into(),
        catalog.name.as_str().into(),
        catalog.owner.as_str().into(),
        gone.items.into(),
        gone.mappings.into(),
        gone.metrics.into(),
        gone.readings.into(),
        gone.scores.into(),
    ]);
    context.output.ending(args.dry_run, &format!("deleted catalog {} with {}", catalog.name, listed(gone)), table)?;
    Ok(Exit::Success)
}

//! `cmf catalog rename|chown|clone|delete`.

use crate::catalog::upkeep::{self, Copied, listed};
use crate::context::Context;
use crate::db::catalog_upkeep::Belongings;
use crate::db::catalogs::Catalog;
use crate::db::users::User;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The catalog's name or id
    pub(super) catalog: String,
    /// The user it belongs to, if several have one of this name
    #[arg(long, value_name = "USER")]
    pub(super) owner: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rename {
    #[command(flatten)]
    which: Which,
    /// The new name, at most 200 characters
    new_name: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Chown {
    #[command(flatten)]
    which: Which,
    /// The new owner
    #[arg(value_name = "USER")]
    to: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    #[command(flatten)]
    which: Which,
    /// The copy's name, at most 200 characters
    new_name: String,
    /// The user the copy belongs to; without it, the same
    #[arg(long, value_name = "USER")]
    to: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Delete {
    #[command(flatten)]
    which: Which,
    /// Delete it even if it is its owner's active catalog
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) const RENAMED: Columns<(Catalog, String)> =
    columns! { |(before, name)| id = before.id, name, before = &before.name };
pub(super) const GIVEN: Columns<(Catalog, User)> = columns! { |(before, user)|
    id = before.id, name = &before.name, owner = &user.username, before = &before.owner
};
pub(super) const COPIED: Columns<(Copied, String)> = columns! { |(copied, name)|
    id = copied.id, name, cloned_from = &copied.from.name, items = copied.items, mappings = copied.mappings
};
pub(super) const DELETED: Columns<(Catalog, Belongings, Option<i64>)> = columns! { |(catalog, gone, undo)|
    id = catalog.id, name = &catalog.name, owner = &catalog.owner, items = gone.items, mappings = gone.mappings,
    metrics = gone.metrics, readings = gone.readings, scores = gone.scores, undo: for_programs = *undo
};

pub(super) async fn rename(context: &Context, args: Rename) -> Result<Exit> {
    context.output.check_outcome(&RENAMED.table())?;
    let mut session = context.open().await?;
    let catalog = upkeep::rename(&mut session, &args.which.catalog, args.which.owner.as_deref(), &args.new_name).await?;
    let message = format!("catalog {} is now called {}", catalog.name, args.new_name);
    context.output.outcome(&message, RENAMED.one(&(catalog, args.new_name)))?;
    Ok(Exit::Success)
}

pub(super) async fn chown(context: &Context, args: Chown) -> Result<Exit> {
    context.output.check_outcome(&GIVEN.table())?;
    let mut session = context.open().await?;
    let (before, user) = upkeep::give(&mut session, &args.which.catalog, args.which.owner.as_deref(), &args.to).await?;
    let word = if before.owner_id == user.id { "is" } else { "is now" };
    context.output.outcome(&format!("catalog {} {word} {}'s", before.name, user.username), GIVEN.one(&(before, user)))?;
    Ok(Exit::Success)
}

pub(super) async fn copy(context: &Context, args: Copy) -> Result<Exit> {
    context.output.check_outcome(&COPIED.table())?;
    let mut session = context.open().await?;
    let (owner, to, name) = (args.which.owner.as_deref(), args.to.as_deref(), args.new_name.as_str());
    let copied = upkeep::copy(&mut session, &args.which.catalog, owner, name, to).await?;
    let (items, mappings) = (counted(copied.items, "item"), counted(copied.mappings, "mapping"));
    let message = format!("catalog {name} has the {items} and {mappings} of {}; it is not active", copied.from.name);
    context.output.outcome(&message, COPIED.one(&(copied, args.new_name)))?;
    Ok(Exit::Success)
}

/// Deletes a catalog with all that belongs to it, after saying what that is.
pub(super) async fn delete(context: &Context, args: Delete) -> Result<Exit> {
    context.output.check_outcome(&DELETED.table())?;
    let mut session = context.open().await?;
    let (catalog, belongings) =
        upkeep::to_delete(&mut session, &args.which.catalog, args.which.owner.as_deref(), args.force).await?;
    let question = format!("This deletes catalog {} of {}, and with it {}.", catalog.name, catalog.owner, listed(belongings));
    let is_asked = !args.yes && !args.dry_run;
    let confirmed = context.output.confirm(&question, !is_asked)?;
    let shown = is_asked.then_some(belongings);
    let gone = upkeep::delete(&mut session, &catalog, shown, args.force, args.dry_run, &confirmed).await?;
    let message = format!("deleted catalog {} with {}", catalog.name, listed(gone));
    context.output.ending(args.dry_run, &message, DELETED.one(&(catalog, gone, session.written())))?;
    Ok(Exit::Success)
}

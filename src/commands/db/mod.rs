//! `cmf db`: the database as a whole.

mod dump;
mod grants;
mod partition;
mod restore;
mod schemas;
mod template;
mod views;
mod whole;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{Shape, Shapes};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the whole database into a file
    Dump(dump::Args),
    /// Restore what `cmf db dump` wrote
    Restore(restore::Args),
    /// Make the database that the URL names
    Create(whole::Create),
    /// Drop the database with everything in it, or a copy or template by its name
    Drop(whole::Drop),
    /// Drop the database and make it again, migrated
    Reset(whole::Reset),
    /// Wait until the server is ready
    Wait(whole::Wait),
    /// Make a database to copy: migrated, seeded, with fixtures
    Template(template::Template),
    /// Copy a template and print the copy's URL
    Clone(template::Clone),
    /// Drop copies and templates whose time is over
    Prune(template::Prune),
    /// Print or apply the smallest rights for a database role
    Grants(grants::Args),
    /// List the schemas that have the tables of cmf
    Schemas,
    /// Divide the readings by months, for a tenant that is too large for one table; make the next months
    Partition(partition::Args),
    /// Make the views for BI tools, bring them up to date, or remove them
    Views(views::Args),
}

pub(super) fn shapes() -> Shapes {
    let changed = ["db create", "db drop", "db reset"].map(|words| (words, Shape::one(&whole::CHANGED)));
    let others = [
        ("db dump", Shape::one(&dump::DUMPED)),
        ("db restore", Shape::one(&restore::RESTORED)),
        ("db wait", Shape::one(&whole::WAITED)),
        ("db template", Shape::one(&template::MADE)),
        ("db clone", Shape::one(&template::CLONED)),
        ("db prune", Shape::rows(&template::PRUNED)),
        ("db grants", Shape::rows(&grants::STATEMENT).or(Shape::one(&grants::GRANTED))),
        ("db partition", Shape::rows(&partition::PARTITION)),
        ("db schemas", Shape::rows(&schemas::LISTING)),
        ("db views", Shape::one(&views::MADE)),
    ];
    changed.into_iter().chain(others).collect()
}

/// Runs `cmf db`.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Dump(args) => dump::run(context, args).await,
        Command::Restore(args) => restore::run(context, args).await,
        Command::Create(args) => whole::create(context, args).await,
        Command::Drop(whole::Drop { name: Some(name), .. }) => template::drop_copy(context, name).await,
        Command::Drop(args) => whole::drop(context, args).await,
        Command::Reset(args) => whole::reset(context, args).await,
        Command::Wait(args) => whole::wait(context, args).await,
        Command::Template(args) => template::template(context, args).await,
        Command::Clone(args) => template::clone(context, args).await,
        Command::Prune(args) => template::prune(context, args).await,
        Command::Grants(args) => grants::run(context, args).await,
        Command::Partition(args) => partition::run(context, args).await,
        Command::Schemas => schemas::run(context).await,
        Command::Views(args) => views::run(context, args).await,
    }
}

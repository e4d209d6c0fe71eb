//! `cmf db`: the database as a whole.

mod dump;
mod grants;
mod partition;
mod restore;
mod schemas;
mod template;
mod views;
mod whole;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Shape;

noun! {
    /// Runs `cmf db`.
    |context|
    /// Write the whole database into a file
    Dump(args: dump::Args), Dumps(Migrator), Shape::one(&dump::DUMPED) => dump::run(context, args).await;
    /// Restore what `cmf db dump` wrote
    Restore(args: restore::Args), Changes(Migrator), Shape::one(&restore::RESTORED) => restore::run(context, args).await;
    /// Make the database that the URL names
    Create(args: whole::Create), Changes(Migrator), Shape::one(&whole::CHANGED) => whole::create(context, args).await;
    /// Drop the database with everything in it, or a copy or template by its name
    Drop(args: whole::Drop), Changes(Migrator), Shape::one(&whole::CHANGED) => match args {
        whole::Drop { name: Some(name), .. } => template::drop_copy(context, name).await,
        args => whole::drop(context, args).await,
    };
    /// Drop the database and make it again, migrated
    Reset(args: whole::Reset), Changes(Migrator), Shape::one(&whole::CHANGED) => whole::reset(context, args).await;
    /// Wait until the server is ready
    Wait(args: whole::Wait), Reads(Migrator), Shape::one(&whole::WAITED) => whole::wait(context, args).await;
    /// Make a database to copy: migrated, seeded, with fixtures
    Template(args: template::Template), Changes(Migrator), Shape::one(&template::MADE) => template::template(context, args).await;
    /// Copy a template and print the copy's URL
    Clone(args: template::Clone), Changes(Migrator), Shape::one(&template::CLONED) => template::clone(context, args).await;
    /// Drop copies and templates whose time is over
    Prune(args: template::Prune), Changes(Migrator), Shape::rows(&template::PRUNED) => template::prune(context, args).await;
    /// Print or apply the smallest rights for a database role
    Grants(args: grants::Args), Changes(Migrator), Shape::rows(&grants::STATEMENT).or(Shape::one(&grants::GRANTED))
        => grants::run(context, args).await;
    /// List the schemas that have the tables of cmf
    Schemas, Reads(Migrator), Shape::rows(&schemas::LISTING) => schemas::run(context).await;
    /// Divide the readings by months, for a tenant that is too large for one table; make the next months
    Partition(args: partition::Args), Changes(Migrator), Shape::rows(&partition::PARTITION)
        => partition::run(context, args).await;
    /// Make the views for BI tools, bring them up to date, or remove them
    Views(args: views::Args), Changes(Migrator), Shape::one(&views::MADE) => views::run(context, args).await;
}

//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

pub mod audit;
pub mod catalog;
pub mod completions;
pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod framework;
pub mod history;
pub mod import;
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
mod percent;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
mod spans;
pub(crate) mod tenants;
pub mod user;

use std::path::Path;

use crate::context::{Context, Place};
use crate::error::Result;
use crate::files;
use crate::output::Table;
use crate::session::Session;

/// Connects to the database of this run. The private Postgres is started, and made ready on first use.
///
/// # Errors
/// When the database cannot be reached or made.
pub(crate) async fn connect(context: &Context) -> Result<Session> {
    match context.place()? {
        Place::Named(address) => context.connect(&address).await,
        Place::Private(directory) => local::open(context, &directory).await,
    }
}

/// Tells what became of a file; only says it where standard output is the file.
///
/// # Errors
/// As [`crate::output::Output::outcome`].
pub(crate) fn outcome_of_file(context: &Context, path: &Path, message: &str, table: Table) -> Result<()> {
    if files::is_stdout(path) {
        context.output.say(message);
        return Ok(());
    }
    context.output.outcome(message, table)
}

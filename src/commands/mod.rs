//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

pub mod audit;
pub mod catalog;
pub mod completions;
pub mod db;
pub mod demo;
pub mod framework;
pub mod history;
pub mod import;
pub mod local;
pub mod man;
pub mod migrate;
pub mod record;
pub mod score;
pub mod seed;
pub mod user;

use crate::context::{Context, Place};
use crate::db::Database;
use crate::error::Result;

/// Connects to the database of this run. The private Postgres is started, and made ready on first use.
///
/// # Errors
/// When the database cannot be reached or made.
pub(crate) async fn connect(context: &Context) -> Result<Database> {
    match context.place()? {
        Place::Named(address) => context.connect(&address).await,
        Place::Private(directory) => local::open(context, &directory).await,
    }
}

//! `cmf db`: the database as a whole.

mod client;
mod dump;
mod restore;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Arguments of `cmf db`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the whole database into a file
    Dump(dump::Args),
    /// Bring back what `cmf db dump` wrote
    Restore(restore::Args),
}

/// Runs `cmf db`.
///
/// # Errors
/// See the commands.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Dump(args) => dump::run(context, args).await,
        Command::Restore(args) => restore::run(context, args).await,
    }
}

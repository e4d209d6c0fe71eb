//! `cmf migrate new`: a folder for a migration.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::migrate::new::{self, Kind};
use crate::output::{Columns, Format, Results, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it does, as a verb and a noun, like "add metric owner"
    name: String,
    /// It runs outside a transaction, as a concurrent index must
    #[arg(long)]
    no_transaction: bool,
    /// It runs again whenever it has changed, after all others: for views and functions
    #[arg(long, conflicts_with = "no_transaction")]
    repeatable: bool,
}

pub(super) const FOLDER: Columns<String> = columns! { |folder| folder = folder };

/// Exit 2 for a name that cannot be one, 73 when the folder cannot be written.
pub(super) fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    let parent = dir.unwrap_or_else(|| PathBuf::from("migrations"));
    let kind = match (args.repeatable, args.no_transaction) {
        (true, _) => Kind::Repeatable,
        (false, true) => Kind::Bare,
        (false, false) => Kind::Usual,
    };
    let folder = new::make(&parent, &args.name, kind)?.display().to_string();
    // What was made is what is asked for: a script edits it next.
    let made = Results::from(FOLDER.one(&folder)).written_as(Format::Table, format!("{folder}\n"));
    context.output.results(made).map(|()| Exit::Success)
}

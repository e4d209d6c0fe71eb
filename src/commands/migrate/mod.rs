//! `cmf migrate`: brings the schema up, takes it down, and shows, checks and compares what stands.

mod adopt;
mod down;
mod drift;
mod dump;
mod everywhere;
mod lint;
mod log;
mod new;
mod options;
mod plan;
mod repair;
mod runs;
mod squash;
mod status;
mod test;
mod up;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::migrate::MigrationSet;
use crate::output::{Shape, Shapes};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the migrations from this folder instead of those built in
    #[arg(long, global = true, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// The value of a placeholder ${name} in the scripts of the folder; may be given for each [default: the profile's `placeholders`]
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = placeholder)]
    set: Vec<(String, String)>,
    /// Work with the rights of this role, the owner of the tables (SET ROLE)
    #[arg(long, global = true, value_name = "OWNER")]
    role: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply pending migrations
    Up(up::Args),
    /// Revert the newest migration, or several
    Down(down::Args),
    /// Revert the newest migration and apply it again
    Redo(down::Redo),
    /// Show which migrations are applied; changes nothing
    Status(status::Args),
    /// Show what would run; changes nothing
    Plan(plan::Args),
    /// Compare the schema with what its migrations make; exit 4 if they differ
    Drift(drift::Args),
    /// Print the schema as SQL
    Dump(dump::Args),
    /// Take over a database whose tables alembic or a person made
    Adopt(adopt::Args),
    /// Try each migration up, down and up again in a scratch database; exit 4 if one does not revert cleanly
    Test(test::Args),
    /// Check migrations without a database; exit 4 if something is wrong or dangerous
    Lint(lint::Args),
    /// Make a folder for a new migration
    New(new::Args),
    /// Show what cmf ran on this database, and who, when and for how long
    Log,
    /// Check that no applied migration was edited; exit 4 if one was
    Verify,
    /// Record the applied migrations as they are now
    Repair(repair::Args),
    /// Make one migration of many, for databases that are made from now on; no database is asked
    Squash(squash::Args),
}

/// Reads `name=value`.
fn placeholder(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { Ok((name.to_owned(), value.to_owned())) } else { Err("a name has letters, digits and `_`".to_owned()) }
}

pub(super) fn shapes() -> Shapes {
    let ran = || Shape::rows(&runs::RAN);
    vec![
        ("migrate up", ran().or(Shape::rows(&everywhere::TENANT))),
        ("migrate down", ran()),
        ("migrate redo", ran()),
        ("migrate status", status::shape()),
        ("migrate plan", Shape::rows(&plan::PENDING).or(Shape::rows(&plan::TRACED))),
        ("migrate drift", Shape::rows(&drift::DIFFERENCE)),
        ("migrate adopt", Shape::rows(&runs::RECORDED)),
        ("migrate test", test::shape()),
        ("migrate lint", Shape::rows(&lint::VIOLATION).or(Shape::rows(&lint::RULE))),
        ("migrate new", Shape::one(&new::FOLDER)),
        ("migrate squash", Shape::one(&new::FOLDER)),
        ("migrate log", Shape::rows(&log::RECORD)),
        ("migrate verify", Shape::rows(&verify::wrong_ones())),
        ("migrate repair", Shape::rows(&runs::RECORDED)),
    ]
}

/// Runs `cmf migrate`. Exit 1 when a migration fails, 2 without a confirmation, 4 when a check found a difference, 69 when the
/// server cannot be reached, 78 when the migrations cannot be read.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let dir = args.dir.clone();
    let context = &context.as_role(args.role.as_deref());
    if !args.set.is_empty() && args.dir.is_none() {
        return Err(Error::usage("--set works only with the scripts of a folder").hint("name it with --dir FOLDER"));
    }
    let mut values = args.set.clone();
    // What is typed comes first.
    for pair in context.config().get("placeholders").into_iter().flat_map(|setting| &setting.values) {
        values.push(placeholder(pair).map_err(|reason| Error::new(Exit::Config, format!("the profile: `{pair}`: {reason}")))?);
    }
    let set = || MigrationSet::filled(args.dir.clone(), &values);
    match args.command {
        Command::Up(args) => up::run(context, &set()?, args).await,
        Command::Down(args) => down::run(context, &set()?, args).await,
        Command::Redo(args) => down::redo(context, &set()?, args).await,
        Command::Status(args) => status::run(context, &set()?, args).await,
        Command::Plan(args) => plan::run(context, &set()?, args).await,
        Command::Drift(args) => drift::run(context, &set()?, args).await,
        Command::Dump(args) => dump::run(context, set, args).await,
        Command::Adopt(args) => adopt::run(context, &set()?, args).await,
        Command::Test(args) => test::run(context, &set()?, args).await,
        Command::Lint(args) => lint::run(context, dir.as_deref(), args),
        Command::New(args) => new::run(context, dir, args),
        // As they are written.
        Command::Squash(args) => squash::run(context, &MigrationSet::written(dir)?, args),
        Command::Log => log::run(context).await,
        Command::Verify => verify::run(context, &set()?).await,
        Command::Repair(args) => repair::run(context, &set()?, args).await,
    }
}

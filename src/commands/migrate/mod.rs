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

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::migrate::MigrationSet;
use crate::output::Shape;

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

/// Reads `name=value`.
fn placeholder(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { Ok((name.to_owned(), value.to_owned())) } else { Err("a name has letters, digits and `_`".to_owned()) }
}

/// Runs `cmf migrate`. Exit 1 when a migration fails, 2 without a confirmation, 4 when a check found a difference, 69 when the
/// server cannot be reached, 78 when the migrations cannot be read.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
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
    args.command.run(context, args.dir.clone(), &set).await
}

verbs! { |context, dir: Option<PathBuf>, set: &dyn Fn() -> Result<MigrationSet>|
    /// Apply pending migrations
    Up(args: up::Args), Changes(Migrator), ran().or(Shape::rows(&everywhere::TENANT)) => up::run(context, &set()?, args).await;
    /// Revert the newest migration, or several
    Down(args: down::Args), Changes(Migrator), ran() => down::run(context, &set()?, args).await;
    /// Revert the newest migration and apply it again
    Redo(args: down::Redo), Changes(Migrator), ran() => down::redo(context, &set()?, args).await;
    /// Show which migrations are applied; changes nothing
    Status(args: status::Args), Reads(Migrator), status::shape() => status::run(context, &set()?, args).await;
    /// Show what would run; changes nothing
    Plan(args: plan::Args), Reads(Migrator), Shape::rows(&plan::PENDING).or(Shape::rows(&plan::TRACED))
        => plan::run(context, &set()?, args).await;
    /// Compare the schema with what its migrations make; exit 4 if they differ
    Drift(args: drift::Args), Fixes(Migrator), Shape::rows(&drift::DIFFERENCE) => drift::run(context, &set()?, args).await;
    /// Print the schema as SQL
    Dump(args: dump::Args), Reads(Migrator) => dump::run(context, set, args).await;
    /// Take over a database whose tables alembic or a person made
    Adopt(args: adopt::Args), Changes(Migrator), Shape::rows(&runs::RECORDED) => adopt::run(context, &set()?, args).await;
    /// Try each migration up, down and up again in a scratch database; exit 4 if one does not revert cleanly
    Test(args: test::Args), Reads(Migrator), test::shape() => test::run(context, &set()?, args).await;
    /// Check migrations without a database; exit 4 if something is wrong or dangerous
    Lint(args: lint::Args), Reads(Migrator), Shape::rows(&lint::VIOLATION).or(Shape::rows(&lint::RULE))
        => lint::run(context, dir.as_deref(), args);
    /// Make a folder for a new migration
    New(args: new::Args), Changes(Migrator), Shape::one(&new::FOLDER) => new::run(context, dir, args);
    /// Show what cmf ran on this database, and who, when and for how long
    Log, Reads(Migrator), Shape::rows(&log::RECORD) => log::run(context).await;
    /// Check that no applied migration was edited; exit 4 if one was
    Verify, Reads(Migrator), Shape::rows(&verify::wrong_ones()) => verify::run(context, &set()?).await;
    /// Record the applied migrations as they are now
    Repair(args: repair::Args), Changes(Migrator), Shape::rows(&runs::RECORDED) => repair::run(context, &set()?, args).await;
    /// Make one migration of many, for databases that are made from now on; no database is asked
    Squash(args: squash::Args), Changes(Migrator), Shape::one(&new::FOLDER)
        // As they are written.
        => squash::run(context, &MigrationSet::written(dir)?, args);
}

fn ran() -> Shape {
    Shape::rows(&runs::RAN)
}

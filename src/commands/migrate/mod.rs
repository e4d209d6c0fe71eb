//! `cmf migrate`: brings the schema up, takes it down, and shows, checks and compares what stands.

mod adopt;
mod down;
mod drift;
mod dump;
mod lint;
mod log;
mod new;
mod options;
mod plan;
mod repair;
mod status;
mod test;
mod up;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::db::PUBLIC;
use crate::db::migrations::{self, Applied};
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::lookup::tenants;
use crate::migrate::{MigrationSet, Migrator, Ran};
use crate::output::{Output, Table};
use crate::session::{Place, Session};

/// Arguments of `cmf migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the migrations from this folder instead of those built in
    #[arg(long, global = true, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply pending migrations
    Up(up::Args),
    /// Take the newest migration down, or several
    Down(down::Args),
    /// Take the newest migration down and up again
    Redo(down::Redo),
    /// Show which migrations are applied; changes nothing
    Status(status::Args),
    /// Show what would run; changes nothing
    Plan(plan::Args),
    /// Compare the schema with what its migrations make; exit 4 where they differ
    Drift(drift::Args),
    /// Print the schema as SQL
    Dump(dump::Args),
    /// Take over a database whose tables were made by alembic or by hand
    Adopt(adopt::Args),
    /// Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one
    Test(test::Args),
    /// Check migrations without a database; exit 4 where something is wrong or dangerous
    Lint(lint::Args),
    /// Make a folder for a new migration
    New(new::Args),
    /// Show what cmf ran on this database, and who, when and for how long
    Log,
    /// Check that no applied migration was edited since; exit 4 where one was
    Verify,
    /// Record the applied migrations as they are now
    Repair(repair::Args),
}

/// Runs `cmf migrate`.
///
/// # Errors
/// Exit 1 when a migration fails, 2 without a confirmation, 4 when a check found a difference, 69 when the server cannot be
/// reached, 78 when the migrations cannot be read.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let dir = args.dir.clone();
    let set = || MigrationSet::read(args.dir.clone());
    match args.command {
        Command::Up(args) => up::run(context, &set()?, args).await,
        Command::Down(args) => down::run(context, &set()?, args).await,
        Command::Redo(args) => down::redo(context, &set()?, args).await,
        Command::Status(args) => status::run(context, &set()?, args).await,
        Command::Plan(args) => plan::run(context, &set()?, args).await,
        Command::Drift(args) => drift::run(context, &set()?, args).await,
        Command::Dump(args) => dump::run(context, dir, args).await,
        Command::Adopt(args) => adopt::run(context, &set()?, args).await,
        Command::Test(args) => test::run(context, &set()?, args).await,
        Command::Lint(args) => lint::run(context, dir.as_deref(), args),
        Command::New(args) => new::run(context, dir, args),
        Command::Log => log::run(context).await,
        Command::Verify => verify::run(context, &set()?).await,
        Command::Repair(args) => repair::run(context, &set()?, args).await,
    }
}

/// What is applied in the schema of this run. Where nothing was migrated there, the tenants are named that there are; a tenant
/// that `must_exist` is refused then.
async fn applied(context: &Context, session: &mut Session, must_exist: bool) -> Result<Vec<Applied>> {
    let schema = session.schema().to_owned();
    let mut tx = session.read().await?;
    let applied = migrations::applied(&mut tx).await?;
    let missing = tenants::missing(&mut tx, &schema).await?;
    tx.end().await?;
    match missing {
        Some(missing) if must_exist && schema != PUBLIC => Err(missing.into()),
        Some(missing) => {
            context.output.notice(&format!("{}: {}", missing.message, missing.hint));
            Ok(applied)
        }
        None => Ok(applied),
    }
}

/// What runs migrations on the database of this run. No pooler stands before the private Postgres.
fn migrator<'a>(context: &'a Context, session: &'a mut Session) -> Result<Migrator<'a>> {
    let mut migrator = Migrator::new(session, &context.output);
    if let Place::Named(address) = context.place()? {
        migrator.address = Some(*address);
    }
    Ok(migrator)
}

/// The columns of the migrations that were run.
fn table_of_ran() -> Table {
    Table::new(["version", "name", "milliseconds"])
}

fn report(output: &Output, done: &str, all: &[Ran]) -> Result<Exit> {
    let mut table = table_of_ran();
    for ran in all {
        let milliseconds = u64::try_from(ran.elapsed.as_millis()).unwrap_or(u64::MAX);
        output.say(&format!("{done} {} in {milliseconds} ms", ran.name));
        table.row([ran.version.as_str().into(), ran.name.as_str().into(), milliseconds.into()]);
    }
    output.outcome(&format!("{done} {}", counted(all.len(), "migration")), table)?;
    Ok(Exit::Success)
}

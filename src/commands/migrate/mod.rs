//! `cmf migrate`: brings the schema up, takes it down, and shows, checks and compares what stands.

mod down;
mod drift;
mod engine;
mod inspect;
mod lint;
mod new;
mod options;
pub(crate) mod pooler;
pub(crate) mod scratch;
mod status;

use std::path::PathBuf;
use std::time::Instant;

use clap::Subcommand;

use crate::commands;
use crate::context::Context;
use crate::db::migrations::{self, Applied};
use crate::db::{self, Address, PUBLIC};
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::lookup::tenants;
use crate::output::{Format, Output, Table};
use crate::session::{Place, Session};
use crate::tell::Gauge as _;

use engine::Engine;
pub(crate) use engine::Step;
use options::{Patience, Source};
pub(crate) use status::connect_within;

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
    Up(Up),
    /// Take the newest migration down, or several
    Down(down::Args),
    /// Take the newest migration down and up again
    Redo(down::Redo),
    /// Show which migrations are applied; changes nothing
    Status(status::Args),
    /// Show what would run; changes nothing
    Plan(inspect::Plan),
    /// Compare the schema with what its migrations make; exit 4 where they differ
    Drift(drift::Args),
    /// Print the schema as SQL
    Dump(inspect::Dump),
    /// Take over a database whose tables were made by alembic or by hand
    Adopt(inspect::Adopt),
    /// Try each migration up, down and up again in a scratch database; exit 4 where a way back is not one
    Test(inspect::Test),
    /// Check migrations without a database; exit 4 where something is wrong or dangerous
    Lint(lint::Args),
    /// Make a folder for a new migration
    New(new::Args),
    /// Show what cmf ran on this database, and who, when and for how long
    Log,
    /// Check that no applied migration was edited since; exit 4 where one was
    Verify,
    /// Record the applied migrations as they are now
    Repair(status::Repair),
}

#[derive(Debug, clap::Args)]
struct Up {
    /// Stop after this migration
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Apply also what is older than the newest applied
    #[arg(long)]
    allow_out_of_order: bool,
    /// Do it in every schema that has the tables of cmf, one after the other
    #[arg(long)]
    all_schemas: bool,
    #[command(flatten)]
    patience: Patience,
}

/// Runs `cmf migrate`.
///
/// # Errors
/// Exit 1 when a migration fails, 2 without a confirmation, 4 when a check found a difference, 69 when the server cannot be
/// reached, 78 when the migrations cannot be read.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Up(up) if up.all_schemas => self::up_everywhere(context, args.dir, up).await,
        Command::Up(up) => self::up(context, args.dir, up).await,
        Command::Down(down) => down::run(context, args.dir, down).await,
        Command::Redo(redo) => down::redo(context, args.dir, redo).await,
        Command::Status(status) => status::run(context, args.dir, status).await,
        Command::Plan(plan) => inspect::plan(context, args.dir, plan).await,
        Command::Drift(drift) => drift::run(context, args.dir, drift).await,
        Command::Dump(dump) => inspect::dump(context, args.dir, dump).await,
        Command::Adopt(adopt) => inspect::adopt(context, args.dir, adopt).await,
        Command::Test(test) => inspect::test(context, args.dir, test).await,
        Command::Lint(lint) => lint::run(context, args.dir, lint),
        Command::New(new) => new::run(context, args.dir, new),
        Command::Log => status::log(context).await,
        Command::Verify => status::verify(context, args.dir).await,
        Command::Repair(repair) => status::repair(context, args.dir, repair).await,
    }
}

/// Brings a database up to the newest migration of this binary and says what was applied; nothing when it is current.
///
/// # Errors
/// Exit 1 when a migration fails; those before it stay applied, and the error says so. Also where a pooler stands at the
/// address, through which no lock holds.
pub(crate) async fn bring_up(session: &mut Session, address: Option<Address>) -> Result<Vec<Step>> {
    let output = Output::new(Format::Table, true, 0);
    let mut engine = Engine::new(session, &output, Patience::default());
    engine.address = address;
    engine.allow_out_of_order = true;
    engine.up(&Source::read(None)?, None).await
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

/// Where a named server is; nothing for the private Postgres, which no pooler stands before.
fn address(context: &Context) -> Result<Option<Address>> {
    Ok(match context.place()? {
        Place::Named(address) => Some(*address),
        Place::Private(_) => None,
    })
}

async fn up(context: &Context, dir: Option<PathBuf>, args: Up) -> Result<Exit> {
    context.output.check_outcome(&listing())?;
    let source = Source::read(dir)?;
    let to = args.to.as_deref().map(|to| source.find(to)).transpose()?.map(|migration| migration.version.as_str());
    let steps = up_one(context, &source, to, &args).await?;
    if steps.is_empty() {
        context.output.notice(match to {
            Some(_) => "nothing to do: the schema is there already",
            None => "nothing to do: the schema is current",
        });
    }
    report(context, "applied", &steps)
}

async fn up_one(context: &Context, source: &Source, to: Option<&str>, args: &Up) -> Result<Vec<Step>> {
    let mut session = commands::connect(context).await?;
    let mut engine = Engine::new(&mut session, &context.output, args.patience.clone());
    engine.address = address(context)?;
    engine.allow_out_of_order = args.allow_out_of_order;
    let steps = engine.up(source, to).await?;
    session.close().await?;
    Ok(steps)
}

async fn up_everywhere(context: &Context, dir: Option<PathBuf>, args: Up) -> Result<Exit> {
    let mut table = Table::new(["schema", "applied", "milliseconds"]);
    context.output.check(&table)?;
    let source = Source::read(dir)?;
    let to = args.to.as_deref().map(|to| source.find(to)).transpose()?.map(|migration| migration.version.as_str());
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let schemas = db::schemas::migrated(&mut tx).await?;
    tx.end().await?;
    session.close().await?;
    let progress = context.output.progress(u64::try_from(schemas.len()).ok(), "schemas");
    for schema in &schemas {
        progress.message(schema);
        let started = Instant::now();
        let steps = up_one(&context.in_schema(schema), &source, to, &args).await.map_err(|error| {
            error.detail(format!("in the schema `{schema}`; those before it in the order of `cmf db schemas` are done"))
        })?;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        context.output.debug(1, || format!("{schema}: applied {} in {milliseconds} ms", counted(steps.len(), "migration")));
        table.row([schema.as_str().into(), steps.len().into(), milliseconds.into()]);
        progress.advance(1);
    }
    drop(progress);
    context.output.results(table)?;
    Ok(Exit::Success)
}

/// The columns of the steps that were done.
fn listing() -> Table {
    Table::new(["version", "name", "milliseconds"])
}

fn report(context: &Context, done: &str, steps: &[Step]) -> Result<Exit> {
    let mut table = listing();
    for step in steps {
        context.output.say(&format!("{done} {} in {} ms", step.name, step.elapsed.as_millis()));
        table.row([
            step.version.as_str().into(),
            step.name.as_str().into(),
            u64::try_from(step.elapsed.as_millis()).unwrap_or(u64::MAX).into(),
        ]);
    }
    context.output.outcome(&format!("{done} {}", counted(steps.len(), "migration")), table)?;
    Ok(Exit::Success)
}

//! `cmf migrate down` and `redo`: the way back, with what it costs shown before.

use super::options::TimeoutArgs;
use super::runs::{RAN, migrator, report};
use crate::context::Context;
use crate::db;
use crate::db::migrations::Migration;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::migrate::{self, MigrationSet};
use crate::session::Session;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Revert all migrations; the schema is empty then
    #[arg(long, conflicts_with = "to")]
    all: bool,
    /// Revert everything newer than this migration
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The database's name, or the schema's with --schema, as the confirmation of --all
    #[arg(long, value_name = "NAME", requires = "all")]
    confirm: Option<String>,
    #[command(flatten)]
    timeouts: TimeoutArgs,
}

#[derive(Debug, clap::Args)]
pub struct Redo {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    timeouts: TimeoutArgs,
}

/// Exit 1 when there is no down.sql or a script fails, 2 without a confirmation.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    context.output.check_outcome(&RAN.table())?;
    let mut session = context.open().await?;
    let applied = set.standing(super::runs::applied(context, &mut session, true).await?);
    let stop = args.to.as_deref().map(|to| set.find(to)).transpose()?.map(|migration| migration.version.as_str());
    if let Some(stop) = stop.filter(|stop| !applied.iter().any(|row| row.version == *stop)) {
        return Err(Error::usage(format!("{stop} is not applied, so cmf cannot go down to it"))
            .hint(format!("`{}` shows what is applied", set.command("status"))));
    }
    let targets = migrate::down::targets(&applied, args.all, stop);
    let migrations = migrate::revertible(set, &targets)?;
    if migrations.is_empty() {
        context.output.notice(match stop {
            Some(_) => "nothing to do: no newer migration is applied",
            None => "nothing to do: no migration is applied",
        });
        return report(&context.output, "reverted", &[]);
    }
    let database = show_losses(context, &mut session, &migrations).await?;
    let place = place(context, &database);
    let confirmed = if args.all {
        let question = format!(
            "This reverts {} and drops everything they made in {place}. This cannot be undone.",
            counted(migrations.len(), "migration")
        );
        let name = context.schema().map_or(database.as_str(), |(schema, _)| schema);
        context.output.confirm_by_name(&question, name, args.confirm.as_deref())?
    } else {
        let names: Vec<&str> = migrations.iter().map(|migration| migration.name.as_str()).collect();
        context.output.confirm(&format!("Revert {} in {place}?", names.join(", ")), args.yes)?
    };
    let mut migrator = migrator(context, &mut session)?;
    migrator.timeouts = (&args.timeouts).into();
    let done = migrator.down(set, &targets, &confirmed).await?;
    session.close().await?;
    report(&context.output, "reverted", &done)
}

pub(super) async fn redo(context: &Context, set: &MigrationSet, args: Redo) -> Result<Exit> {
    context.output.check_outcome(&RAN.table())?;
    let mut session = context.open().await?;
    let Some(newest) = set.standing(super::runs::applied(context, &mut session, true).await?).pop() else {
        return Err(
            Error::failed("no migration is applied, so there is none to do again").hint(format!("run `{}`", set.command("up")))
        );
    };
    let migrations = migrate::revertible(set, std::slice::from_ref(&newest.version))?;
    let database = show_losses(context, &mut session, &migrations).await?;
    let question = format!("Revert {} in {} and apply it again?", migrations[0].name, place(context, &database));
    let confirmed = context.output.confirm(&question, args.yes)?;
    let mut migrator = migrator(context, &mut session)?;
    migrator.timeouts = (&args.timeouts).into();
    let done = migrator.redo(set, &newest.version, &confirmed).await?;
    session.close().await?;
    report(&context.output, "ran", &done)
}

/// What is emptied: the schema that the run names, or else the one of the database.
fn place(context: &Context, database: &str) -> String {
    match context.schema() {
        Some((schema, _)) => format!("the schema `{schema}` of database `{database}`"),
        None => format!("database `{database}`"),
    }
}

/// Says what taking these down costs. Returns the name of the database.
async fn show_losses(context: &Context, session: &mut Session, migrations: &[&Migration]) -> Result<String> {
    for loss in migrate::down::losses(session, migrations).await? {
        context.output.notice(&loss);
    }
    db::current_database(session.connection()).await
}

//! `cmf migrate up`: applies what is pending, in one schema or in all.

use super::everywhere::{self, Everywhere};
use super::options::TimeoutArgs;
use super::runs::{RAN, migrator, report};
use crate::context::Context;
use crate::db::migrations;
use crate::error::{Error, Exit, Result};
use crate::migrate::status::{self, MigrationStatus};
use crate::migrate::{MigrationSet, Ran, distributed};
use crate::session::Session;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stop after this migration
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Apply also what is older than the newest applied
    #[arg(long)]
    allow_out_of_order: bool,
    /// Apply all that is pending in one transaction: all of it, or none
    #[arg(long)]
    single_transaction: bool,
    /// Do it in every schema that has the tables of cmf
    #[arg(long)]
    all_schemas: bool,
    /// Continue if a schema fails, name it, and exit with 1 at the end
    #[arg(long, requires = "all_schemas")]
    keep_going: bool,
    /// How many schemas to migrate at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64), requires = "all_schemas")]
    jobs: u8,
    /// On Citus: have it keep the tables of a new tenant on a worker, and check that they are there
    #[arg(long, conflicts_with = "all_schemas")]
    distributed: bool,
    #[command(flatten)]
    timeouts: TimeoutArgs,
}

/// Exit 1 when a migration fails; those before it stay applied.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let to = args.to.as_deref().map(|to| set.find(to)).transpose()?.map(|migration| migration.version.as_str());
    if args.all_schemas {
        let how = Everywhere { jobs: args.jobs.into(), keep_going: args.keep_going, timeouts: (&args.timeouts).into() };
        let work = async |tenant: &Context| up(tenant, set, to, &args, true).await.map(|(done, _)| done.len());
        return everywhere::run(context, set, to, &how, work).await;
    }
    context.output.check_outcome(&RAN.table())?;
    let (done, is_changed) = up(context, set, to, &args, false).await?;
    if done.is_empty() {
        context.output.notice(match to {
            _ if is_changed => "nothing to apply",
            Some(_) => "nothing to do: the schema is up to date",
            None => "nothing to do: the schema is current",
        });
    }
    report(&context.output, "applied", &done)
}

/// With `is_led`, another session of this command has the lock of the database. Returns what was applied, and whether what was
/// applied before is no longer what it was.
async fn up(context: &Context, set: &MigrationSet, to: Option<&str>, args: &Args, is_led: bool) -> Result<(Vec<Ran>, bool)> {
    let mut session = context.open().await?;
    if args.distributed {
        if context.schema().is_none() {
            return Err(Error::usage("--distributed needs the schema of a tenant").hint("name it with --schema NAME"));
        }
        distributed::prepare(&mut session).await?;
    }
    let is_changed = tell_changed(context, &mut session, set).await?;
    let mut migrator = migrator(context, &mut session)?;
    migrator.timeouts = (&args.timeouts).into();
    migrator.allow_out_of_order = args.allow_out_of_order;
    migrator.is_led = is_led;
    migrator.is_single = args.single_transaction;
    let done = migrator.up(set, to).await?;
    if args.distributed {
        distributed::check(&mut session).await?;
    }
    session.close().await?;
    Ok((done, is_changed))
}

/// Says which applied migrations are no longer what was applied: up runs what is pending, whatever became of those before.
async fn tell_changed(context: &Context, session: &mut Session, set: &MigrationSet) -> Result<bool> {
    let (applied, repeated) =
        session.look(async |tx| Ok((migrations::applied(tx).await?, migrations::repeated(tx).await?))).await?;
    set.refuse_others(&applied)?;
    let standings = status::compare(set, &applied, &repeated);
    let mut is_changed = false;
    for (kind, what) in [(MigrationStatus::Edited, "edited since"), (MigrationStatus::Unknown, "not in the folder")] {
        let found = standings.iter().filter(|one| one.status == kind);
        let names: Vec<&str> = found.map(|one| one.name.unwrap_or(one.version)).collect();
        if names.is_empty() {
            continue;
        }
        is_changed = true;
        if kind == MigrationStatus::Unknown && set.folder.is_none() {
            let names = names.join(", ");
            context.output.notice(&format!("this version of cmf does not know the applied {names}: a newer cmf made it"));
        } else {
            let verify = set.command("verify");
            context.output.notice(&format!("applied, and {what}: {}; see `{verify}`", names.join(", ")));
        }
    }
    Ok(is_changed)
}

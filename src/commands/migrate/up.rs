//! `cmf migrate up`: applies what is pending, in one schema or in all.

use std::time::Instant;

use super::options::TimeoutArgs;
use super::runs::{RAN, migrator, milliseconds, report};
use crate::context::Context;
use crate::db;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, Ran};
use crate::output::{Columns, columns};
use crate::tell::Gauge as _;

#[derive(Debug, clap::Args)]
pub struct Args {
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
    timeouts: TimeoutArgs,
}

/// Exit 1 when a migration fails; those before it stay applied.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let to = args.to.as_deref().map(|to| set.find(to)).transpose()?.map(|migration| migration.version.as_str());
    if args.all_schemas {
        return everywhere(context, set, to, &args).await;
    }
    context.output.check_outcome(&RAN.table())?;
    let done = up(context, set, to, &args).await?;
    if done.is_empty() {
        context.output.notice(match to {
            Some(_) => "nothing to do: the schema is there already",
            None => "nothing to do: the schema is current",
        });
    }
    report(&context.output, "applied", &done)
}

async fn up(context: &Context, set: &MigrationSet, to: Option<&str>, args: &Args) -> Result<Vec<Ran>> {
    let mut session = context.open().await?;
    let mut migrator = migrator(context, &mut session)?;
    migrator.timeouts = (&args.timeouts).into();
    migrator.allow_out_of_order = args.allow_out_of_order;
    let done = migrator.up(set, to).await?;
    session.close().await?;
    Ok(done)
}

pub(super) const TENANT: Columns<(String, usize, u64)> =
    columns! { |(schema, applied, milliseconds)| schema, applied, milliseconds };

async fn everywhere(context: &Context, set: &MigrationSet, to: Option<&str>, args: &Args) -> Result<Exit> {
    context.output.check(&TENANT.table())?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let schemas = db::schemas::migrated(&mut tx).await?;
    tx.end().await?;
    session.close().await?;
    let mut rows = Vec::new();
    let progress = context.output.progress(u64::try_from(schemas.len()).ok(), "schemas");
    for schema in &schemas {
        progress.message(schema);
        let started = Instant::now();
        let done = up(&context.in_schema(schema), set, to, args).await.map_err(|error| {
            error.detail(format!("in the schema `{schema}`; those before it in the order of `cmf db schemas` are done"))
        })?;
        let milliseconds = milliseconds(started.elapsed());
        context.output.debug(1, || format!("{schema}: applied {} in {milliseconds} ms", counted(done.len(), "migration")));
        rows.push((schema.clone(), done.len(), milliseconds));
        progress.advance(1);
    }
    drop(progress);
    context.output.results(TENANT.table_of(rows)).map(|()| Exit::Success)
}

//! `cmf migrate plan`: what would run.

use super::options::ScratchArgs;
use crate::context::Context;
use crate::db::migrations::Migration;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::plan::{self, Traced};
use crate::output::{Columns, Format, Results, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Run it in a scratch database and show which locks each migration takes and which tables it rewrites
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    scratch: ScratchArgs,
}

pub(super) const TRACED: Columns<Traced> = columns! { |one| name, relation, lock, blocks, rewritten };
pub(super) const PENDING: Columns<Migration> = columns! { |migration| version, name, run_in_transaction, sql = &migration.up };

/// Fails with `--trace` as the migrations themselves.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, false).await?;
    let repeated = super::runs::repeated(&mut session).await?;
    let mut pending = set.pending(&applied, None);
    pending.extend(set.to_repeat(&repeated, None));
    if pending.is_empty() {
        context.output.notice("nothing to do: the schema is current");
    }
    if args.trace {
        let mut scratch = args.scratch.make(context).await?;
        let traced = plan::trace(&mut scratch, set, &applied, &repeated).await?;
        return context.output.results(TRACED.table_of(traced)).map(|()| Exit::Success);
    }
    let scripts = pending.iter().map(|migration| {
        let how =
            if migration.run_in_transaction { "in a transaction" } else { "statement by statement, outside a transaction" };
        format!("-- {} ({how})\n{}\n\n", migration.name, migration.up.trim_end())
    });
    let scripts = scripts.collect();
    context.output.results(Results::from(PENDING.table_of(pending)).written_as(Format::Table, scripts)).map(|()| Exit::Success)
}

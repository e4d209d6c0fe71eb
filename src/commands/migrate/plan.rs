//! `cmf migrate plan`: what would run.

use super::options::ScratchArgs;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, plan};
use crate::output::{Format, Table};

/// Arguments of `cmf migrate plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Run it in a scratch database and show which locks each migration takes and which tables it writes anew
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    scratch: ScratchArgs,
}

/// # Errors
/// With `--trace` as the migrations themselves.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, false).await?;
    let pending = set.pending(&applied, None);
    if pending.is_empty() {
        context.output.notice("nothing to do: the schema is current");
    }
    if args.trace {
        let mut table = Table::new(["name", "relation", "lock", "blocks", "rewritten"]);
        let mut scratch = args.scratch.make(context).await?;
        for one in plan::trace(&mut scratch, set, &applied).await? {
            table.row([one.name.into(), one.relation.into(), one.lock.into(), one.blocks.into(), one.rewritten.into()]);
        }
        return context.output.results(table).map(|()| Exit::Success);
    }
    if context.output.format() == Format::Table {
        for migration in &pending {
            let how =
                if migration.run_in_transaction { "in a transaction" } else { "statement by statement, outside a transaction" };
            context.output.text(&format!("-- {} ({how})\n{}\n\n", migration.name, migration.up.trim_end()))?;
        }
        return Ok(Exit::Success);
    }
    let mut table = Table::new(["version", "name", "run_in_transaction", "sql"]);
    for migration in &pending {
        table.row([
            migration.version.as_str().into(),
            migration.name.as_str().into(),
            migration.run_in_transaction.into(),
            migration.up.as_str().into(),
        ]);
    }
    context.output.results(table).map(|()| Exit::Success)
}

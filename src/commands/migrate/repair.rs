//! `cmf migrate repair`: records the applied migrations as they are now.

use super::runs::{RECORDED, migrator};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, status};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Exit 2 without a confirmation.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, true).await?;
    let to_record = status::to_record(set, &applied, &super::runs::repeated(&mut session).await?);
    context.output.check_outcome(&RECORDED.table())?;
    if to_record.is_empty() {
        context.output.notice("nothing to do: every applied migration is recorded as it is now");
        return context.output.outcome("recorded nothing", RECORDED.table()).map(|()| Exit::Success);
    }
    let names: Vec<&str> = to_record.iter().map(|migration| migration.name.as_str()).collect();
    let question = format!("Record {} as they are now? No migration is run.", names.join(", "));
    let _confirmed = context.output.confirm(&question, args.yes)?;
    let table = RECORDED.table_of(migrator(context, &mut session)?.repair(set).await?);
    context.output.outcome(&format!("recorded {}", names.join(", ")), table)?;
    Ok(Exit::Success)
}

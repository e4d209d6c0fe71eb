//! `cmf migrate adopt`: takes over a database whose tables were made otherwise.

use super::options::ScratchArgs;
use super::runs::{RECORDED, migrator};
use super::{drift, dump};
use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::adopt::{self, Adoptable};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the difference and record nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    scratch: ScratchArgs,
}

/// Exit 1 when the schema is not what the migrations make; nothing is recorded then.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    adopt::check(&mut session, set, &dump::tenant(context)).await?;
    let mut scratch = args.scratch.make(context).await?;
    let (count, expected) = match adopt::compare(&mut session, &mut scratch, set).await? {
        Adoptable::Equal(count, expected) => (count, expected),
        Adoptable::Differs(differences) if args.dry_run => {
            drift::print(context, &differences)?;
            return Ok(Exit::Difference);
        }
        Adoptable::Differs(differences) => {
            return Err(adopt::refusal(&differences).with("differences", drift::DIFFERENCE.table_of(&differences).to_json()));
        }
    };
    let (adopted, pending) = set.migrations.split_at(count);
    let table = RECORDED.table_of(adopted);
    context.output.check_outcome(&table)?;
    let adopted_count = counted(count, "migration");
    if args.dry_run {
        return context
            .output
            .outcome(&format!("the schema equals what {adopted_count} make; nothing was recorded"), table)
            .map(|()| Exit::Success);
    }
    migrator(context, &mut session)?.adopt(adopted, &expected).await?;
    context.output.outcome(&format!("recorded {adopted_count} as applied"), table)?;
    if !pending.is_empty() {
        context.output.notice(&format!("{} pending: run `{}`", counted(pending.len(), "migration"), set.command("up")));
    }
    Ok(Exit::Success)
}

//! `cmf migrate adopt`: takes over a database whose tables were made otherwise.

use super::options::{FixArgs, ScratchArgs};
use super::runs::{RECORDED, migrator};
use super::{drift, dump};
use crate::context::Context;
use crate::db::schema;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::migrate::adopt::{self, Adoption};
use crate::migrate::{MigrationSet, drift as scripts};
use crate::output::Format;

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("changes").args(["fix", "allow_extra"]).multiple(true))]
pub struct Args {
    /// Show the difference and record nothing
    #[arg(long, conflicts_with_all = ["sql", "fix"])]
    dry_run: bool,
    /// Print the statements that bring the schema to what the migrations make, and record nothing
    #[arg(long, conflicts_with = "fix")]
    sql: bool,
    /// Run these statements and record the migrations, in one transaction
    #[arg(long)]
    fix: bool,
    /// Keep what the migrations do not make (columns, tables, indexes, sequences, triggers, views), and note it as accepted
    #[arg(long)]
    allow_extra: bool,
    #[command(flatten)]
    how: FixArgs,
    #[command(flatten)]
    scratch: ScratchArgs,
}

/// Exit 1 when the schema is not what the migrations make, or rows stand in the way of what would make it so; nothing is recorded
/// then. Exit 2 if `--fix` is not confirmed.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let alembic = adopt::check(&mut session, set, &dump::tenant(context)).await?;
    let mut scratch = args.scratch.make(context).await?;
    let plan = adopt::compare(&mut session, &mut scratch, set, args.allow_extra).await?;
    drop(scratch);
    let (adopted, pending) = set.migrations.split_at(plan.count);
    let table = RECORDED.table_of(adopted);
    context.output.check_outcome(&table)?;
    let adopted_count = counted(plan.count, "migration");
    if args.sql && context.output.format() == Format::Table {
        let script = scripts::script(&plan.differences, session.schema(), args.how.lock_timeout);
        return context.output.text(&script).map(|()| Exit::Success);
    }
    if plan.differences.is_empty() && args.dry_run {
        tell_extras(context, &plan);
        return context
            .output
            .outcome(&format!("the schema is what {adopted_count} make; nothing was recorded"), table)
            .map(|()| Exit::Success);
    }
    let is_ready = plan.differences.is_empty() || args.fix && plan.is_fixable();
    if !is_ready {
        drift::print(context, &plan.differences, true)?;
        if args.dry_run || args.sql {
            return Ok(Exit::Difference);
        }
        return Err(adopt::refusal(&plan, &set.command("adopt")));
    }
    let mut migrator = migrator(context, &mut session)?;
    migrator.timeouts = args.how.timeouts();
    if !plan.differences.is_empty() {
        args.how.agree(context, &plan.differences)?;
    }
    migrator.adopt(adopted, &plan).await?;
    tell_extras(context, &plan);
    if let Some(version) = alembic {
        context.output.notice(&format!("cmf does not change the table alembic_version ({version})"));
    }
    let fixed = match plan.differences.len() {
        0 => String::new(),
        count => format!(", after changing {}", counted(count, "difference")),
    };
    context.output.outcome(&format!("recorded {adopted_count} as applied{fixed}"), table)?;
    if !pending.is_empty() {
        context.output.notice(&format!("{} pending: run `{}`", counted(pending.len(), "migration"), set.command("up")));
    }
    Ok(Exit::Success)
}

/// Names what stays although no migration made it.
fn tell_extras(context: &Context, plan: &Adoption) {
    if plan.extras.is_empty() {
        return;
    }
    let labels: Vec<String> = plan.extras.iter().map(schema::Difference::label).collect();
    context.output.notice(&format!("kept, {}: {}", counted(labels.len(), "object"), labels.join(", ")));
}

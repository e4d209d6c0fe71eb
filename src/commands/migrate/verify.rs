//! `cmf migrate verify`: whether each applied migration is what was applied.

use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::status::{self, MigrationStatus};
use crate::output::Table;

pub(super) async fn run(context: &Context, set: &MigrationSet) -> Result<Exit> {
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, true).await?;
    let mut table = Table::new(["version", "name", "problem"]);
    for standing in status::compare(set, &applied) {
        let problem = match standing.status {
            MigrationStatus::Edited => "edited since it was applied",
            MigrationStatus::Unknown => "applied, but not among the migrations at hand",
            _ => continue,
        };
        table.row([standing.version.into(), standing.name.into(), problem.into()]);
    }
    let unrecorded = applied.iter().filter(|row| row.record.is_none()).count();
    if unrecorded > 0 {
        context.output.notice(&format!(
            "{} applied by another tool and not recorded: `{}` records what they are now",
            counted(unrecorded, "migration"),
            set.command("repair")
        ));
    }
    if table.is_empty() {
        return context.output.outcome("every applied migration is as it was", table).map(|()| Exit::Success);
    }
    context.output.results(table).map(|()| Exit::Difference)
}

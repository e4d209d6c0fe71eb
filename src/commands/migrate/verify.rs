//! `cmf migrate verify`: whether each applied migration is what was applied.

use crate::context::Context;
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::status::{self, MigrationStatus, Standing};
use crate::output::{Columns, columns};

pub(super) fn wrong_ones<'a>() -> Columns<(Standing<'a>, String)> {
    columns! { |one| version = one.0.version, name = one.0.name, problem = one.1.as_str() }
}

fn problem(standing: &Standing, set: &MigrationSet) -> Option<String> {
    match standing.status {
        MigrationStatus::Edited => Some("edited since it was applied".to_owned()),
        MigrationStatus::Unknown => Some(format!("applied, but {} does not have it", set.called())),
        _ => None,
    }
}

pub(super) async fn run(context: &Context, set: &MigrationSet) -> Result<Exit> {
    let mut session = context.open().await?;
    let applied = super::runs::applied(context, &mut session, true).await?;
    let repeated = super::runs::repeated(&mut session).await?;
    let wrong: Vec<(Standing, String)> = status::compare(set, &applied, &repeated)
        .into_iter()
        .filter_map(|standing| problem(&standing, set).map(|problem| (standing, problem)))
        .collect();
    let is_edited = wrong.iter().any(|(standing, _)| standing.status == MigrationStatus::Edited);
    let table = wrong_ones().table_of(wrong);
    let unrecorded = applied.iter().filter(|row| row.record.is_none()).count();
    if unrecorded > 0 {
        context.output.notice(&format!(
            "{} applied by another tool and not recorded: `{}` records them as they are now",
            counted(unrecorded, "migration"),
            set.command("repair")
        ));
    }
    if table.is_empty() {
        return context.output.outcome("no applied migration was changed", table).map(|()| Exit::Success);
    }
    context.output.results(table)?;
    if is_edited {
        let repair = set.command("repair");
        context.output.notice(&format!("restore the file of an edited migration; if the change is intended, run `{repair}`"));
    }
    Ok(Exit::Difference)
}

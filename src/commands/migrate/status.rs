//! `cmf migrate status`: which migrations are applied.

use std::time::Duration;

use crate::context::Context;
use crate::domain::span::timeout;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::status::{self, Standing};
use crate::output::{Columns, Results, Shape, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit 4 when migrations are pending or not recorded, or the database has diverged
    #[arg(long)]
    exit_code: bool,
    /// Wait this long for a server that is still starting
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    wait: Option<Duration>,
}

/// What the migrations are called in JSON.
const MIGRATIONS: &str = "migrations";
const STATE: Columns<&str> = columns! { |state| state: one_of(status::STATES) = *state };

fn standing<'a>() -> Columns<Standing<'a>> {
    columns! { |one|
        version = one.version,
        name = one.name,
        status = one.status.word(),
        run_on = one.applied.map(|row| row.run_on),
        run_by = one.applied.and_then(|row| row.record.as_ref()).map(|record| &record.run_by),
        milliseconds = one.applied.and_then(|row| row.record.as_ref()).and_then(|record| record.milliseconds),
        cmf_version = one.applied.and_then(|row| row.record.as_ref()).map(|record| &record.cmf_version)
    }
}

pub(super) fn shape() -> Shape {
    Shape::rows(&standing()).within(MIGRATIONS, Shape::one(&STATE))
}

/// Exit 69 when the server cannot be reached in time.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open_within(args.wait).await?;
    let applied = super::runs::applied(context, &mut session, true).await?;
    let repeated = super::runs::repeated(&mut session).await?;
    let standings = status::read(&mut session, set, &applied, &repeated).await?;
    let state = status::of_schema(&standings);
    let table = standing().table_of(&standings).title(format!("schema: {state}"));
    if state == "unrecorded" {
        context.output.notice(&format!("the tables exist, but no migration is recorded: run `{}`", set.command("adopt")));
    }
    let document = STATE.document(&state, MIGRATIONS, &table);
    context.output.results(Results::new(vec![table], document))?;
    Ok(if args.exit_code && state != "current" { Exit::Difference } else { Exit::Success })
}

//! `cmf migrate status`: which migrations are applied.

use std::time::Duration;

use serde_json::json;

use crate::context::Context;
use crate::domain::span::timeout;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, status};
use crate::output::{Results, Table};

/// Arguments of `cmf migrate status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit 4 when migrations are pending or the database has gone another way
    #[arg(long)]
    exit_code: bool,
    /// Wait this long for a server that is still starting
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    wait: Option<Duration>,
}

/// # Errors
/// Exit 69 when the server cannot be reached in time.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut session = context.open_within(args.wait).await?;
    let applied = super::runs::applied(context, &mut session, false).await?;
    let standings = status::read(&mut session, set, &applied).await?;
    let state = status::of_schema(&standings);
    let mut table = Table::new(["version", "name", "status", "run_on", "run_by", "milliseconds", "cmf_version"])
        .title(format!("schema: {state}"));
    for standing in &standings {
        let record = standing.applied.and_then(|row| row.record.as_ref());
        table.row([
            standing.version.into(),
            standing.name.into(),
            standing.status.word().into(),
            standing.applied.map(|row| row.run_on).into(),
            record.map(|record| record.run_by.as_str()).into(),
            record.and_then(|record| record.milliseconds).into(),
            record.map(|record| record.cmf_version.as_str()).into(),
        ]);
    }
    let document = json!({ "state": state, "migrations": table.to_json() });
    context.output.results(Results::new(vec![table], document))?;
    Ok(if args.exit_code && state != "current" { Exit::Difference } else { Exit::Success })
}

//! `cmf migrate test`: tries each migration up, down and up again.

use serde_json::json;

use super::options::ScratchArgs;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, trial};
use crate::output::{Results, Table};

/// Arguments of `cmf migrate test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scratch: ScratchArgs,
}

/// # Errors
/// When a migration fails; the error names it.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut scratch = args.scratch.make(context).await?;
    let trials = trial::run(&mut scratch, set, &context.output).await?;
    let mut table = Table::new(["name", "result"]);
    for trial in &trials {
        table.row([trial.name.as_str().into(), trial.result.into()]);
    }
    let problems: Vec<&String> = trials.iter().flat_map(|trial| &trial.problems).collect();
    let document = json!({ "migrations": table.to_json(), "differences": problems });
    context.output.results(Results::new(vec![table], document))?;
    for problem in &problems {
        context.output.notice(problem);
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::Difference })
}

//! `cmf migrate test`: tries each migration up, down and up again.

use super::options::ScratchArgs;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::migrate::MigrationSet;
use crate::migrate::trial::{self, Trial};
use crate::output::{Columns, Results, Shape, columns};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scratch: ScratchArgs,
}

const TRIAL: Columns<Trial> = columns! { |trial| name, result };
const TRIED: Columns<(Vec<Trial>, Vec<String>)> = columns! { |(trials, problems)|
    migrations: of(|| Shape::rows(&TRIAL)) = TRIAL.table_of(trials).to_json(), differences = problems
};

pub(super) fn shape() -> Shape {
    Shape::one(&TRIED).choosing(TRIAL.names())
}

/// Fails when a migration fails; the error names it.
pub(super) async fn run(context: &Context, set: &MigrationSet, args: Args) -> Result<Exit> {
    let mut scratch = args.scratch.make(context).await?;
    let trials = trial::run(&mut scratch, set, &context.output).await?;
    let problems: Vec<String> = trials.iter().flat_map(|trial| trial.problems.clone()).collect();
    let tried = (trials, problems);
    context.output.results(Results::new(vec![TRIAL.table_of(&tried.0)], TRIED.members(&tried).into()))?;
    let (_, problems) = tried;
    for problem in &problems {
        context.output.notice(problem);
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::Difference })
}

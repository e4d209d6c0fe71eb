//! `cmf openmetrics`: figures for monitoring.

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::score::Parameters;
use crate::domain::text::counted;
use crate::error::{Cause, Error, Exit, Result};
use crate::everywhere::{self, AllSchemas};
use crate::files::{Force, NewFile};
use crate::output::{Format, Shape};
use crate::report::openmetrics::{self, Figures};
use crate::score;
use crate::scoring::{SubjectArgs, Weighing};

/// Arguments of `cmf openmetrics`.
#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("out")))]
pub struct Args {
    #[command(flatten)]
    scope: SubjectArgs,
    /// Write them into this file, whole or not at all, such as FILE.prom for the textfile collector of node_exporter
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    weighing: Weighing,
    #[command(flatten)]
    tenants: AllSchemas,
}

/// What this command prints.
pub fn shape() -> Shape {
    Shape::of::<&str>()
}

/// Runs `cmf openmetrics`.
/// Exit 2 for a catalog or framework that is unknown, 73 when the file cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    if context.output.format() != Format::Table {
        return Err(Error::usage("cmf openmetrics has a fixed format").hint("leave out --format"));
    }
    let file = args.out.as_deref().map(|path| NewFile::create(path, args.force.into())).transpose()?;
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    if args.tenants.all_schemas {
        for schema in everywhere::schemas(context).await? {
            match figures(&context.in_schema(&schema), &args.scope, parameters).await {
                Ok(figures) => all.push(Figures { schema: Some(schema), ..figures }),
                Err(error) if error.is(Cause::NoUsers) => everywhere::skipped(context, &schema, &error),
                Err(error) => failed.push(everywhere::told(context, &schema, error)),
            }
        }
    } else {
        all.push(figures(context, &args.scope, parameters).await?);
    }
    let text = openmetrics::text(&all);
    match (file, &args.out) {
        (Some(mut file), Some(path)) => {
            file.write(text.as_bytes())?;
            file.keep()?;
            let metrics = all.iter().map(|figures| figures.metrics.len()).sum::<usize>();
            context.output.say(&format!("{} written to {}", counted(metrics, "metric"), path.display()));
        }
        _ => context.output.text(&text)?,
    }
    everywhere::refuse(&failed, all.len() + failed.len())?;
    Ok(Exit::Success)
}

async fn figures(context: &Context, scope: &SubjectArgs, parameters: Parameters) -> Result<Figures> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = scope.resolve(context, &mut tx).await?;
    let figures = score::figures(&mut tx, &subject, parameters).await?;
    tx.end().await?;
    session.close().await?;
    Ok(figures)
}

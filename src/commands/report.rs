//! `cmf report`: one catalog's scores as a page to look at, as Markdown or JSON, or as charts.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::span;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force, NewFile};
use crate::output::Format;
use crate::score;
use crate::scoring::{Method, SubjectArgs};

/// Arguments of `cmf report`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("written").args(["out", "svg"])), mut_arg("force", |arg| arg.requires("written")))]
pub struct Args {
    #[command(flatten)]
    scope: SubjectArgs,
    /// Where to write the report, by its ending html, md or json; without it to stdout, as HTML or what --format says
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the charts alone into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    /// How old the newest reading may be, in days, such as 35d; without it twice the time between readings that the sheet
    /// names, or 100 days
    #[arg(long, value_name = "AGE", value_parser = span::days)]
    stale: Option<i64>,
    #[command(flatten)]
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Html,
    Markdown,
    Json,
}

/// Runs `cmf report`.
///
/// # Errors
/// Exit 2 for a catalog or framework that is unknown, exit 73 when a file cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let kind = kind(context.output.format(), args.out.as_deref())?;
    let mut file = args.out.as_deref().map(|path| NewFile::create(path, args.force.into())).transpose()?;
    if let Some(directory) = &args.svg {
        files::make_directory(directory)?;
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let report = score::gather(&mut tx, &subject, parameters, args.stale).await?;
    tx.end().await?;
    if let Some(directory) = &args.svg {
        let charts: Vec<_> = report.charts().into_iter().map(|(name, chart)| (name.clone(), chart.into_bytes())).collect();
        files::write_all(directory, &charts, args.force.into())?;
        context.output.say(&format!("{} written to {}", counted(charts.len(), "chart"), directory.display()));
        return Ok(Exit::Success);
    }
    let text = match kind {
        Page::Html => report.html(),
        Page::Markdown => report.markdown(),
        Page::Json => format!("{:#}\n", report.to_json()),
    };
    match (file.take(), &args.out) {
        (Some(mut file), Some(path)) => {
            file.write(text.as_bytes())?;
            file.keep()?;
            context.output.say(&format!("report written to {}", path.display()));
        }
        _ => context.output.text(&text)?,
    }
    Ok(Exit::Success)
}

/// What kind `--format` asks for, else the file's name.
fn kind(format: Format, file: Option<&Path>) -> Result<Page> {
    let extension = file.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_lowercase());
    match (format, extension.as_deref()) {
        (Format::Json, _) | (Format::Table, Some("json")) => Ok(Page::Json),
        (Format::Md, _) | (Format::Table, Some("md" | "markdown")) => Ok(Page::Markdown),
        (Format::Table, None | Some("html" | "htm")) => Ok(Page::Html),
        (Format::Table, Some(other)) => Err(Error::usage(format!("a report is html, md or json, not `{other}`"))
            .hint("end the file's name with one of these, or add --format md or json")),
        (Format::Jsonl | Format::Csv, _) => {
            Err(Error::usage("a report is html, md or json").hint("leave --format out, or take md or json"))
        }
    }
}

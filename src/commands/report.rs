//! `cmf report`: one catalog's scores as a page to look at, as Markdown or JSON, or as charts.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::context::Context;
use crate::domain::metric::{Direction, Priority};
use crate::domain::score::Rating;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force, NewFile};
use crate::output::{Columns, Format, Shape, Shapes, columns};
use crate::report::scores::{AssumedRow, Category, Function, GapRow, Grade, Point, Report, Series, StaleRow, UnscoreableRow};
use crate::score;
use crate::scoring::{Aging, Method, SubjectArgs};

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
    #[command(flatten)]
    method: Method,
    #[command(flatten)]
    aging: Aging,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Html,
    Markdown,
    Json,
}

const REPORT: Columns<Report> = columns! { |report|
    subject, framework, at: of(Shape::of::<NaiveDateTime>), overall_score = score(report.overall.as_ref()),
    overall_rating = rating(report.overall.as_ref()), metric_count, unscoreable_count, stale_count, assumed_count,
    functions: of(|| Shape::rows(&FUNCTION)) = FUNCTION.table_of(&report.functions).to_json(),
    trend: of(|| Shape::rows(&POINT)) = POINT.table_of(&report.trend.points).to_json(),
    function_trends: of(|| Shape::rows(&POINT).named()) = trends(&report.function_trends),
    gaps: of(|| Shape::rows(&GAP)) = GAP.table_of(&report.gaps).to_json(),
    stale: of(|| Shape::rows(&STALE)) = STALE.table_of(&report.stale).to_json(),
    unscoreable: of(|| Shape::rows(&UNSCOREABLE)) = UNSCOREABLE.table_of(&report.unscoreable).to_json(),
    assumed: of(|| Shape::rows(&ASSUMED)) = ASSUMED.table_of(&report.assumed).to_json(),
    method: of(|| Shape::of::<&str>().named()) = pairs(&report.method),
    provenance: of(|| Shape::of::<&str>().named()) = pairs(&report.provenance)
};
const FUNCTION: Columns<Function> = columns! { |function|
    function_code = &function.code, name, score = score(function.grade.as_ref()), rating = rating(function.grade.as_ref()),
    metric_count, unscoreable_count, assumed_count,
    categories: of(|| Shape::rows(&CATEGORY)) = CATEGORY.table_of(&function.categories).to_json()
};
const CATEGORY: Columns<Category> = columns! { |category|
    category_code = &category.code, name, score = score(category.grade.as_ref()), rating = rating(category.grade.as_ref()),
    metric_count
};
const POINT: Columns<Point> = columns! { |point| day, score };
const GAP: Columns<GapRow> = columns! { |gap|
    metric_number = &gap.code, name, value, target, score, priority: of(Shape::of::<Priority>), points
};
const STALE: Columns<StaleRow> = columns! { |row| metric_number = &row.code, name, recorded_on = &row.day, days };
const UNSCOREABLE: Columns<UnscoreableRow> = columns! { |row| metric_number = &row.code, name, missing };
const ASSUMED: Columns<AssumedRow> = columns! { |row|
    metric_number = &row.code, name, direction: of(Shape::of::<Direction>), told_by
};

fn score(grade: Option<&Grade>) -> Option<Decimal> {
    grade.map(|grade| grade.score)
}

fn rating(grade: Option<&Grade>) -> Option<Rating> {
    grade.map(|grade| grade.rating)
}

fn trends(all: &[Series]) -> Value {
    Value::Object(all.iter().map(|one| (one.name.clone(), POINT.table_of(&one.points).to_json())).collect())
}

fn pairs(pairs: &[(String, String)]) -> Value {
    Value::Object(pairs.iter().map(|(name, text)| (name.clone(), json!(text))).collect())
}

pub(super) fn shapes() -> Shapes {
    vec![("report", Shape::of::<&str>().printing(Shape::one(&REPORT)))]
}

/// Runs `cmf report`. Exit 2 for a catalog or framework that is unknown, exit 73 when a file cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let parameters = args.aging.in_parameters(args.method.parameters(context)?);
    let kind = kind(context.output.format(), args.out.as_deref())?;
    let mut file = args.out.as_deref().map(|path| NewFile::create(path, args.force.into())).transpose()?;
    if let Some(directory) = &args.svg {
        files::make_directory(directory)?;
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let report = score::gather(&mut tx, &subject, parameters).await?;
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
        Page::Json => format!("{:#}\n", Value::Object(REPORT.members(&report))),
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

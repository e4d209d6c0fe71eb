//! `cmf report`: one catalog's scores as a page to look at, as Markdown or JSON, or as charts.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::context::Context;
use crate::domain::metric::{Direction, Priority};
use crate::domain::moment::Moment;
use crate::domain::score::{Certainty, Rating, shown};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Place, Result};
use crate::files::{self, Force, NewFile};
use crate::output::{Columns, Format, Shape, columns};
use crate::pdf::Printer;
use crate::report::scores::{
    AssumedRow, Category, Cause, Compared, Function, GapRow, Grade, Language, OwnerRow, Point, Report, Series, StaleRow,
    UnscoreableRow,
};
use crate::score::{self, Definitions, Wanted};
use crate::scoring::{By, Method, SubjectArgs, ViaArg};

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("written").args(["out", "svg"])), mut_arg("force", |arg| arg.requires("written")))]
pub struct Args {
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    /// Where to write the report; its ending is html, md, json, xlsx or pdf; without it to stdout, as HTML or by --format
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write only the charts, into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    method: Method,
    /// The state at this instant instead of now; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    as_of: Option<Moment>,
    /// Score the past with the definitions of that time (then) or with today's (now): targets, bounds, directions, priorities, mappings
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then)]
    definitions: Definitions,
    /// Show what changed since this instant, and which metrics moved it
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    compare_to: Option<Moment>,
    /// The title of the page; without it the catalog's name
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// A picture beside the title: PNG, JPEG, GIF, WebP or SVG
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
    /// The language of headings, ratings and numbers
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
    /// The scores of functions only, or also those by owner
    #[arg(long, value_enum, default_value_t)]
    by: By,
}

fn language(code: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|language| language.code() == code).ok_or_else(|| "it is one of en, de, fr, es".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Html,
    Markdown,
    Json,
    Workbook,
    Pdf,
}

const REPORT: Columns<Report> = columns! { |report|
    subject, framework, at: of(Shape::of::<NaiveDateTime>), overall_score = score(report.overall.as_ref()),
    overall_rating = rating(report.overall.as_ref()), fresh_share = certain(report.certainty, |one| one.share), score_low = certain(report.certainty, |one| one.low),
    score_high = certain(report.certainty, |one| one.high), metric_count, unscoreable_count, stale_count, assumed_count,
    functions: of(|| Shape::rows(&FUNCTION)) = FUNCTION.table_of(&report.functions).to_json(),
    trend: of(|| Shape::rows(&POINT)) = POINT.table_of(&report.trend.points).to_json(),
    function_trends: of(|| Shape::rows(&POINT).named()) = trends(&report.function_trends),
    unmapped_count, title,
    compared: of(|| Shape::one(&COMPARED)) optional = report.compared.as_ref().map(|compared| Value::Object(COMPARED.members(compared))),
    owners: of(|| Shape::rows(&OWNER)) = OWNER.table_of(&report.owners).to_json(),
    gaps: of(|| Shape::rows(&GAP)) = GAP.table_of(&report.gaps).to_json(),
    stale: of(|| Shape::rows(&STALE)) = STALE.table_of(&report.stale).to_json(),
    unscoreable: of(|| Shape::rows(&UNSCOREABLE)) = UNSCOREABLE.table_of(&report.unscoreable).to_json(),
    assumed: of(|| Shape::rows(&ASSUMED)) = ASSUMED.table_of(&report.assumed).to_json(),
    method: of(|| Shape::of::<&str>().named()) = pairs(&report.method),
    provenance: of(|| Shape::of::<&str>().named()) = pairs(&report.provenance)
};
const COMPARED: Columns<Compared> = columns! { |compared|
    from = &compared.day, score_from = compared.old, score_to = compared.new,
    functions: of(|| Shape::rows(&CHANGED)) = CHANGED.table_of(&compared.functions).to_json(),
    causes: of(|| Shape::rows(&CAUSE)) = CAUSE.table_of(&compared.causes).to_json()
};
const CHANGED: Columns<(String, String, Option<Decimal>, Option<Decimal>)> =
    columns! { |(function_code, name, score_from, score_to)| function_code, name, score_from, score_to };
const CAUSE: Columns<Cause> = columns! { |cause| metric_number = &cause.code, name, points, reading, signal };
const OWNER: Columns<OwnerRow> = columns! { |owner|
    owner = &owner.name, score = score(owner.grade.as_ref()), rating = rating(owner.grade.as_ref()), metric_count,
    unscoreable_count, fresh_share = certain(owner.certainty, |one| one.share), score_low = certain(owner.certainty, |one| one.low),
    score_high = certain(owner.certainty, |one| one.high)
};
const FUNCTION: Columns<Function> = columns! { |function|
    function_code = &function.code, name, score = score(function.grade.as_ref()), rating = rating(function.grade.as_ref()),
    metric_count, unscoreable_count, assumed_count, fresh_share = certain(function.certainty, |one| one.share), score_low = certain(function.certainty, |one| one.low),
    score_high = certain(function.certainty, |one| one.high),
    categories: of(|| Shape::rows(&CATEGORY)) = CATEGORY.table_of(&function.categories).to_json()
};
const CATEGORY: Columns<Category> = columns! { |category|
    category_code = &category.code, name, score = score(category.grade.as_ref()), rating = rating(category.grade.as_ref()),
    metric_count, fresh_share = certain(category.certainty, |one| one.share), score_low = certain(category.certainty, |one| one.low),
    score_high = certain(category.certainty, |one| one.high)
};
const POINT: Columns<Point> = columns! { |point| day, score };
const GAP: Columns<GapRow> = columns! { |gap|
    metric_number = &gap.code, name, owner, value, target, score, priority: of(Shape::of::<Priority>), points
};
const STALE: Columns<StaleRow> = columns! { |row| metric_number = &row.code, name, owner, recorded_on = &row.day, days };
const UNSCOREABLE: Columns<UnscoreableRow> = columns! { |row| metric_number = &row.code, name, missing };
const ASSUMED: Columns<AssumedRow> = columns! { |row|
    metric_number = &row.code, name, direction: of(Shape::of::<Direction>), told_by
};

fn score(grade: Option<&Grade>) -> Option<Decimal> {
    grade.map(|grade| grade.score)
}

fn certain(certainty: Option<Certainty>, figure: fn(Certainty) -> Decimal) -> Option<Decimal> {
    certainty.map(figure).map(shown)
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

pub fn shape() -> Shape {
    Shape::of::<&str>().printing(Shape::one(&REPORT))
}

/// Runs `cmf report`. Exit 2 for a catalog or framework that is unknown, exit 73 when a file cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let kind = kind(context.output.format(), args.out.as_deref())?;
    let printer = if kind == Page::Pdf { Some(Printer::find()?) } else { None };
    if kind == Page::Html && args.out.is_none() && args.svg.is_none() && context.output.is_shown() {
        return Err(Error::usage("a report is a page, which a terminal cannot show")
            .hint("name a file: --out report.html, report.pdf, report.xlsx or report.md; or read it with --format md"));
    }
    let logo = args.logo.as_deref().map(picture).transpose()?;
    let mut file = args.out.as_deref().map(|path| NewFile::create(path, args.force.into())).transpose()?;
    if let Some(directory) = &args.svg {
        files::make_directory(directory)?;
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let wanted = Wanted {
        as_of: args.as_of,
        compare_to: args.compare_to,
        by_owner: args.by == By::Owner,
        title: args.title,
        logo,
        language: args.language,
        definitions: args.definitions,
    };
    let report = score::gather(&mut tx, &subject, parameters, wanted, &context.output).await?;
    tx.end().await?;
    if let Some(directory) = &args.svg {
        let charts: Vec<_> = report.charts().into_iter().map(|(name, chart)| (name.clone(), chart.into_bytes())).collect();
        files::write_all(directory, &charts, args.force.into())?;
        context.output.say(&format!("{} written to {}", counted(charts.len(), "chart"), directory.display()));
        return Ok(Exit::Success);
    }
    let bytes = match (kind, printer) {
        (Page::Markdown, _) => report.markdown().into_bytes(),
        (Page::Json, _) => format!("{:#}\n", Value::Object(REPORT.members(&report))).into_bytes(),
        (Page::Workbook, _) => report.workbook()?,
        (Page::Pdf, Some(printer)) => printer.print(&report.html()).await?,
        (Page::Html | Page::Pdf, _) => report.html().into_bytes(),
    };
    match (file.take(), &args.out) {
        (Some(mut file), Some(path)) => {
            file.write(&bytes)?;
            file.keep()?;
            context.output.say(&format!("report written to {}", path.display()));
        }
        _ => context.output.text(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(Exit::Success)
}

/// A picture as a `data:` address. Exit 65 when it cannot be read or is none.
fn picture(path: &Path) -> Result<String> {
    const KINDS: [(&[u8], &str); 5] =
        [(b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"<", "svg+xml")];
    let bytes = files::read(path, LOGO)?;
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii_start();
    let kind = KINDS.iter().find(|(mark, _)| start.starts_with(mark));
    let (_, kind) = kind.ok_or_else(|| {
        Error::data("the logo is not a picture that cmf can use")
            .at(Place::of(path.display()))
            .hint("use a PNG, JPEG, GIF, WebP or SVG")
    })?;
    Ok(format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(&bytes)))
}

/// The most megabytes of a logo.
const LOGO: u64 = 5;

/// What kind `--format` asks for, else the file's name.
fn kind(format: Format, file: Option<&Path>) -> Result<Page> {
    let extension = file.filter(|file| file.extension().is_some()).map(files::ending);
    match (format, extension.as_deref()) {
        (Format::Json, _) | (Format::Table, Some("json")) => Ok(Page::Json),
        (Format::Md, _) | (Format::Table, Some("md" | "markdown")) => Ok(Page::Markdown),
        (Format::Table, Some("xlsx")) => Ok(Page::Workbook),
        (Format::Table, Some("pdf")) => Ok(Page::Pdf),
        (Format::Table, None | Some("html" | "htm")) => Ok(Page::Html),
        (Format::Table, Some(other)) => Err(Error::usage(format!("a report is html, md, json, xlsx or pdf, not `{other}`"))
            .hint("end the file's name with one of these, or add --format md or json")),
        (Format::Jsonl | Format::Csv | Format::Ics | Format::Junit | Format::Sarif, _) => {
            Err(Error::usage("a report is html, md or json").hint("leave out --format, or take md or json"))
        }
    }
}

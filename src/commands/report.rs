//! `cmf report`: one catalog's scores as a page to look at, as Markdown or JSON, or as charts.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use crate::commands;
use crate::commands::score::{Loaded, Method, Metric, Overall, Scope, Subject, missing, ranked};
use crate::context::Context;
use crate::db::catalogs::Sizes;
use crate::db::{self, Connection};
use crate::domain::metric::{Direction, Priority};
use crate::domain::number;
use crate::domain::score::{Level, Parameters, Rating, Rollup, shown};
use crate::domain::span;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force, NewFile};
use crate::output::{Format, number_json, time_text};
use crate::report::scores::{Category, Function, GapRow, Grade, Point, Report, Series, StaleRow, UnscoreableRow};

/// Rows of the tables of gaps, stale and unscoreable metrics.
const ROWS: usize = 15;
/// Stale and unscoreable metrics that are named.
const NAMED: usize = 50;
/// Points that a trend is drawn with.
const POINTS: usize = 120;

/// Arguments of `cmf report`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("written").args(["out", "svg"])), mut_arg("force", |arg| arg.requires("written")))]
pub struct Args {
    #[command(flatten)]
    scope: Scope,
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
enum Kind {
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
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let report = gather(&mut tx, &subject, parameters, args.stale).await?;
    tx.end().await?;
    if let Some(directory) = &args.svg {
        let charts: Vec<_> = report.charts().into_iter().map(|(name, chart)| (name.to_owned(), chart.into_bytes())).collect();
        files::write_all(directory, &charts, args.force.into())?;
        context.output.say(&format!("{} written to {}", counted(charts.len(), "chart"), directory.display()));
        return Ok(Exit::Success);
    }
    let text = match kind {
        Kind::Html => report.html(),
        Kind::Markdown => report.markdown(),
        Kind::Json => format!("{:#}\n", report.to_json(number_json)),
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
fn kind(format: Format, file: Option<&Path>) -> Result<Kind> {
    let extension = file.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_lowercase());
    match (format, extension.as_deref()) {
        (Format::Json, _) | (Format::Table, Some("json")) => Ok(Kind::Json),
        (Format::Md, _) | (Format::Table, Some("md" | "markdown")) => Ok(Kind::Markdown),
        (Format::Table, None | Some("html" | "htm")) => Ok(Kind::Html),
        (Format::Table, Some(other)) => Err(Error::usage(format!("a report is html, md or json, not `{other}`"))
            .hint("end the file's name with one of these, or add --format md or json")),
        (Format::Jsonl | Format::Csv, _) => {
            Err(Error::usage("a report is html, md or json").hint("leave --format out, or take md or json"))
        }
    }
}

async fn gather(tx: &mut Connection, subject: &Subject, parameters: Parameters, stale: Option<i64>) -> Result<Report> {
    let mut loaded = Loaded::read(tx, subject, parameters, None).await?;
    let overall = loaded.overall(subject);
    let (framework_id, catalog_id) = (subject.framework.id, subject.catalog_id());
    let trend = history(tx, subject, None, "Overall", &overall).await?;
    let mut function_trends = Vec::new();
    for function in &overall.breakdown.functions {
        let name = function.function_code.as_str();
        let series = history(tx, subject, Some(name), name, &overall).await?;
        if series.points.len() > 1 {
            function_trends.push(series);
        }
    }
    let stored = db::scores::newest(tx, framework_id, catalog_id).await?;
    let sizes = match catalog_id {
        Some(id) => db::catalogs::sizes(tx, &[id]).await?.remove(&id).unwrap_or_default(),
        None => Sizes::default(),
    };
    let gaps =
        ranked(&mut loaded, Level::Framework).into_iter().take(ROWS).map(|(i, points)| gap(&loaded, i, points)).collect();
    let mut stale_rows: Vec<StaleRow> = loaded
        .metrics
        .iter()
        .filter_map(|metric| {
            let days = metric.stale_days(loaded.at, stale)?;
            Some(StaleRow {
                code: metric.detail.metric_number.clone().unwrap_or_default(),
                name: metric.detail.name.clone(),
                day: metric.detail.recorded_at?.date().to_string(),
                days,
            })
        })
        .collect();
    stale_rows.sort_by_key(|row| -row.days);
    let stale_count = stale_rows.len() as u64;
    stale_rows.truncate(NAMED);
    let unscoreable = loaded
        .metrics
        .iter()
        .filter(|metric| metric.member.measure.score().is_err())
        .take(NAMED)
        .map(|metric| UnscoreableRow {
            code: metric.detail.metric_number.clone().unwrap_or_default(),
            name: metric.detail.name.clone(),
            missing: missing(&loaded, metric, stale).join(", "),
        })
        .collect();
    let newest = loaded.metrics.iter().filter_map(|metric| metric.detail.recorded_at).max();
    Ok(Report {
        subject: subject.name().to_owned(),
        framework: subject.framework.short_name(),
        framework_name: format!("{} {}", subject.framework.name, subject.framework.version),
        at: time_text(loaded.at),
        overall: grade(overall.score, overall.rating.as_deref()),
        metric_count: overall.breakdown.metric_count,
        unscoreable_count: overall.breakdown.unscoreable_count,
        functions: functions(&overall),
        trend,
        function_trends,
        gaps,
        stale_count,
        stale: stale_rows,
        unscoreable,
        thresholds: Rating::ALL
            .into_iter()
            .filter_map(|rating| Some((rating.as_str().to_owned(), parameters.thresholds.least(rating)?)))
            .collect(),
        method: method(&parameters),
        provenance: provenance(subject, sizes, newest, stored.map(|stored| (stored.overall_score, stored.calculated_at))),
    })
}

fn grade(score: Option<Decimal>, rating: Option<&str>) -> Option<Grade> {
    Some(Grade { score: number::known(score)?, rating: rating?.to_owned() })
}

fn functions(overall: &Overall) -> Vec<Function> {
    let functions = overall.breakdown.functions.iter();
    functions
        .map(|function| Function {
            code: function.function_code.clone(),
            name: function.name.clone(),
            grade: grade(function.score, function.rating.as_deref()),
            metric_count: function.metric_count,
            unscoreable_count: function.unscoreable_count,
            categories: function
                .categories
                .iter()
                .map(|category| Category {
                    code: category.category_code.clone().unwrap_or_else(|| format!("{} –", function.function_code)),
                    name: category.name.clone().unwrap_or_else(|| "Without a category of the framework".to_owned()),
                    grade: grade(category.score, category.rating.as_deref()),
                    metric_count: category.metric_count,
                })
                .collect(),
        })
        .collect()
}

fn gap(loaded: &Loaded, at: usize, points: Decimal) -> GapRow {
    let metric = &loaded.metrics[at];
    let measure = &metric.member.measure;
    let value = measure.current.map_or_else(|| "–".to_owned(), |value| value.normalize().to_string());
    GapRow {
        code: metric.detail.metric_number.clone().unwrap_or_default(),
        name: metric.detail.name.clone(),
        value: with_unit(value, metric),
        target: with_unit(metric.target_text(), metric),
        score: measure.score().ok().map(shown),
        priority: measure.priority.as_str().to_owned(),
        points: shown(points),
    }
}

/// A value as people say it: an answer for a yes-or-no metric, a number alone where the unit says no more.
fn with_unit(value: String, metric: &Metric) -> String {
    let unit = metric.detail.unit.as_deref().unwrap_or_default().trim();
    let plain =
        ["", "count", "number", "#", "yes/no", "boolean", "score", "ratio"].iter().any(|word| unit.eq_ignore_ascii_case(word));
    match (metric.member.measure.direction, value.as_str()) {
        (Direction::Binary, "1") => "yes".to_owned(),
        (Direction::Binary, "0") => "no".to_owned(),
        (_, "–") => value,
        _ if plain => value,
        _ => format!("{value} {unit}"),
    }
}

/// The stored scores over time, thinned out to what can be drawn, with the present one at the end.
async fn history(tx: &mut Connection, subject: &Subject, function: Option<&str>, name: &str, now: &Overall) -> Result<Series> {
    let stored = db::scores::history(tx, subject.framework.id, subject.catalog_id(), function, None, None).await?;
    let point =
        |at: NaiveDateTime, score: Decimal| Point { second: at.and_utc().timestamp(), day: at.date().to_string(), score };
    let mut points: Vec<Point> = stored.iter().map(|stored| point(stored.calculated_at, stored.score)).collect();
    if points.len() > POINTS {
        let last = points.len() - 1;
        points = (0..POINTS).map(|i| points[i * last / (POINTS - 1)].clone()).collect();
    }
    let present = match function {
        None => now.score,
        Some(code) => {
            now.breakdown.functions.iter().find(|function| function.function_code == code).and_then(|function| function.score)
        }
    };
    if let (Some(score), false) = (number::known(present), points.is_empty()) {
        points.push(point(now.calculated_at, score));
    }
    Ok(Series { name: name.to_owned(), points })
}

fn method(parameters: &Parameters) -> Vec<(String, String)> {
    let weights =
        Priority::ALL.map(|priority| format!("{priority} {}", parameters.weights.of(priority).normalize())).join(", ");
    let thresholds = Rating::ALL
        .into_iter()
        .filter_map(|rating| Some(format!("{rating} from {}", parameters.thresholds.least(rating)?.normalize())))
        .collect::<Vec<_>>()
        .join(", ");
    let rollup = match parameters.rollup {
        Rollup::Category => {
            "category is the weighted mean of its metrics, function the mean of its categories, overall the mean of the functions"
        }
        Rollup::Metric => "function is the weighted mean of all its metrics, overall the mean of the functions",
    };
    [
        ("Higher is better", "100 at the target or above, else 100 × value / target"),
        ("Lower is better", "100 at the target or below, else 100 × target / value"),
        ("Target range", "100 inside, else 100 less the distance to the nearer bound in percent of the width, at least 0"),
        ("Yes or no", "100 when the value is the target, else 0"),
        ("Means", rollup),
        ("Left out", "metrics without a reading, a target or both bounds count in no mean"),
        ("Weights", &weights),
        ("Risk ratings", &format!("{thresholds}, Very High below; taken before rounding")),
        ("Rounding", "half away from zero to two decimals, only where shown or stored"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn provenance(
    subject: &Subject,
    sizes: Sizes,
    newest: Option<NaiveDateTime>,
    stored: Option<(Decimal, NaiveDateTime)>,
) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |name: &str, text: String| rows.push((name.to_owned(), text));
    match &subject.catalog {
        Some(catalog) => {
            row("Catalog", format!("{} of {}", catalog.name, catalog.owner));
            row("Catalog id", catalog.id.to_string());
            if let Some(file) = &catalog.source_file {
                row("Source file", file.clone());
            }
            let metadata = catalog.import_metadata.as_ref();
            if let Some(hash) = metadata.and_then(|metadata| metadata.get("sha256").or_else(|| metadata.get("sha-256"))) {
                row("SHA-256 of it", hash.as_str().map_or_else(|| hash.to_string(), str::to_owned));
            }
            row("Imported", time_text(catalog.created_at));
            row(
                "Items",
                format!(
                    "{}, {} of them with a confirmed mapping, {}",
                    sizes.items,
                    sizes.mapped_items,
                    counted(sizes.metrics, "metric")
                ),
            );
        }
        None => row("Metrics", "the default library: metrics of no catalog".to_owned()),
    }
    row("Framework", format!("{} ({} {})", subject.framework.short_name(), subject.framework.name, subject.framework.version));
    row("Newest reading", newest.map_or_else(|| "none".to_owned(), time_text));
    row(
        "Newest stored score",
        stored.map_or_else(
            || "none".to_owned(),
            |(score, at)| {
                let score = number::known(score).map_or_else(|| "NaN".to_owned(), |score| score.to_string());
                format!("{score} of {}", time_text(at))
            },
        ),
    );
    row("Program", format!("cmf {}", env!("CARGO_PKG_VERSION")));
    rows
}

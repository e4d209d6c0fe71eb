//! `cmf history`: the readings of a metric, and metrics without any.

use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::{Map, Value};

use crate::commands;
use crate::context::Context;
use crate::db;
use crate::db::metrics::Metric;
use crate::db::readings::Reading;
use crate::domain::metric::Direction;
use crate::domain::reading::{self, Zone};
use crate::domain::text::{counted, printable};
use crate::domain::{moment, number, span};
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing};
use crate::output::{Cell, Format, Table};
use crate::record::directory::Directory;
use crate::report::plot;

/// How wide a plot is where no terminal says it, and how high.
const PLOT: (usize, usize) = (80, 16);

/// Arguments of `cmf history`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The metric, by its number, name or id
    #[arg(required_unless_present = "stale")]
    metric: Option<String>,

    /// Look in this catalog; without it in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,

    /// Only readings from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,

    /// Only readings before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,

    /// Only the newest N readings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,

    /// The zone of times without an offset, such as Europe/Berlin or +02:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true, value_parser = commands::record::zone)]
    tz: Zone,

    /// Draw the readings and the target in the terminal
    #[arg(long)]
    plot: bool,

    /// Draw them into this file as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// List the metrics without a reading in this time, such as 35d
    #[arg(long, value_name = "TIME", value_parser = span::age,
          conflicts_with_all = ["metric", "from", "to", "last", "plot", "svg"])]
    stale: Option<TimeDelta>,

    /// With --stale: exit with 4 when there are any
    #[arg(long, requires = "stale")]
    exit_code: bool,
}

/// Runs `cmf history`.
///
/// # Errors
/// Exit 2 when the metric is unknown or has namesakes, 73 when the drawing cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if let Some(age) = args.stale {
        return stale(context, args.catalog.as_deref(), age, args.exit_code).await;
    }
    if args.plot && context.output.format() != Format::Table {
        return Err(
            Error::usage("--plot draws for people, and another format was asked for").hint("leave --plot or --format out")
        );
    }
    let instant = |text: &Option<String>, option: &str| {
        text.as_deref()
            .map(|text| {
                reading::parse_instant(text, args.tz).map_err(|reason| Error::usage(format!("{option}: `{text}` {reason}")))
            })
            .transpose()
    };
    let (from, to) = (instant(&args.from, "--from")?, instant(&args.to, "--to")?);
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let catalog_id = match &args.catalog {
        Some(name) => Some(commands::catalog::resolve(&mut tx, name, None).await?.id),
        None => None,
    };
    let directory = Directory::new(db::metrics::in_scope(&mut tx, catalog_id).await?);
    let position =
        directory.find(args.metric.as_deref().unwrap_or_default()).map_err(|refused| Error::usage(refused.reason))?;
    let metric = &directory.metrics[position];
    let last = args.last.map(i64::from);
    if args.svg.is_none() && !args.plot {
        let columns = Table::new(["id", "recorded_at", "value", "note", "recorded_by"]).only_for_programs(&["id"]);
        let mut rows = context.output.document(Vec::new(), members(metric), "readings", columns.title(title(metric)))?;
        db::readings::each_of(&mut tx, metric.id, from, to, last, |reading| {
            rows.row([
                reading.id.into(),
                reading.recorded_at.into(),
                reading.value.normalize().into(),
                reading.note.into(),
                Cell::from(reading.recorded_by),
            ])
        })
        .await?;
        tx.end().await?;
        rows.finish()?;
        return Ok(Exit::Success);
    }
    let readings = db::readings::history(&mut tx, metric.id, from, to, last).await?;
    tx.end().await?;
    if let Some(path) = &args.svg {
        files::write(path, plot::svg(&series(metric, &readings)).as_bytes(), Existing::Replace)?;
        context.output.say(&format!("{} drawn into {}", counted(readings.len(), "reading"), path.display()));
    }
    if args.plot {
        let width = context.output.width().map_or(PLOT.0, usize::from);
        let drawn = plot::text(&series(metric, &readings), width, PLOT.1);
        let drawn = if drawn.is_empty() { format!("{}: no readings\n", title(metric)) } else { drawn };
        let lines: Vec<String> = drawn.lines().map(printable).collect();
        context.output.text(&(lines.join("\n") + "\n"))?;
    }
    Ok(Exit::Success)
}

fn title(metric: &Metric) -> String {
    let unit = metric.unit.as_deref().map(|unit| format!(", in {unit}")).unwrap_or_default();
    match &metric.metric_number {
        Some(number) => format!("{number} {}{unit}", metric.name),
        None => format!("{}{unit}", metric.name),
    }
}

fn series(metric: &Metric, readings: &[Reading]) -> plot::Series {
    let is_range = metric.direction == Direction::TargetRange;
    plot::Series {
        title: title(metric),
        // What has no place in a drawing is in the table only.
        points: readings
            .iter()
            .filter(|reading| moment::is_finite(reading.recorded_at))
            .filter_map(|reading| Some((reading.recorded_at, number::known(reading.value)?)))
            .collect(),
        target: number::known(metric.target_value).filter(|_| !is_range),
        band: number::known(metric.target_lower).zip(number::known(metric.target_upper)).filter(|_| is_range),
    }
}

/// What the JSON says of the metric, before its readings.
fn members(metric: &Metric) -> Map<String, Value> {
    let number = |value: Option<rust_decimal::Decimal>| value.map_or(Value::Null, crate::output::number_json);
    [
        ("metric_id", metric.id.to_string().into()),
        ("metric_number", metric.metric_number.clone().into()),
        ("name", metric.name.clone().into()),
        ("unit", metric.unit.clone().into()),
        ("direction", metric.direction.as_str().into()),
        ("current_value", number(metric.current_value)),
        ("target_value", number(metric.target_value)),
        ("target_lower", number(metric.target_lower)),
        ("target_upper", number(metric.target_upper)),
    ]
    .map(|(name, value): (&str, Value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// `cmf history --stale`.
async fn stale(context: &Context, catalog: Option<&str>, age: TimeDelta, exit_code: bool) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let catalog_id = match catalog {
        Some(name) => Some(commands::catalog::resolve(&mut tx, name, None).await?.id),
        None => None,
    };
    let found = db::readings::stale(&mut tx, catalog_id, age.as_seconds_f64()).await?;
    tx.end().await?;
    let any = !found.is_empty();
    let mut table = Table::new(["id", "metric_number", "name", "days", "recorded_at", "current_value", "catalog"])
        .only_for_programs(&["id"]);
    for metric in found {
        table.row([
            metric.id.into(),
            metric.metric_number.into(),
            metric.name.into(),
            metric.days.into(),
            metric.recorded_at.into(),
            metric.current_value.map(|value| value.normalize()).into(),
            metric.catalog.into(),
        ]);
    }
    context.output.results(table)?;
    Ok(if any && exit_code { Exit::Difference } else { Exit::Success })
}

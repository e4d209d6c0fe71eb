//! `cmf history`: the readings of a metric, and metrics without any.

mod metric;
mod prune;
mod signal;

use std::path::PathBuf;

use self::metric::{METRIC, READINGS, title};
use crate::context::Context;
use crate::db;
use crate::record::directory::Directory;

use crate::db::metric_entries::MetricScope;
use crate::db::readings::{Reading, Stale};
use crate::domain::frequency::Limit;
use crate::domain::metric::{Direction, Metric};
use crate::domain::moment::{self, Day};
use crate::domain::number;
use crate::domain::number::Number;
use crate::domain::reading::{self, Counted, Zone};
use crate::domain::text::{counted, printable};
use crate::error::{Error, Exit, Result};
use crate::files::{self, Force};
use crate::lookup;
use crate::output::{Columns, Format, Shape, columns};
use crate::report::plot;
use crate::score::in_order;

/// How wide a plot is where no terminal says it, and how high.
const PLOT: (usize, usize) = (80, 16);

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("svg")), args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// The metric, by its number, name or id
    #[arg(required_unless_present = "stale")]
    metric: Option<String>,

    /// Look in this catalog; without it, in the active catalogs and the default library
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
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true, value_parser = reading::zone)]
    tz: Zone,

    /// Draw the readings and the target in the terminal
    #[arg(long)]
    plot: bool,

    /// Draw them into this file as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    #[command(flatten)]
    force: Force,

    /// Separate signal from noise: the limits of the readings, which ones are outside, and when the target is met at this pace
    #[arg(long, conflicts_with_all = ["plot", "svg", "stale"])]
    signal: bool,

    /// List the metrics without a reading for one and a half of their frequency, or for this time, such as 35d
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = Limit::OWN,
          conflicts_with_all = ["metric", "from", "to", "last", "plot", "svg"])]
    stale: Option<Limit>,

    /// With --stale: exit with 4 if there are any
    #[arg(long, requires = "stale")]
    exit_code: bool,
}

verbs! { |context|
    /// Delete old readings; the last one of each month stays
    Prune(args: prune::Args), Changes(Importer), Shape::one(&prune::PRUNED) => prune::run(context, args).await;
}

/// Runs `cmf history`. Exit 2 when the metric is unknown or has namesakes, 73 when the drawing cannot be written.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if let Some(command) = args.command {
        return command.run(context).await;
    }
    // Clap does not ask for an option that what else is given excludes.
    if args.exit_code && args.stale.is_none() {
        return Err(Error::usage("--exit-code works only with --stale")
            .hint("leave out --exit-code, or give --stale instead of a metric"));
    }
    if let Some(limit) = args.stale {
        return stale(context, args.catalog.as_deref(), limit, args.exit_code).await;
    }
    if args.plot && context.output.format() != Format::Table {
        return Err(Error::usage("--plot cannot be combined with --format").hint("leave out --plot or --format"));
    }
    let instant = |text: &Option<String>, option: &str| {
        text.as_deref()
            .map(|text| {
                reading::parse_instant(text, args.tz, Day::Start).map_err(|reason| {
                    Error::usage(format!("{option}: `{text}` {reason}")).hint("write 2026-03-31 or 2026-03-31T08:00:00Z")
                })
            })
            .transpose()
    };
    let (from, to) = (instant(&args.from, "--from")?, instant(&args.to, "--to")?);
    if let (Some(from), Some(to)) = (from, to) {
        in_order(("--from", from), ("--to", to))?;
    }
    args.svg.as_ref().map_or(Ok(()), |path| files::check(path, args.force.into()))?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog_id = lookup::catalog::if_named(&mut tx, args.catalog.as_deref(), None).await?.map(|catalog| catalog.id);
    let text = args.metric.as_deref().unwrap_or_default();
    let scope = catalog_id.map_or(MetricScope::Active, MetricScope::Catalog);
    // All are read only where none has this name, to name those that are near.
    let ids = lookup::metric::ids_of(&mut tx, scope, &[text]).await?;
    let ids = (!ids.is_empty()).then_some(ids.as_slice());
    let directory = Directory::new(db::metrics::in_scope(&mut tx, catalog_id, ids).await?);
    let position = match directory.find(text) {
        Ok(position) => position,
        Err(refused) => {
            let inactive = if catalog_id.is_none() { lookup::metric::elsewhere(&mut tx, text).await? } else { None };
            return Err(Error::usage(refused.reason).hint(inactive.unwrap_or_else(|| "see `cmf metric list`".to_owned())));
        }
    };
    let metric = &directory.metrics[position];
    let last = args.last.map(i64::from);
    if args.svg.is_none() && !args.plot && !args.signal {
        let table = READING.table().title(title(metric));
        let mut rows = context.output.document(Vec::new(), METRIC.members(metric), READINGS, table)?;
        db::readings::each_of(&mut tx, metric.id, from, to, last, |reading| rows.row(READING.row(&reading))).await?;
        tx.end().await?;
        rows.finish()?;
        return Ok(Exit::Success);
    }
    let readings = db::readings::history(&mut tx, metric.id, from, to, last).await?;
    tx.end().await?;
    if args.signal {
        context.output.results(signal::judge(metric, &readings)?)?;
    }
    if let Some(path) = &args.svg {
        files::write(path, plot::svg(&series(metric, &readings)).as_bytes(), args.force.into())?;
        context.output.say(&format!("{} drawn into {}", counted(readings.len(), "reading"), path.display()));
    }
    if args.plot {
        let width = context.output.width().map_or(PLOT.0, usize::from);
        let drawn = plot::text(&series(metric, &readings), width, PLOT.1);
        let drawn = if drawn.is_empty() { format!("{}: no readings\n", title(metric)) } else { drawn };
        let lines: Vec<String> = drawn.lines().map(printable).collect();
        context.output.drawing(&(lines.join("\n") + "\n"))?;
    }
    Ok(Exit::Success)
}

fn series(metric: &Metric, readings: &[Reading]) -> plot::Series {
    let is_range = metric.direction == Direction::TargetRange;
    plot::Series {
        title: title(metric),
        // What has no place in a drawing is in the table only.
        points: readings
            .iter()
            .filter(|reading| moment::is_finite(reading.recorded_at))
            .filter_map(|reading| Some((reading.recorded_at, reading.value.finite()?)))
            .collect(),
        target: number::finite(metric.target_value).filter(|_| !is_range),
        band: number::finite(metric.target_lower).zip(number::finite(metric.target_upper)).filter(|_| is_range),
    }
}

const READING: Columns<Reading> = columns! { |reading|
    id: for_programs, recorded_at, value = reading.value.normalize(), counted: for_people = reading.counted().map(interval),
    numerator: for_programs = reading.counted().map(|counted| counted.part),
    denominator: for_programs = reading.counted().map(|counted| counted.whole),
    interval_lower: for_programs = reading.counted().map(|counted| counted.interval().0),
    interval_upper: for_programs = reading.counted().map(|counted| counted.interval().1), note, recorded_by
};

/// What a percentage was counted from, and where the whole process lies by that.
fn interval(counted: Counted) -> String {
    let (lower, upper) = counted.interval();
    format!("{counted}: {lower} to {upper}")
}
const SILENT: Columns<Stale> = columns! { |metric|
    id: for_programs, metric_number, name, days, recorded_at, current_value = metric.current_value.map(Number::normalize), catalog
};

pub fn shape() -> Shape {
    Shape::rows(&READING).within(READINGS, Shape::one(&METRIC)).or(signal::shape()).or(Shape::rows(&SILENT))
}

/// `cmf history --stale`.
async fn stale(context: &Context, catalog: Option<&str>, limit: Limit, exit_code: bool) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog_id = lookup::catalog::if_named(&mut tx, catalog, None).await?.map(|catalog| catalog.id);
    let freshness = context.config().freshness(limit.age());
    let found = db::readings::stale(&mut tx, catalog_id, &freshness).await?;
    tx.end().await?;
    let any = !found.is_empty();
    context.output.results(SILENT.table_of(found))?;
    Ok(if any && exit_code { Exit::Difference } else { Exit::Success })
}

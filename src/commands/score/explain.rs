//! `cmf score explain`: every point of a score, down to the reading it comes from.

use super::table::arrow;
use crate::context::Context;
use crate::db;
use crate::domain::metric::Metric;
use crate::domain::number::Number;
use crate::domain::score::{Level, Measure, shown};
use crate::domain::{moment, span};
use crate::error::{Exit, Result};
use crate::output::{Cell, Format, Results, Rows, Table};
use crate::score::explain::{self, Brought, Document, Node, NodeKind, tree};
use crate::score::{Loaded, Scored, Subject};
use crate::scoring::{SubjectArgs, Weighing};

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// A function, a category or a metric; without it the whole framework
    #[arg(value_name = "FUNCTION|CATEGORY|METRIC")]
    code: Option<String>,
    #[command(flatten)]
    scope: SubjectArgs,
    /// How old the newest reading may be, in days, such as 35d; without it twice the time between readings that the sheet
    /// names, or 100 days
    #[arg(long, value_name = "AGE", value_parser = span::days)]
    stale: Option<i64>,
    /// How deep to go: function, category or metric
    #[arg(long, value_enum, default_value_t = Depth::Metric)]
    depth: Depth,
    #[command(flatten)]
    weighing: Weighing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Depth {
    Function,
    Category,
    Metric,
}

/// Runs `cmf score explain`.
///
/// # Errors
/// Exit 2 for a code that is no function, category or metric.
pub(crate) async fn run(context: &Context, args: Explain) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    let stored = db::scores::newest(&mut tx, subject.framework.id, subject.catalog_id()).await?;
    tx.end().await?;
    let level = match &args.code {
        None => Some(Level::Framework),
        Some(code) => loaded.tally.level(code),
    };
    let Some(level) = level else {
        let code = args.code.unwrap_or_default();
        let found = loaded
            .find(&code)
            .map_err(|error| error.hint(format!("or a function ({}) or category of the framework", loaded.functions())))?;
        context.output.results(metric(&loaded, &loaded.metrics[found], args.stale))?;
        return Ok(Exit::Success);
    };
    let root = tree(&loaded, &subject, level);
    if context.output.format() == Format::Json && !context.output.selects() {
        context.output.json_document(&Document { loaded: &loaded, node: &root, stale: args.stale })?;
    } else {
        let mut lines = context.output.rows(columns(&subject, args.depth))?;
        rows(&mut lines, &loaded, &root, 0, &args)?;
        lines.finish()?;
    }
    if let (Some(stored), Level::Framework) = (stored, level)
        && root.points.map(Number::from) != Some(stored.overall_score)
    {
        context.output.notice(&format!(
            "the newest stored score is {} of {}; readings, mappings or parameters are others now: `cmf score` stores a new one",
            stored.overall_score,
            moment::text(stored.calculated_at)
        ));
    }
    Ok(Exit::Success)
}

/// The columns of the tree.
fn columns(subject: &Subject, depth: Depth) -> Table {
    // Lines of functions and categories alone have no readings to show.
    let with_metrics = depth == Depth::Metric;
    let mut columns = vec![
        "what",
        "level",
        "code",
        "name",
        "points",
        "share",
        "score",
        "weight",
        "value",
        "current_value",
        "target",
        "formula",
        "missing",
    ];
    let mut for_programs = vec!["level", "code", "name", "share", "current_value", "target", "missing"];
    if !with_metrics {
        columns.retain(|column| *column != "value");
        for_programs.extend(["weight", "formula"]);
    }
    Table::with_columns(columns.into_iter().map(str::to_owned).collect())
        .title(format!("{}, {}: the points below a line add up to it", subject.name(), subject.framework.short_name()))
        .only_for_people(&["what", "value"])
        .only_for_programs(&for_programs)
}

fn rows(lines: &mut Rows<'_>, loaded: &Loaded, node: &Node<'_>, depth: usize, args: &Explain) -> Result<()> {
    let scored = node.metric.map(|i| &loaded.metrics[i]);
    let missing = scored.map(|scored| loaded.missing(scored, args.stale)).unwrap_or_default();
    let metric = scored.map(|scored| (&scored.metric, scored.metric.measure()));
    let formula = metric.map(|(_, measure)| formula(&measure, &missing));
    let what = if node.code == node.name { clipped(&node.name) } else { clipped(&format!("{} {}", node.code, node.name)) };
    let of_metric = |cell: &dyn Fn((&Metric, Measure)) -> Cell| metric.map_or_else(|| "".into(), cell);
    let mut cells: Vec<Cell> = vec![
        Cell::Tree(depth, what),
        node.kind.as_str().into(),
        node.code.as_ref().into(),
        node.name.as_ref().into(),
        node.points.into(),
        node.share.map(shown).into(),
        node.score.map(shown).into(),
        of_metric(&|(metric, _)| loaded.tally.parameters().weights.of(metric.priority).into()),
    ];
    if args.depth == Depth::Metric {
        cells.push(of_metric(&|(metric, measure)| arrow(measure.current, metric.target_text()).into()));
    }
    cells.extend([
        of_metric(&|(_, measure)| measure.current.map(|value| value.normalize()).into()),
        of_metric(&|(metric, _)| metric.target_text().unwrap_or_default().into()),
        formula.map_or_else(|| "".into(), Into::into),
        missing.join(", ").into(),
    ]);
    lines.row(cells)?;
    let deepest = match args.depth {
        Depth::Function => NodeKind::Function,
        Depth::Category => NodeKind::Category,
        Depth::Metric => NodeKind::Metric,
    };
    let mut children = node.children.iter().filter(|child| child.kind <= deepest);
    children.try_for_each(|child| rows(lines, loaded, child, depth + 1, args))
}

/// A name short enough for a tree.
fn clipped(name: &str) -> String {
    const MOST: usize = 40;
    if name.chars().count() <= MOST {
        name.to_owned()
    } else {
        format!("{}…", name.chars().take(MOST - 1).collect::<String>().trim_end())
    }
}

/// The formula with its numbers, or what stands in its way.
fn formula(measure: &Measure, missing: &[String]) -> String {
    let formula = measure.formula().unwrap_or_default();
    [formula].into_iter().chain(missing.iter().cloned()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// One metric and the places where it counts.
fn metric(loaded: &Loaded, scored: &Scored, stale: Option<i64>) -> Results {
    let (metric, measure) = (&scored.metric, scored.metric.measure());
    let missing = loaded.missing(scored, stale);
    let head = Table::record([
        ("id", metric.id.into()),
        ("metric_number", metric.metric_number.clone().into()),
        ("name", metric.name.as_str().into()),
        ("direction", measure.direction.as_str().into()),
        ("direction_is_assumed", measure.is_assumed.into()),
        ("current_value", measure.current.map(|value| value.normalize()).into()),
        ("recorded_at", scored.recorded_at.into()),
        ("target", metric.target_text().unwrap_or_default().into()),
        ("unit", metric.unit.clone().into()),
        ("priority", measure.priority.as_str().into()),
        ("weight", loaded.tally.parameters().weights.of(measure.priority).into()),
        ("formula", measure.formula().ok().into()),
        ("score", measure.score().ok().map(shown).into()),
        ("missing", if missing.is_empty() { Cell::Null } else { missing.join(", ").into() }),
    ]);
    let mut table = Table::new([
        "place",
        "function_code",
        "category_code",
        "in_category",
        "points_in_category",
        "share_of_category",
        "in_function",
        "points_in_function",
        "share_of_function",
        "in_framework",
        "points_in_framework",
        "share_of_framework",
    ])
    .title("points it brings, of those it would bring at 100")
    .only_for_people(&["place", "in_category", "in_function", "in_framework"])
    .only_for_programs(&[
        "function_code",
        "category_code",
        "points_in_category",
        "share_of_category",
        "points_in_function",
        "share_of_function",
        "points_in_framework",
        "share_of_framework",
    ]);
    for Brought { function, category, points } in explain::brought(loaded, scored) {
        let mut cells = vec![category.unwrap_or(function).into(), function.into(), category.into()];
        cells.extend(points.into_iter().flat_map(|points| match points {
            Some((points, share)) => [format!("{points} of {share}").into(), points.into(), share.into()],
            None => [Cell::Null, Cell::Null, Cell::Null],
        }));
        table.push(cells);
    }
    let mut json = head.to_json();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("places".into(), table.to_json());
    }
    Results::new(vec![head, table], json)
}

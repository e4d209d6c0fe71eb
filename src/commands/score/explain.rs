//! `cmf score explain`: every point of a score, down to the reading it comes from.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::load::{Loaded, Metric};
use super::scope::{Scope, Subject, Weighing};
use crate::context::Context;
use crate::db;
use crate::domain::number;
use crate::domain::score::{Level, Place, Rollup, apportion, shown};
use crate::domain::span;
use crate::error::{Error, Exit, Result};
use crate::output::{Cell, Format, Results, Rows, Table, number_json, time_text};

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// A function, a category or a metric; without it the whole framework
    #[arg(value_name = "FUNCTION|CATEGORY|METRIC")]
    code: Option<String>,
    #[command(flatten)]
    scope: Scope,
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

/// A part of the score with what it brings to the root. There are as many as metrics: texts are those of others where they can be.
#[derive(Debug)]
struct Node<'l> {
    depth: Depths,
    code: Cow<'l, str>,
    name: Cow<'l, str>,
    /// In percent, unrounded.
    score: Option<Decimal>,
    /// What it brings to the root's score, unrounded.
    exact: Decimal,
    /// The same, rounded so that the children of every node add up to it and the root is the stored score.
    points: Option<Decimal>,
    /// The part of the root that it stands for, in percent: what it would bring at a score of 100.
    share: Option<Decimal>,
    metric: Option<usize>,
    children: Vec<Node<'l>>,
}

/// Which kind of node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depths {
    Framework,
    Function,
    Category,
    Metric,
}

impl Depths {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Framework => "framework",
            Self::Function => "function",
            Self::Category => "category",
            Self::Metric => "metric",
        }
    }
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
        Some(code) => loaded.tally.function(code).or_else(|| loaded.tally.category(code)),
    };
    let Some(level) = level else {
        let code = args.code.unwrap_or_default();
        let found = loaded.find(&code).map_err(|error| {
            let functions: Vec<String> = loaded.tally.scores().functions.into_iter().map(|function| function.code).collect();
            error.hint(format!("or a function ({}) or category of the framework", functions.join(", ")))
        })?;
        context.output.results(metric(&loaded, found, args.stale)?)?;
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
        && root.points != Some(stored.overall_score)
    {
        context.output.notice(&format!(
            "the newest stored score is {} of {}; readings, mappings or parameters are others now: `cmf score` stores a new one",
            number::known(stored.overall_score).map_or_else(|| "NaN".to_owned(), |score| score.to_string()),
            time_text(stored.calculated_at)
        ));
    }
    Ok(Exit::Success)
}

/// The tree below a level with points that add up.
fn tree<'l>(loaded: &'l Loaded, subject: &'l Subject, level: Level) -> Node<'l> {
    let scores = loaded.tally.scores();
    let framework = Node {
        depth: Depths::Framework,
        code: subject.framework.short_name().into(),
        name: subject.name().into(),
        score: scores.overall.map(|score| score.exact),
        exact: Decimal::ZERO,
        points: None,
        share: None,
        metric: None,
        children: Vec::new(),
    };
    let node = |depth, code: Cow<'l, str>, name: Cow<'l, str>, score: Option<Decimal>| Node {
        depth,
        code,
        name,
        score,
        exact: Decimal::ZERO,
        points: None,
        share: None,
        metric: None,
        children: Vec::new(),
    };
    // Metrics by the place where they bring their points.
    let mut below: std::collections::HashMap<Place, Vec<Node<'l>>> = std::collections::HashMap::new();
    for (i, metric) in loaded.metrics.iter().enumerate() {
        let score = metric.member.measure.score().ok();
        let mut leaf = |place: Place, points: Decimal, share: Option<Decimal>| {
            let mut leaf = node(Depths::Metric, metric.code().into(), metric.detail.name.as_str().into(), score);
            leaf.metric = Some(i);
            leaf.exact = points;
            leaf.share = share;
            below.entry(place).or_default().push(leaf);
        };
        match score {
            Some(score) => {
                for part in loaded.tally.parts(level, &metric.member.measure, &metric.member.places) {
                    leaf(part.place, part.points(score), Some(part.points(Decimal::ONE_HUNDRED)));
                }
            }
            None => {
                for &place in &metric.member.places {
                    leaf(place, Decimal::ZERO, None);
                }
            }
        }
    }
    let by_category = loaded.tally.parameters().rollup == Rollup::Category || matches!(level, Level::Category(_));
    let mut functions = Vec::new();
    for (f, function) in scores.functions.iter().enumerate() {
        let mut of_function = node(
            Depths::Function,
            function.code.clone().into(),
            function.name.clone().into(),
            function.score.map(|score| score.exact),
        );
        let mut groups = Vec::new();
        for category in &function.categories {
            let place = loaded.tally.known_place(f, category.code.as_deref());
            let metrics = place.and_then(|place| below.remove(&place)).unwrap_or_default();
            let code = category.code.clone().unwrap_or_else(|| format!("{} –", function.code));
            let name = category.name.clone().map_or("without a category of the framework".into(), Cow::from);
            let mut group = node(Depths::Category, code.into(), name, category.score.map(|score| score.exact));
            group.children = metrics;
            if place.map(Level::Category) == Some(level) {
                return finished(group);
            }
            groups.push(group);
        }
        if by_category {
            of_function.children = groups;
        } else {
            // The metric rollup knows no categories: each metric counts once in the function.
            let mut metrics: Vec<Node<'_>> = groups.into_iter().flat_map(|group| group.children).collect();
            metrics.sort_by_key(|node| node.metric);
            metrics.dedup_by(|a, b| a.metric == b.metric && a.share.is_none());
            of_function.children = metrics;
        }
        if level == Level::Function(f) {
            return finished(of_function);
        }
        functions.push(of_function);
    }
    finished(Node { children: functions, ..framework })
}

/// Adds the exact points up from the metrics and rounds them down from the root.
fn finished(mut root: Node<'_>) -> Node<'_> {
    fn sum(node: &mut Node<'_>) {
        if node.depth == Depths::Metric {
            return;
        }
        node.children.iter_mut().for_each(sum);
        node.exact = node.children.iter().map(|child| child.exact).sum();
        node.share = node.children.iter().filter_map(|child| child.share).reduce(|a, b| a + b);
    }
    fn round(node: &mut Node<'_>) {
        let Some(points) = node.points else { return };
        let exact: Vec<Decimal> = node.children.iter().map(|child| child.exact).collect();
        for (child, points) in node.children.iter_mut().zip(apportion(points, &exact)) {
            child.points = child.score.map(|_| points);
            round(child);
        }
    }
    sum(&mut root);
    root.points = root.score.map(shown);
    round(&mut root);
    root
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
    let metric = node.metric.map(|i| &loaded.metrics[i]);
    let missing = metric.map(|metric| missing(loaded, metric, args.stale)).unwrap_or_default();
    let formula = metric.map(|metric| formula(metric, &missing));
    let what = if node.code == node.name { clipped(&node.name) } else { clipped(&format!("{} {}", node.code, node.name)) };
    let of_metric = |cell: &dyn Fn(&Metric) -> Cell| metric.map_or_else(|| "".into(), cell);
    let mut cells: Vec<Cell> = vec![
        Cell::Tree(depth, what),
        node.depth.as_str().into(),
        node.code.as_ref().into(),
        node.name.as_ref().into(),
        node.points.into(),
        node.share.map(shown).into(),
        node.score.map(shown).into(),
        of_metric(&|metric| loaded.tally.parameters().weights.of(metric.member.measure.priority).into()),
    ];
    if args.depth == Depth::Metric {
        cells.push(of_metric(&|metric| arrow(metric.member.measure.current, &metric.target_text()).into()));
    }
    cells.extend([
        of_metric(&|metric| metric.member.measure.current.map(|value| value.normalize()).into()),
        of_metric(&|metric| metric.target_text().into()),
        formula.map_or_else(|| "".into(), Into::into),
        missing.join(", ").into(),
    ]);
    lines.row(cells)?;
    let wanted = match args.depth {
        Depth::Function => &[Depths::Function][..],
        Depth::Category => &[Depths::Function, Depths::Category],
        Depth::Metric => &[Depths::Function, Depths::Category, Depths::Metric],
    };
    let mut children = node.children.iter().filter(|child| wanted.contains(&child.depth));
    children.try_for_each(|child| rows(lines, loaded, child, depth + 1, args))
}

/// A reading and the target it is on the way to.
pub(crate) fn arrow(value: Option<Decimal>, target: &str) -> String {
    let value = value.map_or_else(|| "-".to_owned(), |value| value.normalize().to_string());
    if target.is_empty() { value } else { format!("{value} → {target}") }
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
fn formula(metric: &Metric, missing: &[String]) -> String {
    let formula = metric.member.measure.formula().unwrap_or_default();
    [formula].into_iter().chain(missing.iter().cloned()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What a metric lacks, in words.
pub(crate) fn missing(loaded: &Loaded, metric: &Metric, stale: Option<i64>) -> Vec<String> {
    let gaps = metric.member.measure.gaps().into_iter().map(|gap| gap.as_str().to_owned());
    gaps.chain(metric.stale_days(loaded.at, stale).map(|days| format!("stale, {days} days old"))).collect()
}

/// The tree as JSON, made while it is written.
struct Document<'a> {
    loaded: &'a Loaded,
    node: &'a Node<'a>,
    stale: Option<i64>,
}

/// What is below a node.
struct Children<'a>(Document<'a>);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Document { loaded, node, stale } = self;
        let fields = fields(loaded, node, stale);
        let mut map = serializer.serialize_map(None)?;
        fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        if node.metric.is_none() {
            map.serialize_entry("children", &Children(Document { loaded, node, stale }))?;
        }
        map.end()
    }
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Children(Document { loaded, node, stale }) = self;
        serializer.collect_seq(node.children.iter().map(|node| Document { loaded, node, stale }))
    }
}

/// A node as JSON, without its children.
fn fields(loaded: &Loaded, node: &Node<'_>, stale: Option<i64>) -> Map<String, Value> {
    let number = |value: Option<Decimal>| json!(value.map(number_json));
    let mut fields = vec![
        ("level", json!(node.depth.as_str())),
        ("code", json!(node.code)),
        ("name", json!(node.name)),
        ("score", number(node.score.map(shown))),
        ("share", number(node.share.map(shown))),
        ("points", number(node.points)),
        ("points_exact", json!(node.score.map(|_| node.exact.round_dp(10).normalize().to_string()))),
    ];
    if let Some(metric) = node.metric.map(|i| &loaded.metrics[i]) {
        let measure = &metric.member.measure;
        fields.extend([
            ("id", json!(metric.detail.id)),
            ("metric_number", json!(metric.detail.metric_number)),
            ("current_value", number(measure.current)),
            ("target_value", number(measure.target)),
            ("target_lower", number(measure.lower)),
            ("target_upper", number(measure.upper)),
            ("unit", json!(metric.detail.unit)),
            ("direction", json!(measure.direction)),
            ("priority", json!(measure.priority)),
            ("weight", number(Some(loaded.tally.parameters().weights.of(measure.priority)))),
            ("formula", json!(measure.formula().ok())),
            ("recorded_at", json!(metric.detail.recorded_at.map(time_text))),
            ("missing", json!(missing(loaded, metric, stale))),
        ]);
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// One metric and the places where it counts.
fn metric(loaded: &Loaded, at: usize, stale: Option<i64>) -> Result<Results> {
    let metric = loaded.metrics.get(at).ok_or_else(|| Error::failed("no such metric"))?;
    let measure = &metric.member.measure;
    let missing = missing(loaded, metric, stale);
    let mut head = Table::new([
        "id",
        "metric_number",
        "name",
        "direction",
        "current_value",
        "recorded_at",
        "target",
        "unit",
        "priority",
        "weight",
        "formula",
        "score",
        "missing",
    ])
    .single();
    head.row([
        metric.detail.id.into(),
        metric.detail.metric_number.clone().into(),
        metric.detail.name.as_str().into(),
        measure.direction.as_str().into(),
        measure.current.map(|value| value.normalize()).into(),
        metric.detail.recorded_at.into(),
        metric.target_text().into(),
        metric.detail.unit.clone().into(),
        measure.priority.as_str().into(),
        loaded.tally.parameters().weights.of(measure.priority).into(),
        measure.formula().ok().into(),
        measure.score().ok().map(shown).into(),
        if missing.is_empty() { Cell::Null } else { missing.join(", ").into() },
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
    let score = measure.score().ok();
    for &place in &metric.member.places {
        let (function, category) = loaded.tally.codes(place);
        // The points it brings to a level from this place, and those it would bring at a score of 100.
        let points = |level: Level| -> [Cell; 3] {
            let parts = loaded.tally.parts(level, measure, &metric.member.places);
            match score.zip(parts.iter().find(|part| part.place == place)) {
                Some((score, part)) => {
                    let (points, share) = (shown(part.points(score)), shown(part.points(Decimal::ONE_HUNDRED)));
                    [format!("{points} of {share}").into(), points.into(), share.into()]
                }
                None => [Cell::Null, Cell::Null, Cell::Null],
            }
        };
        let mut cells = vec![category.unwrap_or(function).into(), function.into(), category.into()];
        cells.extend([Level::Category(place), place.level(), Level::Framework].into_iter().flat_map(points));
        table.push(cells);
    }
    let mut json = head.to_json();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("places".into(), table.to_json());
    }
    Ok(Results::new(vec![head, table], json))
}

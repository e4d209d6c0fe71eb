//! `cmf score explain`: every point of a score, down to the reading it comes from.

use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::table::arrow;
use crate::context::Context;
use crate::db;
use crate::domain::crosswalk::Pair;
use crate::domain::metric::Metric;
use crate::domain::moment::{self, Moment};
use crate::domain::number::Number;
use crate::domain::reading::Counted;
use crate::domain::score::{Certainty, GroupKey, Level, Measure, shown};
use crate::error::{Exit, Result};
use crate::output::{Cell, Columns, Format, Results, Rows, Shape, Table, columns};
use crate::score::explain::{self, Brought, Node, NodeKind, tree};
use crate::score::{Definitions, Led, Loaded, Scored, Subject};
use crate::scoring::{SubjectArgs, ViaArg, Weighing, tell_through};

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// A function, a category or a metric; without it the whole framework
    #[arg(value_name = "FUNCTION|CATEGORY|METRIC")]
    code: Option<String>,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    /// Explain the score of this instant; a day means its end
    #[arg(long, value_name = "DATE", value_parser = Moment::day_end)]
    as_of: Option<Moment>,
    /// Score the past with the definitions of that time (then) or with today's (now): targets, bounds, directions, priorities, mappings
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Definitions::Then, requires = "as_of")]
    definitions: Definitions,
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

/// Runs `cmf score explain`. Exit 2 for a code that is no function, category or metric.
pub(crate) async fn run(context: &Context, args: Explain) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let loaded = Loaded::of(&mut tx, &subject, parameters, args.as_of, args.definitions, &context.output).await?;
    let stored = match args.as_of {
        Some(_) => None,
        None if subject.via.is_some() => None,
        None => db::scores::newest(&mut tx, subject.framework.id, subject.catalog_id()).await?,
    };
    let level = match &args.code {
        None => Some(Level::Framework),
        Some(code) => loaded.tally.level(code),
    };
    let Some(level) = level else {
        let code = args.code.unwrap_or_default();
        let found = loaded.find(&code).map_err(|error| {
            error.hint(format!("a function ({}) or a category of the framework works, too", loaded.functions()))
        })?;
        let scored = &loaded.metrics[found];
        let newest = db::readings::newest(&mut tx, &[scored.metric.id], loaded.at, 1).await?.pop();
        tx.end().await?;
        let counted = newest.and_then(|newest| Counted::read(newest.note.as_deref()?, scored.metric.measure().current?));
        context.output.results(metric(&Alone { loaded: &loaded, subject: &subject, scored, counted }))?;
        return Ok(Exit::Success);
    };
    tx.end().await?;
    let root = tree(&loaded, &subject, level);
    if context.output.format() == Format::Json && !context.output.selects() {
        context.output.json_document(&Document { loaded: &loaded, subject: &subject, node: &root })?;
    } else {
        let framework = subject.against();
        let told = root.certainty.and_then(|certainty| certainty.told()).map(|told| format!("; {told}"));
        let title =
            format!("{}, {framework}: the points below a line add up to it{}", subject.name(), told.unwrap_or_default());
        let mut lines = context.output.rows(columns_of(args.depth).table().title(title))?;
        rows(&mut lines, (&loaded, &subject), &root, 0, &args)?;
        lines.finish()?;
        tell_through(context, loaded.through.as_ref(), &subject.framework.short_name());
    }
    if let (Some(stored), Level::Framework) = (stored, level)
        && root.points.map(Number::from) != Some(stored.overall_score)
    {
        context.output.notice(&format!(
            "the newest stored score is {} of {}; readings, mappings or parameters have changed since: `cmf score` stores a new one",
            stored.overall_score,
            moment::text(stored.calculated_at)
        ));
    }
    Ok(Exit::Success)
}

/// A node, how deep it stands, and the metric that it is, with what keeps it from counting.
struct Line<'a> {
    subject: &'a Subject,
    node: &'a Node<'a>,
    depth: usize,
    scored: Option<&'a Scored>,
    missing: Vec<String>,
}

impl<'a> Line<'a> {
    fn new((loaded, subject): (&'a Loaded, &'a Subject), node: &'a Node<'a>, depth: usize) -> Self {
        let scored = node.metric.map(|i| &loaded.metrics[i]);
        let missing = scored.map(|scored| loaded.missing(scored)).unwrap_or_default();
        Line { subject, node, depth, scored, missing }
    }

    fn of_metric<T: Into<Cell>>(&self, cell: impl FnOnce(&Metric, &Measure) -> T) -> Cell {
        self.scored.map_or_else(|| "".into(), |scored| cell(&scored.metric, &scored.metric.measure()).into())
    }

    /// What it is called, short enough for a tree.
    fn what(&self) -> (usize, String) {
        let Node { code, name, .. } = self.node;
        if self.node.way.is_some() {
            return (self.depth, clipped(name));
        }
        (self.depth, if code == name { clipped(name) } else { clipped(&format!("{code} {name}")) })
    }

    /// What is known of its score; nothing of a metric.
    fn certain(&self, figure: fn(Certainty) -> Decimal) -> Option<Decimal> {
        self.node.certainty.map(figure).map(shown)
    }

    fn weight(&self) -> Cell {
        self.node.weight.map_or_else(|| "".into(), Cell::from)
    }

    /// The formula with its numbers, or what stands in its way.
    fn formula(&self) -> Cell {
        if let Some(row) = self.node.way.and_then(|led| row_of(self.subject, led)) {
            return format!("row {}: {}", row.pair.row, row.reckoning()).into();
        }
        self.of_metric(|_, measure| {
            let parts = [measure.formula().unwrap_or_default()].into_iter().chain(self.missing.iter().cloned());
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
        })
    }
}

fn with_metrics<'a>() -> Columns<Line<'a>> {
    columns! { |line|
        what: for_people = line.what(), level: for_programs = line.node.kind.as_str(), code: for_programs = &*line.node.code,
        name: for_programs = &*line.node.name, points = line.node.points, share: for_programs = line.node.share.map(shown),
        score = line.node.score.map(shown), fresh_share: for_programs = line.certain(|one| one.share),
        score_low: for_programs = line.certain(|one| one.low), score_high: for_programs = line.certain(|one| one.high), weight = line.weight(),
        value: for_people = line.of_metric(|metric, measure| arrow(measure.current, metric.target_text())),
        current_value: for_programs = line.of_metric(|_, measure| measure.current.map(|value| value.normalize())),
        target: for_programs = line.of_metric(|metric, _| metric.target_text().unwrap_or_default()), formula = line.formula(),
        missing: for_programs = line.missing.join(", ")
    }
}

/// Lines of functions and categories alone have no readings to show.
fn without_metrics<'a>() -> Columns<Line<'a>> {
    columns! { |line|
        what: for_people = line.what(), level: for_programs = line.node.kind.as_str(), code: for_programs = &*line.node.code,
        name: for_programs = &*line.node.name, points = line.node.points, share: for_programs = line.node.share.map(shown),
        score = line.node.score.map(shown), fresh_share: for_programs = line.certain(|one| one.share),
        score_low: for_programs = line.certain(|one| one.low), score_high: for_programs = line.certain(|one| one.high), weight: for_programs = "", current_value: for_programs = "",
        target: for_programs = "", formula: for_programs = "", missing: for_programs = ""
    }
}

/// A row of a crosswalk that led a metric to a place.
struct Row<'a> {
    led: &'a Led,
    pair: &'a Pair,
}

fn row_of<'a>(subject: &'a Subject, led: &'a Led) -> Option<Row<'a>> {
    let pair = subject.via.as_ref()?.crosswalk.pairs().get(led.way.pair)?;
    Some(Row { led, pair })
}

impl Row<'_> {
    /// What makes the part of the weight, such as `subset 0.75 × confidence 0.9`.
    fn reckoning(&self) -> String {
        let relation = self.led.way.relation;
        let confidence = self.pair.confidence.map(|confidence| format!(" × confidence {}", confidence.normalize()));
        format!("{relation} {}{}", relation.weight().normalize(), confidence.unwrap_or_default())
    }
}

/// The rows that led a metric to its places.
fn ways<'a>() -> Columns<Row<'a>> {
    columns! { |row|
        from = &row.led.from, relation: one_of(&["equal", "subset", "superset", "intersects"]) = row.led.way.relation.as_str(),
        to = row.pair.target.code(), confidence = row.pair.confidence.map(|confidence| confidence.normalize()),
        part = row.led.way.part.normalize(), row = row.pair.row
    }
}
const WAYS: &str = "ways";

/// The rows that led a metric to a place, or to any.
fn ways_of(scored: &Scored, subject: &Subject, place: Option<GroupKey>) -> Table {
    let led = scored.ways.iter().filter(|led| place.is_none_or(|place| place == led.at));
    ways().table_of(led.filter_map(|led| row_of(subject, led)))
}

fn columns_of<'a>(depth: Depth) -> Columns<Line<'a>> {
    if depth == Depth::Metric { with_metrics() } else { without_metrics() }
}

fn rows(lines: &mut Rows<'_>, whole: (&Loaded, &Subject), node: &Node<'_>, depth: usize, args: &Explain) -> Result<()> {
    lines.row(columns_of(args.depth).row(&Line::new(whole, node, depth)))?;
    let deepest = match args.depth {
        Depth::Function => NodeKind::Function,
        Depth::Category => NodeKind::Category,
        // The rows of a crosswalk stand below the metrics that they lead.
        Depth::Metric => NodeKind::Row,
    };
    let mut children = node.children.iter().filter(|child| child.kind <= deepest);
    children.try_for_each(|child| rows(lines, whole, child, depth + 1, args))
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

/// A metric that is explained alone.
struct Alone<'a> {
    loaded: &'a Loaded,
    subject: &'a Subject,
    scored: &'a Scored,
    /// What its value was counted from.
    counted: Option<Counted>,
}

fn alone<'a>() -> Columns<Alone<'a>> {
    columns! { |Alone { loaded, scored, counted, .. }|
        id = scored.metric.id, metric_number = &scored.metric.metric_number, name = &scored.metric.name,
        direction = scored.metric.direction, direction_is_assumed = scored.metric.is_assumed,
        current_value = scored.metric.measure().current.map(|value| value.normalize()),
        numerator = counted.map(|counted| counted.part), denominator = counted.map(|counted| counted.whole),
        interval_lower = counted.map(|counted| counted.interval().0), interval_upper = counted.map(|counted| counted.interval().1),
        recorded_at = scored.recorded_at, target = scored.metric.target_text().unwrap_or_default(), unit = &scored.metric.unit,
        priority = scored.metric.priority, weight = loaded.tally.parameters().weights.of(scored.metric.priority),
        formula = scored.metric.measure().formula().ok(), score = scored.metric.measure().score().ok().map(shown),
        missing = Some(loaded.missing(scored).join(", ")).filter(|missing| !missing.is_empty())
    }
}

/// What a metric brings in one of its places.
fn places<'a>() -> Columns<Brought<'a>> {
    columns! { |brought|
        place: for_people = brought.category.unwrap_or(brought.function), function_code: for_programs = brought.function,
        category_code: for_programs = brought.category, in_category: for_people = of(brought.points[0]),
        points_in_category: for_programs = brought.points[0].map(|points| points.0),
        share_of_category: for_programs = brought.points[0].map(|points| points.1),
        in_function: for_people = of(brought.points[1]),
        points_in_function: for_programs = brought.points[1].map(|points| points.0),
        share_of_function: for_programs = brought.points[1].map(|points| points.1),
        in_framework: for_people = of(brought.points[2]),
        points_in_framework: for_programs = brought.points[2].map(|points| points.0),
        share_of_framework: for_programs = brought.points[2].map(|points| points.1)
    }
}
const PLACES: &str = "places";

fn of(points: Option<(Decimal, Decimal)>) -> Option<String> {
    points.map(|(points, share)| format!("{points} of {share}"))
}

/// A node of the tree in JSON.
fn node<'a>() -> Columns<Line<'a>> {
    columns! { |line|
        level: one_of(&["framework", "function", "category", "metric"]) = line.node.kind.as_str(), code = &*line.node.code,
        name = &*line.node.name, score = line.node.score.map(shown), share = line.node.share.map(shown), points = line.node.points,
        fresh_share = line.certain(|one| one.share), score_low = line.certain(|one| one.low),
        score_high = line.certain(|one| one.high), points_exact = line.node.score.map(|_| line.node.exact.round_dp(10).normalize().to_string())
    }
}

/// What is said more of a node that is a metric.
fn leaf<'a>() -> Columns<(Option<Decimal>, &'a Scored, Measure, Vec<String>)> {
    columns! { |(weight, scored, measure, missing)|
        id = scored.metric.id, metric_number = &scored.metric.metric_number, current_value = measure.current,
        target_value = measure.target, target_lower = measure.lower, target_upper = measure.upper, unit = &scored.metric.unit,
        direction = measure.direction, direction_is_assumed = measure.is_assumed, priority = measure.priority,
        weight = weight, formula = measure.formula().ok(), recorded_at = scored.recorded_at, missing
    }
}

/// A tree as JSON, made while it is written.
struct Document<'a> {
    loaded: &'a Loaded,
    subject: &'a Subject,
    node: &'a Node<'a>,
}

struct Children<'a>(Document<'a>);
const CHILDREN: &str = "children";

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let &Document { loaded, subject, node: own } = self;
        let line = Line::new((loaded, subject), own, 0);
        let mut map = serializer.serialize_map(None)?;
        node().members(&line).iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        match line.scored {
            Some(scored) => {
                let more = leaf().members(&(own.weight, scored, scored.metric.measure(), line.missing));
                more.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                if !own.children.is_empty() {
                    let rows = own.children.iter().filter_map(|child| row_of(subject, child.way?));
                    map.serialize_entry(WAYS, &ways().table_of(rows).to_json())?;
                }
            }
            None => map.serialize_entry(CHILDREN, &Children(Document { loaded, subject, node: own }))?,
        }
        map.end()
    }
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let &Children(Document { loaded, subject, node }) = self;
        serializer.collect_seq(node.children.iter().map(|node| Document { loaded, subject, node }))
    }
}

pub(super) fn shape() -> Shape {
    let alone_in = Shape::rows(&places()).within(PLACES, Shape::one(&alone())).choosing(alone().names());
    // The first three are nodes: what has nodes below it, a metric, and one that rows of a crosswalk led there.
    let below = ["#/anyOf/1", "#/anyOf/2"]
        .into_iter()
        .fold(Shape::reference("#/anyOf/0"), |shape, place| shape.or(Shape::reference(place)));
    let group = Shape::one(&node()).with(CHILDREN, below.listed());
    let metric = Shape::one(&node()).and(Shape::one(&leaf()));
    let led = metric.clone().with(WAYS, Shape::rows(&ways()));
    let nodes = group.or(metric).or(led);
    Shape::rows(&with_metrics()).printing(nodes).or(alone_in.clone()).or(alone_in.with(WAYS, Shape::rows(&ways())))
}

/// One metric and the places where it counts.
fn metric(row: &Alone<'_>) -> Results {
    let table = places().table_of(explain::brought(row.loaded, row.scored));
    let mut json = alone().document(row, PLACES, &table);
    let mut tables = vec![alone().one(row), table.title("its points, and those it would have at 100")];
    if let Some(via) = &row.subject.via {
        let ways = ways_of(row.scored, row.subject, None);
        json[WAYS] = ways.to_json();
        tables.push(ways.title(format!("rows of {} that led there; of several to a category the heaviest counts", via.name)));
    }
    Results::new(tables, json)
}

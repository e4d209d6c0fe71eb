//! Every point of a score, down to the reading it comes from.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Led, Loaded, Scored, Subject};
use crate::domain::named::named;
use crate::domain::score::{Certainty, GroupKey, Level, Rollup, Spot, apportion, shown};

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) enum NodeKind {
        Framework = "framework",
        Function = "function",
        Category = "category",
        Metric = "metric",
        /// A row of a crosswalk that led a metric to a place.
        Row = "row",
    }
    as_str
}

/// A part of the score with what it brings to the root. There are as many as metrics: texts are those of others where they can be.
#[derive(Debug)]
pub(crate) struct Node<'l> {
    pub kind: NodeKind,
    pub code: Cow<'l, str>,
    pub name: Cow<'l, str>,
    /// In percent, unrounded.
    pub score: Option<Decimal>,
    /// What it brings to the root's score, unrounded.
    pub exact: Decimal,
    /// The same, rounded so that the children of every node add up to it and the root is the stored score.
    pub points: Option<Decimal>,
    /// The part of the root that it stands for, in percent: what it would bring at a score of 100.
    pub share: Option<Decimal>,
    /// What is known of the score; none of a metric.
    pub certainty: Option<Certainty>,
    /// Its position among the metrics.
    pub metric: Option<usize>,
    /// What a metric weighs here.
    pub weight: Option<Decimal>,
    /// The row of a crosswalk that it is.
    pub way: Option<&'l Led>,
    pub children: Vec<Node<'l>>,
}

impl<'l> Node<'l> {
    fn new(kind: NodeKind, code: impl Into<Cow<'l, str>>, name: impl Into<Cow<'l, str>>, score: Option<Decimal>) -> Self {
        let (code, name) = (code.into(), name.into());
        Node {
            kind,
            code,
            name,
            score,
            exact: Decimal::ZERO,
            points: None,
            share: None,
            certainty: None,
            metric: None,
            weight: None,
            way: None,
            children: Vec::new(),
        }
    }

    /// Adds the exact points up from the metrics and rounds them down from the root.
    fn finished(mut self) -> Self {
        self.sum();
        self.points = self.score.map(shown);
        self.round();
        self
    }

    fn sum(&mut self) {
        if self.kind >= NodeKind::Metric {
            return;
        }
        self.children.iter_mut().for_each(Node::sum);
        self.exact = self.children.iter().map(|child| child.exact).sum();
        self.share = self.children.iter().filter_map(|child| child.share).reduce(|a, b| a + b);
    }

    fn round(&mut self) {
        let Some(points) = self.points else { return };
        let exact: Vec<Decimal> = self.children.iter().map(|child| child.exact).collect();
        for (child, points) in self.children.iter_mut().zip(apportion(points, &exact)) {
            let is_carrying = child.kind == NodeKind::Row && !child.exact.is_zero();
            child.points = child.score.map(|_| points).or(is_carrying.then_some(points));
            child.round();
        }
    }
}

/// The tree below a level with points that add up.
pub(crate) fn tree<'l>(loaded: &'l Loaded, subject: &'l Subject, level: Level) -> Node<'l> {
    let scores = loaded.tally.scores();
    // Metrics by the place where they bring their points.
    let mut below: HashMap<GroupKey, Vec<Node<'l>>> = HashMap::new();
    for (i, scored @ Scored { metric, places, .. }) in loaded.metrics.iter().enumerate() {
        let measure = metric.measure();
        let score = measure.score().ok();
        let whole = loaded.tally.parameters().weights.of(measure.priority);
        let mut leaf = |place: GroupKey, weight: Decimal, exact: Decimal, share: Option<Decimal>| {
            let node = Node::new(NodeKind::Metric, metric.label(), metric.name.as_str(), score);
            let children = rows(scored, subject, place, weight, whole, exact);
            let node = Node { metric: Some(i), exact, share, weight: Some(weight.normalize()), children, ..node };
            below.entry(place).or_default().push(node);
        };
        match score {
            Some(score) => {
                for part in loaded.tally.parts(level, &measure, places) {
                    leaf(part.place, part.weight, part.points(score), Some(part.points(Decimal::ONE_HUNDRED)));
                }
            }
            None => places.iter().for_each(|spot| leaf(spot.at, whole * spot.part, Decimal::ZERO, None)),
        }
    }
    let by_category = loaded.tally.parameters().rollup == Rollup::Category || matches!(level, Level::Category(_));
    let overall = scores.overall.map(|score| score.exact);
    let mut framework = Node::new(NodeKind::Framework, subject.framework.short_name(), subject.name(), overall);
    framework.certainty = scores.certainty;
    for (f, function) in scores.functions.into_iter().enumerate() {
        let mut groups = Vec::new();
        for category in function.categories {
            let place = loaded.tally.known_place(f, category.code.as_deref());
            let code = category.code.unwrap_or_else(|| format!("{} –", function.code));
            let name = category.name.map_or("without a category of the framework".into(), Cow::from);
            let mut group = Node::new(NodeKind::Category, code, name, category.score.map(|score| score.exact));
            group.certainty = category.certainty;
            group.children = place.and_then(|place| below.remove(&place)).unwrap_or_default();
            if place.map(Level::Category) == Some(level) {
                return group.finished();
            }
            groups.push(group);
        }
        let score = function.score.map(|score| score.exact);
        let mut node = Node::new(NodeKind::Function, function.code, function.name, score);
        node.certainty = function.certainty;
        if by_category {
            node.children = groups;
        } else {
            // The metric rollup knows no categories: each metric counts once in the function.
            node.children = groups.into_iter().flat_map(|group| group.children).collect();
            node.children.sort_by_key(|node| node.metric);
            node.children.dedup_by(|a, b| a.metric == b.metric && a.share.is_none());
        }
        if level == Level::Function(f) {
            return node.finished();
        }
        framework.children.push(node);
    }
    framework.finished()
}

/// The rows of a crosswalk that led a metric to a place. The heaviest brings all of its points, so the metric's points are
/// those of the row; the others would bring less and bring nothing.
fn rows<'l>(
    scored: &'l Scored,
    subject: &'l Subject,
    place: GroupKey,
    weight: Decimal,
    whole: Decimal,
    exact: Decimal,
) -> Vec<Node<'l>> {
    let Some(via) = &subject.via else { return Vec::new() };
    // Where a function is the mean of its metrics, what counts may have led to another category of it.
    let here = scored.ways.iter().filter(|led| led.at == place);
    let counts = |led: &&&Led| whole * led.way.part == weight;
    let carrying = here
        .clone()
        .find(|led| counts(&led))
        .or_else(|| scored.ways.iter().filter(|led| led.at.level() == place.level()).find(|led| counts(&led)));
    let rest = here.filter(|led| carrying.is_none_or(|first| !std::ptr::eq(first, *led)));
    let mut nodes = Vec::new();
    for led in carrying.into_iter().chain(rest) {
        let Some(pair) = via.crosswalk.pairs().get(led.way.pair) else { continue };
        let carries = carrying.is_some_and(|first| std::ptr::eq(first, led));
        let name = format!("{} {} {}", led.from, led.way.relation, pair.target.code());
        let node = Node::new(NodeKind::Row, pair.target.code(), name, None);
        let exact = if carries { exact } else { Decimal::ZERO };
        nodes.push(Node { way: Some(led), exact, weight: Some((whole * led.way.part).normalize()), ..node });
    }
    nodes
}

/// What a metric brings in one of its places.
#[derive(Debug)]
pub(crate) struct Brought<'l> {
    pub function: &'l str,
    pub category: Option<&'l str>,
    /// To the category, the function and the framework: the points, and those that it would bring at a score of 100.
    pub points: [Option<(Decimal, Decimal)>; 3],
}

/// What a metric brings in each of its places.
pub(crate) fn brought<'l>(loaded: &'l Loaded, scored: &Scored) -> Vec<Brought<'l>> {
    let measure = scored.metric.measure();
    let score = measure.score().ok();
    let of = |&Spot { at: place, .. }: &Spot| {
        let (function, category) = loaded.tally.codes(place);
        let points = |level: Level| {
            let parts = loaded.tally.parts(level, &measure, &scored.places);
            let (score, part) = score.zip(parts.iter().find(|part| part.place == place))?;
            Some((shown(part.points(score)), shown(part.points(Decimal::ONE_HUNDRED))))
        };
        Brought { function, category, points: [Level::Category(place), place.level(), Level::Framework].map(points) }
    };
    scored.places.iter().map(of).collect()
}

//! Every point of a score, down to the reading it comes from.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Loaded, Scored, Subject};
use crate::domain::score::{Certainty, GroupKey, Level, Rollup, apportion, shown};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NodeKind {
    Framework,
    Function,
    Category,
    Metric,
}

impl NodeKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Framework => "framework",
            Self::Function => "function",
            Self::Category => "category",
            Self::Metric => "metric",
        }
    }
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
    pub children: Vec<Node<'l>>,
}

impl<'l> Node<'l> {
    fn new(kind: NodeKind, code: impl Into<Cow<'l, str>>, name: impl Into<Cow<'l, str>>, score: Option<Decimal>) -> Self {
        let (code, name) = (code.into(), name.into());
        let (exact, points, share, certainty, metric) = (Decimal::ZERO, None, None, None, None);
        Node { kind, code, name, score, exact, points, share, certainty, metric, children: Vec::new() }
    }

    /// Adds the exact points up from the metrics and rounds them down from the root.
    fn finished(mut self) -> Self {
        self.sum();
        self.points = self.score.map(shown);
        self.round();
        self
    }

    fn sum(&mut self) {
        if self.kind == NodeKind::Metric {
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
            child.points = child.score.map(|_| points);
            child.round();
        }
    }
}

/// The tree below a level with points that add up.
pub(crate) fn tree<'l>(loaded: &'l Loaded, subject: &'l Subject, level: Level) -> Node<'l> {
    let scores = loaded.tally.scores();
    // Metrics by the place where they bring their points.
    let mut below: HashMap<GroupKey, Vec<Node<'l>>> = HashMap::new();
    for (i, Scored { metric, places, .. }) in loaded.metrics.iter().enumerate() {
        let measure = metric.measure();
        let score = measure.score().ok();
        let mut leaf = |place: GroupKey, exact: Decimal, share: Option<Decimal>| {
            let node = Node::new(NodeKind::Metric, metric.label(), metric.name.as_str(), score);
            below.entry(place).or_default().push(Node { metric: Some(i), exact, share, ..node });
        };
        match score {
            Some(score) => {
                for part in loaded.tally.parts(level, &measure, places) {
                    leaf(part.place, part.points(score), Some(part.points(Decimal::ONE_HUNDRED)));
                }
            }
            None => places.iter().for_each(|&place| leaf(place, Decimal::ZERO, None)),
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
    let of = |&place: &GroupKey| {
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

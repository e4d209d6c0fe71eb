//! Scores of a framework that nothing is mapped to, through a crosswalk from the one that metrics are mapped to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::scores::Detail;
use crate::domain::code::Position;
use crate::domain::crosswalk::{Crosswalk, Relation, Way};
use crate::domain::number::Number;
use crate::domain::score::{GroupKey, Spot, Tally};
use crate::lookup::crosswalk::Via;

/// Metrics without a way that are named; they are always counted in full.
const NAMED: usize = 100;

/// A place that a row of the crosswalk led a metric to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Led {
    pub at: GroupKey,
    /// The code that the metric is mapped to.
    pub from: String,
    pub way: Way,
}

/// Where the mappings of a metric lead: its settled places, and the rows that led to each, the heaviest first.
pub(super) fn led(tally: &mut Tally, crosswalk: &Crosswalk, detail: &Detail) -> (Vec<Spot>, Vec<Led>) {
    let mut places = Vec::new();
    let mut ways = Vec::new();
    for from in mapped(detail) {
        for way in crosswalk.ways(&from) {
            let Some(pair) = crosswalk.pairs().get(way.pair) else { continue };
            if let Some(spot) = tally.place(&pair.target.function, pair.target.category.as_deref()) {
                places.push(Spot { part: way.part, ..spot });
                ways.push(Led { at: spot.at, from: from.code().to_owned(), way });
            }
        }
    }
    Tally::settle(&mut places);
    ways.retain(|led| places.iter().any(|spot| spot.at == led.at));
    ways.sort_by(|a, b| a.at.cmp(&b.at).then(b.way.part.cmp(&a.way.part)).then(a.way.pair.cmp(&b.way.pair)));
    ways.dedup_by(|a, b| a.at == b.at && a.way.pair == b.way.pair && a.from == b.from);
    (places, ways)
}

/// The places that a metric is mapped to.
fn mapped(detail: &Detail) -> Vec<Position> {
    let categories = detail.categories.iter().chain(std::iter::repeat(&None));
    let subcategories = detail.subcategories.iter().chain(std::iter::repeat(&None));
    let position = |((function, category), subcategory): ((&String, &Option<String>), &Option<String>)| Position {
        function: function.clone(),
        category: category.clone(),
        subcategory: subcategory.clone(),
    };
    detail.functions.iter().zip(categories).zip(subcategories).map(position).collect()
}

/// What a crosswalk led to, and what it did not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Through {
    /// The framework that the metrics are mapped to.
    pub framework: String,
    pub crosswalk: String,
    pub crosswalk_id: Uuid,
    /// The part of a metric's weight that counts, by relation.
    pub relations: BTreeMap<String, Number>,
    /// Metrics with a way to the framework.
    pub led_count: u64,
    /// Metrics without one.
    pub lost_count: u64,
    /// The first of them.
    pub lost: Vec<Lost>,
    /// Codes that metrics are mapped to and that no row leads on from.
    pub lost_codes: Vec<String>,
    /// Codes of the framework, those without any below them.
    pub code_count: u64,
    /// Those of them that a metric leads to.
    pub reached_count: u64,
    /// The others.
    pub unreached: Vec<String>,
    #[serde(skip)]
    reached: BTreeSet<String>,
}

/// A metric that no row leads on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lost {
    pub metric_number: Option<String>,
    pub name: String,
    /// The codes that it is mapped to.
    pub codes: Vec<String>,
}

impl Through {
    pub(super) fn new(via: &Via) -> Self {
        Through {
            framework: via.framework.short_name(),
            crosswalk: via.name.clone(),
            crosswalk_id: via.id,
            relations: Relation::ALL.map(|relation| (relation.to_string(), relation.weight().into())).into(),
            led_count: 0,
            lost_count: 0,
            lost: Vec::new(),
            lost_codes: Vec::new(),
            code_count: 0,
            reached_count: 0,
            unreached: Vec::new(),
            reached: BTreeSet::new(),
        }
    }

    /// Notes where a metric was led.
    pub(super) fn add(&mut self, via: &Via, detail: &Detail, ways: &[Led]) {
        let from = mapped(detail);
        for position in &from {
            let code = position.code();
            if via.crosswalk.ways(position).is_empty() && !self.lost_codes.iter().any(|known| known == code) {
                self.lost_codes.push(code.to_owned());
            }
        }
        if ways.is_empty() {
            self.lost_count += 1;
            if self.lost.len() < NAMED {
                self.lost.push(Lost {
                    metric_number: detail.metric.metric_number.clone(),
                    name: detail.metric.name.clone(),
                    codes: from.iter().map(|position| position.code().to_owned()).collect(),
                });
            }
            return;
        }
        self.led_count += 1;
        let reached = via.crosswalk.reached(ways.iter().map(|led| &led.way));
        self.reached.extend(reached.into_iter().map(str::to_owned));
    }

    /// Counts the codes, once all metrics were led.
    pub(super) fn finished(mut self, via: &Via) -> Self {
        let codes = via.codes.iter().map(Position::code);
        self.unreached = codes.filter(|code| !self.reached.contains(*code)).map(str::to_owned).collect();
        self.code_count = via.codes.len() as u64;
        self.reached_count = self.code_count - self.unreached.len() as u64;
        self.lost_codes.sort_unstable();
        self.lost.sort_by(|a, b| (&a.metric_number, &a.name).cmp(&(&b.metric_number, &b.name)));
        self
    }

    /// What it led to, in a line.
    pub(crate) fn told(&self, framework: &str) -> String {
        let all = self.led_count + self.lost_count;
        format!(
            "through {} by the crosswalk `{}`: {} of {all} metrics have a way to {framework}, and {} of its {} codes are reached",
            self.framework, self.crosswalk, self.led_count, self.reached_count, self.code_count
        )
    }
}

//! The fold: metrics come one by one in any order, means come out. It keeps sums only, so a million metrics need no more
//! room than a hundred.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Certainty, Gap, Measure, Parameters, Rollup, Score, Sum, Weighed, settled};

/// A function of a framework with its categories, in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionOutline {
    /// The official code.
    pub code: String,
    /// The official name.
    pub name: String,
    /// Its categories in document order.
    pub categories: Vec<GroupOutline>,
}

/// A category of a framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOutline {
    /// The official code.
    pub code: String,
    /// The official name.
    pub name: String,
}

/// Where a metric counts: in a category, or in the group of those that a function has without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey {
    function: usize,
    /// 0 is the group without a category.
    group: usize,
}

impl GroupKey {
    /// The function it is in.
    pub fn level(self) -> Level {
        Level::Function(self.function)
    }
}

/// A place where a metric counts, and the part of its weight that counts there: all of it, unless a crosswalk leads there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Where.
    pub at: GroupKey,
    /// Above 0 and at most 1.
    pub part: Decimal,
}

/// The largest part that a metric has in any of these places.
fn largest(places: &[Spot]) -> Option<Decimal> {
    places.iter().map(|spot| spot.part).max()
}

/// What a mean is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All functions.
    Framework,
    /// One function, by its position.
    Function(usize),
    /// One category, or the group without one.
    Category(GroupKey),
}

/// One place's part in a mean: `weight / of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub place: GroupKey,
    /// The metric's weight.
    pub weight: Decimal,
    /// Points of 100 per unit of weight are `100 / of`.
    pub of: Decimal,
}

impl Part {
    /// The points that this score brings here.
    pub fn points(&self, score: Decimal) -> Decimal {
        (score * self.weight).checked_div(self.of).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
struct Group {
    code: Option<String>,
    name: Option<String>,
    sum: Sum,
}

#[derive(Debug, Clone)]
struct Function {
    code: String,
    name: String,
    groups: Vec<Group>,
    index: HashMap<String, usize>,
    all: Sum,
}

impl Function {
    fn groups_with_a_mean(&self) -> usize {
        self.groups.iter().filter(|group| group.sum.scoreable > 0).count()
    }

    fn mean(&self, rollup: Rollup) -> Option<Decimal> {
        match rollup {
            Rollup::Category => mean(self.groups.iter().filter_map(|group| group.sum.mean())),
            Rollup::Metric => self.all.mean(),
        }
    }

    fn certainty(&self, rollup: Rollup) -> Option<Certainty> {
        match rollup {
            Rollup::Category => Certainty::mean(self.groups.iter().filter_map(|group| group.sum.certainty())),
            Rollup::Metric => self.all.certainty(),
        }
    }
}

fn mean(values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let (sum, count) = values.fold((Decimal::ZERO, 0_u64), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { None } else { Some(settled(sum / Decimal::from(count))) }
}

/// A function's score with its categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionScore {
    /// The official code.
    pub code: String,
    /// The official name.
    pub name: String,
    /// None when nothing in it can be scored.
    pub score: Option<Score>,
    /// None when nothing in it could be scored with fresh readings either.
    pub certainty: Option<Certainty>,
    /// Metrics in the calculation.
    pub metric_count: u64,
    /// Metrics left out of it.
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction is assumed.
    pub assumed_count: u64,
    /// Metrics with a score but no fresh reading, in the calculation or left out of it.
    pub stale_count: u64,
    /// Categories with metrics or without, in document order; the group without a category is last.
    pub categories: Vec<CategoryScore>,
}

/// A category's score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryScore {
    /// None for the group of metrics without a category.
    pub code: Option<String>,
    /// None when the framework has no category of this code.
    pub name: Option<String>,
    /// None when nothing in it can be scored.
    pub score: Option<Score>,
    /// None when nothing in it could be scored with fresh readings either.
    pub certainty: Option<Certainty>,
    /// Metrics in the calculation.
    pub metric_count: u64,
    /// Metrics left out of it.
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction is assumed.
    pub assumed_count: u64,
    /// Metrics with a score but no fresh reading, in the calculation or left out of it.
    pub stale_count: u64,
}

/// All scores of one catalog against one framework.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scores {
    /// None when nothing can be scored.
    pub overall: Option<Score>,
    /// None when nothing could be scored with fresh readings either.
    pub certainty: Option<Certainty>,
    /// All functions in document order.
    pub functions: Vec<FunctionScore>,
    /// Metrics in the calculation, each counted once.
    pub metric_count: u64,
    /// Metrics left out of it, each counted once.
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction is assumed, each counted once.
    pub assumed_count: u64,
    /// Metrics with a score but no fresh reading, each counted once.
    pub stale_count: u64,
}

/// The running sums of a framework's functions and categories.
#[derive(Debug, Clone)]
pub struct Tally {
    parameters: Parameters,
    functions: Vec<Function>,
    index: HashMap<String, usize>,
    /// Every metric once.
    all: Sum,
}

impl Tally {
    /// Empty sums for a framework.
    pub fn new(outline: &[FunctionOutline], parameters: Parameters) -> Self {
        let functions: Vec<Function> = outline
            .iter()
            .map(|function| {
                let loose = Group { code: None, name: None, sum: Sum::default() };
                let named = function.categories.iter().map(|category| Group {
                    code: Some(category.code.clone()),
                    name: Some(category.name.clone()),
                    sum: Sum::default(),
                });
                let index =
                    function.categories.iter().enumerate().map(|(i, category)| (category.code.clone(), i + 1)).collect();
                Function {
                    code: function.code.clone(),
                    name: function.name.clone(),
                    groups: std::iter::once(loose).chain(named).collect(),
                    index,
                    all: Sum::default(),
                }
            })
            .collect();
        let index = functions.iter().enumerate().map(|(i, function)| (function.code.clone(), i)).collect();
        Tally { parameters, functions, index, all: Sum::default() }
    }

    /// What the scores depend on besides the metrics.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The place of these codes, in which all of a metric's weight counts; none when the framework has no such function. A category that the framework does not have
    /// becomes a group of its own, for its metrics are still the function's.
    pub fn place(&mut self, function: &str, category: Option<&str>) -> Option<Spot> {
        let whole = |at: GroupKey| Spot { at, part: Decimal::ONE };
        let at = *self.index.get(function)?;
        let function = &mut self.functions[at];
        let Some(code) = category.filter(|code| !code.is_empty()) else {
            return Some(whole(GroupKey { function: at, group: 0 }));
        };
        let group = if let Some(&group) = function.index.get(code) {
            group
        } else {
            let group = function.groups.len();
            function.index.insert(code.to_owned(), group);
            function.groups.push(Group { code: Some(code.to_owned()), name: None, sum: Sum::default() });
            group
        };
        Some(whole(GroupKey { function: at, group }))
    }

    /// The function, else the category, of this code.
    pub fn level(&self, code: &str) -> Option<Level> {
        if let Some((_, &function)) = self.index.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)) {
            return Some(Level::Function(function));
        }
        self.functions.iter().enumerate().find_map(|(function, tally)| {
            let known = |group: &Group| group.code.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(code));
            let group = tally.groups.iter().position(known)?;
            Some(Level::Category(GroupKey { function, group }))
        })
    }

    /// The place of a function, by its position, and a category it knows; none for the group without a category.
    pub fn known_place(&self, function: usize, category: Option<&str>) -> Option<GroupKey> {
        let group = match category {
            None => 0,
            Some(code) => *self.functions.get(function)?.index.get(code)?,
        };
        Some(GroupKey { function, group })
    }

    /// The codes of a place: its function's, and its category's if it has one.
    pub fn codes(&self, place: GroupKey) -> (&str, Option<&str>) {
        let function = &self.functions[place.function];
        (&function.code, function.groups[place.group].code.as_deref())
    }

    /// Makes a metric's places count once in each category and once in each function: no place twice, and not in the group
    /// without a category where the function has one for it. Of two parts in one place the larger counts.
    pub fn settle(places: &mut Vec<Spot>) {
        places.sort_unstable_by(|a, b| a.at.cmp(&b.at).then(b.part.cmp(&a.part)));
        places.dedup_by_key(|spot| spot.at);
        let mut kept = 0;
        for i in 0..places.len() {
            let Spot { at, .. } = places[i];
            let has_category = at.group == 0 && places.get(i + 1).is_some_and(|next| next.at.function == at.function);
            if !has_category {
                places[kept] = places[i];
                kept += 1;
            }
        }
        places.truncate(kept);
    }

    /// Counts a metric in its settled places. The error is what it lacks to be scored; it is then counted as left out.
    pub fn add(&mut self, measure: &Measure, places: &[Spot]) -> Result<Decimal, Gap> {
        let outcome = measure.score();
        self.each_sum(measure, outcome.ok(), places, Sum::add);
        outcome
    }

    /// Takes a metric out again.
    pub fn remove(&mut self, measure: &Measure, places: &[Spot]) {
        self.each_sum(measure, measure.score().ok(), places, Sum::remove);
    }

    fn each_sum(&mut self, measure: &Measure, score: Option<Decimal>, places: &[Spot], change: impl Fn(&mut Sum, &Weighed)) {
        let Some(most) = largest(places) else { return };
        let weight = self.parameters.weights.of(measure.priority);
        let whole = Weighed::new(weight, measure, score);
        // A product is dear where a catalog has a million metrics, and nearly all count in full.
        let of = |part: Decimal| if part == Decimal::ONE { whole } else { Weighed::new(weight * part, measure, score) };
        change(&mut self.all, &of(most));
        for own in places.chunk_by(|a, b| a.at.function == b.at.function) {
            let function = &mut self.functions[own[0].at.function];
            for spot in own {
                change(&mut function.groups[spot.at.group].sum, &of(spot.part));
            }
            change(&mut function.all, &of(largest(own).unwrap_or(most)));
        }
    }

    /// The unrounded mean at a level.
    pub fn value(&self, level: Level) -> Option<Decimal> {
        let rollup = self.parameters.rollup;
        match level {
            Level::Framework => mean(self.functions.iter().filter_map(|function| function.mean(rollup))),
            Level::Function(function) => self.functions[function].mean(rollup),
            Level::Category(place) => self.functions[place.function].groups[place.group].sum.mean(),
        }
    }

    /// The parts that a metric with this weight and these settled places has in the mean of a level.
    pub fn parts(&self, level: Level, measure: &Measure, places: &[Spot]) -> Vec<Part> {
        let weight = self.parameters.weights.of(measure.priority);
        let functions = self.functions.iter().filter(|function| function.all.scoreable > 0).count();
        let mut parts: Vec<Part> = Vec::with_capacity(places.len());
        for own in places.chunk_by(|a, b| a.at.function == b.at.function) {
            for &Spot { at: place, part } in own {
                let function = &self.functions[place.function];
                let group = &function.groups[place.group].sum;
                let in_function = match self.parameters.rollup {
                    Rollup::Category => group.weight * Decimal::from(function.groups_with_a_mean()),
                    Rollup::Metric => function.all.weight,
                };
                let of = match level {
                    Level::Framework => in_function * Decimal::from(functions),
                    Level::Function(wanted) if wanted == place.function => in_function,
                    Level::Category(wanted) if wanted == place => group.weight,
                    Level::Function(_) | Level::Category(_) => continue,
                };
                let once_a_function = self.parameters.rollup == Rollup::Metric && !matches!(level, Level::Category(_));
                let part = if once_a_function { largest(own).unwrap_or(part) } else { part };
                parts.push(Part { place, weight: weight * part, of });
                if once_a_function {
                    break;
                }
            }
        }
        parts
    }

    /// What is known of the mean at a level.
    pub fn certainty(&self, level: Level) -> Option<Certainty> {
        let rollup = self.parameters.rollup;
        match level {
            Level::Framework => Certainty::mean(self.functions.iter().filter_map(|function| function.certainty(rollup))),
            Level::Function(function) => self.functions[function].certainty(rollup),
            Level::Category(place) => self.functions[place.function].groups[place.group].sum.certainty(),
        }
    }

    fn score(&self, exact: Option<Decimal>) -> Option<Score> {
        exact.map(|exact| Score { exact, rating: self.parameters.thresholds.rate(exact) })
    }

    /// The scores of all levels.
    pub fn scores(&self) -> Scores {
        let functions = self
            .functions
            .iter()
            .map(|function| FunctionScore {
                code: function.code.clone(),
                name: function.name.clone(),
                score: self.score(function.mean(self.parameters.rollup)),
                certainty: function.certainty(self.parameters.rollup),
                metric_count: function.all.scoreable,
                unscoreable_count: function.all.unscoreable,
                assumed_count: function.all.assumed,
                stale_count: function.all.stale,
                categories: function.groups[1..]
                    .iter()
                    .chain(function.groups.first().filter(|loose| loose.sum.scoreable + loose.sum.unscoreable > 0))
                    .map(|group| CategoryScore {
                        code: group.code.clone(),
                        name: group.name.clone(),
                        score: self.score(group.sum.mean()),
                        certainty: group.sum.certainty(),
                        metric_count: group.sum.scoreable,
                        unscoreable_count: group.sum.unscoreable,
                        assumed_count: group.sum.assumed,
                        stale_count: group.sum.stale,
                    })
                    .collect(),
            })
            .collect();
        Scores {
            overall: self.score(self.value(Level::Framework)),
            certainty: self.certainty(Level::Framework),
            functions,
            metric_count: self.all.scoreable,
            unscoreable_count: self.all.unscoreable,
            assumed_count: self.all.assumed,
            stale_count: self.all.stale,
        }
    }
}

#[cfg(test)]
mod tests;

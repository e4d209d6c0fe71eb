//! The fold: metrics come one by one in any order, means come out. It keeps sums only, so a million metrics need no more
//! room than a hundred.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Gap, Measure, Parameters, Rollup, Score, settled};

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
pub struct Place {
    function: usize,
    /// 0 is the group without a category.
    group: usize,
}

impl Place {
    /// The function it is in.
    pub fn level(self) -> Level {
        Level::Function(self.function)
    }
}

/// What a mean is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All functions.
    Framework,
    /// One function, by its position.
    Function(usize),
    /// One category, or the group without one.
    Category(Place),
}

/// A metric with the places where it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is measured against and where it stands.
    pub measure: Measure,
    /// Once in each category and once in each function, as [`Tally::settle`] leaves them.
    pub places: Vec<Place>,
}

/// One place's part in a mean: `weight / of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub place: Place,
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

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    weight: Decimal,
    points: Decimal,
    scoreable: u64,
    unscoreable: u64,
}

impl Sum {
    /// `points` is the weighted score.
    fn add(&mut self, weight: Decimal, points: Option<Decimal>) {
        match points {
            Some(points) => {
                self.weight += weight;
                self.points += points;
                self.scoreable += 1;
            }
            None => self.unscoreable += 1,
        }
    }

    fn remove(&mut self, weight: Decimal, points: Option<Decimal>) {
        match points {
            Some(points) => {
                self.weight -= weight;
                self.points -= points;
                self.scoreable = self.scoreable.saturating_sub(1);
            }
            None => self.unscoreable = self.unscoreable.saturating_sub(1),
        }
    }

    fn mean(&self) -> Option<Decimal> {
        if self.scoreable == 0 { None } else { self.points.checked_div(self.weight).map(settled) }
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
    /// Metrics in the calculation.
    pub metric_count: u64,
    /// Metrics left out of it.
    pub unscoreable_count: u64,
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
    /// Metrics in the calculation.
    pub metric_count: u64,
    /// Metrics left out of it.
    pub unscoreable_count: u64,
}

/// All scores of one catalog against one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// None when nothing can be scored.
    pub overall: Option<Score>,
    /// All functions in document order.
    pub functions: Vec<FunctionScore>,
    /// Metrics in the calculation, each counted once.
    pub metric_count: u64,
    /// Metrics left out of it, each counted once.
    pub unscoreable_count: u64,
}

/// The running sums of a framework's functions and categories.
#[derive(Debug, Clone)]
pub struct Tally {
    parameters: Parameters,
    functions: Vec<Function>,
    index: HashMap<String, usize>,
    scoreable: u64,
    unscoreable: u64,
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
        Tally { parameters, functions, index, scoreable: 0, unscoreable: 0 }
    }

    /// What the scores depend on besides the metrics.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The place of these codes; none when the framework has no such function. A category that the framework does not have
    /// becomes a group of its own, for its metrics are still the function's.
    pub fn place(&mut self, function: &str, category: Option<&str>) -> Option<Place> {
        let at = *self.index.get(function)?;
        let function = &mut self.functions[at];
        let Some(code) = category.filter(|code| !code.is_empty()) else { return Some(Place { function: at, group: 0 }) };
        let group = if let Some(&group) = function.index.get(code) {
            group
        } else {
            let group = function.groups.len();
            function.index.insert(code.to_owned(), group);
            function.groups.push(Group { code: Some(code.to_owned()), name: None, sum: Sum::default() });
            group
        };
        Some(Place { function: at, group })
    }

    /// The function of this code.
    pub fn function(&self, code: &str) -> Option<Level> {
        let at = self.index.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, &at)| at);
        at.map(Level::Function)
    }

    /// The category of this code.
    pub fn category(&self, code: &str) -> Option<Level> {
        self.functions.iter().enumerate().find_map(|(function, tally)| {
            let known = |group: &Group| group.code.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(code));
            let group = tally.groups.iter().position(known)?;
            Some(Level::Category(Place { function, group }))
        })
    }

    /// The place of a function, by its position, and a category it knows; none for the group without a category.
    pub fn known_place(&self, function: usize, category: Option<&str>) -> Option<Place> {
        let group = match category {
            None => 0,
            Some(code) => *self.functions.get(function)?.index.get(code)?,
        };
        Some(Place { function, group })
    }

    /// The codes of a place: its function's, and its category's if it has one.
    pub fn codes(&self, place: Place) -> (&str, Option<&str>) {
        let function = &self.functions[place.function];
        (&function.code, function.groups[place.group].code.as_deref())
    }

    /// Makes a metric's places count once in each category and once in each function: no place twice, and not in the group
    /// without a category where the function has one for it.
    pub fn settle(places: &mut Vec<Place>) {
        places.sort_unstable();
        places.dedup();
        let mut kept = 0;
        for i in 0..places.len() {
            let place = places[i];
            let has_category = place.group == 0 && places.get(i + 1).is_some_and(|next| next.function == place.function);
            if !has_category {
                places[kept] = place;
                kept += 1;
            }
        }
        places.truncate(kept);
    }

    /// Counts a metric in its settled places.
    ///
    /// # Errors
    /// What it lacks to be scored; it is then counted as left out.
    pub fn add(&mut self, measure: &Measure, places: &[Place]) -> Result<Decimal, Gap> {
        let outcome = measure.score();
        let score = outcome.ok();
        let weight = self.parameters.weights.of(measure.priority);
        if !places.is_empty() {
            *(if score.is_some() { &mut self.scoreable } else { &mut self.unscoreable }) += 1;
        }
        let points = score.map(|score| weight * score);
        self.each_sum(places, |sum| sum.add(weight, points));
        outcome
    }

    /// Takes a metric out again.
    pub fn remove(&mut self, measure: &Measure, places: &[Place]) {
        let score = measure.score().ok();
        let weight = self.parameters.weights.of(measure.priority);
        if !places.is_empty() {
            let count = if score.is_some() { &mut self.scoreable } else { &mut self.unscoreable };
            *count = count.saturating_sub(1);
        }
        let points = score.map(|score| weight * score);
        self.each_sum(places, |sum| sum.remove(weight, points));
    }

    fn each_sum(&mut self, places: &[Place], mut change: impl FnMut(&mut Sum)) {
        let mut last = None;
        for place in places {
            let function = &mut self.functions[place.function];
            change(&mut function.groups[place.group].sum);
            if last != Some(place.function) {
                change(&mut function.all);
                last = Some(place.function);
            }
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
    pub fn parts(&self, level: Level, measure: &Measure, places: &[Place]) -> Vec<Part> {
        let weight = self.parameters.weights.of(measure.priority);
        let functions = self.functions.iter().filter(|function| function.all.scoreable > 0).count();
        let mut parts: Vec<Part> = Vec::with_capacity(places.len());
        for &place in places {
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
            if once_a_function && parts.last().is_some_and(|part| part.place.function == place.function) {
                continue;
            }
            parts.push(Part { place, weight, of });
        }
        parts
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
                metric_count: function.all.scoreable,
                unscoreable_count: function.all.unscoreable,
                categories: function.groups[1..]
                    .iter()
                    .chain(function.groups.first().filter(|loose| loose.sum.scoreable + loose.sum.unscoreable > 0))
                    .map(|group| CategoryScore {
                        code: group.code.clone(),
                        name: group.name.clone(),
                        score: self.score(group.sum.mean()),
                        metric_count: group.sum.scoreable,
                        unscoreable_count: group.sum.unscoreable,
                    })
                    .collect(),
            })
            .collect();
        Scores {
            overall: self.score(self.value(Level::Framework)),
            functions,
            metric_count: self.scoreable,
            unscoreable_count: self.unscoreable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::{Direction, Priority};

    fn outline() -> Vec<FunctionOutline> {
        let group = |code: &str| GroupOutline { code: code.into(), name: code.to_lowercase() };
        vec![
            FunctionOutline { code: "PR".into(), name: "Protect".into(), categories: vec![group("PR.AA"), group("PR.AT")] },
            FunctionOutline { code: "DE".into(), name: "Detect".into(), categories: vec![group("DE.CM")] },
            FunctionOutline { code: "RC".into(), name: "Recover".into(), categories: vec![] },
        ]
    }

    fn percent(score: i64, priority: Priority) -> Measure {
        let number = |value| Some(Decimal::new(value, 0));
        let direction = Direction::HigherIsBetter;
        Measure { direction, priority, current: number(score), target: number(100), lower: None, upper: None }
    }

    fn places(tally: &mut Tally, codes: &[(&str, Option<&str>)]) -> Vec<Place> {
        let mut places: Vec<Place> = codes.iter().filter_map(|(function, category)| tally.place(function, *category)).collect();
        Tally::settle(&mut places);
        places
    }

    fn filled(rollup: Rollup) -> Tally {
        let mut tally = Tally::new(&outline(), Parameters { rollup, ..Parameters::default() });
        for (score, priority, codes) in [
            (50, Priority::High, &[("PR", Some("PR.AA"))][..]),
            (100, Priority::Low, &[("PR", Some("PR.AA")), ("PR", Some("PR.AA")), ("PR", None)]),
            (80, Priority::Medium, &[("PR", Some("PR.AT")), ("PR", Some("PR.AA")), ("DE", Some("DE.CM"))]),
            (20, Priority::Medium, &[("DE", None)]),
            (99, Priority::High, &[("XX", Some("XX.YY"))]),
        ] {
            let places = places(&mut tally, codes);
            assert_eq!(tally.add(&percent(score, priority), &places), Ok(Decimal::new(score, 0)));
        }
        let silent = Measure { current: None, ..percent(0, Priority::High) };
        let places = places(&mut tally, &[("RC", None)]);
        assert_eq!(tally.add(&silent, &places), Err(Gap::NoReading));
        tally
    }

    #[test]
    fn a_metric_counts_once_in_each_category_and_function() {
        let scores = filled(Rollup::Category).scores();
        let protect = &scores.functions[0];
        // PR.AA: (50 + 0.3 × 100 + 0.6 × 80) / 1.9; PR.AT: 80. The function-only mapping adds nothing.
        assert_eq!(protect.categories[0].metric_count, 3);
        assert_eq!(protect.categories[0].score.map(|s| s.shown().to_string()).as_deref(), Some("67.37"));
        assert_eq!(protect.categories.len(), 2);
        assert_eq!(protect.metric_count, 3);
        assert_eq!(protect.score.map(|s| s.shown().to_string()).as_deref(), Some("73.68"));
        // DE.CM: 80; without a category: 20.
        assert_eq!(scores.functions[1].categories[1].code, None);
        assert_eq!(scores.functions[1].score.map(|s| s.shown().to_string()).as_deref(), Some("50.00"));
        // Nothing scoreable is no score, and no part of the overall mean.
        assert_eq!(scores.functions[2].score, None);
        assert_eq!(scores.functions[2].unscoreable_count, 1);
        assert_eq!(scores.overall.map(|s| s.shown().to_string()).as_deref(), Some("61.84"));
        assert_eq!((scores.metric_count, scores.unscoreable_count), (4, 1));
    }

    #[test]
    fn the_metric_rollup_weighs_each_metric_once() {
        let scores = filled(Rollup::Metric).scores();
        // (50 + 30 + 48) / 1.9
        assert_eq!(scores.functions[0].score.map(|s| s.shown().to_string()).as_deref(), Some("67.37"));
        // (48 + 12) / 1.2
        assert_eq!(scores.functions[1].score.map(|s| s.shown().to_string()).as_deref(), Some("50.00"));
    }

    #[test]
    fn a_mean_that_is_exactly_a_threshold_has_its_rating() {
        let mut tally = Tally::new(&outline(), Parameters::default());
        let third = |part: i64| Measure { target: Some(Decimal::new(3, 0)), ..percent(part, Priority::High) };
        // 33.3… and 66.6… and 100 and 100: 75 exactly, though no two of the quotients are.
        for part in [1, 2, 3, 3] {
            let places = places(&mut tally, &[("PR", None)]);
            tally.add(&third(part), &places).expect("a score");
        }
        let overall = tally.scores().overall.expect("a score");
        assert_eq!(overall.exact, Decimal::new(75, 0));
        assert_eq!(overall.rating, super::super::Rating::Low);
    }

    #[test]
    fn a_rating_is_that_of_the_score_before_it_is_rounded() {
        let mut tally = Tally::new(&outline(), Parameters::default());
        let places = places(&mut tally, &[("PR", Some("PR.AA"))]);
        tally.add(&Measure { current: Some(Decimal::new(89_996, 3)), ..percent(0, Priority::High) }, &places).expect("a score");
        let scores = tally.scores();
        for score in [scores.overall, scores.functions[0].score, scores.functions[0].categories[0].score] {
            let score = score.expect("a score");
            assert_eq!((score.shown().to_string().as_str(), score.rating), ("90.00", super::super::Rating::Low));
        }
    }

    #[test]
    fn nothing_scoreable_is_no_score() {
        let scores = Tally::new(&outline(), Parameters::default()).scores();
        assert_eq!(scores.overall, None);
        assert!(scores.functions.iter().all(|function| function.score.is_none()));
    }

    #[test]
    fn what_is_removed_was_never_there() {
        for rollup in [Rollup::Category, Rollup::Metric] {
            let mut tally = filled(rollup);
            let before = tally.scores();
            let places = places(&mut tally, &[("PR", Some("PR.AT")), ("RC", None)]);
            let measure = percent(33, Priority::Low);
            tally.add(&measure, &places).expect("a score");
            assert_ne!(tally.scores(), before);
            tally.remove(&measure, &places);
            assert_eq!(tally.scores(), before);
        }
    }

    #[test]
    fn a_category_of_no_framework_still_counts_in_its_function() {
        let mut tally = Tally::new(&outline(), Parameters::default());
        let places = places(&mut tally, &[("PR", Some("PR.ZZ"))]);
        tally.add(&percent(40, Priority::High), &places).expect("a score");
        let scores = tally.scores();
        assert_eq!(scores.functions[0].categories[2].code.as_deref(), Some("PR.ZZ"));
        assert_eq!(scores.overall.map(|s| s.exact), Some(Decimal::new(40, 0)));
    }
}

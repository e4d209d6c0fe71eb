//! Scores worked out a second time, by other means than the product's: in whole numbers, metric by metric.

use std::collections::{BTreeMap, BTreeSet};

use cmf::domain::metric::{Direction, Priority};
use cmf::domain::score::{Measure, shown};
use rust_decimal::Decimal;

use crate::support::Db;

const CATALOG: &str = "01900000-0000-7000-8000-00000000c001";

/// Pseudo-random numbers that are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 up to and without `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        let at = usize::try_from(self.roll(values.len() as u64)).expect("an index");
        values[at].clone()
    }
}

/// A metric as this test knows it: values in ten-thousandths, places as function and category.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) direction: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) current: Option<i128>,
    pub(crate) target: Option<i128>,
    pub(crate) lower: Option<i128>,
    pub(crate) upper: Option<i128>,
    pub(crate) codes: Vec<(String, Option<String>)>,
}

/// Scores are kept as whole numbers of this part of a percent.
const FINE: i128 = 100_000_000_000_000_000_000;

impl Known {
    fn random(dice: &mut Dice, codes: &[(String, String)]) -> Self {
        let value = |dice: &mut Dice| match dice.roll(12) {
            0 => None,
            1 => Some(0),
            2 => Some(-i128::from(dice.roll(50_000))),
            _ => Some(i128::from(dice.roll(2_000_000))),
        };
        let (a, b) = (value(dice), value(dice));
        let (lower, upper) = if a.is_some() && b.is_some() && a > b { (b, a) } else { (a, b) };
        let mut placed = Vec::new();
        for _ in 0..=dice.roll(3) {
            let (function, category) = dice.one_of(codes);
            placed.push((function, (dice.roll(5) > 0).then_some(category)));
        }
        Known {
            direction: dice.one_of(&["higher_is_better", "lower_is_better", "target_range", "binary"]),
            priority: dice.one_of(&["High", "Medium", "Low"]),
            current: value(dice),
            target: value(dice),
            lower,
            upper,
            codes: placed,
        }
    }

    /// In tenths.
    fn weight(&self) -> i128 {
        match self.priority {
            "High" => 10,
            "Medium" => 6,
            _ => 3,
        }
    }

    pub(crate) fn score(&self) -> Option<i128> {
        let c = self.current?;
        let clamp = |score: i128| score.clamp(0, 100 * FINE);
        Some(match self.direction {
            "higher_is_better" => {
                let t = self.target?;
                if c < t { if t <= 0 { 0 } else { clamp(100 * FINE * c / t) } } else { 100 * FINE }
            }
            "lower_is_better" => {
                let t = self.target?;
                if c > t { if t <= 0 { 0 } else { clamp(100 * FINE * t / c) } } else { 100 * FINE }
            }
            "target_range" => {
                let (lower, upper) = (self.lower?, self.upper?);
                let distance = (lower - c).max(c - upper).max(0);
                if distance == 0 {
                    100 * FINE
                } else if lower == upper {
                    0
                } else {
                    clamp(100 * FINE - 100 * FINE * distance / (upper - lower))
                }
            }
            _ => {
                if c == self.target.unwrap_or(10_000) {
                    100 * FINE
                } else {
                    0
                }
            }
        })
    }

    pub(crate) fn measure(&self) -> Measure {
        let decimal = |value: Option<i128>| value.map(|value| Decimal::from_i128_with_scale(value, 4));
        Measure {
            direction: self.direction.parse::<Direction>().expect("a direction"),
            priority: self.priority.parse::<Priority>().expect("a priority"),
            current: decimal(self.current),
            target: decimal(self.target),
            lower: decimal(self.lower),
            upper: decimal(self.upper),
            ..Measure::nothing()
        }
    }
}

/// Two decimals, half away from zero, as text.
pub(crate) fn two(score: i128) -> String {
    let hundredths = (score + FINE / 200) / (FINE / 100);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn mean(values: &[i128]) -> Option<i128> {
    (!values.is_empty()).then(|| values.iter().sum::<i128>() / i128::try_from(values.len()).expect("a length"))
}

fn weighted<'a>(metrics: impl Iterator<Item = &'a Known>) -> Option<i128> {
    let (mut points, mut weights) = (0, 0);
    for metric in metrics {
        if let Some(score) = metric.score() {
            points += metric.weight() * score;
            weights += metric.weight();
        }
    }
    (weights > 0).then(|| points / weights)
}

/// The expected scores by code; the whole under an empty code, metrics without a category under the function's code and a dot.
pub(crate) fn expected(metrics: &[Known], by_metric: bool) -> BTreeMap<String, i128> {
    let mut scores = BTreeMap::new();
    let functions: BTreeSet<&String> =
        metrics.iter().flat_map(|metric| metric.codes.iter().map(|(function, _)| function)).collect();
    let mut of_functions = Vec::new();
    for function in functions {
        // A metric's group in this function: its categories, or none where it has no category here.
        let groups_of = |metric: &Known| -> BTreeSet<String> {
            let here = metric.codes.iter().filter(|(code, _)| code == function);
            let named: BTreeSet<String> = here.clone().filter_map(|(_, category)| category.clone()).collect();
            if named.is_empty() && here.count() > 0 { [format!("{function}.")].into() } else { named }
        };
        let groups: BTreeSet<String> = metrics.iter().flat_map(groups_of).collect();
        let mut of_groups = Vec::new();
        for group in groups {
            if let Some(score) = weighted(metrics.iter().filter(|metric| groups_of(metric).contains(&group))) {
                of_groups.push(score);
                scores.insert(group, score);
            }
        }
        let score =
            if by_metric { weighted(metrics.iter().filter(|metric| !groups_of(metric).is_empty())) } else { mean(&of_groups) };
        if let Some(score) = score {
            of_functions.push(score);
            scores.insert(function.clone(), score);
        }
    }
    scores.extend(mean(&of_functions).map(|score| (String::new(), score)));
    scores
}

fn text(value: Option<&str>) -> String {
    value.map_or("NULL".into(), |value| format!("'{value}'"))
}

fn decimal(value: Option<i128>) -> String {
    value.map_or("NULL".into(), |value| Decimal::from_i128_with_scale(value, 4).to_string())
}

pub(crate) fn id(n: usize) -> String {
    format!("01900000-0000-7000-8000-{n:012}")
}

/// Stores the metrics as an active catalog of `analyst`, with mappings that must not count between those that must.
pub(crate) fn store(db: &Db, metrics: &[Known]) {
    let mut sql = format!(
        "INSERT INTO metric_catalogs (id, name, owner_id, is_active) SELECT '{CATALOG}', 'Random', id, TRUE FROM users;
         UPDATE users SET active_catalog_id = '{CATALOG}';"
    );
    for (n, metric) in metrics.iter().enumerate() {
        let id = id(n);
        sql.push_str(&format!(
            "INSERT INTO metric_catalog_items (id, catalog_id, original_data, name) VALUES ('{id}', '{CATALOG}', '{{}}', 'Metric {n}');
             INSERT INTO metrics (id, metric_number, name, current_value, target_value, target_lower, target_upper, direction,
                                  csf_function, priority, catalog_id)
             VALUES ('{id}', 'M-{n:03}', 'Metric {n}', {}, {}, {}, {}, '{}', 'XX', '{}', '{CATALOG}');",
            decimal(metric.current),
            decimal(metric.target),
            decimal(metric.lower),
            decimal(metric.upper),
            metric.direction,
            metric.priority,
        ));
        let confirmed =
            metric.codes.iter().map(|(function, category)| (function.as_str(), category.as_deref(), "NIST CSF", true));
        for (function, category, framework, is_confirmed) in
            confirmed.chain([("PR", Some("PR.AA"), "NIST CSF", false), ("MAP", Some("MAP 1"), "NIST AI RMF", n == 0)])
        {
            sql.push_str(&format!(
                "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, is_confirmed)
                 SELECT '{id}', id, '{function}', {}, {is_confirmed} FROM frameworks WHERE name = '{framework}';",
                text(category)
            ));
        }
    }
    db.execute(&sql);
}

fn codes(db: &Db) -> Vec<(String, String)> {
    let rows = db.rows(
        "SELECT f.code, c.code FROM frameworks w JOIN framework_functions f ON f.framework_id = w.id
         JOIN framework_categories c ON c.function_id = f.id WHERE w.name = 'NIST CSF' AND w.version = '2.0' ORDER BY 1, 2",
    );
    rows.iter().filter_map(|row| row.split_once('|')).map(|(function, category)| (function.into(), category.into())).collect()
}

pub(crate) fn random(db: &Db, count: usize) -> Vec<Known> {
    let codes = codes(db);
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    (0..count).map(|_| Known::random(&mut dice, &codes)).collect()
}

pub(crate) fn number(value: &serde_json::Value) -> String {
    shown(value.to_string().parse().expect("a number")).to_string()
}

/// What a run printed, by the codes of [`expected`].
pub(crate) fn printed(json: &serde_json::Value) -> BTreeMap<String, String> {
    let mut scores = BTreeMap::new();
    let mut insert = |code: &str, score: &serde_json::Value| {
        if !score.is_null() {
            scores.insert(code.to_owned(), number(score));
        }
    };
    insert("", &json["overall_score"]);
    for function in json["function_scores"].as_array().expect("functions") {
        let code = function["function_code"].as_str().expect("a code");
        insert(code, &function["score"]);
        for category in function["categories"].as_array().expect("categories") {
            insert(category["category_code"].as_str().unwrap_or(&format!("{code}.")), &category["score"]);
        }
    }
    scores
}

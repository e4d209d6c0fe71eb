//! A computed score as it is stored in `framework_scores.function_scores`, printed as JSON, and shown as a table.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::scope::Subject;
use super::time::to_the_minute;
use crate::db::scores::{Called, FrameworkScore};
use crate::domain::metric::Priority;
use crate::domain::number::known;
use crate::domain::score::{Gap, Parameters, Rating, Rollup, Score, Scores};
use crate::error::{Error, Result};
use crate::output::{Cell, Results, Table, number_json, time_text};

/// The version of the rules: a stored score says by which it was made.
const METHOD: &str = "cmf-1";

/// Names of metrics without a score that are kept and shown; they are always counted in full.
pub(crate) const NAMED: usize = 100;

/// Columns of a bar.
const BAR: usize = 20;

/// Decimals as JSON numbers.
mod number {
    use super::{Decimal, number_json};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        number_json(*number).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        serde_json::Number::deserialize(deserializer)?.to_string().parse().map_err(D::Error::custom)
    }

    pub(super) mod optional {
        use super::Decimal;
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

        #[expect(clippy::ref_option, reason = "the signature serde asks for")]
        pub(in super::super) fn serialize<S: Serializer>(number: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
            number.map(super::number_json).serialize(serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
            let number = Option::<serde_json::Number>::deserialize(deserializer)?;
            number.map(|number| number.to_string().parse().map_err(D::Error::custom)).transpose()
        }
    }
}

/// A decimal that is a JSON number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Number(#[serde(with = "number")] pub Decimal);

/// All of one calculation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Breakdown {
    /// The version of the rules.
    pub method: String,
    pub rollup: Rollup,
    pub weights: BTreeMap<String, Number>,
    pub thresholds: BTreeMap<String, Number>,
    /// The instant whose readings were scored, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// How long it may be reused, where that was asked for, and what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Metrics in the calculation, each once.
    pub metric_count: u64,
    /// Metrics left out of it, each once.
    pub unscoreable_count: u64,
    /// The first of them.
    pub unscoreable: Vec<Unscoreable>,
    pub functions: Vec<FunctionEntry>,
}

/// A metric without a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unscoreable {
    pub metric_number: Option<String>,
    pub name: String,
    pub missing: String,
}

/// A function of the breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionEntry {
    pub function_code: String,
    pub name: String,
    #[serde(with = "number::optional")]
    pub score: Option<Decimal>,
    pub rating: Option<String>,
    pub metric_count: u64,
    pub unscoreable_count: u64,
    pub categories: Vec<CategoryEntry>,
}

/// A category of the breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CategoryEntry {
    /// None for the metrics that the function has without a category.
    pub category_code: Option<String>,
    pub name: Option<String>,
    #[serde(with = "number::optional")]
    pub score: Option<Decimal>,
    pub rating: Option<String>,
    pub metric_count: u64,
    pub unscoreable_count: u64,
}

fn rounded(score: Option<Score>) -> (Option<Decimal>, Option<String>) {
    (score.map(|score| score.shown()), score.map(|score| score.rating.as_str().to_owned()))
}

impl Breakdown {
    /// The breakdown of scores; `unscoreable` pairs the names of metrics without a score with what they lack.
    pub(crate) fn new(scores: &Scores, parameters: &Parameters, unscoreable: Vec<(Called, Gap)>) -> Self {
        let functions = scores
            .functions
            .iter()
            .map(|function| {
                let (score, rating) = rounded(function.score);
                let categories = function
                    .categories
                    .iter()
                    .map(|category| {
                        let (score, rating) = rounded(category.score);
                        CategoryEntry {
                            category_code: category.code.clone(),
                            name: category.name.clone(),
                            score,
                            rating,
                            metric_count: category.metric_count,
                            unscoreable_count: category.unscoreable_count,
                        }
                    })
                    .collect();
                FunctionEntry {
                    function_code: function.code.clone(),
                    name: function.name.clone(),
                    score,
                    rating,
                    metric_count: function.metric_count,
                    unscoreable_count: function.unscoreable_count,
                    categories,
                }
            })
            .collect();
        let Parameters { rollup, weights, thresholds } = parameters;
        Breakdown {
            method: METHOD.to_owned(),
            rollup: *rollup,
            weights: Priority::ALL.map(|priority| (priority.as_str().to_owned(), Number(weights.of(priority)))).into(),
            thresholds: Rating::ALL
                .into_iter()
                .filter_map(|rating| Some((rating.as_str().to_owned(), Number(thresholds.least(rating)?))))
                .collect(),
            as_of: None,
            valid_until: None,
            fingerprint: None,
            metric_count: scores.metric_count,
            unscoreable_count: scores.unscoreable_count,
            unscoreable: unscoreable
                .into_iter()
                .map(|(name, gap)| Unscoreable {
                    metric_number: name.metric_number,
                    name: name.name,
                    missing: gap.as_str().to_owned(),
                })
                .collect(),
            functions,
        }
    }
}

impl Breakdown {
    /// Whether these parameters, by these rules, made it.
    pub(crate) fn made_by(&self, parameters: &Parameters) -> bool {
        let empty = Scores { overall: None, functions: Vec::new(), metric_count: 0, unscoreable_count: 0 };
        let other = Breakdown::new(&empty, parameters, Vec::new());
        let weighs = |numbers: &BTreeMap<String, Number>| -> Vec<(String, Decimal)> {
            numbers.iter().map(|(name, number)| (name.clone(), number.0.normalize())).collect()
        };
        self.method == other.method
            && self.rollup == other.rollup
            && weighs(&self.weights) == weighs(&other.weights)
            && weighs(&self.thresholds) == weighs(&other.thresholds)
    }
}

/// A breakdown with its overall score, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Overall {
    pub framework: String,
    pub catalog: Option<String>,
    pub catalog_id: Option<uuid::Uuid>,
    /// None when nothing can be scored; nothing is stored then.
    pub score: Option<Decimal>,
    pub rating: Option<String>,
    /// UTC.
    pub calculated_at: NaiveDateTime,
    pub breakdown: Breakdown,
}

impl Overall {
    /// Scores that were just computed.
    pub(crate) fn new(subject: &Subject, scores: &Scores, calculated_at: NaiveDateTime, breakdown: Breakdown) -> Self {
        let (score, rating) = rounded(scores.overall);
        Overall {
            framework: subject.framework.short_name(),
            catalog: subject.catalog.as_ref().map(|catalog| catalog.name.clone()),
            catalog_id: subject.catalog_id(),
            score,
            rating,
            calculated_at,
            breakdown,
        }
    }

    /// Scores as they are stored.
    ///
    /// # Errors
    /// Exit 1 when another program wrote them in another form.
    pub(crate) fn stored(subject: &Subject, stored: FrameworkScore) -> Result<Self> {
        let breakdown = serde_json::from_value(stored.function_scores).map_err(|error| {
            Error::failed(format!(
                "the score stored at {} has a breakdown that cmf did not write: {error}",
                time_text(stored.calculated_at)
            ))
            .hint("compute a new one with `cmf score`")
        })?;
        Ok(Overall {
            framework: subject.framework.short_name(),
            catalog: subject.catalog.as_ref().map(|catalog| catalog.name.clone()),
            catalog_id: subject.catalog_id(),
            score: Some(stored.overall_score),
            rating: Some(stored.overall_rating),
            calculated_at: stored.calculated_at,
            breakdown,
        })
    }

    /// The whole of it as JSON.
    ///
    /// # Errors
    /// Never, as far as is known.
    pub(crate) fn to_json(&self) -> Result<Value> {
        let broken = |error: serde_json::Error| Error::failed(format!("cannot write the score as JSON: {error}"));
        let mut object = Map::new();
        object.insert("framework".into(), json!(self.framework));
        object.insert("catalog".into(), json!(self.catalog));
        object.insert("catalog_id".into(), json!(self.catalog_id));
        object.insert("overall_score".into(), json!(self.score.map(number_json)));
        object.insert("overall_rating".into(), json!(self.rating));
        object.insert("calculated_at".into(), json!(time_text(self.calculated_at)));
        if let Value::Object(mut breakdown) = serde_json::to_value(&self.breakdown).map_err(broken)? {
            let functions = breakdown.remove("functions").unwrap_or_default();
            breakdown.remove("fingerprint");
            object.insert("function_scores".into(), functions);
            object.extend(breakdown);
        }
        Ok(Value::Object(object))
    }

    /// A table for people and all of it for programs.
    ///
    /// # Errors
    /// As [`Overall::to_json`].
    pub(crate) fn results(&self, with_categories: bool) -> Result<Results> {
        let breakdown = &self.breakdown;
        let of = self.catalog.as_deref().unwrap_or("default library");
        let mut table = Table::new([
            "code",
            "function_code",
            "category_code",
            "name",
            "score",
            "rating",
            "bar",
            "metrics",
            "metric_count",
            "unscoreable_count",
            "calculated_at",
        ])
        .title(format!("{of}, {}, {}", self.framework, to_the_minute(self.calculated_at)))
        .only_for_people(&["code", "bar", "metrics"])
        .only_for_programs(&["function_code", "category_code", "metric_count", "unscoreable_count", "calculated_at"]);
        let mut row = |depth: usize, codes: (Option<&str>, Option<&str>), name: &str, figures: Figures| {
            let code = codes.1.or(codes.0).unwrap_or_default();
            table.row([
                Cell::Tree(depth, code.to_owned()),
                codes.0.into(),
                codes.1.into(),
                name.into(),
                figures.score.into(),
                figures.rating.into(),
                bar(figures.score).into(),
                count(figures.metric_count, figures.unscoreable_count).into(),
                figures.metric_count.into(),
                figures.unscoreable_count.into(),
                self.calculated_at.into(),
            ]);
        };
        for function in &breakdown.functions {
            let code = Some(function.function_code.as_str());
            let figures = Figures {
                score: function.score,
                rating: function.rating.as_deref(),
                metric_count: function.metric_count,
                unscoreable_count: function.unscoreable_count,
            };
            row(0, (code, None), &function.name, figures);
            for category in function.categories.iter().filter(|_| with_categories) {
                let figures = Figures {
                    score: category.score,
                    rating: category.rating.as_deref(),
                    metric_count: category.metric_count,
                    unscoreable_count: category.unscoreable_count,
                };
                let name = category.name.as_deref().unwrap_or("no category of the framework");
                let (code_shown, name) = if category.category_code.is_none() {
                    (Some(""), "without a category")
                } else {
                    (category.category_code.as_deref(), name)
                };
                row(1, (code, code_shown), name, figures);
            }
        }
        let figures = Figures {
            score: self.score,
            rating: self.rating.as_deref(),
            metric_count: breakdown.metric_count,
            unscoreable_count: breakdown.unscoreable_count,
        };
        row(0, (None, None), "Overall", figures);
        let mut tables = vec![table];
        if !breakdown.unscoreable.is_empty() {
            tables.push(left_out(breakdown));
        }
        Ok(Results::new(tables, self.to_json()?))
    }
}

struct Figures<'a> {
    score: Option<Decimal>,
    rating: Option<&'a str>,
    metric_count: u64,
    unscoreable_count: u64,
}

fn left_out(breakdown: &Breakdown) -> Table {
    let more = breakdown.unscoreable_count.saturating_sub(breakdown.unscoreable.len() as u64);
    let only = if more > 0 { format!(", the first {}", breakdown.unscoreable.len()) } else { String::new() };
    let mut table = Table::new(["metric", "missing"])
        .title(format!("left out, for they cannot be scored: {}{only}", breakdown.unscoreable_count));
    for metric in &breakdown.unscoreable {
        let number = metric.metric_number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
        table.row([format!("{number}{}", metric.name).into(), metric.missing.as_str().into()]);
    }
    table
}

/// `36 of 37`, or `37` where none is left out.
fn count(scored: u64, left_out: u64) -> String {
    if left_out == 0 { scored.to_string() } else { format!("{scored} of {}", scored + left_out) }
}

/// A bar of 20 columns for 100 percent, in eighths; nothing without a score.
pub(crate) fn bar(score: Option<Decimal>) -> String {
    let Some(score) = known(score) else { return String::new() };
    let eighths = (score * Decimal::from(BAR * 8) / Decimal::ONE_HUNDRED).round();
    let eighths = usize::try_from(eighths).unwrap_or_default().min(BAR * 8);
    let mut bar = "█".repeat(eighths / 8);
    let rest = eighths % 8;
    if rest > 0 {
        bar.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][rest - 1]);
    }
    let drawn = eighths.div_ceil(8);
    bar.push_str(&"·".repeat(BAR - drawn));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_score() {
        assert_eq!(bar(None), "");
        assert_eq!(bar(Some(Decimal::ZERO)), "·".repeat(20));
        assert_eq!(bar(Some(Decimal::ONE_HUNDRED)), "█".repeat(20));
        assert_eq!(bar(Some(Decimal::new(5250, 2))), format!("{}▌{}", "█".repeat(10), "·".repeat(9)));
        for score in 0..=100 {
            assert_eq!(bar(Some(Decimal::from(score))).chars().count(), 20);
        }
    }

    #[test]
    fn a_breakdown_survives_being_stored() {
        use crate::domain::score::{FunctionOutline, Tally};
        let outline = [FunctionOutline { code: "PR".into(), name: "Protect".into(), categories: vec![] }];
        let scores = Tally::new(&outline, Parameters::default()).scores();
        let breakdown = Breakdown::new(&scores, &Parameters::default(), vec![]);
        let value = serde_json::to_value(&breakdown).expect("JSON");
        assert_eq!(value["weights"]["Medium"], 0.6);
        assert_eq!(value["thresholds"]["Very Low"], 90);
        assert_eq!(serde_json::from_value::<Breakdown>(value).expect("a breakdown"), breakdown);
    }
}

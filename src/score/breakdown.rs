//! A computed score as it is stored in `framework_scores.function_scores` and written as JSON.

use std::collections::BTreeMap;

use super::Subject;
use crate::db::scores::FrameworkScore;
use crate::domain::metric::{Direction, Priority};
use crate::domain::moment;
use crate::domain::number::Number;
use crate::domain::score::{Parameters, Rating, Rollup, Score, Scores, Weights};
use crate::error::{Error, Result};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// The version of the rules: a stored score says by which it was made.
const METHOD: &str = "cmf-1";

/// Names of metrics without a score that are kept and shown; they are always counted in full.
pub(super) const NAMED: usize = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Breakdown {
    pub method: String,
    pub rollup: Rollup,
    pub weights: BTreeMap<Priority, Number>,
    pub thresholds: BTreeMap<Rating, Number>,
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
    /// Metrics in the calculation whose direction nobody said, each once.
    #[serde(default)]
    pub assumed_count: u64,
    /// The first of them.
    #[serde(default)]
    pub assumed: Vec<Assumed>,
    pub functions: Vec<FunctionEntry>,
}

/// A metric without a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unscoreable {
    pub metric_number: Option<String>,
    pub name: String,
    pub missing: String,
}

/// A metric whose score is made of a direction that nobody said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assumed {
    pub metric_number: Option<String>,
    pub name: String,
    pub direction: Direction,
    /// What told it; none where an earlier import took a direction without a word.
    pub told_by: Option<String>,
}

/// What is known of a function, a category or the whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Two decimals; none when nothing can be scored.
    pub score: Option<Number>,
    pub rating: Option<Rating>,
    pub metric_count: u64,
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction nobody said.
    #[serde(default)]
    pub assumed_count: u64,
}

impl Figures {
    fn new(score: Option<Score>, metric_count: u64, unscoreable_count: u64, assumed_count: u64) -> Self {
        let rating = score.map(|score| score.rating);
        Figures { score: score.map(|score| score.shown().into()), rating, metric_count, unscoreable_count, assumed_count }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FunctionEntry {
    pub function_code: String,
    pub name: String,
    #[serde(flatten)]
    pub figures: Figures,
    pub categories: Vec<CategoryEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CategoryEntry {
    /// None for the metrics that the function has without a category.
    pub category_code: Option<String>,
    pub name: Option<String>,
    #[serde(flatten)]
    pub figures: Figures,
}

impl Breakdown {
    pub(crate) fn new(scores: &Scores, parameters: &Parameters, unscoreable: Vec<Unscoreable>, assumed: Vec<Assumed>) -> Self {
        let functions = scores.functions.iter().map(|function| {
            let categories = function.categories.iter().map(|category| CategoryEntry {
                category_code: category.code.clone(),
                name: category.name.clone(),
                figures: Figures::new(
                    category.score, category.metric_count, category.unscoreable_count, category.assumed_count,
                ),
            });
            FunctionEntry {
                function_code: function.code.clone(),
                name: function.name.clone(),
                figures: Figures::new(
                    function.score, function.metric_count, function.unscoreable_count, function.assumed_count,
                ),
                categories: categories.collect(),
            }
        });
        let Parameters { rollup, weights, thresholds, .. } = parameters;
        Breakdown {
            method: METHOD.to_owned(),
            rollup: *rollup,
            weights: Priority::ALL.map(|priority| (priority, weights.of(priority).into())).into(),
            thresholds: Rating::ALL.into_iter().filter_map(|rating| Some((rating, thresholds.least(rating)?.into()))).collect(),
            as_of: None,
            valid_until: None,
            fingerprint: None,
            metric_count: scores.metric_count,
            unscoreable_count: scores.unscoreable_count,
            unscoreable,
            assumed_count: scores.assumed_count,
            assumed,
            functions: functions.collect(),
        }
    }

    /// The rollup and the weights that made it.
    pub(crate) fn parameters(&self) -> Option<Parameters> {
        let weight = |priority: Priority| self.weights.get(&priority).copied().and_then(Number::finite);
        let [high, medium, low] = Priority::ALL.map(weight);
        let weights = Weights::new([high?, medium?, low?]).ok()?;
        Some(Parameters { rollup: self.rollup, weights, ..Parameters::default() })
    }

    /// Whether these parameters, by these rules, made it.
    pub(crate) fn made_by(&self, parameters: &Parameters) -> bool {
        let empty = Scores { overall: None, functions: Vec::new(), metric_count: 0, unscoreable_count: 0, assumed_count: 0 };
        let other = Breakdown::new(&empty, parameters, Vec::new(), Vec::new());
        self.method == other.method
            && self.rollup == other.rollup
            && self.weights == other.weights
            && self.thresholds == other.thresholds
    }
}

/// Why a code names no function of a framework that has the functions `known`.
pub(super) fn no_function<'a>(code: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    Error::usage(format!("the framework has no function `{code}`")).hint(format!("functions are: {}", known.join(", ")))
}

/// A breakdown with its overall score, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Overall {
    pub framework: String,
    pub catalog: Option<String>,
    pub catalog_id: Option<uuid::Uuid>,
    /// None when nothing can be scored; nothing is stored then.
    pub score: Option<Number>,
    pub rating: Option<Rating>,
    /// UTC.
    pub calculated_at: NaiveDateTime,
    pub breakdown: Breakdown,
}

impl Overall {
    /// Scores that were just computed.
    pub(crate) fn new(subject: &Subject, scores: &Scores, calculated_at: NaiveDateTime, breakdown: Breakdown) -> Self {
        let Figures { score, rating, .. } = Figures::new(scores.overall, 0, 0, 0);
        Overall { score, rating, ..Overall::of(subject, calculated_at, breakdown) }
    }

    fn of(subject: &Subject, calculated_at: NaiveDateTime, breakdown: Breakdown) -> Self {
        Overall {
            framework: subject.framework.short_name(),
            catalog: subject.catalog.as_ref().map(|catalog| catalog.name.clone()),
            catalog_id: subject.catalog_id(),
            score: None,
            rating: None,
            calculated_at,
            breakdown,
        }
    }

    /// Scores as they are stored. Exit 1 when another program wrote them in another form.
    pub(crate) fn stored(subject: &Subject, stored: FrameworkScore) -> Result<Self> {
        let foreign = |what: &str, why: &dyn std::fmt::Display| {
            let at = moment::text(stored.calculated_at);
            Error::failed(format!("the score stored at {at} has a {what} that cmf did not write: {why}"))
                .hint("compute a new one with `cmf score`")
        };
        let breakdown = serde_json::from_value(stored.function_scores).map_err(|error| foreign("breakdown", &error))?;
        let rating = stored.overall_rating.parse().map_err(|error| foreign("rating", &error))?;
        let (score, rating) = (Some(stored.overall_score), Some(rating));
        Ok(Overall { score, rating, ..Overall::of(subject, stored.calculated_at, breakdown) })
    }

    /// The function of a code, in any case of its letters. Exit 2 when the framework does not have it.
    pub(crate) fn function(&self, code: &str) -> Result<&FunctionEntry> {
        let functions = &self.breakdown.functions;
        let found = functions.iter().find(|function| function.function_code.eq_ignore_ascii_case(code));
        found.ok_or_else(|| no_function(code, functions.iter().map(|function| function.function_code.as_str())))
    }

    /// What is known of the whole.
    pub(crate) fn figures(&self) -> Figures {
        let Breakdown { metric_count, unscoreable_count, assumed_count, .. } = self.breakdown;
        Figures { score: self.score, rating: self.rating, metric_count, unscoreable_count, assumed_count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breakdown_survives_being_stored() {
        use crate::domain::score::{FunctionOutline, Tally};
        let outline = [FunctionOutline { code: "PR".into(), name: "Protect".into(), categories: vec![] }];
        let scores = Tally::new(&outline, Parameters::default()).scores();
        let mut breakdown = Breakdown::new(&scores, &Parameters::default(), vec![], vec![]);
        breakdown.functions[0].figures.score = Some(rust_decimal::Decimal::new(6737, 2).into());
        let value = serde_json::to_value(&breakdown).expect("JSON");
        assert_eq!(value["weights"]["Medium"], 0.6);
        assert_eq!(value["thresholds"]["Very Low"], 90);
        assert_eq!(value["functions"][0]["score"], 67.37);
        assert_eq!(serde_json::from_value::<Breakdown>(value).expect("a breakdown"), breakdown);
    }
}

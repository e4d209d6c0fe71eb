//! A computed score as it is stored in `framework_scores.function_scores` and written as JSON.

use std::collections::BTreeMap;

use super::{Subject, Through};
use crate::db::scores::FrameworkScore;
use crate::domain::frequency::{Frequency, Freshness};
use crate::domain::metric::{Direction, Priority};
use crate::domain::moment;
use crate::domain::number::{Number, finite};
use crate::domain::score::{Certainty, Parameters, Rating, Rollup, Score, Scores, Stale, Weights, shown};
use crate::error::{Error, Result};
use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;
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
    /// When a reading was too old, and whether such metrics counted; none where that was not looked at yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aging: Option<Aging>,
    /// The instant whose readings were scored, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// How long it may be reused, where that was asked for, and what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The crosswalk that led to the framework, where nothing is mapped to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// Metrics in the calculation, each once.
    pub metric_count: u64,
    /// Metrics left out of it, each once.
    pub unscoreable_count: u64,
    /// The first of them.
    pub unscoreable: Vec<Unscoreable>,
    /// Metrics in the calculation whose direction nobody set, each once.
    #[serde(default)]
    pub assumed_count: u64,
    /// The first of them.
    #[serde(default)]
    pub assumed: Vec<Assumed>,
    /// How much of the whole rests on fresh readings.
    #[serde(default)]
    pub certain: Certain,
    pub functions: Vec<FunctionEntry>,
}

/// When a reading was too old, and whether metrics with such a reading counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aging {
    pub stale: Stale,
    /// One age for all metrics, in seconds.
    pub stale_after: Option<i64>,
    /// The frequency of metrics of which nobody set one, in seconds.
    pub frequency: i64,
    /// How many times the time between two readings may go by.
    pub stale_factor: Number,
}

impl Aging {
    fn of(parameters: &Parameters) -> Self {
        let Freshness { age, usual, factor } = parameters.freshness;
        Aging {
            stale: parameters.stale,
            stale_after: age.map(|age| age.num_seconds()),
            frequency: usual.period().num_seconds(),
            stale_factor: factor.into(),
        }
    }
}

/// A metric without a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unscoreable {
    pub metric_number: Option<String>,
    pub name: String,
    pub missing: String,
}

/// A metric whose score is made of a direction that nobody set.
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
    /// Metrics in the calculation whose direction nobody set.
    #[serde(default)]
    pub assumed_count: u64,
    #[serde(flatten, default)]
    pub certain: Certain,
}

/// How much of a score rests on fresh readings, as it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Certain {
    /// The share of its weight that is fresh, in percent; none if nobody looked, and where there is nothing to score.
    pub fresh_share: Option<Number>,
    /// Where it would lie if every stale metric stood at 0, and if each stood at 100.
    pub score_low: Option<Number>,
    pub score_high: Option<Number>,
    /// Metrics without a fresh reading that have a score, or would have one.
    pub stale_count: u64,
}

impl Certain {
    pub(crate) fn new(certainty: Option<Certainty>, stale_count: u64) -> Self {
        let of = |figure: fn(Certainty) -> Decimal| certainty.map(|certainty| shown(figure(certainty)).into());
        Certain {
            fresh_share: of(|certainty| certainty.share),
            score_low: of(|certainty| certainty.low),
            score_high: of(|certainty| certainty.high),
            stale_count,
        }
    }

    /// The same as numbers; none if nobody looked.
    pub(crate) fn certainty(&self) -> Option<Certainty> {
        let [share, low, high] = [self.fresh_share, self.score_low, self.score_high].map(finite);
        Some(Certainty { share: share?, low: low?, high: high? })
    }

    /// The share that is fresh, for people.
    pub(crate) fn fresh(&self) -> Option<String> {
        self.certainty().map(|certainty| certainty.fresh())
    }

    /// Where the score would lie, for people.
    pub(crate) fn range(&self) -> Option<String> {
        self.certainty().map(|certainty| certainty.range())
    }
}

impl Figures {
    pub(super) fn new(score: Option<Score>, counts: [u64; 3], certain: Certain) -> Self {
        let rating = score.map(|score| score.rating);
        let [metric_count, unscoreable_count, assumed_count] = counts;
        Figures {
            score: score.map(|score| score.shown().into()),
            rating,
            metric_count,
            unscoreable_count,
            assumed_count,
            certain,
        }
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
                    category.score,
                    [category.metric_count, category.unscoreable_count, category.assumed_count],
                    Certain::new(category.certainty, category.stale_count),
                ),
            });
            FunctionEntry {
                function_code: function.code.clone(),
                name: function.name.clone(),
                figures: Figures::new(
                    function.score,
                    [function.metric_count, function.unscoreable_count, function.assumed_count],
                    Certain::new(function.certainty, function.stale_count),
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
            aging: Some(Aging::of(parameters)),
            as_of: None,
            valid_until: None,
            fingerprint: None,
            through: None,
            metric_count: scores.metric_count,
            unscoreable_count: scores.unscoreable_count,
            unscoreable,
            assumed_count: scores.assumed_count,
            assumed,
            certain: Certain::new(scores.certainty, scores.stale_count),
            functions: functions.collect(),
        }
    }

    /// The rollup, the weights and the rule for stale metrics that made it; what it does not say is that of others.
    pub(crate) fn parameters(&self, others: Parameters) -> Option<Parameters> {
        let weight = |priority: Priority| self.weights.get(&priority).copied().and_then(Number::finite);
        let [high, medium, low] = Priority::ALL.map(weight);
        let weights = Weights::new([high?, medium?, low?]).ok()?;
        let (stale, freshness) = match &self.aging {
            Some(aging) => {
                let age = aging.stale_after.and_then(TimeDelta::try_seconds);
                let usual = Frequency::of_seconds(aging.frequency).unwrap_or(others.freshness.usual);
                let factor = finite(Some(aging.stale_factor)).unwrap_or(others.freshness.factor);
                (aging.stale, Freshness { age, usual, factor })
            }
            None => (Stale::Keep, others.freshness),
        };
        Some(Parameters { rollup: self.rollup, weights, stale, freshness, ..others })
    }

    /// Whether these parameters, by these rules, made it.
    pub(crate) fn made_by(&self, parameters: &Parameters) -> bool {
        let other = Breakdown::new(&Scores::default(), parameters, Vec::new(), Vec::new());
        self.method == other.method
            && self.rollup == other.rollup
            && self.weights == other.weights
            && self.thresholds == other.thresholds
            && self.aging == other.aging
    }

    /// Whether another one says the same of the metrics, whatever the time.
    pub(crate) fn says_the_same(&self, other: &Breakdown) -> bool {
        let timeless = |one: &Breakdown| Breakdown { as_of: None, valid_until: None, fingerprint: None, ..one.clone() };
        timeless(self) == timeless(other)
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
        let Figures { score, rating, .. } = Figures::new(scores.overall, [0; 3], Certain::default());
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
        let Breakdown { metric_count, unscoreable_count, assumed_count, certain, .. } = self.breakdown;
        Figures { score: self.score, rating: self.rating, metric_count, unscoreable_count, assumed_count, certain }
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

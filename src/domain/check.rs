//! What a check looks at, metric by metric and score by score, and what it finds.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::frequency::Freshness;
use super::metric::{Direction, Metric};
use super::reading::{Limits, Recent, doubt};
use super::score::{Certainty, shown};
use super::text::counted;

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A metric misses its target.
    BelowTarget,
    /// A metric has no reading that is young enough for how often it is measured.
    Stale,
    /// The newest reading is far from those before it.
    Jumped,
    /// The newest reading is doubtful by itself.
    Doubtful,
    /// A metric is not mapped to a framework.
    Unmapped,
    /// The direction of a metric is not set.
    AssumedDirection,
    /// A score is under its minimum.
    LowScore,
    /// A score is lower than before.
    FallenScore,
}

impl Rule {
    /// All of them, in the order of a report.
    pub const ALL: [Rule; 8] = [
        Rule::LowScore,
        Rule::FallenScore,
        Rule::BelowTarget,
        Rule::Stale,
        Rule::Jumped,
        Rule::Doubtful,
        Rule::Unmapped,
        Rule::AssumedDirection,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rule::BelowTarget => "below_target",
            Rule::Stale => "stale",
            Rule::Jumped => "jumped",
            Rule::Doubtful => "doubtful",
            Rule::Unmapped => "unmapped",
            Rule::AssumedDirection => "assumed_direction",
            Rule::LowScore => "low_score",
            Rule::FallenScore => "fallen_score",
        }
    }
}

/// One thing that was looked at, and what was found.
#[derive(Debug, Clone)]
pub struct Checked {
    pub rule: Rule,
    /// The metric; none for scores.
    pub id: Option<Uuid>,
    /// The number of the metric, or the code of the function.
    pub code: Option<String>,
    /// What it is called.
    pub name: String,
    /// What is wrong, if anything is.
    pub finding: Option<String>,
    /// The value, or the score as it is shown.
    pub value: Option<Decimal>,
    /// The instant of the newest reading, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// What is known of a score.
    pub certainty: Option<Certainty>,
}

impl Checked {
    /// What tells it from others, in every run.
    pub fn key(&self) -> String {
        let what = self.id.map_or_else(|| self.code.clone().unwrap_or_default(), |id| id.to_string());
        format!("{}:{what}", self.rule.as_str())
    }
}

/// What is known of a metric.
#[derive(Debug)]
pub struct Known<'a> {
    pub metric: &'a Metric,
    /// Its newest readings.
    pub recent: Recent,
    /// The instant of the newest, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// How often it is measured, as its sheet says.
    pub frequency: Option<&'a str>,
    /// Whether a framework has a place for it.
    pub is_mapped: bool,
}

/// When a metric is as it should be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How old a reading may be.
    pub freshness: Freshness,
    /// What a reading may be.
    pub limits: Limits,
    /// The present, UTC.
    pub at: NaiveDateTime,
}

impl Known<'_> {
    /// Looks at it by a rule about metrics. Nothing where the rule has nothing to look at, such as a reading.
    pub fn checked(&self, rule: Rule, bounds: &Bounds) -> Option<Checked> {
        let metric = self.metric;
        let measure = metric.measure();
        let finding = match rule {
            Rule::BelowTarget => {
                let score = measure.score().ok()?;
                let unit = metric.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
                (score < Decimal::ONE_HUNDRED).then(|| {
                    let (value, target) = (measure.current.unwrap_or_default().normalize(), metric.target_text());
                    format!("{value}{unit} misses the target {}: its score is {}", target.unwrap_or_default(), shown(score))
                })
            }
            Rule::Stale => bounds.freshness.is_stale(self.recorded_at, self.frequency, bounds.at).then(|| self.silence(bounds)),
            Rule::Jumped | Rule::Doubtful => {
                let (newest, before) = self.recent.split()?;
                if rule == Rule::Jumped {
                    if metric.direction == Direction::Binary { None } else { before.jump(newest, bounds.limits.jump) }
                } else {
                    let measure = measure.with_current(before.last());
                    doubt(newest, metric.unit.as_deref(), &measure, &bounds.limits, false).map(|(reason, _)| reason)
                }
            }
            Rule::Unmapped => (!self.is_mapped).then(|| "it is not mapped to a framework".to_owned()),
            Rule::AssumedDirection => {
                metric.is_assumed.then(|| format!("its direction is not set: {} is assumed", metric.direction))
            }
            Rule::LowScore | Rule::FallenScore => return None,
        };
        Some(Checked {
            rule,
            id: Some(metric.id),
            code: metric.metric_number.clone(),
            name: metric.name.clone(),
            finding,
            value: measure.current,
            recorded_at: self.recorded_at,
            certainty: None,
        })
    }

    /// How long it has had no reading.
    fn silence(&self, bounds: &Bounds) -> String {
        let Some(newest) = self.recorded_at else { return "it has no reading".to_owned() };
        let age = bounds.at.signed_duration_since(newest);
        let age = if age.num_days() > 0 { counted(age.num_days(), "day") } else { counted(age.num_hours(), "hour") };
        match (bounds.freshness.age, self.frequency.filter(|_| !bounds.freshness.frequency(self.frequency).1)) {
            (Some(_), _) => format!("no reading for {age}"),
            (None, Some(said)) => format!("no reading for {age}, and its frequency is {said}"),
            (None, None) => format!("no reading for {age}, and its frequency is not set"),
        }
    }
}

/// A score, of all or of a function.
#[derive(Debug)]
pub struct Scored {
    /// The function's code; none for all of them together.
    pub code: Option<String>,
    /// What it is called.
    pub name: String,
    /// None where nothing can be scored.
    pub score: Option<Decimal>,
    /// The stored scores, the newest last.
    pub before: Vec<Decimal>,
    /// What is known of it.
    pub certainty: Option<Certainty>,
}

impl Scored {
    /// Looks whether it is at least so much. The score as it is shown counts.
    pub fn least(&self, least: Decimal) -> Checked {
        let finding = match self.score.map(shown) {
            Some(score) if score >= least => None,
            Some(score) => Some(format!("{score} is under the minimum {}", least.normalize())),
            None => Some(format!("nothing can be scored, but the minimum is {}", least.normalize())),
        };
        self.checked(Rule::LowScore, finding)
    }

    /// Looks whether it has fallen by more than so many points since the last stored score that was another.
    pub fn fallen(&self, most: Decimal) -> Option<Checked> {
        let score = self.score.map(shown);
        let before = self.before.iter().rev().map(|before| shown(*before)).find(|before| Some(*before) != score)?;
        let finding = match score {
            None => Some(format!("nothing can be scored, but the last score was {before}")),
            Some(score) => (before - score > most)
                .then(|| format!("{score} is {} points lower than the last score, {before}", before - score)),
        };
        Some(self.checked(Rule::FallenScore, finding))
    }

    fn checked(&self, rule: Rule, finding: Option<String>) -> Checked {
        let (code, name, value) = (self.code.clone(), self.name.clone(), self.score.map(shown));
        let certainty = self.certainty;
        let told = certainty.and_then(|certainty| certainty.told()).map(|told| format!("; {told}"));
        let finding = finding.map(|finding| finding + &told.unwrap_or_default());
        Checked { rule, id: None, code, name, finding, value, recorded_at: None, certainty }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_has_fallen_since_the_last_one_that_was_another() {
        let fallen = |score: Option<i64>, before: &[i64], most: i64| {
            let before = before.iter().map(|score| Decimal::from(*score)).collect();
            let scored =
                Scored { code: None, name: "Overall".into(), score: score.map(Decimal::from), before, certainty: None };
            scored.fallen(most.into()).map(|checked| checked.finding.is_some())
        };
        assert_eq!(fallen(Some(70), &[], 5), None);
        assert_eq!(fallen(Some(70), &[70, 70], 5), None);
        // What was just stored is not what came before it.
        assert_eq!(fallen(Some(70), &[76, 70, 70], 5), Some(true));
        assert_eq!(fallen(Some(70), &[75, 70], 5), Some(false));
        assert_eq!(fallen(Some(70), &[90, 60], 5), Some(false));
        assert_eq!(fallen(None, &[60], 5), Some(true));
    }
}

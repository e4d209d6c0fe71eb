//! All metrics of a subject in memory, for the commands that show them one by one.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::breakdown::{Breakdown, NAMED, Overall};
use super::scope::Subject;
use crate::db::scores::{Called, Detail};
use crate::db::{self, Connection};
use crate::domain::near;
use crate::domain::score::{Level, Member, Parameters, Place, Tally};
use crate::error::{Error, Result};

/// Days without a reading after which a metric is stale where the sheet does not say how often it is measured.
const USUAL_DAYS: i64 = 100;

/// A metric with its places.
#[derive(Debug, Clone)]
pub(crate) struct Metric {
    pub detail: Detail,
    pub member: Member,
}

impl Metric {
    /// The number people know it by, else its name.
    pub(crate) fn code(&self) -> &str {
        self.detail.metric_number.as_deref().unwrap_or(&self.detail.name)
    }

    /// Its number and name, for people.
    pub(crate) fn called(&self) -> String {
        match &self.detail.metric_number {
            Some(number) => format!("{number} {}", self.detail.name),
            None => self.detail.name.clone(),
        }
    }

    /// Days since the newest reading when that is too long ago: more than `limit`, else twice the time between its readings.
    pub(crate) fn stale_days(&self, at: NaiveDateTime, limit: Option<i64>) -> Option<i64> {
        let days = (at - self.detail.recorded_at?).num_days();
        let limit = limit.unwrap_or_else(|| stale_after(self.detail.frequency.as_deref()));
        (days > limit).then_some(days)
    }

    /// The target in words: a value, a range, or nothing.
    pub(crate) fn target_text(&self) -> String {
        use crate::domain::metric::Direction::TargetRange;
        let measure = &self.member.measure;
        let plain = |value: Option<Decimal>| value.map_or_else(|| "?".to_owned(), |value| value.normalize().to_string());
        match measure.direction {
            TargetRange if measure.lower.is_none() && measure.upper.is_none() => String::new(),
            TargetRange => format!("{}–{}", plain(measure.lower), plain(measure.upper)),
            _ => measure.goal().map_or_else(String::new, |goal| goal.normalize().to_string()),
        }
    }
}

/// The days after which a reading is stale where nobody says otherwise.
fn stale_after(frequency: Option<&str>) -> i64 {
    period_days(frequency).map_or(USUAL_DAYS, |days| 2 * days)
}

/// The days between two readings of a metric that is measured so often.
fn period_days(frequency: Option<&str>) -> Option<i64> {
    let word: String = frequency?.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    Some(match word.as_str() {
        "continuous" | "continuously" | "realtime" | "hourly" | "daily" => 1,
        "weekly" => 7,
        "biweekly" | "fortnightly" => 14,
        "monthly" => 31,
        "quarterly" => 92,
        "semiannually" | "semiannual" | "halfyearly" | "biannually" => 184,
        "annually" | "annual" | "yearly" => 366,
        _ => return None,
    })
}

/// A subject's metrics and their sums.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub tally: Tally,
    pub metrics: Vec<Metric>,
    /// The instant they are of, UTC.
    pub at: NaiveDateTime,
}

impl Loaded {
    /// Reads the metrics as they are now, or as they were at an instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn read(
        tx: &mut Connection,
        subject: &Subject,
        parameters: Parameters,
        at: Option<NaiveDateTime>,
    ) -> Result<Self> {
        let now = db::scores::now(tx).await?;
        let outline = db::scores::outline(tx, subject.framework.id).await?;
        let mut tally = Tally::new(&outline, parameters);
        let mut metrics = Vec::new();
        db::scores::details(tx, subject.catalog_id(), subject.framework.id, at, |detail, counted| {
            let places = places(&mut tally, &counted.functions, &counted.categories);
            let measure = counted.measure;
            // What it lacks is asked of the measure where it is shown; the tally counts it.
            let _ = tally.add(&measure, &places);
            if !places.is_empty() {
                metrics.push(Metric { detail, member: Member { measure, places } });
            }
        })
        .await?;
        Ok(Loaded { tally, metrics, at: at.unwrap_or(now) })
    }

    /// The members in the metrics' order.
    pub(crate) fn members(&self) -> Vec<Member> {
        self.metrics.iter().map(|metric| metric.member.clone()).collect()
    }

    /// The scores as a breakdown.
    pub(crate) fn overall(&self, subject: &Subject) -> Overall {
        let scores = self.tally.scores();
        let gap = |metric: &Metric| {
            let Detail { id, metric_number, name, .. } = metric.detail.clone();
            Some((Called { id, metric_number, name }, metric.member.measure.score().err()?))
        };
        let unscoreable = self.metrics.iter().filter_map(gap).take(NAMED).collect();
        Overall::new(subject, &scores, self.at, Breakdown::new(&scores, self.tally.parameters(), unscoreable))
    }

    /// The metric of this number, name or id.
    ///
    /// # Errors
    /// Exit 2 when there is none or several; the hint lists the near ones.
    pub(crate) fn find(&self, text: &str) -> Result<usize> {
        let wanted = text.trim().to_lowercase();
        let number =
            |metric: &Metric| metric.detail.metric_number.as_ref().is_some_and(|number| number.to_lowercase() == wanted);
        let name = |metric: &Metric| metric.detail.name.trim().to_lowercase() == wanted;
        let id = |metric: &Metric| metric.detail.id.to_string() == wanted;
        let rules: [&dyn Fn(&Metric) -> bool; 3] = [&id, &number, &name];
        for rule in rules {
            let found: Vec<usize> = (0..self.metrics.len()).filter(|&i| rule(&self.metrics[i])).collect();
            match found.as_slice() {
                [] => {}
                [only] => return Ok(*only),
                several => {
                    let mut error = Error::usage(format!("{} metrics are called `{text}`", several.len()));
                    for &i in several {
                        let detail = &self.metrics[i].detail;
                        error = error.detail(format!("{} {}", detail.id, detail.name));
                    }
                    return Err(error.hint("give the id instead"));
                }
            }
        }
        let error = Error::usage(format!("no scored metric is called `{text}`"));
        let codes = self.metrics.iter().flat_map(|metric| [metric.code(), metric.detail.name.as_str()]);
        Err(error.hint(near::did_you_mean(text, codes).unwrap_or_else(|| "`cmf score explain` lists them".to_owned())))
    }

    /// The level of this code: a function or a category; none given is the framework.
    ///
    /// # Errors
    /// Exit 2 when the framework has no such function.
    pub(crate) fn level(&self, function: Option<&str>) -> Result<Level> {
        let Some(code) = function else { return Ok(Level::Framework) };
        self.tally.function(code).or_else(|| self.tally.category(code)).ok_or_else(|| {
            let functions: Vec<String> = self.tally.scores().functions.into_iter().map(|function| function.code).collect();
            Error::usage(format!("the framework has no function or category `{code}`"))
                .hint(format!("functions are: {}", functions.join(", ")))
        })
    }
}

/// The settled places of these codes.
pub(crate) fn places(tally: &mut Tally, functions: &[String], categories: &[Option<String>]) -> Vec<Place> {
    let mut places: Vec<Place> = functions
        .iter()
        .zip(categories)
        .filter_map(|(function, category)| tally.place(function, category.as_deref()))
        .collect();
    Tally::settle(&mut places);
    places
}

#[cfg(test)]
mod tests {
    use super::{period_days, stale_after};

    #[test]
    fn a_reading_is_stale_after_twice_its_period_else_after_a_hundred_days() {
        assert_eq!((stale_after(Some("Monthly")), stale_after(Some("daily"))), (62, 2));
        assert_eq!((stale_after(None), stale_after(Some("now and then"))), (100, 100));
    }

    #[test]
    fn frequencies_are_days() {
        for (word, days) in [("Weekly", Some(7)), ("semi-annually", Some(184)), ("Real time", Some(1)), ("per release", None)] {
            assert_eq!(period_days(Some(word)), days, "{word}");
        }
        assert_eq!(period_days(None), None);
    }
}

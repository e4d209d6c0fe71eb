//! All metrics of a subject in memory, for what shows them one by one.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::breakdown::{Assumed, Breakdown, NAMED, Overall, Unscoreable};
use super::past::Was;
use super::through::{Led, Through, led};
use super::{Definitions, Past, Subject};
use crate::db::scores::Detail;
use crate::db::{self, Connection};
use crate::domain::frequency::Judge;
use crate::domain::metric::Metric;
use crate::domain::moment::Moment;
use crate::domain::score::{Age, Level, Measure, Parameters, Spot, Tally, gains};
use crate::domain::{near, number};
use crate::error::{Error, Result};
use crate::tell::Tell;

#[derive(Debug, Clone)]
pub(crate) struct Scored {
    pub metric: Metric,
    /// The newest reading, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// How often it is measured, as the sheet says.
    pub frequency: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// What told its direction, if nobody set it.
    pub told_by: Option<String>,
    /// Once in each category and once in each function.
    pub places: Vec<Spot>,
    /// The rows of a crosswalk that led there, where the subject has one.
    pub ways: Vec<Led>,
}

/// A subject's metrics and their sums.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub tally: Tally,
    pub metrics: Vec<Scored>,
    /// The instant they are of, UTC.
    pub at: NaiveDateTime,
    /// What a crosswalk led to, where the subject has one.
    pub through: Option<Through>,
}

impl Loaded {
    /// Reads the metrics as they are now, or as they were at an instant. Exit 2 when it is in the future.
    pub(crate) async fn of(
        tx: &mut Connection,
        subject: &Subject,
        parameters: Parameters,
        as_of: Option<Moment>,
        definitions: Definitions,
        tell: &dyn Tell,
    ) -> Result<Self> {
        let Some(as_of) = as_of else { return Loaded::read(tx, subject, parameters, None).await };
        let now = db::scores::now(tx).await?;
        let past = Past::read(tx, subject, &[super::past(as_of, now)?], definitions, tell).await?;
        Loaded::read(tx, subject, parameters, Some((&past, 0))).await
    }

    /// Reads the metrics as they are now, or as they were at one of the instants of a past.
    pub(crate) async fn read(
        tx: &mut Connection,
        subject: &Subject,
        parameters: Parameters,
        at: Option<(&Past, usize)>,
    ) -> Result<Self> {
        let now = db::scores::now(tx).await?;
        let outline = db::scores::outline(tx, subject.framework.id).await?;
        let mut tally = Tally::new(&outline, parameters);
        let mut metrics = Vec::new();
        let instant = at.and_then(|(past, position)| past.instant(position));
        let past = at.filter(|(past, _)| !past.is_today());
        let mut seen = HashSet::new();
        let mut through = subject.via.as_ref().map(Through::new);
        let at = instant.unwrap_or(now);
        let mut judge = Judge::new(parameters.freshness, at);
        let mut take = |mut detail: Detail| {
            detail.metric.age = parameters.stale.age(judge.is_stale(detail.recorded_at, detail.frequency.as_deref()));
            let (places, ways) = match (&subject.via, &mut through) {
                (Some(via), Some(through)) => {
                    let (places, ways) = led(&mut tally, &via.crosswalk, &detail);
                    through.add(via, &detail, &ways);
                    (places, ways)
                }
                _ => (places(&mut tally, &detail.functions, &detail.categories), Vec::new()),
            };
            // What it lacks is asked of the measure where it is shown; the tally counts it.
            let _ = tally.add(&detail.metric.measure(), &places);
            if !places.is_empty() {
                let (recorded_at, frequency, told_by) = (detail.recorded_at, detail.frequency, detail.told_by);
                let owner = detail.owner;
                metrics.push(Scored { metric: detail.metric, recorded_at, frequency, owner, told_by, places, ways });
            }
        };
        db::scores::details(tx, subject.catalog_id(), subject.mapped().id, instant, |mut detail| {
            if let Some((past, position)) = past {
                seen.insert(detail.metric.id);
                detail.frequency = past.frequency(position, detail.metric.id, detail.frequency.as_deref()).map(str::to_owned);
                match past.then(position, detail.metric.id) {
                    Was::AsToday => {}
                    Was::Uncounted => return,
                    Was::Other(then) => then.put(&mut detail),
                }
            }
            take(detail);
        })
        .await?;
        if let Some((past, position)) = past {
            for detail in past.unseen_details(tx, subject, position, &seen).await? {
                take(detail);
            }
            metrics.sort_by(|a, b| {
                let key = |scored: &Scored| (scored.metric.metric_number.is_none(), scored.metric.metric_number.clone());
                key(a).cmp(&key(b)).then_with(|| a.metric.name.cmp(&b.metric.name)).then(a.metric.id.cmp(&b.metric.id))
            });
        }
        let through = subject.via.as_ref().zip(through).map(|(via, through)| through.finished(via));
        Ok(Loaded { tally, metrics, at, through })
    }

    pub(crate) fn overall(&self, subject: &Subject) -> Overall {
        let scores = self.tally.scores();
        let gap = |Scored { metric, .. }: &Scored| {
            let missing = metric.measure().score().err()?.to_string();
            Some(Unscoreable { metric_number: metric.metric_number.clone(), name: metric.name.clone(), missing })
        };
        let unscoreable = self.metrics.iter().filter_map(gap).take(NAMED).collect();
        let assumed = self.assumed().take(NAMED).collect();
        let mut breakdown = Breakdown::new(&scores, self.tally.parameters(), unscoreable, assumed);
        breakdown.through.clone_from(&self.through);
        Overall::new(subject, &scores, self.at, breakdown)
    }

    /// The metrics with a score whose direction nobody set.
    pub(crate) fn assumed(&self) -> impl Iterator<Item = Assumed> {
        let is_assumed = |scored: &&Scored| scored.metric.is_assumed && scored.metric.measure().score().is_ok();
        self.metrics.iter().filter(is_assumed).map(|Scored { metric, told_by, .. }| Assumed {
            metric_number: metric.metric_number.clone(),
            name: metric.name.clone(),
            direction: metric.direction,
            told_by: told_by.clone(),
        })
    }

    /// Whether a metric is to be measured: it never was, or the time between two readings is over.
    pub(crate) fn is_due(&self, scored: &Scored) -> bool {
        let freshness = self.tally.parameters().freshness;
        scored.recorded_at.is_none_or(|newest| freshness.due(newest, scored.frequency.as_deref()) <= self.at)
    }

    /// Days since the newest reading of a metric when that is too long ago.
    pub(crate) fn stale_days(&self, scored: &Scored) -> Option<i64> {
        scored.recorded_at.filter(|_| scored.metric.age.is_stale()).map(|newest| (self.at - newest).num_days())
    }

    /// What a metric lacks, in words: also somebody who says its direction.
    pub(crate) fn missing(&self, scored: &Scored) -> Vec<String> {
        let gaps = scored.metric.measure().gaps().into_iter().map(|gap| gap.as_str().to_owned());
        let is_assumed = scored.metric.is_assumed && scored.metric.measure().score().is_ok();
        let assumed = is_assumed.then(|| match &scored.told_by {
            Some(why) => format!("direction assumed by {why}"),
            None => "direction assumed".to_owned(),
        });
        let measure = scored.metric.measure();
        let stale = match self.stale_days(scored) {
            Some(days) => Some(format!("stale, {days} days old")),
            None => (measure.age.is_stale() && measure.current.is_some()).then(|| "no reading shows how old it is".to_owned()),
        };
        let stale = stale.map(|stale| if measure.is_excluded() { format!("not scored: {stale}") } else { stale });
        gaps.chain(assumed).chain(stale).collect()
    }

    /// The metric of this number, name or id. Exit 2 when there is none or several; the hint lists the near ones.
    pub(crate) fn find(&self, text: &str) -> Result<usize> {
        let wanted = text.trim().to_lowercase();
        let number = |metric: &Metric| metric.metric_number.as_ref().is_some_and(|number| number.to_lowercase() == wanted);
        let name = |metric: &Metric| metric.name.trim().to_lowercase() == wanted;
        let id = |metric: &Metric| metric.id.to_string() == wanted;
        let rules: [&dyn Fn(&Metric) -> bool; 3] = [&id, &number, &name];
        for rule in rules {
            let found: Vec<usize> = (0..self.metrics.len()).filter(|&i| rule(&self.metrics[i].metric)).collect();
            match found.as_slice() {
                [] => {}
                [only] => return Ok(*only),
                several => {
                    let mut error = Error::usage(format!("{} metrics are called `{text}`", several.len()));
                    for &i in several {
                        let metric = &self.metrics[i].metric;
                        error = error.detail(format!("{} {}", metric.id, metric.name));
                    }
                    return Err(error.hint("use the id instead"));
                }
            }
        }
        let error = Error::usage(format!("there is no scored metric `{text}`"));
        let codes = self.metrics.iter().flat_map(|scored| [scored.metric.label(), scored.metric.name.as_str()]);
        Err(error.hint(near::did_you_mean(text, codes).unwrap_or_else(|| "`cmf score explain` lists them".to_owned())))
    }

    /// The codes of the framework's functions.
    pub(crate) fn functions(&self) -> String {
        let codes: Vec<String> = self.tally.scores().functions.into_iter().map(|function| function.code).collect();
        codes.join(", ")
    }

    /// The level of this code: a function or a category; none given is the framework. Exit 2 when the framework has no such
    /// function.
    pub(crate) fn level(&self, function: Option<&str>) -> Result<Level> {
        let Some(code) = function else { return Ok(Level::Framework) };
        self.tally.level(code).ok_or_else(|| {
            Error::usage(format!("the framework has no function or category `{code}`"))
                .hint(format!("functions are: {}", self.functions()))
        })
    }

    /// Metrics by what reaching their target would gain, the most first; those that gain nothing are left out.
    pub(crate) fn ranked(&mut self, level: Level) -> Vec<(usize, Decimal)> {
        let members = self.metrics.iter().map(|scored| (scored.metric.measure(), scored.places.as_slice()));
        let gains = gains(&mut self.tally, level, members).into_iter().enumerate();
        let mut ranked: Vec<(usize, Decimal)> =
            gains.filter_map(|(i, gain)| Some((i, gain.filter(|gain| *gain > Decimal::ZERO)?))).collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }

    /// The same with other values, by metric; the second value has each of these metrics with its measure before. Exit 2 for a
    /// metric that is unknown or named twice, and for a value that no reading can have.
    pub(crate) fn what_if(&self, values: &[(String, Decimal)]) -> Result<(Self, Vec<(usize, Measure)>)> {
        let mut then = self.clone();
        let mut changed: Vec<(usize, Measure)> = Vec::new();
        for (name, value) in values {
            let at = self.find(name)?;
            if changed.iter().any(|(known, _)| *known == at) {
                return Err(Error::usage(format!("`{name}` is given twice")));
            }
            let value = number::stored(*value)
                .map_err(|_| Error::usage(format!("{name}={value}: a reading has at most 11 digits before the point")))?;
            let Scored { metric, places, .. } = &mut then.metrics[at];
            let before = metric.measure();
            (metric.current_value, metric.age) = (Some(value.into()), Age::Fresh);
            then.tally.remove(&before, places);
            let _ = then.tally.add(&metric.measure(), places);
            changed.push((at, before));
        }
        Ok((then, changed))
    }
}

/// The settled places of these codes.
pub(super) fn places(tally: &mut Tally, functions: &[String], categories: &[Option<String>]) -> Vec<Spot> {
    let mut places: Vec<Spot> = functions
        .iter()
        .zip(categories)
        .filter_map(|(function, category)| tally.place(function, category.as_deref()))
        .collect();
    Tally::settle(&mut places);
    places
}

//! Scores: computed from what is stored, explained, compared and stored. Values in, values out.

mod board;
mod breakdown;
pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod explain;
mod figures;
mod load;
pub(crate) mod notify;
mod owners;
mod past;
mod report;
mod subject;
mod through;
mod time;
pub(crate) mod trend;

pub(crate) use self::breakdown::{Assumed, Breakdown, CategoryEntry, Certain, Figures, FunctionEntry, Overall, Unscoreable};
pub(crate) use self::figures::figures;
pub(crate) use self::load::{Loaded, Scored};
pub(crate) use self::owners::{Owner, owners};
pub(crate) use self::past::{Definitions, Past};
pub(crate) use self::report::{Wanted, gather};
pub(crate) use self::subject::Subject;
pub(crate) use self::through::{Led, Lost, Through};
pub(crate) use self::time::{Every, in_order, past};

use chrono::{Duration, NaiveDateTime, NaiveTime};
use serde_json::json;
use uuid::Uuid;

use self::breakdown::NAMED;
use crate::db::audit::Audit;
use crate::db::scores::{Called, Code, Key, NewFunctionScore, Placed};
use crate::db::{self, Connection};
use crate::domain::frequency::Judge;
use crate::domain::moment::{self, Day};
use crate::domain::number;
use crate::domain::reading::{Zone, parse_instant};
use crate::domain::score::{Gap, Measure, Parameters, Spot, Tally};
use crate::error::{Error, Result, shell_word};

/// The newest stored score, if it may be used again: it is still valid, was made by the same parameters, and nothing that it
/// was made from has changed.
pub(crate) async fn still_valid(tx: &mut Connection, subject: &Subject, parameters: &Parameters) -> Result<Option<Overall>> {
    let now = db::scores::now(tx).await?;
    let Some(stored) = db::scores::newest(tx, subject.framework.id, subject.catalog_id()).await? else { return Ok(None) };
    // What another program stored is never used again, and no reason to fail.
    let Ok(overall) = Overall::stored(subject, stored) else { return Ok(None) };
    let breakdown = &overall.breakdown;
    let (Some(until), Some(fingerprint)) = (&breakdown.valid_until, &breakdown.fingerprint) else { return Ok(None) };
    let valid = parse_instant(until, Zone::Utc, Day::Start).is_ok_and(|until| until > now);
    if !valid || !breakdown.made_by(parameters) {
        return Ok(None);
    }
    let same = db::scores::fingerprint(tx, subject.catalog_id(), subject.framework.id).await? == *fingerprint;
    Ok(same.then_some(overall))
}

/// Why there is no score, and what to do.
pub(crate) async fn nothing_scoreable(tx: &mut Connection, subject: &Subject) -> Result<String> {
    let what = format!("nothing in {} can be scored for {}", subject.name(), subject.against());
    let Some(catalog_id) = subject.catalog_id() else { return Ok(what) };
    let sizes = db::catalogs::sizes(tx, &[catalog_id]).await?.remove(&catalog_id).unwrap_or_default();
    Ok(if sizes.metrics == 0 {
        format!("{what}; it has no metrics yet: `cmf catalog activate` makes them from its mapped items")
    } else if sizes.mapped_items == 0 {
        format!(
            "{what}; none of its items has a confirmed mapping: `cmf map suggest` makes suggestions, `cmf map confirm` confirms them"
        )
    } else if db::frameworks::mapped_by(tx, Some(catalog_id)).await?.contains(&subject.framework.id) || subject.via.is_some() {
        what
    } else {
        let name = shell_word(subject.framework.short_name());
        format!("{what}; no item is mapped to it: `cmf map suggest --framework {name}` makes suggestions to confirm")
    })
}

/// Scores the metrics as they are now.
pub(crate) async fn score(tx: &mut Connection, subject: &Subject, parameters: Parameters) -> Result<Overall> {
    if subject.via.is_some() {
        return Ok(Loaded::read(tx, subject, parameters, None).await?.overall(subject));
    }
    Ok(aging(tx, subject, parameters).await?.0)
}

/// Scores the metrics as they are now, and tells when the first that is fresh will be stale, UTC.
async fn aging(tx: &mut Connection, subject: &Subject, parameters: Parameters) -> Result<(Overall, Option<NaiveDateTime>)> {
    let calculated_at = db::scores::now(tx).await?;
    let outline = db::scores::outline(tx, subject.framework.id).await?;
    let mut fold = Fold {
        tally: Tally::new(&outline, parameters),
        judge: Judge::new(parameters.freshness, calculated_at),
        metric: None,
        places: Vec::new(),
        gaps: Vec::new(),
        assumed: Vec::new(),
    };
    match subject.catalog_id() {
        Some(id) => db::scores::each_of_catalog(tx, id, subject.framework.id, |placed| fold.take(&placed)).await?,
        None => db::scores::each_of_library(tx, subject.framework.id, |placed| fold.take(&placed)).await?,
    }
    let Fold { tally, gaps, assumed, judge, .. } = fold.finished();
    let (scores, until) = (tally.scores(), judge.until);
    let unscoreable = named(tx, &gaps).await?;
    let assumed = told(tx, &assumed).await?;
    let breakdown = Breakdown::new(&scores, &parameters, unscoreable, assumed);
    Ok((Overall::new(subject, &scores, calculated_at, breakdown), until))
}

/// The names of metrics with what they lack.
async fn named(tx: &mut Connection, gaps: &[(Uuid, Gap)]) -> Result<Vec<Unscoreable>> {
    if gaps.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = gaps.iter().map(|(id, _)| *id).collect();
    let names = db::scores::names(tx, &ids).await?;
    let unscoreable = |Called { id, metric_number, name }| {
        let (_, gap) = gaps.iter().find(|(known, _)| *known == id)?;
        Some(Unscoreable { metric_number, name, missing: gap.to_string() })
    };
    Ok(names.into_iter().filter_map(unscoreable).collect())
}

/// What told the directions of metrics that nobody set.
async fn told(tx: &mut Connection, ids: &[Uuid]) -> Result<Vec<Assumed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db::scores::assumed(tx, ids).await?.into_iter();
    let assumed =
        |db::scores::Assumed { metric_number, name, direction, told_by }| Assumed { metric_number, name, direction, told_by };
    Ok(rows.map(assumed).collect())
}

/// What becomes of a computed score.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keeping {
    /// How long it may be used again while nothing changes.
    pub ttl: Option<Duration>,
    /// Whether it is stored although today's says the same.
    pub always: bool,
    /// Whether it is only told what would be stored, which takes no right to store it.
    pub is_dry: bool,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is stored; this is what the trail keeps of it.
    Stored(Audit<'static>),
    /// Today's row says the same.
    Same,
    /// There is no score.
    Nothing,
}

/// Scores the metrics as they are now and stores that: one row a day and method, unless the score says something else, is to be
/// used again, or is to be stored always.
pub(crate) async fn compute(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    keeping: Keeping,
) -> Result<(Overall, Kept)> {
    let (mut overall, until) = aging(tx, subject, parameters).await?;
    let valid_until = keeping.ttl.and_then(|ttl| overall.calculated_at.checked_add_signed(ttl));
    // What turns stale makes another score.
    let valid_until = valid_until.map(|end| until.map_or(end, |until| until.min(end)));
    if let Some(until) = valid_until {
        overall.breakdown.valid_until = Some(moment::text(until));
        overall.breakdown.fingerprint = Some(db::scores::fingerprint(tx, subject.catalog_id(), subject.framework.id).await?);
    }
    if !keeping.always && keeping.ttl.is_none() && is_stored(tx, subject, &overall, &parameters).await? {
        return Ok((overall, Kept::Same));
    }
    let has_score = if keeping.is_dry {
        number::finite(overall.score).is_some() && overall.rating.is_some()
    } else {
        store(tx, subject, &overall, valid_until).await?
    };
    if !has_score {
        return Ok((overall, Kept::Nothing));
    }
    let result = json!({
        "framework": overall.framework, "catalog_id": overall.catalog_id, "overall_score": overall.score,
        "metric_count": overall.breakdown.metric_count, "unscoreable_count": overall.breakdown.unscoreable_count,
        "assumed_count": overall.breakdown.assumed_count, "stale_count": overall.breakdown.certain.stale_count,
    });
    Ok((overall, Kept::Stored(Audit::of("score.compute", result).by(subject.owner_id()))))
}

/// Whether the newest score of this day (UTC) by this method says the same.
async fn is_stored(tx: &mut Connection, subject: &Subject, overall: &Overall, parameters: &Parameters) -> Result<bool> {
    let day = overall.calculated_at.date().and_time(NaiveTime::MIN);
    let stored = db::scores::since(tx, subject.framework.id, subject.catalog_id(), day).await?;
    // What another program stored says nothing of this method.
    let mut stored = stored.into_iter().filter_map(|stored| Overall::stored(subject, stored).ok());
    let newest = stored.find(|stored| stored.breakdown.made_by(parameters));
    Ok(newest.is_some_and(|newest| newest.score == overall.score && newest.breakdown.says_the_same(&overall.breakdown)))
}

/// Stores a computed score: a row for each function with a score, and one for the whole. Returns whether there is a score.
async fn store(tx: &mut Connection, subject: &Subject, overall: &Overall, valid_until: Option<NaiveDateTime>) -> Result<bool> {
    let (Some(score), Some(rating)) = (number::finite(overall.score), overall.rating) else { return Ok(false) };
    let key =
        Key { framework_id: subject.framework.id, catalog_id: subject.catalog_id(), calculated_at: overall.calculated_at };
    let functions: Vec<NewFunctionScore> = overall
        .breakdown
        .functions
        .iter()
        .filter_map(|function| {
            Some(NewFunctionScore {
                function_code: function.function_code.clone(),
                score: number::finite(function.figures.score)?,
                rating: function.figures.rating?,
                metric_count: i32::try_from(function.figures.metric_count).unwrap_or(i32::MAX),
            })
        })
        .collect();
    db::scores::insert_function_scores(tx, key, valid_until, &functions).await?;
    let breakdown = serde_json::to_value(&overall.breakdown)
        .map_err(|error| Error::failed(format!("cannot write the score as JSON: {error}")))?;
    db::scores::insert_framework_score(tx, key, score, rating, &breakdown).await?;
    Ok(true)
}

/// Gathers the rows of a metric, which follow one another, and counts it once.
struct Fold {
    tally: Tally,
    judge: Judge,
    metric: Option<(Uuid, Measure)>,
    places: Vec<Spot>,
    gaps: Vec<(Uuid, Gap)>,
    assumed: Vec<Uuid>,
}

impl Fold {
    fn take(&mut self, placed: &Placed) {
        if self.metric.is_none_or(|(id, _)| id != placed.metric_id) {
            self.count();
            let is_stale = self.judge.is_stale(placed.recorded_at, placed.frequency.as_deref());
            let age = self.tally.parameters().stale.age(is_stale);
            self.metric = Some((placed.metric_id, Measure { age, ..placed.measure }));
        }
        self.places.extend(self.tally.place(placed.function_code.as_str(), placed.category_code.as_ref().map(Code::as_str)));
    }

    fn count(&mut self) {
        if let Some((id, measure)) = self.metric.take()
            && !self.places.is_empty()
        {
            Tally::settle(&mut self.places);
            match self.tally.add(&measure, &self.places) {
                Err(gap) if self.gaps.len() < NAMED => self.gaps.push((id, gap)),
                Ok(_) if measure.is_assumed && self.assumed.len() < NAMED => self.assumed.push(id),
                _ => {}
            }
        }
        self.places.clear();
    }

    /// The same with the last metric counted.
    fn finished(mut self) -> Self {
        self.count();
        self
    }
}

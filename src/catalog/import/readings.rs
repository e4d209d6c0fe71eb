//! Readings of a sheet that is imported again: of metrics, and of items that are none yet.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::db::items::News;
use crate::db::readings::Batch;
use crate::db::{self, Connection};
use crate::domain::reading::{Identity, OnConflict};
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Result};

/// How readings of a sheet are recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// When the values were measured that do not say it, UTC; else now.
    pub at: Option<NaiveDateTime>,
    pub by: Uuid,
    pub on_conflict: OnConflict,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Recorded {
    /// Those of metrics that were there.
    pub added: u64,
    /// Those of a series that existed already.
    pub repeats: u64,
    /// Those of a series that are not what was there, which stayed.
    pub kept: u64,
}

/// How many rows are named.
const LISTED: usize = 10;

/// Which metric has which value at an instant, and which the sheet has.
fn conflict(label: &str, at: &str, known: &str, value: &str) -> String {
    format!("{label} has {known} at {at}, and the sheet has {value}")
}

/// Rows of the sheet, the first ten.
fn rows(rows: impl Iterator<Item = i64>) -> String {
    let rows: BTreeSet<i64> = rows.collect();
    rows.iter().take(LISTED).map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Values at instants that have other ones: which, by their rows.
fn conflicts(found: &BTreeMap<i64, String>) -> Error {
    let metrics = verbed(found.len(), "has", "have");
    let error = Error::data(format!("{metrics} a different value at that time"));
    let more = found.len().saturating_sub(LISTED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let listed = found.iter().take(LISTED).map(|(row, what)| format!("row {row}: {what}"));
    listed
        .chain(more)
        .fold(error, Error::detail)
        .hint("--on-conflict replace stores the sheet's values, --on-conflict skip keeps the existing ones")
        .hint("or give another time with --at, if the sheet has one value per metric")
}

/// Records the sheet's values as readings of the metrics that the items already are, whose rows are locked. Some of them refuse
/// readings.
pub(super) async fn record(tx: &mut Connection, how: &How, refusing: &HashSet<Uuid>, recorded: &mut Recorded) -> Result<()> {
    let (mut added, mut replaced) = (Vec::new(), Vec::new());
    let mut conflicting = BTreeMap::new();
    for news in db::items::news(tx, how.at).await? {
        match (news.is_known, how.on_conflict) {
            (Some(true), _) => recorded.repeats += 1,
            (None, _) => added.push(news),
            (Some(false), OnConflict::Replace) => replaced.push(news),
            (Some(false), OnConflict::Skip) => recorded.kept += 1,
            (Some(false), OnConflict::Refuse) => {
                let at = news.at.map(|at| at.format("%FT%TZ").to_string()).unwrap_or_default();
                let known = news.known_value.unwrap_or_default().normalize().to_string();
                conflicting.insert(news.row, conflict(&news.label, &at, &known, &news.value.normalize().to_string()));
            }
        }
    }
    let locked = added.iter().chain(&replaced).filter(|news| refusing.contains(&news.id));
    let metrics: HashSet<Uuid> = locked.clone().map(|news| news.id).collect();
    if !metrics.is_empty() {
        return Err(Error::failed(format!(
            "{} locked and {} no readings",
            verbed(metrics.len(), "is", "are"),
            agreeing(metrics.len(), "takes", "take")
        ))
        .detail(format!("rows {}", rows(locked.map(|news| news.row))))
        .hint("unlock them with `cmf metric unlock`, or import no values: --map current_value= or --series no"));
    }
    if !conflicting.is_empty() {
        return Err(conflicts(&conflicting));
    }
    let ids = Identity::new(Uuid::now_v7());
    let mut positions = 0_u32..;
    let mut batch = |part: &[News]| {
        let mut batch = Batch::default();
        for (news, position) in part.iter().zip(&mut positions) {
            batch.ids.push(ids.id(position));
            batch.metric_ids.push(news.id);
            batch.values.push(news.value);
            batch.recorded_at.push(news.at);
            let counts = news.counts.as_ref().map(|counts| format!(" [{counts}]")).unwrap_or_default();
            batch.notes.push(Some(format!("from a sheet imported again{counts}")));
            batch.recorded_by.push(Some(how.by));
        }
        batch
    };
    for part in added.chunks(5_000) {
        let met = db::readings::add(tx, &batch(part)).await?;
        recorded.added += met.iter().filter(|one| one.known_value.is_none()).count() as u64;
    }
    for part in replaced.chunks(5_000) {
        db::readings::replace(tx, &batch(part)).await?;
    }
    recorded.added += replaced.len() as u64;
    if !added.is_empty() {
        db::images::added(tx, ids.range()).await?;
    }
    let ids: HashSet<Uuid> = added.iter().chain(&replaced).map(|news| news.id).collect();
    for part in ids.into_iter().collect::<Vec<_>>().chunks(5_000) {
        db::metrics::refresh_current_values(tx, part).await?;
    }
    Ok(())
}

/// Looks at the readings of items that are no metrics yet, which wait in the items.
pub(super) async fn waiting(tx: &mut Connection, how: &How, recorded: &mut Recorded) -> Result<()> {
    let mut conflicting = BTreeMap::new();
    for met in db::items::met(tx).await? {
        match how.on_conflict {
            _ if met.is_same => recorded.repeats += 1,
            OnConflict::Refuse => {
                conflicting.insert(met.row, conflict(&met.label, &met.at, &met.known_value, &met.value));
            }
            OnConflict::Skip => recorded.kept += 1,
            OnConflict::Replace => {}
        }
    }
    if conflicting.is_empty() { Ok(()) } else { Err(conflicts(&conflicting)) }
}

fn verbed(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", counted(number, "metric"), agreeing(number, one, many))
}

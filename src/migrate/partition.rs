//! The readings of a tenant that is too large for one table, divided by months, and made one table again.
//!
//! No reading is moved: the table as it is becomes the partition of all that is older than a day, and each month from there on
//! has one of its own. What takes long, a key and a look at every reading, happens while others work, and is found done by the next
//! run where this one is killed; the change itself is one short transaction.

use chrono::{Datelike, Months, NaiveDate};
use serde_json::json;

use super::migrator::Migrator;
use super::status::finish;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::migrations::ScriptError;
use crate::db::partitions::{self, Partition};
use crate::db::{scores, views};
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::session::{Limits, Session};

/// By how many days the newest reading may be ahead when readings are divided.
const AHEAD: i64 = 62;

/// What became of the readings' table.
#[derive(Debug)]
pub struct Divided {
    /// The partitions, oldest first.
    pub partitions: Vec<Partition>,
    /// The names of those that were made.
    pub made: Vec<String>,
}

/// The first day of the month after a day.
fn next_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))).unwrap_or(NaiveDate::MAX)
}

/// Whether the readings are divided.
pub async fn is_divided(session: &mut Session) -> Result<bool> {
    let mut tx = session.read().await?;
    let divided = partitions::is_divided(&mut tx).await?;
    tx.end().await?;
    Ok(divided)
}

/// Refuses what hangs on the table and would be left behind. Says whether there are views of cmf, to be made again.
pub async fn check(session: &mut Session) -> Result<bool> {
    let own = views::schema_of(session.schema());
    let mut tx = session.read().await?;
    let others = partitions::views(&mut tx, &own).await?;
    let attached = partitions::attached(&mut tx).await?;
    let has_views = views::are_there(&mut tx, &own).await?;
    tx.end().await?;
    let all: Vec<String> = others.into_iter().map(|view| format!("view {view}")).chain(attached).collect();
    if all.is_empty() {
        return Ok(has_views);
    }
    Err(Error::failed(format!(
        "{} on the table of readings, which this would not carry over: {}",
        counted(all.len(), "object"),
        all.join(", ")
    ))
    .hint("drop them, and make them again afterwards"))
}

impl Migrator<'_> {
    /// Divides the readings by months where they are not, and makes the partitions of so many months ahead. Fails when the
    /// server refuses; run again, it continues where it stopped.
    pub async fn partition(&mut self, ahead: u32) -> Result<Divided> {
        self.while_locked(async |this| {
            let mut made = Vec::new();
            if !is_divided(this.session).await? {
                let bound = this.prepare().await?;
                made = this.briefly(async |this| this.divide(bound, ahead).await).await?;
            }
            let divided = this.briefly(async |this| this.extend(ahead).await).await?;
            made.extend(divided.made);
            Ok(Divided { made, ..divided })
        })
        .await
    }

    /// What takes long and disturbs nobody. Returns the day from which on months have partitions.
    async fn prepare(&mut self) -> Result<NaiveDate> {
        let mut tx = self.session.read().await?;
        let known = partitions::prepared(&mut tx).await?;
        let newest = partitions::newest(&mut tx).await?;
        let today = scores::now(&mut tx).await?.date();
        tx.end().await?;
        if (newest - today).num_days() > AHEAD {
            return Err(Error::failed(format!(
                "the newest reading is at {newest}: the months before it would have no partitions"
            ))
            .hint("`cmf doctor` names the readings in the future; `cmf record undo ID` removes one"));
        }
        // Readings arrive while this continues: the bound is not within the next days.
        let wanted = next_month(newest.checked_add_days(chrono::Days::new(2)).unwrap_or(newest));
        let bound = known.bound.filter(|bound| *bound > newest).unwrap_or(wanted);
        if known.bound != Some(bound) {
            self.briefly(async |this| {
                let mut tx = this.limited().await?;
                partitions::run(&mut tx, &partitions::bound(bound)).await?;
                Ok(tx.commit().await?)
            })
            .await?;
        }
        if !known.has_key {
            if known.has_invalid_key {
                partitions::run(self.session.connection(), partitions::DROP_KEY).await?;
            }
            self.tell.say("building the key (id, recorded_at); others can go on working");
            partitions::run(self.session.connection(), partitions::BUILD_KEY).await?;
        }
        if !known.is_validated || known.bound != Some(bound) {
            self.tell.say("checking all readings; others can go on working");
            let mut tx = self.session.plain().await?;
            partitions::run(&mut tx, partitions::VALIDATE).await?;
            tx.commit().await?;
        }
        Ok(bound)
    }

    async fn divide(&mut self, bound: NaiveDate, ahead: u32) -> std::result::Result<Vec<String>, ScriptError> {
        let mut made = vec![partitions::old_name(bound)];
        let mut tx = self.limited().await?;
        let owner = partitions::owner(&mut tx).await?;
        let grants = partitions::grants(&mut tx, "metric_history", "metric_history").await?;
        for statement in partitions::divide(bound, &owner, &grants) {
            partitions::run(&mut tx, &statement).await?;
        }
        // A reading after the bound finds its place from the first moment on.
        for month in months(bound, ahead.max(1)) {
            partitions::run(&mut tx, &partitions::month(month, next_month(month))).await?;
            made.push(partitions::month_name(month));
        }
        for name in &made {
            partitions::run(&mut tx, &partitions::owned(name, &owner)).await?;
        }
        finish(tx, Audit::of("db.partition", json!({ "table": "metric_history", "by": "month", "made": made }))).await?;
        Ok(made)
    }

    /// Makes the months that are missing.
    async fn extend(&mut self, ahead: u32) -> std::result::Result<Divided, ScriptError> {
        let mut tx = self.limited().await?;
        let known = partitions::list(&mut tx).await?;
        let newest = partitions::newest(&mut tx).await?;
        let (owner, last) = (partitions::owner(&mut tx).await?, known.iter().filter_map(|one| one.to).max());
        let Some(mut next) = last else {
            return Err(not_ours().into());
        };
        let wanted = months(newest.with_day(1).unwrap_or(newest), ahead + 1).last().copied().unwrap_or(newest);
        let mut made = Vec::new();
        while next <= wanted {
            partitions::run(&mut tx, &partitions::month(next, next_month(next))).await?;
            made.push(partitions::month_name(next));
            next = next_month(next);
        }
        let partitions = partitions::list(&mut tx).await?;
        if made.is_empty() {
            tx.rollback().await?;
        } else {
            for name in &made {
                partitions::run(&mut tx, &partitions::owned(name, &owner)).await?;
            }
            finish(tx, Audit::of("db.partition", json!({ "table": "metric_history", "made": made }))).await?;
        }
        Ok(Divided { partitions, made })
    }

    /// Makes one table of the partitions again: what is in the months goes to what was there before.
    pub async fn unite(&mut self, _confirmed: &Confirmed) -> Result<()> {
        self.while_locked(async |this| {
            this.briefly(async |this| {
                let mut tx = this.limited().await?;
                let all = partitions::list(&mut tx).await?;
                let Some((old, others)) = all.split_first().filter(|(old, _)| old.from.is_none()) else {
                    return Err(not_ours().into());
                };
                let owner = partitions::owner(&mut tx).await?;
                let grants = partitions::grants(&mut tx, "metric_history", "metric_history").await?;
                for statement in partitions::unite(old, others, &owner, &grants) {
                    partitions::run(&mut tx, &statement).await?;
                }
                Ok(finish(tx, Audit::of("db.partition", json!({ "table": "metric_history", "undone": all.len() }))).await?)
            })
            .await
        })
        .await
    }

    async fn limited(&mut self) -> Result<crate::session::Plain<'_>> {
        let limits = Limits { lock: self.timeouts.lock_timeout, statement: None, durable: true };
        let mut tx = self.session.plain().await?;
        tx.limit(limits).await?;
        Ok(tx)
    }

    /// Does a short transaction, again where a lock was in its way.
    async fn briefly<T>(&mut self, work: impl AsyncFn(&mut Self) -> std::result::Result<T, ScriptError>) -> Result<T> {
        let mut tries = 0;
        loop {
            match work(self).await {
                Err(refused) => self.pause_or_fail(refused, &mut tries, "metric_history").await?,
                Ok(value) => return Ok(value),
            }
        }
    }
}

fn not_ours() -> Error {
    Error::failed("metric_history has partitions that cmf did not make").hint("`cmf migrate dump` shows them")
}

/// So many months from this one on.
fn months(first: NaiveDate, count: u32) -> Vec<NaiveDate> {
    std::iter::successors(Some(first), |month| Some(next_month(*month))).take(usize::try_from(count).unwrap_or(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(next_month(day("2026-12-31")), day("2027-01-01"));
        assert_eq!(months(day("2026-11-01"), 3), [day("2026-11-01"), day("2026-12-01"), day("2027-01-01")]);
    }
}

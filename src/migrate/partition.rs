//! The readings of a tenant that is too large for one table, divided by months, and made one table again.
//!
//! Either way they are copied in chunks while others work: a trigger makes every change in the copy, too, and how far the copy is
//! stands in its comment, in the transaction of each chunk. So a killed run continues where it stopped. At the end the
//! copy, compared with what it is of, takes its place in one short transaction.

use chrono::{Datelike, Months, NaiveDate};
use serde_json::json;

use super::migrator::Migrator;
use super::status::finish;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::migrations::ScriptError;
use crate::db::partitions::{self, Holder, Mark, Partition};
use crate::db::{grants, scores, views};
use crate::domain::frequency::Freshness;
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::session::{Limits, Session};

/// By how many days the newest reading may be ahead when readings are divided.
const AHEAD: i64 = 62;

/// So many months back have partitions of their own: each look at the past asks all of them.
const BACK: u32 = 60;

/// How many pages one transaction copies: some ten thousand readings.
const CHUNK: i64 = 250;

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

/// How the readings stand.
pub async fn standing(session: &mut Session) -> Result<partitions::Standing> {
    let standing = session.look(partitions::standing).await?;
    match standing.copy {
        Some(copy) if copy.mark.is_none() => Err(Error::failed("there is a table metric_history_new that cmf did not make")
            .hint("rename it: the readings are copied to a table of this name")),
        _ => Ok(standing),
    }
}

/// Refuses what hangs on the table and would be left behind.
pub async fn check(session: &mut Session) -> Result<()> {
    let own = views::schema_of(session.schema());
    let (others, attached) =
        session.look(async |tx| Ok((partitions::views(tx, &own).await?, partitions::attached(tx).await?))).await?;
    let all: Vec<String> = others.into_iter().map(|view| format!("view {view}")).chain(attached).collect();
    if all.is_empty() {
        return Ok(());
    }
    Err(Error::failed(format!(
        "{} on the table of readings, which this would not carry over: {}",
        counted(all.len(), "object"),
        all.join(", ")
    ))
    .hint("drop them, and make them again afterwards"))
}

/// What is left of work that stopped on its way.
fn begun(error: Error) -> Error {
    error.changed("The readings are as before; a copy of them is begun, and the same command continues it.")
}

impl Migrator<'_> {
    /// Divides the readings by months where they are not, and makes the partitions of so many months ahead. `freshness` is for
    /// the views that are made again. Fails when the server refuses; run again, it continues where it stopped.
    pub async fn partition(&mut self, ahead: u32, freshness: &Freshness) -> Result<Divided> {
        self.while_locked(async |this| {
            let standing = standing(this.session).await?;
            if standing.is_divided && standing.copy.is_some() {
                // Of a way back that was killed.
                this.give_up().await?;
            }
            let mut made = Vec::new();
            if !standing.is_divided {
                if standing.copy.is_none() {
                    this.begin_months(ahead).await?;
                }
                made = this.copy_all(freshness).await.map_err(begun)?;
            }
            let divided = this.briefly(async |this| this.extend(ahead).await).await?;
            made.extend(divided.made);
            Ok(Divided { made, ..divided })
        })
        .await
    }

    /// Makes one table of the partitions again, or takes back what was begun to divide it.
    pub async fn unite(&mut self, freshness: &Freshness, _confirmed: &Confirmed) -> Result<()> {
        self.while_locked(async |this| {
            let standing = standing(this.session).await?;
            if !standing.is_divided && standing.copy.is_some() {
                this.give_up().await?;
            }
            if !standing.is_divided {
                return Ok(());
            }
            if standing.copy.is_none() {
                this.begin(None, &[]).await?;
            }
            this.copy_all(freshness).await.map(drop).map_err(begun)
        })
        .await
    }

    async fn begin_months(&mut self, ahead: u32) -> Result<()> {
        let mut tx = self.session.read().await?;
        let (newest, oldest) = (partitions::newest(&mut tx).await?, partitions::oldest(&mut tx).await?);
        let today = scores::now(&mut tx).await?.date();
        tx.end().await?;
        if (newest - today).num_days() > AHEAD {
            return Err(Error::failed(format!(
                "the newest reading is at {newest}: the months before it would have no partitions"
            ))
            .hint("`cmf doctor` names the readings in the future; `cmf record undo ID` removes one"));
        }
        let back = today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(BACK))).unwrap_or(today);
        let oldest = oldest.unwrap_or(today);
        let first = oldest.with_day(1).unwrap_or(oldest).max(back);
        let last = months(newest.with_day(1).unwrap_or(newest), ahead + 1).pop().unwrap_or(newest);
        let all: Vec<NaiveDate> =
            std::iter::successors(Some(first), |month| Some(next_month(*month))).take_while(|month| *month <= last).collect();
        self.begin(Some(first), &all).await
    }

    /// Makes an empty copy that has every change from now on; with the first of these months it is divided.
    async fn begin(&mut self, first: Option<NaiveDate>, months: &[NaiveDate]) -> Result<()> {
        self.briefly(async |this| {
            let mut tx = this.limited().await?;
            let owner = partitions::owner(&mut tx).await?;
            for statement in partitions::begin(first, &owner) {
                partitions::run(&mut tx, &statement).await?;
            }
            for month in months {
                partitions::run(&mut tx, &partitions::month("metric_history_new", *month, next_month(*month))).await?;
                partitions::run(&mut tx, &partitions::owned(&partitions::month_name(*month), &owner)).await?;
            }
            Ok(tx.commit().await?)
        })
        .await
    }

    /// Copies what is not copied yet, compares, and puts the copy in the place of the readings. Returns the names of its
    /// partitions.
    async fn copy_all(&mut self, freshness: &Freshness) -> Result<Vec<String>> {
        let mut tx = self.session.read().await?;
        let holders = partitions::holders(&mut tx).await?;
        let mark = partitions::standing(&mut tx).await?.copy.and_then(|copy| copy.mark).unwrap_or_default();
        tx.end().await?;
        let total: i64 = holders.iter().map(|holder| holder.pages).sum();
        let gauge = self.tell.gauge(u64::try_from(total).ok(), "pages");
        for holder in &holders {
            let begun = page_to_begin(holder, mark);
            gauge.advance(u64::try_from(begun).unwrap_or_default());
            let mut page = begun;
            while page < holder.pages {
                let next = (page + CHUNK).min(holder.pages);
                self.briefly(async |this| this.copy_some(holder, page, next).await).await?;
                gauge.advance(u64::try_from(next - page).unwrap_or_default());
                page = next;
            }
        }
        drop(gauge);
        let missing = self.session.look(partitions::missing_keys).await?;
        for key in missing {
            if !key.is_there {
                self.briefly(async |this| this.run_all_of(&partitions::add(&key)).await).await?;
            }
            self.briefly(async |this| this.run_all_of(&[partitions::validate(&key)]).await).await?;
        }
        self.tell.say("comparing the copy with the readings; others can go on working");
        partitions::run(self.session.connection(), partitions::ANALYZE).await?;
        let is_complete = self.session.look(partitions::is_complete).await?;
        if !is_complete {
            return Err(Error::failed("the copy of the readings differs from the readings")
                .detail("something changed them past the trigger cmf_copy_reading, as TRUNCATE and a replica do")
                .hint("`cmf db partition metric_history --undo` removes the copy; then run the command again"));
        }
        self.briefly(async |this| this.exchange(freshness).await).await
    }

    /// Statements in a transaction of their own.
    async fn run_all_of(&mut self, statements: &[String]) -> std::result::Result<(), ScriptError> {
        let mut tx = self.limited().await?;
        for statement in statements {
            partitions::run(&mut tx, statement).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn copy_some(&mut self, holder: &Holder, from: i64, to: i64) -> std::result::Result<(), ScriptError> {
        let limits = Limits { lock: self.timeouts.lock_timeout, statement: None, durable: false };
        let mut tx = self.session.plain().await?;
        tx.limit(limits).await?;
        let outcome = async {
            partitions::run(&mut tx, &partitions::copy(&holder.name, from, to)).await?;
            partitions::run(&mut tx, &partitions::at(Mark { table: holder.oid, file: holder.file, page: to })).await
        }
        .await;
        match outcome {
            Ok(()) => Ok(tx.commit().await?),
            Err(refused) => {
                let _ = tx.rollback().await;
                Err(refused)
            }
        }
    }

    async fn exchange(&mut self, freshness: &Freshness) -> std::result::Result<Vec<String>, ScriptError> {
        let home = self.session.schema().to_owned();
        let own = views::schema_of(&home);
        let mut tx = self.limited().await?;
        for statement in partitions::halt() {
            partitions::run(&mut tx, &statement).await?;
        }
        let grants = partitions::grants(&mut tx, "metric_history", "metric_history").await?;
        let comment = partitions::comment(&mut tx).await?;
        let readers = views::readers(&mut tx, &home, &own).await?;
        let has_views = views::are_there(&mut tx, &own).await?;
        let is_divided = partitions::standing(&mut tx).await?.copy.is_some_and(|copy| copy.is_divided);
        if has_views {
            views::drop(&mut tx, &own).await?;
        }
        for statement in partitions::exchange(is_divided, comment.as_deref(), &grants) {
            partitions::run(&mut tx, &statement).await?;
        }
        if has_views {
            views::make(&mut tx, &own, freshness).await?;
            for statement in readers.iter().flat_map(|role| views::rights(&own, role, true)) {
                grants::apply(&mut tx, &statement).await?;
            }
        }
        let made: Vec<String> = partitions::list(&mut tx).await?.into_iter().map(|one| one.name).collect();
        finish(tx, Audit::of("db.partition", json!({ "table": "metric_history", "partitions": made }))).await?;
        Ok(made)
    }

    /// Takes away a copy that was begun.
    async fn give_up(&mut self) -> Result<()> {
        self.tell.say("taking away a copy of the readings that was begun");
        self.briefly(async |this| {
            let mut tx = this.limited().await?;
            for statement in partitions::give_up() {
                partitions::run(&mut tx, &statement).await?;
            }
            Ok(finish(tx, Audit::of("db.partition", json!({ "table": "metric_history", "given_up": true }))).await?)
        })
        .await
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
            partitions::run(&mut tx, &partitions::month("metric_history", next, next_month(next))).await?;
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

/// The page to go on at.
fn page_to_begin(holder: &Holder, mark: Mark) -> i64 {
    if holder.oid < mark.table {
        holder.pages
    } else if holder.oid == mark.table && holder.file == mark.file {
        mark.page.min(holder.pages)
    } else {
        0
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
    fn a_copy_goes_on_where_it_stopped_and_begins_anew_where_rows_moved() {
        let holder = |oid, file| Holder { name: String::new(), oid, file, pages: 1000 };
        let mark = Mark { table: 20, file: 7, page: 500 };
        assert_eq!(page_to_begin(&holder(10, 7), mark), 1000);
        assert_eq!(page_to_begin(&holder(20, 7), mark), 500);
        assert_eq!(page_to_begin(&holder(20, 8), mark), 0);
        assert_eq!(page_to_begin(&holder(30, 7), mark), 0);
        assert_eq!(page_to_begin(&holder(10, 7), Mark::default()), 0);
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(next_month(day("2026-12-31")), day("2027-01-01"));
        assert_eq!(months(day("2026-11-01"), 3), [day("2026-11-01"), day("2026-12-01"), day("2027-01-01")]);
    }
}

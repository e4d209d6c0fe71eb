//! From an image back to the rows before it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::choose::Step;
use super::later::{CATALOGS, HISTORY, ITEMS, MAPPINGS, METRICS, USERS, follows};
use crate::db::images::{Scope, TABLES};
use crate::db::{self, Connection};
use crate::domain::image::{Changed, Columns, How, Parts, Readings};
use crate::domain::past::{column, part};
use crate::error::Result;

impl Step {
    /// The rows of a table that the change changed in this way.
    pub fn rows(&self, table: &str, how: How) -> impl Iterator<Item = &Changed> {
        self.image.tables.get(table).into_iter().flatten().filter(move |one| one.how() == how)
    }

    pub fn ids(&self, table: &str, how: How) -> Vec<Uuid> {
        self.rows(table, how).map(|one| one.id).collect()
    }

    /// All rows of a table that it changed.
    pub fn all_ids(&self, table: &str) -> Vec<Uuid> {
        self.image.tables.get(table).into_iter().flatten().map(|one| one.id).collect()
    }

    /// Metrics of which it changed no more than what follows the readings.
    pub fn is_following(table: &str, one: &Changed) -> bool {
        table == METRICS && one.how() == How::Changed && one.before.as_ref().is_some_and(follows)
    }

    /// The metrics of the readings that it removed or changed, as far as it says, and those of its ranges of readings.
    pub async fn metrics_of_readings(&self, tx: &mut Connection) -> Result<Vec<Uuid>> {
        let ids = self.all_ids(HISTORY);
        if ids.is_empty() && self.image.readings.is_empty() {
            return Ok(Vec::new());
        }
        let mut metrics: BTreeSet<Uuid> = db::undo::metrics_of(tx, &ids, &self.image.readings).await?.into_iter().collect();
        metrics.extend(self.rows(HISTORY, How::Removed).filter_map(|one| column::<Uuid>(one.before.as_ref()?, "metric_id")));
        Ok(metrics.into_iter().collect())
    }
}

fn of_before<'s>(step: &'s Step, table: &'s str, name: &'s str) -> impl Iterator<Item = Uuid> + 's {
    let rows = step.image.tables.get(table).into_iter().flatten();
    rows.filter_map(move |one| column::<Option<Uuid>>(one.before.as_ref()?, name).flatten())
}

/// Locks what the changes changed, in the order of all locks.
pub(super) async fn lock(tx: &mut Connection, steps: &[Step]) -> Result<()> {
    let (mut owners, mut catalogs, mut items) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut mappings, mut metrics, mut defined) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut is_library, mut is_framework) = (false, false);
    for step in steps {
        owners.extend(step.all_ids(USERS));
        owners.extend(of_before(step, CATALOGS, "owner_id"));
        catalogs.extend(step.all_ids(CATALOGS));
        catalogs.extend(of_before(step, ITEMS, "catalog_id").chain(of_before(step, METRICS, "catalog_id")));
        items.extend(step.all_ids(ITEMS));
        items.extend(of_before(step, MAPPINGS, "catalog_item_id"));
        mappings.extend(step.all_ids(MAPPINGS));
        metrics.extend(step.all_ids(METRICS));
        metrics.extend(step.metrics_of_readings(tx).await?);
        let rows = step.image.tables.get(METRICS).into_iter().flatten();
        defined.extend(rows.filter(|one| !Step::is_following(METRICS, one)).map(|one| one.id));
        is_library |= step.image.tables.contains_key(METRICS);
        is_framework |= TABLES[..4].iter().any(|table| step.image.tables.contains_key(*table));
    }
    let list = |ids: BTreeSet<Uuid>| ids.into_iter().collect::<Vec<_>>();
    let (items, mappings, defined) = (list(items), list(mappings), list(defined));
    if !(items.is_empty() && mappings.is_empty() && defined.is_empty()) {
        catalogs.extend(db::undo::catalogs_of(tx, &items, &mappings, &defined).await?);
    }
    let catalogs = list(catalogs);
    if !catalogs.is_empty() {
        owners.extend(db::undo::owners_of(tx, &catalogs).await?);
    }
    let owners = list(owners);
    if !owners.is_empty() {
        for owner in db::undo::users(tx, &owners).await? {
            db::locks::owner(tx, owner).await?;
        }
    }
    if !catalogs.is_empty() {
        db::locks::catalogs(tx, &catalogs).await?;
    }
    if !metrics.is_empty() {
        db::locks::metrics(tx, &list(metrics)).await?;
    }
    if is_library && !defined.is_empty() {
        db::locks::library(tx).await?;
    }
    if is_framework {
        db::locks::frameworks(tx).await?;
    }
    Ok(())
}

/// Notes all rows that are going to change.
pub(super) async fn watch(tx: &mut Connection, steps: &[Step]) -> Result<()> {
    for table in TABLES {
        let ids: BTreeSet<Uuid> = steps.iter().flat_map(|step| step.all_ids(table)).collect();
        if !ids.is_empty() {
            db::images::watch(tx, Scope::Rows(table, &ids.into_iter().collect::<Vec<_>>())).await?;
        }
    }
    for Readings { first, last, .. } in steps.iter().flat_map(|step| &step.image.readings) {
        db::images::watch(tx, Scope::ReadingsBetween(*first, *last)).await?;
    }
    let users: Vec<Uuid> = steps.iter().flat_map(|step| step.all_ids(USERS)).collect();
    if !users.is_empty() {
        db::images::watch(tx, Scope::Users).await?;
    }
    Ok(())
}

fn is_active(columns: &Parts<'_>) -> bool {
    part(columns, "is_active") == Some(true)
}

/// Removes what a change added, puts back what it removed, and gives what it changed the values before. The current values of
/// metrics that `follow` have other readings since are those of their newest.
pub(super) async fn apply(
    tx: &mut Connection,
    step: &Step,
    follow: &[Uuid],
    known: &BTreeMap<String, BTreeSet<String>>,
) -> Result<()> {
    let none = BTreeSet::new();
    let known = |table: &str| known.get(table).unwrap_or(&none);
    // A user has no catalog that goes, and an owner never has two active ones.
    let goes = step.ids(CATALOGS, How::Added);
    if !goes.is_empty() {
        let users: Vec<Uuid> = step.ids(USERS, How::Changed);
        db::undo::let_go_of_catalogs(tx, &users).await?;
    }
    let (mut activated, catalogs): (Vec<_>, Vec<_>) = changed_back(step, CATALOGS).partition(|(_, before)| is_active(before));
    db::undo::change_back(tx, CATALOGS, known(CATALOGS), catalogs.into_iter()).await?;
    for table in TABLES.into_iter().rev() {
        if table == HISTORY {
            for range in &step.image.readings {
                db::undo::remove_readings(tx, range).await?;
            }
        }
        db::undo::remove(tx, table, &step.ids(table, How::Added)).await?;
    }
    for table in TABLES {
        let back = before(step, table, How::Removed).map(|(id, mut columns)| {
            if table == CATALOGS && is_active(&columns) {
                activated.push((id, columns.remove_entry("is_active").into_iter().collect()));
            }
            // Given later, once the catalog is there.
            if table == USERS {
                columns.remove("active_catalog_id");
            }
            (id, columns)
        });
        db::undo::put_back(tx, table, known(table), back).await?;
    }
    for table in TABLES.into_iter().filter(|table| *table != CATALOGS) {
        db::undo::change_back(tx, table, known(table), changed_back(step, table)).await?;
    }
    let held = before(step, USERS, How::Removed).filter_map(|(id, mut columns)| {
        columns.retain(|name, value| name == "active_catalog_id" && value.get() != "null");
        (!columns.is_empty()).then_some((id, columns))
    });
    db::undo::change_back(tx, USERS, known(USERS), held).await?;
    db::undo::change_back(tx, CATALOGS, known(CATALOGS), activated.into_iter()).await?;
    if !follow.is_empty() {
        db::undo::follow_readings(tx, follow).await?;
    }
    Ok(())
}

/// The rows of a table that a change changed in this way, as they were.
fn before<'s>(step: &'s Step, table: &str, how: How) -> impl Iterator<Item = (Uuid, Parts<'s>)> {
    step.rows(table, how).map(|one| (one.id, one.before.as_ref().map(Columns::parts).unwrap_or_default()))
}

/// The columns of a table's rows that change back.
fn changed_back<'s>(step: &'s Step, table: &str) -> impl Iterator<Item = (Uuid, Parts<'s>)> {
    before(step, table, How::Changed).map(|(id, mut columns)| {
        columns.remove("updated_at");
        (id, columns)
    })
}

//! From an image back to the rows before it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::choose::Step;
use super::later::{CATALOGS, FOLLOWING, HISTORY, ITEMS, MAPPINGS, METRICS, USERS};
use crate::db::images::{Scope, TABLES};
use crate::db::{self, Connection};
use crate::domain::image::{Changed, Columns, How, Readings};
use crate::domain::past::column;
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
        let follows = |columns: &Columns| columns.keys().all(|column| FOLLOWING.contains(&column.as_str()));
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

fn is_true(columns: &Columns) -> bool {
    column::<bool>(columns, "is_active") == Some(true)
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
    let mut catalogs: Vec<(Uuid, Columns)> = Vec::new();
    let mut activated: Vec<(Uuid, Columns)> = Vec::new();
    for one in step.rows(CATALOGS, How::Changed) {
        let before = changed_back(one);
        if is_true(&before) { activated.push((one.id, before)) } else { catalogs.push((one.id, before)) }
    }
    put(tx, CATALOGS, known(CATALOGS), &catalogs).await?;
    for table in TABLES.into_iter().rev() {
        if table == HISTORY {
            for range in &step.image.readings {
                db::undo::remove_readings(tx, range).await?;
            }
        }
        db::undo::remove(tx, table, &step.ids(table, How::Added)).await?;
    }
    for table in TABLES {
        let mut back: Vec<(Uuid, Columns)> = Vec::new();
        for one in step.rows(table, How::Removed) {
            let mut columns = one.before.clone().unwrap_or_default();
            if table == CATALOGS && is_true(&columns) {
                let active = columns.remove("is_active");
                activated.push((one.id, active.map(|active| ("is_active".to_owned(), active)).into_iter().collect()));
            }
            // Given later, once the catalog is there.
            if table == USERS {
                columns.remove("active_catalog_id");
            }
            back.push((one.id, columns));
        }
        db::undo::put_back(tx, table, known(table), back.iter().map(|(id, columns)| (*id, columns))).await?;
    }
    for table in TABLES.into_iter().filter(|table| *table != CATALOGS) {
        let changed: Vec<(Uuid, Columns)> = step.rows(table, How::Changed).map(|one| (one.id, changed_back(one))).collect();
        put(tx, table, known(table), &changed).await?;
    }
    let held = step.rows(USERS, How::Removed).filter_map(|one| {
        let (name, value) = one.before.as_ref()?.get_key_value("active_catalog_id")?;
        (value.get() != "null").then(|| (one.id, Columns::from([(name.clone(), value.clone())])))
    });
    put(tx, USERS, known(USERS), &held.collect::<Vec<_>>()).await?;
    put(tx, CATALOGS, known(CATALOGS), &activated).await?;
    if !follow.is_empty() {
        db::undo::follow_readings(tx, follow).await?;
    }
    Ok(())
}

/// The columns of a row that change back.
fn changed_back(one: &Changed) -> Columns {
    let mut columns = one.before.clone().unwrap_or_default();
    columns.remove("updated_at");
    columns
}

async fn put(tx: &mut Connection, table: &str, known: &BTreeSet<String>, rows: &[(Uuid, Columns)]) -> Result<()> {
    db::undo::change_back(tx, table, known, rows.iter().map(|(id, columns)| (*id, columns))).await
}

//! What later changes did to rows, to name the one that stands in the way.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::db::audit::{Kept, Rows};
use crate::domain::image::{Columns, How, Image, Readings};
use crate::domain::past::column;
use crate::error::{Error, Result};

/// Columns that a later state of a row never tells apart from an earlier one: they follow others.
pub(super) const FOLLOWING: [&str; 2] = ["current_value", "updated_at"];

pub(super) const METRICS: &str = "metrics";
pub(super) const HISTORY: &str = "metric_history";
pub(super) const USERS: &str = "users";
pub(super) const CATALOGS: &str = "metric_catalogs";
pub(super) const ITEMS: &str = "metric_catalog_items";
pub(super) const MAPPINGS: &str = "metric_catalog_framework_mappings";

/// The later changes that still make a difference.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// By table and id, the earliest of them.
    rows: HashMap<String, HashMap<Uuid, i64>>,
    /// The same without what follows other rows, and when a row was changed.
    defined: HashMap<String, HashMap<Uuid, i64>>,
    readings: Vec<(Readings, i64)>,
    actions: HashMap<i64, String>,
    /// Those whose rows are not kept.
    pub blind: Vec<i64>,
    /// Rows that went, as they were.
    gone: HashMap<Uuid, Columns>,
    /// Metrics that were locked.
    locked: HashSet<Uuid>,
    /// Whether readings or values of metrics were changed.
    pub touches_values: bool,
}

impl Later {
    /// From the newest on.
    pub fn of(changes: &[&Kept]) -> Result<Self> {
        let mut later = Later::default();
        for kept in changes {
            later.actions.insert(kept.seq, kept.action.clone());
            let data = match &kept.rows {
                Rows::None => continue,
                Rows::Kept(data) => data,
                Rows::Gone | Rows::Not(_) | Rows::Edited => {
                    later.blind.push(kept.seq);
                    later.touches_values = true;
                    continue;
                }
            };
            let image = read(data, kept.seq)?;
            later.touches_values |= !image.readings.is_empty();
            later.readings.extend(image.readings.into_iter().map(|range| (range, kept.seq)));
            for (table, changed) in image.tables {
                later.touches_values |= table == METRICS || table == HISTORY;
                if table == METRICS {
                    let is_locked = |after: &_| column::<bool>(after, "is_locked") == Some(true);
                    let locked = changed.iter().filter(|one| one.after.as_ref().is_some_and(is_locked));
                    later.locked.extend(locked.map(|one| one.id));
                }
                let defined = later.defined.entry(table.clone()).or_default();
                let rows = later.rows.entry(table).or_default();
                for one in changed {
                    rows.insert(one.id, kept.seq);
                    if one.how() != How::Changed || !one.before.as_ref().is_some_and(follows) {
                        defined.insert(one.id, kept.seq);
                    }
                    if one.how() == How::Removed {
                        later.gone.extend(one.before.map(|before| (one.id, before)));
                    }
                }
            }
        }
        Ok(later)
    }

    /// The earliest of them that changed a row.
    pub fn by(&self, table: &str, id: Uuid) -> Option<i64> {
        let of_range = || {
            let ranges = self.readings.iter().rev().filter(|_| table == HISTORY);
            ranges.filter(|(range, _)| range.holds(&id)).map(|(_, seq)| *seq).next()
        };
        self.rows.get(table).and_then(|rows| rows.get(&id)).copied().or_else(of_range)
    }

    /// The earliest of them that changed what a row says, and not only what follows others.
    pub fn defined_by(&self, table: &str, id: Uuid) -> Option<i64> {
        self.defined.get(table)?.get(&id).copied()
    }

    /// The earliest of them that changed one of these readings.
    pub fn by_any(&self, range: &Readings) -> Option<i64> {
        let rows = self.rows.get(HISTORY)?;
        rows.iter().filter(|(id, _)| range.holds(id)).map(|(_, seq)| *seq).min()
    }

    /// A row that went, as it was.
    pub fn gone(&self, id: &Uuid) -> Option<&Columns> {
        self.gone.get(id)
    }

    pub fn locked(&self, metric: Uuid) -> Option<i64> {
        self.locked.contains(&metric).then(|| self.by(METRICS, metric)).flatten()
    }

    /// What a change did.
    pub fn action(&self, seq: i64) -> &str {
        self.actions.get(&seq).map_or("", String::as_str)
    }
}

/// Whether columns are only such as follow others.
pub(super) fn follows(columns: &Columns) -> bool {
    columns.parts().keys().all(|column| FOLLOWING.contains(&column.as_str()))
}

/// An image that the trail keeps, or what is wrong with it.
pub(super) fn read(data: &str, seq: i64) -> Result<Image> {
    Image::read(data).ok_or_else(|| {
        Error::failed(format!("the stored rows of change {seq} cannot be read"))
            .hint("they may be from a newer version of cmf; `cmf audit verify` shows whether they were edited")
    })
}

//! What becomes of rows, for people and programs.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::choose::Step;
use super::later::{Later, USERS};
use crate::db::images::TABLES;
use crate::db::{self, Connection};
use crate::domain::image::{Changed, Columns, How};
use crate::error::Result;

/// How many rows are shown.
const FIRST: usize = 10;

/// What was undone, or would be.
#[derive(Debug, Default)]
pub struct Undone {
    /// The changes, from the newest on.
    pub changes: Vec<Taken>,
    /// What became of the rows of each table.
    pub effects: Vec<Effect>,
    pub lines: Vec<Line>,
    /// What cannot be as it was.
    pub notes: Vec<String>,
}

impl Undone {
    /// The numbers of the changes.
    pub fn seqs(&self) -> Vec<i64> {
        self.changes.iter().map(|change| change.seq).collect()
    }
}

/// A change that is undone.
#[derive(Debug, Clone)]
pub struct Taken {
    pub seq: i64,
    pub action: String,
    /// When it was made, UTC.
    pub timestamp: NaiveDateTime,
    /// Who was logged in to the database, by the word of the writer.
    pub role: Option<String>,
}

/// What becomes of the rows of a table.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    pub table: String,
    /// Rows that the changes added.
    pub removed: u64,
    /// Rows that they changed.
    pub changed: u64,
    /// Rows that they removed.
    pub restored: u64,
}

/// What becomes of a row, or of one of its columns.
#[derive(Debug, Clone)]
pub struct Line {
    pub seq: i64,
    pub table: String,
    /// What people call it.
    pub row: String,
    pub what: &'static str,
    pub field: Option<String>,
    /// As it is.
    pub now: Option<String>,
    /// As it was, and is to be again.
    pub before: Option<String>,
}

/// What a row of a table is.
pub(super) fn noun(table: &str) -> &'static str {
    match table {
        "frameworks" => "framework",
        "framework_functions" => "function",
        "framework_categories" => "category",
        "framework_subcategories" => "subcategory",
        "users" => "user",
        "metric_catalogs" => "catalog",
        "metric_catalog_items" => "item",
        "metric_catalog_framework_mappings" => "mapping",
        "metrics" => "metric",
        "metric_history" => "reading",
        "framework_scores" => "overall score",
        _ => "function score",
    }
}

/// A value as people read it.
fn plain(value: &str) -> String {
    match serde_json::from_str(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) => "none".to_owned(),
        _ => value.to_owned(),
    }
}

/// A number without the zeros at its end.
fn short(value: &str) -> String {
    value.parse::<Decimal>().map_or_else(|_| value.to_owned(), |number| number.normalize().to_string())
}

/// A time without the parts of a second.
fn to_the_second(time: &str) -> &str {
    time.split('.').next().unwrap_or(time)
}

/// What people call a row; `metrics` are the names of metrics by their ids.
fn label(columns: &Columns, metrics: &HashMap<Uuid, String>) -> Option<String> {
    let columns = columns.parts();
    let of = |name: &str| columns.get(name).map(|value| value.get()).filter(|value| *value != "null").map(plain);
    let code = || of("subcategory_code").or_else(|| of("category_code")).or_else(|| of("function_code"));
    of("metric_number")
        .or_else(|| of("username"))
        .or_else(|| of("code"))
        .or_else(|| of("name"))
        .or_else(|| {
            let metric = of("metric_id").and_then(|id| metrics.get(&id.parse::<Uuid>().ok()?));
            let metric = metric.map(|name| format!("{name} ")).unwrap_or_default();
            Some(format!("{metric}{} of {}", short(&of("value")?), to_the_second(&of("recorded_at")?)))
        })
        .or_else(|| Some(format!("{} of {}", of("function_code")?, of("calculated_at")?)))
        .or_else(|| of("calculated_at"))
        .or_else(code)
}

/// What people call these rows: as they are, or as they were. Rows that nobody has a name for are left out.
pub(super) async fn labels(tx: &mut Connection, table: &str, ids: &[Uuid], later: &Later) -> Result<Vec<String>> {
    let today = db::images::today_of(tx, table, "id", ids).await?;
    let columns: Vec<&Columns> =
        ids.iter().filter_map(|id| today.get(id).map(|today| &today.columns).or_else(|| later.gone(id))).collect();
    let metrics = metrics_of(tx, table, &columns).await?;
    Ok(columns.into_iter().filter_map(|columns| label(columns, &metrics)).collect())
}

/// The names of the metrics that these readings are of.
async fn metrics_of(tx: &mut Connection, table: &str, readings: &[&Columns]) -> Result<HashMap<Uuid, String>> {
    if table != "metric_history" {
        return Ok(HashMap::new());
    }
    let id = |columns: &&Columns| plain(columns.get("metric_id")?.get()).parse().ok();
    db::undo::metric_names(tx, &readings.iter().filter_map(id).collect::<Vec<_>>()).await
}

/// Adds what becomes of the rows of a change, which are still as it left them.
pub(super) async fn add(tx: &mut Connection, undone: &mut Undone, step: &Step) -> Result<()> {
    let kept = &step.kept;
    undone.changes.push(Taken { seq: kept.seq, action: kept.action.clone(), timestamp: kept.at, role: kept.role.clone() });
    for table in TABLES {
        let count = |how: How| step.rows(table, how).count() as u64;
        let mut effect = Effect {
            table: table.to_owned(),
            removed: count(How::Added),
            changed: count(How::Changed),
            restored: count(How::Removed),
        };
        if table == "metric_history" {
            for range in &step.image.readings {
                let sums = db::images::sums(tx, range).await?;
                effect.removed += sums.split(' ').next().and_then(|count| count.parse::<u64>().ok()).unwrap_or_default();
                let room = FIRST.saturating_sub(undone.lines.len());
                let limit = i64::try_from(room).unwrap_or_default();
                let readings = if room > 0 { db::undo::first_readings(tx, range, limit).await? } else { Vec::new() };
                undone.lines.extend(readings.into_iter().map(|one| Line {
                    seq: kept.seq,
                    table: table.to_owned(),
                    row: format!("{} {} of {}", one.label, short(&one.value), one.recorded_at),
                    what: "goes",
                    field: None,
                    now: None,
                    before: None,
                }));
            }
        }
        lines(tx, undone, step, table).await?;
        if effect.removed + effect.changed + effect.restored > 0 {
            match undone.effects.iter_mut().find(|known| known.table == table) {
                Some(known) => {
                    known.removed += effect.removed;
                    known.changed += effect.changed;
                    known.restored += effect.restored;
                }
                None => undone.effects.push(effect),
            }
        }
    }
    if step.rows(USERS, How::Removed).next().is_some() {
        undone.notes.push("`cmf undo` does not restore a password: set one with `cmf user set-password`".to_owned());
    }
    Ok(())
}

/// Adds the first rows of a table, while there is room.
async fn lines(tx: &mut Connection, undone: &mut Undone, step: &Step, table: &str) -> Result<()> {
    let room = FIRST.saturating_sub(undone.lines.len());
    let first: Vec<&Changed> = step.image.tables.get(table).into_iter().flatten().take(room).collect();
    if first.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = first.iter().map(|one| one.id).collect();
    let today = db::images::today_of(tx, table, "id", &ids).await?;
    let mut known: Vec<&Columns> = Vec::new();
    for one in &first {
        known.extend(today.get(&one.id).map(|today| &today.columns).or(one.before.as_ref()));
    }
    let metrics = metrics_of(tx, table, &known).await?;
    for one in first {
        let columns = today.get(&one.id).map(|today| &today.columns).or(one.before.as_ref());
        let row = columns.and_then(|columns| label(columns, &metrics)).unwrap_or_else(|| one.id.to_string());
        let line = |what: &'static str| Line {
            seq: step.kept.seq,
            table: table.to_owned(),
            row: row.clone(),
            what,
            field: None,
            now: None,
            before: None,
        };
        match (one.how(), &one.before) {
            (How::Changed, Some(before)) => {
                for (field, value) in before.parts().into_iter().filter(|(field, _)| field != "updated_at") {
                    let now = columns.and_then(|columns| columns.get(&field)).map(|value| plain(value.get()));
                    let before = Some(plain(value.get()));
                    undone.lines.push(Line { field: Some(field), now, before, ..line("changes") });
                }
            }
            (How::Removed, _) => undone.lines.push(line("comes back")),
            _ => undone.lines.push(line("goes")),
        }
    }
    undone.lines.truncate(FIRST);
    Ok(())
}

//! Metrics as people keep them: changed, locked, added and removed.

pub(crate) mod settings;
pub(crate) mod signal;

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::metric_entries::{self, Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::item::{Field, Spec};
use crate::domain::metric::Metric;
use crate::domain::metric::{Direction, NewMetric, Priority};
use crate::domain::number;
use crate::domain::spec;
use crate::domain::text::folded;
use crate::error::{Error, Result, shell_word};
use crate::lookup;

/// What is to be said of a metric; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub metric_number: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub target_value: Option<Decimal>,
    pub target_lower: Option<Decimal>,
    pub target_upper: Option<Decimal>,
    pub unit: Option<String>,
    pub direction: Option<Direction>,
    pub priority: Option<Priority>,
    /// The code of a function, and of a category, of any framework.
    pub function: Option<String>,
    pub category: Option<String>,
    pub spec: Spec,
}

pub(crate) fn clearable() -> Vec<&'static str> {
    let columns = ["metric_number", "description", "target_value", "target_lower", "target_upper", "unit", "category"];
    columns.into_iter().chain(Field::SPEC.map(Field::as_str)).collect()
}

/// A field of a metric before and after.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub field: &'static str,
    pub before: Value,
    pub after: Value,
}

/// A metric that was to be changed; nothing changed where there are no changes.
#[derive(Debug)]
pub(crate) struct Changed {
    pub before: Entry,
    pub changes: Vec<Change>,
}

/// The fields that can be changed, as JSON.
fn fields(metric: &NewMetric) -> Vec<(&'static str, Value)> {
    let number = |value: Option<number::Number>| value.map_or(Value::Null, number::json);
    let columns = [
        ("metric_number", json!(metric.metric_number)),
        ("name", json!(metric.name)),
        ("description", json!(metric.description)),
        ("target_value", number(metric.target_value)),
        ("target_lower", number(metric.target_lower)),
        ("target_upper", number(metric.target_upper)),
        ("unit", json!(metric.unit)),
        ("direction", json!(metric.direction)),
        ("csf_function", json!(metric.csf_function)),
        ("csf_category", json!(metric.csf_category)),
        ("priority", json!(metric.priority)),
    ];
    columns.into_iter().chain(Field::SPEC.map(|field| (field.as_str(), json!(metric.spec.get(&field))))).collect()
}

/// Changes metrics, and the items they were made from: all, or none. The audit is none when nothing changed. Exit 1 for a
/// locked metric and for what its mappings say, exit 2 for what the database cannot keep and for unknown codes, and for a
/// metric that is named twice.
pub(crate) async fn set(
    tx: &mut Connection,
    wanted: Vec<(Entry, Given)>,
    clear: &[String],
    override_lock: bool,
) -> Result<(Vec<Changed>, Option<Audit<'static>>)> {
    let rows = locked_rows(tx, &wanted).await?;
    refuse_any_locked(&rows, override_lock)?;
    let (mut changed, mut audits) = (Vec::new(), Vec::new());
    for (before, (_, given)) in rows.into_iter().zip(wanted) {
        let (changes, audit) = set_one(tx, &before, given, clear).await?;
        audits.extend(audit);
        changed.push(Changed { before, changes });
    }
    Ok((changed, Audit::together("metric.set", "metrics", audits)))
}

async fn set_one(
    tx: &mut Connection,
    before: &Entry,
    given: Given,
    clear: &[String],
) -> Result<(Vec<Change>, Option<Audit<'static>>)> {
    let label = before.metric.label();
    let (id, was_locked, old) = (before.metric.id, before.metric.is_locked, before.said());
    let mut new = old.clone();
    for field in clear {
        match field.as_str() {
            "metric_number" => new.metric_number = None,
            "description" => new.description = None,
            "target_value" => new.target_value = None,
            "target_lower" => new.target_lower = None,
            "target_upper" => new.target_upper = None,
            "unit" => new.unit = None,
            "category" => new.csf_category = None,
            other => new.spec.retain(|field, _| field.as_str() != other),
        }
    }
    let is_said = given.direction.is_some();
    apply(tx, &mut new, given).await?;
    let mut changes: Vec<Change> = fields(&old)
        .into_iter()
        .zip(fields(&new))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| Change { field, before, after })
        .collect();
    if is_said && before.metric.is_assumed {
        changes.push(Change { field: "direction_is_assumed", before: json!(true), after: json!(false) });
    }
    if changes.is_empty() {
        return Ok((changes, None));
    }
    if before.catalog_id.is_some() && changes.iter().any(|change| change.field.starts_with("csf_")) {
        let catalog = before.metric.catalog.as_deref().unwrap_or("?");
        return Err(Error::failed(format!(
            "metric {label} belongs to the catalog `{catalog}`: its mappings decide where it counts"
        ))
        .hint("change the mapping of its item with `cmf map set`"));
    }
    if changes.iter().any(|change| matches!(change.field, "metric_number" | "name")) {
        refuse_taken(tx, before.catalog_id, id, &new).await?;
    }
    metric_entries::update(tx, id, &new).await?;
    let has_item = before.catalog_id.is_some() && metric_entries::update_item(tx, id, &new, is_said).await?;
    if !has_item && old.spec != new.spec {
        let names = Field::SPEC.map(Field::as_str).join(", ");
        return Err(Error::failed(format!("metric {label} has no catalog item, and only an item can store {names}"))
            .hint("`frequency` in a profile counts for all metrics without one"));
    }
    let side = |pick: fn(&Change) -> &Value| -> Map<String, Value> {
        changes.iter().map(|change| (change.field.to_owned(), pick(change).clone())).collect()
    };
    let result = json!({
        "metric_id": id, "metric": label, "before": side(|change| &change.before), "after": side(|change| &change.after),
        "override_lock": was_locked,
    });
    Ok((changes, Some(Audit::of("metric.set", result))))
}

/// Locks metrics, with their catalogs, and reads them again in the same order, because they may have changed since they were found.
async fn locked_rows(tx: &mut Connection, wanted: &[(Entry, Given)]) -> Result<Vec<Entry>> {
    let catalogs: BTreeSet<Uuid> = wanted.iter().filter_map(|(found, _)| found.catalog_id).collect();
    db::locks::catalogs(tx, &catalogs.into_iter().collect::<Vec<_>>()).await?;
    let ids: Vec<Uuid> = wanted.iter().map(|(found, _)| found.metric.id).collect();
    db::locks::metrics(tx, &ids).await?;
    let rows = metric_entries::list(tx, MetricScope::All, Some(&ids)).await?;
    let mut rows: HashMap<Uuid, Entry> = rows.into_iter().map(|entry| (entry.metric.id, entry)).collect();
    let gone = |label: &str| Error::failed(format!("metric {label} no longer exists: another session removed it"));
    let twice = |label: &str| Error::usage(format!("metric {label} is named twice"));
    let mut locked = Vec::new();
    for (at, (found, _)) in wanted.iter().enumerate() {
        let label = found.metric.label();
        let is_again = ids[..at].contains(&found.metric.id);
        locked.push(rows.remove(&found.metric.id).ok_or_else(|| if is_again { twice(label) } else { gone(label) })?);
    }
    Ok(locked)
}

/// Refuses to touch these metrics where one of them is locked.
fn refuse_locked(entries: &[&Entry]) -> Error {
    let names: Vec<&str> = entries.iter().map(|entry| entry.metric.label()).collect();
    let error = match names.as_slice() {
        [one] => Error::failed(format!("metric {one} is locked")),
        several => Error::failed(format!("{} metrics are locked: {}", several.len(), several.join(", "))),
    };
    let typed: Vec<String> = names.iter().map(shell_word).collect();
    error.hint(format!("run `cmf metric unlock {}` first, or add --override-lock", typed.join(" ")))
}

/// Puts what was given into a metric, checked for what the database keeps and what its frameworks know.
async fn apply(tx: &mut Connection, metric: &mut NewMetric, given: Given) -> Result<()> {
    fn put<T>(field: &mut T, given: Option<impl Into<T>>) {
        if let Some(given) = given {
            *field = given.into();
        }
    }
    put(&mut metric.metric_number, given.metric_number);
    put(&mut metric.name, given.name);
    put(&mut metric.description, given.description);
    put(&mut metric.unit, given.unit);
    put(&mut metric.target_value, given.target_value.map(number::Number::from));
    put(&mut metric.target_lower, given.target_lower.map(number::Number::from));
    put(&mut metric.target_upper, given.target_upper.map(number::Number::from));
    put(&mut metric.direction, given.direction);
    put(&mut metric.priority, given.priority);
    for (field, text) in given.spec {
        if text.trim().is_empty() {
            metric.spec.remove(&field);
            continue;
        }
        let kept = spec::checked(field, &text)
            .map_err(|reason| Error::usage(format!("{} `{text}`: {reason}", field.as_str().replace('_', " "))))?;
        metric.spec.insert(field, kept);
    }
    for (text, option, limit) in [
        (metric.metric_number.as_ref(), "--number", 20),
        (Some(&metric.name), "the name", 200),
        (metric.unit.as_ref(), "--unit", 50),
    ] {
        let Some(text) = text else { continue };
        if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
            return Err(Error::usage(format!("{option} cannot be empty, or have control characters, or blanks at its ends"))
                .hint(if option == "the name" { "give the metric a name" } else { "use --clear to empty a field" }));
        }
        if text.chars().count() > limit {
            return Err(Error::usage(format!("{option} has at most {limit} characters")));
        }
    }
    if metric.description.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(Error::usage("--description holds a NUL character, which Postgres cannot store"));
    }
    place(tx, metric, given.function.as_deref(), given.category.as_deref()).await
}

/// Sets function and category to codes that a framework has, in their official spelling. A category brings its function.
async fn place(tx: &mut Connection, metric: &mut NewMetric, function: Option<&str>, category: Option<&str>) -> Result<()> {
    if function.is_none() && category.is_none() {
        return Ok(());
    }
    let mut nodes = Vec::new();
    for framework in db::frameworks::list(tx).await? {
        nodes.extend(db::frameworks::tree(tx, framework.id).await?);
    }
    if nodes.is_empty() {
        return Err(Error::failed("the database has no framework").hint("run `cmf seed` first"));
    }
    let look = |level: i32, option: &str, code: &str| {
        let known = || nodes.iter().filter(|node| node.level == level);
        known()
            .find(|node| node.code.eq_ignore_ascii_case(code.trim()))
            .ok_or_else(|| lookup::code::unknown(option, code, known().map(|node| node.code.as_str())))
    };
    if let Some(code) = function {
        let node = look(1, "function", code)?;
        if metric.csf_function != node.code {
            metric.csf_function.clone_from(&node.code);
            // A category of another function would contradict it.
            metric.csf_category = None;
        }
    }
    if let Some(code) = category {
        let node = look(2, "category", code)?;
        if function.is_some() && node.function_code != metric.csf_function {
            return Err(Error::usage(format!(
                "category {} belongs to function {}, not to {}",
                node.code, node.function_code, metric.csf_function
            ))
            .hint("leave out --function: a category has its function"));
        }
        metric.csf_function.clone_from(&node.function_code);
        metric.csf_category = Some(node.code.clone());
    }
    Ok(())
}

/// In a catalog, or the default library, a number stands for one metric, and so does a name without a number.
async fn refuse_taken(tx: &mut Connection, catalog_id: Option<Uuid>, id: Uuid, metric: &NewMetric) -> Result<()> {
    let scope = catalog_id.map_or(MetricScope::Default, MetricScope::Catalog);
    if scope == MetricScope::Default {
        db::locks::library(tx).await?;
    }
    let key = |number: Option<&str>, name: &str| (number.map(folded), number.is_none().then(|| folded(name)));
    let wanted = key(metric.metric_number.as_deref(), &metric.name);
    let mut taken = None;
    metric_entries::each(tx, scope, None, |Entry { metric: other, .. }| {
        if taken.is_none() && other.id != id && key(other.metric_number.as_deref(), &other.name) == wanted {
            taken = Some(other);
        }
        Ok(())
    })
    .await?;
    match taken {
        Some(other) => Err(Error::failed(format!("the metric {} ({}) exists already", other.label(), other.name))
            .hint("choose another number, or another name")),
        None => Ok(()),
    }
}

/// Locks metrics against changes and readings, or unlocks them. Returns the ids of those that this changed, and what the trail
/// keeps of it.
pub(crate) async fn set_locked(
    tx: &mut Connection,
    chosen: &[Entry],
    is_locked: bool,
) -> Result<(Vec<Uuid>, Option<Audit<'static>>)> {
    let ids: Vec<Uuid> = chosen.iter().map(|entry| entry.metric.id).collect();
    db::locks::metrics(tx, &ids).await?;
    let changed = metric_entries::set_locked(tx, &ids, is_locked).await?;
    let action = if is_locked { "metric.lock" } else { "metric.unlock" };
    let names = chosen.iter().map(|entry| &entry.metric).filter(|metric| changed.contains(&metric.id));
    let names: Vec<&str> = names.map(Metric::label).collect();
    let audit = (!changed.is_empty()).then(|| Audit::of(action, json!({ "metrics": names, "metric_ids": changed })));
    Ok((changed, audit))
}

/// Adds a metric to the default library. Exit 2 for what the database cannot keep, for unknown codes, and without a function or
/// direction; exit 1 for a number or name that is taken.
pub(crate) async fn add(tx: &mut Connection, given: Given) -> Result<(Uuid, NewMetric, Audit<'static>)> {
    let id = Uuid::now_v7();
    let mut metric = NewMetric {
        metric_number: None,
        name: String::new(),
        description: None,
        target_value: None,
        target_lower: None,
        target_upper: None,
        unit: None,
        direction: Direction::HigherIsBetter,
        csf_function: String::new(),
        csf_category: None,
        priority: Priority::Medium,
        spec: Spec::new(),
    };
    apply(tx, &mut metric, given).await?;
    refuse_taken(tx, None, id, &metric).await?;
    metric_entries::insert(tx, id, &metric).await?;
    let after: Map<String, Value> = fields(&metric)
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| (field.to_owned(), value))
        .collect();
    let audit = Audit::of("metric.add", json!({ "metric_id": id, "after": after }));
    Ok((id, metric, audit))
}

/// Refuses to remove metrics where one of them is locked. Exit 1, with the names.
pub(crate) fn refuse_any_locked(entries: &[Entry], override_lock: bool) -> Result<()> {
    let locked: Vec<&Entry> = entries.iter().filter(|entry| entry.metric.is_locked).collect();
    if locked.is_empty() || override_lock { Ok(()) } else { Err(refuse_locked(&locked)) }
}

#[derive(Debug)]
pub(crate) struct Removed {
    pub metrics: u64,
    pub readings: u64,
    pub audit: Audit<'static>,
}

/// Removes metrics with their readings. Exit 1 when one of them was locked meanwhile.
pub(crate) async fn remove(
    tx: &mut Connection,
    chosen: &[Entry],
    override_lock: bool,
    confirmed: &Confirmed,
) -> Result<Removed> {
    let names: Vec<&str> = chosen.iter().map(|entry| entry.metric.label()).collect();
    let ids: Vec<Uuid> = chosen.iter().map(|entry| entry.metric.id).collect();
    db::locks::metrics_to_delete(tx, &ids).await?;
    let now = metric_entries::list(tx, MetricScope::All, Some(&ids)).await?;
    let ids: Vec<Uuid> = now.iter().map(|entry| entry.metric.id).collect();
    refuse_any_locked(&now, override_lock)?;
    let readings = metric_entries::delete_readings(tx, &ids, confirmed).await?;
    let metrics = metric_entries::delete(tx, &ids, confirmed).await?;
    let result = json!({ "metrics": names, "metric_ids": ids, "removed": metrics, "readings": readings });
    Ok(Removed { metrics, readings, audit: Audit::of("metric.rm", result) })
}

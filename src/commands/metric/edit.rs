//! `cmf metric set|lock|unlock|add|rm`.

use std::collections::HashSet;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Where, directions, plain, priorities};
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::library::{Metric, Scope};
use crate::db::{self, Connection};
use crate::domain::metric::{Direction, Priority};
use crate::domain::naming::folded;
use crate::domain::reading;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::{Cell, Table, number_json};

/// What can be said of a metric.
#[derive(Debug, clap::Args)]
struct Fields {
    /// The display number, such as PR-001
    #[arg(long = "number", value_name = "NUMBER")]
    metric_number: Option<String>,
    /// What it measures
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The target
    #[arg(long = "target", value_name = "VALUE", allow_hyphen_values = true, value_parser = decimal)]
    target_value: Option<Decimal>,
    /// The lower bound of a target range
    #[arg(long = "lower", value_name = "VALUE", allow_hyphen_values = true, value_parser = decimal)]
    target_lower: Option<Decimal>,
    /// The upper bound of a target range
    #[arg(long = "upper", value_name = "VALUE", allow_hyphen_values = true, value_parser = decimal)]
    target_upper: Option<Decimal>,
    /// What it is counted in, such as % or days
    #[arg(long)]
    unit: Option<String>,
    /// Which values are good
    #[arg(long, ignore_case = true, value_parser = directions())]
    direction: Option<Direction>,
    /// How much it weighs
    #[arg(long, ignore_case = true, value_parser = priorities())]
    priority: Option<Priority>,
    /// The function's code, such as PR
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// The category's code, such as PR.AA
    #[arg(long, value_name = "CODE")]
    category: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// The metric, by its number, name or id
    metric: String,
    #[command(flatten)]
    place: Where,
    /// Another name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// Empty these fields
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = CLEARABLE)]
    clear: Vec<String>,
    /// Change it although it is locked
    #[arg(long)]
    override_lock: bool,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

const CLEARABLE: [&str; 7] =
    ["metric_number", "description", "target_value", "target_lower", "target_upper", "unit", "category"];

#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The metrics, by number, name or id
    #[arg(required = true, value_name = "METRIC")]
    metrics: Vec<String>,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The metric's name
    name: String,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Debug, clap::Args)]
pub(super) struct Remove {
    #[command(flatten)]
    which: Which,
    /// Remove locked metrics too
    #[arg(long)]
    override_lock: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would go and remove nothing
    #[arg(long)]
    dry_run: bool,
}

fn decimal(text: &str) -> std::result::Result<Decimal, String> {
    reading::Value::parse(text).map(reading::Value::decimal).map_err(|reason| format!("it {reason}"))
}

/// A field of a metric before and after.
struct Change {
    field: &'static str,
    before: Value,
    after: Value,
}

/// The fields that can be changed, as JSON.
fn fields(metric: &Metric) -> [(&'static str, Value); 11] {
    let number = |value: Option<Decimal>| plain(value).map_or(Value::Null, number_json);
    [
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
    ]
}

fn differences(before: &Metric, after: &Metric) -> Vec<Change> {
    fields(before)
        .into_iter()
        .zip(fields(after))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| Change { field, before, after })
        .collect()
}

pub(super) async fn set(context: &Context, args: Set) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let scope = args.place.scope(&mut tx).await?;
    let metric = lookup::metric::find(&mut tx, scope, &args.metric).await?;
    let before = locked_row(&mut tx, &metric).await?;
    if before.is_locked && !args.override_lock {
        return Err(refuse_locked(&[&before]));
    }
    let mut after = before.clone();
    for field in &args.clear {
        match field.as_str() {
            "metric_number" => after.metric_number = None,
            "description" => after.description = None,
            "target_value" => after.target_value = None,
            "target_lower" => after.target_lower = None,
            "target_upper" => after.target_upper = None,
            "unit" => after.unit = None,
            _ => after.csf_category = None,
        }
    }
    if let Some(name) = args.name {
        after.name = name;
    }
    apply(&mut tx, &mut after, args.fields).await?;
    let changes = differences(&before, &after);
    if changes.is_empty() {
        tx.unchanged().await?;
        context
            .output
            .outcome(&format!("metric {} is so already, nothing changed", label(&before)), table(&before, &changes))?;
        return Ok(Exit::Success);
    }
    if before.catalog_id.is_some() && changes.iter().any(|change| change.field.starts_with("csf_")) {
        return Err(Error::failed(format!(
            "metric {} belongs to catalog {}: its mappings say where it counts",
            label(&before),
            before.catalog.as_deref().unwrap_or("?")
        ))
        .hint("change the mapping of its item; see `cmf map --help`"));
    }
    if changes.iter().any(|change| matches!(change.field, "metric_number" | "name")) {
        refuse_taken(&mut tx, &after).await?;
    }
    db::library::update(&mut tx, &after).await?;
    if after.catalog_id.is_some() {
        db::library::update_item(&mut tx, &after).await?;
    }
    let side = |pick: fn(&Change) -> &Value| -> Map<String, Value> {
        changes.iter().map(|change| (change.field.to_owned(), pick(change).clone())).collect()
    };
    let result = json!({
        "metric_id": after.id, "metric": label(&before), "before": side(|change| &change.before), "after": side(|change| &change.after),
        "override_lock": before.is_locked,
    });
    let table = table(&before, &changes);
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("metric.set", result)).await?;
    let words: Vec<String> = changes
        .iter()
        .map(|change| format!("{} {} -> {}", change.field, shown(&change.before), shown(&change.after)))
        .collect();
    context.output.ending(args.dry_run, &format!("changed metric {}: {}", label(&before), words.join(", ")), table)?;
    Ok(Exit::Success)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn table(metric: &Metric, changes: &[Change]) -> Table {
    let mut table =
        Table::new(["metric_id", "metric_number", "name", "field", "before", "after"]).only_for_programs(&["metric_id"]);
    for change in changes {
        table.row([
            metric.id.into(),
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            change.field.into(),
            cell(&change.before),
            cell(&change.after),
        ]);
    }
    table
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::String(text) => text.as_str().into(),
        other => other.clone().into(),
    }
}

/// What people call a metric: its number, else its name.
fn label(metric: &Metric) -> &str {
    metric.metric_number.as_deref().unwrap_or(&metric.name)
}

/// Locks a metric, with its catalog, and reads it again, for it may have changed since it was found.
async fn locked_row(tx: &mut Connection, found: &Metric) -> Result<Metric> {
    if let Some(catalog_id) = found.catalog_id {
        db::locks::catalogs(tx, &[catalog_id]).await?;
    }
    db::locks::metrics(tx, &[found.id]).await?;
    let mut rows = db::library::list(tx, Scope::All, Some(&[found.id])).await?;
    rows.pop().ok_or_else(|| Error::failed(format!("metric {} is gone: another session removed it", label(found))))
}

fn refuse_locked(metrics: &[&Metric]) -> Error {
    let names: Vec<&str> = metrics.iter().map(|metric| label(metric)).collect();
    let error = match names.as_slice() {
        [one] => Error::failed(format!("metric {one} is locked")),
        several => Error::failed(format!("{} metrics are locked: {}", several.len(), several.join(", "))),
    };
    error.hint("run `cmf metric unlock` first, or add --override-lock")
}

/// Puts what was given into a metric, checked for what the database keeps and what its frameworks know.
async fn apply(tx: &mut Connection, metric: &mut Metric, given: Fields) -> Result<()> {
    if given.metric_number.is_some() {
        metric.metric_number = given.metric_number;
    }
    if given.description.is_some() {
        metric.description = given.description;
    }
    if given.unit.is_some() {
        metric.unit = given.unit;
    }
    for (new, field) in [
        (given.target_value, &mut metric.target_value),
        (given.target_lower, &mut metric.target_lower),
        (given.target_upper, &mut metric.target_upper),
    ] {
        if new.is_some() {
            *field = new;
        }
    }
    if let Some(direction) = given.direction {
        direction.as_str().clone_into(&mut metric.direction);
    }
    if let Some(priority) = given.priority {
        priority.as_str().clone_into(&mut metric.priority);
    }
    for (text, option, limit) in [
        (metric.metric_number.as_ref(), "--number", 20),
        (Some(&metric.name), "the name", 200),
        (metric.unit.as_ref(), "--unit", 50),
    ] {
        let Some(text) = text else { continue };
        if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
            return Err(Error::usage(format!("{option} is not empty and has no blanks around it and no control characters"))
                .hint("to empty a field, use --clear"));
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
async fn place(tx: &mut Connection, metric: &mut Metric, function: Option<&str>, category: Option<&str>) -> Result<()> {
    if function.is_none() && category.is_none() {
        return Ok(());
    }
    let mut nodes = Vec::new();
    for framework in db::frameworks::list(tx).await? {
        nodes.extend(db::frameworks::tree(tx, framework.id).await?);
    }
    if nodes.is_empty() {
        return Err(Error::failed("there is no framework in the database").hint("run `cmf seed` first"));
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
            .hint("leave --function out: a category brings its function"));
        }
        metric.csf_function.clone_from(&node.function_code);
        metric.csf_category = Some(node.code.clone());
    }
    Ok(())
}

/// In a catalog, or the default library, a number stands for one metric, and so does a name without a number.
async fn refuse_taken(tx: &mut Connection, metric: &Metric) -> Result<()> {
    let scope = metric.catalog_id.map_or(Scope::Default, Scope::Catalog);
    if scope == Scope::Default {
        db::locks::library(tx).await?;
    }
    let key = |metric: &Metric| {
        (metric.metric_number.as_deref().map(folded), metric.metric_number.is_none().then(|| folded(&metric.name)))
    };
    let wanted = key(metric);
    let mut taken = None;
    db::library::each(tx, scope, None, |other| {
        if taken.is_none() && other.id != metric.id && key(&other) == wanted {
            taken = Some(other);
        }
        Ok(())
    })
    .await?;
    match taken {
        Some(other) => Err(Error::failed(format!("there is a metric {} ({}) already", label(&other), other.name))
            .hint("choose another number, or another name")),
        None => Ok(()),
    }
}

pub(super) async fn set_locked(context: &Context, args: Which, is_locked: bool) -> Result<Exit> {
    let mut table = Table::new(["metric_number", "name", "is_locked", "changed", "id"]).only_for_programs(&["id"]);
    context.output.check_outcome(&table)?;
    let mut session = context.open().await?;
    let mut tx = session.write().await?;
    let chosen = choose(&mut tx, &args).await?;
    let ids: Vec<Uuid> = chosen.iter().map(|metric| metric.id).collect();
    db::locks::metrics(&mut tx, &ids).await?;
    let changed = db::library::set_locked(&mut tx, &ids, is_locked).await?;
    let action = if is_locked { "metric.lock" } else { "metric.unlock" };
    if changed.is_empty() {
        tx.unchanged().await?;
    } else {
        let names: Vec<&str> = chosen.iter().filter(|metric| changed.contains(&metric.id)).map(label).collect();
        tx.finish(Audit::of(action, json!({ "metrics": names, "metric_ids": changed }))).await?;
    }
    for metric in &chosen {
        table.row([
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            is_locked.into(),
            changed.contains(&metric.id).into(),
            metric.id.into(),
        ]);
    }
    let word = if is_locked { "locked" } else { "unlocked" };
    context.output.outcome(&format!("{word} {} of {}", changed.len(), counted(chosen.len(), "metric")), table)?;
    Ok(Exit::Success)
}

/// The metrics that a command names, each once.
async fn choose(tx: &mut Connection, which: &Which) -> Result<Vec<Metric>> {
    let scope = which.place.scope(tx).await?;
    let mut seen = HashSet::new();
    let found = lookup::metric::find_all(tx, scope, &which.metrics).await?;
    Ok(found.into_iter().filter(|metric| seen.insert(metric.id)).collect())
}

pub(super) async fn add(context: &Context, args: Add) -> Result<Exit> {
    if args.fields.function.is_none() && args.fields.category.is_none() {
        return Err(Error::usage("a metric belongs to a function")
            .hint("add --function CODE or --category CODE, such as --category PR.AA"));
    }
    let Some(direction) = args.fields.direction else {
        return Err(Error::usage("a metric has a direction")
            .hint("add --direction higher_is_better, lower_is_better, target_range or binary"));
    };
    let mut session = context.open().await?;
    let mut tx = session.write().await?;
    let mut metric = Metric {
        id: Uuid::now_v7(),
        metric_number: None,
        name: args.name,
        description: None,
        current_value: None,
        target_value: None,
        target_lower: None,
        target_upper: None,
        unit: None,
        direction: direction.as_str().to_owned(),
        csf_function: String::new(),
        csf_category: None,
        priority: Priority::Medium.as_str().to_owned(),
        is_locked: false,
        catalog_id: None,
        catalog: None,
        created_at: DateTime::UNIX_EPOCH.naive_utc(),
        updated_at: DateTime::UNIX_EPOCH.naive_utc(),
        last_reading: None,
        is_mapped: true,
    };
    apply(&mut tx, &mut metric, args.fields).await?;
    refuse_taken(&mut tx, &metric).await?;
    db::library::insert(&mut tx, &metric).await?;
    let after: Map<String, Value> = fields(&metric)
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| (field.to_owned(), value))
        .collect();
    let mut table =
        Table::new(["id", "metric_number", "name", "csf_function", "csf_category", "direction", "priority"]).single();
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("metric.add", json!({ "metric_id": metric.id, "after": after }))).await?;
    table.row([
        metric.id.into(),
        metric.metric_number.clone().into(),
        metric.name.as_str().into(),
        metric.csf_function.as_str().into(),
        metric.csf_category.clone().into(),
        metric.direction.as_str().into(),
        metric.priority.as_str().into(),
    ]);
    context.output.outcome(&format!("added metric {} to the default library", label(&metric)), table)?;
    for gap in super::measure(&Metric { current_value: Some(Decimal::ZERO), ..metric.clone() })?.gaps() {
        context.output.notice(&format!("note: the metric has {gap}, so it cannot be scored"));
    }
    Ok(Exit::Success)
}

pub(super) async fn remove(context: &Context, args: Remove) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let chosen = choose(&mut tx, &args.which).await?;
    let mut readings = 0;
    for metric in &chosen {
        readings += db::library::readings(&mut tx, metric.id).await?;
    }
    tx.end().await?;
    let locked: Vec<&Metric> = chosen.iter().filter(|metric| metric.is_locked).collect();
    if !locked.is_empty() && !args.override_lock {
        return Err(refuse_locked(&locked));
    }
    let names: Vec<&str> = chosen.iter().map(label).collect();
    let from_catalogs = chosen.iter().filter(|metric| metric.catalog_id.is_some()).count();
    let mut question = format!("This removes {} with {}.", names.join(", "), counted(readings, "reading"));
    if from_catalogs > 0 {
        question
            .push_str(&format!(" {from_catalogs} of them come back without readings when their catalog is activated again."));
    }
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    let ids: Vec<Uuid> = chosen.iter().map(|metric| metric.id).collect();
    let mut tx = session.write_unless(args.dry_run).await?;
    db::locks::metrics_to_delete(&mut tx, &ids).await?;
    let now = db::library::list(&mut tx, Scope::All, Some(&ids)).await?;
    let ids: Vec<Uuid> = now.iter().map(|metric| metric.id).collect();
    let locked: Vec<&Metric> = now.iter().filter(|metric| metric.is_locked).collect();
    if !locked.is_empty() && !args.override_lock {
        return Err(refuse_locked(&locked));
    }
    let readings = db::library::delete_readings(&mut tx, &ids, &confirmed).await?;
    let removed = db::library::delete(&mut tx, &ids, &confirmed).await?;
    let result = json!({ "metrics": names, "metric_ids": ids, "removed": removed, "readings": readings });
    let mut table = Table::new(["metric_number", "name", "catalog", "id"]);
    for metric in &chosen {
        table.row([
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            metric.catalog.clone().into(),
            metric.id.into(),
        ]);
    }
    context.output.check_outcome(&table)?;
    tx.finish(Audit::of("metric.rm", result)).await?;
    let message = format!("removed {} with {}", counted(removed, "metric"), counted(readings, "reading"));
    context.output.ending(args.dry_run, &message, table)?;
    if args.dry_run {
        context.output.say(&format!("{} would go with them", counted(readings, "reading")));
    }
    Ok(Exit::Success)
}

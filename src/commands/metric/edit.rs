//! `cmf metric set|lock|unlock|add|rm`.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::filter::Chosen;
use super::terms::{directions, priorities};
use crate::commands::FileFields;
use crate::context::Context;
use crate::db::Connection;
use crate::db::metric_entries::{self, Entry};
use crate::domain::item::{Field, Spec};
use crate::domain::listed::Listed;
use crate::domain::metric::{Direction, Metric, NewMetric, Priority};
use crate::domain::number::Mark;
use crate::domain::text::{agreeing, counted};
use crate::domain::{reading, spec};
use crate::error::{Error, Exit, Result};
use crate::metric::settings::{self, Settings};
use crate::metric::{self, Change, Changed, Given, Removed};
use crate::output::{Cell, Columns, columns};
use crate::reading::Reading;
use crate::table::Percent;
use crate::table::limits::MAX_DOCUMENT;
use crate::table::rows::Listed as Sheet;
use crate::table::source::{Most, Source};

/// How many metrics a question or a sentence names.
const NAMED: usize = 10;

/// What can be said of a metric.
#[derive(Debug, Clone, clap::Args)]
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
#[command(mut_arg("force", |arg| arg.requires("save_map")), add = FileFields(|| settings::LIST.names()))]
#[command(mut_arg("metrics", |arg| arg.required_unless_present_any(["file", "conditions"])))]
pub(super) struct Set {
    #[command(flatten)]
    chosen: Chosen,
    /// Read the values to set from a sheet, one metric per row, one column per field
    #[arg(long, value_name = "FILE", conflicts_with_all = ["metrics", "conditions"])]
    file: Option<String>,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// How often it is measured, such as monthly, `every 2 weeks` or 30d
    #[arg(long)]
    frequency: Option<String>,
    /// Another property of its item: owner, formula, goal, type, source, evidence, review-date; an empty value removes it
    #[arg(long = "spec", value_name = "KEY=VALUE", value_parser = specified)]
    specs: Vec<(Field, String)>,
    /// Empty these fields
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',', value_parser = metric::clearable())]
    clear: Vec<String>,
    /// Change it even if it is locked
    #[arg(long)]
    override_lock: bool,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reading: Reading,
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
    chosen: Chosen,
    /// Remove locked metrics too
    #[arg(long)]
    override_lock: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

fn decimal(text: &str) -> std::result::Result<Decimal, String> {
    reading::Value::parse(text).map(reading::Value::decimal).map_err(|reason| format!("it {reason}"))
}

fn specified(text: &str) -> std::result::Result<(Field, String), String> {
    let known = || format!("write KEY=VALUE; the keys are {}", Field::SPEC.map(Field::as_str).join(", "));
    let (key, value) = text.split_once('=').ok_or_else(known)?;
    Ok((spec::named(key).ok_or_else(known)?, value.trim().to_owned()))
}

impl Fields {
    fn given(self, name: Option<String>, spec: Spec) -> Given {
        let Fields { metric_number, description, target_value, target_lower, target_upper, unit, .. } = self;
        let Fields { direction, priority, function, category, .. } = self;
        Given {
            metric_number,
            name,
            description,
            target_value,
            target_lower,
            target_upper,
            unit,
            direction,
            priority,
            function,
            category,
            spec,
        }
    }
}

/// What is to be said of which metrics: of those that a sheet names, or the same of all.
enum Wanted {
    Sheet(Settings),
    Same(Box<Given>),
}

/// The option that gives a field that `--clear` names, too.
fn contradicted(args: &Set) -> Option<(&str, String)> {
    let fields = &args.fields;
    let given = |field: &str| match field {
        "metric_number" => fields.metric_number.is_some().then(|| "--number".to_owned()),
        "description" => fields.description.is_some().then(|| "--description".to_owned()),
        "target_value" => fields.target_value.is_some().then(|| "--target".to_owned()),
        "target_lower" => fields.target_lower.is_some().then(|| "--lower".to_owned()),
        "target_upper" => fields.target_upper.is_some().then(|| "--upper".to_owned()),
        "unit" => fields.unit.is_some().then(|| "--unit".to_owned()),
        "category" => fields.category.is_some().then(|| "--category".to_owned()),
        "frequency" if args.frequency.is_some() => Some("--frequency".to_owned()),
        other => args.specs.iter().any(|(field, _)| field.as_str() == other).then(|| format!("--spec {other}=")),
    };
    args.clear.iter().find_map(|field| Some((field.as_str(), given(field)?)))
}

fn wanted(args: &Set) -> Result<Wanted> {
    if let Some((field, option)) = contradicted(args) {
        return Err(Error::usage(format!("{option} gives the field {field}, and --clear empties it"))
            .hint(format!("leave out {option}, or take {field} out of --clear")));
    }
    let frequency = args.frequency.clone().map(|frequency| (Field::Frequency, frequency));
    let spec: Spec = args.specs.iter().cloned().chain(frequency).collect();
    let given = args.fields.clone().given(args.name.clone(), spec);
    if let Some(file) = &args.file {
        if given != Given::default() || !args.clear.is_empty() {
            return Err(Error::usage("with --file, the sheet has all fields and values")
                .hint("leave out the options for fields, or --file"));
        }
        let options = args.reading.options(&settings::LIST.names())?;
        if options.percent != Percent::Auto {
            return Err(Error::usage("--percent is for readings; a sheet of settings is read as written"));
        }
        let source = Source::open(file, Most::Any(args.reading.most(MAX_DOCUMENT)))?;
        let table = Sheet::open(source, &options, settings::LIST)?;
        args.reading.save(|| table.map(&options))?;
        return settings::read(&table, options.mark.unwrap_or(Mark::Point)).map(Wanted::Sheet);
    }
    args.reading.refused("")?;
    Ok(Wanted::Same(Box::new(given)))
}

/// The error of a metric that there is not, which may be a field without the `--` of its option.
fn as_option(error: Error, metrics: &[String]) -> Error {
    let own = <Set as clap::Args>::augment_args(clap::Command::new("set"));
    let option = metrics.iter().filter(|text| error.message().contains(&format!("`{text}`"))).find_map(|text| {
        let (name, _) = text.split_once('=')?;
        own.get_arguments().find(|argument| argument.get_long() == Some(name.trim()))
    });
    let Some((name, values)) = option.and_then(|option| Some((option.get_long()?, option.get_value_names()?))) else {
        return error;
    };
    let value = values.first().map_or("VALUE", |value| value.as_str());
    let message = error.message().to_owned();
    error.restated(message, format!("write the field as an option: --{name} {value}"))
}

/// Each metric with what is to be said of it.
async fn chosen(context: &Context, tx: &mut Connection, args: &Set, wanted: &Wanted) -> Result<Vec<(Entry, Given)>> {
    match wanted {
        Wanted::Sheet(settings) => {
            let scope = args.chosen.place.scope(tx).await?;
            settings.of_metrics(tx, scope).await
        }
        Wanted::Same(given) => {
            let found = args.chosen.find(context, tx).await.map_err(|error| as_option(error, &args.chosen.metrics))?;
            if found.len() > 1 && (given.name.is_some() || given.metric_number.is_some()) {
                return Err(Error::usage("--name and --number change one metric only"));
            }
            Ok(found.into_iter().map(|entry| (entry, Given::clone(given))).collect())
        }
    }
}

pub(super) async fn set(context: &Context, args: Set) -> Result<Exit> {
    let wanted = wanted(&args)?;
    let says_nothing = args.clear.is_empty() && matches!(&wanted, Wanted::Same(given) if **given == Given::default());
    let mut session = context.open().await?;
    let (changed, table) = session
        .change(args.dry_run, async |tx| {
            let chosen = chosen(context, tx, &args, &wanted).await?;
            let (changed, audit) = metric::set(tx, chosen, &args.clear, args.override_lock).await?;
            let rows = |one: &Changed| {
                one.changes.iter().map(|change| (one.before.metric.clone(), change.clone())).collect::<Vec<_>>()
            };
            let table = CHANGE.table_of(changed.iter().flat_map(rows));
            context.output.check_outcome(&table)?;
            Ok(((changed, table), audit))
        })
        .await?;
    let labels: Vec<&str> = changed.iter().map(|one| one.before.metric.label()).collect();
    if changed.iter().all(|one| one.changes.is_empty()) {
        let message = match labels.as_slice() {
            _ if says_nothing => "nothing changed: no field is named; name one, such as --target 95".to_owned(),
            [one] => format!("nothing changed: metric {one} already has these values"),
            several if several.len() <= NAMED => {
                format!("nothing changed: metrics {} already have these values", several.join(", "))
            }
            several => format!("nothing changed: {} already have these values", counted(several.len(), "metric")),
        };
        context.output.remarkable(&message, table)?;
        return Ok(Exit::Success);
    }
    let message = match changed.as_slice() {
        [Changed { before, changes, .. }] => {
            let words: Vec<String> = changes
                .iter()
                .map(|change| format!("{} {} -> {}", change.field, shown(&change.before), shown(&change.after)))
                .collect();
            format!("changed metric {}: {}", before.metric.label(), words.join(", "))
        }
        several => {
            let count = several.iter().filter(|one| !one.changes.is_empty()).count();
            format!("changed {count} of {}", counted(several.len(), "metric"))
        }
    };
    context.output.ending(args.dry_run, &message, table)?;
    Ok(Exit::Success)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) const CHANGE: Columns<(Metric, Change)> = columns! { |(metric, change)|
    metric_id: for_programs = metric.id, metric_number = &metric.metric_number, name = &metric.name, field = change.field,
    before = cell(&change.before), after = cell(&change.after)
};
/// A metric, whether it is locked, and whether that changed.
pub(super) const LOCKED: Columns<(Metric, bool, bool)> = columns! { |(metric, is_locked, changed)|
    metric_number = &metric.metric_number, name = &metric.name, is_locked, changed, id: for_programs = metric.id
};
pub(super) const ADDED: Columns<(Uuid, NewMetric)> = columns! { |(id, metric)|
    id, metric_number = &metric.metric_number, name = &metric.name, csf_function = &metric.csf_function,
    csf_category = &metric.csf_category, direction = metric.direction, priority = metric.priority
};
/// A metric that went, and the number of the change.
pub(super) const REMOVED: Columns<(Metric, Option<i64>)> = columns! { |(metric, undo)|
    metric_number = &metric.metric_number, name = &metric.name, catalog = &metric.catalog, id = metric.id,
    undo: for_programs = *undo
};

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::String(text) => text.as_str().into(),
        other => other.clone().into(),
    }
}

pub(super) async fn set_locked(context: &Context, args: Chosen, is_locked: bool) -> Result<Exit> {
    context.output.check_outcome(&LOCKED.table())?;
    let mut session = context.open().await?;
    let (chosen, changed) = session
        .change(false, async |tx| {
            let chosen = choose(context, tx, &args).await?;
            let (changed, audit) = metric::set_locked(tx, &chosen, is_locked).await?;
            Ok(((chosen, changed), audit))
        })
        .await?;
    let count = chosen.len();
    let is_changed = |metric: &Metric| changed.contains(&metric.id);
    let table =
        LOCKED.table_of(chosen.into_iter().map(|Entry { metric, .. }| (metric.clone(), is_locked, is_changed(&metric))));
    let word = if is_locked { "locked" } else { "unlocked" };
    context.output.outcome(&format!("{word} {} of {}", changed.len(), counted(count, "metric")), table)?;
    Ok(Exit::Success)
}

/// The metrics that a command means, each once.
async fn choose(context: &Context, tx: &mut Connection, chosen: &Chosen) -> Result<Vec<Entry>> {
    let mut seen = HashSet::new();
    let found = chosen.find(context, tx).await?;
    Ok(found.into_iter().filter(|entry| seen.insert(entry.metric.id)).collect())
}

pub(super) async fn add(context: &Context, args: Add) -> Result<Exit> {
    if args.fields.function.is_none() && args.fields.category.is_none() {
        return Err(
            Error::usage("a metric needs a function").hint("add --function CODE or --category CODE, such as --category PR.AA")
        );
    }
    if args.fields.direction.is_none() {
        return Err(Error::usage("a metric needs a direction")
            .hint("add --direction higher_is_better, lower_is_better, target_range or binary"));
    }
    context.output.check_outcome(&ADDED.table())?;
    let mut session = context.open().await?;
    let given = args.fields.given(Some(args.name), Spec::new());
    let (id, metric) = session
        .change(false, async |tx| {
            let (id, metric, audit) = metric::add(tx, given.clone()).await?;
            Ok(((id, metric), Some(audit)))
        })
        .await?;
    let (label, gap) = (metric.metric_number.as_deref().unwrap_or(&metric.name), metric.gap());
    context.output.outcome(&format!("added metric {label} to the default library"), ADDED.one(&(id, metric)))?;
    if let Some(gap) = gap {
        context.output.notice(&format!("note: the metric has {gap}, so it cannot be scored"));
    }
    Ok(Exit::Success)
}

pub(super) async fn remove(context: &Context, args: Remove) -> Result<Exit> {
    context.output.check_outcome(&REMOVED.table())?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let chosen = choose(context, &mut tx, &args.chosen).await?;
    let mut readings = 0;
    for entry in &chosen {
        readings += metric_entries::readings(&mut tx, entry.metric.id).await?;
    }
    tx.end().await?;
    metric::refuse_any_locked(&chosen, args.override_lock)?;
    let names: Vec<&str> = chosen.iter().map(|entry| entry.metric.label()).collect();
    let mut listed = Listed::of_at_most(NAMED);
    for name in &names {
        listed.add(|| (*name).to_owned());
    }
    let from_catalogs = chosen.iter().filter(|entry| entry.catalog_id.is_some()).count();
    let question = format!("This removes {} with {}.", listed.lines().join(", "), counted(readings, "reading"));
    let again = (from_catalogs > 0).then(|| {
        format!(
            "{} {} from a catalog. Its item stays, so the next activation makes the metric again, without readings",
            counted(from_catalogs, "metric"),
            agreeing(from_catalogs, "is", "are")
        )
    });
    let question = again.iter().fold(question, |question, again| format!("{question} {again}."));
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    let (metrics, readings) = session
        .change(args.dry_run, async |tx| {
            let Removed { metrics, readings, audit } = metric::remove(tx, &chosen, args.override_lock, &confirmed).await?;
            Ok(((metrics, readings), Some(audit)))
        })
        .await?;
    let message = format!("removed {} with {}", counted(metrics, "metric"), counted(readings, "reading"));
    let seq = session.written();
    let table = REMOVED.table_of(chosen.iter().map(|entry| (entry.metric.clone(), seq)));
    context.output.ending(args.dry_run, &message, table)?;
    if args.dry_run {
        context.output.say(&format!("{} would go with them", counted(readings, "reading")));
    }
    // With --yes nobody has read it.
    for again in again.iter().filter(|_| args.yes) {
        context.output.notice(&format!("note: {again}"));
    }
    Ok(Exit::Success)
}

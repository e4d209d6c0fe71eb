//! `cmf metric show`.

use rust_decimal::Decimal;
use serde_json::Value;

use super::terms::{Where, plain, target};
use crate::context::Context;
use crate::db;
use crate::db::metric_entries::{Entry, Mapping};
use crate::db::readings::Reading;
use crate::domain::framework::short_name;
use crate::domain::item::Field;
use crate::domain::score;
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::{Columns, Results, Shape, columns};
use crate::report::lines;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The metric, by its number, name or id
    metric: String,
    #[command(flatten)]
    place: Where,
    /// How many of the newest readings to show
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    last: u32,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let scope = args.place.scope(&mut tx).await?;
    let entry = lookup::metric::find(&mut tx, scope, &args.metric).await?;
    let id = entry.metric.id;
    let readings = db::readings::history(&mut tx, id, None, None, Some(i64::from(args.last))).await?;
    let count = db::metric_entries::readings(&mut tx, id).await?;
    let mappings = db::metric_entries::mappings(&mut tx, id).await?;
    let original = db::metric_entries::original_data(&mut tx, id).await?;
    tx.end().await?;
    context.output.results(results(&Shown { entry, readings, count, mappings, original }))?;
    Ok(Exit::Success)
}

/// A metric with what belongs to it.
struct Shown {
    entry: Entry,
    readings: Vec<Reading>,
    count: i64,
    mappings: Vec<Mapping>,
    original: Option<Value>,
}

impl Shown {
    /// The codes of its mappings, confirmed or not.
    fn codes(&self, is_confirmed: bool) -> Option<String> {
        let codes: Vec<String> = self.mappings.iter().filter(|one| one.is_confirmed == is_confirmed).map(code).collect();
        (!codes.is_empty()).then(|| codes.join(" "))
    }

    /// How its score comes about, or why there is none.
    fn why(&self) -> Option<String> {
        let measure = self.entry.metric.measure();
        measure.score().map_or_else(|gap| Some(gap.to_string()), |_| measure.formula().ok())
    }
}

const HEAD: Columns<Shown> = columns! { |shown|
    id = shown.entry.metric.id, metric_number = &shown.entry.metric.metric_number, name = &shown.entry.metric.name,
    description = &shown.entry.description, catalog = &shown.entry.metric.catalog, csf_function = &shown.entry.csf_function,
    csf_category = &shown.entry.csf_category, mappings = shown.codes(true), suggested_mappings = shown.codes(false),
    priority = shown.entry.metric.priority, direction = shown.entry.metric.direction,
    current_value = plain(shown.entry.metric.current_value), target: for_people = target(&shown.entry.metric),
    target_value: for_programs = plain(shown.entry.metric.target_value),
    target_lower: for_programs = plain(shown.entry.metric.target_lower),
    target_upper: for_programs = plain(shown.entry.metric.target_upper), unit = &shown.entry.metric.unit,
    score = shown.entry.metric.measure().score().ok().map(score::shown), formula = shown.why(),
    owner = shown.entry.spec.get(&Field::Owner), frequency = shown.entry.frequency(),
    goal = shown.entry.spec.get(&Field::Goal), measure_type = shown.entry.spec.get(&Field::MeasureType),
    calculation = shown.entry.spec.get(&Field::Formula), data_source = shown.entry.spec.get(&Field::DataSource),
    evidence = shown.entry.spec.get(&Field::Evidence), review_date = shown.entry.spec.get(&Field::ReviewDate),
    is_locked = shown.entry.metric.is_locked, readings = shown.count, last_reading = shown.entry.last_reading,
    history: for_people = sparkline(&shown.readings), created_at: for_programs = shown.entry.created_at,
    updated_at = shown.entry.updated_at
};
const MAPPING: Columns<Mapping> = columns! { |mapping|
    framework = short_name(&mapping.name, &mapping.version), function_code, category_code, subcategory_code, confidence,
    is_ai_suggested, is_confirmed
};
const READING: Columns<Reading> = columns! { |reading| recorded_at, value, note, recorded_by };
/// A cell of the row that a metric came from.
const CELL: Columns<(String, String)> = columns! { |(column, cell)| column, cell };

pub(super) fn shape() -> Shape {
    let head = Shape::one(&HEAD).with("mappings", Shape::rows(&MAPPING)).without("suggested_mappings");
    let whole = head.with("newest_readings", Shape::rows(&READING)).with("original_data", Shape::of::<Value>());
    whole.choosing(CELL.names())
}

fn results(shown: &Shown) -> Results {
    let mut json = HEAD.members(shown);
    json.insert("mappings".into(), MAPPING.table_of(&shown.mappings).to_json());
    json.remove("suggested_mappings");
    json.insert("newest_readings".into(), READING.table_of(&shown.readings).to_json());
    json.insert("original_data".into(), shown.original.clone().unwrap_or_default());
    let mut tables = vec![HEAD.one(shown)];
    let original = shown.original.as_ref();
    let row = original.and_then(|original| original.get("row")).and_then(Value::as_object);
    if let Some(row) = row.filter(|row| !row.is_empty()) {
        let source = original.and_then(|original| original.get("source"));
        let place = |name: &str| source.and_then(|source| source.get(name)).filter(|value| !value.is_null());
        let mut words = vec!["the row it came from".to_owned()];
        words.extend(place("sheet").and_then(Value::as_str).map(|sheet| format!("sheet {sheet}")));
        words.extend(place("row").map(|row| format!("row {row}")));
        let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        let cells = row.iter().map(|(column, cell)| (column.clone(), text(cell)));
        tables.push(CELL.table_of(cells).title(words.join(", ")));
    }
    Results::new(tables, json.into())
}

fn code(mapping: &Mapping) -> String {
    let code = mapping.subcategory_code.as_ref().or(mapping.category_code.as_ref()).unwrap_or(&mapping.function_code);
    match mapping.confidence {
        Some(confidence) if !mapping.is_confirmed => format!("{code} ({})", confidence.normalize()),
        _ => code.clone(),
    }
}

/// The readings as a line of blocks, from the lowest to the highest of them, with both named.
fn sparkline(readings: &[Reading]) -> Option<String> {
    let values: Vec<Decimal> = readings.iter().filter_map(|reading| reading.value.finite()).collect();
    let (lowest, highest) = (values.iter().min()?, values.iter().max()?);
    let line = lines::sparkline(&values);
    Some(format!("{line}  {} to {}", lowest.normalize(), highest.normalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(values: &[i64]) -> Vec<Reading> {
        let at = chrono::DateTime::UNIX_EPOCH.naive_utc();
        values
            .iter()
            .map(|value| Reading {
                id: uuid::Uuid::nil(),
                value: Decimal::from(*value).into(),
                recorded_at: at,
                note: None,
                recorded_by: None,
            })
            .collect()
    }

    #[test]
    fn a_sparkline_spans_the_readings_it_has() {
        assert_eq!(sparkline(&readings(&[0, 50, 100])).unwrap(), "▁▅█  0 to 100");
        assert_eq!(sparkline(&readings(&[7, 7])).unwrap(), "▅▅  7 to 7");
        assert_eq!(sparkline(&[]), None);
    }

    #[test]
    fn a_mapping_is_its_deepest_code_and_what_is_not_confirmed_how_sure_it_is() {
        let mut mapping = Mapping {
            name: "NIST CSF".into(),
            version: "2.0".into(),
            function_code: "PR".into(),
            category_code: None,
            subcategory_code: None,
            confidence: Some("0.8500".parse().unwrap()),
            is_ai_suggested: true,
            is_confirmed: false,
        };
        assert_eq!(code(&mapping), "PR (0.85)");
        mapping.category_code = Some("PR.AA".into());
        mapping.is_confirmed = true;
        assert_eq!(code(&mapping), "PR.AA");
        mapping.subcategory_code = Some("PR.AA-01".into());
        mapping.confidence = None;
        assert_eq!(code(&mapping), "PR.AA-01");
    }
}

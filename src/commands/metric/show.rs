//! `cmf metric show`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::terms::{Where, plain, target};
use crate::context::Context;
use crate::db;
use crate::db::metric_entries::{Entry, Mapping};
use crate::db::readings::Reading;
use crate::domain::framework::short_name;
use crate::domain::score;
use crate::error::{Exit, Result};
use crate::lookup;
use crate::output::{Results, Table, number_json, time_text};
use crate::report::lines;

/// Arguments of `cmf metric show`.
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
    context.output.results(shown(&entry, &readings, count, &mappings, original.as_ref()))?;
    Ok(Exit::Success)
}

fn shown(entry: &Entry, readings: &[Reading], count: i64, mappings: &[Mapping], original: Option<&Value>) -> Results {
    let (metric, measure) = (&entry.metric, entry.metric.measure());
    let (score, why) = match measure.score() {
        Ok(score) => (Some(score::shown(score)), measure.formula().ok()),
        Err(gap) => (None, Some(gap.to_string())),
    };
    let codes: Vec<String> = mappings.iter().filter(|mapping| mapping.is_confirmed).map(code).collect();
    let suggested: Vec<String> = mappings.iter().filter(|mapping| !mapping.is_confirmed).map(code).collect();
    let head = Table::record([
        ("id", metric.id.into()),
        ("metric_number", metric.metric_number.clone().into()),
        ("name", metric.name.as_str().into()),
        ("description", entry.description.clone().into()),
        ("catalog", metric.catalog.clone().into()),
        ("csf_function", entry.csf_function.as_str().into()),
        ("csf_category", entry.csf_category.clone().into()),
        ("mappings", (!codes.is_empty()).then(|| codes.join(" ")).into()),
        ("suggested_mappings", (!suggested.is_empty()).then(|| suggested.join(" ")).into()),
        ("priority", metric.priority.as_str().into()),
        ("direction", metric.direction.as_str().into()),
        ("current_value", plain(metric.current_value).into()),
        ("target", target(metric).into()),
        ("target_value", plain(metric.target_value).into()),
        ("target_lower", plain(metric.target_lower).into()),
        ("target_upper", plain(metric.target_upper).into()),
        ("unit", metric.unit.clone().into()),
        ("score", score.into()),
        ("formula", why.into()),
        ("is_locked", metric.is_locked.into()),
        ("readings", count.into()),
        ("last_reading", entry.last_reading.into()),
        ("history", sparkline(readings).into()),
        ("created_at", entry.created_at.into()),
        ("updated_at", entry.updated_at.into()),
    ])
    .only_for_people(&["target", "history"])
    .only_for_programs(&["target_value", "target_lower", "target_upper", "created_at"]);
    let mut json = head.to_json();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("mappings".into(), mappings.iter().map(mapping_json).collect());
        fields.remove("suggested_mappings");
        fields.insert("newest_readings".into(), readings.iter().map(reading_json).collect());
        fields.insert("original_data".into(), original.cloned().unwrap_or_default());
    }
    let mut tables = vec![head];
    let row = original.and_then(|original| original.get("row")).and_then(Value::as_object);
    if let Some(row) = row.filter(|row| !row.is_empty()) {
        let source = original.and_then(|original| original.get("source"));
        let place = |name: &str| source.and_then(|source| source.get(name)).filter(|value| !value.is_null());
        let mut words = vec!["the row it came from".to_owned()];
        words.extend(place("sheet").and_then(Value::as_str).map(|sheet| format!("sheet {sheet}")));
        words.extend(place("row").map(|row| format!("row {row}")));
        let mut table = Table::new(["column", "cell"]).title(words.join(", "));
        for (column, cell) in row {
            let text = cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
            table.row([column.as_str().into(), text.into()]);
        }
        tables.push(table);
    }
    Results::new(tables, json)
}

fn code(mapping: &Mapping) -> String {
    let code = mapping.subcategory_code.as_ref().or(mapping.category_code.as_ref()).unwrap_or(&mapping.function_code);
    match mapping.confidence {
        Some(confidence) if !mapping.is_confirmed => format!("{code} ({})", confidence.normalize()),
        _ => code.clone(),
    }
}

fn mapping_json(mapping: &Mapping) -> Value {
    json!({
        "framework": short_name(&mapping.name, &mapping.version),
        "function_code": mapping.function_code,
        "category_code": mapping.category_code,
        "subcategory_code": mapping.subcategory_code,
        "confidence": mapping.confidence.map(number_json),
        "is_ai_suggested": mapping.is_ai_suggested,
        "is_confirmed": mapping.is_confirmed,
    })
}

fn reading_json(reading: &Reading) -> Value {
    json!({
        "recorded_at": time_text(reading.recorded_at),
        "value": number_json(reading.value),
        "note": reading.note,
        "recorded_by": reading.recorded_by,
    })
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

//! `cmf history`: the readings of a metric.

use serde_json::json;

use crate::commands;
use crate::commands::record::directory::Directory;
use crate::context::Context;
use crate::db;
use crate::domain::reading::{self, Zone};
use crate::error::{Error, Exit, Result};
use crate::output::{Cell, Results, Table};

/// Arguments of `cmf history`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The metric, by its number, name or id
    metric: String,

    /// Look for the metric in this catalog; without it in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,

    /// Only readings from this time on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,

    /// Only readings before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,

    /// Only the newest N readings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,

    /// The zone of times without an offset, such as Europe/Berlin or +02:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = commands::record::zone)]
    tz: Zone,
}

/// Runs `cmf history`.
///
/// # Errors
/// Exit 2 when the metric is unknown or has namesakes.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let instant = |text: &Option<String>, option: &str| {
        text.as_deref()
            .map(|text| {
                reading::parse_instant(text, args.tz).map_err(|reason| Error::usage(format!("{option}: `{text}` {reason}")))
            })
            .transpose()
    };
    let (from, to) = (instant(&args.from, "--from")?, instant(&args.to, "--to")?);
    let mut database = commands::connect(context).await?;
    let mut tx = database.begin().await?;
    let catalog_id = match &args.catalog {
        Some(name) => Some(commands::catalog::resolve(&mut tx, name, None).await?.id),
        None => None,
    };
    let directory = Directory::new(db::metrics::in_scope(&mut tx, catalog_id).await?);
    let position = directory.find(&args.metric).map_err(|refused| Error::usage(refused.reason))?;
    let metric = &directory.metrics[position];
    let readings = db::readings::history(&mut tx, metric.id, from, to, args.last.map(i64::from)).await?;
    tx.rollback().await?;

    let unit = metric.unit.as_deref().map(|unit| format!(", in {unit}")).unwrap_or_default();
    let mut table = Table::new(["id", "recorded_at", "value", "note", "recorded_by"])
        .only_for_programs(&["id"])
        .title(format!("{} {}{unit}", metric.label(), metric.name));
    let mut rows = Vec::with_capacity(readings.len());
    for reading in readings {
        rows.push(json!({
            "id": reading.id,
            "recorded_at": crate::output::time_text(reading.recorded_at),
            "value": crate::output::number_json(reading.value),
            "note": reading.note,
            "recorded_by": reading.recorded_by,
        }));
        table.row([
            reading.id.into(),
            reading.recorded_at.into(),
            reading.value.normalize().into(),
            reading.note.into(),
            Cell::from(reading.recorded_by),
        ]);
    }
    let number = |value: Option<rust_decimal::Decimal>| value.map(crate::output::number_json);
    let document = json!({
        "metric_id": metric.id,
        "metric_number": metric.metric_number,
        "name": metric.name,
        "unit": metric.unit,
        "direction": metric.direction.as_str(),
        "current_value": number(metric.current_value),
        "target_value": number(metric.target_value),
        "target_lower": number(metric.target_lower),
        "target_upper": number(metric.target_upper),
        "readings": rows,
    });
    context.output.results(Results::new(vec![table], document))?;
    Ok(Exit::Success)
}

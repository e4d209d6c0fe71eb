//! `cmf catalog diff`.

use serde_json::{Map, Value};

use crate::catalog::contents::Content;
use crate::catalog::difference::{self, Difference, Request};
use crate::commands::FileFields;
use crate::context::Context;
use crate::domain::item::Field;
use crate::error::{Exit, Result};
use crate::output::{Cell, ColumnValue, Columns, Shape, columns};
use crate::reading::{Metrics, Reading};
use crate::table::dating::Series;
use crate::table::limits::MAX_SIZE;
use crate::table::source::Most;

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")), add = FileFields(|| Field::ALL.map(Field::as_str).to_vec()))]
pub(super) struct Diff {
    /// The catalog to start from, by name or id
    #[arg(value_name = "CATALOG")]
    from: String,
    /// The catalog, or the file, to compare with it
    #[arg(value_name = "CATALOG|FILE")]
    to: String,
    /// The user both catalogs belong to, if several have one of a name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Compare the codes of this framework; without it, of the one with most mappings
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    metrics: Metrics,
    /// Read columns of quarters, months or other periods as readings, and compare the newest, as `cmf import` does
    #[arg(long, value_name = "WHAT", help_heading = "What the columns are")]
    series: Option<Series>,
    /// Exit 4 if they differ
    #[arg(long)]
    exit_code: bool,
}

impl From<Content> for Cell {
    fn from(content: Content) -> Self {
        match content {
            Content::Nothing => Cell::Null,
            Content::Text(text) => Cell::Text(text),
            Content::Number(number) => number.into(),
        }
    }
}

impl ColumnValue for Content {
    fn schema() -> Value {
        Value::Object(Map::new())
    }
}

/// What the changes are called in JSON.
pub(super) const CHANGES: &str = "changes";
pub(super) const COUNTS: Columns<(String, Difference)> = columns! { |(to, difference)|
    from = &difference.from, to, added = difference.added, removed = difference.removed, changed = difference.changed,
    renumbered = difference.renumbered
};
pub(super) const CHANGE: Columns<[Content; 6]> = columns! { |[change, metric_number, name, field, before, after]|
    change: one_of(&["added", "removed", "changed", "renumbered"]),
    metric_number: of(Shape::of::<Option<&str>>),
    name: of(Shape::of::<&str>),
    field: of(Shape::of::<Option<&str>>),
    before, after
};

pub(super) async fn run(context: &Context, args: Diff) -> Result<Exit> {
    let mut options = args.reading.options(&Field::ALL.map(Field::as_str))?;
    args.metrics.apply(&mut options);
    options.map_series &= args.series.is_none();
    options.series = args.series.or(options.series);
    let request = Request {
        from: &args.from,
        to: &args.to,
        owner: args.owner.as_deref(),
        framework: args.framework.as_deref(),
        options: &options,
        most: Most::Any(args.reading.most(MAX_SIZE)),
        option: args.reading.given().or(args.metrics.given()).or(args.series.map(|_| "--series")),
    };
    let mut session = context.open().await?;
    let mut difference = difference::between(&mut session, &request).await?;
    if let Some(map) = difference.map.take() {
        args.reading.save(|| map)?;
    }
    for note in &difference.notes {
        context.output.notice(&format!("note: {note}"));
    }
    let compared = (args.to, difference);
    let mut rows = context.output.document(Vec::new(), COUNTS.members(&compared), CHANGES, CHANGE.table())?;
    let Difference { rows: mut found, added, removed, changed, renumbered, .. } = compared.1;
    let is_empty = found.len() == 0;
    for position in 0..found.len() {
        rows.row(CHANGE.row(&found.get(position)?))?;
    }
    rows.finish()?;
    if is_empty {
        context.output.say("no difference");
    } else {
        context.output.say(&format!("{added} added, {removed} removed, {changed} changed, {renumbered} renumbered"));
    }
    if renumbered > 0 {
        context.output.notice(
            "note: renumbered means the same name with a different number; `cmf import` asks whether they are the same metric, see \
             --renumber",
        );
    }
    Ok(if args.exit_code && !is_empty { Exit::Difference } else { Exit::Success })
}

//! The sheet of `cmf metric set --file`: a metric a row, and what is to be said of it.

use rust_decimal::Decimal;

use crate::db::Connection;
use crate::db::metric_entries::{Entry, MetricScope};
use crate::domain::item::{self, Field};
use crate::domain::listed::Listed as Problems;
use crate::domain::number::{self, Mark};
use crate::domain::priority;
use crate::domain::spec;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result};
use crate::lookup;
use crate::metric::Given;
use crate::table::problem::repeated;
use crate::table::rows::{Known, List, Listed, Rows, Step};

/// What is read of the sheet; other columns are for people.
pub(crate) const LIST: List = List {
    example: Some(r#"[{"metric": "PR-001", "target": 95}]"#),
    fields: &[
        Known::required("metric", &["metric", "metric number", "metric id", "number", "id", "name", "kpi"]),
        Known::of("direction", &["direction"]),
        Known::of("target", &["target", "target value"]),
        Known::of("lower_bound", &["lower bound", "target lower", "lower"]),
        Known::of("upper_bound", &["upper bound", "target upper", "upper"]),
        Known::of("unit", &["unit"]),
        Known::of("priority", &["priority"]),
        Known::of("frequency", &["frequency"]),
        Known::of("owner", &["owner"]),
        Known::of("formula", &["formula"]),
        Known::of("goal", &["goal"]),
        Known::of("measure_type", &["measure type", "type"]),
        Known::of("data_source", &["data source", "source"]),
        Known::of("evidence", &["evidence"]),
        Known::of("review_date", &["review date"]),
    ],
    one_line: true,
    ..List::refusing(lacking)
};

fn lacking(_: &[&str], headers: &[String]) -> Error {
    Error::data("the sheet has no column for the metric")
        .detail(format!("the columns are: {}", headers.join(", ")))
        .hint("its header has metric, and any of direction, target, lower_bound, upper_bound, unit, priority, frequency, owner and more")
        .hint("or name it with --map metric=COLUMN")
}

/// How many problems are told.
const SHOWN: usize = 20;

/// What a sheet says of metrics.
pub(crate) struct Settings {
    /// The row, the metric by its number, name or id, and what is said of it.
    rows: Vec<(u64, String, Given)>,
    /// What is wrong with the cells.
    problems: Problems,
    place: Place,
}

impl Settings {
    /// The metrics, each with what is said of it. Exit 65, with all that is wrong, when a cell could not be read, a metric is
    /// there twice, or there is none of its name: nothing is set then.
    pub(crate) async fn of_metrics(&self, tx: &mut Connection, scope: MetricScope) -> Result<Vec<(Entry, Given)>> {
        let named = || self.rows.iter().filter(|(_, metric, _)| !metric.is_empty());
        let texts: Vec<String> = named().map(|(_, metric, _)| metric.clone()).collect();
        let mut problems = self.problems.clone();
        let mut found = Vec::new();
        for (entry, (row, _, given)) in lookup::metric::find_each(tx, scope, &texts).await?.into_iter().zip(named()) {
            match entry {
                Ok(entry) => found.push((entry, given.clone())),
                Err(error) => problems.add(|| {
                    let hints: String = error.hints().iter().map(|hint| format!("; {hint}")).collect();
                    format!("row {row}, column metric: {}{hints}", error.message())
                }),
            }
        }
        if problems.count() == 0 {
            return Ok(found);
        }
        let error = Error::data(format!("the sheet has {}", counted(problems.count(), "problem"))).at(self.place.clone());
        let error = problems.lines().into_iter().fold(error, Error::detail);
        Err(error.hint("correct these cells and run the command again"))
    }
}

/// Reads the settings. An empty cell says nothing. Exit 65 when there is no row.
pub(crate) fn read(table: &Listed, mark: Mark) -> Result<Settings> {
    let place = Place { sheet: table.sheet.clone(), ..table.source().place() };
    let column = |name: &str| table.column(name);
    let mut settings: Vec<(u64, String, Given)> = Vec::new();
    let mut problems = Problems::of_at_most(SHOWN);
    let mut rows = table.rows().map_err(|error| error.at(place.clone()))?;
    while rows.step().map_err(|error| error.at(place.clone()))? == Step::Row {
        let number = rows.row().number;
        let mut problem = |name: &str, what: String| problems.add(|| format!("row {number}, column {name}: {what}"));
        let metric = text(&rows, column("metric")).unwrap_or_default();
        let mut given = Given::default();
        if metric.is_empty() {
            problem("metric", "there is no metric".to_owned());
        } else if settings.iter().any(|(_, other, _)| item::normalised(other) == item::normalised(&metric)) {
            problem("metric", format!("`{}` appears twice", repeated(&metric)));
        }
        if let Some(word) = text(&rows, column("direction")) {
            given.direction = item::direction(&word);
            if given.direction.is_none() {
                problem("direction", format!("`{}` is not lower, higher, range or binary", repeated(&word)));
            }
        }
        if let Some(word) = text(&rows, column("priority")) {
            given.priority = priority::priority(&word);
            if given.priority.is_none() {
                problem("priority", format!("`{}` is not High, Medium or Low", repeated(&word)));
            }
        }
        given.unit = text(&rows, column("unit"));
        for field in Field::SPEC {
            let Some(word) = text(&rows, column(field.as_str())) else { continue };
            if let Err(reason) = spec::checked(field, &word) {
                problem(field.as_str(), format!("`{}`: {reason}", repeated(&word)));
            }
            given.spec.insert(field, word);
        }
        for (name, value) in [
            ("target", &mut given.target_value),
            ("lower_bound", &mut given.target_lower),
            ("upper_bound", &mut given.target_upper),
        ] {
            let Some(written) = text(&rows, column(name)) else { continue };
            match plain(&written, mark) {
                Ok(number) => *value = Some(number),
                Err(reason) => problem(name, format!("`{}` {reason}", repeated(&written))),
            }
        }
        settings.push((number, metric, given));
    }
    if problems.count() == 0 && settings.is_empty() {
        return Err(Error::data("the sheet has no row below its header").at(place));
    }
    Ok(Settings { rows: settings, problems, place })
}

fn text(rows: &Rows, column: Option<usize>) -> Option<String> {
    column.map(|column| rows.text(column)).filter(|text| !number::is_nothing(text)).map(str::to_owned)
}

/// One number: an operator beside it would say a direction, and a unit another one than the metric's.
fn plain(text: &str, mark: Mark) -> std::result::Result<Decimal, String> {
    let value = number::parse(text, mark).map_err(|why| why.to_string())?;
    if value.upper.is_some() || value.operator.is_some() || value.unit.is_some() || value.yes_no {
        return Err("is not just a number".to_owned());
    }
    Ok(value.number)
}

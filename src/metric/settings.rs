//! The sheet of `cmf metric set --file`: a metric a row, and what is to be said of it.

use rust_decimal::Decimal;

use crate::domain::item::{self, Field};
use crate::domain::listed::Listed as Problems;
use crate::domain::number::{self, Mark};
use crate::domain::priority;
use crate::domain::spec;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result};
use crate::metric::Given;
use crate::table::problem::repeated;
use crate::table::rows::{Known, List, Listed, Rows, Step};

/// What is read of the sheet; other columns are for people.
pub(crate) const LIST: List = List {
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

/// Reads the settings: a metric by its number, name or id, and what is said of it. An empty cell says nothing. Exit 65 when a
/// cell cannot be read or a metric is there twice: nothing is set then.
pub(crate) fn read(table: &Listed, mark: Mark) -> Result<Vec<(String, Given)>> {
    let place = Place { sheet: table.sheet.clone(), ..table.source().place() };
    let column = |name: &str| table.column(name);
    let mut settings: Vec<(String, Given)> = Vec::new();
    let mut problems = Problems::of_at_most(SHOWN);
    let mut rows = table.rows().map_err(|error| error.at(place.clone()))?;
    while rows.step().map_err(|error| error.at(place.clone()))? == Step::Row {
        let number = rows.row().number;
        let mut problem = |name: &str, what: String| problems.add(|| format!("row {number}, column {name}: {what}"));
        let metric = text(&rows, column("metric")).unwrap_or_default();
        let mut given = Given::default();
        if metric.is_empty() {
            problem("metric", "there is no metric".to_owned());
        } else if settings.iter().any(|(other, _)| item::normalised(other) == item::normalised(&metric)) {
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
        settings.push((metric, given));
    }
    if problems.count() == 0 && settings.is_empty() {
        return Err(Error::data("the sheet has no row below its header").at(place));
    }
    if problems.count() == 0 {
        return Ok(settings);
    }
    let mut error = Error::data(format!("the sheet has {}", counted(problems.count(), "problem"))).at(place);
    for line in problems.lines() {
        error = error.detail(line);
    }
    Err(error.hint("correct these cells and run the command again"))
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

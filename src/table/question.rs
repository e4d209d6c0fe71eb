//! What only the user can answer.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{About, Options, Prepared, Unclear};
use crate::domain::item::Field;
use crate::domain::number::{self, Mark};
use crate::domain::period::{Calendar, Period};
use crate::domain::unit;
use crate::error::{Error, Place, Result, shell_word};
use crate::table::columns::{Columns, Mapped, from_letters, letters, recognise};
use crate::table::row::{Kind, Row};
use crate::table::series::{self, Series, Written, is_day};
use crate::table::source::Source;

/// The error of a file of readings. `as_catalog` are the options that import it all the same; those of `readings`, where there are
/// any, also import its readings.
pub(super) fn time_series(
    series: &Series,
    source: &Source,
    place: &Place,
    (as_catalog, readings): (&str, Option<&str>),
) -> Error {
    let sheet = place.sheet.as_deref().map(|sheet| format!(" --sheet {}", shell_word(sheet))).unwrap_or_default();
    let file = format!("--file {}{sheet}", shell_word(&source.name));
    let wide = format!("record its readings with `cmf record --wide {file}`");
    let made = readings.map(|options| format!("import names and readings as a new catalog with {options}"));
    let mut is_made = false;
    let error = match series {
        Series::Columns { dates, others } => {
            let (first, last) = (&dates[0], &dates[dates.len() - 1]);
            let mut error = Error::data(format!(
                "this is a time series, not a catalog: {} headers are dates, from {first} to {last}",
                dates.len()
            ));
            let mut first = Vec::new();
            if let Some(vague) = dates.iter().find(|date| !is_day(date)) {
                // Its last day, where no fiscal year can begin in any month.
                let period = Period::beside(vague).map(|(period, _)| period).filter(|period| !period.fiscal);
                let end = period.and_then(|period| period.end(Calendar::default()));
                let day = end.map_or("YYYY-MM-DD".to_owned(), |end| end.format("%F").to_string());
                first.push(format!("write headers such as `{vague}` as days ({day})"));
            }
            if !others.is_empty() {
                first.push(format!("remove the columns without readings ({})", others.join(", ")));
            }
            // What works as it is comes first.
            if !first.is_empty() {
                error = made.iter().fold(error, Error::hint);
                if readings.is_some_and(|options| options.contains("start=")) {
                    error = error.hint("start is the month in which the fiscal year begins: 10 is October, 1 is January");
                }
                is_made = true;
            }
            match first.as_slice() {
                [] => error.hint(wide),
                first => error.hint(format!(
                    "or, if its metrics are in cmf already: {}; then run `cmf record --wide {file}`",
                    first.join(" and ")
                )),
            }
        }
        Series::Rows { metric, value, at, written, repeats } => {
            let mut maps = vec![("metric", metric.clone()), ("at", at.clone())];
            maps.extend(value.as_ref().map(|value| ("value", value.clone())));
            let maps: String =
                maps.iter().map(|(field, column)| format!(" --map {}", shell_word(format_args!("{field}={column}")))).collect();
            let maps = match written {
                Some(Written::As(format)) => format!("{maps} --date-format {format}"),
                _ => maps,
            };
            let value = if value.is_some() { "" } else { " --map value=COLUMN" };
            let mut error = Error::data(if *repeats {
                format!("this is a time series, not a catalog: metrics repeat for the dates in column {at}")
            } else {
                format!("this is a file of readings, not a catalog: its rows have only a value and a time ({at})")
            })
            .hint(format!("record its readings with `cmf record {file}{maps}{value}`"));
            if let Some(Written::Unsure(text)) = written {
                error =
                    error.hint(format!("and give the form of dates such as `{text}`: --date-format DD/MM/YYYY or MM/DD/YYYY"));
            }
            error.hint("the metrics must exist first: import a sheet with one row for each, with --activate")
        }
        Series::Down(column) => {
            let error = Error::data(format!(
                "this is a time series, not a catalog: column {column} has dates, and each metric has a column of its own"
            ))
            .hint(wide);
            if series::is_instant(column) {
                error
            } else {
                error.hint(format!("first rename the column {column} to `at`, with days such as 2026-01-31"))
            }
        }
    };
    let error = error.at(place.clone()).hint(format!("if it is a catalog anyway, add {as_catalog}"));
    made.filter(|_| !is_made).into_iter().fold(error, |error, made| error.hint(format!("or {made}")))
}

/// Headers that name different units for the numbers of one metric, where no column has the unit.
pub(super) fn units(columns: &Columns, place: &Place) -> Option<Error> {
    if columns.get(Field::Unit).is_some() {
        return None;
    }
    let known: Vec<_> = columns.numbers().filter_map(|mapped| Some((mapped, unit::family(mapped.unit.as_deref()?)?))).collect();
    let (first, family) = known.first()?;
    let (other, _) = known.iter().find(|(_, other)| other != family)?;
    Some(
        Error::data(format!("`{}` and `{}` are counted in different units", first.header, other.header))
            .at(place.clone())
            .hint("convert one of them, and give both headers the same unit")
            .hint(format!("or ignore one, such as with --map {}=", other.field.as_str())),
    )
}

/// A column as an answer: its letters, its header, and some of its values.
pub(super) fn choice(column: usize, columns: &Columns, sample: &[Row]) -> (String, String, Vec<String>) {
    let mut values: Vec<String> = Vec::new();
    for row in sample {
        let shown: String =
            row.cell(column).shown().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
        if !shown.is_empty() && !values.contains(&shown) && values.len() < 3 {
            values.push(shown);
        }
    }
    (letters(column), columns.headers[column].clone(), values)
}

pub(super) fn question(columns: &Columns, sample: &[Row], place: &Place) -> Result<Option<Unclear>> {
    if let Some((field, wanted)) = columns.missing.first() {
        let known: Vec<&str> = columns.headers.iter().map(String::as_str).filter(|header| !header.is_empty()).collect();
        return Err(Error::usage(format!("there is no column `{wanted}` to read {} from", field.as_str()))
            .at(place.clone())
            .hint(format!("the columns are: {}", known.join(", "))));
    }
    let choice = |column: usize| choice(column, columns, sample);
    if let Some((field, claims)) = columns.ambiguous.first() {
        let mut error = Error::data(format!("{} columns could be {}", claims.len(), field.as_str())).at(place.clone());
        for column in claims {
            let hidden = if columns.hidden.contains(column) { " (hidden)" } else { "" };
            error = error.detail(format!("column {}: {}{hidden}", letters(*column), columns.headers[*column]));
        }
        let is_likely =
            |column: &&usize| !columns.hidden.contains(*column) && sample.iter().any(|row| !row.cell(**column).is_blank());
        // Of several readings the last is the newest.
        let likely = if *field == Field::Name { claims.iter().find(is_likely) } else { claims.iter().rev().find(is_likely) };
        let likely = likely.or(claims.last()).copied().unwrap_or_default();
        let same = columns.headers.iter().filter(|header| **header == columns.headers[likely]).count() > 1;
        let name = if same { letters(likely) } else { columns.headers[likely].clone() };
        error = error.hint(format!("choose one with --map {}", shell_word(format_args!("{}={name}", field.as_str()))));
        if *field != Field::Name {
            error = error.hint(format!("or ignore it with --map {}=", field.as_str()));
        }
        return Ok(Some(Unclear {
            about: About::Column(*field),
            choices: claims.iter().copied().map(choice).collect(),
            error,
        }));
    }
    if columns.get(Field::Name).is_none() {
        let is_taken = |one: &&Mapped| one.given && recognise(&one.header).is_some_and(|known| known.field == Field::Name);
        if let Some(taken) = columns.mapped.iter().find(is_taken) {
            let (column, field) = (letters(taken.column), taken.field.as_str());
            return Err(Error::data(format!(
                "--map gives column {column} ({}) to {field}, so no column is left for the metric's name",
                taken.header
            ))
            .at(place.clone())
            .hint(format!("read {field} from another column, or name the column of the names with --map name=COLUMN")));
        }
        let mut error = Error::data("cmf finds no column with the metric's name").at(place.clone());
        for (column, field, why) in &columns.refused {
            let header = &columns.headers[*column];
            error = error.detail(format!("column {} ({header}) is not {}: {why}", letters(*column), field.as_str()));
        }
        let named: Vec<usize> = (0..columns.headers.len()).filter(|column| !columns.headers[*column].is_empty()).collect();
        let known: Vec<&str> = named.iter().map(|column| columns.headers[*column].as_str()).collect();
        let likely = likely_names(&named, columns, sample);
        let such = likely.first().map_or("COLUMN", |column| columns.headers[*column].as_str());
        let error = error
            .detail(format!("the columns are: {}", known.join(", ")))
            .hint(format!("name it with --map {}", shell_word(format_args!("name={such}"))));
        let offered = if likely.is_empty() { named } else { likely };
        return Ok(Some(Unclear {
            about: About::Column(Field::Name),
            choices: offered.into_iter().map(choice).collect(),
            error,
        }));
    }
    Ok(None)
}

/// Which decimal mark a column's numbers have.
pub(super) fn decimal(column: usize, readings: &str, place: Place) -> Prepared {
    let error = Error::data(format!("column {} can be read in two ways: {readings}", letters(column)))
        .at(place)
        .hint("choose one with --decimal point or --decimal comma");
    let choice = |mark: Mark| (mark.as_str().to_owned(), String::new(), vec![readings.to_owned()]);
    Prepared::Unclear(Box::new(Unclear {
        about: About::Decimal,
        choices: vec![choice(Mark::Point), choice(Mark::Comma)],
        error,
    }))
}

/// What plain numbers under % are that are all at most 1. Only where no column has larger ones all can be times 100.
pub(super) fn percent(example: &str, all_small: bool, place: Place) -> Prepared {
    let hundredfold = number::parse(example, Mark::Point).or_else(|_| number::parse(example, Mark::Comma));
    let hundredfold = hundredfold.ok().and_then(|value| value.number.checked_mul(Decimal::ONE_HUNDRED));
    let times = format!("{example} is {}%", hundredfold.map(|number| number.normalize().to_string()).unwrap_or_default());
    let as_is = format!("{example} is {example}%");
    let mut choices = vec![("as-is".to_owned(), String::new(), vec![as_is])];
    let mut error =
        Error::data(format!("`{example}` under % can be a fraction ({times}) or a percentage, as can its whole column"))
            .at(place);
    if all_small {
        choices.insert(0, ("scale".to_owned(), String::new(), vec![times]));
        error = error.hint("choose --percent scale (times 100) or --percent as-is");
    } else {
        error = error
            .hint("--percent as-is stores all values as written")
            .hint("if they are fractions, write them with a percent sign, such as 95%; --percent scale would also multiply the larger numbers of other columns");
    }
    Prepared::Unclear(Box::new(Unclear { about: About::Percent, choices, error }))
}

/// A column between the others that has values and no header.
pub(super) fn nameless(columns: &Columns, sample: &[Row], options: &Options, place: &Place) -> Option<(usize, Unclear)> {
    let rows: Vec<&Row> = sample.iter().filter(|row| row.cells().filter(|cell| !cell.is_blank()).count() > 1).collect();
    let values = |column: usize| rows.iter().map(move |row| row.cell(column)).filter(|cell| !cell.is_blank());
    let is_running = |column: usize| {
        let numbers: Option<Vec<u64>> = values(column).map(|cell| cell.text.trim().parse().ok()).collect();
        let begins = |numbers: &[u64]| matches!(numbers.first(), Some(0 | 1));
        numbers
            .is_some_and(|numbers| begins(&numbers) && numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1])))
    };
    let is_known = |column: usize| {
        columns.mapped.iter().any(|mapped| mapped.column == column)
            || options.unread.iter().any(|unread| from_letters(unread) == Some(column))
    };
    let end = columns.side.unwrap_or(columns.headers.len()).min(columns.headers.len());
    let column = (0..end).find(|&column| {
        let count = values(column).count();
        columns.headers[column].is_empty() && !is_known(column) && count > 0 && count * 4 >= rows.len() && !is_running(column)
    })?;
    let shown: Vec<String> = values(column).take(3).map(|cell| cell.text.trim().chars().take(40).collect()).collect();
    let letter = letters(column);
    let free = Field::ALL.into_iter().filter(|field| columns.get(*field).is_none());
    let error = Error::data(format!("column {letter} has values and no header: {}", shown.join(" · ")))
        .at(place.clone())
        .hint(format!("name its field with --map FIELD={letter}, such as --map current_value={letter}"))
        .hint(format!("or ignore it with --map ={letter}"));
    let choices = free.map(|field| (field.as_str().to_owned(), String::new(), Vec::new())).collect();
    Some((column, Unclear { about: About::Nameless(column), choices, error }))
}

/// Whether most values of a column are numbers.
pub(super) fn has_numbers(column: usize, sample: &[Row]) -> bool {
    let filled: Vec<_> = sample.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_blank()).collect();
    let is_number =
        |kind: Kind, text: &str| matches!(kind, Kind::Number | Kind::Percent) || number::parse(text, Mark::Point).is_ok();
    filled.iter().filter(|cell| is_number(cell.kind, cell.text)).count() * 2 > filled.len()
}

/// The columns that could hold names, the likeliest first: codes with their texts, then columns that nothing else is read
/// from, descriptions and bare codes.
fn likely_names(named: &[usize], columns: &Columns, sample: &[Row]) -> Vec<usize> {
    let order = |column: usize| {
        let field = columns.mapped.iter().find(|mapped| mapped.column == column).map(|mapped| mapped.field);
        let has_text = sample.iter().any(|row| row.cell(column).text.trim().contains(' '));
        match field {
            Some(Field::Subcategory) if has_text => Some(0),
            None => Some(1),
            Some(Field::Description) => Some(2),
            Some(Field::Subcategory) => Some(3),
            Some(_) => None,
        }
    };
    let mut likely: Vec<(usize, usize)> = named
        .iter()
        .filter(|column| may_be_name(**column, sample))
        .filter_map(|column| Some((order(*column)?, *column)))
        .collect();
    likely.sort_unstable();
    likely.into_iter().map(|(_, column)| column).collect()
}

/// Whether a column could hold names: texts of its own in most rows, few of them twice.
fn may_be_name(column: usize, sample: &[Row]) -> bool {
    let rows = sample.iter().filter(|row| !row.is_blank()).count();
    let texts: Vec<&str> = sample
        .iter()
        .map(|row| row.cell(column))
        .filter(|cell| !cell.is_blank() && cell.kind == Kind::Text && number::parse(cell.text, Mark::Point).is_err())
        .map(|cell| cell.text.trim())
        .collect();
    let distinct: BTreeSet<&str> = texts.iter().copied().collect();
    texts.len() * 2 > rows && distinct.len() * 2 > texts.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_names_has_texts_in_most_rows_and_few_of_them_twice() {
        let is_likely = |texts: &[&str]| {
            let row = |text: &&str| {
                let mut row = Row::default();
                row.push(Kind::Text, "filled");
                row.push(Kind::Text, text);
                row
            };
            may_be_name(1, &texts.iter().map(row).collect::<Vec<_>>())
        };
        assert!(is_likely(&["Phishing", "MFA", "Patching", "Phishing"]));
        assert!(!is_likely(&["High", "High", "Low", "Low"]), "few are different");
        assert!(!is_likely(&["Phishing", "", "", ""]), "few rows have one");
        assert!(!is_likely(&["5", "7", "9", "Phishing"]), "most are numbers");
    }
}

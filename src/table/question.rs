//! What only the user can answer.

use std::collections::BTreeSet;

use super::{About, Options, Unclear};
use crate::domain::item::Field;
use crate::domain::number::{self, Mark};
use crate::domain::unit;
use crate::error::{Error, Place, Result, shell_word};
use crate::table::columns::{Columns, from_letters, letters};
use crate::table::row::{Kind, Row};
use crate::table::series::{self, Series, Written, is_day};
use crate::table::source::Source;

pub(super) fn time_series(series: &Series, source: &Source, place: &Place) -> Error {
    let sheet = place.sheet.as_deref().map(|sheet| format!(" --sheet {}", shell_word(sheet))).unwrap_or_default();
    let file = format!("--file {}{sheet}", shell_word(&source.name));
    let wide = format!("record its readings with `cmf record --wide {file}`");
    let error = match series {
        Series::Columns { dates, others } => {
            let (first, last) = (&dates[0], &dates[dates.len() - 1]);
            let mut error = Error::data(format!(
                "this is a time series, not a catalog: {} headers are dates, from {first} to {last}",
                dates.len()
            ))
            .hint(wide);
            if let Some(vague) = dates.iter().find(|date| !is_day(date)) {
                error = error.hint(format!(
                    "that takes instants alone: first write headers such as `{vague}` as days, such as 2026-01-31"
                ));
            }
            if !others.is_empty() {
                error = error.hint(format!("and first remove the columns that hold no readings: {}", others.join(", ")));
            }
            error
        }
        Series::Rows { metric, value, at, written } => {
            let mut maps = vec![("metric", metric.clone()), ("at", at.clone())];
            maps.extend(value.as_ref().map(|value| ("value", value.clone())));
            let maps: String =
                maps.iter().map(|(field, column)| format!(" --map {}", shell_word(format_args!("{field}={column}")))).collect();
            let maps = match written {
                Some(Written::As(format)) => format!("{maps} --date-format {format}"),
                _ => maps,
            };
            let value = if value.is_some() { "" } else { " --map value=COLUMN" };
            let mut error =
                Error::data(format!("this is a time series, not a catalog: metrics repeat for the dates in column {at}"))
                    .hint(format!("record its readings with `cmf record {file}{maps}{value}`"));
            if let Some(Written::Unsure(text)) = written {
                error = error
                    .hint(format!("and say how dates such as `{text}` are written: --date-format DD/MM/YYYY or MM/DD/YYYY"));
            }
            error.hint("the metrics come first: import a sheet with one row for each, with --activate")
        }
        Series::Down(column) => {
            let error = Error::data(format!(
                "this is a time series, not a catalog: column {column} has dates, and each metric has a column of its own"
            ))
            .hint(wide);
            if series::is_instant(column) {
                error
            } else {
                error.hint(format!("first call the column {column} `at`, with days such as 2026-01-31"))
            }
        }
    };
    error.at(place.clone()).hint("add --as-catalog if it is a catalog all the same")
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
            .hint(format!("or leave one out, such as with --map {}=", other.field.as_str())),
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

/// What is unclear about the columns.
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
            error = error.detail(format!("column {}: {}", letters(*column), columns.headers[*column]));
        }
        let has_values = |column: &&usize| sample.iter().any(|row| !row.cell(**column).is_blank());
        let last = claims.iter().rev().find(has_values).or(claims.last()).copied().unwrap_or_default();
        let same = claims.iter().filter(|column| columns.headers[**column] == columns.headers[last]).count() > 1;
        let name = if same { letters(last) } else { columns.headers[last].clone() };
        let error = error
            .hint(format!("say which one with --map {}", shell_word(format_args!("{}={name}", field.as_str()))))
            .hint(format!("or leave it out with --map {}=", field.as_str()));
        return Ok(Some(Unclear {
            about: About::Column(*field),
            choices: claims.iter().copied().map(choice).collect(),
            error,
        }));
    }
    if columns.get(Field::Name).is_none() {
        let mut error = Error::data("no column is recognised as the metric's name").at(place.clone());
        for (column, field, why) in &columns.refused {
            let header = &columns.headers[*column];
            error = error.detail(format!("column {} ({header}) is not {}: {why}", letters(*column), field.as_str()));
        }
        let named: Vec<usize> = (0..columns.headers.len()).filter(|column| !columns.headers[*column].is_empty()).collect();
        let known: Vec<&str> = named.iter().map(|column| columns.headers[*column].as_str()).collect();
        let error =
            error.detail(format!("the columns are: {}", known.join(", "))).hint("say which one it is with --map name=COLUMN");
        let likely: Vec<usize> = named.iter().copied().filter(|column| may_be_name(*column, columns, sample)).collect();
        let offered = if likely.is_empty() { named } else { likely };
        return Ok(Some(Unclear {
            about: About::Column(Field::Name),
            choices: offered.into_iter().map(choice).collect(),
            error,
        }));
    }
    Ok(None)
}

/// A column between the others that has values and no header.
pub(super) fn nameless(columns: &Columns, sample: &[Row], options: &Options, place: &Place) -> Option<Unclear> {
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
        .hint(format!("say what it is with --map FIELD={letter}, such as --map current_value={letter}"))
        .hint(format!("or leave it out with --map ={letter}"));
    Some(Unclear {
        about: About::Nameless(column),
        choices: free.map(|field| (field.as_str().to_owned(), String::new(), Vec::new())).collect(),
        error,
    })
}

/// Whether a column could hold names: texts of its own in most rows, few of them twice.
fn may_be_name(column: usize, columns: &Columns, sample: &[Row]) -> bool {
    if columns.mapped.iter().any(|mapped| mapped.column == column) {
        return false;
    }
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
            may_be_name(1, &Columns::default(), &texts.iter().map(row).collect::<Vec<_>>())
        };
        assert!(is_likely(&["Phishing", "MFA", "Patching", "Phishing"]));
        assert!(!is_likely(&["High", "High", "Low", "Low"]), "few are different");
        assert!(!is_likely(&["Phishing", "", "", ""]), "few rows have one");
        assert!(!is_likely(&["5", "7", "9", "Phishing"]), "most are numbers");
    }
}

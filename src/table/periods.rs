//! Columns of periods: `Q1..Q4`, `Jan 26`, `FY26`. They are readings beside the metrics of a table, each at the end of its period.

use std::collections::{BTreeSet, HashSet};

use chrono::Datelike as _;

use super::columns::{self, Columns, Mapped, Readings, letters};
use super::dating::Series;
use super::row::Row;
use super::{About, Options, Unclear};
use crate::domain::item::Field;
use crate::domain::period::{Calendar, Part, Period};
use crate::domain::reading::FUTURE_LIMIT;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result, shell_word};

/// The columns whose headers are periods of values that fit. What the user reads as something else is none of them.
fn found(columns: &Columns, sample: &[Row], options: &Options) -> Vec<(usize, Period)> {
    let end = columns.side.unwrap_or(usize::MAX);
    let is_free = |column: usize| {
        column < end
            && !columns
                .mapped
                .iter()
                .any(|mapped| mapped.column == column && (mapped.given || mapped.field != Field::CurrentValue))
            && !options.unread.iter().any(|unread| columns::named(&columns.headers, unread) == Some(column))
    };
    // What is summed up since a beginning is no value of its period.
    let is_summed = |rest: &str| rest.split_whitespace().any(|word| matches!(word, "ytd" | "mtd" | "qtd" | "cumulative"));
    let is_value = |rest: &str| {
        let is_current = || columns::recognise(rest).is_some_and(|known| known.field == Field::CurrentValue);
        rest.is_empty() || !is_summed(rest) && is_current()
    };
    let found: Vec<(usize, Period)> = columns
        .headers
        .iter()
        .enumerate()
        .filter(|(column, _)| is_free(*column))
        .filter_map(|(column, header)| Some((column, Period::beside(header)?)))
        .filter(|(_, (_, rest))| is_value(&rest.replace(['%', '#'], " ")))
        .map(|(column, (period, _))| (column, period))
        .filter(|(column, _)| columns::holds_numbers(*column, sample))
        .collect();
    // `Jan 19 | Jan 26`: days of a week apart, and no years.
    let years: BTreeSet<i32> = found.iter().filter_map(|(_, period)| period.year).collect();
    let is_apart = years.iter().zip(years.iter().skip(1)).any(|(year, next)| next - year > 1);
    let is_same_month = found.windows(2).all(|pair| pair[0].1.part == pair[1].1.part)
        && matches!(found.first(), Some((_, Period { part: Part::Month(_), .. })));
    if found.len() > 1 && is_same_month && is_apart { Vec::new() } else { found }
}

/// Whether a table has more of a catalog beside its periods than names, and what a file of readings may have, too.
fn has_catalog(columns: &Columns) -> bool {
    let is_more = |field: Field| {
        !matches!(
            field,
            Field::Name | Field::MetricNumber | Field::Unit | Field::Owner | Field::Frequency | Field::CurrentValue
        ) && !field.is_count()
    };
    let mut fields = columns.mapped.iter().map(|mapped| mapped.field).chain(columns.ambiguous.iter().map(|one| one.0));
    columns.get(Field::Name).is_some() && fields.any(is_more)
}

/// What became of the columns of periods.
pub(super) enum Taken {
    /// The columns are as they should be; what the user should know.
    Told(Vec<String>),
    /// A question first.
    Unclear(Box<Unclear>),
    /// Nothing but names and readings under these headers, which are no catalog unless the user says so.
    Bare(Vec<String>),
}

/// Takes the columns of periods out of those that could be the current value, and puts them into `columns.series` where they
/// are readings. Exit 2 if the user asks for a series and there is none, 65 if its columns cannot be told from each
/// other.
pub(super) fn take(columns: &mut Columns, sample: &[Row], options: &Options, place: &Place) -> Result<Taken> {
    let found = found(columns, sample, options);
    let is_decided = options.given.iter().any(|(field, _)| field == Field::CurrentValue.as_str());
    let said = match options.series {
        // An export has the value under its own name, and beside it what its sheet had.
        None if found.len() > 1
            && columns.get(Field::CurrentValue).is_some_and(|one| one.header == Field::CurrentValue.as_str()) =>
        {
            let count = counted(found.len(), "column");
            leave(columns, &found);
            return Ok(Taken::Told(vec![format!(
                "{count} of periods are kept as texts beside current_value: --series reads them"
            )]));
        }
        None if found.len() < 2 || is_decided => return Ok(Taken::Told(alone(&found, columns))),
        // A file for `cmf record`, unless it is said to be a catalog: then its dates are texts.
        None if !has_catalog(columns) && found.iter().all(|(_, period)| period.year.is_some()) => {
            if options.as_catalog {
                leave(columns, &found);
                return Ok(Taken::Told(Vec::new()));
            }
            return Ok(Taken::Bare(found.iter().map(|(column, _)| columns.headers[*column].clone()).collect()));
        }
        None => Series::default(),
        Some(Series::No) => {
            leave(columns, &found);
            return Ok(Taken::Told(Vec::new()));
        }
        Some(_) if found.is_empty() && options.map_series => return Ok(Taken::Told(Vec::new())),
        Some(said) if found.is_empty() => {
            return Err(Error::usage("no header is a quarter, a month or another period")
                .at(place.clone())
                .hint(format!("leave out --series {said}")));
        }
        Some(said) => said,
    };
    let Series::Yes { year, start, months } = said else { return Ok(Taken::Told(Vec::new())) };
    let unclear = |error: Error, choices: &[(&str, &str)]| {
        let choices = choices.iter().map(|(answer, label)| ((*answer).to_owned(), (*label).to_owned(), Vec::new()));
        let mut choices: Vec<_> = choices.collect();
        if choices.is_empty() {
            choices.extend(found.iter().map(|(column, _)| super::question::choice(*column, columns, sample)));
        }
        let error = error.at(place.clone()).hint("or keep the columns as texts with --series no");
        Ok(Taken::Unclear(Box::new(Unclear { about: About::Series, choices, error })))
    };
    let with = |word: &str| said.and(word).map_or_else(|_| word.to_owned(), |said| said.to_string());
    let header = |at: usize| columns.headers[found[at].0].as_str();
    let (first, last) = (header(0), header(found.len() - 1));
    let span = if found.len() == 1 { format!("`{first}`") } else { format!("`{first}` to `{last}`") };
    let count = counted(found.len(), "column");
    if found.iter().any(|(_, period)| period.year.is_none()) && year.is_none() {
        let has_values = |at: &usize| sample.iter().any(|row| !row.cell(found[*at].0).is_blank());
        let newest = (0..found.len()).rfind(has_values).map_or(last, header);
        let error = Error::data(format!("{count} are readings, {span}, and the sheet does not say which year"))
            .hint(format!("give the year, such as --series {}", with(&format!("year={}", last_year(&found, start, options)))))
            .hint(format!(
                "or use one column as the current value, such as --map {}",
                shell_word(format_args!("current_value={newest}"))
            ));
        return unclear(error, &[]);
    }
    let is_fiscal = found.iter().any(|(_, period)| period.fiscal);
    if is_fiscal && start.is_none() && options.series.is_none() {
        let error = Error::data(format!(
            "{count} are readings, {span}, and the sheet does not say in which month the fiscal year begins"
        ))
        .hint("give the month, such as --series start=10 for October, or --series start=1 for calendar years");
        return unclear(
            error,
            &[("start=1", "January: calendar years"), ("start=10", "October; or another month from 1 to 12")],
        );
    }
    let are_first_days = found.len() > 1
        && found.iter().all(|(_, period)| period.as_month().is_some())
        && found.iter().map(|(_, period)| period.as_month()).collect::<HashSet<_>>().len() == found.len();
    if are_first_days && months.is_none() {
        let error = Error::data(format!("{count} are readings, {span}: first days of months, which can mean whole months"))
            .hint(format!("for the whole months, add --series {}", with("dates=months")))
            .hint(format!("for the days themselves, add --series {}", with("dates=days")));
        return unclear(error, &[("dates=months", "the whole months"), ("dates=days", "the days themselves")]);
    }
    let calendar = Calendar { year, start: start.unwrap_or(1) };
    let mut series = Vec::new();
    for (column, period) in &found {
        let period = if are_first_days && months == Some(true) { period.as_month().unwrap_or(*period) } else { *period };
        let header = columns.headers[*column].clone();
        let at = period.end(calendar).ok_or_else(|| {
            let error = Error::data(format!("`{header}` is not a period of the calendar"));
            let error = error.at(Place { column: Some(letters(*column)), ..place.clone() });
            let hint = "if it is a day, give the form of dates with --date-format, such as DD/MM/YYYY";
            error.hint(if period.part == Part::Unsure { hint } else { "correct it, or read no series with --series no" })
        })?;
        let unit = columns::recognise(&header).and_then(|known| known.unit);
        let mapped = Mapped {
            field: Field::CurrentValue,
            column: *column,
            header,
            confidence: 99,
            unit,
            given: options.series.is_some(),
            rivals: Vec::new(),
        };
        series.push(Readings { mapped, period, at, values: 0 });
    }
    in_order(&series, start, &with).map_err(|error| error.at(place.clone()))?;
    leave(columns, &found);
    let mut told = vec![format!(
        "{count} are readings ({span}), each at the end of its period, from {} to {} UTC (--series no keeps them as texts)",
        series.iter().map(|one| one.at).min().unwrap_or_default().format("%F"),
        series.iter().map(|one| one.at).max().unwrap_or_default().format("%F"),
    )];
    if is_fiscal && start.is_none() {
        told.push("fiscal years begin in January (--series start=10 for October)".to_owned());
    }
    columns.series = series;
    Ok(Taken::Told(told))
}

/// The newest year in which all of these periods are over.
fn last_year(found: &[(usize, Period)], start: Option<u32>, options: &Options) -> i32 {
    let Some(now) = options.now else { return 2025 };
    let is_over = |year: &i32| {
        let calendar = Calendar { year: Some(*year), start: start.unwrap_or(1) };
        found.iter().all(|(_, period)| period.end(calendar).is_none_or(|end| end <= now))
    };
    Some(now.year()).filter(is_over).unwrap_or(now.year() - 1)
}

/// What is told of the one period whose values are taken as measured now.
fn alone(found: &[(usize, Period)], columns: &Columns) -> Vec<String> {
    let is_current = |column: usize| columns.mapped.iter().any(|mapped| mapped.column == column && !mapped.given);
    let one = found.iter().filter(|(column, _)| is_current(*column));
    one.map(|(column, _)| {
        let header = &columns.headers[*column];
        format!("the values of `{header}` count as measured now; --series dates them by their header, --at by a date")
    })
    .collect()
}

/// Refuses columns that cannot be told from each other by their ends.
fn in_order(series: &[Readings], start: Option<u32>, with: &dyn Fn(&str) -> String) -> Result<()> {
    let mut seen: Vec<&Readings> = Vec::new();
    for one in series {
        if let Some(same) = seen.iter().find(|same| same.at == one.at) {
            return Err(Error::data(format!(
                "columns {} (`{}`) and {} (`{}`) end at the same time",
                letters(same.mapped.column),
                same.mapped.header,
                letters(one.mapped.column),
                one.mapped.header
            ))
            .hint(format!("ignore one, such as with --map ={}", letters(one.mapped.column))));
        }
        seen.push(one);
    }
    let kinds: Vec<&Readings> = series.iter().filter(|one| one.period.part.name() != series[0].period.part.name()).collect();
    if let Some(other) = kinds.first() {
        let error = Error::data(format!(
            "`{}` is a {} and `{}` a {}: which of them are the readings?",
            series[0].mapped.header,
            series[0].period.part.name(),
            other.mapped.header,
            other.period.part.name()
        ));
        let left_out: Vec<String> = kinds.iter().map(|one| format!("--map ={}", letters(one.mapped.column))).collect();
        return Err(error.hint(format!("ignore those of one kind, such as with {}", left_out.join(" "))));
    }
    let rises = series.windows(2).all(|pair| pair[0].at < pair[1].at);
    let falls = series.windows(2).all(|pair| pair[0].at > pair[1].at);
    if start.is_none() && !rises && !falls {
        let (first, last) = (&series[0].mapped.header, &series[series.len() - 1].mapped.header);
        return Err(Error::data(format!("the columns from `{first}` to `{last}` are not in the order of a calendar year"))
            .hint(format!(
                "give the month in which the year begins, such as --series {}; a fiscal year has the number of its last year",
                with("start=10")
            )));
    }
    Ok(())
}

/// Reads nothing else from these columns. What is left of several columns that could be the current value is no longer it
/// because of them.
fn leave(columns: &mut Columns, found: &[(usize, Period)]) {
    let is_found = |column: usize| found.iter().any(|(known, _)| *known == column);
    columns.mapped.retain(|mapped| mapped.given || !is_found(mapped.column));
    let mut others = Vec::new();
    columns.ambiguous.retain_mut(|(field, claims)| {
        if *field != Field::CurrentValue {
            return true;
        }
        let before = claims.len();
        claims.retain(|column| !is_found(*column));
        if claims.len() == 1 && before > 1 {
            others.append(claims);
        }
        !claims.is_empty()
    });
    for column in others {
        columns.refused.push((column, Field::CurrentValue, "the columns of periods have the values".to_owned()));
    }
}

/// The options that import all readings of these columns: the value of a period that is not over was measured now.
pub(super) fn options_for_all(columns: &Columns, sample: &[Row], options: &Options) -> String {
    let found = found(columns, sample, options);
    // The month in which a fiscal year begins has to be said: this is an example.
    let is_fiscal = found.iter().any(|(_, period)| period.fiscal);
    let calendar = if is_fiscal { Calendar { start: 10, ..Calendar::default() } } else { Calendar::default() };
    let series = if is_fiscal { "--series start=10" } else { "--series yes" };
    let limit = options.now.map(|now| now + FUTURE_LIMIT);
    let is_ahead = |period: &Period| period.end(calendar).is_some_and(|end| limit.is_some_and(|limit| end > limit));
    let ahead: Vec<usize> = found.into_iter().filter(|(_, period)| is_ahead(period)).map(|(column, _)| column).collect();
    match ahead.as_slice() {
        [] => series.to_owned(),
        [one] => format!("{series} --map current_value={}", letters(*one)),
        _ => format!("{series} --allow-future"),
    }
}

/// Values of periods that end in the future: those of the period that runs now, or of later ones.
pub(super) fn ahead(columns: &Columns, options: &Options, place: &Place) -> Option<Unclear> {
    let now = options.now.filter(|_| !options.allow_future)?;
    let ahead: Vec<&Readings> = columns.series.iter().filter(|one| one.values > 0 && one.at > now + FUTURE_LIMIT).collect();
    let one = ahead.iter().min_by_key(|one| one.at)?;
    let said = options.series.unwrap_or_default();
    let (header, letter) = (&one.mapped.header, letters(one.mapped.column));
    let more = if ahead.len() > 1 { format!(", and {} more", counted(ahead.len() - 1, "column")) } else { String::new() };
    let mut error = Error::data(format!(
        "`{header}` has {}, and ends in the future, {}{more}",
        counted(one.values, "value"),
        one.at.format("%F")
    ))
    .at(Place { column: Some(letter.clone()), ..place.clone() });
    let mut choices = Vec::new();
    if ahead.len() == 1 && columns.get(Field::CurrentValue).is_none() {
        error = error.hint(format!(
            "use its values as measured now with --series {said} --map {}",
            shell_word(format_args!("current_value={letter}"))
        ));
        choices.push(("now".to_owned(), "its values were measured now".to_owned(), vec![letter]));
    }
    choices.push(("end".to_owned(), "they are dated at its end, in the future".to_owned(), Vec::new()));
    let error = error.hint("or store them at its end with --allow-future");
    Some(Unclear { about: About::Ahead, choices, error })
}

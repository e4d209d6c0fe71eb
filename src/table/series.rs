//! Telling a time series from a catalog: readings under dates do not become metrics.

use super::columns::{self, Columns};
use super::row::{Cell, Kind, Row};
use crate::domain::item::{Field, normalised};
use crate::domain::number::{self, Mark};
use crate::domain::period::{Part, Period};

/// What kind of time series a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Series {
    Columns {
        /// The dates as they are written.
        dates: Vec<String>,
        /// The other headers besides the metric's.
        others: Vec<String>,
    },
    /// Dates are in a column, and a metric has a row for each.
    Rows {
        metric: String,
        /// The column of the values, where there is only one.
        value: Option<String>,
        at: String,
        /// How the dates are written, if it is not as `2026-01-31`.
        written: Option<Written>,
        /// Whether a metric is there several times; else the columns tell.
        repeats: bool,
    },
    /// Dates are in this column, and a metric has a column.
    Down(String),
}

/// Headers over dates that `cmf record` knows, too.
const INSTANTS: [&str; 10] =
    ["at", "date", "recorded at", "timestamp", "datetime", "measured at", "measurement date", "reading date", "as of", "time"];

/// Other headers over dates.
const PERIODS: [&str; 8] = ["period", "month", "week", "quarter", "year", "day", "datum", "reporting period"];

/// Headers over readings: a catalog has a value beside a target, or calls it the current one.
const VALUES: [&str; 6] = ["value", "reading", "measurement", "measured value", "result", "measured"];

/// What else a file of readings has.
const BESIDE: [&str; 8] = ["note", "notes", "comment", "comments", "by", "recorded by", "unit", "units"];

/// Whether `cmf record` reads instants under this header.
pub fn is_instant(header: &str) -> bool {
    INSTANTS.contains(&normalised(header).as_str())
}

fn is_date_header(header: &str) -> bool {
    is_instant(header) || PERIODS.contains(&normalised(header).as_str())
}

fn is_date(cell: Cell<'_>) -> bool {
    // A year alone can be any number.
    cell.kind == Kind::Date || Period::parse(cell.text).is_some_and(|period| period.year.is_some() && period.part != Part::Year)
}

/// The dates among the cells of a header, at least `least` of them.
fn dates_across(header: &Row, least: usize) -> Option<Series> {
    let (dates, others): (Vec<_>, Vec<_>) = header.cells().filter(|cell| !cell.is_blank()).partition(|cell| is_date(*cell));
    let shown = |cells: &[Cell<'_>]| cells.iter().map(|cell| cell.shown().trim().to_owned()).collect();
    // The first of the others is the metric's.
    let others = others.get(1..).unwrap_or_default();
    (dates.len() >= least).then(|| Series::Columns { dates: shown(&dates), others: shown(others) })
}

/// How days of numbers are written: `31.01.2026`, `1/31/2026`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// As `--date-format` says it.
    As(&'static str),
    /// In a way that has two readings, as here.
    Unsure(String),
}

/// How these texts are written, where they are days of numbers with the year last.
fn written(texts: &[&str]) -> Option<Written> {
    let parts = |text: &&str| -> Option<(char, u32, u32)> {
        let mark = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
        let mut parts = text.trim().split(mark);
        let (first, second, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        (year.len() == 4 && parts.next().is_none()).then_some((mark, first, second))
    };
    let days: Vec<(char, u32, u32)> = texts.iter().filter_map(parts).collect();
    let (mark, ..) = *days.first().filter(|_| days.len() == texts.len())?;
    let is_day_first = mark == '.' || days.iter().any(|(_, first, _)| *first > 12);
    let is_month_first = days.iter().any(|(_, _, second)| *second > 12);
    let format = match (mark, is_day_first, is_month_first) {
        ('.', true, false) => "DD.MM.YYYY",
        ('/', true, false) => "DD/MM/YYYY",
        ('/', false, true) => "MM/DD/YYYY",
        ('-', true, false) => "DD-MM-YYYY",
        ('-', false, true) => "MM-DD-YYYY",
        _ => return Some(Written::Unsure(texts[0].trim().to_owned())),
    };
    Some(Written::As(format))
}

/// Looks for metrics that repeat along a column of dates.
pub fn find(columns: &Columns, sample: &[Row]) -> Option<Series> {
    let mut keys =
        [Field::MetricNumber, Field::Name].into_iter().filter_map(|field| columns.get(field)).map(|mapped| mapped.column);
    let key = keys.clone().find(|key| sample.iter().all(|row| !row.cell(*key).is_blank())).or(keys.next_back())?;
    let value = columns.get(Field::CurrentValue);
    let series = |column: usize, repeats: bool| {
        let dates = sample.iter().map(|row| row.cell(column)).filter(|cell| !cell.is_blank());
        let texts: Vec<&str> = dates.filter(|cell| cell.kind != Kind::Date).map(|cell| cell.text).collect();
        let (metric, at) = (columns.called(key), columns.called(column));
        Series::Rows { metric, value: value.map(|mapped| columns.named(mapped)), at, written: written(&texts), repeats }
    };
    for (column, title) in columns.headers.iter().enumerate() {
        if !is_date_header(title) {
            continue;
        }
        // Nothing but what a file of readings has.
        let is_known = |(at, title): (usize, &String)| {
            let is_value = value.is_some_and(|value| value.column == at) && VALUES.contains(&normalised(title).as_str());
            title.is_empty() || at == key || at == column || is_value || BESIDE.contains(&normalised(title).as_str())
        };
        let has_value = value.is_some_and(|value| VALUES.contains(&normalised(&value.header).as_str()));
        if has_value
            && columns.headers.iter().enumerate().all(is_known)
            && sample.iter().all(|row| row.is_blank() || is_date(row.cell(column)))
        {
            return Some(series(column, false));
        }
        let mut seen: std::collections::HashMap<String, String> = std::collections::HashMap::new();
        for row in sample {
            let when = row.cell(column);
            let metric = row.cell(key);
            if metric.is_blank() || !is_date(when) {
                continue;
            }
            if let Some(before) = seen.insert(normalised(metric.text), when.text.to_owned())
                && before != when.text
            {
                return Some(series(column, true));
            }
        }
    }
    None
}

/// Looks for a time series in a sheet that has no header of a catalog; returns its row, too.
pub fn anywhere(rows: &[Row]) -> Option<(u64, Series)> {
    rows.iter().take(20).enumerate().find_map(|(index, header)| {
        let below = &rows[index + 1..];
        // Dates under headers that are none are values.
        let is_under = |above: &Row| {
            let mut dates = header.cells().enumerate().filter(|(_, cell)| is_date(*cell)).map(|(column, _)| above.cell(column));
            dates.all(|cell| !cell.is_blank() && !is_date(cell))
        };
        let is_header = index == 0 || !is_under(&rows[index - 1]);
        let is_number =
            |cell: Cell<'_>| matches!(cell.kind, Kind::Number | Kind::Percent) || number::parse(cell.text, Mark::Point).is_ok();
        if is_header
            && below.iter().any(|row| row.cells().any(is_number))
            && let Some(series) = dates_across(header, 2)
        {
            return Some((header.number, series));
        }
        let titles = columns::headers(header);
        let column = titles.iter().position(|title| is_date_header(title))?;
        let dates = below.iter().filter(|row| is_date(row.cell(column))).count();
        let has_number = |row: &&Row| row.cells().enumerate().any(|(at, cell)| at != column && is_number(cell));
        let is_series = titles.len() > 1 && dates >= 2 && below.iter().filter(has_number).count() >= 2;
        is_series.then(|| (header.number, Series::Down(titles[column].clone())))
    })
}

/// `2026-01-31`, perhaps with a time.
pub fn is_day(text: &str) -> bool {
    text.len() >= 10
        && text.bytes().take(10).enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_one_way_or_nobody_can_tell() {
        for (texts, expected) in [
            (&["31.01.2026", "05.02.2026"][..], Some(Written::As("DD.MM.YYYY"))),
            (&["01/02/2026", "31/01/2026"], Some(Written::As("DD/MM/YYYY"))),
            (&["1/31/2026"], Some(Written::As("MM/DD/YYYY"))),
            (&["01/02/2026"], Some(Written::Unsure("01/02/2026".to_owned()))),
            (&["2026-01-31"], None),
            (&["Q1 2026"], None),
        ] {
            assert_eq!(written(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_day_is_written_with_dashes_and_may_have_a_time() {
        for text in ["2026-01-31", "2026-01-31T06:00"] {
            assert!(is_day(text), "{text}");
        }
        for text in ["2026-01", "2026/01/31", "31.01.2026", "Jan 2026", "2026-01-3x"] {
            assert!(!is_day(text), "{text}");
        }
    }
}

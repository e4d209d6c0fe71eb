//! Telling a time series from a catalog: readings under dates do not become metrics.

use super::columns;
use super::date::is_period;
use super::row::{Cell, Kind, Row};
use crate::domain::item::normalised;
use crate::domain::number::{self, Mark};

/// What kind of time series a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Series {
    /// Dates are headers.
    Columns {
        /// The dates as they are written.
        dates: Vec<String>,
        /// The other headers besides the metric's.
        others: Vec<String>,
    },
    /// Dates are in this column, and a metric has a row for each.
    Rows(String),
    /// Dates are in this column, and a metric has a column.
    Down(String),
}

/// Headers over dates that `cmf record` knows, too.
const INSTANTS: [&str; 9] =
    ["date", "recorded at", "timestamp", "datetime", "measured at", "measurement date", "reading date", "as of", "time"];

/// Other headers over dates.
const PERIODS: [&str; 8] = ["period", "month", "week", "quarter", "year", "day", "datum", "reporting period"];

/// Whether `cmf record` reads instants under this header.
pub fn is_instant(header: &str) -> bool {
    INSTANTS.contains(&normalised(header).as_str())
}

fn is_date_header(header: &str) -> bool {
    is_instant(header) || PERIODS.contains(&normalised(header).as_str())
}

fn is_date(cell: Cell<'_>) -> bool {
    cell.kind == Kind::Date || is_period(cell.text)
}

/// The dates among the cells of a header, at least `least` of them.
fn dates_across(header: &Row, least: usize) -> Option<Series> {
    let (dates, others): (Vec<_>, Vec<_>) = header.cells().filter(|cell| !cell.is_blank()).partition(|cell| is_date(*cell));
    let shown = |cells: &[Cell<'_>]| cells.iter().map(|cell| cell.shown().trim().to_owned()).collect();
    // The first of the others is the metric's.
    let others = others.get(1..).unwrap_or_default();
    (dates.len() >= least).then(|| Series::Columns { dates: shown(&dates), others: shown(others) })
}

/// Looks for dates among headers, and for metrics that repeat along a column of dates. `header` is the header's row as it
/// came, for its dates can be cells of their own kind.
pub fn find(header: &Row, sample: &[Row], name: Option<usize>) -> Option<Series> {
    if let Some(series) = dates_across(header, 3) {
        return Some(series);
    }
    let name = name?;
    for (column, title) in columns::headers(header).iter().enumerate() {
        if !is_date_header(title) {
            continue;
        }
        let mut seen: std::collections::HashMap<String, String> = std::collections::HashMap::new();
        for row in sample {
            let when = row.cell(column);
            let metric = row.cell(name);
            if metric.is_blank() || !is_date(when) {
                continue;
            }
            if let Some(before) = seen.insert(normalised(metric.text), when.text.to_owned())
                && before != when.text
            {
                return Some(Series::Rows(title.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_known_and_other_headers_are_not() {
        for text in [
            "2026-01-31",
            "2026-01",
            "Jan 2026",
            "Jan-26",
            "31.01.2026",
            "1/31/2026",
            "Q1 2026",
            "2026 Q1",
            "2026-W07",
            "January 2026",
        ] {
            assert!(is_period(text), "{text}");
        }
        for text in ["Name", "Q1 Actual Score", "PR.AA-01", "Target 2026", "10", "2026", "Priority 1", "v1.2.3", "May target"] {
            assert!(!is_period(text), "{text}");
        }
        let of_length = |length: usize| format!("Jan{}2026", " ".repeat(length - 7));
        assert!(is_period(&of_length(30)) && !is_period(&of_length(31)), "a longer text is not looked into");
    }
}

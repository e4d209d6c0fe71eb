//! Finds the columns of a file of readings by their headers.

use super::Layout;
use crate::error::{Error, Place, Result};

/// What people call the columns, the usual word first. Compared in lower case, with every run of blanks, `_`, `-` as a blank.
pub(super) const METRIC: &[&str] = &[
    "metric",
    "metric number",
    "metric no",
    "metric id",
    "metric code",
    "number",
    "kpi",
    "kpi id",
    "control metric",
    "id",
    "metric name",
    "name",
];
pub(super) const VALUE: &[&str] =
    &["value", "reading", "current value", "measured value", "measurement", "result", "actual", "current"];
pub(super) const AT: &[&str] = &[
    "at",
    "recorded at",
    "timestamp",
    "datetime",
    "date time",
    "date",
    "time",
    "when",
    "measured at",
    "measurement date",
    "reading date",
    "as of",
];
pub(super) const NOTE: &[&str] = &["note", "notes", "comment", "comments", "remark", "remarks"];
pub(super) const BY: &[&str] = &["by", "recorded by", "user", "username", "measured by", "reporter"];

pub(super) fn folded(header: &str) -> String {
    let words: Vec<String> = header
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | '\u{feff}'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

pub(super) const HEADER: &str = "the first line names the columns: metric,value,at,note,by (at, note and by may be left out)";

/// Finds columns by their headers.
pub(super) struct Columns<'a> {
    pub(super) file: &'a str,
    pub(super) header: &'a [String],
    pub(super) folded: Vec<String>,
}

impl Columns<'_> {
    fn place(&self) -> Place {
        Place { file: Some(self.file.to_owned()), row: Some(1), ..Place::default() }
    }

    /// The column that has one of these names, the usual name first.
    pub(super) fn find(&self, names: &[&str]) -> Result<Option<usize>> {
        for name in names {
            let mut found = self.folded.iter().enumerate().filter(|(_, header)| header == name).map(|(position, _)| position);
            if let Some(first) = found.next() {
                if found.next().is_some() {
                    let column = self.header[first].clone();
                    return Err(Error::data(format!("two columns are called `{column}`"))
                        .at(Place { column: Some(column), ..self.place() })
                        .hint("leave one of them"));
                }
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    pub(super) fn missing(&self, what: &str) -> Error {
        Error::data(format!("no column for the {what}"))
            .at(self.place())
            .detail(format!("the header has: {}", self.header.join(", ")))
            .hint(HEADER)
    }

    /// The layout of a wide sheet: where there is a column of instants the other columns are metrics, else they are instants.
    pub(super) fn wide(&self, at: Option<usize>, taken: &[Option<usize>]) -> Result<Layout> {
        let metric = if at.is_some() { None } else { Some(self.find(METRIC)?.ok_or_else(|| self.missing("metric"))?) };
        let named = |column: usize| !self.header[column].is_empty();
        let columns: Vec<usize> = (0..self.header.len())
            .filter(|&column| named(column) && !taken.contains(&Some(column)) && metric != Some(column))
            .collect();
        if columns.is_empty() {
            return Err(Error::data("the sheet is not wide: no column is left for values")
                .at(self.place())
                .hint("leave --wide out"));
        }
        Ok(match metric {
            Some(metric) => Layout::Instants { metric, columns },
            None => Layout::Metrics { columns },
        })
    }
}

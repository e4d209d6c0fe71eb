//! Where the table is: the header row among titles and notes, and which rows below it are metrics.

use std::collections::BTreeSet;

use super::columns::{self, Columns};
use super::problem::Skip;
use super::row::{Kind, Row};
use crate::domain::item::{Field, normalised};

/// A row that may be the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place among the rows that were looked at.
    pub index: usize,
    /// Its row in the sheet.
    pub number: u64,
    /// The fields that its cells name.
    pub fields: BTreeSet<Field>,
    /// How many cells have text.
    pub width: usize,
    /// Whether a row with cells follows.
    pub has_rows: bool,
    /// Its headers, as they are compared.
    pub headers: Vec<String>,
}

impl Candidate {
    /// The evidence, as a sentence.
    pub fn evidence(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
        format!("row {}: {} of {} headers are known ({})", self.number, self.fields.len(), self.width, names.join(", "))
    }

    fn score(&self) -> usize {
        self.fields.len() * 2 + usize::from(self.fields.contains(&Field::Name)) + usize::from(self.has_rows)
    }
}

/// The rows that can be the header, best first. Among equals the first in the sheet comes first.
pub fn candidates(rows: &[Row], given: &[(Field, String)]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if row.cells().any(|cell| matches!(cell.kind, Kind::Percent | Kind::Error | Kind::Bool)) {
            continue;
        }
        let headers = columns::headers(row);
        let mut fields: BTreeSet<Field> =
            headers.iter().filter_map(|header| columns::recognise(header)).map(|known| known.0).collect();
        let folded: Vec<String> = headers.iter().map(|header| normalised(header)).collect();
        for (field, wanted) in given {
            if !wanted.is_empty() && folded.contains(&normalised(wanted)) {
                fields.insert(*field);
            }
        }
        let width = folded.iter().filter(|header| !header.is_empty()).count();
        let enough = fields.contains(&Field::Name) && fields.len() >= 2 || fields.len() >= 3;
        if !enough || width > 0 && fields.len() * 8 < width {
            continue;
        }
        let has_rows = rows[index + 1..].iter().any(|row| !row.is_blank());
        found.push(Candidate { index, number: row.number, fields, width, has_rows, headers: folded });
    }
    found.sort_by_key(|candidate| (std::cmp::Reverse(candidate.score()), candidate.index));
    found
}

/// Whether the best candidate stands alone; a later copy of the same header does not count against it.
pub fn is_tie(candidates: &[Candidate]) -> bool {
    let Some(best) = candidates.first() else { return false };
    candidates[1..].iter().any(|other| other.score() == best.score() && other.headers != best.headers)
}

/// How good the best candidate of a sheet is, to compare sheets.
pub fn strength(candidates: &[Candidate]) -> usize {
    candidates.first().map_or(0, Candidate::score)
}

const TOTALS: [&str; 16] = [
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "sum",
    "average",
    "averages",
    "avg",
    "mean",
    "median",
    "gesamt",
    "summe",
    "mittelwert",
    "overall",
    "overall total",
];

const FOOTERS: [&str; 16] = [
    "note",
    "notes",
    "source",
    "sources",
    "legend",
    "key",
    "generated",
    "last updated",
    "updated",
    "confidential",
    "disclaimer",
    "copyright",
    "©",
    "page",
    "prepared by",
    "end of",
];

/// What the shape of a row says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A metric, or what should be one.
    Data,
    /// Not a metric, for this reason.
    Skip(Skip),
    /// A single text: a heading where metrics follow, a footer where none do.
    Lone,
}

/// Looks at a row below the header.
pub fn shape(row: &Row, columns: &Columns) -> Shape {
    let mut filled = row.cells().enumerate().filter(|(_, cell)| !cell.is_blank());
    let Some((first_column, first)) = filled.next() else { return Shape::Skip(Skip::Blank) };
    let others = filled.count();
    let label = first.text.trim();
    let short = label.len() <= 200;
    let word = if short { normalised(label) } else { String::new() };
    if others >= 1 && short && is_header(row, columns) {
        return Shape::Skip(Skip::RepeatedHeader);
    }
    let name = columns.get(Field::Name).map(|mapped| mapped.column);
    let number = columns.get(Field::MetricNumber).map(|mapped| mapped.column);
    // A row that sums up has its word where the names stand, whatever column comes first, and no number of its own.
    let is_named_total = number.is_none_or(|number| row.cell(number).is_blank())
        && name
            .map(|name| row.cell(name).text)
            .is_some_and(|text| text.len() <= 40 && TOTALS.contains(&normalised(text).as_str()));
    if is_named_total {
        return Shape::Skip(Skip::Total);
    }
    let is_total = TOTALS.contains(&word.as_str())
        || others == 0 && TOTALS.iter().any(|total| word.strip_prefix(total).is_some_and(|rest| rest.starts_with(':')))
        || others == 0
            && word.strip_prefix("total ").is_some_and(|rest| rest.starts_with("of ") || rest.starts_with("number of "));
    if is_total && (others == 0 || name == Some(first_column) || name.is_none_or(|name| row.cell(name).is_blank())) {
        return Shape::Skip(Skip::Total);
    }
    let example = |column: Option<usize>| {
        column.is_some_and(|column| {
            let text = row.cell(column).text;
            let word = if text.len() <= 200 { normalised(text) } else { String::new() };
            let word = word.trim_start_matches(['<', '[', '(']);
            word == "example"
                || ["example:", "example]", "example)", "example>", "e.g."].iter().any(|start| word.starts_with(start))
        })
    };
    if example(name) || example(number) || first_column == 0 && example(Some(0)) {
        return Shape::Skip(Skip::Example);
    }
    if others == 0 && columns.mapped.len() > 2 {
        if FOOTERS
            .iter()
            .any(|start| word.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' '])))
        {
            return Shape::Lone;
        }
        if first.kind == Kind::Text && (first_column == 0 || Some(first_column) == name || Some(first_column) == number) {
            return Shape::Lone;
        }
    }
    Shape::Data
}

fn is_header(row: &Row, columns: &Columns) -> bool {
    let mut same = 0;
    for (column, cell) in row.cells().enumerate() {
        if cell.is_blank() {
            continue;
        }
        if columns.headers.get(column).is_none_or(|header| normalised(header) != normalised(cell.text)) {
            return false;
        }
        same += 1;
    }
    same >= 2
}

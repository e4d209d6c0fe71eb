//! Where the table is: the header row among titles and notes, and which rows below it are metrics.

use std::collections::{BTreeSet, HashMap};

use super::columns::{self, Columns};
use super::problem::Skip;
use super::row::{Cell, Kind, Row};
use super::words;
use crate::domain::item::{Field, normalised};
use crate::domain::period::Period;

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
        format!("row {}: {}", self.number, self.known())
    }

    /// How many headers are known, and which fields they name.
    pub fn known(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| field.as_str()).collect();
        format!("{} of {} headers are known ({})", self.fields.len(), self.width, names.join(", "))
    }

    /// Whether a column is the metric's name.
    pub fn has_name(&self) -> bool {
        self.fields.contains(&Field::Name)
    }

    /// How good it is: without names nothing can be a table of metrics.
    fn score(&self) -> (bool, usize) {
        (self.has_name(), self.fields.len() * 2 + usize::from(self.has_name()) + usize::from(self.has_rows))
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
            headers.iter().filter_map(|header| columns::recognise(header)).map(|known| known.field).collect();
        let folded: Vec<String> = headers.iter().map(|header| normalised(header)).collect();
        for (field, wanted) in given {
            if !wanted.is_empty() && folded.contains(&normalised(wanted)) {
                fields.insert(*field);
            }
        }
        let width = folded.iter().filter(|header| !header.is_empty()).count();
        let enough = fields.contains(&Field::Name) && fields.len() >= 2 || fields.len() >= 3;
        // Among many cells a few are known by chance; a fifth field is not.
        if !enough || fields.len() < 5 && fields.len() * 8 < width {
            continue;
        }
        let has_rows = rows[index + 1..].iter().any(|row| !row.is_blank());
        found.push(Candidate { index, number: row.number, fields, width, has_rows, headers: folded });
    }
    // Of a header of two rows that is merged downwards, the lower one has all of it.
    let is_upper = |one: &Candidate| rows.get(one.index + 1).is_some_and(|next| is_merged_down(&rows[one.index], next));
    let lower: Vec<usize> = found.iter().map(|one| one.index).collect();
    found.retain(|one| !(is_upper(one) && lower.contains(&(one.index + 1))));
    found.sort_by_key(|candidate| (std::cmp::Reverse(candidate.score()), candidate.index));
    found
}

/// Whether a row repeats headers of the row above it, as cells do that are merged downwards, and has others under its groups.
fn is_merged_down(above: &Row, row: &Row) -> bool {
    let (upper, lower) = (columns::headers(above), columns::headers(row));
    let pairs = || upper.iter().zip(&lower).filter(|(upper, _)| !upper.is_empty());
    let same = pairs().filter(|(upper, lower)| upper == lower).count();
    above.number + 1 == row.number && same >= 2 && same < lower.len() && pairs().all(|(_, lower)| !lower.is_empty())
}

/// Whether the best candidate stands alone; a later copy of the same header does not count against it.
pub fn is_tie(candidates: &[Candidate]) -> bool {
    let Some(best) = candidates.first() else { return false };
    candidates[1..].iter().any(|other| other.score() == best.score() && other.headers != best.headers)
}

/// How good the best candidate of a sheet is, to compare sheets.
pub fn strength(candidates: &[Candidate]) -> (bool, usize) {
    candidates.first().map_or((false, 0), Candidate::score)
}

/// The candidates that are headers of further tables in the same sheet: another header, with rows of its own between it and
/// the best one. The best one is the first of them; empty if there is none.
pub fn stacked<'c>(candidates: &'c [Candidate], rows: &[Row]) -> Vec<&'c Candidate> {
    let Some(best) = candidates.first() else { return Vec::new() };
    // A summary has numbers where the names would be.
    let has_names = |other: &Candidate, rows: &[Row]| {
        let is_name = |header: &&String| columns::recognise(header).is_some_and(|known| known.field == Field::Name);
        let column = other.headers.iter().position(|header| is_name(&header));
        let is_text = |cell: Cell<'_>| cell.kind == Kind::Text && cell.text.trim().parse::<f64>().is_err() && !cell.is_blank();
        column.is_some_and(|column| rows.iter().any(|row| is_text(row.cell(column))))
    };
    let is_table = |other: &&Candidate| {
        let between = other.index.min(best.index) + 1..other.index.max(best.index);
        let filled = |row: &Row| row.cells().filter(|cell| !cell.is_blank()).count() >= 2;
        let is_header = other.has_name() && other.fields.len() >= 3 && other.fields.len() * 2 > other.width;
        let own = if other.index < best.index { &rows[between.clone()] } else { &rows[other.index + 1..] };
        is_header && other.headers != best.headers && rows[between].iter().any(filled) && has_names(other, own)
    };
    let mut others: Vec<&Candidate> = candidates[1..].iter().filter(is_table).collect();
    if best.has_name() && !others.is_empty() {
        others.insert(0, best);
        return others;
    }
    Vec::new()
}

/// A header of two rows as one: groups above (`H1 2026` over `Target` and `Actual`) and what is under them. `None` where the
/// header is one row; else the place of its last row, and the headers.
pub fn two_rows(rows: &[Row], index: usize) -> Option<(usize, Vec<String>)> {
    let own = columns::headers(&rows[index]);
    let under = |group: &str, header: &str| if group.is_empty() { header.to_owned() } else { format!("{group} {header}") };
    // The row below has headers where this one has groups, and none where this one has the name.
    if let Some(next) = rows.get(index + 1).filter(|next| next.number == rows[index].number + 1) {
        let below = columns::headers(next);
        let name = own.iter().position(|header| columns::recognise(header).is_some_and(|known| known.field == Field::Name));
        // A metric without a name has values there.
        let header = |column: usize| own.get(column).map_or("", String::as_str);
        let is_value = |column: &usize| columns::is_value(header(*column), &below[*column]);
        let values = (0..below.len()).filter(is_value).count();
        let is_known = |column: &usize| columns::recognise(&below[*column]).is_some() && !is_value(column);
        let known = (0..below.len()).filter(is_known).count();
        let is_text = next.cells().all(|cell| matches!(cell.kind, Kind::Text | Kind::Empty));
        if known >= 2 && known > values && is_text && name.is_some_and(|name| below.get(name).is_none_or(String::is_empty)) {
            let seen = seen(&below);
            let mut group = "";
            let headers = (0..own.len().max(below.len()))
                .map(|column| {
                    let above = own.get(column).map_or("", String::as_str);
                    if !above.is_empty() {
                        group = above;
                    }
                    match below.get(column).filter(|header| !header.is_empty()) {
                        Some(header) => {
                            let both = under(group, header);
                            // `Owner` under `Accountability` is the owner where nothing else has this name.
                            let is_alone = seen[&normalised(header)] == 1;
                            let is_known = |header: &str| columns::recognise(header).is_some();
                            if is_alone && is_known(header) && !is_known(&both) { header.clone() } else { both }
                        }
                        None => above.to_owned(),
                    }
                })
                .collect();
            return Some((index + 1, headers));
        }
    }
    // The row above has groups over headers that are there several times.
    let above = index.checked_sub(1).map(|above| &rows[above]).filter(|above| above.number + 1 == rows[index].number)?;
    let groups = columns::headers(above);
    let is_merged = is_merged_down(above, &rows[index]);
    let seen = seen(&own);
    let own = |column: usize| own.get(column).map_or("", String::as_str);
    let width = groups.len().max(rows[index].len());
    let repeats = |column: usize| !own(column).is_empty() && seen[&normalised(own(column))] > 1;
    // `ID` in the upper row, and nothing under it.
    let is_upper =
        |column: usize| own(column).is_empty() && groups.get(column).is_some_and(|header| columns::recognise(header).is_some());
    if groups.iter().filter(|group| !group.is_empty()).count() < 2
        || !is_merged && !(0..width).any(|one| repeats(one) || is_upper(one))
    {
        return None;
    }
    let mut group = "";
    let mut headers: Vec<String> = (0..width)
        .map(|column| {
            if let Some(next) = groups.get(column).filter(|next| !next.is_empty()) {
                group = next;
            }
            let is_same = is_merged && groups.get(column).is_some_and(|group| group == own(column));
            // What is under a group says no field by itself, or only a period.
            let is_part = || columns::recognise(own(column)).is_none() || Period::parse(own(column)).is_some();
            if is_upper(column) {
                groups[column].clone()
            } else if repeats(column) || is_merged && !is_same && !own(column).is_empty() && is_part() {
                under(group, own(column))
            } else {
                own(column).to_owned()
            }
        })
        .collect();
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    Some((index, headers))
}

/// How often each header is there.
fn seen(headers: &[String]) -> HashMap<String, usize> {
    let mut seen = HashMap::new();
    for header in headers {
        *seen.entry(normalised(header)).or_insert(0) += 1;
    }
    seen
}

/// Whether these headers are those of a rejects file.
pub fn is_rejects(headers: &[String]) -> bool {
    ["reject_code", "reject_reason"].iter().all(|known| headers.iter().any(|header| header == known))
}

/// What the shape of a row says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A metric, or what should be one.
    Data,
    /// Not a metric, for this reason.
    Skip(Skip),
    /// A single text: a heading where metrics follow, a footer where none do.
    Lone,
    /// Framework codes alone: a heading of an outline, else a metric without a name.
    Codes,
}

/// Looks at a row below the header.
pub fn shape(row: &Row, columns: &Columns) -> Shape {
    if row.fault.is_some() {
        return Shape::Data;
    }
    let mut filled = row.cells().enumerate().filter(|(_, cell)| !cell.is_blank());
    let Some((first_column, first)) = filled.next() else { return Shape::Skip(Skip::Blank) };
    // A template's formulas continue below its metrics.
    let is_template =
        row.computed && columns.mapped.iter().chain(columns.numbers()).all(|mapped| row.cell(mapped.column).is_blank());
    if is_template || columns.side.is_some_and(|side| first_column >= side) {
        return Shape::Skip(Skip::Blank);
    }
    let mut others = 0;
    let mut only_codes = is_code(columns, first_column);
    for (column, _) in filled {
        others += 1;
        only_codes = only_codes && is_code(columns, column);
    }
    if first.text.starts_with(['-', ':', '=', '_', '–']) && row.cells().all(|cell| is_rule(cell.text)) {
        return Shape::Skip(Skip::Blank);
    }
    let label = first.text.trim();
    let short = label.len() <= 200;
    // A metric has more than two cells, and begins like no total: most rows need no closer look.
    let word = if short && (others <= 1 || words::may_be_total(label)) { normalised(label) } else { String::new() };
    if others >= 1 && short && is_header(row, columns) {
        return Shape::Skip(Skip::RepeatedHeader);
    }
    let name = columns.get(Field::Name).map(|mapped| mapped.column);
    let number = columns.get(Field::MetricNumber).map(|mapped| mapped.column);
    // A row that sums up has its word where the names stand, whatever column comes first, and no number of its own.
    let is_named_total = number.is_none_or(|number| row.cell(number).is_blank())
        && name.map(|name| row.cell(name).text).is_some_and(|text| {
            text.len() <= 40
                && words::may_be_total(text)
                && (words::is_total(&normalised(text)) || number.is_some() && words::is_part_total(text))
        });
    if is_named_total {
        return Shape::Skip(Skip::Total);
    }
    // `Total | 2 | 187`: where the names stand there is how many there are.
    let is_count = |cell: Cell<'_>| cell.text.trim().parse::<u64>().is_ok();
    if number == Some(first_column) && words::is_total(&word) && name.is_some_and(|name| is_count(row.cell(name))) {
        return Shape::Skip(Skip::Total);
    }
    if others >= 2 && first_column == 0 && is_numbering(row) {
        return Shape::Skip(Skip::RepeatedHeader);
    }
    let is_total = words::is_total(&word) || others == 0 && words::is_total_of(&word);
    if is_total && (others == 0 || name == Some(first_column) || name.is_none_or(|name| row.cell(name).is_blank())) {
        return Shape::Skip(Skip::Total);
    }
    let example = |column: Option<usize>| column.is_some_and(|column| words::is_example(row.cell(column).text));
    if example(name) || example(number) || first_column == 0 && example(Some(0)) {
        return Shape::Skip(Skip::Example);
    }
    // `Prepared by | Ann Smith` says something about the sheet.
    let is_pair = others == 1 && (Some(first_column) == name || Some(first_column) == number);
    let says = words::is_footer(&word) && !has_numbers(row, columns) || words::is_stamp(&word);
    if is_pair && columns.mapped.len() > 2 && says {
        return Shape::Lone;
    }
    if others == 0 && columns.mapped.len() > 2 {
        if words::begins_footer(&word) {
            return Shape::Lone;
        }
        if first.kind == Kind::Text && (first_column == 0 || Some(first_column) == name || Some(first_column) == number) {
            return Shape::Lone;
        }
    }
    if only_codes { Shape::Codes } else { Shape::Data }
}

/// `1 | 2 | 3 | 4`: the numbers of the columns.
fn is_numbering(row: &Row) -> bool {
    row.cells().zip(1_u32..).all(|(cell, number)| cell.text.trim().parse() == Ok(number))
}

/// Whether a column that is read as a number has something.
fn has_numbers(row: &Row, columns: &Columns) -> bool {
    columns.numbers().any(|mapped| !row.cell(mapped.column).is_blank())
}

/// Whether two texts could be the same when both are [`normalised`], which leaves letters and digits.
fn may_be_same(one: &str, other: &str) -> bool {
    fn plain(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
    }
    !one.is_ascii() || !other.is_ascii() || plain(one).eq(plain(other))
}

fn is_code(columns: &Columns, column: usize) -> bool {
    let is = |is_it: fn(Field) -> bool| columns.mapped.iter().any(|mapped| mapped.column == column && is_it(mapped.field));
    is(Field::is_code) && !is(|field| field == Field::Name)
}

/// A line drawn with characters, as under the header of a table in plain text.
fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.len() != 1 && text.chars().all(|c| matches!(c, '-' | '=' | '_' | ':' | '–'))
}

fn is_header(row: &Row, columns: &Columns) -> bool {
    let mut same = 0;
    for (column, cell) in row.cells().enumerate() {
        if cell.is_blank() {
            continue;
        }
        let is_same = |header: &String| may_be_same(header, cell.text) && normalised(header) == normalised(cell.text);
        if !columns.headers.get(column).is_some_and(is_same) {
            return false;
        }
        same += 1;
    }
    same >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_known_headers_are_enough_however_wide_the_table_is() {
        let sheet = |known: &[&str]| {
            let mut header = Row::default();
            header.clear(1);
            let others = (0..40).map(|n| format!("Extra {n}"));
            for text in known.iter().map(|known| (*known).to_owned()).chain(others) {
                header.push(Kind::Text, &text);
            }
            candidates(&[header], &[]).len()
        };
        assert_eq!(sheet(&["Metric ID", "Metric Name", "Target", "Unit", "Function"]), 1);
        assert_eq!(sheet(&["Metric Name", "Unit"]), 0);
    }

    #[test]
    fn a_pair_that_says_something_about_the_sheet_is_no_metric() {
        let headers = ["Metric ID", "Metric Name", "Target", "Unit"].map(str::to_owned).to_vec();
        let columns = columns::assign(headers, &[], &[], &[]);
        let pair = |label: &str, text: &str| {
            let mut row = Row::default();
            row.clear(9);
            row.push(Kind::Text, label);
            row.push(Kind::Text, text);
            shape(&row, &columns)
        };
        for label in ["Prepared by", "Reviewed by", "Version", "Last updated", "Notes", "Legend", "Confidential"] {
            assert_eq!(pair(label, "Ann Smith"), Shape::Lone, "{label}");
        }
        assert_eq!(pair("M-1", "Ann Smith"), Shape::Data);
    }
}

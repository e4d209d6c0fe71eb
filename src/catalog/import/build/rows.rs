//! Which rows among the metrics are none: what the table's own rows look like tells it, and the figures of the rows above.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::tallies::Tallies;
use crate::domain::code::{CodeIndex, Reference};
use crate::domain::item::{self, Field, normalised};
use crate::domain::number::{self, Mark};
use crate::domain::priority;
use crate::error::Result;
use crate::table::Table;
use crate::table::columns::Mapped;
use crate::table::dress::undressed;
use crate::table::layout::{self, Shape};
use crate::table::problem::Skip;
use crate::table::row::{Cell, Kind, Row};
use crate::table::words;

/// How many rows tell what a row looks like.
const LOOKED_AT: u64 = 1_000;

/// From this many kinds on the numbers of metrics have none.
const KINDS: usize = 12;

/// What the rows of a table look like, and what of them adds up.
#[derive(Debug, Default)]
pub(super) struct Rows {
    seen: u64,
    /// Rows with at least two cells that only a metric has.
    typed: u64,
    numbered: u64,
    /// Rows that say more than a name and numbers.
    described: u64,
    kinds: HashSet<String>,
    /// Names that stand alone among others that do.
    names: u64,
    tallies: Tallies,
    metrics: u64,
    gap: bool,
    /// Metrics that follow a blank row: the row of the first, its name, and how many there are.
    gaps: Vec<(u64, String, u64)>,
    /// Whether the rows belong to a table below that has a header or a title.
    below: bool,
    /// Whether the rows belong to another table below.
    other: bool,
    /// Rows that a column of the outline calls headings.
    headings: HashSet<u64>,
}

/// What a row is that has the shape of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Metric,
    /// Not a metric, for this reason.
    Not(Skip),
    /// A text: a heading where metrics follow, a footer where none do.
    Text,
    /// A metric, or what sums up the others.
    Doubtful,
}

impl Rows {
    /// Looks at the first rows of a table.
    pub(super) fn of(table: &mut Table) -> Result<Rows> {
        let mut rows = Rows { headings: headings(table)?, ..Rows::default() };
        let mut reader = table.spool.read()?;
        let mut row = Row::default();
        let mut gap = false;
        let mut run = 0_u64;
        while rows.seen < LOOKED_AT && reader.next(&mut row)? {
            gap |= row.is_blank() && rows.seen >= 3;
            let shape = layout::shape(&row, &table.columns);
            let name = cell(table, &row, Field::Name).text;
            run = if shape == Shape::Lone && !number::is_nothing(name) { run + 1 } else { 0 };
            // A heading stands above a metric, and a name among names.
            rows.names += if run == 2 { 2 } else { u64::from(run > 2) };
            if shape != Shape::Data {
                continue;
            }
            let typed = typed(table, &row);
            let number = cell(table, &row, Field::MetricNumber).text;
            // What comes below a gap and is of another kind says nothing of the rows above.
            if std::mem::take(&mut gap) && rows.are_numbered() && !rows.kinds.contains(&kind(number)) {
                break;
            }
            // A row without what only metrics have, or one that sums up, says nothing of them.
            let is_sum = number::is_nothing(number) && !is_described(table, &row);
            if typed == 0 || is_place(table, &row, typed) || is_sum && words::is_summary(name, None) {
                continue;
            }
            rows.seen += 1;
            rows.typed += u64::from(typed >= 2);
            rows.described += u64::from(is_described(table, &row));
            if typed >= 1 && !number::is_nothing(number) {
                rows.numbered += 1;
                if rows.kinds.len() < KINDS {
                    rows.kinds.insert(kind(number));
                }
            }
        }
        Ok(rows)
    }

    fn most(&self, count: u64) -> bool {
        self.seen >= 3 && count * 3 >= self.seen * 2
    }

    /// Whether most metrics have a number.
    pub(super) fn are_numbered(&self) -> bool {
        self.most(self.numbered)
    }

    /// A blank row: another table may follow.
    pub(super) fn blank(&mut self) {
        self.gap = self.metrics > 0;
        self.below = false;
    }

    /// Whether a text that stands alone is a metric: a number as the others have one, or a name where most have nothing else.
    pub(super) fn is_lone_metric(&self, table: &Table, row: &Row) -> bool {
        let number = cell(table, row, Field::MetricNumber).text;
        let name = cell(table, row, Field::Name).text;
        self.are_numbered() && self.kinds.len() < KINDS && self.is_kind(number)
            || self.names >= 3
                && self.names > self.seen
                && !number::is_nothing(name)
                && !words::begins_footer(&normalised(name))
    }

    /// A text that stands alone and heads or ends rows.
    pub(super) fn lone(&mut self, row: &Row) {
        let text = row.cells().find(|cell| !cell.is_blank()).map_or("", |cell| cell.text);
        self.below |= self.metrics > 0 && words::is_legend(&normalised(text));
        self.gap &= words::begins_footer(&normalised(text));
    }

    fn is_kind(&self, number: &str) -> bool {
        !number::is_nothing(number) && (self.kinds.len() >= KINDS || self.kinds.contains(&kind(number)))
    }

    /// What a row is that has the shape of a metric.
    pub(super) fn look(&mut self, table: &Table, row: &Row, index: Option<&CodeIndex>) -> Seen {
        let gap = std::mem::take(&mut self.gap);
        let name = cell(table, row, Field::Name).text;
        let number = cell(table, row, Field::MetricNumber).text;
        let is_numbered = !number::is_nothing(number);
        let is_kind = self.is_kind(number);
        let typed = typed(table, row);
        let has_numbers = self.are_numbered();
        let foreign = self.most(self.typed) && if has_numbers { !is_kind } else { typed == 0 };
        if self.other && (foreign || typed == 0) {
            return Seen::Not(Skip::OtherTable);
        }
        self.other = false;
        if self.headings.contains(&row.number) && figures(table, row).is_empty() {
            return Seen::Not(Skip::Heading);
        }
        if self.below && !(has_numbers && is_kind) && !is_described(table, row) {
            return Seen::Not(Skip::OtherTable);
        }
        let texts = row.cells().filter(|cell| !cell.is_blank()).all(|cell| cell.kind == Kind::Text);
        if gap && foreign && typed == 0 && texts && has_numbers && !is_note(number) {
            self.other = true;
            return Seen::Not(Skip::OtherTable);
        }
        if gap && !has_numbers && self.most(self.typed) && !is_described(table, row) && is_header(table, row) {
            self.below = true;
            return Seen::Not(Skip::OtherTable);
        }
        if self.metrics == 0 && is_description(table, row) {
            return Seen::Not(Skip::Description);
        }
        if self.most(self.typed) && self.is_heading(table, row, index) {
            return Seen::Not(Skip::Heading);
        }
        let is_label = is_numbered && number::is_nothing(name) && words::is_summary(number, index);
        if !is_numbered || is_label {
            match self.sums_up(table, row, if is_label { number } else { name }, index) {
                Some(true) => return Seen::Not(Skip::Total),
                Some(false) => return Seen::Doubtful,
                None => {}
            }
        }
        if typed == 0 && foreign && has_numbers && is_numbered {
            return Seen::Text;
        }
        if gap {
            self.gaps.push((row.number, name.trim().to_owned(), 0));
        }
        Seen::Metric
    }

    /// A function or a category with its name, and nothing that is measured.
    fn is_heading(&self, table: &Table, row: &Row, index: Option<&CodeIndex>) -> bool {
        let Some(index) = index else { return false };
        let name = cell(table, row, Field::Name).text;
        let number = cell(table, row, Field::MetricNumber).text;
        let has_own = number::is_nothing(number) || index.find(number).is_some();
        let is_place =
            |field: Field| matches!(field, Field::Name | Field::MetricNumber | Field::Description) || field.is_code();
        let says_more =
            table.columns.mapped.iter().any(|mapped| !is_place(mapped.field) && !row.cell(mapped.column).is_blank());
        if says_more || number::is_nothing(name) || !has_own {
            return false;
        }
        let codes =
            table.columns.mapped.iter().filter(|mapped| mapped.field.is_code()).map(|mapped| row.cell(mapped.column).text);
        let found: Vec<Reference> = codes.flat_map(|text| index.find_all(text)).collect();
        let is_high = |one: &Reference| matches!(one, Reference::Known(position) if position.subcategory.is_none());
        let names_itself = self.are_numbered() || index.find(name).is_some();
        !found.is_empty() && found.iter().all(is_high) && names_itself
    }

    /// Whether a row without a number repeats the rows above, by its word or by its figures: `Some(false)` where it may.
    fn sums_up(&mut self, table: &Table, row: &Row, label: &str, index: Option<&CodeIndex>) -> Option<bool> {
        if is_described(table, row) {
            return None;
        }
        let figures = figures(table, row);
        let has_numbers = self.are_numbered();
        let by_word = words::is_summary(label, index);
        let stands_out = has_numbers || self.most(self.described);
        if by_word && stands_out || self.tallies.repeats(&figures, by_word, stands_out) {
            self.tallies.part();
            return Some(true);
        }
        let is_alone = has_numbers && self.most(self.described);
        (!figures.is_empty() && (by_word || is_alone)).then_some(false)
    }

    /// Keeps the figures of a metric for the summaries below.
    pub(super) fn metric(&mut self, table: &Table, row: &Row) {
        self.metrics += 1;
        self.below = false;
        self.tallies.add(&figures(table, row));
    }

    pub(super) fn taken(&mut self) {
        if let Some((.., count)) = self.gaps.last_mut() {
            *count += 1;
        }
    }

    /// Metrics below a blank row of a table that has no other: where they begin, and how many there are.
    pub(super) fn apart(&self) -> Option<&(u64, String, u64)> {
        self.gaps
            .first()
            .filter(|(.., count)| *count > 0 && self.gaps.len() == 1 && !self.are_numbered() && self.metrics >= count + 3)
    }
}

/// The rows that are headings by a column that says what can be assessed, else by one that says how deep a row stands: those
/// above deeper ones.
fn headings(table: &mut Table) -> Result<HashSet<u64>> {
    let mut headings = HashSet::new();
    let headers: Vec<String> = table.columns.headers.iter().map(|header| normalised(header)).collect();
    let named = |names: &[&str]| headers.iter().position(|header| names.contains(&header.as_str()));
    let (assessable, depth) = (named(&["assessable", "is assessable"]), named(&["depth", "outline level"]));
    if assessable.or(depth).is_none() {
        return Ok(headings);
    }
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let (mut above, mut has_assessable) = (None::<(u64, Decimal)>, false);
    while reader.next(&mut row)? {
        let number = |column: usize| number::parse(row.cell(column).text, Mark::Point).ok().map(|value| value.exact);
        if let Some(column) = assessable {
            let is_none = number::is_nothing(row.cell(column).text) || number(column).is_some_and(|value| value.is_zero());
            has_assessable |= !is_none;
            headings.extend(is_none.then_some(row.number));
        } else if let Some(depth) = depth.and_then(number) {
            headings.extend(above.filter(|(_, other)| *other < depth).map(|(above, _)| above));
            above = Some((row.number, depth));
        }
    }
    if assessable.is_some() && !has_assessable {
        headings.clear();
    }
    Ok(headings)
}

/// The rows whose metric number a later row has with another name: which of the two it belongs to, nobody can tell.
pub(super) fn rivals(table: &mut Table) -> Result<HashSet<u64>> {
    let mut rivals = HashSet::new();
    let (Some(number), Some(name)) = (table.columns.get(Field::MetricNumber), table.columns.get(Field::Name)) else {
        return Ok(rivals);
    };
    if table.duplicates.is_empty() {
        return Ok(rivals);
    }
    let (number, name) = (number.column, name.column);
    let firsts: HashSet<u64> = table.duplicates.values().copied().collect();
    let mut names: HashMap<u64, String> = HashMap::new();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    while reader.next(&mut row)? {
        let folded = || item::normalised(row.cell(name).text);
        if number::is_nothing(row.cell(number).text) {
            continue;
        }
        // A name that is none, or that is too long, says nothing.
        if folded().is_empty() || folded().chars().count() > 200 {
            continue;
        }
        if firsts.contains(&row.number) {
            names.insert(row.number, folded());
        }
        if let Some(first) = table.duplicates.get(&row.number)
            && names.get(first).is_some_and(|name| *name != folded())
        {
            rivals.insert(*first);
        }
    }
    Ok(rivals)
}

fn cell<'r>(table: &Table, row: &'r Row, field: Field) -> Cell<'r> {
    let empty = Cell { kind: Kind::Empty, text: "" };
    table.columns.get(field).map_or(empty, |mapped| undressed(field, row.cell(mapped.column)))
}

fn figures(table: &Table, row: &Row) -> Vec<(Field, Decimal)> {
    let mapped = table.columns.mapped.iter().filter(|mapped| mapped.field.is_number());
    let read = |field: Field, cell: Cell<'_>| match cell.kind {
        Kind::Text | Kind::Number | Kind::Percent => {
            let mark = if cell.kind == Kind::Text { table.marks.get(&field).copied() } else { None };
            number::parse(cell.text, mark.unwrap_or(Mark::Point)).ok().map(|value| value.exact)
        }
        _ => None,
    };
    mapped.filter_map(|mapped| Some((mapped.field, read(mapped.field, row.cell(mapped.column))?))).collect()
}

/// How many cells hold what only a metric has: numbers, codes, a direction, a priority.
fn typed(table: &Table, row: &Row) -> usize {
    let is_typed = |field: Field, cell: Cell<'_>| match field {
        _ if cell.is_blank() || number::is_nothing(cell.text) => false,
        _ if field.is_number() => cell.kind != Kind::Text || cell.text.contains(|c: char| c.is_ascii_digit()),
        Field::Unit => true,
        Field::Direction => item::direction(cell.text).is_some(),
        Field::Priority => priority::level(cell.text).is_some(),
        _ => field.is_code() && cell.text.contains(|c: char| c.is_ascii_digit() || c == '.'),
    };
    table
        .columns
        .mapped
        .iter()
        .chain(table.columns.series.iter().map(|one| &one.mapped))
        .filter(|mapped| is_typed(mapped.field, row.cell(mapped.column)))
        .count()
}

/// Whether all that a row has of a metric is a function or a category, where metrics have numbers.
fn is_place(table: &Table, row: &Row, typed: usize) -> bool {
    let is_high = |mapped: &Mapped| {
        let text = row.cell(mapped.column).text;
        mapped.field.is_code() && text.contains('.') && !text.contains(|c: char| c.is_ascii_digit())
    };
    let has_numbers = table.columns.mapped.iter().any(|mapped| mapped.field.is_number());
    typed == 1 && has_numbers && table.columns.mapped.iter().any(is_high)
}

/// Whether a row says more of a metric than its name, its numbers and their unit.
fn is_described(table: &Table, row: &Row) -> bool {
    let says = |field: Field| !matches!(field, Field::Name | Field::MetricNumber | Field::Unit) && !field.is_number();
    table.columns.mapped.iter().any(|mapped| says(mapped.field) && !number::is_nothing(row.cell(mapped.column).text))
}

/// The kind of a number: `PR-001` and `GV-12` are of one.
fn kind(number: &str) -> String {
    let mut kind = String::new();
    for c in number.trim().chars() {
        let c = if c.is_ascii_digit() {
            '9'
        } else if c.is_alphabetic() {
            'A'
        } else {
            c
        };
        if !kind.ends_with(c) && kind.len() < 40 {
            kind.push(c);
        }
    }
    kind
}

/// `Source: internal`, `* estimated`: a text about the sheet.
fn is_note(text: &str) -> bool {
    text.contains(':') || text.trim_start().starts_with('*')
}

/// A row with words where the numbers stand: the header of another table.
fn is_header(table: &Table, row: &Row) -> bool {
    let is_word = |cell: &Cell<'_>| cell.kind == Kind::Text && cell.text.chars().any(char::is_alphabetic);
    let numbers = table.columns.mapped.iter().filter(|mapped| mapped.field.is_number());
    let cells: Vec<Cell<'_>> = numbers.map(|mapped| row.cell(mapped.column)).filter(|cell| !cell.is_blank()).collect();
    cells.len() >= 2
        && cells.iter().all(|cell| is_word(cell) && !number::is_nothing(cell.text))
        && row.cells().all(|cell| cell.is_blank() || is_word(&cell) && !cell.text.contains(|c: char| c.is_ascii_digit()))
}

/// A row above the first metric that says what belongs into the columns.
fn is_description(table: &Table, row: &Row) -> bool {
    let (mut good, mut bad) = (0, 0);
    for mapped in &table.columns.mapped {
        let cell = row.cell(mapped.column);
        if number::is_nothing(cell.text) {
            continue;
        }
        let is_read = match mapped.field {
            _ if cell.kind != Kind::Text => true,
            field if field.is_number() => {
                cell.text.contains(|c: char| c.is_ascii_digit()) || number::parse(cell.text, Mark::Point).is_ok()
            }
            Field::Direction => item::direction(cell.text).is_some(),
            Field::Priority => priority::level(cell.text).is_some(),
            _ => continue,
        };
        if is_read {
            good += 1;
        } else {
            bad += 1;
        }
    }
    let asks = |cell: Cell<'_>| {
        let word = cell.text.trim_start_matches(['#', '*', '(', '[', '<', ' ']).to_lowercase();
        ["required", "optional", "mandatory", "pflichtfeld", "obligatoire", "obligatorio"]
            .iter()
            .any(|start| word.starts_with(start))
    };
    let filled = row.cells().filter(|cell| !cell.is_blank()).count();
    good == 0 && bad >= 2 || row.cells().filter(|cell| asks(*cell)).count() * 2 > filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_of_kinds() {
        assert_eq!(kind("PR-001"), kind("GV-12"));
        assert_ne!(kind("PR-001"), kind("Q1"));
        assert_ne!(kind("PR-001"), kind("Source: internal"));
    }
}

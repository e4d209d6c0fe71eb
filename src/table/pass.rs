//! The pass over all rows: keeps them, and gathers what only the whole column can tell.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::decision::Decision;
use super::dress::undressed;
use super::keys::Keys;
use super::levels::Levels;
use super::{Options, Percent, Prepared, Table, map_file, question};
use crate::domain::item::{Field, natural_key, normalised};
use crate::domain::number::{self, Mark, MarkEvidence};
use crate::domain::priority::{self, Level};
use crate::domain::text::unmarked;
use crate::domain::unit::{self, is_percent};
use crate::error::{Error, Place, Result};
use crate::table::columns::Columns;
use crate::table::layout::{self, Shape};
use crate::table::problem::{Counts, Skip};
use crate::table::row::{Cell, Kind, Row, RowFile};

/// What the number cells of percent metrics look like.
#[derive(Debug, Default)]
struct Fractions {
    plain: u64,
    above_one: u64,
    nonzero: u64,
    /// Those between 0 and 1.
    between: u64,
    example: String,
    /// The row of the example.
    row: u64,
}

impl Fractions {
    /// Whether so many are between 0 and 1, beside others that are above, that each of them may be a fraction.
    const fn is_mixed(&self) -> bool {
        self.between >= 3 && self.between * 5 >= self.plain
    }
}

impl Fractions {
    /// Whether all of them can be fractions.
    const fn is_small(&self) -> bool {
        self.plain > 0 && self.above_one == 0 && self.nonzero > 0
    }
}

/// The most texts of a priority column that are looked at.
const LEVELS: usize = 200;

/// The most rows that a table may have.
const ROWS: u64 = 2_000_000;

pub(super) struct FirstPass {
    columns: Columns,
    header_row: u64,
    records: u64,
    header_record: u64,
    spool: RowFile,
    counts: Counts,
    above: Vec<Row>,
    numbers: Vec<(Field, usize, Option<Mark>)>,
    evidence: BTreeMap<Field, MarkEvidence>,
    fractions: BTreeMap<Field, Fractions>,
    /// The texts of the priority column, with where they stand on a scale.
    priorities: BTreeMap<String, Level>,
    keep: Vec<(u64, u64)>,
    keys: Keys,
    /// Of the code columns: how many metrics there are and how many of them have a cell, and whether one came first.
    outline: BTreeMap<Field, Outline>,
    /// Whether the table is a rejects file, whose neutralised text is text again.
    is_rejects: bool,
    plain: Row,
    lengths: Lengths,
    /// Rows that begin as comments do.
    marked: u64,
}

/// `# a comment`, `#K-1`, `// K-1`: how lines are left out elsewhere.
pub fn is_commented(row: &Row) -> bool {
    let first = row.cell(0);
    first.kind == Kind::Text && (first.text.starts_with('#') || first.text.starts_with("//"))
}

/// How long the records of a text are.
#[derive(Debug, Default)]
struct Lengths {
    all: u64,
    /// Records with fewer cells than the header, and with more where those are empty.
    short: u64,
    long: u64,
    /// Whole records whose last cell is empty.
    open: u64,
    /// Whether a blank row came after some records: what stands below may be another table.
    gap: bool,
}

impl Lengths {
    fn add(&mut self, row: &Row, columns: &Columns) {
        let Some(width) = columns.width.filter(|_| !self.gap) else { return };
        let headers = columns.headers.len();
        self.all += 1;
        self.short += u64::from(row.len() < headers);
        self.long += u64::from(row.len() > width && (width..row.len()).all(|column| row.cell(column).is_blank()));
        self.open += u64::from(row.len() >= headers && row.cell(headers - 1).is_blank());
    }

    /// Whether so many records are otherwise than the header that it is the way this text is written.
    const fn is_way(&self, count: u64) -> bool {
        count == self.all || count > 2 && count * 5 >= self.all
    }

    /// The fewest and the most cells that a record may have.
    const fn bounds(&self, columns: &Columns) -> (usize, usize) {
        let is_trimmed = self.open == 0 && self.is_way(self.short);
        let most = match columns.width {
            Some(width) if !self.is_way(self.long) => width,
            _ => usize::MAX,
        };
        (if columns.width.is_none() || is_trimmed { 0 } else { columns.headers.len() }, most)
    }
}

/// How often a code column is filled.
#[derive(Debug, Default)]
struct Outline {
    seen: u64,
    filled: u64,
    started: bool,
    /// Empty cells before the first filled one.
    early: u64,
}

impl FirstPass {
    pub(super) fn new(columns: Columns, header_row: u64, options: &Options) -> Result<Self> {
        let numbers = columns.numbers().map(|mapped| (mapped.field, mapped.column, options.mark)).collect();
        let is_rejects = layout::is_rejects(&columns.headers);
        Ok(FirstPass {
            columns,
            header_row,
            records: 0,
            header_record: 0,
            spool: RowFile::new()?,
            counts: Counts::default(),
            above: Vec::new(),
            numbers,
            evidence: BTreeMap::new(),
            fractions: BTreeMap::new(),
            priorities: BTreeMap::new(),
            keep: options.keep.clone(),
            keys: Keys::default(),
            outline: BTreeMap::new(),
            is_rejects,
            plain: Row::default(),
            lengths: Lengths::default(),
            marked: 0,
        })
    }

    pub(super) fn row(&mut self, row: &Row) -> Result<()> {
        self.records += 1;
        if self.records > ROWS {
            return Err(Error::data(format!(
                "the table has more than {ROWS} rows, twice as many as a sheet of Excel can have"
            ))
            .hint("split it; if it is a time series, use `cmf record --file`"));
        }
        if row.number < self.header_row {
            self.counts.skip(if row.is_blank() { Skip::Blank } else { Skip::Heading });
            self.above.push(row.clone());
            return Ok(());
        }
        if row.number == self.header_row {
            self.header_record = self.records;
            return Ok(());
        }
        let plain;
        let row = if self.is_rejects {
            plain = self.unquoted(row);
            &plain
        } else if row.contains(Row::SHOWN) {
            plain = self.shown(row);
            &plain
        } else {
            row
        };
        self.spool.add(row)?;
        let is_kept = self.keep.iter().any(|(first, last)| (*first..=*last).contains(&row.number));
        let shape = if is_kept { Shape::Data } else { layout::shape(row, &self.columns) };
        self.lengths.gap |= self.lengths.all >= 3 && row.is_blank();
        if shape == Shape::Skip(Skip::Blank) || row.fault.is_some() {
            return Ok(());
        }
        for field in [Field::Function, Field::Category, Field::Subcategory] {
            let Some(mapped) = self.columns.get(field) else { continue };
            let outline = self.outline.entry(field).or_default();
            let filled = !number::is_nothing(row.cell(mapped.column).text);
            outline.started |= filled;
            if shape == Shape::Data {
                outline.seen += 1;
                outline.filled += u64::from(filled);
                outline.early += u64::from(!outline.started);
            }
        }
        if !matches!(shape, Shape::Data | Shape::Codes) {
            return Ok(());
        }
        self.lengths.add(row, &self.columns);
        self.marked += u64::from(is_commented(row));
        for readings in &mut self.columns.series {
            readings.values += u64::from(!number::is_nothing(row.cell(readings.mapped.column).text));
        }
        let is_percent = unit_is_percent(row, &self.columns);
        for (field, column, mark) in &self.numbers {
            let cell = row.cell(*column);
            if cell.kind == Kind::Text && mark.is_none() && !number::is_nothing(cell.text) {
                self.evidence.entry(*field).or_default().add(cell.text);
            }
            if is_percent {
                let plain = match cell.kind {
                    Kind::Number => cell.text.parse::<Decimal>().ok(),
                    // A share is counted, and never written as a fraction of 1.
                    Kind::Text if !cell.text.contains('/') => number::parse(cell.text, mark.unwrap_or(Mark::Point))
                        .or_else(|_| number::parse(cell.text, Mark::Comma))
                        .ok()
                        .filter(|value| !value.percent && !value.yes_no && value.upper.is_none())
                        .map(|value| value.number),
                    _ => None,
                };
                if let Some(number) = plain {
                    let fractions = self.fractions.entry(*field).or_default();
                    fractions.plain += 1;
                    fractions.above_one += u64::from(number.abs() > Decimal::ONE);
                    fractions.nonzero += u64::from(!number.is_zero());
                    if fractions.example.is_empty() && !number.is_zero() {
                        cell.text.trim().clone_into(&mut fractions.example);
                        fractions.row = row.number;
                    }
                    fractions.between += u64::from(!number.is_zero() && number.abs() < Decimal::ONE);
                }
            }
        }
        if let Some(mapped) = self.columns.get(Field::Priority) {
            let text = normalised(row.cell(mapped.column).text);
            if let Some(level) = priority::level(&text).filter(|_| self.priorities.len() < LEVELS) {
                self.priorities.insert(text, level);
            }
        }
        let cell =
            |field| self.columns.get(field).map(|mapped| undressed(field, row.cell(mapped.column)).text).unwrap_or_default();
        let name = cell(Field::Name);
        let number = cell(Field::MetricNumber);
        let number = if number::is_nothing(number) { None } else { Some(number) };
        if number.is_some() || !number::is_nothing(name) {
            self.keys.add(&natural_key(number, name), row.number)?;
        }
        Ok(())
    }

    /// The row without the apostrophes that keep a spreadsheet from running its text.
    fn unquoted(&mut self, row: &Row) -> Row {
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear(row.number);
        plain.fault = row.fault;
        for cell in row.cells() {
            plain.push(cell.kind, &unmarked(cell.text));
        }
        plain
    }

    /// The row with its numbers as the sheet shows them where they are read as text: `007` and `CTRL-012` are no numbers.
    fn shown(&mut self, row: &Row) -> Row {
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear(row.number);
        plain.fault = row.fault;
        for (column, cell) in row.cells().enumerate() {
            let field = self.columns.mapped.iter().find(|mapped| mapped.column == column).map(|mapped| mapped.field);
            match row.look(column) {
                Some(shown) if field.is_some_and(|field| !field.is_number()) => plain.push(Kind::Text, shown),
                // A sign that the format only adds.
                Some(shown) if field.is_some() && shown.ends_with('%') => plain.push(Kind::Text, &format!("{}%", cell.text)),
                _ => plain.push(cell.kind, cell.text),
            }
        }
        plain
    }

    /// The code columns of an outline, from the highest level down: filled only where the code changes, from the first metric
    /// on. A lower level is one only below a higher level that is one, for metrics without codes are no outline.
    fn fill(&self) -> Vec<Field> {
        let mut fill = Vec::new();
        let mut most = u64::MAX;
        // A metric's own subcategory is never taken from another metric.
        for field in [Field::Category, Field::Function] {
            // Higher levels change less often than lower ones.
            let Some(outline) = self.outline.get(&field) else { continue };
            let sparse = outline.seen >= 3 && outline.early == 0 && outline.started && outline.filled * 2 <= outline.seen;
            if sparse && outline.filled <= most {
                fill.push(field);
                most = outline.filled;
            } else {
                fill.clear();
                most = u64::MAX;
            }
        }
        if fill.last() != Some(&Field::Function) {
            return Vec::new();
        }
        fill.reverse();
        fill
    }

    pub(super) fn finish(mut self, place: &Place, options: &Options) -> Result<Prepared> {
        self.spool.end()?;
        let mut decisions = Vec::new();
        let mut marks = BTreeMap::new();
        for (field, column, given) in &self.numbers {
            let evidence = self.evidence.get(field);
            let mark = match (given, evidence.map(MarkEvidence::decide)) {
                (Some(mark), _) => *mark,
                (None, None) => Mark::Point,
                (None, Some(Ok(mark))) => mark,
                (None, Some(Err(readings))) => {
                    let place = Place { column: Some(self.columns.headers[*column].clone()), ..place.clone() };
                    return Ok(question::decimal(*column, &readings, place));
                }
            };
            decisions.extend(mark_decision(*field, mark, *given, evidence));
            marks.insert(*field, mark);
        }
        let small: Vec<Field> = self.fractions.iter().filter(|(_, f)| f.is_small()).map(|(field, _)| *field).collect();
        let all_small = self.fractions.values().all(|f| f.above_one == 0);
        if options.percent == Percent::Auto
            && let Some(field) = small.first()
            && let Some(mapped) = self.columns.get(*field)
        {
            let Fractions { example, row, .. } = &self.fractions[field];
            let place = Place { column: Some(mapped.header.clone()), row: Some(*row), ..place.clone() };
            return Ok(question::percent(example, all_small, place));
        }
        let has_plain_percents = self.fractions.values().any(|f| f.plain > 0);
        let scale = options.percent == Percent::Scale;
        if has_plain_percents {
            let decision = match options.percent {
                Percent::Auto => Decision::certain("percent", "as written", "plain numbers under % are above 1"),
                Percent::Scale => Decision::asked("percent", "times 100"),
                Percent::AsIs => Decision::asked("percent", "as written"),
            };
            decisions.push(decision.option("--percent"));
        }
        let mut values: BTreeMap<Field, BTreeMap<String, String>> = map_file::typed(options.values.clone())?;
        if let Some(mapped) = self.columns.get(Field::Priority) {
            let known = values.entry(Field::Priority).or_default();
            self.priorities.retain(|text, _| !known.contains_key(text));
            let place = Place { column: Some(mapped.header.clone()), ..place.clone() };
            match Levels::new(&self.priorities, &mapped.header).read(options.priorities.as_deref(), place)? {
                Ok((read, decision)) => {
                    known.extend(read);
                    decisions.extend(decision);
                }
                Err(unclear) => return Ok(Prepared::Unclear(unclear)),
            }
            if known.is_empty() {
                values.remove(&Field::Priority);
            }
        }
        let fill = self.fill();
        let widths = self.lengths.bounds(&self.columns);
        if !options.keep.is_empty() {
            decisions.push(Decision::asked("kept_rows", "metrics").option("--keep-rows"));
        }
        Ok(Prepared::Table(Box::new(Table {
            sheet: None,
            header_row: self.header_row,
            duplicates: self.keys.duplicates()?,
            columns: self.columns,
            widths,
            spool: self.spool,
            counts: self.counts,
            marks,
            scale,
            as_is: options.percent == Percent::AsIs,
            fractional: self.fractions.iter().filter(|(_, one)| !scale && one.is_mixed()).map(|(field, _)| *field).collect(),
            has_plain_percents,
            decisions,
            keep: self.keep,
            long_names: options.long_names,
            has_comments: self.marked * 2 < self.lengths.all,
            dialect: None,
            author: None,
            title: None,
            header_record: self.header_record,
            values,
            defaults: map_file::typed(options.defaults.clone())?,
            directions: options.directions.clone(),
            current_at: options.current_at.clone(),
            series: options.series,
            above: self.above,
            fill,
        })))
    }
}

/// Which decimal mark the numbers of a field have.
fn mark_decision(field: Field, mark: Mark, given: Option<Mark>, evidence: Option<&MarkEvidence>) -> Option<Decision> {
    let what = format!("decimal of {}", field.as_str());
    let decision = match (given, evidence) {
        (Some(_), _) => Decision::asked(&what, mark.as_str()),
        (None, Some(evidence)) if evidence.either > 0 => {
            let sample = evidence.samples[2].clone().unwrap_or_default();
            let why = format!("`{sample}` can be read in two ways, other cells of the column only in this one");
            let rival = if mark == Mark::Point { Mark::Comma } else { Mark::Point };
            Decision::told(&what, mark.as_str(), why).over([rival.as_str().to_owned()])
        }
        (None, Some(evidence)) if evidence.point + evidence.comma > 0 => {
            Decision::certain(&what, mark.as_str(), "the column's numbers can be read only in this way")
        }
        _ => return None,
    };
    Some(decision.option("--decimal"))
}

/// Whether the row's metric is counted in percent, by its unit cell, by a header's brackets or by its name.
pub(crate) fn unit_is_percent(row: &Row, columns: &Columns) -> bool {
    if let Some(mapped) = columns.get(Field::Unit) {
        let unit = row.cell(mapped.column).text;
        if !number::is_nothing(unit) {
            return is_percent(unit);
        }
    } else {
        let mut units = columns.numbers().filter_map(|mapped| mapped.unit.as_deref()).peekable();
        if units.peek().is_some() {
            return units.any(is_percent);
        }
    }
    // `95%` beside `0.98`: both are of one metric, and so is their unit.
    let is_marked =
        |cell: Cell<'_>| cell.kind == Kind::Percent || cell.kind == Kind::Text && cell.text.trim_end().ends_with('%');
    if columns.numbers().any(|mapped| is_marked(row.cell(mapped.column))) {
        return true;
    }
    let name = columns.get(Field::Name).map_or("", |mapped| row.cell(mapped.column).text);
    // Few names hold a unit; the others are not looked at twice.
    (name.contains('%') || name.trim_end().ends_with([')', ']'])) && unit::of_name(name).is_some_and(is_percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::columns;

    #[test]
    fn a_table_has_no_more_rows_than_twice_a_sheet() {
        let columns = columns::assign(vec!["name".to_owned(), "target".to_owned()], &[], &[], &[]);
        let mut pass = FirstPass::new(columns, 1, &Options::default()).unwrap();
        pass.records = ROWS - 1;
        let mut row = Row::default();
        row.clear(ROWS);
        row.push(Kind::Text, "a");
        pass.row(&row).unwrap();
        assert!(pass.row(&row).unwrap_err().message().contains("more than 2000000 rows"));
    }
}

//! The second pass: rows become items, or problems with a cell, a reason and a remedy.

mod code_cells;
mod codes;
mod counts;
mod directions;
mod json;
mod notes;
mod numbers;
mod original;
mod record;
mod rows;
mod tallies;
mod texts;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use self::code_cells::Lookup;
use self::notes::Notes;
use self::rows::{Rows, Seen, rivals};
use crate::domain::code::{CodeIndex, Position};
use crate::domain::item::{self, Field, Item};
use crate::domain::number;
use crate::domain::text::counted;
use crate::domain::unit::is_percent;
use crate::error::Result;
use crate::table::columns::Mapped;
use crate::table::decision::Decision;
use crate::table::dress::{is_error, undressed};
use crate::table::layout::{self, Shape};
use crate::table::problem::{Counts, LeftOut, MOST, Problem, Skip, repeated};
use crate::table::row::{Cell, Kind, Row};
use crate::table::{Table, outline};

/// A row that became an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Its row in the sheet.
    pub row: u64,
    pub item: Item,
    /// What tells its direction, if nobody set it.
    pub told: Option<String>,
    /// `original_data`: the row as text, what was read from it that has no column, and where it stood; as JSON.
    pub original: String,
    /// The places of the framework that its codes name.
    pub positions: Vec<Position>,
    /// The successors of withdrawn codes among them, where the taker wants those.
    pub successors: Vec<Position>,
}

/// What became of a row.
#[derive(Debug)]
pub enum Outcome {
    /// A metric.
    Item(Box<Built>),
    /// Not a metric.
    Skipped(u64),
    /// Kept out, for these reasons.
    Rejected(u64, Vec<Problem>),
}

/// What the second pass found besides the rows.
#[derive(Debug, Default)]
pub struct RowSummary {
    pub counts: Counts,
    /// The rows that were left out although they hold something, no more than [`MOST`].
    pub left_out: Vec<LeftOut>,
    /// How many of them are not listed.
    pub unlisted: u64,
    /// What was decided about the rows.
    pub decisions: Vec<Decision>,
    /// The rules for directions that name a row, by their position.
    pub named: BTreeSet<usize>,
}

impl RowSummary {
    /// Adds that of another sheet.
    pub fn add(&mut self, other: RowSummary) {
        self.counts.add(&other.counts);
        self.left_out.extend(other.left_out);
        self.unlisted += other.unlisted + self.left_out.len().saturating_sub(MOST) as u64;
        self.left_out.truncate(MOST);
        self.decisions.extend(other.decisions);
        self.named.extend(other.named);
    }
}

/// Why an item that is right in itself cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A short name, for programs.
    pub code: &'static str,
    /// What is wrong, as a sentence.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

/// Who takes the outcomes of the second pass.
pub trait Taker {
    /// Whether an item can be taken. The error is why not; the row is rejected then.
    fn accepts(&mut self, built: &Built) -> Result<(), Refusal>;

    /// Whether a withdrawn code stands for its successors; else it is a problem.
    fn wants_successors(&self) -> bool {
        false
    }

    /// Whether a metric of this name is known already, so that a row with nothing else is one.
    fn knows(&self, _name: &str) -> bool {
        false
    }

    /// Takes what became of a row.
    fn take(&mut self, outcome: Outcome) -> Result<()>;
}

/// Turns the rows of a table into items and hands each outcome to `taker`, in the order of the sheet. Fails when the rows
/// cannot be read back, or the taker fails.
pub fn build(table: &mut Table, index: Option<&CodeIndex>, taker: &mut dyn Taker) -> Result<RowSummary> {
    let rows = Rows::of(table)?;
    let rivals = rivals(table)?;
    let mut reader = table.spool.read()?;
    let mut pass = Pass::new(table, index, rows, rivals);
    let mut row = Row::default();
    while reader.next(&mut row)? {
        pass.row(&row, taker)?;
    }
    Ok(pass.finish())
}

/// The second pass over the rows below the header.
struct Pass<'a> {
    table: &'a Table,
    index: Option<&'a CodeIndex>,
    rows: Rows,
    rivals: HashSet<u64>,
    lookup: Option<Lookup<'a>>,
    /// The columns' names in `original_data`.
    keys: Vec<json::Key>,
    counts: Counts,
    record: u64,
    notes: Notes,
    above: BTreeMap<Field, String>,
    left_out: Vec<LeftOut>,
    unlisted: u64,
    /// Names that were cut, with how often.
    cut: HashMap<String, u64>,
    /// Single texts since the last metric: headings if one follows, else footers; and where their list begins.
    lone: u64,
    lone_from: usize,
}

impl<'a> Pass<'a> {
    fn new(table: &'a Table, index: Option<&'a CodeIndex>, rows: Rows, rivals: HashSet<u64>) -> Self {
        let above = table.above.iter().filter(|row| !row.is_blank());
        Pass {
            table,
            index,
            rows,
            rivals,
            left_out: above.map(|row| LeftOut::new(row, Skip::Heading)).collect(),
            lookup: index.map(Lookup::new),
            keys: json::keys(&table.columns.headers),
            counts: table.counts.clone(),
            record: table.header_record,
            notes: Notes::default(),
            above: BTreeMap::new(),
            unlisted: 0,
            cut: HashMap::new(),
            lone: 0,
            lone_from: 0,
        }
    }

    fn row(&mut self, row: &Row, taker: &mut dyn Taker) -> Result<()> {
        self.record += 1;
        let is_kept = self.table.keep.iter().any(|(first, last)| (*first..=*last).contains(&row.number));
        let shape = if is_kept { Shape::Data } else { layout::shape(row, &self.table.columns) };
        if row.is_blank() {
            // What is below a gap has codes of its own, or none.
            self.above.clear();
        } else if !matches!(shape, Shape::Skip(Skip::Blank | Skip::RepeatedHeader)) {
            outline::carry(self.table, row, &mut self.above);
        }
        let (shape, is_doubtful) = if is_kept { (shape, false) } else { self.looked_at(row, shape, taker) };
        if matches!(shape, Shape::Data | Shape::Codes) {
            for _ in 0..std::mem::take(&mut self.lone) {
                self.counts.skip(Skip::Heading);
            }
        }
        let reason = match shape {
            Shape::Lone => {
                if self.lone == 0 {
                    self.lone_from = self.left_out.len();
                }
                self.lone += 1;
                self.rows.lone(row);
                self.leave_out(row, Skip::Heading);
                return taker.take(Outcome::Skipped(row.number));
            }
            Shape::Codes if !self.table.fill.is_empty() => Skip::Heading,
            Shape::Skip(reason) => reason,
            Shape::Data | Shape::Codes => {
                if !is_doubtful {
                    self.rows.metric(self.table, row);
                }
                return self.metric(row, is_doubtful, taker);
            }
        };
        self.counts.skip(reason);
        if !row.is_blank() {
            self.leave_out(row, reason);
        }
        taker.take(Outcome::Skipped(row.number))
    }

    /// The shape of a row among the others, and whether it may sum them up.
    fn looked_at(&mut self, row: &Row, shape: Shape, taker: &dyn Taker) -> (Shape, bool) {
        // What is written wrong is a problem, whatever it looks like.
        if row.fault.is_some() {
            return (Shape::Data, false);
        }
        let name = self.table.columns.get(Field::Name).map_or("", |mapped| row.cell(mapped.column).text);
        let is_known = || !number::is_nothing(name) && taker.knows(name);
        let shape = match shape {
            Shape::Skip(Skip::Blank) if row.is_blank() => {
                self.rows.blank();
                shape
            }
            Shape::Lone if is_known() || self.rows.is_lone_metric(self.table, row) => Shape::Data,
            Shape::Data => match self.rows.look(self.table, row, self.index) {
                Seen::Not(reason) if reason != Skip::Heading || !is_known() => Shape::Skip(reason),
                Seen::Text => Shape::Lone,
                Seen::Doubtful => return (Shape::Data, !is_known()),
                Seen::Metric | Seen::Not(_) => Shape::Data,
            },
            _ => shape,
        };
        (shape, false)
    }

    fn leave_out(&mut self, row: &Row, reason: Skip) {
        if self.left_out.len() < MOST {
            self.left_out.push(LeftOut::new(row, reason));
        } else {
            self.unlisted += 1;
        }
    }

    fn metric(&mut self, row: &Row, is_doubtful: bool, taker: &mut dyn Taker) -> Result<()> {
        self.counts.read += 1;
        let mut builder = Builder {
            table: self.table,
            lookup: &mut self.lookup,
            keys: &self.keys,
            row,
            record: self.record,
            is_rival: self.rivals.contains(&row.number),
            is_doubtful,
            above: &self.above,
            problems: Vec::new(),
            notes: &mut self.notes,
            cut: &mut self.cut,
            successors: taker.wants_successors().then(Vec::new),
        };
        let built = builder.item().filter(|_| builder.problems.is_empty());
        let refusal = built.as_ref().and_then(|built| taker.accepts(built).err());
        if let Some(Refusal { code, reason, remedy }) = refusal {
            let column = builder.key_column();
            builder.problem(column, code, reason, remedy);
        }
        let problems = std::mem::take(&mut builder.problems);
        if let Some(built) = built.filter(|_| problems.is_empty()) {
            self.notes.metric(row.number, &built.item, self.rows.are_numbered());
            if self.table.columns.width.is_some() && row.len() < self.table.columns.headers.len() {
                Notes::add(&mut self.notes.short, row.number);
            }
            self.rows.taken();
            self.counts.items += 1;
            taker.take(Outcome::Item(Box::new(built)))
        } else {
            self.counts.rejected += 1;
            taker.take(Outcome::Rejected(row.number, problems))
        }
    }

    fn finish(mut self) -> RowSummary {
        for _ in 0..self.lone {
            self.counts.skip(Skip::Footer);
        }
        if self.lone > 0 {
            let last = self.left_out.iter_mut().skip(self.lone_from).filter(|one| one.reason == Skip::Heading);
            last.for_each(|one| one.reason = Skip::Footer);
        }
        let mut decisions = self.notes.decisions();
        decisions.extend(self.rows.apart().map(|(row, name, count)| {
            let chosen = format!("{} below a blank row", counted(*count, "metric"));
            Decision::told("metrics_apart", chosen, format!("from `{name}` (row {row}) on")).option("--range")
        }));
        let Pass { counts, left_out, unlisted, notes, .. } = self;
        RowSummary { counts, left_out, unlisted, decisions, named: notes.named }
    }
}

/// A cell that holds something, and its column.
type Found<'a> = Option<(Option<usize>, Cell<'a>)>;

struct Builder<'a, 'i> {
    table: &'a Table,
    lookup: &'a mut Option<Lookup<'i>>,
    keys: &'a [json::Key],
    row: &'a Row,
    record: u64,
    /// Whether another row has its metric number, and another name.
    is_rival: bool,
    /// Whether it may sum up the others.
    is_doubtful: bool,
    /// What the rows above say, in the columns of an outline.
    above: &'a BTreeMap<Field, String>,
    problems: Vec<Problem>,
    notes: &'a mut Notes,
    cut: &'a mut HashMap<String, u64>,
    /// Successors of withdrawn codes, where they are wanted.
    successors: Option<Vec<Position>>,
}

impl<'a> Builder<'a, '_> {
    fn problem(&mut self, column: Option<usize>, code: &'static str, reason: String, remedy: impl Into<String>) {
        let value = column.map(|column| repeated(&self.row.cell(column).shown())).unwrap_or_default();
        self.problems.push(Problem {
            sheet: self.table.sheet.clone(),
            row: self.row.number,
            record: self.table.sheet.is_none().then_some(self.record),
            column,
            header: column.and_then(|column| self.table.columns.headers.get(column).cloned()),
            value,
            code,
            reason,
            remedy: remedy.into(),
        });
    }

    fn mapped(&self, field: Field) -> Option<&'a Mapped> {
        self.table.columns.get(field)
    }

    /// The cell of a field, if it holds something that can be read: what the value map makes of it, or the field's default
    /// where it is empty.
    fn cell(&mut self, field: Field) -> Found<'a> {
        let table = self.table;
        let default = table.defaults.get(&field).map(|text| (None, Cell { kind: Kind::Text, text }));
        let Some(mapped) = self.mapped(field) else { return default };
        self.cell_in(field, mapped.column, default)
    }

    /// The cell of a field in this column, or `default` where it is empty.
    fn cell_in(&mut self, field: Field, column: usize, default: Found<'a>) -> Found<'a> {
        let table = self.table;
        let cell = undressed(field, self.row.cell(column));
        if let Some(values) = table.values.get(&field)
            && let Some(text) = values.get(&item::normalised(&cell.shown()))
        {
            let replaced = Cell { kind: Kind::Text, text };
            return if number::is_nothing(text) { default } else { Some((Some(column), replaced)) };
        }
        match cell.kind {
            _ if cell.kind == Kind::Error || cell.kind == Kind::Text && is_error(cell.text) => {
                let reason = format!("the cell holds the error {}", repeated(cell.text));
                self.problem(Some(column), "cell_error", reason, "fix the formula, or write the value");
                None
            }
            // What computes a metric may be written as a formula.
            Kind::Uncached if !matches!(field, Field::Formula | Field::Description) => {
                let reason = "the formula in the cell has no stored result".to_owned();
                let remedy = match self.table.dialect {
                    Some(_) => "write the value; put an apostrophe before text that begins with `=`",
                    None => "open the workbook in a spreadsheet program and save it, so that the results are stored",
                };
                self.problem(Some(column), "formula_without_result", reason, remedy);
                None
            }
            _ if cell.is_blank() || number::is_nothing(cell.text) => default,
            _ => Some((Some(column), cell)),
        }
    }

    /// The name as it stands in the sheet.
    fn name(&self) -> &'a str {
        let row = self.row;
        self.mapped(Field::Name).map_or("", |mapped| row.cell(mapped.column).text)
    }

    /// The column of the natural key: the metric number's where the row has one, else the name's.
    fn key_column(&self) -> Option<usize> {
        self.mapped(Field::MetricNumber)
            .filter(|mapped| !number::is_nothing(self.row.cell(mapped.column).text))
            .or(self.mapped(Field::Name))
            .map(|mapped| mapped.column)
    }

    fn item(&mut self) -> Option<Built> {
        if !self.is_record() {
            return None;
        }
        let mut item = Item { metric_number: self.text(Field::MetricNumber), ..Item::default() };
        let problems = self.problems.len();
        let name = self.text(Field::Name);
        if name.is_none() && self.problems.len() == problems {
            let column = self.mapped(Field::Name).map(|mapped| mapped.column);
            self.problem(column, "missing_name", "the metric has no name".to_owned(), "write a name, or remove the row");
        }
        item.description = self.text(Field::Description);
        if let Some(name) = name.as_ref().filter(|name| name.contains('…') && self.table.long_names) {
            // The whole name, before what else is said.
            let whole = self.name().split_whitespace().collect::<Vec<_>>().join(" ");
            if whole != *name {
                let more = item.description.filter(|own| *own != whole).map(|own| format!("\n\n{own}")).unwrap_or_default();
                item.description = Some(whole + &more);
            }
        }
        for field in Field::SPEC {
            item.spec.extend(self.text(field).map(|text| (field, text)));
        }
        item.unit = self.text(Field::Unit);
        if let Some(unit) = &item.unit
            && !is_percent(unit)
            && !unit.chars().any(|c| c.is_alphanumeric() || matches!(c, '%' | '‰' | '$' | '€' | '£' | '¥' | '#' | '°'))
        {
            let reason = format!("`{}` is not a unit", repeated(unit));
            let column = self.mapped(Field::Unit).map(|mapped| mapped.column);
            self.problem(column, "not_a_unit", reason, "write the unit, or leave the cell empty");
        }
        item.priority = self.priority();
        let direction = self.direction();
        self.numbers(&mut item, direction);
        self.counts(&mut item);
        let positions = self.positions();
        item.name = name?;
        let told = self.tell(&mut item);
        if !self.problems.is_empty() {
            return None;
        }
        let original = self.original(&item, told.as_deref());
        let successors = self.successors.take().unwrap_or_default();
        Some(Built { row: self.row.number, item, told, original, positions, successors })
    }
}

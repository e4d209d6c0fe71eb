//! The second pass: rows become items, or problems with a cell, a reason and a remedy.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::columns::Mapped;
use super::layout::{self, Shape};
use super::problem::{Counts, Problem, Skip};
use super::row::{Cell, Kind, Row};
use super::table::{Table, percent_cell, unit_is_percent};
use crate::domain::code::{CodeIndex, Position, Reference, most_specific};
use crate::domain::item::{self, Field, Item};
use crate::domain::metric::Direction;
use crate::domain::number::{self, Mark, NotANumber, Operator};
use crate::error::Result;

/// A row that became an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Its row in the sheet.
    pub row: u64,
    /// The item.
    pub item: Item,
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
    Skipped(u64, Skip),
    /// Kept out, for these reasons.
    Rejected(u64, Vec<Problem>),
}

/// What the second pass found besides the rows.
#[derive(Debug, Default)]
pub struct Finding {
    /// What became of the rows.
    pub counts: Counts,
    /// What the user should know.
    pub warnings: Vec<String>,
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
    /// Whether an item can be taken.
    ///
    /// # Errors
    /// Why not; the row is rejected then.
    fn accepts(&mut self, built: &Built) -> Result<(), Refusal>;

    /// Whether a withdrawn code stands for its successors; else it is a problem.
    fn wants_successors(&self) -> bool {
        false
    }

    /// Takes what became of a row.
    ///
    /// # Errors
    /// Whatever keeps it from going on.
    fn take(&mut self, outcome: Outcome) -> Result<()>;
}

/// Turns the rows of a table into items and hands each outcome to `taker`, in the order of the sheet.
///
/// # Errors
/// When the rows cannot be read back, or the taker fails.
pub fn build(table: &mut Table, index: Option<&CodeIndex>, taker: &mut dyn Taker) -> Result<Finding> {
    let mut counts = table.counts.clone();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut record = table.header_record;
    let mut notes = Notes::default();
    let mut above: BTreeMap<Field, String> = BTreeMap::new();
    while reader.next(&mut row)? {
        record += 1;
        let shape = match layout::shape(&row, &table.columns) {
            Shape::Lone if row.number < table.last_row => Shape::Skip(Skip::Heading),
            Shape::Lone => Shape::Skip(Skip::Footer),
            other => other,
        };
        if !matches!(shape, Shape::Skip(Skip::Blank | Skip::RepeatedHeader)) {
            carry(table, &row, &mut above);
        }
        if let Shape::Skip(reason) = shape {
            counts.skip(reason);
            taker.take(Outcome::Skipped(row.number, reason))?;
            continue;
        }
        counts.read += 1;
        let mut builder = Builder {
            table,
            index,
            row: &row,
            record,
            above: &above,
            problems: Vec::new(),
            notes: &mut notes,
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
            counts.items += 1;
            taker.take(Outcome::Item(Box::new(built)))?;
        } else {
            counts.rejected += 1;
            taker.take(Outcome::Rejected(row.number, problems))?;
        }
    }
    Ok(Finding { counts, warnings: notes.warnings() })
}

/// Keeps what an outline's columns name for the rows below; a new code on a higher level ends those on lower ones.
fn carry(table: &Table, row: &Row, above: &mut BTreeMap<Field, String>) {
    for field in &table.fill {
        let Some(mapped) = table.columns.get(*field) else { continue };
        let text = row.cell(mapped.column).text;
        if !number::is_nothing(text) {
            above.retain(|known, _| known < field);
            above.insert(*field, text.to_owned());
        }
    }
}

/// Whether the first rows bear out that the table is an outline: no row says that it has no code, and no row's own code lies
/// outside of what stands above it.
///
/// # Errors
/// When the rows cannot be read back.
pub fn is_outline(table: &mut Table, indexes: &[&CodeIndex]) -> Result<bool> {
    let mut above: BTreeMap<Field, String> = BTreeMap::new();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut left = 500;
    let known = |text: &str| -> Vec<Position> {
        let all = indexes.iter().flat_map(|index| index.find_all(text));
        all.filter_map(|found| if let Reference::Known(position) = found { Some(position) } else { None }).collect()
    };
    while left > 0 && reader.next(&mut row)? {
        left -= 1;
        carry(table, &row, &mut above);
        for mapped in table.columns.mapped.iter().filter(|mapped| mapped.field.is_code()) {
            let cell = row.cell(mapped.column);
            if cell.is_blank() {
                continue;
            }
            if number::is_nothing(cell.text) {
                return Ok(false);
            }
            let own = known(cell.text);
            for (field, text) in &above {
                let higher = known(text);
                let holds = own.iter().all(|own| higher.iter().any(|higher| higher == own || higher.contains(own)));
                if *field < mapped.field && !holds {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// How many codes of the first rows each framework knows, to tell which one a sheet is about.
///
/// # Errors
/// When the rows cannot be read back.
pub fn known_codes(table: &mut Table, indexes: &[&CodeIndex]) -> Result<Vec<usize>> {
    let columns: Vec<usize> =
        table.columns.mapped.iter().filter(|mapped| mapped.field.is_code()).map(|mapped| mapped.column).collect();
    let mut known = vec![0; indexes.len()];
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut left = 200;
    while left > 0 && !columns.is_empty() && reader.next(&mut row)? {
        left -= 1;
        for column in &columns {
            let text = row.cell(*column).text;
            for (count, index) in known.iter_mut().zip(indexes) {
                *count += index.find_all(text).iter().filter(|found| matches!(found, Reference::Known(_))).count();
            }
        }
    }
    Ok(known)
}

/// Things worth a word that keep no row out, counted so that a long sheet has a short list.
#[derive(Debug, Default)]
struct Notes {
    overruled: (u64, u64),
    rounded: (u64, u64),
}

impl Notes {
    fn add(slot: &mut (u64, u64), row: u64) {
        slot.0 += 1;
        if slot.0 == 1 {
            slot.1 = row;
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let more = |count: u64| if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        if self.overruled.0 > 0 {
            warnings.push(format!(
                "the direction column wins over the operator in the target (row {}{})",
                self.overruled.1,
                more(self.overruled.0)
            ));
        }
        if self.rounded.0 > 0 {
            warnings.push(format!("numbers were rounded to 4 decimals (row {}{})", self.rounded.1, more(self.rounded.0)));
        }
        warnings
    }
}

/// A number cell with what stood around the number.
#[derive(Debug, Clone, Default)]
struct Measured {
    number: Option<Decimal>,
    upper: Option<Decimal>,
    operator: Option<Operator>,
    unit: Option<String>,
    percent: bool,
    yes_no: bool,
}

struct Builder<'a> {
    table: &'a Table,
    index: Option<&'a CodeIndex>,
    row: &'a Row,
    record: u64,
    /// What the rows above say, in the columns of an outline.
    above: &'a BTreeMap<Field, String>,
    problems: Vec<Problem>,
    notes: &'a mut Notes,
    /// Successors of withdrawn codes, where they are wanted.
    successors: Option<Vec<Position>>,
}

impl<'a> Builder<'a> {
    fn problem(&mut self, column: Option<usize>, code: &'static str, reason: String, remedy: impl Into<String>) {
        let value = column.map(|column| self.row.cell(column).shown()).unwrap_or_default();
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
    fn cell(&mut self, field: Field) -> Option<(Option<usize>, Cell<'a>)> {
        let table = self.table;
        let default = table.defaults.get(&field).map(|text| (None, Cell { kind: Kind::Text, text }));
        let Some(mapped) = self.mapped(field) else { return default };
        let column = mapped.column;
        let cell = self.row.cell(column);
        if let Some(values) = table.values.get(&field)
            && let Some(text) = values.get(&item::normalised(&cell.shown()))
        {
            let replaced = Cell { kind: Kind::Text, text };
            return if number::is_nothing(text) { default } else { Some((Some(column), replaced)) };
        }
        match cell.kind {
            Kind::Error => {
                let reason = format!("the cell holds the error {}", cell.text);
                self.problem(Some(column), "cell_error", reason, "mend the formula, or write the value");
                None
            }
            Kind::Uncached => {
                let reason = "the formula in the cell has no stored result".to_owned();
                let remedy = "open the workbook in a spreadsheet program and save it, so that results are stored";
                self.problem(Some(column), "formula_without_result", reason, remedy);
                None
            }
            _ if cell.is_blank() || number::is_nothing(cell.text) => default,
            _ => Some((Some(column), cell)),
        }
    }

    /// The column of the natural key: the metric number's where the row has one, else the name's.
    fn key_column(&self) -> Option<usize> {
        self.mapped(Field::MetricNumber)
            .filter(|mapped| !number::is_nothing(self.row.cell(mapped.column).text))
            .or(self.mapped(Field::Name))
            .map(|mapped| mapped.column)
    }

    /// The text of a field on one line, within what the database keeps.
    fn text(&mut self, field: Field) -> Option<String> {
        let (column, cell) = self.cell(field)?;
        let shown = cell.shown();
        let text = match field {
            Field::Name | Field::MetricNumber | Field::Unit => shown.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => shown.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}').to_owned(),
        };
        if let Some(limit) = field.limit() {
            let length = text.chars().count();
            if length > limit {
                let reason =
                    format!("the {} has {length} characters, the database keeps {limit}", field.as_str().replace('_', " "));
                self.problem(column, "too_long", reason, format!("shorten it to {limit} characters"));
                return None;
            }
        }
        Some(text)
    }

    fn item(&mut self) -> Option<Built> {
        if self.row.has_nul() {
            self.problem(None, "nul_character", "the row has a NUL character, which no text can keep".to_owned(), "remove it");
        }
        if let Some(first) = self.table.duplicates.get(&self.row.number) {
            let column = self.key_column();
            let what =
                if column == self.mapped(Field::MetricNumber).map(|mapped| mapped.column) { "metric number" } else { "name" };
            let reason = format!("row {first} has the same {what}");
            self.problem(column, "duplicate", reason, format!("give one of them another {what}, or remove it"));
        }
        let mut item = Item { metric_number: self.text(Field::MetricNumber), ..Item::default() };
        let problems = self.problems.len();
        let name = self.text(Field::Name);
        if name.is_none() && self.problems.len() == problems {
            let column = self.mapped(Field::Name).map(|mapped| mapped.column);
            self.problem(column, "missing_name", "the metric has no name".to_owned(), "write a name, or remove the row");
        }
        item.description = self.text(Field::Description);
        item.owner = self.text(Field::Owner);
        item.frequency = self.text(Field::Frequency);
        item.formula = self.text(Field::Formula);
        item.unit = self.text(Field::Unit);
        item.priority = self.priority();
        let direction = self.direction();
        self.numbers(&mut item, direction);
        let positions = self.positions();
        item.name = name?;
        if !self.problems.is_empty() {
            return None;
        }
        let original = self.original(&item);
        let successors = self.successors.take().unwrap_or_default();
        Some(Built { row: self.row.number, item, original, positions, successors })
    }

    fn priority(&mut self) -> Option<crate::domain::metric::Priority> {
        let (column, cell) = self.cell(Field::Priority)?;
        let priority = item::priority(cell.text, self.table.worst_priority);
        if priority.is_none() {
            let reason = format!("`{}` is not a priority", cell.text.trim());
            self.problem(column, "unknown_priority", reason, "write High, Medium or Low, or a rank from 1 to 4");
        }
        priority
    }

    fn direction(&mut self) -> Option<Direction> {
        let (column, cell) = self.cell(Field::Direction)?;
        let is_flag =
            self.mapped(Field::Direction).is_some_and(|mapped| item::normalised(&mapped.header).contains("higher is better"));
        let direction = if is_flag { item::direction_of_higher(cell.text) } else { item::direction(cell.text) };
        if direction.is_none() {
            let reason = format!("`{}` is not a direction", cell.text.trim());
            self.problem(
                column,
                "unknown_direction",
                reason,
                "write higher_is_better, lower_is_better, target_range or binary",
            );
        }
        direction
    }

    fn measured(&mut self, field: Field) -> Measured {
        let Some((column, cell)) = self.cell(field) else { return Measured::default() };
        let mark = self.table.marks.get(&field).copied().unwrap_or(Mark::Point);
        let mut measured = Measured::default();
        let parsed = match cell.kind {
            Kind::Date => {
                let reason = format!("the cell holds the date {}, not a number", cell.text);
                self.problem(column, "date_not_number", reason, "write the number, and format the cell as a number");
                return measured;
            }
            Kind::Percent => {
                measured.percent = true;
                percent_cell(cell.text).ok_or(NotANumber::TooLarge).map(|number| (number, None))
            }
            Kind::Number => number::parse(cell.text, Mark::Point).map(|value| (value.number, None)),
            _ => number::parse(cell.text, mark).map(|value| {
                measured.percent = value.percent;
                measured.operator = value.operator;
                measured.unit = value.unit;
                measured.yes_no = value.yes_no;
                (value.number, value.upper)
            }),
        };
        let hundred =
            self.table.scale && !measured.percent && !measured.yes_no && unit_is_percent(self.row, &self.table.columns);
        let scaled = |number: Decimal| if hundred { number.checked_mul(Decimal::ONE_HUNDRED) } else { Some(number) };
        let stored = |number: Decimal| scaled(number).ok_or(NotANumber::TooLarge).and_then(number::stored);
        let result = parsed.and_then(|(number, upper)| Ok((stored(number)?, upper.map(stored).transpose()?)));
        match result {
            Ok((number, upper)) => {
                measured.number = Some(number);
                measured.upper = upper;
            }
            Err(why) => {
                let shown: String = cell.shown().trim().chars().take(80).collect();
                self.problem(column, why.code(), format!("`{shown}` {why}"), remedy(why));
            }
        }
        measured
    }

    fn numbers(&mut self, item: &mut Item, direction: Option<Direction>) {
        let current = self.measured(Field::CurrentValue);
        let target = self.measured(Field::TargetValue);
        let lower = self.measured(Field::TargetLower);
        let upper = self.measured(Field::TargetUpper);
        for (field, measured) in [(Field::CurrentValue, &current), (Field::TargetLower, &lower), (Field::TargetUpper, &upper)] {
            if measured.upper.is_some() || measured.operator.is_some_and(|operator| operator != Operator::Equal) {
                let column = self.mapped(field).map(|mapped| mapped.column);
                let shown = column.map(|column| self.row.cell(column).shown()).unwrap_or_default();
                let reason = format!("`{}` is not one exact value", shown.trim());
                self.problem(column, "not_exact", reason, "write the one number that it is");
            }
        }
        item.current_value = current.number;
        item.target_lower = lower.number;
        item.target_upper = upper.number;
        if target.upper.is_some() {
            if item.target_lower.is_none() {
                item.target_lower = target.number;
            }
            if item.target_upper.is_none() {
                item.target_upper = target.upper;
            }
        } else {
            item.target_value = target.number;
        }
        if let (Some(low), Some(high)) = (item.target_lower, item.target_upper)
            && low > high
        {
            let column = self.mapped(Field::TargetLower).map(|mapped| mapped.column);
            self.problem(
                column,
                "bounds_swapped",
                format!("the lower bound {low} is above the upper bound {high}"),
                "swap the bounds",
            );
        }
        let implied = if target.upper.is_some() {
            Some(Direction::TargetRange)
        } else if let Some(implied) = target.operator.and_then(Operator::direction) {
            Some(implied)
        } else if target.yes_no {
            Some(Direction::Binary)
        } else if target.number.is_none() && item.target_lower.is_some() && item.target_upper.is_some() {
            Some(Direction::TargetRange)
        } else {
            None
        };
        if let (Some(stated), Some(implied)) = (direction, implied)
            && stated != implied
            && !target.yes_no
            && !(stated == Direction::TargetRange && target.operator.is_none())
        {
            Notes::add(&mut self.notes.overruled, self.row.number);
        }
        item.direction = direction.or(implied);
        self.unit(item, [&current, &target, &lower, &upper]);
    }

    /// The unit: its column, else the brackets in a header, else what stands behind the numbers. Two known units that differ
    /// are a contradiction.
    fn unit(&mut self, item: &mut Item, measured: [&Measured; 4]) {
        const FIELDS: [Field; 4] = [Field::CurrentValue, Field::TargetValue, Field::TargetLower, Field::TargetUpper];
        if item.unit.is_none() && self.mapped(Field::Unit).is_none() {
            item.unit = FIELDS.into_iter().filter_map(|field| self.mapped(field)).find_map(|mapped| mapped.unit.clone());
        }
        for (field, one) in FIELDS.into_iter().zip(measured) {
            let written = if one.percent { Some("%".to_owned()) } else { one.unit.clone() };
            let Some(written) = written else { continue };
            match &item.unit {
                None => item.unit = Some(written),
                Some(unit) => {
                    let differ = match (unit_family(unit), unit_family(&written)) {
                        (Some(a), Some(b)) => a != b,
                        _ => false,
                    };
                    if differ {
                        let column = self.mapped(field).map(|mapped| mapped.column);
                        let reason = format!("the value is in {written}, the metric's unit is {unit}");
                        self.problem(column, "unit_conflict", reason, "write the value in the metric's unit");
                    }
                }
            }
        }
    }

    /// The places that the code columns name, deepest level only.
    fn positions(&mut self) -> Vec<Position> {
        let Some(index) = self.index else { return Vec::new() };
        let mut named: Vec<(Field, Option<usize>, Position)> = Vec::new();
        let mut withdrawn: Option<Field> = None;
        for field in [Field::Function, Field::Category, Field::Subcategory] {
            let Some((column, cell)) = self.cell(field) else { continue };
            for reference in index.find_all(cell.text) {
                match reference {
                    Reference::Known(position) => named.push((field, column, position)),
                    Reference::Withdrawn { successors, .. } if self.successors.is_some() && !successors.is_empty() => {
                        withdrawn = Some(field);
                        self.successors.iter_mut().for_each(|all| all.extend(successors.iter().cloned()));
                    }
                    Reference::Withdrawn { code, successors } => {
                        let codes: Vec<&str> = successors.iter().map(Position::code).collect();
                        let remedy = if codes.is_empty() {
                            "it has no successor: remove it".to_owned()
                        } else {
                            format!(
                                "its content is now in {}; --accept-successors maps it there, unconfirmed",
                                codes.join(", ")
                            )
                        };
                        self.problem(column, "withdrawn_code", format!("{code} was withdrawn from the framework"), remedy);
                    }
                    Reference::Unknown { written, near } => {
                        let shown: String = written.chars().take(60).collect();
                        let remedy = if near.is_empty() {
                            "see the codes with `cmf framework show`".to_owned()
                        } else {
                            format!("did you mean {}?", near.join(" or "))
                        };
                        self.problem(column, "unknown_code", format!("`{shown}` is not a code of the framework"), remedy);
                    }
                }
            }
        }
        // What stands above a withdrawn code was said of it, not of its successors.
        if let Some(withdrawn) = withdrawn {
            named.retain(|(field, ..)| *field >= withdrawn);
        }
        let above = if withdrawn.is_some() { &BTreeMap::new() } else { self.above };
        // The rows above speak for this one where it says nothing against them.
        for field in [Field::Subcategory, Field::Category, Field::Function] {
            let Some(text) = above.get(&field) else { continue };
            if named.iter().any(|(known, ..)| *known == field) {
                continue;
            }
            for reference in index.find_all(text) {
                if let Reference::Known(position) = reference
                    && (named.is_empty() || named.iter().any(|other| position.contains(&other.2)))
                {
                    named.push((field, None, position));
                }
            }
        }
        // A function or category that no deeper code of another column lies in contradicts that column.
        let deepest = named.iter().map(|(field, ..)| *field).max();
        for (field, column, position) in named.clone() {
            let covered = Some(field) == deepest
                || named.iter().any(|(other, _, deeper)| *other > field && (position.contains(deeper) || position == *deeper));
            if !covered {
                let others: Vec<&str> = named.iter().filter(|other| other.0 > field).map(|other| other.2.code()).collect();
                let reason = format!("{} does not hold {}", position.code(), others.join(", "));
                self.problem(column, "codes_disagree", reason, "make the columns agree");
            }
        }
        let mut positions: Vec<Position> = Vec::new();
        for (_, _, position) in named {
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        if let Some(all) = &mut self.successors {
            all.sort();
            all.dedup();
            all.retain(|one| !positions.contains(one));
            *all = most_specific(std::mem::take(all));
        }
        most_specific(positions)
    }

    /// `original_data` as JSON text.
    fn original(&self, item: &Item) -> String {
        let mut json = String::with_capacity(self.row.size() * 2 + 256);
        json.push_str("{\"row\":{");
        let mut first = true;
        for column in 0..self.row.len().max(self.table.columns.headers.len()) {
            let cell = self.row.cell(column);
            let header = self.table.columns.headers.get(column).map_or("", String::as_str);
            if header.is_empty() && cell.is_blank() {
                continue;
            }
            if !first {
                json.push(',');
            }
            first = false;
            let repeated =
                self.table.columns.headers[..column.min(self.table.columns.headers.len())].iter().any(|known| known == header);
            match (header.is_empty(), repeated) {
                (true, _) => push_json(&mut json, &format!("column {}", super::columns::letters(column))),
                (false, true) => push_json(&mut json, &format!("{header} ({})", super::columns::letters(column))),
                (false, false) => push_json(&mut json, header),
            }
            json.push(':');
            match cell.kind {
                Kind::Text | Kind::Number | Kind::Empty => push_json(&mut json, cell.text),
                _ => push_json(&mut json, &cell.shown()),
            }
        }
        json.push_str("},\"parsed\":{");
        let mut first = true;
        let bound = |bound: Option<Decimal>| bound.map(|bound| bound.to_string());
        for (name, value) in [
            ("metric_number", item.metric_number.clone()),
            ("target_lower", bound(item.target_lower)),
            ("target_upper", bound(item.target_upper)),
            ("owner", item.owner.clone()),
            ("frequency", item.frequency.clone()),
            ("formula", item.formula.clone()),
            ("current_at", self.table.current_at.clone().filter(|_| item.current_value.is_some())),
        ] {
            let Some(value) = value else { continue };
            if !first {
                json.push(',');
            }
            first = false;
            push_json(&mut json, name);
            json.push(':');
            push_json(&mut json, &value);
        }
        json.push_str("},\"source\":{\"sheet\":");
        match &self.table.sheet {
            Some(sheet) => push_json(&mut json, sheet),
            None => json.push_str("null"),
        }
        json.push_str(&format!(",\"row\":{}}}}}", self.row.number));
        json
    }
}

fn remedy(why: NotANumber) -> &'static str {
    match why {
        NotANumber::Text => "write one number, such as 95, >= 95% or 14 days, or leave the cell empty",
        NotANumber::Date => "write the number; format the cell as text or number so that it does not become a date",
        NotANumber::NotFinite => "write a number, or leave the cell empty",
        NotANumber::TooLarge => "the database keeps 11 digits before the decimals: use a larger unit",
        NotANumber::Grouping => "write the number without separators for thousands",
        NotANumber::Bounds => "write the lower bound first",
    }
}

/// Units that name the same thing have the same family; `None` for units that are not known.
fn unit_family(unit: &str) -> Option<&'static str> {
    Some(match item::normalised(unit).trim_end_matches('.') {
        "%" | "percent" | "pct" | "percentage" | "prozent" => "%",
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" => "seconds",
        "min" | "mins" | "minute" | "minutes" | "minuten" => "minutes",
        "h" | "hr" | "hrs" | "hour" | "hours" | "std" | "stunde" | "stunden" | "heures" => "hours",
        "d" | "day" | "days" | "tag" | "tage" | "jours" => "days",
        "w" | "wk" | "week" | "weeks" | "woche" | "wochen" => "weeks",
        "mo" | "month" | "months" | "monat" | "monate" => "months",
        "y" | "yr" | "yrs" | "year" | "years" | "jahr" | "jahre" => "years",
        _ => return None,
    })
}

fn push_json(json: &mut String, text: &str) {
    json.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x00..=0x1f => {
                json.push_str(&text[plain..at]);
                json.push_str(&format!("\\u{byte:04x}"));
                plain = at + 1;
                continue;
            }
            _ => continue,
        };
        json.push_str(&text[plain..at]);
        json.push_str(escape);
        plain = at + 1;
    }
    json.push_str(&text[plain..]);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_json_writes_them() {
        proptest::proptest!(|(text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}")| {
            let mut json = String::new();
            push_json(&mut json, &text);
            let back: String = serde_json::from_str(&json).unwrap();
            proptest::prop_assert_eq!(back, text);
        });
    }
}

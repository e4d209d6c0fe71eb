//! `--columns` and `--sort`: which fields of a result are shown, and in which order its rows come.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::Format;
use super::cell::Cell;
use super::table::{Column, Results, Shown, Table};
use crate::domain::near;
use crate::error::{Error, Result};

/// What the user wants to see of a result.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    columns: Vec<String>,
    keys: Vec<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    column: String,
    descending: bool,
}

impl Selection {
    /// Columns in the order wanted (none: all), and columns to sort by, those with a `-` before them from high to low.
    pub fn new(columns: &[String], sort: &[String]) -> Self {
        let trimmed = |names: &[String]| {
            names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect::<Vec<_>>()
        };
        let keys = trimmed(sort)
            .iter()
            .map(|key| match key.strip_prefix('-') {
                Some(column) => Key { column: column.to_owned(), descending: true },
                None => Key { column: key.strip_prefix('+').unwrap_or(key).to_owned(), descending: false },
            })
            .collect();
        Selection { columns: trimmed(columns), keys }
    }

    /// Whether columns were named: then they are shown whatever the width.
    pub(super) fn names_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Whether rows come in another order than they were made in: then all of them are needed first.
    pub(super) fn sorts(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Which of several tables is meant: the first one with all columns named. Exit 2 for a column that there is not, with
    /// those that there are.
    pub(super) fn choose(&self, tables: &[Table]) -> Result<usize> {
        let wanted: Vec<&str> =
            self.columns.iter().chain(self.keys.iter().map(|key| &key.column)).map(String::as_str).collect();
        let has_all = |table: &Table| wanted.iter().all(|name| position(table, name).is_some());
        match (tables.iter().position(has_all), tables.first()) {
            (None, Some(table)) => {
                let missing = wanted.iter().find(|name| position(table, name).is_none()).copied().unwrap_or_default();
                Err(unknown(missing, table))
            }
            (chosen, _) => Ok(chosen.unwrap_or_default()),
        }
    }

    /// Narrows a result to what was selected. With `--columns` the other tables are left out. Exit 2 for a column that there is
    /// not, with those that there are.
    pub(super) fn apply(&self, mut results: Results, format: Format) -> Result<Results> {
        if self.columns.is_empty() && self.keys.is_empty() || results.tables.is_empty() {
            return Ok(results);
        }
        let chosen = self.choose(&results.tables)?;
        sort(&mut results.tables[chosen], &self.keys);
        if self.columns.is_empty() && matches!(format, Format::Table | Format::Md) {
            return Ok(results);
        }
        Ok(self.narrowed(results.tables.swap_remove(chosen)).into())
    }

    /// The table with the columns named, in the order in which they were named.
    pub(super) fn narrowed(&self, table: Table) -> Table {
        if self.columns.is_empty() { table } else { narrowed(table, &self.columns) }
    }

    pub(super) fn sorted_by(&self, table: &Table) -> Vec<usize> {
        positions(table, &self.keys).into_iter().map(|(position, _)| position).collect()
    }

    pub(super) fn compare(&self, a: &[Cell], b: &[Cell]) -> Ordering {
        let cells = a.iter().zip(b).zip(&self.keys);
        first_difference(cells.map(|((a, b), key)| compare(a, b, key.descending)))
    }
}

fn position(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
}

fn unknown(name: &str, table: &Table) -> Error {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let error = Error::usage(format!("the result has no column `{name}`"));
    let error = match near::near(name, names.iter().copied(), 1)[..] {
        [near] => error.hint(format!("did you mean `{near}`?")),
        _ => error,
    };
    error.hint(format!("there are: {}", names.join(", ")))
}

/// The named columns alone, in the order in which they were named.
fn narrowed(mut table: Table, names: &[String]) -> Table {
    let positions: Vec<usize> = names.iter().filter_map(|name| position(&table, name)).collect();
    let columns = positions
        .iter()
        .map(|&i| Column { name: table.columns[i].name.clone(), shown: Shown::Everywhere, is_cut: false })
        .collect();
    for row in &mut table.rows {
        *row = positions.iter().map(|&i| row[i].clone()).collect();
    }
    table.columns = columns;
    table
}

fn sort(table: &mut Table, keys: &[Key]) {
    let positions = positions(table, keys);
    table.rows.sort_by(|a, b| first_difference(positions.iter().map(|&(i, descending)| compare(&a[i], &b[i], descending))));
}

/// The columns to sort by, and whether from high to low. All of them are there: what is chosen has them.
fn positions(table: &Table, keys: &[Key]) -> Vec<(usize, bool)> {
    keys.iter().filter_map(|key| Some((position(table, &key.column)?, key.descending))).collect()
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Numbers by value, text as people sort it (`PR-2` before `PR-10`), nothing at the end either way.
fn compare(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    match (a, b) {
        (Cell::Null, Cell::Null) => return Ordering::Equal,
        (Cell::Null, _) => return Ordering::Greater,
        (_, Cell::Null) => return Ordering::Less,
        _ => {}
    }
    let order = match (number(a), number(b), a, b) {
        (Some(a), Some(b), _, _) => a.cmp(&b),
        (_, _, Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        (_, _, Cell::Time(a), Cell::Time(b)) => a.cmp(b),
        _ => natural(&a.text().to_lowercase(), &b.text().to_lowercase()),
    };
    if descending { order.reverse() } else { order }
}

fn number(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Int(number) => Some(Decimal::from(*number)),
        _ => None,
    }
}

/// Compares texts with runs of digits as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (a_run, b_run) = (run(left), run(right));
        if a_run.is_empty() || b_run.is_empty() {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        }
        let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let order = if digits(a_run) && digits(b_run) {
            let (x, y) = (a_run.trim_start_matches('0'), b_run.trim_start_matches('0'));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            a_run.cmp(b_run)
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (&left[a_run.len()..], &right[b_run.len()..]);
    }
}

/// The digits, or the other characters, that a text begins with.
fn run(text: &str) -> &str {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Columns, columns};

    fn names(selection: &Selection, table: Table) -> Vec<String> {
        let results = selection.apply(table.into(), Format::Json).unwrap();
        let table = &results.tables[0];
        table.rows.iter().map(|row| row.iter().map(Cell::text).collect::<Vec<_>>().join("|")).collect()
    }

    type Three = (&'static str, Cell, &'static str);
    const COLUMNS: Columns<Three> = columns! { |(name, score, id)| name, score, id: for_programs };
    const OWNER: Columns<&str> = columns! { |owner| owner = *owner };

    fn table() -> Table {
        let ten = Cell::Number(Decimal::new(95, 1));
        COLUMNS.table_of([("PR-10", ten, "x"), ("pr-2", Cell::Null, "y"), ("ID-1", Cell::Int(10), "z")])
    }

    fn select(columns: &[&str], sort: &[&str]) -> Selection {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Selection::new(&owned(columns), &owned(sort))
    }

    #[test]
    fn columns_come_in_the_order_named_and_hidden_ones_can_be_named() {
        assert_eq!(names(&select(&["ID", "name"], &[]), table()), ["x|PR-10", "y|pr-2", "z|ID-1"]);
    }

    #[test]
    fn rows_sort_by_value_and_what_has_none_comes_last() {
        assert_eq!(names(&select(&["name"], &["score"]), table()), ["PR-10", "ID-1", "pr-2"]);
        assert_eq!(names(&select(&["name"], &["-score"]), table()), ["ID-1", "PR-10", "pr-2"]);
        assert_eq!(names(&select(&["name"], &["name"]), table()), ["ID-1", "pr-2", "PR-10"]);
    }

    #[test]
    fn an_unknown_column_names_those_there_are() {
        let error = select(&["scores"], &[]).apply(table().into(), Format::Table).unwrap_err();
        assert_eq!(error.hints(), ["did you mean `score`?", "there are: name, score, id"]);
    }

    #[test]
    fn the_table_with_all_columns_is_meant() {
        let results = || Results::new(vec![table(), OWNER.one(&"ada")], serde_json::json!({}));
        let chosen = select(&["owner"], &[]).apply(results(), Format::Json).unwrap();
        assert_eq!(chosen.tables.len(), 1);
        assert_eq!(chosen.tables[0].to_json(), serde_json::json!({ "owner": "ada" }));
        let sorted = select(&[], &["name"]).apply(results(), Format::Table).unwrap();
        assert_eq!(sorted.tables.len(), 2);
    }

    #[test]
    fn texts_compare_as_people_read_them() {
        assert_eq!(natural("pr.aa-2", "pr.aa-10"), Ordering::Less);
        assert_eq!(natural("a", "a1"), Ordering::Less);
        assert_eq!(natural("007", "7"), Ordering::Less);
        assert_eq!(natural("x", "x"), Ordering::Equal);
    }
}

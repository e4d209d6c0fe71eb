//! Results as tables, and what each format makes of them.

use comfy_table::{CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width};
use serde_json::{Map, Value};

use super::cell::Cell;
use super::format::Format;
use super::{ascii, wrap};
use crate::domain::score::Rating;
use crate::domain::text::{clipped, markdown as cell, printable};
use crate::error::Result;
use crate::sheet::{Csv, Value as CsvCell};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Everywhere,
    TableOnly,
    DataOnly,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) shown: Shown,
    /// Whether its texts are cut, for people, where a row would else take several lines.
    pub(super) is_cut: bool,
}

/// Rows under named columns. The names are the schema's; they are the keys in JSON and the header in CSV.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub(super) title: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) single: bool,
}

impl Table {
    /// An empty table whose columns are known only when it is made.
    pub fn with_columns(columns: Vec<String>) -> Self {
        let columns = columns.into_iter().map(|name| Column { name, shown: Shown::Everywhere, is_cut: false }).collect();
        Table { columns, ..Table::default() }
    }

    /// Sets a heading, shown above the table for people only.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// A table of one record: a single object in JSON, and a line a field for people.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.single = true;
        self
    }

    /// Adds a row, which must have as many cells as there are columns.
    pub fn push(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// The same with marks in ASCII.
    pub(super) fn in_ascii(&self) -> Table {
        let spelled = |cell: &Cell| match cell {
            Cell::Text(text) => Cell::Text(ascii::spelled(text).into_owned()),
            Cell::Tree(depth, text) => Cell::Tree(*depth, ascii::spelled(text).into_owned()),
            other => other.clone(),
        };
        let rows = self.rows.iter().map(|row| row.iter().map(spelled).collect()).collect();
        Table { rows, ..self.clone() }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn visible(&self, hidden: Shown) -> Vec<usize> {
        (0..self.columns.len()).filter(|&i| self.columns[i].shown != hidden).collect()
    }

    pub(super) fn objects(&self) -> Vec<Value> {
        let columns = self.visible(Shown::TableOnly);
        self.rows
            .iter()
            .map(|row| {
                let fields: Map<String, Value> =
                    columns.iter().map(|&i| (self.columns[i].name.clone(), row[i].json())).collect();
                Value::Object(fields)
            })
            .collect()
    }

    /// The JSON form: an array of objects, or one object for a single record.
    pub fn to_json(&self) -> Value {
        let mut objects = self.objects();
        if self.single && objects.len() == 1 { objects.remove(0) } else { Value::Array(objects) }
    }

    /// The rows in a table of the same columns; this one is empty then.
    pub(super) fn taken(&mut self) -> Table {
        let rows = std::mem::take(&mut self.rows);
        Table { rows, ..self.clone() }
    }

    pub(super) fn to_csv(&self, with_header: bool) -> Result<String> {
        let columns = self.visible(Shown::TableOnly);
        let mut bytes = Vec::new();
        let mut sheet = Csv::new(&mut bytes);
        if with_header {
            sheet.row(columns.iter().map(|&i| CsvCell::from(self.columns[i].name.as_str())))?;
        }
        for row in &self.rows {
            sheet.row(columns.iter().map(|&i| row[i].csv()))?;
        }
        sheet.finish()?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The width that a column needs at least, in characters: text wraps between words, but a word that is torn apart
    /// cannot be read or copied.
    fn narrowest(&self, column: usize) -> u16 {
        let longest = |word: &str| u16::try_from(word.chars().count()).unwrap_or(u16::MAX).min(LONGEST_WORD);
        let content = self.rows.iter().filter_map(|row| match &row[column] {
            cell @ Cell::Text(_) => cell.shown().split(' ').map(longest).max(),
            // It has no words, and is broken anywhere.
            cell @ Cell::Json(_) => Some(longest(&cell.shown()).min(READABLE)),
            cell => Some(longest(&cell.shown())),
        });
        let header = if self.single { 0 } else { longest(&self.columns[column].name) };
        content.max().unwrap_or(0).max(header)
    }

    /// The width below which a column is left out: a text over many short lines is no table.
    fn readable(&self, column: usize) -> u16 {
        let texts = self.rows.iter().filter(|row| matches!(row[column], Cell::Text(_)));
        let longest = texts.map(|row| row[column].shown().chars().count()).max().unwrap_or(0);
        let wanted = u16::try_from(longest).unwrap_or(u16::MAX).min(READABLE);
        self.narrowest(column).max(wanted)
    }

    /// The columns for people that fit side by side, and those on the right that do not. The first two always stay.
    fn fitting(&self, width: Option<u16>) -> (Vec<usize>, Vec<usize>) {
        let mut columns = self.visible(Shown::DataOnly);
        let mut left_out = Vec::new();
        if let Some(width) = width
            && !self.single
        {
            let needs: Vec<usize> = columns.iter().map(|&i| usize::from(self.readable(i)) + GAP).collect();
            let fits = |count: usize| needs[..count].iter().sum::<usize>() <= usize::from(width) + GAP;
            let count = (2..=columns.len()).rev().find(|&count| fits(count)).unwrap_or(2.min(columns.len()));
            left_out = columns.split_off(count);
        }
        (columns, left_out)
    }

    pub(super) fn to_md(&self) -> String {
        let title = self.title.as_ref().map(|title| format!("### {}\n\n", cell(title))).unwrap_or_default();
        title + &self.md_rows(true)
    }

    /// The rows in Markdown; with the header they are a table.
    pub(super) fn md_rows(&self, with_header: bool) -> String {
        let columns = self.visible(Shown::DataOnly);
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = String::new();
        if self.single {
            text.push_str("| field | value |\n| --- | --- |\n");
            for row in &self.rows {
                for &i in &columns {
                    text.push_str(&line(vec![cell(&self.columns[i].name), cell(&row[i].shown())]));
                }
            }
            return text;
        }
        if with_header {
            text.push_str(&line(columns.iter().map(|&i| cell(&self.columns[i].name)).collect()));
            let rule = |i: usize| if self.rows.iter().any(|row| row[i].is_numeric()) { "---:" } else { "---" };
            text.push_str(&line(columns.iter().map(|&i| rule(i).to_owned()).collect()));
        }
        for row in &self.rows {
            text.push_str(&line(columns.iter().map(|&i| cell(&row[i].shown())).collect()));
        }
        text
    }

    /// The same with the texts of the columns that may be cut as long as there is room for them, so that a row is a line.
    fn cut(&self, width: u16) -> Option<Table> {
        let columns = self.visible(Shown::DataOnly);
        let cut = columns.iter().copied().filter(|&i| self.columns[i].is_cut).collect::<Vec<_>>();
        if cut.is_empty() || self.single {
            return None;
        }
        let longest = |i: usize| {
            let texts = self.rows.iter().map(|row| row[i].shown().chars().count());
            texts.chain([self.columns[i].name.chars().count()]).max().unwrap_or(0)
        };
        let others: usize = columns.iter().filter(|i| !cut.contains(i)).map(|&i| longest(i)).sum();
        let room = usize::from(width).saturating_sub(others + GAP * (columns.len() - 1));
        let narrowest: Vec<usize> = cut.iter().map(|&i| longest(i)).collect();
        if narrowest.iter().sum::<usize>() <= room {
            return None;
        }
        let each = (room / cut.len()).max(usize::from(READABLE));
        let mut table = self.clone();
        for row in &mut table.rows {
            for &i in &cut {
                if let Cell::Text(text) = &row[i] {
                    row[i] = Cell::Text(clipped(&printable(text), each));
                }
            }
        }
        Some(table)
    }

    pub(super) fn to_text(&self, width: Option<u16>, may_leave_out: bool, is_coloured: bool) -> String {
        match width.and_then(|width| self.cut(width)) {
            Some(table) => table.laid_out(width, may_leave_out, is_coloured),
            None => self.laid_out(width, may_leave_out, is_coloured),
        }
    }

    fn laid_out(&self, width: Option<u16>, may_leave_out: bool, is_coloured: bool) -> String {
        let (columns, left_out) = self.fitting(width.filter(|_| may_leave_out));
        let mut table = comfy_table::Table::new();
        table.load_style(PEOPLE);
        if is_coloured {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.single {
            for row in &self.rows {
                for &i in &columns {
                    table.add_row([comfy_table::Cell::new(&self.columns[i].name), drawn(&row[i], is_coloured)]);
                }
            }
        } else {
            table.set_header(columns.iter().map(|&i| self.columns[i].name.as_str()));
            for row in &self.rows {
                table.add_row(columns.iter().map(|&i| drawn(&row[i], is_coloured)));
            }
            for (position, &i) in columns.iter().enumerate() {
                let numeric = self.rows.iter().any(|row| row[i].is_numeric());
                if numeric && let Some(column) = table.column_mut(position) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        let last = table.column_count().saturating_sub(1);
        for (position, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if position == last { 0 } else { 2 }));
        }
        if let Some(width) = width {
            let needs: usize = columns.iter().map(|&i| usize::from(self.readable(i)) + GAP).sum();
            let is_readable = needs <= usize::from(width) + GAP;
            for (position, &i) in columns.iter().enumerate() {
                let narrowest = if is_readable { self.readable(i) } else { self.narrowest(i) };
                if !self.single
                    && let Some(column) = table.column_mut(position)
                {
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(
                        narrowest + if position == last { 0 } else { 2 },
                    )));
                }
            }
        }
        let mut text = String::new();
        if let Some(title) = &self.title {
            text.push_str(&wrap::wrapped(&printable(title), width.map_or(usize::MAX, usize::from), 2));
            text.push('\n');
        }
        for line in table.to_string().replace('\u{a0}', " ").lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(|&i| self.columns[i].name.as_str()).collect();
            let note = format!("(no room for {}: --columns shows them)", names.join(", "));
            text.push_str(&wrap::wrapped(&note, width.map_or(usize::MAX, usize::from), 0));
            text.push('\n');
        }
        text
    }
}

/// A cell as a terminal shows it: risks from green to red.
fn drawn(cell: &Cell, is_coloured: bool) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(cell.shown());
    match cell {
        Cell::Rated(rating) if is_coloured => drawn.fg(match rating {
            Rating::VeryLow | Rating::Low => Color::Green,
            Rating::Medium => Color::Yellow,
            Rating::High | Rating::VeryHigh => Color::Red,
        }),
        _ => drawn,
    }
}

/// Words up to this length are never broken, in characters.
const LONGEST_WORD: u16 = 24;

/// A text column gets at least this, where its texts are that long, before further columns are shown.
const READABLE: u16 = 20;

/// The space between two columns.
const GAP: usize = 3;

/// A rule under the header and nothing else: readable, and easy to select in a terminal.
const PEOPLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// What a command has to show: tables for people, and one JSON document where an array of rows would lose structure.
#[derive(Debug, Default)]
pub struct Results {
    pub(super) tables: Vec<Table>,
    pub(super) json: Option<Value>,
    /// All of it in a format that only this command has.
    pub(super) text: Option<(Format, String)>,
}

impl From<Table> for Results {
    fn from(table: Table) -> Self {
        Results { tables: vec![table], ..Results::default() }
    }
}

impl AsRef<[Table]> for Table {
    fn as_ref(&self) -> &[Table] {
        std::slice::from_ref(self)
    }
}

impl AsRef<[Table]> for Results {
    fn as_ref(&self) -> &[Table] {
        &self.tables
    }
}

impl Results {
    /// Several tables; `json` is what `--format json` prints, the first table is what `jsonl` and `csv` print.
    pub fn new(tables: Vec<Table>, json: Value) -> Self {
        Results { tables, json: Some(json), text: None }
    }

    /// With a text for a format that only this command has.
    #[must_use]
    pub fn written_as(self, format: Format, text: String) -> Self {
        Results { text: Some((format, text)), ..self }
    }
}

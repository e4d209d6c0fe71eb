//! The only place that prints. Results go to stdout, talk to stderr.
#![expect(clippy::disallowed_methods, reason = "the one module that may reach stdout and stderr")]

mod pager;
mod selection;

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use chrono::{NaiveDateTime, Timelike};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

pub use self::selection::Selection;
pub use crate::confirm::Confirmed;
use crate::error::{Error, Exit, Result};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised.
    Csv,
    /// Tables in Markdown, for issues and wikis.
    Md,
}

/// One value of a result.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value: `-` in a table, `null` in JSON, empty in CSV.
    Null,
    /// Text, possibly from a file or the database and so never trusted.
    Text(String),
    /// A decimal with the digits it was given.
    Number(Decimal),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant in UTC.
    Time(NaiveDateTime),
    /// Text of a tree's node, indented by its depth for people only.
    Tree(usize, String),
    /// Structured data: shown as compact JSON in tables and CSV.
    Json(Value),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}
impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Cell::Number(number)
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Int(number)
    }
}
impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Cell::Int(number.into())
    }
}
impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Cell::Bool(value)
    }
}
impl From<NaiveDateTime> for Cell {
    fn from(time: NaiveDateTime) -> Self {
        Cell::Time(time)
    }
}
impl From<uuid::Uuid> for Cell {
    fn from(id: uuid::Uuid) -> Self {
        Cell::Text(id.to_string())
    }
}
impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Cell::Json(value)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

/// An instant in UTC as every output writes it: RFC 3339 with `Z`, fractions only where there are any.
pub fn time_text(time: NaiveDateTime) -> String {
    let pattern = if time.nanosecond() == 0 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%.6fZ" };
    time.format(pattern).to_string()
}

/// A decimal as a JSON number. A `DECIMAL(15,4)` has at most 15 digits, which a double holds exactly.
pub fn number_json(number: Decimal) -> Value {
    let number = number.normalize();
    if number.scale() == 0
        && let Some(whole) = number.to_i64()
    {
        return json!(whole);
    }
    number.to_f64().map_or_else(|| json!(number.to_string()), |float| json!(float))
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) | Cell::Tree(_, text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Bool(value) => value.to_string(),
            Cell::Time(time) => time_text(*time),
            Cell::Json(value) => value.to_string(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Cell::Null => "-".to_owned(),
            Cell::Bool(true) => "yes".to_owned(),
            Cell::Bool(false) => "no".to_owned(),
            // People read minutes; the other formats have the instant in full.
            Cell::Time(time) => time.format("%Y-%m-%d %H:%M").to_string(),
            // A space that does not break, for a column that is wrapped loses the others; made plain when it is printed.
            Cell::Tree(depth, text) => format!("{}{}", "\u{a0}\u{a0}".repeat(*depth), printable(text)),
            other => printable(&other.text()),
        }
    }

    fn json(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Text(text) | Cell::Tree(_, text) => json!(text),
            Cell::Number(number) => number_json(*number),
            Cell::Int(number) => json!(number),
            Cell::Bool(value) => json!(value),
            Cell::Time(time) => json!(time_text(*time)),
            Cell::Json(value) => value.clone(),
        }
    }

    fn csv(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Tree(_, text) => neutralised(text),
            other => other.text(),
        }
    }

    fn is_numeric(&self) -> bool {
        matches!(self, Cell::Number(_) | Cell::Int(_))
    }
}

/// Whether a terminal could take this character for an order instead of text: controls, and the marks that reverse text.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Text without control and direction characters, on one line. Excel's `_x001B_` form counts as the character it names.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix("_x").and_then(|tail| {
            let code = u32::from_str_radix(tail.get(..4)?, 16).ok()?;
            tail[4..].starts_with('_').then(|| char::from_u32(code)).flatten()
        });
        let (c, length) = match escaped {
            Some(control) if is_unprintable(control) => (control, 7),
            _ => (c, c.len_utf8()),
        };
        rest = &rest[length..];
        if c == '\n' || c == '\t' || c == '\u{2028}' || c == '\u{2029}' {
            shown.push(' ');
        } else if !is_unprintable(c) {
            shown.push(c);
        }
    }
    shown
}

/// Text that a spreadsheet opens as text: a leading apostrophe where it would start a formula. Numbers stay numbers.
pub fn neutralised(text: &str) -> String {
    let starts_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if starts_formula && text.parse::<Decimal>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Everywhere,
    TableOnly,
    DataOnly,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    shown: Shown,
}

/// Rows under named columns. The names are the schema's; they are the keys in JSON and the header in CSV.
#[derive(Debug, Clone, Default)]
pub struct Table {
    title: Option<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    single: bool,
}

impl Table {
    /// An empty table with these columns.
    pub fn new<const N: usize>(columns: [&str; N]) -> Self {
        let columns = columns.iter().map(|name| Column { name: (*name).to_owned(), shown: Shown::Everywhere }).collect();
        Table { columns, ..Table::default() }
    }

    /// An empty table whose columns are known only when it is made.
    pub fn with_columns(columns: Vec<String>) -> Self {
        let columns = columns.into_iter().map(|name| Column { name, shown: Shown::Everywhere }).collect();
        Table { columns, ..Table::default() }
    }

    /// Sets a heading, shown above the table for people only.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Marks columns that are for people only (bars, abbreviations).
    #[must_use]
    pub fn only_for_people(self, names: &[&str]) -> Self {
        self.mark(names, Shown::TableOnly)
    }

    /// Marks columns that appear in JSON and CSV only (ids, long text).
    #[must_use]
    pub fn only_for_programs(self, names: &[&str]) -> Self {
        self.mark(names, Shown::DataOnly)
    }

    fn mark(mut self, names: &[&str], shown: Shown) -> Self {
        for column in &mut self.columns {
            if names.contains(&column.name.as_str()) {
                column.shown = shown;
            }
        }
        self
    }

    /// A table of one record: a single object in JSON, and a line a field for people.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.single = true;
        self
    }

    /// Adds a row, which must have as many cells as there are columns.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows.push(cells.into());
    }

    /// Adds a row, which must have as many cells as there are columns.
    pub fn push(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn visible(&self, hidden: Shown) -> Vec<usize> {
        (0..self.columns.len()).filter(|&i| self.columns[i].shown != hidden).collect()
    }

    fn objects(&self) -> Vec<Value> {
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

    fn to_csv(&self) -> Result<String> {
        let columns = self.visible(Shown::TableOnly);
        let mut writer = csv::Writer::from_writer(Vec::new());
        let broken = |error: csv::Error| Error::new(Exit::Output, format!("cannot write CSV: {error}"));
        writer.write_record(columns.iter().map(|&i| self.columns[i].name.as_str())).map_err(broken)?;
        for row in &self.rows {
            writer.write_record(columns.iter().map(|&i| row[i].csv())).map_err(broken)?;
        }
        let bytes = writer.into_inner().map_err(|error| Error::new(Exit::Output, format!("cannot write CSV: {error}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The width that a column needs at least, in characters: text wraps between words, but a word that is torn apart
    /// cannot be read or copied.
    fn narrowest(&self, column: usize) -> u16 {
        let longest = |word: &str| u16::try_from(word.chars().count()).unwrap_or(u16::MAX).min(LONGEST_WORD);
        let content = self.rows.iter().filter_map(|row| match &row[column] {
            cell @ Cell::Text(_) => cell.shown().split(' ').map(longest).max(),
            cell => Some(longest(&cell.shown())),
        });
        let header = if self.single { 0 } else { longest(&self.columns[column].name) };
        content.max().unwrap_or(0).max(header)
    }

    /// The columns for people that fit side by side, and those on the right that do not. The first two always stay.
    fn fitting(&self, width: Option<u16>) -> (Vec<usize>, Vec<usize>) {
        let mut columns = self.visible(Shown::DataOnly);
        let mut left_out = Vec::new();
        if let Some(width) = width
            && !self.single
        {
            let needs: Vec<usize> = columns.iter().map(|&i| usize::from(self.narrowest(i)) + GAP).collect();
            let fits = |count: usize| needs[..count].iter().sum::<usize>() <= usize::from(width) + GAP;
            let count = (2..=columns.len()).rev().find(|&count| fits(count)).unwrap_or(2.min(columns.len()));
            left_out = columns.split_off(count);
        }
        (columns, left_out)
    }

    fn to_md(&self) -> String {
        let columns = self.visible(Shown::DataOnly);
        let cell = |text: &str| printable(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;");
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = self.title.as_ref().map(|title| format!("### {}\n\n", cell(title))).unwrap_or_default();
        if self.single {
            text.push_str("| field | value |\n| --- | --- |\n");
            for row in &self.rows {
                for &i in &columns {
                    text.push_str(&line(vec![cell(&self.columns[i].name), cell(&row[i].shown())]));
                }
            }
            return text;
        }
        text.push_str(&line(columns.iter().map(|&i| cell(&self.columns[i].name)).collect()));
        let rule = |i: usize| if self.rows.iter().any(|row| row[i].is_numeric()) { "---:" } else { "---" };
        text.push_str(&line(columns.iter().map(|&i| rule(i).to_owned()).collect()));
        for row in &self.rows {
            text.push_str(&line(columns.iter().map(|&i| cell(&row[i].shown())).collect()));
        }
        text
    }

    fn to_text(&self, width: Option<u16>, may_leave_out: bool) -> String {
        let (columns, left_out) = self.fitting(width.filter(|_| may_leave_out));
        let mut table = comfy_table::Table::new();
        table.load_style(PEOPLE);
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.single {
            for row in &self.rows {
                for &i in &columns {
                    table.add_row([self.columns[i].name.clone(), row[i].shown()]);
                }
            }
        } else {
            table.set_header(columns.iter().map(|&i| self.columns[i].name.as_str()));
            for row in &self.rows {
                table.add_row(columns.iter().map(|&i| row[i].shown()));
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
        if width.is_some() {
            for (position, &i) in columns.iter().enumerate() {
                let narrowest = self.narrowest(i);
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
            text.push_str(&printable(title));
            text.push('\n');
        }
        for line in table.to_string().replace('\u{a0}', " ").lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(|&i| self.columns[i].name.as_str()).collect();
            text.push_str(&format!("(no room for {}: --columns shows them)\n", names.join(", ")));
        }
        text
    }
}

/// Words up to this length are never broken, in characters.
const LONGEST_WORD: u16 = 24;

/// The space between two columns.
const GAP: usize = 3;

/// A rule under the header and nothing else: readable, and easy to select in a terminal.
const PEOPLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// What a command has to show: tables for people, and one JSON document where an array of rows would lose structure.
#[derive(Debug, Default)]
pub struct Results {
    tables: Vec<Table>,
    json: Option<Value>,
    rows_of: usize,
}

impl From<Table> for Results {
    fn from(table: Table) -> Self {
        Results { tables: vec![table], ..Results::default() }
    }
}

impl Results {
    /// Several tables; `json` is what `--format json` prints, the first table is what `jsonl` and `csv` print.
    pub fn new(tables: Vec<Table>, json: Value) -> Self {
        Results { tables, json: Some(json), rows_of: 0 }
    }

    /// Lets `jsonl` and `csv` print another table than the first.
    #[must_use]
    pub fn rows_of(mut self, table: usize) -> Self {
        self.rows_of = table;
        self
    }
}

/// The printer.
#[derive(Debug, Clone)]
pub struct Output {
    format: Format,
    quiet: bool,
    verbosity: u8,
    /// Whether to talk although nobody seems to watch.
    talkative: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    /// Whether the labels of errors and hints are coloured.
    colour: bool,
    selection: Selection,
    may_page: bool,
}

impl Output {
    /// A printer for this process's stdout and stderr. `NO_COLOR` (any value but empty) turns colour off.
    pub fn new(format: Format, quiet: bool, verbosity: u8) -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Output {
            format,
            quiet,
            verbosity,
            talkative: false,
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            colour: stderr_is_terminal && !no_colour,
            selection: Selection::default(),
            may_page: true,
        }
    }

    /// The same printer, for these columns in this order of rows.
    #[must_use]
    pub fn selecting(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// The same printer, without a pager.
    #[must_use]
    pub fn without_pager(mut self) -> Self {
        self.may_page = false;
        self
    }

    /// The same printer, which talks even where nobody seems to watch: for a command whose talk is its purpose.
    #[must_use]
    pub fn talkative(&self) -> Self {
        Output { talkative: true, ..self.clone() }
    }

    /// The format asked for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The width of the terminal that results go to, in columns; `None` when they go elsewhere.
    pub fn width(&self) -> Option<u16> {
        if !self.stdout_is_terminal {
            return None;
        }
        terminal_size::terminal_size().map(|(width, _)| width.0)
    }

    /// Whether a question can be asked: stdin and stderr are terminals.
    pub fn can_ask(&self) -> bool {
        self.stderr_is_terminal && io::stdin().is_terminal()
    }

    fn write(text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Error::closed_pipe(),
            _ => Error::new(Exit::Output, format!("cannot write the output: {error}")),
        })
    }

    /// Writes a result: through a pager where it is longer than the terminal is high.
    fn show(&self, text: &str) -> Result<()> {
        let height = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| usize::from(height.0));
        if self.may_page
            && self.stdout_is_terminal
            && io::stdin().is_terminal()
            && text.lines().nth(height.saturating_sub(1)).is_some()
        {
            let shown =
                pager::show(text).map_err(|error| Error::new(Exit::Output, format!("cannot write to the pager: {error}")));
            if shown? {
                return Ok(());
            }
        }
        Self::write(text)
    }

    fn json_text(&self, value: &Value, pretty: bool) -> String {
        let text = if pretty { format!("{value:#}\n") } else { format!("{value}\n") };
        if !self.stdout_is_terminal {
            return text;
        }
        // Inside JSON a dangerous character has a harmless spelling; it is used where a terminal would obey the raw one.
        text.chars().map(|c| if c != '\n' && is_unprintable(c) { c.escape_json() } else { c.to_string() }).collect()
    }

    /// Prints what was asked for, to stdout, in the format asked for.
    ///
    /// # Errors
    /// Exit 2 for a column that the result has not; exit 73 when stdout cannot be written; quietly nothing when its reader
    /// has gone.
    pub fn results(&self, results: impl Into<Results>) -> Result<()> {
        self.print(self.selection.apply(results.into(), self.format)?)
    }

    fn print(&self, results: Results) -> Result<()> {
        let Results { tables, json, rows_of } = results;
        let text = match self.format {
            Format::Table => {
                let may_leave_out = !self.selection.names_columns();
                let texts: Vec<String> = tables.iter().map(|table| table.to_text(self.width(), may_leave_out)).collect();
                texts.join("\n")
            }
            Format::Md => tables.iter().map(Table::to_md).collect::<Vec<_>>().join("\n"),
            Format::Json => {
                let json = json.or_else(|| tables.first().map(Table::to_json)).unwrap_or_default();
                self.json_text(&json, true)
            }
            Format::Jsonl => {
                let objects = tables.get(rows_of).map(Table::objects).unwrap_or_default();
                objects.iter().map(|object| self.json_text(object, false)).collect()
            }
            Format::Csv => tables.get(rows_of).map_or(Ok(String::new()), Table::to_csv)?,
        };
        self.show(&text)
    }

    /// Says that a command did its work: one line on stderr for a person, or the table where another format was asked for.
    ///
    /// # Errors
    /// As [`Output::results`].
    pub fn outcome(&self, message: &str, table: Table) -> Result<()> {
        if self.format == Format::Table {
            self.say(message);
            return Ok(());
        }
        // What was done stands: columns that the table has not are no reason to end with an error.
        match self.selection.apply(table.clone().into(), self.format) {
            Ok(results) => self.print(results),
            Err(error) => {
                self.notice(&format!("note: {}, so it is shown whole", error.message()));
                self.print(table.into())
            }
        }
    }

    /// Prints text as it is to stdout: scripts, completions, SQL.
    ///
    /// # Errors
    /// As [`Output::results`].
    pub fn text(&self, text: &str) -> Result<()> {
        Self::write(text)
    }

    fn talk(text: &str) {
        // Whoever listened may have gone, or the disk be full: that is no reason to stop working.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Progress in words, for a person who watches: on a terminal, or with `-v`.
    pub fn say(&self, message: &str) {
        if !self.quiet && (self.stderr_is_terminal || self.talkative || self.verbosity > 0) {
            Self::talk(&printable(message));
        }
    }

    /// Something the user must know although nothing failed: shown unless `-q`.
    pub fn notice(&self, message: &str) {
        if !self.quiet {
            let lines: Vec<String> = message.split('\n').map(printable).collect();
            Self::talk(&lines.join("\n"));
        }
    }

    /// A notice that breaks between words at the terminal's width; all lines but the first begin with `indent` blanks.
    pub fn notice_wrapped(&self, message: &str, indent: usize) {
        let width = terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| usize::from(width.0));
        self.notice(&wrapped(message, width.min(WIDEST_TEXT), indent));
    }

    /// Help text as clap renders it, to stderr.
    pub fn notice_text(&self, text: &str) {
        Self::talk(text.trim_end());
    }

    /// Detail for `-v` (level 1) and `-vv` (level 2).
    pub fn debug(&self, level: u8, message: impl FnOnce() -> String) {
        if self.verbosity >= level {
            Self::talk(&printable(&message()));
        }
    }

    /// Prints an error: text, or one JSON object with `--format json` or `jsonl`.
    pub fn error(&self, error: &Error) {
        if error.is_quiet() {
            return;
        }
        match self.format {
            Format::Json | Format::Jsonl => Self::talk(&error.to_json().to_string()),
            _ => {
                let lines: Vec<String> = error.to_text().lines().map(|line| self.labelled(&printable(line))).collect();
                Self::talk(&lines.join("\n"));
            }
        }
    }

    /// A line whose label stands out: `error:` in bold red, `hint:` in bold cyan.
    fn labelled(&self, line: &str) -> String {
        let label = [("error:", "31"), ("hint:", "36")].into_iter().find(|(label, _)| self.colour && line.starts_with(label));
        match label {
            Some((label, colour)) => format!("\u{1b}[1;{colour}m{label}\u{1b}[0m{}", &line[label.len()..]),
            None => line.to_owned(),
        }
    }

    /// A progress bar over `total` units (bytes or rows), drawn on a terminal only.
    pub fn progress(&self, total: Option<u64>, unit: &str) -> Progress {
        let target =
            if self.stderr_is_terminal && !self.quiet { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match (total.is_some(), unit) {
            (true, "bytes") => "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}".to_owned(),
            (true, unit) => format!("{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{per_sec}} {{eta}}"),
            (false, unit) => format!("{{msg}} {{human_pos}} {unit} {{per_sec}}"),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Progress(bar)
    }

    /// Asks for a line on the terminal; nothing at the end of input. Callers look at [`Output::can_ask`] first.
    ///
    /// # Errors
    /// Exit 73 when the terminal cannot be written or read.
    pub fn ask_line(&self, question: &str) -> Result<Option<String>> {
        // The stream is not held while the answer is awaited: a signal has something to say then.
        let mut answer = String::new();
        let read = write!(io::stderr(), "{} ", printable(question))
            .and_then(|()| io::stdin().lock().read_line(&mut answer))
            .map_err(|error| Error::new(Exit::Output, format!("cannot ask on the terminal: {error}")))?;
        Ok((read > 0).then(|| answer.trim().to_owned()))
    }

    fn ask(question: &str) -> Result<String> {
        let mut answer = String::new();
        write!(io::stderr(), "{} ", printable(question))
            .and_then(|()| io::stdin().lock().read_line(&mut answer))
            .map_err(|error| Error::new(Exit::Output, format!("cannot ask on the terminal: {error}")))?;
        Ok(answer.trim().to_owned())
    }

    /// Asks for a new password twice, without showing it; from a pipe, takes the first line.
    ///
    /// # Errors
    /// Exit 2 when there is none, exit 1 when the two differ or the terminal cannot be read.
    pub fn ask_password(&self, what: &str) -> Result<String> {
        if !io::stdin().is_terminal() {
            return secret_line(io::stdin().lock());
        }
        let ask = |question: &str| {
            rpassword::prompt_password(format!("{}: ", printable(question))).map_err(|error| match error.kind() {
                // Ctrl-C is a key like any other while the password is typed.
                io::ErrorKind::Interrupted => Error::new(Exit::Interrupted, "interrupted"),
                _ => Error::failed(format!("cannot ask on the terminal: {error}")),
            })
        };
        let password = ask(what)?;
        if ask("the same again")? != password {
            return Err(Error::failed("the two passwords differ, nothing changed"));
        }
        Ok(password)
    }

    /// Asks for a yes before something is destroyed. `--yes` answers beforehand.
    ///
    /// # Errors
    /// Exit 2 without a terminal and without `--yes`; exit 1 when the answer is not yes.
    pub fn confirm(&self, question: &str, yes: bool) -> Result<Confirmed> {
        if yes {
            return Ok(Confirmed::answered());
        }
        if !self.can_ask() {
            return Err(Error::usage(format!("{question} Not without a confirmation, and there is no terminal to ask on"))
                .hint("add --yes when you are sure"));
        }
        match Self::ask(&format!("{question} [y/N]"))?.to_lowercase().as_str() {
            "y" | "yes" => Ok(Confirmed::answered()),
            _ => Err(Error::failed("not confirmed, nothing changed")),
        }
    }

    /// Asks for `name` to be typed before something large is destroyed. `--confirm NAME` answers beforehand.
    ///
    /// # Errors
    /// Exit 2 without a terminal and without `--confirm`, or when another name was given; exit 1 when another is typed.
    pub fn confirm_by_name(&self, question: &str, name: &str, given: Option<&str>) -> Result<Confirmed> {
        match given {
            Some(given) if given == name => Ok(Confirmed::answered()),
            Some(given) => Err(Error::usage(format!("--confirm {given} does not name `{name}`"))),
            None if !self.can_ask() => {
                Err(Error::usage(format!("{question} Not without a confirmation, and there is no terminal to ask on"))
                    .hint(format!("add --confirm {name} when you are sure")))
            }
            None if Self::ask(&format!("{question} Type `{name}` to go on:"))? == name => Ok(Confirmed::answered()),
            None => Err(Error::failed("not confirmed, nothing changed")),
        }
    }
}

/// The most characters of a line of running text, however wide the terminal is.
const WIDEST_TEXT: usize = 120;

/// Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let start = text.len() - text.trim_start().len();
    let mut lines = text[..start].to_owned();
    let mut length = start;
    let mut is_first = true;
    for word in text.split_whitespace() {
        let count = word.chars().count();
        if !is_first && length + 1 + count > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            length = indent;
        } else if !is_first {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += count;
        is_first = false;
    }
    lines
}

/// Reads one line, without its line break, that is to be kept from eyes and logs.
fn secret_line(mut input: impl BufRead) -> Result<String> {
    let mut line = String::new();
    let read = input.read_line(&mut line).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Error::usage("the password on standard input is not UTF-8"),
        _ => Error::failed(format!("cannot read the password from standard input: {error}")),
    })?;
    if read == 0 {
        return Err(Error::usage("there is no password on standard input")
            .hint("give it as the first line, or run the command on a terminal to be asked"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

trait EscapeJson {
    fn escape_json(self) -> String;
}

impl EscapeJson for char {
    fn escape_json(self) -> String {
        let mut units = [0; 2];
        self.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    }
}

/// A running progress bar; it disappears when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// What is being done.
    pub fn message(&self, message: &str) {
        self.0.set_message(printable(message));
        self.0.enable_steady_tick(Duration::from_millis(200));
    }

    /// How far it is.
    pub fn set(&self, position: u64) {
        self.0.set_position(position);
    }

    /// So many units further.
    pub fn advance(&self, by: u64) {
        self.0.inc(by);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_between_words_and_goes_on_indented() {
        assert_eq!(wrapped("  1 one two three", 11, 4), "  1 one two\n    three");
        assert_eq!(wrapped("unbreakable words", 5, 2), "unbreakable\n  words");
        assert_eq!(wrapped("", 5, 2), "");
    }

    #[test]
    fn controls_and_direction_marks_never_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\nd_x001B_e_x0041_"), "a[31mbc de_x0041_");
    }

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        assert_eq!(neutralised("=1+1"), "'=1+1");
        assert_eq!(neutralised("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(neutralised("-5"), "-5");
        assert_eq!(neutralised("plain"), "plain");
    }

    #[test]
    fn decimals_are_json_numbers_with_all_their_digits() {
        assert_eq!(number_json(Decimal::new(999_999_999_999_999, 4)).to_string(), "99999999999.9999");
        assert_eq!(number_json(Decimal::new(950_000, 4)).to_string(), "95");
    }

    #[test]
    fn a_table_is_an_array_and_a_record_an_object() {
        let mut table = Table::new(["code", "bar"]).only_for_people(&["bar"]);
        table.row(["PR".into(), "###".into()]);
        assert_eq!(table.to_json(), json!([{ "code": "PR" }]));
        assert_eq!(table.single().to_json(), json!({ "code": "PR" }));
    }
}

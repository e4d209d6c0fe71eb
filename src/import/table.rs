//! The first pass: finds the table in a source, decides what needs the whole column, and keeps its rows for the second.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use rust_decimal::Decimal;

use super::build;
use super::columns::{self, Columns, letters};
use super::json;
use super::layout::{self, Candidate, Shape};
use super::problem::{Counts, Skip};
use super::rejects;
use super::row::{Flow, Kind, Row, Sink, Spool};
use super::series::{self, Series};
use super::source::{Format, Source};
use super::text;
use super::workbook::{self, Workbook};
use crate::domain::code::CodeIndex;
use crate::domain::item::{Field, natural_key, priority};
use crate::domain::number::{self, Mark, MarkEvidence};
use crate::error::{Error, Place, Result};

/// How many rows are looked at to find the header and to check columns by their values.
const PEEK: usize = 200;

/// What to do with plain numbers where the unit is percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Percent {
    /// Times 100 when every one of them is at most 1.
    #[default]
    Auto,
    /// Times 100.
    Scale,
    /// As they are.
    AsIs,
}

/// A part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first and last row, counted from 1.
    pub rows: (u64, u64),
    /// The first and last column, counted from 0.
    pub columns: (usize, usize),
}

impl Range {
    /// Reads `A4:N20`, `A:N` or `4:20`.
    pub fn parse(text: &str) -> Option<Range> {
        let (from, to) = text.trim().split_once(':')?;
        let part = |text: &str| {
            let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
            let (letters, row) = text.split_at(digits);
            let column = if letters.is_empty() { None } else { Some(columns::from_letters(letters)?) };
            let row = if row.is_empty() { None } else { Some(row.parse::<u64>().ok().filter(|row| *row > 0)?) };
            Some((row, column))
        };
        let (first, last) = (part(from.trim())?, part(to.trim())?);
        let range = Range {
            rows: (first.0.unwrap_or(1), last.0.unwrap_or(u64::MAX)),
            columns: (first.1.unwrap_or(0), last.1.unwrap_or(usize::MAX)),
        };
        (range.rows.0 <= range.rows.1 && range.columns.0 <= range.columns.1).then_some(range)
    }
}

/// What the user decides instead of the evidence.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The sheet.
    pub sheet: Option<String>,
    /// The sheet that a column map names; of no meaning for text.
    pub map_sheet: Option<String>,
    /// The row where a column map found the header; it decides only where the evidence allows it.
    pub header_hint: Option<u64>,
    /// The part of the sheet that has the table.
    pub range: Option<Range>,
    /// The header's row.
    pub header_row: Option<u64>,
    /// Columns by field; an empty column means none.
    pub given: Vec<(Field, String)>,
    /// Percent values.
    pub percent: Percent,
    /// The decimal mark of all columns.
    pub mark: Option<Mark>,
    /// What values of a field stand for, by the value in the form of [`normalised`](crate::domain::item::normalised).
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// What an empty cell of a field means.
    pub defaults: BTreeMap<Field, String>,
    /// When the current values were measured, in RFC 3339.
    pub current_at: Option<String>,
    /// Whether what looks like a time series is a catalog all the same.
    pub as_catalog: bool,
}

/// What is told while it runs.
pub trait Watch {
    /// So many rows have been read.
    fn rows(&self, rows: u64);
}

impl Watch for () {
    fn rows(&self, _rows: u64) {}
}

/// A table that is understood, with its rows ready to be turned into items.
pub struct Table {
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// The header's row.
    pub header_row: u64,
    /// Which column is which field.
    pub columns: Columns,
    /// The rows below the header.
    pub spool: Spool,
    /// Rows above the header, and the rows below that are not metrics.
    pub counts: Counts,
    /// The decimal mark of each number column.
    pub marks: BTreeMap<Field, Mark>,
    /// Whether plain numbers are times 100 where the unit is percent.
    pub scale: bool,
    /// The last rank of the priority scale, 3 or 4.
    pub worst_priority: u32,
    /// The last row that is a metric.
    pub last_row: u64,
    /// Rows whose natural key another row has: the row and the first one.
    pub duplicates: HashMap<u64, u64>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Why this sheet and this row.
    pub evidence: Vec<String>,
    /// The encoding and delimiter of text.
    pub dialect: Option<text::Dialect>,
    /// The workbook's author.
    pub author: Option<String>,
    /// The record of the header in text files, counted from 1.
    pub header_record: u64,
    /// As in [`Options`].
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// As in [`Options`].
    pub defaults: BTreeMap<Field, String>,
    /// As in [`Options`].
    pub current_at: Option<String>,
    /// The rows above the header.
    pub above: Vec<Row>,
    /// Code columns that name a code only where it changes.
    pub fill: Vec<Field>,
}

/// A question about the columns that only the user can answer.
#[derive(Debug)]
pub struct Unclear {
    /// The field whose column is unclear.
    pub field: Field,
    /// The columns it could be: letters, header, and some of its values.
    pub choices: Vec<(String, String, Vec<String>)>,
    /// What to say where nobody can be asked.
    pub error: Error,
}

/// What the first pass came to.
pub enum Prepared {
    /// A table that is understood.
    Table(Box<Table>),
    /// A question first.
    Unclear(Box<Unclear>),
}

/// Reads the whole source once and understands it, or says what is unclear about its columns.
///
/// # Errors
/// Exit 65 when there is no table in it, or when something about it can be read in two ways; the hint says how to decide.
pub fn prepare(source: &Source, options: &Options, indexes: &[&CodeIndex], watch: &dyn Watch) -> Result<Prepared> {
    let mut input = Input::open(source)?;
    let (sheet, candidate, peeked, mut evidence) = choose(&mut input, source, options)?;
    let place = Place { file: Some(source.name.clone()), sheet: sheet.clone(), row: Some(candidate.number), column: None };
    let headers = columns::headers(&peeked[candidate.index]);
    let columns = columns::assign(headers, &peeked[candidate.index + 1..], &options.given, indexes);
    let sample = &peeked[candidate.index + 1..];
    if !options.as_catalog
        && let Some(series) =
            series::find(&peeked[candidate.index], sample, columns.get(Field::Name).map(|mapped| mapped.column))
    {
        return Err(time_series(&series, source, &place));
    }
    if let Some(unclear) = question(&columns, sample, &place)? {
        return Ok(Prepared::Unclear(Box::new(unclear)));
    }
    evidence.push(candidate.evidence());
    let mut pass = FirstPass::new(columns, candidate.number, options)?;
    let mut seen = 0_u64;
    let mut take = |row: &Row| {
        seen += 1;
        if seen.is_multiple_of(1024) {
            watch.rows(seen);
        }
        pass.row(row)
    };
    input.read(sheet.as_deref(), options.range, &mut take)?;
    if let Input::Workbook(book) = &mut input
        && book.hollow
        && let Some(name) = &sheet
    {
        let uncached = book.uncached(name)?;
        if !uncached.is_empty() {
            pass.mark_uncached(&uncached)?;
        }
    }
    let (dialect, author) = match input {
        Input::Workbook(book) => (None, book.author),
        Input::Text(_, dialect) => (Some(dialect), None),
        Input::Json(_) => (None, None),
    };
    let mut table = pass.finish(&place, options)?;
    if !table.fill.is_empty() && !build::is_outline(&mut table, indexes)? {
        table.fill.clear();
    }
    for field in &table.fill {
        table
            .warnings
            .push(format!("the column of {} is an outline: its codes count for the rows below them, too", field.as_str()));
    }
    table.sheet = sheet;
    table.evidence = evidence;
    table.dialect = dialect;
    table.author = author;
    if let Some(dialect) = dialect.filter(|dialect| dialect.encoding == encoding_rs::WINDOWS_1252) {
        table.warnings.push(format!("the text is not UTF-8 and was read as {}", dialect.encoding_name()));
    }
    Ok(Prepared::Table(Box::new(table)))
}

enum Input<'s> {
    Workbook(Box<Workbook>),
    Text(&'s Source, text::Dialect),
    Json(&'s Source),
}

impl<'s> Input<'s> {
    fn open(source: &'s Source) -> Result<Self> {
        Ok(match source.format {
            Format::Text => Input::Text(source, text::dialect(source)?),
            Format::Json => Input::Json(source),
            _ => Input::Workbook(Box::new(Workbook::open(source)?)),
        })
    }

    fn read(&mut self, sheet: Option<&str>, range: Option<Range>, sink: &mut dyn Sink) -> Result<()> {
        let mut window = Window { range, sink, row: Row::default() };
        let sink: &mut dyn Sink = if range.is_some() { &mut window } else { window.sink };
        match self {
            Input::Workbook(book) => book.read(sheet.unwrap_or_default(), sink),
            Input::Text(source, dialect) => text::read(source, *dialect, sink),
            Input::Json(source) => json::read(source, sink),
        }
    }

    fn peek(&mut self, sheet: Option<&str>, header_row: Option<u64>, range: Option<Range>) -> Result<Vec<Row>> {
        let mut rows: Vec<Row> = Vec::new();
        let most = PEEK.saturating_add(usize::try_from(header_row.unwrap_or(0)).unwrap_or(usize::MAX));
        let mut take = |row: &Row| {
            rows.push(row.clone());
            Ok(if rows.len() < most { Flow::Go } else { Flow::Stop })
        };
        self.read(sheet, range, &mut take)?;
        Ok(rows)
    }
}

/// Lets only a part of the sheet through; columns outside it are empty, so that letters stay right.
struct Window<'s> {
    range: Option<Range>,
    sink: &'s mut dyn Sink,
    row: Row,
}

impl Sink for Window<'_> {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        let Some(range) = self.range else { return self.sink.row(row) };
        if row.number < range.rows.0 {
            return Ok(Flow::Go);
        }
        if row.number > range.rows.1 {
            return Ok(Flow::Stop);
        }
        self.row.clear(row.number);
        for (column, cell) in row.cells().enumerate().take_while(|(column, _)| *column <= range.columns.1) {
            if column < range.columns.0 {
                self.row.push(Kind::Empty, "");
            } else {
                self.row.push(cell.kind, cell.text);
            }
        }
        self.sink.row(&self.row)
    }
}

fn time_series(series: &Series, source: &Source, place: &Place) -> Error {
    let file = if source.name.contains(' ') { format!("\"{}\"", source.name) } else { source.name.clone() };
    match series {
        Series::Columns(dates) => Error::data(format!(
            "this is a time series, not a catalog: {} headers are dates, from {} to {}",
            dates.len(),
            dates[0],
            dates[dates.len() - 1]
        ))
        .at(place.clone())
        .hint(format!("record its readings with `cmf record --wide {file}`")),
        Series::Rows(column) => {
            Error::data(format!("this is a time series, not a catalog: metrics repeat for the dates in column {column}"))
                .at(place.clone())
                .hint(format!("record its readings with `cmf record --wide {file}`"))
                .hint("or with `cmf record --file FILE`, where it has the columns metric, value and at")
        }
    }
    .hint("add --as-catalog if it is a catalog all the same")
}

/// A sheet that was looked at.
struct Looked {
    sheet: Option<String>,
    visible: bool,
    candidates: Vec<Candidate>,
    rows: Vec<Row>,
}

impl Looked {
    fn name(&self) -> &str {
        self.sheet.as_deref().unwrap_or_default()
    }
}

/// The sheet, its header, the rows looked at, and the evidence.
type Choice = (Option<String>, Candidate, Vec<Row>, Vec<String>);

fn choose(input: &mut Input<'_>, source: &Source, options: &Options) -> Result<Choice> {
    let mut sheets: Vec<(Option<String>, bool)> = match input {
        Input::Workbook(book) => book.sheets.iter().map(|sheet| (Some(sheet.name.clone()), sheet.visible)).collect(),
        Input::Text(..) | Input::Json(_) => vec![(None, true)],
    };
    let mut evidence = Vec::new();
    if let Some(wanted) = &options.sheet {
        if sheets[0].0.is_none() {
            return Err(Error::usage("--sheet is for workbooks, and this is text").at(source.place()));
        }
        evidence.push(format!("sheet {wanted} was asked for"));
        let names: Vec<String> = sheets.iter().filter_map(|sheet| sheet.0.clone()).collect();
        sheets.retain(|sheet| sheet.0.as_ref() == Some(wanted));
        if sheets.is_empty() {
            let folded = wanted.trim().to_lowercase();
            sheets = names
                .iter()
                .filter(|name| name.trim().to_lowercase() == folded)
                .map(|name| (Some(name.clone()), true))
                .collect();
        }
        if sheets.is_empty() {
            return Err(Error::usage(format!("the workbook has no sheet `{wanted}`"))
                .at(source.place())
                .hint(format!("it has: {}", names.join(", "))));
        }
    }
    // A map's sheet counts where the workbook has it; another workbook of the same kind may call it otherwise.
    if options.sheet.is_none()
        && let Some(wanted) = &options.map_sheet
        && sheets.iter().any(|sheet| sheet.0.as_ref() == Some(wanted))
    {
        sheets.retain(|sheet| sheet.0.as_ref() == Some(wanted));
    }
    let mut found: Vec<Looked> = Vec::new();
    for (sheet, visible) in sheets {
        let rows = input.peek(sheet.as_deref(), options.header_row, options.range)?;
        let candidates = match options.header_row {
            Some(number) => rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.number == number && !row.is_blank())
                .map(|(index, row)| given_header(index, row, &rows))
                .collect(),
            None => layout::candidates(&rows, &options.given),
        };
        let mut candidates: Vec<Candidate> = candidates;
        if let Some(hint) = options.header_hint
            && let Some(position) = candidates.iter().position(|candidate| candidate.number == hint)
        {
            candidates = vec![candidates.swap_remove(position)];
        }
        found.push(Looked { sheet, visible, candidates, rows });
    }
    if found.iter().any(|one| one.visible && !one.candidates.is_empty()) {
        for hidden in found.iter().filter(|one| !one.visible && !one.candidates.is_empty()) {
            evidence.push(format!("hidden sheet {} left out although {}", hidden.name(), hidden.candidates[0].evidence()));
        }
        found.retain(|one| one.visible);
    }
    // The sort is stable: among equals the first sheet stays first.
    found.sort_by_key(|one| std::cmp::Reverse(layout::strength(&one.candidates)));
    let Some(first) = found.first().filter(|one| !one.candidates.is_empty()) else {
        return Err(no_header(source, options, &found));
    };
    let strength = layout::strength(&first.candidates);
    let equals = found.iter().take_while(|one| layout::strength(&one.candidates) == strength).count();
    if equals > 1 {
        let mut error = Error::data(format!("{equals} sheets look equally like the table")).at(source.place());
        for one in &found[..equals] {
            error = error.detail(format!("sheet {}, {}", one.name(), one.candidates[0].evidence()));
        }
        return Err(error.hint(format!("name one with --sheet, such as --sheet \"{}\"", first.name())));
    }
    if options.header_row.is_none() && layout::is_tie(&first.candidates) {
        let mut error =
            Error::data("several rows look equally like the header").at(Place { sheet: first.sheet.clone(), ..source.place() });
        for candidate in first.candidates.iter().take(5) {
            error = error.detail(candidate.evidence());
        }
        return Err(error.hint(format!("name it with --header-row, such as --header-row {}", first.candidates[0].number)));
    }
    for other in &found[1..] {
        let why = other.candidates.first().map_or_else(|| "no header in it".to_owned(), Candidate::evidence);
        evidence.push(format!("sheet {} left out: {why}", other.name()));
    }
    let Looked { sheet, mut candidates, rows, .. } = found.swap_remove(0);
    Ok((sheet, candidates.swap_remove(0), rows, evidence))
}

fn given_header(index: usize, row: &Row, rows: &[Row]) -> Candidate {
    let headers = columns::headers(row);
    Candidate {
        index,
        number: row.number,
        fields: headers.iter().filter_map(|header| columns::recognise(header)).map(|known| known.0).collect(),
        width: headers.iter().filter(|header| !header.is_empty()).count(),
        has_rows: rows.len() > index + 1,
        headers: headers.iter().map(|header| crate::domain::item::normalised(header)).collect(),
    }
}

fn no_header(source: &Source, options: &Options, found: &[Looked]) -> Error {
    let mut error = match options.header_row {
        Some(row) => Error::data(format!("row {row} is empty or not there")).at(source.place()),
        None => Error::data("no row looks like the header of a metric table").at(source.place()),
    };
    for Looked { sheet, rows, .. } in found {
        let first = rows.iter().find(|row| !row.is_blank());
        let text = first.map_or_else(
            || "empty".to_owned(),
            |row| {
                let cells: Vec<String> =
                    columns::headers(row).into_iter().filter(|header| !header.is_empty()).take(8).collect();
                format!("row {}: {}", row.number, cells.join(" | ").chars().take(160).collect::<String>())
            },
        );
        error = error.detail(match sheet {
            Some(sheet) => format!("sheet {sheet}, {text}"),
            None => text,
        });
    }
    error.hint("say where it is with --header-row N, and what the columns are with --map name=COLUMN")
}

/// What is unclear about the columns.
fn question(columns: &Columns, sample: &[Row], place: &Place) -> Result<Option<Unclear>> {
    if let Some((field, wanted)) = columns.missing.first() {
        let known: Vec<&str> = columns.headers.iter().map(String::as_str).filter(|header| !header.is_empty()).collect();
        return Err(Error::usage(format!("there is no column `{wanted}` to read {} from", field.as_str()))
            .at(place.clone())
            .hint(format!("the columns are: {}", known.join(", "))));
    }
    let choice = |column: usize| {
        let mut values: Vec<String> = Vec::new();
        for row in sample {
            let shown: String =
                row.cell(column).shown().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
            if !shown.is_empty() && !values.contains(&shown) && values.len() < 3 {
                values.push(shown);
            }
        }
        (letters(column), columns.headers[column].clone(), values)
    };
    if let Some((field, claims)) = columns.ambiguous.first() {
        let mut error = Error::data(format!("{} columns could be {}", claims.len(), field.as_str())).at(place.clone());
        for column in claims {
            error = error.detail(format!("column {}: {}", letters(*column), columns.headers[*column]));
        }
        let last = claims.last().copied().unwrap_or_default();
        let same = claims.iter().filter(|column| columns.headers[**column] == columns.headers[last]).count() > 1;
        let name = if same { letters(last) } else { columns.headers[last].clone() };
        let error = error
            .hint(format!("say which one with --map \"{}={name}\"", field.as_str()))
            .hint(format!("or leave it out with --map {}=", field.as_str()));
        return Ok(Some(Unclear { field: *field, choices: claims.iter().copied().map(choice).collect(), error }));
    }
    if columns.get(Field::Name).is_none() {
        let mut error = Error::data("no column is recognised as the metric's name").at(place.clone());
        for (column, field, why) in &columns.refused {
            let header = &columns.headers[*column];
            error = error.detail(format!("column {} ({header}) is not {}: {why}", letters(*column), field.as_str()));
        }
        let named: Vec<usize> = (0..columns.headers.len()).filter(|column| !columns.headers[*column].is_empty()).collect();
        let known: Vec<&str> = named.iter().map(|column| columns.headers[*column].as_str()).collect();
        let error =
            error.detail(format!("the columns are: {}", known.join(", "))).hint("say which one it is with --map name=COLUMN");
        return Ok(Some(Unclear { field: Field::Name, choices: named.into_iter().map(choice).collect(), error }));
    }
    Ok(None)
}

/// What the number cells of percent metrics look like.
#[derive(Debug, Default)]
struct Fractions {
    plain: u64,
    above_one: u64,
    nonzero: u64,
}

struct FirstPass {
    columns: Columns,
    header_row: u64,
    records: u64,
    header_record: u64,
    spool: Spool,
    counts: Counts,
    above: Vec<Row>,
    last_row: u64,
    numbers: Vec<(Field, usize, Option<Mark>)>,
    evidence: BTreeMap<Field, MarkEvidence>,
    fractions: BTreeMap<Field, Fractions>,
    worst_priority: u32,
    keys: Keys,
    /// Of the code columns: how many metrics there are and how many of them have a cell, and whether one came first.
    outline: BTreeMap<Field, Outline>,
    /// Whether the table is a rejects file, whose neutralised text is text again.
    is_rejects: bool,
    plain: Row,
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
    fn new(columns: Columns, header_row: u64, options: &Options) -> Result<Self> {
        let numbers = columns
            .mapped
            .iter()
            .filter(|mapped| mapped.field.is_number())
            .map(|mapped| (mapped.field, mapped.column, options.mark))
            .collect();
        let is_rejects = rejects::is_rejects(&columns.headers);
        Ok(FirstPass {
            columns,
            header_row,
            records: 0,
            header_record: 0,
            spool: Spool::new()?,
            counts: Counts::default(),
            above: Vec::new(),
            last_row: 0,
            numbers,
            evidence: BTreeMap::new(),
            fractions: BTreeMap::new(),
            worst_priority: 3,
            keys: Keys::new()?,
            outline: BTreeMap::new(),
            is_rejects,
            plain: Row::default(),
        })
    }

    fn row(&mut self, row: &Row) -> Result<Flow> {
        self.records += 1;
        if row.number < self.header_row {
            self.counts.skip(if row.is_blank() { Skip::Blank } else { Skip::Heading });
            self.above.push(row.clone());
            return Ok(Flow::Go);
        }
        if row.number == self.header_row {
            self.header_record = self.records;
            return Ok(Flow::Go);
        }
        let plain;
        let row = if self.is_rejects {
            plain = self.unquoted(row);
            &plain
        } else {
            row
        };
        self.spool.add(row)?;
        let shape = layout::shape(row, &self.columns);
        if shape == Shape::Skip(Skip::Blank) {
            return Ok(Flow::Go);
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
        if shape != Shape::Data {
            return Ok(Flow::Go);
        }
        self.last_row = row.number;
        let is_percent = unit_is_percent(row, &self.columns);
        for (field, column, mark) in &self.numbers {
            let cell = row.cell(*column);
            if cell.kind == Kind::Text && mark.is_none() && !number::is_nothing(cell.text) {
                self.evidence.entry(*field).or_default().add(cell.text);
            }
            if is_percent {
                let plain = match cell.kind {
                    Kind::Number => cell.text.parse::<Decimal>().ok(),
                    Kind::Text => number::parse(cell.text, mark.unwrap_or(Mark::Point))
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
                }
            }
        }
        if let Some(mapped) = self.columns.get(Field::Priority) {
            let text = row.cell(mapped.column).text;
            if priority(text, 4).is_some() && text.trim().trim_start_matches(['P', 'p']) == "4" {
                self.worst_priority = 4;
            }
        }
        let cell = |field| self.columns.get(field).map(|mapped| row.cell(mapped.column).text).unwrap_or_default();
        let name = cell(Field::Name);
        let number = cell(Field::MetricNumber);
        let number = if number::is_nothing(number) { None } else { Some(number) };
        if number.is_some() || !number::is_nothing(name) {
            self.keys.add(&natural_key(number, name), row.number)?;
        }
        Ok(Flow::Go)
    }

    /// The row without the apostrophes that keep a spreadsheet from running its text.
    fn unquoted(&mut self, row: &Row) -> Row {
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear(row.number);
        for cell in row.cells() {
            let bare = cell.text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r']));
            plain.push(cell.kind, bare.unwrap_or(cell.text));
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

    /// Writes the rows anew, now that it is known which empty cells are formulas without a result.
    fn mark_uncached(&mut self, uncached: &std::collections::HashSet<(u32, u32)>) -> Result<()> {
        let mut spool = Spool::new()?;
        let mut reader = self.spool.read()?;
        let mut row = Row::default();
        let mut marked = Row::default();
        while reader.next(&mut row)? {
            marked.clear(row.number);
            for (column, cell) in row.cells().enumerate() {
                let position = (u32::try_from(row.number - 1).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
                let is_uncached = cell.kind == Kind::Empty && uncached.contains(&position);
                marked.push(if is_uncached { Kind::Uncached } else { cell.kind }, cell.text);
            }
            if layout::shape(&marked, &self.columns) == Shape::Data {
                self.last_row = self.last_row.max(marked.number);
            }
            spool.add(&marked)?;
        }
        self.spool = spool;
        Ok(())
    }

    fn finish(self, place: &Place, options: &Options) -> Result<Table> {
        let mut marks = BTreeMap::new();
        for (field, column, given) in &self.numbers {
            let decided = match (given, self.evidence.get(field)) {
                (Some(mark), _) => Ok(*mark),
                (None, Some(evidence)) => evidence.decide(),
                (None, None) => Ok(Mark::Point),
            };
            let mark = decided.map_err(|readings| {
                Error::data(format!("column {} can be read in two ways: {readings}", letters(*column)))
                    .at(Place { column: Some(self.columns.headers[*column].clone()), ..place.clone() })
                    .hint("say which with --decimal point or --decimal comma")
            })?;
            marks.insert(*field, mark);
        }
        let mut warnings = Vec::new();
        let fill = self.fill();
        let sum = |count: fn(&Fractions) -> u64| self.fractions.values().map(count).sum::<u64>();
        let all_small = sum(|f| f.plain) > 0 && sum(|f| f.above_one) == 0 && sum(|f| f.nonzero) > 0;
        let scale = match options.percent {
            Percent::Auto => all_small,
            Percent::Scale => true,
            Percent::AsIs => false,
        };
        if scale && sum(|f| f.plain) > 0 {
            warnings.push(format!(
                "{} values in % are at most 1 and count as fractions: times 100 (--percent as-is keeps them)",
                sum(|f| f.plain)
            ));
        } else if options.percent == Percent::Auto {
            for (field, fractions) in &self.fractions {
                if fractions.plain > 0 && fractions.above_one == 0 && fractions.nonzero > 0 {
                    warnings.push(format!(
                        "every {} in % is at most 1 while other columns have more: kept as written (--percent scale multiplies all by 100)",
                        field.as_str()
                    ));
                }
            }
        }
        for (column, field, why) in &self.columns.refused {
            warnings.push(format!(
                "column {} ({}) is not read as {}: {why}",
                letters(*column),
                self.columns.headers[*column],
                field.as_str()
            ));
        }
        Ok(Table {
            sheet: None,
            header_row: self.header_row,
            duplicates: self.keys.duplicates()?,
            columns: self.columns,
            spool: self.spool,
            counts: self.counts,
            marks,
            scale,
            worst_priority: self.worst_priority,
            last_row: self.last_row,
            warnings,
            evidence: Vec::new(),
            dialect: None,
            author: None,
            header_record: self.header_record,
            values: options.values.clone(),
            defaults: options.defaults.clone(),
            current_at: options.current_at.clone(),
            above: self.above,
            fill,
        })
    }
}

/// Whether the row's metric is counted in percent, by its unit cell or by a header's brackets.
pub(super) fn unit_is_percent(row: &Row, columns: &Columns) -> bool {
    let percent =
        |unit: &str| matches!(unit.trim().to_lowercase().as_str(), "%" | "percent" | "pct" | "percentage" | "prozent");
    match columns.get(Field::Unit) {
        Some(mapped) => percent(row.cell(mapped.column).text),
        None => columns.mapped.iter().any(|mapped| mapped.field.is_number() && mapped.unit.as_deref().is_some_and(percent)),
    }
}

/// Finds rows with the same key without holding the keys in memory: they wait as hashes in a file, and are compared in
/// portions.
struct Keys {
    writer: BufWriter<File>,
    count: u64,
    hasher: RandomState,
}

/// How many keys are compared at a time.
const PORTION: u64 = 200_000;

impl Keys {
    fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|error| broken(&error))?;
        Ok(Keys { writer: BufWriter::new(file), count: 0, hasher: RandomState::new() })
    }

    fn add(&mut self, key: &str, row: u64) -> Result<()> {
        self.count += 1;
        let hash = self.hasher.hash_one(key);
        self.writer
            .write_all(&hash.to_le_bytes())
            .and_then(|()| self.writer.write_all(&row.to_le_bytes()))
            .map_err(|error| broken(&error))
    }

    fn duplicates(mut self) -> Result<HashMap<u64, u64>> {
        self.writer.flush().map_err(|error| broken(&error))?;
        let mut duplicates = HashMap::new();
        let portions = self.count.div_ceil(PORTION);
        for portion in 0..portions {
            let file = self.writer.get_mut();
            file.seek(SeekFrom::Start(0)).map_err(|error| broken(&error))?;
            let mut reader = BufReader::with_capacity(1 << 16, file);
            let mut first: HashMap<u64, u64> = HashMap::new();
            let mut pair = [0; 16];
            for _ in 0..self.count {
                reader.read_exact(&mut pair).map_err(|error| broken(&error))?;
                let (hash, row) = pair.split_at(8);
                let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
                let (hash, row) = (number(hash), number(row));
                if hash % portions != portion {
                    continue;
                }
                match first.entry(hash) {
                    std::collections::hash_map::Entry::Occupied(known) => {
                        duplicates.insert(row, *known.get());
                    }
                    std::collections::hash_map::Entry::Vacant(free) => {
                        free.insert(row);
                    }
                }
            }
        }
        Ok(duplicates)
    }
}

fn broken(error: &std::io::Error) -> Error {
    Error::new(crate::error::Exit::Output, format!("cannot use a temporary file: {error}"))
}

/// What a percent cell means.
pub(super) fn percent_cell(text: &str) -> Option<Decimal> {
    workbook::percent(text)
}

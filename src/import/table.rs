//! The first pass: finds the table in a source, decides what needs the whole column, and keeps its rows for the second.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use rust_decimal::Decimal;

use super::columns::{self, Columns, letters};
use super::layout::{self, Candidate, Shape};
use super::problem::{Counts, Skip};
use super::row::{Flow, Kind, Row, Sink, Spool};
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

/// What the user decides instead of the evidence.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The sheet.
    pub sheet: Option<String>,
    /// The header's row.
    pub header_row: Option<u64>,
    /// Columns by field; an empty column means none.
    pub given: Vec<(Field, String)>,
    /// Percent values.
    pub percent: Percent,
    /// The decimal mark of all columns.
    pub mark: Option<Mark>,
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
}

/// Reads the whole source once and understands it.
///
/// # Errors
/// Exit 65 when there is no table in it, or when something about it can be read in two ways; the hint says how to decide.
pub fn prepare(source: &Source, options: &Options, indexes: &[&CodeIndex], watch: &dyn Watch) -> Result<Table> {
    let mut input = Input::open(source)?;
    let (sheet, candidate, peeked, mut evidence) = choose(&mut input, source, options)?;
    let place = Place { file: Some(source.name.clone()), sheet: sheet.clone(), row: Some(candidate.number), column: None };
    let headers = columns::headers(&peeked[candidate.index]);
    let columns = columns::assign(headers, &peeked[candidate.index + 1..], &options.given, indexes);
    check_columns(&columns, &place)?;
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
    input.read(sheet.as_deref(), &mut take)?;
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
    };
    let mut table = pass.finish(&place, options)?;
    table.sheet = sheet;
    table.evidence = evidence;
    table.dialect = dialect;
    table.author = author;
    if let Some(dialect) = dialect.filter(|dialect| dialect.encoding == encoding_rs::WINDOWS_1252) {
        table.warnings.push(format!("the text is not UTF-8 and was read as {}", dialect.encoding_name()));
    }
    Ok(table)
}

enum Input<'s> {
    Workbook(Box<Workbook>),
    Text(&'s Source, text::Dialect),
}

impl<'s> Input<'s> {
    fn open(source: &'s Source) -> Result<Self> {
        Ok(match source.format {
            Format::Text => Input::Text(source, text::dialect(source)?),
            Format::Json => {
                return Err(Error::data("JSON is not read yet").at(source.place()).hint("export the items as CSV"));
            }
            _ => Input::Workbook(Box::new(Workbook::open(source)?)),
        })
    }

    fn read(&mut self, sheet: Option<&str>, sink: &mut dyn Sink) -> Result<()> {
        match self {
            Input::Workbook(book) => book.read(sheet.unwrap_or_default(), sink),
            Input::Text(source, dialect) => text::read(source, *dialect, sink),
        }
    }

    fn peek(&mut self, sheet: Option<&str>, header_row: Option<u64>) -> Result<Vec<Row>> {
        let mut rows: Vec<Row> = Vec::new();
        let most = PEEK.saturating_add(usize::try_from(header_row.unwrap_or(0)).unwrap_or(usize::MAX));
        let mut take = |row: &Row| {
            rows.push(row.clone());
            Ok(if rows.len() < most { Flow::Go } else { Flow::Stop })
        };
        self.read(sheet, &mut take)?;
        Ok(rows)
    }
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
        Input::Text(..) => vec![(None, true)],
    };
    let mut evidence = Vec::new();
    if let Some(wanted) = &options.sheet {
        if sheets[0].0.is_none() {
            return Err(Error::usage("--sheet is for workbooks, and this is text").at(source.place()));
        }
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
    let mut found: Vec<Looked> = Vec::new();
    for (sheet, visible) in sheets {
        let rows = input.peek(sheet.as_deref(), options.header_row)?;
        let candidates = match options.header_row {
            Some(number) => rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.number == number && !row.is_blank())
                .map(|(index, row)| given_header(index, row, &rows))
                .collect(),
            None => layout::candidates(&rows, &options.given),
        };
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

fn check_columns(columns: &Columns, place: &Place) -> Result<()> {
    if let Some((field, wanted)) = columns.missing.first() {
        return Err(Error::usage(format!("there is no column `{wanted}` to read {} from", field.as_str()))
            .at(place.clone())
            .hint(format!(
                "the columns are: {}",
                columns.headers.iter().filter(|header| !header.is_empty()).cloned().collect::<Vec<_>>().join(", ")
            )));
    }
    if let Some((field, claims)) = columns.ambiguous.first() {
        let mut error = Error::data(format!("{} columns could be {}", claims.len(), field.as_str())).at(place.clone());
        for column in claims {
            error = error.detail(format!("column {}: {}", letters(*column), columns.headers[*column]));
        }
        let last = claims.last().copied().unwrap_or_default();
        let same = claims.iter().filter(|column| columns.headers[**column] == columns.headers[last]).count() > 1;
        let name = if same { letters(last) } else { columns.headers[last].clone() };
        return Err(error
            .hint(format!("say which one with --map \"{}={name}\"", field.as_str()))
            .hint(format!("or leave it out with --map {}=", field.as_str())));
    }
    if columns.get(Field::Name).is_none() {
        let mut error = Error::data("no column is recognised as the metric's name").at(place.clone());
        for (column, field, why) in &columns.refused {
            error = error.detail(format!(
                "column {} ({}) is not {}: {why}",
                letters(*column),
                columns.headers[*column],
                field.as_str()
            ));
        }
        let known = columns.headers.iter().filter(|header| !header.is_empty()).cloned().collect::<Vec<_>>().join(", ");
        return Err(error.detail(format!("the columns are: {known}")).hint("say which one it is with --map name=COLUMN"));
    }
    Ok(())
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
    last_row: u64,
    numbers: Vec<(Field, usize, Option<Mark>)>,
    evidence: BTreeMap<Field, MarkEvidence>,
    fractions: BTreeMap<Field, Fractions>,
    worst_priority: u32,
    keys: Keys,
}

impl FirstPass {
    fn new(columns: Columns, header_row: u64, options: &Options) -> Result<Self> {
        let numbers = columns
            .mapped
            .iter()
            .filter(|mapped| mapped.field.is_number())
            .map(|mapped| (mapped.field, mapped.column, options.mark))
            .collect();
        Ok(FirstPass {
            columns,
            header_row,
            records: 0,
            header_record: 0,
            spool: Spool::new()?,
            counts: Counts::default(),
            last_row: 0,
            numbers,
            evidence: BTreeMap::new(),
            fractions: BTreeMap::new(),
            worst_priority: 3,
            keys: Keys::new()?,
        })
    }

    fn row(&mut self, row: &Row) -> Result<Flow> {
        self.records += 1;
        if row.number < self.header_row {
            self.counts.skip(if row.is_blank() { Skip::Blank } else { Skip::Heading });
            return Ok(Flow::Go);
        }
        if row.number == self.header_row {
            self.header_record = self.records;
            return Ok(Flow::Go);
        }
        self.spool.add(row)?;
        if layout::shape(row, &self.columns) != Shape::Data {
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

//! Which sheet and which row: what the evidence says, or the user.

use super::input::Input;
use super::named::Named;
use super::question::time_series;
use super::{About, Options, Range, Unclear};
use crate::domain::item::Field;
use crate::error::{Error, Place, Result, shell_word};
use crate::table::columns;
use crate::table::layout::{self, Candidate};
use crate::table::row::Row;
use crate::table::series;
use crate::table::source::Source;

/// The most memory that the rows of a sheet may take that are looked at to find the table, and those of all sheets. A row has
/// at most 8 MB of text.
const PEEKED_SHEET: usize = 16 << 20;
const PEEKED: usize = 64 << 20;

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

    /// How many rows with more than one cell are below the best header, as far as was looked.
    fn height(&self) -> usize {
        let below = self.candidates.first().map_or(0, |best| best.index + 1);
        let filled = |row: &&Row| row.cells().filter(|cell| !cell.is_blank()).count() >= 2;
        self.rows[below..].iter().filter(filled).count()
    }
}

/// Where the table is.
pub(super) struct Choice {
    /// The sheet, in workbooks.
    pub sheet: Option<String>,
    /// The header.
    pub candidate: Candidate,
    /// The rows that were looked at.
    pub rows: Vec<Row>,
    /// Why.
    pub evidence: Vec<String>,
    /// The names of all sheets.
    pub sheets: Vec<String>,
    /// The part of the sheet that is read.
    pub range: Option<Range>,
}

/// What choosing came to.
pub(super) enum Chosen {
    /// A table.
    Table(Box<Choice>),
    /// A question.
    Unclear(Box<Unclear>),
}

/// Where the user says that the table is, as far as that is said.
pub(super) struct Places {
    /// The sheets, each with whether the user sees it; text has one without a name.
    pub sheets: Vec<(Option<String>, bool)>,
    /// The names of all sheets.
    pub names: Vec<String>,
    pub range: Option<Range>,
    pub header_row: Option<u64>,
}

pub(super) fn places(input: &mut Input, source: &Source, options: &Options, evidence: &mut Vec<String>) -> Result<Places> {
    let (sheets, names) = wanted_sheets(input, source, options, evidence)?;
    let Some(name) = &options.table else {
        return Ok(Places { sheets, names, range: options.range, header_row: options.header_row });
    };
    let table = named_table(input, source, name)?;
    evidence.push(format!("table {} of sheet {} was asked for", table.name, table.sheet));
    let header_row = options.header_row.or(Some(table.range.rows.0));
    Ok(Places { sheets: vec![(Some(table.sheet), true)], names, range: Some(table.range), header_row })
}

pub(super) fn choose(input: &mut Input, source: &Source, options: &Options, given: &[(Field, String)]) -> Result<Chosen> {
    let mut evidence = Vec::new();
    let Places { sheets, names, range, header_row } = places(input, source, options, &mut evidence)?;
    let mut found: Vec<Looked> = Vec::new();
    let mut left = PEEKED;
    for (sheet, visible) in sheets {
        let through = input.through(options, sheet.as_deref(), range)?;
        let rows = input
            .peek(source, sheet.as_deref(), header_row, &through, left.min(PEEKED_SHEET))
            .map_err(|error| if error.place().file.is_none() { error.at(source.place()) } else { error })?;
        left = left.saturating_sub(rows.iter().map(Row::memory).sum());
        if left == 0 {
            return Err(Error::data(format!("the first rows of the sheets have more than {} MB", PEEKED >> 20))
                .at(source.place())
                .hint("name the sheet with --sheet"));
        }
        let mut candidates: Vec<Candidate> = match header_row {
            Some(number) => rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.number == number && !row.is_blank())
                .map(|(index, row)| given_header(index, row, &rows))
                .collect(),
            None => layout::candidates(&rows, given),
        };
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
        for looked in found.iter().filter(|_| !options.as_catalog && header_row.is_none()) {
            if let Some((row, series)) = series::anywhere(&looked.rows) {
                let place = Place { sheet: looked.sheet.clone(), row: Some(row), ..source.place() };
                return Err(time_series(&series, source, &place));
            }
        }
        return Err(no_header(source, options, &found));
    };
    let strength = layout::strength(&first.candidates);
    let equals = found.iter().take_while(|one| layout::strength(&one.candidates) == strength).count();
    if equals > 1 {
        return Ok(Chosen::Unclear(Box::new(tied_sheets(source, &found[..equals]))));
    }
    // A template with an example is a poor table of metrics beside one with many rows, whatever its headers are.
    let longest = found.iter().filter(|one| one.candidates.first().is_some_and(Candidate::has_name)).map(Looked::height).max();
    if first.candidates[0].has_name() && first.height() <= 2 && longest.is_some_and(|longest| longest >= 8) {
        found.retain(|one| one.candidates.first().is_some_and(Candidate::has_name));
        return Ok(Chosen::Unclear(Box::new(tied_sheets(source, &found))));
    }
    if header_row.is_none() && layout::is_tie(&first.candidates) {
        return Ok(Chosen::Unclear(Box::new(tied_rows(source, first, &first.candidates.iter().collect::<Vec<_>>()))));
    }
    let tables = layout::stacked(&first.candidates, &first.rows);
    if header_row.is_none() && options.header_hint.is_none() && range.is_none() && !tables.is_empty() {
        return Ok(Chosen::Unclear(Box::new(tied_rows(source, first, &tables))));
    }
    for other in &found[1..] {
        let why = other.candidates.first().map_or_else(|| "no header in it".to_owned(), Candidate::evidence);
        evidence.push(format!("sheet {} left out: {why}", other.name()));
    }
    let Looked { sheet, mut candidates, rows, .. } = found.swap_remove(0);
    let candidate = candidates.swap_remove(0);
    Ok(Chosen::Table(Box::new(Choice { sheet, candidate, rows, evidence, sheets: names, range })))
}

/// The sheets of a workbook that hold a table of metrics, in its order, and what is told of the others.
///
/// # Errors
/// Exit 2 for a file that is no workbook, 65 when it cannot be read or no sheet holds a table.
pub fn tables(source: &Source, options: &Options) -> Result<(Vec<String>, Vec<String>)> {
    let given: Vec<(Field, String)> = super::map_file::typed(options.given.iter().cloned())?;
    let mut input = Input::open(source, options)?;
    let Input::Workbook(book) = &input else {
        let error = Error::usage(format!("--all-sheets is for workbooks, and this is {}", source.format.as_str()));
        return Err(error.at(source.place()).hint("leave --all-sheets out"));
    };
    let sheets: Vec<(String, bool)> = book.sheets.iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect();
    let (mut found, mut told) = (Vec::new(), Vec::new());
    let mut unlike = None;
    for (sheet, visible) in sheets {
        let through = input.through(options, Some(&sheet), None)?;
        let rows = input
            .peek(source, Some(&sheet), options.header_row, &through, PEEKED_SHEET)
            .map_err(|error| if error.place().file.is_none() { error.at(source.place()) } else { error })?;
        let candidates = layout::candidates(&rows, &given);
        let has_table = candidates.first().is_some_and(|best| best.has_name() && best.has_rows);
        match (has_table, visible) {
            (true, true) => found.push(sheet),
            (true, false) => told.push(format!("sheet {sheet} left out: it is hidden")),
            (false, _) => {
                told.push(format!("sheet {sheet} left out: no header of a table of metrics in it"));
                unlike.get_or_insert(Looked { sheet: Some(sheet), visible, candidates, rows });
            }
        }
    }
    match unlike {
        Some(looked) if found.is_empty() => Err(no_header(source, options, &[looked])),
        _ => Ok((found, told)),
    }
}

type Visible = (Option<String>, bool);

/// The sheets that the user left open, and the names of all.
fn wanted_sheets(
    input: &Input,
    source: &Source,
    options: &Options,
    evidence: &mut Vec<String>,
) -> Result<(Vec<Visible>, Vec<String>)> {
    let Input::Workbook(book) = input else {
        return match &options.sheet {
            Some(_) => {
                Err(Error::usage("--sheet is for workbooks, and this is text").at(source.place()).hint("leave --sheet out"))
            }
            None => Ok((vec![(None, true)], Vec::new())),
        };
    };
    let mut sheets: Vec<Visible> = book.sheets.iter().map(|sheet| (Some(sheet.name.clone()), sheet.visible)).collect();
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    if let Some(wanted) = &options.sheet {
        evidence.push(format!("sheet {wanted} was asked for"));
        let folded = wanted.trim().to_lowercase();
        let found = names
            .iter()
            .find(|name| *name == wanted)
            .or_else(|| names.iter().find(|name| name.trim().to_lowercase() == folded))
            .ok_or_else(|| {
                Error::usage(format!("the workbook has no sheet `{wanted}`"))
                    .at(source.place())
                    .hint(format!("it has: {}", names.join(", ")))
            })?;
        sheets = vec![(Some(found.clone()), true)];
    } else if let Some(wanted) = &options.map_sheet
        // A map's sheet counts where the workbook has it; another workbook of the same kind may call it otherwise.
        && names.contains(wanted)
    {
        sheets.retain(|sheet| sheet.0.as_ref() == Some(wanted));
    }
    Ok((sheets, names))
}

fn named_table(input: &mut Input, source: &Source, wanted: &str) -> Result<Named> {
    let tables = match input {
        Input::Workbook(book) => book.tables()?,
        Input::Text(_) | Input::Json => Vec::new(),
    };
    let known: Vec<String> = tables.iter().map(|table| format!("{} (sheet {})", table.name, table.sheet)).collect();
    tables.into_iter().find(|table| table.name.eq_ignore_ascii_case(wanted.trim())).ok_or_else(|| {
        let error = Error::usage(format!("the file has no table `{wanted}`")).at(source.place());
        if known.is_empty() {
            error.hint("only XLSX workbooks have named tables, and this has none; say where it is with --sheet or --range")
        } else {
            error.hint(format!("it has: {}", known.join(", ")))
        }
    })
}

/// The first cells of a row, to tell it by.
fn cells(row: &Row) -> Vec<String> {
    columns::headers(row).into_iter().filter(|cell| !cell.is_empty()).take(3).collect()
}

fn tied_sheets(source: &Source, tied: &[Looked]) -> Unclear {
    let mut error = Error::data(format!("{} sheets look like the table", tied.len())).at(source.place());
    for one in tied {
        let height = if one.height() == 1 { "1 row".to_owned() } else { format!("{} rows", one.height()) };
        error = error.detail(format!("sheet {}, {}, {height} below", one.name(), one.candidates[0].evidence()));
    }
    let (first, second) = (shell_word(tied[0].name()), shell_word(tied[1].name()));
    let error = error.hint(format!("name one with --sheet, such as --sheet {first}")).hint(format!(
        "or import them into one catalog: all with --all-sheets, or one after the other: --sheet {first}, then --sheet \
         {second} --mode upsert"
    ));
    let choices =
        tied.iter().map(|one| (one.name().to_owned(), String::new(), cells(&one.rows[one.candidates[0].index]))).collect();
    Unclear { about: About::Sheet, choices, error }
}

fn tied_rows(source: &Source, looked: &Looked, tied: &[&Candidate]) -> Unclear {
    let mut error =
        Error::data("several rows look like the header").at(Place { sheet: looked.sheet.clone(), ..source.place() });
    let tied = &tied[..tied.len().min(5)];
    for candidate in tied {
        error = error.detail(candidate.evidence());
    }
    let error = error
        .hint(format!("name it with --header-row, such as --header-row {}", tied[0].number))
        .hint("where each is the header of a table of its own, import them one by one with --range");
    let choices = tied.iter().map(|one| (one.number.to_string(), String::new(), cells(&looked.rows[one.index]))).collect();
    Unclear { about: About::HeaderRow, choices, error }
}

fn given_header(index: usize, row: &Row, rows: &[Row]) -> Candidate {
    let headers = columns::headers(row);
    Candidate {
        index,
        number: row.number,
        fields: headers.iter().filter_map(|header| columns::recognise(header)).map(|known| known.field).collect(),
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
                let fault = row.fault.map(|fault| format!(" ({})", fault.reason())).unwrap_or_default();
                format!("row {}{fault}: {}", row.number, cells.join(" | ").chars().take(160).collect::<String>())
            },
        );
        error = error.detail(match sheet {
            Some(sheet) => format!("sheet {sheet}, {text}"),
            None => text,
        });
    }
    let is_turned = |rows: &[Row]| {
        let known = rows.iter().filter_map(|row| columns::recognise(row.cell(0).text)).map(|known| known.field);
        known.collect::<std::collections::BTreeSet<_>>().len() >= 3
    };
    if found.iter().any(|looked| is_turned(&looked.rows)) {
        error =
            error.hint("the headers stand in the first column: turn the table with Paste Special, Transpose, and import that");
    }
    error.hint("say where it is with --header-row N, and what the columns are with --map name=COLUMN")
}

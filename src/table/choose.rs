//! Which sheet and which row: what the evidence says, or the user.

use super::decision::Decision;
use super::input::Input;
use super::named::Named;
use super::question::time_series;
use super::{About, Options, Range, Unclear};
use crate::domain::item::Field;
use crate::domain::number;
use crate::domain::text::counted;
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

    /// How many cells below the best header hold what is read as a number, as far as was looked.
    fn values(&self) -> usize {
        let Some(best) = self.candidates.first() else { return 0 };
        let headers = columns::headers(&self.rows[best.index]);
        let is_number = |header: &String| columns::recognise(header).is_some_and(|known| known.field.is_number());
        let numbers: Vec<usize> = (0..headers.len()).filter(|column| is_number(&headers[*column])).collect();
        let filled = |row: &Row| numbers.iter().filter(|column| !number::is_nothing(row.cell(**column).text)).count();
        self.rows[best.index + 1..].iter().map(filled).sum()
    }
}

pub(super) struct Choice {
    pub sheet: Option<String>,
    pub candidate: Candidate,
    pub rows: Vec<Row>,
    /// Why this sheet and this row.
    pub decisions: Vec<Decision>,
    pub sheets: Vec<String>,
    /// The part of the sheet that is read.
    pub range: Option<Range>,
}

pub(super) enum Chosen {
    Table(Box<Choice>),
    Unclear(Box<Unclear>),
}

/// Where the user says that the table is, as far as that is said.
pub(super) struct Places {
    /// The sheets, each with whether the user sees it; text has one without a name.
    pub sheets: Vec<(Option<String>, bool)>,
    pub names: Vec<String>,
    pub range: Option<Range>,
    pub header_row: Option<u64>,
}

pub(super) fn places(input: &mut Input, source: &Source, options: &Options) -> Result<Places> {
    let (sheets, names) = wanted_sheets(input, source, options)?;
    let Some(name) = &options.table else {
        return Ok(Places { sheets, names, range: options.range, header_row: options.header_row });
    };
    let table = named_table(input, source, name)?;
    let header_row = options.header_row.or(Some(table.range.rows.0));
    Ok(Places { sheets: vec![(Some(table.sheet), true)], names, range: Some(table.range), header_row })
}

pub(super) fn choose(input: &mut Input, source: &Source, options: &Options, given: &[(Field, String)]) -> Result<Chosen> {
    let Places { sheets, names, range, header_row } = places(input, source, options)?;
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
        if let Some(hint) = options.hints.header_row
            && let Some(position) = candidates.iter().position(|candidate| candidate.number == hint)
        {
            candidates = vec![candidates.swap_remove(position)];
        }
        found.push(Looked { sheet, visible, candidates, rows });
    }
    let mut hidden = Vec::new();
    if found.iter().any(|one| one.visible && !one.candidates.is_empty()) {
        let (visible, others) = found.into_iter().partition(|one| one.visible);
        (found, hidden) = (visible, others);
    }
    // The sort is stable: among equals the first sheet stays first.
    found.sort_by_key(|one| std::cmp::Reverse(layout::strength(&one.candidates)));
    let Some(first) = found.first().filter(|one| !one.candidates.is_empty()) else {
        for looked in found.iter().filter(|_| !options.as_catalog && header_row.is_none()) {
            if let Some((row, series)) = series::anywhere(&looked.rows) {
                let place = Place { sheet: looked.sheet.clone(), row: Some(row), ..source.place() };
                let header = looked.rows.iter().find(|one| one.number == row);
                let titles = header.map(columns::headers).unwrap_or_default();
                let name = titles.iter().find(|title| !title.is_empty()).map_or("A", String::as_str);
                let name = shell_word(format_args!("name={name}"));
                let as_catalog = format!("--as-catalog --header-row {row} --map {name}");
                return Err(time_series(&series, source, &place, (&as_catalog, None)));
            }
        }
        if header_row.is_none()
            && let Some((at, candidate)) = found.iter().enumerate().find_map(|(at, one)| Some((at, weak(&one.rows)?)))
        {
            let Looked { sheet, rows, .. } = found.swap_remove(at);
            let decisions = Vec::new();
            return Ok(Chosen::Table(Box::new(Choice { sheet, candidate, rows, decisions, sheets: names, range })));
        }
        return Err(no_header(source, options, &found));
    };
    let strength = layout::strength(&first.candidates);
    let equals = found.iter().take_while(|one| layout::strength(&one.candidates) == strength).count();
    if equals > 1 {
        return Ok(Chosen::Unclear(Box::new(tied_sheets(source, &found[..equals]))));
    }
    // A template is a poor table of metrics beside a sheet with more rows or values, whatever its headers are.
    let (height, values) = (first.height(), first.values());
    let is_fuller = |one: &Looked| {
        one.candidates.first().is_some_and(Candidate::has_name) && (one.height() > height || one.values() > values)
    };
    if first.candidates[0].has_name() && found[1..].iter().any(is_fuller) {
        let tied: Vec<Looked> =
            found.into_iter().enumerate().filter(|(at, one)| *at == 0 || is_fuller(one)).map(|(_, one)| one).collect();
        return Ok(Chosen::Unclear(Box::new(tied_sheets(source, &tied))));
    }
    if header_row.is_none() && layout::is_tie(&first.candidates) {
        return Ok(Chosen::Unclear(Box::new(tied_rows(source, first, &first.candidates.iter().collect::<Vec<_>>()))));
    }
    let tables = layout::stacked(&first.candidates, &first.rows);
    if header_row.is_none() && options.hints.header_row.is_none() && range.is_none() && !tables.is_empty() {
        return Ok(Chosen::Unclear(Box::new(tied_rows(source, first, &tables))));
    }
    let mut decisions = Vec::new();
    decisions.extend(sheet_decision(first, &found[1..], &hidden, options));
    decisions.push(header_decision(first, header_row));
    let Looked { sheet, mut candidates, rows, .. } = found.swap_remove(0);
    let candidate = candidates.swap_remove(0);
    Ok(Chosen::Table(Box::new(Choice { sheet, candidate, rows, decisions, sheets: names, range })))
}

/// A row of texts over rows with numbers that has no name and two other fields: a header whose columns are a question.
fn weak(rows: &[Row]) -> Option<Candidate> {
    let has_numbers = |row: &Row| row.cells().any(|cell| cell.text.trim().parse::<f64>().is_ok());
    rows.iter().take(20).enumerate().find_map(|(index, row)| {
        let headers = columns::headers(row);
        let fields: std::collections::BTreeSet<Field> =
            headers.iter().filter_map(|header| columns::recognise(header)).map(|known| known.field).collect();
        let width = headers.iter().filter(|header| !header.is_empty()).count();
        let is_header = fields.len() >= 2 && width >= 3 && !has_numbers(row) && rows[index + 1..].iter().any(has_numbers);
        let headers = headers.iter().map(|header| crate::domain::item::normalised(header)).collect();
        is_header.then_some(Candidate { index, number: row.number, fields, width, has_rows: true, headers })
    })
}

/// Why this sheet and no other.
fn sheet_decision(first: &Looked, others: &[Looked], hidden: &[Looked], options: &Options) -> Option<Decision> {
    let chosen = first.sheet.as_deref()?;
    if let Some(table) = &options.table {
        return Some(Decision::asked("sheet", chosen).over([]).option(format!("--table {}", shell_word(table))));
    }
    let shown = |one: &Looked, what: &str| Some(format!("{what}{} ({})", one.name(), one.candidates.first()?.evidence()));
    let visible = others.iter().filter_map(|one| shown(one, ""));
    let rivals: Vec<String> = visible.chain(hidden.iter().filter_map(|one| shown(one, "the hidden "))).collect();
    let decision = if options.sheet.is_some() {
        Decision::asked("sheet", chosen)
    } else if options.hints.sheet.as_deref() == Some(chosen) {
        Decision::certain("sheet", chosen, "the column map names it")
    } else if rivals.is_empty() {
        Decision::certain("sheet", chosen, "no other sheet has a header")
    } else {
        Decision::told("sheet", chosen, "cmf knows more of its headers")
    };
    Some(decision.over(rivals).option("--sheet"))
}

/// Why this row and no other.
fn header_decision(first: &Looked, given: Option<u64>) -> Decision {
    let candidate = &first.candidates[0];
    // A row of a metric has words that are headers elsewhere.
    let is_near =
        |other: &Candidate| other.has_name() == candidate.has_name() && other.fields.len() * 2 > candidate.fields.len();
    let is_rival = |other: &&Candidate| other.headers != candidate.headers && is_near(other);
    let others = first.candidates[1..].iter().filter(is_rival);
    let rivals: Vec<String> = others.map(Candidate::evidence).collect();
    let number = candidate.number.to_string();
    let decision = match given {
        Some(_) => Decision::asked("header_row", number),
        None if rivals.is_empty() && number == "1" => Decision::certain("header_row", number, candidate.known()),
        None => Decision::told("header_row", number, candidate.known()),
    };
    decision.over(rivals).option("--header-row")
}

/// The sheets of a workbook that hold a table of metrics, in its order, and what is told of the others. Exit 2 for a file that
/// is no workbook, 65 when it cannot be read or no sheet holds a table.
pub fn tables(source: &Source, options: &Options) -> Result<(Vec<String>, Vec<String>)> {
    let given: Vec<(Field, String)> = super::map_file::typed(options.given.iter().cloned())?;
    let (mut input, _) = Input::open(source, options)?.map_err(|unclear| unclear.error)?;
    let Input::Workbook(book) = &input else {
        let error = Error::usage(format!("--all-sheets is for workbooks, but this is {}", source.format.as_str()));
        return Err(error.at(source.place()).hint("leave out --all-sheets"));
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
            (true, false) => told.push(format!("sheet {sheet} not read: it is hidden")),
            (false, _) => {
                told.push(format!("sheet {sheet} not read: it has no header of a table of metrics"));
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
fn wanted_sheets(input: &Input, source: &Source, options: &Options) -> Result<(Vec<Visible>, Vec<String>)> {
    let Input::Workbook(book) = input else {
        return match &options.sheet {
            Some(_) => {
                Err(Error::usage("--sheet is for workbooks, but this is text").at(source.place()).hint("leave out --sheet"))
            }
            None => Ok((vec![(None, true)], Vec::new())),
        };
    };
    let mut sheets: Vec<Visible> = book.sheets.iter().map(|sheet| (Some(sheet.name.clone()), sheet.visible)).collect();
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    if let Some(wanted) = &options.sheet {
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
    } else if let Some(wanted) = &options.hints.sheet
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
        Input::Text(_) | Input::Json | Input::Samples(_) => Vec::new(),
    };
    let known: Vec<String> = tables.iter().map(|table| format!("{} (sheet {})", table.name, table.sheet)).collect();
    tables.into_iter().find(|table| table.name.eq_ignore_ascii_case(wanted.trim())).ok_or_else(|| {
        let error = Error::usage(format!("the file has no table `{wanted}`")).at(source.place());
        if known.is_empty() {
            error.hint("only XLSX workbooks have named tables, and this file has none; name the place with --sheet or --range")
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
        let (height, values) = (counted(one.height(), "row"), counted(one.values(), "value"));
        error = error.detail(format!("sheet {}, {}, {height} below, {values}", one.name(), one.candidates[0].evidence()));
    }
    let mut tied: Vec<&Looked> = tied.iter().collect();
    // The one with the most values is the likeliest; among equals the first.
    tied.sort_by_key(|one| std::cmp::Reverse((one.values(), one.height())));
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
        .hint(format!("name one with --header-row, such as --header-row {}", tied[0].number))
        .hint("if each is the header of its own table, import them one by one with --range");
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
        Some(row) => Error::data(format!("row {row} is empty or does not exist")).at(source.place()),
        None => Error::data("no row looks like the header of a metric table: is this the right file?").at(source.place()),
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
            error.hint("the headers are in the first column: turn the table with Paste Special, Transpose, and import that");
    }
    error.hint("name its row with --header-row N, and the columns with --map name=COLUMN")
}

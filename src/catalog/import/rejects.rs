//! Files of what was kept out, made to be mended and imported again.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Color, Format, Note, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value, json};

use crate::table::columns::letters;
use crate::table::layout::{self, Shape};
use crate::table::problem::{Problem, Skip};
use crate::table::row::{Cell, Kind, Row};
use crate::table::{Table, outline, unit_is_percent};
use crate::domain::item::{self, Field, normalised};
use crate::domain::number::{self, Mark};
use crate::domain::text::marked;
use crate::error::{Error, Exit, Result};
use crate::sheet::{self, JsonRows};

/// The columns that say what is wrong, after the sheet's own. [`layout::is_rejects`] knows the file by them.
const COLUMNS: [&str; 10] = [
    "reject_file",
    "reject_sheet",
    "reject_cell",
    "reject_row",
    "reject_record",
    "reject_header",
    "reject_value",
    "reject_code",
    "reject_reason",
    "reject_remedy",
];

fn by_row(problems: &[Problem]) -> BTreeMap<u64, Vec<&Problem>> {
    let mut rows: BTreeMap<u64, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        rows.entry(problem.row).or_default().push(problem);
    }
    rows
}

fn unwritable(error: &dyn std::fmt::Display) -> Error {
    Error::new(Exit::Output, format!("cannot write the rejects: {error}"))
}

/// The same of what they are written to.
fn full(error: impl Into<io::Error>) -> Error {
    Error::of_writing(error.into(), |error| unwritable(&error))
}

fn no_csv(error: csv::Error) -> Error {
    let told = unwritable(&error);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => full(error),
        _ => told,
    }
}

/// Who writes a rejected row: the row, the headers, what is wrong.
type Take<'a> = &'a mut dyn FnMut(&Row, &[String], &[&Problem]) -> Result<()>;

/// What the header of a column is called that the sheet does not have: its name says the function.
const FUNCTION: &str = "function";

/// Hands each rejected row with its problems to `take`. The rows that stood around it are not in the file, so it says itself
/// what they told of it.
fn rejected(table: &mut Table, problems: &[Problem], take: Take<'_>) -> Result<()> {
    let rows = by_row(problems);
    let mut headers = table.columns.headers.clone();
    let function = function_of_sheet(table);
    headers.extend(function.as_ref().map(|_| FUNCTION.to_owned()));
    let mut reader = table.spool.read()?;
    let mut above = BTreeMap::new();
    let (mut row, mut alone) = (Row::default(), Row::default());
    while reader.next(&mut row)? {
        if !matches!(layout::shape(&row, &table.columns), Shape::Skip(Skip::Blank | Skip::RepeatedHeader)) {
            outline::carry(table, &row, &mut above);
        }
        if let Some(problems) = rows.get(&row.number) {
            stand_alone(table, &row, &above, &mut alone);
            if let Some(function) = &function {
                alone.pad(headers.len() - 1);
                alone.push(Kind::Text, function);
            }
            take(&alone, &headers, problems)?;
        }
    }
    Ok(())
}

/// The function that the sheet's name says, where no column has codes.
fn function_of_sheet(table: &Table) -> Option<String> {
    let has_codes = table.columns.mapped.iter().any(|mapped| mapped.field.is_code());
    let is_taken = table.columns.headers.iter().any(|header| normalised(header) == FUNCTION);
    table.defaults.get(&Field::Function).filter(|_| !has_codes && !is_taken).cloned()
}

/// Copies a row so that it says the same without its neighbours: the codes of an outline are filled in, percentages have
/// their sign, and ranks of a scale of four are words.
fn stand_alone(table: &Table, row: &Row, above: &BTreeMap<Field, String>, alone: &mut Row) {
    alone.clear(row.number);
    let is_percent = unit_is_percent(row, &table.columns);
    for (column, cell) in row.cells().enumerate() {
        let field = table.columns.mapped.iter().find(|mapped| mapped.column == column).map(|mapped| mapped.field);
        let said = match field {
            Some(field) if number::is_nothing(cell.text) => above.get(&field).cloned(),
            Some(field) if field.is_number() && is_percent => percentage(table, field, cell),
            Some(Field::Priority) if table.worst_priority > 3 => {
                let is_rank = cell.text.trim().trim_start_matches(['P', 'p']).bytes().all(|byte| byte.is_ascii_digit());
                item::priority(cell.text, table.worst_priority).filter(|_| is_rank).map(|known| known.as_str().to_owned())
            }
            _ => None,
        };
        match said {
            Some(text) => alone.push(Kind::Text, &text),
            None => alone.push(cell.kind, cell.text),
        }
    }
}

/// A plain number of a percent metric with its sign.
fn percentage(table: &Table, field: Field, cell: Cell<'_>) -> Option<String> {
    let mark = table.marks.get(&field).copied().filter(|_| cell.kind == Kind::Text).unwrap_or(Mark::Point);
    if !matches!(cell.kind, Kind::Text | Kind::Number) {
        return None;
    }
    let value = number::parse(cell.text, mark).ok()?;
    let is_plain = !value.percent && !value.yes_no && value.upper.is_none() && value.operator.is_none() && value.unit.is_none();
    let hundred = if table.scale { Decimal::ONE_HUNDRED } else { Decimal::ONE };
    let number = value.exact.checked_mul(hundred).filter(|_| is_plain)?.normalize().to_string();
    Some(format!("{}%", if mark == Mark::Comma { number.replace('.', ",") } else { number }))
}

/// The rejected rows as CSV: the sheet's own columns, then what is wrong.
///
/// # Errors
/// Exit 73 when it cannot be written.
pub fn csv(out: &mut dyn Write, file: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    let mut all = table.columns.headers.clone();
    all.extend(function_of_sheet(table).map(|_| FUNCTION.to_owned()));
    let places: Vec<usize> = (0..all.len()).filter(|column| !COLUMNS.contains(&all[*column].as_str())).collect();
    let own: Vec<&String> = places.iter().map(|column| &all[*column]).collect();
    let headers = own.iter().map(|header| marked(header)).chain(COLUMNS.map(str::to_owned));
    writer.write_record(headers).map_err(no_csv)?;
    rejected(table, problems, &mut |row, _, problems| {
        let joined = |part: &dyn Fn(&Problem) -> String| {
            let parts: Vec<String> = problems.iter().map(|problem| part(problem)).collect();
            marked(&parts.join(" | "))
        };
        let mut record: Vec<String> = places.iter().map(|column| marked(&row.cell(*column).shown())).collect();
        record.push(marked(file));
        record.push(problems[0].sheet.as_deref().map(marked).unwrap_or_default());
        record.push(joined(&|problem| problem.cell().unwrap_or_default()));
        record.push(row.number.to_string());
        record.push(problems[0].record.map(|record| record.to_string()).unwrap_or_default());
        record.push(joined(&|problem| problem.header.clone().unwrap_or_default()));
        record.push(joined(&|problem| problem.value.clone()));
        record.push(joined(&|problem| problem.code.to_owned()));
        record.push(joined(&|problem| problem.reason.clone()));
        record.push(joined(&|problem| problem.remedy.clone()));
        writer.write_record(&record).map_err(no_csv)
    })?;
    writer.flush().map_err(full)
}

/// The rejected rows as JSON: each with its cells by header and its problems.
///
/// # Errors
/// Exit 73 when it cannot be written.
pub fn json(out: &mut dyn Write, file: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut rows = JsonRows::new(out);
    rejected(table, problems, &mut |row, headers, problems| {
        let mut cells = Map::new();
        for (column, header) in headers.iter().enumerate() {
            let cell = row.cell(column);
            let name = if header.is_empty() { letters(column) } else { header.clone() };
            let value = match cell.kind {
                Kind::Number => serde_json::from_str(cell.text).unwrap_or_else(|_| json!(cell.text)),
                _ => json!(cell.shown()),
            };
            cells.insert(name, value);
        }
        let problems: Vec<Value> = problems.iter().map(|problem| problem.to_json(file)).collect();
        rows.row(&json!({ "row": cells, "problems": problems })).map_err(full)
    })?;
    rows.finish().map_err(full)
}

/// The user's own sheet as a workbook, with the bad cells coloured and commented.
///
/// # Errors
/// Exit 73 when it cannot be made.
pub fn xlsx(out: &mut dyn Write, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut workbook = Workbook::new();
    fill(&mut workbook, table, problems)?;
    sheet::save(workbook, out)
}

/// How many rows decide how wide the columns are.
const MEASURED: usize = 200;

fn fill(workbook: &mut Workbook, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let wrong = |error: XlsxError| unwritable(&error);
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(wrong)?;
    // A name that Excel refuses is left to Excel's own numbering.
    if let Some(name) = &table.sheet {
        let _ = sheet.set_name(name);
    }
    let bold = Format::new().set_bold();
    let rows = by_row(problems);
    let is_sheet = table.sheet.is_some();
    // Text has lines, and a record can take several: its rows are counted.
    let mut next = 0_u64;
    let mut place = |number: u64| {
        next += 1;
        u32::try_from(if is_sheet { number - 1 } else { next - 1 }).map_err(|error| unwritable(&error))
    };
    for row in &table.above {
        let at = place(row.number)?;
        check_cells(at, row)?;
        write_row(sheet, at, row, None, &HashMap::new()).map_err(wrong)?;
    }
    let at = place(table.header_row)?;
    for (column, header) in table.columns.headers.iter().enumerate() {
        check(at, column, header)?;
    }
    for (column, header) in (0_u16..).zip(&table.columns.headers) {
        sheet.write_with_format(at, column, header.as_str(), &bold).map_err(wrong)?;
    }
    sheet.set_freeze_panes(at + 1, 0).map_err(wrong)?;
    let mut widths: Vec<usize> = table.columns.headers.iter().map(|header| header.chars().count()).collect();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let nothing = HashMap::new();
    let mut measured = 0;
    while reader.next(&mut row)? {
        let at = place(row.number)?;
        check_cells(at, &row)?;
        measured += 1;
        if measured <= MEASURED {
            for (width, cell) in widths.iter_mut().zip(row.cells()) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        let Some(problems) = rows.get(&row.number) else {
            write_row(sheet, at, &row, None, &nothing).map_err(wrong)?;
            continue;
        };
        let mut notes: HashMap<usize, String> = HashMap::new();
        for problem in problems {
            let note = notes.entry(problem.column.unwrap_or(0)).or_default();
            if !note.is_empty() {
                note.push('\n');
            }
            note.push_str(&format!("{}: {}", problem.reason, problem.remedy));
        }
        let bad = Format::new().set_background_color(Color::RGB(0x00FF_C7CE));
        write_row(sheet, at, &row, Some(&bad), &notes).map_err(wrong)?;
    }
    for (column, width) in (0_u16..).zip(widths) {
        sheet.set_column_width(column, u32::try_from(width.clamp(6, 58) + 2).unwrap_or(60)).map_err(wrong)?;
    }
    Ok(())
}

/// The longest remark at a cell; the CSV has all of it.
const NOTE: usize = 2_000;

/// The user mends this sheet and imports it again, so that nothing of it may be missing.
fn check_cells(at: u32, row: &Row) -> Result<()> {
    row.cells().enumerate().try_for_each(|(column, cell)| check(at, column, cell.text))
}

fn check(at: u32, column: usize, text: &str) -> Result<()> {
    let what = || format!("cell {}{}", letters(column), u64::from(at) + 1);
    sheet::check_cell(text, what).map_err(|error| error.hint("name them --rejects FILE.csv or FILE.json"))
}

fn write_row(
    sheet: &mut Worksheet,
    at: u32,
    row: &Row,
    bad: Option<&Format>,
    notes: &HashMap<usize, String>,
) -> Result<(), XlsxError> {
    for (column, cell) in row.cells().enumerate() {
        let place = u16::try_from(column).unwrap_or(u16::MAX);
        let format = bad.filter(|_| notes.contains_key(&column)).cloned().unwrap_or_default();
        write_cell(sheet, at, place, cell, format)?;
    }
    for (column, text) in notes {
        let place = u16::try_from(*column).unwrap_or(u16::MAX);
        if *column >= row.len()
            && let Some(bad) = bad
        {
            sheet.write_blank(at, place, bad)?;
        }
        let text: String = match text.char_indices().nth(NOTE) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.clone(),
        };
        sheet.insert_note(at, place, &Note::new(text).set_author("cmf").add_author_prefix(false))?;
    }
    Ok(())
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell<'_>, format: Format) -> Result<(), XlsxError> {
    let number = || cell.text.parse::<rust_decimal::Decimal>().ok().and_then(|number| number.to_f64());
    match cell.kind {
        Kind::Number => match number() {
            Some(number) => sheet.write_with_format(row, column, number, &format)?,
            None => sheet.write_string_with_format(row, column, cell.text, &format)?,
        },
        Kind::Percent => match number() {
            Some(number) => sheet.write_with_format(row, column, number, &format.set_num_format("0.##%"))?,
            None => sheet.write_string_with_format(row, column, cell.shown(), &format)?,
        },
        Kind::Bool => sheet.write_with_format(row, column, cell.text == "true", &format)?,
        Kind::Empty => sheet.write_blank(row, column, &format)?,
        // Never as a formula, whatever the text starts with.
        Kind::Text | Kind::Date | Kind::Error | Kind::Uncached => {
            sheet.write_string_with_format(row, column, cell.shown(), &format)?
        }
    };
    Ok(())
}

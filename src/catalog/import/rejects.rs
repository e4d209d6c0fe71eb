//! Files of what was kept out, made to be fixed and imported again.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::domain::item::{Field, normalised};
use crate::domain::number::{self, Mark};
use crate::error::{Error, Exit, Result};
use crate::files::{Existing, FileKind, NewFile};
use crate::sheet::marked::{self, Remarks};
use crate::sheet::{self, Book, Csv, JsonRows};
use crate::table::columns::letters;
use crate::table::format::Format;
use crate::table::layout::{self, Shape};
use crate::table::part_of;
use crate::table::problem::{Problem, Skip};
use crate::table::row::{Cell, Kind, Row};
use crate::table::source::Source;
use crate::table::{Table, outline, unit_is_percent};

/// The columns that say what is wrong, after the sheet's own. [`layout::is_rejects`] knows the file by them.
const COLUMNS: [&str; 10] = [
    "reject_file", "reject_sheet", "reject_cell", "reject_row", "reject_record", "reject_header", "reject_value",
    "reject_code", "reject_reason", "reject_remedy",
];

/// Writes the rejects. Exit 73 when the file cannot be written.
pub(super) fn write(
    (path, form, existing): &(PathBuf, FileKind, Existing),
    source: &Source,
    table: &mut Table,
    problems: &[Problem],
) -> Result<()> {
    let mut file = NewFile::create(path, *existing)?;
    match form {
        FileKind::Csv => csv(&mut file, &source.name, table, problems),
        FileKind::Json => json(&mut file, &source.name, table, problems),
        FileKind::Xlsx => xlsx(&mut file, source, table, problems),
    }?;
    file.keep().map(drop)
}

fn by_row(problems: &[Problem]) -> BTreeMap<u64, Vec<&Problem>> {
    let mut rows: BTreeMap<u64, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        rows.entry(problem.row).or_default().push(problem);
    }
    rows
}

fn full(error: io::Error) -> Error {
    Error::of_writing(error, |error| Error::new(Exit::Output, format!("cannot write the rejects: {error}")))
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
            let refused: Vec<usize> = problems.iter().filter_map(|problem| problem.column).collect();
            stand_alone(table, &row, &above, &refused, &mut alone);
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
/// their sign, and a scale of more priorities than cmf has is in its words. What was refused is as it was: nobody knows what it means.
fn stand_alone(table: &Table, row: &Row, above: &BTreeMap<Field, String>, refused: &[usize], alone: &mut Row) {
    alone.clear(row.number);
    let is_percent = unit_is_percent(row, &table.columns);
    for (column, cell) in row.cells().enumerate() {
        let mut read = table.columns.mapped.iter().chain(table.columns.numbers());
        let field = read.find(|mapped| mapped.column == column).map(|mapped| mapped.field);
        let is_refused = refused.contains(&column);
        let said = match field {
            Some(field) if number::is_nothing(cell.text) => above.get(&field).cloned(),
            Some(field) if field.is_number() && is_percent && !is_refused => percentage(table, field, cell),
            Some(Field::Priority) if !is_refused => {
                table.values.get(&Field::Priority).and_then(|values| values.get(&normalised(&cell.shown()))).cloned()
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

/// The rejected rows as CSV: the sheet's own columns, then what is wrong. Exit 73 when it cannot be written.
fn csv(out: &mut dyn Write, file: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut sheet = Csv::new(out);
    let mut headers = table.columns.headers.clone();
    headers.extend(function_of_sheet(table).map(|_| FUNCTION.to_owned()));
    let places: Vec<usize> = (0..headers.len()).filter(|column| !COLUMNS.contains(&headers[*column].as_str())).collect();
    let own = places.iter().map(|column| headers[*column].as_str());
    sheet.row(own.chain(COLUMNS).map(sheet::Value::from))?;
    rejected(table, problems, &mut |row, _, problems| {
        let joined =
            |part: &dyn Fn(&Problem) -> String| problems.iter().map(|problem| part(problem)).collect::<Vec<_>>().join(" | ");
        let wrong = [
            file.to_owned(),
            problems[0].sheet.clone().unwrap_or_default(),
            joined(&|problem| problem.cell().unwrap_or_default()),
            row.number.to_string(),
            problems[0].record.map(|record| record.to_string()).unwrap_or_default(),
            joined(&|problem| problem.header.clone().unwrap_or_default()),
            joined(&|problem| problem.value.clone()),
            joined(&|problem| problem.code.to_owned()),
            joined(&|problem| problem.reason.clone()),
            joined(&|problem| problem.remedy.clone()),
        ];
        sheet.row(places.iter().map(|column| row.cell(*column).shown()).chain(wrong).map(sheet::Value::from))
    })?;
    sheet.finish()
}

/// The rejected rows as JSON: each with its cells by header and its problems. Exit 73 when it cannot be written.
fn json(out: &mut dyn Write, file: &str, table: &mut Table, problems: &[Problem]) -> Result<()> {
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

/// What is said at each bad cell.
fn remarks(problems: &[Problem]) -> Remarks {
    let mut remarks = Remarks::new();
    for problem in problems {
        let remark = remarks.entry((problem.row, problem.column.unwrap_or(0))).or_default();
        if !remark.is_empty() {
            remark.push('\n');
        }
        remark.push_str(&format!("{}: {}", problem.reason, problem.remedy));
    }
    remarks
}

/// The user's own workbook, with the bad cells coloured and commented; where that cannot be added to it, its sheet alone. Exit 73
/// when it cannot be made.
fn xlsx(out: &mut dyn Write, source: &Source, table: &mut Table, problems: &[Problem]) -> Result<()> {
    let mut remarks = remarks(problems);
    if let (Format::Xlsx, Some(sheet)) = (source.format, &table.sheet)
        && let Some(part) = part_of(source, sheet)?
        && marked::copy(source.reader()?, &part, &remarks, out)?
    {
        return Ok(());
    }
    let mut book = Book::new("name them --rejects FILE.csv or FILE.json");
    book.sheet(table.sheet.as_deref().unwrap_or_default(), &[])?;
    for row in &table.above {
        go_to(&mut book, table, row.number)?;
        book.row(&values(row))?;
    }
    go_to(&mut book, table, table.header_row)?;
    book.head(&table.columns.headers)?;
    let mut widths: Vec<usize> = table.columns.headers.iter().map(|header| header.chars().count()).collect();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    let mut measured = 0;
    while reader.next(&mut row)? {
        go_to(&mut book, table, row.number)?;
        measured += 1;
        if measured <= MEASURED {
            for (width, cell) in widths.iter_mut().zip(row.cells()) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        let later = remarks.split_off(&(row.number + 1, 0));
        let own = std::mem::replace(&mut remarks, later);
        let own = own.into_iter().filter(|((number, _), _)| *number == row.number);
        book.remarked(&values(&row), &own.map(|((_, column), remark)| (column, remark)).collect())?;
    }
    book.widths(widths.into_iter().map(|width| u32::try_from(width.clamp(6, 58) + 2).unwrap_or(60)))?;
    book.save(out)
}

/// How many rows decide how wide the columns are.
const MEASURED: usize = 200;

/// A row of a sheet keeps its place. Text has lines, and a record can take several: its rows are counted.
fn go_to(book: &mut Book, table: &Table, number: u64) -> Result<()> {
    if table.sheet.is_some() {
        let row = u32::try_from(number - 1);
        book.skip_to(row.map_err(|error| Error::new(Exit::Output, format!("cannot write the workbook: {error}")))?);
    }
    Ok(())
}

fn values(row: &Row) -> Vec<sheet::Value> {
    let number = |cell: &Cell<'_>| cell.text.parse::<Decimal>().ok();
    row.cells()
        .map(|cell| {
            match cell.kind {
                Kind::Number => number(&cell).map(sheet::Value::from),
                Kind::Percent => {
                    number(&cell).and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED)).map(sheet::Value::Percent)
                }
                Kind::Bool => Some(sheet::Value::Bool(cell.text == "true")),
                _ => None,
            }
            .unwrap_or_else(|| cell.shown().into())
        })
        .collect()
}

//! Spreadsheets: CSV, and XLSX workbooks that spreadsheet programs open without a question.

use std::io::Write;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use crate::domain::framework::Framework;
use crate::domain::metric::{Direction, Priority};
use crate::domain::text::marked;
use crate::error::{Error, Exit, Result};
use crate::sheet::{beginning, broken, check_cell, check_framework, save};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// Text, which no program takes for a formula.
    Text(String),
    /// A number; it stays one.
    Number(Decimal),
    /// A number of percent, such as 0.5 for 0.5 %, written so that nobody takes it for a share of one.
    Percent(Decimal),
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Value::Empty, |text| Value::Text(text.to_owned()))
    }
}

impl From<Option<Decimal>> for Value {
    fn from(number: Option<Decimal>) -> Self {
        number.map_or(Value::Empty, |number| Value::Number(number.normalize()))
    }
}

/// A sheet that is written row by row, all with as many cells as there are headers: in memory is one row.
pub struct CsvSheet<W: Write>(csv::Writer<W>);

impl<W: Write> CsvSheet<W> {
    /// Begins CSV in UTF-8: commas, quotes where needed, formulas neutralised.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, headers: &[String]) -> Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(headers.iter().map(|header| marked(header))).map_err(no_csv)?;
        Ok(CsvSheet(writer))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it has more or fewer cells than there are headers, or cannot be written.
    pub fn row(&mut self, cells: &[Value]) -> Result<()> {
        let cells = cells.iter().map(|cell| match cell {
            Value::Empty => String::new(),
            Value::Text(text) => marked(text),
            Value::Number(number) => number.to_string(),
            Value::Percent(number) => format!("{number}%"),
        });
        self.0.write_record(cells).map_err(no_csv)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.0.flush().map_err(|error| no_csv(error.into()))
    }
}

fn no_csv(error: csv::Error) -> Error {
    let message = format!("cannot write CSV: {error}");
    let cannot = || Error::new(Exit::Output, message);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::of_writing(error, |_| cannot()),
        _ => cannot(),
    }
}

/// A workbook of one sheet that is written row by row, into a temporary file until it is complete.
pub struct XlsxSheet {
    workbook: Workbook,
    headers: Vec<String>,
    rows: u32,
}

impl XlsxSheet {
    /// Begins a workbook whose sheet has this name.
    ///
    /// # Errors
    /// When the sheet cannot be called so.
    pub fn new(name: &str, headers: &[String]) -> Result<Self> {
        for (number, header) in (1..).zip(headers) {
            check_cell(header, || format!("the header of column {number}")).map_err(elsewhere)?;
        }
        let mut workbook = Workbook::new();
        let begun = workbook.add_worksheet_with_constant_memory().and_then(|sheet| begin(sheet, name, headers));
        begun.map_err(|error| broken(&error))?;
        Ok(XlsxSheet { workbook, headers: headers.to_owned(), rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When there are more rows or columns, or longer texts, than a workbook can hold.
    pub fn row(&mut self, cells: &[Value]) -> Result<()> {
        self.rows += 1;
        self.check_cells(cells)?;
        let sheet = self.workbook.worksheet_from_index(0);
        sheet.and_then(|sheet| write_row(sheet, self.rows, cells)).map_err(|error| broken(&error))
    }

    fn check_cells(&self, cells: &[Value]) -> Result<()> {
        let named = self.headers.iter().position(|header| header == "name").and_then(|column| cells.get(column));
        for (header, value) in self.headers.iter().zip(cells) {
            let Value::Text(text) = value else { continue };
            let what = || match named {
                Some(Value::Text(name)) => format!("{} of `{}`", beginning(header), beginning(name)),
                _ => format!("{} of row {}", beginning(header), self.rows + 1),
            };
            check_cell(text, what).map_err(elsewhere)?;
        }
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// When it cannot be made, or `out` cannot be written.
    pub fn finish(self, out: &mut impl Write) -> Result<()> {
        save(self.workbook, out)
    }
}

/// What to do about a text that is too long for a workbook.
fn elsewhere(error: Error) -> Error {
    error.hint("write CSV or JSON instead, or shorten the text")
}

/// Writes the header of a sheet.
fn begin<H: AsRef<str>>(sheet: &mut Worksheet, name: &str, headers: &[H]) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, header) in (0_u16..).zip(headers) {
        sheet.set_column_width(column, width(header.as_ref()))?;
        sheet.write_string_with_format(0, column, header.as_ref(), &head())?;
    }
    Ok(())
}

/// Writes a row of a sheet. A cell of text is never run.
fn write_row(sheet: &mut Worksheet, row: u32, cells: &[Value]) -> Result<(), XlsxError> {
    for (column, cell) in (0_u16..).zip(cells) {
        match cell {
            Value::Empty => {}
            Value::Text(content) if marked(content) == *content => {
                sheet.write_string(row, column, content)?;
            }
            Value::Text(content) => {
                // The mark keeps it text when somebody edits it.
                sheet.write_string_with_format(row, column, content, &Format::new().set_quote_prefix())?;
            }
            Value::Number(number) => {
                sheet.write_number(row, column, number.to_f64().unwrap_or_default())?;
            }
            Value::Percent(number) => {
                let share = (*number / Decimal::ONE_HUNDRED).to_f64().unwrap_or_default();
                sheet.write_number_with_format(row, column, share, &Format::new().set_num_format("0.####%"))?;
            }
        }
    }
    Ok(())
}

fn head() -> Format {
    Format::new().set_bold().set_background_color(Color::RGB(0x00DD_E6F0)).set_border_bottom(FormatBorder::Thin)
}

fn width(header: &str) -> f64 {
    match header.to_lowercase().replace([' ', '_'], "").as_str() {
        "description" | "formula" => 50.0,
        "name" | "metricname" => 36.0,
        "direction" | "subcategory" => 18.0,
        _ => 13.0,
    }
}

/// The rows below the header that drop-downs cover.
const ROOM: u32 = 2000;

/// An empty sheet to fill in: headers, drop-downs for what has fixed words or codes, and, unless unwanted, one example for
/// each direction. A second sheet lists the framework's codes with their names.
///
/// # Errors
/// When the workbook cannot be made.
pub fn template(framework: &Framework, short_name: &str, with_examples: bool) -> Result<Vec<u8>> {
    check_framework(framework)?;
    let rows = if with_examples { examples(framework) } else { Vec::new() };
    let mut workbook = Workbook::new();
    filled(&mut workbook, &rows, framework, short_name).and_then(|()| workbook.save_to_buffer()).map_err(|error| broken(&error))
}

/// The headers of the template.
const TEMPLATE: [&str; 16] = [
    "Metric Number",
    "Name",
    "Description",
    "Function",
    "Category",
    "Subcategory",
    "Direction",
    "Target Value",
    "Target Lower",
    "Target Upper",
    "Unit",
    "Current Value",
    "Priority",
    "Owner",
    "Frequency",
    "Formula",
];

struct Example {
    /// The code of CSF 2.0 that it is about.
    subcategory: &'static str,
    name: &'static str,
    description: &'static str,
    direction: Direction,
    target: Option<i64>,
    bounds: Option<(i64, i64)>,
    unit: &'static str,
    current: i64,
    priority: Priority,
    frequency: &'static str,
    formula: &'static str,
}

const EXAMPLES: [Example; 4] = [
    Example {
        name: "Accounts with a second factor",
        subcategory: "PR.AA-03",
        description: "Share of user accounts that need a second factor.",
        direction: Direction::HigherIsBetter,
        target: Some(95),
        bounds: None,
        unit: "%",
        current: 88,
        priority: Priority::High,
        frequency: "monthly",
        formula: "accounts with a second factor / all accounts * 100",
    },
    Example {
        name: "Days to close critical findings",
        subcategory: "ID.RA-06",
        description: "Median days from report to repair.",
        direction: Direction::LowerIsBetter,
        target: Some(14),
        bounds: None,
        unit: "days",
        current: 21,
        priority: Priority::High,
        frequency: "monthly",
        formula: "median of closed minus reported",
    },
    Example {
        name: "Storage used for logs",
        subcategory: "PR.IR-04",
        description: "Share of the storage for logs that is in use.",
        direction: Direction::TargetRange,
        target: None,
        bounds: Some((40, 80)),
        unit: "%",
        current: 63,
        priority: Priority::Low,
        frequency: "weekly",
        formula: "used space / space * 100",
    },
    Example {
        name: "Recovery plan tested this year",
        subcategory: "ID.IM-02",
        description: "1 when the plan was tested in the last twelve months, else 0.",
        direction: Direction::Binary,
        target: Some(1),
        bounds: None,
        unit: "yes/no",
        current: 1,
        priority: Priority::Medium,
        frequency: "annually",
        formula: "",
    },
];

/// One example for each direction, at the code that it is about, or, in a framework that has no such code, at places spread
/// over the framework.
fn examples(framework: &Framework) -> Vec<Vec<Value>> {
    let places: Vec<(&str, &str, &str)> = framework
        .functions
        .iter()
        .flat_map(|function| function.categories.iter().map(move |category| (function, category)))
        .filter_map(|(function, category)| {
            let subcategory = category.subcategories.first()?;
            Some((function.code.as_str(), category.code.as_str(), subcategory.code.as_str()))
        })
        .collect();
    let number = |value: Option<i64>| Value::from(value.map(Decimal::from));
    let step = (places.len() / EXAMPLES.len()).max(1);
    let rows = EXAMPLES.iter().enumerate().map(|(count, example)| {
        let at_its_code = framework.functions.iter().find_map(|function| {
            let category = function.categories.iter().find(|category| {
                category.subcategories.iter().any(|subcategory| subcategory.code.as_str() == example.subcategory)
            })?;
            Some((function.code.as_str(), category.code.as_str(), example.subcategory))
        });
        let (function, category, subcategory) = at_its_code.or_else(|| places.get(count * step).copied()).unwrap_or_default();
        vec![
            Value::Text(format!("EX-{:03}", count + 1)),
            Value::from(Some(example.name)),
            Value::from(Some(example.description)),
            Value::from(Some(function)),
            Value::from(Some(category)),
            Value::from(Some(subcategory)),
            Value::from(Some(example.direction.as_str())),
            number(example.target),
            number(example.bounds.map(|bounds| bounds.0)),
            number(example.bounds.map(|bounds| bounds.1)),
            Value::from(Some(example.unit)),
            number(Some(example.current)),
            Value::from(Some(example.priority.as_str())),
            Value::from(Some("Security operations")),
            Value::from(Some(example.frequency)),
            Value::from(Some(example.formula)),
        ]
    });
    rows.collect()
}

fn filled(workbook: &mut Workbook, rows: &[Vec<Value>], framework: &Framework, short_name: &str) -> Result<(), XlsxError> {
    let metrics = workbook.add_worksheet();
    begin(metrics, "Metrics", &TEMPLATE)?;
    for (row, cells) in (1_u32..).zip(rows) {
        write_row(metrics, row, cells)?;
    }
    let functions = framework.functions.len();
    let categories: usize = framework.functions.iter().map(|function| function.categories.len()).sum();
    let subcategories: usize =
        framework.functions.iter().flat_map(|function| &function.categories).map(|category| category.subcategories.len()).sum();
    let words = |words: &[&str], what: &str| -> Result<DataValidation, XlsxError> {
        DataValidation::new()
            .allow_list_strings(words)?
            .set_error_title(what)?
            .set_error_message(format!("One of: {}", words.join(", ")))
    };
    // Several codes may stand in one cell, so a drop-down of codes helps and does not insist.
    let codes = |column: char, count: usize| {
        DataValidation::new()
            .allow_list_formula(Formula::new(format!("=Codes!${column}$2:${column}${}", count + 1)))
            .set_error_style(DataValidationErrorStyle::Information)
            .show_error_message(false)
    };
    let number = DataValidation::new()
        .allow_decimal_number(rust_xlsxwriter::DataValidationRule::Between(-99_999_999_999.0, 99_999_999_999.0))
        .set_error_title("A number")?
        .set_error_message("Write one number; for a range, use Target Lower and Target Upper.")?;
    for (column, header) in (0_u16..).zip(&TEMPLATE) {
        let validation = match *header {
            "Direction" => words(&Direction::ALL.map(Direction::as_str), "Direction")?,
            "Priority" => words(&Priority::ALL.map(Priority::as_str), "Priority")?,
            "Function" => codes('A', functions),
            "Category" => codes('C', categories),
            "Subcategory" => codes('E', subcategories),
            "Target Value" | "Target Lower" | "Target Upper" | "Current Value" => number.clone(),
            _ => continue,
        };
        metrics.add_data_validation(1, column, ROOM, column, &validation)?;
    }
    let list = workbook.add_worksheet();
    list.set_name("Codes")?;
    let columns: [(u16, String); 6] = [
        (0, format!("{short_name} functions")),
        (1, "what they are called".to_owned()),
        (2, format!("{short_name} categories")),
        (3, "what they are called".to_owned()),
        (4, format!("{short_name} subcategories")),
        (5, "what they ask for".to_owned()),
    ];
    for (column, header) in &columns {
        list.write_string_with_format(0, *column, header, &head())?;
        list.set_column_width(*column, if column % 2 == 0 { 24.0 } else { 44.0 })?;
    }
    let write = |list: &mut Worksheet, row: u32, column: u16, code: &str, text: &str| {
        list.write_string(row, column, code)?;
        list.write_string(row, column + 1, text)?;
        Ok::<_, XlsxError>(())
    };
    let (mut category_row, mut subcategory_row) = (0, 0);
    for (row, function) in (1_u32..).zip(&framework.functions) {
        write(list, row, 0, &function.code, &function.name)?;
        for category in &function.categories {
            category_row += 1;
            write(list, category_row, 2, &category.code, &category.name)?;
            for subcategory in &category.subcategories {
                subcategory_row += 1;
                write(list, subcategory_row, 4, &subcategory.code, &subcategory.description)?;
            }
        }
    }
    list.set_freeze_panes(1, 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::framework::Function;

    #[test]
    fn a_workbook_that_would_lack_a_part_of_a_text_is_not_made() {
        let long = "x".repeat(40_000);
        let said = |error: Error| error.to_text();
        let header = XlsxSheet::new("Metrics", &["name".to_owned(), long.clone()]).err().map(said).unwrap();
        assert!(header.contains("the header of column 2 has 40000 characters, and a cell can hold 32767"), "{header}");
        let mut sheet = XlsxSheet::new("Metrics", &["unit".to_owned()]).unwrap();
        let cell = said(sheet.row(&[Value::Text(long.clone())]).unwrap_err());
        assert!(cell.contains("unit of row 2 has 40000 characters"), "{cell}");
        let function =
            Function { code: "PR".to_owned(), name: "Protect".to_owned(), description: Some(long), categories: Vec::new() };
        let framework =
            Framework { name: "F".to_owned(), version: "1".to_owned(), description: None, functions: vec![function] };
        let template = said(template(&framework, "f-1", false).unwrap_err());
        assert!(template.contains("the description of PR has 40000 characters"), "{template}");
    }

    #[test]
    fn formulas_are_text_in_csv_and_numbers_stay_numbers() {
        let rows = [
            [Value::Text("=1+1".into()), Value::Number(Decimal::from(-5))],
            [Value::Text("'=x".into()), Value::Percent(Decimal::new(5, 1))],
            [Value::Text("it's".into()), Value::Empty],
        ];
        let mut bytes = Vec::new();
        let mut sheet = CsvSheet::new(&mut bytes, &["name".to_owned(), "target_value".to_owned()]).unwrap();
        for row in &rows {
            sheet.row(row).unwrap();
        }
        sheet.finish().unwrap();
        let csv = String::from_utf8(bytes).unwrap();
        assert_eq!(csv, "name,target_value\n'=1+1,-5\n''=x,0.5%\nit's,\n");
    }
}

//! Workbooks that spreadsheet programs open without a question. They are made in a temporary file, a row at a time.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Seek, Write};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    ChartType, Color, DataValidation, DataValidationErrorStyle, DataValidationRule, Format, FormatBorder, Formula, Note,
    Workbook, Worksheet, XlsxError, utility::column_number_to_name,
};

use super::Value;
use crate::domain::text::marked;
use crate::error::{Error, Exit, Result, beginning};

/// The most characters of a cell, in every spreadsheet program. They count as UTF-16 does: most characters are one, emoji are two.
const LONGEST: usize = 32_767;

/// The longest remark at a cell.
const REMARK: usize = 2_000;

/// How much of a name an error repeats.
const NAME: usize = 100;

/// A workbook while it is written. Each sheet is begun when the one before it is complete.
pub(crate) struct Book {
    workbook: Workbook,
    /// What to do where a workbook cannot hold the rows.
    otherwise: &'static str,
    sheets: usize,
    /// The row that is written next.
    next: u32,
    headers: Vec<String>,
    /// The columns that name a row.
    names: &'static [usize],
    wrapped: Option<usize>,
}

/// A drawing of two columns of a sheet, at a cell of the current sheet. Rows, columns and cells count from 0.
pub(crate) struct Chart<'a> {
    pub title: &'a str,
    pub sheet: &'a str,
    /// The first and the last row.
    pub rows: (usize, usize),
    /// The column of the names, and that of the scores.
    pub columns: (u16, u16),
    /// The row and the column of its corner.
    pub at: (u32, u16),
    pub is_line: bool,
}

/// What may stand in a column.
pub(crate) enum Choices<'a> {
    Words(&'a [&'a str]),
    /// One of so many codes below the header of this column of another sheet, or several in one cell.
    Column(&'a str, char, usize),
    /// A number; else this is said.
    Number(&'a str),
}

impl Book {
    /// An empty workbook. `otherwise` is the hint of an error: what to do where a workbook cannot hold the rows.
    pub(crate) fn new(otherwise: &'static str) -> Self {
        Book { workbook: Workbook::new(), otherwise, sheets: 0, next: 0, headers: Vec::new(), names: &[], wrapped: None }
    }

    /// Begins the next sheet. A name that no sheet can have is left to the programs' own numbering. An error names a row by what
    /// is in these columns. Fails when it cannot be made.
    pub(crate) fn sheet(&mut self, name: &str, names: &'static [usize]) -> Result<()> {
        let begun = self.workbook.add_worksheet_with_constant_memory().map(|sheet| drop(sheet.set_name(name)));
        begun.map_err(|error| self.broken(&error))?;
        self.sheets += 1;
        *self =
            Book { next: 0, headers: Vec::new(), names, wrapped: None, ..std::mem::replace(self, Book::new(self.otherwise)) };
        Ok(())
    }

    fn draw(&mut self, what: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Result<()> {
        let last = self.sheets.saturating_sub(1);
        self.workbook.worksheet_from_index(last).and_then(what).map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &XlsxError) -> Error {
        Error::new(Exit::Output, format!("cannot write the workbook: {error}")).hint(self.otherwise)
    }

    /// Writes the header in the next row; it and what is above stay in sight.
    pub(crate) fn head<H: AsRef<str>>(&mut self, headers: &[H]) -> Result<()> {
        let at = self.next;
        self.next += 1;
        for (column, header) in headers.iter().enumerate() {
            self.check(at, column, header.as_ref(), &[])?;
        }
        self.headers = headers.iter().map(|header| header.as_ref().to_owned()).collect();
        self.draw(|sheet| {
            sheet.set_freeze_panes(at + 1, 0)?;
            let head =
                Format::new().set_bold().set_background_color(Color::RGB(0x00DD_E6F0)).set_border_bottom(FormatBorder::Thin);
            for (column, header) in (0_u16..).zip(headers) {
                sheet.set_column_width(column, width(header.as_ref()))?;
                sheet.write_string_with_format(at, column, header.as_ref(), &head)?;
            }
            Ok(())
        })
    }

    /// Says how wide the columns are. Fails when they cannot be.
    pub(crate) fn widths(&mut self, widths: impl IntoIterator<Item = u32>) -> Result<()> {
        self.draw(|sheet| (0_u16..).zip(widths).try_for_each(|(column, width)| sheet.set_column_width(column, width).map(drop)))
    }

    /// Hides a column. Fails when there is no such column.
    pub(crate) fn hide(&mut self, column: u16) -> Result<()> {
        self.draw(|sheet| sheet.set_column_hidden(column).map(drop))
    }

    /// Breaks the texts of a column where they are wider than it, from the next row on.
    pub(crate) fn wrap(&mut self, column: usize) {
        self.wrapped = Some(column);
    }

    /// Continues at this row, counted from 0; rows between stay empty.
    pub(crate) fn skip_to(&mut self, row: u32) {
        self.next = row;
    }

    /// Adds a row. Exit 73 when there are more rows or columns, or longer texts, than a workbook can hold.
    pub(crate) fn row(&mut self, cells: &[Value]) -> Result<()> {
        self.remarked(cells, &BTreeMap::new())
    }

    /// Adds a row of which some cells, by their column, are coloured and have a remark.
    pub(crate) fn remarked(&mut self, cells: &[Value], remarks: &BTreeMap<usize, String>) -> Result<()> {
        let (at, wrapped) = (self.next, self.wrapped);
        self.next += 1;
        for (column, cell) in cells.iter().enumerate() {
            if let Value::Text(text) | Value::Plain(text) = cell {
                self.check(at, column, text, cells)?;
            }
        }
        let empty = remarks.keys().filter(|column| **column >= cells.len()).map(|column| (*column, &Value::Empty));
        self.draw(|sheet| {
            for (column, cell) in cells.iter().enumerate().chain(empty) {
                let mut format = Format::new();
                if remarks.contains_key(&column) {
                    format = format.set_background_color(Color::RGB(0x00FF_C7CE));
                }
                if wrapped == Some(column) {
                    format = format.set_text_wrap();
                }
                write(sheet, at, column, cell, format)?;
            }
            for (column, remark) in remarks {
                let text =
                    remark.char_indices().nth(REMARK).map_or_else(|| remark.clone(), |(end, _)| format!("{}…", &remark[..end]));
                let note = Note::new(text).set_author("cmf").add_author_prefix(false);
                sheet.insert_note(at, place(*column), &note)?;
            }
            Ok(())
        })
    }

    /// Refuses a text that a cell cannot hold: a workbook has all of a text, or is not written.
    fn check(&self, at: u32, column: usize, text: &str, row: &[Value]) -> Result<()> {
        // It never has more units than bytes.
        let count = if text.len() <= LONGEST { 0 } else { text.encode_utf16().count() };
        if count <= LONGEST {
            return Ok(());
        }
        let named: Vec<&str> = self
            .names
            .iter()
            .filter_map(|column| match row.get(*column) {
                Some(Value::Text(name)) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let what = match self.headers.get(column) {
            Some(header) if !named.is_empty() => {
                format!("{} of `{}`", beginning(header, NAME), beginning(&named.join(" "), NAME))
            }
            _ => format!("cell {}{}", column_number_to_name(place(column)), at + 1),
        };
        let message = format!("cannot write the workbook: {what} has {count} characters, and a cell can hold {LONGEST}");
        Err(Error::new(Exit::Output, message).hint(self.otherwise))
    }

    /// Offers what may stand in a column, in so many rows below the header. Fails when the choices are too many.
    pub(crate) fn choices(&mut self, column: u16, rows: u32, choices: &Choices<'_>) -> Result<()> {
        let title = self.headers.get(usize::from(column)).cloned().unwrap_or_default();
        self.draw(|sheet| {
            let validation = match choices {
                Choices::Words(words) => DataValidation::new()
                    .allow_list_strings(words)?
                    .set_error_title(title)?
                    .set_error_message(format!("One of: {}", words.join(", ")))?,
                // A cell may hold several codes, so the drop-down helps and does not insist.
                Choices::Column(sheet, column, count) => DataValidation::new()
                    .allow_list_formula(Formula::new(format!("={sheet}!${column}$2:${column}${}", count + 1)))
                    .set_error_style(DataValidationErrorStyle::Information)
                    .show_error_message(false),
                Choices::Number(message) => DataValidation::new()
                    .allow_decimal_number(DataValidationRule::Between(-99_999_999_999.0, 99_999_999_999.0))
                    .set_error_title("A number")?
                    .set_error_message(*message)?,
            };
            if rows > 0 {
                sheet.add_data_validation(1, column, rows, column, &validation)?;
            }
            Ok(())
        })
    }

    /// Draws scores, from 0 to 100, with the program's own charts. Fails when the rows are too many.
    pub(crate) fn chart(&mut self, chart: &Chart<'_>) -> Result<()> {
        let row = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
        let (rows, (names, scores)) = ((row(chart.rows.0), row(chart.rows.1)), chart.columns);
        self.draw(|sheet| {
            let kind = if chart.is_line { ChartType::Line } else { ChartType::Column };
            let mut drawn = rust_xlsxwriter::Chart::new(kind);
            drawn
                .add_series()
                .set_categories((chart.sheet, rows.0, names, rows.1, names))
                .set_values((chart.sheet, rows.0, scores, rows.1, scores));
            drawn.title().set_name(chart.title);
            drawn.legend().set_hidden();
            drawn.y_axis().set_min(0).set_max(100);
            sheet.insert_chart(chart.at.0, chart.at.1, &drawn).map(drop)
        })
    }

    /// Writes the workbook. Exit 73 when it cannot be made, or `out` cannot be written.
    pub(crate) fn save(mut self, out: &mut dyn Write) -> Result<()> {
        let no_room = |error: io::Error| Error::new(Exit::Output, format!("cannot write the workbook: {error}"));
        let mut file = tempfile::tempfile().map_err(no_room)?;
        self.workbook.save_to_writer(BufWriter::new(&mut file)).map_err(|error| self.broken(&error))?;
        file.rewind().map_err(no_room)?;
        io::copy(&mut file, out).map_err(|error| Error::of_writing(error, no_room))?;
        Ok(())
    }
}

/// A column as a workbook counts; one beyond all that it can hold is refused by it.
fn place(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Writes a cell. Text is never run, whatever it starts with; a mark keeps it text when somebody edits it.
fn write(sheet: &mut Worksheet, row: u32, column: usize, cell: &Value, format: Format) -> Result<(), XlsxError> {
    let column = place(column);
    let number = |number: &Decimal| number.to_f64().unwrap_or_default();
    match cell {
        Value::Empty if format == Format::new() => return Ok(()),
        Value::Empty => sheet.write_blank(row, column, &format)?,
        Value::Text(text) if marked(text) != *text => {
            sheet.write_string_with_format(row, column, text, &format.set_quote_prefix())?
        }
        Value::Text(text) | Value::Plain(text) => sheet.write_string_with_format(row, column, text, &format)?,
        Value::Number(exact) => sheet.write_number_with_format(row, column, number(exact), &format)?,
        Value::Percent(exact) => {
            let share = number(&(*exact / Decimal::ONE_HUNDRED));
            sheet.write_number_with_format(row, column, share, &format.set_num_format("0.####%"))?
        }
        Value::Formula(formula, result) => {
            let formula = Formula::new(format!("={formula}")).set_result(result);
            sheet.write_formula_with_format(row, column, formula, &format.set_num_format("0.00"))?
        }
        Value::Bool(value) => sheet.write_boolean_with_format(row, column, *value, &format)?,
    };
    Ok(())
}

fn width(header: &str) -> u32 {
    match header.to_lowercase().replace([' ', '_'], "").as_str() {
        "description" | "formula" | "goal" | "evidence" => 50,
        "name" | "metricname" => 36,
        "direction" | "subcategory" => 18,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said to a row of a unit and this name, and whether `rust_xlsxwriter` takes the text.
    fn said(name: &str) -> Result<(), String> {
        let mut book = Book::new("shorten it");
        book.sheet("Metrics", &[]).unwrap();
        book.head(&["unit", "name"]).unwrap();
        book.row(&[Value::Empty, name.into()]).map_err(|error| error.to_text())
    }

    #[test]
    fn a_cell_holds_characters_as_utf_16_counts_them() {
        let refused =
            "error: cannot write the workbook: cell B2 has 32768 characters, and a cell can hold 32767\nhint: shorten it";
        for (letter, most) in [("ü", LONGEST), ("🙂", LONGEST / 2)] {
            assert_eq!(said(&letter.repeat(most)), Ok(()));
            assert_eq!(said(&letter.repeat(most + 1)), Err(refused.to_owned()));
        }
    }

    #[test]
    fn what_is_too_long_is_named_by_its_row() {
        let mut book = Book::new("shorten it");
        book.sheet("Metrics", &[0, 2]).unwrap();
        let long = "x".repeat(40_000);
        let header = book.head(&["number", long.as_str()]).unwrap_err().to_text();
        assert!(header.contains("cell B1 has 40000 characters, and a cell can hold 32767"), "{header}");
        book.head(&["number", "unit", "name"]).unwrap();
        let cell = book.row(&["M-1".into(), long.into(), "MFA".into()]).unwrap_err().to_text();
        assert!(cell.contains("unit of `M-1 MFA` has 40000"), "{cell}");
    }
}

//! The cells of small sheets as text: a workbook or delimited text, streamed, so that one cell far out costs nothing.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx};

use super::limits::{self, CELLS};
use crate::error::{Error, Place, Result};

/// The most text that all cells together may have.
const TEXT: usize = 64 << 20;

/// A sheet: its name and its rows.
pub type Sheet = (String, Vec<Vec<String>>);

/// The sheets of an XLSX workbook.
///
/// # Errors
/// Exit 65 when the workbook is damaged.
pub fn workbook(bytes: &[u8]) -> Result<Vec<Sheet>> {
    limits::check_bytes(bytes)?;
    limits::guarded(&Place::default(), || sheets(bytes))
}

fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>> {
    let broken = |error: calamine::XlsxError| Error::data(format!("the workbook cannot be read: {error}"));
    let (mut size, mut places) = (0, 0);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(broken)?;
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::Empty => continue,
                DataRef::SharedString(text) => (*text).to_owned(),
                value => Data::from(value.clone()).to_string(),
            };
            let (row, column) = (row as usize, column as usize);
            size += text.len();
            if size > TEXT {
                return Err(too_large(&format!("{} MB of text", TEXT >> 20), &name, row));
            }
            places += (row + 1).saturating_sub(rows.len());
            if rows.len() <= row {
                rows.resize_with(row + 1, Vec::new);
            }
            places += (column + 1).saturating_sub(rows[row].len());
            if places > CELLS {
                return Err(too_large(&format!("{CELLS} cells, empty ones among them"), &name, row));
            }
            if rows[row].len() <= column {
                rows[row].resize_with(column + 1, String::new);
            }
            rows[row][column] = text;
        }
        sheets.push((name, rows));
    }
    Ok(sheets)
}

fn too_large(most: &str, sheet: &str, row: usize) -> Error {
    Error::data(format!("the sheets have more than {most}: reading stopped at row {} of `{sheet}`", row + 1))
        .hint("split the sheet, and delete what does not belong to it: a cell far away counts with the empty ones before it")
}

/// A reader of delimited text, header and all; the mark that the first line has most of is the delimiter.
///
/// # Errors
/// Exit 65 when it has more cells than there may be.
pub(super) fn reader(text: &str) -> Result<csv::Reader<&[u8]>> {
    let first = text.lines().next().unwrap_or_default();
    let marks = [b',', b';', b'\t'].into_iter();
    let delimiter = marks.max_by_key(|&mark| first.bytes().filter(|&b| b == mark).count()).unwrap_or(b',');
    limits::check_delimited(text, delimiter)?;
    let mut builder = csv::ReaderBuilder::new();
    Ok(builder.delimiter(delimiter).flexible(true).has_headers(false).from_reader(text.as_bytes()))
}

/// The rows of delimited UTF-8 text.
///
/// # Errors
/// Exit 65 when the text is not UTF-8, or has more cells than there may be.
pub fn delimited(bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let (text, _, damaged) = encoding_rs::UTF_8.decode(bytes);
    if damaged {
        return Err(Error::data("the file is not UTF-8 text"));
    }
    let mut rows = Vec::new();
    for record in reader(&text)?.records() {
        let record = record.map_err(|error| Error::data(format!("the file cannot be read: {error}")))?;
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_as_often_as_it_is_shown() {
        let longest = "x".repeat(32_767);
        let cells = u32::try_from(TEXT / longest.len()).unwrap();
        let book = |cells: u32| {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            for row in 0..cells {
                sheet.write_string(row, 0, &longest).unwrap();
            }
            book.save_to_buffer().unwrap()
        };
        assert_eq!(workbook(&book(cells)).unwrap()[0].1.len(), cells as usize);
        assert!(workbook(&book(cells + 1)).unwrap_err().message().contains("more than 64 MB of text"));
    }
}

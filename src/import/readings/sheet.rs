//! A sheet of readings as delimited text, so that workbooks are read the same way as text: streaming, and from the start again.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};

use super::quoted;
use crate::error::{Error, Exit, Place, Result};
use crate::import::row::{Flow, Kind, Row};
use crate::import::source::Source;
use crate::import::workbook::Workbook;

/// Whether a file's first bytes are those of a workbook: a zip archive or an OLE container.
pub fn is_workbook(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
}

/// Writes a workbook's sheet as CSV into a temporary file without a name. A row of the sheet is the same line of the file;
/// line ends in cells become blanks. The workbook may have `most` bytes.
///
/// # Errors
/// Exit 65 when the workbook or the sheet cannot be read, 2 when it has several sheets and none is named, 73 when there is no
/// room for the temporary file.
pub fn flattened(name: &str, file: File, sheet: Option<&str>, most: u64) -> Result<File> {
    let source = Source::of_file(name, file, most)?;
    let mut book = Workbook::open(&source)?;
    let names: Vec<String> = book.sheets.iter().filter(|sheet| sheet.visible).map(|sheet| sheet.name.clone()).collect();
    let place = Place { file: Some(name.to_owned()), ..Place::default() };
    let sheet = match (sheet, names.as_slice()) {
        (Some(wanted), _) => book
            .sheets
            .iter()
            .map(|sheet| &sheet.name)
            .find(|name| name.trim().to_lowercase() == wanted.trim().to_lowercase())
            .cloned()
            .ok_or_else(|| {
                Error::usage(format!("the workbook has no sheet `{wanted}`"))
                    .at(place)
                    .hint(format!("it has: {}", names.join(", ")))
            })?,
        (None, [only]) => only.clone(),
        (None, _) => {
            return Err(Error::usage(format!("the workbook has {} sheets", names.len()))
                .at(place)
                .hint(format!("name one with --sheet: {}", names.join(", "))));
        }
    };
    let none = HashSet::new();
    let mut file = written(&mut book, &sheet, &none)?;
    if book.hollow {
        // Empty cells may be formulas whose result was never stored; those are no empty cells.
        let uncached = book.uncached(&sheet)?;
        if !uncached.is_empty() {
            file = written(&mut book, &sheet, &uncached)?;
        }
    }
    Ok(file)
}

fn no_room(error: std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot keep the sheet in a temporary file: {error}"))
        .hint("make room, or set TMPDIR to a directory that has it")
}

fn written(book: &mut Workbook, sheet: &str, uncached: &HashSet<(u32, u32)>) -> Result<File> {
    let mut file = BufWriter::new(tempfile::tempfile().map_err(no_room)?);
    let mut line = 1;
    let mut text = String::new();
    let mut sink = |row: &Row| -> Result<Flow> {
        text.clear();
        for _ in line..row.number {
            text.push('\n');
        }
        line = row.number + 1;
        for (column, cell) in row.cells().enumerate() {
            if column > 0 {
                text.push(',');
            }
            let at = u32::try_from(row.number - 1).ok().zip(u32::try_from(column).ok());
            if cell.kind == Kind::Empty && at.is_some_and(|at| uncached.contains(&at)) {
                text.push_str("(formula without a result)");
            } else {
                text.push_str(&quoted(&cell.shown().replace(['\n', '\r'], " "), b','));
            }
        }
        text.push('\n');
        file.write_all(text.as_bytes()).map_err(no_room)?;
        Ok(Flow::Go)
    };
    book.read(sheet, &mut sink)?;
    file.into_inner().map_err(|error| no_room(error.into_error()))
}

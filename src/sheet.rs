//! What all files of rows share, whoever writes them: how long the text of a cell may be, and that memory holds one row at a time.

use std::io::{self, BufWriter, Seek, Write};

use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::Value;

use crate::domain::framework::Framework;
use crate::error::{Error, Exit, Result};

/// The most characters of a cell, in every spreadsheet program. They count as UTF-16 does: most characters are one, emoji are two.
const LONGEST: usize = 32_767;

/// Refuses a text that a cell of a workbook cannot hold: a workbook has all of a text, or is not written. `what` names the text.
///
/// # Errors
/// Exit 73 when it is too long.
pub(crate) fn check_cell(text: &str, what: impl FnOnce() -> String) -> Result<()> {
    // It never has more units than bytes.
    if text.len() <= LONGEST {
        return Ok(());
    }
    match text.encode_utf16().count() {
        ..=LONGEST => Ok(()),
        count => Err(Error::new(
            Exit::Output,
            format!("cannot write the workbook: {} has {count} characters, and a cell can hold {LONGEST}", what()),
        )),
    }
}

/// [`check_cell`] for the texts of a framework.
///
/// # Errors
/// Exit 73 when one is too long.
pub(crate) fn check_framework(framework: &Framework) -> Result<()> {
    let description = |code: &str, text: &str| check_cell(text, || format!("the description of {code}"));
    for function in &framework.functions {
        description(&function.code, function.description.as_deref().unwrap_or_default())?;
        for category in &function.categories {
            description(&category.code, category.description.as_deref().unwrap_or_default())?;
            for subcategory in &category.subcategories {
                description(&subcategory.code, &subcategory.description)?;
            }
        }
    }
    Ok(())
}

/// What to call a text in an error: the beginning of it.
pub(crate) fn beginning(text: &str) -> String {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The error of a workbook that cannot be made.
pub(crate) fn broken(error: &XlsxError) -> Error {
    Error::failed(format!("the workbook cannot be made: {error}")).hint("write CSV instead")
}

/// Writes a workbook, by way of a temporary file.
///
/// # Errors
/// When it cannot be made, or `out` cannot be written.
pub(crate) fn save(mut workbook: Workbook, out: &mut dyn Write) -> Result<()> {
    let no_room = |error: io::Error| Error::new(Exit::Output, format!("cannot write the workbook: {error}"));
    let mut file = tempfile::tempfile().map_err(no_room)?;
    workbook.save_to_writer(BufWriter::new(&mut file)).map_err(|error| broken(&error))?;
    file.rewind().map_err(no_room)?;
    io::copy(&mut file, out).map_err(|error| Error::of_writing(error, no_room))?;
    Ok(())
}

/// An array of JSON that is written value by value, each on lines of its own.
pub(crate) struct JsonRows<W: Write> {
    out: W,
    has_begun: bool,
}

impl<W: Write> JsonRows<W> {
    /// Begins it.
    pub(crate) fn new(out: W) -> Self {
        JsonRows { out, has_begun: false }
    }

    /// Adds a value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn row(&mut self, value: &Value) -> io::Result<()> {
        // A line break in JSON is never within a text.
        let text = format!("{value:#}").replace('\n', "\n  ");
        write!(self.out, "{}{text}", if self.has_begun { ",\n  " } else { "[\n  " })?;
        self.has_begun = true;
        Ok(())
    }

    /// Writes the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(if self.has_begun { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_characters_as_utf_16_counts_them() {
        let check = |text: String| check_cell(&text, || "it".to_owned()).map_err(|error| error.to_text());
        assert_eq!(check("ü".repeat(LONGEST)), Ok(()));
        let said = "cannot write the workbook: it has 32768 characters, and a cell can hold 32767";
        assert_eq!(check("ü".repeat(LONGEST + 1)), Err(format!("error: {said}")));
        assert_eq!(check("🙂".repeat(LONGEST / 2)), Ok(()));
        assert_eq!(check("🙂".repeat(LONGEST / 2 + 1)), Err(format!("error: {said}")));
        // What is let through is what can be written.
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_string(0, 0, "🙂".repeat(LONGEST / 2)).unwrap();
        assert!(sheet.write_string(1, 0, "🙂".repeat(LONGEST / 2 + 1)).is_err());
    }

    #[test]
    fn rows_of_json_are_an_array_as_a_person_would_indent_it() {
        for count in 0..3 {
            let values: Vec<Value> = (0..count).map(|number| serde_json::json!({ "n": number, "of": ["a\nb"] })).collect();
            let mut text = Vec::new();
            let mut rows = JsonRows::new(&mut text);
            values.iter().try_for_each(|value| rows.row(value)).unwrap();
            rows.finish().unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), format!("{:#}\n", Value::Array(values)));
        }
    }
}

//! CSV in UTF-8: commas, quotes where they are needed, formulas neutralised.

use std::borrow::Borrow;
use std::io::Write;

use super::Value;
use crate::error::{Error, Exit, Result};

/// CSV while it is written row by row, all with as many cells as the first.
pub(crate) struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Csv<W> {
    /// Begins CSV; the first row is the header.
    pub(crate) fn new(out: W) -> Self {
        Csv(csv::Writer::from_writer(out))
    }

    /// Adds a row. Exit 73 when it has more or fewer cells than the first, or cannot be written.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Borrow<Value>>) -> Result<()> {
        self.0.write_record(cells.into_iter().map(|cell| cell.borrow().text())).map_err(broken)
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.0.flush().map_err(|error| broken(error.into()))
    }
}

fn broken(error: csv::Error) -> Error {
    let message = format!("cannot write CSV: {error}");
    let cannot = || Error::new(Exit::Output, message);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::of_writing(error, |_| cannot()),
        _ => cannot(),
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay_numbers() {
        let rows: [[Value; 2]; 4] = [
            ["name".into(), "target_value".into()],
            ["=1+1".into(), Decimal::from(-5).into()],
            ["'=x".into(), Value::Percent(Decimal::new(5, 1))],
            ["it's".into(), Value::Empty],
        ];
        let mut bytes = Vec::new();
        let mut sheet = Csv::new(&mut bytes);
        rows.iter().try_for_each(|row| sheet.row(row)).unwrap();
        sheet.finish().unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "name,target_value\n'=1+1,-5\n''=x,0.5%\nit's,\n");
    }
}

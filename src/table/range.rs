//! A part of a sheet, as A4:N20.

use std::fmt;

use super::columns;

/// A part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first and last row, counted from 1.
    pub rows: (u64, u64),
    /// The first and last column, counted from 0.
    pub columns: (usize, usize),
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = |column: usize| {
            if self.columns.1 == usize::MAX && self.columns.0 == 0 || column == usize::MAX {
                String::new()
            } else {
                columns::letters(column)
            }
        };
        let row = |row: u64| if self.rows == (1, u64::MAX) || row == u64::MAX { String::new() } else { row.to_string() };
        write!(f, "{}{}:{}{}", letters(self.columns.0), row(self.rows.0), letters(self.columns.1), row(self.rows.1))
    }
}

impl Range {
    /// Reads `A4:N20`, `A4:N`, `A:N` or `4:20`. The error is a sentence.
    pub fn parse(text: &str) -> Result<Range, &'static str> {
        let range = Range::read(text).ok_or("write it as A4:N20, A4:N, A:N or 4:20")?;
        let is_in_order = range.rows.0 <= range.rows.1 && range.columns.0 <= range.columns.1;
        if is_in_order { Ok(range) } else { Err("its end is before its start") }
    }

    fn read(text: &str) -> Option<Range> {
        let (from, to) = text.trim().split_once(':')?;
        let part = |text: &str| {
            let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
            let (letters, row) = text.split_at(digits);
            let column = if letters.is_empty() { None } else { Some(columns::from_letters(letters)?) };
            let row = if row.is_empty() { None } else { Some(row.parse::<u64>().ok().filter(|row| *row > 0)?) };
            Some((row, column))
        };
        let (first, last) = (part(from.trim())?, part(to.trim())?);
        let has_columns = first.1.is_some() && last.1.is_some();
        let has_no_columns = first.1.is_none() && last.1.is_none();
        let is_whole = match (first.0, last.0) {
            (Some(_), Some(_)) => has_columns || has_no_columns,
            (Some(_) | None, None) => has_columns,
            (None, Some(_)) => false,
        };
        is_whole.then(|| Range {
            rows: (first.0.unwrap_or(1), last.0.unwrap_or(u64::MAX)),
            columns: (first.1.unwrap_or(0), last.1.unwrap_or(usize::MAX)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_written_as_it_is_read() {
        for text in ["A4:N20", "B:N", "4:20", "A4:N"] {
            assert_eq!(Range::parse(text).map(|range| range.to_string()).as_deref(), Ok(text));
        }
        for (text, why) in [
            ("A9:B1", "before its start"),
            ("N1:A4", "before its start"),
            ("A4", "write it as"),
            ("0:3", "write it as"),
            ("A:20", "write it as"),
            ("4:N", "write it as"),
            ("A4:20", "write it as"),
            (":", "write it as"),
        ] {
            assert!(Range::parse(text).is_err_and(|reason| reason.contains(why)), "{text}");
        }
    }
}

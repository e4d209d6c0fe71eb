//! A part of a sheet, as A4:N20.

use super::columns;

/// A part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first and last row, counted from 1.
    pub rows: (u64, u64),
    /// The first and last column, counted from 0.
    pub columns: (usize, usize),
}

impl Range {
    /// Reads `A4:N20`, `A:N` or `4:20`.
    pub fn parse(text: &str) -> Option<Range> {
        let (from, to) = text.trim().split_once(':')?;
        let part = |text: &str| {
            let digits = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
            let (letters, row) = text.split_at(digits);
            let column = if letters.is_empty() { None } else { Some(columns::from_letters(letters)?) };
            let row = if row.is_empty() { None } else { Some(row.parse::<u64>().ok().filter(|row| *row > 0)?) };
            Some((row, column))
        };
        let (first, last) = (part(from.trim())?, part(to.trim())?);
        let range = Range {
            rows: (first.0.unwrap_or(1), last.0.unwrap_or(u64::MAX)),
            columns: (first.1.unwrap_or(0), last.1.unwrap_or(usize::MAX)),
        };
        (range.rows.0 <= range.rows.1 && range.columns.0 <= range.columns.1).then_some(range)
    }
}

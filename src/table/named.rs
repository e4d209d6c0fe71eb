//! The named tables of an XLSX workbook.

use super::range::Range;

/// A named table in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub sheet: String,
    /// Its header and its rows, without a row of totals.
    pub range: Range,
}

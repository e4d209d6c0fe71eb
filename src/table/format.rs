//! The formats that are read.

use crate::domain::named::named;
use crate::error::Error;

named! {
    /// What a file is, by its content.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Format {
        /// Text in columns.
        Text = "csv",
        /// Office Open XML workbook.
        Xlsx = "xlsx",
        /// The same in binary parts.
        Xlsb = "xlsb",
        /// Excel 97-2003 workbook.
        Xls = "xls",
        /// `OpenDocument` spreadsheet.
        Ods = "ods",
        /// JSON, or JSON lines.
        Json = "json",
        Yaml = "yaml",
        /// Samples of metrics: `OpenMetrics`, or the text format of Prometheus.
        Samples = "openmetrics",
    }
    /// The name in `import_metadata`.
    as_str
}

impl Format {
    /// Whether it has sheets.
    pub const fn is_workbook(self) -> bool {
        matches!(self, Format::Xlsx | Format::Xlsb | Format::Xls | Format::Ods)
    }
}

/// The workbook needs a password.
pub(super) fn encrypted() -> Error {
    Error::data("the workbook is protected with a password")
        .hint("open it with the password and save a copy without one; cmf never asks for passwords of files")
}

//! The formats that are read.

use crate::error::Error;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text in columns.
    Text,
    /// Office Open XML workbook.
    Xlsx,
    /// The same in binary parts.
    Xlsb,
    /// Excel 97-2003 workbook.
    Xls,
    /// `OpenDocument` spreadsheet.
    Ods,
    /// JSON, or JSON lines.
    Json,
    Yaml,
    /// Samples of metrics: `OpenMetrics`, or the text format of Prometheus.
    Samples,
}

impl Format {
    /// The name in `import_metadata`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Text => "csv",
            Format::Xlsx => "xlsx",
            Format::Xlsb => "xlsb",
            Format::Xls => "xls",
            Format::Ods => "ods",
            Format::Json => "json",
            Format::Yaml => "yaml",
            Format::Samples => "openmetrics",
        }
    }

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

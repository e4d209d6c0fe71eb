//! How results are written.

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised.
    Csv,
    /// Tables in Markdown, for issues and wikis.
    Md,
}

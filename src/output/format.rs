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
    /// Findings as the Static Analysis Results Interchange Format has them.
    #[value(hide = true)]
    Sarif,
    /// What was looked at, as a report of tests in XML.
    #[value(hide = true)]
    Junit,
}

impl Format {
    /// The commands that have a format of their own; none where all have it.
    pub const fn only_of(self) -> Option<&'static [&'static str]> {
        match self {
            Format::Sarif | Format::Junit => Some(&["catalog lint"]),
            _ => None,
        }
    }
}

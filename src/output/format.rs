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
    /// A calendar of what is due.
    #[value(hide = true)]
    Ics,
    /// What was checked, as a report of tests in XML.
    #[value(hide = true)]
    Junit,
}

impl Format {
    /// Whether every command has it.
    pub const fn is_common(self) -> bool {
        matches!(self, Format::Table | Format::Json | Format::Jsonl | Format::Csv | Format::Md)
    }

    /// What it is called.
    pub fn name(self) -> String {
        clap::ValueEnum::to_possible_value(&self).map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

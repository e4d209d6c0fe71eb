//! What the user says about columns of periods.

use std::fmt;
use std::str::FromStr;

use crate::domain::period::parse_year;

/// What the user says about columns of periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    No,
    Yes {
        /// The year of those that do not have one.
        year: Option<i32>,
        /// The month in which a fiscal year begins.
        start: Option<u32>,
        /// Whether first days of months stand for their months; else each for itself.
        months: Option<bool>,
    },
}

impl Default for Series {
    fn default() -> Self {
        Series::Yes { year: None, start: None, months: None }
    }
}

impl Series {
    /// The same with one more word: `no`, `yes`, `year=2026`, `2026`, `start=10`, `dates=months`. The error is a sentence that
    /// says how it is written.
    pub fn and(self, word: &str) -> Result<Self, String> {
        let (mut year, mut start, mut months) = match self {
            Series::No => (None, None, None),
            Series::Yes { year, start, months } => (year, start, months),
        };
        let word = word.trim();
        match word.split_once('=').map_or((word, None), |(name, value)| (name.trim(), Some(value.trim()))) {
            ("no", None) => return Ok(Series::No),
            ("yes", None) => {}
            ("year", Some(text)) | (text, None) => year = Some(parse_year(text)?),
            ("start", Some(text)) => {
                let month = text.parse().ok().filter(|month| (1..=12).contains(month));
                start = Some(month.ok_or_else(|| format!("`{text}` is not a month: write a number from 1 to 12"))?);
            }
            ("dates", Some("months")) => months = Some(true),
            ("dates", Some("days")) => months = Some(false),
            _ => return Err(format!("`{word}` is not yes, no, year=2026, start=10, dates=months or dates=days")),
        }
        Ok(Series::Yes { year, start, months })
    }
}

/// Words with commas between them.
impl FromStr for Series {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').try_fold(Series::default(), Series::and)
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Series::Yes { year, start, months } = self else { return f.write_str("no") };
        let words: Vec<String> = [
            year.map(|year| format!("year={year}")),
            start.map(|start| format!("start={start}")),
            months.map(|months| format!("dates={}", if months { "months" } else { "days" })),
        ]
        .into_iter()
        .flatten()
        .collect();
        f.write_str(if words.is_empty() { "yes" } else { "" })?;
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_to_text_and_back() {
        for (text, shown) in [
            ("no", "no"),
            ("yes", "yes"),
            ("2026", "year=2026"),
            ("year=FY26,start=10", "year=2026,start=10"),
            ("start=4,dates=months", "start=4,dates=months"),
            ("dates=days", "dates=days"),
        ] {
            let said: Series = text.parse().unwrap();
            assert_eq!(said.to_string(), shown);
            assert_eq!(shown.parse(), Ok(said));
        }
        for text in ["", "year=", "start=13", "dates=weeks", "26", "year=26", "month"] {
            assert!(text.parse::<Series>().is_err(), "{text}");
        }
    }
}

//! `--date-format`: how dates are written in text.

use std::fmt;
use std::str::FromStr;

use chrono::format::{Item, Parsed, StrftimeItems, parse};

/// A form such as `DD.MM.YYYY` or `MM/DD/YYYY HH:MI`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    /// The same as `strftime` writes it.
    form: String,
    /// The same as the user writes it.
    written: String,
    has_time: bool,
}

const PARTS: [(&str, &str); 7] =
    [("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("MI", "%M"), ("SS", "%S")];

impl FromStr for DateFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut form, mut rest, mut seen) = (String::new(), text, Vec::new());
        while let Some(next) = rest.chars().next() {
            if let Some((part, written)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
                form.push_str(written);
                seen.push(written.to_ascii_lowercase());
                rest = &rest[part.len()..];
            } else if next.is_ascii_alphanumeric() || next == '%' {
                return Err("write it with YYYY, MM and DD, and HH, MI and SS for a time, such as DD.MM.YYYY".to_owned());
            } else {
                form.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        let count = |part: &str| seen.iter().filter(|known| *known == part).count();
        // `%M` is the minute and `%m` the month.
        let months = form.matches("%m").count();
        if count("%y") != 1 || months != 1 || count("%d") != 1 {
            return Err("it needs a year (YYYY), a month (MM) and a day (DD), each once".to_owned());
        }
        Ok(DateFormat { has_time: form.contains("%H"), written: text.to_owned(), form })
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl DateFormat {
    /// The date in ISO 8601, where a text is one in this form.
    pub fn read(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if text.len() > 40 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut parsed = Parsed::new();
        let items: Vec<Item<'_>> = StrftimeItems::new(&self.form).collect();
        parse(&mut parsed, text, items.iter()).ok()?;
        let date = parsed.to_naive_date().ok()?;
        if !self.has_time {
            return Some(date.format("%Y-%m-%d").to_string());
        }
        let time = parsed.to_naive_time().ok()?;
        Some(date.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reads_its_dates_and_nothing_else() {
        let read = |form: &str, text: &str| form.parse::<DateFormat>().unwrap().read(text);
        assert_eq!(read("DD.MM.YYYY", "31.01.2026").as_deref(), Some("2026-01-31"));
        assert_eq!(read("MM/DD/YY", "01/31/26").as_deref(), Some("2026-01-31"));
        assert_eq!(read("DD.MM.YYYY HH:MI", " 31.01.2026 06:30 ").as_deref(), Some("2026-01-31T06:30:00"));
        for text in ["31.02.2026", "2026-01-31", "31.01.2026 06:30", "12.5", "", "x"] {
            assert_eq!(read("DD.MM.YYYY", text), None, "{text}");
        }
        for form in ["", "DD.MM", "%d.%m.%Y", "DD.MM.YYYY YYYY", "day"] {
            assert!(form.parse::<DateFormat>().is_err(), "{form}");
        }
    }
}

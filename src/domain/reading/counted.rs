//! A part of a whole, such as 47 of 50: what a percentage was counted from. It stands behind the note of its reading, for the tables
//! have no column for it.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::{Reason, Value};

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The numerator.
    pub part: i64,
    /// The denominator, at least 1 and at least the numerator.
    pub whole: i64,
}

impl Counted {
    /// Reads `47/50`; none where a text is written otherwise.
    pub fn parse(text: &str) -> Option<Result<Counted, Reason>> {
        let is_figure = |letter: char| letter.is_ascii_digit() || matches!(letter, '/' | ' ' | '.' | ',' | '-' | '+');
        let (part, whole) = text.split_once('/').filter(|_| text.chars().all(is_figure))?;
        Some(Counted::of(part, whole))
    }

    /// Reads one of the two. The error is why it cannot be one, as the end of a sentence.
    pub fn count(text: &str) -> Result<i64, Reason> {
        let value = Value::parse(text)?;
        let is_count = value >= Value::ZERO && value.units() % Value::ONE.units() == 0;
        if is_count { Ok(value.units() / Value::ONE.units()) } else { Err("is not a whole number from 0 up".into()) }
    }

    /// Reads a numerator and a denominator.
    /// Fails when one of them is not a count, and when they are not a part of a whole.
    pub fn of(part: &str, whole: &str) -> Result<Counted, Reason> {
        let count = |text: &str, what: &str| {
            Counted::count(text).map_err(|reason| format!("has a {what}, `{}`, that {reason}", text.trim()))
        };
        let (part, whole) = (count(part, "numerator")?, count(whole, "denominator")?);
        if whole == 0 {
            return Err("has the denominator 0".into());
        }
        if part > whole {
            return Err(format!("has a numerator, {part}, above its denominator, {whole}"));
        }
        Ok(Counted { part, whole })
    }

    /// The percentage, rounded as every value.
    pub fn percentage(self) -> Value {
        let hundred = Decimal::ONE_HUNDRED * Decimal::from(self.part) / Decimal::from(self.whole);
        Value::parse(&hundred.to_string()).unwrap_or(Value::ZERO)
    }

    /// Whether a percentage that stands beside the counts is theirs: rounded to as many decimals as it has, or a fraction of 1.
    pub fn is_percentage(self, written: &str) -> bool {
        let Ok(given) = written.trim().trim_end_matches('%').trim_end().parse::<Decimal>() else { return false };
        let exact = Decimal::from(self.part) / Decimal::from(self.whole);
        let half = Decimal::new(5, given.scale() + 1);
        [exact, exact * Decimal::ONE_HUNDRED].into_iter().any(|exact| (exact - given).abs() <= half)
    }

    /// A note with the counts behind it, where they are not in it.
    pub fn noted(self, note: Option<&str>) -> String {
        match note {
            Some(note) if Counted::read(note, self.percentage().decimal()) == Some(self) => note.to_owned(),
            Some(note) => format!("{note} [{self}]"),
            None => format!("[{self}]"),
        }
    }

    /// The counts behind a note, where they give the value of its reading.
    pub fn read(note: &str, value: Decimal) -> Option<Counted> {
        let (_, counts) = note.strip_suffix(']')?.rsplit_once('[')?;
        Counted::parse(counts)?.ok().filter(|counted| counted.percentage().decimal() == value)
    }

    /// Between which percentages the whole process lies, with 95 in 100, in percent (Wilson, "Probable inference, the law of
    /// succession, and statistical inference", 1927).
    pub fn interval(self) -> (Decimal, Decimal) {
        const NINETY_FIVE: f64 = 1.959_964;
        let float = |number: i64| number.to_f64().unwrap_or_default();
        let (count, square) = (float(self.whole), NINETY_FIVE * NINETY_FIVE);
        let part = float(self.part) / count;
        let middle = part + square / (2.0 * count);
        let half = NINETY_FIVE * (part * (1.0 - part) / count + square / (4.0 * count * count)).sqrt();
        let percent = |end: f64| {
            let percent = (end / (1.0 + square / count)).clamp(0.0, 1.0) * 100.0;
            Decimal::from_f64(percent).unwrap_or_default().round_dp(2).normalize()
        };
        (percent(middle - half), percent(middle + half))
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Counted {
        Counted::parse(text).expect("a part").expect("counts")
    }

    #[test]
    fn a_part_of_a_whole_is_a_percentage_and_nothing_else_is() {
        for (text, value) in
            [("47/50", "94"), ("1/3", "33.3333"), ("2/3", "66.6667"), ("0/7", "0"), ("1 / 8", "12.5"), ("7/7", "100")]
        {
            assert_eq!(Ok(counted(text).percentage()), Value::parse(value), "{text}");
        }
        for (text, reason) in [
            ("50/47", "a numerator"),
            ("1/0", "denominator 0"),
            ("1.5/3", "numerator, `1.5`, that is not a whole number"),
            ("-1/3", "numerator, `-1`, that is not a whole number"),
            ("1/2/3", "denominator, `2/3`, that is not a number"),
            ("/3", "numerator, ``, that is empty"),
        ] {
            let refused = Counted::parse(text).expect("a part").expect_err(text);
            assert!(refused.contains(reason), "{text}: {refused}");
        }
        for text in ["47", "n/a", "a/3", "1 km/h"] {
            assert!(Counted::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn counts_stand_behind_a_note_and_are_read_only_where_they_give_the_value() {
        let counts = counted("47/50");
        assert_eq!(counts.noted(Some("after the rollout")), "after the rollout [47/50]");
        assert_eq!(counts.noted(None), "[47/50]");
        assert_eq!(counts.noted(Some("once [47/50]")), "once [47/50]");
        let value = Decimal::from(94);
        for note in ["[47/50]", "after [2] [47/50]"] {
            assert_eq!(Counted::read(note, value), Some(counts), "{note}");
        }
        for (note, value) in [("[47/50]", Decimal::from(95)), ("[47/50].", value), ("47/50", value), ("[ticket 47]", value)] {
            assert_eq!(Counted::read(note, value), None, "{note}");
        }
    }

    #[test]
    fn a_percentage_beside_the_counts_may_be_rounded_or_a_fraction() {
        for (counts, written, is) in [
            ("47/50", "94", true),
            ("47/50", "0.94", true),
            ("47/50", "94 %", true),
            ("1/3", "33", true),
            ("1/3", "33.3", true),
            ("1/3", "33.4", false),
            ("47/50", "95", false),
            ("47/50", "n/a", false),
        ] {
            assert_eq!(counted(counts).is_percentage(written), is, "{counts} {written}");
        }
    }

    #[test]
    fn the_interval_is_wilsons() {
        let text = |counts: &str| {
            let (lower, upper) = counted(counts).interval();
            format!("{lower} {upper}")
        };
        // Of the R function prop.test(47, 50, correct = FALSE), and of binom::binom.wilson(0, 10) and (10, 10).
        assert_eq!(text("47/50"), "83.78 97.94");
        assert_eq!(text("0/10"), "0 27.75");
        assert_eq!(text("10/10"), "72.25 100");
        assert_eq!(text("470/500"), "91.56 95.77");
    }
}

//! Which character stands before the decimals: what a column says about it.

use super::{Mark, parse};

/// What a column's texts say about its decimal mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkEvidence {
    /// Texts that only a decimal point explains.
    pub point: u64,
    /// Texts that only a decimal comma explains.
    pub comma: u64,
    /// Texts that mean different numbers with point and comma.
    pub either: u64,
    /// The first text of each kind: point, comma, either.
    pub samples: [Option<String>; 3],
}

impl MarkEvidence {
    /// Takes one more text of the column into account.
    pub fn add(&mut self, text: &str) {
        let slot = match mark_of(text) {
            Witness::None => return,
            Witness::Sure(Mark::Point) => {
                self.point += 1;
                0
            }
            Witness::Sure(Mark::Comma) => {
                self.comma += 1;
                1
            }
            Witness::Either => {
                self.either += 1;
                2
            }
        };
        if self.samples[slot].is_none() {
            self.samples[slot] = Some(text.trim().to_owned());
        }
    }

    /// The column's decimal mark. The error is the sentence that names both readings, when the texts allow both or contradict
    /// each other.
    pub fn decide(&self) -> Result<Mark, String> {
        match (self.point, self.comma, self.either) {
            (_, 0, 0) | (1.., 0, _) => Ok(Mark::Point),
            (0, 1.., _) => Ok(Mark::Comma),
            (0, 0, _) => {
                let sample = self.samples[2].clone().unwrap_or_default();
                let read =
                    |mark| parse(&sample, mark).map_or_else(|_| "?".to_owned(), |value| value.number.normalize().to_string());
                Err(format!(
                    "`{sample}` is {} with a decimal point and {} with a decimal comma",
                    read(Mark::Point),
                    read(Mark::Comma)
                ))
            }
            _ => Err(format!(
                "`{}` has a decimal point and `{}` a decimal comma",
                self.samples[0].clone().unwrap_or_default(),
                self.samples[1].clone().unwrap_or_default()
            )),
        }
    }
}

/// What one text says about the decimal mark.
enum Witness {
    None,
    /// It reads both ways.
    Either,
    Sure(Mark),
}

/// Whether all parts but the first have three digits.
fn is_grouped(run: &str, mark: char) -> bool {
    run.split(mark).skip(1).all(|group| group.len() == 3)
}

fn mark_of(text: &str) -> Witness {
    let mut found = Witness::None;
    for run in text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')) {
        let run = run.trim_matches(|c| c == '.' || c == ',');
        let commas = run.matches(',').count();
        let points = run.matches('.').count();
        let verdict = match (points, commas) {
            (1.., 1..) => Some(if run.rfind('.') > run.rfind(',') { Mark::Point } else { Mark::Comma }),
            // `12..5` and `1.2.3` are no numbers, and say nothing.
            (2.., 0) if is_grouped(run, '.') => Some(Mark::Comma),
            (0, 2..) if is_grouped(run, ',') => Some(Mark::Point),
            (0 | 2.., 0) | (0, 2..) => continue,
            _ => {
                let mark = if commas == 1 { ',' } else { '.' };
                let (whole, decimals) = run.split_once(mark).unwrap_or((run, ""));
                let groups = decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
                match (groups, mark) {
                    (true, _) => None,
                    (false, ',') => Some(Mark::Comma),
                    (false, _) => Some(Mark::Point),
                }
            }
        };
        match verdict {
            Some(mark) => return Witness::Sure(mark),
            None => found = Witness::Either,
        }
    }
    found
}

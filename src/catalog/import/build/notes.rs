//! What is worth a word and keeps no row out.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::item::Item;
use crate::domain::unit;

/// Things worth a word that keep no row out, counted so that a long sheet has a short list.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) overruled: (u64, u64),
    pub(super) rounded: (u64, u64),
    pub(super) foreign: (u64, u64),
    /// Metrics with texts that were read in a wrong encoding before.
    garbled: (u64, u64),
    /// Metrics whose record has fewer cells than the header.
    pub(super) short: (u64, u64),
    /// Metrics that have a code of a row above.
    pub(super) inherited: (u64, u64),
    /// The rules for directions that name a row, by their position.
    pub(super) named: BTreeSet<usize>,
    /// Metrics without a number among those that have one: how many, and the first.
    unnumbered: (u64, Vec<String>),
    /// The units that are not known, with how often and where first.
    units: BTreeMap<String, (u64, u64)>,
    metrics: u64,
}

impl Notes {
    pub(super) fn add(slot: &mut (u64, u64), row: u64) {
        slot.0 += 1;
        if slot.0 == 1 {
            slot.1 = row;
        }
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let more = |count: u64| if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        if self.overruled.0 > 0 {
            warnings.push(format!(
                "the direction column wins over the operator in the target (row {}{})",
                self.overruled.1,
                more(self.overruled.0)
            ));
        }
        if self.rounded.0 > 0 {
            warnings.push(format!("numbers were rounded to 4 decimals (row {}{})", self.rounded.1, more(self.rounded.0)));
        }
        if self.foreign.0 > 0 {
            warnings.push(format!(
                "codes of other frameworks (ISO, CIS...) are only kept in the raw row (row {}{})",
                self.foreign.1,
                more(self.foreign.0)
            ));
        }
        if self.garbled.0 > 0 {
            warnings.push(format!(
                "letters were lost or changed before this file was written, such as `Ã¶` for `ö` (row {}{})",
                self.garbled.1,
                more(self.garbled.0)
            ));
        }
        if self.short.0 > 0 {
            let records = if self.short.0 == 1 { "1 record has".to_owned() } else { format!("{} records have", self.short.0) };
            warnings.push(format!("{records} fewer cells than the header: the missing ones count as empty"));
        }
        if self.inherited.0 > 0 {
            let have =
                if self.inherited.0 == 1 { "1 metric has".to_owned() } else { format!("{} metrics have", self.inherited.0) };
            warnings.push(format!(
                "{have} the code of a row above, as an outline has it (row {}{})",
                self.inherited.1,
                more(self.inherited.0)
            ));
        }
        if self.unnumbered.0 > 0 {
            let have =
                if self.unnumbered.0 == 1 { "1 metric has".to_owned() } else { format!("{} metrics have", self.unnumbered.0) };
            let more = if self.unnumbered.0 > 5 { ", and more" } else { "" };
            warnings.push(format!("{have} no number while the others have one: {}{more}", self.unnumbered.1.join(", ")));
        }
        // In a catalog of ten, a unit of one metric alone may be a slip.
        let alone =
            self.units.iter().filter(|(unit, (count, _))| *count == 1 && self.metrics >= 10 && !unit::is_usual(unit)).take(5);
        let alone: Vec<String> = alone.map(|(unit, (_, row))| format!("`{unit}` (row {row})")).collect();
        if !alone.is_empty() {
            warnings
                .push(format!("units that cmf does not know and one metric alone has, kept as written: {}", alone.join(", ")));
        }
        warnings
    }

    /// Keeps what is worth a word of a metric.
    pub(super) fn metric(&mut self, row: u64, item: &Item, numbered: bool) {
        self.metrics += 1;
        let texts = [Some(item.name.as_str()), item.description.as_deref(), item.owner.as_deref()];
        if texts.into_iter().flatten().any(is_garbled) {
            Notes::add(&mut self.garbled, row);
        }
        if numbered && item.metric_number.is_none() {
            self.unnumbered.0 += 1;
            if self.unnumbered.1.len() < 5 {
                self.unnumbered.1.push(format!("{} (row {row})", item.name));
            }
        }
        if let Some(unit) = item.unit.as_ref().filter(|unit| !unit::is_known(unit))
            && (self.units.len() < UNITS || self.units.contains_key(unit))
        {
            self.units.entry(unit.clone()).or_insert((0, row)).0 += 1;
        }
    }
}

/// `Gr�e`, `GrÃ¶ÃŸe`, `â€“`: UTF-8 that was read as something else, or cut.
fn is_garbled(text: &str) -> bool {
    let is_second = |c: char| ('\u{80}'..'\u{c0}').contains(&c) || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(c);
    !text.is_ascii()
        && (text.contains('\u{fffd}')
            || text
                .chars()
                .zip(text.chars().skip(1))
                .any(|(first, second)| matches!(first, 'Ã' | 'Â' | 'â') && is_second(second)))
}

/// How many units are counted.
const UNITS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_a_word_is_told_once_with_its_first_row_and_how_often() {
        let mut notes = Notes::default();
        assert_eq!(notes.warnings(), Vec::<String>::new());
        for row in [3, 7, 9] {
            Notes::add(&mut notes.overruled, row);
        }
        Notes::add(&mut notes.rounded, 5);
        assert_eq!(
            notes.warnings(),
            [
                "the direction column wins over the operator in the target (row 3 and 2 more)",
                "numbers were rounded to 4 decimals (row 5)"
            ]
        );
    }
}

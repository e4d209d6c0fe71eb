//! What is worth a word and keeps no row out.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::item::{Field, Item};
use crate::domain::spec;
use crate::domain::text::counted;
use crate::domain::unit;
use crate::table::decision::Decision;

/// Things worth a word that keep no row out, counted so that a long sheet has a short list.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) overruled: (u64, u64),
    pub(super) rounded: (u64, u64),
    pub(super) foreign: (u64, u64),
    /// Metrics whose review date is no day.
    undated: (u64, u64),
    /// Metrics with texts that were read in a wrong encoding before.
    garbled: (u64, u64),
    /// Metrics whose record has fewer cells than the header.
    pub(super) short: (u64, u64),
    /// Metrics that have a code of a row above.
    pub(super) inherited: (u64, u64),
    /// The rules for directions that name a row, by their position.
    pub(super) named: BTreeSet<usize>,
    pub(super) cut: (u64, u64),
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

    pub(super) fn decisions(&self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let at = |slot: (u64, u64)| {
            let more = if slot.0 > 1 { format!(" and {} more", slot.0 - 1) } else { String::new() };
            format!("row {}{more}", slot.1)
        };
        let mut told = |slot: (u64, u64), what: &str, chosen: &str, why: &str, option: Option<&str>| {
            if slot.0 > 0 {
                let decision = Decision::told(what, chosen, format!("{why} ({})", at(slot)));
                decisions.push(Decision { option: option.map(str::to_owned), ..decision });
            }
        };
        let why = "it overrides the operator in the target";
        told(self.overruled, "direction", "the direction column", why, Some("--map direction="));
        told(self.rounded, "decimals", "4", "numbers were rounded", None);
        let why = "codes of other frameworks (ISO, CIS, ...) are kept only in the raw row";
        told(self.foreign, "other_codes", "no mapping", why, Some("--framework"));
        let chosen = counted(self.inherited.0, "row");
        let why = "their codes come from rows above";
        told(self.inherited, "codes_inherited", &chosen, why, Some("--map function="));
        let why = "the full name is in the description";
        told(self.cut, "long_names", "the beginning", why, Some("--map name=COLUMN"));
        let why = "letters were lost or changed before this file was written, such as `Ã¶` for `ö`";
        told(self.garbled, "letters", "as written", why, None);
        let why = format!("it is not a day of the calendar; write it as {}", spec::FORM);
        told(self.undated, "review_date", "as written", &why, Some("--map review_date="));
        let chosen = format!("{} with fewer cells than the header", counted(self.short.0, "record"));
        told(self.short, "short_records", &chosen, "the missing cells count as empty", Some("--delimiter"));
        if self.unnumbered.0 > 0 {
            let more = if self.unnumbered.0 > 5 { ", and more" } else { "" };
            let why = format!("the other metrics have one: {}{more}", self.unnumbered.1.join(", "));
            let chosen = format!("none for {}", counted(self.unnumbered.0, "metric"));
            decisions.push(Decision::told("metric_number", chosen, why).option("--map metric_number="));
        }
        // In a catalog of ten, a unit of one metric alone may be a slip.
        let alone =
            self.units.iter().filter(|(unit, (count, _))| *count == 1 && self.metrics >= 10 && !unit::is_usual(unit)).take(5);
        let alone: Vec<String> = alone.map(|(unit, (_, row))| format!("`{unit}` (row {row})")).collect();
        if !alone.is_empty() {
            let why = format!("cmf does not know them, and each is used by one metric only: {}", alone.join(", "));
            decisions.push(Decision::told("unit", "as written", why).option("--map unit="));
        }
        decisions
    }

    /// Keeps what is worth a word of a metric.
    pub(super) fn metric(&mut self, row: u64, item: &Item, numbered: bool) {
        self.metrics += 1;
        let texts = [Some(item.name.as_str()), item.description.as_deref()];
        let texts = texts.into_iter().flatten().chain(item.spec.values().map(String::as_str));
        if { texts }.any(is_garbled) {
            Notes::add(&mut self.garbled, row);
        }
        if item.spec.get(&Field::ReviewDate).is_some_and(|text| spec::day(text).is_err()) {
            Notes::add(&mut self.undated, row);
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
        assert_eq!(notes.decisions(), []);
        for row in [3, 7, 9] {
            Notes::add(&mut notes.overruled, row);
        }
        Notes::add(&mut notes.rounded, 5);
        assert_eq!(
            notes.decisions().iter().map(|decision| decision.why.clone()).collect::<Vec<_>>(),
            ["it overrides the operator in the target (row 3 and 2 more)", "numbers were rounded (row 5)"]
        );
    }
}

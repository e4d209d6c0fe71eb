//! Framework codes as people write them: `PR.AA-1`, `pr.aa-01`, `PR-AA-01`, `GV-1.1`, `GOVERN 1.1: text`, `PROTECT (PR)`,
//! and several in one cell. What is written is compared by its parts, letters without case and numbers without leading
//! zeros, so that the official spelling comes out whatever went in.

mod doubt;
mod runs;
mod search;

use std::collections::{BTreeSet, HashMap};

pub(super) use self::runs::key_of;
use self::runs::{fold, join, parts_of};
pub use self::search::is_range_of_codes;
use crate::domain::framework::Framework;
use crate::domain::near;
use crate::domain::text::folded;

/// A place in a framework: a function, and perhaps a category in it, and perhaps a subcategory in that. Official spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The function's code, such as `PR`.
    pub function: String,
    /// The category's code, such as `PR.AA`.
    pub category: Option<String>,
    /// The subcategory's code, such as `PR.AA-01`.
    pub subcategory: Option<String>,
}

impl Position {
    /// The code of the deepest level.
    pub fn code(&self) -> &str {
        self.subcategory.as_deref().or(self.category.as_deref()).unwrap_or(&self.function)
    }

    /// Whether `other` lies below this place.
    pub fn contains(&self, other: &Position) -> bool {
        match (&self.category, &self.subcategory) {
            (_, Some(_)) => false,
            (Some(category), None) => other.category.as_ref() == Some(category) && other.subcategory.is_some(),
            (None, None) => other.function == self.function && other.category.is_some(),
        }
    }
}

/// What a piece of a cell refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A place of the framework.
    Known(Position),
    /// A code that the framework had once; its successors are one to five places, at any level, or none.
    Withdrawn {
        /// The code in its official spelling.
        code: String,
        /// Where its content went.
        successors: Vec<Position>,
    },
    /// Neither. What may have been meant is looked for with [`CodeIndex::near`] where somebody wants to know.
    Unknown {
        /// As it was written, trimmed.
        written: String,
    },
}

/// A code that is no longer part of a framework, and the codes that took its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Withdrawal {
    /// The withdrawn code.
    pub code: String,
    /// One to five codes, at any level; empty where the source names none.
    pub successors: Vec<String>,
}

/// The short forms of function names that are in use although the framework's own codes are the names.
const SHORT_FORMS: [(&str, &str); 4] = [("GOVERN", "GV"), ("MAP", "MP"), ("MEASURE", "MS"), ("MANAGE", "MG")];

/// What cells hold when they hold nothing.
const NOTHING: [&str; 10] = ["", "-", "--", "N/A", "NA", "NONE", "NULL", "TBD", "UKN", "NOT APPLICABLE"];

/// How many near codes are named at most.
const NEAR: usize = 3;

/// The most bytes of a text that is compared with codes and names to find the nearest: the longest name there is, and as much
/// again.
const LONGEST_WRITTEN: usize = 512;

#[derive(Debug, Clone)]
enum Entry {
    Live(Position),
    Withdrawn(Withdrawal),
}

/// The codes of one framework, to look up what people wrote.
#[derive(Debug, Clone, Default)]
pub struct CodeIndex {
    /// The short name of the framework.
    framework: String,
    entries: Vec<Entry>,
    /// The parts of each entry's code.
    parts: Vec<Vec<String>>,
    /// From the parts of a code to its entry.
    by_key: HashMap<String, usize>,
    /// From the folded name of a function or category to its entry; `None` where two share a name.
    by_name: HashMap<String, Option<usize>>,
    /// Folded codes of the functions and their other names, to tell what looks like a code.
    functions: BTreeSet<String>,
}

impl CodeIndex {
    /// What people call the framework.
    pub fn framework(&self) -> &str {
        &self.framework
    }

    /// The index of a framework.
    pub fn new(framework: &Framework) -> Self {
        let mut index = CodeIndex { framework: framework.short_name(), ..CodeIndex::default() };
        for function in &framework.functions {
            let at = Position { function: function.code.clone(), category: None, subcategory: None };
            let folded = fold(&function.code);
            let mut aliases: Vec<String> = Vec::new();
            let name = fold(&function.name);
            if name != folded && !name.is_empty() {
                aliases.push(name);
            }
            if let Some((_, short)) = SHORT_FORMS.iter().find(|(long, _)| *long == folded) {
                aliases.push((*short).to_owned());
            }
            index.add(at, &function.name, &folded, &aliases);
            for category in &function.categories {
                let at = Position { function: function.code.clone(), category: Some(category.code.clone()), subcategory: None };
                index.add(at, &category.name, &folded, &aliases);
                for subcategory in &category.subcategories {
                    let at = Position {
                        function: function.code.clone(),
                        category: Some(category.code.clone()),
                        subcategory: Some(subcategory.code.clone()),
                    };
                    index.add(at, "", &folded, &aliases);
                }
            }
            index.functions.insert(folded);
            index.functions.extend(aliases);
        }
        index
    }

    /// The same index that also knows these withdrawn codes. A code that is live stays live.
    #[must_use]
    pub fn with_withdrawn<'a>(mut self, withdrawn: impl IntoIterator<Item = &'a Withdrawal>) -> Self {
        for withdrawal in withdrawn {
            let parts = parts_of(&withdrawal.code);
            let key = join(&parts);
            if !self.by_key.contains_key(&key) {
                self.by_key.insert(key, self.entries.len());
                self.parts.push(parts);
                self.entries.push(Entry::Withdrawn(withdrawal.clone()));
            }
        }
        self
    }

    fn add(&mut self, position: Position, name: &str, function: &str, aliases: &[String]) {
        let number = self.entries.len();
        let parts = parts_of(position.code());
        self.by_key.entry(join(&parts)).or_insert(number);
        if parts.first().is_some_and(|first| first == function) {
            for alias in aliases {
                let mut renamed = parts.clone();
                renamed[0].clone_from(alias);
                self.by_key.entry(join(&renamed)).or_insert(number);
            }
        }
        let name = fold(name);
        if !name.is_empty() {
            self.by_name.entry(name).and_modify(|entry| *entry = None).or_insert(Some(number));
        }
        self.parts.push(parts);
        self.entries.push(Entry::Live(position));
    }

    /// The place that exactly this code or name stands for, however it is written.
    pub fn find(&self, written: &str) -> Option<&Position> {
        let found = self.by_key.get(&key_of(written)).copied().or_else(|| self.by_name.get(&fold(written)).copied().flatten());
        match &self.entries[found?] {
            Entry::Live(position) => Some(position),
            Entry::Withdrawn(_) => None,
        }
    }

    /// What exactly this code or name refers to.
    pub fn resolve(&self, written: &str) -> Reference {
        let found = self.by_key.get(&key_of(written)).copied().or_else(|| self.by_name.get(&fold(written)).copied().flatten());
        match found {
            Some(number) => self.reference(number),
            None => Reference::Unknown { written: written.trim().to_owned() },
        }
    }

    fn reference(&self, number: usize) -> Reference {
        match &self.entries[number] {
            Entry::Live(position) => Reference::Known(position.clone()),
            Entry::Withdrawn(withdrawal) => Reference::Withdrawn {
                code: withdrawal.code.clone(),
                successors: withdrawal.successors.iter().filter_map(|code| self.find(code).cloned()).collect(),
            },
        }
    }

    /// The codes nearest to what was written: first those that are spelled or numbered like it, then those whose names are like
    /// it. What is longer than any code or name has none.
    pub fn near(&self, written: &str) -> Vec<String> {
        let written = written.trim();
        if written.len() > LONGEST_WRITTEN {
            return Vec::new();
        }
        let wanted = parts_of(written);
        let key = join(&wanted);
        let key_length = key.chars().count();
        let number = |parts: &[String]| parts.last().and_then(|part| part.parse::<i64>().ok());
        let mut ranked: Vec<(usize, i64, usize, &str)> = Vec::new();
        for (order, (entry, parts)) in self.entries.iter().zip(&self.parts).enumerate() {
            let Entry::Live(position) = entry else { continue };
            let same_start = parts.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
            let same_start = same_start >= 2 && parts.len() <= wanted.len();
            let own = join(parts);
            let most = 2.min(key_length / 2);
            // Each character more is a step more; to count the others is dear.
            if !same_start && own.chars().count().abs_diff(key_length) > most {
                continue;
            }
            let distance = strsim::osa_distance(&own, &key);
            if !same_start && distance > most {
                continue;
            }
            let gap = match (number(parts), number(&wanted)) {
                (Some(a), Some(b)) => (a - b).abs(),
                (None, None) => 0,
                _ => i64::from(i32::MAX),
            };
            ranked.push((distance, gap, order, position.code()));
        }
        ranked.sort_unstable();
        let names = self.by_name.iter().filter_map(|(name, entry)| match &self.entries[(*entry)?] {
            Entry::Live(position) => Some((folded(name), position.code())),
            Entry::Withdrawn(_) => None,
        });
        let named = near::among(&fold(written), names, NEAR);
        let mut near: Vec<String> = Vec::new();
        for code in ranked.into_iter().map(|(_, _, _, code)| code).chain(named) {
            if near.len() < NEAR && !near.iter().any(|known| known == code) {
                near.push(code.to_owned());
            }
        }
        near
    }

    /// All live places in document order.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Live(position) => Some(position),
            Entry::Withdrawn(_) => None,
        })
    }
}

/// Leaves out the places that another one of the list lies below: `PR`, `PR.AA`, `PR.AA-01` is one reference, not three.
pub fn most_specific(positions: Vec<Position>) -> Vec<Position> {
    let kept: Vec<bool> = positions.iter().map(|position| !positions.iter().any(|other| position.contains(other))).collect();
    positions.into_iter().zip(kept).filter_map(|(position, kept)| kept.then_some(position)).collect()
}

/// The places of a framework that have none below them, in document order.
pub fn lowest(framework: &Framework) -> Vec<Position> {
    let mut all = Vec::new();
    for function in &framework.functions {
        let at = |category: Option<&str>, subcategory: Option<&str>| Position {
            function: function.code.clone(),
            category: category.map(str::to_owned),
            subcategory: subcategory.map(str::to_owned),
        };
        if function.categories.is_empty() {
            all.push(at(None, None));
        }
        for category in &function.categories {
            if category.subcategories.is_empty() {
                all.push(at(Some(&category.code), None));
            }
            all.extend(category.subcategories.iter().map(|one| at(Some(&category.code), Some(&one.code))));
        }
    }
    all
}

#[cfg(test)]
mod tests;

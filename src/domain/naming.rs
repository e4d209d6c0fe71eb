//! Finding a metric by what people call it: its id, its number, or its name.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;

use uuid::Uuid;

use super::near;
use super::text::folded;

/// How many near names an error lists at most.
const NEAR: usize = 5;

/// What a text is compared with, in the order in which a text is tried.
#[derive(Debug, Clone, Copy, Hash)]
enum Kind {
    Number,
    Id,
    FoldedNumber,
    Title,
}

/// What has an id, a name, and a number where it was given one.
pub trait Called {
    /// Its id.
    fn id(&self) -> Uuid;
    /// What people know it by, such as `PR-001`.
    fn number(&self) -> Option<&str>;
    /// What it is called.
    fn name(&self) -> &str;
}

impl<T: Called> Called for &T {
    fn id(&self) -> Uuid {
        (**self).id()
    }

    fn number(&self) -> Option<&str> {
        (**self).number()
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}

impl Called for (Uuid, Option<String>, String) {
    fn id(&self) -> Uuid {
        self.0
    }

    fn number(&self) -> Option<&str> {
        self.1.as_deref()
    }

    fn name(&self) -> &str {
        &self.2
    }
}

/// Whether one goes by this name of this kind.
fn is(one: &impl Called, kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Number => one.number() == Some(text),
        Kind::Id => text.parse() == Ok(one.id()),
        Kind::FoldedNumber => one.number().is_some_and(|number| folded(number) == text),
        Kind::Title => folded(one.name()) == text,
    }
}

/// Metrics, or items, by what they can be called, in the order in which a text is tried: a number as it is written, an id, a number
/// without regard to case and blanks around, and so a name.
///
/// Names are found by their hashes: recording a file holds all metrics, and each of their texts once is enough.
#[derive(Debug)]
pub struct Names<T> {
    all: Vec<T>,
    hasher: RandomState,
    /// The first position of a hash.
    first: HashMap<u64, u32>,
    /// Its other positions.
    others: HashMap<u64, Vec<u32>>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names { all: Vec::new(), hasher: RandomState::new(), first: HashMap::new(), others: HashMap::new() }
    }
}

impl<T> Deref for Names<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all
    }
}

impl<T> Names<T> {
    /// Those that are named, by position. Their names stay as they are.
    pub fn all_mut(&mut self) -> &mut [T] {
        &mut self.all
    }
}

impl<T: Called> Names<T> {
    fn index(&mut self, position: usize) {
        let one = &self.all[position];
        let mut hashes = vec![self.hash(Kind::Id, &one.id().to_string()), self.hash(Kind::Title, &folded(one.name()))];
        if let Some(number) = one.number() {
            hashes.extend([self.hash(Kind::Number, number), self.hash(Kind::FoldedNumber, &folded(number))]);
        }
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        for hash in hashes {
            if *self.first.entry(hash).or_insert(position) != position {
                self.others.entry(hash).or_default().push(position);
            }
        }
    }

    fn hash(&self, kind: Kind, text: &str) -> u64 {
        self.hasher.hash_one((kind, text))
    }

    /// The position of the one with this id.
    pub fn position(&self, id: Uuid) -> Option<usize> {
        self.of(Kind::Id, &id.to_string()).first().copied()
    }

    /// The positions of those that this text stands for.
    pub fn find(&self, text: &str) -> Vec<usize> {
        let mut found = self.of(Kind::Number, text);
        if found.is_empty()
            && let Ok(id) = text.trim().parse::<Uuid>()
        {
            found = self.of(Kind::Id, &id.to_string());
        }
        if found.is_empty() {
            let text = folded(text);
            found = self.of(Kind::FoldedNumber, &text);
            if found.is_empty() {
                found = self.of(Kind::Title, &text);
            }
        }
        found
    }

    fn of(&self, kind: Kind, text: &str) -> Vec<usize> {
        let hash = self.hash(kind, text);
        let all = self.first.get(&hash).into_iter().chain(self.others.get(&hash).into_iter().flatten());
        all.map(|&position| position as usize).filter(|&position| is(&self.all[position], kind, text)).collect()
    }

    /// The names most like this text, by what a mistyped number or name has in common with the right one. That takes its time
    /// among many names.
    pub fn near(&self, text: &str) -> Vec<String> {
        let shown = |one: &T| match one.number() {
            Some(number) => format!("{number} ({})", one.name()),
            None => one.name().to_owned(),
        };
        let shown: Vec<String> = self.all.iter().map(shown).collect();
        let all = self.all.iter().zip(&shown);
        let numbers = all.clone().filter_map(|(one, shown)| Some((folded(one.number()?), shown.as_str())));
        let titles = all.map(|(one, shown)| (folded(one.name()), shown.as_str()));
        near::among(text, numbers.chain(titles), NEAR).into_iter().map(str::to_owned).collect()
    }
}

impl<T: Called> From<Vec<T>> for Names<T> {
    fn from(all: Vec<T>) -> Self {
        let mut names = Names { all, ..Names::default() };
        (0..names.all.len()).for_each(|position| names.index(position));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<const N: usize>(all: [(Option<&str>, &str); N]) -> Names<(Uuid, Option<String>, String)> {
        let all =
            (1..).map(Uuid::from_u128).zip(all).map(|(id, (number, name))| (id, number.map(str::to_owned), name.to_owned()));
        all.collect::<Vec<_>>().into()
    }

    #[test]
    fn numbers_come_before_names_and_case_does_not_matter() {
        let names =
            names([(Some("PR-001"), "MFA coverage"), (Some("PR-002"), "pr-001"), (None, "Patch age"), (None, "patch age ")]);
        for text in ["PR-001", " pr-001", "mfa COVERAGE", "00000000-0000-0000-0000-000000000001 "] {
            assert_eq!(names.find(text), [0], "{text}");
        }
        assert_eq!(names.find("Patch age"), [2, 3]);
    }

    #[test]
    fn a_mistyped_name_lists_the_near_ones() {
        let names = names([(Some("PR-001"), "MFA coverage"), (Some("DE-009"), "Log sources")]);
        assert_eq!(names.near("MFA covrage"), ["PR-001 (MFA coverage)"]);
        assert_eq!(names.near("sources"), ["DE-009 (Log sources)"]);
        assert!(names.near("zzz").is_empty() && names.find("zzz").is_empty());
    }
}

//! Finding a metric by what people call it: its id, its number, or its name.

use std::collections::HashMap;

use uuid::Uuid;

use super::near;
use super::text::folded;

/// How many near names an error lists at most.
const NEAR: usize = 5;

/// What metrics, or items, can be called, in the order in which a text is tried: a number as it is written, an id, a number
/// without regard to case and blanks around, and so a name.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<String, Vec<usize>>,
    ids: HashMap<Uuid, [usize; 1]>,
    folded_numbers: HashMap<String, Vec<usize>>,
    titles: HashMap<String, Vec<usize>>,
    shown: Vec<String>,
}

impl Names {
    /// Adds the one at the next position.
    pub fn add(&mut self, id: Uuid, number: Option<&str>, name: &str) {
        let position = self.shown.len();
        self.ids.insert(id, [position]);
        if let Some(number) = number {
            self.numbers.entry(number.to_owned()).or_default().push(position);
            self.folded_numbers.entry(folded(number)).or_default().push(position);
        }
        self.titles.entry(folded(name)).or_default().push(position);
        self.shown.push(number.map_or_else(|| name.to_owned(), |number| format!("{number} ({name})")));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    pub fn position(&self, id: Uuid) -> Option<usize> {
        self.ids.get(&id).map(|[position]| *position)
    }

    /// The positions of those that this text stands for.
    pub fn find(&self, text: &str) -> &[usize] {
        let by_id = || text.trim().parse().ok().and_then(|id: Uuid| self.ids.get(&id)).map(|one| &one[..]);
        let by_name = || {
            let text = folded(text);
            self.folded_numbers.get(&text).or_else(|| self.titles.get(&text)).map(Vec::as_slice)
        };
        self.numbers.get(text).map(Vec::as_slice).or_else(by_id).or_else(by_name).unwrap_or_default()
    }

    /// The names most like this text, by what a mistyped number or name has in common with the right one. That takes its time
    /// among many names.
    pub fn near(&self, text: &str) -> Vec<String> {
        let all = self.folded_numbers.iter().chain(&self.titles);
        let names =
            all.flat_map(|(name, positions)| positions.iter().map(move |&position| (name, self.shown[position].as_str())));
        near::among(text, names, NEAR).into_iter().map(str::to_owned).collect()
    }
}

impl<'a> FromIterator<(Uuid, Option<&'a str>, &'a str)> for Names {
    fn from_iter<I: IntoIterator<Item = (Uuid, Option<&'a str>, &'a str)>>(all: I) -> Self {
        let mut names = Names::default();
        for (id, number, name) in all {
            names.add(id, number, name);
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<const N: usize>(all: [(Option<&str>, &str); N]) -> Names {
        (1..).map(Uuid::from_u128).zip(all).map(|(id, (number, name))| (id, number, name)).collect()
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

//! Finding a metric by what people call it: its id, its number, or its name.

use std::collections::HashMap;

use super::near;

/// How many near names an error lists at most.
const NEAR: usize = 5;

/// What a metric can be called, in the order in which a text is tried: a number before a name, as written before
/// without regard to case and blanks around.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<String, Vec<usize>>,
    folded_numbers: HashMap<String, Vec<usize>>,
    titles: HashMap<String, Vec<usize>>,
    shown: Vec<String>,
}

/// What a text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This one, by its position.
    One(usize),
    /// Several, by their positions.
    Several(Vec<usize>),
    /// None; these are near, nearest first.
    None(Vec<String>),
}

/// The form in which names are compared: trimmed, without regard to case.
pub fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Names {
    /// Adds the metric at the next position.
    pub fn add(&mut self, number: Option<&str>, name: &str) {
        let position = self.shown.len();
        if let Some(number) = number {
            self.numbers.entry(number.to_owned()).or_default().push(position);
            self.folded_numbers.entry(folded(number)).or_default().push(position);
        }
        self.titles.entry(folded(name)).or_default().push(position);
        self.shown.push(number.map_or_else(|| name.to_owned(), |number| format!("{number} ({name})")));
    }

    /// Whether the text stands for one or several of them.
    pub fn knows(&self, text: &str) -> bool {
        self.numbers.contains_key(text) || {
            let text = folded(text);
            self.folded_numbers.contains_key(&text) || self.titles.contains_key(&text)
        }
    }

    /// Finds what this text stands for.
    pub fn find(&self, text: &str) -> Found {
        self.known(text).unwrap_or_else(|| Found::None(self.near(text)))
    }

    /// The same without a look at what is like it, which takes its time among many names.
    pub fn known(&self, text: &str) -> Option<Found> {
        let found = self.numbers.get(text).or_else(|| {
            let text = folded(text);
            self.folded_numbers.get(&text).or_else(|| self.titles.get(&text))
        });
        found.map(|found| one_of(found))
    }

    /// The names most like this text, by what a mistyped number or name has in common with the right one.
    pub fn near(&self, text: &str) -> Vec<String> {
        let all = self.folded_numbers.iter().chain(&self.titles);
        let names =
            all.flat_map(|(name, positions)| positions.iter().map(move |&position| (name, self.shown[position].as_str())));
        near::among(text, names, NEAR).into_iter().map(str::to_owned).collect()
    }
}

fn one_of(found: &[usize]) -> Found {
    match found {
        [one] => Found::One(*one),
        several => Found::Several(several.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_before_names_and_case_does_not_matter() {
        let mut names = Names::default();
        names.add(Some("PR-001"), "MFA coverage");
        names.add(Some("PR-002"), "pr-001");
        names.add(None, "Patch age");
        names.add(None, "patch age ");
        assert_eq!(names.find("PR-001"), Found::One(0));
        assert_eq!(names.find(" pr-001"), Found::One(0));
        assert_eq!(names.find("mfa COVERAGE"), Found::One(0));
        assert_eq!(names.find("Patch age"), Found::Several(vec![2, 3]));
    }

    #[test]
    fn a_mistyped_name_lists_the_near_ones() {
        let mut names = Names::default();
        names.add(Some("PR-001"), "MFA coverage");
        names.add(Some("DE-009"), "Log sources");
        assert_eq!(names.find("MFA covrage"), Found::None(vec!["PR-001 (MFA coverage)".into()]));
        assert_eq!(names.find("sources"), Found::None(vec!["DE-009 (Log sources)".into()]));
        assert_eq!(names.find("zzz"), Found::None(vec![]));
    }
}

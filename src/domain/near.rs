//! What somebody may have meant who typed a name that nobody has.

use std::cell::RefCell;
use std::collections::HashMap;

use super::text::folded;

/// Longer names, in characters, are not compared: to compare two takes as long as their lengths multiplied.
const LONGEST: usize = 100;

/// Among more names than this none is looked for.
const MOST: usize = 50_000;

/// The likeness of names that differ in nothing that matters.
const SAME: f64 = 1.0;

/// From which likeness on a name is near: 1 is the same.
const NEAR: f64 = 0.78;

/// The names that are most like what was typed, the nearest first, at most `most` of them. Case does not matter.
pub fn near<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    among(typed, names.into_iter().map(|name| (folded(name), name)), most)
}

/// The same for names that are folded already, each with what stands for it in the answer.
pub fn among<'a, N: AsRef<str>>(typed: &str, names: impl IntoIterator<Item = (N, &'a str)>, most: usize) -> Vec<&'a str> {
    let typed = folded(typed);
    if typed.is_empty() || is_long(&typed) {
        return Vec::new();
    }
    let mut found: Vec<(f64, &str)> = Vec::new();
    for (place, (name, shown)) in names.into_iter().enumerate() {
        if place == MOST {
            return Vec::new();
        }
        let name = name.as_ref();
        if !is_long(name) {
            found.push((likeness(&typed, name), shown));
        }
    }
    found.retain(|(likeness, _)| *likeness > NEAR);
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    if found.first().is_some_and(|(likeness, _)| *likeness >= SAME) {
        found.retain(|(likeness, _)| *likeness >= SAME);
    }
    let mut near: Vec<&str> = Vec::new();
    for (_, shown) in found {
        if near.len() < most && !near.contains(&shown) {
            near.push(shown);
        }
    }
    near
}

/// The question for who typed a name that none of these is. None if none is near.
pub fn did_you_mean<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    question(&quoted(typed, names))
}

/// Names that differ little from what was typed, quoted, the nearest first, at most three.
pub fn quoted<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    near(typed, names, 3).into_iter().map(|name| format!("`{name}`")).collect()
}

/// The question for who may have meant one of these. None where there are none.
pub fn question(near: &[String]) -> Option<String> {
    (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" or ")))
}

/// For how many wrong names of one file the right ones are looked for. To compare a name with all there are takes its time, and a
/// large file may hold one wrong name a million times, or a million wrong ones.
pub const COMPARED: usize = 50;

/// The longest wrong name, in bytes, that is remembered. Longer ones are not compared, so that nothing is lost with them.
const REMEMBERED: usize = 1_000;

/// What is near to the wrong names of one file.
#[derive(Debug, Default)]
pub struct Suggestions(RefCell<HashMap<String, Vec<String>>>);

impl Suggestions {
    /// The names that `look` finds near to a wrong one, each looked for once. None once so many others were looked for.
    pub fn of(&self, wrong: &str, look: impl FnOnce() -> Vec<String>) -> Option<Vec<String>> {
        let mut known = self.0.borrow_mut();
        if let Some(near) = known.get(wrong) {
            return Some(near.clone());
        }
        if known.len() == COMPARED {
            return None;
        }
        let near = look();
        if wrong.len() <= REMEMBERED {
            known.insert(wrong.to_owned(), near.clone());
        }
        Some(near)
    }
}

/// Whether one word is the other with one letter changed, added, left out or moved. Of short words and of numbers one letter makes
/// another word.
pub fn is_slip(one: &str, other: &str) -> bool {
    let is_word = |word: &str| word.chars().nth(4).is_some() && word.chars().all(char::is_alphabetic) && !is_long(word);
    is_word(one) && is_word(other) && strsim::osa_distance(one, other) == 1
}

fn is_long(name: &str) -> bool {
    name.chars().nth(LONGEST).is_some()
}

/// A name without what people leave out of it: what stands between letters and digits, and zeros before a number. `A1`, `A-1` and
/// `a 01` are bare the same.
fn bare(name: &str) -> String {
    let mut bare = String::with_capacity(name.len());
    let mut is_in_number = false;
    for c in name.chars() {
        let is_leading = c == '0' && !is_in_number;
        is_in_number = c.is_ascii_digit() && !is_leading;
        if c.is_alphanumeric() && !is_leading {
            bare.push(c);
        }
    }
    bare
}

/// By what a mistyped name has in common with the right one.
fn likeness(typed: &str, name: &str) -> f64 {
    let length = typed.chars().count();
    if length > 1 && bare(typed) == bare(name) {
        return SAME;
    }
    let likeness = strsim::jaro_winkler(typed, name);
    if length > 2 && name.contains(typed) {
        return likeness.max(0.9);
    }
    // Of a short code one letter is much, and yet the one that was mistyped.
    let is_short = (2..=4).contains(&length);
    match strsim::osa_distance(typed, name) {
        1 if is_short => likeness.max(0.8),
        // What else is left of a short word makes another word.
        2.. if is_short && !name.starts_with(typed) => likeness.min(NEAR),
        _ => likeness,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first_and_strangers_do_not_come() {
        let names = ["MFA coverage", "Log sources", "MFA", "Patch age"];
        assert_eq!(near("mfa covrage", names, 3), ["MFA coverage", "MFA"]);
        assert_eq!(near("sources", names, 3), ["Log sources"]);
        assert_eq!(near("PA", ["PR", "DE", "PR"], 3), ["PR"]);
        assert!(near("zzz", names, 3).is_empty() && near(" ", names, 3).is_empty());
        assert_eq!(near("log", ["Log a", "Log b", "Log c"], 2), ["Log a", "Log b"]);
    }

    #[test]
    fn a_slip_is_one_letter_of_a_long_word() {
        for (one, other) in [("coverage", "covrage"), ("phishing", "phsihing"), ("patched", "patches")] {
            assert!(is_slip(one, other) && is_slip(other, one), "{one}");
        }
        for (one, other) in [("same", "sane"), ("tier1", "tier2"), ("internal", "external"), ("equal", "equal")] {
            assert!(!is_slip(one, other), "{one}");
        }
    }

    #[test]
    fn what_stands_between_letters_and_digits_does_not_matter() {
        let names = ["A-1", "A-10", "B-1", "PR-001", "PR-010"];
        for (typed, first) in [("A1", "A-1"), ("a 01", "A-1"), ("a10", "A-10"), ("PR1", "PR-001"), ("pr_10", "PR-010")] {
            assert_eq!(near(typed, names, 1), [first], "{typed}");
        }
        assert_eq!((bare("100"), bare("pr-100")), ("100".to_owned(), "pr100".to_owned()));
    }

    #[test]
    fn each_wrong_name_is_looked_for_once_and_only_the_first_of_very_many() {
        let suggestions = Suggestions::default();
        let looked = RefCell::new(0);
        let of = |wrong: &str| {
            suggestions.of(wrong, || {
                *looked.borrow_mut() += 1;
                vec![wrong.to_uppercase()]
            })
        };
        for wrong in 0..100_000 {
            let near = of(&format!("name {wrong}"));
            assert_eq!(near, (wrong < COMPARED).then(|| vec![format!("NAME {wrong}")]));
        }
        assert_eq!(of("name 7"), Some(vec!["NAME 7".to_owned()]));
        assert_eq!(*looked.borrow(), COMPARED);
    }

    #[test]
    fn what_would_take_long_is_not_compared() {
        let long = "name ".repeat(200_000);
        assert!(near(&long, [long.as_str(), "name"], 3).is_empty());
        assert_eq!(near("name", [long.as_str(), "names"], 3), ["names"]);
        let many = vec!["name"; MOST + 1];
        assert!(near("nam", many.iter().copied(), 3).is_empty());
        assert_eq!(near("nam", many[1..].iter().copied(), 3), ["name"]);
        let longest = "n".repeat(LONGEST);
        assert_eq!(near(&longest, [longest.as_str()], 1).len(), 1);
        assert!(near(&format!("{longest}n"), [longest.as_str()], 1).is_empty());
    }
}

//! From text to terms: words without their endings, pairs of neighbours, and pieces of words.

use std::collections::HashSet;

use crate::domain::language::{self, Language};

/// Words of the field that mean the same in it; the first of a line stands for all.
const SAME: [&[&str]; 12] = [
    &["supplier", "vendor"],
    &["organization", "organisation", "enterprise", "company", "entity"],
    &["personnel", "staff", "employee", "workforce", "worker", "user"],
    &["incident", "breach"],
    &["malware", "virus", "ransomware", "spyware", "trojan"],
    &["verify", "validate", "confirm"],
    &["assess", "evaluate"],
    &["restore", "recover"],
    &["flaw", "weakness", "vulnerability"],
    &["destroy", "dispose", "sanitize"],
    &["data", "information", "ephi", "phi", "pii"],
    &["premises", "facility", "building"],
];

/// The word without its endings, so that `monitored`, `monitoring` and `monitors` meet.
pub(super) fn stem(word: &str) -> String {
    let mut word = word.to_owned();
    if word.len() <= 3 || !word.is_ascii() {
        return word;
    }
    for (ending, instead) in [("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("iveness", "ive")] {
        if word.ends_with(ending) && word.len() - ending.len() >= 3 {
            word.truncate(word.len() - ending.len());
            word.push_str(instead);
            break;
        }
    }
    if word.ends_with("ies") && word.len() > 4 {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if word.ends_with("sses") {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
        word.pop();
    }
    if let Some(ending) =
        Language::English.endings().iter().find(|ending| word.ends_with(**ending) && word.len() - ending.len() >= 4)
    {
        word.truncate(word.len() - ending.len());
        // `authenticated` is of `authenticate`, not of a word of its own.
        if word.ends_with("at") && word.len() >= 6 {
            word.truncate(word.len() - 2);
        }
    }
    if word.ends_with('e') && word.len() > 4 {
        word.pop();
    }
    if word.ends_with('i') && word.len() > 3 {
        word.pop();
        word.push('y');
    }
    let letters = word.as_bytes();
    if letters.len() > 4 && letters[letters.len() - 1] == letters[letters.len() - 2] && !word.ends_with(['s', 'l']) {
        word.pop();
    }
    word
}

/// The word without its endings in a language with other endings than English.
fn stem_in(language: Language, word: &str) -> String {
    if word.len() <= 4 || !word.is_ascii() {
        return word.to_owned();
    }
    let mut word = word;
    if language.compounds() && word.len() >= 8 {
        word = word.strip_prefix("ge").unwrap_or(word);
    }
    let ending = language.endings().iter().find(|ending| word.ends_with(**ending) && word.len() - ending.len() >= 4);
    let stem = &word[..word.len() - ending.map_or(0, |ending| ending.len())];
    let mut short = String::with_capacity(stem.len());
    for letter in stem.chars() {
        // Spelling doubles and undoubles letters at the end of a word: `beheren` and `beheer`, `scannen` and `scan`.
        if !(language.compounds() && short.ends_with(letter)) {
            short.push(letter);
        }
    }
    short
}

/// The words of a text that say something, in lower case and without accents, with the English `'s` dropped.
fn plain_words(spoken: Language, text: &str) -> impl Iterator<Item = String> {
    let mut text = language::plain(text);
    if spoken == Language::English {
        text = text.replace("'s", "");
    }
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !language::is_empty(spoken, word))
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// A term of a text: one word, or two neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) key: String,
    pub(super) written: String,
    pub(super) pair: bool,
    /// Whether it says more about a figure than about the matter.
    pub(super) faint: bool,
}

/// Makes terms of texts; holds the table of words that mean the same.
#[derive(Debug)]
pub(super) struct Terms {
    language: Language,
    same: Vec<(String, String)>,
    /// The words that a longer one may be made of, where the language joins words.
    parts: HashSet<String>,
}

/// What may stand between the parts of a joined word.
const LINKS: [&str; 5] = ["", "s", "n", "en", "e"];
/// Shorter words are no part of a longer one.
const PART: usize = 4;

impl Terms {
    pub(super) fn new(language: Language) -> Self {
        let groups: &[&[&str]] = if language == Language::English { &SAME } else { &[] };
        let mut same: Vec<(String, String)> =
            groups.iter().flat_map(|group| group.iter().map(|word| (stem(word), stem(group[0])))).collect();
        same.sort();
        Terms { language, same, parts: HashSet::new() }
    }

    /// Learns the words that longer ones may be made of.
    pub(super) fn learn<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        if self.language.compounds() {
            let known = texts.flat_map(|text| self.of(text)).filter(|term| !term.pair && term.written.len() >= PART);
            self.parts = known.flat_map(|term| [term.key, term.written]).collect();
        }
    }

    fn key(&self, written: &str) -> String {
        if self.language != Language::English {
            return stem_in(self.language, written);
        }
        let key = stem(written);
        match self.same.binary_search_by(|(known, _)| known.as_str().cmp(&key)) {
            Ok(at) => self.same[at].1.clone(),
            Err(_) => key,
        }
    }

    /// The two words that a longer one is made of.
    fn split<'a>(&self, written: &'a str) -> Option<(&'a str, &'a str)> {
        if self.parts.is_empty() || written.len() < 2 * PART || !written.is_ascii() {
            return None;
        }
        let is_part = |part: &str| self.parts.contains(part) || self.parts.contains(&self.key(part));
        (PART..=written.len() - PART).rev().find_map(|at| {
            let (left, right) = written.split_at(at);
            let left =
                LINKS.iter().find_map(|link| left.strip_suffix(link).filter(|left| left.len() >= PART && is_part(left)))?;
            is_part(right).then_some((left, right))
        })
    }

    /// The words and pairs of a text. A pair does not cross punctuation.
    pub(super) fn of(&self, text: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        for piece in text.split(['.', ';', ',', ':', '(', ')', '\n']) {
            let mut before: Option<(String, String)> = None;
            for written in plain_words(self.language, piece) {
                if written.chars().all(|c| c.is_ascii_digit()) {
                    continue;
                }
                let key = self.key(&written);
                if let Some((key_before, written_before)) = before {
                    terms.push(Term {
                        key: format!("{key_before}_{key}"),
                        written: format!("{written_before} {written}"),
                        pair: true,
                        faint: false,
                    });
                }
                if let Some((left, right)) = self.split(&written) {
                    for part in [left, right] {
                        terms.push(Term { key: self.key(part), written: part.to_owned(), pair: false, faint: false });
                    }
                }
                let faint = language::is_faint(self.language, &written);
                terms.push(Term { key: key.clone(), written: written.clone(), pair: false, faint });
                before = Some((key, written));
            }
        }
        terms
    }

    /// The words of a text that are about the matter, and those that are about a figure, each between blanks.
    pub(super) fn parted(&self, text: &str) -> (String, String) {
        let (faint, clear): (Vec<_>, Vec<_>) =
            plain_words(self.language, text).partition(|word| language::is_faint(self.language, word));
        (clear.join(" "), faint.join(" "))
    }

    /// The text that pieces of words are taken from: its words with blanks between and around them.
    pub(super) fn spaced(&self, text: &str) -> String {
        let mut spaced = String::from(" ");
        for word in plain_words(self.language, text) {
            spaced.push_str(&word);
            spaced.push(' ');
        }
        spaced
    }
}

/// All pieces of four and of five characters.
pub(super) fn pieces(spaced: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = spaced.char_indices().map(|(at, _)| at).chain([spaced.len()]).collect();
    [4_usize, 5].into_iter().flat_map(move |length| {
        let starts = starts.clone();
        (0..starts.len().saturating_sub(length)).map(move |at| &spaced[starts[at]..starts[at + length]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet_and_different_words_do_not() {
        for group in [
            &["monitor", "monitors", "monitored", "monitoring"][..],
            &["policy", "policies"],
            &["authentication", "authenticated", "authenticate"],
            &["vulnerability", "vulnerabilities"],
        ] {
            assert!(group.iter().all(|word| stem(word) == stem(group[0])), "{group:?}");
        }
        assert_ne!(stem("patch"), stem("path"));
        assert_eq!(stem("mfa"), "mfa");
    }

    #[test]
    fn terms_are_words_and_pairs_within_punctuation() {
        let english = Terms::new(Language::English);
        let terms: Vec<String> = english.of("Share of vendors, audited yearly").into_iter().map(|term| term.written).collect();
        assert_eq!(terms, ["vendors", "audited", "audited yearly", "yearly"]);
        assert_eq!(english.of("vendors")[0].key, english.of("supplier")[0].key);
    }

    #[test]
    fn pieces_keep_to_character_borders() {
        let english = Terms::new(Language::English);
        assert_eq!(pieces(&english.spaced("Äöü")).collect::<Vec<_>>(), [" aou", "aou ", " aou "]);
        assert_eq!(pieces(&english.spaced("")).count(), 0);
    }
}

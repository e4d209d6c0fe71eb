//! From text to terms: words without their endings, pairs of neighbours, and pieces of words.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that say nothing about the matter, those of metrics ("share of", "average") among them.
const EMPTY: &str = " a an the and or of to in on for with by from at as is are be been being was were that this these those it its \
    their they them which who whose what when where how than then so such not no nor any all each every other others own same into \
    out over under between within without about after before during while until up down also only both more most less least very can \
    may will shall should would must could has have had do does did done if because per via e g i eg ie etc there here we our us you \
    your he she his her one two three share number count percentage percent rate ratio total average median mean whether using used \
    use including include includes included ";

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

/// What a word loses at its end, longest first.
const ENDINGS: [&str; 31] = [
    "ations", "ation", "ements", "ement", "ments", "ment", "ingly", "edly", "ings", "ing", "ied", "ed", "ers", "er", "ions",
    "ion", "ities", "ity", "ance", "ence", "able", "ible", "ally", "ly", "ive", "al", "ate", "ize", "ise", "ness", "ency",
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
    if let Some(ending) = ENDINGS.iter().find(|ending| word.ends_with(**ending) && word.len() - ending.len() >= 4) {
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

fn is_empty(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| EMPTY.split_whitespace().collect());
    WORDS.contains(word)
}

/// The words of a text that say something, in lower case, with `'s` dropped.
fn plain_words(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_lowercase().replace('\u{2019}', "'").replace("'s", "");
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !is_empty(word))
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
}

/// Makes terms of texts; holds the table of words that mean the same.
#[derive(Debug)]
pub(super) struct Terms {
    same: Vec<(String, String)>,
}

impl Terms {
    pub(super) fn new() -> Self {
        let mut same: Vec<(String, String)> =
            SAME.iter().flat_map(|group| group.iter().map(|word| (stem(word), stem(group[0])))).collect();
        same.sort();
        Terms { same }
    }

    /// The words and pairs of a text. A pair does not cross punctuation.
    pub(super) fn of(&self, text: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        for piece in text.split(['.', ';', ',', ':', '(', ')', '\n']) {
            let mut before: Option<(String, String)> = None;
            for written in plain_words(piece) {
                if written.chars().all(|c| c.is_ascii_digit()) {
                    continue;
                }
                let mut key = stem(&written);
                if let Ok(at) = self.same.binary_search_by(|(known, _)| known.as_str().cmp(&key)) {
                    key.clone_from(&self.same[at].1);
                }
                if let Some((key_before, written_before)) = before {
                    terms.push(Term {
                        key: format!("{key_before}_{key}"),
                        written: format!("{written_before} {written}"),
                        pair: true,
                    });
                }
                terms.push(Term { key: key.clone(), written: written.clone(), pair: false });
                before = Some((key, written));
            }
        }
        terms
    }
}

/// The text that pieces of words are taken from: its words with blanks between and around them.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::from(" ");
    for word in plain_words(text) {
        spaced.push_str(&word);
        spaced.push(' ');
    }
    spaced
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
        let terms: Vec<String> =
            Terms::new().of("Share of vendors, audited yearly").into_iter().map(|term| term.written).collect();
        assert_eq!(terms, ["vendors", "audited", "audited yearly", "yearly"]);
        assert_eq!(Terms::new().of("vendors")[0].key, Terms::new().of("supplier")[0].key);
    }

    #[test]
    fn pieces_keep_to_character_borders() {
        assert_eq!(pieces(&spaced("Äöü")).collect::<Vec<_>>(), [" äöü", "äöü ", " äöü "]);
        assert_eq!(pieces(&spaced("")).count(), 0);
    }
}

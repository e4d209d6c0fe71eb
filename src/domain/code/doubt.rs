//! Codes that are written, and not meant: doubted, denied, or misspelt.

use super::CodeIndex;

/// Words that deny or doubt the code that follows, or that stand between a code and another one.
const NOT: [&str; 39] = [
    "not", "no", "n/a", "na", "none", "non", "except", "excluding", "excl", "without", "nicht", "kein", "keine", "ohne",
    "sans", "pas", "formerly", "former", "previously", "was", "were", "old", "instead", "replaces", "replaced", "replacing",
    "maybe", "perhaps", "possibly", "probably", "vs", "versus", "statt", "anstatt", "früher", "vielleicht", "evtl", "ersetzt",
    "anciennement",
];

/// What doubts or denies the code before it, where nothing else follows.
const TAILS: [&str; 22] = [
    "?", "??", "tbc", "tbd", "to be confirmed", "to be checked", "to be defined", "to be clarified", "n/a", "na", "no", "none",
    "not applicable", "not in scope", "out of scope", "not mapped", "unclear", "unsure", "nicht anwendbar", "entfällt",
    "offen", "zu klären",
];

impl CodeIndex {
    /// Whether an item says of its code that it is not meant, or that it may be: `not PR.AT-01`, `n/a for PR.PS-02`, `PR.AA-01?`,
    /// `GV.OC-01 or GV.OC-02`, `PR.DS-01 instead of PR.DS-02`, `PR.DS-01 (tbc)`.
    pub(super) fn is_in_doubt(&self, item: &str) -> bool {
        let words: Vec<String> = item.split_whitespace().map(str::to_lowercase).collect();
        let bare = |word: &String| word.trim_matches(|c: char| "()[].,:".contains(c)).to_owned();
        let denies = |words: &[String]| words.iter().any(|word| NOT.contains(&bare(word).as_str()));
        let is_code: Vec<bool> = words.iter().map(|word| self.has_code(word)).collect();
        let Some(first) = is_code.iter().position(|is_code| *is_code) else { return false };
        let last = is_code.iter().rposition(|is_code| *is_code).unwrap_or(first);
        // After the colon of a code is its text, which may say anything.
        let has_text =
            words[first].ends_with(':') || words.get(first + 1).is_some_and(|next| matches!(next.as_str(), ":" | "-" | "–"));
        let next = (first + 1..=last).find(|at| is_code[*at]).filter(|next| next - first <= 4 && !has_text);
        let tail = words[last + 1..].join(" ");
        let tail = tail.trim_matches(|c: char| "()[]:=-–. ".contains(c));
        denies(&words[..first])
            || next.is_some_and(|next| denies(&words[first + 1..next]))
            || first == last && !words[last].ends_with([',', ';', '|']) && TAILS.contains(&tail)
            || words.len() == 1 && (item.ends_with(['?', '-']) || item.starts_with('~'))
            || words.len() == 3 && matches!(words[1].as_str(), "or" | "oder" | "ou" | "o") && is_code[0] && is_code[2]
    }
}

/// `PR.DS-O1`, `PR.PS-`, `PR.DS-xx`, `ID.AM-1O`, `PR.AA-01x`: a code continues where it should end, with something that is no word.
pub(super) fn misspelt(text: &str, start: usize, end: usize) -> Option<&str> {
    let rest = &text[end..];
    let tail = rest.strip_prefix(['-', '.']).unwrap_or(rest);
    let dash = rest.len() - tail.len();
    let word = tail.find(|c: char| !c.is_alphanumeric()).unwrap_or(tail.len());
    let token = &tail[..word];
    let is_wrong = if dash == 0 {
        !token.is_empty()
    } else if token.is_empty() {
        rest.starts_with('-') && tail.is_empty()
    } else {
        let is_left_open = matches!(token, "x" | "xx" | "X" | "XX" | "n" | "nn" | "NN");
        token.len() <= 3
            && (is_left_open
                || token
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, 'O' | 'o' | 'l' | 'I' | 'i' | 'S' | 'B' | 'Z' | 'z'))
                    && token.chars().any(|c| !c.is_ascii_digit())
                    && token.chars().any(|c| c.is_ascii_digit() || c == 'O' || c == 'l'))
    };
    is_wrong.then(|| &text[start..end + dash + word])
}

//! Codes by their parts: letters without case, numbers without leading zeros.

use unicode_normalization::UnicodeNormalization;

/// The one form of the characters that look alike in codes.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ad}' => '-',
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{feff}' => ' ',
        other => other,
    }
}

/// Upper case, blanks as one.
pub(super) fn fold(text: &str) -> String {
    let plain: String = text.nfkc().map(plain).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// One run of letters or of digits.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) part: String,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) numeric: bool,
    pub(super) upper: bool,
    /// Whether exactly one separator, or nothing, stands between this and the run before.
    pub(super) joined: bool,
    /// Whether that separator is a blank.
    pub(super) spaced: bool,
}

pub(super) fn runs_of(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if !c.is_alphanumeric() {
            continue;
        }
        let numeric = c.is_ascii_digit();
        let mut end = start + c.len_utf8();
        while let Some(&(at, c)) = rest.peek() {
            if !c.is_alphanumeric() || c.is_ascii_digit() != numeric {
                break;
            }
            end = at + c.len_utf8();
            rest.next();
        }
        let written = &text[start..end];
        let between = runs.last().map_or("?", |last| &text[last.end..start]);
        let part = if numeric { number_part(written) } else { written.to_uppercase() };
        runs.push(Run {
            upper: part == written,
            part,
            start,
            end,
            numeric,
            joined: matches!(between, "" | "." | "-" | "_" | " " | "(" | ")(" | "/"),
            spaced: between == " ",
        });
    }
    runs
}

pub(super) fn number_part(digits: &str) -> String {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

pub(super) fn parts_of(code: &str) -> Vec<String> {
    let code: String = code.nfkc().map(plain).collect();
    runs_of(&code).into_iter().map(|run| run.part).collect()
}

/// The parts in one text. Letters join letters without a mark (`PRAA-01` is `PR.AA-01`), numbers stay apart.
pub(super) fn join(parts: &[String]) -> String {
    let mut key = String::new();
    for part in parts {
        extend(&mut key, part);
    }
    key
}

/// Adds one more part.
pub(super) fn extend(key: &mut String, part: &str) {
    let digit = |c: char| c.is_ascii_digit();
    if key.ends_with(digit) && part.starts_with(digit) {
        key.push('.');
    }
    key.push_str(part);
}

/// The one form of a code, or of a metric's number, however it is written.
pub(in crate::domain) fn key_of(code: &str) -> String {
    join(&parts_of(code))
}

//! Codes in the texts of cells.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::doubt::misspelt;
use super::runs::{Run, extend, fold, key_of, plain, runs_of};
use super::{CodeIndex, Entry, NOTHING, Reference};

/// The most codes that nobody knows that are looked for in one cell. A cell with one of them is wrong already.
const UNKNOWN: usize = 100;

/// The most bytes of a cell in which codes are looked for. A cell of Excel has at most 32,767 characters.
const LONGEST_CELL: usize = 1 << 16;

/// The most parts that a chain may have which looks like a code.
const PARTS: usize = 16;

/// What was found, in order, each once.
#[derive(Default)]
struct References {
    list: Vec<Reference>,
    seen: HashSet<Reference>,
    unknown: usize,
}

impl References {
    fn add(&mut self, reference: Reference) {
        if self.seen.insert(reference.clone()) {
            self.unknown += usize::from(matches!(reference, Reference::Unknown { .. }));
            self.list.push(reference);
        }
    }

    fn is_full(&self) -> bool {
        self.unknown >= UNKNOWN
    }
}

impl CodeIndex {
    /// Everything a cell refers to, in the order it is written, each once. Empty when the cell holds nothing (`N/A`, `-`).
    ///
    /// Function codes and names alone (`ID`, `manage`) count only where they stand for themselves: as the whole of a list's
    /// item, before a colon, or in brackets after a name. Elsewhere they are words. Of codes that nobody knows, a hundred or so
    /// are told. A cell that is longer than any list of codes is one such code, cut off.
    pub fn find_all(&self, cell: &str) -> Vec<Reference> {
        let too_long = |cell: &str| {
            let written = cell.trim_start().chars().take(UNKNOWN).collect();
            vec![Reference::Unknown { written }]
        };
        if cell.len() > LONGEST_CELL {
            return too_long(cell);
        }
        let cell: String = cell.nfkc().map(plain).collect();
        // One character can stand for many.
        if cell.len() > LONGEST_CELL {
            return too_long(&cell);
        }
        if NOTHING.contains(&fold(&cell).as_str()) {
            return Vec::new();
        }
        if self.is_in_doubt(cell.trim()) {
            return vec![unknown(cell.trim())];
        }
        // The whole cell may be a name with a comma or a slash in it.
        if let Some(position) = self.find(cell.trim()) {
            return vec![Reference::Known(position.clone())];
        }
        let mut found = References::default();
        let mut words: Vec<&str> = Vec::new();
        let mut coded: Vec<&str> = Vec::new();
        let mut has_foreign = false;
        // Once a code has a text, the rest is text, but for an item that begins with a code.
        let mut in_text = false;
        for part in cell.split([';', '|', '\n', '\r', '\t']) {
            let mut own = Vec::new();
            let mut is_text = false;
            for item in part.split(',').map(str::trim).filter(|item| !NOTHING.contains(&fold(item).as_str())) {
                if self.is_foreign(item) {
                    has_foreign = true;
                    // `CIS 6.3 / PR.AA-03`: the one is not ours, the other is.
                    for reference in self.known_in(item) {
                        found.add(reference);
                    }
                    continue;
                }
                // Beside a code of ours it is another framework's; alone it may be ours, and misspelt.
                if self.is_other_control(item) {
                    continue;
                }
                if found.is_full() {
                    break;
                }
                if in_text && !self.begins_with_code(item) {
                    continue;
                }
                let here = self.find_in_item(item);
                in_text |= here.iter().any(|found| matches!(found, Reference::Known(_))) && self.is_code_with_text(item);
                if here.is_empty() {
                    is_text |= item.split_whitespace().count() > 3 || item.contains(':');
                    own.push(item);
                } else {
                    coded.push(item);
                }
                for reference in here {
                    found.add(reference);
                }
            }
            if !is_text {
                words.append(&mut own);
            }
        }
        if found.list.is_empty() {
            if has_foreign && words.is_empty() {
                return Vec::new();
            }
            let written = cell.trim();
            return vec![unknown(written)];
        }
        // In a list, where every code stands for itself, a word was meant as a code too; beside codes with their texts it is
        // text.
        let is_list = !words.is_empty() && coded.into_iter().all(|item| self.is_code_alone(item));
        for item in words.into_iter().filter(|_| is_list) {
            if found.is_full() {
                break;
            }
            found.add(unknown(item));
        }
        found.list
    }

    /// Whether a cell names codes of frameworks that are none of ours. [`CodeIndex::find_all`] passes over them.
    pub fn has_foreign(&self, cell: &str) -> bool {
        let is_foreign = |item: &str| self.is_foreign(item) || self.is_other_control(item);
        cell.bytes().any(|b| b.is_ascii_digit()) && cell.split([';', ',', '|', '\n']).any(|item| is_foreign(item.trim()))
    }

    /// Whether an item is what another framework calls its controls, and no code of this one.
    fn is_other_control(&self, item: &str) -> bool {
        is_control(item) && self.whole(item).is_none()
    }

    /// The codes in a text that are in the index, whatever else looks like one.
    fn known_in(&self, text: &str) -> Vec<Reference> {
        let mut found = References::default();
        self.scan(text, &mut found);
        found.list.retain(|reference| !matches!(reference, Reference::Unknown { .. }));
        found.list
    }

    /// Whether an item of a cell is a code of a framework that never is in the database, or of the annex of ISO 27001
    /// (`A.5.15`) if that is not what the index is of.
    fn is_foreign(&self, item: &str) -> bool {
        names_another(item)
            || is_annex(item)
                && !self.parts.iter().any(|parts| parts.first().is_some_and(|first| first.eq_ignore_ascii_case("a")))
    }

    /// Whether an item is codes or names and nothing else: `PR.AA-01`, `PROTECT (PR)`, `PR.AA-01 / PR.AA-02`.
    fn is_code_alone(&self, item: &str) -> bool {
        let bare = |text: &str| text.trim_matches(|c: char| "()[]\"'`.*•".contains(c)).to_owned();
        self.whole(&bare(item)).is_some()
            || item
                .split([' ', '/'])
                .filter(|word| !word.is_empty())
                .all(|word| self.whole(&bare(word)).is_some() || self.has_code(word))
    }

    /// Whether an item begins with a code of two parts and more.
    pub(super) fn begins_with_code(&self, item: &str) -> bool {
        let runs = runs_of(item);
        let starts = |run: &Run| item[..run.start].chars().all(|c| !c.is_alphanumeric());
        runs.first().is_some_and(starts)
            && runs.get(1).is_some_and(|second| second.joined && !second.spaced)
            && self.functions.contains(&runs[0].part)
    }

    /// `GV.PO-01: Policy`, `ID.AM-01 - text`, `ID.AM-01 (text`: the text of a code follows.
    fn is_code_with_text(&self, item: &str) -> bool {
        self.begins_with_code(item)
            && item.find([' ', ':']).is_some_and(|end| {
                let rest = item[end..].trim_start_matches([':', ' ']);
                let words = rest.split([' ', '/', '&', '+']).filter(|word| word.chars().any(char::is_alphabetic));
                words.clone().any(|word| word.chars().count() > 1)
                    && words
                        .into_iter()
                        .any(|word| !self.has_code(word) && !is_range(&word.to_lowercase()) && word != "and" && word != "or")
            })
    }

    fn find_in_item(&self, item: &str) -> Vec<Reference> {
        if self.is_in_doubt(item) {
            return vec![unknown(item)];
        }
        let bare = item.trim_matches(|c: char| "()[]\"'`.*•".contains(c) || c.is_whitespace());
        if let Some(number) = self.whole(bare) {
            return vec![self.reference(number)];
        }
        // `PR.AA-01: as PR.DS-02 says`: the second belongs to the text.
        if let Some((before, rest)) = item.split_once(':')
            && let Some(number) = self.whole(before.trim().trim_start_matches(['(', '[', '•', '*', ' ']))
            && self.begins_with_code(before)
            && self.is_code_with_text(item)
            && !self.begins_with_code(rest.trim())
        {
            return vec![self.reference(number)];
        }
        // `PR/DE`, `Govern & Protect`.
        let parts: Vec<&str> = item.split(['/', '&', '+']).flat_map(|part| part.split(" and ")).map(str::trim).collect();
        if let Some(numbers) = parts.iter().map(|part| self.whole(part)).collect::<Option<Vec<usize>>>() {
            return numbers.into_iter().map(|number| self.reference(number)).collect();
        }
        let mut found = References::default();
        // `PROTECT (PR)`, `Organizational Context (GV.OC): text`: the code in brackets is the code; `PR.AA-01 (PR)` has another.
        if let Some((before, rest)) = item.split_once('(')
            && let Some((inside, after)) = rest.split_once(')')
            && let Some(number) = self.whole(inside.trim())
            && (self.whole(before.trim()).is_some() || !before.contains(':'))
        {
            if !self.has_code(before) && !self.has_code(after) {
                return vec![self.reference(number)];
            }
            self.scan(item, &mut found);
            found.add(self.reference(number));
            return found.list;
        }
        // `PR: text`, `GOVERN: text`.
        if let Some((before, _)) = item.split_once(':')
            && let Some(number) = self.whole(before.trim())
        {
            found.add(self.reference(number));
        }
        self.scan(item, &mut found);
        found.list
    }

    fn whole(&self, text: &str) -> Option<usize> {
        self.by_key.get(&key_of(text)).copied().or_else(|| self.by_name.get(&fold(text)).copied().flatten())
    }

    pub(super) fn has_code(&self, text: &str) -> bool {
        let mut found = References::default();
        self.scan(text, &mut found);
        !found.list.is_empty()
    }

    /// Codes of two parts and more, anywhere in a text.
    fn scan(&self, text: &str, found: &mut References) {
        let runs = runs_of(text);
        let mut next = 0;
        let mut before: Option<Written> = None;
        while next < runs.len() && !found.is_full() {
            // The longest chain of parts from here that is a code, each joined to the last by one separator.
            let mut hit = None;
            let mut key = runs[next].part.clone();
            for end in next + 1..runs.len().min(next + 6) {
                let run = &runs[end];
                // A space joins a name and its number (`GOVERN 1.1`), never two words.
                if !run.joined || run.spaced && !run.numeric {
                    break;
                }
                extend(&mut key, &run.part);
                let complete = runs.get(end + 1).is_none_or(|after| !after.joined || after.spaced || !after.numeric);
                if complete && let Some(&number) = self.by_key.get(&key) {
                    hit = Some((number, end + 1));
                }
            }
            if let Some((_, end)) = hit
                && let Some(written) = misspelt(text, runs[next].start, runs[end - 1].end)
            {
                found.add(unknown(written));
                let over = runs[next].start + written.len();
                while runs.get(next).is_some_and(|run| run.start < over) {
                    next += 1;
                }
                before = None;
                continue;
            }
            if let Some((number, end)) = hit {
                let mut here = Written { number, start: runs[next].start, end: runs[end - 1].end };
                if let Some(first) = &before {
                    self.range(text, first, &here, found);
                }
                found.add(self.reference(number));
                next = end;
                if let Some(last) = self.bare_end(text, &here) {
                    self.range(text, &here, &last, found);
                    found.add(self.reference(last.number));
                    while runs.get(next).is_some_and(|run| run.start < last.end) {
                        next += 1;
                    }
                    here = last;
                }
                before = Some(here);
                continue;
            }
            if let Some((written, end)) = self.looks_like_code(text, &runs, next) {
                found.add(unknown(&written));
                next = end;
                continue;
            }
            next += 1;
        }
    }

    /// What a range leaves out: `PR.AA-01 to PR.AA-03` means the second one, too. A dash can also stand between two codes that
    /// are all that is meant, so where others lie between them it is neither.
    fn range(&self, text: &str, first: &Written, last: &Written, found: &mut References) {
        let gap = text.get(first.end..last.start).unwrap_or_default().trim().to_lowercase();
        let is_range = is_range(&gap);
        if !is_range && gap != "-" {
            return;
        }
        let between: Option<Vec<usize>> =
            numbered(self.code(first.number)).zip(numbered(self.code(last.number))).and_then(|((start, from), (other, to))| {
                (start == other && from < to && to - from <= LONGEST_RANGE)
                    .then(|| (from + 1..to).filter_map(|n| self.whole(&format!("{start}{n}"))).collect())
            });
        match between {
            Some(between) if is_range => between.into_iter().for_each(|number| found.add(self.reference(number))),
            Some(between) if between.is_empty() => {}
            None if !is_range => {}
            _ => found.add(unknown(&text[first.start..last.end])),
        }
    }

    /// The end of a range that is only a number: `PR.AA-01 to 05`.
    fn bare_end(&self, text: &str, first: &Written) -> Option<Written> {
        let rest = &text[first.end..];
        let start = rest.find(|c: char| c.is_ascii_digit())?;
        let length = rest[start..].find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len() - start);
        let gap = rest[..start].trim().to_lowercase();
        let is_range = is_range(&gap) || gap == "-" && start > 1;
        let (start_of_code, _) = numbered(self.code(first.number))?;
        let to: u32 = rest.get(start..start + length).filter(|_| is_range && length <= 3)?.parse().ok()?;
        let number = self.whole(&format!("{start_of_code}{to}"))?;
        Some(Written { number, start: first.end + start, end: first.end + start + length })
    }

    fn code(&self, number: usize) -> &str {
        match &self.entries[number] {
            Entry::Live(position) => position.code(),
            Entry::Withdrawn(withdrawal) => &withdrawal.code,
        }
    }

    /// `PR.XX-09`, `XX.AA-1`, `GOVERN 9.9`: the shape of a code, with a number at its end, or a function before a dot.
    fn looks_like_code(&self, text: &str, runs: &[Run], start: usize) -> Option<(String, usize)> {
        let first = &runs[start];
        let of_function = self.functions.contains(&first.part);
        if !of_function && (first.numeric || first.part.len() > 3) {
            return None;
        }
        let mut end = start + 1;
        while end < runs.len() && runs[end].joined && (!runs[end].spaced || runs[end].numeric) {
            end += 1;
            if end - start > PARTS {
                return None;
            }
        }
        let chain = &runs[start..end];
        let last = chain.last()?;
        let shaped = chain.len() >= 3
            && !first.numeric
            && first.part.len() <= 3
            && last.numeric
            && chain.iter().all(|run| run.part.len() <= 4 && !run.spaced);
        let known_start = of_function
            && chain.len() >= 2
            && (last.numeric || chain[1..].iter().all(|run| run.part.len() == 2 && run.upper && !run.spaced));
        (shaped || known_start).then(|| (text[first.start..last.end].to_owned(), end))
    }
}

fn unknown(written: &str) -> Reference {
    Reference::Unknown { written: written.to_owned() }
}

/// Words between the first and the last code of a range.
const RANGES: [&str; 7] = ["to", "through", "thru", "until", "till", "bis", "up to"];

/// Whether what stands between two codes says that those between them are meant, too.
fn is_range(gap: &str) -> bool {
    RANGES.contains(&gap) || gap.len() > 1 && gap.bytes().all(|byte| byte == b'.')
}

/// Whether what [`CodeIndex::find_all`] does not know is the first and the last of several codes.
pub fn is_range_of_codes(written: &str) -> bool {
    written.split_whitespace().skip(1).any(|word| is_range(&word.to_lowercase()) || word == "-")
}

/// The most codes that a range may have.
const LONGEST_RANGE: u32 = 1_000;

/// A code in a text: its entry, and where it stands.
struct Written {
    number: usize,
    start: usize,
    end: usize,
}

/// What stands before the number at the end of a code, and the number.
fn numbered(code: &str) -> Option<(&str, u32)> {
    let start = code.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((start, code[start.len()..].parse().ok()?))
}

/// `AC-2`, `RA-5(1)`, `CC6.1`, `CSC 4`, `T1078`: what NIST SP 800-53, SOC 2, CIS and ATT&CK call theirs.
fn is_control(item: &str) -> bool {
    const FAMILIES: [&str; 20] = [
        "AC", "AT", "AU", "CA", "CM", "CP", "IA", "IR", "MA", "MP", "PE", "PL", "PM", "PS", "PT", "RA", "SA", "SC", "SI", "SR",
    ];
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = item.trim_matches(|c: char| "()[]•* ".contains(c));
    let control = bare.split('(').next().unwrap_or(bare).trim();
    control.split_once('-').is_some_and(|(family, number)| FAMILIES.contains(&family) && number.len() <= 2 && is_number(number))
        || bare.strip_prefix("CC").and_then(|rest| rest.split_once('.')).is_some_and(|(a, b)| is_number(a) && is_number(b))
        || bare.strip_prefix("CSC").is_some_and(|rest| rest.trim_start().split('.').all(is_number))
        || bare.strip_prefix('T').is_some_and(|rest| rest.len() >= 4 && rest.split('.').all(is_number))
}

/// `A.5.15`, `A.12.6.1`: a control of the annex of ISO 27001.
fn is_annex(item: &str) -> bool {
    let bare = item.trim_matches(|c: char| "()[]•* ".contains(c));
    let mut parts = bare.split('.');
    let is_number = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    parts.next() == Some("A") && (2..=3).contains(&parts.clone().count()) && parts.all(is_number)
}

/// Whether an item begins with the name of a framework that never is in the database: `ISO 27001 A.5.15`, `CIS 6.3`.
fn names_another(item: &str) -> bool {
    const OTHERS: [&str; 23] = [
        "ISO", "IEC", "CIS", "PCI", "SOC", "SOC2", "COBIT", "HIPAA", "GDPR", "NIST SP", "NIST 800", "SP 800", "800", "ITIL",
        "CSA", "CCM", "MITRE", "ATT&CK", "DORA", "NIS2", "SOX", "HITRUST", "BSI",
    ];
    let bare = item.trim_start_matches(['(', '[', '•', ' ']);
    item.bytes().any(|b| b.is_ascii_digit())
        && OTHERS.iter().any(|other| {
            bare.get(..other.len()).is_some_and(|start| start.eq_ignore_ascii_case(other))
                && !bare[other.len()..].starts_with(char::is_alphabetic)
        })
}

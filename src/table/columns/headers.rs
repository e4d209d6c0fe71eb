//! The headers of real sheets, and the fields they name.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::item::{Field, normalised};
use crate::domain::period::Period;
use crate::domain::text::is_unprintable;
use crate::domain::unit;
use crate::table::row::Row;

/// The field of each known header, its place among the field's headers, and whether other columns have this name, too.
static KNOWN: LazyLock<HashMap<&'static str, (Field, usize, bool)>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for part in include_str!("headers.txt").split("\n[").skip(1) {
        let Some((field, words)) = part.split_once("]\n") else { continue };
        let Some(field) = Field::named(field) else { continue };
        for (rank, word) in words.split([';', '\n']).map(str::trim).filter(|word| !word.is_empty()).enumerate() {
            known.insert(word.trim_end_matches('~'), (field, rank, word.ends_with('~')));
        }
    }
    known
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    pub field: Field,
    /// Its place among the field's headers, 0 is the best; all that are known only by a part of them share one place.
    pub rank: usize,
    pub unit: Option<String>,
}

/// The rank of headers that are known by a part of them.
const PARTIAL: usize = 1_000;

/// The longest text that is looked at as a header, in bytes.
const LONGEST: usize = 120;

/// Words before a header that say whose it is, not what.
const OWNERS: &[&str] = &[
    "kpi", "kri", "kci", "metric", "metrics", "measure", "indicator", "security", "cyber", "control", "risk", "our", "the",
    "agreed", "approved", "annual", "overall", "nist",
];

/// Whether only a part of a header with this rank is known: then the values must agree.
pub(super) const fn is_partial(rank: usize) -> bool {
    rank >= PARTIAL
}

/// The field that a header names, with its rank among the field's headers (0 is the best), and the unit in it.
pub fn recognise(header: &str) -> Option<Recognised> {
    if header.is_empty() || header.len() > LONGEST {
        return None;
    }
    let (plain, brackets) = without_brackets(header);
    let wanted = normalised(plain);
    let unit = brackets.as_deref().filter(|inside| is_unit(inside)).map(str::to_owned);
    // `Target (upper)` has its word in brackets, `Target (min)` a unit, unless a maximum stands beside it.
    if let Some(inside) = &brackets
        && unit.is_none()
        && let Some((field, rank)) = exact(&format!("{wanted} {}", normalised(inside)))
    {
        return Some(Recognised { field, rank, unit: None });
    }
    if let Some((field, rank)) = exact(&wanted) {
        return Some(Recognised { field, rank, unit });
    }
    partly(&wanted, unit)
}

fn exact(wanted: &str) -> Option<(Field, usize)> {
    KNOWN.get(wanted).map(|(field, rank, _)| (*field, *rank))
}

/// A header without what dresses it: `KPI Owner`, `NIST CSF 2.0 Function`, `Q3 Actual`, `FY26 Target`, `Target %`,
/// `Goal / Target`. A period alone (`Q3`, `Oct 2026`) heads values.
fn partly(wanted: &str, mut unit: Option<String>) -> Option<Recognised> {
    let mut words: Vec<&str> = wanted.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    if words.len() > 8 {
        return None;
    }
    let known = |field, unit| Some(Recognised { field, rank: PARTIAL, unit });
    if words.len() > 1 && words.last().is_some_and(|last| unit::family(last).is_some()) {
        unit = unit.or(words.pop().map(str::to_owned));
        words.pop_if(|last| matches!(*last, "in" | "per"));
    }
    if let Some(at) = words.iter().position(|word| matches!(*word, "csf" | "rmf")) {
        words[at] = "csf";
        let is_version = |word: &str| word.trim_start_matches(['v', 'r']).chars().all(|c| c.is_ascii_digit() || c == '.');
        while words.get(at + 1).is_some_and(|word| is_version(word)) {
            words.remove(at + 1);
        }
        let before = words[..at].iter().rev().take_while(|word| matches!(**word, "nist" | "ai")).count();
        words.drain(at - before..at);
    }
    let all = words.len();
    words.retain(|word| !Period::is_word(word) && !matches!(*word, "ytd" | "mtd" | "qtd"));
    let has_period = words.len() < all;
    if has_period {
        words.retain(|word| !matches!(*word, "as" | "of" | "to" | "date" | "for" | "in"));
    }
    if words.is_empty() {
        return if has_period { known(Field::CurrentValue, unit) } else { None };
    }
    let whole = words.join(" ");
    if let Some(field) = owned(&whole) {
        return known(field, unit);
    }
    if let Some(field) = headed(&words) {
        return Some(Recognised { field, rank: PARTIAL + 1, unit });
    }
    // Several words for one thing; words for several things are none of them.
    let mut fields = whole.split(['/', '|', '&', '+']).flat_map(|part| part.split(" or ")).filter_map(owned);
    let first = fields.next()?;
    (whole.contains(['/', '|', '&', '+']) || whole.contains(" or ")).then_some(())?;
    fields.all(|other| other == first).then_some(())?;
    known(first, unit)
}

/// `MTTD Target`, `Implementation goal`, `Coverage actual`: what stands at the end is what it is, unless the words compare.
fn headed(words: &[&str]) -> Option<Field> {
    const COMPARING: [&str; 16] = [
        "to", "vs", "of", "from", "on", "against", "gap", "variance", "delta", "met", "target", "goal", "actual", "current",
        "/", "and",
    ];
    let (last, before) = words.split_last()?;
    if before.is_empty() || before.len() > 3 || before.iter().any(|word| COMPARING.contains(word) || word.contains('/')) {
        return None;
    }
    match *last {
        "target" | "goal" => Some(Field::TargetValue),
        "actual" | "current" => Some(Field::CurrentValue),
        _ => None,
    }
}

/// A header, with or without a word before it that says whose it is.
fn owned(text: &str) -> Option<Field> {
    let mut rest = text.trim();
    loop {
        if let Some((field, _)) = exact(rest) {
            return Some(field);
        }
        let (first, more) = rest.split_once(' ')?;
        if !OWNERS.contains(&first) {
            return None;
        }
        rest = more.trim_start();
    }
}

/// Whether what stands in brackets is something that is counted in.
fn is_unit(inside: &str) -> bool {
    let word = normalised(inside);
    let known = unit::family(&word).is_some() || matches!(word.as_str(), "#" | "€" | "$" | "£" | "usd" | "eur" | "gbp" | "chf");
    let words = [
        "count", "number", "score", "points", "index", "ratio", "rate", "incidents", "users", "systems", "devices",
        "vulnerabilities", "events", "people", "anzahl", "nombre", "scale", "level", "levels", "k", "m", "mb", "gb", "tb",
        "business days", "working days", "calendar days", "business hours", "working hours", "arbeitstage", "jours ouvrés",
        "per month", "per year", "per quarter", "per week",
    ];
    known || words.contains(&word.as_str())
}

/// Whether a column that is called like a target can hold what is to be reached in words: `Goal`, `Strategic goal`, `Ziel`.
pub(super) fn can_be_goal(header: &str) -> bool {
    const GOALS: [&str; 10] =
        ["goal", "goals", "objective", "objectives", "ziel", "objectif", "objetivo", "obiettivo", "doel", "cel"];
    normalised(header).split(' ').next_back().is_some_and(|last| GOALS.contains(&last))
}

pub(super) fn is_weak(header: &str) -> bool {
    let plain = normalised(without_brackets(header).0);
    KNOWN.get(plain.as_str()).is_some_and(|known| known.2)
}

/// `Target (hours)` is `Target` and `hours`.
fn without_brackets(header: &str) -> (&str, Option<String>) {
    let trimmed = header.trim().trim_end_matches(['*', ':', '?']).trim_end();
    let Some(open) = trimmed.rfind(['(', '[']) else { return (header, None) };
    let Some(inside) = trimmed[open + 1..].strip_suffix([')', ']']) else { return (header, None) };
    let inside = inside.trim();
    if open == 0 || inside.is_empty() || inside.chars().count() > 30 {
        return (header, None);
    }
    (&trimmed[..open], Some(inside.to_owned()))
}

/// A header on one line, without what nobody sees. A hyphen at a line's end may divide a word or belong to it, and what nobody
/// sees may stand between words: the form that is known counts.
fn header(text: &str) -> String {
    let is_hidden = |c: char| c == '\u{ad}' || is_unprintable(c) && !c.is_control();
    let one_line = |between: &str, hyphen: &str| -> String {
        let mut whole = String::new();
        for line in text.replace(is_hidden, between).lines().map(str::trim).filter(|line| !line.is_empty()) {
            let divided = whole.strip_suffix(['-', '\u{2010}']).filter(|before| before.ends_with(char::is_alphabetic));
            if let Some(before) = divided.filter(|_| line.starts_with(char::is_lowercase)) {
                whole = format!("{before}{hyphen}");
            } else if !whole.is_empty() {
                whole.push(' ');
            }
            whole.push_str(line);
        }
        whole.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let forms = [one_line("", ""), one_line("", "-"), one_line(" ", "-")];
    let known = forms.iter().position(|form| recognise(form).is_some());
    let usual = if text.contains(is_hidden) { 2 } else { 1 };
    let [joined, kept, apart] = forms;
    match known.unwrap_or(usual) {
        0 => joined,
        1 => kept,
        _ => apart,
    }
}

/// The headers of a row, without the blanks at its end.
pub fn headers(row: &Row) -> Vec<String> {
    let mut headers: Vec<String> = row.cells().map(|cell| header(&cell.shown())).collect();
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_written_as_it_is_compared() {
        let words =
            include_str!("headers.txt").lines().filter(|line| !line.starts_with(['#', '['])).flat_map(|line| line.split(';'));
        let words: Vec<&str> = words.map(|word| word.trim().trim_end_matches('~')).filter(|word| !word.is_empty()).collect();
        for word in &words {
            assert_eq!(normalised(word), **word);
            assert_eq!(recognise(word).map(|known| known.field), KNOWN.get(word).map(|known| known.0), "{word}");
        }
        assert_eq!(KNOWN.len(), words.len(), "a header is there twice");
        assert_eq!(KNOWN.values().map(|known| known.0).collect::<std::collections::BTreeSet<_>>().len(), Field::ALL.len());
    }

    #[test]
    fn dressed_headers_are_known() {
        for (header, field, unit) in [
            ("Target (hours)", Field::TargetValue, Some("hours")),
            ("Target [%]", Field::TargetValue, Some("%")),
            ("Target (upper)", Field::TargetUpper, None),
            ("Target %", Field::TargetValue, Some("%")),
            ("Target in days", Field::TargetValue, Some("days")),
            ("Target (2026)", Field::TargetValue, None),
            ("FY26 Target", Field::TargetValue, None),
            ("Q3 Actual Score", Field::CurrentValue, None),
            ("Current (as of Oct 2026)", Field::CurrentValue, None),
            ("Q3", Field::CurrentValue, None),
            ("Metric ID*", Field::MetricNumber, None),
            ("KPI Owner", Field::Owner, None),
            ("Metric / KPI", Field::Name, None),
            ("Goal / Target", Field::TargetValue, None),
            ("Owner or Responsible", Field::Owner, None),
            ("NIST CSF 2.0 Subcategory", Field::Subcategory, None),
            ("NIST CSF v2.0", Field::Subcategory, None),
            ("CSF 2.0 Function", Field::Function, None),
            ("NIST AI RMF 1.0 Category", Field::Category, None),
            ("MTTD Target (hours)", Field::TargetValue, Some("hours")),
            ("Click rate actual", Field::CurrentValue, None),
            ("Zielwert (%)", Field::TargetValue, Some("%")),
            ("Valeur cible", Field::TargetValue, None),
            ("Data source", Field::DataSource, None),
            ("KPI type", Field::MeasureType, None),
            ("Implementation Evidence", Field::Evidence, None),
            ("Nächste Überprüfung", Field::ReviewDate, None),
            ("Zähler", Field::Numerator, None),
        ] {
            let known = recognise(header);
            assert_eq!(known.as_ref().map(|known| known.field), Some(field), "{header}");
            assert_eq!(known.and_then(|known| known.unit).as_deref(), unit, "{header}");
        }
        for header in [
            "Auditor", "Target date", "Actual / Target", "Actual vs target", "Gap to target", "Action plan", "Effort",
            "Assessment", "Risk", "",
        ] {
            assert_eq!(recognise(header), None, "{header}");
        }
    }

    /// Each word of the list of real headers is known as its field, but for those that only their values tell.
    #[test]
    fn the_words_of_the_vocabulary_are_known() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vocabulary.md");
        let Ok(text) = std::fs::read_to_string(path) else { return };
        // Fields of their own, of which neither is the formula.
        let exceptions = ["numerator", "denominator"];
        let mut seen = 0;
        for line in text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| field")) {
            let cells: Vec<&str> = line.trim_matches('|').splitn(2, '|').map(str::trim).collect();
            let fields: &[Field] = match cells[0] {
                "metric number" => &[Field::MetricNumber],
                "name" => &[Field::Name],
                "description" => &[Field::Description],
                "current value" => &[Field::CurrentValue],
                "target value" => &[Field::TargetValue],
                "bounds" => &[Field::TargetLower, Field::TargetUpper],
                "unit" => &[Field::Unit],
                "direction" => &[Field::Direction],
                "function" => &[Field::Function],
                "category" => &[Field::Category],
                "subcategory" => &[Field::Subcategory],
                "priority" => &[Field::Priority],
                "owner, frequency, formula" => &[Field::Owner, Field::Frequency, Field::Formula],
                other => panic!("a field that nobody knows: {other}"),
            };
            for words in cells[1].split([',', ';']) {
                // What stands in quotes and brackets is what the cells hold.
                let plain = words.split(['`', '(']).next().unwrap_or_default().trim();
                let is_prose =
                    plain.starts_with("in the ") || plain.starts_with("the ") || plain.starts_with("a ") || plain.contains(')');
                for word in plain.split('/').map(str::trim).filter(|word| !word.is_empty() && !is_prose) {
                    if word.contains("..") || exceptions.contains(&word) {
                        continue;
                    }
                    seen += 1;
                    let found = recognise(word).map(|known| known.field);
                    assert!(found.is_some_and(|found| fields.contains(&found)), "{}: `{word}` is {found:?}", cells[0]);
                }
            }
        }
        for quarter in 1..=4 {
            let known = recognise(&format!("Q{quarter} Actual Score"));
            assert_eq!(known.map(|known| known.field), Some(Field::CurrentValue));
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn a_known_header_is_known_however_it_is_written() {
        use proptest::prelude::*;
        let words: Vec<&str> = KNOWN.keys().copied().collect();
        let gaps = ["-", "_", " ", "  ", "\u{a0}", " - ", "\n", "\t", "__"];
        let dress = ["", " ", "\u{feff}", "*", " *", ":", "?", " :", "\u{a0}", "\r\n"];
        proptest!(|(
            word in proptest::sample::select(words),
            upper in proptest::collection::vec(any::<bool>(), 1..12),
            gap in proptest::sample::select(gaps.to_vec()),
            before in proptest::sample::select(dress[..4].to_vec()),
            after in proptest::sample::select(dress.to_vec()),
        )| {
            let mut written = before.to_owned();
            for (c, upper) in word.chars().zip(upper.iter().cycle()) {
                let capital: String = c.to_uppercase().collect();
                match c {
                    ' ' => written.push_str(gap),
                    _ if *upper && capital.to_lowercase() == c.to_string() => written.push_str(&capital),
                    _ => written.push(c),
                }
            }
            written.push_str(after);
            prop_assert_eq!(recognise(&written).map(|known| known.field), KNOWN.get(word).map(|known| known.0), "{:?}", written);
        });
    }
}

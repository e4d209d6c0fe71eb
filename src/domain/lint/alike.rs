//! Measures that are the same, or nearly so.

use std::collections::HashMap;

use super::rule::Measure;
use crate::domain::item::normalised;
use crate::domain::near;
use crate::domain::text::folded;

/// Words that tell nothing about what is measured: the unit does.
const EMPTY: [&str; 24] = [
    "a", "an", "the", "of", "in", "on", "for", "to", "and", "by", "with", "%", "number", "count", "percentage", "percent",
    "share", "total", "anzahl", "anteil", "nombre", "taux", "número", "porcentaje",
];

/// Where more measures than this differ in one word, they are a family, and none of them a slip of another.
const FAMILY: usize = 50;

/// Measures by their unit and some of the words of their names.
type ByWords<T> = HashMap<(String, Vec<String>), T>;

/// For each measure the one above that it is like.
pub(super) struct Alike {
    pub same: Vec<Option<usize>>,
    pub near: Vec<Option<usize>>,
}

/// Compares each measure with those above it. Names are compared by their words, so that the time grows with their number only.
pub(super) fn find(measures: &[Measure]) -> Alike {
    let mut alike = Alike { same: vec![None; measures.len()], near: vec![None; measures.len()] };
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut wholes: ByWords<usize> = HashMap::new();
    let mut parts: ByWords<Vec<(String, usize)>> = HashMap::new();
    for (position, measure) in measures.iter().enumerate() {
        let unit = measure.item.unit.as_deref().map(normalised).unwrap_or_default();
        let first = *names.entry(folded(&measure.item.name)).or_insert(position);
        if first != position {
            alike.same[position] = Some(first);
            continue;
        }
        let words = words(&measure.item.name);
        if words.is_empty() {
            continue;
        }
        let mut sorted = words.clone();
        sorted.sort_unstable();
        let first = *wholes.entry((unit.clone(), sorted)).or_insert(position);
        if first != position {
            alike.near[position] = Some(first);
            continue;
        }
        for at in 0..words.len() {
            let mut rest = words.clone();
            let word = rest.remove(at);
            let others = parts.entry((unit.clone(), rest)).or_default();
            let slip = others.iter().take(FAMILY).find(|(other, _)| near::is_slip(&word, other));
            alike.near[position] = alike.near[position].or(slip.map(|(_, other)| *other));
            others.push((word, position));
        }
    }
    alike
}

/// The words that tell what is measured, in one form.
fn words(name: &str) -> Vec<String> {
    let name = normalised(name);
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '%').filter(|word| !word.is_empty());
    let one = |word: &str| match word.strip_suffix('s') {
        Some(stem) if word.len() > 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    };
    words.filter(|word| !EMPTY.contains(word)).map(one).collect()
}

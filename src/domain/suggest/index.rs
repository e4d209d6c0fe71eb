//! Which texts have a term, and with what weight.

use std::collections::{BTreeMap, HashMap};

use super::words::{Term, Terms, pieces};

/// How much BM25 discounts long fields.
const B: f64 = 0.2;
/// The weight of a pair beside a word.
const PAIR: f64 = 0.5;

#[derive(Debug, Default)]
pub(super) struct Postings {
    number: HashMap<String, usize>,
    /// For each term the texts that have it, with its weight there, in order.
    lists: Vec<Vec<(usize, f64)>>,
}

impl Postings {
    pub(super) fn build(targets: Vec<BTreeMap<String, f64>>) -> Self {
        let mut postings = Postings::default();
        for (target, weights) in targets.into_iter().enumerate() {
            for (term, weight) in weights {
                let next = postings.lists.len();
                let number = *postings.number.entry(term).or_insert(next);
                if number == next {
                    postings.lists.push(Vec::new());
                }
                postings.lists[number].push((target, weight));
            }
        }
        postings
    }

    pub(super) fn get(&self, term: &str) -> Option<&[(usize, f64)]> {
        self.number.get(term).map(|&number| self.lists[number].as_slice())
    }
}

pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The inverse document frequency of BM25.
pub(super) fn rarity(having: usize, of: usize) -> f64 {
    (1.0 + (number(of) - number(having) + 0.5) / (number(having) + 0.5)).ln()
}

/// The inverse document frequency of the cosine.
pub(super) fn spread(having: usize, of: usize) -> f64 {
    ((1.0 + number(of)) / (1.0 + number(having))).ln()
}

pub(super) type Fields = [(f64, f64, String); 5];

/// Weighted frequencies of words and pairs, fields discounted by their length.
pub(super) fn word_weights(terms: &Terms, targets: &[Fields]) -> Vec<BTreeMap<String, f64>> {
    let split: Vec<Vec<Vec<Term>>> =
        targets.iter().map(|fields| fields.iter().map(|(_, _, text)| terms.of(text)).collect()).collect();
    let length = |terms: &[Term]| number(terms.iter().filter(|term| !term.pair).count());
    let averages: Vec<f64> = (0..5)
        .map(|field| {
            let all: f64 = split.iter().map(|fields| length(&fields[field])).sum();
            (all / number(split.len().max(1))).max(1.0)
        })
        .collect();
    split
        .iter()
        .zip(targets)
        .map(|(fields, weights)| {
            let mut frequencies: BTreeMap<String, f64> = BTreeMap::new();
            for ((terms, (weight, ..)), average) in fields.iter().zip(weights).zip(&averages) {
                let discount = 1.0 - B + B * length(terms) / average;
                for term in terms {
                    let weight = if term.pair { weight * PAIR } else { *weight };
                    *frequencies.entry(term.key.clone()).or_default() += weight / discount;
                }
            }
            frequencies
        })
        .collect()
}

/// How often a text has each of its terms, by the weight of the part that has it.
pub(super) type Counts = BTreeMap<String, f64>;

/// The pieces of the words of a text made of weighted parts.
pub(super) fn count_pieces<'a>(terms: &Terms, parts: impl Iterator<Item = (f64, &'a str)>) -> Counts {
    let mut counts = Counts::new();
    for (weight, text) in parts {
        for piece in pieces(&terms.spaced(text)) {
            *counts.entry(piece.to_owned()).or_default() += weight;
        }
    }
    counts
}

/// Texts as unit vectors of the weights of their terms.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    postings: Postings,
    count: usize,
}

impl Vectors {
    pub(super) fn new(mut texts: Vec<Counts>) -> Self {
        let mut having: HashMap<String, usize> = HashMap::new();
        for term in texts.iter().flat_map(BTreeMap::keys) {
            *having.entry(term.clone()).or_default() += 1;
        }
        let count = texts.len();
        for vector in &mut texts {
            for (term, weight) in vector.iter_mut() {
                *weight = (1.0 + weight.ln_1p()) * spread(having.get(term).copied().unwrap_or(1), count);
            }
            let length = vector.values().map(|weight| weight * weight).sum::<f64>().sqrt();
            if length > 0.0 {
                for weight in vector.values_mut() {
                    *weight /= length;
                }
            }
        }
        Vectors { postings: Postings::build(texts), count }
    }

    /// The cosine of each text to one with these terms, 0 to 1.
    pub(super) fn near(&self, query: &Counts) -> Vec<f64> {
        let mut scores = vec![0.0_f64; self.count];
        let mut length = 0.0_f64;
        for (term, times) in query {
            let Some(list) = self.postings.get(term) else { continue };
            let weight = (1.0 + times.ln().max(0.0)) * spread(list.len(), self.count);
            length += weight * weight;
            for &(target, there) in list {
                scores[target] += weight * there;
            }
        }
        let length = length.sqrt();
        if length > 0.0 {
            for score in &mut scores {
                *score /= length;
            }
        }
        scores
    }
}

//! Which subcategory an item is about: a suggestion with a calibrated confidence and the words that matched. Pure and
//! deterministic; the same texts give the same suggestions on every machine.
//!
//! Two rankings are fused. The first is BM25F over words and pairs of words, their weight falling from the subcategory's text
//! over the field's vocabulary and examples to the category's. The second is the cosine of TF-IDF vectors of pieces of words,
//! which bridges spellings and compounds. A place gains a little where its whole category fits. Confidence is a logistic function
//! of five properties of a candidate: its lead over the best other one, the part of the item's words it explains, the cosine, how
//! near that comes to the best cosine, and how much was found at all. It never rises from one candidate to the next, so that whoever
//! orders stored suggestions by it has the best one first.

mod words;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::domain::code::Position;
use crate::domain::framework::Framework;
use words::{Terms, pieces, spaced};

/// The method's name, as `ai_change_log` records it.
pub const METHOD: &str = "cmf-lexical";
/// The method's version: another one may suggest something else for the same texts.
pub const VERSION: &str = "3";

/// Saturation of BM25.
const K1: f64 = 1.6;
/// How much BM25 discounts long fields.
const B: f64 = 0.5;
/// The weight of a pair beside a word.
const PAIR: f64 = 0.5;
/// The part of the cosine in the fused score.
const COSINE: f64 = 0.35;
/// The part of the category in the final score: places whose neighbours fit, too, are likelier.
const NEIGHBOURS: f64 = 0.1;
/// The weight of words after the first sentence: names and titles say what a text is about.
const LATER: f64 = 0.8;

/// The coefficients of the confidence: constant, lead, explained part, cosine, its part of the best, evidence. Fitted by `benches/suggest.rs` on the metrics of
/// the starter catalog alone, none of which is part of what is searched.
pub const CONFIDENCE: [f64; 6] = [-4.784, 3.852, 1.180, 3.012, 1.604, 0.645];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The place's own text.
    pub text: String,
    /// A second wording of it, if there is one.
    pub paraphrase: String,
    pub examples: Vec<String>,
    /// The field's words for it.
    pub vocabulary: Vec<String>,
    /// Name and text of the category above it.
    pub category: String,
}

/// The places of a framework to suggest: its subcategories, and categories that have none. `paraphrase` is the same framework
/// in other words; examples and vocabulary go by code.
pub fn targets(
    framework: &Framework,
    paraphrase: Option<&Framework>,
    examples: &BTreeMap<String, Vec<String>>,
    vocabulary: &BTreeMap<String, Vec<String>>,
) -> Vec<(Position, Target)> {
    let mut wordings: HashMap<&str, &str> = HashMap::new();
    for category in paraphrase.into_iter().flat_map(|other| &other.functions).flat_map(|function| &function.categories) {
        wordings.insert(&category.code, category.description.as_deref().unwrap_or_default());
        for subcategory in &category.subcategories {
            wordings.insert(&subcategory.code, &subcategory.description);
        }
    }
    let mut targets = Vec::new();
    for function in &framework.functions {
        for category in &function.categories {
            let described = category.description.as_deref().unwrap_or_default();
            let about = format!("{}. {described}", category.name);
            let mut add = |code: &str, text: &str, above: &str, subcategory: Option<&str>| {
                let position = Position {
                    function: function.code.clone(),
                    category: Some(category.code.clone()),
                    subcategory: subcategory.map(str::to_owned),
                };
                let paraphrase = wordings.get(code).copied().filter(|wording| *wording != text).unwrap_or_default();
                targets.push((
                    position,
                    Target {
                        text: text.to_owned(),
                        paraphrase: paraphrase.to_owned(),
                        examples: examples.get(code).cloned().unwrap_or_default(),
                        vocabulary: vocabulary.get(code).cloned().unwrap_or_default(),
                        category: above.to_owned(),
                    },
                ));
            };
            if category.subcategories.is_empty() {
                add(&category.code, &about, &function.name, None);
            }
            for subcategory in &category.subcategories {
                add(&subcategory.code, &subcategory.description, &about, Some(&subcategory.code));
            }
        }
    }
    targets
}

/// A suggested place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub position: Position,
    /// The probability that it is right, from 0 to 1 with 4 decimals.
    pub confidence: Decimal,
    /// The words of the item that matched, the weightiest first, at most six.
    pub words: Vec<String>,
}

/// A candidate with the properties that its confidence is computed from.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub target: usize,
    /// Lead of the fused score over the best other one; negative for all but the first.
    pub lead: f64,
    /// The part of the item's known words that BM25 finds, 0 to 1.
    pub explained: f64,
    /// Cosine of the pieces, 0 to 1.
    pub cosine: f64,
    /// The cosine as a part of the best one, 0 to 1.
    pub cosine_lead: f64,
    /// How much was found at all, as the logarithm of BM25.
    pub evidence: f64,
}

impl Candidate {
    /// What the confidence is a function of, after the constant.
    pub fn features(&self) -> [f64; 5] {
        [self.lead, self.explained, self.cosine, self.cosine_lead, self.evidence]
    }

    fn confidence(&self) -> Decimal {
        let parts = self.features().into_iter().zip(&CONFIDENCE[1..]);
        let logit = CONFIDENCE[0] + parts.map(|(feature, weight)| feature * weight).sum::<f64>();
        let probability = 1.0 / (1.0 + (-logit).exp());
        Decimal::from_f64(probability).unwrap_or_default().round_dp(4).clamp(Decimal::ZERO, Decimal::ONE)
    }
}

#[derive(Debug, Default)]
struct Postings {
    number: HashMap<String, usize>,
    /// For each term the targets that have it, with its weight there, in order.
    lists: Vec<Vec<(usize, f64)>>,
}

impl Postings {
    fn build(targets: Vec<BTreeMap<String, f64>>) -> Self {
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

    fn get(&self, term: &str) -> Option<&[(usize, f64)]> {
        self.number.get(term).map(|&number| self.lists[number].as_slice())
    }
}

/// The index of a framework's places.
#[derive(Debug)]
pub struct Suggester {
    positions: Vec<Position>,
    terms: Terms,
    words: Postings,
    pieces: Postings,
}

impl Suggester {
    /// Indexes the places to suggest.
    pub fn new(targets: Vec<(Position, Target)>) -> Self {
        let terms = Terms::new();
        let fields: Vec<[(f64, f64, String); 5]> = targets
            .iter()
            .map(|(_, target)| {
                [
                    (1.0, 1.0, target.text.clone()),
                    (0.25, 0.3, target.examples.join(" . ")),
                    (0.3, 0.3, target.category.clone()),
                    (0.5, 0.5, target.paraphrase.clone()),
                    (1.0, 1.0, target.vocabulary.join(" . ")),
                ]
            })
            .collect();
        let words = Postings::build(word_weights(&terms, &fields));
        let pieces = Postings::build(piece_weights(&fields));
        Suggester { positions: targets.into_iter().map(|(position, _)| position).collect(), terms, words, pieces }
    }

    /// The best candidates for a text, best first, with the words that matched the first of them.
    pub fn candidates(&self, text: &str, top: usize) -> Vec<Candidate> {
        self.ranked(text, top).0
    }

    fn ranked(&self, text: &str, top: usize) -> (Vec<Candidate>, Vec<Vec<(f64, String)>>) {
        let count = self.positions.len();
        let mut query: BTreeMap<String, (u32, String, bool, f64)> = BTreeMap::new();
        let first = text.find(['.', ':', ';', '?', '\n']).unwrap_or(text.len());
        for (part, weight) in [(&text[..first], 1.0), (&text[first..], LATER)] {
            for term in self.terms.of(part) {
                query.entry(term.key).or_insert((0, term.written, term.pair, weight)).0 += 1;
            }
        }
        let mut bm25 = vec![0.0_f64; count];
        let mut all = 0.0_f64;
        let mut matched: Vec<Vec<(f64, String)>> = vec![Vec::new(); count];
        for (key, (times, written, pair, early)) in &query {
            let Some(list) = self.words.get(key) else { continue };
            let weight = f64::from((*times).min(2)).sqrt() * rarity(list.len(), count) * early;
            if !pair {
                all += weight * (K1 + 1.0);
            }
            for &(target, frequency) in list {
                let gain = weight * frequency * (K1 + 1.0) / (frequency + K1);
                bm25[target] += gain;
                matched[target].push((gain, written.clone()));
            }
        }
        let cosine = self.cosine(text);
        let best = |scores: &[f64]| scores.iter().copied().fold(0.0, f64::max);
        let (best_bm25, best_cosine) = (best(&bm25), best(&cosine));
        let part = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
        let fused: Vec<f64> =
            (0..count).map(|i| (1.0 - COSINE) * part(bm25[i], best_bm25) + COSINE * part(cosine[i], best_cosine)).collect();
        let fused = self.with_neighbours(&fused);
        let mut order: Vec<usize> = (0..count).filter(|&i| fused[i] > 0.0).collect();
        order.sort_by(|&a, &b| fused[b].total_cmp(&fused[a]).then(a.cmp(&b)));
        let first = order.first().map_or(0.0, |&i| fused[i]);
        let second = order.get(1).map_or(0.0, |&i| fused[i]);
        order.truncate(top);
        let candidates: Vec<Candidate> = order
            .iter()
            .enumerate()
            .map(|(rank, &i)| Candidate {
                target: i,
                lead: fused[i] - if rank == 0 { second } else { first },
                explained: part(bm25[i], all).min(1.0),
                cosine: cosine[i],
                cosine_lead: part(cosine[i], best_cosine),
                evidence: bm25[i].ln_1p(),
            })
            .collect();
        let words = order.iter().map(|&i| std::mem::take(&mut matched[i])).collect();
        (candidates, words)
    }

    /// Mixes into each score a part for the whole category it lies in, against the best category.
    fn with_neighbours(&self, scores: &[f64]) -> Vec<f64> {
        let mut squares: BTreeMap<Option<&str>, f64> = BTreeMap::new();
        for (position, score) in self.positions.iter().zip(scores) {
            *squares.entry(position.category.as_deref()).or_default() += score * score;
        }
        let best = squares.values().copied().fold(f64::MIN_POSITIVE, f64::max);
        let of = |position: &Position| squares.get(&position.category.as_deref()).map_or(0.0, |sum| (sum / best).sqrt());
        let mixed =
            self.positions.iter().zip(scores).map(|(position, score)| {
                if *score > 0.0 { (1.0 - NEIGHBOURS) * score + NEIGHBOURS * of(position) } else { 0.0 }
            });
        mixed.collect()
    }

    fn cosine(&self, text: &str) -> Vec<f64> {
        let count = self.positions.len();
        let spaced = spaced(text);
        let mut query: BTreeMap<&str, u32> = BTreeMap::new();
        for piece in pieces(&spaced) {
            *query.entry(piece).or_default() += 1;
        }
        let mut scores = vec![0.0_f64; count];
        let mut length = 0.0_f64;
        for (piece, times) in query {
            let Some(list) = self.pieces.get(piece) else { continue };
            let weight = (1.0 + f64::from(times).ln()) * spread(list.len(), count);
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

    /// The `top` best places for a text, best first, none with more confidence than the one before it. Empty when not one word
    /// is known.
    pub fn suggest(&self, text: &str, top: usize) -> Vec<Suggestion> {
        let (candidates, words) = self.ranked(text, top);
        let mut most = Decimal::ONE;
        candidates
            .iter()
            .zip(words)
            .map(|(candidate, mut words)| {
                words.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
                let mut shown: Vec<String> = Vec::new();
                for (_, written) in words {
                    let repeats = shown.iter().any(|known| known.split(' ').any(|word| word == written) || *known == written);
                    if shown.len() < 6 && !repeats {
                        shown.push(written);
                    }
                }
                most = most.min(candidate.confidence());
                Suggestion { position: self.positions[candidate.target].clone(), confidence: most, words: shown }
            })
            .collect()
    }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The inverse document frequency of BM25.
fn rarity(having: usize, of: usize) -> f64 {
    (1.0 + (number(of) - number(having) + 0.5) / (number(having) + 0.5)).ln()
}

/// The inverse document frequency of the cosine.
fn spread(having: usize, of: usize) -> f64 {
    ((1.0 + number(of)) / (1.0 + number(having))).ln()
}

type Fields = [(f64, f64, String); 5];

/// Weighted frequencies of words and pairs, fields discounted by their length.
fn word_weights(terms: &Terms, targets: &[Fields]) -> Vec<BTreeMap<String, f64>> {
    let split: Vec<Vec<Vec<words::Term>>> =
        targets.iter().map(|fields| fields.iter().map(|(_, _, text)| terms.of(text)).collect()).collect();
    let length = |terms: &[words::Term]| number(terms.iter().filter(|term| !term.pair).count());
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

/// Unit vectors of the pieces of words.
fn piece_weights(targets: &[Fields]) -> Vec<BTreeMap<String, f64>> {
    let mut vectors: Vec<BTreeMap<String, f64>> = targets
        .iter()
        .map(|fields| {
            let mut frequencies: BTreeMap<String, f64> = BTreeMap::new();
            for (_, weight, text) in fields {
                for piece in pieces(&spaced(text)) {
                    *frequencies.entry(piece.to_owned()).or_default() += weight;
                }
            }
            frequencies
        })
        .collect();
    let mut having: HashMap<String, usize> = HashMap::new();
    for piece in vectors.iter().flat_map(BTreeMap::keys) {
        *having.entry(piece.clone()).or_default() += 1;
    }
    let count = vectors.len();
    for vector in &mut vectors {
        for (piece, weight) in vector.iter_mut() {
            *weight = (1.0 + weight.ln_1p()) * spread(having.get(piece).copied().unwrap_or(1), count);
        }
        let length = vector.values().map(|weight| weight * weight).sum::<f64>().sqrt();
        if length > 0.0 {
            for weight in vector.values_mut() {
                *weight /= length;
            }
        }
    }
    vectors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggester() -> Suggester {
        let place = |category: &str, code: &str, text: &str, vocabulary: &[&str]| {
            let position = Position {
                function: "PR".into(),
                category: Some(category.into()),
                subcategory: Some(format!("{category}-{code}")),
            };
            let category =
                if category == "PR.AA" { "Access control. Access is limited" } else { "Awareness. People are trained" };
            let target = Target {
                text: text.into(),
                paraphrase: format!("In short: {}", text.split(' ').next().unwrap_or_default()),
                examples: vec![format!("Review how {}", text.to_lowercase())],
                vocabulary: vocabulary.iter().map(|word| (*word).to_owned()).collect(),
                category: category.into(),
            };
            (position, target)
        };
        Suggester::new(vec![
            place("PR.AA", "01", "Identities and credentials of users are managed", &["password", "account lifecycle"]),
            place(
                "PR.AA",
                "03",
                "Users, services and hardware are authenticated",
                &["MFA", "multi-factor authentication", "login"],
            ),
            place("PR.AA", "05", "Access permissions are defined and reviewed", &["least privilege"]),
            place("PR.AT", "01", "Users are given awareness and training", &["phishing test", "phishing simulation"]),
        ])
    }

    /// Whoever changes one of these numbers changes what is suggested, and with it [`VERSION`].
    #[test]
    fn the_same_texts_get_the_same_confidences() {
        let suggester = suggester();
        let suggested = |text: &str| {
            let all = suggester.suggest(text, 4);
            let one = |one: &Suggestion| format!("{} {} {}", one.position.code(), one.confidence, one.words.join("+"));
            all.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let texts = [
            "Users with MFA",
            "Phishing simulation failures: users who gave their password. Phishing",
            "Reviewed access permissions",
            "authenticat",
            "zebra",
        ];
        let expected = [
            "PR.AA-03 0.5461 mfa+users, PR.AA-01 0.0076 users, PR.AT-01 0.0010 users",
            "PR.AT-01 0.9340 phishing+simulation+phishing simulation+users, PR.AA-01 0.0030 password+users, PR.AA-03 0.0004 users",
            "PR.AA-05 0.9754 permissions+access permissions+reviewed access, PR.AA-01 0.0005 access+reviewed, PR.AA-03 0.0004 access+reviewed, PR.AT-01 0.0002 reviewed",
            "PR.AA-03 0.3460 , PR.AA-01 0.0027 ",
            "",
        ];
        assert_eq!(texts.map(suggested), expected);
    }
}

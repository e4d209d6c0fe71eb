//! Which subcategory an item is about: a suggestion with a calibrated confidence and the words that matched. Pure and
//! deterministic; the same texts give the same suggestions on every machine.
//!
//! Two rankings are fused. The first is BM25F over words and pairs of words, their weight falling from the subcategory's text
//! over the field's vocabulary and examples to the category's. The second is the cosine of TF-IDF vectors of pieces of words,
//! which bridges spellings and compounds. The nearest texts of other documents vote for the codes that they were mapped to.
//! A place gains a little where its whole category fits. Confidence is a logistic function of what is known about a candidate: its
//! lead over the best other one, alone and times the part of the item's words that it explains, the cosine, how much was found at
//! all, the votes, and how near it comes to the best one by words. It never rises from one candidate to the next, so that whoever
//! orders stored suggestions by it has the best one first.

mod index;
mod neighbours;
mod words;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::domain::code::Position;
use crate::domain::framework::Framework;
use crate::domain::language::Language;
use index::{Fields, Postings, Vectors, count_pieces, rarity, word_weights};
pub use neighbours::Neighbour;
use neighbours::Neighbours;
use words::Terms;

/// The method's name, as `ai_change_log` records it.
pub const METHOD: &str = "cmf-lexical";
/// The method's version: another one may suggest something else for the same texts.
pub const VERSION: &str = "4";

/// Saturation of BM25.
const K1: f64 = 2.2;
/// The part of the cosine in the fused score.
const COSINE: f64 = 0.35;
/// The part of what other documents' texts were mapped to.
const NEIGHBOURS: f64 = 0.3;
/// The part of the category in the final score: places whose neighbours fit, too, are likelier.
const SIBLINGS: f64 = 0.1;
/// The weight of words after the first sentence: names and titles say what a text is about.
const LATER: f64 = 0.8;

/// The weight of words that say more about a figure than about the matter, such as `coverage`.
const FAINT: f64 = 0.2;
/// The weight of the words of a heading for what stands below it.
const HEADING: f64 = 0.3;

/// From where on it does not matter any more how far a candidate is behind the first.
const FAR_BEHIND: f64 = -0.3;

/// The coefficients of the confidence: constant, lead, cosine, evidence, votes, lead by words, and lead times explained part.
/// Fitted by `benches/suggest.rs` on texts of three documents of NIST's, each of which is looked up without its own texts.
pub const CONFIDENCE: [f64; 7] = [-3.935, 1.072, 1.237, 0.929, 1.245, 0.974, 2.663];

/// What there is to suggest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The place's own text.
    pub text: String,
    /// A second wording of it, if there is one.
    pub paraphrase: String,
    /// Implementation examples.
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

/// A place in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation {
    /// The place's name or text.
    pub text: String,
    /// The field's words for it.
    pub vocabulary: Vec<String>,
}

/// The same places for texts in another language. The original words stay beside the translated ones: names of techniques and
/// products are English everywhere.
pub fn translated(targets: Vec<(Position, Target)>, translations: &BTreeMap<String, Translation>) -> Vec<(Position, Target)> {
    let of = |code: &str| translations.get(code).cloned().unwrap_or_default();
    let translate = |(position, target): (Position, Target)| {
        let own = of(position.code());
        let category = position.category.as_deref().map(of).unwrap_or_default();
        let target = Target {
            text: own.text,
            paraphrase: target.vocabulary.join(" . "),
            examples: Vec::new(),
            vocabulary: own.vocabulary,
            category: category.text,
        };
        (position, target)
    };
    targets.into_iter().map(translate).collect()
}

/// A suggested place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Where.
    pub position: Position,
    /// The probability that it is right, from 0 to 1 with 4 decimals.
    pub confidence: Decimal,
    /// The words of the item that matched, the weightiest first, at most six.
    pub words: Vec<String>,
}

/// A candidate with the properties that its confidence is computed from.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The number of the target.
    pub target: usize,
    /// Lead of the fused score over the best other one; negative for all but the first.
    pub lead: f64,
    /// The part of the item's known words that BM25 finds, 0 to 1.
    pub explained: f64,
    /// Cosine of the pieces, 0 to 1.
    pub cosine: f64,
    /// How much was found at all, as the logarithm of BM25.
    pub evidence: f64,
    /// What the nearest texts of other documents say for it, 0 to 1.
    pub votes: f64,
    /// Its BM25 as a part of the best one, 0 to 1.
    pub words_lead: f64,
}

impl Candidate {
    /// What the confidence is a function of, after the constant.
    pub fn features(&self) -> [f64; 6] {
        let behind = self.lead.max(FAR_BEHIND);
        [behind, self.cosine, self.evidence, self.votes, self.words_lead, self.lead * self.explained]
    }

    fn confidence(&self) -> Decimal {
        let parts = self.features().into_iter().zip(&CONFIDENCE[1..]);
        let logit = CONFIDENCE[0] + parts.map(|(feature, weight)| feature * weight).sum::<f64>();
        let probability = 1.0 / (1.0 + (-logit).exp());
        Decimal::from_f64(probability).unwrap_or_default().round_dp(4).clamp(Decimal::ZERO, Decimal::ONE)
    }
}

/// The index of a framework's places.
#[derive(Debug)]
pub struct Suggester {
    positions: Vec<Position>,
    terms: Terms,
    words: Postings,
    pieces: Vectors,
    neighbours: Neighbours,
}

impl Suggester {
    /// Indexes the places to suggest, whose texts are in this language.
    pub fn new(language: Language, targets: Vec<(Position, Target)>) -> Self {
        let mut terms = Terms::new(language);
        let fields: Vec<Fields> = targets
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
        terms.learn(fields.iter().flatten().map(|(.., text)| text.as_str()));
        let words = Postings::build(word_weights(&terms, &fields));
        let pieces =
            fields.iter().map(|fields| count_pieces(&terms, fields.iter().map(|(_, weight, text)| (*weight, text.as_str()))));
        let pieces = Vectors::new(pieces.collect());
        let positions = targets.into_iter().map(|(position, _)| position).collect();
        Suggester { positions, terms, words, pieces, neighbours: Neighbours::default() }
    }

    /// Also takes texts of other documents, whose codes are known, as examples.
    #[must_use]
    pub fn with_neighbours(mut self, neighbours: &[Neighbour]) -> Self {
        self.neighbours = Neighbours::new(neighbours, &self.positions, &self.terms);
        self
    }

    /// The text of another document that is nearest to this one, of those that were mapped to the place.
    pub fn nearest(&self, text: &str, position: &Position) -> Option<&Neighbour> {
        let place = self.positions.iter().position(|one| one == position)?;
        self.neighbours.nearest(&count_pieces(&self.terms, [(1.0, text)].into_iter()), place)
    }

    /// The best candidates for a text, best first, with the words that matched the first of them.
    pub fn candidates(&self, text: &str, top: usize) -> Vec<Candidate> {
        self.ranked(text, None, top).0
    }

    fn ranked(&self, text: &str, heading: Option<&str>, top: usize) -> (Vec<Candidate>, Vec<Vec<(f64, String)>>) {
        let count = self.positions.len();
        let mut query: BTreeMap<String, (u32, String, bool, f64)> = BTreeMap::new();
        let first = text.find(['.', ':', ';', '?', '\n']).unwrap_or(text.len());
        let heading = heading.unwrap_or_default();
        for (part, weight) in [(&text[..first], 1.0), (&text[first..], LATER), (heading, HEADING)] {
            for term in self.terms.of(part) {
                let weight = if term.faint { FAINT * weight } else { weight };
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
        let (clear, faint) = self.terms.parted(text);
        let pieces = count_pieces(&self.terms, [(1.0, clear.as_str()), (FAINT, &faint), (HEADING, heading)].into_iter());
        let cosine = self.pieces.near(&pieces);
        let votes = self.neighbours.votes(&pieces, count);
        let best = |scores: &[f64]| scores.iter().copied().fold(0.0, f64::max);
        let (best_bm25, best_cosine) = (best(&bm25), best(&cosine));
        let part = |value: f64, of: f64| if of > 0.0 { value / of } else { 0.0 };
        let fused: Vec<f64> = (0..count)
            .map(|i| {
                let own = (1.0 - COSINE) * part(bm25[i], best_bm25) + COSINE * part(cosine[i], best_cosine);
                (1.0 - NEIGHBOURS) * own + NEIGHBOURS * votes[i]
            })
            .collect();
        let fused = self.with_siblings(&fused);
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
                evidence: bm25[i].ln_1p(),
                votes: votes[i],
                words_lead: part(bm25[i], best_bm25),
            })
            .collect();
        let words = order.iter().map(|&i| std::mem::take(&mut matched[i])).collect();
        (candidates, words)
    }

    /// Mixes into each score a part for the whole category it lies in, against the best category.
    fn with_siblings(&self, scores: &[f64]) -> Vec<f64> {
        let mut squares: BTreeMap<Option<&str>, f64> = BTreeMap::new();
        for (position, score) in self.positions.iter().zip(scores) {
            *squares.entry(position.category.as_deref()).or_default() += score * score;
        }
        let best = squares.values().copied().fold(f64::MIN_POSITIVE, f64::max);
        let of = |position: &Position| squares.get(&position.category.as_deref()).map_or(0.0, |sum| (sum / best).sqrt());
        let mixed = self
            .positions
            .iter()
            .zip(scores)
            .map(|(position, score)| if *score > 0.0 { (1.0 - SIBLINGS) * score + SIBLINGS * of(position) } else { 0.0 });
        mixed.collect()
    }

    /// The `top` best places for a text, best first, none with more confidence than the one before it. Empty when not one word
    /// is known.
    pub fn suggest(&self, text: &str, top: usize) -> Vec<Suggestion> {
        self.suggest_below(None, text, top)
    }

    /// The same for a text below a heading, which lends its words.
    pub fn suggest_below(&self, heading: Option<&str>, text: &str, top: usize) -> Vec<Suggestion> {
        let (candidates, words) = self.ranked(text, heading, top);
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
        let targets = vec![
            place("PR.AA", "01", "Identities and credentials of users are managed", &["password", "account lifecycle"]),
            place(
                "PR.AA",
                "03",
                "Users, services and hardware are authenticated",
                &["MFA", "multi-factor authentication", "login"],
            ),
            place("PR.AA", "05", "Access permissions are defined and reviewed", &["least privilege"]),
            place("PR.AT", "01", "Users are given awareness and training", &["phishing test", "phishing simulation"]),
        ];
        Suggester::new(Language::English, targets)
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
            "PR.AA-03 0.2298 mfa+users, PR.AA-01 0.0255 users, PR.AT-01 0.0242 users",
            "PR.AT-01 0.5879 phishing+simulation+phishing simulation+users, PR.AA-01 0.0409 password+users, PR.AA-03 0.0201 users",
            "PR.AA-05 0.6659 permissions+access permissions+reviewed access, PR.AA-01 0.0184 access+reviewed, PR.AA-03 0.0177 access+reviewed, PR.AT-01 0.0147 reviewed",
            "PR.AA-03 0.0412 , PR.AA-01 0.0155 ",
            "",
        ];
        assert_eq!(texts.map(suggested), expected);
    }
}

//! Item by item: the candidates, what a line that somebody types makes of them, and what is stored at the end. Decisions are kept
//! until then, so that undo is free.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::carry::{self, Carried};
use super::speakers::Speakers;
use super::{Rejected, Scope, Scoped, suggest};
use crate::db::audit::Audit;
use crate::db::mappings::{Item, Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Position};
use crate::domain::near::Suggestions;
use crate::error::{Error, Result};
use crate::lookup;
use crate::session::Session;

/// A place that an item could be mapped to.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub position: Position,
    pub confidence: Decimal,
    pub words: String,
    /// A text of another document that was mapped to the place and is near to the item, with the document's name.
    pub neighbour: Option<String>,
}

#[derive(Debug)]
pub struct Case {
    pub item: Item,
    /// The item's row: header and cell.
    pub row: Vec<(String, String)>,
    pub candidates: Vec<Candidate>,
}

/// Which items are reviewed, by their best candidate.
#[derive(Debug, Default)]
pub struct Which {
    /// At least this confidence.
    pub above: Option<Decimal>,
    /// Less than this confidence; items without a candidate are among them.
    pub below: Option<Decimal>,
    pub function: Option<String>,
}

impl Which {
    fn takes(&self, case: &Case) -> bool {
        let best = case.candidates.first();
        let confidence = best.map(|best| best.confidence).unwrap_or_default();
        let is_in = |function: &String| best.is_some_and(|best| best.position.function.eq_ignore_ascii_case(function));
        self.above.is_none_or(|above| best.is_some() && confidence >= above)
            && self.below.is_none_or(|below| confidence < below)
            && self.function.as_ref().is_none_or(is_in)
    }
}

/// What was decided about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    /// Map to these places, confirmed.
    Map(Vec<Position>),
    /// None of the candidates.
    Reject,
    /// Not now.
    Skip,
}

/// Where a review stands: one decision for each case before the current one.
#[derive(Debug, Default)]
pub struct Review {
    decisions: Vec<Decision>,
}

/// What a line typed by the user leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Next,
    /// Show the same case again, after this message.
    Again(String),
    Stop,
}

impl Review {
    /// How many cases were decided, or left for later.
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// Takes what was typed about a case: Enter or `a`, numbers, codes, `r`, `s`, `u`, `q`.
    pub fn take(&mut self, typed: &str, case: &Case, index: &CodeIndex, framework: &str) -> Step {
        let decision = match typed.trim().to_lowercase().as_str() {
            "" | "a" => match case.candidates.first() {
                Some(best) => Decision::Map(vec![best.position.clone()]),
                None => return Step::Again("there is no candidate to accept; type a code, or s to skip".to_owned()),
            },
            "s" => Decision::Skip,
            "r" => Decision::Reject,
            "q" => return Step::Stop,
            "u" => {
                return if self.decisions.pop().is_some() {
                    Step::Again("undid the last decision".to_owned())
                } else {
                    Step::Again("there is nothing to undo".to_owned())
                };
            }
            "?" | "h" | "help" => return Step::Again(KEYS.to_owned()),
            text => match chosen(text, case, index, framework) {
                Ok(positions) => Decision::Map(positions),
                Err(message) => return Step::Again(message),
            },
        };
        self.decisions.push(decision);
        Step::Next
    }
}

pub const KEYS: &str = "Enter or a: accept the first; 1-9: choose, several with blanks; a code: map to it; r: reject them; \
                    s: skip; u: undo; q: store and quit";

/// Numbers of candidates, or codes in any spelling.
fn chosen(text: &str, case: &Case, index: &CodeIndex, framework: &str) -> std::result::Result<Vec<Position>, String> {
    let numbers: Option<Vec<usize>> =
        text.split([' ', ',', ';']).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
    if let Some(numbers) = numbers {
        return numbers
            .iter()
            .map(|&number| {
                let candidate = number.checked_sub(1).and_then(|at| case.candidates.get(at));
                candidate.map(|candidate| candidate.position.clone()).ok_or_else(|| format!("there is no candidate {number}"))
            })
            .collect();
    }
    match lookup::code::resolve(index, &Suggestions::default(), text, false, framework) {
        Ok(resolved) if !resolved.live.is_empty() => Ok(resolved.live),
        Ok(_) => Err(KEYS.to_owned()),
        Err(error) => Err(error.to_text().trim_start_matches("error: ").replace('\n', "; ")),
    }
}

#[derive(Debug)]
pub struct Open {
    scoped: Scoped,
    /// The items without a confirmed mapping that are asked for.
    pub cases: Vec<Case>,
    /// How many items without one are not asked for.
    pub others: usize,
    /// The index of the framework's codes.
    pub index: CodeIndex,
}

/// Reads what is to be decided, each item with at most `top` candidates, and those that were noted. Exit 2 for a function that
/// the framework does not have.
pub async fn open(session: &mut Session, scope: &Scope, which: &Which, top: usize) -> Result<Open> {
    let mut tx = session.read().await?;
    let scoped = scope.resolve(&mut tx).await?;
    let items = scoped.items(&mut tx).await?;
    let rejected = scoped.rejected(&mut tx).await?;
    let carried = carry::evidence(&mut tx, &scoped).await?;
    let stored = scoped.mappings(&mut tx).await?;
    let mut rows = rows(&mut tx, &scoped).await?;
    tx.end().await?;
    if let Some(function) = &which.function {
        let known: Vec<&str> = scoped.known.framework.functions.iter().map(|one| one.code.as_str()).collect();
        if !known.iter().any(|code| code.eq_ignore_ascii_case(function)) {
            return Err(Error::usage(format!("{} does not have a function `{function}`", scoped.framework()))
                .hint(format!("its functions are {}", known.join(", "))));
        }
    }
    let mut cases = cases(&scoped, items, &stored, &rejected, &carried, top)?;
    let all = cases.len();
    cases.retain(|case| which.takes(case));
    for case in &mut cases {
        case.row = rows.remove(&case.item.id).unwrap_or_default();
    }
    Ok(Open { others: all - cases.len(), cases, index: scoped.known.codes(), scoped })
}

/// The cells of each item's row, with their headers.
async fn rows(tx: &mut Connection, scoped: &Scoped) -> Result<HashMap<Uuid, Vec<(String, String)>>> {
    let catalogs = match scoped.catalog_id {
        Some(id) => vec![id],
        None => db::catalogs::list(tx, None).await?.into_iter().map(|catalog| catalog.id).collect(),
    };
    let mut rows = HashMap::new();
    for catalog in catalogs {
        let take = |row: db::catalog_contents::Row| {
            let cells = row.original_data.get("row").and_then(Value::as_object).into_iter().flatten();
            let cells = cells.filter_map(|(header, cell)| Some((header.clone(), cell.as_str()?.trim().to_owned())));
            rows.insert(row.id, cells.filter(|(_, cell)| !cell.is_empty()).collect());
            Ok(())
        };
        db::catalog_contents::each_item(tx, catalog, take).await?;
    }
    Ok(rows)
}

/// What is stored comes first, in the order of `cmf map list`, then what else could be suggested.
fn cases(
    scoped: &Scoped,
    items: Vec<Item>,
    stored: &[Mapping],
    rejected: &Rejected,
    carried: &HashMap<Uuid, Vec<Carried>>,
    top: usize,
) -> Result<Vec<Case>> {
    let speakers = Speakers::new(scoped, &items)?;
    let cases = items.into_iter().filter(|item| !item.is_mapped).map(|item| {
        let mut candidates: Vec<Candidate> = suggest::of_item(&speakers, &item, top, rejected, carried)
            .into_iter()
            .map(|one| Candidate {
                position: one.position,
                confidence: one.confidence,
                words: one.words.join(", "),
                neighbour: None,
            })
            .collect();
        let stored: Vec<&Mapping> = stored.iter().filter(|mapping| mapping.item_id == item.id).collect();
        for mapping in stored.iter().rev() {
            let position = mapping.position();
            let known = candidates.iter().position(|one| one.position == position).map(|at| candidates.remove(at));
            let fallback = known.as_ref().map(|one| one.confidence).unwrap_or_default();
            let confidence = mapping.confidence.unwrap_or(fallback);
            let words = known.map(|one| one.words).unwrap_or_default();
            candidates.insert(0, Candidate { position, confidence, words, neighbour: None });
        }
        let mut rank = 0;
        candidates.retain(|one| {
            rank += 1;
            let is_noted = |mapping: &&Mapping| !mapping.is_ai_suggested && mapping.position() == one.position;
            rank <= top || stored.iter().any(is_noted)
        });
        for one in &mut candidates {
            let neighbour = speakers.nearest(&item, &one.position);
            one.neighbour = neighbour.map(|neighbour| format!("{}: {}", neighbour.source, neighbour.text));
        }
        Case { item, row: Vec::new(), candidates }
    });
    Ok(cases.collect())
}

impl Open {
    pub fn framework(&self) -> String {
        self.scoped.framework()
    }

    /// What the framework says about a place.
    pub fn text_of(&self, position: &Position) -> String {
        let functions = &self.scoped.known.framework.functions;
        let mut categories = functions.iter().flat_map(|function| &function.categories);
        let category = categories.find(|category| Some(&category.code) == position.category.as_ref());
        let subcategory = category.and_then(|category| {
            category.subcategories.iter().find(|subcategory| Some(&subcategory.code) == position.subcategory.as_ref())
        });
        match (subcategory, category) {
            (Some(subcategory), _) => subcategory.description.clone(),
            (None, Some(category)) => category.name.clone(),
            (None, None) => String::new(),
        }
    }

    /// Stores what was decided. Returns how many items were mapped, and how many rejected.
    pub async fn store(&self, session: &mut Session, review: &Review, dry_run: bool) -> Result<(usize, usize)> {
        let framework_id = self.scoped.known.row.id;
        let decided: Vec<(&Case, &Decision)> =
            self.cases.iter().zip(&review.decisions).filter(|(_, decision)| **decision != Decision::Skip).collect();
        let ids: Vec<Uuid> = decided.iter().map(|(case, _)| case.item.id).collect();
        session
            .change(dry_run, async |tx| {
                db::locks::catalogs_of_items(tx, &ids).await?;
                let before = self.scoped.mappings(tx).await?;
                let (mut new, mut confirm, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
                let mut delete = Vec::new();
                for (case, decision) in &decided {
                    let of_item = || before.iter().filter(|mapping| mapping.item_id == case.item.id);
                    let wanted: &[Position] = if let Decision::Map(positions) = decision { positions } else { &[] };
                    for position in wanted {
                        let suggestion = case.candidates.iter().find(|candidate| candidate.position == *position);
                        match of_item().find(|mapping| mapping.position() == *position) {
                            Some(known) => confirm.push(known.id),
                            None => new.push(New {
                                item_id: case.item.id,
                                position: position.clone(),
                                confidence: suggestion.map(|candidate| candidate.confidence),
                                is_ai_suggested: suggestion.is_some(),
                                is_confirmed: true,
                            }),
                        }
                    }
                    // What was noted and undecided was among the candidates, too.
                    let undecided = of_item().filter(|mapping| {
                        let position = mapping.position();
                        let shown = mapping.is_ai_suggested || case.candidates.iter().any(|one| one.position == position);
                        shown && !mapping.is_confirmed && !wanted.contains(&position)
                    });
                    delete.extend(undecided.map(|mapping| mapping.id));
                    if **decision == Decision::Reject {
                        rejected.extend(
                            case.candidates.iter().map(|one| json!({ "item_id": case.item.id, "code": one.position.code() })),
                        );
                    }
                }
                let mapped = decided.iter().filter(|(_, decision)| matches!(decision, Decision::Map(_))).count();
                db::mappings::delete(tx, &delete).await?;
                db::mappings::set_confirmed(tx, &confirm, true).await?;
                db::mappings::insert(tx, framework_id, &new).await?;
                let result = json!({
                    "framework_id": framework_id, "items": decided.len(), "mapped": mapped,
                    "confirmed": confirm.len() + new.len(), "rejected": rejected,
                });
                let audit = (!decided.is_empty()).then(|| Audit::of("map.review", result));
                Ok(((mapped, decided.len() - mapped), audit))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::framework::framework;

    fn index() -> CodeIndex {
        CodeIndex::new(&framework(&[("A", "Alpha", &[("A.X", "Ex", &["A.X-01", "A.X-02", "A.X-03"])])]))
    }

    fn case() -> Case {
        let index = index();
        let candidate = |code: &str| Candidate {
            position: index.find(code).unwrap().clone(),
            confidence: Decimal::ONE,
            words: String::new(),
            neighbour: None,
        };
        Case {
            item: Item {
                id: Uuid::nil(),
                catalog: "c".to_owned(),
                metric_number: None,
                name: "i".to_owned(),
                description: None,
                heading: None,
                is_mapped: false,
            },
            row: Vec::new(),
            candidates: vec![candidate("A.X-01"), candidate("A.X-02")],
        }
    }

    fn typed(keys: &[&str]) -> (Vec<String>, Vec<Step>) {
        let mut review = Review::default();
        let steps = keys.iter().map(|key| review.take(key, &case(), &index(), "f-1")).collect();
        let decisions = review
            .decisions
            .iter()
            .map(|decision| match decision {
                Decision::Map(positions) => positions.iter().map(Position::code).collect::<Vec<_>>().join("+"),
                Decision::Reject => "reject".to_owned(),
                Decision::Skip => "skip".to_owned(),
            })
            .collect();
        (decisions, steps)
    }

    #[test]
    fn keys_accept_choose_skip_and_reject() {
        let (decisions, _) = typed(&["", "a", "2", "1 2", "a.x-3", "s", "r"]);
        assert_eq!(decisions, ["A.X-01", "A.X-01", "A.X-02", "A.X-01+A.X-02", "A.X-03", "skip", "reject"]);
    }

    #[test]
    fn undo_takes_the_last_decision_back() {
        let (decisions, steps) = typed(&["1", "2", "u", "s", "u", "u", "u"]);
        assert!(decisions.is_empty());
        assert_eq!(steps.last(), Some(&Step::Again("there is nothing to undo".to_owned())));
    }

    #[test]
    fn what_is_no_key_number_or_code_asks_again() {
        let (decisions, steps) = typed(&["7", "0", "A.X-09", "xyzzy", "?", "n/a", "q"]);
        assert!(decisions.is_empty());
        assert_eq!(steps[0], Step::Again("there is no candidate 7".to_owned()));
        assert!(matches!(&steps[2], Step::Again(message) if message.contains("did you mean A.X-03")), "{:?}", steps[2]);
        assert!(matches!(steps[3], Step::Again(_)) && matches!(steps[4], Step::Again(_)) && matches!(steps[5], Step::Again(_)));
        assert_eq!(steps[6], Step::Stop);
    }
}

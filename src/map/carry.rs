//! What an item's mappings to one framework say about another, by the table of where each code went. It also is evidence for
//! suggestions and reviews.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::{Scope, Scoped};
use crate::db::audit::{Audit, Model};
use crate::db::frameworks::Row;
use crate::db::mappings::{Item, Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::Position;
use crate::domain::succession::{Succession, certainty, either};
use crate::domain::suggest::Suggestion;
use crate::error::{Error, Result, shell_word};
use crate::import::bundled;
use crate::lookup;
use crate::lookup::crosswalk::Via;
use crate::lookup::framework::Known;
use crate::session::Session;
use crate::tell::Tell;

/// A place that an item's other mappings lead to.
#[derive(Debug, Clone)]
pub struct Carried {
    pub position: Position,
    pub confidence: Decimal,
    /// Where from, such as `csf-1.1 PR.AC-1`.
    pub from: Vec<String>,
    /// The mapping that it is already, undecided: its confidence, where it has one, stays as it is.
    pub(super) noted: Option<Noted>,
}

/// An undecided mapping that no suggestion made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) id: Uuid,
    pub(super) confidence: Option<Decimal>,
}

/// What is carried to each item, and the codes that lead nowhere.
#[derive(Debug, Default)]
struct Evidence {
    by_item: HashMap<Uuid, Vec<Carried>>,
    lost: Vec<(String, String)>,
}

/// Where the codes of `from` went in `to`, where a table tells: the bundled one, or the successors of withdrawn codes that
/// came with another edition of the same framework.
fn succession(from: &Row, to: &Known) -> Result<Option<Succession>> {
    if from.id == to.row.id {
        return Ok(None);
    }
    if from.short_name() == "csf-1.1" && to.row.short_name() == "csf-2.0" {
        return Ok(Some(Succession::new(&bundled::csf_1_1_to_2_0()?, to.codes())));
    }
    let is_edition = from.name == to.row.name && !to.withdrawn.is_empty();
    Ok(is_edition.then(|| Succession::new(&to.withdrawn, to.codes())))
}

fn follow(evidence: &mut Evidence, from: &str, succession: &Succession, mappings: &[Mapping]) {
    for mapping in mappings.iter().filter(|mapping| mapping.is_confirmed) {
        let places = succession.of(&mapping.position());
        if places.is_empty() {
            evidence.lost.push((mapping.item.clone(), mapping.code().to_owned()));
        }
        let confidence = certainty(places.len());
        let mine = evidence.by_item.entry(mapping.item_id).or_default();
        let origin = format!("{from} {}", mapping.code());
        for position in places {
            add(mine, Carried { position, confidence, from: vec![origin.clone()], noted: None });
        }
    }
}

/// What the rows of a crosswalk say of each item. As certain as a row is, somebody has to look at what it leads to.
fn follow_rows(evidence: &mut Evidence, via: &Via, mappings: &[Mapping]) {
    let from = via.framework.short_name();
    for mapping in mappings.iter().filter(|mapping| mapping.is_confirmed) {
        let ways = via.crosswalk.ways(&mapping.position());
        if ways.is_empty() {
            evidence.lost.push((mapping.item.clone(), mapping.code().to_owned()));
        }
        let mine = evidence.by_item.entry(mapping.item_id).or_default();
        for way in ways {
            let Some(pair) = via.crosswalk.pairs().get(way.pair) else { continue };
            let confidence = (way.part * certainty(1)).round_dp(4).normalize();
            let origin = format!("{from} {} {} (row {})", mapping.code(), way.relation, pair.row);
            add(mine, Carried { position: pair.target.clone(), confidence, from: vec![origin], noted: None });
        }
    }
}

fn add(carried: &mut Vec<Carried>, one: Carried) {
    match carried.iter_mut().find(|known| known.position == one.position) {
        Some(known) => {
            known.confidence = either(known.confidence, one.confidence);
            known.from.extend(one.from);
        }
        None => carried.push(one),
    }
}

/// What the items' confirmed mappings to other frameworks say about this one, and what was noted about them here and is
/// undecided: successors that an import or `cmf map carry` left.
pub(super) async fn evidence(tx: &mut Connection, scoped: &Scoped) -> Result<HashMap<Uuid, Vec<Carried>>> {
    let mut evidence = Evidence::default();
    for row in db::frameworks::list(tx).await? {
        if let Some(succession) = succession(&row, &scoped.known)? {
            let mappings = db::mappings::list(tx, scoped.catalog_id, Some(row.id)).await?;
            follow(&mut evidence, &row.short_name(), &succession, &mappings);
        }
    }
    for mapping in scoped.mappings(tx).await?.iter().filter(|mapping| !mapping.is_confirmed && !mapping.is_ai_suggested) {
        let mine = evidence.by_item.entry(mapping.item_id).or_default();
        let position = mapping.position();
        let noted = Some(Noted { id: mapping.id, confidence: mapping.confidence });
        // The successor that was stored is the one that is carried again.
        match mine.iter_mut().find(|known| known.position == position) {
            Some(known) => known.noted = noted,
            None => mine.push(Carried { position, confidence: certainty(2), from: vec!["noted".to_owned()], noted }),
        }
    }
    Ok(evidence.by_item)
}

/// Joins what is carried over with what an item's text says; both together are more certain than either. What is stored already
/// keeps its confidence. The order is that of [`list`](crate::db::mappings::list): the first one here is the first one there.
pub(super) fn merge(suggestions: &mut Vec<Suggestion>, carried: &[Carried]) {
    if carried.is_empty() {
        return;
    }
    for one in carried {
        let stored = one.noted.and_then(|noted| noted.confidence);
        match suggestions.iter_mut().find(|known| known.position == one.position) {
            Some(known) => {
                known.confidence = stored.unwrap_or_else(|| either(known.confidence, one.confidence));
                known.words.splice(0..0, one.from.iter().cloned());
            }
            None => suggestions.push(Suggestion {
                position: one.position.clone(),
                confidence: stored.unwrap_or(one.confidence),
                words: one.from.clone(),
            }),
        }
    }
    let noted = |one: &Suggestion| carried.iter().find(|known| known.position == one.position)?.noted.map(|noted| noted.id);
    // Ids grow with time, so those that are stored come before those that will be.
    suggestions.sort_by_key(|one| (std::cmp::Reverse(one.confidence), noted(one).unwrap_or(Uuid::max())));
}

#[derive(Debug)]
pub struct Outcome {
    /// The names of the two frameworks.
    pub from: String,
    pub to: String,
    /// An item for each new mapping.
    pub carried: Vec<(Item, Carried)>,
    /// Items and their codes that have no successor.
    pub lost: Vec<(String, String)>,
    /// Whether any item has a confirmed mapping to the first framework.
    pub has_sources: bool,
}

/// What says where codes went.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// The table of the successors of this framework's codes.
    Successors(&'a str),
    /// The rows of a crosswalk, which is named, or the framework that it leads from.
    Crosswalk(&'a str),
}

/// Carries confirmed mappings to another framework over to that of the scope, or to the other end of a crosswalk where the scope
/// has none, unconfirmed. Exit 2 for names that are unknown, and where nothing says where the codes went.
pub async fn carry(
    session: &mut Session,
    (catalog, owner, to): (Option<String>, Option<String>, Option<&str>),
    by: By<'_>,
    dry_run: bool,
    tell: &dyn Tell,
) -> Result<Outcome> {
    session
        .change(dry_run, async |tx| {
            let (from, via, framework) = match by {
                By::Successors(from) => {
                    (lookup::framework::find(tx, from).await?, None, to.unwrap_or(lookup::framework::USUAL).to_owned())
                }
                By::Crosswalk(text) => {
                    let catalog = lookup::catalog::if_named(tx, catalog.as_deref(), owner.as_deref()).await?;
                    let mapped = db::frameworks::mapped_by(tx, catalog.map(|catalog| catalog.id)).await?;
                    let (to, via) = lookup::crosswalk::via(tell, tx, text, to, &mapped).await?;
                    (via.framework.clone(), Some(via), to.id.to_string())
                }
            };
            let scope = Scope { catalog: catalog.clone(), owner: owner.clone(), framework };
            let scoped = scope.resolve(tx).await?;
            let (from_name, to_name) = (from.short_name(), scoped.framework());
            let table = if via.is_some() { None } else { succession(&from, &scoped.known)? };
            if via.is_none() && table.is_none() {
                return Err(Error::usage(format!("no table says where the codes of {from_name} went in {to_name}"))
                    .hint(format!(
                        "import a crosswalk: `cmf framework crosswalk import FILE --source {from} --target {to}`, then `cmf map carry \
                         --via {from} --to {to}`",
                        from = shell_word(&from_name),
                        to = shell_word(&to_name)
                    )));
            }
            let items = scoped.items(tx).await?;
            db::locks::catalogs_of_items(tx, &items.iter().map(|item| item.id).collect::<Vec<_>>()).await?;
            let items = scoped.items(tx).await?;
            let sources = db::mappings::list(tx, scoped.catalog_id, Some(from.id)).await?;
            let mut evidence = Evidence::default();
            if let Some(via) = &via {
                follow_rows(&mut evidence, via, &sources);
            }
            if let Some(succession) = &table {
                follow(&mut evidence, &from_name, succession, &sources);
            }
            let rejected = scoped.rejected(tx).await?;
            let here = scoped.mappings(tx).await?;
            let (mut carried, mut replaced) = (Vec::new(), Vec::new());
            for item in items.into_iter().filter(|item| !item.is_mapped) {
                for one in evidence.by_item.remove(&item.id).into_iter().flatten() {
                    if rejected.contains(&(item.id, one.position.code().to_owned())) {
                        continue;
                    }
                    let known = here.iter().find(|mapping| mapping.item_id == item.id && mapping.position() == one.position);
                    if known.is_some_and(|mapping| !mapping.is_ai_suggested) {
                        continue;
                    }
                    // A suggestion of the text gives way to the table, which the next `suggest` adds its words to.
                    replaced.extend(known.map(|mapping| mapping.id));
                    carried.push((item.clone(), one));
                }
            }
            let new = |(item, one): &(Item, Carried)| New {
                item_id: item.id,
                position: one.position.clone(),
                confidence: Some(one.confidence),
                is_ai_suggested: false,
                is_confirmed: false,
            };
            db::mappings::delete(tx, &replaced).await?;
            db::mappings::insert(tx, scoped.known.row.id, &carried.iter().map(new).collect::<Vec<_>>()).await?;
            let outcome = Outcome {
                has_sources: sources.iter().any(|mapping| mapping.is_confirmed),
                from: from_name,
                to: to_name,
                carried,
                lost: evidence.lost,
            };
            let method = match &via {
                Some(via) => format!("crosswalk {}", via.name),
                None => format!("successors of {} in {}", outcome.from, outcome.to),
            };
            let result = json!({
                "framework_id": scoped.known.row.id, "framework": outcome.to, "from": outcome.from, "crosswalk_id": via.as_ref().map(|via| via.id), "catalog_id": scoped.catalog_id,
                "items": outcome.items(), "suggestions": outcome.carried.len(),
                "lost": outcome.lost.iter().map(|(_, code)| code).collect::<Vec<_>>(),
            });
            let model = Model { provider: "cmf", name: method.into(), prompt: None, tokens: None };
            let audit = (!outcome.carried.is_empty()).then(|| Audit::of("map.carry", result).suggested(model));
            Ok((outcome, audit))
        })
        .await
}

impl Outcome {
    /// How many items got a mapping.
    pub fn items(&self) -> usize {
        self.carried.iter().map(|(item, _)| item.id).collect::<HashSet<_>>().len()
    }
}

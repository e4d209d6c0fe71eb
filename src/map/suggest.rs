//! Ranked subcategories for every item without a confirmed mapping.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::carry::{self, Carried};
use super::model::{self, Asker};
use super::speakers::Speakers;
use super::{Rejected, Scope, Scoped};
use crate::db::audit::{Audit, Model};
use crate::db::mappings::{Item, New};
use crate::db::{self, Connection};
use crate::domain::suggest::{self, Suggestion};
use crate::error::Result;
use crate::session::Session;
use crate::tell::Tell;

/// What is to be suggested.
#[derive(Debug)]
pub struct Request {
    /// For which items, to which framework.
    pub scope: Scope,
    /// How many suggestions an item gets.
    pub top: usize,
    /// What is less certain is left out.
    pub min_confidence: Decimal,
    /// From where on an item's best suggestion is confirmed at once.
    pub auto_confirm: Option<Decimal>,
    pub dry_run: bool,
}

#[derive(Debug)]
pub struct Suggested {
    pub item: Item,
    /// The best one first.
    pub suggestions: Vec<Suggestion>,
}

#[derive(Debug)]
pub struct Outcome {
    pub framework: String,
    /// How many items there are, mapped ones among them.
    pub items: usize,
    /// Those without a confirmed mapping.
    pub suggested: Vec<Suggested>,
    /// Items whose request failed, where that is allowed.
    pub failed: usize,
    /// How many items are in languages that there are no words for, by the language's name.
    pub unspoken: BTreeMap<&'static str, usize>,
}

/// Suggests by the items' texts and their other mappings.
pub async fn by_text(session: &mut Session, tell: &dyn Tell, request: &Request) -> Result<Outcome> {
    let mut tx = session.read().await?;
    let scoped = request.scope.resolve(&mut tx).await?;
    let all = scoped.items(&mut tx).await?;
    let rejected = scoped.rejected(&mut tx).await?;
    let speakers = Speakers::new(&scoped, &all)?;
    let carried = carry::evidence(&mut tx, &scoped).await?;
    tx.end().await?;
    let items = all.len();
    let mut unspoken = BTreeMap::new();
    for language in all.iter().filter(|item| !item.is_mapped).filter_map(|item| speakers.unspoken(item)) {
        *unspoken.entry(language).or_default() += 1;
    }
    let suggest = |item: Item| {
        let mut suggestions = of_item(&speakers, &item, request.top, &rejected, &carried);
        suggestions.retain(|one| one.confidence >= request.min_confidence);
        Suggested { item, suggestions }
    };
    let suggested = all.into_iter().filter(|item| !item.is_mapped).map(suggest).collect();
    let outcome = Outcome { framework: scoped.framework(), items, suggested, failed: 0, unspoken };
    let name = format!("{} {}", suggest::METHOD, suggest::VERSION).into();
    let model = Model { provider: "cmf", name, prompt: None, tokens: None };
    session
        .change(request.dry_run, async |tx| Ok(((), store(tell, tx, &scoped, request, &outcome.suggested, &model).await?)))
        .await?;
    Ok(outcome)
}

/// Has a model suggest, where somebody agrees to the estimate: else nothing is sent, and there is nothing. Exit 2 for names
/// that are unknown, 69 when no request is answered.
pub async fn by_model(
    session: &mut Session,
    tell: &dyn Tell,
    request: &Request,
    asker: &Asker,
    agree: impl FnOnce(&str) -> Result<bool>,
) -> Result<Option<Outcome>> {
    let mut tx = session.read().await?;
    let scoped = request.scope.resolve(&mut tx).await?;
    let items = scoped.items(&mut tx).await?;
    let rejected = scoped.rejected(&mut tx).await?;
    // A model takes its time: nothing is held in the database meanwhile.
    tx.end().await?;
    let waiting: Vec<&Item> = items.iter().filter(|item| !item.is_mapped).collect();
    let Some(asked) = model::ask(tell, asker, &scoped, &waiting, request.top, agree).await? else { return Ok(None) };
    let name = asker.endpoint.model().into();
    let model = Model { provider: asker.provider, name, prompt: Some(&asked.prompt), tokens: asked.tokens };
    session
        .change(request.dry_run, async |tx| {
            let mut suggested = Vec::new();
            for item in scoped.items(tx).await?.into_iter().filter(|item| !item.is_mapped) {
                let Some(answered) = asked.by_item.get(&item.id) else { continue };
                let sure = |one: &&Suggestion| {
                    one.confidence >= request.min_confidence && !rejected.contains(&(item.id, one.position.code().to_owned()))
                };
                let suggestions = answered.iter().filter(sure).take(request.top).cloned().collect();
                suggested.push(Suggested { item, suggestions });
            }
            let outcome = Outcome {
                framework: scoped.framework(),
                items: items.len(),
                suggested,
                failed: asked.failed,
                unspoken: BTreeMap::new(),
            };
            let audit = store(tell, tx, &scoped, request, &outcome.suggested, &model).await?;
            Ok((Some(outcome), audit))
        })
        .await
}

/// The best places for an item that nobody rejected, and all that its other mappings lead to.
pub(super) fn of_item(
    speakers: &Speakers,
    item: &Item,
    top: usize,
    rejected: &Rejected,
    carried: &HashMap<Uuid, Vec<Carried>>,
) -> Vec<Suggestion> {
    let carried = carried.get(&item.id).map(Vec::as_slice).unwrap_or_default();
    // As many more as may be left out again; what is carried over may be far down, and counts the same with every `top`.
    let refused = rejected.iter().filter(|(id, _)| *id == item.id).count();
    let wanted = if carried.is_empty() { top + refused } else { usize::MAX };
    let mut suggestions = speakers.suggest(item, wanted);
    carry::merge(&mut suggestions, carried);
    suggestions.retain(|one| !rejected.contains(&(item.id, one.position.code().to_owned())));
    let mut rank = 0;
    suggestions.retain(|one| {
        rank += 1;
        rank <= top || carried.iter().any(|known| known.position == one.position)
    });
    suggestions
}

/// Replaces the items' undecided suggestions, and says so for the trail. The same suggestions again change nothing.
async fn store<'a>(
    tell: &dyn Tell,
    tx: &mut Connection,
    scoped: &Scoped,
    request: &Request,
    suggested: &[Suggested],
    model: &Model<'a>,
) -> Result<Option<Audit<'a>>> {
    let framework_id = scoped.known.row.id;
    let ids: Vec<Uuid> = suggested.iter().map(|one| one.item.id).collect();
    db::locks::catalogs_of_items(tx, &ids).await?;
    let before = scoped.mappings(tx).await?;
    // What somebody else mapped meanwhile needs no suggestion.
    let mapped: HashSet<Uuid> = before.iter().filter(|mapping| mapping.is_confirmed).map(|mapping| mapping.item_id).collect();
    let suggested: Vec<&Suggested> = suggested.iter().filter(|one| !mapped.contains(&one.item.id)).collect();
    let ids: Vec<Uuid> = suggested.iter().map(|one| one.item.id).collect();
    let mut new = Vec::new();
    for one in &suggested {
        for (rank, suggestion) in one.suggestions.iter().enumerate() {
            new.push(New {
                item_id: one.item.id,
                position: suggestion.position.clone(),
                confidence: Some(suggestion.confidence),
                is_ai_suggested: true,
                is_confirmed: request.confirms(rank, suggestion),
            });
        }
    }
    let waiting: HashSet<Uuid> = ids.iter().copied().collect();
    let known: Vec<New> = before
        .iter()
        .filter(|mapping| waiting.contains(&mapping.item_id) && mapping.is_ai_suggested && !mapping.is_confirmed)
        .map(|mapping| New {
            item_id: mapping.item_id,
            position: mapping.position(),
            confidence: mapping.confidence,
            is_ai_suggested: true,
            is_confirmed: false,
        })
        .collect();
    // What is noted by hand, or carried over, and undecided is not suggested beside it; it may be certain enough, though. One
    // without a confidence gets the one that is shown, so that it has its place among the others.
    let (mut sure, mut unrated) = (Vec::new(), Vec::new());
    new.retain(|one| {
        let noted = before
            .iter()
            .find(|mapping| mapping.item_id == one.item_id && !mapping.is_ai_suggested && mapping.position() == one.position);
        sure.extend(noted.filter(|_| one.is_confirmed).map(|mapping| mapping.id));
        unrated.extend(
            noted.filter(|mapping| mapping.confidence.is_none()).and_then(|mapping| Some((mapping.id, one.confidence?))),
        );
        noted.is_none()
    });
    let same = sure.is_empty() && unrated.is_empty() && known == new;
    if same {
        tell.say("nothing changed: the suggestions are the same as before");
        return Ok(None);
    }
    db::mappings::delete_suggestions(tx, framework_id, &ids).await?;
    db::mappings::insert(tx, framework_id, &new).await?;
    db::mappings::set_confidence(tx, &unrated).await?;
    db::mappings::set_confirmed(tx, &sure, true).await?;
    let confirmed = new.iter().filter(|one| one.is_confirmed).count() + sure.len();
    let result = json!({
        "framework_id": framework_id, "framework": scoped.framework(), "catalog_id": scoped.catalog_id,
        "items": suggested.len(), "suggestions": new.len(), "confirmed": confirmed, "auto_confirm": request.auto_confirm,
        "method": model.name,
    });
    Ok(Some(Audit::of("map.suggest", result).suggested(model.clone())))
}

impl Request {
    /// Whether an item's suggestion of this rank, counted from 0, is confirmed without a look at it.
    pub fn confirms(&self, rank: usize, suggestion: &Suggestion) -> bool {
        rank == 0 && self.auto_confirm.is_some_and(|threshold| suggestion.confidence >= threshold)
    }
}

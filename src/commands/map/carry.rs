//! `cmf map carry`: what an item's mappings to one framework say about another, by the table of where each code went. It also
//! is evidence for `cmf map suggest` and `cmf map review`.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::{Scope, Scoped, counted, position_of};
use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::audit::Model;
use crate::db::frameworks::Row;
use crate::db::mappings::{Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::Position;
use crate::domain::succession::{Succession, certainty, either};
use crate::domain::suggest::Suggestion;
use crate::error::{Error, Exit, Result};
use crate::import::bundled;
use crate::lookup;
use crate::lookup::framework::Known;
use crate::output::Table;

/// Arguments of `cmf map carry`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The framework whose confirmed mappings are carried over
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-1.1")]
    from: String,
    /// The framework they are carried to
    #[arg(long, value_name = "FRAMEWORK", default_value = "csf-2.0")]
    to: String,
    /// The catalog; all of them when none is named
    #[arg(long)]
    catalog: Option<String>,
    /// The catalog's owner, where several have one of this name
    #[arg(long, requires = "catalog")]
    owner: Option<String>,
    /// Show what would be carried over and store nothing
    #[arg(long)]
    dry_run: bool,
}

/// A place that an item's other mappings lead to.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    pub(super) position: Position,
    pub(super) confidence: Decimal,
    /// Where from, such as `csf-1.1 PR.AC-1`.
    pub(super) from: Vec<String>,
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
    /// Item and code.
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

fn carry(evidence: &mut Evidence, from: &str, succession: &Succession, mappings: &[Mapping]) {
    for mapping in mappings.iter().filter(|mapping| mapping.is_confirmed) {
        let places = succession.of(&position_of(mapping));
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
            carry(&mut evidence, &row.short_name(), &succession, &mappings);
        }
    }
    let here = db::mappings::list(tx, scoped.catalog_id, Some(scoped.known.row.id)).await?;
    for mapping in here.iter().filter(|mapping| !mapping.is_confirmed && !mapping.is_ai_suggested) {
        let mine = evidence.by_item.entry(mapping.item_id).or_default();
        let position = position_of(mapping);
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

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let scope = Scope { catalog: args.catalog.clone(), owner: args.owner.clone(), framework: args.to.clone() };
    let scoped = scope.resolve(&mut tx).await?;
    let from = lookup::framework::find(&mut tx, &args.from).await?;
    let (from_name, to_name) = (from.short_name(), scoped.known.row.short_name());
    let Some(succession) = succession(&from, &scoped.known)? else {
        return Err(Error::usage(format!("no table says where the codes of {from_name} went in {to_name}")).hint(
            "there is one from csf-1.1 to csf-2.0, and to each framework whose imported file names the successors of \
                   withdrawn codes, from its other editions",
        ));
    };
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    db::locks::catalogs_of_items(&mut tx, &items.iter().map(|item| item.id).collect::<Vec<_>>()).await?;
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    let sources = db::mappings::list(&mut tx, scoped.catalog_id, Some(from.id)).await?;
    let mut evidence = Evidence::default();
    carry(&mut evidence, &from_name, &succession, &sources);
    let rejected: HashSet<(Uuid, String)> = db::mappings::rejected(&mut tx, scoped.known.row.id).await?.into_iter().collect();

    let waiting: Vec<_> = items.iter().filter(|item| !item.is_mapped && evidence.by_item.contains_key(&item.id)).collect();
    let here = db::mappings::list(&mut tx, scoped.catalog_id, Some(scoped.known.row.id)).await?;
    let mut table = Table::new(["catalog", "metric_number", "name", "item_id", "from", "code", "confidence"])
        .only_for_programs(&["catalog", "item_id"]);
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for item in &waiting {
        for one in evidence.by_item.get(&item.id).into_iter().flatten() {
            if rejected.contains(&(item.id, one.position.code().to_owned())) {
                continue;
            }
            let known = here.iter().find(|mapping| mapping.item_id == item.id && position_of(mapping) == one.position);
            if known.is_some_and(|mapping| !mapping.is_ai_suggested) {
                continue;
            }
            // A suggestion of the text gives way to the table, which the next `suggest` adds its words to.
            replaced.extend(known.map(|mapping| mapping.id));
            table.row([
                item.catalog.as_str().into(),
                item.metric_number.clone().into(),
                item.name.as_str().into(),
                item.id.into(),
                one.from.join(", ").into(),
                one.position.code().into(),
                one.confidence.into(),
            ]);
            new.push(New {
                item_id: item.id,
                position: one.position.clone(),
                confidence: Some(one.confidence),
                is_ai_suggested: false,
                is_confirmed: false,
            });
        }
    }
    db::mappings::delete(&mut tx, &replaced).await?;
    db::mappings::insert(&mut tx, scoped.known.row.id, &new).await?;
    context.output.check(&table)?;
    let method = format!("successors of {from_name} in {to_name}");
    let result = json!({
        "framework_id": scoped.known.row.id, "framework": to_name, "from": from_name, "catalog_id": scoped.catalog_id,
        "items": new.iter().map(|one| one.item_id).collect::<HashSet<_>>().len(), "suggestions": new.len(),
        "lost": evidence.lost.iter().map(|(_, code)| code).collect::<Vec<_>>(),
    });
    let model = Model { provider: "cmf", name: &method, prompt: None, tokens: None };
    tx.settle((!new.is_empty()).then(|| Audit::of("map.carry", result).suggested(model))).await?;
    report(context, &args, &evidence, table, &new, (&from_name, &to_name), sources.iter().any(|mapping| mapping.is_confirmed))
}

fn report(
    context: &Context,
    args: &Args,
    evidence: &Evidence,
    table: Table,
    new: &[New],
    (from, to): (&str, &str),
    has_sources: bool,
) -> Result<Exit> {
    context.output.results(table)?;
    for (item, code) in &evidence.lost {
        context.output.notice(&format!("{code} has no successor in {to}: map {item} by hand"));
    }
    let items = new.iter().map(|one| one.item_id).collect::<HashSet<_>>().len();
    context.output.say(&match (has_sources, items) {
        (false, _) => format!("no item has a confirmed mapping to {from}, nothing changed"),
        (true, 0) => "everything was carried over already, nothing changed".to_owned(),
        (true, items) => format!("carried {} to {to}, unconfirmed", counted(items, "item")),
    });
    if args.dry_run {
        context.output.say("dry run, nothing changed");
    } else if items > 0 {
        context.output.say("decide with `cmf map review`, or `cmf map export --xlsx FILE`");
    }
    Ok(Exit::Success)
}

//! `cmf map suggest`: ranked subcategories for every item without a confirmed mapping.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::ask::{self, Asked};
use super::carry::{self, Carried};
use super::{Scope, Scoped, counted, probability};
use crate::context::Context;
use crate::db;
use crate::db::audit::{Audit, Model};
use crate::db::mappings::{Item, New};
use crate::domain::suggest::{self, Suggester, Suggestion};
use crate::error::{Exit, Result};
use crate::import::bundled;
use crate::output::Table;
use crate::session::Write;

/// Arguments of `cmf map suggest`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scope: Scope,
    /// How many suggestions an item gets
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=50))]
    top: u16,
    /// Leave out suggestions below this confidence
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability, default_value = "0")]
    min_confidence: Decimal,
    /// Confirm each item's best suggestion where its confidence is at least this
    #[arg(long, value_name = "CONFIDENCE", value_parser = probability)]
    auto_confirm: Option<Decimal>,
    /// Show what would be suggested and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    model: ask::Options,
}

/// What an item's suggestions are made from.
pub(super) fn text_of(item: &Item) -> String {
    format!("{}. {}", item.name, item.description.as_deref().unwrap_or_default())
}

/// The index of the scope's framework: official text, examples, the bundled wording and vocabulary.
pub(super) fn suggester(scoped: &Scoped) -> Result<Suggester> {
    let short_name = scoped.known.row.short_name();
    let wording = match bundled::find(&short_name) {
        Some(bundled) => Some(bundled.framework()?),
        None => None,
    };
    let vocabulary = bundled::vocabulary(&short_name)?;
    Ok(Suggester::new(suggest::targets(&scoped.known.framework, wording.as_ref(), &scoped.known.examples, &vocabulary)))
}

/// The suggestions of one item.
struct Suggested<'a> {
    item: &'a Item,
    suggestions: Vec<Suggestion>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    context.output.check(&listing())?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let scoped = args.scope.resolve(&mut tx).await?;
    let items = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
    let rejected: HashSet<(Uuid, String)> = db::mappings::rejected(&mut tx, scoped.known.row.id).await?.into_iter().collect();
    let top = usize::from(args.top);

    if let Some(provider) = args.model.provider {
        // A model takes its time: nothing is held in the database meanwhile.
        tx.end().await?;
        let waiting: Vec<&Item> = items.iter().filter(|item| !item.is_mapped).collect();
        let Some(asked) = ask::ask(context, &args.model, &scoped, &waiting, top, args.dry_run).await? else {
            context.output.say("nothing was sent, nothing changed");
            return Ok(Exit::Success);
        };
        let mut tx = session.write_unless(args.dry_run).await?;
        let now = db::mappings::items(&mut tx, scoped.catalog_id, scoped.known.row.id).await?;
        let suggested = of_model(&args, &now, &rejected, &asked);
        let name = asked.model.as_str();
        let model = Model { provider: provider.name(), name, prompt: Some(&asked.prompt), tokens: asked.tokens };
        store(context, tx, &scoped, &args, &suggested, model).await?;
        let exit = report(context, &scoped, &args, &suggested, items.len())?;
        return Ok(if asked.failed > 0 { Exit::Partial } else { exit });
    }
    let suggester = suggester(&scoped)?;
    let carried = carry::evidence(&mut tx, &scoped).await?;
    tx.end().await?;
    let suggested: Vec<Suggested> = items
        .iter()
        .filter(|item| !item.is_mapped)
        .map(|item| {
            let mut suggestions = of_item(&suggester, item, top, &rejected, &carried);
            suggestions.retain(|one| one.confidence >= args.min_confidence);
            Suggested { item, suggestions }
        })
        .collect();
    let method = format!("{} {}", suggest::METHOD, suggest::VERSION);
    let model = Model { provider: "cmf", name: &method, prompt: None, tokens: None };
    let tx = session.write_unless(args.dry_run).await?;
    store(context, tx, &scoped, &args, &suggested, model).await?;
    report(context, &scoped, &args, &suggested, items.len())
}

pub(super) type Rejected = HashSet<(Uuid, String)>;

fn keep(suggestions: &mut Vec<Suggestion>, args: &Args, item: &Item, rejected: &Rejected) {
    suggestions
        .retain(|one| one.confidence >= args.min_confidence && !rejected.contains(&(item.id, one.position.code().to_owned())));
    suggestions.truncate(usize::from(args.top));
}

/// The best places for an item that nobody rejected, and all that its other mappings lead to.
pub(super) fn of_item(
    suggester: &Suggester,
    item: &Item,
    top: usize,
    rejected: &Rejected,
    carried: &HashMap<Uuid, Vec<Carried>>,
) -> Vec<Suggestion> {
    let carried = carried.get(&item.id).map(Vec::as_slice).unwrap_or_default();
    // As many more as may be left out again; what is carried over may be far down, and counts the same with every `top`.
    let refused = rejected.iter().filter(|(id, _)| *id == item.id).count();
    let wanted = if carried.is_empty() { top + refused } else { usize::MAX };
    let mut suggestions = suggester.suggest(&text_of(item), wanted);
    carry::merge(&mut suggestions, carried);
    suggestions.retain(|one| !rejected.contains(&(item.id, one.position.code().to_owned())));
    let mut rank = 0;
    suggestions.retain(|one| {
        rank += 1;
        rank <= top || carried.iter().any(|known| known.position == one.position)
    });
    suggestions
}

/// The model's suggestions for the items that still wait for a mapping.
fn of_model<'a>(args: &Args, now: &'a [Item], rejected: &Rejected, asked: &Asked) -> Vec<Suggested<'a>> {
    let mut suggested = Vec::new();
    for item in now.iter().filter(|item| !item.is_mapped) {
        if let Some(suggestions) = asked.by_item.get(&item.id) {
            let mut suggestions = suggestions.clone();
            keep(&mut suggestions, args, item, rejected);
            suggested.push(Suggested { item, suggestions });
        }
    }
    suggested
}

/// Replaces the items' undecided suggestions, with one audit row. The same suggestions again change nothing.
async fn store(
    context: &Context,
    mut tx: Write<'_>,
    scoped: &Scoped,
    args: &Args,
    suggested: &[Suggested<'_>],
    model: Model<'_>,
) -> Result<()> {
    let framework_id = scoped.known.row.id;
    let ids: Vec<Uuid> = suggested.iter().map(|one| one.item.id).collect();
    db::locks::catalogs_of_items(&mut tx, &ids).await?;
    let before = db::mappings::list(&mut tx, scoped.catalog_id, Some(framework_id)).await?;
    // What somebody else mapped meanwhile needs no suggestion.
    let mapped: HashSet<Uuid> = before.iter().filter(|mapping| mapping.is_confirmed).map(|mapping| mapping.item_id).collect();
    let suggested: Vec<&Suggested<'_>> = suggested.iter().filter(|one| !mapped.contains(&one.item.id)).collect();
    let ids: Vec<Uuid> = suggested.iter().map(|one| one.item.id).collect();
    let mut new = Vec::new();
    for one in &suggested {
        for (rank, suggestion) in one.suggestions.iter().enumerate() {
            new.push(New {
                item_id: one.item.id,
                position: suggestion.position.clone(),
                confidence: Some(suggestion.confidence),
                is_ai_suggested: true,
                is_confirmed: rank == 0 && is_certain(args, suggestion),
            });
        }
    }
    let waiting: HashSet<Uuid> = ids.iter().copied().collect();
    let known: Vec<New> = before
        .iter()
        .filter(|mapping| waiting.contains(&mapping.item_id) && mapping.is_ai_suggested && !mapping.is_confirmed)
        .map(|mapping| New {
            item_id: mapping.item_id,
            position: super::position_of(mapping),
            confidence: mapping.confidence,
            is_ai_suggested: true,
            is_confirmed: false,
        })
        .collect();
    // What is noted by hand, or carried over, and undecided is not suggested beside it; it may be certain enough, though. One
    // without a confidence gets the one that is shown, so that it has its place among the others.
    let (mut sure, mut unrated) = (Vec::new(), Vec::new());
    new.retain(|one| {
        let noted = before.iter().find(|mapping| {
            mapping.item_id == one.item_id && !mapping.is_ai_suggested && super::position_of(mapping) == one.position
        });
        sure.extend(noted.filter(|_| one.is_confirmed).map(|mapping| mapping.id));
        unrated.extend(
            noted.filter(|mapping| mapping.confidence.is_none()).and_then(|mapping| Some((mapping.id, one.confidence?))),
        );
        noted.is_none()
    });
    let same = sure.is_empty() && unrated.is_empty() && known == new;
    if same {
        context.output.say("the same suggestions as before, nothing changed");
        return tx.unchanged().await;
    }
    db::mappings::delete_suggestions(&mut tx, framework_id, &ids).await?;
    db::mappings::insert(&mut tx, framework_id, &new).await?;
    db::mappings::set_confidence(&mut tx, &unrated).await?;
    db::mappings::set_confirmed(&mut tx, &sure, true).await?;
    let confirmed = new.iter().filter(|one| one.is_confirmed).count() + sure.len();
    let result = json!({
        "framework_id": framework_id, "framework": scoped.known.row.short_name(), "catalog_id": scoped.catalog_id,
        "items": suggested.len(), "suggestions": new.len(), "confirmed": confirmed, "auto_confirm": args.auto_confirm,
        "method": model.name,
    });
    tx.finish(Audit::of("map.suggest", result).suggested(model)).await
}

fn is_certain(args: &Args, suggestion: &Suggestion) -> bool {
    args.auto_confirm.is_some_and(|threshold| suggestion.confidence >= threshold)
}

fn listing() -> Table {
    Table::new(["catalog", "metric_number", "name", "item_id", "rank", "code", "confidence", "is_confirmed", "words"])
        .only_for_programs(&["catalog", "item_id"])
}

fn report(context: &Context, scoped: &Scoped, args: &Args, suggested: &[Suggested<'_>], items: usize) -> Result<Exit> {
    let mut table = listing();
    let mut confirmed = 0;
    for one in suggested {
        for (rank, suggestion) in one.suggestions.iter().enumerate() {
            let certain = rank == 0 && is_certain(args, suggestion);
            confirmed += usize::from(certain);
            table.row([
                one.item.catalog.as_str().into(),
                one.item.metric_number.clone().into(),
                one.item.name.as_str().into(),
                one.item.id.into(),
                (rank + 1).into(),
                suggestion.position.code().into(),
                suggestion.confidence.into(),
                certain.into(),
                suggestion.words.join(", ").into(),
            ]);
        }
    }
    let with = suggested.iter().filter(|one| !one.suggestions.is_empty()).count();
    let message = if items == 0 {
        "there are no items; import a catalog with `cmf import FILE`".to_owned()
    } else {
        format!(
            "{with} of {} without a confirmed mapping to {} got suggestions",
            counted(suggested.len(), "item"),
            scoped.known.row.short_name()
        )
    };
    context.output.results(table)?;
    context.output.say(&message);
    if args.auto_confirm.is_some() {
        let verb = if args.dry_run { "would confirm" } else { "confirmed" };
        context.output.notice(&format!("{verb} {} without a look at them", counted(confirmed, "suggestion")));
    }
    if args.dry_run {
        context.output.say("dry run, nothing changed");
    } else if with > 0 {
        context.output.say("decide with `cmf map review`, or `cmf map export --xlsx FILE`");
    }
    Ok(Exit::Success)
}

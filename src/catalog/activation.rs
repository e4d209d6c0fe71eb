//! Making a catalog its owner's active one, and inactive again.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::activation::{Gaps, Metrics};
use crate::db::audit::Audit;
use crate::db::catalogs::Catalog;
use crate::db::{self, Connection};
use crate::domain::direction::Rules;
use crate::domain::listed::Listed;
use crate::domain::near;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Result, shell_word};
use crate::lookup;
use crate::session::Session;

#[derive(Debug, Clone)]
pub struct Activated {
    /// Metrics made and changed.
    pub metrics: Metrics,
    /// Current values of the sheet that became first readings.
    pub first_readings: u64,
    /// The owner's catalogs that were active before.
    pub deactivated: Vec<String>,
    pub gaps: Gaps,
    /// For the audit row of the command.
    pub audit: Value,
}

/// Activates a catalog: items with a confirmed function
/// become metrics under their own ids; the owner's other catalog becomes inactive. `rules` say the directions of items that have
/// none. The audit row is the caller's. Exit 65 if items with a target have no direction, and no rule says one.
pub async fn activate(tx: &mut Connection, catalog_id: Uuid, owner_id: Uuid, rules: &Rules) -> Result<Activated> {
    db::locks::owner(tx, owner_id).await?;
    let catalogs = db::locks::catalog_and_active(tx, catalog_id, owner_id).await?;
    let others: Vec<_> = catalogs.iter().filter(|catalog| catalog.id != catalog_id).collect();
    let Some(catalog) = catalogs.iter().find(|catalog| catalog.id == catalog_id) else {
        return Err(Error::failed("the catalog no longer exists: another session deleted it").hint("see `cmf catalog list`"));
    };
    db::locks::metrics_of(tx, catalog_id).await?;
    direct(tx, catalog, rules).await?;
    let gaps = db::activation::gaps(tx, catalog_id).await?;
    let metrics = db::activation::upsert_metrics(tx, catalog_id).await?;
    let first_readings = db::activation::insert_first_readings(tx, catalog_id, owner_id).await?;
    db::activation::set_active(tx, &others.iter().map(|other| other.id).collect::<Vec<_>>(), false).await?;
    if !catalog.is_active {
        db::activation::set_active(tx, &[catalog_id], true).await?;
    }
    db::activation::set_users_catalog(tx, owner_id, Some(catalog_id)).await?;
    let deactivated: Vec<String> = others.into_iter().map(|other| other.name.clone()).collect();
    let result = json!({
        "catalog_id": catalog_id, "metrics_created": metrics.created, "metrics_updated": metrics.updated,
        "first_readings": first_readings, "deactivated": deactivated,
    });
    Ok(Activated { metrics, first_readings, deactivated, gaps, audit: result })
}

/// How many items are listed that lack a direction.
const LISTED: usize = 20;

/// What to type where directions lack, with the first of these metrics as an example.
pub(super) fn direction_hint<'m>(mut metrics: impl Iterator<Item = &'m str>) -> String {
    let first = metrics.next().unwrap_or("K-1");
    let example = format!("--direction {}", shell_word(format_args!("{first}=lower")));
    let all = if metrics.next().is_some() { "; --direction '*=higher' sets all the others" } else { "" };
    format!("set it with {example} (or higher, range, binary){all}")
}

/// The error of a rule for items of which none lacks a direction.
/// `lacking` are the names of those that lack one.
async fn unfit(
    tx: &mut Connection,
    catalog: &db::locks::Catalog,
    rules: &Rules,
    (unused, lacking): (&str, &[String]),
) -> Result<Error> {
    // Which framework they are mapped to makes no difference here.
    let items = db::mappings::items(tx, Some(catalog.id), Uuid::nil()).await?;
    let rule = rules.iter().filter(|rule| rule.metrics == unused).last();
    let direction = rule.map_or("DIRECTION", |rule| rule.direction.as_str());
    let meant = items.iter().find(|item| rule.is_some_and(|rule| rule.names(item.metric_number.as_deref(), &item.name) > 0));
    if let Some(item) = meant {
        let metric = shell_word(item.metric_number.as_deref().unwrap_or(&item.name));
        return Ok(Error::usage(format!(
            "--direction `{unused}`: this item of {} has a direction, or needs none",
            catalog.name
        ))
        .hint(format!(
            "leave it out; when the catalog is active, `cmf metric set {metric} --direction {direction}` changes it"
        )));
    }
    let error = Error::usage(format!("{} has no item `{unused}`, which --direction names", catalog.name));
    if lacking.is_empty() {
        return Ok(error.hint("leave out --direction: no item of this catalog needs one"));
    }
    let meant = near::did_you_mean(unused, lacking.iter().map(String::as_str));
    Ok(error.hint(meant.unwrap_or_else(|| format!("`cmf catalog show {}` lists them", shell_word(&catalog.name)))))
}

/// Gives the items that have a target and no direction the one that the rules say.
async fn direct(tx: &mut Connection, catalog: &db::locks::Catalog, rules: &Rules) -> Result<()> {
    let (mut ids, mut directions, mut used, mut lacking) = (Vec::new(), Vec::new(), BTreeSet::new(), Vec::new());
    let mut undirected = Vec::new();
    for item in db::activation::undirected(tx, catalog.id).await? {
        undirected.extend(item.metric_number.iter().chain([&item.name]).cloned());
        let named = rules.naming(item.metric_number.as_deref(), &item.name);
        used.extend(named.map(|(rule, _)| rule));
        match named.map(|(_, direction)| direction).or_else(|| rules.of_the_rest()) {
            Some(direction) => {
                ids.push(item.id);
                directions.push(direction);
            }
            None if item.is_marked => lacking.push(item),
            // What another program, or an import that did not ask, left without one stays as it is.
            None => {}
        }
    }
    if let Some(unused) = rules.unused(&used).next() {
        return Err(unfit(tx, catalog, rules, (unused, &undirected)).await?);
    }
    if !lacking.is_empty() {
        let has = agreeing(lacking.len(), "has", "have");
        let error =
            Error::data(format!("{} of {} {has} a target and no direction", counted(lacking.len(), "item"), catalog.name));
        let mut lines = Listed::of_at_most(LISTED);
        for item in &lacking {
            lines.add(|| item.metric_number.iter().chain([&item.name]).map(String::as_str).collect::<Vec<_>>().join(" "));
        }
        let names: Vec<&str> = lacking.iter().map(|item| item.metric_number.as_deref().unwrap_or(&item.name)).collect();
        let error = lines.lines().into_iter().fold(error, Error::detail);
        return Err(error.with("undirected", names.clone()).hint(direction_hint(names.into_iter())));
    }
    if ids.is_empty() { Ok(()) } else { db::activation::set_directions(tx, &ids, &directions).await }
}

/// Activates a catalog, and leaves its row in the trail.
pub async fn activate_named(
    session: &mut Session,
    name: &str,
    owner: Option<&str>,
    rules: &Rules,
) -> Result<(Catalog, Activated)> {
    session
        .change(false, async |tx| {
            let catalog = lookup::catalog::find(tx, name, owner).await?;
            let activated = activate(tx, catalog.id, catalog.owner_id, rules).await?;
            let audit = Audit::of("catalog.activate", activated.audit.clone()).by(Some(catalog.owner_id));
            Ok(((catalog, activated), Some(audit)))
        })
        .await
}

/// Makes a catalog inactive. Says whether that changed it.
pub async fn deactivate(session: &mut Session, name: &str, owner: Option<&str>) -> Result<(Catalog, bool)> {
    session
        .change(false, async |tx| {
            let catalog = lookup::catalog::find(tx, name, owner).await?;
            db::locks::owner(tx, catalog.owner_id).await?;
            // Read again, because another session may have changed it before this one had the owner.
            let catalogs = db::catalogs::list(tx, Some(catalog.owner_id)).await?;
            let changed = catalogs.iter().any(|one| one.id == catalog.id && one.is_active);
            if changed {
                db::activation::set_active(tx, &[catalog.id], false).await?;
                db::activation::set_users_catalog(tx, catalog.owner_id, None).await?;
            }
            let audit = Audit::of("catalog.deactivate", json!({ "catalog_id": catalog.id })).by(Some(catalog.owner_id));
            Ok(((catalog, changed), changed.then_some(audit)))
        })
        .await
}

impl Activated {
    /// What the activation did, in a sentence.
    pub fn message(&self, name: &str) -> String {
        let Metrics { created, updated } = self.metrics;
        format!("catalog {name} is active: {} created, {updated} updated", counted(created, "metric"))
    }

    /// What it had to assume, or left out, for want of something in the items.
    pub fn notes(&self) -> Vec<String> {
        let Gaps { unmapped, without_direction, without_priority } = self.gaps;
        let items = |count: i64| counted(count, "item");
        [
            (unmapped, "without a confirmed mapping: each becomes a metric when it is mapped"),
            (without_direction, "without a direction: treated as higher_is_better; scores show it as assumed"),
            (without_priority, "without a priority: treated as Medium"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, text)| format!("note: {} {text}", items(count)))
        .collect()
    }
}

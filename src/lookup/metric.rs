//! Metrics by their numbers, names or ids.

use std::collections::HashSet;

use uuid::Uuid;

use super::item::told_apart;
use crate::db::metric_entries::{Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::naming::Names;
use crate::domain::near;
use crate::domain::text::folded;
use crate::error::{Error, Result, shell_word};

pub const NONE_HERE: &str =
    "no active catalog has metrics: map items and activate their catalog, name a catalog with --catalog, or add --all";

/// The metric that a text stands for: a number, a name or an id.
pub async fn find(tx: &mut Connection, scope: MetricScope, text: &str) -> Result<Entry> {
    let mut found = find_all(tx, scope, &[text.to_owned()]).await?;
    found.pop().ok_or_else(|| Error::failed("no such metric"))
}

/// The metrics that these texts stand for: numbers, names or ids. Exit 2 when one stands for none (with near ones) or for
/// several.
pub async fn find_all(tx: &mut Connection, scope: MetricScope, texts: &[String]) -> Result<Vec<Entry>> {
    find_each(tx, scope, texts).await?.into_iter().collect()
}

/// For how many texts that stand for no metric the near ones are looked for.
const EXPLAINED: usize = 20;

/// The metric that each of these texts stands for, or why it stands for none. Of the others nothing is kept.
pub async fn find_each(tx: &mut Connection, scope: MetricScope, texts: &[String]) -> Result<Vec<Result<Entry>>> {
    let ids = ids_of(tx, scope, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let called = if ids.is_empty() { Vec::new() } else { db::metric_entries::list(tx, scope, Some(&ids)).await? };
    let names = Names::from(called.iter().map(|entry| &entry.metric).collect::<Vec<_>>());
    let (mut found, mut explained) = (Vec::new(), 0);
    for text in texts {
        found.push(match names.find(text).as_slice() {
            [one] => Ok(called[*one].clone()),
            [] if explained < EXPLAINED => {
                explained += 1;
                Err(unknown(tx, scope, text).await?)
            }
            [] => Err(Error::usage(format!("there is no metric `{text}`"))),
            several => {
                let mut error = Error::usage(format!("{} metrics are called `{text}`", several.len()));
                for metric in several.iter().map(|&at| &called[at].metric) {
                    let catalog = metric
                        .catalog
                        .as_ref()
                        .map_or("the default library".to_owned(), |name| format!("the catalog `{name}`"));
                    let number = metric.metric_number.as_ref().map(|number| format!("{number}, ")).unwrap_or_default();
                    error = error.detail(format!("{number}{} of {catalog}", metric.id));
                }
                let metrics: Vec<_> = several.iter().map(|&at| &called[at].metric).collect();
                Err(error.hint(told_apart(&metrics, |metric| metric.catalog.clone())))
            }
        });
    }
    Ok(found)
}

/// The ids of the metrics that have this name, by number, name or id; several if one is the name of several.
pub async fn ids_of(tx: &mut Connection, scope: MetricScope, texts: &[&str]) -> Result<Vec<Uuid>> {
    let ids = texts.iter().filter_map(|text| Some(text.trim().parse::<Uuid>().ok()?.to_string()));
    let wanted: HashSet<String> = texts.iter().map(|text| folded(text)).chain(ids).collect();
    let list: Vec<String> = wanted.iter().cloned().collect();
    let found = db::metric_entries::called(tx, scope, &list).await?;
    let is_meant = |(id, number, name): &(Uuid, Option<String>, String)| {
        number.as_deref().is_some_and(|number| wanted.contains(&folded(number)))
            || wanted.contains(&folded(name))
            || wanted.contains(&id.to_string())
    };
    Ok(found.into_iter().filter(is_meant).map(|(id, _, _)| id).collect())
}

/// Where a metric is that no active catalog has: what to do for it.
pub async fn elsewhere(tx: &mut Connection, text: &str) -> Result<Option<String>> {
    let ids = ids_of(tx, MetricScope::All, &[text]).await?;
    let found = if ids.is_empty() { Vec::new() } else { db::metric_entries::list(tx, MetricScope::All, Some(&ids)).await? };
    Ok(found.iter().find_map(|entry| entry.metric.catalog.as_deref()).map(|catalog| {
        let typed = shell_word(catalog);
        format!(
            "the inactive catalog `{catalog}` has it: add --catalog {typed}, or activate it with `cmf catalog activate {typed}`"
        )
    }))
}

/// The error of a text that stands for no metric.
async fn unknown(tx: &mut Connection, scope: MetricScope, text: &str) -> Result<Error> {
    let mut all = Vec::new();
    db::metric_entries::each(tx, scope, None, |Entry { metric, .. }| {
        all.push((metric.id, metric.metric_number, metric.name));
        Ok(())
    })
    .await?;
    if scope == MetricScope::Active
        && let Some(hint) = elsewhere(tx, text).await?
    {
        return Ok(Error::usage(format!("there is no metric `{text}` in the active catalogs")).hint(hint));
    }
    let names = Names::from(all);
    let otherwise = match scope {
        _ if !names.is_empty() => "see `cmf metric list`",
        MetricScope::Catalog(_) => "this catalog has no metrics: `cmf catalog activate CATALOG` makes them of its mapped items",
        _ => NONE_HERE,
    };
    let meant = near::question(&names.near(text)).unwrap_or_else(|| otherwise.to_owned());
    Ok(Error::usage(format!("there is no metric `{text}`")).hint(meant))
}

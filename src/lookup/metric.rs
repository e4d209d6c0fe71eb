//! Metrics by their numbers, names or ids.

use std::collections::HashSet;

use crate::db::metric_entries::{Entry, MetricScope};
use crate::db::{self, Connection};
use crate::domain::naming::Names;
use crate::domain::near;
use crate::domain::text::folded;
use crate::error::{Error, Result};

pub const NONE_HERE: &str = "there are no metrics here: activate a catalog, name one with --catalog, or look at --all";

/// The metric that a text stands for: a number, a name or an id.
pub async fn find(tx: &mut Connection, scope: MetricScope, text: &str) -> Result<Entry> {
    let mut found = find_all(tx, scope, &[text.to_owned()]).await?;
    found.pop().ok_or_else(|| Error::failed("no such metric"))
}

/// The metrics that these texts stand for: numbers, names or ids. Of the others nothing is kept. Exit 2 when one stands for
/// none (with near ones) or for several.
pub async fn find_all(tx: &mut Connection, scope: MetricScope, texts: &[String]) -> Result<Vec<Entry>> {
    let wanted: HashSet<String> = texts.iter().map(|text| folded(text)).collect();
    let mut called: Vec<Entry> = Vec::new();
    db::metric_entries::each(tx, scope, None, |entry| {
        let metric = &entry.metric;
        let number = metric.metric_number.as_deref().map(folded);
        if number.is_some_and(|number| wanted.contains(&number))
            || wanted.contains(&folded(&metric.name))
            || wanted.contains(&metric.id.to_string())
        {
            called.push(entry);
        }
        Ok(())
    })
    .await?;
    let names: Names =
        called.iter().map(|Entry { metric, .. }| (metric.id, metric.metric_number.as_deref(), metric.name.as_str())).collect();
    let mut found = Vec::new();
    for text in texts {
        match names.find(text) {
            [one] => found.push(called[*one].clone()),
            [] => return Err(unknown(tx, scope, text).await?),
            several => {
                let mut error = Error::usage(format!("{} metrics are called `{text}`", several.len()));
                for metric in several.iter().map(|&at| &called[at].metric) {
                    let catalog =
                        metric.catalog.as_ref().map_or("the default library".to_owned(), |name| format!("catalog {name}"));
                    error = error.detail(format!("{} of {catalog}", metric.id));
                }
                return Err(error.hint("name the catalog with --catalog, or give the id instead of the name"));
            }
        }
    }
    Ok(found)
}

/// The error of a text that stands for no metric.
async fn unknown(tx: &mut Connection, scope: MetricScope, text: &str) -> Result<Error> {
    let mut names = Names::default();
    db::metric_entries::each(tx, scope, None, |Entry { metric, .. }| {
        names.add(metric.id, metric.metric_number.as_deref(), &metric.name);
        Ok(())
    })
    .await?;
    let otherwise = if names.is_empty() { NONE_HERE } else { "see `cmf metric list`" };
    let meant = near::question(&names.near(text)).unwrap_or_else(|| otherwise.to_owned());
    Ok(Error::usage(format!("no metric is called `{text}`")).hint(meant))
}

//! The metrics a command can name, and finding one by its number, name or id.

use std::cell::RefCell;
use std::collections::HashMap;

use uuid::Uuid;

use crate::commands::record::verdict::Refused;
use crate::db::metrics::Metric;
use crate::domain::naming::{Found, Names};
use crate::error::readable;

/// Metrics by what people call them.
pub(crate) struct Directory {
    pub metrics: Vec<Metric>,
    names: Names,
    by_id: HashMap<Uuid, usize>,
    /// Names that nobody has, with what was said of them.
    unknown: RefCell<HashMap<String, String>>,
}

/// The longest wrong name, in bytes, for which what was said is remembered.
const REMEMBERED: usize = 1_000;

/// For how many wrong names the right ones are looked for.
const SUGGESTED: usize = 50;

impl Directory {
    pub fn new(metrics: Vec<Metric>) -> Self {
        let mut names = Names::default();
        for metric in &metrics {
            names.add(metric.metric_number.as_deref(), &metric.name);
        }
        let by_id = metrics.iter().enumerate().map(|(position, metric)| (metric.id, position)).collect();
        Directory { metrics, names, by_id, unknown: RefCell::default() }
    }

    /// Whether a text stands for one or several of the metrics.
    pub fn knows(&self, key: &str) -> bool {
        key.parse().is_ok_and(|id: Uuid| self.by_id.contains_key(&id)) || self.names.knows(key)
    }

    /// The position of a metric.
    pub fn position(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The position of the metric that a text stands for.
    pub fn find(&self, key: &str) -> Result<usize, Refused> {
        // A number is the usual case in large files, and no number looks like an id.
        let found = match self.names.known(key) {
            Some(Found::One(position)) => return Ok(position),
            found => found,
        };
        if let Some(position) = key.trim().parse().ok().and_then(|id| self.position(id)) {
            return Ok(position);
        }
        let reason = match found {
            Some(Found::Several(positions)) => {
                let each: Vec<String> = positions.iter().map(|&position| self.apart(position)).collect();
                format!(
                    "{} metrics are called `{key}`: {} (--catalog, or the id instead of the name, tells them apart)",
                    positions.len(),
                    each.join(", ")
                )
            }
            _ => self.unknown(key),
        };
        Err(Refused { unnamed: true, ..Refused::new("metric", reason) })
    }

    /// Why nothing is found. What is near a name is looked for once, and for so many names only: a large file may hold one wrong
    /// name a million times, or a million wrong ones.
    fn unknown(&self, key: &str) -> String {
        let mut unknown = self.unknown.borrow_mut();
        if let Some(reason) = unknown.get(key) {
            return reason.clone();
        }
        let is_remembered = unknown.len() < SUGGESTED;
        let near = if is_remembered { self.names.near(key) } else { Vec::new() };
        let reason = if self.metrics.is_empty() {
            format!("no metric is called `{key}`: there are none here (activate a catalog, or name one with --catalog)")
        } else if near.is_empty() {
            format!("no metric is called `{key}`")
        } else {
            format!("no metric is called `{key}`; near it: {}", near.join(", "))
        };
        let reason = readable(reason);
        // The memory of a million long names is not needed: nothing was looked for.
        if is_remembered && key.len() <= REMEMBERED {
            unknown.insert(key.to_owned(), reason.clone());
        }
        reason
    }

    /// What tells a metric from its namesakes.
    fn apart(&self, position: usize) -> String {
        let metric = &self.metrics[position];
        match &metric.catalog {
            Some(catalog) => format!("{} of catalog `{catalog}`", metric.id),
            None => format!("{} of the default library", metric.id),
        }
    }
}

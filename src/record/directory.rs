//! The metrics a command can name, and finding one by its number, name or id.

use std::collections::HashMap;

use uuid::Uuid;

use crate::db::metrics::Metric;
use crate::domain::naming::{Found, Names};
use crate::domain::near::{COMPARED, Suggestions};
use crate::error::readable;
use crate::record::verdict::Refused;

/// Metrics by what people call them.
pub(crate) struct Directory {
    pub metrics: Vec<Metric>,
    names: Names,
    by_id: HashMap<Uuid, usize>,
    near: Suggestions,
}

impl Directory {
    pub fn new(metrics: Vec<Metric>) -> Self {
        let mut names = Names::default();
        for metric in &metrics {
            names.add(metric.metric_number.as_deref(), &metric.name);
        }
        let by_id = metrics.iter().enumerate().map(|(position, metric)| (metric.id, position)).collect();
        Directory { metrics, names, by_id, near: Suggestions::default() }
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

    /// Why nothing is found.
    fn unknown(&self, key: &str) -> String {
        let reason = format!("no metric is called `{key}`");
        readable(if self.metrics.is_empty() {
            format!("{reason}: there are none here (activate a catalog, or name one with --catalog)")
        } else {
            match self.near.of(key, || self.names.near(key)) {
                Some(near) if near.is_empty() => reason,
                Some(near) => format!("{reason}; near it: {}", near.join(", ")),
                None => format!("{reason} (only the first {COMPARED} wrong names are compared with the right ones)"),
            }
        })
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

//! The metrics a command can name, and finding one by its number, name or id.

use uuid::Uuid;

use crate::domain::metric::Metric;
use crate::domain::naming::Names;
use crate::domain::near::{COMPARED, Suggestions};
use crate::error::readable;
use crate::record::verdict::Refused;

/// Metrics by what people call them.
pub(crate) struct Directory {
    pub metrics: Names<Metric>,
    near: Suggestions,
}

impl Directory {
    pub fn new(metrics: Vec<Metric>) -> Self {
        Directory { metrics: metrics.into(), near: Suggestions::default() }
    }

    /// Whether a text stands for one or several of the metrics.
    pub fn knows(&self, key: &str) -> bool {
        !self.metrics.find(key).is_empty()
    }

    pub fn position(&self, id: Uuid) -> Option<usize> {
        self.metrics.position(id)
    }

    /// The position of the metric that a text stands for.
    pub fn find(&self, key: &str) -> Result<usize, Refused> {
        let mut several = false;
        let reason = match self.metrics.find(key).as_slice() {
            [position] => return Ok(*position),
            [] => self.unknown(key),
            positions => {
                several = true;
                let each: Vec<String> = positions.iter().map(|&position| self.apart(position)).collect();
                format!(
                    "{} metrics are called `{key}`: {} (choose one with --catalog, or use the id)",
                    positions.len(),
                    each.join(", ")
                )
            }
        };
        Err(Refused { unnamed: true, several, ..Refused::new("metric", reason) })
    }

    /// Why nothing is found.
    fn unknown(&self, key: &str) -> String {
        let reason = format!("there is no metric `{key}`");
        readable(if self.metrics.is_empty() {
            format!("{reason}: no active catalog has metrics (activate one, or name one with --catalog)")
        } else {
            match self.near.of(key, || self.metrics.near(key)) {
                Some(near) if near.is_empty() => reason,
                Some(near) => format!("{reason}; similar: {}", near.join(", ")),
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

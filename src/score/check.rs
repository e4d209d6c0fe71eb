//! What is wrong with the scores of a subject and with its metrics.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Overall, Subject, score};
use crate::db::metric_entries::MetricScope;
use crate::db::{self, Connection};
use crate::domain::check::{Bounds, Checked, Known, Rule, Scored};
use crate::domain::number::finite;
use crate::domain::reading::Recent;
use crate::domain::score::Parameters;
use crate::error::Result;

/// What is looked at, and what the scores must be.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub rules: &'a [Rule],
    pub least: Option<Decimal>,
    /// The least score of functions, by code.
    pub functions: &'a [(String, Decimal)],
    /// How many points a score may be lower than the last stored one that was another.
    pub most_fallen: Option<Decimal>,
}

/// Looks at a subject by these rules. Exit 2 for a function that the framework does not have.
pub(crate) async fn check(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    wanted: &Wanted<'_>,
    bounds: &Bounds,
) -> Result<Vec<Checked>> {
    let mut checked = Vec::new();
    if wanted.rules.iter().any(|rule| matches!(rule, Rule::LowScore | Rule::FallenScore)) {
        let overall = score(tx, subject, parameters).await?;
        checked = scores(tx, subject, &overall, wanted).await?;
    }
    checked.extend(metrics(tx, subject, wanted.rules, bounds).await?);
    Ok(checked)
}

/// Looks at the scores.
async fn scores(tx: &mut Connection, subject: &Subject, overall: &Overall, wanted: &Wanted<'_>) -> Result<Vec<Checked>> {
    let functions = &overall.breakdown.functions;
    let all = std::iter::once((None, "Overall", overall.figures()))
        .chain(functions.iter().map(|function| (Some(&function.function_code), function.name.as_str(), function.figures)));
    let mut checked = Vec::new();
    for (code, _) in wanted.functions {
        overall.function(code)?;
    }
    for (code, name, figures) in all {
        let mut scored = Scored {
            code: code.cloned(),
            name: name.to_owned(),
            score: finite(figures.score),
            before: Vec::new(),
            certainty: figures.certain.certainty(),
        };
        let least = match code {
            None => wanted.least,
            Some(code) => wanted.functions.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, least)| *least),
        };
        if let Some(least) = least.filter(|_| wanted.rules.contains(&Rule::LowScore)) {
            checked.push(scored.least(least));
        }
        if let Some(most) = wanted.most_fallen.filter(|_| wanted.rules.contains(&Rule::FallenScore)) {
            let (framework, catalog) = (subject.framework.id, subject.catalog_id());
            let before = db::scores::history(tx, framework, catalog, code.map(String::as_str), None, None).await?;
            scored.before = before.into_iter().map(|point| point.score).collect();
            checked.extend(scored.fallen(most));
        }
    }
    Ok(checked)
}

/// Looks at the metrics.
async fn metrics(tx: &mut Connection, subject: &Subject, rules: &[Rule], bounds: &Bounds) -> Result<Vec<Checked>> {
    let scope = subject.catalog_id().map_or(MetricScope::Default, MetricScope::Catalog);
    let entries = db::metric_entries::list(tx, scope, None).await?;
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.metric.id).collect();
    let mut recent: HashMap<Uuid, Recent> = db::readings::recent(tx, &ids).await?.into_iter().collect();
    let known: Vec<Known<'_>> = entries
        .iter()
        .map(|entry| Known {
            metric: &entry.metric,
            recent: recent.remove(&entry.metric.id).unwrap_or_default().or(entry.metric.measure().current),
            recorded_at: entry.last_reading,
            frequency: entry.frequency(),
            is_mapped: entry.is_mapped,
        })
        .collect();
    Ok(rules.iter().flat_map(|rule| known.iter().filter_map(|metric| metric.checked(*rule, bounds))).collect())
}

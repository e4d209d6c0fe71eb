//! `cmf score what-if` and `cmf score next`: what scores would be, without storing anything.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use super::explain::arrow;
use super::load::Loaded;
use super::scope::{Method, Scope, Weighing, pair};
use crate::context::Context;
use crate::domain::score::{Level, gains, shown};
use crate::error::{Error, Exit, Result};
use crate::output::{Cell, Results, Table, number_json};

#[derive(Debug, clap::Args)]
pub(crate) struct WhatIf {
    /// A metric and the value it would have, such as PR-001=95
    #[arg(value_name = "METRIC=VALUE", required = true, value_parser = pair)]
    values: Vec<(String, Decimal)>,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    method: Method,
}

/// Runs `cmf score what-if`.
///
/// # Errors
/// Exit 2 for a metric that is unknown or named twice, and for a value that no reading can have.
pub(crate) async fn what_if(context: &Context, args: WhatIf) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    tx.end().await?;
    let before = loaded.overall(&subject);
    let mut then = loaded.clone();
    let mut seen = Vec::new();
    let mut metrics =
        Table::new(["metric", "metric_number", "name", "reading", "current_value", "value", "scored", "score", "score_then"])
            .only_for_people(&["metric", "reading", "scored"])
            .only_for_programs(&["metric_number", "name", "current_value", "value", "score", "score_then"]);
    for (name, value) in &args.values {
        let at = loaded.find(name)?;
        if seen.contains(&at) {
            return Err(Error::usage(format!("`{name}` is given twice")));
        }
        seen.push(at);
        let metric = &mut then.metrics[at];
        let old = metric.member.measure;
        let value = as_recorded(*value)
            .ok_or_else(|| Error::usage(format!("{name}={value}: a reading has at most 11 digits before the point")))?;
        metric.member.measure = old.with_current(Some(value));
        then.tally.remove(&old, &metric.member.places);
        let _ = then.tally.add(&metric.member.measure, &metric.member.places);
        let (score, score_then) = (old.score().ok().map(shown), metric.member.measure.score().ok().map(shown));
        metrics.row([
            metric.called().into(),
            metric.detail.metric_number.clone().into(),
            metric.detail.name.as_str().into(),
            arrow(old.current, &value.normalize().to_string()).into(),
            old.current.map(|value| value.normalize()).into(),
            value.normalize().into(),
            from_to(score, score_then).into(),
            score.into(),
            score_then.into(),
        ]);
    }
    let after = then.overall(&subject);
    let mut table = Table::new(["function_code", "name", "score", "score_then", "change", "rating_then"]).title(format!(
        "{}, {}: nothing is stored",
        subject.name(),
        subject.framework.short_name()
    ));
    let functions = before.breakdown.functions.iter().zip(&after.breakdown.functions);
    for (before, after) in functions {
        table.row([
            before.function_code.as_str().into(),
            before.name.as_str().into(),
            before.score.into(),
            after.score.into(),
            change(before.score, after.score),
            after.rating.clone().into(),
        ]);
    }
    table.row([
        "".into(),
        "Overall".into(),
        before.score.into(),
        after.score.into(),
        change(before.score, after.score),
        after.rating.clone().into(),
    ]);
    let json = json!({
        "framework": before.framework, "catalog": before.catalog, "overall_score": before.score.map(number_json),
        "overall_score_then": after.score.map(number_json), "overall_rating_then": after.rating,
        "metrics": metrics.to_json(), "function_scores": before.breakdown.functions, "function_scores_then": after.breakdown.functions,
    });
    context.output.results(Results::new(vec![table, metrics], json))?;
    Ok(Exit::Success)
}

/// A value as a reading would keep it: four decimals, half away from zero; none when it has more than 15 digits.
fn as_recorded(value: Decimal) -> Option<Decimal> {
    let value = value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    (value.abs() < Decimal::new(100_000_000_000, 0)).then_some(value)
}

/// A figure before and after.
pub(crate) fn from_to(before: Option<Decimal>, after: Option<Decimal>) -> String {
    let text = |figure: Option<Decimal>| figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string());
    if before == after { text(after) } else { format!("{} → {}", text(before), text(after)) }
}

/// The difference of two shown scores.
pub(crate) fn change(before: Option<Decimal>, after: Option<Decimal>) -> Cell {
    match before.zip(after) {
        Some((before, after)) => Cell::Text(signed(after - before)),
        None => Cell::Null,
    }
}

/// A number with its sign.
pub(crate) fn signed(points: Decimal) -> String {
    if points > Decimal::ZERO { format!("+{points}") } else { points.to_string() }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Next {
    /// Only what raises this function or category
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// How many metrics to show
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    top: usize,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    weighing: Weighing,
}

/// Runs `cmf score next`.
///
/// # Errors
/// Exit 2 for a function the framework does not have.
pub(crate) async fn next(context: &Context, args: Next) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let mut loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    tx.end().await?;
    let level = loaded.level(args.function.as_deref())?;
    let columns = ["metric", "metric_number", "name", "points", "score", "priority", "value", "current_value", "target"];
    let mut table = Table::new(columns)
        .title(format!(
            "{}, {}: points to gain if the metric alone reached its target",
            subject.name(),
            subject.framework.short_name()
        ))
        .only_for_people(&["metric", "value"])
        .only_for_programs(&["metric_number", "name", "current_value", "target"]);
    for (i, gain) in ranked(&mut loaded, level).into_iter().take(args.top) {
        let metric = &loaded.metrics[i];
        let measure = &metric.member.measure;
        table.row([
            metric.called().into(),
            metric.detail.metric_number.clone().into(),
            metric.detail.name.as_str().into(),
            shown(gain).into(),
            measure.score().ok().map(shown).into(),
            measure.priority.as_str().into(),
            arrow(measure.current, &metric.target_text()).into(),
            measure.current.map(|value| value.normalize()).into(),
            metric.target_text().into(),
        ]);
    }
    let empty = table.is_empty();
    context.output.results(table)?;
    if empty {
        context.output.notice("every metric with a target is at it, or brings nothing here");
    }
    Ok(Exit::Success)
}

/// Metrics by what reaching their target would gain, the most first; those that gain nothing are left out.
pub(crate) fn ranked(loaded: &mut Loaded, level: Level) -> Vec<(usize, Decimal)> {
    let members = loaded.members();
    let mut ranked: Vec<(usize, Decimal)> = gains(&mut loaded.tally, level, &members)
        .into_iter()
        .enumerate()
        .filter_map(|(i, gain)| Some((i, gain.filter(|gain| *gain > Decimal::ZERO)?)))
        .collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_rounded_as_a_reading_is() {
        let recorded = |text: &str| as_recorded(text.parse().expect("a number")).map(|value| value.to_string());
        for (given, value) in
            [("1.00005", "1.0001"), ("1.00004", "1.0000"), ("-1.00005", "-1.0001"), ("99999999999.9999", "99999999999.9999")]
        {
            assert_eq!(recorded(given).as_deref(), Some(value), "{given}");
        }
        assert_eq!(recorded("99999999999.99995"), None);
    }
}

//! `cmf score what-if` and `cmf score next`: what scores would be, without storing anything.

use rust_decimal::Decimal;
use serde_json::json;

use super::table::{arrow, change, from_to};
use crate::context::Context;
use crate::domain::score::Rating;
use crate::domain::score::shown;
use crate::error::{Exit, Result};
use crate::output::{Results, Table};
use crate::score::{Figures, Loaded};
use crate::scoring::{Method, SubjectArgs, Weighing, pair};

#[derive(Debug, clap::Args)]
pub(crate) struct WhatIf {
    /// A metric and the value it would have, such as PR-001=95
    #[arg(value_name = "METRIC=VALUE", required = true, value_parser = pair)]
    values: Vec<(String, Decimal)>,
    #[command(flatten)]
    scope: SubjectArgs,
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
    let (then, changed) = loaded.what_if(&args.values)?;
    let (before, after) = (loaded.overall(&subject), then.overall(&subject));
    let mut metrics =
        Table::new(["metric", "metric_number", "name", "reading", "current_value", "value", "scored", "score", "score_then"])
            .only_for_people(&["metric", "reading", "scored"])
            .only_for_programs(&["metric_number", "name", "current_value", "value", "score", "score_then"]);
    for (at, old) in changed {
        let metric = &then.metrics[at].metric;
        let new = metric.measure();
        let value = new.current.map(|value| value.normalize());
        let (score, score_then) = (old.score().ok().map(shown), new.score().ok().map(shown));
        metrics.row([
            metric.called().into(),
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            arrow(old.current, value.map(|value| value.to_string())).into(),
            old.current.map(|value| value.normalize()).into(),
            value.into(),
            from_to(score, score_then).into(),
            score.into(),
            score_then.into(),
        ]);
    }
    let mut table = Table::new(["function_code", "name", "score", "score_then", "change", "rating_then"]).title(format!(
        "{}, {}: nothing is stored",
        subject.name(),
        subject.framework.short_name()
    ));
    let mut row = |code: &str, name: &str, before: Figures, after: Figures| {
        let rating = after.rating.map(Rating::as_str);
        table.row([code.into(), name.into(), before.score.into(), after.score.into(), change(before, after), rating.into()]);
    };
    for (before, after) in before.breakdown.functions.iter().zip(&after.breakdown.functions) {
        row(&before.function_code, &before.name, before.figures, after.figures);
    }
    row("", "Overall", before.figures(), after.figures());
    let json = json!({
        "framework": before.framework, "catalog": before.catalog, "overall_score": before.score,
        "overall_score_then": after.score, "overall_rating_then": after.rating,
        "metrics": metrics.to_json(), "function_scores": before.breakdown.functions, "function_scores_then": after.breakdown.functions,
    });
    context.output.results(Results::new(vec![table, metrics], json))?;
    Ok(Exit::Success)
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
    scope: SubjectArgs,
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
    for (i, gain) in loaded.ranked(level).into_iter().take(args.top) {
        let metric = &loaded.metrics[i].metric;
        let measure = metric.measure();
        table.row([
            metric.called().into(),
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            shown(gain).into(),
            measure.score().ok().map(shown).into(),
            measure.priority.as_str().into(),
            arrow(measure.current, metric.target_text()).into(),
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

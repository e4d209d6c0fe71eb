//! `cmf score what-if` and `cmf score next`: what scores would be, without storing anything.

use rust_decimal::Decimal;

use super::table::{FUNCTION, arrow, change, from_to, functions};
use crate::context::Context;
use crate::domain::metric::Metric;
use crate::domain::score::{Measure, shown};
use crate::error::{Exit, Result};
use crate::output::{Columns, Results, Shape, Table, columns};
use crate::score::{Figures, Loaded, Overall};
use crate::scoring::{Method, SubjectArgs, ViaArg, Weighing, pair};

#[derive(Debug, clap::Args)]
pub(crate) struct WhatIf {
    /// A metric and the value it would have, such as PR-001=95
    #[arg(value_name = "METRIC=VALUE", required = true, value_parser = pair)]
    values: Vec<(String, Decimal)>,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    #[command(flatten)]
    method: Method,
}

/// A metric with another value, and its measure before.
fn what_changed<'a>() -> Columns<(&'a Metric, Measure)> {
    columns! { |(metric, old)|
        metric: for_people = metric.called(), metric_number: for_programs = &metric.metric_number,
        name: for_programs = &metric.name,
        reading: for_people = arrow(old.current, plain(&metric.measure()).map(|value| value.to_string())),
        current_value: for_programs = plain(old), value: for_programs = plain(&metric.measure()),
        scored: for_people = from_to(score(old), score(&metric.measure())), score: for_programs = score(old),
        score_then: for_programs = score(&metric.measure())
    }
}
/// A function, and its figures before and then.
const THEN: Columns<(String, String, Figures, Figures)> = columns! { |(function_code, name, before, after)|
    function_code, name, score = before.score, score_then = after.score, change = change(*before, *after),
    risk_then: for_people = after.rating, rating_then: for_programs = after.rating,
    fresh_then: for_people = after.certain.fresh(), range_then: for_people = after.certain.range(),
    fresh_share_then: for_programs = after.certain.fresh_share, score_low_then: for_programs = after.certain.score_low,
    score_high_then: for_programs = after.certain.score_high
};
fn whole<'a>() -> Columns<(&'a Overall, &'a Overall, &'a Table)> {
    columns! { |(before, after, metrics)|
        framework = &before.framework, catalog = &before.catalog, overall_score = before.score,
        fresh_share = before.breakdown.certain.fresh_share, score_low = before.breakdown.certain.score_low,
        score_high = before.breakdown.certain.score_high, overall_score_then = after.score, overall_rating_then = after.rating,
        fresh_share_then = after.breakdown.certain.fresh_share, score_low_then = after.breakdown.certain.score_low,
        score_high_then = after.breakdown.certain.score_high,
        metrics: of(|| Shape::rows(&what_changed())) = metrics.to_json(),
        function_scores: of(|| Shape::rows(&FUNCTION)) = functions(before),
        function_scores_then: of(|| Shape::rows(&FUNCTION)) = functions(after)
    }
}

pub(super) fn shape() -> Shape {
    Shape::rows(&THEN).printing(Shape::one(&whole())).choosing(what_changed().names())
}

fn plain(measure: &Measure) -> Option<Decimal> {
    measure.current.map(|value| value.normalize())
}

fn score(measure: &Measure) -> Option<Decimal> {
    measure.score().ok().map(shown)
}

/// Runs `cmf score what-if`. Exit 2 for a metric that is unknown or named twice, and for a value that no reading can have.
pub(crate) async fn what_if(context: &Context, args: WhatIf) -> Result<Exit> {
    let parameters = args.method.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    tx.end().await?;
    let (then, changed) = loaded.what_if(&args.values)?;
    let (before, after) = (loaded.overall(&subject), then.overall(&subject));
    let measured: Vec<_> = changed.into_iter().map(|(at, old)| (&then.metrics[at].metric, old)).collect();
    let metrics = what_changed().table_of(measured);
    let title = format!("{}, {}: nothing is stored", subject.name(), subject.against());
    let functions = before.breakdown.functions.iter().zip(&after.breakdown.functions);
    let rows = functions.map(|(old, new)| (old.function_code.clone(), old.name.clone(), old.figures, new.figures));
    let overall = (String::new(), "Overall".to_owned(), before.figures(), after.figures());
    let table = THEN.table_of(rows.chain([overall])).title(title);
    let json = whole().members(&(&before, &after, &metrics)).into();
    context.output.results(Results::new(vec![table, metrics], json))?;
    Ok(Exit::Success)
}

#[derive(Debug, clap::Args)]
pub(crate) struct Next {
    /// Only what raises this function or category
    #[arg(long, value_name = "CODE")]
    function: Option<String>,
    /// How many metrics to show
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    top: u32,
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    via: ViaArg,
    #[command(flatten)]
    weighing: Weighing,
}

/// A metric and what it brings more at its target.
pub(super) fn gain<'a>() -> Columns<(&'a Metric, Decimal)> {
    columns! { |(metric, gain)|
        metric: for_people = metric.called(), metric_number: for_programs = &metric.metric_number,
        name: for_programs = &metric.name, points = shown(*gain), score = score(&metric.measure()), priority = metric.priority,
        value: for_people = arrow(metric.measure().current, metric.target_text()),
        current_value: for_programs = plain(&metric.measure()), target: for_programs = metric.target_text()
    }
}

/// Runs `cmf score next`. Exit 2 for a function the framework does not have.
pub(crate) async fn next(context: &Context, args: Next) -> Result<Exit> {
    let parameters = args.weighing.parameters(context)?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve_via(context, &mut tx, &args.via).await?;
    let mut loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    tx.end().await?;
    let level = loaded.level(args.function.as_deref())?;
    let gains = loaded.ranked(level).into_iter().take(usize::try_from(args.top).unwrap_or(usize::MAX));
    let rows: Vec<_> = gains.map(|(i, gain)| (&loaded.metrics[i].metric, gain)).collect();
    let empty = rows.is_empty();
    let title = "points to gain if only this metric reached its target";
    let title = format!("{}, {}: {title}", subject.name(), subject.against());
    context.output.results(gain().table_of(rows).title(title))?;
    if empty {
        context.output.notice("every metric with a target has reached it, or adds no points here");
    }
    Ok(Exit::Success)
}

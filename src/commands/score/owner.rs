//! `cmf score --by owner`: who is responsible, and how their metrics stand.

use super::table::bar;
use crate::context::Context;
use crate::domain::moment::{Moment, to_the_minute};
use crate::domain::number::finite;
use crate::domain::score::{Parameters, made_of};
use crate::error::{Exit, Result};
use crate::output::{Columns, Results, Shape, columns};
use crate::score::{Definitions, Loaded, Overall, Owner, nothing_scoreable, owners};
use crate::scoring::{SubjectArgs, ViaArg, tell_through};

const OWNER: Columns<Owner> = columns! { |one|
    owner: for_people = one.name.as_deref().unwrap_or("nobody"), name: for_programs = &one.name, score = one.figures.score,
    risk: for_people = one.figures.rating, rating: for_programs = one.figures.rating,
    bar: for_people = bar(finite(one.figures.score)), fresh: for_people = one.figures.certain.fresh(),
    range: for_people = one.figures.certain.range(),
    metrics: for_people = made_of(one.figures.metric_count, one.figures.unscoreable_count, one.figures.assumed_count),
    metric_count: for_programs = one.figures.metric_count, unscoreable_count: for_programs = one.figures.unscoreable_count,
    assumed_count: for_programs = one.figures.assumed_count, stale_count: for_programs = one.figures.certain.stale_count,
    fresh_share: for_programs = one.figures.certain.fresh_share, score_low: for_programs = one.figures.certain.score_low,
    score_high: for_programs = one.figures.certain.score_high
};
const WHOLE: Columns<Overall> = columns! { |overall|
    framework, catalog, catalog_id, calculated_at, overall_score = overall.score, overall_rating = overall.rating,
    fresh_share = overall.breakdown.certain.fresh_share, score_low = overall.breakdown.certain.score_low,
    score_high = overall.breakdown.certain.score_high, stale_count = overall.breakdown.certain.stale_count
};
/// What the owners are called in JSON.
const OWNERS: &str = "owners";

pub(super) fn shape() -> Shape {
    Shape::rows(&OWNER).within(OWNERS, Shape::one(&WHOLE))
}

/// Prints the scores of who is responsible, and stores nothing.
pub(super) async fn run(
    context: &Context,
    (scope, via): (&SubjectArgs, &ViaArg),
    parameters: Parameters,
    (as_of, definitions): (Option<Moment>, Definitions),
) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = scope.resolve_via(context, &mut tx, via).await?;
    let loaded = Loaded::of(&mut tx, &subject, parameters, as_of, definitions, &context.output).await?;
    let silent = if loaded.metrics.is_empty() { Some(nothing_scoreable(&mut tx, &subject).await?) } else { None };
    tx.end().await?;
    let overall = loaded.overall(&subject);
    let mut table = OWNER.table_of(owners(&loaded)).title(format!(
        "{}, {}, {}: the weighted mean of the metrics of each owner",
        subject.name(),
        overall.framework,
        to_the_minute(overall.calculated_at)
    ));
    let json = WHOLE.document(&overall, OWNERS, &table);
    table.push(OWNER.row(&Owner { name: Some("Overall".to_owned()), figures: overall.figures() }));
    context.output.results(Results::new(vec![table], json))?;
    tell_through(context, loaded.through.as_ref(), &overall.framework);
    if let Some(why) = silent {
        context.output.notice(&why);
    }
    Ok(Exit::Success)
}

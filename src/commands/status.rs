//! `cmf status`: one screen of where things stand and what is to be done.

use chrono::Months;
use rust_decimal::Decimal;

use crate::context::Context;
use crate::db;
use crate::domain::moment::{Moment, to_the_minute};
use crate::domain::score::{Level, Rating, shown};
use crate::error::{Exit, Result, shell_word};
use crate::everywhere::{self, AllSchemas};
use crate::output::{Columns, Results, Shape, columns};
use crate::score::{Certain, Definitions, Loaded};
use crate::scoring::{Method, SubjectArgs};

/// Arguments of `cmf status`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scope: SubjectArgs,
    #[command(flatten)]
    tenants: AllSchemas,
}

/// How many gaps are shown.
const GAPS: usize = 5;

/// Where things stand.
struct Status {
    database: String,
    catalog: String,
    framework: String,
    score: Option<Decimal>,
    rating: Option<Rating>,
    month_ago: Option<Decimal>,
    metrics: u64,
    unscoreable: u64,
    certain: Certain,
    due: u64,
    newest: Option<chrono::NaiveDateTime>,
    unmapped: i64,
    unconfirmed: i64,
    not_activated: i64,
}

impl Status {
    /// The change in the month before, with its sign.
    fn change(&self) -> Option<Decimal> {
        self.score.zip(self.month_ago).map(|(now, before)| now - before)
    }

    fn signed(&self) -> Option<String> {
        self.change().map(|change| if change > Decimal::ZERO { format!("+{change}") } else { change.to_string() })
    }
}

const STATUS: Columns<Status> = columns! { |status|
    database, catalog, framework, overall_score = status.score, overall_rating: for_programs = status.rating,
    risk: for_people = status.rating, change_in_a_month: for_people = status.signed(), score_a_month_ago: for_programs = status.month_ago,
    change: for_programs = status.change(), metric_count = status.metrics, unscoreable_count = status.unscoreable,
    fresh: for_people = status.certain.fresh(), range: for_people = status.certain.range().filter(|range| !range.is_empty()),
    fresh_share: for_programs = status.certain.fresh_share, score_low: for_programs = status.certain.score_low,
    score_high: for_programs = status.certain.score_high, stale_count = status.certain.stale_count, due_count = status.due,
    newest_reading: for_people = status.newest.map(to_the_minute),
    newest_reading_at: for_programs = status.newest, unmapped_count = status.unmapped, unconfirmed_count = status.unconfirmed,
    not_activated_count = status.not_activated
};

/// A metric by number, name, value, target and points.
type Gap = (String, Option<Decimal>, Option<String>, Decimal);
const GAP: Columns<Gap> = columns! { |(metric, value, target, points)| metric, value, target, points };
const WORST: &str = "gaps";

/// What this command prints.
pub fn shape() -> Shape {
    Shape::rows(&GAP).within(WORST, Shape::one(&STATUS)).choosing(STATUS.names()).or_of_schemas()
}

/// Runs `cmf status`. Exit 2 if there is no active catalog, or the names are unknown or not unique.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if args.tenants.all_schemas {
        let args = Args { tenants: AllSchemas::default(), ..args };
        return everywhere::run(context, async |here| Box::pin(run(here, args.clone())).await).await;
    }
    let parameters = Method::default().parameters(context)?;
    let database = context.place()?.to_string();
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let subject = args.scope.resolve(context, &mut tx).await?;
    let mut loaded = Loaded::read(&mut tx, &subject, parameters, None).await?;
    let overall = loaded.overall(&subject);
    let before = loaded.at.checked_sub_months(Months::new(1)).unwrap_or(loaded.at);
    let month_ago = Loaded::of(&mut tx, &subject, parameters, Some(Moment::At(before)), Definitions::Then, &context.output)
        .await?
        .tally
        .value(Level::Framework)
        .map(shown);
    let (sizes, open) = match subject.catalog_id() {
        Some(id) => (
            db::catalogs::sizes(&mut tx, &[id]).await?.remove(&id).unwrap_or_default(),
            db::catalogs::undecided(&mut tx, id).await?,
        ),
        None => Default::default(),
    };
    tx.end().await?;
    let status = Status {
        database,
        catalog: subject.name().to_owned(),
        framework: subject.framework.short_name(),
        score: crate::domain::number::finite(overall.score),
        rating: overall.rating,
        month_ago,
        metrics: overall.breakdown.metric_count,
        unscoreable: overall.breakdown.unscoreable_count,
        certain: overall.breakdown.certain,
        due: loaded.metrics.iter().filter(|scored| loaded.is_due(scored)).count() as u64,
        newest: loaded.metrics.iter().filter_map(|scored| scored.recorded_at).max(),
        unmapped: sizes.items - sizes.mapped_items,
        unconfirmed: open.unconfirmed,
        not_activated: open.not_activated,
    };
    let ranked = loaded.ranked(Level::Framework);
    let gaps = GAP.table_of(ranked.into_iter().take(GAPS).map(|(at, points)| {
        let metric = &loaded.metrics[at].metric;
        (metric.called(), metric.measure().current.map(|value| value.normalize()), metric.target_text(), shown(points))
    }));
    let json = STATUS.document(&status, WORST, &gaps);
    context.output.results(Results::new(vec![STATUS.one(&status), gaps.title("the worst gaps, by points to gain")], json))?;
    let catalog = shell_word(&status.catalog);
    if status.due > 0 {
        let of = if subject.catalog.is_some() { format!(" --catalog {catalog}") } else { String::new() };
        context.output.notice(&format!("metrics to measure: cmf due{of} ({})", status.due));
    }
    for (count, what) in [
        (status.unmapped - status.unconfirmed, format!("have no mapping: cmf map suggest --catalog {catalog}")),
        (status.unconfirmed, format!("have suggestions that nobody confirmed: cmf map review --catalog {catalog}")),
        (status.not_activated, format!("are mapped but not metrics yet: cmf catalog activate {catalog}")),
    ] {
        if count > 0 {
            context.output.notice(&format!("items that {what} ({count})"));
        }
    }
    Ok(Exit::Success)
}

//! What a report shows, gathered.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::{Definitions, Figures, Loaded, Overall, Subject, board, owners};
use crate::db::catalogs::Sizes;
use crate::db::scores::FrameworkScore;
use crate::db::{self, Connection};
use crate::domain::crosswalk::Relation;
use crate::domain::frequency::Freshness;
use crate::domain::listed::Listed;
use crate::domain::metric::{Direction, Metric, Priority};
use crate::domain::moment::{self, Moment};
use crate::domain::number::finite;
use crate::domain::score::{Level, Parameters, Rating, Rollup, Stale, shown};
use crate::domain::text::counted;
use crate::error::Result;
use crate::report::scores::{
    AssumedRow, Category, Function, GapRow, Grade, Language, OwnerRow, Point, Report, Series, StaleRow, UnscoreableRow,
};
use crate::tell::Tell;

/// Metrics in the table of gaps.
const GAPS: usize = 15;
/// Stale and unscoreable metrics that are named.
const NAMED: usize = 50;
/// Points that a trend is drawn with.
const POINTS: usize = 120;

/// What is asked of a report.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The moment whose state is shown; none is now.
    pub as_of: Option<Moment>,
    /// The moment that it is compared with.
    pub compare_to: Option<Moment>,
    /// Whether the scores of who is responsible are shown.
    pub by_owner: bool,
    pub title: Option<String>,
    pub logo: Option<String>,
    pub language: Language,
    pub definitions: Definitions,
}

/// Gathers a report. Exit 2 for moments that are still to come or out of order.
pub(crate) async fn gather(
    tx: &mut Connection,
    subject: &Subject,
    parameters: Parameters,
    wanted: Wanted,
    tell: &dyn Tell,
) -> Result<Report> {
    let Wanted { as_of, compare_to, by_owner, title, logo, language, definitions } = wanted;
    let mut loaded = Loaded::of(tx, subject, parameters, as_of, definitions, tell).await?;
    let overall = loaded.overall(subject);
    let compared = match compare_to {
        Some(moment) => Some(board::compared(tx, subject, parameters, (moment, definitions), &overall, tell).await?),
        None => None,
    };
    let (framework_id, catalog_id) = (subject.framework.id, subject.catalog_id());
    let trend = history(tx, subject, None, "Overall", &overall).await?;
    let mut function_trends = Vec::new();
    for function in overall.breakdown.functions.iter().filter(|_| subject.via.is_none()) {
        let name = function.function_code.as_str();
        let series = history(tx, subject, Some(name), name, &overall).await?;
        if series.points.len() > 1 {
            function_trends.push(series);
        }
    }
    let stored = match as_of {
        Some(_) => None,
        None if subject.via.is_some() => None,
        None => db::scores::newest(tx, framework_id, catalog_id).await?,
    };
    let sizes = match catalog_id {
        Some(id) => db::catalogs::sizes(tx, &[id]).await?.remove(&id).unwrap_or_default(),
        None => Sizes::default(),
    };
    let gaps = loaded.ranked(Level::Framework).into_iter().take(GAPS).map(|(i, points)| gap(&loaded, i, points)).collect();
    let mut stale_rows: Vec<StaleRow> = loaded
        .metrics
        .iter()
        .filter(|scored| {
            let measure = scored.metric.measure();
            measure.is_excluded() || measure.age.is_stale() && measure.score().is_ok()
        })
        .map(|scored| StaleRow {
            code: scored.metric.metric_number.clone().unwrap_or_default(),
            name: scored.metric.name.clone(),
            owner: scored.owner.clone().unwrap_or_default(),
            day: scored.recorded_at.map(|at| at.date().to_string()),
            days: loaded.stale_days(scored),
        })
        .collect();
    stale_rows.sort_by_key(|row| std::cmp::Reverse(row.days));
    let stale_count = overall.breakdown.certain.stale_count;
    stale_rows.truncate(NAMED);
    let unscoreable = loaded
        .metrics
        .iter()
        .filter(|scored| scored.metric.measure().score().is_err())
        .take(NAMED)
        .map(|scored| UnscoreableRow {
            code: scored.metric.metric_number.clone().unwrap_or_default(),
            name: scored.metric.name.clone(),
            missing: loaded.missing(scored).join(", "),
        })
        .collect();
    let assumed = loaded.assumed().take(NAMED).map(|one| AssumedRow {
        code: one.metric_number.unwrap_or_default(),
        name: one.name,
        direction: one.direction.to_string(),
        told_by: one.told_by.unwrap_or_else(|| "nothing: an earlier import assumed it".to_owned()),
    });
    let assumed = assumed.collect();
    let newest = loaded.metrics.iter().filter_map(|scored| scored.recorded_at).max();
    let owners = if by_owner { owners(&loaded) } else { Vec::new() };
    let owners = owners.into_iter().map(|owner| OwnerRow {
        name: owner.name,
        grade: grade(owner.figures),
        certainty: owner.figures.certain.certainty(),
        metric_count: owner.figures.metric_count,
        unscoreable_count: owner.figures.unscoreable_count,
    });
    Ok(Report {
        title: title.unwrap_or_else(|| subject.name().to_owned()),
        logo,
        language,
        compared,
        owners: owners.collect(),
        placed: board::placed(&loaded),
        rollup: parameters.rollup,
        unmapped_count: u64::try_from(sizes.items - sizes.mapped_items).unwrap_or_default(),
        subject: subject.name().to_owned(),
        framework: subject.against(),
        framework_name: framework_name(subject),
        at: moment::text(loaded.at),
        overall: grade(overall.figures()),
        certainty: overall.breakdown.certain.certainty(),
        metric_count: overall.breakdown.metric_count,
        unscoreable_count: overall.breakdown.unscoreable_count,
        assumed_count: overall.breakdown.assumed_count,
        functions: functions(&overall),
        trend,
        function_trends,
        gaps,
        stale_count,
        stale: stale_rows,
        unscoreable,
        assumed,
        thresholds: Rating::ALL.into_iter().filter_map(|rating| Some((rating, parameters.thresholds.least(rating)?))).collect(),
        method: method(&parameters, subject),
        provenance: provenance(subject, &loaded, sizes, newest, stored),
    })
}

/// The framework by its full name, and the one that it is scored through; `via` is a word of all languages of the report.
fn framework_name(subject: &Subject) -> String {
    let name = |row: &db::frameworks::Row| format!("{} {}", row.name, row.version);
    let via = subject.via.as_ref().map(|via| format!(" (via {})", name(&via.framework)));
    format!("{}{}", name(&subject.framework), via.unwrap_or_default())
}

fn grade(figures: Figures) -> Option<Grade> {
    Some(Grade { score: finite(figures.score)?, rating: figures.rating? })
}

fn functions(overall: &Overall) -> Vec<Function> {
    let functions = overall.breakdown.functions.iter();
    functions
        .map(|function| Function {
            code: function.function_code.clone(),
            name: function.name.clone(),
            grade: grade(function.figures),
            certainty: function.figures.certain.certainty(),
            metric_count: function.figures.metric_count,
            unscoreable_count: function.figures.unscoreable_count,
            assumed_count: function.figures.assumed_count,
            categories: function
                .categories
                .iter()
                .map(|category| Category {
                    code: category.category_code.clone().unwrap_or_else(|| format!("{} –", function.function_code)),
                    name: category.name.clone().unwrap_or_else(|| "Without a category of the framework".to_owned()),
                    grade: grade(category.figures),
                    certainty: category.figures.certain.certainty(),
                    metric_count: category.figures.metric_count,
                })
                .collect(),
        })
        .collect()
}

fn gap(loaded: &Loaded, at: usize, points: Decimal) -> GapRow {
    let metric = &loaded.metrics[at].metric;
    let measure = metric.measure();
    let value = measure.current.map_or_else(|| "–".to_owned(), |value| value.normalize().to_string());
    GapRow {
        code: metric.metric_number.clone().unwrap_or_default(),
        name: metric.name.clone(),
        owner: loaded.metrics[at].owner.clone().unwrap_or_default(),
        value: with_unit(value, metric),
        target: with_unit(metric.target_text().unwrap_or_default(), metric),
        score: measure.score().ok().map(shown),
        priority: measure.priority.as_str().to_owned(),
        points: shown(points),
    }
}

/// A value as people say it: an answer for a yes-or-no metric, a number alone where the unit says no more.
fn with_unit(value: String, metric: &Metric) -> String {
    let unit = metric.unit.as_deref().unwrap_or_default().trim();
    let plain =
        ["", "count", "number", "#", "yes/no", "boolean", "score", "ratio"].iter().any(|word| unit.eq_ignore_ascii_case(word));
    match (metric.direction, value.as_str()) {
        (Direction::Binary, "1") => "yes".to_owned(),
        (Direction::Binary, "0") => "no".to_owned(),
        (_, "–") => value,
        _ if plain => value,
        _ => format!("{value} {unit}"),
    }
}

/// The stored scores over time, thinned out to what can be drawn, with the present one at the end.
async fn history(tx: &mut Connection, subject: &Subject, function: Option<&str>, name: &str, now: &Overall) -> Result<Series> {
    // What is stored is a score of what the metrics are mapped to.
    if subject.via.is_some() {
        return Ok(Series { name: name.to_owned(), points: Vec::new() });
    }
    let stored =
        db::scores::history(tx, subject.framework.id, subject.catalog_id(), function, None, Some(now.calculated_at)).await?;
    let point =
        |at: NaiveDateTime, score: Decimal| Point { second: at.and_utc().timestamp(), day: at.date().to_string(), score };
    let mut points: Vec<Point> = stored.iter().map(|stored| point(stored.calculated_at, stored.score)).collect();
    if points.len() > POINTS {
        let last = points.len() - 1;
        points = (0..POINTS).map(|i| points[i * last / (POINTS - 1)].clone()).collect();
    }
    let present = match function {
        None => now.score,
        Some(code) => {
            let function = now.breakdown.functions.iter().find(|function| function.function_code == code);
            function.and_then(|function| function.figures.score)
        }
    };
    if let (Some(score), false) = (finite(present), points.is_empty()) {
        points.push(point(now.calculated_at, score));
    }
    Ok(Series { name: name.to_owned(), points })
}

fn method(parameters: &Parameters, subject: &Subject) -> Vec<(String, String)> {
    let weights =
        Priority::ALL.map(|priority| format!("{priority} {}", parameters.weights.of(priority).normalize())).join(", ");
    let thresholds = Rating::ALL
        .into_iter()
        .filter_map(|rating| Some(format!("{rating} from {}", parameters.thresholds.least(rating)?.normalize())))
        .collect::<Vec<_>>()
        .join(", ");
    let Freshness { age, usual, factor } = parameters.freshness;
    let limit = match age {
        Some(age) => format!("days until a metric is stale: {}", age.num_days()),
        None => format!(
            "a metric is stale after its frequency times {}; days if no frequency is set: {}",
            factor.normalize(),
            usual.period().num_days()
        ),
    };
    let stale = match parameters.stale {
        Stale::Keep => "stale metrics count with their last value",
        Stale::Exclude => "stale metrics are not part of any mean",
    };
    let fresh = format!(
        "the share of the weight with a recent reading; the range of the score if all other metrics were at 0 or at 100; {limit}; {stale}"
    );
    let rollup = match parameters.rollup {
        Rollup::Category => {
            "category is the weighted mean of its metrics, function the mean of its categories, overall the mean of the functions"
        }
        Rollup::Metric => "function is the weighted mean of all its metrics, overall the mean of the functions",
    };
    let mut all: Vec<(String, String)> = [
        ("Higher is better", "100 at the target or above, else 100 × value / target"),
        ("Lower is better", "100 at the target or below, else 100 × target / value"),
        ("Target range", "100 inside, else 100 less the distance to the nearer bound in percent of the width, at least 0"),
        ("Yes or no", "100 when the value is the target, else 0"),
        ("Means", rollup),
        ("Left out", "metrics without a reading, a target or both bounds are not part of any mean"),
        ("Fresh", &fresh),
        ("Weights", &weights),
        ("Risk ratings", &format!("{thresholds}, Very High below; decided before rounding")),
        ("Rounding", "half away from zero to two decimals, only when shown or stored"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    if let Some(via) = &subject.via {
        let parts = Relation::ALL.map(|relation| format!("{relation} {}", relation.weight().normalize())).join(", ");
        let text = format!(
            "metrics are mapped to {}, and count where the rows of {} lead: the part of their weight is {parts}, times the \
             confidence of the row; of several ways to a category the heaviest counts",
            via.framework.short_name(),
            via.name
        );
        all.push(("Crosswalk".to_owned(), text));
    }
    all
}

fn provenance(
    subject: &Subject,
    loaded: &Loaded,
    sizes: Sizes,
    newest: Option<NaiveDateTime>,
    stored: Option<FrameworkScore>,
) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |name: &str, text: String| rows.push((name.to_owned(), text));
    match &subject.catalog {
        Some(catalog) => {
            row("Catalog", format!("{} of {}", catalog.name, catalog.owner));
            row("Catalog id", catalog.id.to_string());
            if let Some(file) = &catalog.source_file {
                row("Source file", file.clone());
            }
            let metadata = catalog.import_metadata.as_ref();
            if let Some(hash) = metadata.and_then(|metadata| metadata.get("sha256").or_else(|| metadata.get("sha-256"))) {
                row("SHA-256 of it", hash.as_str().map_or_else(|| hash.to_string(), str::to_owned));
            }
            row("Imported", moment::text(catalog.created_at));
            row(
                "Items",
                format!(
                    "{}, {} of them with a confirmed mapping, {}",
                    sizes.items,
                    sizes.mapped_items,
                    counted(sizes.metrics, "metric")
                ),
            );
        }
        None => row("Metrics", "the default library: metrics of no catalog".to_owned()),
    }
    row("Framework", format!("{} ({} {})", subject.framework.short_name(), subject.framework.name, subject.framework.version));
    if let (Some(through), Some(via)) = (&loaded.through, &subject.via) {
        row("Crosswalk", through.told(&subject.framework.short_name()));
        row("Crosswalk id", via.id.to_string());
        let mut lost = Listed::of_at_most(NAMED);
        through.lost.iter().for_each(|one| lost.add(|| one.metric_number.clone().unwrap_or_else(|| one.name.clone())));
        if lost.count() > 0 {
            row("Metrics without a way", lost.lines().join(", "));
        }
        if !through.unreached.is_empty() {
            row("Codes that no metric leads to", through.unreached.join(", "));
        }
    }
    row("Newest reading", newest.map_or_else(|| "none".to_owned(), moment::text));
    row(
        "Newest stored score",
        stored.map_or_else(
            || "none".to_owned(),
            |stored| format!("{} of {}", stored.overall_score, moment::text(stored.calculated_at)),
        ),
    );
    row("Program", format!("cmf {}", env!("CARGO_PKG_VERSION")));
    rows
}

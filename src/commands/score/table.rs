//! Scores as a table.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::moment::to_the_minute;
use crate::domain::number;
use crate::domain::score::made_of;
use crate::output::{Cell, Columns, Results, Shape, columns};
use crate::score::{Assumed, CategoryEntry, Figures, FunctionEntry, Lost, Overall, Through, Unscoreable};

const BAR: usize = 10;

/// A function or category: how deep it stands, its codes, its name and its figures at an instant.
type Line<'a> = (usize, [Option<&'a str>; 2], &'a str, Figures, NaiveDateTime);

fn lines<'a>() -> Columns<Line<'a>> {
    columns! { |(depth, [function_code, category_code], name, figures, at)|
        code: for_people = (*depth, category_code.or(*function_code).unwrap_or_default().to_owned()),
        function_code: for_programs, category_code: for_programs, name = *name, score = figures.score,
        risk: for_people = figures.rating, rating: for_programs = figures.rating, bar: for_people = bar(number::finite(figures.score)),
        fresh: for_people = figures.certain.fresh(), range: for_people = figures.certain.range(), metrics: for_people = made_of(figures.metric_count, figures.unscoreable_count, figures.assumed_count),
        metric_count: for_programs = figures.metric_count, unscoreable_count: for_programs = figures.unscoreable_count,
        assumed_count: for_programs = figures.assumed_count, stale_count: for_programs = figures.certain.stale_count,
        fresh_share: for_programs = figures.certain.fresh_share, score_low: for_programs = figures.certain.score_low,
        score_high: for_programs = figures.certain.score_high, calculated_at: for_programs = at
    }
}
pub(super) const OVERALL: Columns<Overall> = columns! { |overall|
    framework, catalog, catalog_id, overall_score = overall.score, overall_rating = overall.rating,
    fresh_share = overall.breakdown.certain.fresh_share, score_low = overall.breakdown.certain.score_low,
    score_high = overall.breakdown.certain.score_high, stale_count = overall.breakdown.certain.stale_count, calculated_at,
    function_scores: of(|| Shape::rows(&FUNCTION)) = functions(overall), method = &overall.breakdown.method,
    rollup: one_of(&["category", "metric"]) = json!(overall.breakdown.rollup), weights = &overall.breakdown.weights,
    thresholds = &overall.breakdown.thresholds,
    stale: one_of(&["keep", "exclude"]) = overall.breakdown.aging.as_ref().map(|aging| aging.stale.as_str()),
    stale_after_seconds = overall.breakdown.aging.as_ref().and_then(|aging| aging.stale_after),
    as_of: optional of(Shape::of::<NaiveDateTime>) = &overall.breakdown.as_of,
    valid_until: optional of(Shape::of::<NaiveDateTime>) = &overall.breakdown.valid_until,
    through: optional of(|| Shape::one(&THROUGH)) = overall.breakdown.through.as_ref().map(|through| Value::Object(THROUGH.members(through))),
    metric_count = overall.breakdown.metric_count, unscoreable_count = overall.breakdown.unscoreable_count,
    unscoreable: of(|| Shape::rows(&UNSCOREABLE)) = UNSCOREABLE.table_of(&overall.breakdown.unscoreable).to_json(),
    assumed_count = overall.breakdown.assumed_count,
    assumed: of(|| Shape::rows(&ASSUMED)) = ASSUMED.table_of(&overall.breakdown.assumed).to_json()
};
pub(super) const FUNCTION: Columns<FunctionEntry> = columns! { |function|
    function_code, name, score = function.figures.score, rating = function.figures.rating,
    metric_count = function.figures.metric_count, unscoreable_count = function.figures.unscoreable_count,
    assumed_count = function.figures.assumed_count, stale_count = function.figures.certain.stale_count,
    fresh_share = function.figures.certain.fresh_share, score_low = function.figures.certain.score_low,
    score_high = function.figures.certain.score_high,
    categories: of(|| Shape::rows(&CATEGORY)) = CATEGORY.table_of(&function.categories).to_json()
};
const CATEGORY: Columns<CategoryEntry> = columns! { |category|
    category_code, name, score = category.figures.score, rating = category.figures.rating,
    metric_count = category.figures.metric_count, unscoreable_count = category.figures.unscoreable_count,
    assumed_count = category.figures.assumed_count, stale_count = category.figures.certain.stale_count,
    fresh_share = category.figures.certain.fresh_share, score_low = category.figures.certain.score_low,
    score_high = category.figures.certain.score_high
};
const THROUGH: Columns<Through> = columns! { |through|
    framework, crosswalk, crosswalk_id, relations = &through.relations, led_count, lost_count,
    lost: of(|| Shape::rows(&LOST)) = LOST.table_of(&through.lost).to_json(), lost_codes = through.lost_codes.clone(), code_count, reached_count,
    unreached = through.unreached.clone()
};
const LOST: Columns<Lost> = columns! { |metric| metric_number, name, codes = metric.codes.clone() };
/// A metric without a way, for people.
const WAYLESS: Columns<Lost> = columns! { |metric|
    metric = metric.metric_number.iter().chain([&metric.name]).cloned().collect::<Vec<_>>().join(" "),
    mapped_to = metric.codes.join(", ")
};
const UNSCOREABLE: Columns<Unscoreable> = columns! { |metric| metric_number, name, missing };
const ASSUMED: Columns<Assumed> = columns! { |metric| metric_number, name, direction = metric.direction, told_by };
const SUPPOSED: Columns<Assumed> = columns! { |metric|
    metric = metric.metric_number.iter().chain([&metric.name]).cloned().collect::<Vec<_>>().join(" "),
    direction = metric.direction, told_by = metric.told_by.as_deref().unwrap_or("nothing: an earlier import assumed it")
};
const LEFT_OUT: Columns<Unscoreable> = columns! { |metric|
    metric = metric.metric_number.iter().chain([&metric.name]).cloned().collect::<Vec<_>>().join(" "), missing
};

/// The functions of a score, as JSON.
pub(super) fn functions(overall: &Overall) -> Value {
    FUNCTION.table_of(&overall.breakdown.functions).to_json()
}

/// What [`results`] prints.
pub(super) fn shape() -> Shape {
    Shape::rows(&lines())
        .printing(Shape::one(&OVERALL))
        .choosing(LEFT_OUT.names())
        .choosing(SUPPOSED.names())
        .choosing(WAYLESS.names())
}

/// A table for people and all of it for programs.
pub(super) fn results(overall: &Overall, with_categories: bool) -> Results {
    let breakdown = &overall.breakdown;
    let mut rows: Vec<Line> = Vec::new();
    let mut row = |depth, codes, name, figures| rows.push((depth, codes, name, figures, overall.calculated_at));
    for function in &breakdown.functions {
        let code = Some(function.function_code.as_str());
        row(0, [code, None], &function.name, function.figures);
        for category in function.categories.iter().filter(|_| with_categories) {
            let name = category.name.as_deref().unwrap_or("no category of the framework");
            match category.category_code.as_deref() {
                Some(category_code) => row(1, [code, Some(category_code)], name, category.figures),
                None => row(1, [code, Some("")], "without a category", category.figures),
            }
        }
    }
    row(0, [None, None], "Overall", overall.figures());
    let of = overall.catalog.as_deref().unwrap_or("default library");
    let through = breakdown.through.as_ref();
    let via = through.map(|through| format!(" through {}", through.framework)).unwrap_or_default();
    let title = format!("{of}, {}{via}, {}", overall.framework, to_the_minute(overall.calculated_at));
    let mut tables = vec![lines().table_of(rows).title(title)];
    if let Some(through) = through.filter(|through| !through.lost.is_empty()) {
        let title = format!("without a way to {}, and not part of the score: {}", overall.framework, through.lost_count);
        tables.push(WAYLESS.table_of(&through.lost).title(title));
    }
    if !breakdown.unscoreable.is_empty() {
        let more = breakdown.unscoreable_count.saturating_sub(breakdown.unscoreable.len() as u64);
        let only = if more > 0 { format!(", the first {}", breakdown.unscoreable.len()) } else { String::new() };
        let title = format!("not scored: {}{only}", breakdown.unscoreable_count);
        tables.push(LEFT_OUT.table_of(&breakdown.unscoreable).title(title));
    }
    if !breakdown.assumed.is_empty() {
        let more = breakdown.assumed_count.saturating_sub(breakdown.assumed.len() as u64);
        let only = if more > 0 { format!(", the first {}", breakdown.assumed.len()) } else { String::new() };
        let title = format!("scored by a direction that nobody set: {}{only}", breakdown.assumed_count);
        tables.push(SUPPOSED.table_of(&breakdown.assumed).title(format!("{title}; confirm with `cmf metric set`")));
    }
    Results::new(tables, OVERALL.members(overall).into())
}

/// A bar of 10 columns for 100 percent, in eighths; nothing without a score.
pub(super) fn bar(score: Option<Decimal>) -> String {
    let Some(score) = score else { return String::new() };
    let eighths = (score * Decimal::from(BAR * 8) / Decimal::ONE_HUNDRED).round();
    let eighths = usize::try_from(eighths).unwrap_or_default().min(BAR * 8);
    let mut bar = "█".repeat(eighths / 8);
    let rest = eighths % 8;
    if rest > 0 {
        bar.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][rest - 1]);
    }
    let drawn = eighths.div_ceil(8);
    bar.push_str(&"·".repeat(BAR - drawn));
    bar
}

/// A reading and the target it is on the way to.
pub(super) fn arrow(value: Option<Decimal>, target: Option<String>) -> String {
    let value = value.map_or_else(|| "-".to_owned(), |value| value.normalize().to_string());
    target.map_or_else(|| value.clone(), |target| format!("{value} → {target}"))
}

pub(super) fn from_to(before: Option<Decimal>, after: Option<Decimal>) -> String {
    let text = |figure: Option<Decimal>| figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string());
    if before == after { text(after) } else { format!("{} → {}", text(before), text(after)) }
}

/// The difference of two shown scores.
pub(super) fn change(before: Figures, after: Figures) -> Cell {
    let (before, after) = (number::finite(before.score), number::finite(after.score));
    before.zip(after).map(|(before, after)| signed(after - before)).into()
}

pub(super) fn signed(points: Decimal) -> String {
    if points > Decimal::ZERO { format!("+{points}") } else { points.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_score() {
        assert_eq!(bar(None), "");
        assert_eq!(bar(Some(Decimal::ZERO)), "·".repeat(10));
        assert_eq!(bar(Some(Decimal::ONE_HUNDRED)), "█".repeat(10));
        assert_eq!(bar(Some(Decimal::new(5500, 2))), format!("{}▌{}", "█".repeat(5), "·".repeat(4)));
        for score in 0..=100 {
            assert_eq!(bar(Some(Decimal::from(score))).chars().count(), 10);
        }
    }
}

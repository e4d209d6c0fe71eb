//! Scores as a table.

use rust_decimal::Decimal;

use crate::domain::moment::to_the_minute;
use crate::domain::number;
use crate::domain::score::{Rating, made_of};
use crate::error::Result;
use crate::output::{Cell, Results, Table};
use crate::score::{Breakdown, Figures, Overall};

/// Columns of a bar.
const BAR: usize = 20;

/// A table for people and all of it for programs.
pub(super) fn results(overall: &Overall, with_categories: bool) -> Result<Results> {
    let breakdown = &overall.breakdown;
    let of = overall.catalog.as_deref().unwrap_or("default library");
    let mut table = Table::new([
        "code",
        "function_code",
        "category_code",
        "name",
        "score",
        "rating",
        "bar",
        "metrics",
        "metric_count",
        "unscoreable_count",
        "assumed_count",
        "calculated_at",
    ])
    .title(format!("{of}, {}, {}", overall.framework, to_the_minute(overall.calculated_at)))
    .only_for_people(&["code", "bar", "metrics"])
    .only_for_programs(&[
        "function_code",
        "category_code",
        "metric_count",
        "unscoreable_count",
        "assumed_count",
        "calculated_at",
    ]);
    let mut row = |depth: usize, codes: (Option<&str>, Option<&str>), name: &str, figures: Figures| {
        let code = codes.1.or(codes.0).unwrap_or_default();
        table.row([
            Cell::Tree(depth, code.to_owned()),
            codes.0.into(),
            codes.1.into(),
            name.into(),
            figures.score.into(),
            figures.rating.map(Rating::as_str).into(),
            bar(number::finite(figures.score)).into(),
            made_of(figures.metric_count, figures.unscoreable_count, figures.assumed_count).into(),
            figures.metric_count.into(),
            figures.unscoreable_count.into(),
            figures.assumed_count.into(),
            overall.calculated_at.into(),
        ]);
    };
    for function in &breakdown.functions {
        let code = Some(function.function_code.as_str());
        row(0, (code, None), &function.name, function.figures);
        for category in function.categories.iter().filter(|_| with_categories) {
            let name = category.name.as_deref().unwrap_or("no category of the framework");
            match category.category_code.as_deref() {
                Some(category_code) => row(1, (code, Some(category_code)), name, category.figures),
                None => row(1, (code, Some("")), "without a category", category.figures),
            }
        }
    }
    row(0, (None, None), "Overall", overall.figures());
    let mut tables = vec![table];
    if !breakdown.unscoreable.is_empty() {
        tables.push(left_out(breakdown));
    }
    if !breakdown.assumed.is_empty() {
        tables.push(assumed(breakdown));
    }
    Ok(Results::new(tables, overall.to_json()?))
}

fn assumed(breakdown: &Breakdown) -> Table {
    let more = breakdown.assumed_count.saturating_sub(breakdown.assumed.len() as u64);
    let only = if more > 0 { format!(", the first {}", breakdown.assumed.len()) } else { String::new() };
    let mut table = Table::new(["metric", "direction", "told_by"]).title(format!(
        "scored by a direction that nobody said: {}{only}; confirm with `cmf metric set`",
        breakdown.assumed_count
    ));
    for metric in &breakdown.assumed {
        let number = metric.metric_number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
        let told_by = metric.told_by.as_deref().unwrap_or("nothing: taken in an earlier import");
        table.row([format!("{number}{}", metric.name).into(), metric.direction.as_str().into(), told_by.into()]);
    }
    table
}

fn left_out(breakdown: &Breakdown) -> Table {
    let more = breakdown.unscoreable_count.saturating_sub(breakdown.unscoreable.len() as u64);
    let only = if more > 0 { format!(", the first {}", breakdown.unscoreable.len()) } else { String::new() };
    let mut table = Table::new(["metric", "missing"])
        .title(format!("left out, for they cannot be scored: {}{only}", breakdown.unscoreable_count));
    for metric in &breakdown.unscoreable {
        let number = metric.metric_number.as_ref().map(|number| format!("{number} ")).unwrap_or_default();
        table.row([format!("{number}{}", metric.name).into(), metric.missing.as_str().into()]);
    }
    table
}

/// A bar of 20 columns for 100 percent, in eighths; nothing without a score.
fn bar(score: Option<Decimal>) -> String {
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

/// A figure before and after.
pub(super) fn from_to(before: Option<Decimal>, after: Option<Decimal>) -> String {
    let text = |figure: Option<Decimal>| figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string());
    if before == after { text(after) } else { format!("{} → {}", text(before), text(after)) }
}

/// The difference of two shown scores.
pub(super) fn change(before: Figures, after: Figures) -> Cell {
    let (before, after) = (number::finite(before.score), number::finite(after.score));
    before.zip(after).map(|(before, after)| signed(after - before)).into()
}

/// A number with its sign.
pub(super) fn signed(points: Decimal) -> String {
    if points > Decimal::ZERO { format!("+{points}") } else { points.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_score() {
        assert_eq!(bar(None), "");
        assert_eq!(bar(Some(Decimal::ZERO)), "·".repeat(20));
        assert_eq!(bar(Some(Decimal::ONE_HUNDRED)), "█".repeat(20));
        assert_eq!(bar(Some(Decimal::new(5250, 2))), format!("{}▌{}", "█".repeat(10), "·".repeat(9)));
        for score in 0..=100 {
            assert_eq!(bar(Some(Decimal::from(score))).chars().count(), 20);
        }
    }
}

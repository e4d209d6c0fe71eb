//! The report as Markdown.

use rust_decimal::Decimal;

use super::values::{Grade, Report, first, fresh};
use crate::domain::score::made_of;
use crate::domain::text::markdown as cell;

fn row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    text.push_str(&format!("| {} |\n", cells.join(" | ")));
}

fn table(text: &mut String, title: &str, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    text.push_str(&format!("\n## {}\n\n", cell(title)));
    row(text, header);
    text.push_str(&format!("|{}\n", " --- |".repeat(header.len())));
    for cells in rows {
        row(text, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

fn score(grade: Option<&Grade>) -> (String, String) {
    grade.map_or_else(|| ("-".to_owned(), "-".to_owned()), |grade| (grade.score.to_string(), grade.rating.to_string()))
}

pub(super) fn page(report: &Report) -> String {
    let (overall, rating) = score(report.overall.as_ref());
    let mut text = format!(
        "# {}\n\n{}, {}\n\n**Overall score {overall} of 100, risk {rating}**; {} metrics scored, {} left out{}{}\n",
        cell(&report.title),
        cell(&report.framework_name),
        cell(&report.at),
        report.metric_count,
        report.unscoreable_count,
        if report.assumed_count == 0 { String::new() } else { format!(", {} with an assumed direction", report.assumed_count) },
        report.certainty.and_then(|certainty| certainty.told()).map(|told| format!(". {told}")).unwrap_or_default()
    );
    let functions = report.functions.iter().map(|function| {
        let (score, rating) = score(function.grade.as_ref());
        let left_out = function.unscoreable_count.to_string();
        vec![
            function.code.clone(),
            function.name.clone(),
            score,
            rating,
            fresh(function.certainty.as_ref()),
            made_of(function.metric_count, 0, function.assumed_count),
            left_out,
        ]
    });
    table(&mut text, "Functions", &["Code", "Function", "Score", "Risk", "Fresh", "Metrics scored", "Left out"], functions);
    let categories = report.functions.iter().flat_map(|function| &function.categories).map(|category| {
        let (score, rating) = score(category.grade.as_ref());
        let fresh = fresh(category.certainty.as_ref());
        vec![category.code.clone(), category.name.clone(), score, rating, fresh, category.metric_count.to_string()]
    });
    table(&mut text, "Categories", &["Code", "Category", "Score", "Risk", "Fresh", "Metrics scored"], categories);
    let trend = report.trend.points.iter().map(|point| vec![point.day.clone(), point.score.to_string()]);
    table(&mut text, "Trend", &["Day", "Overall score"], trend);
    if let Some(compared) = &report.compared {
        let signed = |points: Decimal| if points > Decimal::ZERO { format!("+{points}") } else { points.to_string() };
        let overall = [(String::new(), "Overall".to_owned(), Some(compared.old), Some(compared.new))];
        let shown = |score: Option<Decimal>| score.map_or_else(|| "-".to_owned(), |score| score.to_string());
        let functions = compared.functions.iter().chain(&overall).map(|(code, name, old, new)| {
            let change = old.zip(*new).map_or_else(|| "-".to_owned(), |(old, new)| signed(new - old));
            vec![code.clone(), name.clone(), shown(*old), shown(*new), change]
        });
        let title = format!("Change since {}", compared.day);
        table(&mut text, &title, &["Code", "Function", "Before", "After", "Points"], functions);
        let causes = compared.causes.iter();
        let causes = causes
            .map(|one| vec![one.code.clone(), one.name.clone(), one.reading.clone(), one.signal.clone(), signed(one.points)]);
        table(&mut text, "What moved the score", &["Metric", "Name", "Reading", "Signal", "Points"], causes);
    }
    let owners = report.owners.iter().map(|owner| {
        let (score, rating) = score(owner.grade.as_ref());
        let name = owner.name.clone().unwrap_or_else(|| "nobody".to_owned());
        let fresh = fresh(owner.certainty.as_ref());
        vec![name, score, rating, fresh, owner.metric_count.to_string(), owner.unscoreable_count.to_string()]
    });
    table(&mut text, "Owners", &["Owner", "Score", "Risk", "Fresh", "Metrics scored", "Left out"], owners);
    let gaps = report.gaps.iter().map(|gap| {
        let score = gap.score.map_or_else(|| "-".to_owned(), |score| score.to_string());
        vec![
            gap.code.clone(),
            gap.name.clone(),
            gap.owner.clone(),
            gap.value.clone(),
            gap.target.clone(),
            score,
            gap.priority.clone(),
            format!("+{}", gap.points),
        ]
    });
    table(
        &mut text,
        "Worst gaps",
        &["Metric", "Name", "Owner", "Value", "Target", "Score", "Priority", "Points to gain"],
        gaps,
    );
    let stale = report.stale.iter().map(|row| {
        let [day, days] = row.cells();
        vec![row.code.clone(), row.name.clone(), row.owner.clone(), day, days]
    });
    let title = format!("Stale metrics: {}{}", report.stale_count, first(report.stale_count, report.stale.len()));
    table(&mut text, &title, &["Metric", "Name", "Owner", "Newest reading", "Days old"], stale);
    let unscoreable = report.unscoreable.iter().map(|row| vec![row.code.clone(), row.name.clone(), row.missing.clone()]);
    let count = report.unscoreable_count;
    let title = format!("Not scoreable: {count}{}", first(count, report.unscoreable.len()));
    table(&mut text, &title, &["Metric", "Name", "Missing"], unscoreable);
    let assumed = report.assumed.iter();
    let assumed = assumed.map(|row| vec![row.code.clone(), row.name.clone(), row.direction.clone(), row.told_by.clone()]);
    let title = format!("Assumed directions: {}{}", report.assumed_count, first(report.assumed_count, report.assumed.len()));
    table(&mut text, &title, &["Metric", "Name", "Direction", "Told by"], assumed);
    let pairs =
        |pairs: &[(String, String)]| pairs.iter().map(|(name, text)| vec![name.clone(), text.clone()]).collect::<Vec<_>>();
    table(&mut text, "Method", &["Parameter", "Value"], pairs(&report.method).into_iter());
    table(&mut text, "Provenance", &["What", "Value"], pairs(&report.provenance).into_iter());
    text
}

//! The report as one HTML page.

use std::fmt::Write;

use rust_decimal::Decimal;

use super::svg;
use super::values::{Grade, Report, escape, first, step};
use crate::domain::score::made_of;

/// Light and dark, telephone, desk and paper.
const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#f3f5f8;--card:#fff;--text:#16202c;--soft:#516072;--edge:#d5dce5;--link:#1f5fbf;--k1:#12806f;--k2:#4f8a2e;--k3:#b98900;--k4:#d9701a;--k5:#c7353c;\
--f1:#bfe3d8;--f1i:#0b3b33;--f2:#d7ecc5;--f2i:#24421a;--f3:#fbe8a6;--f3i:#4a3800;--f4:#f8c9a0;--f4i:#562600;--f5:#f2b3b3;--f5i:#5c0f14}\
@media screen and (prefers-color-scheme:dark){:root{--bg:#0e1319;--card:#171d25;--text:#e8edf3;--soft:#a3b1c2;--edge:#35404e;--link:#7db0ff;--k1:#2fb8a2;--k2:#7cc255;--k3:#e2b52f;--k4:#f09347;--k5:#f0686f;\
--f1:#0f4f45;--f1i:#c9f2e6;--f2:#2f5220;--f2i:#dcf2cb;--f3:#5b4a08;--f3i:#fdeeb8;--f4:#6b3610;--f4i:#fcdcc2;--f5:#6b1c20;--f5i:#fbd0d0}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;-webkit-text-size-adjust:100%}\
header,main,footer{max-width:1160px;margin:0 auto;padding:0 16px}\
header{padding-top:28px}h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0 0 12px}h3{font-size:.95rem;margin:18px 0 6px}\
p{margin:0 0 8px}.soft{color:var(--soft)}.small{font-size:.875rem}\
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:12px 0 4px;font-size:.9rem}a{color:var(--link)}a:focus-visible,[tabindex]:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}\
.skip{position:absolute;left:-9999px}.skip:focus{left:16px;top:8px;background:var(--card);padding:6px 10px;z-index:1}\
main{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;padding-top:12px;padding-bottom:12px}\
section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:18px 16px;min-width:0}\
.hero{display:flex;flex-wrap:wrap;align-items:center;gap:12px 28px}.hero .ring{width:150px;flex:none}.hero .facts{flex:1 1 220px;min-width:0}\
.facts dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:10px 18px;margin:12px 0 0}.facts dt{color:var(--soft);font-size:.8rem}.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}\
svg{display:block;width:100%;height:auto}.chart{max-width:520px;margin:0 auto}\
.chip{display:inline-block;padding:1px 9px;border-radius:99px;font-size:.85rem;font-weight:600;white-space:nowrap}\
.p1{background:var(--f1);color:var(--f1i)}.p2{background:var(--f2);color:var(--f2i)}.p3{background:var(--f3);color:var(--f3i)}.p4{background:var(--f4);color:var(--f4i)}.p5{background:var(--f5);color:var(--f5i)}.p0{border:1px solid var(--edge);color:var(--soft)}\
.scroll{overflow-x:auto}table{width:100%;border-collapse:collapse;font-size:.9rem}caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:6px}\
th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--edge);vertical-align:top}th:last-child,td:last-child{padding-right:0}thead th{color:var(--soft);font-weight:600;font-size:.8rem;vertical-align:bottom}tbody tr:last-child>*{border-bottom:0}th[scope=row]{font-weight:600;white-space:nowrap}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.name{overflow-wrap:break-word;min-width:9em}\
.only{display:none}.bar{display:block;height:8px;border-radius:4px;background:var(--edge);min-width:60px;margin-top:8px}.bar i{display:block;height:8px;border-radius:4px}.k1{background:var(--k1)}.k2{background:var(--k2)}.k3{background:var(--k3)}.k4{background:var(--k4)}.k5{background:var(--k5)}\
.key{display:flex;flex-wrap:wrap;gap:6px;margin-top:14px;list-style:none;padding:0}\
.sparks{display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:14px;margin-top:18px;padding:0;list-style:none}.sparks b{display:flex;gap:8px;align-items:baseline;font-size:.9rem;font-weight:600;margin-bottom:4px;font-variant-numeric:tabular-nums}.sparks em{font-style:normal;margin-right:auto}.sparks span{color:var(--soft);font-size:.8rem;font-weight:400}\
dl.pairs{display:grid;grid-template-columns:minmax(110px,190px) minmax(0,1fr);gap:6px 16px;margin:0;font-size:.9rem}dl.pairs dt{color:var(--soft)}dl.pairs dd{margin:0;overflow-wrap:anywhere}\
footer{color:var(--soft);font-size:.85rem;padding-bottom:32px}\
@media (min-width:900px){main{grid-template-columns:repeat(2,minmax(0,1fr))}.wide{grid-column:1/-1}section{padding:22px 24px}h1{font-size:2.1rem}}\
@media (max-width:599px){.extra{display:none}.only{display:block;color:var(--soft)}header,main,footer{padding-left:12px;padding-right:12px}section{padding:16px 12px}th,td{padding-right:7px}td.name{min-width:7.2em}dl.pairs{grid-template-columns:minmax(0,1fr);gap:0}dl.pairs dd{margin-bottom:8px}table{font-size:.8rem}thead th{font-size:.75rem}td .chip{font-size:.75rem;padding:1px 7px}}\
@media print{.only{display:none!important}@page{size:A4;margin:14mm}:root{--bg:#fff;--edge:#c4ccd6}body{font-size:10.5pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}header,main,footer{max-width:none;padding-left:0;padding-right:0}main{display:block;orphans:1;widows:1}.wide td.name{width:60%}section{break-inside:avoid;margin-bottom:10px;padding:12px}section.long{break-inside:auto}section:not(.wide){display:inline-block;width:calc(50% - 4px);vertical-align:top}section:not(.wide) .extra{display:none}section:not(.wide) th,section:not(.wide) td{padding-right:6px}dl.pairs{grid-template-columns:80px minmax(0,1fr)}tr,svg{break-inside:avoid}nav,.skip{display:none}.chart{max-width:420px}.wide .extra{display:table-cell}.scroll{overflow:visible}}";

pub(super) fn page(report: &Report) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let (title, framework) = (escape(&report.subject), escape(&report.framework_name));
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';img-src data:\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/><link rel=\"icon\" href=\"data:,\"/>\
         <title>{title}: {framework} scores</title><style>{STYLE}{}</style></head>\n<body><a class=\"skip\" href=\"#overview\">Skip to the scores</a>",
        svg::STYLE
    );
    let _ = write!(
        page,
        "<header><p class=\"soft small\">{framework}</p><h1>{title}</h1><p class=\"soft\">State of {}</p>\
         <nav aria-label=\"Sections\"><a href=\"#overview\">Overview</a><a href=\"#functions\">Functions</a><a href=\"#categories\">Categories</a>\
         <a href=\"#trend\">Trend</a><a href=\"#gaps\">Gaps</a><a href=\"#quality\">Data quality</a><a href=\"#method\">Method</a></nav></header>\n<main>",
        instant(&report.at)
    );
    overview(&mut page, report);
    functions(&mut page, report);
    charts(&mut page, report);
    trend(&mut page, report);
    gaps(&mut page, report);
    categories(&mut page, report);
    quality(&mut page, report);
    pairs(&mut page, "method", "Method and parameters", &report.method);
    pairs(&mut page, "provenance", "Provenance", &report.provenance);
    page.push_str("</main>\n<footer><p>Written by cmf. This page is complete in itself: it loads nothing and runs no script.</p></footer></body></html>\n");
    page
}

/// `2026-03-31T23:59:59.999999Z` as people read it, to the minute.
fn instant(text: &str) -> String {
    let shown = match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day}, {minute} UTC"),
        _ => text.to_owned(),
    };
    format!("<time datetime=\"{}\">{}</time>", escape(text), escape(&shown))
}

fn chip(grade: Option<&Grade>) -> String {
    match grade {
        Some(grade) => format!("<span class=\"chip p{}\">{}</span>", grade.step(), grade.rating),
        None => "<span class=\"chip p0\">no score</span>".to_owned(),
    }
}

fn score(score: Option<Decimal>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| score.to_string())
}

fn section(page: &mut String, id: &str, class: &str, title: &str) {
    let _ = write!(
        page,
        "\n<section id=\"{id}\" class=\"{class}\" aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{}</h2>",
        escape(title)
    );
}

fn overview(page: &mut String, report: &Report) {
    let _ = write!(
        page,
        "\n<section id=\"overview\" class=\"wide hero\" aria-labelledby=\"h-overview\"><div class=\"ring\">{}</div><div class=\"facts\"><h2 id=\"h-overview\">Overall score</h2>",
        svg::ring(report.overall.as_ref())
    );
    match &report.overall {
        Some(grade) => {
            let assumed = match report.assumed_count {
                0 => String::new(),
                count => format!(" <a href=\"#quality\">{count} of the directions are assumed</a>"),
            };
            let _ = write!(page, "<p><strong>{}</strong> of 100. Risk rating {}{assumed}</p>", grade.score, chip(Some(grade)));
        }
        None => page.push_str("<p>Nothing can be scored yet: no metric has both a reading and a target.</p>"),
    }
    let scored = report.functions.iter().filter(|function| function.grade.is_some());
    let best = scored.clone().max_by_key(|function| function.score());
    let worst = scored.min_by_key(|function| function.score());
    page.push_str("<dl>");
    let mut fact = |name: &str, text: String| {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(&text));
    };
    fact("Metrics scored", report.metric_count.to_string());
    fact("Left out", report.unscoreable_count.to_string());
    if let Some(best) = best {
        fact("Strongest function", format!("{} {}", best.code, score(best.score())));
    }
    if let Some(worst) = worst {
        fact("Weakest function", format!("{} {}", worst.code, score(worst.score())));
    }
    if let (Some(first), Some(last)) = (report.trend.points.first(), report.trend.points.last())
        && report.trend.points.len() > 1
    {
        let change = last.score - first.score;
        let sign = if change > Decimal::ZERO { "+" } else { "" };
        fact("Change", format!("{sign}{change} since {}", first.day));
    }
    page.push_str("</dl></div></section>");
}

fn functions(page: &mut String, report: &Report) {
    section(page, "functions", "", "Functions");
    page.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-functions\"><table><caption>Score in percent of target, and the risk it stands for</caption>\
         <thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Function</th><th scope=\"col\" class=\"extra\">Bar</th><th scope=\"col\" class=\"n\">Score</th><th scope=\"col\">Risk</th><th scope=\"col\" class=\"n\">Metrics</th></tr></thead><tbody>",
    );
    for function in &report.functions {
        let metrics = made_of(function.metric_count, function.unscoreable_count, function.assumed_count);
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{}</th><td class=\"name\" style=\"min-width:5em\">{}</td><td class=\"extra\" aria-hidden=\"true\"><span class=\"bar\"><i class=\"k{}\" style=\"width:{}%\"></i></span></td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{metrics}</td></tr>",
            escape(&function.code),
            escape(&function.name),
            function.grade.as_ref().map_or(0, Grade::step),
            function.score().unwrap_or_default(),
            score(function.score()),
            chip(function.grade.as_ref())
        );
    }
    page.push_str("</tbody></table></div>");
    page.push_str("<ul class=\"key\" aria-label=\"Ratings\">");
    for (rating, least) in &report.thresholds {
        let _ = write!(page, "<li class=\"chip p{}\">{rating} from {}</li>", step(*rating), least.normalize());
    }
    if let Some((_, least)) = report.thresholds.last() {
        let _ = write!(page, "<li class=\"chip p5\">Very High below {}</li>", least.normalize());
    }
    page.push_str("</ul></section>");
}

fn charts(page: &mut String, report: &Report) {
    section(page, "radar", "", "Radar");
    let _ = write!(page, "<div class=\"chart\">{}</div></section>", svg::radar(report));
    section(page, "heat-map", "", "Heat map of the categories");
    let _ = write!(page, "<div class=\"chart\">{}</div></section>", svg::heat_map(report));
}

fn trend(page: &mut String, report: &Report) {
    section(page, "trend", "", "Trend");
    if report.trend.points.len() < 2 {
        page.push_str("<p class=\"soft\">Fewer than two scores are stored. <code>cmf score backfill --from DATE</code> fills the history from the readings.</p></section>");
        return;
    }
    let _ = write!(page, "<div class=\"chart\">{}</div>", svg::trend(&report.trend, &report.thresholds));
    if !report.function_trends.is_empty() {
        let range = svg::common_range(&report.function_trends);
        let first = report.trend.points.first().map(|point| point.day.as_str()).unwrap_or_default();
        let _ = write!(
            page,
            "<h3>By function, on a scale from {:.0} to {:.0}; change since&#160;{}</h3><ul class=\"sparks\">",
            range.0,
            range.1,
            escape(first)
        );
        for series in &report.function_trends {
            let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { continue };
            let change = last.score - first.score;
            let sign = if change > Decimal::ZERO { "+" } else { "" };
            let _ = write!(
                page,
                "<li><b><em>{}</em>{} <span>{sign}{change}</span></b>{}</li>",
                escape(&series.name),
                last.score,
                svg::spark(series, range)
            );
        }
        page.push_str("</ul>");
    }
    page.push_str("</section>");
}

fn gaps(page: &mut String, report: &Report) {
    section(page, "gaps", "wide long", "Worst gaps");
    if report.gaps.is_empty() {
        page.push_str("<p class=\"soft\">Every metric with a target is at it.</p></section>");
        return;
    }
    page.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-gaps\"><table><caption>Points that the overall score would rise by if the metric alone reached its target</caption>\
         <thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Name</th><th scope=\"col\" class=\"n extra\">Value</th><th scope=\"col\" class=\"n extra\">Target</th><th scope=\"col\" class=\"n extra\">Score</th><th scope=\"col\" class=\"extra\">Priority</th><th scope=\"col\" class=\"n\">Points</th></tr></thead><tbody>",
    );
    for gap in &report.gaps {
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{0}</th><td class=\"name\">{1}<span class=\"only\">{2} → {3}</span></td><td class=\"n extra\">{2}</td><td class=\"n extra\">{3}</td><td class=\"n extra\">{4}</td><td class=\"extra\">{5}</td><td class=\"n\">+{6}</td></tr>",
            escape(&gap.code),
            escape(&gap.name),
            escape(&gap.value),
            escape(&gap.target),
            score(gap.score),
            escape(&gap.priority),
            gap.points
        );
    }
    page.push_str("</tbody></table></div></section>");
}

fn categories(page: &mut String, report: &Report) {
    section(page, "categories", "wide long", "Categories");
    page.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-categories\"><table><thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Category</th><th scope=\"col\" class=\"extra\">Bar</th><th scope=\"col\" class=\"n\">Score</th><th scope=\"col\">Risk</th><th scope=\"col\" class=\"n extra\">Metrics</th></tr></thead><tbody>",
    );
    for category in report.functions.iter().flat_map(|function| &function.categories) {
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{}</th><td class=\"name\">{}</td><td class=\"extra\" aria-hidden=\"true\"><span class=\"bar\"><i class=\"k{}\" style=\"width:{}%\"></i></span></td><td class=\"n\">{}</td><td>{}</td><td class=\"n extra\">{}</td></tr>",
            escape(&category.code),
            escape(&category.name),
            category.grade.as_ref().map_or(0, Grade::step),
            category.score().unwrap_or_default(),
            score(category.score()),
            chip(category.grade.as_ref()),
            category.metric_count
        );
    }
    page.push_str("</tbody></table></div></section>");
}

fn quality(page: &mut String, report: &Report) {
    section(page, "quality", "wide long", "Data quality");
    if report.stale.is_empty() && report.unscoreable.is_empty() && report.assumed.is_empty() {
        page.push_str("<p class=\"soft\">Every metric has a recent reading and a target.</p>");
    }
    if !report.unscoreable.is_empty() {
        let _ = write!(
            page,
            "<h3>Not scoreable: {}{}</h3><div class=\"scroll\"><table><caption>Left out of every mean</caption><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Name</th><th scope=\"col\">Missing</th></tr></thead><tbody>",
            report.unscoreable_count,
            first(report.unscoreable_count, report.unscoreable.len())
        );
        for row in &report.unscoreable {
            let _ = write!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"name\">{}</td><td>{}</td></tr>",
                escape(&row.code),
                escape(&row.name),
                escape(&row.missing)
            );
        }
        page.push_str("</tbody></table></div>");
    }
    if !report.assumed.is_empty() {
        let _ = write!(
            page,
            "<h3>Assumed directions: {}{}</h3><div class=\"scroll\"><table><caption>Scored by a direction that nobody said</caption><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Name</th><th scope=\"col\">Direction</th><th scope=\"col\">Told by</th></tr></thead><tbody>",
            report.assumed_count,
            first(report.assumed_count, report.assumed.len())
        );
        for row in &report.assumed {
            let _ = write!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"name\">{}</td><td>{}</td><td>{}</td></tr>",
                escape(&row.code),
                escape(&row.name),
                escape(&row.direction),
                escape(&row.told_by)
            );
        }
        page.push_str("</tbody></table></div>");
    }
    if !report.stale.is_empty() {
        let _ = write!(
            page,
            "<h3>Stale: {}{}</h3><div class=\"scroll\"><table><caption>Scored with a reading that is older than it should be</caption><thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Name</th><th scope=\"col\">Newest reading</th><th scope=\"col\" class=\"n\">Days old</th></tr></thead><tbody>",
            report.stale_count,
            first(report.stale_count, report.stale.len())
        );
        for row in &report.stale {
            let _ = write!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"name\">{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                escape(&row.code),
                escape(&row.name),
                escape(&row.day),
                row.days
            );
        }
        page.push_str("</tbody></table></div>");
    }
    page.push_str("</section>");
}

fn pairs(page: &mut String, id: &str, title: &str, pairs: &[(String, String)]) {
    section(page, id, "", title);
    page.push_str("<dl class=\"pairs\">");
    for (name, text) in pairs {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(text));
    }
    page.push_str("</dl></section>");
}

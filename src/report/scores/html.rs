//! The report as one HTML page.

use std::fmt::Write;

use rust_decimal::Decimal;

use super::language::Language;
use super::svg;
use super::values::{Grade, Report, escape, fresh, step};
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
svg{display:block;width:100%;height:auto}.logo{float:right;max-height:56px;max-width:40%;margin:0 0 8px 16px}.chart{max-width:520px;margin:0 auto}\
.chip{display:inline-block;padding:1px 9px;border-radius:99px;font-size:.85rem;font-weight:600;white-space:nowrap}\
.p1{background:var(--f1);color:var(--f1i)}.p2{background:var(--f2);color:var(--f2i)}.p3{background:var(--f3);color:var(--f3i)}.p4{background:var(--f4);color:var(--f4i)}.p5{background:var(--f5);color:var(--f5i)}.p0{border:1px solid var(--edge);color:var(--soft)}\
.scroll{overflow-x:auto}table{width:100%;border-collapse:collapse;font-size:.9rem}caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:6px}\
th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--edge);vertical-align:top}th:last-child,td:last-child{padding-right:0}thead th{color:var(--soft);font-weight:600;font-size:.8rem;vertical-align:bottom}tbody tr:last-child>*{border-bottom:0}th[scope=row]{font-weight:600;white-space:nowrap}\
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.name{overflow-wrap:break-word;min-width:9em}td.short{min-width:5em!important}\
.only{display:none}.bar{display:block;height:8px;border-radius:4px;background:var(--edge);min-width:60px;margin-top:8px}.bar i{display:block;height:8px;border-radius:4px}.k1{background:var(--k1)}.k2{background:var(--k2)}.k3{background:var(--k3)}.k4{background:var(--k4)}.k5{background:var(--k5)}\
.key{display:flex;flex-wrap:wrap;gap:6px;margin-top:14px;list-style:none;padding:0}\
.sparks{display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:14px;margin-top:18px;padding:0;list-style:none}.sparks b{display:flex;gap:8px;align-items:baseline;font-size:.9rem;font-weight:600;margin-bottom:4px;font-variant-numeric:tabular-nums}.sparks em{font-style:normal;margin-right:auto}.sparks span{color:var(--soft);font-size:.8rem;font-weight:400}\
dl.pairs{display:grid;grid-template-columns:minmax(110px,190px) minmax(0,1fr);gap:6px 16px;margin:0;font-size:.9rem}dl.pairs dt{color:var(--soft)}dl.pairs dd{margin:0;overflow-wrap:anywhere}\
footer{color:var(--soft);font-size:.85rem;padding-bottom:32px}\
@media (min-width:900px){main{grid-template-columns:repeat(2,minmax(0,1fr))}.wide{grid-column:1/-1}section{padding:22px 24px}h1{font-size:2.1rem}}\
@media (max-width:599px){.extra{display:none}.only{display:block;color:var(--soft)}header,main,footer{padding-left:12px;padding-right:12px}section{padding:16px 12px}th,td{padding-right:7px}td.name{min-width:7.2em}dl.pairs{grid-template-columns:minmax(0,1fr);gap:0}dl.pairs dd{margin-bottom:8px}table{font-size:.8rem}thead th{font-size:.75rem}td .chip{font-size:.75rem;padding:1px 7px}}\
@media print{.only{display:none!important}@page{size:A4;margin:14mm}:root{--bg:#fff;--edge:#c4ccd6}body{font-size:10.5pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}header,main,footer{max-width:none;padding-left:0;padding-right:0}main{display:block;orphans:1;widows:1}.wide td.name{width:60%}section{break-inside:avoid;margin-bottom:10px;padding:12px}section.long{break-inside:auto}section:not(.wide){display:inline-block;width:calc(50% - 4px);vertical-align:top}section:not(.wide) .extra{display:none}section:not(.wide) th,section:not(.wide) td{padding-right:6px}dl.pairs{grid-template-columns:80px minmax(0,1fr)}tr,svg{break-inside:avoid}nav,.skip{display:none}.chart{max-width:420px}.wide .extra{display:table-cell}.scroll{overflow:visible}}";

pub(super) fn page(report: &Report) -> String {
    let words = report.language;
    let mut page = String::with_capacity(64 * 1024);
    let (title, framework) = (escape(&report.title), escape(&report.framework_name));
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';img-src data:\"/>\
         <meta name=\"color-scheme\" content=\"light dark\"/><link rel=\"icon\" href=\"data:,\"/>\
         <title>{title}: {framework} scores</title><style>{STYLE}{}</style></head>\n<body><a class=\"skip\" href=\"#overview\">{}</a>",
        words.code(),
        svg::STYLE,
        words.word("Skip to the scores")
    );
    let logo = report.logo.as_ref().map(|logo| format!("<img class=\"logo\" src=\"{}\" alt=\"\"/>", escape(logo)));
    let owner = if report.title == report.subject { String::new() } else { format!("{}, ", escape(&report.subject)) };
    let _ = write!(
        page,
        "<header>{}<p class=\"soft small\">{owner}{framework}</p><h1>{title}</h1><p class=\"soft\">{} {}</p><nav aria-label=\"{}\">",
        logo.unwrap_or_default(),
        words.word("State of"),
        instant(&report.at),
        words.word("Sections")
    );
    for (id, name) in [
        ("overview", "Overview"),
        ("functions", "Functions"),
        ("categories", "Categories"),
        ("trend", "Trend"),
        ("gaps", "Gaps"),
        ("quality", "Data quality"),
        ("method", "Method"),
    ] {
        let _ = write!(page, "<a href=\"#{id}\">{}</a>", words.word(name));
    }
    page.push_str("</nav></header>\n<main>");
    overview(&mut page, report);
    functions(&mut page, report);
    charts(&mut page, report);
    trend(&mut page, report);
    compared(&mut page, report);
    owners(&mut page, report);
    gaps(&mut page, report);
    categories(&mut page, report);
    quality(&mut page, report);
    pairs(&mut page, "method", words.word("Method and parameters"), &words.method(&report.method));
    pairs(&mut page, "provenance", words.word("Provenance"), &report.provenance);
    let _ = write!(
        page,
        "</main>\n<footer><p>{}</p></footer></body></html>\n",
        words.word("Written by cmf. This page is complete: it loads nothing and runs no script.")
    );
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

fn chip(words: Language, grade: Option<&Grade>) -> String {
    match grade {
        Some(grade) => format!("<span class=\"chip p{}\">{}</span>", grade.step(), words.word(grade.rating.as_str())),
        None => format!("<span class=\"chip p0\">{}</span>", words.word("no score")),
    }
}

fn score(words: Language, score: Option<Decimal>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| words.number(score))
}

/// A change with its sign and an arrow.
fn arrow(words: Language, change: Decimal) -> String {
    let (mark, sign) = match change.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Greater => ("▲", "+"),
        std::cmp::Ordering::Less => ("▼", ""),
        std::cmp::Ordering::Equal => ("=", ""),
    };
    format!("{mark} {sign}{}", words.number(change))
}

fn section(page: &mut String, id: &str, class: &str, title: &str) {
    let _ = write!(
        page,
        "\n<section id=\"{id}\" class=\"{class}\" aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{}</h2>",
        escape(title)
    );
}

/// Begins a table of a section: its caption, and its headers with their classes.
fn table(page: &mut String, words: Language, id: Option<&str>, caption: Option<&str>, heads: &[(&str, &str)]) {
    let region = id.map_or_else(String::new, |id| format!(" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-{id}\""));
    let caption = caption.map_or_else(String::new, |caption| format!("<caption>{}</caption>", words.word(caption)));
    let _ = write!(page, "<div class=\"scroll\"{region}><table>{caption}<thead><tr>");
    for (name, class) in heads {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = write!(page, "<th scope=\"col\"{class}>{}</th>", words.word(name));
    }
    page.push_str("</tr></thead><tbody>");
}

/// Adds a row: a header, and cells of markup with their classes.
fn row(page: &mut String, head: &str, cells: &[(&str, String)]) {
    let _ = write!(page, "<tr><th scope=\"row\">{}</th>", escape(head));
    for (class, cell) in cells {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = write!(page, "<td{class}>{cell}</td>");
    }
    page.push_str("</tr>");
}

const END: &str = "</tbody></table></div>";

fn bar(grade: Option<&Grade>) -> String {
    let (step, score) = grade.map_or((0, Decimal::ZERO), |grade| (grade.step(), grade.score));
    format!("<span class=\"bar\" aria-hidden=\"true\"><i class=\"k{step}\" style=\"width:{score}%\"></i></span>")
}

fn overview(page: &mut String, report: &Report) {
    let words = report.language;
    let _ = write!(
        page,
        "\n<section id=\"overview\" class=\"wide hero\" aria-labelledby=\"h-overview\"><div class=\"ring\">{}</div><div class=\"facts\"><h2 id=\"h-overview\">{}</h2>",
        svg::ring(words, report.overall.as_ref()),
        words.word("Overall score")
    );
    match &report.overall {
        Some(grade) => {
            let assumed = match report.assumed_count {
                0 => String::new(),
                count => format!(" <a href=\"#quality\">{}</a>", words.fill("Assumed directions: {}", &[&count.to_string()])),
            };
            let _ = write!(
                page,
                "<p><strong>{}</strong> {} {}{assumed}</p>",
                words.number(grade.score),
                words.word("of 100. Risk rating"),
                chip(words, Some(grade))
            );
        }
        None => page.push_str("<p>Nothing can be scored yet: no metric has both a reading and a target.</p>"),
    }
    let scored = report.functions.iter().filter(|function| function.grade.is_some());
    let best = scored.clone().max_by_key(|function| function.score());
    let worst = scored.min_by_key(|function| function.score());
    page.push_str("<dl>");
    let mut fact = |name: &str, text: String| {
        let _ = write!(page, "<div><dt>{}</dt><dd>{}</dd></div>", words.word(name), escape(&text));
    };
    fact("Fresh", fresh(report.certainty.as_ref()));
    fact("Metrics scored", report.metric_count.to_string());
    fact("Left out", report.unscoreable_count.to_string());
    for (name, function) in [("Strongest function", best), ("Weakest function", worst)] {
        if let Some(function) = function {
            fact(name, format!("{} {}", function.code, score(words, function.score())));
        }
    }
    if let (Some(first), Some(last), None) = (report.trend.points.first(), report.trend.points.last(), &report.compared)
        && report.trend.points.len() > 1
    {
        fact("Change", words.fill("{} since {}", &[&arrow(words, last.score - first.score), &first.day]));
    }
    if let Some(compared) = &report.compared {
        fact("Change", words.fill("{} since {}", &[&arrow(words, compared.new - compared.old), &compared.day]));
    }
    page.push_str("</dl></div></section>");
}

fn compared(page: &mut String, report: &Report) {
    let Some(compared) = &report.compared else { return };
    let words = report.language;
    section(page, "compared", "wide long", &words.fill("Change since {}", &[&compared.day]));
    let heads = [("Code", ""), ("Function", ""), ("Before", "n extra"), ("After", "n"), ("Change", "n")];
    table(page, words, Some("compared"), None, &heads);
    let all = [(String::new(), words.word("Overall").to_owned(), Some(compared.old), Some(compared.new))];
    for (code, name, old, new) in compared.functions.iter().chain(&all) {
        let change = old.zip(*new).map_or_else(|| "–".to_owned(), |(old, new)| arrow(words, new - old));
        row(
            page,
            code,
            &[("name short", escape(name)), ("n extra", score(words, *old)), ("n", score(words, *new)), ("n", change)],
        );
    }
    page.push_str(END);
    if !compared.causes.is_empty() {
        let _ = write!(page, "<h3>{}</h3>", words.word("What moved the score"));
        let heads = [("Metric", ""), ("Name", ""), ("Reading", "n extra"), ("Signal", "extra"), ("Points", "n")];
        table(page, words, None, None, &heads);
        for cause in &compared.causes {
            let cells = [
                (
                    "name",
                    format!("{}<span class=\"only\">{}</span>", escape(&cause.name), escape(&words.figures(&cause.reading))),
                ),
                ("n extra", escape(&words.figures(&cause.reading))),
                ("extra", escape(&cause.signal)),
                ("n", arrow(words, cause.points)),
            ];
            row(page, &cause.code, &cells);
        }
        page.push_str(END);
    }
    page.push_str("</section>");
}

fn functions(page: &mut String, report: &Report) {
    let words = report.language;
    section(page, "functions", "", words.word("Functions"));
    let heads = [
        ("Code", ""),
        ("Function", ""),
        ("Bar", "extra"),
        ("Score", "n"),
        ("Risk", ""),
        ("Fresh", "n extra"),
        ("Metrics", "n"),
    ];
    table(page, words, Some("functions"), Some("Score in percent of target, and the risk it stands for"), &heads);
    for function in &report.functions {
        let grade = function.grade.as_ref();
        let cells = [
            ("name short", escape(&function.name)),
            ("extra", bar(grade)),
            ("n", score(words, function.score())),
            ("", chip(words, grade)),
            ("n extra", fresh(function.certainty.as_ref())),
            ("n", made_of(function.metric_count, function.unscoreable_count, function.assumed_count)),
        ];
        row(page, &function.code, &cells);
    }
    let _ = write!(page, "{END}<ul class=\"key\" aria-label=\"{}\">", words.word("Ratings"));
    for (rating, least) in &report.thresholds {
        let text = words.fill("{} from {}", &[words.word(rating.as_str()), &words.number(least.normalize())]);
        let _ = write!(page, "<li class=\"chip p{}\">{text}</li>", step(*rating));
    }
    if let Some((_, least)) = report.thresholds.last() {
        let text = words.fill("Very High below {}", &[&words.number(least.normalize())]);
        let _ = write!(page, "<li class=\"chip p5\">{text}</li>");
    }
    page.push_str("</ul></section>");
}

fn charts(page: &mut String, report: &Report) {
    for (id, title, chart) in
        [("radar", "Radar", svg::radar(report)), ("heat-map", "Heat map of the categories", svg::heat_map(report))]
    {
        section(page, id, "", report.language.word(title));
        let _ = write!(page, "<div class=\"chart\">{chart}</div></section>");
    }
}

fn trend(page: &mut String, report: &Report) {
    let words = report.language;
    section(page, "trend", "", words.word("Trend"));
    if report.trend.points.len() < 2 {
        page.push_str("<p class=\"soft\">Fewer than two scores are stored. <code>cmf score backfill --from DATE</code> computes earlier ones from the readings.</p></section>");
        return;
    }
    let _ = write!(page, "<div class=\"chart\">{}</div>", svg::trend(words, &report.trend, &report.thresholds));
    if !report.function_trends.is_empty() {
        let range = svg::common_range(&report.function_trends);
        let first = report.trend.points.first().map(|point| point.day.as_str()).unwrap_or_default();
        let title = words.fill("Change since {}", &[&escape(first)]);
        let _ = write!(page, "<h3>{title} ({:.0}–{:.0})</h3><ul class=\"sparks\">", range.0, range.1);
        for series in &report.function_trends {
            let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { continue };
            let change = last.score - first.score;
            let sign = if change > Decimal::ZERO { "+" } else { "" };
            let _ = write!(
                page,
                "<li><b><em>{}</em>{} <span>{sign}{}</span></b>{}</li>",
                escape(&series.name),
                words.number(last.score),
                words.number(change),
                svg::spark(series, range)
            );
        }
        page.push_str("</ul>");
    }
    page.push_str("</section>");
}

fn owners(page: &mut String, report: &Report) {
    if report.owners.is_empty() {
        return;
    }
    let words = report.language;
    section(page, "owners", "wide long", words.word("Owners"));
    let heads = [("Owner", ""), ("Score", "n"), ("Risk", ""), ("Fresh", "n extra"), ("Metrics", "n")];
    table(page, words, Some("owners"), None, &heads);
    for owner in &report.owners {
        let name = owner.name.as_deref().unwrap_or_else(|| words.word("nobody"));
        let grade = owner.grade.as_ref();
        let value = grade.map(|grade| grade.score);
        let metrics = ("n", made_of(owner.metric_count, owner.unscoreable_count, 0));
        let fresh = ("n extra", fresh(owner.certainty.as_ref()));
        row(page, name, &[("n", score(words, value)), ("", chip(words, grade)), fresh, metrics]);
    }
    let _ = write!(page, "{END}</section>");
}

fn gaps(page: &mut String, report: &Report) {
    let words = report.language;
    section(page, "gaps", "wide long", words.word("Worst gaps"));
    if report.gaps.is_empty() {
        let _ = write!(page, "<p class=\"soft\">{}</p></section>", words.word("Every metric with a target has reached it."));
        return;
    }
    let heads = [
        ("Metric", ""),
        ("Name", ""),
        ("Owner", "extra"),
        ("Value", "n extra"),
        ("Target", "n extra"),
        ("Score", "n extra"),
        ("Priority", "extra"),
        ("Points", "n"),
    ];
    let caption = "Points that the overall score would gain if only this metric reached its target";
    table(page, words, Some("gaps"), Some(caption), &heads);
    for gap in &report.gaps {
        let (value, target) = (escape(&words.figures(&gap.value)), escape(&words.figures(&gap.target)));
        let owner = escape(&gap.owner);
        let also = if owner.is_empty() { String::new() } else { format!(" ({owner})") };
        let cells = [
            ("name", format!("{}<span class=\"only\">{value} → {target}{also}</span>", escape(&gap.name))),
            ("extra", owner),
            ("n extra", value),
            ("n extra", target),
            ("n extra", score(words, gap.score)),
            ("extra", words.word(&gap.priority).to_owned()),
            ("n", format!("+{}", words.number(gap.points))),
        ];
        row(page, &gap.code, &cells);
    }
    let _ = write!(page, "{END}</section>");
}

fn categories(page: &mut String, report: &Report) {
    let words = report.language;
    section(page, "categories", "wide long", words.word("Categories"));
    let heads = [
        ("Code", ""),
        ("Category", ""),
        ("Bar", "extra"),
        ("Score", "n"),
        ("Risk", ""),
        ("Fresh", "n extra"),
        ("Metrics", "n extra"),
    ];
    table(page, words, Some("categories"), None, &heads);
    for category in report.functions.iter().flat_map(|function| &function.categories) {
        let grade = category.grade.as_ref();
        let cells = [
            ("name", escape(&category.name)),
            ("extra", bar(grade)),
            ("n", score(words, category.score())),
            ("", chip(words, grade)),
            ("n extra", fresh(category.certainty.as_ref())),
            ("n extra", category.metric_count.to_string()),
        ];
        row(page, &category.code, &cells);
    }
    let _ = write!(page, "{END}</section>");
}

fn quality(page: &mut String, report: &Report) {
    let words = report.language;
    section(page, "quality", "wide long", words.word("Data quality"));
    if report.quality().iter().all(|(_, count)| *count == 0) {
        let _ = write!(page, "<p class=\"soft\">{}</p>", words.word("Every metric has a recent reading and a target."));
    }
    page.push_str("<ul class=\"key\">");
    for (what, count) in report.quality() {
        let _ = write!(page, "<li class=\"chip p0\">{}</li>", words.fill(what, &[&count.to_string()]));
    }
    page.push_str("</ul>");
    let list = |page: &mut String, title: &str, count: u64, listed: usize, caption: &str, heads: &[(&str, &str)]| {
        let first = if count > listed as u64 { words.fill(", the first {}", &[&listed.to_string()]) } else { String::new() };
        let _ = write!(page, "<h3>{}{first}</h3>", words.fill(title, &[&count.to_string()]));
        table(page, words, None, Some(caption), heads);
    };
    if !report.unscoreable.is_empty() {
        let heads = [("Metric", ""), ("Name", ""), ("Missing", "")];
        let (count, listed) = (report.unscoreable_count, report.unscoreable.len());
        list(page, "Not scoreable: {}", count, listed, "Left out of every mean", &heads);
        for one in &report.unscoreable {
            row(page, &one.code, &[("name", escape(&one.name)), ("", escape(&one.missing))]);
        }
        page.push_str(END);
    }
    if !report.assumed.is_empty() {
        let heads = [("Metric", ""), ("Name", ""), ("Direction", ""), ("Told by", "")];
        let (count, listed) = (report.assumed_count, report.assumed.len());
        list(page, "Assumed directions: {}", count, listed, "Scored by a direction that nobody set", &heads);
        for one in &report.assumed {
            row(page, &one.code, &[("name", escape(&one.name)), ("", escape(&one.direction)), ("", escape(&one.told_by))]);
        }
        page.push_str(END);
    }
    if !report.stale.is_empty() {
        let heads = [("Metric", ""), ("Name", ""), ("Owner", "extra"), ("Newest reading", ""), ("Days old", "n")];
        let (count, listed) = (report.stale_count, report.stale.len());
        list(page, "Stale: {}", count, listed, "Without a recent reading", &heads);
        for one in &report.stale {
            let [day, days] = one.cells();
            let cells = [("name", escape(&one.name)), ("extra", escape(&one.owner)), ("", escape(&day)), ("n", days)];
            row(page, &one.code, &cells);
        }
        page.push_str(END);
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

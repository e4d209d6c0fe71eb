//! Charts as SVG. Each is 344 units wide, so that a telephone shows it at its own size; text is never smaller than 10 units.
//!
//! Colours come from classes, which the page or [`alone`] defines, so that one chart serves light, dark and paper.

use std::f64::consts::PI;
use std::fmt::Write;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::language::Language;
use super::values::{Function, Grade, Report, Series, escape};
use crate::domain::score::Rating;
use crate::domain::text::clipped;

/// The width of every chart.
const WIDTH: f64 = 344.0;

/// The colours of charts: light, and dark where the reader prefers that on a screen.
pub(super) const STYLE: &str = "\
svg{--ink:#16202c;--muted:#516072;--grid:#d5dce5;--paper:#ffffff;--line:#1f5fbf;--area:#1f5fbf22;\
--r1:#bfe3d8;--r1i:#0b3b33;--r2:#d7ecc5;--r2i:#24421a;--r3:#fbe8a6;--r3i:#4a3800;--r4:#f8c9a0;--r4i:#562600;--r5:#f2b3b3;--r5i:#5c0f14;--r0:#eceff3;--r0i:#516072;\
--b1:#12806f;--b2:#4f8a2e;--b3:#b98900;--b4:#d9701a;--b5:#c7353c;font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}\
@media screen and (prefers-color-scheme:dark){svg{--ink:#e8edf3;--muted:#a3b1c2;--grid:#35404e;--paper:#171d25;--line:#7db0ff;--area:#7db0ff2b;\
--r1:#0f4f45;--r1i:#c9f2e6;--r2:#2f5220;--r2i:#dcf2cb;--r3:#5b4a08;--r3i:#fdeeb8;--r4:#6b3610;--r4i:#fcdcc2;--r5:#6b1c20;--r5i:#fbd0d0;--r0:#2a333f;--r0i:#a3b1c2;\
--b1:#2fb8a2;--b2:#7cc255;--b3:#e2b52f;--b4:#f09347;--b5:#f0686f}}\
.t{fill:var(--ink)}.m{fill:var(--muted)}.g{stroke:var(--grid);fill:none}.l{stroke:var(--line);fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\
.a{fill:var(--area)}.d{fill:var(--line)}.h{stroke:var(--muted);fill:none;stroke-dasharray:3 3;opacity:.7}\
.c0{fill:var(--r0)}.c1{fill:var(--r1)}.c2{fill:var(--r2)}.c3{fill:var(--r3)}.c4{fill:var(--r4)}.c5{fill:var(--r5)}\
.i0{fill:var(--r0i)}.i1{fill:var(--r1i)}.i2{fill:var(--r2i)}.i3{fill:var(--r3i)}.i4{fill:var(--r4i)}.i5{fill:var(--r5i)}\
.s0{stroke:var(--grid)}.s1{stroke:var(--b1)}.s2{stroke:var(--b2)}.s3{stroke:var(--b3)}.s4{stroke:var(--b4)}.s5{stroke:var(--b5)}";

pub(super) fn alone(chart: &str) -> String {
    chart.replacen('>', &format!("><style>{STYLE}\nsvg{{background:var(--paper)}}</style>"), 1)
}

fn open(height: f64, title: &str, description: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{0}. {1}\"><title>{0}</title><desc>{1}</desc>",
        escape(title),
        escape(description)
    )
}

fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// One decimal, as charts label scores.
fn label(words: Language, score: Option<Decimal>) -> String {
    score.map_or_else(
        || "–".to_owned(),
        |score| {
            words.figures(&format!(
                "{:.1}",
                score.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
            ))
        },
    )
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, more: &str, content: &str) {
    let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" {more}>{}</text>", escape(content));
}

/// The overall score as a ring.
pub(super) fn ring(words: Language, grade: Option<&Grade>) -> String {
    let score = grade.map(|grade| grade.score);
    let rating = words.word(grade.map_or("no score", |grade| grade.rating.as_str()));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\" role=\"img\" aria-label=\"{2} {0}, {3} {1}\"><title>{2} {0}, {3} {1}</title>",
        escape(&score.map_or_else(|| "–".to_owned(), |score| words.number(score))),
        escape(rating),
        words.word("Overall score"),
        words.word("Risk")
    );
    let radius = 68.0;
    let around = 2.0 * PI * radius;
    let part = around * score.map_or(0.0, number) / 100.0;
    let _ = write!(
        svg,
        "<circle cx=\"80\" cy=\"80\" r=\"{radius}\" class=\"g\" stroke-width=\"13\"/>\
         <circle cx=\"80\" cy=\"80\" r=\"{radius}\" fill=\"none\" class=\"s{}\" stroke-width=\"13\" stroke-linecap=\"round\" stroke-dasharray=\"{part:.1} {around:.1}\" transform=\"rotate(-90 80 80)\"/>",
        grade.map_or(0, Grade::step)
    );
    text(&mut svg, 80.0, 84.0, "t", "font-size=\"36\" font-weight=\"700\" text-anchor=\"middle\"", &label(words, score));
    text(&mut svg, 80.0, 106.0, "m", "font-size=\"14\" text-anchor=\"middle\"", words.word("of 100"));
    svg.push_str("</svg>");
    svg
}

pub(super) fn radar(report: &Report) -> String {
    let (words, functions) = (report.language, &report.functions);
    let told: Vec<String> =
        functions.iter().map(|function| format!("{} {}", function.code, label(words, function.score()))).collect();
    let mut svg = open(304.0, words.word("Radar of the functions"), &told.join(", "));
    let (x0, y0, radius) = (WIDTH / 2.0, 152.0, 114.0);
    let count = functions.len().max(1);
    #[expect(clippy::cast_precision_loss, reason = "a framework has a handful of functions")]
    let point = |i: usize, part: f64| {
        let angle = 2.0 * PI * i as f64 / count as f64 - PI / 2.0;
        (x0 + radius * part * angle.cos(), y0 + radius * part * angle.sin())
    };
    let polygon = |part: &dyn Fn(usize) -> f64| -> String {
        (0..count).map(|i| point(i, part(i))).map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
    };
    for ring in [0.25, 0.5, 0.75, 1.0] {
        let _ = write!(svg, "<polygon points=\"{}\" class=\"g\"/>", polygon(&|_| ring));
    }
    for i in 0..count {
        let (x, y) = point(i, 1.0);
        let _ = write!(svg, "<line x1=\"{x0}\" y1=\"{y0}\" x2=\"{x:.1}\" y2=\"{y:.1}\" class=\"g\"/>");
    }
    for (part, name) in [(0.5, "50"), (1.0, "100")] {
        text(&mut svg, x0 + 3.0, y0 - radius * part + 11.0, "m", "font-size=\"10\"", name);
    }
    let part = |i: usize| functions.get(i).and_then(Function::score).map_or(0.0, |score| number(score) / 100.0);
    let _ = write!(svg, "<polygon points=\"{0}\" class=\"a\"/><polygon points=\"{0}\" class=\"l\"/>", polygon(&part));
    for (i, function) in functions.iter().enumerate() {
        let (x, y) = point(i, part(i));
        if function.score().is_some() {
            let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" class=\"d\"/>");
        }
        let (x, y) = point(i, 1.0);
        let anchor = if (x - x0).abs() < 8.0 {
            "middle"
        } else if x > x0 {
            "start"
        } else {
            "end"
        };
        let aside = if (x - x0).abs() < 8.0 { 0.0 } else { 9.0 * (x - x0).signum() };
        let (x, y) = (
            x + aside,
            if y < y0 - radius + 8.0 {
                y - 22.0
            } else if y > y0 + radius - 8.0 {
                y + 17.0
            } else {
                y
            },
        );
        text(&mut svg, x, y, "t", &format!("font-size=\"13\" font-weight=\"600\" text-anchor=\"{anchor}\""), &function.code);
        text(
            &mut svg,
            x,
            y + 13.0,
            "m",
            &format!("font-size=\"11\" text-anchor=\"{anchor}\""),
            &label(report.language, function.score()),
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The categories as cells, a function a row; rows longer than six cells continue in the next line.
pub(super) fn heat_map(report: &Report) -> String {
    const COLUMNS: usize = 6;
    const CELL: f64 = WIDTH / 6.0;
    let rows: usize = report.functions.iter().map(|function| function.categories.len().div_ceil(COLUMNS).max(1)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a framework has some dozens of categories")]
    let height = report.functions.len() as f64 * 22.0 + rows as f64 * 42.0;
    let told: Vec<String> = report
        .functions
        .iter()
        .flat_map(|function| &function.categories)
        .map(|category| format!("{} {}", category.code, label(report.language, category.score())))
        .collect();
    let mut svg = open(height, report.language.word("Heat map of the categories"), &told.join(", "));
    let mut y = 0.0;
    for function in &report.functions {
        text(
            &mut svg,
            0.0,
            y + 15.0,
            "t",
            "font-size=\"12\" font-weight=\"600\"",
            &format!("{} {}", function.code, function.name),
        );
        text(&mut svg, WIDTH, y + 15.0, "m", "font-size=\"12\" text-anchor=\"end\"", &label(report.language, function.score()));
        y += 22.0;
        for line in function.categories.chunks(COLUMNS) {
            let mut x = 0.0;
            for category in line {
                let step = category.grade.as_ref().map_or(0, Grade::step);
                let _ = write!(
                    svg,
                    "<g><title>{} {}: {}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"38\" rx=\"4\" class=\"c{step}\"/>",
                    escape(&category.code),
                    escape(&category.name),
                    escape(&category.grade.as_ref().map_or_else(
                        || report.language.word("no score").to_owned(),
                        |grade| {
                            let (score, rating) =
                                (report.language.number(grade.score), report.language.word(grade.rating.as_str()));
                            format!("{score}, {} {rating}", report.language.word("Risk"))
                        }
                    )),
                    x + 1.0,
                    y,
                    CELL - 2.0
                );
                let class = format!("i{step}");
                let middle = x + CELL / 2.0;
                text(
                    &mut svg,
                    middle,
                    y + 15.0,
                    &class,
                    "font-size=\"10\" text-anchor=\"middle\"",
                    &clipped(&category.code, 10),
                );
                text(
                    &mut svg,
                    middle,
                    y + 30.0,
                    &class,
                    "font-size=\"13\" font-weight=\"600\" text-anchor=\"middle\"",
                    &label(report.language, category.score()),
                );
                svg.push_str("</g>");
                x += CELL;
            }
            y += 42.0;
        }
        if function.categories.is_empty() {
            y += 42.0;
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A score over time, with the thresholds that its range crosses.
pub(super) fn trend(words: Language, series: &Series, thresholds: &[(Rating, Decimal)]) -> String {
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { return String::new() };
    let told =
        format!("{} scores from {} on {} to {} on {}", series.points.len(), first.score, first.day, last.score, last.day);
    let mut svg = open(206.0, &words.fill("Trend of {}", &[&series.name]), &told);
    let (left, right, top, bottom) = (30.0, WIDTH - 8.0, 12.0, 176.0);
    let (low, high) = range(series);
    let seconds = |second: i64| Decimal::from(second).to_f64().unwrap_or_default();
    let span = seconds(last.second - first.second).max(1.0);
    let x = |second: i64| left + (right - left) * seconds(second - first.second) / span;
    let y = |score: f64| bottom - (bottom - top) * (score - low) / (high - low);
    let step = if high - low > 50.0 { 20.0 } else { 10.0 };
    let mut line = low;
    while line <= high + 0.01 {
        let _ = write!(svg, "<line x1=\"{left}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\" class=\"g\"/>", y(line));
        text(&mut svg, left - 5.0, y(line) + 3.5, "m", "font-size=\"10\" text-anchor=\"end\"", &format!("{line:.0}"));
        line += step;
    }
    for (name, least) in thresholds {
        let least = number(*least);
        if least > low + 1.0 && least < high - 1.0 {
            let _ = write!(svg, "<line x1=\"{left}\" x2=\"{right}\" y1=\"{0:.1}\" y2=\"{0:.1}\" class=\"h\"/>", y(least));
            // The label goes to the end of the line whose scores are farther away, on the side where they are not.
            let ends = (number(first.score) - least, number(last.score) - least);
            let (at, anchor, end) =
                if ends.0.abs() > ends.1.abs() { (left + 4.0, "start", ends.0) } else { (right, "end", ends.1) };
            let beside = if end > 0.0 { 11.0 } else { -4.0 };
            let more = format!("font-size=\"10\" text-anchor=\"{anchor}\"");
            text(
                &mut svg,
                at,
                y(least) + beside,
                "m",
                &more,
                &words.fill("{} from {}", &[words.word(name.as_str()), &format!("{least:.0}")]),
            );
        }
    }
    let points: Vec<String> =
        series.points.iter().map(|point| format!("{:.1},{:.1}", x(point.second), y(number(point.score)))).collect();
    let _ = write!(
        svg,
        "<polygon points=\"{left},{bottom} {0} {1:.1},{bottom}\" class=\"a\"/><polyline points=\"{0}\" class=\"l\"/>",
        points.join(" "),
        x(last.second)
    );
    let _ = write!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" class=\"d\"/>", x(last.second), y(number(last.score)));
    text(&mut svg, left, 194.0, "m", "font-size=\"11\"", &first.day);
    text(&mut svg, right, 194.0, "m", "font-size=\"11\" text-anchor=\"end\"", &last.day);
    svg.push_str("</svg>");
    svg
}

/// Tens around all scores, at least twenty apart.
fn range(series: &Series) -> (f64, f64) {
    let scores = || series.points.iter().map(|point| number(point.score));
    let mut low = (scores().fold(100.0, f64::min) / 10.0).floor() * 10.0;
    let mut high = (scores().fold(0.0, f64::max) / 10.0).ceil() * 10.0;
    if high - low < 20.0 {
        high = (high + 10.0).min(100.0);
        low = (high - 20.0).max(0.0).min(low);
    }
    (low, high.max(low + 20.0))
}

/// The tens around all scores of several series.
pub(super) fn common_range(all: &[Series]) -> (f64, f64) {
    let ranges = all.iter().filter(|series| !series.points.is_empty()).map(range);
    ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 100.0))
}

/// A small line without a scale, for a row of them that share a range.
pub(super) fn spark(series: &Series, (low, high): (f64, f64)) -> String {
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { return String::new() };
    let seconds = |second: i64| Decimal::from(second).to_f64().unwrap_or_default();
    let span = seconds(last.second - first.second).max(1.0);
    let y = |score: Decimal| 45.0 - 42.0 * (number(score) - low) / (high - low);
    let points: Vec<String> = series
        .points
        .iter()
        .map(|point| format!("{:.1},{:.1}", 4.0 + 140.0 * seconds(point.second - first.second) / span, y(point.score)))
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 148 48\" role=\"img\" aria-label=\"{0} from {1} to {2}\"><title>{0} from {1} to {2}</title>\
         <line x1=\"3\" x2=\"145\" y1=\"45\" y2=\"45\" class=\"g\"/><line x1=\"3\" x2=\"145\" y1=\"3\" y2=\"3\" class=\"g\"/>\
         <polyline points=\"{3}\" class=\"l\"/><circle cx=\"144\" cy=\"{4:.1}\" r=\"3\" class=\"d\"/></svg>",
        escape(&series.name),
        first.score,
        last.score,
        points.join(" "),
        y(last.score)
    )
}

//! A metric's readings over time, as text for a terminal and as SVG, with the target drawn in.

use std::fmt::Write as _;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

#[derive(Debug, Clone)]
pub struct Series {
    pub title: String,
    /// The readings, oldest first.
    pub points: Vec<(NaiveDateTime, Decimal)>,
    pub target: Option<Decimal>,
    /// The bounds to stay between.
    pub band: Option<(Decimal, Decimal)>,
}

/// Where values and instants are on a plane. Only positions are floating point; what is written are the decimals.
struct Scale {
    start: NaiveDateTime,
    seconds: f64,
    bottom: Decimal,
    top: Decimal,
}

fn float(number: Decimal) -> f64 {
    number.to_f64().unwrap_or_default()
}

impl Scale {
    fn new(series: &Series) -> Option<Self> {
        let (start, end) = (series.points.first()?.0, series.points.last()?.0);
        let marks = series.points.iter().map(|(_, value)| *value).chain(series.target);
        let marks: Vec<Decimal> = marks.chain(series.band.map(|band| band.0)).chain(series.band.map(|band| band.1)).collect();
        let (mut bottom, mut top) = (*marks.iter().min()?, *marks.iter().max()?);
        if bottom == top {
            (bottom, top) = (bottom - Decimal::ONE, top + Decimal::ONE);
        }
        #[expect(clippy::cast_precision_loss, reason = "a position on a plane")]
        let seconds = (end - start).num_seconds() as f64;
        Some(Scale { start, seconds, bottom, top })
    }

    /// Where an instant is, from 0 to 1.
    fn x(&self, at: NaiveDateTime) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a position on a plane")]
        let seconds = (at - self.start).num_seconds() as f64;
        if self.seconds > 0.0 { seconds / self.seconds } else { 0.5 }
    }

    /// Where a value is, from 0 to 1.
    fn y(&self, value: Decimal) -> f64 {
        (float(value) - float(self.bottom)) / (float(self.top) - float(self.bottom))
    }
}

/// The nearest of `count` places for a position from 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the places"
)]
fn place(position: f64, count: usize) -> usize {
    (position.clamp(0.0, 1.0) * (count.saturating_sub(1)) as f64).round() as usize
}

/// The readings as lines of text, at most `width` characters wide; empty when there are none.
pub fn text(series: &Series, width: usize, height: usize) -> String {
    let Some(scale) = Scale::new(series) else { return String::new() };
    let label = |value: Decimal| value.normalize().to_string();
    let mut labels = vec![(place(1.0, height), label(scale.top)), (0, label(scale.bottom))];
    for mark in series.target.into_iter().chain(series.band.map(|band| band.0)).chain(series.band.map(|band| band.1)) {
        let row = place(scale.y(mark), height);
        if labels.iter().all(|(taken, _)| *taken != row) {
            labels.push((row, label(mark)));
        }
    }
    let margin = labels.iter().map(|(_, label)| label.chars().count()).max().unwrap_or_default();
    let columns = width.saturating_sub(margin + 2).max(10);
    let mut cells = vec![vec![' '; columns]; height];
    if let Some((lower, upper)) = series.band {
        for row in &mut cells[place(scale.y(lower), height)..=place(scale.y(upper), height)] {
            row.fill('░');
        }
    }
    if let Some(target) = series.target {
        cells[place(scale.y(target), height)].fill('┄');
    }
    for (at, value) in &series.points {
        cells[place(scale.y(*value), height)][place(scale.x(*at), columns)] = '●';
    }
    let mut text = format!("{}\n", series.title);
    for (row, cells) in cells.iter().enumerate().rev() {
        let label = labels.iter().find(|(labelled, _)| *labelled == row).map_or("", |(_, label)| label);
        let line: String = cells.iter().collect();
        let _ = writeln!(text, "{label:>margin$} │{}", line.trim_end());
    }
    let _ = writeln!(text, "{:>margin$} └{}", "", "─".repeat(columns));
    let (first, last) = (day(series.points.first()), day(series.points.last()));
    let gap = columns.saturating_sub(first.len() + last.len());
    let _ = writeln!(text, "{:>margin$}  {first}{}{last}", "", " ".repeat(gap.max(1)));
    text.push_str("● reading");
    if let Some(target) = series.target {
        let _ = write!(text, "   ┄ target {}", label(target));
    }
    if let Some((lower, upper)) = series.band {
        let _ = write!(text, "   ░ target range {} to {}", label(lower), label(upper));
    }
    text.push('\n');
    text
}

fn day(point: Option<&(NaiveDateTime, Decimal)>) -> String {
    point.map(|(at, _)| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The readings as an SVG document; without readings an empty plane.
pub fn svg(series: &Series) -> String {
    const WIDTH: f64 = 800.0;
    const HEIGHT: f64 = 320.0;
    const LEFT: f64 = 80.0;
    const RIGHT: f64 = 780.0;
    const TOP: f64 = 40.0;
    const BOTTOM: f64 = 280.0;
    let title = escaped(&series.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"14\">{title}</text>\n\
         <path d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\" fill=\"none\" stroke=\"#888\"/>\n"
    );
    if let Some(scale) = Scale::new(series) {
        let x = |at: NaiveDateTime| LEFT + scale.x(at) * (RIGHT - LEFT);
        let y = |value: Decimal| BOTTOM - scale.y(value) * (BOTTOM - TOP);
        if let Some((lower, upper)) = series.band {
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{}\" height=\"{:.1}\" fill=\"#cde8d0\"/>",
                y(upper),
                RIGHT - LEFT,
                y(lower) - y(upper)
            );
        }
        let mut marks = vec![scale.top, scale.bottom];
        marks.extend(series.band.map(|band| band.0));
        marks.extend(series.band.map(|band| band.1));
        if let Some(target) = series.target {
            marks.push(target);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#2a7d3f\" stroke-dasharray=\"6 4\"/>",
                y = y(target)
            );
        }
        marks.sort_unstable();
        marks.dedup();
        for mark in marks {
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y(mark) + 4.0,
                mark.normalize()
            );
        }
        let points: Vec<String> = series.points.iter().map(|(at, value)| format!("{:.1},{:.1}", x(*at), y(*value))).collect();
        let _ =
            writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\"/>", points.join(" "));
        if points.len() == 1 {
            let (at, value) = series.points[0];
            let _ = writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"#1f5fa8\"/>", x(at), y(value));
        }
        let (first, last) = (day(series.points.first()), day(series.points.last()));
        let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{first}</text>", BOTTOM + 18.0);
        let _ = writeln!(svg, "<text x=\"{RIGHT}\" y=\"{}\" text-anchor=\"end\">{last}</text>", BOTTOM + 18.0);
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[i64], target: Option<i64>, band: Option<(i64, i64)>) -> Series {
        let start = NaiveDateTime::default();
        let points = values.iter().zip(0..).map(|(value, day)| (start + chrono::Duration::days(day), Decimal::from(*value)));
        Series {
            title: "PR-001 MFA <coverage>".into(),
            points: points.collect(),
            target: target.map(Decimal::from),
            band: band.map(|(lower, upper)| (lower.into(), upper.into())),
        }
    }

    #[test]
    fn the_text_shows_readings_the_target_and_the_days() {
        let drawn = text(&series(&[80, 90, 100], Some(95), None), 40, 5);
        let expected = "PR-001 MFA <coverage>\n\
                        100 │                                  ●\n\
                        \u{20}95 │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n\
                        \u{20}   │                 ●\n\
                        \u{20}   │\n\
                        \u{20}80 │●\n\
                        \u{20}   └───────────────────────────────────\n\
                        \u{20}    1970-01-01               1970-01-03\n\
                        ● reading   ┄ target 95\n";
        assert_eq!(drawn, expected);
        let drawn = text(&series(&[5], None, Some((4, 6))), 40, 5);
        assert!(drawn.contains("░░●░░") && drawn.contains("target range 4 to 6"), "{drawn}");
        assert_eq!(text(&series(&[], Some(1), None), 40, 5), "");
    }

    #[test]
    fn the_drawing_is_escaped_and_has_target_and_band() {
        let drawn = svg(&series(&[80, 90], Some(95), Some((70, 85))));
        assert!(drawn.contains("MFA &lt;coverage&gt;"), "{drawn}");
        assert!(drawn.contains("stroke-dasharray") && drawn.contains("#cde8d0") && drawn.contains("polyline"), "{drawn}");
        assert!(svg(&series(&[], None, None)).ends_with("</svg>\n"));
    }
}

//! A report of one catalog's scores: HTML, Markdown, and charts as SVG, from values that are ready to be shown.

mod book;
mod html;
mod language;
mod markdown;
mod svg;
mod values;

pub use self::language::Language;
pub use self::values::{
    AssumedRow, Category, Cause, Compared, Function, GapRow, Grade, OwnerRow, Placed, Point, Report, Series, StaleRow,
    UnscoreableRow,
};
use crate::error::Result;

impl Report {
    /// One HTML page that needs nothing else: no script, no network.
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// The same as Markdown, with tables for the charts.
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }

    /// The same as a workbook with charts and formulas. Exit 73 when it cannot be made.
    pub(crate) fn workbook(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        book::write(&mut bytes, self)?;
        Ok(bytes)
    }

    /// The charts as files: name and content. Trends are among them only where there is a history.
    pub fn charts(&self) -> Vec<(String, String)> {
        let mut charts = vec![
            ("overall.svg".to_owned(), svg::alone(&svg::ring(self.language, self.overall.as_ref()))),
            ("radar.svg".to_owned(), svg::alone(&svg::radar(self))),
            ("heat-map.svg".to_owned(), svg::alone(&svg::heat_map(self))),
        ];
        if self.trend.points.len() > 1 {
            charts.push(("trend.svg".to_owned(), svg::alone(&svg::trend(self.language, &self.trend, &self.thresholds))));
        }
        charts
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::score::{Rating, Rollup};

    fn report() -> Report {
        let evil = "<script>alert(1)</script> & \"x\" | 'y'\u{202e}";
        let grade = |score: i64, rating| Some(Grade { score: Decimal::new(score, 2), rating });
        let category =
            |code: &str, grade| Category { code: code.into(), name: evil.into(), grade, certainty: None, metric_count: 2 };
        let point = |second, day: &str, score| Point { second, day: day.into(), score: Decimal::new(score, 2) };
        let trend = Series {
            name: evil.into(),
            points: vec![point(0, "2026-01-01", 5000), point(86_400, "2026-01-02", 6200), point(172_800, "2026-01-03", 7900)],
        };
        Report {
            title: evil.into(),
            logo: Some("data:image/png;base64,AA==".into()),
            language: Language::En,
            compared: Some(Compared {
                day: "2026-01-01".into(),
                old: Decimal::new(5000, 2),
                new: Decimal::new(7900, 2),
                functions: vec![("PR".into(), evil.into(), None, Some(Decimal::new(7900, 2)))],
                causes: vec![Cause {
                    code: evil.into(),
                    name: evil.into(),
                    points: Decimal::new(2900, 2),
                    reading: evil.into(),
                    signal: "noise".into(),
                }],
            }),
            owners: vec![OwnerRow {
                name: Some(evil.into()),
                grade: None,
                certainty: None,
                metric_count: 0,
                unscoreable_count: 1,
            }],
            placed: Vec::new(),
            rollup: Rollup::Category,
            unmapped_count: 3,
            subject: evil.into(),
            framework: "csf-2.0".into(),
            framework_name: "NIST CSF 2.0".into(),
            at: "2026-01-03T00:00:00Z".into(),
            overall: grade(7900, Rating::Low),
            certainty: None,
            metric_count: 10,
            unscoreable_count: 1,
            assumed_count: 1,
            functions: vec![
                Function {
                    code: "PR".into(),
                    name: evil.into(),
                    grade: grade(7900, Rating::Low),
                    certainty: None,
                    metric_count: 9,
                    unscoreable_count: 1,
                    assumed_count: 1,
                    categories: (0..9).map(|i| category(&format!("PR.{i}"), grade(i * 1000, Rating::High))).collect(),
                },
                Function {
                    code: "DE".into(),
                    name: "Detect".into(),
                    grade: None,
                    certainty: None,
                    metric_count: 0,
                    unscoreable_count: 0,
                    assumed_count: 0,
                    categories: vec![category("DE.CM", None)],
                },
            ],
            function_trends: vec![trend.clone()],
            trend,
            gaps: vec![GapRow {
                code: evil.into(),
                name: evil.into(),
                owner: evil.into(),
                value: "1 %".into(),
                target: "2 %".into(),
                score: None,
                priority: "High".into(),
                points: Decimal::new(123, 2),
            }],
            stale_count: 1,
            stale: vec![StaleRow {
                code: evil.into(),
                name: evil.into(),
                owner: evil.into(),
                day: Some("2025-01-01".into()),
                days: Some(99),
            }],
            unscoreable: vec![UnscoreableRow { code: evil.into(), name: evil.into(), missing: "no target".into() }],
            assumed: vec![AssumedRow {
                code: evil.into(),
                name: evil.into(),
                direction: "binary".into(),
                told_by: evil.into(),
            }],
            thresholds: vec![(Rating::Low, Decimal::new(75, 0))],
            method: vec![(evil.into(), evil.into())],
            provenance: vec![(evil.into(), evil.into())],
        }
    }

    #[test]
    fn no_text_becomes_markup() {
        let report = report();
        let page = report.html();
        assert!(!page.contains("<script") && !page.contains('\u{202e}'));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; | &#39;y&#39;"));
        for (name, chart) in report.charts() {
            assert!(!chart.contains("<script"), "{name}");
        }
        let text = report.markdown();
        assert!(!text.contains("<script"));
        let cells = text.lines().find(|line| line.contains("no target")).expect("a row");
        assert_eq!(cells.replace("\\|", "").matches('|').count(), 4, "{cells}");
    }

    #[test]
    fn a_page_asks_no_host_for_anything() {
        let page = report().html();
        let urls: Vec<&str> = page.match_indices("http").map(|(at, _)| &page[at..(at + 26).min(page.len())]).collect();
        assert!(
            urls.iter().all(|url| url.starts_with("http://www.w3.org/2000/svg") || url.starts_with("http-equiv")),
            "{urls:?}"
        );
        // The logo stands in the page itself.
        let page = page.replace("src=\"data:", "");
        for loader in ["src=", "@import", "url(", "<iframe", "<object", "<form"] {
            assert!(!page.contains(loader), "{loader}");
        }
    }

    #[test]
    fn markup_is_balanced() {
        let report = report();
        let mut texts = vec![report.html()];
        texts.extend(report.charts().into_iter().map(|(_, chart)| chart));
        for text in texts {
            let mut open: Vec<String> = Vec::new();
            for part in text.split('<').skip(1) {
                let tag: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '/' || *c == '!').collect();
                let whole = part.split('>').next().unwrap_or_default();
                if let Some(name) = tag.strip_prefix('/') {
                    assert_eq!(open.pop().as_deref(), Some(name), "before <{part}");
                } else if !whole.ends_with('/') && !tag.starts_with('!') && !["meta", "link", "br"].contains(&tag.as_str()) {
                    open.push(tag);
                }
            }
            assert!(open.is_empty(), "{open:?}");
        }
    }

    #[test]
    fn charts_stand_alone() {
        let names: Vec<String> = report().charts().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["overall.svg", "radar.svg", "heat-map.svg", "trend.svg"]);
        for (name, chart) in report().charts() {
            assert!(chart.starts_with("<svg xmlns=") && chart.contains("<style>") && chart.contains("role=\"img\""), "{name}");
        }
        let silent = Report { trend: Series::default(), ..report() };
        assert_eq!(silent.charts().len(), 3);
        assert!(silent.html().contains("cmf score backfill"));
    }
}

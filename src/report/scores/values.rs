//! What a report shows, and how it is made safe to show.

use rust_decimal::Decimal;

use super::language::Language;
use crate::domain::score::{Certainty, Measure, Rating, Rollup};

#[derive(Debug, Clone)]
pub struct Report {
    /// The title of the page: what was said, else whose scores they are.
    pub title: String,
    /// A picture beside the title, as a `data:` address.
    pub logo: Option<String>,
    pub language: Language,
    /// Whose scores, such as the catalog's name.
    pub subject: String,
    /// Such as `csf-2.0`.
    pub framework: String,
    /// Such as `NIST CSF 2.0`.
    pub framework_name: String,
    /// The instant the scores are of.
    pub at: String,
    /// None when nothing can be scored.
    pub overall: Option<Grade>,
    /// How much of it rests on fresh readings.
    pub certainty: Option<Certainty>,
    /// Metrics in the calculation, and those left out of it.
    pub metric_count: u64,
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction nobody set.
    pub assumed_count: u64,
    /// In document order.
    pub functions: Vec<Function>,
    /// The overall score over time; empty where no history is stored.
    pub trend: Series,
    /// The same for each function that has a history.
    pub function_trends: Vec<Series>,
    /// What changed since the day that it is compared with.
    pub compared: Option<Compared>,
    /// The scores of who is responsible, where they are asked for.
    pub owners: Vec<OwnerRow>,
    /// Every metric in each of its places, by function.
    pub placed: Vec<Placed>,
    /// How a function is made of its metrics.
    pub rollup: Rollup,
    /// Items of the catalog that are mapped to no function.
    pub unmapped_count: u64,
    /// Metrics that raise the score most when they reach their target.
    pub gaps: Vec<GapRow>,
    /// Metrics without a recent reading.
    pub stale_count: u64,
    /// The first of them, the oldest reading first.
    pub stale: Vec<StaleRow>,
    /// The first of the metrics that cannot be scored.
    pub unscoreable: Vec<UnscoreableRow>,
    /// The first of the metrics whose direction nobody set.
    pub assumed: Vec<AssumedRow>,
    /// The least score of each rating, the best first.
    pub thresholds: Vec<(Rating, Decimal)>,
    /// How the scores were computed, as pairs of a label and a text.
    pub method: Vec<(String, String)>,
    /// Where the data comes from, as pairs of a label and a text.
    pub provenance: Vec<(String, String)>,
}

impl Report {
    /// What is to be known of the data, each with its count.
    pub(super) fn quality(&self) -> [(&'static str, u64); 4] {
        [
            ("Assumed directions: {}", self.assumed_count),
            ("Stale: {}", self.stale_count),
            ("Not mapped: {}", self.unmapped_count),
            ("Not scoreable: {}", self.unscoreable_count),
        ]
    }
}

#[derive(Debug, Clone)]
pub struct Grade {
    /// Two decimals.
    pub score: Decimal,
    pub rating: Rating,
}

impl Grade {
    /// 1 for the least risk to 5 for the most.
    pub(super) fn step(&self) -> usize {
        step(self.rating)
    }
}

/// 1 for the least risk to 5 for the most.
pub(super) fn step(rating: Rating) -> usize {
    rating as usize + 1
}

#[derive(Debug, Clone)]
pub struct Function {
    pub code: String,
    pub name: String,
    /// None when nothing in it can be scored.
    pub grade: Option<Grade>,
    /// How much of it rests on fresh readings.
    pub certainty: Option<Certainty>,
    pub metric_count: u64,
    pub unscoreable_count: u64,
    /// Metrics in the calculation whose direction nobody set.
    pub assumed_count: u64,
    /// In document order.
    pub categories: Vec<Category>,
}

impl Function {
    pub(super) fn score(&self) -> Option<Decimal> {
        self.grade.as_ref().map(|grade| grade.score)
    }
}

/// What changed between two instants.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The day before.
    pub day: String,
    /// The overall score then.
    pub old: Decimal,
    /// The overall score now.
    pub new: Decimal,
    /// Code and name of each function with its score then and now.
    pub functions: Vec<(String, String, Option<Decimal>, Option<Decimal>)>,
    /// The metrics that moved the score most.
    pub causes: Vec<Cause>,
}

/// A metric that moved the score.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Its number.
    pub code: String,
    pub name: String,
    /// The points that it moved the overall score by.
    pub points: Decimal,
    /// Its readings, from and to.
    pub reading: String,
    /// Whether that is more than noise.
    pub signal: String,
}

/// Who is responsible for metrics, and their score.
#[derive(Debug, Clone)]
pub struct OwnerRow {
    /// The name; none where the sheet says nobody.
    pub name: Option<String>,
    /// The weighted mean of the metrics.
    pub grade: Option<Grade>,
    /// How much of it rests on fresh readings.
    pub certainty: Option<Certainty>,
    /// Metrics in the calculation.
    pub metric_count: u64,
    /// Metrics left out of it.
    pub unscoreable_count: u64,
}

/// A metric in one of its places.
#[derive(Debug, Clone)]
pub struct Placed {
    pub function: String,
    pub category: Option<String>,
    /// Its number.
    pub code: String,
    pub name: String,
    /// Who is responsible for it.
    pub owner: String,
    pub unit: Option<String>,
    /// What its score is computed from.
    pub measure: Measure,
    pub weight: Decimal,
    /// Its score, unrounded.
    pub score: Option<Decimal>,
    /// Whether it is the first of its places in the function.
    pub is_first: bool,
}

/// A metric whose direction nobody set.
#[derive(Debug, Clone)]
pub struct AssumedRow {
    pub code: String,
    pub name: String,
    pub direction: String,
    pub told_by: String,
}

#[derive(Debug, Clone)]
pub struct Category {
    /// The official code; the function's code and a dash for metrics without a category.
    pub code: String,
    pub name: String,
    /// None when nothing in it can be scored.
    pub grade: Option<Grade>,
    /// How much of it rests on fresh readings.
    pub certainty: Option<Certainty>,
    pub metric_count: u64,
}

impl Category {
    pub(super) fn score(&self) -> Option<Decimal> {
        self.grade.as_ref().map(|grade| grade.score)
    }
}

/// A score over time.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// What it is the score of.
    pub name: String,
    /// In the order of time.
    pub points: Vec<Point>,
}

#[derive(Debug, Clone)]
pub struct Point {
    /// Seconds since 1970.
    pub second: i64,
    /// The day, such as `2026-03-31`.
    pub day: String,
    /// Two decimals.
    pub score: Decimal,
}

/// A metric that is not at its target.
#[derive(Debug, Clone)]
pub struct GapRow {
    /// The metric's number, else nothing.
    pub code: String,
    pub name: String,
    /// Who is responsible for it.
    pub owner: String,
    /// The current value with its unit.
    pub value: String,
    pub target: String,
    /// Two decimals; none without a reading.
    pub score: Option<Decimal>,
    /// High, Medium or Low.
    pub priority: String,
    /// Points that the overall score would rise by.
    pub points: Decimal,
}

/// A metric whose newest reading is too old.
#[derive(Debug, Clone)]
pub struct StaleRow {
    /// The metric's number, else nothing.
    pub code: String,
    pub name: String,
    /// Who is responsible for it.
    pub owner: String,
    /// The day of its newest reading; none where no reading says how old its value is.
    pub day: Option<String>,
    /// The days since then.
    pub days: Option<i64>,
}

impl StaleRow {
    /// How old its reading is, in words.
    pub(super) fn told(&self) -> String {
        match (&self.day, self.days) {
            (Some(day), Some(days)) => format!("{day}, {days} days old"),
            _ => "no reading".to_owned(),
        }
    }

    /// The day and the days as cells of a table.
    pub(super) fn cells(&self) -> [String; 2] {
        [self.day.clone(), self.days.map(|days| days.to_string())].map(|cell| cell.unwrap_or_else(|| "–".to_owned()))
    }
}

/// A metric that cannot be scored.
#[derive(Debug, Clone)]
pub struct UnscoreableRow {
    /// The metric's number, else nothing.
    pub code: String,
    pub name: String,
    pub missing: String,
}

/// How much of a score rests on fresh readings, in a few words: `83%: 55–92`.
pub(super) fn fresh(certainty: Option<&Certainty>) -> String {
    certainty.map_or_else(|| "–".to_owned(), Certainty::words)
}

/// What is said of a list that shows not all there are.
pub(super) fn first(count: u64, listed: usize) -> String {
    if count > listed as u64 { format!(", the first {listed}") } else { String::new() }
}

/// Text that is text in HTML and SVG, in content and in attributes; without controls and marks that reverse text.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

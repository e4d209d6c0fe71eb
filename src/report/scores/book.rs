//! The report as a workbook: what stands on the page with charts of the program's own, and for each function a sheet whose formulas
//! compute the score again from values and weights.

use std::collections::BTreeMap;
use std::io::Write;

use rust_decimal::Decimal;

use super::values::{Placed, Report};
use crate::domain::metric::Direction;
use crate::domain::score::{Certainty, Rating, Rollup, shown};
use crate::error::Result;
use crate::sheet::{Book, Chart, Value};

/// The columns of a function's sheet, A to O.
const COLUMNS: [&str; 15] = [
    "Metric", "Name", "Category", "Direction", "Value", "Target", "Lower bound", "Upper bound", "Unit", "Priority", "Weight",
    "Score", "Weight × score", "Weight counted", "Owner",
];

/// What the metrics of a function without a category are called.
const NONE: &str = "–";

/// Sums of weights, and of scores times weights.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    weight: Decimal,
    points: Decimal,
}

impl Sum {
    fn add(&mut self, placed: &Placed) {
        if let Some(score) = placed.score {
            self.weight += placed.weight;
            self.points += placed.weight * score;
        }
    }

    fn mean(self) -> Option<Decimal> {
        self.points.checked_div(self.weight)
    }
}

fn mean(values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let (sum, count) = values.fold((Decimal::ZERO, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum.checked_div(Decimal::from(count))
}

/// A formula and what it gives.
fn formula(text: String, result: Option<Decimal>) -> Value {
    Value::Formula(text, result.map(|result| result.round_dp(12).normalize().to_string()).unwrap_or_default())
}

/// The score of the metric in this row.
fn score(direction: Direction, row: usize) -> String {
    let (value, target, lower, upper) = (format!("E{row}"), format!("F{row}"), format!("G{row}"), format!("H{row}"));
    match direction {
        Direction::HigherIsBetter => format!(
            "IF(OR({value}=\"\",{target}=\"\"),\"\",IF({value}>={target},100,IF({target}<=0,0,MAX(0,MIN(100,100*{value}/{target})))))"
        ),
        Direction::LowerIsBetter => format!(
            "IF(OR({value}=\"\",{target}=\"\"),\"\",IF({value}<={target},100,IF({target}<=0,0,MAX(0,MIN(100,100*{target}/{value})))))"
        ),
        Direction::TargetRange => format!(
            "IF(OR({value}=\"\",{lower}=\"\",{upper}=\"\"),\"\",IF(AND({value}>={lower},{value}<={upper}),100,\
             IF({upper}<={lower},0,MAX(0,100-100*MAX({lower}-{value},{value}-{upper})/({upper}-{lower})))))"
        ),
        Direction::Binary => format!("IF({value}=\"\",\"\",IF({value}=IF({target}=\"\",1,{target}),100,0))"),
    }
}

/// Where a function's score stands, and what it is.
struct Scored {
    cell: String,
    score: Option<Decimal>,
}

/// Where the sheet of each function will have its score: below its metrics and its categories.
fn scored(report: &Report) -> Vec<Scored> {
    report
        .functions
        .iter()
        .map(|function| {
            let own: Vec<&Placed> = report.placed.iter().filter(|placed| placed.function == function.code).collect();
            let (groups, all) = groups(&own);
            let row = own.len() + groups.len() + 4;
            let score = match report.rollup {
                Rollup::Category => mean(groups.values().filter_map(|sum| sum.mean())),
                Rollup::Metric => all.mean(),
            };
            Scored { cell: format!("'{}'!C{row}", function.code), score }
        })
        .collect()
}

/// The categories of these metrics with their sums, and the sum of all, each metric once.
fn groups(own: &[&Placed]) -> (BTreeMap<String, Sum>, Sum) {
    let (mut groups, mut all): (BTreeMap<String, Sum>, Sum) = Default::default();
    for placed in own {
        groups.entry(placed.category.clone().unwrap_or_else(|| NONE.to_owned())).or_default().add(placed);
        if placed.is_first {
            all.add(placed);
        }
    }
    (groups, all)
}

/// The words of the ratings for the score in a cell.
fn rating(report: &Report, cell: &str) -> String {
    let worst = format!("\"{}\"", Rating::VeryHigh.as_str());
    let steps = report
        .thresholds
        .iter()
        .rev()
        .fold(worst, |rest, (rating, least)| format!("IF({cell}>={},\"{}\",{rest})", least.normalize(), rating.as_str()));
    format!("IF({cell}=\"\",\"\",{steps})")
}

/// Writes the workbook. Exit 73 when it cannot be made or written.
pub(super) fn write(out: &mut dyn Write, report: &Report) -> Result<()> {
    let mut book = Book::new("write the report as HTML or JSON");
    overview(&mut book, report)?;
    for function in &report.functions {
        let own: Vec<&Placed> = report.placed.iter().filter(|placed| placed.function == function.code).collect();
        sheet(&mut book, report, &function.code, &own)?;
    }
    if report.trend.points.len() > 1 {
        book.sheet("Trend", &[0])?;
        book.head(&["Day", report.trend.name.as_str()])?;
        for point in &report.trend.points {
            book.row(&[Value::Plain(point.day.clone()), point.score.into()])?;
        }
        let last = report.trend.points.len();
        book.chart(&Chart {
            title: &report.trend.name,
            sheet: "Trend",
            rows: (1, last),
            columns: (0, 1),
            at: (1, 3),
            is_line: true,
        })?;
    }
    book.sheet("Worst gaps", &[0, 1])?;
    book.head(&["Metric", "Name", "Owner", "Value", "Target", "Score", "Priority", "Points to gain"])?;
    for gap in &report.gaps {
        let texts = [&gap.code, &gap.name, &gap.owner, &gap.value, &gap.target].map(|text| Value::from(text.as_str()));
        book.row(&[&texts[..], &[gap.score.into(), gap.priority.as_str().into(), gap.points.into()]].concat())?;
    }
    compared(&mut book, report)?;
    owners(&mut book, report)?;
    quality(&mut book, report)?;
    for (name, pairs) in [("Method", &report.method), ("Provenance", &report.provenance)] {
        book.sheet(name, &[0])?;
        book.head(&["What", "Value"])?;
        book.widths([24, 90])?;
        for (what, text) in pairs {
            book.row(&[what.as_str().into(), text.as_str().into()])?;
        }
    }
    book.save(out)
}

/// The share of a score that is fresh, and where it would lie if the others stood at 0 or at 100.
fn certain(certainty: Option<Certainty>) -> [Value; 3] {
    let of = |figure: fn(Certainty) -> Decimal| certainty.map(|certainty| shown(figure(certainty))).into();
    [of(|one| one.share), of(|one| one.low), of(|one| one.high)]
}

fn overview(book: &mut Book, report: &Report) -> Result<()> {
    book.sheet("Overview", &[0])?;
    book.row(&[report.subject.as_str().into()])?;
    book.row(&[Value::from(format!("{}, {}", report.framework_name, report.at))])?;
    book.skip_to(3);
    book.head(&["Code", "Function", "Score", "Risk", "Metrics", "Left out", "Fresh %", "At least", "At most"])?;
    book.widths([14, 36, 12, 14, 12, 12, 12, 12, 12])?;
    let scored = scored(report);
    let first = 5;
    for (row, (function, scored)) in (first..).zip(report.functions.iter().zip(&scored)) {
        let rating_text = function.grade.as_ref().map(|grade| grade.rating.to_string()).unwrap_or_default();
        let cells = [
            function.code.as_str().into(),
            function.name.as_str().into(),
            formula(scored.cell.clone(), scored.score),
            Value::Formula(rating(report, &format!("C{row}")), rating_text),
            Decimal::from(function.metric_count).into(),
            Decimal::from(function.unscoreable_count).into(),
        ];
        book.row(&[&cells[..], &certain(function.certainty)].concat())?;
    }
    let last = first + report.functions.len() - 1;
    let rating_text = report.overall.as_ref().map(|grade| grade.rating.to_string()).unwrap_or_default();
    let cells = [
        Value::Empty,
        "Overall".into(),
        formula(
            format!("IF(COUNT(C{first}:C{last})=0,\"\",AVERAGE(C{first}:C{last}))"),
            mean(scored.iter().filter_map(|one| one.score)),
        ),
        Value::Formula(rating(report, &format!("C{}", last + 1)), rating_text),
        Decimal::from(report.metric_count).into(),
        Decimal::from(report.unscoreable_count).into(),
    ];
    book.row(&[&cells[..], &certain(report.certainty)].concat())?;
    book.chart(&Chart {
        title: &report.framework_name,
        sheet: "Overview",
        rows: (first - 1, last - 1),
        columns: (0, 2),
        at: (3, 10),
        is_line: false,
    })
}

/// The sheet of a function: its metrics, its categories, and its score.
fn sheet(book: &mut Book, report: &Report, code: &str, own: &[&Placed]) -> Result<()> {
    book.sheet(code, &[0, 1])?;
    book.head(&COLUMNS)?;
    for (row, placed) in (2..).zip(own) {
        let measure = &placed.measure;
        let points = placed.score.map(|score| score * placed.weight);
        // By metric each one counts once, in whatever categories it is.
        let counts = placed.is_first || report.rollup == Rollup::Category;
        let weight = format!("IF(ISNUMBER(L{row}),{},\"\")", if counts { format!("K{row}") } else { "0".to_owned() });
        let counted = if counts { placed.weight } else { Decimal::ZERO };
        book.row(&[
            placed.code.as_str().into(),
            placed.name.as_str().into(),
            placed.category.as_deref().unwrap_or(NONE).into(),
            measure.direction.as_str().into(),
            measure.current.into(),
            measure.target.into(),
            measure.lower.into(),
            measure.upper.into(),
            placed.unit.as_deref().into(),
            measure.priority.as_str().into(),
            placed.weight.into(),
            // What is left out because it is stale has a value, and no score.
            formula(if measure.is_excluded() { "\"\"".to_owned() } else { score(measure.direction, row) }, placed.score),
            formula(
                format!("IF(ISNUMBER(L{row}),N{row}*L{row},\"\")"),
                points.map(|points| if counts { points } else { Decimal::ZERO }),
            ),
            formula(weight, placed.score.map(|_| counted)),
            placed.owner.as_str().into(),
        ])?;
    }
    let end = own.len() + 1;
    let (groups, all) = groups(own);
    book.row(&[])?;
    book.row(&["Category".into(), Value::Empty, "Score".into()])?;
    let first = end + 3;
    for (row, (category, sum)) in (first..).zip(&groups) {
        let (weights, points) =
            (format!("SUMIF(C$2:C${end},A{row},N$2:N${end})"), format!("SUMIF(C$2:C${end},A{row},M$2:M${end})"));
        let text = format!("IF({weights}=0,\"\",{points}/{weights})");
        book.row(&[category.as_str().into(), Value::Empty, formula(text, sum.mean())])?;
    }
    let last = first + groups.len();
    let (text, result) = match report.rollup {
        _ if own.is_empty() => ("\"\"".to_owned(), None),
        Rollup::Category => (
            format!("IF(COUNT(C{first}:C{0})=0,\"\",AVERAGE(C{first}:C{0}))", last - 1),
            mean(groups.values().filter_map(|sum| sum.mean())),
        ),
        Rollup::Metric => (format!("IF(SUM(N2:N{end})=0,\"\",SUM(M2:M{end})/SUM(N2:N{end}))"), all.mean()),
    };
    book.row(&[code.into(), "Score of the function".into(), formula(text, result)])
}

/// What changed since the day that the report is compared with, and which metrics did it.
fn compared(book: &mut Book, report: &Report) -> Result<()> {
    let Some(compared) = &report.compared else { return Ok(()) };
    book.sheet("Change", &[0, 1])?;
    book.head(&["Code", "Name", "Before", "After", "Change", "Reading", "Signal"])?;
    book.widths([14, 44, 12, 12, 12, 24, 14])?;
    let overall = (String::new(), format!("Overall since {}", compared.day), Some(compared.old), Some(compared.new));
    for (row, (code, name, old, new)) in (2..).zip(std::iter::once(&overall).chain(&compared.functions)) {
        let change = old.zip(*new).map(|(old, new)| new - old);
        let text = format!("IF(OR(C{row}=\"\",D{row}=\"\"),\"\",D{row}-C{row})");
        book.row(&[code.as_str().into(), name.as_str().into(), (*old).into(), (*new).into(), formula(text, change)])?;
    }
    for cause in &compared.causes {
        let texts = [&cause.code, &cause.name, &cause.reading, &cause.signal].map(|text| Value::from(text.as_str()));
        let [code, name, reading, signal] = texts;
        book.row(&[code, name, Value::Empty, Value::Empty, cause.points.into(), reading, signal])?;
    }
    Ok(())
}

/// Who is responsible, with the mean of their metrics.
fn owners(book: &mut Book, report: &Report) -> Result<()> {
    if report.owners.is_empty() {
        return Ok(());
    }
    book.sheet("Owners", &[0])?;
    book.head(&["Owner", "Score", "Risk", "Metrics", "Left out"])?;
    book.widths([36, 12, 14, 12, 12])?;
    for owner in &report.owners {
        book.row(&[
            owner.name.as_deref().unwrap_or("nobody").into(),
            owner.grade.as_ref().map(|grade| grade.score).into(),
            owner.grade.as_ref().map(|grade| grade.rating.as_str()).into(),
            Decimal::from(owner.metric_count).into(),
            Decimal::from(owner.unscoreable_count).into(),
        ])?;
    }
    Ok(())
}

fn quality(book: &mut Book, report: &Report) -> Result<()> {
    book.sheet("Data quality", &[1, 2])?;
    book.head(&["What", "Metric", "Name", "Detail"])?;
    book.widths([26, 14, 44, 60])?;
    for (what, count) in report.quality() {
        book.row(&[what.into(), Value::Empty, Value::Empty, Decimal::from(count).into()])?;
    }
    let stale = report.stale.iter().map(|row| ("stale", &row.code, &row.name, row.told()));
    let unscoreable = report.unscoreable.iter().map(|row| ("not scoreable", &row.code, &row.name, row.missing.clone()));
    let assumed = report.assumed.iter();
    let assumed =
        assumed.map(|row| ("assumed direction", &row.code, &row.name, format!("{} by {}", row.direction, row.told_by)));
    for (what, code, name, detail) in stale.chain(unscoreable).chain(assumed) {
        book.row(&[what.into(), code.as_str().into(), name.as_str().into(), detail.into()])?;
    }
    Ok(())
}

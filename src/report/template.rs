//! An empty workbook to fill in with metrics.

use std::io::Write;

use rust_decimal::Decimal;

use crate::domain::framework::Framework;
use crate::domain::metric::{Direction, Priority};
use crate::error::Result;
use crate::sheet::{Book, Choices, Value};

/// The rows below the header that drop-downs cover.
const ROOM: u32 = 2000;

/// Writes an empty sheet to fill in: headers, drop-downs for what has fixed words or codes, and, unless unwanted, one example for
/// each direction. A second sheet lists the framework's codes with their names. Exit 73 when the workbook cannot be made or
/// written.
pub(crate) fn write(out: &mut dyn Write, framework: &Framework, short_name: &str, with_examples: bool) -> Result<()> {
    let (mut functions, mut categories, mut subcategories) = (Vec::new(), Vec::new(), Vec::new());
    for function in &framework.functions {
        functions.push((&function.code, &function.name));
        for category in &function.categories {
            categories.push((&category.code, &category.name));
            subcategories
                .extend(category.subcategories.iter().map(|subcategory| (&subcategory.code, &subcategory.description)));
        }
    }
    let mut book = Book::new("choose a framework with shorter texts");
    book.sheet("Metrics", &[1])?;
    book.head(&TEMPLATE)?;
    if with_examples {
        examples(framework).iter().try_for_each(|row| book.row(row))?;
    }
    for (column, header) in (0_u16..).zip(&TEMPLATE) {
        let choices = match *header {
            "Direction" => Choices::Words(&Direction::ALL.map(Direction::as_str)),
            "Priority" => Choices::Words(&Priority::ALL.map(Priority::as_str)),
            "Function" => Choices::Column("Codes", 'A', functions.len()),
            "Category" => Choices::Column("Codes", 'C', categories.len()),
            "Subcategory" => Choices::Column("Codes", 'E', subcategories.len()),
            "Target Value" | "Target Lower" | "Target Upper" | "Current Value" => {
                Choices::Number("Write one number; for a range, use Target Lower and Target Upper.")
            }
            _ => continue,
        };
        book.choices(column, ROOM, &choices)?;
    }
    book.sheet("Codes", &[4])?;
    let of = |level: &str| format!("{short_name} {level}");
    let named = || "what they are called".to_owned();
    book.head(&[of("functions"), named(), of("categories"), named(), of("subcategories"), "what they ask for".to_owned()])?;
    book.widths([24, 44, 24, 44, 24, 44])?;
    for row in 0..functions.len().max(categories.len()).max(subcategories.len()) {
        let cells = [&functions, &categories, &subcategories].map(|level| match level.get(row) {
            Some((code, text)) => [Value::from(code.as_str()), Value::from(text.as_str())],
            None => [Value::Empty, Value::Empty],
        });
        book.row(&cells.concat())?;
    }
    book.save(out)
}

const TEMPLATE: [&str; 16] = [
    "Metric Number", "Name", "Description", "Function", "Category", "Subcategory", "Direction", "Target Value", "Target Lower",
    "Target Upper", "Unit", "Current Value", "Priority", "Owner", "Frequency", "Formula",
];

struct Example {
    /// The code of CSF 2.0 that it is about.
    subcategory: &'static str,
    name: &'static str,
    description: &'static str,
    direction: Direction,
    target: Option<i64>,
    bounds: Option<(i64, i64)>,
    unit: &'static str,
    current: i64,
    priority: Priority,
    frequency: &'static str,
    formula: &'static str,
}

const EXAMPLES: [Example; 4] = [
    Example {
        name: "Accounts with a second factor",
        subcategory: "PR.AA-03",
        description: "Share of user accounts that need a second factor.",
        direction: Direction::HigherIsBetter,
        target: Some(95),
        bounds: None,
        unit: "%",
        current: 88,
        priority: Priority::High,
        frequency: "monthly",
        formula: "accounts with a second factor / all accounts * 100",
    },
    Example {
        name: "Days to close critical findings",
        subcategory: "ID.RA-06",
        description: "Median days from report to repair.",
        direction: Direction::LowerIsBetter,
        target: Some(14),
        bounds: None,
        unit: "days",
        current: 21,
        priority: Priority::High,
        frequency: "monthly",
        formula: "median of closed minus reported",
    },
    Example {
        name: "Storage used for logs",
        subcategory: "PR.IR-04",
        description: "Share of the storage for logs that is in use.",
        direction: Direction::TargetRange,
        target: None,
        bounds: Some((40, 80)),
        unit: "%",
        current: 63,
        priority: Priority::Low,
        frequency: "weekly",
        formula: "used space / space * 100",
    },
    Example {
        name: "Recovery plan tested this year",
        subcategory: "ID.IM-02",
        description: "1 when the plan was tested in the last twelve months, else 0.",
        direction: Direction::Binary,
        target: Some(1),
        bounds: None,
        unit: "yes/no",
        current: 1,
        priority: Priority::Medium,
        frequency: "annually",
        formula: "",
    },
];

/// One example for each direction, at the code that it is about, or, in a framework that has no such code, at places spread
/// over the framework.
fn examples(framework: &Framework) -> Vec<Vec<Value>> {
    let places: Vec<(&str, &str, &str)> = framework
        .functions
        .iter()
        .flat_map(|function| function.categories.iter().map(move |category| (function, category)))
        .filter_map(|(function, category)| {
            let subcategory = category.subcategories.first()?;
            Some((function.code.as_str(), category.code.as_str(), subcategory.code.as_str()))
        })
        .collect();
    let number = |value: Option<i64>| Value::from(value.map(Decimal::from));
    let step = (places.len() / EXAMPLES.len()).max(1);
    let rows = EXAMPLES.iter().enumerate().map(|(count, example)| {
        let at_its_code = framework.functions.iter().find_map(|function| {
            let category = function.categories.iter().find(|category| {
                category.subcategories.iter().any(|subcategory| subcategory.code.as_str() == example.subcategory)
            })?;
            Some((function.code.as_str(), category.code.as_str(), example.subcategory))
        });
        let (function, category, subcategory) = at_its_code.or_else(|| places.get(count * step).copied()).unwrap_or_default();
        vec![
            format!("EX-{:03}", count + 1).into(),
            example.name.into(),
            example.description.into(),
            function.into(),
            category.into(),
            subcategory.into(),
            example.direction.as_str().into(),
            number(example.target),
            number(example.bounds.map(|bounds| bounds.0)),
            number(example.bounds.map(|bounds| bounds.1)),
            example.unit.into(),
            number(Some(example.current)),
            example.priority.as_str().into(),
            "Security operations".into(),
            example.frequency.into(),
            example.formula.into(),
        ]
    });
    rows.collect()
}

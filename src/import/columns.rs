//! Which column of a sheet is which field: by its header, checked against its values, or as the user says.

use rust_decimal::Decimal;

use super::row::{Kind, Row};
use crate::domain::code::{CodeIndex, Reference};
use crate::domain::item::{self, Field, normalised};
use crate::domain::number::{self, Mark};

/// Headers in the form of [`normalised`], best first for each field.
const HEADERS: [(Field, &[&str]); 16] = [
    (
        Field::MetricNumber,
        &[
            "metric number",
            "metric id",
            "metric no",
            "metric ref",
            "kpi id",
            "kri id",
            "indicator id",
            "ref id",
            "control id",
            "controlid",
            "risk id",
            "recommendation #",
            "recommendation",
            "reference id",
            "number",
            "no",
            "no.",
            "nr",
            "nr.",
            "#",
            "id",
            "ref",
            "code",
            "metric code",
            "kennzahl nr",
            "kennung",
        ],
    ),
    (
        Field::Name,
        &[
            "name",
            "metric name",
            "metric",
            "metric title",
            "kpi name",
            "kri name",
            "indicator name",
            "kpi",
            "kri",
            "indicator",
            "title",
            "measure",
            "measure name",
            "requirement",
            "kennzahl",
            "bezeichnung",
            "titel",
            "nom",
            "nombre",
        ],
    ),
    (
        Field::Description,
        &[
            "description",
            "metric description",
            "definition",
            "controltext",
            "control text",
            "detail",
            "details",
            "implementation description",
            "long description",
            "beschreibung",
        ],
    ),
    (
        Field::CurrentValue,
        &[
            "current value",
            "current",
            "actual value",
            "actual",
            "actual score",
            "current score",
            "measured value",
            "value",
            "latest value",
            "latest",
            "score",
            "istwert",
            "ist wert",
            "ist",
            "aktueller wert",
        ],
    ),
    (
        Field::TargetValue,
        &[
            "target value",
            "target",
            "goal",
            "default target",
            "target score",
            "desired target",
            "desired value",
            "threshold",
            "objective value",
            "minimum target",
            "zielwert",
            "ziel",
            "soll",
            "sollwert",
        ],
    ),
    (
        Field::TargetLower,
        &[
            "target lower",
            "lower bound",
            "lower limit",
            "tolerance low",
            "target low",
            "target min",
            "min target",
            "lower",
            "min",
            "minimum",
            "low",
            "untergrenze",
        ],
    ),
    (
        Field::TargetUpper,
        &[
            "target upper",
            "upper bound",
            "upper limit",
            "tolerance high",
            "target high",
            "target max",
            "max target",
            "upper",
            "max",
            "maximum",
            "high",
            "obergrenze",
        ],
    ),
    (
        Field::Unit,
        &[
            "unit",
            "units",
            "unit of measure",
            "unit of measurement",
            "target units",
            "target unit",
            "uom",
            "measure unit",
            "einheit",
        ],
    ),
    (
        Field::Direction,
        &[
            "direction",
            "direction type",
            "metric direction",
            "higher is better",
            "desired direction",
            "polarity",
            "trend direction",
            "better",
            "richtung",
        ],
    ),
    (
        Field::Function,
        &[
            "csf function",
            "csf function code",
            "function code",
            "function id",
            "function",
            "nist function",
            "nist csf function",
            "framework function",
            "functions",
            "funktion",
        ],
    ),
    (
        Field::Category,
        &[
            "csf category code",
            "csf category",
            "category code",
            "category id",
            "category",
            "nist category",
            "nist csf category",
            "framework category",
            "categories",
            "kategorie",
        ],
    ),
    (
        Field::Subcategory,
        &[
            "csf subcategory code",
            "csf subcategory codes",
            "csf subcategory ids",
            "csf subcategory id",
            "csf subcategory",
            "csf subcategories",
            "subcategory code",
            "subcategory codes",
            "subcategory id",
            "subcategory ids",
            "subcategory",
            "subcategories",
            "sub category",
            "nist csf subcategory",
            "nist csf",
            "csf",
            "csf code",
            "csf codes",
            "csf id",
            "csf mapping",
            "nist mapping",
            "framework mapping",
            "framework codes",
            "mapping",
            "mappings",
            "linked requirements",
            "unterkategorie",
        ],
    ),
    (
        Field::Priority,
        &["priority", "priority rank", "priority level", "severity", "criticality", "importance", "prioritat", "priorität"],
    ),
    (
        Field::Owner,
        &[
            "owner",
            "metric owner",
            "control owner",
            "owner function",
            "responsible",
            "accountable",
            "responsible party",
            "verantwortlich",
        ],
    ),
    (
        Field::Frequency,
        &[
            "frequency",
            "collection frequency",
            "measurement frequency",
            "reporting frequency",
            "cadence",
            "interval",
            "frequenz",
            "haufigkeit",
        ],
    ),
    (Field::Formula, &["formula", "calculation", "calculation method", "computation", "numerator/denominator", "formel"]),
];

/// Headers that other columns use too: they count only where the values agree. Under any other known header a value that
/// does not fit is a problem of its row, never a reason to leave the column out.
const WEAK: [&str; 44] = [
    "value",
    "current",
    "score",
    "goal",
    "objective value",
    "lower",
    "upper",
    "min",
    "max",
    "minimum",
    "maximum",
    "low",
    "high",
    "latest",
    "ist",
    "ziel",
    "soll",
    "number",
    "no",
    "no.",
    "nr",
    "nr.",
    "#",
    "id",
    "ref",
    "code",
    "recommendation",
    "function",
    "functions",
    "funktion",
    "category",
    "categories",
    "kategorie",
    "subcategory",
    "subcategories",
    "sub category",
    "mapping",
    "mappings",
    "linked requirements",
    "severity",
    "criticality",
    "importance",
    "better",
    "unterkategorie",
];

/// The field that a header names, with its rank among the field's headers (0 is the best), and the unit in its brackets.
pub fn recognise(header: &str) -> Option<(Field, usize, Option<String>)> {
    let (plain, unit) = without_unit(header);
    let wanted = normalised(plain);
    for (field, headers) in HEADERS {
        if let Some(rank) = headers.iter().position(|known| *known == wanted) {
            return Some((field, rank, unit));
        }
    }
    None
}

fn is_weak(header: &str) -> bool {
    let plain = normalised(without_unit(header).0);
    WEAK.contains(&plain.as_str())
}

/// `Target (hours)` is `Target` and `hours`.
fn without_unit(header: &str) -> (&str, Option<String>) {
    let trimmed = header.trim().trim_end_matches(['*', ':']).trim_end();
    let Some(open) = trimmed.rfind(['(', '[']) else { return (header, None) };
    let Some(inside) = trimmed[open + 1..].strip_suffix([')', ']']) else { return (header, None) };
    let inside = inside.trim();
    if open == 0 || inside.is_empty() || inside.chars().count() > 20 {
        return (header, None);
    }
    (&trimmed[..open], Some(inside.to_owned()))
}

/// A column that a field is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The field.
    pub field: Field,
    /// The column, counted from 0.
    pub column: usize,
    /// The header as it is written.
    pub header: String,
    /// How sure it is, in percent; 100 when the user said so.
    pub confidence: u8,
    /// The unit in the header's brackets.
    pub unit: Option<String>,
    /// Whether the user named it.
    pub given: bool,
}

/// The columns of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The headers, one for each column; empty where there is none.
    pub headers: Vec<String>,
    /// The columns that are read.
    pub mapped: Vec<Mapped>,
    /// Columns that look like a field but whose values do not: the column, the field, and why.
    pub refused: Vec<(usize, Field, String)>,
    /// Fields that several columns claim equally.
    pub ambiguous: Vec<(Field, Vec<usize>)>,
    /// Columns named by the user that the table does not have.
    pub missing: Vec<(Field, String)>,
}

impl Columns {
    /// The column of a field.
    pub fn get(&self, field: Field) -> Option<&Mapped> {
        self.mapped.iter().find(|mapped| mapped.field == field)
    }

    /// The columns that no field is read from, with their headers.
    pub fn unmapped(&self) -> Vec<(usize, &str)> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(column, header)| !header.is_empty() && !self.mapped.iter().any(|mapped| mapped.column == *column))
            .map(|(column, header)| (column, header.as_str()))
            .collect()
    }
}

/// A column's letters, as a spreadsheet shows them: 0 is `A`, 26 is `AA`.
pub fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The column that such letters name.
pub fn from_letters(letters: &str) -> Option<usize> {
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return None;
    }
    let number = letters.bytes().fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    Some(number - 1)
}

/// The headers of a row, without the blanks at its end.
pub fn headers(row: &Row) -> Vec<String> {
    let mut headers: Vec<String> = row
        .cells()
        .map(|cell| cell.shown().split_whitespace().collect::<Vec<_>>().join(" ").trim_start_matches('\u{feff}').to_owned())
        .collect();
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    headers
}

/// Finds the field of each column. `given` are the columns the user named (by header or letters); a field given with an
/// empty column is not read.
pub fn assign(headers: Vec<String>, sample: &[Row], given: &[(Field, String)], indexes: &[&CodeIndex]) -> Columns {
    let mut columns = Columns { headers, ..Columns::default() };
    for (field, wanted) in given {
        if wanted.trim().is_empty() {
            continue;
        }
        match named(&columns.headers, wanted) {
            Some(column) => {
                let unit = without_unit(&columns.headers[column]).1;
                let header = columns.headers[column].clone();
                columns.mapped.push(Mapped { field: *field, column, header, confidence: 100, unit, given: true });
            }
            None => columns.missing.push((*field, wanted.clone())),
        }
    }
    let mut claims: Vec<(Field, usize, usize, Option<String>, u8)> = Vec::new();
    for (column, header) in columns.headers.iter().enumerate() {
        let Some((field, rank, unit)) = recognise(header) else { continue };
        let taken =
            given.iter().any(|(known, _)| *known == field) || columns.mapped.iter().any(|mapped| mapped.column == column);
        if taken {
            continue;
        }
        match fits(field, column, sample, indexes) {
            Ok(confidence) => claims.push((field, rank, column, unit, confidence)),
            Err(_) if !is_weak(header) => claims.push((field, rank, column, unit, 60)),
            Err(why) => columns.refused.push((column, field, why)),
        }
    }
    for field in Field::ALL {
        let mut own: Vec<_> = claims.iter().filter(|claim| claim.0 == field).collect();
        own.sort_by_key(|claim| (claim.1, claim.2));
        let Some(best) = own.first() else { continue };
        // The same header twice is a question, not an answer; another word for the same field is only second choice.
        let equals: Vec<usize> = own.iter().filter(|claim| claim.1 == best.1).map(|claim| claim.2).collect();
        if equals.len() > 1 {
            columns.ambiguous.push((field, equals));
            continue;
        }
        columns.mapped.push(Mapped {
            field,
            column: best.2,
            header: columns.headers[best.2].clone(),
            confidence: best.4,
            unit: best.3.clone(),
            given: false,
        });
    }
    // Several readings in one row (`Q1 Actual Score`, `Q2 Actual Score`): which one is the current value is the user's to say.
    for (field, word) in [(Field::CurrentValue, &["actual", "current"][..]), (Field::TargetValue, &["target", "goal"][..])] {
        let known = columns.get(field).is_some() || given.iter().any(|(known, _)| *known == field);
        if known || columns.ambiguous.iter().any(|(known, _)| *known == field) {
            continue;
        }
        let alike: Vec<usize> = (0..columns.headers.len())
            .filter(|column| {
                let header = normalised(&columns.headers[*column]);
                let words: Vec<&str> = header.split(' ').collect();
                words.len() > 1
                    && words.iter().any(|known| word.contains(known))
                    && recognise(&columns.headers[*column]).is_none()
                    && fits(field, *column, sample, indexes).is_ok_and(|confidence| confidence > 50)
            })
            .collect();
        if alike.len() > 1 {
            columns.ambiguous.push((field, alike));
        }
    }
    columns.mapped.sort_by_key(|mapped| mapped.field);
    columns
}

/// The column the user means: its header, however it is dressed, else its letters.
fn named(headers: &[String], wanted: &str) -> Option<usize> {
    let plain = normalised(wanted);
    headers
        .iter()
        .position(|header| header == wanted)
        .or_else(|| headers.iter().position(|header| !header.is_empty() && normalised(header) == plain))
        .or_else(|| from_letters(wanted.trim()).filter(|column| *column < headers.len()))
}

/// How well a column's values fit a field, in percent.
fn fits(field: Field, column: usize, sample: &[Row], indexes: &[&CodeIndex]) -> Result<u8, String> {
    let mut seen = 0_u32;
    let mut good = 0_u32;
    let mut example = String::new();
    for row in sample {
        let cell = row.cell(column);
        if cell.is_blank() || number::is_nothing(cell.text) || matches!(cell.kind, Kind::Error | Kind::Uncached) {
            continue;
        }
        seen += 1;
        let fine = match field {
            Field::CurrentValue | Field::TargetValue | Field::TargetLower | Field::TargetUpper => {
                matches!(cell.kind, Kind::Number | Kind::Percent | Kind::Bool)
                    || number::parse(cell.text, Mark::Point).is_ok()
                    || number::parse(cell.text, Mark::Comma).is_ok()
                    || cell.text.chars().any(|c| c.is_ascii_digit()) && cell.text.chars().count() <= 24
            }
            Field::Function | Field::Category | Field::Subcategory => {
                indexes.is_empty()
                    || indexes.iter().any(|index| {
                        index
                            .find_all(cell.text)
                            .iter()
                            .any(|found| !matches!(found, Reference::Unknown { near, .. } if near.is_empty()))
                    })
                    || looks_like_code(cell.text)
            }
            Field::Direction => item::direction(cell.text).is_some() || item::direction_of_higher(cell.text).is_some(),
            Field::Priority => item::priority(cell.text, 4).is_some(),
            Field::MetricNumber => cell.text.trim().chars().count() <= 20,
            Field::Name => cell.kind != Kind::Number || cell.text.parse::<Decimal>().is_err(),
            _ => true,
        };
        if fine {
            good += 1;
        } else if example.is_empty() {
            example = cell.shown().chars().take(40).collect();
        }
    }
    if seen == 0 {
        return Ok(50);
    }
    if good * 2 < seen {
        return Err(format!("its values, such as `{example}`, are something else"));
    }
    Ok(u8::try_from(60 + good * 39 / seen).unwrap_or(99))
}

/// `PR.AA-01`, `PR.AC-1`, `XX.YY`: what somebody meant as a code, known or not.
fn looks_like_code(text: &str) -> bool {
    let first = text.trim().split([' ', ';', ',', ':', '|', '\n']).next().unwrap_or_default();
    first.len() <= 12
        && first.contains(['.', '-'])
        && first.chars().next().is_some_and(|c| c.is_ascii_uppercase())
        && first.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_written_as_it_is_compared() {
        for (_, headers) in HEADERS {
            for header in headers {
                assert_eq!(normalised(header), *header);
                assert!(recognise(header).is_some());
            }
        }
    }

    #[test]
    fn letters_go_there_and_back() {
        for (column, text) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(column), text);
            assert_eq!(from_letters(text), Some(column));
        }
    }

    #[test]
    fn units_in_headers_are_seen() {
        assert_eq!(recognise("Target (hours)"), Some((Field::TargetValue, 1, Some("hours".to_owned()))));
        assert_eq!(recognise("Metric ID*"), Some((Field::MetricNumber, 1, None)));
        assert_eq!(recognise("Auditor"), None);
    }

    fn rows(cells: &[&[&str]]) -> Vec<Row> {
        let row = |(number, cells): (usize, &&[&str])| {
            let mut row = Row::default();
            row.clear(number as u64);
            cells.iter().for_each(|cell| row.push(Kind::Text, cell));
            row
        };
        cells.iter().enumerate().map(row).collect()
    }

    #[test]
    fn values_keep_false_friends_out() {
        let headers = ["Name", "Category", "Target", "Priority"].map(str::to_owned).to_vec();
        let sample = rows(&[&["A", "technical", "95%", "High"], &["B", "policy", "90", "P2"]]);
        let index = CodeIndex::default();
        let columns = assign(headers, &sample, &[], &[&index]);
        let fields: Vec<Field> = columns.mapped.iter().map(|mapped| mapped.field).collect();
        assert_eq!(fields, [Field::Name, Field::TargetValue, Field::Priority]);
        assert_eq!(columns.refused[0].1, Field::Category);
    }

    #[test]
    fn quarters_are_a_question() {
        let headers = ["Title", "Q1 Actual Score", "Q2 Actual Score"].map(str::to_owned).to_vec();
        let sample = rows(&[&["A", "5", "6.5"]]);
        let columns = assign(headers.clone(), &sample, &[], &[]);
        assert_eq!(columns.ambiguous, [(Field::CurrentValue, vec![1, 2])]);
        let columns = assign(headers, &sample, &[(Field::CurrentValue, "q2 actual score".to_owned())], &[]);
        assert!(columns.ambiguous.is_empty());
        assert_eq!(columns.get(Field::CurrentValue).map(|mapped| mapped.column), Some(2));
    }
}

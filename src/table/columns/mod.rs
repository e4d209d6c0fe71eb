//! Which column of a sheet is which field: by its header, checked against its values, or as the user says.

mod headers;
mod read;
mod rivalry;
mod values;

use chrono::NaiveDateTime;

use self::headers::is_weak;
pub use self::headers::{headers, recognise};
use self::values::fits;
pub use self::values::is_value;
use super::row::Row;
use crate::domain::code::CodeIndex;
use crate::domain::item::{Field, normalised};
use crate::domain::period::Period;

/// A column that a field is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
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
    /// Other columns that could be the field.
    pub rivals: Vec<usize>,
}

/// The columns of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The headers, one for each column; empty if there is none.
    pub headers: Vec<String>,
    /// The columns that are read.
    pub mapped: Vec<Mapped>,
    /// Columns that look like a field but whose values do not: the column, the field, and why.
    pub refused: Vec<(usize, Field, String)>,
    /// Fields that several columns claim equally.
    pub ambiguous: Vec<(Field, Vec<usize>)>,
    /// Where another table begins beside this one, behind a column without a header.
    pub side: Option<usize>,
    /// Of text, how many cells the header's record has: a longer record is broken.
    pub width: Option<usize>,
    /// The columns that the user of a workbook does not see.
    pub hidden: Vec<usize>,
    /// The columns of readings, each at the end of its period.
    pub series: Vec<Readings>,
    /// Columns named by the user that the table does not have.
    pub missing: Vec<(Field, String)>,
}

/// A column of readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// The column, as one of the current value.
    pub mapped: Mapped,
    pub period: Period,
    /// When its values were measured, UTC.
    pub at: NaiveDateTime,
    /// How many cells hold something.
    pub values: u64,
}

impl Columns {
    /// The column of a field.
    pub fn get(&self, field: Field) -> Option<&Mapped> {
        self.mapped.iter().find(|mapped| mapped.field == field)
    }

    /// The columns that are read as numbers: those of fields, and those of readings.
    pub fn numbers(&self) -> impl Iterator<Item = &Mapped> {
        let fields = self.mapped.iter().filter(|mapped| mapped.field.is_number());
        fields.chain(self.series.iter().map(|readings| &readings.mapped))
    }

    /// What tells the column of a field from the others: its header, or its letters where another one has the same header.
    pub fn named(&self, mapped: &Mapped) -> String {
        self.called(mapped.column)
    }

    /// What tells a column from the others.
    pub fn called(&self, column: usize) -> String {
        let header = &self.headers[column];
        let wanted = normalised(header);
        let is_alone = !header.is_empty() && self.headers.iter().filter(|header| normalised(header) == wanted).count() == 1;
        if is_alone { header.clone() } else { letters(column) }
    }

    /// The columns that no field is read from, with their headers.
    pub fn unmapped(&self) -> Vec<(usize, &str)> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(column, header)| {
                let mut is_read = self.mapped.iter().chain(self.series.iter().map(|readings| &readings.mapped));
                !header.is_empty() && !is_read.any(|mapped| mapped.column == *column)
            })
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

/// A column that could be a field.
struct Claim {
    field: Field,
    rank: usize,
    column: usize,
    unit: Option<String>,
    confidence: u8,
    /// Of names, whether the values are numbers such as `K-01`.
    is_number: bool,
    is_filled: bool,
}

/// Fields without which the others are worth as much: two columns for one of them are no reason to stop.
fn is_soft(field: Field) -> bool {
    field != Field::Name && field.is_prose() || field.is_count()
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
                let header = columns.headers[column].clone();
                let same: Vec<usize> = (0..columns.headers.len()).filter(|other| columns.headers[*other] == *wanted).collect();
                if same.len() > 1 {
                    columns.ambiguous.push((*field, same));
                    continue;
                }
                let unit = recognise(&header).and_then(|known| known.unit);
                let rivals = Vec::new();
                columns.mapped.push(Mapped { field: *field, column, header, confidence: 100, unit, given: true, rivals });
            }
            None => columns.missing.push((*field, wanted.clone())),
        }
    }
    let mut claims = claims(&mut columns, sample, given, indexes);
    let beside = second_table(&columns.headers, &claims, sample).filter(|_| given.is_empty());
    if let Some(start) = beside {
        let start_of =
            claims.iter().filter(|claim| claim.column >= start && claim.field == Field::Name).map(|claim| claim.column);
        let name = start_of.min().unwrap_or(start);
        claims.retain(|claim| claim.column < start);
        columns.refused.retain(|(column, ..)| *column < start);
        columns.refused.push((name, Field::Name, "another table begins there; --range imports it".to_owned()));
    }
    numbers_among_names(&mut claims, given);
    // A count alone is none of two.
    let has = |field: Field| given.iter().any(|one| one.0 == field) || claims.iter().any(|claim| claim.field == field);
    if has(Field::Numerator) != has(Field::Denominator) {
        claims.retain(|claim| !claim.field.is_count());
    }
    let is_export = columns.headers.iter().any(|header| header.contains('_') && Field::named(header).is_some());
    let all = columns.headers.clone();
    let is_vague = |claim: &Claim| headers::is_partial(claim.rank) || is_weak(&all[claim.column]);
    for field in Field::ALL {
        let mut own: Vec<&Claim> = claims.iter().filter(|claim| claim.field == field).collect();
        own.sort_by_key(|claim| (claim.rank, claim.column));
        // An export has the field under its own name beside a column of the sheet it came from.
        let mut exact = own.iter().filter(|claim| columns.headers[claim.column] == field.as_str());
        let only = exact.next().filter(|_| is_export && exact.next().is_none()).copied();
        let Some(best) = only.or_else(|| own.iter().find(|claim| claim.is_filled).or(own.first()).copied()) else { continue };
        let rivals: Vec<usize> = own.iter().map(|claim| claim.column).filter(|column| *column != best.column).collect();
        let is_rival = |claim: &&&Claim| {
            let same_header = normalised(&columns.headers[claim.column]) == normalised(&columns.headers[best.column]);
            let is_open = match field {
                _ if is_soft(field) => same_header,
                Field::MetricNumber => claim.rank == best.rank,
                // `Risk Title` and `Control` beside `KRI` are what it is about.
                Field::Name if !is_vague(best) => !is_vague(claim),
                _ => true,
            };
            claim.column != best.column
                && claim.is_filled
                && is_open
                && rivalry::clash(field, best.column, claim.column, sample, indexes)
        };
        // Two templates without values are a question, too: they come back filled.
        let is_empty = own.iter().all(|claim| !claim.is_filled);
        let equals = own.iter().filter(|claim| claim.rank == best.rank).count();
        // The same header over values of another kind: who wrote it did not mean what it says of one of them.
        let alike = |column: usize| normalised(&columns.headers[column]) == normalised(&columns.headers[best.column]);
        let unlike = columns.refused.iter().filter(|(column, refused, _)| *refused == field && alike(*column));
        let unlike: Vec<usize> =
            unlike.map(|(column, ..)| *column).filter(|column| beside.is_none_or(|start| *column < start)).collect();
        let is_question =
            !unlike.is_empty() || own.iter().any(|claim| is_rival(&claim)) || is_empty && equals > 1 && !is_soft(field);
        if only.is_none() && is_question {
            let mut all: Vec<usize> = own.iter().map(|claim| claim.column).chain(unlike).collect();
            all.sort_unstable();
            columns.ambiguous.push((field, all));
            continue;
        }
        columns.mapped.push(Mapped {
            field,
            column: best.column,
            header: columns.headers[best.column].clone(),
            confidence: best.confidence,
            unit: best.unit.clone(),
            given: false,
            rivals,
        });
    }
    columns.mapped.sort_by_key(|mapped| mapped.field);
    let last = columns.mapped.iter().map(|mapped| mapped.column).max().unwrap_or_default();
    let gap = (last + 1..columns.headers.len()).find(|column| columns.headers[*column].is_empty()).map(|gap| gap + 1);
    columns.side = beside.or(gap);
    columns
}

/// Where a second table stands beside the first: behind an empty column, with names of its own.
fn second_table(headers: &[String], claims: &[Claim], sample: &[Row]) -> Option<usize> {
    let has_name = |range: std::ops::Range<usize>| {
        claims.iter().any(|claim| claim.field == Field::Name && !claim.is_number && range.contains(&claim.column))
    };
    let fields = |range: std::ops::Range<usize>| claims.iter().filter(|claim| range.contains(&claim.column)).count();
    (1..headers.len())
        .filter(|gap| headers[*gap].is_empty() && sample.iter().all(|row| row.cell(*gap).is_blank()))
        .find(|gap| has_name(0..*gap) && fields(0..*gap) >= 2 && has_name(gap + 1..headers.len()))
        .map(|gap| gap + 1)
}

/// What each column could be by its header, where its values bear that out.
fn claims(columns: &mut Columns, sample: &[Row], given: &[(Field, String)], indexes: &[&CodeIndex]) -> Vec<Claim> {
    let mut known: Vec<(usize, headers::Recognised)> =
        columns.headers.iter().enumerate().filter_map(|(column, header)| Some((column, recognise(header)?))).collect();
    // `Target (min)` beside `Target (max)` is a bound, not a target in minutes.
    let is_bound = |known: &headers::Recognised, word: &str| {
        known.field == Field::TargetValue && known.unit.as_deref().is_some_and(|unit| unit.eq_ignore_ascii_case(word))
    };
    if known.iter().any(|(_, known)| known.field == Field::TargetUpper) {
        for (_, one) in known.iter_mut().filter(|(_, one)| is_bound(one, "min")) {
            *one = headers::Recognised { field: Field::TargetLower, rank: one.rank, unit: None };
        }
    }
    let mut claims = Vec::new();
    // `Low`, `Medium` and `High` side by side are levels, not the bounds of a range.
    let has_middle =
        columns.headers.iter().any(|header| matches!(normalised(header).as_str(), "medium" | "med" | "moderate" | "mid"));
    let targets = known.iter().filter(|(_, known)| known.field == Field::TargetValue).count();
    let is_number = |field: Field, column: usize| field == Field::Name && values::are_numbers(column, sample);
    for (column, headers::Recognised { field, rank, unit }) in known {
        if has_middle && matches!(normalised(&columns.headers[column]).as_str(), "low" | "high") {
            columns.refused.push((column, field, "it is one of several levels".to_owned()));
            continue;
        }
        // A column of codes and texts may be the name and say the codes as well.
        let is_used = columns.mapped.iter().any(|mapped| mapped.column == column) && !field.is_code();
        let taken = given.iter().any(|(known, _)| *known == field) || is_used;
        if taken {
            continue;
        }
        let partial = headers::is_partial(rank);
        let is_weak = partial || is_weak(&columns.headers[column]);
        let fit = fits(field, column, sample, indexes);
        let can_be_goal = is_weak && field == Field::TargetValue && headers::can_be_goal(&columns.headers[column]);
        if can_be_goal && (fit.is_err() || fit == Ok(values::EMPTY) && (targets > 1 || given.iter().any(|one| one.0 == field)))
        {
            if given.iter().all(|(known, _)| *known != Field::Goal) {
                let (confidence, is_filled) = (80, fit.is_err());
                claims.push(Claim { field: Field::Goal, rank, column, unit: None, confidence, is_number: false, is_filled });
            }
            continue;
        }
        match fit {
            Ok(confidence) => {
                let confidence = if partial { confidence.min(80) } else { confidence };
                let is_filled = confidence != values::EMPTY;
                claims.push(Claim { field, rank, column, unit, confidence, is_number: is_number(field, column), is_filled });
            }
            Err(_) if !is_weak => {
                let is_number = is_number(field, column);
                claims.push(Claim { field, rank, column, unit, confidence: 60, is_number, is_filled: true });
            }
            // Columns of other types have the same name.
            Err(_) if field == Field::MeasureType => {}
            Err(why) => columns.refused.push((column, field, why)),
        }
    }
    claims
}

/// `KPI | Title` with `K-01` under `KPI`: a column of numbers beside one of names is the metric's number, whatever it is called.
fn numbers_among_names(claims: &mut Vec<Claim>, given: &[(Field, String)]) {
    let is_name = |claim: &Claim| claim.field == Field::Name;
    let is_number = |claim: &Claim| is_name(claim) && claim.is_number;
    if !claims.iter().any(|claim| is_name(claim) && !is_number(claim)) {
        return;
    }
    let has_number = claims.iter().any(|claim| claim.field == Field::MetricNumber)
        || given.iter().any(|(field, _)| *field == Field::MetricNumber);
    if has_number {
        claims.retain(|claim| !is_number(claim));
        return;
    }
    for claim in claims.iter_mut().filter(|claim| is_number(claim)) {
        claim.field = Field::MetricNumber;
        claim.confidence = claim.confidence.min(80);
    }
}

/// Whether the values of a column are numbers, as far as it has some.
pub(super) fn holds_numbers(column: usize, sample: &[Row]) -> bool {
    fits(Field::CurrentValue, column, sample, &[]).is_ok()
}

/// The column the user means: its header, however it is dressed, else its letters.
pub(super) fn named(headers: &[String], wanted: &str) -> Option<usize> {
    let plain = normalised(wanted);
    headers
        .iter()
        .position(|header| header == wanted)
        .or_else(|| headers.iter().position(|header| !header.is_empty() && normalised(header) == plain))
        .or_else(|| from_letters(wanted.trim()).filter(|column| *column < headers.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::Kind;

    #[test]
    fn letters_go_there_and_back() {
        for (column, text) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(column), text);
            assert_eq!(from_letters(text), Some(column));
        }
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
        assert_eq!(columns.unmapped(), [(1, "Category")]);
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

    #[test]
    fn a_field_under_its_own_name_is_no_question() {
        let headers = ["name", "target_value", "Target Value"].map(str::to_owned).to_vec();
        let columns = assign(headers, &rows(&[&["A", "5", "6"]]), &[], &[]);
        assert_eq!(columns.get(Field::TargetValue).map(|mapped| mapped.column), Some(1));
        assert!(columns.ambiguous.is_empty());
        let headers = ["name", "target_value", "target_value"].map(str::to_owned).to_vec();
        let columns = assign(headers, &rows(&[&["A", "5", "6"]]), &[], &[]);
        assert_eq!(columns.ambiguous, [(Field::TargetValue, vec![1, 2])]);
    }

    #[test]
    fn the_same_header_over_texts_and_over_numbers_is_a_question() {
        for order in [[1, 2], [2, 1]] {
            let mut cells = ["A", "what it is about", "5"];
            cells.swap(order[0], 1);
            let columns = assign(["name", "current", "Current"].map(str::to_owned).to_vec(), &rows(&[&cells]), &[], &[]);
            assert_eq!(columns.ambiguous, [(Field::CurrentValue, vec![1, 2])], "{cells:?}");
        }
    }

    #[test]
    fn a_bare_name_beside_a_column_of_kpis_is_a_question_where_the_kpis_are_as_long() {
        let ask = |headers: [&str; 2], sample: &[&[&str]]| {
            assign(headers.map(str::to_owned).to_vec(), &rows(sample), &[], &[]).ambiguous
        };
        let owners: &[&[&str]] = &[&["Ann", "Phishing rate"], &["Bob", "MFA coverage"]];
        assert_eq!(ask(["Name", "KPI"], owners), [(Field::Name, vec![0, 1])]);
        assert_eq!(ask(["name", "KPI"], owners), [(Field::Name, vec![0, 1])]);
        let short: &[&[&str]] = &[&["Phishing rate", "PHI"], &["MFA coverage", "MFA"]];
        assert_eq!(ask(["Name", "KPI"], short), []);
        assert_eq!(ask(["Metric Name", "KPI"], owners), [(Field::Name, vec![0, 1])]);
    }

    #[test]
    fn numbers_beside_names_are_metric_numbers() {
        let headers = ["KPI", "Title", "Target (min)", "Target (max)"].map(str::to_owned).to_vec();
        let sample = rows(&[&["K-01", "Phishing rate", "1", "2"], &["K-02", "MFA coverage", "3", "4"]]);
        let columns = assign(headers, &sample, &[], &[]);
        let fields: Vec<(Field, usize)> = columns.mapped.iter().map(|mapped| (mapped.field, mapped.column)).collect();
        assert_eq!(fields, [(Field::MetricNumber, 0), (Field::Name, 1), (Field::TargetLower, 2), (Field::TargetUpper, 3)]);
        let headers = ["KPI", "Target", "Notes on owner", "Owner", "Owner"].map(str::to_owned).to_vec();
        let columns = assign(headers, &rows(&[&["K-01", "1", "", "a", "b"]]), &[], &[]);
        assert_eq!(columns.get(Field::Name).map(|mapped| mapped.column), Some(0));
        assert_eq!(columns.ambiguous, [(Field::Owner, vec![3, 4])]);
    }

    #[test]
    fn running_numbers_are_metric_numbers_and_repeated_ones_are_not() {
        for header in ["Metric No.", "Metric #", "No.", "Nr.", "#"] {
            let headers = [header, "Name", "Target"].map(str::to_owned).to_vec();
            let sample = rows(&[&["1", "A", "5"], &["2", "B", "6"], &["3", "C", "7"], &["4", "D", "7"]]);
            let columns = assign(headers.clone(), &sample, &[], &[]);
            assert_eq!(columns.get(Field::MetricNumber).map(|mapped| mapped.column), Some(0), "{header}");
            let sample = rows(&[&["1", "A", "5"], &["1", "B", "6"], &["1", "C", "7"], &["2", "D", "7"]]);
            let columns = assign(headers, &sample, &[], &[]);
            let is_weak = !header.starts_with("Metric");
            assert_eq!(columns.get(Field::MetricNumber).is_none(), is_weak, "{header}");
            assert_eq!(columns.refused.len(), usize::from(is_weak), "{header}");
        }
    }

    #[test]
    fn no_column_is_two_fields_and_no_field_two_columns() {
        use proptest::prelude::*;
        let words: Vec<&str> = include_str!("headers.txt")
            .lines()
            .filter(|line| !line.starts_with(['#', '[']))
            .flat_map(|line| line.split(';'))
            .map(|word| word.trim().trim_end_matches('~'))
            .filter(|word| !word.is_empty())
            .collect();
        let header = prop_oneof![4 => proptest::sample::select(words).prop_map(str::to_owned), 1 => "[A-Za-z #.()%]{0,12}"];
        let cell = prop_oneof!["[A-Z]{2}\\.[A-Z]{2}-0[1-9]", "[0-9]{1,3}%?", "[a-z ]{0,9}", Just("High".to_owned())];
        let table =
            (proptest::collection::vec(header, 1..9), proptest::collection::vec(proptest::collection::vec(cell, 8), 0..6));
        proptest!(|((headers, cells) in table)| {
            let cells: Vec<Vec<&str>> = cells.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            let cells: Vec<&[&str]> = cells.iter().map(Vec::as_slice).collect();
            let columns = assign(headers, &rows(&cells), &[], &[]);
            let mut fields: Vec<Field> = columns.mapped.iter().map(|mapped| mapped.field).collect();
            let mut places: Vec<usize> = columns.mapped.iter().map(|mapped| mapped.column).collect();
            fields.sort_unstable();
            fields.dedup();
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!((fields.len(), places.len()), (columns.mapped.len(), columns.mapped.len()));
        });
    }
}

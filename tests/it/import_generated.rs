//! `cmf import` on a thousand generated sheets, each with rows that are known to be bad and rows that are known to be none.
//! The same number always makes the same sheet.

use std::collections::BTreeMap;
use std::path::Path;

use cmf::catalog::import::build::{self, Built, Outcome, Refusal, RowSummary, Taker};
use cmf::domain::code::CodeIndex;
use cmf::table::problem::{Problem, Skip};
use cmf::table::source::{Most, Source};
use cmf::table::{self, Options, Prepared};
use rust_xlsxwriter::Workbook;

use crate::support::Db;

/// A small generator of numbers that are as good as random (`SplitMix64`).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("a small number")
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = self.below(at + 1);
            all.swap(at, other);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Number,
    Name,
    Description,
    Current,
    Target,
    Lower,
    Upper,
    Unit,
    Direction,
    Priority,
    Code,
    Other,
}

impl Column {
    const ALL: [Column; 12] = [
        Column::Number,
        Column::Name,
        Column::Description,
        Column::Current,
        Column::Target,
        Column::Lower,
        Column::Upper,
        Column::Unit,
        Column::Direction,
        Column::Priority,
        Column::Code,
        Column::Other,
    ];

    fn headers(self) -> &'static [&'static str] {
        match self {
            Column::Number => &["Metric ID", "metric_number", "Metric Number", "Metric No.", "Metric #", "No.", "Nr."],
            Column::Name => &["Metric Name", "name", "Metric"],
            Column::Description => &["Description", "description"],
            Column::Current => &["Current Value", "current_value"],
            Column::Target => &["Target", "Target Value", "target_value"],
            Column::Lower => &["Lower Bound", "target_lower"],
            Column::Upper => &["Upper Bound", "target_upper"],
            Column::Unit => &["Unit", "unit", "Units"],
            Column::Direction => &["Direction", "direction"],
            Column::Priority => &["Priority", "priority"],
            Column::Code => &["Subcategory", "CSF Subcategory"],
            Column::Other => &["Favourite colour"],
        }
    }
}

type Cells = BTreeMap<Column, String>;

/// One way to spoil a good row: the column, what to write there, and the code of the problem.
const SPOILS: [(Column, &str, &str); 13] = [
    (Column::Target, "soon", "not_a_number"),
    (Column::Target, "10-Jan", "maybe_a_date"),
    (Column::Target, "1_000", "not_a_number"),
    (Column::Target, "NaN", "not_finite"),
    (Column::Target, "123456789012", "too_large"),
    (Column::Current, "< 5", "not_exact"),
    (Column::Current, "see the report", "not_a_number"),
    (Column::Name, "", "missing_name"),
    (Column::Name, "LONG", "too_long"),
    (Column::Number, "ABCDEFGHIJKLMNOPQRSTU", "too_long"),
    (Column::Priority, "whenever", "unknown_priority"),
    (Column::Code, "PR.AA-99", "unknown_code"),
    (Column::Code, "ID.BE-01", "withdrawn_code"),
];

/// A sheet, and what its rows must become.
struct Sheet {
    /// The rows with what they are.
    rows: Vec<(Vec<String>, What)>,
    columns: Vec<Column>,
    delimiter: u8,
    is_workbook: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Header,
    Good,
    Bad(Vec<(Column, &'static str)>),
    Skipped(Skip),
}

fn sheet(seed: u64) -> Sheet {
    let numbers = &mut Numbers(seed);
    let mut columns: Vec<Column> = Column::ALL
        .into_iter()
        .filter(|column| {
            matches!(column, Column::Name | Column::Target | Column::Unit | Column::Description) || !numbers.once_in(4)
        })
        .collect();
    // A range has both of its bounds.
    if columns.contains(&Column::Lower) != columns.contains(&Column::Upper) {
        columns.retain(|column| !matches!(column, Column::Lower | Column::Upper));
    }
    numbers.shuffle(&mut columns);
    let header: Vec<String> = columns.iter().map(|column| numbers.pick(column.headers()).to_owned()).collect();
    let line = |cells: &Cells| -> Vec<String> {
        columns.iter().map(|column| cells.get(column).cloned().unwrap_or_default()).collect()
    };
    let lone = |text: &str| -> Vec<String> {
        std::iter::once(text.to_owned()).chain(columns.iter().skip(1).map(|_| String::new())).collect()
    };
    let blank = || vec![String::new(); columns.len()];
    let mut rows = Vec::new();
    for _ in 0..numbers.below(3) {
        rows.push((lone("Security metrics of the year"), What::Skipped(Skip::Heading)));
        if numbers.once_in(2) {
            rows.push((blank(), What::Skipped(Skip::Blank)));
        }
    }
    rows.push((header.clone(), What::Header));
    let count = 12 + numbers.below(12);
    let mut first: Option<Cells> = None;
    let mut bad = 0;
    for n in 0..count {
        let mut cells = good(numbers, n);
        let mut spoilt = Vec::new();
        // Bad rows stay the exception, or a column is not taken for what its header says.
        if n > 3 && bad * 6 < n && numbers.once_in(3) {
            bad += 1;
            for _ in 0..=usize::from(numbers.once_in(4)) {
                spoil(numbers, &columns, &mut cells, first.as_ref(), &mut spoilt);
            }
        }
        if first.is_none() {
            first = Some(cells.clone());
        }
        spoilt.sort_unstable();
        rows.push((line(&cells), if spoilt.is_empty() { What::Good } else { What::Bad(spoilt) }));
        match numbers.below(14) {
            0 => rows.push((blank(), What::Skipped(Skip::Blank))),
            1 => rows.push((header.clone(), What::Skipped(Skip::RepeatedHeader))),
            2 if n + 1 < count => rows.push((lone("Identity and access"), What::Skipped(Skip::Heading))),
            3 => {
                let mut example = cells.clone();
                example.insert(Column::Name, "Example: share of staff trained".to_owned());
                rows.push((line(&example), What::Skipped(Skip::Example)));
            }
            _ => {}
        }
    }
    if numbers.once_in(2) {
        let total = Cells::from([(Column::Name, "Total".to_owned()), (Column::Target, "400".to_owned())]);
        rows.push((line(&total), What::Skipped(Skip::Total)));
    }
    if numbers.once_in(3) {
        rows.push((lone("Source: the register of the security office"), What::Skipped(Skip::Footer)));
    }
    Sheet { rows, delimiter: numbers.pick(b",;\t|"), is_workbook: numbers.once_in(4), columns }
}

fn good(numbers: &mut Numbers, n: usize) -> Cells {
    let (unit, direction) = numbers.pick(&[("%", "Higher is better"), ("days", "lower_is_better"), ("count", "Lower")]);
    let number = |numbers: &mut Numbers| match numbers.below(3) {
        0 => format!("{}.5", 2 + numbers.below(90)),
        _ => (2 + numbers.below(900)).to_string(),
    };
    let subject = numbers
        .pick(&["Patched servers", "Trained staff", "Zugänge ohne Eigentümer", "Restores, tested", "Open \"high\" findings"]);
    let mut cells = Cells::from([
        (Column::Number, format!("M-{n:03}")),
        (Column::Name, format!("{subject} {n}")),
        (
            Column::Description,
            numbers.pick(&["Counted each month", "First line\nsecond; line, with | marks", "Über alle Standorte"]).to_owned(),
        ),
        (Column::Target, number(numbers)),
        (Column::Unit, unit.to_owned()),
        (Column::Direction, direction.to_owned()),
        (Column::Priority, numbers.pick(&["High", "medium", "LOW", "hoch"]).to_owned()),
        (Column::Code, numbers.pick(&["PR.AA-01", "pr.ps-1; DE.CM-01", "GV.OC-05: text", "N/A"]).to_owned()),
        (Column::Other, numbers.pick(&["red", "green", ""]).to_owned()),
    ]);
    if !numbers.once_in(3) {
        let current = number(numbers);
        cells.insert(Column::Current, current);
    }
    if numbers.once_in(4) {
        cells.insert(Column::Lower, "10".to_owned());
        cells.insert(Column::Upper, "20.5".to_owned());
    }
    if unit == "%" && numbers.once_in(3) {
        cells.insert(Column::Target, format!(">= {}%", 50 + numbers.below(50)));
    }
    cells
}

fn spoil(
    numbers: &mut Numbers,
    columns: &[Column],
    cells: &mut Cells,
    first: Option<&Cells>,
    spoilt: &mut Vec<(Column, &'static str)>,
) {
    let free =
        |column: Column, spoilt: &[(Column, &str)]| columns.contains(&column) && spoilt.iter().all(|one| one.0 != column);
    match numbers.below(6) {
        0 if free(Column::Lower, spoilt) => {
            cells.insert(Column::Lower, "30".to_owned());
            cells.insert(Column::Upper, "20".to_owned());
            spoilt.push((Column::Lower, "bounds_swapped"));
        }
        1 if free(Column::Target, spoilt) => {
            cells.insert(Column::Unit, "days".to_owned());
            cells.insert(Column::Target, "48 hours".to_owned());
            spoilt.push((Column::Target, "unit_conflict"));
        }
        2 if first.is_some() => {
            let key = if columns.contains(&Column::Number) { Column::Number } else { Column::Name };
            if free(key, spoilt) {
                let same = first.and_then(|first| first.get(&key)).map(|text| text.to_uppercase()).unwrap_or_default();
                // With another name it would be a problem of the first row, too.
                if let Some(name) = first.and_then(|first| first.get(&Column::Name)).filter(|_| free(Column::Name, spoilt)) {
                    cells.insert(Column::Name, name.clone());
                }
                cells.insert(key, same);
                spoilt.push((key, "duplicate"));
            }
        }
        _ => {
            let (column, text, code) = numbers.pick(&SPOILS);
            if free(column, spoilt) {
                // A key that is too long twice would be a duplicate, too.
                let text = match (column, text) {
                    (Column::Name, "LONG") => format!("{}{}", "x".repeat(201), numbers.next()),
                    (Column::Number, text) => format!("{text}{}", numbers.next()),
                    _ => text.to_owned(),
                };
                cells.insert(column, text);
                spoilt.push((column, code));
            }
        }
    }
}

impl Sheet {
    /// Writes the sheet and returns the number of each row: of the row in a workbook, of its first line in text.
    fn write(&self, path: &Path) -> Vec<u64> {
        if self.is_workbook {
            let mut workbook = Workbook::new();
            let sheet = workbook.add_worksheet();
            let mut numbers = Vec::new();
            for (row, (cells, _)) in (0_u32..).zip(&self.rows) {
                for (column, text) in (0_u16..).zip(cells) {
                    match text.parse::<f64>() {
                        Ok(number) if number.is_finite() => sheet.write(row, column, number).expect("a cell"),
                        _ => sheet.write(row, column, text).expect("a cell"),
                    };
                }
                numbers.push(u64::from(row) + 1);
            }
            workbook.save(path).expect("a workbook");
            return numbers;
        }
        let mut numbers = Vec::new();
        let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).from_path(path).expect("a file");
        let mut next = 1;
        for (cells, _) in &self.rows {
            writer.write_record(cells).expect("a record");
            numbers.push(next);
            next += 1 + cells.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        }
        writer.flush().expect("a file");
        numbers
    }

    /// The places and codes that must be reported, in order.
    fn problems(&self, numbers: &[u64]) -> Vec<(u64, usize, &'static str)> {
        let mut all = Vec::new();
        for ((_, what), number) in self.rows.iter().zip(numbers) {
            let What::Bad(spoilt) = what else { continue };
            for (column, code) in spoilt {
                let at = self.columns.iter().position(|known| known == column).expect("a column");
                all.push((*number, at, *code));
            }
        }
        all.sort_unstable();
        all
    }

    fn count(&self, wanted: impl Fn(&What) -> bool) -> u64 {
        self.rows.iter().filter(|(_, what)| wanted(what)).count() as u64
    }
}

/// Keeps what it is handed.
#[derive(Default)]
struct Kept {
    items: Vec<u64>,
    problems: Vec<Problem>,
    rejected: u64,
    skipped: u64,
}

impl Taker for Kept {
    fn accepts(&mut self, _: &Built) -> Result<(), Refusal> {
        Ok(())
    }

    fn take(&mut self, outcome: Outcome) -> cmf::error::Result<()> {
        match outcome {
            Outcome::Item(built) => self.items.push(built.row),
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Rejected(_, problems) => {
                self.rejected += 1;
                self.problems.extend(problems);
            }
        }
        Ok(())
    }
}

pub(crate) fn csf() -> CodeIndex {
    let bundled = cmf::import::bundled::find("csf-2.0").expect("the framework");
    let withdrawn = bundled.withdrawn().expect("its former codes");
    CodeIndex::new(&bundled.framework().expect("its tree")).with_withdrawn(&withdrawn)
}

fn read(path: &Path, index: &CodeIndex) -> (RowSummary, Kept) {
    let fail = |error: cmf::error::Error| panic!("{}", error.to_text());
    let source = Source::open(path.to_str().expect("UTF-8"), Most::Any(1 << 30)).unwrap_or_else(fail);
    let prepared =
        table::prepare(&source, &Options::default(), &[index], None).unwrap_or_else(|error| panic!("{}", error.to_text()));
    let Prepared::Table(mut table) = prepared else { panic!("the columns are unclear") };
    let mut kept = Kept::default();
    let finding = build::build(&mut table, Some(index), &mut kept).unwrap_or_else(|error| panic!("{}", error.to_text()));
    (finding, kept)
}

#[test]
fn each_bad_row_of_generated_sheets_is_named_and_no_good_one() {
    generated(100);
}

/// The long form: `cargo nextest run --run-ignored only a_thousand_sheets`.
#[test]
#[ignore = "takes half a minute"]
fn each_bad_row_of_a_thousand_sheets_is_named_and_no_good_one() {
    generated(1000);
}

fn generated(sheets: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let index = csf();
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..sheets {
        let sheet = sheet(seed);
        let path = folder.path().join(format!("{seed}"));
        let numbers = sheet.write(&path);
        let (finding, kept) = read(&path, &index);
        let counts = finding.counts;
        let mut named: Vec<(u64, usize, &str)> =
            kept.problems.iter().map(|one| (one.row, one.column.expect("a column"), one.code)).collect();
        named.sort_unstable();
        assert_eq!(named, sheet.problems(&numbers), "sheet {seed}: {:#?}", kept.problems);
        let good: Vec<u64> =
            sheet.rows.iter().zip(&numbers).filter(|(row, _)| row.1 == What::Good).map(|(_, row)| *row).collect();
        assert_eq!(kept.items, good, "sheet {seed}");
        let rejected = sheet.count(|what| matches!(what, What::Bad(_)));
        assert_eq!((counts.items, counts.rejected, kept.rejected), (good.len() as u64, rejected, rejected), "sheet {seed}");
        for reason in Skip::ALL {
            // Blank lines leave no trace in a workbook.
            if !(sheet.is_workbook && reason == Skip::Blank) {
                let skipped = sheet.count(|what| *what == What::Skipped(reason));
                assert_eq!(counts.skipped[reason as usize], skipped, "sheet {seed}: {reason:?}");
            }
        }
        assert_eq!(counts.read, counts.items + counts.all_skipped() + counts.rejected, "sheet {seed}");
        for (_, _, code) in named {
            *seen.entry(code).or_default() += 1;
        }
        std::fs::remove_file(&path).expect("it goes");
    }
    // Every way to be bad occurred.
    assert!(SPOILS.iter().all(|spoil| seen.get(spoil.2).is_some_and(|count| *count > 0)), "{seen:?}");
    assert!(["bounds_swapped", "unit_conflict", "duplicate"].iter().all(|code| seen.contains_key(code)), "{seen:?}");
}

#[test]
fn the_binary_says_of_generated_sheets_what_the_sum_is_first_and_again() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    for seed in 2000..2004 {
        let sheet = sheet(seed);
        let path = folder.path().join(format!("sheet {seed}"));
        sheet.write(&path);
        let file = path.to_str().expect("UTF-8");
        let good = sheet.count(|what| *what == What::Good);
        let bad = sheet.count(|what| matches!(what, What::Bad(_)));
        for (mode, imported, unchanged) in [("create", good, 0), ("upsert", 0, good)] {
            let run = db.cmf(["import", "--direction=*=higher", file, "--mode", mode, "--allow-partial", "--format", "json"]);
            assert_eq!(run.code, if bad > 0 { 3 } else { 0 }, "{seed}: {}", run.stderr);
            let summary = run.json();
            let count = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("no {name} in {summary}"));
            assert_eq!((count("imported"), count("unchanged"), count("rejected")), (imported, unchanged, bad), "{seed}");
            let sum = count("imported") + count("updated") + count("unchanged") + count("skipped") + count("rejected");
            assert_eq!(count("read"), sum, "{seed}: {summary}");
        }
    }
}

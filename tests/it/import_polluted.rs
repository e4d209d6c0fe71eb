//! A clean file with one fault each, after "Pollock: A Data Loading Benchmark" (PVLDB 16, 2023): nothing is stored otherwise than in
//! the clean file, or left out, without a word. `benches/polluted.sh` does so with every place of every fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cmf::catalog::import::build::{self, Built, Outcome, Refusal, Taker};
use cmf::domain::code::{CodeIndex, Position};
use cmf::domain::item::{Field, Item};
use cmf::table::source::{Most, Source};
use cmf::table::{self, Options, Prepared};

use crate::import_generated::{Numbers, csf};

const HEADER: [&str; 10] =
    ["metric_number", "name", "description", "current", "target", "unit", "direction", "function", "priority", "owner"];

type Rows = Vec<Vec<String>>;

/// Thirty metrics, some with a comma, a line break or nothing in a cell.
fn clean() -> Rows {
    let codes = ["PR.AA-01", "PR.DS-11", "DE.CM-01", "GV.OC-02", "RC.RP-03", "ID.AM-01; ID.AM-02"];
    let owners = ["Ada Lovelace", "Legal, Compliance", "", "Board office"];
    let row = |at: usize| {
        let (unit, direction) = [("%", "higher_is_better"), ("days", "lower_is_better"), ("count", "higher_is_better")][at % 3];
        let description = match at % 4 {
            0 => format!("Counted in place {at}, with care"),
            1 => String::new(),
            2 => format!("First line,\nsecond line {at}"),
            _ => "As the board asked".to_owned(),
        };
        let current = if at.is_multiple_of(5) { format!("{}.5", 20 + at) } else { (21 + at).to_string() };
        [
            format!("K-{at:03}"),
            format!("Measure of thing {at}"),
            description,
            current,
            (50 + at).to_string(),
            unit.to_owned(),
            direction.to_owned(),
            codes[at % codes.len()].to_owned(),
            ["High", "Medium", "Low"][at % 3].to_owned(),
            owners[at % 4].to_owned(),
        ]
        .to_vec()
    };
    (1..=30).map(row).collect()
}

fn cell(text: &str, delimiter: char, always: bool) -> String {
    if always || text.contains([delimiter, '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn line(cells: &[String], delimiter: char, always: bool) -> String {
    cells.iter().map(|text| cell(text, delimiter, always)).collect::<Vec<_>>().join(&delimiter.to_string())
}

fn header() -> Vec<String> {
    HEADER.map(str::to_owned).to_vec()
}

/// The lines of a file, the header first.
fn lines(rows: &Rows) -> Vec<String> {
    std::iter::once(&header()).chain(rows).map(|row| line(row, ',', false)).collect()
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// One choice for the whole file.
fn of_file(numbers: &mut Numbers, rows: &Rows) -> Vec<u8> {
    let mut all = lines(rows);
    let written = |delimiter: char, always: bool| -> String {
        std::iter::once(&header()).chain(rows).map(|row| line(row, delimiter, always) + "\n").collect()
    };
    let plain = written(',', false);
    match numbers.below(14) {
        0 => written(numbers.pick(&[';', '\t', '|', '^', '~', ':']), false).into_bytes(),
        1 => written(',', true).into_bytes(),
        2 => plain.replace('\n', numbers.pick(&["\r\n", "\r", "\n\n"])).into_bytes(),
        3 => plain.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        4 => plain.replace("Board office", "Größe").chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect(),
        5 => {
            let notes = ["Metrics of the year", "made by the office", "", "version 3"];
            let count = 1 + numbers.below(notes.len());
            all.splice(0..0, notes[..count].iter().map(|note| (*note).to_owned()));
            joined(&all)
        }
        6 => {
            let feet = ["Source: the register", "Legend: red, amber", "", "Page 1 of 2", "* estimated"];
            let count = 1 + numbers.below(feet.len());
            all.extend(feet[..count].iter().map(|foot| (*foot).to_owned()));
            joined(&all)
        }
        7 => {
            all.insert(1 + numbers.below(rows.len()), line(&header(), ',', false));
            joined(&all)
        }
        8 => joined(&all.into_iter().flat_map(|line| [line, String::new()]).collect::<Vec<_>>()),
        9 => joined(&all.into_iter().map(|line| line + ",").collect::<Vec<_>>()),
        10 => {
            all.extend(["", "person,room,phone", "Ada,12,555", "Bob,13,556"].map(str::to_owned));
            joined(&all)
        }
        11 => {
            let mut names = header();
            names[numbers.below(HEADER.len())].clear();
            all[0] = line(&names, ',', false);
            joined(&all)
        }
        12 => {
            let mut order: Vec<usize> = (0..HEADER.len()).collect();
            numbers.shuffle(&mut order);
            let turned = |row: &Vec<String>| order.iter().map(|at| row[*at].clone()).collect::<Vec<_>>();
            joined(&std::iter::once(&header()).chain(rows).map(|row| line(&turned(row), ',', false)).collect::<Vec<_>>())
        }
        _ => {
            // Within a record, and not behind its last cell, where the cut leaves no trace.
            let last = all.pop().expect("a line");
            let end = last.rfind(',').expect("a delimiter");
            let mut bytes = joined(&all);
            bytes.extend(&last.as_bytes()[..=numbers.below(end - 1)]);
            bytes
        }
    }
}

/// One record that is written otherwise than the others.
fn of_row(numbers: &mut Numbers, rows: &Rows) -> Vec<u8> {
    let mut all = lines(rows);
    let at = 1 + numbers.below(rows.len());
    let row = &rows[at - 1];
    let mut cells: Vec<String> = row.iter().map(|text| cell(text, ',', false)).collect();
    let column = numbers.below(HEADER.len());
    all[at] = match numbers.below(13) {
        0 => {
            let half = row[column].char_indices().nth(row[column].chars().count() / 2).map_or(0, |(at, _)| at);
            cells[column].insert(half, '"');
            cells.join(",")
        }
        1 => {
            cells[column] = format!("\"{}", row[column]);
            cells.join(",")
        }
        2 => {
            cells.insert(column, String::new());
            cells.join(",")
        }
        3 => {
            let gone = cells.remove(column.max(1));
            cells[column.max(1) - 1].push_str(&gone);
            cells.join(",")
        }
        4 => line(row, numbers.pick(&[';', '\t', '|']), false),
        5 => row.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(","),
        6 => cells[..2 + numbers.below(7)].join(","),
        7 => format!("{},extra,cells", all[at]),
        8 => format!("{}{}", numbers.pick(&["# ", "#", "// "]), all[at]),
        9 => format!("{}\n{}", all[at], all[at]),
        10 => cell(&all[at], ',', true),
        11 => format!("{},{}", all[at], all.get(at + 1).cloned().unwrap_or_default()),
        _ => {
            let sum = numbers.pick(&[
                ",Total,,80,100,,,,,",
                ",Überblick aller Dinge,,71.5,88.2,,,,,",
                ",Overall score,,71.5,,%,,,,",
                "Count,,,30,30,,,,,",
                ",PROTECT (PR),,,,,,,,",
                "PR,PROTECT,,,,,,PR,,",
                "Page 1 of 3,,,,,,,,,",
            ]);
            format!("{}\n{sum}", all[at])
        }
    };
    joined(&all)
}

/// One cell that is not what its column holds, or is dressed.
fn of_cell(numbers: &mut Numbers, rows: &Rows) -> Vec<u8> {
    let mut rows = rows.clone();
    let at = numbers.below(rows.len());
    let dressed = numbers.pick(&[" {} ", "\u{a0}{}", "{}\u{200b}", "'{}", "=\"{}\"", "\u{feff}{}"]);
    let (column, text) = match numbers.below(8) {
        0 | 1 => {
            let bad = [
                "4 bananas", "4O", "12..5", "5-", "twelve", "1 2", "0x1F", "NaN", "#REF!", "=A1", "USD 412", "5/0", "12:30",
                "#N/A",
            ];
            (3 + numbers.below(2), numbers.pick(&bad).to_owned())
        }
        2 => {
            let bad =
                ["PR.DS-O1", "PR.PS-l2", "not PR.AT-01", "PR.ZZ-01", "PR.AA-01?", "GV.OC-01 or GV.OC-02", "PR.DS-xx", "todo"];
            (7, numbers.pick(&bad).to_owned())
        }
        3 => (6, numbers.pick(&["better", "?", "lower_is_bettter", "-1"]).to_owned()),
        4 => (8, numbers.pick(&["Mid-high", "7", "Hgih", "?"]).to_owned()),
        5 => (numbers.below(2), String::new()),
        6 => (1, numbers.pick(&["=1+1", "=A2&B2", "#NAME?", "GrÃ¶ÃŸe"]).to_owned()),
        _ => {
            let column = numbers.pick(&[0, 3, 7]);
            (column, dressed.replace("{}", &rows[at][column]))
        }
    };
    rows[at][column] = text;
    joined(&lines(&rows))
}

/// What was kept of a file, and what was said of it.
#[derive(Default)]
struct Kept {
    items: Vec<(Item, Vec<Position>)>,
    /// Rows that were told, and what else was.
    rows: BTreeSet<u64>,
    said: String,
}

impl Taker for Kept {
    fn accepts(&mut self, _: &Built) -> Result<(), Refusal> {
        Ok(())
    }

    fn take(&mut self, outcome: Outcome) -> cmf::error::Result<()> {
        match outcome {
            Outcome::Item(built) => {
                let Built { mut item, positions, .. } = *built;
                // How lines end is a choice of the whole file.
                item.description = item.description.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
                self.items.push((item, positions));
            }
            Outcome::Skipped(_) => {}
            Outcome::Rejected(row, problems) => {
                self.rows.insert(row);
                self.said.extend(problems.into_iter().map(|one| one.reason + "\n"));
            }
        }
        Ok(())
    }
}

/// Nothing where the file is refused.
fn read(path: &Path, index: &CodeIndex) -> Option<Kept> {
    let source = Source::open(path.to_str().expect("UTF-8"), Most::Any(1 << 20)).ok()?;
    let Prepared::Table(mut table) = table::prepare(&source, &Options::default(), &[index], None).ok()? else { return None };
    let mut kept = Kept::default();
    let finding = build::build(&mut table, Some(index), &mut kept).ok()?;
    kept.rows.extend(finding.left_out.iter().map(|one| one.row));
    let decisions = table.decisions.iter().chain(&finding.decisions).filter(|one| one.is_told());
    kept.said.extend(decisions.map(|one| format!("{}\n", one.line())));
    Some(kept)
}

/// What is wrong without a word.
fn silent(bytes: &[u8], kept: Kept, right: &BTreeMap<String, (Item, Vec<Position>)>) -> Vec<String> {
    let Kept { items, rows, said } = kept;
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let is_told = |row: u64| rows.contains(&row) || said.contains(&format!("(row {row})"));
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (mut item, positions) in items {
        if let Some(owner) = item.spec.get_mut(&Field::Owner) {
            *owner = owner.replace("Größe", "Board office");
        }
        let own = item.metric_number.clone().and_then(|number| right.get_key_value(&number));
        let found = own.or_else(|| right.iter().find(|(_, one)| one.0.name == item.name));
        let same = found.is_some_and(|(_, one)| one.0 == item && one.1 == positions);
        if let Some((number, _)) = found {
            seen.insert(number.clone());
        }
        let place = text.lines().position(|line| item.metric_number.as_deref().is_some_and(|number| line.starts_with(number)));
        let told = said.contains(&item.name) || place.is_some_and(|place| is_told(place as u64 + 1));
        if !same && !told {
            wrong.push(format!("{item:?}"));
        }
    }
    for (number, (item, _)) in right {
        let is_there = |line: &str| line.contains(number.as_str()) || line.contains(&item.name);
        let told = text.lines().enumerate().any(|(at, line)| is_there(line) && is_told(at as u64 + 1));
        let last = text.lines().count() as u64;
        let is_cut = !text.contains(&item.name) && (said.contains("the file ends within this record") || rows.contains(&last));
        if !seen.contains(number) && !told && !is_cut {
            wrong.push(format!("{number} is gone"));
        }
    }
    wrong
}

#[test]
fn two_hundred_polluted_files_are_never_misread_in_silence() {
    let (folder, index, rows) = (tempfile::tempdir().expect("a folder"), csf(), clean());
    let path = folder.path().join("file.csv");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("a file");
        read(&path, &index)
    };
    let all = load(&joined(&lines(&rows))).expect("the clean file").items;
    let right: BTreeMap<_, _> = all.into_iter().map(|one| (one.0.metric_number.clone().expect("a number"), one)).collect();
    assert_eq!(right.len(), rows.len());
    let (mut refused, mut told) = (0, 0);
    for seed in 0..200 {
        let numbers = &mut Numbers(seed);
        let pollute = [of_file, of_row, of_cell][usize::try_from(seed).expect("small") % 3];
        let bytes = pollute(numbers, &rows);
        let Some(kept) = load(&bytes) else {
            refused += 1;
            continue;
        };
        told += u64::from(!kept.rows.is_empty());
        let wrong = silent(&bytes, kept, &right);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}\n{}", String::from_utf8_lossy(&bytes));
    }
    // Most are read; were the reader to refuse all, nothing would be shown.
    assert!(refused < 40 && told > 60, "{refused} refused, {told} told");
}

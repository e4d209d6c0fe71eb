//! Reading generated files of readings, whose readings are known: whatever is read of one is right, or it is refused.
//! The same number always makes the same file.

use std::collections::BTreeSet;
use std::path::Path;

use rust_xlsxwriter::Workbook;

use super::super::input::{Asked, Input};
use super::super::readings::Next;
use crate::domain::metric::Direction;
use crate::domain::moment::Day;
use crate::domain::reading::{Zone, parse_instant, parse_value};
use crate::table::Options;

/// A small generator of numbers that are as good as random (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("a small number")]
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// A way to write a day, and whether a column of it has one order only where a day is above 12.
const DATES: [&str; 16] = [
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%Y %I:%M:%S %p",
    "%-d %b %Y", "%B %-d, %Y", "%d-%b-%Y", "%Y/%m/%d", "%s", "%s000", "%Y%m%d", "%d-%m-%Y", "%m/%d/%y",
];

const PERIODS: [&str; 4] = ["%Y-%m", "%b %Y", "%G-W%V", "Q%q %Y"];

/// A reading: metric, ten-thousandths of its value, and its instant in microseconds.
type Truth = (String, i64, i64);

struct Made {
    bytes: Vec<u8>,
    ending: &'static str,
    truth: BTreeSet<Truth>,
    /// Whether a reading may be without a time of its own.
    undated: bool,
    shown: String,
}

fn number(numbers: &mut Numbers, comma: bool, grouped: bool) -> (String, i64) {
    let units = i64::try_from(numbers.below(40_000_000)).expect("small");
    let places = u32::try_from(numbers.below(5)).expect("small");
    let units = units / 10_i64.pow(4 - places) * 10_i64.pow(4 - places);
    let (whole, fraction) = (units / 10_000, units % 10_000);
    let mut text = whole.to_string();
    if grouped && text.len() > 3 {
        text.insert(text.len() - 3, if comma { '.' } else { ',' });
    }
    if places > 0 {
        let digits = format!("{fraction:04}");
        text.push(if comma { ',' } else { '.' });
        text.push_str(&digits[..places as usize]);
    }
    (text, units)
}

fn make(seed: u64) -> Made {
    let mut numbers = Numbers(seed);
    let numbers = &mut numbers;
    let (comma, grouped) = (numbers.once_in(3), numbers.once_in(4));
    let undated = numbers.once_in(12);
    let is_period = numbers.once_in(5);
    let form = if is_period { numbers.pick(&PERIODS) } else { numbers.pick(&DATES) };
    let header = numbers.pick(&[
        "date", "Datum", "timestamp", "Measured on", "date (UTC)", "month", "As of", "snapshot_date", "Zeitpunkt", "when",
        "mesuré le",
    ]);
    let mut columns = vec!["metric", "value"];
    if !undated {
        columns.push("at");
    }
    if numbers.once_in(3) {
        columns.push("owner");
    }
    if numbers.once_in(4) {
        columns.push("note");
    }
    // Where it is the only column of dates it tells the time.
    if numbers.once_in(8) && !undated {
        columns.push("created");
    }
    for at in (1..columns.len()).rev() {
        let other = usize::try_from(numbers.below(at as u64 + 1)).expect("small");
        columns.swap(at, other);
    }
    let (metric_word, value_word) =
        (numbers.pick(&["metric", "Metric ID", "KPI", "Series"]), numbers.pick(&["value", "Value", "Wert", "Reading"]));
    let named = |column: &&str| match *column {
        "metric" => metric_word.to_owned(),
        "value" => value_word.to_owned(),
        "at" => header.to_owned(),
        "created" => "created_at".to_owned(),
        other => other.to_owned(),
    };
    let titles: Vec<String> = columns.iter().map(named).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut truth = BTreeSet::new();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day");
    for n in 0..=numbers.below(12) {
        let day = first + chrono::Days::new(numbers.below(700));
        let time = day.and_hms_opt(u32::try_from(numbers.below(24)).expect("small"), 30, 0).expect("a time");
        let written = form.replace("%q", &((chrono::Datelike::month(&day) - 1) / 3 + 1).to_string());
        let at = time.format(&written).to_string();
        let meant = match form {
            "%Y-%m" | "%b %Y" | "%G-W%V" | "Q%q %Y" => {
                let mut last = day;
                let key = |day: chrono::NaiveDate| {
                    day.format(&form.replace("%q", &((chrono::Datelike::month(&day) - 1) / 3 + 1).to_string())).to_string()
                };
                while key(last.succ_opt().expect("a day")) == key(day) {
                    last = last.succ_opt().expect("a day");
                }
                last.and_hms_micro_opt(23, 59, 59, 999_999).expect("a time")
            }
            form if form.contains('H') || form.contains('I') || form.contains("%s") => time,
            _ => day.and_hms_opt(0, 0, 0).expect("a time"),
        };
        let metric = format!("M-{n}");
        let (mut value, units) = number(numbers, comma, grouped);
        let is_missing = numbers.once_in(10);
        if is_missing {
            value = numbers.pick(&["N/A", "-", "", "n/a", "TBD"]).to_owned();
        } else {
            truth.insert((metric.clone(), units, if undated { 0 } else { meant.and_utc().timestamp_micros() }));
        }
        let row = columns.iter().map(|column| match *column {
            "metric" => metric.clone(),
            "value" => value.clone(),
            "at" => at.clone(),
            "owner" => "Zoë".to_owned(),
            "note" => numbers.pick(&["", "a, b; c", "say \"hi\"", "ok"]).to_owned(),
            _ => "2023-05-01".to_owned(),
        });
        rows.push(row.collect());
        if numbers.once_in(9) {
            rows.push(vec![String::new(); columns.len()]);
        }
        if numbers.once_in(25) {
            rows.push(titles.clone());
        }
    }
    if numbers.once_in(4) {
        let total = numbers.pick(&["Total", "Summe", "Average", "Total général"]);
        let row = columns.iter().map(|column| match *column {
            "metric" => total.to_owned(),
            "value" => "1".to_owned(),
            _ => String::new(),
        });
        rows.push(row.collect());
    }
    let mut above: Vec<Vec<String>> = Vec::new();
    for _ in 0..numbers.below(3) {
        above.push(vec![numbers.pick(&["Security metrics 2026", "", "Exported by ada"]).to_owned()]);
    }
    let below = if numbers.once_in(8) { vec![vec!["Source: the scanner".to_owned()]] } else { Vec::new() };
    write(numbers, &titles, &above, &rows, &below, comma, truth, undated)
}

#[expect(clippy::too_many_arguments, reason = "the parts of a file")]
fn write(
    numbers: &mut Numbers,
    titles: &[String],
    above: &[Vec<String>],
    rows: &[Vec<String>],
    below: &[Vec<String>],
    comma: bool,
    truth: BTreeSet<Truth>,
    undated: bool,
) -> Made {
    let filled = || rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()) && row.as_slice() != titles);
    let object = |row: &Vec<String>| {
        let fields = titles.iter().zip(row).map(|(key, cell)| (key.clone(), serde_json::Value::from(cell.as_str())));
        serde_json::Value::Object(fields.collect())
    };
    let kind = numbers.below(10);
    if kind == 0 {
        let lines: String = filled().map(|row| format!("{}\n", object(row))).collect();
        return Made { bytes: lines.clone().into_bytes(), ending: "jsonl", truth, undated, shown: lines };
    }
    if kind == 1 {
        let text = serde_json::to_string_pretty(&filled().map(object).collect::<Vec<_>>()).expect("JSON");
        return Made { bytes: text.clone().into_bytes(), ending: "json", truth, undated, shown: text };
    }
    let all: Vec<&[String]> =
        above.iter().map(Vec::as_slice).chain([titles]).chain(rows.iter().chain(below).map(Vec::as_slice)).collect();
    if kind == 2 {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(&all) {
            for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string(row, column, cell).expect("a cell");
            }
        }
        return Made {
            bytes: book.save_to_buffer().expect("a workbook"),
            ending: "xlsx",
            truth,
            undated,
            shown: format!("{all:?}"),
        };
    }
    let delimiter = if comma { numbers.pick(&[';', '\t', '|']) } else { numbers.pick(&[',', ';', '\t', '|']) };
    let always = numbers.once_in(4);
    let end = numbers.pick(&["\n", "\r\n"]);
    let mut text = if numbers.once_in(6) && delimiter != '\t' { format!("sep={delimiter}{end}") } else { String::new() };
    for cells in &all {
        let cells = cells.iter().map(|cell| {
            if always || cell.contains(['"', '\n', delimiter]) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        });
        text.push_str(&cells.collect::<Vec<_>>().join(&delimiter.to_string()));
        text.push_str(end);
    }
    let bytes = match numbers.below(4) {
        0 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        1 => [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        2 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        _ => text.clone().into_bytes(),
    };
    Made { bytes, ending: "csv", truth, undated, shown: text }
}

/// What is read of a file; none where it is refused.
fn read(path: &Path) -> Option<BTreeSet<Truth>> {
    let asked = Asked { wide: false, one: None, has_zone: false };
    let input = Input::open(path, asked, &Options::default(), u64::MAX).ok()?;
    let mut rows = input.source().ok()?;
    let mut found = BTreeSet::new();
    loop {
        match rows.read().ok()? {
            Next::End => return Some(found),
            Next::Left(_) => {}
            Next::Refused { .. } => return None,
            // The recorder leaves out what is called a total and is no metric.
            Next::Reading(given) if !given.metric.starts_with("M-") => {
                assert!(crate::table::words::names_total(given.metric), "{given:?}");
            }
            Next::Reading(given) => {
                let value = parse_value(given.value, None, Direction::HigherIsBetter).ok()?;
                let at = given.at.map(|at| parse_instant(at, Zone::Utc, Day::Start).map(|at| at.and_utc().timestamp_micros()));
                found.insert((given.metric.to_owned(), value.units(), at.transpose().ok()?.unwrap_or(0)));
            }
        }
    }
}

/// Reads so many files; how many were read, and how many refused.
fn check(seeds: impl Iterator<Item = u64>) -> (u64, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut right, mut refused) = (0, 0);
    for seed in seeds {
        let made = make(seed);
        let path = folder.path().join(format!("readings.{}", made.ending));
        std::fs::write(&path, &made.bytes).expect("a file");
        match read(&path) {
            None => refused += 1,
            Some(found) => {
                assert_eq!(found, made.truth, "file {seed} (undated: {})\n{}", made.undated, made.shown);
                right += 1;
            }
        }
    }
    (right, refused)
}

#[test]
fn generated_files_of_readings_are_read_right_or_refused() {
    let (right, refused) = check(0..300);
    assert!(right > 180, "{right} right, {refused} refused");
}

#[test]
#[ignore = "takes some minutes; before a release"]
fn ten_thousand_generated_files_of_readings_are_read_right_or_refused() {
    let (right, refused) = check(1_000_000..1_010_000);
    println!("{right} right, {refused} refused");
    assert!(right > 6_000, "{right} right, {refused} refused");
}

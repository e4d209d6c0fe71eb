//! The sheets that `benches/import.sh` imports, and the least that reading a workbook can take.
//!
//! `make plain|mapped ROWS FILE.csv|FILE.xlsx` writes a sheet of 16 columns. `plain` has no framework codes; `mapped` has them
//! in three columns, and current values. `read FILE.xlsx` goes once over the cells with the bare reader, and prints the seconds.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

use calamine::{Reader as _, Xlsx};

type Failure = Box<dyn std::error::Error>;

const SUBJECTS: [&str; 12] = [
    "Critical vulnerabilities", "Privileged accounts", "Backup restores", "Phishing reports", "Endpoint agents",
    "Supplier reviews", "Open incidents", "Firewall rules", "Expired certificates", "Access recertifications", "Patch windows",
    "Log sources",
];
const PLACES: [&str; 8] =
    ["data centre", "cloud", "plants", "branch offices", "laboratories", "call centres", "subsidiaries", "head office"];
const OWNERS: [&str; 6] =
    ["Security Operations", "Identity Team", "IT Infrastructure", "Risk Office", "Procurement", "Platform Engineering"];
const FREQUENCIES: [&str; 4] = ["Monthly", "Weekly", "Quarterly", "Daily"];
const SOURCES: [&str; 5] = ["Vulnerability scanner", "SIEM", "CMDB", "Ticket system", "HR system"];
const CODES: [&str; 10] =
    ["PR.AA-01", "PR.AA-05", "DE.CM-01", "ID.AM-02", "RS.MA-01", "RC.RP-03", "GV.SC-07", "PR.PS-02", "ID.RA-01", "PR.DS-11"];
const FUNCTIONS: [(&str, &str); 6] = [
    ("GV", "GOVERN (GV)"),
    ("ID", "IDENTIFY (ID)"),
    ("PR", "PROTECT (PR)"),
    ("DE", "DETECT (DE)"),
    ("RS", "RESPOND (RS)"),
    ("RC", "RECOVER (RC)"),
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", kind, rows, file] => make(kind == "mapped", rows.parse()?, file),
        ["read", file] => read(file),
        _ => Err("make plain|mapped ROWS FILE, or read FILE".into()),
    }
}

enum Cell {
    Text(String),
    Number(f64),
    None,
}

fn header(mapped: bool) -> [&'static str; 16] {
    let last = if mapped { ["Function", "Category", "Subcategory"] } else { ["Business Unit", "Data Source", "Notes"] };
    [
        "Metric ID", "Metric Name", "Description", "Owner", "Frequency", "Formula", "Current Value", "Target", "Lower Bound",
        "Upper Bound", "Unit", "Direction", "Priority", last[0], last[1], last[2],
    ]
}

fn row(n: u32, mapped: bool) -> [Cell; 16] {
    let pick = |texts: &[&'static str], step: u32| texts[(n / step) as usize % texts.len()];
    let text = |text: &str| Cell::Text(text.to_owned());
    let (subject, place) = (pick(&SUBJECTS, 1), pick(&PLACES, 12));
    let range = n % 5 == 4;
    let (unit, direction) = match n % 5 {
        0 | 1 => ("%", "Higher is better"),
        2 => ("days", "Lower is better"),
        3 => ("count", "Lower is better"),
        _ => ("points", "Target range"),
    };
    let value = f64::from(n * 7919 % 10_000) / 100.0;
    let last = if mapped {
        let code = pick(&CODES, 1);
        let function = FUNCTIONS.iter().find(|known| code.starts_with(known.0)).map_or("", |known| known.1);
        [text(function), text(&code[..5]), text(code)]
    } else {
        [
            text(&format!("{place} {}", n % 40)),
            text(pick(&SOURCES, 3)),
            if n.is_multiple_of(3) { text("agreed with audit, see \"minutes\"") } else { Cell::None },
        ]
    };
    let [last_1, last_2, last_3] = last;
    [
        Cell::Text(format!("M-{n:06}")),
        Cell::Text(format!("{subject} in the {place}, site {n}")),
        Cell::Text(format!(
            "Counts {} of site {n} that are outside of the agreed time, by the record of the {place}",
            subject.to_lowercase()
        )),
        text(pick(&OWNERS, 2)),
        text(pick(&FREQUENCIES, 1)),
        Cell::Text(format!("late / all * 100 of {}", subject.to_lowercase())),
        if mapped || n.is_multiple_of(2) { Cell::Number(value) } else { Cell::None },
        if range { Cell::None } else { Cell::Number(f64::from(n % 20) + 80.0) },
        if range { Cell::Number(20.5) } else { Cell::None },
        if range { Cell::Number(60.0) } else { Cell::None },
        text(unit),
        text(direction),
        text(pick(&["High", "Medium", "Low"], 1)),
        last_1,
        last_2,
        last_3,
    ]
}

fn make(mapped: bool, rows: u32, file: &str) -> Result<(), Failure> {
    if std::path::Path::new(file).extension().is_some_and(|ending| ending == "csv") {
        let mut writer = csv::Writer::from_path(file)?;
        writer.write_record(header(mapped))?;
        for n in 0..rows {
            writer.write_record(row(n, mapped).map(|cell| match cell {
                Cell::Text(text) => text,
                Cell::Number(number) => number.to_string(),
                Cell::None => String::new(),
            }))?;
        }
        writer.flush()?;
        return Ok(());
    }
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Metrics")?;
    sheet.write_row(0, 0, header(mapped))?;
    for n in 0..rows {
        for (column, cell) in (0..).zip(row(n, mapped)) {
            match cell {
                Cell::Text(text) => sheet.write(n + 1, column, text)?,
                Cell::Number(number) => sheet.write(n + 1, column, number)?,
                Cell::None => continue,
            };
        }
    }
    workbook.save(file)?;
    Ok(())
}

fn read(file: &str) -> Result<(), Failure> {
    let start = Instant::now();
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(file)?))?;
    let name = book.sheet_names().first().cloned().ok_or("no sheet")?;
    let mut reader = book.worksheet_cells_reader(&name)?;
    let mut cells = 0_u64;
    while let Some(cell) = reader.next_cell()? {
        cells += u64::from(std::hint::black_box(cell.get_position()).0 < u32::MAX);
    }
    let took = start.elapsed().as_secs_f64();
    if cells == 0 {
        return Err("the sheet is empty".into());
    }
    println!("{took:.3}");
    Ok(())
}

//! One list of metrics in the encodings and formats in which programs write it.

use std::path::PathBuf;

use rust_xlsxwriter::{Format, Workbook};

use crate::hostile::made;
use crate::import::Scratch;

const HEADER: [&str; 7] = ["metric_id", "name", "csf_subcategory_ids", "description", "unit", "target", "direction"];

/// What a target cell says.
#[derive(Clone, Copy)]
enum Target {
    /// A sign and a percentage. A workbook has its share of one, shown as a percentage.
    Percent(&'static str, f64),
    Words(&'static str),
}
use Target::{Percent, Words};

const METRICS: [([&str; 5], Target, &str); 5] = [
    (
        ["K-1", "Laptops with an encrypted disk", "PR.DS-01", "Überblick: laptops that report encryption", "%"],
        Percent(">= ", 92.5),
        "higher_is_better",
    ),
    (
        ["K-2", "Sign-ins with a second factor", "PR.AA-03", "All sign-ins, also by machines", "%"],
        Percent("", 100.0),
        "higher_is_better",
    ),
    (
        ["K-3", "Days until a fix is installed", "PR.PS-02", "From the release; median", "days"],
        Words("<= 7 days"),
        "lower_is_better",
    ),
    (
        ["K-4", "Servers that send their logs", "DE.CM-01;DE.CM-09", "At least one line a day", "%"],
        Percent("", 98.0),
        "higher_is_better",
    ),
    (["K-5", "Suppliers without a review", "GV.SC-07", "Of those with access", "%"], Percent("<= ", 0.0), "lower_is_better"),
];

/// What is stored of the targets, and how many codes there are.
pub(crate) const TARGETS: [&str; 5] = ["92.5", "100", "7", "98", "0"];
pub(crate) const CODES: &str = "6";

/// The list as text.
fn text(delimiter: u8, at_least: &str, decimal: &str) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(HEADER).expect("a record");
    for (cells, target, direction) in METRICS {
        let target = match target {
            Percent(sign, number) => format!("{}{number}%", sign.replace(">=", at_least)).replace('.', decimal),
            Words(words) => words.to_owned(),
        };
        writer.write_record(cells.into_iter().chain([target.as_str(), direction])).expect("a record");
    }
    String::from_utf8(writer.into_inner().expect("the text")).expect("UTF-8")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The cells of a metric: those before the target, the target as a share where it is a percentage, and the direction.
fn cells() -> impl Iterator<Item = ([&'static str; 5], Result<f64, &'static str>, &'static str)> {
    METRICS.into_iter().map(|(cells, target, direction)| match target {
        Percent(_, number) => (cells, Ok(number / 100.0), direction),
        Words(words) => (cells, Err(words), direction),
    })
}

/// With a title in merged cells above and a remark below.
fn xlsx() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let percent = Format::new().set_num_format("0.0%");
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 6, "What we measure in spring", &Format::new().set_bold()).expect("a title");
    sheet.write_row(2, 0, HEADER).expect("a header");
    for (row, (cells, target, direction)) in (3..).zip(cells()) {
        sheet.write_row(row, 0, cells).expect("cells");
        match target {
            Ok(share) => sheet.write_with_format(row, 5, share, &percent).expect("a number"),
            Err(words) => sheet.write(row, 5, words).expect("a text"),
        };
        sheet.write(row, 6, direction).expect("a text");
    }
    sheet.write(9, 0, "Source: the office for security").expect("a remark");
    workbook.save_to_buffer().expect("a workbook")
}

/// With a format of numbers for percentages, as cells have it by their second style.
pub(crate) fn xls() -> Vec<u8> {
    let style = |format: u16| made::biff(0xe0, &[&[0, 0][..], &format.to_le_bytes(), &[0; 16]].concat());
    let place = |row: u16, column: u16, style: u16| [row, column, style].map(u16::to_le_bytes).concat();
    let label = |row: u16, column: u16, text: &str| {
        let units = utf16(text);
        let count = u16::try_from(units.len() / 2).expect("a short text").to_le_bytes();
        made::biff(0x204, &[&place(row, column, 0)[..], &count, &[1], &units].concat())
    };
    let mut rows: Vec<u8> = (0..).zip(HEADER).flat_map(|(column, name)| label(0, column, name)).collect();
    for (row, (cells, target, direction)) in (1..).zip(cells()) {
        rows.extend((0..).zip(cells).flat_map(|(column, cell)| label(row, column, cell)));
        rows.extend(match target {
            Ok(share) => made::biff(0x203, &[place(row, 5, 1), share.to_le_bytes().to_vec()].concat()),
            Err(words) => label(row, 5, words),
        });
        rows.extend(label(row, 6, direction));
    }
    made::compound(&made::xls_stream(&[style(0), style(10)].concat(), &rows, 1))
}

fn ods() -> Vec<u8> {
    let text = |text: &str| {
        let text = text.replace('<', "&lt;");
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let mut rows = row(HEADER.map(text).concat());
    for (cells, target, direction) in cells() {
        let target = match target {
            Ok(share) => format!(
                "<table:table-cell office:value-type=\"percentage\" office:value=\"{share}\"><text:p>{}%</text:p></table:table-cell>",
                share * 100.0
            ),
            Err(words) => text(words),
        };
        rows += &row(cells.map(text).concat() + &target + &text(direction));
    }
    made::zipped(&made::with(made::ods(), "content.xml", made::ods_content(&rows)))
}

/// The files, each of another kind.
pub(crate) fn files(folder: &Scratch) -> Vec<PathBuf> {
    let german = text(b';', ">=", ",");
    let latin = german.chars().map(|one| u8::try_from(u32::from(one)).expect("a letter of Latin-1")).collect();
    let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
    [
        ("comma.csv", text(b',', ">=", ".").into_bytes()),
        ("semicolon-1252.csv", latin),
        ("semicolon-marked.csv", marked(b"\xef\xbb\xbf", text(b';', "\u{2265}", ",").into_bytes())),
        ("separator-named.csv", marked(b"sep=;\r\n", german.into_bytes())),
        ("tabs-utf16.txt", marked(b"\xff\xfe", utf16(&text(b'\t', ">=", ".")))),
        ("title-and-remark.xlsx", xlsx()),
        ("shares.xls", xls()),
        ("shares.ods", ods()),
    ]
    .map(|(name, bytes)| folder.file(name, bytes))
    .into()
}

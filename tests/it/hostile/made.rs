//! Small workbooks of each format, made piece by piece, so that each piece can be a wrong one.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// The rows of every workbook: a header and metrics.
pub(crate) const ROWS: [[&str; 5]; 5] = [
    ["metric_id", "name", "target", "unit", "function"],
    ["M-1", "Patched in time", "95", "%", "PR"],
    ["M-2", "Alerts handled", "100", "%", "DE"],
    ["M-3", "Recovery tests", "4", "count", "RC"],
    ["M-4", "Open findings", "0", "count", "ID"],
];

/// Parts of an archive by their names.
pub(crate) type Parts = Vec<(String, Vec<u8>)>;

pub(crate) fn zipped(parts: &Parts) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let method = if name == "mimetype" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        archive.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).expect("a part");
        archive.write_all(content).expect("a part");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Puts another content into a part.
pub(crate) fn with(mut parts: Parts, name: &str, content: impl Into<Vec<u8>>) -> Parts {
    let content = content.into();
    match parts.iter_mut().find(|(known, _)| known == name) {
        Some(part) => part.1 = content,
        None => parts.push((name.to_owned(), content)),
    }
    parts
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn letters(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).expect("a few columns"))
}

/// The cells of the rows as elements of a sheet.
pub(crate) fn xlsx_rows() -> String {
    let mut text = String::new();
    for (row, cells) in (1..).zip(ROWS) {
        text += &format!("<row r=\"{row}\">");
        for (column, cell) in cells.iter().enumerate() {
            let place = format!("{}{row}", letters(column));
            text += &match cell.parse::<f64>() {
                Ok(number) => format!("<c r=\"{place}\"><v>{number}</v></c>"),
                Err(_) => format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
            };
        }
        text += "</row>";
    }
    text
}

pub(crate) fn xlsx_sheet(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <sheetData>{rows}</sheetData></worksheet>"
    )
}

pub(crate) fn xlsx() -> Parts {
    let text = |text: String| text.into_bytes();
    vec![
        (
            "_rels/.rels".to_owned(),
            text(format!(
                "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            )),
        ),
        (
            "xl/workbook.xml".to_owned(),
            text("<workbook><sheets><sheet name=\"Metrics\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>".to_owned()),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            text(format!(
                "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            )),
        ),
        ("xl/worksheets/sheet1.xml".to_owned(), text(xlsx_sheet(&xlsx_rows()))),
    ]
}

/// A record of an XLSB part.
pub(crate) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    record_claiming(kind, data.len(), data)
}

/// A record that claims another size than its data has.
pub(crate) fn record_claiming(kind: u16, size: usize, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if kind < 0x80 {
        bytes.push(u8::try_from(kind).expect("a byte"));
    } else {
        bytes.push(u8::try_from(kind & 0x7f).expect("a byte") | 0x80);
        bytes.push(u8::try_from(kind >> 7).expect("a byte"));
    }
    let mut left = size;
    loop {
        let byte = u8::try_from(left & 0x7f).expect("a byte");
        left >>= 7;
        bytes.push(if left > 0 { byte | 0x80 } else { byte });
        if left == 0 {
            break;
        }
    }
    bytes.extend_from_slice(data);
    bytes
}

/// A text with its length before it.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = u32::try_from(units.len()).expect("a short text").to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

pub(crate) fn xlsb_sheet(rows: &[u8]) -> Vec<u8> {
    [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[]), rows.to_vec(), record(0x92, &[])].concat()
}

pub(crate) fn xlsb_cell(kind: u16, column: u32, value: &[u8]) -> Vec<u8> {
    record(kind, &[&column.to_le_bytes()[..], &[0; 4], value].concat())
}

pub(crate) fn xlsb_rows() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (row, cells) in (0_u32..).zip(ROWS) {
        bytes.extend(record(0, &[&row.to_le_bytes()[..], &[0; 13]].concat()));
        for (column, cell) in (0_u32..).zip(cells) {
            bytes.extend(match cell.parse::<f64>() {
                Ok(number) => xlsb_cell(5, column, &number.to_le_bytes()),
                Err(_) => xlsb_cell(6, column, &wide(cell)),
            });
        }
    }
    bytes
}

/// The records of a workbook before the end of its list of sheets, and after it.
pub(crate) fn xlsb_workbook(after: &[u8]) -> Vec<u8> {
    let sheet = [&0_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &wide("rId1"), &wide("Metrics")].concat();
    [record(0x83, &[]), record(0x8f, &[]), record(0x9c, &sheet), record(0x90, &[]), after.to_vec(), record(0x84, &[])].concat()
}

pub(crate) fn xlsb() -> Parts {
    let relations = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet1.bin\"/></Relationships>"
    );
    vec![
        ("xl/workbook.bin".to_owned(), xlsb_workbook(&[])),
        ("xl/_rels/workbook.bin.rels".to_owned(), relations.into_bytes()),
        ("xl/worksheets/sheet1.bin".to_owned(), xlsb_sheet(&xlsb_rows())),
    ]
}

pub(crate) fn ods_rows() -> String {
    let mut text = String::new();
    for cells in ROWS {
        text += "<table:table-row>";
        for cell in cells {
            text += &match cell.parse::<f64>() {
                Ok(_) => format!(
                    "<table:table-cell office:value-type=\"float\" office:value=\"{cell}\"><text:p>{cell}</text:p></table:table-cell>"
                ),
                Err(_) => format!("<table:table-cell office:value-type=\"string\"><text:p>{cell}</text:p></table:table-cell>"),
            };
        }
        text += "</table:table-row>";
    }
    text
}

pub(crate) fn ods_content(rows: &str) -> String {
    format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Metrics\">{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    )
}

pub(crate) fn ods() -> Parts {
    vec![
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("content.xml".to_owned(), ods_content(&ods_rows()).into_bytes()),
    ]
}

/// A record of an XLS workbook.
pub(crate) fn biff(kind: u16, data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(data.len()).expect("a short record");
    [&kind.to_le_bytes()[..], &size.to_le_bytes(), data].concat()
}

pub(crate) fn biff_label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let size = u16::try_from(text.len()).expect("a short text");
    biff(0x204, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &size.to_le_bytes(), &[0], text.as_bytes()].concat())
}

pub(crate) fn biff_number(row: u16, column: u16, number: f64) -> Vec<u8> {
    biff(0x203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &number.to_le_bytes()].concat())
}

pub(crate) fn biff_rows() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (row, cells) in (0_u16..).zip(ROWS) {
        for (column, cell) in (0_u16..).zip(cells) {
            bytes.extend(match cell.parse::<f64>() {
                Ok(number) => biff_number(row, column, number),
                Err(_) => biff_label(row, column, cell),
            });
        }
    }
    bytes
}

/// The records of a workbook with so many sheets, all at the same place.
pub(crate) fn xls_stream(globals: &[u8], rows: &[u8], sheets: usize) -> Vec<u8> {
    let begin = |kind: u16| biff(0x809, &[&0x600_u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat());
    let bound = |place: u32, number: usize| {
        let name = format!("S{number}");
        biff(
            0x85,
            &[&place.to_le_bytes()[..], &[0, 0], &[u8::try_from(name.len()).expect("short"), 0], name.as_bytes()].concat(),
        )
    };
    let before = begin(5).len() + (0..sheets).map(|number| bound(0, number).len()).sum::<usize>() + globals.len() + 4;
    let place = u32::try_from(before).expect("a small workbook");
    let mut bytes = begin(5);
    bytes.extend((0..sheets).flat_map(|number| bound(place, number)));
    bytes.extend_from_slice(globals);
    bytes.extend(biff(0x0a, &[]));
    bytes.extend(begin(0x10));
    bytes.extend_from_slice(rows);
    bytes.extend(biff(0x0a, &[]));
    bytes
}

/// A container with one stream. Its table starts at byte 512, its directory in the sector after the table.
pub(crate) fn compound(stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = stream.len() / 512;
    let mut tables = 1;
    while tables * 128 < sectors + tables + 1 {
        tables += 1;
    }
    assert!(tables <= 109, "a small workbook");
    let number = |number: usize| u32::try_from(number).expect("a small workbook").to_le_bytes();
    let mut header = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    header.resize(24, 0);
    header.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    header.resize(44, 0);
    header.extend(number(tables));
    header.extend(number(tables));
    header.resize(56, 0);
    header.extend(4096_u32.to_le_bytes());
    header.extend(0xffff_fffe_u32.to_le_bytes());
    header.extend([0; 4]);
    header.extend(0xffff_fffe_u32.to_le_bytes());
    header.extend([0; 4]);
    for table in 0..109 {
        header.extend(if table < tables { number(table) } else { [0xff; 4] });
    }
    let mut table: Vec<u8> = Vec::new();
    for _ in 0..tables {
        table.extend(0xffff_fffd_u32.to_le_bytes());
    }
    table.extend(0xffff_fffe_u32.to_le_bytes());
    for sector in 0..sectors {
        table.extend(if sector + 1 < sectors { number(tables + 2 + sector) } else { 0xffff_fffe_u32.to_le_bytes() });
    }
    table.resize(tables * 512, 0xff);
    let entry = |name: &str, kind: u8, start: [u8; 4], size: usize| {
        let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.resize(64, 0);
        bytes.extend(u16::try_from((name.len() + 1) * 2).expect("short").to_le_bytes());
        bytes.extend([kind, 1]);
        bytes.extend([0xff; 12]);
        bytes.resize(116, 0);
        bytes.extend(start);
        bytes.extend(number(size));
        bytes.resize(128, 0);
        bytes
    };
    let mut directory = entry("Root Entry", 5, 0xffff_fffe_u32.to_le_bytes(), 0);
    // What is in it begins with the second entry.
    directory[76..80].copy_from_slice(&1_u32.to_le_bytes());
    directory.extend(entry("Workbook", 2, number(tables + 1), stream.len()));
    directory.resize(512, 0);
    [header, table, directory, stream].concat()
}

pub(crate) fn xls() -> Vec<u8> {
    compound(&xls_stream(&[], &biff_rows(), 1))
}

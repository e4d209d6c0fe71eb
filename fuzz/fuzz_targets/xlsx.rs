//! Workbooks: the first byte says which part of which format the rest becomes.
#![no_main]

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use cmf::domain::code::CodeIndex;
use cmf::table::source::{Most, Source};
use cmf::table::{self, Options};
use libfuzzer_sys::fuzz_target;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

static INDEX: LazyLock<CodeIndex> =
    LazyLock::new(|| CodeIndex::new(&cmf::import::bundled::ALL[0].framework().expect("a framework")));

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file(*name, options).expect("a part");
        archive.write_all(content).expect("a part");
    }
    archive.finish().expect("an archive").into_inner()
}

fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let (kind, rest) = bytes.split_first()?;
    let relation = |of: &str, kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"{of}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let package = relation("r", "officeDocument", "xl/workbook.xml");
    let sheet = relation("r", "worksheet", "worksheets/sheet1.xml");
    let binary = relation("r", "worksheet", "worksheets/sheet1.bin");
    let rows = b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    let mut xlsx: Vec<(&str, &[u8])> = vec![
        ("_rels/.rels", package.as_bytes()),
        ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", sheet.as_bytes()),
        ("xl/worksheets/sheet1.xml", rows),
        ("xl/sharedStrings.xml", b"<sst><si><t>name</t></si></sst>"),
        ("xl/styles.xml", b"<styleSheet/>"),
    ];
    let wide = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        u32::try_from(text.len()).expect("short").to_le_bytes().into_iter().chain(units).collect()
    };
    let bundle = [&[0, 0, 0, 0, 1, 0, 0, 0][..], &wide("r"), &wide("a")].concat();
    let size = u8::try_from(bundle.len()).expect("short");
    let book = [&[0x9c, 0x01, size][..], &bundle, &[0x90, 0x01, 0, 0x84, 0x01, 0]].concat();
    let mut xlsb: Vec<(&str, &[u8])> =
        vec![("xl/workbook.bin", &book), ("xl/_rels/workbook.bin.rels", binary.as_bytes()), ("xl/worksheets/sheet1.bin", b"")];
    Some(match kind % 10 {
        0 => rest.to_vec(),
        part @ 1..=5 => {
            xlsx[usize::from(part)].1 = rest;
            zipped(&xlsx)
        }
        6 => {
            xlsb[2].1 = rest;
            zipped(&xlsb)
        }
        7 => {
            xlsb[0].1 = rest;
            zipped(&xlsb)
        }
        8 => {
            xlsb.push(("xl/sharedStrings.bin", rest));
            zipped(&xlsb)
        }
        _ => zipped(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", rest)]),
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Some(bytes) = workbook(bytes) else { return };
    let mut file = tempfile::NamedTempFile::new_in("/dev/shm").expect("a file");
    file.write_all(&bytes).expect("a file");
    let name = file.path().to_str().expect("a path").to_owned();
    if let Ok(source) = Source::open(&name, Most::Any(10_000_000)) {
        let _ = table::prepare(&source, &Options::default(), &[&INDEX], None);
    }
});

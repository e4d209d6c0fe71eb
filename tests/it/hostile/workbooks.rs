//! Files malicious, one kind of harm each.

use super::made::{
    self, biff, biff_label, biff_number, biff_rows, compound, ods_content, ods_rows, record, record_claiming, wide, with,
    xls_stream, xlsb_cell, xlsb_rows, xlsb_sheet, xlsb_workbook, xlsx_rows, xlsx_sheet, zipped,
};
use super::{import, limited};
use crate::support::Db;

/// What is to become of a file.
enum Fate {
    /// It is read, with so many metrics.
    Read(u64),
    /// It is refused with this reason.
    Refused(&'static str),
}
use Fate::{Read, Refused};

type Case = (&'static str, &'static str, Vec<u8>, Fate);

const SHEET: &str = "xl/worksheets/sheet1.xml";

fn xlsx_rows_and(more: &str) -> Vec<u8> {
    zipped(&with(made::xlsx(), SHEET, xlsx_sheet(&(xlsx_rows() + more))))
}

fn xlsx_with(name: &str, content: impl Into<Vec<u8>>) -> Vec<u8> {
    zipped(&with(made::xlsx(), name, content))
}

fn xlsx() -> Vec<Case> {
    let inline = |text: &str| format!("<row r=\"6\"><c r=\"B6\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>");
    let runs = "<r><rPr><b/></rPr><t>0123456789abcdef</t></r>".repeat(300_000);
    let styles = format!(
        "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"{}\"/></numFmts><cellXfs>{}</cellXfs></styleSheet>",
        "0".repeat(100_000),
        "<xf numFmtId=\"200\"/>".repeat(20_000)
    );
    let sheets: String = (0..3000).map(|n| format!("<sheet name=\"S{n}\" sheetId=\"{n}\" r:id=\"rId1\"/>")).collect();
    let mut parts = made::xlsx();
    parts.extend((0..25_000).map(|n| (format!("xl/media/{n}"), Vec::new())));
    let hidden = "<!-- uniqueCount=\"1\" --><sst count=\"1\" uniqueCount=\"4000000000\"><si><t>a</t></si></sst>";
    let renamed = {
        let relations = String::from_utf8(made::xlsx()[2].1.clone()).expect("text").replace("worksheets/sheet1.xml", "a.png");
        let parts = with(made::xlsx(), "xl/_rels/workbook.xml.rels", relations);
        zipped(&with(parts, "xl/a.png", xlsx_sheet(&(xlsx_rows() + &inline(&random_text(2 << 20))))))
    };
    let laughs = format!(
        "<!DOCTYPE sst [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst><si><t>&b;</t></si></sst>{}",
        " ".repeat(99)
    );
    vec![
        ("the last cell of all", "xlsx", xlsx_rows_and("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"), Read(4)),
        ("a cell beyond the last", "xlsx", xlsx_rows_and("<row r=\"9\"><c r=\"ZZZZZZZ9\"><v>1</v></c></row>"), Refused("")),
        (
            "a sheet that claims to be full",
            "xlsx",
            xlsx_with(SHEET, xlsx_sheet(&xlsx_rows()).replace("<sheetData>", "<dimension ref=\"A1:XFD1048576\"/><sheetData>")),
            Read(4),
        ),
        (
            "four billion shared texts claimed",
            "xlsx",
            xlsx_with("xl/sharedStrings.xml", "<sst uniqueCount=\"4294967295\"/>"),
            Read(4),
        ),
        ("the same behind a comment", "xlsx", xlsx_with("xl/sharedStrings.xml", hidden), Read(4)),
        ("a document type with entities", "xlsx", xlsx_with("xl/sharedStrings.xml", laughs), Refused("document type")),
        (
            "UTF-16",
            "xlsx",
            xlsx_with("xl/sharedStrings.xml", "\u{feff}<sst/>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            Refused("UTF-16"),
        ),
        ("a text of 2 MB", "xlsx", xlsx_rows_and(&inline(&random_text(2 << 20))), Refused("1 MB")),
        (
            "a shared text of 9 MB",
            "xlsx",
            xlsx_with("xl/sharedStrings.xml", format!("<sst><si><t>{}</t></si></sst>", random_text(9 << 20))),
            Refused("8 MB"),
        ),
        (
            "a text of 300,000 runs",
            "xlsx",
            xlsx_with("xl/sharedStrings.xml", format!("<sst><si>{runs}</si></sst>")),
            Refused("1 MB"),
        ),
        ("a sheet under the name of a picture", "xlsx", renamed, Refused("1 MB")),
        ("every style with a large format", "xlsx", xlsx_with("xl/styles.xml", styles), Read(4)),
        (
            "3000 sheets",
            "xlsx",
            xlsx_with("xl/workbook.xml", format!("<workbook><sheets>{sheets}</sheets></workbook>")),
            Refused("2000 sheets"),
        ),
        ("25,000 parts", "xlsx", zipped(&parts), Refused("parts")),
        (
            "a shared text that is not there",
            "xlsx",
            xlsx_rows_and("<row r=\"6\"><c r=\"B6\" t=\"s\"><v>99999999999</v></c></row>"),
            Refused(""),
        ),
        (
            "rows that go backwards",
            "xlsx",
            xlsx_rows_and("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>"),
            Refused("twice, so it is damaged"),
        ),
        ("row 0", "xlsx", xlsx_rows_and("<row r=\"0\"><c r=\"A0\"><v>1</v></c></row>"), Refused("")),
        (
            "a cell that never ends",
            "xlsx",
            xlsx_with(SHEET, "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><is><t>a"),
            Refused(""),
        ),
        ("1000 to 1", "xlsx", xlsx_rows_and(&" ".repeat(68 << 20)), Refused("malicious")),
    ]
}

/// Text that does not pack well.
fn random_text(size: usize) -> String {
    let mut random = super::Random(7);
    (0..size / 8).map(|_| format!("{:08x}", random.next() & 0xffff_ffff)).collect()
}

fn xlsb() -> Vec<Case> {
    let sheet = |rows: Vec<u8>| zipped(&with(made::xlsb(), "xl/worksheets/sheet1.bin", xlsb_sheet(&rows)));
    let row = |row: u32| record(0, &[&row.to_le_bytes()[..], &[0; 13]].concat());
    let name = |name: &str, formula: &[u8]| {
        let size = u32::try_from(formula.len()).expect("short").to_le_bytes();
        record(0x27, &[&[0; 9][..], &wide(name), &size, formula].concat())
    };
    // Each name is a formula of many copies of the name before.
    let mut names = name(&"n".repeat(200_000), &[]);
    names.extend((0..20).flat_map(|_| name("x", &[0x23, 0, 0, 0, 0].repeat(6000))));
    let table = |count: u32| {
        [record(0x9f, &[[1, 0, 0, 0], count.to_le_bytes()].concat()), record(0x13, &[&[0][..], &wide("a")].concat())].concat()
    };
    vec![
        (
            "a record that claims 256 MB",
            "xlsb",
            sheet([xlsb_rows(), record_claiming(6, 0x0fff_ffff, &[])].concat()),
            Refused("8 MB"),
        ),
        ("a record that is cut off", "xlsb", sheet([xlsb_rows(), record_claiming(6, 4000, &[])].concat()), Refused("")),
        ("a cell without a value", "xlsb", sheet([record(0, &[]), record(5, &[])].concat()), Refused("")),
        (
            "a column of four billion",
            "xlsb",
            sheet([xlsb_rows(), row(9), xlsb_cell(5, u32::MAX, &[0; 8])].concat()),
            Refused("cells"),
        ),
        (
            "a shared text that is not there",
            "xlsb",
            sheet([xlsb_rows(), row(9), xlsb_cell(7, 0, &[0xff; 4])].concat()),
            Refused("shared text 4294967295"),
        ),
        (
            "four billion shared texts claimed",
            "xlsb",
            zipped(&with(made::xlsb(), "xl/sharedStrings.bin", table(u32::MAX))),
            Read(4),
        ),
        ("names of names", "xlsb", zipped(&with(made::xlsb(), "xl/workbook.bin", xlsb_workbook(&names))), Read(4)),
        ("a sheet as it should be", "xlsb", zipped(&made::xlsb()), Read(4)),
    ]
}

fn xls() -> Vec<Case> {
    let rows_and = |more: Vec<u8>| compound(&xls_stream(&[], &[biff_rows(), more].concat(), 1));
    // Another place of a small workbook's container: its table has one sector, at byte 512.
    let broken = |at: usize, value: u32| {
        let mut bytes = made::xls();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let mut circle = broken(68, 2);
    circle[512 * 4 - 4..512 * 4].copy_from_slice(&2_u32.to_le_bytes());
    let long = "x".repeat(8000);
    let size = u16::try_from(long.len()).expect("short").to_le_bytes();
    let table = biff(0xfc, &[&[1, 0, 0, 0, 1, 0, 0, 0][..], &size, &[0], long.as_bytes()].concat());
    let listed = |row: u16, column: u16| biff(0xfd, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 6]].concat());
    let many: Vec<u8> = (10..60_u16).flat_map(|row| (0..250_u16).flat_map(move |column| listed(row, column))).collect();
    let many = compound(&xls_stream(&table, &[biff_rows(), many].concat(), 1));
    // A name is a text of 200 characters, a formula has it many times.
    let mut formula = vec![0; 20];
    formula.extend(u16::try_from(5 * 1500).expect("short").to_le_bytes());
    formula.extend([0x23, 1, 0, 0, 0].repeat(1500));
    let formulas: Vec<u8> = (0..15).flat_map(|_| biff(6, &formula)).collect();
    vec![
        ("a table of sectors in circles", "xls", broken(512 + 3 * 4, 3), Refused("damaged")),
        ("a directory in circles", "xls", broken(512 + 4, 1), Refused("damaged")),
        ("a list of tables in circles", "xls", circle, Refused("damaged")),
        ("a stream that claims more than the file", "xls", broken(512 * 2 + 128 + 120, 0x7fff_0000), Refused("")),
        ("a chain that leads nowhere", "xls", broken(512 + 3 * 4, 77), Refused("damaged")),
        (
            "a size of four billion rows",
            "xls",
            rows_and(biff(0x200, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0])),
            Read(4),
        ),
        ("the last cell of all", "xls", rows_and(biff_number(65535, 255, 1.0)), Read(4)),
        ("a long text in many cells", "xls", many, Refused("50 rows have problems")),
        ("formulas that grow", "xls", rows_and(formulas), Refused("twice, so it is damaged")),
        ("2001 sheets", "xls", compound(&xls_stream(&[], &biff_rows(), 2001)), Refused("2000 sheets")),
        (
            "999 times the same sheet",
            "xls",
            compound(&xls_stream(&[], &[biff_rows(), biff_label(6000, 200, "far")].concat(), 999)),
            Refused("999 sheets look like the table"),
        ),
        ("a sheet as it should be", "xls", made::xls(), Read(4)),
    ]
}

fn ods() -> Vec<Case> {
    let rows_and = |more: &str| zipped(&with(made::ods(), "content.xml", ods_content(&(ods_rows() + more))));
    let content = |content: &str| zipped(&with(made::ods(), "content.xml", content));
    let cell = |attributes: &str, inside: &str| {
        format!(
            "<table:table-row><table:table-cell office:value-type=\"string\" {attributes}>{inside}</table:table-cell></table:table-row>"
        )
    };
    let repeated =
        |rows: &str, cell: &str| format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cell}</table:table-row>");
    let full = "<table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>a b c d</text:p></table:table-cell>";
    vec![
        ("a billion empty rows", "ods", rows_and(&repeated("1000000000", "<table:table-cell/>")), Read(4)),
        (
            "more rows than there are numbers",
            "ods",
            rows_and(&repeated("99999999999999999999999", full)),
            Refused("not a number"),
        ),
        (
            "a billion columns",
            "ods",
            rows_and(&cell("table:number-columns-repeated=\"1000000000\"", "<text:p>a</text:p>")),
            Refused("cells"),
        ),
        ("a sheet full of one cell", "ods", rows_and(&repeated("1048000", full)), Refused("repeat")),
        (
            "ten billion blanks",
            "ods",
            rows_and(&cell("", "<text:p>a<text:s text:c=\"9999999999\"/></text:p>")),
            Refused("1 MB"),
        ),
        (
            "a sheet that never ends",
            "ods",
            content(&ods_content(&ods_rows()).replace("</table:table>", "")),
            Refused("ends within a sheet"),
        ),
        ("a remark that never ends", "ods", rows_and(&cell("", "<office:annotation><text:p>a")), Refused("ends within")),
        ("a text of 9 MB", "ods", rows_and(&cell("", &format!("<text:p>{}</text:p>", random_text(9 << 20)))), Refused("8 MB")),
        ("a cell in a cell", "ods", rows_and(&cell("", "<table:table-cell/>")), Refused("cell")),
        (
            "entities of its own",
            "ods",
            content("<!DOCTYPE a [<!ENTITY b \"c\">]><office:document-content/>"),
            Refused("document type"),
        ),
        ("100,000 sheets", "ods", content(&"<table:table table:name=\"a\"/>".repeat(100_000)), Refused("2000 sheets")),
        ("a sheet as it should be", "ods", zipped(&made::ods()), Read(4)),
    ]
}

fn texts() -> Vec<Case> {
    let head = "metric_id,name,target,unit,function\nM-1,Patched in time,95,%,PR\n";
    let csv = |more: &str| (head.to_owned() + more).into_bytes();
    let json = |object: &str| format!("[{{\"name\":\"a\",\"target\":1,\"function\":\"PR\",\"more\":{object}}}]").into_bytes();
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let wide: String = (0..100_000).map(|n| format!("c{n},")).collect();
    let codes: String = (0..25_000).map(|n| format!("PR.XX-{n} ")).collect();
    let mut utf16: Vec<u8> = vec![0xff, 0xfe];
    utf16.extend(head.encode_utf16().flat_map(u16::to_le_bytes));
    utf16.extend([0x00, 0xd8, b'a', 0]);
    vec![
        ("one line of 2 MB", "csv", random_text(2 << 20).into_bytes(), Refused("1 MB")),
        ("one line of a million commas", "csv", "a,".repeat(1 << 20).into_bytes(), Refused("cells")),
        ("a quote that never closes", "csv", csv(&("M-2,\"".to_owned() + &"\"\"\n".repeat(2 << 20))), Refused("1 MB")),
        ("a row of 10 MB", "csv", csv(&(random_text(900_000) + ",").repeat(20)), Refused("8 MB")),
        ("NUL characters", "csv", csv("M-2,a\0b,1,%,PR\n"), Refused("NUL")),
        ("100,000 columns", "csv", (wide + "\n").into_bytes(), Refused("cells")),
        ("numbers beyond all", "csv", csv("M-2,a,1e999999999,%,PR\n"), Refused("1e999999999")),
        ("300 kB of what looks like codes", "csv", csv(&format!("M-2,a,1,%,{codes}\n")), Refused("is not a code")),
        ("half a character in UTF-16", "csv", utf16, Refused("UTF-16LE")),
        ("100,000 lists in lists", "json", json(&deep("[", "]")), Refused("recursion")),
        ("100,000 objects in objects", "json", json(&deep("{\"a\":", "}")), Refused("")),
        ("a list of two million lists", "json", json(&("[[]".to_owned() + &",[]".repeat(2_000_000) + "]")), Refused("2 MB")),
        ("a number beyond all in JSON", "json", json("1e999999999"), Refused("out of range")),
        ("JSON that ends early", "json", b"[{\"name\":\"a\"".to_vec(), Refused("ends too early")),
        ("JSON that is not UTF-8", "json", b"[{\"name\":\"\xff\xfe\xfd\"}]".to_vec(), Refused("")),
        (
            "objects with 10,000 keys",
            "json",
            json(&format!("{{{}}}", (0..10_000).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","))),
            Refused("keys"),
        ),
    ]
}

#[track_caller]
fn judge(cases: Vec<Case>) {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    for (number, (what, kind, bytes, fate)) in cases.into_iter().enumerate() {
        let path = folder.path().join(format!("{number}.{kind}"));
        std::fs::write(&path, &bytes).expect("a file");
        let what = format!("{kind}: {what} ({} bytes)", bytes.len());
        let run = import(&db, &what, &path);
        match fate {
            Read(count) => {
                assert_eq!(run.code, 0, "{what}: {}", run.stderr);
                let read =
                    run.stdout.lines().nth(3).and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default().to_owned();
                assert_eq!(read, count.to_string(), "{what}: {}", run.stdout);
            }
            Refused(reason) => {
                assert_ne!(run.code, 0, "{what} was read: {}", run.stdout);
                assert!(run.stderr.contains(reason), "{what}: no {reason:?} in {}", run.stderr);
            }
        }
    }
}

#[test]
fn xlsx_made_to_do_harm_is_refused() {
    judge(xlsx());
}

#[test]
fn xlsb_made_to_do_harm_is_refused() {
    judge(xlsb());
}

#[test]
fn xls_made_to_do_harm_is_refused() {
    judge(xls());
}

#[test]
fn ods_made_to_do_harm_is_refused() {
    judge(ods());
}

#[test]
fn text_made_to_do_harm_is_refused() {
    judge(texts());
}

/// What a person could paste into one cell: codes, separators, brackets, none of them a list of codes.
#[test]
fn a_cell_full_of_codes_or_of_what_stands_between_them_is_refused_or_read_in_time() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let usual: String = (0..30).map(|number| format!("U-{number},Usual {number},95,%,PR\n")).collect();
    for (size, pieces, reason) in [
        (1_000_000, &["PR.AA-01; ", "[](){}", "PR.XX-1 PR.XX-2 "][..], "`PR.AA-01; PR.AA-01"),
        (30_000, &["PR.AA-01; ", "PR (", "PR.XX-1 PR.XX-2 ", "\u{fdfa}"], "`PR.XX-1` is not a code"),
    ] {
        let mut sheet = "metric_id,name,target,unit,function\n".to_owned() + &usual;
        for (number, piece) in pieces.iter().enumerate() {
            sheet += &format!("M-{number},Name {number},95,%,\"{}\"\n", piece.repeat(size / piece.len()));
        }
        let path = folder.path().join(format!("{size}.csv"));
        std::fs::write(&path, sheet).expect("a file");
        let run = import(&db, &format!("cells of {size} bytes"), &path).fails(65, "is not a code");
        assert!(run.stderr.contains(reason), "no {reason} in {}", run.stderr);
        assert!(run.stderr.len() < 20_000, "{} bytes of errors", run.stderr.len());
    }
    // Elsewhere than among the codes, such a cell is text.
    let named = folder.path().join("named.csv");
    let text = "PR.AA-01; [(".repeat(80_000);
    std::fs::write(&named, format!("metric_id,name,description,target,function\nM-1,a,\"{text}\",1,PR\n")).expect("a file");
    assert_eq!(import(&db, "a description of 960 kB", &named).code, 0);
}

/// The other readers of files stand behind the same guard.
#[test]
fn every_reader_of_files_has_the_limits() {
    let db = Db::seeded();
    db.execute("INSERT INTO metrics (metric_number, name, direction, csf_function, priority) VALUES ('M-1', 'a', 'higher_is_better', 'PR', 'High')");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let claims = file("claims.xlsx", &xlsx_rows_and(&" ".repeat(12 << 20)));
    let good = file("good.csv", b"metric_id,name,target,function\nM-1,a,1,PR\n");
    limited(&db, "a catalog", &["import", &good, "--framework", "csf-2.0", "--direction", "*=higher"]).ok();
    for args in [
        vec!["import", &claims],
        vec!["record", "--file", &claims],
        vec!["framework", "import", &claims],
        vec!["framework", "crosswalk", "import", &claims],
        vec!["map", "import", &claims, "--catalog", "good"],
        vec!["catalog", "diff", "good", &claims],
        vec!["metric", "set", "--file", &claims],
    ] {
        let args = [args, vec!["--max-size", "1"]].concat();
        let run = limited(&db, &args.join(" "), &args).fails(65, "unpacks to more than 10 MB");
        assert!(run.stderr.contains("--max-size"), "{}", run.stderr);
    }
    let big = file("big.csv", &b"metric_id,name,target,function\nM-1,a,1,PR\n".repeat(30_000));
    for args in [
        vec!["import", &big],
        vec!["framework", "import", &big],
        vec!["framework", "crosswalk", "import", &big],
        vec!["map", "import", &big],
        vec!["catalog", "diff", "good", &big],
        vec!["metric", "set", "--file", &big],
    ] {
        let args = [args, vec!["--max-size", "1"]].concat();
        limited(&db, &args.join(" "), &args).fails(65, "more than 1 MB");
    }
    let values =
        file("values.json", ("{\"catalog\":{\"metadata\":[[]".to_owned() + &",[]".repeat(1_100_000) + "]}}").as_bytes());
    limited(&db, "values", &["framework", "import", &values]).fails(65, "1000000 values");
    limited(&db, "values", &["framework", "crosswalk", "import", &values]).fails(65, "1000000 values");
    let elements = file("elements.xml", ("<catalog>".to_owned() + &"<a/>".repeat(1_100_000) + "</catalog>").as_bytes());
    limited(&db, "elements", &["framework", "import", &elements]).fails(65, "224 MB of memory");
    limited(&db, "elements", &["framework", "crosswalk", "import", &elements]).fails(65, "224 MB of memory");
    let attributes: String = (0..=100).map(|n| format!("a{n}='' ")).collect();
    let attributes = file("attributes.xml", format!("<catalog><a {attributes}/></catalog>").as_bytes());
    limited(&db, "attributes", &["framework", "import", &attributes]).fails(65, "more than 100 attributes");
    let far: String = (1..=20_001).map(|row| format!("<row r=\"{row}\"><c r=\"CV{row}\"><v>1</v></c></row>")).collect();
    let far = file("far.xlsx", &zipped(&with(made::xlsx(), SHEET, xlsx_sheet(&far))));
    limited(&db, "far", &["framework", "import", &far]).fails(65, "no sheet with the columns Function");
    limited(&db, "far", &["map", "import", &far, "--catalog", "good"]).fails(65, "the first row lacks the columns");
    let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..12 {
        laughs += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","));
    }
    let many = file("many.yaml", "- name: a\n  more: [[],[],[],[],[],[],[],[]]\n".repeat(25_000).as_bytes());
    limited(&db, "many", &["import", &many]).fails(65, "JSON lines");
    let laughs = file("laughs.yaml", (laughs + "requirement_nodes: *a11\n").as_bytes());
    limited(&db, "laughs", &["framework", "import", &laughs]).fails(65, "");
    let codes: String = (0..12_000).map(|n| format!("F{n},,F{n}-1,,x\n")).collect();
    let codes = file("codes.csv", ("function,category,subcategory,name,text\n".to_owned() + &codes).as_bytes());
    limited(&db, "codes", &["framework", "import", &codes]).fails(65, "10000 items");
    limited(&db, "no end", &["framework", "import", "/dev/zero"]).fails(65, "more than 64 MB");
    limited(&db, "no end", &["import", "/dev/zero", "--max-size", "1"]).fails(65, "more than 1 MB");
}

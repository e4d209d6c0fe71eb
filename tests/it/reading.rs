//! The options by which a file is read: every command that reads one takes them, and each does in all of them what it says.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Table, TableColumn, Workbook, Worksheet};

use crate::record::with_metrics;
use crate::support::{Db, Run};

/// A table of text cells, header first.
type Cells = Vec<Vec<String>>;

fn cells(rows: &[&[&str]]) -> Cells {
    rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect()
}

fn csv(rows: &Cells, delimiter: &str) -> String {
    rows.iter().map(|row| row.join(delimiter) + "\n").collect()
}

fn fill(sheet: &mut Worksheet, from: u32, rows: &Cells) {
    for (row, cells) in (from..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
}

/// Ways to write a table, each with the options that read it: with them it is the plain one, without the last of them it is not.
struct Ways<'a> {
    folder: &'a Path,
    /// The table, and a row that looks like one of it.
    table: Cells,
    other: Vec<String>,
    /// A field that has to be there, and its column.
    field: (&'a str, usize),
}

impl Ways<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn text(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    fn with_other(&self) -> Cells {
        let mut rows = self.table.clone();
        rows.push(self.other.clone());
        rows
    }

    /// Where the table is, in text.
    fn places(&self) -> Vec<(PathBuf, Vec<String>)> {
        let header = self.table[0].clone();
        let twice: Cells = [header, self.other.clone()].into_iter().chain(self.table.clone()).collect();
        let last = self.table.len();
        let end = char::from(b'A' + u8::try_from(self.table[0].len() - 1).expect("few columns"));
        let mut renamed = self.table.clone();
        "x9".clone_into(&mut renamed[0][self.field.1]);
        vec![
            (self.text("twice.csv", csv(&twice, ",")), vec!["--header-row=3".to_owned()]),
            (self.text("part.csv", csv(&self.with_other(), ",")), vec![format!("--range=A1:{end}{last}")]),
            (self.text("renamed.csv", csv(&renamed, ",")), vec![format!("--map={}=x9", self.field.0)]),
            (self.text("marked.csv", csv(&self.table, "#")), vec!["--delimiter=#".to_owned()]),
        ]
    }

    /// Where the table is, in workbooks.
    fn workbooks(&self) -> Vec<(PathBuf, Vec<String>)> {
        let save = |name: &str, make: &dyn Fn(&mut Workbook)| {
            let mut book = Workbook::new();
            make(&mut book);
            let path = self.path(name);
            book.save(&path).expect("a workbook");
            path
        };
        let rows = u32::try_from(self.table.len()).expect("few rows");
        let sheets = save("sheets.xlsx", &|book| {
            fill(book.add_worksheet().set_name("A").expect("a name"), 0, &self.with_other());
            fill(book.add_worksheet().set_name("B").expect("a name"), 0, &self.table);
        });
        let named = save("named.xlsx", &|book| {
            let sheet = book.add_worksheet();
            fill(sheet, 0, &self.with_other());
            let last = u16::try_from(self.table[0].len() - 1).expect("few columns");
            let columns: Vec<TableColumn> = self.table[0].iter().map(|header| TableColumn::new().set_header(header)).collect();
            let table = Table::new().set_name("Mine").set_columns(&columns);
            sheet.add_table(0, 0, rows - 1, last, &table).expect("a table");
        });
        let hidden = save("hidden.xlsx", &|book| {
            let sheet = book.add_worksheet();
            fill(sheet, 0, &self.with_other());
            sheet.set_row_hidden(rows).expect("a row");
        });
        let option = |option: &str| vec![option.to_owned()];
        vec![(sheets, option("--sheet=B")), (named, option("--table=Mine")), (hidden, option("--visible-only"))]
    }

    /// Checks that each way reads as the plain table does, by what `seen` makes of a file and options.
    fn check(&self, more: Vec<(PathBuf, Vec<String>)>, seen: &dyn Fn(&Path, &[String]) -> String) {
        let plain = seen(&self.text("plain.csv", csv(&self.table, ",")), &[]);
        for (file, options) in self.places().into_iter().chain(more) {
            let name = file.display();
            assert_eq!(seen(&file, &options), plain, "{name} with {options:?}");
            assert_ne!(seen(&file, &[]), plain, "{name} without {options:?}");
        }
        // What was found once is found again without a word.
        let (file, map) = (self.path("renamed.csv"), self.path("map.toml"));
        let renamed = format!("--map={}=x9", self.field.0);
        std::fs::write(&map, "").expect("a file in its place");
        let map = map.to_str().expect("UTF-8").to_owned();
        seen(&file, &[renamed, format!("--save-map={map}"), "--force".to_owned()]);
        assert_eq!(seen(&file, &[format!("--map-file={map}")]), plain);
        std::fs::remove_file(map).expect("the map was saved");
    }
}

fn ran(db: &Db, words: &[&str], file: &Path, options: &[String]) -> Run {
    let words = words.iter().map(|word| (*word).replace("FILE", file.to_str().expect("UTF-8")));
    db.cmf(words.chain(options.iter().cloned()))
}

/// Text that only one encoding, one quote and one form of dates read as it was meant: the files, and their options.
fn meant(ways: &Ways<'_>, column: usize) -> Vec<(PathBuf, Vec<String>)> {
    let with = |cell: &str| {
        let mut rows = ways.table.clone();
        cell.clone_into(&mut rows[1][column]);
        csv(&rows, ",")
    };
    let (encoded, _, _) = encoding_rs::WINDOWS_1250.encode(&ways.table[1][column]);
    let bytes = with("@").into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'@').expect("the mark");
    let bytes = [&bytes[..at], &encoded[..], &bytes[at + 1..]].concat();
    let quoted = with(&format!("'{}'", ways.table[1][column]));
    vec![
        (ways.text("encoded.csv", bytes), vec!["--encoding=windows-1250".to_owned()]),
        (ways.text("quoted.csv", quoted), vec!["--quote='".to_owned()]),
    ]
}

#[test]
fn a_catalog_is_imported_by_what_is_said_of_its_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways {
        folder: folder.path(),
        table: cells(&[
            &["metric_number", "name", "target_value", "owner"],
            &["M-1", "First", "5", "ąę"],
            &["M-2", "Second", "7", "Ada"],
        ]),
        other: ["M-9", "Ninth", "9", "Eve"].map(str::to_owned).to_vec(),
        field: ("name", 1),
    };
    let seen = |file: &Path, options: &[String]| {
        let run = ran(
            &db,
            &["import", "FILE", "--name", "c", "--again", "--framework", "csf-2.0", "--direction", "*=higher"],
            file,
            options,
        );
        let stored = db.rows(
            "SELECT name, target_value, original_data #>> '{parsed,metric_number}', original_data #>> '{parsed,owner}'
             FROM metric_catalog_items ORDER BY 1, 3",
        );
        db.execute("DELETE FROM metric_catalog_items; DELETE FROM metric_catalogs");
        format!("{} {stored:?}", run.code)
    };
    ways.check([ways.workbooks(), meant(&ways, 3)].concat(), &seen);
    // A date in a column of numbers is told from a number.
    let dated = ways.text("dated.csv", "metric_number,name,target_value\nM-1,First,31.01.2026\n");
    let run = ran(&db, &["import", "FILE", "--date-format", "DD.MM.YYYY"], &dated, &[]);
    run.fails(65, "the cell holds the date 2026-01-31");
    ran(&db, &["import", "FILE", "--visible-only"], &dated, &[]).fails(2, "--visible-only is for workbooks");
    ran(&db, &["import", "FILE", "--map", "owned=x"], &dated, &[]).fails(2, "`owned` is not a field");
}

#[test]
fn readings_are_recorded_by_what_is_said_of_their_file() {
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways {
        folder: folder.path(),
        table: cells(&[
            &["metric", "value", "at", "note"],
            &["PR-001", "5", "2026-02-01", "ąę"],
            &["PR-002", "7", "2026-02-01", "x"],
        ]),
        other: ["PR-001", "9", "2026-03-01", "y"].map(str::to_owned).to_vec(),
        field: ("value", 1),
    };
    let recorded = |db: &Db| {
        let stored = db.rows(
            "SELECT m.metric_number, h.value, h.recorded_at, h.note FROM metric_history h JOIN metrics m ON m.id = h.metric_id
             ORDER BY 1, 3",
        );
        db.execute("DELETE FROM metric_history");
        stored
    };
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &["record", "--file", "FILE"], file, options);
        format!("{} {:?}", run.code, recorded(&db))
    };
    let dated = csv(&ways.table, ",").replace("2026-02-01", "01/02/2026");
    let dated = vec![(ways.text("dated.csv", dated), vec!["--date-format=DD/MM/YYYY".to_owned()])];
    ways.check([ways.workbooks(), meant(&ways, 3), dated].concat(), &seen);
    let values = ways.text("values.csv", "metric;value;at\nPR-001;0,5;2026-01-31\nPR-002;1.234,5;2026-01-31\n");
    let words = ["record", "--file", "FILE", "--decimal", "comma", "--percent", "scale"];
    ran(&db, &words, &values, &[]).ok();
    assert_eq!(recorded(&db), ["PR-001|50.0000|2026-01-31 00:00:00|", "PR-002|1234.5000|2026-01-31 00:00:00|"]);
    db.cmf(["record", "PR-001", "5", "--sheet", "A"]).fails(2, "--sheet needs a file");
}

#[test]
fn a_catalog_is_compared_by_what_is_said_of_its_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways {
        folder: folder.path(),
        table: cells(&[
            &["metric_number", "name", "target_value", "owner"],
            &["M-1", "First", "5", "ąę"],
            &["M-2", "Second", "1.5", "Ada"],
        ]),
        other: ["M-9", "Ninth", "9", "Eve"].map(str::to_owned).to_vec(),
        field: ("name", 1),
    };
    let file = ways.text("catalog.csv", csv(&ways.table, ","));
    ran(&db, &["import", "FILE", "--name", "c", "--framework", "csf-2.0", "--direction", "*=higher"], &file, &[]).ok();
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &["catalog", "diff", "c", "FILE", "--exit-code", "--format", "csv"], file, options);
        format!("{} {}", run.code, run.stdout)
    };
    let mut comma = ways.table.clone();
    comma[2][2] = "1,500".to_owned();
    let comma = vec![(ways.text("comma.csv", csv(&comma, ";")), vec!["--decimal=comma".to_owned()])];
    ways.check([ways.workbooks(), meant(&ways, 3), comma].concat(), &seen);
    let dated = ways.text("dated.csv", "metric_number,name,target_value\nM-1,First,31.01.2026\n");
    ran(&db, &["catalog", "diff", "c", "FILE", "--date-format", "DD.MM.YYYY"], &dated, &[])
        .fails(65, "the cell holds the date 2026-01-31");
    db.cmf(["catalog", "diff", "c", "c", "--sheet", "A"]).fails(2, "--sheet is for tables, but this is a catalog");
}

#[test]
fn a_framework_is_read_by_what_is_said_of_its_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let table = cells(&[
        &["function", "category", "subcategory", "name", "text"],
        &["Ąę", "", "", "First", ""],
        &["B", "B.A", "B.A-1", "x", "one"],
    ]);
    let other = ["Z", "Z.A", "Z.A-1", "x", "other"].map(str::to_owned).to_vec();
    let ways = Ways { folder: folder.path(), table, other, field: ("subcategory", 2) };
    let words = ["framework", "import", "FILE", "--name", "Own", "--framework-version", "1", "--dry-run", "--format", "json"];
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &words, file, options);
        if run.code == 0 { run.json()["codes"].to_string() } else { run.code.to_string() }
    };
    ways.check(meant(&ways, 0), &seen);
    let dated = ways.text("dated.csv", csv(&ways.table, ",").replace("B.A-1", "31.01.2026"));
    assert!(seen(&dated, &["--date-format=DD.MM.YYYY".to_owned()]).contains("2026-01-31"));
    for option in ["--decimal=comma", "--percent=scale"] {
        ran(&db, &words, &dated, &[option.to_owned()]).fails(2, "is for numbers, but a framework has none");
    }
    let document = ways.text("catalog.json", "{\"catalog\":{\"metadata\":{\"title\":\"x\"},\"groups\":[{\"id\":\"a\",\"title\":\"A\",\"controls\":[{\"id\":\"a-1\",\"title\":\"One\"}]}]}}");
    ran(&db, &words, &document, &["--delimiter=;".to_owned()])
        .fails(2, "--delimiter is for tables, but this is an OSCAL catalog");
    // The workbook of NIST's own tool.
    let book = Ways {
        table: cells(&[
            &["Function", "Category", "Subcategory"],
            &["FIRST (F): one", "", ""],
            &["", "Alpha (F.A): two", ""],
            &["", "", "F.A-1: three"],
        ]),
        other: ["", "", "F.A-9: other"].map(str::to_owned).to_vec(),
        ..ways
    };
    let plain = {
        let path = book.path("book.xlsx");
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet().set_name("B").expect("a name"), 0, &book.table);
        workbook.save(&path).expect("a workbook");
        seen(&path, &[])
    };
    for (file, options) in book.workbooks() {
        assert_eq!(seen(&file, &options), plain, "{options:?}");
        assert_ne!(seen(&file, &[]), plain, "{options:?}");
    }
}

#[test]
fn a_crosswalk_is_read_by_what_is_said_of_its_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways {
        folder: folder.path(),
        table: cells(&[
            &["source", "target", "relation", "note"],
            &["GV.OC-01", "GOVERN 1.1", "equal", "ąę"],
            &["GV.OC-02", "GOVERN 1.2", "subset", "x"],
        ]),
        other: ["GV.OC-03", "GOVERN 1.3", "equal", "other"].map(str::to_owned).to_vec(),
        field: ("target", 1),
    };
    let words = ["framework", "crosswalk", "import", "FILE", "--source", "csf-2.0", "--target", "ai-rmf-1.0", "--name", "Own"];
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &words, file, options);
        let columns = "source_code,target_code,relation,note";
        let shown = || db.cmf(["framework", "crosswalk", "show", "Own", "--columns", columns, "--format", "csv"]).ok().stdout;
        if run.code == 0 { shown() } else { run.code.to_string() }
    };
    ways.check([ways.workbooks(), meant(&ways, 3)].concat(), &seen);
    let dated = ways.text("dated.csv", csv(&ways.table, ",").replace("GV.OC-02", "31.01.2026"));
    ran(&db, &words, &dated, &["--date-format=DD.MM.YYYY".to_owned()]).fails(65, "2026-01-31");
    for option in ["--decimal=comma", "--percent=scale"] {
        ran(&db, &words, &dated, &[option.to_owned()]).fails(2, "is for numbers, but a crosswalk has none");
    }
    let document = ways.text("map.json", "{\"mapping-collection\": {\"mappings\": [{\"maps\": []}]}}");
    ran(&db, &words, &document, &["--delimiter=;".to_owned()])
        .fails(2, "--delimiter is for tables, but this is an OSCAL mapping");
    ran(&db, &words, &document, &["--document=X".to_owned()]).fails(2, "--document is for the Reference Tool");
}

#[test]
fn settings_are_read_by_what_is_said_of_their_file() {
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let ways = Ways {
        folder: folder.path(),
        table: cells(&[&["metric", "target", "unit"], &["PR-001", "5", "ąę"], &["PR-002", "7", "x"]]),
        other: ["PR-001", "9", "y"].map(str::to_owned).to_vec(),
        field: ("target", 1),
    };
    let words = ["metric", "set", "--file", "FILE", "--dry-run", "--format", "csv"];
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &words, file, options);
        format!("{} {}", run.code, run.stdout)
    };
    let mut comma = ways.table.clone();
    comma[2][1] = "7,0".to_owned();
    let comma = vec![(ways.text("comma.csv", csv(&comma, ";")), vec!["--decimal=comma".to_owned()])];
    ways.check([ways.workbooks(), meant(&ways, 2), comma].concat(), &seen);
    let dated = ways.text("dated.csv", "metric,target\nPR-001,31.01.2026\n");
    ran(&db, &words, &dated, &["--date-format=DD.MM.YYYY".to_owned()]).fails(65, "`2026-01-31`");
    ran(&db, &words, &dated, &["--percent=scale".to_owned()]).fails(2, "--percent is for readings");
    db.cmf(["metric", "set", "PR-001", "--unit", "x", "--sheet", "A"]).fails(2, "--sheet needs a file");
}

#[test]
fn mappings_are_read_by_what_is_said_of_their_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let catalog = folder.path().join("c.csv");
    std::fs::write(&catalog, "metric_number,name,target_value\nM-1,First,5\nM-2,Second,7\nM-3,Third,9\n").expect("a file");
    ran(&db, &["import", "FILE", "--name", "c", "--framework", "csf-2.0", "--direction", "*=higher"], &catalog, &[]).ok();
    let ids = db.rows("SELECT id FROM metric_catalog_items ORDER BY name");
    let row = |id: &str, code: &str| [id, code, "yes"].map(str::to_owned).to_vec();
    let ways = Ways {
        folder: folder.path(),
        table: vec![row("item_id", "code"), row(&ids[0], "PR.AA-01"), row(&ids[1], "PR")]
            .into_iter()
            .enumerate()
            .map(|(at, mut row)| {
                if at == 0 {
                    row[2] = "is_confirmed".to_owned();
                }
                row
            })
            .collect(),
        other: row(&ids[2], "DE"),
        field: ("code", 1),
    };
    let words = ["map", "import", "FILE", "--catalog", "c", "--framework", "csf-2.0", "--dry-run", "--format", "json"];
    let seen = |file: &Path, options: &[String]| {
        let run = ran(&db, &words, file, options);
        if run.code == 0 { run.stdout } else { format!("{} {}", run.code, run.stderr) }
    };
    ways.check(ways.workbooks(), &seen);
    let told = |name: &str, cell: &[u8], option: &str, text: &str| {
        let bytes = [format!("item_id,code,is_confirmed\n{},PR,", ids[0]).as_bytes(), cell, b"\n"].concat();
        let file = ways.text(name, bytes);
        ran(&db, &words, &file, &[option.to_owned()]).fails(65, text);
        assert!(!ran(&db, &words, &file, &[]).stderr.contains(text), "{name}");
    };
    told("encoded.csv", b"\xb9", "--encoding=windows-1250", "`ą` is neither yes nor no");
    told("quoted.csv", b"'a,b'", "--quote='", "`a,b` is neither yes nor no");
    told("dated.csv", b"31.01.2026", "--date-format=DD.MM.YYYY", "`2026-01-31` is neither yes nor no");
    for option in ["--decimal=comma", "--percent=scale"] {
        ran(&db, &words, &catalog, &[option.to_owned()]).fails(2, "is for numbers, but a sheet of mappings has none");
    }
}

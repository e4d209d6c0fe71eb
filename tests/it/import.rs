//! `cmf import`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook};

use crate::support::{Db, Run, project, shared};

/// A file that is gone with the test.
pub(crate) struct Scratch(pub(crate) tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Scratch(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) fn workbook(&self, name: &str, workbook: &mut Workbook) -> PathBuf {
        self.file(name, workbook.save_to_buffer().expect("a workbook"))
    }
}

pub(crate) fn import(db: &Db, file: &Path, more: &[&str]) -> Run {
    let mut args = vec!["import", file.to_str().expect("a path")];
    args.extend(more);
    db.cmf(args)
}

fn import_text(db: &Db, content: impl AsRef<[u8]>, more: &[&str]) -> Run {
    let scratch = Scratch::new();
    import(db, &scratch.file("sheet.csv", content), more)
}

/// Everything that an import writes, counted.
pub(crate) fn state(db: &Db) -> String {
    db.one(
        "SELECT concat_ws(' ', (SELECT count(*) FROM metric_catalogs), (SELECT count(*) FROM metric_catalog_items),
                          (SELECT count(*) FROM metric_catalog_framework_mappings), (SELECT count(*) FROM metrics),
                          (SELECT count(*) FROM ai_change_log WHERE action LIKE 'catalog%'))",
    )
}

pub(crate) const NOTHING: &str = "0 0 0 0 0";

/// The items of a catalog with their codes, as lines.
fn items(db: &Db, catalog: &str) -> Vec<String> {
    db.rows(&format!(
        "SELECT original_data #>> '{{parsed,metric_number}}', i.name, i.description, trim_scale(i.current_value), trim_scale(i.target_value),
                original_data #>> '{{parsed,target_lower}}', original_data #>> '{{parsed,target_upper}}', i.unit, i.direction, i.priority,
                original_data #>> '{{parsed,owner}}', original_data #>> '{{parsed,frequency}}', original_data #>> '{{parsed,formula}}',
                (SELECT string_agg(concat_ws(' ', m.function_code, m.category_code, m.subcategory_code, trim_scale(m.confidence), m.is_confirmed), ',' ORDER BY m.id)
                 FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id),
                (original_data -> 'row')::text
         FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id AND c.name = '{catalog}' ORDER BY i.id"
    ))
}

fn targets(db: &Db) -> Vec<String> {
    db.rows("SELECT trim_scale(target_value) FROM metric_catalog_items ORDER BY id")
}

const ALMA_TARGETS: [&str; 8] = ["95", "100", "14", "98", "60", "4", "100", "0"];

#[test]
fn the_eight_metrics_come_out_equal_from_every_variant() {
    let mut first: Option<Vec<String>> = None;
    for name in [
        "csfp_alma_metricsfixture.csv",
        "alma_pctcells_title_merged_footer.xlsx",
        "alma_pctcells.xls",
        "alma_pctcells.ods",
        "alma_semicolon_cp1252.csv",
        "alma_semicolon_utf8bom.csv",
        "alma_sep_line.csv",
        "alma_utf16le_tab.txt",
    ] {
        let Some(file) = shared(&format!("samples/{name}")) else { return };
        let db = Db::seeded();
        let summary = import(&db, &file, &["--format", "json", "--name", "alma"]).ok().json();
        assert_eq!(summary["imported"], 8, "{name}");
        assert_eq!(summary["framework"], "csf-2.0");
        assert_eq!(targets(&db), ALMA_TARGETS, "{name}");
        assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE is_confirmed AND confidence = 1"), "9");
        // The raw row differs, for it is the file's own text, and some variants have an umlaut in the description.
        let items: Vec<String> = items(&db, "alma")
            .iter()
            .map(|line| line.rsplit_once('|').expect("a row").0.replace("Überprüfung: ", ""))
            .collect();
        match &first {
            Some(first) => assert_eq!(&items, first, "{name}"),
            None => first = Some(items),
        }
    }
}

#[test]
fn a_row_is_kept_with_what_was_read_and_where_it_stood() {
    let db = Db::seeded();
    import_text(
        &db,
        "Metric ID,Metric,Target,Lower Bound,Upper Bound,Owner,Colour\nM-1,Speed,,\"1,5\",\"2,5\",Ada,red\n",
        &["--name", "c"],
    )
    .ok();
    let original: serde_json::Value =
        serde_json::from_str(&db.one("SELECT original_data FROM metric_catalog_items")).expect("JSON");
    assert_eq!(
        original,
        serde_json::json!({
            "row": { "Metric ID": "M-1", "Metric": "Speed", "Target": "", "Lower Bound": "1,5", "Upper Bound": "2,5", "Owner": "Ada", "Colour": "red" },
            "parsed": { "metric_number": "M-1", "target_lower": "1.5", "target_upper": "2.5", "owner": "Ada" },
            "source": { "sheet": null, "row": 2 }
        })
    );
    assert_eq!(db.one("SELECT direction FROM metric_catalog_items"), "target_range");
    let metadata: serde_json::Value =
        serde_json::from_str(&db.one("SELECT import_metadata FROM metric_catalogs")).expect("JSON");
    assert_eq!(metadata["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(metadata["header_row"], 1);
    assert_eq!(metadata["counts"]["imported"], 1);
    assert_eq!(metadata["unmapped_columns"], serde_json::json!(["Colour"]));
    assert_eq!(metadata["cmf_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(db.one("SELECT source_file FROM metric_catalogs"), "sheet.csv");
    assert_eq!(
        db.rows("SELECT action, source, result ->> 'imported' FROM ai_change_log WHERE action = 'catalog.import'"),
        ["catalog.import|cmf|1"]
    );
}

#[test]
fn every_problem_is_named_with_its_cell_and_nothing_is_written() {
    let db = Db::seeded();
    let long = "x".repeat(201);
    for (sheet, message) in [
        ("name,target\nA,soon\n", "line 2 (target): `soon` is not a number"),
        ("name,target\nA,10-Jan\n", "`10-Jan` could be a date"),
        ("name,target\nA,100000000000\n", "more than 11 digits"),
        ("name,target\nA,NaN\n", "is not a finite number"),
        ("name,target\nA,1_000\nB,1\nC,2\n", "`1_000` is not a number"),
        ("name,target\nA,\"Critical: 24h, High: 72h\"\nB,1\nC,2\n", "is not a number"),
        ("name,target,unit\nA,48 hours,days\n", "the value is in hours, the metric's unit is days"),
        ("name,current value,target\nA,< 5,5\n", "`< 5` is not one exact value"),
        ("name,target,direction\nA,5,sideways\nB,5,higher\n", "`sideways` is not a direction"),
        ("name,target,priority\nA,5,whenever\nB,5,High\n", "`whenever` is not a priority"),
        ("name,target,subcategory\nA,5,PR.AA-99\n", "`PR.AA-99` is not a code of the framework; did you mean PR.AA-06"),
        (
            "name,target,subcategory\nA,5,ID.BE-01\n",
            "ID.BE-01 was withdrawn from the framework; its content is now in GV.OC-05",
        ),
        ("name,target,function,subcategory\nA,5,GV,PR.AA-01\n", "GV does not hold PR.AA-01"),
        ("name,target\nA,1\na ,2\n", "line 3 (name): row 2 has the same name"),
        ("id,name,target\nM-1,A,1\nm-1,B,2\n", "row 2 has the same metric number"),
        ("name,target,unit\n,5,%\nB,4,%\n", "the metric has no name"),
        (&format!("name,target\n{long},1\n"), "the name has 201 characters, the database keeps 200"),
        ("metric id,name,target\nABCDEFGHIJKLMNOPQRSTU,A,1\nB,B,1\n", "the metric number has 21 characters"),
        ("name,lower bound,upper bound\nA,9,3\n", "the lower bound 9 is above the upper bound 3"),
        ("name,target\nA\0,5\nBandwidth of the uplink,5\nCoverage of the agents,5\n", "the row has a NUL character"),
    ] {
        let run = import_text(&db, sheet, &["--framework", "csf-2.0"]).fails(65, message);
        assert!(run.stderr.contains("so nothing was imported"), "{}", run.stderr);
        assert_eq!(state(&db), NOTHING, "{sheet}");
    }
}

#[test]
fn a_list_of_problems_is_complete_for_programs() {
    let db = Db::seeded();
    let run = import_text(&db, "id,name,target\n1,A,x y z 1 2\n2,B,5\n3,,7\n,,\n", &["--format", "json"]);
    assert_eq!(run.code, 65);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON");
    let rejects = error["error"]["rejects"].as_array().expect("rejects");
    let seen: Vec<_> = rejects.iter().map(|one| (one["cell"].as_str(), one["record"].as_u64(), one["code"].as_str())).collect();
    assert_eq!(seen, [(Some("C2"), Some(2), Some("not_a_number")), (Some("B4"), Some(4), Some("missing_name"))]);
    assert!(run.stderr.contains("4 rows read = 1 without problems + 1 skipped (1 blank) + 2 rejected"), "{}", run.stderr);
}

#[test]
fn what_is_no_table_is_refused_with_a_reason() {
    let db = Db::seeded();
    let zip = {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(b"PK\x05\x06");
        bytes.extend_from_slice(&[0; 18]);
        bytes
    };
    for (content, code, message) in [
        (&b""[..], 65, "the file is empty"),
        (b"hello\nworld\n", 65, "no row looks like the header of a metric table"),
        (b"<html><table><tr><td>name</td></tr></table></html>", 65, "this is an HTML page"),
        (b"%PDF-1.7", 65, "this is a PDF document"),
        (b"PK\x03\x04cut off", 65, "the workbook is cut off or damaged"),
        (&zip, 65, "this is a zip archive without a workbook in it"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f", 65, "this is neither a spreadsheet nor text"),
        (b"name,target\n\"A,1\n", 65, "a quote opens here and never closes"),
        (b"name,target\n", 65, "there is no metric below the header"),
        (b"name,target,target\nA,1,2\n", 65, "2 columns could be target_value"),
        (b"name,target\nA,\"1,234\"\n", 65, "`1,234` is 1234 with a decimal point and 1.234 with a decimal comma"),
        (b"target,unit,direction\n1,%,higher\n", 65, "no column is recognised as the metric's name"),
    ] {
        import_text(&db, content, &[]).fails(code, message);
        assert_eq!(state(&db), NOTHING, "{message}");
    }
    db.cmf(["import", "/no/such/file.csv"]).fails(2, "there is no such file");
    db.cmf(["import", "/"]).fails(2, "is a folder");
    let good = "name,target\nA,1\n";
    import_text(&db, good, &["--owner", "nobody"]).fails(2, "no user is called `nobody`");
    import_text(&db, good, &["--framework", "nope"]).fails(2, "no framework");
    import_text(&db, good, &["--sheet", "x"]).fails(2, "--sheet is for workbooks");
    import_text(&db, good, &["--map", "name=Title"]).fails(2, "there is no column `Title`");
    import_text(&db, good, &["--map", "colour=Title"]).fails(2, "`colour` is not a field");
    import_text(&db, good, &["--header-row", "9"]).fails(65, "row 9 is empty or not there");
    import_text(&db, good, &["--name", " "]).fails(2, "a catalog's name is not empty");
    import_text(&db, good, &["--max-size", "0"]).fails(65, "the file has more than 0 MB");
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn the_same_file_again_is_refused_unless_asked_for() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("first.csv", "name,target\nA,1\n");
    import(&db, &file, &[]).ok();
    let before = state(&db);
    let again = scratch.file("renamed.csv", "name,target\nA,1\n");
    import(&db, &again, &[]).fails(1, "this file was imported before, as catalog `first`");
    let other = scratch.file("first.csv", "name,target\nA,2\n");
    import(&db, &other, &[]).fails(1, "analyst has a catalog called `first` already");
    assert_eq!(state(&db), before);
    import(&db, &again, &["--again"]).ok();
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    import(&db, &again, &["--owner", "bob"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "3");
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let db = Db::seeded();
    let sheet = "name,target,subcategory\nA,95%,PR.AA-01\n\nTotal,95,\n";
    let dry = import_text(&db, sheet, &["--dry-run", "--format", "json"]).ok();
    assert_eq!(state(&db), NOTHING);
    let real = import_text(&db, sheet, &["--format", "json"]).ok();
    assert_eq!(dry.stdout, real.stdout);
    assert_eq!(dry.json()["skipped_reasons"], serde_json::json!({ "blank": 1, "total": 1 }));
}

#[test]
fn an_import_can_activate_at_once() {
    let db = Db::seeded();
    import_text(&db, "id,name,target,lower bound,upper bound,subcategory\nM-1,A,,40,60,PR.AA-01\n", &["--activate"]).ok();
    assert_eq!(
        db.rows("SELECT metric_number, name, csf_function, csf_category, trim_scale(target_lower), direction FROM metrics"),
        ["M-1|A|PR|PR.AA|40|target_range"]
    );
    assert_eq!(db.one("SELECT count(*) FROM metrics m JOIN metric_catalog_items i ON i.id = m.id"), "1");
    assert_eq!(db.one("SELECT is_active FROM metric_catalogs"), "t");
}

#[test]
fn codes_are_read_as_people_write_them() {
    let db = Db::seeded();
    let sheet = "name,Function,Category,Subcategory\n\
                 A,PROTECT (PR),Platform Security (PR.PS),pr.ps-1: text; DE.CM-01\n\
                 B,,PR.DS,\n\
                 C,Govern,,\n\
                 D,,,\"PR.AA-01,PR.AA-1\"\n\
                 E,,,N/A\n";
    // DE.CM-01 lies in no named function, but PR holds its neighbour: the columns agree as far as they say anything.
    import_text(&db, sheet, &["--name", "c"]).ok();
    assert_eq!(
        db.rows(
            "SELECT i.name, m.function_code, m.category_code, m.subcategory_code FROM metric_catalog_items i
             JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id ORDER BY m.id"
        ),
        ["A|PR|PR.PS|PR.PS-01", "A|DE|DE.CM|DE.CM-01", "B|PR|PR.DS|", "C|GV||", "D|PR|PR.AA|PR.AA-01"]
    );
}

#[test]
fn percent_and_direction_follow_the_column() {
    let db = Db::seeded();
    let run = import_text(
        &db,
        "name,current value,target,unit\nA,0.5,0.95,%\nB,1,>= 98%,%\nC,3,<= 4,hours\nD,yes,yes,yes/no\nE,50,40-60,points\n",
        &["--name", "c"],
    )
    .ok();
    assert!(run.stderr.contains("are at most 1 and count as fractions"), "{}", run.stderr);
    let rows = "SELECT name, trim_scale(current_value), trim_scale(target_value), direction,
                       original_data #>> '{parsed,target_lower}', original_data #>> '{parsed,target_upper}'
                FROM metric_catalog_items ORDER BY id";
    assert_eq!(
        db.rows(rows),
        ["A|50|95|||", "B|100|98|higher_is_better||", "C|3|4|lower_is_better||", "D|1|1|binary||", "E|50||target_range|40|60"]
    );
    let db = Db::seeded();
    import_text(&db, "name,target,unit\nA,0.95,%\n", &["--percent", "as-is"]).ok();
    assert_eq!(targets(&db), ["0.95"]);
    // One number above 1 says that none is a fraction, in whichever column it is; numbers of other units say nothing.
    for (rows, kept, told) in [
        ("A,0.5,95,%\nB,1,1,%\n", "A|0.5|95 B|1|1", true),
        ("A,0.5,0.95,%\nB,1,1.0001,%\n", "A|0.5|0.95 B|1|1.0001", true),
        ("A,0.5,0.95,%\nB,0.2,99,%\n", "A|0.5|0.95 B|0.2|99", true),
        ("A,0.5,0.95,%\nB,200,300,days\n", "A|50|95 B|200|300", false),
        ("A,0,0,%\n", "A|0|0", false),
    ] {
        let db = Db::seeded();
        let run = import_text(&db, format!("name,current value,target,unit\n{rows}"), &["--name", "c"]).ok();
        let stored =
            db.rows("SELECT name, trim_scale(current_value), trim_scale(target_value) FROM metric_catalog_items ORDER BY 1");
        assert_eq!(stored.join(" "), kept, "{rows}");
        assert_eq!(run.stderr.contains("every current_value in % is at most 1"), told, "{rows}: {}", run.stderr);
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let db = Db::seeded();
    let mut child = db
        .command()
        .args(["import", "-", "--name", "piped"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"name;target\nA;1\n").expect("written");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(db.rows("SELECT name, source_file FROM metric_catalogs"), ["piped|stdin"]);
}

#[test]
fn cells_of_workbooks_are_what_they_show() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut workbook = Workbook::new();
    let percent = Format::new().set_num_format("0.0%");
    let literal = Format::new().set_num_format("0\"%\"");
    let cover = workbook.add_worksheet();
    cover.set_name("Cover").expect("a name").write(0, 0, "Metrics of 2026").expect("a cell");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Data").expect("a name");
    for (column, header) in ["Name *", "Current Value", "Target:", "Unit"].iter().enumerate() {
        sheet.write(2, u16::try_from(column).expect("small"), *header).expect("a cell");
    }
    sheet.write(3, 0, "A").and_then(|s| s.write_with_format(3, 1, 0.07, &percent)).expect("a cell");
    sheet.write_with_format(3, 2, 95, &literal).expect("a cell");
    sheet.write(4, 0, "B").and_then(|s| s.write(4, 1, 0.1 + 0.2)).and_then(|s| s.write(4, 2, 1234.5)).expect("a cell");
    sheet.write(5, 0, "C").and_then(|s| s.write(5, 1, true)).and_then(|s| s.write(5, 2, true)).expect("a cell");
    let file = scratch.workbook("renamed.csv", &mut workbook);
    let summary = import(&db, &file, &["--format", "json"]).ok().json();
    assert_eq!((&summary["sheet"], &summary["header_row"]), (&"Data".into(), &3.into()));
    assert_eq!(
        db.rows("SELECT name, trim_scale(current_value), trim_scale(target_value), unit, direction FROM metric_catalog_items ORDER BY id"),
        ["A|7|95|%|", "B|0.3|1234.5||", "C|1|1||binary"]
    );
}

#[test]
fn errors_dates_and_formulas_without_results_are_rejected() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "name").and_then(|s| s.write(0, 1, "target")).expect("a cell");
    sheet.write(1, 0, "A").and_then(|s| s.write(1, 1, Formula::new("=1/0").set_result("#DIV/0!"))).expect("a cell");
    sheet.write(2, 0, "B").and_then(|s| s.write(2, 1, Formula::new("=A1").set_result(""))).expect("a cell");
    let when = ExcelDateTime::from_ymd(2026, 1, 10).expect("a date");
    sheet.write(3, 0, "C").and_then(|s| s.write_with_format(3, 1, &when, &date)).expect("a cell");
    sheet.write(4, 0, "D").and_then(|s| s.write(4, 1, 5)).expect("a cell");
    let file = scratch.workbook("bad.xlsx", &mut workbook);
    let run = import(&db, &file, &[]).fails(65, "B4 (target): the cell holds the date 2026-01-10, not a number");
    assert!(run.stderr.contains("B2 (target): the cell holds the error #DIV/0!"), "{}", run.stderr);
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn two_equal_sheets_are_a_question() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut workbook = Workbook::new();
    for name in ["Q1", "Q2"] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        sheet.write(0, 0, "name").and_then(|s| s.write(0, 1, "target")).expect("a cell");
        sheet.write(1, 0, name).and_then(|s| s.write(1, 1, 5)).expect("a cell");
    }
    let file = scratch.workbook("two.xlsx", &mut workbook);
    let run = import(&db, &file, &[]).fails(65, "2 sheets look like the table");
    assert!(run.stderr.contains("--sheet \"Q1\""), "{}", run.stderr);
    import(&db, &file, &["--sheet", "Q9"]).fails(2, "the workbook has no sheet `Q9`");
    assert_eq!(state(&db), NOTHING);
    import(&db, &file, &["--sheet", "q2"]).ok();
    assert_eq!(db.one("SELECT name FROM metric_catalog_items"), "Q2");
}

#[test]
fn codes_without_a_framework_say_what_to_do() {
    let db = Db::migrated();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    import_text(&db, "name,subcategory\nA,PR.AA-01\n", &[]).fails(1, "there is no framework in the database");
    assert_eq!(state(&db), NOTHING);
    import_text(&db, "name,target\nA,5\n", &[]).ok();
}

/// The workbook that says the same as a catalog's CSV: numbers as numbers, a header that stays in view.
fn twin(csv: &Path) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(csv).expect("a fixture");
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("a record")).collect();
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 1, 1).expect("a date");
    workbook.set_properties(&DocProperties::new().set_author("cmf").set_creation_datetime(&made));
    let header = Format::new().set_bold().set_background_color(0x001F_3864).set_font_color(0x00FF_FFFF).set_text_wrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Metrics").and_then(|sheet| sheet.set_freeze_panes(1, 2)).expect("a sheet");
    for (row, record) in (0..).zip(&records) {
        for (column, cell) in (0..).zip(record) {
            let written = match cell.parse::<f64>() {
                _ if row == 0 => sheet.write_with_format(row, column, cell, &header),
                _ if cell.is_empty() => continue,
                Ok(number) if number.to_string() == cell => sheet.write(row, column, number),
                _ => sheet.write(row, column, cell),
            };
            written.expect("a cell");
        }
    }
    for (column, name) in (0..).zip(&records[0]) {
        let longest = records.iter().filter_map(|record| record.get(usize::from(column))).map(str::len).max().unwrap_or(0);
        let width = u32::try_from(longest.clamp(name.len() + 2, 48)).expect("small");
        sheet.set_column_width(column, width).expect("a width");
    }
    workbook.save_to_buffer().expect("a workbook")
}

#[test]
fn starter_catalogs_import_whole_and_their_twins_say_the_same() {
    for (name, framework, count) in [("starter-csf-2.0", "csf-2.0", 143), ("starter-ai-rmf-1.0", "ai-rmf-1.0", 47)] {
        let csv = project(&format!("fixtures/catalogs/{name}.csv"));
        let xlsx = csv.with_extension("xlsx");
        let bytes = twin(&csv);
        if std::env::var_os("CMF_BLESS").is_some() {
            std::fs::write(&xlsx, &bytes).expect("written");
        }
        assert!(
            std::fs::read(&xlsx).unwrap_or_default() == bytes,
            "{} is not current: run `make bless` and look at the difference",
            xlsx.display()
        );
        let db = Db::seeded();
        for file in [&csv, &xlsx] {
            let catalog = file.extension().and_then(|kind| kind.to_str()).expect("a kind");
            let summary = import(&db, file, &["--name", catalog, "--format", "json"]).ok().json();
            assert_eq!(summary["imported"], count, "{}", file.display());
            assert_eq!(summary["skipped"], 0);
            assert_eq!(summary["framework"], framework);
            assert_eq!(summary["warnings"], serde_json::json!([]));
        }
        assert_eq!(items(&db, "csv"), items(&db, "xlsx"));
        assert_eq!(items(&db, "csv").len(), count);
    }
}

#[test]
fn a_rejects_file_of_each_kind_imports_after_it_is_mended() {
    let sheet = "id,name,target,subcategory\n1,Good,95%,PR.AA-01\n2,=cmd(),soon,PR.AA-99\n3,Other,5,\n";
    for kind in ["csv", "json", "xlsx"] {
        let db = Db::seeded();
        let scratch = Scratch::new();
        let file = scratch.file("metrics.csv", sheet);
        let rejects = scratch.0.path().join(format!("rejects.{kind}"));
        let path = rejects.to_str().expect("a path");
        import(&db, &file, &["--rejects", path]).fails(65, "mend the rows in");
        assert_eq!(state(&db), NOTHING);
        let run = import(&db, &file, &["--rejects", path, "--allow-partial", "--format", "json"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        let summary = run.json();
        assert_eq!((&summary["read"], &summary["imported"], &summary["rejected"]), (&3.into(), &2.into(), &1.into()));
        let codes: Vec<_> = summary["rejects"].as_array().expect("rejects").iter().map(|one| one["code"].clone()).collect();
        assert_eq!(codes, ["not_a_number", "unknown_code"]);
        match kind {
            "xlsx" => {
                // Nobody can edit a workbook here: that it has the whole sheet and fails the same way shows that it is read.
                import(&db, &rejects, &["--name", "metrics", "--mode", "upsert"])
                    .fails(65, "C3 (target): `soon` is not a number");
                continue;
            }
            "csv" => {
                let text = std::fs::read_to_string(&rejects).expect("the rejects");
                assert!(text.contains("'=cmd()"), "{text}");
                assert!(text.contains("not_a_number | unknown_code"), "{text}");
                std::fs::write(&rejects, text.replacen("soon", "80%", 1).replacen("PR.AA-99", "PR.AA-02", 1)).expect("written");
            }
            _ => {
                let text = std::fs::read_to_string(&rejects).expect("the rejects");
                std::fs::write(&rejects, text.replacen("soon", "80%", 1).replacen("PR.AA-99", "PR.AA-02", 1)).expect("written");
            }
        }
        import(&db, &rejects, &["--name", "again"]).ok();
        assert_eq!(
            db.rows("SELECT i.name, trim_scale(target_value) FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = catalog_id AND c.name = 'again'"),
            ["=cmd()|80"],
            "{kind}"
        );
        import(&db, &file, &["--again", "--name", "few", "--allow-partial", "--max-errors", "0"])
            .fails(65, "1 row has problems");
    }
}

#[test]
fn a_limit_of_errors_is_the_number_that_is_still_taken() {
    let db = Db::seeded();
    let text = "id,name,target\nM-1,A,1\nM-2,B,soon\nM-3,C,later\n";
    import_text(&db, text, &["--allow-partial", "--max-errors", "1"])
        .fails(65, "2 rows have problems, so nothing was imported");
    assert_eq!(state(&db), NOTHING);
    assert_eq!(import_text(&db, text, &["--allow-partial", "--max-errors", "2"]).code, 3);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "1");
}

#[test]
fn a_table_begins_at_the_row_that_is_named() {
    let db = Db::seeded();
    import_text(&db, "id,name,target\nM-0,Old,1\n,,\nid,name,target\nM-1,New,5\n", &["--header-row", "4"]).ok();
    assert_eq!(db.rows("SELECT name, trim_scale(target_value) FROM metric_catalog_items"), ["New|5"]);
}

#[test]
fn a_mark_between_digits_is_what_it_is_said_to_be() {
    let db = Db::seeded();
    let text = "id,name,current value,target\nM-1,A,\"1,234\",\"5,678\"\n";
    import_text(&db, text, &[]).fails(65, "--decimal point or --decimal comma");
    for (decimal, values) in [("comma", "1.2340|5.6780"), ("point", "1234.0000|5678.0000")] {
        import_text(&db, text, &["--again", "--name", decimal, "--decimal", decimal]).ok();
        let query =
            "SELECT current_value, target_value FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = catalog_id";
        assert_eq!(db.one(&format!("{query} WHERE c.name = '{decimal}'")), values);
    }
}

#[test]
fn one_map_serves_text_and_workbook() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let map = scratch.file(
        "map.toml",
        "sheet = \"Data\"\nheader_row = 7\n[columns]\nname = \"Was\"\ntarget_value = \"Wie viel\"\ndirection = \"Wohin\"\n\
         [values.direction]\nrauf = \"higher_is_better\"\nrunter = \"lower_is_better\"\n[defaults]\npriority = \"High\"\n",
    );
    let text = scratch.file("text.csv", "Was,Wie viel,Wohin\nA,5,rauf\nB,\"6,5\",runter\n");
    let map = map.to_str().expect("a path");
    import(&db, &text, &[]).fails(65, "no row looks like the header");
    let saved = scratch.0.path().join("saved.toml");
    import(&db, &text, &["--map-file", map, "--save-map", saved.to_str().expect("a path")]).ok();
    assert_eq!(
        db.rows("SELECT name, trim_scale(target_value), direction, priority FROM metric_catalog_items ORDER BY id"),
        ["A|5|higher_is_better|High", "B|6.5|lower_is_better|High"]
    );
    let saved = std::fs::read_to_string(saved).expect("the map");
    assert!(
        saved.contains("header_row = 1") && saved.contains("name = \"Was\"") && saved.contains("priority = \"High\""),
        "{saved}"
    );
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Other").expect("a name").write(0, 0, "x").expect("a cell");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Data").expect("a name");
    for (row, cells) in [(6, ["Was", "Wie viel", "Wohin"]), (7, ["A", "5", "rauf"]), (8, ["B", "6,5", "runter"])] {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    let book = scratch.workbook("book.xlsx", &mut workbook);
    import(&db, &book, &["--map-file", map, "--name", "book"]).ok();
    assert_eq!(items(&db, "book"), items(&db, "text"));
    let bad = scratch.file("bad.toml", "colums = 1\n");
    import(&db, &text, &["--map-file", bad.to_str().expect("a path")]).fails(2, "this is not a column map");
}

#[test]
fn time_series_are_refused_with_the_command_that_takes_them() {
    let db = Db::seeded();
    let wide = "metric,unit,2026-01-01,2026-02-01,2026-03-01\nM-1,%,1,2,3\n";
    let long = "date,metric,target\n2026-01-01,M-1,5\n2026-02-01,M-1,6\n";
    for (sheet, message) in
        [(wide, "3 headers are dates, from 2026-01-01 to 2026-03-01"), (long, "metrics repeat for the dates in column date")]
    {
        let run = import_text(&db, sheet, &[]).fails(65, message);
        assert!(run.stderr.contains("cmf record --wide"), "{}", run.stderr);
        assert_eq!(state(&db), NOTHING);
    }
    import_text(&db, wide, &["--as-catalog"]).ok();
}

#[test]
fn json_of_other_programs_imports_as_it_is() {
    let items = r#"[{"id":"0190b6c2-0000-7000-8000-000000000001","metric_number":"PR-001","name":"MFA","description":null,"current_value":88.5,
        "target_value":95,"target_lower":null,"target_upper":null,"unit":"%","direction":"higher_is_better","priority":"High",
        "csf_function":"pr","csf_category_code":"PR.AA","csf_subcategory_code":"PR.AA-03","owner_function":"IAM"}]"#;
    let definitions = r#"{"count":1,"next":null,"results":[{"id":"1","ref_id":"PR-001","name":"MFA","description":"","category":"quantitative",
        "unit":{"id":"2","str":"%"},"higher_is_better":true,"default_target":95,"folder":{"id":"3","str":"Global"}}]}"#;
    let lines = "{\"ref_id\":\"PR-001\",\"name\":\"MFA\",\"target\":95,\"unit\":\"%\",\"direction\":\"higher\"}\n";
    for (text, codes) in [(items, "PR.AA-03"), (definitions, ""), (lines, "")] {
        let db = Db::seeded();
        let summary = import_text(&db, text, &["--format", "json"]).ok().json();
        assert_eq!(summary["imported"], 1, "{text}");
        assert_eq!(
            db.rows(
                "SELECT original_data #>> '{parsed,metric_number}', name, trim_scale(target_value), unit, direction,
                        (SELECT subcategory_code FROM metric_catalog_framework_mappings) FROM metric_catalog_items"
            ),
            [format!("PR-001|MFA|95|%|higher_is_better|{codes}")]
        );
    }
    let db = Db::seeded();
    import_text(&db, "[{\"name\": \"A\", ", &[]).fails(65, "this is not the JSON of a list of metrics");
    import_text(&db, "{\"items\": []}", &[]).fails(65, "there is no object in it");
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn outlines_fill_down_and_parts_of_sheets_are_read() {
    let db = Db::seeded();
    let sheet = "Function,Category,Metric,Target\nGOVERN (GV),,,\n,GV.OC,A,1\n,,B,2\n,GV.RM,C,3\n,,D,4\nPROTECT (PR),,,\n,PR.AA,E,5\n,,F,6\n";
    let run = import_text(&db, sheet, &["--name", "o"]).ok();
    assert!(run.stderr.contains("is an outline"), "{}", run.stderr);
    assert_eq!(
        db.rows("SELECT i.name, m.category_code FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id ORDER BY m.id"),
        ["A|GV.OC", "B|GV.OC", "C|GV.RM", "D|GV.RM", "E|PR.AA", "F|PR.AA"]
    );
    let db = Db::seeded();
    import_text(&db, "name,target\nA,1\nB,2\nC,3\n", &["--range", "A1:B3"]).ok();
    assert_eq!(targets(&db), ["1", "2"]);
    import_text(&db, "name,target\nA,1\n", &["--range", "x"]).fails(2, "write it as A4:N20");
}

#[test]
fn several_files_are_imported_together_or_not_at_all() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let one = scratch.file("one.csv", "name,target\nA,1\n");
    let two = scratch.file("two.csv", "name,target\nB,2\n");
    let bad = scratch.file("bad.csv", "name,target\nB,soon\n");
    let path = |file: &PathBuf| file.to_str().expect("a path").to_owned();
    for own in ["--name=x", "--catalog=x", "--rejects=x.csv", "--save-map=x.json", "--activate"] {
        db.cmf(["import".to_owned(), path(&one), path(&two), own.to_owned()]).fails(2, "are for one file");
    }
    db.cmf(["import".to_owned(), path(&one), path(&bad)]).fails(65, "`soon` is not a number");
    assert_eq!(state(&db), NOTHING);
    let summary = db.cmf(["import".to_owned(), path(&one), path(&two), "--format=json".to_owned()]).ok().json();
    assert_eq!(summary.as_array().map(Vec::len), Some(2));
    assert_eq!(db.rows("SELECT name FROM metric_catalogs ORDER BY name"), ["one", "two"]);
}

#[test]
fn activating_with_the_import_says_what_it_assumed() {
    let db = Db::seeded();
    let run = import_text(&db, "metric_id,name,target,function\nA-1,One,95,PR\nA-2,Two,90,\n", &["--activate", "-v"]).ok();
    for text in
        ["1 metric created", "1 item without a confirmed mapping", "1 item without a direction: taken as higher_is_better"]
    {
        assert!(run.stderr.contains(text), "no {text:?} in:\n{}", run.stderr);
    }
    assert_eq!(db.rows("SELECT metric_number, direction, priority FROM metrics"), ["A-1|higher_is_better|Medium"]);
}

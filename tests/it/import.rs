//! `cmf import`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

use crate::support::{Db, Run, project};

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

/// Most sheets of the tests are about something else than directions.
pub(crate) fn import(db: &Db, file: &Path, more: &[&str]) -> Run {
    import_bare(db, file, &[more, &["--direction", "*=higher"]].concat())
}

/// As a user types it.
pub(crate) fn import_bare(db: &Db, file: &Path, more: &[&str]) -> Run {
    let mut args = vec!["import", file.to_str().expect("a path")];
    args.extend(more);
    db.cmf(args)
}

pub(crate) fn import_text(db: &Db, content: impl AsRef<[u8]>, more: &[&str]) -> Run {
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
pub(crate) fn items(db: &Db, catalog: &str) -> Vec<String> {
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

pub(crate) fn targets(db: &Db) -> Vec<String> {
    db.rows("SELECT trim_scale(target_value) FROM metric_catalog_items ORDER BY id")
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
        ("name,target,subcategory\nA,5,PR.AA-99\n", "`PR.AA-99` is not a code of csf-2.0; did you mean PR.AA-06"),
        (
            "name,target,subcategory\nA,5,ID.BE-01\n",
            "ID.BE-01 was withdrawn from the framework; its content is now in GV.OC-05",
        ),
        ("name,target,function,subcategory\nA,5,GV,PR.AA-01\n", "GV does not hold PR.AA-01"),
        ("name,target\nA,1\na ,2\n", "line 3 (name): row 2 has the same name"),
        ("id,name,target\nM-1,A,1\nm-1,B,2\n", "row 2 has the same metric number"),
        ("name,target,unit\n,5,%\nB,4,%\n", "the metric has no name"),
        (&format!("name,target\n{long},1\n"), "the name has 201 characters, but the limit is 200"),
        ("metric id,name,target\nABCDEFGHIJKLMNOPQRSTU,A,1\nB,B,1\n", "the metric number has 21 characters"),
        ("name,lower bound,upper bound\nA,9,3\n", "the lower bound 9 is above the upper bound 3"),
        ("name,target\nA\0,5\nBandwidth of the uplink,5\nCoverage of the agents,5\n", "the row has a NUL character"),
    ] {
        let run = import_text(&db, sheet, &["--framework", "csf-2.0"]).fails(65, message);
        assert!(run.stderr.contains("Nothing was changed"), "{}", run.stderr);
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
        (b"name,target\n\"A,1\n", 65, "a quote opens here and is not closed"),
        (b"name,target\n", 65, "row 1 is the header, and no row is below it"),
        (b"name,target,target\nA,1,2\n", 65, "2 columns could be target_value"),
        (b"name,target\nA,\"1,234\"\n", 65, "`1,234` is 1234 with a decimal point and 1.234 with a decimal comma"),
        (b"target,unit,direction\n1,%,higher\n", 65, "cmf finds no column with the metric's name"),
    ] {
        import_text(&db, content, &[]).fails(code, message);
        assert_eq!(state(&db), NOTHING, "{message}");
    }
    // A compound file with nothing in it: the words of the library stay out.
    let compound = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 600]].concat();
    let run = import_text(&db, &compound, &[]).fails(65, "error: the workbook is cut off or damaged (");
    assert!(!run.stderr.contains("CFB"), "{}", run.stderr);
    db.cmf(["import", "/no/such/file.csv"]).fails(65, "cannot read the file: the file does not exist");
    db.cmf(["import", "/"]).fails(65, "cannot read the file: it is a folder");
    let good = "name,target\nA,1\n";
    import_text(&db, good, &["--owner", "nobody"]).fails(2, "there is no user `nobody`");
    import_text(&db, good, &["--framework", "nope"]).fails(2, "no framework");
    import_text(&db, good, &["--sheet", "x"]).fails(2, "--sheet is for workbooks");
    import_text(&db, good, &["--map", "name=Title"]).fails(2, "there is no column `Title`");
    import_text(&db, good, &["--map", "colour=Title"]).fails(2, "`colour` is not a field");
    import_text(&db, good, &["--header-row", "9"]).fails(65, "row 9 is empty or does not exist");
    import_text(&db, good, &["--name", " "]).fails(2, "a catalog's name cannot be empty");
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
    import(&db, &other, &[]).fails(1, "analyst already has a catalog called `first`");
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
    assert_eq!(dry.stdout, real.without_undo());
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
fn standard_input_is_a_file_too() {
    let db = Db::seeded();
    let mut child = db
        .command()
        .args(["import", "-", "--name", "piped", "--direction", "*=higher"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"name;target\nA;1\n").expect("written");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(db.rows("SELECT name, source_file FROM metric_catalogs"), ["piped|stdin"]);
}

#[test]
fn codes_without_a_framework_say_what_to_do() {
    let db = Db::migrated();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    import_text(&db, "name,subcategory\nA,PR.AA-01\n", &[]).fails(1, "the database has no framework");
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
            let decisions = summary["decisions"].as_array().expect("decisions");
            assert!(decisions.iter().all(|decision| decision["sure"] != "told"), "{decisions:?}");
        }
        assert_eq!(items(&db, "csv"), items(&db, "xlsx"));
        assert_eq!(items(&db, "csv").len(), count);
    }
}

#[test]
fn a_rejects_file_of_each_kind_imports_after_it_is_mended() {
    let sheet = "id,name,target,subcategory\n1,Good,95%,PR.AA-01\n2,'=cmd(),soon,PR.AA-99\n3,Other,5,\n";
    for kind in ["csv", "json", "xlsx"] {
        let db = Db::seeded();
        let scratch = Scratch::new();
        let file = scratch.file("metrics.csv", sheet);
        let rejects = scratch.0.path().join(format!("rejects.{kind}"));
        let path = rejects.to_str().expect("a path");
        import(&db, &file, &["--rejects", path]).fails(65, "fix the rows in");
        assert_eq!(state(&db), NOTHING);
        // What would be left out is partial, too.
        let dry = import(&db, &file, &["--rejects", path, "--force", "--allow-partial", "--dry-run"]);
        assert_eq!((dry.code, state(&db)), (3, NOTHING.to_owned()), "{}", dry.stderr);
        let run = import(&db, &file, &["--rejects", path, "--force", "--allow-partial", "--format", "json"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        let counted = "SELECT result -> 'imported', result -> 'rejected', result -> 'mappings' FROM ai_change_log
                       WHERE action = 'catalog.import'";
        assert_eq!(db.rows(counted), ["2|1|1"]);
        let summary = run.json();
        assert_eq!((&summary["read"], &summary["imported"], &summary["rejected"]), (&3.into(), &2.into(), &1.into()));
        let codes: Vec<_> = summary["rejects"].as_array().expect("rejects").iter().map(|one| one["code"].clone()).collect();
        assert_eq!(codes, ["not_a_number", "unknown_code"]);
        match kind {
            "xlsx" => {
                // Its cells are coloured and commented.
                let mut archive = zip::ZipArchive::new(std::fs::File::open(&rejects).expect("a file")).expect("an archive");
                let mut part = |name: &str| {
                    let mut text = String::new();
                    std::io::Read::read_to_string(&mut archive.by_name(name).expect(name), &mut text).expect("XML");
                    text
                };
                let comments = part("xl/comments1.xml");
                assert!(comments.contains("ref=\"C3\"") && comments.contains("is not a number"), "{comments}");
                assert!(part("xl/styles.xml").contains("<patternFill patternType=\"solid\">"));
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
    import_text(&db, text, &["--allow-partial", "--max-errors", "1"]).fails(65, "2 rows have problems");
    assert_eq!(state(&db), NOTHING);
    assert_eq!(import_text(&db, text, &["--allow-partial", "--max-errors", "2"]).code, 3);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "1");
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
        assert!(run.stderr.contains("`cmf record "), "{}", run.stderr);
        assert_eq!(state(&db), NOTHING);
    }
    import_text(&db, wide, &["--as-catalog"]).ok();
    // The first thing that is told to type works, and so do the options for a catalog.
    let years = "KPI,Q1 FY26,Q2 FY26,Q3 FY26,Q4 FY26\nAccounts with MFA,90,91,92,93\n";
    let few = "metric,2026-01-01,2026-02-01\nM-1,1,2\n";
    for (sheet, begin) in
        [(years, "import names and readings as a new catalog with --series start=10"), (few, "if it is a catalog anyway, add ")]
    {
        let told = import_text(&db, sheet, &[]).fails(65, "this is a time series").stderr;
        let hint =
            told.lines().find_map(|line| line.strip_prefix("hint: ").filter(|hint| hint.starts_with(begin))).expect(begin);
        let options: Vec<&str> = hint[hint.find("--").expect("options")..].split(' ').chain(["--name", begin]).collect();
        import_text(&db, sheet, &options).ok();
        assert_eq!(told.lines().nth(2).is_some_and(|first| first.contains("record --wide")), sheet == few, "{told}");
    }
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
        db.cmf(["import".to_owned(), "--direction=*=higher".to_owned(), path(&one), path(&two), own.to_owned()])
            .fails(2, "work with one file only");
    }
    db.cmf(["import".to_owned(), "--direction=*=higher".to_owned(), path(&one), path(&bad)])
        .fails(65, "`soon` is not a number");
    assert_eq!(state(&db), NOTHING);
    let summary = db
        .cmf(["import".to_owned(), "--direction=*=higher".to_owned(), path(&one), path(&two), "--format=json".to_owned()])
        .ok()
        .json();
    assert_eq!(summary.as_array().map(Vec::len), Some(2));
    assert_eq!(db.rows("SELECT name FROM metric_catalogs ORDER BY name"), ["one", "two"]);
}

#[test]
fn activating_with_the_import_says_what_it_assumed() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("sheet.csv", "metric_id,name,target,function\nA-1,One,,PR\nA-2,Two,,\n");
    let run = import_bare(&db, &file, &["--activate", "-v"]).ok();
    for text in
        ["1 metric created", "1 item without a confirmed mapping", "1 item without a direction: treated as higher_is_better"]
    {
        assert!(run.stderr.contains(text), "no {text:?} in:\n{}", run.stderr);
    }
    assert_eq!(db.rows("SELECT metric_number, direction, priority FROM metrics"), ["A-1|higher_is_better|Medium"]);
}

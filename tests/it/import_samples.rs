//! `cmf import` of lists as many programs write them: our own, and the samples beside the project.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;

use crate::import::{Scratch, import, items, state, targets};
use crate::support::{Db, Run, shared};
use crate::variants;

/// Imports each into a database of its own; all come out equal, with these targets and so many codes.
fn all_come_out_equal(files: &[PathBuf], expected: &[&str], codes: &str) {
    let mut first: Option<Vec<String>> = None;
    for file in files {
        let (db, name) = (Db::seeded(), file.display());
        let summary = import(&db, file, &["--format", "json", "--name", "list"]).ok().json();
        assert_eq!(summary["imported"], expected.len(), "{name}");
        assert_eq!(summary["framework"], "csf-2.0");
        assert_eq!(targets(&db), expected, "{name}");
        assert_eq!(
            db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE is_confirmed AND confidence = 1"),
            codes
        );
        // The raw row differs, for it is the file's own text, and some samples have an umlaut in the description.
        let items: Vec<String> = items(&db, "list")
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
fn a_list_comes_out_equal_from_every_encoding_and_format() {
    let scratch = Scratch::new();
    all_come_out_equal(&variants::files(&scratch), &variants::TARGETS, variants::CODES);
}

#[test]
fn the_eight_metrics_come_out_equal_from_every_variant() {
    let files = [
        "csfp_alma_metricsfixture.csv", "alma_pctcells_title_merged_footer.xlsx", "alma_pctcells.xls", "alma_pctcells.ods",
        "alma_semicolon_cp1252.csv", "alma_semicolon_utf8bom.csv", "alma_sep_line.csv", "alma_utf16le_tab.txt",
    ];
    let sample = |name: &str| {
        shared(&format!("samples/{name}"), "import_samples::a_list_comes_out_equal_from_every_encoding_and_format")
    };
    let Some(files) = files.into_iter().map(sample).collect::<Option<Vec<_>>>() else { return };
    all_come_out_equal(&files, &["95", "100", "14", "98", "60", "4", "100", "0"], "9");
}

/// The lines of a run's JSON that a dry run must share.
fn dry_and_real(db: &Db, file: &Path, more: &[&str]) -> Run {
    let args: Vec<&str> = ["--format", "json"].into_iter().chain(more.iter().copied()).collect();
    let before = state(db);
    let dry = import(db, file, &[&args[..], &["--dry-run"]].concat());
    assert_eq!(state(db), before);
    let real = import(db, file, &args);
    assert_eq!((dry.code, &dry.stdout), (real.code, &real.without_undo()), "{}", file.display());
    real
}

pub const PROFILE: [&str; 8] = [
    "--map", "name=Subcategory Description", "--map", "description=Implementation Example", "--map",
    "current_value=Q1 Actual Score", "--map", "target_value=Q1 Target Score",
];

/// A dry run and a real one say the same, and so do both when they come again; returns whether there was a list to import.
fn a_dry_run_says_it(db: &Db, file: &Path, more: &[&str]) -> bool {
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let more = &[more, &["--name", name]].concat()[..];
    let real = dry_and_real(db, file, more);
    if real.code != 0 {
        return false;
    }
    let summary = real.json();
    let count = |field: &str| summary[field].as_u64().expect("a count");
    assert_eq!(
        count("read"),
        count("imported") + count("updated") + count("unchanged") + count("skipped") + count("rejected"),
        "{name}"
    );
    // Into the same catalog once more: nothing changes, and the dry run says so.
    let again = dry_and_real(db, file, &[more, &["--mode", "upsert"]].concat()).json();
    assert_eq!(again["unchanged"], summary["imported"], "{name}");
    assert_eq!(again["changes"], json!([]), "{name}");
    true
}

/// A workbook of controls: rows of text with blank ones between them, and codes of another framework.
fn controls(scratch: &Scratch) -> PathBuf {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("our_controls").expect("a name");
    sheet.write_row(0, 0, ["Reference", "Owner", "Sentence", "Frequency", "NIST Mappings"]).expect("a header");
    for row in 1..=9 {
        if [3, 4, 8].contains(&row) {
            sheet.write_blank(row, 0, &Format::new().set_bold()).expect("an empty cell");
        } else {
            let cells = [
                format!("C{row}"),
                "Ada".into(),
                format!("Door {row} is locked at night"),
                "daily".into(),
                "pe-3, pe-6".into(),
            ];
            sheet.write_row(row, 0, cells).expect("a row");
        }
    }
    scratch.workbook("controls.xlsx", &mut workbook)
}

#[test]
fn a_dry_run_of_every_kind_of_list_says_what_the_import_says() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    for file in variants::files(&scratch) {
        assert!(a_dry_run_says_it(&db, &file, &[]), "{}", file.display());
    }
    assert!(a_dry_run_says_it(&db, &controls(&scratch), &["--map", "name=Sentence"]));
    assert!(!a_dry_run_says_it(&db, &scratch.file("no-list.csv", "Function,Category\nGOVERN (GV): all of it,\n"), &[]));
}

#[test]
fn a_dry_run_of_every_sample_says_what_the_import_says() {
    let db = Db::seeded();
    for (name, more, is_list) in [
        ("alma_pctcells.ods", &[][..], true),
        ("alma_pctcells.xls", &[], true),
        ("alma_pctcells_title_merged_footer.xlsx", &[], true),
        ("alma_semicolon_cp1252.csv", &[], true),
        ("alma_semicolon_utf8bom.csv", &[], true),
        ("alma_sep_line.csv", &[], true),
        ("alma_utf16le_tab.txt", &[], true),
        ("csfp_alma_metricsfixture.csv", &[], true),
        ("nist_csf-2-0-export.xlsx", &[], false),
        ("trestle_good_with_blank_rows.xlsx", &["--map", "name=ControlText"], true),
    ] {
        let twin =
            shared(&format!("samples/{name}"), "import_samples::a_dry_run_of_every_kind_of_list_says_what_the_import_says");
        let Some(file) = twin else { return };
        assert_eq!(a_dry_run_says_it(&db, &file, more), is_list, "{name}");
    }
}

/// Imports the text and saves the map, imports the workbook by the map; as many items come out of both, and equal ones.
fn text_and_workbook_agree(text: &Path, workbook: &Path, map: &[&str], count: usize) {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let saved = scratch.0.path().join("map.toml");
    let saved = saved.to_str().expect("a path");
    for (file, more) in [
        (text, &[map, &["--name", "text", "--save-map", saved, "--force"]].concat()[..]),
        (workbook, &["--name", "book", "--map-file", saved]),
    ] {
        assert_eq!(dry_and_real(&db, file, more).json()["imported"], count);
    }
    let items = |catalog: &str| {
        db.rows(&format!(
            "SELECT i.original_data -> 'parsed', i.name, i.description, i.current_value, i.target_value, i.unit, i.direction, i.priority,
                    (SELECT string_agg(concat_ws(' ', m.function_code, m.category_code, m.subcategory_code), ',' ORDER BY m.id)
                     FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id)
             FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id AND c.name = '{catalog}' ORDER BY i.id"
        ))
    };
    assert_eq!(items("text"), items("book"));
    assert_eq!((items("text").len(), db.one("SELECT count(*) FROM metric_catalog_items")), (count, (2 * count).to_string()));
}

#[test]
fn a_profile_by_quarters_gives_the_same_items_as_text_and_as_workbook() {
    let header = [
        "ID", "Function", "Category ID", "Subcategory ID", "Outcome", "How we do it", "In Scope? ", "Owner", "Q1 Result",
        "Q1 Goal", "Q1 Remarks", "Q2 Result", "Q2 Goal", "Q2 Remarks",
    ];
    let codes = ["GV.OC-01", "GV.RR-02", "ID.AM-08", "PR.AA-05", "PR.DS-11", "DE.CM-03", "RS.MI-02", "RC.RP-05"];
    let rows: Vec<Vec<String>> = (1..)
        .zip(codes)
        .map(|(n, code)| {
            let row = [
                &n.to_string(),
                &code[..2],
                &code[..5],
                code,
                &format!("Outcome {n}, in two\nlines"),
                &format!("Example {n}"),
                "Yes",
                "Ada",
                &(n % 6).to_string(),
                "5",
                "seen; \"so far\"",
                "",
                "",
                "",
            ];
            row.map(str::to_owned).to_vec()
        })
        .collect();
    let scratch = Scratch::new();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    writer.write_record(header).expect("a header");
    sheet.write_row(0, 0, header).expect("a header");
    for (row, cells) in (1..).zip(&rows) {
        writer.write_record(cells).expect("a row");
        for (column, cell) in (0..).zip(cells) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).expect("a number"),
                Err(_) => sheet.write(row, column, cell).expect("a text"),
            };
        }
    }
    let text = scratch.file("profile.csv", writer.into_inner().expect("the text"));
    let workbook = scratch.workbook("profile.xlsx", &mut workbook);
    let map = ["name=Outcome", "description=How we do it", "current_value=Q1 Result", "target_value=Q1 Goal"];
    let map: Vec<&str> = map.into_iter().flat_map(|one| ["--map", one]).collect();
    text_and_workbook_agree(&text, &workbook, &map, rows.len());
}

#[test]
fn the_profile_gives_the_same_items_as_text_and_as_workbook() {
    let sample = |name: &str| {
        shared(&format!("samples/{name}"), "import_samples::a_profile_by_quarters_gives_the_same_items_as_text_and_as_workbook")
    };
    let (Some(text), Some(workbook)) = (sample("csfp_CSF_Profile.csv"), sample("csfp_CSF_Profile.xlsx")) else { return };
    text_and_workbook_agree(&text, &workbook, &PROFILE, 362);
}

/// Which column is asked for, which rows are read, and where the first one stood.
fn rows_are_found(file: &Path, name: &str, codes: &str, read: (u64, u64), source: &str) {
    let db = Db::seeded();
    let run = import(&db, file, &[]).fails(65, "cmf finds no column with the metric's name");
    assert!(run.stderr.contains(&format!("column {codes} is not subcategory")), "{}", run.stderr);
    let summary = import(&db, file, &["--map", &format!("name={name}"), "--format", "json"]).ok().json();
    assert_eq!((&summary["read"], &summary["imported"]), (&json!(read.0), &json!(read.1)));
    assert_eq!(summary["skipped_reasons"], json!({ "blank": read.0 - read.1 }));
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    assert_eq!(db.one("SELECT original_data -> 'source' FROM metric_catalog_items ORDER BY id LIMIT 1"), source);
}

#[test]
fn blank_rows_of_a_list_are_skipped_and_codes_of_another_framework_left_alone() {
    let scratch = Scratch::new();
    let source = "{\"row\": 2, \"sheet\": \"our_controls\"}";
    rows_are_found(&controls(&scratch), "Sentence", "E (NIST Mappings)", (9, 6), source);
}

#[test]
fn blank_rows_among_controls_are_skipped_and_foreign_codes_left_alone() {
    let file = shared(
        "samples/trestle_good_with_blank_rows.xlsx",
        "import_samples::blank_rows_of_a_list_are_skipped_and_codes_of_another_framework_left_alone",
    );
    let Some(file) = file else { return };
    let source = "{\"row\": 2, \"sheet\": \"example_best_practices_controls\"}";
    rows_are_found(&file, "ControlText", "D (NIST Mappings)", (15, 10), source);
}

#[test]
fn a_dry_and_a_real_run_print_the_same_for_every_sample() {
    let Some(folder) = shared("samples", "import_samples::a_dry_run_of_every_kind_of_list_says_what_the_import_says") else {
        return;
    };
    let db = Db::seeded();
    let mut imported = 0;
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("samples").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    for path in names {
        let file = path.to_str().expect("UTF-8");
        let run = |more: &[&str]| {
            db.cmf([&["import", "--direction=*=higher", file, "--again", "--yes", "--format", "json"], more].concat())
        };
        let before = db.one("SELECT count(*) FROM metric_catalog_items");
        let dry = run(&["--name", file, "--dry-run"]);
        assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), before, "{file}");
        let real = run(&["--name", file]);
        assert_eq!((dry.code, &dry.stdout), (real.code, &real.without_undo()), "{file}: {}", dry.stderr);
        imported += usize::from(real.code == 0);
    }
    assert!(imported >= 6, "{imported} samples were imported");
}

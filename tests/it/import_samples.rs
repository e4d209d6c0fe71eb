//! `cmf import` of the samples beside the project, and of sheets of our own like them.

use std::path::Path;

use crate::import::{Scratch, import, items, state, targets};
use crate::support::{Db, Run, shared};

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

/// The lines of a run's JSON that a dry run must share.
fn dry_and_real(db: &Db, file: &Path, more: &[&str]) -> Run {
    let args: Vec<&str> = ["--format", "json"].into_iter().chain(more.iter().copied()).collect();
    let before = state(db);
    let dry = import(db, file, &[&args[..], &["--dry-run"]].concat());
    assert_eq!(state(db), before);
    let real = import(db, file, &args);
    assert_eq!((dry.code, &dry.stdout), (real.code, &real.stdout), "{}", file.display());
    real
}

pub const PROFILE: [&str; 8] = [
    "--map",
    "name=Subcategory Description",
    "--map",
    "description=Implementation Example",
    "--map",
    "current_value=Q1 Actual Score",
    "--map",
    "target_value=Q1 Target Score",
];

#[test]
fn a_dry_run_of_every_sample_says_what_the_import_says() {
    let db = Db::seeded();
    for (name, more, code) in [
        ("alma_pctcells.ods", &[][..], 0),
        ("alma_pctcells.xls", &[], 0),
        ("alma_pctcells_title_merged_footer.xlsx", &[], 0),
        ("alma_semicolon_cp1252.csv", &[], 0),
        ("alma_semicolon_utf8bom.csv", &[], 0),
        ("alma_sep_line.csv", &[], 0),
        ("alma_utf16le_tab.txt", &[], 0),
        ("csfp_alma_metricsfixture.csv", &[], 0),
        ("nist_csf-2-0-export.xlsx", &[], 65),
        ("trestle_good_with_blank_rows.xlsx", &["--map", "name=ControlText"], 0),
    ] {
        let Some(file) = shared(&format!("samples/{name}")) else { return };
        let more = &[more, &["--name", name]].concat()[..];
        let real = dry_and_real(&db, &file, more);
        assert_eq!(real.code, code, "{name}: {}", real.stderr);
        if code != 0 {
            continue;
        }
        let summary = real.json();
        let count = |field: &str| summary[field].as_u64().expect("a count");
        assert_eq!(
            count("read"),
            count("imported") + count("updated") + count("unchanged") + count("skipped") + count("rejected"),
            "{name}"
        );
        // Into the same catalog once more: nothing changes, and the dry run says so.
        let again = dry_and_real(&db, &file, &[more, &["--mode", "upsert"]].concat()).json();
        assert_eq!(again["unchanged"], summary["imported"], "{name}");
        assert_eq!(again["changes"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn the_profile_gives_the_same_items_as_text_and_as_workbook() {
    let (Some(text), Some(workbook)) = (shared("samples/csfp_CSF_Profile.csv"), shared("samples/csfp_CSF_Profile.xlsx")) else {
        return;
    };
    let db = Db::seeded();
    let scratch = Scratch::new();
    let map = scratch.0.path().join("profile.toml");
    let map = map.to_str().expect("a path");
    for (file, more) in [
        (&text, &[&PROFILE[..], &["--name", "text", "--save-map", map]].concat()[..]),
        (&workbook, &["--name", "book", "--map-file", map]),
    ] {
        assert_eq!(dry_and_real(&db, file, more).json()["imported"], 362);
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
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "724");
}

#[test]
fn blank_rows_among_controls_are_skipped_and_foreign_codes_left_alone() {
    let Some(file) = shared("samples/trestle_good_with_blank_rows.xlsx") else { return };
    let db = Db::seeded();
    let run = import(&db, &file, &[]).fails(65, "no column is recognised as the metric's name");
    assert!(run.stderr.contains("column D (NIST Mappings) is not subcategory"), "{}", run.stderr);
    let summary = import(&db, &file, &["--map", "name=ControlText", "--format", "json"]).ok().json();
    assert_eq!((&summary["read"], &summary["imported"]), (&15.into(), &10.into()));
    assert_eq!(summary["skipped_reasons"], serde_json::json!({ "blank": 5 }));
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    assert_eq!(
        db.one("SELECT original_data -> 'source' FROM metric_catalog_items ORDER BY id LIMIT 1"),
        "{\"row\": 2, \"sheet\": \"example_best_practices_controls\"}"
    );
}

#[test]
fn a_dry_and_a_real_run_print_the_same_for_every_sample() {
    let Some(folder) = shared("samples") else { return };
    let db = Db::seeded();
    let mut imported = 0;
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("samples").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    for path in names {
        let file = path.to_str().expect("UTF-8");
        let run = |more: &[&str]| db.cmf([&["import", file, "--again", "--yes", "--format", "json"], more].concat());
        let before = db.one("SELECT count(*) FROM metric_catalog_items");
        let dry = run(&["--name", file, "--dry-run"]);
        assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), before, "{file}");
        let real = run(&["--name", file]);
        assert_eq!((dry.code, &dry.stdout), (real.code, &real.stdout), "{file}: {}", dry.stderr);
        imported += usize::from(real.code == 0);
    }
    assert!(imported >= 6, "{imported} samples were imported");
}

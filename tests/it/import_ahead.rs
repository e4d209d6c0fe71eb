//! `cmf import` of sheets whose last rows tell otherwise than the first ones, beyond those that are looked at to find the table.

use std::path::Path;

use serde_json::Value;

use crate::support::Db;

/// Beyond the rows that are looked at first.
const ROWS: usize = 400;

fn write(path: &Path, change: &dyn Fn(usize, &mut [String])) {
    let mut sheet = "Metric ID;Metric Name;Target;Unit;Priority;Function;Subcategory\n".to_owned();
    for row in 0..ROWS {
        let mut cells = ["", "", "50", "%", "2", "PR", "PR.AA-01"].map(str::to_owned);
        cells[0] = format!("M-{row}");
        cells[1] = format!("Metric {row}");
        change(row, &mut cells);
        if cells.iter().any(|cell| !cell.is_empty()) {
            sheet.push_str(&cells.join(";"));
        }
        sheet.push('\n');
    }
    std::fs::write(path, sheet).expect("a file");
}

/// What an import says, and what is in the database after it.
fn import(db: &Db, file: &Path, more: &[&str]) -> (i32, Value, String) {
    db.execute("DELETE FROM metric_catalog_framework_mappings; DELETE FROM metric_catalog_items; DELETE FROM metric_catalogs");
    let words = ["import", "--direction=*=higher", file.to_str().expect("UTF-8"), "--format", "json"];
    let run = db.cmf(words.iter().chain(more));
    let said = if run.code == 0 || run.code == 3 { run.json() } else { serde_json::from_str(&run.stderr).expect("JSON") };
    let stored = db.one(
        "SELECT md5(string_agg(concat_ws('|', i.original_data, i.name, i.target_value, i.unit, i.direction, i.priority,
                (SELECT string_agg(concat_ws('.', m.function_code, m.category_code, m.subcategory_code, m.confidence), ',' ORDER BY 1)
                 FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id)), ';' ORDER BY i.id))
         FROM metric_catalog_items i",
    );
    (run.code, said, stored)
}

/// A late surprise: what it is, the exit code with `--allow-partial`, and the change of a row.
type Case = (&'static str, i32, fn(usize, &mut [String]));

const CASES: [Case; 12] = [
    ("as expected", 0, |_, _| {}),
    ("a decimal comma", 0, |row, cells| cells[2] = if row == 390 { "0,75" } else { "7" }.into()),
    ("a decimal comma where others have points", 65, |row, cells| match row {
        100 => cells[2] = "0.25".into(),
        390 => cells[2] = "0,75".into(),
        _ => cells[2] = "1".into(),
    }),
    ("a value above one", 3, |row, cells| cells[2] = if row == 390 { "80" } else { "0.5" }.into()),
    ("the fourth rank", 65, |row, cells| {
        if row == 390 {
            cells[4] = "4".into();
        }
    }),
    ("a metric number twice", 3, |row, cells| {
        if row == 390 {
            cells[0] = "M-3".into();
        }
    }),
    ("a bad value", 3, |row, cells| {
        if row == 390 {
            cells[2] = "soon".into();
        }
    }),
    ("a bad value early and late", 3, |row, cells| {
        if row % 380 == 9 {
            cells[2] = "soon".into();
        }
    }),
    ("a footer", 0, |row, cells| {
        if row > 390 {
            cells.fill(String::new());
            cells[0] = "Source: the register".into();
        }
    }),
    ("headings and blank rows", 0, |row, cells| {
        if row % 50 == 0 {
            cells.fill(String::new());
            cells[0] = if row % 100 == 0 { "Identity" } else { "" }.into();
        }
    }),
    ("an outline that ends late", 0, |row, cells| {
        if row % 10 != 0 && row < 300 {
            cells[5] = String::new();
        }
        cells[6] = String::new();
    }),
    ("codes of another framework", 3, |row, cells| {
        if row >= 190 {
            cells[6] = "GOVERN 1.1".into();
        }
    }),
];

#[test]
fn late_surprises_count_for_the_whole_sheet() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sheet.csv");
    for (what, code, change) in CASES {
        write(&file, &change);
        let (dry_code, dry, nothing) = import(&db, &file, &["--dry-run", "--allow-partial"]);
        let (real_code, real, stored) = import(&db, &file, &["--allow-partial"]);
        assert_eq!((dry_code, real_code), (code, code), "{what}: {real}");
        assert_eq!(
            (&dry["read"], &dry["rejected"], &dry["decisions"]),
            (&real["read"], &real["rejected"], &real["decisions"]),
            "{what}"
        );
        assert_eq!(nothing, "", "{what}");
        assert!(code == 65 || !stored.is_empty(), "{what}");
        // Without it a row with a problem keeps all of them out.
        let (whole_code, said, stored) = import(&db, &file, &[]);
        assert_eq!(whole_code, if code == 3 { 65 } else { code }, "{what}: {said}");
        assert_eq!(stored.is_empty(), whole_code == 65, "{what}");
    }
}

#[test]
fn a_damaged_end_leaves_nothing() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sheet.csv");
    write(&file, &|row, cells| {
        if row == 395 {
            cells[1] = "\"never closed".into();
        }
    });
    let run = db.cmf(["import", "--direction=*=higher", file.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 65, "{}", run.stderr);
    assert!(run.stderr.contains("a quote opens here and is not closed"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
}

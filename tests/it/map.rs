//! `cmf map`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Db, project};

const MAPPINGS: &str =
    "SELECT i.name, coalesce(m.subcategory_code, m.category_code, m.function_code), m.is_ai_suggested, m.is_confirmed
    FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id ORDER BY 1, 2";

/// A database with three items in one catalog.
pub fn with_items() -> Db {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metric_catalogs (id, name, owner_id) SELECT '00000000-0000-0000-0000-0000000000c1', 'Ours', id FROM users;
         INSERT INTO metric_catalog_items (id, catalog_id, original_data, name, description)
         SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, '00000000-0000-0000-0000-0000000000c1',
                jsonb_build_object('parsed', jsonb_build_object('metric_number', number)), name, description
         FROM (VALUES ('1', 'M-1', 'Backups tested', 'Share of backups restored in a test'),
                      ('2', 'M-2', 'MFA coverage', 'Users who sign in with multi-factor authentication'),
                      ('3', 'M-3', 'Qzxv', NULL)) AS t (n, number, name, description)",
    );
    db
}

fn audit(db: &Db) -> Vec<String> {
    db.rows("SELECT action FROM ai_change_log WHERE action LIKE 'map.%' ORDER BY timestamp, id")
}

#[test]
fn suggestions_are_ranked_saved_unconfirmed_and_the_method_is_logged() {
    let db = with_items();
    let rows = db.cmf(["map", "suggest", "--format", "json"]).ok().json();
    let of = |name: &str| -> Vec<Value> {
        rows.as_array().expect("rows").iter().filter(|row| row["name"] == name).cloned().collect()
    };
    assert_eq!(of("Backups tested").len(), 3);
    assert_eq!((&of("Backups tested")[0]["code"], &of("Backups tested")[0]["rank"]), (&json!("PR.DS-11"), &json!(1)));
    assert!(of("Backups tested")[0]["words"].as_str().is_some_and(|words| words.contains("backups")));
    assert_eq!(of("MFA coverage")[0]["code"], "PR.AA-03");
    assert!(of("Qzxv").is_empty());
    let confidences: Vec<f64> = of("MFA coverage").iter().filter_map(|row| row["confidence"].as_f64()).collect();
    assert!(confidences.windows(2).all(|two| two[0] >= two[1]) && confidences.iter().all(|one| (0.0..=1.0).contains(one)));
    assert_eq!(
        db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE is_ai_suggested AND NOT is_confirmed"),
        "6"
    );
    assert_eq!(
        db.rows("SELECT action, ai_provider, ai_model FROM ai_change_log WHERE action LIKE 'map.%'"),
        ["map.suggest|cmf|cmf-lexical 4"]
    );
    let again = db.cmf(["map", "suggest", "--format", "json", "-v"]).ok();
    assert_eq!(again.json(), rows);
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(audit(&db).len(), 1);
}

#[test]
fn a_dry_run_stores_nothing() {
    let db = with_items();
    db.cmf(["map", "suggest", "--dry-run"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    assert!(audit(&db).is_empty());
}

#[test]
fn only_what_is_above_the_threshold_is_confirmed_and_how_many_is_said() {
    let db = with_items();
    let none = db.cmf(["map", "suggest", "--auto-confirm", "1"]).ok();
    assert!(none.stderr.contains("confirmed 0 suggestions"), "{}", none.stderr);
    let all = db.cmf(["map", "suggest", "--auto-confirm", "0.01"]).ok();
    assert!(all.stderr.contains("confirmed 2 suggestions without review"), "{}", all.stderr);
    let confirmed: Vec<String> = db.rows(MAPPINGS).into_iter().filter(|row| row.ends_with("|t")).collect();
    assert_eq!(confirmed, ["Backups tested|PR.DS-11|t|t", "MFA coverage|PR.AA-03|t|t"]);
    db.cmf(["map", "suggest", "--auto-confirm", "1.5"]).fails(2, "a number from 0 to 1");
}

#[test]
fn codes_are_set_in_any_spelling_and_replace_what_was_there() {
    let db = with_items();
    db.cmf(["map", "set", "M-1", "pr.ds-11"]).ok();
    db.cmf(["map", "set", "mfa coverage", "PR-AA-3; PR.AA-05"]).ok();
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|PR.DS-11|f|t", "MFA coverage|PR.AA-03|f|t", "MFA coverage|PR.AA-05|f|t"]);
    db.cmf(["map", "set", "M-2", "GV-1.1", "--framework", "ai-rmf-1.0"]).ok();
    db.cmf(["map", "set", "M-2", "PR.AA", "--add"]).ok();
    db.cmf(["map", "set", "M-1", "ID.AM"]).ok();
    assert_eq!(
        db.rows(MAPPINGS),
        [
            "Backups tested|ID.AM|f|t", "MFA coverage|GOVERN 1.1|f|t", "MFA coverage|PR.AA|f|t", "MFA coverage|PR.AA-03|f|t",
            "MFA coverage|PR.AA-05|f|t"
        ]
    );
    let same = db.cmf(["map", "set", "M-1", "ID.AM", "-v"]).ok();
    assert!(same.stderr.contains("nothing changed"), "{}", same.stderr);
    assert_eq!(audit(&db).len(), 5);
}

#[test]
fn unknown_and_withdrawn_codes_and_items_are_refused_with_the_way_out() {
    let db = with_items();
    db.cmf(["map", "set", "M-1", "PR.AA-09"]).fails(2, "did you mean PR.AA-06");
    let withdrawn = db.cmf(["map", "set", "M-1", "PR.MA-01"]).fails(2, "PR.MA-01 is withdrawn from csf-2.0");
    assert!(withdrawn.stderr.contains("ID.AM-08, PR.PS-03"), "{}", withdrawn.stderr);
    db.cmf(["map", "set", "M-9", "PR.AA-01"]).fails(2, "no item has the number, name or id `M-9`");
    db.cmf(["map", "set", "M-1", "PR.AA-01", "--catalog", "nowhere"]).fails(2, "there is no catalog");
    db.cmf(["map", "set", "M-1", "PR.AA-01", "--framework", "nothing"]).fails(2, "no framework");
    db.cmf(["map", "confirm", "M-1"]).fails(2, "has no suggestion to confirm");
    db.cmf(["map", "reject", "M-1"]).fails(2, "has no suggestion to reject");
    db.cmf(["map", "confirm"]).fails(2, "missing argument");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    assert!(audit(&db).is_empty());

    let accepted = db.cmf(["map", "set", "M-1", "PR.MA-01", "--accept-successors"]).ok();
    assert!(accepted.stderr.contains("mapped to its successor ID.AM-08, unconfirmed"), "{}", accepted.stderr);
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|ID.AM-08|f|f", "Backups tested|PR.PS-03|f|f"]);

    // A successor that is named itself was looked at.
    let named = db.cmf(["map", "set", "MFA coverage", "PR.MA-01", "ID.AM-08", "--accept-successors"]).ok();
    assert!(!named.stderr.contains("ID.AM-08, unconfirmed"), "{}", named.stderr);
    assert_eq!(db.rows(MAPPINGS)[2..], ["MFA coverage|ID.AM-08|f|t", "MFA coverage|PR.PS-03|f|f"]);
}

#[test]
fn a_dry_run_never_says_that_it_was_done() {
    let db = with_items();
    let run = db.cmf(["map", "suggest", "--auto-confirm", "0.5", "--dry-run"]).ok();
    assert!(run.stderr.contains("would confirm 2 suggestions without review"), "{}", run.stderr);
    db.cmf(["map", "suggest"]).ok();
    for (args, says) in [
        (["map", "set", "M-1", "PR.AA-01"], "would map Backups tested to PR.AA-01"),
        (["map", "confirm", "M-1", "PR.DS-11"], "would confirm 1 mapping"),
        (["map", "reject", "M-1", "PR.DS-11"], "would reject PR.DS-11 for Backups tested"),
    ] {
        let run = db.cmf(args.iter().chain(&["--dry-run", "-v"])).ok();
        assert!(run.stderr.contains(says), "{says} in {}", run.stderr);
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE is_confirmed"), "0");
}

#[test]
fn suggestions_are_confirmed_and_rejected_ones_do_not_come_back() {
    let db = with_items();
    db.cmf(["map", "suggest", "--top", "2"]).ok();
    db.cmf(["map", "confirm", "M-1"]).ok();
    assert!(db.rows(MAPPINGS).contains(&"Backups tested|PR.DS-11|t|t".to_owned()));
    db.cmf(["map", "confirm", "M-1", "PR.AA-01"]).fails(2, "has no mapping to PR.AA-01");
    db.cmf(["map", "reject", "M-2", "PR.AA-03"]).ok();
    let rows = db.cmf(["map", "suggest", "--top", "2", "--format", "json"]).ok().json();
    let codes: Vec<&str> = rows.as_array().expect("rows").iter().filter_map(|row| row["code"].as_str()).collect();
    assert_eq!(codes.len(), 2);
    assert!(!codes.contains(&"PR.AA-03"));
    // A confirmed mapping goes only when it is named.
    db.cmf(["map", "reject", "M-1", "PR.DS-11"]).ok();
    assert!(!db.rows(MAPPINGS).iter().any(|row| row.contains("PR.DS-11")));
}

#[test]
fn confirming_above_a_threshold_takes_each_items_best() {
    let db = with_items();
    db.cmf(["map", "suggest"]).ok();
    db.cmf(["map", "confirm", "--above", "1"]).ok();
    assert!(!db.rows(MAPPINGS).iter().any(|row| row.ends_with("|t|t")));
    let run = db.cmf(["map", "confirm", "--above", "0.01", "-v"]).ok();
    assert!(run.stderr.contains("confirmed 2 mappings"), "{}", run.stderr);
    let list = db.cmf(["map", "list", "--confirmed", "--format", "json"]).ok().json();
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!((&list[0]["subcategory_code"], &list[0]["framework"]), (&json!("PR.DS-11"), &json!("csf-2.0")));
    let below = db.cmf(["map", "list", "--code", "pr.aa", "--format", "json"]).ok().json();
    assert!(below.as_array().expect("rows").iter().all(|row| row["category_code"] == "PR.AA"));
    assert!(db.cmf(["map", "list", "--suggested", "--format", "csv"]).ok().stdout.lines().count() > 2);
    db.cmf(["map", "list", "--code", "ZZ.ZZ"]).fails(2, "has the code `ZZ.ZZ`");
}

#[test]
fn a_threshold_takes_what_is_at_it_and_nothing_of_items_that_are_mapped() {
    let db = with_items();
    db.execute(
        "INSERT INTO metric_catalog_framework_mappings
             (catalog_item_id, framework_id, function_code, category_code, confidence, is_ai_suggested, is_confirmed)
         SELECT i.id, f.id, 'PR', v.category, v.confidence, NOT v.confirmed, v.confirmed
         FROM (VALUES ('Backups tested', 'PR.DS', 0.9, FALSE), ('MFA coverage', 'PR.AA', 1, TRUE),
                      ('MFA coverage', 'PR.DS', 0.95, FALSE)) AS v (item, category, confidence, confirmed)
         JOIN metric_catalog_items i ON i.name = v.item JOIN frameworks f ON f.name = 'NIST CSF'",
    );
    let confirmed = || db.rows("SELECT category_code FROM metric_catalog_framework_mappings WHERE is_confirmed ORDER BY 1");
    db.cmf(["map", "confirm", "--above", "0.9001"]).ok();
    assert_eq!(confirmed(), ["PR.AA"]);
    db.cmf(["map", "confirm", "--above", "0.9"]).ok();
    assert_eq!(confirmed(), ["PR.AA", "PR.DS"]);
}

/// What of a list's rows comes first for each item, by the item's name.
fn first_of_each(rows: &Value) -> BTreeMap<String, (String, String)> {
    let mut first = BTreeMap::new();
    for row in rows.as_array().expect("rows") {
        let name = row["name"].as_str().expect("a name").to_owned();
        first.entry(name).or_insert_with(|| (row["code"].as_str().expect("a code").to_owned(), row["confidence"].to_string()));
    }
    first
}

fn first_codes(first: BTreeMap<String, (String, String)>) -> BTreeMap<String, String> {
    first.into_iter().map(|(name, (code, _))| (name, code)).collect()
}

/// A list's codes in the form of the other tables: its code of the deepest level.
fn listed(db: &Db, framework: &str) -> Value {
    let mut rows = db.cmf(["map", "list", "--suggested", "--framework", framework, "--format", "json"]).ok().json();
    for row in rows.as_array_mut().expect("rows") {
        row["code"] = ["subcategory_code", "category_code", "function_code"]
            .into_iter()
            .find_map(|level| row[level].as_str().map(|code| json!(code)))
            .unwrap_or_default();
    }
    rows
}

#[test]
fn the_first_suggestion_is_the_first_everywhere_and_the_one_that_is_confirmed() {
    let db = Db::seeded();
    for (catalog, framework) in [("starter-csf-2.0", "csf-2.0"), ("starter-ai-rmf-1.0", "ai-rmf-1.0")] {
        let file = project(&format!("fixtures/catalogs/{catalog}.csv")).display().to_string();
        let no_codes = ["--map", "function=", "--map", "category=", "--map", "subcategory="];
        db.cmf([&["import", "--direction=*=higher", &file, "--name", catalog], no_codes.as_slice()].concat()).ok();
        for top in ["1", "3", "5"] {
            let suggested = db.cmf(["map", "suggest", "--framework", framework, "--top", top, "--format", "json"]).ok().json();
            let first = first_of_each(&suggested);
            assert!(first.len() > 40, "{}", first.len());
            assert_eq!(first_of_each(&listed(&db, framework)), first, "--top {top}");
            let exported = db.cmf(["map", "export", "--pending", "--framework", framework, "--format", "json"]).ok().json();
            let rows: Vec<Value> =
                exported.as_array().expect("rows").iter().filter(|row| !row["code"].is_null()).cloned().collect();
            assert_eq!(first_of_each(&Value::Array(rows)), first, "--top {top}");
            let confirmed = db
                .cmf(["map", "confirm", "--above", "0", "--framework", framework, "--dry-run", "--format", "json"])
                .ok()
                .json();
            assert_eq!(first_of_each(&confirmed), first, "--top {top}");
            let auto = ["map", "suggest", "--framework", framework, "--auto-confirm", "0", "--dry-run", "--format", "json"];
            let auto = db.cmf(auto).ok().json();
            let sure: Vec<Value> =
                auto.as_array().expect("rows").iter().filter(|row| row["is_confirmed"] == true).cloned().collect();
            assert_eq!(first_of_each(&Value::Array(sure)), first);
        }
    }
}

#[test]
fn what_was_noted_by_hand_has_its_place_among_the_suggestions() {
    let db = with_items();
    // Unsure, by hand: one that the text agrees with, and one that nothing speaks for.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("map.csv");
    let item = |n: u8| format!("00000000-0000-0000-0000-00000000000{n}");
    std::fs::write(&file, format!("item_id,code,is_confirmed\n{},RC.RP-03; GV.OC-01,no\n{},PR.AA-05,no\n", item(1), item(2)))
        .expect("written");
    db.cmf(["map", "import", file.to_str().expect("a path")]).ok();
    db.cmf(["map", "set", "M-3", "PR.MA-01", "--accept-successors"]).ok();
    let suggested = db.cmf(["map", "suggest", "--format", "json"]).ok().json();
    let first = first_of_each(&suggested);
    assert_eq!(first_of_each(&listed(&db, "csf-2.0")), first);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE confidence IS NULL"), "0");
    let again = db.cmf(["map", "suggest", "--format", "json", "-v"]).ok();
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(again.json(), suggested);
    db.cmf(["map", "confirm", "--above", "0"]).ok();
    let confirmed: BTreeMap<String, String> = db
        .rows(
            "SELECT i.name, m.subcategory_code FROM metric_catalog_framework_mappings m
               JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE m.is_confirmed",
        )
        .iter()
        .filter_map(|row| row.split_once('|'))
        .map(|(name, code)| (name.to_owned(), code.to_owned()))
        .collect();
    assert_eq!(confirmed, first_codes(first));
}

#[test]
fn a_review_needs_a_terminal() {
    with_items()
        .cmf(["map", "review"])
        .fails(2, "needs a terminal")
        .fails(2, "`cmf map export --xlsx FILE.xlsx` and `cmf map import FILE.xlsx`");
}

#[test]
fn an_export_comes_back_as_it_went_and_with_edits() {
    let db = with_items();
    db.cmf(["map", "suggest"]).ok();
    db.cmf(["map", "set", "M-3", "DE.CM-01"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("map.xlsx").display().to_string();
    db.cmf(["map", "export", "--xlsx", &file]).ok();
    db.cmf(["map", "export", "--xlsx", &file]).fails(73, "exists already");
    db.cmf(["map", "export", "--xlsx", &file, "--force"]).ok();
    let before = db.rows(MAPPINGS);
    let same = db.cmf(["map", "import", &file, "-v"]).ok();
    assert!(same.stderr.contains("nothing changed"), "{}", same.stderr);
    assert_eq!(db.rows(MAPPINGS), before);
    assert_eq!(audit(&db), ["map.suggest", "map.set"]);

    let exported = db.cmf(["map", "export", "--format", "csv"]).ok().stdout;
    let csv = folder.path().join("map.csv");
    let edited: String = exported
        .lines()
        .map(|line| {
            let line = if line.contains("PR.DS-11") { line.replace("true,false", "true,yes") } else { line.to_owned() };
            let line = if line.contains("DE.CM-01") { line.replace("DE.CM-01", "de.cm-9; DE.AE-02") } else { line };
            line + "\n"
        })
        .filter(|line| !line.contains("PR.AA-03"))
        .collect();
    std::fs::write(&csv, edited).expect("written");
    let csv = csv.display().to_string();
    let dry = db.cmf(["map", "import", &csv, "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(db.rows(MAPPINGS), before);
    let real = db.cmf(["map", "import", &csv, "--format", "json"]).ok().json();
    assert_eq!(real, dry);
    assert_eq!(real, json!({ "items": 3, "added": 2, "confirmed": 1, "unconfirmed": 0, "removed": 2 }));
    let after = db.rows(MAPPINGS);
    for row in ["Backups tested|PR.DS-11|t|t", "Qzxv|DE.AE-02|f|t", "Qzxv|DE.CM-09|f|t"] {
        assert!(after.contains(&row.to_owned()), "{after:?}");
    }
    assert!(!after.iter().any(|row| row.contains("MFA coverage|PR.AA-03") || row.contains("DE.CM-01")), "{after:?}");
}

#[test]
fn a_sheet_of_another_catalog_is_called_so_once() {
    let db = with_items();
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "number,name,target,direction\nO-1,Other,5,higher\n").expect("written");
    db.cmf(["import", other.to_str().expect("a path"), "--name", "The others"]).ok();
    let file = folder.path().join("map.xlsx").display().to_string();
    let name = db.one("SELECT name FROM metric_catalogs WHERE name <> 'The others'");
    db.cmf(["map", "export", "--xlsx", &file, "--catalog", &name]).ok();
    let told =
        db.cmf(["map", "import", &file, "--catalog", "The others"]).fails(65, "items of the sheet are of the catalog").stderr;
    assert!(told.contains(&format!("are of the catalog `{name}`, not of `The others` (")), "{told}");
    let right = format!("`cmf map import {file} --catalog {}` imports the sheet", cmf_word(&name));
    assert!(told.contains(&right) && told.lines().count() == 3, "{told}");
    db.cmf(["map", "import", &file, "--catalog", &name]).ok();
    // Of both catalogs it is of no other one.
    let sheet = folder.path().join("map.csv");
    std::fs::write(&sheet, db.cmf(["map", "export", "--format", "csv"]).ok().stdout).expect("written");
    let told =
        db.cmf(["map", "import", sheet.to_str().expect("a path"), "--catalog", "The others"]).fails(65, "problem").stderr;
    assert!(told.contains(&format!(": items of the catalog `{name}`\n")), "{told}");
    assert!(told.contains("leave out --catalog to import the rows of all catalogs"), "{told}");
    db.cmf(["map", "import", sheet.to_str().expect("a path")]).ok();
}

/// A name as a hint writes it.
fn cmf_word(name: &str) -> String {
    if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() }
}

#[test]
fn a_sheet_with_problems_names_each_and_changes_nothing() {
    let db = with_items();
    let item = "00000000-0000-0000-0000-000000000001";
    let sheet = |rows: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("item_id,name,code,is_confirmed\n{rows}")).expect("written");
        file
    };
    let import = |rows: &str, more: &[&str]| {
        let file = sheet(rows);
        let path = file.path().display().to_string();
        db.cmf(["map", "import", path.as_str()].iter().chain(more))
    };
    let run = import(
        &format!("{item},a,PR.AA-99,yes\n{item},a,PR.MA-01,yes\n{item},a,PR.AA-01,perhaps\nnobody,a,PR.AA-01,yes\n"),
        &[],
    )
    .fails(65, "the sheet has 4 problems");
    for part in [
        "row 2, column code",
        "row 3, column code: PR.MA-01 is withdrawn",
        "row 4, column is_confirmed",
        "row 5, column item_id",
        "export the sheet again",
        "correct these rows in the sheet, and run the command again",
    ] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    let file = sheet("");
    std::fs::write(file.path(), "a,b\n1,2\n").expect("written");
    db.cmf(["map", "import", &file.path().display().to_string()])
        .fails(65, "the first row lacks the columns item_id, code, is_confirmed");
    std::fs::write(file.path(), "item_id,code\n1,2\n").expect("written");
    let lacking = db.cmf(["map", "import", &file.path().display().to_string()]).fails(65, "lacks the column is_confirmed");
    assert!(lacking.stderr.contains("cmf map export"), "{}", lacking.stderr);
    db.cmf(["map", "import", "/nowhere.xlsx"]).fails(65, "cannot read the file");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    import(&format!("{item},a,PR.MA-01,yes\n"), &["--accept-successors"]).ok();
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|ID.AM-08|f|f", "Backups tested|PR.PS-03|f|f"]);
}

/// A workbook in the form of an export, whose one mapping is in this row.
fn workbook(folder: &std::path::Path, row: u32, item: &str, code: &str) -> String {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Mappings").expect("a name");
    for (column, header) in (0..).zip(["item_id", "code", "is_confirmed"]) {
        sheet.write_string(0, column, header).expect("a cell");
    }
    for (column, cell) in (0..).zip([item, code, "yes"]) {
        sheet.write_string(row, column, cell).expect("a cell");
    }
    let file = folder.join(format!("{row}.xlsx"));
    workbook.save(&file).expect("a file");
    file.display().to_string()
}

#[test]
fn a_row_far_down_is_read_or_refused_and_never_left_out() {
    let db = with_items();
    let folder = tempfile::tempdir().expect("a folder");
    let item = "00000000-0000-0000-0000-000000000001";
    for (row, code) in [(200_000, "PR.DS-11"), (1_048_575, "PR.AA-01")] {
        db.cmf(["map", "import", &workbook(folder.path(), row, item, code)]).ok();
        assert_eq!(db.rows(MAPPINGS), [format!("Backups tested|{code}|f|t")]);
    }
    let wide = "x,".repeat(20_000);
    let csv = folder.path().join("wide.csv");
    std::fs::write(&csv, format!("item_id,code,is_confirmed\n{}", format!("{item},PR.DS-11,yes,{wide}\n").repeat(101)))
        .expect("written");
    let run = db.cmf(["map", "import", csv.to_str().expect("a path")]).fails(65, "more than 16384 cells");
    assert!(run.stderr.contains("row 2"), "{}", run.stderr);
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|PR.AA-01|f|t"]);
}

#[test]
fn what_is_rejected_and_suggested_for_one_framework_is_so_for_no_other() {
    let db = with_items();
    // The same code, with other words.
    let own = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    std::fs::write(
        own.path(),
        "function,category,subcategory,name,text\nPR,,,Protect,a\nPR,PR.AA,,Access,x\n\
         PR,PR.AA,PR.AA-03,,Users who sign in with multi-factor authentication\n",
    )
    .expect("written");
    let path = own.path().to_str().expect("a path");
    db.cmf(["framework", "import", path, "--name", "Own", "--framework-version", "1"]).ok();
    let own = "(SELECT id FROM frameworks WHERE name = 'Own')";
    let suggest = |framework: &str| {
        let rows = db.cmf(["map", "suggest", "--framework", framework, "--format", "json"]).ok().json();
        let rows = rows.as_array().expect("rows").clone();
        let of_mfa = rows.iter().filter(|row| row["metric_number"] == "M-2");
        of_mfa.filter_map(|row| row["code"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(suggest("own-1"), ["PR.AA-03"]);
    let kept = db.rows(&format!("SELECT id FROM metric_catalog_framework_mappings WHERE framework_id = {own} ORDER BY 1"));
    assert_eq!(suggest("csf-2.0")[0], "PR.AA-03");
    assert_eq!(
        db.rows(&format!("SELECT id FROM metric_catalog_framework_mappings WHERE framework_id = {own} ORDER BY 1")),
        kept
    );
    db.cmf(["map", "reject", "M-2", "PR.AA-03", "--framework", "own-1"]).ok();
    assert_eq!(suggest("own-1"), Vec::<String>::new());
    assert_eq!(suggest("csf-2.0")[0], "PR.AA-03");
}

#[test]
fn a_sheet_is_looked_up_in_its_own_language_and_one_that_is_not_covered_is_told() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metric_catalogs (id, name, owner_id, import_metadata)
         SELECT v.id::uuid, v.name, u.id, v.metadata::jsonb FROM users u, (VALUES
             ('00000000-0000-0000-0000-0000000000f1', 'Indicateurs', '{\"headings\": [{\"row\": 3, \"text\": \"Sauvegardes\"}]}'),
             ('00000000-0000-0000-0000-0000000000f2', 'Indicatori', NULL)) AS v (id, name, metadata);
         INSERT INTO metric_catalog_items (id, catalog_id, original_data, name, description)
         SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, ('00000000-0000-0000-0000-0000000000' || catalog)::uuid,
                jsonb_build_object('source', jsonb_build_object('row', n::int + 1)), name, description
         FROM (VALUES ('1', 'f1', 'Taux de postes dont le disque est chiffré', NULL),
                      ('3', 'f1', 'Tests réussis', 'Part des essais qui ont abouti pendant la période'),
                      ('5', 'f2', 'Portatili cifrati', 'Percentuale dei computer portatili con il disco cifrato secondo la politica'),
                      ('6', 'f2', 'Salvataggi riusciti', 'Quota dei salvataggi che sono stati completati senza errori nel mese'))
              AS t (n, catalog, name, description)",
    );
    let run = db.cmf(["map", "suggest", "--top", "1", "--format", "json"]).ok();
    let codes: Vec<String> = run
        .json()
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| format!("{} {}", row["name"].as_str().unwrap_or_default(), row["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(codes, ["Taux de postes dont le disque est chiffré PR.DS-01", "Tests réussis PR.DS-11"]);
    assert!(run.stderr.contains("2 items in Italian, for which cmf has no words of csf-2.0"), "{}", run.stderr);
}

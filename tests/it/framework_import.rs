//! `cmf framework import`, `verify` and `coverage`.

use std::path::Path;

use crate::published;
use crate::support::{Db, project, shared};

const CODES: &str = "SELECT fn.code, ca.code, su.code FROM frameworks f
    JOIN framework_functions fn ON fn.framework_id = f.id
    JOIN framework_categories ca ON ca.function_id = fn.id
    JOIN framework_subcategories su ON su.category_id = ca.id
    WHERE f.name = 'NIST CSF' AND f.version = '2.0' ORDER BY fn.code, ca.code, su.code";

fn import(db: &Db, file: &Path) -> serde_json::Value {
    db.cmf(["framework", "import", &file.display().to_string(), "--format", "json"]).ok().json()
}

/// A file with this content that goes with the test.
fn file(content: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), content).expect("written");
    file
}

fn ends_with_the_bundled_codes(source: &Path) {
    let bundled = Db::seeded().rows(CODES);
    assert_eq!(bundled.len(), 106);
    let db = Db::migrated();
    let done = import(&db, source);
    assert_eq!(db.rows(CODES), bundled, "{}", source.display());
    assert_eq!(done["framework"], "csf-2.0");
    assert_eq!((&done["subcategories"], &done["withdrawn"]), (&106.into(), &91.into()));
    db.cmf(["framework", "verify", "csf-2.0"]).ok();
}

#[test]
fn every_published_format_ends_with_the_bundled_codes() {
    ends_with_the_bundled_codes(file(published::oscal()).path());
    ends_with_the_bundled_codes(file(published::cprt()).path());
    ends_with_the_bundled_codes(file(published::workbook()).path());
}

#[test]
fn every_official_source_ends_with_the_same_106_codes() {
    for source in [
        "frameworks/NIST_CSF_v2.0_catalog.develop-14f5637c.xml",
        "frameworks/cprt_CSF_2_0_0.rocklambros-48f1e906.json",
        "samples/nist_csf-2-0-export.xlsx",
    ] {
        let Some(source) = shared(source, "framework_import::every_published_format_ends_with_the_bundled_codes") else {
            return;
        };
        ends_with_the_bundled_codes(&source);
    }
}

fn keeps_withdrawn_codes_and_examples(source: &Path) {
    let db = Db::migrated();
    import(&db, source);
    let of = |code: &str| {
        db.one(&format!(
            "SELECT one -> 'successors' FROM ai_change_log, jsonb_array_elements(result -> 'withdrawn') one
             WHERE action = 'framework.import' AND one ->> 'code' = '{code}'"
        ))
    };
    assert_eq!(of("PR.MA-01"), r#"["ID.AM-08", "PR.PS-03"]"#);
    assert_eq!(of("ID.GV"), r#"["GV"]"#);
    assert_eq!(of("PR.IP"), "[]");
    assert_eq!(of("ID.SC-01"), r#"["GV.RM-05", "GV.SC-01", "GV.SC-06", "GV.SC-09", "GV.SC-10"]"#);
    assert_eq!(
        db.one("SELECT count(*) FROM ai_change_log, jsonb_each(result -> 'examples') WHERE action = 'framework.import'"),
        "106"
    );
}

#[test]
fn what_a_source_tells_of_withdrawn_codes_and_examples_is_kept() {
    keeps_withdrawn_codes_and_examples(file(published::cprt()).path());
    keeps_withdrawn_codes_and_examples(file(published::workbook()).path());
}

#[test]
fn withdrawn_codes_and_examples_are_kept_beside_the_tables() {
    let source = shared(
        "frameworks/cprt_CSF_2_0_0.rocklambros-48f1e906.json",
        "framework_import::what_a_source_tells_of_withdrawn_codes_and_examples_is_kept",
    );
    let Some(source) = source else { return };
    keeps_withdrawn_codes_and_examples(&source);
}

#[test]
fn the_bundled_list_of_withdrawn_codes_is_the_official_one() {
    let Some(source) = shared("frameworks/csf20_withdrawn.csv", "framework::the_withdrawn_codes_are_those_that_were_withdrawn")
    else {
        return;
    };
    let rows = |path: &Path, successors: usize| -> Vec<(String, Vec<String>)> {
        let mut reader = csv::Reader::from_path(path).expect("a list");
        let mut rows: Vec<_> = reader
            .records()
            .map(|record| record.expect("a record"))
            .map(|record| (record[0].to_owned(), record[successors].split_whitespace().map(str::to_owned).collect()))
            .collect();
        rows.sort();
        rows
    };
    let (ours, official) = (rows(&project("fixtures/frameworks/csf-2.0-withdrawn.csv"), 1), rows(&source, 2));
    assert_eq!(ours.len(), official.len());
    for (ours, official) in ours.iter().zip(&official) {
        // Two reasons name a successor in words only, and the official list leaves the cell empty.
        if !matches!(ours.0.as_str(), "ID.GV" | "RS.RP") {
            assert_eq!(ours, official);
        }
    }
}

fn is_noticed_to_mark_nothing(source: &Path) {
    let db = Db::migrated();
    let run = db.cmf(["framework", "import", &source.display().to_string()]).ok();
    assert!(run.stderr.contains("marks no withdrawn codes; 91 of its codes are withdrawn in csf-2.0"), "{}", run.stderr);
}

#[test]
fn a_source_without_withdrawals_is_noticed() {
    is_noticed_to_mark_nothing(file(published::oscal()).path());
}

#[test]
fn a_source_that_marks_no_withdrawals_is_noticed() {
    let source = shared(
        "frameworks/NIST_CSF_v2.0_catalog.develop-14f5637c.xml",
        "framework_import::a_source_without_withdrawals_is_noticed",
    );
    let Some(source) = source else { return };
    is_noticed_to_mark_nothing(&source);
}

/// Other words over the bundled ones: ids stay, a second time nothing changes, and seeding leaves them.
fn replaces_the_words_only(source: &Path) {
    let db = Db::seeded();
    let ids = "SELECT su.code, su.id, ca.id, fn.id FROM framework_subcategories su JOIN framework_categories ca ON ca.id = su.category_id
               JOIN framework_functions fn ON fn.id = ca.function_id ORDER BY su.id";
    let text = "SELECT description FROM framework_subcategories WHERE code = 'GV.OC-01'";
    let (before, bundled) = (db.rows(ids), db.one(text));
    let dry = db.cmf(["framework", "import", &source.display().to_string(), "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&dry["added"], &dry["gone"], db.one(text)), (&0.into(), &0.into(), bundled.clone()));
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'framework.import'"), "0");
    let done = import(&db, source);
    assert_eq!((&done["changed"], &done["added"]), (&dry["changed"], &0.into()));
    assert_eq!(db.rows(ids), before);
    let official = db.one(text);
    assert_ne!(official, bundled);

    let again = db.cmf(["framework", "import", &source.display().to_string(), "-v", "--format", "json"]).ok();
    assert_eq!((&again.json()["changed"], again.json()["codes"]["changed"].to_string()), (&0.into(), "[]".to_owned()));
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'framework.import'"), "1");

    // Seeding afterwards brings back what is missing, never the bundled words.
    db.execute("DELETE FROM framework_subcategories WHERE code = 'GV.OC-02'");
    db.cmf(["seed", "csf-2.0"]).ok();
    assert_eq!(db.one(text), official);
    assert_eq!(db.one("SELECT count(*) FROM framework_subcategories WHERE code = 'GV.OC-02'"), "1");
}

#[test]
fn other_words_over_a_bundled_framework_keep_ids_and_a_second_time_change_nothing() {
    replaces_the_words_only(file(published::workbook()).path());
}

#[test]
fn official_text_over_a_bundled_framework_keeps_ids_and_a_second_time_changes_nothing() {
    let source = shared(
        "samples/nist_csf-2-0-export.xlsx",
        "framework_import::other_words_over_a_bundled_framework_keep_ids_and_a_second_time_change_nothing",
    );
    let Some(source) = source else { return };
    replaces_the_words_only(&source);
}

#[test]
fn what_has_no_place_in_a_framework_is_refused_and_named() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    for (rows, said) in [
        (&[["", "Ex (A.X): x", "A.X-1: one"]][..], "row 2 of `Own 1.0`: a category without a function above it"),
        (&[["Alpha (A): a", "", "A.X-1: one"]], "row 2 of `Own 1.0`: a subcategory without a category above it"),
        (
            &[["Alpha (A): a", "Ex (A.X): x", "A.X-1: one"], ["Beta", "", ""]],
            "row 3 of `Own 1.0`: `Beta` is not written as NAME (CODE)",
        ),
    ] {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet().set_name("Own 1.0").expect("a name");
        for (row, cells) in (0..).zip([["Function", "Category", "Subcategory"]].iter().chain(rows)) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, *cell).expect("a cell");
            }
        }
        let file = folder.path().join("own.xlsx");
        workbook.save(&file).expect("a file");
        db.cmf(["framework", "import", file.to_str().expect("a path")]).fails(65, said);
    }
    let text = file("function,category,subcategory,name,text\nA,,,Alpha,a\n,,,Lost,a text without a code\n,,,,\n");
    db.cmf(["framework", "import", text.path().to_str().expect("a path"), "--name", "Own", "--framework-version", "1"])
        .fails(65, "line 3 names no code");
    assert_eq!(db.one("SELECT count(*) FROM frameworks"), "0");
}

const SMALL: &str = "function,category,subcategory,name,text\nA,,,Alpha,a\nA,A.X,,Ex,x\nA,A.X,A.X-1,,one\nA,A.X,A.X-2,,two\n";

#[test]
fn what_is_gone_from_the_file_is_shown_asked_for_and_never_taken_from_a_mapping() {
    let db = Db::seeded();
    let named = ["--name", "House Rules", "--framework-version", "3"];
    let run = |content: &str, more: &[&str]| {
        let file = file(content);
        let path = file.path().display().to_string();
        db.cmf(["framework", "import", &path, "--format", "json"].iter().chain(&named).chain(more))
    };
    run(SMALL, &[]).ok();
    let count = || db.one("SELECT count(*) FROM framework_subcategories WHERE code LIKE 'A.X%'");
    let fewer = SMALL.replace("A,A.X,A.X-2,,two\n", "");
    run(&fewer, &[]).fails(2, "add --yes");
    assert_eq!(count(), "2");
    let dry = run(&fewer, &["--dry-run"]).ok().json();
    assert_eq!(dry["codes"]["gone"], serde_json::json!(["A.X-2"]));
    let kept = run(&fewer, &["--keep"]).ok().json();
    assert_eq!((&kept["kept"], count().as_str()), (&1.into(), "2"));

    db.execute(
        "INSERT INTO metric_catalogs (name, owner_id) SELECT 'c', id FROM users;
         INSERT INTO metric_catalog_items (catalog_id, original_data, name) SELECT id, '{}', 'i' FROM metric_catalogs;
         INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, subcategory_code)
         SELECT i.id, f.id, 'A', 'A.X', 'A.X-2' FROM metric_catalog_items i, frameworks f WHERE f.name = 'House Rules'",
    );
    let refused = run(&fewer, &["--yes"]).fails(1, "1 code that mappings use is not in the file");
    assert!(refused.stderr.contains("A.X-2: 1 mapping"), "{}", refused.stderr);
    assert_eq!(count(), "2");
    let dry = run(&fewer, &["--dry-run"]).fails(1, "1 code that mappings use is not in the file");
    assert_eq!(dry.json()["codes"]["gone"], serde_json::json!(["A.X-2"]));
    db.execute("DELETE FROM metric_catalog_framework_mappings");
    run(&fewer, &["--yes"]).ok();
    assert_eq!(count(), "1");
    let removed = "SELECT result -> 'removed' FROM ai_change_log WHERE action = 'framework.import' ORDER BY id DESC LIMIT 1";
    assert_eq!(db.one(removed), "1");
}

#[test]
fn a_file_that_does_not_say_its_name_or_is_no_framework_changes_nothing() {
    let db = Db::migrated();
    let nameless = file(SMALL);
    let path = nameless.path().display().to_string();
    db.cmf(["framework", "import", &path]).fails(2, "neither name nor version");
    db.cmf(["framework", "import", &path, "--name", "House Rules"]).fails(2, "no version");
    db.cmf(["framework", "import", "/nowhere.json"]).fails(65, "cannot read the file");
    let junk = file("junk");
    db.cmf(["framework", "import", &junk.path().display().to_string()]).fails(65, "not a framework in a form");
    assert_eq!(db.one("SELECT (SELECT count(*) FROM frameworks) + (SELECT count(*) FROM ai_change_log)"), "0");
}

#[test]
fn csf_1_1_is_seeded_by_name_only() {
    let db = Db::migrated();
    db.cmf(["seed"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM frameworks"), "2");
    db.cmf(["seed", "csf-1.1"]).ok();
    let counts = "SELECT count(DISTINCT fn.id), count(DISTINCT ca.id), count(DISTINCT su.id) FROM frameworks f
        JOIN framework_functions fn ON fn.framework_id = f.id JOIN framework_categories ca ON ca.function_id = fn.id
        JOIN framework_subcategories su ON su.category_id = ca.id WHERE f.version = '1.1'";
    assert_eq!(db.one(counts), "5|23|108");
}

#[test]
fn verify_names_what_is_missing_and_what_is_extra() {
    let db = Db::seeded();
    let fine = db.cmf(["framework", "verify", "-v"]).ok();
    assert!(fine.stderr.contains("as bundled: ai-rmf-1.0 (95 codes), csf-2.0 (134 codes)"), "{}", fine.stderr);
    db.execute(
        "UPDATE framework_subcategories SET code = 'GV.OC-09' WHERE code = 'GV.OC-02';
         DELETE FROM framework_subcategories WHERE code = 'MAP 1.1'",
    );
    let run = db.cmf(["framework", "verify", "--format", "json"]);
    assert_eq!(run.code, 4);
    assert_eq!(
        run.json(),
        serde_json::json!([
            { "framework": "ai-rmf-1.0", "difference": "missing", "level": "subcategory", "code": "MAP 1.1" },
            { "framework": "csf-2.0", "difference": "missing", "level": "subcategory", "code": "GV.OC-02" },
            { "framework": "csf-2.0", "difference": "extra", "level": "subcategory", "code": "GV.OC-09" },
        ])
    );
    Db::migrated().cmf(["framework", "verify"]).fails(1, "cmf seed");
}

#[test]
fn coverage_counts_confirmed_mappings_and_lists_the_gaps() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metric_catalogs (name, owner_id) SELECT unnest(ARRAY['one', 'two']), id FROM users;
         INSERT INTO metric_catalog_items (catalog_id, original_data, name) SELECT id, '{}', 'i' FROM metric_catalogs;
         INSERT INTO metric_catalog_framework_mappings
            (catalog_item_id, framework_id, function_code, category_code, subcategory_code, is_confirmed)
         SELECT i.id, f.id, 'PR', m.category, m.subcategory, m.confirmed
         FROM metric_catalog_items i, frameworks f, (VALUES ('PR.AA', 'PR.AA-01', true), ('PR.AA', 'PR.AA-02', false), ('PR.AT', NULL, true))
              AS m (category, subcategory, confirmed)
         WHERE f.name = 'NIST CSF'",
    );
    let all = db.cmf(["framework", "coverage", "--format", "json"]).ok().json();
    let of = |table: &serde_json::Value, code: &str| {
        let row = table.as_array().expect("rows").iter().find(|row| row["code"] == code).expect(code).clone();
        (row["metric_count"].clone(), row["broader_count"].clone(), row["suggested_count"].clone())
    };
    assert_eq!(all.as_array().map(Vec::len), Some(106));
    assert_eq!(of(&all, "PR.AA-01"), (2.into(), 0.into(), 0.into()));
    assert_eq!(of(&all, "PR.AA-02"), (0.into(), 0.into(), 2.into()));
    assert_eq!(of(&all, "PR.AT-02"), (0.into(), 2.into(), 0.into()));
    let one = db.cmf(["framework", "coverage", "--catalog", "one", "--format", "json"]).ok().json();
    assert_eq!(of(&one, "PR.AA-01"), (1.into(), 0.into(), 0.into()));
    let gaps = db.cmf(["framework", "coverage", "--gaps", "-v", "--format", "json"]).ok();
    assert_eq!(gaps.json().as_array().map(Vec::len), Some(105));
    assert!(gaps.stderr.contains("1 of 106 subcategories of csf-2.0 have a metric, 105 have none"), "{}", gaps.stderr);
    // Controls without enhancements: a category without subcategories, and a function without categories.
    db.execute(
        "DELETE FROM framework_subcategories WHERE code LIKE 'PR.AT-%' OR code LIKE 'RC.%';
         DELETE FROM framework_categories WHERE code LIKE 'RC.%'",
    );
    let all = db.cmf(["framework", "coverage", "-v", "--format", "json"]).ok();
    let (shown, told) = (all.json(), all.stderr);
    assert_eq!(of(&shown, "PR.AT"), (2.into(), 0.into(), 0.into()));
    assert_eq!(of(&shown, "RC"), (0.into(), 0.into(), 0.into()));
    let row = shown.as_array().expect("rows").iter().find(|row| row["code"] == "PR.AT").expect("the category").clone();
    assert_eq!((&row["category_code"], &row["subcategory_code"]), (&"PR.AT".into(), &serde_json::Value::Null));
    assert!(told.contains("2 of 98 codes of csf-2.0 have a metric, 96 have none"), "{told}");
}

#[test]
fn what_is_shown_as_csv_is_read_back_and_so_is_a_workbook_of_depths() {
    let db = Db::seeded();
    let tree = |framework: &str| db.cmf(["framework", "show", framework, "--format", "csv"]).ok().stdout;
    let before = tree("csf-2.0");
    let shown = file(&before);
    let path = shown.path().to_str().expect("a path");
    let again = import(&db, shown.path());
    assert_eq!((&again["added"], &again["changed"], &again["gone"]), (&0.into(), &0.into(), &0.into()), "{again}");
    db.cmf(["framework", "import", path, "--name", "House", "--framework-version", "1"]).ok();
    assert_eq!(tree("house-1"), before);

    let folder = tempfile::tempdir().expect("a folder");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().set_name("library_content").expect("a name").write_string(0, 0, "library_urn").expect("a cell");
    let sheet = workbook.add_worksheet().set_name("own_content").expect("a name");
    let rows = [
        ["assessable", "depth", "ref_id", "name", "description"],
        ["", "1", "A", "Alpha", ""],
        ["", "2", "A.X", "Ex", ""],
        ["x", "3", "A.X-1", "", "one"],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
    let path = folder.path().join("own.xlsx");
    workbook.save(&path).expect("a file");
    let path = path.to_str().expect("a path");
    db.cmf(["framework", "import", path, "--name", "Own", "--framework-version", "1"]).ok();
    assert!(tree("own-1").contains("A.X-1"), "{}", tree("own-1"));
}

#[test]
fn translations_of_a_library_are_kept_and_looked_up_by_suggestions() {
    let db = Db::seeded();
    let node = |code: &str, depth: u8, parent: &str, text: &str, french: &str| {
        format!(
            "    - urn: urn:x:req_node:house:{code}\n      depth: {depth}\n{parent}      ref_id: {code}\n      description: {text}\n      \
             translations:\n        fr:\n          description: {french}\n"
        )
    };
    let below = "      parent_urn: urn:x:req_node:house:h.1\n";
    let library = format!(
        "locale: en\nobjects:\n  framework:\n    ref_id: house\n    name: House v1\n    requirement_nodes:\n{}{}{}",
        node("h.1", 1, "", "Doors and windows of the building", "Portes et fenêtres du bâtiment"),
        node(
            "h.1.1",
            2,
            below,
            "The doors of the building are locked at night",
            "Les portes du bâtiment sont verrouillées pendant la nuit"
        ),
        node(
            "h.1.2",
            2,
            below,
            "The windows of the building are closed in rain",
            "Les fenêtres du bâtiment sont fermées quand il pleut"
        )
    );
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let (library, sheet) = (
        write("house.yaml", &library),
        write(
            "s.csv",
            "id;nom\nF-1;Part des portes du bâtiment verrouillées pendant la nuit\nF-2;Nombre de fenêtres du bâtiment fermées quand il pleut\n",
        ),
    );
    let run = db.cmf(["framework", "import", &library]).ok();
    assert!(run.stderr.contains("translations are kept, for suggestions: fr"), "{}", run.stderr);
    db.cmf(["framework", "import", &library]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'framework.import'"), "1");
    db.cmf(["import", &sheet, "--map", "name=nom", "--name", "Ours"]).ok();
    let suggested = db.cmf(["map", "suggest", "--framework", "house-1", "--dry-run", "--format", "json"]).ok().json();
    let first = |number: &str| {
        let rows = suggested.as_array().expect("rows").iter();
        rows.clone().find(|row| row["metric_number"] == number).map(|row| row["code"].clone())
    };
    assert_eq!((first("F-1"), first("F-2")), (Some("h.1.1".into()), Some("h.1.2".into())), "{suggested}");
}

#[test]
fn a_document_that_is_no_framework_says_what_it_is_and_what_reads_it() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content, expected, hint) in [
        ("p.xml", "<profile><metadata/></profile>", "a profile, which chooses controls", "import the catalog"),
        ("p.json", r#"{"profile": {"metadata": {}}}"#, "a profile, which chooses controls", "import the catalog"),
        ("m.json", r#"{"mapping-collection": {}}"#, "a collection of mappings", "cmf framework crosswalk import /"),
        ("m.xml", "<mapping-collection/>", "a collection of mappings", "cmf framework crosswalk import /"),
        (
            "m.yaml",
            "objects:\n  requirement_mapping_sets: []\n",
            "a CISO Assistant mapping",
            "cmf framework crosswalk import /",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        let run = db.cmf(["framework", "import", path.to_str().expect("a path")]).fails(65, expected);
        assert!(run.stderr.contains(hint), "{name}: {}", run.stderr);
    }
}

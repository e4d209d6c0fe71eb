//! Mappings to a framework's predecessor, and codes that were withdrawn, lead to their successors.

use serde_json::json;

use crate::map::with_items;
use crate::support::{Db, Run};

const MAPPINGS: &str = "SELECT i.name, m.subcategory_code, m.confidence, m.is_confirmed
    FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id
    JOIN frameworks f ON f.id = m.framework_id WHERE f.version = '2.0' ORDER BY 1, 2";

fn file(content: &str, ending: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(ending).tempfile().expect("a file");
    std::fs::write(file.path(), content).expect("written");
    file
}

/// Three items, two of them mapped to CSF 1.1.
fn with_old_mappings() -> Db {
    let db = with_items();
    db.cmf(["seed", "csf-1.1"]).ok();
    db.cmf(["map", "set", "M-1", "PR.IP-4", "--framework", "csf-1.1"]).ok();
    db.cmf(["map", "set", "M-2", "pr.ac-1", "--framework", "csf-1.1"]).ok();
    db
}

#[test]
fn mappings_to_csf_1_1_are_carried_to_2_0_unconfirmed_and_once() {
    let db = with_old_mappings();
    let shown = db.cmf(["map", "carry", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&shown[0]["from"], &shown[0]["code"]), (&json!("csf-1.1 PR.IP-4"), &json!("PR.DS-11")));
    assert!(db.rows(MAPPINGS).is_empty());

    db.cmf(["map", "carry", "--from", "csf-1.1", "--to", "csf-2.0"]).ok();
    let carried = ["Backups tested|PR.DS-11|0.9000|f", "MFA coverage|PR.AA-01|0.4500|f", "MFA coverage|PR.AA-05|0.4500|f"];
    assert_eq!(db.rows(MAPPINGS), carried);
    assert_eq!(
        db.rows("SELECT ai_model, result ->> 'suggestions' FROM ai_change_log WHERE action = 'map.carry'"),
        ["successors of csf-1.1 in csf-2.0|3"]
    );
    let again: Run = db.cmf(["map", "carry", "-v"]).ok();
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'map.carry'"), "1");

    // Suggestions of the text come beside what was carried over, never in its place.
    db.cmf(["map", "suggest"]).ok();
    assert!(carried.iter().all(|row| db.rows(MAPPINGS).iter().any(|known| known == row)), "{:?}", db.rows(MAPPINGS));
    // A rejected one does not come back.
    db.cmf(["map", "reject", "M-2", "PR.AA-05"]).ok();
    db.cmf(["map", "carry"]).ok();
    assert!(!db.rows(MAPPINGS).iter().any(|row| row.contains("PR.AA-05")), "{:?}", db.rows(MAPPINGS));
    db.cmf(["map", "confirm", "--above", "0.9"]).ok();
    assert!(db.rows(MAPPINGS).contains(&"Backups tested|PR.DS-11|0.9000|t".to_owned()));
    db.cmf(["map", "carry", "--from", "ai-rmf-1.0"])
        .fails(2, "no table says where the codes of ai-rmf-1.0 went in csf-2.0")
        .fails(2, "`cmf framework crosswalk import FILE --source ai-rmf-1.0 --target csf-2.0`, then `cmf map carry --via ai-rmf-1.0 --to csf-2.0`");
    db.cmf(["map", "carry", "--from", "csf-2.0", "--to", "csf-1.1"]).fails(2, "no table");
}

#[test]
fn suggestions_take_the_old_mapping_for_evidence() {
    let db = with_old_mappings();
    let rows = db.cmf(["map", "suggest", "--top", "1", "--format", "json"]).ok().json();
    let of = |code: &str| rows.as_array().expect("rows").iter().find(|row| row["code"] == code).cloned().unwrap_or_default();
    let backups = of("PR.DS-11");
    assert!(backups["confidence"].as_f64().is_some_and(|confidence| confidence > 0.9), "{backups}");
    assert!(backups["words"].as_str().is_some_and(|words| words.starts_with("csf-1.1 PR.IP-4, ")), "{backups}");
    // Successors are kept beside the best of the text.
    assert!(of("PR.AA-01")["words"].as_str().is_some_and(|words| words.starts_with("csf-1.1 PR.AC-1")), "{rows}");
    assert!(!of("PR.AA-05").is_null() && !of("PR.AA-03").is_null(), "{rows}");
    assert_eq!(
        db.one(
            "SELECT count(*) FROM metric_catalog_framework_mappings m JOIN frameworks f ON f.id = m.framework_id
        WHERE f.version = '2.0' AND m.is_confirmed"
        ),
        "0"
    );
}

/// A catalog of our own in the shape of OSCAL.
fn edition(version: &str, second: &serde_json::Value) -> String {
    let control = |id: &str, title: &str, text: &str| json!({ "id": id, "title": title, "parts": [{ "name": "statement", "prose": text }] });
    json!({ "catalog": {
        "metadata": { "title": "Harbour Controls", "version": version },
        "groups": [{ "id": "hc", "title": "Harbour", "controls": [
            { "id": "hc-1", "title": "Gates", "controls": [
                control("hc-1.1", "Locks", "Every gate of the harbour has a lock that a harbour master opens."),
                control("hc-1.3", "Keys", "The keys of all gates are counted each evening."),
            ] },
            { "id": "hc-2", "title": "Watch", "controls": [second] },
        ] }],
    } })
    .to_string()
}

#[test]
fn successors_of_an_imported_framework_carry_mappings_of_its_older_edition() {
    let db = with_items();
    let text = json!([{ "name": "statement", "prose": "A guard walks along the quay at night." }]);
    let old = edition("1", &json!({ "id": "hc-2.1", "title": "Rounds", "parts": text }));
    let new = edition(
        "2",
        &json!({
            "id": "hc-2.1", "title": "Rounds", "props": [{ "name": "status", "value": "withdrawn" }],
            "links": [{ "rel": "incorporated-into", "href": "#hc-1.1" }, { "rel": "incorporated-into", "href": "#hc-1.3" }],
        }),
    );
    for edition in [&old, &new] {
        db.cmf(["framework", "import", &file(edition, ".json").path().display().to_string()]).ok();
    }
    db.cmf(["map", "set", "M-1", "hc-2.1", "--framework", "harbour-controls-1"]).ok();
    db.cmf(["map", "set", "M-2", "HC-1.3", "--framework", "harbour-controls-1"]).ok();
    let rows =
        db.cmf(["map", "carry", "--from", "harbour-controls-1", "--to", "harbour-controls-2", "--format", "json"]).ok().json();
    let codes: Vec<String> =
        rows.as_array().expect("rows").iter().map(|row| format!("{} {}", row["name"], row["code"]).to_lowercase()).collect();
    assert_eq!(codes, [r#""backups tested" "hc-1.1""#, r#""backups tested" "hc-1.3""#, r#""mfa coverage" "hc-1.3""#]);
    // A withdrawn code is named with its successors, and an import that would lose it says where it went.
    db.cmf(["map", "set", "M-3", "hc-2.1", "--framework", "harbour-controls-2"]).fails(2, "its successors are");
    let over = new.replace("\"version\":\"2\"", "\"version\":\"1\"");
    db.cmf(["framework", "import", &file(&over, ".json").path().display().to_string()]).fails(1, "withdrawn, now in");
}

#[test]
fn an_import_maps_withdrawn_codes_to_their_successors_where_asked() {
    let db = Db::seeded();
    let sheet = "Metric ID,Metric Name,Target,Function,Subcategory\nX-1,Repairs logged,95,PR,PR.MA-1\nX-2,Backups tested,100,PR,PR.DS-11\n";
    let file = file(sheet, ".csv");
    let path = file.path().display().to_string();
    db.cmf(["import", "--direction=*=higher", &path, "--name", "Old"])
        .fails(65, "--accept-successors maps it there, unconfirmed");
    let done = db.cmf(["import", "--direction=*=higher", &path, "--name", "Old", "--accept-successors"]).ok();
    assert!(done.stdout.contains("2 mappings to successors of withdrawn codes"), "{}", done.stdout);
    let all = ["Backups tested|PR.DS-11|1.0000|t", "Repairs logged|ID.AM-08|0.4500|f", "Repairs logged|PR.PS-03|0.4500|f"];
    assert_eq!(db.rows(MAPPINGS), all);
    // Decided once, they stay decided when the sheet comes again.
    db.cmf(["map", "confirm", "X-1", "PR.PS-03"]).ok();
    db.cmf(["map", "reject", "X-1", "ID.AM-08"]).ok();
    std::fs::write(file.path(), sheet.replace("95", "96")).expect("written");
    db.cmf(["import", "--direction=*=higher", &path, "--catalog", "Old", "--mode", "upsert", "--accept-successors"]).ok();
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|PR.DS-11|1.0000|t", "Repairs logged|PR.PS-03|0.4500|t"]);
}

#[test]
fn only_confirmed_mappings_are_carried_over() {
    let db = with_old_mappings();
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE WHERE subcategory_code = 'PR.AC-1'");
    db.cmf(["map", "carry"]).ok();
    assert_eq!(db.rows(MAPPINGS), ["Backups tested|PR.DS-11|0.9000|f"]);
}

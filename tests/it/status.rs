//! `cmf status`, and what says that a mapped item is no metric yet.

use crate::catalog::catalog;
use crate::support::Db;

#[test]
fn one_screen_shows_where_things_stand_and_what_is_to_be_done() {
    let db = Db::seeded();
    db.cmf(["status"]).fails(2, "has no active catalog");
    let id = catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.execute("UPDATE metric_history SET recorded_at = now() - interval '40 days'; UPDATE metrics SET created_at = now() - interval '50 days'");
    db.cmf(["record", "PR-001", "47.5"]).ok();
    let status = |args: &[&str]| db.cmf([&["status"][..], args].concat()).ok();
    let json = status(&["--format", "json"]).json();
    let score = db.cmf(["score", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&json["catalog"], &json["overall_score"]), (&"Ours".into(), &score["overall_score"]));
    let before = db.cmf(["score", "--as-of", "30d", "--format", "json"]).ok().json();
    assert_eq!(json["score_a_month_ago"], before["overall_score"]);
    let counts = ["unscoreable_count", "unmapped_count", "unconfirmed_count", "not_activated_count"];
    assert_eq!(counts.map(|name| json[name].as_i64()), [Some(1), Some(1), Some(0), Some(0)]);
    let next = db.cmf(["score", "next", "--top", "1", "--format", "json"]).ok().json();
    assert_eq!(json["gaps"][0]["points"], next[0]["points"]);
    // Mapped since, and no metric yet: told here, by the score and by the doctor.
    db.execute(&format!(
        "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_confirmed)
         SELECT i.id, f.id, 'DE', TRUE FROM metric_catalog_items i, frameworks f
         WHERE i.catalog_id = '{id}' AND i.name = 'Loose' AND f.name = 'NIST CSF' AND f.version = '2.0'"
    ));
    let told = status(&[]);
    assert!(told.stdout.contains("Ours") && told.stdout.contains("the worst gaps"), "{}", told.stdout);
    assert!(told.stderr.contains("are mapped but not metrics yet: cmf catalog activate Ours (1)"), "{}", told.stderr);
    let told = db.cmf(["score"]).ok().stderr;
    assert!(told.contains("1 item is mapped but not a metric yet, and not scored: `cmf catalog activate Ours`"), "{told}");
    db.cmf(["migrate", "adopt"]).ok();
    let told = db.cmf(["doctor"]).stdout;
    assert!(told.contains("Loose of Ours") && told.contains("cmf catalog activate CATALOG"), "{told}");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(status(&["--format", "json"]).json()["not_activated_count"], 0);
    assert!(!db.cmf(["score"]).ok().stderr.contains("not a metric yet"));
}

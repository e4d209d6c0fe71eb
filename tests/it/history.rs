//! `cmf history`.

use crate::record::with_metrics;

#[test]
fn readings_are_shown_in_order_in_every_format() {
    let db = with_metrics();
    for (value, day) in [("91.5", "08"), ("90", "01"), ("97", "15")] {
        db.cmf(["record", "PR-001", value, "--at", &format!("2026-01-{day}"), "--by", "ada"]).ok();
    }
    let history = db.cmf(["history", "mfa coverage", "--format", "json"]).ok().json();
    assert_eq!(history["metric_number"], "PR-001");
    assert_eq!(history["target_value"], 95);
    assert_eq!(history["current_value"], 97);
    let values: Vec<_> = history["readings"].as_array().expect("readings").iter().map(|r| r["value"].to_string()).collect();
    assert_eq!(values, ["90", "91.5", "97"]);
    assert_eq!(history["readings"][0]["recorded_by"], "ada");
    let lines = db.cmf(["history", "PR-001", "--format", "jsonl", "--last", "2"]).ok().stdout;
    assert_eq!(lines.lines().count(), 2);
    let csv = db.cmf(["history", "PR-001", "--format", "csv", "--from", "2026-01-08", "--to", "2026-01-15"]).ok().stdout;
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[1].contains("2026-01-08T00:00:00Z,91.5,,ada"), "{csv}");
    let table = db.cmf(["history", "PR-001"]).ok().stdout;
    assert!(table.starts_with("PR-001 MFA coverage, in %\n"), "{table}");
}

#[test]
fn unknown_metrics_and_times_are_usage_errors() {
    let db = with_metrics();
    db.cmf(["history", "MFA covrage"]).fails(2, "near it: PR-001 (MFA coverage)");
    db.cmf(["history", "PR-001", "--from", "yesterday"]).fails(2, "--from: `yesterday` is not a time");
    db.cmf(["history", "PR-001", "--last", "0"]).fails(2, "0 is not in");
    db.cmf(["history", "PR-001", "--catalog", "none"]).fails(2, "no catalog is called");
    assert_eq!(db.cmf(["history", "PR-001", "--format", "csv"]).ok().stdout, "id,recorded_at,value,note,recorded_by\n");
}

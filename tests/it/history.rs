//! `cmf history`.

use crate::catalog::catalog;
use crate::record::with_metrics;
use crate::support::Db;

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
    // 01:00 in Berlin is midnight, the instant of the second reading.
    let berlin = ["history", "PR-001", "--format", "csv", "--from", "2026-01-08T01:00", "--tz", "Europe/Berlin"];
    assert_eq!(db.cmf(berlin).ok().stdout.lines().count(), 3);
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

#[test]
fn readings_are_drawn_with_their_target() {
    let db = with_metrics();
    for (value, day) in [("80", "01"), ("90", "08"), ("100", "15")] {
        db.cmf(["record", "PR-001", value, "--at", &format!("2026-01-{day}")]).ok();
    }
    let drawn = db.cmf(["history", "PR-001", "--plot"]).ok().stdout;
    assert!(drawn.contains("● reading   ┄ target 95"), "{drawn}");
    assert_eq!(drawn.matches('●').count(), 4, "{drawn}");
    assert!(db.cmf(["history", "PR-002", "--plot"]).ok().stdout.contains("no readings"));
    db.cmf(["history", "PR-001", "--plot", "--format", "json"]).fails(2, "--plot draws for people");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("history.svg");
    let run = db.cmf(["history", "PR-001", "--svg", file.to_str().expect("UTF-8")]).ok();
    assert_eq!(run.stdout, "");
    let svg = std::fs::read_to_string(&file).expect("the drawing");
    assert!(svg.starts_with("<svg") && svg.contains("MFA coverage") && svg.contains("polyline"), "{svg}");
    db.cmf(["history", "PR-001", "--svg", "/nonexistent/history.svg"]).fails(73, "cannot write");
}

#[test]
fn metrics_without_a_recent_reading_are_listed() {
    let db = with_metrics();
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at) VALUES
         ('00000000-0000-7000-8000-000000000001', 1, (now() AT TIME ZONE 'utc') - interval '36 days'),
         ('00000000-0000-7000-8000-000000000002', 1, (now() AT TIME ZONE 'utc') - interval '34 days'),
         ('00000000-0000-7000-8000-000000000002', 1, (now() AT TIME ZONE 'utc') - interval '40 days')",
    );
    let stale = db.cmf(["history", "--stale", "35d", "--format", "json"]).ok().json();
    let numbers: Vec<_> =
        stale.as_array().expect("rows").iter().map(|row| row["metric_number"].as_str().expect("a number")).collect();
    assert_eq!(numbers, ["DE-001", "RC-001", "PR-001"]);
    assert_eq!(stale[2]["days"], 36);
    assert_eq!(stale[0]["recorded_at"], serde_json::Value::Null);
    assert_eq!(db.cmf(["history", "--stale", "35d", "--exit-code"]).code, 4);
    db.execute(
        "UPDATE metric_history SET recorded_at = recorded_at + interval '30 days';
         DELETE FROM metrics WHERE id NOT IN (SELECT metric_id FROM metric_history)",
    );
    let none = db.cmf(["history", "--stale", "35d", "--exit-code", "--format", "json"]).ok().json();
    assert_eq!(none, serde_json::json!([]));
    // With its own frequency, each.
    assert_eq!(db.cmf(["history", "--stale", "--exit-code"]).code, 0);
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '140 days'");
    assert_eq!(db.cmf(["history", "--stale", "--exit-code"]).code, 4);
    db.cmf(["history", "--stale", "35"]).fails(2, "it is not a duration: write");
    db.cmf(["history", "--stale", "35d", "--plot"]).fails(2, "cannot be used with");
    db.cmf(["history"]).fails(2, "required");
}

#[test]
fn a_metric_of_an_inactive_catalog_is_stale_only_where_its_catalog_is_named() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["metric", "add", "Own", "--number", "X-1", "--function", "DE", "--direction", "binary"]).ok();
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '40 days'");
    let stale = |command: &[&str], more: &[&str]| {
        let args = [command, &["--stale", "35d", "--columns", "name", "--sort", "name", "--format", "csv"], more].concat();
        db.cmf(args).ok().stdout.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    for command in [&["history"][..], &["metric", "list"]] {
        assert_eq!(stale(command, &[]), ["Inventory", "MFA", "Own", "Utilisation"], "{command:?}");
    }
    db.cmf(["catalog", "deactivate", "Ours"]).ok();
    for command in [&["history"][..], &["metric", "list"]] {
        assert_eq!(stale(command, &[]), ["Own"], "{command:?}");
        assert_eq!(stale(command, &["--catalog", "Ours"]), ["Inventory", "MFA", "Utilisation"], "{command:?}");
    }
}

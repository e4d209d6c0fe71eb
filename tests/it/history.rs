//! `cmf history`.

use crate::catalog::catalog;
use crate::record::{piped, with_metrics};
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
    assert!(rows[1].contains("2026-01-08T00:00:00Z,91.5,,,,,,ada"), "{csv}");
    // 01:00 in Berlin is midnight, the instant of the second reading.
    let berlin = ["history", "PR-001", "--format", "csv", "--from", "2026-01-08T01:00", "--tz", "Europe/Berlin"];
    assert_eq!(db.cmf(berlin).ok().stdout.lines().count(), 3);
    let table = db.cmf(["history", "PR-001"]).ok().stdout;
    assert!(table.starts_with("PR-001 MFA coverage, in %\n"), "{table}");
}

#[test]
fn unknown_metrics_and_times_are_usage_errors() {
    let db = with_metrics();
    db.cmf(["history", "MFA covrage"]).fails(2, "similar: PR-001 (MFA coverage)");
    db.cmf(["history", "PR-001", "--from", "yesterday"]).fails(2, "--from: `yesterday` is not a time");
    db.cmf(["history", "PR-001", "--last", "0"]).fails(2, "it must be 1 or more");
    db.cmf(["history", "PR-001", "--catalog", "none"]).fails(2, "there is no catalog");
    assert_eq!(
        db.cmf(["history", "PR-001", "--format", "csv"]).ok().stdout,
        "id,recorded_at,value,numerator,denominator,interval_lower,interval_upper,note,recorded_by\n"
    );
}

#[test]
fn a_part_of_a_whole_keeps_both_and_shows_where_the_whole_process_lies() {
    let db = with_metrics();
    db.cmf(["record", "PR-001", "47/50", "--at", "2026-01-01", "--note", "after the rollout"]).ok();
    db.cmf(["record", "PR-001=1/3", "--at", "2026-01-02"]).ok();
    assert_eq!(
        db.rows("SELECT value, note FROM metric_history ORDER BY recorded_at"),
        ["94.0000|after the rollout [47/50]", "33.3333|[1/3]"]
    );
    db.cmf(["record", "PR-001", "50/47"]).fails(65, "a numerator");
    db.cmf(["record", "PR-002", "47/50"]).fails(65, "the metric's unit is not %");
    let table = db.cmf(["history", "PR-001"]).ok().stdout;
    assert!(table.contains("47/50: 83.78 to 97.94"), "{table}");
    let first = &db.cmf(["history", "PR-001", "--format", "json"]).ok().json()["readings"][0];
    for (member, value) in [("numerator", 47.0), ("denominator", 50.0), ("interval_lower", 83.78), ("interval_upper", 97.94)] {
        assert_eq!(first[member].as_f64(), Some(value), "{first}");
    }
    db.cmf(["seed", "csf-2.0"]).ok();
    let explained = db.cmf(["score", "explain", "PR-001", "--default", "--format", "json"]).ok().json();
    assert_eq!((&explained["numerator"], &explained["interval_lower"]), (&1.into(), &first_lower(1, 3)), "{explained}");
}

/// The lower end of Wilson's interval as JSON.
fn first_lower(part: i64, whole: i64) -> serde_json::Value {
    let counted = cmf::domain::reading::Counted { part, whole };
    serde_json::to_value(counted.interval().0.to_string().parse::<f64>().expect("a number")).expect("JSON")
}

#[test]
fn signal_is_told_from_noise_and_the_day_of_the_target_is_a_range() {
    let db = with_metrics();
    let record = |series: &[&str]| {
        let lines = series.iter().enumerate().map(|(week, value)| format!("PR-001,{value},{}\n", day(week)));
        piped(&db, &["record", "--file", "-"], &format!("metric,value,at\n{}", lines.collect::<String>())).ok();
    };
    record(&["70", "72", "71", "69", "70", "72", "71", "69", "70"]);
    let judged = db.cmf(["history", "PR-001", "--signal", "--format", "json"]).ok().json();
    assert_eq!((&judged["signal"], &judged["target"]), (&"noise".into(), &"not at this pace".into()), "{judged}");
    assert_eq!(judged["readings"][7]["signal"], "too few readings");
    assert_eq!(judged["readings"][7]["upper"], serde_json::Value::Null);
    let upper = judged["readings"][8]["upper"].as_f64().expect("a limit");
    db.cmf(["record", "PR-001", "85", "--at", &day(9)]).ok();
    let judged = db.cmf(["history", "PR-001", "--signal", "--format", "json"]).ok().json();
    assert!(upper < 85.0 && judged["signal"] == "signal: outside the limits", "{judged}");
    assert_eq!(judged["newest_signal_at"], format!("{}T00:00:00Z", day(9)));
    let table = db.cmf(["history", "PR-001", "--signal", "--last", "10"]).ok().stdout;
    assert!(table.contains("signal: outside the limits") && table.contains("not at this pace"), "{table}");
    // Only from where it rises by one a week.
    db.execute("DELETE FROM metric_history");
    record(&["70", "71.5", "72", "73", "74.5", "75", "76", "77"]);
    let rising = db.cmf(["history", "PR-001", "--signal", "--format", "json"]).ok().json();
    assert_eq!(rising["target"], "met at this pace", "{rising}");
    let (from, until) = (rising["met_from"].as_str().expect("a day"), rising["met_until"].as_str().expect("a day"));
    assert!(from < day(25).as_str() && day(25).as_str() < until, "{rising}");
    db.cmf(["history", "RC-001", "--signal"]).fails(2, "is binary");
    db.cmf(["history", "PR-001", "--signal", "--plot"]).fails(2, "cannot be used with");
    assert_eq!(db.cmf(["history", "DE-001", "--signal", "--format", "json"]).ok().json()["target"], "no target");
}

/// The day of a week.
fn day(week: usize) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
    (first + chrono::Days::new(7 * week as u64)).to_string()
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
    db.cmf(["history", "PR-001", "--plot", "--format", "json"]).fails(2, "--plot cannot be combined with --format");
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
    db.cmf(["history"]).fails(2, "missing argument");
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

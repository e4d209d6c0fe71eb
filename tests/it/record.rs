//! `cmf record`.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Db, Run, project};

/// A database with four metrics of the default library, a user, and nothing recorded.
pub fn with_metrics() -> Db {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO users (id, username, email) VALUES ('00000000-0000-7000-8000-00000000000a', 'ada', 'ada@example.org');
         INSERT INTO metrics (id, metric_number, name, unit, direction, target_value, csf_function, priority, is_locked) VALUES
         ('00000000-0000-7000-8000-000000000001', 'PR-001', 'MFA coverage', '%', 'higher_is_better', 95, 'PR', 'High', FALSE),
         ('00000000-0000-7000-8000-000000000002', 'PR-002', 'Patch age', 'days', 'lower_is_better', 14, 'PR', 'High', FALSE),
         ('00000000-0000-7000-8000-000000000003', 'RC-001', 'Restore test done', NULL, 'binary', 1, 'RC', 'Low', FALSE),
         ('00000000-0000-7000-8000-000000000004', 'DE-001', 'Log sources', 'count', 'higher_is_better', 40, 'DE', 'Low', TRUE)",
    );
    db
}

/// Everything a reading changes.
fn state(db: &Db) -> Vec<String> {
    let mut state = db.rows(
        "SELECT m.metric_number, h.value, h.recorded_at, h.note, u.username
         FROM metric_history h JOIN metrics m ON m.id = h.metric_id LEFT JOIN users u ON u.id = h.recorded_by
         ORDER BY m.metric_number, h.recorded_at",
    );
    state.extend(db.rows("SELECT metric_number, current_value FROM metrics ORDER BY id"));
    state.extend(db.rows("SELECT action, result FROM ai_change_log ORDER BY timestamp"));
    state
}

/// A file of readings on standard input.
pub fn piped(db: &Db, args: &[&str], text: &str) -> Run {
    let mut command = db.command();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    // A command that refuses its arguments closes the pipe unread.
    let _ = input.write_all(text.as_bytes());
    drop(input);
    Run::from(child.wait_with_output().expect("the binary ends"))
}

#[test]
fn one_reading_is_stored_with_its_time_note_user_and_audit_row() {
    let db = with_metrics();
    let run = db
        .cmf([
            "record",
            "PR-001",
            "97.5",
            "--at",
            "2026-01-05T06:00:00+01:00",
            "--note",
            "after rollout",
            "--by",
            "ada",
            "--format",
            "json",
        ])
        .ok();
    let reading = run.json();
    assert_eq!(reading["metric_number"], "PR-001");
    assert_eq!(reading["value"], 97.5);
    assert_eq!(reading["recorded_at"], "2026-01-05T05:00:00Z");
    assert_eq!(reading["outcome"], "stored");
    assert_eq!(
        db.rows("SELECT id, value, recorded_at, note, recorded_by FROM metric_history"),
        [format!(
            "{}|97.5000|2026-01-05 05:00:00|after rollout|00000000-0000-7000-8000-00000000000a",
            reading["id"].as_str().expect("an id")
        )]
    );
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "97.5000");
    assert_eq!(db.one("SELECT action || user_id FROM ai_change_log"), "reading.record00000000-0000-7000-8000-00000000000a");
    // So it is of several, and of a file.
    db.cmf(["record", "PR-001=1", "PR-002=2", "--by", "ada"]).ok();
    piped(&db, &["record", "--file", "-", "--by", "ada"], "metric,value\nPR-002,3\n").ok();
    db.cmf(["record", "PR-002", "4"]).ok();
    assert_eq!(db.rows("SELECT user_id IS NOT NULL FROM ai_change_log ORDER BY id"), ["t", "t", "t", "f"]);
}

#[test]
fn without_a_time_the_servers_clock_tells_it() {
    let db = with_metrics();
    let run = db.cmf(["record", "PR-002", "-5"]).ok();
    assert_eq!(run.stdout, "");
    assert_eq!(
        db.one("SELECT recorded_at BETWEEN (now() AT TIME ZONE 'utc') - interval '1 minute' AND now() AT TIME ZONE 'utc' FROM metric_history"),
        "t"
    );
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-002'"), "-5.0000");
}

#[test]
fn a_metric_is_found_by_number_name_and_id_in_any_case() {
    let db = with_metrics();
    for (metric, day) in [("pr-001", 1), (" MFA Coverage ", 2), ("00000000-0000-7000-8000-000000000001", 3)] {
        db.cmf(["record", metric, "5", "--at", &format!("2026-01-0{day}")]).ok();
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE metric_id = '00000000-0000-7000-8000-000000000001'"), "3");
}

#[test]
fn several_pairs_are_stored_together_or_not_at_all() {
    let db = with_metrics();
    let before = state(&db);
    db.cmf(["record", "PR-001=97.5%", "PR-002=abc", "RC-001=yes"]).fails(65, "the value `abc` is not a number");
    db.cmf(["record", "PR-001=1", "PR-002=abc", "RC-001=maybe"])
        .fails(65, "2 of 3 readings are refused, and nothing is stored");
    db.cmf(["record", "PR-001=1", "PR-001=2"]).fails(65, "PR-001 is given twice without a time");
    assert_eq!(state(&db), before);
    db.cmf(["record", "PR-001=97.5%", "PR-002=1,234.5", "RC-001=yes", "--at", "2026-01-05"]).ok();
    assert_eq!(
        db.rows("SELECT current_value FROM metrics WHERE current_value IS NOT NULL ORDER BY id"),
        ["97.5000", "1234.5000", "1.0000"]
    );
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1");
}

#[test]
fn values_that_cannot_be_trusted_are_refused() {
    let db = with_metrics();
    let before = state(&db);
    for (metric, value, message) in [
        ("PR-001", "NaN", "is not a finite number"),
        ("PR-001", "infinity", "is not a finite number"),
        ("PR-001", "1_000", "has underscores"),
        ("PR-001", "100000000000", "is too large"),
        ("PR-001", "1,234", "could mean 1234 or 1.234"),
        ("PR-001", "97,5", "not between thousands"),
        ("PR-001", "", "is empty"),
        ("PR-002", "5%", "the metric's unit is days"),
        ("PR-002", "yes", "is not binary"),
    ] {
        db.cmf(["record", metric, value]).fails(65, message);
    }
    assert_eq!(state(&db), before);
}

#[test]
fn unknown_and_ambiguous_metrics_list_the_near_ones() {
    let db = with_metrics();
    db.execute(
        "INSERT INTO metric_catalogs (id, name, owner_id, is_active) VALUES
         ('00000000-0000-7000-8000-0000000000c1', 'Ours', '00000000-0000-7000-8000-00000000000a', TRUE);
         INSERT INTO metrics (metric_number, name, direction, csf_function, priority, catalog_id) VALUES
         ('PR-002', 'Patch age', 'lower_is_better', 'PR', 'High', '00000000-0000-7000-8000-0000000000c1')",
    );
    let before = state(&db);
    db.cmf(["record", "MFA covrage", "5"]).fails(2, "no metric is called `MFA covrage`; near it: PR-001 (MFA coverage)");
    db.cmf(["record", "zzz\u{1}", "5"]).fails(2, "no metric is called").fails(2, "hint: see `cmf metric list`");
    db.cmf(["record", "PR-002", "5"]).fails(2, "2 metrics are called `PR-002`").fails(2, "of catalog `Ours`");
    db.cmf(["record", "PR-001", "5", "--catalog", "ours"]).fails(2, "no metric is called `PR-001`");
    db.cmf(["record", "PR-001", "5", "--catalog", "theirs"]).fails(2, "no catalog is called `theirs`");
    db.cmf(["record", "PR-001", "5", "--by", "eve"]).fails(2, "no user is called `eve`");
    // Wrong data among wrong names are wrong data.
    db.cmf(["record", "zzz=5", "yyy=6"]).fails(2, "2 of 2 readings are refused");
    db.cmf(["record", "zzz=5", "PR-001=abc"]).fails(65, "2 of 2 readings are refused");
    assert_eq!(state(&db), before);
    db.cmf(["record", "PR-002", "5", "--catalog", "ours"]).ok();
    // The metrics of a catalog that is not active are found when it is named.
    db.execute("UPDATE metric_catalogs SET is_active = FALSE");
    db.cmf(["record", "PR-002", "6", "--catalog", "ours"]).ok();
    db.cmf(["record", "PR-002", "7"]).ok();
    assert_eq!(db.rows("SELECT value FROM metric_history ORDER BY value"), ["5.0000", "6.0000", "7.0000"]);
}

#[test]
fn what_is_neither_a_pair_nor_metric_and_value_is_a_usage_error() {
    let db = with_metrics();
    db.cmf(["record"]).fails(2, "required");
    db.cmf(["record", "PR-001"]).fails(2, "neither METRIC VALUE nor METRIC=VALUE");
    db.cmf(["record", "PR-001", "5", "6"]).fails(2, "neither METRIC VALUE nor METRIC=VALUE");
    db.cmf(["record", "PR-001", "5", "--tz", "Mars/Olympus"]).fails(2, "is not a time zone");
    db.cmf(["record", "PR-001", "5", "--file", "a.csv"]).fails(2, "cannot be used with");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
}

#[test]
fn a_repeat_is_skipped_and_a_conflict_refused_unless_said_otherwise() {
    let db = with_metrics();
    let at = ["--at", "2026-01-05T06:00:00Z"];
    let record = |value: &str, more: &[&str]| db.cmf(["record", "PR-001", value].iter().chain(&at).chain(more));
    record("95", &[]).ok();
    let repeated = record("95.0000", &["--format", "json"]).ok().json();
    assert_eq!(repeated["outcome"], "repeated");
    let before = state(&db);
    record("96", &[]).fails(65, "PR-001 has the value 95 at 2026-01-05T06:00:00Z already, not 96");
    assert_eq!(state(&db), before);
    let skipped = record("96", &["--on-conflict", "skip", "--format", "json"]).ok().json();
    assert_eq!(skipped["outcome"], "skipped");
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["95.0000"]);
    let replaced = record("96", &["--on-conflict", "replace", "--note", "mended", "--format", "json"]).ok().json();
    assert_eq!(replaced["outcome"], "replaced");
    let stored = "SELECT value, note, u.username FROM metric_history h LEFT JOIN users u ON u.id = h.recorded_by";
    assert_eq!(db.rows(stored), ["96.0000|mended|"]);
    // Who replaced it has recorded it, and a note of the old value is none of the new one.
    record("97", &["--on-conflict", "replace", "--by", "ada"]).ok();
    assert_eq!(db.rows(stored), ["97.0000||ada"]);
    record("96", &["--on-conflict", "replace"]).ok();
    assert_eq!(db.rows(stored), ["96.0000||"]);
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "96.0000");
}

#[test]
fn a_late_reading_never_overwrites_a_newer_one() {
    let db = with_metrics();
    db.cmf(["record", "PR-001", "97", "--at", "2026-02-01"]).ok();
    db.cmf(["record", "PR-001", "80", "--at", "2026-01-01"]).ok();
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "97.0000");
    db.cmf(["record", "PR-001", "98", "--at", "2026-03-01"]).ok();
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "98.0000");
    // Neither does an older one that is replaced, while the newest one does.
    for (value, day, current) in [("70", "2026-01-01", "98.0000"), ("99", "2026-03-01", "99.0000")] {
        db.cmf(["record", "PR-001", value, "--at", day, "--on-conflict", "replace"]).ok();
        assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), current, "{day}");
    }
    assert_eq!(db.rows("SELECT value FROM metric_history ORDER BY recorded_at"), ["70.0000", "97.0000", "99.0000"]);
}

#[test]
fn locked_metrics_and_future_times_are_refused_unless_asked_for() {
    let db = with_metrics();
    let before = state(&db);
    db.cmf(["record", "DE-001", "30"]).fails(65, "DE-001 is locked");
    db.cmf(["record", "PR-001", "30", "--at", "2999-01-01"]).fails(65, "more than 5 minutes in the future");
    db.cmf(["record", "PR-001", "30", "--at", "05.01.2026"]).fails(65, "is not a time such as");
    db.cmf(["record", "PR-001", "30", "--at", "2026-03-29T02:30", "--tz", "Europe/Berlin"]).fails(65, "never happens");
    assert_eq!(state(&db), before);
    db.cmf(["record", "DE-001", "30", "--override-lock"]).ok();
    db.cmf(["record", "PR-001", "30", "--at", "2999-01-01", "--allow-future"]).ok();
    db.cmf(["record", "PR-002", "30", "--at", "2026-07-01T06:00", "--tz", "Europe/Berlin"]).ok();
    assert_eq!(
        db.rows("SELECT recorded_at FROM metric_history WHERE metric_id <> '00000000-0000-7000-8000-000000000004' ORDER BY 1"),
        ["2026-07-01 04:00:00", "2999-01-01 00:00:00"]
    );
}

#[test]
fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let db = with_metrics();
    let before = state(&db);
    let run = db.cmf(["record", "PR-001", "97.5", "--dry-run", "-v"]).ok();
    assert!(run.stderr.contains("PR-001 97.5: would be stored"), "{}", run.stderr);
    piped(&db, &["record", "--file", "-", "--dry-run"], "metric,value\nPR-001,5\n").ok();
    assert_eq!(state(&db), before);
}

#[test]
fn a_file_is_stored_whole() {
    let db = with_metrics();
    let text = "metric,value,at,note,by\n\
                PR-001,90,2026-01-01,first,ada\n\
                Patch age,12,2026-01-01T06:00:00Z,,\n\
                PR-001,91,2026-01-08,,\n\
                PR-001,91,2026-01-08,,\n";
    let counts = piped(&db, &["record", "--file", "-", "--format", "json"], text).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"], &counts["metrics"]), (&3.into(), &1.into(), &2.into()));
    assert_eq!(
        db.rows(
            "SELECT m.metric_number, h.value, h.recorded_at, h.note, u.username FROM metric_history h
             JOIN metrics m ON m.id = h.metric_id LEFT JOIN users u ON u.id = h.recorded_by ORDER BY h.recorded_at"
        ),
        [
            "PR-001|90.0000|2026-01-01 00:00:00|first|ada",
            "PR-002|12.0000|2026-01-01 06:00:00||",
            "PR-001|91.0000|2026-01-08 00:00:00||"
        ]
    );
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "91.0000");
    let again = piped(&db, &["record", "--file", "-", "--format", "json"], text).ok().json();
    assert_eq!((&again["stored"], &again["repeated"]), (&0.into(), &4.into()));
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "2");
}

#[test]
fn every_refused_line_of_a_file_is_named_and_nothing_is_stored() {
    let db = with_metrics();
    db.cmf(["record", "PR-002", "3", "--at", "2026-01-01"]).ok();
    let before = state(&db);
    let text = "metric,value,at,by\n\
                PR-001,90,2026-01-01,\n\
                PR-009,90,2026-01-01,\n\
                PR-001,x,2026-01-01,\n\
                PR-001,90,01.01.2026,\n\
                PR-001,90,2026-01-02,eve\n\
                DE-001,90,2026-01-02,\n\
                PR-002,4,2026-01-01,\n\
                PR-001,1,234.5,2026-01-01,\n";
    let run = piped(&db, &["record", "--file", "-"], text).fails(65, "7 of 8 readings are refused, and nothing is stored");
    for line in [
        "row 3, column metric: no metric is called `PR-009`; near it: PR-00",
        "row 4, column value: the value `x` is not a number",
        "row 5, column at: the time `01.01.2026` is not a time",
        "row 6, column by: no user is called `eve`",
        "row 7, column metric: DE-001 is locked",
        "row 8, column value: PR-002 has the value 3 at 2026-01-01T00:00:00Z already, not 4",
        "row 9: the line has 5 cells where the header has 4",
    ] {
        assert!(run.stderr.contains(line), "no {line:?} in:\n{}", run.stderr);
    }
    assert_eq!(state(&db), before);
    let error: serde_json::Value = serde_json::from_str(
        piped(&db, &["record", "--file", "-", "--format", "json"], "metric,value\nPR-001,x\n").stderr.trim(),
    )
    .expect("JSON");
    assert_eq!(error["error"]["row"], 2);
    assert_eq!(error["error"]["column"], "value");
    assert_eq!(error["error"]["code"], 65);
}

#[test]
fn a_file_that_cannot_be_understood_is_refused() {
    let db = with_metrics();
    piped(&db, &["record", "--file", "-"], "").fails(65, "the file is empty");
    piped(&db, &["record", "--file", "-"], "a,b\n1,2\n").fails(65, "no column for the metric");
    db.cmf(["record", "--file", "/nonexistent/readings.csv"]).fails(65, "cannot read the file");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "0");
}

#[test]
fn the_bundled_readings_go_in_and_a_second_time_nothing_changes() {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         SELECT p || '-' || to_char(n, 'FM000'), 'Metric ' || p || n, 'higher_is_better', p, 'High'
         FROM unnest('{GV,ID,PR,DE,RS,RC}'::text[]) p, generate_series(1, 60) n",
    );
    let file = project("fixtures/readings/starter-csf-2.0.csv");
    let file = file.to_str().expect("UTF-8");
    let counts = db.cmf(["record", "--file", file, "--format", "json"]).ok().json();
    assert_eq!(counts["stored"], 7228);
    assert_eq!(
        db.one(
            "SELECT count(*) FROM metrics m WHERE current_value IS DISTINCT FROM
             (SELECT value FROM metric_history h WHERE h.metric_id = m.id ORDER BY recorded_at DESC LIMIT 1)"
        ),
        "0"
    );
    let counts = db.cmf(["record", "--file", file, "--format", "json"]).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"]), (&0.into(), &7228.into()));
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "7228");
}

#[test]
fn what_can_be_stored_is_stored_where_that_is_asked_for() {
    let db = with_metrics();
    db.cmf(["record", "PR-002", "3", "--at", "2026-01-01"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let rejects = folder.path().join("rejects");
    let path = rejects.to_str().expect("UTF-8");
    let text = "metric;value;at\nPR-001;90;2026-01-01\nPR-009;90;2026-01-01\nPR-002;4;2026-01-01\nPR-001;91;2026-01-08\n";
    // Nothing is stored without the option, and the refused lines are written all the same.
    piped(&db, &["record", "--file", "-", "--rejects", path], text).fails(65, "2 of 4 readings are refused");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    let run = piped(&db, &["record", "--file", "-", "--rejects", path, "--allow-partial", "--format", "json"], text);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!((&run.json()["stored"], &run.json()["refused"]), (&2.into(), &2.into()));
    assert!(run.stderr.contains("refused: row 3, column metric: no metric is called `PR-009`"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "3");
    let written = std::fs::read_to_string(&rejects).expect("the rejects");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "metric;value;at;reason");
    assert!(lines[1].starts_with("PR-009;90;2026-01-01;\"no metric is called"), "{written}");
    assert!(lines[2].starts_with("PR-002;4;2026-01-01;PR-002 has the value 3 at"), "{written}");
    // Mended, they can be recorded as they are: the column of reasons is in nobody's way.
    let mended = written.replace("PR-009", "RC-001").replace(";4;", ";3;");
    piped(&db, &["record", "--file", "-"], &mended).ok();
    piped(&db, &["record", "--file", "-", "--rejects", "/nonexistent/rejects"], text).fails(73, "cannot write the file");
    let run = db.cmf(["record", "PR-001=50", "PR-009=1", "--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "50.0000");
}

#[test]
fn json_lines_and_wide_sheets_are_recorded_too() {
    let db = with_metrics();
    let lines = "{\"metric\":\"PR-001\",\"value\":97.5,\"at\":\"2026-01-01T00:00:00Z\"}\n{\"kpi\":\"RC-001\",\"value\":true,\"date\":\"2026-01-01\"}\n";
    piped(&db, &["record", "--file", "-"], lines).ok();
    piped(&db, &["record", "--file", "-", "--wide"], "metric,2026-01-02,2026-01-03\nPR-001,98,\nPR-002,,5\n").ok();
    piped(&db, &["record", "--file", "-", "--wide"], "date\tPR-001\tPR-002\n2026-01-04\t99%\t6\n").ok();
    assert_eq!(
        db.rows("SELECT m.metric_number, h.value, h.recorded_at::date FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1, 3"),
        [
            "PR-001|97.5000|2026-01-01",
            "PR-001|98.0000|2026-01-02",
            "PR-001|99.0000|2026-01-04",
            "PR-002|5.0000|2026-01-03",
            "PR-002|6.0000|2026-01-04",
            "RC-001|1.0000|2026-01-01"
        ]
    );
    // Of a wide row only what is refused is written out, so that the mended row records nothing twice.
    let rejects = tempfile::NamedTempFile::new().expect("a file");
    let path = rejects.path().to_str().expect("UTF-8");
    let text = "metric,2026-01-05,2026-01-06,2026-01-07\nPR-001,95,soon,97\nPR-002,1,2,3\n";
    let run = piped(&db, &["record", "--file", "-", "--wide", "--allow-partial", "--rejects", path], text);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("row 2, column 2026-01-06: the value `soon`"), "{}", run.stderr);
    let written = std::fs::read_to_string(path).expect("the rejects");
    assert_eq!(written, "metric,2026-01-05,2026-01-06,2026-01-07,reason\nPR-001,,soon,,the value `soon` is not a number\n");
    let conflict = text.replace("95,soon,97", "95,96,98");
    piped(&db, &["record", "--file", "-", "--wide", "--rejects", path], &conflict).fails(65, "has the value 97 at 2026-01-07");
    let written = std::fs::read_to_string(path).expect("the rejects");
    assert!(written.ends_with("already, not 98 (--on-conflict replace or skip decides)\"\n"), "{written}");
    assert!(written.contains("\nPR-001,,,98,"), "{written}");
    piped(&db, &["record", "--file", "-", "--wide"], "metric,soon\nPR-001,5\n").fails(65, "the time `soon` is not a time");
    piped(&db, &["record", "--file", "-", "--wide"], "a,b\n1,2\n").fails(65, "no column for the metric");
    piped(&db, &["record", "--file", "-", "--wide"], lines).fails(2, "are never wide");
    piped(&db, &["record", "--file", "-"], "[{\"metric\":1}]").fails(65, "one JSON document");
}

#[test]
fn doubtful_values_are_named_and_refused_only_when_strict() {
    let db = with_metrics();
    let run = db.cmf(["record", "PR-001", "101"]).ok();
    assert!(run.stderr.contains("warning: PR-001: 101 is more than 100 %"), "{}", run.stderr);
    let before = state(&db);
    db.cmf(["record", "PR-001", "102", "--strict"]).fails(65, "102 is more than 100 %");
    db.cmf(["record", "DE-001", "401", "--strict", "--override-lock"]).fails(65, "more than 10 times the target 40");
    db.cmf(["record", "DE-001", "201", "--strict", "--override-lock", "--max-factor", "5"])
        .fails(65, "more than 5 times the target 40");
    db.cmf(["record", "RC-001", "2", "--strict"]).fails(65, "is neither 0 nor 1");
    db.cmf(["record", "PR-001", "5", "--max-percent", "0"]).fails(2, "not above zero");
    assert_eq!(state(&db), before);
    db.cmf(["record", "PR-001", "102", "--strict", "--max-percent", "110"]).ok();
    db.cmf(["record", "DE-001", "401", "--strict", "--override-lock", "--max-factor", "11"]).ok();
    db.cmf(["record", "PR-002", "1000000", "--strict"]).ok();
    db.cmf(["record", "PR-002", "-3", "--strict"]).ok();
}

#[test]
fn a_reading_is_taken_back_and_the_current_value_follows() {
    let db = with_metrics();
    db.cmf(["record", "PR-001", "90", "--at", "2026-01-01"]).ok();
    let newest =
        db.cmf(["record", "PR-001", "9", "--at", "2026-01-08", "--by", "ada", "--note", "mistyped", "--format", "json"]);
    let newest = newest.ok().json();
    let id = newest["id"].as_str().expect("an id");
    let before = state(&db);
    db.cmf(["record", "undo", "nonsense"]).fails(2, "no reading has the id `nonsense`");
    db.cmf(["record", "undo", "00000000-0000-7000-8000-000000000001"]).fails(2, "no reading has the id");
    db.execute("UPDATE metrics SET is_locked = TRUE");
    db.cmf(["record", "undo", id]).fails(65, "PR-001 is locked");
    db.execute("UPDATE metrics SET is_locked = FALSE WHERE metric_number <> 'DE-001'");
    assert_eq!(state(&db), before);
    db.cmf(["record", "undo", id, "--by", "ada"]).ok();
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "90.0000");
    assert_eq!(
        db.one("SELECT result ->> 'id' || ' ' || (result ->> 'value') || ' ' || (result ->> 'note') FROM ai_change_log WHERE action = 'reading.undo'"),
        format!("{id} 9 mistyped")
    );
    // Who had recorded it is kept with it.
    assert_eq!(
        db.one("SELECT u.username FROM ai_change_log a JOIN users u ON u.id::text = a.result ->> 'recorded_by' WHERE action = 'reading.undo'"),
        "ada"
    );
    assert_eq!(
        db.one("SELECT u.username FROM ai_change_log a JOIN users u ON u.id = a.user_id WHERE action = 'reading.undo'"),
        "ada"
    );
    db.cmf(["record", "undo", id]).fails(2, "no reading has the id");
    let first = db.one("SELECT id FROM metric_history");
    db.execute("UPDATE metrics SET is_locked = TRUE");
    db.cmf(["record", "undo", &first, "--override-lock"]).ok();
    assert_eq!(db.one("SELECT current_value IS NULL FROM metrics WHERE metric_number = 'PR-001'"), "t");
}

/// Numbers of every size and form, from a generator with a fixed seed so that a failure comes again.
fn random_numbers(count: u64) -> Vec<String> {
    let mut state: u64 = 20_261_123;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below).expect("a small number")
    };
    let digits = b"0123456789";
    (0..count)
        .map(|_| {
            let sign = ["", "-", "+"][next(3)];
            let whole: String = (0..next(11)).map(|_| char::from(digits[next(10)])).collect();
            let fraction: String = (0..next(9)).map(|_| char::from(digits[[next(10), 4, 5, 9][next(4)]])).collect();
            let exponent = if next(8) == 0 { format!("e-{}", next(12)) } else { String::new() };
            match (whole.is_empty(), fraction.is_empty()) {
                (true, true) => format!("{sign}0{exponent}"),
                (_, true) => format!("{sign}{whole}{exponent}"),
                _ => format!("{sign}{whole}.{fraction}{exponent}"),
            }
        })
        .collect()
}

#[test]
fn stored_values_are_what_postgres_makes_of_the_same_text() {
    let db = with_metrics();
    let mut text = "metric,value,at,note\n".to_owned();
    for (n, number) in random_numbers(100_000).iter().enumerate() {
        // The number's text is kept as the note, to be read by Postgres. The instants are out of order.
        let second = if n % 2 == 0 { n } else { 200_000 - n };
        text.push_str(&format!(
            "PR-002,{number},2020-01-{:02}T{:02}:{:02}:{:02}Z,{number}\n",
            second / 86_400 + 1,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60
        ));
    }
    let counts = piped(&db, &["record", "--file", "-", "--format", "json"], &text).ok().json();
    assert_eq!(counts["stored"], 100_000);
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE value IS DISTINCT FROM note::numeric(15, 4)"), "0");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE value::text <> note::numeric(15, 4)::text"), "0");
}

#[test]
fn readings_in_any_order_meet_those_of_the_file_and_of_the_database() {
    let db = with_metrics();
    // Every third instant is there already, with the value that the file gives it.
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT '00000000-0000-7000-8000-000000000001', n, '2026-01-01'::timestamp + n * interval '1 minute'
         FROM generate_series(0, 29999, 3) n",
    );
    let mut text = "metric,value,at\n".to_owned();
    for n in 0..30_000_u64 {
        let n = n * 17_389 % 30_000;
        text.push_str(&format!("PR-001,{n},2026-01-{:02}T{:02}:{:02}\n", n / 1440 + 1, n / 60 % 24, n % 60));
        if n % 100 == 0 {
            text.push_str(&format!("PR-001,{n}.0,2026-01-{:02}T{:02}:{:02}Z\n", n / 1440 + 1, n / 60 % 24, n % 60));
        }
    }
    let counts = piped(&db, &["record", "--file", "-", "--format", "json"], &text).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"]), (&20_000.into(), &10_300.into()));
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "30000");
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "29999.0000");
    // One that differs far down refuses the whole file.
    let before = db.one("SELECT count(*) FROM ai_change_log");
    let text = format!("{text}PR-002,1,2026-01-01\nPR-001,7,2026-01-01T00:08:00Z\n");
    piped(&db, &["record", "--file", "-"], &text).fails(65, "PR-001 has the value 8 at 2026-01-01T00:08:00Z already, not 7");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "30000");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), before);
}

#[test]
fn a_workbook_is_recorded_with_its_percent_and_date_cells() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("readings.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Readings").expect("a sheet");
    for (column, header) in (0..).zip(["Metric ID", "Value", "Date", "Comment"]) {
        sheet.write(0, column, header).expect("a header");
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let day = |day| ExcelDateTime::from_ymd(2026, 1, day).expect("a day");
    sheet.write(1, 0, "PR-001").expect("a cell");
    sheet.write_with_format(1, 1, 0.975, &Format::new().set_num_format("0.0%")).expect("a cell");
    sheet.write_with_format(1, 2, day(5), &date).expect("a cell");
    sheet.write(1, 3, "two\nlines").expect("a cell");
    // A blank row, and a row with a plain number.
    sheet.write(3, 0, "Patch age").expect("a cell");
    sheet.write(3, 1, 12.25).expect("a cell");
    sheet.write_with_format(3, 2, day(6), &date).expect("a cell");
    book.save(&path).expect("the workbook");
    let path = path.to_str().expect("UTF-8");
    db.cmf(["record", "--file", path]).ok();
    assert_eq!(
        db.rows("SELECT m.metric_number, h.value, h.recorded_at, h.note FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1"),
        ["PR-001|97.5000|2026-01-05 00:00:00|two lines", "PR-002|12.2500|2026-01-06 00:00:00|"]
    );
    db.cmf(["record", "--file", path, "--max-size", "0"]).fails(65, "more than 0 MB");
    db.cmf(["record", "--file", path, "--sheet", "none"]).fails(2, "has no sheet `none`");
    let mut book = Workbook::new();
    for name in ["A", "B"] {
        let sheet = book.add_worksheet().set_name(name).expect("a sheet");
        sheet.write(0, 0, "metric").and_then(|sheet| sheet.write(0, 1, "value")).expect("a header");
        sheet.write(2, 0, "PR-009").and_then(|sheet| sheet.write(2, 1, 5)).expect("a row");
    }
    book.save(path).expect("the workbook");
    db.cmf(["record", "--file", path]).fails(2, "the workbook has 2 sheets");
    db.cmf(["record", "--file", path, "--sheet", "b"]).fails(65, "row 3, column metric");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
}

/// Records a workbook that comes through a pipe.
fn workbook_piped(db: &Db, path: &std::path::Path, args: &[&str]) -> Run {
    let mut command = db.command();
    let bytes = std::fs::read(path).expect("the workbook");
    command.args(["record", "--file", "-"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    Run::from(child.wait_with_output().expect("the binary ends"))
}

#[test]
fn what_is_refused_of_a_workbook_is_written_as_a_workbook() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, rejects) = (folder.path().join("readings.xlsx"), folder.path().join("rejects.xlsx"));
    let name = rejects.to_str().expect("UTF-8");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let percent = rust_xlsxwriter::Format::new().set_num_format("0.0%");
    for (row, (metric, value)) in
        (0..).zip([("Metric ID", "Value"), ("PR-001", ""), ("PR-009", ""), ("PR-002", "n/a, \"soon\"")])
    {
        sheet.write(row, 0, metric).and_then(|sheet| sheet.write(row, 1, value)).expect("a row");
    }
    sheet
        .write_with_format(1, 1, 0.975, &percent)
        .and_then(|sheet| sheet.write_with_format(2, 1, 0.5, &percent))
        .expect("cells");
    book.save(&path).expect("the workbook");

    let run = workbook_piped(&db, &path, &["--allow-partial", "--rejects", name]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["97.5000"]);
    let mut written: Xlsx<_> = open_workbook(&rejects).expect("a workbook");
    let rows: Vec<Vec<Data>> = written.worksheet_range("Rejects").expect("its sheet").rows().map(<[Data]>::to_vec).collect();
    let text = |row: usize, column: usize| rows[row][column].to_string();
    assert_eq!((text(0, 0), text(0, 1), text(0, 2)), ("Metric ID".into(), "Value".into(), "reason".into()));
    assert_eq!((text(1, 0), &rows[1][1]), ("PR-009".into(), &Data::Float(0.5)));
    assert_eq!((text(2, 0), text(2, 1)), ("PR-002".into(), "n/a, \"soon\"".into()));
    assert!(text(1, 2).starts_with("no metric is called `PR-009`") && text(2, 2).contains("is not a number"), "{rows:?}");
    // It is a file of readings like any other, refused for the same reasons.
    db.cmf(["record", "--file", name]).fails(65, "the value `n/a, \"soon\"` is not a number").fails(65, "2 of 2 readings");
    let text = folder.path().join("rejects.csv");
    let text_name = text.to_str().expect("UTF-8");
    db.cmf(["record", "--file", path.to_str().expect("UTF-8"), "--rejects", text_name]).fails(65, "2 of 3 readings");
    assert!(std::fs::read_to_string(&text).expect("the rejects").starts_with("Metric ID,Value,reason\nPR-009,50%,"));
    piped(&db, &["record", "--file", "-", "--rejects", name], "metric,value\nPR-009,5\n")
        .fails(2, "have the form of the input");
}

#[test]
fn values_offsets_and_targets_may_begin_with_a_hyphen() {
    let db = with_metrics();
    db.cmf(["record", "PR-002", "-5", "--at", "2026-01-01", "--tz", "-05:00"]).ok();
    db.cmf(["record", "--at", "2026-01-02", "PR-002=-0.5", "--note", "-5", "--tz", "-0330"]).ok();
    assert_eq!(
        db.rows("SELECT value, recorded_at, note FROM metric_history ORDER BY recorded_at"),
        ["-5.0000|2026-01-01 05:00:00|", "-0.5000|2026-01-02 03:30:00|-5"]
    );
    db.cmf(["history", "PR-002", "--from", "2026-01-01", "--tz", "-05:00"]).ok();
    db.cmf(["metric", "set", "PR-002", "--target", "-5"]).ok();
    db.cmf(["record", "PR-002", "-5%"]).fails(2, "METRIC=-5%");
    // An option that was mistyped does not become a value.
    db.cmf(["record", "PR-002", "7", "--note", "--at"]).fails(2, "a value is required for '--note <TEXT>'");
}

#[test]
fn long_wrong_names_are_neither_compared_nor_repeated() {
    let db = with_metrics();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let names = (0..5).map(|n| format!("{},1,2026-01-01\n", format!("MFA {n} ").repeat(160_000))).collect::<String>();
    std::fs::write(file.path(), format!("metric,value,at\n{names}PR-001,{},\n", "x".repeat(500_000))).expect("a file");
    let path = file.path().to_str().expect("UTF-8");
    let run = db.cmf(["record", "--file", path]).fails(65, "no metric is called `MFA 0 MFA 0");
    assert!(run.stderr.contains("...`") && run.stderr.len() < 5_000, "{} bytes", run.stderr.len());
    let long = "x".repeat(100_000);
    for args in [
        &["record", &long, "1"][..],
        &["record", "PR-001", &long],
        &["record", "PR-001", "1", "--at", &long],
        &["record", "PR-001", "1", "--by", &long],
        &["record", "PR-001", "1", "--catalog", &long],
        &["record", "PR-001", "1", "--tz", &long],
        &["record", "PR-001", "1", "--statement-timeout", &long],
        &["record", "PR-001", "1", &format!("--{long}")],
        &["history", &long],
        &["metric", "show", &long],
        &["metric", "list", "--function", &long],
        &["metric", "list", "--columns", &long],
        &["catalog", "show", &long],
        &["framework", "show", &long],
        &["audit", "list", "--action", &long],
        &["audit", "list", "--since", &long],
        &["score", "--framework", &long],
        &[long.as_str()],
    ] {
        let run = db.cmf(args);
        assert!(run.code != 0 && !run.stderr.is_empty() && run.stderr.len() < 2_000, "{:?}: {}", &args[..1], run.stderr.len());
    }
}

#[test]
fn a_reading_waits_five_seconds_for_a_lock_whichever_way_it_comes() {
    let db = with_metrics();
    db.execute(
        "CREATE TABLE seen (what text, lock_timeout text);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO seen VALUES (TG_OP, current_setting('lock_timeout')); RETURN NULL; END $$;
         CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON metric_history EXECUTE FUNCTION see()",
    );
    let one = db.cmf(["record", "PR-001", "1", "--at", "2026-01-01", "--format", "json"]).ok().json();
    db.cmf(["record", "PR-001=2", "PR-002=3", "--at", "2026-01-02", "--by", "ada"]).ok();
    db.cmf(["record", "PR-001", "4", "--at", "2026-01-02", "--on-conflict", "replace"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("readings.csv");
    std::fs::write(&file, "metric,value,at\nPR-001,5,2026-01-03\n").expect("written");
    db.cmf(["record", "--file", file.to_str().expect("a path")]).ok();
    db.cmf(["record", "undo", one["id"].as_str().expect("an id")]).ok();
    assert_eq!(
        db.rows("SELECT what, lock_timeout, count(*) > 0 FROM seen GROUP BY 1, 2 ORDER BY 1"),
        ["DELETE|5s|t", "INSERT|5s|t", "UPDATE|5s|t"]
    );
}

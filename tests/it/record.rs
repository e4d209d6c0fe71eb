//! `cmf record`.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Db, Run};

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
pub fn state(db: &Db) -> Vec<String> {
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
            "record", "PR-001", "97.5", "--at", "2026-01-05T06:00:00+01:00", "--note", "after rollout", "--by", "ada",
            "--format", "json",
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
    db.cmf(["record", "PR-001=97.5%", "PR-002=abc", "RC-001=yes"]).fails(65, "PR-002: the value `abc` is not a number");
    db.cmf(["record", "PR-001=1", "PR-002=abc", "RC-001=maybe"]).fails(65, "2 of 3 readings are refused");
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
        ("PR-001", "97,5", "does not separate thousands"),
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
    db.cmf(["record", "MFA covrage", "5"]).fails(2, "there is no metric `MFA covrage`; similar: PR-001 (MFA coverage)");
    db.cmf(["record", "zzz\u{1}", "5"]).fails(2, "there is no metric").fails(2, "`cmf metric list` shows the metrics");
    db.cmf(["record", "PR-002", "5"]).fails(2, "2 metrics are called `PR-002`").fails(2, "of catalog `Ours`");
    db.cmf(["record", "PR-001", "5", "--catalog", "ours"]).fails(2, "there is no metric `PR-001`");
    db.cmf(["record", "PR-001", "5", "--catalog", "theirs"]).fails(2, "there is no catalog `theirs`");
    db.cmf(["record", "PR-001", "5", "--by", "eve"]).fails(2, "there is no user `eve`");
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
    db.cmf(["record"]).fails(2, "missing argument");
    db.cmf(["record", "PR-001"]).fails(2, "not METRIC VALUE or METRIC=VALUE");
    db.cmf(["record", "PR-001", "5", "6"]).fails(2, "not METRIC VALUE or METRIC=VALUE");
    db.cmf(["record", "PR-001=5", "7"]).fails(2, "not METRIC VALUE or METRIC=VALUE");
    db.cmf(["record", "PR-001", "5", "--tz", "Mars/Olympus"]).fails(2, "is not a time zone");
    db.cmf(["record", "PR-001", "5", "--file", "a.csv"]).fails(2, "cannot be combined");
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
    record("96", &[]).fails(65, "PR-001 already has the value 95 at 2026-01-05T06:00:00Z, not 96");
    assert_eq!(state(&db), before);
    let skipped = record("96", &["--on-conflict", "skip", "--format", "json"]).ok().json();
    assert_eq!(skipped["outcome"], "skipped");
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["95.0000"]);
    let replaced = record("96", &["--on-conflict", "replace", "--note", "fixed", "--format", "json"]).ok().json();
    assert_eq!(replaced["outcome"], "replaced");
    let stored = "SELECT value, note, u.username FROM metric_history h LEFT JOIN users u ON u.id = h.recorded_by";
    assert_eq!(db.rows(stored), ["96.0000|fixed|"]);
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
    db.cmf(["record", "DE-001", "30"]).fails(65, "DE-001 is locked").fails(65, "`cmf metric unlock DE-001` unlocks it");
    db.cmf(["record", "PR-001", "30", "--at", "2999-01-01"]).fails(65, "more than 5 minutes in the future");
    db.cmf(["record", "PR-001", "30", "--at", "05.01.2026"]).fails(65, "is not a time such as");
    db.cmf(["record", "PR-001", "30", "--at", "2026-03-29T02:30", "--tz", "Europe/Berlin"]).fails(65, "does not exist");
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
fn doubtful_values_are_named_and_refused_only_when_strict() {
    let db = with_metrics();
    let run = db.cmf(["record", "PR-001", "101"]).ok();
    assert!(run.stderr.contains("warning: PR-001: 101 is more than 100 %"), "{}", run.stderr);
    let before = state(&db);
    db.cmf(["record", "PR-001", "102", "--strict"])
        .fails(65, "102 is more than 100 %")
        .fails(65, "leave out --strict if it is right, or raise --max-percent\n");
    db.cmf(["record", "DE-001", "401", "--strict", "--override-lock"]).fails(65, "more than 10 times the target 40");
    db.cmf(["record", "DE-001", "201", "--strict", "--override-lock", "--max-factor", "5"])
        .fails(65, "more than 5 times the target 40");
    db.cmf(["record", "RC-001", "2", "--strict"]).fails(65, "is neither 0 nor 1");
    db.cmf(["record", "PR-001", "5", "--max-percent", "0"]).fails(2, "must be above 0");
    assert_eq!(state(&db), before);
    db.cmf(["record", "PR-001", "102", "--strict", "--max-percent", "110"]).ok();
    db.cmf(["record", "DE-001", "401", "--strict", "--override-lock", "--max-factor", "11"]).ok();
    db.cmf(["record", "PR-002", "1000000", "--strict"]).ok();
    db.cmf(["record", "PR-002", "-3", "--strict", "--max-jump", "1000000"]).ok();
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
    let run = db.cmf(["record", "--file", path]).fails(65, "there is no metric `MFA 0 MFA 0");
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
        "CREATE TABLE seen (what text, lock_timeout text, statement_timeout text);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO seen VALUES (TG_OP, current_setting('lock_timeout'), current_setting('statement_timeout')); RETURN NULL; END $$;
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
        db.rows("SELECT DISTINCT what, lock_timeout, statement_timeout FROM seen ORDER BY 1"),
        ["DELETE|5s|30s", "INSERT|5s|30s", "UPDATE|5s|30s"]
    );
}

#[test]
fn of_many_refused_lines_the_first_are_named_and_the_rejects_have_all() {
    let db = with_metrics();
    let rejects = tempfile::NamedTempFile::new().expect("a file");
    let path = rejects.path().to_str().expect("UTF-8");
    let lines: String = (1..=60).map(|n| format!("PR-001,x{n}\n")).collect();
    let run = piped(&db, &["record", "--file", "-", "--force", "--rejects", path], &format!("metric,value\n{lines}"));
    let run = run.fails(65, "60 of 60 readings are refused");
    let named = run.stderr.lines().filter(|line| line.starts_with("  row ")).count();
    assert!(named == 20 && run.stderr.contains("and 40 more"), "{named}: {}", run.stderr);
    let written = std::fs::read_to_string(path).expect("the rejects");
    assert!(
        (1..=60).all(|n| written.contains(&format!("\nPR-001,x{n},PR-001: the value `x{n}` is not a number"))),
        "{written}"
    );
}

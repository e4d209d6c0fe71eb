//! `cmf record METRIC -- COMMAND`: a reading that a command tells, with evidence of how it went.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::record::{state, with_metrics};
use crate::record_faults::{nowhere, on};
use crate::support::{Db, Run, let_pass, wait_until};

fn told(db: &Db, options: &[&str], script: &str) -> Run {
    let words = ["record", "PR-001"].into_iter().chain(options.iter().copied()).chain(["--", "sh", "-c", script]);
    db.cmf(words.collect::<Vec<_>>())
}

fn evidence(db: &Db) -> serde_json::Value {
    let text = db.one("SELECT (result->'evidence')::text FROM ai_change_log ORDER BY timestamp DESC LIMIT 1");
    serde_json::from_str(&text).expect("the evidence")
}

#[test]
fn the_number_that_a_command_writes_is_stored_with_evidence() {
    let db = with_metrics();
    let run = told(&db, &["--at", "2026-01-05", "--note", "nightly", "--by", "ada"], "echo ' 97.5 %'; echo slow >&2").ok();
    assert!(run.stderr.contains("sh: slow"), "{run:?}");
    assert_eq!(
        db.rows("SELECT value, recorded_at, note, recorded_by IS NOT NULL FROM metric_history"),
        ["97.5000|2026-01-05 00:00:00|nightly|t"]
    );
    let kept = evidence(&db);
    assert_eq!(kept["command"], serde_json::json!(["sh", "-c", "echo ' 97.5 %'; echo slow >&2"]));
    assert_eq!((&kept["exit"], &kept["bytes"]), (&0.into(), &8.into()));
    // Of ` 97.5 %` and the end of its line.
    assert_eq!(kept["sha256"], "e54b33d439ce0b4ad0294d07e71d32358301bdb597d98e4774532d175535dc8e");
    assert!(kept["duration_ms"].is_u64(), "{kept}");
    // Further readings have no evidence, and the trail is whole.
    db.cmf(["record", "PR-001", "98"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE result ? 'evidence'"), "1");
    db.cmf(["audit", "verify"]).ok();
    // A dry run runs the command and stores nothing.
    told(&db, &["--dry-run", "-v"], "echo 99").ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
    // What looks like a password is not kept.
    db.cmf(["record", "PR-001", "--", "sh", "-c", "echo 96", "mfa", "--token", "hunter2", "https://ada:hunter2@h/"]).ok();
    assert_eq!(
        evidence(&db)["command"],
        serde_json::json!(["sh", "-c", "echo 96", "mfa", "--token", "***", "https://ada:***@h/"])
    );
}

#[test]
fn a_pointer_finds_the_value_in_json() {
    let db = with_metrics();
    let json = r#"{"a": {"b/c": [1, {"v": 91.25}]}, "t": "92", "n": null, "yes": true}"#;
    let at = |pointer: &str| told(&db, &["--pointer", pointer, "--format", "json"], &format!("echo '{json}'"));
    assert_eq!(at("/a/b~1c/1/v").ok().json()["value"], 91.25);
    assert_eq!(at("/t").ok().json()["value"], 92.0);
    let before = state(&db);
    at("/n").fails(65, "/n is null");
    at("/a").fails(65, "/a is not one value");
    at("/x").fails(65, "there are: /a, /t, /n, /yes");
    at("/yes").fails(65, "not binary");
    at("a").fails(2, "begins with `/`");
    told(&db, &["--pointer", "/a"], "echo '{\"a\": 1} {\"a\": 2}'").fails(65, "not JSON");
    told(&db, &[], "printf '{\\n\"a\": 1}\\n'").fails(65, "--pointer /value");
    assert_eq!(state(&db), before);
}

#[test]
fn a_command_that_does_not_tell_one_number_stores_nothing_and_says_how_it_went() {
    let db = with_metrics();
    let before = state(&db);
    let run = told(&db, &[], "echo 5; echo 'no login' >&2; exit 1").fails(65, "PR-001: the command failed with exit 1");
    let sha = "f0b5c2c2211c8d67ed15e75e656c7862d086e9245420892a7de62cd9ec582a06";
    for part in ["sh -c \"echo 5; exit 1\"", "exit 1 after ", " 2 bytes of output", sha] {
        let run = told(&db, &[], "echo 5; exit 1").fails(65, "Nothing was changed.");
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
    assert!(run.stderr.contains("it said: no login"), "{run:?}");
    let run = told(&db, &["--format", "json"], "echo 5; exit 7").fails(65, "");
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object");
    assert_eq!(error["error"]["evidence"]["exit"], 7, "{error}");
    for (script, why) in [
        ("echo 5; kill -9 $$", "ended by signal 9"),
        ("echo 5; echo 6", "has 2 lines"),
        ("echo 5 6", "is not a number"),
        ("echo PR-001: 5", "is not a number"),
        ("echo NaN", "not a finite number"),
        ("echo 1_000", "underscores"),
        ("echo null", "PR-001: the value `null`"),
        ("echo N/A", "is not a number"),
        (":", "wrote nothing"),
        ("echo", "wrote nothing"),
        ("printf '\\377'", "not UTF-8"),
        ("cat /dev/zero", "more than 16 MB"),
        ("cat", "wrote nothing"),
    ] {
        let run = told(&db, &[], script).fails(65, why);
        assert!(run.stderr.contains("SHA-256"), "{script}: {run:?}");
    }
    db.cmf(["record", "PR-001", "--", "/no/such/program"]).fails(65, "cannot be run");
    db.cmf(["record", "XX-999", "--", "echo", "5"]).fails(2, "XX-999");
    for (words, why) in [
        (&["PR-001", "97", "--", "echo", "5"][..], "the reading of one metric"),
        (&["PR-001=97", "--", "echo", "5"], "the reading of one metric"),
        (&["--", "PR-001", "5"], "missing argument"),
        (&["PR-001", "--file", "-", "--", "echo", "5"], "cannot be used with"),
        (&["PR-001", "97", "--pointer", "/a"], "COMMAND"),
        (&["PR-001", "97", "--timeout", "1s"], "COMMAND"),
    ] {
        db.cmf(["record"].iter().chain(words)).fails(2, why);
    }
    assert_eq!(state(&db), before);
}

/// The process whose number is in a file.
fn noted(file: &std::path::Path) -> Option<Pid> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok().and_then(Pid::from_raw)
}

/// Whether it runs; what nobody has collected yet does not.
fn runs(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(pid).is_ok() && !stat.contains(") Z ")
}

#[test]
fn what_takes_too_long_dies_with_all_that_it_started() {
    let db = with_metrics();
    let before = state(&db);
    let folder = tempfile::tempdir().expect("a folder");
    for (number, tail) in [" & wait", " & exit 0"].iter().enumerate() {
        let note = folder.path().join(number.to_string());
        // What it leaves behind holds the output open: more may come.
        let script = format!("echo 5; sh -c 'echo $$ > {}; exec sleep 1000'{tail}", note.display());
        told(&db, &["--timeout", "1s"], &script).fails(65, "stopped after 1 s");
        let pid = noted(&note).expect("it ran");
        wait_until("the end of what it started", || !runs(pid));
    }
    assert_eq!(state(&db), before);
    told(&db, &["--timeout", "0s"], "echo 5").ok();
}

#[test]
fn a_signal_ends_the_command_and_all_that_it_started() {
    let db = with_metrics();
    let before = state(&db);
    let folder = tempfile::tempdir().expect("a folder");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let note = folder.path().join(code.to_string());
        let script = format!("sh -c 'echo $$ > {}; exec sleep 1000' & wait; echo 5", note.display());
        let mut command = db.command();
        command.args(["record", "PR-001", "--timeout", "0s", "--", "sh", "-c", &script]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        wait_until("its child", || noted(&note).is_some_and(runs));
        let own = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(own, signal).expect("the signal is sent");
        Run::from(child.wait_with_output().expect("an end")).fails(code, "");
        let pid = noted(&note).expect("it ran");
        wait_until("the end of what it started", || !runs(pid));
    }
    assert_eq!(state(&db), before);
}

#[test]
fn a_spool_keeps_the_evidence_with_the_reading() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "--spool", folder, "--", "echo", "97.5"]).fails(75, "kept");
    // A command that fails keeps nothing.
    on(&nowhere(), &["record", "PR-001", "--spool", folder, "--", "sh", "-c", "echo 5; exit 1"]).fails(65, "exit 1");
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["97.5000"]);
    assert_eq!(evidence(&db)["command"], serde_json::json!(["echo", "97.5"]));
}

fn killed(rounds: u64) {
    let db = with_metrics();
    let start = std::time::Instant::now();
    told(&db, &[], "echo 1; exit 1").fails(65, "exit 1");
    let life = u64::try_from(start.elapsed().as_micros()).expect("a moment").max(1000) * 2;
    for round in 1..=rounds {
        let fails = round % 4 == 0;
        let script = if fails { format!("echo {round}; exit 1") } else { format!("echo {round}") };
        let mut command = db.command();
        command.args(["record", "PR-002", "--format", "json", "--", "sh", "-c", &script]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let_pass(Duration::from_micros(life * (round * 7919 % 120) / 100));
        let _ = child.kill();
        let output = child.wait_with_output().expect("an end");
        // A killed client's transaction ends when the server notices; a lock on its rows waits for that.
        db.execute("SELECT count(*) FROM (SELECT id FROM metrics FOR UPDATE) locked");
        let stored = db.one(&format!("SELECT count(*) FROM metric_history WHERE value = {round}"));
        let kept = db.one(&format!(
            "SELECT count(*) FROM ai_change_log WHERE result->'evidence'->'command'->>2 = '{script}' AND result->>'stored' = '1'"
        ));
        assert_eq!(stored, kept, "round {round}: the reading and its evidence");
        if fails {
            assert_eq!(stored, "0", "round {round}");
        } else if output.status.success() {
            assert_eq!(stored, "1", "round {round}");
        }
        let is_current = db.one(
            "SELECT current_value IS NOT DISTINCT FROM (SELECT value FROM metric_history h WHERE h.metric_id = m.id
             ORDER BY recorded_at DESC LIMIT 1) FROM metrics m WHERE metric_number = 'PR-002'",
        );
        assert_eq!(is_current, "t", "round {round}");
    }
}

#[test]
fn killed_while_a_command_runs_it_stores_all_or_nothing() {
    killed(16);
}

/// The long form: `cargo nextest run --run-ignored only a_thousand_killed_while_a_command_runs`.
#[test]
#[ignore = "takes a minute"]
fn a_thousand_killed_while_a_command_runs_store_all_or_nothing() {
    killed(1000);
}

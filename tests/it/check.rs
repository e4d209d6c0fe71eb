//! `cmf check`: what is found, whom it is told to, and that it is told once.

use std::fs;
use std::path::Path;

use quick_xml::events::Event;

use crate::support::{Db, Run};

/// Three metrics of the default library, as they should be.
fn with_good_metrics() -> Db {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (id, metric_number, name, unit, direction, target_value, csf_function, priority, is_locked) VALUES
         ('00000000-0000-7000-8000-000000000001', 'PR-001', 'MFA coverage', '%', 'higher_is_better', 95, 'PR', 'High', FALSE),
         ('00000000-0000-7000-8000-000000000002', 'PR-002', 'Patch age', 'days', 'lower_is_better', 14, 'PR', 'High', FALSE),
         ('00000000-0000-7000-8000-000000000003', 'RC-001', 'Restore test done', NULL, 'binary', 1, 'RC', 'Low', FALSE)",
    );
    db.cmf(["record", "PR-001=97", "PR-002=10", "RC-001=yes"]).ok();
    db
}

fn check(db: &Db, args: &[&str]) -> Run {
    db.cmf(["check", "--default"].iter().chain(args))
}

/// The rules and codes of what is found.
fn found(db: &Db, args: &[&str]) -> Vec<String> {
    let run = check(db, &[args, &["--columns", "rule,code", "--format", "csv"]].concat()).ok();
    run.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn each_rule_finds_its_own_and_the_exit_code_says_so() {
    let db = with_good_metrics();
    assert_eq!(found(&db, &[]), Vec::<String>::new());
    check(&db, &["--exit-code"]).ok();
    db.cmf(["record", "PR-001", "90"]).ok();
    assert_eq!(found(&db, &[]), ["below_target,PR-001"]);
    let run = check(&db, &["--exit-code", "--format", "json"]).fails(4, "");
    assert_eq!(run.json()[0]["finding"], "90 % misses the target 95: its score is 94.74");
    assert_eq!((&run.json()[0]["value"], &run.json()[0]["name"]), (&90.into(), &"MFA coverage".into()));
    check(&db, &["--exit-code", "--rule", "stale,jumped"]).ok();
    check(&db, &["--rule", "late"]).fails(2, "stale");
    // Long ago, and never.
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '100 days' WHERE value = 10");
    assert_eq!(found(&db, &["--rule", "stale"]), Vec::<String>::new());
    assert_eq!(found(&db, &["--rule", "stale", "--stale-after", "99d"]), ["stale,PR-002"]);
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '100 days' WHERE value = 10");
    assert_eq!(found(&db, &["--rule", "stale"]), ["stale,PR-002"]);
    // A jump, which is judged by the readings before it.
    let day = |day: usize| format!("2026-01-{:02}", day + 1);
    for (at, value) in ["5", "6", "5", "7", "5", "6", "5"].iter().enumerate() {
        db.cmf(["record", "PR-002", value, "--at", &day(at), "--on-conflict", "replace"]).ok();
    }
    db.execute("DELETE FROM metric_history WHERE value = 10");
    db.cmf(["record", "PR-002", "12", "--at", "2026-02-01"]).ok();
    assert_eq!(found(&db, &["--rule", "jumped"]), Vec::<String>::new());
    assert_eq!(found(&db, &["--rule", "jumped", "--max-jump", "4"]), ["jumped,PR-002"]);
    db.cmf(["record", "PR-002", "600", "--at", "2026-02-02"]).ok();
    assert_eq!(found(&db, &["--rule", "jumped"]), ["jumped,PR-002"]);
    db.cmf(["record", "PR-001", "120"]).ok();
    assert_eq!(found(&db, &["--rule", "doubtful"]), ["doubtful,PR-001"]);
    assert_eq!(found(&db, &["--rule", "doubtful", "--max-percent", "120"]), Vec::<String>::new());
    assert_eq!(found(&db, &["--rule", "doubtful", "--max-percent", "120", "--max-factor", "1.2"]), ["doubtful,PR-001"]);
    check(&db, &["--framework", "none"]).fails(2, "none");
    db.execute("UPDATE metrics SET csf_function = 'XX' WHERE metric_number = 'RC-001'");
    assert_eq!(found(&db, &["--rule", "unmapped"]), ["unmapped,RC-001"]);
    let run = check(&db, &["--exit-code"]).fails(4, "");
    for part in ["below_target", "stale", "jumped", "doubtful", "unmapped"] {
        assert!(run.stdout.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn a_direction_that_nobody_said_is_found_in_the_catalog_that_is_checked() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = folder.path().join("sheet.csv");
    fs::write(
        &sheet,
        "Metric Number,Name,Target,Unit,Current Value,CSF Category,Frequency\nK-1,Mean time to patch,14,days,10,PR.PS,weekly\n",
    )
    .expect("a sheet");
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    db.cmf(["import", sheet.to_str().expect("UTF-8"), "--owner", "ada", "--name", "Ours", "--activate"]).ok();
    let run = db.cmf(["check", "--catalog", "Ours", "--rule", "assumed_direction,unmapped", "--format", "json"]).ok();
    assert_eq!(run.json()[0]["rule"], "assumed_direction", "{run:?}");
    assert_eq!(run.json().as_array().expect("rows").len(), 1, "{run:?}");
    // Its own frequency tells when it is stale.
    db.cmf(["record", "K-1", "9"]).ok();
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '11 days'");
    let run = db.cmf(["check", "--owner", "ada", "--rule", "stale", "--format", "json"]).ok();
    assert_eq!(run.json()[0]["finding"], "no reading for 11 days, and its frequency is weekly", "{run:?}");
    db.cmf(["check", "--catalog", "Theirs"]).fails(2, "Theirs");
}

#[test]
fn scores_are_held_against_minimums_and_against_the_last_ones() {
    let db = with_good_metrics();
    db.cmf(["score", "--default"]).ok();
    assert_eq!(found(&db, &["--rule", "low_score,fallen_score", "--min", "97", "--max-fall", "0"]), Vec::<String>::new());
    db.cmf(["record", "PR-001", "47.5"]).ok();
    let with = |more: &[&str]| {
        let rule = if more.contains(&"--max-fall") { "fallen_score" } else { "low_score" };
        found(&db, &[&["--rule", rule], more].concat())
    };
    assert_eq!(with(&["--min", "90", "--min-function", "pr=75", "--min-function", "RC=99"]), ["low_score,"]);
    assert_eq!(with(&["--min", "75", "--min-function", "PR=76"]), ["low_score,PR"]);
    assert_eq!(with(&["--max-fall", "10"]), ["fallen_score,", "fallen_score,PR"]);
    assert_eq!(with(&["--max-fall", "13"]), ["fallen_score,PR"]);
    // What is stored meanwhile is compared with what was before it.
    db.cmf(["score", "--default"]).ok();
    assert_eq!(with(&["--max-fall", "13"]), ["fallen_score,PR"]);
    assert_eq!(with(&["--max-fall", "25"]), Vec::<String>::new());
    check(&db, &["--min-function", "XX=1"]).fails(2, "no function `XX`");
    for (rule, hint) in [("low_score", "give --min or --min-function"), ("fallen_score", "give --max-fall")] {
        let run = check(&db, &["--rule", rule]).fails(2, &format!("the rule {rule} needs a limit to compare with"));
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
    for wrong in [["--min", "101"], ["--min-function", "PR=-1"], ["--max-fall", "x"]] {
        check(&db, &wrong).fails(2, "from 0 to 100");
    }
    // By weights and by how metrics become a function's score.
    db.execute(
        "UPDATE metrics SET priority = 'Low', csf_category = 'PR.DS' WHERE metric_number = 'PR-002';
         UPDATE metrics SET csf_category = 'PR.AA' WHERE metric_number = 'PR-001'",
    );
    assert_eq!(with(&["--min-function", "PR=75"]), Vec::<String>::new());
    assert_eq!(with(&["--min-function", "PR=62", "--rollup", "metric"]), ["low_score,PR"]);
    assert_eq!(with(&["--min-function", "PR=61", "--rollup", "metric"]), Vec::<String>::new());
    assert_eq!(with(&["--min-function", "PR=61", "--rollup", "metric", "--weight", "High=3"]), ["low_score,PR"]);
    // Nothing that can be scored is not enough.
    db.execute("UPDATE metrics SET target_value = NULL, direction = 'higher_is_better'");
    assert_eq!(with(&["--min", "0"]), ["low_score,"]);
}

#[test]
fn a_profile_has_the_rules() {
    let db = with_good_metrics();
    db.cmf(["record", "PR-001", "47.5"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let told = folder.path().join("told");
    let file = folder.path().join("config.toml");
    let with = |text: &str, args: &[&str]| {
        fs::write(&file, format!("[profile.default]\n{text}\n")).expect("a file");
        let mut command = db.command();
        command.env("CMF_CONFIG", &file).args(args);
        crate::support::run(&mut command)
    };
    let check = ["check", "--default", "--exit-code", "--columns", "rule,code", "--format", "csv"];
    let run = with("rules = [\"low_score\"]\nmin_score = 90\nmin_functions = { PR = 80, RC = 10.5 }", &check).fails(4, "");
    assert_eq!(run.stdout, "rule,code\nlow_score,\nlow_score,PR\n");
    with("rules = [\"low_score\"]\nmin_score = 90", &["check", "--default", "--exit-code", "--min", "10"]).ok();
    // `score check` has the same minimum.
    with("min_score = 90", &["score", "check", "--default"]).fails(4, "");
    let script = script(folder.path(), &format!("cat > {}", told.display()));
    with(&format!("rules = [\"below_target\"]\nnotify_command = \"{script}\""), &["check", "--default"]).ok();
    assert!(fs::read_to_string(&told).expect("it was told").contains("PR-001"));
    for (wrong, why) in [
        ("rules = 3", "is not a list"),
        ("rules = [\"late\"]", "late"),
        ("min_score = \"x\"", "is not a number"),
        ("min_functions = 3", "is not a table"),
        ("max_fall = 200", "from 0 to 100"),
    ] {
        let run = with(wrong, &["check", "--default"]);
        assert!(run.code != 0 && run.stderr.contains(why), "{wrong}: {run:?}");
    }
}

#[test]
fn what_was_looked_at_is_written_for_build_servers() {
    let db = with_good_metrics();
    db.execute("UPDATE metrics SET name = 'A <b> & \"c\" \u{1}' WHERE metric_number = 'PR-001'");
    db.cmf(["record", "PR-001", "47.5"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("check.xml");
    let file = path.to_str().expect("UTF-8");
    check(&db, &["--junit", file, "--rule", "below_target,low_score", "--min", "10", "--exit-code"]).fails(4, "");
    let text = fs::read_to_string(&path).expect("a file");
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut cases, mut failures) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().expect("XML") {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let value = |name: &str| {
                    let attribute = tag.try_get_attribute(name).expect("XML").map(|attribute| attribute.value.into_owned());
                    attribute.unwrap_or_default()
                };
                match tag.name().as_ref() {
                    "testcase" => cases.push((value("classname"), value("name"))),
                    "failure" => failures.push(value("message")),
                    "testsuites" => assert_eq!((value("tests"), value("failures")), ("4".to_owned(), "1".to_owned())),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    assert_eq!(cases[0], ("low_score".to_owned(), "Overall".to_owned()));
    assert_eq!(cases[1].1, "PR-001 A &lt;b&gt; &amp; &quot;c&quot;  ");
    assert_eq!((cases.len(), failures.len()), (4, 1), "{text}");
    check(&db, &["--junit", file]).fails(73, "--force");
    check(&db, &["--junit", file, "--force"]).ok();
}

/// A script of these lines, by its path.
fn script(folder: &Path, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("notify");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn what_is_new_or_resolved_is_told_once_and_again_after_a_failure() {
    let db = with_good_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let told = folder.path().join("told");
    let notify = script(folder.path(), &format!("cat >> {}; echo \"$1\" >> {0}.words", told.display()));
    let command = format!("{notify} it");
    let args = ["--rule", "below_target", "--notify-command", command.as_str()];
    let last = || -> Option<serde_json::Value> {
        let text = fs::read_to_string(&told).ok()?;
        fs::remove_file(&told).expect("a file");
        Some(serde_json::from_str(&text).expect("one JSON document"))
    };
    // Nothing is wrong, and there is nothing to tell.
    check(&db, &args).ok();
    assert_eq!(last(), None);
    db.cmf(["record", "PR-001", "90"]).ok();
    check(&db, &[&args[..], &["--exit-code"]].concat()).fails(4, "");
    let first = last().expect("it was told");
    assert_eq!(first["new"][0]["code"], "PR-001", "{first}");
    assert_eq!(first["new"][0]["finding"], "90 % misses the target 95: its score is 94.74");
    assert_eq!((first["resolved"].as_array().map(Vec::len), first["found"].as_array().map(Vec::len)), (Some(0), Some(1)));
    assert_eq!(first["summary"], "default library: 1 found, 1 new, 0 resolved");
    assert_eq!(fs::read_to_string(told.with_extension("words")).expect("its argument"), "it\n");
    // Once, and another value is the same finding.
    db.cmf(["record", "PR-001", "89"]).ok();
    check(&db, &args).ok();
    assert_eq!(last(), None);
    // Whoever is told by another command, or of other rules, is told of all.
    check(&db, &["--rule", "below_target,stale", "--notify-command", &notify]).ok();
    assert_eq!(last().expect("it was told")["new"].as_array().map(Vec::len), Some(1));
    // A command that fails has told nobody.
    db.cmf(["record", "PR-001=97", "PR-002=20"]).ok();
    let before = db.rows("SELECT id FROM ai_change_log ORDER BY id");
    script(folder.path(), "cat > /dev/null; echo 'no route' >&2; exit 3");
    let run = check(&db, &args).fails(1, "of --notify-command failed: exit 3");
    assert!(run.stderr.contains("it said: no route") && run.stdout.contains("PR-002"), "{run:?}");
    script(folder.path(), "kill -9 $$");
    check(&db, &args).fails(1, "signal 9");
    script(folder.path(), "exec sleep 1000");
    check(&db, &[&args[..], &["--timeout", "1s"]].concat()).fails(1, "stopped after 1 s");
    fs::remove_file(folder.path().join("notify")).expect("a script");
    check(&db, &args).fails(1, "cannot be run");
    assert_eq!(db.rows("SELECT id FROM ai_change_log ORDER BY id"), before);
    script(folder.path(), &format!("cat >> {}", told.display()));
    check(&db, &args).ok();
    let again = last().expect("it was told");
    assert_eq!((&again["new"][0]["code"], &again["resolved"][0]["code"]), (&"PR-002".into(), &"PR-001".into()), "{again}");
    assert_eq!(again["resolved"][0]["name"], "MFA coverage");
    check(&db, &args).ok();
    assert_eq!(last(), None);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'check.notify'"), "3");
    db.cmf(["audit", "verify"]).ok();
    // A command that reads nothing is as good.
    db.cmf(["record", "PR-002", "1"]).ok();
    check(&db, &["--rule", "below_target", "--notify-command", "true"]).ok();
}

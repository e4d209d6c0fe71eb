//! `cmf undo`: what it takes back, what stands in its way, and who may.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::every::{audit, files};
use crate::support::{Db, Run, cmf, let_pass, on_terminal, skip};

/// A database with catalog Ours of `analyst` active, and the number of its import.
fn imported() -> (Db, tempfile::TempDir, String) {
    let (db, folder) = (Db::seeded(), files());
    let file = folder.path().join("catalog.csv").display().to_string();
    let run = db.cmf(["import", &file, "--name", "Ours", "--activate", "--format", "json"]).ok();
    let seq = run.json()["undo"].to_string();
    assert_eq!(seq, head(&db));
    (db, folder, seq)
}

fn head(db: &Db) -> String {
    db.one("SELECT max((result #>> '{chain,seq}')::int) FROM ai_change_log")
}

/// All rows, but for when they were changed.
fn dump(db: &Db) -> Vec<String> {
    let tables = [
        "frameworks", "framework_functions", "framework_categories", "framework_subcategories", "users", "metric_catalogs",
        "metric_catalog_items", "metric_catalog_framework_mappings", "metrics", "metric_history", "function_scores",
        "framework_scores",
    ];
    let each = tables.map(|table| format!("SELECT '{table} ' || (to_jsonb(x) - 'updated_at')::text FROM {table} x"));
    db.rows(&format!("{} ORDER BY 1", each.join(" UNION ALL ")))
}

fn undo(db: &Db, seq: &str) -> Run {
    db.cmf(["undo", seq, "--yes"])
}

#[test]
fn an_import_is_taken_back_and_done_again() {
    let db = Db::seeded();
    let before = dump(&db);
    let folder = files();
    let file = folder.path().join("catalog.csv").display().to_string();
    let told = db.cmf(["-v", "import", &file, "--name", "Ours", "--activate"]).ok().stderr;
    let (after, seq) = (dump(&db), head(&db));
    assert!(told.contains(&format!("undo it with `cmf undo {seq}`")), "{told}");
    let would = db.cmf(["undo", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(would["changes"][0]["seq"].to_string(), seq);
    assert_eq!((&would["dry_run"], &would["undo"]), (&Value::Bool(true), &Value::Null));
    let of = |table: &str| would["tables"].as_array().expect("tables").iter().find(|one| one["table"] == table).expect("one");
    assert_eq!((&of("metric_catalog_items")["removed"], &of("users")["changed"]), (&4.into(), &1.into()));
    assert_eq!(dump(&db), after);
    let undone = db.cmf(["undo", "--yes", "--format", "json"]).ok().json();
    assert_eq!(dump(&db), before);
    assert_eq!(undone["undo"].to_string(), head(&db));
    assert_eq!(audit(&db).last().map(String::as_str), Some("undo"));
    let list = db.cmf(["audit", "list", "--format", "json"]).ok().json();
    let undo_of = |seq: &str| {
        list.as_array().expect("rows").iter().find(|one| one["seq"].as_i64() == seq.parse().ok()).expect("a row")["undone"]
            .clone()
    };
    assert_eq!(undo_of(&seq).to_string(), head(&db));
    undo(&db, &seq).fails(1, "was already undone");
    db.cmf(["undo", "--yes"]).ok();
    assert_eq!(dump(&db), after);
    db.cmf(["audit", "verify"]).ok();
    undo(&db, "99").fails(2, "the audit trail has no change 99");
    db.cmf(["undo"]).fails(2, "this needs a confirmation");
    let shown = on_terminal(db.command().arg("undo"), "[y/N]", || (), "n\n");
    if let Some(run) = shown {
        assert!(run.stderr.contains("4 to restore") || run.stderr.contains("4 to remove"), "{}", run.stderr);
        assert_eq!((run.code, dump(&db)), (1, after));
    }
}

#[test]
fn what_can_never_be_undone_is_no_way_for_what_was_before_it() {
    let (db, folder, seq) = imported();
    db.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    let made = head(&db);
    let file = folder.path().join("catalog.csv").display().to_string();
    db.cmf(["import", &file, "--name", "Hers", "--owner", "eve", "--again"]).ok();
    db.cmf(["score", "--owner", "analyst"]).ok();
    let by = head(&db);
    let told = undo(&db, &seq).fails(1, "because of later changes").stderr;
    let way = format!("first run `cmf undo --to {by}`, which undoes change {by} and all later ones; then `cmf undo {seq}`");
    assert!(told.contains(&way), "{told}");
    assert!(told.contains(&format!("cannot do it: change {made} (user.create) can never be undone")), "{told}");
    assert!(told.contains("1 overall score (") && told.contains(" function score"), "{told}");
    db.cmf(["undo", "--to", &seq, "--yes"]).fails(1, &format!("change {made} (user.create) cannot be undone"));
    // What is told to type works.
    db.cmf(["undo", "--to", &by, "--yes"]).ok();
    undo(&db, &seq).ok();
}

#[test]
fn what_was_done_since_stands_in_the_way_and_is_named() {
    let (db, folder, seq) = imported();
    let start = dump(&db);
    let refused = |line: &str, texts: &[&str]| {
        let words = line.split(' ').map(|word| word.replace("{dir}", folder.path().to_str().expect("a path")));
        db.cmf(words).ok();
        let (state, by) = (dump(&db), head(&db));
        let run = undo(&db, &seq).fails(1, &format!("change {by} "));
        for text in texts {
            assert!(run.stderr.contains(text), "{line}: no {text:?} in {}", run.stderr);
        }
        assert!(run.stderr.contains(&format!("`cmf undo --to {seq}`")), "{}", run.stderr);
        assert_eq!(dump(&db), state, "{line}");
        undo(&db, &by).ok();
        assert_eq!(dump(&db), start, "{line}");
    };
    refused("record J-1=91", &["1 reading (J-1 91 of ", "it needs rows that would be removed", "(reading.record)"]);
    refused("metric set J-2 --target 4", &["1 metric (J-2): changed since by change", "(metric.set)", "1 item"]);
    refused("score", &["score", "(score.compute)"]);
    refused("map reject J-1 PR.AA-03", &["1 mapping", "removed since by change"]);
    refused("metric rm J-1 --yes", &["1 metric (J-1)", "removed since", "reading"]);
    refused("map set J-3 PR.DS-11", &["1 mapping (PR.DS-11)", "added since"]);
    // All of it goes with --to, in one change.
    let before = audit(&db).len();
    db.cmf(["record", "J-1=91"]).ok();
    db.cmf(["score"]).ok();
    db.cmf(["undo", "--to", &seq, "--yes"]).ok();
    assert_eq!(audit(&db).len(), before + 3);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
    db.cmf(["undo", "--yes"]).ok();
    assert_eq!(db.one("SELECT value FROM metric_history ORDER BY recorded_at DESC LIMIT 1"), "91.0000");
    // Also where a later change made a row as it was.
    db.cmf(["metric", "set", "J-1", "--target", "1"]).ok();
    let first = head(&db);
    db.cmf(["metric", "set", "J-1", "--target", "2"]).ok();
    db.cmf(["metric", "set", "J-1", "--target", "1"]).ok();
    undo(&db, &first).fails(1, "changed since by change");
    db.cmf(["undo", "--to", &first, "--yes"]).ok();
    // What another program changed is not overwritten.
    db.cmf(["undo", "--to", &(seq.parse::<i64>().expect("a number") + 1).to_string(), "--yes"]).ok();
    for (sql, back) in [
        (
            "UPDATE metrics SET name = 'x' WHERE metric_number = 'J-1'",
            "UPDATE metrics SET name = 'Administrators with MFA' WHERE metric_number = 'J-1'",
        ),
        (
            "UPDATE metrics SET current_value = 17 WHERE metric_number = 'J-1'",
            "UPDATE metrics SET current_value = 90 WHERE metric_number = 'J-1'",
        ),
        ("UPDATE metric_history SET value = 17 WHERE value = 90", "UPDATE metric_history SET value = 90 WHERE value = 17"),
    ] {
        db.execute(sql);
        let run = undo(&db, &seq);
        assert!(run.code == 1 && run.stderr.contains("outside cmf"), "{sql}: {}", run.stderr);
        db.execute(back);
    }
    undo(&db, &seq).ok();
}

#[test]
fn what_comes_back_must_find_its_place_free() {
    let (db, folder, _) = imported();
    let file = folder.path().join("catalog.csv").display().to_string();
    db.cmf(["catalog", "delete", "Ours", "--force", "--yes"]).ok();
    let deleted = head(&db);
    db.cmf(["import", &file, "--name", "Ours", "--again"]).ok();
    let by = head(&db);
    undo(&db, &deleted).fails(1, &format!("1 catalog (Ours): added since by change {by}"));
    undo(&db, &by).ok();
    undo(&db, &deleted).ok();
    // A reading comes back to the instant of another.
    db.cmf(["record", "J-1", "93", "--at", "2026-03-01"]).ok();
    let id = db.one("SELECT id FROM metric_history WHERE value = 93");
    let taken = db.cmf(["record", "undo", &id, "--format", "json"]).ok().json()["undo"].to_string();
    assert_eq!(taken, head(&db));
    db.cmf(["record", "J-1", "94", "--at", "2026-03-01"]).ok();
    undo(&db, &taken).fails(1, "it takes the place of a row that would come back");
    // Its metric is gone.
    db.cmf(["metric", "rm", "J-1", "--yes"]).ok();
    undo(&db, &taken).fails(1, "1 metric (J-1): removed since by change");
    // A user whom the trail names stays.
    db.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    let made = head(&db);
    undo(&db, &made).ok();
    assert_eq!(db.one("SELECT count(*) FROM users WHERE username = 'eve'"), "0");
    let run = db.cmf(["undo", "--yes"]).ok();
    assert!(run.stderr.contains("does not restore a password"), "{}", run.stderr);
    let again = head(&db);
    db.cmf(["import", &file, "--name", "Hers", "--again", "--owner", "eve"]).ok();
    db.cmf(["undo", "--yes"]).ok();
    undo(&db, &again).fails(1, "1 user (eve): named in the audit trail").fails(1, "`cmf user deactivate eve`");
}

#[test]
fn an_older_reading_goes_and_the_current_value_follows_the_others() {
    let (db, _, _) = imported();
    let value = || db.one("SELECT current_value FROM metrics WHERE metric_number = 'J-1'");
    db.cmf(["record", "J-1", "95"]).ok();
    let first = head(&db);
    db.cmf(["record", "J-1", "96"]).ok();
    let second = head(&db);
    undo(&db, &first).ok();
    assert_eq!(value(), "96.0000");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE value = 95"), "0");
    undo(&db, &second).ok();
    assert_eq!(value(), "90.0000");
    // A late backfill counts once what was newer is gone.
    db.cmf(["record", "J-1", "97", "--at", "2026-02-03"]).ok();
    let id = db.one("SELECT id FROM metric_history WHERE recorded_at > '2026-06-01' AND value = 90");
    db.cmf(["record", "undo", &id]).ok();
    assert_eq!(value(), "97.0000");
    db.cmf(["record", "J-1", "98", "--at", "2026-02-05"]).ok();
    let newest = head(&db);
    db.cmf(["record", "J-1", "99", "--at", "2026-02-04"]).ok();
    undo(&db, &newest).ok();
    assert_eq!(value(), "99.0000");
    // Who locks a metric means its readings.
    db.cmf(["record", "J-1", "50"]).ok();
    let recorded = head(&db);
    db.cmf(["metric", "lock", "J-1"]).ok();
    let refused = undo(&db, &recorded).fails(1, "1 metric (J-1): locked later by change");
    assert!(refused.stderr.contains("hint: `cmf metric unlock J-1` unlocks it\n"), "{}", refused.stderr);
    db.cmf(["metric", "unlock", "J-1"]).ok();
    undo(&db, &recorded).ok();
    assert_eq!(value(), "99.0000");
}

#[test]
fn of_two_undos_at_once_one_wins_and_the_other_says_why() {
    for arguments in [&["undo", "--yes"][..], &["undo", "{seq}", "--yes"]] {
        let (db, _, seq) = imported();
        let words: Vec<String> = arguments.iter().map(|word| word.replace("{seq}", &seq)).collect();
        let held = db.hold("SELECT pg_advisory_xact_lock(hashtext('cmf undo'))");
        let start = || db.command().args(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf runs");
        let children = [start(), start()];
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND wait_event = 'advisory' AND query LIKE '%cmf undo%'",
            db.name
        );
        db.wait_for("2", &waiting);
        drop(held);
        let mut runs = children.map(|child| Run::from(child.wait_with_output().expect("an end")));
        runs.sort_by_key(|run| run.code);
        let [won, lost] = runs;
        assert_eq!((won.code, lost.code), (0, 1), "{} {}", won.stderr, lost.stderr);
        let whys = ["another change was made meanwhile", "was already undone by change"];
        assert!(whys.iter().any(|why| lost.stderr.contains(why)), "{}", lost.stderr);
        assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
    }
}

#[test]
fn more_rows_than_are_kept_are_asked_about() {
    let (db, folder, _) = imported();
    db.execute(&format!("ALTER DATABASE {} SET cmf.undo_rows = '5'", db.name));
    let file = folder.path().join("catalog.csv").display().to_string();
    let (state, trail) = (dump(&db), audit(&db));
    db.cmf(["import", &file, "--name", "More", "--again"]).fails(2, "add --no-undo");
    assert_eq!((dump(&db), audit(&db)), (state, trail));
    db.cmf(["import", &file, "--name", "Dry", "--again", "--dry-run"]).ok();
    let told = db.cmf(["-v", "--no-undo", "import", &file, "--name", "More", "--again"]).ok().stderr;
    assert!(!told.contains("undo it"), "{told}");
    undo(&db, &head(&db)).fails(1, "its rows were not stored");
    let mut command = db.command();
    command.args(["import", &file, "--name", "Asked", "--again"]);
    if let Some(run) = on_terminal(&command, "`cmf undo` cannot undo it", || (), "y\n") {
        assert_eq!((run.code, db.one("SELECT count(*) FROM metric_catalogs")), (0, "3".to_owned()), "{}", run.stderr);
    }
    db.cmf(["record", "J-1=91"]).ok();
    db.cmf(["undo", "--yes"]).ok();
}

#[test]
fn old_images_are_thrown_away_and_the_chain_holds() {
    let (db, _, seq) = imported();
    db.cmf(["audit", "prune-images", "--older", "90d", "--yes"]).ok();
    db.cmf(["undo", "--dry-run"]).ok();
    db.cmf(["audit", "prune-images", "--older", "2100-01-01"]).fails(2, "This cannot be undone");
    let would = db.cmf(["audit", "prune-images", "--older", "2100-01-01", "--dry-run", "--format", "json"]).ok().json();
    assert!(would["bytes"].as_i64().expect("bytes") > 1_000 && would["changes"].as_i64().expect("changes") > 2, "{would}");
    db.cmf(["undo", "--dry-run"]).ok();
    db.cmf(["audit", "prune-images", "--older", "2100-01-01", "--yes"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE result #> '{image,data}' IS NOT NULL"), "0");
    db.cmf(["audit", "verify"]).ok();
    undo(&db, &seq)
        .fails(1, "removed its stored rows")
        .fails(1, "change it by hand, or restore a dump that is older than the pruning\n");
    db.cmf(["undo", "--yes"]).fails(1, "it removed stored rows for good").fails(1, "`cmf db restore FILE`");
    db.cmf(["record", "J-1=91"]).ok();
    db.cmf(["undo", "--yes"]).ok();
}

#[test]
fn what_was_edited_in_the_trail_is_not_put_back() {
    let (db, _, seq) = imported();
    db.execute(&format!(
        "UPDATE ai_change_log SET result = jsonb_set(result, '{{image,data}}', to_jsonb((result #>> '{{image,data}}') || ' '))
         WHERE result #>> '{{chain,seq}}' = '{seq}'"
    ));
    undo(&db, &seq).fails(1, "do not match the audit trail");
}

/// `cmf` as a role that logged in.
fn as_role(db: &Db, role: &str) -> Command {
    let mut command = cmf();
    let (_, place) = db.url.split_once('@').expect("a user in the URL");
    command.env("CMF_DATABASE_URL", format!("postgres://{role}@{place}"));
    command
}

#[test]
fn a_recorder_takes_back_its_own_readings_where_it_may_and_a_reader_nothing() {
    let (db, _, seq) = imported();
    let name = |role: &str| format!("{}_{role}", db.name);
    let roles = ["reader", "recorder", "corrector"];
    for role in roles {
        db.execute(&format!("CREATE ROLE {} LOGIN", name(role)));
    }
    db.cmf(["db", "grants", &name("reader"), "--role", "reader", "--apply"]).ok();
    db.cmf(["db", "grants", &name("recorder"), "--role", "recorder", "--apply"]).ok();
    db.cmf(["db", "grants", &name("reader"), "--role", "reader", "--undo"]).fails(2, "--undo is for --role recorder");
    let printed = db.cmf(["db", "grants", &name("corrector"), "--role", "recorder", "--undo"]).ok().stdout;
    assert!(printed.contains("GRANT DELETE ON \"public\".\"metric_history\""), "{printed}");
    db.cmf(["db", "grants", &name("corrector"), "--role", "recorder", "--undo", "--apply"]).ok();
    let run = |role: &str, args: &[&str]| crate::support::run(as_role(&db, &name(role)).args(args));
    if run("reader", &["audit", "list"]).code != 0 {
        skip("the server lets no role log in without a password");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        let state = dump(&db);
        run("reader", &["undo", &seq, "--yes"]).fails(77, "hint:");
        run("recorder", &["record", "J-1=91"]).ok();
        let of_recorder = head(&db);
        run("recorder", &["undo", "--yes"]).fails(77, "hint:");
        run("corrector", &["undo", &of_recorder, "--yes"]).fails(77, "only readings that it recorded");
        run("corrector", &["undo", &seq, "--yes"]).fails(77, "only readings that it recorded");
        db.cmf(["undo", &of_recorder, "--yes"]).ok();
        assert_eq!(dump(&db), state);
        run("corrector", &["record", "J-1=92", "J-2=3"]).ok();
        let after = dump(&db);
        run("corrector", &["undo", "--yes"]).ok();
        assert_eq!(dump(&db), state);
        run("corrector", &["undo", "--yes"]).ok();
        assert_eq!(dump(&db), after);
        db.cmf(["audit", "verify"]).ok();
    });
    for role in roles {
        db.execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", name(role)));
    }
    result.expect("all of it");
}

#[test]
fn metrics_are_removed_by_what_they_are() {
    let (db, _, _) = imported();
    db.cmf(["metric", "rm", "--yes"]).fails(2, "METRIC");
    db.cmf(["metric", "rm", "--where", "function=XX", "--yes"]).fails(2, "XX");
    // Each condition leaves other metrics; J-1 and J-2 are all that there are.
    db.cmf(["metric", "set", "J-1", "--spec", "owner=ada", "--direction", "higher_is_better"]).ok();
    for (condition, left) in [
        ("function=PR", "J-1"),
        ("category=ID.RA", "J-2"),
        ("priority=High", "J-1"),
        ("direction=lower_is_better", "J-2"),
        ("owner=ada", "J-1"),
        ("below-target", "J-1 J-2"),
    ] {
        let run = db.cmf(["metric", "rm", "--dry-run", "--format", "json", "--where", condition]).ok();
        let json = run.json();
        let numbers: Vec<&str> =
            json.as_array().expect("rows").iter().filter_map(|one| one["metric_number"].as_str()).collect();
        assert_eq!(numbers.join(" "), left, "{condition}");
    }
    for condition in ["unmapped", "unscored", "locked"] {
        db.cmf(["metric", "rm", "--yes", "--where", condition]).fails(2, &format!("no metric is {condition}"));
    }
    let both = ["--where", "below-target", "--where", "priority=High"];
    let run = db.cmf([&["metric", "rm", "--yes", "--format", "json"], &both[..]].concat()).ok();
    let json = run.json();
    assert_eq!((json[0]["metric_number"].as_str(), json.as_array().map(Vec::len)), (Some("J-1"), Some(1)));
    assert_eq!(json[0]["undo"].to_string(), head(&db));
    assert!(run.stderr.contains("the next activation makes the metric again"), "{}", run.stderr);
    db.cmf(["metric", "rm", "J-2", "--where", "priority=High", "--yes"]).fails(2, "cannot be used with");
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE metric_number = 'J-2'"), "1");
    db.cmf(["undo", "--yes"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE metric_number = 'J-1'"), "1");
}

/// Kills `rounds` undos and redos at varied instants: each is whole or was not.
fn killed(rounds: u64) {
    const ROWS: usize = 300;
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sheet.csv");
    let mut sheet = "id,name,target,value,subcategory\n".to_owned();
    for row in 0..ROWS {
        sheet.push_str(&format!("M-{row},Metric {row},{row},{row},PR.AA-01\n"));
    }
    std::fs::write(&path, sheet).expect("a file");
    let before = dump(&db);
    let file = path.to_str().expect("UTF-8");
    db.cmf(["import", "--direction=*=higher", file, "--name", "first", "--activate"]).ok();
    let after = dump(&db);
    let mut is_there = true;
    let start = Instant::now();
    db.cmf(["undo", "--yes", "--dry-run"]).ok();
    let life = u64::try_from(start.elapsed().as_micros()).expect("a moment").max(1000);
    let (mut whole, mut nothing) = (0, 0);
    for round in 1..=rounds {
        let trail = audit(&db).len();
        let mut child =
            db.command().args(["undo", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf runs");
        let_pass(Duration::from_micros(life * (round * 7919 % 130) / 100));
        let _ = child.kill();
        let output = child.wait_with_output().expect("an end");
        // A killed client's transaction ends when the server notices; its lock waits for that.
        db.execute("SELECT pg_advisory_xact_lock(hashtext('cmf undo'))");
        let is_done = audit(&db).len() > trail;
        assert!(is_done || !output.status.success(), "round {round}: it said that it was done");
        is_there ^= is_done;
        if is_done {
            whole += 1;
        } else {
            nothing += 1;
        }
        assert!(dump(&db) == if is_there { after.clone() } else { before.clone() }, "round {round}: {is_done}");
    }
    println!("{whole} whole, {nothing} not done");
    db.cmf(["audit", "verify"]).ok();
}

#[test]
fn a_killed_undo_is_whole_or_was_not() {
    killed(20);
}

/// The long form: `cargo nextest run --run-ignored only three_hundred_killed_undos --no-capture`.
#[test]
#[ignore = "takes minutes"]
fn three_hundred_killed_undos_are_whole_or_were_not() {
    killed(300);
}

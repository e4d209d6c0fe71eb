//! `cmf db partition`: the readings divided by months, and one table again.

use crate::support::{Db, run};

/// A database with a metric and readings of many months.
fn filled() -> Db {
    let db = Db::seeded();
    db.cmf(["migrate", "adopt"]).ok();
    db.cmf([
        "metric", "add", "Coverage", "--number", "M-1", "--function", "PR", "--direction", "higher_is_better", "--target",
        "100",
    ])
    .ok();
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT id, n, (now() AT TIME ZONE 'utc') - (n || ' days')::interval FROM metrics, generate_series(1, 400) AS n",
    );
    db.cmf(["doctor", "--fix"]).ok();
    db
}

fn readings(db: &Db) -> Vec<String> {
    db.rows("SELECT id, metric_id, value, recorded_at, created_at FROM metric_history ORDER BY id")
}

/// The name of the partition of a month, so many from now.
fn month(db: &Db, ahead: u32) -> String {
    db.one(&format!("SELECT to_char((now() AT TIME ZONE 'utc') + interval '{ahead} months', '\"metric_history_\"YYYY_MM')"))
}

#[test]
fn readings_are_divided_and_made_one_table_again_without_a_loss() {
    let db = filled();
    db.cmf(["db", "views"]).ok();
    db.execute("DROP ROLE IF EXISTS partition_reader");
    db.execute("CREATE ROLE partition_reader; GRANT SELECT ON metric_history TO partition_reader; GRANT INSERT (id, value) ON metric_history TO partition_reader");
    let rights = || {
        db.one(
            "SELECT concat(has_table_privilege('partition_reader', 'metric_history', 'SELECT'),
                              has_column_privilege('partition_reader', 'metric_history', 'value', 'INSERT'),
                              has_column_privilege('partition_reader', 'metric_history', 'note', 'INSERT'))",
        )
    };
    let (before, scored, allowed) =
        (readings(&db), db.cmf(["score", "--default", "--dry-run", "--as-of", "2026-06-30"]).ok().stdout, rights());
    let made = db.cmf(["db", "partition", "metric_history", "--by", "month", "--ahead", "2", "--format", "json"]).ok().json();
    assert!(made[0]["partition"].as_str().expect("a name").starts_with("metric_history_before_"), "{made}");
    assert_eq!(db.one("SELECT relkind FROM pg_class WHERE oid = 'metric_history'::regclass"), "p");
    // Old readings are in the partition of their month, too.
    assert_eq!(
        db.one("SELECT count(*) FROM metric_history WHERE tableoid::regclass::text <> to_char(recorded_at, '\"metric_history_\"YYYY_MM')"),
        "0"
    );
    assert_eq!(readings(&db), before);
    assert_eq!(rights(), allowed);
    assert_eq!(db.cmf(["score", "--default", "--dry-run", "--as-of", "2026-06-30"]).ok().stdout, scored);
    assert_eq!(db.one("SELECT count(*) FROM cmf_views.readings"), "400");
    assert_eq!(db.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'metric_history'::regclass AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = inhrelid AND pg_get_expr(relpartbound, oid) <> 'DEFAULT')"), "0");
    db.cmf(["migrate", "drift"]).ok();
    db.cmf(["doctor"]).ok();
    db.cmf(["record", "M-1", "55"]).ok();
    db.cmf(["record", "M-1", "56", "--at", "2020-01-01"]).ok();
    assert_eq!(db.one("SELECT current_value FROM metrics"), "55.0000");
    // The same command makes the months that follow, and no more.
    let more = db.cmf(["db", "partition", "metric_history", "--ahead", "4", "--format", "json"]).ok().json();
    assert!(more.to_string().contains(&month(&db, 4)), "{more}");
    let count = || db.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'metric_history'::regclass");
    let partitions = count();
    db.cmf(["db", "partition", "metric_history", "--ahead", "4"]).ok();
    assert_eq!(count(), partitions);
    // There is no partition for the rest: such a reading is refused with the command to type.
    let late =
        db.cmf(["record", "M-1", "57", "--at", "2099-01-01", "--allow-future"]).fails(65, "later than the last partition");
    assert!(late.stderr.contains("cmf db partition metric_history --ahead 3"), "{}", late.stderr);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "metric,value,at\nM-1,57,2099-01-01\n").expect("a file");
    run(db.command().args(["record", "--allow-future", "--file"]).arg(file.path())).fails(65, "later than the last partition");

    let all = readings(&db);
    db.cmf(["db", "partition", "metric_history", "--undo"]).fails(2, "--yes");
    db.cmf(["db", "partition", "metric_history", "--undo", "--yes"]).ok();
    assert_eq!(readings(&db), all);
    assert_eq!(rights(), allowed);
    db.cmf(["migrate", "drift"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relname LIKE 'metric_history_%' AND relkind IN ('r', 'p')"), "0");
    db.cmf(["audit", "verify"]).ok();
    db.execute("DROP OWNED BY partition_reader; DROP ROLE partition_reader");
}

#[test]
fn what_hangs_on_the_table_is_named_and_nothing_is_begun() {
    let db = filled();
    db.execute("CREATE VIEW mine AS SELECT value FROM metric_history");
    db.cmf(["db", "partition", "metric_history", "--ahead", "2"]).fails(2, "--by month");
    db.cmf(["db", "partition", "metric_history", "--undo", "--yes"]).fails(2, "--by month");
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "view public.mine");
    db.execute("DROP VIEW mine; CREATE INDEX mine ON metric_history (value)");
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "index mine");
    db.execute(
        "DROP INDEX mine; INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 1, '2099-01-01' FROM metrics",
    );
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "the newest reading is at 2099-01-01");
    db.execute("DELETE FROM metric_history WHERE recorded_at = '2099-01-01'; CREATE TABLE metric_history_new (id uuid)");
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "cmf did not make");
    db.execute("DROP TABLE metric_history_new");
    db.cmf(["migrate", "drift"]).ok();
    // What is older than five years has one partition.
    db.execute("INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 1, '2001-01-01' FROM metrics");
    let made = db.cmf(["db", "partition", "metric_history", "--by", "month", "--format", "json"]).ok().json();
    assert!(made.as_array().expect("partitions").len() < 70, "{made}");
    assert_eq!(db.one("SELECT tableoid::regclass::text LIKE 'metric_history_before_%' FROM metric_history WHERE recorded_at = '2001-01-01'"), "t");
}

/// So many readings that they are copied in several chunks, those of more than a year.
fn large(readings: u32) -> Db {
    let db = filled();
    db.execute(&format!(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT id, n % 100, (now() AT TIME ZONE 'utc') - interval '1 day' - make_interval(secs => n * 36000000.0 / {readings})
         FROM metrics, generate_series(1, {readings}) AS n"
    ));
    db.cmf(["doctor", "--fix"]).ok();
    db
}

/// Kills the command where it waits for a reading that another session holds, half-way through.
fn killed_half_way(db: &Db, args: &[&str]) {
    // The one that stands last: in one table, or in the partition that was made last.
    let last = db.one("SELECT id FROM metric_history ORDER BY tableoid DESC, ctid DESC LIMIT 1");
    let held = db.hold(&format!("SELECT FROM metric_history WHERE id = '{last}' FOR UPDATE"));
    let mut child = db.command().args(args).spawn().expect("cmf starts");
    db.wait_for(
        "1",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%'",
    );
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    drop(held);
    db.wait_for(
        "0",
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cmf' AND state <> 'idle'",
    );
}

/// Changes of all kinds to readings that are copied already, and to some that are not.
fn changed_beside(db: &Db) {
    db.cmf(["record", "M-1", "77"]).ok();
    db.cmf(["record", "M-1", "78", "--at", "2003-03-03"]).ok();
    db.execute(
        "UPDATE metric_history SET value = value + 1 WHERE id IN (SELECT id FROM metric_history ORDER BY recorded_at DESC OFFSET 5 LIMIT 3);
         UPDATE metric_history SET value = value + 1 WHERE id IN (SELECT id FROM metric_history ORDER BY recorded_at OFFSET 5 LIMIT 3);
         DELETE FROM metric_history WHERE id IN (SELECT id FROM metric_history ORDER BY recorded_at DESC OFFSET 10 LIMIT 3);
         DELETE FROM metric_history WHERE id IN (SELECT id FROM metric_history ORDER BY recorded_at OFFSET 10 LIMIT 3)",
    );
}

fn divided_and_united_under_kills(readings: u32) {
    let db = large(readings);
    let by_month = ["db", "partition", "metric_history", "--by", "month"];
    killed_half_way(&db, &by_month);
    let copied = db.one("SELECT count(*) > 0 AND count(*) < (SELECT count(*) FROM metric_history) FROM metric_history_new");
    assert_eq!(copied, "t");
    assert_eq!(db.one("SELECT relkind FROM pg_class WHERE oid = 'metric_history'::regclass"), "r");
    changed_beside(&db);
    let before = readings_of(&db);
    db.cmf(by_month).ok();
    assert_eq!(db.one("SELECT relkind FROM pg_class WHERE oid = 'metric_history'::regclass"), "p");
    assert_eq!(readings_of(&db), before);
    db.cmf(["migrate", "drift"]).ok();

    // The way back is as the way there; what was begun is given up by the other way.
    let undo = ["db", "partition", "metric_history", "--undo", "--yes"];
    killed_half_way(&db, &undo);
    changed_beside(&db);
    let before = readings_of(&db);
    db.cmf(by_month).ok();
    assert_eq!(db.one("SELECT to_regclass('metric_history_new')"), "");
    killed_half_way(&db, &undo);
    db.cmf(undo).ok();
    assert_eq!(readings_of(&db), before);
    db.cmf(["migrate", "drift"]).ok();
    killed_half_way(&db, &by_month);
    db.cmf(undo).ok();
    assert_eq!(readings_of(&db), before);
    db.cmf(["migrate", "drift"]).ok();
    db.cmf(["audit", "verify"]).ok();
    db.cmf(["doctor"]).ok();
}

fn readings_of(db: &Db) -> String {
    db.one("SELECT concat(count(*), ' ', md5(string_agg(concat(id, metric_id, value, recorded_at, created_at), ',' ORDER BY id))) FROM metric_history")
}

#[test]
fn a_run_that_was_killed_goes_on_and_no_change_beside_it_is_lost() {
    divided_and_united_under_kills(60_000);
}

#[test]
#[ignore = "takes minutes"]
fn two_million_readings_are_divided_and_united_under_kills() {
    divided_and_united_under_kills(2_000_000);
}

#[test]
fn what_changed_readings_past_the_copy_is_found_before_they_are_exchanged() {
    let db = large(60_000);
    let by_month = ["db", "partition", "metric_history", "--by", "month"];
    killed_half_way(&db, &by_month);
    db.execute(
        "SET session_replication_role = replica;
         DELETE FROM metric_history WHERE id = (SELECT id FROM metric_history ORDER BY recorded_at DESC LIMIT 1 OFFSET 20)",
    );
    let before = readings_of(&db);
    db.cmf(by_month).fails(1, "differs from the readings");
    assert_eq!(
        (readings_of(&db), db.one("SELECT relkind FROM pg_class WHERE oid = 'metric_history'::regclass")),
        (before.clone(), "r".to_owned())
    );
    db.cmf(["db", "partition", "metric_history", "--undo", "--yes"]).ok();
    db.cmf(by_month).ok();
    assert_eq!(readings_of(&db), before);
}

#[test]
fn the_doctor_tells_before_the_months_run_out() {
    let db = filled();
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).ok();
    let state = || {
        let findings = db.cmf(["doctor", "--format", "json"]).json();
        let found = findings.as_array().expect("findings").iter().find(|one| one["check"] == "partitions").cloned();
        found.expect("a finding")["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(), "ok");
    let drop_later_than = |day: &str| {
        for name in db.rows(&format!(
            "SELECT inhrelid::regclass FROM pg_inherits
             WHERE inhparent = 'metric_history'::regclass AND inhrelid::regclass::text > to_char({day}, '\"metric_history_\"YYYY_MM')"
        )) {
            if !name.contains("before") {
                db.execute(&format!("DROP TABLE {name}"));
            }
        }
    };
    drop_later_than("now() AT TIME ZONE 'utc'");
    assert_eq!(state(), "warning");
    drop_later_than("(now() AT TIME ZONE 'utc') - interval '40 days'");
    assert_eq!(state(), "wrong");
    db.cmf(["db", "partition", "metric_history", "--ahead", "3"]).ok();
    assert_eq!(state(), "ok");
}

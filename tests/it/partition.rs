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
fn a_run_that_was_killed_goes_on_and_what_hangs_on_the_table_is_named() {
    let db = filled();
    db.execute("CREATE VIEW mine AS SELECT value FROM metric_history");
    db.cmf(["db", "partition", "metric_history", "--ahead", "2"]).fails(2, "--by month");
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "view public.mine");
    db.execute(
        "DROP VIEW mine; INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 1, '2099-01-01' FROM metrics",
    );
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).fails(1, "the newest reading is at 2099-01-01");
    db.execute("DELETE FROM metric_history WHERE recorded_at = '2099-01-01'");
    // As a kill leaves it: a key that is not whole, and a bound that nobody has looked at.
    let bound = db.one("SELECT to_char(date_trunc('month', (now() AT TIME ZONE 'utc') + interval '2 months'), 'YYYY-MM-DD')");
    db.execute(&format!(
        "CREATE UNIQUE INDEX metric_history_key ON metric_history (id, recorded_at);
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'metric_history_key'::regclass;
         ALTER TABLE metric_history ADD CONSTRAINT ck_metric_history_before CHECK (recorded_at < '{bound}') NOT VALID"
    ));
    let before = readings(&db);
    db.cmf(["db", "partition", "metric_history", "--by", "month"]).ok();
    assert_eq!(readings(&db), before);
    let name = format!("metric_history_before_{}", bound[..7].replace('-', "_"));
    assert_eq!(db.one(&format!("SELECT count(*) FROM {name}")), "400");
    db.cmf(["migrate", "drift"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_constraint WHERE conname = 'ck_metric_history_before'"), "0");
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
    let last = db.rows("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'metric_history'::regclass ORDER BY 1");
    for name in last.iter().filter(|name| !name.contains("before")) {
        db.execute(&format!("DROP TABLE {name}"));
    }
    // Only what was there before is left, whose end is at most two months ahead.
    assert_ne!(state(), "wrong");
    db.cmf(["db", "partition", "metric_history", "--ahead", "3"]).ok();
    assert_eq!(state(), "ok");
}

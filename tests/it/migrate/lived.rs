//! What a schema may have without a difference to what the migrations made, and what it may not.

use super::inspect::up;
use crate::support::Db;

/// What `cmf migrate drift` prints of this database, whose exit code must fit.
fn drift(db: &Db) -> String {
    let run = db.cmf(["migrate", "drift"]);
    assert_eq!(run.code == 4, !run.stdout.is_empty(), "{}{}", run.stdout, run.stderr);
    run.stdout
}

#[test]
fn what_changes_nothing_of_cmf_is_no_difference() {
    let db = up();
    db.execute(&format!(
        "CREATE PUBLICATION everything FOR TABLE metrics, metric_history;
         ALTER DATABASE \"{}\" SET quote_all_identifiers = on; ALTER DATABASE \"{}\" SET DateStyle = 'German, DMY'",
        db.name, db.name
    ));
    db.cmf(["db", "views"]).ok();
    assert_eq!(drift(&db), "");
    if db.one("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'") == "1" {
        db.execute("CREATE EXTENSION pg_trgm");
    }
    assert_eq!(drift(&db), "");
    db.cmf(["db", "views", "--drop"]).ok();
    assert_eq!(drift(&db), "");
}

#[test]
fn a_table_with_partitions_is_the_table_and_its_dump_makes_them() {
    let db = up();
    db.execute(
        "ALTER TABLE metric_history RENAME TO old; ALTER INDEX pk_metric_history RENAME TO old_key;
         DROP INDEX idx_history_metric_date;
         ALTER TABLE old RENAME CONSTRAINT fk_metric_history_metric TO old_metric;
         CREATE TABLE metric_history (LIKE old INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (recorded_at);
         CREATE TABLE metric_history_2026_01 PARTITION OF metric_history FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
         CREATE TABLE metric_history_rest PARTITION OF metric_history FOR VALUES FROM ('2026-02-01') TO ('2027-01-01') PARTITION BY HASH (id);
         CREATE TABLE metric_history_rest_0 PARTITION OF metric_history_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         ALTER TABLE metric_history ADD CONSTRAINT pk_metric_history PRIMARY KEY (id, recorded_at);
         ALTER TABLE metric_history ADD CONSTRAINT fk_metric_history_metric FOREIGN KEY (metric_id) REFERENCES metrics (id);
         ALTER TABLE metric_history ADD CONSTRAINT fk_metric_history_recorded_by FOREIGN KEY (recorded_by) REFERENCES users (id);
         CREATE INDEX idx_history_metric_date ON metric_history (metric_id, recorded_at);
         DROP TABLE old",
    );
    assert_eq!(drift(&db), "");
    let dump = db.cmf(["migrate", "dump"]).ok().stdout;
    let copy = Db::empty();
    copy.execute(&dump);
    assert_eq!(copy.one("SELECT count(*) FROM pg_partition_tree('metric_history')"), "4");
    assert_eq!(copy.cmf(["migrate", "dump"]).ok().stdout, dump);
    copy.cmf(["migrate", "adopt"]).ok();
    // An index that no partition has yet is not one to count on.
    db.execute("DROP INDEX idx_history_metric_date; CREATE INDEX idx_history_metric_date ON ONLY metric_history (metric_id, recorded_at)");
    assert!(drift(&db).contains("(INVALID)"));
}

#[test]
fn what_hides_rows_or_is_switched_off_is_a_difference() {
    let role = "drift_owner";
    let db = up();
    db.execute(&format!("DROP ROLE IF EXISTS {role}"));
    db.execute(&format!("CREATE ROLE {role}; ALTER TABLE metrics OWNER TO {role}"));
    let told = drift(&db);
    assert!(told.starts_with("changed owner metrics: is drift_owner, should be "), "{told}");
    db.cmf(["migrate", "drift", "--fix", "--yes"]).ok();
    db.execute(&format!("DROP ROLE {role}"));
    assert_eq!(drift(&db), "");
    db.execute("ALTER TABLE metric_history DISABLE TRIGGER ALL");
    let told = drift(&db);
    assert!(
        told.contains("changed constraint metric_history.fk_metric_history_metric: is ") && told.contains("(DISABLED)"),
        "{told}"
    );
    db.cmf(["migrate", "drift", "--fix", "--yes"]).ok();
    assert_eq!(drift(&db), "");
    assert_eq!(db.one("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"), "0");
    db.execute("ALTER TABLE metrics ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON metrics USING (true)");
    let told = db.cmf(["migrate", "drift", "--allow-extra"]).fails(4, "").stdout;
    assert!(told.contains("extra policy metrics.own") && told.contains("extra row-level security metrics"), "{told}");
}

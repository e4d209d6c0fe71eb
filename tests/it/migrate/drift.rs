//! `cmf migrate drift`: what a schema differs in, and its way back.

use super::inspect::{no_scratch, scratch, up};
use super::{Folder, catalog_dump};
use crate::support::{Db, on_terminal};

#[test]
fn drift_tells_each_difference_on_a_line() {
    let db = Db::empty();
    let before = scratch(&db);
    db.cmf(["migrate", "up"]).ok();
    let clean = db.cmf(["migrate", "drift"]).ok();
    assert_eq!((clean.stdout.as_str(), clean.stderr.as_str()), ("", ""));
    db.execute(
        "ALTER TABLE users ALTER COLUMN email TYPE text;
         ALTER TABLE users ALTER COLUMN is_active DROP DEFAULT;
         ALTER TABLE users ADD COLUMN nickname text;
         ALTER TABLE metrics DROP CONSTRAINT ck_metrics_bounds;
         ALTER TABLE frameworks RENAME CONSTRAINT pk_frameworks TO frameworks_pkey;
         ALTER INDEX idx_metrics_priority RENAME TO priorities;
         DROP INDEX idx_metrics_catalog;
         DROP TABLE function_scores;
         ALTER TYPE metric_priority ADD VALUE 'None';
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();
         CREATE TABLE notes (id integer); CREATE TABLE alembic_version (version_num varchar(32));
         CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (id integer);",
    );
    let drift = db.cmf(["migrate", "drift"]);
    assert_eq!(drift.code, 4, "{}", drift.stderr);
    for next in ["`cmf migrate drift --fix` brings ", "`cmf migrate drift --sql`", "`cmf migrate drift --allow-extra` accepts"]
    {
        assert!(drift.stderr.contains(next), "{}", drift.stderr);
    }
    let lines: Vec<&str> = drift.stdout.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            "changed column users.email: is text NOT NULL, should be character varying(255) NOT NULL",
            "changed column users.is_active: is boolean NOT NULL, should be boolean NOT NULL DEFAULT true",
            "renamed constraint frameworks.pk_frameworks is called frameworks_pkey",
            "missing constraint metrics.ck_metrics_bounds: CHECK ((target_lower <= target_upper))",
            "changed enum metric_priority: is High, Medium, Low, None, should be High, Medium, Low",
            "missing index metrics.idx_metrics_catalog: CREATE INDEX idx_metrics_catalog ON public.metrics USING btree (catalog_id)",
            "renamed index metrics.idx_metrics_priority is called priorities",
            "missing table function_scores",
            "extra column users.nickname: text",
            "extra function f(): CREATE OR REPLACE FUNCTION public.f()  RETURNS trigger  LANGUAGE plpgsql AS $function$BEGIN RETURN NEW; END$function$",
            "extra table notes",
            "extra trigger users.t: CREATE TRIGGER t BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION f()",
        ]
    );
    let rows = db.cmf(["migrate", "drift", "--format", "json"]).json();
    let cure = rows.as_array().unwrap().iter().find(|row| row["name"] == "frameworks.pk_frameworks").unwrap();
    assert_eq!(cure["cure"], "ALTER TABLE frameworks RENAME CONSTRAINT frameworks_pkey TO pk_frameworks;");
    no_scratch(&before);
}

/// What somebody changed by hand, all of which can be brought back.
const BROKEN: &str = "ALTER TABLE users ALTER COLUMN email TYPE text, ALTER COLUMN is_active DROP DEFAULT;
    ALTER TABLE metrics DROP CONSTRAINT ck_metrics_bounds, DROP COLUMN unit, ALTER COLUMN name DROP NOT NULL;
    ALTER TABLE metrics ADD CONSTRAINT ck_metrics_bounds CHECK (target_lower < target_upper) NOT VALID;
    ALTER TABLE frameworks RENAME CONSTRAINT pk_frameworks TO frameworks_pkey;
    DROP INDEX idx_metrics_catalog; CREATE INDEX idx_metrics_catalog ON metrics (name);
    DROP INDEX idx_metrics_function;
    ALTER TABLE metric_history ALTER COLUMN value TYPE numeric(15,2);
    COMMENT ON TABLE users IS 'ours';
    DROP TABLE function_scores, framework_scores, framework_subcategories, metric_catalog_items CASCADE;";

#[test]
fn drift_is_brought_back_in_one_transaction_and_asks_first() {
    let db = up();
    db.execute(BROKEN);
    let broken = catalog_dump(&db);
    db.cmf(["migrate", "drift", "--fix"]).fails(2, "add --yes");
    assert_eq!(catalog_dump(&db), broken);
    let fixed = db.cmf(["migrate", "drift", "--fix", "--yes", "-v"]).ok();
    assert!(fixed.stderr.contains("15 differences were brought back"), "{}", fixed.stderr);
    db.cmf(["migrate", "drift"]).ok();
    assert_eq!(
        db.rows("SELECT action, jsonb_array_length(result -> 'mended') FROM ai_change_log ORDER BY timestamp"),
        ["migrate.up|", "migrate.drift|15"]
    );
    db.cmf(["migrate", "drift", "--fix"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "2");
}

#[test]
fn the_statements_against_drift_are_a_script_that_leaves_what_is_somebodys() {
    let db = up();
    db.execute(BROKEN);
    db.execute("CREATE TABLE notes (id integer); ALTER TYPE metric_priority ADD VALUE 'None'");
    let script = db.cmf(["migrate", "drift", "--sql"]).ok().stdout;
    assert!(script.contains(
        "-- left: extra table notes\n--   it may hold somebody's data; `cmf migrate drift --allow-extra` accepts it"
    ));
    db.execute(&script);
    let left = db.cmf(["migrate", "drift", "--format", "json"]);
    assert_eq!(left.code, 4);
    let names: Vec<String> =
        left.json().as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["metric_priority", "notes"]);
    // Nothing is left that a statement could do, so nothing is asked.
    let fixed = db.cmf(["migrate", "drift", "--fix"]);
    assert_eq!(fixed.code, 4, "{}", fixed.stderr);
    assert!(fixed.stderr.contains("cmf can bring none of the differences back; 2 left for you to decide"), "{}", fixed.stderr);
    assert!(fixed.stderr.contains("Postgres cannot remove a label from a type"), "{}", fixed.stderr);
}

#[test]
fn rows_in_the_way_of_a_constraint_stop_the_mending_whole() {
    let db = up();
    db.execute(
        "ALTER TABLE metrics DROP CONSTRAINT ck_metrics_bounds; DROP INDEX idx_metrics_function;
         INSERT INTO metrics (name, direction, csf_function, priority, target_lower, target_upper)
         VALUES ('Odd', 'target_range', 'PR', 'Low', 9, 1)",
    );
    let broken = catalog_dump(&db);
    let refused = db.cmf(["migrate", "drift", "--fix", "--yes"]).fails(1, "refused this: ALTER TABLE metrics ADD CONSTRAINT");
    assert!(refused.stderr.contains("cmf migrate drift --sql"), "{}", refused.stderr);
    assert_eq!(catalog_dump(&db), broken);
}

#[test]
fn drift_of_a_tenant_is_that_of_its_schema_alone() {
    let db = Db::migrated();
    let tenant = |words: &[&str]| db.cmf(["--schema", "acme"].into_iter().chain(words.iter().copied()));
    tenant(&["migrate", "up"]).ok();
    db.execute("CREATE SCHEMA other; CREATE TABLE other.t (id integer); CREATE TABLE extra (id integer)");
    tenant(&["migrate", "drift"]).ok();
    db.execute("DROP INDEX acme.idx_metrics_function; DROP TABLE acme.function_scores");
    let drift = tenant(&["migrate", "drift"]);
    assert_eq!(drift.code, 4, "{}", drift.stderr);
    assert_eq!(drift.stdout.lines().count(), 2, "{}", drift.stdout);
    tenant(&["migrate", "drift", "--fix", "--yes"]).ok();
    tenant(&["migrate", "drift"]).ok();
    // A dump is the tenant's, and makes it elsewhere.
    let dump = tenant(&["migrate", "dump"]).ok().stdout;
    assert_eq!(tenant(&["migrate", "dump", "--expected"]).ok().stdout, dump);
    let copy = Db::empty();
    copy.execute(&dump);
    assert_eq!(copy.cmf(["--schema", "acme", "migrate", "dump"]).ok().stdout, dump);
    copy.cmf(["--schema", "acme", "migrate", "adopt"]).ok();
    copy.cmf(["--schema", "acme", "migrate", "drift"]).ok();
}

#[test]
fn drift_compares_with_what_is_applied_and_not_with_what_is_pending() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]));
    db.cmf(folder.args(&["up"])).ok();
    folder.add("2_b", "CREATE TABLE b (id integer)", "DROP TABLE b");
    db.cmf(folder.args(&["drift"])).ok();
    db.execute("ALTER TABLE a ADD b text");
    let changed = db.cmf(folder.args(&["drift"]));
    assert!(!changed.stderr.contains("no migration is recorded"), "{}", changed.stderr);
    std::fs::remove_dir_all(folder.path().join("1_a")).unwrap();
    db.cmf(folder.args(&["drift"])).fails(1, "does not have the applied migration 1, so cmf cannot tell what it made");
}

#[test]
fn a_repair_waits_for_a_lock_as_long_as_it_is_told() {
    let db = up();
    db.execute("ALTER TABLE metrics ALTER COLUMN name DROP NOT NULL");
    let started = std::time::Instant::now();
    db.cmf(["migrate", "drift"]).fails(4, "");
    let usual = started.elapsed();
    let _held = db.hold("LOCK TABLE metrics IN ACCESS SHARE MODE");
    let started = std::time::Instant::now();
    db.cmf(["migrate", "drift", "--fix", "--yes", "--lock-timeout", "50ms"]).fails(1, "another session holds a lock");
    // It would wait for 5 s.
    assert!(started.elapsed() < usual + std::time::Duration::from_secs(4), "{:?} after {usual:?}", started.elapsed());
}

#[test]
fn a_schema_that_changed_while_its_repair_was_asked_about_is_left_alone() {
    let db = up();
    db.execute("DROP INDEX idx_metrics_function");
    let mut command = db.command();
    command.args(["migrate", "drift", "--fix"]);
    let meanwhile = || db.execute("CREATE TABLE late (id integer)");
    let Some(run) = on_terminal(&command, "[y/N]", meanwhile, "y\n") else { return };
    run.fails(1, "another session changed the schema meanwhile");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relname = 'idx_metrics_function'"), "0");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'migrate.drift'"), "0");
}

#[test]
fn a_repair_that_the_server_undoes_is_not_told_as_done() {
    let db = up();
    db.execute(
        "DROP INDEX idx_metrics_function;
         CREATE FUNCTION undo() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN DROP INDEX idx_metrics_function; END $$;
         CREATE EVENT TRIGGER undo ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION undo()",
    );
    let refused = db.cmf(["migrate", "drift", "--fix", "--yes"]).fails(1, "the statements do not lead back to the schema");
    assert!(refused.stderr.contains("idx_metrics_function"), "{}", refused.stderr);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'migrate.drift'"), "0");
}

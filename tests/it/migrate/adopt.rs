//! `cmf migrate adopt` of a database that lives: more than cmf knows, under other names.

use super::{Folder, applied, catalog_dump};
use crate::support::{Db, project};

/// A database as the web framework's tools make it, with rows.
fn living() -> Db {
    let db = Db::empty();
    db.execute(&std::fs::read_to_string(project("tests/it/migrate/sqlalchemy.sql")).expect("the script"));
    db
}

#[test]
fn tables_without_a_ledger_are_told_how_to_be_taken_over() {
    let db = Db::migrated();
    db.cmf(["migrate", "up"]).fails(1, "no migration is recorded");
    let status = db.cmf(["migrate", "status"]).ok();
    assert!(status.stdout.starts_with("schema: unrecorded") && !status.stdout.contains("pending"), "{}", status.stdout);
    assert!(status.stderr.contains("cmf migrate adopt"), "{}", status.stderr);
    assert_eq!(db.cmf(["migrate", "status", "--exit-code"]).code, 4);
    let doctor = db.cmf(["doctor", "--format", "json"]).fails(4, "");
    let found = doctor.json().as_array().unwrap().iter().find(|one| one["check"] == "migrations").cloned().unwrap();
    assert_eq!((found["state"].as_str(), found["fix"].as_str()), (Some("wrong"), Some("cmf migrate adopt")), "{found}");
    let folder = Folder::of(&[("1_users", "CREATE TABLE users (id integer)", "")]);
    let refused = db.cmf(folder.args(&["up"])).fails(1, "no migration is recorded");
    assert!(refused.stderr.contains("cmf migrate adopt --dir "), "{}", refused.stderr);
    // A script that is content with what is there is run.
    let content = Folder::of(&[("1_users", "CREATE TABLE IF NOT EXISTS users (id integer)", "")]);
    db.cmf(content.args(&["up"])).ok();
}

#[test]
fn a_living_database_is_adopted_with_all_that_is_in_it() {
    let db = living();
    db.cmf(["migrate", "up"]).fails(1, "no migration is recorded");
    let before = catalog_dump(&db);
    let told = db.cmf(["migrate", "adopt", "--dry-run"]);
    assert_eq!(told.code, 4, "{}", told.stderr);
    assert_eq!(told.stderr, "");
    for line in [
        "renamed enum metric_direction is called metricdirection",
        "renamed constraint metrics.pk_metrics is called metrics_pkey",
        "renamed constraint users.uq_users_email is called ix_users_email",
        "renamed constraint framework_functions.fk_framework_functions_framework is called framework_functions_framework_id_fkey",
        "renamed index metrics.idx_metrics_catalog is called ix_metrics_catalog_id",
        "extra column metrics.legacy_code",
        "extra table sessions",
    ] {
        assert!(told.stdout.lines().any(|found| found.starts_with(line)), "{line}:\n{}", told.stdout);
    }
    assert!(!told.stdout.contains("DROP"), "{}", told.stdout);
    let refused = db.cmf(["migrate", "adopt"]).fails(1, "Nothing was changed.");
    assert!(refused.stderr.lines().count() < 6 && refused.stdout == told.stdout, "{}", refused.stderr);
    assert!(refused.stderr.contains("cmf migrate adopt --allow-extra --fix"), "{}", refused.stderr);
    assert_eq!(catalog_dump(&db), before);

    let fixed = db.cmf(["migrate", "adopt", "--allow-extra", "--fix", "--yes"]).ok();
    assert!(
        fixed.stderr.contains("column metrics.legacy_code") && fixed.stderr.contains("view high_metrics"),
        "{}",
        fixed.stderr
    );
    assert!(fixed.stderr.contains("alembic_version (7f3a91c0d2e4)"), "{}", fixed.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE legacy_code = metric_number OR team_id = 1"), "1000");
    assert_eq!(db.one("SELECT count(DISTINCT typname) FROM pg_type WHERE typname LIKE 'metric%dir%'"), "1");
    assert_eq!(
        db.one(
            "SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = 'metric_priority'::regtype"
        ),
        "High Medium Low"
    );
    assert_eq!(db.one("SELECT version_num FROM alembic_version"), "7f3a91c0d2e4");
    let noted = db.one("SELECT result::text FROM ai_change_log WHERE action = 'migrate.adopt'");
    assert!(noted.contains("table sessions") && noted.contains("renamed enum metric_direction"), "{noted}");

    for command in
        [&["migrate", "drift"][..], &["migrate", "status", "--exit-code"], &["migrate", "verify"], &["migrate", "up"]]
    {
        let run = db.cmf(command).ok();
        assert!(!run.stdout.contains("extra"), "{}", run.stdout);
    }
    assert!(db.cmf(["migrate", "log"]).ok().stdout.contains("accept"));
    // And what comes later is not accepted.
    db.execute("CREATE TABLE later (id integer)");
    assert_eq!(db.cmf(["migrate", "drift"]).fails(4, "").stdout, "extra table later\n");
    db.cmf(["migrate", "drift", "--allow-extra"]).ok();
    db.cmf(["migrate", "drift"]).ok();
    db.cmf(["seed", "csf-2.0"]).ok();
    db.cmf(["doctor"]).ok();
    db.cmf(["user", "list"]).ok();
    db.cmf(["record", "M-7", "75"]).ok();
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'M-7'"), "75.0000");
    db.cmf(["metric", "add", "New", "--number", "N-1", "--function", "PR", "--direction", "higher_is_better", "--target", "9"])
        .ok();
    db.cmf(["score", "--default"]).ok();
    db.cmf(["audit", "verify"]).ok();
}

#[test]
fn to_go_down_leaves_what_is_somebodys() {
    let db = Db::migrated();
    db.execute("CREATE TABLE teams (id integer); INSERT INTO teams VALUES (1); ALTER TABLE metrics ADD COLUMN legacy text");
    db.cmf(["migrate", "adopt", "--allow-extra"]).ok();
    db.cmf(["migrate", "drift"]).ok();
    db.cmf(["migrate", "down", "--all", "--confirm", &db.name]).ok();
    assert_eq!(db.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"), ["teams"]);
}

#[test]
fn rows_in_the_way_are_named_and_nothing_is_done() {
    let db = living();
    db.execute(
        "DROP INDEX ix_users_email;
         INSERT INTO users (id, username, email, is_active) VALUES
             ('00000000-0000-0000-0000-000000000002', 'bob', 'ada@example.org', TRUE);
         INSERT INTO metric_catalogs VALUES ('00000000-0000-0000-0000-0000000000c2', 'Second', NULL,
             '00000000-0000-0000-0000-000000000001', TRUE, NULL, NULL, now(), now());
         ALTER TABLE metrics ALTER COLUMN is_locked DROP NOT NULL;
         UPDATE metrics SET is_locked = NULL WHERE metric_number IN ('M-1', 'M-2', 'M-3', 'M-4');
         UPDATE metrics SET target_lower = 5, target_upper = 1 WHERE metric_number = 'M-9';
         ALTER TABLE metrics DROP CONSTRAINT metrics_catalog_id_fkey;
         UPDATE metrics SET catalog_id = '00000000-0000-0000-0000-00000000dead' WHERE metric_number = 'M-8';
         ALTER TABLE metrics ADD COLUMN tenant text; UPDATE metrics SET tenant = 'x'; ALTER TABLE metrics ALTER COLUMN tenant SET NOT NULL",
    );
    let before = catalog_dump(&db);
    let refused = db.cmf(["migrate", "adopt", "--allow-extra", "--fix", "--yes"]).fails(1, "Nothing was changed.");
    for words in [
        "4 rows without a value: 10000000-0000-0000-0000-000000000001, 10000000-0000-0000-0000-000000000002, \
         10000000-0000-0000-0000-000000000003, ...",
        "1 value in more than one row: (ada@example.org) in 00000000-0000-0000-0000-000000000001, \
         00000000-0000-0000-0000-000000000002",
        "1 value in more than one row: (00000000-0000-0000-0000-000000000001) in 00000000-0000-0000-0000-0000000000c1",
        "1 row against it: 10000000-0000-0000-0000-000000000009",
        "1 row whose key points to no row: 10000000-0000-0000-0000-000000000008",
        "cmf writes no value for it: ALTER TABLE metrics ALTER COLUMN tenant DROP NOT NULL",
    ] {
        assert!(refused.stdout.contains(words), "{words}:\n{}", refused.stdout);
    }
    assert_eq!(catalog_dump(&db), before);
    // The script leaves these, and does all else.
    let script = db.cmf(["migrate", "adopt", "--allow-extra", "--sql"]).ok().stdout;
    assert!(script.contains("-- left: ") && script.contains("BEGIN;"), "{script}");
    db.execute(&script);
    let left = db.cmf(["migrate", "adopt", "--allow-extra", "--dry-run"]).fails(4, "");
    assert_eq!(left.stdout.lines().filter(|line| !line.starts_with(' ')).count(), 6, "{}", left.stdout);
}

#[test]
fn what_a_later_migration_makes_is_not_taken_for_somebodys() {
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "CREATE TABLE b (id integer)", "")]);
    let db = Db::empty();
    db.execute("CREATE TABLE a (id integer); CREATE TABLE b (id integer, more text); CREATE TABLE c (id integer)");
    db.cmf(folder.args(&["adopt", "--allow-extra"])).ok();
    assert_eq!(applied(&db), ["1", "2"]);
    let behind = Db::empty();
    behind.execute("CREATE TABLE a (id integer); CREATE TABLE c (id integer)");
    behind.cmf(folder.args(&["adopt", "--allow-extra"])).ok();
    assert_eq!(applied(&behind), ["1"]);
}

#[test]
fn what_is_fixed_on_the_way_waits_for_a_lock_as_long_as_it_is_told_and_asks_first() {
    let db = Db::migrated();
    db.execute("ALTER TABLE metrics ALTER COLUMN name DROP NOT NULL");
    db.cmf(["migrate", "adopt", "--fix"]).fails(2, "there is no terminal");
    let started = std::time::Instant::now();
    db.cmf(["migrate", "adopt"]).fails(1, "1 difference");
    let usual = started.elapsed();
    let _held = db.hold("LOCK TABLE metrics IN ACCESS SHARE MODE");
    let started = std::time::Instant::now();
    db.cmf(["migrate", "adopt", "--fix", "--yes", "--lock-timeout", "50ms"]).fails(1, "another session holds a lock");
    // It would wait for 5 s.
    assert!(started.elapsed() < usual + std::time::Duration::from_secs(4), "{:?} after {usual:?}", started.elapsed());
}

//! `cmf doctor`.

use crate::catalog::catalog;
use crate::support::{Db, Run, cmf, run};

/// The state of a check in a run with `--format json`.
#[track_caller]
fn state(run: &Run, check: &str) -> String {
    let findings = run.json();
    let found = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("no check {check} in {findings}"))["state"].as_str().expect("a state").to_owned()
}

fn doctor(db: &Db, options: &[&str]) -> Run {
    db.cmf(["doctor", "--format", "json"].iter().chain(options))
}

/// An active catalog in a database that cmf migrated itself, so that it knows what is applied.
pub fn active() -> Db {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    db.cmf(["seed", "csf-2.0"]).ok();
    db.cmf(["user", "create", "analyst", "--email", "analyst@example.org"]).ok();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db
}

#[test]
fn a_healthy_database_is_exit_0() {
    let db = active();
    let run = doctor(&db, &[]).ok();
    for check in [
        "connection", "encoding", "clock", "migrations", "drift", "one active catalog", "mappings", "current values", "orphans",
    ] {
        assert_eq!(state(&run, check), "ok", "{check}: {}", run.stdout);
    }
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action LIKE 'doctor%'"), "0");
}

#[test]
fn each_broken_rule_is_found_by_name_and_says_what_mends_it() {
    for (sql, check, expected, fix) in [
        ("UPDATE metrics SET current_value = 1 WHERE name = 'MFA'", "current values", "wrong", "cmf doctor --fix"),
        ("UPDATE users SET active_catalog_id = NULL", "active catalog of users", "wrong", "cmf doctor --fix"),
        (
            "UPDATE metric_catalog_framework_mappings SET subcategory_code = 'PR.AA-99' WHERE subcategory_code IS NOT NULL",
            "mappings",
            "wrong",
            "cmf map set",
        ),
        (
            "INSERT INTO metrics (name, direction, csf_function, priority) VALUES ('Lone', 'binary', 'XX', 'Low')",
            "functions",
            "wrong",
            "cmf metric set",
        ),
        ("UPDATE metrics SET current_value = 3 WHERE name = 'Inventory'", "values without reading", "warning", "cmf record"),
        ("UPDATE metrics SET target_lower = NULL WHERE name = 'Utilisation'", "targets", "warning", "cmf metric set"),
        ("UPDATE metrics SET metric_number = 'PR-001' WHERE name = 'Utilisation'", "names", "warning", "cmf metric set"),
        (
            "UPDATE metric_history SET recorded_at = now() + interval '1 year' WHERE value = 90",
            "future readings",
            "warning",
            "cmf record undo",
        ),
        (
            "DELETE FROM metric_catalog_framework_mappings; DELETE FROM metric_catalog_items WHERE name = 'MFA'",
            "orphans",
            "warning",
            "cmf import FILE --mode upsert",
        ),
        ("DROP INDEX idx_metrics_function", "drift", "wrong", "cmf migrate drift --fix"),
        ("ALTER TABLE metrics DROP COLUMN unit", "drift", "wrong", "cmf migrate drift --fix"),
        (
            "DROP INDEX uq_metric_catalogs_one_active; INSERT INTO metric_catalogs (name, owner_id, is_active) SELECT 'Second', id, TRUE FROM users",
            "one active catalog",
            "wrong",
            "cmf catalog activate",
        ),
    ] {
        let db = active();
        db.execute(sql);
        let run = doctor(&db, &[]);
        assert_eq!(state(&run, check), expected, "{sql}: {}", run.stdout);
        assert_eq!(run.code, if run.stdout.contains("\"wrong\"") { 4 } else { 0 });
        let findings = run.json();
        let found = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == check).expect("the check");
        assert!(found["fix"].as_str().expect("a command").contains(fix), "{found}");
    }
}

#[test]
fn an_owner_of_several_active_catalogs_is_found_once() {
    let db = active();
    db.execute(
        "DROP INDEX uq_metric_catalogs_one_active;
         INSERT INTO metric_catalogs (name, owner_id, is_active)
         SELECT name, id, TRUE FROM users, (VALUES ('Second'), ('Third')) AS more (name)",
    );
    let run = doctor(&db, &["--fix"]);
    assert_eq!(state(&run, "one active catalog"), "wrong");
    assert!(run.stdout.contains("1 owner has several active catalogs"), "{}", run.stdout);
    assert_eq!(state(&run, "active catalog of users"), "ok", "{}", run.stdout);
}

#[test]
fn fix_mends_what_loses_nothing_and_leaves_an_audit_row() {
    let db = active();
    db.execute(
        "UPDATE metrics SET current_value = 1 WHERE name = 'MFA'; UPDATE metrics SET current_value = NULL WHERE name = 'Utilisation';
         UPDATE metrics SET current_value = 7 WHERE name = 'Inventory'; UPDATE users SET active_catalog_id = NULL",
    );
    let run = doctor(&db, &["--fix"]).ok();
    assert!(run.stderr.contains("fixed 3 rows"), "{}", run.stderr);
    // A value without any reading stays: nobody knows a better one.
    assert_eq!(
        db.rows("SELECT name, current_value FROM metrics ORDER BY name"),
        ["Inventory|7.0000", "MFA|90.0000", "Utilisation|50.0000"]
    );
    assert_eq!(
        db.one("SELECT count(*) FROM users u JOIN metric_catalogs c ON c.id = u.active_catalog_id AND c.is_active"),
        "1"
    );
    assert_eq!(
        db.rows(
            "SELECT result ->> 'current_values', result ->> 'active_catalogs' FROM ai_change_log WHERE action = 'doctor.fix'"
        ),
        ["2|1"]
    );
    doctor(&db, &["--fix"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'doctor.fix'"), "1");
}

#[test]
fn a_database_without_the_schema_and_one_that_is_not_there_are_findings() {
    let db = Db::empty();
    let run = doctor(&db, &["--fix"]);
    assert_eq!((run.code, state(&run, "migrations").as_str(), state(&run, "data").as_str()), (4, "wrong", "skipped"));
    assert!(run.stdout.contains("cmf migrate up"), "{}", run.stdout);
    let gone =
        self::run(cmf().args(["doctor", "--format", "json", "--database-url", "postgres://nobody:canary@127.0.0.1:1/none"]));
    assert_eq!((gone.code, state(&gone, "connection").as_str()), (4, "wrong"));
    assert!(!gone.stdout.contains("canary") && !gone.stderr.contains("canary"));
}

#[test]
fn the_spool_is_counted_and_a_private_postgres_is_not_made_for_a_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let spool = folder.path().join("spool");
    let doctor = || run(cmf().args(["doctor", "--format", "json", "--spool"]).arg(&spool).env("CMF_DATA_DIR", &data));
    let first = doctor().ok();
    assert_eq!((state(&first, "connection").as_str(), state(&first, "spool").as_str()), ("ok", "ok"));
    assert!(!data.exists());
    assert_ne!(state(&first, "disk"), "wrong");
    std::fs::create_dir(&spool).expect("the spool");
    std::fs::write(spool.join("a.readings"), "").expect("a file");
    assert_eq!(state(&doctor().ok(), "spool"), "warning");
    std::fs::write(spool.join("b.refused"), "").expect("a file");
    let run = doctor();
    assert_eq!((run.code, state(&run, "spool").as_str()), (4, "wrong"));
}

#[test]
fn each_database_role_hears_what_it_is_fit_for() {
    let db = active();
    for (role, is, fit) in [("importer", "ok", "can import, record and read"), ("recorder", "ok", "can record, and no more")] {
        let name = format!("{}_{role}", db.name);
        db.execute(&format!("CREATE ROLE {name} LOGIN"));
        db.cmf(["db", "grants", "--role", role, &name, "--apply"]).ok();
        let url = db.url.replacen(&format!("{}@", db.one("SELECT session_user")), &format!("{name}@"), 1);
        let looked = run(cmf().env("CMF_DATABASE_URL", &url).args(["doctor", "--format", "json"]));
        db.execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
        let looked = looked.ok();
        assert_eq!(state(&looked, "role"), is);
        assert!(looked.stdout.contains(fit), "{}", looked.stdout);
        assert_eq!(
            state(&looked, if role == "importer" { "orphans" } else { "data" }),
            if role == "importer" { "ok" } else { "skipped" }
        );
    }
    let name = format!("{}_nobody", db.name);
    db.execute(&format!("CREATE ROLE {name} LOGIN"));
    let url = db.url.replacen(&format!("{}@", db.one("SELECT session_user")), &format!("{name}@"), 1);
    let looked = run(cmf().env("CMF_DATABASE_URL", &url).args(["doctor", "--format", "json"]));
    db.execute(&format!("DROP ROLE {name}"));
    assert_eq!((looked.code, state(&looked, "role").as_str()), (4, "wrong"), "{}", looked.stderr);
    assert!(looked.stdout.contains(&format!("cmf db grants {name} --role reader --apply")), "{}", looked.stdout);
}

#[test]
fn a_database_of_another_encoding_is_wrong_and_says_the_way_out() {
    let db = Db::empty();
    let latin = format!("{}_latin", db.name);
    db.execute(&format!("CREATE DATABASE {latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"));
    let url = db.url.replace(&db.name, &latin);
    let looked = run(cmf().env("CMF_DATABASE_URL", &url).args(["doctor", "--format", "json"]));
    db.execute(&format!("DROP DATABASE {latin} WITH (FORCE)"));
    assert_eq!((looked.code, state(&looked, "encoding").as_str()), (4, "wrong"), "{}", looked.stderr);
    assert!(looked.stdout.contains("LATIN1") && looked.stdout.contains("cmf db restore"), "{}", looked.stdout);
}

#[test]
fn a_reading_is_in_the_future_from_five_minutes_on() {
    let db = active();
    for (ahead, expected) in [("4 minutes", "ok"), ("6 minutes", "warning")] {
        db.execute(&format!(
            "UPDATE metric_history SET recorded_at = (now() AT TIME ZONE 'utc') + interval '{ahead}' WHERE value = 90"
        ));
        let run = doctor(&db, &[]);
        assert_eq!(state(&run, "future readings"), expected, "{ahead}");
        let id = db.one("SELECT id FROM metric_history WHERE value = 90");
        assert_eq!(run.stdout.contains(&format!("\"cmf record undo {id}\"")), expected == "warning", "{}", run.stdout);
    }
}

#[test]
fn of_many_findings_three_are_named() {
    let db = active();
    db.execute("UPDATE ai_change_log SET result = jsonb_set(result, '{chain,hash}', '\"x\"')");
    let findings = doctor(&db, &[]).json();
    let found =
        findings.as_array().expect("findings").iter().find(|finding| finding["check"] == "audit trail").expect("the check");
    let text = found["finding"].as_str().expect("a text");
    assert_eq!(text.matches("(malformed)").count(), 3, "{text}");
    assert!(text.ends_with(", ..."), "{text}");
}

#[test]
fn a_collation_of_another_version_is_named_with_what_to_do() {
    let db = active();
    assert_eq!(state(&doctor(&db, &[]), "collation"), "ok");
    if db.one("SELECT count(*) FROM pg_collation WHERE collname = 'und-x-icu'") == "0" {
        crate::support::skip("this Postgres has no ICU");
        return;
    }
    let told = |run: &Run| {
        run.json().as_array().expect("findings").iter().find(|one| one["check"] == "collation").expect("it").to_string()
    };
    db.execute(
        "ALTER TABLE users ALTER COLUMN username TYPE varchar(50) COLLATE \"und-x-icu\";
         UPDATE pg_collation SET collversion = '1.2.3' WHERE collname = 'und-x-icu'",
    );
    let run = doctor(&db, &[]);
    assert_eq!(state(&run, "collation"), "warning");
    let text = told(&run);
    assert!(text.contains("1.2.3") && text.contains("REINDEX DATABASE") && text.contains("REFRESH VERSION"), "{text}");
    // Of the whole database, which Postgres notes from version 15 on.
    if db.one("SELECT current_setting('server_version_num')::integer >= 150000") == "t" {
        let name = format!("{}_icu", db.name);
        db.execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'und' ENCODING 'UTF8' LOCALE 'C'"
        ));
        let url = db.url.replace(&db.name, &name);
        cmf().args(["migrate", "up", "--database-url", &url]).output().expect("cmf runs");
        db.execute(&format!("UPDATE pg_database SET datcollversion = '1.2.3' WHERE datname = '{name}'"));
        let text = told(&crate::support::run(cmf().args(["doctor", "--format", "json", "--database-url", &url])));
        assert!(text.contains("1.2.3") && text.contains("REFRESH COLLATION VERSION"), "{text}");
        db.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}

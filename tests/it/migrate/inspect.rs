//! What migrations would do, make, and should have made.

use super::{Folder, applied, catalog_dump, versions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::support::{Db, cmf, run};

/// No scratch database of these runs is left.
#[track_caller]
pub(super) fn no_scratch(before: &[String]) {
    let db = Db::empty();
    let left: Vec<String> = scratch(&db).into_iter().filter(|name| !before.contains(name)).collect();
    // Those of tests that run beside this one go in time.
    for name in left {
        db.wait_for("0", &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    }
}

pub(super) fn scratch(db: &Db) -> Vec<String> {
    db.rows("SELECT datname FROM pg_database WHERE datname LIKE 'cmf_scratch%'")
}

#[test]
fn plan_shows_the_sql_and_changes_nothing() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer);", ""), ("2_b", "SELECT 2;\n", "")]));
    folder.add_bare("3_c", "SELECT 3", "");
    let plan = db.cmf(folder.args(&["plan"])).ok();
    assert_eq!(
        plan.stdout,
        "-- 1_a (in a transaction)\nCREATE TABLE a (id integer);\n\n-- 2_b (in a transaction)\nSELECT 2;\n\n\
         -- 3_c (statement by statement, outside a transaction)\nSELECT 3\n\n"
    );
    let rows = db.cmf(folder.args(&["plan", "--format", "json"])).ok().json();
    assert_eq!((rows[0]["version"].as_str(), rows[2]["run_in_transaction"].as_bool()), (Some("1"), Some(false)));
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    db.cmf(folder.args(&["up"])).ok();
    assert!(db.cmf(folder.args(&["plan"])).ok().stderr.contains("nothing to do"));
}

#[test]
fn plan_trace_reports_the_locks_and_rewrites_that_happen() {
    let db = Db::empty();
    let folder = Folder::of(&[(
        "1_a",
        "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer); CREATE INDEX i ON b (id);",
        "",
    )]);
    db.cmf(folder.args(&["up"])).ok();
    folder.add("2_add", "ALTER TABLE a ADD COLUMN c integer; SELECT count(*) FROM b;", "");
    folder.add("3_type", "ALTER TABLE b ALTER COLUMN id TYPE bigint; CREATE TABLE c (id integer REFERENCES a (id))", "");
    folder.add("4_new", "CREATE TABLE d (id integer)", "");
    folder.add_bare("5_index", "CREATE INDEX CONCURRENTLY i2 ON b (id)", "");
    let before = scratch(&db);
    let trace = db.cmf(folder.args(&["plan", "--trace", "--format", "json"])).ok().json();
    let cells: Vec<String> = trace
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            ["name", "relation", "lock", "blocks", "rewritten"].map(|key| row[key].to_string().replace('"', "")).join("|")
        })
        .collect();
    assert_eq!(
        cells,
        [
            "2_add|a|AccessExclusiveLock|reads and writes|false",
            "2_add|b|AccessShareLock|other migrations|false",
            "3_type|a|ShareRowExclusiveLock|writes|false",
            "3_type|b|AccessExclusiveLock|reads and writes|true",
            "3_type|i|null|null|true",
            "4_new|null|none on existing tables|nothing|false",
            "5_index|CREATE INDEX CONCURRENTLY i2 ON b (id)|ShareUpdateExclusiveLock|VACUUM and other migrations|null",
        ]
    );
    assert_eq!(applied(&db), ["1"]);
    no_scratch(&before);
}

/// A database that cmf migrated.
pub(super) fn up() -> Db {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    db
}

#[test]
fn a_role_that_may_not_make_a_database_is_told_what_to_do() {
    let db = Db::migrated();
    let role = format!("{}_role", db.name);
    db.execute(&format!("CREATE ROLE {role} LOGIN; GRANT ALL ON DATABASE {} TO {role}", db.name));
    let user = db.one("SELECT session_user");
    let url = db.url.replacen(&format!("{user}@"), &format!("{role}@"), 1);
    let refused = run(cmf().env("CMF_DATABASE_URL", &url).args(["migrate", "dump", "--expected"]));
    db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    refused.fails(77, "--scratch-url");
}

#[test]
fn a_scratch_database_is_made_on_the_server_that_is_named() {
    let (empty, made, migrated) = (Db::empty(), Db::migrated(), up());
    for (db, command) in
        [(&empty, "plan --trace"), (&empty, "dump --expected"), (&empty, "test"), (&made, "adopt"), (&migrated, "drift")]
    {
        let on = |server: &str| db.cmf(format!("migrate {command} --scratch-url {server}").split(' '));
        on("postgres://nobody@127.0.0.1:1/none").fails(69, "nobody@127.0.0.1:1/");
        on(&migrated.url).ok();
    }
}

#[test]
fn a_dump_makes_the_same_schema_and_is_always_the_same() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    db.execute(
        "COMMENT ON TABLE users IS 'it''s \\ theirs'; COMMENT ON COLUMN users.email IS 'address';
         CREATE DOMAIN positive AS integer CHECK (VALUE > 0); CREATE TYPE pair AS (a integer, b text);
         CREATE TABLE \"Odd Name\" (\"select\" serial, p positive, q pair, i integer GENERATED ALWAYS AS IDENTITY,
            g integer GENERATED ALWAYS AS (p * 2) STORED, t text COLLATE \"C\", EXCLUDE USING btree (p WITH =));
         CREATE VIEW v AS SELECT count(*) AS n FROM users;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE users DISABLE TRIGGER t;
         CREATE SCHEMA other; CREATE TABLE other.x (id integer PRIMARY KEY);",
    );
    let dump = db.cmf(["migrate", "dump"]).ok().stdout;
    assert_eq!(db.cmf(["migrate", "dump"]).ok().stdout, dump);
    assert!(!dump.contains("cmf_migrations") && !dump.contains("__diesel"), "{dump}");
    let copy = Db::empty();
    copy.execute(&dump);
    assert_eq!(copy.cmf(["migrate", "dump"]).ok().stdout, dump);
    let folder = Folder::of(&[("1_all", &dump, "")]);
    assert_eq!(Db::empty().cmf(folder.args(&["dump", "--expected"])).ok().stdout, dump);
    let plain = Db::empty();
    plain.cmf(["migrate", "up"]).ok();
    assert_eq!(plain.cmf(["migrate", "dump"]).ok().stdout, plain.cmf(["migrate", "dump", "--expected"]).ok().stdout);
}

#[test]
fn adopt_records_an_equal_schema_and_leaves_alembic_alone() {
    let db = Db::migrated();
    db.execute("CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('abc')");
    let before = catalog_dump(&db);
    db.cmf(["migrate", "adopt", "--dry-run"]).ok();
    assert_eq!(catalog_dump(&db), before);
    db.cmf(["migrate", "adopt"]).ok();
    assert_eq!(applied(&db), versions());
    assert_eq!(db.one("SELECT version_num FROM alembic_version"), "abc");
    assert_eq!(db.rows("SELECT DISTINCT action FROM cmf_migrations"), ["adopt"]);
    assert_eq!(db.rows("SELECT action FROM ai_change_log"), ["migrate.adopt"]);
    for args in
        [["migrate", "status", "--exit-code"].as_slice(), &["migrate", "verify"], &["migrate", "drift"], &["migrate", "up"]]
    {
        db.cmf(args).ok();
    }
    db.cmf(["migrate", "adopt"]).fails(1, "are already applied");
}

#[test]
fn adopt_refuses_a_different_schema_with_the_list() {
    let db = Db::migrated();
    db.execute(
        "ALTER TABLE users RENAME CONSTRAINT uq_users_email TO users_email_key; ALTER TABLE metrics DROP COLUMN unit;
         CREATE TABLE alembic_version (version_num varchar(32))",
    );
    let before = catalog_dump(&db);
    let told = db.cmf(["migrate", "adopt", "--dry-run"]);
    assert_eq!(told.code, 4, "{}", told.stderr);
    assert_eq!(told.stdout.lines().count(), 2, "{}", told.stdout);
    let refused = db.cmf(["migrate", "adopt"]).fails(1, "the schema is not what the migrations make: 2 differences");
    assert!(refused.stdout.contains("missing column metrics.unit: character varying(50)"), "{}", refused.stdout);
    let script = db.cmf(["migrate", "adopt", "--sql"]).ok().stdout;
    assert!(script.contains("ALTER TABLE users RENAME CONSTRAINT users_email_key TO uq_users_email;"), "{script}");
    assert_eq!(catalog_dump(&db), before);
    db.execute("ALTER TABLE users RENAME CONSTRAINT users_email_key TO uq_users_email; ALTER TABLE metrics ADD COLUMN unit varchar(50)");
    db.cmf(["migrate", "adopt"]).ok();
    db.cmf(["migrate", "drift"]).ok();
}

#[test]
fn adopt_finds_the_migration_that_a_schema_stands_at() {
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "CREATE TABLE b (id integer)", "")]);
    let db = Db::empty();
    db.cmf(folder.args(&["adopt"])).fails(1, "the database is empty");
    db.execute("CREATE TABLE a (id integer)");
    let run = db.cmf(folder.args(&["adopt"])).ok();
    assert!(run.stderr.contains("1 migration pending"), "{}", run.stderr);
    assert_eq!(applied(&db), ["1"]);
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(applied(&db), ["1", "2"]);
}

#[test]
fn adopt_recognises_the_original_web_application() {
    let db = Db::empty();
    db.execute(
        "CREATE TABLE frameworks (id uuid PRIMARY KEY, code varchar(50) NOT NULL, name text);
         CREATE TABLE metrics (id uuid PRIMARY KEY, priority_rank integer);
         CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('013_last')",
    );
    let before = catalog_dump(&db);
    db.cmf(["migrate", "adopt"]).fails(1, "the original web application (alembic version 013_last)");
    assert_eq!(catalog_dump(&db), before);
}

#[test]
fn test_finds_a_way_back_that_is_none() {
    let db = Db::empty();
    let before = scratch(&db);
    db.cmf(["migrate", "test"]).ok();
    let folder = Folder::of(&[
        ("1_a", "CREATE TABLE a (id integer); CREATE INDEX i ON a (id);", "DROP TABLE a"),
        ("2_b", "CREATE TABLE b (id integer); CREATE TYPE e AS ENUM ('x')", "DROP TABLE b; DROP TYPE e; DROP INDEX i"),
        ("3_c", "CREATE TABLE c (id integer)", ""),
    ]);
    folder.add_bare("4_d", "CREATE INDEX CONCURRENTLY j ON a (id)", "DROP INDEX CONCURRENTLY j");
    let tested = db.cmf(folder.args(&["test", "--format", "json"]));
    assert_eq!(tested.code, 4, "{}", tested.stderr);
    let tested = tested.json();
    let results: Vec<&str> =
        tested["migrations"].as_array().unwrap().iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["up, down, up", "differs", "up; no down.sql", "up, down, up"]);
    assert!(tested["differences"][0].as_str().unwrap().starts_with("2_b: down leaves another schema: missing index a.i"));
    folder.write("1_a", "up.sql", "CREATE TABLE a (id nonsense)");
    db.cmf(folder.args(&["test"])).fails(1, "1_a failed: type \"nonsense\" does not exist");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    no_scratch(&before);
}

#[test]
fn a_scratch_database_goes_with_a_signal_too() {
    let db = Db::empty();
    let before = scratch(&db);
    let folder = Folder::of(&[("1_a", "SELECT pg_sleep(60)", "SELECT 1")]);
    let mut command = db.command();
    let mut child = command.args(folder.args(&["test"])).stderr(std::process::Stdio::null()).spawn().unwrap();
    db.wait_for("t", "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname LIKE 'cmf_scratch%' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()");
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    no_scratch(&before);
}

#[test]
fn lint_names_file_line_and_rule() {
    let folder = Folder::of(&[
        ("2026-01-01-000000_a", "CREATE TABLE a (id integer);\n\nCREATE INDEX i ON b (id);", "DROP TABLE a;"),
        ("2026-01-01-000000_b", "-- nothing\n", ""),
        ("nonsense", "SELECT 1", "SELECT 1"),
        ("2026-01-03-000000_c", "-- cmf-lint: allow ban-drop-table, nobody asks for it\nDROP TABLE a;", "SELECT 1"),
        ("2026-01-04-000000_d", "SELECT 1;\nCREATE INDEX CONCURRENTLY j ON b (id);", "SELECT 1"),
    ]);
    folder.write("2026-01-03-000000_c", "metdata.toml", "run_in_transaction = false");
    folder.write("2026-01-04-000000_d", "metadata.toml", "run_in_transactions = false");
    let found = cmf().args(folder.args(&["lint"])).output().unwrap();
    assert_eq!(found.status.code(), Some(4));
    let text = String::from_utf8(found.stdout).unwrap();
    let told: Vec<String> = text.lines().map(|line| line.splitn(3, ": ").take(2).collect::<Vec<_>>().join(": ")).collect();
    assert_eq!(
        told,
        [
            "2026-01-01-000000_a/up.sql:3: require-concurrent-index-creation",
            "2026-01-01-000000_b: duplicate-version",
            "2026-01-01-000000_b/up.sql: empty-up",
            "2026-01-01-000000_b/down.sql: missing-down",
            "2026-01-03-000000_c/metdata.toml: unknown-file",
            "2026-01-04-000000_d/metadata.toml: bad-metadata",
            "2026-01-04-000000_d/metadata.toml: bad-metadata",
            "2026-01-04-000000_d/up.sql:2: several-statements-with-concurrent-index",
            "nonsense: bad-version",
        ]
    );
    let json = run(cmf().args(folder.args(&["lint", "--format", "json"]))).json();
    assert_eq!((json[0]["line"].as_i64(), json.as_array().unwrap().len()), (Some(3), 9));
    folder.write("2026-01-04-000000_d", "metadata.toml", "run_in_transaction = ");
    let found = run(cmf().args(folder.args(&["lint"])));
    assert!(found.stdout.contains("it is not TOML"), "{}", found.stdout);
    // The duplicate has neither up nor down now.
    std::fs::remove_file(folder.path().join("2026-01-01-000000_b/up.sql")).unwrap();
    assert!(run(cmf().args(folder.args(&["lint"]))).stdout.contains("2026-01-01-000000_b: missing-up"));
    run(cmf().args(["migrate", "lint", "--dir", "/nonexistent"])).fails(78, "cannot be read");
}

#[test]
fn the_projects_own_migrations_pass_lint_and_test() {
    let folder = crate::support::project("migrations");
    let lint = run(cmf().args(["migrate", "lint", "--dir"]).arg(&folder));
    assert_eq!((lint.code, lint.stdout.as_str()), (0, ""), "{}", lint.stderr);
    run(cmf().args(["migrate", "lint"])).ok();
    let rules = run(cmf().args(["migrate", "lint", "--rules", "--format", "json"])).ok().json();
    assert!(rules.as_array().unwrap().iter().any(|rule| rule["rule"] == "renaming-column"));
    let db = Db::empty();
    let mut test = db.command();
    run(test.args(["migrate", "test", "--dir"]).arg(&folder)).ok();
}

#[test]
fn new_makes_a_folder_that_lint_wants_filled() {
    let home = tempfile::tempdir().unwrap();
    let made = run(cmf().current_dir(home.path()).args(["migrate", "new", "Add metric owner", "--no-transaction"])).ok();
    let folder = made.stdout.trim();
    assert!(folder.starts_with("migrations/20") && folder.ends_with("_add_metric_owner"), "{folder}");
    for file in ["up.sql", "down.sql", "metadata.toml"] {
        assert!(home.path().join(folder).join(file).exists(), "{file}");
    }
    // It was made beside its place and moved there whole: nothing else is left, and it is a folder like any other.
    let names: Vec<_> = std::fs::read_dir(home.path().join("migrations")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names, [home.path().join(folder)]);
    std::fs::create_dir(home.path().join("other")).unwrap();
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
    };
    assert_eq!(mode(&home.path().join(folder)), mode(&home.path().join("other")));
    let lint = run(cmf().current_dir(home.path()).args(["migrate", "lint", "--dir", "migrations"]));
    assert_eq!(lint.code, 4);
    assert!(lint.stdout.contains("empty-up"), "{}", lint.stdout);
    std::fs::write(home.path().join(folder).join("up.sql"), "SELECT 1").unwrap();
    std::fs::write(home.path().join(folder).join("down.sql"), "SELECT 1").unwrap();
    run(cmf().current_dir(home.path()).args(["migrate", "lint", "--dir", "migrations"])).ok();
    run(cmf().current_dir(home.path()).args(["migrate", "new", "../x"])).fails(2, "is not a name for a migration");
    std::fs::write(home.path().join("file"), "").unwrap();
    run(cmf().current_dir(home.path()).args(["migrate", "new", "x", "--dir", "file"]))
        .fails(73, "cannot write into the folder");
}

#[test]
fn an_old_scratch_database_goes_once_nobody_is_on_it() {
    let db = up();
    let name = format!("cmf_scratch_1000000000_{}", db.name);
    let exists = || db.one(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Another test on this server may have seen it before anybody was on it, and takes it away.
    let user = (0..10).find_map(|_| {
        if exists() == "0" {
            db.execute(&format!("CREATE DATABASE {name}"));
        }
        let mut user = runtime.block_on(db.server().clone().database(&name).connect()).ok()?;
        db.cmf(["migrate", "drift"]).ok();
        runtime.block_on(user.ping()).ok().filter(|()| exists() == "1").map(|()| user)
    });
    let user = user.expect("somebody is on it, so it stays and the session goes on");
    runtime.block_on(user.close()).expect("a goodbye");
    db.wait_for("0", &format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"));
    db.cmf(["migrate", "drift"]).ok();
    assert_eq!(exists(), "0");
}

/// By `CMF_TEST_OLD_SERVER`, which `make test-versions` sets where it finds the programs of such a version.
#[test]
fn an_older_server_than_13_is_refused() {
    let Ok(url) = std::env::var("CMF_TEST_OLD_SERVER") else {
        return crate::support::skip("set CMF_TEST_OLD_SERVER to a server older than Postgres 13");
    };
    let old = |args: &[&str]| run(cmf().args(args).args(["--database-url", &url]));
    let refused = old(&["migrate", "up"]).fails(1, "needs version 13 or newer");
    assert!(refused.stderr.contains("move the database to a newer Postgres"), "{}", refused.stderr);
    // Nothing was made, also no ledger.
    let status = old(&["migrate", "status", "--format", "json"]);
    assert!(status.stdout.contains("pending") && !status.stdout.contains("\"applied\""), "{}", status.stdout);
    assert!(old(&["doctor"]).stdout.contains("is older than 13"));
}

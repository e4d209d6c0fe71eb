//! Migrations of one's own: what became of applied ones, all in one transaction, another role, and what lint says.

use super::{Folder, applied};
use crate::support::{Db, cmf, run};

#[test]
fn up_says_which_applied_migrations_were_edited_or_removed() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "SELECT 1", "")]));
    assert_eq!(db.cmf(folder.args(&["up"])).ok().stderr, "");
    folder.write("1_a", "up.sql", "CREATE TABLE a (id bigint)");
    std::fs::remove_dir_all(folder.path().join("2_b")).expect("the folder goes");
    folder.add("3_c", "SELECT 1", "");
    let told = db.cmf(folder.args(&["up"])).ok().stderr;
    assert!(
        told.contains("edited since: 1_a") && told.contains("not in the folder: 2_b") && told.contains("cmf migrate verify"),
        "{told}"
    );
    assert_eq!(applied(&db), ["1", "2", "3"]);
}

#[test]
fn what_stands_in_the_way_of_a_migration_of_cmf_is_told_with_what_shows_it() {
    let db = Db::empty();
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    db.execute("DELETE FROM acme.__diesel_schema_migrations WHERE version = (SELECT max(version) FROM acme.__diesel_schema_migrations)");
    let refused = db.cmf(["--schema", "acme", "migrate", "up"]).fails(1, "relation \"ai_change_log\" already exists").stderr;
    assert!(refused.contains("was rolled back in the schema acme\n") && !refused.contains("correct "), "{refused}");
    assert!(refused.contains("`cmf migrate drift --schema acme` shows whether the schema is complete"), "{refused}");
    let shown = db.cmf(["--schema", "acme", "migrate", "drift"]);
    assert!(shown.stdout.contains("ai_change_log"), "{}", shown.stdout);
    db.execute("DROP TABLE acme.ai_change_log");
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    // What fails otherwise is not as the migrations before it made it.
    db.execute("DROP TABLE acme.ai_change_log");
    let refused = db.cmf(["--schema", "acme", "migrate", "down", "--yes"]).fails(1, "does not exist").stderr;
    assert!(refused.contains("`cmf migrate drift --schema acme` shows the differences"), "{refused}");
    // One's own can be corrected.
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer);\nCREATE TABLE a (id integer)", "")]);
    db.cmf(folder.args(&["up"])).fails(1, "hint: correct 1_a/up.sql, or what is in its way in the database");
}

#[test]
fn in_a_single_transaction_all_is_applied_or_nothing() {
    let (db, folder) = (
        Db::empty(),
        Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "CREATE TABLE b (id integer);\nSELECT 1 / 0", "")]),
    );
    let refused = db.cmf(folder.args(&["up", "--single-transaction"])).fails(1, "2_b failed: division by zero");
    assert!(
        refused.stderr.contains("Nothing was changed.") && refused.stderr.contains("2_b/up.sql, line 2"),
        "{}",
        refused.stderr
    );
    assert_eq!((applied(&db).len(), db.one("SELECT to_regclass('a')").as_str()), (0, ""));
    folder.write("2_b", "up.sql", "CREATE TABLE b (id integer)");
    db.cmf(folder.args(&["up", "--single-transaction"])).ok();
    assert_eq!(db.one("SELECT count(DISTINCT xmin::text) FROM __diesel_schema_migrations"), "1");
    folder.add_bare("3_c", "SELECT 1", "");
    db.cmf(folder.args(&["up", "--single-transaction"])).fails(1, "3_c runs outside of a transaction");
}

#[test]
fn a_login_that_is_not_the_owner_migrates_as_the_owner() {
    let db = Db::empty();
    let (owner, login) = (format!("{}_owner", db.name), format!("{}_login", db.name));
    db.execute(&format!(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE {owner}; CREATE ROLE {login} LOGIN NOINHERIT IN ROLE {owner}; GRANT CREATE ON SCHEMA public TO {owner}"
    ));
    let user = db.one("SELECT session_user");
    let url = db.url.replacen(&format!("{user}@"), &format!("{login}@"), 1);
    let typed = |args: &[&str]| run(cmf().env("CMF_DATABASE_URL", &url).args(args));
    typed(&["migrate", "up"]).fails(77, "");
    typed(&["migrate", "up", "--role", &owner]).ok();
    let folder = Folder::of(&[("1_a", "SET ROLE NONE; RESET ROLE; CREATE TABLE a (id integer)", "DROP TABLE a")]);
    let own = folder.args(&["up", "--role", &owner]);
    let words: Vec<&str> = ["--schema", "own"].into_iter().chain(own.iter().map(String::as_str)).collect();
    db.execute(&format!("CREATE SCHEMA own AUTHORIZATION {owner}"));
    typed(&words).ok();
    assert_eq!(db.rows("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'own'::regnamespace)"), [owner.as_str()]);
    assert_eq!(db.rows("SELECT DISTINCT run_by FROM cmf_migrations"), [login.as_str()]);
    typed(&["migrate", "up", "--role", "nobody_knows"]).fails(78, "nobody_knows");
    typed(&["migrate", "down", "--role", &owner, "--yes"]).ok();
    db.execute(&format!("DROP OWNED BY {owner} CASCADE; DROP ROLE {login}; DROP ROLE {owner}"));
}

#[test]
fn what_gives_up_the_lock_is_refused_and_not_taken_for_a_pooler() {
    let db = Db::empty();
    for statement in ["DISCARD ALL", "DEALLOCATE ALL"] {
        let folder = Folder::of(&[]);
        folder.add_bare("1_a", &format!("CREATE TABLE a (id integer);\n{statement}"), "");
        let refused = db.cmf(folder.args(&["up"])).fails(1, statement);
        assert!(!refused.stderr.contains("pooler") && refused.stderr.contains("1_a/up.sql"), "{}", refused.stderr);
        assert_eq!(db.one("SELECT to_regclass('a')"), "");
    }
}

#[test]
fn lint_finds_what_fails_in_a_transaction_and_what_is_ordered_wrong() {
    let folder = Folder::of(&[
        ("01_a", "VACUUM users;\nALTER TYPE t ADD VALUE 'new';\nUPDATE users SET kind = 'new'", "SELECT 1"),
        ("2_b", "\u{feff}SELECT 1;\nCOPY a FROM STDIN", "SELECT 1"),
    ]);
    folder.add_bare("03_c", "VACUUM users;\nALTER TYPE t ADD VALUE 'newer';\nUPDATE users SET kind = 'newer'", "SELECT 1");
    folder.add_bare("04_d", "DISCARD ALL", "SELECT 1");
    let found = run(cmf().args(folder.args(&["lint", "--format", "json"]))).json();
    let told: Vec<(&str, &str)> = found
        .as_array()
        .expect("violations")
        .iter()
        .map(|one| (one["file"].as_str().expect("a file"), one["rule"].as_str().expect("a rule")))
        .collect();
    assert_eq!(
        told,
        [
            ("01_a/up.sql", "not-in-a-transaction"),
            ("01_a/up.sql", "enum-value-used-when-added"),
            ("04_d/up.sql", "ban-discard"),
            ("2_b", "version-width"),
            ("2_b/up.sql", "byte-order-mark"),
            ("2_b/up.sql", "copy-with-client"),
        ]
    );
}

#[test]
fn placeholders_get_their_values_and_one_without_is_refused() {
    let (db, folder) = (
        Db::empty(),
        Folder::of(&[(
            "1_a",
            "CREATE TABLE a (id integer);\nCREATE TABLE ${prefix}_b (id integer)",
            "DROP TABLE ${prefix}_b; DROP TABLE a",
        )]),
    );
    let refused = db.cmf(folder.args(&["up"])).fails(78, "${prefix}");
    assert!(
        refused.stderr.contains("1_a/up.sql, line 2") && refused.stderr.contains("--set prefix=VALUE"),
        "{}",
        refused.stderr
    );
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    let with = |args: &[&str], value: &str| db.cmf(folder.args(&[args, &["--set", &format!("prefix={value}")]].concat()));
    with(&["up"], "my").ok();
    assert_eq!(db.one("SELECT to_regclass('my_b')"), "my_b");
    with(&["drift"], "my").ok();
    // Another value is no edit of what was applied; another text is.
    with(&["verify"], "other").ok();
    assert_eq!(with(&["drift"], "other").code, 4);
    folder.write("1_a", "up.sql", "CREATE TABLE a (id integer)");
    assert_eq!(with(&["verify"], "my").code, 4);
    with(&["down", "--yes"], "my").ok();
    db.cmf(["migrate", "status", "--set", "a=b"]).fails(2, "--dir FOLDER");
    db.cmf(folder.args(&["status", "--set", "1x=b"])).fails(2, "letters, digits");
}

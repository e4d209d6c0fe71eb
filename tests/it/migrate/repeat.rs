//! Migrations that repeat, a baseline in the place of many, and values of placeholders from the profile.

use super::{Folder, applied};
use crate::support::{Db, cmf, run};

const VIEW: &str = "CREATE OR REPLACE VIEW named AS SELECT id FROM one";

fn with_view() -> Folder {
    Folder::of(&[("1_one", "CREATE TABLE one (id integer, name text)", "DROP TABLE one"), ("R__named", VIEW, "")])
}

/// How each stands, as `version status`.
fn standings(db: &Db, folder: &Folder) -> Vec<String> {
    let all = db.cmf(folder.args(&["status", "--format", "json"])).ok().json();
    let rows = all["migrations"].as_array().expect("migrations").iter();
    rows.map(|row| format!("{} {}", row["version"].as_str().expect("a version"), row["status"].as_str().expect("a word")))
        .collect()
}

#[test]
fn one_that_repeats_runs_after_the_others_and_again_whenever_it_has_changed() {
    let (db, folder) = (Db::empty(), with_view());
    assert_eq!(standings(&db, &folder), ["1 pending", "R__named pending"]);
    let ran = |args: &[&str]| {
        let all = db.cmf(folder.args(&[args, &["--format", "json"]].concat())).ok().json();
        let names = all.as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    // Up to a version none of those that come after all versions runs.
    assert_eq!(ran(&["up", "--to", "1"]), ["1_one"]);
    assert_eq!(ran(&["up"]), ["R__named"]);
    assert_eq!(
        (applied(&db), standings(&db, &folder)),
        (vec!["1".to_owned()], vec!["1 applied".to_owned(), "R__named applied".to_owned()])
    );
    assert!(ran(&["up"]).is_empty());
    db.cmf(folder.args(&["status", "--exit-code"])).ok();
    db.cmf(folder.args(&["drift"])).ok();

    // Words that do not count are no change.
    folder.write("R__named", "up.sql", &format!("-- the names\n{VIEW}"));
    assert!(ran(&["up"]).is_empty());
    folder.write("R__named", "up.sql", "CREATE OR REPLACE VIEW named AS SELECT id, name FROM one");
    assert_eq!(db.cmf(folder.args(&["status", "--exit-code"])).code, 4);
    db.cmf(folder.args(&["verify"])).ok();
    let drift = db.cmf(folder.args(&["drift"]));
    assert!(drift.code == 4 && drift.stderr.contains("changed since it ran: R__named"), "{}", drift.stderr);
    folder.add("2_two", "CREATE TABLE two (id integer)", "DROP TABLE two");
    assert_eq!(ran(&["up", "--single-transaction"]), ["2_two", "R__named"]);
    assert_eq!(db.one("SELECT count(*) FROM information_schema.columns WHERE table_name = 'named'"), "2");
    db.cmf(folder.args(&["drift"])).ok();
    assert_eq!(
        db.rows("SELECT action, version, name FROM cmf_migrations ORDER BY id"),
        ["up|1|1_one", "up|R__named|R__named", "up|2|2_two", "up|R__named|R__named"]
    );
    db.execute("DROP VIEW named");
    let gone = db.cmf(folder.args(&["drift"]));
    assert!(gone.code == 4 && gone.stdout.contains("missing view named"), "{}", gone.stdout);
    // What is taken down may take its view along: it runs again.
    db.cmf(folder.args(&["down", "--yes"])).ok();
    assert_eq!(standings(&db, &folder), ["1 applied", "2 pending", "R__named pending"]);
    assert_eq!(ran(&["up"]), ["2_two", "R__named"]);
    assert_eq!(ran(&["redo", "--yes"]), ["2_two", "2_two", "R__named"]);
}

#[test]
fn one_that_repeats_and_fails_changes_nothing_and_one_that_is_removed_is_told() {
    let (db, folder) = (Db::empty(), with_view());
    folder.write("R__named", "up.sql", "CREATE OR REPLACE VIEW named AS\nSELECT nothing FROM one");
    let refused = db.cmf(folder.args(&["up"])).fails(1, "R__named failed");
    assert!(refused.stderr.contains("R__named/up.sql, line 2") && refused.stderr.contains("1_one"), "{}", refused.stderr);
    assert_eq!(standings(&db, &folder), ["1 applied", "R__named pending"]);
    folder.write("R__named", "up.sql", VIEW);
    db.cmf(folder.args(&["up"])).ok();
    std::fs::remove_dir_all(folder.path().join("R__named")).expect("the folder goes");
    assert!(db.cmf(folder.args(&["up"])).ok().stderr.contains("not in the folder: R__named"));
    assert_eq!(db.cmf(folder.args(&["verify"])).code, 4);
    db.cmf(folder.args(&["repair", "--yes"])).ok();
    db.cmf(folder.args(&["verify"])).ok();
    assert!(!db.cmf(folder.args(&["up"])).ok().stderr.contains("removed"));
    assert_eq!(db.one("SELECT action FROM cmf_migrations ORDER BY id DESC LIMIT 1"), "forget");
}

#[test]
fn the_way_back_of_all_begins_with_what_repeats() {
    let (db, folder) = (Db::empty(), with_view());
    db.cmf(folder.args(&["up"])).ok();
    let confirm = ["down", "--all", "--confirm", db.name.as_str()];
    db.cmf(folder.args(&confirm)).fails(1, "view named depends on table one");
    folder.write("R__named", "down.sql", "DROP VIEW named");
    db.cmf(folder.args(&confirm)).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    assert_eq!(standings(&db, &folder), ["1 pending", "R__named pending"]);
}

#[test]
fn new_plan_lint_and_test_know_what_repeats() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_one", "CREATE TABLE one (id integer)", "DROP TABLE one")]));
    run(cmf().args(folder.args(&["new", "all names", "--repeatable"]))).ok();
    run(cmf().args(folder.args(&["new", "all names", "--repeatable"]))).fails(2, "exists already");
    folder.write("R__all_names", "up.sql", VIEW);
    folder.add("R__functions", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "");
    run(cmf().args(folder.args(&["lint"]))).ok();
    let plan = db.cmf(folder.args(&["plan"])).ok().stdout;
    assert!(plan.find("-- 1_one") < plan.find("-- R__all_names") && plan.contains("-- R__functions"), "{plan}");
    db.cmf(folder.args(&["plan", "--trace"])).ok();
    // What cannot run a second time is found before it has to.
    db.cmf(folder.args(&["test"])).fails(1, "R__functions failed");
    folder.write("R__functions", "up.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    let tested = db.cmf(folder.args(&["test"])).ok().stdout;
    assert!(tested.contains("up, up"), "{tested}");
    assert!(db.cmf(folder.args(&["dump", "--expected"])).ok().stdout.contains("VIEW named"));
}

#[test]
fn every_tenant_gets_what_repeats() {
    let (db, folder) = (Db::empty(), with_view());
    for tenant in ["one", "two"] {
        let words = folder.args(&["up"]);
        db.cmf(["--schema", tenant].into_iter().chain(words.iter().map(String::as_str))).ok();
    }
    folder.write("R__named", "up.sql", "CREATE OR REPLACE VIEW named AS SELECT id, name FROM one");
    db.cmf(folder.args(&["up", "--all-schemas"])).ok();
    assert_eq!(
        db.rows(
            "SELECT table_schema, count(*) FROM information_schema.columns WHERE table_name = 'named' GROUP BY 1 ORDER BY 1"
        ),
        ["one|2", "two|2"]
    );
}

#[test]
fn values_of_placeholders_come_from_the_profile_and_what_is_typed_comes_first() {
    let (db, folder) = (
        Db::empty(),
        Folder::of(&[
            ("1_a", "CREATE TABLE ${prefix}_a (id integer)", "DROP TABLE ${prefix}_a"),
            ("R__b", "CREATE OR REPLACE VIEW ${prefix}_b AS SELECT ${kind} AS kind", ""),
        ]),
    );
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[profile.default]\nplaceholders = { prefix = 'mine', kind = '1' }\n").expect("a file");
    let typed = |args: &[&str]| run(db.command().env("CMF_CONFIG", &config).args(folder.args(args)));
    db.cmf(folder.args(&["up"])).fails(78, "${prefix} without a value");
    typed(&["up"]).ok();
    assert_eq!(db.one("SELECT kind FROM mine_b"), "1");
    // Another value is another view, and no other migration.
    typed(&["status", "--exit-code"]).ok();
    assert_eq!(typed(&["status", "--exit-code", "--set", "kind=2"]).code, 4);
    typed(&["up", "--set", "kind=2"]).ok();
    assert_eq!(db.one("SELECT kind FROM mine_b"), "2");
    std::fs::write(&config, "[profile.default]\nplaceholders = { prefix = 1 }\n").expect("a file");
    typed(&["status"]).fails(78, "`placeholders` is not a table of texts");
}

#[test]
fn a_baseline_takes_the_place_of_many_where_they_ran_and_where_they_did_not() {
    let folder = Folder::of(&[
        ("1_a", "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (1)", "DROP TABLE a"),
        ("2_b", "CREATE TABLE b (id integer)", "DROP TABLE b;"),
        ("3_c", "ALTER TABLE b ADD COLUMN c integer;", "ALTER TABLE b DROP COLUMN c"),
    ]);
    let (old, half) = (Db::empty(), Db::empty());
    old.cmf(folder.args(&["up"])).ok();
    half.cmf(folder.args(&["up", "--to", "2"])).ok();
    run(cmf().args(["migrate", "squash", "--yes"])).fails(2, "--dir FOLDER");
    run(cmf().args(folder.args(&["squash"]))).fails(2, "--yes");
    run(cmf().args(folder.args(&["squash", "--to", "1", "--yes"])))
        .fails(1, "has 1 migration up to 1; squash needs two or more");
    run(cmf().args(folder.args(&["squash", "--name", "start", "--yes"]))).ok();
    let names = |path: &std::path::Path| {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(folder.path()), [".before_3_start", "3_start"]);
    assert_eq!(names(&folder.path().join(".before_3_start")), ["1_a", "2_b", "3_c"]);
    run(cmf().args(folder.args(&["lint"]))).ok();

    // Where they ran there is nothing to do, and where only some did that is told.
    assert_eq!(standings(&old, &folder), ["1 replaced", "2 replaced", "3 applied"]);
    for verb in [&["status", "--exit-code"] as &[&str], &["verify"], &["drift"]] {
        assert_eq!(old.cmf(folder.args(verb)).ok().stderr, "", "{verb:?}");
    }
    assert_eq!(old.cmf(folder.args(&["up"])).ok().stderr, "nothing to do: the schema is current\n");
    assert_eq!(applied(&old), ["1", "2", "3"]);
    let refused = half.cmf(folder.args(&["up"])).fails(1, "of which only a part is applied here");
    assert!(refused.stderr.contains("not applied: 3_c"), "{}", refused.stderr);
    let before = folder.path().join(".before_3_start");
    let before = before.to_str().expect("a path");
    assert!(
        refused.stderr.contains(&format!("`cmf migrate up --dir {before}`; then run this command again")),
        "{}",
        refused.stderr
    );
    half.cmf(["migrate", "up", "--dir", before]).ok();
    half.cmf(folder.args(&["status", "--exit-code"])).ok();

    let new = Db::empty();
    new.cmf(folder.args(&["up"])).ok();
    assert_eq!((applied(&new), new.one("SELECT id FROM a")), (vec!["3".to_owned()], "1".to_owned()));
    new.cmf(folder.args(&["drift"])).ok();
    folder.add("4_d", "CREATE TABLE d (id integer)", "DROP TABLE d");
    for db in [&old, &new] {
        db.cmf(folder.args(&["up"])).ok();
        db.cmf(folder.args(&["drift"])).ok();
    }
    // A second baseline is made of the first.
    run(cmf().args(folder.args(&["squash", "--yes"]))).ok();
    for db in [&old, &new] {
        db.cmf(folder.args(&["status", "--exit-code"])).ok();
        db.cmf(folder.args(&["verify"])).ok();
        db.cmf(folder.args(&["down", "--all", "--confirm", db.name.as_str()])).ok();
        assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    }
}

#[test]
fn what_was_edited_before_it_became_a_part_of_a_baseline_is_told() {
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "SELECT 2", "")]);
    let db = Db::empty();
    db.cmf(folder.args(&["up"])).ok();
    folder.write("1_a", "up.sql", "CREATE TABLE a (id bigint)");
    let made = run(cmf().args(folder.args(&["squash", "--yes"]))).ok();
    assert!(made.stderr.contains("no down.sql"), "{}", made.stderr);
    assert_eq!(db.cmf(folder.args(&["verify"])).code, 4);
    assert_eq!(standings(&db, &folder), ["1 edited", "2 applied"]);
}

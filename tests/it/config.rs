//! Profiles: where the values of options come from, and what asks before it writes.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Db, cmf, project, run};

/// A folder with a configuration file of this text.
fn config(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, text).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("the mode is set");
    (folder, file)
}

fn with(file: &PathBuf, args: &[&str]) -> Command {
    let mut command = cmf();
    command.env("CMF_CONFIG", file).args(args);
    command
}

/// The row of a key in `cmf config show`.
fn shown(command: &mut Command, key: &str) -> (String, String) {
    let rows = run(command.args(["config", "show", "--format", "json"])).ok().json();
    let row = rows.as_array().expect("rows").iter().find(|row| row["key"] == key).expect("the key").clone();
    (row["value"].as_str().unwrap_or_default().to_owned(), row["origin"].as_str().expect("an origin").to_owned())
}

#[test]
fn flags_come_before_variables_and_variables_before_profiles() {
    let (_folder, file) = config(
        "[profile.default]\nowner = 'one'\n[profile.prod]\ndatabase_url = 'postgres://me:canary@profile/d'\nowner = 'two'\nschema = 'tenant'\n",
    );
    let prod = || with(&file, &["--profile", "prod"]);
    assert_eq!(shown(&mut with(&file, &[]), "owner"), ("one".into(), "profile default".into()));
    assert_eq!(shown(&mut prod(), "owner"), ("two".into(), "profile prod".into()));
    assert_eq!(shown(prod().env("CMF_OWNER", "three"), "owner"), ("three".into(), "CMF_OWNER".into()));
    assert_eq!(shown(with(&file, &[]).env("CMF_PROFILE", "prod"), "profile"), ("prod".into(), "CMF_PROFILE".into()));
    assert_eq!(shown(&mut prod(), "schema"), ("tenant".into(), "profile prod".into()));
    assert_eq!(shown(prod().args(["--schema", "other"]), "schema"), ("other".into(), "--schema".into()));
    let url = |command: &mut Command| shown(command, "database_url");
    assert_eq!(url(&mut prod()), ("postgres://me@profile:5432/d".into(), "profile prod".into()));
    assert_eq!(url(prod().env("DATABASE_URL", "postgres://u@a/d")), ("postgres://u@a:5432/d".into(), "DATABASE_URL".into()));
    assert_eq!(
        url(prod().env("CMF_DATABASE_URL", "postgres://u@b/d")),
        ("postgres://u@b:5432/d".into(), "CMF_DATABASE_URL".into())
    );
    assert_eq!(
        url(prod().args(["--database-url", "postgres://u@c/d"])),
        ("postgres://u@c:5432/d".into(), "--database-url".into())
    );
    assert_eq!(url(&mut with(&file, &[])).0, "");
    let all = run(&mut with(&file, &["--profile", "prod", "config", "show", "-vv"])).ok();
    assert!(!format!("{}{}", all.stdout, all.stderr).contains("canary"));
}

#[test]
fn a_wrong_configuration_is_78_and_names_the_nearest() {
    let db = Db::migrated();
    for (text, profile, message) in [
        ("[profile.p]\nownr = 'x'\n", "p", "did you mean `owner`?"),
        ("[profile.p]\nconfirm = 1\n", "p", "`confirm` is not true or false"),
        ("[profile.p]\n", "q", "there are: p"),
        ("[profile.p\n", "p", "is not TOML"),
    ] {
        let (_folder, file) = config(text);
        run(with(&file, &["--profile", profile, "user", "list"]).env("CMF_DATABASE_URL", &db.url)).fails(78, message);
    }
    let (_folder, file) = config("[profile.p]\n");
    run(with(&file, &["user", "list"]).env("CMF_PROFILE", "q")).fails(78, "it is from CMF_PROFILE");
    std::fs::write(&file, b"\xff\xfe").expect("a file");
    run(&mut with(&file, &["user", "list"])).fails(78, "save it as UTF-8");
    run(&mut with(&PathBuf::from("/nowhere/config.toml"), &["--profile", "p", "user", "list"]))
        .fails(78, "/nowhere/config.toml");
    run(with(&PathBuf::from("/nowhere/config.toml"), &["user", "list"]).env("CMF_DATABASE_URL", &db.url))
        .fails(78, "the configuration file cannot be read");
    for text in [
        "[profile.p]\ndatabase_url = 'postgres://u:canary@h/d'\n",
        "[profile.p]\n\"database_url\" = 'host=h password=canary'\n",
        "profile.p = { database_url = 'postgres://u:canary@h/d' }\n",
        "profile.p.database_url = 'postgres://h/d?p%61ssword=canary'\n",
    ] {
        let (_folder, file) = config(text);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("the mode is set");
        let refused = run(&mut with(&file, &["--profile", "p", "user", "list"])).fails(78, "others can read it (mode 0644)");
        assert!(!refused.stderr.contains("canary"), "{text}");
    }
}

#[test]
fn a_profile_gives_options_their_values() {
    let db = Db::seeded();
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    let (_folder, file) = config(&format!("[profile.bob]\ndatabase_url = '{}'\nowner = 'bob'\n", db.url));
    let score = |args: &[&str]| run(with(&file, &["--profile", "bob", "score"]).args(args));
    score(&[]).fails(2, "bob has no active catalog");
    db.cmf(["user", "deactivate", "bob"]).ok();
    score(&[]).fails(2, "and the account is closed").fails(2, "hint: first open the account: `cmf user activate bob");
    db.cmf(["user", "activate", "bob"]).ok();
    score(&["--owner", "analyst"]).fails(2, "analyst has no active catalog");
    run(with(&file, &["--profile", "bob", "score"]).env("CMF_OWNER", "analyst")).fails(2, "analyst has no active catalog");
    let (_folder, file) = config("[profile.w]\nweights = { High = 1, Medium = 2 }\n");
    run(with(&file, &["--profile", "w", "score", "--default"]).env("CMF_DATABASE_URL", &db.url))
        .fails(2, "weights must fall from");
}

#[test]
fn a_profile_that_confirms_asks_before_it_writes() {
    let db = Db::migrated();
    let (_folder, file) = config(&format!("[profile.prod]\ndatabase_url = '{}'\nconfirm = true\n", db.url));
    let prod = |args: &[&str]| run(with(&file, &["--profile", "prod"]).args(args));
    let create = ["user", "create", "ada", "--email", "ada@example.org"];
    prod(&create).fails(2, "The profile prod asks before writing");
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");
    prod(&["user", "list"]).ok();
    prod(&["config", "show"]).ok();
    prod(&[&create[..], &["--yes"]].concat()).ok();
    assert_eq!(db.one("SELECT count(*) FROM users"), "1");
}

#[test]
fn what_writes_nothing_is_not_asked_about() {
    let db = Db::seeded();
    db.cmf(["import", &project("fixtures/catalogs/starter-csf-2.0.csv").display().to_string(), "--name", "C", "--activate"])
        .ok();
    db.execute("CREATE ROLE what_writes_nothing_is_not_asked_about");
    let (folder, file) = config(&format!("[profile.prod]\ndatabase_url = '{}'\nconfirm = true\n", db.url));
    let prod = |args: &[&str]| run(with(&file, &["--profile", "prod"]).args(args));
    let out = folder.path().join("c.csv").display().to_string();
    let grants = ["db", "grants", "what_writes_nothing_is_not_asked_about", "--role", "reader"];
    let asks = "The profile prod asks before writing";
    for args in [
        &["score", "--as-of", "2026-11-01"][..],
        &["score", "--dry-run"],
        &["score", "show"],
        &grants,
        &["migrate", "drift"],
        &["doctor"],
        &["catalog", "export", "C", "--out", &out],
        &["catalog", "diff", "C", "C"],
        &["map", "suggest", "--dry-run"],
    ] {
        let run = prod(args);
        assert!(!run.stderr.contains(asks), "{args:?}: {}", run.stderr);
    }
    // What could write has to have something to write.
    db.cmf(["migrate", "adopt"]).ok();
    prod(&["migrate", "drift", "--fix"]).ok();
    db.execute("ALTER TABLE metrics ALTER COLUMN priority DROP NOT NULL");
    for args in [&["score"][..], &[&grants[..], &["--apply"]].concat()[..], &["doctor", "--fix"]] {
        prod(args).fails(2, asks);
    }
    // Its own question is as good.
    prod(&["migrate", "drift", "--fix"]).fails(2, "Run this in one transaction");
    // A database's name is the stronger confirmation; a wrong one confirms nothing.
    prod(&["db", "drop", "--confirm", "other"]).fails(2, "--confirm names `other`");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "1");
    db.execute("DROP ROLE what_writes_nothing_is_not_asked_about");
}

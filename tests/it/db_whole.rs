//! `cmf db create`, `drop`, `reset`, `wait`, `template` and `clone`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use cmf::local::Cluster;

use crate::support::{Db, Run, cmf, run, run_directory};

/// A database that does not exist yet, on the server of another.
struct Unmade<'a> {
    beside: &'a Db,
    name: String,
    url: String,
}

impl<'a> Unmade<'a> {
    fn beside(db: &'a Db, suffix: &str) -> Self {
        let name = format!("{}_{suffix}", db.name);
        let (base, _) = db.url.rsplit_once('/').expect("a database in the URL");
        Unmade { beside: db, url: format!("{base}/{name}"), name }
    }

    fn cmf(&self, args: &[&str]) -> crate::support::Run {
        run(cmf().env("CMF_DATABASE_URL", &self.url).args(args))
    }

    fn exists(&self) -> bool {
        self.beside.one(&format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", self.name)) == "1"
    }
}

impl Drop for Unmade<'_> {
    fn drop(&mut self) {
        self.beside.execute(&format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name));
    }
}

#[test]
fn a_database_is_made_migrated_reset_and_dropped() {
    let db = Db::empty();
    let new = Unmade::beside(&db, "new");
    new.cmf(&["migrate", "status"]).fails(78, "does not exist");
    new.cmf(&["db", "create"]).ok();
    new.cmf(&["migrate", "status", "--exit-code"]).fails(4, "");
    assert!(new.cmf(&["db", "create", "--seed"]).ok().stderr.contains("exists already"));
    new.cmf(&["migrate", "status", "--exit-code"]).ok();
    assert!(new.cmf(&["framework", "list", "--format", "csv"]).ok().stdout.lines().count() > 1);
    new.cmf(&["user", "create", "ada", "--email", "ada@example.org"]).ok();

    new.cmf(&["db", "reset"]).fails(2, &format!("--confirm {}", new.name));
    new.cmf(&["db", "drop"]).fails(2, &format!("--confirm {}", new.name));
    new.cmf(&["db", "drop", "--confirm", "other"]).fails(2, "--confirm names");
    assert!(new.cmf(&["user", "list"]).ok().stdout.contains("ada"));

    new.cmf(&["db", "reset", "--confirm", &new.name]).ok();
    let trail = || new.cmf(&["audit", "list", "--action", "db.reset", "--format", "json"]).ok().json();
    assert_eq!((trail()[0]["result"]["database"].as_str(), &trail()[0]["result"]["seeded"]), (Some(&*new.name), &false.into()));
    assert!(!new.cmf(&["user", "list"]).ok().stdout.contains("ada"));
    new.cmf(&["migrate", "status", "--exit-code"]).ok();
    assert!(new.cmf(&["framework", "list", "--format", "json"]).ok().json().as_array().unwrap().is_empty());

    new.cmf(&["db", "reset", "--seed", "--confirm", &new.name]).ok();
    assert_eq!((trail().as_array().map(Vec::len), &trail()[0]["result"]["seeded"]), (Some(1), &true.into()));
    assert!(new.cmf(&["framework", "list"]).ok().stdout.contains("csf-2.0"));

    new.cmf(&["db", "drop", "--confirm", &new.name]).ok();
    assert!(!new.exists());
    new.cmf(&["db", "create", "--migrate"]).ok();
    new.cmf(&["migrate", "status", "--exit-code"]).ok();
    assert!(!new.cmf(&["framework", "list"]).ok().stdout.contains("csf-2.0"));
    new.cmf(&["db", "drop", "--confirm", &new.name]).ok();
    assert!(new.cmf(&["db", "drop"]).ok().stderr.contains("there is no database"));
}

#[test]
fn a_database_is_confirmed_by_a_name_that_a_shell_takes_as_it_is() {
    let db = Db::empty();
    let mut odd = Unmade::beside(&db, "x $(id)");
    odd.url = odd.url.replace(' ', "%20").replace('$', "%24");
    odd.cmf(&["db", "create", "--migrate"]).ok();
    let confirm = format!("hint: add --confirm '{}' to confirm\n", odd.name);
    odd.cmf(&["db", "drop"]).fails(2, &confirm);
    odd.cmf(&["db", "reset"]).fails(2, &confirm);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.dump");
    let file = file.to_str().expect("a path");
    odd.cmf(&["db", "dump", file]).ok();
    odd.cmf(&["db", "restore", file, "--replace"]).fails(2, &confirm);
}

#[test]
fn the_servers_own_databases_are_not_dropped() {
    let db = Db::empty();
    let (base, _) = db.url.rsplit_once('/').unwrap();
    for verb in ["drop", "reset"] {
        run(cmf().env("CMF_DATABASE_URL", format!("{base}/postgres")).args(["db", verb, "--confirm", "postgres"]))
            .fails(2, "belongs to the server itself");
    }
}

#[test]
fn wait_ends_when_the_server_answers_and_fails_when_it_does_not() {
    let db = Db::empty();
    db.cmf(["db", "wait"]).ok();
    let mut command = cmf();
    let started = std::time::Instant::now();
    run(command.env("CMF_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").args(["db", "wait", "--timeout", "300ms"]))
        .fails(69, "cannot be reached");
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_template_is_made_once_and_copied() {
    let db = Db::empty();
    let template = Unmade::beside(&db, "template");
    db.cmf(["db", "clone", &template.name]).fails(1, "there is no template");
    // Several at once make one.
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = db.command();
            command.args(["db", "template", &template.name]).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let again = db.cmf(["db", "template", &template.name, "--format", "json"]).ok().json();
    assert_eq!(again["changed"], false);

    let copy = Unmade::beside(&db, "copy");
    let printed = db.cmf(["db", "clone", &template.name, &copy.name]).ok().stdout;
    let frameworks = run(cmf().env("CMF_DATABASE_URL", printed.trim()).args(["framework", "list", "--format", "json"])).ok();
    assert!(!frameworks.json().as_array().unwrap().is_empty());
    copy.cmf(&["migrate", "status", "--exit-code"]).ok();
    copy.cmf(&["migrate", "drift"]).ok();
    db.cmf(["db", "clone", &template.name, &copy.name]).fails(1, "exists already");

    let made_up = db.cmf(["db", "clone", &template.name, "--format", "json"]).ok().json();
    let name = made_up["database"].as_str().unwrap();
    assert!(name.starts_with(&template.name));
    db.execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));

    // One of another cmf is made anew; a database that is not a template stays.
    db.execute(&format!("COMMENT ON DATABASE \"{}\" IS 'cmf template of old'", template.name));
    let run = db.cmf(["db", "clone", &template.name, "--format", "json"]).ok();
    assert!(run.stderr.contains("made by another version of cmf"), "{}", run.stderr);
    db.execute(&format!("DROP DATABASE \"{}\" WITH (FORCE)", run.json()["database"].as_str().unwrap()));
    assert_eq!(db.cmf(["db", "template", &template.name, "--format", "json"]).ok().json()["changed"], true);
    db.cmf(["db", "template", &db.name]).fails(1, "is not a template of cmf");

    // One for another schema is another template.
    let made = |schema: &str| {
        let run = db.cmf(["--schema", schema, "db", "template", &template.name, "--format", "json"]).ok();
        run.json()["changed"].as_bool().unwrap()
    };
    assert_eq!([made("one"), made("one"), made("two")], [true, false, true]);
}

/// Postgres makes no copies of a database that was sorted by another version of its collation.
#[test]
fn a_template_of_another_version_of_its_collation_is_made_anew() {
    let db = Db::empty();
    let count = "SELECT count(*) FROM pg_collation WHERE collprovider = 'i'
                 AND current_setting('server_version_num')::integer >= 150000";
    if db.one(count) == "0" {
        crate::support::skip("this Postgres has no ICU, or is older than 15, which notes no version");
        return;
    }
    let template = Unmade::beside(&db, "template");
    let name = &template.name;
    let made = || db.cmf(["db", "template", name, "--format", "json"]).ok().json()["changed"].as_bool();
    assert_eq!([made(), made()], [Some(true), Some(false)]);
    // The same template on another collation: of another version, then of the system's.
    let mark = db.one(&format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"));
    let sorted = |by: &str| {
        db.execute(&format!("ALTER DATABASE \"{name}\" IS_TEMPLATE false"));
        db.execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
        db.execute(&format!(
            "CREATE DATABASE \"{name}\" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'und' ENCODING 'UTF8' LOCALE 'C'"
        ));
        db.execute(&format!("COMMENT ON DATABASE \"{name}\" IS '{mark}'"));
        db.execute(&format!("UPDATE pg_database SET datcollversion = {by} WHERE datname = '{name}'"));
    };
    sorted("'1.2.3'");
    assert_eq!(made(), Some(true));
    sorted("datcollversion");
    assert_eq!(made(), Some(false));
}

/// Whoever makes a template anew drops the old one first. A copy waits for that.
#[test]
fn a_copy_waits_for_a_template_that_is_made_anew() {
    let db = Db::empty();
    let template = Unmade::beside(&db, "template");
    let building = Unmade::beside(&db, "building");
    db.cmf(["db", "template", &template.name]).ok();
    let copy = Unmade::beside(&db, "copy");
    let rename = |from: &Unmade<'_>, to: &Unmade<'_>| {
        db.execute(&format!("ALTER DATABASE \"{}\" RENAME TO \"{}\"", from.name, to.name));
    };
    let making = db.hold_in("postgres", &format!("SELECT pg_advisory_lock({})", i64::from_be_bytes(*b"cmf_migr")));
    rename(&template, &building);
    let mut command = db.command();
    command.args(["db", "clone", &template.name, &copy.name]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cmf starts");
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = 'postgres' AND application_name LIKE 'cmf%' AND query LIKE '%pg_try_advisory_lock%'";
    let begin = Instant::now();
    while db.one(waiting) == "0" && child.try_wait().expect("its state").is_none() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it neither waits nor ends");
    }
    rename(&building, &template);
    drop(making);
    Run::from(child.wait_with_output().expect("its end")).ok();
    assert!(copy.exists());
}

#[test]
fn a_role_that_may_not_connect_is_told_so_and_its_reading_is_not_taken_for_one_of_an_absent_server() {
    let db = Db::seeded();
    let name = format!("{}_shut", db.name);
    db.execute(&format!("CREATE ROLE {name} LOGIN; REVOKE CONNECT ON DATABASE \"{}\" FROM PUBLIC", db.name));
    let url = db.url.replacen(&format!("{}@", db.one("SELECT session_user")), &format!("{name}@"), 1);
    let folder = tempfile::tempdir().expect("a folder");
    let refused = run(cmf().env("CMF_DATABASE_URL", &url).args(["user", "list"])).fails(77, "permission denied");
    assert!(refused.stderr.contains("GRANT CONNECT ON DATABASE"), "{}", refused.stderr);
    let spool = folder.path().join("spool");
    let kept = run(cmf().env("CMF_DATABASE_URL", &url).args(["record", "M-1", "5", "--spool"]).arg(&spool));
    db.execute(&format!("DROP ROLE {name}"));
    kept.fails(77, "permission denied");
}

/// A server whose usual databases are closed to a role.
#[test]
fn who_may_not_connect_to_the_usual_database_works_from_another() {
    let cluster = Cluster::throwaway(run_directory().join("closed"));
    let lock = cluster.lock().unwrap_or_else(|error| panic!("{}", error.to_text()));
    let started = cluster.start(&lock).unwrap_or_else(|error| panic!("{}", error.to_text()));
    let of = |database: &str| started.endpoint.url(database);
    let admin = |sql: &str| crate::support::admin(&of("postgres").parse().expect("a URL"), sql);
    admin("CREATE ROLE maker LOGIN CREATEDB");
    admin("CREATE DATABASE home OWNER maker");
    let owner = run(cmf().env("CMF_DATABASE_URL", of("postgres")).args(["db", "schemas", "--format", "json"])).ok();
    assert_eq!(owner.stdout.trim(), "[]");
    let maker = |database: &str, args: &[&str]| {
        let url = of(database);
        let (before, after) = url.split_once("://").expect("a scheme");
        let at = after.split_once('@').map_or(after, |(_, at)| at);
        run(cmf().env("CMF_DATABASE_URL", format!("{before}://maker@{at}")).args(args))
    };
    admin("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    maker("new", &["db", "create", "--migrate"]).ok();
    maker("new", &["migrate", "test"]).ok();
    maker("new", &["migrate", "drift"]).ok();
    maker("new", &["db", "reset", "--confirm", "new"]).ok();
    maker("new", &["db", "drop", "--confirm", "new"]).ok();
    admin("ALTER ROLE maker NOCREATEDB");
    let grant = r#"ALTER ROLE "maker" CREATEDB"#;
    let refused = maker("home", &["db", "template", "mould"]).fails(77, &format!("`{grant}`"));
    assert!(refused.stderr.contains("to make `mould`"), "{}", refused.stderr);
    maker("home", &["migrate", "test"]).fails(77, &format!("`{grant}`"));
    admin(grant);
    maker("home", &["db", "template", "mould"]).ok();
    admin("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC");
    maker("home", &["migrate", "up"]).ok();
    maker("home", &["migrate", "test"]).ok();
    maker("home", &["migrate", "drift"]).ok();
    maker("home", &["db", "template", "home_template"]).ok();
    let url = maker("home", &["db", "clone", "home_template", "copy"]).ok().stdout;
    assert!(url.contains("/copy"), "{url}");
    maker("home", &["db", "drop", "--confirm", "home"]).fails(77, "cannot be dropped from inside");
    maker("none", &["db", "create"]).fails(77, "permission denied");
    cluster.stop(&lock).unwrap_or_else(|error| panic!("{}", error.to_text()));
}

fn listed(db: &Db, args: &[&str]) -> serde_json::Value {
    db.cmf([args, &["--format", "json"]].concat()).ok().json()
}

#[test]
fn a_template_holds_fixtures_and_is_made_anew_when_one_of_them_changes() {
    let db = Db::empty();
    let template = Unmade::beside(&db, "fixtures");
    let folder = tempfile::tempdir().expect("a folder");
    let (sheet, readings) = (folder.path().join("sheet.csv"), folder.path().join("readings.csv"));
    std::fs::write(&sheet, "ID,Name,Direction,Target,Category\nM-1,Coverage,higher,95,PR.AA\n").expect("a file");
    std::fs::write(&readings, "metric,value,at\nM-1,90,2026-01-31\n").expect("a file");
    let (sheet, readings) = (sheet.to_str().expect("a path"), readings.to_str().expect("a path"));
    let words = [
        "db", "template", &template.name, "--import", sheet, "--activate", "--record", readings, "--owner", "ada", "--ttl",
        "2h",
    ];
    assert_eq!(listed(&db, &words)["changed"], true);
    assert_eq!(listed(&db, &words)["changed"], false);
    let copy = Unmade::beside(&db, "copy");
    let run = db.cmf(["db", "clone", &template.name, &copy.name]).ok();
    assert!(!run.stderr.contains("another cmf"), "{}", run.stderr);
    let score = copy.cmf(&["score", "--format", "json"]).ok().json();
    assert_eq!(score["overall"]["score"].as_f64().or_else(|| score["overall_score"].as_f64()), Some(94.74), "{score}");
    assert_eq!(copy.cmf(&["user", "list", "--columns", "username", "--format", "csv"]).ok().stdout, "username\nada\n");

    // Another reading is another template; what an import refuses leaves the old one, and nothing half made.
    std::fs::write(readings, "metric,value,at\nM-1,91,2026-01-31\n").expect("a file");
    assert_eq!(listed(&db, &words)["changed"], true);
    std::fs::write(readings, "metric,value,at\nM-2,91,2026-01-31\n").expect("a file");
    db.cmf(words).fails(65, "M-2");
    let building = Unmade::beside(&db, "fixtures_building");
    assert!(template.exists() && !building.exists());
    db.cmf(["db", "template", &template.name, "--import", sheet, "--import", sheet, "--activate"])
        .fails(2, "one active catalog");
    let map = folder.path().join("map.toml");
    db.cmf(["db", "template", &template.name, "--import", sheet, "--map-file", map.to_str().expect("a path")])
        .fails(65, "map.toml");
    // A database that is not a template is not copied.
    let run = db.cmf(["db", "clone", &copy.name]).fails(1, "is not a template");
    assert!(run.stderr.contains("cmf db template"), "{}", run.stderr);
}

#[test]
fn the_sample_ends_today_in_a_template_and_in_any_database() {
    let db = Db::migrated();
    db.cmf(["seed", "--sample", "--owner", "ada"]).ok();
    let newest =
        "SELECT now() AT TIME ZONE 'utc' - max(recorded_at) BETWEEN interval '0' AND interval '1 day' FROM metric_history";
    assert_eq!(db.one(newest), "t");
    // Those of the file, and what the sheet itself says of 139 metrics.
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "7367");
    let again = db.cmf(["seed", "--sample"]).ok();
    assert!(again.stderr.contains("of ada exists already"), "{}", again.stderr);
    // Nobody's own catalog becomes inactive by it.
    db.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    db.execute(
        "INSERT INTO metric_catalogs (name, owner_id, is_active) SELECT 'Mine', id, true FROM users WHERE username = 'eve'",
    );
    db.cmf(["seed", "--sample", "--owner", "eve"]).fails(2, "has the active catalog `Mine`");

    let template = Unmade::beside(&db, "sample");
    db.cmf(["db", "template", &template.name, "--sample"]).ok();
    let copy = Unmade::beside(&db, "copy");
    db.cmf(["db", "clone", &template.name, &copy.name]).ok();
    let score = copy.cmf(&["score", "--format", "json"]).ok().json();
    assert_eq!(score["overall"]["score"].as_f64().or_else(|| score["overall_score"].as_f64()), Some(77.2), "{score}");
}

#[test]
fn what_drops_a_database_leads_a_tenant_to_what_empties_its_schema() {
    let db = Db::migrated();
    db.cmf(["tenant", "create", "acme"]).ok();
    let refused =
        db.cmf(["--schema", "acme", "db", "drop", "--confirm", &db.name]).fails(2, "--schema names the schema `acme`");
    let command =
        refused.stderr.split("empty only `acme`: `cmf ").nth(1).and_then(|rest| rest.split('`').next()).expect("a command");
    db.cmf(command.split(' ')).ok();
    assert_eq!(db.one("SELECT to_regclass('acme.metrics') IS NULL AND to_regclass('public.metrics') IS NOT NULL"), "t");
}

#[test]
fn copies_and_templates_whose_time_is_over_are_pruned_and_one_is_dropped_by_its_name() {
    let db = Db::empty();
    let [template, old, kept] = ["template", "old", "kept"].map(|suffix| Unmade::beside(&db, suffix));
    db.cmf(["db", "template", &template.name]).ok();
    db.cmf(["db", "clone", &template.name, &old.name, "--ttl", "1h"]).ok();
    db.cmf(["db", "clone", &template.name, &kept.name, "--ttl", "1h"]).ok();
    let expired = || listed(&db, &["db", "prune", &db.name, "--dry-run"]).as_array().expect("rows").clone();
    assert!(expired().is_empty());
    let note = db.one(&format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'", old.name));
    let (before, _) = note.split_once("; expires ").expect("a time in the note");
    db.execute(&format!("COMMENT ON DATABASE \"{}\" IS '{before}; expires 2020-01-01T00:00:00Z'", old.name));
    assert!(expired()[0]["database"] == *old.name && old.exists(), "{:?}", expired());
    db.cmf(["db", "prune", &db.name]).fails(2, "--yes");
    let held = db.hold_in(&old.name, "SELECT 1");
    let run = db.cmf(["db", "prune", &db.name, "--yes"]).ok();
    assert!(old.exists() && run.stderr.contains("in use were not dropped"), "{}", run.stderr);
    drop(held);
    while expired()[0]["sessions"] != 0 {}
    db.cmf(["db", "prune", &db.name, "--yes"]).ok();
    assert!(!old.exists() && kept.exists() && template.exists());

    assert_eq!(listed(&db, &["db", "drop", &kept.name])["changed"], true);
    assert_eq!(listed(&db, &["db", "drop", &kept.name])["changed"], false);
    db.cmf(["db", "drop", &db.name]).fails(2, "not a copy or a template");
    assert!(!kept.exists());
}

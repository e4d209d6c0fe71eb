//! Tenants, each in a schema of its own on one server.

use crate::support::{Db, Run, project};

#[test]
fn the_main_job_runs_in_two_schemas_at_once_without_crosstalk() {
    let db = Db::empty();
    let tenants = [("Acme \"quoted\" GmbH", "90"), ("tenant_b", "45")];
    std::thread::scope(|scope| {
        for (tenant, value) in tenants {
            let db = &db;
            scope.spawn(move || {
                let cmf = |args: &[&str]| db.cmf([&["--schema", tenant], args].concat()).ok();
                cmf(&["migrate", "up"]);
                cmf(&["seed", "csf-2.0"]);
                cmf(&["user", "create", "ada", "--email", "ada@example.org"]);
                cmf(&[
                    "metric", "add", "Multi-factor coverage", "--number", "M-1", "--function", "PR", "--category", "PR.AA",
                    "--direction", "higher_is_better", "--target", "100",
                ]);
                cmf(&["record", "M-1", value]);
                cmf(&["score", "--default"]);
            });
        }
    });
    for (tenant, value) in tenants {
        let cmf = |args: &[&str]| db.cmf([&["--schema", tenant, "--format", "json"], args].concat()).ok().json();
        assert_eq!(cmf(&["metric", "list"]).as_array().expect("metrics").len(), 1);
        let history = cmf(&["history", "M-1"]).to_string();
        assert!(history.contains(value), "{history}");
        let schema = tenant.replace('"', "\"\"");
        assert_eq!(
            db.one(&format!(
                "SELECT count(*) FROM \"{schema}\".metrics WHERE current_value = {value} AND metric_number = 'M-1'"
            )),
            "1"
        );
        assert_eq!(db.one(&format!("SELECT count(*) FROM \"{schema}\".framework_scores")), "1");
    }
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    assert_eq!(db.one("SELECT count(*) FROM pg_type WHERE typnamespace = 'public'::regnamespace"), "0");

    let listed = db.cmf(["db", "schemas", "--format", "json"]).ok().json();
    let names: Vec<_> = listed.as_array().expect("schemas").iter().map(|row| row["schema"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Acme \"quoted\" GmbH", "tenant_b"]);
}

#[test]
fn all_schemas_are_brought_up_and_each_goes_down_alone() {
    let db = Db::empty();
    for tenant in ["a", "b"] {
        db.cmf(["--schema", tenant, "migrate", "up"]).ok();
    }
    let versions = std::fs::read_dir(project("migrations")).expect("migrations").count().to_string();
    db.cmf(["--schema", "a", "migrate", "down", "--yes"]).ok();
    let applied = |schema: &str| db.one(&format!("SELECT count(*) FROM {schema}.__diesel_schema_migrations"));
    assert_ne!(applied("a"), versions);
    assert_eq!(applied("b"), versions);
    let status = db.cmf(["--schema", "a", "migrate", "status", "--format", "json"]).ok().stdout;
    assert!(status.contains("pending"), "{status}");
    let rows = db.cmf(["migrate", "up", "--all-schemas", "--format", "json"]).ok().json();
    assert_eq!((&rows[0]["applied"], &rows[1]["applied"]), (&1.into(), &0.into()), "{rows}");
    assert_eq!(applied("a"), versions);
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn a_name_that_cannot_be_a_tenants_is_refused() {
    let db = Db::empty();
    for name in ["pg_catalog", "information_schema", "$user", "a\nb", "a\u{1b}b", &"x".repeat(64)] {
        db.cmf(["--schema", name, "migrate", "up"]).fails(2, "cannot be a tenant's schema");
    }
    db.cmf(["--schema", "nobody", "user", "list"]).fails(1, "cmf --schema nobody migrate up");
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname IN ('nobody')"), "0");
}

#[test]
fn a_mistyped_tenant_is_refused_with_those_that_there_are() {
    let db = Db::empty();
    for tenant in ["acme", "Globex"] {
        db.cmf(["--schema", tenant, "migrate", "up"]).ok();
    }
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().join("cmf.dump");
    for command in [
        &["user", "list"][..],
        &["metric", "list"],
        &["score"],
        &["record", "M-1", "5"],
        &["migrate", "down", "--yes"],
        &["migrate", "redo", "--yes"],
        &["migrate", "drift"],
        &["migrate", "verify"],
        &["migrate", "repair", "--yes"],
        &["migrate", "log"],
        &["db", "dump", dump.to_str().expect("a path")],
    ] {
        let refused = db.cmf([&["--schema", "globx"], command].concat()).fails(1, "there is no tenant `globx`");
        assert!(refused.stderr.contains("`Globex`, `acme`"), "{command:?}: {}", refused.stderr);
        assert!(!refused.stderr.contains("migrate up"), "{command:?}: {}", refused.stderr);
    }
    for command in [["migrate", "status"], ["migrate", "plan"]] {
        let looked = db.cmf([&["--schema", "globx"], &command[..]].concat()).ok();
        assert!(looked.stderr.contains("`Globex`, `acme`"), "{command:?}: {}", looked.stderr);
    }
    // What is kept meanwhile is said with it.
    let spool = tempfile::tempdir().expect("a folder");
    let mut kept = db.command();
    kept.args(["--schema", "globx", "record", "M-1", "5", "--spool"]).arg(spool.path());
    let kept = crate::support::run(&mut kept).fails(1, "there is no tenant `globx`");
    assert!(kept.stderr.contains("1 reading is kept in") && kept.stderr.contains("`Globex`"), "{}", kept.stderr);
    // Who forgets to name one is told, too.
    let refused = db.cmf(["user", "list"]).fails(1, "nothing was migrated in `public`");
    assert!(refused.stderr.contains("`Globex`, `acme`"), "{}", refused.stderr);
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'globx'"), "0");
}

#[test]
fn the_doctor_looks_at_the_tenant_that_is_named() {
    let db = Db::empty();
    let tenant = "Acme \"quoted\" GmbH";
    db.cmf(["--schema", tenant, "migrate", "up"]).ok();
    let looked = db.cmf(["--schema", tenant, "doctor", "--format", "json"]).ok();
    let state = |looked: &Run, check: &str| {
        let findings = looked.json();
        let found = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == check).cloned();
        found.map(|found| found["state"].as_str().expect("a state").to_owned())
    };
    for check in ["migrations", "drift", "orphans"] {
        assert_eq!(state(&looked, check).as_deref(), Some("ok"), "{check}: {}", looked.stdout);
    }
    let typo = db.cmf(["--schema", "Acme", "doctor", "--format", "json"]).fails(4, "");
    assert_eq!(state(&typo, "migrations").as_deref(), Some("wrong"));
    assert!(typo.stdout.contains("GmbH") && !typo.stdout.contains("migrate up"), "{}", typo.stdout);
}

#[test]
fn what_takes_the_whole_database_is_not_for_one_tenant() {
    let db = Db::empty();
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    for verb in ["drop", "reset"] {
        db.cmf(["--schema", "acme", "db", verb, "--confirm", &db.name]).fails(2, "the whole database");
    }
    assert_eq!(db.one("SELECT count(*) FROM acme.users"), "0");
}

#[test]
fn a_tenant_is_made_with_its_database() {
    let db = Db::empty();
    db.cmf(["--schema", "acme", "db", "create", "--seed"]).ok();
    assert_ne!(db.one("SELECT count(*) FROM acme.frameworks"), "0");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

/// Settings of a role lead names elsewhere in its sessions; cmf's stay in `public`.
#[test]
fn a_role_whose_names_resolve_elsewhere_works_in_the_named_schema_all_the_same() {
    let db = Db::empty();
    db.cmf(["--schema", "elsewhere", "migrate", "up"]).ok();
    db.execute(&format!("ALTER ROLE CURRENT_USER IN DATABASE \"{}\" SET search_path TO elsewhere", db.name));
    assert!(db.cmf(["migrate", "status"]).ok().stdout.contains("pending"));
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM public.users"), "0");
    db.cmf(["migrate", "status", "--exit-code"]).ok();
    db.cmf(["migrate", "verify"]).ok();
    db.cmf(["migrate", "drift"]).ok();
    db.cmf(["doctor"]).ok();
    assert!(db.cmf(["migrate", "log"]).ok().stdout.contains("create_metrics"));
    db.cmf(["migrate", "redo", "--yes"]).ok();
    db.cmf(["migrate", "down", "--all", "--confirm", &db.name]).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    assert_eq!(db.one("SELECT count(*) FROM elsewhere.users"), "0");
}

#[test]
fn a_schema_that_fails_stops_the_run_and_is_named() {
    let db = Db::empty();
    for tenant in ["a", "b", "c"] {
        db.cmf(["--schema", tenant, "migrate", "up"]).ok();
        db.cmf(["--schema", tenant, "migrate", "down", "--yes"]).ok();
    }
    db.execute("CREATE TABLE b.ai_change_log (id integer)");
    let refused = db.cmf(["migrate", "up", "--all-schemas"]).fails(1, "already exists");
    assert!(refused.stderr.contains("in the schema `b`"), "{}", refused.stderr);
    let applied = |schema: &str| db.one(&format!("SELECT count(*) FROM {schema}.__diesel_schema_migrations"));
    let all = std::fs::read_dir(project("migrations")).expect("migrations").count().to_string();
    assert_eq!(applied("a"), all);
    assert_eq!((applied("b") == all, applied("c") == all), (false, false));
}

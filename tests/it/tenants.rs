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
    let down = ["--schema", "a", "migrate", "down", "--all"];
    let refused = db.cmf(down).fails(2, "add --confirm a to confirm").stderr;
    assert!(refused.contains(&format!("everything they made in the schema `a` of database `{}`.", db.name)), "{refused}");
    db.cmf([&down[..], &["--confirm", &db.name]].concat()).fails(2, "but this is `a`");
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
        &["migrate", "status"],
        &["db", "dump", dump.to_str().expect("a path")],
    ] {
        let refused = db.cmf([&["--schema", "globx"], command].concat()).fails(1, "there is no tenant `globx`");
        assert!(refused.stderr.contains("`Globex`, `acme`"), "{command:?}: {}", refused.stderr);
        assert!(!refused.stderr.contains("migrate up"), "{command:?}: {}", refused.stderr);
    }
    let looked = db.cmf(["--schema", "globx", "migrate", "plan"]).ok();
    assert!(looked.stderr.contains("`Globex`, `acme`"), "{}", looked.stderr);
    // What is kept meanwhile is said with it.
    let spool = tempfile::tempdir().expect("a folder");
    let mut kept = db.command();
    kept.args(["--schema", "globx", "record", "M-1", "5", "--spool"]).arg(spool.path());
    let kept = crate::support::run(&mut kept).fails(1, "there is no tenant `globx`");
    assert!(kept.stderr.contains("1 reading is kept in") && kept.stderr.contains("`Globex`"), "{}", kept.stderr);
    // Who forgets to name one is told, too.
    let refused =
        db.cmf(["user", "list"]).fails(1, "the schema `public`, which is used without --schema, has no tables of cmf");
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

#[test]
fn a_run_that_keeps_going_names_the_schema_that_failed_and_does_the_others() {
    let db = Db::empty();
    for tenant in ["a", "b", "c"] {
        db.cmf(["--schema", tenant, "migrate", "up"]).ok();
        db.cmf(["--schema", tenant, "migrate", "down", "--yes"]).ok();
    }
    db.cmf(["--schema", "current", "migrate", "up"]).ok();
    db.execute("CREATE TABLE b.ai_change_log (id integer)");
    let run = db.cmf(["migrate", "up", "--all-schemas", "--keep-going", "--jobs", "3", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("1 schema failed: b"), "{}", run.stderr);
    let rows = run.json();
    let told: Vec<_> = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["schema"].as_str().unwrap(), row["applied"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("a", 1), ("b", 0), ("c", 1), ("current", 0)]);
    assert!(rows[1]["error"].as_str().expect("an error").contains("already exists"), "{rows}");
    // Nobody else migrates meanwhile.
    let held = db.hold("SELECT pg_advisory_lock(('x' || encode('cmf_migr', 'hex'))::bit(64)::bigint)");
    db.cmf(["migrate", "up", "--all-schemas", "--lock-wait", "50ms"]).fails(1, "another session is migrating this database");
    db.execute("DROP TABLE b.ai_change_log");
    drop(held);
    db.cmf(["migrate", "up", "--all-schemas", "--jobs", "2"]).ok();
    db.cmf(["--schema", "b", "migrate", "status", "--exit-code"]).ok();
}

#[test]
fn a_tenant_is_made_in_one_step_and_dropped_by_its_name() {
    let db = Db::empty();
    let made = ["tenant", "create", "Acme Inc", "--owner", "ada", "--email", "ada@acme.example"];
    db.cmf(made).ok();
    assert_eq!(db.one("SELECT username FROM \"Acme Inc\".users"), "ada");
    assert_ne!(db.one("SELECT count(*) FROM \"Acme Inc\".frameworks"), "0");
    db.cmf(["--schema", "Acme Inc", "doctor"]).ok();
    db.cmf(made).fails(1, "exists already");
    db.cmf(["--schema", "x", "tenant", "create", "y"]).fails(2, "leave out the schema");
    db.cmf(["tenant", "create", "pg_x"]).fails(2, "cannot be a tenant's schema");
    // What fails on the way leaves nothing.
    db.cmf(["tenant", "create", "globex", "--owner", "bob", "--email", "no address"]).fails(2, "");
    db.cmf(["tenant", "create", "globex", "--distributed"]).fails(1, "--distributed needs Citus");
    db.cmf(["--schema", "globex", "migrate", "up", "--distributed"])
        .fails(1, "--distributed needs Citus")
        .fails(1, "then run `psql URL -c 'CREATE EXTENSION citus'`");
    db.cmf(["migrate", "up", "--distributed"]).fails(2, "--schema NAME");
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'globex'"), "0");

    db.cmf(["--schema", "Acme Inc", "db", "views"]).ok();
    db.execute("CREATE SCHEMA reports; CREATE VIEW reports.v AS SELECT name FROM \"Acme Inc\".metrics");
    db.cmf(["tenant", "drop", "Acme Inc", "--confirm", "Acme Inc"]).fails(1, "reports.v");
    db.execute("DROP SCHEMA reports CASCADE");
    db.cmf(["tenant", "drop", "Acme Inc"]).fails(2, "--confirm \"Acme Inc\"");
    db.cmf(["tenant", "drop", "Acme Inc", "--confirm", "Acme"]).fails(2, "--confirm names");
    db.cmf(["tenant", "drop", "Acme", "--confirm", "Acme"]).fails(2, "there is no tenant `Acme`");
    db.cmf(["tenant", "drop", "public", "--confirm", "public"]).fails(2, "there is no tenant `public`");
    db.cmf(["tenant", "drop", "Acme Inc", "--confirm", "Acme Inc"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%Acme%'"), "0");
}

#[test]
fn what_looks_at_one_tenant_looks_at_all_and_says_which_failed() {
    let db = Db::empty();
    db.cmf(["doctor", "--all-schemas"]).fails(1, "no schema of this database has the tables of cmf");
    for tenant in ["acme", "globex"] {
        let cmf = |args: &[&str]| db.cmf([&["--schema", tenant], args].concat()).ok();
        db.cmf(["tenant", "create", tenant, "--owner", "ada", "--email", "ada@example.org"]).ok();
        cmf(&[
            "metric", "add", "Coverage", "--number", "M-1", "--function", "PR", "--direction", "higher_is_better", "--target",
            "100",
        ]);
        cmf(&["record", "M-1", if tenant == "acme" { "90" } else { "45" }]);
    }
    let scored = db.cmf(["score", "--all-schemas", "--default", "--format", "json"]).ok().json();
    let told = |document: &serde_json::Value, field: &str| {
        let all = document.as_array().expect("a document for each").iter();
        all.map(|one| (one["schema"].as_str().expect("a schema").to_owned(), one[field].to_string())).collect::<Vec<_>>()
    };
    let both = |first: &str, second: &str| [("acme".to_owned(), first.to_owned()), ("globex".to_owned(), second.to_owned())];
    assert_eq!(told(&scored, "overall_score"), both("90", "45"), "{scored}");
    for tenant in ["acme", "globex"] {
        assert_eq!(db.one(&format!("SELECT count(*) FROM {tenant}.framework_scores")), "1");
    }
    let status = db.cmf(["status", "--all-schemas", "--default", "--format", "json"]).ok().json();
    assert_eq!(told(&status, "metric_count"), both("1", "1"), "{status}");
    let csv = db.cmf(["check", "--all-schemas", "--default", "--format", "csv"]).ok().stdout;
    assert!(csv.starts_with("schema,") && csv.matches("schema,").count() == 1, "{csv}");
    assert!(csv.contains("\nacme,") && csv.contains("\nglobex,"), "{csv}");
    let named = db.cmf(["check", "--all-schemas", "--default", "--columns", "schema,rule"]).ok().stdout;
    assert!(named.contains("schema   rule") && named.contains("acme     below_target"), "{named}");
    let metrics = db.cmf(["openmetrics", "--all-schemas", "--default"]).ok().stdout;
    assert_eq!(metrics.matches("# TYPE cmf_metric_value gauge").count(), 1, "{metrics}");
    assert!(
        metrics.contains("cmf_metric_value{schema=\"acme\",") && metrics.contains("cmf_metric_value{schema=\"globex\","),
        "{metrics}"
    );
    assert!(metrics.ends_with("# EOF\n"));
    // One that is broken hides no other.
    db.execute("DROP INDEX acme.idx_metrics_catalog; ALTER TABLE acme.metrics RENAME COLUMN direction TO directions");
    let looked = db.cmf(["doctor", "--all-schemas", "--format", "json"]).fails(4, "").json();
    let found = |schema: &str, check: &str| {
        let all = looked.as_array().expect("findings").iter();
        let mut found = all.filter(|one| one["schema"] == schema && one["check"] == check);
        found.next().map(|one| one["state"].as_str().expect("a state").to_owned())
    };
    assert_eq!(
        (found("acme", "drift").as_deref(), found("globex", "drift").as_deref()),
        (Some("wrong"), Some("ok")),
        "{looked}"
    );
    let scored =
        db.cmf(["score", "--all-schemas", "--default", "--dry-run", "--format", "json"]).fails(1, "1 schema failed: `acme`");
    assert_eq!(scored.json().as_array().expect("documents").len(), 1);
}

/// Each waits until another one runs beside it.
#[test]
fn several_schemas_are_brought_up_at_once() {
    let db = Db::empty();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, up: &str| {
        std::fs::create_dir(folder.path().join(name)).expect("a folder");
        std::fs::write(folder.path().join(name).join("up.sql"), up).expect("a file");
    };
    write("1_a", "SELECT 1");
    let typed = |words: &[&str]| db.cmf([words, &["--dir", folder.path().to_str().expect("a path")]].concat());
    for tenant in ["a", "b"] {
        typed(&["--schema", tenant, "migrate", "up"]).ok();
    }
    write(
        "2_b",
        "SELECT pg_advisory_xact_lock_shared(77);
         DO $$ BEGIN FOR i IN 1..500 LOOP
             IF (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND granted) = 2 THEN
                 PERFORM pg_sleep(0.1);
                 RETURN;
             END IF;
             PERFORM pg_sleep(0.01);
         END LOOP; RAISE EXCEPTION 'alone'; END $$",
    );
    typed(&["migrate", "up", "--all-schemas", "--jobs", "2"]).ok();
}

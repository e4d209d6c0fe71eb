//! Tenants, each in a schema of its own on one server.

use crate::support::{Db, project};

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
                    "metric",
                    "add",
                    "Multi-factor coverage",
                    "--number",
                    "M-1",
                    "--function",
                    "PR",
                    "--category",
                    "PR.AA",
                    "--direction",
                    "higher_is_better",
                    "--target",
                    "100",
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
    for name in ["pg_catalog", "information_schema", &"x".repeat(64)] {
        db.cmf(["--schema", name, "migrate", "up"]).fails(2, "cannot be a tenant's schema");
    }
    db.cmf(["--schema", "nobody", "user", "list"]).fails(1, "cmf migrate up");
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname IN ('nobody')"), "0");
}

//! `cmf db create`, `drop`, `reset`, `wait`, `template` and `clone`.

use crate::support::{Db, cmf, run};

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
    new.cmf(&["db", "drop", "--confirm", "other"]).fails(2, "does not name");
    assert!(new.cmf(&["user", "list"]).ok().stdout.contains("ada"));

    new.cmf(&["db", "reset", "--confirm", &new.name]).ok();
    assert!(!new.cmf(&["user", "list"]).ok().stdout.contains("ada"));
    new.cmf(&["migrate", "status", "--exit-code"]).ok();
    assert!(new.cmf(&["framework", "list", "--format", "json"]).ok().json().as_array().unwrap().is_empty());

    new.cmf(&["db", "reset", "--seed", "--confirm", &new.name]).ok();
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
    db.cmf(["db", "clone", &template.name, &copy.name]).fails(1, "already exists");

    let made_up = db.cmf(["db", "clone", &template.name, "--format", "json"]).ok().json();
    let name = made_up["database"].as_str().unwrap();
    assert!(name.starts_with(&template.name));
    db.execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));

    // One of another cmf is made anew; a database that is no template stays.
    db.execute(&format!("COMMENT ON DATABASE \"{}\" IS 'cmf template of old'", template.name));
    let run = db.cmf(["db", "clone", &template.name, "--format", "json"]).ok();
    assert!(run.stderr.contains("made by another cmf"), "{}", run.stderr);
    db.execute(&format!("DROP DATABASE \"{}\" WITH (FORCE)", run.json()["database"].as_str().unwrap()));
    assert_eq!(db.cmf(["db", "template", &template.name, "--format", "json"]).ok().json()["changed"], true);
    db.cmf(["db", "template", &db.name]).fails(1, "is no template of cmf");
}

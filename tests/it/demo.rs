//! `cmf demo`: the main job from nothing to scores.

use crate::local::Place;
use crate::support::{project, run};

#[test]
fn the_demo_scores_the_starter_catalog_and_stands_when_run_again() {
    let place = Place::new();
    let folder = tempfile::tempdir().expect("a folder");
    // A database that is named in the environment never receives the demo's data: this one could not even be reached.
    let demo = |more: &[&str]| {
        let mut command = place.command();
        command.arg("demo").args(more).current_dir(folder.path());
        run(command.env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"))
    };
    let first = demo(&[]).ok();
    assert!(first.stderr.contains("uses the private Postgres, not the server that DATABASE_URL names"), "{}", first.stderr);
    demo(&["--database-url", "postgres://nobody@127.0.0.1:1/none"]).fails(2, "not on the server of --database-url");
    for command in
        ["$ cmf import cmf-demo/starter-csf-2.0.xlsx", "$ cmf catalog activate", "$ cmf record --file", "$ cmf score"]
    {
        assert!(first.stderr.contains(command), "no {command:?} in:\n{}", first.stderr);
    }
    assert!(first.stderr.contains("7228"), "{}", first.stderr);
    assert!(first.stdout.contains("77.20"), "{}", first.stdout);
    assert!(first.stdout.contains("139 of 143"), "{}", first.stdout);

    let second = demo(&["--dir", "elsewhere"]).ok();
    assert!(folder.path().join("elsewhere/starter-csf-2.0.csv").exists());
    assert!(second.stderr.contains("is there from an earlier run: 143 items, 143 metrics"), "{}", second.stderr);
    assert!(second.stdout.contains("77.20"), "{}", second.stdout);
    // What somebody made of the file is theirs.
    std::fs::write(folder.path().join("elsewhere/starter-csf-2.0.csv"), "mine").expect("a file");
    demo(&["--dir", "elsewhere"]).fails(73, "the file exists already");
    demo(&["--dir", "elsewhere", "--force"]).ok();
    let readings = place.cmf(["history", "PR-001", "--format", "json"]).ok().json();
    assert_eq!(readings.as_array().or_else(|| readings["readings"].as_array()).expect("readings").len(), 53);

    let score = place.cmf(["score", "show", "--format", "json"]).ok().json();
    assert_eq!(score["overall_score"].as_f64().or_else(|| score["overall"]["score"].as_f64()), Some(77.2), "{score}");
}

#[test]
fn the_demo_takes_the_projects_own_files_and_touches_no_other_active_catalog() {
    let place = Place::new();
    let sheet = project("fixtures/catalogs/starter-ai-rmf-1.0.csv");
    run(place.command().arg("import").arg(sheet).args(["--framework", "ai-rmf-1.0", "--name", "Mine", "--activate"])).ok();
    let refused = run(place.command().arg("demo").current_dir(project("."))).fails(2, "has the active catalog `Mine`");
    assert!(refused.stderr.contains("cmf demo --owner sample"), "{}", refused.stderr);
    place.cmf(["user", "create", "demo", "--email", "demo@example.org"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let command = &mut place.command();
    let run = run(command.args(["demo", "--owner", "demo", "--dir"]).arg(folder.path()).current_dir(project("."))).ok();
    assert!(run.stderr.contains("$ cmf import fixtures/catalogs/starter-csf-2.0.xlsx"), "{}", run.stderr);
    let catalogs = place.cmf(["catalog", "list", "--format", "json"]).ok().json();
    assert!(catalogs.as_array().expect("catalogs").iter().all(|catalog| catalog["is_active"] == true), "{catalogs}");
}

//! The page on pipelines: its commands, and the files that it shows for other programs.

use std::path::Path;
use std::process::Command;

use crate::docs::{beside, folder, new_database, page, pages, parts};
use crate::examples::{database, drop_copies, inside};
use crate::support::{Db, binary, run, skip};

const PAGE: &str = "docs/ci.md";

/// The blocks of a kind.
fn blocks(kind: &str) -> Vec<String> {
    let (blocks, _) = parts(PAGE, &pages()[PAGE]);
    blocks.into_iter().filter(|block| block.info == kind).map(|block| block.lines.join("\n")).collect()
}

/// A command with cmf in its path that works on this database's server.
fn with_cmf(db: &Db, program: &str, folder: &Path) -> Command {
    let path = format!("{}:{}", binary().parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let mut command = inside(program, &db.command());
    command.env("PATH", path).env("DATABASE_URL", &db.url).env_remove("CMF_DATABASE_URL").current_dir(folder);
    command
}

/// The same text with the names of this database in place of those that the page has.
fn ours(db: &Db, text: &str) -> String {
    text.replace("cmf_template", &format!("{}template", beside(db))).replace("cmf_of_test", &format!("{}of_test", beside(db)))
}

#[test]
fn what_the_page_on_pipelines_shows_is_so() {
    let db = new_database();
    let names = ["cmf_template", "cmf_fixtures", "cmf_sample", "cmf_of_job"]
        .map(|name| (name, format!("{}{}", beside(&db), &name[4..])));
    let names = [&names[..], &[("cmf_test", db.name.clone())]].concat();
    page("docs/ci.md", folder(&[]).path(), &names, |_| db.command());
    drop_copies(&db);
}

/// What the pipelines run, in their order; the rest of them is read by a person.
#[test]
fn the_commands_of_the_pipelines_run() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    for pipeline in blocks("yaml") {
        let commands = pipeline.lines().map(|line| line.trim_start().trim_start_matches("- "));
        let commands: Vec<_> = commands.filter(|line| line.starts_with("cmf ") || line.starts_with("DATABASE_URL=")).collect();
        assert!(commands.len() >= 2, "{pipeline}");
        count += commands.len();
        let mut bash = with_cmf(&db, "bash", folder.path());
        run(bash.args(["-ec", &ours(&db, &commands.join("\n"))])).ok();
        drop_copies(&db);
    }
    assert!(count >= 9, "{count}");
}

#[test]
fn the_makefile_runs() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Makefile"), ours(&db, &blocks("make")[0])).expect("the file");
    run(with_cmf(&db, "make", folder.path()).arg("check")).ok();
    drop_copies(&db);
}

/// What a test gets in Python and JavaScript, with the little that it needs of pytest and Jest.
#[test]
fn a_test_in_another_language_gets_a_database_and_drops_it() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    db.cmf(["db", "template", &format!("{}template", beside(&db))]).ok();
    std::fs::write(folder.path().join("pytest.py"), "def fixture(function):\n    return function\n").expect("the file");
    let python = "\nsteps = database()\nurl = next(steps)\nsubprocess.run(['cmf', '--database-url', url, 'doctor'], check=True)\n\
                  assert next(steps, None) is None\n";
    let js = "cmf('--database-url', database, 'doctor');\nafter();\n";
    for (program, file, text) in [
        ("python3", "fixture.py", blocks("python")[0].clone() + python),
        (
            "node",
            "fixture.js",
            format!("let after;\nconst beforeEach = (f) => f(), afterEach = (f) => (after = f);\n{}\n{js}", blocks("js")[0]),
        ),
    ] {
        if Command::new(program).arg("--version").output().is_err() {
            skip(format!("no {program} is installed here"));
            continue;
        }
        std::fs::write(folder.path().join(file), ours(&db, &text)).expect("the file");
        run(with_cmf(&db, program, folder.path()).arg(file)).ok();
        let left = format!("SELECT count(*) FROM pg_database WHERE starts_with(datname, '{}template_')", beside(&db));
        assert_eq!(db.one(&left), "0", "{program}");
    }
    drop_copies(&db);
}

#[test]
fn what_the_page_on_alarms_shows_is_so() {
    let db = database();
    page("docs/alarms.md", folder(&[]).path(), &[], |_| db.command());
}

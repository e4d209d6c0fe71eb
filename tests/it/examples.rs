//! Every example that a help shows is run as it stands, on a database and in a folder that have what it names.

use std::path::Path;
use std::process::Command;

use crate::local::Place;
use crate::support::{Db, Run, binary, cmf, project, run};

/// A small catalog beside the starter's; its last item has no code, so that there is something to suggest.
const DRAFT: &str = "Metric ID,Metric Name,Function,Category,Subcategory,Direction,Target,Unit,Current Value,Priority\n\
    D-01,Leaver accounts closed in a day,PR,PR.AA,PR.AA-01,Higher is better,99,%,97,High\n\
    D-02,Assets in the inventory,ID,ID.AM,ID.AM-01,Higher is better,98,%,90,Medium\n\
    X-01,Backups restored in a test,,,,Higher is better,100,%,80,High\n";

/// The database that the examples talk about: a user, the starter catalog with a year of readings and scores, and a draft.
pub fn database() -> Db {
    Db::like("examples", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
        let folder = tempfile::tempdir().expect("a folder");
        let draft = folder.path().join("draft.csv");
        std::fs::write(&draft, DRAFT).expect("the draft is written");
        run(db.command().args(["import", "--direction=*=higher", "--name", "Draft 2027", "--activate"]).arg(&draft)).ok();
        db.cmf(["map", "suggest", "--catalog", "Draft 2027"]).ok();
        let sheet = project("fixtures/catalogs/starter-csf-2.0.csv");
        run(db.command().args(["import", "--name", "Starter CSF 2.0", "--activate"]).arg(sheet)).ok();
        run(db.command().args(["record", "--file"]).arg(project("fixtures/readings/starter-csf-2.0.csv"))).ok();
        db.cmf(["score"]).ok();
        db.cmf(["score", "backfill", "--from", "2026-05-31", "--every", "month"]).ok();
    })
}

/// The folder that the examples run in, which is a home as well.
pub fn folder(db: &Db) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let to = |name: &str| folder.path().join(name);
    for (from, name) in [
        ("fixtures/catalogs/starter-csf-2.0.csv", "metrics.csv"),
        ("fixtures/catalogs/starter-csf-2.0.xlsx", "metrics.xlsx"),
        ("fixtures/readings/starter-csf-2.0.csv", "readings.csv"),
    ] {
        std::fs::copy(project(from), to(name)).expect("a copy");
    }
    for migration in crate::support::sorted_migrations() {
        let copy = to("migrations").join(migration.file_name().expect("a name"));
        std::fs::create_dir_all(&copy).expect("a folder");
        for file in std::fs::read_dir(&migration).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), copy.join(file.file_name())).expect("a copy");
        }
    }
    let controls = "function,category,subcategory,name,text\nH1,,,Doors,All about doors\nH1,H1.A,,Locks,All about locks\n\
                    H1,H1.A,H1.A-1,Keys,Keys are counted\n";
    std::fs::write(to("controls.csv"), controls).expect("a file");
    let pairs =
        "source,target,relation\nGV.OC-01,GOVERN 1.1,intersects\nGV.RR-01,GOVERN 2.3,subset\nID.AM-01,GOVERN 1.6,superset\n";
    std::fs::write(to("pairs.csv"), pairs).expect("a file");
    std::fs::write(to("other.csv"), "No,What,,,,,,Goal\n1,Guards on duty,,,,,,3\n").expect("a file");
    std::fs::write(to("password.txt"), "correct horse battery staple\n").expect("a file");
    std::fs::create_dir_all(to(".config/cmf")).expect("a folder");
    let profiles = "[profile.prod]\nowner = \"ada\"\nconfirm = true\n";
    std::fs::write(to(".config/cmf/config.toml"), profiles).expect("a file");
    std::fs::write(to("mappings.csv"), db.cmf(["map", "export", "--format", "csv"]).ok().stdout).expect("a file");
    folder
}

/// The examples of a command, as its help shows them.
fn examples(words: &[String]) -> Vec<String> {
    let help = run(cmf().args(words).arg("--help").env("COLUMNS", "100")).ok().stdout;
    let examples = help.lines().skip_while(|line| *line != "Examples:");
    examples.filter_map(|line| line.strip_prefix("  $ ").map(str::to_owned)).collect()
}

/// Runs an example in bash, where `cmf` is the binary under test.
fn typed(command: &mut Command, example: &str, folder: &Path) -> Run {
    let binary = binary();
    let path = format!("{}:{}", binary.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let run = run(command
        .args(["-o", "pipefail", "-c", example])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env("PASSWORD", "correct horse battery staple")
        .stdin(std::process::Stdio::null()));
    assert_eq!(run.code, 0, "$ {example}\nstdout:\n{}\nstderr:\n{}", run.stdout, run.stderr);
    run
}

/// Runs a command that asks, on a terminal of its own, with this answer.
pub fn on_a_terminal(db: &Db, line: &str, answer: &str, folder: &Path) {
    // `script` lives until its input ends, and minds when that ends early: it is typed to until the command has ended.
    let script = "rm -f ended; script -qec \"$CMF_LINE; code=\\$?; touch ended; exit \\$code\" /dev/null \
                  < <(for _ in {1..100}; do sleep 0.1; [ -e ended ] && break; echo \"$CMF_ANSWER\"; done)";
    typed(inside("bash", &db.command()).env("CMF_LINE", line).env("CMF_ANSWER", answer), script, folder);
}

/// The environment of a prepared command, in another program.
pub fn inside(program: &str, command: &Command) -> Command {
    let mut other = Command::new(program);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other
}

/// Drops the databases that commands made beside this one.
pub fn drop_copies(db: &Db) {
    let made = format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{}_')", db.name);
    let rest = Db::empty();
    for name in rest.rows(&made) {
        rest.execute(&format!("ALTER DATABASE {name} IS_TEMPLATE false"));
        rest.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}

/// A command and all below it.
fn with_verbs(words: &[String]) -> Vec<Vec<String>> {
    let mut commands = vec![words.to_vec()];
    let help = run(cmf().args(words).arg("--help")).ok().stdout;
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for verb in verbs.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()) {
        if verb != "help" {
            commands.extend(with_verbs(&[words, &[verb.to_owned()]].concat()));
        }
    }
    commands
}

/// Runs the examples of a noun and of all its verbs, each command on a database of its own where they change what is there.
fn all_of(noun: &str) {
    let commands = with_verbs(&[noun.to_owned()]);
    let mut db = database();
    let folder = folder(&db);
    for words in commands {
        let examples = examples(&words);
        assert!(examples.len() >= 2, "{words:?} shows {examples:?}");
        if matches!(noun, "migrate" | "db" | "catalog" | "metric" | "tenant") {
            db = database();
        }
        match words.join(" ").as_str() {
            "db restore" => drop(run(db.command().args(["db", "dump", "--force", "cmf.dump"]).current_dir(folder.path())).ok()),
            "db clone" => drop(db.cmf(["db", "template", &format!("{}_template", db.name)]).ok()),
            "tenant drop" => ["acme", "globex"].iter().for_each(|name| drop(db.cmf(["tenant", "create", name]).ok())),
            // Made by hand, as far as the database tells.
            "migrate adopt" => db.execute("DROP TABLE __diesel_schema_migrations, cmf_migrations"),
            _ => {}
        }
        let (server, _) = db.url.rsplit_once('/').expect("a database in the URL");
        for example in examples {
            // Names that only the reader's server has.
            let example = example
                .replace("postgres://ada@db.example.org/metrics", &db.url)
                .replace("postgres://ada@db.example.org/", &format!("{server}/{}_", db.name))
                .replace("--confirm metrics", &format!("--confirm {}", db.name))
                .replace("cmf_template", &format!("{}_template", db.name))
                .replace("cmf_one", &format!("{}_one", db.name));
            if example.contains("_empty") {
                db.execute(&format!("CREATE DATABASE {}_empty TEMPLATE template0", db.name));
            }
            if words.join(" ") == "map review" {
                on_a_terminal(&db, &example, "q", folder.path());
            } else {
                typed(&mut inside("bash", &db.command()), &example, folder.path());
            }
        }
        if noun == "db" {
            drop_copies(&db);
        }
    }
}

macro_rules! examples_work {
    ($($test:ident: $($noun:literal),+;)+) => {
        $(#[test]
        fn $test() {
            $(all_of($noun);)+
        })+

        #[test]
        fn every_noun_has_its_examples_run() {
            let run = [$($($noun),+),+, "local", "demo", "init"];
            for noun in cmf::cli::command().get_subcommands() {
                assert!(run.contains(&noun.get_name()), "no test runs the examples of cmf {}", noun.get_name());
            }
        }
    };
}

examples_work! {
    examples_of_migrate_work: "migrate";
    examples_of_what_is_bundled_work: "seed", "framework", "man", "completions", "config";
    examples_of_catalogs_work: "import", "catalog";
    examples_of_mapping_work: "map";
    examples_of_metrics_work: "metric", "doctor";
    examples_of_readings_work: "record", "history", "user", "audit", "undo";
    examples_of_scores_work: "score", "check", "due", "status", "report", "openmetrics";
    examples_of_databases_work: "db", "tenant";
}

#[test]
fn examples_of_cmf_itself_work() {
    let db = database();
    let folder = folder(&db);
    for example in examples(&[]) {
        typed(&mut inside("bash", &db.command()), &example, folder.path());
    }
}

#[test]
fn examples_of_the_private_postgres_work() {
    let place = Place::new();
    let folder = tempfile::tempdir().expect("a folder");
    for words in ["demo", "local", "local start", "local stop", "local status", "local url", "local upgrade", "local destroy"] {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        for example in examples(&words) {
            typed(&mut inside("bash", &place.command()), &example, folder.path());
        }
    }
}

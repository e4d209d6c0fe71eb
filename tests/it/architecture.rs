//! The layers of the source: arrows point down only, and peers do not know each other.

mod paths;
pub(crate) mod signs;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::project;
use paths::Crate;

/// What each part of `src/` may name beside itself. `error` is a leaf that every part but `domain` may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("aside", &["error"]),
    ("config", &["db", "domain", "error", "files", "home"]),
    ("cli", &["commands", "config", "context", "domain", "error", "files", "lookup", "output", "session"]),
    (
        "commands",
        &[
            "aside", "catalog", "choices", "client", "config", "confirm", "context", "db", "doctor", "domain", "doubts",
            "error", "everywhere", "files", "framework", "home", "import", "local", "lookup", "map", "metric", "migrate",
            "output", "pdf", "program", "provider", "reading", "record", "report", "sample", "score", "scoring", "session",
            "sheet", "table", "tell", "template", "undo",
        ],
    ),
    // Engines: what a verb does, over values.
    ("catalog", ENGINE),
    ("doctor", ENGINE),
    ("framework", ENGINE),
    ("map", ENGINE),
    ("metric", ENGINE),
    ("migrate", ENGINE),
    ("record", ENGINE),
    ("score", ENGINE),
    ("undo", ENGINE),
    // What a new private Postgres holds.
    ("ready", &["db", "domain", "error", "framework", "local", "migrate", "session", "tell"]),
    // The starter catalog with its readings, and the commands that bring them in.
    ("sample", &["db", "error"]),
    // Who is meant by a name; engines and commands ask.
    ("lookup", &["db", "domain", "error", "import", "local", "session", "tell"]),
    ("confirm", &[]),
    ("context", &["config", "db", "error", "local", "output", "ready", "session"]),
    ("session", &["db", "error", "local", "tell"]),
    ("db", &["confirm", "domain", "error", "home", "os_user"]),
    ("home", &[]),
    ("import", &["aside", "sheet", "domain", "error", "table"]),
    ("table", &["aside", "domain", "error", "files", "tell"]),
    // The words of options for what engines know.
    ("choices", &[]),
    // How a file is read: the options of every command that reads one.
    ("reading", &["choices", "domain", "error", "files", "output", "table"]),
    // When a reading is doubtful: the options of every command that judges readings.
    ("doubts", &["domain"]),
    // A command in every tenant's schema: its option and its loop.
    ("everywhere", &["context", "db", "domain", "error"]),
    // What is scored, and how: the options of every command that scores.
    ("scoring", &["choices", "context", "db", "domain", "error", "lookup", "score"]),
    ("report", &["sheet", "domain", "error"]),
    // A page of the report as a PDF, by a browser.
    ("pdf", &["domain", "error", "files", "os_user", "program"]),
    ("sheet", &["domain", "error"]),
    ("output", &["aside", "confirm", "domain", "error", "sheet", "tell"]),
    ("tell", &["error"]),
    ("files", &["domain", "output", "error"]),
    ("local", &["error", "os_user"]),
    ("os_user", &[]),
    ("provider", &["error"]),
    // Databases that are copied, and what is in them.
    ("template", &["db", "domain", "error", "framework", "session"]),
    // Postgres's own programs.
    ("client", &["confirm", "db", "domain", "error", "files", "local", "session", "tell"]),
    // What cmf runs for its user.
    ("program", &["domain"]),
    ("domain", &[]),
    ("error", &[]),
];

/// What an engine may name: no other engine, no printer, no command line.
const ENGINE: &[&str] = &[
    "aside", "config", "confirm", "db", "domain", "error", "files", "home", "import", "local", "lookup", "program", "provider",
    "report", "session", "sheet", "table", "tell",
];

pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    paths::find(folder, &mut files);
    files
}

/// The top-level module a source file belongs to.
fn layer(file: &Path) -> String {
    let inside = file.strip_prefix(project("src")).expect("a file of src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file without its comments.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("a source file");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Each list entry by entry, so that what is missing and what is no longer needed can be seen.
#[track_caller]
fn assert_listed(found: &BTreeSet<String>, listed: &[&str]) {
    let listed: BTreeSet<String> = listed.iter().map(|entry| (*entry).to_owned()).collect();
    assert_eq!(found.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "these are new");
    assert_eq!(listed.difference(found).collect::<Vec<_>>(), Vec::<&String>::new(), "these have gone: take them off the list");
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = BTreeSet::new();
    for module in Crate::read(&project("src")).0.values() {
        let Some(own) = module.at.first() else { continue };
        let (_, allowed) = LAYERS.iter().find(|(name, _)| name == own).unwrap_or_else(|| panic!("no layer for {own}"));
        for name in module.named.iter().filter_map(|path| path.first()).filter(|name| *name != own) {
            if !allowed.contains(&name.as_str()) {
                wrong.insert(format!("{} names {name}", module.file));
            }
        }
    }
    assert_listed(&wrong, &[]);
}

#[test]
fn no_command_names_another_command() {
    let all = Crate::read(&project("src"));
    let noun = |at: &[String]| match at {
        [room, noun, ..] if room == "commands" => Some(noun.clone()),
        _ => None,
    };
    let nouns: BTreeSet<String> = all.0.keys().filter_map(|at| noun(at)).collect();
    let mut found = BTreeSet::new();
    for module in all.0.values() {
        let Some(own) = noun(&module.at) else { continue };
        let others = module.named.iter().filter_map(|path| noun(path)).filter(|other| nouns.contains(other) && *other != own);
        found.extend(others.map(|other| format!("{own} -> {other}")));
    }
    assert_listed(&found, &[]);
}

#[test]
fn no_files_lead_to_each_other() {
    let all = Crate::read(&project("src"));
    let circles = all.circles().into_iter().map(|circle| circle.into_iter().collect::<Vec<_>>().join(" ")).collect();
    assert_listed(&circles, &[]);
}

#[test]
fn the_check_resolves_paths_as_the_compiler_does() {
    let named = |text: &str| -> Vec<String> {
        let files =
            [("a/b.rs", text), ("a/mod.rs", ""), ("a/c.rs", ""), ("db/mod.rs", "pub use users::User;"), ("db/users.rs", "")];
        let all = Crate::of(files.map(|(file, text)| (file.to_owned(), text.to_owned())).into());
        all.arrows()["a/b.rs"].iter().map(|file| (*file).to_owned()).collect()
    };
    for (text, files) in [
        ("use crate::db::users;", &["db/users.rs"][..]),
        ("use crate::{a::c::{self, X}, db::{users::{Y as Z}}};", &["a/c.rs", "db/users.rs"]),
        ("use super::c::X;", &["a/c.rs"]),
        ("use super::X;", &["a/mod.rs"]),
        ("mod tests { use super::super::c; } use super::super::db;", &["a/c.rs", "db/mod.rs"]),
        ("mod tests { use super::*; fn f() { self::g() } }", &[]),
        ("fn f() { crate::db::users::list() }", &["db/users.rs"]),
        ("use crate::db; fn f() { db::users::list() }", &["db/mod.rs", "db/users.rs"]),
        ("use crate::db as d; fn f() { vec![d::users::list::<u8>()] }", &["db/mod.rs", "db/users.rs"]),
        ("macro_rules! m { () => { $crate::db::users::list() } }", &["db/users.rs"]),
        ("use crate::db::User;", &["db/users.rs"]),
        ("fn f() -> impl X + use<'_> { mycrate::db::x() }", &[]),
        (
            "// crate::db\n/* crate::db */ const A: &str = \"crate::db\"; const B: char = '\"'; const C: &str = r#\"crate::db\"#;",
            &[],
        ),
        ("pub(crate) fn f<'a>(x: &'a crate::db::users::X) {}", &["db/users.rs"]),
    ] {
        assert_eq!(named(text), files, "{text}");
    }
}

#[test]
fn the_check_finds_circles() {
    let files = [
        ("a.rs", "use crate::b::X;"),
        ("b.rs", "use crate::c::Y;"),
        ("c.rs", "fn f() { super::a::g() }"),
        ("d.rs", "use crate::a;"),
    ];
    let all = Crate::of(files.map(|(file, text)| (file.to_owned(), text.to_owned())).into());
    assert_eq!(all.circles(), BTreeSet::from([BTreeSet::from(["a.rs", "b.rs", "c.rs"])]));
}

#[test]
fn only_db_and_the_session_speak_sql() {
    for file in sources(&project("src")) {
        if !matches!(layer(&file).as_str(), "db" | "session") {
            assert!(!code(&file).contains("sqlx"), "{} names sqlx", file.display());
        }
    }
}

#[test]
fn only_the_printer_confirms() {
    for file in sources(&project("src")) {
        if !matches!(layer(&file).as_str(), "output" | "confirm") {
            assert!(!code(&file).contains("Confirmed::answered"), "{} confirms by itself", file.display());
        }
    }
}

#[test]
fn the_domain_does_no_io() {
    for file in sources(&project("src/domain")) {
        let code = code(&file);
        for word in
            ["std::fs", "std::io", "std::env", "std::net", "std::time", "Utc::now", "now_v7", "new_v4", "clap", "sqlx", "tokio"]
        {
            assert!(!code.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn only_the_session_begins_and_ends_a_transaction() {
    for file in sources(&project("src")) {
        let code = code(&file);
        let shown = file.display();
        if layer(&file) == "session" {
            continue;
        }
        assert!(!code.contains(".begin()") && !code.contains("begin_with("), "{shown} begins a transaction");
        // A transaction with a ledger of its own is committed by what keeps the ledger.
        let keeps_a_ledger = shown.to_string().contains("src/migrate/") || shown.to_string().contains("commands/db/");
        let ends = [".commit()", ".rollback()"].iter().any(|words| code.contains(words));
        assert!(!ends || keeps_a_ledger, "{shown} ends a transaction");
        let plain = code.contains(".plain()");
        assert!(!plain || keeps_a_ledger, "{shown} writes without the trail");
    }
}

#[test]
fn tests_wait_for_conditions_in_one_way() {
    let waiting = project("tests/it/support/time.rs");
    // In two parts, so that this file is not found.
    let sleep = ["thread::", "sleep"].concat();
    let sleepers: Vec<PathBuf> = sources(&project("tests/it"))
        .into_iter()
        .filter(|file| *file != waiting && std::fs::read_to_string(file).expect("a source").contains(&sleep))
        .collect();
    assert_eq!(sleepers, Vec::<PathBuf>::new(), "these sleep; `support::wait_until` waits for a condition");
}

#[test]
fn files_stay_short() {
    let long: Vec<PathBuf> = ["src", "tests/it"]
        .into_iter()
        .flat_map(|folder| sources(&project(folder)))
        .filter(|file| std::fs::read_to_string(file).expect("a source").lines().count() > 500)
        .collect();
    assert_eq!(long, Vec::<PathBuf>::new(), "more than 500 lines: a noun that outgrew its file becomes a folder");
}

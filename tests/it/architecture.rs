//! The layers of the source: arrows point down only, and peers do not know each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::project;

/// What each part of `src/` may name. `error` is a leaf that every part but `domain` may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &[]),
    (
        "lib",
        &[
            "aside", "catalog", "cli", "commands", "config", "confirm", "context", "db", "domain", "error", "files", "home",
            "import", "local", "lookup", "map", "migrate", "os_user", "output", "provider", "record", "report", "score",
            "session", "sheet", "table", "tell",
        ],
    ),
    ("aside", &["error"]),
    ("config", &["db", "domain", "error", "home"]),
    ("cli", &["commands", "config", "context", "output", "domain", "error", "session"]),
    (
        "commands",
        &[
            "aside", "catalog", "commands", "config", "confirm", "context", "db", "domain", "error", "files", "home", "import",
            "local", "lookup", "map", "migrate", "output", "provider", "record", "report", "score", "session", "sheet",
            "table", "tell",
        ],
    ),
    // Engines: what a verb does, over values.
    ("catalog", ENGINE),
    ("map", ENGINE),
    ("migrate", ENGINE),
    ("record", ENGINE),
    ("score", ENGINE),
    // Who is meant by a name; engines and commands ask.
    ("lookup", &["db", "domain", "error", "import", "local", "lookup", "session", "tell"]),
    ("confirm", &[]),
    ("context", &["config", "db", "local", "output", "error", "session"]),
    ("session", &["db", "output", "error"]),
    ("db", &["confirm", "db", "domain", "error", "home", "os_user"]),
    ("home", &[]),
    ("import", &["aside", "import", "sheet", "domain", "error", "table"]),
    ("table", &["aside", "table", "domain", "error", "tell"]),
    ("report", &["report", "sheet", "domain", "error"]),
    ("sheet", &["domain", "error"]),
    ("output", &["aside", "confirm", "domain", "error", "tell"]),
    ("tell", &["error"]),
    ("files", &["output", "error"]),
    ("local", &["local", "error", "os_user"]),
    ("os_user", &[]),
    ("provider", &["provider", "error"]),
    ("domain", &["domain"]),
];

/// What an engine may name: no other engine, no printer, no command line.
const ENGINE: &[&str] = &[
    "aside", "config", "confirm", "db", "domain", "error", "files", "home", "import", "local", "lookup", "provider", "report",
    "session", "sheet", "table", "tell",
];

pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
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

/// The modules of this crate that a file names as `crate::NAME` or `use crate::{A, B}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` and `somecrate::` are others.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let list = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().to_owned(),
            None => rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect(),
        };
        names.extend(list.split(',').filter_map(|name| {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            (!name.is_empty()).then_some(name)
        }));
    }
    names
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for file in sources(&project("src")) {
        let own = layer(&file);
        if own == "error" {
            assert!(named(&code(&file)).is_empty(), "error.rs is a leaf");
            continue;
        }
        let (_, allowed) =
            LAYERS.iter().find(|(name, _)| *name == own).unwrap_or_else(|| panic!("no layer for {}", file.display()));
        for name in named(&code(&file)) {
            if !allowed.contains(&name.as_str()) && name != own {
                wrong.push(format!("{} names {name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_finds_what_it_should() {
    assert_eq!(
        named("use crate::db::users;\nlet x = crate::output::Table;"),
        BTreeSet::from(["db".to_owned(), "output".to_owned()])
    );
    assert_eq!(named("use crate::{db, error::Error};"), BTreeSet::from(["db".to_owned(), "error".to_owned()]));
    assert!(named("mycrate::db::x").is_empty());
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
        let keeps_a_ledger = shown.to_string().contains("commands/migrate/") || shown.to_string().contains("commands/db/");
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
fn files_of_tests_stay_short() {
    let long: Vec<PathBuf> = sources(&project("tests/it"))
        .into_iter()
        .filter(|file| std::fs::read_to_string(file).expect("a source").lines().count() > 500)
        .collect();
    assert_eq!(long, Vec::<PathBuf>::new(), "more than 500 lines: split by subject");
}

//! One room writes spreadsheets, one opens files: what they refuse and how they say it is the same wherever it is met.

use std::fs;

use crate::architecture::sources;
use crate::files::{at, filled, text, writers};
use crate::support::{Run, cmf, project, run};

/// The code of a source file without its tests.
fn code(file: &std::path::Path) -> String {
    if file.with_extension("").components().any(|part| part.as_os_str() == "tests") {
        return String::new();
    }
    let text = fs::read_to_string(file).expect("a source");
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n").replace("NewFile::", "")
}

#[test]
fn spreadsheets_are_written_in_one_room() {
    for file in sources(&project("src")).into_iter().filter(|file| !file.starts_with(project("src/sheet"))) {
        let code = code(&file);
        for words in ["rust_xlsxwriter", "csv::Writer"] {
            assert!(!code.contains(words), "{} writes by {words}, not by `sheet`", file.display());
        }
    }
}

/// Who opens files that are not the user's to name on a command line: what a run is configured by, keeps for itself or ships with.
const OWN: [&str; 8] = ["aside", "cli", "config", "db", "files", "home", "local", "spool"];

#[test]
fn files_are_opened_in_one_room() {
    // The door of tables has files of its own: those that rows wait in. A key is no file that a command reads or writes.
    let others =
        ["table/source.rs", "commands/demo.rs", "migrate/new.rs", "migrate/squash.rs", "migrate/lint/mod.rs", "map/suggest.rs"];
    let is_own = |file: &std::path::Path| {
        let parts = file.with_extension("");
        parts.components().any(|part| OWN.iter().any(|own| part.as_os_str() == *own))
            || others.iter().any(|other| file.ends_with(other))
    };
    let src = project("src");
    for file in sources(&src).into_iter().filter(|file| !is_own(file.strip_prefix(&src).expect("a source"))) {
        let code = code(&file).replace("NewFile::create(", "");
        for words in ["File::open(", "File::create(", "OpenOptions::new", "fs::read(", "fs::write(", "fs::read_to_string("] {
            assert!(!code.contains(words), "{} has {words}, and not `files`", file.display());
        }
    }
}

#[track_caller]
fn refused(ran: Run, file: &str) {
    let ran = ran.fails(73, "the file exists already");
    assert!(ran.stderr.contains(file) && ran.stderr.contains("hint: add --force to replace it"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let dump = ("dump", ["db", "dump", "--force", "FILE"].map(str::to_owned).to_vec());
    for (number, (ending, forced)) in writers(folder.path()).into_iter().chain([dump]).enumerate() {
        let file = folder.path().join(format!("there{number}.{ending}"));
        fs::write(&file, "before").expect("a file");
        let words: Vec<String> = forced.iter().filter(|word| *word != "--force").cloned().collect();
        assert!(words.len() < forced.len());
        let name = text(&file);
        refused(db.cmf(at(&words, &name)), &name);
        assert_eq!(fs::read(&file).expect("the file"), b"before", "{words:?}");
        let ran = db.cmf(at(&forced, &name));
        assert!([0, 3].contains(&ran.code), "{forced:?}: {}", ran.stderr);
        assert_ne!(fs::read(&file).expect("the file"), b"before", "{forced:?}");
    }
    // Folders of files: all or none of them.
    let (charts, pages) = (folder.path().join("charts"), folder.path().join("pages"));
    for (directory, one, words) in [(&charts, "radar.svg", ["report", "--svg"]), (&pages, "cmf-user-list.1", ["man", "--dir"])]
    {
        fs::create_dir(directory).expect("a folder");
        let file = directory.join(one);
        fs::write(&file, "before").expect("a file");
        let command = || {
            let mut command = if words[0] == "man" { cmf() } else { db.command() };
            command.args(words).arg(directory);
            command
        };
        refused(run(&mut command()), &text(&file));
        assert_eq!(fs::read_dir(directory).expect("a folder").count(), 1, "{words:?} wrote a part");
        run(command().arg("--force")).ok();
        assert_ne!(fs::read(&file).expect("the file"), b"before", "{words:?}");
    }
}

#[test]
fn input_that_cannot_be_read_is_exit_65_in_one_wording() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = folder.path().join("sheet.csv");
    fs::write(&sheet, "metric_number,name,target_value\nB-1,Good,3\n").expect("a sheet");
    let (sheet, nowhere, folder) = (text(&sheet), "/nowhere/input.csv".to_owned(), text(folder.path()));
    for words in [
        vec!["import", "FILE"],
        vec!["import", &sheet, "--map-file", "FILE"],
        vec!["record", "--file", "FILE"],
        vec!["map", "import", "FILE"],
        vec!["framework", "import", "FILE"],
        vec!["db", "restore", "FILE"],
    ] {
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        for (file, reason) in [(&nowhere, "the file does not exist"), (&folder, "it is a folder")] {
            let ran = db.cmf(at(&words, file)).fails(65, &format!("cannot read the file: {reason} ({file}"));
            let line = ran.stderr.lines().next().unwrap_or_default();
            assert!(line.starts_with("error: cannot read the file:"), "{words:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("\nhint: "), "{words:?}: {}", ran.stderr);
        }
    }
    // An ending alone makes no name alike, and another one does not hide it.
    let other = db.cmf(["import", &format!("{folder}/other.csv")]).fails(65, &format!("{folder} has no file of this name"));
    assert!(!other.stderr.contains("did you mean") && other.stderr.contains(&format!("`ls {folder}`")), "{}", other.stderr);
    db.cmf(["import", &format!("{folder}/shet.xlsx")]).fails(65, &format!("hint: did you mean `{sheet}`?"));
    db.cmf(["import", &format!("{folder}/shet.csv")]).fails(65, &format!("hint: did you mean `{sheet}`?"));
}

//! Every lock that is taken has a test that fails without it. `locks.txt` names it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::project;

/// What takes a lock by itself, in SQL.
const WORDS: [&str; 7] = [
    "FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE", "LOCK TABLE", "pg_advisory_xact_lock",
    "pg_try_advisory_lock",
];

/// The functions that take one for their caller, and those of the standard library that lock a file; also all of `locks::`.
const CALLS: [&str; 8] =
    ["lock", "while_locked", "try_lock", "find_and_lock", "begin_finding", "lock_to_delete", "hold", "claim"];

/// Where a lock is taken: the file, the function, and what takes it.
fn places() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![project("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                in_file(&path, &mut found);
            }
        }
    }
    found
}

fn in_file(path: &Path, found: &mut BTreeSet<String>) {
    let text = std::fs::read_to_string(path).expect("a file");
    let file = path.strip_prefix(project("")).expect("a file of the project").display();
    // Unit tests are the last thing in a file.
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut function = "";
    for line in code.lines().map(|line| line.split("//").next().unwrap_or_default()) {
        if let Some((_, rest)) = line.split_once("fn ") {
            function = rest.split(['(', '<']).next().unwrap_or_default();
        }
        let words = WORDS.iter().filter(|word| line.contains(**word)).map(|word| (*word).to_owned());
        for what in words.chain(calls(line)) {
            found.insert(format!("{file} {function} {what}"));
        }
    }
}

/// The calls in a line that take a lock. Those of the standard streams, and of what the threads of a process share, are no
/// matter between commands.
fn calls(line: &str) -> impl Iterator<Item = String> {
    line.match_indices('(').filter_map(|(at, _)| {
        let before = &line[..at];
        let path = &before[before.rfind(|c: char| !(c.is_alphanumeric() || "_:.".contains(c))).map_or(0, |at| at + 1)..];
        let name = path.rsplit([':', '.']).next().unwrap_or_default();
        let is_local = [").lock", "state.lock", "notes.lock", "written.lock", "WRITTEN.lock", "role.lock", "self.owner.lock"]
            .iter()
            .any(|end| before.ends_with(end));
        let is_lock = CALLS.contains(&name) || path.contains("locks::");
        (is_lock && !is_local && !before.ends_with(&format!("fn {name}"))).then(|| path.trim_start_matches('.').to_owned())
    })
}

#[test]
fn every_lock_has_a_test() {
    let text = std::fs::read_to_string(project("tests/it/locks.txt")).expect("the table");
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let table: BTreeMap<String, String> = rows
        .map(|line| {
            let (place, test) = line.split_once(" : ").unwrap_or_else(|| panic!("no test in {line:?}"));
            (place.to_owned(), test.to_owned())
        })
        .collect();
    let taken = places();
    let listed: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(taken.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "locks.txt lacks these");
    assert_eq!(listed.difference(&taken).collect::<Vec<_>>(), Vec::<&String>::new(), "no lock is taken there");
    let tests = crate::options::tests();
    let unknown: Vec<_> = table.values().filter(|test| !test.starts_with("none, ") && !tests.contains(*test)).collect();
    assert!(unknown.is_empty(), "locks.txt names tests that there are not: {unknown:?}");
}

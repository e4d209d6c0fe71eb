//! Every option of every command has a test that fails when the option is ignored. `options.txt` names it; the long test here
//! runs each of them with a binary that drops the option.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::architecture::sources;
use crate::support::{project, server_url};

/// An option, as the table and the stand-in of the binary need it.
struct Known {
    /// The command's words, without `cmf`; empty for the options that every command takes.
    command: String,
    long: String,
    short: Option<char>,
    takes_value: bool,
}

/// All options of the command tree, but for help and version.
fn known() -> Vec<Known> {
    let mut found = Vec::new();
    collect(&cmf::cli::command(), "", &mut found);
    found
}

fn collect(command: &clap::Command, words: &str, found: &mut Vec<Known>) {
    for argument in command.get_arguments().filter(|argument| words.is_empty() || !argument.is_global_set()) {
        let Some(long) = argument.get_long().filter(|long| !matches!(*long, "help" | "version")) else { continue };
        found.push(Known {
            command: words.to_owned(),
            long: format!("--{long}"),
            short: argument.get_short(),
            takes_value: argument.get_action().takes_values()
                && argument.get_num_args().is_none_or(|count| count.min_values() > 0),
        });
    }
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        collect(below, format!("{words} {}", below.get_name()).trim_start(), found);
    }
}

/// The table: the test for each command and option.
fn table() -> BTreeMap<(String, String), String> {
    let text = std::fs::read_to_string(project("tests/it/options.txt")).expect("the table");
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let (option, test) = line.split_once(" : ").unwrap_or_else(|| panic!("no test in {line:?}"));
        let (command, option) = option.trim().rsplit_once(' ').unwrap_or(("", option.trim()));
        ((command.to_owned(), option.to_owned()), test.trim().to_owned())
    })
    .collect()
}

#[test]
fn every_option_has_a_test() {
    let table = table();
    let known: BTreeSet<(String, String)> = known().into_iter().map(|option| (option.command, option.long)).collect();
    let listed: BTreeSet<(String, String)> = table.keys().cloned().collect();
    assert_eq!(known.difference(&listed).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "options.txt lacks these");
    assert_eq!(listed.difference(&known).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "there are no such options");
    let tests = tests();
    let unknown: Vec<_> = table.values().filter(|test| !tests.contains(*test)).collect();
    assert!(unknown.is_empty(), "options.txt names tests that there are not: {unknown:?}");
}

/// A test that needs the samples beside the project names its twin, which needs nothing.
#[test]
fn what_needs_the_samples_beside_the_project_has_a_twin() {
    let tests = tests();
    let mut twins = BTreeSet::new();
    let mut needing = BTreeSet::new();
    for file in sources(&project("tests/it")) {
        let text = std::fs::read_to_string(&file).expect("a source");
        let file = file.strip_prefix(project("tests/it")).expect("a test").with_extension("");
        let module = file.to_str().expect("UTF-8").replace('/', "::").replace("::mod", "");
        // In two parts, so that this file has no call.
        for (at, _) in text
            .match_indices(&["shared", "("].concat())
            .filter(|(at, _)| !text[..*at].ends_with("fn ") && !text[..*at].ends_with('_'))
        {
            let mut words = text[at..].split(';').next().expect("a call").split('"');
            let named = words.find(|word| word.contains("::") && !word.contains(' '));
            let twin = named.unwrap_or_else(|| panic!("a call without a twin in {module}")).to_owned();
            assert!(tests.contains(&twin), "{module} names the twin {twin}, which is no test");
            twins.insert(twin);
            let within = text[..at].rsplit("\nfn ").next().and_then(|body| body.split('(').next());
            needing.insert(format!("{module}::{}", within.unwrap_or_default()));
        }
    }
    assert!(twins.len() >= 10, "{twins:?}");
    assert_eq!(twins.intersection(&needing).collect::<Vec<_>>(), Vec::<&String>::new(), "a twin needs the samples too");
}

/// The names of all tests of this binary.
pub(crate) fn tests() -> BTreeSet<String> {
    let output = Command::new(std::env::current_exe().expect("this binary")).arg("--list").output().expect("the list");
    let list = String::from_utf8(output.stdout).expect("UTF-8");
    list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// Runs one test with a stand-in of the binary. Returns whether it passed.
fn passes_with(stand_in: &Path, test: &str) -> bool {
    let status = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", test, "--include-ignored"])
        .env("CMF_TEST_BINARY", stand_in)
        .env("CMF_TEST_SERVER", server_url())
        .env_remove("NEXTEST_RUN_ID")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("the test runs").success()
}

/// Writes a stand-in of the binary that drops an option (none, where there is none to drop) and hands on the rest.
fn stand_in(folder: &Path, dropped: Option<&Known>) -> std::path::PathBuf {
    let nothing = Known { command: "no such command".to_owned(), long: String::new(), short: None, takes_value: false };
    let option = dropped.unwrap_or(&nothing);
    let short = option.short.map(|short| format!("-{short}")).unwrap_or_default();
    let script = format!(
        r#"#!/bin/bash
path=({}) long='{}' short='{short}' takes={} at=0 kept=()
for word in "$@"; do [ "$word" = -- ] && break; [ "$word" = "${{path[$at]:-}}" ] && at=$((at + 1)); done
if [ "$at" = "${{#path[@]}}" ]; then
    while [ $# -gt 0 ]; do
        case "$1" in
            --) kept+=("$@"); break ;;
            "$long"=*) ;;
            "$long"|"$short") if [ -z "$1" ]; then kept+=(""); elif [ "$takes" = true ]; then shift; fi ;;
            *) kept+=("$1") ;;
        esac
        [ $# -gt 0 ] && shift
    done
    set -- "${{kept[@]}}"
fi
exec -a cmf '{}' "$@"
"#,
        option.command,
        option.long,
        option.takes_value,
        env!("CARGO_BIN_EXE_cmf"),
    );
    let path = folder.join("cmf");
    // Written under another name first: a file that is open for writing cannot be run.
    let new = folder.join("new");
    std::fs::write(&new, script).expect("the stand-in is written");
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    std::fs::rename(&new, &path).expect("it is in its place");
    path
}

#[test]
#[ignore = "runs hundreds of tests, each without one option"]
fn no_option_can_be_ignored_unseen() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = table();
    let only = std::env::var("CMF_TEST_OPTION").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut sound = BTreeSet::new();
    for option in known() {
        let name = format!("{} {}", option.command, option.long);
        let Some(test) = table.get(&(option.command.clone(), option.long.clone())).filter(|_| name.contains(&only)) else {
            continue;
        };
        if sound.insert(test.clone()) && !passes_with(&stand_in(folder.path(), None), test) {
            wrong.push(format!("{test} fails with all options"));
        }
        if passes_with(&stand_in(folder.path(), Some(&option)), test) {
            wrong.push(format!("{test} passes without {name}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

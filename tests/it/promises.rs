//! `docs/promises.md` names a test for each sentence that promises something. The tests exist, the sentences still stand where
//! the table says, and no command and no strong word was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::options::tests;
use crate::support::project;

/// A sentence that has one of these promises something: it needs a row. So does one with `exit` and a number.
const STRONG: [&str; 7] = ["never", "always", "refused", "refuses", "at most", "exits with", "one transaction"];

/// The rows below the heading of a file or of a command: the sentence, and its tests.
type Rows = BTreeMap<String, Vec<(String, Vec<String>)>>;

/// Words with one blank between them: where lines break means nothing, nor does how a table writes a bar.
fn flat(text: &str) -> String {
    text.replace("\\|", "|").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn table(text: &str) -> Rows {
    let mut rows = Rows::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(source) = line.strip_prefix("## ") {
            source.clone_into(&mut heading);
        } else if let Some(row) = line.strip_prefix("| ").filter(|row| !row.starts_with("promise |")) {
            let cells = row.strip_suffix(" |").and_then(|row| row.rsplit_once(" | "));
            let (promise, tests) = cells.unwrap_or_else(|| panic!("no promise and test in {line:?}"));
            let tests = tests.split(", ").map(str::to_owned).collect();
            rows.entry(heading.clone()).or_default().push((flat(promise), tests));
        }
    }
    rows
}

/// The long help of every command, by its words.
fn helps() -> BTreeMap<String, String> {
    fn collect(command: &clap::Command, above: &str, found: &mut BTreeMap<String, String>) {
        let words = format!("{above}{}", command.get_name());
        found.insert(words.clone(), flat(&cmf::cli::printed(&command.clone().render_long_help().to_string())));
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            collect(below, &format!("{words} "), found);
        }
    }
    let mut tree = cmf::cli::documented();
    tree.build();
    let mut found = BTreeMap::new();
    collect(&tree, "", &mut found);
    found
}

/// README and the pages of `docs/`, but for the table itself.
fn pages() -> BTreeMap<String, String> {
    let pages = std::fs::read_dir(project("docs")).expect("the pages").map(|page| page.expect("a page").path());
    let pages = pages.filter(|page| page.extension().is_some_and(|ending| ending == "md"));
    // How one writes is a rule for authors, which no test of the program shows.
    let rules = ["promises.md", "style.md"];
    let names = pages.filter_map(|page| page.file_name()?.to_str().map(str::to_owned));
    let names = names.filter(|name| !rules.contains(&name.as_str()));
    let names = names.map(|name| format!("docs/{name}")).chain(["README.md".to_owned()]);
    names.map(|name| (name.clone(), std::fs::read_to_string(project(&name)).expect("a page"))).collect()
}

/// A page without what is shown of commands and files.
fn prose(page: &str) -> String {
    let mut fenced = false;
    let lines = page.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        fenced ^= is_fence;
        !is_fence && !fenced && !line.starts_with("    ")
    });
    flat(&lines.collect::<Vec<_>>().join("\n"))
}

/// The help without its examples and without the options that every command has.
fn own(help: &str) -> String {
    let help = help.split(" Examples: ").next().unwrap_or_default();
    match help.split_once(" Global options: ") {
        Some((own, _)) => own.to_owned(),
        None => help.to_owned(),
    }
}

/// The names of the unit tests, without their modules, so that they may move.
fn unit_tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            unit_tests(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let after = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn "));
            found.extend(after.filter_map(|(_, rest)| rest.split_once('(')).map(|(name, _)| name.to_owned()));
        }
    }
}

fn is_strong(sentence: &str) -> bool {
    let plain = sentence.replace(|letter: char| !letter.is_alphanumeric() && letter != '-', " ");
    let words = format!(" {} ", flat(&plain));
    STRONG.into_iter().any(|word| words.contains(&format!(" {word} ")))
        || words.split(" exit ").skip(1).any(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn promises() -> Rows {
    table(&std::fs::read_to_string(project("docs/promises.md")).expect("the table"))
}

#[test]
fn every_promise_has_a_test_that_there_is() {
    let mut known = tests();
    unit_tests(&project("src"), &mut known);
    let rows = promises();
    let unknown: Vec<_> = rows.values().flatten().filter(|(_, tests)| tests.iter().any(|test| !known.contains(test))).collect();
    assert!(unknown.is_empty(), "docs/promises.md names tests that there are not: {unknown:#?}");
}

#[test]
fn every_promise_stands_where_the_table_says() {
    let mut texts = helps();
    texts.extend(pages().into_iter().map(|(name, page)| (name, flat(&page))));
    let mut wrong = Vec::new();
    for (source, rows) in promises() {
        let Some(text) = texts.get(&source) else {
            wrong.push(format!("`{source}` is neither a command nor a page"));
            continue;
        };
        wrong.extend(rows.into_iter().filter(|(row, _)| !text.contains(row)).map(|(row, _)| format!("not in {source}: {row}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_command_and_no_strong_word_is_without_a_row() {
    let rows = promises();
    let helps = helps();
    let missing: Vec<_> = helps.keys().filter(|command| !rows.contains_key(*command)).collect();
    assert!(missing.is_empty(), "docs/promises.md has no row for these commands: {missing:?}");
    let mut quoted: Vec<&str> = rows.values().flatten().map(|(promise, _)| promise.as_str()).collect();
    quoted.sort_by_key(|promise| std::cmp::Reverse(promise.len()));
    let helps = helps.iter().map(|(command, help)| (command.clone(), own(help)));
    let texts = helps.chain(pages().into_iter().map(|(name, page)| (name, prose(&page))));
    let mut left = Vec::new();
    for (source, text) in texts {
        let rest = quoted.iter().fold(text, |text, promise| text.replace(promise, " \u{b6} "));
        for sentence in rest.split(". ").flat_map(|sentence| sentence.split('\u{b6}')) {
            if is_strong(sentence) {
                left.push(format!("{source}: {}", sentence.trim()));
            }
        }
    }
    assert!(left.is_empty(), "these promise something and have no row in docs/promises.md:\n{}", left.join("\n"));
}

#[test]
fn the_check_reads_a_table_and_finds_what_is_not_prose() {
    let rows = table("# P\n\n## a.md\n\n| promise | test |\n|---|---|\n| one \\| two | a::b, c |\n\n## cmf x\n| three | d |\n");
    assert_eq!(rows["a.md"], [("one | two".to_owned(), vec!["a::b".to_owned(), "c".to_owned()])]);
    assert_eq!(rows["cmf x"], [("three".to_owned(), vec!["d".to_owned()])]);
    for strong in ["It is never so", "a wrong one (exit 78)", "Up to\u{a0}it: refused.", "at most, that"] {
        assert!(is_strong(strong), "{strong}");
    }
    for weak in ["with --exit-code", "the exit codes", "whenever", "most of it"] {
        assert!(!is_strong(weak), "{weak}");
    }
    assert_eq!(prose("one\n```toml\ntwo\n```\nthree\n\n    $ four\n"), "one three");
}

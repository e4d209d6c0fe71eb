//! All that cmf says, in one list: for an editor or a translator, and for the words that must not come back.
//! `make said` prints it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::architecture::signs::{Sign, signs};
use crate::architecture::sources;
use crate::docs::{pages, parts};
use crate::every::{JOURNEY, Role};
use crate::support::{Db, cmf, project, run};

/// Where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A message, a hint, a note, a header: what a command prints.
    Message,
    /// The help of commands and options, and their examples.
    Help,
    /// A comment of an item, for whoever reads the source. Those of arguments are help, too.
    Comment,
    /// README and the pages of `docs/`.
    Page,
}

/// Something that is said, with its place: a file and a line.
#[derive(Debug)]
struct Said {
    kind: Kind,
    place: String,
    text: String,
}

/// All that is said.
fn all() -> Vec<Said> {
    let root = project("");
    let mut said = Vec::new();
    for file in sources(&project("src")) {
        let name = file.strip_prefix(&root).expect("a file of the project").to_string_lossy().into_owned();
        if !name.ends_with("tests.rs") && !name.contains("/tests/") {
            said.extend(of_source(&name, &std::fs::read_to_string(&file).expect("a source")));
        }
    }
    let help = std::fs::read_dir(project("src/cli/help")).expect("the help").map(|file| file.expect("a file").path());
    for file in help.collect::<BTreeSet<_>>() {
        let name = format!("src/cli/help/{}", file.file_name().expect("a name").to_string_lossy());
        said.extend(lines(Kind::Help, &name, std::fs::read_to_string(&file).expect("help").lines().zip(1..)));
    }
    for (page, text) in pages() {
        let (_, prose) = parts(&page, &text);
        said.extend(lines(Kind::Page, &page, prose.iter().map(|(line, text)| (text.as_str(), *line))));
    }
    said
}

/// Paragraphs: lines that follow each other.
fn lines<'a>(kind: Kind, place: &str, lines: impl Iterator<Item = (&'a str, usize)>) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let (mut is_open, mut next) = (false, 0);
    for (text, line) in lines {
        let text = text.trim();
        let begins = text.starts_with(['|', '-', '#', '$']) || !is_open || line != next;
        (is_open, next) = (!text.is_empty(), line + 1);
        match said.last_mut() {
            Some(last) if !begins && is_open => last.text += &format!(" {text}"),
            _ if is_open => said.push(Said { kind, place: format!("{place}:{line}"), text: text.to_owned() }),
            _ => {}
        }
    }
    said
}

/// What a source says: its comments of items, and its texts of several words. Tests and SQL say nothing to a user.
fn of_source(name: &str, source: &str) -> Vec<Said> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let is_sql = name.starts_with("src/db/") || name.starts_with("src/session/");
    let (mut said, mut comments, mut line) = (Vec::new(), Vec::new(), 1);
    for (sign, text) in signs(source) {
        match sign {
            Sign::Comment if text.starts_with("///") || text.starts_with("//!") => comments.push((&text[3..], line)),
            Sign::Text => {
                let text = plain(text);
                let is_style = text.contains("{--") || text.contains(";--") || text.contains("var(--");
                let is_said = text.split_whitespace().count() > 1 && text.chars().any(char::is_lowercase) && !is_style;
                let sql = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "FROM ", "WHERE ", "SET ", "BEGIN"];
                if is_said && !(is_sql && sql.iter().any(|word| text.trim_start().starts_with(word))) {
                    said.push(Said { kind: Kind::Message, place: format!("{name}:{line}"), text });
                }
            }
            _ => {}
        }
        line += text.matches('\n').count();
    }
    said.extend(lines(Kind::Comment, name, comments.into_iter()));
    said
}

/// A text as it is printed: without its quotes, its lines joined where the source breaks them.
fn plain(text: &str) -> String {
    let inside = text.trim_start_matches(['b', 'r', '#']).trim_end_matches('#');
    let inside = inside.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')).unwrap_or(inside);
    let mut lines = inside.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |joined, line| joined + line.trim_start()).replace("\\\"", "\"").replace("\\n", "\n")
}

/// Words of another time or another language, with the usual ones.
const NOT: &[(&str, &str)] = &[
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("no instant", "not a time"),
    ("no span", "not a duration"),
    ("for they", "because they"),
    ("for it is", "because it is"),
    ("for there", "because there"),
    ("has not the", "does not have the"),
    ("have not the", "do not have the"),
    ("not without a confirmation", "confirmation required"),
    ("is there already", "exists already"),
    ("amongst", "among"),
    ("whilst", "while"),
    ("hence", "so"),
    ("thereof", "of it"),
    ("in vain", "without success"),
    ("anew", "again"),
    ("for ever", "forever"),
    ("of then", "of that time"),
    ("nobody said", "nobody set"),
    ("so already", "already"),
    ("beside traffic", "while others work"),
    ("called so", "of this name"),
    ("says otherwise", "changes that"),
    ("where nobody can be asked", "if nobody can be asked"),
    ("slipped in", "inserted"),
    ("thrown away", "removed"),
];

/// The same of what a user reads: messages, help and pages.
const NOT_TO_USERS: &[(&str, &str)] = &[
    ("whoever", "anyone who, roles that"),
    ("at hand", "known, current"),
    ("goes on", "continues"),
    ("took down", "reverted"),
    ("taken down", "reverted"),
    ("take back", "undo"),
    ("takes back", "undoes"),
    ("taken back", "undone"),
    ("took back", "undid"),
    ("stands in the way", "prevents"),
    ("lies", "is"),
    ("that is no metric", "that is not a metric"),
    ("and are no metrics", "and are not metrics"),
    ("say it with", "set it with"),
    ("counts in no mean", "is not part of any mean"),
    ("count in no mean", "are not part of any mean"),
    ("what stands", "what exists"),
    ("there is no undo", "this cannot be undone"),
    ("no way back", "cannot be undone"),
];

/// The words of a text, in small letters, each with a blank before and behind it.
fn spoken(text: &str) -> String {
    let words = text.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-' || c == '_')).filter(|w| !w.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

/// What is wrong with the words of a text.
fn faults(said: &Said) -> Vec<String> {
    let spoken = spoken(&said.text);
    let to_users = if said.kind == Kind::Comment { &[] } else { NOT_TO_USERS };
    let words = NOT.iter().chain(to_users).filter(|(not, _)| spoken.contains(&format!(" {not} ")));
    let mut faults: Vec<String> = words.map(|(not, but)| format!("`{not}`: write {but}")).collect();
    let length = said.text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let is_long = LONG.iter().any(|file| said.place.starts_with(file));
    if said.kind == Kind::Message && length > LONGEST && !is_long {
        faults.push(format!("{length} characters: at most {LONGEST}"));
    }
    faults
}

/// The most characters of a message.
const LONGEST: usize = 200;

/// Lists of words, pages, pictures, and what a model is asked.
const LONG: &[&str] = &[
    "src/db/migrations/ledger.rs", "src/domain/language/words.rs", "src/domain/suggest/words.rs", "src/map/model.rs",
    "src/report/plot.rs", "src/report/scores/", "src/sheet/marked.rs",
];

/// What a message names as an option: `--name`.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let long = words.filter(|word| word.starts_with("--") && word.len() > 3 && word.as_bytes()[2].is_ascii_lowercase());
    long.map(|word| word.trim_end_matches('-').to_owned()).collect()
}

/// All options that there are: of cmf, and of programs that it calls or names.
fn names() -> BTreeSet<String> {
    let mut names = OTHERS.iter().flat_map(|line| line.split(' ')).map(str::to_owned).collect();
    known(&cmf::cli::command(), &mut names);
    names
}

/// All options of the command tree.
fn known(command: &clap::Command, found: &mut BTreeSet<String>) {
    found.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(|long| format!("--{long}")));
    command.get_subcommands().for_each(|below| known(below, found));
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} to rewrite:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn nothing_is_said_in_words_that_were_given_up() {
    // The page that lists them, and what is told of the past.
    let all = all().into_iter().filter(|said| !said.place.starts_with("docs/style.md"));
    none(
        all.flat_map(|said| faults(&said).into_iter().map(move |fault| format!("{} {fault}\n    {}", said.place, said.text)))
            .collect(),
    );
}

/// The options that a text names and that neither cmf nor a program that it calls has.
fn unknown(said: &Said, names: &BTreeSet<String>) -> Vec<String> {
    let wrong = options(&said.text).into_iter().filter(|option| !names.contains(option));
    wrong.map(|option| format!("{} {option}\n    {}", said.place, said.text)).collect()
}

#[test]
fn no_message_names_an_option_that_does_not_exist() {
    let names = names();
    let messages = all().into_iter().filter(|said| matches!(said.kind, Kind::Message | Kind::Help));
    none(messages.flat_map(|said| unknown(&said, &names)).collect());
}

/// Options of other programs that cmf calls or names.
const OTHERS: &[&str] = &["--help --version", "--encoding --template", "--file --single-transaction", "--bindir", "--option"];

#[test]
fn the_check_finds_what_it_looks_for() {
    let source = "/// Mends it.\nfn f() { error(\"the row was\\\n    mended with --fx\"); }\n#[cfg(test)]\nmod tests { const A: &str = \"mend it\"; }";
    let said = of_source("src/a.rs", source);
    assert_eq!(said.iter().map(|said| said.place.as_str()).collect::<Vec<_>>(), ["src/a.rs:2", "src/a.rs:1"]);
    assert_eq!(said[0].text, "the row was mended with --fx".replace("was ", "was"));
    assert_eq!(said.iter().map(|said| faults(said).len()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(unknown(&said[0], &names()), ["src/a.rs:2 --fx\n    the row wasmended with --fx"]);
    let planted = |kind, text: &str| faults(&Said { kind, place: String::new(), text: text.to_owned() }).len();
    assert_eq!(planted(Kind::Message, "pass it on to whoever asks"), 1);
    assert_eq!(planted(Kind::Page, "an index is made Anew"), 1);
    assert_eq!(planted(Kind::Comment, "For whoever asks."), 0);
    assert_eq!(planted(Kind::Help, "Make an index again"), 0);
    let long = Said { kind: Kind::Message, place: String::new(), text: "x".repeat(LONGEST + 1) };
    assert_eq!(faults(&long), ["201 characters: at most 200"]);
}

/// Commands of a reader that write for others, or where an option asks for it.
const READ_OR_WRITE: [&str; 2] = ["history prune", "db grants"];

#[test]
fn an_error_of_a_command_that_writes_says_what_was_changed() {
    let mut wrong = Vec::new();
    for (line, role, audit) in JOURNEY {
        let run = run(cmf().args(line.split(' ')).arg("--no-such-option")).fails(2, "hint: `cmf ");
        let says = run.stderr.contains("\nNothing was changed.\n");
        let reads = *role == Role::Reader && !READ_OR_WRITE.iter().any(|words| line.starts_with(words));
        if audit.is_some() && !says || reads && says {
            wrong.push((*line).to_owned());
        }
    }
    none(wrong);
    let json = run(cmf().args(["metric", "set", "--format", "json"]));
    let error: serde_json::Value = serde_json::from_str(&json.stderr).expect("one object");
    assert_eq!(error["error"]["changed"], "Nothing was changed.");
}

#[test]
fn a_hint_leads_to_the_place_of_the_command() {
    let db = Db::migrated();
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    db.cmf(["--schema", "acme", "framework", "show", "PR"]).fails(2, "`cmf seed --schema acme`");
    let typed = ["migrate", "up", "--to", "1", "--database-url", &db.url];
    run(cmf().args(typed)).fails(2, "`cmf migrate status --database-url ");
}

#[test]
#[ignore = "prints the list"]
fn the_list() {
    let mut all = all();
    all.sort_by(|a, b| (a.kind, &a.place).cmp(&(b.kind, &b.place)));
    let path = std::env::var_os("CMF_SAID").map_or_else(|| Path::new("/dev/stdout").to_owned(), Into::into);
    let text: String =
        all.iter().map(|said| format!("{:?}\t{}\t{}\n", said.kind, said.place, said.text.replace('\n', "\\n"))).collect();
    std::fs::write(path, text).expect("the list");
}

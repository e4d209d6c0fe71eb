//! What can follow the words typed so far, for the scripts of `cmf completions`: also names from the database.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, FromArgMatches, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::Shells;

use super::tree;
use crate::commands::{self, FileFields, Prints};
use crate::config::Config;
use crate::context::{Context, Global};
use crate::domain::text::{is_unprintable, printable};
use crate::error::{Exit, Result};
use crate::lookup::names::{self, Kind};
use crate::output::{Format, Output, Shape};

/// An answer that takes longer is no help: the shell waits for it.
const PATIENCE: Duration = Duration::from_millis(180);

/// Answers a shell that asks what can follow the words typed so far. Returns the exit code if one asked. `tree` makes the
/// whole command tree. Whatever goes wrong, the answer is empty and nothing is said: an error message in the middle of a command line helps nobody.
pub(super) fn answer(tree: fn() -> clap::Command) -> Option<Exit> {
    let shell = std::env::var(commands::completions::ASKED).ok().filter(|name| !name.is_empty())?;
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let shells = Shells::builtins();
    let (Some(completer), false) = (shells.completer(&shell), words.is_empty()) else { return Some(Exit::Usage) };
    let mut command = attach(tree(), &Arc::new(Line { words: words.clone(), tree, escapes: shell == "bash" }));
    command.build();
    let mut answer = Vec::new();
    let directory = std::env::current_dir().ok();
    if completer.write_complete(&mut command, words, directory.as_deref(), &mut answer).is_ok() {
        let output = Output::new(Format::Table, true, 0);
        let _ = output.text(&String::from_utf8_lossy(&answer));
    }
    Some(Exit::Success)
}

/// A name, and what it stands for.
type Name = (String, Option<String>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// A column of what the command prints.
    Column,
    /// A field that a file of the command has.
    Field,
    /// The same before the column that it is read from.
    Mapped,
    /// What has a name in the database.
    Stored(Kind),
}

impl Named {
    /// By the first word of the placeholder in the argument's help, which is the same wherever the same thing is meant.
    fn of(placeholder: &str) -> Option<Named> {
        Some(match placeholder.split(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty())? {
            "METRIC" => Named::Stored(Kind::Metric),
            "CATALOG" => Named::Stored(Kind::Catalog),
            "CROSSWALK" => Named::Stored(Kind::Crosswalk),
            "FRAMEWORK" => Named::Stored(Kind::Framework),
            "USER" => Named::Stored(Kind::User),
            "CODE" | "CODES" => Named::Stored(Kind::Code),
            "COLUMN" => Named::Column,
            "ITEM" => Named::Stored(Kind::Item),
            "CHANGE" => Named::Stored(Kind::Change),
            _ => return None,
        })
    }
}

/// The command line that is being typed.
struct Line {
    /// Its words, which say where the database is.
    words: Vec<OsString>,
    tree: fn() -> clap::Command,
    /// Whether the shell leaves it to us to escape blanks.
    escapes: bool,
}

/// The command tree with completers for all arguments that take a name from the database, or a file.
fn attach(command: clap::Command, line: &Arc<Line>) -> clap::Command {
    command
        .mut_args(|arg| {
            let arg = match place(&arg) {
                // Bash takes a path as it is written, with its blanks.
                Some(hint) if line.escapes => {
                    return arg.value_hint(hint).add(ArgValueCompleter::new(Paths { folders: hint == ValueHint::DirPath }));
                }
                Some(hint) => arg.value_hint(hint),
                None => arg,
            };
            let named = named(&arg);
            if named.iter().all(Option::is_none) {
                return arg;
            }
            arg.add(ArgValueCompleter::new(Names { named, line: Arc::clone(line) }))
        })
        .mut_subcommands(|below| attach(below, line))
}

/// Whether an argument is a file or a folder, by its placeholder; `-` and remote names make some of them plain text.
fn place(arg: &Arg) -> Option<ValueHint> {
    match arg.get_value_names()?.first()?.as_str() {
        "FILE" => Some(ValueHint::FilePath),
        "DIR" | "FOLDER" => Some(ValueHint::DirPath),
        _ => None,
    }
}

/// What each value of an argument is.
fn named(arg: &Arg) -> Vec<Option<Named>> {
    match arg.get_long() {
        Some("function") => return vec![Some(Named::Stored(Kind::Function))],
        Some("category") => return vec![Some(Named::Stored(Kind::Category))],
        Some("map") => return vec![Some(Named::Mapped)],
        Some("columns-are") => return vec![Some(Named::Field)],
        _ => {}
    }
    match arg.get_value_names() {
        Some(names) => names.iter().map(|name| Named::of(name)).collect(),
        None => vec![Named::of(&arg.get_id().as_str().to_uppercase())],
    }
}

/// Completes the values of one argument.
struct Names {
    named: Vec<Option<Named>>,
    line: Arc<Line>,
}

impl ValueCompleter for Names {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        self.complete_at(0, current)
    }

    fn complete_at(&self, index: usize, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(named) = self.named.get(index % self.named.len().max(1)).copied().flatten() else { return Vec::new() };
        let Some(typed) = current.to_str() else { return Vec::new() };
        let typed = if self.line.escapes { unescaped(typed) } else { typed.to_owned() };
        let names = look_up(&self.line, named, &typed).unwrap_or_default();
        names
            .into_iter()
            // What a terminal obeys would act on the command line, and nobody can type what it hides.
            .filter(|(name, _)| !name.chars().any(is_unprintable))
            .map(|(name, about)| {
                let value = if self.line.escapes { escaped(&name) } else { name };
                CompletionCandidate::new(value).help(about.map(|about| printable(&about).into()))
            })
            .collect()
    }
}

/// Completes paths for bash, which takes a blank for the end of a word.
struct Paths {
    folders: bool,
}

impl ValueCompleter for Paths {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let completer = if self.folders { PathCompleter::dir() } else { PathCompleter::file() };
        let typed = current.to_str().map_or_else(|| current.to_owned(), |typed| unescaped(typed).into());
        let found = completer.complete(&typed).into_iter();
        let mut found: Vec<String> = found.filter_map(|path| Some(escaped(path.get_value().to_str()?))).collect();
        found.sort();
        found.into_iter().map(CompletionCandidate::new).collect()
    }
}

/// A word as bash hands it over, without its quotes and backslashes.
fn unescaped(typed: &str) -> String {
    let typed = typed.strip_prefix(['"', '\'']).unwrap_or(typed);
    let mut plain = String::with_capacity(typed.len());
    let mut chars = typed.chars();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

/// A word as bash takes it for one.
fn escaped(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.chars() {
        if !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',' | '=' | '~') {
            word.push('\\');
        }
        word.push(c);
    }
    word
}

/// Asks the database, within the patience there is. Nothing where it is down; a private Postgres is not started for this.
fn look_up(line: &Line, named: Named, typed: &str) -> Option<Vec<Name>> {
    // What is typed so far need not be a whole command; its options say where the database is all the same.
    let mut tree = (line.tree)().ignore_errors(true);
    let matches = tree.try_get_matches_from_mut(&line.words).ok()?;
    let (_, command) = tree::found(&tree, tree::words(&matches));
    let kind = match named {
        Named::Column => return Some(columns(command, typed)),
        Named::Field => return Some(fields(command, typed, "")),
        Named::Mapped => return Some(fields(command, typed, "=")),
        Named::Stored(kind) => kind,
    };
    let global = Global::from_arg_matches(&matches).ok()?;
    let config = Config::load(global.profile.as_deref()).ok()?;
    let context = Context::new(global, config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let found = runtime.block_on(async { tokio::time::timeout(PATIENCE, ask(&context, kind, typed)).await });
    runtime.shutdown_background();
    found.ok()?.ok()
}

/// The fields of a file of the command, with what follows them.
fn fields(command: &clap::Command, typed: &str, mark: &str) -> Vec<Name> {
    let names = command.get::<FileFields>().map(|fields| (fields.0)()).unwrap_or_default();
    names.into_iter().filter(|name| name.starts_with(typed)).map(|name| (format!("{name}{mark}"), None)).collect()
}

/// The columns of the command that is typed; to sort by, those too that have a sign.
fn columns(command: &clap::Command, typed: &str) -> Vec<Name> {
    let shape = command.get::<Prints>().map(|prints| (prints.0)());
    let sign = if typed.starts_with(['-', '+']) { &typed[..1] } else { "" };
    let names = shape.iter().flat_map(Shape::columns).map(|name| format!("{sign}{name}"));
    names.filter(|name| name.starts_with(typed)).map(|name| (name, None)).collect()
}

async fn ask(context: &Context, kind: Kind, typed: &str) -> Result<Vec<Name>> {
    let Some(mut session) = context.open_running().await? else { return Ok(Vec::new()) };
    let mut tx = session.read().await?;
    names::beginning(&mut tx, kind, typed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bash_words_go_there_and_back() {
        for name in ["PR-001", "Starter CSF 2.0", "it's $5 (net)", "a\"b\\c", "GOVERN 1.1"] {
            assert_eq!(unescaped(&escaped(name)), name);
        }
        assert_eq!(unescaped("\"Starter C"), "Starter C");
        assert_eq!(escaped("a b"), "a\\ b");
    }
}

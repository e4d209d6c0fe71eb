//! How an error of a command ends: with what was changed, which is nothing as a rule; and what becomes of the commands that cmf
//! tells to type: they work on the database, the schema and the catalog of the run, where the command line names these.

use std::path::PathBuf;

use super::tree::{self, Elsewhere};
use crate::commands::{Effect, Role, WithLess};
use crate::domain::secret;
use crate::error::{Cause, Error, Exit, shell_word};
use crate::files;
use crate::session::{Run, Written};

/// Options whose value is a file that is written.
const FILES: [&str; 5] = ["--out", "--svg", "--xlsx", "--junit", "--save-map"];

/// What a command leaves behind if nothing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    Nothing,
    /// One or several files.
    Files,
    /// Something in a database, or on the server.
    Changes,
}

fn leaves(effect: Effect, words: &[String]) -> Leaves {
    let has = |option: &str| {
        words.iter().any(|word| word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    match effect {
        Effect::Changes(_) => Leaves::Changes,
        Effect::Fixes(_) if has("--fix") => Leaves::Changes,
        Effect::Dumps(_) => Leaves::Files,
        Effect::Reads(_) | Effect::Fixes(_) if FILES.into_iter().any(has) || names_file(words) => Leaves::Files,
        Effect::Reads(_) | Effect::Fixes(_) => Leaves::Nothing,
    }
}

/// Whether an argument of the command is the name of a file that it writes.
fn names_file(words: &[String]) -> bool {
    let typed = std::iter::once("cmf").chain(words.iter().map(String::as_str));
    let Ok(matches) = tree::command().try_get_matches_from(typed) else { return false };
    let leaf = std::iter::successors(Some(&matches), |here| Some(here.subcommand()?.1)).last().unwrap_or(&matches);
    matches!(leaf.try_get_one::<PathBuf>("file"), Ok(Some(file)) if !files::is_nameless(file))
}

/// The error of this command line with what the run has changed, if it was to change something, and with what to do next.
pub(super) fn ended(error: Error, words: &[String], run: &Run) -> Error {
    if error.is(Cause::ClosedPipe) {
        return error;
    }
    let plain = tree::plain_words(words.iter().map(Into::into));
    let tree = tree::command();
    let (command, leaf) = tree::found(&tree, plain.iter().map(String::as_str));
    // What is no command, or not a whole one.
    let effect = leaf.get().copied().unwrap_or(Effect::Changes(Role::Importer));
    let is_unsaid = error.is(Cause::NoRight) && error.hints().is_empty();
    let error =
        if is_unsaid { entitled((&command, leaf), effect, words, run).into_iter().fold(error, Error::hint) } else { error };
    // Where it was refused, nobody knew the role.
    let error = match run.quoted_role().filter(|_| error.is(Cause::HiddenRows)) {
        Some(role) => error.reworded(|text| text.replace("ALTER ROLE NAME ", &format!("ALTER ROLE {role} "))),
        None => error,
    };
    let error = if error.is(Cause::Cancelled) { in_more_time(error, leaf) } else { error };
    let error = if error.hints().is_empty() { next(&error, &command).into_iter().fold(error, Error::hint) } else { error };
    if error.says_what_changed() {
        return error;
    }
    let files = files::written();
    let changed = match leaves(effect, words) {
        Leaves::Nothing => None,
        Leaves::Files if files.is_empty() => Some("No file was written.".to_owned()),
        Leaves::Files => Some(listed(&files)),
        Leaves::Changes => Some(match (run.has_changed(), files.is_empty()) {
            (false, true) => "Nothing was changed.".to_owned(),
            (false, false) => format!("Nothing was changed in the database. {}", listed(&files)),
            (true, _) => done(&run.written()),
        }),
    };
    changed.into_iter().fold(error, Error::changed)
}

/// What to do about a right that the role in the database does not have: who grants it, and what works without it.
fn entitled((command, leaf): (&str, &clap::Command), effect: Effect, words: &[String], run: &Run) -> Vec<String> {
    let role = match effect {
        // Who was told what is in the trail.
        _ if words.iter().any(|word| word.starts_with("--notify-command")) => Role::Importer,
        Effect::Reads(role) | Effect::Dumps(role) | Effect::Fixes(role) | Effect::Changes(role) => role,
    };
    let name = run.role().map_or_else(|| "NAME".to_owned(), shell_word);
    let found = run.owner();
    let owner = found
        .as_ref()
        .map_or_else(|| "the owner of the tables".to_owned(), |owner| format!("the owner of the tables (`{}`)", owner.name));
    // Who grants logs in as somebody else, to the same database.
    let url = found.as_ref().and_then(|owner| owner.url.as_ref());
    let at = url.map(|url| format!(" --database-url {}", shell_word(url))).unwrap_or_default();
    if role == Role::Migrator {
        let run_it = url.map_or_else(
            || format!("run it as {owner}"),
            |url| format!("run it as {owner}: --database-url {}", shell_word(url)),
        );
        let taken = found.as_ref().map_or_else(|| "their owner".to_owned(), |owner| format!("`{}`", owner.name));
        let instead = format!(
            "or make `{name}` the owner of all tables, which takes them from {taken}: `cmf db grants {name} --role migrator \
             --apply{at}`"
        );
        // Only these need the tables themselves.
        return if ["migrate ", "db "].iter().any(|noun| command.starts_with(noun)) {
            vec![run_it, instead]
        } else {
            vec![run_it]
        };
    }
    let role = role.name();
    let granted = format!(
        "this command needs at least the role {role}: {owner} grants it with `cmf db grants {name} --role {role} --apply{at}`"
    );
    let less = leaf.get::<WithLess>().map(|less| (less.0)(&name, &at));
    std::iter::once(granted).chain(less).collect()
}

/// The error of a statement that ran too long, where the command has an option for that.
fn in_more_time(error: Error, leaf: &clap::Command) -> Error {
    if !leaf.get_arguments().any(|one| one.get_long() == Some("statement-timeout")) {
        return error;
    }
    let message = error.message().to_owned();
    error.restated(message, "another session may hold a lock; --statement-timeout gives it more time".to_owned())
}

/// What to do about an error that does not say it itself, by its kind.
fn next(error: &Error, command: &str) -> Option<String> {
    let again = "run the command again";
    Some(match error.exit() {
        Exit::Usage => format!(
            "`cmf{} --help` explains the arguments",
            if command.is_empty() { String::new() } else { format!(" {command}") }
        ),
        Exit::Data if error.place().row.is_some() => format!("correct this row of the file, and {again}"),
        Exit::Data if error.place().file.is_some() => {
            format!("check that this is the right file and that it is complete; correct it or get it again, and {again}")
        }
        Exit::Data => format!("correct the value, and {again}"),
        Exit::Config => "correct this setting; `cmf config show` tells where the settings of cmf come from".to_owned(),
        Exit::Output => format!("make room, or name another place for the output, and {again}"),
        Exit::Unreachable => format!("{again} when the server answers"),
        Exit::Auth => "check the user, the password and the rights in the database".to_owned(),
        Exit::Failed => format!("{again}; if it fails again, `cmf doctor` looks for the cause"),
        // Who ended it knows what to do.
        Exit::Interrupted | Exit::Terminated | Exit::Success | Exit::Partial | Exit::Difference | Exit::Spooled => return None,
    })
}

/// What was committed before the error.
fn done(written: &[Written]) -> String {
    match written {
        [] => "A part was done before the error.".to_owned(),
        [one] => format!("Done before the error: change {} ({}). `cmf audit show {}` shows it.", one.seq, one.action, one.seq),
        [one, ..] => format!(
            "Done before the error: {} changes, from change {} ({}) on. `cmf audit list` shows them.",
            written.len(),
            one.seq,
            one.action
        ),
    }
}

fn listed(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    format!("Written before the error: {}.", names.join(", "))
}

/// The options of a command line that belong to every command about the same data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place(Vec<(&'static str, String)>);

/// Of every command, and of those that have them.
const EVERYWHERE: [&str; 3] = ["--database-url", "--profile", "--schema"];
const SOMEWHERE: [&str; 2] = ["--catalog", "--owner"];

/// Of all commands of `cmf migrate`.
const OF_MIGRATE: [&str; 2] = ["--dir", "--role"];

/// The most bytes of a value that is repeated.
const LONGEST: usize = 500;

impl Place {
    /// `named` tells the value of an option on the command line.
    pub fn of(words: impl Fn() -> Vec<String>, named: impl Fn(&str) -> Option<String>) -> Self {
        let is_migrate = || words().first().is_some_and(|noun| noun == "migrate");
        let options = EVERYWHERE.into_iter().chain(SOMEWHERE).chain(OF_MIGRATE);
        let given = options
            .filter(|option| !OF_MIGRATE.contains(option) || is_migrate())
            .filter_map(|option| Some((option, named(option)?)))
            .filter(|(option, value)| value.len() <= LONGEST && (*option != "--owner" || tree::owns(&words())));
        // A password is never printed.
        let shown = |(option, value): (&'static str, String)| {
            let has_secret = option == "--database-url" && secret::hidden(std::slice::from_ref(&value)) != [value.clone()];
            (option, if has_secret { "URL".to_owned() } else { shell_word(value) })
        };
        Place(given.map(shown).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text in which the commands between backticks have the options of this place.
    pub fn within(&self, text: &str) -> String {
        if !text.contains("`cmf ") {
            return text.to_owned();
        }
        let parts = text.split('`').enumerate();
        let named = |(at, part): (usize, &str)| if at % 2 == 1 { self.added(part, text) } else { part.to_owned() };
        parts.map(named).collect::<Vec<_>>().join("`")
    }

    /// A command with the options of this place that it takes and does not name.
    fn added(&self, command: &str, text: &str) -> String {
        let words = split(command);
        let Some((program, rest)) = words.split_first() else { return command.to_owned() };
        let tree = tree::command();
        let noun = rest.iter().find_map(|word| tree.find_subcommand(word));
        if program != "cmf" || noun.is_none_or(|noun| noun.get::<Elsewhere>().is_some()) {
            return command.to_owned();
        }
        let (named, leaf) = tree::found(&tree, rest.iter().map(String::as_str));
        let parses = |command: &str| tree.clone().try_get_matches_from(split(command)).is_ok();
        self.0.iter().fold(command.to_owned(), |command, (option, value)| {
            let is_global =
                if OF_MIGRATE.contains(option) { named.starts_with("migrate ") } else { EVERYWHERE.contains(option) };
            let is_taken = is_global || leaf.get_arguments().any(|argument| tree::is_of(argument, &option[2..]));
            // Who grants logs in as somebody else.
            let is_others = named == "db grants" && command.contains("--apply") && *option != "--schema";
            let is_known = words.iter().any(|word| word.split('=').next() == Some(option));
            // The catalog that is missing is not the one to look into.
            let is_subject = *option == "--catalog" && text.contains(&format!("`{value}`"));
            if is_known || is_others || is_subject || !is_taken {
                return command;
            }
            let longer = with(&command, option, value);
            if !is_global && parses(&command) && !parses(&longer) { command } else { longer }
        })
    }
}

/// A command with one more option: at its end, unless something else follows there.
fn with(command: &str, option: &str, value: &str) -> String {
    let is_last = ![" -- ", " | ", " > ", " && ", "; "].iter().any(|sign| command.contains(sign));
    if is_last || !EVERYWHERE.contains(&option) {
        return format!("{command} {option} {value}");
    }
    command.replacen("cmf ", &format!("cmf {option} {value} "), 1)
}

/// The words of a command as a shell tells them, as far as hints have them.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ' ' => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            _ => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_command_leaves_what_it_says_and_the_files_that_are_named() {
        let tree = tree::command();
        for (words, command) in tree::every(&tree) {
            assert!(command.has_subcommands() || command.get::<Effect>().is_some(), "{words}");
        }
        for (line, what) in [
            ("import a.csv", Leaves::Changes),
            ("score --dry-run", Leaves::Changes),
            ("score show", Leaves::Nothing),
            ("history PR-001", Leaves::Nothing),
            ("history PR-001 --svg=a.svg", Leaves::Files),
            ("history prune --older 1y", Leaves::Changes),
            ("report --out a.html", Leaves::Files),
            ("doctor", Leaves::Nothing),
            ("doctor --fix", Leaves::Changes),
            ("db dump a.dump", Leaves::Files),
            ("catalog export Q3 a.csv", Leaves::Files),
            ("catalog export Q3 --framework csf-2.0", Leaves::Nothing),
            ("catalog export Q3 -", Leaves::Nothing),
            ("catalog delete", Leaves::Changes),
        ] {
            let words = words(line);
            let (_, leaf) = tree::found(&tree, words.iter().map(String::as_str));
            assert_eq!(leaf.get().map(|effect| leaves(*effect, &words)), Some(what), "{line}");
        }
    }

    #[test]
    fn an_error_ends_with_what_was_changed() {
        let run = Run::default();
        let told = |line: &str| ended(Error::failed("no").hint("try"), &words(line), &run).to_text();
        assert_eq!(told("record PR-001 5"), "error: no\nNothing was changed.\nhint: try");
        assert_eq!(told("metric show PR-001"), "error: no\nhint: try");
        assert_eq!(told("report --out a.html"), "error: no\nNo file was written.\nhint: try");
        let own = ended(Error::failed("no").hint("try").changed("Stored: 1."), &words("record --drain"), &run);
        assert_eq!(own.to_text(), "error: no\nStored: 1.\nhint: try");
        let without = ended(Error::usage("no"), &words("metric show PR-001"), &run);
        assert_eq!(without.to_text(), "error: no\nhint: `cmf metric show --help` explains the arguments");
        let forbidden =
            ended(Error::new(Exit::Auth, "no").because(Cause::NoRight), &words("metric set PR-001 --target 5"), &run);
        assert_eq!(
            forbidden.to_text(),
            "error: no\nNothing was changed.\nhint: this command needs at least the role importer: the owner of the tables \
             grants it with `cmf db grants NAME --role importer --apply`"
        );
    }

    #[test]
    fn a_command_to_type_works_on_the_place_of_the_run() {
        let of = |given: &'static [(&str, &str)]| {
            Place::of(
                || words("catalog list"),
                |option| given.iter().find(|(name, _)| *name == option).map(|(_, value)| (*value).to_owned()),
            )
        };
        let place = of(&[("--schema", "acme"), ("--owner", "ada l"), ("--catalog", "Q3")]);
        for (text, full) in [
            ("see `cmf metric list`", "see `cmf metric list --schema acme --catalog Q3`"),
            ("see `cmf map list`", "see `cmf map list --schema acme --catalog Q3 --owner \"ada l\"`"),
            ("`cmf --schema b migrate up` makes it", "`cmf --schema b migrate up` makes it"),
            ("`cmf local start`", "`cmf local start`"),
            ("`cmf catalog list` lists `Q3`", "`cmf catalog list --schema acme --owner \"ada l\"` lists `Q3`"),
            ("`cmf audit list | head`", "`cmf --schema acme audit list | head`"),
            ("`cmf undo 12`", "`cmf undo 12 --schema acme`"),
            ("`csf-2.0` is not one", "`csf-2.0` is not one"),
        ] {
            assert_eq!(place.within(text), full);
        }
        let secret = of(&[("--database-url", "postgres://ada:geheim@db/cmf")]);
        assert_eq!(secret.within("`cmf migrate up`"), "`cmf migrate up --database-url URL`");
        let open = of(&[("--database-url", "postgres://ada@db/cmf")]);
        assert_eq!(open.within("`cmf migrate up`"), "`cmf migrate up --database-url postgres://ada@db/cmf`");
        assert!(Place::of(|| words("metric list"), |option| (option == "--owner").then(|| "ada".to_owned())).is_empty());
    }
}

//! The way from arguments to an exit code.

mod completing;
mod ending;
mod help;
mod meaning;
mod signals;
mod tree;
mod usage;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, FromArgMatches};

use self::tree::Elsewhere;
pub use self::tree::command;
use crate::commands::{Formats, Prints};
use crate::config::{Config, KEYS, variables};
use crate::context::{Context, Global};
use crate::domain::lint::Profile as Standard;
use crate::error::{Cause, Error, Exit};
use crate::lookup::tenants;
use crate::output::{self, Format, Output};
use crate::session::{Owner, Run, Whereabouts, Written};

/// The JSON schemas of what commands print, by the name of their file in `docs/schemas`.
pub fn schemas() -> Vec<(String, String)> {
    let tree = command();
    let shaped = tree::every(&tree).into_iter().filter_map(|(words, command)| Some((words, (command.get::<Prints>()?.0)())));
    shaped.map(|(words, shape)| (format!("{}.json", words.replace(' ', ".")), shape.document(&words))).collect()
}

/// The whole command tree with the long texts and the examples, for manual pages.
pub fn documented() -> clap::Command {
    help::documented(command())
}

/// A text that was made of [`documented`], as it is to be printed.
pub fn printed(text: &str) -> String {
    help::printed(text)
}

/// Runs `cmf` with this process's arguments and returns its exit code.
///
/// `has_stdout` says whether the program was started with an open standard output.
pub fn run(has_stdout: bool) -> ExitCode {
    if !has_stdout {
        output::mark_closed();
    }
    if let Some(exit) = completing::answer(command) {
        return ExitCode::from(exit.code());
    }
    let warnings = variables::check(|option| named(option).is_some());
    let (warnings, config) = match warnings {
        Ok(warnings) => (warnings, Config::load(profile().as_deref()).map_err(of_lint)),
        Err(error) => (Vec::new(), Err(error)),
    };
    let parse = |tree: clap::Command| {
        let tree = config.iter().fold(tree, with_defaults);
        tree.try_get_matches().and_then(|matches| Ok((Global::from_arg_matches(&matches)?, matches)))
    };
    let parsed = parse(tree::sketch(std::env::args_os().skip(1)))
        // What is wrong is told with the whole tree.
        .or_else(|error| if error.kind() == ErrorKind::DisplayVersion { Err(error) } else { parse(command()) })
        // Help is made only where it is asked for.
        .or_else(|error| if is_help(&error) { parse(help::shown(documented())) } else { Err(error) });
    let (global, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.kind() == ErrorKind::DisplayVersion || is_help(&error) => return usage(error),
        // What a variable says may be the reason, and is said in its own words.
        Err(error) => {
            return variables::check(|option| named(option).is_some()).map_or_else(failed, |_| usage(error));
        }
    };
    let (config, wrong) = match config {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(error)),
    };
    let yes = global.yes;
    let mut context = Context::new(global, config).performing(tree::perform);
    let place = ending::Place::of(plain_words, named);
    if !place.is_empty() {
        context.output = context.output.wording(move |text| place.within(text));
    }
    let needs_nothing = matches!(matches.subcommand_name(), Some("completions" | "man"));
    if !needs_nothing {
        for warning in &warnings {
            context.output.notice(warning);
        }
        if let Some(missed) = &context.config().out_of_reach {
            context.output.notice(&format!("warning: the configuration file {missed}; nothing of it is used"));
        }
    }
    // What needs no configuration works without a good one.
    let wrong = wrong.filter(|_| !needs_nothing).or_else(|| foreign_format(context.output.format(), &matches));
    if let Some(error) = wrong {
        return ends(error, &context.output, context.run());
    }
    let context = match question(&context, &matches, yes) {
        Some(question) => context.asking(question),
        None => context,
    };
    let outcome = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let command = Box::pin(async {
                match tree::dispatch(&context, matches).await {
                    Err(error) if error.is(Cause::NoTables) || error.is(Cause::NoWrites) => Err(match context.open().await {
                        Ok(mut session) => tenants::explained(&mut session, error).await,
                        // What was found out first counts.
                        Err(_) => error,
                    }),
                    Err(error) if error.is(Cause::NoRight) => {
                        // Who may do it is known to everybody.
                        if let Ok(mut session) = context.open().await {
                            let name = tenants::owner(&mut session).await;
                            // Elsewhere, no option would lead to the database of a URL.
                            let at = match context.place() {
                                Ok(Whereabouts::Named(address)) => Some(address),
                                _ => None,
                            };
                            context.run().note_owner(name.map(|name| {
                                let url = at.map(|at| at.url_as(&name));
                                Owner { name, url }
                            }));
                        }
                        Err(error)
                    }
                    outcome => outcome,
                }
            });
            let outcome = runtime.block_on(signals::until_signalled(command, &context, ended));
            // What still blocks a thread is not waited for.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Error::failed(format!("cannot start: {error}"))),
    };
    match outcome {
        Ok(exit) => {
            if let [written] = context.run().written().as_slice()
                && let Some(line) = way_back(written)
            {
                context.output.say(&line);
            }
            context.output.tell_notes();
            ExitCode::from(exit.code())
        }
        Err(error) => ends(with_origin(error, &context), &context.output, context.run()),
    }
}

/// The error of a tenant that there is not with the place that names it, where that is not the command line.
fn with_origin(error: Error, context: &Context) -> Error {
    match context.schema() {
        Some((_, origin)) if origin != "--schema" && error.is(Cause::NoTenant) => error.detail(format!("it is from {origin}")),
        _ => error,
    }
}

/// Prints the error that ends the command, with what was changed.
fn ends(error: Error, output: &Output, run: &Run) -> ExitCode {
    let error = ended(error, run);
    output.error(&error);
    ExitCode::from(error.exit().code())
}

fn ended(error: Error, run: &Run) -> Error {
    ending::ended(error, &typed(), run)
}

/// The words of the command line after the program's name.
fn typed() -> Vec<String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}

/// The profile of the configuration that is named on the command line. What `cmf catalog lint` looks by has the same option.
fn profile() -> Option<String> {
    named("--profile").filter(|name| !is_lint() || name.parse::<Standard>().is_err())
}

fn is_lint() -> bool {
    let words: Vec<_> = std::env::args_os().collect();
    let has = |word: &str| words.iter().any(|one| one == word);
    has("catalog") && has("lint")
}

/// The error of a configuration that lacks a profile, where the name may have been meant for a standard.
fn of_lint(error: Error) -> Error {
    match named("--profile").filter(|_| is_lint() && error.is(Cause::NoProfile)) {
        Some(name) => {
            let standards = Standard::ALL.map(Standard::as_str).join(", ");
            Error::new(error.exit(), format!("there is no profile `{name}`"))
                .hint(format!("the profiles of this command are: {standards}; others are in the configuration file"))
        }
        None => error,
    }
}

/// How a change is undone, after an import and where rows went.
fn way_back(written: &Written) -> Option<String> {
    let Written { seq, action, is_kept, has_removed } = written;
    match action.as_str() {
        _ if !is_kept => None,
        "undo" => Some(format!("do it again with `cmf undo {seq}`")),
        "catalog.import" => Some(format!("undo it with `cmf undo {seq}`")),
        _ => has_removed.then(|| format!("undo it with `cmf undo {seq}`")),
    }
}

/// The value of an option on the command line, where it is needed before the rest of the line can be read.
fn named(option: &str) -> Option<String> {
    let mut arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix(option) {
            Some("") => return arguments.next(),
            Some(value) if value.starts_with('=') => return value.strip_prefix('=').map(str::to_owned),
            _ if argument == "--" => return None,
            _ => {}
        }
    }
    None
}

/// Makes the values of the environment and the profile those of the options that are not given, in every command that has
/// the option.
fn with_defaults(command: clap::Command, config: &Config) -> clap::Command {
    let values: Vec<(&'static str, Vec<String>)> = KEYS
        .iter()
        .filter(|key| key.name != "schema")
        .filter_map(|key| Some((key.option?, config.get(key.name)?.values.clone())))
        .collect();
    if values.is_empty() {
        return command;
    }
    apply(command, &values)
}

fn apply(command: clap::Command, values: &[(&'static str, Vec<String>)]) -> clap::Command {
    command
        .mut_args(|argument| match values.iter().find(|(option, _)| tree::is_of(&argument, option)) {
            // Clap keeps defaults for as long as the process lives.
            Some((_, values)) => argument.default_values(values.iter().map(|value| &*value.clone().leak()).collect::<Vec<_>>()),
            None => argument,
        })
        .mut_subcommands(|command| if command.get::<Elsewhere>().is_some() { command } else { apply(command, values) })
}

/// Why a command cannot print in a format that only others have.
fn foreign_format(format: Format, matches: &ArgMatches) -> Option<Error> {
    if format.is_common() {
        return None;
    }
    let tree = command();
    let all = tree::every(&tree).into_iter();
    let owners = all.filter(|(_, one)| one.get::<Formats>().is_some_and(|formats| formats.0.contains(&format)));
    let mut owners: Vec<String> = owners.map(|(words, _)| words).collect();
    owners.sort_by_key(String::len);
    if owners.contains(&tree::words(matches).join(" ")) {
        return None;
    }
    let owners: Vec<String> = owners.iter().map(|owner| format!("`cmf {owner}`")).collect();
    let error = Error::usage(format!("--format {} is only for {}", format.name(), owners.join(" and ")));
    Some(error.hint("use table, json, jsonl, csv or md"))
}

/// The question before anything is written, where the profile wants one and it is not answered already: by `--yes`, or by a name.
fn question(context: &Context, matches: &ArgMatches, yes: bool) -> Option<String> {
    let mut below = std::iter::successors(matches.subcommand(), |(_, below)| below.subcommand());
    let is_answered = |given: &ArgMatches| {
        matches!(given.try_get_one("yes"), Ok(Some(true))) || matches!(given.try_get_one::<String>("confirm"), Ok(Some(_)))
    };
    if yes || !context.config().confirm() || below.any(|(_, given)| is_answered(given)) {
        return None;
    }
    let profile = context.config().profile.as_deref().unwrap_or_default();
    // Where there is no place, nothing will be written.
    let place = context.place().ok()?;
    Some(format!("The profile {profile} asks before writing: run `cmf {}` on {place}?", tree::words(matches).join(" ")))
}

fn is_help(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)
}

/// A printer in the format asked for, before the command line is read.
fn early_output() -> Output {
    let wants_json = named("--format").is_some_and(|format| format.starts_with("json"));
    let output = Output::new(if wants_json { Format::Json } else { Format::Table }, false, 0);
    if std::env::args_os().any(|word| word == "--no-pager") { output.without_pager() } else { output }
}

fn failed(error: Error) -> ExitCode {
    ends(error, &early_output(), &Run::default())
}

/// The words of the command line that are no options, as far as they are told without a command: what follows an option of
/// all commands is its value.
fn plain_words() -> Vec<String> {
    tree::plain_words(std::env::args_os().skip(1))
}

/// Help and version are results; everything else clap says is a usage error, in the format asked for.
fn usage(error: clap::Error) -> ExitCode {
    let output = early_output();
    let shown = match error.kind() {
        ErrorKind::InvalidSubcommand if plain_words() == ["help", "options"] => output.help(&tree::options()),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => output.help(&help::printed(&error.render().to_string())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if output.format() == Format::Table => {
            output.notice_text(&help::printed(&error.render().to_string()));
            return ExitCode::from(Exit::Usage.code());
        }
        _ => Err(usage::explained(error, &typed())),
    };
    shown.map_or_else(failed, |()| ExitCode::SUCCESS)
}

//! The command tree, all of it or as much as a command line needs, and the commands it leads to.

use std::ffi::OsString;

use clap::{ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser};

use super::help;
use crate::commands;
use crate::context::{Context, Global, Performed};
use crate::error::{Error, Exit, Result};

/// Administers a Postgres database of cybersecurity metrics.
#[derive(Debug, Parser)]
#[command(name = "cmf", version, max_term_width = 100, disable_help_flag = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    /// Print help: -h is short, --help says more
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    #[command(flatten)]
    global: Global,
}

/// A noun: a command with its own arguments or commands.
struct Noun {
    name: &'static str,
    about: &'static str,
    with_arguments: fn(clap::Command) -> clap::Command,
}

/// The nouns in the order of the help, each with what runs it.
macro_rules! nouns {
    (|$context:ident, $args:ident| $($noun:ident $about:literal => $run:expr;)+) => {
        const NOUNS: &[Noun] = &[$(Noun {
            name: stringify!($noun),
            about: $about,
            with_arguments: <commands::$noun::Args as clap::Args>::augment_args,
        }),+];

        /// Runs the command that these matches are of.
        pub(super) async fn dispatch($context: &Context, mut matches: ArgMatches) -> Result<Exit> {
            let (noun, mut matches) = matches.remove_subcommand().unwrap_or_default();
            match noun.as_str() {
                $(stringify!($noun) => {
                    let $args = commands::$noun::Args::from_arg_matches_mut(&mut matches)
                        .map_err(|error| Error::failed(error.to_string()))?;
                    $run
                })+
                _ => Err(Error::failed(format!("there is no command `{noun}`"))),
            }
        }
    };
}

nouns! { |context, args|
    init "Answer a few questions and write a profile" => commands::init::run(context, args).await;
    migrate "Apply and revert migrations, check the schema" => commands::migrate::run(context, args).await;
    seed "Put bundled frameworks into the database" => commands::seed::run(context, args).await;
    framework "Show, import and check frameworks" => commands::framework::run(context, args).await;
    user "Create, list and close users, set passwords" => commands::user::run(context, args).await;
    import "Import a metric catalog from a spreadsheet" => commands::import::run(context, args).await;
    map "Map items to a framework: suggest, review, set, through a spreadsheet" => commands::map::run(context, args).await;
    catalog "List, show, activate, rename, copy and delete catalogs" => commands::catalog::run(context, args).await;
    metric "List, show, change, add and remove metrics" => commands::metric::run(context, args).await;
    record "Record readings of metrics" => commands::record::run(context, args).await;
    history "Show the readings of a metric" => commands::history::run(context, args).await;
    score "Compute, store and show scores" => commands::score::run(context, args).await;
    check "Look for metrics and scores that need attention" => commands::check::run(context, args).await;
    due "Show what must be measured, by whom, since when" => commands::due::run(context, args).await;
    status "Show the score and what to do, on one screen" => commands::status::run(context, args).await;
    report "Write a report of a catalog's scores" => commands::report::run(context, args).await;
    openmetrics "Write values, scores and their age for monitoring" => commands::openmetrics::run(context, args).await;
    undo "Undo the newest change, or any other" => commands::undo::run(context, args).await;
    audit "See who changed what" => commands::audit::run(context, args).await;
    doctor "Find what is wrong, and the command that fixes it" => commands::doctor::run(context, args).await;
    demo "Run the main job on bundled data and print each command" => commands::demo::run(context, args).await;
    db "Make, copy, drop, dump and restore databases; list the tenants of one" => commands::db::run(context, args).await;
    tenant "Make and drop the schemas of tenants" => commands::tenant::run(context, args).await;
    local "Manage the private Postgres" => commands::local::run(context, args).await;
    config "Show the settings of this run and where they come from" => commands::config::run(context, args);
    man "Print or write manual pages" => commands::man::run(context, args, help::documented(command()), help::printed);
    completions "Print a completion script for a shell" => commands::completions::run(context, args);
}

pub fn command() -> clap::Command {
    with_nouns(Cli::command(), |_| true)
}

/// As much of the tree as a command line needs: the noun it names, and the others by name only. To build all of them takes longer
/// than most of what commands do before they connect. What it refuses may be right: the whole tree tells.
pub(super) fn sketch(words: impl Iterator<Item = OsString>) -> clap::Command {
    let root = Cli::command();
    let named = named(&root, words);
    with_nouns(root, |name| named.as_deref() == Some(name))
}

/// The first word that is no option and no value of one.
fn named(root: &clap::Command, words: impl Iterator<Item = OsString>) -> Option<String> {
    plain(root, words).next()
}

/// The words that are no options of every command and no values of one.
fn plain(root: &clap::Command, words: impl Iterator<Item = OsString>) -> impl Iterator<Item = String> {
    let mut words = words.map(|word| word.to_string_lossy().into_owned());
    std::iter::from_fn(move || {
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix('-') else { return Some(word) };
            let long = option.strip_prefix('-');
            if root.get_arguments().any(|known| long == known.get_long() && known.get_action().takes_values()) {
                words.next();
            }
        }
        None
    })
}

/// The words of a command line that are no options and no values of those that every command has.
pub(super) fn plain_words(words: impl Iterator<Item = OsString>) -> Vec<String> {
    plain(&Cli::command(), words).collect()
}

/// What every command has in common: its options and exit codes.
pub(super) fn options() -> String {
    help::printed(&help::options(Cli::command()))
}

fn with_nouns(root: clap::Command, is_wanted: impl Fn(&str) -> bool) -> clap::Command {
    let nouns = NOUNS.iter().map(|noun| {
        let command = clap::Command::new(noun.name);
        let command = if is_wanted(noun.name) { (noun.with_arguments)(command) } else { command.subcommand_required(true) };
        command.about(noun.about).long_about(None)
    });
    taking_negatives(root.subcommands(nouns))
}

/// Makes what looks like a negative number a value, wherever a value can stand: no option of cmf is a digit.
fn taking_negatives(command: clap::Command) -> clap::Command {
    let takes = |argument: &clap::Arg| argument.is_positional() || argument.get_action().takes_values();
    command
        .mut_args(|argument| if takes(&argument) { argument.allow_negative_numbers(true) } else { argument })
        .mut_subcommands(taking_negatives)
}

/// Runs a command that another one consists of, from its arguments without the leading `cmf`.
pub(super) fn perform<'a>(context: &'a Context, words: &'a [String]) -> Performed<'a> {
    Box::pin(async move {
        let typed = std::iter::once("cmf").chain(words.iter().map(String::as_str));
        let matches = command().try_get_matches_from(typed).map_err(|error| Error::failed(error.to_string()))?;
        dispatch(context, matches).await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every argument that takes a value, with the words that lead to it.
    fn arguments(command: &clap::Command, words: &str, found: &mut Vec<(String, clap::Arg)>) {
        let words = format!("{words} {}", command.get_name());
        for argument in command.get_arguments() {
            if argument.is_positional() || argument.get_action().takes_values() {
                found.push((format!("{words} {}", argument.get_id()), argument.clone()));
            }
        }
        command.get_subcommands().for_each(|below| arguments(below, &words, found));
    }

    /// What becomes of a value of this argument: what is said against it, if anything.
    fn given(argument: &clap::Arg, words: &[&str]) -> std::result::Result<(), String> {
        let alone = clap::Arg::new("v")
            .long("v")
            .value_parser(argument.get_value_parser().clone())
            .allow_negative_numbers(argument.is_allow_negative_numbers_set())
            .allow_hyphen_values(argument.is_allow_hyphen_values_set());
        let words = std::iter::once(&"cmf").chain(words);
        clap::Command::new("cmf").arg(alone).try_get_matches_from(words).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_that_begins_with_a_hyphen_needs_no_equals_sign() {
        let mut found = Vec::new();
        arguments(&command(), "", &mut found);
        assert!(found.len() > 200, "{}", found.len());
        let mut offsets = 0;
        for (name, argument) in &found {
            assert!(argument.is_allow_negative_numbers_set(), "{name}");
            // Where any text will do, a mistyped option would become one.
            if given(argument, &["--v=--no-such-option"]).is_ok() {
                let names = argument.get_value_names().unwrap_or_default();
                let says_so = names.iter().any(|name| name.contains("[-]"));
                assert_eq!(argument.is_allow_hyphen_values_set(), says_so, "{name}");
                continue;
            }
            for value in ["-5", "-0.5", "-1e3", "-05:00", "-0500", "-5%", "-5,5", "-1d"] {
                let joined = given(argument, &[&format!("--v={value}")]);
                offsets += u32::from(value == "-05:00" && joined.is_ok());
                assert_eq!(joined.is_ok(), given(argument, &["--v", value]).is_ok(), "{name} {value}");
            }
        }
        assert!(offsets > 1, "{offsets} take an offset");
    }

    #[test]
    fn every_option_that_takes_a_duration_takes_every_unit() {
        let mut found = Vec::new();
        arguments(&command(), "", &mut found);
        let mut durations = 0;
        for (name, argument) in &found {
            let takes = |value: &str| given(argument, &[&format!("--v={value}")]);
            if takes("no-such-option").is_ok() || (takes("60s").is_err() && takes("7d").is_err()) {
                continue;
            }
            durations += 1;
            for value in ["60000ms", "60s", "1m", "24h", "7d", "1w"] {
                let said = takes(value).err().unwrap_or_default();
                assert!(!said.contains("not a duration") && !said.contains("not a time"), "{name} {value}: {said}");
            }
        }
        assert!(durations > 10, "{durations}");
    }

    fn every(command: &clap::Command, above: &str, words: &mut Vec<String>) {
        for below in command.get_subcommands() {
            words.push(format!("{above}{}", below.get_name()));
            every(below, &format!("{above}{} ", below.get_name()), words);
        }
    }

    #[test]
    fn every_command_has_two_examples_and_every_text_a_command() {
        let mut words = vec!["cmf".to_owned()];
        every(&command(), "", &mut words);
        for words in &words {
            let text = help::Text::of(words).unwrap_or_else(|| panic!("nothing in src/cli/help on `{words}`"));
            let of = |mark: &str| text.examples.iter().filter(|line| line.starts_with(mark)).count();
            assert!(of("$ ") >= 2 && of("$ ") == of("# "), "`{words}` needs two examples, each with a line on what it is for");
        }
        for line in help::TEXTS.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty() && !line.starts_with(' ')) {
            assert!(words.iter().any(|words| words == line), "src/cli/help tells of `{line}`, which is no command");
        }
    }
}

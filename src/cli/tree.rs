//! The command tree, all of it or as much as a command line needs, and the commands it leads to.

use std::ffi::OsString;

use clap::builder::CommandExt;
use clap::{ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser};

use super::help;
use crate::commands::{self, Effect, Prints, Role};
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

/// The nouns in the order of the help: what each does and prints without a verb, and what runs it.
macro_rules! nouns {
    (|$context:ident, $args:ident| $($noun:ident $($elsewhere:ident)? $about:literal
        $(, $effect:ident($role:ident) $(, $shape:ident)?)? => $run:expr;)+) => {
        const NOUNS: &[Noun] = &[$(Noun {
            name: stringify!($noun),
            about: $about,
            with_arguments: |command| {
                let command = <commands::$noun::Args as clap::Args>::augment_args(command);
                command$(.add($elsewhere))?$(.add(Effect::$effect(Role::$role))$(.add(Prints(commands::$noun::$shape)))?)?
            },
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
    init Elsewhere "Answer a few questions and write a profile", Changes(Migrator), shape
        => commands::init::run(context, args).await;
    migrate "Apply and revert migrations, check the schema" => commands::migrate::run(context, args).await;
    seed "Put bundled frameworks into the database", Changes(Migrator), shape => commands::seed::run(context, args).await;
    framework "Show, import and check frameworks" => commands::framework::run(context, args).await;
    user "Create, list and close users, set passwords" => commands::user::run(context, args).await;
    import "Import a metric catalog from a spreadsheet", Changes(Importer), shape => commands::import::run(context, args).await;
    map "Map items to a framework: suggest, review, set, through a spreadsheet" => commands::map::run(context, args).await;
    catalog "List, show, activate, rename, copy and delete catalogs" => commands::catalog::run(context, args).await;
    metric "List, show, change, add and remove metrics" => commands::metric::run(context, args).await;
    record "Record readings of metrics", Changes(Recorder), shape => commands::record::run(context, args).await;
    history "Show the readings of a metric", Reads(Reader), shape => commands::history::run(context, args).await;
    score "Compute, store and show scores", Changes(Importer), shape => commands::score::run(context, args).await;
    check "Look for metrics and scores that need attention", Reads(Reader), shape => commands::check::run(context, args).await;
    due "Show what must be measured, by whom, since when", Reads(Reader), shape => commands::due::run(context, args).await;
    status "Show the score and what to do, on one screen", Reads(Reader), shape => commands::status::run(context, args).await;
    report "Write a report of a catalog's scores", Reads(Reader), shape => commands::report::run(context, args).await;
    openmetrics "Write values, scores and their age for monitoring", Reads(Reader), shape
        => commands::openmetrics::run(context, args).await;
    undo "Undo the newest change, or any other", Changes(Importer), shape => commands::undo::run(context, args).await;
    audit "See who changed what" => commands::audit::run(context, args).await;
    doctor "Find what is wrong, and the command that fixes it", Fixes(Migrator), shape
        => commands::doctor::run(context, args).await;
    demo Elsewhere "Run the main job on bundled data and print each command", Changes(Migrator)
        => commands::demo::run(context, args).await;
    db "Make, copy, drop, dump and restore databases; list the tenants of one" => commands::db::run(context, args).await;
    tenant "Make and drop the schemas of tenants" => commands::tenant::run(context, args).await;
    local Elsewhere "Manage the private Postgres" => commands::local::run(context, args).await;
    config Elsewhere "Show the settings of this run and where they come from" => commands::config::run(context, args).await;
    man Elsewhere "Print or write manual pages", Reads(Reader)
        => commands::man::run(context, args, help::documented(command()), help::printed);
    completions Elsewhere "Print a completion script for a shell", Reads(Reader) => commands::completions::run(context, args);
}

/// Of a noun that has nothing to do with the database that options and settings name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elsewhere;

impl CommandExt for Elsewhere {}

pub fn command() -> clap::Command {
    with_nouns(Cli::command(), |_| true)
}

/// The command that some words are of, as far as they are one, with its own words.
pub(super) fn found<'a, 'w>(tree: &'a clap::Command, words: impl IntoIterator<Item = &'w str>) -> (String, &'a clap::Command) {
    let (mut here, mut named) = (tree, Vec::new());
    for below in words {
        if let Some(below) = here.find_subcommand(below) {
            named.push(below.get_name());
            here = below;
        }
    }
    (named.join(" "), here)
}

/// The words of the command that these matches are of.
pub(super) fn words(matches: &ArgMatches) -> Vec<&str> {
    std::iter::successors(matches.subcommand(), |(_, below)| below.subcommand()).map(|(word, _)| word).collect()
}

/// Whether an argument is the option that has this name, and means by it what most commands do: an `--owner` may also be who is
/// responsible for a metric, or a user that is made.
pub(super) fn is_of(argument: &clap::Arg, option: &str) -> bool {
    argument.get_long() == Some(option) && (option != "owner" || argument.get_id() == option)
}

/// Whether the `--owner` of the command of these words is the owner of a catalog.
pub(super) fn owns(words: &[String]) -> bool {
    let tree = sketch(words.iter().map(Into::into));
    let (_, leaf) = found(&tree, words.iter().map(String::as_str));
    leaf.get_arguments().any(|argument| is_of(argument, "owner"))
}

/// All commands below one, with their words.
pub(super) fn every(command: &clap::Command) -> Vec<(String, &clap::Command)> {
    let below = command.get_subcommands().flat_map(|below| {
        let name = below.get_name();
        let deeper = every(below).into_iter().map(move |(words, one)| (format!("{name} {words}"), one));
        std::iter::once((name.to_owned(), below)).chain(deeper)
    });
    below.collect()
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

    #[test]
    fn every_command_has_two_examples_and_every_text_a_command() {
        let tree = command();
        let words: Vec<String> =
            std::iter::once("cmf".to_owned()).chain(every(&tree).into_iter().map(|(words, _)| words)).collect();
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

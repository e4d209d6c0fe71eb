//! The command tree, and the way from arguments to an exit code.

mod help;
mod signals;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, ArgMatches, Args as _, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::config::{Config, KEYS, variables};
use crate::context::{Context, Global};
use crate::domain::text::printable;
use crate::error::{Error, Exit, Result, beginning};
use crate::lookup::tenants;
use crate::output::{self, Format, Output};

/// Administers a Postgres database of cybersecurity metrics.
#[derive(Debug, Parser)]
#[command(name = "cmf", version, max_term_width = 100, disable_help_flag = true)]
pub struct Cli {
    /// Print help; `cmf help COMMAND` tells more
    #[arg(short, long, global = true, action = ArgAction::HelpShort)]
    help: Option<bool>,
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the schema up, take it down, show where it stands
    Migrate(commands::migrate::Args),
    /// Put bundled frameworks into the database
    Seed(commands::seed::Args),
    /// Show, import and check frameworks
    Framework(commands::framework::Args),
    /// Create, list and close users, set passwords
    User(commands::user::Args),
    /// Import a metric catalog from a spreadsheet
    Import(Box<commands::import::Args>),
    /// Map items to a framework: suggest, review, set, through a spreadsheet
    Map(commands::map::Args),
    /// List, show, activate, rename, copy and delete catalogs
    Catalog(commands::catalog::Args),
    /// List, show, change, add and remove metrics
    Metric(commands::metric::Args),
    /// Record readings of metrics
    Record(commands::record::Args),
    /// Show the readings of a metric
    History(commands::history::Args),
    /// Compute, store and show scores
    Score(Box<commands::score::Args>),
    /// Write a report of a catalog's scores to look at
    Report(Box<commands::report::Args>),
    /// See who changed what
    Audit(commands::audit::Args),
    /// Look for what is wrong, and say which command mends it
    Doctor(commands::doctor::Args),
    /// Run the main job on bundled data and print each command
    Demo(commands::demo::Args),
    /// Make, copy, drop, dump and restore databases; list the tenants of one
    Db(commands::db::Args),
    /// Manage the private Postgres
    Local(commands::local::Args),
    /// Show what is set for this run and where it comes from
    Config(commands::config::Args),
    /// Print or write manual pages
    Man(commands::man::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

/// The whole command tree, for completions.
pub fn command() -> clap::Command {
    taking_negatives(Cli::command())
}

/// Makes what looks like a negative number a value, wherever a value can stand: no option of cmf is a digit.
fn taking_negatives(command: clap::Command) -> clap::Command {
    let takes = |argument: &clap::Arg| argument.is_positional() || argument.get_action().takes_values();
    command
        .mut_args(|argument| if takes(&argument) { argument.allow_negative_numbers(true) } else { argument })
        .mut_subcommands(taking_negatives)
}

/// The JSON schemas of what commands print, by the name of their file in `docs/schemas`.
pub fn schemas() -> Vec<(String, String)> {
    let shapes = commands::shapes().into_iter();
    shapes.map(|(command, shape)| (format!("{}.json", command.replace(' ', ".")), shape.document(command))).collect()
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
    if let Some(exit) = commands::completions::answer() {
        return ExitCode::from(exit.code());
    }
    if let Some(Err(version)) = asks_version().then(|| version_alone().try_get_matches()) {
        return usage(version);
    }
    let warnings = variables::check(|option| named(option).is_some());
    let (warnings, config) = match warnings {
        Ok(warnings) => (warnings, Config::load(named("--profile").as_deref())),
        Err(error) => (Vec::new(), Err(error)),
    };
    let configured = |tree: clap::Command| match &config {
        Ok(config) => with_defaults(tree, config),
        Err(_) => tree,
    };
    let parse = |tree: clap::Command| {
        configured(tree).try_get_matches().and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)))
    };
    let is_record = std::env::args_os().nth(1).is_some_and(|word| word == "record");
    let parsed = if is_record { parse(record_alone()) } else { parse(command()) };
    // What is wrong is told with the whole tree.
    let (cli, matches) = match parsed.or_else(|error| if is_record { parse(command()) } else { Err(error) }) {
        Ok(parsed) => parsed,
        // Help is made only where it is asked for.
        Err(error) if is_help(&error) => {
            return usage(help::documented(configured(command())).try_get_matches().err().unwrap_or(error));
        }
        // What a variable says may be the reason, and is said in its own words.
        Err(error) => {
            return variables::check(|option| named(option).is_some()).map_or_else(|wrong| failed(&wrong), |_| usage(error));
        }
    };
    let (config, wrong) = match config {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(error)),
    };
    let yes = cli.global.yes;
    let context = Context::new(cli.global, config);
    let needs_nothing = matches!(cli.command, Command::Completions(_) | Command::Man(_));
    if !needs_nothing {
        for warning in &warnings {
            context.output.notice(warning);
        }
        if let Some(missed) = &context.config().out_of_reach {
            context.output.notice(&format!("warning: the configuration file {missed}; nothing of it is used"));
        }
    }
    // What needs no configuration works without a good one.
    if let Some(error) = wrong.filter(|_| !needs_nothing) {
        context.output.error(&error);
        return ExitCode::from(error.exit().code());
    }
    let context = match question(&context, &matches, yes) {
        Some(question) => context.asking(question),
        None => context,
    };
    let outcome = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let blocks = !matches!(&cli.command, Command::Record(args) if args.never_blocks());
            let command = Box::pin(async {
                match dispatch(cli.command, &context).await {
                    Err(error) if error.lacks_tables() => Err(match context.open().await {
                        Ok(mut session) => tenants::explained(&mut session, error).await,
                        // What was found out first counts.
                        Err(_) => error,
                    }),
                    outcome => outcome,
                }
            });
            let outcome = runtime.block_on(async {
                if blocks {
                    signals::until_signalled(command, &context).await
                } else {
                    signals::unblocked_until_signalled(command, context.run()).await
                }
            });
            std::mem::forget(runtime);
            outcome
        }
        Err(error) => Err(Error::failed(format!("cannot start: {error}"))),
    };
    let code = match outcome {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            context.output.error(&error);
            ExitCode::from(error.exit().code())
        }
    };
    // The process ends here: the system takes all of this back at once.
    std::mem::forget((matches, context));
    code
}

/// As much of the command tree as `cmf record` needs: to build all of it takes longer than the rest of what a recorder does
/// before it connects.
fn record_alone() -> clap::Command {
    let record = commands::record::Args::augment_args(clap::Command::new("record"));
    taking_negatives(Global::augment_args(clap::Command::new("cmf")).subcommand(record))
}

/// Whether the version is all that is asked for.
fn asks_version() -> bool {
    let mut words = std::env::args_os().skip(1);
    words.next().is_some_and(|word| word == "--version" || word == "-V") && words.next().is_none()
}

/// The program without its commands: to build them takes longer than the rest of what telling the version does.
fn version_alone() -> clap::Command {
    clap::Command::new("cmf").version(env!("CARGO_PKG_VERSION"))
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
/// the option. The private Postgres of `local` and `demo` has nothing to do with a profile.
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
        .mut_args(|argument| match values.iter().find(|(option, _)| argument.get_long() == Some(option)) {
            // Clap keeps defaults for as long as the process lives.
            Some((_, values)) => argument.default_values(values.iter().map(|value| &*value.clone().leak()).collect::<Vec<_>>()),
            None => argument,
        })
        .mut_subcommands(
            |command| {
                if matches!(command.get_name(), "local" | "demo") { command } else { apply(command, values) }
            },
        )
}

/// The question before anything is written, where the profile wants one and it is not answered already: by `--yes`, or by a name.
fn question(context: &Context, matches: &ArgMatches, yes: bool) -> Option<String> {
    let mut words = Vec::new();
    let mut here = matches;
    let mut agreed = yes || !context.config().confirm();
    while let Some((word, below)) = here.subcommand() {
        words.push(word);
        here = below;
        agreed |= flag(below, "yes") || matches!(below.try_get_one::<String>("confirm"), Ok(Some(_)));
    }
    let profile = context.config().profile.as_deref().unwrap_or_default();
    // Where there is no place, nothing will be written.
    let place = context.place().ok().filter(|_| !agreed)?;
    Some(format!("The profile {profile} asks before writing: run `cmf {}` on {place}?", words.join(" ")))
}

fn flag(options: &ArgMatches, name: &str) -> bool {
    matches!(options.try_get_one::<bool>(name), Ok(Some(true)))
}

fn is_help(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand)
}

/// A printer in the format asked for, before the command line is read.
fn early_output() -> Output {
    let wants_json = named("--format").is_some_and(|format| format.starts_with("json"));
    Output::new(if wants_json { Format::Json } else { Format::Table }, false, 0)
}

fn failed(error: &Error) -> ExitCode {
    early_output().error(error);
    ExitCode::from(error.exit().code())
}

/// How many characters of what was typed are repeated where clap refuses it.
const LONGEST_TYPED: usize = 200;

/// Help and version are results; everything else clap says is a usage error, in the format asked for.
fn usage(mut error: clap::Error) -> ExitCode {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
        if let Some(ContextValue::String(typed)) = error.get(kind) {
            let typed = beginning(typed, LONGEST_TYPED);
            // Of `-5%` clap tells no more than `-5`.
            let is_value =
                typed.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
            if is_value {
                let tip = "a value that begins with a hyphen stands behind `=`, as in METRIC=-5% or --option=-5%";
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
            } else if typed.ends_with("...") {
                error.insert(ContextKind::Suggested, ContextValue::None);
            }
            error.insert(kind, ContextValue::String(typed));
        }
    }
    let output = early_output();
    let shown = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => output.text(&help::printed(&error.render().to_string())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if output.format() == Format::Table => {
            output.notice_text(&help::printed(&error.render().to_string()));
            return ExitCode::from(Exit::Usage.code());
        }
        _ => {
            let text = error.render().to_string();
            Err(Error::usage(text.trim().trim_start_matches("error: ").to_owned()).of_lines())
        }
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn dispatch(command: Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Migrate(args) => commands::migrate::run(context, args).await,
        Command::Seed(args) => commands::seed::run(context, args).await,
        Command::Framework(args) => commands::framework::run(context, args).await,
        Command::User(args) => commands::user::run(context, args).await,
        Command::Import(args) => commands::import::run(context, *args).await,
        Command::Map(args) => commands::map::run(context, args).await,
        Command::Catalog(args) => commands::catalog::run(context, args).await,
        Command::Metric(args) => commands::metric::run(context, args).await,
        Command::Record(args) => commands::record::run(context, args).await,
        Command::History(args) => commands::history::run(context, args).await,
        Command::Score(args) => commands::score::run(context, *args).await,
        Command::Demo(args) => {
            for origin in context.only_private("demo")?.into_iter().chain(context.schema().map(|(_, origin)| origin)) {
                context.output.notice(&format!("note: the demo works on the private Postgres, not on what {origin} names"));
            }
            Box::pin(demo(&context.for_demo(), args)).await
        }
        Command::Doctor(args) => commands::doctor::run(context, args).await,
        Command::Report(args) => commands::report::run(context, *args).await,
        Command::Audit(args) => commands::audit::run(context, args).await,
        Command::Db(args) => commands::db::run(context, args).await,
        Command::Local(args) => commands::local::run(context, args).await,
        Command::Man(args) => commands::man::run(context, args),
        Command::Config(args) => commands::config::run(context, args),
        Command::Completions(args) => commands::completions::run(context, args),
    }
}

/// Runs the demo's commands one after the other, each printed before it runs.
async fn demo(context: &Context, args: commands::demo::Args) -> Result<Exit> {
    let script = commands::demo::prepare(context, args).await?;
    if let Some(stands) = &script.stands {
        context.output.notice(stands);
    }
    for words in &script.steps {
        context.output.notice_lines(&format!("\n$ {}", printable(&commands::demo::as_typed(words))));
        let typed = std::iter::once("cmf").chain(words.iter().map(String::as_str));
        let cli = Cli::try_parse_from(typed).map_err(|error| Error::failed(error.to_string()))?;
        dispatch(cli.command, context).await?;
    }
    context.output.notice_lines(
        "\nNow with your own sheet:\n\
         \x20 cmf import FILE --dry-run    what would happen\n\
         \x20 cmf import FILE --activate   do it\n\
         \x20 cmf score                    where you stand; `cmf score explain` tells why\n\
         \x20 cmf report --out FILE.html   the same to look at\n\
         `cmf local status` tells where the data is, `cmf local destroy` removes all of it.",
    );
    Ok(Exit::Success)
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
}

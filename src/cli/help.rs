//! What help says beyond the options: the long texts of `cmf help COMMAND`, and the examples under every help. They are in
//! `help/`, a file a noun; a test runs every example.

use clap::Command;

use crate::commands::FileFields;

/// A block a command: its words on a line of their own, then, indented, paragraphs for the long help and examples, each with
/// a line that says what it is for.
pub(super) const TEXTS: [&str; 28] = [
    include_str!("help/cmf.txt"),
    include_str!("help/init.txt"),
    include_str!("help/migrate.txt"),
    include_str!("help/seed.txt"),
    include_str!("help/framework.txt"),
    include_str!("help/user.txt"),
    include_str!("help/import.txt"),
    include_str!("help/map.txt"),
    include_str!("help/catalog.txt"),
    include_str!("help/metric.txt"),
    include_str!("help/record.txt"),
    include_str!("help/history.txt"),
    include_str!("help/score.txt"),
    include_str!("help/check.txt"),
    include_str!("help/due.txt"),
    include_str!("help/status.txt"),
    include_str!("help/report.txt"),
    include_str!("help/openmetrics.txt"),
    include_str!("help/undo.txt"),
    include_str!("help/audit.txt"),
    include_str!("help/doctor.txt"),
    include_str!("help/demo.txt"),
    include_str!("help/db.txt"),
    include_str!("help/tenant.txt"),
    include_str!("help/local.txt"),
    include_str!("help/config.txt"),
    include_str!("help/man.txt"),
    include_str!("help/completions.txt"),
];

/// What `cmf --help` prints: it fits a terminal of 24 lines, with the prompt below it.
const OVERVIEW: &str = include_str!("help/overview.txt");

/// What the short help of a command says of the options that every command has.
const EVERYWHERE: &str = "Options of every command, such as --format and --database-url: cmf help options";

/// A space that does not break: clap would wrap an example that is to be copied.
const FIRM: &str = "\u{a0}";

/// What the texts say about one command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    paragraphs: Vec<String>,
    pub(super) examples: Vec<String>,
}

impl Text {
    pub(super) fn of(words: &str) -> Option<Self> {
        let lines = TEXTS.iter().find_map(|file| {
            let mut lines = file.lines().skip_while(|line| *line != words);
            lines.next().map(|_| lines.take_while(|line| line.is_empty() || line.starts_with(' ')))
        })?;
        let mut text = Text::default();
        let mut paragraph = String::new();
        for line in lines {
            let line = line.trim();
            if line.starts_with("# ") || line.starts_with("$ ") {
                text.examples.push(line.to_owned());
            } else if line.is_empty() {
                text.paragraphs.extend(Some(std::mem::take(&mut paragraph)).filter(|words| !words.is_empty()));
            } else {
                paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
                paragraph.push_str(line);
            }
        }
        Some(text)
    }
}

/// The command tree with all that help has to say. The usual run does without: it takes time to make.
pub(super) fn documented(command: Command) -> Command {
    let words = command.get_name().to_owned();
    described(command, &words, "")
}

fn described(command: Command, words: &str, above: &str) -> Command {
    let mut command = command;
    if let Some(text) = Text::of(words) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        if !text.paragraphs.is_empty() {
            command = command.long_about(format!("{about}\n\n{}", text.paragraphs.join("\n\n")));
        }
        let examples: Vec<String> = text.examples.iter().map(|line| format!("  {line}").replace(' ', FIRM)).collect();
        command = command.after_help(format!("Examples:\n{}", examples.join("\n")));
    }
    if let Some(FileFields(fields)) = command.get().copied() {
        command = command.mut_arg("map", |map| {
            let help = map.get_help().map(ToString::to_string).unwrap_or_default();
            map.help(format!("{help}; the fields are {}", fields().join(", ")))
        });
    }
    command.mut_subcommands(|below| {
        let words = format!("{above}{}", below.get_name());
        let deeper = format!("{words} ");
        described(below, &words, &deeper)
    })
}

/// The tree of [`documented`] for help on a terminal: of the whole an overview, and in the short help of a command its own options.
pub(super) fn shown(command: Command) -> Command {
    brief(command.override_help(OVERVIEW))
}

fn brief(command: Command) -> Command {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    command
        .mut_args(|argument| if argument.is_global_set() { argument.hide_short_help(true) } else { argument })
        .after_help(format!("{EVERYWHERE}\n\n{examples}"))
        .after_long_help(examples)
        .mut_subcommands(brief)
}

/// What `cmf help options` prints, of the root without its commands: the options that every command has, and how every command ends.
pub(super) fn options(root: Command) -> String {
    let text = Text::of("cmf").unwrap_or_default();
    let mut root = root.about("What every command has in common").help_template("{about-with-newline}\n{options}{after-help}");
    root = root.after_help(text.paragraphs.join("\n\n"));
    root.render_help().to_string()
}

/// Help as clap made it, to be printed.
pub(super) fn printed(help: &str) -> String {
    help.replace(FIRM, " ")
}

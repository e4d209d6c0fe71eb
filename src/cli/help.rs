//! What help says beyond the options: the long texts of `cmf help COMMAND`, and the examples under every help. They are in
//! `help/`, a file a noun; a test runs every example.

use clap::Command;

/// A block a command: its words on a line of their own, then, indented, paragraphs for the long help and examples, each with
/// a line that says what it is for.
pub(super) const TEXTS: [&str; 27] = [
    include_str!("help/cmf.txt"),
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
    command.mut_subcommands(|below| {
        let words = format!("{above}{}", below.get_name());
        let deeper = format!("{words} ");
        described(below, &words, &deeper)
    })
}

/// Help as clap made it, to be printed.
pub(super) fn printed(help: &str) -> String {
    help.replace(FIRM, " ")
}

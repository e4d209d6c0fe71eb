//! The only place that prints. Results go to stdout, talk to stderr.
#![expect(clippy::disallowed_methods, reason = "the one module that may reach stdout and stderr")]

mod ask;
mod cell;
mod pager;
mod progress;
mod selection;
mod table;
mod wrap;

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

pub use self::ask::Confirmed;
use self::cell::is_unprintable;
pub use self::cell::{Cell, neutralised, number_json, printable, time_text};
pub use self::progress::Progress;
pub use self::selection::Selection;
pub use self::table::{Results, Table};
use crate::error::{Error, Exit, Result};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header; text that a spreadsheet would run as a formula is neutralised.
    Csv,
    /// Tables in Markdown, for issues and wikis.
    Md,
}

/// The printer.
#[derive(Debug, Clone)]
pub struct Output {
    format: Format,
    quiet: bool,
    verbosity: u8,
    /// Whether to talk although nobody seems to watch.
    talkative: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    /// Whether the labels of errors and hints are coloured.
    colour: bool,
    selection: Selection,
    may_page: bool,
}

impl Output {
    /// A printer for this process's stdout and stderr. `NO_COLOR` (any value but empty) turns colour off.
    pub fn new(format: Format, quiet: bool, verbosity: u8) -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Output {
            format,
            quiet,
            verbosity,
            talkative: false,
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            colour: stderr_is_terminal && !no_colour,
            selection: Selection::default(),
            may_page: true,
        }
    }

    /// The same printer, for these columns in this order of rows.
    #[must_use]
    pub fn selecting(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// The same printer, without a pager.
    #[must_use]
    pub fn without_pager(mut self) -> Self {
        self.may_page = false;
        self
    }

    /// The same printer, which talks even where nobody seems to watch: for a command whose talk is its purpose.
    #[must_use]
    pub fn talkative(&self) -> Self {
        Output { talkative: true, ..self.clone() }
    }

    /// The format asked for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The width of the terminal that results go to, in columns; `None` when they go elsewhere.
    pub fn width(&self) -> Option<u16> {
        if !self.stdout_is_terminal {
            return None;
        }
        terminal_size::terminal_size().map(|(width, _)| width.0)
    }

    /// Whether a question can be asked: stdin and stderr are terminals.
    pub fn can_ask(&self) -> bool {
        self.stderr_is_terminal && io::stdin().is_terminal()
    }

    fn write(text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Error::closed_pipe(),
            _ => Error::new(Exit::Output, format!("cannot write the output: {error}")),
        })
    }

    /// Writes a result: through a pager where it is longer than the terminal is high.
    fn show(&self, text: &str) -> Result<()> {
        let height = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| usize::from(height.0));
        if self.may_page
            && self.stdout_is_terminal
            && io::stdin().is_terminal()
            && text.lines().nth(height.saturating_sub(1)).is_some()
        {
            let shown =
                pager::show(text).map_err(|error| Error::new(Exit::Output, format!("cannot write to the pager: {error}")));
            if shown? {
                return Ok(());
            }
        }
        Self::write(text)
    }

    fn json_text(&self, value: &Value, pretty: bool) -> String {
        let text = if pretty { format!("{value:#}\n") } else { format!("{value}\n") };
        if !self.stdout_is_terminal {
            return text;
        }
        // Inside JSON a dangerous character has a harmless spelling; it is used where a terminal would obey the raw one.
        text.chars().map(|c| if c != '\n' && is_unprintable(c) { c.escape_json() } else { c.to_string() }).collect()
    }

    /// Prints what was asked for, to stdout, in the format asked for.
    ///
    /// # Errors
    /// Exit 2 for a column that the result has not; exit 73 when stdout cannot be written; quietly nothing when its reader
    /// has gone.
    pub fn results(&self, results: impl Into<Results>) -> Result<()> {
        self.print(self.selection.apply(results.into(), self.format)?)
    }

    fn print(&self, results: Results) -> Result<()> {
        let Results { tables, json, rows_of } = results;
        let text = match self.format {
            Format::Table => {
                let may_leave_out = !self.selection.names_columns();
                let texts: Vec<String> = tables.iter().map(|table| table.to_text(self.width(), may_leave_out)).collect();
                texts.join("\n")
            }
            Format::Md => tables.iter().map(Table::to_md).collect::<Vec<_>>().join("\n"),
            Format::Json => {
                let json = json.or_else(|| tables.first().map(Table::to_json)).unwrap_or_default();
                self.json_text(&json, true)
            }
            Format::Jsonl => {
                let objects = tables.get(rows_of).map(Table::objects).unwrap_or_default();
                objects.iter().map(|object| self.json_text(object, false)).collect()
            }
            Format::Csv => tables.get(rows_of).map_or(Ok(String::new()), Table::to_csv)?,
        };
        self.show(&text)
    }

    /// Says that a command did its work: one line on stderr for a person, or the table where another format was asked for.
    ///
    /// # Errors
    /// As [`Output::results`].
    pub fn outcome(&self, message: &str, table: Table) -> Result<()> {
        if self.format == Format::Table {
            self.say(message);
            return Ok(());
        }
        // What was done stands: columns that the table has not are no reason to end with an error.
        match self.selection.apply(table.clone().into(), self.format) {
            Ok(results) => self.print(results),
            Err(error) => {
                self.notice(&format!("note: {}, so it is shown whole", error.message()));
                self.print(table.into())
            }
        }
    }

    /// Prints text as it is to stdout: scripts, completions, SQL.
    ///
    /// # Errors
    /// As [`Output::results`].
    pub fn text(&self, text: &str) -> Result<()> {
        Self::write(text)
    }

    fn talk(text: &str) {
        // Whoever listened may have gone, or the disk be full: that is no reason to stop working.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Progress in words, for a person who watches: on a terminal, or with `-v`.
    pub fn say(&self, message: &str) {
        if !self.quiet && (self.stderr_is_terminal || self.talkative || self.verbosity > 0) {
            Self::talk(&printable(message));
        }
    }

    /// Something the user must know although nothing failed: shown unless `-q`.
    pub fn notice(&self, message: &str) {
        if !self.quiet {
            let lines: Vec<String> = message.split('\n').map(printable).collect();
            Self::talk(&lines.join("\n"));
        }
    }

    /// A notice that breaks between words at the terminal's width; all lines but the first begin with `indent` blanks.
    pub fn notice_wrapped(&self, message: &str, indent: usize) {
        self.notice(&wrap::wrapped(message, self.talk_width().min(wrap::WIDEST_TEXT), indent));
    }

    /// A notice on one line of the terminal; what it has no room for is cut off.
    pub fn notice_cut(&self, message: &str) {
        self.notice(&wrap::cut(message, self.talk_width()));
    }

    /// The width of the terminal that talk goes to; no end to it where it goes elsewhere.
    fn talk_width(&self) -> usize {
        terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| usize::from(width.0))
    }

    /// Help text as clap renders it, to stderr.
    pub fn notice_text(&self, text: &str) {
        Self::talk(text.trim_end());
    }

    /// Detail for `-v` (level 1) and `-vv` (level 2).
    pub fn debug(&self, level: u8, message: impl FnOnce() -> String) {
        if self.verbosity >= level {
            Self::talk(&printable(&message()));
        }
    }

    /// An error that does not end the command: what was asked for happens all the same.
    pub fn warning(&self, error: &Error) {
        self.notice(&error.to_warning());
    }

    /// Prints an error: text, or one JSON object with `--format json` or `jsonl`.
    pub fn error(&self, error: &Error) {
        if error.is_quiet() {
            return;
        }
        match self.format {
            Format::Json | Format::Jsonl => Self::talk(&error.to_json().to_string()),
            _ => {
                let width = self.talk_width();
                let readable = |line: &str| self.labelled(&wrap::readable(&printable(line), width));
                let lines: Vec<String> = error.to_text().lines().map(readable).collect();
                Self::talk(&lines.join("\n"));
            }
        }
    }

    /// A line whose label stands out: `error:` in bold red, `hint:` in bold cyan.
    fn labelled(&self, line: &str) -> String {
        let label = [("error:", "31"), ("hint:", "36")].into_iter().find(|(label, _)| self.colour && line.starts_with(label));
        match label {
            Some((label, colour)) => format!("\u{1b}[1;{colour}m{label}\u{1b}[0m{}", &line[label.len()..]),
            None => line.to_owned(),
        }
    }
}

trait EscapeJson {
    fn escape_json(self) -> String;
}

impl EscapeJson for char {
    fn escape_json(self) -> String {
        let mut units = [0; 2];
        self.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    }
}

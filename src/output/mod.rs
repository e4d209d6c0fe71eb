//! The only place that prints. Results go to stdout, talk to stderr.
#![expect(clippy::disallowed_methods, reason = "the one module that may reach stdout and stderr")]

mod ascii;
mod ask;
mod cell;
mod columns;
mod format;
mod pager;
mod progress;
mod rows;
mod selection;
mod sink;
mod table;
mod talk;
mod tenants;
mod wording;
mod wrap;

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

pub use self::ask::Confirmed;
pub use self::cell::Cell;
pub use self::columns::{ColumnValue, Columns, Head, Made, Shape, Values};
pub(crate) use self::columns::{columns, words};
pub use self::format::Format;
pub use self::rows::Rows;
pub use self::selection::Selection;
use self::sink::Sink;
pub(crate) use self::sink::{check as check_stdout, is_on_terminal, mark_closed, show, write_stdout};
pub use self::table::{Results, Table};
use self::tenants::Tenant;
use self::wording::Wording;
use crate::domain::text::{clipped, is_unprintable, printable, printable_lines};
use crate::error::{Cause, Error, Result};

#[derive(Debug, Clone)]
pub struct Output {
    format: Format,
    quiet: bool,
    verbosity: u8,
    /// Whether to talk although nobody seems to watch.
    talkative: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    /// Whether nobody asked for no colour.
    may_colour: bool,
    selection: Selection,
    may_page: bool,
    /// Whether lines, bars and marks are drawn in ASCII.
    is_ascii: bool,
    /// Notes that wait for the table they belong to; nothing once the table is printed.
    notes: Arc<Mutex<Option<Vec<String>>>>,
    /// Whether nobody asked for the results.
    muted: bool,
    /// The schema that results are of, where a command runs in several.
    tenant: Option<Tenant>,
    /// Whether somebody was asked for a confirmation in this run and gave it.
    was_confirmed: Arc<AtomicBool>,
    /// Whether a question stands on the terminal that nobody answered yet.
    is_asking: Arc<AtomicBool>,
    /// How the commands are written that cmf tells to type.
    wording: Wording,
}

impl Output {
    /// Whether long results may go through the pager.
    fn pages(&self) -> bool {
        self.may_page && self.stdout_is_terminal
    }

    /// A printer for this process's stdout and stderr. `NO_COLOR` (any value but empty) turns colour off.
    pub fn new(format: Format, quiet: bool, verbosity: u8) -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        let no_colour = is_dumb() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Output {
            format,
            quiet,
            verbosity,
            talkative: false,
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            may_colour: !no_colour,
            selection: Selection::default(),
            may_page: !is_dumb(),
            is_ascii: !ascii::has_utf8(),
            notes: Arc::new(Mutex::new(Some(Vec::new()))),
            muted: false,
            tenant: None,
            was_confirmed: Arc::default(),
            is_asking: Arc::default(),
            wording: Wording::default(),
        }
    }

    /// The same printer, which writes the commands that it tells to type as `word` does.
    #[must_use]
    pub fn wording(mut self, word: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.wording = Wording::new(word);
        self
    }

    /// A text with the commands between backticks as they are to be typed in this run.
    fn worded(&self, text: &str) -> String {
        self.wording.of(text).into_owned()
    }

    /// The same of a command alone, or of a text with commands between backticks.
    pub fn command(&self, command: &str) -> String {
        if command.contains('`') { self.worded(command) } else { self.worded(&format!("`{command}`")).replace('`', "") }
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

    /// The same printer for a command that runs within another: it prints no results.
    #[must_use]
    pub fn muted(&self) -> Self {
        Output { muted: true, format: Format::Table, selection: Selection::default(), ..self.clone() }
    }

    /// The same printer for a command that runs in several schemas. What [`Output::of_schema`] gets in JSON, [`Output::end_schemas`]
    /// prints.
    #[must_use]
    pub fn for_schemas(&self) -> Self {
        Output { tenant: Some(Tenant::default()), ..self.clone() }
    }

    /// The same printer for the results of one of the schemas.
    #[must_use]
    pub fn of_schema(&self, schema: &str) -> Self {
        Output { tenant: Some(self.tenant.clone().unwrap_or_default().named(schema)), ..self.clone() }
    }

    /// Prints what waits until all schemas have told their results.
    pub fn end_schemas(&self) -> Result<()> {
        match &self.tenant {
            Some(tenant) if self.format == Format::Json => {
                self.sink().write(self.pages(), &(self.json_text(&tenant.documents(), true) + "\n"))
            }
            _ => Ok(()),
        }
    }

    fn sink(&self) -> Sink {
        Sink::of(self.muted)
    }

    /// The same printer, which talks even if nobody seems to watch: for a command whose talk is its purpose.
    #[must_use]
    pub fn talkative(&self) -> Self {
        Output { talkative: true, ..self.clone() }
    }

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

    /// Whether results go to a terminal.
    pub fn is_shown(&self) -> bool {
        self.stdout_is_terminal
    }

    /// Whether a question can be asked: stdin and stderr are terminals.
    pub fn can_ask(&self) -> bool {
        self.stderr_is_terminal && io::stdin().is_terminal()
    }

    fn json_text(&self, value: &Value, pretty: bool) -> String {
        self.harmless(if pretty { format!("{value:#}") } else { value.to_string() })
    }

    /// JSON as stdout may get it.
    fn harmless(&self, json: String) -> String {
        if self.stdout_is_terminal { escaped(&json) } else { json }
    }

    /// Whether `--columns` or `--sort` were given.
    pub fn selects(&self) -> bool {
        self.selection.names_columns() || self.selection.sorts()
    }

    /// Refuses, before anything is written, what [`Output::results`] would refuse afterwards: columns that the result does
    /// not have, and a standard output that is closed. Exit 2 for a column, exit 73 if stdout is closed.
    pub fn check(&self, results: &impl AsRef<[Table]>) -> Result<()> {
        match &self.tenant {
            Some(tenant) => {
                let tables: Vec<Table> = results.as_ref().iter().map(|table| tenant.labelled(table.clone())).collect();
                self.selection.choose(&tables)?;
            }
            None => drop(self.selection.choose(results.as_ref())?),
        }
        sink::check()
    }

    /// [`Output::check`] for what [`Output::outcome`] will print.
    pub fn check_outcome(&self, table: &Table) -> Result<()> {
        self.selection.choose(std::slice::from_ref(table))?;
        if self.format == Format::Table { Ok(()) } else { sink::check() }
    }

    /// Prints what was asked for, to stdout, in the format asked for. Exit 2 for a column that the result has not; exit 73 when
    /// stdout cannot be written; quietly nothing when its reader has gone.
    pub fn results(&self, results: impl Into<Results>) -> Result<()> {
        let results = match &self.tenant {
            Some(tenant) => tenant.all_labelled(results.into()),
            None => results.into(),
        };
        if let Some((_, text)) = results.text.as_ref().filter(|(format, _)| *format == self.format) {
            return self.text(text);
        }
        let Results { tables, json, .. } = self.selection.apply(results, self.format)?;
        let is_first = self.tenant.as_ref().is_none_or(Tenant::is_first);
        let text = match self.format {
            Format::Table => {
                let texts: Vec<String> = tables.iter().map(|table| self.table_text(table)).collect();
                if is_first { texts.join("\n") } else { format!("\n{}", texts.join("\n")) }
            }
            Format::Md => tables.iter().map(Table::to_md).collect::<Vec<_>>().join("\n"),
            Format::Json => {
                let json = json.or_else(|| tables.first().map(Table::to_json)).unwrap_or_default();
                if let Some(tenant) = &self.tenant {
                    tenant.keep(json);
                    return Ok(());
                }
                self.json_text(&json, true) + "\n"
            }
            Format::Jsonl => {
                let objects = tables.first().map(Table::objects).unwrap_or_default();
                objects.iter().map(|object| self.json_text(object, false) + "\n").collect()
            }
            Format::Csv => tables.first().map_or(Ok(String::new()), |table| self.csv_text(table, is_first))?,
            // Refused before a command begins that does not have it.
            Format::Ics | Format::Junit | Format::Sarif => String::new(),
        };
        self.long(&text)?;
        self.tell_notes();
        Ok(())
    }

    /// Prints a text, through the pager where it is long.
    fn long(&self, text: &str) -> Result<()> {
        let mut sink = self.sink();
        match sink.write(self.pages(), text) {
            // Who closes the pager has read what they wanted; the command continues.
            Err(error) if error.is(Cause::ClosedPipe) && sink.is_pager() => Ok(()),
            written => written,
        }
    }

    /// Prints help, through the pager where it is long.
    pub fn help(&self, text: &str) -> Result<()> {
        self.long(text)
    }

    /// Prints a plot.
    pub fn drawing(&self, text: &str) -> Result<()> {
        self.text(&self.drawn(text))
    }

    fn table_text(&self, table: &Table) -> String {
        let text = |table: &Table| {
            table.to_text(self.width(), !self.selection.names_columns(), self.may_colour && self.stdout_is_terminal)
        };
        // Some marks become wider: the table is laid out with them as they are printed.
        if self.is_ascii { ascii::spelled(&text(&table.in_ascii())).into_owned() } else { text(table) }
    }

    /// Talk and drawings as this terminal can show them.
    fn drawn<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_ascii { ascii::spelled(text) } else { Cow::Borrowed(text) }
    }

    fn csv_text(&self, table: &Table, with_header: bool) -> Result<String> {
        let text = table.to_csv(with_header)?;
        Ok(if self.stdout_is_terminal { printable_lines(&text) } else { text })
    }

    /// Says that a command did its work: one line on stderr for a person, or the table where another format was asked for.
    /// What it could refuse, [`Output::check_outcome`] has refused before the work was done.
    pub fn outcome(&self, message: &str, table: Table) -> Result<()> {
        if self.format == Format::Table {
            self.say(message);
            self.tell_notes();
            return Ok(());
        }
        self.results(table)
    }

    /// As [`Output::outcome`] of a command that did less than it was asked for: said also where nobody watches.
    pub fn remarkable(&self, message: &str, table: Table) -> Result<()> {
        if self.format == Format::Table {
            self.notice(message);
            self.tell_notes();
            return Ok(());
        }
        self.results(table)
    }

    /// As [`Output::outcome`]; after a dry run, the table of what would have been done.
    pub fn ending(&self, is_dry: bool, message: &str, table: Table) -> Result<()> {
        if !is_dry {
            return self.outcome(message, table);
        }
        self.results(table)?;
        self.say("dry run: nothing changed");
        Ok(())
    }

    /// Prints text as it is to stdout: scripts, SQL. On a terminal without what the terminal would obey.
    pub fn text(&self, text: &str) -> Result<()> {
        self.sink().write(false, &if self.stdout_is_terminal { printable_lines(text).into() } else { Cow::Borrowed(text) })
    }

    /// Prints lines of JSON, written elsewhere, to stdout.
    pub fn json_lines(&self, lines: &str) -> Result<()> {
        self.sink().write(false, &if self.stdout_is_terminal { escaped(lines).into() } else { Cow::Borrowed(lines) })
    }

    fn talk(&self, text: &str) {
        // Whoever listened may have gone, or the disk be full: that is no reason to stop working.
        // All at once, so that no other program's line gets into it.
        let _ = io::stderr().write_all(format!("{}\n", self.drawn(text)).as_bytes());
    }

    /// Talk that breaks between words where the terminal ends.
    fn talk_line(&self, message: &str) {
        self.talk(&wrap::readable(&printable(&self.wording.of(message)), self.talk_width()));
    }

    /// Says the notes that wait. From now on a note is said at once.
    pub fn tell_notes(&self) {
        let notes = self.notes.lock().ok().and_then(|mut notes| notes.take());
        notes.unwrap_or_default().iter().for_each(|note| self.talk_line(note));
    }

    /// Keeps a note for after the table.
    fn keeps(&self, message: &str) -> bool {
        let Ok(mut notes) = self.notes.lock() else { return false };
        match notes.as_mut().filter(|_| message.starts_with("note: ")) {
            Some(notes) => {
                notes.push(message.to_owned());
                true
            }
            None => false,
        }
    }

    /// Progress in words, for a person who watches: on a terminal, or with `-v`.
    pub fn say(&self, message: &str) {
        if !self.quiet && (self.stderr_is_terminal || self.talkative || self.verbosity > 0) {
            self.talk_line(message);
        }
    }

    /// Something the user must know although nothing failed, in one sentence: shown unless `-q`. What begins with `note: ` is said
    /// after the results.
    pub fn notice(&self, message: &str) {
        if !self.quiet && !self.keeps(message) {
            self.talk_line(message);
        }
    }

    /// A notice of several lines. Text of others goes into it as one line only, by [`printable`].
    pub fn notice_lines(&self, message: &str) {
        if !self.quiet {
            self.talk(&printable_lines(message));
        }
    }

    /// A notice that breaks between words at the terminal's width; all lines but the first begin with `indent` blanks.
    pub fn notice_wrapped(&self, message: &str, indent: usize) {
        self.notice_lines(&wrap::wrapped(message, self.talk_width().min(wrap::WIDEST_TEXT), indent));
    }

    /// A notice on one line of the terminal; what it has no room for is cut off.
    pub fn notice_cut(&self, message: &str) {
        let width = self.talk_width();
        self.notice(&clipped(message, if self.is_ascii { width.saturating_sub(2) } else { width }));
    }

    /// The width of the terminal that talk goes to; no end to it where it goes elsewhere.
    fn talk_width(&self) -> usize {
        terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| usize::from(width.0))
    }

    /// Help text as clap renders it, to stderr.
    pub fn notice_text(&self, text: &str) {
        self.talk(&printable_lines(text.trim_end()));
    }

    /// Detail for `-v` (level 1) and `-vv` (level 2).
    pub fn debug(&self, level: u8, message: impl FnOnce() -> String) {
        if self.verbosity >= level {
            self.talk(&printable(&message()));
        }
    }

    /// An error that does not end the command: what was asked for happens all the same.
    pub fn warning(&self, error: &Error) {
        self.notice_lines(&error.clone().reworded(|text| self.worded(text)).to_warning());
    }

    /// Prints an error: text, or one JSON object with `--format json` or `jsonl`.
    pub fn error(&self, error: &Error) {
        self.tell_notes();
        if error.is(Cause::ClosedPipe) {
            return;
        }
        if self.is_asking.swap(false, Ordering::Relaxed) {
            // An error does not begin on the line of the question.
            let _ = writeln!(io::stderr());
        }
        let error = error.clone().reworded(|text| self.worded(text));
        match self.format {
            Format::Json | Format::Jsonl => {
                // Nothing to do about a stream that cannot be written.
                let _ = writeln!(io::stderr(), "{}", escaped(&error.to_json().to_string()));
            }
            _ => {
                let width = self.talk_width();
                let readable = |line: &str| self.labelled(&wrap::readable(&printable(line), width));
                let lines: Vec<String> = error.to_text().lines().map(readable).collect();
                self.talk(&lines.join("\n"));
            }
        }
    }

    /// A line whose label stands out: `error:` in bold red, `hint:` in bold cyan.
    fn labelled(&self, line: &str) -> String {
        let label = [("error:", "31"), ("hint:", "36")]
            .into_iter()
            .find(|(label, _)| self.may_colour && self.stderr_is_terminal && line.starts_with(label));
        match label {
            Some((label, colour)) => format!("\u{1b}[1;{colour}m{label}\u{1b}[0m{}", &line[label.len()..]),
            None => line.to_owned(),
        }
    }
}

/// Whether the terminal cannot do more than print one line after another.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// JSON in which the characters that a terminal would obey have their harmless spelling.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_unprintable(c) {
            let mut units = [0; 2];
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    text
}

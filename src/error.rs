//! What went wrong, where, what to type next, and the exit code that says so to a script.

mod words;

use std::fmt;
use std::io;

use serde_json::{Map, Value, json};

use self::words::{QUOTED, TYPED, typeable, without_number};
pub use self::words::{beginning, readable, shell_word};

/// The exit codes of `cmf`. They are part of its public interface: a number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All of it happened.
    Success = 0,
    /// It failed and nothing changed.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Some of it happened, because `--allow-partial` asked for that.
    Partial = 3,
    /// A check found a difference.
    Difference = 4,
    /// The input is bad data (`EX_DATAERR`).
    Data = 65,
    /// The database cannot be reached and nothing was spooled (`EX_UNAVAILABLE`).
    Unreachable = 69,
    /// Output or a spool file cannot be written (`EX_CANTCREAT`).
    Output = 73,
    /// Kept in the spool, to be stored later (`EX_TEMPFAIL`).
    Spooled = 75,
    /// The server refused who we are, or TLS failed (`EX_NOPERM`).
    Auth = 77,
    /// The configuration is wrong (`EX_CONFIG`).
    Config = 78,
    /// Ended by SIGINT.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// The number handed to the operating system.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The word used for this kind in JSON errors.
    pub const fn name(self) -> &'static str {
        match self {
            Exit::Success => "success",
            Exit::Failed => "failed",
            Exit::Usage => "usage",
            Exit::Partial => "partial",
            Exit::Difference => "difference",
            Exit::Data => "data",
            Exit::Unreachable => "unreachable",
            Exit::Output => "output",
            Exit::Spooled => "spooled",
            Exit::Auth => "auth",
            Exit::Config => "config",
            Exit::Interrupted => "interrupted",
            Exit::Terminated => "terminated",
        }
    }
}

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One failure: its kind (which is its exit code), a message, the place in the input, and hints that say what to type next.
///
/// Boxed inside, so that a `Result` stays as small as a pointer.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    exit: Exit,
    message: String,
    place: Place,
    details: Vec<String>,
    changed: Vec<String>,
    hints: Vec<String>,
    data: Map<String, Value>,
    cause: Option<Cause>,
}

/// What is known of the cause of an error, for those that know what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The reader of our output went away (`| head`).
    ClosedPipe,
    /// The same work, done again, may not meet it: a serialization failure, a deadlock.
    Transient,
    /// The schema does not have the tables of cmf, or older ones.
    NoTables,
    /// The role in the database may not do what the command needs.
    NoRight,
    /// The schema has no active user yet, and so no catalog.
    NoUsers,
    /// The server cancelled a statement, as one that ran too long.
    Cancelled,
    /// The server accepts no writes from this session.
    NoWrites,
    /// Nothing answers where the server should be.
    NoServer,
    /// Another session kept a lock too long.
    Locked,
    /// Policies hide rows from the role in the database.
    HiddenRows,
    /// The configuration has no profile of the name.
    NoProfile,
    /// The schema that is named is not one of a tenant.
    NoTenant,
    /// JSON has something else where a list of objects is to be.
    NoObjects,
}

/// Where in the input something is wrong; every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it (`-` for standard input).
    pub file: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row, counted from 1 as a spreadsheet counts, or the record's line in a text file.
    pub row: Option<u64>,
    /// The column, by its header or its letter.
    pub column: Option<String>,
    /// Whether the file is a script, of which rows are lines.
    pub is_script: bool,
}

impl Place {
    /// A file as a whole.
    pub fn of(file: impl fmt::Display) -> Self {
        Place { file: Some(file.to_string()), ..Place::default() }
    }

    /// A line of a script.
    pub fn in_script(file: String, row: Option<u64>) -> Self {
        Place { file: Some(file), row, is_script: true, ..Place::default() }
    }

    fn is_empty(&self) -> bool {
        *self == Place::default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.file.clone());
        parts.extend(self.sheet.as_ref().map(|sheet| format!("sheet {sheet}")));
        parts.extend(self.row.map(|row| format!("{} {row}", if self.is_script { "line" } else { "row" })));
        parts.extend(self.column.as_ref().map(|column| format!("column {column}")));
        f.write_str(&parts.join(", "))
    }
}

impl Error {
    /// An error of the kind `exit`.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            exit,
            message: readable(message),
            place: Place::default(),
            details: Vec::new(),
            changed: Vec::new(),
            hints: Vec::new(),
            data: Map::new(),
            cause: None,
        }))
    }

    /// It failed and nothing changed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The command line makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A variable of the environment that was to say something and is empty.
    pub fn empty_variable(name: &str) -> Self {
        Self::new(Exit::Config, format!("{name} is set but empty"))
            .hint(format!("give {name} a value, or remove it from the environment (unset {name})"))
    }

    /// The input is bad data.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Exit::Data, message)
    }

    /// The reader of our output went away (`| head`): nothing to say and nothing wrong.
    pub fn closed_pipe() -> Self {
        Self::new(Exit::Success, "the reader of the output closed it").because(Cause::ClosedPipe)
    }

    /// The error that went along in one of writing, and knows the file; else what `say` makes of it.
    pub fn of_writing(error: io::Error, say: impl FnOnce(io::Error) -> Error) -> Self {
        error.downcast::<Error>().unwrap_or_else(say)
    }

    /// Says the message and the first hint again, where more is known by now. Details and further hints stay.
    #[must_use]
    pub fn restated(mut self, message: String, hint: String) -> Self {
        self.0.message = without_number(message);
        match self.0.hints.first_mut() {
            Some(first) => *first = hint,
            None => self.0.hints.push(hint),
        }
        self
    }

    /// Adds what to type next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hints.push(typeable(hint.into()));
        self
    }

    /// Adds a line of detail, shown under the message.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.details.push(readable(detail));
        self
    }

    /// Says in a sentence what was changed all the same. Without one, whoever ends the command says what the run has changed, which
    /// is nothing as a rule.
    #[must_use]
    pub fn changed(mut self, what: impl Into<String>) -> Self {
        self.0.changed.push(readable(what));
        self
    }

    /// Whether it says itself what was changed.
    pub fn says_what_changed(&self) -> bool {
        !self.0.changed.is_empty()
    }

    /// The same with other words for its details and hints.
    #[must_use]
    pub fn reworded(mut self, word: impl Fn(&str) -> String) -> Self {
        let inner = &mut self.0;
        inner.details.iter_mut().chain(&mut inner.changed).chain(&mut inner.hints).for_each(|text| *text = word(text));
        self
    }

    /// Says where in the input it is.
    #[must_use]
    pub fn at(mut self, mut place: Place) -> Self {
        place.column = place.column.map(|column| beginning(&column, QUOTED));
        place.sheet = place.sheet.map(|sheet| beginning(&sheet, QUOTED));
        place.file = place.file.map(|file| if file.len() <= TYPED { file } else { beginning(&file, QUOTED) });
        self.0.place = place;
        self
    }

    /// Attaches a machine-readable value, shown as a field of the JSON form only.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.data.insert(field.to_owned(), value.into());
        self
    }

    /// The kind of failure, which is its exit code.
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The error without the hints that this is not true of, such as those about options that the command does not have.
    #[must_use]
    pub fn only_hints(mut self, fits: impl Fn(&str) -> bool) -> Self {
        self.0.hints.retain(|hint| fits(hint));
        self
    }

    /// The message without place and hints.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in the input it is.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The hints, in the order they were given.
    pub fn hints(&self) -> &[String] {
        &self.0.hints
    }

    /// Says the cause, where somebody knows what to do about it.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.0.cause = Some(cause);
        self
    }

    pub fn is(&self, cause: Cause) -> bool {
        self.0.cause == Some(cause)
    }

    #[must_use]
    pub fn transient(self) -> Self {
        self.because(Cause::Transient)
    }

    /// Says whose it is, where only its owner may do this.
    #[must_use]
    pub fn owned_by(self, owner: Option<String>) -> Self {
        match owner {
            Some(owner) if self.is(Cause::NoRight) => self.hint(format!("log in as `{owner}`, the owner of it")),
            _ => self,
        }
    }

    /// The error as people read it: message with place, details, what was changed, hints, each on one line.
    pub fn to_text(&self) -> String {
        self.told_as("error")
    }

    /// The same where the work continues.
    pub fn to_warning(&self) -> String {
        self.told_as("warning")
    }

    fn told_as(&self, what: &str) -> String {
        let inner = &self.0;
        let one_line = |text: &str| text.replace(['\n', '\r'], " ");
        let mut text = format!("{what}: {}", one_line(&inner.message));
        if !inner.place.is_empty() {
            text.push_str(&format!(" ({})", one_line(&inner.place.to_string())));
        }
        for detail in &inner.details {
            text.push_str(&format!("\n  {}", one_line(detail)));
        }
        if !inner.changed.is_empty() {
            text.push_str(&format!("\n{}", one_line(&inner.changed.join(" "))));
        }
        for hint in &inner.hints {
            text.push_str(&format!("\nhint: {}", one_line(hint)));
        }
        text
    }

    /// The error as one JSON object.
    pub fn to_json(&self) -> Value {
        let inner = &self.0;
        let mut body = Map::new();
        body.insert("kind".into(), json!(inner.exit.name()));
        body.insert("code".into(), json!(inner.exit.code()));
        body.insert("message".into(), json!(inner.message));
        let place = &inner.place;
        for (name, value) in [
            ("file", place.file.as_ref().map(|v| json!(v))),
            ("sheet", place.sheet.as_ref().map(|v| json!(v))),
            ("row", place.row.map(|v| json!(v))),
            ("column", place.column.as_ref().map(|v| json!(v))),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), value);
            }
        }
        if !inner.details.is_empty() {
            body.insert("details".into(), json!(inner.details));
        }
        if !inner.changed.is_empty() {
            body.insert("changed".into(), json!(inner.changed.join(" ")));
        }
        body.insert("hints".into(), json!(inner.hints));
        body.extend(inner.data.clone());
        json!({ "error": body })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::words::SPOKEN;
    use super::*;

    #[test]
    fn what_a_message_repeats_is_no_hint() {
        let error = Error::usage("there is no catalog `a\nhint: rm -rf`").detail("b\r\nhint: c").hint("d\nerror: e");
        assert_eq!(error.to_text(), "error: there is no catalog `a hint: rm -rf`\n  b  hint: c\nhint: d error: e");
        assert!(error.to_warning().starts_with("warning: there is no catalog `a hint: rm -rf`\n  b"));
    }

    #[test]
    fn what_is_quoted_is_cut_where_it_is_very_long() {
        let long = "é".repeat(1_000_000);
        let error = Error::usage(format!("there is no metric `{long}`: see `cmf metric list`")).detail(format!("`{long}`"));
        let quoted = format!("`{}...`", "é".repeat(QUOTED));
        assert_eq!(error.message(), format!("there is no metric {quoted}: see `cmf metric list`"));
        assert!(error.to_text().ends_with(&quoted));
        let place = Place { column: Some(long.clone()), ..Place::default() };
        assert!(Error::data("x").at(place).to_text().len() < 1_000);
        let place = Place { file: Some(long.clone()), sheet: Some(long.clone()), ..Place::default() };
        assert!(Error::data("x").at(place).to_text().len() < 2_000);
        let hinted = Error::data("x").hint(format!("write `[profile.{long}]` into it")).to_text();
        assert!(hinted.ends_with("...` into it") && hinted.len() < 1_000, "{hinted}");
        let command = format!("`cmf import {}`", "folder/".repeat(100));
        assert!(Error::data("x").hint(command.clone()).to_text().ends_with(&command));
        assert!(Error::data(long).message().chars().count() == SPOKEN + 3);
        let usual = "a message that is longer than a quotation may be, ".repeat(20);
        assert_eq!(Error::data(usual.clone()).message(), usual);
    }

    #[test]
    fn the_number_of_an_error_of_the_system_is_not_told() {
        for (said, told) in [
            ("a.csv: No such file or directory (os error 2)", "a.csv: No such file or directory"),
            ("refused (os error 111): asked once (os error 5)", "refused: asked once"),
            ("(os error x) (os error ", "(os error x) (os error "),
        ] {
            assert_eq!(Error::failed(said).message(), told);
            assert_eq!(Error::failed("x").detail(said).to_text(), format!("error: x\n  {told}"));
        }
    }

    #[test]
    fn text_names_message_place_detail_and_hint() {
        let error = Error::data("2 cells cannot be read")
            .at(Place { file: Some("a.csv".into()), row: Some(3), ..Place::default() })
            .detail("C3: `x` is not a number")
            .hint("fix the cells and run the import again")
            .changed("Nothing was changed.");
        assert_eq!(
            error.to_text(),
            "error: 2 cells cannot be read (a.csv, row 3)\n  C3: `x` is not a number\nNothing was changed.\n\
             hint: fix the cells and run the import again"
        );
        assert_eq!(error.to_json()["error"]["changed"], "Nothing was changed.");
        assert_eq!(error.to_json()["error"]["code"], 65);
        assert_eq!(error.to_json()["error"]["row"], 3);
    }
}

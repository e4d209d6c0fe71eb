//! A reading that a command tells: the command is run, and its output is the value. How it went is kept as evidence.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::secret;
use crate::domain::text::counted;
use crate::error::{Error, Result, beginning, shell_word};
use crate::program::{self, End, Ended, NOT_RUN};
use crate::table::unique;

/// How many characters of an output are repeated that cannot be a value.
const SHOWN: usize = 60;

/// What is kept of a command that told a reading.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evidence {
    /// Its words, without what looks like a secret.
    pub command: Vec<String>,
    /// 0 if the reading is stored; none where a signal ended it.
    pub exit: Option<i32>,
    pub duration_ms: u64,
    pub bytes: usize,
    /// Of all that it wrote to its standard output.
    pub sha256: String,
}

impl Evidence {
    /// What went wrong with the reading, with the evidence.
    pub fn beside(&self, error: Error) -> Error {
        error.detail(self.to_string()).with("evidence", serde_json::to_value(self).unwrap_or_default())
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evidence { command, exit, duration_ms, bytes, sha256 } = self;
        let command = command.iter().map(shell_word).collect::<Vec<_>>().join(" ");
        let bytes = counted(*bytes, "byte");
        let exit = exit.map_or_else(|| "ended".to_owned(), |code| format!("exit {code}"));
        write!(f, "{command}: {exit} after {duration_ms} ms with {bytes} of output, SHA-256 {sha256}")
    }
}

/// The value that a command tells, with the evidence and what it wrote to standard error.
pub struct Told {
    pub value: String,
    pub evidence: Evidence,
    pub said: String,
}

/// Runs a command for the value of a reading of `metric`: all of its output, or what a JSON `pointer` finds in it.
/// Exit 65 when it cannot be run, fails, is ended by a signal, takes longer than `limit`, or does not write one value.
pub async fn ask(metric: &str, words: &[String], limit: Duration, pointer: Option<&str>) -> Result<Told> {
    let ended = program::run(words, &[], &[], limit).await.map_err(|error| {
        Error::data(format!(
            "{metric}: the program `{}` cannot be run: {error}",
            words.first().map(String::as_str).unwrap_or_default()
        ))
        .hint(format!("{NOT_RUN}; what follows -- is a program with its arguments"))
    })?;
    let evidence = Evidence {
        command: secret::hidden(words),
        exit: if let End::Exit(code) = ended.end { Some(code) } else { None },
        duration_ms: u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX),
        bytes: ended.output.len(),
        sha256: ended.sha256(),
    };
    let value = value(&ended, pointer).map_err(|error| {
        let hints = match error.hints() {
            [] => vec!["run the command by itself: it must end with 0, and write one value to standard output".to_owned()],
            hints => hints.to_vec(),
        };
        let told = evidence.beside(Error::data(format!("{metric}: {}", error.message())));
        let told = ended.said.lines().fold(told, |told, line| told.detail(format!("it said: {line}")));
        hints.into_iter().fold(told, Error::hint)
    })?;
    Ok(Told { value, evidence, said: ended.said })
}

/// The one value in an output.
fn value(ended: &Ended, pointer: Option<&str>) -> Result<String> {
    let failed = match ended.end {
        End::Exit(0) => None,
        End::Exit(code) => Some(format!("the command failed with exit {code}")),
        #[cfg(unix)]
        End::Signal(signal) => Some(format!("the command was ended by signal {signal}")),
        End::Late(_) | End::TooMuch => Some(format!("the command was {}", ended.end)),
    };
    if let Some(failed) = failed {
        return Err(ended.end.remedy().into_iter().fold(Error::data(failed), Error::hint));
    }
    let text = std::str::from_utf8(&ended.output).map_err(|_| Error::data("the output of the command is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(Error::data("the command wrote nothing").hint("the command must write one value to standard output"));
    }
    let Some(pointer) = pointer else {
        return match text.lines().count() {
            1 => Ok(text.to_owned()),
            count => Err(Error::data(format!(
                "the output of the command has {count} lines, but must have one: `{}`",
                beginning(text.lines().next().unwrap_or_default(), SHOWN)
            ))
            .hint(if text.starts_with(['{', '[']) {
                "name the place of the value in the JSON with --pointer, such as --pointer /value"
            } else {
                "the command must write only the value; messages go to standard error"
            })),
        };
    };
    let json = unique::read(text).map_err(|error| Error::data(format!("the output of the command is not JSON: {error}")))?;
    match json.pointer(pointer) {
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(Value::Bool(value)) => Ok(value.to_string()),
        Some(Value::Null) => Err(Error::data(format!("{pointer} is null in the output of the command"))),
        Some(_) => Err(Error::data(format!("{pointer} is not one value in the output of the command"))
            .hint("a pointer has all steps to the value, such as /results/0/score")),
        None => {
            let keys: Vec<String> = json.as_object().into_iter().flatten().map(|(key, _)| format!("/{key}")).collect();
            let error = Error::data(format!("the output of the command has nothing at {pointer}"));
            Err(if keys.is_empty() { error } else { error.hint(format!("there are: {}", keys.join(", "))) })
        }
    }
}

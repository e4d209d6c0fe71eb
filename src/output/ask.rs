//! Questions: on the terminal, or answered beforehand.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::atomic::Ordering;

use super::Output;
pub use crate::confirm::Confirmed;
use crate::domain::text::printable;
use crate::error::{Error, Exit, Result, shell_word};

impl Output {
    /// Exit 73 when the terminal cannot be written or read.
    pub fn ask_line(&self, question: &str) -> Result<Option<String>> {
        // The stream is not held while the answer is awaited: a signal has something to say then.
        self.tell_notes();
        let mut answer = String::new();
        self.is_asking.store(true, Ordering::Relaxed);
        let read = write!(io::stderr(), "{} ", self.drawn(&printable(question)))
            .and_then(|()| io::stdin().lock().read_line(&mut answer))
            .map_err(|error| Error::new(Exit::Output, format!("cannot ask on the terminal: {error}")))?;
        self.is_asking.store(false, Ordering::Relaxed);
        if read == 0 {
            // What follows does not begin on the line of the question.
            let _ = writeln!(io::stderr());
        }
        Ok((read > 0).then(|| answer.trim().to_owned()))
    }

    /// Asks for a new password twice, without showing it; from a pipe, takes the first line. Exit 2 when there is none, exit 1
    /// when the two differ or the terminal cannot be read.
    pub fn ask_password(&self, what: &str) -> Result<String> {
        if !io::stdin().is_terminal() {
            return secret_line(io::stdin().lock());
        }
        let hidden = |question: &str| {
            self.is_asking.store(true, Ordering::Relaxed);
            let typed = rpassword::prompt_password(format!("{}: ", printable(question)));
            self.is_asking.store(typed.is_err(), Ordering::Relaxed);
            typed.map_err(|error| match error.kind() {
                // Ctrl-C is a key like any other while the password is typed.
                io::ErrorKind::Interrupted => Error::new(Exit::Interrupted, "interrupted"),
                _ => Error::failed(format!("cannot ask on the terminal: {error}")),
            })
        };
        let password = hidden(what)?;
        if hidden("repeat it")? != password {
            return Err(
                Error::failed("the two passwords differ").hint("run the command again, and type the same password twice")
            );
        }
        Ok(password)
    }

    /// Asks for a yes before something is destroyed. `--yes` answers beforehand. Exit 2 without a terminal and without `--yes`;
    /// exit 1 when the answer is not yes.
    pub fn confirm(&self, question: &str, yes: bool) -> Result<Confirmed> {
        if yes {
            return Ok(Confirmed::answered());
        }
        if !self.can_ask() {
            return Err(unconfirmed(question).hint("add --yes to confirm"));
        }
        match self.ask_line(&format!("{question} [y/N]"))?.unwrap_or_default().to_lowercase().as_str() {
            "y" | "yes" => Ok(self.confirmed()),
            _ => Err(Error::failed("not confirmed").hint("to do it, run the command again and confirm")),
        }
    }

    fn confirmed(&self) -> Confirmed {
        self.was_confirmed.store(true, Ordering::Relaxed);
        Confirmed::answered()
    }

    /// Whether somebody was asked for a confirmation in this run and gave it.
    pub fn was_confirmed(&self) -> bool {
        self.was_confirmed.load(Ordering::Relaxed)
    }

    /// Asks for `name` to be typed before something large is destroyed. `--confirm NAME` answers beforehand. Exit 2 without a
    /// terminal and without `--confirm`, or when another name was given; exit 1 when another is typed.
    pub fn confirm_by_name(&self, question: &str, name: &str, given: Option<&str>) -> Result<Confirmed> {
        match given {
            Some(given) if given == name => Ok(Confirmed::answered()),
            Some(given) => Err(Error::usage(format!("--confirm names `{given}`, but this is `{name}`"))
                .hint(format!("add --confirm {} to confirm", shell_word(name)))),
            None if !self.can_ask() => {
                Err(unconfirmed(question).hint(format!("add --confirm {} to confirm", shell_word(name))))
            }
            None if self.ask_line(&format!("{question} Type `{name}` to continue:"))?.as_deref() == Some(name) => {
                Ok(self.confirmed())
            }
            None => Err(Error::failed("not confirmed").hint("to do it, run the command again and confirm")),
        }
    }
}

/// Reads one line, without its line break, that is to be kept from eyes and logs.
fn secret_line(mut input: impl BufRead) -> Result<String> {
    let mut line = String::new();
    let read = input.read_line(&mut line).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Error::usage("the password on standard input is not UTF-8 text"),
        _ => Error::failed(format!("cannot read the password from standard input: {error}")),
    })?;
    if read == 0 {
        return Err(Error::usage("there is no password on standard input")
            .hint("write it as the first line, or run the command on a terminal"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The error if nobody can be asked: that nothing changed comes first.
fn unconfirmed(question: &str) -> Error {
    Error::usage("this needs a confirmation, and there is no terminal to ask on").detail(question)
}

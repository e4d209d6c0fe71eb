//! Where results go: standard output, or the pager where they are long and a person reads them.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::pager::Pager;
use crate::domain::text::printable_lines;
use crate::error::{Error, Exit, Result};

/// Whether standard output was closed when the program started.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Notes that the program was started with a closed standard output. By now something else stands in its place, which takes
/// what is written and keeps none of it.
pub(crate) fn mark_closed() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Refuses where nothing can be printed.
pub(crate) fn check() -> Result<()> {
    if CLOSED.load(Ordering::Relaxed) {
        return Err(Error::new(Exit::Output, "cannot write the output: standard output is closed")
            .hint("add >/dev/null to run the command without its output"));
    }
    Ok(())
}

fn unwritable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Error::closed_pipe(),
        _ => Error::new(Exit::Output, format!("cannot write the output: {error}")),
    }
}

/// Writes to standard output.
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<()> {
    check()?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| unwritable(&error))
}

/// Whether a person sees what is written to standard output.
pub(crate) fn is_on_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Shows what would be in a file on the terminal, without what the terminal would obey.
pub(crate) fn show(bytes: &[u8]) -> Result<()> {
    match std::str::from_utf8(bytes) {
        Ok(text) => write_stdout(printable_lines(text).as_bytes()),
        Err(_) => Err(Error::new(Exit::Output, "the file is not text, and standard output is a terminal")
            .hint("name a file, or send standard output to one with `>`")),
    }
}

/// Takes a result in one text or in several.
#[derive(Debug)]
pub(super) struct Sink {
    state: Way,
}

#[derive(Debug)]
enum Way {
    /// Nothing is written yet.
    Unused,
    /// Nobody wants it.
    Nowhere,
    Stdout,
    Pager(Pager),
}

impl Sink {
    /// One for results that somebody asked for, or one that takes them and keeps nothing.
    pub(super) fn of(muted: bool) -> Self {
        Sink { state: if muted { Way::Nowhere } else { Way::Unused } }
    }

    pub(super) fn is_pager(&self) -> bool {
        matches!(self.state, Way::Pager(_))
    }

    /// Writes text: through a pager where the first of it is longer than the terminal is high.
    pub(super) fn write(&mut self, may_page: bool, text: &str) -> Result<()> {
        if matches!(self.state, Way::Unused) {
            let pager = (may_page && is_long(text)).then(Pager::start).flatten();
            self.state = pager.map_or(Way::Stdout, Way::Pager);
        }
        match &mut self.state {
            Way::Pager(pager) => pager.write(text).map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Error::closed_pipe(),
                _ => Error::new(Exit::Output, format!("cannot write to the pager: {error}")),
            }),
            Way::Nowhere => Ok(()),
            Way::Unused | Way::Stdout => write_stdout(text.as_bytes()),
        }
    }
}

/// Whether a text is longer than the terminal is high.
fn is_long(text: &str) -> bool {
    let height = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| usize::from(height.0));
    io::stdin().is_terminal() && text.lines().nth(height.saturating_sub(1)).is_some()
}

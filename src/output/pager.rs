//! Long results on a terminal go through a pager, as in git and psql.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The words of the pager's command: `CMF_PAGER`, else `PAGER`, else `less`. Nothing where the user wants none.
fn command() -> Option<Vec<String>> {
    let named = ["CMF_PAGER", "PAGER"].iter().find_map(|name| std::env::var(name).ok());
    let words: Vec<String> = named.as_deref().unwrap_or("less").split_whitespace().map(str::to_owned).collect();
    (!words.is_empty() && words != ["cat"]).then_some(words)
}

/// A pager that runs. Its user may close it before the end.
#[derive(Debug)]
pub(super) struct Pager {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Pager {
    /// Starts the pager; nothing if there is none.
    pub(super) fn start() -> Option<Self> {
        let words = command()?;
        let mut pager = Command::new(&words[0]);
        pager.args(&words[1..]).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            // Quit when it fits on a screen, keep colours, leave the text on the screen.
            pager.env("LESS", "FRX");
        }
        let mut child = pager.spawn().ok()?;
        let pipe = child.stdin.take();
        Some(Pager { child, pipe })
    }

    /// Shows more text. Fails when it cannot be written to; a broken pipe where the user has closed it.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.pipe.as_mut().map_or(Ok(()), |pipe| pipe.write_all(text.as_bytes()))
    }
}

impl Drop for Pager {
    /// The user reads on after the last text came.
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.child.wait();
    }
}

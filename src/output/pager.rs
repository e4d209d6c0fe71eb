//! Long results on a terminal go through a pager, as in git and psql.

use std::io::{self, Write};
use std::process::{Command, Stdio};

/// The words of the pager's command: `CMF_PAGER`, else `PAGER`, else `less`. Nothing where the user wants none.
fn command() -> Option<Vec<String>> {
    let named = ["CMF_PAGER", "PAGER"].iter().find_map(|name| std::env::var(name).ok());
    let words: Vec<String> = named.as_deref().unwrap_or("less").split_whitespace().map(str::to_owned).collect();
    (!words.is_empty() && words != ["cat"]).then_some(words)
}

/// Shows a text in the pager and waits until it is closed. Returns false where there is no pager and the text was not shown.
///
/// # Errors
/// When the pager runs and cannot be written to, other than by being closed early.
pub(super) fn show(text: &str) -> io::Result<bool> {
    let Some(words) = command() else { return Ok(false) };
    let mut pager = Command::new(&words[0]);
    pager.args(&words[1..]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Quit when it fits on a screen, keep colours, leave the text on the screen.
        pager.env("LESS", "FRX");
    }
    let Ok(mut child) = pager.spawn() else { return Ok(false) };
    let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(text.as_bytes()));
    child.wait()?;
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(true),
    }
}

//! Programs that cmf runs for its user: without a shell, for a limited time, in a process group of their own that ends with them.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::domain::span;
use crate::domain::text::hex;

/// The most bytes that a program may write to its standard output.
pub const MOST_OUTPUT: usize = 16 << 20;

/// How much of what it writes to standard error is kept, in bytes.
const MOST_SAID: usize = 16 << 10;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exit(i32),
    /// By a signal that somebody else sent.
    #[cfg(unix)]
    Signal(i32),
    /// It was ended: it had not ended, or something that it started still held its output open, when its time was over.
    Late(Duration),
    /// It was ended: it wrote more than [`MOST_OUTPUT`].
    TooMuch,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exit(code) => write!(f, "exit {code}"),
            #[cfg(unix)]
            End::Signal(signal) => write!(f, "signal {signal}"),
            End::Late(limit) => {
                write!(f, "stopped after {}, because it or a program that it started was still running", span::shown(*limit))
            }
            End::TooMuch => write!(f, "stopped, because it wrote more than {} MB", MOST_OUTPUT >> 20),
        }
    }
}

/// What to do about a program that the system does not run.
pub const NOT_RUN: &str = "check its name, and that it is in PATH";

impl End {
    /// What to do about a program that ended so, where there is something.
    pub fn remedy(self) -> Option<&'static str> {
        match self {
            End::Exit(0) | End::TooMuch => None,
            End::Exit(_) => Some("run that program alone to see why"),
            #[cfg(unix)]
            End::Signal(_) => Some("run that program alone to see why"),
            End::Late(_) => Some("--timeout gives it more time"),
        }
    }
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub end: End,
    pub took: Duration,
    pub output: Vec<u8>,
    /// The beginning of what it wrote to standard error.
    pub said: String,
}

impl Ended {
    /// SHA-256 of the output, in hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.output))
    }
}

/// All processes of a program, which are killed unless it ended by itself: also where a command that waits is dropped,
/// because it was interrupted.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        // Nobody has collected the first process yet, so its number is still that of the group.
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Runs a program with its arguments until it ends and closes its output, and gives it `input` to read. What `environment`
/// names is set for it, or taken out of what it inherits. Fails when there is no such program, or the system does not run it.
pub async fn run(words: &[String], environment: &[(&str, Option<&Path>)], input: &[u8], limit: Duration) -> io::Result<Ended> {
    let (program, arguments) = words.split_first().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    #[cfg(unix)]
    command.process_group(0);
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut group = Group(child.id());
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut output, mut said) = (Vec::new(), Vec::new());
    let work = async {
        let feed = async {
            if let Some(mut stdin) = stdin.take() {
                // A program need not read what it is given; how it ends says whether it failed.
                let _ = stdin.write_all(input).await;
            }
            Ok(false)
        };
        let (_, is_more, _) =
            tokio::try_join!(feed, keep(stdout, &mut output, MOST_OUTPUT, true), keep(stderr, &mut said, MOST_SAID, false))?;
        if is_more { Ok(None) } else { child.wait().await.map(Some) }
    };
    // A limit of nothing is none.
    let limited = if limit.is_zero() { Ok(work.await) } else { tokio::time::timeout(limit, work).await };
    let end = match limited {
        Err(_) => End::Late(limit),
        Ok(status) => match status? {
            None => End::TooMuch,
            Some(status) => {
                group.0 = None;
                ended(status)
            }
        },
    };
    drop(group);
    Ok(Ended { end, took: begun.elapsed(), output, said: String::from_utf8_lossy(&said).trim_end().to_owned() })
}

/// Reads to the end, and keeps the first bytes. Returns at once that there are more where that is to `stop` it.
async fn keep(from: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, most: usize, stop: bool) -> io::Result<bool> {
    let Some(mut from) = from else { return Ok(false) };
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = from.read(&mut buffer).await?;
        let room = most - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
        if count == 0 || stop && count > room {
            return Ok(count > 0);
        }
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    status.signal().map_or_else(|| End::Exit(status.code().unwrap_or(-1)), End::Signal)
}

#[cfg(not(unix))]
fn ended(status: ExitStatus) -> End {
    End::Exit(status.code().unwrap_or(-1))
}

//! Ends a command when it is told to: SIGINT and SIGTERM (Ctrl-C where there are none).
//!
//! A thread of its own listens, for the command may be busy or wait at a prompt. The first signal asks the command to end:
//! it is dropped, and its connection and temporary files with it, so the server rolls back. A command that does not get to
//! that within a moment, or a second signal, ends the process as it is; the server rolls back then too. A COMMIT that was sent is
//! given that moment to be answered, for what is stored should be said.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::output::Output;
use crate::session::{Run, unanswered};

/// How long a command has to end by itself.
const GRACE: Duration = Duration::from_millis(300);

/// Runs a command until it ends or a signal ends it.
///
/// `ending` tells what the run has changed, where the process has to be ended here.
pub(super) async fn until_signalled(
    command: impl Future<Output = Result<Exit>>,
    context: &Context,
    ending: fn(Error, &Run) -> Error,
) -> Result<Exit> {
    let run = context.run();
    let (tell, told) = oneshot::channel();
    let watcher = Watcher { output: context.output.clone(), run: run.clone(), terminal: Terminal::now(), ending, tell };
    if let Err(error) = std::thread::Builder::new().name("signals".to_owned()).spawn(|| watcher.watch()) {
        return Err(Error::failed(format!("cannot start: {error}")));
    }
    tokio::pin!(command);
    let by = tokio::select! {
        outcome = &mut command => return outcome,
        Ok(by) = told => by,
    };
    // The watcher gives it no longer than a moment.
    if run.is_committing() { command.await } else { Err(ended(by, run)) }
}

fn ended(by: Exit, run: &Run) -> Error {
    let error = Error::new(by, if by == Exit::Terminated { "terminated" } else { "interrupted" });
    if run.is_committing() { unanswered(error) } else { error }
}

struct Watcher {
    output: Output,
    run: Run,
    terminal: Terminal,
    ending: fn(Error, &Run) -> Error,
    tell: oneshot::Sender<Exit>,
}

impl Watcher {
    fn watch(self) {
        // Without a runtime the signals keep their usual effect: they end the process.
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::listen() else { return };
            let first = signals.next().await;
            // The command's side may have gone already: the process is ending.
            if self.tell.send(first).is_err() {
                return;
            }
            let last = tokio::time::timeout(GRACE, signals.next()).await.unwrap_or(first);
            self.terminal.restore();
            self.output.error(&(self.ending)(ended(last, &self.run), &self.run));
            std::process::exit(i32::from(last.code()));
        });
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = if interrupts_are_ignored() { None } else { Some(signal(SignalKind::interrupt())?) };
        Ok(Signals { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Exit {
        let interrupt = async {
            match &mut self.interrupt {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

/// Whether whoever started this process wants it to ignore SIGINT, as shells do for what runs in the background of a script.
#[cfg(unix)]
fn interrupts_are_ignored() -> bool {
    // The mask in hexadecimal; SIGINT is the second signal. Systems without /proc listen.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 0b10 != 0)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Signals)
    }

    async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}

/// How the terminal was set when the command began: a prompt for a password turns its echo off.
#[cfg(unix)]
struct Terminal(Option<(std::fs::File, rustix::termios::Termios)>);

#[cfg(unix)]
impl Terminal {
    fn now() -> Self {
        use std::io::IsTerminal;
        if !std::io::stdin().is_terminal() {
            return Terminal(None);
        }
        let terminal = std::fs::File::open("/dev/tty").ok();
        Terminal(terminal.and_then(|terminal| rustix::termios::tcgetattr(&terminal).ok().map(|settings| (terminal, settings))))
    }

    fn restore(&self) {
        if let Some((terminal, settings)) = &self.0 {
            // Nothing is left to do where the terminal has gone.
            let _ = rustix::termios::tcsetattr(terminal, rustix::termios::OptionalActions::Now, settings);
        }
    }
}

#[cfg(not(unix))]
struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    fn now() -> Self {
        Terminal
    }

    fn restore(&self) {}
}

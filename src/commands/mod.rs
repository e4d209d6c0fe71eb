//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

pub mod audit;
pub mod catalog;
pub mod completions;
pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod framework;
pub mod history;
pub mod import;
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
pub mod user;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::files;
use crate::output::{Shape, Table};
use crate::session::Session;

/// Connects to the database of this run. The private Postgres is started, and made ready on first use.
///
/// # Errors
/// When the database cannot be reached or made.
pub(crate) async fn connect(context: &Context) -> Result<Session> {
    context.open().await
}

/// Connects, trying again for as long as the server does not answer. The time is that for all attempts together.
///
/// # Errors
/// As connecting, once the time is over; at once where waiting cannot help.
pub(crate) async fn connect_within(context: &Context, wait: Option<Duration>) -> Result<Session> {
    const PAUSE: Duration = Duration::from_millis(200);
    let Some(wait) = wait else { return connect(context).await };
    let deadline = Instant::now() + wait;
    let limited = context.until(deadline);
    let mut told: Option<Error> = None;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // The private Postgres takes its time to start, too. An attempt that ends by itself says more.
        let attempt = tokio::time::timeout(left + PAUSE, connect(&limited)).await.unwrap_or_else(|_| {
            Err(Error::new(Exit::Unreachable, format!("the server takes no commands after {:.1} s", wait.as_secs_f64())))
        });
        match attempt {
            Err(error) if error.exit() == Exit::Unreachable => {
                // An attempt that was cut short says less than a whole one before it.
                let cut = Instant::now() >= deadline;
                if cut {
                    return Err(told.unwrap_or(error));
                }
                context.output.debug(1, || format!("{}: trying again", error.message()));
                told = Some(error);
                tokio::time::sleep(PAUSE.min(deadline.saturating_duration_since(Instant::now()))).await;
            }
            outcome => return outcome,
        }
    }
}

/// What commands print, by their words.
pub(crate) fn shapes() -> Vec<(&'static str, Shape)> {
    [audit::shapes(), db::shapes(), history::shapes(), user::shapes()].concat()
}

/// Tells what became of a file; only says it where standard output is the file.
///
/// # Errors
/// As [`crate::output::Output::outcome`].
pub(crate) fn outcome_of_file(context: &Context, path: &Path, message: &str, table: Table) -> Result<()> {
    if files::is_stdout(path) {
        context.output.say(message);
        return Ok(());
    }
    context.output.outcome(message, table)
}

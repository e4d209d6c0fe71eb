//! Storing what waits in the spool.

use std::path::{Path, PathBuf};

use crate::commands::record::spool::{self, Found, Spool};
use crate::commands::record::{Request, drained_table, plural};
use crate::context::Context;
use crate::domain::text::printable;
use crate::error::{Error, Exit, Result};
use crate::session::Session;

/// What draining the spool came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Drained {
    pub(super) files: u64,
    pub(super) readings: u64,
    /// Files that could not be stored and were set aside.
    pub(super) aside: u64,
    /// Files that could not be stored now and wait on.
    pub(super) waiting: u64,
    /// Entries that are not read, whoever put them there.
    pub(super) refused: u64,
}

/// Stores the files that wait in the spool, the oldest first. A file whose readings are refused or that is damaged is set aside
/// and named; one that cannot be stored now, for a lock say, waits on; what is no spool file of this user stays where it is.
/// None of them is in the way of the others, and neither is anything that is wrong with the spool itself.
///
/// # Errors
/// Exit 69 when the database is out of reach, 77 or 78 when it cannot be used; what is not stored by then waits on.
pub(super) async fn drain(
    context: &Context,
    session: &mut Option<Session>,
    spool: &Spool,
    request: &Request,
    waiting: Vec<PathBuf>,
) -> Result<Drained> {
    let mut drained = Drained::default();
    for path in waiting {
        let kept = match spool.open(&path, request) {
            Found::Kept(kept) => kept,
            Found::Gone => continue,
            Found::Refused(error) => {
                context.output.warning(&error);
                drained.refused += 1;
                continue;
            }
            Found::Unreadable(error) => {
                context.output.warning(&error.detail("it waits on"));
                drained.waiting += 1;
                continue;
            }
            Found::Damaged(error) => {
                aside(context, spool, &path, true, &error, &mut drained);
                continue;
            }
        };
        let stored = match kept.job() {
            Ok(mut job) => job.store(context, session).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(outcome) if outcome.refusals.count == 0 => {
                outcome.refusals.warn(&context.output);
                if let Err(error) = spool.remove(&path) {
                    context.output.warning(&error);
                }
                drained.files += 1;
                drained.readings += outcome.counts.stored + outcome.counts.replaced;
            }
            Ok(outcome) => {
                outcome.refusals.tell(&context.output);
                let error = Error::data("some readings of a spool file are refused").at(spool::place(&path));
                aside(context, spool, &path, false, &error, &mut drained);
            }
            Err(error) if matches!(error.exit(), Exit::Data | Exit::Usage) => {
                aside(context, spool, &path, false, &error, &mut drained);
            }
            Err(error) if error.exit() == Exit::Failed => {
                context.output.notice(&format!("{error}: {} waits on", path.display()));
                drained.waiting += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(drained)
}

/// Sets a spool file aside and says why. Where that is not possible it waits on.
fn aside(context: &Context, spool: &Spool, path: &Path, damaged: bool, error: &Error, drained: &mut Drained) {
    match spool.set_aside(path, damaged) {
        Ok(aside) => {
            let aside = printable(&aside.display().to_string());
            context.output.notice_lines(&format!("{}\nset aside as {aside}", error.to_text()));
            drained.aside += 1;
        }
        Err(cannot) => {
            context.output.notice_lines(&error.to_text());
            context.output.warning(&cannot);
            drained.waiting += 1;
        }
    }
}

/// `cmf record --drain`.
pub(super) async fn only(context: &Context, spool: &Spool, request: &Request) -> Result<Exit> {
    let mut session = None;
    let waiting = if request.dry_run { Vec::new() } else { spool.waiting()? };
    let drained = match drain(context, &mut session, spool, request, waiting).await {
        Ok(drained) => drained,
        Err(error) if error.exit() == Exit::Unreachable => {
            context.output.notice(&format!("{error}: the spool waits on"));
            return Ok(Exit::Spooled);
        }
        Err(error) => return Err(error),
    };
    let mut table = drained_table();
    table.row([drained.files.into(), drained.readings.into(), drained.aside.into()]);
    context.output.outcome(&format!("{} readings of {} spool files stored", drained.readings, drained.files), table)?;
    if drained.aside > 0 {
        let files = plural(drained.aside, "spool file was", "spool files were");
        return Err(Error::data(format!("{} {files} set aside", drained.aside)));
    }
    if drained.refused > 0 {
        let entries = plural(drained.refused, "entry of the spool was", "entries of the spool were");
        return Err(Error::data(format!("{} {entries} not read", drained.refused)));
    }
    Ok(if drained.waiting > 0 { Exit::Spooled } else { Exit::Success })
}

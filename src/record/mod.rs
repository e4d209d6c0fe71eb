//! Recording: the readings of a command go into the database, all or nothing, once. Where the database is out of reach they can be
//! kept in a folder, the spool, for a later command.

pub mod directory;
mod drain;
pub mod evidence;
pub mod fields;
pub mod input;
mod job;
mod lanes;
mod link;
mod plan;
pub mod readings;
mod recorder;
mod refusals;
pub mod rules;
mod series;
pub mod source;
pub mod spool;
mod stream;
#[cfg(test)]
mod tests;
mod undo;
pub mod verdict;
mod window;

pub use self::drain::{Drained, drain};
use self::job::Job;
pub use self::job::Outcome;
pub use self::link::Link;
use self::rules::Request;
use self::source::Readings;
use self::spool::{Spool, Spooled};
pub use self::undo::{Undone, undo};
use crate::domain::moment;
use crate::domain::text::agreeing;
use crate::error::{Cause, Error, Exit, Result};
use crate::tell::Tell;

/// What became of a command's readings.
pub enum Recorded {
    Stored {
        outcome: Outcome,
        drained: Drained,
    },
    /// The database is out of reach, and the spool has them.
    Kept(Spooled),
}

/// Stores readings, after what waits in the spool, or keeps them there. Exit 65 when a reading is refused, 2 when a metric on
/// the command line is unknown or has namesakes; nothing is stored then. Exit 69 when the database is out of reach and there is
/// no spool, 73 when the spool cannot keep the readings.
pub async fn record(link: &mut Link<'_>, request: &Request, readings: Readings, spool: Option<&Spool>) -> Result<Recorded> {
    let mut job = Job::new(request, readings);
    let used = spool.filter(|_| !request.dry_run);
    let Some(used) = used else {
        let outcome = job.store(link).await.map_err(|error| match error.exit() {
            Exit::Unreachable if spool.is_none() => {
                error.hint("add --spool DIR to keep readings while the database cannot be reached")
            }
            _ => error,
        })?;
        outcome.refusals.tell_all(link.tell, if request.dry_run { "not stored in a dry run" } else { "stored" });
        return Ok(Recorded::Stored { outcome, drained: Drained::default() });
    };
    // A spool that cannot be read is in nobody's way; it is told below.
    let stored = match drain::these(link, request, used, used.waiting().unwrap_or_default()).await {
        Ok(drained) => job.store(link).await.map(|outcome| (outcome, drained)),
        Err(error) => Err(error),
    };
    match stored {
        Ok((outcome, drained)) => {
            // The time to hear of it is before the spool is needed.
            if let Err(error) = used.ready() {
                link.tell.warning(&error.changed("The readings of this command are stored."));
            }
            outcome.refusals.tell_all(link.tell, "stored");
            Ok(Recorded::Stored { outcome, drained })
        }
        Err(error) if is_refusal(&error) && !job.ambiguous => Err(error),
        Err(error) => keep(link.tell, used, &job, error).map(Recorded::Kept),
    }
}

/// Whether the readings themselves are at fault, or the command was told to end; anything else may be fixed while they wait.
fn is_refusal(error: &Error) -> bool {
    !matches!(error.exit(), Exit::Unreachable | Exit::Failed | Exit::Auth | Exit::Config)
}

/// Keeps readings that cannot be stored now. Where somebody must do something first, the exit code still says so.
fn keep(tell: &dyn Tell, spool: &Spool, job: &Job<'_>, error: Error) -> Result<Spooled> {
    let kept = spool.keep(job).map_err(|kept| {
        let kept = kept.detail(format!("the database: {error}"));
        if kept.says_what_changed() {
            kept
        } else {
            kept.changed("Nothing is stored: neither in the database nor in the spool.")
        }
    })?;
    kept.refusals.tell_all(tell, "kept");
    if let Some(shown) = kept.wrong_clock {
        let shown = moment::text(shown);
        let message = format!("the clock of this computer shows {shown}, so the time of the readings is unknown");
        let error =
            Error::data(message).detail("they are kept, and will be set aside instead of stored, because the time is missing");
        tell.warning(&error.hint("set the clock, and give the time with --at if you know it"));
    }
    let are = agreeing(kept.readings, "reading is", "readings are");
    let what = format!("{} {are} kept in {}", kept.readings, kept.path.display());
    if error.exit() != Exit::Unreachable && !error.is(Cause::Transient) {
        let hint =
            if job.ambiguous { "deactivate one of the catalogs (and add --catalog to the commands that record); " } else { "" };
        return Err(error
            .changed(format!("Nothing is stored yet: {what}."))
            .hint(format!("{hint}then `{}`, or the next command with this spool, stores what is kept", spool.drain())));
    }
    let them = agreeing(kept.readings, "it", "them");
    tell.notice(&format!("{error}: {what}; `{}`, or the next command with this spool, stores {them}", spool.drain()));
    Ok(kept)
}

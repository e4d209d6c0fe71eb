//! Storing what waits in the spool.

use std::path::{Path, PathBuf};

use crate::error::{Error, Exit, Place, Result, shell_word};
use crate::files;
use crate::record::link::Link;
use crate::record::rules::Request;
use crate::record::spool::{Opened, Spool};
use crate::tell::Tell;

/// What draining the spool came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Drained {
    pub files: u64,
    pub readings: u64,
    /// Files that could not be stored and were set aside.
    pub aside: u64,
    /// Files that could not be stored now and wait on.
    pub waiting: u64,
    /// Entries that are not read, whoever put them there.
    pub refused: u64,
}

/// Stores what waits in the spool and nothing else. None where the database is out of reach, and the spool waits on. Exit 73
/// when the spool cannot be read, 77 or 78 when the database cannot be used.
pub async fn drain(link: &mut Link<'_>, request: &Request, spool: &Spool) -> Result<Option<Drained>> {
    let waiting = if request.dry_run { Vec::new() } else { spool.waiting()? };
    match these(link, request, spool, waiting).await {
        Err(error) if error.exit() == Exit::Unreachable => {
            link.tell.notice(&format!("{error}: the readings stay in the spool"));
            Ok(None)
        }
        drained => drained.map(Some),
    }
}

/// Stores files that wait in the spool, the oldest first. A file whose readings are refused or that is damaged is set aside
/// and named; one that cannot be stored now, for a lock say, waits on; what is no spool file of this user stays where it is.
/// None of them is in the way of the others, and neither is anything that is wrong with the spool itself. Exit 69 when the
/// database is out of reach, 77 or 78 when it cannot be used; what is not stored by then waits on.
pub(super) async fn these(link: &mut Link<'_>, request: &Request, spool: &Spool, waiting: Vec<PathBuf>) -> Result<Drained> {
    let tell = link.tell;
    let mut drained = Drained::default();
    for path in waiting {
        let kept = match spool.open(&path, request) {
            Opened::Kept(kept) => kept,
            Opened::Gone => continue,
            Opened::Refused(error) => {
                tell.warning(&error);
                drained.refused += 1;
                continue;
            }
            Opened::Unreadable(error) => {
                tell.warning(&error.detail("it stays in the spool"));
                drained.waiting += 1;
                continue;
            }
            Opened::Damaged(error) => {
                aside(tell, spool, &path, true, error, &mut drained);
                continue;
            }
        };
        let mut ambiguous = false;
        let stored = match kept.job() {
            Ok(mut job) => {
                let stored = job.store(link).await;
                ambiguous = job.ambiguous;
                stored
            }
            Err(error) => Err(error),
        };
        match stored {
            Ok(outcome) if outcome.refusals.count == 0 => {
                outcome.refusals.warn(tell, "stored");
                if let Err(error) = spool.remove(&path) {
                    tell.warning(&error);
                }
                drained.files += 1;
                drained.readings += outcome.counts.stored + outcome.counts.replaced;
            }
            Ok(outcome) => {
                outcome.refusals.tell(tell);
                let error = Error::data("some readings of a spool file were refused").at(Place::of(path.display()));
                aside(tell, spool, &path, false, error, &mut drained);
            }
            Err(error) if ambiguous => {
                tell.warning(&error.detail(format!("{} stays in the spool", path.display())));
                drained.waiting += 1;
            }
            Err(error) if matches!(error.exit(), Exit::Data | Exit::Usage) => {
                aside(tell, spool, &path, false, error, &mut drained);
            }
            Err(error) if error.exit() == Exit::Failed => {
                tell.notice(&format!("{error}: {} stays in the spool", path.display()));
                drained.waiting += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(drained)
}

/// Whether a damaged file has a line that may be a reading.
fn has_reading(file: &Path) -> bool {
    files::read(file, u64::MAX).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("\"metric\""))
}

/// Sets a spool file aside and says why. Where that is not possible it stays in the spool.
fn aside(tell: &dyn Tell, spool: &Spool, path: &Path, damaged: bool, error: Error, drained: &mut Drained) {
    match spool.set_aside(path, damaged) {
        Ok(aside) => {
            let file = shell_word(aside.display());
            let remedy = if damaged && !has_reading(&aside) {
                "no reading can be found in it; remove the file".to_owned()
            } else if damaged {
                format!(
                    "`grep '\"metric\"' {file} | cmf record --file - --allow-partial` stores what can be read of it; then remove the file"
                )
            } else {
                format!("correct what is refused, then `cmf record --file {file}` stores it; remove the file after that")
            };
            tell.warning(&error.detail(format!("set aside as {}", aside.display())).hint(remedy));
            drained.aside += 1;
        }
        Err(cannot) => {
            tell.warning(&error);
            tell.warning(&cannot);
            drained.waiting += 1;
        }
    }
}

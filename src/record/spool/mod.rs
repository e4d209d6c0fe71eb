//! Readings kept in a folder while the database is out of reach. A file of the spool is whole or not there: it is written
//! under another name, flushed to the disk and renamed, and only then the command says that it is kept.

mod file;
mod folder;
pub(crate) mod health;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDateTime;

use crate::error::{Error, Exit, Place, Result, shell_word};
use crate::record::job::Job;
use crate::record::refusals::Refusals;
use crate::record::rules::Request;
use crate::record::source::Readings;
use crate::record::spool::file::{Hashed, Head, Kept};
use crate::record::spool::folder::{Entry, Unfit};

/// How a finished file of the spool ends.
const SUFFIX: &str = "readings";

/// How old an unfinished file is when nobody writes it any more.
const ABANDONED: Duration = Duration::from_hours(1);

pub struct Spool {
    folder: PathBuf,
    /// The most that its files may take together, in bytes.
    limit: u64,
}

/// What was kept, and what was refused at once.
pub struct Spooled {
    pub path: PathBuf,
    pub readings: u64,
    /// What this computer's clock shows, where that cannot be right and readings got no other time.
    pub wrong_clock: Option<NaiveDateTime>,
    pub refusals: Refusals,
}

/// What is in the place of a spool file.
pub enum Opened {
    Kept(Box<Kept>),
    /// Nothing: somebody else has drained it.
    Gone,
    /// It is not whole, and never will be.
    Damaged(Error),
    /// Nothing that is read: no regular file, another user's, or too large.
    Refused(Error),
    /// This user cannot open it.
    Unreadable(Error),
}

impl Spool {
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Spool { folder, limit }
    }

    /// Refuses a folder in which readings cannot be kept; one that is not there yet can be made.
    pub fn check(&self) -> Result<()> {
        folder::check(&self.folder).map(drop).map_err(|unfit| self.unusable(unfit))
    }

    fn place(&self) -> Place {
        Place::of(self.folder.display())
    }

    fn cannot_keep(&self, error: &io::Error) -> Error {
        Error::new(Exit::Output, format!("the readings cannot be kept in the spool: {error}"))
            .at(self.place())
            .changed("Nothing is stored, and nothing is in the spool.")
            .hint("free some space or name another folder with --spool, and run the command again")
    }

    /// Keeps a job's readings with their instants; readings without one get this computer's time. What could never be stored is
    /// refused at once, all of it or, where that is asked for, by itself. Exit 73 when they cannot be kept, 65 when a reading
    /// could never be stored.
    pub fn keep(&self, job: &Job<'_>) -> Result<Spooled> {
        self.check()?;
        folder::make(&self.folder).map_err(|error| self.cannot_keep(&error))?;
        let name = job.identity.id(0);
        let path = self.folder.join(format!("{name}.{SUFFIX}"));
        let unfinished = self.folder.join(format!(".{name}.tmp"));
        let kept = self.write(&unfinished, job).and_then(|spooled| {
            fs::rename(&unfinished, &path)
                .and_then(|()| flush_folder(&self.folder))
                .map_err(|error| self.cannot_keep(&error))?;
            Ok(Spooled { path: path.clone(), ..spooled })
        });
        if kept.is_err() {
            // What could not be finished holds nothing that anybody was promised.
            let _ = fs::remove_file(&unfinished);
            let _ = fs::remove_file(&path);
        }
        kept
    }

    fn write(&self, path: &Path, job: &Job<'_>) -> Result<Spooled> {
        let cannot = |error: io::Error| self.cannot_keep(&error);
        let taken = folder::taken(&self.folder).map_err(cannot)?;
        let file = folder::create_private(path).map_err(cannot)?;
        let mut file = Hashed::new(BufWriter::new(file));
        let request = job.request;
        file.line(&Head::of(job.identity, request)).map_err(cannot)?;
        let now = chrono::Utc::now().naive_utc();
        let mut wrong_clock = None;
        let mut refusals = match &job.readings {
            Readings::Few(_) => Refusals::default(),
            Readings::Many(input) => Refusals::of_file(input, request)?,
        };
        let mut readings = 0;
        let total = job.readings.each(&mut refusals, |given| match file::checked(given, request, now) {
            Ok(line) => {
                readings += 1;
                if given.at.is_none() && !file::is_set(now) {
                    wrong_clock = Some(now);
                }
                file.text(&line).map_err(cannot)?;
                if taken.saturating_add(file.bytes) > self.limit {
                    return Err(self.full().changed("Nothing is stored, and nothing is in the spool."));
                }
                Ok(None)
            }
            Err(refused) => Ok(Some(refused)),
        })?;
        refusals.flush()?;
        if refusals.count > 0 && !(request.allow_partial && readings > 0) {
            return Err(refusals.error(total, job.readings.file()));
        }
        file.end(readings).map_err(cannot)?;
        let inner = file.inner.into_inner().map_err(|error| self.cannot_keep(error.error()))?;
        inner.sync_all().map_err(cannot)?;
        Ok(Spooled { path: path.to_owned(), readings, wrong_clock, refusals })
    }

    /// Looks whether readings could be kept, while they need not be.
    pub fn ready(&self) -> Result<()> {
        let cannot = |reason: String| {
            Error::new(Exit::Output, format!("readings cannot be kept in the spool: {reason}")).at(self.place())
        };
        let refused = |reason: String| cannot(reason).hint("fix that before you need it, or name another folder with --spool");
        folder::check(&self.folder).map_err(|unfit| cannot(format!("it {}", unfit.reason)).hint(unfit.remedy))?;
        folder::make(&self.folder).map_err(|error| refused(format!("the folder cannot be made: {error}")))?;
        let taken = folder::taken(&self.folder).map_err(|error| refused(error.to_string()))?;
        folder::probe(&self.folder).map_err(|error| refused(error.to_string()))?;
        if taken >= self.limit { Err(self.full()) } else { Ok(()) }
    }

    /// The command that stores what is kept.
    pub fn drain(&self) -> String {
        format!("cmf record --drain --spool {}", shell_word(self.folder.display()))
    }

    fn full(&self) -> Error {
        Error::new(Exit::Output, "the spool is full")
            .at(self.place())
            .detail(format!("its files may have {} bytes in all", self.limit))
            .hint(format!("raise --spool-limit, or drain it with `{}` when the database is back", self.drain()))
    }

    fn unusable(&self, unfit: Unfit) -> Error {
        Error::new(Exit::Output, format!("the spool is not used: it {}", unfit.reason)).at(self.place()).hint(unfit.remedy)
    }

    /// Removes what commands left that ended while they wrote: nobody was promised anything of it.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let age = entry.metadata().and_then(|kind| kind.modified()).ok().and_then(|time| time.elapsed().ok());
            if name.starts_with('.') && name.ends_with(".tmp") && age.is_some_and(|age| age > ABANDONED) {
                // Another command may have been quicker.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// The files that wait, the oldest first. Exit 73 when the folder cannot be read, or is not to be trusted.
    pub fn waiting(&self) -> Result<Vec<PathBuf>> {
        self.check()?;
        self.tidy();
        let unreadable =
            |error: &io::Error| Error::new(Exit::Output, format!("the spool cannot be read: {error}")).at(self.place());
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&error)),
        };
        // A file that is not seen would wait on, and nobody would hear of it.
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<PathBuf>>>()
            .map_err(|error| unreadable(&error))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == SUFFIX));
        paths.sort();
        Ok(paths)
    }

    /// Opens a file of the spool and checks that it is whole.
    pub fn open(&self, path: &Path, now: &Request) -> Opened {
        let place = Place::of(path.display());
        let file = match folder::open(path, self.limit) {
            Entry::File(file) => file,
            Entry::Gone => return Opened::Gone,
            Entry::Refused(unfit) => {
                let error = Error::data(format!("an entry of the spool is not read: it {}", unfit.reason)).at(place);
                return Opened::Refused(error.hint(unfit.remedy));
            }
            Entry::Unreadable(error) => {
                let error = Error::new(Exit::Output, format!("a spool file cannot be read: {error}")).at(place);
                return Opened::Unreadable(error.hint("drain it as the user who wrote it"));
            }
        };
        match file::read(file, path.display().to_string(), now) {
            Ok(kept) => Opened::Kept(Box::new(kept)),
            Err(reason) => Opened::Damaged(Error::data(format!("a spool file is damaged: {reason}")).at(place)),
        }
    }

    /// Removes a file whose readings are stored. Exit 73 when it cannot be removed; its readings are found to be stored when it
    /// is drained again.
    pub fn remove(&self, path: &Path) -> Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::new(
                Exit::Output,
                format!("the readings of a spool file are stored, but the file cannot be removed: {error}"),
            )
            .at(Place::of(path.display()))),
            _ => flush_folder(&self.folder).map_err(|error| self.cannot_keep(&error)),
        }
    }

    /// Sets a file aside that cannot be stored, so that it does not stand in the way of the others. Returns its new name. Exit
    /// 73 when it cannot be renamed.
    pub fn set_aside(&self, path: &Path, damaged: bool) -> Result<PathBuf> {
        let aside = path.with_extension(if damaged { "damaged" } else { "refused" });
        match fs::rename(path, &aside).and_then(|()| flush_folder(&self.folder)) {
            Ok(()) => Ok(aside),
            Err(error) => {
                Err(Error::new(Exit::Output, format!("a spool file cannot be set aside: {error}"))
                    .at(Place::of(path.display())))
            }
        }
    }
}

/// Makes sure that names in the folder survive a loss of power.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

//! Readings kept in a folder while the database is out of reach. A file of the spool is whole or not there: it is written
//! under another name, flushed to the disk and renamed, and only then the command says that it is kept.

pub(crate) mod folder;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::commands::record::Request;
use crate::commands::record::input::Input;
use crate::commands::record::job::{Job, Readings, Spoken};
use crate::commands::record::refusals::Refusals;
use crate::commands::record::rules::OnConflict;
use crate::commands::record::spool::folder::Entry;
use crate::commands::record::verdict::Refused;
use crate::domain::reading::{self, Identity, Limits, Zone};
use crate::error::{Error, Exit, Place, Result};
use crate::import::readings::{Given, Next, RECORD_LIMIT, SPOOL_FRAME};
use crate::output;

/// How a finished file of the spool ends.
const SUFFIX: &str = "readings";

/// Up to so many readings are stored as those of a command line are, without loading all metrics.
const FEW: u64 = 100;

/// Before this second, the first of 2025, no clock is right on which this program runs: a computer that just started shows 1970,
/// or when its system was built.
const EARLIEST: i64 = 1_735_689_600;

/// How old an unfinished file is when nobody writes it any more.
const ABANDONED: Duration = Duration::from_hours(1);

/// A folder of readings.
pub struct Spool {
    folder: PathBuf,
    /// The most that its files may take together, in bytes.
    limit: u64,
}

/// The first line of a file: what holds for all of its readings.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// The version of this form.
    cmf_spool: u32,
    identity: Uuid,
    by: Option<String>,
    catalog: Option<String>,
    on_conflict: String,
    override_lock: bool,
    allow_future: bool,
    allow_partial: bool,
    strict: bool,
    percent: Decimal,
    factor: Decimal,
}

/// One reading.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    metric: String,
    value: String,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    by: Option<String>,
}

/// The last line: how many readings there are, and the fingerprint of all before it.
#[derive(Debug, Serialize, Deserialize)]
struct Foot {
    cmf_spool: String,
    readings: u64,
    sha256: String,
}

/// What was kept, and what was refused at once.
pub struct Spooled {
    pub path: PathBuf,
    pub readings: u64,
    /// What this computer's clock shows, where that cannot be right and readings got no other time.
    pub wrong_clock: Option<NaiveDateTime>,
    pub refusals: Refusals,
}

/// A file of the spool that can be stored.
pub struct Kept {
    name: String,
    file: File,
    request: Request,
    identity: Identity,
    readings: u64,
}

/// What is in the place of a spool file.
pub enum Found {
    Kept(Kept),
    /// Nothing: somebody else has drained it.
    Gone,
    /// It is not whole, and never will be.
    Damaged(Error),
    /// Nothing that is read: no regular file, another user's, or too large.
    Refused(Error),
    /// This user cannot open it.
    Unreadable(Error),
}

/// A writer that takes the fingerprint of what passes.
struct Hashed<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    fn line<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.text(&line)
    }

    fn text(&mut self, line: &[u8]) -> io::Result<()> {
        self.hash.update(line);
        self.bytes += line.len() as u64;
        self.inner.write_all(line)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where a spool file is.
pub(super) fn place(path: &Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}

impl Spool {
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Spool { folder, limit }
    }

    fn place(&self) -> Place {
        place(&self.folder)
    }

    fn cannot_keep(&self, error: &io::Error) -> Error {
        Error::new(Exit::Output, format!("the readings cannot be kept in the spool: {error}"))
            .at(self.place())
            .detail("nothing is stored and nothing is kept")
            .hint("make room or name another folder with --spool, and run the command again")
    }

    /// Keeps a job's readings with their instants; readings without one get this computer's time. What could never be stored is
    /// refused at once, all of it or, where that is asked for, by itself.
    ///
    /// # Errors
    /// Exit 73 when they cannot be kept, 65 when a reading could never be stored.
    pub fn keep(&self, job: &Job<'_>) -> Result<Spooled> {
        folder::check(&self.folder).map_err(|reason| self.unusable(&reason))?;
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
        let mut file = Hashed { inner: BufWriter::new(file), hash: Sha256::new(), bytes: 0 };
        let request = job.request;
        let head = Head {
            cmf_spool: 1,
            identity: job.identity.id(0),
            by: request.by.clone(),
            catalog: request.catalog.clone(),
            on_conflict: request.on_conflict.name().to_owned(),
            override_lock: request.override_lock,
            allow_future: request.allow_future,
            allow_partial: request.allow_partial,
            strict: request.strict,
            percent: request.limits.percent,
            factor: request.limits.factor,
        };
        file.line(&head).map_err(cannot)?;
        let now = chrono::Utc::now().naive_utc();
        let mut wrong_clock = None;
        let mut refusals = Refusals::default();
        if let (Some(path), Readings::Many(input)) = (&request.rejects, &job.readings) {
            refusals = Refusals::into_file(path, input.source()?.rejects_header().as_deref(), input.is_workbook())?;
        }
        let mut readings = 0;
        let mut total = 0;
        let mut keep = |given: &Given<'_>| -> Result<Option<Refused>> {
            match checked(given, request, now) {
                Ok(line) => {
                    readings += 1;
                    if given.at.is_none() && !is_set(now) {
                        wrong_clock = Some(now);
                    }
                    file.text(&line).map_err(cannot)?;
                    if taken.saturating_add(file.bytes) > self.limit {
                        return Err(self.full().detail("nothing is stored and nothing is kept"));
                    }
                }
                Err(refused) => return Ok(Some(refused)),
            }
            Ok(None)
        };
        match &job.readings {
            Readings::Few(spoken) => {
                for (spoken, line) in spoken.iter().zip(1..) {
                    total += 1;
                    if let Some(refused) = keep(&spoken.given(line))? {
                        refusals.add(None, refused);
                    }
                }
            }
            Readings::Many(input) => {
                let mut source = input.source()?;
                loop {
                    match source.read()? {
                        Next::End => break,
                        Next::Refused { column, reason } => {
                            total += 1;
                            refusals.write(&source.reject(None, &reason))?;
                            refusals.add_line(Some(source.line()), column, reason, false);
                        }
                        Next::Reading(given) => {
                            total += 1;
                            let line = given.line;
                            if let Some(refused) = keep(&given)? {
                                refusals.write(&source.reject(None, &refused.reason))?;
                                refusals.add(Some(line), refused);
                            }
                        }
                    }
                }
            }
        }
        refusals.flush()?;
        if refusals.count > 0 && !(request.allow_partial && readings > 0) {
            let name = match &job.readings {
                Readings::Few(_) => None,
                Readings::Many(input) => Some(input.name()),
            };
            return Err(refusals.error(total, name));
        }
        let foot = Foot { cmf_spool: "end".to_owned(), readings, sha256: hex(file.hash.clone()) };
        file.line(&foot).map_err(cannot)?;
        let inner = file.inner.into_inner().map_err(|error| self.cannot_keep(error.error()))?;
        inner.sync_all().map_err(cannot)?;
        Ok(Spooled { path: path.to_owned(), readings, wrong_clock, refusals })
    }

    /// Looks whether readings could be kept, while they need not be.
    ///
    /// # Errors
    /// Why they could not.
    pub fn ready(&self) -> Result<()> {
        let refused = |reason: String| {
            Error::new(Exit::Output, format!("readings cannot be kept in the spool: {reason}"))
                .at(self.place())
                .hint("fix that before the database is out of reach, or name another folder with --spool")
        };
        folder::check(&self.folder).map_err(|reason| refused(format!("it {reason}")))?;
        folder::make(&self.folder).map_err(|error| refused(error.to_string()))?;
        let taken = folder::taken(&self.folder).map_err(|error| refused(error.to_string()))?;
        folder::probe(&self.folder).map_err(|error| refused(error.to_string()))?;
        if taken >= self.limit { Err(self.full()) } else { Ok(()) }
    }

    fn full(&self) -> Error {
        Error::new(Exit::Output, "the spool is full")
            .at(self.place())
            .detail(format!("its files may take {} bytes together", self.limit))
            .hint("drain it with `cmf record --drain`, or raise --spool-limit")
    }

    fn unusable(&self, reason: &str) -> Error {
        Error::new(Exit::Output, format!("the spool is not used: it {reason}"))
            .at(self.place())
            .hint("name a folder of your own with --spool")
    }

    /// Removes what commands left that ended while they wrote: nobody was promised anything of it.
    pub fn tidy(&self) {
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

    /// The files that wait, the oldest first.
    ///
    /// # Errors
    /// Exit 73 when the folder cannot be read, or is not to be trusted.
    pub fn waiting(&self) -> Result<Vec<PathBuf>> {
        folder::check(&self.folder).map_err(|reason| self.unusable(&reason))?;
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(Error::new(Exit::Output, format!("the spool cannot be read: {error}")).at(self.place()));
            }
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == SUFFIX))
            .collect();
        paths.sort();
        Ok(paths)
    }

    /// Opens a file of the spool and checks that it is whole.
    pub fn open(&self, path: &Path, now: &Request) -> Found {
        let place = place(path);
        let file = match folder::open(path, self.limit) {
            Entry::File(file) => file,
            Entry::Gone => return Found::Gone,
            Entry::Refused(reason) => {
                let error = Error::data(format!("an entry of the spool is not read: it {reason}")).at(place);
                return Found::Refused(error.hint("look where it comes from, and move it out of the spool"));
            }
            Entry::Unreadable(error) => {
                let error = Error::new(Exit::Output, format!("a spool file cannot be read: {error}")).at(place);
                return Found::Unreadable(error.hint("drain it as the user who wrote it"));
            }
        };
        match read(file, path.display().to_string(), now) {
            Ok(kept) => Found::Kept(kept),
            Err(reason) => Found::Damaged(Error::data(format!("a spool file is damaged: {reason}")).at(place)),
        }
    }

    /// Removes a file whose readings are stored.
    ///
    /// # Errors
    /// Exit 73 when it cannot be removed; its readings are found to be stored when it is drained again.
    pub fn remove(&self, path: &Path) -> Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::new(Exit::Output, format!("a spool file whose readings are stored cannot be removed: {error}"))
                    .at(place(path)))
            }
            _ => flush_folder(&self.folder).map_err(|error| self.cannot_keep(&error)),
        }
    }

    /// Sets a file aside that cannot be stored, so that it does not stand in the way of the others. Returns its new name.
    ///
    /// # Errors
    /// Exit 73 when it cannot be renamed.
    pub fn set_aside(&self, path: &Path, damaged: bool) -> Result<PathBuf> {
        let aside = path.with_extension(if damaged { "damaged" } else { "refused" });
        match fs::rename(path, &aside).and_then(|()| flush_folder(&self.folder)) {
            Ok(()) => Ok(aside),
            Err(error) => Err(Error::new(Exit::Output, format!("a spool file cannot be set aside: {error}")).at(place(path))),
        }
    }
}

/// Reads the frame of a file and takes its fingerprint.
///
/// # Errors
/// What is damaged.
fn read(file: File, name: String, now: &Request) -> std::result::Result<Kept, String> {
    let mut lines = BufReader::new(&file);
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    let mut head: Option<Head> = None;
    let mut readings = 0;
    loop {
        line.clear();
        let limit = RECORD_LIMIT as u64 + 1;
        let count = lines.by_ref().take(limit).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if count == 0 {
            return Err("its end is missing".into());
        }
        if count > RECORD_LIMIT {
            return Err("a line is longer than 1 MB".into());
        }
        if head.is_none() {
            head = Some(serde_json::from_slice(&line).map_err(|_| "its first line cannot be read")?);
        } else if line.starts_with(SPOOL_FRAME.as_bytes()) {
            let foot: Foot = serde_json::from_slice(&line).map_err(|_| "its last line cannot be read")?;
            if foot.readings != readings || foot.sha256 != hex(hash) {
                return Err("its fingerprint is another".into());
            }
            break;
        } else {
            readings += 1;
        }
        hash.update(&line);
    }
    let head = head.filter(|head| head.cmf_spool == 1).ok_or("its form is not known")?;
    let on_conflict = OnConflict::from_name(&head.on_conflict).ok_or("its rules are not known")?;
    let request = Request {
        by: head.by,
        catalog: head.catalog,
        zone: Zone::Utc,
        on_conflict,
        override_lock: head.override_lock,
        allow_future: head.allow_future,
        allow_partial: head.allow_partial,
        strict: head.strict,
        limits: Limits { percent: head.percent, factor: head.factor },
        dry_run: now.dry_run,
        statement_timeout: now.statement_timeout,
        rejects: None,
    };
    Ok(Kept { name, file, request, identity: Identity::new(head.identity), readings })
}

impl Kept {
    /// The job that stores it. Its readings may be stored already, by a command that ended before it removed the file.
    ///
    /// # Errors
    /// Exit 65 when the file cannot be read.
    pub fn job(&self) -> Result<Job<'_>> {
        let readings = if self.readings > FEW {
            Readings::Many(Input::of(&self.name, &self.file)?)
        } else {
            Readings::Few(self.spoken()?)
        };
        Ok(Job { identity: self.identity, sent: true, ..Job::new(&self.request, readings) })
    }

    fn spoken(&self) -> Result<Vec<Spoken>> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::data(format!("a spool file cannot be read: {error}"))
                .at(Place { file: Some(self.name.clone()), ..Place::default() })
        };
        let mut text = String::new();
        let mut file = &self.file;
        file.rewind().and_then(|()| file.read_to_string(&mut text)).map_err(|error| broken(&error))?;
        text.lines()
            .filter(|line| !line.starts_with(SPOOL_FRAME))
            .map(|line| {
                let Line { metric, value, at, note, by } = serde_json::from_str(line).map_err(|error| broken(&error))?;
                Ok(Spoken { metric, value, at: Some(at), note, by })
            })
            .collect()
    }
}

/// Whether a clock that shows this time was ever set.
fn is_set(now: NaiveDateTime) -> bool {
    now.and_utc().timestamp() >= EARLIEST
}

/// The line that a reading is kept as, with what can be checked of it without the database.
///
/// A reading without a time gets that of this computer. Where its clock cannot be right, it gets none: what is written in the
/// place of the time says so, and is refused when the reading is to be stored. Somebody who knows the time can write it there.
fn checked(given: &Given<'_>, request: &Request, now: NaiveDateTime) -> std::result::Result<Vec<u8>, Refused> {
    reading::check_value(given.value)
        .map_err(|reason| Refused::new("value", format!("the value `{}` {reason}", given.value)))?;
    let at = match given.at {
        None if !is_set(now) => format!("unknown, because the clock of the computer showed {}", output::time_text(now)),
        None => output::time_text(now),
        Some(text) => {
            let at = reading::parse_instant(text, request.zone)
                .map_err(|reason| Refused::new("at", format!("the time `{text}` {reason}")))?;
            // Whether it is still to come is not known where the clock is wrong; the server's clock decides it later.
            if is_set(now) && at > now + reading::FUTURE_LIMIT && !request.allow_future {
                let reason = format!("the time `{text}` is more than 5 minutes in the future (--allow-future takes it)");
                return Err(Refused::new("at", reason));
            }
            output::time_text(at)
        }
    };
    let line = Line {
        metric: given.metric.to_owned(),
        value: given.value.to_owned(),
        at,
        note: given.note.map(str::to_owned),
        by: given.by.map(str::to_owned),
    };
    let mut text = serde_json::to_vec(&line).map_err(|error| Refused::new("metric", error.to_string()))?;
    text.push(b'\n');
    if text.len() > RECORD_LIMIT {
        return Err(Refused::new("note", "the reading is longer than the 1 MB that a line of the spool may have".into()));
    }
    Ok(text)
}

/// Makes sure that names in the folder survive a loss of power.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_dates_nothing() {
        let request = Request {
            by: None,
            catalog: None,
            zone: Zone::Utc,
            on_conflict: OnConflict::Refuse,
            override_lock: false,
            allow_future: false,
            allow_partial: false,
            strict: false,
            limits: Limits::default(),
            dry_run: false,
            statement_timeout: Duration::ZERO,
            rejects: None,
        };
        let time = |text: &str| reading::parse_instant(text, Zone::Utc).expect("a time");
        let kept = |at: Option<&str>, now: &str| -> String {
            let spoken = Spoken { metric: "PR-001".into(), value: "1".into(), at: at.map(str::to_owned), ..Spoken::default() };
            let line = checked(&spoken.given(1), &request, time(now)).map_err(|refused| refused.reason);
            let line: Line = serde_json::from_slice(&line.expect("a line")).expect("JSON");
            line.at
        };
        assert_eq!(kept(None, "2025-01-01T00:00:00Z"), "2025-01-01T00:00:00Z");
        for shown in ["1970-01-01T00:00:12Z", "2024-12-31T23:59:59Z"] {
            let at = kept(None, shown);
            assert_eq!(at, format!("unknown, because the clock of the computer showed {shown}"));
            assert!(reading::parse_instant(&at, Zone::Utc).is_err(), "{at} would be stored");
        }
        // A time that was said is not this clock's, and such a clock cannot tell what is still to come.
        assert_eq!(kept(Some("1970-01-01"), "2026-01-01"), "1970-01-01T00:00:00Z");
        assert_eq!(kept(Some("2026-03-01"), "1970-01-01"), "2026-03-01T00:00:00Z");
        let spoken = Spoken { metric: "M".into(), value: "1".into(), at: Some("2026-03-01".into()), ..Spoken::default() };
        assert!(
            checked(&spoken.given(1), &request, time("2026-01-01")).is_err_and(|refused| refused.reason.contains("future"))
        );
    }
}

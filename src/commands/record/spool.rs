//! Readings kept in a folder while the database is out of reach. A file of the spool is whole or not there: it is written
//! under another name, flushed to the disk and renamed, and only then the command says that it is kept.

use std::fs::{self, File, OpenOptions};
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
use crate::commands::record::verdict::Refused;
use crate::domain::reading::{self, Identity, Limits, Zone};
use crate::error::{Error, Exit, Place, Result};
use crate::import::limits::MAX_SIZE;
use crate::import::readings::{Given, Next, SPOOL_FRAME};
use crate::output;

/// How a finished file of the spool ends.
const SUFFIX: &str = "readings";

/// Up to so many readings are stored as those of a command line are, without loading all metrics.
const FEW: u64 = 100;

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
    pub refusals: Refusals,
}

/// A file of the spool that can be stored.
pub struct Kept {
    pub path: PathBuf,
    request: Request,
    identity: Identity,
    readings: u64,
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
        self.hash.update(&line);
        self.bytes += line.len() as u64;
        self.inner.write_all(&line)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Spool {
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Spool { folder, limit }
    }

    fn place(&self) -> Place {
        Place { file: Some(self.folder.display().to_string()), ..Place::default() }
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
        make_folder(&self.folder).map_err(|error| self.cannot_keep(&error))?;
        let name = job.identity.id(0);
        let path = self.folder.join(format!("{name}.{SUFFIX}"));
        let unfinished = self.folder.join(format!(".{name}.tmp"));
        let kept = self.write(&unfinished, job).and_then(|(readings, refusals)| {
            fs::rename(&unfinished, &path)
                .and_then(|()| flush_folder(&self.folder))
                .map_err(|error| self.cannot_keep(&error))?;
            Ok(Spooled { path, readings, refusals })
        });
        if kept.is_err() {
            // What could not be finished holds nothing that anybody was promised.
            let _ = fs::remove_file(&unfinished);
        }
        kept
    }

    fn write(&self, path: &Path, job: &Job<'_>) -> Result<(u64, Refusals)> {
        let cannot = |error: io::Error| self.cannot_keep(&error);
        let taken = self.taken().map_err(cannot)?;
        let file = create_private(path).map_err(cannot)?;
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
        let mut refusals = Refusals::default();
        if let (Some(path), Readings::Many(input)) = (&request.rejects, &job.readings) {
            refusals = Refusals::into_file(path, input.source()?.rejects_header().as_deref(), input.is_workbook())?;
        }
        let mut readings = 0;
        let mut total = 0;
        let mut keep = |given: &Given<'_>| -> Result<Option<Refused>> {
            match checked(given, request, now) {
                Ok(spooled) => {
                    readings += 1;
                    file.line(&spooled).map_err(cannot)?;
                    if taken + file.bytes > self.limit {
                        return Err(Error::new(Exit::Output, "the spool is full")
                            .at(self.place())
                            .detail(format!("its files may take {} bytes together", self.limit))
                            .detail("nothing is stored and nothing is kept")
                            .hint("drain it with `cmf record --drain`, or raise --spool-limit"));
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
        Ok((readings, refusals))
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

    /// The bytes that the spool's files take.
    fn taken(&self) -> io::Result<u64> {
        let mut taken = 0;
        for entry in fs::read_dir(&self.folder)? {
            // A file that another command drained meanwhile takes nothing.
            taken += entry?.metadata().map_or(0, |kind| kind.len());
        }
        Ok(taken)
    }

    /// The files that wait, the oldest first.
    ///
    /// # Errors
    /// Exit 73 when the folder cannot be read.
    pub fn waiting(&self) -> Result<Vec<PathBuf>> {
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

    /// Opens a file of the spool; `None` when somebody else has drained it.
    ///
    /// # Errors
    /// Exit 65 when it is damaged, 73 when this user may not read it.
    pub fn open(&self, path: &Path, now: &Request) -> Result<Option<Kept>> {
        let damaged = |reason: &str| {
            Error::data(format!("a spool file is damaged: {reason}"))
                .at(Place { file: Some(path.display().to_string()), ..Place::default() })
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::new(Exit::Output, format!("a spool file cannot be read: {error}"))
                    .at(Place { file: Some(path.display().to_string()), ..Place::default() }));
            }
        };
        let mut lines = BufReader::new(file);
        let mut hash = Sha256::new();
        let mut line = String::new();
        let mut head: Option<Head> = None;
        let mut readings = 0;
        loop {
            line.clear();
            let count = lines.read_line(&mut line).map_err(|error| damaged(&error.to_string()))?;
            if count == 0 {
                return Err(damaged("its end is missing"));
            }
            if head.is_none() {
                head = Some(serde_json::from_str(&line).map_err(|_| damaged("its first line cannot be read"))?);
            } else if line.starts_with(SPOOL_FRAME) {
                let foot: Foot = serde_json::from_str(&line).map_err(|_| damaged("its last line cannot be read"))?;
                if foot.readings != readings || foot.sha256 != hex(hash) {
                    return Err(damaged("its fingerprint is another"));
                }
                break;
            } else {
                readings += 1;
            }
            hash.update(line.as_bytes());
        }
        let head = head.filter(|head| head.cmf_spool == 1).ok_or_else(|| damaged("its form is not known"))?;
        let on_conflict = OnConflict::from_name(&head.on_conflict).ok_or_else(|| damaged("its rules are not known"))?;
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
        Ok(Some(Kept { path: path.to_owned(), request, identity: Identity::new(head.identity), readings }))
    }

    /// Removes a file whose readings are stored.
    ///
    /// # Errors
    /// Exit 73 when it cannot be removed; its readings are found to be stored when it is drained again.
    pub fn remove(&self, path: &Path) -> Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::new(Exit::Output, format!("a spool file whose readings are stored cannot be removed: {error}"))
                    .at(Place { file: Some(path.display().to_string()), ..Place::default() }))
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
            Err(error) => Err(Error::new(Exit::Output, format!("a spool file cannot be set aside: {error}"))
                .at(Place { file: Some(path.display().to_string()), ..Place::default() })),
        }
    }
}

impl Kept {
    /// The job that stores it. Its readings may be stored already, by a command that ended before it removed the file.
    ///
    /// # Errors
    /// Exit 65 when the file cannot be read.
    pub fn job(&self) -> Result<Job<'_>> {
        let input = Input::open(&self.path, false, None, MAX_SIZE)?;
        let readings = if self.readings > FEW { Readings::Many(input) } else { Readings::Few(self.spoken()?) };
        Ok(Job { identity: self.identity, sent: true, ..Job::new(&self.request, readings) })
    }

    fn spoken(&self) -> Result<Vec<Spoken>> {
        let broken = |error: &dyn std::fmt::Display| {
            Error::data(format!("a spool file cannot be read: {error}"))
                .at(Place { file: Some(self.path.display().to_string()), ..Place::default() })
        };
        let mut text = String::new();
        let mut file = File::open(&self.path).map_err(|error| broken(&error))?;
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

/// A reading as it is kept, with what can be checked of it without the database.
fn checked(given: &Given<'_>, request: &Request, now: NaiveDateTime) -> std::result::Result<Line, Refused> {
    reading::check_value(given.value)
        .map_err(|reason| Refused::new("value", format!("the value `{}` {reason}", given.value)))?;
    let at = match given.at {
        None => now,
        Some(text) => reading::parse_instant(text, request.zone)
            .map_err(|reason| Refused::new("at", format!("the time `{text}` {reason}")))?,
    };
    if at > now + reading::FUTURE_LIMIT && !request.allow_future {
        let text = given.at.unwrap_or_default();
        let reason = format!("the time `{text}` is more than 5 minutes in the future (--allow-future takes it)");
        return Err(Refused::new("at", reason));
    }
    Ok(Line {
        metric: given.metric.to_owned(),
        value: given.value.to_owned(),
        at: output::time_text(at),
        note: given.note.map(str::to_owned),
        by: given.by.map(str::to_owned),
    })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new file that only its owner may read.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes sure that names in the folder survive a loss of power.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

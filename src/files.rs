//! The files of a command. What it writes is there whole or not at all, as the umask says, with one rule for what
//! exists already; what is not a file, such as a device or a pipe, is written into; `-` is standard output. What it reads cannot be
//! read in one wording.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::domain::near;
use crate::domain::text::folded;
use crate::error::{Error, Exit, Place, Result, shell_word};
use crate::output::{self, Format, Output, Table};

/// The files that this process has put into their places.
static WRITTEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The files that were written so far, in their order.
pub(crate) fn written() -> Vec<PathBuf> {
    WRITTEN.lock().map(|written| written.clone()).unwrap_or_default()
}

/// Among more files than this none is looked for.
const NAMES: usize = 10_000;

/// What becomes of a file that exists already.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, and the command is refused.
    #[default]
    Keep,
    Replace,
}

/// The option of every command that writes a file.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Force {
    /// Replace a file that exists
    #[arg(long)]
    force: bool,
}

impl From<Force> for Existing {
    fn from(Force { force }: Force) -> Self {
        if force { Existing::Replace } else { Existing::Keep }
    }
}

/// Whether a path means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Whether a path is no place for a new file, and its name does not say what is to be written: standard output, a device, a pipe.
pub(crate) fn is_nameless(path: &Path) -> bool {
    is_stdout(path) || fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// What kind of file a sheet is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Xlsx,
    Csv,
    Json,
}

impl FileKind {
    /// By the ending of a file's name; if it is no name of a file, by the format of the results, else CSV. Nothing for another
    /// ending.
    pub(crate) fn of(path: &Path, format: Format) -> Option<Self> {
        match ending(path).as_str() {
            "xlsx" => Some(FileKind::Xlsx),
            "csv" => Some(FileKind::Csv),
            "json" => Some(FileKind::Json),
            _ if !is_nameless(path) => None,
            _ if matches!(format, Format::Json | Format::Jsonl) => Some(FileKind::Json),
            _ => Some(FileKind::Csv),
        }
    }
}

/// Refuses another ending than .xlsx for the workbook that an option names. Exit 2.
pub(crate) fn named_workbook(path: &Path, option: &str) -> Result<()> {
    match FileKind::of(path, Format::Table) {
        Some(FileKind::Xlsx) => Ok(()),
        _ if is_nameless(path) => Ok(()),
        _ => Err(Error::usage(format!("{option} writes a workbook, but {} does not end in .xlsx", path.display()))
            .hint(format!("write {option} {}", shell_word(path.with_extension("xlsx").display())))),
    }
}

/// The ending of a file's name, in lower case.
pub(crate) fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether what is there is a file of this name. A descriptor that somebody handed over may be that of a file: its name is not
/// that of the file.
fn is_place(path: &Path, found: &Metadata) -> bool {
    found.is_file() && !path.starts_with("/dev") && !path.starts_with("/proc")
}

/// Refuses, before any work is done, a file that exists already and stays. Exit 73.
pub(crate) fn check(path: &Path, existing: Existing) -> Result<()> {
    let stands = !is_stdout(path) && fs::metadata(path).is_ok_and(|found| is_place(path, &found));
    if stands && existing == Existing::Keep {
        return Err(cannot_write(path, &io::ErrorKind::AlreadyExists.into()));
    }
    Ok(())
}

/// Refuses to write over the file that is read. Exit 2.
pub(crate) fn apart(written: &Path, read: &Path, option: &str) -> Result<()> {
    match (fs::canonicalize(written), fs::canonicalize(read)) {
        (Ok(one), Ok(other)) if one == other => Err(Error::usage(format!("{option} names the file that is read"))
            .at(Place::of(written.display()))
            .hint(format!("name another file with {option}"))),
        _ => Ok(()),
    }
}

/// A file that is being written. It stands in its place once it is kept; dropped before that, it is gone.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    existing: Existing,
    place: Target,
    size: u64,
}

#[derive(Debug)]
enum Target {
    /// A file, written beside its place first.
    Beside {
        end: PathBuf,
        file: BufWriter<tempfile::NamedTempFile>,
    },
    /// What is no file: what is written is gone at once.
    Through(BufWriter<File>),
    Stdout(BufWriter<Stdout>),
    /// Standard output where it is a terminal: what a terminal would obey is taken out of the whole text.
    Terminal(Vec<u8>),
}

#[derive(Debug)]
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        output::write_stdout(bytes).map(|()| bytes.len()).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile {
    /// Begins a file, or opens what is no file. Exit 73 when it cannot be written, or is there and stays.
    pub(crate) fn create(path: &Path, existing: Existing) -> Result<Self> {
        let place = if is_stdout(path) {
            output::check_stdout()?;
            if output::is_on_terminal() { Target::Terminal(Vec::new()) } else { Target::Stdout(BufWriter::new(Stdout)) }
        } else {
            Target::open(path, existing).map_err(|error| unwritable(path, error))?
        };
        Ok(NewFile { path: path.to_owned(), existing, place, size: 0 })
    }

    /// Adds to it. Exit 73 when the disk is full.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|error| unwritable(&self.path, error))
    }

    /// Moves it to its place. Returns its bytes. Exit 73 when it cannot be moved, or when a file has come there meanwhile that
    /// stays.
    pub(crate) fn keep(self) -> Result<u64> {
        let (path, size) = (self.path.as_path(), self.size);
        match self.place {
            Target::Stdout(mut file) => file.flush(),
            Target::Terminal(bytes) => output::show(&bytes).map_err(io::Error::other),
            Target::Through(mut file) => file.flush(),
            Target::Beside { end, file } => file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
                let kept = match self.existing {
                    Existing::Replace => file.persist(&end),
                    Existing::Keep => file.persist_noclobber(&end),
                };
                kept.map(|_| note(path)).map_err(|error| error.error)
            }),
        }
        .map(|()| size)
        .map_err(|error| unwritable(path, error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.place {
            Target::Beside { file, .. } => file.write(bytes),
            Target::Through(file) => file.write(bytes),
            Target::Stdout(file) => file.write(bytes),
            Target::Terminal(shown) => shown.write(bytes),
        };
        let count = written.map_err(|error| named(&self.path, error))?;
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Target::Beside { file, .. } => file.flush(),
            Target::Through(file) => file.flush(),
            Target::Stdout(file) => file.flush(),
            Target::Terminal(_) => Ok(()),
        }
        .map_err(|error| named(&self.path, error))
    }
}

impl Target {
    fn open(path: &Path, existing: Existing) -> io::Result<Self> {
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match &found {
            Some(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Some(found) if !is_place(path, found) => {
                return Ok(Target::Through(BufWriter::new(OpenOptions::new().write(true).open(path)?)));
            }
            Some(_) if existing == Existing::Keep => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let end = end_of_links(path);
        let folder = end.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cmf-");
        // As any new file: what the umask leaves of this. Temporary files are for their owner alone otherwise.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder)?;
        found.map_or(Ok(()), |found| like_before(file.as_file(), &found))?;
        Ok(Target::Beside { end, file: BufWriter::new(file) })
    }
}

/// Whoever may read and write a file may do so when it is replaced, and nobody else.
fn like_before(file: &File, before: &Metadata) -> io::Result<()> {
    if cfg!(unix) { file.set_permissions(before.permissions()) } else { Ok(()) }
}

/// The file that a link stands for: the link stays when the file is replaced.
fn end_of_links(path: &Path) -> PathBuf {
    const MOST: usize = 40;
    let mut end = path.to_owned();
    for _ in 0..MOST {
        let Ok(next) = fs::read_link(&end) else { return end };
        end = end.parent().map_or_else(|| next.clone(), |folder| folder.join(&next));
    }
    path.to_owned()
}

fn note(path: &Path) {
    if let Ok(mut written) = WRITTEN.lock() {
        written.push(path.to_owned());
    }
}

/// An error of writing that says which file it is about, however many hands it passes through. [`Error::of_writing`] takes it out.
fn named(path: &Path, error: io::Error) -> io::Error {
    // What was interrupted is done again by whoever writes.
    if error.kind() == io::ErrorKind::Interrupted { error } else { io::Error::new(error.kind(), unwritable(path, error)) }
}

/// The error of a file that cannot be written.
pub(crate) fn unwritable(path: &Path, error: io::Error) -> Error {
    // Standard output says it in its own words.
    Error::of_writing(error, |error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let place = Place::of(path.display());
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Error::new(Exit::Output, "the file exists already")
            .at(place)
            .hint("add --force to replace it, or name another file");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (reason, hint) = match error.kind() {
        io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file, not a folder".to_owned()),
        _ if path.as_os_str().is_empty() => ("its name is empty".to_owned(), "give the name of a file".to_owned()),
        _ if !folder.is_dir() => {
            let folder = folder.display().to_string();
            (
                format!("the folder {folder} does not exist"),
                format!("make the folder with mkdir -p {}, or name another file", shell_word(folder)),
            )
        }
        io::ErrorKind::PermissionDenied => (
            format!("you cannot write into the folder {}", folder.display()),
            "name a file in a folder where you can write".to_owned(),
        ),
        io::ErrorKind::StorageFull => (reason_of(error), "free some space, or name a file on another disk".to_owned()),
        _ => (reason_of(error), "name a file in a folder where you can write".to_owned()),
    };
    Error::new(Exit::Output, format!("cannot write the file: {reason}")).at(place).hint(hint)
}

/// What the system says, without the name of the file beside which it is written first.
fn reason_of(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" at path ").next().unwrap_or(&text).to_owned()
}

/// Makes a directory for files, if it is not there.
pub(crate) fn make_directory(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| {
        let reason = if path.is_file() { "it is a file, not a folder".to_owned() } else { error.to_string() };
        Error::new(Exit::Output, format!("cannot write into the folder: {reason}"))
            .at(Place::of(path.display()))
            .hint("name a folder that exists, or that cmf can make")
    })
}

/// Writes a file as a whole or not at all. Exit 73 when it exists and stays, or when it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    let mut file = NewFile::create(path, existing)?;
    file.write(bytes)?;
    file.keep().map(drop)
}

/// Writes a file in place of one that is there. `is_private`: for its owner alone. Exit 73 when it cannot be written.
pub(crate) fn write_over(path: &Path, bytes: &[u8], is_private: bool) -> Result<()> {
    let mut file = NewFile::create(path, Existing::Replace)?;
    file.write(bytes)?;
    #[cfg(unix)]
    if let (true, Target::Beside { file: beside, .. }) = (is_private, &file.place) {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        beside.get_ref().as_file().set_permissions(mode).map_err(|error| unwritable(path, error))?;
    }
    #[cfg(not(unix))]
    let _ = is_private;
    file.keep().map(drop)
}

/// Writes files into a directory, which is made if it is not there: all of them, or none where one stays.
pub(crate) fn write_all(directory: &Path, files: &[(String, Vec<u8>)], existing: Existing) -> Result<()> {
    make_directory(directory)?;
    files.iter().try_for_each(|(name, _)| check(&directory.join(name), existing))?;
    files.iter().try_for_each(|(name, bytes)| write(&directory.join(name), bytes, existing))
}

/// Opens a file to read it. Exit 65 when it cannot be read.
pub(crate) fn open(path: &Path) -> Result<File> {
    let opened = File::open(path)
        .and_then(|file| if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) });
    opened.map_err(|error| unreadable(path, &error))
}

/// Reads a small file as a whole. Exit 65 when it cannot be read or has more than `most` megabytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let limit = most.saturating_mul(1_000_000);
    let mut bytes = Vec::new();
    let mut file = open(path)?.take(limit.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(Error::data(format!("the file has more than {most} MB"))
            .at(Place::of(path.display()))
            .hint("raise the limit with --max-size"));
    }
    Ok(bytes)
}

/// Reads a small file of text. Exit 65 when it cannot be read or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
    Ok(text)
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(path: impl AsRef<Path>, error: &io::Error) -> Error {
    let path = path.as_ref();
    let (reason, hint) = match error.kind() {
        io::ErrorKind::NotFound if path.as_os_str().is_empty() => {
            ("its name is empty".to_owned(), "give the name of a file, or - for standard input".to_owned())
        }
        io::ErrorKind::NotFound if is_address(path) => {
            let typed = shell_word(path.display());
            ("cmf reads files, not web addresses".to_owned(), format!("download it first, such as with curl -LO {typed}"))
        }
        io::ErrorKind::NotFound => ("the file does not exist".to_owned(), near(path)),
        io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file in it".to_owned()),
        io::ErrorKind::PermissionDenied => {
            (error.to_string(), "run cmf as a user who can read the file, or change its permissions".to_owned())
        }
        io::ErrorKind::InvalidData => ("it is not UTF-8 text".to_owned(), "save the file as UTF-8 text".to_owned()),
        _ => (error.to_string(), "check the file, and run the command again".to_owned()),
    };
    Error::data(format!("cannot read the file: {reason}")).at(Place::of(path.display())).hint(hint)
}

/// Whether a name is the address of a page.
fn is_address(path: &Path) -> bool {
    ["http://", "https://", "ftp://"].iter().any(|scheme| path.to_string_lossy().starts_with(scheme))
}

/// What to do about a file that does not exist: what else there is of about this name.
fn near(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        let folder = folder.unwrap_or(Path::new(".")).display();
        return format!("the folder {folder} does not exist or cannot be read: check the path");
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names: Vec<String> = names.take(NAMES).collect();
    // Endings make names alike that are not.
    let stem = |name: &OsStr| Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stems = names.iter().map(|name| (folded(&stem(name.as_ref())), name.as_str()));
    let near = near::among(&stem(path.file_name().unwrap_or_default()), stems, 3);
    let whole = |name: &str| format!("`{}`", folder.map_or_else(|| name.into(), |folder| folder.join(name)).display());
    near::question(&near.into_iter().map(whole).collect::<Vec<_>>()).unwrap_or_else(|| {
        let looked = folder.unwrap_or(Path::new("."));
        let whole = std::path::absolute(looked).unwrap_or_else(|_| looked.to_owned());
        let within = folder.map(|folder| format!(" {}", shell_word(folder.display()))).unwrap_or_default();
        format!("check the name: {} has no file of this name; `ls{within}` lists them", whole.display())
    })
}

/// Tells what became of a file; only says it where standard output is the file.
pub(crate) fn outcome(output: &Output, path: &Path, message: &str, table: Table) -> Result<()> {
    if is_stdout(path) {
        output.say(message);
        return Ok(());
    }
    output.outcome(message, table)
}

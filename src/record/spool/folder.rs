//! The folder that readings are kept in: what of it may be read, and whether it can be written. Other users may be able to put
//! things into it, so only regular files of this user or of root are opened, and nothing is followed or waited for.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use uuid::Uuid;

use crate::error::shell_word;

/// An entry of the folder, once it was looked at.
pub(crate) enum Entry {
    File(File),
    /// Nothing is there: another command was quicker.
    Gone,
    /// Something that is not read, and why.
    Refused(Unfit),
    /// A file that this user cannot open.
    Unreadable(io::Error),
}

/// Opens an entry of at most `most` bytes.
pub(crate) fn open(path: &Path, most: u64) -> Entry {
    // To open a device can have an effect, so its kind is looked at before as well.
    let looked = fs::symlink_metadata(path).map(|kind| refusal(path, &kind, most));
    match looked {
        Ok(Some(reason)) => return Entry::Refused(reason),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Entry::Gone,
        Ok(None) | Err(_) => {}
    }
    let opened = open_only(path).and_then(|file| Ok((refusal(path, &file.metadata()?, most), file)));
    match opened {
        Ok((None, file)) => Entry::File(file),
        Ok((Some(reason), _)) => Entry::Refused(reason),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Entry::Gone,
        Err(error) => Entry::Unreadable(error),
    }
}

/// Why something is not read.
fn refusal(path: &Path, kind: &Metadata, most: u64) -> Option<Unfit> {
    let unfit = |reason: &str, remedy: &str| Some(Unfit { reason: reason.to_owned(), remedy: remedy.to_owned() });
    let away = "find out where it comes from, and move it out of the spool";
    if kind.is_symlink() {
        return unfit("is a link, which cmf does not follow", away);
    }
    if !kind.is_file() {
        return unfit("is not a regular file", away);
    }
    if let Some(owner) = stranger(kind) {
        let file = shell_word(path.display());
        return unfit(
            &format!("belongs to another user (uid {owner})"),
            &format!(
                "if you trust that user, make it yours as root, with `chown \"$(id -u)\" {file}`; else move it out of the spool"
            ),
        );
    }
    if kind.len() > most {
        return unfit(
            &format!("has {} bytes, but --spool-limit allows {most}", kind.len()),
            "raise --spool-limit, and drain again",
        );
    }
    None
}

/// Why a folder, or an entry of it, is not used.
#[derive(Debug)]
pub(crate) struct Unfit {
    /// The end of a sentence that begins with its name.
    pub reason: String,
    pub remedy: String,
}

/// Whether the folder is there. It may not be one in which everybody may replace and remove files. Of this user's own one the
/// sticky bit is protection enough: the files of others are refused one by one. The error is why it is not used.
pub(crate) fn check(folder: &Path) -> Result<bool, Unfit> {
    let unfit = |reason: String| Unfit { reason, remedy: "name a folder of your own with --spool".to_owned() };
    let kind = match fs::metadata(folder) {
        Ok(kind) => kind,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unfit(format!("cannot be read: {error}"))),
    };
    if !kind.is_dir() {
        return Err(unfit("is not a folder".to_owned()));
    }
    match open_to_all(&kind) {
        None => Ok(true),
        Some(owner) if is_own(owner) => Err(Unfit {
            reason: "is writable by everybody, so anybody can remove readings from it".to_owned(),
            remedy: format!("chmod o-w {}", shell_word(folder.display())),
        }),
        Some(owner) => Err(unfit(format!("is writable by everybody and belongs to another user (uid {owner})"))),
    }
}

/// Makes the folder, if it is not there, for this user alone whatever the umask is.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make(parent)?;
    }
    match DirBuilder::new().create(folder) {
        Ok(()) => close(folder),
        // Another command was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether a file can be made in the folder. To try it is the only answer that holds for every file system and every user.
pub(crate) fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".{}.tmp", Uuid::now_v7()));
    create_private(&path)?;
    fs::remove_file(path)
}

/// A new file that only its owner may read and write, whatever the umask is.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// The bytes that the files of the folder take on the disk: those that are this user's or root's. A file with holes takes less
/// than its length.
pub(crate) fn taken(folder: &Path) -> io::Result<u64> {
    let mut taken = 0_u64;
    for entry in fs::read_dir(folder)? {
        // A file that another command drained meanwhile takes nothing.
        let Ok(kind) = entry?.metadata() else { continue };
        if kind.is_file() && stranger(&kind).is_none() {
            taken = taken.saturating_add(on_disk(&kind));
        }
    }
    Ok(taken)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use rustix::fs::{Mode, OFlags};

    pub(super) fn open_only(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }

    pub(super) fn stranger(kind: &Metadata) -> Option<u32> {
        let owner = kind.uid();
        (owner != 0 && owner != rustix::process::geteuid().as_raw()).then_some(owner)
    }

    pub(super) fn is_own(owner: u32) -> bool {
        owner == rustix::process::geteuid().as_raw()
    }

    /// The owner of a folder in which everybody may do what its owner may.
    pub(super) fn open_to_all(kind: &Metadata) -> Option<u32> {
        const WRITABLE: u32 = 0o002;
        const STICKY: u32 = 0o1000;
        let is_open = match kind.mode() & (WRITABLE | STICKY) {
            WRITABLE => true,
            mode => mode & WRITABLE != 0 && !is_own(kind.uid()),
        };
        is_open.then(|| kind.uid())
    }

    pub(super) fn on_disk(kind: &Metadata) -> u64 {
        kind.len().min(kind.blocks().saturating_mul(512))
    }

    pub(super) fn close(folder: &Path) -> io::Result<()> {
        fs::set_permissions(folder, PermissionsExt::from_mode(0o700))
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, Metadata};
    use std::io;
    use std::path::Path;

    pub(super) fn open_only(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub(super) fn stranger(_kind: &Metadata) -> Option<u32> {
        None
    }

    pub(super) fn is_own(_owner: u32) -> bool {
        true
    }

    pub(super) fn open_to_all(_kind: &Metadata) -> Option<u32> {
        None
    }

    pub(super) fn on_disk(kind: &Metadata) -> u64 {
        kind.len()
    }

    pub(super) fn close(_folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

use system::{close, is_own, on_disk, open_only, open_to_all, stranger};

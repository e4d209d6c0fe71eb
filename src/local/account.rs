//! Whose processes and files the private Postgres is: the caller's own, or, as Postgres refuses to run as root, those of a
//! user that root lends it to.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Exit, Result};
use crate::os_user;

/// Where in the directory the data of the server is.
pub(super) const DATA: &str = "data";

/// The user that a private Postgres runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    /// User and group id to change to; `None` where the caller is that user already.
    change: Option<(u32, u32)>,
    /// Whether the directory is still root's: it is given to this user before anything is put in it.
    gives: bool,
}

/// The group of a user that the system does not know. Not the directory's: in a directory that hands its group down, any user
/// can make one of a group that the user is not in.
#[cfg(unix)]
const NO_GROUP: u32 = 65534;

/// Where the private Postgres lives when nobody changes that.
pub fn default_data_dir() -> Option<PathBuf> {
    if let Some(directory) = std::env::var_os("CMF_DATA_DIR").filter(|value| !value.is_empty()) {
        return std::path::absolute(directory).ok();
    }
    if os_user::is_root() {
        // Another user runs root's server and could not reach it in root's home.
        return Some(PathBuf::from("/var/lib/cmf/postgres"));
    }
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else {
        set("XDG_DATA_HOME")
            .or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/share")))
    };
    data.map(|data| data.join("cmf").join("postgres"))
}

/// The name that the caller logged in with: under `sudo` the one who called it.
pub fn login() -> Option<String> {
    let named = |variable: &str| std::env::var(variable).ok().filter(|name| !name.is_empty());
    let from_sudo = if os_user::is_root() { named("SUDO_USER") } else { None };
    from_sudo.or_else(|| named("USER")).or_else(|| named("LOGNAME")).or_else(|| named("USERNAME")).or_else(os_user::own_name)
}

#[cfg(unix)]
impl Account {
    /// Who runs the server in `directory`. Root lends it to the directory's owner, else to `postgres`, else to `nobody`. Exit
    /// 78 when the directory is another user's, or root finds nobody to lend it to.
    pub fn of(directory: &Path) -> Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let owner = match std::fs::metadata(directory) {
            Ok(metadata) => Some(metadata.uid()),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => None,
            Err(error) => return Err(unusable(directory, "read", &error)),
        };
        let own = os_user::own_id();
        let name = os_user::name_of;
        if !os_user::is_root() {
            return match owner {
                Some(uid) if uid != own => Err(Error::new(
                    Exit::Config,
                    format!("{} belongs to {}, not to you", directory.display(), name(uid).unwrap_or(format!("user {uid}"))),
                )
                .hint("run cmf as this user; or set CMF_DATA_DIR to a directory of your own, for another, empty database")),
                _ => Ok(Account { name: name(own).or_else(login).unwrap_or_default(), change: None, gives: false }),
            };
        }
        if !cfg!(target_os = "linux") {
            return Err(Error::new(
                Exit::Config,
                "Postgres refuses to run as root, and cmf cannot switch to another user on this system",
            )
            .hint("run cmf as an ordinary user, or name a server with --database-url"));
        }
        if let Some(uid) = owner
            && uid != 0
        {
            let group = os_user::group_of(uid).unwrap_or(NO_GROUP);
            return Ok(Account { name: name(uid).unwrap_or(uid.to_string()), change: Some((uid, group)), gives: false });
        }
        let lent = ["postgres", "_postgres", "nobody"].iter().find_map(|name| Some((*name, os_user::ids_of(name)?)));
        let Some((name, ids)) = lent.filter(|(_, (uid, _))| *uid != 0) else {
            return Err(Error::new(
                Exit::Config,
                "Postgres refuses to run as root, and there is no user `postgres` or `nobody` to run it",
            )
            .hint("run cmf as an ordinary user, or create the user `postgres`"));
        };
        Ok(Account { name: name.to_owned(), change: Some(ids), gives: owner.is_some() })
    }

    /// The operating system's users who may log in to the server: the one it runs as, and root.
    pub fn logins(&self) -> Vec<&str> {
        if self.name == "root" { vec!["root"] } else { vec![&self.name, "root"] }
    }

    /// Does this as this user: whoever owns the directory can put anything into it, such as links to files that only root may
    /// write. So root touches nothing in it, not by an open, a rename or a signal. On Linux each thread has its own user. The
    /// error is what `work` says, or exit 1 when the system does not let the caller become this user.
    #[cfg(target_os = "linux")]
    pub fn within<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        use rustix::process::{Gid, Uid};
        use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
        let Some((uid, gid)) = self.change else { return work() };
        if rustix::process::geteuid().as_raw() == uid {
            // Inside of it already.
            return work();
        }
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        let become_user = || {
            set_thread_groups(&[])?;
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)
        };
        let failed = |error: String| Error::failed(format!("cmf cannot become the user `{}`: {error}", self.name));
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().spawn_scoped(scope, || {
                become_user().map_err(|error| failed(error.to_string()))?;
                work()
            });
            let thread = thread.map_err(|error| failed(error.to_string()))?;
            thread.join().unwrap_or_else(|_| Err(Error::failed("a thread ended early")))
        })
    }

    /// Does this as this user, who is the caller here: [`Account::of`] refuses root.
    #[cfg(not(target_os = "linux"))]
    pub fn within<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        work()
    }

    /// Lets a command keep nothing of root's environment: it may hold secrets, and the processes of a user are open to that user.
    pub fn limit_environment(&self, command: &mut Command) {
        if self.change.is_none() {
            return;
        }
        command.env_clear();
        for name in ["PATH", "LD_LIBRARY_PATH", "TZ"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
    }

    /// Makes the directory if there is none, closed to others, and gives it to this user where it is root's and empty.
    pub fn make(&self, directory: &Path) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        let failed = |error: io::Error| unusable(directory, "made", &error);
        if self.change.is_some() && !self.gives && directory.exists() {
            return Ok(());
        }
        if let Some(parent) = directory.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        match std::fs::DirBuilder::new().mode(0o700).create(directory) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        match self.change {
            Some((uid, gid)) => self.give(directory, uid, gid),
            None => Ok(()),
        }
    }

    /// Gives root's empty directory away: the directory itself, not what a link of this name leads to by now.
    fn give(&self, directory: &Path, uid: u32, gid: u32) -> Result<()> {
        use rustix::fs::{Dir, Gid, Mode, OFlags, Uid, fchmod, fchown, fstat, open};
        let failed = |error: rustix::io::Errno| unusable(directory, "made", &error.into());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let held = match open(directory, flags, Mode::empty()) {
            Ok(held) => held,
            Err(rustix::io::Errno::NOTDIR | rustix::io::Errno::LOOP) if directory.is_dir() => {
                let text = format!(
                    "{} is a link to a directory of root, which cmf does not give to another user",
                    directory.display()
                );
                return Err(Error::new(Exit::Config, text).hint("set CMF_DATA_DIR to the directory itself"));
            }
            Err(error) => return Err(failed(error)),
        };
        let mut names = Dir::read_from(&held).map_err(failed)?.filter_map(Result::ok).map(|entry| entry.file_name().to_owned());
        let is_empty = names.all(|name| matches!(name.to_bytes(), b"." | b".."));
        // Asked last: another command may have given it away just now, and put something into it.
        let owner = fstat(&held).map_err(failed)?.st_uid;
        if owner == uid {
            return Ok(());
        }
        if owner != 0 || !is_empty {
            return Err(not_alone(directory));
        }
        fchmod(&held, Mode::RWXU).map_err(failed)?;
        fchown(&held, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))).map_err(failed)
    }

    /// Removes the directory, which is empty. Only who may write the directory above can do that, so it is not done by this user.
    pub fn remove(&self, directory: &Path) -> std::io::Result<()> {
        use rustix::fs::{AtFlags, Mode, OFlags, open, statat, unlinkat};
        let (Some(above), Some(name)) = (directory.parent(), directory.file_name()) else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        let above = open(above, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let owner = statat(&above, name, AtFlags::SYMLINK_NOFOLLOW)?.st_uid;
        if self.change.is_some_and(|(uid, _)| uid != owner) {
            return Err(std::io::ErrorKind::PermissionDenied.into());
        }
        Ok(unlinkat(&above, name, AtFlags::REMOVEDIR)?)
    }

    /// Whether the directory is root's still.
    pub fn gives(&self) -> bool {
        self.gives
    }

    /// Checks that this user can get to `directory` through the directories above it. Exit 78 naming the one that is closed.
    pub fn reaches(&self, directory: &Path) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let Some((uid, gid)) = self.change else { return Ok(()) };
        for above in directory.ancestors().skip(1) {
            let Ok(metadata) = std::fs::metadata(above) else { continue };
            if !metadata.is_dir() {
                continue;
            }
            let bit = if metadata.uid() == uid {
                0o100
            } else if metadata.gid() == gid {
                0o010
            } else {
                0o001
            };
            if metadata.mode() & bit == 0 {
                return Err(Error::new(
                    Exit::Config,
                    format!(
                        "Postgres refuses to run as root, and the user `{}`, who would run it, cannot reach {}: it has no access to {}",
                        self.name,
                        directory.display(),
                        above.display()
                    ),
                )
                .hint("set CMF_DATA_DIR to a directory that other users can reach, such as /var/lib/cmf/postgres"));
            }
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Account {
    pub fn of(_directory: &Path) -> Result<Self> {
        Ok(Account { name: login().unwrap_or_default(), change: None, gives: false })
    }

    /// Who may log in by the operating system's word: nobody, where there are no unix sockets.
    pub fn logins(&self) -> Vec<&str> {
        Vec::new()
    }

    pub fn within<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        work()
    }

    /// Leaves a command the caller's environment.
    pub fn limit_environment(&self, _command: &mut Command) {}

    /// Makes the directory if there is none.
    pub fn make(&self, directory: &Path) -> Result<()> {
        std::fs::create_dir_all(directory).map_err(|error| unusable(directory, "made", &error))
    }

    /// Removes the directory, which is empty.
    pub fn remove(&self, directory: &Path) -> std::io::Result<()> {
        std::fs::remove_dir(directory)
    }

    /// Whether the directory is root's still: never, if nobody is.
    pub fn gives(&self) -> bool {
        self.gives
    }

    /// Checks that this user can get to `directory`.
    pub fn reaches(&self, _directory: &Path) -> Result<()> {
        Ok(())
    }
}

/// A directory that holds something else.
pub(super) fn not_alone(directory: &Path) -> Error {
    // What a data directory of Postgres has.
    if ["base", "global", "pg_wal"].iter().any(|part| directory.join(part).is_dir() || directory.join(DATA).join(part).is_dir())
    {
        let shown = directory.display();
        return Error::new(
            Exit::Config,
            format!("{shown} has files of a Postgres, but not all that the private Postgres needs"),
        )
        .detail("it may be a private Postgres that is damaged")
        .hint("copy the directory before you change or delete anything in it")
        .hint("then restore it from a backup, or set CMF_DATA_DIR to a new directory");
    }
    Error::new(
        Exit::Config,
        format!("{} holds other files, but the private Postgres needs an empty directory", directory.display()),
    )
    .hint("set CMF_DATA_DIR to a new or an empty directory")
}

pub(super) fn full_disk(directory: &Path, reason: &str) -> Error {
    Error::new(Exit::Output, format!("the disk is too full for the private Postgres in {}: {reason}", directory.display()))
        .hint("free some space (a new one takes 60 MB), or set CMF_DATA_DIR to a directory on another disk")
}

/// A directory that cannot be used.
pub(super) fn unusable(directory: &Path, done: &str, error: &io::Error) -> Error {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return full_disk(directory, &error.to_string());
    }
    Error::new(Exit::Config, format!("the private Postgres's directory {} cannot be {done}: {error}", directory.display()))
        .hint("set CMF_DATA_DIR to a directory that you can write, or name a server with --database-url")
}

//! Whose processes and files the private Postgres is: the caller's own, or, as Postgres refuses to run as root, those of a
//! user that root lends it to.

use std::path::{Path, PathBuf};
use std::process::Command;

#[cfg(unix)]
use crate::error::Exit;
use crate::error::{Error, Result};
use crate::os_user;

/// The user that a private Postgres runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    /// User and group id to change to; `None` where the caller is that user already.
    change: Option<(u32, u32)>,
}

/// Where the private Postgres lives when nobody says otherwise.
pub fn default_data_dir() -> Option<PathBuf> {
    if let Some(directory) = std::env::var_os("CMF_DATA_DIR").filter(|value| !value.is_empty()) {
        return std::path::absolute(directory).ok();
    }
    if is_root() {
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
    let from_sudo = if is_root() { named("SUDO_USER") } else { None };
    from_sudo.or_else(|| named("USER")).or_else(|| named("LOGNAME")).or_else(|| named("USERNAME")).or_else(os_user::own_name)
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(unix)]
impl Account {
    /// Who runs the server in `directory`. Root lends it to the directory's owner, else to `postgres`, else to `nobody`.
    ///
    /// # Errors
    /// Exit 78 when the directory is another user's, or root finds nobody to lend it to.
    pub fn of(directory: &Path) -> Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let owner = std::fs::metadata(directory).ok().map(|metadata| (metadata.uid(), metadata.gid()));
        let own = os_user::own_id();
        let name = os_user::name_of;
        if !is_root() {
            return match owner {
                Some((uid, _)) if uid != own => Err(Error::new(
                    Exit::Config,
                    format!("{} belongs to {}, not to you", directory.display(), name(uid).unwrap_or(format!("user {uid}"))),
                )
                .hint("set CMF_DATA_DIR to a directory of your own")),
                _ => Ok(Account { name: name(own).or_else(login).unwrap_or_default(), change: None }),
            };
        }
        if let Some((uid, gid)) = owner
            && uid != 0
        {
            return Ok(Account { name: name(uid).unwrap_or(uid.to_string()), change: Some((uid, gid)) });
        }
        let lent = ["postgres", "_postgres", "nobody"].iter().find_map(|name| Some((*name, os_user::ids_of(name)?)));
        let Some((name, ids)) = lent else {
            return Err(Error::new(
                Exit::Config,
                "Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as",
            )
            .hint("run cmf as an ordinary user, or create the user `postgres`"));
        };
        Ok(Account { name: name.to_owned(), change: Some(ids) })
    }

    /// The operating system's users who may log in to the server: the one it runs as, and root.
    pub fn logins(&self) -> Vec<&str> {
        if self.name == "root" { vec!["root"] } else { vec![&self.name, "root"] }
    }

    /// Lets a command run as this user.
    pub fn apply(&self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        if let Some((uid, gid)) = self.change {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a file to this user.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn own(&self, path: &Path) -> std::io::Result<()> {
        match self.change {
            Some((uid, gid)) => std::os::unix::fs::chown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }

    /// Checks that this user can get to `directory` through the directories above it.
    ///
    /// # Errors
    /// Exit 78 naming the one that is closed.
    pub fn reaches(&self, directory: &Path) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let Some((uid, gid)) = self.change else { return Ok(()) };
        for above in directory.ancestors().skip(1) {
            let Ok(metadata) = std::fs::metadata(above) else { continue };
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
                        "Postgres does not run as root, and the user `{}` that would run it cannot get to {}: {} is closed to it",
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
    /// The caller.
    ///
    /// # Errors
    /// Never.
    pub fn of(_directory: &Path) -> Result<Self> {
        Ok(Account { name: login().unwrap_or_default(), change: None })
    }

    /// Who may log in by the operating system's word: nobody, where there are no unix sockets.
    pub fn logins(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Lets a command run as this user.
    pub fn apply(&self, _command: &mut Command) {}

    /// Gives a file to this user.
    ///
    /// # Errors
    /// Never.
    pub fn own(&self, _path: &Path) -> std::io::Result<()> {
        Ok(())
    }

    /// Checks that this user can get to `directory`.
    ///
    /// # Errors
    /// Never.
    pub fn reaches(&self, _directory: &Path) -> Result<()> {
        Ok(())
    }
}

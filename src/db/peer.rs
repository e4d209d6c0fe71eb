//! Who listens on a unix socket. In a directory that everybody can write to, anybody can be the first to put a socket where
//! the server's usually is, and be told passwords.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Exit, Result};
use crate::os_user;

/// The names of the user that Postgres usually runs as.
const USUAL: [&str; 2] = ["postgres", "_postgres"];

pub(super) fn socket(directory: &Path, port: u16) -> PathBuf {
    directory.join(format!(".s.PGSQL.{port}"))
}

/// Whether a server of this user is one that nobody has to vouch for.
fn is_trusted(id: u32) -> bool {
    id == 0 || id == os_user::own_id() || USUAL.iter().any(|name| os_user::ids_of(name).is_some_and(|(usual, _)| usual == id))
}

/// Whether everybody can put a socket into the directory.
fn is_open(directory: &Path) -> bool {
    std::fs::metadata(directory).is_ok_and(|metadata| metadata.mode() & 0o002 != 0)
}

/// A user as people know it.
fn shown(id: u32) -> String {
    os_user::name_of(id).unwrap_or_else(|| id.to_string())
}

/// Checks the user that listens on a socket: the one that `requirepeer` names, by name or by number; without it, in a
/// directory that is open to everybody, one that is trusted, and so is the owner of the socket. Exit 77 naming the user that
/// listens, 78 when `requirepeer` names nobody.
pub(super) fn check(directory: &Path, socket: &Path, listener: u32, required: Option<&str>) -> Result<()> {
    if let Some(name) = required {
        let id = os_user::ids_of(name).map(|(id, _)| id).or_else(|| name.parse().ok());
        return match id {
            Some(id) if id == listener => Ok(()),
            Some(_) => Err(Error::new(
                Exit::Auth,
                format!(
                    "the server on {} runs as the user {}, but requirepeer asks for {name}: cmf sent nothing to it",
                    socket.display(),
                    shown(listener)
                ),
            )
            .hint("find out who runs it before you change requirepeer (PGREQUIREPEER)")),
            None => {
                Err(Error::new(Exit::Config, format!("requirepeer names the user `{name}`, who does not exist on this system"))
                    .hint("use the name or the number of the user that the server runs as"))
            }
        };
    }
    if !is_open(directory) {
        return Ok(());
    }
    // Who listens counts; an owner that is another points to a socket that somebody moved here.
    let owner = std::fs::symlink_metadata(socket).map_or(listener, |metadata| metadata.uid());
    let Some(stranger) = [listener, owner].into_iter().find(|id| !is_trusted(*id)) else { return Ok(()) };
    let name = shown(stranger);
    Err(Error::new(
        Exit::Auth,
        format!(
            "cmf refuses the socket {}: it belongs to the user {name}, and anybody can put a socket into {}. Nothing was sent to it",
            socket.display(),
            directory.display()
        ),
    )
    .hint(format!("if your server runs as {name}, add requirepeer={name} to the URL, or set PGREQUIREPEER={name}"))
    .hint("else name your server: host=FOLDER for its socket, or host=localhost"))
}

/// The user to ask for where a program of Postgres connects by itself, to a socket in a directory that is open to everybody:
/// the socket's owner.
pub(super) fn to_require(directory: &Path, port: u16) -> Option<String> {
    let owner = std::fs::symlink_metadata(socket(directory, port)).ok().filter(|_| is_open(directory))?.uid();
    os_user::name_of(owner).filter(|_| is_trusted(owner))
}

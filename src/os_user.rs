//! The users of the operating system, wherever it keeps them: its files, LDAP, or another directory.

/// The name of the user that this process acts as, whatever the environment says; nothing where the system knows none.
#[cfg(unix)]
pub fn own_name() -> Option<String> {
    name_of(own_id())
}

/// The name of the user that this process acts as.
#[cfg(not(unix))]
pub fn own_name() -> Option<String> {
    whoami::username().ok().filter(|name| !name.is_empty())
}

/// The number of the user that this process acts as.
#[cfg(unix)]
pub fn own_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether this process acts as root.
#[cfg(unix)]
pub fn is_root() -> bool {
    own_id() == 0
}

/// Whether this process acts as root.
#[cfg(not(unix))]
pub fn is_root() -> bool {
    false
}

/// The name of the user with this number.
#[cfg(unix)]
pub fn name_of(id: u32) -> Option<String> {
    nix::unistd::User::from_uid(id.into()).ok().flatten().map(|user| user.name)
}

/// The numbers of the user of this name and of its group.
#[cfg(unix)]
pub fn ids_of(name: &str) -> Option<(u32, u32)> {
    nix::unistd::User::from_name(name).ok().flatten().map(|user| (user.uid.as_raw(), user.gid.as_raw()))
}

/// The number of the group of the user with this number.
#[cfg(unix)]
pub fn group_of(id: u32) -> Option<u32> {
    nix::unistd::User::from_uid(id.into()).ok().flatten().map(|user| user.gid.as_raw())
}

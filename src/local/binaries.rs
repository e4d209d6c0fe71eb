//! Where Postgres's programs are on this system, and how to get them where they are not.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::{self, Account};
use crate::error::{Error, Exit, Result};
use crate::os_user::is_root;

/// The oldest major version that cmf starts.
pub const OLDEST: u32 = 14;

/// What a folder must hold to start a server from.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// Folders that packagers put Postgres's programs in. One `*` stands for a version or anything else.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
    "/usr/pgsql-*/bin",                               // Fedora, RHEL: packages of postgresql.org
    "/usr/lib64/pgsql/postgresql-*/bin",              // Fedora: the version before, for an upgrade
    "/usr/bin",                                       // Fedora, Arch: the distribution's own
    "/usr/libexec/postgresql*",                       // Alpine
    "/usr/lib/postgresql*/bin",                       // SUSE
    "/usr/lib64/postgresql-*/bin",                    // Gentoo
    "/usr/local/pgsql/bin",                           // built from source
    "/opt/homebrew/opt/postgresql*/bin",              // Homebrew on Apple silicon
    "/usr/local/opt/postgresql*/bin",                 // Homebrew on Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin", // Homebrew on Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin", // MacPorts
    "C:/Program Files/PostgreSQL/*/bin",
];

/// One installation of Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder of `postgres`, `initdb` and `pg_ctl`.
    pub folder: PathBuf,
    /// The major version.
    pub major: u32,
    /// The version as `postgres --version` tells it, such as `15.4`.
    pub version: String,
}

impl Binaries {
    /// The path of one of Postgres's programs.
    pub fn program(&self, name: &str) -> PathBuf {
        program(&self.folder, name)
    }

    /// What is in this folder, if it is an installation that this user can run.
    fn at(folder: &Path, account: &Account) -> Option<Self> {
        if !PROGRAMS.iter().all(|name| program(folder, name).is_file()) {
            return None;
        }
        let mut command = Command::new(program(folder, "postgres"));
        account.limit_environment(&mut command);
        let output = command.arg("--version").output().ok()?;
        let (major, version) = version(&String::from_utf8_lossy(&output.stdout))?;
        // A folder of links is the programs that they lead to.
        let linked = program(folder, "postgres").canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
        let whole = linked.filter(|linked| PROGRAMS.iter().all(|name| program(linked, name).is_file()));
        Some(Binaries { folder: whole.unwrap_or_else(|| folder.to_owned()), major, version })
    }
}

fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Reads `postgres (PostgreSQL) 15.4 (Debian 15.4-1)`; a version under development is `18devel`.
fn version(line: &str) -> Option<(u32, String)> {
    let version = line.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((digits.parse().ok()?, version.to_owned()))
}

/// The installations found, the newest first. `CMF_PG_BIN` names the only one to look at, or several as PATH does. Exit 78 when
/// `CMF_PG_BIN` names a folder that is not an installation.
pub(super) fn all(account: &Account) -> Result<Vec<Binaries>> {
    let named = named();
    for folder in &named {
        if Binaries::at(folder, account).is_none() {
            return Err(Error::new(
                Exit::Config,
                format!("CMF_PG_BIN: {} does not have working programs {}", folder.display(), PROGRAMS.join(", ")),
            )
            .hint("name the folder that `pg_config --bindir` prints, or unset CMF_PG_BIN to look in the usual places"));
        }
    }
    let mut seen = HashSet::new();
    let mut found: Vec<Binaries> = if named.is_empty() { candidates() } else { named }
        .into_iter()
        .filter(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())))
        .filter_map(|folder| Binaries::at(&folder, account))
        .collect();
    let mut kept = HashSet::new();
    found.retain(|binaries| kept.insert(binaries.folder.clone()));
    // Stable: of the same version, the one that `pg_config` or PATH names stays first. What was fetched is for want of others.
    let fetched = fetched();
    found.sort_by_key(|binaries| (fetched.as_ref() == Some(&binaries.folder), std::cmp::Reverse(binaries.major)));
    Ok(found)
}

/// The newest installation that cmf can use. Exit 78 when there is none, with the line that installs one.
pub(super) fn newest(account: &Account) -> Result<Binaries> {
    let all = all(account)?;
    if let Some(binaries) = all.iter().find(|binaries| binaries.major >= OLDEST) {
        return Ok(binaries.clone());
    }
    let message = match all.first() {
        Some(old) => format!(
            "the Postgres in {} has version {}, but cmf needs {OLDEST} or newer for its private database",
            old.folder.display(),
            old.version
        ),
        None => "cmf found no Postgres on this system for its private database".to_owned(),
    };
    let error = Error::new(Exit::Config, message);
    if !named().is_empty() {
        let mut usual = candidates().into_iter().filter_map(|folder| Binaries::at(&folder, account));
        return Err(match usual.find(|binaries| binaries.major >= OLDEST) {
            Some(fit) => error.hint(format!(
                "CMF_PG_BIN names it: unset CMF_PG_BIN, and cmf uses Postgres {} in {}",
                fit.version,
                fit.folder.display()
            )),
            None => error
                .hint("CMF_PG_BIN names it: name a newer one with CMF_PG_BIN, or unset it")
                .hint(format!("cmf found no newer one on this system; install it: {}", install_line(None))),
        });
    }
    Err(error
        .hint(format!("install it: {}", install_line(None)))
        .hint("or set CMF_PG_BIN to the folder of its programs, or name a server with --database-url"))
}

/// The installation of this major version, for a data directory that needs it. Exit 78 when `CMF_PG_BIN` names a folder that is
/// not an installation.
pub(super) fn of_major(major: u32, account: &Account) -> Result<Option<Binaries>> {
    Ok(all(account)?.into_iter().find(|binaries| binaries.major == major))
}

/// The installation in this folder, where the folder is one of those that are looked at anyway: a file of a private Postgres says
/// which programs run, and is not believed so far that they are run.
pub(super) fn of_folder(folder: &Path, account: &Account) -> Option<Binaries> {
    let wanted = folder.canonicalize().ok()?;
    let is_it = |binaries: &Binaries| binaries.folder.canonicalize().is_ok_and(|known| known == wanted);
    let mut all = named().into_iter().chain(candidates());
    let known = all.find(|known| known.canonicalize().is_ok_and(|known| known == wanted));
    let linked = || named().iter().filter_map(|folder| Binaries::at(folder, account)).find(is_it);
    known.and_then(|known| Binaries::at(&known, account)).or_else(linked)
}

/// Whether `CMF_PG_BIN` names other programs than those in this folder. Links lead to the same ones.
pub fn others_are_named(folder: &Path) -> bool {
    let real = |folder: &Path| program(folder, "postgres").canonicalize().ok();
    let (named, runs) = (named(), real(folder));
    !named.is_empty() && !named.iter().any(|folder| runs.is_some() && real(folder) == runs)
}

/// The folders that `CMF_PG_BIN` names.
fn named() -> Vec<PathBuf> {
    let named = std::env::var_os("CMF_PG_BIN").filter(|value| !value.is_empty());
    named.iter().flat_map(std::env::split_paths).collect()
}

/// A client program of Postgres such as `pg_dump`, with or without a server beside it. It can work with older servers and not
/// with newer ones, and what it writes may be too new for an older one, so the oldest that fits is taken. Exit 78 when there is
/// none that fits a server of this major version.
pub fn client(name: &str, server: u32) -> Result<PathBuf> {
    let named = named();
    let is_named = !named.is_empty();
    let folders = if is_named { named } else { candidates() };
    let mut seen = HashSet::new();
    let found =
        folders.into_iter().map(|folder| program(&folder, name)).filter(|path| path.is_file() && seen.insert(path.clone()));
    let versions: Vec<(u32, PathBuf)> = found
        .filter_map(|path| {
            let output = Command::new(&path).arg("--version").output().ok()?;
            let (major, _) = version(&String::from_utf8_lossy(&output.stdout))?;
            Some((major, path))
        })
        .collect();
    let fitting = versions.iter().filter(|(major, _)| *major >= server).min_by_key(|(major, _)| *major);
    fitting.map(|(_, path)| path.clone()).ok_or_else(|| {
        let message = match versions.iter().max_by_key(|(major, _)| *major) {
            Some((major, _)) => format!("{name} here has version {major}, too old for a server of version {server}"),
            None => format!("there is no {name} on this system"),
        };
        let error = Error::new(Exit::Config, message);
        let error =
            if is_named { error.hint("CMF_PG_BIN names where cmf looks: unset it, or add a folder to it") } else { error };
        error
            .hint(format!("install it with Postgres: {}", install_line(Some(server))))
            .hint("or set CMF_PG_BIN to the folder it is in")
    })
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let as_root = is_root();
    folders.extend(USUAL.iter().flat_map(|pattern| matching(pattern)).filter(|folder| is_for(as_root, folder)));
    folders.extend(fetched().filter(|folder| is_for(as_root, folder) && folder.ancestors().skip(1).all(is_safe)));
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// Where `make postgres` puts programs that it could not install: beside the data.
fn fetched() -> Option<PathBuf> {
    let mut folder = account::default_data_dir()?.into_os_string();
    folder.push("-programs");
    Some(PathBuf::from(folder).join("bin"))
}

/// Whether nobody but root, and who runs cmf, can put another folder in the place of one in here.
fn is_safe(folder: &Path) -> bool {
    !is_root() || is_roots(folder) || is_sticky(folder)
}

#[cfg(unix)]
fn is_sticky(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == 0 && metadata.mode() & 0o1000 != 0)
}

#[cfg(not(unix))]
fn is_sticky(_folder: &Path) -> bool {
    false
}

/// Whether a folder that nobody named is looked at. Root runs nothing that somebody else could have put there.
fn is_for(as_root: bool, folder: &Path) -> bool {
    !as_root || is_roots(folder)
}

/// Whether nobody but root can put a program there.
#[cfg(unix)]
fn is_roots(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == 0 && metadata.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_roots(_folder: &Path) -> bool {
    true
}

/// The folders that a pattern with at most one starred part names.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

/// What to type to install Postgres here; `major` where only that version will do.
pub fn install_line(major: Option<u32>) -> String {
    if cfg!(target_os = "macos") {
        return format!("brew install postgresql@{}", major.unwrap_or(18));
    }
    if cfg!(windows) {
        return "winget install PostgreSQL.PostgreSQL".to_owned();
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    install_line_of(&release, major)
}

fn install_line_of(release: &str, major: Option<u32>) -> String {
    let field = |name: &str| {
        let value = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
        value.trim_matches('"').to_owned()
    };
    let names = format!("{} {}", field("ID"), field("ID_LIKE"));
    let is = |name: &str| names.split_whitespace().any(|word| word == name);
    let version = |before: &str| major.map(|major| format!("{before}{major}")).unwrap_or_default();
    if is("debian") || is("ubuntu") {
        format!("sudo apt-get install postgresql{}", version("-"))
    } else if is("fedora") || is("rhel") || is("centos") {
        match major {
            Some(major) => format!("sudo dnf install postgresql{major}-server"),
            None => "sudo dnf install postgresql-server".to_owned(),
        }
    } else if is("alpine") {
        format!("sudo apk add postgresql{}", version(""))
    } else if is("arch") {
        "sudo pacman -S postgresql".to_owned()
    } else if names.contains("suse") {
        format!("sudo zypper install postgresql{}-server", version(""))
    } else {
        format!(
            "Postgres {} with your system's package manager",
            version("").parse::<u32>().map_or("14 or newer".to_owned(), |v| v.to_string())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_print_them() {
        assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, "15.18".to_owned())));
        assert_eq!(version("postgres (PostgreSQL) 19devel\n"), Some((19, "19devel".to_owned())));
        assert_eq!(version("something else"), None);
    }

    #[cfg(unix)]
    #[test]
    fn root_takes_no_program_from_a_folder_that_others_may_write() {
        use std::os::unix::fs::{PermissionsExt, chown};
        assert!(!is_roots(Path::new("/tmp")) && !is_roots(Path::new("/nowhere")));
        assert!(is_roots(Path::new("/usr")));
        let is_looked_at = |as_root, folder| is_for(as_root, Path::new(folder));
        assert!(!is_looked_at(true, "/tmp") && is_looked_at(true, "/usr"));
        assert!(is_looked_at(false, "/tmp") && is_looked_at(false, "/usr"));
        let folder = tempfile::tempdir().unwrap();
        // Only root can make a folder that is root's, and give it away.
        if is_root() {
            for (mode, is_closed) in [(0o755, true), (0o775, false), (0o757, false)] {
                fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
                assert_eq!(is_roots(folder.path()), is_closed, "{mode:o}");
            }
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            chown(folder.path(), Some(65_534), None).unwrap();
        }
        assert!(!is_roots(folder.path()));
    }

    #[test]
    fn each_system_gets_its_own_install_line() {
        for (release, major, line) in [
            ("ID=debian\n", None, "sudo apt-get install postgresql"),
            ("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Some(16), "sudo apt-get install postgresql-16"),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", None, "sudo dnf install postgresql-server"),
            ("ID=alpine\n", Some(17), "sudo apk add postgresql17"),
            ("ID=arch\n", None, "sudo pacman -S postgresql"),
            ("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", None, "sudo zypper install postgresql-server"),
            ("", None, "Postgres 14 or newer with your system's package manager"),
            ("", Some(16), "Postgres 16 with your system's package manager"),
        ] {
            assert_eq!(install_line_of(release, major), line);
        }
    }

    #[test]
    fn a_star_stands_for_one_part_of_a_path() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["pgsql-14/bin", "pgsql-16/bin", "other/bin"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let mut found = matching(&format!("{}/pgsql-*/bin", folder.path().display()));
        found.sort();
        assert_eq!(found, [folder.path().join("pgsql-14/bin"), folder.path().join("pgsql-16/bin")]);
        assert_eq!(matching("/usr/bin"), [PathBuf::from("/usr/bin")]);
    }
}

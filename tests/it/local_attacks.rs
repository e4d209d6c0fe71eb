//! Root's private Postgres is run by another user. Whatever that user puts into its directory, root's rights are not to be had.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::local::{Place, is_root};
use crate::support::{Run, cmf, run, run_directory};

const SECRET: &str = "FATAL: the secret of root\n";

/// A private Postgres of root, which does not run now, and a file that only root may read.
struct Attacked {
    place: Place,
    user: u32,
    group: u32,
    secret: PathBuf,
}

impl Attacked {
    fn new() -> Option<Self> {
        if !is_root() {
            crate::support::skip("not root");
            return None;
        }
        let place = Place::new();
        place.cmf(["user", "list"]).ok();
        place.cmf(["local", "stop"]).ok();
        let secret = place.0.with_extension("secret");
        fs::write(&secret, SECRET).expect("a file");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("it is closed");
        let metadata = fs::metadata(&place.0).expect("the directory");
        assert_ne!(metadata.uid(), 0);
        Some(Attacked { place, user: metadata.uid(), group: metadata.gid(), secret })
    }

    /// Does this as the user that runs the server, in its directory.
    fn attack(&self, script: &str) {
        let mut command = Command::new("/bin/sh");
        command.args(["-ec", script, "attack"]).arg(&self.secret).current_dir(&self.place.0).uid(self.user).gid(self.group);
        let output = command.output().expect("a shell");
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs cmf as root; nothing of the secret comes out, and nothing happens to it.
    #[track_caller]
    fn cmf<const N: usize>(&self, args: [&str; N]) -> Run {
        let run = self.place.cmf(args);
        assert!(!run.stderr.contains("secret of root") && !run.stdout.contains("secret of root"), "{}", run.stderr);
        assert_eq!(fs::read_to_string(&self.secret).expect("the secret"), SECRET, "{args:?}");
        let metadata = fs::metadata(&self.secret).expect("the secret");
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o600), "{args:?}");
        run
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.secret);
    }
}

#[test]
fn links_in_the_directory_lead_root_nowhere() {
    let Some(attacked) = Attacked::new() else { return };
    attacked.attack("mv cmf.lock lock.kept; ln -s \"$1\" cmf.lock");
    attacked.cmf(["local", "stop"]).fails(78, "cmf.lock is not a plain file");
    attacked.cmf(["user", "list"]).fails(78, "cmf.lock is not a plain file");
    attacked.cmf(["local", "destroy", "--yes"]).fails(78, "cmf.lock is not a plain file");
    attacked.attack("rm cmf.lock; ln -s /etc/cmf-not-there cmf.lock");
    attacked.cmf(["local", "stop"]).fails(78, "cmf.lock is not a plain file");
    assert!(!Path::new("/etc/cmf-not-there").exists());
    attacked.attack("mv -f lock.kept cmf.lock");

    attacked.attack("mv server.log log.kept; ln -s \"$1\" server.log");
    attacked.cmf(["user", "list"]).fails(73, "server.log is not a plain file");
    attacked.attack("mv -f log.kept server.log");

    attacked.attack("mv data/PG_VERSION kept; ln -s \"$1\" data/PG_VERSION");
    attacked.cmf(["user", "list"]).fails(78, "PG_VERSION is not a plain file");
    attacked.attack("mv -f kept data/PG_VERSION");

    for name in ["data/postmaster.pid", "data/postmaster.opts", ".s.PGSQL.5432.lock"] {
        attacked.attack(&format!("rm -f {name}; ln -s \"$1\" {name}"));
        assert_eq!(attacked.cmf(["local", "status", "--format", "json"]).ok().json()["status"], "stopped", "{name}");
        attacked.cmf(["local", "stop"]).ok();
        attacked.attack(&format!("rm -f {name}"));
    }

    // What is written is written beside them.
    attacked.attack("echo 20200101000000 > prepared; ln -s \"$1\" prepared.new");
    attacked.cmf(["user", "list"]).ok();
    attacked.attack("rm prepared; ln -s \"$1\" prepared");
    attacked.cmf(["user", "list"]).ok();
    assert!(fs::symlink_metadata(attacked.place.0.join("prepared")).expect("the note").is_file());

    // What is deleted is the link.
    let kept = attacked.place.0.with_extension("kept");
    fs::create_dir(&kept).expect("a folder");
    fs::write(kept.join("file"), "mine").expect("a file");
    attacked.attack(&format!("ln -s '{0}' data/base/99; ln -s '{0}' data.new", kept.display()));
    attacked.cmf(["local", "destroy", "--yes"]).ok();
    assert!(!attacked.place.0.exists());
    assert_eq!(fs::read_to_string(kept.join("file")).expect("it is there"), "mine");
    fs::remove_dir_all(&kept).expect("it goes");
}

#[test]
fn pipes_in_the_directory_keep_no_command_waiting() {
    let Some(attacked) = Attacked::new() else { return };
    attacked.attack("mkfifo data/postmaster.pid");
    assert_eq!(attacked.cmf(["local", "status", "--format", "json"]).ok().json()["status"], "stopped");
    attacked.cmf(["local", "stop"]).ok();
    attacked.attack("rm data/postmaster.pid; mv cmf.lock kept; mkfifo cmf.lock");
    attacked.cmf(["local", "stop"]).fails(78, "cmf.lock is not a plain file");
    attacked.attack("mv -f kept cmf.lock; rm prepared; mkfifo prepared");
    attacked.cmf(["user", "list"]).ok();
}

#[test]
fn a_program_that_a_file_in_the_directory_names_is_not_run() {
    let Some(attacked) = Attacked::new() else { return };
    let mut start = attacked.place.command();
    run(start.env("SOME_TOKEN", "of root").args(["local", "start"])).ok();
    let version = attacked.place.status()["version"].clone();
    attacked.attack(
        "mkdir bin; for name in postgres initdb pg_ctl; do
             printf '#!/bin/sh\\nid > \"%s/ran\"\\necho postgres \\\\(PostgreSQL\\\\) 99.9\\n' \"$PWD\" > bin/$name; chmod +x bin/$name
         done
         cp data/postmaster.opts opts.kept
         printf '%s \"-D\" \"%s\"\\n' \"$PWD/bin/postgres\" \"$PWD/data\" > data/postmaster.opts",
    );
    let status = attacked.cmf(["local", "status", "--format", "json"]).ok().json();
    assert_ne!(status["version"], "99.9");
    attacked.cmf(["local", "start"]).ok();
    assert!(!attacked.place.0.join("ran").exists());
    attacked.attack("mv -f opts.kept data/postmaster.opts");
    assert_eq!(attacked.place.status()["version"], version);

    // The server has neither root's rights nor what is in root's environment.
    let pid = attacked.place.pid();
    let environment = fs::read(format!("/proc/{pid}/environ")).expect("its environment");
    assert!(!String::from_utf8_lossy(&environment).contains("SOME_TOKEN"));
    let rights = fs::read_to_string(format!("/proc/{pid}/status")).expect("its state");
    let ids = |name: &str| rights.lines().find(|line| line.starts_with(name)).expect("a line").to_owned();
    assert_eq!(ids("Uid:"), format!("Uid:\t{0}\t{0}\t{0}\t{0}", attacked.user));
    assert_eq!((ids("Groups:").trim(), ids("CapEff:").as_str()), ("Groups:", "CapEff:\t0000000000000000"));
}

#[test]
fn a_process_that_a_file_in_the_directory_names_is_not_signalled() {
    let Some(attacked) = Attacked::new() else { return };
    let place = &attacked.place;
    let names = |pid: u32, socket: &Path| {
        let text =
            format!("{pid}\n{}\n1700000000\n5432\n{}\n\n  1 1\nready\n", place.0.join("data").display(), socket.display());
        let file = place.0.join("data/postmaster.pid");
        fs::write(&file, text).expect("the file is written");
        chown(&file, Some(attacked.user), Some(attacked.group)).expect("root gives it away");
    };
    let socket = place.0.join(".s.PGSQL.5432");
    for user in [0, attacked.user] {
        let mut other = Command::new("sleep").arg("60").uid(user).spawn().expect("another process");
        names(other.id(), &place.0);
        // Something answers in the server's place.
        let listener = UnixListener::bind(&socket).expect("a socket");
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).expect("an open socket");
        let stop = attacked.cmf(["local", "stop"]).fails(1, "which is not the private Postgres");
        assert!(stop.stderr.contains(&format!("names the process {}", other.id())), "{}", stop.stderr);
        if user == 0 {
            attacked.cmf(["local", "destroy", "--yes"]).fails(1, "which is not the private Postgres");
        }
        assert!(place.0.join("data/PG_VERSION").exists());
        assert!(other.try_wait().expect("a state").is_none(), "the other process is left alone");
        drop(listener);
        fs::remove_file(&socket).expect("the socket goes");
        assert_eq!(place.status()["status"], "stopped");
        assert!(other.try_wait().expect("a state").is_none(), "the other process is left alone");
        other.kill().expect("it ends");
        other.wait().expect("it ends");
    }

    // Nor is root sent to a server elsewhere.
    let elsewhere = place.0.with_extension("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    let listener = UnixListener::bind(elsewhere.join(".s.PGSQL.5432")).expect("a socket");
    listener.set_nonblocking(true).expect("it does not wait");
    names(1, &elsewhere);
    assert_eq!(place.users(), ["ada"]);
    assert!(listener.accept().is_err(), "nobody came");
    fs::remove_dir_all(&elsewhere).expect("it goes");
}

#[test]
fn root_gives_no_directory_away_but_an_empty_one_of_its_name() {
    if !is_root() {
        crate::support::skip("not root");
        return;
    }
    let folder = run_directory().join(format!("gives-{}", std::process::id()));
    let (empty, full, link) = (folder.join("empty"), folder.join("full"), folder.join("link"));
    fs::create_dir_all(&empty).expect("a folder");
    fs::create_dir_all(&full).expect("a folder");
    fs::write(full.join("cmf.lock"), "").expect("a file");
    std::os::unix::fs::symlink(&empty, &link).expect("a link");
    let list = |directory: &Path| run(cmf().env("CMF_DATA_DIR", directory).args(["user", "list"]));
    list(&link).fails(78, "is a link to a directory of root");
    list(&full).fails(78, "holds other files");
    let used = Place(folder.join("used"));
    fs::create_dir(&used.0).expect("a folder");
    list(&used.0).ok();
    assert_ne!(fs::metadata(&used.0).expect("the folder").uid(), 0);
    drop(used);
    for directory in [&empty, &full] {
        assert_eq!(fs::metadata(directory).expect("the folder").uid(), 0);
    }
    assert_eq!(fs::metadata(full.join("cmf.lock")).expect("the file").uid(), 0);
    fs::remove_dir_all(&folder).expect("it goes");
}

#[test]
fn the_server_has_the_group_of_its_user_not_that_of_the_directory() {
    if !is_root() {
        crate::support::skip("not root");
        return;
    }
    let place = Place::new();
    fs::create_dir_all(&place.0).expect("a folder");
    // As in a folder that hands its group down.
    chown(&place.0, Some(65534), Some(42)).expect("root gives it away");
    place.cmf(["local", "start"]).ok();
    let rights = fs::read_to_string(format!("/proc/{}/status", place.pid())).expect("its state");
    assert!(rights.contains("\nUid:\t65534\t") && !rights.contains("\nGid:\t42\t"), "{rights}");
}

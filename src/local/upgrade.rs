//! From one major version of Postgres to a newer one, by `pg_upgrade`: it needs the programs of both.
//!
//! The old cluster is copied, not changed, and stays beside the new one as `data.old-VERSION`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::binaries::{self, Binaries, install_line};
use super::{Cluster, Lock, USER, cannot_run, sync_directory, write_error};
use crate::error::{Error, Exit, Result, shell_word};

/// The folder in which `pg_upgrade` keeps its logs, within the new cluster; before version 15 they are in the folder it runs in.
const OUTPUT: &str = "pg_upgrade_output.d";

/// How many lines of a log are told, and of how many logs.
const TOLD: (usize, usize) = (8, 2);

/// Where an old cluster is kept, before its version.
const OLD: &str = "data.old-";

/// What [`Cluster::upgrade`] did.
#[derive(Debug)]
pub struct Upgraded {
    /// The major version before.
    pub from: u32,
    /// The major version now.
    pub to: u32,
    /// Where the old cluster is kept.
    pub kept: PathBuf,
}

impl Cluster {
    /// Moves the cluster to the newest version found; `None` when it is of that version already. The server is stopped for
    /// it and runs afterwards. Exit 78 when the programs of one of the versions are missing, 73 when the disk is full, 69 when
    /// `pg_upgrade` refuses. The old cluster is in its place then, as it was.
    pub fn upgrade(&self, lock: &Lock) -> Result<Option<Upgraded>> {
        lock.account.within(|| self.move_up(lock))
    }

    fn move_up(&self, lock: &Lock) -> Result<Option<Upgraded>> {
        self.undo_interrupted_upgrade()?;
        if !self.data().exists() {
            return Err(Error::new(Exit::Config, format!("there is no private Postgres in {}", self.directory.display()))
                .hint("the first command that needs one makes it, with the newest version"));
        }
        let from = self.major()?;
        let new = binaries::newest(&lock.account)?;
        if new.major == from {
            return Ok(None);
        }
        if new.major < from {
            // The programs of its version run it, or it is told what is missing.
            return self.binaries(&lock.account).map(|_| None);
        }
        let old = binaries::of_major(from, &lock.account)?.ok_or_else(|| missing(from, &new))?;
        let pg_upgrade = new.program("pg_upgrade");
        if !pg_upgrade.is_file() {
            return Err(Error::new(Exit::Config, format!("there is no pg_upgrade in {}", new.folder.display()))
                .hint("install it: it comes with Postgres's server, on Fedora in the package postgresql-upgrade"));
        }
        // pg_upgrade takes only a cluster that was shut down in order, so one that crashed has to recover first.
        self.start(lock)?;
        self.stop(lock)?;

        let staged = self.directory.join("data.new");
        let kept = self.directory.join(format!("{OLD}{from}"));
        let disk = |error: io::Error| write_error(&self.directory, &error);
        if kept.exists() {
            return Err(Error::new(Exit::Config, format!("old data of version {from} is still in {}", kept.display()))
                .hint(format!("if you do not need it any more, delete it: rm -r {}", shell_word(kept.display()))));
        }
        if staged.exists() {
            fs::remove_dir_all(&staged).map_err(disk)?;
        }
        let done = self
            .initdb(lock, &new, &staged, None)
            .and_then(|()| self.configure(lock, &staged).map_err(disk))
            .and_then(|()| self.run_pg_upgrade(lock, &old, &new, &staged));
        if let Err(error) = done {
            // What half an upgrade leaves is in the way of nothing, and the next one removes it.
            let _ = fs::remove_dir_all(&staged);
            return Err(error);
        }
        fs::rename(self.data(), &kept).map_err(disk)?;
        fs::rename(&staged, self.data()).map_err(disk)?;
        sync_directory(&self.directory).map_err(disk)?;
        if let Err(error) = self.start(lock) {
            fs::rename(self.data(), &staged).and_then(|()| fs::rename(&kept, self.data())).map_err(disk)?;
            return Err(error.detail(format!("the data of version {from} is back in its place")));
        }
        self.gather_statistics(lock, &new);
        Ok(Some(Upgraded { from, to: new.major, kept }))
    }

    /// An upgrade that was killed between its two renames left no cluster in place: put the old one back.
    pub(super) fn undo_interrupted_upgrade(&self) -> Result<()> {
        if self.data().exists() {
            return Ok(());
        }
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let kept = entries.filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.strip_prefix(OLD)?.parse().ok()?;
            Some((version, entry.path()))
        });
        match kept.max() {
            Some((_, path)) => fs::rename(path, self.data()).map_err(|error| write_error(&self.directory, &error)),
            None => Ok(()),
        }
    }

    fn run_pg_upgrade(&self, lock: &Lock, old: &Binaries, new: &Binaries, staged: &Path) -> Result<()> {
        let program = new.program("pg_upgrade");
        let mut command = self.command(lock, &program);
        command.args(["-U", USER, "-b"]).arg(&old.folder).arg("-B").arg(&new.folder);
        command.arg("-d").arg(self.data()).arg("-D").arg(staged);
        let output = command.output().map_err(|error| cannot_run(&program, &error))?;
        // It offers a script that deletes the old cluster; who wants to keep it would not look for one here.
        let _ = fs::remove_file(self.directory.join("delete_old_cluster.sh"));
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        // It names its logs, which go with the half of a cluster that it leaves.
        let is_kept = |line: &&str| !line.contains(OUTPUT) && !line.contains("Consult the last few lines");
        let said = said.lines().filter(is_kept).collect::<Vec<_>>().join("\n");
        let message = format!("the private Postgres cannot be moved from version {} to {}", old.major, new.major);
        let lines = last_lines(&[staged.join(OUTPUT), self.directory.clone()]);
        Err(lines.into_iter().fold(self.refused(&message, &said), Error::detail))
    }

    /// The new server does not know the sizes of its tables until they are counted; it works without, only slower.
    fn gather_statistics(&self, lock: &Lock, new: &Binaries) {
        let mut command: Command = self.command(lock, &new.program("vacuumdb"));
        command.args(["-U", USER, "--all", "--analyze-only", "--quiet", "-h"]).arg(&self.directory);
        let _ = command.output();
    }
}

/// The last lines of the newest logs of `pg_upgrade` in these folders, each with the name of its file.
fn last_lines(folders: &[PathBuf]) -> Vec<String> {
    let mut logs = Vec::new();
    let mut left = folders.to_vec();
    while let Some(folder) = left.pop() {
        let is_output = folder.components().any(|part| part.as_os_str() == OUTPUT);
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                left.extend(is_output.then_some(path));
            } else if (is_output || name.starts_with("pg_upgrade_"))
                && path.extension().is_some_and(|ending| ending == "log" || ending == "txt")
            {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
                let modified = entry.metadata().and_then(|found| found.modified()).ok();
                logs.extend((!text.trim().is_empty()).then_some((modified, name, text)));
            }
        }
    }
    logs.sort();
    let newest = logs.iter().rev().take(TOLD.1).rev();
    newest
        .flat_map(|(_, name, text)| {
            let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
            lines[lines.len().saturating_sub(TOLD.0)..].iter().map(|line| format!("{name}: {line}")).collect::<Vec<_>>()
        })
        .collect()
}

fn missing(from: u32, new: &Binaries) -> Error {
    Error::new(
        Exit::Config,
        format!(
            "moving the private Postgres to version {} also needs the programs of version {from}, which are not installed",
            new.major
        ),
    )
    .hint(format!("install them beside the new ones: {}", install_line(Some(from))))
    .hint("or set CMF_PG_BIN to the folders of both, separated as in PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_the_newest_logs_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join(OUTPUT).join("20261130T170000.000").join("log");
        fs::create_dir_all(&log).unwrap();
        let write = |name: &str, text: &str, age: u64| {
            fs::write(log.join(name), text).unwrap();
            let time = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
            fs::File::options().append(true).open(log.join(name)).unwrap().set_modified(time).unwrap();
        };
        write("pg_upgrade_internal.log", "long ago\n", 60);
        write("pg_upgrade_utility.log", "", 1);
        let lines: Vec<String> = (1..=20).map(|line| format!("line {line}\n")).collect();
        write("pg_upgrade_server.log", &lines.concat(), 10);
        write("loadable_libraries.txt", "could not load library \"$libdir/x\"\n\n", 5);
        fs::write(folder.path().join("server.log"), "not its own").unwrap();
        let told = last_lines(&[folder.path().join(OUTPUT), folder.path().to_owned()]);
        assert_eq!(told.len(), 9, "{told:?}");
        assert_eq!(told[0], "pg_upgrade_server.log: line 13");
        assert_eq!(told[8], "loadable_libraries.txt: could not load library \"$libdir/x\"");
        assert_eq!(last_lines(&[folder.path().join("nowhere")]), Vec::<String>::new());
    }
}

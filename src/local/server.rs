//! Starting and stopping the server.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::endpoint::socket_name;
use super::files::{open, read_after};
use super::process::{is_alive, is_server, named_process};
use super::{
    Binaries, Cluster, Condition, LOG_LIMIT, Lock, PAUSE, SOCKET_PORT, START_LIMIT, STOP_LIMIT, STRANGER_LIMIT, cannot_run,
    full_disk, write_error,
};
use crate::error::{Error, Exit, Result};

impl Cluster {
    /// Starts the server and waits for it. An inner error is one that may pass: remains of a killed server.
    pub(super) fn launch(&self, lock: &Lock, binaries: &Binaries) -> Result<Result<()>> {
        let log = self.log();
        let disk = |error: io::Error| write_error(&self.directory, &error);
        if fs::symlink_metadata(&log).is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
            fs::rename(&log, self.directory.join("server.log.1")).map_err(disk)?;
        }
        // pg_ctl says nothing of a log that it cannot open.
        drop(open(&log, true).map_err(disk)?);
        let before = fs::symlink_metadata(&log).map_or(0, |metadata| metadata.len());
        // A process id that now belongs to something else would keep the server from starting.
        for file in [self.data().join("postmaster.pid"), self.directory.join(format!("{}.lock", socket_name(SOCKET_PORT)))] {
            if named_process(&file).is_some_and(|pid| is_alive(pid) && !is_server(pid, &self.data())) {
                fs::remove_file(&file).map_err(disk)?;
            }
        }
        // pg_ctl gives the server a session of its own and leaves it to init, so that it outlives this process, its
        // terminal, and Ctrl-C.
        let pg_ctl = binaries.program("pg_ctl");
        let mut command = self.without_inherited_files(lock, &pg_ctl);
        command.args(["start", "-w", "-s", "-t"]).arg(START_LIMIT.as_secs().to_string());
        command.arg("-D").arg(self.data()).arg("-l").arg(&log);
        if self.loopback {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).map_err(disk)?;
            command.arg("-o").arg(format!("-p {}", free.port()));
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| cannot_run(&pg_ctl, &error))?;
        let begun = Instant::now();
        let mut ended = None;
        loop {
            if let Condition::Ready(_) = self.condition() {
                return Ok(Ok(()));
            }
            // pg_ctl looks ten times a second; looking here as well saves most of that.
            if ended.is_none() {
                ended = child.try_wait().map_err(disk)?;
            }
            if ended.is_some_and(|status| !status.success()) || begun.elapsed() > START_LIMIT {
                let said = read_after(&log, before).unwrap_or_default();
                let error = self.refused("the private Postgres does not start", &said);
                let passes = ["pre-existing shared memory block", "already exists"];
                return if passes.iter().any(|text| said.contains(text)) { Ok(Err(error)) } else { Err(error) };
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// A command that does not inherit the caller's open files: a server that stays up would hold a lock that a script
    /// took with `flock 9`, or the write end of a pipe, forever.
    #[cfg(unix)]
    fn without_inherited_files(&self, lock: &Lock, program: &Path) -> Command {
        // Only bash closes numbers of two digits and more.
        const CLOSE: &str = r#"for fd in 3 4 5 6 7 8 9 ${BASH_VERSION:+$(ls /dev/fd)}; do
            [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done 2>/dev/null; exec "$@""#;
        let shell = if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/bin/sh" };
        let mut command = self.command(lock, Path::new(shell));
        command.arg("-c").arg(CLOSE).arg("cmf").arg(program);
        command
    }

    #[cfg(not(unix))]
    fn without_inherited_files(&self, lock: &Lock, program: &Path) -> Command {
        self.command(lock, program)
    }

    /// The error for what a program of Postgres said.
    pub(super) fn refused(&self, message: &str, said: &str) -> Error {
        let full = ["No space left on device", "Disk quota exceeded", "File too large"];
        if let Some(reason) = full.iter().find(|text| said.contains(**text)) {
            return full_disk(&self.directory, reason);
        }
        let telling: Vec<&str> = said
            .lines()
            .filter(|line| {
                ["FATAL", "PANIC", "ERROR", "error:", "HINT", "hint:", "DETAIL", "detail:"]
                    .iter()
                    .any(|word| line.contains(word))
            })
            .collect();
        let telling = if telling.is_empty() { said.lines().filter(|line| !line.trim().is_empty()).collect() } else { telling };
        let mut error = Error::new(Exit::Unreachable, message);
        for line in telling.iter().rev().take(6).rev() {
            error = error.detail(line.trim());
        }
        error.hint(format!("see its files and its log in {}", self.directory.display()))
    }

    /// Stops the server: open transactions are rolled back. Says whether it ran. Exit 69 when it does not end within a minute.
    pub fn stop(&self, lock: &Lock) -> Result<bool> {
        lock.account.within(|| self.bring_down(lock))
    }

    fn bring_down(&self, lock: &Lock) -> Result<bool> {
        let begun = Instant::now();
        let mut asked = None;
        loop {
            let pid = match self.condition() {
                Condition::Down => return Ok(asked.is_some()),
                Condition::Ready(_) | Condition::Busy(_) => match self.pid_file() {
                    Some(file) => file.pid,
                    None => return Ok(asked.is_some()),
                },
            };
            if asked != Some(pid) && (cfg!(not(unix)) || is_server(pid, &self.data())) {
                self.ask_to_end(lock, pid)?;
                asked = Some(pid);
            }
            // It may have ended just now; one that continues to answer has another id.
            if asked.is_none() && begun.elapsed() > STRANGER_LIMIT {
                let file = self.data().join("postmaster.pid");
                return Err(Error::failed(format!(
                    "{} names the process {pid}, which is not the private Postgres",
                    file.display()
                ))
                .hint("stop the server by hand, and run the command again"));
            }
            if begun.elapsed() > STOP_LIMIT {
                return Err(Error::new(
                    Exit::Unreachable,
                    format!("the private Postgres (process {pid}) has not stopped after {} s", STOP_LIMIT.as_secs()),
                )
                .hint(format!("read its log, {}", self.log().display())));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Asks for a fast shutdown.
    #[cfg(unix)]
    fn ask_to_end(&self, _lock: &Lock, pid: u32) -> Result<()> {
        let known = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        match known.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::INT)) {
            None | Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => Ok(()),
            Some(Err(error)) => Err(Error::failed(format!("the private Postgres (process {pid}) cannot be stopped: {error}"))),
        }
    }

    #[cfg(not(unix))]
    fn ask_to_end(&self, lock: &Lock, _pid: u32) -> Result<()> {
        let binaries = self.binaries(&lock.account)?;
        let pg_ctl = binaries.program("pg_ctl");
        let status = Command::new(&pg_ctl)
            .args(["stop", "-m", "fast", "-W", "-s", "-D"])
            .arg(self.data())
            .status()
            .map_err(|error| cannot_run(&pg_ctl, &error))?;
        if status.success() { Ok(()) } else { Err(Error::failed("the private Postgres cannot be stopped")) }
    }
}

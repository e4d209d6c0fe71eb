//! Files that are damaged or malicious: each is refused with a reason or read right, in little memory and time.

pub(crate) mod made;
mod mutated;
mod payloads;
mod workbooks;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Db, Run};

/// What the memory of the program is limited to, in KiB of addresses.
const ADDRESSES: &str = "1500000";

/// How many seconds of a processor a file may take. On a busy machine they pass more slowly than a clock's.
const PROCESSOR: &str = "10";

/// How long nothing takes that does not hang.
const TIME: Duration = Duration::from_mins(2);

/// Runs `cmf` on a database with little memory; it must end by itself, in time, without a panic.
#[track_caller]
fn limited(db: &Db, what: &str, args: &[&str]) -> Run {
    let mut command = Command::new("/bin/sh");
    let with = db.command();
    for (name, value) in with.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .args(["-c", "ulimit -v \"$0\"; ulimit -t \"$1\"; shift; exec \"$@\"", ADDRESSES, PROCESSOR])
        .arg(with.get_program())
        .args(args)
        .stdin(Stdio::null());
    let started = Instant::now();
    let output = command.output().expect("the shell runs");
    let took = started.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{took:>10.2?} {what}");
    let Some(code) = output.status.code() else { panic!("{what}: ended by a signal: {}\n{stderr}", output.status) };
    assert!(!stderr.contains("panicked") && !stderr.contains("memory allocation"), "{what}: {stderr}");
    assert!([0, 1, 2, 65].contains(&code), "{what}: exit {code}\n{stdout}\n{stderr}");
    assert!(took < TIME, "{what}: took {took:?}\n{stderr}");
    Run { code, stdout, stderr }
}

/// Imports a file for the look of it.
#[track_caller]
fn import(db: &Db, what: &str, file: &Path) -> Run {
    limited(
        db,
        what,
        &[
            "import",
            "--direction=*=higher",
            file.to_str().expect("a path"),
            "--dry-run",
            "--framework",
            "csf-2.0",
            "--owner",
            "analyst",
        ],
    )
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("a number")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }
}

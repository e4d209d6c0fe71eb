//! Completion as it is typed: real shells on a terminal of their own, with the scripts that are installed.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::catalog::catalog;
use crate::support::{Db, binary, project, skip};

/// A shell that waits for what is typed.
struct Typist {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    shown: String,
}

impl Typist {
    /// Starts a shell with a script of cmf; nothing where the shell or `script` is missing.
    fn start(db: &Db, folder: &std::path::Path, shell: &str, line: &str, setup: &str) -> Option<Self> {
        for program in ["script", shell] {
            if Command::new(program).arg("--version").stdin(Stdio::null()).output().is_err() {
                skip(format_args!("{program} is not here"));
                return None;
            }
        }
        let path = format!("{}:{}", binary().parent()?.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("script");
        command.args(["-qec", line, "/dev/null"]).current_dir(folder);
        command.envs([("PATH", path.as_str()), ("CMF_DATABASE_URL", &db.url), ("TERM", "xterm"), ("LC_ALL", "C.UTF-8")]);
        command.env("HOME", folder).env("SCRIPTS", project("completions")).env("SHELL", "/bin/sh");
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "CMF_PROFILE"] {
            command.env_remove(name);
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("script starts");
        let (input, mut from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut read = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut read) {
                if send.send(read[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut typist = Typist { child, input, output, shown: String::new() };
        // What is typed is shown, too: the mark is in two parts there.
        typist.types(&format!("{setup}; echo rea''dy\n"));
        typist.sees("ready");
        Some(typist)
    }

    fn types(&mut self, keys: &str) {
        self.shown.clear();
        self.input.write_all(keys.as_bytes()).expect("the keys are typed");
    }

    fn sees(&mut self, text: &str) {
        while !self.shown.contains(text) {
            match self.output.recv_timeout(Duration::from_mins(1)) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("no {text:?} in {:?}", self.shown),
            }
        }
    }
}

impl Drop for Typist {
    fn drop(&mut self) {
        let _ = self.input.write_all(b"\x03\nexit\n");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Types lines that each end in the middle of a word, presses Tab, and looks at what came of the whole line.
fn typed(shell: &str, line: &str, setup: &str) {
    let db = Db::seeded();
    catalog(&db, "analyst", "KPI pack");
    db.cmf(["catalog", "activate", "KPI pack"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("My sheet.csv"), "number,name,target,direction,who\nA-1,One,5,higher,ada\n")
        .expect("a file");
    let Some(mut typist) = Typist::start(&db, folder.path(), shell, line, setup) else { return };
    for (number, (before, completed, rest, expected)) in [
        ("cmf catalog export KPI", "pack", "", "metric_number,name"),
        ("cmf import My", "sheet.csv", " --dry-run --format json", "\"My sheet\""),
        ("cmf metric list --columns csf_f", "unction", " --format csv", "csf_function"),
        ("cmf import 'My sheet.csv' --map own", "er=", "E --dry-run --format json", "\"owner\""),
        ("cmf metric list --format csv --function I", "D", "", "ID-001"),
        ("cmf audit show --format json 1", "1", "", "\"action\""),
    ]
    .into_iter()
    .enumerate()
    {
        typist.types(&format!("{before}\t"));
        typist.sees(completed);
        let file = format!("out{number}");
        typist.types(&format!("{rest} > {file}; echo do''ne{number}\n"));
        typist.sees(&format!("done{number}"));
        let out = std::fs::read_to_string(folder.path().join(&file)).expect("the output");
        assert!(out.contains(expected), "{shell}: {before}: no {expected} in {out}");
    }
}

#[test]
fn bash_completes_what_is_typed() {
    typed("bash", "bash --norc --noprofile -i", "source $SCRIPTS/cmf.bash");
}

#[test]
fn zsh_completes_what_is_typed() {
    typed("zsh", "zsh -f -i", "fpath=($SCRIPTS $fpath); autoload -Uz compinit; compinit -D -u");
}

#[test]
fn fish_completes_what_is_typed() {
    typed("fish", "fish --no-config -i", "source $SCRIPTS/cmf.fish");
}

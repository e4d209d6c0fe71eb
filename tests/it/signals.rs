//! Signals, vanished readers and full disks.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::support::{Db, Run, binary, cmf, run, wait_until};

fn pid(child: &Child) -> Pid {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id")
}

fn send(child: &Child, signal: Signal) {
    kill_process(pid(child), signal).expect("the signal is sent");
}

/// How many backends of cmf are connected, waiting for a lock or not.
fn backends(db: &Db, condition: &str) -> String {
    db.one(&format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'cmf' AND {condition}",
        db.name
    ))
}

/// Runs `work` while another session holds this table.
fn while_locked(db: &Db, table: &str, work: impl FnOnce()) {
    while_held(db, &format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"), work);
}

/// Runs `work` while another session holds what it locked with this statement.
fn while_held(db: &Db, lock: &str, work: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut other = runtime.block_on(PgConnection::connect(&db.url)).expect("a connection");
    let sql = format!("BEGIN; {lock}");
    runtime.block_on(other.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))).expect("the lock");
    work();
    runtime.block_on(other.execute("ROLLBACK")).expect("the lock goes");
}

/// Starts a command and returns when it waits for a lock.
pub fn start(mut command: Command, db: &Db, args: &[&str]) -> Child {
    let child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    wait_until("a statement that waits", || backends(db, "wait_event_type = 'Lock'") == "1");
    child
}

pub fn end(child: Child) -> Run {
    Run::from(child.wait_with_output().expect("an end"))
}

#[test]
fn a_signal_ends_a_waiting_command_and_its_transaction() {
    let db = Db::seeded();
    let audit = db.rows("SELECT id FROM ai_change_log ORDER BY 1");
    for (signal, code, word) in [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")] {
        while_locked(&db, "users", || {
            let child = start(db.command(), &db, &["user", "create", "eve", "--email", "eve@example.org"]);
            send(&child, signal);
            end(child).fails(code, &format!("error: {word}"));
            // Although the lock is still held, nothing of it stays on the server.
            wait_until("the end of the backend", || backends(&db, "true") == "0");
        });
        let child = db.cmf(["user", "list", "--format", "csv"]).ok();
        assert!(!child.stdout.contains("eve"), "{}", child.stdout);
    }
    assert_eq!(db.rows("SELECT id FROM ai_change_log ORDER BY 1"), audit);
}

#[test]
fn a_signal_ends_a_recorder_that_waits_and_nothing_is_stored() {
    let db = Db::seeded();
    db.cmf(["metric", "add", "Patch age", "--number", "PR-001", "--function", "PR", "--direction", "lower_is_better"]).ok();
    for (signal, code, word) in [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")] {
        while_locked(&db, "metrics", || {
            let child = start(db.command(), &db, &["record", "PR-001", "7"]);
            send(&child, signal);
            end(child).fails(code, &format!("error: {word}"));
        });
        wait_until("the end of the backend", || backends(&db, "true") == "0");
        assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
    }
}

/// A transaction that changes the audit trail waits with its COMMIT for whoever holds [`HELD`].
const WAIT: &str = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
     CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON ai_change_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()";
const HELD: &str = "SELECT pg_advisory_xact_lock(7)";

#[test]
fn a_signal_between_commit_and_answer_says_what_is_known() {
    let db = Db::seeded();
    db.cmf(["metric", "add", "Patch age", "--number", "PR-001", "--function", "PR", "--direction", "lower_is_better"]).ok();
    db.execute(WAIT);
    let stored = || db.one("SELECT count(*) FROM metric_history");
    // The server would go on waiting for the lock, and store the reading after all.
    let leave = || {
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cmf'");
        wait_until("the end of the backend", || backends(&db, "true") == "0");
    };
    while_held(&db, HELD, || {
        let child = start(db.command(), &db, &["record", "PR-001", "7"]);
        send(&child, Signal::INT);
        let run = end(child).fails(130, "error: interrupted");
        assert!(run.stderr.contains("is unknown"), "{}", run.stderr);
        leave();
        let child = start(db.command(), &db, &["record", "PR-001", "8"]);
        let begun = Instant::now();
        send(&child, Signal::INT);
        send(&child, Signal::TERM);
        end(child);
        assert!(begun.elapsed() < Duration::from_secs(5), "a second signal ends it at once");
        leave();
    });
    assert_eq!(stored(), "0");
}

#[test]
fn an_answer_that_comes_with_a_signal_is_heard() {
    let db = Db::seeded();
    db.cmf(["metric", "add", "Patch age", "--number", "PR-001", "--function", "PR", "--direction", "lower_is_better"]).ok();
    db.execute(WAIT);
    // Which of the two a process sees first, it cannot choose: several rounds see both orders.
    for round in 1..=6 {
        let mut stopped = None;
        while_held(&db, HELD, || {
            let child = start(db.command(), &db, &["record", "PR-001", &round.to_string()]);
            // It sees the signal and the answer when it goes on, both at once.
            send(&child, Signal::STOP);
            waitpid(Some(pid(&child)), WaitOptions::UNTRACED).expect("it stops");
            send(&child, Signal::INT);
            stopped = Some(child);
        });
        db.wait_for(&round.to_string(), "SELECT count(*) FROM metric_history");
        let child = stopped.expect("a process");
        send(&child, Signal::CONT);
        end(child).ok();
    }
}

#[test]
fn an_interrupted_command_says_so_in_json_too() {
    let db = Db::seeded();
    while_locked(&db, "users", || {
        let child = start(db.command(), &db, &["user", "list", "--format", "json"]);
        send(&child, Signal::INT);
        let run = end(child).fails(130, "interrupted");
        let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("one JSON object");
        assert_eq!(error["error"]["code"], 130);
        assert_eq!(run.stdout, "");
    });
}

/// What a pipe holds at least when it takes no more: all of its 64 KiB but the rest of a page.
const PIPE: u64 = 60 << 10;

#[test]
fn a_signal_ends_a_command_whose_reader_does_not_read() {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO users (id, username, email) \
         SELECT gen_random_uuid(), 'user' || n, n || '@example.org' FROM generate_series(1, 2000) n",
    );
    for signals in [vec![Signal::INT], vec![Signal::INT, Signal::INT], vec![Signal::TERM]] {
        let mut command = db.command();
        command.args(["user", "list", "--format", "json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        // When the pipe is full, the process waits for its reader.
        let pipe = child.stdout.take().expect("a pipe");
        wait_until("a full pipe", || ioctl_fionread(&pipe).expect("its bytes") >= PIPE);
        assert!(child.try_wait().expect("a state").is_none(), "more output than a pipe holds");
        for signal in &signals {
            send(&child, *signal);
        }
        wait_until("its end", || child.try_wait().expect("a state").is_some());
        let status = child.wait().expect("an end");
        assert_eq!(status.code(), Some(if signals[0] == Signal::TERM { 143 } else { 130 }));
    }
}

#[test]
fn a_command_in_the_background_of_a_script_ignores_interrupts() {
    let db = Db::seeded();
    while_locked(&db, "users", || {
        let mut script = Command::new("sh");
        script.args(["-c", "trap '' INT; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_cmf")]).env("CMF_DATABASE_URL", &db.url);
        let child = start(script, &db, &["user", "list"]);
        // The second signal of the mask. A signal that is ignored is gone when it has been sent.
        if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", child.id())) {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a mask");
            assert_eq!(u64::from_str_radix(mask.trim(), 16).expect("hexadecimal") & 0b10, 0b10, "it was told to ignore SIGINT");
        }
        send(&child, Signal::INT);
        send(&child, Signal::TERM);
        end(child).fails(143, "terminated");
    });
}

/// Types into a command that runs on a terminal, and returns what the terminal showed.
pub fn on_a_terminal(db: &Db, command: &str, prompt: &str, keys: &[u8]) -> Option<String> {
    let script = format!(
        "trap : INT; {} {command}; echo \"exit $?\"; stty -a | grep -q -- ' echo ' && echo 'echo is on'",
        binary().display()
    );
    let child = Command::new("script")
        .args(["-qec", &script, "/dev/null"])
        .env("CMF_DATABASE_URL", &db.url)
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        crate::support::skip("no script(1) to make a terminal");
        return None;
    };
    let mut output = child.stdout.take().expect("a pipe");
    let mut seen = Vec::new();
    let mut byte = [0; 1];
    while !String::from_utf8_lossy(&seen).contains(prompt) {
        assert_eq!(output.read(&mut byte).expect("a terminal"), 1, "no {prompt:?} in {}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    let mut keyboard = child.stdin.take().expect("a pipe");
    keyboard.write_all(keys).and_then(|()| keyboard.flush()).expect("a keyboard");
    while !String::from_utf8_lossy(&seen).contains("exit ") {
        assert_eq!(output.read(&mut byte).expect("a terminal"), 1, "no exit in {}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    output.read_to_end(&mut seen).expect("the end");
    drop(keyboard);
    child.wait().expect("the end");
    Some(String::from_utf8_lossy(&seen).into_owned())
}

#[test]
fn ctrl_c_at_a_prompt_ends_the_command_and_leaves_the_terminal_as_it_was() {
    let db = Db::seeded();
    let before = db.rows("SELECT u::text FROM users u ORDER BY 1");
    let Some(shown) = on_a_terminal(&db, "user set-password analyst", "password", b"\x03") else { return };
    assert!(shown.contains("exit 130") && shown.contains("echo is on"), "{shown}");
    assert!(shown.lines().any(|line| line.contains("interrupted") && !line.contains("^C")), "{shown}");
    assert_eq!(db.rows("SELECT u::text FROM users u ORDER BY 1"), before);

    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let shown = on_a_terminal(&db, "migrate down --all", "to continue:", b"\x03").expect("script is there");
    assert!(shown.lines().any(|line| line.contains("interrupted") && !line.contains("^C")), "{shown}");
    assert!(shown.contains("exit 130") && shown.contains("echo is on"), "{shown}");
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");
}

#[test]
fn another_name_than_the_one_asked_for_is_no_yes() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let Some(shown) = on_a_terminal(&db, "migrate down --all", "to continue:", b"another\n") else { return };
    assert!(shown.contains("exit 1") && shown.contains("not confirmed") && shown.contains("Nothing was changed."), "{shown}");
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");
    let shown = on_a_terminal(&db, "migrate down --all", "to continue:", format!("{}\n", db.name).as_bytes()).expect("script");
    assert!(shown.contains("exit 0"), "{shown}");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relname = 'users'"), "0");
}

#[test]
fn an_interrupted_dump_leaves_no_file_and_no_program_behind() {
    if Command::new("pg_dump").arg("--version").output().is_err() {
        crate::support::skip("no pg_dump on PATH");
        return;
    }
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.dump");
    while_locked(&db, "users", || {
        let child = start(db.command(), &db, &["db", "dump", file.to_str().expect("a path")]);
        send(&child, Signal::INT);
        end(child).fails(130, "interrupted");
        wait_until("the end of pg_dump", || backends(&db, "true") == "0");
    });
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_gone_reader_of_either_stream_is_no_reason_to_fail() {
    let db = Db::seeded();
    let gone = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    for args in [["framework", "show", "csf-2.0"].as_slice(), &["user", "list", "--format", "jsonl"], &["help"], &["man"]] {
        let quiet = run(db.command().args(args).stdout(gone())).ok();
        assert_eq!(quiet.stderr, "", "{args:?}");
    }
    // A command that changes something has done so, whoever listened.
    run(db.command().args(["user", "create", "eve", "--email", "eve@example.org", "-v"]).stderr(gone())).ok();
    run(db.command().args(["user", "create", "eve", "--email", "eve@example.org"]).stderr(gone())).fails(1, "");
    assert_eq!(db.one("SELECT count(*) FROM users WHERE username = 'eve'"), "1");
}

#[test]
fn what_cannot_be_written_is_an_error_and_talk_is_not() {
    let full = || match fs::File::options().write(true).open("/dev/full") {
        Ok(file) => Some(file),
        Err(error) => {
            crate::support::skip(format_args!("/dev/full: {error}"));
            None
        }
    };
    let Some(file) = full() else { return };
    run(cmf().arg("--version").stdout(file)).fails(73, "cannot write the output");
    let db = Db::seeded();
    for format in ["table", "json", "jsonl", "csv"] {
        let refused = run(db.command().args(["user", "list", "--format", format]).stdout(full().expect("it is there")));
        refused.fails(73, "cannot write the output");
    }
    run(db.command().args(["user", "list", "-vv"]).stderr(full().expect("it is there"))).ok();
    let refused = run(db.command().args(["db", "dump", "/dev/full/cmf.dump"]));
    refused.fails(73, "cannot write");
}

#[test]
fn a_signal_ends_a_command_that_reads_and_computes() {
    let db = Db::seeded();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = db.command();
        command.args(["import", "--direction=*=higher", "-", "--name", "Endless", "--framework", "csf-2.0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut input = child.stdin.take().expect("a pipe");
        let (taken, is_taken) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || {
            let _ = input.write_all(b"id,name,target,subcategory\n");
            for n in 0_u64.. {
                if input.write_all(format!("M-{n},Metric {n},{n},PR.AA-01\n").as_bytes()).is_err() {
                    return;
                }
                if n == 50_000 {
                    let _ = taken.send(());
                }
            }
        });
        is_taken.recv().expect("it reads");
        let begun = Instant::now();
        send(&child, signal);
        let run = end(child);
        assert_eq!(run.code, code, "{}", run.stderr);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        writer.join().expect("the pipe is closed");
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
}

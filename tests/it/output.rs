//! What every command has in common: formats, the error form, exit codes, and what stdout does.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::support::{Db, cmf, run};

#[test]
fn every_format_says_the_same() {
    let db = Db::seeded();
    let list = |format: &str| db.cmf(["user", "list", "--format", format]).ok().stdout;
    assert!(list("table").contains("username"));
    assert!(list("table").contains("analyst@example.org"));
    let json: serde_json::Value = serde_json::from_str(&list("json")).expect("JSON");
    let line: serde_json::Value = serde_json::from_str(list("jsonl").trim_end()).expect("one object on one line");
    assert_eq!(json[0], line);
    let csv = list("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let keys: Vec<&String> = json[0].as_object().expect("an object").keys().collect();
    assert_eq!(header.iter().collect::<Vec<_>>(), keys);
    let record = reader.records().next().expect("a record").expect("CSV");
    let email = header.iter().position(|name| name == "email").expect("email");
    assert_eq!(&record[email], "analyst@example.org");
}

#[test]
fn a_line_of_talk_is_written_at_once() {
    let db = Db::seeded();
    let (ours, theirs) = std::os::unix::net::UnixDatagram::pair().expect("two sockets");
    ours.set_nonblocking(true).expect("a socket that does not wait");
    // Each write is a message of its own.
    let mut command = db.command();
    command.args(["user", "deactivate", "analyst", "-v"]).stdout(Stdio::null()).stderr(std::os::fd::OwnedFd::from(theirs));
    assert!(command.status().expect("cmf runs").success());
    drop(command);
    let mut lines = 0;
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = ours.recv(&mut bytes) {
        assert_eq!(bytes[length - 1], b'\n', "{:?}", String::from_utf8_lossy(&bytes[..length]));
        lines += 1;
    }
    assert!(lines >= 2, "{lines}");
}

#[test]
fn an_error_is_text_or_one_json_object_on_stderr() {
    let db = Db::seeded();
    let text = db.cmf(["catalog", "show", "nothing"]).fails(2, "error: there is no catalog `nothing`");
    assert!(text.stderr.contains("hint: "), "{}", text.stderr);
    assert_eq!(text.stdout, "");
    let json = db.cmf(["catalog", "show", "nothing", "--format", "json"]);
    assert_eq!((json.code, json.stdout.as_str()), (2, ""));
    let error: serde_json::Value = serde_json::from_str(&json.stderr).expect("one JSON object");
    assert_eq!(error["error"]["kind"], "usage");
    assert_eq!(error["error"]["code"], 2);
    assert_eq!(error["error"]["message"], "there is no catalog `nothing`");
    assert!(!error["error"]["hints"].as_array().expect("hints").is_empty());
}

#[test]
fn a_wrong_command_line_is_exit_2_in_either_form() {
    for (noun, verb, word) in [("score", "explain", "PR"), ("metric", "show", "PR-001")] {
        let told = format!("hint: did you mean `cmf {noun} {verb} {word}`?");
        run(cmf().args([noun, word])).fails(2, &told);
    }
    run(cmf().args(["catalogue"])).fails(2, "there is no command `cmf catalogue`");
    run(cmf().args(["user", "create", "ada"])).fails(2, "--email");
    let json = run(cmf().args(["--format", "json", "catalogue"]));
    assert_eq!(json.code, 2);
    let error: serde_json::Value = serde_json::from_str(&json.stderr).expect("one JSON object");
    assert_eq!(error["error"]["code"], 2);
}

#[test]
fn help_and_version_are_results() {
    let version = run(cmf().arg("--version")).ok();
    assert_eq!(version.stdout, format!("cmf {}\n", env!("CARGO_PKG_VERSION")));
    assert!(run(cmf().arg("--help")).ok().stdout.contains("Usage: cmf"));
}

#[test]
fn success_is_quiet_where_nobody_watches() {
    let db = Db::migrated();
    let run = db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let told = db.cmf(["user", "create", "bob", "--email", "bob@example.org", "-v"]).ok();
    assert!(told.stderr.contains("created user bob"), "{}", told.stderr);
    let asked = db.cmf(["user", "create", "eve", "--email", "eve@example.org", "--format", "json"]).ok();
    assert_eq!(asked.json()["username"], "eve");
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_not() {
    let db = Db::seeded();
    if let Ok(full) = OpenOptions::new().write(true).open("/dev/full") {
        let output = db.command().args(["framework", "show", "csf-2.0"]).stdout(full).output().expect("cmf runs");
        assert_eq!(output.status.code(), Some(73));
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the output"));
    }
    let mut child = db
        .command()
        .args(["framework", "show", "csf-2.0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cmf starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("cmf ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_server_that_is_not_there_is_exit_69() {
    let mut command = cmf();
    command.args(["user", "list", "--database-url", "postgres://nobody:canary@127.0.0.1:1/none"]);
    let run = run(&mut command).fails(69, "no server is listening there");
    assert!(!run.stderr.contains("canary"), "a password was printed: {}", run.stderr);
}

#[test]
fn a_url_of_another_kind_is_exit_78_and_not_repeated() {
    for url in ["mysql://root:canary@127.0.0.1/x", "canary", "postgres://a:canary@[::bad/x"] {
        let run = run(cmf().args(["user", "list", "--database-url", url]));
        assert_eq!(run.code, 78, "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "a password was printed: {}", run.stderr);
    }
}

#[test]
fn text_from_the_database_never_commands_a_terminal() {
    let db = Db::migrated();
    db.execute("INSERT INTO users (username, email) VALUES (E'a\\x1b[31m\\u202Eb', '=1+1')");
    let table = db.cmf(["user", "list"]).ok().stdout;
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    let csv = db.cmf(["user", "list", "--format", "csv"]).ok().stdout;
    assert!(csv.contains(",'=1+1,"), "{csv}");
}

#[test]
fn quiet_leaves_results_and_errors() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let again = db.cmf(["migrate", "up"]).ok();
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    let quiet = |args: &[&str]| db.cmf([args, &["--quiet"]].concat());
    assert_eq!(quiet(&["migrate", "up"]).ok().stderr, "");
    assert!(quiet(&["migrate", "status"]).ok().stdout.contains("applied"));
    quiet(&["catalog", "show", "nothing"]).fails(2, "there is no catalog");
}

/// Commands that are given a name, a path or a word that is far too long, as `LONG`.
const LONG_NAMES: [&str; 23] = [
    "catalog LONG",
    "--profile LONG config show",
    "--schema LONG user list",
    "--database-url LONG user list",
    "--database-url postgres://u@127.0.0.1:1/LONG user list",
    "--format LONG user list",
    "user list --sort LONG",
    "user activate LONG",
    "catalog list --owner LONG",
    "catalog diff LONG LONG",
    "catalog export LONG --out a.csv",
    "catalog export x --out LONG",
    "metric set LONG --target 5",
    "record LONG 1",
    "record LONG=1 x=LONG",
    "record --file LONG",
    "import LONG",
    "seed LONG",
    "framework import LONG",
    "map set LONG LONG",
    "migrate down --to LONG",
    "db clone LONG",
    "db drop --confirm LONG",
];

#[test]
fn no_message_repeats_a_long_name_whole() {
    let db = Db::seeded();
    let long = "n".repeat(50_000);
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for line in LONG_NAMES {
        for format in ["table", "json"] {
            let args = line.split(' ').map(|word| word.replace("LONG", &long));
            let run =
                run(db.command().current_dir(folder.path()).env("HOME", folder.path()).args(args).args(["--format", format]));
            // A message without quotation marks may be somewhat longer than one with them.
            if run.code == 0 || run.stderr.len() + run.stdout.len() > 12_000 {
                wrong.push(format!("{line} ({format}): exit {}, {} bytes", run.code, run.stderr.len() + run.stdout.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! What lies in the spool, who put it there, and whether readings could be kept in it: nothing of that stops recording.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::record::with_metrics;
use crate::record_faults::{nowhere, on};
use crate::support::{Db, Run, binary, run};

/// Somebody else.
const STRANGER: u32 = 65_534;

fn count(db: &Db) -> String {
    db.one("SELECT count(*) FROM metric_history")
}

fn warnings(run: &Run) -> usize {
    run.stderr.lines().filter(|line| line.starts_with("warning:")).count()
}

#[test]
fn what_is_no_spool_file_is_named_and_stops_nothing() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", folder]).fails(75, "kept");
    let at = |name: &str| spool.path().join(name);
    assert!(Command::new("mkfifo").arg(at("0a.readings")).status().expect("mkfifo runs").success());
    symlink("/dev/zero", at("0b.readings")).expect("a link");
    symlink("nowhere", at("0c.readings")).expect("a link");
    File::create(at("0d.readings")).and_then(|file| file.set_len(6 << 30)).expect("a file of holes");
    fs::create_dir(at("0e.readings")).expect("a folder");
    let _socket = std::os::unix::net::UnixListener::bind(at("0f.readings")).expect("a socket");

    // What waits and what is given are stored all the same.
    let run = db.cmf(["record", "PR-002", "2", "--spool", folder]).ok();
    for said in [
        "it is not a regular file (",
        "it is a link, which cmf does not follow (",
        "it has 6442450944 bytes, but --spool-limit allows 268435456 (",
        "0a.readings",
        "0b.readings",
        "0c.readings",
        "0d.readings",
        "0e.readings",
        "0f.readings",
    ] {
        assert!(run.stderr.contains(said), "no {said:?} in:\n{}", run.stderr);
    }
    assert_eq!((warnings(&run), count(&db).as_str(), files(spool.path()).len()), (6, "2", 6), "{}", run.stderr);
    // Holes take no room from readings that are to be kept.
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", folder])
        .fails(75, "1 reading is kept")
        .fails(75, "`cmf record --drain --spool ");
    db.cmf(["record", "--drain", "--spool", folder])
        .fails(65, "6 entries of the spool were not read")
        .fails(65, "\n1 reading is stored.\n");
    assert_eq!(count(&db), "3");
    let doctor = db.cmf(["doctor", "--spool", folder]);
    assert_eq!(doctor.code, 4, "{}", doctor.stderr);
    assert!(doctor.stdout.contains("0a.readings is not a regular file"), "{}", doctor.stdout);
}

#[test]
fn a_line_without_an_end_is_not_read_into_memory() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let path = spool.path().join("0.readings");
    File::create(&path).and_then(|file| file.set_len(200 << 20)).expect("a file of holes");
    let run = db.cmf(["record", "PR-002", "2", "--spool", folder]).fails(65, "a line is longer than 1 MB");
    assert!(run.stderr.contains("0.damaged"), "{}", run.stderr);
    assert_eq!(count(&db), "1");
    // A reading that such a line would be kept as is refused at once, and not when it is too late.
    let input = spool.path().join("input.csv");
    fs::write(&input, format!("metric,value,note\nPR-001,1,{}\n", "\\".repeat(600_000))).expect("a file");
    on(&nowhere(), &["record", "--file", input.to_str().expect("UTF-8"), "--spool", folder]).fails(65, "longer than 1 MB");
}

#[test]
fn the_columns_asked_for_do_not_fail_a_reading_that_is_kept() {
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let record =
        |choice: &[&str]| on(&nowhere(), &[&["record", "PR-001", "1", "--spool", folder, "--format", "json"], choice].concat());
    for wrong in [["--columns", "bogus"], ["--sort", "bogus"]] {
        record(&wrong).fails(2, "has no column `bogus`");
        assert!(files(spool.path()).is_empty(), "{wrong:?}");
    }
    for right in [["--columns", "value,outcome"], ["--sort", "-value"]] {
        let run = record(&right).fails(75, "kept");
        assert_eq!(run.json()["spooled"], 1, "{}", run.stdout);
    }
    assert_eq!(files(spool.path()).len(), 2);
}

#[test]
fn what_another_user_put_into_the_spool_is_not_recorded() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().join("spool");
    let named = folder.to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", named]).fails(75, "kept");
    let kept = files(&folder);
    if chown(&kept[0], Some(STRANGER), None).is_err() {
        // Only root can give files away.
        return;
    }
    let run = db.cmf(["record", "PR-002", "2", "--spool", named]).ok();
    assert!(run.stderr.contains("it belongs to another user (uid 65534)"), "{}", run.stderr);
    assert!(run.stderr.contains(kept[0].to_str().expect("UTF-8")), "{}", run.stderr);
    assert!(run.stderr.contains("`chown \"$(id -u)\" "), "{}", run.stderr);
    assert_eq!((count(&db).as_str(), files(&folder) == kept), ("1", true));
    chown(&kept[0], Some(0), None).expect("the file");
    db.cmf(["record", "--drain", "--spool", named]).ok();
    assert_eq!(count(&db), "2");

    // A folder of somebody else in which everybody may write is not used at all.
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", named]).fails(75, "kept");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("its mode");
    chown(&folder, Some(STRANGER), None).expect("the folder");
    let said = "is writable by everybody and belongs to another user (uid 65534)";
    let run = db.cmf(["record", "PR-001", "3", "--spool", named]).ok();
    assert!(run.stderr.contains(said) && warnings(&run) == 1, "{}", run.stderr);
    assert_eq!(count(&db), "3");
    on(&nowhere(), &["record", "PR-001", "4", "--spool", named])
        .fails(73, said)
        .fails(73, "\nNothing is stored: neither in the database nor in the spool.\n");
    db.cmf(["record", "--drain", "--spool", named]).fails(73, said);
    assert_eq!(files(&folder).len(), 1);
    let doctor = db.cmf(["doctor", "--spool", named]);
    assert!(doctor.code == 4 && doctor.stdout.contains("is writable by everybody"), "{}", doctor.stdout);
}

#[test]
fn a_spool_that_cannot_be_used_is_told_while_all_is_well_and_loses_nothing() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let file = spool.path().join("file");
    fs::write(&file, "").expect("a file");
    let inside = file.join("spool");
    for (place, said) in [
        ("/proc/none", "No such file"),
        (file.to_str().expect("UTF-8"), "it is not a folder"),
        (inside.to_str().expect("UTF-8"), "Not a directory"),
    ] {
        let before = count(&db).parse::<u32>().expect("a number");
        let run = db.cmf(["record", "PR-001", "1", "--spool", place]).ok();
        assert!(run.stderr.contains("readings cannot be kept in the spool") && run.stderr.contains(said), "{}", run.stderr);
        assert_eq!((warnings(&run), count(&db)), (1, (before + 1).to_string()), "{}", run.stderr);
        // What is only tried leaves no trace and says nothing of it.
        let tried = db.cmf(["record", "PR-001", "1", "--spool", place, "--dry-run"]).ok();
        assert_eq!(warnings(&tried), 0, "{}", tried.stderr);
        let kept = on(&nowhere(), &["record", "PR-001", "1", "--spool", place]).fails(73, "no server is listening there");
        assert!(kept.stderr.contains(said), "{}", kept.stderr);
        let doctor = db.cmf(["doctor", "--spool", place, "--format", "json"]);
        let findings = doctor.json();
        let finding = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == "spool");
        assert_eq!((doctor.code, &finding.expect("a finding")["state"]), (4, &"wrong".into()), "{place}: {findings}");
    }
    // A full one is told as well.
    let folder = spool.path().join("full");
    let folder = folder.to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", folder]).fails(75, "kept");
    let run = db.cmf(["record", "PR-002", "1", "--spool", folder, "--spool-limit", "0"]).ok();
    assert!(run.stderr.contains("warning: the spool is full"), "{}", run.stderr);
}

#[test]
fn what_is_kept_is_for_its_owner_alone_whatever_the_umask() {
    for umask in ["000", "277", "777"] {
        let spool = tempfile::tempdir().expect("a folder");
        let folder = spool.path().join("a/b");
        let script = format!("umask {umask}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_cmf"), "record", "PR-001", "1", "--spool"]).arg(&folder);
        command.env("CMF_DATABASE_URL", nowhere()).env("HOME", spool.path());
        run(&mut command).fails(75, "1 reading is kept");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(&files(&folder)[0]), mode(&folder)), (0o600, 0o700), "{umask}");
        assert_eq!(mode(&spool.path().join("a")), 0o700, "{umask}");
    }
}

#[test]
fn a_reading_whose_time_is_not_known_is_set_aside_until_somebody_writes_it() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", folder]).fails(75, "kept");
    // As it is kept where the clock was never set.
    let path = files(spool.path()).remove(0);
    let text = fs::read_to_string(&path).expect("the file");
    let lines: Vec<&str> = text.lines().collect();
    let mut line: serde_json::Value = serde_json::from_str(lines[1]).expect("a reading");
    let unknown = "unknown, because the clock of the computer showed 1970-01-01T00:00:12Z";
    line["at"] = unknown.into();
    let body = format!("{}\n{line}\n", lines[0]);
    let sum: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = File::create(&path).expect("the file");
    writeln!(file, "{body}{{\"cmf_spool\":\"end\",\"readings\":1,\"sha256\":\"{sum}\"}}").expect("the file");
    let run = db.cmf(["record", "PR-002", "2", "--spool", folder]).fails(65, "1 spool file was set aside");
    assert!(run.stderr.contains(unknown), "{}", run.stderr);
    assert_eq!(count(&db), "1");
    let aside = files(spool.path()).remove(0);
    let text = fs::read_to_string(&aside).expect("the file").replace(unknown, "2026-02-03");
    fs::write(&aside, text).expect("the file");
    db.cmf(["record", "--file", aside.to_str().expect("UTF-8")]).ok();
    assert_eq!(db.one("SELECT recorded_at FROM metric_history ORDER BY 1 LIMIT 1"), "2026-02-03 00:00:00");
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the spool").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn without_a_database_readings_are_spooled_or_the_command_fails() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().join("spool");
    let spooled = ["--spool", folder.to_str().expect("UTF-8")];
    let nowhere = nowhere();
    on(&nowhere, &["record", "PR-001", "1"]).fails(69, "no server is listening there").fails(69, "--spool DIR");
    let at = ["--at", "2026-01-05T06:00:00+01:00"];
    let run = on(
        &nowhere,
        &[&["record", "PR-001=97.5%", "PR-002=4", "--note", "kept", "--by", "ada"], &at[..], &spooled[..]].concat(),
    );
    run.fails(75, "2 readings are kept in");
    let before = chrono::Utc::now();
    on(&nowhere, &[&["record", "RC-001", "yes"], &spooled[..]].concat()).fails(75, "1 reading is kept in");
    let after = chrono::Utc::now();
    let kept = files(&folder);
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.metadata().expect("a folder").permissions().mode() & 0o777, 0o700);
    // What could never be stored is refused at once.
    on(&nowhere, &[&["record", "PR-001", "1_000"], &spooled[..]].concat()).fails(65, "has underscores");
    on(&nowhere, &[&["record", "PR-001", "5", "--at", "2999-01-01"], &spooled[..]].concat()).fails(65, "in the future");
    assert_eq!(files(&folder).len(), 2);
    on(&nowhere, &[&["record", "--drain"], &spooled[..]].concat()).fails(75, "the readings stay in the spool");

    // The next record stores what waits before its own reading.
    db.cmf([&["record", "PR-002", "3"], &spooled[..]].concat()).ok();
    assert_eq!(files(&folder).len(), 0);
    assert_eq!(
        db.rows("SELECT h.value, h.recorded_at, h.note, u.username FROM metric_history h JOIN users u ON u.id = h.recorded_by ORDER BY 1"),
        ["4.0000|2026-01-05 05:00:00|kept|ada", "97.5000|2026-01-05 05:00:00|kept|ada"]
    );
    let at = db
        .one("SELECT recorded_at FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE m.metric_number = 'RC-001'");
    let at = chrono::NaiveDateTime::parse_from_str(&at, "%Y-%m-%d %H:%M:%S%.f").expect("a time").and_utc();
    let during = before.timestamp_micros()..=after.timestamp_micros();
    assert!(during.contains(&at.timestamp_micros()), "{at} is not the instant of the spooled command");
    let drained = db.cmf([&["record", "--drain", "--format", "json"], &spooled[..]].concat()).ok().json();
    assert_eq!(drained["files"], 0);
}

#[test]
fn a_spooled_file_of_any_length_is_drained_once_by_several_at_once() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let text: String = (1..=300).fold("metric,value,at\n".to_owned(), |text, n| {
        text + &format!("PR-001,{n},2026-01-01T00:{:02}:{:02}Z\n", n / 60, n % 60)
    });
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("a file");
    on(&nowhere(), &["record", "--file", file.path().to_str().expect("UTF-8"), "--spool", folder])
        .fails(75, "300 readings are kept");
    for n in 1..=10 {
        on(&nowhere(), &["record", &format!("PR-002={n}"), "--spool", folder]).fails(75, "kept");
    }
    let drains: Vec<Child> = (0..4)
        .map(|_| {
            let mut command = db.command();
            command.args(["record", "--drain", "--spool", folder]).stderr(Stdio::piped()).stdout(Stdio::piped());
            command.spawn().expect("the binary runs")
        })
        .collect();
    for drain in drains {
        Run::from(drain.wait_with_output().expect("the binary ends")).ok();
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "310");
    assert_eq!(files(spool.path()).len(), 0);
}

#[test]
fn damaged_and_refused_spool_files_are_set_aside_and_block_nothing() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    for reading in ["PR-001=1", "PR-002=2", "PR-999=3", "RC-001=1"] {
        on(&nowhere(), &["record", reading, "--spool", folder]).fails(75, "kept");
    }
    let kept = files(spool.path());
    let text = std::fs::read_to_string(&kept[0]).expect("the file");
    std::fs::write(&kept[0], text.replace("\"value\":\"1\"", "\"value\":\"9\"")).expect("damage");
    let text = std::fs::read_to_string(&kept[1]).expect("the file");
    std::fs::write(&kept[1], &text[..text.rfind("{\"cmf_spool\"").expect("an end")]).expect("damage");
    std::fs::write(spool.path().join("0.readings"), [0xff, 0xfe, 0, 10]).expect("rubbish");

    let run = db.cmf(["record", "--drain", "--spool", folder]).fails(65, "4 spool files were set aside");
    for text in ["its fingerprint differs", "its end is missing", "there is no metric `PR-999`", ".damaged", ".refused"] {
        assert!(run.stderr.contains(text), "no {text:?} in:\n{}", run.stderr);
    }
    assert!(run.stderr.contains("\n1 reading of the other files is stored.\n"), "{}", run.stderr);
    assert!(run.stderr.contains("/0.damaged\nhint: no reading can be found in it; remove the file\n"), "{}", run.stderr);
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["1.0000"]);
    assert_eq!(files(spool.path()).len(), 4);
    // What can be read of a damaged one is stored by the command that is named.
    let is_hint = |line: &&str| line.starts_with("hint: `grep ") && !line.contains("/0.damaged");
    let line = run.stderr.lines().find(is_hint).expect("what to type");
    let typed = line.split('`').nth(1).expect("a command").replace("| cmf ", &format!("| {} ", binary().display()));
    let (mut shell, cmf) = (Command::new("sh"), db.command());
    shell.envs(cmf.get_envs().filter_map(|(name, value)| Some((name, value?)))).args(["-c", &typed]);
    assert!(shell.status().expect("sh runs").success(), "{typed}");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
    // They are in nobody's way any more.
    db.cmf(["record", "PR-001", "5", "--spool", folder]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "3");
}

#[test]
fn a_spool_that_is_full_or_cannot_be_written_is_an_error() {
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let nowhere = nowhere();
    on(&nowhere, &["record", "PR-001", "1", "--spool", folder, "--spool-limit", "0"])
        .fails(73, "the spool is full")
        .fails(73, "Nothing is stored, and nothing is in the spool.");
    assert_eq!(files(spool.path()).len(), 0);
    // What is kept already counts: a megabyte and a half leaves no room in one, and some in two.
    let note = "x".repeat(750);
    let line = |n: u32| format!("PR-001,{n},2026-01-01T00:{:02}:{:02}Z,{note}\n", n / 60, n % 60);
    let text: String = std::iter::once("metric,value,at,note\n".to_owned()).chain((0..2000).map(line)).collect();
    let large = spool.path().join("large.csv");
    std::fs::write(&large, text).expect("the file is written");
    let kept = spool.path().join("kept");
    let kept = kept.to_str().expect("UTF-8");
    let file = ["record", "--file", large.to_str().expect("UTF-8"), "--spool", kept];
    on(&nowhere, &[&file[..], &["--spool-limit", "1"]].concat()).fails(73, "the spool is full");
    on(&nowhere, &[&file[..], &["--spool-limit", "2"]].concat()).fails(75, "2000 readings are kept");
    let one = ["record", "PR-001", "1", "--spool", kept];
    on(&nowhere, &[&one[..], &["--spool-limit", "1"]].concat()).fails(73, "the spool is full");
    assert_eq!(files(kept.as_ref()).len(), 1);
    on(&nowhere, &[&one[..], &["--spool-limit", "2"]].concat()).fails(75, "1 reading is kept");
    on(&nowhere, &["record", "PR-001", "1", "--spool", "/proc/none"]).fails(73, "cannot be kept");
    on(&nowhere, &["record", "--drain"]).fails(2, "--spool");
}

#[test]
fn a_spooled_reading_of_a_held_metric_is_in_nobodys_way() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", folder]).fails(75, "kept");
    let holder = db.hold("SELECT id FROM metrics WHERE metric_number = 'PR-001' FOR UPDATE");
    let run = db.cmf(["record", "PR-002", "1", "--spool", folder]).fails(75, "another session holds a lock");
    assert!(run.stderr.contains("in the spool"), "{}", run.stderr);
    assert_eq!(db.rows("SELECT current_value::int FROM metrics WHERE metric_number = 'PR-002'"), ["1"]);
    assert_eq!(files(spool.path()).len(), 1);
    drop(holder);
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
    assert_eq!(files(spool.path()).len(), 0);
}

#[test]
fn what_needs_somebody_is_an_error_and_the_reading_is_kept() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    db.execute("ALTER TABLE metrics RENAME TO metrics_gone");
    db.cmf(["record", "PR-001", "1", "--spool", folder]).fails(1, "cmf migrate up").fails(1, "1 reading is kept in").fails(
        1,
        &format!("then `cmf record --drain --spool {folder}`, or the next command with this spool, stores what is kept"),
    );
    db.execute("ALTER TABLE metrics_gone RENAME TO metrics");
    on("postgres://somebody@127.0.0.1:1/none?sslmode=absurd", &["record", "PR-001", "2", "--spool", folder])
        .fails(78, "1 reading is kept in");
    // What was only tried is not kept, and neither is a reading that is at fault itself.
    on(&nowhere(), &["record", "PR-001", "3", "--spool", folder, "--dry-run"]).fails(69, "no server is listening there");
    assert_eq!(files(spool.path()).len(), 2);
    db.cmf(["record", "PR-001", "soon", "--spool", folder]).fails(65, "not a number");
    assert_eq!(files(spool.path()).len(), 0);
    assert_eq!(db.rows("SELECT value::int FROM metric_history ORDER BY recorded_at"), ["1", "2"]);
}

#[test]
fn a_spool_keeps_what_can_be_stored_where_that_is_asked_for_and_loses_what_nobody_was_promised() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let (input, rejects) = (spool.path().join("input.csv"), spool.path().join("rejects.csv"));
    std::fs::write(&input, "metric,value,at\nPR-001,1,2026-01-01\nPR-001,1_000,2026-01-02\n").expect("a file");
    let name = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
    let (input, rejects) = (name(&input), name(&rejects));
    let args = ["record", "--file", &input, "--spool", folder, "--allow-partial", "--rejects", &rejects];
    let run = on(&nowhere(), &args).fails(75, "1 reading is kept in");
    assert!(run.stderr.contains("refused: row 3, column value: PR-001: the value `1_000` has underscores"), "{}", run.stderr);
    let written = std::fs::read_to_string(&rejects).expect("the rejects");
    assert!(written.starts_with("metric,value,at,reason\nPR-001,1_000,2026-01-02,"), "{written}");
    for (name, age) in [(".old.tmp", 7200), (".young.tmp", 60)] {
        let file = std::fs::File::create(spool.path().join(name)).expect("a file");
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).expect("its time");
    }
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    assert_eq!(db.rows("SELECT value::int FROM metric_history"), ["1"]);
    assert!(!spool.path().join(".old.tmp").exists() && spool.path().join(".young.tmp").exists());
}

#[test]
fn a_spool_of_ones_own_in_which_everybody_may_write_is_not_used() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    // Called so that a shell needs quotes around it.
    let folder = spool.path().join("my spool");
    let named = folder.to_str().expect("UTF-8");
    let open_to = |mode: u32| fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("its mode");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", named]).fails(75, "kept");
    let (said, cure) = ("it is writable by everybody", format!("chmod o-w \"{named}\""));
    for (mode, stored) in [(0o777, "1"), (0o702, "2")] {
        open_to(mode);
        // The reading itself is stored; what waits there is not read.
        let run = db.cmf(["record", "PR-002", "2", "--spool", named]).ok();
        assert!(run.stderr.contains(said) && run.stderr.contains(&cure) && warnings(&run) == 1, "{}", run.stderr);
        assert_eq!((count(&db).as_str(), files(&folder).len()), (stored, 1));
        let run = on(&nowhere(), &["record", "PR-001", "4", "--spool", named]).fails(73, said);
        assert!(run.stderr.contains(&cure) && run.stderr.contains("no server is listening there"), "{}", run.stderr);
        let run = db.cmf(["record", "--drain", "--spool", named]).fails(73, said);
        assert!(run.stderr.contains(&cure), "{}", run.stderr);
        assert_eq!(files(&folder).len(), 1);
        let doctor = db.cmf(["doctor", "--spool", named, "--format", "json"]);
        let findings = doctor.json();
        let finding = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == "spool");
        let finding = finding.expect("a finding").to_string();
        assert!(doctor.code == 4 && finding.contains("is writable by everybody") && finding.contains("chmod o-w"), "{finding}");
    }
    // With the sticky bit others can add files to it, which are not read, and remove none.
    open_to(0o1777);
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", named]).fails(75, "kept");
    let run = db.cmf(["record", "--drain", "--spool", named]).ok();
    assert_eq!((count(&db).as_str(), warnings(&run), files(&folder).len()), ("4", 0, 0), "{}", run.stderr);
}

#[test]
fn each_file_of_the_spool_has_its_own_row_in_the_trail() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    for reading in ["PR-001=1", "PR-002=2"] {
        on(&nowhere(), &["record", reading, "--spool", folder]).fails(75, "kept");
    }
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    let rows = "SELECT count(*), count(DISTINCT xmin::text) FROM ai_change_log WHERE action = 'reading.record'";
    assert_eq!(db.rows(rows), ["2|2"]);
}

#[test]
fn a_drain_that_leaves_readings_says_so_by_its_code() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    on(&nowhere(), &["record", "PR-001", "1", "--spool", folder]).fails(75, "kept");
    db.execute(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
         CREATE TRIGGER no BEFORE INSERT ON metric_history EXECUTE FUNCTION no()",
    );
    db.cmf(["record", "--drain", "--spool", folder]).fails(75, "in the spool");
    assert_eq!(files(spool.path()).len(), 1);
    db.execute("DROP TRIGGER no ON metric_history");
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    assert_eq!((files(spool.path()).len(), db.one("SELECT count(*) FROM metric_history")), (0, "1".to_owned()));
}

//! What lies in the spool, who put it there, and whether readings could be kept in it: nothing of that stops recording.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::record::with_metrics;
use crate::record_faults::{files, nowhere, on};
use crate::support::{Db, Run, run};

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
        "it is a link, and links are not followed (",
        "it has 6442450944 bytes, and --spool-limit allows 268435456 (",
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
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", folder]).fails(75, "1 reading is kept");
    db.cmf(["record", "--drain", "--spool", folder]).fails(65, "6 entries of the spool were not read");
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
    fs::write(&input, format!("metric,value,note\nPR-001,1,{}\n", "\u{1}".repeat(300_000))).expect("a file");
    on(&nowhere(), &["record", "--file", input.to_str().expect("UTF-8"), "--spool", folder]).fails(65, "longer than the 1 MB");
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
    assert_eq!((count(&db).as_str(), files(&folder) == kept), ("1", true));
    chown(&kept[0], Some(0), None).expect("the file");
    db.cmf(["record", "--drain", "--spool", named]).ok();
    assert_eq!(count(&db), "2");

    // A folder of somebody else in which everybody may write is not used at all.
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", named]).fails(75, "kept");
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("its mode");
    chown(&folder, Some(STRANGER), None).expect("the folder");
    let said = "can be written by everybody and belongs to another user (uid 65534)";
    let run = db.cmf(["record", "PR-001", "3", "--spool", named]).ok();
    assert!(run.stderr.contains(said) && warnings(&run) == 1, "{}", run.stderr);
    assert_eq!(count(&db), "3");
    on(&nowhere(), &["record", "PR-001", "4", "--spool", named]).fails(73, said);
    db.cmf(["record", "--drain", "--spool", named]).fails(73, said);
    assert_eq!(files(&folder).len(), 1);
    let doctor = db.cmf(["doctor", "--spool", named]);
    assert!(doctor.code == 4 && doctor.stdout.contains("can be written by everybody"), "{}", doctor.stdout);
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
    let (said, cure) = ("it can be written by everybody", format!("chmod o-w \"{named}\""));
    for (mode, stored) in [(0o777, "1"), (0o702, "2")] {
        open_to(mode);
        // The reading itself is stored; what waits there is not read.
        let run = db.cmf(["record", "PR-002", "2", "--spool", named]).ok();
        assert!(run.stderr.contains(said) && run.stderr.contains(&cure) && warnings(&run) == 1, "{}", run.stderr);
        assert_eq!((count(&db).as_str(), files(&folder).len()), (stored, 1));
        let run = on(&nowhere(), &["record", "PR-001", "4", "--spool", named]).fails(73, said);
        assert!(run.stderr.contains(&cure) && run.stderr.contains("nothing listens there"), "{}", run.stderr);
        let run = db.cmf(["record", "--drain", "--spool", named]).fails(73, said);
        assert!(run.stderr.contains(&cure), "{}", run.stderr);
        assert_eq!(files(&folder).len(), 1);
        let doctor = db.cmf(["doctor", "--spool", named, "--format", "json"]);
        let findings = doctor.json();
        let finding = findings.as_array().expect("findings").iter().find(|finding| finding["check"] == "spool");
        let finding = finding.expect("a finding").to_string();
        assert!(
            doctor.code == 4 && finding.contains("can be written by everybody") && finding.contains("chmod o-w"),
            "{finding}"
        );
    }
    // With the sticky bit others can add files to it, which are not read, and remove none.
    open_to(0o1777);
    on(&nowhere(), &["record", "RC-001", "yes", "--spool", named]).fails(75, "kept");
    let run = db.cmf(["record", "--drain", "--spool", named]).ok();
    assert_eq!((count(&db).as_str(), warnings(&run), files(&folder).len()), ("4", 0, 0), "{}", run.stderr);
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
        let kept = on(&nowhere(), &["record", "PR-001", "1", "--spool", place]).fails(73, "nothing listens there");
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

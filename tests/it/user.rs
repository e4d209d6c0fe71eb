//! `cmf user`.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::catalog::catalog;
use crate::support::{Db, Run, on_terminal, run};

#[test]
fn a_created_user_is_listed_and_leaves_an_audit_row() {
    let db = Db::migrated();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    let list = db.cmf(["user", "list", "--format", "json"]).ok().json();
    assert_eq!(list[0]["username"], "ada");
    assert_eq!(list[0]["email"], "ada@example.org");
    assert_eq!(list[0]["is_active"], true);
    assert_eq!(db.rows("SELECT action, source FROM ai_change_log"), ["user.create|cmf"]);
}

#[test]
fn a_taken_name_is_refused_and_nothing_changes() {
    let db = Db::migrated();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    db.cmf(["user", "create", "ada", "--email", "other@example.org"]).fails(1, "the user `ada` exists already");
    db.cmf(["user", "create", "bob", "--email", "ada@example.org"])
        .fails(1, "the email address `ada@example.org` exists already");
    assert_eq!(db.one("SELECT count(*) FROM users"), "1");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1");
}

#[test]
fn what_cannot_be_a_name_or_an_address_is_a_usage_error() {
    let db = Db::migrated();
    for (name, email, message) in [
        (" ada", "ada@example.org", "blanks at its ends"),
        ("", "ada@example.org", "cannot be empty"),
        (&"x".repeat(101), "ada@example.org", "at most 100"),
        ("ada", &format!("{}@example.org", "x".repeat(244)), "at most 255"),
        ("ada", "ada", "is not an email address"),
        ("ada", "a b@example.org", "is not an email address"),
    ] {
        db.cmf(["user", "create", name, "--email", email]).fails(2, message);
    }
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");
    let longest = format!("{}@example.org", "x".repeat(243));
    db.cmf(["user", "create", &"x".repeat(100), "--email", &longest]).ok();
}

/// Runs `cmf user set-password USER` with this on standard input.
fn set_password(db: &Db, user: &str, input: &[u8]) -> Run {
    let mut command = db.command();
    command.args(["user", "set-password", user]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cmf starts");
    // A command that fails early does not read its input.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    Run::from(child.wait_with_output().expect("cmf ends"))
}

#[test]
fn a_password_is_kept_as_an_argon2id_hash_and_shown_nowhere() {
    let db = Db::seeded();
    set_password(&db, "analyst", b"correct horse battery\r\n").ok();
    let hash = db.one("SELECT password_hash FROM users");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(cmf::domain::password::matches("correct horse battery", &hash));
    set_password(&db, "analyst", b"correct horse battery").ok();
    assert_ne!(db.one("SELECT password_hash FROM users"), hash, "another salt");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'user.set-password'"), "2");
    let everything = db.rows("SELECT row_to_json(l) FROM ai_change_log l").concat();
    assert!(!everything.contains("horse") && !everything.contains("argon2"), "{everything}");
    assert!(!db.cmf(["user", "list", "--format", "json"]).ok().stdout.contains("argon2"));
}

#[test]
fn what_cannot_be_a_password_is_refused_and_nothing_changes() {
    let db = Db::seeded();
    for (input, message) in [
        (&b""[..], "no password on standard input"),
        (b"\n", "fewer than 8 characters"),
        (b"short\n", "fewer than 8 characters"),
        (b"tab\tin the middle\n", "control character"),
        (b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\n", "not UTF-8"),
    ] {
        set_password(&db, "analyst", input).fails(2, message);
    }
    set_password(&db, "eve", b"correct horse battery\n").fails(2, "there is no user `eve`");
    assert_eq!(db.one("SELECT password_hash FROM users"), "");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action LIKE 'user.set%'"), "0");
}

#[test]
fn a_closed_account_stays_with_what_it_owns_and_can_be_opened_again() {
    let db = Db::seeded();
    let closed = db.cmf(["user", "deactivate", "analyst", "--format", "json"]).ok();
    assert!(closed.stderr.contains("note: no user is active now"), "{}", closed.stderr);
    let run = closed.json();
    assert_eq!((&run["is_active"], &run["changed"]), (&false.into(), &true.into()));
    assert_eq!(db.one("SELECT is_active FROM users"), "f");
    assert_eq!(db.cmf(["user", "deactivate", "analyst", "--format", "json"]).ok().json()["changed"], false);
    db.cmf(["user", "activate", "analyst"]).ok();
    assert_eq!(db.one("SELECT is_active FROM users"), "t");
    assert_eq!(
        db.rows("SELECT action FROM ai_change_log WHERE action LIKE 'user.%activate' ORDER BY timestamp"),
        ["user.deactivate", "user.activate"]
    );
    db.cmf(["user", "deactivate", "analist"]).fails(2, "did you mean `analyst`");
}

#[test]
fn a_closed_account_owns_nothing_new_and_records_nothing() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    let recorded = db.cmf(["record", "PR-001", "91", "--format", "json"]).ok().json();
    let reading = recorded["id"].as_str().expect("an id").to_owned();
    let closed = db.cmf(["user", "deactivate", "analyst"]).ok();
    assert!(
        closed.stderr.contains("note: analyst still owns 1 catalog: `cmf catalog chown CATALOG USER`"),
        "{}",
        closed.stderr
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "name,target\nA,1\n").expect("written");
    let path = file.path().to_str().expect("a path");
    let counts = || {
        db.rows(
            "SELECT count(*) FROM metric_catalogs UNION ALL SELECT count(*) FROM metric_history
             UNION ALL SELECT count(*) FROM ai_change_log",
        )
    };
    let before = counts();
    for args in [
        &["import", "--direction=*=higher", path, "--name", "New", "--owner", "analyst"][..],
        &["catalog", "clone", "Ours", "New", "--to", "analyst"],
        &["catalog", "clone", "Ours", "New"],
        &["record", "PR-001", "92", "--by", "analyst"],
        &["record", "undo", &reading, "--by", "analyst"],
    ] {
        db.cmf(args).fails(2, "the account of analyst is closed");
    }
    run(db.command().env("CMF_OWNER", "analyst").args(["import", "--direction=*=higher", path, "--name", "New"]))
        .fails(2, "cmf user activate analyst");
    assert_eq!(counts(), before);
    // What it has stays and can be looked at, changed and given away.
    db.cmf(["score", "--framework", "csf-2.0", "--owner", "analyst"]).ok();
    db.cmf(["catalog", "list", "--owner", "analyst"]).ok();
    db.cmf(["catalog", "clone", "Ours", "New", "--to", "ada"]).ok();
    // Where nobody is named, the only account that is open is taken.
    db.cmf(["import", "--direction=*=higher", path, "--name", "Own"]).ok();
    assert_eq!(
        db.rows("SELECT c.name, u.username FROM metric_catalogs c JOIN users u ON u.id = c.owner_id ORDER BY 1"),
        ["New|ada", "Ours|analyst", "Own|ada"]
    );
}

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let off = folder.path().join("off");
    // It is typed once the terminal has no echo any more.
    let script = format!(
        "while ! stty -a < /dev/tty | grep -q -- '-echo '; do :; done && touch '{}' & exec \"$0\" \"$@\"",
        off.display()
    );
    let hidden = || {
        let begun = Instant::now();
        while !off.exists() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the terminal goes on to show what is typed");
            std::thread::yield_now();
        }
        std::fs::remove_file(&off).expect("the mark");
    };
    let typed = |answers: &str| {
        let mut command = db.in_shell(&script);
        command.args(["user", "set-password", "analyst"]);
        on_terminal(&command, "password", hidden, answers)
    };
    let Some(refused) = typed("correct horse battery\nanother horse battery\n") else { return };
    let refused = refused.fails(1, "the two passwords differ");
    assert!(!refused.stderr.contains("horse"), "{}", refused.stderr);
    assert_eq!(db.one("SELECT password_hash FROM users"), "");
    let taken = typed("correct horse battery\ncorrect horse battery\n").expect("a terminal").ok();
    assert!(!taken.stderr.contains("horse"), "{}", taken.stderr);
    assert!(cmf::domain::password::matches("correct horse battery", &db.one("SELECT password_hash FROM users")));
}

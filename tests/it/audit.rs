//! `cmf audit`.

use crate::support::Db;

#[test]
fn changes_are_listed_newest_first_and_shown_whole() {
    let db = Db::seeded();
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    db.execute("UPDATE ai_change_log SET timestamp = timestamp - interval '40 days' WHERE action = 'seed'");
    let list = db.cmf(["audit", "list", "--format", "json"]).ok().json();
    let actions: Vec<&str> = list.as_array().expect("rows").iter().map(|row| row["action"].as_str().expect("text")).collect();
    assert_eq!(actions, ["user.create", "user.create", "seed"]);
    assert_eq!((&list[0]["username"], &list[0]["result"]["username"]), (&"bob".into(), &"bob".into()));
    let id = list[0]["id"].as_str().expect("an id");
    let shown = db.cmf(["audit", "show", id, "--format", "json"]).ok().json();
    assert_eq!((&shown["action"], &shown["result"]["username"]), (&"user.create".into(), &"bob".into()));
    let count = |args: &[&str]| {
        let run = db.cmf(["audit", "list", "--format", "json"].iter().chain(args)).ok();
        run.json().as_array().expect("rows").len()
    };
    assert_eq!(count(&["--since", "35d"]), 2);
    assert_eq!(count(&["--until", "35d"]), 1);
    assert_eq!(count(&["--action", "user"]), 2);
    assert_eq!(count(&["--action", "user.create", "--user", "bob"]), 1);
    let run = db.cmf(["audit", "list", "--limit", "1", "--format", "csv"]).ok();
    assert_eq!(run.stdout.lines().count(), 2);
    assert!(run.stderr.contains("the newest 1 only"), "{}", run.stderr);
}

#[test]
fn what_is_unknown_or_not_unique_is_refused() {
    let db = Db::seeded();
    db.cmf(["audit", "list", "--action", "user.creat"]).fails(2, "did you mean `user.create`?");
    db.cmf(["audit", "list", "--user", "eve"]).fails(2, "no user is called `eve`");
    db.cmf(["audit", "list", "--since", "yesterday"]).fails(2, "write 2026-03-01");
    db.cmf(["audit", "show", "seed"]).fails(2, "is no id");
    db.cmf(["audit", "show", "ffffffff"]).fails(2, "no change has the id");
    db.cmf(["audit", "show", "0"]).fails(2, "give more of the id");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "2");
}

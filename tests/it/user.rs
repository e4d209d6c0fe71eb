//! `cmf user`.

use crate::support::Db;

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
    db.cmf(["user", "create", "ada", "--email", "other@example.org"]).fails(1, "a user of this name exists already");
    db.cmf(["user", "create", "bob", "--email", "ada@example.org"]).fails(1, "a user with this email address exists already");
    assert_eq!(db.one("SELECT count(*) FROM users"), "1");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1");
}

#[test]
fn what_cannot_be_a_name_or_an_address_is_a_usage_error() {
    let db = Db::migrated();
    for (name, email, message) in [
        (" ada", "ada@example.org", "has no blanks around it"),
        ("", "ada@example.org", "is not empty"),
        (&"x".repeat(101), "ada@example.org", "at most 100"),
        ("ada", "ada", "is not an email address"),
        ("ada", "a b@example.org", "is not an email address"),
    ] {
        db.cmf(["user", "create", name, "--email", email]).fails(2, message);
    }
    assert_eq!(db.one("SELECT count(*) FROM users"), "0");
}

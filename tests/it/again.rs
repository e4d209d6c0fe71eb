//! A command whose transaction another one was in the way of does its work again.

use crate::at_once::{settle, start, write_of};
use crate::support::{Db, Run};

#[test]
fn a_deadlock_is_met_with_another_attempt() {
    let db = Db::migrated();
    db.execute(&format!("ALTER DATABASE \"{}\" SET deadlock_timeout TO '100ms'", db.name));
    // The other session has what the command needs last, and wants what the command has taken first. It never looks for a
    // deadlock, so the command is the one that is ended.
    let held = write_of(&db, &["framework_functions"]);
    let mut other = db.session();
    for sql in ["SET deadlock_timeout TO '1h'", "BEGIN", "LOCK TABLE ai_change_log"] {
        other.rows(sql);
    }
    let mut seed = start(&db, &["seed"]);
    settle(&db, &mut seed, 1);
    std::thread::scope(|threads| {
        threads.spawn(move || {
            other.rows("SELECT pg_advisory_xact_lock(hashtext('cmf frameworks'))::text");
            other.rows("COMMIT");
        });
        settle(&db, &mut seed, 2);
        drop(held);
    });
    Run::from(seed.wait_with_output().expect("cmf ends")).ok();
    db.wait_for("1", "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'seed'"), "1");
}

#[test]
fn a_server_that_isolates_more_by_default_is_in_nobodys_way() {
    let db = Db::migrated();
    db.execute(&format!("ALTER DATABASE \"{}\" SET default_transaction_isolation TO 'serializable'", db.name));
    let held = db.hold("LOCK TABLE ai_change_log IN SHARE MODE");
    let mut waiting = 0;
    let users = ["one", "two"].map(|name| {
        let mut child = start(&db, &["user", "create", name, "--email", &format!("{name}@example.org")]);
        waiting += 1;
        settle(&db, &mut child, waiting);
        child
    });
    drop(held);
    for child in users {
        Run::from(child.wait_with_output().expect("cmf ends")).ok();
    }
    db.cmf(["audit", "verify"]).ok();
}

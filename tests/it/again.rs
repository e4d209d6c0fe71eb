//! A command whose transaction another one was in the way of does its work again.

use crate::at_once::{filled, settle, start, write_of};
use crate::import::Scratch;
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

#[test]
fn what_another_session_was_in_the_way_of_is_done_again_whatever_it_is() {
    let scratch = Scratch::new();
    let db = filled();
    db.execute(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION first_fails() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('tries') = 1 THEN RAISE EXCEPTION 'another session' USING ERRCODE = '40001'; END IF;
             RETURN NULL;
         END $$",
    );
    let sheet = scratch.file("new.csv", "id,name,value,target,code\nN-1,One,1,2,PR.AA-01\nN-2,Two,abc,2,\n");
    let other = scratch.file("other.csv", "id,name,value,target\nO-1,One,1,2\n");
    let own = scratch.file("own.csv", "function,category,subcategory,name,text\nA,,,Alpha,a\nA,A.X,,Ex,x\nA,A.X,A.X-1,,one\n");
    let mappings = scratch.0.path().join("mappings.csv");
    let edited = db.cmf(["map", "export", "--catalog", "Ours", "--framework", "csf-2.0", "--format", "csv"]).ok().stdout;
    std::fs::write(&mappings, edited.replace("false", "true").replace(",no", ",yes")).expect("a file");
    let [sheet, other, own, mappings] = [sheet, other, own, mappings].map(|file| file.display().to_string());
    let rejects = scratch.0.path().join("rejects.csv").display().to_string();
    let import = ["import", &sheet, "--direction", "*=higher", "--allow-partial", "--rejects", &rejects];
    let commands: [&[&str]; 12] = [
        &["metric", "set", "M-1", "--target", "77"],
        &["metric", "lock", "M-1"],
        &["metric", "unlock", "M-1"],
        &["metric", "add", "New", "--function", "PR", "--direction", "binary"],
        &["metric", "rm", "M-3", "--yes"],
        &["score", "--catalog", "Ours", "--framework", "csf-2.0"],
        &["score", "backfill", "--catalog", "Ours", "--framework", "csf-2.0", "--from", "2026-02-01", "--to", "2026-02-10"],
        &["map", "import", &mappings, "--catalog", "Ours", "--framework", "csf-2.0"],
        &["framework", "import", &own, "--name", "Own", "--framework-version", "1"],
        &import,
        &["import", &sheet, &other, "--direction", "*=higher", "--allow-partial", "--mode", "upsert"],
        &["import", &sheet, "--direction", "*=lower", "--allow-partial", "--again", "--name", "Third", "--activate"],
    ];
    for args in commands {
        // What fails is the row for the trail, the last; of the last import the first of its items.
        let table = if args.contains(&"Third") { "metric_catalog_items" } else { "ai_change_log" };
        db.execute(&format!(
            "ALTER SEQUENCE tries RESTART; DROP TRIGGER IF EXISTS first_fails ON ai_change_log;
             CREATE TRIGGER first_fails BEFORE INSERT ON {table} EXECUTE FUNCTION first_fails();"
        ));
        let before = db.one("SELECT count(*) FROM ai_change_log");
        let run = db.cmf(args);
        assert!(run.code == 0 || run.code == 3, "{args:?}: {}\n{}", run.code, run.stderr);
        assert!(db.one("SELECT last_value FROM tries").parse::<u64>().expect("a number") > 1, "{args:?}");
        let after = db.one("SELECT count(*) FROM ai_change_log");
        assert_ne!(before, after, "{args:?}");
    }
    let rejected = std::fs::read_to_string(&rejects).expect("a file");
    assert_eq!(rejected.matches("N-2").count(), 1, "{rejected}");
    db.cmf(["audit", "verify"]).ok();
}

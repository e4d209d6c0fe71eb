//! Migrations outside a transaction: statement by statement, and on from where a run stopped.

use std::process::Stdio;
use std::time::Duration;

use super::{Folder, RESTING, applied, at_once, catalog_dump, locks};
use crate::support::{Db, let_pass};

const INDEX: &str = "-- beside the work of others\nCREATE INDEX CONCURRENTLY idx_a_b ON a (b);\n";

fn with_index(rows: u32) -> Folder {
    let folder = Folder::of(&[(
        "1_a",
        &format!("CREATE TABLE a (id integer, b integer); INSERT INTO a SELECT n, n % 1000 FROM generate_series(1, {rows}) n;"),
        "DROP TABLE a;",
    )]);
    folder.add_bare("2_index", INDEX, "DROP INDEX CONCURRENTLY idx_a_b;");
    folder.add("3_b", "CREATE TABLE b (id integer);", "DROP TABLE b;");
    folder
}

fn valid(db: &Db, index: &str) -> String {
    db.one(&format!("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{index}')"))
}

#[test]
fn a_concurrent_index_is_built_and_dropped() {
    let (db, folder) = (Db::empty(), with_index(10));
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(valid(&db, "idx_a_b"), "t");
    assert_eq!(applied(&db), ["1", "2", "3"]);
    db.cmf(folder.args(&["down", "--all", "--confirm", &db.name])).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn eight_at_once_with_a_concurrent_index_apply_each_step_once() {
    let (db, folder) = (Db::empty(), with_index(2000));
    at_once(&db, 8, &folder.args(&["up"]));
    assert_eq!(valid(&db, "idx_a_b"), "t");
    assert_eq!(db.rows("SELECT version FROM cmf_migrations WHERE action = 'up' ORDER BY id"), ["1", "2", "3"]);
}

/// Kills runs at `rounds` instants of the first moments of their lives, and lets another end what they began.
fn killed(rounds: u64) {
    let expected = {
        let (db, folder) = (Db::empty(), with_index(20_000));
        db.cmf(folder.args(&["up"])).ok();
        catalog_dump(&db)
    };
    let mut unfinished = 0;
    for round in 0..rounds {
        let (db, folder) = (Db::empty(), with_index(20_000));
        let mut command = db.command();
        let mut child =
            command.args(folder.args(&["up"])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("cmf runs");
        let_pass(Duration::from_millis(2 + round * 150 / rounds));
        child.kill().expect("the kill");
        child.wait().expect("the end");
        unfinished += usize::from(db.one("SELECT to_regclass('b')").is_empty());
        db.cmf(folder.args(&["up"])).ok();
        assert_eq!(catalog_dump(&db), expected, "round {round}");
        assert_eq!(applied(&db), ["1", "2", "3"]);
    }
    assert!(unfinished > 0, "no run was killed in its middle");
}

#[test]
fn after_a_kill_the_next_run_ends_with_the_same_schema() {
    killed(8);
}

/// The long form: `cargo nextest run --run-ignored only after_fifty_kills`.
#[test]
#[ignore = "takes a minute"]
fn after_fifty_kills_the_next_run_ends_with_the_same_schema() {
    killed(50);
}

#[test]
fn an_invalid_index_is_built_again_and_never_taken_for_done() {
    for script in [INDEX.to_owned(), INDEX.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS")] {
        let (db, folder) = (Db::empty(), with_index(100));
        folder.write("2_index", "up.sql", &script.replace("CREATE INDEX", "CREATE UNIQUE INDEX"));
        db.execute("CREATE TABLE a (id integer, b integer); INSERT INTO a VALUES (1, 1), (2, 1)");
        folder.write("1_a", "up.sql", "SELECT 1");
        // A failed build leaves an INVALID index, here by another hand.
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.execute("CREATE UNIQUE INDEX CONCURRENTLY idx_a_b ON a (b)");
        }));
        assert!(broken.is_err());
        assert_eq!(valid(&db, "idx_a_b"), "f");
        db.cmf(folder.args(&["up"])).fails(1, "could not create unique index");
        // What the failed run left is gone.
        assert_eq!(valid(&db, "idx_a_b"), "");
        db.execute("DELETE FROM a WHERE id = 2");
        db.cmf(folder.args(&["up"])).ok();
        assert_eq!(valid(&db, "idx_a_b"), "t");
        assert_eq!(applied(&db), ["1", "2", "3"]);
    }
}

#[test]
fn a_run_goes_on_at_the_statement_where_it_stopped() {
    let db = Db::empty();
    let folder = Folder::of(&[]);
    let script = "CREATE TABLE a (id integer, b integer);\n\
                  SET work_mem TO '5MB';\n\
                  INSERT INTO a VALUES (1, 1), (2, 1);\n\
                  CREATE UNIQUE INDEX CONCURRENTLY idx_a_b ON a (b);\n\
                  BEGIN;\nCREATE TABLE b (id integer);\nINSERT INTO b SELECT pg_size_bytes(current_setting('work_mem'));\nCOMMIT;\n\
                  VACUUM a;\n";
    folder.add_bare("1_a", script, "DROP TABLE a, b;");
    let failed = db.cmf(folder.args(&["up"])).fails(1, "(1_a/up.sql, line 4)");
    assert!(failed.stderr.contains("3 of its 6 statements are done and remain"), "{}", failed.stderr);
    let status = db.cmf(folder.args(&["status", "--format", "json"])).ok().json();
    assert_eq!(status["migrations"][0]["status"], "interrupted");
    assert_eq!(status["state"], "pending");
    assert_eq!(valid(&db, "idx_a_b"), "");
    db.execute("DELETE FROM a WHERE id = 2");
    folder.write("1_a", "up.sql", &script.replace("b integer", "b bigint"));
    db.cmf(folder.args(&["up"])).fails(1, "was interrupted after its statement 1 and has been edited since");
    folder.write("1_a", "up.sql", script);
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(db.one("SELECT count(*) FROM a"), "1");
    // The setting of the session was made again.
    assert_eq!(db.one("SELECT id FROM b"), "5242880");
    assert_eq!(applied(&db), ["1"]);
    assert_eq!(locks(&db), "0");
}

#[test]
fn an_index_that_was_finished_but_not_noted_is_not_built_twice() {
    let (db, folder) = (Db::empty(), with_index(10));
    db.cmf(folder.args(&["up", "--to", "index"])).ok();
    let oid = db.one("SELECT to_regclass('idx_a_b')::oid");
    // As if the run had been killed between the build and its note.
    db.execute("DELETE FROM cmf_migrations WHERE version = '2' AND action IN ('up', 'up done'); DELETE FROM __diesel_schema_migrations WHERE version = '2'");
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(db.one("SELECT to_regclass('idx_a_b')::oid"), oid);
    assert_eq!(applied(&db), ["1", "2", "3"]);
    // One that nobody has begun is somebody else's.
    let other = Db::empty();
    other.cmf(folder.args(&["up", "--to", "a"])).ok();
    other.execute("CREATE INDEX idx_a_b ON a (id)");
    other.cmf(folder.args(&["up"])).fails(1, "relation \"idx_a_b\" already exists");
    assert_eq!(applied(&other), ["1"]);
}

#[test]
fn an_index_without_a_name_is_refused() {
    let (db, folder) = (Db::empty(), with_index(10));
    folder.write("2_index", "up.sql", "CREATE INDEX CONCURRENTLY ON a (b)");
    db.cmf(folder.args(&["up"])).fails(1, "a concurrent index without a name");
    assert_eq!(db.one("SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"), "0");
}

#[test]
fn a_concurrent_index_waits_for_old_transactions_and_others_wait_for_the_lock() {
    let (db, folder) = (Db::empty(), with_index(10));
    db.cmf(folder.args(&["up", "--to", "a"])).ok();
    let reader = db.hold("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM a");
    let children: Vec<_> = (0..2)
        .map(|_| {
            let mut command = db.command();
            command
                .args(folder.args(&["up", "--lock-timeout", "1ms"]))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    // One waits for the reader to end, one for the other's lock.
    db.wait_for("1", "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'virtualxid'");
    db.wait_for("1", RESTING);
    drop(reader);
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(valid(&db, "idx_a_b"), "t");
    db.wait_for("0", "SELECT count(*) FROM pg_index WHERE NOT indisvalid");
}

/// The server is the judge of where statements end.
#[test]
fn tricky_statements_are_split_as_the_server_reads_them() {
    let db = Db::empty();
    let folder = Folder::of(&[]);
    let script = r#"
        CREATE TABLE said (n serial, text text);
        INSERT INTO said (text) VALUES (';'), ('it''s;'), (E'\';'), ($$;$$), ($a$ $$;$$ $a$), (U&'\003B;'), ('\'); -- ; '
        /* ; /* ; ' */ ; */
        INSERT INTO said (text) SELECT "a;b" FROM (SELECT 'x;' AS "a;b") s;
        CREATE FUNCTION tell() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN INSERT INTO said (text) VALUES ('told;'); END; $body$;
        CREATE FUNCTION which(a integer) RETURNS integer BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END; SELECT a; END;
        CREATE RULE twice AS ON DELETE TO said DO ALSO (SELECT 1; SELECT 2);
        DO $$ BEGIN PERFORM tell(); END $$;
        ; ;
        SELECT 1 AS a$b$; INSERT INTO said (text) SELECT which(7)::text"#;
    folder.add_bare("1_a", script, "");
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(
        db.rows("SELECT text FROM said ORDER BY n"),
        [";", "it's;", "';", ";", " $$;$$ ", ";;", "\\", "x;", "told;", "7"]
    );
    assert_eq!(db.one("SELECT max(step) FROM cmf_migrations WHERE action = 'up done'"), "9");
}

#[test]
fn a_statement_that_moves_the_search_path_is_noted_in_the_ledger_of_its_own_schema() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer);", "DROP TABLE a;")]));
    // The ledger of somebody else, to write into by mistake.
    db.execute("CREATE SCHEMA other; CREATE TABLE other.a (id integer)");
    db.cmf([&["--schema".to_owned(), "mine".to_owned()][..], &folder.args(&["up"])].concat()).ok();
    db.execute("CREATE TABLE other.cmf_migrations (LIKE mine.cmf_migrations INCLUDING ALL)");
    folder.add_bare("2_b", "SELECT set_config('search_path', 'other', false);\nVACUUM mine.a;\n", "VACUUM mine.a;");
    db.cmf([&["--schema".to_owned(), "mine".to_owned()][..], &folder.args(&["up"])].concat()).ok();
    assert_eq!(db.one("SELECT count(*) FROM other.cmf_migrations"), "0");
    assert_eq!(
        db.rows("SELECT version || ' ' || action || coalesce(' ' || step, '') FROM mine.cmf_migrations ORDER BY id"),
        ["1 up", "2 up done 1", "2 up begun 2", "2 up done 2", "2 up"]
    );
}

#[test]
fn a_way_back_that_stopped_goes_on_after_a_repair() {
    let (db, folder) = (Db::empty(), Folder::of(&[]));
    let up = "CREATE TABLE a (id integer);\nCREATE TABLE b (id integer);\n";
    folder.add_bare("1_a", up, "DROP TABLE a;\nDROP TABLE b;\n");
    db.cmf(folder.args(&["up"])).ok();
    db.execute("CREATE VIEW v AS SELECT id FROM b");
    let failed = db.cmf(folder.args(&["down", "--yes"])).fails(1, "(1_a/down.sql, line 2)");
    assert!(failed.stderr.contains("1 of its 2 statements are done and remain"), "{}", failed.stderr);
    folder.write("1_a", "up.sql", &up.replace("b (id integer)", "b (id bigint)"));
    db.cmf(folder.args(&["repair", "--yes"])).ok();
    db.execute("DROP VIEW v");
    // The table of the first statement is gone already.
    db.cmf(folder.args(&["down", "--yes"])).ok();
    assert_eq!(db.one("SELECT to_regclass('b')"), "");
}

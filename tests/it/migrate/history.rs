//! What is noted about migrations, and the checks that read it.

use std::io::{BufRead, Read};

use super::{Folder, applied, catalog_dump, versions};
use crate::support::{Db, sorted_migrations};

const ONE: &str = "CREATE TABLE one (\n  id integer -- the key\n);\n";

fn two() -> Folder {
    Folder::of(&[
        ("2026-01-01-000000_one", ONE, "DROP TABLE one;"),
        ("2026-01-02-000000_two", "CREATE TABLE two (id integer);", "DROP TABLE two;"),
    ])
}

#[test]
fn the_history_says_who_when_how_long_and_with_which_cmf() {
    let db = Db::empty();
    let mut up = db.command();
    crate::support::run(up.args(["migrate", "up"]).env("USER", "ada")).ok();
    let log = db.cmf(["migrate", "log", "--format", "json"]).ok().json();
    let rows = log.as_array().unwrap();
    assert_eq!(rows.len(), versions().len());
    for (row, version) in rows.iter().zip(versions()) {
        assert_eq!(row["version"], version.as_str());
        assert_eq!(row["action"], "up");
        assert_eq!(row["run_by"], db.one("SELECT session_user").as_str());
        assert_eq!(row["os_user"], "ada");
        assert_eq!(row["cmf_version"], env!("CARGO_PKG_VERSION"));
        assert!(row["milliseconds"].as_i64().unwrap() >= 0);
        assert!(row["run_on"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"), "15");
}

#[test]
fn a_migration_that_is_applied_and_not_at_hand_is_named() {
    let (db, folder) = (Db::empty(), two());
    db.cmf(folder.args(&["up"])).ok();
    let fewer = Folder::of(&[("2026-01-01-000000_one", ONE, "DROP TABLE one")]);
    let found = db.cmf(fewer.args(&["verify", "--format", "json"]));
    assert_eq!(found.code, 4, "{}", found.stderr);
    assert_eq!((&found.json()[0]["version"], found.json().as_array().map(Vec::len)), (&"20260102000000".into(), Some(1)));
    let problem = format!("applied, but {} does not have it", fewer.path().display());
    assert_eq!(found.json()[0]["problem"], problem.as_str());
}

#[test]
fn a_lost_row_of_the_ledger_is_added_by_what_is_told() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let newest = db.one("SELECT max(version) FROM __diesel_schema_migrations");
    db.execute(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{newest}'"));
    let told = db.cmf(["migrate", "up"]).fails(1, "already exists").stderr;
    assert!(told.contains("/up.sql, line ") && !told.contains("remove"), "{told}");
    let statement = told.split('`').find(|part| part.starts_with("INSERT INTO ")).expect("a statement");
    db.execute(statement);
    assert!(db.cmf(["migrate", "up"]).ok().stderr.contains("nothing to do"));
    db.cmf(["migrate", "drift"]).ok();
    // A folder is not the place of cmf's own migrations.
    let other = Folder::of(&[("2026-01-01-000000_one", ONE, "DROP TABLE one")]);
    let told = db.cmf(other.args(&["up"])).fails(78, "this schema has cmf's own migrations").stderr;
    assert!(!told.contains("applied, and ") && !told.contains("beside yours"), "{told}");
}

#[test]
fn an_edited_migration_is_named_and_repaired_and_comments_do_not_count() {
    let (db, folder) = (Db::empty(), two());
    db.cmf(folder.args(&["up"])).ok();
    db.cmf(folder.args(&["verify"])).ok();
    folder.write("2026-01-01-000000_one", "up.sql", "-- reworded\r\nCREATE TABLE one (id\r\n  integer /* the key */);\r\n");
    db.cmf(folder.args(&["verify"])).ok();
    db.cmf(folder.args(&["status", "--exit-code"])).ok();

    folder.write("2026-01-01-000000_one", "up.sql", &ONE.replace("integer", "bigint"));
    let found = db.cmf(folder.args(&["verify", "--format", "json"]));
    assert_eq!(found.code, 4, "{}", found.stderr);
    assert_eq!(found.json()[0]["name"], "2026-01-01-000000_one");
    assert_eq!(found.json().as_array().unwrap().len(), 1);
    let status = db.cmf(folder.args(&["status", "--exit-code", "--format", "json"]));
    assert_eq!((status.code, status.json()["state"].as_str()), (4, Some("diverged")));

    let history = db.rows("SELECT * FROM cmf_migrations");
    db.cmf(folder.args(&["repair"])).fails(2, "add --yes");
    assert_eq!(db.rows("SELECT * FROM cmf_migrations"), history);
    db.cmf(folder.args(&["repair", "--yes"])).ok();
    assert_eq!(
        db.one("SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'one'::regclass AND attname = 'id'"),
        "integer"
    );
    db.cmf(folder.args(&["verify"])).ok();
    db.cmf(folder.args(&["status", "--exit-code"])).ok();
    assert_eq!(
        db.rows("SELECT action, version FROM cmf_migrations ORDER BY id"),
        ["up|20260101000000", "up|20260102000000", "repair|20260101000000"]
    );
    assert!(db.cmf(folder.args(&["repair"])).ok().stderr.contains("nothing to do"));
}

#[test]
fn what_another_tool_applied_is_applied_but_not_recorded() {
    let (db, folder) = (Db::empty(), two());
    db.cmf(folder.args(&["up"])).ok();
    db.execute("DROP TABLE cmf_migrations");
    db.cmf(folder.args(&["status", "--exit-code"])).ok();
    let verified = db.cmf(folder.args(&["verify"])).ok();
    assert!(verified.stderr.contains("2 migrations applied by another tool"), "{}", verified.stderr);
    db.cmf(folder.args(&["repair", "--yes"])).ok();
    assert!(!db.cmf(folder.args(&["verify"])).ok().stderr.contains("another tool"));
}

#[test]
fn status_tells_pending_from_diverged_by_its_code_and_its_output() {
    let (db, folder) = (Db::empty(), two());
    let state = |expected_code: i32| {
        let run = db.cmf(folder.args(&["status", "--exit-code", "--format", "json"]));
        assert_eq!(run.code, expected_code, "{}", run.stderr);
        run.json()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(4), "pending");
    db.cmf(folder.args(&["status"])).ok();
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(state(0), "current");
    folder.add("2026-01-01-120000_late", "CREATE TABLE late (id integer);", "DROP TABLE late;");
    assert_eq!(state(4), "diverged");
    std::fs::remove_dir_all(folder.path().join("2026-01-01-120000_late")).unwrap();
    std::fs::remove_dir_all(folder.path().join("2026-01-02-000000_two")).unwrap();
    assert_eq!(state(4), "diverged");
    let shown = db.cmf(folder.args(&["status"])).ok().stdout;
    assert!(shown.contains("schema: diverged") && shown.contains("unknown"), "{shown}");
}

#[test]
fn status_reads_only() {
    let (db, folder) = (Db::empty(), two());
    let before = catalog_dump(&db);
    let url = format!("{}?options=-c%20default_transaction_read_only%3Don", db.url);
    for args in [folder.args(&["status", "--exit-code"]), vec!["migrate".into(), "status".into(), "--exit-code".into()]] {
        let run = crate::support::run(crate::support::cmf().env("CMF_DATABASE_URL", &url).args(args));
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert_eq!(run.stderr, "");
    }
    assert_eq!(catalog_dump(&db), before);
}

#[test]
fn status_failing_says_so_in_json_and_waits_when_asked() {
    let mut command = crate::support::cmf();
    command.env("CMF_DATABASE_URL", "postgres://postgres@127.0.0.1:1/none");
    let started = std::time::Instant::now();
    let run = crate::support::run(command.args(["migrate", "status", "--wait", "700ms", "--format", "json"]));
    assert_eq!(run.code, 69);
    assert_eq!(run.stdout, "");
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(error["error"]["code"], 69);
    // It did wait: a lower bound holds however slow the machine is.
    assert!(started.elapsed() >= std::time::Duration::from_millis(700));
    let mut command = crate::support::cmf();
    crate::support::run(command.args(["migrate", "status", "--wait", "soon"])).fails(2, "it is not a duration");
}

/// Copies both ways between a client and a server.
fn pass_on<S: std::io::Read + std::io::Write + Send + 'static>(client: std::net::TcpStream, mut read: S, mut write: S) {
    let (mut from, mut to) = (client.try_clone().expect("a second handle"), client);
    std::thread::spawn(move || std::io::copy(&mut from, &mut write));
    std::thread::spawn(move || std::io::copy(&mut read, &mut to));
}

#[test]
fn status_waits_for_a_server_that_is_still_starting() {
    let db = Db::empty();
    // Until it begins to pass on what it gets, the door is shut.
    let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = door.local_addr().unwrap().port();
    drop(door);
    let (user, (host, server_port)) = (db.one("SELECT session_user"), super::server(&db));
    let url = format!("postgres://{user}@127.0.0.1:{port}/{}", db.name);
    let mut command = crate::support::cmf();
    let mut child = command
        .env("CMF_DATABASE_URL", url)
        .args(["migrate", "status", "--wait", "30s", "-v"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("trying again") {
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "{line}");
    }
    let door = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for client in door.incoming() {
            if host.starts_with('/') {
                let server = std::os::unix::net::UnixStream::connect(format!("{host}/.s.PGSQL.{server_port}")).unwrap();
                pass_on(client.unwrap(), server.try_clone().unwrap(), server);
            } else {
                let server = std::net::TcpStream::connect((host.as_str(), server_port)).unwrap();
                pass_on(client.unwrap(), server.try_clone().unwrap(), server);
            }
        }
    });
    let output = child.wait_with_output().unwrap();
    let _ = said.read_to_string(&mut line);
    assert!(output.status.success(), "{line}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("pending"));
}

#[test]
fn a_migration_of_cmf_whose_row_was_removed_is_recorded_again() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    db.execute("DELETE FROM __diesel_schema_migrations WHERE version = '20261123090300'");
    let refused = db.cmf(["migrate", "up"]).fails(1, "out of order: 2026-11-23-090300_create_scores is pending");
    refused.fails(1, "but the newer 2026-11-23-090400_create_change_log is applied").fails(1, "somebody removed the record");
    let again = "INSERT INTO \"public\".__diesel_schema_migrations (version) VALUES ('20261123090300')";
    db.cmf(["migrate", "up"]).fails(1, again);
    db.execute(again);
    db.cmf(["migrate", "up"]).ok();
    db.cmf(["migrate", "drift"]).ok();
}

#[test]
fn out_of_order_is_refused_unless_allowed() {
    let (db, folder) = (Db::empty(), two());
    db.cmf(folder.args(&["up"])).ok();
    folder.add("2026-01-01-120000_late", "CREATE TABLE late (id integer);", "DROP TABLE late;");
    let before = catalog_dump(&db);
    db.cmf(folder.args(&["up"])).fails(1, "out of order: 2026-01-01-120000_late is pending, but the newer 2026-01-02-000000_");
    assert_eq!(catalog_dump(&db), before);
    db.cmf(folder.args(&["up", "--allow-out-of-order"])).ok();
    assert_eq!(applied(&db), ["20260101000000", "20260101120000", "20260102000000"]);
}

#[test]
fn up_to_down_to_and_redo_name_a_version() {
    let (db, folder) = (Db::empty(), two());
    folder.add("2026-01-03-000000_three", "CREATE TABLE three (id integer);", "DROP TABLE three;");
    db.cmf(folder.args(&["up", "--to", "none"])).fails(2, "there is no migration `none`");
    db.cmf(folder.args(&["up", "--to", "two"])).ok();
    assert_eq!(applied(&db), ["20260101000000", "20260102000000"]);
    db.cmf(folder.args(&["down", "--to", "three", "--yes"])).fails(2, "is not applied");
    db.cmf(folder.args(&["up", "--to", "20260103000000"])).ok();
    db.execute("INSERT INTO three VALUES (1)");
    db.cmf(folder.args(&["redo"])).fails(2, "add --yes");
    assert_eq!(db.one("SELECT count(*) FROM three"), "1");
    db.cmf(folder.args(&["redo", "--yes"])).ok();
    assert_eq!(db.one("SELECT count(*) FROM three"), "0");
    db.cmf(folder.args(&["down", "--to", "2026-01-01-000000", "--yes"])).ok();
    assert_eq!(applied(&db), ["20260101000000"]);
    assert!(db.cmf(folder.args(&["down", "--to", "one", "--yes"])).ok().stderr.contains("no newer migration"));
    db.cmf(folder.args(&["down", "--all", "--confirm", &db.name])).ok();
    db.cmf(folder.args(&["redo", "--yes"])).fails(1, "no migration is applied");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn down_lists_what_is_lost_with_its_rows() {
    let db = Db::empty();
    let folder = Folder::of(&[
        ("1_a", "CREATE TABLE a (id integer, b integer); CREATE TYPE t AS ENUM ('x');", "DROP TYPE t;\nDROP TABLE a;"),
        ("2_b", "ALTER TABLE a ADD COLUMN c integer", "ALTER TABLE a DROP COLUMN c"),
    ]);
    db.cmf(folder.args(&["up"])).ok();
    db.execute("INSERT INTO a SELECT n FROM generate_series(1, 42) n");
    let refused = db.cmf(folder.args(&["down", "--all"])).fails(2, "--confirm");
    for line in ["2_b: drops column c of a (42 rows)", "1_a: drops type t", "1_a: drops table a (42 rows)"] {
        assert!(refused.stderr.contains(line), "{line} not in {}", refused.stderr);
    }
    assert_eq!(db.one("SELECT count(*) FROM a"), "42");
}

#[test]
fn without_a_way_back_nothing_is_done() {
    let db = Db::empty();
    let folder = Folder::of(&[
        ("1_a", "CREATE TABLE a (id integer)", ""),
        ("2_b", "CREATE TABLE b (id integer)", "-- nothing to see\n"),
        ("3_c", "CREATE TABLE c (id integer)", "DROP TABLE c"),
    ]);
    db.cmf(folder.args(&["up"])).ok();
    db.cmf(folder.args(&["down", "--all", "--confirm", &db.name])).fails(1, "2_b has no down.sql");
    assert_eq!(applied(&db), ["1", "2", "3"]);
    db.cmf(folder.args(&["down", "--yes"])).ok();
    db.cmf(folder.args(&["down", "--yes"])).fails(1, "2_b has no down.sql");
    std::fs::remove_dir_all(folder.path().join("2_b")).unwrap();
    db.cmf(folder.args(&["down", "--yes"])).fails(1, "this version of cmf does not have the applied migration 2");
    assert_eq!(applied(&db), ["1", "2"]);
}

#[test]
fn a_folder_that_holds_no_migrations_is_a_configuration_error() {
    let db = Db::empty();
    let folder = Folder::of(&[("1_a", "SELECT 1", ""), ("1_b", "SELECT 1", "")]);
    db.cmf(folder.args(&["up"])).fails(78, "two migrations have the version 1: 1_a and 1_b");
    std::fs::remove_file(folder.path().join("1_b/up.sql")).unwrap();
    db.cmf(folder.args(&["up"])).fails(78, "1_b is not a migration: it has no up.sql");
    db.cmf(["migrate", "up", "--dir", "/nonexistent"]).fails(78, "the folder /nonexistent does not exist");
    // Of other tools, alone or beside folders: none of them would run.
    let empty = Folder::of(&[]);
    for verb in ["up", "status", "plan", "lint"] {
        let run = db.cmf(empty.args(&[verb])).fails(78, "has no migrations");
        assert!(run.stderr.contains("VERSION_NAME/up.sql"), "{}", run.stderr);
    }
    for name in ["V1__make.sql", "0001_make.sql", "make.SQL"] {
        let flat = Folder::of(&[]);
        std::fs::write(flat.path().join(name), "CREATE TABLE a (id integer)").unwrap();
        for verb in ["up", "status", "lint"] {
            let run = db.cmf(flat.args(&[verb])).fails(78, &format!("has SQL files that are not migrations: {name}"));
            let new = format!("`cmf migrate new NAME --dir {}` makes one", flat.path().display());
            assert!(run.stderr.contains(&new), "{}", run.stderr);
            assert!(run.stderr.contains("VERSION_NAME/up.sql"), "{}", run.stderr);
            assert!(run.stderr.contains(&format!("move the SQL of {name} into its up.sql")), "{}", run.stderr);
        }
        flat.add("1_a", "SELECT 1", "SELECT 1");
        match name {
            // Named like no migration: some file of SQL that lies there.
            "make.SQL" => db.cmf(flat.args(&["plan"])).ok(),
            _ => db.cmf(flat.args(&["up"])).fails(78, "has SQL files that are not migrations"),
        };
    }
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn two_sets_of_migrations_do_not_share_a_ledger() {
    let (db, folder) = (Db::empty(), two());
    db.cmf(["migrate", "up"]).ok();
    let before = applied(&db);
    let run = db.cmf(folder.args(&["up"])).fails(78, "this schema has cmf's own migrations");
    assert!(run.stderr.contains("its own schema with --schema NAME"), "{}", run.stderr);
    assert_eq!(applied(&db), before);
    // In a schema of its own it has its own ledger, and neither is disturbed.
    let in_ours = |verb: &[&str]| [vec!["--schema".to_owned(), "ours".to_owned()], folder.args(verb)].concat();
    db.cmf(in_ours(&["up"])).ok();
    assert_eq!(db.rows("SELECT version FROM ours.__diesel_schema_migrations ORDER BY 1"), ["20260101000000", "20260102000000"]);
    db.cmf(["migrate", "status", "--exit-code"]).ok();
    db.cmf(["--schema", "ours", "migrate", "up"]).fails(78, "this schema has other migrations");
    db.cmf(in_ours(&["status", "--exit-code"])).ok();
    // cmf's own and others beside them are one set.
    let both = two();
    for path in sorted_migrations() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let read = |file: &str| std::fs::read_to_string(path.join(file)).unwrap();
        both.add(name, &read("up.sql"), &read("down.sql"));
    }
    db.cmf(both.args(&["up", "--allow-out-of-order"])).ok();
    assert_eq!(applied(&db).len(), before.len() + 2);
    // What goes down above the trail's own migration leaves a row in it.
    both.add("2027-01-01-000000_three", "CREATE TABLE three (id integer);", "DROP TABLE three;");
    db.cmf(both.args(&["up"])).ok();
    db.execute("DELETE FROM ai_change_log");
    db.cmf(both.args(&["down", "--yes"])).ok();
    assert_eq!(db.rows("SELECT action FROM ai_change_log"), ["migrate.down"]);
}

/// The command-line tool of diesel, where it is installed, sees what cmf did and the other way round.
#[test]
fn diesels_own_tool_agrees() {
    let (db, folder) = (Db::empty(), two());
    let diesel = |args: &[&str]| {
        let mut command = std::process::Command::new("diesel");
        command.args(args).args(["--database-url", &db.url, "--migration-dir"]).arg(folder.path()).current_dir(folder.path());
        command.output().map(|output| {
            let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "diesel {args:?}: {text}");
            text
        })
    };
    db.cmf(folder.args(&["up", "--to", "one"])).ok();
    let Ok(list) = diesel(&["migration", "list"]) else {
        crate::support::skip("no diesel on PATH");
        return;
    };
    assert!(list.contains("[X] 2026-01-01-000000_one") && list.contains("[ ] 2026-01-02-000000_two"), "{list}");
    diesel(&["migration", "run"]).unwrap();
    assert_eq!(applied(&db), ["20260101000000", "20260102000000"]);
    db.cmf(folder.args(&["status", "--exit-code"])).ok();
    db.cmf(folder.args(&["down", "--yes"])).ok();
    assert!(diesel(&["migration", "list"]).unwrap().contains("[ ] 2026-01-02-000000_two"));
    diesel(&["migration", "revert"]).unwrap();
    assert_eq!(applied(&db), Vec::<String>::new());
    db.cmf(folder.args(&["up"])).ok();
    diesel(&["migration", "redo"]).unwrap();
    db.cmf(folder.args(&["status", "--exit-code"])).ok();
}

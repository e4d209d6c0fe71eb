//! Migrations among others: locks, limits, retries, interruption.

use std::process::{Child, Stdio};

use super::{Folder, KEY, LOCKS, RESTING, applied, locks, server};
use crate::support::{Db, Run, cmf, run, wait_until};

fn spawn(db: &Db, args: &[String]) -> Child {
    let mut command = db.command();
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn finish(child: Child) -> Run {
    let output = child.wait_with_output().expect("it ends");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn signal(child: &Child, name: &str) {
    let status =
        std::process::Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_its_holder_named() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]));
    let held = db.hold(&format!("SET application_name TO 'intruder'; SELECT pg_advisory_lock({KEY})"));
    let refused = db.cmf(folder.args(&["up", "--lock-wait", "200ms"])).fails(1, "did not end within 200 ms");
    let pid = db.one("SELECT pid FROM pg_stat_activity WHERE application_name = 'intruder' AND datname = current_database()");
    assert!(
        refused.stderr.contains(&format!("pid {pid}, user {}, application intruder", db.one("SELECT session_user"))),
        "{}",
        refused.stderr
    );
    assert_eq!(db.one("SELECT to_regclass('a')"), "");
    let waiting = spawn(&db, &folder.args(&["up", "--lock-wait", "30s"]));
    db.wait_for("1", RESTING);
    drop(held);
    finish(waiting).ok();
    assert_eq!(applied(&db), ["1"]);
}

#[test]
fn a_reader_in_the_way_is_outlasted_and_others_read_on() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]));
    db.cmf(folder.args(&["up"])).ok();
    folder.add("2_b", "ALTER TABLE a ADD COLUMN b integer", "ALTER TABLE a DROP COLUMN b");
    let held = db.hold("SELECT count(*) FROM a");
    let refused = db.cmf(folder.args(&["up", "--lock-timeout", "50ms", "--retries", "2"]));
    let refused = refused.fails(1, "2_b failed: canceling statement due to lock timeout (SQLSTATE 55P03)");
    assert!(refused.stderr.contains("tried 3 times, each waiting at most 50 ms"), "{}", refused.stderr);
    assert_eq!(applied(&db), ["1"]);
    assert_eq!(locks(&db), "0");
    let migrating = spawn(&db, &folder.args(&["up", "--lock-timeout", "100ms", "--retries", "200"]));
    for _ in 0..3 {
        db.wait_for("1", "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'a'::regclass");
        // Would be cancelled where the migration made it queue.
        db.execute("SET statement_timeout TO '3s'; SELECT count(*) FROM a");
    }
    drop(held);
    finish(migrating).ok();
    assert_eq!(applied(&db), ["1", "2"]);
}

#[test]
fn a_statement_that_takes_too_long_is_ended_and_rolled_back() {
    let db = Db::empty();
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer);\n\nSELECT pg_sleep(60);", "")]);
    db.cmf(folder.args(&["up", "--statement-timeout", "100ms"]))
        .fails(1, "1_a failed: canceling statement due to statement timeout");
    assert_eq!(db.one("SELECT to_regclass('a')"), "");
    assert_eq!(applied(&db), Vec::<String>::new());
}

#[test]
fn every_direction_waits_tries_again_and_gives_up_as_it_is_told() {
    for direction in [["up"].as_slice(), &["down", "--yes"], &["redo", "--yes"]] {
        let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]));
        db.cmf(folder.args(&["up"])).ok();
        folder.add("2_b", "ALTER TABLE a ADD COLUMN b integer", "ALTER TABLE a DROP COLUMN b");
        if direction != ["up"] {
            db.cmf(folder.args(&["up"])).ok();
        }
        let before = applied(&db);
        let go = |options: &[&str]| db.cmf(folder.args(&[direction, options].concat()));
        let held = db.hold(&format!("SELECT pg_advisory_lock({KEY})"));
        go(&["--lock-wait", "200ms"]).fails(1, "did not end within 200 ms");
        drop(held);
        let held = db.hold("LOCK TABLE a IN ACCESS SHARE MODE");
        go(&["--lock-timeout", "50ms", "--retries", "1"]).fails(1, "tried 2 times, each waiting at most 50 ms");
        drop(held);
        assert_eq!(applied(&db), before);

        let (up, down) = if direction == ["up"] { ("SELECT pg_sleep(5)", "") } else { ("SELECT 1", "SELECT pg_sleep(5)") };
        let (db, folder) = (Db::empty(), Folder::of(&[("1_a", up, down)]));
        if direction != ["up"] {
            db.cmf(folder.args(&["up"])).ok();
        }
        db.cmf(folder.args(&[direction, &["--statement-timeout", "100ms"]].concat()))
            .fails(1, "1_a failed: canceling statement due to statement timeout");
    }
}

#[test]
fn nothing_is_repaired_or_recorded_while_somebody_else_migrates() {
    let key = i64::from_be_bytes(*b"cmf_migr");
    let (edited, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "")]));
    edited.cmf(folder.args(&["up"])).ok();
    folder.write("1_a", "up.sql", "CREATE TABLE a (id bigint)");
    let drifted = Db::empty();
    drifted.cmf(["migrate", "up"]).ok();
    drifted.execute("DROP INDEX idx_metrics_function");
    let words = |args: &[&str]| args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>();
    for (db, args) in [
        (&edited, folder.args(&["repair", "--yes"])),
        (&drifted, words(&["migrate", "drift", "--fix", "--yes"])),
        (&Db::migrated(), words(&["migrate", "adopt"])),
    ] {
        let held = db.hold(&format!("SELECT pg_advisory_lock({key})"));
        let mut child = spawn(db, &args);
        // It asks for the lock again and again, so that it is never seen waiting for it.
        let asks = "SELECT count(*) > 0 FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%'";
        let mut session = db.session();
        wait_until("a question for the lock, or the end", || {
            child.try_wait().expect("a child").is_some() || session.one(asks) == "t"
        });
        assert!(child.try_wait().expect("a child").is_none(), "{args:?} does not wait: {}", finish(child).stderr);
        drop(held);
        let run = finish(child).ok();
        assert!(!run.stderr.contains("nothing to do"), "{}", run.stderr);
    }
}

#[test]
fn an_error_names_the_file_and_the_line() {
    let db = Db::empty();
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer);\n\n-- Ünïcödé\nSELECT nothing;", "")]);
    db.cmf(folder.args(&["up"])).fails(1, "(1_a/up.sql, line 4)");
    assert_eq!(db.one("SELECT to_regclass('a')"), "");
}

#[test]
fn a_transaction_of_its_own_is_refused_before_anything_runs() {
    let db = Db::empty();
    let folder =
        Folder::of(&[("1_a", "CREATE TABLE a (id integer)", ""), ("2_b", "CREATE TABLE b (id integer);\nCOMMIT;", "")]);
    db.cmf(folder.args(&["up"])).fails(1, "2_b has its own COMMIT");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn a_copy_that_would_wait_for_a_client_is_refused_before_anything_runs() {
    for (copy, said) in [("COPY a FROM stdin;\n1\n\\.", "COPY FROM STDIN"), ("COPY (SELECT 1)\nTO stdout", "COPY TO STDOUT")] {
        for in_transaction in [true, false] {
            let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]));
            let script = format!("SELECT 'copy a from stdin'; -- copy a from stdin\n{copy}");
            if in_transaction {
                folder.add("2_b", &script, "SELECT 1");
            } else {
                folder.add_bare("2_b", &script, "SELECT 1");
            }
            let run = db.cmf(folder.args(&["up"])).fails(1, &format!("migration 2_b has a {said}"));
            assert!(run.stderr.contains("(2_b/up.sql, line 2)"), "{}", run.stderr);
            assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
            let lint = run_lint(&folder);
            assert!(lint.contains("2_b/up.sql:2: copy-with-client"), "{lint}");
            // The way down, and the way up again, too.
            folder.write("2_b", "up.sql", "SELECT 1");
            folder.write("2_b", "down.sql", &script);
            db.cmf(folder.args(&["up"])).ok();
            db.cmf(folder.args(&["down", "--yes"])).fails(1, &format!("migration 2_b has a {said}"));
            folder.write("2_b", "up.sql", &script);
            folder.write("2_b", "down.sql", "SELECT 1");
            db.cmf(folder.args(&["redo", "--yes"])).fails(1, &format!("migration 2_b has a {said}"));
            assert_eq!(applied(&db), ["1", "2"]);
        }
    }
}

fn run_lint(folder: &Folder) -> String {
    run(cmf().args(folder.args(&["lint"]))).stdout
}

#[test]
fn a_scripts_role_ends_with_the_script() {
    let role = "a_scripts_role_ends_with_the_script";
    let db = Db::empty();
    db.execute(&format!("CREATE ROLE {role}; GRANT CREATE, USAGE ON SCHEMA public TO {role}"));
    let folder = Folder::of(&[("1_a", &format!("SET ROLE {role};\nCREATE TABLE a (id integer)"), "SELECT 1")]);
    folder.add("2_b", &format!("SET SESSION AUTHORIZATION {role};\nCREATE TABLE b (id integer)"), "SELECT 1");
    let bare =
        "CREATE TABLE c (id integer);\nCREATE INDEX CONCURRENTLY i ON c (id);\nBEGIN;\nCREATE TABLE d (id integer);\nCOMMIT;";
    folder.add_bare("3_c", &format!("SET ROLE {role};\n{bare}"), "SELECT 1");
    folder.add("4_d", "CREATE TABLE e (id integer)", "SELECT 1");
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(applied(&db), ["1", "2", "3", "4"]);
    let me = db.one("SELECT session_user");
    assert_eq!(db.rows("SELECT DISTINCT run_by FROM cmf_migrations"), [me.as_str()]);
    assert_eq!(
        db.rows("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' AND length(tablename) = 1 ORDER BY 1"),
        [format!("a|{role}"), format!("b|{role}"), format!("c|{role}"), format!("d|{role}"), format!("e|{me}")]
    );
    // And with one that fails: what is told of it is told by the right role.
    folder.add_bare("5_e", &format!("SET ROLE {role};\nSELECT nothing"), "SELECT 1");
    let run = db.cmf(folder.args(&["up"])).fails(1, "migration 5_e failed");
    assert!(!run.stderr.contains("permission denied") && !run.stderr.contains("--role migrator"), "{}", run.stderr);
    db.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_mark_before_the_script_is_no_part_of_it() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "\u{feff}CREATE TABLE a (id integer)", "\u{feff}DROP TABLE a")]));
    folder.add_bare("2_b", "\u{feff}CREATE TABLE b (id integer)", "\u{feff}DROP TABLE b");
    let found = run_lint(&folder);
    assert!(found.lines().all(|line| line.contains("byte-order-mark")), "{found}");
    db.cmf(folder.args(&["up"])).ok();
    // An editor that takes the mark away, or puts it there, has edited nothing.
    folder.write("1_a", "up.sql", "CREATE TABLE a (id integer)");
    db.cmf(folder.args(&["verify"])).ok();
    db.cmf(folder.args(&["down", "--all", "--confirm", &db.name])).ok();
    assert_eq!(db.one("SELECT to_regclass('a')"), "");
}

#[test]
fn a_signal_leaves_no_backend_no_lock_and_nothing_half_done() {
    for (name, code) in [("TERM", 143), ("INT", 130)] {
        for in_transaction in [true, false] {
            let db = Db::empty();
            let folder = Folder::of(&[]);
            let script = "CREATE TABLE a (id integer);\nSELECT pg_sleep(60);";
            if in_transaction {
                folder.add("1_a", script, "");
            } else {
                folder.add_bare("1_a", script, "");
            }
            let child = spawn(&db, &folder.args(&["up"]));
            db.wait_for(
                "1",
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
            );
            signal(&child, name);
            let run = finish(child);
            assert_eq!(run.code, code, "{}", run.stderr);
            db.wait_for(
                "0",
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            assert_eq!(locks(&db), "0");
            assert_eq!(applied(&db), Vec::<String>::new());
            assert_eq!(db.one("SELECT to_regclass('a')").is_empty(), in_transaction);
            let script = script.replace("60", "0");
            folder.write("1_a", "up.sql", &script);
            db.cmf(folder.args(&["up"])).ok();
            assert_eq!(applied(&db), ["1"]);
        }
    }
}

/// A pooler in transaction mode before the test's server, where pgbouncer is installed.
struct Pooler {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Pooler {
    fn start(db: &Db, mode: &str) -> Option<Self> {
        let binary = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
            .into_iter()
            .find(|path| std::path::Path::new(path).exists());
        let Some(binary) = binary else {
            crate::support::skip("no pgbouncer");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let (host, server_port) = server(db);
        let file = folder.path().join("pgbouncer.ini");
        let ini = format!(
            "[databases]\n* = host={host} port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n"
        );
        // Any client is let in as this user.
        let user = db.one("SELECT session_user");
        std::fs::write(&file, ini.replace("port=", &format!("user={user} port="))).expect("a file");
        let mut command = std::process::Command::new(binary);
        command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("this process")) == 0 {
            // pgbouncer refuses to run as root; the owner of the server's socket gets to it.
            let owner = match std::fs::metadata(&host) {
                Ok(folder) => std::os::unix::fs::MetadataExt::uid(&folder),
                Err(_) => 65534,
            };
            std::os::unix::process::CommandExt::uid(&mut command, owner);
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(folder.path(), open).expect("its rights");
        }
        let pooler = Pooler { child: command.spawn().expect("pgbouncer starts"), port, _folder: folder };
        wait_until("pgbouncer", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pooler_in_transaction_mode_is_refused_and_one_in_session_mode_is_not() {
    let folder = Folder::of(&[("1_a", "CREATE TABLE a (id integer)", "DROP TABLE a")]);
    for mode in ["transaction", "session"] {
        let db = Db::empty();
        let Some(pooler) = Pooler::start(&db, mode) else { return };
        let url = format!("postgres://{}@127.0.0.1:{}/{}", db.one("SELECT session_user"), pooler.port, db.name);
        let up = run(cmf().env("CMF_DATABASE_URL", &url).args(folder.args(&["up"])));
        if mode == "session" {
            up.ok();
            assert_eq!(applied(&db), ["1"]);
        } else {
            up.fails(1, "a connection pooler in transaction mode");
            assert_eq!(db.one("SELECT to_regclass('a')"), "");
            assert_eq!(locks(&db), "0");
        }
    }
}

#[test]
fn a_scripts_search_path_ends_with_the_script() {
    let db = Db::empty();
    db.execute("CREATE SCHEMA elsewhere");
    let folder = Folder::of(&[("1_a", "SET search_path TO elsewhere; CREATE TABLE a (id integer)", "SELECT 1")]);
    folder.add_bare("2_b", "SET search_path TO elsewhere;\nCREATE TABLE b (id integer)", "SELECT 1");
    folder.add("3_c", "CREATE TABLE c (id integer)", "SELECT 1");
    // Nor does what runs in no transaction, or in one of its own, find it.
    let bare =
        "CREATE TABLE d (id integer);\nCREATE INDEX CONCURRENTLY i ON d (id);\nBEGIN;\nCREATE TABLE e (id integer);\nCOMMIT";
    folder.add_bare("4_d", bare, "SELECT 1");
    folder.add("5_f", "SET search_path TO elsewhere; CREATE TABLE f (id integer)", "SELECT 1");
    folder.add_bare("6_g", &bare.replace(" d (", " g (").replace(" e (", " h (").replace(" i ", " j "), "SELECT 1");
    db.cmf(folder.args(&["up"])).ok();
    assert_eq!(
        db.rows("SELECT schemaname, tablename FROM pg_tables WHERE length(tablename) = 1 ORDER BY 2"),
        ["elsewhere|a", "elsewhere|b", "public|c", "public|d", "public|e", "elsewhere|f", "public|g", "public|h"]
    );
    assert_eq!(db.rows("SELECT DISTINCT schemaname FROM pg_indexes WHERE indexname IN ('i', 'j')"), ["public"]);
    assert_eq!(applied(&db), ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn a_killed_run_leaves_no_statement_and_no_lock_on_the_server() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "CREATE TABLE a (id integer);\nSELECT pg_sleep(60);", "")]));
    let mut child = spawn(&db, &folder.args(&["up"]));
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    db.wait_for("1", sleeping);
    child.kill().expect("the kill");
    child.wait().expect("the end");
    db.wait_for("0", sleeping);
    // The server process ends a moment later than its statement.
    db.wait_for("0", LOCKS);
    assert_eq!(db.one("SELECT to_regclass('a')"), "");
}

#[test]
fn a_migration_may_take_longer_than_an_answer_of_the_server() {
    let (db, folder) = (Db::empty(), Folder::of(&[("1_a", "SELECT pg_sleep(1.5)", "SELECT pg_sleep(1.5)")]));
    for verb in [&["up"][..], &["down", "--yes"]] {
        run(db.command().env("CMF_ANSWER_TIMEOUT", "1").args(folder.args(verb))).ok();
    }
    // With the last one the ledger goes.
    assert_eq!(db.one("SELECT to_regclass('__diesel_schema_migrations')"), "");
}

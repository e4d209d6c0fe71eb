//! `cmf record` when things go wrong around it: lost connections and answers, killed processes, many at once, a full spool.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor, Row};

use crate::record::{piped, with_metrics};
use crate::support::{Db, Run, let_pass};

/// Where a proxy cuts the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The server never sees the COMMIT.
    BeforeCommit,
    /// The server commits, and its answer is lost.
    AfterCommit,
    /// The server never sees the first statement.
    BeforeBegin,
    /// The same, and nothing gets through afterwards.
    AfterCommitForGood,
}

/// A way to the server that cuts the first `cuts` connections there and then behaves.
fn proxy(db: &Db, cut: Cut, cuts: u32) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let options = db.server().clone();
    let left = Arc::new(AtomicU32::new(cuts));
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { return };
            if cut == Cut::AfterCommitForGood && left.load(Ordering::SeqCst) == 0 {
                continue;
            }
            let server = dial(&options);
            let left = Arc::clone(&left);
            std::thread::spawn(move || relay(client, server, cut, &left));
        }
    });
    by_port(db, port)
}

/// A stream to the test server.
pub(crate) fn dial(options: &PgConnectOptions) -> Box<dyn Wire> {
    match options.get_socket() {
        Some(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", options.get_port()));
            Box::new(UnixStream::connect(path).expect("the server"))
        }
        None => Box::new(TcpStream::connect((options.get_host(), options.get_port())).expect("the server")),
    }
}

/// The URL of a database behind a port of this machine.
pub(crate) fn by_port(db: &Db, port: u16) -> String {
    let user = db.server().get_username();
    let password = std::env::var("CMF_TEST_PASSWORD").map_or_else(|_| String::new(), |password| format!(":{password}"));
    format!("postgres://{user}{password}@127.0.0.1:{port}/{}?sslmode=disable", db.name)
}

pub(crate) trait Wire: Read + Write + Send + Sync {
    fn twin(&self) -> Box<dyn Wire>;
    fn close(&self);
}
impl Wire for TcpStream {
    fn twin(&self) -> Box<dyn Wire> {
        Box::new(self.try_clone().expect("a twin"))
    }
    fn close(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}
impl Wire for UnixStream {
    fn twin(&self) -> Box<dyn Wire> {
        Box::new(self.try_clone().expect("a twin"))
    }
    fn close(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}

fn relay(mut client: TcpStream, mut server: Box<dyn Wire>, cut: Cut, left: &AtomicU32) {
    let mute = Arc::new(Mutex::new(false));
    let (mut from_server, mut to_client) = (server.twin(), client.try_clone().expect("a twin"));
    let muted = Arc::clone(&mute);
    let (lost, is_lost) = std::sync::mpsc::channel();
    let answers = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            if *muted.lock().expect("the flag") {
                let _ = lost.send(());
                continue;
            }
            if to_client.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(std::net::Shutdown::Both);
    });
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let message = &buffer[..count];
        let here: &[u8] = if cut == Cut::BeforeBegin { b"BEGIN" } else { b"COMMIT\0" };
        let is_here = message.windows(here.len()).any(|window| window == here);
        if is_here && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            *mute.lock().expect("the flag") = true;
            if matches!(cut, Cut::AfterCommit | Cut::AfterCommitForGood) {
                let _ = server.write_all(message);
                // It has committed when it answers.
                is_lost.recv_timeout(Duration::from_mins(1)).expect("an answer");
            }
            let _ = client.shutdown(std::net::Shutdown::Both);
            break;
        }
        if server.write_all(message).is_err() {
            break;
        }
    }
    server.close();
    let _ = answers.join();
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> String {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    format!("postgres://postgres@127.0.0.1:{port}/none")
}

pub(crate) fn on(url: &str, args: &[&str]) -> Run {
    let mut command = crate::support::cmf();
    command.env("CMF_DATABASE_URL", url).args(args);
    crate::support::run(&mut command)
}

fn cut_at_commit(rounds: u32) {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let db = with_metrics();
        for round in 1..=rounds {
            // Now and then the second attempt meets the same fate.
            let url = proxy(&db, cut, 1 + u32::from(round % 3 == 0));
            let run = on(&url, &["record", &format!("PR-001={round}"), "PR-002=5", "--format", "json"]).ok().json();
            assert_eq!(run[0]["outcome"], "stored", "{cut:?} {round}: {run}");
            assert_eq!(db.one("SELECT count(*) FROM metric_history"), (2 * round).to_string(), "{cut:?} {round}");
            assert_eq!(db.one("SELECT current_value::int FROM metrics WHERE metric_number = 'PR-001'"), round.to_string());
        }
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), rounds.to_string(), "{cut:?}");
    }
}

#[test]
fn a_connection_cut_at_commit_loses_and_doubles_nothing() {
    cut_at_commit(4);
}

/// The long form: `cargo nextest run --run-ignored only cut_a_hundred_times`.
#[test]
#[ignore = "takes a minute"]
fn a_connection_cut_a_hundred_times_loses_and_doubles_nothing() {
    cut_at_commit(100);
}

/// Nothing can be stored before the first statement is answered, so the work is done again.
#[test]
fn a_reading_whose_first_statement_is_cut_is_stored_by_another_attempt() {
    let db = with_metrics();
    for (stored, args) in [
        ("1", &["record", "PR-001", "1"][..]),
        ("2", &["record", "PR-001", "2", "--by", "ada"]),
        ("4", &["record", "PR-001=3", "PR-002=3"]),
    ] {
        on(&proxy(&db, Cut::BeforeBegin, 2), args).ok();
        assert_eq!(db.one("SELECT count(*) FROM metric_history"), stored, "{args:?}");
    }
    // Not for ever.
    let always = proxy(&db, Cut::BeforeBegin, u32::MAX);
    on(&always, &["record", "PR-001", "5"]).fails(69, "add --spool DIR to keep readings");
    let spool = tempfile::tempdir().expect("a folder");
    on(&always, &["record", "PR-001", "5", "--spool", spool.path().to_str().expect("UTF-8")]).fails(75, "1 reading is kept");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "4");
}

#[test]
fn a_file_whose_commit_has_no_answer_is_stored_once() {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let db = with_metrics();
        let url = proxy(&db, cut, 1);
        let file = tempfile::NamedTempFile::new().expect("a file");
        // One reading has its instant from the server's clock, so that nothing but its id tells that it exists already.
        let dated = |value: u32| format!("{{\"metric\":\"PR-001\",\"value\":{value},\"at\":\"2026-01-0{value}\"}}\n");
        let lines = format!("{}{}{{\"metric\":\"PR-002\",\"value\":3}}\n", dated(1), dated(2));
        std::fs::write(file.path(), lines).expect("a file");
        on(&url, &["record", "--file", file.path().to_str().expect("UTF-8")]).ok();
        assert_eq!(db.rows("SELECT value FROM metric_history ORDER BY value"), ["1.0000", "2.0000", "3.0000"], "{cut:?}");
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1");
        // What was refused is said although the attempt that says it stored nothing itself.
        let url = proxy(&db, cut, 1);
        std::fs::write(file.path(), "metric,value,at\nPR-001,4,2026-01-03\nPR-009,5,2026-01-03\n").expect("a file");
        let file = file.path().to_str().expect("UTF-8");
        let summary = on(&url, &["record", "--file", file, "--allow-partial", "--format", "json"]).fails(3, "PR-009").json();
        assert_eq!((&summary["stored"], &summary["refused"]), (&1.into(), &1.into()), "{summary}");
    }
}

#[test]
fn a_lost_answer_that_cannot_be_asked_for_is_not_claimed_and_a_spool_keeps_it() {
    let db = with_metrics();
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().join("spool");
    let folder = folder.to_str().expect("UTF-8");
    // No other connection follows, so that the command never learns what became of its COMMIT.
    let url = proxy(&db, Cut::AfterCommitForGood, 1);
    on(&url, &["record", "PR-001", "1", "--spool", folder]).fails(75, "1 reading is kept");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    db.cmf(["record", "--drain", "--spool", folder]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    on(&proxy(&db, Cut::AfterCommitForGood, 1), &["record", "PR-002", "1"]).fails(69, "is unknown");
}

#[test]
fn a_server_that_never_answers_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("postgres://postgres@{}/none", listener.local_addr().expect("an address"));
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8").to_owned();
    let spooled = {
        let url = url.clone();
        std::thread::spawn(move || on(&url, &["record", "PR-001", "1", "--spool", &folder]))
    };
    on(&url, &["record", "PR-001", "1"]).fails(69, "did not answer within 10 s");
    spooled.join().expect("a run").fails(75, "1 reading is kept");
}

#[test]
fn a_lock_held_by_another_session_is_waited_for_5_seconds() {
    let db = with_metrics();
    let holder = db.hold("SELECT id FROM metrics WHERE metric_number = 'PR-001' FOR UPDATE");
    db.cmf(["record", "PR-001", "1"]).fails(1, "another session holds a lock").fails(1, "cmf waited 5 seconds for it");
    // Other metrics are not in its way.
    db.cmf(["record", "PR-002", "1"]).ok();
    drop(holder);
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
}

fn at_once(processes: u32, each: u32) {
    let db = with_metrics();
    db.execute(
        "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         SELECT 'M-' || n, 'Metric ' || n, 'higher_is_better', 'PR', 'High' FROM generate_series(1, 50) n",
    );
    let threads: Vec<_> = (0..processes)
        .map(|process| {
            let url = db.url.clone();
            std::thread::spawn(move || {
                for n in 0..each {
                    let own = format!("M-{}={n}", process % 50 + 1);
                    on(&url, &["record", "PR-001", &n.to_string()]).ok();
                    on(&url, &["record", &own, "PR-002=1"]).ok();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("every recorder succeeds");
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), (3 * processes * each).to_string());
    assert_eq!(
        db.one("SELECT count(*) FROM (SELECT DISTINCT metric_id, recorded_at FROM metric_history) d"),
        (3 * processes * each).to_string()
    );
    assert_eq!(
        db.one(
            "SELECT count(*) FROM metrics m WHERE current_value IS DISTINCT FROM
             (SELECT value FROM metric_history h WHERE h.metric_id = m.id ORDER BY recorded_at DESC LIMIT 1)"
        ),
        "0"
    );
}

#[test]
fn recorders_at_once_lose_and_double_nothing() {
    at_once(8, 4);
}

/// The long form: `cargo nextest run --run-ignored only fifty_recorders`.
#[test]
#[ignore = "takes minutes"]
fn fifty_recorders_at_once_lose_and_double_nothing() {
    at_once(50, 100);
}

#[test]
fn files_with_the_same_readings_at_once_are_stored_once() {
    let db = with_metrics();
    let text: String = (0..6000).fold("metric,value,at\n".to_owned(), |text, n| {
        text + &format!("PR-00{},{n},2026-01-01T{:02}:{:02}:{:02}Z\n", n % 2 + 1, n / 3600, n / 60 % 60, n % 60)
    });
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (db, text) = (&db, &text);
            scope.spawn(move || piped(db, &["record", "--file", "-"], text).ok());
        }
    });
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "6000");
    assert_eq!(db.one("SELECT count(DISTINCT (metric_id, recorded_at)) FROM metric_history"), "6000");
}

/// Kills `rounds` recorders at varied instants of their lives. A command that said it stored its readings stored each once, one
/// that did not say so stored all of them or none.
fn killed(rounds: u64) {
    let db = with_metrics();
    // How long one takes here, so that the kills fall into the whole of its life.
    let start = std::time::Instant::now();
    db.cmf(["record", "RC-001", "1"]).ok();
    let life = u64::try_from(start.elapsed().as_micros()).expect("a moment").max(1000);
    for round in 1..=rounds {
        let mut command = db.command();
        command.args(["record", &format!("PR-001={round}"), &format!("PR-002={round}"), "--format", "json"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let_pass(Duration::from_micros(life * (round * 7919 % 120) / 100));
        let _ = child.kill();
        let output = child.wait_with_output().expect("an end");
        // A killed client's transaction ends when the server notices; a lock on its rows waits for that.
        db.execute("SELECT count(*) FROM (SELECT id FROM metrics FOR UPDATE) locked");
        let stored = db.one(&format!("SELECT count(*) FROM metric_history WHERE value = {round} AND metric_id IN (SELECT id FROM metrics WHERE metric_number LIKE 'PR%')"));
        if output.status.success() || !output.stdout.is_empty() {
            assert_eq!(stored, "2", "round {round}");
        } else {
            assert!(stored == "2" || stored == "0", "round {round}: {stored}");
        }
    }
}

#[test]
fn killed_recorders_store_all_or_nothing() {
    killed(20);
}

/// The long form: `cargo nextest run --run-ignored only a_thousand_killed`.
#[test]
#[ignore = "takes a minute"]
fn a_thousand_killed_recorders_store_all_or_nothing() {
    killed(1000);
}

/// Makes the first `count` attempts to insert a reading fail, as a serialization failure or a deadlock does.
fn failing(db: &Db, count: u32, code: &str) {
    db.execute(&format!(
        "CREATE SEQUENCE attempts;
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('attempts') <= {count} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER fail BEFORE INSERT ON metric_history FOR EACH ROW EXECUTE FUNCTION fail()"
    ));
}

#[test]
fn serialization_failures_and_deadlocks_are_met_with_five_more_attempts() {
    for code in ["40001", "40P01"] {
        let db = with_metrics();
        failing(&db, 5, code);
        db.cmf(["record", "PR-001", "1"]).ok();
        assert_eq!(db.rows("SELECT value FROM metric_history"), ["1.0000"]);
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1");

        let db = with_metrics();
        failing(&db, 1000, code);
        db.cmf(["record", "PR-001", "1"]).fails(1, "another session was in the way");
        assert_eq!(db.one("SELECT nextval('attempts')"), "7");
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "0");
    }
    let db = with_metrics();
    failing(&db, 2, "40001");
    let lines = "{\"metric\":\"PR-001\",\"value\":1,\"at\":\"2026-01-01\"}\n{\"metric\":\"PR-002\",\"value\":2}\n";
    piped(&db, &["record", "--file", "-"], lines).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
}

#[test]
fn a_statement_that_takes_too_long_is_ended() {
    let db = with_metrics();
    db.execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$;
         CREATE TRIGGER dawdle BEFORE INSERT ON metric_history FOR EACH ROW EXECUTE FUNCTION dawdle()",
    );
    db.cmf(["record", "PR-001", "1", "--statement-timeout", "1s"]).fails(1, "it ran too long");
    db.cmf(["record", "PR-001", "1", "--statement-timeout", "soon"]).fails(2, "it is not a duration: write");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
}

/// A private Postgres of this test; gone with it.
struct Private(PathBuf);

impl Private {
    fn command(&self) -> std::process::Command {
        let mut command = crate::support::cmf();
        command.env("CMF_DATA_DIR", &self.0).env("USER", "ada").env_remove("SUDO_USER");
        command
    }

    fn cmf(&self, args: &[&str]) -> Run {
        crate::support::run(self.command().args(args))
    }

    /// The one cell of a query.
    fn one(&self, sql: &str) -> String {
        let url = self.cmf(&["local", "url"]).ok().stdout;
        crate::support::block_on(async {
            let options: sqlx::postgres::PgConnectOptions = url.trim().parse().expect("a URL");
            let mut connection = options.connect().await.expect("a connection");
            let row = connection.fetch_optional(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await.expect("the query");
            row.map_or_else(String::new, |row| row.try_get_raw(0).expect("a cell").as_str().expect("text").to_owned())
        })
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        crate::support::run(self.command().args(["local", "destroy", "--yes"]));
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Kills the server `rounds` times while readings are recorded.
fn server_killed(rounds: u64) {
    let private = Private(crate::support::run_directory().join(format!("record-{}-{rounds}", std::process::id())));
    private.cmf(&["user", "list"]).ok();
    private.one(
        "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         VALUES ('PR-001', 'MFA coverage', 'higher_is_better', 'PR', 'High')",
    );
    let mut number = 0;
    for round in 1..=rounds {
        let status = private.cmf(&["local", "status", "--format", "json"]).ok().json();
        let pid = i32::try_from(status["pid"].as_i64().expect("a process id")).expect("a process id");
        let killer = std::thread::spawn(move || {
            let_pass(Duration::from_millis(round * 37 % 200));
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_raw(pid).expect("a pid"),
                rustix::process::Signal::KILL,
            );
        });
        let mut claimed = Vec::new();
        for _ in 0..5 {
            number += 1;
            claimed.push((number, private.cmf(&["record", "PR-001", &number.to_string()]).code == 0));
        }
        killer.join().expect("the kill");
        for (number, acknowledged) in claimed {
            let stored = private.one(&format!("SELECT count(*) FROM metric_history WHERE value = {number}"));
            assert!(stored == "1" || (stored == "0" && !acknowledged), "{number}: stored {stored} times, {acknowledged}");
        }
    }
}

#[test]
fn a_killed_server_has_every_acknowledged_reading_once() {
    server_killed(2);
}

/// The long form: `cargo nextest run --run-ignored only fifty_times`.
#[test]
#[ignore = "takes minutes"]
fn a_server_killed_fifty_times_has_every_acknowledged_reading_once() {
    server_killed(50);
}

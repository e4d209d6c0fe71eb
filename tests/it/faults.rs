//! A server that cuts, stalls or swallows at any phase: an import is whole or not at all, and everything ends in time.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::record_faults::{by_port, dial};
use crate::support::{Db, Run, cmf, let_pass, run};

/// When a proxy stops to behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    /// When so many bytes have come from cmf, or from the server.
    Sent(u64),
    Received(u64),
    /// When cmf sends this.
    Says(&'static [u8]),
    /// When so many connections have been made.
    Connects,
}

/// What it does from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Both connections end.
    Cut,
    /// Nothing is read any more.
    Stall,
    /// Everything is read and nothing goes on.
    Swallow,
    /// The server hears everything; with its next answer both connections end.
    LoseAnswer,
    /// The server hears everything, and nothing of what it says goes on.
    HideAnswers,
}

impl Then {
    fn is_heard(self) -> bool {
        matches!(self, Then::LoseAnswer | Then::HideAnswers)
    }
}

struct Proxy {
    url: String,
    sent: Arc<AtomicU64>,
    received: Arc<AtomicU64>,
}

struct Fault {
    when: When,
    then: Then,
    happened: AtomicBool,
    /// Connections that wait, so that they stay open.
    held: Mutex<Vec<TcpStream>>,
}

impl Fault {
    fn is_on(&self) -> bool {
        self.happened.load(Ordering::SeqCst)
    }
}

impl Proxy {
    fn new(db: &Db, when: When, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let options = db.server().clone();
        let (sent, received) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let fault = Arc::new(Fault { when, then, happened: AtomicBool::new(when == When::Connects), held: Mutex::default() });
        let proxy = Proxy { url: by_port(db, port), sent: Arc::clone(&sent), received: Arc::clone(&received) };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if fault.is_on() {
                    match fault.then {
                        Then::Cut => drop(client),
                        _ => fault.held.lock().expect("the list").push(client),
                    }
                    continue;
                }
                let server = dial(&options);
                let (from, to) = (client.try_clone().expect("a twin"), server.twin());
                let (up, down) = (Arc::clone(&fault), Arc::clone(&fault));
                let (sent, received) = (Arc::clone(&sent), Arc::clone(&received));
                let (client_end, server_end) = (client.try_clone().expect("a twin"), server.twin());
                let close = Arc::new(move || {
                    let _ = client_end.shutdown(Shutdown::Both);
                    server_end.close();
                });
                let other = Arc::clone(&close);
                std::thread::spawn(move || carry(from, to, &up, &sent, true, &*other));
                std::thread::spawn(move || carry(server, client, &down, &received, false, &*close));
            }
        });
        proxy
    }
}

/// Carries one direction until the fault happens.
fn carry(mut from: impl Read, mut to: impl Write, fault: &Fault, count: &AtomicU64, is_up: bool, close: &dyn Fn()) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let before = count.fetch_add(read as u64, Ordering::SeqCst);
        let after = before + read as u64;
        let mut pass = read;
        let now = match fault.when {
            When::Sent(limit) if is_up && after >= limit => {
                pass = usize::try_from(limit.saturating_sub(before)).expect("a few bytes");
                true
            }
            When::Received(limit) if !is_up && after >= limit => {
                pass = usize::try_from(limit.saturating_sub(before)).expect("a few bytes");
                true
            }
            When::Says(text) if is_up && buffer[..read].windows(text.len()).any(|window| window == text) => {
                pass = if fault.then.is_heard() { read } else { 0 };
                true
            }
            _ => false,
        };
        let was_on = fault.is_on();
        if now {
            fault.happened.store(true, Ordering::SeqCst);
        }
        let goes_on = !was_on || is_up && fault.then.is_heard();
        if goes_on && to.write_all(&buffer[..pass]).is_err() {
            break;
        }
        if fault.is_on() {
            match fault.then {
                Then::Cut => break,
                Then::LoseAnswer if !is_up => break,
                Then::Swallow | Then::LoseAnswer | Then::HideAnswers => {}
                Then::Stall => let_pass(Duration::from_mins(1)),
            }
        }
    }
    close();
}

/// A catalog of so many metrics.
fn sheet(folder: &Path, metrics: u32) -> String {
    let mut text = "metric_id,name,target,unit,function,description\n".to_owned();
    for n in 0..metrics {
        text += &format!("M-{n},Metric number {n},{},%,PR.AA-01,{}\n", n % 100, "described at length ".repeat(10));
    }
    let path = folder.join("sheet.csv");
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

fn import(url: &str, file: &str, name: &str) -> Run {
    let mut command = cmf();
    command
        .env("CMF_DATABASE_URL", url)
        .args(["import", "--direction=*=higher", file, "--name", name, "--again", "--framework", "csf-2.0"]);
    run(&mut command)
}

const METRICS: u32 = 120;

/// Whether the catalog is there; it must be whole then.
fn is_whole(db: &Db, name: &str) -> bool {
    let counts = db.one(&format!(
        "SELECT concat_ws(' ', count(DISTINCT c.id), count(DISTINCT i.id), count(m.id),
                          (SELECT count(*) FROM ai_change_log WHERE result ->> 'catalog' = '{name}'),
                          (SELECT count(*) FROM metric_catalog_items) % {METRICS})
         FROM metric_catalogs c LEFT JOIN metric_catalog_items i ON i.catalog_id = c.id
         LEFT JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id WHERE c.name = '{name}'"
    ));
    assert!(counts == "0 0 0 0 0" || counts == format!("1 {METRICS} {METRICS} 1 0"), "{name} is a part of a catalog: {counts}");
    counts.starts_with('1')
}

/// Waits until no backend of the database is in a transaction.
fn nobody_waits(db: &Db) {
    db.wait_for(
        "0",
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL",
    );
}

fn cuts(count: u64) {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = sheet(folder.path(), METRICS);
    let straight = Proxy::new(&db, When::Never, Then::Cut);
    import(&straight.url, &file, "straight").ok();
    assert!(is_whole(&db, "straight"));
    let (sent, received) = (straight.sent.load(Ordering::SeqCst), straight.received.load(Ordering::SeqCst));
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let (mut stored, mut refused, mut unknown) = (1, 0, 0);
    let begin = Instant::now();
    for number in 0..count {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Also a bit beyond the end, where nothing is cut. Most of what the server says is said near the COMMIT.
        let when =
            if number % 3 == 0 { When::Received(1 + seed % (received + 50)) } else { When::Sent(1 + seed % (sent + 50)) };
        let proxy = Proxy::new(&db, when, Then::Cut);
        let name = format!("cut {number}");
        let outcome = import(&proxy.url, &file, &name);
        let whole = is_whole(&db, &name);
        match (outcome.code, whole) {
            (0, true) => stored += 1,
            (0, false) => panic!("{when:?}: success was said of what is not there"),
            (_, false) => refused += 1,
            // The server has committed, and its answer was cut off: that must not be called a failure.
            (_, true) => {
                assert!(outcome.stderr.contains("unknown"), "{when:?}: {}", outcome.stderr);
                stored += 1;
                unknown += 1;
            }
        }
        assert!([0, 69].contains(&outcome.code), "{when:?}: {} {}", outcome.code, outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{when:?}: {}", outcome.stderr);
    }
    nobody_waits(&db);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), stored.to_string());
    println!(
        "{count} cuts in {:.1?}: {refused} without a trace, {} whole, {unknown} with a lost answer",
        begin.elapsed(),
        stored - 1
    );
    assert!(refused > 0);
}

#[test]
fn an_import_that_is_cut_anywhere_is_whole_or_not_at_all() {
    cuts(12);
}

/// The long form: `cargo nextest run --run-ignored only cut_three_hundred_times --no-capture`.
#[test]
#[ignore = "takes a minute"]
fn an_import_cut_three_hundred_times_is_whole_or_not_at_all() {
    cuts(300);
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_called_a_failure() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = sheet(folder.path(), METRICS);
    let proxy = Proxy::new(&db, When::Says(b"COMMIT\0"), Then::Cut);
    import(&proxy.url, &file, "cut").fails(69, "unknown");
    assert!(!is_whole(&db, "cut"));
    nobody_waits(&db);
}

/// The server commits and its answer is lost: nobody knows, so that is said; and the same command once more doubles nothing.
#[test]
fn a_commit_that_happened_and_was_not_heard_of_is_said_to_be_unknown_and_never_doubled() {
    for then in [Then::LoseAnswer, Then::HideAnswers] {
        let db = Db::seeded();
        let folder = tempfile::tempdir().expect("a folder");
        let file = sheet(folder.path(), METRICS);
        let proxy = Proxy::new(&db, When::Says(b"COMMIT\0"), then);
        let args = ["import", "--direction=*=higher", file.as_str(), "--framework", "csf-2.0"];
        let mut command = cmf();
        command.env("CMF_DATABASE_URL", format!("{}&connect_timeout=1&answer_timeout=1", proxy.url));
        let lost = run(command.args(args).args(["--name", "lost"]));
        let lost = lost.fails(69, "It is unknown whether the changes were made");
        assert!(lost.stdout.is_empty(), "{then:?}: {}", lost.stdout);
        nobody_waits(&db);
        assert!(is_whole(&db, "lost"), "{then:?}: the server has not committed");
        let again = |more: &[&str]| run(db.command().args(args).args(more));
        again(&["--name", "lost"]).fails(1, "imported before");
        again(&["--name", "another"]).fails(1, "imported before");
        again(&["--again", "--name", "lost"]).fails(1, "already");
        again(&["--mode", "upsert", "--catalog", "lost"]).ok();
        assert!(is_whole(&db, "lost"), "{then:?}");
        assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "1", "{then:?}");
    }
}

/// Every phase of an import, with a server that stays silent from there on.
#[test]
fn a_server_that_falls_silent_at_any_phase_costs_no_more_than_the_limit() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = sheet(folder.path(), METRICS);
    let limit = Duration::from_secs(1);
    let phases: [(&str, When); 6] = [
        ("connect", When::Connects),
        ("authentication", When::Sent(20)),
        ("the answer to the login", When::Received(1)),
        ("the first statement", When::Says(b"BEGIN")),
        ("COPY", When::Says(b"COPY metric_catalog_items")),
        ("COMMIT", When::Says(b"COMMIT\0")),
    ];
    std::thread::scope(|scope| {
        for some in phases.chunks(2) {
            let (db, file) = (&db, &file);
            scope.spawn(move || {
                for (phase, when) in some {
                    for then in [Then::Stall, Then::Swallow] {
                        let proxy = Proxy::new(db, *when, then);
                        let url = format!("{}&connect_timeout=1&answer_timeout=1", proxy.url);
                        let begin = Instant::now();
                        let outcome = import(&url, file, phase).fails(69, "within 1 s");
                        let took = begin.elapsed();
                        println!("{took:>6.1?} {phase} {then:?}");
                        assert!(took < limit + Duration::from_secs(2), "{phase} {then:?}: {took:?} {}", outcome.stderr);
                        assert!(!is_whole(db, phase), "{phase} {then:?}");
                    }
                }
            });
        }
    });
    // TLS: the server says yes and nothing more.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = client.read(&mut [0; 8]);
                let _ = client.write_all(b"S");
                while let Ok(1..) = client.read(&mut [0; 4096]) {}
            });
        }
    });
    let begin = Instant::now();
    import(&format!("postgres://u@127.0.0.1:{port}/d?sslmode=require&connect_timeout=1"), &file, "tls").fails(69, "within 1 s");
    assert!(begin.elapsed() < limit + Duration::from_secs(2), "TLS: {:?}", begin.elapsed());
}

/// A statement's limit holds on this side too, should the server's answer never come.
#[test]
fn a_reading_waits_for_its_answer_no_longer_than_its_statement_may_take() {
    let db = Db::seeded();
    db.execute("INSERT INTO metrics (metric_number, name, direction, csf_function, priority) VALUES ('M-1', 'a', 'higher_is_better', 'PR', 'High')");
    let proxy = Proxy::new(&db, When::Says(b"COMMIT\0"), Then::Swallow);
    let begin = Instant::now();
    let mut command = cmf();
    command.env("CMF_DATABASE_URL", format!("{}&connect_timeout=1", proxy.url));
    run(command.args(["record", "M-1", "5", "--statement-timeout", "1s"])).fails(69, "");
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    nobody_waits(&db);
}

/// `pg_dump` and `pg_restore` do not wait for ever either, nor does a command that only reads what is migrated.
#[test]
fn a_dump_and_its_way_back_end_when_the_server_falls_silent() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let dump = path("whole.dump");
    db.cmf(["db", "dump", &dump]).ok();
    let empty = Db::empty();
    for (db, when, args) in [
        (&db, &b"LOCK TABLE"[..], vec!["db".to_owned(), "dump".to_owned(), path("cut.dump")]),
        (&db, b"COPY public.users", vec!["db".to_owned(), "dump".to_owned(), path("cut.dump")]),
        (&empty, b"CREATE TABLE", vec!["db".to_owned(), "restore".to_owned(), dump.clone()]),
        (&empty, b"COMMIT\0", vec!["db".to_owned(), "restore".to_owned(), dump.clone()]),
        (&db, b"cmf_migrations", vec!["migrate".to_owned(), "status".to_owned()]),
    ] {
        let proxy = Proxy::new(db, When::Says(when), Then::Swallow);
        let mut command = cmf();
        command.env("CMF_DATABASE_URL", format!("{}&connect_timeout=2&answer_timeout=1", proxy.url)).args(&args);
        let begin = Instant::now();
        let refused = run(&mut command).fails(69, "did not answer within 1 s");
        // Where a COMMIT may have been done, nobody says that nothing changed.
        assert_eq!(refused.stderr.contains("is unknown"), args[1] == "restore", "{args:?}: {}", refused.stderr);
        assert!(begin.elapsed() < Duration::from_secs(6), "{args:?}: {:?}", begin.elapsed());
    }
    assert!(!folder.path().join("cut.dump").exists());
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "no temporary file is left");
    assert_eq!(empty.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

/// The server does not go on waiting for a lock on behalf of a dump whose cmf was killed.
#[test]
fn a_killed_dump_leaves_nothing_waiting_on_the_server() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    let locked = db.hold("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
    let proxy = Proxy::new(&db, When::Never, Then::Cut);
    let mut command = cmf();
    command.env("CMF_DATABASE_URL", &proxy.url).args(["db", "dump"]).arg(folder.path().join("cmf.dump"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().expect("cmf starts");
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%'";
    db.wait_for("1", waiting);
    child.kill().expect("the kill");
    child.wait().expect("the end");
    db.wait_for("0", waiting);
    drop(locked);
}

//! What works behind PgBouncer in transaction mode.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use sqlx::ConnectOptions;

use crate::connect::{mode, on, server};
use crate::support::{Db, Run, block_on, cmf, run, wait_until};

#[test]
fn behind_a_pooler_in_transaction_mode_commands_work_but_migrate() {
    let Some(pooler) = Pooler::start() else { return };
    let db = Db::migrated();
    for round in 0..3 {
        pooler.cmf(&db, &["user", "create", &format!("u{round}"), "--email", &format!("u{round}@example.org")]).ok();
    }
    pooler.cmf(&db, &["seed"]).ok();
    let users = pooler.cmf(&db, &["user", "list", "--format", "json"]).ok().json();
    assert_eq!(users.as_array().expect("users").len(), 3);
    let tree = pooler.cmf(&db, &["framework", "show", "csf-2.0", "--format", "json"]).ok().json();
    assert!(tree["nodes"].as_array().expect("nodes").len() > 100);
    // Many at once share two servers.
    let children: Vec<_> = (0..12)
        .map(|round| {
            let mut command = pooler.command(&db);
            command.args(["user", "create", &format!("p{round}"), "--email", &format!("p{round}@example.org")]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("cmf starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("cmf ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(db.one("SELECT count(*) FROM users"), "15");
    let empty = Db::empty();
    let template = format!("{}_template", empty.name);
    let file = template.clone() + ".dump";
    for args in [&["migrate", "up"][..], &["db", "template", &template], &["db", "create", "--migrate"], &["db", "dump", &file]]
    {
        pooler.cmf(&empty, args).fails(1, "a connection pooler in transaction mode");
    }
    pooler.cmf(&empty, &["db", "reset", "--confirm", &empty.name]).fails(1, "a connection pooler in transaction mode");
    pooler.cmf(&empty, &["--schema", "acme", "migrate", "up"]).fails(1, "a connection pooler in transaction mode");
    assert_eq!(empty.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'acme'"), "0");
    assert_eq!(empty.one(&format!("SELECT count(*) FROM pg_database WHERE datname LIKE '{template}%'")), "0");
    assert_eq!(
        empty.one(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
                          WHERE locktype = 'advisory' AND datname = current_database()"
        ),
        "0"
    );
    // What only reads works, and leaves no setting to the next who gets the server.
    for args in [&["migrate", "status"][..], &["migrate", "plan"], &["doctor"]] {
        pooler.cmf(&db, &[&["--schema", "acme"], args].concat());
    }
    for _ in 0..4 {
        assert_eq!(pooler.show(&db, "search_path"), "\"$user\", public");
        assert_eq!(pooler.show(&db, "row_security"), "on");
    }
    let url = format!("{}?options=-c%20work_mem%3D4MB", pooler.url(&db));
    on(&url).fails(78, "startup parameter");
}

#[test]
fn what_a_pooler_refuses_for_a_while_is_kept_for_later() {
    let Some(pooler) = Pooler::with("max_client_conn=1") else { return };
    let db = Db::migrated();
    db.execute("INSERT INTO metrics (metric_number, name, direction, csf_function, priority) VALUES ('M-1', 'a', 'higher_is_better', 'PR', 'High')");
    let spool = tempfile::tempdir().expect("a folder");
    let spool = spool.path().to_str().expect("a path");
    let url = format!("{}?connect_timeout=1", pooler.url(&db));
    let cmf = |args: &[&str]| run(cmf().env("CMF_DATABASE_URL", &url).args(args));
    let other: sqlx::postgres::PgConnectOptions = pooler.url(&db).parse().expect("a URL");
    let other = other.extra_float_digits(None);
    block_on(async {
        let _held = other.connect().await.expect("the only place");
        let full = cmf(&["record", "M-1", "5"]).fails(69, "no more connections allowed");
        assert!(full.stderr.contains("max_client_conn") && !full.stderr.contains("startup parameter"), "{}", full.stderr);
        cmf(&["record", "M-1", "5", "--spool", spool]).fails(75, "no more connections allowed");
    });
    cmf(&["record", "--drain", "--spool", spool]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
}

#[test]
fn a_statement_that_a_pooler_gives_up_is_69_with_its_limit_named() {
    let Some(pooler) = Pooler::with("query_timeout=1") else { return };
    let db = Db::migrated();
    let held = db.hold("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
    let refused = pooler.cmf(&db, &["user", "create", "ada", "--email", "ada@example.org"]).fails(69, "query timeout");
    assert!(refused.stderr.contains("the pooler stopped waiting"), "{}", refused.stderr);
    drop(held);
}

/// A pgbouncer in transaction mode before the test server; stopped with the test.
pub struct Pooler {
    child: std::process::Child,
    port: u16,
    _folder: tempfile::TempDir,
    user: String,
}

impl Pooler {
    pub fn start() -> Option<Self> {
        Self::with("")
    }

    /// One with further settings.
    fn with(settings: &str) -> Option<Self> {
        let binary = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
            .iter()
            .find(|path| Path::new(path).exists());
        let Some(binary) = binary else {
            crate::support::skip("pgbouncer is not installed");
            return None;
        };
        let real = server(&Db::empty());
        let folder = tempfile::tempdir().expect("a folder");
        mode(folder.path(), 0o755);
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let password = real.password.map(|password| format!(" password={password}")).unwrap_or_default();
        let users = folder.path().join("users");
        std::fs::write(&users, format!("\"{}\" \"\"\n", real.user)).expect("a file");
        let ini = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={} port={}{password}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n\
             auth_type=trust\nauth_file={}\npool_mode=transaction\ndefault_pool_size=2\n{settings}\n",
            real.host,
            real.port,
            users.display()
        );
        std::fs::write(&ini, text).expect("a file");
        let mut command = Command::new(binary);
        // It refuses to be root; only the owner of a private server gets at its socket.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", &owner(Path::new(&real.host)).unwrap_or_else(|| "nobody".to_owned())]);
        }
        command.arg("-q").arg(&ini).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let child = command.spawn().expect("pgbouncer starts");
        let pooler = Pooler { child, port, _folder: folder, user: real.user };
        wait_until("pgbouncer", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(pooler)
    }

    fn url(&self, db: &Db) -> String {
        format!("postgres://{}@127.0.0.1:{}/{}", self.user, self.port, db.name)
    }

    pub fn command(&self, db: &Db) -> Command {
        let mut command = cmf();
        command.env("CMF_DATABASE_URL", self.url(db));
        command
    }

    /// A setting of the server that the next session gets.
    fn show(&self, db: &Db, setting: &str) -> String {
        crate::support::block_on(async {
            let options: sqlx::postgres::PgConnectOptions = self.url(db).parse().expect("a URL");
            let options = options.extra_float_digits(None);
            let mut connection = sqlx::ConnectOptions::connect(&options).await.expect("a connection");
            let show = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SHOW {setting}")));
            let row = sqlx::Executor::fetch_one(&mut connection, show).await.expect("a setting");
            sqlx::Row::get(&row, 0)
        })
    }

    fn cmf(&self, db: &Db, args: &[&str]) -> Run {
        run(self.command(db).args(args))
    }
}

/// The name of who owns a directory, where it is one and it is not root's.
fn owner(directory: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = std::fs::metadata(directory).ok().filter(|_| directory.is_absolute())?.uid();
    let output = Command::new("id").args(["-nu", &id.to_string()]).output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (id != 0 && !name.is_empty()).then_some(name)
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

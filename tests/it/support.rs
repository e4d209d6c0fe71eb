//! A database of its own for each test, and the binary to run on it.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cmf::local::Cluster;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor, Row, ValueRef};

mod directory;
mod time;

pub use directory::run_directory;
pub use time::{let_pass, wait_until};

/// A file of the samples and official texts beside the project, where they are there. The twin is the test that does the same
/// with files of the project's own, so that a clone alone tests the product.
pub fn shared(path: &str, twin: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !path.exists() {
        skip(format_args!("{} is not here; {twin} does the same without it", path.display()));
        return None;
    }
    Some(path)
}

/// The path, where there is such a file; else the test that needs it is skipped and says so.
pub fn here(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return Some(path.to_owned());
    }
    skip(format_args!("{} is not here", path.display()));
    None
}

/// Says that a test, or a part of it, does not run on this machine, and why. `make test` counts and names these at its end.
pub fn skip(reason: impl std::fmt::Display) {
    println!("skipped: {reason}");
    if let Some(notes) = std::env::var_os("CMF_TEST_SKIPPED") {
        let thread = std::thread::current();
        let note = format!("{}\t{reason}\n", thread.name().unwrap_or("a test"));
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(notes).expect("the file of notes");
        // In one piece, so that notes of several tests do not mix.
        std::io::Write::write_all(&mut file, note.as_bytes()).expect("the note is written");
    }
}

/// A file of the project.
pub fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a generated text with the committed file; with `CMF_BLESS=1` writes the file instead.
#[track_caller]
pub fn golden(path: &str, text: &str) {
    let file = project(path);
    if std::env::var_os("CMF_BLESS").is_some() {
        std::fs::write(&file, text).expect("the file is written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "{path} is not current: run `make bless` and look at the difference");
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// What it printed, without the number of the change that `cmf undo` takes: a dry run has none.
    pub fn without_undo(&self) -> String {
        let line =
            |line: &str| if line.trim_start().starts_with("\"undo\": ") { "  \"undo\": null,\n" } else { line }.to_owned();
        self.stdout.split_inclusive('\n').map(line).collect()
    }

    /// What a child that has ended gave.
    pub fn from(output: Output) -> Self {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// The run, which must have succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The run, which must have failed with this code and a message that holds this text.
    #[track_caller]
    pub fn fails(self, code: i32, text: &str) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(text), "no {text:?} in:\n{}", self.stderr);
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in stdout:\n{}", self.stdout))
    }
}

/// The binary under test, or what the test of the tests puts in its place.
pub fn binary() -> PathBuf {
    std::env::var_os("CMF_TEST_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_cmf").into()).into()
}

/// The binary with an environment that says nothing about databases.
pub fn cmf() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CMF_") || text.starts_with("PG") || text == "DATABASE_URL" {
            command.env_remove(&name);
        }
    }
    command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs a prepared command. Whatever a test is about, no hint may name an option that the command does not have.
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    let run = Run::from(command.output().expect("the binary runs"));
    if let Some(hint) = run.stderr.lines().find(|line| line.starts_with("hint: ")) {
        let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let strange: Vec<&str> = options_in(&run.stderr).filter(|option| !has_option(&words, option)).collect();
        assert!(strange.is_empty(), "{words:?} has no {strange:?}: {hint}");
    }
    run
}

/// The options that hints name, but for those of commands that a hint quotes.
fn options_in(stderr: &str) -> impl Iterator<Item = &str> {
    let hints = stderr.lines().filter_map(|line| line.strip_prefix("hint: "));
    let own = hints.flat_map(|hint| hint.split('`').step_by(2));
    own.flat_map(|text| text.split([' ', ',', ';', ':', '=', '(', ')', '"']))
        .filter(|word| word.len() > 2 && word.starts_with("--"))
}

fn has_option(words: &[String], option: &str) -> bool {
    let whole = cmf::cli::command();
    let mut command = &whole;
    let mut known: Vec<&clap::Arg> = command.get_arguments().collect();
    for word in words {
        if let Some(below) = command.find_subcommand(word) {
            command = below;
            // Those above that are not global stand before this word, and are no options of the command.
            known.retain(|argument| argument.is_global_set());
            known.extend(command.get_arguments());
        }
    }
    known.iter().any(|argument| argument.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long)))
}

/// Runs a prepared command on a terminal of its own, which `script` of util-linux makes, waits until it asks this, does
/// something meanwhile and types the answer. All that it shows is in `stderr`. Nothing where there is no such `script`; the
/// test that needs it is skipped and says so.
pub fn on_terminal(command: &Command, question: &str, meanwhile: impl FnOnce(), answer: &str) -> Option<Run> {
    let known = Command::new("script").arg("--version").output();
    if !known.is_ok_and(|known| String::from_utf8_lossy(&known.stdout).contains("util-linux")) {
        println!("skipped: `script` of util-linux is not here");
        return None;
    }
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = words.map(|word| format!("'{}'", word.to_str().expect("UTF-8").replace('\'', "'\\''"))).collect();
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line.join(" "), "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let mut child = script.spawn().expect("script starts");
    let (mut input, mut output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut shown = Vec::new();
    let mut read = [0; 4096];
    while !String::from_utf8_lossy(&shown).contains(question) {
        let count = output.read(&mut read).expect("the terminal is read");
        assert!(count > 0, "no {question:?} in:\n{}", String::from_utf8_lossy(&shown));
        shown.extend_from_slice(&read[..count]);
    }
    meanwhile();
    input.write_all(answer.as_bytes()).expect("the answer is typed");
    output.read_to_end(&mut shown).expect("the terminal is read");
    let code = child.wait().expect("script ends").code().unwrap_or(-1);
    Some(Run { code, stdout: String::new(), stderr: String::from_utf8_lossy(&shown).into_owned() })
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// A database for one test; dropped with it.
pub struct Db {
    server: PgConnectOptions,
    pub url: String,
    pub name: String,
}

impl Db {
    /// An empty database.
    pub fn empty() -> Self {
        Self::create("template0")
    }

    /// A database with the schema and nothing in it.
    pub fn migrated() -> Self {
        Self::create(&template("migrated", |db| {
            for migration in sorted_migrations() {
                db.execute(&std::fs::read_to_string(migration.join("up.sql")).expect("up.sql"));
            }
        }))
    }

    /// A database with the schema, the bundled frameworks, and the user `analyst`.
    pub fn seeded() -> Self {
        Self::create(&template("seeded", |db| {
            for migration in sorted_migrations() {
                db.execute(&std::fs::read_to_string(migration.join("up.sql")).expect("up.sql"));
            }
            db.cmf(["seed"]).ok();
            db.cmf(["user", "create", "analyst", "--email", "analyst@example.org"]).ok();
        }))
    }

    /// A copy of a database that the first test to ask for this kind fills.
    pub fn like(kind: &str, fill: impl FnOnce(&Db) + Send) -> Self {
        Self::create(&template(kind, fill))
    }

    fn create(template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self::named(&name, template)
    }

    fn named(name: &str, template: &str) -> Self {
        let server_url = server_url();
        let server: PgConnectOptions = server_url.parse().expect("a server URL");
        // Copied as files, which takes less than half as long as block by block.
        let how = if Self::copies_blocks(&server) { " STRATEGY file_copy" } else { "" };
        admin(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}{how}"));
        let (base, _) = server_url.rsplit_once('/').expect("a database in the URL");
        Db { server, url: format!("{base}/{name}"), name: name.to_owned() }
    }

    /// Whether the server has another way than files to copy a database, which is so since version 15.
    fn copies_blocks(server: &PgConnectOptions) -> bool {
        static VERSION: OnceLock<i32> = OnceLock::new();
        let version = VERSION.get_or_init(|| {
            block_on(async {
                let mut connection = server.connect().await.expect("a connection");
                let version = sqlx::query_scalar("SELECT current_setting('server_version_num')::int");
                version.fetch_one(&mut connection).await.expect("a version")
            })
        });
        *version >= 150_000
    }

    /// The binary with this database.
    pub fn command(&self) -> Command {
        let mut command = cmf();
        command.env("CMF_DATABASE_URL", &self.url);
        command
    }

    /// Runs `cmf` with these arguments on this database.
    pub fn cmf<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        run(self.command().args(args))
    }

    /// The binary with this database, started by a shell: its `"$0"` is the binary and `"$@"` the arguments.
    pub fn in_shell(&self, script: &str) -> Command {
        let (mut shell, binary) = (Command::new("/bin/sh"), self.command());
        shell.args(["-c", script]).arg(binary.get_program()).stdin(Stdio::null());
        for (name, value) in binary.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
    }

    /// The server, for tests that reach it in their own way.
    pub fn server(&self) -> &PgConnectOptions {
        &self.server
    }

    /// Runs a query in a transaction that stays open, with its locks, until the result is dropped.
    pub fn hold(&self, sql: &str) -> std::sync::mpsc::Sender<()> {
        self.hold_in(&self.name, sql)
    }

    /// The same in another database of the server.
    pub fn hold_in(&self, database: &str, sql: &str) -> std::sync::mpsc::Sender<()> {
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let (options, sql) = (self.server.clone().database(database), sql.to_owned());
        std::thread::spawn(move || {
            block_on(async {
                let mut connection = options.connect().await.expect("a connection");
                connection.execute("BEGIN").await.expect("BEGIN");
                connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.expect("the query");
                ready.send(()).expect("the test waits");
                let _ = receiver.recv();
            });
        });
        is_ready.recv().expect("the query runs");
        sender
    }

    /// Runs SQL without a result.
    #[track_caller]
    pub fn execute(&self, sql: &str) {
        admin(&self.server.clone().database(&self.name), sql);
    }

    /// Runs SQL with the rights of a role, in a transaction that is rolled back.
    ///
    /// # Errors
    /// What the server says against it.
    pub fn try_as(&self, role: &str, sql: &str) -> Result<(), String> {
        block_on(async {
            let mut connection = self.server.clone().database(&self.name).connect().await.expect("a connection");
            let mut run = async |sql: String| {
                connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.map_err(|error| error.to_string())
            };
            run(format!("BEGIN; SET LOCAL ROLE \"{}\"", role.replace('"', "\"\""))).await.expect("the role");
            run(sql.to_owned()).await.map(drop)
        })
    }

    /// The rows of a query as text, cells apart by `|`, NULL as empty.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<String> {
        self.session().rows(sql)
    }

    /// A session for many queries; most tests need one at a time.
    pub fn session(&self) -> Session {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let connection = runtime.block_on(self.server.clone().database(&self.name).connect()).expect("a connection");
        Session { connection, runtime }
    }

    /// The one cell of a query.
    #[track_caller]
    pub fn one(&self, sql: &str) -> String {
        self.rows(sql).pop().unwrap_or_default()
    }

    /// Waits until a query gives this cell.
    #[track_caller]
    pub fn wait_for(&self, cell: &str, sql: &str) {
        let mut session = self.session();
        wait_until(&format!("{cell:?} from `{sql}`"), || session.one(sql) == cell);
    }
}

/// An open session on a test's database.
pub struct Session {
    // Goes before the runtime that it is driven by.
    connection: PgConnection,
    runtime: tokio::runtime::Runtime,
}

impl Session {
    /// The rows of a query as text, cells apart by `|`, NULL as empty.
    #[track_caller]
    pub fn rows(&mut self, sql: &str) -> Vec<String> {
        let rows = self.connection.fetch_all(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())));
        let rows = self.runtime.block_on(rows).expect(sql);
        rows.iter()
            .map(|row| {
                let cells = (0..row.len()).map(|i| {
                    let value = row.try_get_raw(i).expect("a column");
                    if value.is_null() { "" } else { value.as_str().expect("text") }
                });
                cells.collect::<Vec<_>>().join("|")
            })
            .collect()
    }

    /// The one cell of a query.
    #[track_caller]
    pub fn one(&mut self, sql: &str) -> String {
        self.rows(sql).pop().unwrap_or_default()
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        admin(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Runs SQL without a result on a server.
pub fn admin(server: &PgConnectOptions, sql: &str) {
    block_on(async {
        let mut connection: PgConnection = server.connect().await.expect("a connection");
        connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.expect(sql);
        connection.close().await.expect("a goodbye");
    });
}

/// The migrations' folders in order.
pub fn sorted_migrations() -> Vec<std::path::PathBuf> {
    let mut folders: Vec<_> =
        std::fs::read_dir(project("migrations")).expect("migrations").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    folders
}

/// Makes a template once for all test processes: the one that holds the lock builds it, the others wait for it.
fn template(kind: &str, fill: impl FnOnce(&Db) + Send) -> String {
    let name = format!("template_{kind}");
    let server: PgConnectOptions = server_url().parse().expect("a server URL");
    block_on(async {
        let mut connection = server.connect().await.expect("a connection");
        connection.execute("SELECT pg_advisory_lock(4711)").await.expect("the lock");
        let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(&name);
        if connection.fetch_optional(known).await.expect("the catalog").is_none() {
            let building = format!("building_{kind}");
            connection
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"))))
                .await
                .expect("a clean start");
            // A database is filled from a thread of its own, for it blocks on a runtime of its own.
            std::thread::scope(|scope| {
                let filled = std::thread::Builder::new().spawn_scoped(scope, || {
                    let db = Db::named(&building, "template0");
                    fill(&db);
                    std::mem::forget(db);
                });
                filled.expect("a thread").join().expect("the template is filled");
            });
            let rename = format!("ALTER DATABASE {building} RENAME TO {name}");
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(rename))).await.expect("the rename");
        }
        connection.close().await.expect("a goodbye");
    });
    name
}

/// The URL of the server that the tests of this run share: `CMF_TEST_SERVER`, or else a throwaway cluster of the run's own.
pub fn server_url() -> String {
    static URL: OnceLock<String> = OnceLock::new();
    let url = URL.get_or_init(|| match std::env::var("CMF_TEST_SERVER") {
        Ok(url) if !url.is_empty() => url,
        _ => {
            let cluster = Cluster::throwaway(run_directory().join("server"));
            let lock = cluster.lock().unwrap_or_else(|error| panic!("{}", error.to_text()));
            let started = cluster.start(&lock).unwrap_or_else(|error| panic!("{}", error.to_text()));
            started.endpoint.url("postgres")
        }
    });
    url.clone()
}

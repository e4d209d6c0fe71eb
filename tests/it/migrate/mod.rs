//! `cmf migrate`.

mod adopt;
mod drift;
mod history;
mod inspect;
mod lived;
mod own;
mod repeat;
mod safety;
mod schema;
mod steps;

use std::path::Path;

use serde_json::Value;

use crate::support::{Db, Run, cmf, run, sorted_migrations};

/// Everything in the schema as the catalogs tell it, in an order of its own.
fn catalog_dump(db: &Db) -> Vec<String> {
    [
        "SELECT 'relation', c.relname, c.relkind, c.relpersistence, c.reloptions::text, obj_description(c.oid)
         FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname",
        "SELECT 'column', a.attrelid::regclass, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, col_description(a.attrelid, a.attnum)
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
         WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid::regclass::text, a.attnum",
        "SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname",
        "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
        "SELECT 'enum', enumtypid::regtype, enumlabel FROM pg_enum ORDER BY enumtypid::regtype::text, enumsortorder",
        "SELECT 'type', typname, typtype FROM pg_type WHERE typnamespace = 'public'::regnamespace ORDER BY typname",
        "SELECT 'function', oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 2",
        "SELECT 'trigger', tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 3",
        "SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname",
    ]
    .iter()
    .flat_map(|query| db.rows(query))
    .collect()
}

/// A folder of migrations made for a test.
struct Folder(tempfile::TempDir);

impl Folder {
    /// Each migration is a name that begins with its version, what brings it up and what takes it down.
    fn of(migrations: &[(&str, &str, &str)]) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, up, down) in migrations {
            folder.add(name, up, down);
        }
        folder
    }

    fn add(&self, name: &str, up: &str, down: &str) {
        self.write(name, "up.sql", up);
        if !down.is_empty() {
            self.write(name, "down.sql", down);
        }
    }

    /// A migration that runs outside a transaction.
    fn add_bare(&self, name: &str, up: &str, down: &str) {
        self.add(name, up, down);
        self.write(name, "metadata.toml", "run_in_transaction = false\n");
    }

    fn write(&self, name: &str, file: &str, text: &str) {
        std::fs::create_dir_all(self.path().join(name)).expect("a folder");
        std::fs::write(self.path().join(name).join(file), text).expect("a file");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Arguments of `cmf migrate` with this folder.
    fn args(&self, args: &[&str]) -> Vec<String> {
        let mut all = vec!["migrate".to_owned()];
        all.extend(args.iter().map(|&arg| arg.to_owned()));
        all.extend(["--dir".to_owned(), self.path().display().to_string()]);
        all
    }
}

/// How many advisory locks are held on this database.
const LOCKS: &str = "SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

fn locks(db: &Db) -> String {
    db.one(LOCKS)
}

/// The host (or the folder of the socket) and the port of a test's server.
fn server(db: &Db) -> (String, u16) {
    let authority = db.url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a host in the URL");
    let (host, port) = authority.split_once(':').unwrap_or((authority, "5432"));
    let mut decoded = host.split('%').next().unwrap_or_default().to_owned();
    for piece in host.split('%').skip(1) {
        decoded.push(u8::from_str_radix(&piece[..2], 16).expect("a byte").into());
        decoded.push_str(&piece[2..]);
    }
    (decoded, port.parse().expect("a port"))
}

/// How many sessions of cmf were refused the lock and rest until they ask again.
const RESTING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'cmf' AND state = 'idle' AND query LIKE '%pg_try_advisory_lock%'";

/// The key of the lock that one migrating session has.
const KEY: i64 = i64::from_be_bytes(*b"cmf_migr");

/// Many sessions that run `up` at once, most of them refused the lock when they first ask for it.
fn at_once(db: &Db, sessions: u32, args: &[String]) {
    let held = db.hold(&format!("SELECT pg_advisory_lock({KEY})"));
    let children: Vec<_> = (0..sessions)
        .map(|_| {
            let mut command = db.command();
            command
                .args(args)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .expect("cmf runs")
        })
        .collect();
    db.wait_for(&sessions.to_string(), RESTING);
    drop(held);
    for child in children {
        Run::from(child.wait_with_output().expect("an end")).ok();
    }
}

/// The versions in diesel's table.
fn applied(db: &Db) -> Vec<String> {
    db.rows("SELECT version FROM __diesel_schema_migrations ORDER BY version")
}

/// The versions of the project's migrations, as diesel takes them from the folders' names.
fn versions() -> Vec<String> {
    let folders = sorted_migrations();
    let names = folders.iter().filter_map(|folder| folder.file_name()?.to_str()?.split('_').next());
    names.map(|digits| digits.replace('-', "")).collect()
}

#[test]
fn every_constraint_has_a_name_of_the_house() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let strangers = db.rows(
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
         AND conrelid <> '__diesel_schema_migrations'::regclass AND conname !~ '^(pk|fk|uq|ck)_'",
    );
    assert_eq!(strangers, Vec::<String>::new());
}

#[test]
fn up_twice_is_a_no_op_that_says_so() {
    let db = Db::empty();
    let first = db.cmf(["migrate", "up", "--format", "json"]).ok();
    let names: Vec<Value> = first.json().as_array().unwrap().iter().map(|step| step["version"].clone()).collect();
    assert_eq!(names, versions());
    let before = catalog_dump(&db);
    let second = db.cmf(["migrate", "up"]).ok();
    assert_eq!(second.stdout, "");
    assert!(second.stderr.contains("nothing to do: the schema is current"), "{}", second.stderr);
    assert_eq!(catalog_dump(&db), before);
    assert_eq!(applied(&db), versions());
    assert_eq!(db.rows("SELECT action, source FROM ai_change_log"), ["migrate.up|cmf"]);
}

#[test]
fn up_down_all_up_leaves_the_same_catalogs_and_down_all_an_empty_schema() {
    let db = Db::empty();
    let empty = catalog_dump(&db);
    db.cmf(["migrate", "up"]).ok();
    let first = catalog_dump(&db);
    db.cmf(["migrate", "down", "--all", "--confirm", &db.name]).ok();
    assert_eq!(catalog_dump(&db), empty);
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(catalog_dump(&db), first);
    let Ok(dump) = std::process::Command::new("pg_dump").args(["--schema-only", "--no-owner", &db.url]).output() else {
        crate::support::skip("no pg_dump to compare with");
        return;
    };
    let other = Db::empty();
    other.cmf(["migrate", "up"]).ok();
    let again = std::process::Command::new("pg_dump").args(["--schema-only", "--no-owner", &other.url]).output().unwrap();
    let text = |bytes: Vec<u8>| -> Vec<String> {
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter(|line| !line.starts_with('\\')).map(ToOwned::to_owned).collect()
    };
    assert_eq!(text(dump.stdout), text(again.stdout));
}

#[test]
fn down_takes_the_newest_and_leaves_an_audit_row_where_the_trail_stays() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let mut left = versions();
    left.pop();
    db.cmf(["migrate", "down", "--yes"]).ok();
    assert_eq!(applied(&db), left);
    assert_eq!(db.one("SELECT to_regclass('ai_change_log')"), "");
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(applied(&db), versions());
}

#[test]
fn down_asks_and_without_a_terminal_it_refuses() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let before = catalog_dump(&db);
    db.cmf(["migrate", "down"]).fails(2, "add --yes");
    db.cmf(["migrate", "down", "--all"]).fails(2, &format!("add --confirm {}", db.name));
    db.cmf(["migrate", "down", "--all", "--confirm", "other"]).fails(2, "--confirm names");
    db.cmf(["migrate", "down", "--all", "--yes"]).fails(2, &format!("add --confirm {}", db.name));
    db.cmf(["migrate", "down", "--all", "--yes", "--confirm", "other"]).fails(2, "--confirm names");
    assert_eq!(catalog_dump(&db), before);
    assert_eq!(applied(&db), versions());
    // The name is the stronger confirmation, and `--yes` beside it no contradiction.
    db.cmf(["migrate", "down", "--all", "--yes", "--confirm", &db.name]).ok();
    assert_eq!(db.one("SELECT to_regclass('metrics')"), "");
}

#[test]
fn down_on_an_empty_database_has_nothing_to_do() {
    let db = Db::empty();
    for args in [&["migrate", "down", "--yes"][..], &["migrate", "down", "--all"]] {
        let run = db.cmf(args).ok();
        assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
    }
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn a_failing_migration_says_which_and_changes_nothing() {
    let db = Db::empty();
    db.execute("CREATE TYPE metric_priority AS ENUM ('x')");
    let failed =
        db.cmf(["migrate", "up"]).fails(1, "create_catalogs failed: type \"metric_priority\" already exists (SQLSTATE 42710)");
    assert!(failed.stderr.contains("create_frameworks"), "{}", failed.stderr);
    assert_eq!(applied(&db), versions()[..1]);
    assert_eq!(db.rows("SELECT enumlabel FROM pg_enum"), ["x"]);
    assert_eq!(db.one("SELECT count(*) FROM pg_type WHERE typname = 'metric_direction'"), "0");
}

#[test]
fn what_stays_when_a_later_migration_fails_is_in_the_trail() {
    let (db, folder) = (Db::empty(), Folder::of(&[]));
    db.cmf(["migrate", "up"]).ok();
    for path in sorted_migrations() {
        let read = |file: &str| std::fs::read_to_string(path.join(file)).expect("a script");
        folder.add(path.file_name().expect("a name").to_str().expect("UTF-8"), &read("up.sql"), &read("down.sql"));
    }
    for (name, up) in [("97_a", "CREATE TABLE a (id integer)"), ("98_b", "SELECT 1"), ("99_c", "SELECT 1 / 0")] {
        folder.add(name, up, "SELECT 1");
    }
    let trail = || db.rows("SELECT action, result - 'chain' FROM ai_change_log ORDER BY id");
    let before = trail();
    let failed = db.cmf(folder.args(&["up"])).fails(1, "99_c failed: division by zero");
    assert!(failed.stderr.contains("Applied before it, and kept: 97_a, 98_b."), "{}", failed.stderr);
    assert_eq!(trail()[before.len()..], ["migrate.up|{\"applied\": [\"97\", \"98\"]}"]);
    // Where nothing stays there is nothing to say.
    db.cmf(folder.args(&["up"])).fails(1, "99_c failed");
    assert_eq!(trail().len(), before.len() + 1);
}

#[test]
fn sixteen_at_once_apply_once() {
    let db = Db::empty();
    at_once(&db, 16, &["migrate".to_owned(), "up".to_owned()]);
    assert_eq!(applied(&db), versions());
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'migrate.up'"), "1");
    db.wait_for("0", LOCKS);
}

#[test]
fn an_unreachable_server_is_69_and_a_wrong_url_78() {
    for verb in [&["up"][..], &["down", "--yes"], &["status"]] {
        let gone = |url: &str| run(cmf().env("CMF_DATABASE_URL", url).arg("migrate").args(verb));
        gone("postgres://postgres@127.0.0.1:1/none").fails(69, "no server is listening there");
        gone("postgres:///none?host=/nonexistent").fails(69, "the socket does not exist");
        gone("mysql://root@localhost/none").fails(78, "does not start with postgres://");
    }
    let db = Db::empty();
    let missing = format!("{}_missing", db.url);
    run(cmf().env("CMF_DATABASE_URL", missing).args(["migrate", "up"])).fails(78, "does not exist");
}

#[test]
fn a_read_only_database_is_refused_when_there_is_something_to_do() {
    let db = Db::empty();
    let read_only = |args: &[&str]| {
        let url = format!("{}?options=-c%20default_transaction_read_only%3Don", db.url);
        run(cmf().env("CMF_DATABASE_URL", url).arg("migrate").args(args))
    };
    read_only(&["up"]).fails(1, "accepts no writes: default_transaction_read_only is on");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
    db.cmf(["migrate", "up"]).ok();
    read_only(&["up"]).ok();
    read_only(&["down", "--yes"]).fails(1, "read-only");
    assert_eq!(applied(&db), versions());
}

#[test]
fn other_commands_on_an_empty_database_name_the_cure() {
    let db = Db::empty();
    for args in [&["user", "list"][..], &["user", "create", "ada", "--email", "ada@example.org"]] {
        db.cmf(args).fails(1, "cmf migrate up");
    }
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), "0");
}

#[test]
fn status_tells_applied_from_pending() {
    let db = Db::empty();
    let state = |db: &Db| -> Vec<(String, String)> {
        let status = db.cmf(["migrate", "status", "--format", "json"]).ok().json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        status["migrations"].as_array().unwrap().iter().map(|row| (text(&row["version"]), text(&row["status"]))).collect()
    };
    let all = |status: &str| -> Vec<(String, String)> {
        versions().into_iter().map(|version| (version, status.to_owned())).collect()
    };
    assert_eq!(state(&db), all("pending"));
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(state(&db), all("applied"));
}

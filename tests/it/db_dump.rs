//! `cmf db dump` and `cmf db restore`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Db, run, sorted_migrations};

/// Everything in a database as text, so that two can be compared.
fn contents(db: &Db) -> Vec<String> {
    contents_of(db, "public")
}

/// Everything in a schema.
fn contents_of(db: &Db, schema: &str) -> Vec<String> {
    let tables = db.rows(&format!(
        "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = '{schema}' AND c.relkind = 'r' ORDER BY c.relname",
    ));
    let mut all = Vec::new();
    for table in tables {
        all.push(format!("-- {table}"));
        all.extend(db.rows(&format!("SELECT t::text FROM {table} t WHERE NOT t::text LIKE '%db.restore%' ORDER BY 1")));
    }
    all
}

fn has_clients() -> bool {
    let is_there = |name: &str| std::process::Command::new(name).arg("--version").output().is_ok();
    let both = is_there("pg_dump") && is_there("pg_restore");
    if !both {
        crate::support::skip("no pg_dump and pg_restore on PATH");
    }
    both
}

#[test]
fn a_dump_comes_back_as_it_was() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.dump");
    let path = file.to_str().expect("a path");
    let db = Db::seeded();
    let before = contents(&db);
    let dumped = db.cmf(["db", "dump", path, "--format", "json"]).ok().json();
    assert_eq!(dumped["size_bytes"], fs::metadata(&file).expect("the dump").len());
    assert_eq!(fs::metadata(&file).expect("the dump").permissions().mode() & 0o777, 0o600, "it is nobody else's to read");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "no temporary file is left");

    // Into an empty database.
    let empty = Db::empty();
    empty.cmf(["db", "restore", path]).ok();
    assert_eq!(contents(&empty), before);
    assert_eq!(empty.one("SELECT count(*) FROM ai_change_log WHERE action = 'db.restore'"), "1");

    // Over what has changed since, only when asked for.
    db.cmf(["user", "create", "eve", "--email", "eve@example.org"]).ok();
    db.execute("DELETE FROM framework_subcategories");
    let changed = contents(&db);
    db.cmf(["db", "restore", path]).fails(1, "is not empty");
    db.cmf(["db", "restore", path, "--replace"]).fails(2, "add --confirm");
    db.cmf(["db", "restore", path, "--replace", "--confirm", "another"]).fails(2, "--confirm names");
    assert_eq!(contents(&db), changed);
    db.cmf(["db", "restore", path, "--replace", "--confirm", &db.name]).ok();
    assert_eq!(contents(&db), before);
}

#[test]
fn a_dump_never_replaces_a_file_unasked_and_is_whole_or_absent() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.dump");
    let path = file.to_str().expect("a path");
    let db = Db::migrated();
    fs::write(&file, "precious").expect("a file");
    db.cmf(["db", "dump", path]).fails(73, "the file exists already");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "precious");
    db.cmf(["db", "dump", path, "--force"]).ok();
    assert!(fs::read(&file).expect("the file").starts_with(b"PGDMP"));

    let nowhere = folder.path().join("none/cmf.dump");
    db.cmf(["db", "dump", nowhere.to_str().expect("a path")]).fails(73, "cannot write");
    // A pg_dump that fails half way leaves nothing that looks like a dump.
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).expect("a folder");
    let script = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 99.1' && exit\n\
        while [ $# -gt 0 ]; do [ \"$1\" = --file ] && echo PGDMP > \"$2\"; shift; done\necho 'half way' >&2; exit 1\n";
    fs::write(programs.join("pg_dump"), script).expect("a program");
    fs::set_permissions(programs.join("pg_dump"), fs::Permissions::from_mode(0o755)).expect("a program");
    let other = folder.path().join("other.dump");
    let mut command = db.command();
    command.env("CMF_PG_BIN", &programs).args(["db", "dump", other.to_str().expect("a path")]);
    let refused = run(&mut command).fails(1, "cannot be dumped");
    assert!(refused.stderr.contains("half way"), "{}", refused.stderr);
    assert!(!other.exists());
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2, "no temporary file is left");
}

#[test]
fn what_cannot_be_restored_changes_nothing() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.dump");
    let path = file.to_str().expect("a path");
    let db = Db::seeded();
    let before = contents(&db);
    let none = folder.path().join("none");
    db.cmf(["db", "restore", none.to_str().expect("a path")]).fails(65, "cannot read the file");
    fs::write(&file, "CREATE TABLE t ();").expect("a file");
    db.cmf(["db", "restore", path])
        .fails(65, "this is not a file that `cmf db dump` wrote")
        .fails(65, &format!("--file {path}`"));
    fs::write(&file, "metric,value\nPR-001,5\n").expect("a file");
    let refused = db.cmf(["db", "restore", path]).fails(65, "name a dump of cmf: `cmf db dump FILE");
    assert!(!refused.stderr.contains("psql"), "{}", refused.stderr);

    // A dump that was cut off, and one whose objects others lean on.
    db.cmf(["db", "dump", path, "--force"]).ok();
    let whole = fs::read(&file).expect("the dump");
    fs::write(&file, &whole[..whole.len() / 2]).expect("half a dump");
    db.cmf(["db", "restore", path, "--replace", "--confirm", &db.name]).fails(1, &format!("{path} cannot be restored into "));
    assert_eq!(contents(&db), before);
    fs::write(&file, &whole).expect("the dump");
    db.execute("CREATE VIEW leaning AS SELECT id FROM frameworks");
    let refused = db.cmf(["db", "restore", path, "--replace", "--confirm", &db.name]).fails(1, "cannot be restored");
    assert!(refused.stderr.contains("leaning"), "{}", refused.stderr);
    assert_eq!(contents(&db), before);
}

#[test]
fn without_the_client_programs_the_error_gives_the_install_line() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.dump");
    let mut command = db.command();
    command.env("CMF_PG_BIN", folder.path()).args(["db", "dump", file.to_str().expect("a path")]);
    let refused = run(&mut command).fails(78, "there is no pg_dump on this system");
    assert!(refused.stderr.contains("install it with Postgres"), "{}", refused.stderr);
    assert!(!file.exists());
}

/// A name that means something else in a pattern, in SQL and on a command line.
const ODD: &str = "Acme.\"x\"*$ Ü";

/// Two tenants with a user each.
fn tenants() -> Db {
    let db = Db::empty();
    for (tenant, user) in [(ODD, "ada"), ("acme", "bob")] {
        db.cmf(["--schema", tenant, "migrate", "up"]).ok();
        db.cmf(["--schema", tenant, "user", "create", user, "--email", &format!("{user}@example.org")]).ok();
    }
    db
}

#[test]
fn a_dump_of_a_tenant_is_that_tenant_alone_and_so_is_its_way_back() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (own, all) = (path("own.dump"), path("all.dump"));
    let db = tenants();
    let cmf = |args: &[&str]| db.cmf([&["--schema", ODD], args].concat());
    let before = contents_of(&db, ODD);
    // Nothing of the others is looked at or locked.
    let locked = db.hold("LOCK TABLE acme.users, acme.metrics IN ACCESS EXCLUSIVE MODE");
    assert_eq!(cmf(&["db", "dump", &own, "--format", "json"]).ok().json()["schema"], ODD);
    drop(locked);
    db.cmf(["db", "dump", &all]).ok();

    cmf(&["user", "create", "eve", "--email", "eve@example.org"]).ok();
    db.cmf(["--schema", "acme", "user", "create", "eve", "--email", "eve@example.org"]).ok();
    let (changed, other) = (contents_of(&db, ODD), contents_of(&db, "acme"));
    cmf(&["db", "restore", &own]).fails(1, "is not empty");
    cmf(&["db", "restore", &own, "--replace", "--confirm", &db.name]).fails(2, "--confirm names");
    for (tenant, file) in [("acme", &own), ("new", &own), (ODD, &all)] {
        db.cmf(["--schema", tenant, "db", "restore", file, "--replace", "--confirm", tenant])
            .fails(1, &format!("holds more than the schema `{tenant}`"));
    }
    // What came after the dump would be left beside it.
    db.execute("CREATE TABLE \"Acme.\"\"x\"\"*$ Ü\".later (id int)");
    let refused =
        cmf(&["db", "restore", &own, "--replace", "--confirm", ODD]).fails(1, "holds things that the dump does not hold");
    assert!(refused.stderr.contains("later"), "{}", refused.stderr);
    db.execute("DROP TABLE \"Acme.\"\"x\"\"*$ Ü\".later");
    assert_eq!(contents_of(&db, ODD), changed);

    cmf(&["db", "restore", &own, "--replace", "--confirm", ODD]).ok();
    assert_eq!(contents_of(&db, ODD), before);
    assert_eq!(contents_of(&db, "acme"), other);
    let restores = |schema: &str| db.one(&format!("SELECT count(*) FROM {schema}.ai_change_log WHERE action = 'db.restore'"));
    assert_eq!((restores("\"Acme.\"\"x\"\"*$ Ü\"").as_str(), restores("acme").as_str()), ("1", "0"));
    cmf(&["audit", "verify"]).ok();
    cmf(&["migrate", "drift"]).ok();

    // Into a database where the tenant is not, and over an empty schema that somebody made for it.
    for prepare in ["", "CREATE SCHEMA \"Acme.\"\"x\"\"*$ Ü\""] {
        let empty = Db::empty();
        empty.execute(prepare);
        empty.cmf(["--schema", ODD, "db", "restore", &own]).ok();
        assert_eq!(contents_of(&empty, ODD), before);
        assert!(contents(&empty).is_empty());
    }
    db.cmf(["--schema", "acm", "db", "dump", &path("none.dump")]).fails(1, "`acme`");
    assert!(!folder.path().join("none.dump").exists());
}

#[test]
fn the_database_of_a_cluster_is_not_replaced_as_a_whole() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cmf.dump").to_str().expect("a path").to_owned();
    let db = Db::migrated();
    db.cmf(["db", "dump", &path]).ok();
    db.execute(
        "INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) \
         SELECT 99999, 'citus', extowner, extnamespace, false, '13.0' FROM pg_extension WHERE extname = 'plpgsql'",
    );
    let refused = db.cmf(["db", "restore", &path, "--replace", "--confirm", &db.name]).fails(1, "Citus");
    assert!(refused.stderr.contains("--schema"), "{}", refused.stderr);
    assert_eq!(db.one("SELECT count(*) FROM pg_extension WHERE extname = 'citus'"), "1");
}

#[test]
#[ignore = "takes minutes"]
fn one_of_a_thousand_tenants_is_dumped_from_a_server_with_its_usual_settings() {
    if !has_clients() {
        return;
    }
    let db = Db::empty();
    assert_eq!(db.one("SHOW max_locks_per_transaction"), "64");
    let all: Vec<String> =
        sorted_migrations().iter().map(|folder| fs::read_to_string(folder.join("up.sql")).expect("up.sql")).collect();
    for number in 0..999 {
        // Few enough tables in one transaction for the locks that the server has.
        db.execute(&format!("CREATE SCHEMA t{number}; SET search_path TO t{number}; {}", all.concat()));
    }
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    db.cmf(["--schema", "acme", "user", "create", "ada", "--email", "ada@example.org"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("acme.dump").to_str().expect("a path").to_owned();
    let before = contents_of(&db, "acme");
    db.cmf(["--schema", "acme", "db", "dump", &path]).ok();
    db.cmf(["--schema", "acme", "user", "create", "eve", "--email", "eve@example.org"]).ok();
    db.cmf(["--schema", "acme", "db", "restore", &path, "--replace", "--confirm", "acme"]).ok();
    assert_eq!(contents_of(&db, "acme"), before);
}

#[test]
fn what_is_restored_is_of_the_role_that_restores_and_nobody_is_let_in() {
    if !has_clients() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cmf.dump").to_str().expect("a path").to_owned();
    let db = Db::migrated();
    let role = format!("{}_former", db.name);
    db.execute(&format!(
        "CREATE ROLE {role}; ALTER TABLE metrics OWNER TO {role}; ALTER TYPE metric_priority OWNER TO {role};
         GRANT SELECT ON users TO {role}; GRANT INSERT ON metric_history TO PUBLIC"
    ));
    db.cmf(["db", "dump", &path]).ok();
    let empty = Db::empty();
    empty.cmf(["db", "restore", &path]).ok();
    let owned = format!(
        "SELECT count(*) FROM pg_shdepend WHERE refobjid = '{role}'::regrole
         AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let granted = empty.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relacl IS NOT NULL");
    let (there, here) = (empty.one(&owned), db.one(&owned));
    db.execute(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
    assert_ne!(here, "0");
    assert_eq!((there.as_str(), granted), ("0", Vec::new()));
}

#[test]
fn an_older_pg_dump_than_the_server_is_refused() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    let (program, file) = (folder.path().join("pg_dump"), folder.path().join("cmf.dump"));
    let script = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 10.1' && exit\necho ran >&2; exit 1\n";
    fs::write(&program, script).expect("a program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    let mut command = db.command();
    command.env("CMF_PG_BIN", folder.path()).args(["db", "dump", file.to_str().expect("a path")]);
    run(&mut command).fails(78, "pg_dump here has version 10, too old for a server of version");
    assert!(!file.exists());
}

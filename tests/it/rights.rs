//! What a role may not do: the cause is told, and the next step is one that helps.

use crate::row_security::Role;
use crate::support::{Db, cmf, run};

#[test]
fn a_schema_that_the_role_may_not_use_is_neither_empty_nor_missing() {
    let db = Db::migrated();
    db.cmf(["tenant", "create", "acme", "--owner", "ada", "--email", "ada@example.org"]).ok();
    let reader = Role::granted(&db, "reader");
    let state = || db.one("SELECT (SELECT count(*) FROM pg_class) || '/' || (SELECT count(*) FROM acme.ai_change_log)");
    let before = state();
    for line in [
        "migrate up -v", "migrate down --yes", "migrate redo --yes", "migrate verify", "migrate status", "migrate log",
        "migrate plan", "migrate repair", "migrate drift", "status", "metric list", "metric lock PR-001", "seed", "score show",
        "score", "record PR-001 5", "history PR-001", "user list", "undo --yes", "db views", "check",
        "db partition metric_history",
    ] {
        let words: Vec<&str> = ["--schema", "acme"].into_iter().chain(line.split(' ')).collect();
        let refused = reader.cmf(&words).fails(77, &format!("the role `{}` may not use the schema `acme`", reader.name));
        assert!(refused.stdout.is_empty(), "{line}: {}", refused.stdout);
        let hint = format!("cmf db grants {} --role ", reader.name);
        let is_granted = refused.stderr.contains(&hint) && refused.stderr.contains("--schema acme`");
        // Who seeds is the owner, and needs no other one.
        assert!(
            is_granted || line == "seed" && refused.stderr.contains("hint: run it as the owner"),
            "{line}: {}",
            refused.stderr
        );
        assert_eq!(state(), before, "{line}");
    }
    // What it may use works, and what is not of a schema.
    reader.cmf(&["migrate", "status"]).ok();
    let listed = reader.cmf(&["db", "schemas", "--format", "csv"]).ok();
    assert!(!listed.stdout.contains("acme"), "{}", listed.stdout);
    assert!(listed.stderr.contains("cannot read its list of migrations: the schema `acme`"), "{}", listed.stderr);
    let everywhere = reader.cmf(&["migrate", "up", "--all-schemas", "--keep-going"]).fails(1, "1 schema failed: acme");
    assert!(everywhere.stderr.contains("may not use the schema `acme`"), "{}", everywhere.stderr);
    let looked = reader.cmf(&["--schema", "acme", "doctor"]);
    assert!(looked.stdout.contains("USAGE on the schema acme"), "{}", looked.stdout);
    assert!(looked.stdout.contains("--role reader --apply --schema acme"), "{}", looked.stdout);
    assert!(!looked.stdout.contains("not applied"), "{}", looked.stdout);
}

#[test]
fn migrations_do_not_run_where_public_is_closed() {
    let db = Db::empty();
    let maker = Role::new(&db, "maker");
    db.execute("REVOKE ALL ON SCHEMA public FROM public");
    maker.cmf(&["migrate", "up"]).fails(77, "may not use the schema `public`");
    assert_eq!(db.one("SELECT count(*) FROM pg_class WHERE relname = 'cmf_migrations'"), "0");
    // A tenant's schema is another.
    db.execute(&format!("GRANT CREATE ON DATABASE {} TO {}", db.name, maker.name));
    maker.cmf(&["--schema", "own", "migrate", "up"]).ok();
    maker.cmf(&["--schema", "own", "migrate", "status", "--exit-code"]).ok();
}

#[test]
fn the_owner_of_the_tables_is_told_who_may_do_more() {
    let db = Db::migrated();
    db.cmf(["tenant", "create", "zz"]).ok();
    let migrator = Role::granted(&db, "migrator");
    let owner = db.one("SELECT session_user");
    let (database, name) = (&db.name, &migrator.name);
    let grant = format!("a superuser runs: GRANT CREATE ON DATABASE \"{database}\" TO \"{name}\"");
    let refused = migrator.cmf(&["tenant", "create", "t9"]).fails(77, "permission denied");
    assert!(refused.stderr.contains(&grant) && !refused.stderr.contains("db grants"), "{}", refused.stderr);
    db.execute(&format!("GRANT USAGE ON SCHEMA zz TO {name}"));
    let refused = migrator.cmf(&["tenant", "drop", "zz", "--confirm", "zz"]).fails(77, "zz");
    assert!(refused.stderr.contains(&format!("log in as `{owner}`")), "{}", refused.stderr);
    let refused = migrator.cmf(&["db", "drop", "--confirm", database]).fails(77, database);
    assert!(refused.stderr.contains(&format!("log in as `{owner}`")), "{}", refused.stderr);
}

#[test]
fn tables_change_their_owner_only_where_somebody_agrees() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let other = Role::granted(&db, "recorder");
    let owner = db.one("SELECT session_user");
    let owners = || db.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'");
    for line in ["migrate up", "user create eve --email eve@example.org"] {
        let words: Vec<&str> = line.split(' ').collect();
        let told = other.cmf(&words).fails(77, "does not have the right").stderr;
        // To the same database.
        assert!(
            told.contains(&format!("hint: run it as the owner of the tables (`{owner}`): --database-url postgres://{owner}@")),
            "{line}: {told}"
        );
        let all = format!("make `{}` the owner of all tables, which takes them from `{owner}`: `cmf db grants", other.name);
        assert_eq!(told.contains(&all), line == "migrate up", "{line}: {told}");
    }
    let told = other.cmf(&["metric", "set", "M-1", "--target", "5"]);
    assert!(!told.stderr.contains("owner of all tables"), "{}", told.stderr);
    assert!(told.stderr.contains(&format!("--role importer --apply --database-url postgres://{owner}@")), "{}", told.stderr);
    let grants = ["db", "grants", &other.name, "--role", "migrator", "--apply"];
    let told = db.cmf(grants).fails(2, "add --yes to confirm").stderr;
    assert!(
        told.contains(&format!("takes 15 tables of the schema `public` from {owner}: {} owns them then", other.name)),
        "{told}"
    );
    assert_eq!(owners(), [owner.as_str()]);
    let told = db.cmf([&grants[..], &["--yes"]].concat()).ok().stderr;
    assert!(told.contains(&format!("took 15 tables of the schema `public` from {owner}")), "{told}");
    assert_eq!(owners(), [other.name.as_str()]);
    // What is its own already is taken from nobody.
    db.cmf(grants).ok();
}

#[test]
fn a_reader_is_told_the_role_that_a_command_needs() {
    let db = Db::seeded();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    let add = "metric add MFA --number M-1 --function PR --direction higher_is_better --target 100";
    db.cmf(add.split(' ')).ok();
    db.cmf(["record", "M-1", "50"]).ok();
    let reader = Role::granted(&db, "reader");
    let told = reader.cmf(&["score", "--default"]).fails(77, "--role importer").stderr;
    assert!(told.contains("`cmf score show` shows the stored scores"), "{told}");
    let dry = ["score", "--default", "--dry-run", "--format", "json"];
    let of = |run: crate::support::Run| run.ok().json()["function_scores"].clone();
    assert_eq!(of(reader.cmf(&dry)), of(db.cmf(dry)));
    let told = reader.cmf(&["undo", "--yes"]).fails(1, "(db.grants) cannot be undone").stderr;
    assert!(!told.contains("--role importer"), "{told}");
}

#[test]
fn a_tenant_without_a_user_is_skipped_and_one_that_is_not_there_refused() {
    let db = Db::migrated();
    db.cmf(["tenant", "create", "bare"]).ok();
    let checked = db.cmf(["check", "--all-schemas"]).ok();
    assert!(checked.stderr.contains("skipped the schema `bare`: the schema `bare` has no active user"), "{}", checked.stderr);
    db.cmf(["--schema", "bare", "status"]).fails(2, "the schema `bare` has no active user, so it has no catalog to show");
    db.cmf(["--schema", "nosuch", "migrate", "status"]).fails(1, "there is no tenant `nosuch`");
    let cut = run(&mut db.in_shell("cmf doctor --all-schemas | head -n 1; echo ${PIPESTATUS[0]}"));
    assert!(!cut.stderr.contains("failed"), "{}", cut.stderr);
}

#[test]
fn a_server_that_refuses_a_session_or_a_column_says_the_way_out() {
    let db = Db::migrated();
    let limited = Role::granted(&db, "reader");
    db.execute(&format!("ALTER ROLE {} CONNECTION LIMIT 0", limited.name));
    let told = limited.cmf(&["user", "list"]).fails(69, "too many connections for role").stderr;
    assert!(told.contains(&format!("ALTER ROLE \"{}\" CONNECTION LIMIT", limited.name)), "{told}");
    db.execute("ALTER TABLE metrics DROP COLUMN unit CASCADE");
    let told = db.cmf(["metric", "list"]).fails(1, "unit").stderr;
    assert!(told.contains("`cmf migrate drift --fix`"), "{told}");
}

#[test]
fn a_spool_that_is_a_file_is_refused_before_the_profile_is_written() {
    let db = Db::migrated();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.csv");
    std::fs::write(&file, "a").expect("a file");
    let config = folder.path().join("cmf/config.toml");
    let init = |spool: &str, name: &str| {
        let mut command = cmf();
        command.env("XDG_CONFIG_HOME", folder.path()).env_remove("CMF_CONFIG");
        command.args(["init", "--database-url", &db.url, "--owner", "ada", "--email", "ada@example.org", "--no-sheet"]);
        run(command.args(["--framework", "csf-2.0", "--spool", spool, "--name", name]))
    };
    init(&file.display().to_string(), "a b").fails(73, "spool");
    assert!(!config.exists());
    let made = init(&folder.path().join("spool").display().to_string(), "a b").ok();
    assert!(made.stderr.contains("cmf --profile \"a b\" status"), "{}", made.stderr);
}

//! Every command of the journey as the role that it is meant for, and as a lower one.

use std::process::Command;

use crate::every::{JOURNEY, Role, audit, files, is_right, prepare, state, walk, worked};
use crate::support::{Db, Run, cmf};

/// Roles for one test; dropped with it.
struct Roles<'a>(&'a Db);

impl<'a> Roles<'a> {
    fn new(db: &'a Db) -> Self {
        for role in ["reader", "recorder", "importer", "migrator", "nobody"] {
            db.execute(&format!("CREATE ROLE \"{}\" LOGIN", Self::name(db, role)));
        }
        // What makes scratch databases, and the schema of the views.
        let migrator = Self::name(db, "migrator");
        db.execute(&format!("ALTER ROLE \"{migrator}\" CREATEDB; GRANT CREATE ON DATABASE \"{}\" TO \"{migrator}\"", db.name));
        Roles(db)
    }

    /// A name that has to be quoted.
    fn name(db: &Db, role: &str) -> String {
        format!("{} {role}", db.name)
    }

    /// `cmf` as one of them: the server checks rights as for somebody who logged in so.
    fn command(&self, role: &str) -> Command {
        let mut command = cmf();
        let name = Self::name(self.0, role).replace(' ', "%5C%20");
        command.env("CMF_DATABASE_URL", format!("{}?options=-c%20role%3D{name}", self.0.url));
        command
    }

    fn grant(&self, role: &str) -> Run {
        self.0.cmf(["db", "grants", &Self::name(self.0, role), "--role", role, "--apply"])
    }
}

impl Drop for Roles<'_> {
    fn drop(&mut self) {
        for role in ["reader", "recorder", "importer", "migrator", "nobody"] {
            let name = Self::name(self.0, role);
            self.0.execute(&format!(
                "REASSIGN OWNED BY \"{name}\" TO CURRENT_USER; DROP OWNED BY \"{name}\"; DROP ROLE \"{name}\""
            ));
        }
    }
}

#[test]
fn every_command_runs_as_its_role_with_one_audit_row_and_fails_cleanly_as_a_lower_one() {
    let (db, folder) = (Db::empty(), files());
    let roles = Roles::new(&db);
    roles.grant("migrator").ok();
    let mut granted = false;
    let mut wrong = Vec::new();
    for (line, role, action) in JOURNEY {
        prepare(&db, folder.path(), line);
        // What the next roles need is there once the tables are.
        if !granted && *line == "migrate status" {
            for role in ["reader", "recorder", "importer"] {
                roles.grant(role).ok();
            }
            granted = true;
        }
        let lower = if granted { role.lower().map_or("nobody", Role::name) } else { "nobody" };
        // Who sees nothing can still ask for the server, what is built in, and what everybody may see.
        let open = [
            "migrate plan", "migrate dump", "metric template", "db wait", "db schemas", "db grants", "doctor",
            "migrate verify", "migrate repair",
        ];
        let as_lower = !open.iter().any(|open| line.starts_with(open)) && *role != Role::Owner && !line.ends_with("--dry-run");
        if as_lower {
            let before = state(&db);
            let refused = walk(roles.command(lower), &db, folder.path(), line);
            let is_clean = ![0, 101].contains(&refused.code) && refused.stderr.contains("hint:") && state(&db) == before;
            if !is_clean {
                wrong.push(format!("{line} as {lower}: exit {}: {}{}", refused.code, refused.stdout, refused.stderr));
            }
        }
        let name = if !granted || *line == "migrate adopt" { "migrator" } else { role.name() };
        let before = audit(&db);
        let run = walk(roles.command(name), &db, folder.path(), line);
        if !worked(line, &run) {
            wrong.push(format!("{line} as {name}: exit {}: {}", run.code, run.stderr));
            walk(db.command(), &db, folder.path(), line);
            continue;
        }
        let after = audit(&db);
        if !is_right(line, *action, &before, &after) {
            wrong.push(format!("{line}: {before:?} became {after:?}"));
        }
        // New tables of the migrator: nobody else knows them yet.
        if *line == "migrate adopt" || line.starts_with("db restore") || line.starts_with("migrate redo") {
            for role in ["migrator", "reader", "recorder", "importer"] {
                roles.grant(role).ok();
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_recorder_adds_readings_and_brings_current_values_up_to_date_and_nothing_else() {
    let (db, folder) = (Db::seeded(), files());
    walk(db.command(), &db, folder.path(), "import {dir}/catalog.csv --name Ours --activate").ok();
    let roles = Roles::new(&db);
    let name = Roles::name(&db, "recorder");
    // Whatever it was before: rights that its work does not need go.
    db.execute(&format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO \"{name}\""));
    roles.grant("recorder").ok();
    db.execute("INSERT INTO users (username, email) VALUES ('ada', 'ada@example.org')");
    for line in ["record J-1=3 J-2=4 --by ada", "history J-1", "history --stale 1d"] {
        walk(roles.command("recorder"), &db, folder.path(), line).ok();
    }
    let allowed = |sql: &str| db.try_as(&name, sql).is_ok();
    for sql in [
        "INSERT INTO metric_history (id, metric_id, value, recorded_at) SELECT gen_random_uuid(), id, 1, now() FROM metrics LIMIT 1",
        "UPDATE metrics SET current_value = 1",
        "SELECT id FROM metrics FOR UPDATE",
        "SELECT username, email FROM users",
        "SELECT * FROM metrics, metric_history",
        "SELECT result FROM ai_change_log",
    ] {
        assert!(allowed(sql), "{sql}: {:?}", db.try_as(&name, sql));
    }
    for sql in [
        "UPDATE metrics SET name = 'x'",
        "UPDATE metrics SET target_value = 0",
        "UPDATE metrics SET is_locked = FALSE",
        "INSERT INTO metrics (name, direction, csf_function, priority) VALUES ('x', 'binary', 'PR', 'Low')",
        "DELETE FROM metrics",
        "UPDATE metric_history SET value = 0",
        "DELETE FROM metric_history",
        "INSERT INTO metric_history (metric_id, value, recorded_at, created_at) SELECT id, 1, now(), now() FROM metrics",
        "TRUNCATE metric_history",
        "SELECT password_hash FROM users",
        "SELECT * FROM users",
        "SELECT preferences FROM users",
        "UPDATE users SET active_catalog_id = NULL",
        "UPDATE users SET password_hash = 'x'",
        "INSERT INTO users (username, email) VALUES ('x', 'x@x')",
        "SELECT original_data FROM metric_catalog_items",
        "SELECT import_metadata FROM metric_catalogs",
        "UPDATE metric_catalogs SET is_active = TRUE",
        "SELECT prompt FROM ai_change_log",
        "UPDATE ai_change_log SET action = 'x'",
        "DELETE FROM ai_change_log",
        "INSERT INTO function_scores (framework_id, function_code, score, rating, metric_count, calculated_at) SELECT id, 'PR', 1, 'x', 1, now() FROM frameworks",
        "UPDATE frameworks SET name = 'x'",
        "CREATE TABLE x (y int)",
        "CREATE SCHEMA x",
        "DROP TABLE metrics",
        "ALTER TABLE metrics ADD COLUMN x int",
        "CREATE TRIGGER x BEFORE INSERT ON metric_history EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE x (y uuid REFERENCES metrics (id))",
        "GRANT SELECT ON users TO PUBLIC",
    ] {
        let refused = db.try_as(&name, sql).expect_err(sql);
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{sql}: {refused}");
    }
    // Neither the reader's nor the importer's rights reach the hashes.
    for role in ["reader", "importer"] {
        roles.grant(role).ok();
        let name = Roles::name(&db, role);
        for sql in ["SELECT password_hash FROM users", "UPDATE users SET password_hash = 'x'", "DELETE FROM ai_change_log"] {
            assert!(db.try_as(&name, sql).is_err(), "{sql} as {role}");
        }
    }
}

#[test]
fn grants_are_printed_for_any_schema_and_say_what_they_cannot_do() {
    let db = Db::empty();
    let tenant = "Acme \"quoted\" GmbH";
    db.cmf(["--schema", tenant, "db", "grants", "bob", "--role", "reader"]).fails(1, "cmf migrate up");
    db.cmf(["--schema", tenant, "migrate", "up"]).ok();
    let role = Roles::name(&db, "odd\"name");
    let grants = |more: &[&str]| db.cmf([&["--schema", tenant, "db", "grants", &role, "--role", "reader"], more].concat());
    let spelt = role.replace('"', "\"\"");
    let create = format!("CREATE ROLE \"{spelt}\" LOGIN; then \\password \"{spelt}\"");
    let refused = grants(&["--apply"]).fails(1, "the server has no role");
    assert!(refused.stderr.ends_with(&format!("{create}\n")), "{}", refused.stderr);
    let printed = grants(&[]).ok();
    assert!(printed.stderr.contains(&create), "{}", printed.stderr);
    assert!(
        printed.stdout.contains(&format!("ON \"Acme \"\"quoted\"\" GmbH\".\"metrics\" TO \"{spelt}\"")),
        "{}",
        printed.stdout
    );
    assert!(!printed.stdout.contains("password_hash"), "{}", printed.stdout);
    db.execute(&format!("CREATE ROLE \"{spelt}\" LOGIN"));
    let clean = || db.execute(&format!("DROP OWNED BY \"{spelt}\"; DROP ROLE \"{spelt}\""));
    // What is printed is what is applied: psql could run it as it is.
    db.execute(&printed.stdout);
    assert!(db.try_as(&role, "SELECT name FROM \"Acme \"\"quoted\"\" GmbH\".metrics").is_ok());
    // Nobody but a migrator makes anything in the schema, not even by the rights of PUBLIC.
    let make = "CREATE TABLE \"Acme \"\"quoted\"\" GmbH\".own (id integer)";
    db.execute("GRANT CREATE ON SCHEMA \"Acme \"\"quoted\"\" GmbH\" TO PUBLIC");
    assert!(db.try_as(&role, make).is_ok());
    grants(&["--apply"]).ok();
    assert!(db.try_as(&role, make).is_err());
    // What PUBLIC may do, everybody may: that is said.
    db.execute("GRANT DELETE ON \"Acme \"\"quoted\"\" GmbH\".metric_history TO PUBLIC");
    let run = grants(&["--apply", "--format", "json"]).ok();
    assert!(run.stderr.contains("DELETE on metric_history"), "{}", run.stderr);
    assert_eq!(run.json()["role"], "reader");
    assert_eq!(db.one("SELECT action FROM \"Acme \"\"quoted\"\" GmbH\".ai_change_log ORDER BY id DESC LIMIT 1"), "db.grants");
    // So is what another role gives it, and that is left with it.
    let other = Roles::name(&db, "other");
    db.execute(&format!(
        "CREATE ROLE \"{other}\"; GRANT INSERT ON \"Acme \"\"quoted\"\" GmbH\".metrics TO \"{other}\"; GRANT \"{other}\" TO \"{spelt}\""
    ));
    let run = grants(&["--apply"]);
    let still = db.one(&format!(
        "SELECT has_table_privilege('{}', '\"Acme \"\"quoted\"\" GmbH\".metrics', 'INSERT')",
        role.replace('\'', "''")
    ));
    db.execute(&format!("DROP OWNED BY \"{other}\"; DROP ROLE \"{other}\""));
    let run = run.ok();
    assert!(run.stderr.contains("INSERT on metrics"), "{}", run.stderr);
    assert_eq!(still, "t");
    // Who may not grant is told so, and nothing is granted.
    db.execute(&format!("REVOKE ALL ON ALL TABLES IN SCHEMA \"Acme \"\"quoted\"\" GmbH\" FROM \"{spelt}\""));
    let mut command = cmf();
    let url = format!("{}?options=-c%20role%3D{}", db.url, role.replace(' ', "%5C%20").replace('"', "%22"));
    let refused = crate::support::run(
        command.env("CMF_DATABASE_URL", url).args(["--schema", tenant, "db", "grants", &role, "--role", "reader", "--apply"]),
    );
    assert!([1, 77].contains(&refused.code), "{} {}", refused.code, refused.stderr);
    assert!(db.try_as(&role, "SELECT name FROM \"Acme \"\"quoted\"\" GmbH\".metrics").is_err());
    // An owner cannot be limited.
    db.execute(&format!("ALTER TABLE \"Acme \"\"quoted\"\" GmbH\".metrics OWNER TO \"{spelt}\""));
    grants(&["--apply"]).fails(1, "owns tables here");
    db.execute(&format!("REASSIGN OWNED BY \"{spelt}\" TO CURRENT_USER"));
    clean();
}

#[test]
fn what_a_command_that_reads_would_write_is_refused_by_the_server() {
    let (db, folder) = (Db::seeded(), files());
    let sheet = folder.path().join("catalog.csv");
    db.cmf(["import", "--direction=*=higher", sheet.to_str().expect("a path"), "--name", "Ours"]).ok();
    // Whoever looks at the users writes, too.
    db.execute(
        "ALTER TABLE users RENAME TO people; CREATE TABLE seen (at timestamptz);
         CREATE FUNCTION see() RETURNS boolean LANGUAGE sql VOLATILE AS 'INSERT INTO seen VALUES (now()) RETURNING true';
         CREATE VIEW users AS SELECT * FROM people WHERE see()",
    );
    for line in ["user list", "catalog list", "catalog show Ours", "audit list"] {
        let run = db.cmf(line.split(' ').collect::<Vec<_>>());
        assert!(run.code != 0 && run.stderr.contains("the database accepts no writes"), "{line}: {} {}", run.code, run.stderr);
    }
    assert_eq!(db.one("SELECT count(*) FROM seen"), "0");
    // What writes may.
    db.cmf(["user", "deactivate", "analyst"]).ok();
    assert_ne!(db.one("SELECT count(*) FROM seen"), "0");
}

#[test]
fn whatever_writes_is_asked_about_where_the_profile_wants_that() {
    let (db, folder) = (Db::empty(), files());
    let config = folder.path().join("config.toml");
    std::fs::write(&config, format!("[profile.prod]\ndatabase_url = '{}'\nconfirm = true\n", db.url)).expect("a file");
    let asking = || {
        let mut command = crate::support::cmf();
        command.env("CMF_CONFIG", &config).args(["--profile", "prod"]);
        command
    };
    let mut wrong = Vec::new();
    for (line, _, action) in JOURNEY {
        prepare(&db, folder.path(), line);
        let is_answered = line.contains("--yes") || line.contains("--confirm");
        if action.is_some() && !is_answered {
            let before = state(&db);
            let run = walk(asking(), &db, folder.path(), line);
            if run.code != 2 || !run.stderr.contains("asks before writing") || state(&db) != before {
                wrong.push(format!("{line}: exit {}: {}", run.code, run.stderr));
            }
        }
        walk(db.command(), &db, folder.path(), line);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // So is what makes databases beside this one.
    let template = format!("{}_template", db.name);
    for verb in ["template", "clone"] {
        let run = walk(asking(), &db, folder.path(), &format!("db {verb} {template}"));
        assert!(run.code == 2 && run.stderr.contains("asks before writing"), "{verb}: {}: {}", run.code, run.stderr);
        walk(db.command(), &db, folder.path(), &format!("db template {template}"));
    }
    db.execute(&format!("UPDATE pg_database SET datistemplate = false WHERE datname = '{template}'"));
    db.execute(&format!("DROP DATABASE {template} (FORCE)"));
}

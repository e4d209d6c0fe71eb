//! Every command in one journey through a database: each runs as the role that it is meant for, leaves exactly one audit row if
//! it writes, and fails cleanly as a lower one; and each runs behind a pooler or says why not.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::pooler::Pooler;
use crate::support::{Db, Run};

/// The least role that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Reader,
    Recorder,
    Importer,
    Migrator,
    /// Makes and drops databases and roles.
    Owner,
}

use Role::{Importer, Migrator, Owner, Reader, Recorder};

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Reader => "reader",
            Recorder => "recorder",
            Importer => "importer",
            Migrator | Owner => "migrator",
        }
    }

    /// The next lower one, which may not do what this one may.
    pub(crate) const fn lower(self) -> Option<Role> {
        match self {
            Reader => None,
            Recorder => Some(Reader),
            Importer => Some(Recorder),
            Migrator | Owner => Some(Importer),
        }
    }
}

/// A command line (`{dir}` is a folder, `{db}` the database, `{id}` the newest reading), the least role for it, and the action
/// of its audit row.
pub(crate) type Step = (&'static str, Role, Option<&'static str>);

/// In this order; each finds what the ones before left.
pub(crate) const JOURNEY: &[Step] = &[
    ("migrate plan", Reader, None),
    ("migrate up", Migrator, Some("migrate.up")),
    ("migrate status", Reader, None),
    ("migrate log", Reader, None),
    ("migrate verify", Reader, None),
    ("migrate dump", Reader, None),
    ("migrate drift", Owner, None),
    ("migrate test", Owner, None),
    ("migrate repair --yes", Migrator, None),
    ("migrate adopt", Owner, None),
    ("seed csf-2.0", Migrator, Some("seed")),
    ("user create ada --email ada@example.org", Migrator, Some("user.create")),
    ("user set-password ada", Migrator, Some("user.set-password")),
    ("user deactivate ada", Migrator, Some("user.deactivate")),
    ("user activate ada", Migrator, Some("user.activate")),
    ("user list", Reader, None),
    ("framework import {dir}/framework.csv --name House --framework-version 1", Migrator, Some("framework.import")),
    ("framework list", Reader, None),
    ("framework show PR.AA", Reader, None),
    ("framework verify csf-2.0", Reader, None),
    ("framework coverage", Reader, None),
    (
        "framework crosswalk import {dir}/pairs.csv --source csf-2.0 --target house-1 --name Bridge",
        Importer,
        Some("crosswalk.import"),
    ),
    ("framework crosswalk import {dir}/pairs.csv --source csf-2.0 --target house-1 --name Bridge", Importer, None),
    ("framework crosswalk list", Reader, None),
    ("framework crosswalk show Bridge", Reader, None),
    ("framework crosswalk verify", Reader, None),
    ("import {dir}/catalog.csv --name Ours --activate", Importer, Some("catalog.import")),
    ("import {dir}/catalog.csv --name Theirs --again", Importer, Some("catalog.import")),
    ("import {dir}/changed.csv --catalog Ours --mode upsert", Importer, Some("catalog.import")),
    ("import {dir}/changed.csv --catalog Ours --mode upsert", Importer, None),
    ("import {dir}/catalog.csv --name Dry --again --dry-run", Importer, None),
    ("map suggest --catalog Theirs", Importer, Some("map.suggest")),
    ("seed csf-1.1", Migrator, Some("seed")),
    ("map set J-3 ID.AM-1 --framework csf-1.1 --catalog Theirs", Importer, Some("map.set")),
    ("map carry --catalog Theirs", Importer, Some("map.carry")),
    ("map confirm J-3 --catalog Theirs", Importer, Some("map.confirm")),
    ("map reject J-4 --catalog Theirs", Importer, Some("map.reject")),
    ("map set J-4 PR.DS-11 --catalog Theirs", Importer, Some("map.set")),
    ("map list --catalog Theirs", Reader, None),
    ("map export --catalog Theirs --xlsx {dir}/map.xlsx", Reader, None),
    ("map import {dir}/mapped.csv --catalog Theirs", Importer, Some("map.import")),
    ("catalog list", Reader, None),
    ("catalog show Ours", Reader, None),
    ("catalog diff Ours Theirs", Reader, None),
    ("catalog lint Ours", Reader, None),
    ("catalog export Ours --out {dir}/ours.xlsx", Reader, None),
    ("catalog activate Theirs", Importer, Some("catalog.activate")),
    ("catalog deactivate Theirs", Importer, Some("catalog.deactivate")),
    ("catalog activate Ours", Importer, Some("catalog.activate")),
    ("catalog rename Theirs Others", Importer, Some("catalog.rename")),
    ("user create bob --email bob@example.org", Migrator, Some("user.create")),
    ("catalog chown Others bob", Importer, Some("catalog.chown")),
    ("catalog chown Others ada", Importer, Some("catalog.chown")),
    ("user deactivate bob", Migrator, Some("user.deactivate")),
    ("catalog clone Others Copy", Importer, Some("catalog.clone")),
    ("catalog delete Copy --yes", Importer, Some("catalog.delete")),
    ("framework crosswalk delete Bridge --yes", Importer, Some("crosswalk.delete")),
    ("metric list", Reader, None),
    ("metric show J-1", Reader, None),
    ("metric set J-1 --target 97", Importer, Some("metric.set")),
    ("metric lock J-1 J-2", Importer, Some("metric.lock")),
    ("metric unlock J-1 J-2", Importer, Some("metric.unlock")),
    ("metric add Own --number X-1 --function PR --direction binary", Importer, Some("metric.add")),
    ("metric rm X-1 --yes", Importer, Some("metric.rm")),
    ("undo --yes", Importer, Some("undo")),
    ("undo --dry-run", Importer, None),
    ("undo --yes", Importer, Some("undo")),
    ("metric template --xlsx {dir}/template.xlsx", Reader, None),
    ("record J-1=91 J-2=3 --by ada --note rollout", Recorder, Some("reading.record")),
    ("record --file {dir}/readings.csv", Recorder, Some("reading.record")),
    ("record --file {dir}/readings.csv", Recorder, Some("reading.record")),
    ("record --file {dir}/many.csv", Recorder, Some("reading.record")),
    ("record J-1 90.5 --at 2026-01-01 --on-conflict replace", Importer, Some("reading.record")),
    ("record J-1 12 --dry-run", Recorder, None),
    ("record undo {id}", Importer, Some("reading.undo")),
    ("history J-1", Reader, None),
    ("history --stale 1d", Reader, None),
    ("history prune --older 30y --yes", Reader, None),
    ("score", Importer, Some("score.compute")),
    ("score --dry-run", Importer, None),
    ("score show", Reader, None),
    ("score explain", Reader, None),
    ("score what-if J-1=99", Reader, None),
    ("score next", Reader, None),
    ("score backfill --from 2026-01-01 --to 2026-03-01 --every month", Importer, Some("score.backfill")),
    ("score trend", Reader, None),
    ("score diff --from 2026-01-15", Reader, None),
    ("score compare Ours --default", Reader, None),
    ("score check --min 1", Reader, None),
    ("check", Reader, None),
    ("report --out {dir}/report.html", Reader, None),
    ("due", Reader, None),
    ("status", Reader, None),
    ("openmetrics --out {dir}/cmf.prom", Reader, None),
    ("audit list", Reader, None),
    ("audit show 0", Reader, None),
    ("audit export --out {dir}/audit.jsonl", Reader, None),
    ("audit verify", Reader, None),
    ("audit prune-images --older 2100-01-01 --yes", Migrator, Some("audit.prune-images")),
    ("doctor", Reader, None),
    ("doctor --fix", Importer, Some("doctor.fix")),
    ("db schemas", Reader, None),
    ("db partition metric_history --by month", Owner, Some("db.partition")),
    ("db partition metric_history --undo --yes", Owner, Some("db.partition")),
    ("db views", Owner, Some("db.views")),
    ("db views --drop", Owner, Some("db.views")),
    ("db wait", Reader, None),
    ("db grants cmf_nobody --role reader", Reader, None),
    ("db dump {dir}/cmf.dump", Migrator, None),
    ("db restore {dir}/cmf.dump --replace --confirm {db}", Migrator, Some("db.restore")),
    ("migrate redo --yes", Migrator, Some("migrate.up")),
    ("migrate down --yes", Migrator, None),
];

/// Commands of no database, or of databases that they make and drop themselves; they have tests of their own. A review needs a
/// terminal.
const ELSEWHERE: &[&str] = &[
    "init", "migrate lint", "migrate new", "migrate squash", "map review", "demo", "db create", "db drop", "db reset",
    "db template", "db clone", "db prune", "tenant create", "tenant drop", "local start", "local stop", "local status",
    "local url", "local upgrade", "local destroy", "config show", "man", "completions",
];

/// The files of the journey.
pub(crate) fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let header = "metric_number,name,subcategory,current_value,target_value,direction,priority\n";
    let rows = "J-1,Administrators with MFA,PR.AA-03,90,95,higher_is_better,High\n\
                J-2,Days to patch,ID.RA-01,7,5,lower_is_better,Medium\n\
                J-3,Backups restored in a test,,80,90,higher_is_better,Low\n\
                J-4,Staff trained in security awareness,,70,90,higher_is_better,Low\n";
    write("catalog.csv", &format!("{header}{rows}"));
    write(
        "changed.csv",
        &format!("{header}{}", rows.replace("J-2,Days to patch,ID.RA-01,7,5", "J-2,Days to patch,ID.RA-01,7,4")),
    );
    write("readings.csv", "metric,value,at\nJ-1,90,2026-01-01\nJ-1,92,2026-02-01\nJ-2,6,2026-02-01\n");
    let many: String = (0..300)
        .map(|minute| {
            format!("J-2,{},2026-03-01T{:02}:{:02}:{:02}Z\n", minute % 9, minute / 3600, minute / 60 % 60, minute % 60)
        })
        .collect();
    write("many.csv", &format!("metric,value,at\n{many}"));
    write("pairs.csv", "source,target,relation\nPR.AA-01,A.B-01,equal\nPR.DS-01,A.B-01,subset\n");
    write("framework.csv", "function,category,subcategory,name,text\nA,,,Alpha,\nA,A.B,,Beta,\nA,A.B,A.B-01,,Gamma is done.\n");
    folder
}

/// Runs a step with a prepared command.
pub(crate) fn walk(mut command: Command, db: &Db, folder: &Path, line: &str) -> Run {
    let id = if line.contains("{id}") {
        db.one("SELECT id FROM metric_history WHERE note = 'rollout' LIMIT 1")
    } else {
        String::new()
    };
    let words = line
        .split(' ')
        .map(|word| word.replace("{dir}", folder.to_str().expect("a path")).replace("{db}", &db.name).replace("{id}", &id));
    let id = db_audit_id(line, db);
    let words = words.map(|word| if line == "audit show 0" && word == "0" { id.clone() } else { word });
    command.args(words).env("TMPDIR", folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cmf runs");
    let mut keyboard = child.stdin.take().expect("a pipe");
    if line.starts_with("user set-password") {
        // A command that is refused at once does not read it.
        let _ = keyboard.write_all(b"correct horse battery\n");
    }
    drop(keyboard);
    Run::from(child.wait_with_output().expect("cmf ends"))
}

fn db_audit_id(line: &str, db: &Db) -> String {
    if line == "audit show 0" { db.one("SELECT id FROM ai_change_log ORDER BY id LIMIT 1") } else { String::new() }
}

/// What has to be there before a step, that no command makes.
pub(crate) fn prepare(db: &Db, folder: &Path, line: &str) {
    match line {
        "map import {dir}/mapped.csv --catalog Theirs" => {
            let item = db.one(
                "SELECT i.id FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                               WHERE c.name = 'Theirs' AND i.name LIKE 'Staff%'",
            );
            let text = format!("item_id,code,is_confirmed\n{item},PR.AT-01,yes\n");
            std::fs::write(folder.join("mapped.csv"), text).expect("a file");
        }
        "migrate adopt" => db.execute("DROP TABLE __diesel_schema_migrations, cmf_migrations"),
        "doctor --fix" => db.execute("UPDATE metrics SET current_value = 1 WHERE metric_number = 'J-1'"),
        _ => {}
    }
}

/// A finding is an answer too.
pub(crate) fn worked(line: &str, run: &Run) -> bool {
    run.code == 0 || (run.code == 4 && (line.starts_with("doctor") || line.starts_with("migrate")))
}

pub(crate) fn audit(db: &Db) -> Vec<String> {
    if db.one("SELECT to_regclass('ai_change_log')").is_empty() {
        return Vec::new();
    }
    db.rows("SELECT action FROM ai_change_log ORDER BY id")
}

#[test]
fn the_journey_leaves_no_command_out() {
    fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        let subcommands: Vec<_> = command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
        if subcommands.is_empty() || !command.is_subcommand_required_set() && !path.is_empty() {
            found.insert(path.to_owned());
        }
        for sub in subcommands {
            leaves(sub, format!("{path} {}", sub.get_name()).trim(), found);
        }
    }
    let mut known = BTreeSet::new();
    leaves(&cmf::cli::command(), "", &mut known);
    let walked = |leaf: &str| JOURNEY.iter().any(|(line, ..)| *line == leaf || line.starts_with(&format!("{leaf} ")));
    let missing: Vec<_> = known.iter().filter(|leaf| !walked(leaf) && !ELSEWHERE.contains(&leaf.as_str())).collect();
    assert!(missing.is_empty(), "no step for {missing:?}");
    for leaf in ELSEWHERE {
        assert!(known.contains(*leaf), "there is no command {leaf}");
    }
}

/// Whether the trail grew by the row that the step leaves, and by no other.
pub(crate) fn is_right(line: &str, action: Option<&str>, before: &[String], after: &[String]) -> bool {
    let newest = after.last().map(String::as_str);
    match (action, line) {
        // The trail goes with its table, and begins again.
        (_, "migrate up" | "migrate redo --yes") => after == ["migrate.up"],
        (_, "migrate down --yes") => after.is_empty(),
        (None, "migrate adopt") => after.len() == before.len() + 1 && newest == Some("migrate.adopt"),
        (Some(action), _) => after.len() == before.len() + 1 && newest == Some(action),
        (None, _) => after == before,
    }
}

/// Commands whose result is text, which has no columns.
const TEXTS: &[&str] = &["migrate plan", "migrate dump", "audit export", "report", "openmetrics", "db grants"];

#[test]
fn a_column_that_no_result_has_is_refused_before_anything_is_done() {
    let (db, folder) = (Db::empty(), files());
    let mut wrong = Vec::new();
    let there = |folder: &Path| {
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        files.map(|file| (file.clone(), std::fs::read(file).expect("a file"))).collect::<std::collections::BTreeMap<_, _>>()
    };
    for (line, ..) in JOURNEY {
        prepare(&db, folder.path(), line);
        if !TEXTS.iter().any(|text| line.starts_with(text)) {
            let (before, files) = (state(&db), there(folder.path()));
            let mut command = db.command();
            command.args(["--format", "json", "--columns", "bogus"]);
            let run = walk(command, &db, folder.path(), line);
            let is_refused = run.code == 2 && run.stderr.contains("has no column `bogus`");
            if !is_refused || state(&db) != before || there(folder.path()) != files {
                wrong.push(format!("{line}: exit {}: {}{}", run.code, run.stdout, run.stderr));
            }
        }
        // A closed standard output is as good as a wrong column, where something is printed there.
        let files = there(folder.path());
        let before = state(&db);
        let mut command = db.in_shell("exec \"$0\" \"$@\" >&-");
        command.args(["--format", "json"]);
        let run = walk(command, &db, folder.path(), line);
        // Their result is a file.
        let prints = !["audit export", "report", "openmetrics"].iter().any(|text| line.starts_with(text));
        if prints && (run.code != 73 || state(&db) != before || there(folder.path()) != files) {
            wrong.push(format!("{line} >&-: exit {}: {}", run.code, run.stderr));
        }
        walk(db.command(), &db, folder.path(), line);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_works_behind_a_pooler_or_says_why_not() {
    let Some(pooler) = Pooler::start() else { return };
    let (db, folder) = (Db::empty(), files());
    let mut wrong = Vec::new();
    for (line, ..) in JOURNEY {
        prepare(&db, folder.path(), line);
        let run = walk(pooler.command(&db), &db, folder.path(), line);
        if !worked(line, &run) {
            let may_refuse = line.starts_with("migrate ") || line.starts_with("db ");
            if !may_refuse || !run.stderr.contains("pooler") {
                wrong.push(format!("{line}: exit {}: {}", run.code, run.stderr));
            }
            // The journey goes on with what it would have done.
            walk(db.command(), &db, folder.path(), line);
        }
        assert_eq!(
            db.one(&format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state LIKE 'idle in%'", db.name)),
            "0",
            "{line} leaves a transaction open"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// On every table, a trigger that keeps out the rows of the table that is the nth one a command writes to, without an error.
const KEEPING_OUT: &str = "
    CREATE SCHEMA spy;
    CREATE TABLE spy.nth (n int);
    CREATE TABLE spy.seen (id serial, name text UNIQUE);
    CREATE FUNCTION spy.keep_out() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO spy.seen (name) SELECT TG_TABLE_NAME WHERE NOT EXISTS (SELECT FROM spy.seen WHERE name = TG_TABLE_NAME);
        IF (SELECT name FROM spy.seen ORDER BY id OFFSET (SELECT n FROM spy.nth) LIMIT 1) = TG_TABLE_NAME THEN
            RETURN NULL;
        ELSIF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$;
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%migrations' LOOP
            EXECUTE format('CREATE TRIGGER keep_out BEFORE INSERT OR UPDATE OR DELETE ON %I
                            FOR EACH ROW EXECUTE FUNCTION spy.keep_out()', name);
        END LOOP;
    END $$";

#[test]
fn no_command_reports_as_done_what_a_trigger_kept_out() {
    let (db, folder) = (Db::migrated(), files());
    db.execute(KEEPING_OUT);
    let mut wrong = Vec::new();
    let mut tables = BTreeSet::new();
    for (line, _, action) in JOURNEY {
        if line.starts_with("migrate") || line.starts_with("db ") || action.is_none() {
            continue;
        }
        prepare(&db, folder.path(), line);
        for n in 0.. {
            db.execute(&format!("TRUNCATE spy.nth, spy.seen; INSERT INTO spy.nth VALUES ({n})"));
            let before = audit(&db);
            let run = walk(db.command(), &db, folder.path(), line);
            // What a command that failed has seen went with its transaction.
            let seen = db.one("SELECT count(*) FROM spy.seen").parse::<usize>().expect("a number");
            if run.code != 1 {
                if !worked(line, &run) || seen > n {
                    wrong.push(format!("{line}, table {n}: exit {}: {}", run.code, run.stderr));
                }
                break;
            }
            let table = run.stderr.split("rows in ").nth(1).and_then(|rest| rest.split(',').next());
            match table {
                Some(table) if run.stderr.contains(&format!("a trigger on {table}")) && audit(&db) == before => {
                    tables.insert(table.to_owned());
                }
                _ => wrong.push(format!("{line}, table {n}: exit {}: {}", run.code, run.stderr)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tables.len(), 13, "{tables:?}");
}

/// All rows of all tables, as one number for each.
pub(crate) fn state(db: &Db) -> Vec<String> {
    let tables =
        db.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1");
    if tables.is_empty() {
        return tables;
    }
    let each: Vec<String> = tables
        .iter()
        .map(|table| format!("SELECT '{table}', sum(hashtextextended(t::text, 0)::numeric) FROM {table} t"))
        .collect();
    db.rows(&each.join(" UNION ALL "))
}

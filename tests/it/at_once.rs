//! Commands that change the same catalog at the same time: what one did, the other does not undo, and none waits for ever.

use std::process::{Child, Stdio};
use std::sync::mpsc::Sender;

use crate::import::{Scratch, import};
use crate::support::{Db, Run, wait_until};

pub(crate) const SHEET: &str = "id,name,description,current value,target,subcategory\n\
                     M-1,A,old,50,95,PR.AA-01\nM-2,B,old,3,5,\nM-3,C,old,1,2,ID.AM-01\nM-4,D,old,1,2,\n";

/// Where the first command is held.
#[derive(Debug, Clone, Copy)]
enum At {
    /// At its first statement that writes: what it decides by, it has read.
    Write,
    /// Before its COMMIT: all is written, and nobody sees it.
    Commit,
}

struct Pair {
    name: &'static str,
    args: Vec<String>,
    /// Whether what the command does is in the database.
    done: &'static str,
}

fn commands(scratch: &Scratch) -> Vec<Pair> {
    let words = |args: &str| args.split(' ').map(str::to_owned).collect::<Vec<_>>();
    // Neither says anything of targets, values and codes, nor the first one of what the second one removes.
    let changed = scratch.file("changed.csv", "id,name,description\nM-1,A,new\nM-2,B,old\nM-4,D,old\n");
    let shorter = scratch.file("shorter.csv", "id,name,owner\nM-1,A,ada\nM-2,B,ada\nM-4,D,ada\n");
    vec![
        Pair { name: "activate", args: words("catalog activate Ours"), done: "SELECT is_active FROM metric_catalogs" },
        Pair {
            name: "metric set",
            args: words("metric set M-1 --target 77"),
            done: "SELECT i.target_value = 77 AND m.target_value = 77 FROM metric_catalog_items i JOIN metrics m USING (id)
                   WHERE metric_number = 'M-1'",
        },
        Pair {
            name: "import",
            args: words(&format!("import --direction *=higher {} --mode upsert --catalog Ours", changed.display())),
            done: "SELECT i.description = 'new' AND (m.description = 'new' OR m.is_locked)
                   FROM metric_catalog_items i JOIN metrics m USING (id) WHERE metric_number = 'M-1'",
        },
        Pair {
            name: "import --prune",
            args: words(&format!(
                "import --direction *=higher {} --mode upsert --catalog Ours --prune --yes",
                shorter.display()
            )),
            done: "SELECT NOT EXISTS (SELECT FROM metric_catalog_items WHERE name = 'C')
                      AND EXISTS (SELECT FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE m.name = 'C')",
        },
        Pair {
            name: "map set",
            args: words("map set M-1 DE.CM-01 --catalog Ours"),
            done: "SELECT array_agg(subcategory_code::text) @> ARRAY['DE.CM-01'] FROM metric_catalog_framework_mappings
                   WHERE is_confirmed AND catalog_item_id = (SELECT id FROM metrics WHERE name = 'A')",
        },
        Pair {
            name: "map confirm",
            args: words("map confirm M-2 --catalog Ours"),
            done: "SELECT bool_or(is_confirmed) FROM metric_catalog_framework_mappings m
                   JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.name = 'B'",
        },
        Pair {
            name: "map confirm --above",
            args: words("map confirm --above 0.5"),
            done: "SELECT bool_or(is_confirmed) FROM metric_catalog_framework_mappings m
                   JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.name = 'B'",
        },
        Pair {
            name: "map carry",
            args: words("map carry"),
            done: "SELECT count(*) > 1 FROM metric_catalog_framework_mappings m
                   JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.name = 'D'",
        },
        Pair { name: "metric lock", args: words("metric lock M-1"), done: "SELECT is_locked FROM metrics WHERE name = 'A'" },
        Pair {
            name: "record",
            args: words("record M-1 51 --at 2026-02-01"),
            done: "SELECT current_value = 51 FROM metrics WHERE name = 'A'",
        },
        Pair {
            name: "catalog delete",
            args: words("catalog delete Ours --force --yes"),
            done: "SELECT count(*) = 0 FROM metric_catalogs WHERE name = 'Ours'",
        },
    ]
}

/// An active catalog of an owner who has another one, a suggestion, and a mapping to carry over.
pub(crate) fn filled() -> Db {
    Db::like("at_once", |db| {
        let scratch = Scratch::new();
        for migration in crate::support::sorted_migrations() {
            db.execute(&std::fs::read_to_string(migration.join("up.sql")).expect("up.sql"));
        }
        db.cmf(["seed", "csf-2.0", "csf-1.1"]).ok();
        db.cmf(["user", "create", "analyst", "--email", "analyst@example.org"]).ok();
        let file = scratch.file("ours.csv", SHEET);
        import(db, &file, &["--name", "Ours", "--at", "2026-01-01", "--framework", "csf-2.0", "--activate"]).ok();
        db.execute(
            "INSERT INTO metric_catalog_framework_mappings
                 (catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_confirmed)
             SELECT i.id, f.id, v.function, v.category, v.subcategory, 0.9, v.confirmed
             FROM (VALUES ('B', '2.0', 'PR', 'PR.AA', 'PR.AA-02', FALSE), ('D', '1.1', 'PR', 'PR.AC', 'PR.AC-1', TRUE))
                  AS v (item, version, function, category, subcategory, confirmed)
             JOIN metric_catalog_items i ON i.name = v.item JOIN frameworks f ON f.version = v.version",
        );
    })
}

pub(crate) fn start<S: AsRef<std::ffi::OsStr>>(db: &Db, args: &[S]) -> Child {
    db.command().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf starts")
}

/// Until the command waits for a lock, or has ended.
pub(crate) fn settle(db: &Db, child: &mut Child, waiting: usize) {
    let mut session = db.session();
    wait_until("a lock or the end", || {
        let now = session
            .one("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
        child.try_wait().expect("a child").is_some() || now.parse::<usize>().expect("a number") >= waiting
    });
}

/// Holds the first command that writes at its first statement that does, until the result is dropped.
pub(crate) fn first_write(db: &Db) -> Sender<()> {
    write_of(db, &["metrics", "metric_catalog_items", "metric_catalog_framework_mappings", "metric_history", "users"])
}

/// The same for these tables alone.
pub(crate) fn write_of(db: &Db, tables: &[&str]) -> Sender<()> {
    db.execute(
        "CREATE SEQUENCE writes;
         CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('writes') = 1 THEN PERFORM pg_advisory_xact_lock(4712); END IF;
             RETURN NULL;
         END $$",
    );
    for table in tables {
        db.execute(&format!("CREATE TRIGGER hold BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION hold()"));
    }
    db.hold("SELECT pg_advisory_xact_lock(4712)")
}

fn pairs(at: At) {
    let scratch = Scratch::new();
    let all = commands(&scratch);
    for first in &all {
        for second in all.iter().filter(|second| second.name != first.name) {
            let db = filled();
            let held = match at {
                At::Write => first_write(&db),
                // The chain of the audit rows is the last thing that a command waits for.
                At::Commit => db.hold("LOCK TABLE ai_change_log IN SHARE MODE"),
            };
            let mut one = start(&db, &first.args);
            settle(&db, &mut one, 1);
            let mut two = start(&db, &second.args);
            settle(&db, &mut two, 2);
            drop(held);
            let [one, two] = [one, two].map(|child| Run::from(child.wait_with_output().expect("cmf ends")));
            let what = format!("{at:?}: {}, then {}", first.name, second.name);
            for (run, mine, other) in [(&one, first, second), (&two, second, first)] {
                // What the other one left is nothing to confirm, to change or to measure any more.
                let is_refused = other.name == "catalog delete"
                    || other.name == "map confirm --above" && mine.name == "map confirm"
                    || other.name == "metric lock" && ["metric set", "record"].contains(&mine.name);
                if is_refused && run.code != 0 {
                    assert!([1, 2, 65].contains(&run.code), "{what}: {} {}\n{}", mine.name, run.code, run.stderr);
                    assert!(!run.stderr.contains("deadlock"), "{what}: {}", run.stderr);
                    continue;
                }
                assert_eq!(run.code, 0, "{what}: {}\n{}", mine.name, run.stderr);
                assert!(
                    other.name == "catalog delete" || db.one(mine.done) == "t",
                    "{what}: nothing is left of {}\n{}{}\n{:?}",
                    mine.name,
                    one.stderr,
                    two.stderr,
                    db.rows("SELECT i.name, i.description, i.target_value, m.description, m.target_value, m.is_locked FROM metric_catalog_items i LEFT JOIN metrics m USING (id) ORDER BY 1")
                );
            }
        }
    }
}

#[test]
fn what_a_command_decided_by_is_not_changed_under_it_by_another() {
    pairs(At::Write);
}

#[test]
fn what_a_command_changed_is_not_undone_by_another_that_waited() {
    pairs(At::Commit);
}

/// The same command several times at once, each on what the first one made.
fn together(db: &Db, args: &[&str], times: usize) -> Vec<Run> {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let children: Vec<Child> = (0..times).map(|_| start(db, &args)).collect();
    children.into_iter().map(|child| Run::from(child.wait_with_output().expect("cmf ends"))).collect()
}

#[test]
fn frameworks_that_are_stored_by_several_at_once_are_stored_once() {
    let file = Scratch::new();
    let official = file.file(
        "own.csv",
        "function,category,subcategory,name,text\nA,,,Alpha,a\nA,A.X,,Ex,x\nA,A.X,A.X-1,,one\nA,A.X,A.X-2,,two\n",
    );
    let official = official.display().to_string();
    for args in
        [&["seed", "csf-1.1"][..], &["seed"], &["framework", "import", &official, "--name", "Own", "--framework-version", "1"]]
    {
        let db = Db::migrated();
        let held = db.hold("LOCK TABLE frameworks IN EXCLUSIVE MODE");
        let words: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let mut children: Vec<Child> = (0..6).map(|_| start(&db, &words)).collect();
        for (waiting, child) in children.iter_mut().enumerate() {
            settle(&db, child, waiting + 1);
        }
        drop(held);
        for child in children {
            Run::from(child.wait_with_output().expect("cmf ends")).ok();
        }
        let stored = db.rows("SELECT name, version FROM frameworks");
        assert_eq!(stored.len(), if args == ["seed"] { 2 } else { 1 }, "{args:?}: {stored:?}");
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1", "{args:?}");
        for run in together(&db, args, 2) {
            run.ok();
        }
    }
}

#[test]
fn a_user_that_several_create_at_once_is_created_once_and_the_others_hear_it() {
    let db = Db::migrated();
    let mut runs = together(&db, &["user", "create", "ada", "--email", "ada@example.org"], 6);
    runs.sort_by_key(|run| run.code);
    let mut runs = runs.into_iter();
    runs.next().expect("a run").ok();
    for run in runs {
        run.fails(1, "exists already");
    }
    assert_eq!(db.one("SELECT count(*) FROM users"), "1");
}

#[test]
fn a_mapping_that_is_confirmed_while_others_are_suggested_stays() {
    let db = filled();
    db.execute("UPDATE metric_catalog_framework_mappings SET is_ai_suggested = TRUE WHERE NOT is_confirmed");
    let held = first_write(&db);
    let words = |args: &str| args.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut confirm = start(&db, &words("map confirm M-2 --catalog Ours"));
    settle(&db, &mut confirm, 1);
    let mut suggest = start(&db, &words("map suggest --catalog Ours --framework csf-2.0"));
    settle(&db, &mut suggest, 2);
    drop(held);
    for child in [confirm, suggest] {
        Run::from(child.wait_with_output().expect("cmf ends")).ok();
    }
    assert_eq!(
        db.rows(
            "SELECT m.subcategory_code, m.is_confirmed FROM metric_catalog_framework_mappings m
             JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.name = 'B'"
        ),
        ["PR.AA-02|t"]
    );
}

#[test]
fn a_number_of_the_default_library_is_taken_once() {
    let add = |name: &'static str| ["metric", "add", name, "--number", "X-1", "--function", "PR", "--direction", "binary"];
    let db = Db::seeded();
    db.cmf(["metric", "add", "Other", "--number", "X-2", "--function", "PR", "--direction", "binary"]).ok();
    for second in [&add("Second")[..], &["metric", "set", "X-2", "--number", "x-1"]] {
        db.execute("DELETE FROM metrics WHERE metric_number = 'X-1'");
        // Whoever adds waits before the row is there; what decides has been read.
        let held = db.hold("LOCK TABLE metrics IN SHARE MODE");
        let words = |args: &[&str]| args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>();
        let mut one = start(&db, &words(&add("First")));
        settle(&db, &mut one, 1);
        let mut two = start(&db, &words(second));
        settle(&db, &mut two, 2);
        drop(held);
        let [one, two] = [one, two].map(|child| Run::from(child.wait_with_output().expect("cmf ends")));
        one.ok();
        two.fails(1, "the metric X-1 (First) exists already");
        assert_eq!(db.rows("SELECT metric_number, name FROM metrics ORDER BY 1"), ["X-1|First", "X-2|Other"], "{second:?}");
    }
}

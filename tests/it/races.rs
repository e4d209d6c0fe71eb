//! Two commands at once, for each lock that keeps them apart: the first one is held at the point that matters, and the second
//! one is let go on as far as it gets. `locks.txt` says which lock each of these tests is for.

use std::sync::mpsc::Sender;

use crate::at_once::{SHEET, filled, settle, start, write_of};
use crate::import::{Scratch, import};
use crate::record::with_metrics;
use crate::support::{Db, Run, on_terminal, run};

fn words(args: &str) -> Vec<String> {
    args.split(' ').map(str::to_owned).collect()
}

/// The first command reaches what holds it, and the second one waits, or ends; then both go on.
fn both(db: &Db, held: Sender<()>, first: &str, second: &str) -> [Run; 2] {
    let mut one = start(db, &words(first));
    settle(db, &mut one, 1);
    let mut two = start(db, &words(second));
    settle(db, &mut two, 2);
    drop(held);
    [one, two].map(|child| Run::from(child.wait_with_output().expect("cmf ends")))
}

/// The first command is held before its COMMIT: it has written all, and nobody sees it.
fn uncommitted(db: &Db, first: &str, second: &str) -> [Run; 2] {
    // The chain of the audit rows is the last thing that a command waits for.
    both(db, db.hold("LOCK TABLE ai_change_log IN SHARE MODE"), first, second)
}

/// The first command is held where it begins to write to a table.
fn before_writing(db: &Db, table: &str, first: &str, second: &str) -> [Run; 2] {
    both(db, write_of(db, &[table]), first, second)
}

/// A deadlock is no outcome, even where the command that it ends tries again.
#[track_caller]
fn no_deadlock(db: &Db) {
    assert_eq!(db.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

/// As [`filled`], and another catalog of the same owner.
fn two_catalogs(scratch: &Scratch) -> Db {
    let db = filled();
    import(&db, &scratch.file("other.csv", "id,name,subcategory\nO-1,Other,PR.AA-01\n"), &["--name", "Other"]).ok();
    db
}

#[test]
fn two_catalogs_of_an_owner_get_one_name_one_after_the_other() {
    let scratch = Scratch::new();
    let sheet = scratch.file("same.csv", "id,name\nS-1,Same\n");
    let imported = format!("import --direction *=higher {} --name Same", sheet.display());
    for (first, second) in [
        ("catalog rename Ours Same", "catalog rename Other Same"),
        ("catalog rename Ours Same", "catalog clone Other Same"),
        (&imported, &imported),
    ] {
        let db = two_catalogs(&scratch);
        let [one, two] = uncommitted(&db, first, second);
        one.ok();
        assert_ne!(two.code, 0, "{first}, then {second}: {}", two.stdout);
        assert_eq!(db.one("SELECT count(*) FROM metric_catalogs WHERE name = 'Same'"), "1", "{first}, then {second}");
    }
}

#[test]
fn a_crosswalk_is_imported_and_deleted_one_after_the_other() {
    let scratch = Scratch::new();
    let pairs = scratch.file("pairs.csv", "source,target,relation\nGV.OC-01,GOVERN 1.1,equal\nGV.OC-02,GOVERN 1.2,subset\n");
    let more = scratch.file("more.csv", "source,target,relation\nGV.OC-03,GOVERN 1.3,equal\n");
    let import = |file: &std::path::Path| {
        format!("framework crosswalk import {} --source csf-2.0 --target ai-rmf-1.0 --name Bridge", file.display())
    };
    let delete = "framework crosswalk delete Bridge --yes".to_owned();
    let rows = "SELECT count(DISTINCT c.id), count(i.id) FROM metric_catalogs c LEFT JOIN metric_catalog_items i ON i.catalog_id = c.id
                WHERE c.import_metadata ->> 'kind' = 'crosswalk'";
    for (is_there, first, second, expected) in [
        (false, import(&pairs), import(&more), "1|1"),
        (true, delete.clone(), import(&more), "1|1"),
        (true, import(&more), delete, "0|0"),
    ] {
        let db = filled();
        db.cmf(["seed"]).ok();
        if is_there {
            db.cmf(words(&import(&pairs))).ok();
        }
        for run in uncommitted(&db, &first, &second) {
            run.ok();
        }
        assert_eq!(db.rows(rows), [expected], "{first}, then {second}");
        no_deadlock(&db);
    }
}

#[test]
fn two_activations_of_an_owner_follow_each_other() {
    let scratch = Scratch::new();
    let active =
        "SELECT c.name, u.active_catalog_id = c.id FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE c.is_active";
    let db = two_catalogs(&scratch);
    db.cmf(["catalog", "deactivate", "Ours"]).ok();
    for run in uncommitted(&db, "catalog activate Ours", "catalog activate Other") {
        run.ok();
    }
    assert_eq!(db.rows(active), ["Other|t"]);

    for run in before_writing(&db, "users", "catalog deactivate Other", "catalog activate Ours") {
        run.ok();
    }
    assert_eq!(db.rows(active), ["Ours|t"]);
    no_deadlock(&db);
}

#[test]
fn a_catalog_is_copied_as_it_is_at_one_instant() {
    let scratch = Scratch::new();
    let db = filled();
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    let shorter = scratch.file("shorter.csv", "id,name,subcategory\nM-1,A,PR.AA-01\n");
    let pruned =
        format!("import --direction *=higher {} --owner analyst --mode upsert --catalog Ours --prune --yes", shorter.display());
    // The items are copied before their mappings are looked for.
    for run in before_writing(&db, "metric_catalog_items", "catalog clone Ours Copy --to ada", &pruned) {
        run.ok();
    }
    let items = |catalog: &str| {
        db.rows(&format!(
            "SELECT i.name, string_agg(m.subcategory_code, ',' ORDER BY 1) FROM metric_catalogs c
             JOIN metric_catalog_items i ON i.catalog_id = c.id
             LEFT JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
             WHERE c.name = '{catalog}' GROUP BY i.name ORDER BY 1"
        ))
    };
    assert_eq!(items("Copy"), ["A|PR.AA-01", "B|PR.AA-02", "C|ID.AM-01", "D|PR.AC-1"]);
    assert_eq!(items("Ours"), ["A|PR.AA-01"]);
}

#[test]
fn nothing_is_added_to_what_is_being_deleted() {
    let db = filled();
    let [deleted, scored] = before_writing(&db, "function_scores", "catalog delete Ours --force --yes", "score --catalog Ours");
    deleted.ok();
    assert_ne!(scored.code, 0, "{}", scored.stdout);
    assert_eq!(db.one("SELECT (SELECT count(*) FROM metric_catalogs) + (SELECT count(*) FROM function_scores)"), "0");

    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", "metric,value,at\nPR-001,5,2026-01-02\n");
    let from_file = format!("record --file {}", file.display());
    for record in ["record PR-001 5 --at 2026-01-02", &from_file] {
        let db = with_metrics();
        db.cmf(["record", "PR-001", "1", "--at", "2026-01-01"]).ok();
        let [removed, recorded] = before_writing(&db, "metric_history", "metric rm PR-001 --yes", record);
        removed.ok();
        assert_ne!(recorded.code, 0, "{record}: {}", recorded.stdout);
        assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0", "{record}");
        no_deadlock(&db);
    }
}

#[test]
fn what_is_locked_meanwhile_is_left_alone() {
    let id = "SELECT id FROM metric_history";
    for second in ["record PR-001 5", "record pr-001 5", "metric set PR-001 --target 50", "record undo ID"] {
        let db = with_metrics();
        db.cmf(["record", "PR-001", "1", "--at", "2026-01-01"]).ok();
        let second = second.replace("ID", &db.one(id));
        let [locked, refused] = uncommitted(&db, "metric lock PR-001", &second);
        locked.ok();
        assert_ne!(refused.code, 0, "{second}: {}", refused.stdout);
        assert!(refused.stderr.contains("is locked"), "{second}: {}", refused.stderr);
        assert_eq!(
            db.rows(
                "SELECT h.value, m.current_value, m.target_value FROM metrics m JOIN metric_history h ON h.metric_id = m.id"
            ),
            ["1.0000|1.0000|95.0000"],
            "{second}"
        );
    }
}

#[test]
fn a_sheet_brings_no_value_to_what_is_locked_meanwhile() {
    let scratch = Scratch::new();
    let sheet = scratch.file("values.csv", "id,name,current value\nM-1,A,60\n");
    let db = filled();
    let imported = format!("import --direction *=higher {} --mode upsert --catalog Ours --at 2026-03-01", sheet.display());
    let [locked, refused] = uncommitted(&db, "metric lock M-1", &imported);
    locked.ok();
    refused.fails(1, "1 metric is locked and takes no readings");
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE name = 'A'"), "50.0000");
}

#[test]
fn what_two_do_at_once_is_done_and_told_once() {
    let db = with_metrics();
    for (command, action) in [("metric lock PR-001", "metric.lock"), ("user deactivate ada", "user.deactivate")] {
        let [one, two] = uncommitted(&db, &format!("{command} --format json"), &format!("{command} --format json"));
        assert!(one.ok().stdout.contains("\"changed\": true"), "{command}");
        let two = two.ok();
        assert!(two.stdout.contains("\"changed\": false"), "{command}: {}", two.stdout);
        assert_eq!(db.one(&format!("SELECT count(*) FROM ai_change_log WHERE action = '{action}'")), "1", "{command}");
    }
}

#[test]
fn a_reading_that_comes_meanwhile_stays_the_newest() {
    let newest = "SELECT current_value FROM metrics WHERE name = 'MFA'";
    let db = crate::doctor::active();
    let id = db.one("SELECT id FROM metrics WHERE name = 'MFA'");
    let record = |value: u32| format!("record {id} {value} --at 2027-01-0{value} --allow-future");
    db.cmf(words(&record(1))).ok();
    db.execute("UPDATE metrics SET current_value = 7 WHERE name = 'MFA'");
    for run in uncommitted(&db, &record(2), "doctor --fix") {
        run.ok();
    }
    assert_eq!(db.one(newest), "2.0000");

    let earlier = db.one("SELECT id FROM metric_history WHERE value = 1");
    let undone = format!("record undo {earlier}");
    for run in uncommitted(&db, &record(3), &undone) {
        run.ok();
    }
    assert_eq!(db.one(newest), "3.0000");
}

#[test]
fn an_activation_that_comes_meanwhile_is_not_mended_away() {
    let db = crate::doctor::active();
    crate::catalog::catalog(&db, "analyst", "Other");
    db.execute("UPDATE users SET active_catalog_id = NULL");
    for run in uncommitted(&db, "catalog activate Other", "doctor --fix") {
        run.ok();
    }
    assert_eq!(db.one("SELECT c.name FROM users u JOIN metric_catalogs c ON c.id = u.active_catalog_id"), "Other");
}

#[test]
fn an_activation_tells_of_the_mappings_that_it_used() {
    let db = filled();
    // What the items lack is counted, and the metrics are still to be made.
    let held = db.hold("LOCK TABLE metrics IN SHARE MODE");
    let [activated, confirmed] = both(&db, held, "catalog activate Ours --format json", "map confirm M-2 --catalog Ours");
    let told = activated.ok().json();
    confirmed.ok();
    assert_eq!((&told["unmapped_items"], &told["metrics_created"]), (&1.into(), &1.into()), "{told}");
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "3");
}

#[test]
fn an_activation_adds_no_first_reading_to_one_that_comes_meanwhile() {
    let db = filled();
    let first = db.one("SELECT h.id FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE m.name = 'A'");
    db.cmf(["record", "undo", &first]).ok();
    for run in uncommitted(&db, "record M-1 51 --at 2026-02-01", "catalog activate Ours") {
        run.ok();
    }
    assert_eq!(
        db.rows(
            "SELECT h.value, m.current_value FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE m.name = 'A'"
        ),
        ["51.0000|51.0000"]
    );
}

#[test]
fn an_import_knows_a_metric_by_the_number_that_it_gets_meanwhile() {
    let scratch = Scratch::new();
    let sheet = scratch.file("changed.csv", "id,name,description\nM-1,New,new\n");
    let db = filled();
    let imported = format!("import --direction *=higher {} --mode upsert --catalog Ours", sheet.display());
    for run in uncommitted(&db, "metric set M-1 --number M-9", &imported) {
        run.ok();
    }
    assert_eq!(
        db.rows("SELECT original_data #>> '{parsed,metric_number}' AS number, name, description FROM metric_catalog_items ORDER BY 1"),
        ["M-1|New|new", "M-2|B|old", "M-3|C|old", "M-4|D|old", "M-9|A|old"]
    );
}

#[test]
fn a_file_and_a_reading_of_the_same_instant_do_not_pass_each_other() {
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", "metric,value,at\nPR-001,6,2026-01-01\nPR-002,6,2026-01-01\n");
    let db = with_metrics();
    let [one, two] = uncommitted(&db, "record PR-001 5 --at 2026-01-01", &format!("record --file {}", file.display()));
    one.ok();
    two.fails(65, "PR-001 already has the value 5");
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["5.0000"]);
}

#[test]
fn audit_rows_follow_each_other_whichever_way_they_are_written() {
    let db = with_metrics();
    let create = |name: &str| format!("user create {name} --email {name}@example.org");
    for second in ["record PR-001 1", "record PR-001=2 PR-002=2", &create("eve")] {
        let first = create(&format!("u{}", second.len()));
        for run in uncommitted(&db, &first, second) {
            run.ok();
        }
        db.cmf(["audit", "verify"]).ok();
    }
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "6");
}

#[test]
fn two_that_drain_the_same_file_store_it_once() {
    let scratch = Scratch::new();
    let lines = (0..300).map(|n| format!("PR-001,{n},2026-01-01T00:{:02}:{:02}Z\n", n / 60, n % 60)).collect::<String>();
    let file = scratch.file("readings.csv", format!("metric,value,at\n{lines}"));
    let spool = scratch.0.path().join("spool");
    // A metric that is not named exactly is found, and locked, on a longer way.
    for (recorded, readings) in [(format!("record --file {}", file.display()), "300"), ("record pr-001=1".to_owned(), "1")] {
        let db = with_metrics();
        // Readings between those that are there are compared with them, so that nothing else tells the second from a repetition.
        db.execute(
            "INSERT INTO metric_history (metric_id, value, recorded_at)
             SELECT id, 5, at FROM metrics, unnest(ARRAY[timestamp '2025-01-01', '2100-01-01']) AS at WHERE metric_number = 'PR-001'",
        );
        let mut command = db.command();
        command.env("CMF_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").args(words(&recorded)).arg("--spool");
        run(command.arg(&spool)).fails(75, "kept");
        let drain = format!("record --drain --spool {}", spool.display());
        for run in uncommitted(&db, &drain, &drain) {
            run.ok();
        }
        assert_eq!(
            db.one("SELECT count(*) FROM metric_history WHERE recorded_at BETWEEN '2025-01-02' AND '2099-01-01'"),
            readings
        );
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "1", "{recorded}");
        assert_eq!(std::fs::read_dir(&spool).expect("the spool").count(), 0, "{recorded}");
    }
}

const OF_B: &str = "SELECT m.subcategory_code, m.is_confirmed FROM metric_catalog_framework_mappings m
                    JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.name = 'B' ORDER BY 1";

#[test]
fn a_mapping_that_is_confirmed_meanwhile_is_decided() {
    for decision in ["reject", "confirm"] {
        let db = filled();
        let decide = format!("map {decision} M-2 --catalog Ours");
        let [confirmed, decided] = uncommitted(&db, "map confirm M-2 --catalog Ours", &decide);
        confirmed.ok();
        decided.fails(2, &format!("no suggestion to {decision}"));
        assert_eq!(db.rows(OF_B), ["PR.AA-02|t"]);
    }
}

#[test]
fn a_review_leaves_what_is_confirmed_meanwhile() {
    let db = filled();
    let mut review = db.command();
    review.args(["map", "review", "--catalog", "Ours"]);
    let reviewed = std::thread::scope(|scope| {
        let confirm = || {
            let held = db.hold("LOCK TABLE ai_change_log IN SHARE MODE");
            let mut confirm = start(&db, &["map", "confirm", "M-2", "--catalog", "Ours"]);
            settle(&db, &mut confirm, 1);
            let db = &db;
            scope.spawn(move || {
                // The review waits beside the command; nothing else of it can be seen from here.
                settle(db, &mut confirm, 2);
                drop(held);
                Run::from(confirm.wait_with_output().expect("cmf ends")).ok();
            });
        };
        on_terminal(&review, "accept, choose", confirm, "r\nq\n")
    });
    let Some(reviewed) = reviewed else { return };
    assert_eq!(reviewed.code, 0, "{}", reviewed.stderr);
    assert_eq!(db.rows(OF_B), ["PR.AA-02|t"]);
}

#[test]
fn a_sheet_of_mappings_adds_nothing_that_is_added_meanwhile() {
    let scratch = Scratch::new();
    let db = filled();
    db.cmf(["map", "set", "M-4", "DE.CM-01", "--catalog", "Ours"]).ok();
    let sheet = scratch.file("mappings.csv", db.cmf(["map", "export", "--format", "csv"]).ok().stdout);
    db.cmf(["map", "reject", "M-4", "DE.CM-01", "--catalog", "Ours"]).ok();
    let imported = format!("map import {}", sheet.display());
    for run in uncommitted(&db, "map set M-4 DE.CM-01 --catalog Ours", &imported) {
        run.ok();
    }
    let added = "SELECT count(*) FROM metric_catalog_framework_mappings WHERE subcategory_code = 'DE.CM-01'";
    assert_eq!(db.one(added), "1");
}

#[test]
fn sheets_of_several_catalogs_and_a_command_on_all_of_them_do_not_wait_for_each_other() {
    let scratch = Scratch::new();
    let db = Db::seeded();
    let [one, two] = ["one", "two"].map(|name| {
        let text = format!("{SHEET}M-5,{name},old,1,2,\n");
        let sheet = scratch.file(&format!("{name}.csv"), &text);
        import(&db, &sheet, &[]).ok();
        scratch.file(&format!("{name}.csv"), text.replace("old", "new"))
    });
    // The second catalog first: ids grow with time, and locks are taken in the order of the ids.
    let imported = format!("import --direction *=higher {} {} --mode upsert", two.display(), one.display());
    for run in before_writing(&db, "metric_catalog_items", &imported, "map suggest") {
        run.ok();
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items WHERE description = 'new'"), "10");
    no_deadlock(&db);
}

/// The lock of the private Postgres is that of a file. Who waits for it, only Linux tells.
#[cfg(target_os = "linux")]
mod private {
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use cmf::local::Cluster;

    use crate::local::Place;
    use crate::support::Run;

    /// Whether a command comes to wait for the lock of a file; else it has ended.
    fn waits_for_a_file(child: &mut Child) -> bool {
        let begun = Instant::now();
        let pid = child.id().to_string();
        while child.try_wait().expect("a child").is_none() {
            let locks = std::fs::read_to_string("/proc/locks").expect("the locks");
            // Lines such as `1: -> FLOCK ADVISORY WRITE 4711 00:2d:88 0 EOF`.
            let mut waiting = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            if waiting.any(|line| line.get(1) == Some(&"->") && line.get(5) == Some(&pid.as_str())) {
                return true;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "it neither waits nor ends");
            std::thread::yield_now();
        }
        false
    }

    #[test]
    fn whoever_changes_the_cluster_waits_for_the_one_that_does() {
        let place = Place::new();
        place.users();
        let dump = place.0.with_extension("dump");
        let path = dump.to_str().expect("a path");
        place.cmf(["db", "dump", path]).ok();
        for args in [
            &["db", "restore", path, "--replace", "--confirm", "cmf"][..],
            &["local", "upgrade"],
            &["local", "stop"],
            &["local", "start"],
            &["local", "destroy", "--yes"],
        ] {
            let held = Cluster::at(&place.0).lock().unwrap_or_else(|error| panic!("{}", error.to_text()));
            let mut command = place.command();
            let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
            assert!(waits_for_a_file(&mut child), "{args:?} does not wait");
            drop(held);
            Run::from(child.wait_with_output().expect("it ends")).ok();
        }
        assert!(!place.0.exists());
        std::fs::remove_file(&dump).expect("the dump goes");
    }
}

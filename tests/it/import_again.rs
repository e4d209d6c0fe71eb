//! `cmf import` into a catalog that is there.

use crate::import::{Scratch, import};
use crate::support::Db;

const FIRST: &str = "id,name,current value,target,unit,subcategory,notes\n\
                     M-1,A,50,95,%,PR.AA-01,x\nM-2,B,3,5,days,GV.OC-01,\nM-3,C,1,2,,ID.AM-01,\n";

fn snapshot(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT i.id, i.name, i.updated_at, i.original_data, m.updated_at, c.updated_at, c.import_metadata
         FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id LEFT JOIN metrics m ON m.id = i.id ORDER BY i.id",
    )
}

#[test]
fn importing_again_keeps_ids_and_history_and_changes_only_what_differs() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("metrics.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let ids = db.rows("SELECT id, name FROM metric_catalog_items ORDER BY id");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE recorded_at = '2026-01-01'"), "3");
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE, confidence = 0.5 WHERE subcategory_code = 'GV.OC-01'");

    // The same once more, also with its rows moved: nothing changes, not even a time.
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = TRUE, confidence = 1");
    let before = snapshot(&db);
    let audit = db.one("SELECT count(*) FROM ai_change_log");
    for text in [FIRST.to_owned(), FIRST.replacen("M-1", "\nM-1", 1)] {
        let file = scratch.file("metrics.csv", text);
        let summary = import(&db, &file, &["--mode", "upsert", "--format", "json"]).ok().json();
        assert_eq!((&summary["unchanged"], &summary["updated"], &summary["imported"]), (&3.into(), &0.into(), &0.into()));
        assert_eq!(snapshot(&db), before);
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), audit);
    }

    // A value becomes a reading, a target changes, a metric is new, one is gone.
    let second = FIRST.replace("50,95", "60,97").replace("M-3,C,1,2,,ID.AM-01,\n", "M-4,D,9,9,,DE.CM-01,\n");
    let file = scratch.file("metrics.csv", second);
    let dry = import(&db, &file, &["--mode", "upsert", "--at", "2026-02-01", "--dry-run", "--format", "json"]).ok();
    assert_eq!(snapshot(&db), before);
    let real = import(&db, &file, &["--mode", "upsert", "--at", "2026-02-01", "--format", "json"]).ok();
    assert_eq!(dry.stdout, real.stdout);
    let summary = real.json();
    let counts: Vec<_> =
        ["read", "imported", "updated", "unchanged", "readings", "mappings"].iter().map(|name| summary[name].clone()).collect();
    assert_eq!(counts, [3, 1, 1, 1, 2, 1]);
    let changes: Vec<String> = summary["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|one| format!("{} {} {} -> {}", one["metric"], one["field"], one["old"], one["new"]).replace('"', ""))
        .collect();
    assert_eq!(
        changes,
        [
            "M-1 current_value 50 -> 60",
            "M-1 target_value 95 -> 97",
            "M-1 row: current value 50 -> 60",
            "M-1 row: target 95 -> 97"
        ]
    );
    assert_eq!(db.rows("SELECT id, name FROM metric_catalog_items WHERE name IN ('A', 'B', 'C') ORDER BY id"), ids);
    assert_eq!(
        db.rows("SELECT m.name, trim_scale(current_value), trim_scale(target_value), (SELECT count(*) FROM metric_history h WHERE h.metric_id = m.id) FROM metrics m ORDER BY m.name"),
        ["A|60|97|2", "B|3|5|2", "C|1|2|1", "D|9|9|1"]
    );

    // Pruned after asking only; the readings stay.
    import(&db, &file, &["--mode", "upsert", "--prune"]).fails(2, "1 metric is no longer in the sheet");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "4");
    let summary = import(&db, &file, &["--mode", "upsert", "--prune", "--yes", "--format", "json"]).ok().json();
    assert_eq!(summary["pruned"], 1);
    assert_eq!(db.rows("SELECT name FROM metric_catalog_items ORDER BY name"), ["A", "B", "D"]);
    assert_eq!(db.one("SELECT count(*) FROM metric_history h JOIN metrics m ON m.id = metric_id WHERE name = 'C'"), "1");

    // An update takes only what is there.
    let third = scratch.file("metrics.csv", "id,name,target\nM-1,A,98\nM-9,Z,1\n");
    let before = snapshot(&db);
    import(&db, &third, &["--mode", "update"]).fails(65, "line 3 (id): the catalog has no such metric");
    assert_eq!(snapshot(&db), before);
    // What the sheet has no column for stays as it is.
    let third = scratch.file("metrics.csv", "id,name,target\nM-1,A,98\n");
    import(&db, &third, &["--mode", "update"]).ok();
    assert_eq!(
        db.rows("SELECT unit, trim_scale(current_value), trim_scale(target_value) FROM metric_catalog_items WHERE name = 'A'"),
        ["%|60|98"]
    );
    import(&db, &third, &["--mode", "update", "--name", "nope"]).fails(1, "analyst has no catalog called `nope`");
}

#[test]
fn what_is_pruned_loses_its_readings_only_where_that_is_said_and_never_for_a_row_with_a_problem() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let before = snapshot(&db);
    let prune = ["--mode", "upsert", "--prune", "--yes", "--allow-partial"];
    let wrong = scratch.file("m.csv", FIRST.replace("M-3,C,1,", "M-3,C,soon,"));
    import(&db, &wrong, &prune).fails(65, "a rejected row is not a metric that is gone");
    assert_eq!(snapshot(&db), before);

    let readings = "SELECT m.name FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1";
    let shorter = scratch.file("m.csv", FIRST.replace("M-3,C,1,2,,ID.AM-01,\n", ""));
    import(&db, &shorter, &prune).ok();
    assert_eq!(db.rows(readings), ["A", "B", "C"]);
    let shortest = scratch.file("m.csv", FIRST.split_inclusive('\n').take(2).collect::<String>());
    import(&db, &shortest, &[&prune[..], &["--prune-history"]].concat()).ok();
    assert_eq!(db.rows(readings), ["A", "C"]);
}

#[test]
fn locked_metrics_and_other_values_at_the_same_instant_refuse() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let before = snapshot(&db);
    let file = scratch.file("m.csv", FIRST.replace("50,95", "60,95"));
    import(&db, &file, &["--mode", "upsert", "--at", "2026-01-01"]).fails(65, "1 metric has another value at that instant");
    db.execute("UPDATE metrics SET is_locked = TRUE WHERE name = 'A'");
    import(&db, &file, &["--mode", "upsert"]).fails(1, "1 metric is locked and takes no readings");
    assert_eq!(snapshot(&db), before);
}

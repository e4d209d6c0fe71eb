//! `cmf catalog rename|clone|delete`.

use crate::catalog::catalog;
use crate::support::{Db, on_terminal};

/// All that a catalog and its belongings leave in the database, to see that nothing changed.
fn everything(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT name FROM metric_catalogs UNION ALL SELECT name FROM metric_catalog_items UNION ALL
         SELECT function_code FROM metric_catalog_framework_mappings UNION ALL SELECT name FROM metrics UNION ALL
         SELECT value::text FROM metric_history UNION ALL SELECT score::text FROM function_scores UNION ALL
         SELECT overall_score::text FROM framework_scores UNION ALL SELECT active_catalog_id::text FROM users UNION ALL
         SELECT action FROM ai_change_log ORDER BY 1",
    )
}

/// A catalog that is active, with two readings and three stored scores.
fn active(db: &Db, name: &str) -> String {
    let id = catalog(db, "analyst", name);
    db.cmf(["catalog", "activate", name]).ok();
    db.execute(&format!(
        "INSERT INTO function_scores (framework_id, function_code, catalog_id, score, rating, metric_count, calculated_at)
         SELECT f.id, code, '{id}', 50, 'Medium', 1, now() FROM frameworks f, unnest(ARRAY['PR', 'ID']) AS code WHERE f.name = 'NIST CSF';
         INSERT INTO framework_scores (framework_id, catalog_id, overall_score, overall_rating, function_scores, calculated_at)
         SELECT f.id, '{id}', 50, 'Medium', '{{}}', now() FROM frameworks f WHERE f.name = 'NIST CSF'"
    ));
    id
}

#[test]
fn a_renamed_catalog_goes_by_its_new_name_only() {
    let db = Db::seeded();
    let id = catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "rename", "ours", "Theirs"]).ok();
    assert_eq!(db.rows("SELECT id, name, updated_at > created_at FROM metric_catalogs"), [format!("{id}|Theirs|t")]);
    assert_eq!(
        db.rows("SELECT result ->> 'before', result ->> 'after' FROM ai_change_log WHERE action = 'catalog.rename'"),
        ["Ours|Theirs"]
    );
    db.cmf(["catalog", "show", "Ours"]).fails(2, "there is no catalog `Ours`");
    // Only in another case: that is no other catalog.
    db.cmf(["catalog", "rename", "Theirs", "THEIRS"]).ok();
}

#[test]
fn a_name_that_is_taken_or_no_name_is_refused() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    catalog(&db, "analyst", "Theirs");
    let before = everything(&db);
    db.cmf(["catalog", "rename", "Ours", "theirs"]).fails(1, "analyst already has a catalog called `Theirs`");
    db.cmf(["catalog", "clone", "Ours", "THEIRS"]).fails(1, "analyst already has a catalog called `Theirs`");
    db.cmf(["catalog", "clone", "Ours", "New", "--to", "eve"]).fails(2, "there is no user `eve`");
    for (name, message) in [("", "cannot be empty"), (" x", "blanks at its ends"), (&"x".repeat(201), "at most 200")] {
        db.cmf(["catalog", "rename", "Ours", name]).fails(2, message);
        db.cmf(["catalog", "clone", "Ours", name]).fails(2, message);
    }
    db.cmf(["catalog", "clone", "Our", "New"]).fails(2, "did you mean `Ours`?");
    assert_eq!(everything(&db), before);
}

#[test]
fn a_clone_has_the_same_items_and_mappings_under_other_ids_and_no_metrics() {
    let db = Db::seeded();
    let id = active(&db, "Ours");
    db.execute(
        "UPDATE metric_catalogs SET import_metadata = '{\"sha256\": \"abc\"}', description = 'Why';
         UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE, is_ai_suggested = TRUE, confidence = 0.4
         WHERE subcategory_code = 'PR.AA-01'",
    );
    let run = db.cmf(["catalog", "clone", "Ours", "Copy", "--format", "json"]).ok().json();
    assert_eq!((&run["items"], &run["mappings"]), (&4.into(), &4.into()));
    let content = |name: &str| {
        db.rows(&format!(
            "SELECT i.name, i.original_data #- '{{parsed,current_at}}', i.current_value, i.target_value, i.direction, i.priority, m.function_code, m.category_code,
                    m.subcategory_code, m.confidence, m.is_ai_suggested, m.is_confirmed
             FROM metric_catalogs c JOIN metric_catalog_items i ON i.catalog_id = c.id
             LEFT JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id WHERE c.name = '{name}'
             ORDER BY i.name, m.created_at, m.id"
        ))
    };
    assert_eq!(content("Copy"), content("Ours"));
    assert_eq!(content("Copy").len(), 5);
    // A value of the copy is as old as that of the original.
    assert_eq!(
        db.one(
            "SELECT bool_and((copy.original_data #>> '{parsed,current_at}')::timestamptz AT TIME ZONE 'utc' = ours.created_at)
             FROM metric_catalog_items copy JOIN metric_catalog_items ours ON ours.name = copy.name
             WHERE copy.original_data #>> '{parsed,current_at}' IS NOT NULL AND ours.created_at < copy.created_at"
        ),
        "t"
    );
    assert_eq!(db.one("SELECT count(DISTINCT id) FROM metric_catalog_items"), "8");
    assert_eq!(
        db.rows(
            "SELECT is_active, description, import_metadata ->> 'sha256', import_metadata #>> '{cloned_from,catalog_id}',
                        import_metadata #>> '{cloned_import,sha256}' FROM metric_catalogs WHERE name = 'Copy'"
        ),
        [format!("f|Why||{id}|abc")]
    );
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "3");
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    db.cmf(["catalog", "clone", "Ours", "Ours", "--to", "bob"]).ok();
    assert_eq!(db.one("SELECT u.username FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE c.name = 'Ours' AND NOT c.is_active"), "bob");
}

#[test]
fn a_clone_begins_with_the_newest_readings_and_their_times() {
    let db = Db::seeded();
    active(&db, "Ours");
    db.cmf(["record", "PR-001", "93.5"]).ok();
    db.cmf(["catalog", "clone", "Ours", "Copy"]).ok();
    let begun = "SELECT i.name, i.current_value,
                        (i.original_data #>> '{parsed,current_at}')::timestamptz AT TIME ZONE 'utc' =
                        (SELECT max(h.recorded_at) FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE m.name = i.name)
                 FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                 WHERE c.name = 'Copy' AND i.name IN ('MFA', 'Utilisation') ORDER BY 1";
    assert_eq!(db.rows(begun), ["MFA|93.5000|t", "Utilisation|50.0000|t"]);
}

#[test]
fn deletion_asks_and_says_what_goes_with_it() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Idle");
    active(&db, "Ours");
    let before = everything(&db);
    db.cmf(["catalog", "delete", "Ours", "--yes"]).fails(1, "is the active catalog of analyst");
    db.cmf(["catalog", "delete", "Ours", "--yes"]).fails(1, "4 items, 4 mappings, 3 metrics, 2 readings and 3 stored scores");
    db.cmf(["catalog", "delete", "Idle"]).fails(2, "add --yes to confirm");
    let run = db.cmf(["catalog", "delete", "Ours", "--force", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&run["readings"], &run["scores"]), (&2.into(), &3.into()));
    assert_eq!(everything(&db), before);
}

#[test]
fn a_deleted_catalog_leaves_nothing_but_the_audit_row() {
    let db = Db::seeded();
    active(&db, "Ours");
    catalog(&db, "analyst", "Idle");
    let run = db.cmf(["catalog", "delete", "Ours", "--force", "--yes", "--format", "json"]).ok().json();
    assert_eq!(
        (&run["items"], &run["metrics"], &run["readings"], &run["scores"]),
        (&4.into(), &3.into(), &2.into(), &3.into())
    );
    assert_eq!(db.rows("SELECT name FROM metric_catalogs"), ["Idle"]);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "4");
    for table in ["metrics", "metric_history", "function_scores", "framework_scores"] {
        assert_eq!(db.one(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    assert_eq!(db.one("SELECT active_catalog_id FROM users"), "");
    assert_eq!(
        db.rows("SELECT result ->> 'name', result ->> 'readings' FROM ai_change_log WHERE action = 'catalog.delete'"),
        ["Ours|2"]
    );
    // An inactive one needs no --force.
    db.cmf(["catalog", "delete", "Idle", "--yes"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
}

#[test]
fn a_catalog_that_changed_while_its_deletion_was_asked_about_stays() {
    let db = Db::seeded();
    let id = catalog(&db, "analyst", "Idle");
    let mut command = db.command();
    command.args(["catalog", "delete", "Idle"]);
    let grown = || {
        db.execute(&format!(
            "INSERT INTO metric_catalog_items (catalog_id, original_data, name) VALUES ('{id}', '{{}}', 'Late')"
        ));
    };
    let Some(run) = on_terminal(&command, "[y/N]", grown, "y\n") else { return };
    let run = run.fails(1, "Nothing was changed.");
    assert!(run.stderr.contains("4 items") && run.stderr.contains("now it is 5 items"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "5");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'catalog.delete'"), "0");
    on_terminal(&command, "[y/N]", || (), "n\n").expect("a terminal").fails(1, "not confirmed");
    on_terminal(&command, "[y/N]", || (), "y\n").expect("a terminal").ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
}

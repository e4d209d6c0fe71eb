//! `cmf catalog`: activation and what it makes.

use std::process::Stdio;

use crate::support::{Db, Run};

/// A catalog of `owner` with four items: three mapped, one of them twice, and one not.
pub fn catalog(db: &Db, owner: &str, name: &str) -> String {
    db.one(&format!(
        "WITH c AS (INSERT INTO metric_catalogs (name, owner_id) SELECT '{name}', id FROM users WHERE username = '{owner}' RETURNING id),
         i AS (INSERT INTO metric_catalog_items (catalog_id, original_data, name, current_value, target_value, direction, priority)
               SELECT c.id, jsonb_build_object('parsed', jsonb_build_object('metric_number', v.number, 'target_lower', v.lower, 'target_upper', v.upper)),
                      v.name, v.current, v.target, v.direction::metric_direction, v.priority::metric_priority
               FROM c, (VALUES ('PR-001', NULL, NULL, 'MFA', 90.0, 95.0, 'higher_is_better', 'High'),
                               ('PR-002', '40', '60', 'Utilisation', 50.0, NULL, 'target_range', 'Low'),
                               ('ID-001', NULL, NULL, 'Inventory', NULL, 98.0, NULL, NULL),
                               (NULL, NULL, NULL, 'Loose', 1.0, 2.0, 'lower_is_better', 'Medium'))
                    AS v (number, lower, upper, name, current, target, direction, priority)
               RETURNING id, name),
         m AS (INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_confirmed)
               SELECT i.id, f.id, v.fn, v.ca, v.su, 1, TRUE FROM i, frameworks f,
                    (VALUES ('MFA', 'PR', 'PR.AA', 'PR.AA-03'), ('MFA', 'PR', 'PR.AA', 'PR.AA-01'), ('Utilisation', 'PR', 'PR.IR', NULL), ('Inventory', 'ID', NULL, NULL))
                    AS v (item, fn, ca, su)
               WHERE v.item = i.name AND f.name = 'NIST CSF' RETURNING 1)
         SELECT c.id FROM c, (SELECT count(*) FROM m) AS done"
    ))
}

#[test]
fn activation_turns_mapped_items_into_metrics_under_their_ids() {
    let db = Db::seeded();
    let id = catalog(&db, "analyst", "Ours");
    let run = db.cmf(["catalog", "activate", "ours", "--format", "json"]).ok();
    assert_eq!(run.json()["metrics_created"], 3);
    assert!(run.stderr.contains("note: 1 item without a confirmed mapping"), "{}", run.stderr);
    assert!(run.stderr.contains("note: 1 item without a direction: treated as higher_is_better"), "{}", run.stderr);
    assert!(run.stderr.contains("note: 1 item without a priority: treated as Medium"), "{}", run.stderr);
    assert_eq!(
        db.rows("SELECT me.metric_number, me.name, me.current_value, me.target_value, me.target_lower, me.target_upper, me.direction,
                        me.csf_function, me.csf_category, me.priority FROM metrics me JOIN metric_catalog_items i USING (id) ORDER BY me.name"),
        [
            "ID-001|Inventory||98.0000|||higher_is_better|ID||Medium",
            "PR-001|MFA|90.0000|95.0000|||higher_is_better|PR|PR.AA|High",
            "PR-002|Utilisation|50.0000||40.0000|60.0000|target_range|PR|PR.IR|Low",
        ]
    );
    assert_eq!(
        db.one("SELECT count(*) FROM metric_history h JOIN metrics m ON m.id = h.metric_id AND m.current_value = h.value"),
        "2"
    );
    assert_eq!(db.rows("SELECT is_active FROM metric_catalogs"), ["t"]);
    assert_eq!(db.one("SELECT active_catalog_id FROM users WHERE username = 'analyst'"), id);
    assert_eq!(db.rows("SELECT action FROM ai_change_log WHERE action LIKE 'catalog%'"), ["catalog.activate"]);
}

#[test]
fn activating_another_catalog_makes_the_first_inactive() {
    let db = Db::seeded();
    catalog(&db, "analyst", "First");
    let second = catalog(&db, "analyst", "Second");
    db.cmf(["catalog", "activate", "First"]).ok();
    let run = db.cmf(["catalog", "activate", "Second", "-v"]).ok();
    assert!(run.stderr.contains("First is inactive now"), "{}", run.stderr);
    assert_eq!(db.rows("SELECT name FROM metric_catalogs WHERE is_active"), ["Second"]);
    assert_eq!(db.one("SELECT active_catalog_id FROM users WHERE username = 'analyst'"), second);
    db.cmf(["catalog", "deactivate", "Second"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs WHERE is_active"), "0");
    assert_eq!(db.one("SELECT active_catalog_id FROM users WHERE username = 'analyst'"), "");
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "6");
    // What is in none that is active is found all the same.
    for words in [&["record", "PR-001", "91"][..], &["history", "PR-001"], &["metric", "lock", "PR-001"]] {
        db.cmf(words).fails(2, "has it: add --catalog ");
    }
}

#[test]
fn activating_again_follows_the_items_and_keeps_readings_and_locked_metrics() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.execute(
        "UPDATE metrics SET is_locked = TRUE WHERE name = 'MFA';
         UPDATE metrics SET current_value = 77 WHERE name = 'Utilisation';
         UPDATE metric_catalog_items SET target_value = 1, current_value = 2;",
    );
    let run = db.cmf(["catalog", "activate", "Ours", "--format", "json"]).ok().json();
    assert_eq!((&run["metrics_created"], &run["metrics_updated"], &run["first_readings"]), (&0.into(), &2.into(), &1.into()));
    assert_eq!(
        db.rows("SELECT name, target_value, current_value FROM metrics ORDER BY name"),
        ["Inventory|1.0000|2.0000", "MFA|95.0000|90.0000", "Utilisation|1.0000|77.0000"]
    );
}

#[test]
fn a_catalog_that_is_unknown_or_not_unique_is_refused() {
    let db = Db::seeded();
    db.cmf(["catalog", "activate", "Ours"]).fails(2, "import one with `cmf import FILE`");
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "show", "Outs"]).fails(2, "did you mean `Ours`?");
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    catalog(&db, "bob", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).fails(2, "2 catalogs are called `Ours`");
    db.cmf(["catalog", "activate", "Ours", "--owner", "eve"]).fails(2, "the users are: analyst, bob");
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "0");
    db.cmf(["catalog", "activate", "Ours", "--owner", "bob"]).ok();
    assert_eq!(
        db.rows("SELECT u.username FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE c.is_active"),
        ["bob"]
    );
}

#[test]
fn catalogs_are_listed_and_shown_with_their_items() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    let list = db.cmf(["catalog", "list", "--owner", "analyst", "--format", "json"]).ok().json();
    assert_eq!((&list[0]["items"], &list[0]["mapped_items"], &list[0]["metrics"]), (&4.into(), &3.into(), &0.into()));
    let shown = db.cmf(["catalog", "show", "Ours", "--format", "json"]).ok().json();
    let items = shown["catalog_items"].as_array().expect("items");
    let mfa = items.iter().find(|item| item["name"] == "MFA").expect("MFA");
    assert_eq!(mfa["target_value"], 95);
    assert!(mfa["codes"].as_str().expect("codes").contains("PR.AA-01"));
    assert_eq!(db.cmf(["catalog", "show", "Ours", "--format", "csv"]).ok().stdout.lines().count(), 5);
}

/// Activates catalogs of one owner at the same time, round after round: whichever comes last, one is active, the owner's row
/// agrees, and nobody is told of a deadlock. Others write audit rows of the same user meanwhile.
fn parallel_activations(catalogs: usize, rounds: usize) {
    let db = Db::seeded();
    for n in 0..catalogs {
        catalog(&db, "analyst", &format!("C{n}"));
    }
    db.cmf(["metric", "add", "Own", "--number", "X-1", "--function", "PR", "--direction", "higher_is_better"]).ok();
    for round in 0..rounds {
        let mut children: Vec<_> = (0..catalogs)
            .map(|n| {
                let mut command = db.command();
                command.args(["catalog", "activate", &format!("C{n}")]);
                command
            })
            .collect();
        for n in 0..4 {
            let mut command = db.command();
            command.args(["record", "X-1", &format!("{n}"), "--by", "analyst"]);
            children.push(command);
        }
        let children: Vec<_> = children
            .iter_mut()
            .map(|command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf starts"))
            .collect();
        for child in children {
            Run::from(child.wait_with_output().expect("cmf ends")).ok();
        }
        assert_eq!(
            db.rows(
                "SELECT c.id = u.active_catalog_id FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE c.is_active"
            ),
            ["t"],
            "round {round}"
        );
    }
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'catalog.activate'"), (catalogs * rounds).to_string());
    db.cmf(["audit", "verify"]).ok();
    assert_eq!(db.one(&format!("SELECT deadlocks FROM pg_stat_database WHERE datname = '{}'", db.name)), "0");
}

#[test]
fn parallel_activations_leave_one_active_catalog() {
    parallel_activations(12, 2);
}

/// The long form: `cargo test --release --test it -- --ignored many_parallel_activations`
#[test]
#[ignore = "takes minutes"]
fn many_parallel_activations_leave_one_active_catalog() {
    parallel_activations(64, 50);
}

#[test]
fn parallel_imports_that_activate_do_not_wait_for_each_other() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let children: Vec<_> = (0..8)
        .map(|n| {
            let file = folder.path().join(format!("c{n}.csv"));
            std::fs::write(
                &file,
                format!("metric_number,name,subcategory,target_value,current_value\nN-{n},Metric {n},PR.AA-01,90,80\n"),
            )
            .expect("a file");
            let mut command = db.command();
            command
                .arg("import")
                .args(["--direction", "*=higher"])
                .arg(&file)
                .arg("--activate")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().expect("cmf starts")
        })
        .collect();
    for child in children {
        Run::from(child.wait_with_output().expect("cmf ends")).ok();
    }
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs WHERE is_active"), "1");
    assert_eq!(db.rows("SELECT DISTINCT action FROM ai_change_log WHERE action LIKE 'catalog%'"), ["catalog.import"]);
}

#[test]
fn a_suggestion_counts_as_no_mapping() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.execute(
        "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_ai_suggested, is_confirmed)
         SELECT i.id, f.id, 'DE', TRUE, FALSE FROM metric_catalog_items i, frameworks f
         WHERE i.name = 'Loose' AND f.name = 'NIST CSF'",
    );
    let mapped = || db.cmf(["catalog", "list", "--format", "json"]).ok().json()[0]["mapped_items"].clone();
    assert_eq!(mapped(), 3);
    let run = db.cmf(["catalog", "activate", "Ours"]).ok();
    assert!(run.stderr.contains("note: 1 item without a confirmed mapping"), "{}", run.stderr);
    assert_eq!((mapped(), db.one("SELECT count(*) FROM metrics")), (3.into(), "3".to_owned()));
}

#[test]
fn a_metric_has_its_function_in_the_csf_whatever_it_was_mapped_to_first() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.execute(
        "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_confirmed, created_at)
         SELECT i.id, f.id, 'MAP', TRUE, '2020-01-01' FROM metric_catalog_items i, frameworks f
         WHERE i.name IN ('MFA', 'Loose') AND f.name = 'NIST AI RMF'",
    );
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(
        db.rows("SELECT name, csf_function FROM metrics ORDER BY 1"),
        ["Inventory|ID", "Loose|MAP", "MFA|PR", "Utilisation|PR"]
    );
}

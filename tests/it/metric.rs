//! `cmf metric`.

use serde_json::json;

use crate::catalog::catalog;
use crate::support::Db;

/// An active catalog with three metrics: PR-001 MFA (90 of 95), PR-002 Utilisation (50 in 40..60), ID-001 Inventory (none of 98).
fn active() -> Db {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db
}

fn names(db: &Db, options: &[&str]) -> Vec<String> {
    let run = db.cmf(["metric", "list", "--columns", "name", "--format", "csv"].iter().chain(options)).ok();
    run.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn metrics_are_listed_with_their_scores_and_filtered() {
    let db = active();
    let list = db.cmf(["metric", "list", "--format", "json"]).ok().json();
    assert_eq!(list.as_array().expect("rows").len(), 3);
    let mfa = list.as_array().expect("rows").iter().find(|row| row["name"] == "MFA").expect("MFA");
    assert_eq!(
        (&mfa["score"], &mfa["target_value"], &mfa["csf_category"], &mfa["catalog"], &mfa["is_mapped"]),
        (&json!(94.74), &json!(95), &json!("PR.AA"), &json!("Ours"), &json!(true))
    );
    assert_eq!(names(&db, &["--function", "pr"]), ["MFA", "Utilisation"]);
    assert_eq!(names(&db, &["--category", "PR.AA"]), ["MFA"]);
    assert_eq!(names(&db, &["--priority", "high"]), ["MFA"]);
    assert_eq!(names(&db, &["--direction", "target_range"]), ["Utilisation"]);
    assert_eq!(names(&db, &["--below-target"]), ["MFA"]);
    assert_eq!(names(&db, &["--unscored"]), ["Inventory"]);
    assert_eq!(names(&db, &["--below-target", "--priority", "Low"]), Vec::<String>::new());
    assert_eq!(names(&db, &["--sort", "-score"]), ["Utilisation", "MFA", "Inventory"]);
    db.execute(
        "UPDATE metric_history SET recorded_at = recorded_at - interval '40 days' WHERE value = 90;
         UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE WHERE function_code = 'ID';
         UPDATE metrics SET is_locked = TRUE WHERE name = 'Utilisation'",
    );
    assert_eq!(names(&db, &["--stale", "35d"]), ["Inventory", "MFA"]);
    assert_eq!(names(&db, &["--stale", "50d"]), ["Inventory"]);
    assert_eq!(names(&db, &["--unmapped"]), ["Inventory"]);
    assert_eq!(names(&db, &["--locked"]), ["Utilisation"]);
    let table = db.cmf(["metric", "list"]).ok().stdout;
    assert!(table.contains(">= 95") && table.contains("40 to 60"), "{table}");
}

#[test]
fn a_list_looks_where_it_is_told() {
    let db = active();
    catalog(&db, "analyst", "Idle");
    db.cmf(["metric", "add", "Own", "--function", "DE", "--direction", "binary"]).ok();
    assert_eq!(names(&db, &["--default"]), ["Own"]);
    assert_eq!(names(&db, &["--catalog", "Idle"]), Vec::<String>::new());
    assert_eq!(names(&db, &["--catalog", "Ours"]), ["Inventory", "MFA", "Utilisation"]);
    db.cmf(["catalog", "deactivate", "Ours"]).ok();
    assert_eq!(names(&db, &[]), ["Own"]);
    assert_eq!(names(&db, &["--all"]), ["Inventory", "MFA", "Utilisation", "Own"]);
    db.cmf(["metric", "list", "--function", "PX"]).fails(2, "did you mean `PR`?");
    db.cmf(["metric", "list", "--category", "PR.AB"]).fails(2, "did you mean");
    db.cmf(["metric", "list", "--stale", "soon"]).fails(2, "12h or 35d");
    db.cmf(["metric", "list", "--priority", "Urgent"]).fails(2, "possible values: High, Medium, Low");
    db.cmf(["metric", "list", "--all", "--default"]).fails(2, "cannot be used with");
}

#[test]
fn a_frequency_says_when_a_metric_is_stale() {
    let db = active();
    let set = |args: &[&str]| db.cmf(["metric", "set"].iter().chain(args));
    set(&["PR-001", "PR-002", "--frequency", "monthly", "--spec", "owner=Ada Byron"]).ok();
    set(&["ID-001", "--spec", "frequency=weekly", "--spec", "owner=Bob", "--spec", "formula=a / b"]).ok();
    set(&["PR-001", "--frequency", "now and then"]).fails(2, "it is not a frequency");
    set(&["PR-001", "--spec", "colour=red"]).fails(2, "the keys are owner, frequency, formula");
    set(&["PR-001", "--spec", "owner="]).ok();
    assert_eq!(names(&db, &["--owner", "ada byron"]), ["Utilisation"]);
    set(&["PR-001", "--spec", "owner=Ada Byron"]).ok();
    assert_eq!(names(&db, &["--owner", "ada byron"]), ["MFA", "Utilisation"]);
    db.execute("UPDATE metric_history SET recorded_at = now() AT TIME ZONE 'utc' - interval '46 days' WHERE value = 90");
    db.execute("UPDATE metric_history SET recorded_at = now() AT TIME ZONE 'utc' - interval '47 days' WHERE value = 50");
    assert_eq!(names(&db, &["--stale"]), ["Inventory", "Utilisation"]);
    assert_eq!(names(&db, &["--stale", "40d"]), ["Inventory", "MFA", "Utilisation"]);
    set(&["PR-002", "--clear", "frequency,owner"]).ok();
    assert_eq!(names(&db, &["--stale"]), ["Inventory"]);
    // What nobody said is said by the profile, else it is quarterly.
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    let stale = |text: &str| {
        std::fs::write(&config, text).expect("a file");
        let args = ["metric", "list", "--stale", "--columns", "name", "--format", "csv"];
        let run = crate::support::run(db.command().env("CMF_CONFIG", &config).args(args));
        (run.code, run.stdout.lines().skip(1).map(str::to_owned).collect::<Vec<_>>().join(" "), run.stderr)
    };
    assert_eq!(stale("[profile.default]\nfrequency = 'monthly'\n").1, "Inventory Utilisation");
    assert_eq!(stale("[profile.default]\nfrequency = 'monthly'\nstale_factor = 2\n").1, "Inventory");
    assert_eq!(stale("[profile.default]\nfrequency = 'weekly'\nstale_factor = 1.25\n").1, "Inventory MFA Utilisation");
    let (code, _, told) = stale("[profile.default]\nfrequency = 'often'\n");
    assert!(code == 78 && told.contains("`often`: it is not a frequency"), "{told}");
    let (code, _, told) = stale("[profile.default]\nstale_factor = 0.5\n");
    assert!(code == 78 && told.contains("from 1 to 10"), "{told}");
    let shown = db.cmf(["metric", "show", "ID-001", "--format", "json"]).ok().json();
    assert_eq!((&shown["owner"], &shown["frequency"]), (&json!("Bob"), &json!("weekly")));
    let trail = db.one("SELECT result -> 'after' ->> 'frequency' FROM ai_change_log WHERE action = 'metric.set' AND result -> 'after' ? 'formula'");
    assert_eq!(trail, "weekly");
    // The default library has no item to keep it in.
    db.cmf(["metric", "add", "Own", "--function", "DE", "--direction", "binary"]).ok();
    set(&["Own", "--frequency", "weekly"]).fails(1, "has no catalog item");
}

#[test]
fn show_gives_score_history_mappings_and_the_row_it_came_from() {
    let db = active();
    db.execute(
        "UPDATE metric_catalog_items SET original_data = original_data || '{\"row\": {\"KPI\": \"MFA\"}, \"source\": {\"sheet\": \"S\", \"row\": 7}}'
         WHERE name = 'MFA'",
    );
    db.cmf(["record", "PR-001", "95", "--note", "better"]).ok();
    let shown = db.cmf(["metric", "show", "mfa", "--format", "json"]).ok().json();
    assert_eq!((&shown["score"], &shown["readings"], &shown["current_value"]), (&json!(100), &json!(2), &json!(95)));
    let codes: Vec<&str> = shown["mappings"]
        .as_array()
        .expect("mappings")
        .iter()
        .map(|m| m["subcategory_code"].as_str().expect("a code"))
        .collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&"PR.AA-01") && codes.contains(&"PR.AA-03"), "{codes:?}");
    assert_eq!(shown["mappings"][0]["framework"], "csf-2.0");
    assert_eq!(shown["newest_readings"][1]["note"], "better");
    assert_eq!(shown["original_data"]["source"]["row"], 7);
    let text = db.cmf(["metric", "show", "PR-001"]).ok().stdout;
    assert!(text.contains("▁█  90 to 95"), "{text}");
    assert!(text.contains("the row it came from, sheet S, row 7"), "{text}");
    let gap = db.cmf(["metric", "show", "ID-001", "--format", "json"]).ok().json();
    assert_eq!((&gap["score"], &gap["formula"]), (&json!(null), &json!("no reading")));
    db.cmf(["metric", "show", "PR-01"]).fails(2, "did you mean PR-001 (MFA)");
}

#[test]
fn a_bound_that_is_cleared_is_gone_from_metric_and_item() {
    let db = active();
    let bounds = || {
        db.one(
            "SELECT concat_ws(' ', m.target_lower, m.target_upper, '/', i.original_data #>> '{parsed,target_lower}',
                              i.original_data #>> '{parsed,target_upper}')
             FROM metrics m JOIN metric_catalog_items i USING (id) WHERE m.name = 'Utilisation'",
        )
    };
    for (clear, left) in [("target_upper", "40.0000 / 40.0000"), ("target_lower", "/")] {
        db.cmf(["metric", "set", "PR-002", "--clear", clear]).ok();
        assert_eq!(bounds(), left);
        // Nor does it come back.
        db.cmf(["catalog", "activate", "Ours"]).ok();
        assert_eq!(bounds(), left);
    }
}

#[test]
fn a_change_reaches_metric_item_and_audit_trail() {
    let db = active();
    db.cmf(["metric", "set", "PR-001", "--target", "97.5", "--unit", "%", "--clear", "description", "--number", "PR-100"]).ok();
    assert_eq!(db.rows("SELECT metric_number, target_value, unit FROM metrics WHERE name = 'MFA'"), ["PR-100|97.5000|%"]);
    assert_eq!(
        db.rows(
            "SELECT original_data #>> '{parsed,metric_number}', target_value, unit FROM metric_catalog_items WHERE name = 'MFA'"
        ),
        ["PR-100|97.5000|%"]
    );
    assert_eq!(
        db.rows("SELECT result -> 'before', result -> 'after' FROM ai_change_log WHERE action = 'metric.set'"),
        [
            r#"{"unit": null, "target_value": 95, "metric_number": "PR-001"}|{"unit": "%", "target_value": 97.5, "metric_number": "PR-100"}"#
        ]
    );
    // The next activation does not undo it.
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(db.one("SELECT target_value FROM metrics WHERE name = 'MFA'"), "97.5000");
    db.cmf(["metric", "set", "PR-002", "--lower", "30", "--upper", "70"]).ok();
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(db.rows("SELECT target_lower, target_upper FROM metrics WHERE name = 'Utilisation'"), ["30.0000|70.0000"]);
}

#[test]
fn changes_that_cannot_be_are_refused_whole() {
    let db = active();
    let state = || {
        db.rows("SELECT metric_number, name, target_value, target_lower, target_upper, unit, csf_function, is_locked FROM metrics ORDER BY name")
    };
    let before = (state(), db.one("SELECT count(*) FROM ai_change_log"));
    db.cmf(["metric", "set", "PR-002", "--lower", "90"]).fails(1, "the lower bound is above the upper bound");
    db.cmf(["metric", "set", "PR-001", "--target", "NaN"]).fails(2, "is not a finite number");
    db.cmf(["metric", "set", "PR-001", "--target", "999999999999"]).fails(2, "--target");
    db.cmf(["metric", "set", "PR-001", "--number", "PR-002"]).fails(1, "the metric PR-002 (Utilisation) exists already");
    db.cmf(["metric", "set", "PR-001", "--number", "x".repeat(21).as_str()]).fails(2, "at most 20");
    db.cmf(["metric", "set", "PR-001", "--unit", ""]).fails(2, "use --clear to empty a field");
    db.cmf(["metric", "set", "PR-001", "--function", "DE"]).fails(1, "its mappings decide where it counts");
    db.cmf(["metric", "set", "PR-001", "--category", "PR.ZZ"]).fails(2, "no framework has a category `PR.ZZ`");
    db.cmf(["metric", "set", "PR-009", "--target", "1"]).fails(2, "there is no metric `PR-009`");
    let dry = db.cmf(["metric", "set", "PR-001", "--target", "1", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(
        dry[0],
        json!({ "metric_id": dry[0]["metric_id"], "metric_number": "PR-001", "name": "MFA", "field": "target_value", "before": 95, "after": 1 })
    );
    db.cmf(["metric", "set", "PR-001", "--target", "95"]).ok();
    assert_eq!((state(), db.one("SELECT count(*) FROM ai_change_log")), before);
}

#[test]
fn a_locked_metric_refuses_until_it_is_unlocked_or_overridden() {
    let db = active();
    let run = db.cmf(["metric", "lock", "PR-001", "mfa", "PR-002", "--format", "json"]).ok().json();
    assert_eq!(run.as_array().expect("rows").len(), 2);
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE is_locked"), "2");
    db.cmf(["metric", "set", "PR-001", "--target", "1"]).fails(1, "metric PR-001 is locked");
    db.cmf(["metric", "rm", "PR-001", "PR-002", "--yes"]).fails(1, "2 metrics are locked: PR-001, PR-002");
    assert_eq!(db.one("SELECT target_value FROM metrics WHERE name = 'MFA'"), "95.0000");
    db.cmf(["metric", "set", "PR-001", "--target", "1", "--override-lock"]).ok();
    assert_eq!(db.one("SELECT result ->> 'override_lock' FROM ai_change_log WHERE action = 'metric.set'"), "true");
    db.cmf(["metric", "unlock", "PR-001"]).ok();
    db.cmf(["metric", "unlock", "PR-001"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'metric.unlock'"), "1");
    // The trail names those that changed, not all that were named.
    db.cmf(["metric", "unlock", "PR-001", "PR-002"]).ok();
    assert_eq!(
        db.rows(
            "SELECT result ->> 'metrics', jsonb_array_length(result -> 'metric_ids') FROM ai_change_log
             WHERE action = 'metric.unlock' ORDER BY id"
        ),
        ["[\"PR-001\"]|1", "[\"PR-002\"]|1"]
    );
    db.cmf(["metric", "lock", "PR-002"]).ok();
    // Without a lock in the way nothing was overridden.
    db.cmf(["metric", "set", "PR-001", "--target", "2", "--override-lock"]).ok();
    assert_eq!(
        db.rows("SELECT result ->> 'override_lock' FROM ai_change_log WHERE action = 'metric.set' ORDER BY id"),
        ["true", "false"]
    );
    assert_eq!(db.rows("SELECT name FROM metrics WHERE is_locked"), ["Utilisation"]);
}

#[test]
fn the_library_takes_metrics_and_gives_them_up() {
    let db = Db::seeded();
    let run = db
        .cmf([
            "metric", "add", "Own", "--number", "X-1", "--category", "pr.aa", "--direction", "higher_is_better", "--format",
            "json",
        ])
        .ok();
    assert_eq!((&run.json()["csf_function"], &run.json()["csf_category"]), (&json!("PR"), &json!("PR.AA")));
    assert!(run.stderr.contains("the metric has no target, so it cannot be scored"), "{}", run.stderr);
    assert!(!run.stderr.contains("no reading"), "no new metric has one: {}", run.stderr);
    db.cmf(["metric", "add", "Other", "--number", "x-1", "--function", "PR", "--direction", "binary"])
        .fails(1, "the metric X-1 (Own) exists already");
    db.cmf(["metric", "add", "Other", "--direction", "binary"]).fails(2, "a metric needs a function");
    db.cmf(["metric", "add", "Other", "--function", "PR"]).fails(2, "a metric needs a direction");
    db.cmf(["metric", "add", "Other", "--function", "DE", "--category", "PR.AA", "--direction", "binary"])
        .fails(2, "belongs to function PR, not to DE");
    db.cmf(["metric", "set", "X-1", "--function", "DE", "--target", "5"]).ok();
    assert_eq!(db.rows("SELECT csf_function, csf_category, target_value FROM metrics"), ["DE||5.0000"]);
    db.cmf(["record", "X-1", "3"]).ok();
    db.cmf(["metric", "rm", "X-1"]).fails(2, "add --yes to confirm");
    db.cmf(["metric", "rm", "X-1", "--dry-run"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    db.cmf(["metric", "rm", "X-1", "--yes"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "0");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
    assert_eq!(db.one("SELECT result ->> 'readings' FROM ai_change_log WHERE action = 'metric.rm'"), "1");
}

#[test]
fn the_template_is_not_written_over_a_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.xlsx");
    let path = file.to_str().expect("a path");
    db.cmf(["metric", "template", "--xlsx", path]).ok();
    let first = std::fs::read(&file).expect("the file");
    assert!(first.starts_with(b"PK"));
    db.cmf(["metric", "template", "--xlsx", path, "--framework", "ai-rmf-1.0"]).fails(73, "exists already");
    assert_eq!(std::fs::read(&file).expect("the file"), first);
    db.cmf(["metric", "template", "--xlsx", path, "--framework", "ai-rmf-1.0", "--force"]).ok();
    db.cmf(["metric", "template", "--xlsx", path, "--framework", "csf-9", "--force"]).fails(2, "csf-9");
    db.cmf(["metric", "template", "--xlsx", "/nowhere/t.xlsx"]).fails(73, "cannot write the file");
}

#[test]
fn the_template_has_examples_unless_they_are_left_out() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("template.xlsx").display().to_string();
    db.cmf(["metric", "template", "--xlsx", &path]).ok();
    let read = db.cmf(["import", &path, "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(read["imported"], 4);
    db.cmf(["metric", "template", "--xlsx", &path, "--no-examples", "--force"]).ok();
    db.cmf(["import", &path, "--dry-run"]).fails(65, "no row is below it");
}

#[test]
fn a_removed_metric_leaves_its_item_in_the_catalog() {
    let db = active();
    db.cmf(["metric", "rm", "PR-001", "--yes"]).ok();
    assert_eq!(db.rows("SELECT name FROM metrics ORDER BY 1"), ["Inventory", "Utilisation"]);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items WHERE name = 'MFA'"), "1");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE name = 'MFA'"), "1");
}

#[test]
fn the_template_has_drop_downs_for_direction_priority_and_codes() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("template.xlsx");
    db.cmf(["metric", "template", "--xlsx", path.to_str().expect("a path")]).ok();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).expect("the file")).expect("an archive");
    let mut sheet = archive.by_name("xl/worksheets/sheet1.xml").expect("the sheet");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut sheet, &mut text).expect("XML");
    let lists: Vec<&str> = text.split("<dataValidation ").skip(1).filter(|rule| rule.starts_with("type=\"list\"")).collect();
    for words in ["higher_is_better,lower_is_better,target_range,binary", "High,Medium,Low"] {
        assert!(lists.iter().any(|rule| rule.contains(words)), "no {words} in {lists:?}");
    }
    // Function, category, subcategory: their codes are on a sheet of their own.
    assert_eq!(lists.iter().filter(|rule| rule.contains("!$")).count(), 3, "{lists:?}");
}

#[test]
fn what_would_have_no_effect_is_refused() {
    let db = active();
    let readings = db.rows("SELECT count(*) FROM ai_change_log");
    for (line, message) in [
        ("check --min 99 --rule stale", "--min is for the rule low_score"),
        ("check --max-fall 5 --rule stale,low_score --min 1", "--max-fall is for the rule fallen_score"),
        ("history PR-001 --exit-code", "--exit-code works only with --stale"),
        ("history PR-001 --from 2026-10-01 --to 2026-07-01", "--from 2026-10-01 is after --to 2026-07-01"),
        ("metric set PR-001 --target 5 --clear target_value", "--clear empties it"),
        ("metric set PR-001 --spec owner=ada --clear owner", "--clear empties it"),
        ("metric set PR-001 target=5", "write the field as an option: --target VALUE"),
        ("score next --top 0", "it must be 1 or more"),
        ("metric template --xlsx t.csv", "write --xlsx t.xlsx"),
        ("map export --catalog Ours --xlsx t.csv", "write --xlsx t.xlsx"),
    ] {
        db.cmf(line.split(' ')).fails(2, message);
    }
    assert_eq!(db.rows("SELECT count(*) FROM ai_change_log"), readings);
}

#[test]
fn a_sheet_of_settings_is_refused_with_all_that_is_wrong() {
    let db = active();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ms.csv");
    std::fs::write(&file, "metric,target,priority\nPR-999,5,High\nPR-001,5,soon\nPR-002,5,\n").expect("a file");
    let run = db.cmf(["metric", "set", "--file", file.to_str().expect("a path")]).fails(65, "the sheet has 2 problems");
    for part in ["ms.csv", "row 2, column metric: there is no metric `PR-999`", "row 3, column priority: `soon`"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
}

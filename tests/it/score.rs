//! `cmf score`.

use std::collections::BTreeMap;

use cmf::domain::score::shown;
use rust_decimal::Decimal;
use serde_json::json;

use crate::score_model::{Known, expected, id, number, printed, random, store, two};
use crate::support::{Db, run};

#[test]
fn two_hundred_metrics_score_as_by_hand_with_both_rollups() {
    let db = Db::seeded();
    let metrics = random(&db, 200);
    store(&db, &metrics);
    for metric in &metrics {
        let score = metric.measure().score().ok().map(|score| shown(score).to_string());
        assert_eq!(score, metric.score().map(two), "{metric:?}");
    }
    let unscoreable = metrics.iter().filter(|metric| metric.score().is_none()).count();
    assert!((20..100).contains(&unscoreable), "{unscoreable}");
    for (rollup, by_metric) in [("category", false), ("metric", true)] {
        let run = db.cmf(["score", "--framework", "csf-2.0", "--rollup", rollup, "--format", "json"]).ok();
        let json = run.json();
        let expected: BTreeMap<String, String> =
            expected(&metrics, by_metric).into_iter().map(|(code, score)| (code, two(score))).collect();
        assert!(expected.len() > 25);
        assert_eq!(printed(&json), expected, "{rollup}");
        assert_eq!(json["unscoreable_count"], unscoreable);
        assert_eq!(json["metric_count"], 200 - unscoreable);
        assert_eq!(json["unscoreable"].as_array().map(Vec::len), Some(unscoreable));
        // What is stored is what was printed.
        let shown = db.cmf(["score", "show", "--framework", "csf-2.0", "--format", "json"]).ok().json();
        assert_eq!(shown, json);
        let stored =
            db.rows("SELECT function_code, score, metric_count FROM function_scores ORDER BY calculated_at DESC, id LIMIT 6");
        for row in stored {
            let cells: Vec<&str> = row.split('|').collect();
            assert_eq!(expected[cells[0]], cells[1]);
        }
        let overall = "SELECT overall_score FROM framework_scores ORDER BY calculated_at DESC LIMIT 1";
        assert_eq!(db.one(overall), expected[""]);
    }
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "2");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'score.compute'"), "2");
    let method = "SELECT function_scores ->> 'rollup', function_scores -> 'weights' ->> 'Medium',
                         function_scores -> 'thresholds' ->> 'Very Low' FROM framework_scores ORDER BY calculated_at";
    assert_eq!(db.rows(method), ["category|0.6|90", "metric|0.6|90"]);
}

#[test]
fn a_score_that_was_computed_is_shown_as_a_table() {
    let db = Db::seeded();
    store(&db, &random(&db, 40));
    let run = db.cmf(["score", "--framework", "csf-2.0", "--categories"]).ok();
    for text in ["Govern", "GV.OC", "Overall", "not scored", "no reading", "█"] {
        assert!(run.stdout.contains(text), "no {text} in:\n{}", run.stdout);
    }
    let plain = db.cmf(["score", "show", "--framework", "csf-2.0"]).ok().stdout;
    assert!(!plain.contains("GV.OC"));
    assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
    let csv = db.cmf(["score", "show", "--framework", "csf-2.0", "--format", "csv"]).ok().stdout;
    assert_eq!(
        csv.lines().next(),
        Some(
            "function_code,category_code,name,score,rating,metric_count,unscoreable_count,assumed_count,stale_count,fresh_share,score_low,score_high,calculated_at"
        )
    );
    assert_eq!(csv.lines().count(), 8);
}

#[test]
fn a_dry_run_stores_nothing() {
    let db = Db::seeded();
    store(&db, &random(&db, 20));
    let json = db.cmf(["score", "--framework", "csf-2.0", "--dry-run", "--format", "json"]).ok().json();
    assert!(json["overall_score"].is_number());
    assert_unchanged(&db);
}

#[track_caller]
pub(crate) fn assert_unchanged(db: &Db) {
    let counts = "SELECT (SELECT count(*) FROM framework_scores), (SELECT count(*) FROM function_scores),
                         (SELECT count(*) FROM ai_change_log WHERE action LIKE 'score%')";
    assert_eq!(db.rows(counts), ["0|0|0"]);
}

#[test]
fn nothing_scoreable_is_a_dash_and_stores_nothing() {
    let db = Db::seeded();
    let codes = vec![("PR".to_owned(), Some("PR.AA".to_owned()))];
    let silent = Known {
        direction: "higher_is_better",
        priority: "High",
        current: None,
        target: Some(10_000),
        lower: None,
        upper: None,
        codes,
    };
    store(&db, &[silent]);
    let run = db.cmf(["score", "--framework", "csf-2.0"]).ok();
    assert!(run.stderr.contains("nothing in Random can be scored"), "{}", run.stderr);
    let overall = run.stdout.lines().find(|line| line.contains("Overall")).expect("a line").to_owned();
    assert_eq!(overall.split_whitespace().collect::<Vec<_>>(), ["Overall", "-", "-", "-", "-", "0", "of", "1"]);
    let json = db.cmf(["score", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    assert!(json["overall_score"].is_null());
    assert_eq!(json["unscoreable"][0]["missing"], "no reading");
    assert_unchanged(&db);
    db.cmf(["score", "show", "--framework", "csf-2.0"]).fails(1, "no score of Random for csf-2.0 is stored");
}

#[test]
fn the_default_library_is_scored_by_function_and_category_of_its_metrics() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority)
         VALUES ('L-1', 'a', 50, 100, 'higher_is_better', 'PR', 'PR.AA', 'High'),
                ('L-2', 'b', 100, 100, 'higher_is_better', 'PR', NULL, 'Low'),
                ('L-3', 'c', 1, NULL, 'binary', 'DE', 'DE.CM', 'Low'),
                ('L-4', 'd', 1, NULL, 'binary', 'ZZ', NULL, 'Low'),
                ('L-5', 'e', 10, NULL, 'higher_is_better', 'RC', '', 'Low')",
    );
    let json = db.cmf(["score", "--default", "--format", "json"]).ok().json();
    assert_eq!(json["framework"], "csf-2.0");
    assert!(json["catalog"].is_null());
    let expected: BTreeMap<String, String> =
        [("", "87.50"), ("PR", "75.00"), ("PR.AA", "50.00"), ("PR.", "100.00"), ("DE", "100.00"), ("DE.CM", "100.00")]
            .map(|(code, score)| (code.to_owned(), score.to_owned()))
            .into();
    assert_eq!(printed(&json), expected);
    assert_eq!((json["metric_count"].as_u64(), json["unscoreable_count"].as_u64()), (Some(3), Some(1)));
    assert_eq!(
        db.rows("SELECT function_code, rating, metric_count, catalog_id FROM function_scores ORDER BY 1"),
        ["DE|Very Low|1|", "PR|Low|2|"]
    );
    assert_eq!(db.cmf(["score", "show", "--default", "--format", "json"]).ok().json(), json);
}

#[test]
fn a_catalog_is_scored_against_the_framework_it_is_mapped_to() {
    let db = Db::seeded();
    let mut metrics = random(&db, 5);
    store(&db, &metrics);
    // One item is mapped to the AI RMF too, so the usual framework it is.
    assert_eq!(db.cmf(["score", "--format", "json"]).ok().json()["framework"], "csf-2.0");
    db.execute("DELETE FROM metric_catalog_framework_mappings WHERE framework_id = (SELECT id FROM frameworks WHERE name = 'NIST CSF')");
    assert_eq!(db.cmf(["score", "--dry-run", "--format", "json"]).ok().json()["framework"], "ai-rmf-1.0");
    metrics.truncate(1);
    let json = db.cmf(["score", "--framework", "ai-rmf-1.0", "--dry-run", "--format", "json"]).ok().json();
    let expected = metrics[0].score().map(two);
    assert_eq!(json["overall_score"].is_null(), expected.is_none());
}

#[test]
fn weights_and_thresholds_change_the_score_and_are_stored_with_it() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority)
         VALUES ('L-1', 'a', 100, 100, 'higher_is_better', 'PR', 'PR.AA', 'High'),
                ('L-2', 'b', 70, 100, 'higher_is_better', 'PR', 'PR.AA', 'Low')",
    );
    let json = db
        .cmf([
            "score", "--default", "--weight", "high=2", "--weight", "Low=1", "--weight", "Medium=1.5", "--threshold",
            "very-low=95", "--format", "json",
        ])
        .ok()
        .json();
    assert_eq!(number(&json["overall_score"]), "90.00");
    assert_eq!(json["overall_rating"], "Low");
    assert_eq!(json["weights"]["High"], 2);
    assert_eq!(
        db.one("SELECT (function_scores -> 'weights' ->> 'Medium') || ' ' || (function_scores -> 'thresholds' ->> 'Very Low') FROM framework_scores"),
        "1.5 95"
    );
}

#[test]
fn options_come_on_top_of_what_the_profile_weighs() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (name, current_value, target_value, direction, csf_function, csf_category, priority)
         VALUES ('a', 100, 100, 'higher_is_better', 'PR', 'PR.AA', 'High'), ('b', 60, 100, 'higher_is_better', 'PR', 'PR.AA', 'Low')",
    );
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("config.toml");
    std::fs::write(&file, "[profile.default]\nweights = { High = 3, Medium = 1 }\nthresholds = { very-low = 95 }\n")
        .expect("a file");
    let score = |args: &[&str]| {
        run(db.command().env("CMF_CONFIG", &file).args(["score", "--default", "--dry-run", "--format", "json"]).args(args))
    };
    let profile = score(&[]).ok().json();
    assert_eq!(profile["weights"], json!({ "High": 3, "Medium": 1, "Low": 0.3 }));
    assert_eq!((&profile["thresholds"]["Very Low"], &profile["thresholds"]["Low"]), (&json!(95), &json!(75)));
    let both = score(&["--weight", "Low=1", "--threshold", "low=91"]).ok().json();
    assert_eq!(both["weights"], json!({ "High": 3, "Medium": 1, "Low": 1 }));
    // (3 × 100 + 1 × 60) / 4
    assert_eq!((&both["overall_score"], &both["overall_rating"]), (&json!(90), &json!("Medium")));
    for (args, message) in [
        (["--weight", "High=0.5"], "weights must fall from High to Medium to Low; these are 0.5, 1, 0.3"),
        (["--threshold", "low=96"], "thresholds must fall from very-low to low to medium to high; these are 95, 96, 50, 30"),
    ] {
        let refused = score(&args).fails(2, message);
        assert!(refused.stderr.contains("the profile `default` in "), "{}", refused.stderr);
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_changes() {
    let db = Db::seeded();
    // What is told to type is taken.
    let refused = db.cmf(["score", "--default", "--threshold", "low=95"]).fails(2, "thresholds must fall");
    let hint = refused.stderr.split("set them as in ").nth(1).expect("a hint").trim().to_owned();
    db.cmf(["score", "--default", "--dry-run"].into_iter().chain(hint.split(' '))).ok();
    for (args, code, message) in [
        (&[][..], 2, "analyst has no active catalog"),
        (&["--catalog", "nowhere"], 2, "there is no catalog `nowhere`"),
        (&["--owner", "nobody"], 2, "there is no user `nobody`"),
        (&["--default", "--framework", "iso"], 2, "no framework in the database has the name or the code `iso`"),
        (&["--default", "--catalog", "x"], 2, "cannot be used with"),
        (&["--default", "--weight", "High=-1"], 2, "a weight is above 0"),
        (&["--default", "--weight", "Low=0.9"], 2, "weights must fall from High to Medium to Low"),
        (&["--default", "--weight", "Huge=1"], 2, "`Huge` is not a priority"),
        (&["--default", "--weight", "High"], 2, "write it as NAME=NUMBER"),
        (&["--default", "--weight", "High=1e3"], 2, "`1e3` is not a number"),
        (&["--default", "--weight", "High=NaN"], 2, "`NaN` is not a number"),
        (&["--default", "--threshold", "low=95"], 2, "thresholds must fall"),
        (&["--default", "--threshold", "very-high=5"], 2, "is not a rating with a threshold"),
        (&["--default", "--threshold", "very-low=101"], 2, "at most 100"),
        (&["show", "--default"], 1, "no score of default library for csf-2.0 is stored"),
    ] {
        db.cmf(["score"].iter().chain(args)).fails(code, message);
        assert_unchanged(&db);
    }
    assert!(db.cmf(["score"]).stderr.contains("hint: import one with `cmf import FILE --activate`"));
    store(&db, &[]);
    db.execute("UPDATE metric_catalogs SET is_active = FALSE");
    assert!(db.cmf(["score"]).stderr.contains("add --catalog Random, or run `cmf catalog activate Random`"));
    let unmigrated = Db::empty();
    unmigrated.cmf(["score", "--default"]).fails(1, "cmf migrate up");
}

#[test]
fn the_database_lets_no_nan_reach_a_score() {
    let db = Db::seeded();
    let insert = "INSERT INTO metrics (name, current_value, target_value, direction, csf_function, priority)
                  VALUES ('a', 'NaN', 1, 'higher_is_better', 'PR', 'High')";
    let refused = db.rows(&format!(
        "DO $$ BEGIN {insert}; EXCEPTION WHEN check_violation THEN RAISE NOTICE 'refused'; END $$; SELECT count(*)::text FROM metrics"
    ));
    assert_eq!(refused, ["0"]);
}

/// The points of a tree's children, which must add up to its own, all the way down. Returns how many nodes there were.
fn adds_up(node: &serde_json::Value) -> usize {
    let points = |node: &serde_json::Value| -> Decimal {
        if node["points"].is_null() { Decimal::ZERO } else { node["points"].to_string().parse().expect("a number") }
    };
    let Some(children) = node["children"].as_array() else { return 1 };
    if !children.is_empty() {
        let sum: Decimal = children.iter().map(points).sum();
        assert_eq!(sum, points(node), "{}", node["code"]);
    }
    1 + children.iter().map(adds_up).sum::<usize>()
}

#[test]
fn explained_points_add_up_to_the_stored_score() {
    let db = Db::seeded();
    store(&db, &random(&db, 200));
    for rollup in ["category", "metric"] {
        let score = |args: &[&str]| {
            let mut all = vec!["score"];
            all.extend(args);
            all.extend(["--framework", "csf-2.0", "--rollup", rollup, "--format", "json"]);
            db.cmf(all).ok().json()
        };
        let stored = score(&[]);
        let tree = score(&["explain"]);
        assert_eq!(tree["points"], stored["overall_score"]);
        assert!(adds_up(&tree) > 200);
        let protect = score(&["explain", "pr"]);
        assert_eq!(protect["points"], stored["function_scores"][2]["score"]);
        assert!(adds_up(&protect) > 20);
        let category = score(&["explain", "PR.AA"]);
        assert_eq!(category["points"], stored["function_scores"][2]["categories"][0]["score"]);
        assert!(adds_up(&category) > 2);
    }
}

#[test]
fn an_explained_metric_shows_value_target_formula_weight_and_what_is_missing() {
    let db = Db::seeded();
    let codes = vec![("PR".to_owned(), Some("PR.AA".to_owned()))];
    let metric = |current, priority| Known {
        direction: "higher_is_better",
        priority,
        current,
        target: Some(950_000),
        lower: None,
        upper: None,
        codes: codes.clone(),
    };
    store(&db, &[metric(Some(920_000), "High"), metric(None, "Low"), metric(Some(950_000), "Medium")]);
    db.execute(&format!(
        "INSERT INTO metric_history (metric_id, value, recorded_at) VALUES ('{}', 92, now() AT TIME ZONE 'utc' - interval '140 days')",
        id(0)
    ));
    db.cmf(["score", "--framework", "csf-2.0", "-q"]).ok();
    let json = db.cmf(["score", "explain", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    let metrics = &json["children"][2]["children"][0]["children"];
    let first = &metrics[0];
    assert_eq!(first["formula"], "100 × 92 / 95");
    assert_eq!((first["current_value"].as_i64(), first["target_value"].as_i64()), (Some(92), Some(95)));
    // 1 / 1.6 of the category, which is all of the score.
    assert_eq!((first["share"].as_f64(), first["points"].as_f64()), (Some(62.5), Some(60.53)));
    assert_eq!(first["missing"][0], "stale, 140 days old");
    assert_eq!(metrics[1]["missing"][0], "no reading");
    assert!(metrics[1]["points"].is_null());
    let fresh = db.cmf(["score", "explain", "--framework", "csf-2.0", "--stale-after", "150d", "--format", "json"]).ok().json();
    assert_eq!(fresh["children"][2]["children"][0]["children"][0]["missing"].as_array().map(Vec::len), Some(0));
    for (age, missing) in [("140d", 1), ("141d", 0)] {
        let json = db.cmf(["score", "explain", "--framework", "csf-2.0", "--stale-after", age, "--format", "json"]).ok().json();
        assert_eq!(
            json["children"][2]["children"][0]["children"][0]["missing"].as_array().map(Vec::len),
            Some(missing),
            "{age}"
        );
    }
    let one = db.cmf(["score", "explain", "m-000", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    assert_eq!(
        (&one["places"][0]["points_in_category"], &one["places"][0]["share_of_category"]),
        (&json!(60.53), &json!(62.5))
    );
    assert_eq!(one["places"][0]["points_in_framework"], 60.53);
    let one = db.cmf(["score", "explain", "m-000", "--framework", "csf-2.0"]).ok().stdout;
    assert!(one.contains("PR.AA") && one.contains("60.53 of 62.50"), "{one}");
    let upper = db.cmf(["score", "explain", "--depth", "category", "--framework", "csf-2.0"]).ok().stdout;
    assert!(upper.contains("PR.AA") && !upper.contains("M-000") && !upper.contains("formula"), "{upper}");
    let table = db.cmf(["score", "explain", "--framework", "csf-2.0"]).ok();
    assert!(
        table.stdout.contains("M-000 Metric 0") && table.stdout.contains("100 × 92 / 95; stale, 140 days old"),
        "{}",
        table.stdout
    );
    assert!(table.stderr.is_empty(), "{}", table.stderr);
    db.cmf(["score", "explain", "M-00", "--framework", "csf-2.0"]).fails(2, "did you mean `M-000`");
    db.execute(&format!("UPDATE metrics SET current_value = 1 WHERE id = '{}'", id(0)));
    let changed = db.cmf(["score", "explain", "--framework", "csf-2.0"]).ok();
    assert!(changed.stderr.contains("the newest stored score is 98.03"), "{}", changed.stderr);
}

#[test]
fn the_starter_catalog_scores_as_was_worked_out_apart() {
    let db = Db::seeded();
    let file = crate::support::project("fixtures/catalogs/starter-csf-2.0.csv");
    db.cmf(["import".as_ref(), "--direction=*=higher".as_ref(), file.as_os_str(), "--activate".as_ref()]).ok();
    let score = |rollup: &str| db.cmf(["score", "--rollup", rollup, "--format", "json"]).ok().json();
    let by_category = score("category");
    let expected: BTreeMap<String, String> = [
        ("", "77.20"),
        ("GV", "79.78"),
        ("GV.OC", "80.69"),
        ("GV.OV", "68.68"),
        ("GV.PO", "75.17"),
        ("GV.RM", "85.90"),
        ("GV.RR", "88.38"),
        ("GV.SC", "79.87"),
        ("ID", "86.07"),
        ("ID.AM", "83.18"),
        ("ID.IM", "92.12"),
        ("ID.RA", "82.92"),
        ("PR", "87.93"),
        ("PR.AA", "93.92"),
        ("PR.AT", "87.33"),
        ("PR.DS", "94.64"),
        ("PR.IR", "71.67"),
        ("PR.PS", "92.12"),
        ("DE", "80.61"),
        ("DE.AE", "77.52"),
        ("DE.CM", "83.69"),
        ("RS", "69.50"),
        ("RS.AN", "75.54"),
        ("RS.CO", "71.59"),
        ("RS.MA", "64.33"),
        ("RS.MI", "66.53"),
        ("RC", "59.31"),
        ("RC.CO", "52.86"),
        ("RC.RP", "65.75"),
    ]
    .map(|(code, score)| (code.to_owned(), score.to_owned()))
    .into();
    assert_eq!(printed(&by_category), expected);
    assert_eq!((by_category["metric_count"].as_u64(), by_category["unscoreable_count"].as_u64()), (Some(139), Some(4)));
    let left_out: Vec<_> =
        by_category["unscoreable"].as_array().expect("metrics").iter().map(|row| &row["metric_number"]).collect();
    assert_eq!(left_out, ["GV-037", "RC-008", "RC-013", "RS-009"]);
    let by_metric = printed(&score("metric"));
    for (code, score) in
        [("", "77.83"), ("GV", "80.53"), ("ID", "84.80"), ("PR", "89.27"), ("DE", "80.71"), ("RS", "68.48"), ("RC", "63.17")]
    {
        assert_eq!(by_metric[code], score, "{code}");
    }
    // Its page is small.
    assert!(db.cmf(["report"]).ok().stdout.len() < 300_000);
}

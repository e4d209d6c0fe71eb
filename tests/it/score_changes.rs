//! `cmf score what-if`, `next`, `trend`, `diff`, `compare` and `check`: what was, what would be, and what is enough.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::score::assert_unchanged;
use crate::score_model::{Dice, Known, expected, id, number, printed, random, store, two};
use crate::support::Db;

#[test]
fn what_if_is_what_scoring_gives_once_the_values_are_there() {
    let db = Db::seeded();
    let metrics = random(&db, 200);
    store(&db, &metrics);
    let mut dice = Dice(77);
    for round in 0..8 {
        let mut values = BTreeMap::new();
        for _ in 0..=round {
            values.insert(dice.roll(200), Decimal::new(i64::try_from(dice.roll(2_000_000)).expect("a number"), 4));
        }
        let given: Vec<String> = values.iter().map(|(metric, value)| format!("M-{metric:03}={value}")).collect();
        let before = db.one("SELECT count(*) FROM framework_scores");
        let mut args = vec!["score", "what-if", "--framework", "csf-2.0", "--format", "json"];
        args.extend(given.iter().map(String::as_str));
        let then = db.cmf(&args).ok().json();
        assert_eq!(db.one("SELECT count(*) FROM framework_scores"), before);
        for (metric, value) in &values {
            db.cmf(["record", &format!("M-{metric:03}"), &value.to_string()]).ok();
        }
        let now = db.cmf(["score", "--framework", "csf-2.0", "--format", "json"]).ok().json();
        assert_eq!(then["overall_score_then"], now["overall_score"]);
        assert_eq!(then["function_scores_then"], now["function_scores"]);
    }
    for (args, message) in [
        (&["M-001=1", "M-001=2"][..], "is given twice"),
        (&["M-001"], "write it as NAME=NUMBER"),
        (&["M-999=1"], "there is no scored metric"),
        (&["M-001=100000000000"], "at most 11 digits"),
        (&[], "missing argument"),
    ] {
        db.cmf(["score", "what-if", "--framework", "csf-2.0"].iter().chain(args)).fails(2, message);
    }
}

#[test]
fn next_names_the_metrics_that_raise_the_score_most() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority)
         VALUES ('L-1', 'a', 50, 100, 'higher_is_better', 'PR', 'PR.AA', 'High'),
                ('L-2', 'b', 90, 100, 'higher_is_better', 'PR', 'PR.AA', 'Low'),
                ('L-3', 'c', NULL, 100, 'higher_is_better', 'PR', 'PR.AA', 'Medium'),
                ('L-4', 'd', 100, 100, 'higher_is_better', 'PR', 'PR.AA', 'Low')",
    );
    let next = db.cmf(["score", "next", "--default", "--format", "json"]).ok().json();
    let points: Vec<_> =
        next.as_array().expect("rows").iter().map(|row| (row["metric_number"].as_str(), row["points"].as_f64())).collect();
    // Now (50 + 27 + 30) / 1.6 = 66.875; L-3 would make it (107 + 60) / 2.2.
    assert_eq!(points, [(Some("L-1"), Some(31.25)), (Some("L-3"), Some(9.03)), (Some("L-2"), Some(1.88))]);
    let then = db.cmf(["score", "what-if", "--default", "L-1=100", "--format", "json"]).ok().json();
    assert_eq!((then["overall_score"].as_f64(), then["overall_score_then"].as_f64()), (Some(66.88), Some(98.13)));
    assert_eq!(
        db.cmf(["score", "next", "--default", "--function", "DE", "--format", "json"]).ok().json(),
        serde_json::json!([])
    );
    db.cmf(["score", "next", "--default", "--function", "XX"]).fails(2, "no function or category `XX`");
}

/// Random metrics with readings on random days before the end of 2025, the newest of which is the current value.
fn with_history(db: &Db) -> (Vec<Known>, Vec<Vec<(u64, i128)>>) {
    let mut metrics = random(db, 60);
    let mut dice = Dice(4242);
    let mut readings: Vec<Vec<(u64, i128)>> = Vec::new();
    for metric in &mut metrics {
        let days: BTreeSet<u64> = (0..dice.roll(9)).map(|_| dice.roll(360)).collect();
        let of_metric: Vec<(u64, i128)> = days.into_iter().map(|day| (day, i128::from(dice.roll(1_500_000)))).collect();
        metric.current = of_metric.last().map(|(_, value)| *value);
        readings.push(of_metric);
    }
    store(db, &metrics);
    let mut sql = String::new();
    for (n, of_metric) in readings.iter().enumerate() {
        for (day, value) in of_metric {
            let value = Decimal::from_i128_with_scale(*value, 4);
            sql.push_str(&format!(
                "INSERT INTO metric_history (metric_id, value, recorded_at)
                 VALUES ('{}', {value}, timestamp '2025-01-01 08:00' + interval '{day} days');",
                id(n)
            ));
        }
    }
    db.execute(&sql);
    (metrics, readings)
}

/// The metrics as they stood at the end of this day of 2025, counted from 0.
fn standing(metrics: &[Known], readings: &[Vec<(u64, i128)>], day: u64) -> Vec<Known> {
    let at = |of_metric: &[(u64, i128)]| of_metric.iter().rev().find(|(read, _)| *read <= day).map(|(_, value)| *value);
    metrics.iter().zip(readings).map(|(metric, readings)| Known { current: at(readings), ..metric.clone() }).collect()
}

fn texts(scores: BTreeMap<String, i128>) -> BTreeMap<String, String> {
    scores.into_iter().map(|(code, score)| (code, two(score))).collect()
}

#[test]
fn a_past_state_scores_as_by_hand_and_is_not_stored() {
    let db = Db::seeded();
    let (metrics, readings) = with_history(&db);
    for (date, day) in [("2025-02-28", 58), ("2025-06-30", 180), ("2025-12-31", 364)] {
        let json = db.cmf(["score", "--framework", "csf-2.0", "--as-of", date, "--format", "json"]).ok().json();
        assert_eq!(printed(&json), texts(expected(&standing(&metrics, &readings, day), false)), "{date}");
        assert_eq!(json["as_of"], format!("{date}T23:59:59.999999Z"));
    }
    // The state of now is what scoring gives.
    let as_of = db.cmf(["score", "--framework", "csf-2.0", "--as-of", "now", "--format", "json"]).ok().json();
    let now = db.cmf(["score", "--framework", "csf-2.0", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(as_of["function_scores"], now["function_scores"]);
    // Those that cannot be scored are named there too.
    assert!(now["unscoreable"].as_array().is_some_and(|left_out| !left_out.is_empty() && left_out.len() < 100));
    assert_eq!(as_of["unscoreable"], now["unscoreable"]);
    assert_unchanged(&db);
    db.cmf(["score", "--framework", "csf-2.0", "--as-of", "2999-01-01"]).fails(2, "is in the future");
    db.cmf(["score", "--framework", "csf-2.0", "--as-of", "soon"]).fails(2, "`soon` is not a time");
}

#[test]
fn a_metric_without_readings_keeps_its_value_from_when_it_was_made() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (name, current_value, target_value, direction, csf_function, priority, created_at)
         VALUES ('a', 50, 100, 'higher_is_better', 'PR', 'High', '2025-03-01')",
    );
    let score = |date: &str| db.cmf(["score", "--default", "--as-of", date, "--format", "json"]).ok().json();
    assert!(score("2025-02-28")["overall_score"].is_null());
    assert_eq!(score("2025-03-01")["overall_score"], 50);
    let diff = |from: &str| db.cmf(["score", "diff", "--default", "--from", from, "--to", "2025-03-02"]);
    diff("2025-02-28").fails(1, "nothing can be scored at 2025-02-28");
    diff("2025-03-01").ok();
    db.execute("INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 70, '2025-05-01' FROM metrics");
    assert!(score("2025-04-01")["overall_score"].is_null());
    assert_eq!(score("2025-05-01")["overall_score"], 70);
}

#[test]
fn a_backfill_fills_the_history_once_and_the_trend_shows_it() {
    let db = Db::seeded();
    let (metrics, readings) = with_history(&db);
    let backfill = |more: &[&str]| {
        let mut args = vec!["score", "backfill", "--framework", "csf-2.0", "--from", "2025-01-31", "--to", "2025-12-31"];
        args.extend(["--every", "month", "--format", "json"]);
        args.extend(more);
        db.cmf(args).ok().json()
    };
    assert_eq!(backfill(&["--dry-run"]).as_array().map(Vec::len), Some(12));
    assert_unchanged(&db);
    let rows = backfill(&[]);
    assert_eq!(rows.as_array().map(Vec::len), Some(12));
    assert_eq!(rows[1]["calculated_at"], "2025-02-28T23:59:59.999999Z");
    assert_eq!(number(&rows[1]["score"]), two(expected(&standing(&metrics, &readings, 58), false)[""]));
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "12");
    let parts = db.one("SELECT count(*) FROM function_scores");
    assert_eq!(backfill(&[]).as_array().map(Vec::len), Some(0));
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "12");
    // A reading that came late changes the past: only --force computes it again.
    db.execute(&format!(
        "INSERT INTO metric_history (metric_id, value, recorded_at) VALUES ('{}', 1, '2025-01-31 08:00')",
        id(0)
    ));
    assert_eq!(backfill(&["--force"]).as_array().map(Vec::len), Some(12));
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "12");
    assert!(db.one("SELECT count(*) FROM function_scores").parse::<u32>().expect("a count") >= parts.parse().expect("a count"));
    assert_eq!(
        db.rows(
            "SELECT result ->> 'stored', result ->> 'replaced' FROM ai_change_log WHERE action = 'score.backfill' ORDER BY id"
        ),
        ["12|0", "12|12"]
    );

    let trend = db.cmf(["score", "trend", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    let scores = trend["scores"].as_array().expect("scores");
    assert_eq!(scores.len(), 12);
    assert!(scores[0]["change"].is_null());
    for pair in scores.windows(2) {
        let score = |row: &serde_json::Value| row["score"].to_string().parse::<Decimal>().expect("a number");
        let change = score(&pair[1]) - score(&pair[0]);
        assert_eq!(pair[1]["marked"], change.abs() > Decimal::from(5), "{pair:?}");
        assert_eq!(
            pair[1]["direction"],
            if change.is_zero() {
                "level"
            } else if change.is_sign_positive() {
                "up"
            } else {
                "down"
            }
        );
    }
    let marked = |code: &str| {
        let run = db.cmf(["score", "trend", "--framework", "csf-2.0", "--function", code]).ok();
        run.stdout.contains('▲') || run.stdout.contains('▼')
    };
    assert!(["GV", "ID", "PR", "DE", "RS", "RC"].into_iter().any(marked));
    let table = db.cmf(["score", "trend", "--framework", "csf-2.0", "--function", "pr"]).ok().stdout;
    for text in ["PR: ", "┤", "╭", "2025-12-31"] {
        assert!(table.contains(text), "no {text} in:\n{table}");
    }
    let part = ["score", "trend", "--framework", "csf-2.0", "--from", "2025-06-01", "--to", "2025-08-31", "--format", "csv"];
    assert_eq!(db.cmf(part).ok().stdout.lines().count(), 4);
    // The newest backfilled score is what `show` finds.
    let shown = db.cmf(["score", "show", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    assert_eq!(shown["as_of"], "2025-12-31T23:59:59.999999Z");
    for (args, code, message) in [
        (&["backfill", "--from", "2025-02-01", "--to", "2025-01-01"][..], 2, "is after --to"),
        (&["backfill", "--from", "2999-01-01"], 2, "is in the future"),
        (&["backfill", "--from", "2025-01-01", "--every", "blink"], 2, "`blink` is not one of day, week"),
        (&["backfill", "--from", "1990-01-01", "--every", "day"], 2, "more than 5000 points in time"),
        (&["trend", "--function", "ZZ"], 2, "no function `ZZ`"),
        (&["trend", "--to", "2024-01-01"], 1, "cmf score backfill"),
        (&["diff", "--from", "2024-01-01", "--to", "2025-12-31"], 1, "nothing can be scored at 2024-01-01"),
        (&["diff", "--from", "2025-12-31", "--to", "2025-01-01"], 2, "is after --to"),
    ] {
        let args = ["score"].iter().chain(args).chain(&["--framework", "csf-2.0"]);
        db.cmf(args).fails(code, message);
        assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "12");
    }
}

#[test]
fn a_difference_is_the_sum_of_its_metrics() {
    let db = Db::seeded();
    let (metrics, readings) = with_history(&db);
    for (from, to, days) in [("2025-02-28", "2025-06-30", (58, 180)), ("2025-06-30", "2025-12-31", (180, 364))] {
        for function in [None, Some("PR"), Some("GV")] {
            let mut args = vec!["score", "diff", "--framework", "csf-2.0", "--from", from, "--to", to, "--format", "json"];
            args.extend(function.iter().flat_map(|code| ["--function", *code]));
            let json = db.cmf(args).ok().json();
            let points = |value: &serde_json::Value| value.to_string().parse::<Decimal>().expect("a number");
            let rows = json["metrics"].as_array().expect("metrics");
            assert!(!rows.is_empty());
            assert_eq!(rows.iter().map(|row| points(&row["points"])).sum::<Decimal>(), points(&json["points"]));
            assert_eq!(points(&json["score_to"]) - points(&json["score_from"]), points(&json["points"]));
            let code = function.unwrap_or_default();
            assert_eq!(number(&json["score_from"]), two(expected(&standing(&metrics, &readings, days.0), false)[code]));
            assert_eq!(number(&json["score_to"]), two(expected(&standing(&metrics, &readings, days.1), false)[code]));
        }
    }
    let of = |code: &str| {
        let args = ["score", "diff", "--framework", "csf-2.0", "--from", "2025-06-30", "--function", code, "--format", "json"];
        let document = db.cmf(args).ok().json();
        (document["function_code"].clone(), document["category_code"].clone())
    };
    assert_eq!(of("pr"), ("PR".into(), serde_json::Value::Null));
    let table = db.cmf(["score", "diff", "--framework", "csf-2.0", "--from", "2025-06-30"]).ok().stdout;
    assert!(table.lines().last().is_some_and(|line| line.contains("Total")), "{table}");
}

#[test]
fn catalogs_are_compared_side_by_side() {
    let db = Db::seeded();
    store(&db, &random(&db, 50));
    db.execute(
        "INSERT INTO metrics (name, current_value, target_value, direction, csf_function, priority)
         VALUES ('a', 50, 100, 'higher_is_better', 'PR', 'High')",
    );
    let json = db.cmf(["score", "compare", "Random", "--default", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    let own = db.cmf(["score", "--framework", "csf-2.0", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(json["catalogs"][0]["function_scores"], own["function_scores"]);
    assert_eq!(json["catalogs"][1]["overall_score"], 50);
    let csv = db.cmf(["score", "compare", "Random", "--default", "--framework", "csf-2.0", "--format", "csv"]).ok().stdout;
    assert_eq!(csv.lines().next(), Some("function_code,name,Random,default library,change"));
    assert_eq!(csv.lines().count(), 8);
    assert_unchanged(&db);
    db.cmf(["score", "compare", "Random"]).fails(2, "`cmf score compare` needs two catalogs");
    db.cmf(["score", "compare", "Random", "Rundom"]).fails(2, "did you mean `Random`");
}

#[test]
fn a_check_exits_with_four_when_a_score_is_under_its_minimum() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (name, current_value, target_value, direction, csf_function, priority)
         VALUES ('a', 50, 100, 'higher_is_better', 'PR', 'High'), ('b', 100, 100, 'higher_is_better', 'DE', 'High')",
    );
    let check = |args: &[&str]| db.cmf(["score", "check", "--default"].iter().chain(args));
    check(&["--min", "75"]).ok();
    check(&["--min", "75", "--function", "pr=50", "--function", "DE=100"]).ok();
    check(&["--min", "75.01"]).fails(4, "1 of 1 under the minimum");
    let run = check(&["--min", "75", "--function", "PR=60", "--format", "json"]).fails(4, "1 of 2 under the minimum");
    assert_eq!(run.json()[0]["passed"], false);
    assert_eq!(run.json()[1]["passed"], true);
    // No score is no pass.
    check(&["--function", "RC=0"]).fails(4, "1 of 1 without a score");
    check(&["--function", "RC=0", "--min", "76"]).fails(4, "1 of 2 under the minimum, 1 of 2 without a score");
    check(&[]).fails(2, "nothing to check");
    check(&["--min", "101"]).fails(2, "scores are from 0 to 100");
    check(&["--function", "ZZ=1"]).fails(2, "no function `ZZ`");
    assert_unchanged(&db);
}

#[test]
fn a_valid_score_is_used_again_until_something_changes() {
    let db = Db::seeded();
    store(&db, &random(&db, 30));
    let score = |args: &[&str]| db.cmf(["score", "--framework", "csf-2.0", "--format", "json"].iter().chain(args)).ok().json();
    let count = || db.one("SELECT count(*) FROM framework_scores");
    let first = score(&["--ttl", "1h"]);
    assert_eq!(db.one("SELECT count(*) FROM function_scores WHERE valid_until = calculated_at + interval '1 hour'"), "6");
    assert_eq!(score(&[]), first);
    assert_eq!(score(&["--ttl", "2h"]), first);
    assert_eq!(count(), "1");
    let mut stored = 1;
    let mut anew = |args: &[&str]| {
        stored += 1;
        assert_ne!(score(args)["calculated_at"], first["calculated_at"]);
        assert_eq!(count(), stored.to_string());
    };
    anew(&["--force", "--ttl", "1h"]);
    anew(&["--rollup", "metric"]);
    anew(&["--ttl", "1h"]);
    anew(&["--weight", "High=2", "--ttl", "1h"]);
    anew(&["--ttl", "1h"]);
    for change in [
        "UPDATE metrics SET current_value = 17.5 WHERE metric_number = 'M-001'",
        "UPDATE metrics SET priority = 'High' WHERE metric_number = (SELECT metric_number FROM metrics WHERE priority = 'Low' LIMIT 1)",
        "DELETE FROM metric_catalog_framework_mappings WHERE id = (SELECT id FROM metric_catalog_framework_mappings WHERE is_confirmed AND function_code = 'PR' LIMIT 1)",
        "UPDATE metric_catalog_framework_mappings SET is_confirmed = TRUE WHERE catalog_item_id = (SELECT id FROM metrics WHERE metric_number = 'M-002')",
    ] {
        db.execute(change);
        anew(&["--ttl", "1h"]);
    }
    db.execute(
        "UPDATE framework_scores SET function_scores = jsonb_set(function_scores, '{valid_until}', '\"2020-01-01T00:00:00Z\"')",
    );
    anew(&["--ttl", "1h"]);
    for (ttl, message) in [("0h", "must be above 0"), ("soon", "it is not a duration")] {
        db.cmf(["score", "--framework", "csf-2.0", "--ttl", ttl]).fails(2, message);
    }
}

#[test]
fn a_forced_backfill_replaces_its_own_instants_and_no_live_score() {
    let db = Db::seeded();
    with_history(&db);
    let backfill = |from: &str, to: &str, more: &[&str]| {
        let args = ["score", "backfill", "--framework", "csf-2.0", "--from", from, "--to", to, "--every", "month"];
        db.cmf(args.iter().chain(more)).ok();
    };
    backfill("2025-01-31", "2025-12-31", &[]);
    // One that was not made by a backfill, at an instant that one has.
    db.execute(
        "UPDATE framework_scores SET function_scores = function_scores - 'as_of' WHERE calculated_at::date = '2025-03-31'",
    );
    let stored = |table: &str, of: &str| db.rows(&format!("SELECT id FROM {table} WHERE calculated_at::date {of} ORDER BY 1"));
    let others = "NOT IN ('2025-02-28', '2025-04-30')";
    let before = [stored("framework_scores", others), stored("function_scores", others)];
    let replaced = [stored("framework_scores", "= '2025-02-28'"), stored("function_scores", "= '2025-02-28'")];
    backfill("2025-02-28", "2025-04-30", &["--force"]);
    assert_eq!([stored("framework_scores", others), stored("function_scores", others)], before);
    let now = [stored("framework_scores", "= '2025-02-28'"), stored("function_scores", "= '2025-02-28'")];
    assert_eq!((now[0].len(), now[1].len()), (1, replaced[1].len()));
    assert!(now[0] != replaced[0] && now[1] != replaced[1], "{now:?}");
}

#[test]
fn a_reading_counts_from_its_own_instant_on() {
    let db = Db::seeded();
    let target = ["--direction", "higher_is_better", "--target", "100"];
    db.cmf(["metric", "add", "Own", "--number", "X-1", "--function", "PR"].iter().chain(&target)).ok();
    for (value, at) in [("40", "2025-06-01T08:00:00Z"), ("60", "2025-06-01T09:00:00.000001Z")] {
        db.cmf(["record", "X-1", value, "--at", at]).ok();
    }
    for (at, score) in [
        ("2025-06-01T07:59:59.999999Z", serde_json::Value::Null),
        ("2025-06-01T08:00:00Z", 40.into()),
        ("2025-06-01T09:00:00Z", 40.into()),
        ("2025-06-01T09:00:00.000001Z", 60.into()),
    ] {
        let json = db.cmf(["score", "--default", "--as-of", at, "--format", "json"]).ok().json();
        assert_eq!(json["overall_score"], score, "{at}");
    }
    let (from, to) = ("2025-06-01T08:00:00Z", "2025-06-01T09:00:00.000001Z");
    let json = db.cmf(["score", "diff", "--default", "--from", from, "--to", to, "--format", "json"]).ok().json();
    assert_eq!((json["score_from"].as_f64(), json["score_to"].as_f64()), (Some(40.0), Some(60.0)));
}

#[test]
fn a_framework_that_is_only_suggested_is_not_the_one_that_is_scored() {
    let db = Db::seeded();
    db.cmf(["seed", "csf-1.1"]).ok();
    crate::catalog::catalog(&db, "analyst", "Ours");
    db.execute(
        "DELETE FROM metric_catalog_framework_mappings;
         INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_confirmed)
         SELECT i.id, f.id, 'PR', f.version = '1.1' FROM metric_catalog_items i, frameworks f
         WHERE i.name = 'MFA' AND f.name = 'NIST CSF'",
    );
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "2");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["score"]).ok();
    assert_eq!(db.rows("SELECT f.version FROM framework_scores s JOIN frameworks f ON f.id = s.framework_id"), ["1.1"]);
}

#[test]
fn a_change_within_noise_is_marked_as_such() {
    let db = Db::seeded();
    for number in ["N-1", "N-2", "N-3"] {
        let direction = if number == "N-3" { "binary" } else { "higher_is_better" };
        let args =
            ["metric", "add", number, "--number", number, "--function", "PR", "--direction", direction, "--target", "100"];
        db.cmf(args).ok();
    }
    let mut text = "metric,value,at\n".to_owned();
    for (week, value) in [70, 72, 71, 69, 70, 72, 71, 69, 70, 71].into_iter().enumerate() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + chrono::Days::new(7 * week as u64);
        let last = if week == 9 { 95 } else { value };
        text.push_str(&format!("N-1,{value},{day}\nN-2,{last},{day}\nN-3,{},{day}\n", 100 * (week / 9)));
    }
    crate::record::piped(&db, &["record", "--file", "-"], &text).ok();
    let diff = [
        "score", "diff", "--default", "--from", "2026-03-01", "--to", "2026-03-10", "--definitions", "now", "--format", "json",
    ];
    let diff = db.cmf(diff).ok().json();
    let moved = diff["metrics"].as_array().expect("metrics").iter();
    let mut signals: Vec<String> = moved.map(|one| format!("{} {}", one["metric_number"], one["signal"])).collect();
    signals.sort();
    assert_eq!(signals, [r#""N-1" "noise""#, r#""N-2" "signal: outside the limits""#, r#""N-3" null"#]);
}

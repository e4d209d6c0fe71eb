//! What other programs may have left in the database although cmf never writes it: `NaN`, `infinity`, times outside the
//! calendar. It is shown, counted as unscoreable where it cannot be scored, and never a panic.

use crate::catalog::catalog;
use crate::support::Db;

fn database() -> Db {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["score"]).ok();
    db.execute(
        "ALTER TABLE metrics DROP CONSTRAINT ck_metrics_current_value, DROP CONSTRAINT ck_metrics_target_value,
             DROP CONSTRAINT ck_metrics_target_lower, DROP CONSTRAINT ck_metrics_target_upper;
         ALTER TABLE metric_catalog_items DROP CONSTRAINT ck_metric_catalog_items_current_value,
             DROP CONSTRAINT ck_metric_catalog_items_target_value;
         ALTER TABLE metric_history DROP CONSTRAINT ck_metric_history_value, DROP CONSTRAINT ck_metric_history_recorded_at;
         ALTER TABLE function_scores DROP CONSTRAINT ck_function_scores_score;
         ALTER TABLE framework_scores DROP CONSTRAINT ck_framework_scores_overall_score;
         INSERT INTO metric_history (metric_id, value, recorded_at)
             SELECT m.id, v.value, v.at::timestamp FROM metrics m,
                    (VALUES ('NaN'::numeric, '2026-01-01'), (1, 'infinity'), (2, '-infinity'), (3, '294276-01-01'),
                            (4, '4713-01-01 BC')) AS v (value, at)
             WHERE m.metric_number = 'PR-001';
         UPDATE metrics SET current_value = 'NaN', target_value = 'NaN', target_lower = 'NaN', target_upper = 'NaN',
                            created_at = '-infinity', updated_at = 'infinity';
         UPDATE metric_catalog_items SET current_value = 'NaN', target_value = 'NaN', created_at = '-infinity', updated_at = 'infinity';
         UPDATE metric_catalogs SET created_at = '-infinity', updated_at = 'infinity';
         UPDATE users SET created_at = '-infinity', last_login = 'infinity';
         INSERT INTO framework_scores (framework_id, catalog_id, overall_score, overall_rating, function_scores, calculated_at)
             SELECT framework_id, catalog_id, 'NaN', overall_rating, function_scores, 'infinity' FROM framework_scores;
         INSERT INTO ai_change_log (action, source, timestamp, result) VALUES ('edit', 'web', 'infinity', '[1]'), ('edit', 'web', '-infinity', '\"x\"')",
    );
    db
}

#[test]
fn nan_and_infinity_are_shown_and_never_a_panic() {
    let db = database();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (csv, json, xlsx, html, audit) = (file("a.csv"), file("a.json"), file("a.xlsx"), file("r.html"), file("audit.jsonl"));
    let svg = file("h.svg");
    for (args, wanted) in [
        (&["metric", "list"][..], &["NaN", "infinity"][..]),
        (&["metric", "show", "PR-001"], &["NaN", "infinity"]),
        (&["metric", "show", "PR-002"], &["NaN"]),
        (&["metric", "list", "--stale", "1d"], &["NaN"]),
        (&["history", "PR-001"], &["NaN", "infinity", "-infinity"]),
        (&["history", "PR-001", "--plot"], &[]),
        (&["history", "PR-001", "--svg", &svg], &[]),
        (&["history", "--stale", "1d"], &["NaN"]),
        (&["catalog", "list"], &["infinity"]),
        (&["catalog", "show", "Ours"], &["NaN", "-infinity"]),
        (&["catalog", "diff", "Ours", "Ours"], &[]),
        (&["catalog", "export", "Ours", "--out", &csv], &[]),
        (&["catalog", "export", "Ours", "--out", &json], &[]),
        (&["catalog", "export", "Ours", "--out", &xlsx], &[]),
        (&["user", "list"], &["-infinity"]),
        (&["score", "show"], &["NaN", "infinity"]),
        (&["score", "trend"], &[]),
        (&["score", "explain"], &[]),
        (&["score", "next"], &[]),
        (&["score", "diff", "--from", "2026-01-15"], &[]),
        (&["score", "--as-of", "2026-06-30"], &[]),
        (&["score", "backfill", "--from", "2026-01-01", "--to", "2026-03-01", "--every", "month"], &[]),
        (&["score", "--ttl", "1h"], &[]),
        (&["score"], &[]),
        (&["report", "--out", &html], &[]),
        (&["report", "--format", "json"], &[]),
        (&["audit", "list"], &["infinity", "-infinity"]),
        (&["audit", "export", "--out", &audit], &[]),
        (&["audit", "verify"], &["infinity"]),
        (&["doctor"], &[]),
        (&["record", "PR-001", "92"], &[]),
        (&["record", "PR-001", "93", "--at", "2026-01-01"], &[]),
        (&["record", "PR-001", "93", "--at", "2026-01-01", "--on-conflict", "replace"], &[]),
    ] {
        for format in ["table", "json", "csv"] {
            if args.contains(&"--format") || args.contains(&"--plot") && format != "table" {
                continue;
            }
            let mut line = args.to_vec();
            if args.contains(&"--out") || args.contains(&"--svg") {
                line.push("--force");
            }
            if args[0] != "report" {
                line.extend(["--format", format]);
            }
            let run = db.cmf(&line);
            // A number that is none is no score, no conflict is none with it, and a check finds it.
            assert!(
                [0, 4, 65].contains(&run.code) || args[0] == "score" && run.code == 1,
                "{line:?}: {} {}",
                run.code,
                run.stderr
            );
            assert!(!run.stderr.contains("panicked") && !run.stderr.contains("unexpected answer"), "{line:?}: {}", run.stderr);
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains("79228162514264337593543950335") && !text.contains("262142"), "{line:?}: {text}");
            }
            if format != "csv" && run.code == 0 {
                for text in wanted {
                    assert!(run.stdout.contains(text), "{line:?}: no {text} in {}", run.stdout);
                }
            }
        }
    }
    let conflict = db.cmf(["record", "PR-002", "1", "--at", "2026-02-01"]).ok();
    assert_eq!(conflict.code, 0);
    assert!(std::fs::read_to_string(&csv).expect("the export").contains("NaN"));
    assert!(std::fs::read_to_string(&json).expect("the export").contains("NaN"));
    assert!(!std::fs::read_to_string(&html).expect("the report").contains("79228162514264337593543950335"));
    assert_eq!(std::fs::read_to_string(&audit).expect("the trail").lines().filter(|line| line.contains("infinity")).count(), 2);
}

#[test]
fn of_several_readings_of_one_instant_each_value_is_known() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT m.id, v.value, '2026-01-01' FROM metrics m, (VALUES (1), (2), (3)) AS v (value) WHERE m.metric_number = 'PR-001'",
    );
    for value in ["1", "2", "3"] {
        let run = db.cmf(["record", "PR-001", value, "--at", "2026-01-01", "--format", "json"]).ok().json();
        assert_eq!(run["outcome"], "repeated", "{value}");
    }
    db.cmf(["record", "PR-001", "4", "--at", "2026-01-01"]).fails(65, ", not 4");
}

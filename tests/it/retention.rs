//! `cmf history prune`: old readings go, and the scores of the past that are looked at stay.

use crate::support::Db;

#[test]
fn old_readings_go_and_scores_at_the_ends_of_months_stay() {
    let db = Db::seeded();
    db.cmf(["migrate", "adopt"]).ok();
    for number in ["M-1", "M-2", "M-3"] {
        db.cmf([
            "metric", "add", number, "--number", number, "--function", "PR", "--direction", "higher_is_better", "--target",
            "100",
        ])
        .ok();
    }
    // M-1 has two readings a week, M-2 one long ago only, M-3 several on the last day of a month.
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT id, n % 97, date_trunc('day', now() AT TIME ZONE 'utc') - (n * 3.5 || ' days')::interval FROM metrics, generate_series(1, 400) AS n
         WHERE metric_number = 'M-1';
         INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 42, '2019-05-05' FROM metrics WHERE metric_number = 'M-2';
         INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 40 + n, timestamp '2020-06-30' + (n || ' hours')::interval
         FROM metrics, generate_series(0, 23) AS n WHERE metric_number = 'M-3'",
    );
    db.cmf(["doctor", "--fix"]).ok();
    let ends = db.rows(
        "SELECT to_char(month - interval '1 day', 'YYYY-MM-DD') FROM generate_series(date_trunc('month', now()) - interval '40 months',
             date_trunc('month', now()), interval '5 months') AS month",
    );
    let scores = || -> Vec<String> {
        ends.iter().map(|end| db.cmf(["score", "--default", "--as-of", end, "--format", "csv"]).ok().stdout).collect()
    };
    let (values, count) = (
        || db.rows("SELECT metric_number, current_value FROM metrics ORDER BY 1"),
        || db.one("SELECT count(*) FROM metric_history"),
    );
    let (before, current, all) = (scores(), values(), count());
    let cutoff = "date_trunc('month', (now() AT TIME ZONE 'utc') - interval '2 years')";
    let recent = db.one(&format!("SELECT count(*) FROM metric_history WHERE recorded_at >= {cutoff}"));
    let months = db.one(&format!(
        "SELECT count(DISTINCT (metric_id, date_trunc('month', recorded_at))) FROM metric_history WHERE recorded_at < {cutoff}"
    ));

    let dry = db.cmf(["history", "prune", "--older", "2y", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!((dry["keep"].as_str(), count()), (Some("monthly"), all.clone()), "{dry}");
    db.cmf(["history", "prune", "--older", "2y"]).fails(2, "--yes");
    let done = db.cmf(["history", "prune", "--older", "2y", "--yes", "--format", "json"]).ok().json();
    assert_eq!((done["deleted"].to_string(), done["kept"].to_string()), (dry["deleted"].to_string(), months.clone()), "{done}");
    assert_eq!(db.one(&format!("SELECT count(*) FROM metric_history WHERE recorded_at >= {cutoff}")), recent);
    assert_eq!(db.one(&format!("SELECT count(*) FROM metric_history WHERE recorded_at < {cutoff}")), months);
    assert_eq!(
        db.rows("SELECT value FROM metric_history h JOIN metrics m ON m.id = h.metric_id WHERE metric_number = 'M-3'"),
        ["63.0000"]
    );
    assert_eq!((scores(), values()), (before, current.clone()));
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'history.prune'"), "1");
    // What went is in the row.
    let kept = db.one("SELECT result ? 'image' FROM ai_change_log WHERE action = 'history.prune'");
    assert_eq!(kept, "t");
    db.cmf(["audit", "verify"]).ok();
    // A second time nothing is left to go, and nothing is noted.
    assert_eq!(db.cmf(["history", "prune", "--older", "24mo", "--yes", "--format", "json"]).ok().json()["deleted"], 0);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'history.prune'"), "1");
    // Without the months the last one of each metric stays.
    db.cmf(["history", "prune", "--older", "2y", "--keep", "none", "--yes"]).ok();
    assert_eq!(db.one(&format!("SELECT count(*) FROM metric_history WHERE recorded_at < {cutoff}")), "3");
    assert_eq!(values(), current);
    db.cmf(["doctor"]).ok();
    db.cmf(["history", "prune", "--older", "soon"]).fails(2, "");
}

#[test]
fn what_was_pruned_comes_back_by_undo_and_goes_again() {
    let db = Db::seeded();
    db.cmf(["migrate", "adopt"]).ok();
    db.cmf(["metric", "add", "M", "--number", "M-1", "--function", "PR", "--direction", "higher_is_better", "--target", "100"])
        .ok();
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at, note)
         SELECT id, n % 97, (now() AT TIME ZONE 'utc') - (n * 3.5 || ' days')::interval, 'n ' || n FROM metrics, generate_series(1, 400) AS n",
    );
    db.cmf(["doctor", "--fix"]).ok();
    let all = || db.rows("SELECT * FROM metric_history ORDER BY id");
    let before = all();
    db.cmf(["history", "prune", "--older", "2y", "--yes"]).ok();
    let after = all();
    assert!(after.len() < before.len());
    db.cmf(["undo", "--yes"]).ok();
    assert_eq!(all(), before);
    // The same again, by taking back what took it back.
    db.cmf(["undo", "--yes"]).ok();
    assert_eq!(all(), after);
    db.cmf(["audit", "verify"]).ok();
    db.cmf(["doctor"]).ok();
}

//! `cmf db views`.

use std::collections::BTreeMap;

use cmf::domain::frequency::Frequency;
use cmf::domain::score::shown;
use serde_json::Value;

use crate::openmetrics::{queries, starter};
use crate::score_model::{random, store};
use crate::support::Db;

#[test]
fn the_scores_of_the_views_are_those_that_cmf_computes() {
    let db = starter();
    db.cmf(["db", "views"]).ok();
    let metrics = db.cmf(["metric", "list", "--format", "json"]).ok().json();
    let tree = db.cmf(["score", "explain", "--format", "json"]).ok().json();
    let mut explained = BTreeMap::new();
    leaves(&tree, &mut explained);
    let rows = db.rows("SELECT metric_number, score, is_stale FROM cmf_views.current_metrics ORDER BY metric_number");
    assert_eq!(rows.len(), metrics.as_array().expect("rows").len());
    assert!(explained.len() > 130);
    let silent = db.cmf(["history", "--stale", "--format", "json"]).ok().json();
    let silent: Vec<&str> = silent.as_array().expect("rows").iter().filter_map(|row| row["metric_number"].as_str()).collect();
    for row in &rows {
        let cells: Vec<&str> = row.split('|').collect();
        if let Some(score) = explained.get(cells[0]) {
            assert_eq!(cells[1].parse::<f64>().ok(), *score, "{row}");
        }
        assert_eq!(cells[2] == "t", silent.contains(&cells[0]), "{row}");
    }
    assert_eq!(
        db.one("SELECT count(DISTINCT direction) FROM cmf_views.current_metrics WHERE score < 100 AND score IS NOT NULL"),
        db.one("SELECT count(DISTINCT direction) FROM metrics"),
        "each direction has a score that is no full one"
    );
    assert_eq!(
        db.one("SELECT count(*) FROM cmf_views.readings WHERE score IS NOT NULL"),
        db.one("SELECT count(*) FROM metric_history")
    );
    // What was stored, and of that the newest.
    db.cmf(["score", "-q"]).ok();
    db.execute("UPDATE metrics SET current_value = NULL WHERE csf_function = 'DE'");
    db.cmf(["score", "-q"]).ok();
    let shown = db.cmf(["score", "show", "--format", "json"]).ok().json();
    let mut latest = db.rows("SELECT coalesce(function_code, ''), score FROM cmf_views.latest_scores ORDER BY 1");
    let mut expected = vec![format!("|{}", shown["overall_score"])];
    expected.extend(
        shown["function_scores"]
            .as_array()
            .expect("functions")
            .iter()
            .filter(|one| !one["score"].is_null())
            .map(|one| format!("{}|{}", one["function_code"].as_str().expect("a code"), one["score"])),
    );
    expected.sort();
    latest.sort();
    let plain = |row: &String| row.trim_end_matches('0').trim_end_matches('.').to_owned();
    assert_eq!(latest.iter().map(plain).collect::<Vec<_>>(), expected.iter().map(plain).collect::<Vec<_>>());
    assert_eq!(db.one("SELECT count(*) FROM cmf_views.scores WHERE function_code IS NULL"), "2");
}

fn leaves(node: &Value, all: &mut BTreeMap<String, Option<f64>>) {
    match node["children"].as_array() {
        Some(children) => children.iter().for_each(|child| leaves(child, all)),
        None if node["level"] == "metric" => {
            all.insert(node["code"].as_str().expect("a code").to_owned(), node["score"].as_f64());
        }
        None => {}
    }
}

#[test]
fn two_hundred_metrics_of_all_directions_score_in_the_view_as_in_cmf() {
    let db = Db::seeded();
    let metrics = random(&db, 200);
    store(&db, &metrics);
    db.cmf(["db", "views"]).ok();
    let mut known: Vec<String> = metrics
        .iter()
        .enumerate()
        .map(|(n, metric)| {
            let score = metric.measure().score();
            let missing = score.as_ref().err().map(ToString::to_string).unwrap_or_default();
            format!(
                "{}|{}|{missing}",
                crate::score_model::id(n),
                score.ok().map(|score| format!("{:.2}", shown(score))).unwrap_or_default()
            )
        })
        .collect();
    known.sort();
    let mut rows = db.rows("SELECT id, coalesce(score::text, ''), coalesce(missing, '') FROM cmf_views.current_metrics");
    rows.sort();
    assert_eq!(rows, known);
}

#[test]
fn frequencies_are_read_in_the_views_as_cmf_reads_them() {
    let db = Db::migrated();
    db.cmf(["db", "views"]).ok();
    let units = Frequency::units()
        .flat_map(|(unit, _)| [format!("every 3 {unit}"), format!("once a {unit}"), unit.to_owned(), format!("1 {unit}")]);
    let spelt =
        Frequency::words().flat_map(|(word, _)| [word.to_owned(), word.to_uppercase().replace(' ', "-"), format!(" {word}. ")]);
    let hours = Frequency::HOURS.map(|hour| format!("every 4 {hour}"));
    let others = [
        "", "per release", "ad hoc", "month", "time", "every 0 days", "every 1001 days", "0d", "30d", "36500d", "36501d",
        "90 min", "5ms", "2026-01", "quarterly or so", "a", "every", "every every 2 weeks", "99999999999999999999d",
        "999999999999d", "every 99999999999 days", "Ja\u{308}hrlich", "monthly:", "semi_annually", "*weekly*", "hourly",
        "STÜNDLICH", "hour", "per hour", "\u{a0}daily", "-5d", "1.5d", "'", "\\",
    ];
    let texts: Vec<String> = units.chain(spelt).chain(hours).chain(others.map(str::to_owned)).collect();
    let mut session = db.session();
    for text in texts {
        let quoted = text.replace('\'', "''");
        let read = session
            .one(&format!("SELECT coalesce((extract(epoch FROM cmf_views.period('{quoted}')) * 1000)::bigint::text, '-')"));
        let expected =
            Frequency::read(&text).map_or_else(|| "-".to_owned(), |found| found.period().num_milliseconds().to_string());
        assert_eq!(read, expected, "{text:?}");
    }
}

#[test]
fn views_are_made_brought_up_to_date_and_removed_and_the_tables_stay() {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    let tables = || {
        db.rows("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2")
    };
    let before = tables();
    let outcome = |args: &[&str]| db.cmf([&["db", "views", "--format", "json"], args].concat()).ok().json()["outcome"].clone();
    assert_eq!(outcome(&["--drop"]), "unchanged");
    assert_eq!(outcome(&[]), "made");
    assert_eq!(outcome(&[]), "unchanged");
    assert_eq!(
        db.rows("SELECT table_name FROM information_schema.views WHERE table_schema = 'cmf_views' ORDER BY 1"),
        ["current_metrics", "latest_scores", "readings", "scores", "stale_metrics"]
    );
    assert_eq!(
        db.one("SELECT count(*) FROM pg_class WHERE relnamespace = 'cmf_views'::regnamespace AND obj_description(oid) IS NULL"),
        "0"
    );
    // Somebody changed one; `migrate drift` knows them.
    assert_eq!(db.cmf(["migrate", "drift"]).ok().stdout, "");
    db.execute("CREATE OR REPLACE VIEW cmf_views.stale_metrics AS SELECT catalog, catalog_id, owner, id, metric_number, name, current_value, recorded_at, frequency, stale_after FROM cmf_views.current_metrics");
    let drift = db.cmf(["migrate", "drift"]);
    assert_eq!(drift.code, 4, "{}", drift.stderr);
    assert!(drift.stdout.contains("changed") && drift.stdout.contains("cmf_views.stale_metrics"), "{}", drift.stdout);
    assert_eq!(outcome(&[]), "updated");
    assert_eq!(db.cmf(["migrate", "drift"]).ok().stdout, "");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'db.views'"), "2");
    // What depends on them is not taken with them.
    db.execute("CREATE VIEW mine AS SELECT * FROM cmf_views.scores");
    db.cmf(["db", "views", "--drop"]).fails(1, "depend");
    db.execute("DROP VIEW mine");
    // A migration that drops what they are made of says what stands in its way.
    db.cmf(["migrate", "down", "--all", "--yes", "--confirm", &db.one("SELECT current_database()")])
        .fails(1, "cmf db views --drop");
    // The trail went first, and what is noted in it needs it back.
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(outcome(&["--drop"]), "removed");
    assert_eq!(db.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'cmf_views'"), "0");
    assert_eq!(tables(), before);
}

#[test]
fn readers_may_read_the_views_and_each_tenant_has_its_own() {
    let db = Db::seeded();
    let role = format!("reader_{}", std::process::id());
    let other = format!("recorder_{}", std::process::id());
    db.execute(&format!("CREATE ROLE {role} LOGIN; CREATE ROLE {other} LOGIN"));
    db.cmf(["db", "grants", &role, "--role", "reader", "--apply"]).ok();
    db.cmf(["db", "grants", &other, "--role", "recorder", "--apply"]).ok();
    db.cmf(["db", "views"]).ok();
    let read =
        "SELECT count(*) FROM cmf_views.current_metrics, cmf_views.readings, cmf_views.latest_scores, cmf_views.stale_metrics";
    assert_eq!(db.try_as(&role, read), Ok(()));
    assert!(db.try_as(&other, read).is_err_and(|error| error.contains("permission denied")));
    // The rights stay when they are made anew, and a later reader gets them by its grants.
    db.execute("DROP VIEW cmf_views.stale_metrics");
    db.cmf(["db", "views"]).ok();
    assert_eq!(db.try_as(&role, read), Ok(()));
    db.cmf(["db", "grants", &other, "--role", "reader", "--apply"]).ok();
    assert_eq!(db.try_as(&other, read), Ok(()));
    db.cmf(["db", "grants", &other, "--role", "recorder", "--apply"]).ok();
    assert!(db.try_as(&other, read).is_err());
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, direction, csf_function, priority)
         VALUES ('L-1', 'a', 50, 100, 'higher_is_better', 'PR', 'High')",
    );
    db.cmf(["--schema", "acme", "migrate", "up"]).ok();
    let made = db.cmf(["--schema", "acme", "db", "views", "--format", "json"]).ok().json();
    assert_eq!(made["schema"], "cmf_views_acme");
    let counts = db
        .rows("SELECT (SELECT count(*) FROM cmf_views.current_metrics), (SELECT count(*) FROM cmf_views_acme.current_metrics)");
    assert_eq!(counts, ["1|0"]);
    assert_eq!(db.cmf(["--schema", "acme", "migrate", "drift"]).ok().stdout, "");
    db.cmf(["--schema", "acme", "db", "views", "--drop"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM cmf_views.current_metrics"), "1");
    let long = "t".repeat(60);
    db.cmf(["--schema", &long, "migrate", "up"]).ok();
    db.cmf(["--schema", &long, "db", "views"])
        .fails(1, "longer than 63 bytes")
        .fails(1, "may have at most 53 bytes: rename it with ALTER SCHEMA");
    db.execute(&format!("DROP OWNED BY {role}, {other}; DROP ROLE {role}, {other}"));
}

#[test]
fn the_dashboard_on_postgres_asks_the_views() {
    let db = starter();
    db.cmf(["db", "views"]).ok();
    db.cmf(["score", "-q"]).ok();
    let queries = queries("docs/grafana/cmf-postgres.json");
    assert!(queries.len() > 8);
    for query in queries {
        let query = query
            .replace("${catalog:sqlstring}", "'Starter \"CSF\" \\ 2.0'")
            .replace("$__timeFilter(calculated_at)", "calculated_at BETWEEN '2020-01-01' AND 'infinity'");
        assert!(!db.rows(&query).is_empty(), "{query}");
    }
}

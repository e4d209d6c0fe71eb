//! `cmf openmetrics`, read by a parser of the format that is not cmf's own.

use std::collections::{BTreeMap, BTreeSet};

use openmetrics_parser::openmetrics::parse_openmetrics;
use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{OpenMetricsType, OpenMetricsValue};
use serde_json::Value;

use crate::support::{Db, project};

/// The starter catalog with its readings.
pub fn starter() -> Db {
    Db::like("starter", |db| {
        let file = |path: &str| project(path).display().to_string();
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
        db.cmf(["import", &file("fixtures/catalogs/starter-csf-2.0.csv"), "--name", "Starter \"CSF\" \\ 2.0", "--activate"])
            .ok();
        db.cmf(["record", "--file", &file("fixtures/readings/starter-csf-2.0.csv")]).ok();
    })
}

/// The labels of a sample, and its value.
type Sample = (BTreeMap<String, String>, f64);

/// The samples of a text, by family.
fn samples(text: &str) -> BTreeMap<String, Vec<Sample>> {
    let read = parse_openmetrics(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    parse_prometheus(&text.replace("# EOF\n", "")).unwrap_or_else(|error| panic!("{error:?}"));
    let mut all = BTreeMap::new();
    for (name, family) in read.families {
        assert!(matches!(family.family_type, OpenMetricsType::Gauge), "{name}");
        assert!(!family.help.is_empty() && (family.unit.is_empty() || name.ends_with(&format!("_{}", family.unit))), "{name}");
        let of = |sample: &openmetrics_parser::OpenMetricsSample| {
            let labels = sample.get_labelset().expect("labels");
            let labels = labels.iter().map(|(key, text)| (key.clone(), text.clone())).collect();
            let OpenMetricsValue::Gauge(value) = &sample.value else { panic!("{name} is not a gauge") };
            assert!(sample.timestamp.is_none(), "the textfile collector of node_exporter takes no times");
            (labels, value.as_f64())
        };
        all.insert(name.clone(), family.iter_samples().map(of).collect());
    }
    all
}

/// The leaves of a tree that explains a score.
fn leaves<'t>(node: &'t Value, all: &mut Vec<&'t Value>) {
    match node["children"].as_array() {
        Some(children) => children.iter().for_each(|child| leaves(child, all)),
        None => all.push(node),
    }
}

#[test]
fn the_figures_of_the_starter_catalog_are_those_that_cmf_shows() {
    let db = starter();
    let text = db.cmf(["openmetrics"]).ok().stdout;
    assert!(text.ends_with("\n# EOF\n"));
    let samples = samples(&text);
    let score = db.cmf(["score", "--format", "json", "--dry-run"]).ok().json();
    let percent = |value: f64| (value * 10_000.0).round() / 100.0;
    let [(labels, overall)] = &samples["cmf_overall_score_ratio"][..] else { panic!("one score") };
    assert_eq!(Some(percent(*overall)), score["overall_score"].as_f64());
    assert_eq!((labels["catalog"].as_str(), labels["framework"].as_str()), ("Starter \"CSF\" \\ 2.0", "csf-2.0"));
    let functions = score["function_scores"].as_array().expect("functions");
    assert_eq!(samples["cmf_function_score_ratio"].len(), functions.len());
    for function in functions {
        let of = samples["cmf_function_score_ratio"].iter().find(|(labels, _)| labels["function"] == function["function_code"]);
        assert_eq!(of.map(|(_, value)| percent(*value)), function["score"].as_f64(), "{function}");
    }
    let tree = db.cmf(["score", "explain", "--format", "json"]).ok().json();
    let mut explained = Vec::new();
    leaves(&tree, &mut explained);
    let explained: BTreeMap<&str, &Value> = explained
        .into_iter()
        .filter_map(|leaf| Some((leaf["code"].as_str()?, leaf)))
        .filter(|(_, leaf)| leaf["level"] == "metric")
        .collect();
    assert!(explained.len() > 130, "{}", explained.len());
    let of = |family: &str| -> BTreeMap<&str, f64> {
        samples[family].iter().map(|(labels, value)| (labels["metric"].as_str(), *value)).collect()
    };
    let (scores, values, stale) = (of("cmf_metric_score_ratio"), of("cmf_metric_value"), of("cmf_metric_stale"));
    for (number, leaf) in &explained {
        assert_eq!(scores.get(number).map(|score| percent(*score)), leaf["score"].as_f64(), "{leaf}");
        assert_eq!(values.get(number).copied(), leaf["current_value"].as_f64(), "{leaf}");
    }
    assert_eq!(stale.len(), explained.len());
    let silent = db.cmf(["history", "--stale", "--format", "json"]).ok().json();
    let silent: BTreeSet<&str> =
        silent.as_array().expect("rows").iter().filter_map(|row| row["metric_number"].as_str()).collect();
    let told: BTreeSet<&str> = stale.iter().filter(|(_, value)| **value > 0.0).map(|(number, _)| *number).collect();
    assert_eq!(told, silent);
    let directions: BTreeSet<&str> =
        samples["cmf_metric_value"].iter().map(|(labels, _)| labels["direction"].as_str()).collect();
    assert_eq!(directions.len(), 4, "{directions:?}");
    let labels = &samples["cmf_metric_value"].iter().find(|(labels, _)| labels["metric"] == "PR-001").expect("PR-001").0;
    let of = |name: &str| labels[name].as_str();
    assert_eq!((of("function"), of("unit"), of("direction")), ("PR", "%", "higher_is_better"));
    assert!(of("category").starts_with("PR.") && of("priority") == "High");
    for scope in [["--owner", "ada"], ["--catalog", "Starter \"CSF\" \\ 2.0"]] {
        let again = db.cmf(["openmetrics", scope[0], scope[1]]).ok().stdout;
        assert_eq!(again.lines().count(), text.lines().count(), "{scope:?}");
    }
    db.cmf(["openmetrics", "--owner", "bob"]).fails(2, "there is no user");
    // The age is that of the newest reading.
    let age =
        samples["cmf_metric_reading_age_seconds"].iter().find(|(labels, _)| labels["metric"] == "PR-001").expect("an age").1;
    let at = samples["cmf_metric_reading_timestamp_seconds"]
        .iter()
        .find(|(labels, _)| labels["metric"] == "PR-001")
        .expect("a time")
        .1;
    let now: f64 = db.one("SELECT extract(epoch FROM now())").parse().expect("a number");
    assert!((now - at - age).abs() < 600.0 && age > 0.0, "{now} {at} {age}");
}

#[test]
fn what_is_missing_is_no_sample_and_metrics_of_one_name_are_told_apart() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, unit, current_value, target_value, target_lower, target_upper, direction, csf_function, csf_category, priority)
         VALUES ('L-1', 'a', 'a\\b\"c', 50, 100, NULL, NULL, 'higher_is_better', 'PR', NULL, 'High'),
                ('L-1', 'b', NULL, 50, NULL, NULL, NULL, 'higher_is_better', 'PR', NULL, 'High'),
                (NULL, 'range', NULL, 5, NULL, 10, 20, 'target_range', 'DE', 'DE.CM', 'Low'),
                ('L-3', 'c', NULL, 1, NULL, NULL, NULL, 'binary', 'DE', 'DE.AE', 'Medium'),
                ('L-4', 'd', NULL, NULL, 3, NULL, NULL, 'lower_is_better', 'RC', NULL, 'Low')",
    );
    let all = samples(&db.cmf(["openmetrics", "--default"]).ok().stdout);
    let of = |family: &str| -> Vec<String> {
        let mut lines: Vec<String> = all[family]
            .iter()
            .map(|(labels, value)| format!("{} {value}", labels["metric"].chars().take(5).collect::<String>()))
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(of("cmf_metric_score_ratio"), ["L-1 ( 0.5", "L-3 1", "range 0.5"]);
    assert_eq!(of("cmf_metric_target"), ["L-1 ( 100", "L-3 1", "L-4 3"]);
    assert_eq!(
        (of("cmf_metric_target_lower"), of("cmf_metric_target_upper")),
        (vec!["range 10".into()], vec!["range 20".into()])
    );
    assert_eq!(of("cmf_metric_stale").len(), 5);
    assert!(!all.contains_key("cmf_metric_reading_age_seconds"));
    assert!(all["cmf_metric_value"].iter().any(|(labels, _)| labels["unit"] == "a\\b\"c"));
    let states: Vec<(&str, f64)> =
        all["cmf_overall_metrics"].iter().map(|(labels, value)| (labels["state"].as_str(), *value)).collect();
    assert_eq!(states, [("scored", 3.0), ("not_scored", 2.0)]);
    let functions: Vec<&str> = all["cmf_function_score_ratio"].iter().map(|(labels, _)| labels["function"].as_str()).collect();
    assert_eq!(functions, ["PR", "DE"], "a function without a score has no sample");
    db.cmf(["openmetrics", "--default", "--framework", "none"]).fails(2, "none");
    // With other parameters they are others, as those of `cmf score`.
    let overall = |args: &[&str]| {
        samples(&db.cmf([&["openmetrics", "--default"], args].concat()).ok().stdout)["cmf_overall_score_ratio"][0].1
    };
    let weighed = ["--rollup", "metric", "--weight", "Low=0.6"];
    assert_eq!(
        [overall(&[]), overall(&weighed[..2]), overall(&weighed)].map(|score| score.to_string()),
        ["0.625", "0.6667", "0.625"]
    );
    let stale = |args: &[&str]| -> f64 {
        let text = db.cmf([&["openmetrics", "--default"], args].concat()).ok().stdout;
        samples(&text)["cmf_metric_stale"].iter().map(|(_, value)| value).sum()
    };
    db.execute("INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 50, now() AT TIME ZONE 'utc' - interval '40 days' FROM metrics WHERE name = 'a'");
    assert_eq!((stale(&[]), stale(&["--stale-after", "39d"])), (4.0, 5.0));
}

#[test]
fn a_file_for_the_textfile_collector_is_there_whole_or_as_before() {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, direction, csf_function, priority)
         VALUES ('L-1', 'a', 50, 100, 'higher_is_better', 'PR', 'High')",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cmf.prom");
    let path = file.to_str().expect("a path");
    db.cmf(["openmetrics", "--default", "--out", path]).ok();
    let first = std::fs::read_to_string(&file).expect("a file");
    assert_eq!(samples(&first)["cmf_metric_value"][0].1.to_string(), "50");
    db.execute("UPDATE metrics SET current_value = 60");
    db.cmf(["openmetrics", "--default", "--out", path]).fails(73, "--force");
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), first);
    db.cmf(["openmetrics", "--default", "--catalog", "none", "--out", path, "--force"]).fails(2, "cannot be used with");
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), first);
    db.cmf(["openmetrics", "--default", "--out", path, "--force"]).ok();
    assert_eq!(samples(&std::fs::read_to_string(&file).expect("a file"))["cmf_metric_value"][0].1.to_string(), "60");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    db.cmf(["openmetrics", "--default", "--format", "json"]).fails(2, "cmf openmetrics has a fixed format");
}

/// The parts that Grafana needs of a dashboard, and its queries.
pub fn queries(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project(path)).expect("a dashboard");
    let board: Value = serde_json::from_str(&text).expect("JSON");
    for part in ["title", "uid", "schemaVersion", "panels", "templating", "time"] {
        assert!(!board[part].is_null(), "{path} has no {part}");
    }
    let panels = board["panels"].as_array().expect("panels");
    let ids: BTreeSet<u64> = panels.iter().filter_map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "{path}: each panel has an id of its own");
    let mut queries: Vec<String> = Vec::new();
    for panel in panels {
        let place = &panel["gridPos"];
        let ends = place["x"].as_u64().zip(place["w"].as_u64()).map(|(x, w)| x + w);
        assert!(ends.is_some_and(|end| end <= 24) && place["h"].is_u64() && place["y"].is_u64(), "{panel}");
        assert!(panel["type"].is_string() && panel["title"].is_string() && panel["datasource"]["uid"] == "${datasource}");
        for target in panel["targets"].as_array().expect("targets") {
            assert!(target["refId"].is_string());
            queries.push(target["expr"].as_str().or(target["rawSql"].as_str()).expect("a query").to_owned());
        }
    }
    let variable = board["templating"]["list"].as_array().expect("variables").iter().find(|one| one["name"] == "catalog");
    queries.push(variable.expect("a catalog")["query"].as_str().expect("a query").to_owned());
    queries
}

#[test]
fn the_dashboard_asks_for_figures_that_are_there() {
    let db = starter();
    let text = db.cmf(["openmetrics"]).ok().stdout;
    let samples = samples(&text);
    let queries = queries("docs/grafana/cmf.json");
    assert!(queries.len() > 8);
    for query in queries {
        let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("cmf_"));
        let families: Vec<&str> = words.collect();
        assert!(!families.is_empty() && families.iter().all(|family| samples.contains_key(*family)), "{query}");
    }
}

//! Scores of a framework that nothing is mapped to, through a crosswalk: each point down to a row.

use serde_json::{Value, json};

use crate::crosswalk::with_crosswalk;
use crate::support::{Db, project};

/// What a number of a document is, in hundredths.
fn hundredths(value: &Value) -> i64 {
    let text = value.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{part:0<2}").parse().unwrap_or_else(|_| panic!("{text} is not a number of hundredths"))
}

/// Checks that the points of every node are those of what stands below it, and that every metric names a row that led it there.
/// Returns how many metrics there were.
fn adds_up(node: &Value) -> usize {
    let Some(children) = node["children"].as_array() else {
        let ways = node["ways"].as_array().unwrap_or_else(|| panic!("no way to {node}"));
        assert!(ways.iter().all(|way| way["from"].is_string() && way["row"].as_u64().is_some_and(|row| row > 0)), "{node}");
        return 1;
    };
    if !node["points"].is_null() {
        let below: i64 =
            children.iter().filter(|child| !child["points"].is_null()).map(|child| hundredths(&child["points"])).sum();
        assert_eq!(hundredths(&node["points"]), below, "{}", node["code"]);
    }
    children.iter().map(adds_up).sum()
}

const VIA: [&str; 4] = ["--framework", "house-1", "--via", "csf-2.0"];

#[test]
fn a_score_through_a_crosswalk_weighs_relations_and_counts_what_has_no_way() {
    let db = with_crosswalk();
    let score = db.cmf([&["score"][..], &VIA, &["--format", "json"]].concat()).ok();
    let json = score.json();
    // H.1: M-1 counts in full, M-2 with 0.75 × 0.8 of 0.6: (80 + 0.36 × 50) / 1.36. Y.1: M-3 alone.
    assert_eq!(json["function_scores"][0]["score"], json!(72.06));
    assert_eq!(json["function_scores"][1]["score"], json!(100));
    assert_eq!(json["overall_score"], json!(86.03));
    let through = &json["through"];
    assert_eq!((&through["framework"], &through["crosswalk"]), (&json!("csf-2.0"), &json!("csf-2.0 to house-1")));
    assert_eq!((&through["led_count"], &through["lost_count"]), (&json!(3), &json!(1)));
    assert_eq!(through["lost"], json!([{ "metric_number": "M-4", "name": "Plans exercised", "codes": ["RC.RP-01"] }]));
    assert_eq!((&through["lost_codes"], &through["unreached"]), (&json!(["RC.RP-01"]), &json!(["H.2.1"])));
    assert_eq!((&through["reached_count"], &through["code_count"]), (&json!(3), &json!(4)));
    assert_eq!(through["relations"], json!({ "equal": 1, "subset": 0.75, "superset": 0.5, "intersects": 0.25 }));
    // It is not stored, and is the same by the crosswalk's name, and by a framework's name without its version.
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "0");
    for named in [&["--via", "csf-2.0 to house-1"][..], &["--framework", "house", "--via", "csf-2.0"]] {
        let other = db.cmf([&["score"][..], named, &["--format", "json"]].concat()).ok().json();
        assert_eq!(other["overall_score"], json!(86.03));
    }
    let told = db.cmf([&["score"][..], &VIA].concat()).ok();
    assert!(told.stderr.contains("3 of 4 metrics have a way to house-1, and 3 of its 4 codes are reached"), "{}", told.stderr);
    assert!(told.stdout.contains("without a way to house-1, and not part of the score: 1"), "{}", told.stdout);
    db.cmf([&["score", "--store"][..], &VIA].concat()).fails(2, "a score through a crosswalk is not stored");
    // The other method, the owners, another value, and the check.
    let metric = db.cmf([&["score", "--rollup", "metric"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!(metric["overall_score"], json!(86.03));
    db.cmf([&["score", "--by", "owner"][..], &VIA].concat()).ok();
    let then = db.cmf([&["score", "what-if", "M-1=100"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!(then["overall_score_then"], json!(93.38));
    let next = db.cmf([&["score", "next"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!((&next[0]["metric_number"], &next[0]["points"]), (&json!("M-1"), &json!(7.35)));
    db.cmf([&["score", "check", "--min", "86.03"][..], &VIA].concat()).ok();
    assert_eq!(db.cmf([&["score", "check", "--min", "86.04"][..], &VIA].concat()).code, 4);
    let past = db.cmf([&["score", "--as-of", "now"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!(past["overall_score"], json!(86.03));
}

#[test]
fn each_point_is_explained_down_to_the_row_of_the_crosswalk() {
    let db = with_crosswalk();
    let tree = db.cmf([&["score", "explain"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!((&tree["points"], adds_up(&tree)), (&json!(86.03), 3));
    let metric = &tree["children"][0]["children"][0]["children"][1];
    assert_eq!((&metric["metric_number"], &metric["points"], &metric["weight"]), (&json!("M-2"), &json!(6.62), &json!(0.36)));
    assert_eq!(
        metric["ways"],
        json!([
            { "from": "PR.AA-03", "relation": "subset", "to": "H.1.1", "confidence": 0.8, "part": 0.6, "row": 3 },
            { "from": "PR.AA-03", "relation": "intersects", "to": "H.1.2", "confidence": null, "part": 0.25, "row": 4 },
        ])
    );
    let text = db.cmf([&["score", "explain"][..], &VIA].concat()).ok().stdout;
    assert!(text.contains("PR.AA-03 subset H.1.1") && text.contains("row 3: subset 0.75 × confidence 0.8"), "{text}");
    let alone = db.cmf([&["score", "explain", "M-2"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!((&alone["ways"][0]["to"], &alone["places"][0]["category_code"]), (&json!("H.1.1"), &json!("H.1")));
    let shallow = db.cmf(
        [&["score", "explain", "--depth", "metric", "H.1", "--rollup", "metric"][..], &VIA, &["--format", "json"]].concat(),
    );
    assert_eq!(adds_up(&shallow.ok().json()), 2);
}

#[test]
fn a_crosswalk_leads_both_ways_and_its_relations_turn_with_it() {
    let db = with_crosswalk();
    db.cmf(["map", "set", "M-4", "H.1.1", "--framework", "house-1", "--catalog", "Ours"]).ok();
    let back = ["--framework", "csf-2.0", "--via", "house-1"];
    let score = db.cmf([&["score"][..], &back, &["--format", "json"]].concat()).ok().json();
    assert_eq!((&score["overall_score"], &score["through"]["led_count"]), (&json!(10), &json!(1)));
    let tree = db.cmf([&["score", "explain", "M-4"][..], &back, &["--format", "json"]].concat()).ok().json();
    let ways: Vec<_> =
        tree["ways"].as_array().expect("ways").iter().map(|way| (&way["relation"], &way["to"], &way["part"])).collect();
    assert_eq!(ways, [(&json!("equal"), &json!("PR.AA-01"), &json!(1)), (&json!("superset"), &json!("PR.AA-03"), &json!(0.4))]);
}

#[test]
fn a_way_that_is_not_there_is_refused_with_what_to_type() {
    let db = with_crosswalk();
    let run = db
        .cmf(["score", "--framework", "ai-rmf-1.0", "--via", "csf-2.0"])
        .fails(2, "there is no crosswalk between csf-2.0 and ai-rmf-1.0");
    assert!(run.stderr.contains("cmf framework crosswalk import FILE --source csf-2.0 --target ai-rmf-1.0"), "{}", run.stderr);
    db.cmf(["score", "--framework", "house-1", "--via", "house-1"]).fails(2, "is the framework that is scored itself");
    let run = db.cmf(["score", "--via", "csf-2.0"]).fails(2, "needs the framework that it leads to");
    assert!(run.stderr.contains("hint: add --framework house-1\n"), "{}", run.stderr);
    let run = db.cmf(["score", "--via", "ai-rmf-1.0"]).fails(2, "needs the framework that it leads to");
    assert!(run.stderr.contains("no crosswalk begins or ends there"), "{}", run.stderr);
    db.cmf(["score", "--framework", "house-1", "--via", "csf-9"]).fails(2, "no framework and no crosswalk is called `csf-9`");
    db.cmf(["score", "--framework", "ai-rmf-1.0", "--via", "csf-2.0 to house-1"]).fails(2, "does not lead to ai-rmf-1.0");
    let more = db.cmf(["framework", "crosswalk", "list", "--format", "json"]).ok().json();
    assert_eq!(more.as_array().map(Vec::len), Some(1));
    db.execute("INSERT INTO metric_catalogs (name, owner_id, import_metadata) SELECT 'Twin', owner_id, import_metadata FROM metric_catalogs WHERE name LIKE '%house%'");
    db.cmf([&["score"][..], &VIA].concat()).fails(2, "2 crosswalks join csf-2.0 and house-1");
}

#[test]
fn a_report_through_a_crosswalk_says_so_and_draws_no_trend_of_others() {
    let db = with_crosswalk();
    db.cmf(["score", "--framework", "csf-2.0"]).ok();
    let report = db.cmf([&["report"][..], &VIA, &["--format", "json"]].concat()).ok().json();
    assert_eq!((&report["overall_score"], &report["framework"]), (&json!(86.03), &json!("house-1 through csf-2.0")));
    assert_eq!((&report["trend"], &report["provenance"]["Metrics without a way"]), (&json!([]), &json!("M-4")));
    assert_eq!(report["provenance"]["Codes that no metric leads to"], json!("H.2.1"));
    let page = db.cmf([&["report"][..], &VIA, &["--format", "md"]].concat()).ok().stdout;
    assert!(
        page.contains("House 1 (via NIST CSF 2.0)") && page.contains("equal 1, subset 0.75, superset 0.5, intersects 0.25"),
        "{page}"
    );
    let file = tempfile::tempdir().expect("a folder");
    let book = file.path().join("r.xlsx");
    db.cmf([&["report", "--out", book.to_str().expect("a path")][..], &VIA].concat()).ok();
}

#[test]
fn mappings_are_carried_through_a_crosswalk_unconfirmed() {
    let db = with_crosswalk();
    let mappings = "SELECT i.original_data #>> '{parsed,metric_number}', m.subcategory_code, m.confidence, m.is_confirmed
                    FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id
                    JOIN metric_catalogs c ON c.id = i.catalog_id AND c.name = 'Ours' JOIN frameworks f ON f.id = m.framework_id
                    WHERE f.name = 'House' ORDER BY 1, 2";
    let run = db.cmf(["map", "carry", "--via", "csf-2.0", "--to", "house-1", "--catalog", "Ours", "--dry-run"]).ok();
    assert!(run.stderr.contains("RC.RP-01 has no row in the crosswalk"), "{}", run.stderr);
    assert!(db.rows(mappings).is_empty());
    db.cmf(["map", "carry", "--via", "csf-2.0 to house-1"]).ok();
    let carried = ["M-1|H.1.1|0.9000|f", "M-2|H.1.1|0.5400|f", "M-2|H.1.2|0.2250|f", "M-3|Y.1.1|0.2250|f"];
    assert_eq!(db.rows(mappings), carried);
    let again = db.cmf(["map", "carry", "--via", "csf-2.0 to house-1", "-v"]).ok();
    assert!(again.stderr.contains("everything was carried over before"), "{}", again.stderr);
    db.cmf(["map", "carry", "--via", "csf-2.0", "--from", "csf-1.1"]).fails(2, "cannot be used with");
    db.cmf(["undo", "--yes"]).ok();
    assert!(db.rows(mappings).is_empty());
}

/// The starter catalog with its readings, and the frameworks and crosswalks of `fixtures/crosswalks`.
fn with_starter() -> Db {
    Db::like("crosswalk_starter", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["seed", "csf-1.1"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.com"]).ok();
        let fixture = |name: &str| project(&format!("fixtures/{name}")).to_str().expect("a path").to_owned();
        db.cmf(["import", &fixture("catalogs/starter-csf-2.0.csv"), "--name", "Starter", "--activate"]).ok();
        for (name, version, file) in [("ISO 27001", "2022", "iso-27001-2022.csv"), ("CIS", "8.1", "cis-8.1.csv")] {
            let file = fixture(&format!("crosswalks/{file}"));
            db.cmf(["framework", "import", &file, "--name", name, "--framework-version", version]).ok();
        }
        for target in ["csf-1.1", "iso-27001-2022", "cis-8.1"] {
            let file = fixture(&format!("crosswalks/csf-2.0-to-{target}.csv"));
            db.cmf(["framework", "crosswalk", "import", &file, "--source", "csf-2.0", "--target", target]).ok();
        }
    })
}

#[test]
fn one_catalog_is_scored_in_four_frameworks_and_each_score_adds_up() {
    let db = with_starter();
    let direct = db.cmf(["score", "explain", "--framework", "csf-2.0", "--format", "json"]).ok().json();
    assert!(!direct["points"].is_null());
    // As worked out apart from the program, from the files alone.
    for (framework, overall, led, reached, codes) in
        [("csf-1.1", 80.01, 122, 106, 108), ("iso-27001-2022", 85.17, 127, 67, 93), ("cis-8.1", 82.97, 73, 49, 153)]
    {
        let via = ["--framework", framework, "--via", "csf-2.0", "--format", "json"];
        let score = db.cmf([&["score"][..], &via].concat()).ok().json();
        let tree = db.cmf([&["score", "explain"][..], &via].concat()).ok().json();
        assert!(adds_up(&tree) > 0);
        assert_eq!((&tree["points"], &score["overall_score"]), (&json!(overall), &json!(overall)), "{framework}");
        let through = &score["through"];
        let counts = ["led_count", "reached_count", "code_count"].map(|name| through[name].as_u64());
        assert_eq!(counts, [led, reached, codes].map(Some), "{framework}: {}", score["overall_score"]);
        assert_eq!(through["led_count"].as_u64().zip(through["lost_count"].as_u64()).map(|(led, lost)| led + lost), Some(143));
    }
}

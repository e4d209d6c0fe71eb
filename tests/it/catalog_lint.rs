//! `cmf catalog lint`, and what is said of metrics beside their columns.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quick_xml::events::Event;
use serde_json::Value;

use crate::docs::{folder, page, pages};
use crate::examples::database;
use crate::support::{Db, project};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("the file");
    path
}

/// Imports a sheet as the catalog `Ours`, with more options.
fn import(db: &Db, text: &str, more: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "my metrics.csv", text);
    db.cmf([&["import", path.to_str().expect("UTF-8"), "--name", "Ours"], more].concat()).ok();
}

/// The names of the rules that are broken, with the metrics that break them.
fn found(db: &Db, more: &[&str]) -> Vec<String> {
    let json = db.cmf([&["catalog", "lint", "Ours", "--format", "json"], more].concat()).ok().json();
    let text = |one: &Value, name: &str| one[name].as_str().expect("a text").to_owned();
    json.as_array().expect("rows").iter().map(|one| format!("{} {}", text(one, "metric_number"), text(one, "rule"))).collect()
}

const COMPLETE: &str = "Metric ID,Name,Subcategory,Direction,Target,Unit,Owner,Frequency,Formula,Data Source,Goal,Measure Type,Evidence,Review Date\n\
    A-1,Accounts with MFA,PR.AA-03,higher,95,%,ada,monthly,with MFA / all * 100,directory,Only owners get in,Wirksamkeit,export,2099-12-31\n";

#[test]
fn without_a_name_it_is_the_active_catalog_that_is_looked_at() {
    let db = Db::seeded();
    import(&db, &COMPLETE.replace(",95,", ",,"), &[]);
    db.cmf(["catalog", "lint"]).fails(2, "has no active catalog").fails(2, "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    let json = db.cmf(["catalog", "lint", "--format", "json"]).ok().json();
    assert_eq!(json.as_array().map(Vec::len), Some(found(&db, &[]).len()));
    assert!(json.to_string().contains("A-1"), "{json}");
}

#[test]
fn the_starter_catalogs_are_complete() {
    let db = Db::seeded();
    for name in ["starter-csf-2.0", "starter-ai-rmf-1.0"] {
        let path = project(&format!("fixtures/catalogs/{name}.csv"));
        db.cmf(["import", path.to_str().expect("UTF-8"), "--name", name]).ok();
        for profile in [&[][..], &["--profile", "sp800-55"], &["--profile", "iso27004"]] {
            let run = db.cmf([&["catalog", "lint", name, "--format", "json"], profile].concat()).ok().json();
            // With the years their reviews are due.
            let found: Vec<&Value> =
                run.as_array().expect("rows").iter().filter(|one| one["rule"] != "review-overdue").collect();
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}

#[test]
fn what_is_wrong_is_found_by_rule_and_profile() {
    let db = Db::seeded();
    let rows = "A-2,Acounts with MFA,PR.AA-03,higher,120,%,ada,per release,f,d,g,performance,e,2020-01-01\n\
                A-3,accounts with mfa,PR.AA-03,lower,100,%,ada,monthly,f,d,g,technical,,soon\n";
    import(&db, &format!("{COMPLETE}{rows}"), &[]);
    let all = [
        "A-2 frequency", "A-2 review-overdue", "A-2 target-never-met", "A-2 near-duplicate", "A-3 measure-type",
        "A-3 evidence", "A-3 review-date", "A-3 target-always-met", "A-3 duplicate",
    ];
    assert_eq!(found(&db, &[]), all);
    assert_eq!(found(&db, &["--profile", "iso27004"]), all);
    let of_nist = found(&db, &["--profile", "sp800-55"]);
    assert_eq!(of_nist[0], "A-2 measure-type");
    assert_eq!(of_nist[1..], all);
    assert_eq!(found(&db, &["--standard", "sp800-55"]), of_nist);
    db.cmf(["catalog", "--quiet", "lint", "Ours", "--profile", "sp800-55"]).ok();
    db.cmf(["catalog", "lint", "Ours", "--profile", "sp800"])
        .fails(78, "there is no profile `sp800`\nhint: the profiles of this command are: sp800-55, iso27004");
    assert_eq!(found(&db, &["--rule", "evidence,duplicate"]), ["A-3 evidence", "A-3 duplicate"]);
    db.cmf(["catalog", "lint", "Ours", "--exit-code"]).fails(4, "");
    db.cmf(["catalog", "lint", "Ours", "--rule", "owner", "--exit-code"]).ok();
    db.cmf(["catalog", "lint", "Ours", "--rule", "nonsense"]).fails(2, "nonsense");
    db.cmf(["catalog", "lint"]).fails(2, "has no active catalog");
    let table = db.cmf(["catalog", "lint", "Ours", "--rule", "target-never-met"]).ok().stdout;
    assert!(table.contains("its target 120 % is above the highest possible value"), "{table}");
    let rules = db.cmf(["catalog", "lint", "--rules", "--format", "csv"]).ok().stdout;
    assert!(rules.lines().count() > 12 && rules.contains("NIST SP 800-55 vol. 1, documentation of measures: goal"), "{rules}");
}

#[test]
fn what_the_page_on_lint_shows_is_so() {
    let db = database();
    page("docs/lint.md", folder(&[]).path(), &[], |_| db.command());
    let page = &pages()["docs/lint.md"];
    let rules = db.cmf(["catalog", "lint", "--rules", "--format", "json"]).ok().json();
    for rule in rules.as_array().expect("rules") {
        let line = format!("| `{}` | {} |", rule["rule"].as_str().expect("a name"), rule["level"].as_str().expect("a level"));
        assert!(page.contains(&line), "docs/lint.md has no {line}");
    }
}

/// The parts that the schema of SARIF 2.1.0 requires, and the types of those that are given.
fn check_sarif(document: &Value) {
    assert_eq!(document["version"], "2.1.0");
    assert!(
        document["$schema"].as_str().expect("a URL").contains("sarif") && document.as_object().expect("an object").len() == 3
    );
    let run = &document["runs"].as_array().expect("runs")[0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "cmf");
    let rules = driver["rules"].as_array().expect("rules");
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| text.ends_with('.')), "{rule}");
        }
    }
    for result in run["results"].as_array().expect("results") {
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("a level")), "{result}");
        let position = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[position]["id"], result["ruleId"]);
        let place = &result["locations"][0];
        assert!(place["logicalLocations"][0]["fullyQualifiedName"].as_str().is_some_and(|name| name.starts_with("Ours/")));
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "my%20metrics.csv");
        assert!(place["physicalLocation"]["region"]["startLine"].as_u64().is_some_and(|line| line > 1), "{place}");
    }
}

#[test]
fn findings_are_sarif_and_tests_for_build_servers() {
    let db = Db::seeded();
    import(&db, &format!("{COMPLETE}A-2,B <&>,PR.AA-03,higher,0,%,,,,,,,,\n"), &[]);
    let sarif = db.cmf(["catalog", "lint", "Ours", "--format", "sarif"]).ok().json();
    check_sarif(&sarif);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 9);
    assert_eq!(results[8]["message"]["text"], "A-2: higher is better, and every value is at least its target 0 %.");
    let junit = db.cmf(["catalog", "lint", "Ours", "--format", "junit", "--rule", "goal,owner", "--exit-code"]);
    assert_eq!(junit.code, 4);
    let mut reader = quick_xml::Reader::from_str(&junit.stdout);
    let (mut cases, mut failures) = (Vec::new(), 0);
    loop {
        match reader.read_event().expect("XML") {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "testcase" => {
                let name = tag.try_get_attribute("name").expect("XML").expect("a name");
                cases.push(name.value.into_owned());
            }
            Event::Start(tag) if tag.name().as_ref() == "failure" => failures += 1,
            _ => {}
        }
    }
    assert_eq!(cases, ["A-1 Accounts with MFA", "A-2 B &lt;&amp;&gt;", "A-1 Accounts with MFA", "A-2 B &lt;&amp;&gt;"]);
    assert_eq!(failures, 2);
    db.cmf(["catalog", "list", "--format", "sarif"]).fails(2, "--format sarif is only for `cmf catalog lint`");
    db.cmf(["catalog", "show", "Ours", "--format", "junit"]).fails(2, "--format junit is only for");
}

/// What is said of a metric, key by key.
fn said(db: &Db, catalog: &str, number: &str) -> Vec<String> {
    db.rows(&format!(
        "SELECT s.key, s.value FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id,
                jsonb_each_text(i.original_data -> 'parsed') AS s
         WHERE c.name = '{catalog}' AND i.original_data #>> '{{parsed,metric_number}}' = '{number}'
           AND s.key IN ('owner', 'frequency', 'formula', 'goal', 'measure_type', 'data_source', 'evidence', 'review_date')
         ORDER BY s.key"
    ))
}

const BARE: &str = "Metric ID,Name,Subcategory,Direction,Target,Unit\nA-1,Accounts with MFA,PR.AA-03,higher,95,%\n";

#[test]
fn what_is_said_is_set_exported_imported_cloned_and_kept_by_a_sheet_that_does_not_say_it() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    import(&db, BARE, &["--activate"]);
    let mut set = vec!["metric", "set", "A-1", "--frequency", "monthly"];
    for spec in [
        "owner=ada", "formula=a / b * 100", "goal=Only owners get in", "type=Efficacité", "source=directory",
        "evidence=export", "review_date=31 December 2099",
    ] {
        set.extend(["--spec", spec]);
    }
    db.cmf(set).ok();
    let all = [
        "data_source|directory", "evidence|export", "formula|a / b * 100", "frequency|monthly", "goal|Only owners get in",
        "measure_type|effectiveness", "owner|ada", "review_date|2099-12-31",
    ];
    assert_eq!(said(&db, "Ours", "A-1"), all);
    assert_eq!(found(&db, &[]), Vec::<String>::new());
    let shown = db.cmf(["metric", "show", "A-1", "--format", "json"]).ok().json();
    assert_eq!((&shown["goal"], &shown["review_date"]), (&"Only owners get in".into(), &"2099-12-31".into()));

    // A sheet that does not say it takes nothing away, whether it is changed or not.
    import(&db, BARE, &["--mode", "upsert"]);
    assert_eq!(said(&db, "Ours", "A-1"), all);
    import(&db, &BARE.replace("95", "90"), &["--mode", "upsert"]);
    assert_eq!(said(&db, "Ours", "A-1"), all);
    assert_eq!(db.one("SELECT target_value FROM metric_catalog_items"), "90.0000");
    for kind in ["csv", "xlsx", "json"] {
        let path = folder.path().join(format!("out.{kind}"));
        let path = path.to_str().expect("UTF-8");
        db.cmf(["catalog", "export", "Ours", "--out", path]).ok();
        db.cmf(["import", path, "--name", kind, "--again"]).ok();
        assert_eq!(said(&db, kind, "A-1"), all, "{kind}");
        db.cmf(["catalog", "diff", "Ours", kind, "--exit-code"]).ok();
        db.cmf(["catalog", "diff", "Ours", path, "--exit-code"]).ok();
    }
    db.cmf(["catalog", "clone", "Ours", "Copy"]).ok();
    assert_eq!(said(&db, "Copy", "A-1"), all);

    // A sheet that has the column says it, and what it says is what changed.
    let changed = "Metric ID,Name,Subcategory,Direction,Target,Unit,Owner,Goal\n\
                   A-1,Accounts with MFA,PR.AA-03,higher,90,%,bob,\n";
    import(&db, changed, &["--mode", "upsert"]);
    let now = said(&db, "Ours", "A-1");
    assert!(now.contains(&"owner|bob".to_owned()) && now.contains(&"frequency|monthly".to_owned()), "{now:?}");
    assert!(!now.iter().any(|one| one.starts_with("goal")), "{now:?}");

    // An empty value takes it away.
    db.cmf(["metric", "set", "A-1", "--spec", "owner=", "--clear", "evidence"]).ok();
    let now = said(&db, "Ours", "A-1");
    assert!(!now.iter().any(|one| one.starts_with("owner") || one.starts_with("evidence")), "{now:?}");
    for (spec, why) in [
        ("type=kpi", "implementation, effectiveness"),
        ("review_date=soon", "it is not a date; write it as YYYY-MM-DD, such as 2027-01-31"),
        ("frequency=now and then", "not a frequency"),
        ("colour=red", "the keys are owner, frequency, formula, goal, measure_type, data_source, evidence, review_date"),
        ("numerator=1", "the keys are"),
    ] {
        db.cmf(["metric", "set", "A-1", "--spec", spec]).fails(2, why);
    }
}

#[test]
fn a_sheet_of_settings_says_the_same() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    import(&db, BARE, &["--activate"]);
    let settings = file(folder.path(), "settings.csv", "metric,goal,type,source,review date\nA-1,Safe,impact,log,2099-01-31\n");
    db.cmf(["metric", "set", "--file", settings.to_str().expect("UTF-8")]).ok();
    assert_eq!(said(&db, "Ours", "A-1"), ["data_source|log", "goal|Safe", "measure_type|impact", "review_date|2099-01-31"]);
    let wrong = file(folder.path(), "wrong.csv", "metric,type,review date\nA-1,kpi,soon\n");
    db.cmf(["metric", "set", "--file", wrong.to_str().expect("UTF-8")]).fails(65, "2 problems");
}

#[test]
fn a_goal_in_words_is_one_and_a_goal_in_numbers_is_the_target() {
    let db = Db::seeded();
    import(&db, "Metric ID,Name,Subcategory,Direction,Goal,Type\nA-1,Accounts with MFA,PR.AA-03,higher,95,technical\n", &[]);
    assert_eq!(db.one("SELECT target_value FROM metric_catalog_items"), "95.0000");
    assert_eq!(said(&db, "Ours", "A-1"), Vec::<String>::new());
    let db = Db::seeded();
    let words = "Metric ID,Name,Subcategory,Direction,Strategic Goal,Target,Typ\nA-1,MFA,PR.AA-03,higher,Be safe,90,Wirkung\n";
    import(&db, words, &[]);
    assert_eq!(db.one("SELECT target_value FROM metric_catalog_items"), "90.0000");
    assert_eq!(said(&db, "Ours", "A-1"), ["goal|Be safe", "measure_type|Wirkung"]);
}

const COUNTED: &str = "Metric ID,Name,Subcategory,Direction,Target,Numerator,Denominator\n\
                       A-1,Accounts with MFA,PR.AA-03,higher,95,47,50\nA-2,Leavers closed,PR.AA-01,higher,95,,\n";

#[test]
fn a_numerator_and_a_denominator_give_the_value_and_stay_with_its_reading() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    import(&db, COUNTED, &[]);
    assert_eq!(
        db.rows("SELECT current_value, unit FROM metric_catalog_items ORDER BY name"),
        ["94.0000|%", "|"],
        "the row without counts has no value"
    );
    for kind in ["csv", "xlsx", "json"] {
        let path = folder.path().join(format!("out.{kind}"));
        let path = path.to_str().expect("UTF-8");
        db.cmf(["catalog", "export", "Ours", "--out", path]).ok();
        db.cmf(["catalog", "diff", "Ours", path, "--exit-code"]).ok();
        db.cmf(["import", path, "--name", kind, "--again"]).ok();
        let counts =
            "SELECT i.current_value, i.original_data #>> '{parsed,numerator}', i.original_data #>> '{parsed,denominator}'
                      FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                      WHERE i.name LIKE 'Accounts%' AND c.name =";
        assert_eq!(db.rows(&format!("{counts} '{kind}'")), ["94.0000|47|50"], "{kind}");
    }
    db.cmf(["catalog", "activate", "Ours"]).ok();
    assert_eq!(db.rows("SELECT value, note FROM metric_history"), ["94.0000|from the imported sheet [47/50]"]);
    let history = db.cmf(["history", "A-1", "--format", "json"]).ok().stdout;
    assert!(history.contains("\"numerator\": 47"), "{history}");
    import(&db, &COUNTED.replace("47,50", "48,50"), &["--mode", "upsert"]);
    assert_eq!(
        db.rows("SELECT value, note FROM metric_history ORDER BY value"),
        ["94.0000|from the imported sheet [47/50]", "96.0000|from a sheet imported again [48/50]"]
    );
    // A later reading has counts of its own.
    db.cmf(["record", "A-1", "90"]).ok();
    let path = folder.path().join("later.csv");
    db.cmf(["catalog", "export", "Ours", "--out", path.to_str().expect("UTF-8")]).ok();
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(!text.contains("numerator") && text.contains("90"), "{text}");
}

#[test]
fn counts_that_are_none_are_refused_and_words_are_the_formula() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |head: &str, row: &str, why: &str| {
        let path = file(folder.path(), "bad.csv", &format!("Name,Subcategory,Direction,{head}\nMFA,PR.AA-03,higher,{row}\n"));
        let run = db.cmf(["import", path.to_str().expect("UTF-8"), "--name", "Bad", "--format", "json"]);
        assert_eq!(run.code, 65, "{row}: {}{}", run.stdout, run.stderr);
        assert!(format!("{}{}", run.stdout, run.stderr).contains(why), "{row}: {}{}", run.stdout, run.stderr);
    };
    refused("Numerator,Denominator", "50,47", "a numerator");
    refused("Numerator,Denominator", "1,0", "denominator 0");
    refused("Numerator,Denominator", "1,", "no denominator");
    refused("Numerator,Denominator", "1.000,2000", "a separator");
    refused("Numerator,Denominator,Current Value", "47,50,93", "is not 47/50");
    refused("Numerator,Denominator,Unit", "47,50,days", "unit is days");
    let words = "Metric ID,Name,Subcategory,Direction,Target,Zähler,Nenner,Source\n\
                 A-1,MFA,PR.AA-03,higher,95,accounts with MFA,all accounts,directory\n";
    import(&db, words, &[]);
    assert_eq!(said(&db, "Ours", "A-1"), ["data_source|directory", "formula|accounts with MFA / all accounts"]);
    // One of them alone is a column like any other.
    let db = Db::seeded();
    import(&db, "Metric ID,Name,Subcategory,Direction,Target,Numerator\nA-1,MFA,PR.AA-03,higher,95,12\n", &[]);
    assert_eq!(db.one("SELECT current_value FROM metric_catalog_items"), "");
}

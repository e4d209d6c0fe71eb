//! `cmf seed` and `cmf framework`.

use std::collections::BTreeSet;

use cmf::import::bundled;

use crate::support::{Db, shared};

const SUBCATEGORIES: &str = "SELECT fn.code, ca.code, su.code FROM frameworks f
    JOIN framework_functions fn ON fn.framework_id = f.id
    JOIN framework_categories ca ON ca.function_id = fn.id
    JOIN framework_subcategories su ON su.category_id = ca.id";

#[test]
fn seeding_gives_the_official_counts() {
    let db = Db::migrated();
    db.cmf(["seed"]).ok();
    let count = |name: &str| {
        db.rows(&format!(
            "SELECT fn.code, count(DISTINCT ca.id), count(DISTINCT su.id) FROM frameworks f
             JOIN framework_functions fn ON fn.framework_id = f.id
             JOIN framework_categories ca ON ca.function_id = fn.id
             JOIN framework_subcategories su ON su.category_id = ca.id
             WHERE f.name = '{name}' GROUP BY fn.code, fn.sort_order ORDER BY fn.sort_order"
        ))
    };
    assert_eq!(count("NIST CSF"), ["GV|6|31", "ID|3|21", "PR|5|22", "DE|2|11", "RS|4|13", "RC|2|8"]);
    assert_eq!(count("NIST AI RMF"), ["GOVERN|6|19", "MAP|5|18", "MEASURE|4|22", "MANAGE|4|13"]);
}

/// All codes of a bundled framework, which are those that a database has when it is seeded.
fn seeded_codes(db: &Db, name: &str) -> Vec<String> {
    db.cmf(["seed", name]).ok();
    let tree = db.cmf(["framework", "show", name, "--format", "json"]).ok().json();
    let nodes = tree["nodes"].as_array().expect("nodes").iter();
    let mut codes: Vec<String> = nodes.map(|node| node["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort();
    assert_eq!(codes, bundled_codes(name));
    codes
}

fn bundled_codes(name: &str) -> Vec<String> {
    let framework = bundled::find(name).expect("bundled").framework().expect("a framework");
    let mut codes = Vec::new();
    for function in framework.functions {
        codes.push(function.code);
        for category in function.categories {
            codes.push(category.code);
            codes.extend(category.subcategories.into_iter().map(|one| one.code));
        }
    }
    codes.sort();
    codes
}

/// The codes that lines such as `PR.DS 1-2,10` stand for, each written by `code`, with those above them.
fn spelt(lines: &str, code: impl Fn(&str, u32) -> String) -> Vec<String> {
    let mut codes = BTreeSet::new();
    for line in lines.split(" | ") {
        let (category, spans) = line.rsplit_once(' ').expect("a category and its numbers");
        let function = category.split(['.', ' ']).next().expect("a function");
        codes.extend([function.to_owned(), category.to_owned()]);
        for span in spans.split(',') {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            let number = |text: &str| text.parse::<u32>().expect("a number");
            codes.extend((number(first)..=number(last)).map(|number| code(category, number)));
        }
    }
    codes.into_iter().collect()
}

fn two_digits(category: &str, number: u32) -> String {
    format!("{category}-{number:02}")
}

#[test]
fn the_bundled_codes_are_those_that_were_published() {
    let db = Db::migrated();
    let csf = "GV.OC 1-5 | GV.RM 1-7 | GV.RR 1-4 | GV.PO 1-2 | GV.OV 1-3 | GV.SC 1-10 | ID.AM 1-5,7-8 | ID.RA 1-10 | ID.IM 1-4 | \
               PR.AA 1-6 | PR.AT 1-2 | PR.DS 1-2,10-11 | PR.PS 1-6 | PR.IR 1-4 | DE.AE 2-4,6-8 | DE.CM 1-3,6,9 | RS.MA 1-5 | \
               RS.AN 3,6-8 | RS.CO 2-3 | RS.MI 1-2 | RC.RP 1-6 | RC.CO 3-4";
    assert_eq!(seeded_codes(&db, "csf-2.0"), spelt(csf, two_digits));
    let older = "ID.AM 1-6 | ID.BE 1-5 | ID.GV 1-4 | ID.RA 1-6 | ID.RM 1-3 | ID.SC 1-5 | PR.AC 1-7 | PR.AT 1-5 | PR.DS 1-8 | PR.IP 1-12 | \
                 PR.MA 1-2 | PR.PT 1-5 | DE.AE 1-5 | DE.CM 1-8 | DE.DP 1-5 | RS.RP 1 | RS.CO 1-5 | RS.AN 1-5 | RS.MI 1-3 | RS.IM 1-2 | \
                 RC.RP 1 | RC.IM 1-2 | RC.CO 1-3";
    assert_eq!(seeded_codes(&db, "csf-1.1"), spelt(older, |category, number| format!("{category}-{number}")));
    let rmf = "GOVERN 1 1-7 | GOVERN 2 1-3 | GOVERN 3 1-2 | GOVERN 4 1-3 | GOVERN 5 1-2 | GOVERN 6 1-2 | MAP 1 1-6 | MAP 2 1-3 | MAP 3 1-5 | \
               MAP 4 1-2 | MAP 5 1-2 | MEASURE 1 1-3 | MEASURE 2 1-13 | MEASURE 3 1-3 | MEASURE 4 1-3 | MANAGE 1 1-4 | MANAGE 2 1-4 | \
               MANAGE 3 1-2 | MANAGE 4 1-3";
    assert_eq!(seeded_codes(&db, "ai-rmf-1.0"), spelt(rmf, |category, number| format!("{category}.{number}")));
}

#[test]
fn the_withdrawn_codes_are_those_that_were_withdrawn() {
    let gone = "ID.AM 6 | ID.BE 1-5 | ID.GV 1-4 | ID.RM 1-3 | ID.SC 1-5 | PR.AT 3-5 | PR.DS 3-8 | PR.AC 1-7 | PR.IP 1-12 | PR.MA 1-2 | \
                PR.PT 1-5 | DE.CM 4-5,7-8 | DE.AE 1,5 | DE.DP 1-5 | RS.AN 1-2,4-5 | RS.CO 1,4-5 | RS.MI 3 | RS.RP 1 | RS.IM 1-2 | \
                RC.CO 1-2 | RC.IM 1-2";
    let live: BTreeSet<String> = bundled_codes("csf-2.0").into_iter().collect();
    let gone: Vec<String> = spelt(gone, two_digits).into_iter().filter(|code| !live.contains(code)).collect();
    let withdrawn = bundled::find("csf-2.0").expect("bundled").withdrawn().expect("a list");
    let mut codes: Vec<&String> = withdrawn.iter().map(|one| &one.code).collect();
    codes.sort();
    assert_eq!(codes, gone.iter().collect::<Vec<_>>());
    let successors: Vec<&String> = withdrawn.iter().flat_map(|one| &one.successors).collect();
    assert_eq!(successors.iter().filter(|code| !live.contains(**code)).collect::<Vec<_>>(), Vec::<&&String>::new());
    assert_eq!(successors.len(), 136);
}

#[test]
fn the_bundled_codes_are_the_official_ones() {
    let list =
        |name: &str| shared(&format!("frameworks/{name}.csv"), "framework::the_bundled_codes_are_those_that_were_published");
    for (framework, name, columns) in
        [("csf-2.0", "csf20_codes", 3), ("csf-1.1", "csf11_codes", 1), ("ai-rmf-1.0", "airmf10_codes", 1)]
    {
        let Some(list) = list(name) else { return };
        let mut official = BTreeSet::new();
        for record in csv::Reader::from_path(list).expect("a list").records() {
            official.extend(record.expect("a record").iter().take(columns).map(str::to_owned));
        }
        assert_eq!(bundled_codes(framework), official.into_iter().collect::<Vec<_>>(), "{framework}");
    }
}

#[test]
fn seeding_again_changes_nothing_and_says_so() {
    let db = Db::migrated();
    db.cmf(["seed"]).ok();
    let before = db.rows("SELECT id, updated_at FROM frameworks ORDER BY id");
    let again = db.cmf(["seed", "--format", "json", "-v"]).ok();
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    for one in again.json().as_array().expect("an array") {
        assert_eq!((&one["added"], &one["changed"], &one["unchanged"]), (&0.into(), &0.into(), &one["codes"]));
    }
    assert_eq!(db.rows("SELECT id, updated_at FROM frameworks ORDER BY id"), before);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'seed'"), "1");
}

#[test]
fn a_changed_description_comes_back_and_ids_stay() {
    let db = Db::migrated();
    let first = db.cmf(["seed", "csf-2.0", "--format", "json"]).ok().json();
    assert_eq!((&first[0]["added"], &first[0]["unchanged"]), (&first[0]["codes"], &0.into()));
    let ids = db.rows(&format!("{SUBCATEGORIES} ORDER BY su.id"));
    db.execute("UPDATE framework_subcategories SET description = 'x' WHERE code = 'PR.AA-01'");
    let dry = db.cmf(["seed", "csf-2.0", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(dry[0]["changed"], 1);
    assert_eq!(dry[0]["unchanged"].as_u64().map(|others| others + 1), dry[0]["codes"].as_u64());
    assert_eq!(db.one("SELECT description FROM framework_subcategories WHERE code = 'PR.AA-01'"), "x");
    let real = db.cmf(["seed", "csf-2.0", "--format", "json"]).ok().json();
    assert_eq!(real, dry);
    assert_ne!(db.one("SELECT description FROM framework_subcategories WHERE code = 'PR.AA-01'"), "x");
    assert_eq!(db.rows(&format!("{SUBCATEGORIES} ORDER BY su.id")), ids);
}

#[test]
fn a_framework_that_is_not_bundled_is_refused() {
    let db = Db::migrated();
    db.cmf(["seed", "iso-27001"]).fails(2, "the bundled frameworks are: csf-2.0, ai-rmf-1.0");
    assert_eq!(db.one("SELECT count(*) FROM frameworks"), "0");
}

#[test]
fn a_part_of_the_tree_is_shown_down_to_a_depth() {
    let db = Db::seeded();
    let part = db.cmf(["framework", "show", "pr.aa", "--format", "json"]).ok().json();
    assert_eq!(part["nodes"].as_array().expect("nodes").len(), 7);
    let functions = db.cmf(["framework", "show", "csf-2.0", "--depth", "1", "--format", "csv"]).ok();
    assert_eq!(functions.stdout.lines().count(), 7);
    let list = db.cmf(["framework", "list", "--format", "json"]).ok().json();
    assert_eq!((&list[1]["framework"], &list[1]["subcategories"]), (&"csf-2.0".into(), &106.into()));
}

#[test]
fn an_unknown_framework_says_what_there_is() {
    let db = Db::migrated();
    db.cmf(["framework", "show", "csf-2.0"]).fails(2, "run `cmf seed csf-2.0` first");
    db.cmf(["seed", "csf-2.0"]).ok();
    db.cmf(["framework", "show", "nonsense"]).fails(2, "the database has: csf-2.0");
    db.cmf(["framework", "show", "csf-2.0", "--depth", "4"]).fails(2, "--depth");
}

#[test]
fn without_a_schema_the_way_out_is_named() {
    let db = Db::empty();
    db.cmf(["seed"]).fails(1, "cmf migrate up");
    db.cmf(["framework", "list"]).fails(1, "cmf migrate up");
}

//! `cmf seed` and `cmf framework`.

use crate::support::{Db, shared};

fn codes(db: &Db, sql: &str) -> Vec<String> {
    db.rows(sql)
}

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

#[test]
fn the_bundled_codes_are_the_official_ones() {
    let (Some(csf), Some(rmf)) = (shared("frameworks/csf20_codes.csv"), shared("frameworks/airmf10_codes.csv")) else { return };
    let db = Db::seeded();
    let text = |path| std::fs::read_to_string(path).expect("a code list");
    let mut official: Vec<String> = text(csf).lines().skip(1).map(|line| line.replace(',', "|")).collect();
    let mut ours = codes(&db, &format!("{SUBCATEGORIES} WHERE f.name = 'NIST CSF'"));
    official.sort();
    ours.sort();
    assert_eq!(ours, official);

    let official: Vec<String> =
        text(rmf).lines().skip(1).map(|line| line.rsplit_once(',').expect("code,level").0.to_owned()).collect();
    let tree = db.cmf(["framework", "show", "ai-rmf-1.0", "--format", "json"]).ok().json();
    let ours: Vec<&str> =
        tree["nodes"].as_array().expect("nodes").iter().map(|node| node["code"].as_str().expect("a code")).collect();
    assert_eq!(ours, official);
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
    db.cmf(["seed", "iso-27001"]).fails(2, "bundled are: csf-2.0, ai-rmf-1.0");
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
    db.cmf(["framework", "show", "nonsense"]).fails(2, "in the database are: csf-2.0");
    db.cmf(["framework", "show", "csf-2.0", "--depth", "4"]).fails(2, "--depth");
}

#[test]
fn without_a_schema_the_way_out_is_named() {
    let db = Db::empty();
    db.cmf(["seed"]).fails(1, "cmf migrate up");
    db.cmf(["framework", "list"]).fails(1, "cmf migrate up");
}

//! `cmf map review` on a terminal.

use std::collections::BTreeSet;

use crate::map::with_items;
use crate::signals::on_a_terminal;
use crate::support::{Db, binary};

const DECIDED: &str = "SELECT i.name, m.subcategory_code, m.is_confirmed
    FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id ORDER BY 1, 2";

/// What a terminal of this width shows while these lines are typed.
fn review(db: &Db, columns: u16, options: &str, typed: &str) -> Option<String> {
    let cmf = binary().display().to_string();
    let command = format!("--version; stty cols {columns} rows 50; {cmf} map review {options}");
    on_a_terminal(db, &command, "quit?", typed.as_bytes()).map(|shown| shown.replace('\r', ""))
}

#[test]
fn a_review_accepts_undoes_chooses_and_skips_by_key() {
    let db = with_items();
    let before = db.one("SELECT count(*) FROM ai_change_log");
    let Some(shown) = review(&db, 80, "--dry-run", "\n2\ns\n") else { return };
    assert!(shown.contains("exit 0"), "{shown}");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings"), "0");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), before);

    // Accepted, taken back, accepted again; the second of the next; a key that is none; not now.
    let shown = review(&db, 80, "", "\nu\na\n2\nxyzzy\ns\n").expect("script is there");
    for text in ["[1/3] M-1 Backups tested", "undid the last decision", "[2/3] M-2", "`xyzzy` is not a code", "[3/3]", "exit 0"]
    {
        assert!(shown.contains(text), "no {text:?} in {shown}");
    }
    let second = db.cmf(["map", "list", "--format", "json"]).ok().json();
    let second = second[1]["subcategory_code"].as_str().expect("a code").to_owned();
    assert_ne!(second, "PR.AA-03");
    assert!(shown.contains(&format!("  2 {second} ")), "{second} in {shown}");
    assert_eq!(db.rows(DECIDED), ["Backups tested|PR.DS-11|t".to_owned(), format!("MFA coverage|{second}|t")]);
    assert_eq!(db.rows("SELECT result ->> 'mapped' FROM ai_change_log WHERE action = 'map.review'"), ["2"]);

    // What is left comes again, alone; a code can be typed, and quitting keeps what was decided.
    let shown = review(&db, 80, "", "pr.at-1\nq\n").expect("script is there");
    assert!(shown.contains("[1/1] M-3 Qzxv") && shown.contains("exit 0"), "{shown}");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE subcategory_code = 'PR.AT-01'"), "1");
}

#[test]
fn a_review_breaks_lines_between_words_at_any_width() {
    let db = with_items();
    let long =
        "Share of the service accounts whose passwords were changed within the year that the policy allows, by the vault";
    db.execute(&format!("UPDATE metric_catalog_items SET description = '{long}'"));
    for columns in [80_u16, 200] {
        let Some(shown) = review(&db, columns, "", "q\n") else { return };
        let body: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with("[1/3]")).collect();
        let widest = body.iter().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= usize::from(columns.min(120)), "{widest} of {columns}: {shown}");
        assert!(columns == 80 || widest > 80, "{shown}");
        let known: BTreeSet<&str> = body.iter().flat_map(|line| line.split_whitespace()).collect();
        assert!(long.split_whitespace().all(|word| known.contains(word)), "{shown}");
    }
}

#[test]
fn a_review_is_of_the_catalog_and_framework_that_are_named_with_as_many_candidates_as_asked_for() {
    let db = crate::choices::database();
    for (options, asked) in [
        ("--catalog KPIs --owner bob", "[1/1] B-2 Bob two"),
        ("--catalog Theirs", "[1/1] C-2 Carl two"),
        ("--catalog Theirs --framework csf-1.1", "[1/1] C-1 Carl one"),
    ] {
        let Some(shown) = review(&db, 80, options, "q\n") else { return };
        assert!(shown.contains(asked), "no {asked:?} in {shown}");
    }
    let candidates = |options: &str| {
        let shown = review(&db, 80, &format!("--catalog Theirs {options}"), "q\n").expect("script is there");
        (1..9).filter(|number| shown.contains(&format!("\n  {number} "))).count()
    };
    assert!(candidates("") > 2);
    assert_eq!(candidates("--top 2"), 2);
}

#[test]
fn a_review_takes_an_old_mapping_for_evidence() {
    let db = with_items();
    db.cmf(["seed", "csf-1.1"]).ok();
    // Nothing in this item's words leads anywhere.
    db.cmf(["map", "set", "M-3", "PR.IP-4", "--framework", "csf-1.1"]).ok();
    let Some(shown) = review(&db, 80, "--catalog Ours --framework csf-2.0", "s\ns\n\n") else { return };
    assert!(shown.contains("csf-1.1 PR.IP-4"), "{shown}");
    assert_eq!(
        db.rows(
            &DECIDED.replace("ORDER", "WHERE m.is_confirmed AND i.name = 'Qzxv' AND m.subcategory_code LIKE 'PR.DS%' ORDER")
        ),
        ["Qzxv|PR.DS-11|t"]
    );
}

#[test]
fn a_review_shows_the_row_and_a_like_text_and_takes_filters() {
    let db = with_items();
    db.execute(
        r#"UPDATE metric_catalog_items SET original_data = original_data || '{"row": {"Name": "MFA coverage", "Owner": "Ann"}}'
           WHERE name = 'MFA coverage'"#,
    );
    db.cmf(["map", "suggest"]).ok();
    let Some(shown) = review(&db, 120, "--function pr --above 0.2", "s\nq\n") else { return };
    assert!(shown.contains("[2/2] M-2 MFA coverage") && shown.contains("    row: Owner: Ann\n"), "{shown}");
    assert!(shown.contains("    like SP 800-53r5: "), "{shown}");
    let shown = review(&db, 120, "--below 0.01", "q\n").expect("script is there");
    assert!(shown.contains("[1/1] M-3 Qzxv"), "{shown}");
    let ended = |options: &str| {
        let command = format!("--version; {} map review {options}", binary().display());
        on_a_terminal(&db, &command, "exit ", b"").expect("script is there").replace('\r', "")
    };
    let run = ended("--function DE --above 1");
    assert!(run.contains("none of the 3 items to decide matches the options"), "{run}");
    let run = ended("--function XX");
    assert!(run.contains("csf-2.0 does not have a function `XX`") && run.contains("exit 2"), "{run}");
}

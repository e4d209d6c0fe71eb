//! Rows that are no metrics, and cells that are not what their column holds.

use crate::import::import_text;
use crate::support::{Db, Run};

const HEADER: &str = "ID,Metric,Current,Target,Unit,Direction,Subcategory,Owner\n";

/// Three metrics under [`HEADER`].
const METRICS: [&str; 3] = [
    "K-1,Hosts with backups,80,95,%,higher_is_better,PR.DS-11,Ada\n",
    "K-2,Days to patch,9,7,days,lower_is_better,PR.PS-02,Bob\n",
    "K-3,Staff that was trained,70,90,%,higher_is_better,PR.AT-01,Cy\n",
];

fn names(db: &Db) -> Vec<String> {
    db.rows("SELECT name FROM metric_catalog_items ORDER BY id")
}

/// Imports the metrics with further rows before the one of this number.
fn with(at: usize, rows: &str) -> (Db, Run) {
    let db = Db::seeded();
    let text = format!("{HEADER}{}{rows}{}", METRICS[..at].concat(), METRICS[at..].concat());
    let run = import_text(&db, text, &["--name", "c", "--format", "json"]).ok();
    (db, run)
}

#[track_caller]
fn left_out(at: usize, rows: &str, reason: &str) {
    let (db, run) = with(at, rows);
    assert_eq!(names(&db), ["Hosts with backups", "Days to patch", "Staff that was trained"], "{rows}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let list =
        json.pointer("/left_out").or_else(|| json.pointer("/0/left_out")).and_then(|list| list.as_array()).expect("a list");
    let filled = rows.lines().filter(|line| line.contains(|c: char| c.is_alphanumeric() || c == 'Ø')).count();
    assert_eq!(list.len(), filled, "{rows}: {list:?}");
    for one in list {
        assert_eq!(one["reason"], reason, "{rows}: {list:?}");
        assert!(rows.contains(one["text"].as_str().expect("a text").split(" | ").next().expect("a cell")), "{list:?}");
    }
}

#[test]
fn rows_that_sum_up_are_left_out_by_word_or_by_figure() {
    for row in [
        ",Count,3,3,,,,\n", ",Overall score,61.2,,%,,,\n", ",DETECT average,61,80,%,,,\n", ",Gesamtergebnis,159,192,,,,\n",
        ",Min,9,7,,,,\n", ",Result,61.2,80.4,,,,\n", ",All,61.2,80.4,,,,\n", ",Ø,61,80,,,,\n",
        ",Average score (PR),61.2,80.4,,,,\n", ",Number of KPIs,3,3,,,,\n", ",Lowest,9,7,,,,\n",
        ",Moyenne générale,61.2,80.4,,,,\n", "Overall score,,61.2,80.4,,,,\n", ",Everything together,159,192,,,,\n",
        ",What we came to,53,64,,,,\n",
    ] {
        left_out(3, row, "total");
    }
    // With a number or a code of its own it is a metric.
    let (db, _) = with(3, "K-4,Overall score,53,64,%,higher_is_better,PR.AT-02,Di\n");
    assert_eq!(names(&db).len(), 4);
}

#[test]
fn what_describes_the_columns_is_left_out() {
    left_out(
        0,
        "the key,short name,value of today,value wanted,of both,which way,of the framework,who answers\n",
        "description",
    );
    left_out(0, "text,text,number,number,text,enum,code,text\n", "description");
    left_out(0, "# REQUIRED,# REQUIRED,optional,# Required,optional,optional,optional,\n", "description");
    for example in
        ["Beispiel: Anteil", "Exemple : taux", "z. B. Anteil", "Ejemplo: cuota", "EXAMPLE ROW - delete", "Sample metric"]
    {
        left_out(0, &format!("X-0,{example},50,90,%,higher_is_better,PR.AA-01,du\n"), "example");
    }
}

#[test]
fn what_stands_below_the_metrics_is_left_out() {
    left_out(3, "Source: portal, export 12\nLegend: red, amber\nsigned, the office\n", "footer");
    left_out(3, "\nLegend\n", "footer");
    left_out(3, "\nperson,team,phone\nAda,Ops,4711\nBob,IT,4712\n", "other_table");
    left_out(3, "\nquarter,green,amber,red\nQ1,1,2,3\nQ2,2,3,4\n", "other_table");
    // A planned metric has its number and nothing else yet.
    let (db, _) = with(3, "K-4,Restores tested,,,,,,\n");
    assert_eq!(names(&db).len(), 4);
    let (db, _) = with(3, "\nK-4,Restores tested,5,6,count,higher_is_better,PR.DS-11,Ada\n");
    assert_eq!(names(&db).len(), 4);
}

#[test]
fn functions_and_categories_between_numbered_metrics_are_headings() {
    left_out(1, ",Awareness and Training,,,,,PR.AT,\nPR.AT,Awareness,,,,,PR.AT,\n", "heading");
    let (db, _) = with(1, "K-4,Awareness,5,6,count,higher_is_better,PR.AT,Di\n");
    assert_eq!(names(&db).len(), 4);
}

#[test]
fn a_row_that_may_sum_up_is_a_problem() {
    let db = Db::seeded();
    let sheet = format!("{HEADER}{},All we have,61,80,,,,\n", METRICS.concat());
    import_text(&db, sheet, &["--name", "c"]).fails(65, "line 5 (Metric): the row may be a total of the others");
    let small = "Metric,Current,Target\nBackups,80,95\nPatches,9,7\nTraining,70,90\n";
    import_text(&db, format!("{small}Overall score,74,\n"), &["--name", "d"]).fails(65, "may be a total of the others");
    // Its figures show it.
    import_text(&db, format!("{small}What we came to,159,192\nHighest,80,95\n"), &["--name", "e"]).ok();
    assert_eq!(names(&db), ["Backups", "Patches", "Training"]);
}

#[test]
fn other_tables_below_metrics_without_numbers_are_known_by_their_header_or_title() {
    let small = "Metric,Current,Target\nBackups,80,95\nPatches,9,7\nTraining,70,90\n";
    for below in
        ["\nRating,From,To\nLow,75,90\nHigh,0,75\n", "\nLegend\nGreen,,90\nRed,,10\n", "Change log:\n1.0,2026-01-01,Ann\n"]
    {
        let db = Db::seeded();
        let run = import_text(&db, format!("{small}{below}"), &["--name", "c"]).ok();
        assert_eq!(names(&db), ["Backups", "Patches", "Training"], "{below}");
        assert!(run.stdout.contains("other_table"), "{}", run.stdout);
    }
    let db = Db::seeded();
    let run = import_text(&db, format!("{small}\nQ1,10,20\nQ2,30,40\n"), &["--name", "c"]).ok();
    assert!(
        run.stdout.contains("2 metrics below a blank row") && run.stdout.contains("from `Q1` (row 6) on"),
        "{}",
        run.stdout
    );
}

#[test]
fn names_alone_are_metrics_where_most_rows_are_such_and_numbers_alone_lack_a_name() {
    let db = Db::seeded();
    import_text(&db, "Metric,Current,Target\nBackups,80,95\nPatches,,\nTraining,,\nClicks,,\n", &["--name", "c"]).ok();
    assert_eq!(names(&db).len(), 4);
    let sheet = format!("{HEADER}{}K-4,,,,,,,\n", METRICS.concat());
    import_text(&db, sheet, &["--name", "d"]).fails(65, "line 5 (Metric): the metric has no name");
}

#[test]
fn a_first_metric_without_a_name_is_no_second_header() {
    let db = Db::seeded();
    let sheet = format!("{HEADER}K-0,,5,6,%,higher_is_better,PR.AA-01,Low\n{}", METRICS.concat());
    import_text(&db, sheet, &["--name", "c"]).fails(65, "line 2 (Metric): the metric has no name");
}

#[test]
fn records_that_are_comments_or_have_another_delimiter_are_problems() {
    for (row, says) in [
        ("#K-9,One,5,6,count,higher_is_better,PR.AA-01,Di\n", "begins with `#`"),
        ("//K-9,One,5,6,count,higher_is_better,PR.AA-01,Di\n", "begins with `//`"),
        ("K-9;One, and two;5;6;count;higher_is_better;PR.AA-01;Di\n", "the delimiter of the other records"),
    ] {
        let db = Db::seeded();
        import_text(&db, format!("{HEADER}{}{row}", METRICS.concat()), &["--name", "c"]).fails(65, says);
    }
}

#[test]
fn a_metric_whose_values_are_gone_is_still_that_metric_and_is_not_pruned() {
    let db = Db::seeded();
    let sheet = |middle: &str| format!("Name,Target,Current\nPatch rate,95,91\nBackup tests done,{middle}\nPhish clicks,5,7\n");
    import_text(&db, sheet("12,10"), &["--name", "c"]).ok();
    import_text(&db, sheet(","), &["--name", "c", "--mode", "upsert", "--prune", "--yes"]).ok();
    assert_eq!(
        db.rows("SELECT name, target_value, current_value FROM metric_catalog_items ORDER BY name"),
        ["Backup tests done||", "Patch rate|95.0000|91.0000", "Phish clicks|5.0000|7.0000"]
    );
}

#[test]
fn what_a_column_of_the_outline_says_is_no_metric_is_a_heading() {
    let db = Db::seeded();
    let library = "assessable,depth,ref_id,name,description,target,current\n,1,GV,Govern,The strategy,,\n\
                   ,2,GV.OC,Organizational Context,Circumstances,,\nx,3,GV.OC-01,Mission understood,The mission,95%,90%\n\
                   x,3,GV.OC-02,Stakeholders known,They are known,,\n,2,GV.RM,Risks measured,All of them,80%,70%\n";
    let run = import_text(&db, library, &["--name", "c", "--format", "json"]).ok().json();
    // What has figures is a metric, whatever the outline says of it.
    assert_eq!(names(&db), ["Mission understood", "Stakeholders known", "Risks measured"]);
    assert_eq!(run["skipped_reasons"]["heading"], 2);
    assert_eq!(run["left_out"][0]["row"], 2);
    let by_depth = "depth,ref_id,name,description\n1,A,Basics,All of it\n2,A-1,Patch rate,Patches in time\n2,A-2,MFA coverage,Admins\n\
                    1,B,More,The rest\n2,B-1,Restores tested,Once a year\n";
    let db = Db::seeded();
    import_text(&db, by_depth, &["--name", "c"]).ok();
    assert_eq!(names(&db), ["Patch rate", "MFA coverage", "Restores tested"]);
    // A column that calls nothing assessable says nothing.
    let db = Db::seeded();
    import_text(&db, "assessable,name,target\n,Patch rate,95%\n,MFA coverage,\n", &["--name", "c"]).ok();
    assert_eq!(names(&db), ["Patch rate", "MFA coverage"]);
}

#[test]
fn layouts_of_tools_are_read() {
    for (tool, sheet, items) in [
        (
            "Notion",
            "\u{feff}Name,Status,Owner,Target,Current,Unit,CSF Subcategory,Tags,Last edited time\n\
             MFA coverage,In progress,Ann,100%,97.5%,%,\"PR.AA-03, PR.AA-01\",\"identity, board\",\"November 3, 2026 9:14 AM\"\n\
             Open criticals,Not started,Bob,0,12,count,ID.RA-01,vulns,\"November 1, 2026 4:00 PM\"\n",
            ["MFA coverage|100.0000|97.5000|PR.AA-01,PR.AA-03", "Open criticals|0.0000|12.0000|ID.RA-01"],
        ),
        (
            "CIS",
            "Metric,Formula,Baseline,Goal,Result,Frequency,CIS Safeguard,NIST CSF\n\
             Assets inventoried,covered/all,80%,95%,91%,Monthly,1.1,ID.AM-01\nUnauthorised assets,count,10,0,3,Weekly,1.2,ID.AM-08\n",
            ["Assets inventoried|95.0000|91.0000|ID.AM-01", "Unauthorised assets|0.0000|3.0000|ID.AM-08"],
        ),
        (
            "CISO Assistant",
            "ref_id,name,description,category,csf_function,priority,status,eta,target,value\n\
             AC-1,MFA for admins,All of them,technical,protect,1,active,2026-12-31,100%,80%\n\
             AC-2,Patches older than 14 days,Critical ones,process,identify,2,active,2026-11-30,0,7\n",
            ["MFA for admins|100.0000|80.0000|PR", "Patches older than 14 days|0.0000|7.0000|ID"],
        ),
    ] {
        let db = Db::seeded();
        import_text(&db, sheet, &["--name", "c"]).ok();
        let found = db.rows(
            "SELECT i.name, i.target_value, i.current_value,
                    (SELECT string_agg(coalesce(m.subcategory_code, m.category_code, m.function_code), ',' ORDER BY m.subcategory_code)
                     FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id)
             FROM metric_catalog_items i ORDER BY i.name",
        );
        assert_eq!(found, items, "{tool}");
    }
}

#[test]
fn a_metric_without_a_number_is_named() {
    let (_, run) = with(1, ",Restores tested,5,6,count,higher_is_better,PR.DS-11,Di\n");
    assert!(run.stdout.contains("the other metrics have one: Restores tested (row 3)"), "{}", run.stdout);
}

#[test]
fn garbled_letters_are_told() {
    let db = Db::seeded();
    let run = import_text(&db, format!("{HEADER}{}", METRICS.concat().replace("Bob", "GrÃ¶ÃŸe")), &["--name", "c"]).ok();
    assert!(run.stdout.contains("letters were lost or changed before this file was written"), "{}", run.stdout);
}

#[test]
fn headers_are_known_whatever_hides_in_them() {
    for header in [
        "ID,Me\u{ad}tric,\u{200b}Current,Tar\u{200c}get,Unit\u{feff},Owner\n",
        "ID,Metric,\"Cur-\nrent\",\"Tar-\nget\",Unit,\u{200e}Owner\n",
        "ID,Metric\u{200b}Name,Current\u{a0}Value,Target\u{202f}Value,Unit,Owner\n",
    ] {
        let db = Db::seeded();
        import_text(&db, format!("{header}K-1,A,1,2,%,Ada\nK-2,B,3,4,%,Bob\n"), &["--name", "c"]).ok();
        let rows = "SELECT name, trim_scale(current_value), trim_scale(target_value), original_data #>> '{parsed,owner}'
                    FROM metric_catalog_items ORDER BY id";
        assert_eq!(db.rows(rows), ["A|1|2|Ada", "B|3|4|Bob"], "{header}");
    }
}

#[test]
fn the_table_of_rows_that_were_left_out_is_short() {
    let db = Db::seeded();
    let notes: String = (1..=14).map(|at| format!("Note {at}: text\n")).collect();
    let run = import_text(&db, format!("{HEADER}{}{notes}", METRICS.concat()), &["--name", "c"]).ok();
    assert!(run.stdout.contains("Note 10: text") && !run.stdout.contains("Note 11"), "{}", run.stdout);
    assert!(run.stdout.contains("4 more"), "{}", run.stdout);
}

#[test]
fn a_name_alone_is_a_metric_where_the_catalog_has_it() {
    let db = Db::seeded();
    let sheet = |value: &str| format!("Name,Target,Current\nPatch rate,95,91\nRestores tested,{value}\nPhish clicks,5,7\n");
    import_text(&db, sheet("12,10"), &["--name", "c"]).ok();
    let again = ["--name", "c", "--mode", "upsert", "--prune", "--yes"];
    import_text(&db, sheet(","), &again).ok();
    assert_eq!(names(&db).len(), 3);
}

/// Imports one metric with these cells, and returns its problem, or nothing.
fn problem(current: &str, unit: &str, code: &str) -> Option<String> {
    let db = Db::seeded();
    let row = format!("K-9,One more,{current},90,{unit},higher_is_better,{code},Di\n");
    let text = format!("{HEADER}{}{row}", METRICS.concat());
    let run = import_text(&db, text, &["--name", "c"]);
    (run.code != 0).then(|| {
        assert_eq!(names(&db).len(), 0, "{}", run.stderr);
        run.stderr
    })
}

#[test]
fn a_word_behind_a_number_is_a_unit_that_agrees() {
    for (cell, unit) in [
        ("4 bananas", "count"),
        ("4O", "%"),
        ("4 weeks", "count"),
        ("92%", "count"),
        ("USD 412.75", "EUR"),
        ("73 EUR", "%"),
        ("5 kg", "days"),
        ("5 kg", ""),
        ("yes", "%"),
        ("yes", "count"),
        ("3/5", "level"),
        ("3/4", "%"),
        ("0.88", "%"),
    ] {
        assert!(problem(cell, unit, "PR.AA-01").is_some(), "{cell} under {unit}");
    }
    for (cell, unit) in [
        ("4 h", "hours"),
        ("14 Tage", "days"),
        ("5 tickets", "count"),
        ("5 tickets", "tickets"),
        ("92 %", "%"),
        ("412 €", "EUR"),
        ("0.88%", "%"),
        ("0.88", "days"),
        ("(5.2)", "days"),
        ("14 days", ""),
    ] {
        assert_eq!(problem(cell, unit, "PR.AA-01"), None, "{cell} under {unit}");
    }
}

#[test]
fn a_code_that_is_misspelt_or_in_doubt_is_a_problem_and_no_other_code() {
    for code in [
        "PR.DS-O1", "PR.PS-l2", "PR.PS-", "ID.AM-1O", "PR.AA-01x", "not PR.AT-01", "n/a for PR.PS-02", "PR.AA-01?",
        "PR.AA-01 or PR.AA-02", "PR.DS-xx", "PR.DS-01 (tbc)", "PR.DS-01 ?", "PR.DS-01 instead of PR.DS-02",
        "PR.DS (not PR.DS-01)", "formerly PR.DS-01",
    ] {
        assert!(problem("80", "%", code).is_some(), "{code}");
    }
    for code in ["PR.AA_01", "PR AA 01", "PR.AA - Identity", "PR.AA-01 and PR.AA-02"] {
        assert_eq!(problem("80", "%", code), None, "{code}");
    }
}

#[test]
fn behind_the_code_of_a_text_the_rest_is_text() {
    let db = Db::seeded();
    let sheet = "ID,Metric,Target,Subcategory\n\
                 K-1,A,9,\"GV.SC-03: Risk management, risk assessment, and improvement processes\"\n\
                 K-2,B,9,\"ID.AM-01 (asset management, data security)\"\n\
                 K-3,C,9,\"DE.CM-01 Networks are monitored, identify, protect\"\n\
                 K-4,D,9,DE.CM-01: Networks are watched; continuous monitoring\n\
                 K-5,E,9,pr.ps-1: text; DE.CM-01\n\
                 K-6,F,9,\"PR.AA-01, PR.AA-03\"\n";
    import_text(&db, sheet, &["--name", "c"]).ok();
    let codes = db.rows(
        "SELECT string_agg(m.subcategory_code, ' ' ORDER BY m.id) FROM metric_catalog_framework_mappings m
         JOIN metric_catalog_items i ON i.id = m.catalog_item_id GROUP BY i.id ORDER BY i.id",
    );
    assert_eq!(codes, ["GV.SC-03", "ID.AM-01", "DE.CM-01", "DE.CM-01", "PR.PS-01 DE.CM-01", "PR.AA-01 PR.AA-03"]);
}

#[test]
fn what_spreadsheets_put_around_a_text_is_taken_off() {
    let db = Db::seeded();
    let sheet = "ID,Metric,Current,Target\n=\"007\",=\"Patch rate\",(5.2),95\n'008,Clicks\u{200b},'12,50\n";
    import_text(&db, sheet, &["--name", "c"]).ok();
    assert_eq!(
        db.rows("SELECT original_data #>> '{parsed,metric_number}', name, trim_scale(current_value) FROM metric_catalog_items ORDER BY id"),
        ["007|Patch rate|-5.2", "008|Clicks|12"]
    );
    let db = Db::seeded();
    import_text(&db, "ID,Metric,Target,Formula\n'K-1,'=1+1,5,=A/B\nK-2,'Shadow' IT,= 6,\n", &["--name", "c"]).ok();
    let rows = "SELECT original_data #>> '{parsed,metric_number}', name, trim_scale(target_value) FROM metric_catalog_items ORDER BY id";
    assert_eq!(db.rows(rows), ["K-1|=1+1|5", "K-2|'Shadow' IT|6"]);
    for (name, says) in [
        ("=1+1", "the formula in the cell has no stored result"),
        ("=A2&B2", "no stored result"),
        ("#N/A", "the error #N/A"),
        ("#BEZUG!", "the error"),
    ] {
        import_text(&db, format!("ID,Metric,Target\nK-1,{name},5\nK-2,B,6\n"), &["--name", "d"]).fails(65, says);
    }
}

#[test]
fn a_plural_in_a_name_is_no_unit() {
    let db = Db::seeded();
    let sheet = "ID,Metric,Target\nK-1,Open incident(s),5\nK-2,Faults (C),4\nK-3,Devices (A/V),4\nK-4,Mean time to detect (h),4\n\
                 K-5,Scans (min),4\nK-6,Open finding(s) in %,4\n";
    import_text(&db, sheet, &["--name", "c"]).ok();
    assert_eq!(db.rows("SELECT coalesce(unit, '') FROM metric_catalog_items ORDER BY id"), ["", "", "", "h", "", "%"]);
}

#[test]
fn one_number_for_two_metrics_is_a_problem_of_both() {
    let db = Db::seeded();
    let text = format!("{HEADER}{}", METRICS.concat().replace("K-2", "K-1"));
    let run = import_text(&db, text, &["--name", "c", "--allow-partial"]);
    assert_eq!(names(&db), ["Staff that was trained"], "{}", run.stderr);
}

#[test]
fn long_names_and_numbers_come_with_a_way_out() {
    let db = Db::seeded();
    let text = format!("{HEADER}K-1,{},1,2,days,lower_is_better,PR.AA-01,A\n", "long ".repeat(50));
    let run = import_text(&db, text, &["--name", "c"]).fails(65, "but the limit is 200");
    assert!(run.stderr.contains("--map name=COLUMN --map description=COLUMN"), "{}", run.stderr);
    let row = format!("K-{},Name,1,2,days,lower_is_better,PR.AA-01,A\n", "9".repeat(19));
    let text = format!("{HEADER}{}{row}", METRICS.concat());
    let run = import_text(&db, text, &["--name", "c"]).fails(65, "but the limit is 20");
    assert!(run.stderr.contains("--map metric_number="), "{}", run.stderr);
}

//! Sheets whose shape could be taken for another one: what is read, and what is asked.

use rust_xlsxwriter::{Format, Workbook};

use crate::import::{Scratch, import};
use crate::support::{Db, Run};

/// A workbook of sheets of texts and numbers.
fn book(sheets: &[(&str, &[&[&str]])]) -> Workbook {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).expect("a name");
        for (row, cells) in (0..).zip(*rows) {
            for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write(row, column, number).expect("a cell"),
                    Err(_) => sheet.write(row, column, *cell).expect("a cell"),
                };
            }
        }
    }
    workbook
}

/// What became of each metric: number, name, current value, target, bounds, unit, priority, owner, codes.
fn items(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT concat_ws(' | ', original_data #>> '{parsed,metric_number}', i.name, 'now ' || trim_scale(i.current_value),
                'target ' || trim_scale(i.target_value), original_data #>> '{parsed,target_lower}',
                original_data #>> '{parsed,target_upper}', i.unit, i.priority, original_data #>> '{parsed,owner}',
                (SELECT string_agg(coalesce(m.subcategory_code, m.category_code, m.function_code), ' ' ORDER BY m.id)
                 FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id))
         FROM metric_catalog_items i ORDER BY i.id",
    )
}

fn imported(name: &str, content: &[u8], more: &[&str]) -> (Db, Run) {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let run = import(&db, &scratch.file(name, content), more);
    (db, run)
}

#[track_caller]
fn read(sheets: &[(&str, &[&[&str]])], expected: &[&str]) -> Run {
    let mut workbook = book(sheets);
    let (db, run) = imported("sheet.xlsx", &workbook.save_to_buffer().expect("a workbook"), &[]);
    let run = run.ok();
    assert_eq!(items(&db), expected);
    run
}

#[track_caller]
fn asked(sheets: &[(&str, &[&[&str]])], what: &str, hint: &str) {
    let mut workbook = book(sheets);
    let (db, run) = imported("sheet.xlsx", &workbook.save_to_buffer().expect("a workbook"), &[]);
    let run = run.fails(65, what);
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
}

#[test]
fn a_sheet_without_names_is_no_rival_and_a_short_one_is_a_question() {
    let header: &[&str] = &["Metric", "Target", "Actual"];
    let dictionary: &[&[&str]] =
        &[&["Field", "Description", "Unit", "Owner", "Frequency", "Formula"], &["a", "b", "c", "d", "e", "f"]];
    read(
        &[("Dictionary", dictionary), ("Metrics", &[header, &["Patch rate", "95", "90"]])],
        &["Patch rate | now 90 | target 95"],
    );
    let names: Vec<String> = (0..20).map(|n| format!("Metric {n}")).collect();
    let rows: Vec<[&str; 3]> = names.iter().map(|name| [name.as_str(), "95", "90"]).collect();
    let long: Vec<&[&str]> = std::iter::once(header).chain(rows.iter().map(<[&str; 3]>::as_slice)).collect();
    let risks: &[&[&str]] = &[
        &["Risk ID", "Title", "Description", "Severity", "Owner", "Score"],
        &["R-1", "Theft", "of laptops", "High", "Ann", "12"],
    ];
    asked(&[("Metrics", &long), ("Risks", risks)], "2 sheets look like the table", "20 rows below, 40 values");
}

#[test]
fn tables_above_each_other_are_a_question_and_beside_each_other_the_first_counts() {
    asked(
        &[(
            "S",
            &[
                &["ID", "Metric", "Target"],
                &["1", "Patch rate", "95"],
                &["2", "Training", "90"],
                &[],
                &["ID", "Metric", "Unit", "Target"],
                &["3", "MTTR", "hours", "24"],
            ],
        )],
        "several rows look like the header",
        "one by one with --range",
    );
    // A summary above the table is none.
    read(
        &[(
            "S",
            &[
                &["Function", "Metrics", "Target", "Score"],
                &["Protect", "2", "95", "90"],
                &[],
                &["ID", "Metric", "Function", "Target", "Actual", "Unit"],
                &["1", "Patch rate", "Protect", "95", "90", "%"],
            ],
        )],
        &["1 | Patch rate | now 90 | target 95 | % | PR"],
    );
    let run = read(
        &[(
            "S",
            &[
                &["ID", "Metric", "Target", "Actual", "Unit", "", "Name", "Email", "Owner", "Function"],
                &["M-1", "Patch rate", "95", "90", "%", "", "Ann", "ann@example.org", "IT", "PR"],
                &["M-2", "Training", "80", "70", "%", "", "Bob", "bob@example.org", "HR", "DE"],
            ],
        )],
        &["M-1 | Patch rate | now 90 | target 95 | %", "M-2 | Training | now 70 | target 80 | %"],
    );
    assert!(run.stdout.contains("another table begins there; --range imports it; not Name (column G)"), "{}", run.stdout);
}

#[test]
fn a_header_of_two_rows_keeps_the_columns_of_both() {
    read(
        &[(
            "S",
            &[
                &["ID", "Metric", "", "CSF Subcategory", "Values", "", ""],
                &["", "Name", "Description", "", "Actual", "Target", "Unit"],
                &["M-1", "Patch rate", "of servers", "PR.PS-02", "90", "95", "days"],
            ],
        )],
        &["M-1 | Patch rate | now 90 | target 95 | days | PR.PS-02"],
    );
    read(
        &[(
            "S",
            &[
                &["KPI", "Details", "", "Values", "", "Mapping"],
                &["", "Unit", "Priority", "Current", "Target", "Subcategory"],
                &["Patch rate", "days", "High", "90", "95", "PR.PS-02"],
            ],
        )],
        &["Patch rate | now 90 | target 95 | days | High | PR.PS-02"],
    );
    read(
        &[(
            "S",
            &[
                &["Metric", "Values", "", "Ownership", ""],
                &["", "Actual", "Target", "Owner", "Frequency"],
                &["Patch rate", "90", "95", "Ann", "monthly"],
            ],
        )],
        &["Patch rate | now 90 | target 95 | Ann"],
    );
}

#[test]
fn merged_cells_count_for_each_of_their_rows() {
    let mut workbook = book(&[(
        "S",
        &[
            &["Function", "Category", "Metric", "Target", "Unit"],
            &["PR", "PR.AA", "Logins", "95", "%"],
            &["", "", "Rights", "90"],
            &["", "", "", ""],
            &["", "PR.AT", "Training", "80"],
            &["DE", "", "Alerts", "70", "%"],
        ],
    )]);
    let plain = Format::new();
    let sheet = workbook.worksheet_from_index(0).expect("the sheet");
    sheet.merge_range(1, 0, 4, 0, "PR", &plain).expect("a region");
    sheet.merge_range(1, 1, 2, 1, "PR.AA", &plain).expect("a region");
    sheet.merge_range(1, 4, 4, 4, "%", &plain).expect("a region");
    let (db, run) = imported("sheet.xlsx", &workbook.save_to_buffer().expect("a workbook"), &[]);
    run.ok();
    assert_eq!(
        items(&db),
        [
            "Logins | target 95 | % | PR.AA", "Rights | target 90 | % | PR.AA", "Training | target 80 | % | PR.AT",
            "Alerts | target 70 | % | DE",
        ]
    );
}

#[test]
fn rows_about_the_sheet_are_no_metrics() {
    read(
        &[(
            "S",
            &[
                &["ID", "Metric", "Actual", "Target"],
                &["1", "2", "3", "4"],
                &["M-1", "Patch rate", "90", "95"],
                &["M-2", "Average age of findings", "12", "10"],
                &["", "Subtotal Protect", "102", "105"],
                &["", "Durchschnitt", "51", "52"],
                &["Total", "2", "102", "105"],
                &["Prepared by", "Ann Smith"],
                &["Last updated", "31 Oct 2026"],
            ],
        )],
        &["M-1 | Patch rate | now 90 | target 95", "M-2 | Average age of findings | now 12 | target 10"],
    );
}

#[test]
fn what_could_be_either_column_is_asked() {
    asked(
        &[(
            "S",
            &[
                &["KPI", "Target", "Name", "Department"],
                &["Patch rate", "95", "Ann Smith", "IT"],
                &["Training", "90", "Bob", "HR"],
            ],
        )],
        "name",
        "--map name=",
    );
    read(
        &[(
            "S",
            &[&["Metric", "Name", "Target"], &["MTTR", "Mean time to recover", "4"], &["MTTD", "Mean time to detect", "2"]],
        )],
        &["Mean time to recover | target 4", "Mean time to detect | target 2"],
    );
    asked(
        &[("S", &[&["Metric", "Target (hours)", "Actual (days)"], &["MTTR", "48", "3"]])],
        "counted in different units",
        "--map",
    );
    // Levels are not the bounds of a range.
    read(
        &[("S", &[&["Metric", "Actual", "Low", "Medium", "High"], &["Findings", "4", "2", "5", "10"]])],
        &["Findings | now 4"],
    );
}

#[test]
fn a_percentage_speaks_for_the_other_numbers_of_its_metric() {
    let sheet = b"Metric,Current,Target\nPatch rate,95%,0.98\nTraining,90%,0.9\n";
    imported("a.csv", sheet, &[]).1.fails(65, "--percent scale");
    let (db, run) = imported("a.csv", sheet, &["--percent", "scale"]);
    run.ok();
    assert_eq!(items(&db), ["Patch rate | now 95 | target 98 | %", "Training | now 90 | target 90 | %"]);
    let mut workbook = Workbook::new();
    let percent = Format::new().set_num_format("0%");
    let sheet = workbook.add_worksheet();
    for (column, header) in (0..).zip(["Metric", "Current", "Target"]) {
        sheet.write(0, column, header).expect("a cell");
    }
    sheet.write(1, 0, "Patch rate").and_then(|sheet| sheet.write_with_format(1, 1, 0.95, &percent)).expect("cells");
    sheet.write(1, 2, 0.9).expect("a cell");
    let book = workbook.save_to_buffer().expect("a workbook");
    imported("a.xlsx", &book, &[]).1.fails(65, "--percent scale");
    let (db, run) = imported("a.xlsx", &book, &["--percent", "scale"]);
    run.ok();
    assert_eq!(items(&db), ["Patch rate | now 95 | target 90 | %"]);
}

#[test]
fn a_record_that_is_longer_than_its_header_is_broken() {
    let text = b"id,name,current,target\n1,Cost,$1,250,$1,000\n2,Age,5,4\n";
    let (_, run) = imported("a.csv", text, &[]);
    let run = run.fails(65, "the row has 6 cells, but the header has 4");
    assert!(run.stderr.contains("put quotes around"), "{}", run.stderr);
    // What has no column is in the rejects all the same.
    let scratch = Scratch::new();
    let rejects = scratch.0.path().join("r.csv");
    let (_, run) = imported("a.csv", text, &["--allow-partial", "--rejects", rejects.to_str().expect("a path")]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let written = std::fs::read_to_string(rejects).expect("rejects");
    assert!(written.contains("\"$1, 000\"") && written.contains("too_many_cells"), "{written}");
    let (_, run) = imported("a.csv", b"name,csf\nA,PR.AA-01 - PR.AA-05\n", &[]);
    run.fails(65, "`PR.AA-01 - PR.AA-05` is not a code of csf-2.0; write each code of the range");
    // Blanks at the end say nothing.
    let (db, run) = imported("a.csv", b"id,name,target\n1,Cost,5,,\n", &[]);
    run.ok();
    assert_eq!(items(&db), ["1 | Cost | target 5"]);
}

#[test]
fn what_was_refused_is_in_the_rejects_as_it_was_and_its_correction_is_not_scaled() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let text = "id,name,current,target,unit\nM-1,A,0.8,0.95,%\nM-2,B,0.7,abc,%\nM-3,C,0.6,3/4,%\n";
    let (file, rejects) = (scratch.file("share.csv", text), scratch.0.path().join("r.csv"));
    let path = rejects.to_str().expect("a path");
    let run = import(&db, &file, &["--percent", "scale", "--allow-partial", "--rejects", path]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    for part in ["--mode upsert --catalog share --percent as-is", "` (its numbers are percentages already)"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    let written = std::fs::read_to_string(&rejects).expect("rejects");
    assert!(written.contains("M-2,B,70%,abc,%,"), "{written}");
    let plain = scratch.file("plain.csv", "id,name,target,unit\nM-4,D,95,%\nM-5,E,3/4,%\n");
    let as_is = ["--percent", "as-is", "--allow-partial", "--force", "--rejects"];
    let other = scratch.0.path().join("s.csv");
    let run = import(&db, &plain, &[&as_is[..], &[other.to_str().expect("a path"), "--dry-run"]].concat());
    let shares = std::fs::read_to_string(&other).unwrap_or_default();
    assert!(shares.contains("M-5,E,3/4,%,"), "{shares} {}", run.stderr);
    let file = scratch.file("fixed.csv", written.replace(",abc,%,", ",95,%,"));
    import(&db, &file, &["--mode", "upsert", "--catalog", "share", "--percent", "as-is"]).ok();
    let mut all = items(&db);
    all.sort();
    let expected = ["M-1 | A | now 80 | target 95 | %", "M-2 | B | now 70 | target 95 | %", "M-3 | C | now 60 | target 75 | %"];
    assert_eq!(all, expected);
}

#[test]
fn a_rejects_file_says_what_the_rows_around_it_told() {
    let sheet: &[&[&str]] = &[
        &["ID", "Metric", "Function", "Current", "Target", "Unit", "Priority"],
        &["M-1", "A", "PR", "80", "90", "%", "4"],
        &["M-2", "B", "", "0.5", "x", "%", "3"],
        &["M-3", "C", "", "70", "90", "%", "1"],
        &["M-4", "D", "DE", "60", "90", "%", "2"],
        &["M-5", "E", "", "0.9", "x", "%", "3"],
    ];
    for kind in ["csv", "json"] {
        let db = Db::seeded();
        let scratch = Scratch::new();
        let file = scratch.workbook("sheet.xlsx", &mut book(&[("S", sheet)]));
        let rejects = scratch.0.path().join(format!("r.{kind}"));
        let rejects_text = rejects.to_str().expect("a path");
        let answers = ["--priorities", "High,Medium,Medium,Low", "--percent", "as-is"];
        let run = import(&db, &file, &[&answers[..], &["--allow-partial", "--rejects", rejects_text]].concat());
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.contains("--mode upsert --catalog sheet --percent as-is --direction"), "{}", run.stderr);
        let written = std::fs::read_to_string(&rejects).expect("rejects");
        let fixed = if kind == "csv" {
            written.replace(",x,%,", ",1,%,")
        } else {
            written.replace("\"Target\": \"x\"", "\"Target\": 1")
        };
        assert_ne!(written, fixed);
        let file = scratch.file(&format!("fixed.{kind}"), fixed);
        import(&db, &file, &["--mode", "upsert", "--catalog", "sheet", "--percent", "as-is"]).ok();
        let mut all = items(&db);
        all.sort();
        assert_eq!(
            all,
            [
                "M-1 | A | now 80 | target 90 | % | Low | PR",
                "M-2 | B | now 0.5 | target 1 | % | Medium | PR",
                "M-3 | C | now 70 | target 90 | % | High | PR",
                "M-4 | D | now 60 | target 90 | % | Medium | DE",
                "M-5 | E | now 0.9 | target 1 | % | Medium | DE",
            ],
            "{kind}"
        );
    }
}

#[test]
fn a_list_in_the_answer_of_a_web_service_is_found() {
    for (key, more) in [("value", ""), ("result", ",\"count\":2")] {
        let text = format!(
            "{{\"@odata.context\":\"x\",\"{key}\":[{{\"name\":\"A\",\"target\":5}},{{\"name\":\"B\",\"target\":6}}]{more}}}"
        );
        let (db, run) = imported("a.json", text.as_bytes(), &[]);
        run.ok();
        assert_eq!(items(&db), ["A | target 5", "B | target 6"]);
    }
    // Elsewhere it is a value like others.
    let (db, run) =
        imported("a.jsonl", b"{\"name\":\"A\",\"value\":5,\"target\":6}\n{\"name\":\"B\",\"value\":7,\"target\":8}\n", &[]);
    run.ok();
    assert_eq!(items(&db), ["A | now 5 | target 6", "B | now 7 | target 8"]);
}

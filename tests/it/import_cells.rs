//! What `cmf import` takes cells, columns and sheets for.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::hostile::made;
use crate::import::{NOTHING, Scratch, import, import_text, state, targets};
use crate::support::Db;

#[test]
fn codes_are_read_as_people_write_them() {
    let db = Db::seeded();
    let sheet = "name,Function,Category,Subcategory\n\
                 A,PROTECT (PR),Platform Security (PR.PS),pr.ps-1: text; DE.CM-01\n\
                 B,,PR.DS,\n\
                 C,Govern,,\n\
                 D,,,\"PR.AA-01,PR.AA-1\"\n\
                 E,,,N/A\n";
    // DE.CM-01 lies in no named function, but PR holds its neighbour: the columns agree as far as they say anything.
    import_text(&db, sheet, &["--name", "c"]).ok();
    assert_eq!(
        db.rows(
            "SELECT i.name, m.function_code, m.category_code, m.subcategory_code FROM metric_catalog_items i
             JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id ORDER BY m.id"
        ),
        ["A|PR|PR.PS|PR.PS-01", "A|DE|DE.CM|DE.CM-01", "B|PR|PR.DS|", "C|GV||", "D|PR|PR.AA|PR.AA-01"]
    );
}

#[test]
fn percent_and_direction_follow_the_column() {
    let db = Db::seeded();
    let sheet =
        "name,current value,target,unit\nA,0.5,0.95,%\nB,1,>= 98%,%\nC,3,<= 4,hours\nD,yes,yes,yes/no\nE,50,40-60,points\n";
    import_text(&db, sheet, &["--name", "c"]).fails(65, "--percent scale (times 100) or --percent as-is");
    import_text(&db, sheet, &["--name", "c", "--percent", "scale"]).ok();
    let rows = "SELECT name, trim_scale(current_value), trim_scale(target_value), direction,
                       original_data #>> '{parsed,target_lower}', original_data #>> '{parsed,target_upper}'
                FROM metric_catalog_items ORDER BY id";
    assert_eq!(
        db.rows(rows),
        [
            "A|50|95|higher_is_better||", "B|100|98|higher_is_better||", "C|3|4|lower_is_better||", "D|1|1|binary||",
            "E|50||target_range|40|60"
        ]
    );
    let db = Db::seeded();
    import_text(&db, "name,target,unit\nA,0.95,%\n", &["--percent", "as-is"]).ok();
    assert_eq!(targets(&db), ["0.95"]);
    // A column whose numbers are all at most 1 is a question, whatever the others have; numbers of other units say nothing.
    for (rows, kept, asked) in [
        ("A,0.5,9,%\nB,1,1,%\n", "A|0.5|9 B|1|1", Some("as-is")),
        ("A,0.5,0.95,%\nB,1,1.0001,%\n", "A|0.5|0.95 B|1|1.0001", Some("as-is")),
        ("A,0.5,0.95,%\nB,0.2,9,%\n", "A|0.5|0.95 B|0.2|9", Some("as-is")),
        ("A,0.5,0.95,%\nB,200,300,days\n", "A|50|95 B|200|300", Some("scale")),
        ("A,0,0,%\n", "A|0|0", None),
    ] {
        let db = Db::seeded();
        let sheet = format!("name,current value,target,unit\n{rows}");
        let mut more = vec!["--name", "c"];
        if let Some(answer) = asked {
            import_text(&db, &sheet, &more).fails(65, &format!("--percent {answer}"));
            more.extend(["--percent", answer]);
        }
        import_text(&db, &sheet, &more).ok();
        let stored =
            db.rows("SELECT name, trim_scale(current_value), trim_scale(target_value) FROM metric_catalog_items ORDER BY 1");
        assert_eq!(stored.join(" "), kept, "{rows}");
    }
}

#[test]
fn cells_of_workbooks_are_what_they_show() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut workbook = Workbook::new();
    let percent = Format::new().set_num_format("0.0%");
    let literal = Format::new().set_num_format("0\"%\"");
    let cover = workbook.add_worksheet();
    cover.set_name("Cover").expect("a name").write(0, 0, "Metrics of 2026").expect("a cell");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Data").expect("a name");
    for (column, header) in ["Name *", "Current Value", "Target:", "Unit"].iter().enumerate() {
        sheet.write(2, u16::try_from(column).expect("small"), *header).expect("a cell");
    }
    sheet.write(3, 0, "A").and_then(|s| s.write_with_format(3, 1, 0.07, &percent)).expect("a cell");
    sheet.write_with_format(3, 2, 95, &literal).expect("a cell");
    sheet.write(4, 0, "B").and_then(|s| s.write(4, 1, 0.1 + 0.2)).and_then(|s| s.write(4, 2, 1234.5)).expect("a cell");
    sheet.write(5, 0, "C").and_then(|s| s.write(5, 1, true)).and_then(|s| s.write(5, 2, true)).expect("a cell");
    let file = scratch.workbook("renamed.csv", &mut workbook);
    let summary = import(&db, &file, &["--format", "json"]).ok().json();
    assert_eq!((&summary["sheet"], &summary["header_row"]), (&"Data".into(), &3.into()));
    assert_eq!(
        db.rows("SELECT name, trim_scale(current_value), trim_scale(target_value), unit, direction FROM metric_catalog_items ORDER BY id"),
        ["A|7|95|%|higher_is_better", "B|0.3|1234.5||higher_is_better", "C|1|1||binary"]
    );
}

#[test]
fn errors_dates_and_formulas_without_results_are_rejected() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "name").and_then(|s| s.write(0, 1, "target")).expect("a cell");
    sheet.write(1, 0, "A").and_then(|s| s.write(1, 1, Formula::new("=1/0").set_result("#DIV/0!"))).expect("a cell");
    sheet.write(2, 0, "B").and_then(|s| s.write(2, 1, Formula::new("=A1").set_result(""))).expect("a cell");
    let when = ExcelDateTime::from_ymd(2026, 1, 10).expect("a date");
    sheet.write(3, 0, "C").and_then(|s| s.write_with_format(3, 1, &when, &date)).expect("a cell");
    sheet.write(4, 0, "D").and_then(|s| s.write(4, 1, 5)).expect("a cell");
    let file = scratch.workbook("bad.xlsx", &mut workbook);
    let run = import(&db, &file, &[]).fails(65, "B4 (target): the cell holds the date 2026-01-10, not a number");
    assert!(run.stderr.contains("B2 (target): the cell holds the error #DIV/0!"), "{}", run.stderr);
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn a_formula_whose_result_was_never_stored_is_no_empty_cell() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let rows = made::xlsx_rows().replace("<v>95</v>", "<f>90+5</f>");
    let book = made::zipped(&made::with(made::xlsx(), "xl/worksheets/sheet1.xml", made::xlsx_sheet(&rows)));
    import(&db, &scratch.file("book.xlsx", book), &[]).fails(65, "C2 (target): the formula in the cell has no stored result");
    assert_eq!(state(&db), NOTHING);
    let rows = made::xlsx_rows().replacen("</row>", "<c r=\"A1\"><v>1</v></c></row>", 1);
    let book = made::zipped(&made::with(made::xlsx(), "xl/worksheets/sheet1.xml", made::xlsx_sheet(&rows)));
    import(&db, &scratch.file("book.xlsx", book), &[])
        .fails(65, "the sheet has the cell A1 twice")
        .fails(65, "hint: open it in a spreadsheet program and save it again");
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn two_equal_sheets_are_a_question() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut workbook = Workbook::new();
    for name in ["Q1", "Q2"] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        sheet.write(0, 0, "name").and_then(|s| s.write(0, 1, "target")).expect("a cell");
        sheet.write(1, 0, name).and_then(|s| s.write(1, 1, 5)).expect("a cell");
    }
    let file = scratch.workbook("two.xlsx", &mut workbook);
    let run = import(&db, &file, &[]).fails(65, "2 sheets look like the table");
    assert!(run.stderr.contains("--sheet Q1\n"), "{}", run.stderr);
    import(&db, &file, &["--sheet", "Q9"]).fails(2, "the workbook has no sheet `Q9`");
    assert_eq!(state(&db), NOTHING);
    import(&db, &file, &["--sheet", "q2"]).ok();
    assert_eq!(db.one("SELECT name FROM metric_catalog_items"), "Q2");
}

#[test]
fn a_table_begins_at_the_row_that_is_named() {
    let db = Db::seeded();
    import_text(&db, "id,name,target\nM-0,Old,1\n,,\nid,name,target\nM-1,New,5\n", &["--header-row", "4"]).ok();
    assert_eq!(db.rows("SELECT name, trim_scale(target_value) FROM metric_catalog_items"), ["New|5"]);
}

#[test]
fn a_mark_between_digits_is_what_it_is_said_to_be() {
    let db = Db::seeded();
    let text = "id,name,current value,target\nM-1,A,\"1,234\",\"5,678\"\n";
    import_text(&db, text, &[]).fails(65, "--decimal point or --decimal comma");
    for (decimal, values) in [("comma", "1.2340|5.6780"), ("point", "1234.0000|5678.0000")] {
        import_text(&db, text, &["--again", "--name", decimal, "--decimal", decimal]).ok();
        let query =
            "SELECT current_value, target_value FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = catalog_id";
        assert_eq!(db.one(&format!("{query} WHERE c.name = '{decimal}'")), values);
    }
}

#[test]
fn json_of_other_programs_imports_as_it_is() {
    let items = r#"[{"id":"0190b6c2-0000-7000-8000-000000000001","metric_number":"PR-001","name":"MFA","description":null,"current_value":88.5,
        "target_value":95,"target_lower":null,"target_upper":null,"unit":"%","direction":"higher_is_better","priority":"High",
        "csf_function":"pr","csf_category_code":"PR.AA","csf_subcategory_code":"PR.AA-03","owner_function":"IAM"}]"#;
    let definitions = r#"{"count":1,"next":null,"results":[{"id":"1","ref_id":"PR-001","name":"MFA","description":"","category":"quantitative",
        "unit":{"id":"2","str":"%"},"higher_is_better":true,"default_target":95,"folder":{"id":"3","str":"Global"}}]}"#;
    let lines = "{\"ref_id\":\"PR-001\",\"name\":\"MFA\",\"target\":95,\"unit\":\"%\",\"direction\":\"higher\"}\n";
    for (text, codes) in [(items, "PR.AA-03"), (definitions, ""), (lines, "")] {
        let db = Db::seeded();
        let summary = import_text(&db, text, &["--format", "json"]).ok().json();
        assert_eq!(summary["imported"], 1, "{text}");
        assert_eq!(
            db.rows(
                "SELECT original_data #>> '{parsed,metric_number}', name, trim_scale(target_value), unit, direction,
                        (SELECT subcategory_code FROM metric_catalog_framework_mappings) FROM metric_catalog_items"
            ),
            [format!("PR-001|MFA|95|%|higher_is_better|{codes}")]
        );
    }
    let db = Db::seeded();
    import_text(&db, "[{\"name\": \"A\", ", &[]).fails(65, "the JSON ends too early");
    import_text(&db, "{\"items\": []}", &[])
        .fails(65, "the JSON has no objects")
        .fails(65, r#"such as [{"name": "MFA coverage", "target_value": 95}]"#);
    // A document of another kind, told in other words than those of its parser.
    let scratch = Scratch::new();
    for (text, told) in
        [("\"only text\"\n", "the text \"only text\" is not an object"), ("5", "the number `5` is not an object")]
    {
        let run = import(&db, &scratch.file("t.json", text), &[]).fails(65, told);
        assert!(run.stderr.contains(r#"such as [{"name": "MFA coverage", "target_value": 95}]"#), "{}", run.stderr);
    }
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn outlines_fill_down_and_parts_of_sheets_are_read() {
    let db = Db::seeded();
    let sheet = "Function,Category,Metric,Target\nGOVERN (GV),,,\n,GV.OC,A,1\n,,B,2\n,GV.RM,C,3\n,,D,4\nPROTECT (PR),,,\n,PR.AA,E,5\n,,F,6\n";
    let run = import_text(&db, sheet, &["--name", "o"]).ok();
    assert!(run.stdout.contains("is an outline") && run.stdout.contains("6 rows"), "{}", run.stdout);
    assert_eq!(
        db.rows("SELECT i.name, m.category_code FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id ORDER BY m.id"),
        ["A|GV.OC", "B|GV.OC", "C|GV.RM", "D|GV.RM", "E|PR.AA", "F|PR.AA"]
    );
    let db = Db::seeded();
    import_text(&db, "name,target\nA,1\nB,2\nC,3\n", &["--range", "A1:B3"]).ok();
    assert_eq!(targets(&db), ["1", "2"]);
    import_text(&db, "name,target\nA,1\n", &["--range", "x"]).fails(2, "write it as A4:N20");
}

#[test]
fn a_share_is_no_fraction_and_a_column_that_is_given_away_is_named() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let file = scratch.file("s.csv", "Metric ID,Name,Subcategory,Target,Unit\nK-1,One,PR.ZZ-99,3/4,%\n");
    let run = import(&db, &file, &[]).fails(65, "`3/4` is a share, and the unit is percent; write the percentage");
    run.fails(65, "see the codes with `cmf framework show csf-2.0`");
    import(&db, &file, &["--map", "target_value=B"])
        .fails(65, "--map gives column B (Name) to target_value, so no column is left for the metric's name");
    let empty = scratch.file("e.csv", "Metric ID,Name,Subcategory\n");
    import(&db, &empty, &[]).fails(65, "hint: check that this is the right file and that it is complete\n");
    import(&db, &empty, &["--prune"]).fails(2, "--prune needs --mode update or --mode upsert");
    db.cmf(["migrate", "drift", "--yes"]).fails(2, "hint: add --fix or --allow-extra\n");
    db.cmf(["tenant", "create", "pg_acme"])
        .fails(2, "Postgres reserves names that begin with pg_")
        .fails(2, "hint: choose another name\n");
}

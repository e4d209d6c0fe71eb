//! What an import decides about a sheet: shown, kept, and asked where two readings would store different values.

use rust_xlsxwriter::Workbook;
use serde_json::Value;

use crate::import::{NOTHING, Scratch, import, import_text, state, targets};
use crate::support::{Db, Run, shared};

/// A small file that went wrong once, where it is here.
fn case(name: &str) -> Option<std::path::PathBuf> {
    shared(&format!("cases/import/{name}"), "import_decisions::what_two_columns_could_be_is_asked")
}

/// The decisions of a result by what they are about: chosen, how sure, and the option that says otherwise.
fn decided(run: &Run, what: &str) -> (String, String, String) {
    let summary = run.json();
    let decisions = summary["decisions"].as_array().expect("decisions").clone();
    let found = decisions.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("no {what} in {summary}"));
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("chosen"), text("sure"), text("option"))
}

fn three(chosen: &str, sure: &str, option: &str) -> (String, String, String) {
    (chosen.to_owned(), sure.to_owned(), option.to_owned())
}

#[test]
fn the_files_that_went_wrong_are_read_or_asked_about() {
    for (name, message) in [
        ("two_names.csv", "column B: control_name"),
        ("hidecol_dup.xlsx", "column G: Target (hidden)"),
        ("assess.csv", "--map name=Subcategory"),
        ("twosheets.xlsx", "such as --sheet \"Scores 2026\""),
        ("p4.csv", "--priorities High,High,Medium,Low"),
        ("ts1.csv", "3 columns are readings, `Q1 Score` to `Q3 Score`"),
        ("gs2.csv", "the cell holds the error #REF!"),
        ("gs3.csv", "the cell holds the error #REF!"),
        ("macroman.csv", "such as --encoding macintosh"),
    ] {
        let Some(file) = case(name) else { return };
        let db = Db::seeded();
        import(&db, &file, &[]).fails(65, message);
        assert_eq!(state(&db), NOTHING, "{name}");
    }
    for (name, what, stored) in [
        ("dirty_headers.xlsx", "name", "95 5"),
        ("tier_headers.csv", "current_value", "3 4"),
        ("sjis2.csv", "encoding", "4 95"),
        ("gbk.csv", "encoding", "95 4"),
        ("cp1251.csv", "encoding", "95 4"),
    ] {
        let Some(file) = case(name) else { return };
        let db = Db::seeded();
        let run = import(&db, &file, &["--format", "json"]).ok();
        assert_eq!(targets(&db).join(" "), stored, "{name}");
        assert!(!decided(&run, what).0.is_empty(), "{name}");
    }
    let Some(file) = case("assess.csv") else { return };
    let db = Db::seeded();
    import(&db, &file, &["--map", "name=Subcategory"]).ok();
    let codes = "SELECT string_agg(subcategory_code, ' ' ORDER BY subcategory_code) FROM metric_catalog_framework_mappings";
    assert_eq!(db.one(codes), "GV.OC-01 ID.AM-01");
}

#[test]
fn a_row_that_looks_like_a_heading_is_a_metric_where_that_is_said() {
    let db = Db::seeded();
    let sheet = "Name,Target,Current\nPatch rate,95,91\nBackup tests done,,\nPhish clicks,5,7\nShadow IT found,,\n";
    let run = import_text(&db, sheet, &["--format", "json", "--name", "a"]).ok();
    assert_eq!(decided(&run, "rows_left_out"), three("1 heading, 1 footer", "told", "--keep-rows"));
    assert_eq!(run.json()["left_out"].as_array().map(Vec::len), Some(2));
    let run = import_text(&db, sheet, &["--format", "json", "--name", "b", "--again", "--keep-rows", "3,5-6"]).ok();
    assert_eq!(run.json()["imported"], 4);
    import_text(&db, sheet, &["--keep-rows", "5-3"]).fails(2, "such as 7,12-15");
}

#[test]
fn what_two_columns_could_be_is_asked() {
    for (sheet, message) in [
        (
            "indicator,safeguard title,target\n95% of laptops are encrypted,Encryption,5\nAll keys are rotated,Keys,6\n",
            "2 columns could be name",
        ),
        ("Metric,Actual,Current value,Target\nA,5,6,7\n", "2 columns could be current_value"),
        ("Metric,Goal,Target\nA,5,6\n", "2 columns could be target_value"),
        ("Metric,Minimum Target,Q1 Target,Q2 Target,Q3 Target,Q4 Target\nA,1,2,3,4,5\n", "5 columns could be target_value"),
        ("Metric,Target,Target\nA,5,6\n", "--map target_value=C"),
        ("Metric,Target,Owner,Owner\nA,5,Jo,Ann\n", "2 columns could be owner"),
        ("Metric,Target,Priority,Severity\nA,5,High,Low\n", "2 columns could be priority"),
        ("Metric,Target,Function,CSF Function\nA,5,PR,DE\n", "2 columns could be function"),
    ] {
        let db = Db::seeded();
        import_text(&db, sheet, &[]).fails(65, message);
        assert_eq!(state(&db), NOTHING, "{sheet}");
    }
    // What says the same, or nothing, is no rival.
    for (sheet, stored) in [
        ("Metric,Goal,Target\nA,5,5\n", "5"),
        ("Metric,Goal,Target\nA,5,\n", "5"),
        ("Metric,Target,Function,CSF Function\nA,5,PROTECT (PR),PR\n", "5"),
        ("metric_number,name,KPI,target_value,Target\nM-1,A,B,5,6\n", "5"),
    ] {
        let db = Db::seeded();
        import_text(&db, sheet, &[]).ok();
        assert_eq!(targets(&db).join(" "), stored, "{sheet}");
    }
    // The header alone does not say which of two columns.
    let db = Db::seeded();
    let sheet = "Metric,Target,Target\nA,5,6\n";
    import_text(&db, sheet, &["--map", "target_value=Target"]).fails(65, "--map target_value=C");
    let run = import_text(&db, sheet, &["--map", "target_value=C", "--format", "json"]).ok();
    assert_eq!(decided(&run, "target_value"), three("Target (column C)", "asked", "--map target_value=COLUMN"));
}

#[test]
fn a_scale_of_more_levels_than_there_are_priorities_is_asked_about() {
    let stored = |db: &Db| db.one("SELECT string_agg(priority::text, ' ' ORDER BY name) FROM metric_catalog_items");
    for (texts, answer, kept) in [
        (["Critical", "High", "Medium", "Low"], "High,High,Medium,Low", "High High Medium Low"),
        (["1", "2", "3", "4"], "High,Medium,Medium,Low", "High Medium Medium Low"),
        (["P1.0", "P2.0", "P3.0", "P4.0"], "High,Medium,Low,Low", "High Medium Low Low"),
        (["4.00", "3.00", "2.00", "1.00"], "High,High,Medium,Low", "Low Medium High High"),
        (["P0", "P1", "P2", "P3"], "High,High,Medium,Low", "High High Medium Low"),
        (["Urgent", "High", "Normal", "Low"], "High,High,Medium,Low", "High High Medium Low"),
    ] {
        let db = Db::seeded();
        let rows: Vec<String> =
            texts.iter().zip(["A", "B", "C", "D"]).map(|(text, name)| format!("{name},5,{text}\n")).collect();
        let sheet = format!("name,target,priority\n{}", rows.concat());
        import_text(&db, &sheet, &[]).fails(65, "--priorities High,High,Medium,Low");
        import_text(&db, &sheet, &["--priorities", "High,Low"]).fails(2, "the scale has 4 levels");
        import_text(&db, &sheet, &["--priorities", answer]).ok();
        assert_eq!(stored(&db), kept, "{texts:?}");
    }
    // Three levels are what they are, whatever they are called.
    for texts in [["Critical", "Medium", "Low"], ["1", "2", "3"], ["P1", "P2", "P3"]] {
        let db = Db::seeded();
        let [a, b, c] = texts;
        import_text(&db, format!("name,target,priority\nA,5,{a}\nB,5,{b}\nC,5,{c}\n"), &[]).ok();
        assert_eq!(stored(&db), "High Medium Low", "{texts:?}");
    }
    let db = Db::seeded();
    let sheet = "name,target,importance\nA,5,1\nB,5,3\n";
    import_text(&db, sheet, &[]).fails(65, "1 may be the highest or the lowest");
    import_text(&db, sheet, &["--priorities", "Low,Medium,High"]).ok();
    assert_eq!(stored(&db), "Low High");
    import_text(&db, "name,target,priority\nA,5,High\n", &["--priorities", "High,Low"]).fails(2, "leave out --priorities");
}

#[test]
fn of_two_sheets_the_one_with_more_rows_or_values_is_asked_about() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut book = Workbook::new();
    for (name, rows) in [("Template", 1_u32), ("All metrics", 3)] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        sheet
            .write_row(0, 0, ["ID", "Metric", "Target", "Owner"][..if rows == 1 { 4 } else { 3 }].iter().copied())
            .expect("a header");
        for row in 1..=rows {
            sheet.write_row(row, 0, [format!("M-{row}"), format!("Metric {row}"), "5".to_owned()]).expect("a row");
        }
    }
    let file = scratch.workbook("two.xlsx", &mut book);
    import(&db, &file, &[]).fails(65, "--sheet \"All metrics\"");
    let run = import(&db, &file, &["--sheet", "Template", "--format", "json"]).ok();
    assert_eq!(decided(&run, "sheet"), three("Template", "asked", "--sheet"));
}

#[test]
fn hidden_rows_and_columns_are_told() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["Metric", "Goal", "Target"]).expect("a header");
    for (row, name) in [(1, "A"), (2, "B"), (3, "C")] {
        sheet.write_row(row, 0, [name, "5", "6"]).expect("a row");
    }
    sheet.set_row_hidden(2).and_then(|sheet| sheet.set_column_hidden(2)).expect("hidden");
    let file = scratch.workbook("hidden.xlsx", &mut book);
    import(&db, &file, &[]).fails(65, "--map target_value=Goal");
    let run = import(&db, &file, &["--map", "target_value=Goal", "--format", "json"]).ok();
    assert_eq!(decided(&run, "hidden_rows"), three("1 hidden row read", "told", "--visible-only"));
    let run = import(&db, &file, &["--visible-only", "--name", "seen", "--again", "--format", "json"]).ok();
    assert_eq!((run.json()["imported"].as_u64(), decided(&run, "hidden_rows").1.as_str()), (Some(2), "asked"));
}

#[test]
fn a_column_without_a_header_is_asked_about_in_workbooks_too() {
    let scratch = Scratch::new();
    for at in [1_u16, 3] {
        let db = Db::seeded();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let columns: Vec<u16> = (0..4).filter(|column| *column != at).collect();
        for (column, header) in columns.iter().zip(["Metric", "Target", "Unit"]) {
            sheet.write(0, *column, header).expect("a header");
        }
        for (row, name) in [(1, "A"), (2, "B"), (3, "C")] {
            sheet
                .write(row, 0, name)
                .and_then(|s| s.write(row, columns[1], 5))
                .and_then(|s| s.write(row, columns[2], "days"))
                .expect("a row");
            sheet.write(row, at, 7.5).expect("a value");
        }
        let letter = ["A", "B", "C", "D"][usize::from(at)];
        let file = scratch.workbook("nameless.xlsx", &mut book);
        import(&db, &file, &[]).fails(65, &format!("column {letter} has values and no header"));
        import(&db, &file, &["--map", &format!("={letter}")]).ok();
        assert_eq!(targets(&db), ["5", "5", "5"]);
    }
}

#[test]
fn a_map_keeps_every_answer() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let sheet = "Kennzahl;Soll;Prio;Einheit\nM\u{fc}ller;0,5;1;%\nB;0,75;4;%\n";
    let bytes: Vec<u8> = encoding_rs::WINDOWS_1252.encode(sheet).0.into_owned();
    let file = scratch.file("a.csv", bytes);
    let map = scratch.0.path().join("map.toml");
    let saved = map.to_str().expect("a path");
    let answers = [
        "--encoding", "windows-1252", "--delimiter", ";", "--percent", "scale", "--decimal", "comma", "--priorities",
        "High,High,Medium,Low", "--date-format", "DD.MM.YYYY", "--range", "A1:D3", "--long-names", "description",
        "--accept-successors", "--save-map", saved,
    ];
    import(&db, &file, &answers).ok();
    let text = std::fs::read_to_string(&map).expect("the map");
    for line in [
        "encoding = \"windows-1252\"", "delimiter = \";\"", "percent = \"scale\"", "decimal = \"comma\"",
        "date_format = \"DD.MM.YYYY\"", "range = \"A1:D3\"", "long_names = \"description\"", "accept_successors = true",
        "1 = \"High\"", "4 = \"Low\"", "header_row = 1",
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    // The same map answers the next time, and one file of it is a workbook.
    import(&db, &file, &["--map-file", saved, "--again", "--name", "again"]).ok();
    let stored = "SELECT string_agg(concat_ws(' ', trim_scale(target_value), priority), ', ' ORDER BY i.id) FROM metric_catalog_items i \
                  JOIN metric_catalogs c ON c.id = catalog_id GROUP BY c.name";
    assert_eq!(db.rows(stored), ["50 High, 75 Low", "50 High, 75 Low"]);
    let mut book = Workbook::new();
    let rows = book.add_worksheet();
    rows.write_row(0, 0, ["Kennzahl", "Soll", "Prio", "Einheit"])
        .and_then(|s| s.write_row(1, 0, ["C", "0,5", "4", "%"]))
        .expect("rows");
    import(&db, &scratch.workbook("b.xlsx", &mut book), &["--map-file", saved]).ok();
    assert_eq!(db.one("SELECT priority FROM metric_catalog_items WHERE name = 'C'"), "Low");
    // Withdrawn codes stand for their successors where the map says so.
    let file = scratch.file("old.csv", "Kennzahl;Soll;Prio;CSF\nD;5;1;PR.AC-1\n");
    std::fs::write(&map, "accept_successors = true\n").expect("a map");
    import(&db, &file, &["--framework", "csf-2.0"]).fails(65, "--accept-successors");
    import(&db, &file, &["--framework", "csf-2.0", "--map-file", saved]).ok();
}

#[test]
fn decisions_are_shown_kept_and_told_by_every_reader_of_tables() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("m.csv", "Metrics of 2026,,\n,,\nID,Metric,Target\nM-1,A,5\nTotal,,5\n");
    let run = import(&db, &file, &[]).ok();
    for text in ["decision", "header_row", "--header-row", "rows_left_out", "--keep-rows"] {
        assert!(run.stdout.contains(text), "no {text} in\n{}", run.stdout);
    }
    let kept: Value =
        serde_json::from_str(&db.one("SELECT import_metadata -> 'decisions' FROM metric_catalogs")).expect("JSON");
    let whats: Vec<&str> = kept.as_array().expect("decisions").iter().filter_map(|one| one["what"].as_str()).collect();
    for what in ["encoding", "delimiter", "header_row", "metric_number", "name", "target_value", "rows_left_out"] {
        assert!(whats.contains(&what), "no {what} in {whats:?}");
    }
    // The formats that print one table say it beside the result.
    let csv = import(&db, &file, &["--again", "--name", "csv", "--format", "csv"]).ok();
    assert!(csv.stderr.contains("note: header_row: 3: "), "{}", csv.stderr);
    db.cmf(["catalog", "activate", "m"]);
    db.cmf(["metric", "add", "A metric", "--number", "X-1", "--category", "PR.AA", "--direction", "higher_is_better"]).ok();
    let readings = scratch.file("r.csv", "Readings,,\nmetric,value,date\nX-1,5,2026-01-31\n");
    let run = db.cmf(["record", "--catalog", "default", "--file", readings.to_str().expect("a path")]);
    assert!(run.stderr.contains("note: header_row: 2: "), "{}", run.stderr);
    let two = scratch.file("two.csv", "metric,value,reading\nX-1,5,6\n");
    db.cmf(["record", "--file", two.to_str().expect("a path")]).fails(65, "2 columns could be value");
}

#[test]
fn a_name_that_is_too_long_is_cut_and_kept_whole_where_that_is_said() {
    let db = Db::seeded();
    let long = "The share of systems in scope that were patched within the agreed time ".repeat(4);
    let sheet = format!("Metric,Target,Description\n{long}one,1,\n{long}two,2,Own words\nShort,3,\n");
    import_text(&db, &sheet, &[]).fails(65, "--map name=COLUMN --map description=COLUMN; --long-names description");
    let run = import_text(&db, &sheet, &["--long-names", "description", "--format", "json"]).ok();
    assert_eq!(decided(&run, "long_names").0, "the beginning");
    let names = db.rows("SELECT name FROM metric_catalog_items ORDER BY id");
    assert!(names[0].ends_with('…') && names[1] == format!("{} (2)", names[0]) && names[2] == "Short", "{names:?}");
    assert!(names.iter().all(|name| name.chars().count() <= 200), "{names:?}");
    assert_eq!(
        db.rows("SELECT description FROM metric_catalog_items ORDER BY id").concat().matches("agreed time").count(),
        8,
        "the whole texts are kept"
    );
    let again = import_text(&db, &sheet, &["--long-names", "description", "--mode", "upsert", "--format", "json"]).ok();
    assert_eq!(again.json()["unchanged"], 3);
    let sheet = format!("ID,Metric,Target\n{},A,1\nM-2,B,2\nM-3,C,3\n", "9".repeat(21));
    import_text(&db, sheet, &["--name", "other"]).fails(65, "--map metric_number=");
}

#[test]
fn a_comparison_takes_the_same_answers() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let long = "The share of systems in scope that were patched within the agreed time ".repeat(4);
    let sheet = format!("Metric,Target,Priority\n{long},1,1\nB,2,4\nBackups tested,,\nC,3,2\n");
    let file = scratch.file("c.csv", sheet);
    let answers = ["--priorities", "High,High,Medium,Low", "--long-names", "description", "--keep-rows", "4"];
    import(&db, &file, &answers).ok();
    let compare = |answers: &[&str]| {
        let mut args = vec!["catalog", "diff", "c", file.to_str().expect("a path"), "--exit-code"];
        args.extend(answers);
        db.cmf(args)
    };
    assert_eq!(compare(&answers).code, 0);
    assert_eq!(compare(&answers[..4]).code, 4, "without the row");
    compare(&answers[..2]).fails(65, "cannot be read as metrics");
    compare(&answers[2..]).fails(65, "--priorities");
}

//! `cmf record --file`: readings from files of every kind.

use std::io::Write;
use std::process::Stdio;

use crate::record::{piped, state, with_metrics};
use crate::support::{Db, Run, project};

#[test]
fn a_file_is_stored_whole() {
    let db = with_metrics();
    let text = "metric,value,at,note,by\n\
                PR-001,90,2026-01-01,first,ada\n\
                Patch age,12,2026-01-01T06:00:00Z,,\n\
                PR-001,91,2026-01-08,,\n\
                PR-001,91,2026-01-08,,\n";
    let counts = piped(&db, &["record", "--file", "-", "--format", "json"], text).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"], &counts["metrics"]), (&3.into(), &1.into(), &2.into()));
    assert_eq!(counts["file"], "-");
    assert_eq!(
        db.rows(
            "SELECT m.metric_number, h.value, h.recorded_at, h.note, u.username FROM metric_history h
             JOIN metrics m ON m.id = h.metric_id LEFT JOIN users u ON u.id = h.recorded_by ORDER BY h.recorded_at"
        ),
        [
            "PR-001|90.0000|2026-01-01 00:00:00|first|ada",
            "PR-002|12.0000|2026-01-01 06:00:00||",
            "PR-001|91.0000|2026-01-08 00:00:00||"
        ]
    );
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "91.0000");
    let again = piped(&db, &["record", "--file", "-", "--format", "json"], text).ok().json();
    assert_eq!((&again["stored"], &again["repeated"]), (&0.into(), &4.into()));
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "2");
}

#[test]
fn a_numerator_and_a_denominator_are_columns_of_their_own() {
    let db = with_metrics();
    let stored = "SELECT value, note FROM metric_history ORDER BY recorded_at";
    let text =
        "metric,Numerator,Denominator,at,note\nPR-001,47,50,2026-01-01,first\nPR-001,48,50,2026-01-02,\nPR-001,,,2026-01-03,\n";
    piped(&db, &["record", "--file", "-"], text).ok();
    assert_eq!(db.rows(stored), ["94.0000|first [47/50]", "96.0000|[48/50]"]);
    let history = db.cmf(["history", "PR-001", "--format", "csv"]).ok().stdout;
    let again = piped(&db, &["record", "PR-001", "--file", "-", "--format", "json"], &history).ok().json();
    assert_eq!((&again["stored"], &again["repeated"]), (&0.into(), &2.into()), "{again}");
    db.execute("DELETE FROM metric_history");
    let beside = "metric,value,numerator,denominator,at\nPR-001,94,47,50,2026-01-01\nPR-001,33.3,1,3,2026-01-02\nPR-002,3,,,2026-01-01\n";
    piped(&db, &["record", "--file", "-"], beside).ok();
    assert_eq!(db.rows(stored).len(), 3);
    let lines = "{\"metric\":\"PR-001\",\"numerator\":9,\"denominator\":10,\"at\":\"2026-02-01\"}\n";
    piped(&db, &["record", "--file", "-"], lines).ok();
    assert_eq!(db.one("SELECT value FROM metric_history WHERE recorded_at = '2026-02-01'"), "90.0000");
    for (row, reason) in [
        ("PR-001,95,47,50", "the value `95` is not 47/50, which is 94 % (-, row 2, column value)"),
        ("PR-001,,47,", "the denominator is empty (-, row 2, column denominator)"),
        ("PR-002,,47,50", "the metric's unit is not %"),
    ] {
        let text = format!("metric,value,numerator,denominator,at\n{row},2026-03-01\n");
        piped(&db, &["record", "--file", "-"], &text).fails(65, reason);
    }
}

#[test]
fn every_refused_line_of_a_file_is_named_and_nothing_is_stored() {
    let db = with_metrics();
    db.cmf(["record", "PR-002", "3", "--at", "2026-01-01"]).ok();
    let before = state(&db);
    let text = "metric,value,at,by\n\
                PR-001,90,2026-01-01,\n\
                PR-009,90,2026-01-01,\n\
                PR-001,x,2026-01-01,\n\
                PR-001,90,soon,\n\
                PR-001,90,2026-01-02,eve\n\
                DE-001,90,2026-01-02,\n\
                PR-002,4,2026-01-01,\n\
                PR-001,1,234.5,2026-01-01,\n";
    let run = piped(&db, &["record", "--file", "-"], text).fails(65, "7 of 8 readings are refused");
    for line in [
        "row 3, column metric: there is no metric `PR-009`; similar: PR-00",
        "row 4, column value: PR-001: the value `x` is not a number",
        "row 5, column at: the time `soon` is not a date",
        "row 6, column by: there is no user `eve`",
        "row 7, column metric: DE-001 is locked",
        "row 8, column value: PR-002 already has the value 3 at 2026-01-01T00:00:00Z, not 4",
        "row 9: the line has 5 cells, but the header has 4",
    ] {
        assert!(run.stderr.contains(line), "no {line:?} in:\n{}", run.stderr);
    }
    assert_eq!(state(&db), before);
    let error: serde_json::Value = serde_json::from_str(
        piped(&db, &["record", "--file", "-", "--format", "json"], "metric,value\nPR-001,x\n").stderr.trim(),
    )
    .expect("JSON");
    assert_eq!(error["error"]["row"], 2);
    assert_eq!(error["error"]["column"], "value");
    assert_eq!(error["error"]["code"], 65);
}

#[test]
fn a_file_that_cannot_be_understood_is_refused() {
    let db = with_metrics();
    piped(&db, &["record", "--file", "-"], "").fails(65, "standard input is empty");
    piped(&db, &["record", "--file", "-"], "a,b\n1,2\n").fails(65, "no column for the metric");
    db.cmf(["record", "--file", "/nonexistent/readings.csv"]).fails(65, "cannot read the file");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "0");
}

#[test]
fn a_first_reading_is_not_taken_for_a_header() {
    let (db, folder) = (with_metrics(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("bare.csv");
    std::fs::write(&path, "PR-001,95,2026-01-29\nPR-001,96,2026-01-30\n").expect("a file");
    let file = ["record", "--file", path.to_str().expect("UTF-8")];
    let bare = ["--no-header", "--columns-are", "metric,value,at"];
    let refused = db.cmf(file).fails(65, "no column for the metric");
    assert!(refused.stderr.contains(&bare.join(" ")), "{}", refused.stderr);
    let letters = ["--map", "metric=A", "--map", "value=B", "--map", "at=C"];
    let refused = db.cmf([&file[..], &letters].concat()).fails(65, "row 1 looks like a reading, not like a header: `95`");
    assert!(refused.stderr.contains("--header-row 1"), "{}", refused.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
    db.cmf([&file[..], &bare].concat()).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
}

#[test]
fn the_bundled_readings_go_in_and_a_second_time_nothing_changes() {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         SELECT p || '-' || to_char(n, 'FM000'), 'Metric ' || p || n, 'higher_is_better', p, 'High'
         FROM unnest('{GV,ID,PR,DE,RS,RC}'::text[]) p, generate_series(1, 60) n",
    );
    let file = project("fixtures/readings/starter-csf-2.0.csv");
    let file = file.to_str().expect("UTF-8");
    let counts = db.cmf(["record", "--file", file, "--format", "json"]).ok().json();
    assert_eq!(counts["stored"], 7228);
    assert_eq!(
        db.one(
            "SELECT count(*) FROM metrics m WHERE current_value IS DISTINCT FROM
             (SELECT value FROM metric_history h WHERE h.metric_id = m.id ORDER BY recorded_at DESC LIMIT 1)"
        ),
        "0"
    );
    let counts = db.cmf(["record", "--file", file, "--format", "json"]).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"]), (&0.into(), &7228.into()));
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "7228");
}

#[test]
fn what_can_be_stored_is_stored_where_that_is_asked_for() {
    let db = with_metrics();
    db.cmf(["record", "PR-002", "3", "--at", "2026-01-01"]).ok();
    let folder = tempfile::tempdir().expect("a folder");
    let rejects = folder.path().join("rejects");
    let path = rejects.to_str().expect("UTF-8");
    let text = "metric;value;at\nPR-001;90;2026-01-01\nPR-009;90;2026-01-01\nPR-002;4;2026-01-01\nPR-001;91;2026-01-08\n";
    // Nothing is stored without the option, and the refused lines are written all the same.
    piped(&db, &["record", "--file", "-", "--rejects", path], text).fails(65, "2 of 4 readings are refused");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "1");
    let run = piped(&db, &["record", "--file", "-", "--force", "--rejects", path, "--allow-partial", "--format", "json"], text);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!((&run.json()["stored"], &run.json()["refused"]), (&2.into(), &2.into()));
    assert!(run.stderr.contains("refused: row 3, column metric: there is no metric `PR-009`"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "3");
    let written = std::fs::read_to_string(&rejects).expect("the rejects");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "metric;value;at;reason");
    assert!(lines[1].starts_with("PR-009;90;2026-01-01;\"there is no metric"), "{written}");
    assert!(lines[2].starts_with("PR-002;4;2026-01-01;PR-002 already has the value 3 at"), "{written}");
    // Fixed, they can be recorded as they are: the column of reasons is in nobody's way.
    let fixed = written.replace("PR-009", "RC-001").replace(";4;", ";3;");
    piped(&db, &["record", "--file", "-"], &fixed).ok();
    piped(&db, &["record", "--file", "-", "--rejects", "/nonexistent/rejects"], text).fails(73, "cannot write the file");
    let run = db.cmf(["record", "PR-001=50", "PR-009=1", "--allow-partial"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "50.0000");
}

#[test]
fn json_lines_and_wide_sheets_are_recorded_too() {
    let db = with_metrics();
    let lines = "{\"metric\":\"PR-001\",\"value\":97.5,\"at\":\"2026-01-01T00:00:00Z\"}\n{\"kpi\":\"RC-001\",\"value\":true,\"date\":\"2026-01-01\"}\n";
    piped(&db, &["record", "--file", "-"], lines).ok();
    piped(&db, &["record", "--file", "-", "--wide"], "metric,2026-01-02,2026-01-03\nPR-001,98,\nPR-002,,5\n").ok();
    piped(&db, &["record", "--file", "-", "--wide"], "date\tPR-001\tPR-002\n2026-01-04\t99%\t6\n").ok();
    assert_eq!(
        db.rows("SELECT m.metric_number, h.value, h.recorded_at::date FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1, 3"),
        [
            "PR-001|97.5000|2026-01-01",
            "PR-001|98.0000|2026-01-02",
            "PR-001|99.0000|2026-01-04",
            "PR-002|5.0000|2026-01-03",
            "PR-002|6.0000|2026-01-04",
            "RC-001|1.0000|2026-01-01"
        ]
    );
    // Of a wide row only what is refused is written out, so that the fixed row records nothing twice.
    let rejects = tempfile::NamedTempFile::new().expect("a file");
    let path = rejects.path().to_str().expect("UTF-8");
    let text = "metric,2026-01-05,2026-01-06,2026-01-07\nPR-001,95,soon,97\nPR-002,1,2,3\n";
    let run = piped(&db, &["record", "--file", "-", "--wide", "--allow-partial", "--force", "--rejects", path], text);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("row 2, column 2026-01-06: PR-001: the value `soon`"), "{}", run.stderr);
    let written = std::fs::read_to_string(path).expect("the rejects");
    assert_eq!(
        written,
        "metric,2026-01-05,2026-01-06,2026-01-07,reason\nPR-001,,soon,,PR-001: the value `soon` is not a number\n"
    );
    let conflict = text.replace("95,soon,97", "95,96,98");
    piped(&db, &["record", "--file", "-", "--wide", "--force", "--rejects", path], &conflict)
        .fails(65, "has the value 97 at 2026-01-07");
    let written = std::fs::read_to_string(path).expect("the rejects");
    assert!(written.ends_with(", not 98 (add --on-conflict replace, or --on-conflict skip)\"\n"), "{written}");
    assert!(written.contains("\nPR-001,,,98,"), "{written}");
    piped(&db, &["record", "--file", "-", "--wide"], "metric,soon\nPR-001,5\n").fails(65, "the time `soon` is not a date");
    piped(&db, &["record", "--file", "-", "--wide"], "a,b\n1,2\n").fails(65, "no column for the metric");
    piped(&db, &["record", "--file", "-", "--wide"], lines).fails(2, "--wide is not possible");
    for (text, what) in [("[\"a\", \"b\"]", "the text \"a\""), ("[1, 2]\n", "the number `1`")] {
        let told = format!("this JSON is not a list of objects: {what} is not an object (-, row 1)");
        let refused = piped(&db, &["record", "--file", "-"], text).fails(65, &told);
        assert!(refused.stderr.contains(r#"such as [{"metric": "PR-001", "value": 97.5}]"#), "{}", refused.stderr);
    }
    for nothing in ["[]", "{}\n"] {
        let refused = piped(&db, &["record", "--file", "-"], nothing);
        assert_eq!(refused.code, 65, "{nothing}: {}", refused.stderr);
        assert!(!refused.stderr.contains("MFA coverage"), "{nothing}: {}", refused.stderr);
    }
    piped(&db, &["record", "--file", "-"], "[{\"metric\":1}]").fails(65, "no column for the value");
}

#[test]
fn what_is_wrong_with_a_file_is_named_where_it_is() {
    let db = with_metrics();
    for (text, told, hint) in [
        ("{\"metric\": \"PR-001\", \"value\": 1, \"value\": 2}\n", "the object has the key `value` twice (-, row 1)", ""),
        (
            "[{\"metric\": \"PR-001\", \"value\": 1,\n \"value\": 2}]\n",
            "error: the object has the key `value` twice (-, row 2)",
            "",
        ),
        ("[{\"metric\": \"PR-001\", \"value\": 1},\n {\"metric\": \"PR\n", "the file is cut off", ""),
        ("# HELP a b\n# TYPE a gauge\n", "the file has no values: only comment lines (#)", ""),
        (
            "metric,numerator,denominator\nPR-001,2.5,7\n",
            "`2.5` is not a whole number from 0 up (-, row 2, column numerator)",
            "",
        ),
        ("metric,value,at\nPR-001,90,soon\n", "the time `soon` is not a date (-, row 2, column at)", "write it as YYYY-MM-DD"),
    ] {
        piped(&db, &["record", "--file", "-"], text).fails(65, told).fails(65, hint);
    }
}

#[test]
fn readings_in_any_order_meet_those_of_the_file_and_of_the_database() {
    let db = with_metrics();
    // Every third instant exists already, with the value that the file gives it.
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT '00000000-0000-7000-8000-000000000001', n, '2026-01-01'::timestamp + n * interval '1 minute'
         FROM generate_series(0, 29999, 3) n",
    );
    let mut text = "metric,value,at\n".to_owned();
    for n in 0..30_000_u64 {
        let n = n * 17_389 % 30_000;
        text.push_str(&format!("PR-001,{n},2026-01-{:02}T{:02}:{:02}\n", n / 1440 + 1, n / 60 % 24, n % 60));
        if n % 100 == 0 {
            text.push_str(&format!("PR-001,{n}.0,2026-01-{:02}T{:02}:{:02}Z\n", n / 1440 + 1, n / 60 % 24, n % 60));
        }
    }
    let counts = piped(&db, &["record", "--file", "-", "--format", "json"], &text).ok().json();
    assert_eq!((&counts["stored"], &counts["repeated"]), (&20_000.into(), &10_300.into()));
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "30000");
    assert_eq!(db.one("SELECT current_value FROM metrics WHERE metric_number = 'PR-001'"), "29999.0000");
    // One that differs far down refuses the whole file.
    let before = db.one("SELECT count(*) FROM ai_change_log");
    let text = format!("{text}PR-002,1,2026-01-01\nPR-001,7,2026-01-01T00:08:00Z\n");
    piped(&db, &["record", "--file", "-"], &text).fails(65, "PR-001 already has the value 8 at 2026-01-01T00:08:00Z, not 7");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "30000");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), before);
}

#[test]
fn a_workbook_is_recorded_with_its_percent_and_date_cells() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("readings.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Readings").expect("a sheet");
    for (column, header) in (0..).zip(["Metric ID", "Value", "Date", "Comment"]) {
        sheet.write(0, column, header).expect("a header");
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let day = |day| ExcelDateTime::from_ymd(2026, 1, day).expect("a day");
    sheet.write(1, 0, "PR-001").expect("a cell");
    sheet.write_with_format(1, 1, 0.975, &Format::new().set_num_format("0.0%")).expect("a cell");
    sheet.write_with_format(1, 2, day(5), &date).expect("a cell");
    sheet.write(1, 3, "two\nlines").expect("a cell");
    // A blank row, and a row with a plain number.
    sheet.write(3, 0, "Patch age").expect("a cell");
    sheet.write(3, 1, 12.25).expect("a cell");
    sheet.write_with_format(3, 2, day(6), &date).expect("a cell");
    book.save(&path).expect("the workbook");
    let path = path.to_str().expect("UTF-8");
    db.cmf(["record", "--file", path]).ok();
    assert_eq!(
        db.rows("SELECT m.metric_number, h.value, h.recorded_at, h.note FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1"),
        ["PR-001|97.5000|2026-01-05 00:00:00|two lines", "PR-002|12.2500|2026-01-06 00:00:00|"]
    );
    db.cmf(["record", "--file", path, "--max-size", "0"]).fails(65, "more than 0 MB");
    db.cmf(["record", "--file", path, "--sheet", "none"]).fails(2, "has no sheet `none`");
    let mut book = Workbook::new();
    for name in ["A", "B"] {
        let sheet = book.add_worksheet().set_name(name).expect("a sheet");
        sheet.write(0, 0, "metric").and_then(|sheet| sheet.write(0, 1, "value")).expect("a header");
        sheet.write(2, 0, "PR-009").and_then(|sheet| sheet.write(2, 1, 5)).expect("a row");
    }
    book.save(path).expect("the workbook");
    db.cmf(["record", "--file", path]).fails(2, "the workbook has 2 sheets");
    db.cmf(["record", "--file", path, "--sheet", "b"]).fails(65, "row 3, column metric");
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "2");
}

/// Records a workbook that comes through a pipe.
fn workbook_piped(db: &Db, path: &std::path::Path, args: &[&str]) -> Run {
    let mut command = db.command();
    let bytes = std::fs::read(path).expect("the workbook");
    command.args(["record", "--file", "-"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    Run::from(child.wait_with_output().expect("the binary ends"))
}

#[test]
fn what_is_refused_of_a_workbook_is_written_as_a_workbook() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, rejects) = (folder.path().join("readings.xlsx"), folder.path().join("rejects.xlsx"));
    let name = rejects.to_str().expect("UTF-8");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let percent = rust_xlsxwriter::Format::new().set_num_format("0.0%");
    for (row, (metric, value)) in
        (0..).zip([("Metric ID", "Value"), ("PR-001", ""), ("PR-009", ""), ("PR-002", "n/a, \"soon\"")])
    {
        sheet.write(row, 0, metric).and_then(|sheet| sheet.write(row, 1, value)).expect("a row");
    }
    sheet
        .write_with_format(1, 1, 0.975, &percent)
        .and_then(|sheet| sheet.write_with_format(2, 1, 0.5, &percent))
        .expect("cells");
    book.save(&path).expect("the workbook");

    let run = workbook_piped(&db, &path, &["--allow-partial", "--rejects", name]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(db.rows("SELECT value FROM metric_history"), ["97.5000"]);
    let mut written: Xlsx<_> = open_workbook(&rejects).expect("a workbook");
    let rows: Vec<Vec<Data>> = written.worksheet_range("Rejects").expect("its sheet").rows().map(<[Data]>::to_vec).collect();
    let text = |row: usize, column: usize| rows[row][column].to_string();
    assert_eq!((text(0, 0), text(0, 1), text(0, 2)), ("Metric ID".into(), "Value".into(), "reason".into()));
    assert_eq!((text(1, 0), &rows[1][1]), ("PR-009".into(), &Data::Float(0.5)));
    assert_eq!((text(2, 0), text(2, 1)), ("PR-002".into(), "n/a, \"soon\"".into()));
    assert!(text(1, 2).starts_with("there is no metric `PR-009`") && text(2, 2).contains("is not a number"), "{rows:?}");
    // It is a file of readings like any other, refused for the same reasons.
    db.cmf(["record", "--file", name]).fails(65, "the value `n/a, \"soon\"` is not a number").fails(65, "2 of 2 readings");
    let text = folder.path().join("rejects.csv");
    let text_name = text.to_str().expect("UTF-8");
    db.cmf(["record", "--file", path.to_str().expect("UTF-8"), "--rejects", text_name]).fails(65, "2 of 3 readings");
    assert!(std::fs::read_to_string(&text).expect("the rejects").starts_with("Metric ID,Value,reason\nPR-009,50%,"));
    piped(&db, &["record", "--file", "-", "--rejects", name], "metric,value\nPR-009,5\n")
        .fails(2, "have the format of the input");
}

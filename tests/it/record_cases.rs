//! `cmf record --file`: files that other readers of readings get wrong. Each is read right, or refused with what to type.

use crate::record::piped;
use crate::support::{Db, Run, shared};

/// A database with the metrics M-1 in %, M-2 in hours and M-3 without a unit.
pub fn with_three() -> Db {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO metrics (metric_number, name, unit, direction, target_value, csf_function, priority) VALUES
         ('M-1', 'MFA coverage', '%', 'higher_is_better', 95, 'PR', 'High'),
         ('M-2', 'Time to patch', 'hours', 'lower_is_better', 4, 'PR', 'High'),
         ('M-3', 'Open findings', NULL, 'lower_is_better', 4, 'PR', 'High')",
    );
    db
}

fn stored(db: &Db) -> Vec<String> {
    let stored = db.rows(
        "SELECT m.metric_number, h.value::float8, to_char(h.recorded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS')
         FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1, 3",
    );
    db.execute("DELETE FROM metric_history; UPDATE metrics SET current_value = NULL");
    stored
}

fn recorded(db: &Db, text: &str, args: &[&str]) -> (Run, Vec<String>) {
    let run = piped(db, &[&["record", "--file", "-"][..], args].concat(), text);
    let stored = stored(db);
    (run, stored)
}

/// Checks that a text is stored so.
#[track_caller]
pub fn right(db: &Db, text: &str, args: &[&str], expected: &[&str]) -> Run {
    let (run, stored) = recorded(db, text, args);
    assert_eq!(stored, expected, "{text}\n{}", run.stderr);
    run.ok()
}

/// Checks that a text is refused with these words, and nothing of it is stored.
#[track_caller]
pub fn refused(db: &Db, text: &str, args: &[&str], words: &[&str]) {
    let (run, stored) = recorded(db, text, args);
    assert!(stored.is_empty() && matches!(run.code, 2 | 65), "{text}\n{stored:?} {}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "no {word:?} in\n{}", run.stderr);
    }
}

#[test]
fn dates_are_read_in_any_form_that_the_whole_column_allows() {
    let db = with_three();
    for (texts, days) in [
        (["01.02.2026", "13.02.2026 08:30"], ["2026-02-01T00:00:00", "2026-02-13T08:30:00"]),
        (["02/13/2026", "02/03/2026"], ["2026-02-13T00:00:00", "2026-02-03T00:00:00"]),
        (["13/02/2026", "02/03/2026"], ["2026-02-13T00:00:00", "2026-03-02T00:00:00"]),
        (["1/31/2026 8:00:00 AM", "1/31/2026 8:00:00 PM"], ["2026-01-31T08:00:00", "2026-01-31T20:00:00"]),
        (["1 Feb 2026", "\"February 1, 2026\""], ["2026-02-01T00:00:00", "2026-02-01T00:00:00"]),
        (["1-Feb-2026", "2. März 2026"], ["2026-02-01T00:00:00", "2026-03-02T00:00:00"]),
        (["3 mars 2026", "4 enero 2026"], ["2026-03-03T00:00:00", "2026-01-04T00:00:00"]),
        (["1784000000", "1784000000000"], ["2026-07-14T03:33:20", "2026-07-14T03:33:20"]),
        (["2026-W07", "2026-01"], ["2026-02-15T23:59:59", "2026-01-31T23:59:59"]),
        (["Q1 2026", "Oct 2024"], ["2026-03-31T23:59:59", "2024-10-31T23:59:59"]),
        (["2026/02/13", "20260214"], ["2026-02-13T00:00:00", "2026-02-14T00:00:00"]),
    ] {
        let text = format!("metric,date,value\nM-1,{},95.5\nM-3,{},3\n", texts[0], texts[1]);
        right(&db, &text, &[], &[&format!("M-1|95.5|{}", days[0]), &format!("M-3|3|{}", days[1])]);
    }
    let both = "metric,date,value\nM-1,01/02/2026,95.5\nM-3,03/04/2026,3\n";
    refused(&db, both, &[], &["2026-02-01 (DD/MM/YYYY) or 2026-01-02 (MM/DD/YYYY)", "--date-format"]);
    let days = ["M-1|95.5|2026-02-01T00:00:00", "M-3|3|2026-04-03T00:00:00"];
    right(&db, both, &["--date-format", "DD/MM/YYYY"], &days);
    let lines = "{\"metric\":\"M-1\",\"date\":\"01/02/2026\",\"value\":95.5}\n{\"metric\":\"M-3\",\"date\":\"03/04/2026\",\"value\":3}\n";
    refused(&db, lines, &[], &["--date-format"]);
    right(&db, lines, &["--date-format", "DD/MM/YYYY"], &days);
    refused(&db, "metric,date,value\nM-1,13/02/2026,95\nM-1,02/13/2026,96\n", &[], &["different order", "--date-format"]);
    refused(&db, "metric,month,value\nM-1,Jan 26,95\n", &[], &["four digits"]);
    refused(&db, "metric,KW,value\nM-1,07/2026,95\n", &[], &["could be a month or a KW"]);
    // A zone that the header names is that of its times.
    let utc = "metric,date (UTC),value\nM-1,2026-01-31 06:00,95.5\n";
    right(&db, utc, &["--tz", "Europe/Berlin"], &["M-1|95.5|2026-01-31T06:00:00"]);
    let local = "metric,Time (CET),value\nM-1,2026-01-31 06:00,95.5\n";
    refused(&db, local, &[], &["names a zone", "--tz"]);
    right(&db, local, &["--tz", "+01:00"], &["M-1|95.5|2026-01-31T05:00:00"]);
}

#[test]
fn which_column_is_the_time_is_asked_where_several_could_be() {
    let db = with_three();
    let text = "metric,date,timestamp,value\nM-1,2026-01-31,2026-02-01,95.5\n";
    refused(&db, text, &[], &["several columns could be the time: `date`, `timestamp`", "--map at=date"]);
    right(&db, text, &["--map", "at=timestamp"], &["M-1|95.5|2026-02-01T00:00:00"]);
    let text = "metric,measured_at,created_at,value,owner\nM-1,2026-01-31,2026-02-01,95.5,ada\n";
    let run = right(&db, text, &[], &["M-1|95.5|2026-01-31T00:00:00"]);
    assert!(run.stderr.contains("unread: created_at, owner: cmf has no field of this name"), "{}", run.stderr);
    refused(
        &db,
        "metric,date,time,value\nM-1,2026-01-31,06:00,95.5\n",
        &[],
        &["the time of day is in another column", "--map at=date"],
    );
    refused(&db, "metric,month,value\nM-1,January,95.5\n", &[], &["without its year"]);
    refused(&db, "metric,updated,value\nM-1,yes,95.5\n", &[], &["`updated` could be the time, but `yes` is not a date"]);
    refused(&db, "metric,date,value\nM-1,,95.5\n", &[], &["the time is empty", "--map at="]);
    let run = piped(&db, &["record", "--file", "-", "--map", "at="], "metric,updated,value\nM-1,yes,95.5\n").ok();
    assert!(run.stderr.contains("unread: updated"), "{}", run.stderr);
    assert_eq!(db.one("SELECT now() AT TIME ZONE 'utc' - recorded_at < interval '1 minute' FROM metric_history"), "t");
}

#[test]
fn titles_totals_blank_rows_and_missing_values_are_left_out_and_named() {
    let db = with_three();
    let text = "Security metrics March 2026\n\nMetric,Date,Value\nM-1,2026-03-31,95.5\n\nMetric,Date,Value\nM-2,2026-03-31,N/A\nM-3,2026-03-31,\nM-3,2026-03-30,-\nTotal,,1\n";
    let run = right(&db, text, &[], &["M-1|95.5|2026-03-31T00:00:00"]);
    for line in [
        "rows_left_out: 3 rows without a value: row 7 (M-2: N/A), 8 (M-3), 9 (M-3: -)",
        "rows_left_out: 1 row of totals: row 10 (Total)",
        "1 row that repeat",
    ] {
        assert!(run.stderr.contains(line), "no {line:?} in\n{}", run.stderr);
    }
    refused(
        &db,
        "metric,value\nM-1,N/A\n",
        &[],
        &["the file has no readings", "rows_left_out: 1 row without a value: row 2 (M-1: N/A)"],
    );
    // A metric may be called so.
    db.execute("UPDATE metrics SET name = 'Total' WHERE metric_number = 'M-3'");
    right(&db, "metric,value,at\nTotal,5,2026-01-01\n", &[], &["M-3|5|2026-01-01T00:00:00"]);
    // The database is away: a spool keeps no total.
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("spool");
    let mut command = db.command();
    command.env("CMF_DATABASE_URL", "postgres://127.0.0.1:1/none").args(["record", "--spool"]).arg(&spool).args(["--file"]);
    let file = folder.path().join("a.csv");
    std::fs::write(&file, "metric,value,at\nM-1,5,2026-01-01\nSumme,5,2026-01-01\n").expect("a file");
    let run = crate::support::run(command.arg(&file));
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(run.stderr.contains("rows_left_out: 1 row of totals: row 3 (Summe)"), "{}", run.stderr);
}

#[test]
fn numbers_are_read_with_the_mark_of_their_column() {
    let db = with_three();
    right(
        &db,
        "metric;date;value\nM-1;2026-02-01;95,5\nM-2;2026-02-01;3,25 h\nM-3;2026-02-01;1.234,5\n",
        &[],
        &["M-1|95.5|2026-02-01T00:00:00", "M-2|3.25|2026-02-01T00:00:00", "M-3|1234.5|2026-02-01T00:00:00"],
    );
    right(
        &db,
        "metric;value;at\nM-3;1,234;2026-02-01\nM-3;1.5;2026-02-02\nM-3;(2.5);2026-02-03\n",
        &[],
        &["M-3|1234|2026-02-01T00:00:00", "M-3|1.5|2026-02-02T00:00:00", "M-3|-2.5|2026-02-03T00:00:00"],
    );
    refused(&db, "metric;value\nM-3;1.234\n", &[], &["1.234 with a decimal point and 1234 with a decimal comma", "--decimal"]);
    right(&db, "metric;value;at\nM-3;1.234;2026-02-01\n", &["--decimal", "comma"], &["M-3|1234|2026-02-01T00:00:00"]);
    refused(&db, "metric;value\nM-3;1,5\nM-3;2.5\n", &[], &["--decimal"]);
    refused(
        &db,
        "metric;value\nM-2;3 days\n",
        &[],
        &[
            "M-2: the value `3 days` is in days, but the metric's unit is hours",
            "hint: write the value in hours; `cmf metric show M-2` shows the metric",
        ],
    );
    refused(&db, "metric;value\nM-3;null\nM-3;x\n", &[], &["M-3: the value `x` is not a number"]);
    db.cmf(["record", "M-1", "null"]).fails(65, "M-1: the value `null` is not a number");
}

#[test]
fn wide_files_documents_and_files_without_a_header_are_read() {
    let db = with_three();
    let run = right(
        &db,
        "\"Time\",\"M-1\",\"M-2\"\n1784000000000,95.5,3.25\n1784086400000,96.1,3.5\n",
        &[],
        &[
            "M-1|95.5|2026-07-14T03:33:20", "M-1|96.1|2026-07-15T03:33:20", "M-2|3.25|2026-07-14T03:33:20",
            "M-2|3.5|2026-07-15T03:33:20",
        ],
    );
    assert!(run.stderr.contains("the header of each column is the name of a metric: M-1, M-2"), "{}", run.stderr);
    right(
        &db,
        "metric,Jan 2026,Feb 2026\nM-1,95,96\nM-2,n/a,3\n",
        &[],
        &["M-1|95|2026-01-31T23:59:59", "M-1|96|2026-02-28T23:59:59", "M-2|3|2026-02-28T23:59:59"],
    );
    right(
        &db,
        "sep=;\nSeries;Time;Value\nM-1;2026-07-26T08:02:00.000Z;95.5\nM-2;2026-07-26T08:02:00.000Z;3.25\n",
        &[],
        &["M-1|95.5|2026-07-26T08:02:00", "M-2|3.25|2026-07-26T08:02:00"],
    );
    let one = ["M-1|91|2026-02-01T00:00:00"];
    right(&db, "[{\"metric\":\"M-1\",\"at\":\"2026-02-01\",\"value\":91}]", &[], &one);
    right(&db, "{\n \"results\": [{\"kpi\":\"M-1\",\"at\":\"2026-02-01\",\"pct\":91}]\n}\n", &["--map", "value=pct"], &one);
    let other = "{\"kpi\":\"M-1\",\"day\":\"2026-02-01\",\"pct\":91,\"note\":null}\n";
    refused(&db, other, &[], &["no column for the value", "kpi, day, pct, note"]);
    refused(&db, other, &["--map", "value=pct"], &["--map at="]);
    right(&db, other, &["--map", "value=pct", "--map", "metric=kpi", "--map", "at=day"], &one);
    let nested = "{\"id\":\"x\",\"data\":{\"name\":\"M-1\",\"score\":91},\"when\":\"2026-02-01\"}\n";
    let maps = ["--map", "metric=/data/name", "--map", "value=/data/score"];
    right(&db, nested, &maps, &one);
    right(&db, &format!("[{}]", nested.trim()), &maps, &one);
    // A value with others in it is named, with what would do.
    let above = ["--map", "metric=/data/name", "--map", "value=/data"];
    refused(&db, nested, &above, &["/data is an object: name a value in it, such as --map value=/data/name"]);
    refused(
        &db,
        "{\"metric\":\"M-1\",\"value\":[91]}\n",
        &[],
        &["value is a list: name a value in it, such as --map value=/value/0"],
    );
    refused(&db, "{\"metric\":\"M-1\",\"value\":{}}\n", &[], &["value is an object without a value"]);
    right(&db, "M-1,2026-02-01,91,ada\n", &["--no-header", "--columns-are", "metric,at,value,-"], &one);
    refused(&db, "M-1,91\n", &["--no-header", "--columns-are", "metric,score"], &["`score` is not a field"]);
    let few = "the line has 3 cells, but --columns-are names 2: name all columns";
    refused(&db, "M-1,91,ada\n", &["--no-header", "--columns-are", "metric,value"], &[few]);
    right(&db, "date,value\n2026-02-01,91\n", &["M-1"], &one);
    refused(&db, "date,value\n2026-02-01,91\n", &[], &["cmf record METRIC --file FILE"]);
    refused(&db, "date,value\n2026-02-01,91\n", &["M-1", "91"], &["cannot be combined"]);
}

#[test]
fn a_day_over_values_stands_for_its_end_as_other_periods_do() {
    let db = with_three();
    for text in ["metric,2026-01-31,2026-02-01\nM-1,95,96\n", "metric;31.01.2026;01.02.2026\nM-1;95;96\n"] {
        right(&db, text, &[], &["M-1|95|2026-01-31T23:59:59", "M-1|96|2026-02-01T23:59:59"]);
    }
    let text = "metric,2026-01-31\nM-1,95\n";
    right(&db, text, &["--wide", "--tz", "+01:00"], &["M-1|95|2026-01-31T22:59:59"]);
}

#[test]
fn what_was_decided_about_a_file_is_in_the_json() {
    let db = with_three();
    let text = "metric;when;value;owner\nM-1;13/02/2026;95,5;ada\nM-2;01/02/2026;N/A;ada\n";
    let run = piped(&db, &["record", "--file", "-", "--format", "json"], text).ok();
    let decisions = run.json()["decisions"].clone();
    let of = |what: &str| -> Vec<String> {
        let decisions = decisions.as_array().expect("decisions").iter().filter(|one| one["what"] == what);
        decisions
            .map(|one| format!("{} ({})", one["chosen"].as_str().expect("text"), one["sure"].as_str().expect("text")))
            .collect()
    };
    for (what, expected) in [
        ("at", "when (certain)"),
        ("value", "value (column C) (certain)"),
        ("unread", "owner (told)"),
        ("dates", "day first (certain)"),
        ("decimal", "comma (certain)"),
        ("rows_left_out", "1 row without a value (told)"),
    ] {
        assert_eq!(of(what), [expected], "{decisions:#}");
    }
    stored(&db);
    let run = piped(&db, &["record", "--file", "-", "--format", "json"], "metric,value\nM-1,95\n").ok();
    assert!(run.stdout.contains("the server's clock"), "{}", run.stdout);
}

#[test]
fn what_history_prints_is_read_back() {
    let db = with_three();
    piped(
        &db,
        &["record", "--file", "-"],
        "metric,value,at,note\nM-1,91.5,2026-02-01,\"a, b\"\nM-1,92,2026-02-02T06:00:00.25Z,\n",
    )
    .ok();
    let printed = db.cmf(["history", "M-1", "--format", "csv"]).ok().stdout;
    let before = db.rows("SELECT value, recorded_at, note FROM metric_history ORDER BY 2");
    db.execute("DELETE FROM metric_history");
    piped(&db, &["record", "M-1", "--file", "-"], &printed).ok();
    assert_eq!(db.rows("SELECT value, recorded_at, note FROM metric_history ORDER BY 2"), before);
}

#[test]
fn values_that_are_doubtful_are_told_and_refused_where_that_is_asked_for() {
    let db = with_three();
    let file = "metric,date,value\nM-1,2026-02-01,0.955\nM-3,2026-02-01,0.02\n";
    let run = right(&db, file, &[], &["M-1|0.955|2026-02-01T00:00:00", "M-3|0.02|2026-02-01T00:00:00"]);
    assert!(run.stderr.contains("warning: row 2: M-1: 0.955 % looks like a fraction"), "{}", run.stderr);
    refused(&db, file, &["--strict"], &["0.955 % looks like a fraction"]);
    right(&db, file, &["--percent", "scale"], &["M-1|95.5|2026-02-01T00:00:00", "M-3|0.02|2026-02-01T00:00:00"]);
    assert!(
        right(&db, file, &["--percent", "as-is"], &["M-1|0.955|2026-02-01T00:00:00", "M-3|0.02|2026-02-01T00:00:00"])
            .stderr
            .is_empty()
    );
    // Some as fractions and some not: one of them would be wrong, whatever is done.
    db.execute("UPDATE metrics SET target_value = NULL WHERE metric_number = 'M-1'");
    let mixed = "metric,date,value\nM-1,2026-02-01,0.955\nM-1,2026-02-02,95.5\n";
    refused(
        &db,
        mixed,
        &[],
        &[
            "look like fractions, others do not: 0.955 of M-1 (row 2), and 95.5 of M-1 (row 3)",
            "--percent as-is",
            "--percent scale",
        ],
    );
    db.cmf(["record", "M-1", "-5", "--strict"]).fails(65, "less than 0 %").fails(65, "leave out --strict if it is right\n");
    let run = piped(&db, &["record", "M-1", "-5", "--at", "2026-02-01"], "").ok();
    assert!(run.stderr.contains("M-1: -5 is less than 0 %"), "{}", run.stderr);
    // A second time is no better than the first.
    db.cmf(["record", "M-1", "-5", "--strict"]).fails(65, "less than 0 %");
    db.execute("UPDATE metrics SET target_value = 95 WHERE metric_number = 'M-1'");
    db.cmf(["record", "M-1", "0.955"]).ok();
    db.cmf(["record", "M-1", "0.955", "--strict"]).fails(65, "looks like a fraction");
    // A jump.
    db.cmf(["record", "M-3", "3", "--at", "2026-02-01"]).ok();
    let run = db.cmf(["record", "M-3", "31", "--at", "2026-02-02"]).ok();
    assert!(run.stderr.contains("M-3: 31 is more than 10 times the value before it, 3"), "{}", run.stderr);
    db.cmf(["record", "M-3", "3", "--strict"]).fails(65, "the value before it, 31, is more than 10 times 3");
    assert_eq!(db.cmf(["record", "M-3", "3", "--strict", "--max-jump", "11"]).ok().stderr, "");
    db.cmf(["record", "M-3", "3", "--max-jump", "0.5"]).fails(2, "must be at least 1");
    let run = piped(&db, &["record", "--file", "-"], "metric,value,at\nM-3,5,2026-03-01\nM-3,500,2026-03-02\n").ok();
    assert!(run.stderr.contains("500 is more than 10 times the value before it, 5"), "{}", run.stderr);
}

#[test]
fn a_spool_keeps_a_reading_whose_metric_two_catalogs_have() {
    let db = with_three();
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().to_str().expect("UTF-8");
    db.execute(
        "INSERT INTO users (id, username, email) VALUES ('00000000-0000-7000-8000-00000000000a', 'ada', 'ada@example.org');
         INSERT INTO metric_catalogs (id, name, owner_id, is_active) VALUES
         ('00000000-0000-7000-8000-0000000000c1', 'Ours', '00000000-0000-7000-8000-00000000000a', TRUE);
         INSERT INTO metrics (metric_number, name, direction, csf_function, priority, catalog_id) VALUES
         ('M-1', 'MFA', 'higher_is_better', 'PR', 'High', '00000000-0000-7000-8000-0000000000c1')",
    );
    let run = piped(&db, &["record", "--file", "-", "--spool", spool], "metric,value,at\nM-1,95,2026-02-01\n");
    run.fails(65, "2 metrics are called `M-1`").fails(65, "1 reading is kept in");
    let run = db.cmf(["record", "M-1", "96", "--spool", spool]);
    assert!(run.stderr.contains("in the spool") && run.stderr.contains("is kept in"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "0");
    db.execute("UPDATE metric_catalogs SET is_active = FALSE");
    db.cmf(["record", "--drain", "--spool", spool]).ok();
    assert_eq!(db.rows("SELECT value::float8 FROM metric_history ORDER BY 1"), ["95", "96"]);
}

/// The files of the issue as they came.
#[test]
fn files_that_went_wrong_are_right_or_refused() {
    let Some(folder) = shared("cases/record", "record_cases::dates_are_read_in_any_form_that_the_whole_column_allows") else {
        return;
    };
    let db = with_three();
    let file = |name: &str, args: &[&str]| {
        let path = folder.join(name);
        let run = db.cmf(["record", "--file", path.to_str().expect("UTF-8")].iter().chain(args));
        let stored = stored(&db);
        assert!(run.code == 0 || stored.is_empty(), "{name}: {}", run.stderr);
        (run, stored)
    };
    let day = |day: u32, value: &str| format!("{value}|2026-02-{day:02}T00:00:00");
    for (name, expected) in [
        ("_h.csv", vec!["M-1|95.5|2026-01-31T00:00:00".to_owned()]),
        ("rec_eu.csv", vec![day(1, "M-1|95.5"), day(1, "M-2|3.25")]),
        ("rec_eu_dates.csv", vec![day(1, "M-1|95.5"), "M-2|3.25|2026-02-13T08:30:00".to_owned()]),
        ("us_dates.csv", vec![day(13, "M-1|95.5"), day(14, "M-2|3.2")]),
        ("us_ampm.csv", vec!["M-1|95.5|2026-01-31T08:00:00".to_owned(), "M-1|96.5|2026-01-31T20:00:00".to_owned()]),
        ("rec_txtdate.csv", vec![day(1, "M-1|91"), day(1, "M-2|3"), day(1, "M-3|4")]),
        ("rec_blank.csv", vec![day(1, "M-1|91")]),
        ("rec_bom_utf16.csv", vec![day(1, "M-1|91")]),
        ("rec_cp1252.csv", vec![day(1, "M-1|91")]),
        ("rec_cr.csv", vec![day(1, "M-1|91")]),
        ("rec_json_arr.json", vec![day(1, "M-1|91")]),
        ("rec_na.csv", vec![day(1, "M-1|91")]),
        ("rec_pctmix.csv", vec![day(1, "M-1|0.955"), day(1, "M-3|0.02")]),
        ("title_rec.csv", vec!["M-1|95.5|2026-03-31T00:00:00".to_owned()]),
    ] {
        let (run, stored) = file(name, &[]);
        assert_eq!(stored, expected, "{name}: {}", run.stderr);
    }
    let (_, wide) = file("graf7_epoch.csv", &[]);
    assert_eq!(wide.len(), 4, "{wide:?}");
    assert_eq!(file("graf_sep.csv", &[]).1.len(), 2);
    assert!(file("rec_pctmix.csv", &["--strict"]).0.code == 65);
    let (run, _) = file("rec_hidden.xlsx", &[]);
    assert!(run.stderr.contains("1 hidden row read"), "{}", run.stderr);
    let (run, stored) = file("rec_powerbi.xlsx", &[]);
    assert!(run.code == 0 && !stored.is_empty(), "{}", run.stderr);
    let (run, stored) = file("rec_dur.xlsx", &[]);
    assert!(run.code == 65 || stored.iter().any(|reading| reading.starts_with("M-2|36|")), "{stored:?} {}", run.stderr);
}

#[test]
fn every_column_of_dates_is_named_and_so_is_one_without_a_header() {
    let db = with_three();
    refused(&db, "metric,value,aa,bb\nM-1,95,2026-01-02,2026-01-03\n", &[], &["columns hold dates", "`aa`, `bb`"]);
    let run = right(&db, "metric,value,date,\nM-1,95,2026-01-02,5\n", &[], &["M-1|95|2026-01-02T00:00:00"]);
    assert!(run.stderr.contains("unread: D: they have values but no header"), "{}", run.stderr);
}

#[test]
fn what_a_file_says_of_units_zones_keys_and_other_dates_is_not_passed_over() {
    let db = with_three();
    // The unit beside a value.
    let units = "metric,value,unit,date\nM-1,97.5,percent,2026-02-13\nM-2,3,days,2026-02-13\n";
    let run = right(&db, units, &[], &["M-1|97.5|2026-02-13T00:00:00", "M-2|3|2026-02-13T00:00:00"]);
    assert!(run.stderr.contains("row 3: M-2: the unit of 3 is days, but that of the metric is hours"), "{}", run.stderr);
    assert!(!run.stderr.contains("row 2"), "{}", run.stderr);
    refused(&db, units, &["--strict"], &["the unit of 3 is days"]);
    let line = "{\"metric\":\"M-2\",\"value\":3,\"unit\":\"days\",\"at\":\"2026-02-13\"}\n";
    refused(&db, line, &["--strict"], &["the unit of 3 is days"]);
    refused(&db, "metric,unit,2026-01-31\nM-2,days,3\n", &["--strict"], &["the unit of 3 is days"]);
    right(&db, "metric,unit,2026-01-31\nM-2,h,3\n", &["--strict"], &["M-2|3|2026-01-31T23:59:59"]);
    let spool = tempfile::tempdir().expect("a folder");
    let folder = spool.path().to_str().expect("UTF-8");
    let mut command = crate::support::cmf();
    let file = spool.path().join("units.csv");
    std::fs::write(&file, units).expect("a file");
    command.env("CMF_DATABASE_URL", crate::record_faults::nowhere());
    crate::support::run(command.args(["record", "--strict", "--spool", folder, "--file"]).arg(&file)).fails(75, "kept");
    assert!(db.cmf(["record", "--drain", "--spool", folder]).stderr.contains("the unit of 3 is days"));
    assert!(stored(&db).is_empty());
    // Dates of something else, and zones.
    for header in ["due date", "deadline", "next review", "valid until", "Ziel Datum"] {
        let file = format!("metric,value,{header}\nM-1,97.5,2026-02-13\n");
        refused(&db, &file, &[], &["holds dates", "--map"]);
    }
    let both = "metric,value,date,due date\nM-1,97.5,2026-02-13,2026-12-31\n";
    right(&db, both, &[], &["M-1|97.5|2026-02-13T00:00:00"]);
    let zones = "metric,value,date,timezone\nM-1,97.5,2026-02-13 08:00,Europe/Berlin\n";
    refused(&db, zones, &[], &["the zone of the times is in another column: `timezone`", "--tz"]);
    right(&db, zones, &["--tz", "Europe/Berlin"], &["M-1|97.5|2026-02-13T07:00:00"]);
    // Another metric than the one that is named.
    let other = "metric,value,date\nM-1,97.5,2026-02-13\nM-3,4,2026-02-13\n";
    let run = piped(&db, &["record", "M-1", "--file", "-"], other).fails(65, "the row is of `M-3`, but `M-1` is named");
    assert!(run.stderr.contains("row 3"), "{}", run.stderr);
    piped(&db, &["record", "M-1", "--file", "-"], "metric,value,date\nm-1,97.5,2026-02-13\n").ok();
    piped(&db, &["record", "M-1", "--file", "-", "--map", "metric="], "metric,value,date\nX,97,2026-02-14\n").ok();
    assert_eq!(stored(&db), ["M-1|97.5|2026-02-13T00:00:00", "M-1|97|2026-02-14T00:00:00"]);
    // Two values under a key.
    for text in [
        "[{\"metric\":\"M-1\",\"value\":97.5,\"value\":96,\"at\":\"2026-02-13\"}]",
        "{\"metric\":\"M-1\",\"value\":97.5,\"value\":96,\"at\":\"2026-02-13\"}\n",
        "{\"data\":[{\"metric\":\"M-1\",\"value\":{\"a\":1,\"a\":2},\"at\":\"2026-02-13\"}]}",
    ] {
        refused(&db, text, &[], &["twice"]);
    }
    // A column that the user says is not read.
    piped(&db, &["record", "--file", "-", "--no-header", "--columns-are", "metric,-,value"], "M-1,2026-02-13,97.5\n").ok();
    assert_eq!(stored(&db).len(), 1);
    // Nothing below the header.
    let run = piped(&db, &["record", "--file", "-"], "metric,value,date\n").ok();
    assert!(run.stderr.contains("has no rows below its header"), "{}", run.stderr);
}

//! Columns of quarters, months and other periods: readings beside the metrics of a catalog.

use crate::import::{Scratch, import};
use crate::import_sheets::{book, on_a_terminal};
use crate::support::{Db, Run, run, shared};

const QUARTERS: &str = "ID,Metric,CSF,Target,Unit,Direction,Priority,Q1,Q2,Q3,Q4\n\
                        K-1,MFA coverage,PR.AA-03,95,%,higher,High,80,85,91,\n\
                        K-2,Open findings,ID.RA-01,0,count,lower,High,21,20,,\n\
                        K-3,Restores,RC.RP-03,12,count,higher,Medium,,,,\n";

/// All readings: the metric's number, the value and its instant.
fn readings(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT concat_ws(' ', m.metric_number, trim_scale(h.value), to_char(h.recorded_at, 'YYYY-MM-DD HH24:MI:SS.US'))
         FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY m.metric_number, h.recorded_at",
    )
}

/// The days of the readings that wait in the items, with the value of each item.
fn waiting(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT concat_ws(' ', i.name, '=', coalesce(trim_scale(i.current_value)::text, '-'), left(i.original_data #>> '{parsed,current_at}', 10), ':',
                (SELECT string_agg(left(r.key, 10) || ' ' || trim_scale(r.value::numeric), ', ' ORDER BY r.key)
                 FROM jsonb_each_text(i.original_data #> '{parsed,readings}') r))
         FROM metric_catalog_items i ORDER BY i.id",
    )
}

fn text(db: &Db, scratch: &Scratch, sheet: &str, more: &[&str]) -> Run {
    import(db, &scratch.file("kpis.csv", sheet), more)
}

#[test]
fn a_catalog_and_all_its_quarters_are_one_import() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let trail = || db.one("SELECT count(*) FROM ai_change_log");
    let before: u64 = trail().parse().expect("a number");
    let run = text(&db, &scratch, QUARTERS, &["--series", "year=2026", "--activate", "--format", "json"]).ok().json();
    assert_eq!(run["columns"].as_array().expect("columns").iter().filter(|one| one["field"] == "reading").count(), 4, "{run}");
    assert!(
        run["decisions"].to_string().contains("4 columns are readings (`Q1` to `Q4`), each at the end of its period"),
        "{run}"
    );
    assert_eq!(
        readings(&db),
        [
            "K-1 80 2026-03-31 23:59:59.999999", "K-1 85 2026-06-30 23:59:59.999999", "K-1 91 2026-09-30 23:59:59.999999",
            "K-2 21 2026-03-31 23:59:59.999999", "K-2 20 2026-06-30 23:59:59.999999",
        ]
    );
    let current = "SELECT concat_ws(' ', metric_number, trim_scale(current_value)) FROM metrics ORDER BY metric_number";
    assert_eq!(db.rows(current), ["K-1 91", "K-2 20", "K-3"]);
    assert_eq!(trail(), (before + 1).to_string());
}

#[test]
fn readings_wait_in_the_items_until_the_catalog_is_activated() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    text(&db, &scratch, QUARTERS, &["--series", "year=FY26,start=10"]).ok();
    assert_eq!(
        waiting(&db),
        [
            "MFA coverage = 91 2026-06-30 : 2025-12-31 80, 2026-03-31 85, 2026-06-30 91",
            "Open findings = 20 2026-03-31 : 2025-12-31 21, 2026-03-31 20",
            "Restores = - :",
        ]
    );
    assert_eq!(readings(&db), [""; 0]);
    db.cmf(["catalog", "activate", "kpis"]).ok();
    assert_eq!(readings(&db).len(), 5);
    // The same sheet again changes nothing.
    let again = text(&db, &scratch, QUARTERS, &["--series", "year=FY26,start=10", "--mode", "upsert", "--format", "json"]);
    let again = again.ok().json();
    assert_eq!((&again["unchanged"], &again["readings"], &again["repeats"]), (&3.into(), &0.into(), &5.into()));
    assert_eq!(readings(&db).len(), 5);
}

#[test]
fn a_later_sheet_adds_its_quarter_and_never_another_value_without_a_word() {
    for active in [true, false] {
        let (db, scratch) = (Db::seeded(), Scratch::new());
        let activate: &[&str] = if active { &["--activate"] } else { &[] };
        text(&db, &scratch, QUARTERS, &[&["--series", "year=2026"], activate].concat()).ok();
        let upsert = ["--series", "year=2026", "--mode", "upsert", "--format", "json"];
        let values = |db: &Db| {
            if active {
                readings(db).len()
            } else {
                waiting(db).iter().map(|row| row.matches("-30 ").count() + row.matches("-31 ").count()).sum()
            }
        };
        let counted = values(&db);
        // The next quarter, and two that are as before.
        let next = QUARTERS.replace(",21,20,,", ",21,20,18,");
        let run = text(&db, &scratch, &next, &upsert).ok().json();
        assert_eq!(run["repeats"], 5, "{run}");
        assert_eq!(values(&db), counted + 1);
        assert_eq!(db.one("SELECT trim_scale(current_value) FROM metric_catalog_items WHERE name = 'Open findings'"), "18");
        let other = next.replace("80,85,91", "80,86,91");
        let refused = text(&db, &scratch, &other, &upsert).fails(65, "1 metric has a different value at that time");
        assert!(refused.stderr.contains("--on-conflict replace"), "{}", refused.stderr);
        let is = |db: &Db, value: &str| {
            let all = if active { readings(db) } else { waiting(db) }.join("\n");
            assert!(
                all.contains(&if active { format!("K-1 {value} 2026-06-30") } else { format!("2026-06-30 {value}") }),
                "{all}"
            );
        };
        is(&db, "85");
        let run = text(&db, &scratch, &other, &[&upsert[..], &["--on-conflict", "skip"]].concat()).ok().json();
        assert!(run["decisions"].to_string().contains("1 reading kept"), "{run}");
        is(&db, "85");
        text(&db, &scratch, &other, &[&upsert[..], &["--on-conflict", "replace"]].concat()).ok();
        is(&db, "86");
    }
}

#[test]
fn periods_in_headers_are_dated_by_what_they_say() {
    for (header, expected) in [
        ("Q1 2026,Q2 2026", "2026-03-31 1, 2026-06-30 2"),
        ("Jan 26,Feb 26", "2026-01-31 1, 2026-02-28 2"),
        ("2026-01,2026-02", "2026-01-31 1, 2026-02-28 2"),
        ("Ist März 2026,Ist Mai 2026", "2026-03-31 1, 2026-05-31 2"),
        ("févr. 2026,avril 2026", "2026-02-28 1, 2026-04-30 2"),
        ("ene 2026,dic 2025", "2025-12-31 2, 2026-01-31 1"),
        ("KW 12 2026,KW 13 2026", "2026-03-22 1, 2026-03-29 2"),
        ("2024,2025", "2024-12-31 1, 2025-12-31 2"),
        ("31.01.2026,28.02.2026", "2026-01-31 1, 2026-02-28 2"),
    ] {
        let (db, scratch) = (Db::seeded(), Scratch::new());
        let run = text(&db, &scratch, &format!("Metric,Target,{header}\nA,5,1,2\n"), &["--format", "json"]).ok().json();
        assert!(run["decisions"].to_string().contains("2 columns are readings"), "{run}");
        assert!(waiting(&db)[0].ends_with(expected), "{header}: {:?}", waiting(&db));
    }
}

#[test]
fn what_periods_do_not_say_is_asked() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    // The year that is told as an example is over.
    let quarters = "Metric,Target,Q1,Q2,Q3,Q4\nMFA coverage,95,1,2,3,4\n";
    let told = text(&db, &scratch, quarters, &[]).fails(65, "does not say which year").stderr;
    let year = told.split("such as --series ").nth(1).and_then(|rest| rest.lines().next()).expect("an example");
    text(&db, &scratch, quarters, &["--series", year, "--dry-run"]).ok();
    let sheet = |header: &str| {
        let values = ",1".repeat(header.split(',').count());
        format!("Metric,Target,{header}\nA,5{values}\n")
    };
    for (header, more, what, hint) in [
        ("Jan,Feb", &[][..], "does not say which year", "--series year=20"),
        ("FY25,FY24", &[], "in which month the fiscal year begins", "--series start=1"),
        ("2026-01-01,2026-02-01", &[], "first days of months", "--series dates=months"),
        ("Okt,Nov,Dez,Jan", &["--series", "year=2026"], "not in the order of a calendar year", "--series year=2026,start=10"),
        ("Q1 2025,Q2 2025,2025", &[], "and `2025` a year: which of them", "--map =E"),
        ("Q1 2025,Q1 2025", &[], "end at the same time", "--map =D"),
        ("01/02/2026,01/03/2026", &[], "is not a period of the calendar", "--date-format"),
    ] {
        let run = text(&db, &scratch, &sheet(header), more).fails(65, what);
        assert!(run.stderr.contains(hint), "{header}\n{}", run.stderr);
    }
    text(&db, &scratch, "Metric,Target,Note\nA,5,x\n", &["--series", "yes"]).fails(2, "no header is a quarter");
    text(&db, &scratch, QUARTERS, &["--series", "soon"]).fails(2, "is not a year");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
    for (header, more, expected) in [
        ("FY24,FY25", &["--series", "start=1"][..], "2024-12-31 1, 2025-12-31 1"),
        ("2026-01-01,2026-02-01", &["--series", "dates=months"], "2026-01-31 1, 2026-02-28 1"),
        ("2026-01-01,2026-02-01", &["--series", "dates=days"], "2026-01-01 1, 2026-02-01 1"),
        ("Okt,Nov,Jan", &["--series", "year=2026,start=10"], "2025-10-31 1, 2025-11-30 1, 2026-01-31 1"),
        ("Q1 2025,Q2 2025,2025", &["--map", "=E"], "2025-03-31 1, 2025-06-30 1"),
    ] {
        let (db, scratch) = (Db::seeded(), Scratch::new());
        text(&db, &scratch, &sheet(header), more).ok();
        assert!(waiting(&db)[0].ends_with(expected), "{header}: {:?}", waiting(&db));
    }
}

#[test]
fn a_series_may_be_texts_and_one_column_the_value() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let map = scratch.0.path().join("map.toml");
    let map = map.to_str().expect("a path");
    text(&db, &scratch, QUARTERS, &["--series", "no", "--save-map", map]).ok();
    assert_eq!(waiting(&db), ["MFA coverage = - :", "Open findings = - :", "Restores = - :"]);
    assert_eq!(db.one("SELECT original_data #>> '{row,Q3}' FROM metric_catalog_items WHERE name = 'MFA coverage'"), "91");
    text(&db, &scratch, QUARTERS, &["--map-file", map, "--name", "again", "--again"]).ok();
    text(&db, &scratch, QUARTERS, &["--map", "current_value=Q2", "--name", "one", "--again"]).ok();
    assert_eq!(waiting(&db)[6], "MFA coverage = 85 :");
}

#[test]
fn a_period_that_has_not_ended_is_never_dated_without_a_word() {
    let now = chrono::Utc::now().naive_utc();
    let year = chrono::Datelike::year(&now) + 1;
    let sheet = format!("ID,Metric,CSF,Target,Q1 2020,Q1 {year}\nK-1,A,PR.AA-03,5,1,2\n");
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let run = text(&db, &scratch, &sheet, &[]).fails(65, "ends in the future");
    let hint = run.stderr.lines().find(|line| line.contains("as measured now")).expect("a hint");
    assert!(hint.contains("--series yes --map current_value=F"), "{hint}");
    text(&db, &scratch, &sheet, &["--series", "yes", "--map", "current_value=F", "--activate"]).ok();
    let found = readings(&db);
    assert!(found[0].starts_with("K-1 1 2020-03-31") && found[1].starts_with("K-1 2 2"), "{found:?}");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE recorded_at > now() AT TIME ZONE 'utc'"), "0");
    text(&db, &scratch, &sheet, &["--allow-future", "--activate", "--name", "ahead", "--again"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE recorded_at > now() AT TIME ZONE 'utc'"), "1");
}

#[test]
fn a_header_of_two_rows_that_is_merged_downwards_has_its_quarters() {
    let Some(file) = shared("cases/import/merged_header.xlsx", "import_series::a_catalog_and_all_its_quarters_are_one_import")
    else {
        return;
    };
    let db = Db::seeded();
    let run = import(&db, &file, &[]).fails(65, "2 columns are readings, `Results Q1` to `Results Q2`");
    assert!(run.stderr.contains("--series year=20"), "{}", run.stderr);
    import(&db, &file, &["--series", "year=2026"]).ok();
    assert_eq!(
        waiting(&db),
        [
            "MFA coverage = 91 2026-06-30 : 2026-03-31 90, 2026-06-30 91",
            "Open vulns = 20 2026-06-30 : 2026-03-31 21, 2026-06-30 20",
        ]
    );
}

#[test]
fn on_a_terminal_the_year_is_asked() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let file = scratch.file("kpis.csv", QUARTERS);
    let Some(shown) = on_a_terminal(&db, &format!("{} --no-pager", file.display()), "soon\n2026\n") else { return };
    assert!(shown.contains("Which year (2026, FY26)?") && shown.contains("`soon` is not one of these"), "{shown}");
    assert!(waiting(&db)[0].ends_with("2026-03-31 80, 2026-06-30 85, 2026-09-30 91"), "{:?}", waiting(&db));
}

#[test]
fn the_command_for_a_long_series_takes_it() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    import(&db, &scratch.file("m.csv", "id,name,target,csf\nM-1,A,5,PR.AA-01\n"), &["--activate"]).ok();
    let sheet = "As of,Metric ID,Metric Name,Actual Score,Target\n2026-01-31,M-1,A,1,5\n2026-02-28,M-1,A,2,5\n";
    let refused = import(&db, &scratch.file("long form.csv", sheet), &[]);
    let refused = refused.fails(65, "metrics repeat for the dates in column As of");
    let command = refused.stderr.split('`').nth(1).expect("a command").to_owned();
    let typed = command.strip_prefix("cmf ").expect("a command of cmf");
    run(&mut db.in_shell(&format!("exec \"$0\" {typed}"))).ok();
    assert_eq!(readings(&db).len(), 2, "{command}");
}

#[test]
fn all_sheets_of_a_workbook_go_into_one_catalog() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let sheets: &[(&str, &[&[&str]])] = &[
        ("Notes", &[&["How to read this workbook"], &["Ask Ann"]]),
        ("PROTECT", &[&["ID", "Metric", "Target", "Q1 2025", "Q2 2025"], &["P-1", "MFA", "95", "90", "91"]]),
        ("DETECT", &[&["Metric", "KPI Owner", "Target", "ID", "Q1 2025", "Q2 2025"], &["MTTD", "Ann", "4", "D-1", "6", "5"]]),
    ];
    let file = scratch.workbook("sheets.xlsx", &mut book(sheets));
    let run = import(&db, &file, &["--all-sheets", "--activate", "--format", "json"]).ok().json();
    assert_eq!((&run["imported"], run["sheets"].as_array().map(Vec::len)), (&2.into(), Some(2)), "{run}");
    assert!(run["decisions"].to_string().contains("sheet Notes not read"), "{run}");
    let items =
        "SELECT concat_ws(' ', i.name, i.original_data #>> '{source,sheet}', m.function_code) FROM metric_catalog_items i
                 JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id ORDER BY i.id";
    assert_eq!(db.rows(items), ["MFA PROTECT PR", "MTTD DETECT DE"]);
    assert_eq!(readings(&db).len(), 4);
    import(&db, &file, &["--all-sheets"]).fails(1, "imported before");
    let again = import(&db, &file, &["--all-sheets", "--mode", "upsert", "--format", "json"]).ok().json();
    assert_eq!((&again["unchanged"], &again["updated"]), (&2.into(), &0.into()), "{again}");
    // Neither sheet alone takes from the other what it has no column for.
    assert_eq!(db.one("SELECT original_data #>> '{parsed,owner}' FROM metric_catalog_items WHERE name = 'MTTD'"), "Ann");
    let twice: &[(&str, &[&[&str]])] = &[
        ("A", &[&["ID", "Metric", "Target"], &["1", "MFA", "95"]]),
        ("B", &[&["ID", "Metric", "Target"], &["1", "MFA again", "95"]]),
    ];
    let file = scratch.workbook("twice.xlsx", &mut book(twice));
    let run = import(&db, &file, &["--all-sheets"]).fails(65, "row 2 of sheet A has the same metric number");
    assert!(run.stderr.contains("sheet B, A2"), "{}", run.stderr);
    import(&db, &file, &[]).fails(65, "all with --all-sheets");
    import(&db, &file, &["--all-sheets", "--sheet", "A"]).fails(2, "cannot be used with");
    import(&db, &scratch.file("a.csv", "Metric,Target\nA,5\n"), &["--all-sheets"]).fails(2, "--all-sheets is for workbooks");
}

#[test]
fn a_catalog_is_called_by_the_title_of_its_workbook() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let sheets: &[(&str, &[&[&str]])] =
        &[("S", &[&["Security scorecard"], &["October 2026"], &["ID", "Metric", "Target"], &["1", "MFA", "95"]])];
    let mut workbook = book(sheets);
    let name = |run: Run| run.ok().json()["catalog"].as_str().expect("a name").to_owned();
    let file = scratch.workbook("v3_final.xlsx", &mut workbook);
    let run = import(&db, &file, &["--format", "json"]);
    assert!(run.json()["decisions"].to_string().contains("name comes from the title in row 1"), "{}", run.stdout);
    assert_eq!(name(run), "Security scorecard");
    let upsert = ["--mode", "upsert", "--format", "json"];
    assert_eq!(name(import(&db, &file, &upsert)), "Security scorecard");
    assert_eq!(name(import(&db, &file, &["--name", "Mine", "--again", "--format", "json"])), "Mine");
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_title("Board KPIs"));
    let file = scratch.workbook("titled.xlsx", &mut workbook);
    assert_eq!(name(import(&db, &file, &["--format", "json"])), "Board KPIs");
    // A catalog that is called by its file is still the one that is meant.
    import(&db, &file, &["--name", "titled", "--again"]).ok();
    db.cmf(["catalog", "delete", "Board KPIs", "--yes"]).ok();
    assert_eq!(name(import(&db, &file, &upsert)), "titled");
    let plain: &[(&str, &[&[&str]])] = &[("S", &[&["ID", "Metric", "Target"], &["1", "MFA", "95"]])];
    assert_eq!(name(import(&db, &scratch.workbook("plain.xlsx", &mut book(plain)), &["--format", "json"])), "plain");
}

#[test]
fn a_catalog_is_compared_with_a_sheet_of_quarters() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    text(&db, &scratch, QUARTERS, &["--series", "year=2026"]).ok();
    let file = scratch.file("kpis.csv", QUARTERS);
    let diff = |more: &[&str]| run(db.command().args(["catalog", "diff", "kpis"]).arg(&file).args(more));
    diff(&["--exit-code"]).fails(65, "does not say which year");
    diff(&["--exit-code", "--series", "year=2026"]).ok();
    run(db.command().args(["catalog", "diff", "kpis", "kpis", "--series", "yes"])).fails(2, "--series is for tables");
}

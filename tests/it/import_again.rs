//! `cmf import` into a catalog that is there.

use rust_xlsxwriter::Workbook;

use crate::import::{Scratch, import};
use crate::support::{Db, on_terminal};

const FIRST: &str = "id,name,current value,target,unit,subcategory,notes\n\
                     M-1,A,50,95,%,PR.AA-01,x\nM-2,B,3,5,days,GV.OC-01,\nM-3,C,1,2,,ID.AM-01,\n";

fn snapshot(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT i.id, i.name, i.updated_at, i.original_data, m.updated_at, c.updated_at, c.import_metadata
         FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id LEFT JOIN metrics m ON m.id = i.id ORDER BY i.id",
    )
}

#[test]
fn importing_again_keeps_ids_and_history_and_changes_only_what_differs() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("metrics.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let ids = db.rows("SELECT id, name FROM metric_catalog_items ORDER BY id");
    assert_eq!(db.one("SELECT count(*) FROM metric_history WHERE recorded_at = '2026-01-01'"), "3");
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE, confidence = 0.5 WHERE subcategory_code = 'GV.OC-01'");
    let uncertain =
        || db.one("SELECT count(*) FROM metric_catalog_framework_mappings WHERE NOT is_confirmed OR confidence <> 1");
    assert_eq!(uncertain(), "1");
    // What the sheet says is certain.
    import(&db, &scratch.file("metrics.csv", FIRST), &["--mode", "upsert"]).ok();
    assert_eq!(uncertain(), "0");

    // The same once more, also with its rows moved: nothing changes, not even a time.
    let before = snapshot(&db);
    let audit = db.one("SELECT count(*) FROM ai_change_log");
    for text in [FIRST.to_owned(), FIRST.replacen("M-1", "\nM-1", 1)] {
        let file = scratch.file("metrics.csv", text);
        let summary = import(&db, &file, &["--mode", "upsert", "--format", "json"]).ok().json();
        assert_eq!((&summary["unchanged"], &summary["updated"], &summary["imported"]), (&3.into(), &0.into(), &0.into()));
        assert_eq!(snapshot(&db), before);
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), audit);
    }

    // A value becomes a reading, a target changes, a metric is new, one is gone.
    let second = FIRST.replace("50,95", "60,97").replace("M-3,C,1,2,,ID.AM-01,\n", "M-4,D,9,9,,DE.CM-01,\n");
    let file = scratch.file("metrics.csv", second);
    let dry = import(&db, &file, &["--mode", "upsert", "--at", "2026-02-01", "--dry-run", "--format", "json"]).ok();
    assert_eq!(snapshot(&db), before);
    let real = import(&db, &file, &["--mode", "upsert", "--at", "2026-02-01", "--format", "json"]).ok();
    assert_eq!(dry.stdout, real.without_undo());
    let summary = real.json();
    let counts: Vec<_> =
        ["read", "imported", "updated", "unchanged", "readings", "mappings"].iter().map(|name| summary[name].clone()).collect();
    assert_eq!(counts, [3, 1, 1, 1, 2, 1]);
    let changes: Vec<String> = summary["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|one| format!("{} {} {} -> {}", one["metric"], one["field"], one["old"], one["new"]).replace('"', ""))
        .collect();
    assert_eq!(
        changes,
        [
            "M-1 current_value 50 -> 60", "M-1 target_value 95 -> 97", "M-1 row: current value 50 -> 60",
            "M-1 row: target 95 -> 97"
        ]
    );
    assert_eq!(db.rows("SELECT id, name FROM metric_catalog_items WHERE name IN ('A', 'B', 'C') ORDER BY id"), ids);
    assert_eq!(
        db.rows("SELECT m.name, trim_scale(current_value), trim_scale(target_value), (SELECT count(*) FROM metric_history h WHERE h.metric_id = m.id) FROM metrics m ORDER BY m.name"),
        ["A|60|97|2", "B|3|5|2", "C|1|2|1", "D|9|9|1"]
    );

    // Pruned after asking only; the readings stay.
    import(&db, &file, &["--mode", "upsert", "--prune"]).fails(2, "1 metric is no longer in the sheet");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "4");
    let summary = import(&db, &file, &["--mode", "upsert", "--prune", "--yes", "--format", "json"]).ok().json();
    assert_eq!(summary["pruned"], 1);
    assert_eq!(db.rows("SELECT name FROM metric_catalog_items ORDER BY name"), ["A", "B", "D"]);
    assert_eq!(db.one("SELECT count(*) FROM metric_history h JOIN metrics m ON m.id = metric_id WHERE name = 'C'"), "1");

    // An update takes only what is there.
    let third = scratch.file("metrics.csv", "id,name,target\nM-1,A,98\nM-9,Z,1\n");
    let before = snapshot(&db);
    import(&db, &third, &["--mode", "update"]).fails(65, "line 3 (id): the catalog has no such metric");
    assert_eq!(snapshot(&db), before);
    // What the sheet has no column for stays as it is.
    let third = scratch.file("metrics.csv", "id,name,target\nM-1,A,98\n");
    import(&db, &third, &["--mode", "update"]).ok();
    assert_eq!(
        db.rows("SELECT unit, trim_scale(current_value), trim_scale(target_value) FROM metric_catalog_items WHERE name = 'A'"),
        ["%|60|98"]
    );
    import(&db, &third, &["--mode", "update", "--name", "nope"]).fails(1, "analyst has no catalog called `nope`");
    let mine = db.one("SELECT name FROM metric_catalogs");
    let said = format!("did you mean `{mine}`? Then add --catalog {mine}");
    import(&db, &third, &["--mode", "update", "--name", &mine.to_uppercase()]).fails(1, &said);
    import(&db, &third, &["--mode", "update", "--catalog", &mine]).ok();
}

#[test]
fn what_is_pruned_loses_its_readings_only_where_that_is_said_and_never_for_a_row_with_a_problem() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let before = snapshot(&db);
    let prune = ["--mode", "upsert", "--prune", "--yes", "--allow-partial"];
    let wrong = scratch.file("m.csv", FIRST.replace("M-3,C,1,", "M-3,C,soon,"));
    import(&db, &wrong, &prune).fails(65, "a rejected row would look like a removed metric");
    assert_eq!(snapshot(&db), before);

    let readings = "SELECT m.name FROM metric_history h JOIN metrics m ON m.id = h.metric_id ORDER BY 1";
    let shorter = scratch.file("m.csv", FIRST.replace("M-3,C,1,2,,ID.AM-01,\n", ""));
    import(&db, &shorter, &prune).ok();
    assert_eq!(db.rows(readings), ["A", "B", "C"]);
    let shortest = scratch.file("m.csv", FIRST.split_inclusive('\n').take(2).collect::<String>());
    import(&db, &shortest, &[&prune[..], &["--prune-history"]].concat()).ok();
    assert_eq!(db.rows(readings), ["A", "C"]);
}

/// What the question said is what is removed, and nothing else.
#[test]
fn a_catalog_that_changed_while_its_pruning_was_asked_about_stays() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &[]).ok();
    let catalog = db.one("SELECT id FROM metric_catalogs");
    let add = |name: &str| {
        db.execute(&format!(
            "INSERT INTO metric_catalog_items (catalog_id, original_data, name) VALUES ('{catalog}', '{{}}', '{name}')"
        ));
    };
    let shorter = scratch.file("m.csv", FIRST.replace("M-3,C,1,2,,ID.AM-01,\n", ""));
    let mut command = db.command();
    command.args(["import", "--direction=*=higher", shorter.to_str().expect("a path"), "--mode", "upsert", "--prune"]);
    let names = || db.rows("SELECT name FROM metric_catalog_items ORDER BY name");
    let Some(run) = on_terminal(&command, "[y/N]", || add("Late"), "y\n") else { return };
    let run = run.fails(1, "Nothing was changed");
    assert!(run.stderr.contains("1 metric is no longer") && run.stderr.contains("now it is 2 metrics"), "{}", run.stderr);
    assert_eq!(names(), ["A", "B", "C", "Late"]);
    // One for another is another, too.
    let swapped = || {
        db.execute("DELETE FROM metric_catalog_items WHERE name = 'Late'");
        add("Later");
    };
    on_terminal(&command, "[y/N]", swapped, "y\n").expect("a terminal").fails(1, "Nothing was changed");
    assert_eq!(names(), ["A", "B", "C", "Later"]);
    on_terminal(&command, "[y/N]", || (), "y\n").expect("a terminal").ok();
    assert_eq!(names(), ["A", "B"]);
}

#[test]
fn locked_metrics_and_other_values_at_the_same_instant_refuse() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let before = snapshot(&db);
    let file = scratch.file("m.csv", FIRST.replace("50,95", "60,95"));
    import(&db, &file, &["--mode", "upsert", "--at", "2026-01-01"])
        .fails(65, "1 metric has a different value at that time (")
        .fails(65, " at 2026-01-01T00:00:00Z, and the sheet has 60\n");
    db.execute("UPDATE metrics SET is_locked = TRUE WHERE name = 'A'");
    import(&db, &file, &["--mode", "upsert"]).fails(1, "1 metric is locked and takes no readings");
    assert_eq!(snapshot(&db), before);
}

const ONE: &str = "id,name,current value,target,subcategory\n";

/// What there is: item, value of the item, metric, value of the metric, number of readings.
const ALL: &str = "SELECT coalesce(i.name, '-'), trim_scale(i.current_value), m.name, trim_scale(m.current_value),
                          (SELECT count(*) FROM metric_history h WHERE h.metric_id = m.id)
                   FROM metric_catalog_items i FULL JOIN metrics m USING (id) ORDER BY i.name, m.name";

#[test]
fn a_metric_that_was_pruned_comes_back_with_its_id_and_its_history() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = |text: &str| scratch.file("m.csv", format!("{ONE}{text}"));
    let both = "M-1,Alpha,50,95,PR.AA-01\n,Beta,3,5,GV.OC-01\n";
    import(&db, &file(both), &["--activate", "--at", "2026-01-01"]).ok();
    let ids = db.rows("SELECT id FROM metrics ORDER BY name");
    db.cmf(["record", "Alpha", "70", "--at", "2026-03-01"]).ok();
    let other = ["--mode", "upsert", "--catalog", "m"];
    let with = |more: &[&'static str]| other.iter().chain(more).copied().collect::<Vec<_>>();
    import(&db, &file("M-9,Gamma,1,2,PR.AA-02\n"), &with(&["--prune", "--yes"])).ok();
    assert_eq!(db.rows("SELECT name FROM metric_catalog_items"), ["Gamma"]);
    // An update takes only what the catalog has.
    import(&db, &file("M-1,Alpha,50,95,PR.AA-01\n"), &["--mode", "update", "--catalog", "m"]).fails(65, "no such metric");
    // The names are spelled in other ways, and what was measured before the newest reading is no newer than it.
    let back = both.replace("M-1,Alpha", " m-1 ,Alpha 2").replace("Beta", "\" BETA \"");
    import(&db, &file(&back), &with(&["--at", "2026-02-01"])).ok();
    assert_eq!(db.rows("SELECT id FROM metrics WHERE name <> 'Gamma' ORDER BY name"), ids);
    assert_eq!(db.rows(ALL), ["Alpha 2|70|Alpha 2|70|3", "BETA|3|BETA|3|2", "Gamma|1|Gamma|1|1"]);
    db.cmf(["record", "M-1", "71"]).ok();
}

const NUMBERED: &str = "metric_number,name,current value,target,subcategory\n";

/// Number, name, newest value and number of readings.
const METRICS: &str = "SELECT coalesce(metric_number, '-'), name, trim_scale(current_value),
                              (SELECT count(*) FROM metric_history h WHERE h.metric_id = m.id)
                       FROM metrics m ORDER BY lower(name), metric_number";

/// A catalog of two metrics with readings, and a sheet that has them under other numbers, one of them mapped anew.
fn renumbered(scratch: &Scratch) -> (Db, std::path::PathBuf) {
    let db = Db::seeded();
    let first = format!("{NUMBERED},Unnumbered thing,50,95,PR.AA-01\nM-2,MTTD,3,5,GV.OC-01\n");
    import(&db, &scratch.file("m.csv", first), &["--activate", "--at", "2026-01-01"]).ok();
    db.cmf(["record", "MTTD", "4", "--at", "2026-02-01"]).ok();
    let again = format!("{NUMBERED}M-9, unnumbered THING,50,95,PR.AA-01\nM-02,MTTD,3,5,GV.OC-02\n");
    let again = scratch.file("m.csv", again);
    (db, again)
}

#[test]
fn a_metric_under_another_number_is_never_a_second_one_without_a_word() {
    let scratch = Scratch::new();
    let (db, again) = renumbered(&scratch);
    let before = snapshot(&db);
    for more in [&[][..], &["--yes"], &["--dry-run"], &["--prune", "--yes"]] {
        let refused = import(&db, &again, &[&["--mode", "upsert"], more].concat());
        let refused = refused.fails(65, "row 2: `unnumbered THING` has number `M-9`, in the catalog no number\n");
        for text in
            ["row 3: `MTTD` has number `M-02`, in the catalog number `M-2`, which looks like the same", "--renumber keep"]
        {
            assert!(refused.stderr.contains(text), "no {text:?} in {}", refused.stderr);
        }
        assert_eq!(refused.stderr.contains("--prune then removes the old ones"), more.contains(&"--prune"));
        assert_eq!(snapshot(&db), before);
    }
    import(&db, &again, &["--mode", "update"]).fails(65, "but one of this name with number `M-2`");
    import(&db, &again, &["--renumber", "keep"]).fails(2, "add --mode upsert");
}

#[test]
fn a_renumbered_metric_keeps_its_id_and_its_history_where_that_is_said() {
    let scratch = Scratch::new();
    let (db, again) = renumbered(&scratch);
    let ids = db.rows("SELECT id FROM metrics ORDER BY lower(name)");
    // Nothing is gone, so nothing is asked.
    let keep = ["--mode", "upsert", "--renumber", "keep", "--prune", "--format", "json"];
    let run = import(&db, &again, &keep).ok();
    let summary = run.json();
    assert_eq!(["imported", "updated", "pruned", "mappings"].map(|name| summary[name].clone()), [0, 2, 0, 1]);
    assert_eq!(summary["renumbered"][1]["known"][0]["metric_number"], "M-2");
    assert!(run.stdout.contains("it keeps its id and readings under the new number"), "{}", run.stdout);
    assert_eq!(db.rows("SELECT id FROM metrics ORDER BY lower(name)"), ids);
    assert_eq!(db.rows(METRICS), ["M-02|MTTD|4|2", "M-9|unnumbered THING|50|1"]);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "2");
    // The next time it is known by its number.
    let before = snapshot(&db);
    import(&db, &again, &["--mode", "upsert"]).ok();
    assert_eq!(snapshot(&db), before);
}

#[test]
fn a_row_that_is_said_to_be_new_is_a_metric_beside_the_one_of_its_name() {
    let scratch = Scratch::new();
    let (db, again) = renumbered(&scratch);
    let new = ["--mode", "upsert", "--renumber", "new"];
    import(&db, &again, &[&new[..], &["--prune"]].concat()).fails(2, "2 metrics are no longer in the sheet");
    let run = import(&db, &again, &new).ok();
    assert!(
        run.stdout.contains("in the catalog number `M-2`, which looks like the same number: its number is different"),
        "{}",
        run.stdout
    );
    assert_eq!(
        db.rows(METRICS),
        ["M-02|MTTD|3|1", "M-2|MTTD|4|2", "M-9|unnumbered THING|50|1", "-|Unnumbered thing|50|1"].map(str::to_owned)
    );
    // Both have partners by their numbers now. A third number of the name can be either.
    let file = |name: &str, rows: &str| scratch.file(name, format!("{NUMBERED}{rows}"));
    let third = file("third.csv", "M-3,MTTD,3,5,GV.OC-01\n");
    let into = ["--mode", "upsert", "--catalog", "m"];
    for renumber in [&[][..], &["--renumber", "keep"]] {
        import(&db, &third, &[&into[..], renumber].concat()).fails(65, "it is unclear which");
    }
    // One that was removed counts where no item has the name.
    import(&db, &again, &["--mode", "upsert", "--prune", "--yes"]).ok();
    let third = file("third.csv", "M-02,MTTD,3,5,GV.OC-02\nM-10,Unnumbered Thing,3,5,GV.OC-01\n");
    import(&db, &third, &into).fails(65, "row 3: `Unnumbered Thing` has number `M-10`, in the catalog number `M-9`\n");
    let shorter = file("shorter.csv", "M-02,MTTD,3,5,GV.OC-02\n");
    import(&db, &shorter, &[&into[..], &["--prune", "--yes"]].concat()).ok();
    import(&db, &third, &into)
        .fails(65, "in the catalog no number and number `M-9`; it is unclear which of them is the same metric");
    db.execute("DELETE FROM metric_history WHERE metric_id IN (SELECT id FROM metrics WHERE metric_number IS NULL)");
    db.execute("DELETE FROM metrics WHERE metric_number IS NULL");
    import(&db, &third, &[&into[..], &["--renumber", "keep"]].concat()).ok();
    assert_eq!(db.rows("SELECT metric_number FROM metrics WHERE lower(name) = 'unnumbered thing'"), ["M-10"]);
}

#[test]
fn whether_it_is_the_same_metric_is_asked_on_a_terminal() {
    let scratch = Scratch::new();
    let (db, again) = renumbered(&scratch);
    let mut command = db.command();
    command.arg("import").args(["--direction", "*=higher"]).arg(&again).args(["--mode", "upsert"]);
    let question = "Enter stops:";
    let Some(stopped) = on_terminal(&command, question, || {}, "\n") else { return };
    assert_eq!(stopped.code, 65, "{}", stopped.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metric_catalog_items"), "2");
    let kept = on_terminal(&command, question, || {}, "keep\n").expect("script is there");
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    assert_eq!(db.rows(METRICS), ["M-02|MTTD|4|2", "M-9|unnumbered THING|50|1"]);
}

#[test]
fn of_two_pruned_metrics_with_the_same_number_none_is_taken() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let text = format!("{ONE}M-1,A,50,95,PR.AA-01\nM-2,B,3,5,GV.OC-01\n");
    import(&db, &scratch.file("m.csv", &text), &["--activate", "--at", "2026-01-01"]).ok();
    let other = scratch.file("other.csv", format!("{ONE}M-3,C,1,2,PR.AA-02\n"));
    import(&db, &other, &["--mode", "upsert", "--catalog", "m", "--prune", "--yes"]).ok();
    db.execute("UPDATE metrics SET metric_number = 'M-1' WHERE name = 'B'");
    let before = snapshot(&db);
    let again = scratch.file("m.csv", &text);
    import(&db, &again, &["--mode", "upsert"]).fails(65, "cmf metric set");
    assert_eq!(snapshot(&db), before);
    let id = db.one("SELECT id FROM metrics WHERE name = 'B'");
    db.cmf(["metric", "set", &id, "--number", "M-2", "--all"]).ok();
    import(&db, &again, &["--mode", "upsert"]).ok();
    assert_eq!(db.rows(ALL), ["A|50|A|50|1", "B|3|B|3|1", "C|1|C|1|1"]);
}

#[test]
fn the_value_of_an_item_is_that_of_the_newest_reading() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = |text: &str| scratch.file("m.csv", format!("{ONE}{text}"));
    let exported = |catalog: &str| {
        let path = scratch.0.path().join("exported.json");
        db.cmf(["catalog", "export", catalog, "--force", "--out", &path.display().to_string()]).ok();
        let run: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
        let items = run.as_array().or_else(|| run["items"].as_array()).expect("items");
        let shown = db.cmf(["catalog", "show", catalog, "--format", "json"]).ok().json();
        assert_eq!(items[0]["current_value"], shown["catalog_items"][0]["current_value"]);
        items[0]["current_value"].to_string()
    };
    import(&db, &file("M-1,A,50,95,PR.AA-01\n"), &["--activate", "--at", "2026-02-01"]).ok();
    // An older sheet is history.
    import(&db, &file("M-1,A,40,96,PR.AA-01\n"), &["--mode", "upsert", "--at", "2026-01-01"]).ok();
    assert_eq!(db.rows(ALL), ["A|50|A|50|2"]);
    assert_eq!(exported("m"), "50");
    // A newer reading is the item's value too, and the same sheet again takes nothing of that back.
    db.cmf(["record", "M-1", "70", "--at", "2026-03-01"]).ok();
    assert_eq!(exported("m"), "70");
    let audit = db.one("SELECT count(*) FROM ai_change_log");
    import(&db, &file("M-1,A,40,96,PR.AA-01\n"), &["--mode", "upsert"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), audit);
    assert_eq!(db.one("SELECT trim_scale(current_value) FROM metrics"), "70");
    db.cmf(["record", "M-1", "60", "--at", "2026-02-15"]).ok();
    assert_eq!(exported("m"), "70");
    // A copy begins with the newest value, at its time.
    db.cmf(["catalog", "clone", "m", "copy"]).ok();
    assert_eq!(exported("copy"), "70");
    db.cmf(["catalog", "activate", "copy"]).ok();
    assert_eq!(
        db.rows(
            "SELECT trim_scale(value), recorded_at FROM metric_history h JOIN metrics m ON m.id = h.metric_id
                 JOIN metric_catalogs c ON c.id = m.catalog_id WHERE c.name = 'copy'"
        ),
        ["70|2026-03-01 00:00:00"]
    );
    let newest = db.one(
        "SELECT h.id FROM metric_history h JOIN metrics m ON m.id = h.metric_id
                         JOIN metric_catalogs c ON c.id = m.catalog_id WHERE c.name = 'm' AND value = 70",
    );
    db.cmf(["record", "undo", &newest]).ok();
    assert_eq!(exported("m"), "60");
}

#[test]
fn the_value_of_an_item_that_is_no_metric_is_the_newest_of_the_sheets() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = |text: &str| scratch.file("m.csv", format!("{ONE}{text}"));
    import(&db, &file("M-1,A,50,95,\n"), &["--at", "2026-02-01"]).ok();
    import(&db, &file("M-1,A,40,96,\n"), &["--mode", "upsert", "--at", "2026-01-01"]).ok();
    assert_eq!(db.rows("SELECT trim_scale(current_value), trim_scale(target_value) FROM metric_catalog_items"), ["50|96"]);
    import(&db, &file("M-1,A,60,96,\n"), &["--mode", "upsert"]).ok();
    db.cmf(["map", "set", "M-1", "PR.AA-01"]).ok();
    db.cmf(["catalog", "activate", "m"]).ok();
    // Nobody said when 60 was measured: it is dated when it was imported, and not as the value before it.
    assert_eq!(
        db.rows("SELECT trim_scale(value), recorded_at > now() AT TIME ZONE 'utc' - interval '1 hour' FROM metric_history"),
        ["60|t"]
    );
}

#[test]
fn an_import_into_a_named_catalog_calls_it_by_its_name() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--name", "House"]).ok();
    let other = scratch.file("october.csv", FIRST.replace("50,95", "50,97"));
    let run = import(&db, &other, &["--mode", "upsert", "--catalog", "House", "-v"]).ok();
    assert!(run.stderr.contains("catalog House is active") && !run.stderr.contains("october is"), "{}", run.stderr);
    import(&db, &other, &["--catalog", "House", "--again"]).fails(1, "already has a catalog called `House`");
}

#[test]
fn another_sheet_of_the_same_file_is_no_repeat() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut workbook = Workbook::new();
    for (name, metric) in [("Q1", "A"), ("Q2", "B")] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a sheet");
        sheet.write(0, 0, "name").and_then(|sheet| sheet.write(0, 1, "target")).expect("cells");
        sheet.write(1, 0, metric).and_then(|sheet| sheet.write(1, 1, 5)).expect("cells");
    }
    let file = scratch.workbook("two.xlsx", &mut workbook);
    import(&db, &file, &["--sheet", "Q1", "--name", "first"]).ok();
    import(&db, &file, &["--sheet", "Q2", "--name", "second"]).ok();
    for sheet in ["Q1", "Q2"] {
        import(&db, &file, &["--sheet", sheet, "--name", "third"]).fails(1, "--again");
    }
    assert_eq!(
        db.rows("SELECT c.name, i.name FROM metric_catalogs c JOIN metric_catalog_items i ON i.catalog_id = c.id ORDER BY 1"),
        ["first|A", "second|B"]
    );
    // Another owner has not imported it.
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    import(&db, &file, &["--sheet", "Q1", "--name", "first", "--owner", "ada"]).ok();
}

#[test]
fn nothing_is_pruned_by_a_sheet_with_problems() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", FIRST), &["--activate", "--at", "2026-01-01"]).ok();
    let before = snapshot(&db);
    let file = scratch.file("m.csv", FIRST.replace("3,5,days", "3,soon,days").replace("M-3,C,1,2,,ID.AM-01,\n", ""));
    for more in [&[][..], &["--allow-partial"], &["--allow-partial", "--max-errors", "5"]] {
        let args = [&["--mode", "upsert", "--prune", "--yes"], more].concat();
        let run = import(&db, &file, &args);
        assert_eq!(run.code, 65, "{more:?}: {}", run.stderr);
        assert!(more.is_empty() || run.stderr.contains("--prune needs a sheet without problems"), "{}", run.stderr);
        assert_eq!(snapshot(&db), before, "{more:?}");
    }
}

#[test]
fn as_many_problems_as_allowed_are_allowed_and_one_more_is_not() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("m.csv", "name,target\nA,1\nB,soon\nC,later\n");
    let with = |most: &str| import(&db, &file, &["--name", "m", "--allow-partial", "--max-errors", most]);
    with("1").fails(65, "2 rows have problems");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "0");
    assert_eq!(with("2").code, 3);
    assert_eq!(db.rows("SELECT name FROM metric_catalog_items"), ["A"]);
}

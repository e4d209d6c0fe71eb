//! Directions that no column has: told by words, said, asked, and named beside the score.

use std::path::{Path, PathBuf};

use cmf::domain::direction::{Facts, told};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::import::{NOTHING, Scratch, import_bare as import, state};
use crate::support::{Db, Run, on_terminal, project, shared};

/// The two metrics of `cases/import/low.csv`: their words tell the direction.
const LOW: &str = "metric_number,name,subcategory,target,current_value\n\
                   V-1,Critical vulnerabilities older than 30 days,ID.RA-01,0,21\n\
                   V-2,Mean time to remediate (days),ID.RA-06,14 days,31\n";

/// Three metrics whose words tell nothing.
const DUMB: &str = "id,name,subcategory,target,current value\nK-1,Red widgets,PR.AA-01,5,4\nK-2,Blue widgets,PR.AA-02,6,8\n\
                    K-3,Culture index,PR.AT-01,4,3\n";

fn imported(db: &Db, text: &str, more: &[&str]) -> Run {
    let scratch = Scratch::new();
    import(db, &scratch.file("sheet.csv", text), more)
}

fn directions(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT name, direction, original_data #>> '{parsed,direction_told}' FROM metric_catalog_items
         ORDER BY (original_data #>> '{source,row}')::int",
    )
}

/// How the judgment does on metrics with a known direction: right, asked, and those that are wrong.
fn judged<'r>(rows: impl Iterator<Item = (Facts<'r>, String)>) -> (usize, usize, Vec<String>) {
    let (mut right, mut asked, mut wrong) = (0, 0, Vec::new());
    for (facts, direction) in rows {
        match told(&facts) {
            Some(told) if told.direction.as_str() == direction => right += 1,
            Some(told) => wrong.push(format!("{}: {} by {}", facts.name, told.direction, told.why)),
            None => asked += 1,
        }
    }
    println!("right {right}, asked {asked}, wrong {}: {wrong:?}", wrong.len());
    (right, asked, wrong)
}

#[test]
fn metrics_as_analysts_name_them_in_four_languages_get_the_right_direction_or_none() {
    let text = std::fs::read_to_string(project("tests/it/directions/kpis.csv")).expect("the file");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let facts = rows.iter().map(|row| {
        let &[_, name, unit, target, direction] = row.as_slice() else { panic!("{row:?}") };
        let target = target.parse::<Decimal>().ok();
        (Facts { name, unit: (!unit.is_empty()).then_some(unit), target, ..Facts::default() }, direction.to_owned())
    });
    let (right, asked, wrong) = judged(facts);
    assert_eq!(right + asked + wrong.len(), 120);
    assert_eq!((asked, wrong), (2, Vec::new()), "fewer questions are better, a wrong answer is not");
}

/// Imports a sheet with its column of directions and without it, and compares.
fn without_its_column(file: &Path) -> (usize, usize, Vec<String>) {
    let (with, without) = (Db::seeded(), Db::seeded());
    import(&with, file, &["--name", "list"]).ok();
    let scratch = Scratch::new();
    let mut rows = csv::Reader::from_path(file).expect("CSV");
    let at = rows.headers().expect("a header").iter().position(|header| header.eq_ignore_ascii_case("direction"));
    let at = at.expect("a column of directions");
    let mut kept = csv::Writer::from_writer(Vec::new());
    let without_it = |row: &csv::StringRecord| {
        row.iter().enumerate().filter(|(column, _)| *column != at).map(|(_, cell)| cell.to_owned()).collect::<Vec<_>>()
    };
    kept.write_record(without_it(rows.headers().expect("a header"))).expect("written");
    for row in rows.records() {
        kept.write_record(without_it(&row.expect("a row"))).expect("written");
    }
    let file = scratch.file("bare.csv", kept.into_inner().expect("flushed"));
    // What is asked is answered by hand with a direction that no metric of these files has by its words.
    let refused = import(&without, &file, &["--name", "list", "--format", "json"]);
    let asked = if refused.code == 0 {
        0
    } else {
        let error: Value = serde_json::from_str(&refused.stderr).expect("JSON");
        let list = error["error"]["undirected"].as_array().expect("a list").len();
        import(&without, &file, &["--name", "list", "--again", "--direction", "*=binary"]).ok();
        list
    };
    let all = "SELECT original_data #>> '{parsed,metric_number}', name, direction,
                      original_data #>> '{parsed,direction_told}' IS NOT NULL OR direction <> 'binary' AS told
               FROM metric_catalog_items ORDER BY 1, 2";
    let (right, found) = (with.rows(all), without.rows(all));
    assert_eq!(right.len(), found.len());
    let pairs = right.iter().zip(&found).filter(|(_, found)| found.ends_with("|t"));
    let (good, bad): (Vec<_>, Vec<_>) =
        pairs.partition(|(right, found)| right.rsplit_once('|').map(|one| one.0) == found.rsplit_once('|').map(|one| one.0));
    println!("{}: right {}, asked {asked}, wrong {bad:?}", file.display(), good.len());
    (good.len(), asked, bad.into_iter().map(|(_, found)| found.clone()).collect())
}

#[test]
fn starter_catalogs_without_their_directions_get_the_right_ones_or_a_question() {
    let (mut right, mut asked) = (0, 0);
    for file in ["fixtures/catalogs/starter-csf-2.0.csv", "fixtures/catalogs/starter-ai-rmf-1.0.csv"] {
        let (good, questions, wrong) = without_its_column(&project(file));
        assert_eq!(wrong, Vec::<String>::new(), "{file}");
        (right, asked) = (right + good, asked + questions);
    }
    // The other 14 are yes or no, which their target says.
    assert_eq!((right, asked), (172, 4));
}

#[test]
fn samples_without_their_directions_get_the_right_ones() {
    let Some(file) = shared(
        "samples/csfp_alma_metricsfixture.csv",
        "directions::starter_catalogs_without_their_directions_get_the_right_ones_or_a_question",
    ) else {
        return;
    };
    assert_eq!(without_its_column(&file), (8, 0, Vec::new()));
}

#[test]
fn words_tell_a_direction_and_the_import_the_item_and_the_score_say_so() {
    let db = Db::seeded();
    let run = imported(&db, LOW, &["--name", "low", "--activate", "--format", "json"]).ok();
    let summary = run.json();
    assert_eq!(summary["directions_told"], 2);
    assert_eq!(
        summary["directions"][0],
        json!({ "row": 2, "metric": "V-1", "direction": "lower_is_better", "why": "`older than`, `vulnerabilities`" })
    );
    assert!(run.stdout.contains("the sheet has no direction for 2 metrics: cmf found it by their words"), "{}", run.stdout);
    assert_eq!(
        directions(&db),
        [
            "Critical vulnerabilities older than 30 days|lower_is_better|`older than`, `vulnerabilities`",
            "Mean time to remediate (days)|lower_is_better|`mean time`"
        ]
    );
    assert_eq!(db.one("SELECT import_metadata #>> '{directions_told,lower_is_better}' FROM metric_catalogs"), "2");
    let score = db.cmf(["score", "--format", "json"]).ok().json();
    assert_eq!((&score["assumed_count"], &score["assumed"][1]["told_by"]), (&json!(2), &json!("`mean time`")));
    assert!(score["overall_score"].as_f64().is_some_and(|score| score < 40.0), "{score}");
    let shown = db.cmf(["score"]).ok().stdout;
    assert!(shown.contains("2, 2 assumed") && shown.contains("scored by a direction that nobody set: 2"), "{shown}");
    let check = db.cmf(["score", "check", "--min", "10", "--format", "json"]).ok();
    assert_eq!(check.json()[0]["assumed_count"], 2, "{}", check.stdout);
    assert!(check.stderr.contains("the direction of 2 metrics is not set"), "{}", check.stderr);
    let explained = db.cmf(["score", "explain", "V-2", "--format", "json"]).ok().json();
    assert_eq!(explained["direction_is_assumed"], true);
    assert_eq!(explained["missing"], "direction assumed by `mean time`");
    assert!(db.cmf(["score", "explain"]).ok().stdout.contains("direction assumed by `mean time`"));
    let report = db.cmf(["report", "--format", "json"]).ok().json();
    assert_eq!((&report["assumed_count"], &report["assumed"][0]["direction"]), (&json!(2), &json!("lower_is_better")));
    // The past is scored by the directions of today, and says the same of them.
    let past = db.cmf(["score", "--as-of", "2090-01-01", "--format", "json"]);
    assert!(past.code != 0 || past.json()["assumed_count"] == 2, "{}", past.stdout);
}

#[test]
fn a_direction_that_somebody_says_is_no_longer_assumed() {
    let db = Db::seeded();
    imported(&db, LOW, &["--name", "low", "--activate"]).ok();
    let assumed = || db.cmf(["score", "--format", "json"]).ok().json()["assumed_count"].clone();
    // The same direction, said.
    let run = db.cmf(["metric", "set", "V-1", "--direction", "lower_is_better", "--format", "csv"]).ok();
    assert!(run.stdout.contains("direction_is_assumed,true,false"), "{}", run.stdout);
    assert_eq!(assumed(), 1);
    db.cmf(["metric", "set", "V-1", "--direction", "lower_is_better"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'metric.set'"), "1");
    // What else is said of a metric says nothing of its direction.
    db.cmf(["metric", "set", "V-2", "--target", "20"]).ok();
    assert_eq!(assumed(), 1);
    imported(&db, LOW, &["--catalog", "low", "--mode", "upsert", "--direction", "V-2=lower"]).ok();
    assert_eq!(assumed(), 0);
    // A sheet with nothing but words takes nothing back.
    imported(&db, LOW, &["--catalog", "low", "--mode", "upsert"]).ok();
    assert_eq!(assumed(), 0);
    assert_eq!(
        directions(&db),
        ["Critical vulnerabilities older than 30 days|lower_is_better|", "Mean time to remediate (days)|lower_is_better|"]
    );
    db.cmf(["metric", "set", "V-2", "--direction", "higher_is_better"]).ok();
    imported(&db, LOW, &["--catalog", "low", "--mode", "upsert"]).ok();
    assert!(directions(&db)[1].contains("higher_is_better"), "what a person says wins over words");
}

#[test]
fn a_column_says_it_too_and_contradicts_an_option() {
    let db = Db::seeded();
    imported(&db, LOW, &["--name", "low", "--activate"]).ok();
    let said = LOW.replace("current_value\n", "current_value,direction\n").replace(",21", ",21,lower").replace(",31", ",31,");
    imported(&db, &said, &["--catalog", "low", "--mode", "upsert"]).ok();
    assert_eq!(db.cmf(["score", "--format", "json"]).ok().json()["assumed_count"], 1);
    let run = imported(&db, &said, &["--catalog", "low", "--mode", "upsert", "--direction", "V-1..V-2=higher"]);
    run.fails(65, "the sheet says lower_is_better, but --direction or the column map says higher_is_better");
}

#[test]
fn what_words_do_not_tell_is_asked_and_refused_where_nobody_answers() {
    let db = Db::seeded();
    let run = imported(&db, DUMB, &[]).fails(65, "3 metrics have a target and no direction, and their words do not show it");
    for line in ["row 2: K-1 Red widgets (target 5)", "set it with --direction K-1=lower", "'*=higher'"] {
        assert!(run.stderr.contains(line), "no {line:?} in:\n{}", run.stderr);
    }
    assert_eq!(state(&db), NOTHING);
    let dry = imported(&db, DUMB, &["--dry-run"]);
    assert_eq!(dry.code, 65, "a dry run is the same import");
    // Problems of rows come first: with them nothing would be imported anyway.
    imported(&db, &DUMB.replace(",6,8", ",soon,8"), &[]).fails(65, "1 row has problems");
    // Without a target a direction does not matter.
    imported(&db, "id,name\nK-1,Red widgets\nK-2,Blue widgets\n", &["--name", "bare"]).ok();
    assert_eq!(directions(&db), ["Red widgets||", "Blue widgets||"]);
    let open = "SELECT count(*) FROM metric_catalog_items WHERE original_data #> '{parsed,direction_unknown}' IS NOT NULL";
    assert_eq!(db.one(open), "2");
    // An identical sheet changes nothing, whoever said the direction since.
    db.execute("UPDATE metric_catalog_items SET direction = 'binary', original_data = original_data #- '{parsed,direction_unknown}' WHERE name = 'Red widgets'");
    let again = imported(
        &db,
        "id,name\nK-1,Red widgets\nK-2,Blue widgets\n",
        &["--catalog", "bare", "--mode", "upsert", "--format", "json"],
    );
    assert_eq!(again.ok().json()["unchanged"], 2);
}

#[test]
fn an_option_names_metrics_by_number_range_name_and_all_that_are_left() {
    let db = Db::seeded();
    for wrong in ["K-1", "K-1=sideways", "K-3..K-1=lower", "=lower"] {
        assert_eq!(imported(&db, DUMB, &["--direction", wrong]).code, 2, "{wrong}");
    }
    imported(&db, DUMB, &["--direction", "K-1..K-3=lower", "--direction", "K-9=lower"]).fails(2, "`K-9` names no metric");
    assert_eq!(state(&db), NOTHING);
    let said = ["--direction", "k-1..K-2=lower", "--direction", "K-2=binary", "--direction", "*=higher", "--activate"];
    imported(&db, DUMB, &said).ok();
    let expected = ["Red widgets|lower_is_better|", "Blue widgets|binary|", "Culture index|higher_is_better|"];
    assert_eq!(directions(&db), expected);
    assert_eq!(db.cmf(["score", "--format", "json"]).ok().json()["assumed_count"], 0);
    let named = ["--name", "again", "--again", "--direction", "red WIDGETS=range", "--direction", "*=lower", "--dry-run"];
    imported(&db, DUMB, &named).ok();
}

#[test]
fn a_map_keeps_directions_for_the_next_time() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let (file, map) = (scratch.file("sheet.csv", DUMB), scratch.0.path().join("map.toml"));
    let map_text = map.to_str().expect("UTF-8");
    import(&db, &file, &["--direction", "K-1..K-2=lower", "--direction", "*=higher", "--save-map", map_text]).ok();
    let saved = std::fs::read_to_string(&map).expect("a map");
    assert!(saved.contains("[directions]\n\"*\" = \"higher_is_better\"\n\"K-1..K-2\" = \"lower_is_better\""), "{saved}");
    import(&db, &file, &["--again", "--name", "second", "--map-file", map_text, "--direction", "K-1=range"]).ok();
    assert_eq!(
        db.rows("SELECT i.direction FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = catalog_id AND c.name = 'second' ORDER BY i.name"),
        ["lower_is_better", "higher_is_better", "target_range"]
    );
    let wrong = scratch.file("wrong.toml", "[directions]\nK-1 = \"sideways\"\n");
    import(&db, &file, &["--map-file", wrong.to_str().expect("UTF-8")]).fails(2, "`K-1` under [directions] has no direction");
    for (line, said) in [
        ("range = \"A1-D5\"", "`range = \"A1-D5\"` is not a range: write it as A4:N20, A4:N, A:N or 4:20"),
        ("decimal = \"x\"", "`decimal = \"x\"` is not point or comma"),
        ("[columns]\nnome = \"A\"", "`nome` under [columns] is not a field"),
    ] {
        let wrong = scratch.file("wrong.toml", line);
        let run = import(&db, &file, &["--map-file", wrong.to_str().expect("UTF-8")]).fails(2, said);
        assert!(!run.stderr.contains("import --help"), "{}", run.stderr);
    }
    // A map of readings has none.
    db.cmf(["record", "--file", file.to_str().expect("UTF-8"), "--map-file", map_text]).fails(2, "is not a field");
}

#[test]
fn on_a_terminal_each_is_asked_for_and_the_answers_are_kept() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let (file, map) = (scratch.file("sheet.csv", DUMB), scratch.0.path().join("map.toml"));
    let command = |map: &Path| {
        let mut command = db.command();
        command.arg("import").arg(&file).arg("--save-map").arg(map);
        command
    };
    let question = "K-1 Red widgets (target 5): which one?";
    let other = scratch.0.path().join("other.toml");
    let Some(stopped) = on_terminal(&command(&other), question, || (), "9\nnone\n\n") else { return };
    stopped.fails(65, "3 metrics have a target and no direction");
    let run = on_terminal(&command(&map), question, || (), "2\n1 all\n").expect("a terminal").ok();
    assert!(run.stderr.contains("3  target_range") && run.stderr.contains("K-2 Blue widgets"), "{}", run.stderr);
    let expected = ["Red widgets|lower_is_better|", "Blue widgets|higher_is_better|", "Culture index|higher_is_better|"];
    assert_eq!(directions(&db), expected);
    let saved = std::fs::read_to_string(&map).expect("a map");
    assert!(saved.contains("K-3 = \"higher_is_better\""), "{saved}");
}

#[test]
fn an_old_catalog_keeps_what_it_has_and_its_score_says_what_was_assumed() {
    let db = Db::seeded();
    imported(&db, DUMB, &["--name", "old", "--direction", "*=higher", "--activate"]).ok();
    // As an import before there was a question left it: no direction at all.
    db.one("UPDATE metric_catalog_items SET direction = NULL WHERE name <> 'Culture index' RETURNING 1");
    db.cmf(["catalog", "activate", "old"]).ok();
    let score = db.cmf(["score", "--format", "json"]).ok().json();
    assert_eq!((&score["assumed_count"], &score["assumed"][0]["told_by"]), (&json!(2), &Value::Null));
    assert!(db.cmf(["score"]).ok().stdout.contains("nothing: an earlier import assumed it"));
    // Importing it again asks nothing, and tells nothing that it does not know.
    imported(&db, DUMB, &["--catalog", "old", "--mode", "upsert"]).ok();
    assert_eq!(directions(&db)[0], "Red widgets||");
}

#[test]
fn an_activation_refuses_targets_without_a_direction_and_takes_it_from_an_option() {
    let db = Db::seeded();
    imported(&db, DUMB, &["--name", "old", "--direction", "*=higher"]).ok();
    let lose = "UPDATE metric_catalog_items SET direction = NULL WHERE name <> 'Culture index'";
    db.execute(lose);
    // An earlier import, or another program, left it so: that is no reason to refuse.
    db.cmf(["catalog", "activate", "old"]).ok();
    db.execute("DELETE FROM metric_history; DELETE FROM metrics");
    // This import left it open, and said so.
    db.execute("UPDATE metric_catalog_items SET original_data = jsonb_set(original_data, '{parsed,direction_unknown}', '1')");
    let run = db.cmf(["catalog", "activate", "old"]).fails(65, "2 items of old have a target and no direction");
    assert!(run.stderr.contains("K-2 Blue widgets") && run.stderr.contains("--direction K-1=lower"), "{}", run.stderr);
    assert_eq!(db.one("SELECT count(*) FROM metrics"), "0");
    db.cmf(["catalog", "activate", "old", "--direction", "K-3=lower", "--direction", "*=lower"])
        .fails(2, "`cmf metric set K-3 --direction lower_is_better` changes it");
    let told = db.cmf(["catalog", "activate", "old", "--direction", "K-9=lower"]).fails(2, "old has no item `K-9`");
    // Only of those that lack one.
    assert!(told.stderr.contains("hint: did you mean `K-") && !told.stderr.contains("K-3"), "{}", told.stderr);
    db.cmf(["catalog", "activate", "old", "--direction", "K-1=lower", "--direction", "*=higher"]).ok();
    let told = db.cmf(["catalog", "activate", "old", "--direction", "K-9=lower"]).fails(2, "old has no item `K-9`");
    assert!(told.stderr.contains("hint: leave out --direction: no item of this catalog needs one"), "{}", told.stderr);
    assert_eq!(
        db.rows("SELECT metric_number, direction FROM metrics ORDER BY 1"),
        ["K-1|lower_is_better", "K-2|higher_is_better", "K-3|higher_is_better"]
    );
    assert_eq!(db.cmf(["score", "--format", "json"]).ok().json()["assumed_count"], 0);
}

#[test]
fn a_file_without_directions_is_no_different_for_it() {
    let db = Db::seeded();
    imported(&db, DUMB, &["--name", "dumb", "--direction", "*=higher"]).ok();
    imported(&db, LOW, &["--name", "low", "--direction", "V-1..V-2=higher"]).ok();
    let scratch = Scratch::new();
    for (catalog, text) in [("dumb", DUMB), ("low", LOW)] {
        let file = scratch.file("sheet.csv", text);
        let run = db.cmf(["catalog", "diff", catalog, file.to_str().expect("UTF-8"), "--exit-code"]).ok();
        assert_eq!(run.stdout.lines().filter(|line| line.contains("direction")).count(), 0, "{}", run.stdout);
    }
}

fn settings(db: &Db, text: &str, more: &[&str]) -> Run {
    let scratch = Scratch::new();
    let file: PathBuf = scratch.file("settings.csv", text);
    let mut args = vec!["metric", "set", "--file", file.to_str().expect("UTF-8")];
    args.extend(more);
    db.cmf(args)
}

#[test]
fn several_metrics_are_set_at_once_all_or_none() {
    let db = Db::seeded();
    imported(&db, DUMB, &["--name", "dumb", "--direction", "*=higher", "--activate"]).ok();
    let metrics =
        || db.rows("SELECT metric_number, direction, trim_scale(target_value), unit, priority FROM metrics ORDER BY 1");
    let audits = || db.one("SELECT count(*) FROM ai_change_log WHERE action = 'metric.set'");
    let before = metrics();
    db.cmf(["metric", "set", "K-1", "K-9", "--direction", "lower_is_better"]).fails(2, "there is no metric `K-9`");
    db.cmf(["metric", "set", "K-1", "k-1", "--direction", "lower_is_better"]).fails(2, "metric K-1 is named twice");
    db.cmf(["metric", "set", "K-1", "K-2", "--name", "x"]).fails(2, "--name and --number change one metric only");
    db.cmf(["metric", "set"]).fails(2, "METRIC");
    db.cmf(["metric", "set", "K-1", "--direction", "lower", "--delimiter", ";"]).fails(2, "");
    assert_eq!((metrics(), audits().as_str()), (before, "0"));
    let run = db.cmf(["metric", "set", "K-1", "K-2", "--direction", "lower", "--format", "csv"]).ok();
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    assert_eq!(audits(), "1");
    assert_eq!(db.one("SELECT jsonb_array_length(result -> 'metrics') FROM ai_change_log WHERE action = 'metric.set'"), "2");
    let sheet = "Metric;Direction;Target;Lower Bound;Upper Bound;Unit;Priority;Frequency;Owner\nK-1;higher;7,5;;;count;Low;every 2 weeks;Ada\nK-3;range;;1;3;;;;\n";
    settings(&db, sheet, &["--decimal", "comma"]).ok();
    assert_eq!(
        metrics(),
        ["K-1|higher_is_better|7.5|count|Low", "K-2|lower_is_better|6||Medium", "K-3|target_range|4||Medium"]
    );
    assert_eq!(audits(), "2");
    let spec = "SELECT original_data #>> '{parsed,frequency}', original_data #>> '{parsed,owner}' FROM metric_catalog_items ORDER BY name";
    assert_eq!(db.rows(spec).iter().filter(|row| *row == "every 2 weeks|Ada").count(), 1);
    let wrong = "metric,direction,target,priority,frequency\nK-1,sideways,>= 5,whenever,often\nK-1,lower,,,\n";
    let run = settings(&db, wrong, &[]).fails(65, "the sheet has 5 problems");
    assert!(run.stderr.contains("row 2, column direction: `sideways`") && run.stderr.contains("`K-1` appears twice"));
    settings(&db, "direction\nlower\n", &[]).fails(65, "no column for the metric");
    settings(&db, "metric,direction\nK-1,lower\n", &["--direction", "lower_is_better"])
        .fails(2, "the sheet has all fields and values");
    settings(&db, "metric,direction\nK-1,lower\n", &["--percent", "scale"]).fails(2, "--percent is for readings");
    assert_eq!(audits(), "2");
}

//! How fresh a score is: its share of fresh weight, where it would lie otherwise, stale metrics that count or do not, and what is due.

use std::path::Path;

use serde_json::{Value, json};

use crate::catalog::catalog;
use crate::score_model::{id, random, store};
use crate::support::{Db, on_terminal, run};

/// MFA (90 of 95, read now) and Utilisation (within 40 to 60, measured monthly, read 60 days ago), and Inventory, never measured.
fn half_stale() -> Db {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["metric", "set", "PR-002", "--frequency", "monthly", "--spec", "owner=Ada, IT"]).ok();
    db.execute(
        "UPDATE metrics SET created_at = created_at - interval '100 days';
         UPDATE metric_history SET recorded_at = now() AT TIME ZONE 'utc' - interval '60 days' WHERE value = 50",
    );
    db
}

fn json(db: &Db, line: &str) -> Value {
    db.cmf(line.split(' ').chain(["--format", "json"])).ok().json()
}

fn certain(one: &Value) -> [&Value; 4] {
    ["fresh_share", "score_low", "score_high", "stale_count"].map(|name| &one[name])
}

#[test]
fn a_score_says_how_much_of_it_is_fresh_and_where_it_would_lie_otherwise() {
    let db = half_stale();
    let score = json(&db, "score");
    // Of the function's two categories one is stale: (94.74 + 0) / 2 and (94.74 + 100) / 2.
    assert_eq!(score["overall_score"], json!(97.37));
    assert_eq!(certain(&score), [&json!(50), &json!(47.37), &json!(97.37), &json!(1)]);
    let protect = &score["function_scores"][2];
    assert_eq!(certain(protect), [&json!(50), &json!(47.37), &json!(97.37), &json!(1)]);
    let categories = protect["categories"].as_array().expect("categories");
    let of = |code: &str| categories.iter().find(|one| one["category_code"] == code).expect("a category");
    assert_eq!(certain(of("PR.AA")), [&json!(100), &json!(94.74), &json!(94.74), &json!(0)]);
    assert_eq!(certain(of("PR.IR")), [&json!(0), &json!(0), &json!(100), &json!(1)]);
    assert_eq!((&score["stale"], &score["stale_after_seconds"]), (&json!("keep"), &Value::Null));
    assert_eq!(json(&db, "score show"), score);
    let table = db.cmf(["score"]).ok().stdout;
    let row = table.lines().find(|line| line.contains("Protect")).expect("a row");
    assert!(table.contains("risk") && !table.contains("rating") && row.contains("50%") && row.contains("47–98"), "{table}");
    // Left out: named, counted, stored with the score; the interval is the same.
    let without = json(&db, "score --stale exclude");
    assert_eq!((&without["overall_score"], &without["unscoreable_count"]), (&json!(94.74), &json!(2)));
    assert_eq!(certain(&without), [&json!(50), &json!(47.37), &json!(97.37), &json!(1)]);
    let missing = without["unscoreable"].as_array().expect("metrics");
    assert!(missing.iter().any(|one| one["name"] == "Utilisation" && one["missing"] == "no recent reading"), "{missing:?}");
    assert_eq!(json(&db, "score show")["stale"], "exclude");
    assert_eq!(db.one("SELECT count(*) FROM framework_scores WHERE function_scores #>> '{aging,stale}' = 'exclude'"), "1");
    // An age for all.
    assert_eq!(json(&db, "score --dry-run --stale-after 61d")["fresh_share"], json!(100));
    assert_eq!(json(&db, "score --dry-run --stale-after 59d")["fresh_share"], json!(50));
    db.cmf(["score", "--stale", "35d"]).fails(2, "keep, exclude");
    // As it was: 20 days after the reading.
    let then = json(&db, "score --as-of 40d --definitions now");
    assert_eq!((&then["fresh_share"], &then["stale_count"]), (&json!(100), &json!(0)));
    assert_eq!(json(&db, "score --as-of 10d --definitions now --stale exclude")["overall_score"], Value::Null);
}

#[test]
fn a_profile_says_whether_stale_metrics_count() {
    let db = half_stale();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let with = |text: &str, args: &[&str]| {
        std::fs::write(&file, format!("[profile.default]\n{text}\n")).expect("a file");
        run(db.command().env("CMF_CONFIG", &file).args(args))
    };
    let score = ["score", "--dry-run", "--format", "json"];
    assert_eq!(with("stale = \"exclude\"", &score).ok().json()["overall_score"], json!(94.74));
    assert_eq!(
        with("stale = \"exclude\"", &[&score[..], &["--stale", "keep"]].concat()).ok().json()["overall_score"],
        json!(97.37)
    );
    with("stale = \"never\"", &score).fails(78, "stale is keep or exclude");
    with("stale = 3", &score).fails(78, "text");
}

#[test]
fn every_command_that_scores_says_how_fresh_its_score_is() {
    let db = half_stale();
    let tree = json(&db, "score explain --stale exclude");
    assert_eq!([&tree["fresh_share"], &tree["score_low"], &tree["score_high"]], [&json!(50), &json!(47.37), &json!(97.37)]);
    let stale = tree.to_string();
    assert!(stale.contains("not scored: stale, 60 days old"), "{stale}");
    let told = db.cmf(["score", "explain", "PR"]).ok().stdout;
    assert!(told.contains("50% of its weight is fresh, so it is within 47–98"), "{told}");
    // A value that is tried is a fresh one.
    let tried = json(&db, "score what-if PR-002=70");
    assert_eq!((&tried["fresh_share"], &tried["fresh_share_then"]), (&json!(50), &json!(100)));
    assert_eq!(json(&db, "score what-if PR-001=95 --stale exclude")["overall_score_then"], json!(100));
    assert_eq!(json(&db, "score what-if PR-001=95 --stale-after 70d")["fresh_share"], json!(100));
    // What is left out gains most by being measured.
    let next = json(&db, "score next --stale exclude");
    assert!(next.as_array().expect("rows").iter().any(|row| row["name"] == "Utilisation" && row["score"].is_null()), "{next}");
    assert!(
        json(&db, "score next --stale exclude --stale-after 61d").as_array().expect("rows").len()
            < next.as_array().expect("rows").len()
    );
    let back = json(&db, "score backfill --from 40d --to 40d --dry-run --definitions now");
    assert_eq!(back[0]["fresh_share"], json!(100));
    let back = |more: &str| json(&db, &format!("score backfill --from 10d --to 10d --dry-run --definitions now {more}"));
    assert_eq!((&back("--stale keep")[0]["score"], &back("--stale exclude")[0]["score"]), (&json!(100), &Value::Null));
    assert_eq!(back("--stale exclude --stale-after 51d")[0]["score"], json!(100));
    // Readings that turned stale are a cause like others, and the parts still add up.
    let diff = |more: &str| json(&db, &format!("score diff --from 40d --definitions now {more}"));
    assert_eq!(diff("--stale exclude")["score_to"], json!(94.74));
    assert_eq!(diff("--stale exclude --stale-after 61d")["score_to"], json!(97.37));
    let parts = diff("--stale exclude");
    let sum: f64 = parts["parts"].as_array().expect("parts").iter().map(|part| part["points"].as_f64().expect("points")).sum();
    assert!((sum - parts["points"].as_f64().expect("points")).abs() < 1e-9, "{parts}");
    let compared = json(&db, "score compare Ours --default --framework csf-2.0 --stale exclude");
    assert_eq!(certain(&compared["catalogs"][0]), [&json!(50), &json!(47.37), &json!(97.37), &json!(1)]);
    assert_eq!(compared["catalogs"][0]["overall_score"], json!(94.74));
    let compared = json(&db, "score compare Ours --default --framework csf-2.0 --stale-after 61d");
    assert_eq!(compared["catalogs"][0]["fresh_share"], json!(100));
    let owners = json(&db, "score --by owner --stale exclude");
    let of = |name: Value| {
        owners["owners"].as_array().expect("owners").iter().find(|one| one["name"] == name).expect("an owner").clone()
    };
    assert_eq!((&of(json!("Ada, IT"))["score"], &of(json!("Ada, IT"))["fresh_share"]), (&Value::Null, &json!(0)));
    assert_eq!((&of(Value::Null)["score"], &of(Value::Null)["fresh_share"]), (&json!(94.74), &json!(100)));
    assert_eq!(owners["overall_score"], json!(94.74));
    let table = db.cmf(["score", "--by", "owner"]).ok().stdout;
    assert!(table.contains("Ada, IT") && table.contains("nobody") && table.contains("0–100"), "{table}");
    db.cmf(["score", "--by", "owner", "--store"]).fails(2, "are not stored");
    let status = json(&db, "status");
    assert_eq!(certain(&status), [&json!(50), &json!(47.37), &json!(97.37), &json!(1)]);
    assert_eq!(status["due_count"], 2);
    assert!(db.cmf(["status"]).ok().stderr.contains("metrics to measure: cmf due --catalog Ours (2)"));
    // Checks.
    let checked = |more: &str| db.cmf(format!("score check --min 60 {more}").trim().split(' '));
    let told = checked("").ok();
    assert!(told.stderr.contains("Overall passes with 1 stale metric; it may be as low as 47.37"), "{}", told.stderr);
    assert!(checked("--stale-after 61d").ok().stderr.is_empty());
    assert_eq!(checked("--stale exclude --format json").ok().json()[0]["score"], json!(94.74));
    let low = |more: &str| json(&db, &format!("check --rule low_score --min 99 {more}"))[0]["finding"].clone();
    let expected = "97.37 is under the minimum 99; 50% of its weight is fresh, so it is within 47–98";
    assert_eq!(low("--stale keep"), expected);
    assert!(low("--stale exclude").as_str().expect("text").starts_with("94.74 is under"));
    assert_eq!(low("--stale-after 61d"), "97.37 is under the minimum 99");
    // A trend has it of each score that is stored.
    db.cmf(["score"]).ok();
    for line in ["score trend", "score trend --function PR"] {
        let point = &json(&db, line)["scores"][0];
        assert_eq!(certain(point)[..3], [&json!(50), &json!(47.37), &json!(97.37)], "{line}");
        let line: Vec<&str> = line.split(' ').collect();
        assert!(db.cmf(line).ok().stdout.contains("47–98"));
    }
    let text = db.cmf(["openmetrics", "--stale", "exclude"]).ok().stdout;
    assert!(text.contains("0.9474"), "{text}");
}

#[test]
fn a_comparison_of_two_instants_says_how_fresh_both_scores_are() {
    let db = half_stale();
    let diff = |more: &str| json(&db, format!("score diff --from 40d --definitions now {more}").trim());
    let of =
        |diff: &Value, end: &str| ["fresh_share", "score_low", "score_high"].map(|name| diff[format!("{name}_{end}")].clone());
    for more in ["", "--function PR"] {
        let diff = diff(more);
        assert_eq!(of(&diff, "from")[0], json!(100), "{diff}");
        assert_eq!(of(&diff, "to"), [json!(50), json!(47.37), json!(97.37)], "{diff}");
    }
    let table = db.cmf(["score", "diff", "--from", "40d", "--definitions", "now"]).ok().stdout;
    assert!(table.contains("(50% fresh: 47–98)") && table.matches("fresh:").count() == 1, "{table}");
}

#[test]
fn monitoring_and_views_have_the_share_and_the_range_of_scores() {
    let db = half_stale();
    db.cmf(["score"]).ok();
    let text = db.cmf(["openmetrics"]).ok().stdout;
    let figure = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name) && (!name.contains("function") || line.contains("\"PR\"")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).rsplit(' ').next().expect("a number").to_owned()
    };
    for of in ["overall", "function"] {
        let names = ["fresh_ratio", "score_low_ratio", "score_high_ratio"].map(|name| format!("cmf_{of}_{name}{{"));
        assert_eq!(names.map(|name| figure(&name)), ["0.5", "0.4737", "0.9737"]);
    }
    db.cmf(["db", "views"]).ok();
    let rows = "SELECT fresh_share, score_low, score_high FROM cmf_views.scores WHERE coalesce(function_code, 'PR') = 'PR'";
    assert_eq!(db.rows(rows), ["50|47.37|97.37"; 2]);
    assert_eq!(db.rows(&rows.replace("scores", "latest_scores")), ["50|47.37|97.37"; 2]);
    // What another program stored says nothing of it.
    db.execute("UPDATE framework_scores SET function_scores = '[]'");
    assert_eq!(db.rows(rows), ["||"; 2]);
}

#[test]
fn what_items_say_counts_whether_all_one_or_none_of_them_say_it() {
    let db = half_stale();
    let score = |data: &str| {
        db.execute(&format!(
            "UPDATE metric_catalog_items SET original_data = CASE name WHEN 'Utilisation' THEN '{data}'::jsonb ELSE '{{}}' END, direction = NULL"
        ));
        let (score, status) = (json(&db, "score --dry-run"), json(&db, "status"));
        assert_eq!(certain(&score), certain(&status), "{data}");
        (score["fresh_share"].as_u64(), score["assumed_count"].as_u64())
    };
    assert_eq!(score("{}"), (Some(100), Some(0)));
    assert_eq!(score(r#"{"parsed": {"frequency": "monthly"}}"#), (Some(50), Some(0)));
    assert_eq!(score(r#"{"parsed": {"direction_told": "Utilisation"}}"#), (Some(100), Some(1)));
    assert_eq!(score(r#"{"source": {"row": 2}}"#), (Some(100), Some(1)));
    assert_eq!(score(r#"{"parsed": {"owner": "Ada"}}"#), (Some(100), Some(0)));
}

#[test]
fn a_risk_is_coloured_on_a_terminal_and_a_word_everywhere() {
    let db = half_stale();
    let shown = |set: &str| {
        let mut command = db.command();
        command.args(["score", "--dry-run", "--no-pager"]).env("TERM", "xterm").env("NO_COLOR", set);
        on_terminal(&command, "Overall", || (), "").map(|run| run.ok().stderr)
    };
    let Some(plain) = shown("1") else { return };
    assert!(plain.contains("Very Low") && !plain.contains('\u{1b}'), "{plain:?}");
    let coloured = shown("").expect("a terminal");
    assert!(coloured.contains("mVery Low") && coloured.matches('\u{1b}').count() >= 4, "{coloured:?}");
    assert_eq!(coloured.lines().count(), plain.lines().count());
    assert!(!db.cmf(["score", "--dry-run"]).ok().stdout.contains('\u{1b}'));
}

#[test]
fn a_report_says_it_in_every_format_and_language() {
    let db = half_stale();
    let report = json(&db, "report --by owner --stale exclude");
    assert_eq!([&report["fresh_share"], &report["stale_count"]], [&json!(50), &json!(1)]);
    assert_eq!(
        [&report["functions"][2]["score_low"], &report["functions"][2]["categories"][0]["fresh_share"]],
        [&json!(47.37), &json!(100)]
    );
    assert_eq!((&report["stale"][0]["owner"], &report["stale"][0]["days"]), (&json!("Ada, IT"), &json!(60)));
    let md = db.cmf(["report", "--by", "owner", "--format", "md"]).ok().stdout;
    assert!(md.contains("50% of its weight is fresh, so it is within 47–98") && md.contains("| 50%: 47–98 |"), "{md}");
    let folder = tempfile::tempdir().expect("a folder");
    let page = |language: &str| {
        let file = folder.path().join(format!("{language}.html"));
        let file = file.to_str().expect("UTF-8");
        db.cmf(["report", "--by", "owner", "--language", language, "--out", file]).ok();
        std::fs::read_to_string(file).expect("a page")
    };
    for (language, word) in [("en", "Fresh"), ("de", "Aktuell"), ("fr", "À jour"), ("es", "Al día")] {
        let text = page(language);
        let fact = format!("<dt>{word}</dt><dd>50%: 47–98</dd>");
        assert!(text.contains(&fact) && text.contains(&format!(">{word}</th>")), "no {fact}");
    }
    // The formulas of the workbook leave it out too.
    let file = folder.path().join("report.xlsx");
    db.cmf(["report", "--stale", "exclude", "--out", file.to_str().expect("UTF-8")]).ok();
    assert_eq!(overview(&file), ["94.74", "50", "47.37", "97.37"]);
}

/// The overall score of a workbook with what is beside it.
fn overview(file: &Path) -> [String; 4] {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let mut book: Xlsx<_> = open_workbook(file).expect("a workbook");
    let sheet = book.worksheet_range("Overview").expect("a sheet");
    let row = sheet.rows().find(|row| row.get(1) == Some(&Data::String("Overall".into()))).expect("a row").to_vec();
    [2, 6, 7, 8].map(|column| match &row[column] {
        Data::Float(number) => format!("{}", (number * 100.0).round() / 100.0),
        other => other.to_string(),
    })
}

#[test]
fn a_score_is_stored_once_a_day_and_method_unless_it_says_something_else() {
    let db = half_stale();
    let count = || db.one("SELECT count(*) FROM framework_scores").parse::<u32>().expect("a number");
    let after = |args: &[&str]| {
        let run = db.cmf(["score"].iter().chain(args)).ok();
        assert!(!run.stderr.contains("stored"), "{}", run.stderr);
        count()
    };
    assert_eq!([after(&[]), after(&[]), after(&["--categories"])], [1; 3]);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'score.compute'"), "1");
    assert_eq!([after(&["--rollup", "metric"]), after(&[]), after(&["--rollup", "metric"])], [2; 3]);
    assert_eq!(after(&["--store"]), 3);
    db.cmf(["score", "--store", "--dry-run"]).fails(2, "cannot be used with");
    // The score is the same, and no more stale.
    db.cmf(["record", "PR-002", "50"]).ok();
    assert_eq!([after(&[]), after(&[])], [4; 2]);
    db.cmf(["record", "PR-001", "95"]).ok();
    assert_eq!([after(&[]), after(&[])], [5; 2]);
    // That of yesterday, and one that a backfill filled in, are none of today.
    db.execute("UPDATE framework_scores SET calculated_at = calculated_at - interval '1 day'");
    assert_eq!([after(&[]), after(&[])], [6; 2]);
    db.execute("UPDATE framework_scores SET function_scores = function_scores || '{\"as_of\": \"2026-01-01T00:00:00Z\"}'");
    assert_eq!(after(&[]), 7);
}

#[test]
fn a_score_that_is_to_be_used_again_is_valid_until_the_first_metric_is_stale() {
    let db = half_stale();
    db.cmf(["metric", "set", "PR-001", "--frequency", "every 2 hours"]).ok();
    db.cmf(["score", "--ttl", "10h"]).ok();
    let within = "SELECT count(DISTINCT valid_until) FROM function_scores WHERE valid_until BETWEEN calculated_at + interval '2 hours' AND calculated_at + interval '3 hours'";
    assert_eq!(db.one(within), "1");
    let first = json(&db, "score --ttl 10h");
    assert_eq!(json(&db, "score")["calculated_at"], first["calculated_at"]);
    // The same value, read anew: it is another score, although no value changed.
    db.cmf(["record", "PR-002", "50"]).ok();
    assert_ne!(json(&db, "score --ttl 10h")["fresh_share"], first["fresh_share"]);
}

#[test]
fn what_is_due_is_listed_with_who_and_since_when() {
    let db = half_stale();
    let due = |more: &[&str]| db.cmf(["due", "--format", "json"].iter().chain(more));
    let rows = due(&[]).ok().json();
    let of = |row: &Value| ["name", "owner", "state", "days_late"].map(|name| row[name].clone());
    assert_eq!(of(&rows[0]), [json!("Inventory"), Value::Null, json!("never measured"), json!(100)]);
    assert_eq!(of(&rows[1]), [json!("Utilisation"), json!("Ada, IT"), json!("stale"), json!(29)]);
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    due(&["--exit-code"]).fails(4, "");
    // What comes up, too; MFA is measured quarterly for want of a word.
    assert_eq!(due(&["--within", "91d"]).ok().json().as_array().map(Vec::len), Some(2));
    let soon = due(&["--within", "93d"]).ok().json();
    assert_eq!(of(&soon[2])[..3], [json!("MFA"), Value::Null, json!("soon")]);
    assert_eq!(due(&["--owner", "ada, it"]).ok().json().as_array().map(Vec::len), Some(1));
    due(&["--owner", "Ada IT"]).fails(2, "did you mean");
    assert_eq!(due(&["--catalog", "Ours"]).ok().json(), rows);
    due(&["--catalog", "Theirs"]).fails(2, "there is no catalog `Theirs`");
    let table = db.cmf(["due"]).ok().stdout;
    assert!(table.contains("monthly") && table.contains("every 92 days, assumed"), "{table}");
    db.cmf(["record", "PR-002", "50"]).ok();
    db.cmf(["record", "ID-001", "50"]).ok();
    assert_eq!(due(&["--exit-code"]).ok().json(), json!([]));
}

#[test]
fn what_is_due_is_a_calendar_too_and_only_where_there_is_one() {
    let db = half_stale();
    let calendar = |more: &[&str]| db.cmf(["due", "--format", "ics"].iter().chain(more)).ok().stdout;
    let text = calendar(&[]);
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let lines = |text: &str| text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect::<Vec<_>>();
    let starts = |text: &str, mark: &str| lines(text).into_iter().filter(|line| line.starts_with(mark)).collect::<Vec<_>>();
    let ids = starts(&text, "UID:");
    let day = db.one("SELECT to_char(now() AT TIME ZONE 'utc' - interval '29 days', 'YYYYMMDD')");
    assert_eq!(ids.len(), 3);
    assert_eq!(starts(&text, "DTSTART")[1], format!("DTSTART;VALUE=DATE:{day}"));
    assert_eq!(starts(&text, "SUMMARY")[1], "SUMMARY:Measure PR-002 Utilisation");
    assert_eq!(starts(&text, "CONTACT"), ["CONTACT:Ada\\, IT"]);
    assert_eq!(calendar(&["--within", "0d"]).matches("BEGIN:VEVENT").count(), 2);
    // Whoever loads it again moves the event.
    db.cmf(["record", "PR-002", "55"]).ok();
    let mut later = starts(&calendar(&[]), "UID:");
    let mut before = ids;
    later.sort();
    before.sort();
    assert_eq!(later, before);
    for args in [&["score"][..], &["metric", "list"], &["check"]] {
        db.cmf(args.iter().chain(&["--format", "ics"])).fails(2, "--format ics is only for `cmf due`");
    }
    db.cmf(["due", "--format", "junit"]).fails(2, "--format junit is only for `cmf check`");
    // What is written into a file is printed as well.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("check.xml");
    let printed = db.cmf(["check", "--format", "junit", "--junit", file.to_str().expect("UTF-8"), "--exit-code"]);
    assert_eq!(printed.code, 4);
    assert_eq!(printed.stdout, std::fs::read_to_string(&file).expect("a file"));
    assert!(printed.stdout.contains("<testsuite name=\"stale\""), "{}", printed.stdout);
}

/// Few readings are found by one walk over all of them, many by a look for each metric: both find the newest.
#[test]
fn the_age_is_that_of_the_newest_reading_however_many_there_are() {
    let db = Db::seeded();
    store(&db, &random(&db, 60));
    db.execute(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT m.id, 1, now() AT TIME ZONE 'utc' - (n * (row_number() OVER (ORDER BY m.metric_number) % 7) * 11 + 1) * interval '1 day'
         FROM metrics m, generate_series(1, 4) n WHERE m.metric_number < 'M-050'",
    );
    let all = || {
        let (score, status) = (json(&db, "score --framework csf-2.0 --dry-run"), json(&db, "status --framework csf-2.0"));
        assert_eq!(certain(&score), certain(&status));
        certain(&score).map(Value::clone)
    };
    let few = all();
    assert!(few[3].as_u64().is_some_and(|count| (10..55).contains(&count)), "{few:?}");
    let (is_few, count) = ("SELECT pg_relation_size('metric_history') / 100 <= 12 * 60", "SELECT count(*) FROM metric_history");
    assert_eq!((db.one(is_few), db.one(count)), ("t".to_owned(), "200".to_owned()));
    db.execute(&format!(
        "INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT '{}', 1, '2020-01-01'::timestamp + n * interval '1 minute' FROM generate_series(1, 2000) n",
        id(0)
    ));
    assert_eq!(db.one(is_few), "f");
    assert_eq!(all(), few);
}

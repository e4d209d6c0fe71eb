//! The past with its own definitions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::score_model::Dice;
use crate::support::Db;

const HEADER: &str = "metric_number,name,subcategory,current_value,target_value,direction,priority\n";
const CODES: [&str; 6] = ["PR.AA-01", "PR.DS-11", "ID.RA-01", "DE.CM-01", "RS.MA-01", "GV.OC-01"];

/// A sheet of some of the metrics K-0 to K-8.
fn sheet(dice: &mut Dice, folder: &std::path::Path) -> String {
    let rows: String = (0..9)
        .filter(|n| *n < 3 || dice.roll(4) > 0)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|n| {
            let direction = ["higher_is_better", "lower_is_better"][usize::from(dice.roll(2) == 1)];
            let priority = ["High", "Medium", "Low"][usize::try_from(dice.roll(3)).expect("a number")];
            let code = CODES[usize::try_from(dice.roll(6)).expect("a number")];
            format!("K-{n},Metric {n},{code},{},{},{direction},{priority}\n", 1 + dice.roll(150), 1 + dice.roll(120))
        })
        .collect();
    let path = folder.join(format!("sheet{}.csv", dice.0));
    std::fs::write(&path, format!("{HEADER}{rows}")).expect("a sheet");
    path.to_str().expect("a path").to_owned()
}

/// Something that a user does next; some of it is refused, which is no matter.
fn step(db: &Db, dice: &mut Dice, folder: &std::path::Path) {
    let metric = format!("K-{}", dice.roll(9));
    let number = (1 + dice.roll(200)).to_string();
    let code = CODES[usize::try_from(dice.roll(6)).expect("a number")];
    match dice.roll(12) {
        0..3 => drop(db.cmf(["record", &metric, &number])),
        3..5 => drop(db.cmf(["metric", "set", &metric, "--target", &number])),
        5 => {
            let direction = ["higher", "lower"][usize::from(dice.roll(2) == 1)];
            drop(db.cmf(["metric", "set", &metric, "--direction", direction]));
        }
        6 => {
            let priority = ["High", "Medium", "Low"][usize::try_from(dice.roll(3)).expect("a number")];
            drop(db.cmf(["metric", "set", &metric, "--priority", priority]));
        }
        7 => drop(db.cmf(["map", "set", &metric, code, "--catalog", "Ours"])),
        8 => drop(db.cmf(["map", "reject", &metric, "--catalog", "Ours"])),
        9 => {
            let sheet = sheet(dice, folder);
            let prune: &[&str] = if dice.roll(2) == 0 { &[] } else { &["--prune", "--prune-history", "--yes"] };
            let args = ["import", &sheet, "--catalog", "Ours", "--mode", "upsert", "--series", "no"];
            drop(db.cmf(args.iter().chain(prune)));
        }
        10 => drop(db.cmf(["catalog", "activate", "Ours"])),
        _ => drop(db.cmf(["metric", "rm", &metric, "--yes"])),
    }
}

/// The scores of a result: of the whole, and of each function.
fn figures(result: &Value) -> BTreeMap<String, String> {
    let functions = result["function_scores"].as_array().expect("functions").iter();
    functions
        .map(|one| (one["function_code"].as_str().expect("a code").to_owned(), one["score"].to_string()))
        .chain([(String::new(), result["overall_score"].to_string())])
        .collect()
}

fn points(value: &Value) -> Decimal {
    value.to_string().parse().expect("a number")
}

/// So many rounds of some steps and a score; then each of the scores again, and what lies between them.
fn a_history(seed: u64, rounds: usize) {
    let (db, folder) = (Db::seeded(), tempfile::tempdir().expect("a folder"));
    let mut dice = Dice(seed * 7_919 + 1);
    let first = sheet(&mut dice, folder.path());
    db.cmf(["import", &first, "--name", "Ours", "--activate"]).ok();
    let mut stored = Vec::new();
    for _ in 0..rounds {
        for _ in 0..=dice.roll(3) {
            step(&db, &mut dice, folder.path());
        }
        let run = db.cmf(["score", "--framework", "csf-2.0", "--format", "json"]).ok().json();
        stored.push((run["calculated_at"].as_str().expect("an instant").to_owned(), run));
    }
    for (at, then) in &stored {
        let run = db.cmf(["score", "--framework", "csf-2.0", "--as-of", at, "--format", "json"]).ok();
        assert_eq!(figures(&run.json()), figures(then), "seed {seed} at {at}");
        assert!(!run.stderr.contains("outside cmf"), "seed {seed}: {}", run.stderr);
    }
    for pair in stored.windows(3) {
        let ((from, old), (to, new)) = (&pair[0], &pair[2]);
        let args = ["score", "diff", "--framework", "csf-2.0", "--from", from, "--to", to, "--format", "json"];
        if old["overall_score"].is_null() || new["overall_score"].is_null() {
            continue;
        }
        let diff = db.cmf(args).ok().json();
        assert_eq!((&diff["score_from"], &diff["score_to"]), (&old["overall_score"], &new["overall_score"]), "seed {seed}");
        let sum = |name: &str| diff[name].as_array().expect("rows").iter().map(|row| points(&row["points"])).sum::<Decimal>();
        let total = points(&new["overall_score"]) - points(&old["overall_score"]);
        assert_eq!((sum("parts"), sum("metrics")), (total, total), "seed {seed}: {diff}");
    }
}

#[test]
fn a_score_is_what_it_was_whatever_was_changed_since() {
    (1..=3).for_each(|seed| a_history(seed, 8));
}

#[test]
#[ignore = "long: 1,000 random histories"]
fn a_thousand_histories_give_their_scores_again() {
    // A history is some twenty commands, one after the other; as many histories at a time as there are processors.
    let (next, threads) = (AtomicU64::new(1), std::thread::available_parallelism().map_or(2, usize::from));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let seeds = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for seed in seeds.take_while(|seed| *seed <= 1_000) {
                    a_history(seed, 4);
                    if seed.is_multiple_of(50) {
                        eprintln!("{seed} of 1000 histories");
                    }
                }
            });
        }
    });
}

fn catalog(db: &Db) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sheet.csv");
    let rows = "K-1,One,PR.AA-01,50,100,higher_is_better,High\nK-2,Two,PR.DS-11,80,100,higher_is_better,High\n";
    std::fs::write(&path, format!("{HEADER}{rows}")).expect("a sheet");
    db.cmf(["import", path.to_str().expect("a path"), "--name", "Ours", "--activate"]).ok();
    folder
}

fn now(db: &Db) -> String {
    db.one("SELECT to_char(clock_timestamp() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
}

#[test]
fn a_past_instant_is_scored_and_explained_with_the_definitions_of_then_or_of_now() {
    let db = Db::seeded();
    let _folder = catalog(&db);
    let then = now(&db);
    db.cmf(["metric", "set", "K-1", "--target", "50"]).ok();
    let of = |args: &[&str]| db.cmf(args.iter().chain(&["--format", "json"])).ok().json();
    let score = |args: &[&str]| of(&[&["score", "--as-of", &then], args].concat())["overall_score"].to_string();
    assert_eq!((score(&[]), score(&["--definitions", "now"])), ("65".to_owned(), "90".to_owned()));
    let explained = |args: &[&str]| of(&[&["score", "explain", "--as-of", &then], args].concat())["score"].to_string();
    assert_eq!((explained(&[]), explained(&["--definitions", "now"])), ("65".to_owned(), "90".to_owned()));
    let reported = |args: &[&str]| of(&[&["report", "--as-of", &then], args].concat())["overall_score"].to_string();
    assert_eq!((reported(&[]), reported(&["--definitions", "now"])), ("65".to_owned(), "90".to_owned()));
    let diff = of(&["score", "diff", "--from", &then]);
    assert_eq!(diff["metrics"][0]["causes"], "target");
    assert_eq!(
        diff["parts"].as_array().expect("parts").iter().filter(|part| points(&part["points"]) != Decimal::ZERO).count(),
        1
    );
    assert_eq!(of(&["score", "diff", "--from", &then, "--definitions", "now"])["metrics"], serde_json::json!([]));
    // Filled in with either, and the trend with today's.
    let filled = |args: &[&str]| {
        let args = [&["score", "backfill", "--from", &then, "--to", &then, "--force"][..], args].concat();
        of(&args)[0]["score"].to_string()
    };
    assert_eq!((filled(&["--definitions", "now"]), filled(&[])), ("90".to_owned(), "65".to_owned()));
    let trend = |args: &[&str]| of(&[&["score", "trend"], args].concat())["first"].to_string();
    assert_eq!((trend(&[]), trend(&["--definitions", "now"])), ("65".to_owned(), "90".to_owned()));
    // Before the first definition that is known, that one counts, and it is told.
    let run = db.cmf(["score", "--as-of", "2020-01-01"]).ok();
    assert!(run.stderr.contains("before that, cmf uses the earliest known"), "{}", run.stderr);
}

#[test]
fn a_past_instant_is_as_fresh_as_the_frequencies_of_then_say() {
    let db = Db::seeded();
    let _folder = catalog(&db);
    db.execute("UPDATE metric_history SET recorded_at = recorded_at - interval '60 days'");
    let of = |args: &[&str]| db.cmf(args.iter().chain(&["--format", "json"])).ok().json();
    let share = |args: &[&str]| of(args)["fresh_share"].to_string();
    let quarterly = now(&db);
    // Nothing but the frequency of one metric changes.
    db.cmf(["metric", "set", "K-1", "--frequency", "weekly"]).ok();
    let weekly = now(&db);
    db.cmf(["metric", "set", "K-1", "--frequency", "annual"]).ok();
    for command in [&["score"][..], &["score", "explain"], &["report"]] {
        let at = |at: &str, more: &[&str]| share(&[command, &["--as-of", at], more].concat());
        assert_eq!([at(&quarterly, &[]), at(&weekly, &[])], ["100", "50"], "{command:?}");
        assert_eq!(at(&weekly, &["--definitions", "now"]), "100", "{command:?}");
    }
    let filled = of(&["score", "backfill", "--from", &weekly, "--to", &weekly]);
    assert_eq!(filled[0]["fresh_share"], 50);
    let diff = of(&["score", "diff", "--from", &quarterly, "--to", &weekly]);
    assert_eq!([&diff["fresh_share_from"], &diff["fresh_share_to"]], [100, 50]);
    // A metric that is gone was as fresh as its item said.
    db.cmf(["metric", "rm", "K-1", "--yes"]).ok();
    for command in [&["score"][..], &["report"]] {
        assert_eq!(share(&[command, &["--as-of", &weekly]].concat()), "50", "{command:?}");
    }
}

#[test]
fn what_other_programs_changed_is_named() {
    let db = Db::seeded();
    let _folder = catalog(&db);
    let then = now(&db);
    let told = |at: &str| db.cmf(["score", "--as-of", at]).ok().stderr;
    assert!(!told(&then).contains("outside cmf"), "{}", told(&then));
    db.execute("UPDATE metrics SET target_value = 10 WHERE metric_number = 'K-2'");
    let told_then = told(&then);
    assert!(told_then.contains("K-2: unknown since") && !told_then.contains("K-1"), "{told_then}");
    // A mapping too, and what cmf changed afterwards is known again.
    db.execute("UPDATE metrics SET target_value = 100 WHERE metric_number = 'K-2'");
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = FALSE");
    assert!(told(&then).contains("K-1: unknown since"), "{}", told(&then));
    db.execute("UPDATE metric_catalog_framework_mappings SET is_confirmed = TRUE");
    assert!(!told(&then).contains("outside cmf"), "{}", told(&then));
    db.execute("UPDATE metrics SET target_value = 10 WHERE metric_number = 'K-2'");
    db.cmf(["metric", "set", "K-2", "--target", "20"]).ok();
    let since = now(&db);
    assert!(told(&then).contains("until"), "{}", told(&then));
    assert!(!told(&since).contains("outside cmf"), "{}", told(&since));
    // A mapping that another program made counts from then on.
    let before = now(&db);
    let score = |at: &str| db.cmf(["score", "--as-of", at, "--format", "json"]).ok().json()["overall_score"].to_string();
    let unmapped = score(&before);
    db.execute(
        "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_confirmed)
         SELECT m.id, f.id, 'RC', TRUE FROM metrics m, frameworks f
         WHERE m.metric_number = 'K-1' AND f.name = 'NIST CSF' AND f.version = '2.0'",
    );
    let after = now(&db);
    assert!(told(&after).contains("K-1: unknown since"), "{}", told(&after));
    assert_eq!(score(&before), unmapped);
    assert_ne!(score(&after), unmapped);
}

#[test]
fn a_catalog_that_another_program_made_counts_before_its_first_mapping() {
    let db = Db::seeded();
    let _folder = catalog(&db);
    db.execute(
        "INSERT INTO metric_catalogs (name, owner_id) SELECT 'Theirs', owner_id FROM metric_catalogs LIMIT 1;
         INSERT INTO metric_catalog_items (catalog_id, original_data, name)
         SELECT id, '{}', 'Coverage' FROM metric_catalogs WHERE name = 'Theirs';
         INSERT INTO metrics (id, metric_number, name, target_value, direction, csf_function, priority, catalog_id)
         SELECT id, 'T-1', name, 100, 'higher_is_better', 'PR', 'High', catalog_id FROM metric_catalog_items WHERE name = 'Coverage';
         INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 40, '2024-01-01' FROM metrics WHERE metric_number = 'T-1'",
    );
    let map = |function: &str| {
        db.execute(&format!(
            "INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, is_confirmed)
             SELECT i.id, f.id, '{function}', TRUE FROM metric_catalog_items i, frameworks f
             WHERE i.name = 'Coverage' AND f.name = 'NIST CSF' AND f.version = '2.0'"
        ));
    };
    map("PR");
    let counted = |at: &str| {
        let scored = db.cmf(["score", "--catalog", "Theirs", "--as-of", at, "--format", "json"]).ok();
        let json = scored.json();
        let functions: Vec<String> = json["function_scores"]
            .as_array()
            .expect("functions")
            .iter()
            .filter(|function| function["metric_count"].as_u64() != Some(0))
            .map(|function| function["function_code"].as_str().expect("a code").to_owned())
            .collect();
        (functions.join(" "), scored.stderr)
    };
    // Nobody knows what was before: the earliest definition counts, and it is told.
    let (functions, told) = counted("2024-02-01");
    assert_eq!(functions, "PR");
    assert!(told.contains("the earliest known ones"), "{told}");
    let before = now(&db);
    map("RC");
    assert_eq!((counted(&before).0.as_str(), counted(&now(&db)).0.as_str()), ("PR", "PR RC"));
    // The same where cmf changed the metric first.
    db.cmf(["metric", "set", "T-1", "--catalog", "Theirs", "--target", "80"]).ok();
    assert_eq!(counted("2024-02-01").0, "PR");
}

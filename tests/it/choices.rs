//! The options that choose what a command is about (whose catalog, which framework, by which method): each does what it says in
//! every command that has it. The database holds two catalogs of one name, a third one, and the default library.

use crate::support::{Db, Run, run};

const ADA: &str = "Metric ID,Metric Name,Subcategory,Direction,Target,Unit,Current Value,Priority\n\
    A-1,Ada one,PR.AA-01,Higher is better,100,count,100,High\n\
    A-2,Ada two,PR.AA-03,Higher is better,100,count,0,Low\n\
    A-3,Ada three,PR.DS-01,Higher is better,100,count,40,High\n\
    A-4,Ada four,,Higher is better,100,count,30,High\n";

const BOB: &str = "Metric ID,Metric Name,Subcategory,Direction,Target,Unit,Current Value,Priority\n\
    B-1,Bob one,PR.AA-01,Higher is better,100,count,20,High\n\
    B-2,Bob two,,Higher is better,100,count,35,High\n";

const CARL: &str = "Metric ID,Metric Name,Subcategory,Direction,Target,Unit,Current Value,Priority\n\
    C-1,Carl one,DE.CM-01,Higher is better,100,count,55,High\n\
    C-2,Carl two,,Higher is better,100,count,65,High\n";

/// Ada's and Bob's catalogs are called KPIs, Carl's Theirs; the default library holds D-1. All have scores. A third reading of
/// each is from June, the first from January.
pub(crate) fn database() -> Db {
    Db::like("choices", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["seed", "csf-1.1"]).ok();
        let folder = tempfile::tempdir().expect("a folder");
        for (user, name, sheet) in [("ada", "KPIs", ADA), ("bob", "KPIs", BOB), ("carl", "Theirs", CARL)] {
            db.cmf(["user", "create", user, "--email", &format!("{user}@example.org")]).ok();
            let file = folder.path().join(format!("{user}.csv"));
            std::fs::write(&file, sheet).expect("the sheet is written");
            run(db
                .command()
                .args(["import", "--direction=*=higher", "--name", name, "--owner", user, "--at", "2026-01-01"])
                .arg(&file))
            .ok();
        }
        for item in ["A-4", "B-2", "C-2"] {
            db.cmf(["map", "set", item, "RS.RP-1", "--framework", "csf-1.1"]).ok();
        }
        for id in db.rows("SELECT id FROM metric_catalogs") {
            db.cmf(["catalog", "activate", &id]).ok();
        }
        db.cmf(["metric", "add", "Own", "--number", "D-1", "--function", "GV", "--direction", "binary", "--target", "1"]).ok();
        for (metric, value) in [("D-1", "1"), ("A-3", "70"), ("B-1", "25"), ("C-1", "60")] {
            db.cmf(["record", metric, value, "--at", "2026-06-01"]).ok();
        }
        for scope in ["--owner ada", "--owner bob", "--owner carl", "--default", "--owner ada --framework csf-1.1"] {
            db.cmf(["score"].into_iter().chain(scope.split(' '))).ok();
        }
        db.cmf(["map", "suggest"]).ok();
    })
}

fn typed(db: &Db, line: &str) -> Run {
    db.cmf(line.split(' '))
}

/// Runs each line and looks whether what it says holds the text.
#[track_caller]
fn holds(db: &Db, lines: &[(&str, &str)]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(line, text)| {
            let run = typed(db, line);
            let holds = run.code == 0 && run.stdout.contains(text);
            (!holds).then(|| format!("$ cmf {line}\nexit {}, no {text:?} in\n{}{}", run.code, run.stdout, run.stderr))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scores_are_of_the_catalog_that_is_named() {
    let db = database();
    holds(
        &db,
        &[
            ("score --owner bob --dry-run --format csv", ",,Overall,25"),
            ("score --catalog Theirs --dry-run --format csv", ",,Overall,60"),
            ("score --default --dry-run --format csv", ",,Overall,100"),
            ("score --owner ada --framework csf-1.1 --dry-run --format csv", "RS,,Respond,30"),
            ("score show --owner bob --format csv", ",,Overall,25"),
            ("score show --catalog Theirs --format csv", ",,Overall,60"),
            ("score show --default --format csv", ",,Overall,100"),
            ("score show --owner ada --framework csf-1.1 --format csv", "RS,,Respond,30"),
            ("score show --owner ada --categories --format csv", "PR,PR.DS,Data Security,70"),
            ("score explain --owner bob --format csv", "B-1,Bob one"),
            ("status --owner bob --columns catalog,overall_score --format csv", "KPIs,25"),
            ("status --catalog Theirs --columns catalog,overall_score --format csv", "Theirs,60"),
            ("status --default --columns catalog,overall_score --format csv", "default library,100"),
            ("status --owner ada --framework csf-1.1 --columns framework,overall_score --format csv", "csf-1.1,30"),
            ("score explain --catalog Theirs --format csv", "C-1,Carl one"),
            ("score explain --default --format csv", "D-1,Own"),
            ("score explain --owner ada --framework csf-1.1 --format csv", "A-4,Ada four"),
            ("score what-if B-1=45 --owner bob --format csv", ",Overall,25.00,45.00"),
            ("score what-if C-1=75 --catalog Theirs --format csv", ",Overall,60.00,75.00"),
            ("score what-if A-4=75 --owner ada --framework csf-1.1 --format csv", ",Overall,30.00,75.00"),
            ("score next --owner bob --format csv", "B-1,Bob one"),
            ("score next --catalog Theirs --format csv", "C-1,Carl one"),
            ("score next --owner ada --framework csf-1.1 --format csv", "A-4,Ada four"),
            ("score backfill --owner bob --from 2026-07-01 --to 2026-07-01 --dry-run --format csv", ",25.00,"),
            ("score backfill --catalog Theirs --from 2026-07-01 --to 2026-07-01 --dry-run --format csv", ",60.00,"),
            ("score backfill --default --from 2026-07-01 --to 2026-07-01 --dry-run --format csv", ",100.00,"),
            (
                "score backfill --owner ada --framework csf-1.1 --from 2026-07-01 --to 2026-07-01 --dry-run --format csv",
                ",30.00,",
            ),
            ("score trend --owner bob --format csv", ",25.00,"),
            ("score trend --catalog Theirs --format csv", ",60.00,"),
            ("score trend --default --format csv", ",100.00,"),
            ("score trend --owner ada --framework csf-1.1 --format csv", ",30.00,"),
            ("score diff --owner bob --from 2026-02-01 --format csv", ",Total,5.00"),
            ("score diff --catalog Theirs --from 2026-02-01 --format csv", "C-1,Carl one"),
            ("score diff --default --from 2026-07-01 --format csv", ",,,100.00,100.00"),
            ("score diff --owner ada --framework csf-1.1 --from 2026-07-01 --format csv", ",,,30.00,30.00"),
            ("score check --owner bob --min 25 --format csv", ",Overall,25.00,25,true"),
            ("score check --catalog Theirs --min 55 --format csv", ",Overall,60.00,55,true"),
            ("score check --default --min 55 --format csv", ",Overall,100.00,55,true"),
            ("score check --owner ada --framework csf-1.1 --min 5 --format csv", ",Overall,30.00,5,true"),
            ("score compare Theirs --default --format csv", "default library"),
            ("score compare Theirs --default --framework csf-1.1 --format csv", "Respond,65.00"),
            ("report --owner bob --format md", "Bob one"),
            ("report --catalog Theirs --format md", "Carl one"),
            ("report --default --format md", "default library"),
            ("report --owner ada --framework csf-1.1 --format md", "csf-1.1"),
        ],
    );
}

/// Ada's score is the mean of PR.AA (100 and 0, weighted 1 and 0.3) and PR.DS (70): 73.46.
#[test]
fn no_framework_is_taken_of_several_without_a_word() {
    let db = database();
    db.cmf(["catalog", "rename", "Theirs", "Ours"]).ok();
    db.cmf(["score", "--owner", "carl"]).ok();
    let lines = [
        "score --owner carl --dry-run",
        "score --owner carl --as-of 2026-06-30",
        "score show --owner carl",
        "score explain --owner carl",
        "score what-if --owner carl C-1=5",
        "score next --owner carl",
        "score backfill --owner carl --from 2026-05-01 --dry-run",
        "score trend --owner carl",
        "score diff --owner carl --from 2026-05-01",
        "score compare Ours --default",
        "score check --owner carl --min 1",
        "report --owner carl",
        "framework coverage --catalog Ours",
    ];
    let note = "note: `Ours` has confirmed mappings to csf-1.1 and csf-2.0; cmf uses csf-2.0 (choose one with --framework csf-1.1 or \
                --framework csf-2.0)\n";
    for line in lines {
        let run = typed(&db, line).ok();
        assert_eq!(run.stderr.matches(note).count(), 1, "$ cmf {line}\n{}", run.stderr);
        let run = typed(&db, &format!("{line} --framework csf-2.0")).ok();
        assert!(!run.stderr.contains("was taken"), "$ cmf {line}\n{}", run.stderr);
        assert!(!typed(&db, &format!("{line} -q")).ok().stderr.contains("was taken"));
    }
    // Nor is anything compared of one of them alone.
    let run = typed(&db, "catalog diff Ours Ours --owner carl").ok();
    assert_eq!(
        run.stderr.matches("note: Ours: 1 mapping to another framework, not compared; --framework names").count(),
        2,
        "{}",
        run.stderr
    );
    let run = typed(&db, "framework coverage").ok();
    assert!(run.stderr.contains("the catalogs have confirmed mappings to csf-1.1 and csf-2.0"), "{}", run.stderr);
    // Where the usual one is none of them, there is nothing to take.
    db.execute(
        "UPDATE metric_catalog_framework_mappings SET framework_id = (SELECT id FROM frameworks WHERE name = 'NIST AI RMF')
                WHERE framework_id = (SELECT id FROM frameworks WHERE name = 'NIST CSF' AND version = '2.0')",
    );
    for line in lines {
        typed(&db, line).fails(2, "`Ours` has confirmed mappings to ai-rmf-1.0 and csf-1.1: choose one");
    }
    // The only one is taken.
    db.execute(
        "DELETE FROM metric_catalog_framework_mappings WHERE framework_id = (SELECT id FROM frameworks WHERE version = '1.1')",
    );
    for line in ["score --owner carl --dry-run --format json", "framework coverage --catalog Ours"] {
        let run = typed(&db, line).ok();
        assert!(run.stdout.contains("ai-rmf-1.0") || run.stdout.contains("GOVERN"), "$ cmf {line}\n{}", run.stdout);
        assert!(!run.stderr.contains("was taken"), "{}", run.stderr);
    }
}

#[test]
fn scores_follow_the_method_that_is_given() {
    let db = database();
    let by_metric = "73.91";
    let by_weight = "80.45";
    let mut lines = Vec::new();
    for (command, rest) in [
        ("score", "--owner ada --dry-run --format csv"),
        ("score explain", "--owner ada --format csv"),
        ("score what-if", "A-2=0 --owner ada --format csv"),
        ("score backfill", "--owner ada --from 2026-07-01 --to 2026-07-01 --dry-run --format csv"),
        ("score check", "--owner ada --min 73 --format csv"),
        ("report", "--owner ada --format md"),
    ] {
        lines.push((format!("{command} {rest} --rollup metric"), by_metric.to_owned()));
        lines.push((format!("{command} {rest} --weight Low=0.1"), by_weight.to_owned()));
    }
    lines.push(("score next --owner ada --format csv --rollup metric".to_owned(), "Ada three,13.04".to_owned()));
    lines.push(("score next --owner ada --format csv --weight Low=0.1".to_owned(), "Ada two,4.55".to_owned()));
    lines.push(("score diff --owner ada --from 2026-02-01 --format csv --rollup metric".to_owned(), ",Total,13.04".to_owned()));
    lines.push(("score diff --owner ada --from 2026-02-01 --format json --weight Low=0.1".to_owned(), "80.45".to_owned()));
    let ada = db.one("SELECT c.id FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE u.username = 'ada'");
    lines.push((format!("score compare Theirs {ada} --format csv --rollup metric"), by_metric.to_owned()));
    lines.push((format!("score compare Theirs {ada} --format csv --weight Low=0.1"), by_weight.to_owned()));
    // A score of 73.46 is Medium as it comes.
    for (line, text) in [
        ("score --owner ada --dry-run --format json", r#""overall_rating": "Low""#.to_owned()),
        ("score what-if A-2=0 --owner ada --format json", r#""overall_rating_then": "Low""#.to_owned()),
        ("score backfill --owner ada --from 2026-07-01 --to 2026-07-01 --dry-run --format csv", ",Low,".to_owned()),
        (&format!("score compare Theirs {ada} --format json"), r#""overall_rating": "Low""#.to_owned()),
        ("report --owner ada --format md", "73.46 of 100, risk Low".to_owned()),
    ] {
        lines.push((format!("{line} --threshold low=70"), text));
    }
    let lines: Vec<(&str, &str)> = lines.iter().map(|(line, text)| (line.as_str(), text.as_str())).collect();
    holds(&db, &lines);
    let top = typed(&db, "score next --owner ada --top 1 --format csv").ok().stdout;
    assert_eq!(top.lines().count(), 2, "{top}");
}

#[test]
fn what_a_command_cannot_use_it_neither_takes_nor_hints_at() {
    let db = database();
    for command in ["explain", "next", "diff --from 2026-02-01", "check --min 5"] {
        typed(&db, &format!("score {command} --owner ada --threshold low=70")).fails(2, "unexpected argument '--threshold'");
    }
    for line in
        ["score compare KPIs Theirs", "record D-1 1 --catalog KPIs", "history D-1 --catalog KPIs", "metric list --catalog KPIs"]
    {
        let refused = typed(&db, line).fails(2, "hint: use the id instead of the name");
        assert!(!refused.stderr.contains("--owner"), "{}", refused.stderr);
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    std::fs::write(file.path(), "id,name,target\nA-1,Ada one,\"1,234\"\n").expect("the sheet is written");
    let refused = run(db.command().args(["catalog", "diff", "Theirs"]).arg(file.path()));
    let refused = refused.fails(65, "can be read in two ways").fails(65, "compare with a file that has only this table");
    assert!(refused.stderr.contains("--decimal comma"), "{}", refused.stderr);
    std::fs::write(file.path(), "name,2026-01-01,2026-02-01,2026-03-01\nAda one,1,2,3\n").expect("the sheet is written");
    let refused = run(db.command().args(["catalog", "diff", "Theirs"]).arg(file.path())).fails(65, "a time series");
    assert!(!refused.stderr.contains("--as-catalog"), "{}", refused.stderr);
}

#[test]
fn mappings_are_of_the_catalog_and_framework_that_are_named() {
    let db = database();
    holds(
        &db,
        &[
            ("map suggest --catalog Theirs --framework csf-1.1 --dry-run --format csv", "Theirs,C-1,Carl one"),
            ("map suggest --catalog KPIs --owner bob --dry-run --format csv", "KPIs,B-2,Bob two"),
            ("map list --catalog Theirs --format csv", "C-1,Carl one"),
            ("map list --catalog KPIs --owner bob --format csv", "B-1,Bob one"),
            ("map list --framework csf-1.1 --format csv", "A-4,Ada four"),
            ("map set B-2 PR.AT-01 --catalog KPIs --owner bob --dry-run --format csv", "PR.AT-01"),
            ("map confirm B-2 --catalog KPIs --owner bob --dry-run --format csv", "Bob two"),
            ("map reject C-2 --catalog Theirs --dry-run --format csv", "Carl two"),
            ("map reject B-2 --catalog KPIs --owner bob --dry-run --format csv", "Bob two"),
            ("map export --catalog KPIs --owner bob --format csv", "B-2,Bob two"),
            ("map export --framework csf-1.1 --format csv", "A-4,Ada four,,RS.RP-1"),
            ("map export --pending --format csv", "A-4,Ada four"),
            ("framework coverage --catalog KPIs --owner bob --format csv", "PR.AA-01"),
            ("framework coverage --framework csf-1.1 --format csv", "RS.RP-1"),
            ("framework show PR.DS --framework csf-1.1 --format csv", "PR.DS-8,"),
        ],
    );
    let only = |line: &str, here: &str, gone: &[&str]| {
        let shown = typed(&db, line).ok().stdout;
        assert!(shown.contains(here) && !gone.iter().any(|gone| shown.contains(gone)), "$ cmf {line}\n{shown}");
    };
    for command in ["map list", "map export"] {
        only(&format!("{command} --catalog Theirs --format csv"), "Carl", &["Ada", "Bob"]);
        only(&format!("{command} --catalog KPIs --owner ada --format csv"), "Ada", &["Carl", "Bob"]);
    }
    only("map list --suggested --format csv", "Carl two", &["Carl one"]);
    only("map list --framework csf-1.1 --format csv", "Carl two", &["Carl one"]);
    only("map export --pending --format csv", "Carl two", &["Carl one"]);
    only("framework coverage --catalog Theirs --gaps --format csv", "PR.AA-01", &["DE.CM-01"]);
    only("map carry --catalog Theirs --dry-run --format csv", "Carl two", &["Ada", "Bob"]);
    only("map carry --catalog KPIs --owner bob --dry-run --format csv", "Bob two", &["Ada", "Carl"]);
    only("map suggest --min-confidence 0.99 --dry-run --format csv", "", &["Ada", "Bob", "Carl"]);
    // An item of a number that two catalogs have is named by its catalog.
    db.execute("UPDATE metric_catalog_items SET original_data = jsonb_set(original_data, '{parsed,metric_number}', '\"C-2\"') WHERE name = 'Bob two'");
    for command in ["confirm", "reject"] {
        typed(&db, &format!("map {command} C-2 --dry-run")).fails(2, "C-2");
        typed(&db, &format!("map {command} C-2 --catalog Theirs --dry-run")).ok();
        typed(&db, &format!("map {command} C-2 --catalog Theirs --framework csf-1.1 --dry-run")).fails(2, "has no suggestion");
    }
}

#[test]
fn an_edited_export_goes_to_the_catalog_and_framework_that_are_named() {
    let db = database();
    let folder = tempfile::tempdir().expect("a folder");
    let import = |csv: &str, options: &[&str]| {
        let file = folder.path().join("map.csv");
        std::fs::write(&file, csv).expect("the file is written");
        run(db.command().args(["map", "import"]).arg(&file).args(options))
    };
    let codes = |name: &str, framework: &str| {
        db.rows(&format!(
            "SELECT m.subcategory_code FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id
             JOIN frameworks f ON f.id = m.framework_id WHERE i.name = '{name}' AND f.version = '{framework}' AND m.is_confirmed"
        ))
    };
    let id = db.one("SELECT id FROM metric_catalog_items WHERE name = 'Carl two'");
    let other = &format!("item_id,catalog,metric_number,name,code,is_confirmed\n{id},Theirs,C-2,Carl two,ID.BE-1,true\n");
    import(other, &["--catalog", "KPIs"]).fails(2, "2 catalogs are called `KPIs`");
    import(other, &["--catalog", "KPIs", "--owner", "ada", "--framework", "csf-1.1"])
        .fails(65, "of the catalog `Theirs` of carl, not of `KPIs`");
    import(other, &["--catalog", "Theirs"]).fails(65, "ID.BE-01");
    import(other, &["--catalog", "Theirs", "--framework", "csf-1.1"]).ok();
    assert_eq!(codes("Carl two", "1.1"), ["ID.BE-1"]);
}

#[test]
fn a_catalog_of_a_common_name_is_named_by_its_owner() {
    let db = database();
    let folder = tempfile::tempdir().expect("a folder");
    holds(
        &db,
        &[
            ("catalog show KPIs --owner bob --format csv", "B-1,Bob one"),
            ("catalog diff KPIs KPIs --owner bob --format csv", ""),
            ("catalog lint KPIs --owner bob --rule goal --format csv", "Bob one"),
            ("catalog delete KPIs --owner bob --force --dry-run --format csv", "bob"),
        ],
    );
    let list = typed(&db, "catalog list --owner carl --format csv").ok().stdout;
    assert!(list.contains("Theirs") && list.lines().count() == 2, "{list}");
    let export = |options: &[&str]| {
        let file = folder.path().join("out.csv");
        run(db.command().args(["catalog", "export", "KPIs", "--force", "--out"]).arg(&file).args(options)).ok();
        std::fs::read_to_string(&file).expect("the export")
    };
    assert!(export(&["--owner", "bob"]).contains("Bob one"));
    let codes = export(&["--owner", "ada", "--framework", "csf-1.1"]);
    assert!(codes.contains("RS.RP-1") && !codes.contains("PR.AA-01"), "{codes}");
    typed(&db, "catalog clone KPIs Other --owner ada").ok();
    typed(&db, "map set A-4 RS.CO-1 --catalog Other --framework csf-1.1").ok();
    let differences =
        |framework: &str| typed(&db, &format!("catalog diff KPIs Other --owner ada --format csv{framework}")).ok().stdout;
    assert!(differences(" --framework csf-1.1").ends_with("changed,A-4,Ada four,codes,RS.RP-1,RS.CO-1\n"));
    assert_eq!(differences("").lines().count(), 1);
    typed(&db, "catalog delete Other --yes").ok();
    typed(&db, "catalog clone KPIs Copy --owner bob").ok();
    typed(&db, "catalog deactivate KPIs --owner bob").ok();
    typed(&db, "catalog rename KPIs Renamed --owner bob").ok();
    let catalogs =
        "SELECT c.name, u.username, c.is_active FROM metric_catalogs c JOIN users u ON u.id = c.owner_id ORDER BY 2, 1";
    assert_eq!(db.rows(catalogs), ["KPIs|ada|t", "Copy|bob|f", "Renamed|bob|f", "Theirs|carl|t"]);
}

/// A metric whose number three catalogs have, one of them inactive, and the default library.
fn numbered() -> Db {
    let db = Db::seeded();
    db.cmf(["user", "create", "other", "--email", "other@example.org"]).ok();
    crate::catalog::catalog(&db, "analyst", "Idle");
    db.cmf(["catalog", "activate", "Idle"]).ok();
    for (owner, name) in [("analyst", "Ours"), ("other", "Theirs")] {
        crate::catalog::catalog(&db, owner, name);
        db.cmf(["catalog", "activate", name]).ok();
    }
    let add = "metric add Own --number PR-001 --function DE --direction target_range --lower 1 --upper 5 --unit days --priority Low --description Words";
    typed(&db, add).ok();
    db
}

#[test]
fn a_metric_is_looked_for_where_it_is_said() {
    let db = numbered();
    assert_eq!(
        db.rows("SELECT target_lower, target_upper, unit, priority, description FROM metrics WHERE name = 'Own'"),
        ["1.0000|5.0000|days|Low|Words"]
    );
    let ids = |locked: &str| {
        let query = format!(
            "SELECT coalesce(c.name, 'library') FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
             WHERE m.metric_number = 'PR-001' AND {locked} ORDER BY 1"
        );
        db.rows(&query)
    };
    for command in [
        "metric show PR-001", "metric set PR-001 --priority Low", "metric lock PR-001", "metric rm PR-001 --yes",
        "history PR-001",
    ] {
        typed(&db, command).fails(2, "PR-001");
    }
    typed(&db, "metric show PR-001 --catalog Theirs").ok();
    assert!(typed(&db, "metric show PR-001 --default --format csv").ok().stdout.contains("Own"));
    typed(&db, "metric show PR-001 --all").fails(2, "Idle");
    typed(&db, "metric set PR-001 --catalog Theirs --target 42").ok();
    assert_eq!(ids("target_value = 42"), ["Theirs"]);
    assert_eq!(typed(&db, "history PR-001 --catalog Theirs --format json").ok().json()["target_value"], 42);
    typed(
        &db,
        "metric set PR-001 --default --name Renamed --description Other --priority High --direction lower_is_better --target 3",
    )
    .ok();
    let own = "SELECT name, description, priority, direction, target_value FROM metrics WHERE catalog_id IS NULL";
    assert_eq!(db.rows(own), ["Renamed|Other|High|lower_is_better|3.0000"]);
    typed(&db, "metric set PR-001 --default --category PR.AA").ok();
    assert_eq!(db.rows("SELECT csf_function, csf_category FROM metrics WHERE catalog_id IS NULL"), ["PR|PR.AA"]);
    typed(&db, "metric set PR-001 --default --function RS").ok();
    assert_eq!(db.rows("SELECT csf_function FROM metrics WHERE catalog_id IS NULL"), ["RS"]);
    typed(&db, "metric set PR-001 --default --clear description,unit").ok();
    assert_eq!(db.rows("SELECT description, unit FROM metrics WHERE catalog_id IS NULL"), ["|"]);
    for (scope, locked) in [("--catalog Theirs", "Theirs"), ("--default", "library")] {
        typed(&db, &format!("metric lock PR-001 {scope}")).ok();
        assert_eq!(ids("m.is_locked"), [locked]);
        typed(&db, &format!("metric rm PR-001 {scope} --yes")).fails(1, "locked");
        typed(&db, &format!("metric unlock PR-001 {scope}")).ok();
        assert_eq!(ids("m.is_locked"), Vec::<String>::new());
    }
    // Only an inactive catalog has these when the others are gone.
    typed(&db, "metric rm PR-002 ID-001 --catalog Ours --yes").ok();
    typed(&db, "metric rm PR-002 ID-001 --catalog Theirs --yes").ok();
    for command in [
        "metric show PR-002", "metric set PR-002 --priority High", "metric lock PR-002", "metric unlock PR-002",
        "metric rm PR-002 --yes",
    ] {
        typed(&db, command).fails(2, "PR-002");
        typed(&db, &format!("{command} --all")).ok();
    }
    typed(&db, "metric rm PR-001 --default --yes").ok();
    typed(&db, "metric lock PR-001 --catalog Theirs").ok();
    typed(&db, "metric rm PR-001 --catalog Theirs --override-lock --yes").ok();
    assert_eq!(ids("true"), ["Idle", "Ours"]);
    for value in ["91", "92", "93"] {
        typed(&db, &format!("record PR-001 {value} --catalog Ours")).ok();
    }
    let shown = typed(&db, "metric show PR-001 --catalog Ours --last 2 --format json").ok().json();
    assert_eq!(shown["newest_readings"].as_array().map(Vec::len), Some(2), "{shown:#}");
}

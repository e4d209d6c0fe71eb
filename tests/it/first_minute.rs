//! What a newcomer meets first: help, words that are no commands, terminals without UTF-8, and `cmf init`.

use std::fs;

use crate::catalog::catalog;
use crate::support::{Db, cmf, on_terminal, run};

#[test]
fn the_overview_fits_a_small_terminal_and_leaves_no_command_out() {
    for word in ["--help", "-h", "help"] {
        let shown = run(cmf().arg(word)).ok().stdout;
        assert!(shown.lines().count() <= 23, "{shown}");
        assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
        let words: Vec<&str> = shown.split([' ', '\n', ',']).collect();
        for command in cmf::cli::command().get_subcommands() {
            assert!(words.contains(&command.get_name()), "no word of cmf {} in src/cli/help/overview.txt", command.get_name());
        }
    }
    let alone = run(&mut cmf());
    assert_eq!((alone.code, alone.stderr.contains("Usage: cmf COMMAND")), (2, true), "{}", alone.stderr);
}

#[test]
fn short_help_has_the_own_options_and_long_help_has_all() {
    let short = run(cmf().args(["catalog", "show", "-h"])).ok().stdout;
    assert!(short.contains("--owner") && short.contains("cmf help options") && !short.contains("--database-url <"), "{short}");
    for words in [&["catalog", "show", "--help"][..], &["help", "catalog", "show"]] {
        let long = run(cmf().args(words)).ok().stdout;
        assert!(long.contains("--owner") && long.contains("--database-url <URL>"), "{long}");
    }
    let options = run(cmf().args(["help", "options"])).ok().stdout;
    assert!(options.contains("--database-url <URL>") && options.contains("75 spooled"), "{options}");
}

#[test]
fn the_fields_of_a_column_map_are_in_the_help() {
    for (words, field) in [
        (&["import"][..], "target_lower"),
        (&["catalog", "diff"], "target_lower"),
        (&["record"], "denominator"),
        (&["map", "import"], "is_confirmed"),
        (&["metric", "set"], "lower_bound"),
        (&["framework", "import"], "subcategory"),
    ] {
        let help = run(cmf().args(words).arg("-h")).ok().stdout;
        let (_, map) = help.split_once("--map <").unwrap_or_else(|| panic!("{words:?}: {help}"));
        let (map, _) = map.split_once("      --").unwrap_or((map, ""));
        assert!(map.contains(field), "{words:?}: no {field} in {map}");
    }
}

#[test]
fn a_word_that_is_no_command_leads_to_what_it_means() {
    for (words, meant) in [
        (&["list"][..], "`cmf catalog list`"),
        (&["metrics"], "`cmf metric list`"),
        (&["help", "kpis"], "`cmf metric list`"),
        (&["catalog", "remove", "Ours"], "`cmf catalog delete`"),
        (&["undo-import"], "undo`"),
        (&["lst"], "`cmf catalog list`"),
        (&["--format", "json", "excel"], "`cmf import`"),
    ] {
        run(cmf().args(words)).fails(2, meant);
    }
    let strange = run(cmf().arg("zzz")).fails(2, "there is no command `cmf zzz`");
    assert!(!strange.stderr.contains("did you mean"), "{}", strange.stderr);
}

#[test]
fn without_utf8_in_the_locale_everything_that_is_drawn_is_ascii() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["score"]).ok();
    let commands =
        ["score", "score explain", "score trend", "metric list", "status", "history PR-001 --plot", "framework coverage"];
    let plain = |command: &str, locale: &[(&str, &str)]| {
        let mut run_it = db.command();
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            run_it.env_remove(name);
        }
        let done = run(run_it.args(command.split(' ')).envs(locale.iter().copied())).ok();
        done.stdout + &done.stderr
    };
    for command in commands {
        for locale in [&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")][..], &[("LC_CTYPE", "POSIX"), ("LANG", "C.UTF-8")], &[]] {
            let shown = plain(command, locale);
            assert!(shown.is_ascii(), "{command} {locale:?}: {shown}");
        }
        for locale in [&[("LC_ALL", ""), ("LC_CTYPE", ""), ("LANG", "C.UTF-8")][..], &[("LC_ALL", "C.utf8"), ("LANG", "C")]] {
            assert!(!plain(command, locale).is_ascii(), "{command} {locale:?}");
        }
    }
    // Data keeps its letters, and JSON and CSV have all characters everywhere.
    db.execute("UPDATE metrics SET name = 'Prüfung → x' WHERE metric_number = 'PR-001'");
    let c = [("LC_ALL", "C")];
    assert!(plain("metric list", &c).contains("Prüfung -> x"));
    for format in ["json", "csv"] {
        assert!(plain(&format!("metric list --format {format}"), &c).contains("Prüfung → x"), "{format}");
    }
}

#[test]
fn notes_come_after_the_table_they_belong_to() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["map", "set", "PR-001", "GOVERN 1.1", "--framework", "ai-rmf-1.0"]).ok();
    let run = run(db.in_shell("\"$0\" framework coverage 2>&1").env("LC_ALL", "C")).ok();
    let lines: Vec<&str> = run.stdout.lines().collect();
    let note = lines.iter().position(|line| line.starts_with("note: ")).expect("a note");
    let table = lines.iter().rposition(|line| line.starts_with("RC.")).expect("rows");
    assert!(note > table, "{}", run.stdout);
    // Before an error it is told, too.
    let wrong = db.in_shell("\"$0\" framework coverage --columns zzz 2>&1").output().expect("it runs");
    let text = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert!(text.find("note: ").is_some_and(|note| note < text.find("error: ").unwrap_or(0)), "{text}");
}

#[test]
fn metrics_are_changed_by_what_is_true_of_them() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    let priorities = || db.rows("SELECT metric_number, priority FROM metrics ORDER BY 1");
    db.cmf(["metric", "set", "--where", "function=PR", "--where", "direction=range", "--priority", "Low"]).ok();
    assert_eq!(priorities(), ["ID-001|Medium", "PR-001|High", "PR-002|Low"]);
    db.cmf(["metric", "lock", "--where", "unscored"]).ok();
    assert_eq!(db.rows("SELECT metric_number FROM metrics WHERE is_locked"), ["ID-001"]);
    db.cmf(["metric", "unlock", "--where", "locked"]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metrics WHERE is_locked"), "0");
    let before = priorities();
    for (words, message) in [
        (&["set", "--where", "function=XX", "--priority", "Low"][..], "no framework has a function `XX`"),
        (&["set", "--where", "locked", "--priority", "Low"], "no metric is locked"),
        (&["set", "PR-001", "--where", "locked", "--priority", "Low"], "cannot be used with"),
        (&["set", "--where", "colour=red", "--priority", "Low"], "a condition is one of"),
        (&["set", "--where", "function=PR", "--where", "function=ID", "--priority", "Low"], "given twice"),
        (&["set", "--where", "function=PR", "--name", "x"], "change one metric only"),
        (&["set", "--priority", "Low"], "missing argument"),
        (&["lock"], "missing argument"),
    ] {
        db.cmf(["metric"].iter().chain(words)).fails(2, message);
    }
    assert_eq!(priorities(), before);
    db.cmf(["metric", "rm", "--where", "function=ID", "--yes"]).ok();
    assert_eq!(db.rows("SELECT metric_number FROM metrics ORDER BY 1"), ["PR-001", "PR-002"]);
}

#[test]
fn a_catalog_goes_to_another_user_and_stays_active() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    db.cmf(["catalog", "chown", "Ours", "bob"]).ok();
    let owners =
        "SELECT u.username, c.is_active, u.active_catalog_id = c.id FROM metric_catalogs c JOIN users u ON u.id = c.owner_id";
    assert_eq!(db.rows(owners), ["bob|t|t"]);
    assert_eq!(db.one("SELECT count(*) FROM users WHERE active_catalog_id IS NOT NULL"), "1");
    let trail = "SELECT result ->> 'before', result ->> 'after' FROM ai_change_log WHERE action = 'catalog.chown'";
    assert_eq!(db.rows(trail), ["analyst|bob"]);
    // Whose it is already changes nothing.
    db.cmf(["catalog", "chown", "Ours", "bob"]).ok();
    assert_eq!(db.rows(trail).len(), 1);
    db.cmf(["catalog", "chown", "Ours", "eve"]).fails(2, "there is no user `eve`");
    catalog(&db, "analyst", "Theirs");
    db.cmf(["catalog", "activate", "Theirs"]).ok();
    db.cmf(["catalog", "chown", "Theirs", "bob"]).fails(1, "bob already has an active catalog: Ours");
    catalog(&db, "analyst", "OURS");
    db.cmf(["catalog", "chown", "OURS", "bob", "--owner", "analyst"]).fails(1, "bob already has a catalog called `Ours`");
}

#[test]
fn a_catalog_is_printed_where_no_file_is_named() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    let csv = db.cmf(["catalog", "export", "Ours"]).ok().stdout;
    assert!(csv.starts_with("metric_number,name,"), "{csv}");
    assert_eq!(db.cmf(["catalog", "export", "Ours", "-"]).ok().stdout, csv);
    assert_eq!(db.cmf(["catalog", "export", "Ours", "--out", "-"]).ok().stdout, csv);
    db.cmf(["catalog", "export", "-"]).fails(2, "name a catalog");
    db.cmf(["catalog", "export", "Ours", "-", "--out", "-"]).fails(2, "cannot be used with");
}

#[test]
fn a_name_without_its_dash_finds_the_right_one() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Our-1");
    db.cmf(["catalog", "activate", "Our-1"]).ok();
    for (words, meant) in [
        (&["metric", "show", "PR1"][..], "did you mean PR-001 (MFA)?"),
        (&["record", "pr2", "5"], "PR-002"),
        (&["history", "PR2"], "PR-002"),
        (&["map", "set", "pr_1", "PR.AA-01"], "PR-001"),
        (&["catalog", "show", "our 1"], "did you mean `Our-1`?"),
        (&["catalog", "list", "--owner", "an-alyst"], "did you mean `analyst`?"),
        (&["score", "--framework", "csf20"], "csf-2.0"),
    ] {
        db.cmf(words).fails(2, meant);
    }
}

#[test]
fn the_wrong_file_for_a_command_is_told_with_the_right_command() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let framework =
        "function,category,subcategory,name,text\nPR,,,Protect,\nPR,PR.AA,,Identity,\nPR,PR.AA,PR.AA-01,Managed,x\n";
    let oscal = r#"<?xml version="1.0"?><catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"></catalog>"#;
    for (name, text, message) in [
        ("framework.csv", framework, "`cmf framework import "),
        ("oscal.xml", oscal, "`cmf framework import "),
        ("oscal.json", r#"{"catalog":{"groups":[{"id":"ac","controls":[]}]}}"#, "`cmf framework import "),
        ("readings.csv", "metric,value,at\nPR-001,95,2026-11-01\nPR-002,90,2026-11-01\n", "`cmf record --file "),
        ("kpis.mhtml", "From: <x>\nSubject: KPIs\nMIME-Version: 1.0\nContent-Type: text/html\n", "web archive (MHTML)"),
        ("report.html", "<!DOCTYPE html><html><body></body></html>", "import the sheet that its numbers come from"),
    ] {
        db.cmf(["import", &file(name, text), "--dry-run"]).fails(65, message);
    }
    db.cmf(["record", "--file", &file("f.csv", framework)]).fails(65, "`cmf framework import ");
    db.cmf(["record", "--file", &file("c.csv", "Number,Target\nA-1,95\n")]).fails(65, "`cmf import FILE`");
    db.cmf(["import", &file("readings.csv", "metric,value,at\nA,95,2026-11-01\n"), "--as-catalog", "--dry-run"]).ok();
}

/// All parts of a workbook as text, by their names.
fn parts(path: &std::path::Path) -> std::collections::BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).expect("a file")).expect("a workbook");
    let count = archive.len();
    let mut parts = std::collections::BTreeMap::new();
    for at in 0..count {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).expect("a part");
        parts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    parts
}

#[test]
fn the_rejects_workbook_is_the_users_own_with_marks() {
    use rust_xlsxwriter::{Color, Format, Workbook};
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, rejects) = (folder.path().join("kpis.xlsx"), folder.path().join("rejects.xlsx"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("KPIs").expect("a name");
    let title = Format::new().set_background_color(Color::RGB(0x0012_3456));
    sheet.merge_range(0, 0, 0, 3, "Our KPIs", &title).expect("a title");
    sheet.set_column_width(1, 47).expect("a width");
    for (column, header) in (0..).zip(["number", "name", "target", "direction"]) {
        sheet.write_with_format(1, column, header, &title).expect("a header");
    }
    for (row, name, target) in [(2, "One", "95"), (3, "Two", "soon"), (4, "Three", "80")] {
        sheet.write(row, 0, format!("K-{row}")).expect("a cell");
        sheet.write(row, 1, name).expect("a cell");
        sheet.write(row, 2, target).expect("a cell");
        sheet.write(row, 3, "higher").expect("a cell");
    }
    book.add_worksheet().set_name("Notes").expect("a name").write(0, 0, "keep me").expect("a cell");
    book.save(&path).expect("a workbook");
    let import = |file: &std::path::Path, more: &[&str]| {
        let file = file.display().to_string();
        db.cmf(["import", &file, "--sheet", "KPIs", "--name", "KPIs"].iter().copied().chain(more.iter().copied()))
    };
    import(&path, &["--rejects", &rejects.display().to_string()]).fails(65, "`soon` is not a number");
    let (before, after) = (parts(&path), parts(&rejects));
    // The other sheet, the merge, the widths and the title's colour are as they were.
    assert_eq!(before.get("xl/worksheets/sheet2.xml"), after.get("xl/worksheets/sheet2.xml"));
    let sheet = &after["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains("<mergeCell ref=\"A1:D1\"") && sheet.contains("width=\"47"), "{sheet}");
    assert!(after["xl/styles.xml"].contains("FF123456") && after["xl/styles.xml"].contains("FFFFC7CE"));
    assert!(
        after["xl/commentsOfCmf.xml"].contains("ref=\"C4\"") && after["xl/commentsOfCmf.xml"].contains("soon"),
        "{after:?}"
    );
    // Fixed, it is imported as any other.
    let problem = import(&rejects, &[]).fails(65, "`soon` is not a number");
    assert!(problem.stderr.contains("C4"), "{}", problem.stderr);
    assert_eq!(import(&rejects, &["--allow-partial"]).code, 3);
}

#[test]
fn the_workbook_of_mappings_is_of_one_catalog_with_texts_beside_the_codes() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.xlsx");
    let export = |more: &[&str]| {
        let file = path.display().to_string();
        db.cmf(["map", "export", "--force", "--xlsx", &file].iter().copied().chain(more.iter().copied()))
    };
    export(&[]).ok();
    let sheet = parts(&path)["xl/worksheets/sheet1.xml"].clone();
    assert!(sheet.contains("VLOOKUP(F2,Codes!$A:$C") && sheet.contains("Codes!$A$2:$A$"), "{sheet}");
    db.cmf(["map", "import", &path.display().to_string(), "--dry-run", "-v"]).ok();
    catalog(&db, "analyst", "Theirs");
    export(&[]).fails(2, "--catalog Theirs");
    export(&["--catalog", "Theirs"]).ok();
    db.cmf(["catalog", "activate", "Ours"]).ok();
    let json = export(&["--format", "json"]).ok().json();
    assert_eq!(json["items"], 4);
}

/// `cmf init` with its configuration in this folder.
fn init(db: &Db, folder: &std::path::Path) -> std::process::Command {
    let mut command = db.command();
    command.env_remove("CMF_DATABASE_URL").env_remove("CMF_CONFIG").env("XDG_CONFIG_HOME", folder).arg("init");
    command
}

#[test]
fn init_asks_nothing_where_every_answer_is_given_and_keeps_a_profile() {
    let db = Db::empty();
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = folder.path().join("kpis.csv");
    fs::write(&sheet, "number,name,target,direction,subcategory\nA-1,MFA,95,higher,PR.AA-01\n").expect("a file");
    let sheet = sheet.display().to_string();
    let spool = folder.path().join("spool").display().to_string();
    let answers = ["--database-url", &db.url, "--migrate", "--framework", "csf-2.0", "--owner", "ada", "--sheet", &sheet];
    let mut whole = init(&db, folder.path());
    let done = run(whole.args(answers).args(["--email", "ada@example.org", "--spool", &spool])).ok();
    assert!(done.stdout.contains("0 6 * * * ") && done.stdout.contains(" record A-1 -- COMMAND"), "{}", done.stdout);
    assert_eq!(db.rows("SELECT username, email FROM users"), ["ada|ada@example.org"]);
    assert_eq!(db.rows("SELECT metric_number FROM metrics"), ["A-1"]);
    let file = folder.path().join("cmf/config.toml");
    let text = fs::read_to_string(&file).expect("the profile");
    for line in ["[profile.default]", "owner = \"ada\"", "framework = \"csf-2.0\"", "database_url = ", "spool = "] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    // The profile is enough from now on.
    let mut score = db.command();
    score.env_remove("CMF_DATABASE_URL").env("XDG_CONFIG_HOME", folder.path());
    run(score.args(["metric", "show", "A-1"])).ok();
    // It stays, and others beside it.
    let again = |more: &[&str]| {
        let mut again = init(&db, folder.path());
        run(again
            .args(["--database-url", &db.url, "--framework", "csf-2.0", "--owner", "ada", "--no-sheet", "--no-spool"])
            .args(more))
    };
    again(&[]).fails(73, "the profile `default` exists already");
    assert_eq!(fs::read_to_string(&file).expect("the profile"), text);
    again(&["--name", "prod"]).ok();
    assert!(fs::read_to_string(&file).expect("the profile").starts_with(text.trim_end()));
    again(&["--force"]).ok();
    let text = fs::read_to_string(&file).expect("the profile");
    assert!(!text.contains("spool = ") && text.contains("[profile.prod]"), "{text}");
    let json = again(&["--name", "third", "--format", "json"]).ok().json();
    assert_eq!((&json["profile"], &json["owner"]), (&"third".into(), &"ada".into()));
}

#[test]
fn init_says_which_option_answers_where_nobody_can_be_asked() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let server = ["--database-url", db.url.as_str()];
    for (given, missing) in [
        (&[][..], "--private or --database-url URL"),
        (&[server[0], server[1]], "--framework FRAMEWORK"),
        (&[server[0], server[1], "--framework", "csf-2.0"], "--owner USER"),
        (&[server[0], server[1], "--framework", "csf-2.0", "--owner", "analyst"], "--sheet FILE or --no-sheet"),
        (&[server[0], server[1], "--framework", "csf-2.0", "--owner", "analyst", "--no-sheet"], "--spool DIR or --no-spool"),
        (&[server[0], server[1], "--private"], "name two different databases"),
        (&[server[0], server[1], "--framework", "iso"], "there is no bundled framework `iso`"),
    ] {
        run(init(&db, folder.path()).args(given)).fails(2, missing);
    }
    let empty = Db::empty();
    let answers = ["--database-url", &empty.url, "--framework", "csf-2.0", "--owner", "ada", "--no-sheet", "--no-spool"];
    run(init(&empty, folder.path()).args(answers)).fails(2, "The database has no tables of cmf");
    assert!(!folder.path().join("cmf").exists());
}

#[test]
fn init_asks_on_a_terminal() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = init(&db, folder.path());
    command.args(["--database-url", &db.url, "--no-spool"]);
    let answers = "\nanalyst\nnone\n";
    let Some(shown) = on_terminal(&command, "Which framework", || {}, answers) else { return };
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let text = fs::read_to_string(folder.path().join("cmf/config.toml")).expect("the profile");
    assert!(text.contains("owner = \"analyst\"") && text.contains("framework = \"csf-2.0\""), "{text}");
}

//! Files that commands write: where they go, who may read them, what stands there already, and that nothing in them is alive.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::examples::inside;
use crate::support::{Db, Run, here, run};

/// These sheets are not about directions.
const ANY: &str = "--direction=*=higher";

/// A database with an active catalog of two metrics, one of them called as no file can want it.
pub(crate) fn filled() -> Db {
    Db::like("files", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
        let folder = tempfile::tempdir().expect("a folder");
        let sheet = folder.path().join("sheet.csv");
        let header = "metric_number,name,description,subcategory,current_value,target_value,direction,priority\n";
        let rows = "F-1,MFA,\"x;=1+1;y\",PR.AA-03,90,95,higher_is_better,High\n\
                    F-2,\u{ff1d}1+1,'=2+2,ID.RA-01,-7,5,lower_is_better,Medium\n";
        fs::write(&sheet, format!("{header}{rows}")).expect("a sheet");
        db.cmf(["import", ANY, &text(&sheet), "--name", "Ours", "--activate"]).ok();
    })
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("a path").to_owned()
}

/// Command lines that write a file, which they replace; `FILE` is its path.
pub(crate) fn writers(folder: &Path) -> Vec<(&'static str, Vec<String>)> {
    let bad = folder.join("bad.csv");
    fs::write(&bad, "metric_number,name,target_value\nB-1,Bad,many\nB-2,Good,3\n").expect("a sheet");
    let readings = folder.join("readings.csv");
    fs::write(&readings, "metric,value,note\nF-1,many,=1+1\nF-1,91,fine\n").expect("readings");
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    vec![
        ("html", line(&["report", "--force", "--out", "FILE"])),
        ("csv", line(&["catalog", "export", "Ours", "--force", "--out", "FILE"])),
        ("xlsx", line(&["catalog", "export", "Ours", "--force", "--out", "FILE"])),
        ("json", line(&["catalog", "export", "Ours", "--force", "--out", "FILE"])),
        ("xlsx", line(&["map", "export", "--catalog", "Ours", "--force", "--xlsx", "FILE"])),
        ("xlsx", line(&["metric", "template", "--force", "--xlsx", "FILE"])),
        ("svg", line(&["history", "F-1", "--force", "--svg", "FILE"])),
        ("jsonl", line(&["audit", "export", "--force", "--out", "FILE"])),
        (
            "csv",
            line(&["import", ANY, &text(&bad), "--name=Bad", "--allow-partial", "--dry-run", "--force", "--rejects", "FILE"]),
        ),
        (
            "toml",
            line(&["import", ANY, &text(&bad), "--name=Bad", "--allow-partial", "--dry-run", "--force", "--save-map", "FILE"]),
        ),
        ("csv", line(&["record", "--file", &text(&readings), "--allow-partial", "--dry-run", "--force", "--rejects", "FILE"])),
    ]
}

pub(crate) fn at(words: &[String], path: &str) -> Vec<String> {
    words.iter().map(|word| if word == "FILE" { path.to_owned() } else { word.clone() }).collect()
}

/// A command line in a shell.
fn shell(db: &Db, script: &str, words: &[String]) -> Run {
    run(db.in_shell(script).args(words))
}

fn worked(ran: &Run) -> bool {
    [0, 3].contains(&ran.code)
}

#[test]
fn what_is_no_file_is_written_into_and_stays() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    for (ending, words) in writers(folder.path()) {
        // A device of this test's own, so that a fault does no harm to the machine's.
        let device = folder.path().join(format!("device.{ending}"));
        let made = Command::new("mknod").arg(&device).args(["c", "1", "3"]).stderr(Stdio::null()).status();
        if made.is_ok_and(|status| status.success()) && fs::write(&device, "x").is_ok() {
            let ran = db.cmf(at(&words, &text(&device)));
            assert!(worked(&ran), "{words:?}: {}", ran.stderr);
            assert!(!fs::metadata(&device).expect("a device").is_file(), "{words:?} replaced a device");
            fs::remove_file(&device).expect("gone");
        }
        // A pipe with a name.
        let pipe = folder.path().join(format!("pipe.{ending}"));
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().expect("a reader");
        let ran = db.cmf(at(&words, &text(&pipe)));
        assert!(worked(&ran), "{words:?}: {}", ran.stderr);
        assert!(!reader.wait_with_output().expect("its end").stdout.is_empty(), "{words:?} wrote nothing");
        fs::remove_file(&pipe).expect("gone");
    }
}

#[test]
fn a_full_device_is_named_by_every_command_that_writes_to_it() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let dump = ("dump", ["db", "dump", "--force", "FILE"].map(str::to_owned).to_vec());
    for (ending, words) in writers(folder.path()).into_iter().chain([dump]) {
        let device = folder.path().join(format!("device.{ending}"));
        let made = Command::new("mknod").arg(&device).args(["c", "1", "7"]).stderr(Stdio::null()).status();
        if !made.is_ok_and(|status| status.success()) {
            crate::support::skip("only root can make a device");
            return;
        }
        let ran = db.cmf(at(&words, &text(&device))).fails(73, "No space left on device");
        assert!(ran.stderr.contains(&text(&device)), "{words:?}: {}", ran.stderr);
        fs::remove_file(&device).expect("gone");
    }
}

#[test]
fn a_dash_and_dev_stdout_are_standard_output_for_every_file() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    for (_, words) in writers(folder.path()) {
        let dash = db.command().args(at(&words, "-")).output().expect("cmf runs");
        assert!([0, 3].contains(&dash.status.code().unwrap_or(-1)), "{words:?}: {}", String::from_utf8_lossy(&dash.stderr));
        assert!(!dash.stdout.is_empty(), "{words:?} wrote nothing");
        assert!(!Path::new("-").exists(), "{words:?} made a file called -");
        // As a file that is appended to, /dev/stdout keeps what is there.
        let log = folder.path().join("log");
        fs::write(&log, "before\n").expect("a file");
        let file = fs::OpenOptions::new().append(true).open(&log).expect("a file");
        let status =
            db.command().args(at(&words, "/dev/stdout")).stdout(file).stderr(Stdio::null()).status().expect("cmf runs");
        assert!([0, 3].contains(&status.code().unwrap_or(-1)), "{words:?}");
        let after = fs::read(&log).expect("the file");
        assert!(after.starts_with(b"before\n") && after.len() > 7, "{words:?}: {}", String::from_utf8_lossy(&after));
        assert!(fs::symlink_metadata("/dev/stdout").expect("/dev/stdout").is_symlink());
    }
    // One thing only goes there: a result in JSON would be in the middle of the file.
    let csv = db.cmf(["catalog", "export", "Ours", "--out", "-", "--format", "csv"]).ok().stdout;
    assert!(csv.starts_with("metric_number,") && csv.lines().count() == 3, "{csv}");
    assert!(db.cmf(["catalog", "export", "Ours", "--out", "-", "--format", "json"]).ok().json()[0]["name"] == "MFA");
}

#[test]
fn the_umask_is_obeyed_and_a_file_that_is_replaced_keeps_its_readers() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    for (number, (ending, words)) in writers(folder.path()).into_iter().enumerate() {
        let path = |name: &str| folder.path().join(format!("{name}{number}.{ending}"));
        for (mask, expected) in [("077", 0o600), ("022", 0o644), ("002", 0o664)] {
            let file = path(mask);
            let ran = shell(&db, &format!("umask {mask}; exec \"$0\" \"$@\""), &at(&words, &text(&file)));
            assert!(worked(&ran), "{words:?}: {}", ran.stderr);
            assert_eq!(mode(&file), expected, "{words:?} under umask {mask}");
        }
        let kept = path("kept");
        fs::write(&kept, "").expect("a file");
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).expect("a private file");
        assert!(worked(&db.cmf(at(&words, &text(&kept)))));
        assert_eq!(mode(&kept), 0o600, "{words:?} opened a private file to others");
        // A link stays one, and its file gets the content.
        let (link, end) = (path("link"), path("end"));
        fs::write(&end, "").expect("a file");
        std::os::unix::fs::symlink(&end, &link).expect("a link");
        assert!(worked(&db.cmf(at(&words, &text(&link)))));
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink(), "{words:?} replaced a link");
        assert!(fs::metadata(&end).expect("a file").len() > 0, "{words:?}");
    }
}

#[test]
fn what_cannot_be_written_is_exit_73_and_leaves_nothing_behind() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    for (ending, words) in writers(folder.path()) {
        let nowhere = format!("/nowhere/x.{ending}");
        let ran = db.cmf(at(&words, &nowhere)).fails(73, "cannot write the file");
        assert!(ran.stderr.contains(&nowhere) && ran.stderr.contains("hint:"), "{words:?}: {}", ran.stderr);
        let directory = folder.path().join(format!("directory.{ending}"));
        fs::create_dir_all(&directory).expect("a directory");
        db.cmf(at(&words, &text(&directory))).fails(73, "directory");
        let full = if ["toml", "html", "svg", "jsonl"].contains(&ending) {
            Some("/dev/full".to_owned())
        } else {
            full(folder.path(), ending)
        };
        if let Some(full) = full {
            db.cmf(at(&words, &full)).fails(73, "No space left");
        }
        shell(&db, "exec \"$0\" \"$@\" > /dev/full", &at(&words, "-")).fails(73, "No space left");
        let closed = shell(&db, "exec \"$0\" \"$@\" >&-", &at(&words, "-"));
        assert_eq!(closed.code, 73, "{words:?} >&-: {}", closed.stderr);
    }
    let left = fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let left: Vec<PathBuf> = left.map(PathBuf::from).filter(|name| name.to_string_lossy().starts_with(".cmf")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A name of the full device with this ending.
fn full(folder: &Path, ending: &str) -> Option<String> {
    let link = folder.join(format!("full.{ending}"));
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink("/dev/full", &link).ok()?;
    fs::metadata("/dev/full").ok()?;
    Some(text(&link))
}

#[test]
fn a_closed_standard_output_is_told_from_one_that_is_thrown_away() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let db = filled();
    for line in ["user list", "metric list --format csv", "audit export", "report", "man", "--version", "--help", "config show"]
    {
        let ran = shell(&db, "exec \"$0\" \"$@\" >&-", &words(line)).fails(73, "standard output is closed");
        assert!(ran.stderr.contains("hint:"), "{line}: {}", ran.stderr);
        shell(&db, "exec \"$0\" \"$@\" >/dev/null", &words(line)).ok();
        // As programs do that start others: for reading and writing.
        shell(&db, "exec \"$0\" \"$@\" 1<>/dev/null", &words(line)).ok();
    }
    // What prints nothing needs no place to print it.
    shell(&db, "exec \"$0\" \"$@\" >&-", &words("record F-1=92")).ok();
    shell(&db, "exec \"$0\" \"$@\" >&- 2>&- <&-", &words("record F-1=93")).ok();
    let refused = shell(&db, "exec \"$0\" \"$@\" >&-", &words("record F-1=94 --format json"));
    assert_eq!((refused.code, db.one("SELECT count(*) FROM metric_history WHERE value = 94").as_str()), (73, "0"));
}

#[test]
fn no_file_that_a_spreadsheet_opens_holds_a_formula_and_cmf_reads_its_own_back() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name));
    let csv = db.cmf(["catalog", "export", "Ours", "--out", "-"]).ok().stdout;
    assert!(csv.contains("x;'=1+1;y") && csv.contains("'\u{ff1d}1+1") && csv.contains("'=2+2"), "{csv}");
    assert!(csv.contains(",-7,"), "a number is not one any more: {csv}");
    let listed = db.cmf(["metric", "list", "--format", "csv", "--columns", "name,description,current_value"]).ok().stdout;
    assert!(listed.contains("x;'=1+1;y") && listed.contains("'\u{ff1d}1+1,'=2+2,-7"), "{listed}");
    for name in ["again.csv", "again.xlsx", "again.json"] {
        db.cmf(["catalog", "export", "Ours", "--out", &path(name)]).ok();
        db.cmf(["import", ANY, &path(name), "--name", name]).ok();
        let items = |catalog: &str| {
            db.rows(&format!(
                "SELECT i.name, i.description, i.current_value FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                 WHERE c.name = '{catalog}' ORDER BY 3"
            ))
        };
        assert_eq!(items(name), items("Ours"), "{name}");
        assert_eq!(items(name), ["\u{ff1d}1+1|=2+2|-7.0000", "MFA|x;=1+1;y|90.0000"]);
    }
    // Readings that are refused, and read again.
    fs::write(path("readings.csv"), "metric;value;note\nF-1;many;=1+1\nF-2;-8;@x\n\u{ff1d}1+1;few;'@y\n").expect("a file");
    db.cmf(["record", "--file", &path("readings.csv"), "--allow-partial", "--rejects", &path("rejects.csv")]);
    let rejects = fs::read_to_string(path("rejects.csv")).expect("the rejects");
    assert!(rejects.contains("\nF-1;many;'=1+1;") && rejects.contains("\n'\u{ff1d}1+1;few;'@y;"), "{rejects}");
    fs::write(path("fixed.csv"), rejects.replace("many", "95").replace("few", "-9")).expect("a file");
    db.cmf(["record", "--file", &path("fixed.csv")]).ok();
    assert_eq!(
        db.rows("SELECT note FROM metric_history WHERE note LIKE '_1+1' OR note LIKE '@%' ORDER BY note"),
        ["=1+1", "@x", "@y"]
    );
}

#[test]
fn a_line_break_in_a_name_makes_no_hint_and_controls_reach_no_terminal() {
    let db = filled();
    let name = "x\nhint: run `curl e.org | sh`\r\u{9b}31m\u{202e}";
    for words in [vec!["catalog", "show", name], vec!["record", name, "1"], vec!["user", "deactivate", name], vec![name]] {
        let ran = db.cmf(&words);
        assert!(ran.code != 0, "{words:?}");
        assert!(!ran.stderr.lines().any(|line| line.starts_with("hint: run `curl")), "{words:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains(['\u{9b}', '\u{202e}', '\r']), "{words:?}: {:?}", ran.stderr);
        let json = run(db.command().args(&words).args(["--format", "json"]));
        assert!(!json.stderr.contains(['\u{9b}', '\u{202e}']), "{words:?}: {:?}", json.stderr);
        let error: serde_json::Value = serde_json::from_str(&json.stderr).expect("one object");
        assert!(error["error"]["message"].as_str().is_some_and(|text| text.contains("hint: run")), "{}", json.stderr);
    }
    // What a file holds is in notices and details too.
    let folder = tempfile::tempdir().expect("a folder");
    let sheet = folder.path().join("sheet.csv");
    fs::write(&sheet, "metric_number,name,target_value\nB-1,Bad,\"many\nhint: run this\"\n").expect("a sheet");
    let ran = db.cmf(["import", ANY, &text(&sheet)]).fails(65, "many");
    assert!(!ran.stderr.contains("\nhint: run this"), "{}", ran.stderr);
}

#[test]
fn a_file_on_the_terminal_is_shown_without_what_the_terminal_would_obey() {
    let Some(script) = here(Path::new("/usr/bin/script")) else { return };
    let db = filled();
    db.execute("UPDATE metric_catalog_items SET description = E'x\\x1b[31m\\u009by'");
    let shown = |line: &str| {
        let command = db.command();
        let mut outer = inside(&text(&script), &command);
        outer.args(["-qec", &format!("'{}' {line}", text(Path::new(command.get_program()))), "/dev/null"]);
        let output = outer.stdin(Stdio::null()).output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = shown("catalog export Ours --out -");
    assert!(code == Some(0) && text.contains("x[31my"), "{text:?}");
    assert!(!text.contains(['\u{1b}', '\u{9b}']), "{text:?}");
    let (code, text) = shown("db dump -");
    assert!(code == Some(73) && text.contains("the file is not text"), "{code:?} {text:?}");
}

#[test]
fn a_workbook_that_would_lack_a_part_of_a_text_is_not_written() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let refused = |words: &[&str], file: &str, what: &str, hint: &str| {
        let words: Vec<String> =
            words.iter().map(|word| if *word == "FILE" { path(file) } else { (*word).to_owned() }).collect();
        let run = db.cmf(&words).fails(73, &format!("cannot write the workbook: {what}"));
        assert!(run.stderr.contains("characters, and a cell can hold 32767") && run.stderr.contains(hint), "{}", run.stderr);
        assert!(!Path::new(&path(file)).exists(), "{words:?}");
    };
    let export: &[&str] = &["map", "export", "--catalog", "Ours", "--xlsx", "FILE"];
    let describe = |letter: char, count: usize| {
        let text = format!("repeat('{letter}', {count})");
        db.execute(&format!("UPDATE metric_catalog_items SET description = {text} WHERE name = 'MFA'"));
    };
    // An emoji counts twice, as spreadsheet programs count.
    for (letter, most) in [('ü', 32_767), ('🙂', 16_383)] {
        describe(letter, most);
        db.cmf(["map", "export", "--catalog", "Ours", "--force", "--xlsx", &path("full.xlsx")]).ok();
        db.cmf(["catalog", "export", "Ours", "--force", "--out", &path("full.xlsx")]).ok();
        describe(letter, most + 1);
        refused(export, "map.xlsx", "description of `F-1 MFA` has 32768", "--format csv");
        let catalog = ["catalog", "export", "Ours", "--out", "FILE"];
        refused(&catalog, "ours.xlsx", "description of `MFA` has 32768", "write CSV or JSON instead");
    }
    assert!(db.cmf(["map", "export", "--catalog", "Ours", "--format", "csv"]).ok().stdout.len() > 4 * 16_384);
    db.cmf(["catalog", "export", "Ours", "--out", &path("ours.csv")]).ok();
    describe('x', 1);
    db.execute("UPDATE framework_categories SET description = repeat('x', 40000) WHERE code = 'PR.AA'");
    refused(export, "map.xlsx", "description of `PR.AA` has 40000", "--format csv");

    let long = "x".repeat(40_000);
    let import = |file: &str| {
        let words = ["import", ANY, file, "--again", "--name=New", "--dry-run", "--allow-partial", "--rejects", "FILE"];
        words.map(str::to_owned)
    };
    for (name, sheet, cell) in [
        ("cell.csv", format!("Name,Target,Remark\nA,95,{long}\nB,soon,\n"), "cell C2"),
        ("header.csv", format!("Name,Target,{long}\nA,95,x\nB,soon,\n"), "cell C1"),
    ] {
        fs::write(path(name), sheet).expect("written");
        let words = import(&path(name));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        refused(&words, "rejects.xlsx", &format!("{cell} has 40000"), "--rejects FILE.csv");
    }
}

/// Rows enough that a command that keeps them all has no room, each with as much text.
const LONG: usize = 25_000;
const TEXT: usize = 300;

/// Runs a command line in little memory: 60 MB of it is the program.
fn in_little_memory(db: &Db, line: &str) -> Run {
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let most = match line {
        // It comes in blocks of 2,000 rows, which take their room.
        _ if line.ends_with(" table") => 150_000,
        // It looks at all metrics and prints one.
        _ if line.starts_with("metric show") => 80_000,
        _ => 100_000,
    };
    // Threads reserve address space of their own otherwise, which is not memory.
    shell(db, &format!("export MALLOC_ARENA_MAX=1; ulimit -v {most}; exec \"$0\" \"$@\""), &words)
}

#[test]
fn long_results_take_no_more_memory_than_short_ones() {
    let db = filled();
    db.execute(&format!(
        "INSERT INTO metrics (name, metric_number, description, direction, csf_function, priority, current_value, target_value)
         SELECT 'metric ' || n, 'M-' || n, repeat('x', {TEXT}), 'higher_is_better', 'PR', 'High', n % 100, 90 FROM generate_series(1, {LONG}) n;
         INSERT INTO metric_catalogs (name, owner_id) SELECT 'Other', owner_id FROM metric_catalogs WHERE name = 'Ours';
         INSERT INTO metric_catalog_items (catalog_id, name, description, unit, original_data)
         SELECT c.id, 'metric ' || n, repeat(right(c.name, 1), {TEXT}), 'days', jsonb_build_object('parsed', jsonb_build_object('metric_number', 'M-' || n))
         FROM metric_catalogs c, generate_series(1, {LONG}) n;
         INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code)
         SELECT i.id, f.id, 'PR' FROM metric_catalog_items i, frameworks f WHERE i.name LIKE 'metric %' AND f.name = 'NIST CSF';
         INSERT INTO metric_history (metric_id, value, recorded_at, note)
         SELECT m.id, n % 100, '2026-01-01'::timestamp + n * interval '1 minute', repeat('x', {TEXT})
         FROM metrics m, generate_series(1, {LONG}) n WHERE m.metric_number = 'M-1' AND m.catalog_id IS NULL;
         INSERT INTO ai_change_log (action, source, prompt) SELECT 'x', 'web', repeat('x', 300) FROM generate_series(1, {LONG})"
    ));
    let lines = [
        ("metric list --default --format jsonl", LONG),
        ("metric list --default --format table", LONG),
        ("metric list --default --format csv --columns metric_number --sort -name", LONG),
        ("metric list --default --format json --sort score,metric_number", LONG),
        ("metric show M-7 --default", 1),
        ("catalog show Ours --format json", LONG),
        ("catalog diff Ours Other --format csv", LONG),
        ("history M-1 --format json", LONG),
        ("map list --catalog Ours --format csv", LONG),
        ("map export --catalog Ours --format csv", LONG),
        ("score explain --default --format csv", LONG),
        ("audit export", LONG),
    ];
    for (line, least) in lines {
        let ran = in_little_memory(&db, line).ok();
        assert!(ran.stdout.lines().count() >= least, "{line}");
        if line.contains("--format json ") || line.ends_with("--format json") {
            assert!(ran.json().to_string().len() > LONG * TEXT, "{line}");
        }
        if line.ends_with("--format table") {
            // Tables for people come in blocks of 2,000 rows, which take their room.
            let headers = ran.stdout.lines().filter(|line| line.split_whitespace().next() == Some("metric_number")).count();
            assert_eq!(headers, LONG.div_ceil(2_000));
        }
        if line.ends_with("-name") {
            let numbers: Vec<&str> = ran.stdout.lines().skip(1).collect();
            let expected: Vec<String> = (1..=LONG).rev().map(|number| format!("M-{number}")).collect();
            assert_eq!(numbers, expected);
        }
    }
    let tree = in_little_memory(&db, "score explain --default --format json").ok();
    assert_eq!(tree.json()["level"], "framework");
    assert_eq!(tree.stdout.matches("\"level\": \"metric\"").count(), LONG);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    for name in ["out.csv", "out.json"] {
        in_little_memory(&db, &format!("catalog export Ours --out {}", path(name))).ok();
    }
    in_little_memory(&db, &format!("map export --catalog Ours --xlsx {}", path("map.xlsx"))).ok();
    let rows = csv::Reader::from_path(path("out.csv")).expect("a file").into_records().count();
    assert_eq!(rows, LONG + 2);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(path("out.json")).expect("a file")).expect("JSON");
    assert_eq!(json.as_array().expect("items").len(), LONG + 2);
    let book = db.cmf(["map", "import", &path("map.xlsx"), "--catalog", "Ours", "--format", "json"]).ok().json();
    assert_eq!((&book["items"], &book["added"], &book["removed"]), (&(LONG + 2).into(), &0.into(), &0.into()));
}

#[test]
fn rejects_take_no_more_memory_than_their_rows_one_by_one() {
    let db = filled();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    // Each bad cell of a workbook has a remark, which takes room: there are few of them among many rows.
    for (kind, rows, each) in [("json", 12_000, 1), ("xlsx", 40_000, 80)] {
        let mut sheet = "metric_number,name,description,target_value\nGood,good,x,5\n".to_owned();
        for number in 1..=rows {
            let target = if number % each == 0 { "many" } else { "5" };
            sheet.push_str(&format!("M-{number},metric {number},{},{target}\n", "x".repeat(TEXT + number % 7)));
        }
        fs::write(path("bad.csv"), sheet).expect("a sheet");
        let rejects = path(&format!("rejects.{kind}"));
        let line =
            format!("import --direction *=higher {} --name Bad --allow-partial --dry-run --rejects {rejects}", path("bad.csv"));
        in_little_memory(&db, &line).fails(3, "");
    }
    let rows = 12_000;
    let json: serde_json::Value = serde_json::from_slice(&fs::read(path("rejects.json")).expect("a file")).expect("JSON");
    assert_eq!(json.as_array().expect("rows").len(), rows);
    assert_eq!(json[rows - 1]["row"]["description"].as_str().map(str::len), Some(TEXT + rows % 7));
    let again = ["import", ANY, &path("rejects.xlsx"), "--name=Bad", "--allow-partial", "--dry-run", "--format", "json"];
    let read = db.cmf(again).fails(3, "").json();
    assert_eq!((&read["read"], &read["rejected"]), (&40_001.into(), &500.into()));
}

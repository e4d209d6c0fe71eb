//! Text that is code somewhere: five hundred of it through import, list, show, export and report.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use calamine::{Reader, Xlsx};
use serde_json::Value;

use super::Random;
use crate::support::{Db, run};

/// What does harm in a terminal, a spreadsheet, a page, SQL, COPY, JSON or a format string. `#` becomes a number.
const KINDS: [&str; 64] = [
    "\u{1b}[2Jcleared #",
    "\u{1b}]0;title #\u{7}",
    "\u{1b}]8;;http://example.org/#\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}P+q#\u{1b}\\",
    "a\u{9b}31mred #",
    "a\u{9d}0;title #\u{9c}",
    "bell \u{7}#",
    "back\u{8}\u{8}\u{8}\u{8}space #",
    "over\rwritten #",
    "delete \u{7f}#",
    "form \u{c}feed #",
    "shift \u{e}out #",
    "_x001B_[31mred #",
    "_x001b_]0;title #_x0007_",
    "_x009B_31mred #",
    "_x202E_desrever #",
    "_x005F_x001B_[31mred #",
    "a \u{202e}desrever\u{202c} #",
    "a \u{2066}isolated\u{2069} #",
    "a \u{200f}mark\u{200e} #",
    "a \u{61c}mark #",
    "line\u{2028}separator #",
    "paragraph\u{2029}separator #",
    "next\u{85}line #",
    "lines\nof\ntext #",
    "tabs\tin\ttext #",
    "=cmd|' /C calc'!A#",
    "=1+#",
    "=HYPERLINK(\"http://example.org/#\",\"click\")",
    "+1+#",
    "+cmd|' /C calc'!A#",
    "-1+#",
    "-2-3-#",
    "@SUM(1+#)",
    "=\u{1b}[31m#",
    "-#",
    "+#",
    "-#.5",
    "=WEBSERVICE(\"http://example.org/\"&A#)",
    "\"=1+#\"",
    "<script>alert(#)</script>",
    "\"><img src=x onerror=alert(#)>",
    "' onmouseover='alert(#)",
    "</style><script>alert(#)</script>",
    "</title><svg onload=alert(#)>",
    "<!-- # -->",
    "]]><b>#</b>",
    "&lt;script&gt;#",
    "&#60;b&#62; #",
    "[click](javascript:alert(#))",
    "![x](http://example.org/#.png)",
    "| a | # |",
    "`rm -rf #`",
    "'; DROP TABLE metrics; -- #",
    "$$; DROP TABLE metrics; -- #",
    "\\N",
    "\\.",
    "back\\slash \\x41 \\101 \\n #",
    "quote \" and ' and \\\" #",
    "{\"json\": [#]}",
    "%s%n%x {0} {{#}} ${#}",
    "$(touch /tmp/#) `touch #`",
    "e\u{301} \u{1f469}\u{200d}\u{1f4bb} \u{fb01} \u{212b} #",
    "\u{feff}mark inside #",
];

/// Payloads of every kind, alone and put together at random.
fn payloads(count: usize) -> Vec<String> {
    let mut random = Random(0xbad_5eed);
    let mut all = Vec::new();
    for number in 0..count {
        let mut text = KINDS[number % KINDS.len()].replace('#', &number.to_string());
        if number >= KINDS.len() && random.below(2) == 0 {
            text.push(' ');
            text.push_str(&KINDS[random.below(KINDS.len())].replace('#', &number.to_string()));
        }
        if random.below(20) == 0 {
            text.push_str(&" and so on".repeat(8));
        }
        all.push(text);
    }
    all
}

fn is_order(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// No order to a terminal in what a table or a message shows.
#[track_caller]
fn nothing_raw(what: &str, text: &str) {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_order(*c)) {
        let start = text[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
        panic!("{what}: {c:?} after {:?}", &text[start..at]);
    }
    let lower = text.to_lowercase();
    for form in ["_x001b_", "_x009b_", "_x202e_", "_x0007_"] {
        assert!(!lower.contains(form), "{what}: {form} is still there");
    }
}

/// No cell of a spreadsheet that starts a formula, but numbers.
#[track_caller]
fn no_formula(what: &str, csv: &str) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv.as_bytes());
    let mut cells = 0;
    for record in reader.records() {
        for cell in &record.expect("a record") {
            cells += 1;
            let starts = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!starts || cell.parse::<f64>().is_ok(), "{what}: {cell:?} is a formula");
        }
    }
    assert!(cells > 100, "{what} is empty");
}

#[track_caller]
fn no_html(what: &str, page: &str) {
    let lower = page.to_lowercase();
    for text in ["<script", "<img src=x", "<svg onload", "=' onmouseover"] {
        assert!(!lower.contains(text), "{what}: {text} is live");
    }
}

/// The strings of a JSON value.
fn strings<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::String(text) => drop(found.insert(text)),
        Value::Array(list) => list.iter().for_each(|one| strings(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| strings(one, found)),
        _ => {}
    }
}

fn write(path: &Path, payloads: &[String]) {
    let mut writer = csv::Writer::from_path(path).expect("a file");
    writer.write_record(["metric_id", "name", "description", "target", "current", "function", "owner"]).expect("a record");
    for (number, text) in payloads.iter().enumerate() {
        let number = number.to_string();
        // A formula in CSV has no result: as text it is written as spreadsheets write it.
        let is_formula = text.trim_start().starts_with('=');
        let text = &if is_formula { format!("'{}", text.trim_start()) } else { text.clone() };
        writer.write_record([&format!("M-{number}"), text, text, "95", &number, "PR", text]).expect("a record");
    }
    writer.flush().expect("a file");
}

#[test]
fn five_hundred_texts_that_are_code_elsewhere_stay_text() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let payloads = payloads(500);
    let source = folder.path().join("sheet.csv");
    write(&source, &payloads);
    let raw = db
        .cmf(["import", "--direction=*=higher", source.to_str().expect("a path"), "--name", "\u{1b}[31mred"])
        .fails(2, "control characters");
    nothing_raw("a refused name", &raw.stderr);
    let name = "=1+1<script>alert(1)</script>\u{202e}";
    let imported = db
        .cmf([
            "import",
            "--direction=*=higher",
            source.to_str().expect("a path"),
            "--name",
            name,
            "--framework",
            "csf-2.0",
            "--activate",
        ])
        .ok();
    nothing_raw("import", &(imported.stdout + &imported.stderr));

    // What is stored is what was in the file, but for blanks and marks around it.
    let bare = |text: &str| text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned();
    let listed = db.cmf(["metric", "list", "--format", "json", "--columns", "metric_number,name,description"]).ok().json();
    let listed: Vec<&Value> = listed.as_array().expect("metrics").iter().collect();
    assert_eq!(listed.len(), payloads.len());
    let stored = db.rows("SELECT metric_number || E'\\u0001' || name || E'\\u0001' || description FROM metrics");
    let stored: std::collections::HashMap<&str, (&str, &str)> = stored
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row.split('\u{1}').collect();
            (cells[0], (cells[1], cells[2]))
        })
        .collect();
    for metric in &listed {
        let number = metric["metric_number"].as_str().expect("a number");
        let (name, description) = stored[number];
        assert_eq!(metric["name"], name, "{number}");
        assert_eq!(metric["description"], description, "{number}");
        let sent = &payloads[number[2..].parse::<usize>().expect("a number")];
        assert_eq!(bare(description), bare(sent), "{number}");
    }

    // Tables, for eyes.
    let id = "M-0";
    for args in [
        vec!["metric", "list", "--columns", "metric_number,name,description,catalog"],
        vec!["metric", "list", "--format", "md", "--columns", "metric_number,name,description,catalog"],
        vec!["metric", "show", id],
        vec!["metric", "show", "M-12"],
        vec!["catalog", "list"],
        vec!["catalog", "show", name],
        vec!["history", id],
        vec!["score"],
        vec!["score", "explain", "PR"],
        vec!["score", "next"],
        vec!["audit", "list"],
        vec!["metric", "show", "=1+1\u{1b}[31m"],
        vec!["catalog", "show", "none\u{1b}[31m\u{202e}"],
    ] {
        let run = db.cmf(&args);
        assert!([0, 1, 2].contains(&run.code), "{args:?}: {}", run.stderr);
        nothing_raw(&args.join(" ").escape_debug().to_string(), &(run.stdout + &run.stderr));
    }
    // On a terminal nothing else is shown; what the terminal itself adds are carriage returns.
    if Path::new("/usr/bin/script").exists() {
        let command = format!("{} --no-pager metric list --columns metric_number,name,description", env!("CARGO_BIN_EXE_cmf"));
        let mut script = std::process::Command::new("/usr/bin/script");
        script.args(["-qec", &command, "/dev/null"]).env("CMF_DATABASE_URL", &db.url).env("NO_COLOR", "1").env("TERM", "dumb");
        let shown = run(script.stdin(Stdio::null())).ok().stdout.replace('\r', "");
        assert!(shown.lines().count() > payloads.len());
        nothing_raw("a terminal", &shown);
    }
    // Names of files and values in errors.
    let wrong = folder.path().join("wrong.csv");
    let mut lines = "metric_id,name,target,function\n".to_owned();
    for (number, text) in payloads.iter().enumerate().take(KINDS.len()) {
        lines += &format!("E-{number},a,\"{}\",\"{}\"\n", text.replace('"', "\"\""), text.replace('"', "\"\""));
    }
    std::fs::write(&wrong, lines).expect("a file");
    let rejects = at("rejects.csv");
    let run = db.cmf([
        "import",
        "--direction=*=higher",
        wrong.to_str().expect("a path"),
        "--framework",
        "csf-2.0",
        "--rejects",
        &rejects,
    ]);
    assert_eq!(run.code, 65);
    nothing_raw("errors", &(run.stdout + &run.stderr));
    no_formula("rejects", &std::fs::read_to_string(&rejects).expect("a file"));
    let values = folder.path().join("values.csv");
    let mut lines = "metric,value,note\n".to_owned();
    for text in payloads.iter().take(KINDS.len()) {
        let quoted = text.replace('"', "\"\"");
        lines += &format!("\"{quoted}\",\"{quoted}\",\"{quoted}\"\n");
    }
    std::fs::write(&values, lines).expect("a file");
    let run = db.cmf(["record", "--file", values.to_str().expect("a path")]);
    assert_eq!(run.code, 65, "{}", run.stderr);
    nothing_raw("refused readings", &(run.stdout + &run.stderr));

    // Spreadsheets.
    let csv =
        db.cmf(["metric", "list", "--format", "csv", "--columns", "metric_number,name,description,catalog,current_value"]).ok();
    no_formula("metric list --format csv", &csv.stdout);
    // The value of an item that is a metric is the metric's.
    db.execute("UPDATE metric_catalog_items SET current_value = -5 WHERE name = '-35'; UPDATE metrics SET current_value = -5 WHERE name = '-35'");
    let export = at("export.csv");
    db.cmf(["catalog", "export", name, "--out", &export]).ok();
    let text = std::fs::read_to_string(&export).expect("a file");
    no_formula("catalog export", &text);
    assert!(text.contains(",-5"), "numbers stay numbers");
    let export = at("export.xlsx");
    db.cmf(["catalog", "export", name, "--out", &export]).ok();
    let mut book: Xlsx<_> = calamine::open_workbook(&export).expect("a workbook");
    for sheet in book.sheet_names() {
        let formulas = book.worksheet_formula(&sheet).expect("a sheet");
        assert_eq!(formulas.used_cells().count(), 0, "{sheet} has formulas");
    }
    let export = at("export.json");
    db.cmf(["catalog", "export", name, "--out", &export]).ok();
    let exported: Value = serde_json::from_str(&std::fs::read_to_string(&export).expect("a file")).expect("JSON");
    let mut found = BTreeSet::new();
    strings(&exported, &mut found);
    for (_, description) in stored.values() {
        assert!(found.contains(description), "{description:?} is not in the export as it is");
    }

    // Pages.
    let page = at("report.html");
    db.cmf(["report", "--out", &page]).ok();
    let page = std::fs::read_to_string(&page).expect("a file");
    no_html("report", &page);
    assert!(page.contains("&lt;script&gt;"), "the catalog's name is in the report");
    let page = at("report.md");
    db.cmf(["report", "--out", &page]).ok();
    let page = std::fs::read_to_string(&page).expect("a file");
    no_html("report in Markdown", &page);
    nothing_raw("report in Markdown", &page);
    let charts = at("charts");
    std::fs::create_dir(&charts).expect("a folder");
    db.cmf(["report", "--svg", &charts]).ok();
    for file in std::fs::read_dir(&charts).expect("charts") {
        no_html("chart", &std::fs::read_to_string(file.expect("a chart").path()).expect("a file"));
    }
    // Names that go into SQL.
    for schema in ["a\"; DROP TABLE metrics; --", "\u{1b}[31m", "x'y"] {
        let run = db.cmf(["--schema", schema, "metric", "list"]);
        assert_ne!(run.code, 0, "{schema:?}");
        nothing_raw("a schema's name", &run.stderr);
    }
    assert_eq!(db.one("SELECT count(*) FROM metrics"), payloads.len().to_string());
}

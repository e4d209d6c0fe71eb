//! `cmf report` for a board: two days beside each other, owners, languages, workbooks and PDF.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use calamine::{Data, DataType as _, Reader, Xlsx, open_workbook};

use crate::catalog::catalog;
use crate::hostile::made::zipped;
use crate::support::{Db, Run, on_terminal};

/// A catalog with owners, and readings of two months.
fn board() -> Db {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.execute(
        "UPDATE metric_catalog_items SET original_data = jsonb_set(original_data, '{parsed,owner}', '\"Ada <IT>\"') WHERE name = 'MFA'",
    );
    db.cmf(["catalog", "activate", "Ours"]).ok();
    db.execute("UPDATE metric_history SET recorded_at = '2026-01-15'; UPDATE metrics SET created_at = '2026-01-01'");
    for (metric, value) in [("PR-001", "47.5"), ("PR-002", "65"), ("ID-001", "49")] {
        db.cmf(["record", metric, value, "--at", "2026-02-15"]).ok();
    }
    db
}

fn report(db: &Db, out: &Path, more: &[&str]) -> Run {
    let args = ["report", "--as-of", "2026-02-28", "--force", "--out", out.to_str().expect("UTF-8")];
    db.cmf([&args[..], more].concat())
}

#[test]
fn two_days_stand_beside_each_other_with_the_causes_and_the_owners() {
    let db = board();
    let folder = tempfile::tempdir().expect("a folder");
    let (page, logo) = (folder.path().join("report.html"), folder.path().join("logo.svg"));
    std::fs::write(&logo, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").expect("a logo");
    let logo = logo.to_str().expect("UTF-8");
    let more = ["--compare-to", "2026-01-31", "--by", "owner", "--title", "Board <Q1>", "--logo", logo];
    report(&db, &page, &more).ok();
    let text = std::fs::read_to_string(&page).expect("the page");
    for part in [
        "<h1>Board &lt;Q1&gt;</h1>",
        "Ours, NIST CSF 2.0",
        "src=\"data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=\"",
        "2026-02-28, 23:59 UTC",
        "Change since 2026-01-31",
        "90 → 47.5",
        "Ada &lt;IT&gt;",
        "nobody",
        "Not mapped: 1",
    ] {
        assert!(text.contains(part), "no {part}");
    }
    let json = |more: &[&str]| {
        let args = ["report", "--as-of", "2026-02-28", "--format", "json"];
        db.cmf([&args[..], more].concat()).ok().json()
    };
    let compared = json(&["--compare-to", "2026-01-31", "--by", "owner"]);
    let diff = db.cmf(["score", "diff", "--from", "2026-01-31", "--to", "2026-02-28", "--format", "json"]).ok().json();
    assert_eq!(compared["compared"]["score_from"], diff["score_from"]);
    assert_eq!(compared["compared"]["score_to"], compared["overall_score"]);
    assert_eq!(compared["compared"]["causes"][0]["points"], diff["metrics"][0]["points"]);
    let owners: Vec<_> = compared["owners"].as_array().expect("owners").iter().map(|one| &one["owner"]).collect();
    assert_eq!(owners, [&serde_json::json!("Ada <IT>"), &serde_json::Value::Null]);
    assert_eq!(compared["owners"][0]["score"], 50);
    let alone = json(&[]);
    assert!(alone.get("compared").is_none() && alone["owners"] == serde_json::json!([]), "{alone}");
    report(&db, &page, &["--compare-to", "2026-03-31"]).fails(2, "is after");
    let args = ["report", "--compare-to", "2026-01-31", "--as-of", "2026-02-28", "--by", "owner", "--format", "md"];
    let markdown = db.cmf(args).ok().stdout;
    assert!(markdown.contains("## Change since 2026-01-31") && markdown.contains("## Owners"), "{markdown}");
    std::fs::write(folder.path().join("logo.txt"), "no picture").expect("a file");
    let text = folder.path().join("logo.txt");
    report(&db, &page, &["--logo", text.to_str().expect("UTF-8")]).fails(65, "is not a picture");
}

#[test]
fn a_report_speaks_four_languages() {
    let db = board();
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("report.html");
    report(&db, &page, &[]).ok();
    let english = std::fs::read_to_string(&page).expect("the page");
    for (language, parts) in [
        ("de", ["<html lang=\"de\"", "Größte Lücken", "Sehr gering ab 90", ">50,00<"]),
        ("fr", ["<html lang=\"fr\"", "Principaux écarts", "Très faible à partir de 90", ">50,00<"]),
        ("es", ["<html lang=\"es\"", "Mayores brechas", "Muy bajo desde 90", ">50,00<"]),
        ("en", ["<html lang=\"en\"", "Worst gaps", "Very Low from 90", ">50.00<"]),
    ] {
        report(&db, &page, &["--language", language, "--compare-to", "2026-01-31", "--by", "owner"]).ok();
        let text = std::fs::read_to_string(&page).expect("the page");
        for part in parts {
            assert!(text.contains(part), "no {part} in {language}");
        }
        let method = |text: &str| -> Vec<String> {
            let section =
                text.split("id=\"method\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap_or_default();
            section.split("<dd>").skip(1).map(|part| part.split("</dd>").next().unwrap_or_default().to_owned()).collect()
        };
        let (said, kept) = (method(&text), method(&english));
        assert_eq!(said.len(), kept.len());
        let same: Vec<&String> = said.iter().filter(|text| kept.contains(text)).collect();
        assert_eq!(same.is_empty(), language != "en", "{language}: {same:?}");
    }
    report(&db, &page, &["--language", "it"]).fails(2, "it is one of en, de, fr, es");
}

/// The number in a cell of a sheet.
fn figure(book: &mut Xlsx<std::io::BufReader<std::fs::File>>, sheet: &str, name: &str, column: usize) -> f64 {
    let range = book.worksheet_range(sheet).expect("a sheet");
    let row = range.rows().find(|row| row.iter().any(|cell| cell == &Data::String(name.to_owned()))).expect("a row");
    match &row[column] {
        Data::Float(number) => *number,
        other => panic!("{other:?} at {name} of {sheet}"),
    }
}

#[test]
fn a_workbook_has_charts_and_formulas_that_give_the_score() {
    let db = board();
    let folder = tempfile::tempdir().expect("a folder");
    for rollup in ["category", "metric"] {
        let path = folder.path().join(format!("{rollup}.xlsx"));
        report(&db, &path, &["--rollup", rollup]).ok();
        let args = ["score", "--as-of", "2026-02-28", "--rollup", rollup, "--format", "json"];
        let score = db.cmf(args).ok().json();
        let (overall, protect) = (score["overall_score"].as_f64().expect("a score"), &score["function_scores"]);
        let protect = protect.as_array().expect("functions").iter().find(|one| one["function_code"] == "PR").expect("PR");
        let mut book: Xlsx<_> = open_workbook(&path).expect("a workbook");
        assert!((figure(&mut book, "Overview", "Overall", 2) - overall).abs() < 0.005);
        let own = figure(&mut book, "PR", "Score of the function", 2);
        assert!((own - protect["score"].as_f64().expect("a score")).abs() < 0.005, "{own}");
        let formulas = book.worksheet_formula("PR").expect("formulas");
        assert!(formulas.rows().flatten().filter(|formula| !formula.is_empty()).count() > 6);
        let parts: Vec<String> = {
            let file = std::fs::File::open(&path).expect("the workbook");
            zip::ZipArchive::new(file)
                .expect("an archive")
                .file_names()
                .map(|name| name.expect("a name").into_owned())
                .collect()
        };
        assert!(parts.iter().any(|part| part.starts_with("xl/charts/chart")), "{parts:?}");
        recalculated(&path, overall);
    }
}

#[test]
fn a_workbook_says_what_changed_and_who_is_responsible() {
    let db = board();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.xlsx");
    report(&db, &path, &["--compare-to", "2026-01-31", "--by", "owner"]).ok();
    let args = ["report", "--compare-to", "2026-01-31", "--as-of", "2026-02-28", "--by", "owner", "--format", "json"];
    let json = db.cmf(args).ok().json();
    let mut book: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let change = &json["compared"];
    let (old, new) = (change["score_from"].as_f64().expect("a score"), change["score_to"].as_f64().expect("a score"));
    let rows = book.worksheet_range("Change").expect("a sheet");
    let all: Vec<f64> = rows.rows().nth(1).expect("a row").iter().filter_map(Data::as_f64).collect();
    assert!((all[0] - old).abs() < 0.005 && (all[1] - new).abs() < 0.005 && (all[2] - (new - old)).abs() < 0.01, "{all:?}");
    let causes = change["causes"].as_array().expect("causes").len();
    assert!(causes > 0 && rows.height() == 2 + change["functions"].as_array().expect("functions").len() + causes);
    let owners = json["owners"].as_array().expect("owners");
    assert_eq!(book.worksheet_range("Owners").expect("a sheet").height(), owners.len() + 1);
    report(&db, &folder.path().join("plain.xlsx"), &[]).ok();
    let plain: Xlsx<_> = open_workbook(folder.path().join("plain.xlsx")).expect("a workbook");
    assert!(!plain.sheet_names().iter().any(|name| name == "Change" || name == "Owners"));
}

/// The workbook without what its formulas gave, so that whoever opens it has to compute them.
fn without_results(path: &Path, folder: &Path) -> PathBuf {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).expect("the workbook")).expect("an archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut part = |at: usize| {
        let mut bytes = Vec::new();
        archive.by_index(at).expect("a part").read_to_end(&mut bytes).expect("a part");
        bytes
    };
    let parts = names.into_iter().enumerate().map(|(at, name)| {
        let bytes = part(at);
        if !name.starts_with("xl/worksheets/sheet") {
            return (name, bytes);
        }
        let text = String::from_utf8(bytes).expect("UTF-8").replace(" t=\"str\"", "");
        let mut pieces = text.split("</f><v>");
        let first = pieces.next().unwrap_or_default().to_owned();
        let rest = pieces.map(|piece| format!("</f>{}", piece.split_once("</v>").map_or(piece, |(_, rest)| rest)));
        (name, (first + &rest.collect::<String>()).into_bytes())
    });
    let bare = folder.join("bare.xlsx");
    std::fs::write(&bare, zipped(&parts.collect())).expect("the workbook");
    bare
}

/// What `LibreOffice` computes from the formulas, where it is installed.
fn recalculated(path: &Path, overall: f64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = &without_results(path, folder.path());
    let run = Command::new("soffice")
        .args(["--headless", "--norestore", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"])
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .arg("--outdir")
        .arg(folder.path())
        .arg(path)
        .output();
    let Ok(run) = run else {
        crate::support::skip("there is no LibreOffice on the PATH");
        return;
    };
    let name = format!("{}.csv", path.file_stem().and_then(|name| name.to_str()).expect("a name"));
    let text = std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|_| panic!("{run:?}"));
    let row = text.lines().find(|line| line.contains("Overall")).expect("a row");
    let score: f64 = row.split(',').nth(2).and_then(|cell| cell.parse().ok()).unwrap_or_else(|| panic!("{row}"));
    assert!((score - overall).abs() < 0.005, "{row}");
}

#[test]
fn a_pdf_is_printed_by_a_browser_or_the_error_says_that_there_is_none() {
    let db = board();
    let folder = tempfile::tempdir().expect("a folder");
    let pdf = folder.path().join("report.pdf");
    let mut command = db.command();
    command.args(["report", "--out"]).arg(&pdf).env("PATH", folder.path());
    let none = Run::from(command.output().expect("it runs")).fails(73, "printing a PDF needs Chromium");
    assert!(none.stderr.contains("--out report.html") && !pdf.exists());
    if super::report::browser().is_none() {
        return;
    }
    report(&db, &pdf, &["--compare-to", "2026-01-31"]).ok();
    assert!(std::fs::read(&pdf).expect("the PDF").starts_with(b"%PDF"));
    let picture = Command::new("pdftoppm").args(["-r", "40", "-f", "1", "-l", "1", "-gray"]).arg(&pdf).output();
    let Ok(picture) = picture else {
        crate::support::skip("there is no pdftoppm on the PATH");
        return;
    };
    // A4 at 40 dots an inch: 331 by 468, with ink on all of its quarters and white at its edges.
    let mut parts = picture.stdout.splitn(4, |byte| *byte == b'\n');
    let (kind, size, _, dots) = (parts.next(), parts.next(), parts.next(), parts.next().expect("dots"));
    assert_eq!(kind, Some(&b"P5"[..]));
    let size = String::from_utf8_lossy(size.expect("a size")).into_owned();
    let (width, height) = size.split_once(' ').expect("two sides");
    let (width, height): (usize, usize) = (width.parse().expect("a width"), height.parse().expect("a height"));
    assert!((330..=332).contains(&width) && (467..=469).contains(&height), "{size}");
    let ink = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
        rows.flat_map(|row| columns.clone().map(move |column| dots[row * width + column])).filter(|dot| *dot < 200).count()
    };
    for (rows, columns) in
        [(0..height / 2, 0..width / 2), (0..height / 2, width / 2..width), (height / 2..height, 0..width / 2)]
    {
        assert!(ink(rows.clone(), columns.clone()) > 50, "no ink in {rows:?} {columns:?}");
    }
    assert_eq!(ink(0..height, 0..15) + ink(0..height, width - 15..width), 0, "ink at the edges");
}

#[test]
fn on_a_terminal_a_page_is_not_printed() {
    let db = board();
    let mut command = db.command();
    command.arg("report");
    let Some(run) = on_terminal(&command, "a report is a page, which a terminal cannot show", || (), "") else { return };
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--out report.html") && !run.stderr.contains("<!DOCTYPE"), "{}", run.stderr);
}

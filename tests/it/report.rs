//! `cmf report`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Db;

/// A library with two functions, a history, a hostile name, and a metric without a reading.
fn library() -> Db {
    let db = Db::seeded();
    db.execute(
        "INSERT INTO metrics (metric_number, name, current_value, target_value, unit, direction, csf_function, csf_category, priority)
         VALUES ('L-1', '<img src=x onerror=alert(1)> & \"quotes\" | pipe', 50, 100, '%', 'higher_is_better', 'PR', 'PR.AA', 'High'),
                ('L-2', 'Reviews on time', 90, 100, 'count', 'higher_is_better', 'PR', 'PR.AT', 'Low'),
                ('L-3', 'Plan approved', 0, 1, NULL, 'binary', 'DE', 'DE.CM', 'Medium'),
                ('L-4', 'Never measured', NULL, 5, 'hours', 'lower_is_better', 'RC', 'RC.RP', 'Low');
         INSERT INTO metric_history (metric_id, value, recorded_at)
         SELECT id, current_value - w, now() AT TIME ZONE 'utc' - make_interval(days => 150 + 30 * w)
         FROM metrics, generate_series(0, 3) AS w WHERE current_value IS NOT NULL;",
    );
    db.cmf(["score", "backfill", "--default", "--from", "200d", "--every", "month", "-q"]).ok();
    db
}

#[test]
fn a_report_is_one_page_with_all_its_parts() {
    let db = library();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("report.html");
    let run = db.cmf(["report".as_ref(), "--default".as_ref(), "--out".as_ref(), file.as_os_str()]).ok();
    assert!(run.stdout.is_empty());
    let page = std::fs::read_to_string(&file).expect("the report");
    for part in [
        "<title>default library: NIST CSF 2.0 scores</title>",
        "Radar of the functions",
        "Heat map of the categories",
        "Trend of Overall",
        "Worst gaps",
        "Not scoreable: 1",
        "no reading",
        "Stale: 3",
        "High 1, Medium 0.6, Low 0.3",
        "Very Low from 90",
        "Newest stored score",
        "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot; | pipe",
    ] {
        assert!(page.contains(part), "no {part}");
    }
    assert!(!page.contains("<img") && !page.contains("<script") && page.len() < 300_000);
    assert_eq!(db.cmf(["report", "--default"]).ok().stdout.lines().next(), Some("<!DOCTYPE html>"));
    // What was there is replaced, and nothing is left beside it.
    db.cmf(["report".as_ref(), "--default".as_ref(), "--force".as_ref(), "--out".as_ref(), file.as_os_str()]).ok();
    assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 1);
}

#[test]
fn a_report_is_markdown_or_json_too_and_its_charts_stand_alone() {
    let db = library();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("report.md");
    db.cmf(["report".as_ref(), "--default".as_ref(), "--out".as_ref(), file.as_os_str()]).ok();
    let text = std::fs::read_to_string(&file).expect("the report");
    assert!(text.starts_with("# default library\n") && text.contains("&lt;img src=x") && text.contains("\\| pipe"));
    assert_eq!(db.cmf(["report", "--default", "--format", "md"]).ok().stdout.lines().next(), Some("# default library"));

    let json = db.cmf(["report", "--default", "--format", "json"]).ok().json();
    let scores = db.cmf(["score", "--default", "--dry-run", "--format", "json"]).ok().json();
    assert_eq!(json["overall_score"], scores["overall_score"]);
    assert_eq!(json["functions"][2]["score"], scores["function_scores"][2]["score"]);
    assert_eq!(json["gaps"][0]["metric_number"], "L-3");
    assert_eq!((json["gaps"][0]["value"].as_str(), json["gaps"][0]["target"].as_str()), (Some("no"), Some("yes")));
    assert_eq!(json["unscoreable"][0]["missing"], "no reading");
    assert_eq!((json["stale"].as_array().map(Vec::len), &json["stale_count"]), (Some(3), &serde_json::json!(3)));
    assert_eq!(
        db.cmf(["report", "--default", "--stale-after", "200d", "--format", "json"]).ok().json()["stale"],
        serde_json::json!([])
    );
    // The oldest first, for the list ends somewhere.
    db.execute(
        "UPDATE metric_history h SET recorded_at = recorded_at - CASE m.metric_number WHEN 'L-2' THEN interval '40 days'
             WHEN 'L-3' THEN interval '20 days' ELSE interval '0' END FROM metrics m WHERE m.id = h.metric_id",
    );
    let json = db.cmf(["report", "--default", "--format", "json"]).ok().json();
    let stale: Vec<_> = json["stale"].as_array().expect("rows").iter().map(|row| &row["metric_number"]).collect();
    assert_eq!(stale, ["L-2", "L-3", "L-1"]);

    let charts = directory.path().join("charts");
    db.cmf(["report".as_ref(), "--default".as_ref(), "--svg".as_ref(), charts.as_os_str()]).ok();
    for name in ["overall.svg", "radar.svg", "heat-map.svg", "trend.svg"] {
        let chart = std::fs::read_to_string(charts.join(name)).expect("a chart");
        assert!(chart.starts_with("<svg xmlns=") && chart.trim_end().ends_with("</svg>"), "{name}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_refused() {
    let db = Db::seeded();
    db.cmf(["report", "--default", "--out", "/nowhere/report.html"]).fails(73, "cannot write");
    db.cmf(["report", "--default", "--out", "report.docx"]).fails(2, "a report is html, md, json, xlsx or pdf, not `docx`");
    db.cmf(["report", "--default", "--format", "csv"]).fails(2, "a report is html, md or json");
    db.cmf(["report", "--default", "--svg", "/dev/null/charts"]).fails(73, "cannot write");
    db.cmf(["report"]).fails(2, "has no active catalog");
    // Nothing to score is a report too.
    assert!(db.cmf(["report", "--default"]).ok().stdout.contains("Nothing can be scored yet"));
    assert_eq!(db.one("SELECT count(*) FROM framework_scores"), "0");
}

/// A browser of this machine, if there is one.
pub fn browser() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        crate::support::skip("there is no Chromium on the PATH");
    }
    found
}

/// Opens the page in frames of two widths and prints what it measured.
const HARNESS: &str = r#"<!DOCTYPE html><html><body><pre id="out"></pre><script>
const out = document.getElementById('out');
let left = 2;
const parts = colour => colour.match(/[\d.]+/g).map(Number);
const light = colour => parts(colour).slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
// The contrast of an element's text with what is painted below it, as the WCAG define it.
const contrast = (view, element) => {
  const style = view.getComputedStyle(element);
  const cell = element.tagName === 'text' && element.parentElement.querySelector(':scope > rect');
  let below = element;
  while (below.parentElement && parts(view.getComputedStyle(below).backgroundColor)[3] === 0) below = below.parentElement;
  const paper = cell ? view.getComputedStyle(cell).fill : view.getComputedStyle(below).backgroundColor;
  const [a, b] = [light(element.tagName === 'text' ? style.fill : style.color), light(paper)].sort((a, b) => b - a);
  return (a + 0.05) / (b + 0.05);
};
for (const width of [360, 1440]) {
  const frame = document.createElement('iframe');
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.onload = () => {
    const doc = frame.contentDocument, root = doc.documentElement, view = frame.contentWindow;
    const texts = [...doc.querySelectorAll('svg text')];
    const least = Math.min(...texts.map(t => parseFloat(t.getAttribute('font-size')) * t.getScreenCTM().a));
    const cut = [...doc.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => `${e.previousElementSibling.textContent}:${e.scrollWidth - e.clientWidth}`);
    const told = [...doc.body.querySelectorAll('*')].filter(e => !e.closest('title,desc,style') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
    const faint = told.map(e => [contrast(view, e), e.textContent]).filter(([ratio]) => !(ratio >= 4.5));
    const dead = [...doc.querySelectorAll('a')].filter(a => !doc.querySelector(a.getAttribute('href')));
    const unnamed = [...doc.querySelectorAll('svg')].filter(e => !e.getAttribute('aria-label')).length;
    out.textContent += `width ${width} overflow ${root.scrollWidth > root.clientWidth} least ${least.toFixed(1)} cut ${cut.length} ${cut} unnamed ${unnamed} texts ${told.length} faint ${faint.length} ${faint.slice(0, 3)} dead ${dead.length} sections ${doc.querySelectorAll('main section').length} requests ${view.performance.getEntriesByType('resource').length}\n`;
    if (--left === 0) out.textContent += 'done';
  };
  frame.src = 'report.html';
  document.body.append(frame);
}
</script></body></html>"#;

fn open(browser: &Path, directory: &Path, flags: &[&str]) -> (String, String) {
    let page = format!("file://{}", directory.join("harness.html").display());
    let output = Command::new(browser)
        .args([
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--allow-file-access-from-files", "--enable-logging=stderr", "--virtual-time-budget=10000", "--hide-scrollbars",
            "--window-size=1500,1000", "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", directory.join("profile").display()))
        // What it keeps beside its profile.
        .env("HOME", directory)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_CACHE_HOME")
        .args(flags)
        .arg(page)
        .output()
        .expect("the browser runs");
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_browser_shows_the_report_without_a_request_or_a_complaint() {
    let Some(browser) = browser() else { return };
    let db = library();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("report.html");
    db.cmf(["report".as_ref(), "--default".as_ref(), "--out".as_ref(), file.as_os_str()]).ok();
    std::fs::write(directory.path().join("harness.html"), HARNESS).expect("the harness");
    for flags in [&[][..], &["--blink-settings=preferredColorScheme=0"]] {
        let (dom, log) = open(&browser, directory.path(), flags);
        assert!(dom.contains("done"), "{dom}\n{log}");
        let measured: Vec<&str> =
            dom.lines().filter(|line| line.contains("width 360") || line.contains("width 1440")).collect();
        assert_eq!(measured.len(), 2, "{dom}");
        for line in measured {
            for part in ["overflow false", "cut 0", "unnamed 0", "faint 0", "dead 0", "sections 10", "requests 0"] {
                assert!(line.contains(part), "no {part} in {line}");
            }
            let least = line.split("least ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a size");
            assert!(least.parse::<f64>().expect("a number") >= 8.0, "{line}");
        }
        let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}

//! README and the pages of `docs/`: what they show of commands is run and prints what they show, and their links lead somewhere.
//! `docs/style.md` says how a block is marked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::examples::{database, drop_copies, inside};
use crate::local::Place;
use crate::support::{Db, Run, binary, project, run};

/// A fenced block of a page.
pub struct Block {
    page: String,
    /// Of its first line.
    line: usize,
    /// The heading above it.
    section: String,
    /// What stands behind the fence: the kind, and how it is run.
    pub info: String,
    pub lines: Vec<String>,
}

/// A command that a block shows, and the lines that it shows of what the command prints.
struct Step {
    typed: String,
    shown: Vec<String>,
}

/// README and what is beside it, with the pages of `docs/`.
pub fn pages() -> BTreeMap<String, String> {
    let docs = std::fs::read_dir(project("docs")).expect("the pages").map(|page| page.expect("a page").path());
    let docs = docs.filter(|page| page.extension().is_some_and(|ending| ending == "md"));
    let docs = docs.filter_map(|page| page.file_name()?.to_str().map(str::to_owned));
    let all = docs.map(|name| format!("docs/{name}")).chain(["README.md".to_owned(), "CONTRIBUTING.md".to_owned()]);
    all.map(|name| (name.clone(), std::fs::read_to_string(project(&name)).expect("a page"))).collect()
}

/// The fenced blocks of a page, and its other lines with their numbers.
pub fn parts(page: &str, text: &str) -> (Vec<Block>, Vec<(usize, String)>) {
    let (mut blocks, mut prose): (Vec<Block>, _) = (Vec::new(), Vec::new());
    let (mut section, mut is_open) = (String::new(), false);
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(info) = text.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                let (page, section, info) = (page.to_owned(), section.clone(), info.to_owned());
                blocks.push(Block { page, line, section, info, lines: Vec::new() });
            }
        } else if is_open {
            blocks.last_mut().expect("a block").lines.push(text.to_owned());
        } else {
            if text.starts_with('#') {
                text.trim_start_matches('#').trim().clone_into(&mut section);
            }
            prose.push((line, text.to_owned()));
        }
    }
    assert!(!is_open, "{page} ends in a block");
    (blocks, prose)
}

impl Block {
    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut continues = false;
        for line in &self.lines {
            let typed = line.strip_prefix("$ ");
            let last = steps.last_mut();
            match (typed, last) {
                (Some(typed), _) => steps.push(Step { typed: typed.to_owned(), shown: Vec::new() }),
                (None, Some(step)) if continues => step.typed += &format!("\n{line}"),
                (None, Some(step)) => step.shown.push(line.clone()),
                (None, None) => panic!("{}:{} begins without a command", self.page, self.line),
            }
            continues = (continues || typed.is_some()) && line.ends_with('\\');
        }
        steps
    }

    fn begins(&self, command: &str) -> bool {
        self.lines.first().is_some_and(|line| line.strip_prefix("$ ").is_some_and(|line| line.starts_with(command)))
    }
}

impl Step {
    /// Whether it ended with the code that a remark behind it ends with, with another than 0 where it shows an error, else with 0.
    fn ends_well(&self, run: &Run) -> bool {
        let remark = self.typed.rsplit_once("# ").and_then(|(_, remark)| remark.rsplit_once("exit "));
        let said: Option<i32> = remark.and_then(|(_, code)| code.trim().parse().ok());
        match said {
            Some(code) => run.code == code,
            None if self.shown.first().is_some_and(|line| line.starts_with("error:")) => run.code != 0,
            None => run.code == 0,
        }
    }
}

/// A line with what is another in each run, such as times and ids, made the same.
fn plain(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let has_digit = word.contains(|letter: char| letter.is_ascii_digit());
        let is_time = word.len() == 5 && word.as_bytes()[2] == b':';
        if let ("ms", Some(number)) = (word, words.last_mut()) {
            "#".clone_into(number);
        }
        words.push(match word {
            word if word.starts_with('─') => "─".to_owned(),
            word if has_digit && (word.len() >= 10 || is_time) => "#".to_owned(),
            word => word.to_owned(),
        });
    }
    words.join(" ")
}

/// Runs the blocks of a page in their order, in one folder. `prepare` makes ready what a block needs and gives the environment
/// that it runs in; `names` are those that only the reader's server has, with what they are here.
pub fn page(name: &str, folder: &Path, names: &[(&str, String)], mut prepare: impl FnMut(&Block) -> Command) {
    let mut wrong = Vec::new();
    let path = format!("{}:{}", binary().parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let (blocks, _) = parts(name, &pages()[name]);
    for block in blocks.iter().filter(|block| matches!(block.info.as_str(), "console" | "console varies")) {
        let environment = prepare(block);
        let mut exported = String::new();
        for step in block.steps() {
            let typed = names.iter().fold(step.typed.clone(), |typed, (theirs, ours)| typed.replace(theirs, ours));
            let script = format!("exec 2>&1\n{exported}{typed}");
            if typed.starts_with("export ") {
                exported = format!("{exported}{typed}\n");
            }
            let mut bash = inside("bash", &environment);
            bash.args(["-o", "pipefail", "-c", &script]).current_dir(folder).stdin(std::process::Stdio::null());
            let done = run(bash.env("PATH", &path).env("HOME", folder));
            let printed: Vec<String> = done.stdout.lines().map(plain).collect();
            let mut rest = printed.iter();
            let shown = step.shown.iter().map(|line| plain(line)).filter(|line| line != "..." && !line.is_empty());
            let missing: Vec<_> = shown.filter(|line| !rest.by_ref().any(|other| other == line)).collect();
            let is_compared = block.info == "console";
            if !step.ends_well(&done) || (is_compared && !missing.is_empty()) {
                let (line, code, printed) = (block.line, done.code, &done.stdout);
                wrong.push(format!("{name}:{line}\n$ {typed}\n(exit {code}; not in it: {missing:?})\n{printed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A database as `cmf migrate up`, `cmf seed` and `cmf user create ada` leave it.
pub fn new_database() -> Db {
    Db::like("docs", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    })
}

/// The folder that a page's commands run in: with sheets and readings of the fixtures, and these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("fixtures/readings")).expect("a folder");
    for (from, to) in [
        ("fixtures/catalogs/starter-csf-2.0.xlsx", "metrics.xlsx"),
        ("fixtures/catalogs/starter-csf-2.0.csv", "starter.csv"),
        ("fixtures/crosswalks/csf-2.0-to-csf-1.1.csv", "csf-2.0-to-csf-1.1.csv"),
        ("fixtures/readings/starter-csf-2.0.csv", "readings.csv"),
        ("fixtures/readings/starter-csf-2.0.csv", "fixtures/readings/starter-csf-2.0.csv"),
    ] {
        std::fs::copy(project(from), folder.path().join(to)).expect("a copy");
    }
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// The one block of this kind on a page, as a file in the folder.
fn file_of(name: &str, kind: &str, file: &Path) {
    let (blocks, _) = parts(name, &pages()[name]);
    let [block] = &blocks.into_iter().filter(|block| block.info == kind).collect::<Vec<_>>()[..] else {
        panic!("{name} has another number of blocks of {kind} than one")
    };
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder");
    std::fs::write(file, block.lines.join("\n")).expect("the file");
}

/// Where the databases beside this one are.
pub fn beside(db: &Db) -> String {
    format!("{}_", db.name)
}

#[test]
fn what_the_readme_shows_is_so() {
    let (db, named) = (new_database(), Db::empty());
    let names =
        [("postgres://ada@db.example.org/metrics", named.url.clone()), ("cmf_template", format!("{}template", beside(&db)))];
    page("README.md", folder(&[]).path(), &names, |_| db.command());
    drop_copies(&db);
}

#[test]
fn what_the_page_on_imports_shows_is_so() {
    let scorecard =
        "No,KPI,Goal,Q1,Q2,Q3,Q4\n1,Accounts with MFA,95%,80%,85%,91%,93%\n2,Critical patches in time,90%,70%,75%,82%,85%\n";
    let problems = "number,name,function,target\nM-1,Accounts with MFA,PR,95%\nM-2,Patch latency,PR,soon\nM-3,Doors,PR.ZZ,5\n";
    let culture = "id,name,function,target,current\nK-1,Accounts with MFA,PR,95%,91%\nK-2,Culture index,PR,4,3\n";
    let settings = "metric,direction,target\nPR-018,lower,4\n";
    let files = [("scorecard.csv", scorecard), ("metrics.csv", problems), ("culture.csv", culture), ("settings.csv", settings)];
    let (new, full) = (new_database(), database());
    let folder = folder(&files);
    std::fs::write(folder.path().join("scorecard-november.csv"), scorecard.replace("93%", "94%")).expect("a file");
    file_of("docs/import.md", "text", &folder.path().join("quarterly.csv"));
    let mut is_full = false;
    page("docs/import.md", folder.path(), &[], |block| {
        is_full |= block.section.starts_with("Catalogs and");
        if is_full { full.command() } else { new.command() }
    });
    file_of("docs/import.md", "toml", &folder.path().join("map.toml"));
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Data").expect("a sheet");
    for (row, cells) in (3..).zip([
        ["No", "KPI", "Function", "direction", "Target", "Now", "Owner", "Priority"],
        ["K-1", "Accounts with MFA", "PR", "rauf", "95,5", "91,5", "Ada", ""],
    ]) {
        sheet.write_row(row, 0, cells).expect("a row");
    }
    workbook.save(folder.path().join("kpis.xlsx")).expect("the workbook");
    run(new.command().current_dir(folder.path()).args(["import", "kpis.xlsx", "--map-file", "map.toml"])).ok();
    let read = new.rows(
        "SELECT concat_ws(' ', i.direction, i.target_value, i.current_value, i.priority) \
         FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id WHERE c.name = 'kpis'",
    );
    assert_eq!(read, ["higher_is_better 95.5000 91.5000 Medium"]);
}

#[test]
fn what_the_page_on_mapping_shows_is_so() {
    let db = new_database();
    let ours = "number,name,csf 1.1\nM-17,Accounts with MFA,PR.AC-1\nM-18,Backups restored in a test,PR.IP-4\n";
    let folder = folder(&[("ours.csv", ours)]);
    db.cmf(["seed", "csf-1.1"]).ok();
    let command = || {
        let mut command = db.command();
        command.current_dir(folder.path());
        command
    };
    run(command().args(["import", "ours.csv", "--name", "Our metrics"])).ok();
    page("docs/map.md", folder.path(), &[], |_| db.command());
}

#[test]
fn what_the_page_on_readings_shows_is_so() {
    let week =
        "metric,value,at\nPR-001,97.9,2026-11-24\nPR-002,80,2026-11-24\nPR-003,nearly all,2026-11-24\nXX-999,5,2026-11-24\n";
    // As OpenSSF Scorecard, the API of DefectDojo and Powerpipe write them, shortened.
    let scorecard = "{\"date\":\"2026-11-24\",\"repo\":{\"name\":\"github.com/ours/shop\",\"commit\":\"410bdd3c8ae7\"},\
         \"scorecard\":{\"version\":\"v5.0.0\",\"commit\":\"ea7e27ed41b7\"},\"score\":6.8,\"checks\":[{\"name\":\"Maintained\",\
         \"score\":8,\"reason\":\"4 commits\",\"details\":null}],\"metadata\":null}\n";
    let findings = "{\n  \"count\": 7,\n  \"next\": null,\n  \"previous\": null,\n  \"results\": [{\"id\": 11, \"title\": \"SQL injection\", \
         \"severity\": \"Critical\", \"active\": true}]\n}\n";
    let benchmark = "{\"group_id\":\"root_result_group\",\"title\":\"\",\"summary\":{\"status\":{\"alarm\":3,\"ok\":57,\"info\":0,\
         \"skip\":1,\"error\":0}},\"groups\":[{\"group_id\":\"benchmark.exposed\",\"summary\":{\"status\":{\"alarm\":3}}}]}\n";
    let samples = "# TYPE mfa_ratio gauge\n# UNIT mfa_ratio ratio\n\
         mfa_ratio{cmf_metric=\"PR-001\",realm=\"staff\"} 0.985 1795831200\n# EOF\n";
    let wide = "\"Time\",\"PR-001\",\"PR-002\"\n1795910400000,98.5,3\n";
    let folder = folder(&[
        ("week.csv", week),
        ("scorecard.json", scorecard),
        ("findings.json", findings),
        ("benchmark.json", benchmark),
        ("wide.csv", wide),
        ("exporter.prom", samples),
    ]);
    let db = new_database();
    let sheet = folder.path().join("metrics.xlsx");
    run(db.command().args(["import", "--name", "Starter CSF 2.0", "--activate"]).arg(sheet)).ok();
    page("docs/record.md", folder.path(), &[], |_| db.command());
    let read = db.rows(
        "SELECT metric_number, current_value::float8 FROM metrics WHERE metric_number IN ('OSS-1', 'ID-011', 'PR-031')
         ORDER BY 1 DESC",
    );
    assert_eq!(read, ["PR-031|3", "OSS-1|6.8", "ID-011|7"]);
}

#[test]
fn what_the_page_on_scores_shows_is_so() {
    let db = database();
    page("docs/score.md", folder(&[]).path(), &[], |_| db.command());
    page("docs/undo.md", folder(&[]).path(), &[], |_| db.command());
    page("docs/lint.md", folder(&[]).path(), &[], |_| db.command());
}

#[test]
fn what_the_page_on_migrations_shows_is_so() {
    let db = Db::empty();
    page("docs/migrate.md", folder(&[]).path(), &[], |block| {
        if block.begins("cmf migrate drift") {
            db.execute(
                "ALTER TABLE users ALTER COLUMN email TYPE text; DROP INDEX idx_metrics_catalog; CREATE TABLE foo (); \
                 ALTER TABLE frameworks RENAME CONSTRAINT pk_frameworks TO frameworks_pkey",
            );
        }
        db.command()
    });
}

#[test]
fn what_the_reference_shows_is_so() {
    let (db, folder) = (database(), folder(&[]));
    file_of("docs/reference.md", "toml", &folder.path().join(".config/cmf/config.toml"));
    let shown = run(db
        .command()
        .args(["config", "show", "--profile", "prod"])
        .env("HOME", folder.path())
        .env_remove("XDG_CONFIG_HOME"));
    assert!(shown.ok().stdout.contains("csf-2.0"));
    page("docs/reference.md", folder.path(), &[], |_| db.command());
}

#[test]
fn what_the_page_for_operators_shows_is_so() {
    let (place, named, restored, tenants) = (Place::new(), Db::empty(), Db::empty(), Db::empty());
    let (db, audited) = (database(), new_database());
    db.cmf(["user", "create", "analyst", "--email", "analyst@example.org"]).ok();
    let names = [
        ("postgres://ada@db.example.org/metrics", named.url.clone()),
        ("postgres://ops@db.example.org/metrics", restored.url.clone()),
        ("metrics_recorder", format!("{}recorder", beside(&db))),
    ];
    page("docs/operate.md", folder(&[("password.txt", "correct horse battery staple\n")]).path(), &names, |block| {
        if block.begins("cmf doctor") {
            db.execute("DROP INDEX idx_metrics_catalog; UPDATE metrics SET current_value = 1 WHERE metric_number = 'PR-003'");
        }
        if block.begins("cmf audit verify") {
            for user in ["bob", "eve"] {
                audited.cmf(["user", "create", user, "--email", &format!("{user}@example.org")]).ok();
            }
            audited.execute("INSERT INTO ai_change_log (action, source) VALUES ('note', 'web')");
            audited.cmf(["user", "create", "kim", "--email", "kim@example.org"]).ok();
            audited.execute(
                "UPDATE ai_change_log SET mode = 'x' WHERE result -> 'chain' ->> 'seq' = '3'; \
                 DELETE FROM ai_change_log WHERE result -> 'chain' ->> 'seq' = '5'",
            );
        }
        match block.section.as_str() {
            "The private Postgres" => place.command(),
            "The audit trail" => audited.command(),
            section if section.starts_with("Many tenants") => tenants.command(),
            _ => db.command(),
        }
    });
    db.execute(&format!("DROP OWNED BY {0}recorder; DROP ROLE {0}recorder", beside(&db)));
}

/// Every kind of block, with whether its lines are commands.
const KINDS: [(&str, bool); 12] = [
    ("console", true),
    ("console varies", true),
    ("console not-run", true),
    ("toml", false),
    ("ini", false),
    ("yaml", false),
    ("crontab", false),
    ("text", false),
    ("rust", false),
    ("make", false),
    ("python", false),
    ("js", false),
];

#[test]
fn every_block_is_run_or_says_that_it_is_not() {
    let this = ["docs", "docs_ci"]
        .map(|name| std::fs::read_to_string(project(&format!("tests/it/{name}.rs"))).expect("the tests"))
        .concat();
    let mut wrong = Vec::new();
    for (name, text) in pages() {
        let (blocks, prose) = parts(&name, &text);
        for block in &blocks {
            let place = format!("{name}:{}", block.line);
            match KINDS.iter().find(|(kind, _)| *kind == block.info) {
                None => wrong.push(format!("{place}: `{}` is not a kind of block", block.info)),
                Some((_, true)) => drop(block.steps()),
                Some((kind, false)) => {
                    let command = block.lines.iter().find(|line| line.starts_with("$ ") || line.starts_with("cmf "));
                    wrong.extend(command.map(|line| format!("{place}: a command in a block of {kind}: {line}")));
                }
            }
            if !block.info.ends_with("not-run")
                && block.info.starts_with("console")
                && !this.contains(&format!("page(\"{name}\""))
            {
                wrong.push(format!("{place}: no test runs the blocks of this page"));
            }
        }
        let mut is_after_blank = false;
        for (line, text) in prose {
            if is_after_blank && text.starts_with("    ") {
                wrong.push(format!("{name}:{line}: a block without a fence, which cannot be marked: {text}"));
            }
            is_after_blank = text.is_empty();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The anchors of a page, as GitHub makes them from headings.
fn anchors(name: &str, text: &str) -> BTreeSet<String> {
    let (_, prose) = parts(name, text);
    let headings = prose.iter().filter(|(_, line)| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>()
    };
    headings.map(|(_, heading)| anchor(heading)).collect()
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let pages = pages();
    let anchors: BTreeMap<PathBuf, _> = pages.iter().map(|(name, text)| (project(name), anchors(name, text))).collect();
    let mut wrong = Vec::new();
    for (name, text) in &pages {
        let folder = project(name).parent().expect("a folder").to_owned();
        for (line, text) in parts(name, text).1 {
            for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
                if link.starts_with("https://") {
                    continue;
                }
                let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
                let target = if file.is_empty() { project(name) } else { folder.join(file) };
                let target = target.canonicalize().unwrap_or(target);
                let is_there = match anchor {
                    None => target.is_file(),
                    Some(anchor) => anchors.get(&target).is_some_and(|anchors| anchors.contains(anchor)),
                };
                if !is_there {
                    wrong.push(format!("{name}:{line}: {link}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn the_readme_is_short_and_names_every_page() {
    let pages = pages();
    let readme = &pages["README.md"];
    assert!(readme.len() <= 15_000, "README.md has {} bytes", readme.len());
    let missing: Vec<_> = pages.keys().filter(|page| *page != "README.md" && !readme.contains(&format!("({page})"))).collect();
    assert!(missing.is_empty(), "README.md names no {missing:?}");
    for page in pages.iter().filter(|(name, _)| name.starts_with("docs/")) {
        let second = page.1.lines().nth(2).unwrap_or_default();
        assert!(second.len() > 20 && !second.starts_with(['#', '|', '`']), "{} does not begin with whom it is for", page.0);
    }
}

#[test]
fn the_reference_has_every_variable() {
    let reference = &pages()["docs/reference.md"];
    let source = std::fs::read_to_string(project("src/config/variables.rs")).expect("the variables");
    let list = source.split("const VARIABLES").nth(1).and_then(|rest| rest.split("];").next()).expect("the list");
    let variables: Vec<_> = list.split('"').filter(|word| word.starts_with("CMF_")).collect();
    assert!(variables.len() > 10, "{variables:?}");
    let missing: Vec<_> = variables.iter().filter(|name| !reference.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/reference.md has no {missing:?}");
}

#[test]
fn the_files_that_pages_for_authors_name_are_there() {
    let mut wrong = Vec::new();
    for name in ["docs/architecture.md", "docs/style.md", "docs/testing.md", "CONTRIBUTING.md"] {
        for (line, text) in parts(name, &pages()[name]).1 {
            for word in text.split('`').skip(1).step_by(2) {
                let is_path =
                    word.contains('/') && word.chars().all(|letter| letter.is_ascii_lowercase() || "/._".contains(letter));
                let is_there = ["", "src/", "src/commands/"].iter().any(|room| project(&format!("{room}{word}")).exists());
                if is_path && !word.starts_with('/') && !is_there {
                    wrong.push(format!("{name}:{line}: {word}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these files are not there:\n{}", wrong.join("\n"));
}

#[test]
fn blocks_steps_and_headings_are_read_as_they_are_written() {
    let text = "# A & b\n\n```console\n$ one \\\n   more\nshown 2026-11-23 10:00 in 7 ms\n$ two  # exit 4\n```\n\n## C, d\n";
    let (blocks, prose) = parts("a.md", text);
    let steps = blocks[0].steps();
    assert_eq!((steps[0].typed.as_str(), steps[1].typed.as_str()), ("one \\\n   more", "two  # exit 4"));
    assert_eq!((plain(&steps[0].shown[0]), blocks[0].section.as_str()), ("shown # # in # ms".to_owned(), "A & b"));
    let ended = |code| steps[1].ends_well(&Run { code, stdout: String::new(), stderr: String::new() });
    assert!(ended(4) && !ended(0));
    assert_eq!(prose.len(), 4);
    assert_eq!(anchors("a.md", text), BTreeSet::from(["a--b".to_owned(), "c-d".to_owned()]));
}

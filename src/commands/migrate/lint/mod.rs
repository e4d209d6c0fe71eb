//! `cmf migrate lint`: what is wrong with migrations before they run, and what is dangerous in them. No database is asked.

mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::options::Source;
use crate::context::Context;
use crate::db::migrations;
use crate::db::migrations::sql::{split, tokens};
use crate::domain::near;
use crate::domain::text::{counted, printable};
use crate::error::{Error, Exit, Result};
use crate::output::{Format, Table};

/// Arguments of `cmf migrate lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show the rules instead
    #[arg(long)]
    rules: bool,
}

/// One thing that is wrong.
struct Finding {
    file: String,
    line: Option<usize>,
    rule: &'static str,
    message: String,
    hint: String,
}

/// A migration as its folder has it, however broken.
#[derive(Default)]
struct Found {
    name: String,
    up: Option<String>,
    down: Option<String>,
    metadata: Option<String>,
    strangers: Vec<String>,
    in_transaction: bool,
}

/// Runs `cmf migrate lint`.
///
/// # Errors
/// Exit 78 when the folder cannot be read.
pub(super) fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    if args.rules {
        let mut table = Table::new(["rule", "danger", "instead"]);
        for rule in rules::ALL {
            table.row([rule.name.into(), rule.danger.into(), rule.instead.into()]);
        }
        context.output.results(table)?;
        return Ok(Exit::Success);
    }
    let migrations = match &dir {
        Some(dir) => from_folder(dir)?,
        None => embedded()?,
    };
    let findings = findings(&migrations);
    if findings.is_empty() {
        context.output.outcome(&format!("nothing to say about {}", counted(migrations.len(), "migration")), table(&[]))?;
        return Ok(Exit::Success);
    }
    if context.output.format() == Format::Table {
        let text: String = findings
            .iter()
            .map(|finding| {
                let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
                let text = format!("{}{line}: {}: {}; {}", finding.file, finding.rule, finding.message, finding.hint);
                printable(&text) + "\n"
            })
            .collect();
        context.output.text(&text)?;
    } else {
        context.output.results(table(&findings))?;
    }
    Ok(Exit::Difference)
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(["file", "line", "rule", "message", "hint"]);
    for finding in findings {
        table.row([
            finding.file.as_str().into(),
            finding.line.into(),
            finding.rule.into(),
            finding.message.as_str().into(),
            finding.hint.as_str().into(),
        ]);
    }
    table
}

fn embedded() -> Result<Vec<Found>> {
    let source = Source::read(None)?;
    let found = source.migrations.into_iter().map(|migration| Found {
        name: migration.name,
        up: Some(migration.up),
        down: migration.down,
        in_transaction: migration.run_in_transaction,
        ..Found::default()
    });
    Ok(found.collect())
}

fn from_folder(folder: &Path) -> Result<Vec<Found>> {
    let unreadable =
        |path: &Path, error: std::io::Error| Error::new(Exit::Config, format!("{} cannot be read: {error}", path.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        let mut migration = Found { name, in_transaction: true, ..Found::default() };
        for file in std::fs::read_dir(&path).map_err(|error| unreadable(&path, error))? {
            let file = file.map_err(|error| unreadable(&path, error))?.path();
            let text = || {
                std::fs::read_to_string(&file)
                    .map(|text| Some(migrations::without_mark(text)))
                    .map_err(|error| unreadable(&file, error))
            };
            match file.file_name().unwrap_or_default().to_string_lossy().as_ref() {
                "up.sql" => migration.up = text()?,
                "down.sql" => migration.down = text()?,
                "metadata.toml" => migration.metadata = text()?,
                hidden if hidden.starts_with('.') => {}
                other => migration.strangers.push(other.to_owned()),
            }
        }
        // As diesel reads it: what is not TOML is passed over, and a missing entry means false.
        if let Some(Ok(metadata)) = migration.metadata.as_ref().map(|text| text.parse::<toml::Table>()) {
            migration.in_transaction = metadata.get("run_in_transaction").and_then(toml::Value::as_bool).unwrap_or(false);
        }
        migration.strangers.sort();
        found.push(migration);
    }
    migrations::check_layout(folder, found.is_empty())?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn findings(migrations: &[Found]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<String, &str> = BTreeMap::new();
    for migration in migrations {
        let version = migration.name.split('_').next().unwrap_or_default().replace('-', "");
        if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit()) {
            findings.push(of(
                migration,
                "",
                "bad-version",
                "its name does not begin with digits and `_`".into(),
                "name it like 2026-01-31-120000_add_something",
            ));
        }
        if let Some(other) = versions.insert(version.clone(), &migration.name) {
            let message = format!("{other} has the version {version} too");
            findings.push(of(migration, "", "duplicate-version", message, "rename the folder of one"));
        }
        check_files(migration, &mut findings);
        check_metadata(migration, &mut findings);
        for (file, script) in [("up.sql", &migration.up), ("down.sql", &migration.down)] {
            let Some(script) = script else { continue };
            let allowed = allowed(script);
            let statements = split(script);
            let broken = if file == "up.sql" {
                rules::check_up(&statements, migration.in_transaction)
            } else {
                rules::check_both(&statements, migration.in_transaction)
            };
            for (rule, line) in broken.into_iter().filter(|(rule, _)| !allowed.iter().any(|name| name == rule.name)) {
                findings
                    .push(Finding { line: Some(line), ..of(migration, file, rule.name, rule.danger.to_owned(), rule.instead) });
            }
        }
    }
    findings
}

fn of(migration: &Found, file: &str, rule: &'static str, message: String, hint: &str) -> Finding {
    let file = if file.is_empty() { migration.name.clone() } else { format!("{}/{file}", migration.name) };
    Finding { file, line: None, rule, message, hint: hint.to_owned() }
}

fn check_files(migration: &Found, findings: &mut Vec<Finding>) {
    match &migration.up {
        None => findings.push(of(migration, "", "missing-up", "it has no up.sql".into(), "write one, or delete the folder")),
        Some(up) if split(up).is_empty() => {
            findings.push(of(
                migration,
                "up.sql",
                "empty-up",
                "there is no statement in it".into(),
                "write one, or delete the folder",
            ));
        }
        Some(_) => {}
    }
    if migration.up.is_some() && migration.down.as_deref().is_none_or(|down| split(down).is_empty()) {
        findings.push(of(migration, "down.sql", "missing-down", "there is no way back".into(), "write what takes it down"));
    }
    for stranger in &migration.strangers {
        let hint = if near::near(stranger, ["metadata.toml"], 1).is_empty() {
            "a migration has up.sql, down.sql and metadata.toml"
        } else {
            "is it metadata.toml?"
        };
        findings.push(of(migration, stranger, "unknown-file", "nothing reads this file".into(), hint));
    }
}

fn check_metadata(migration: &Found, findings: &mut Vec<Finding>) {
    let Some(text) = &migration.metadata else { return };
    let mut bad = |message: String, hint: &str| findings.push(of(migration, "metadata.toml", "bad-metadata", message, hint));
    let known = "write `run_in_transaction = false`, or delete the file";
    match text.parse::<toml::Table>() {
        Err(error) => bad(format!("it is not TOML, so diesel passes it over: {}", error.message()), known),
        Ok(table) => {
            for (key, value) in &table {
                if key != "run_in_transaction" {
                    bad(format!("nothing reads `{key}`"), known);
                } else if !value.is_bool() {
                    bad("`run_in_transaction` is true or false".into(), known);
                }
            }
            if !table.contains_key("run_in_transaction") {
                bad("without `run_in_transaction` diesel runs it outside a transaction".into(), known);
            }
        }
    }
}

/// The rules that a script is excused from: `-- cmf-lint: allow RULE, RULE`.
fn allowed(script: &str) -> Vec<String> {
    let comments = tokens(script).into_iter().filter_map(|token| token.text.strip_prefix("--"));
    comments
        .filter_map(|comment| comment.trim().strip_prefix("cmf-lint: allow"))
        .flat_map(|rest| rest.split([',', ' ']))
        .map(|rule| rule.trim().to_owned())
        .filter(|rule| !rule.is_empty())
        .collect()
}

//! `cmf migrate lint`: what is wrong with migrations before they run, and what is dangerous in them. No database is asked.

mod rules;

pub use rules::{ALL as RULES, Rule};

use std::collections::BTreeMap;
use std::path::Path;

use crate::db::migrations;
use crate::db::migrations::sql::{split, tokens};
use crate::domain::near;
use crate::error::{Error, Exit, Result};

/// A rule that a migration breaks.
#[derive(Debug)]
pub struct Violation {
    pub file: String,
    pub line: Option<usize>,
    pub rule: &'static str,
    pub message: String,
    pub hint: String,
}

/// A migration as its folder has it, however broken.
#[derive(Debug, Default)]
pub struct MigrationFolder {
    name: String,
    up: Option<String>,
    down: Option<String>,
    metadata: Option<String>,
    strangers: Vec<String>,
    /// The scripts that begin with a byte order mark.
    marked: Vec<String>,
    in_transaction: bool,
}

impl MigrationFolder {
    /// Whether it runs again whenever it has changed.
    fn repeats(&self) -> bool {
        self.name.starts_with(migrations::REPEATABLE)
    }
}

/// The migrations of a folder, or those of this cmf. Exit 78 when the folder cannot be read.
pub fn read(folder: Option<&Path>) -> Result<Vec<MigrationFolder>> {
    folder.map_or_else(embedded, from_folder)
}

fn embedded() -> Result<Vec<MigrationFolder>> {
    let found = migrations::embedded()?.into_iter().map(|migration| MigrationFolder {
        name: migration.name,
        up: Some(migration.up),
        down: migration.down,
        in_transaction: migration.run_in_transaction,
        ..MigrationFolder::default()
    });
    Ok(found.collect())
}

fn from_folder(folder: &Path) -> Result<Vec<MigrationFolder>> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Error::new(Exit::Config, format!("{} cannot be read: {error}", path.display()))
            .hint("name the folder of your migrations with --dir")
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        let mut migration = MigrationFolder { name, in_transaction: true, ..MigrationFolder::default() };
        for file in std::fs::read_dir(&path).map_err(|error| unreadable(&path, error))? {
            let file = file.map_err(|error| unreadable(&path, error))?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let marked = &mut migration.marked;
            let mut text = || {
                std::fs::read_to_string(&file)
                    .map(|text| {
                        marked.extend(text.starts_with('\u{feff}').then(|| name.clone()));
                        Some(migrations::without_mark(text))
                    })
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

/// What is wrong with migrations, and dangerous in them.
pub fn check(migrations: &[MigrationFolder]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut versions: BTreeMap<String, &str> = BTreeMap::new();
    let width = |migration: &MigrationFolder| migration.name.split('_').next().unwrap_or_default().replace('-', "").len();
    let usual = migrations.iter().find(|one| !one.repeats()).map(width).unwrap_or_default();
    for migration in migrations {
        let number = migration.name.split('_').next().unwrap_or_default().replace('-', "");
        let version = if migration.repeats() { migration.name.clone() } else { number };
        if version.is_empty() || !migration.repeats() && !version.bytes().all(|byte| byte.is_ascii_digit()) {
            violations.push(of(
                migration,
                "",
                "bad-version",
                "its name does not begin with digits and `_`".into(),
                "name it like 2026-01-31-120000_add_something",
            ));
        }
        if let Some(other) = versions.insert(version.clone(), &migration.name) {
            let message = format!("{other} has the version {version} too");
            violations.push(of(migration, "", "duplicate-version", message, "rename the folder of one"));
        }
        if width(migration) != usual && version.bytes().all(|byte| byte.is_ascii_digit()) && !version.is_empty() {
            let first = migrations.first().map(|first| first.name.as_str()).unwrap_or_default();
            let message = format!("its version has more or fewer digits than that of {first}, but versions are sorted as text");
            violations.push(of(
                migration,
                "",
                "version-width",
                message,
                "add zeros in front: 0002 comes before 0010, but 2 does not come before 10",
            ));
        }
        for file in &migration.marked {
            let message = "it begins with a byte order mark, which psql and other tools read as part of the first word".into();
            violations.push(of(migration, file, "byte-order-mark", message, "save it as UTF-8 without a byte order mark"));
        }
        check_files(migration, &mut violations);
        check_metadata(migration, &mut violations);
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
                violations.push(Violation {
                    line: Some(line),
                    ..of(migration, file, rule.name, rule.danger.to_owned(), rule.instead)
                });
            }
        }
    }
    violations
}

fn of(migration: &MigrationFolder, file: &str, rule: &'static str, message: String, hint: &str) -> Violation {
    let file = if file.is_empty() { migration.name.clone() } else { format!("{}/{file}", migration.name) };
    Violation { file, line: None, rule, message, hint: hint.to_owned() }
}

fn check_files(migration: &MigrationFolder, violations: &mut Vec<Violation>) {
    match &migration.up {
        None => violations.push(of(migration, "", "missing-up", "it has no up.sql".into(), "write one, or delete the folder")),
        Some(up) if split(up).is_empty() => {
            violations.push(of(
                migration,
                "up.sql",
                "empty-up",
                "there is no statement in it".into(),
                "write one, or delete the folder",
            ));
        }
        Some(_) => {}
    }
    if migration.up.is_some() && !migration.repeats() && migration.down.as_deref().is_none_or(|down| split(down).is_empty()) {
        violations.push(of(
            migration,
            "down.sql",
            "missing-down",
            "there is no down.sql".into(),
            "write the SQL that reverts it",
        ));
    }
    for stranger in &migration.strangers {
        let hint = if near::near(stranger, ["metadata.toml"], 1).is_empty() {
            "a migration has up.sql, down.sql and metadata.toml"
        } else {
            "is it metadata.toml?"
        };
        violations.push(of(migration, stranger, "unknown-file", "no tool reads this file".into(), hint));
    }
}

fn check_metadata(migration: &MigrationFolder, violations: &mut Vec<Violation>) {
    let Some(text) = &migration.metadata else { return };
    let mut bad = |message: String, hint: &str| violations.push(of(migration, "metadata.toml", "bad-metadata", message, hint));
    let known = "write `run_in_transaction = false`, or delete the file";
    match text.parse::<toml::Table>() {
        Err(error) => bad(format!("it is not TOML, so diesel ignores it: {}", error.message()), known),
        Ok(table) => {
            for (key, value) in &table {
                // What a baseline is made of is read, and refused where it cannot be.
                if key != "run_in_transaction" && key != "replaces" {
                    bad(format!("nothing reads `{key}`"), known);
                } else if key == "run_in_transaction" && !value.is_bool() {
                    bad("`run_in_transaction` is true or false".into(), known);
                }
            }
            if !table.contains_key("run_in_transaction") {
                bad("without `run_in_transaction`, diesel runs it outside a transaction".into(), known);
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

//! One migration in the place of many: a baseline, for databases that are made from now on.
//!
//! It has the version of the newest that it is made of, and lists all of them with their fingerprints. So a database that ran
//! them is known to be where the baseline leads to.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::set::{MigrationSet, aside};
use crate::confirm::Confirmed;
use crate::db::migrations::sql::{Statement, Token, split, tokens};
use crate::db::migrations::{Migration, Replaced};
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::files::unwritable;

/// A baseline, not written yet.
#[derive(Debug)]
pub struct Baseline {
    /// The name of its folder.
    pub name: String,
    /// The migrations that it takes the place of, oldest first.
    pub made_of: Vec<Migration>,
    files: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Metadata {
    run_in_transaction: bool,
    replaces: Vec<Replaced>,
}

/// Makes a baseline of the migrations up to a version, under these words. Fails when there is only one, or when one sets what
/// would go on for those after it.
pub fn plan(set: &MigrationSet, to: Option<&str>, words: &str) -> Result<Baseline> {
    let within = |one: &&Migration| to.is_none_or(|to| one.version.as_str() <= to);
    let made_of: Vec<Migration> = set.migrations.iter().filter(within).cloned().collect();
    let Some(newest) = made_of.last().filter(|_| made_of.len() > 1) else {
        let folder = set.called();
        let reach = to.map(|to| format!(" up to {to}")).unwrap_or_default();
        let count = match made_of.len() {
            0 => "no migration".to_owned(),
            count => counted(count, "migration"),
        };
        return Err(Error::failed(format!("{folder} has {count}{reach}; squash needs two or more"))
            .hint(format!("`{}` shows the migrations", set.command("status"))));
    };
    for migration in &made_of {
        let scripts = [("up.sql", Some(&migration.up)), ("down.sql", migration.down.as_ref())];
        for (file, script) in scripts.into_iter().filter_map(|(file, script)| Some((file, script?))) {
            if let Some(statement) = split(script).iter().find(|statement| outlasts(statement)) {
                return Err(Error::failed(format!(
                    "{}/{file}, line {}: it sets the role or the search path, which would go on for the migrations after it",
                    migration.name, statement.line
                ))
                .hint("squash those before it, with --to, or write the schema before the names and take the setting out"));
            }
        }
    }
    let in_one = made_of.iter().all(|one| one.run_in_transaction && !split(&one.up).iter().any(adds_label));
    let prefix = newest.name.split('_').next().unwrap_or_default();
    let mut replaces: Vec<Replaced> = Vec::new();
    for one in &made_of {
        replaces.extend(one.replaces.iter().cloned());
        replaces.push(Replaced { version: one.version.clone(), name: one.name.clone(), checksum: one.fingerprint() });
    }
    let metadata = toml::to_string(&Metadata { run_in_transaction: in_one, replaces })
        .map_err(|error| Error::failed(format!("what the baseline is made of cannot be written: {error}")))?;
    let up: Vec<String> = made_of.iter().map(|one| piece(one, &one.up, in_one)).collect();
    let down: Option<Vec<String>> = made_of.iter().rev().map(|one| Some(piece(one, one.down.as_deref()?, in_one))).collect();
    let mut files = vec![("up.sql", up.join("\n")), ("metadata.toml", metadata)];
    files.extend(down.map(|down| ("down.sql", down.join("\n"))));
    Ok(Baseline { name: format!("{prefix}_{words}"), made_of, files })
}

impl Baseline {
    /// Whether it has a way back: each that it is made of has one.
    pub fn has_way_back(&self) -> bool {
        self.files.iter().any(|(file, _)| *file == "down.sql")
    }

    /// Writes it into the folder and puts those that it takes the place of aside, in a folder of theirs, which it returns. Exit
    /// 73 when that cannot be done.
    pub fn write(&self, folder: &Path, _confirmed: &Confirmed) -> Result<PathBuf> {
        let place = folder.join(&self.name);
        let aside = folder.join(aside(&self.name));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cmf-squash-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let staged = builder.tempdir_in(folder).map_err(|error| unwritable(&place, error))?;
        for (file, text) in &self.files {
            std::fs::write(staged.path().join(file), text).map_err(|error| unwritable(&place.join(file), error))?;
        }
        std::fs::create_dir(&aside).map_err(|error| unwritable(&aside, error))?;
        for one in &self.made_of {
            std::fs::rename(folder.join(&one.name), aside.join(&one.name)).map_err(|error| unwritable(&aside, error))?;
        }
        std::fs::rename(staged.path(), &place).map_err(|error| unwritable(&place, error))?;
        drop(staged.keep());
        Ok(aside)
    }
}

/// The script of a migration as a part of the baseline's.
fn piece(migration: &Migration, script: &str, in_one: bool) -> String {
    let name = &migration.name;
    if split(script).is_empty() {
        return format!("-- {name}\n");
    }
    let body = with_end(script);
    if in_one || !migration.run_in_transaction {
        format!("-- {name}\n{body}")
    } else {
        format!("-- {name}\nBEGIN;\n{body}COMMIT;\n")
    }
}

/// A script that ends with the end of its last statement.
fn with_end(script: &str) -> String {
    let script = script.trim_end();
    let last = tokens(script).into_iter().rfind(Token::counts);
    let end = if last.is_some_and(|token| token.is(";")) { "\n" } else { "\n;\n" };
    format!("{script}{end}")
}

/// Whether what a statement sets holds after its own script.
fn outlasts(statement: &Statement<'_>) -> bool {
    let names_path = || {
        let is_path = |text: &str| text.trim_matches(['\'', '"']).eq_ignore_ascii_case("search_path");
        statement.tokens.iter().any(|token| is_path(token.text))
    };
    let sets = |words: &[&str]| statement.starts_with(words);
    let sets_role = ["role", "session"].iter().any(|what| sets(&["set", what]) || sets(&["set", "local", what]));
    sets_role || (sets(&["set"]) || sets(&["select"])) && names_path()
}

/// Whether it adds a label to a type, which can be used only after its transaction.
fn adds_label(statement: &Statement<'_>) -> bool {
    statement.starts_with(&["alter", "type"]) && statement.contains(&["add", "value"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, up: &str, down: Option<&str>) -> Migration {
        Migration {
            version: name.split('_').next().unwrap().to_owned(),
            name: name.to_owned(),
            up: up.to_owned(),
            down: down.map(str::to_owned),
            run_in_transaction: true,
            written: None,
            replaces: Vec::new(),
        }
    }

    fn file(baseline: &Baseline, name: &str) -> String {
        baseline.files.iter().find(|(file, _)| *file == name).map(|(_, text)| text.clone()).unwrap_or_default()
    }

    #[test]
    fn scripts_follow_each_other_and_each_ends() {
        let set = MigrationSet::of(
            None,
            vec![of("1_a", "SELECT 1 -- no end", Some("SELECT -1;")), of("2_b", "SELECT 2;", Some("SELECT -2"))],
        );
        let baseline = plan(&set, None, "all").unwrap();
        assert_eq!(baseline.name, "2_all");
        assert_eq!(file(&baseline, "up.sql"), "-- 1_a\nSELECT 1 -- no end\n;\n\n-- 2_b\nSELECT 2;\n");
        assert_eq!(file(&baseline, "down.sql"), "-- 2_b\nSELECT -2\n;\n\n-- 1_a\nSELECT -1;\n");
        assert!(plan(&set, Some("1"), "all").is_err());
    }

    #[test]
    fn what_cannot_stand_in_one_transaction_stands_in_several() {
        let mut bare = of("2_b", "CREATE INDEX CONCURRENTLY i ON t (a)", None);
        bare.run_in_transaction = false;
        for second in [bare, of("2_b", "ALTER TYPE t ADD VALUE 'x'", None)] {
            let set = MigrationSet::of(None, vec![of("1_a", "SELECT 1;", None), second]);
            let baseline = plan(&set, None, "all").unwrap();
            assert!(file(&baseline, "up.sql").starts_with("-- 1_a\nBEGIN;\nSELECT 1;\nCOMMIT;\n"), "{baseline:?}");
            assert!(file(&baseline, "metadata.toml").starts_with("run_in_transaction = false"), "{baseline:?}");
            assert!(!baseline.has_way_back());
        }
        for script in ["SET search_path = x", "SET ROLE a", "SELECT pg_catalog.set_config('search_path', '', false)"] {
            let set = MigrationSet::of(None, vec![of("1_a", script, None), of("2_b", "SELECT 1", None)]);
            assert!(plan(&set, None, "all").unwrap_err().message().contains("1_a/up.sql, line 1"), "{script}");
        }
    }
}

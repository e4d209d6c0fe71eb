//! Reads migrations, and runs their scripts.

use std::path::Path;

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_migrations::{EmbeddedMigrations, FileBasedMigrations, MigrationError, embed_migrations};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition};

use super::sql::{checksum, split};
use crate::domain::text::{first_of, parsed};
use crate::error::{Cause, Error, Exit, Place, Result};

const EMBEDDED: EmbeddedMigrations = embed_migrations!("migrations");

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The digits of the folder's name up to the first `_`, which order the migrations.
    pub version: String,
    pub name: String,
    pub up: String,
    /// What takes it down; without it there is no down.sql.
    pub down: Option<String>,
    /// Whether it runs in a transaction; `metadata.toml` says so when not.
    pub run_in_transaction: bool,
    /// What brings it up as it is written, where placeholders in it were given values: these change nothing of what it is.
    pub written: Option<String>,
    /// The migrations that it is made of, where it is a baseline.
    pub replaces: Vec<Replaced>,
}

/// A migration that a baseline stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    pub version: String,
    pub name: String,
    /// Its fingerprint when the baseline was made.
    pub checksum: String,
}

/// What begins the name of a migration that runs again whenever it has changed.
pub const REPEATABLE: &str = "R__";

/// As many bytes of a version as the ledgers take.
const LONGEST: usize = 50;

impl Migration {
    /// Whether it runs again whenever it has changed. Its version is its name, which comes after those of all others.
    pub fn repeats(&self) -> bool {
        self.name.starts_with(REPEATABLE)
    }

    /// The fingerprint of what brings it up, as it is written; of one that repeats, with the values of its placeholders.
    pub fn fingerprint(&self) -> String {
        checksum(self.written.as_ref().filter(|_| !self.repeats()).unwrap_or(&self.up))
    }

    /// One of this name that repeats, and that is no longer there.
    pub fn gone(name: &str) -> Self {
        let (name, version) = (name.to_owned(), name.to_owned());
        Migration {
            version,
            name,
            up: String::new(),
            down: None,
            run_in_transaction: true,
            written: None,
            replaces: Vec::new(),
        }
    }

    /// Whether it is one of [`Migration::gone`].
    pub fn is_gone(&self) -> bool {
        self.repeats() && self.up.is_empty()
    }

    /// Whether a fingerprint in the ledger is that of this migration, or of the one of its version that it stands for.
    pub fn is_of(&self, recorded: &str) -> bool {
        let stands_for = |one: &Replaced| one.version == self.version && one.checksum == recorded;
        recorded == self.fingerprint() || self.replaces.iter().any(stands_for)
    }

    /// Puts values in the place of `${name}`. Exit 78 for a name without a value.
    pub fn fill_in(&mut self, values: &[(String, String)]) -> Result<()> {
        let filled = |file: &str, text: &str| {
            filled_in(text, values).map_err(|(name, line)| {
                Error::new(Exit::Config, format!("migration {} has the placeholder ${{{name}}} without a value", self.name))
                    .at(Place::in_script(format!("{}/{file}", self.name), u64::try_from(line).ok()))
                    .hint(format!("give it one: --set {name}=VALUE, or in the profile placeholders = {{ {name} = \"VALUE\" }}"))
            })
        };
        let up = filled("up.sql", &self.up)?;
        let down = self.down.as_ref().map(|down| filled("down.sql", down)).transpose()?;
        if up != self.up {
            self.written = Some(std::mem::replace(&mut self.up, up));
        }
        self.down = down;
        Ok(())
    }
}

/// A text with values for its placeholders; else the name that has none, and its line.
fn filled_in(text: &str, values: &[(String, String)]) -> std::result::Result<String, (String, usize)> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("${") {
        let name = rest[at + 2..].split('}').next().unwrap_or_default();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && rest[at + 2 + name.len()..].starts_with('}');
        filled.push_str(&rest[..at]);
        if is_name {
            let Some((_, value)) = values.iter().find(|(known, _)| known == name) else {
                let line = text[..text.len() - rest.len() + at].matches('\n').count() + 1;
                return Err((name.to_owned(), line));
            };
            filled.push_str(value);
            rest = &rest[at + name.len() + 3..];
        } else {
            filled.push_str("${");
            rest = &rest[at + 2..];
        }
    }
    Ok(filled + rest)
}

/// Takes the SQL that a migration would run.
#[derive(Default)]
struct SqlRecorder(String);

impl SimpleConnection for SqlRecorder {
    fn batch_execute(&mut self, query: &str) -> diesel::QueryResult<()> {
        self.0.push_str(query);
        Ok(())
    }
}

impl BoxableConnection<Pg> for SqlRecorder {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

/// The migrations of this binary, oldest first. Fails when a migration cannot be read, which the compiler has ruled out.
pub fn embedded() -> Result<Vec<Migration>> {
    record(&EMBEDDED)
}

/// Whether this binary has a migration of this name.
fn is_embedded(name: &str) -> bool {
    embedded().is_ok_and(|own| own.iter().any(|migration| migration.name == name))
}

/// The version of the newest migration of this binary.
pub fn latest() -> Result<Option<String>> {
    let migrations = MigrationSource::<Pg>::migrations(&EMBEDDED).map_err(unreadable)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).max())
}

/// The migrations of a folder, oldest first, read as diesel reads them. Exit 78 when the folder cannot be read, holds something
/// else, or two migrations have the same version.
pub fn from_folder(folder: &Path) -> Result<Vec<Migration>> {
    if !folder.is_dir() {
        return Err(Error::new(Exit::Config, format!("the folder {} does not exist", folder.display())).hint(
            "name the folder of your migrations with --dir; `cmf migrate new NAME` makes this one, with a first migration",
        ));
    }
    let source = FileBasedMigrations::from_path(folder).map_err(|error| {
        let error = match error {
            MigrationError::UnknownMigrationFormat(wrong) => {
                Error::new(Exit::Config, format!("{} is not a migration: it has no up.sql", wrong.display()))
                    .hint("write its up.sql, or move it to another folder")
            }
            error => Error::new(Exit::Config, format!("{} cannot be read: {error}", folder.display())),
        };
        error.hint("a migration is a folder with an up.sql; `cmf migrate new NAME` makes one, `cmf migrate lint` checks them")
    })?;
    let mut migrations = record(&source)?;
    for migration in migrations.iter().filter(|migration| migration.down.is_none()) {
        // The source says the same of a script that is missing and of one that it cannot read.
        let down = folder.join(&migration.name).join("down.sql");
        if let Err(error) = std::fs::read_to_string(&down)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(Error::new(Exit::Config, format!("{} cannot be read: {error}", down.display()))
                .hint("correct the file, and run the command again"));
        }
    }
    for migration in &mut migrations {
        migration.replaces = replaced(&folder.join(&migration.name).join("metadata.toml"))?;
    }
    check_layout(folder, migrations.is_empty())?;
    if let Some(long) = migrations.iter().find(|migration| migration.version.len() > LONGEST) {
        return Err(Error::new(Exit::Config, format!("the name {} is longer than {LONGEST} characters", long.version))
            .hint("rename its folder"));
    }
    if let Some(pair) = migrations.windows(2).find(|pair| pair[0].version == pair[1].version) {
        return Err(Error::new(
            Exit::Config,
            format!("two migrations have the version {}: {} and {}", pair[0].version, pair[0].name, pair[1].name),
        )
        .hint("rename the folder of one"));
    }
    Ok(migrations)
}

/// The migrations that a baseline stands for, after its metadata.
fn replaced(metadata: &Path) -> Result<Vec<Replaced>> {
    #[derive(Deserialize)]
    struct Metadata {
        #[serde(default)]
        replaces: Vec<Replaced>,
    }
    let wrong = |reason: &str| Error::new(Exit::Config, format!("{} cannot be read: {reason}", metadata.display()));
    match std::fs::read_to_string(metadata) {
        // What is not TOML is passed over, as diesel does; lint names it.
        Ok(text) if text.contains("replaces") => {
            toml::from_str::<Metadata>(&text).map(|found| found.replaces).map_err(|error| wrong(&parsed(error.message())))
        }
        Ok(_) => Ok(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// Refuses a folder whose migrations would not be run: one without any that cmf reads, and one with files beside the folders that
/// are named like another tool's migrations. Exit 78, with the layout that cmf reads.
pub fn check_layout(folder: &Path, is_empty: bool) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Error::new(Exit::Config, format!("{} cannot be read: {error}", folder.display())))?;
    let unlisted = |error| Error::new(Exit::Config, format!("{} cannot be listed: {error}", folder.display()));
    let entries = entries.collect::<std::io::Result<Vec<_>>>().map_err(unlisted)?;
    let mut flat: Vec<String> = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| is_empty || is_named_like_a_migration(name))
        .filter(|name| name.to_lowercase().ends_with(".sql") && !name.starts_with('.') && folder.join(name).is_file())
        .collect();
    if flat.is_empty() && !is_empty {
        return Ok(());
    }
    flat.sort();
    let place = folder.display();
    let Some(first) = flat.first() else {
        return Err(Error::new(Exit::Config, format!("{place} has no migrations")).hint(
            "a migration is a folder: VERSION_NAME/up.sql, and down.sql to revert it; `cmf \
             migrate new NAME` makes one",
        ));
    };
    let named = first_of(flat.iter().map(String::as_str), 1);
    Err(Error::new(Exit::Config, format!("{place} has SQL files that are not migrations: {named}"))
        .hint("a migration is a folder: VERSION_NAME/up.sql, and down.sql to revert it")
        .hint(format!("`cmf migrate new NAME` makes one: move the SQL of {first} into its up.sql, then remove {first}")))
}

/// `0001_x.sql`, `V1__x.sql`, `U1__x.sql`, `R__x.sql`.
fn is_named_like_a_migration(name: &str) -> bool {
    let rest = name.strip_prefix(['V', 'U', 'R', 'v', 'u', 'r']).unwrap_or(name);
    rest.starts_with(|c: char| c.is_ascii_digit()) || rest != name && rest.starts_with("__")
}

/// A script without the mark that some editors put before UTF-8, which the server does not read. It is no part of the checksum.
pub fn without_mark(script: String) -> String {
    script.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(script)
}

fn record(source: &impl MigrationSource<Pg>) -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    for migration in source.migrations().map_err(unreadable)? {
        let mut up = SqlRecorder::default();
        migration.run(&mut up).map_err(unreadable)?;
        let mut down = SqlRecorder::default();
        let down = migration.revert(&mut down).is_ok().then_some(down.0);
        let name = migration.name().to_string();
        migrations.push(Migration {
            written: None,
            replaces: Vec::new(),
            version: if name.starts_with(REPEATABLE) { name.clone() } else { migration.name().version().to_string() },
            name,
            up: without_mark(up.0),
            down: down.map(without_mark),
            run_in_transaction: migration.metadata().run_in_transaction(),
        });
    }
    migrations.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(migrations)
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::new(Exit::Config, format!("the migrations cannot be read: {error}"))
        .hint("`cmf migrate lint` checks them; correct them, and run the command again")
}

/// What a script of a migration ran into: the error for the user, and the code for the decision to try again.
#[derive(Debug)]
pub struct ScriptError {
    /// The server's SQLSTATE, where it was the server that refused.
    pub sqlstate: Option<String>,
    pub error: Error,
}

impl From<ScriptError> for Error {
    fn from(refused: ScriptError) -> Self {
        refused.error
    }
}

impl From<Error> for ScriptError {
    fn from(error: Error) -> Self {
        ScriptError { sqlstate: None, error }
    }
}

/// SQL of a migration and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct MigrationScript<'a> {
    pub name: &'a str,
    /// `up.sql` or `down.sql`.
    pub file: &'a str,
    /// The line it begins on, from 1.
    pub line: usize,
    pub sql: &'a str,
}

/// Runs a script, each statement a message of its own: Citus takes no more than one that changes a schema. Fails when the server
/// refuses; the error names the file and the line.
pub async fn run_script(conn: &mut PgConnection, script: &MigrationScript<'_>) -> Result<(), ScriptError> {
    for statement in split(script.sql) {
        let one = MigrationScript { line: script.line + statement.line - 1, sql: statement.text, ..*script };
        sqlx::raw_sql(AssertSqlSafe(one.sql)).execute(&mut *conn).await.map_err(|error| refused(error, &one))?;
    }
    Ok(())
}

fn refused(error: sqlx::Error, script: &MigrationScript<'_>) -> ScriptError {
    let MigrationScript { name, file, line, sql } = *script;
    let server = error.as_database_error().filter(|error| !crate::db::wire::is_silence(*error));
    let Some(server) = server.and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) else {
        return ScriptError { sqlstate: None, error: error.into() };
    };
    let sqlstate = server.code().to_owned();
    let row = match server.position() {
        Some(PgErrorPosition::Original(character)) => {
            let before = sql.chars().take(character.saturating_sub(1)).filter(|&c| c == '\n').count();
            u64::try_from(before + line).ok()
        }
        // Of a statement that was sent alone at least its beginning is known.
        _ if line > 1 => u64::try_from(line).ok(),
        _ => None,
    };
    let exit = match sqlstate.as_str() {
        "42501" => Exit::Auth,
        code if code.starts_with("57P") => Exit::Unreachable,
        _ => Exit::Failed,
    };
    let mut error = Error::new(exit, format!("migration {name} failed: {} (SQLSTATE {sqlstate})", server.message()));
    error = error.at(Place::in_script(format!("{name}/{file}"), row));
    if sqlstate == "42501" {
        error = error.because(Cause::NoRight);
    }
    error = crate::db::hints::views(server).into_iter().fold(error, Error::hint);
    if error.hints().is_empty() && !error.is(Cause::NoRight) {
        error = if is_embedded(name) { unexpected(error, &sqlstate, file) } else { corrected(error, name, file) };
    }
    for detail in [server.detail(), server.hint(), server.r#where()].into_iter().flatten() {
        error = error.detail(detail);
    }
    ScriptError { sqlstate: Some(sqlstate), error }
}

/// Whether a script of cmf itself makes what exists: it ran, and the row of the ledger that says so is lost.
pub fn is_unrecorded(refused: &ScriptError, name: &str) -> bool {
    is_embedded(name) && refused.sqlstate.as_deref().is_some_and(exists_already)
}

fn exists_already(sqlstate: &str) -> bool {
    matches!(sqlstate, "42P07" | "42710" | "42701" | "42723" | "42P06")
}

/// What to do about a script that its author can correct.
fn corrected(error: Error, name: &str, file: &str) -> Error {
    error.hint(format!("correct {name}/{file}, or what is in its way in the database, and run the command again"))
}

/// What to do about a script of cmf itself, which nobody can correct: the schema is not as the migrations before it made it.
fn unexpected(error: Error, sqlstate: &str, file: &str) -> Error {
    if exists_already(sqlstate) && file == "up.sql" {
        // Who runs it knows the schema and the ledger.
        return error;
    }
    error.hint("the schema is not what the applied migrations made: `cmf migrate drift` shows the differences")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_and_what_looks_like_one_is_left() {
        let values = [("schema".to_owned(), "acme".to_owned())];
        let filled = |text: &str| filled_in(text, &values);
        assert_eq!(filled("CREATE TABLE ${schema}.a ()").unwrap(), "CREATE TABLE acme.a ()");
        assert_eq!(
            filled("SELECT '${', '${}', '${1}', '${a b}', '$schema'").unwrap(),
            "SELECT '${', '${}', '${1}', '${a b}', '$schema'"
        );
        assert_eq!(filled("SELECT 1;\n\nSELECT ${other}").unwrap_err(), ("other".to_owned(), 3));
    }

    #[test]
    fn a_way_back_that_cannot_be_read_is_not_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let down = folder.path().join("1_a").join("down.sql");
        std::fs::create_dir(folder.path().join("1_a")).unwrap();
        std::fs::write(folder.path().join("1_a").join("up.sql"), "SELECT 1").unwrap();
        let read = || from_folder(folder.path()).map(|migrations| migrations[0].down.clone());
        assert_eq!(read().unwrap(), None);
        std::fs::write(&down, "").unwrap();
        assert_eq!(read().unwrap(), None);
        std::fs::write(&down, "SELECT 'caf\u{e9}'").unwrap();
        assert_eq!(read().unwrap().as_deref(), Some("SELECT 'caf\u{e9}'"));
        std::fs::write(&down, b"SELECT 'caf\xe9'").unwrap();
        let error = read().unwrap_err();
        assert_eq!(error.exit(), Exit::Config);
        assert!(error.message().contains("1_a/down.sql cannot be read"), "{error}");
    }

    #[test]
    fn the_embedded_migrations_are_those_of_the_folder() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let embedded = embedded().unwrap();
        assert_eq!(embedded.iter().map(|migration| migration.name.clone()).collect::<Vec<_>>(), names);
        for migration in &embedded {
            assert_eq!(migration.up, std::fs::read_to_string(folder.join(&migration.name).join("up.sql")).unwrap());
            assert_eq!(
                migration.down.as_deref(),
                std::fs::read_to_string(folder.join(&migration.name).join("down.sql")).ok().as_deref()
            );
            assert!(migration.run_in_transaction);
        }
        assert_eq!(latest().unwrap().as_deref(), embedded.last().map(|migration| migration.version.as_str()));
    }
}

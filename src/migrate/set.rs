//! The migrations to work with.

use std::path::PathBuf;

use crate::db::migrations::{self, Applied, Migration};
use crate::error::{Error, Exit, Result, shell_word};

/// The folder beside a baseline that keeps what it was made of.
pub(super) fn aside(baseline: &str) -> String {
    format!(".before_{baseline}")
}

/// The migrations of a folder, or those of this cmf. A schema has one ledger, for one set.
#[derive(Debug, Clone)]
pub struct MigrationSet {
    /// The folder they are in; without one they are those of this cmf.
    pub folder: Option<PathBuf>,
    /// Those of a version, oldest first.
    pub migrations: Vec<Migration>,
    /// Those that run again whenever they have changed, after the others, by name.
    pub repeatable: Vec<Migration>,
}

impl MigrationSet {
    /// Reads them. Exit 78 when they cannot be read.
    pub fn read(folder: Option<PathBuf>) -> Result<Self> {
        Self::filled(folder, &[])
    }

    /// The same with values for the placeholders of a folder. Exit 78 if one has no value.
    pub fn filled(folder: Option<PathBuf>, values: &[(String, String)]) -> Result<Self> {
        let mut set = Self::written(folder)?;
        if set.folder.is_some() {
            let all = set.migrations.iter_mut().chain(&mut set.repeatable);
            all.into_iter().try_for_each(|migration| migration.fill_in(values))?;
        }
        Ok(set)
    }

    /// Those of a folder as they are written, with their placeholders. Exit 78 when they cannot be read.
    pub fn written(folder: Option<PathBuf>) -> Result<Self> {
        let migrations = folder.as_deref().map_or_else(migrations::embedded, migrations::from_folder)?;
        Ok(Self::of(folder, migrations))
    }

    /// These migrations.
    pub fn of(folder: Option<PathBuf>, migrations: Vec<Migration>) -> Self {
        let (repeatable, migrations) = migrations.into_iter().partition(Migration::repeats);
        MigrationSet { folder, migrations, repeatable }
    }

    /// All of them, in the order they run in.
    pub fn all(&self) -> Vec<Migration> {
        self.migrations.iter().chain(&self.repeatable).cloned().collect()
    }

    /// The migration a user names: by its version with or without dashes, its folder, or what the folder's name says after
    /// the version. Exit 2 when there is none of this name, or several.
    pub fn find(&self, named: &str) -> Result<&Migration> {
        let version = named.split('_').next().unwrap_or_default().replace('-', "");
        let mut matching = self.migrations.iter().filter(|migration| {
            migration.version == version
                || migration.name == named
                || migration.name.split_once('_').is_some_and(|(_, words)| words == named)
        });
        match (matching.next(), matching.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(Error::usage(format!("several migrations are called `{named}`: name the version"))),
            _ => Err(Error::usage(format!("there is no migration `{named}`"))
                .hint(format!("`{}` shows their versions and names", self.command("status")))),
        }
    }

    /// The migration of this version, where it is among them.
    pub fn version(&self, version: &str) -> Option<&Migration> {
        self.migrations.iter().find(|migration| migration.version == version)
    }

    /// Those that are not applied, up to a version.
    pub fn pending(&self, applied: &[Applied], to: Option<&str>) -> Vec<&Migration> {
        let is_applied = |one: &Migration| applied.iter().any(|row| row.version == one.version);
        let within = |one: &Migration| to.is_none_or(|to| one.version.as_str() <= to);
        self.migrations.iter().filter(|one| !is_applied(one) && within(one)).collect()
    }

    /// Those that repeat and have not run as they are now. Where only those up to a version are to run, none.
    pub fn to_repeat(&self, repeated: &[Applied], to: Option<&str>) -> Vec<&Migration> {
        let is_as_it_ran = |one: &&Migration| {
            let row = repeated.iter().find(|row| row.version == one.version);
            row.and_then(|row| row.record.as_ref()).is_some_and(|record| one.is_of(&record.checksum))
        };
        self.repeatable.iter().filter(|one| to.is_none() && !is_as_it_ran(one)).collect()
    }

    /// The baseline that stands for an applied migration, where it is at hand and applied, too.
    pub fn baseline_of(&self, version: &str, applied: &[Applied]) -> Option<&Migration> {
        self.migrations.iter().find(|one| {
            one.version != version
                && one.replaces.iter().any(|replaced| replaced.version == version)
                && applied.iter().any(|row| row.version == one.version)
        })
    }

    /// What is applied without what a baseline stands for that is applied, too.
    pub fn standing(&self, applied: Vec<Applied>) -> Vec<Applied> {
        let covered: Vec<bool> = applied.iter().map(|row| self.baseline_of(&row.version, &applied).is_some()).collect();
        applied.into_iter().zip(covered).filter(|(_, is_covered)| !is_covered).map(|(row, _)| row).collect()
    }

    /// Whether nothing of these migrations is pending, up to a version, where these versions are applied.
    pub fn is_current(&self, versions: &[String], to: Option<&str>) -> bool {
        let within = |one: &Migration| to.is_none_or(|to| one.version.as_str() <= to);
        // What repeats is looked up in the ledger itself.
        let repeats = to.is_none() && !self.repeatable.is_empty();
        !repeats && self.migrations.iter().all(|one| !within(one) || versions.contains(&one.version))
    }

    pub fn applied(&self, applied: &[Applied]) -> Vec<Migration> {
        self.migrations.iter().filter(|one| applied.iter().any(|row| row.version == one.version)).cloned().collect()
    }

    /// Who has them, in a sentence: the folder, or this version of cmf.
    pub fn called(&self) -> String {
        self.folder.as_ref().map_or_else(|| "this version of cmf".to_owned(), |folder| folder.display().to_string())
    }

    /// The command to type next for these migrations.
    pub fn command(&self, verb: &str) -> String {
        match &self.folder {
            Some(folder) => format!("cmf migrate {verb} --dir {}", shell_word(folder.display())),
            None => format!("cmf migrate {verb}"),
        }
    }

    /// Refuses a schema whose ledger is that of other migrations: two sets in it would take each other's for missing or
    /// unknown ones, forever.
    pub fn refuse_others(&self, applied: &[Applied]) -> Result<()> {
        let is_applied = |version: &str| applied.iter().any(|row| row.version == version);
        let mut baselines = self.migrations.iter().filter(|one| !one.replaces.is_empty() && !is_applied(&one.version));
        if let Some(baseline) = baselines.find(|one| one.replaces.iter().any(|replaced| is_applied(&replaced.version))) {
            let missing = baseline.replaces.iter().filter(|one| !is_applied(&one.version)).map(|one| one.name.as_str());
            let missing = missing.collect::<Vec<_>>().join(", ");
            let error = Error::failed(format!(
                "the baseline {} stands for migrations of which only a part is applied here",
                baseline.name
            ))
            .detail(format!("not applied: {missing}"));
            let aside = self.folder.as_ref().map(|folder| folder.join(aside(&baseline.name))).filter(|aside| aside.is_dir());
            return Err(match aside {
                Some(aside) => error.hint(format!(
                    "first apply the others: `cmf migrate up --dir {}`; then run this command again",
                    shell_word(aside.display())
                )),
                None => error
                    .hint("first apply the others: `cmf migrate up --dir FOLDER` with the folder as it was before the squash"),
            });
        }
        if applied.is_empty() || applied.iter().any(|row| self.version(&row.version).is_some()) {
            return Ok(());
        }
        let own = migrations::embedded()?;
        let is_own = |row: &Applied| own.iter().any(|migration| migration.version == row.version);
        let is_of_cmf = applied.iter().any(is_own);
        let whose = if is_of_cmf { "cmf's own migrations" } else { "other migrations" };
        let mine = match &self.folder {
            Some(folder) => format!("none of those in {}", folder.display()),
            None => "none of cmf's own".to_owned(),
        };
        let error = Error::new(Exit::Config, format!("this schema has {whose}, but {mine} is applied here"))
            .detail(format!("applied: {}", applied.iter().map(|row| row.version.as_str()).collect::<Vec<_>>().join(", ")))
            .hint("give each set of migrations its own schema with --schema NAME");
        // Those of cmf have no folders.
        Err(if is_of_cmf {
            error
        } else {
            error.hint("if they belong together, put the folders of the applied migrations beside yours")
        })
    }
}

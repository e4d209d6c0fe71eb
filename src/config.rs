//! The configuration file: profiles, each a set of values for options that neither the command line nor the environment gives.

pub mod profile;
pub mod variables;

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::Duration;
use toml::{Table, Value};

use crate::db;
use crate::domain::frequency::Freshness;
use crate::domain::near;
use crate::domain::score::Stale;
use crate::error::{Cause, Error, Exit, Place, Result};
use crate::home::{self, OutOfReach, Reached};

/// The profile used if none is named, if the file has it.
pub const USUAL: &str = "default";

/// What a profile may say, in the order it is shown.
pub const KEYS: [Key; 17] = [
    Key { name: "database_url", variable: Some("CMF_DATABASE_URL"), option: None },
    Key { name: "owner", variable: Some("CMF_OWNER"), option: Some("owner") },
    Key { name: "framework", variable: Some("CMF_FRAMEWORK"), option: Some("framework") },
    Key { name: "spool", variable: Some("CMF_SPOOL"), option: Some("spool") },
    Key { name: "schema", variable: Some("CMF_SCHEMA"), option: Some("schema") },
    Key { name: "confirm", variable: None, option: None },
    Key { name: "weights", variable: None, option: Some("weight") },
    Key { name: "thresholds", variable: None, option: Some("threshold") },
    Key { name: "frequency", variable: None, option: None },
    Key { name: "stale_factor", variable: None, option: None },
    Key { name: "stale", variable: None, option: None },
    Key { name: "rules", variable: None, option: Some("rule") },
    Key { name: "min_score", variable: None, option: Some("min") },
    Key { name: "min_functions", variable: None, option: Some("min-function") },
    Key { name: "max_fall", variable: None, option: Some("max-fall") },
    Key { name: "notify_command", variable: None, option: Some("notify-command") },
    Key { name: "placeholders", variable: None, option: None },
];

#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    /// The environment variable that comes before it.
    pub variable: Option<&'static str>,
    /// The option whose value it is, in every command that has the option.
    pub option: Option<&'static str>,
}

/// The values of one key as an option takes them, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// One value, or several of an option that may be given several times.
    pub values: Vec<String>,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Variable(&'static str),
    Profile,
}

/// What the configuration says for this run.
#[derive(Clone, Default)]
pub struct Config {
    /// The configuration file, where there is a place for one.
    pub file: Option<PathBuf>,
    /// Why nothing of that file is used, where it could not be read at its usual place.
    pub out_of_reach: Option<OutOfReach>,
    pub profile: Option<String>,
    settings: Vec<(&'static str, Setting)>,
    confirm: bool,
    freshness: Freshness,
    stale: Stale,
}

// The URL of a profile may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("file", &self.file).field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Config {
    /// The configuration of this process: the profile named, else `CMF_PROFILE`, else `default`, out of `CMF_CONFIG` or the
    /// user's configuration folder. Exit 78 for a named file that cannot be read, a profile that is not in it, and keys or
    /// values that make no sense.
    pub fn load(profile: Option<&str>) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let named = std::env::var_os("CMF_CONFIG").filter(|file| !file.is_empty()).map(PathBuf::from);
        let file = named.clone().or_else(|| {
            let folder = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
            #[cfg(windows)]
            let folder = folder.or_else(|| variable("APPDATA").map(PathBuf::from));
            let folder = folder.or_else(|| home::home().map(|home| home.join(".config")));
            folder.map(|folder| folder.join("cmf").join("config.toml"))
        });
        let is_variable = profile.is_none();
        let profile = profile.map(str::to_owned).or_else(|| variable("CMF_PROFILE"));
        let profile = profile.as_deref();
        let from_variable = |error: Error| {
            if is_variable && error.is(Cause::NoProfile) { error.detail("it is from CMF_PROFILE") } else { error }
        };
        let mut config = match (&named, &file) {
            (Some(file), _) => {
                let text = std::fs::read_to_string(file).map_err(|error| {
                    unreadable(file, &error)
                        .detail("CMF_CONFIG names it")
                        .hint("name an existing file with CMF_CONFIG, or unset it")
                })?;
                Self::of_text(&text, file, profile).map_err(from_variable)?
            }
            (None, Some(file)) => Self::of_usual_file(file, profile).map_err(from_variable)?,
            (None, None) => match profile {
                None => Config::default(),
                Some(name) => {
                    let error = Error::new(
                        Exit::Config,
                        format!("there is no profile `{name}`: cmf has no home directory to look for a configuration file"),
                    );
                    return Err(error.because(Cause::NoProfile).hint("name the file with CMF_CONFIG"));
                }
            },
        };
        config.file = file;
        for key in KEYS {
            if let Some(name) = key.variable
                && key.option.is_some()
                && let Some(value) = variable(name)
            {
                config.settings.retain(|(known, _)| *known != key.name);
                config.settings.push((key.name, Setting { values: vec![value], origin: Origin::Variable(name) }));
            }
        }
        Ok(config)
    }

    /// The configuration of the file that is used if none is named: it need not be there, or in reach.
    fn of_usual_file(file: &Path, profile: Option<&str>) -> Result<Self> {
        let found = home::read(file).map_err(|error| unreadable(file, &error))?;
        let out_of_reach = match found {
            Reached::There(text) => return Self::of_text(&text, file, profile),
            Reached::Absent => None,
            Reached::OutOfReach(missed) => Some(missed),
        };
        match (profile, &out_of_reach) {
            (None, _) => Ok(Config { out_of_reach, ..Config::default() }),
            (Some(name), Some(missed)) => Err(wrong(file, format!("the profile `{name}` cannot be looked up: {missed}"))
                .hint("name a file that you can read with CMF_CONFIG")),
            (Some(name), None) => {
                Err(wrong(file, format!("there is no profile `{name}`, because there is no configuration file"))
                    .because(Cause::NoProfile)
                    .hint(format!("write `[profile.{name}]` into {}", file.display())))
            }
        }
    }

    fn of_text(text: &str, file: &Path, profile: Option<&str>) -> Result<Self> {
        let (config, holds_secret) = Self::read(text, file, profile)?;
        if holds_secret {
            db::refuse_exposed(file, "the configuration file, which has a password,", false)
                .map_err(|error| error.hint("or keep the password in ~/.pgpass"))?;
        }
        Ok(config)
    }

    /// The profile, and whether any profile of the file holds a secret.
    fn read(text: &str, file: &Path, profile: Option<&str>) -> Result<(Self, bool)> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let row = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let place = Place {
                file: Some(file.display().to_string()),
                row: row.and_then(|row| u64::try_from(row).ok()),
                ..Place::default()
            };
            // The message without the line it quotes, which may hold a password.
            Error::new(Exit::Config, format!("the configuration is not TOML: {}", error.message()))
                .at(place)
                .hint("correct the file, or name another one with the variable CMF_CONFIG")
        })?;
        if let Some(key) = table.keys().find(|key| *key != "profile") {
            return Err(unknown(file, "the configuration file", key, ["profile"].into_iter()));
        }
        let profiles = match table.get("profile") {
            None => Table::new(),
            Some(Value::Table(profiles)) => profiles.clone(),
            Some(_) => return Err(wrong(file, "`profile` is not a table").hint("write profiles as [profile.NAME]")),
        };
        // All profiles are checked, so that a mistake shows before it is needed.
        let mut read = Vec::new();
        for (name, value) in &profiles {
            let Value::Table(values) = value else {
                return Err(wrong(file, format!("`profile.{name}` is not a table")).hint("write it as [profile.NAME]"));
            };
            read.push((name, Self::of_profile(name, values, file)?));
        }
        let holds_secret = read.iter().any(|(_, config)| config.holds_secret());
        let wanted = profile.unwrap_or(USUAL);
        match read.into_iter().find(|(name, _)| *name == wanted) {
            Some((_, config)) => Ok((config, holds_secret)),
            None if profile.is_none() => Ok((Config::default(), holds_secret)),
            None => {
                let names: Vec<&str> = profiles.keys().map(String::as_str).collect();
                let error = wrong(file, format!("there is no profile `{wanted}`")).because(Cause::NoProfile);
                Err(match names.as_slice() {
                    [] => error.hint(format!("write `[profile.{wanted}]` into it")),
                    names => error.hint(format!("there are: {}", names.join(", "))),
                })
            }
        }
    }

    fn of_profile(name: &str, values: &Table, file: &Path) -> Result<Self> {
        let mut config = Config { profile: Some(name.to_owned()), ..Config::default() };
        let here = format!("the profile `{name}`");
        for (key, value) in values {
            let Some(key) = KEYS.iter().find(|known| known.name == key) else {
                return Err(unknown(file, &here, key, KEYS.iter().map(|key| key.name)));
            };
            let type_error = |wanted: &str| wrong(file, format!("{here}: `{}` is not {wanted}", key.name));
            let values = match (key.name, value) {
                ("confirm", Value::Boolean(confirm)) => {
                    config.confirm = *confirm;
                    continue;
                }
                ("confirm", _) => return Err(type_error("true or false")),
                ("weights" | "thresholds" | "min_functions", Value::Table(pairs)) => pairs
                    .iter()
                    .map(|(name, value)| match value {
                        Value::Integer(number) => Ok(format!("{name}={number}")),
                        Value::Float(number) => Ok(format!("{name}={number}")),
                        _ => Err(type_error("a table of numbers")),
                    })
                    .collect::<Result<Vec<_>>>()?,
                ("placeholders", Value::Table(pairs)) => pairs
                    .iter()
                    .map(|(name, value)| value.as_str().map(|value| format!("{name}={value}")))
                    .collect::<Option<Vec<_>>>()
                    .ok_or_else(|| type_error("a table of texts"))?,
                ("placeholders", _) => return Err(type_error("a table such as { tablespace = \"fast\" }")),
                ("weights", _) => return Err(type_error("a table such as { High = 1.0, Medium = 0.6, Low = 0.3 }")),
                ("thresholds", _) => {
                    return Err(type_error("a table such as { very-low = 90, low = 75, medium = 50, high = 30 }"));
                }
                ("min_functions", _) => return Err(type_error("a table such as { PR = 60, DE = 50 }")),
                ("min_score" | "max_fall", Value::Integer(_) | Value::Float(_)) => vec![value.to_string()],
                ("min_score" | "max_fall", _) => return Err(type_error("a number such as 75")),
                ("rules", Value::Array(rules)) => {
                    let rules = rules.iter().map(|rule| rule.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
                    rules.ok_or_else(|| type_error("a list of words"))?
                }
                ("rules", _) => return Err(type_error("a list such as [\"stale\", \"low_score\"]")),
                (_, Value::String(text)) if text.trim().is_empty() => {
                    return Err(wrong(file, format!("{here}: `{}` is empty", key.name))
                        .hint(format!("give `{}` a value, or remove the line", key.name)));
                }
                ("frequency", Value::String(text)) => {
                    config.freshness.usual =
                        text.parse().map_err(|reason| wrong(file, format!("{here}: `{text}`: {reason}")))?;
                    vec![text.clone()]
                }
                ("stale_factor", Value::Integer(_) | Value::Float(_)) => {
                    let text = value.to_string();
                    config.freshness.factor =
                        Freshness::factor(&text).map_err(|reason| wrong(file, format!("{here}: `{text}`: {reason}")))?;
                    vec![text]
                }
                ("stale_factor", _) => return Err(type_error("a number such as 1.5")),
                ("stale", Value::String(text)) => {
                    config.stale = Stale::ALL
                        .into_iter()
                        .find(|rule| rule.as_str() == text)
                        .ok_or_else(|| wrong(file, format!("{here}: `{text}`: stale is keep or exclude")))?;
                    vec![text.clone()]
                }
                (_, Value::String(text)) => vec![text.clone()],
                _ => return Err(type_error("text")),
            };
            config.settings.push((key.name, Setting { values, origin: Origin::Profile }));
        }
        Ok(config)
    }

    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|(name, _)| *name == key).map(|(_, setting)| setting)
    }

    /// Whether a password stands in it.
    fn holds_secret(&self) -> bool {
        self.get("database_url").is_some_and(|url| url.values.iter().any(|url| db::holds_secret(url)))
    }

    /// When a reading is too old: after this age, if one is given.
    pub fn freshness(&self, age: Option<Duration>) -> Freshness {
        Freshness { age, ..self.freshness }
    }

    /// Whether stale metrics count.
    pub fn stale(&self) -> Stale {
        self.stale
    }

    /// Whether to ask before anything is written.
    pub fn confirm(&self) -> bool {
        self.confirm
    }
}

fn wrong(file: &Path, message: impl Into<String>) -> Error {
    Error::new(Exit::Config, message).at(Place::of(file.display()))
}

/// The error of a file that cannot be read.
fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return wrong(file, "the configuration file is not text in UTF-8").hint("save it as UTF-8");
    }
    wrong(file, format!("the configuration file cannot be read: {error}"))
}

fn unknown<'a>(file: &Path, place: &str, key: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let error = wrong(file, format!("{place} has an unknown key `{key}`"));
    match near::near(key, known.clone(), 1)[..] {
        [near] => error.hint(format!("did you mean `{near}`?")),
        _ => error.hint(format!("the keys are: {}", known.collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, profile: Option<&str>) -> Result<Config> {
        Config::read(text, Path::new("config.toml"), profile).map(|(config, _)| config)
    }

    #[test]
    fn a_secret_is_found_however_it_is_spelt() {
        let secret = |text: &str| Config::read(text, Path::new("config.toml"), None).unwrap().1;
        for text in [
            "[profile.p]\ndatabase_url = 'postgres://u:canary@h/d'",
            "[profile.p]\n\"database_url\" = 'postgres://u:canary@h/d'",
            "[profile]\np = { database_url = 'postgres://u:canary@h/d' }",
            "profile.p.database_url = 'postgres://u:canary@h/d'",
            "profile . p . \"database_url\" = \"\"\"\npostgres://h/d?pass\\u0077ord=canary\"\"\"",
            "[profile.p]\ndatabase_url = 'host=h password=canary'",
            "[profile.p]\ndatabase_url = 'postgres://h/d?p%61ssword=canary'",
            "[profile.p]\ndatabase_url = 'postgres://u:can@ary@h/d'",
            "[profile.default]\n[profile.p]\ndatabase_url = 'postgres://u:canary@h/d'",
        ] {
            assert!(secret(text), "{text}");
        }
        for text in [
            "[profile.p]\ndatabase_url = 'postgres://u@h:5432/d'",
            "[profile.p]\ndatabase_url = 'host=h user=u passfile=/x'",
            "[profile.p]\ndatabase_url = 'service=metrics' # not the password",
            "[profile.p]\nowner = 'u:p@h'",
        ] {
            assert!(!secret(text), "{text}");
        }
    }

    #[test]
    fn a_profile_is_read_and_default_is_taken_unnamed() {
        let text = "[profile.default]\nowner = 'ada'\n[profile.prod]\nconfirm = true\nweights = { High = 2, Medium = 0.6 }\n";
        let config = read(text, None).unwrap();
        assert_eq!(config.get("owner").unwrap().values, ["ada"]);
        assert!(!config.confirm());
        let config = read(text, Some("prod")).unwrap();
        assert_eq!(config.get("weights").unwrap().values, ["High=2", "Medium=0.6"]);
        assert!(config.confirm() && config.get("owner").is_none());
        assert_eq!(read("", None).unwrap().profile, None);
    }

    #[test]
    fn mistakes_name_the_key_and_the_nearest_one() {
        for (text, profile, message) in [
            ("[profile.p]\nowners = 'x'", None, "did you mean `owner`?"),
            ("[profile.p]\nzzz = 'x'", None, "the keys are: database_url"),
            ("[profil.p]", None, "did you mean `profile`?"),
            ("[profile.p]\nconfirm = 'yes'", None, "`confirm` is not true or false"),
            ("[profile.p]\nowner = 3", None, "`owner` is not text"),
            ("[profile.p]\ndatabase_url = ' '", None, "`database_url` is empty"),
            ("[profile.p]\nweights = { High = 'x' }", None, "not a table of numbers"),
            ("profile = 3", None, "write profiles as [profile.NAME]"),
            ("[profile.p]", Some("q"), "there are: p"),
            ("[profile.p\ncanary", None, "is not TOML"),
        ] {
            let error = read(text, profile).unwrap_err();
            assert_eq!(error.exit(), Exit::Config);
            assert!(error.to_text().contains(message), "{text}: {}", error.to_text());
            assert!(!error.to_text().contains("canary"), "{}", error.to_text());
        }
    }
}

//! Parameters of a connection by their names, with the place that each comes from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::keys;
use crate::error::{Error, Exit, Result};
use crate::home::{self, Reached};

/// Looks up an environment variable.
type Variables = dyn Fn(&str) -> Option<String>;

/// What an address depends on besides its string.
pub(super) struct Surroundings {
    pub(super) variable: Box<Variables>,
    pub(super) home: Option<PathBuf>,
    /// Where a server that is not named has its socket; nothing where there are no sockets.
    pub(super) socket: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        Surroundings {
            // What is no text leads to an error where it is used, and is never passed over.
            variable: Box::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())),
            home: home::home(),
            // As libpq of this system: where packages put the sockets, else where Postgres itself does.
            socket: ["/var/run/postgresql", "/tmp"].map(PathBuf::from).into_iter().find(|folder| cfg!(unix) && folder.is_dir()),
        }
    }

    /// A file of the folder in which libpq looks for certificates.
    pub(super) fn certificate(&self, name: &str) -> Reached<PathBuf> {
        #[cfg(windows)]
        let folder = (self.variable)("APPDATA").map(|data| PathBuf::from(data).join("postgresql"));
        #[cfg(not(windows))]
        let folder = self.home.as_ref().map(|home| home.join(".postgresql"));
        folder.map_or(Reached::Absent, |folder| home::reach(folder.join(name)))
    }
}

/// A value with the place it comes from, for the error.
pub(super) struct Setting {
    pub(super) value: String,
    place: String,
}

impl Setting {
    /// Where it was said.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Whether a variable of the environment said it.
    pub(super) fn is_of_variable(&self) -> bool {
        keys::KEYS.iter().any(|key| key.variable == Some(self.place.as_str()))
    }

    pub(super) fn wrong(&self, message: impl std::fmt::Display) -> Error {
        Error::new(Exit::Config, format!("{}: {message}", self.place))
    }
}

/// What was said, by the names of parameters.
#[derive(Default)]
pub(super) struct Settings(BTreeMap<&'static str, Setting>);

impl Settings {
    /// Puts in what is not there yet.
    pub(super) fn add(&mut self, name: &str, value: String, place: String) -> Result<()> {
        let key = keys::find(name, &place)?;
        let asks_for_nothing = key.asks_for_nothing(&value);
        if let Some(reason) = key.refused {
            if asks_for_nothing {
                return Ok(());
            }
            return Err(Error::new(Exit::Config, format!("{place}: {} is not supported: {reason}", key.name)));
        }
        self.0.entry(key.name).or_insert(Setting { value, place });
        Ok(())
    }

    /// Puts in what the variable of this parameter says, if anything.
    pub(super) fn add_variable(&mut self, key: &keys::Key, around: &Surroundings) -> Result<()> {
        let (Some(name), None) = (key.variable, self.get(key.name)) else { return Ok(()) };
        match key.said(&around.variable)? {
            Some(value) => self.add(key.name, value, name.to_owned()),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Setting> {
        self.0.get(name).filter(|setting| !setting.value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == setting.value) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        // What is long, or has other signs than these words, may be a part of a password.
        let is_word = |c: char| c.is_ascii_lowercase() || c == '-';
        let value = Some(setting.value.as_str()).filter(|value| value.len() <= 20 && value.chars().all(is_word));
        Err(match value {
            Some(value) if setting.is_of_variable() => {
                Error::new(Exit::Config, format!("{} is {value}, but must be one of {words}", setting.place))
            }
            Some(value) => setting.wrong(format!("{name}={value} is not one of {words}")),
            None => setting.wrong(format!("{name} is not one of {words}")),
        })
    }

    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.get(name)
            .map(|setting| setting.value.trim().parse().map_err(|_| setting.wrong(format!("{name} is not a whole number"))))
            .transpose()
    }

    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>> {
        Ok(self.number::<u32>(name)?.map(|seconds| Duration::from_secs(seconds.into())))
    }
}

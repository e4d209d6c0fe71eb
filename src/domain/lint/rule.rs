//! What a rule is, what it looks at and what it finds.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::item::{Field, Item};

named! {
    /// A standard whose rules can be looked at alone.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Profile {
        /// NIST SP 800-55 volume 1 (2024).
        Sp80055 = "sp800-55",
        /// ISO/IEC 27004:2016.
        Iso27004 = "iso27004",
    }
    ALL
    /// The name in `--profile`.
    as_str
}

impl Profile {
    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Profile::Sp80055 => "NIST SP 800-55 vol. 1",
            Profile::Iso27004 => "ISO/IEC 27004:2016",
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Profile::ALL.into_iter().find(|one| one.as_str() == name);
        known.ok_or_else(|| format!("the profiles are {}", Profile::ALL.map(Profile::as_str).join(", ")))
    }
}

named! {
    /// How bad it is where a rule is broken, in the words of SARIF.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Level {
        /// It could be better.
        Note = "note",
        /// The measure is not complete.
        Warning = "warning",
        /// The measure tells nothing.
        Error = "error",
    }
    /// The word for it.
    as_str
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a measure should be.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The name.
    pub id: &'static str,
    /// What it wants.
    pub what: &'static str,
    /// What goes wrong without it.
    pub why: &'static str,
    /// Where a standard says so; rules of cmf's own have none, and belong to each profile.
    pub sources: &'static [(Profile, &'static str)],
    /// How bad it is to break it.
    pub level: Level,
    /// What to do about it.
    pub fix: &'static str,
    pub(super) look: fn(&Looked<'_>) -> Option<String>,
}

impl Rule {
    /// Whether a profile has it; without a profile all count.
    pub fn is_of(&self, profile: Option<Profile>) -> bool {
        self.sources.is_empty() || profile.is_none_or(|profile| self.sources.iter().any(|(one, _)| *one == profile))
    }

    /// Where it comes from, for people.
    pub fn source(&self) -> String {
        if self.sources.is_empty() {
            return "cmf".to_owned();
        }
        let said = self.sources.iter().map(|(profile, place)| format!("{}, {place}", profile.title()));
        said.collect::<Vec<_>>().join("; ")
    }
}

/// An item of a catalog.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    /// The item's id.
    pub id: Uuid,
    /// Its row in the sheet it came from.
    pub row: Option<u64>,
    /// What it says.
    pub item: Item,
}

impl Measure {
    /// What people call it by: its number, else its name.
    pub fn label(&self) -> &str {
        self.item.metric_number.as_deref().unwrap_or(&self.item.name)
    }

    /// A text that is said of it.
    pub(super) fn said(&self, field: Field) -> Option<&str> {
        self.item.spec.get(&field).map(String::as_str).filter(|text| !text.trim().is_empty())
    }
}

/// A rule that a measure breaks.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: &'static Rule,
    /// The position of the measure.
    pub measure: usize,
    /// What is wrong, as a sentence.
    pub message: String,
}

/// What the rules look at.
pub(super) struct Looked<'a> {
    pub(super) measure: &'a Measure,
    pub(super) profile: Option<Profile>,
    pub(super) today: NaiveDate,
    /// The measure above that has the same name, and the one that is nearly the same.
    pub(super) same: Option<&'a Measure>,
    pub(super) near: Option<&'a Measure>,
}

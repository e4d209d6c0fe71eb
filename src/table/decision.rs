//! What was decided about a file where it could have been read otherwise, and how to say otherwise.

use crate::domain::named::named;

use serde::Serialize;

named! {
    /// How sure a decision is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Sure {
        /// Nothing else fits.
        Certain = "certain",
        /// Something else fits, or something is not as it stands in the file: the result tells it.
        Told = "told",
        /// The user said so.
        Asked = "asked",
    }
    ALL
    /// What it is called in results.
    name
}

/// One choice of a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What it is about: `sheet`, `encoding`, the name of a field.
    pub what: String,
    /// What was taken.
    pub chosen: String,
    /// What else it could have been.
    pub rivals: Vec<String>,
    /// Why, as a sentence.
    pub why: String,
    /// The option that changes that.
    pub option: Option<String>,
    /// How sure it is.
    pub sure: Sure,
}

impl Decision {
    fn new(sure: Sure, what: &str, chosen: impl Into<String>, why: impl Into<String>) -> Self {
        Decision { what: what.to_owned(), chosen: chosen.into(), rivals: Vec::new(), why: why.into(), option: None, sure }
    }

    /// What nothing speaks against.
    pub fn certain(what: &str, chosen: impl Into<String>, why: impl Into<String>) -> Self {
        Decision::new(Sure::Certain, what, chosen, why)
    }

    /// What the user should know.
    pub fn told(what: &str, chosen: impl Into<String>, why: impl Into<String>) -> Self {
        Decision::new(Sure::Told, what, chosen, why)
    }

    /// What the user said, by an option, a column map or an answer.
    pub fn asked(what: &str, chosen: impl Into<String>) -> Self {
        Decision::new(Sure::Asked, what, chosen, "you chose it")
    }

    /// The same with what else it could have been.
    #[must_use]
    pub fn over(mut self, rivals: impl IntoIterator<Item = String>) -> Self {
        self.rivals = rivals.into_iter().collect();
        self
    }

    /// The same with the option that changes that.
    #[must_use]
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    /// Whether the result tells it.
    pub fn is_told(&self) -> bool {
        self.sure == Sure::Told
    }

    /// Why, and over what.
    pub fn reason(&self) -> String {
        match self.rivals.as_slice() {
            [] => self.why.clone(),
            rivals => format!("{}; not {}", self.why, rivals.join(", ")),
        }
    }

    pub fn line(&self) -> String {
        let option = self.option.as_ref().map(|option| format!(" ({option} changes that)")).unwrap_or_default();
        format!("{}: {}: {}{option}", self.what, self.chosen, self.reason())
    }
}

/// The lines of what is to be told.
pub fn told(decisions: &[Decision]) -> impl Iterator<Item = String> + '_ {
    decisions.iter().filter(|decision| decision.is_told()).map(Decision::line)
}

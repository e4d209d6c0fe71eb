//! What was decided about a file where it could have been read otherwise, and how to say otherwise.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sure {
    /// Nothing else fits.
    Certain,
    /// Something else fits, or something is not as it stands in the file: the result tells it.
    Told,
    Asked,
}

impl Sure {
    pub const ALL: [Self; 3] = [Self::Certain, Self::Told, Self::Asked];

    /// What it is called in results.
    pub const fn name(self) -> &'static str {
        match self {
            Sure::Certain => "certain",
            Sure::Told => "told",
            Sure::Asked => "asked",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What it is about: `sheet`, `encoding`, the name of a field.
    pub what: String,
    pub chosen: String,
    /// What else it could have been.
    pub rivals: Vec<String>,
    pub why: String,
    /// The option that says otherwise.
    pub option: Option<String>,
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
        Decision::new(Sure::Asked, what, chosen, "you said so")
    }

    /// The same with what else it could have been.
    #[must_use]
    pub fn over(mut self, rivals: impl IntoIterator<Item = String>) -> Self {
        self.rivals = rivals.into_iter().collect();
        self
    }

    /// The same with the option that says otherwise.
    #[must_use]
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.option = Some(option.into());
        self
    }

    pub fn is_told(&self) -> bool {
        self.sure == Sure::Told
    }

    pub fn reason(&self) -> String {
        match self.rivals.as_slice() {
            [] => self.why.clone(),
            rivals => format!("{}; not {}", self.why, rivals.join(", ")),
        }
    }

    pub fn line(&self) -> String {
        let option = self.option.as_ref().map(|option| format!(" ({option} says otherwise)")).unwrap_or_default();
        format!("{}: {}: {}{option}", self.what, self.chosen, self.reason())
    }
}

pub fn told(decisions: &[Decision]) -> impl Iterator<Item = String> + '_ {
    decisions.iter().filter(|decision| decision.is_told()).map(Decision::line)
}

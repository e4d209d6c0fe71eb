//! What a check of a database and what is around it finds, and which command fixes it.

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Severity {
        Ok = "ok",
        /// It works, and should be looked at.
        Warning = "warning",
        /// Something is wrong: the exit code is 4.
        Wrong = "wrong",
        /// It could not be looked at.
        Skipped = "skipped",
    }
    ALL
    word
}

#[derive(Debug)]
pub struct Finding {
    pub check: &'static str,
    pub state: Severity,
    pub text: String,
    pub fix: Option<String>,
}

/// What the checks found, in the order in which they ran.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn ok(&mut self, check: &'static str, finding: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Ok, text: finding.into(), fix: None });
    }

    pub fn warning(&mut self, check: &'static str, finding: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Warning, text: finding.into(), fix: Some(fix.into()) });
    }

    pub fn wrong(&mut self, check: &'static str, finding: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Wrong, text: finding.into(), fix: Some(fix.into()) });
    }

    pub fn skipped(&mut self, check: &'static str, finding: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Skipped, text: finding.into(), fix: None });
    }

    pub fn count(&self, state: Severity) -> usize {
        self.0.iter().filter(|finding| finding.state == state).count()
    }
}

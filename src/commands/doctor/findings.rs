//! What the checks of `cmf doctor` found.

use crate::output::{Columns, Table, columns, words};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Ok,
    /// It works, and should be looked at.
    Warning,
    /// Something is wrong: the exit code is 4.
    Wrong,
    /// It could not be looked at.
    Skipped,
}

impl Severity {
    const ALL: [Self; 4] = [Severity::Ok, Severity::Warning, Severity::Wrong, Severity::Skipped];

    const fn word(self) -> &'static str {
        match self {
            Severity::Ok => "ok",
            Severity::Warning => "warning",
            Severity::Wrong => "wrong",
            Severity::Skipped => "skipped",
        }
    }
}

#[derive(Debug)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) state: Severity,
    pub(super) text: String,
    fix: Option<String>,
}

words!(Severity: word);
pub(super) const FINDING: Columns<Finding> = columns! { |one| check = one.check, state, finding = &one.text, fix };

/// What the checks found, in the order in which they ran.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: &'static str, finding: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Ok, text: finding.into(), fix: None });
    }

    pub(super) fn warning(&mut self, check: &'static str, finding: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Warning, text: finding.into(), fix: Some(fix.into()) });
    }

    pub(super) fn wrong(&mut self, check: &'static str, finding: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Wrong, text: finding.into(), fix: Some(fix.into()) });
    }

    pub(super) fn skipped(&mut self, check: &'static str, finding: impl Into<String>) {
        self.0.push(Finding { check, state: Severity::Skipped, text: finding.into(), fix: None });
    }

    pub(super) fn count(&self, state: Severity) -> usize {
        self.0.iter().filter(|finding| finding.state == state).count()
    }

    pub(super) fn table(&self) -> Table {
        FINDING.table_of(&self.0)
    }
}

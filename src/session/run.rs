//! What all sessions of a run share: whether somebody agreed to writing, and whether a COMMIT is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;
use crate::output::Output;

/// One run of cmf, as its sessions know it. Copies share their state.
#[derive(Debug, Clone, Default)]
pub struct Run {
    committing: Arc<AtomicBool>,
    /// None where nobody has to be asked.
    consent: Option<Arc<Consent>>,
}

#[derive(Debug)]
struct Consent {
    question: String,
    output: Output,
}

impl Run {
    /// A run that asks this question before the first thing that is written.
    pub fn asking(question: String, output: Output) -> Self {
        Run { committing: Arc::default(), consent: Some(Arc::new(Consent { question, output })) }
    }

    /// Asks before something is written, once a run: a question that the command has asked itself will do.
    ///
    /// # Errors
    /// Exit 2 without a terminal, exit 1 when the answer is not yes.
    pub fn agree(&self) -> Result<()> {
        match &self.consent {
            Some(consent) if !consent.output.was_confirmed() => consent.output.confirm(&consent.question, false).map(drop),
            _ => Ok(()),
        }
    }

    /// Whether a COMMIT was sent that was not answered yet: what was written may be stored or not.
    pub fn is_committing(&self) -> bool {
        self.committing.load(Ordering::Relaxed)
    }

    pub(super) fn set_committing(&self, is_committing: bool) {
        self.committing.store(is_committing, Ordering::Relaxed);
    }
}

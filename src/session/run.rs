//! What all sessions of a run share: whether somebody agreed to writing, and whether a COMMIT is under way.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;

/// Asks whether something may be written. An answer that is not yes is an error.
type Ask = dyn Fn() -> Result<()> + Send + Sync;

/// One run of cmf, as its sessions know it. Copies share their state.
#[derive(Clone, Default)]
pub struct Run {
    committing: Arc<AtomicBool>,
    /// None where nobody has to be asked.
    consent: Option<Arc<Ask>>,
    written: Arc<Mutex<Vec<Written>>>,
}

/// A row that a run added to the trail.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its number in the chain.
    pub seq: i64,
    /// What was done.
    pub action: String,
    /// Whether it can be taken back.
    pub is_kept: bool,
    /// Whether rows went that were there before.
    pub has_removed: bool,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("committing", &self.committing).finish_non_exhaustive()
    }
}

impl Run {
    /// A run that asks before everything that is written; whoever asks a person remembers the answer.
    pub fn asking(ask: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        Run { consent: Some(Arc::new(ask)), ..Run::default() }
    }

    /// Asks before something is written. Exit 2 without a terminal, exit 1 when the answer is not yes.
    pub fn agree(&self) -> Result<()> {
        self.consent.as_ref().map_or(Ok(()), |ask| ask())
    }

    /// Whether a COMMIT was sent that was not answered yet: what was written may be stored or not.
    pub fn is_committing(&self) -> bool {
        self.committing.load(Ordering::Relaxed)
    }

    /// The rows that it added to the trail, in their order.
    pub fn written(&self) -> Vec<Written> {
        self.written.lock().map(|written| written.clone()).unwrap_or_default()
    }

    pub(super) fn note(&self, one: Written) {
        if let Ok(mut written) = self.written.lock() {
            written.push(one);
        }
    }

    pub(super) fn set_committing(&self, is_committing: bool) {
        self.committing.store(is_committing, Ordering::Relaxed);
    }
}

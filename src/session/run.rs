//! What all sessions of a run share: whether somebody agreed to writing, and whether a COMMIT is under way.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::db::migrations;
use crate::error::{Error, Result};

/// The error of a command that changes more rows than are kept to take them back. Exit 2.
pub fn too_many(rows: i64) -> Error {
    Error::usage(format!("this changes {rows} rows, too many to store for `cmf undo`"))
        .hint("add --no-undo to do it all the same; it cannot be undone then")
}

/// Asks whether something may be written. An answer that is not yes is an error.
type Ask = dyn Fn() -> Result<()> + Send + Sync;

/// Asks whether so many rows may be changed without a way back. An answer that is not yes is an error.
type Forgo = dyn Fn(i64) -> Result<()> + Send + Sync;

/// One run of cmf, as its sessions know it. Copies share their state.
#[derive(Clone, Default)]
pub struct Run {
    committing: Arc<AtomicBool>,
    /// How many transactions that changed something it committed.
    commits: Arc<AtomicU64>,
    /// None if nobody has to be asked.
    consent: Option<Arc<Ask>>,
    written: Arc<Mutex<Vec<Written>>>,
    /// None if nobody has to be asked.
    forgo: Option<Arc<Forgo>>,
    /// Whether somebody agreed to it, and how many rows are to be agreed to.
    is_forgone: Arc<AtomicBool>,
    to_forgo: Arc<AtomicI64>,
    /// Whose rights its sessions have.
    role: Arc<Mutex<Option<String>>>,
    /// Whose the tables are, as far as somebody looked.
    owner: Arc<Mutex<Option<Owner>>>,
}

/// The role that owns the tables.
#[derive(Debug, Clone)]
pub struct Owner {
    pub name: String,
    /// How it reaches the same database, where a URL names that.
    pub url: Option<String>,
}

/// A row that a run added to the trail.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its number in the chain.
    pub seq: i64,
    pub action: String,
    pub is_kept: bool,
    /// Whether rows went that were there before.
    pub has_removed: bool,
}

impl Written {
    /// One that cannot be undone by its number alone.
    pub(super) fn plain(seq: i64, action: &str) -> Self {
        Written { seq, action: action.to_owned(), is_kept: false, has_removed: false }
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("committing", &self.committing).finish_non_exhaustive()
    }
}

impl Run {
    /// The same run, which asks before everything that is written; whoever asks a person remembers the answer.
    #[must_use]
    pub fn asking(self, ask: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        Run { consent: Some(Arc::new(ask)), ..self }
    }

    /// The same run, which asks before more rows are changed than are kept to take them back.
    #[must_use]
    pub fn asking_to_forgo(self, ask: impl Fn(i64) -> Result<()> + Send + Sync + 'static) -> Self {
        Run { forgo: Some(Arc::new(ask)), ..self }
    }

    /// The same run, where somebody has agreed already that such rows are not kept.
    #[must_use]
    pub fn forgoing(self) -> Self {
        self.is_forgone.store(true, Ordering::Relaxed);
        self
    }

    /// Refuses to change so many rows where somebody has to be asked first.
    pub(super) fn check_forgone(&self, rows: i64) -> Result<()> {
        if self.forgo.is_none() || self.is_forgone.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.to_forgo.store(rows, Ordering::Relaxed);
        Err(too_many(rows))
    }

    /// How many rows somebody has to be asked about, once.
    pub(super) fn to_forgo(&self) -> Option<i64> {
        Some(self.to_forgo.swap(0, Ordering::Relaxed)).filter(|rows| *rows > 0)
    }

    pub(super) fn forgo(&self, rows: i64) -> Result<()> {
        self.forgo.as_ref().map_or(Ok(()), |ask| ask(rows))?;
        self.is_forgone.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Asks before something is written. Exit 2 without a terminal, exit 1 when the answer is not yes.
    pub fn agree(&self) -> Result<()> {
        self.consent.as_ref().map_or(Ok(()), |ask| ask())
    }

    /// Whether a COMMIT was sent that was not answered yet: what was written may be stored or not.
    pub fn is_committing(&self) -> bool {
        self.committing.load(Ordering::Relaxed)
    }

    /// Whether something that it changed was committed.
    pub fn has_changed(&self) -> bool {
        self.commits.load(Ordering::Relaxed) > 0
    }

    pub(super) fn note_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// The rows that it added to the trail, in their order.
    pub fn written(&self) -> Vec<Written> {
        self.written.lock().map(|written| written.clone()).unwrap_or_default()
    }

    pub(super) fn note(&self, one: Written) {
        self.note_commit();
        if let Ok(mut written) = self.written.lock() {
            written.push(one);
        }
    }

    /// The role whose rights its newest session has.
    pub fn role(&self) -> Option<String> {
        self.role.lock().ok().and_then(|role| role.clone())
    }

    /// The same as SQL has it.
    pub fn quoted_role(&self) -> Option<String> {
        self.role().as_deref().map(migrations::quote)
    }

    pub(super) fn note_role(&self, name: &str) {
        if let Ok(mut role) = self.role.lock() {
            *role = Some(name.to_owned());
        }
    }

    /// The role that owns the tables of the schema, where it is known.
    pub fn owner(&self) -> Option<Owner> {
        self.owner.lock().ok().and_then(|owner| owner.clone())
    }

    pub fn note_owner(&self, found: Option<Owner>) {
        if let Ok(mut owner) = self.owner.lock() {
            *owner = found;
        }
    }

    pub(super) fn set_committing(&self, is_committing: bool) {
        self.committing.store(is_committing, Ordering::Relaxed);
    }
}
